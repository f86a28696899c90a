"""The totals: of all amounts that labels propose, the combination that adds up.

HT + TVA = TTC, the VAT table's bases and taxes add up to HT and TVA, TTC less what was already
paid is what remains due. A label alone is a hint; a label and the arithmetic together are a
proof, and the confidence says which of the two was had. The issuer's amounts are kept to the
cent; one that is not printed is computed and marked as such (Origin.RULE).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from facteur.domain.candidate import Origin, Provenance, Reading
from facteur.domain.extraction import taxes
from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.evidence import Evidence
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.taxes import Part, TaxRow

CENT = Decimal("0.01")
_TRAP = Decimal(25)
_KEPT = 8  # candidates per role
_GROUPS = 24  # VAT tables weighed
_PROVING = 2  # totals that a VAT table must lead to


@dataclass(frozen=True)
class Option:
    """An amount for a role: printed (``number``) or only computed."""

    value: Decimal
    score: float
    number: Number | None = None


@dataclass(frozen=True)
class Sums:
    """The totals that were chosen; each may be missing. Amounts have no sign."""

    excl: Option | None
    vat: Option | None
    incl: Option | None
    score: float = 0.0
    breakdown: tuple[TaxRow, ...] = ()
    adds_up: bool = False

    @property
    def values(self) -> tuple[Decimal, ...]:
        """HT, then TTC, when they add up."""
        found = [one.value for one in (self.excl, self.incl) if one is not None]
        return tuple(found) if self.adds_up else ()

    @property
    def places(self) -> tuple[int, ...]:
        """The rows where a chosen amount is printed."""
        chosen = [one for one in (self.excl, self.vat, self.incl) if one is not None]
        return tuple(one.number.spot.row.number for one in chosen if one.number is not None)

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows of the totals that a label beside them names."""
        chosen = [one for one in (self.excl, self.vat, self.incl) if one is not None]
        return tuple(
            one.number.spot.row.number
            for one in chosen
            if one.number is not None and one.score >= 0.7 and self.adds_up
        )


def choose(
    reader: Reader,
    found: Sequence[Evidence],
    tax_rows: Sequence[TaxRow],
    lines: Iterable[Decimal] = (),
) -> Sums:
    """The best totals. ``lines`` are sums of the lines of the tables that were read."""
    groups = sorted(filter(_sound, taxes.groups(tax_rows)), key=taxes.strength)[-_GROUPS:]
    found = _outside_tables(found, groups)
    printed = {abs(one.value): one for one in reader.numbers if one.money}
    kept = {role: options(found, role) for role in ("excl", "vat", "incl", "due")}
    _widen(kept, groups, printed, tax_rows)
    mixed = _with_untaxed(kept, taxes.untaxed(reader))
    sums = set(lines) | mixed
    tables = [taxes.table(group, set(groups)) for group in groups]
    best = Sums(None, None, None)
    for excl, vat, incl in product(
        (None, *kept["excl"]), (None, *kept["vat"]), (None, *kept["incl"])
    ):
        one = _scored(excl, vat, incl, tables, printed, sums)
        if one.score > best.score:
            best = one
    return best


def _sound(group: Sequence[TaxRow]) -> bool:
    return max(one.strength for one in group) >= 0.3


def _outside_tables(
    found: Sequence[Evidence], groups: Sequence[tuple[TaxRow, ...]]
) -> list[Evidence]:
    """The evidence, less of it for the amounts of one rate among several: they are no totals."""
    rows = {one.row.number for group in groups if len(group) > 1 for one in group}
    return [
        replace(one, score=one.score * 0.4) if one.number.spot.row.number in rows else one
        for one in found
    ]


def options(found: Sequence[Evidence], role: str) -> list[Option]:
    """The best amounts for a role; several places with the same amount count once, a bit more."""
    scores: dict[Decimal, Option] = {}
    for one in found:
        if one.role != role or one.score < 0.1:
            continue
        known = scores.get(one.size)
        if known is None:
            scores[one.size] = Option(one.size, one.score, one.number)
        else:
            scores[one.size] = Option(one.size, min(known.score + 0.05, 1.2), known.number)
    return sorted(scores.values(), key=lambda one: -one.score)[:_KEPT]


