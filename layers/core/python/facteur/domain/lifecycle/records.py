"""A status as it was said: kept for ever, whatever its code, whoever said it.

MDT numbers are those of the CDAR message (annexe 2 of the DGFiP's specifications): the CDV.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    """Who speaks. In self-billing the buyer issues: the roles of the two are reversed."""

    SELLER = "seller"
    BUYER = "buyer"
    PLATFORM = "platform"  # either party's approved platform, or the public one
    THIRD = "third"  # a factor, a lead contractor…


class Transmission(StrEnum):
    """Where a status (or an invoice) of ours stands on its way to the other party."""

    NONE = "none"  # it came from outside, or no platform concerns it: nothing to send
    WAITING = "waiting"  # to be sent: a command is under way
    SENT = "sent"  # the platform has it, and has not said what it thinks of it
    CONFIRMED = "confirmed"  # acknowledged: Ok
    REFUSED = "refused"  # acknowledged: Error, or refused when it was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReason:
    """Why (MDG-37): a code of the list, and the words beside it."""

    code: str  # MDT-113
    label: str = ""  # MDT-114, at most 250 characters
    comment: str = ""  # MDT-126, at most 2,000 characters
    rule: str = ""  # MDT-125: the identifier of the rule that was broken
    action: str = ""  # MDT-121: NOA, PIN, NIN, CNF, CNP, CNA, OTH
    action_label: str = ""  # MDT-122


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """A datum beside a status (MDG-43): an amount, a date, a value found wrong."""

    type: str  # MDT-207: MEN, MPA, RAP, ESC, MAP, DIV, DVA, CBB…
    id: str = ""  # MDT-206: the BT concerned
    name: str = ""  # MDT-211
    location: str = ""  # MDT-213: XPath in the invoice
    value: str = ""  # MDT-214
    changed: bool | None = None  # MDT-209
    amount: Decimal | None = None  # MDT-215; MEN: VAT included, signed
    currency: str = "EUR"  # MDT-216
    on: date | None = None  # MDT-219
    rate: Decimal | None = None  # MDT-224: the VAT rate in percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Whom a status names beside the parties (MDG-41): a factor, who is to be paid or told."""

    name: str
    siren: str  # MDT-155
    address: str = ""  # of the directory (scheme 0225); "" = the SIREN


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRecord:
    """One status of one invoice: what was said, by whom, when, and how it travelled.

    ``id`` makes a repeated message the same record: ``flow:<platform>:<flow id>`` or
    ``sha256:<hash of the file>`` for what came in, ``own:<command id>`` for what is set here.
    """

    id: str
    code: str  # MDT-105, kept as it came, known or not
    set_at: datetime  # MDT-78
    recorded_at: datetime  # here
    side: Side  # MDT-40
    by: str = ""  # the user who set it here; "" for what came in
    by_name: str = ""  # MDT-39, or the user's name
    reasons: tuple[StatusReason, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    comment: str = ""  # MDT-126 that stands beside no reason
    payee: Payee | None = None  # of a factoring status
    hidden: bool = False  # said to the factor alone: the buyer must not hear of it
    transmission: Transmission = Transmission.NONE
    connection: str = ""  # the platform connection that it came by, or leaves by
    flow: str = ""  # its flow id there
    failure: str = ""  # reason code of a refused transmission (AFNOR or BR-FR-CDV)
    failure_text: str = ""  # the platform's own words, shown as such
