"""Who accepts what arrives: the dossier's preferences, approval circuits, approved senders.

Every purchase waits by default for a person (JF-33). The dossier may let the invoices of trusted
suppliers through, or all of them (JF-34 to JF-36), and those mailed by approved senders (JF-42);
it may ask several people first (PE-01). A possible double, a failed check or a bank account that
nobody vouched for always waits, also the first one of a new supplier: who accepts that invoice
vouches for it. Pure: services load the preferences and commit what is decided here.
"""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from facteur.domain import decisions
from facteur.domain.decisions import Actor, Decision
from facteur.domain.documents import Approval, Approver, Channel, Direction, Document, State
from facteur.domain.dossiers import normalise_address
from facteur.domain.errors import ForbiddenError, InvalidError
from facteur.domain.events import Event, Happened
from facteur.domain.faults import Fault

MOST_SENDERS = 500
MOST_CIRCUITS = 50
MOST_APPROVERS = 10

_LOCAL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_ADDRESS = re.compile(f"{_LOCAL}@{_DOMAIN}")
_WHOLE_DOMAIN = re.compile(f"@{_DOMAIN}")


class Mode(StrEnum):
    """« Approuver la réception » (JF-37)."""

    MANUAL = "manual"  # Manuellement
    TRUSTED = "trusted"  # Excepté fournisseurs de confiance
    AUTOMATIC = "automatic"  # Automatiquement


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """An approval circuit: which invoices it stops, and who must approve them, all of them.

    An invoice is stopped when every condition that is set holds; the first circuit that does is
    the one.
    """

    id: str
    name: str
    approvers: tuple[Approver, ...]
    suppliers: tuple[str, ...] = ()  # SIRENs (or other seller keys); () = any
    above: Decimal | None = None  # total with VAT (BT-112), reached or passed
    category: str = ""  # the supplier's default category


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a dossier chose for its purchases; the defaults are a new dossier's."""

    dossier: str
    acceptance: Mode = Mode.MANUAL
    find_duplicates: bool = True
    block_duplicates: bool = True
    accept_senders: bool = False
    senders: tuple[str, ...] = ()  # addresses, or @domains
    circuits: tuple[Circuit, ...] = ()
    print_bodies: bool = True  # a mail whose body is a receipt makes a document
    version: int = 0


# ── Approved senders ────────────────────────────────────────────────────────────────────────────


def sender_of(text: str) -> str | Fault:
    """A typed address or @domain as it is kept, in lower case; the fault of what is neither."""
    kept = normalise_address(text)
    if len(kept) <= 254 and (_ADDRESS.fullmatch(kept) or _WHOLE_DOMAIN.fullmatch(kept)):
        return kept
    return Fault(code="sender.invalid", path="sender", values={"sender": text[:100]})


def approved_sender(preferences: Preferences, document: Document) -> str:
    """The entry of the list that lets this document through, "" when none does.

    Only the road that brought the bytes first counts, and only with an authenticated sender: a
    forged From passes neither SPF nor DKIM for its domain.
    """
    if not preferences.accept_senders or not document.sources:
        return ""
    source = document.sources[0]
    if source.channel is not Channel.MAIL or not source.authenticated:
        return ""
    address = normalise_address(source.sender)
    domain = f"@{address.rpartition('@')[2]}"
    return next((one for one in preferences.senders if one in (address, domain)), "")


# ── What happens to an invoice that checks ──────────────────────────────────────────────────────


def circuit_of(preferences: Preferences, document: Document, category: str) -> Circuit | None:
    """The first circuit that stops this purchase, None when none does."""
    if document.direction is not Direction.PURCHASE:
        return None
    return next(
        (one for one in preferences.circuits if stops(one, document, category)),
        None,
    )


