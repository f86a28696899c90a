"""Learning on what OCR reads: a scan corrected once, the next one read right, both askew."""

import io
from collections.abc import Mapping
from datetime import date
from importlib.util import find_spec
from itertools import count

import pypdfium2
import pytest
from facteur import bootstrap
from facteur.domain.candidate import Origin, Provenance, Reading
from facteur.domain.extraction import extract, hinted, taught
from facteur.domain.pages import PageSet
from facteur.services.reading import converting

from tests import samples

pytestmark = pytest.mark.skipif(find_spec("rapidocr") is None, reason="OCR is not installed")


def scanned(angle: float, changes: Mapping[str, str]) -> PageSet:
    """The words of a joiner's page, printed, scanned a little askew and read by OCR."""
    texts = samples.invoice({"Facture n°": "Nos repères", **changes})
    page = pypdfium2.PdfDocument(samples.text_pdf(texts))[0]
    image = page.render(scale=200 / 72).to_pil().convert("L")
    out = io.BytesIO()
    image.rotate(angle, expand=True, fillcolor=255).save(out, "JPEG", quality=60)
    readers = bootstrap.readers()
    material = converting.recognise(converting.gather(out.getvalue(), readers), readers)
    assert material.words is not None
    return material.words


def test_a_scan_corrected_once_teaches_the_next_one() -> None:
    """Number, term and name: none right the first time, all right the second, two degrees off."""
    first = scanned(0.6, {"FA-2026-0042": "KV-26/118"})
    read = extract(first, origin=Origin.OCR)
    assert "KV-26/118" != read.text("number")
    accepted = read
    values = {"number": "KV-26/118", "due_date": date(2026, 12, 31), "seller_name": "Kervella"}
    for name, value in values.items():
        mine = Reading(value=value, provenance=Provenance(origin=Origin.USER, by="u1"))
        accepted = accepted.with_(name, mine)
    names = count()
    held = taught.teach(first, accepted, read, origin=Origin.OCR, new=lambda: f"h{next(names)}")

    second = scanned(-1.4, {"FA-2026-0042": "KV-26/207", "14/11/2026": "05/12/2026"})
    again = hinted.apply(second, extract(second, origin=Origin.OCR), held, origin=Origin.OCR)

    assert ("KV-26/207", "Kervella") == (again.text("number"), again.text("seller_name"))
    assert date(2027, 1, 31) == again.day("due_date")
    assert Origin.HINT is again.fields["number"].provenance.origin
    assert again.fields["number"].provenance.box is not None
