"""What a person decides about a document: correct, accept, refuse, replay, clear a double."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from facteur.domain import acceptance, decisions, typed
from facteur.domain.candidate import FIELDS, Candidate, Origin, Provenance, Reading
from facteur.domain.commands import (
    AcceptDocument,
    ClearDuplicates,
    CorrectDocument,
    LiftCircuit,
    RefuseDocument,
    ReplayDocument,
)
from facteur.domain.decisions import Actor
from facteur.domain.documents import Document, DocumentRef, State, Verdict
from facteur.domain.errors import IllegalTransitionError, InvalidError, StaleVersionError
from facteur.domain.faults import Fault
from facteur.domain.serial import dumps, loads
from facteur.ports import Context
from facteur.services.staircase import Steps, commit

Versioned = TypeVar(
    "Versioned", AcceptDocument, LiftCircuit, RefuseDocument, ClearDuplicates, CorrectDocument
)


def _seen(command: Versioned, context: Context) -> Document:
    """The document, provided that it is still the one the user saw."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.version != command.version:
        raise StaleVersionError("document.stale")
    return document


def accept_document(command: AcceptDocument, context: Context) -> Steps:
    """Accept, or give one approval of the circuit that stops it; sealing follows the last."""
    decision = acceptance.accept(
        _seen(command, context),
        Actor(id=command.by, name=command.by_name),
        at=context.clock.now(),
        preferences=context.preferences.load(command.dossier),
    )
    return commit(decision, context)


def lift_circuit(command: LiftCircuit, context: Context) -> Steps:
    """Take a document out of its circuit."""
    actor = Actor(id=command.by, name=command.by_name)
    document = _seen(command, context)
    return commit(acceptance.lift_circuit(document, actor, at=context.clock.now()), context)


def refuse_document(command: RefuseDocument, context: Context) -> Steps:
    """Refuse, with a reason and a comment."""
    decision = decisions.refuse(
        _seen(command, context),
        command.reason,
        command.comment,
        Actor(id=command.by, name=command.by_name),
        at=context.clock.now(),
    )
    return commit(decision, context)


def clear_duplicates(command: ClearDuplicates, context: Context) -> Steps:
    """« Ce n'est pas un doublon »."""
    actor = Actor(id=command.by, name=command.by_name)
    document = _seen(command, context)
    return commit(decisions.clear_duplicates(document, actor, at=context.clock.now()), context)


def replay_document(command: ReplayDocument, context: Context) -> Steps:
    """Take a quarantined document through the road again."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    actor = Actor(id=command.by, name=command.by_name)
    return commit(decisions.replay(document, actor, at=context.clock.now()), context)


def correct_document(command: CorrectDocument, context: Context) -> Steps:
    """Replace the fields a user changed; InvalidError with all the faults of what was typed.

    Without any change, an invoice that the rules could not check is converted and checked again:
    it could not be accepted, and nothing else would ask them.
    """
    document = _seen(command, context)
    if document.structured:
        raise IllegalTransitionError("document.structured", step="correct")
    if document.state not in (State.TO_CHECK, State.TO_ACCEPT):
        raise IllegalTransitionError(
            "document.illegal_transition", step="correct", state=document.state.value
        )
    candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
    corrected, changed, faults = _apply(candidate, command.values, command.by)
    if faults:
        raise InvalidError(faults)
    if not changed and not _unverified(document):
        return document, ()
    stored = context.blobs.put(
        f"{document.dossier}/{document.id}/{context.ids.new()}/candidate",
        dumps(corrected),
        "application/json",
        filename="candidat.json",
    )
    actor = Actor(id=command.by, name=command.by_name)
    decision = decisions.correct(document, stored, changed, actor, at=context.clock.now())
    return commit(decision, context)


def _unverified(document: Document) -> bool:
    conversion = document.conversion
    return conversion is not None and conversion.verdict is Verdict.UNVERIFIED


def _apply(
    candidate: Candidate, values: Mapping[str, object], by: str
) -> tuple[Candidate, tuple[str, ...], tuple[Fault, ...]]:
    """The candidate with what was typed, the names of the fields that changed, the faults."""
    faults: list[Fault] = []
    changed: list[str] = []
    for name, raw in values.items():
        kind = FIELDS.get(name)
        if kind is None:
            continue
        parsed = typed.parse_value(kind, raw, path=name)
        if isinstance(parsed, Fault):
            faults.append(parsed)
            continue
        value = None if parsed is None or parsed in ("", ()) else parsed
        held = candidate.fields.get(name)
        if value is None:
            if held is not None:
                changed.append(name)
                candidate = candidate.without(name)
            continue
        if held is not None and value == held.value and held.provenance.origin is Origin.USER:
            continue  # said already; a value that a person confirms becomes theirs
        changed.append(name)
        reading = Reading(value=value, provenance=Provenance(origin=Origin.USER, by=by))
        candidate = candidate.with_(name, reading)
    return replace(candidate, kind="invoice"), tuple(changed), tuple(faults)
