"""PDFs and images for tests, made here by code: invoices, odd pages, and hostile files.

Nothing is taken from elsewhere and no binary is committed. ``Text`` says where a word must be
found again, so that a test can compare what was read with what was drawn.
"""

import io
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, ImageDraw

A4 = (595.28, 841.89)


class Text(NamedTuple):
    """A line of text: where its baseline starts (points, origin bottom left), its size, angle."""

    x: float
    y: float
    text: str
    size: float = 10
    turn: int = 0  # quarter turns counter-clockwise


INVOICE = (
    Text(50, 790, "Menuiserie Kervella SARL", 14),
    Text(50, 774, "12 rue des Ateliers"),
    Text(50, 762, "29200 Brest"),
    Text(50, 750, "SIRET 552 100 554 00013"),
    Text(50, 738, "N° TVA FR29552100554"),
    Text(400, 790, "FACTURE", 18),
    Text(400, 770, "Facture n° FA-2026-0042"),
    Text(400, 758, "Date : 14/11/2026"),
    Text(400, 746, "Échéance : 14/12/2026"),
    Text(330, 690, "Société Exemple SAS"),
    Text(330, 678, "3 place de la République"),
    Text(330, 666, "35000 Rennes"),
    Text(50, 600, "Désignation"),
    Text(300, 600, "Quantité"),
    Text(380, 600, "Prix unitaire HT"),
    Text(500, 600, "Total HT"),
    Text(50, 580, "Porte en chêne massif"),
    Text(310, 580, "2"),
    Text(400, 580, "450,00 €"),
    Text(500, 580, "900,00 €"),
    Text(50, 564, "Pose et finition"),
    Text(310, 564, "3"),
    Text(400, 564, "64,00 €"),
    Text(500, 564, "192,00 €"),
    Text(400, 520, "Total HT"),
    Text(500, 520, "1 092,00 €"),
    Text(400, 506, "TVA 20 %"),
    Text(500, 506, "218,40 €"),
    Text(400, 492, "Total TTC"),
    Text(500, 492, "1 310,40 €"),
    Text(50, 440, "IBAN FR76 3000 6000 0112 3456 7890 189"),
)


def invoice(changes: Mapping[str, str]) -> tuple[Text, ...]:
    """The invoice with other words: each text replaced by another, in the order given."""
    texts = []
    for one in INVOICE:
        text = one.text
        for before, after in changes.items():
            text = text.replace(before, after)
        texts.append(one._replace(text=text))
    return tuple(texts)


def lot(*numbers: tuple[str, int]) -> bytes:
    """A file of several invoices: each number on so many pages."""
    pdf = Pdf.new()
    for number, pages in numbers:
        data = text_pdf(invoice({"FA-2026-0042": number}), pages=pages)
        with Pdf.open(io.BytesIO(data)) as other:
            pdf.pages.extend(other.pages)
    return saved(pdf)


def text_pdf(
    texts: Sequence[Text] = INVOICE,
    *,
    pages: int = 1,
    size: tuple[float, float] = A4,
    rotate: int = 0,
    crop: tuple[float, float, float, float] | None = None,
) -> bytes:
    """A PDF with these lines on each page, in Helvetica, which is not embedded."""
    pdf = Pdf.new()
    font = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type1,
            BaseFont=Name.Helvetica,
            Encoding=Name.WinAnsiEncoding,
        )
    )
    for _ in range(pages):
        add_page(pdf, _drawn(texts), size=size, fonts={"/F1": font}, rotate=rotate, crop=crop)
    return saved(pdf)


def add_page(
    pdf: Pdf,
    content: bytes,
    *,
    size: tuple[float, float] = A4,
    fonts: Mapping[str, pikepdf.Object] | None = None,
    objects: Mapping[str, pikepdf.Object] | None = None,
    rotate: int = 0,
    crop: tuple[float, float, float, float] | None = None,
) -> pikepdf.Object:
    """Append a page with this content stream; its dictionary."""
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, *size]),
        Resources=Dictionary(
            Font=Dictionary(dict(fonts or {})), XObject=Dictionary(dict(objects or {}))
        ),
        Contents=pdf.make_stream(content),
    )
    if rotate:
        page.Rotate = rotate
    if crop:
        page.CropBox = Array(crop)
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    return pdf.pages[-1].obj


