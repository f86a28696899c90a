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
    stored, typed_text = _stored(now, name), _text(name, raw)
    if not editable:
        kind, values = "typed", {"typed": typed_text or "∅"}
    elif stored == typed_text:
        return None  # confirmed, not typed over: its box is still ticked
    elif stored:
        kind, values = "rows" if name in COLUMNS else "value", {"now": stored[:_LONGEST]}
    else:
        kind, values = "nothing", {}
    return Fault(code=f"unsaved.{kind}", path=name, severity=Severity.WARNING, values=values)


def _stored(now: Candidate | None, name: str) -> str:
    if now is None:
        return ""
    return _text(name, row_texts(now, name) if name in COLUMNS else value_text(now, name))


def _text(name: str, raw: object) -> str:
    """A value on one line; rows as « Affiches, 2, 547,00 ; Pose, 1, 90,00 », TTC if they are."""
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        return str(raw or "").strip()
    columns = [column for column, _label, _kind in COLUMNS.get(name, ())]
    given = [row for row in raw if isinstance(row, dict)]
    rows = [[str(row.get(one) or "") for one in columns] for row in given]
    text = " ; ".join(", ".join(filter(None, row)) for row in rows)
    return f"{text}, {_('TTC')}" if any(row.get("gross") for row in given) else text


def typed_again(visit: Visit, lost: Mapping[str, object]) -> dict[str, object]:
    """What the form shows again: the texts of the fields that were not saved, as typed."""
    sent = typed.typed_now(visit.form())
    return {name: sent.get(name, raw) if name in COLUMNS else raw for name, raw in lost.items()}
