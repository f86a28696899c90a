"""What was paid of an invoice, what remains due, and the payment status that follows (JF-62).

The payments are the amounts of statuses 211 and 212, and nothing else counts them. A sale is paid
by what its seller collected (212): a buyer who says that money left has not brought it. A
purchase is paid by what we sent (211), or by what the seller says it collected. A credit note is
paid back by its seller: 211, or a 212 below zero. A 211 and a 212 tell of the same money from its
two ends: the sums of each are never added, the larger counts. Both sides list both, with who said
it. Where no amount was ever said the status is the one that somebody gave by hand in the
archives.

Sources: XP Z12-014 annex A V1.3 §2.1, §3.2.19; reference: lifecycle.md §6; decision 0258.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from facteur.domain.documents import Direction, Document, PaymentStatus
from facteur.domain.invoice import CREDIT_NOTE_TYPES
from facteur.domain.lifecycle import payments
from facteur.domain.lifecycle.allowed import type_code_of
from facteur.domain.lifecycle.fold import RateAmount, entitled, fold, standing, tidy
from facteur.domain.lifecycle.records import Side, StatusRecord
from facteur.domain.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Amounts VAT included, positive whichever way the money goes."""

    due: Decimal | None  # BT-115, else BT-112; None: the invoice does not say
    most: Decimal | None  # BT-112 where part was paid before it was written (BT-113)
    settled: Decimal  # paid so far; below zero when more was given back than paid
    said: bool  # False: no amount was ever said

    @property
    def remains(self) -> Decimal | None:
        """What is still to be paid; below zero when too much was.

        What was paid before (BT-113) may be told as a payment or not: neither is too much.
        """
        if self.due is None or self.most is None:
            return None
        return max(self.due - self.settled, min(self.most - self.settled, ZERO))


def due_of(document: Document) -> Due:
    """What is due of a document and what was paid of it."""
    return Due(
        due=document.summary.to_pay,
        most=document.summary.most_paid,
        settled=total(ledger_of(document)),
        said=any(True for _one in payments_of(document)),
    )


def ledger_of(document: Document) -> tuple[RateAmount, ...]:
    """What was paid by VAT rate, positive whichever way the money goes."""
    facts = fold(payments_of(document))
    collected = facts.collected
    if _credit_note(document):
        collected = tuple(RateAmount(one.rate, -one.amount) for one in collected)
    elif document.direction is Direction.SALE:
        return collected
    return max(facts.paid, collected, key=total)


def total(ledger: Iterable[RateAmount]) -> Decimal:
    """The sum of a ledger, all rates together."""
    return sum((one.amount for one in ledger), ZERO)


def _credit_note(document: Document) -> bool:
    return type_code_of(document) in CREDIT_NOTE_TYPES


def payments_of(document: Document) -> tuple[StatusRecord, ...]:
    """The statuses that pay it with an amount, each once, by the time they were set."""
    back = _credit_note(document)
    announced = document.direction is Direction.SALE and not back
    payee = Side.BUYER if back else Side.SELLER  # whose « Paiement transmis » pays nothing here
    return tuple(
        one
        for one in payments_said(document)
        if one.code == "212" or (not announced and one.side is not payee)
    )


def payments_said(document: Document) -> tuple[StatusRecord, ...]:
    """All that the two sides said of its payments, each once, by the time it was said.

    The buyer and the seller of an invoice read the same list, whatever each counts.
    """
    return tuple(
        one
        for one in standing(document.statuses)
        if one.code in payments.KINDS and amount_of(one) and entitled(document, one)
    )


def sums_said(document: Document) -> tuple[Decimal, Decimal]:
    """(Σ of 211 by the payer, Σ of 212), positive whichever way the money goes.

    They tell of the same money: not to be added. A 211 by who is paid (a refund that is
    announced) is listed and in no sum.
    """
    back = _credit_note(document)
    payee = Side.BUYER if back else Side.SELLER
    facts = fold(
        one for one in payments_said(document) if one.code == "212" or one.side is not payee
    )
    return facts.paid_total, -facts.collected_total if back else facts.collected_total


def amount_of(record: StatusRecord) -> Decimal:
    """The amount of a payment, all rates together, signed as it was said; 0 without any."""
    kind = payments.KINDS.get(record.code)
    held = (one.amount for one in record.characteristics if one.type == kind)
    return sum((one for one in held if one is not None), ZERO)


def payment_status(document: Document) -> PaymentStatus:
    """Non payé, Partiellement payé, Planifié, Payé: from its payments, else as given by hand."""
    if not document.statuses:
        return document.payment
    found = due_of(document)
    if not found.said:
        return document.payment
    if found.settled <= 0:
        return PaymentStatus.UNPAID
    whole = found.remains is not None and found.remains <= 0
    return PaymentStatus.PAID if whole else PaymentStatus.PARTIAL


def remaining(
    due: Decimal, by: Sequence[RateAmount], paid: Sequence[RateAmount]
) -> tuple[RateAmount, ...]:
    """What remains due of each VAT rate, zero left out; the blocks add up to what remains.

    ``by``: what each rate weighs; ``paid``: the payments so far by rate, positive. Where they
    cannot be set against the rates (none said, or more than its share) the rest is shared anew.
    """
    rest = due - total(paid)
    gone = {None if one.rate is None else tidy(one.rate): one.amount for one in paid}
    shares = payments.split(due, by)
    left = tuple(RateAmount(one.rate, one.amount - gone.pop(one.rate, ZERO)) for one in shares)
    if gone or any(one.amount < 0 for one in left):
        return payments.split(rest, by) if rest > 0 else ()
    return tuple(one for one in left if one.amount)