def _widen(
    kept: dict[str, list[Option]],
    groups: Sequence[tuple[TaxRow, ...]],
    printed: dict[Decimal, Number],
    tax_rows: Sequence[TaxRow],
) -> None:
    """Amounts that no label proposes but the VAT table or the amount due do."""

    def add(role: str, value: Decimal, score: float) -> None:
        for place, known in enumerate(kept[role]):
            if known.value == value:
                kept[role][place] = Option(value, known.score + 0.1, known.number)
                return
        kept[role].append(Option(value, score, printed.get(value)))

    for group in groups:
        base, tax = taxes.base_of(group), taxes.tax_of(group)
        looks = sum(one.strength for one in group) / len(group)
        add("excl", base, 0.3 * looks)
        add("vat", tax, 0.35 * looks)
        add("incl", base + tax, 0.3 * looks if base + tax in printed else 0.1 * looks)
    for value, score in _taxes_alone(tax_rows):
        add("vat", value, score)
    for due in kept["due"][:4]:
        add("incl", due.value, 0.5 * due.score)
    gross = [one for one in kept["incl"] if one.score >= 0.4][:4]
    net = [one for one in kept["excl"] if one.score >= 0.4][:4]
    for incl, excl in product(gross, net):
        gap = incl.value - excl.value
        if 0 < gap <= excl.value * Decimal("0.3") and gap in printed:
            add("vat", gap, 0.1)


def _with_untaxed(kept: dict[str, list[Option]], untaxed: Iterable[Decimal]) -> set[Decimal]:
    """HT printed for what is taxed alone: HT is then that and what the page says bears no tax."""
    found: set[Decimal] = set()
    for extra in untaxed:
        for excl, vat, incl in product(kept["excl"][:4], kept["vat"][:4], kept["incl"][:4]):
            strong = min(excl.score, vat.score, incl.score) >= 0.5
            if strong and excl.value + extra + vat.value == incl.value:
                whole = excl.value + extra
                if all(one.value != whole for one in kept["excl"]):
                    kept["excl"].append(Option(whole, excl.score))
                found.add(whole)
    return found


def _taxes_alone(tax_rows: Sequence[TaxRow]) -> Iterator[tuple[Decimal, float]]:
    """Each "TVA 20 % : 12,00", and their sum where there is one for each rate and no total."""
    alone = {
        row.rate: (abs(row.tax.value), row.strength)
        for row in tax_rows
        if row.base is None and row.tax is not None
    }
    for tax, strength in alone.values():
        yield tax, 0.5 * strength
    if len(alone) > 1:
        whole = sum((tax for tax, _ in alone.values()), Decimal(0))
        yield whole, 0.75 * min(strength for _, strength in alone.values())


def _scored(
    excl: Option | None,
    vat: Option | None,
    incl: Option | None,
    tables: Sequence[taxes.Table],
    printed: dict[Decimal, Number],
    lines: set[Decimal],
) -> Sums:
    """One combination weighed: its labels, its arithmetic, and what the tables say of it."""
    score = sum(one.score for one in (excl, vat, incl) if one is not None)
    adds_up = False
    part = _matching(tables, excl, vat, incl)
    if excl and vat and incl:
        adds_up = abs(excl.value + vat.value - incl.value) <= Decimal("0.02")
        told = (part is not None and part.whole) or excl.value in lines
        score += _addition(excl, vat, incl, told=told)
    elif excl and incl:
        score += _without_tax(excl, incl, printed)
    elif vat and incl:
        score += _without_base(vat, incl, printed)
    elif excl and vat:
        score += 0.6 if excl.value + vat.value in printed else 0.0
    score -= _nonsense(excl, vat, incl)
    group = part.rows if part is not None else ()
    if part is not None:
        whole = 0.8 if part.whole else 0.1  # a part of a table explains less than the table
        score += whole + 0.4 * max(one.strength for one in group)
    elif excl and vat:
        group = _partial(tables, excl, vat) if adds_up else ()
        score += 0.3 if group else 0.6 if taxes.rate_of(excl.value, vat.value) else 0.0
    if excl and excl.value in lines:
        score += 0.6
    elif incl and incl.value in lines:
        score += 0.3
    return Sums(excl, vat, incl, score, group, adds_up)


def _addition(excl: Option, vat: Option, incl: Option, *, told: bool) -> float:
    """What HT + TVA = TTC is worth, or costs when it does not hold.

    ``told``: a whole VAT table says the same, so that HT need not be printed.
    """
    gap = abs(excl.value + vat.value - incl.value)
    if gap > Decimal("0.02"):
        return -2.5
    score = 2.0 if gap == 0 else 1.2
    if vat.score < 0.3 and taxes.rate_of(excl.value, vat.value) is None:
        score -= 1.2  # any two amounts and their sum add up
    if incl.number is None or (excl.number is None and not told):
        score -= 1.0  # adding up what one computed proves nothing
    return score


