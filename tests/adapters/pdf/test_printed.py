"""The body of a mail as a PDF: text that can be read back, nothing of typst's own in it."""

from datetime import UTC, datetime

import pytest
from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.letters import Letter, Paragraph, Rows
from facteur.ports import Limits

SENT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def pdf() -> ChildPdf:
    return ChildPdf(Limits())


def words(pdf: ChildPdf, data: bytes) -> str:
    return " ".join(word.text for page in pdf.read(data).pages.pages for word in page.words)


def test_a_letter_is_printed_with_its_label_and_its_rows(pdf: ChildPdf) -> None:
    """Who wrote, the rows in order; the footer says what the page is; the same bytes again."""
    letter = Letter(
        sender="recu@vtc.example",
        sender_name="VTC Exemple",
        subject="Votre reçu",
        sent_at=SENT,
        blocks=(Paragraph("Merci", heading=True), Rows((("Total", "20,24 €"), ("Payé",)))),
    )
    data = pdf.printed(letter)

    text = words(pdf, data)
    for part in ("VTC Exemple", "Votre reçu", "recu@vtc.example", "20/11/2026", "Total 20,24 €"):
        assert part in text
    assert "depuis le corps du message" in text
    assert data == pdf.printed(letter)


def test_what_a_mail_says_is_text_never_markup(pdf: ChildPdf) -> None:
    """typst's markup, a face that nobody has, endless words, no date, no subject, no body."""
    hostile = '#read("/etc/passwd") $x$ *gras* @ref <l> \\u{41} 日本 😀 ' + "x" * 5000
    data = pdf.printed(Letter(sender="", subject="", sent_at=None, blocks=(Paragraph(hostile),)))
    assert '#read("/etc/passwd")' in words(pdf, data)
    assert "*gras*" in words(pdf, data)
    empty = pdf.printed(Letter(sender="a", subject="b", sent_at=SENT, blocks=()))
    assert 1 == pdf.read(empty).info.pages


def test_a_letter_without_end_is_cut_and_says_so(pdf: ChildPdf) -> None:
    """What is beyond the bound is in the original mail."""
    blocks = tuple(Paragraph(f"{place} " + "mot " * 2400) for place in range(30))
    data = pdf.printed(Letter(sender="a", subject="b", sent_at=SENT, blocks=blocks))

    assert "La suite du message" in words(pdf, data)
    assert pdf.read(data).info.pages < 100
