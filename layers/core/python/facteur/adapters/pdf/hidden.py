"""Invisible text over an image: searchable, copyable, in any script, and nothing to draw.

A font made for the document: one plain box per character it needs (never painted, but readers
measure it), a map from glyphs back to characters (/ToUnicode), every advance the same. It is
embedded, so PDF/A has nothing to ask for, whatever the language of the page; a few kilobytes.
Sources: ISO 32000-1 §9.3.6 (rendering mode 3), §9.7 (composite fonts), §9.10.3 (ToUnicode).
"""

import io
from collections.abc import Iterable, Iterator, Sequence

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from facteur.adapters.pdf.words import Placed

ADVANCE = 500  # thousandths of the size, for every character
UNITS = 1000
FONT_NAME = "Facteur-Invisible"


class HiddenFont:
    """The font of one document, and the operators that write with it."""

    def __init__(self, pdf: pikepdf.Pdf, words: Iterable[Placed]) -> None:
        characters = [" ", *sorted({one for word in words for one in word.text})[:60_000]]
        self._glyphs = {one: glyph for glyph, one in enumerate(characters, start=1)}
        self.font = _font(pdf, characters)

    def write(
        self, words: Sequence[Placed], size: tuple[float, float], name: str
    ) -> Iterator[bytes]:
        """Operators setting each word over its place on a page of this size (points)."""
        width, height = size
        yield b"BT 3 Tr"
        for word in words:
            across, tall = (word.right - word.left) * width, (word.bottom - word.top) * height
            if not word.text or across <= 0 or tall <= 0:
                continue
            stretch = 100 * across / (ADVANCE / 1000 * tall * len(word.text))
            codes = "".join(f"{self._glyphs.get(one, 0):04x}" for one in word.text + " ")
            x, y = word.left * width, (1 - word.bottom) * height + 0.2 * tall
            set_font = f"{name} {tall:.2f} Tf {min(3000.0, max(1.0, stretch)):.1f} Tz"
            yield f"{set_font} 1 0 0 1 {x:.2f} {y:.2f} Tm <{codes}> Tj".encode()
        yield b"ET"


def lay(pdf: pikepdf.Pdf, words: Sequence[Sequence[Placed]]) -> None:
    """Lay what OCR read over the pages of a scan, page by page, in displayed fractions."""
    hidden = HiddenFont(pdf, (word for page in words for word in page))
    for page, beneath in zip(pdf.pages, words, strict=False):
        if not beneath:
            continue
        matrix, size = _frame(page)
        name = page.add_resource(hidden.font, pikepdf.Name.Font)
        text = b"\n".join(hidden.write(beneath, size, str(name)))
        page.contents_add(b"q", prepend=True)  # whatever the page leaves behind ends before us
        page.contents_add(b"Q q " + matrix + b" cm\n" + text + b"\nQ")


def _frame(page: pikepdf.Page) -> tuple[bytes, tuple[float, float]]:
    """The matrix from the displayed page (points, origin bottom left) to its own, and its size."""
    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    width, height = right - left, top - bottom
    match int(page.obj.get("/Rotate", 0)) % 360:
        case 90:
            matrix, size = (0, 1, -1, 0, left + width, bottom), (height, width)
        case 180:
            matrix, size = (-1, 0, 0, -1, left + width, bottom + height), (width, height)
        case 270:
            matrix, size = (0, -1, 1, 0, left, bottom + height), (height, width)
        case _:
            matrix, size = (1, 0, 0, 1, left, bottom), (width, height)
    return " ".join(f"{number:.3f}" for number in matrix).encode(), size


def _font(pdf: pikepdf.Pdf, characters: Sequence[str]) -> pikepdf.Object:
    """The composite font, its descriptor, its program and its map to characters."""
    program = pikepdf.Stream(pdf, _program(len(characters)))
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name("/" + FONT_NAME),
        Flags=4,
        FontBBox=[0, 0, ADVANCE, UNITS],
        ItalicAngle=0,
        Ascent=UNITS,
        Descent=0,
        CapHeight=UNITS,
        StemV=80,
        FontFile2=pdf.make_indirect(program),
    )
    below = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name("/" + FONT_NAME),
        CIDSystemInfo=pikepdf.Dictionary(
            Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
        ),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=ADVANCE,
        CIDToGIDMap=pikepdf.Name.Identity,
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=pikepdf.Name("/" + FONT_NAME),
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(below)],
            ToUnicode=pdf.make_stream(_map(characters)),
        )
    )


def _program(count: int) -> bytes:
    """A TrueType program of ``count`` boxes besides .notdef."""
    names = [".notdef", *(f"g{number}" for number in range(1, count + 1))]
    builder = FontBuilder(UNITS, isTTF=True)
    builder.setupGlyphOrder(names)
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, UNITS), (ADVANCE, UNITS), (ADVANCE, 0)):
        pen.lineTo(corner)
    pen.closePath()
    box = pen.glyph()
    builder.setupGlyf(dict.fromkeys(names, box))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (ADVANCE, 0)))
    builder.setupHorizontalHeader(ascent=UNITS, descent=0)
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = 0  # same words, same bytes
    builder.font.recalcTimestamp = False
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()


def _map(characters: Sequence[str]) -> bytes:
    """The CMap that gives each glyph its character, in blocks of a hundred as the format asks."""
    rows = [
        f"<{glyph:04x}> <{one.encode('utf-16-be').hex()}>"
        for glyph, one in enumerate(characters, start=1)
    ]
    blocks = [rows[at : at + 100] for at in range(0, len(rows), 100)]
    listed = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return f"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
{listed}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
""".encode()