def saved(pdf: Pdf, **options: object) -> bytes:
    """The document's bytes."""
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def with_file(
    data: bytes,
    content: bytes,
    *,
    name: str = "factur-x.xml",
    relationship: str = "Data",
    media_type: str = "text/xml",
    associated: bool = True,
) -> bytes:
    """The PDF with one more embedded file."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        stream = Stream(pdf, content)
        stream.Type = Name.EmbeddedFile
        stream.Subtype = Name("/" + media_type)
        spec = pdf.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(name),
                UF=String(name),
                EF=Dictionary(F=stream),
                AFRelationship=Name("/" + relationship),
            )
        )
        if Name.Names not in pdf.Root:
            pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))
        pdf.Root.Names.EmbeddedFiles.Names.extend([String(name), spec])
        if associated:
            pdf.Root.AF = Array([*pdf.Root.get("/AF", Array([])), spec])
        return saved(pdf)


def encrypted(data: bytes, *, user: str, owner: str = "owner") -> bytes:
    """The PDF under passwords; an empty ``user`` opens without asking."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return saved(pdf, encryption=pikepdf.Encryption(user=user, owner=owner))


def photo(
    texts: Sequence[Text] = INVOICE, *, dpi: int = 150, mode: str = "RGB", form: str = "JPEG",
    orientation: int = 1,
) -> bytes:  # fmt: skip
    """The lines drawn as a picture, as a scanner or a camera would give it."""
    picture = drawn_image(texts, dpi=dpi).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    options = {"exif": exif} if form in ("JPEG", "WEBP", "PNG") else {}
    picture.save(out, form, dpi=(dpi, dpi), **options)
    return out.getvalue()


def drawn_image(texts: Sequence[Text] = INVOICE, *, dpi: int = 150) -> Image.Image:
    """The lines rendered as pixels, by the same renderer that shows PDFs."""
    import pypdfium2

    document = pypdfium2.PdfDocument(text_pdf(texts))
    image = document[0].render(scale=dpi / 72, rev_byteorder=True).to_pil().convert("RGB")
    document.close()
    return image


def scan_pdf(texts: Sequence[Text] = INVOICE, *, dpi: int = 150, pages: int = 1) -> bytes:
    """A PDF that holds only pictures of pages."""
    jpeg = photo(texts, dpi=dpi)
    pdf = Pdf.new()
    width, height = drawn_image(texts, dpi=dpi).size
    for _ in range(pages):
        picture = Stream(
            pdf, jpeg, Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height,
            ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode,
        )  # fmt: skip
        content = f"q {A4[0]} 0 0 {A4[1]} 0 0 cm /Im Do Q".encode()
        add_page(pdf, content, objects={"/Im": picture})
    return saved(pdf)


def form_pdf(value: str = "Net 250,00") -> bytes:
    """A page whose only text was typed into a form field."""
    pdf = Pdf.new()
    page = add_page(pdf, b"")
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    look = Stream(
        pdf,
        f"BT /F1 12 Tf 2 4 Td ({value}) Tj ET".encode("cp1252"),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 200, 20]),
        Resources=Dictionary(Font=Dictionary(F1=font)),
    )
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("net"), V=String(value),
            Rect=Array([100, 500, 300, 520]), F=4, AP=Dictionary(N=look), P=page,
        )
    )  # fmt: skip
    page.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), DR=Dictionary(Font=Dictionary(F1=font)))
    return saved(pdf)


def odd_png(size: tuple[int, int]) -> bytes:
    """A tiny file whose header announces a picture of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + crc

    header = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big") + b"\x08\x02\0\0\0"
    rows = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def tiff(frames: int, *, mode: str = "1") -> bytes:
    """A scanner's TIFF of several pages."""
    pages = []
    for number in range(frames):
        page = Image.new("L", (827, 1169), 255)
        ImageDraw.Draw(page).rectangle((100, 100 + 50 * number, 400, 130 + 50 * number), fill=0)
        pages.append(page.convert(mode))
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], dpi=(100, 100))
    return out.getvalue()


