"""Tests of what must hold of a Factur-X before it is sealed."""

import hashlib

import pytest
from facteur.domain.containers import fault_in
from facteur.domain.documents import EmbeddedFile
from facteur.domain.errors import UnreadableError

XML = b"<Invoice/>"
DIGEST = hashlib.sha256(XML).hexdigest()


def _file(name: str = "factur-x.xml", data: bytes = XML, relationship: str = "Data"):
    return EmbeddedFile(filename=name, data=data, relationship=relationship)


def _code(*files: EmbeddedFile, road: str = "repaired") -> str:
    fault = fault_in(b"%PDF", DIGEST, road=road, read_back=lambda _: files)
    return fault.code if fault else ""


def test_a_factur_x_that_holds_what_was_accepted_may_be_sealed():
    """Whatever else is attached."""
    assert _code(_file()) == ""
    assert _code(_file("plan.pdf", b"%PDF", "Supplement"), _file()) == ""


@pytest.mark.parametrize("road", ["", "original", "repaired", "raster", "readable"])
@pytest.mark.parametrize(
    ("files", "code"),
    [
        ((), "sealing.xml_missing"),
        ((_file("plan.pdf", b"%PDF"),), "sealing.xml_missing"),
        ((_file(data=b"<Invoice />"),), "sealing.xml_differs"),
    ],
)
def test_other_bytes_than_the_accepted_ones_are_never_sealed(files, code, road):
    """One space is enough, on every road."""
    assert _code(*files, road=road) == code


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ((_file("invoice.xml"),), "sealing.name"),
        ((_file("invoice.xml"), _file(data=b"<x/>")), "sealing.name"),
        ((_file(relationship="Alternative"),), "sealing.relationship"),
        ((_file(relationship=""),), "sealing.relationship"),
    ],
)
def test_what_we_made_has_the_name_and_the_relationship_we_promise(files, code):
    """A supplier's own Factur-X was judged when it was read: its names are its own."""
    assert _code(*files) == code
    assert _code(*files, road="original") == ""


def test_what_the_second_library_cannot_read_is_not_sealed():
    """Except that a lack of time says nothing about the file: it is asked again."""

    def refuse(code: str):
        def read_back(_data: bytes):
            raise UnreadableError(code)

        return read_back

    fault = fault_in(b"", DIGEST, road="raster", read_back=refuse("unreadable.damaged"))
    assert fault.code == "sealing.unreadable"
    assert fault.values == {"reason": "unreadable.damaged"}
    with pytest.raises(UnreadableError):
        fault_in(b"", DIGEST, road="raster", read_back=refuse("unreadable.timeout"))
