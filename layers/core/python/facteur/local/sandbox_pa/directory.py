"""The directory of the test platform: its own companies, and a small fictitious world around.

The SIRENs of the fictitious ones start with 3000 or 4000, which INSEE does not give. They show
what a look-up can find: several addresses, one that is disabled, one that comes later, a public
customer that wants references, a company that has closed, one that no platform serves.

Source: XP Z12-013 1.3.0, Directory Service; reference: directory-annuaire.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facteur.local.sandbox_pa.shapes import Call, Reply, Wrong, as_json
from facteur.local.sandbox_pa.store import Company, Store

_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One address."""

    address: str
    siren: str
    status: str = "Enabled"
    platform: str = "WK"
    siret: str = ""
    suffix: str = ""
    routing: str = ""
    routing_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A company of the directory."""

    siren: str
    name: str
    siret: str = ""
    public: bool = False
    active: bool = True
    no_prospecting: bool = False
    b2g: Mapping[str, bool] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()


def _private(siren: str, name: str, *suffixes: str, status: str = "Enabled", **more: Any) -> Unit:
    lines = (
        Line(address=siren, siren=siren, status=status),
        *(Line(address=f"{siren}_{one}", siren=siren, suffix=one) for one in suffixes),
    )
    return Unit(siren=siren, name=name, siret=f"{siren}00018", lines=lines, **more)


_TOWN = "300050002"
_TOWN_SIRET = "30005000200010"

FICTITIOUS = (
    _private("300010006", "Atelier Vermont", "ACHATS", "CHANTIERS"),
    _private("300020005", "Transports Lacaze", status="Disabled"),
    _private("300030004", "Cabinet Auclair", status="Upcoming"),
    _private("300040003", "Cabinet Brossard", no_prospecting=True),
    Unit(
        siren=_TOWN,
        name="Ville de Valmorel-sur-Ource",
        siret=_TOWN_SIRET,
        public=True,
        b2g={
            "pm": False,
            "pmOnly": False,
            "managesPaymentStatus": True,
            "managesLegalCommitmentCode": True,
            "managesLegalCommitmentOrServiceCode": False,
            "serviceCodeStatus": True,
        },
        lines=(
            Line(address=f"{_TOWN}_{_TOWN_SIRET}", siren=_TOWN, siret=_TOWN_SIRET, platform="DFH"),
            Line(
                address=f"{_TOWN}_{_TOWN_SIRET}_VOIRIE",
                siren=_TOWN,
                siret=_TOWN_SIRET,
                routing="VOIRIE",
                routing_name="Service de la voirie",
                platform="DFH",
            ),
        ),
    ),
    Unit(siren="300060001", name="Ancienne Filature", siret="30006000100019", active=False),
)


def units(store: Store) -> tuple[Unit, ...]:
    """Every company: those that have an account here come first and hide a fictitious twin."""
    here = [_own(one) for one in store.companies()]
    known = {one.siren for one in here}
    return (*here, *(one for one in FICTITIOUS if one.siren not in known))


def company(store: Store, siren: str) -> Unit | None:
    """A company, None when the directory does not know it."""
    return next((one for one in units(store) if one.siren == siren), None)


def line(store: Store, address: str) -> Line | None:
    """An address, None when the directory does not know it."""
    return next(
        (one for unit in units(store) for one in unit.lines if one.address == address), None
    )


def _own(one: Company) -> Unit:
    return Unit(
        siren=one.siren,
        name=one.name,
        siret=one.siret,
        lines=(
            Line(address=one.siren, siren=one.siren),
            Line(address=f"{one.siren}_FACTURES", siren=one.siren, suffix="FACTURES"),
        ),
    )


# ── The service ─────────────────────────────────────────────────────────────────────────────────


def answer(store: Store, call: Call, path: str) -> Reply:
    """Answer a call of the Directory Service; ``path`` is what follows ``/v1``."""
    parts = path.strip("/").split("/")
    if path == "/healthcheck" and call.method == "GET":
        return Reply()
    if call.method == "POST" and len(parts) == 2 and parts[1] == "search" and parts[0] in _TABLES:
        return _search(store, call, parts[0])
    if call.method != "GET" or len(parts) not in (2, 3) or parts[0] not in _TABLES:
        raise Wrong(404, "MISSING_RESOURCE")
    fields = [one for one in call.query.get("fields", "").split(",") if one]
    _check_fields(parts[0], fields)
    wanted = "/".join(parts[1:])
    for row in _rows(store, parts[0]):
        if _key(parts[0], row) == wanted:
            return as_json(_cut(row, fields))
    raise Wrong(404, "MISSING_RESOURCE", "Requested resource is Not Found")


def _unit_json(unit: Unit) -> dict[str, Any]:
    return {
        "siren": unit.siren,
        "businessName": unit.name,
        "entityType": "Public" if unit.public else "PrivateVatRegistered",
        "administrativeStatus": "A" if unit.active else "C",
        "instructions": {"isSalesProspectingForbidden": unit.no_prospecting},
    }


def _facility_json(unit: Unit) -> dict[str, Any]:
    body: dict[str, Any] = {
        "siret": unit.siret,
        "siren": unit.siren,
        "name": unit.name[:100],
        "facilityType": "P",
        "administrativeStatus": "A" if unit.active else "C",
        "address": {"countryCode": "FR", "countryName": "France"},
    }
    if unit.b2g:
        body["b2gAdditionalData"] = dict(unit.b2g)
    return body


def _code_json(unit: Unit, one: Line) -> dict[str, Any]:
    return {
        "routingIdentifier": one.routing,
        "siret": one.siret,
        "routingIdentifierType": "0224",
        "routingCodeName": one.routing_name,
        "managesLegalCommitmentCode": unit.b2g.get("managesLegalCommitmentCode", False),
        "administrativeStatus": "A",
    }


def _line_json(unit: Unit, one: Line) -> dict[str, Any]:
    body: dict[str, Any] = {
        "addressingIdentifier": one.address,
        "platformType": one.platform,
        "directoryLineStatus": one.status,
        "siren": one.siren,
        "legalUnit": _unit_json(unit),
    }
    if one.siret:
        body |= {"siret": one.siret, "facility": _facility_json(unit)}
    if one.suffix:
        body["addressingSuffix"] = one.suffix
    if one.routing:
        code = _code_json(unit, one)
        body["routingIdentifier"] = one.routing
        body["routingCode"] = {
            "routingIdentifier": one.routing,
            "routingIdentifierType": "0224",
            "routingCodeName": one.routing_name,
            "managesLegalCommitment": code["managesLegalCommitmentCode"],
            "administrativeStatus": "A",
        }
    return body


#: Resource → (its rows, the fields that may be asked for).
_TABLES: Mapping[str, tuple[Callable[[Unit], list[dict[str, Any]]], frozenset[str]]] = {
    "siren": (
        lambda unit: [_unit_json(unit)],
        frozenset({"siren", "businessName", "entityType", "administrativeStatus", "instructions"}),
    ),
    "siret": (
        lambda unit: [{**_facility_json(unit), "legalUnit": _unit_json(unit)}],
        frozenset({"siret", "siren", "name", "facilityType", "administrativeStatus", "address"}),
    ),
    "routing-code": (
        lambda unit: [_code_json(unit, one) for one in unit.lines if one.routing],
        frozenset({"siret", "routingIdentifier", "routingIdentifierType", "routingCodeName"}),
    ),
    "directory-line": (
        lambda unit: [_line_json(unit, one) for one in unit.lines],
        frozenset(
            {"addressingIdentifier", "siren", "siret", "routingIdentifier", "addressingSuffix"}
        ),
    ),
}


def _rows(store: Store, table: str) -> list[dict[str, Any]]:
    rows = _TABLES[table][0]
    return [row for unit in units(store) for row in rows(unit)]


def _key(table: str, row: Mapping[str, Any]) -> str:
    if table == "siren":
        return f"code-insee:{row['siren']}"
    if table == "siret":
        return f"code-insee:{row['siret']}"
    if table == "routing-code":
        return f"siret:{row['siret']}/code:{row['routingIdentifier']}"
    return f"code:{row['addressingIdentifier']}"


def _check_fields(table: str, fields: Sequence[str]) -> None:
    if not set(fields) <= _TABLES[table][1]:
        raise Wrong(400, "INVALID_FIELD", "fields")


def _cut(row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not fields or name in fields}


def _search(store: Store, call: Call, table: str) -> Reply:
    body = call.json()
    fields = body.get("fields") or []
    _check_fields(table, fields)
    filters = body.get("filters") or {}
    found = [row for row in _rows(store, table) if _fits(row, filters)]
    for one in reversed(body.get("sorting") or []):
        order = one.get("order") or one.get("sortingOrder")
        name = one.get("field", "")
        found.sort(key=lambda row: str(row.get(name, "")), reverse=order == "descending")
    start, limit = int(body.get("ignore") or 0), min(int(body.get("limit") or _MOST), _MOST)
    page = [_cut(row, fields) for row in found[start : start + limit]]
    return as_json({"search": body, "totalNumberOfResults": len(found), "results": page})


def _fits(row: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    for name, one in filters.items():
        held, wanted = str(row.get(name, "")), str(one.get("value", ""))
        low, want = held.lower(), wanted.lower()
        fits = {
            "strict": held == wanted,
            "contains": want in low,
            "startWith": low.startswith(want),
        }.get(one.get("op", "strict"))
        if fits is None:
            raise Wrong(400, "INVALID_OPERATOR", name)
        if not fits:
            return False
    return True
