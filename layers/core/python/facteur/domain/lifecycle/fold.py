"""What holds of an invoice now, from all that was ever said of it.

Statuses arrive twice and out of order, so the facts follow MDT-78 (when a status was set), never
its arrival: the same records in any order, with any repetition, give the same facts. The road from
platform to platform only goes forward; what the parties say are flags, set and lifted; payments
are sums per VAT rate, signed; 210, 213 and 220 close.

One of our own that a platform refused says nothing to anybody: it does not count; nor does a 212
that the buyer says, as the seller alone knows what it collected.

Sources: XP Z12-014 annex A V1.3 §2; DGFiP specifications v3.2 §3.6.4; reference: lifecycle.md §3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from facteur.domain.documents import Document
from facteur.domain.invoice import SELF_BILLED_TYPES
from facteur.domain.lifecycle.codes import CLOSING, PLATFORM_ONLY, ROAD, STATUSES
from facteur.domain.lifecycle.records import Characteristic, Side, StatusRecord, Transmission
from facteur.domain.money import ZERO

#: Identifiers of what is set here begin so (records.py).
OWN = "own:"

SKEW = timedelta(minutes=2)  # between our clock and a platform's

_RECIPIENTS = frozenset({"204", "205", "206", "207", "208", "210"})  # allowed.TABLE
_FACTORING = ("225", "226", "228")
#: What a badge shows first, once nothing is closed, contested or suspended.
_SHOWN = ("212", "211", "205", "206", "209", "214", "224", "204", "227", "225", "226", "228")


@dataclass(frozen=True, slots=True)
class RateAmount:
    """An amount, VAT included, of one VAT rate in percent; None where the rate was not said."""

    rate: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What holds now. ``shown`` is the one status of the badge, "" when nothing was said."""

    road: str = ""  # the furthest of 200, 201, 202, 203
    misrouted: bool = False  # 221, and no platform of the buyer has it yet
    unusable: bool = False  # 501: the file was not read, the invoice does not exist
    taken: bool = False  # 204
    approval: str = ""  # "205" | "206"
    disputed: bool = False  # 207, until an approval
    suspended: bool = False  # 208, until 209 or an approval
    paid: tuple[RateAmount, ...] = ()  # Σ of 211, what the payer says
    collected: tuple[RateAmount, ...] = ()  # Σ of 212, what the seller says
    factoring: str = ""  # "225" | "226", "" after 228
    account_changed: bool = False  # 227: never to be believed without a person
    closed: str = ""  # "210" | "213" | "220"
    shown: str = ""
    since: datetime | None = None  # when ``shown`` was set (MDT-78)
    unknown: tuple[str, ...] = ()  # codes that we do not know, in order

    @property
    def collected_total(self) -> Decimal:
        """All that was collected, whatever the rate."""
        return sum((one.amount for one in self.collected), ZERO)

    @property
    def paid_total(self) -> Decimal:
        """All that was said to be paid."""
        return sum((one.amount for one in self.paid), ZERO)


NOTHING_SAID = Facts()


def is_own(record: StatusRecord) -> bool:
    """True for a status that was set here."""
    return record.id.startswith(OWN)


def said(record: StatusRecord) -> tuple[object, ...]:
    """What a record says, to the second: a repeated message says the same under another id.

    Words are left out: platforms trim and complete labels.
    """
    return (
        record.set_at.replace(microsecond=0),
        record.code,
        record.side.value,
        tuple(sorted(one.code for one in record.reasons)),
        tuple(sorted(_datum(one) for one in record.characteristics)),
    )


def _datum(one: Characteristic) -> tuple[str, ...]:
    on = one.on.isoformat() if one.on else ""
    return (one.type, one.id, one.value, _plain(one.amount), _plain(one.rate), on)


def tidy(rate: Decimal) -> Decimal:
    """One form of a rate: 20.00 and 2E+1 are 20, 5.50 is 5.5."""
    whole = rate.to_integral_value()
    return Decimal(int(whole)) if rate == whole else rate.normalize()


def _plain(amount: Decimal | None) -> str:
    """10, 10.0 and 10.00 are the same amount."""
    return "" if amount is None else format(amount.normalize(), "f")


def standing(records: Iterable[StatusRecord]) -> tuple[StatusRecord, ...]:
    """The records that count, each once, by the time they were set.

    Two of ours are two even when they say the same (two payments of 50 €); what came in is one
    with what says the same, ours or not.
    """
    kept = [one for one in records if _believed(one)]
    own = {one.id: one for one in kept if is_own(one)}
    ours = {said(one) for one in own.values()}
    came = {said(one): one for one in sorted(kept, key=lambda one: one.id) if not is_own(one)}
    once = [*own.values(), *(one for what, one in came.items() if what not in ours)]
    return tuple(sorted(once, key=lambda one: (*said(one), one.id)))


def _believed(record: StatusRecord) -> bool:
    """False for what was refused, and for a buyer who says that the seller has its money.

    A debtor must neither end the reminders of what he owes nor have its VAT declared.
    """
    by_debtor = record.code == "212" and record.side is Side.BUYER
    return record.transmission is not Transmission.REFUSED and not by_debtor


