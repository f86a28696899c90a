"""Tests of the second reader: what pikepdf embedded, pypdf finds, byte by byte."""

import contextlib
from datetime import UTC, datetime

import pytest
from facteur.domain.errors import UnreadableError

from tests import samples
from tests.adapters.pdf.conftest import corpus

MOMENT = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)
XML = samples.cii()


@pytest.mark.parametrize(
    "page",
    [samples.text_pdf, samples.scan_pdf, samples.embedded_pdf],
    ids=lambda one: one.__name__,
)
def test_what_we_embed_is_read_back_by_another_library(pdf, page):
    """The same bytes, the same name, the same relationship, on every road."""
    made = pdf.facturx(page(), XML, "EN 16931", words=None, title="Facture", created=MOMENT)
    (one,) = pdf.read_back(made.data)
    assert (one.filename, one.relationship, one.data) == ("factur-x.xml", "Data", XML)


def test_other_attachments_are_read_back_too(pdf):
    """Associated or not, each once."""
    data = samples.with_file(samples.text_pdf(), b"%PDF plan", name="plan.pdf", associated=False)
    made = pdf.facturx(data, XML, "EN 16931", words=None, title="Facture", created=MOMENT)
    found = {one.filename: one.data for one in pdf.read_back(made.data)}
    assert found == {"factur-x.xml": XML, "plan.pdf": b"%PDF plan"}


def test_both_libraries_agree_on_received_factur_x(pdf):
    """Every embedded invoice of the shared corpus, whoever wrote it."""
    files = corpus("docs")
    if not files:
        pytest.skip("no shared corpus here")
    met = 0
    for path in files:
        data = path.read_bytes()
        invoice = pdf.read(data).invoice_xml
        if invoice is not None:
            met += 1
            assert invoice.data in [one.data for one in pdf.read_back(data)], path.name
    assert met > 10


def test_a_pdf_without_files_has_none(pdf):
    """Nothing is invented."""
    assert pdf.read_back(samples.text_pdf()) == ()


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"", {"unreadable.empty"}),
        (b"GIF89a", {"unreadable.not_pdf"}),
        (b"%PDF-1.7 cut short", {"unreadable.damaged"}),
        (samples.text_pdf()[:600], {"unreadable.damaged"}),
        (
            samples.attachment_bomb(),
            {"unreadable.bomb", "unreadable.damaged", "unreadable.memory"},
        ),
    ],
    ids=["empty", "no PDF", "a header alone", "truncated", "a bomb"],
)
def test_a_hostile_file_is_refused_and_the_next_one_is_read(pdf, data, codes):
    """With a reason; the child goes on."""
    with pytest.raises(UnreadableError) as caught:
        pdf.read_back(data)
    assert caught.value.code in codes
    assert pdf.read_back(samples.text_pdf()) == ()


def test_every_file_of_the_robustness_corpus_gets_an_answer(pdf):
    """Loops, bombs and damage: files or a refusal, and the next file is read."""
    files = corpus("robustness")
    if not files:
        pytest.skip("no shared corpus here")
    for path in files:
        with contextlib.suppress(UnreadableError):
            pdf.read_back(path.read_bytes())
        assert pdf.read_back(samples.text_pdf()) == (), path.name
