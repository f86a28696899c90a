"""Our own Directory Service (XP Z12-013 1.3.0, annex B), under ``/afnor-directory/v1``.

A path such as ``siren/code-insee:552100554`` has its value inside a part, which neither Chalice
nor API Gateway matches: the part is taken whole and split here.
"""

from facteur.domain.dossiers import Permission
from facteur.domain.errors import NotFoundError
from facteur.formats import afnor_directory as wire
from facteur.services.programs import directory
from facteur.web.answers import Answer, json_answer
from facteur.web.api.afnor import afnor, raw_body
from facteur.web.api.calls import Call

BASE = "/afnor-directory/v1"
_READ = Permission.READ


@afnor(f"{BASE}/siren/{{key}}", permission=_READ)
def legal_unit(call: Call, key: str) -> Answer:
    """A company of the annuaire."""
    found = directory.company(call.caller, _value(key, "code-insee"), call.context)
    return json_answer(wire.unit_json(found.unit))


@afnor(f"{BASE}/siren/search", "POST", permission=_READ)
def legal_units(call: Call) -> Answer:
    """The company of a SIREN, as a search."""
    asked = wire.search_of(raw_body(call))
    found = _company(call, asked)
    return json_answer(wire.page_json(asked, [wire.unit_json(found.unit)] if found else []))


@afnor(f"{BASE}/siret/{{key}}", permission=_READ)
def facility(call: Call, key: str) -> Answer:
    """An establishment that has an address."""
    siret = _value(key, "code-insee")
    found = directory.company(call.caller, siret[:9], call.context)
    line = next((one for one in found.lines if one.siret == siret), None)
    if line is None:
        raise NotFoundError("directory.unknown")
    return json_answer(wire.facility_json(line, found.unit))


@afnor(f"{BASE}/siret/search", "POST", permission=_READ)
def facilities(call: Call) -> Answer:
    """The establishments of a company that have an address."""
    asked = wire.search_of(raw_body(call))
    found = _company(call, asked)
    if found is None:
        return json_answer(wire.page_json(asked, []))
    first = {one.siret: one for one in reversed(found.lines) if one.siret and asked.takes(one)}
    held = [wire.facility_json(one, found.unit) for _siret, one in sorted(first.items())]
    return json_answer(wire.page_json(asked, held))


@afnor(f"{BASE}/routing-code/{{place}}/{{key}}", permission=_READ)
def routing_code(call: Call, place: str, key: str) -> Answer:
    """A routing code of an establishment."""
    siret, code = _value(place, "siret"), _value(key, "code")
    found = directory.company(call.caller, siret[:9], call.context)
    for one in found.lines:
        if (one.siret, one.routing_code) == (siret, code):
            return json_answer(wire.routing_json(one))
    raise NotFoundError("directory.unknown")


@afnor(f"{BASE}/routing-code/search", "POST", permission=_READ)
def routing_codes(call: Call) -> Answer:
    """The routing codes of a company."""
    asked = wire.search_of(raw_body(call))
    found = _company(call, asked)
    lines = found.lines if found else ()
    held = [wire.routing_json(one) for one in lines if one.routing_code and asked.takes(one)]
    return json_answer(wire.page_json(asked, held))


@afnor(f"{BASE}/directory-line/{{key}}", permission=_READ)
def line(call: Call, key: str) -> Answer:
    """The very address that is asked for."""
    found = directory.line(call.caller, _value(key, "code"), call.context)
    return json_answer(wire.line_json(found, upcoming=False))


@afnor(f"{BASE}/directory-line/search", "POST", permission=_READ)
def lines(call: Call) -> Answer:
    """The addresses of a company."""
    asked = wire.search_of(raw_body(call))
    found = _company(call, asked)
    held = [wire.line_json(one) for one in (found.lines if found else ()) if asked.takes(one)]
    return json_answer(wire.page_json(asked, held))


@afnor(f"{BASE}/healthcheck", permission=_READ)
def directory_health(_call: Call) -> Answer:
    """200 and nothing else: the service answers."""
    return json_answer({})


def _company(call: Call, asked: wire.Asked) -> directory.Known | None:
    try:
        return directory.company(call.caller, asked.company, call.context)
    except NotFoundError:
        return None


def _value(part: str, name: str) -> str:
    """What stands behind ``name:`` in a part of the path; NotFoundError without it."""
    found, colon, value = part.partition(":")
    if found != name or not colon or not value:
        raise NotFoundError("directory.part", name=name)
    return value
