"""The lines of the invoice (BG-25), its allowances (BG-20) and charges (BG-21), or why not.

Lines go into the invoice when each has an amount without tax, a name and a VAT category, when
they add up to HT with the adjustments, and to the VAT table's bases rate by rate (BR-S-08). A gap
of a few cents is an allowance or a charge named "Arrondi": visible, as the issuer's rounding is.
"""

from dataclasses import dataclass
from decimal import Decimal

from facteur.domain import units
from facteur.domain.allocation import allocate
from facteur.domain.candidate import AdjustmentRow, Candidate, LineRow
from facteur.domain.faults import Fault, Severity
from facteur.domain.invoice import AllowanceCharge, Line, VatBreakdown
from facteur.domain.money import cents
from facteur.domain.totals import line_amount, rounding_allowed

_NAME_LENGTH = 255  # BT-153 as the French portal takes it
_SLACK = Decimal("0.02")
_DISCOUNT = "95"  # UNTDID 5189
_PRICE_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The lines and adjustments that go into the invoice."""

    lines: tuple[Line, ...]
    allowances: tuple[AllowanceCharge, ...] = ()
    charges: tuple[AllowanceCharge, ...] = ()

    @property
    def sum(self) -> Decimal:
        """BT-106."""
        return sum((line.net or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def allowed(self) -> Decimal:
        """BT-107."""
        return sum((one.amount for one in self.allowances), Decimal(0))

    @property
    def charged(self) -> Decimal:
        """BT-108."""
        return sum((one.amount for one in self.charges), Decimal(0))


def detail_of(
    candidate: Candidate, rows: tuple[VatBreakdown, ...]
) -> tuple[Detail | None, Fault | None]:
    """The detail of a candidate, or None and a warning that says why its lines are left out."""
    if not candidate.lines:
        return None, None
    reason = _reason_against(candidate.lines)
    if reason:
        return None, _left_out(reason)
    categories = _categories(candidate, rows)
    if categories is None:
        return None, _left_out("rate")
    lines = [
        _line(row, place, vat)
        for place, (row, vat) in enumerate(zip(candidate.lines, categories, strict=False), start=1)
    ]
    allowances: list[AllowanceCharge] = []
    charges: list[AllowanceCharge] = []
    for one, vat in zip(candidate.adjustments, categories[len(lines) :], strict=True):
        (charges if one.charge else allowances).append(_adjustment(one, vat))
    detail = Detail(lines=tuple(lines), allowances=tuple(allowances), charges=tuple(charges))
    return _rounded(detail, candidate, rows)


def summed(rows: tuple[VatBreakdown, ...], rounding: Decimal) -> tuple[Detail, Fault]:
    """One line for each row of the VAT table, named as what it is, and a warning that says so.

    For an invoice whose rounding BASIC WL cannot hold and whose lines cannot go in.
    """
    lines = tuple(
        Line(
            id=str(place),
            name=f"Total HT, TVA {_percent(row.rate)}" if row.rate else "Total HT, sans TVA",
            quantity=Decimal(-1) if row.base < 0 else Decimal(1),
            unit=units.code_of(""),
            net=row.base,
            unit_price=abs(row.base),
            vat_category=row.category,
            vat_rate=row.rate,
        )
        for place, row in enumerate(rows, start=1)
    )
    fault = Fault(
        code="lines.summed",
        path="lines",
        severity=Severity.WARNING,
        values={"delta": str(rounding)},
    )
    return Detail(lines=lines), fault


def _percent(rate: Decimal) -> str:
    """As the French print it: "5,5 %"."""
    return f"{rate.normalize():f} %".replace(".", ",")


def _left_out(reason: str) -> Fault:
    return Fault(
        code="lines.left_out", path="lines", severity=Severity.WARNING, values={"reason": reason}
    )


def _reason_against(lines: tuple[LineRow, ...]) -> str:
    if any(line.gross for line in lines):
        return "gross"  # amounts with tax: the standard wants them without
    if any(line.net is None for line in lines):
        return "amount"
    if any(not line.description.strip() for line in lines):
        return "description"  # BR-25
    return ""


def _categories(
    candidate: Candidate, rows: tuple[VatBreakdown, ...]
) -> tuple[VatBreakdown, ...] | None:
    """The row of the VAT table that each line, then each adjustment, belongs to.

    By its rate; where the page gives none, or several rows share it, by the only way in which the
    amounts add up to the bases. None when that cannot be told.
    """
    amounts = [line.net or Decimal(0) for line in candidate.lines]
    amounts += [one.amount if one.charge else -one.amount for one in candidate.adjustments]
    rates = [line.vat_rate for line in candidate.lines]
    rates += [one.vat_rate for one in candidate.adjustments]
    allowed = [
        frozenset(
            at for at, row in enumerate(rows) if rate is None or (row.rate or Decimal(0)) == rate
        )
        for rate in rates
    ]
    if all(len(one) == 1 for one in allowed):
        return tuple(rows[next(iter(one))] for one in allowed)
    way = allocate(amounts, [row.base for row in rows], allowed)
    return None if way is None else tuple(rows[at] for at in way)


def _line(row: LineRow, place: int, vat: VatBreakdown) -> Line:
    net = cents(row.net or Decimal(0))
    quantity = row.quantity if row.quantity else Decimal(1)
    if (net < 0) != (quantity < 0) and net != 0:
        quantity = -quantity  # BR-27: a price is never negative, a quantity may be
    price, allowances, charges = _price(row, net, quantity)
    name = row.description.strip()
    return Line(
        id=str(place),
        name=name[:_NAME_LENGTH],
        description=name if len(name) > _NAME_LENGTH else "",
        quantity=quantity,
        unit=units.code_of(row.unit),
        net=net,
        unit_price=price,
        allowances=allowances,
        charges=charges,
        vat_category=vat.category,
        vat_rate=vat.rate,
    )


def _price(
    row: LineRow, net: Decimal, quantity: Decimal
) -> tuple[Decimal, tuple[AllowanceCharge, ...], tuple[AllowanceCharge, ...]]:
    """The net price (BT-146) and the line's discount, so that they give its amount."""
    derived = abs(net / quantity).quantize(_PRICE_STEP).normalize()
    printed = abs(row.unit_price) if row.unit_price is not None else None
    if printed is None:
        return _plain(derived), (), ()
    whole = cents(abs(quantity) * printed)
    gap = whole - abs(net)
    if abs(gap) <= _SLACK:
        return printed, (), ()
    expected = line_amount(quantity, printed, row.discount_percent, row.discount)
    if gap > 0 and net > 0 and abs(expected - net) <= Decimal("0.05"):
        discount = AllowanceCharge(
            amount=gap,
            base=whole if row.discount_percent is not None else None,
            percent=row.discount_percent,
            reason="Remise",
            reason_code=_DISCOUNT,
        )
        return printed, (discount,), ()
    return _plain(derived), (), ()


