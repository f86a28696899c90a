"""Every official example is known for what it is and read by the reader of its kind.

What the readers make of each is told beside them (test_xml_read.py, test_cdar.py, adapters
test_saxon.py). Here the whole folder is walked, so that an example that nobody reads is seen.
The two files of flux 10 are ours, written by hand from its schema: no official one is published.
"""

from pathlib import Path

import pytest
from facteur.adapters.saxon import SaxonRulebook
from facteur.domain.documents import Verdict
from facteur.formats import cdar
from facteur.formats.detect import Kind, detect
from facteur.formats.xml_invoice import parse

from tests.shared import found, need

EXAMPLES = found("conformance/*/examples*/**/*.xml")
#: The least of each folder: fewer means that they were moved away from under the tests.
AT_LEAST = {"invoice": 15, "cdar": 41, "flux10": 2}


def _folder(path: Path) -> str:
    """« invoice », « cdar » or « flux10 »."""
    return next(one for one in path.parts if one in AT_LEAST)


def test_every_folder_of_examples_is_walked() -> None:
    """None of the examples has gone, and no folder of them is unknown to these tests."""
    folders = {path.name for path in need("conformance").iterdir() if [*path.glob("examples*")]}
    assert folders == set(AT_LEAST)
    for name, least in AT_LEAST.items():
        assert len([path for path in EXAMPLES if _folder(path) == name]) >= least, name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: f"{one.parent.name[-5:]}-{one.stem}")
def test_every_example_is_known_and_read_by_the_reader_of_its_kind(path: Path) -> None:
    """Told by its bytes alone; the number in it is the number in its name."""
    data = path.read_bytes()
    folder, kind = _folder(path), detect(data)
    if folder == "cdar":
        assert kind is Kind.CDAR
        message = cdar.parse(data)
        assert (message.code, message.number) == (_said(path.stem), _number(path.stem))
    elif folder == "invoice":
        assert kind.is_invoice_xml
        parsed = parse(data)
        assert parsed.invoice.number == _number(path.stem)
        assert parsed.faults == ()
    else:
        assert kind is Kind.OTHER_XML
        report = SaxonRulebook().check_report(data)
        assert (report.verdict, report.findings) == (Verdict.VALID, ())


def _said(stem: str) -> str:
    """The status in a file's name: UC1_F202500003_01-CDV-200_Deposee."""
    return stem.split("-CDV-")[1][:3]


def _number(stem: str) -> str:
    """The number in a file's name."""
    return next(one for one in stem.split("_") if one.startswith("F20"))
