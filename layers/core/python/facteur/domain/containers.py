"""What must hold of a Factur-X before it is sealed, whoever wrote it.

The files embedded in it, as a second library read them (ports.Pdf.read_back), must hold the very
bytes of the invoice's XML that was checked and accepted. In a file of our own making the name and
the relationship must be those we promise too; those of a supplier were judged when it was read.
Sources: Factur-X 1.0 §6.2 (name, AFRelationship), docs/decisions/0051 and 0112.
"""

import hashlib
from collections.abc import Callable, Sequence

from facteur.domain.documents import EmbeddedFile
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault, Severity

NAME = "factur-x.xml"
RELATIONSHIP = "Data"
ORIGINAL = "original"  # Conversion.road of a Factur-X that is kept as its supplier made it


#: The files embedded in a PDF; UnreadableError.
ReadBack = Callable[[bytes], Sequence[EmbeddedFile]]


def fault_in(facturx: bytes, xml_sha256: str, *, road: str, read_back: ReadBack) -> Fault | None:
    """Why a Factur-X must not be sealed, None when it holds the XML as it should.

    ``road`` is Conversion.road; "" when it is not known (evidence of before it was noted): then
    only the bytes are compared. A library that did not answer in time says nothing: its
    UnreadableError ``unreadable.timeout`` passes through, to be tried again.
    """
    try:
        files = read_back(facturx)
    except UnreadableError as error:
        if error.code == "unreadable.timeout":
            raise
        return _fault("sealing.unreadable", reason=error.code)
    return _fault_of(files, xml_sha256, road)


def _fault_of(files: Sequence[EmbeddedFile], xml_sha256: str, road: str) -> Fault | None:
    same = [one for one in files if hashlib.sha256(one.data).hexdigest() == xml_sha256]
    if not same:
        named = any(one.filename.lower() == NAME for one in files)
        return _fault("sealing.xml_differs" if named else "sealing.xml_missing")
    if road in ("", ORIGINAL):
        return None
    if len([one for one in files if one.filename == NAME]) != 1 or same[0].filename != NAME:
        return _fault("sealing.name", name=same[0].filename)
    if same[0].relationship != RELATIONSHIP:
        return _fault("sealing.relationship", relationship=same[0].relationship or "absent")
    return None


def _fault(code: str, **values: str) -> Fault:
    return Fault(code=code, severity=Severity.BLOCKING, values=values)
