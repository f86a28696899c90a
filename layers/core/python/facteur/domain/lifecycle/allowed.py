"""What each side may set now: one table, offered by the screens and enforced for everybody else.

A row says who speaks and when. In self-billing the buyer issues, so the roles of issuer and
recipient are reversed; payments are not: the buyer pays and the seller is paid, whoever wrote the
invoice. Statuses of the parties have no order of their own (a 212 needs neither 205 nor 211): what
bars one is only what contradicts it, what was set already, and what closed the invoice.

Sources: XP Z12-014 annex A V1.3 §2, §3.2.33; DGFiP annexe 7 V1.9 G7.25, G7.44, G7.45; reference:
lifecycle.md §3.2; decision 0232.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from facteur.domain.candidate import TYPE_CODES
from facteur.domain.documents import Direction, Document, Relation, State
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.invoice import CREDIT_NOTE_TYPES, EARLIEST, SELF_BILLED_TYPES
from facteur.domain.lifecycle import codes, factoring, payments, reasons
from facteur.domain.lifecycle.fold import NOTHING_SAID, Facts, facts_of, tidy
from facteur.domain.lifecycle.records import Characteristic, Payee, Side, StatusReason
from facteur.domain.money import ZERO, bearable, cents
from facteur.domain.plain import words

#: Documents that stand here are invoices that somebody may speak of.
_SPEAKABLE = frozenset(
    {State.TO_CHECK, State.TO_ACCEPT, State.ACCEPTED, State.REFUSED, State.ARCHIVED}
)

_UNDECIDED = frozenset({State.TO_CHECK, State.TO_ACCEPT})


class Amounts(StrEnum):
    """Whether a status carries amounts per VAT rate."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that decides what our side may set."""

    side: Side  # ours: the buyer of purchases, the seller of sales
    facts: Facts = NOTHING_SAID
    type_code: str = "380"  # BT-3
    speakable: bool = True  # it was read, it is not in the trash…
    accepted: bool = False  # the document was accepted here
    refused: bool = False  # the document was refused here
    replaced: bool = False  # a corrective invoice, or a credit note of its whole, is here
    of_refused: bool = False  # a credit note or corrective whose invoice was refused or rejected
    waits: bool = False  # a circuit has asked people who have not answered: nobody approves alone
    currency: str = ""  # of the invoice, "" where it was not read
    due: Decimal | None = None  # the most that payments bring (decision 0326); None: not said

    @property
    def credit_note(self) -> bool:
        """True for an « avoir »: amounts flow the other way."""
        return self.type_code in CREDIT_NOTE_TYPES

    @property
    def issuer(self) -> bool:
        """True when our side wrote the invoice."""
        writer = Side.BUYER if self.type_code in SELF_BILLED_TYPES else Side.SELLER
        return self.side is writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A status that may be set now, and what it must come with."""

    code: str
    reasons: tuple[str, ...] = ()  # to choose from
    reason_required: bool = False
    comment_required: bool = False
    amounts: Amounts = Amounts.NONE
    pieces: int = 0  # files that it may carry

    @property
    def label(self) -> str:
        """« Approuvée »."""
        return codes.label(self.code)


def situation(document: Document, *, of_refused: bool = False) -> Situation:
    """Where a document stands; ``of_refused``: the invoice that it credits was refused."""
    return Situation(
        side=Side.BUYER if document.direction is Direction.PURCHASE else Side.SELLER,
        facts=facts_of(document),
        type_code=type_code_of(document),
        speakable=document.state in _SPEAKABLE and bool(document.summary.number),
        accepted=document.state in {State.ACCEPTED, State.ARCHIVED},
        refused=document.state is State.REFUSED,
        replaced=any(_replaces(one.relation, whole=one.whole) for one in document.related),
        of_refused=of_refused,
        waits=document.state in _UNDECIDED and bool(document.waited_for),
        currency=document.summary.currency,
        due=document.summary.most_paid,
    )


def type_code_of(document: Document) -> str:
    """BT-3 of a document; what its kind stands for where it was read before BT-3 was kept."""
    return document.summary.type_code or TYPE_CODES.get(document.summary.kind, "")


def _replaces(relation: Relation, *, whole: bool) -> bool:
    return relation is Relation.CORRECTED_BY or (relation is Relation.CREDITED_BY and whole)


# ── The table ───────────────────────────────────────────────────────────────────────────────────


def _recipient(now: Situation) -> bool:
    return not now.issuer


def _issuer(now: Situation) -> bool:
    return now.issuer


def _payer(now: Situation) -> bool:
    """The buyer pays; the seller pays a credit note back."""
    return now.side is (Side.SELLER if now.credit_note else Side.BUYER)


def _seller(now: Situation) -> bool:
    return now.side is Side.SELLER


def _anybody(_now: Situation) -> bool:
    return True


def _take(now: Situation) -> bool:
    return not (now.facts.taken or now.facts.approval)


def _approve(now: Situation) -> bool:
    if now.of_refused or now.waits:  # PE-11: what was refused is not to be credited
        return False
    return now.facts.approval != "205" or now.facts.disputed or now.facts.suspended


def _approve_part(now: Situation) -> bool:
    free = not now.credit_note and not now.waits
    return free and (not now.facts.approval or now.facts.disputed)


def _contest(now: Situation) -> bool:
    return not now.facts.disputed


def _suspend(now: Situation) -> bool:
    return not now.credit_note and not now.facts.suspended


def _complete(now: Situation) -> bool:
    return now.facts.suspended


def _refuse(now: Situation) -> bool:
    """Not once it was approved or paid: a disagreement is then a 207.

    A circuit asks for agreements: whoever decides may refuse meanwhile, here as by « Refuser ».
    """
    facts = now.facts
    return not (facts.approval or now.accepted or facts.paid or facts.collected)


def _pay(_now: Situation) -> bool:
    return True


def _cancel(now: Situation) -> bool:
    return now.replaced


def _cede(code: str) -> Callable[[Situation], bool]:
    """Ceded otherwise than it is already; a credit note is no claim."""
    return lambda now: not now.credit_note and now.facts.factoring != code


def _take_back(now: Situation) -> bool:
    return bool(now.facts.factoring)


def _change_account(now: Situation) -> bool:
    return not now.credit_note


_Test = Callable[[Situation], bool]

#: Status → who may set it, when. In the order it is offered.
TABLE: tuple[tuple[str, _Test, _Test], ...] = (
    ("204", _recipient, _take),
    ("205", _recipient, _approve),
    ("206", _recipient, _approve_part),
    ("207", _recipient, _contest),
    ("208", _recipient, _suspend),
    ("209", _issuer, _complete),
    ("210", _recipient, _refuse),
    ("211", _payer, _pay),
    ("212", _seller, _pay),
    ("220", _anybody, _cancel),
    ("225", _seller, _cede("225")),
    ("226", _seller, _cede("226")),
    ("227", _seller, _change_account),
    ("228", _seller, _take_back),
)

#: They may carry files (MDT-96): what is contested, refused, awaited, and what was awaited.
CARRYING = frozenset({"206", "207", "208", "209", "210"})
MOST_PIECES = 3

#: An amount that nobody has to pay, and that would not be counted with.
TOO_LARGE = Fault(code="status.amount_large", path="amount")

_AMOUNTS = {"211": Amounts.OPTIONAL, "212": Amounts.REQUIRED, "206": Amounts.OPTIONAL}


def offers(now: Situation) -> tuple[Offer, ...]:
    """The statuses that our side may set now, and nothing else; () once the invoice is closed."""
    if not now.speakable or now.facts.closed or now.facts.unusable:
        return ()
    open_ones = [code for code, who, when in TABLE if who(now) and when(now)]
    if now.refused:  # refused here: the other party is told so, or nothing
        open_ones = [code for code in open_ones if code == "210"]
    return tuple(
        Offer(
            code=code,
            reasons=reasons.allowed(code),
            reason_required=code in reasons.REQUIRED,
            comment_required=code in reasons.COMMENTED,
            amounts=_AMOUNTS.get(code, Amounts.NONE),
            pieces=MOST_PIECES if code in CARRYING else 0,
        )
        for code in open_ones
    )


# ── Enforcing it ────────────────────────────────────────────────────────────────────────────────


def check(
    now: Situation,
    code: str,
    *,
    given: Sequence[StatusReason] = (),
    data: Sequence[Characteristic] = (),
    comment: str = "",
    rates: Sequence[Decimal] = (),
    payee: Payee | None = None,
    hidden: bool = False,
    today: date,
    beyond_due: bool = False,
) -> None:
    """InvalidError with all that is wrong when this may not be set now, or not like this.

    ``rates``: the VAT rates of the invoice in percent, () where they are not known. ``today``: in
    France. ``beyond_due``: whoever says a payment knows that it is more than what was due.
    """
    offer = next((one for one in offers(now) if one.code == code), None)
    if offer is None:
        values = {"status": codes.label(code), "current": codes.label(now.facts.shown) or "—"}
        fault = Fault(code="status.not_offered", path="code", values=values)
        raise InvalidError((fault,), code="status.not_offered")
    faults = (
        *_about_reasons(offer, given),
        *_about_words(offer, given, comment),
        *_about_data(offer, data, now, rates),
        *_about_days(offer, data, today),
        *(() if beyond_due else _about_due(offer, data, now)),
        *factoring.faults_of(code, payee, data, hidden=hidden),
    )
    if faults:
        raise InvalidError(faults, code="status.incomplete")


def _about_reasons(offer: Offer, given: Sequence[StatusReason]) -> Iterator[Fault]:
    named = [one.code for one in given if one.code]
    if offer.reason_required and not named:
        values = {"status": offer.label}
        yield Fault(code="status.reason_missing", path="reason", values=values)
    for code in named:
        if offer.reasons and code not in offer.reasons:
            values = {"reason": reasons.label(code), "status": offer.label}
            yield Fault(code="status.reason_unknown", path="reason", values=values)
    for one in given:
        if one.action and one.action not in codes.ACTIONS:
            yield Fault(
                code="status.action_unknown", path="action", values={"action": one.action[:40]}
            )


def _about_words(offer: Offer, given: Sequence[StatusReason], comment: str) -> Iterator[Fault]:
    said = [comment, *(one.comment for one in given)]
    if offer.comment_required and not any(words(one) for one in said):
        values = {"status": offer.label}
        yield Fault(code="status.comment_missing", path="comment", values=values)
    if any(len(one) > reasons.MOST_COMMENT for one in said):
        values = {"most": str(reasons.MOST_COMMENT)}
        yield Fault(code="status.text_too_long", path="comment", values=values)
    if any(
        len(text) > reasons.MOST_LABEL for one in given for text in (one.label, one.action_label)
    ):
        values = {"most": str(reasons.MOST_LABEL)}
        yield Fault(code="status.text_too_long", path="reason", values=values)


def _about_data(
    offer: Offer, data: Sequence[Characteristic], now: Situation, rates: Sequence[Decimal]
) -> Iterator[Fault]:
    for one in data:
        if one.type not in codes.CHARACTERISTICS:
            values = {"type": one.type[:40]}
            yield Fault(code="status.datum_unknown", path="amount", values=values)
        if one.amount is not None and now.currency and one.currency != now.currency:
            values = {"currency": now.currency}
            yield Fault(code="status.currency", path="amount", values=values)
        if one.amount is not None and not bearable(one.amount):
            yield TOO_LARGE
        elif one.amount is not None and cents(one.amount) != one.amount:
            yield Fault(code="status.amount_cents", path="amount")
    if offer.code in payments.KINDS:
        own = [one for one in data if one.type == payments.KINDS[offer.code]]
        yield from _about_payment(offer, own, now, rates)


def _about_days(offer: Offer, data: Sequence[Characteristic], today: date) -> Iterator[Fault]:
    """A payment was made by the day it is told, and within the century of the reform."""
    days = [one.on for one in data if one.on is not None] if offer.code in payments.KINDS else []
    if any(one > today for one in days):
        yield Fault(code="status.day_future", path="on")
    if any(one < EARLIEST for one in days):
        yield Fault(code="status.day_old", path="on", values={"day": EARLIEST.isoformat()})


def excess(code: str, data: Sequence[Characteristic], now: Situation) -> Decimal:
    """What a payment (211, 212) would bring above what is due, 0 where it does not.

    The same money told from its two ends is not added: a 211 is set against the others.
    """
    kind = payments.KINDS.get(code)
    given = [one.amount for one in data if one.type == kind and one.amount is not None]
    if now.due is None or not all(bearable(one) for one in given):
        return ZERO
    way = -1 if code == "212" and now.credit_note else 1  # a credit note collects below zero
    paid = way * sum(given, ZERO)
    before = way * (now.facts.collected_total if code == "212" else now.facts.paid_total)
    return max(before + paid - now.due, ZERO) if paid > 0 else ZERO


def _about_due(offer: Offer, data: Sequence[Characteristic], now: Situation) -> Iterator[Fault]:
    """More than what is due happens (paid twice, a deposit), and is confirmed: a zero too many."""
    delta = excess(offer.code, data, now)
    if delta:
        values = {"delta": format(delta, "f"), "currency": now.currency}
        yield Fault(code="status.amount_beyond", path="beyond_due", values=values)


def _about_payment(
    offer: Offer, own: Sequence[Characteristic], now: Situation, rates: Sequence[Decimal]
) -> Iterator[Fault]:
    """The blocks of a 211 or 212: one per rate, none of zero, all of one payment."""
    if offer.amounts is Amounts.REQUIRED:
        if not own:
            yield Fault(code="status.amount_missing", path="amount")
        elif any(one.amount is None or one.rate is None for one in own):
            yield Fault(code="status.amount_incomplete", path="amount")
    if any(one.amount is not None and not one.amount for one in own):
        yield Fault(code="status.amount_zero", path="amount")
    seen = [tidy(one.rate) for one in own if one.rate is not None]
    if len(set(seen)) < len(seen):
        yield Fault(code="status.rate_twice", path="amount")
    known = {tidy(one) for one in rates}
    for rate in dict.fromkeys(seen):
        if known and rate not in known:
            values = {"rate": format(rate, "f")}
            yield Fault(code="status.rate_unknown", path="amount", values=values)
    total = sum((one.amount for one in own if one.amount is not None), ZERO)
    before = now.facts.collected_total if offer.code == "212" else now.facts.paid_total
    if _wrong_way(offer.code, before + total, now):
        values = {"total": format(abs(before), "f")}
        code = "status.credit_sign" if now.credit_note else "status.refund_too_large"
        yield Fault(code=code, path="amount", values=values)


def _wrong_way(code: str, after: Decimal, now: Situation) -> bool:
    """No more is given back than was collected; a credit note collects a negative amount."""
    if code == "212" and now.credit_note:
        return after > 0
    return after < 0