def stops(circuit: Circuit, document: Document, category: str) -> bool:
    """True when every condition that is set holds for this document."""
    summary = document.summary
    if circuit.suppliers and not {summary.seller_siren, summary.seller_key} & {*circuit.suppliers}:
        return False
    total = summary.total_incl_vat
    if circuit.above is not None and (total is None or abs(total) < circuit.above):
        return False
    return not circuit.category or circuit.category.casefold() == category.casefold()


def registered(
    decision: Decision,
    preferences: Preferences,
    *,
    trusted: bool,
    new_account: bool = False,
    category: str = "",
    at: datetime,
) -> Decision:
    """What the preferences make of an invoice that was just checked.

    A circuit stops it whatever the mode; without one, an invoice that waits « à accepter » is
    accepted by the system when the mode, its supplier or its sender allow it, no double of it is
    known, and it has no ``new_account``: one that nobody vouched for.
    """
    head = decision.document
    if head.direction is not Direction.PURCHASE:
        return decision
    circuit = circuit_of(preferences, head, category)
    if circuit is not None:
        return asked(decision, circuit, at)
    head = replace(head, circuit="", approvers=(), approvals=())
    decision = replace(decision, document=head)
    why = _let_through(preferences, head, trusted=trusted)
    waits = head.duplicate_blocks or new_account
    if head.state is not State.TO_ACCEPT or waits or not why:
        return decision
    accepted = decisions.accept(head, decisions.THE_SYSTEM, at=at, because=why)
    return Decision(document=accepted.document, events=(*decision.events, *accepted.events))


def _let_through(preferences: Preferences, head: Document, *, trusted: bool) -> str:
    """Why nobody needs to accept it, "" when somebody does; shown in the history."""
    if preferences.acceptance is Mode.AUTOMATIC:
        return "automatic"
    if preferences.acceptance is Mode.TRUSTED and trusted:
        return "trusted_supplier"
    sender = approved_sender(preferences, head)
    return f"approved_sender {sender}" if sender else ""


def asked(
    decision: Decision,
    circuit: Circuit,
    at: datetime,
    *,
    actor: Actor | None = None,
    because: str = "",
) -> Decision:
    """The circuit stops it; ``actor``, ``because``: whose choice stopped what waited already."""
    head = replace(
        decision.document, circuit=circuit.name, approvers=circuit.approvers, approvals=()
    )
    values = {"circuit": circuit.name, "approvers": _names(circuit.approvers)}
    if because:
        values["because"] = because
    outside = ", ".join(one.email for one in circuit.approvers if one.id.startswith("mail:"))
    if outside:  # who has no account is mailed a link (policies.py)
        values["outside"] = outside
    who = actor or decisions.THE_SYSTEM
    event = Event(name=Happened.APPROVAL_ASKED, at=at, by=who.id, by_name=who.name, values=values)
    return Decision(document=head, events=(*decision.events, event))


def _names(approvers: Sequence[Approver]) -> str:
    return ", ".join(one.name or one.email for one in approvers)


# ── Deciding ────────────────────────────────────────────────────────────────────────────────────


def waited_for(document: Document) -> tuple[Approver, ...]:
    """Who has not approved yet, in the circuit's order; () without a circuit."""
    return document.waited_for


def absent(approvers: Iterable[Approver], deciders: Set[str]) -> frozenset[str]:
    """The users among them who may decide no more: what waits for them waits for ever.

    ``deciders``: the users who may. Who approves by a link has no account, and is never absent.
    """
    return frozenset(
        one.id for one in approvers if not one.id.startswith("mail:") and one.id not in deciders
    )


