"""What was typed over a document that has moved since: nothing of it is lost, nothing overwrites.

The form says which reading it was filled from (``seen``), so that what a person changed is told
from what somebody else changed meanwhile: only the first is shown again, each value beside the one
that is stored now.
"""

from collections.abc import Mapping, Sequence

from facteur.domain import typed as parsing
from facteur.domain.candidate import FIELDS, Candidate, Origin
from facteur.domain.faults import Fault, Severity
from facteur.services.finding import queries
from facteur.web.forms import typed
from facteur.web.i18n import _
from facteur.web.showing.readings import COLUMNS, row_texts, value_text
from facteur.web.visit import Visit

_LONGEST = 300  # of a stored value told beside what was typed


def seen_by(visit: Visit, view: queries.DocumentView) -> Candidate | None:
    """The reading that the form was filled from; the one of now when the form does not say."""
    if visit.version == view.document.version:
        return view.candidate
    mark = visit.field("seen")
    found = queries.candidate_seen(visit.caller, view.document.id, mark, visit.context)
    return found or view.candidate


def unsaved(now: Candidate | None, values: Mapping[str, object]) -> dict[str, object]:
    """Those of the ``values`` that somebody typed and that are not what is stored now."""
    return {name: raw for name, raw in values.items() if not _stands(now, name, raw)}


def _stands(now: Candidate | None, name: str, raw: object) -> bool:
    parsed = parsing.parse_value(FIELDS[name], raw, path=name)
    if isinstance(parsed, Fault):
        return False
    held = now.fields.get(name) if now else None
    if parsed is None or parsed in ("", ()):
        return held is None
    said = held is not None and held.provenance.origin is Origin.USER  # read is not confirmed
    return said and held is not None and held.value == parsed


def beside(
    now: Candidate | None, lost: Mapping[str, object], *, editable: bool
) -> tuple[Fault, ...]:
    """What stands beside each value that was not saved: the one stored now.

    Where the document can no longer be edited, what had been typed is told instead.
    """
    return tuple(
        fault
        for name, raw in lost.items()
        if (fault := _beside(now, name, raw, editable=editable))
    )


def _beside(now: Candidate | None, name: str, raw: object, *, editable: bool) -> Fault | None:
    stored, mine = _stored(now, name), _told(name, raw)
    if not editable:
        kind, shown = ("typed", mine) if any(mine) else ("emptied", [])
    elif stored == mine:
        return None  # confirmed, not typed over: its box is still ticked
    elif not any(stored):
        kind, shown = "nothing", []
    elif name not in COLUMNS:
        kind, shown = "value", stored
    else:  # rows: those that differ, none when some were only added
        shown = [one for one in stored if one not in mine]
        kind = "rows" if shown else "added"
    values = {"typed" if kind == "typed" else "now": _cut(" ; ".join(shown))} if shown else {}
    return Fault(code=f"unsaved.{kind}", path=name, severity=Severity.WARNING, values=values)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + "…"


def _stored(now: Candidate | None, name: str) -> list[str]:
    if now is None:
        return []
    return _told(name, row_texts(now, name) if name in COLUMNS else value_text(now, name))


def _told(name: str, raw: object) -> list[str]:
    """A value as one text, rows as one each: « Affiches, 2, 547,00 », TTC if they are."""
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        return [str(raw or "").strip()]
    columns = [column for column, _label, _kind in COLUMNS.get(name, ())]
    found = []
    for row in (one for one in raw if isinstance(one, dict)):
        cells = [str(row.get(one) or "") for one in columns]
        found.append(", ".join(filter(None, [*cells, _("TTC") if row.get("gross") else ""])))
    return found


def typed_again(visit: Visit, lost: Mapping[str, object]) -> dict[str, object]:
    """What the form shows again: the texts of the fields that were not saved, as typed."""
    sent = typed.typed_now(visit.form())
    return {name: sent.get(name, raw) if name in COLUMNS else raw for name, raw in lost.items()}
