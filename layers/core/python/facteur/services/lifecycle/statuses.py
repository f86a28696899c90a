"""What is said of an invoice: set here, received, shown.

A status that leaves goes three steps, each in the function that can do it: SetStatus decides and
records it; CheckStatus (messages.py), where the official rules are, writes its message (CDAR) and
has it checked; TransmitStatus (sending.py) submits the very file that was checked. What the rules
refuse never leaves: the record says so, with the rule.
"""

import logging
from dataclasses import dataclass, replace

from facteur.domain import acceptance
from facteur.domain.candidate import Candidate
from facteur.domain.commands import ApplyStatus, SeeStatuses, SetStatus
from facteur.domain.connections import Tally
from facteur.domain.decisions import Actor, Decision, lifecycle
from facteur.domain.documents import Document, DocumentRef, Relation, State
from facteur.domain.errors import InvalidError, NotFoundError, StaleVersionError
from facteur.domain.faults import Fault
from facteur.domain.lifecycle import allowed, payments
from facteur.domain.lifecycle.fold import Facts, RateAmount, facts_of
from facteur.domain.lifecycle.records import Characteristic, StatusRecord
from facteur.domain.money import bearable
from facteur.domain.serial import loads
from facteur.ports import Context
from facteur.services.staircase import Steps, commit

log = logging.getLogger(__name__)

_REFUSED = frozenset({"210", "213"})
_UNDECIDED = frozenset({State.TO_CHECK, State.TO_ACCEPT})
_APPROVED = "205"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a screen shows of the lifecycle of a document."""

    facts: Facts
    offers: tuple[allowed.Offer, ...]  # what our side may set now
    rates: tuple[RateAmount, ...]  # what each VAT rate weighs, VAT included; () = not known


def standing(document: Document, context: Context) -> Standing:
    """The facts of a document, what may be said of it now, and its VAT rates for a payment."""
    held = document.state in _UNDECIDED and acceptance.held(
        document, context.preferences.load(document.dossier)
    )
    offers = tuple(
        one
        for one in allowed.offers(_situation(document, context))
        if one.code != _APPROVED or not held
    )
    pays = any(one.code in payments.KINDS for one in offers)
    return Standing(
        facts=facts_of(document),
        offers=offers,
        rates=_weights(document, context) if pays else (),
    )


def _situation(document: Document, context: Context) -> allowed.Situation:
    return allowed.situation(document, of_refused=_of_refused(document, context))


def _of_refused(document: Document, context: Context) -> bool:
    """True for a credit note, or a correction, of an invoice that was refused or rejected."""
    about = [one for one in document.related if one.relation is Relation.CREDITS]
    for one in about:
        try:
            other = context.store.document(DocumentRef(document.dossier, one.document))
        except NotFoundError:
            continue
        if other.state is State.REFUSED or facts_of(other).closed in _REFUSED:
            return True
    return False


def _weights(document: Document, context: Context) -> tuple[RateAmount, ...]:
    """What each VAT rate weighs, from the fields of the document (no XML is read here)."""
    if "candidate" not in document.files:
        return ()
    candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
    return payments.weights(candidate.vat_rows)


def set_status(command: SetStatus, context: Context) -> Steps:
    """Our side says something of an invoice: recorded, and on its way where a platform is.

    « Approuvée » said of what waits here accepts it, as « Refusée » refuses it: one act, two
    doors. InvalidError when it may not be said now or lacks something, the errors of acceptance;
    nothing happens instead when it only follows from a decision taken here (``follows``).
    """
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if command.version and document.version != command.version:
        raise StaleVersionError("document.stale")
    if command.follows and command.code == _APPROVED and facts_of(document).approval == "206":
        return document, ()  # accepted to be kept: what was approved in part stays so
    try:
        return kept(_decide(command, document, context), context)
    except InvalidError as error:
        if not command.follows:
            raise
        log.info("%s of %s is not said: %s", command.code, document.id, error)
        return document, ()


def foreseen(command: SetStatus, context: Context) -> None:
    """InvalidError as ``set_status`` would raise, before its files are kept; nothing is done."""
    _decide(
        command, context.store.document(DocumentRef(command.dossier, command.document)), context
    )


def _decide(command: SetStatus, document: Document, context: Context) -> Decision:
    weights: tuple[RateAmount, ...] = ()
    if command.code in payments.KINDS:
        weights = _weights(document, context)
    actor, at = Actor(id=command.by, name=command.by_name), context.clock.now()
    said = lifecycle.set_status(
        document,
        command.code,
        actor,
        name=command.id or context.ids.new(),
        at=at,
        reasons=command.reasons,
        data=(*_shared(command, document, weights), *command.characteristics),
        comment=command.comment,
        rates=tuple(one.rate for one in weights if one.rate is not None),
        files=command.files,
        payee=command.payee,
        beyond_due=command.beyond_due,
        of_refused=_of_refused(document, context),
    )
    if command.code != _APPROVED or not said.events or document.state not in _UNDECIDED:
        return said
    preferences = context.preferences.load(document.dossier)
    return acceptance.accept_too(said, actor, at=at, preferences=preferences)


def _shared(
    command: SetStatus, document: Document, weights: tuple[RateAmount, ...]
) -> tuple[Characteristic, ...]:
    """The blocks of a payment given as one amount."""
    if command.amount is None or command.code not in payments.KINDS:
        return ()
    if not weights:
        raise InvalidError((Fault(code="status.rates_unknown", path="amount"),))
    if not bearable(command.amount):
        raise InvalidError((allowed.TOO_LARGE,), code="status.incomplete")
    shares = payments.shared(command.amount, weights)
    currency = document.summary.currency or "EUR"
    return payments.blocks(command.code, shares, on=command.on, currency=currency)


def apply_status(command: ApplyStatus, context: Context) -> Steps:
    """A status came in: kept once, whatever its order; ours coming back is recognised."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is State.DELETED:
        return document, ()
    record = command.record
    known = any(one.id == record.id for one in document.statuses)
    decision = lifecycle.apply_status(
        document, record, at=context.clock.now(), files=command.files
    )
    if not (decision.events or known):  # another flow said it already
        _ignored(command.dossier, record, context)
    return kept(decision, context)


def _ignored(dossier: str, record: StatusRecord, context: Context) -> None:
    """The flow of a status that was here already counts among those ignored (D23)."""
    if not (record.connection and record.flow):
        return
    ledger = context.connections.connection(dossier, record.connection).ledger
    taken = context.connections.taken(dossier, ledger, (record.flow,)).get(record.flow)
    if taken is None or taken.outcome is not Tally.STATUSES:
        return
    context.connections.save_taken(replace(taken, outcome=Tally.IGNORED))
    counted = {Tally.STATUSES: -1, Tally.IGNORED: 1}
    context.connections.count(dossier, taken.connection, counted)


def see_statuses(command: SeeStatuses, context: Context) -> Steps:
    """Somebody opened the invoice: what was said of it no longer waits to be seen."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    actor = Actor(id=command.by, name=command.by_name)
    return kept(lifecycle.see(document, actor, at=context.clock.now()), context)


def kept(decision: Decision, context: Context) -> Steps:
    """Write a decision that something came of; what changes nothing is not written."""
    if not decision.events:
        return decision.document, ()
    return commit(decision, context)