def _plain(number: Decimal) -> Decimal:
    """Without an exponent: 1E+2 → 100."""
    return number.quantize(Decimal(1)) if number == number.to_integral() else number


def _adjustment(one: AdjustmentRow, vat: VatBreakdown) -> AllowanceCharge:
    return AllowanceCharge(
        amount=cents(one.amount),
        vat_category=vat.category,
        vat_rate=vat.rate,
        reason=one.reason or ("Frais" if one.charge else "Remise"),
    )


def _rounded(
    detail: Detail, candidate: Candidate, rows: tuple[VatBreakdown, ...]
) -> tuple[Detail | None, Fault | None]:
    """The detail with its visible rounding, when it adds up to HT and to each base."""
    gap = (candidate.amount("total_excl_vat") or Decimal(0)) - (
        detail.sum - detail.allowed + detail.charged
    )
    if abs(gap) > rounding_allowed(len(detail.lines)):
        return None, _left_out("sum")
    if gap:
        big = max(rows, key=lambda row: abs(row.base))
        one = AllowanceCharge(
            amount=abs(gap), vat_category=big.category, vat_rate=big.rate, reason="Arrondi"
        )
        detail = Detail(
            lines=detail.lines,
            allowances=(*detail.allowances, one) if gap < 0 else detail.allowances,
            charges=(*detail.charges, one) if gap > 0 else detail.charges,
        )
    return (detail, None) if _fits(detail, rows) else (None, _left_out("bases"))


def _fits(detail: Detail, rows: tuple[VatBreakdown, ...]) -> bool:
    """True when the lines and adjustments of each category add up to its base (BR-S-08…)."""
    for row in rows:
        key = (row.category, row.rate)
        nets = [line.net for line in detail.lines if (line.vat_category, line.vat_rate) == key]
        found = sum((net for net in nets if net is not None), Decimal(0))
        for sign, some in ((-1, detail.allowances), (1, detail.charges)):
            found += sign * sum(
                one.amount for one in some if (one.vat_category, one.vat_rate) == key
            )
        if abs(found - row.base) > rounding_allowed(len(detail.lines)):
            return False
    return True
