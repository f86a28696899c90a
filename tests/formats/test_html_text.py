"""The HTML of a mail, read as text within bounds."""

import pytest
from facteur.domain.letters import Paragraph, Rows, looks_like_a_receipt, text_of
from facteur.formats.html_text import MOST_BLOCKS, MOST_TEXT, blocks, plain_blocks
from facteur.formats.mail_bodies import decoded

from tests.effort import effort

RIDE = """<!DOCTYPE html><html><head><title>x</title><style>p{color:red}</style></head><body>
<div style="display:none;max-height:0">Aper&ccedil;u cach&eacute; 99,99 &euro;</div>
<!-- commentaire --><script>alert(1)</script>
<table width="100%"><tr><td><table><tr><td><h1>Merci pour votre course</h1></td></tr>
<tr><td>20 novembre 2026</td></tr></table>
<table><tr><td>Prix de la course</td><td align=right>18,40&nbsp;&euro;</td></tr></table>
<table><tr><td>TVA (10&nbsp;%)</td><td><b>1,84</b>&nbsp;&euro;</td></tr></table>
<table><tr><td>Total</td><td>20,24 €</td></tr></table>
<p>Pay&eacute; par carte &lt;1234&gt;<br>VTC <b>Exemple</b> SAS</p>
</td></tr></table></body></html>"""


def test_a_mail_laid_out_with_tables_reads_as_paragraphs_and_rows() -> None:
    """Layout tables vanish, data rows stay together, what is hidden stays out."""
    assert (
        Paragraph("Merci pour votre course", heading=True),
        Paragraph("20 novembre 2026"),
        Rows((
            ("Prix de la course", "18,40 €"),
            ("TVA (10 %)", "1,84 €"),
            ("Total", "20,24 €"),
        )),
        Paragraph("Payé par carte <1234>"),
        Paragraph("VTC Exemple SAS"),
    ) == blocks(RIDE)  # fmt: skip
    assert looks_like_a_receipt(text_of(blocks(RIDE)))


def test_what_nobody_closed_ends_with_its_parent() -> None:
    """Rows and cells without end tags, paragraphs left open, a stray end."""
    html = "<table><tr><td>A<td>1<tr><td>B<td>2</table></b><p>un<p>deux<ul><li>x<li>y</ul>"
    assert (
        Rows((("A", "1"), ("B", "2"))),
        Paragraph("un"), Paragraph("deux"), Paragraph("x"), Paragraph("y"),
    ) == blocks(html)  # fmt: skip


def test_text_that_is_no_tag_stays_text() -> None:
    """« 3 < 5 », an unclosed angle bracket, invisible padding, control characters."""
    assert (Paragraph("3 < 5 et 2"),) == blocks("3 < 5 et\u200b\u034f 2")
    assert (Paragraph("fin <b"),) == blocks("fin <b")
    assert (Paragraph("a b"),) == blocks("a\x00\x1b\u00adb")
    assert (Paragraph("Bonjour"), Paragraph("Total 3,00 €")) == plain_blocks(
        "Bonjour\n\n\tTotal  3,00 €\n"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<" * 500_000,
        "<!--" * 200_000,
        "<a " * 300_000,
        "<div>" * 200_000 + "x",
        "<table><tr><td>" * 60_000 + "x",
        "<script>" * 100_000,
        "<p>x" * 250_000,
        "</table>" * 120_000,
        "<b>" * 200_000 + "</i>" * 60_000,
        "&" * 900_000,
        "&#x110000;&#0;&#xD800;" * 30_000,
        "<td hidden" + " display" * 100_000 + ">x",
    ],
    ids=lambda one: f"{one[:12]!r}",
)
def test_hostile_html_is_read_within_bounds(hostile: str) -> None:
    """No recursion without end, no more blocks than the bound; a quadratic reader never ends."""
    found = blocks(hostile)
    assert len(found) <= MOST_BLOCKS
    assert len(text_of(found)) <= 2 * MOST_TEXT


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Votre reçu du 20/11/2026 : 12,50 € payés", True),
        ("Receipt - Nov 20, 2026 - Total $12.50", True),
        ("Facture du 3 août 2026, montant 1 234,50 EUR", True),
        ("Réunion le 20/11/2026, total des présents : 12", False),
        ("Nos prix : 12,50 € au lieu de 15,00 €, total bonheur", False),
        ("Soldes le 20/11/2026 : pulls à 12,50 €", False),
        ("Le total de la facture est de 12,50 €", False),
        ("", False),
    ],
)
def test_a_receipt_has_an_amount_a_day_and_a_word(text: str, is_one: bool) -> None:
    """All three, or it is a letter, an offer, a newsletter."""
    assert is_one is looks_like_a_receipt(text)


@pytest.mark.parametrize(
    "unit", ["< ", "<a", "</", "<a b='<'", "<div>", "<table><tr><td>", "<p hidden>"]
)
def test_a_hostile_body_costs_no_more_when_it_is_longer(unit: str) -> None:
    """Half a million signs with one end far away took a minute: each looked for it again."""
    short, long = (f"{unit * count}>" for count in (5_000, 40_000))

    assert effort(lambda: blocks(long)) < 24 * effort(lambda: blocks(short))


@pytest.mark.parametrize(
    ("content_type", "data", "text"),
    [
        ("text/html; charset=iso-8859-1", b"re\xe7u", "reçu"),
        ('text/plain; charset="UTF-8"', "reçu €".encode(), "reçu €"),
        ("text/plain", b"re\xe7u", "reçu"),
        ("text/plain; charset=klingon", "reçu".encode(), "reçu"),
        ("text/plain; charset=utf-8", b"re\xe7u \x80", "reçu €"),
        ("", b"", ""),
    ],
)
def test_a_body_is_decoded_as_it_says_or_as_it_can(
    content_type: str, data: bytes, text: str
) -> None:
    """A charset that nobody knows, or which is not the real one, loses nothing readable."""
    assert text == decoded(content_type, data)
