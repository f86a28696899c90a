"""The tools that agents are offered: each is one query or command of the API, bounded.

Reading tools call the very views of /api/v1, so that both answer alike; those that write are
offered to keys that may decide, and to no other. A tool's arguments are checked against what it
declares; what is wrong with them, and every refusal, is told as the API tells it. Texts of
documents are other people's: each description says that they are data.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facteur.domain.documents import Direction
from facteur.domain.errors import FacteurError, InvalidError
from facteur.domain.faults import Fault
from facteur.domain.parties import Side
from facteur.services.ereporting import periods
from facteur.services.finding import queries, searching
from facteur.services.parties import book
from facteur.web import failures
from facteur.web.answers import Answer
from facteur.web.api import deciding, follow, statuses, v1
from facteur.web.api.calls import Call
from facteur.web.showing import present

MOST_TEXT = 2_000  # characters of one argument
MOST_LINES = 100  # of an invoice
MOST_EVENTS = 100
MOST_CHARACTERS = 200_000  # of a result: what is longer is refused with the way to ask for less


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool as it is listed and run. ``properties`` is a JSON Schema of text and integers."""

    name: str
    title: str
    description: str
    work: Callable[["ToolCall"], Mapping[str, Any]]
    properties: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    writes: bool = False


class ToolCall(Call):
    """A call whose query and body are a tool's arguments: what the API's views run on."""

    def __init__(self, call: Call, arguments: Mapping[str, Any]) -> None:
        super().__init__(call.site, call.request)
        self.caller, self.arguments = call.caller, arguments

    def query(self, name: str, default: str = "") -> str:
        """An argument as text."""
        return str(self.arguments.get(name, default) or default)

    def body(self) -> dict[str, object]:
        """The arguments as the body of a request."""
        return dict(self.arguments)


def run_tool(
    tool: Tool, arguments: Mapping[str, Any], call: Call
) -> tuple[Mapping[str, Any], bool]:
    """(what it says, whether it failed); a failure says every fault, as the API does."""
    try:
        _check(tool, arguments)
        said = tool.work(ToolCall(call, arguments))
        if len(json.dumps(said, ensure_ascii=False)) > MOST_CHARACTERS:
            raise InvalidError((Fault(code="mcp.too_long"),))
    except FacteurError as error:
        return _json(failures.problem(error, call.language, of_key=True)), True
    return said, False


def _check(tool: Tool, arguments: Mapping[str, Any]) -> None:
    """InvalidError with every argument that is missing, unknown or of another type."""
    faults = [
        Fault(code="mcp.missing", path=one, values={"field": one})
        for one in tool.required
        if one not in arguments
    ]
    for name, value in arguments.items():
        schema = tool.properties.get(name)
        if schema is None or not _fits(value, schema):
            faults.append(Fault(code="mcp.argument", path=name[:40], values={"field": name[:40]}))
    if faults:
        raise InvalidError(tuple(faults))


def _fits(value: object, schema: Mapping[str, object]) -> bool:
    if schema["type"] == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    choices = schema.get("enum")
    known = value in choices if isinstance(choices, Sequence) else True
    return isinstance(value, str) and len(value) <= MOST_TEXT and known


def _json(answer: Answer) -> Mapping[str, Any]:
    held: Mapping[str, Any] = json.loads(answer.body)
    return held


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────


def list_documents(call: ToolCall) -> Mapping[str, Any]:
    """Documents of a tab, newest first."""
    return _json(v1.index(call))


def search_documents(call: ToolCall) -> Mapping[str, Any]:
    """Documents that hold every word."""
    found = searching.search(call.caller, call.query("words"), call.query("cursor"), call.context)
    held = [v1.plain(one.document, call) for one in found.answers]
    return {"documents": held, "cursor": found.cursor}


def read_invoice(call: ToolCall) -> Mapping[str, Any]:
    """The head, what is wrong with it, and its data: two answers of the API in one."""
    name = call.query("document")
    head, data = _json(v1.show(call, name)), _json(follow.invoice_data(call, name))
    lines = data["lines"]
    return {
        **head,
        "fields": data["fields"],
        "vat_breakdown": data["vat_breakdown"],
        "lines": lines[:MOST_LINES],
        "lines_in_all": len(lines),
    }


def invoice_history(call: ToolCall) -> Mapping[str, Any]:
    """What happened to a document: the last events, and how many there are."""
    view = queries.document(call.caller, call.query("document"), call.context)
    told = view.history[-MOST_EVENTS:]
    return {
        "document": view.document.id,
        "events_in_all": len(view.history),
        "events": [
            {
                "at": one.event.at.isoformat(),
                "event": one.event.name.value,
                "by": one.event.by_name or one.event.by,
                "said": present.event(one.event),
            }
            for one in told
        ],
    }


def invoice_statuses(call: ToolCall) -> Mapping[str, Any]:
    """What was said of an invoice, and what may be said."""
    return _json(statuses.status_list(call, call.query("document")))


def invoice_file(call: ToolCall) -> Mapping[str, Any]:
    """A link, and nothing written: asking so is not « Récupérée »."""
    name, role = call.query("document"), call.query("role")
    url = queries.file_link(call.caller, name, role, call.context, download=True)
    held = queries.document(call.caller, name, call.context).document.files[role]
    return {
        "url": url,
        "expires_in": 300,
        "filename": held.filename,
        "media_type": held.media_type,
        "size": held.size,
        "sha256": held.sha256,
    }


def count_documents(call: ToolCall) -> Mapping[str, Any]:
    """How many documents each tab holds, by direction."""
    return {one.value: dict(queries.counts(call.caller, one, call.context)) for one in Direction}


def search_parties(call: ToolCall) -> Mapping[str, Any]:
    """Cards by name or SIREN."""
    found = book.listed(
        call.caller,
        Side(call.query("side", Side.SUPPLIER.value)),
        call.context,
        filters={"nom": call.query("name"), "siren": call.query("siren")},
        cursor=call.query("cursor"),
    )
    held = [follow.party_json(one) for one in found.parties]
    return {"parties": held, "cursor": found.cursor}


def read_party(call: ToolCall) -> Mapping[str, Any]:
    """One card."""
    return _json(follow.party_card(call, call.query("party")))


def list_changes(call: ToolCall) -> Mapping[str, Any]:
    """What happened since a cursor."""
    return _json(follow.change_feed(call))


def due_ereporting(call: ToolCall) -> Mapping[str, Any]:
    """What is declared to the State, and when it is due."""
    shown = periods.overview(call.caller, call.context)
    return {
        "periods": [
            {
                "id": one.series.id,
                "matter": one.series.period.matter.value,
                "start": one.series.period.start.isoformat(),
                "end": one.series.period.end.isoformat(),
                "due": one.series.period.due.isoformat(),
                "days_left": one.left,
                "state": one.filing.state.value if one.filing else "not_prepared",
            }
            for one in shown.rows
        ],
        "regime_known": bool(shown.settings.regimes),
    }


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────


def accept_invoice(call: ToolCall) -> Mapping[str, Any]:
    """Accept what was seen: its version is asked for."""
    return _json(deciding.accept_by_program(call, call.query("document")))


def refuse_invoice(call: ToolCall) -> Mapping[str, Any]:
    """Refuse what was seen, with a reason."""
    return _json(deciding.refuse_by_program(call, call.query("document")))


def set_status(call: ToolCall) -> Mapping[str, Any]:
    """A status of the lifecycle; the arguments but the document are the API's body."""
    rest = {name: one for name, one in call.arguments.items() if name != "document"}
    return _json(statuses.status_set(ToolCall(call, rest), call.query("document")))
