"""The JSON of the Directory Service as we serve it (XP Z12-013 1.3.0, annex B)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.flows import DirectoryLine, LegalUnit, LineStatus
from facteur.formats.json_body import object_of

_SIREN, _SIRET = re.compile(r"[0-9]{9}"), re.compile(r"[0-9]{14}")
_MOST = 100
_MOST_VALUE = 125  # characters of the longest address
_SCHEME = "0224"  # of a routing code


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a search asks that can be asked of a platform; "" = not asked."""

    siren: str = ""
    siret: str = ""
    address: str = ""
    routing: str = ""
    suffix: str = ""
    limit: int = 50
    ignore: int = 0
    body: Mapping[str, Any]

    @property
    def company(self) -> str:
        """The SIREN that all of it is about, "" when none can be told."""
        return self.siren or self.siret[:9] or self.address.split("_")[0][:9]

    def takes(self, line: DirectoryLine) -> bool:
        """True for a line that has all of what is asked."""
        return all((
            not self.siren or line.siren == self.siren,
            not self.siret or line.siret == self.siret,
            not self.address or line.address == self.address,
            not self.routing or line.routing_code == self.routing,
            not self.suffix or line.suffix == self.suffix,
        ))  # fmt: skip


_FILTERS = {
    "siren": "siren",
    "siret": "siret",
    "addressingIdentifier": "address",
    "routingIdentifier": "routing",
    "addressingSuffix": "suffix",
}


def search_of(raw: bytes) -> Asked:
    """What a search asks.

    InvalidError (``afnor.request``) for what the standard does not know, (``directory.search``)
    for what it knows and no platform can be asked: a name, a place, a beginning.
    """
    body = object_of(raw)
    faults: list[Fault] = []
    values, beyond = _filters(body.get("filters"), faults)
    for name, most in (("limit", _MOST), ("ignore", 100_000)):
        number = body.get(name, 0)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
            faults.append(_wrong(name))
    for name, form in (("siren", _SIREN), ("siret", _SIRET)):
        if name in values and not form.fullmatch(values[name]):
            faults.append(_wrong(f"filters.{name}"))
    if faults:
        raise InvalidError(tuple(faults), code="afnor.request")
    asked = Asked(body=body, limit=body.get("limit", 50), ignore=body.get("ignore", 0), **values)
    if beyond or not _SIREN.fullmatch(asked.company):
        raise InvalidError((), code="directory.search")
    return asked


def _filters(given: Any, faults: list[Fault]) -> tuple[dict[str, str], bool]:
    """What is asked by name of ``Asked``; True when something is asked that no platform can be."""
    if not isinstance(given, dict) or not given:
        faults.append(Fault(code="afnor.missing", path="filters", values={"field": "filters"}))
        return {}, False
    values: dict[str, str] = {}
    beyond = False
    for name, one in given.items():
        value = one.get("value") if isinstance(one, dict) else None
        if not isinstance(value, str) or len(value) > _MOST_VALUE:
            faults.append(_wrong(f"filters.{name}"))
        elif name not in _FILTERS or one.get("op", "strict") != "strict":
            beyond = True
        else:
            values[_FILTERS[name]] = value
    return values, beyond


def page_json(asked: Asked, results: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to a search."""
    shown = results[asked.ignore : asked.ignore + asked.limit]
    return {"search": dict(asked.body), "totalNumberOfResults": len(results), "results": shown}


def unit_json(unit: LegalUnit) -> dict[str, Any]:
    """A legal unit."""
    return {
        "siren": unit.siren,
        "businessName": unit.name[:150],
        "entityType": "Public" if unit.public else "PrivateVatRegistered",
        "administrativeStatus": "A" if unit.active else "C",
        "instructions": {"isSalesProspectingForbidden": unit.no_prospecting},
    }


def facility_json(line: DirectoryLine, unit: LegalUnit) -> dict[str, Any]:
    """An establishment, as a directory line tells of it."""
    body: dict[str, Any] = {"siret": line.siret, "siren": line.siren}
    if line.name:
        body["name"] = line.name[:100]
    if unit.public:
        body["b2gAdditionalData"] = {
            "managesLegalCommitmentCode": line.commitment_required,
            "managesLegalCommitmentOrServiceCode": line.either_required,
            "serviceCodeStatus": line.service_required,
        }
    return body


def routing_json(line: DirectoryLine) -> dict[str, Any]:
    """A routing code of an establishment."""
    body: dict[str, Any] = {
        "routingIdentifier": line.routing_code,
        "siret": line.siret,
        "routingIdentifierType": _SCHEME,
        "managesLegalCommitmentCode": line.commitment_required,
    }
    if line.routing_name:
        body["routingCodeName"] = line.routing_name[:100]
    return body


def line_json(line: DirectoryLine, *, upcoming: bool = True) -> dict[str, Any]:
    """A directory line; ``upcoming``: a search, where that status exists."""
    body: dict[str, Any] = {"addressingIdentifier": line.address, "siren": line.siren}
    if line.platform:
        body["platformType"] = line.platform
    known = line.status is not LineStatus.UNKNOWN
    if known and (upcoming or line.status is not LineStatus.UPCOMING):
        body["directoryLineStatus"] = line.status.value
    if line.siret:
        body["siret"] = line.siret
    if line.suffix:
        body["addressingSuffix"] = line.suffix
    if line.routing_code:
        body["routingIdentifier"] = line.routing_code
        body["routingCode"] = {
            "routingIdentifier": line.routing_code,
            "routingIdentifierType": _SCHEME,
            **({"routingCodeName": line.routing_name[:100]} if line.routing_name else {}),
        }
    return body


def _wrong(path: str) -> Fault:
    return Fault(code="afnor.value", path=path, values={"field": path})
