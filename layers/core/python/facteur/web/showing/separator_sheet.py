"""The separator sheet: an A4 page to print and to lay between two invoices before scanning.

Its QR code says what the page is (domain/splitting.py), so that the cut is sure whatever the
invoices look like. The PDF is written here, in plain ASCII: squares and two lines of a font that
every reader has. Sources: ISO 32000-1 §7.5 (file structure), §9.6.2.2 (standard fonts), Annex D
(WinAnsiEncoding); ISO/IEC 18004 (QR), drawn by segno.
"""

from functools import lru_cache

from facteur.domain.splitting import OUR_SEPARATOR

_WIDTH, _HEIGHT = 595, 842  # A4 in points
_MODULE = 9  # points: read from a scan at 100 dpi, whatever the turn
_TEXTS = (
    (24, 690, "Feuille de séparation"),
    (13, 664, "Posez cette feuille entre deux factures, puis numérisez-les ensemble."),
    (
        13,
        646,
        "Chaque facture devient un document ; cette feuille n’est pas conservée avec elles.",
    ),
)


@lru_cache(maxsize=1)
def pdf() -> str:
    """The sheet as a PDF file, all ASCII."""
    import segno  # noqa: PLC0415 - one page in a thousand needs it

    code = segno.make(OUR_SEPARATOR, error="h", micro=False)
    rows = [bytes(row) for row in code.matrix]
    side = len(rows) * _MODULE
    left, top = (_WIDTH - side) // 2, 560
    squares = [
        f"{left + x * _MODULE} {top - (y + 1) * _MODULE} {_MODULE} {_MODULE} re"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    ]
    words = [f"BT /F1 {size} Tf 50 {y} Td ({_escaped(text)}) Tj ET" for size, y, text in _TEXTS]
    content = "\n".join([*squares, "f", *words])
    return _file(
        "<< /Type /Catalog /Pages 2 0 R /Lang (fr) >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )


def _escaped(text: str) -> str:
    """A text as the inside of a PDF string: what is not ASCII by its octal code."""
    return "".join(
        chr(one) if 32 <= one < 127 and chr(one) not in "()\\" else f"\\{one:03o}"
        for one in text.encode("cp1252")
    )


def _file(*objects: str) -> str:
    """Objects numbered from 1, the first one the catalogue, as a PDF file."""
    out, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        f"{out}xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    )