def fold(records: Iterable[StatusRecord]) -> Facts:
    """The facts that follow from records, in any order, with any repetition."""
    ordered = standing(records)
    last = {one.code: at for at, one in enumerate(ordered)}
    closing = next((one for one in ordered if one.code in CLOSING), None)
    paid, collected = _ledger(ordered, "211", "MPA"), _ledger(ordered, "212", "MEN")
    settled = _latest(last, "205", "206")
    road = next((code for code in reversed(ROAD) if code in last), "")
    factoring = _latest(last, *_FACTORING)
    facts = Facts(
        road=road,
        misrouted="221" in last and road not in {"202", "203"},
        unusable="501" in last and all(last["501"] > last.get(code, -1) for code in ROAD),
        taken="204" in last,
        approval=settled,
        disputed=_after(last, "207", "205", "206"),
        suspended=_after(last, "208", "205", "206", "209"),
        paid=paid,
        collected=collected,
        factoring="" if factoring == "228" else factoring,
        account_changed="227" in last,
        closed=closing.code if closing else "",
        unknown=tuple(dict.fromkeys(one.code for one in ordered if one.code not in STATUSES)),
    )
    shown = closing or _badge(facts, ordered, last)
    if shown is None:
        return facts
    return replace(facts, shown=shown.code, since=shown.set_at)


def facts_of(document: Document) -> Facts:
    """The facts of a document.

    An invoice that is sent again starts its road anew: what platforms said of it before its last
    sending (a rejection, a routing error) was about the file that was mended.
    """
    records = tuple(one for one in document.statuses if entitled(document, one))
    if len(document.sendings) > 1:
        since = document.sendings[-1].at
        records = tuple(
            one for one in records if one.code not in PLATFORM_ONLY or _about_last(one, since)
        )
    return fold(records)


def entitled(document: Document, record: StatusRecord) -> bool:
    """False where a party says what is the other's to say: kept, shown, of no effect.

    A supplier who « approves » his own invoice must not take its refusal from the buyer; a third
    party, or who is not the party he says he is, refuses and collects for nobody.
    """
    if record.side is Side.THIRD:
        known = STATUSES.get(record.code)
        return known is None or record.code in PLATFORM_ONLY or Side.THIRD in known.by
    type_code = document.summary.type_code
    if not type_code or record.side not in (Side.BUYER, Side.SELLER):
        return True
    issuer = Side.BUYER if type_code in SELF_BILLED_TYPES else Side.SELLER
    if record.code in _RECIPIENTS:
        return record.side is not issuer
    return record.code != "209" or record.side is issuer


def _about_last(record: StatusRecord, since: datetime) -> bool:
    """True when it came after the last sending, and was not said well before it."""
    return record.recorded_at >= since and record.set_at >= since - SKEW


def _latest(last: dict[str, int], *codes: str) -> str:
    """The one of these codes that was said last, "" when none was."""
    there = [code for code in codes if code in last]
    return max(there, key=lambda code: last[code]) if there else ""


def _after(last: dict[str, int], code: str, *lifted_by: str) -> bool:
    """True when a code was said and nothing that lifts it was said since."""
    return code in last and all(last[code] > last.get(one, -1) for one in lifted_by)


def _ledger(ordered: Sequence[StatusRecord], code: str, kind: str) -> tuple[RateAmount, ...]:
    """The sum of one kind of amounts per rate, by rate; sums of zero are left out."""
    sums: dict[Decimal | None, Decimal] = {}
    for record in ordered:
        if record.code != code:
            continue
        for one in record.characteristics:
            if one.type == kind and one.amount is not None:
                rate = None if one.rate is None else tidy(one.rate)
                sums[rate] = sums.get(rate, ZERO) + one.amount
    known = sorted((rate for rate in sums if rate is not None), reverse=True)
    rates = [*known, *([None] if None in sums else [])]
    return tuple(RateAmount(rate, sums[rate]) for rate in rates if sums[rate])


def _badge(
    facts: Facts, ordered: Sequence[StatusRecord], last: dict[str, int]
) -> StatusRecord | None:
    """The record that the badge shows while nothing is closed, None when nothing was said."""
    if not ordered:
        return None
    if ordered[-1].code not in STATUSES:
        return ordered[-1]  # news that we cannot read is shown as it came
    held = [code for code, holds in (("207", facts.disputed), ("208", facts.suspended)) if holds]
    if held:
        return ordered[last[_latest(last, *held)]]
    for code in _SHOWN:
        if code in last and _in_force(code, facts, ordered, last):
            return ordered[last[code]]
    if facts.unusable:
        return ordered[last["501"]]
    if facts.misrouted:
        return ordered[last["221"]]
    return ordered[last[facts.road]] if facts.road else ordered[-1]


def _in_force(
    code: str, facts: Facts, ordered: Sequence[StatusRecord], last: dict[str, int]
) -> bool:
    """A payment taken back whole, an approval that another followed: no longer to be shown."""
    if code in {"212", "211"}:
        sums = facts.collected if code == "212" else facts.paid
        bare = any(one.code == code and not one.characteristics for one in ordered)
        return bool(sums) or bare
    if code in {"205", "206"}:
        return facts.approval == code
    if code in _FACTORING:
        return _latest(last, *_FACTORING) == code
    if code == "209":
        return last["209"] > last.get("208", -1)
    return True
