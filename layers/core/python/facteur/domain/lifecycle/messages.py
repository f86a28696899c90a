"""One lifecycle message, whatever its XML: what a CDAR says, with the MDT beside each field.

``record_of`` is what a message that came in becomes; ``message_of`` is what is sent for a status
set here. formats/cdar writes and parses the XML; nobody else sees it.

Sources: DGFiP annexe 2 V2.2 (flux 6); schematron BR-FR-CDV V1.4.0.03; reference: lifecycle.md §5.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice

from facteur.domain.documents import EmbeddedFile
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.invoice import Identifier, Invoice, Party
from facteur.domain.lifecycle import codes, reasons
from facteur.domain.lifecycle.codes import Profile
from facteur.domain.lifecycle.factoring import FACTOR
from facteur.domain.lifecycle.records import (
    Characteristic,
    Payee,
    Side,
    StatusReason,
    StatusRecord,
    Transmission,
)
from facteur.domain.paris import paris

MOST_ID = 50  # characters of MDT-4
SIREN, SIRET = "0002", "0009"  # ISO 6523
ADDRESS = "0225"  # of the French directory
_MOST_NUMBER = 20  # of an invoice's number in MDT-4
_MOST_REASONS, _MOST_DATA = 20, 40  # of a record: the official examples have one and two


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParty:
    """A party of the message: MDG-9, MDG-16, MDG-23, MDG-40, MDG-41."""

    role: str = ""  # MDT-21, 40, 59
    identifiers: tuple[Identifier, ...] = ()  # MDT-19, 38, 57, 129, 155
    name: str = ""  # MDT-20, 39, 58
    address: Identifier | None = None  # MDT-73

    @property
    def siren(self) -> str:
        """Its SIREN, "" when it has none."""
        return next((one.value for one in self.identifiers if one.scheme == SIREN), "")


NO_REASON = StatusReason(code="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One block of the status (MDG-37): a reason, its comment, data; each may be missing."""

    reason: StatusReason = NO_REASON
    characteristics: tuple[Characteristic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMessage:
    """A message about one object: an invoice, for the profiles that we write."""

    id: str  # MDT-4, at most 50 characters; not a safe key: see fold.said
    created_at: datetime  # MDT-8
    sender: MessageParty  # MDG-9: the platform that sends
    author: MessageParty  # MDG-16: who says so
    recipients: tuple[MessageParty, ...]  # MDG-23
    phase: str  # MDT-77: "305" | "23"
    set_at: datetime | None  # MDT-78
    number: str  # MDT-87: BT-1, or the identifier of another object
    code: str  # MDT-105
    type_code: str = ""  # MDT-91: BT-3, or 303 to 306
    issue_date: date | None = None  # MDT-100: BT-2
    received_at: datetime | None = None  # MDT-95
    seller: MessageParty | None = None  # MDG-40, MDT-129
    others: tuple[MessageParty, ...] = ()  # MDG-41: a factor…
    details: tuple[Detail, ...] = ()  # MDG-37
    profile: str = Profile.INVOICE.value  # MDT-3
    process: str = "REGULATED"  # MDT-2
    name: str = ""  # MDT-5
    test: bool = False  # MDT-1
    file_name: str = ""  # MDT-76: of a flow that could not be read
    untdid: str = ""  # MDT-88
    label: str = ""  # MDT-106
    attachments: tuple[EmbeddedFile, ...] = ()  # MDT-96

    @property
    def of_invoice(self) -> bool:
        """True when it speaks of an invoice, and not of a flow, a report or the directory."""
        return self.profile in {one.value for one in Profile if one.of_invoice}


def side_of(author: MessageParty, sirens: Mapping[Side, str], *, ours: Side) -> Side:
    """On whose side an author speaks: that of his role (MDT-40), where he is who he says.

    ``sirens``: those of the invoice's parties, "" for one that is not known. The party itself is
    known by its SIREN (MDT-38); an agent has his own, and is believed for the other side only:
    nobody speaks for us but us. Anybody else is a third party, whatever role he takes.
    """
    side = codes.side_of(author.role)
    party = sirens.get(side, "")
    if not party or (author.role not in codes.PARTIES and side is not ours):
        return side
    said = {one.value[:9] for one in author.identifiers if one.scheme in (SIREN, SIRET)}
    return side if party in said else Side.THIRD


def record_of(
    message: StatusMessage,
    *,
    record: str,
    recorded_at: datetime,
    side: Side | None = None,
    connection: str = "",
    flow: str = "",
) -> StatusRecord:
    """What a message that came in says, as it is kept; ``record`` names it (records.py).

    ``side``: who speaks, as ``side_of`` found; the role's word without it. A record lies in the
    row of its document: of an endless message the first part is kept there.
    """
    spoken = [one.reason for one in message.details if one.reason != NO_REASON]
    bare = [one for one in spoken if one == replace(NO_REASON, comment=one.comment)]
    return StatusRecord(
        id=record,
        code=message.code,
        set_at=message.set_at or message.created_at,
        recorded_at=recorded_at,
        side=side or codes.side_of(message.author.role),
        by_name=message.author.name,
        reasons=_within(one for one in spoken if one not in bare),
        characteristics=tuple(one for row in message.details for one in row.characteristics)[
            :_MOST_DATA
        ],
        comment="\n".join(one.comment for one in bare)[: reasons.MOST_COMMENT],
        payee=_payee(message),
        transmission=Transmission.NONE,
        connection=connection,
        flow=flow,
    )


def _payee(message: StatusMessage) -> Payee | None:
    """The factor that a message names (MDG-41)."""
    named = [one for one in message.others if one.role == FACTOR and one.siren]
    return Payee(name=named[0].name[:100], siren=named[0].siren[:9]) if named else None


def _within(spoken: Iterable[StatusReason]) -> tuple[StatusReason, ...]:
    """The first reasons, and as many of their words as a record keeps."""
    kept, room = [], reasons.MOST_COMMENT
    for one in islice(spoken, _MOST_REASONS):
        kept.append(replace(one, comment=one.comment[:room]))
        room -= len(kept[-1].comment)
    return tuple(kept)


def message_of(
    record: StatusRecord,
    invoice: Invoice,
    *,
    received_at: datetime,
    created_at: datetime,
    sent_to: str = "",
    attachments: tuple[EmbeddedFile, ...] = (),
) -> StatusMessage:
    """The message that tells the other party of a status set here.

    It goes to the address by which the invoice travelled: BT-34 of the invoice for the seller,
    BT-49 for the buyer (D05: a platform knows no invoice at another one), the SIREN where the
    invoice gives none. ``sent_to``: the address that it was sent to (the buyer's; the seller's of
    a self-billed one), where that is not the one on the invoice. InvalidError when the invoice
    lacks what every message must say.
    """
    seller, buyer = invoice.seller, invoice.buyer
    ours, theirs = (buyer, seller) if record.side is Side.BUYER else (seller, buyer)
    own_role, their_role = ("BY", "SE") if record.side is Side.BUYER else ("SE", "BY")
    faults = _missing(invoice, ours)
    if faults:
        raise InvalidError(faults, code="status.no_data")
    known = codes.STATUSES.get(record.code)
    address = address_of(theirs)
    if sent_to and theirs is (seller if invoice.is_self_billed else buyer):
        address = Identifier(value=sent_to, scheme=ADDRESS)
    return StatusMessage(
        id=message_id(record, invoice.number),
        name=f"{invoice.number} {codes.label(record.code)}"[:150],
        created_at=max(created_at, record.set_at),
        sender=MessageParty(role="WK"),
        author=MessageParty(role=own_role, identifiers=_siren(ours), name=ours.name),
        recipients=_recipients(
            record,
            MessageParty(
                role=their_role,
                identifiers=_siren(theirs),
                name=theirs.name,
                address=address,
            ),
        ),
        phase=codes.phase_of(record.code).value,
        set_at=record.set_at,
        number=invoice.number,
        code=record.code,
        type_code=invoice.type_code,
        issue_date=invoice.issue_date,
        received_at=received_at,
        seller=MessageParty(identifiers=_siren(seller)),
        others=_factor(record.payee, address=False),
        details=details_of(record),
        untdid=known.untdid if known else "",
        label=codes.label(record.code),
        attachments=attachments,
    )


def _recipients(record: StatusRecord, other: MessageParty) -> tuple[MessageParty, ...]:
    """The other party, and the factor who is named; what is confidential goes to him alone.

    InvalidError where nobody would hear of it.
    """
    named = _factor(record.payee, address=True)
    if record.hidden and not named:
        raise InvalidError((Fault(code="status.no_data", path="payee"),), code="status.no_data")
    return named if record.hidden else (other, *named)


def _factor(payee: Payee | None, *, address: bool) -> tuple[MessageParty, ...]:
    if payee is None:
        return ()
    where = Identifier(value=payee.address or payee.siren, scheme=ADDRESS) if address else None
    siren = (Identifier(value=payee.siren, scheme=SIREN),)
    return (MessageParty(role=FACTOR, identifiers=siren, name=payee.name, address=where),)


def address_of(party: Party) -> Identifier | None:
    """Where a party is written to: its electronic address on the invoice, else its SIREN."""
    found = party.electronic_address
    if found is not None and found.value:
        return replace(found, scheme=found.scheme or ADDRESS)
    return Identifier(value=party.siren, scheme=ADDRESS) if party.siren else None


def details_of(record: StatusRecord) -> tuple[Detail, ...]:
    """The blocks of a record: one per reason, the comment and the data with the first."""
    first, *more = record.reasons or (NO_REASON,)
    if record.comment and not first.comment:
        first = replace(first, comment=record.comment)
    elif record.comment:
        more.append(replace(NO_REASON, comment=record.comment))
    head = Detail(reason=first, characteristics=record.characteristics)
    rest = tuple(Detail(reason=one) for one in more)
    return () if head == Detail() and not rest else (head, *rest)


def message_id(record: StatusRecord, number: str) -> str:
    """MDT-4: the number, the status, when it was set, and what makes it unique; 50 at most.

    The identifiers of the official examples end in dates that two payments of one invoice share,
    and overflow with a long number: ours ends in a hash of the record.
    """
    stamp = f"{paris(record.set_at):%Y%m%d%H%M%S}"
    digest = hashlib.sha256(f"{number}\n{record.id}".encode()).hexdigest()[:10]
    return f"{number[:_MOST_NUMBER]}_{record.code}_{stamp}#{digest}"


def _siren(party: Party) -> tuple[Identifier, ...]:
    return (Identifier(value=party.siren, scheme=SIREN),)


def _missing(invoice: Invoice, ours: Party) -> tuple[Fault, ...]:
    """What the invoice lacks for a message about it."""
    own_name = "seller_name" if ours is invoice.seller else "buyer_name"
    needed = (
        ("number", invoice.number),
        ("issue_date", invoice.issue_date),
        ("seller_siren", invoice.seller.siren),
        ("buyer_siren", invoice.buyer.siren),
        (own_name, ours.name),
    )
    return tuple(Fault(code="status.no_data", path=path) for path, value in needed if not value)