def accept(
    document: Document, actor: Actor, *, at: datetime, preferences: Preferences
) -> Decision:
    """A person accepts: for a circuit it is one approval, and the last one accepts.

    ForbiddenError (``approval.not_yours``) for who is not in the circuit, or approved already.
    """
    blocks = preferences.block_duplicates
    waited = waited_for(document)
    if not waited:
        return decisions.accept(document, actor, at=at, duplicates_block=blocks)
    mine = next((one for one in waited if one.id == actor.id), None)
    if mine is None:
        raise ForbiddenError("approval.not_yours", names=_names(waited))
    # What could not be accepted cannot be approved either: the first approver is told.
    accepted = decisions.accept(document, actor, at=at, duplicates_block=blocks)
    given = Approval(by=actor.id, name=actor.name or mine.name or mine.email, at=at)
    left = waited_for(replace(document, approvals=(*document.approvals, given)))
    event = Event(
        name=Happened.INVOICE_APPROVED,
        at=at,
        by=actor.id,
        by_name=given.name,
        values={"circuit": document.circuit, "left": _names(left)},
    )
    if left:
        head = replace(document, approvals=(*document.approvals, given))
        return Decision(document=head, events=(event,))
    head = replace(accepted.document, approvals=(*document.approvals, given))
    return Decision(document=head, events=(event, *accepted.events))


def held(document: Document, preferences: Preferences) -> bool:
    """True for what waits and may not be accepted as it stands: incomplete, an IBAN, a double."""
    if document.state not in (State.TO_CHECK, State.TO_ACCEPT):
        return False
    double = document.duplicate_blocks and preferences.block_duplicates
    return double or not decisions.acceptable(document)


def accept_too(
    said: Decision, actor: Actor, *, at: datetime, preferences: Preferences
) -> Decision:
    """« Approuvée » (205) said of what waits is its acceptance: one act, under the same rules.

    The errors are those of ``accept``: nothing is said of what may not be accepted.
    """
    accepted = accept(said.document, actor, at=at, preferences=preferences)
    events = tuple(replace(one, values=_told_already(one)) for one in accepted.events)
    return Decision(document=accepted.document, events=(*said.events, *events))


def _told_already(event: Event) -> dict[str, str]:
    """Without « pa », by which acceptance would say 205 in its turn."""
    return {name: value for name, value in event.values.items() if name != "pa"}


def lift_circuit(document: Document, actor: Actor, *, at: datetime) -> Decision:
    """A gérant takes an invoice out of its circuit (an approver left, or was wrong): audited."""
    if not waited_for(document) or document.state not in (State.TO_CHECK, State.TO_ACCEPT):
        raise InvalidError((Fault(code="approval.none"),))
    head = replace(document, circuit="", approvers=(), approvals=())
    event = Event(
        name=Happened.CIRCUIT_LIFTED,
        at=at,
        by=actor.id,
        by_name=actor.name,
        values={"circuit": document.circuit, "left": _names(waited_for(document))},
    )
    return Decision(document=head, events=(event,))


# ── Checking what a gérant typed ────────────────────────────────────────────────────────────────


def faults_of(preferences: Preferences) -> tuple[Fault, ...]:
    """All that is wrong with preferences before they are saved."""
    found: list[Fault] = []
    if len(preferences.senders) > MOST_SENDERS:
        values = {"most": str(MOST_SENDERS)}
        found.append(Fault(code="sender.too_many", path="sender", values=values))
    if len(preferences.circuits) > MOST_CIRCUITS:
        values = {"most": str(MOST_CIRCUITS)}
        found.append(Fault(code="circuit.too_many", path="circuit", values=values))
    for one in preferences.circuits:
        if not one.name:
            found.append(Fault(code="circuit.name_missing", path="name"))
        if not one.approvers:
            found.append(Fault(code="circuit.approvers_missing", path="approvers"))
        if len(one.approvers) > MOST_APPROVERS:
            values = {"most": str(MOST_APPROVERS)}
            found.append(Fault(code="circuit.approvers_many", path="approvers", values=values))
        if not (one.suppliers or one.above is not None or one.category):
            found.append(Fault(code="circuit.condition_missing", path="above"))
        if one.above is not None and one.above < 0:
            found.append(Fault(code="circuit.above_negative", path="above"))
    return tuple(found)