def _nonsense(excl: Option | None, vat: Option | None, incl: Option | None) -> float:
    """What no invoice says: a tax above any rate, a total above the total with tax."""
    cost = 0.0
    if excl and vat and vat.value > excl.value * Decimal("0.3"):
        cost += 3.0
    if (excl and incl and excl.value > incl.value) or (
        vat and incl and vat.value >= incl.value > 0
    ):
        cost += 3.0
    return cost


def _without_tax(excl: Option, incl: Option, printed: dict[Decimal, Number]) -> float:
    gap = incl.value - excl.value
    if gap == 0:
        return 0.5
    if gap < 0 or gap > excl.value * Decimal("0.3"):
        return -1.0
    return 0.9 if taxes.rate_of(excl.value, gap) is not None else 0.3 if gap in printed else -0.2


def _without_base(vat: Option, incl: Option, printed: dict[Decimal, Number]) -> float:
    base = incl.value - vat.value
    if base <= 0:
        return -1.0
    rate = taxes.rate_of(base, vat.value)
    # HT taken for TTC gives 25 % whenever the rate is 20 %: that alone proves nothing.
    known = rate is not None and (rate != _TRAP or base in printed)
    return (0.7 if known else 0.0) + (0.4 if base in printed else 0.0)


def _matching(
    tables: Sequence[taxes.Table], excl: Option | None, vat: Option | None, incl: Option | None
) -> Part | None:
    """The breakdown that adds up to these totals; the strongest where several do."""
    if sum(one is not None for one in (excl, vat, incl)) < _PROVING:
        return None
    fitting = (
        next((part for part in table if _fits(part, excl, vat, incl)), None) for table in tables
    )
    return max(filter(None, fitting), key=lambda one: one.looks, default=None)


def _partial(tables: Sequence[taxes.Table], excl: Option, vat: Option) -> tuple[TaxRow, ...]:
    """A breakdown of the whole tax on a part of the base: the rest is not taxed."""
    for table in tables:
        whole = table[0]
        if whole.tax == vat.value > 0 and whole.base < excl.value:
            return whole.rows
    return ()


def _fits(part: Part, excl: Option | None, vat: Option | None, incl: Option | None) -> bool:
    if excl is not None and abs(part.base - excl.value) > part.slack:
        return False
    if vat is not None and abs(part.tax - vat.value) > part.slack:
        return False
    return incl is None or abs(part.base + part.tax - incl.value) <= part.slack


def read(
    reader: Reader, sums: Sums, found: Sequence[Evidence], *, untaxed: bool = False
) -> dict[str, Reading]:
    """The totals as fields: printed ones with their place, computed ones as a rule.

    ``untaxed``: the page says why there is no VAT, so one total is HT and TTC.
    """
    fields: dict[str, Reading] = {}
    excl, vat, incl = sums.excl, sums.vat, sums.incl
    sure = _confidence(sums)
    lone = excl or incl
    if untaxed and lone is not None and vat is None and (excl is None or incl is None):
        excl, vat = excl or Option(lone.value, 0.3), Option(Decimal("0.00"), 0.3)
        incl = incl or Option(lone.value, 0.3)
        sure = max(sure, 0.9 if lone.score >= 0.7 else 0.7)
    if excl and incl and vat is None:
        gap = incl.value - excl.value
        vat = Option(gap, 0.3) if gap >= 0 else None
    if excl is None and incl and vat:
        excl = Option(incl.value - vat.value, 0.3)
    if incl is None and excl and vat:
        incl = Option(excl.value + vat.value, 0.3)
    for name, option, rule in (
        ("total_excl_vat", excl, "total.difference"),
        ("total_vat", vat, "total.difference"),
        ("total_incl_vat", incl, "total.sum"),
    ):
        if option is not None:
            fields[name] = reading(reader, option, sure, rule)
    return fields


def _confidence(sums: Sums) -> float:
    labelled = sum(
        one is not None and one.score >= 0.5 for one in (sums.excl, sums.vat, sums.incl)
    )
    if sums.adds_up:
        return 0.985 if labelled == 3 or sums.breakdown else 0.95 if labelled == 2 else 0.7
    given = [one.score for one in (sums.excl, sums.vat, sums.incl) if one is not None]
    if not given:
        return 0.0
    if len(given) == 2 and sums.breakdown:
        return 0.93
    if len(given) == 2:
        return 0.88 if sums.score >= sum(given) + 0.5 else 0.6
    return min(0.75, 0.75 * given[0])


def reading(reader: Reader, option: Option, confidence: float, rule: str) -> Reading:
    """An amount as a field: where it is printed, or the rule that computed it."""
    if option.number is not None:
        return reader.reading(option.value, option.number.spot, confidence)
    return Reading(
        value=option.value,
        provenance=Provenance(origin=Origin.RULE, path=rule),
        confidence=round(min(confidence, 0.9), 3),
    )