def form_loop() -> bytes:
    """A page whose form draws itself twice: 2^depth drawings for a reader without bounds."""
    pdf = Pdf.new()
    form = Stream(
        pdf, b"/Fm Do /Fm Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9])
    )
    form = pdf.make_indirect(form)
    form.Resources = Dictionary(XObject=Dictionary(Fm=form))
    add_page(pdf, b"/Fm Do", objects={"/Fm": form})
    return saved(pdf)


def content_bomb(size: int = 1 << 30) -> bytes:
    """A page whose content inflates to ``size`` bytes of drawing operators."""
    pdf = Pdf.new()
    page = add_page(pdf, b"")
    page.Contents = Stream(pdf, inflating(size, b"0 0 m "), Filter=Name.FlateDecode)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def attachment_bomb(size: int = 1 << 30, *, name: str = "factur-x.xml") -> bytes:
    """An embedded file that inflates to ``size`` bytes."""
    with pikepdf.open(io.BytesIO(with_file(text_pdf(), b"<x/>", name=name))) as pdf:
        stream = pdf.Root.AF[0].EF.F
        stream.write(inflating(size, b"<x/> "), filter=Name.FlateDecode)
        return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def inflating(size: int, pattern: bytes) -> bytes:
    """Compressed bytes that inflate to about ``size``, made without deflating them all.

    One block is deflated, ended so that nothing after it looks back (RFC 1951, Z_FULL_FLUSH), and
    said again and again; the checksum of the whole follows from the block's (RFC 1950, Adler-32).
    """
    block = pattern * (1_000_000 // len(pattern))
    times = max(1, size // len(block))
    press = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    said = press.compress(block) + press.flush(zlib.Z_FULL_FLUSH)
    of_one = zlib.adler32(block)
    total, weighed = (of_one & 0xFFFF) - 1, (of_one >> 16) - len(block)
    first = 1 + times * total
    second = times * weighed + len(block) * (times + total * times * (times - 1) // 2)
    check = (second % 65521) << 16 | first % 65521
    return b"\x78\xda" + said * times + b"\x03\x00" + check.to_bytes(4, "big")


def _drawn(texts: Sequence[Text]) -> bytes:
    """The lines as a content stream."""
    turns = {0: "1 0 0 1", 1: "0 1 -1 0", 2: "-1 0 0 -1", 3: "0 -1 1 0"}
    out = b""
    for one in texts:
        shown = one.text.encode("cp1252").replace(b"\\", rb"\\")
        shown = shown.replace(b"(", rb"\(").replace(b")", rb"\)")
        place = f"{turns[one.turn]} {one.x} {one.y} Tm".encode()
        out += b"BT /F1 %g Tf %s (%s) Tj ET\n" % (one.size, place, shown)
    return out


def embedded_pdf(
    text: str = "Facture FA-2026-0042 · Total TTC 1 310,40 €", *, lines: int = 12
) -> bytes:
    """A PDF whose TrueType font is embedded, as office programs write it."""
    import font_source_sans_pro
    import typst

    face = Path(font_source_sans_pro.__file__).parent / "files" / "SourceSansPro-Regular.ttf"
    source = "\n\n".join(['#set text(font: "Source Sans Pro")', *[text] * lines])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / face.name).symlink_to(face)
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
        )
        return typst.compile(source.encode(), font_paths=fonts)


def cii(level: str = "urn:cen.eu:en16931:2017", *, number: str = "FA-2026-0042") -> bytes:
    """The beginning of an invoice in CII: enough for whoever only looks at the container."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice
    xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
    xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
  <rsm:ExchangedDocumentContext>
    <ram:GuidelineSpecifiedDocumentContextParameter>
      <ram:ID>{level}</ram:ID>
    </ram:GuidelineSpecifiedDocumentContextParameter>
  </rsm:ExchangedDocumentContext>
  <rsm:ExchangedDocument><ram:ID>{number}</ram:ID></rsm:ExchangedDocument>
</rsm:CrossIndustryInvoice>
""".encode()
