"""A till's daily totals (the « Z ») from a spreadsheet: one row a day, category and VAT rate.

The road of every list (lists.py): a model, a rehearsal that writes nothing, the rows to correct in
a file of their own. The rows of one day and category make one total, which takes the place of what
was kept of that day and category: a file that was corrected is imported again as it is.

Sources: annex 6 of the DGFiP's specifications, TG-31 (TT-77 to TT-88); G1.24 for the rates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from facteur.domain import typed
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.ereporting import filings as rules
from facteur.domain.ereporting import succession
from facteur.domain.ereporting.blocks import Category, DayRate
from facteur.domain.ereporting.building import TillDay
from facteur.domain.ereporting.filings import DRAFTS
from facteur.domain.faults import Fault
from facteur.domain.lifecycle.fold import tidy
from facteur.domain.money import bearable, cents
from facteur.formats.spreadsheet import Column
from facteur.ports import Context, UploadForm
from facteur.services import lists
from facteur.services.ereporting import periods
from facteur.services.journalling import entry_by
from facteur.services.lists import Outcome
from facteur.services.sent_files import Back

MOST_ROWS = 1_000
SHOWN = timedelta(days=100)
#: VAT rates in force in France, overseas departments and Corsica included (CGI 278 to 297).
RATES = tuple(
    Decimal(one) for one in ("20", "10", "8.5", "5.5", "2.1", "1.75", "1.05", "0.9", "0")
)
_CATEGORIES = {
    **{one.value: one for one in Category},
    "BIENS": Category.GOODS,
    "SERVICES": Category.SERVICES,
}

SHEET = lists.Sheet(
    title="Caisse",
    columns={
        "day": Column(head="DATE", note="Jour du ticket Z : 04/09/2027."),
        "category": Column(
            head="CATÉGORIE",
            choices=tuple(one.value for one in Category),
            note="TLB1 : biens. TPS1 : services. TNT1 : non soumis en France. TMA1 : marge.",
        ),
        "rate": Column(head="TAUX", note="En pour cent : 20, 10, 5,5, 0…"),
        "base": Column(head="TOTAL HT", note="Négatif si les retours dépassent les ventes."),
        "tax": Column(head="TVA", note="En euros."),
        "count": Column(head="NOMBRE D’OPÉRATIONS", width=24, note="Peut rester vide."),
    },
    example={
        "day": "EXEMPLE 04/09/2027", "category": "TLB1", "rate": "20", "base": "500,00",
        "tax": "100,00", "count": "12",
    },
    mark="day",
    required="day",
    most=MOST_ROWS,
    heads={"JOUR": "day", "HT": "base", "BASE": "base", "NOMBRE": "count", "TAUX DE TVA": "rate"},
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of an import: its place in the file, what it does, what is wrong with it."""

    place: int
    outcome: Outcome
    values: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    day: date | None = None
    category: Category | None = None
    rate: DayRate | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What an import would do: its rows, and the totals that they make."""

    lines: tuple[Line, ...]
    days: tuple[TillDay, ...] = field(default=())  # those that change something

    def count(self, outcome: str) -> int:
        """How many rows have this outcome."""
        return sum(one.outcome == outcome for one in self.lines)


def template(caller: Caller, context: Context) -> str:
    """A link to the import's model (lists.template)."""
    caller.require(Permission.READ)
    return lists.template(SHEET, lists.of_dossier(caller.dossier), context)


def import_form(caller: Caller, context: Context, *, back: Back) -> UploadForm:
    """The presigned form for a file to import; ``back``: the page that rehearses it by name."""
    caller.require(Permission.EXPORT)
    return lists.import_form(lists.of_dossier(caller.dossier), context, back=back)


def kept(caller: Caller, context: Context) -> tuple[TillDay, ...]:
    """The totals of the last months, newest first."""
    caller.require(Permission.READ)
    day = periods.today(context)
    return tuple(reversed(context.ereporting.till(caller.dossier, day - SHOWN, day)))


def forget(caller: Caller, day: date, category: Category, context: Context) -> None:
    """Take away the total of a day and category."""
    caller.require(Permission.EXPORT)
    context.ereporting.forget_till(caller.dossier, TillDay(day=day, category=category, rates=()))
    _look(caller, context)


def rehearse(caller: Caller, name: str, context: Context) -> Rehearsal:
    """What importing an uploaded file would do; nothing is written. Raises as lists.rows."""
    caller.require(Permission.EXPORT)
    found = lists.rows(SHEET, lists.of_dossier(caller.dossier), name, context)
    today = periods.today(context)
    seen: dict[tuple[date, Category, Decimal], int] = {}
    lines = _held_back([_line(place, values, seen, today) for place, values in found])
    wanted = _totals(lines)
    if not wanted:
        return Rehearsal(lines=tuple(lines))
    first, last = min(one.day for one in wanted), max(one.day for one in wanted)
    held = {
        (one.day, one.category): one
        for one in context.ereporting.till(caller.dossier, first, last)
    }
    outcomes = {
        (one.day, one.category): _outcome(one, held.get((one.day, one.category))) for one in wanted
    }
    told = tuple(_told(one, outcomes) for one in lines)
    changing = tuple(
        one for one in wanted if outcomes[one.day, one.category] is not Outcome.UNCHANGED
    )
    return Rehearsal(lines=told, days=changing)


def _held_back(lines: Sequence[Line]) -> list[Line]:
    """A total with a wrong row is left whole: a part must not take the place of all of it."""
    wrong = {(one.day, one.category) for one in lines if one.faults and one.day and one.category}
    partial = (Fault(code="till.partial"),)
    return [
        replace(one, outcome=Outcome.ERROR, faults=partial, rate=None)
        if not one.faults and (one.day, one.category) in wrong
        else one
        for one in lines
    ]


def _told(line: Line, outcomes: Mapping[tuple[date, Category], Outcome]) -> Line:
    if line.day is None or line.category is None or line.faults:
        return line
    return replace(line, outcome=outcomes[line.day, line.category])


def _outcome(wanted: TillDay, held: TillDay | None) -> Outcome:
    if held is None:
        return Outcome.CREATED
    return Outcome.UNCHANGED if held == wanted else Outcome.CHANGED


def _line(
    place: int,
    values: Mapping[str, str],
    seen: dict[tuple[date, Category, Decimal], int],
    today: date,
) -> Line:
    """One row, checked. ``seen``: what the rows above tell."""
    faults: list[Fault] = []
    day = typed.day(values.get("day", "")[:30].removesuffix(" 00:00:00"))
    if day is None:
        faults.append(Fault(code="till.day", path="day"))
    elif day > today:
        faults.append(Fault(code="till.future", path="day"))
    category = _CATEGORIES.get(values.get("category", "").strip().upper())
    if category is None:
        faults.append(Fault(code="till.category", path="category"))
    rate = typed.amount(values.get("rate", "")[:20])
    rate = None if rate is None else tidy(rate)
    if rate not in RATES:
        faults.append(Fault(code="till.rate", path="rate"))
    base = _amount(values, "base", faults)
    tax = _amount(values, "tax", faults)
    count = _count(values, faults)
    if base is not None and tax is not None and rate in RATES and rate is not None:
        expected = cents(base * rate / 100)
        if abs(tax - expected) > max(Decimal("0.05"), abs(expected) / 100):
            told = {"found": str(tax), "expected": str(expected)}
            faults.append(Fault(code="till.tax", path="tax", values=told))
    if day and category and rate is not None:
        before = seen.setdefault((day, category, rate), place)
        if before != place:
            faults.append(Fault(code="till.twice", values={"row": str(before)}))
    if faults or day is None or rate is None or base is None or tax is None:
        return Line(
            place=place,
            outcome=Outcome.ERROR,
            values=values,
            faults=tuple(faults),
            day=day,
            category=category,
        )
    return Line(
        place=place,
        outcome=Outcome.CREATED,
        values=values,
        day=day,
        category=category,
        rate=DayRate(rate=rate, base=base, tax_eur=tax),
        count=count,
    )


def _amount(values: Mapping[str, str], name: str, faults: list[Fault]) -> Decimal | None:
    text = values.get(name, "")
    found = typed.amount(text[:40])
    if found is None or not bearable(found):
        faults.append(Fault(code="till.amount", path=name, values={"value": text[:40]}))
        return None
    return cents(found)


def _count(values: Mapping[str, str], faults: list[Fault]) -> int | None:
    text = values.get("count", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        faults.append(Fault(code="till.count", path="count"))
        return None
    return int(text)


def _totals(lines: Sequence[Line]) -> list[TillDay]:
    """The right rows as totals, by day and category."""
    groups: dict[tuple[date, Category], list[Line]] = {}
    for one in lines:
        if one.day and one.category and one.rate:
            groups.setdefault((one.day, one.category), []).append(one)
    found = []
    for (day, category), rows in sorted(groups.items()):
        rates = tuple(sorted((one.rate for one in rows if one.rate), key=lambda one: one.rate))
        counts = [one.count for one in rows]
        known = [one for one in counts if one is not None]
        count = sum(known) if len(known) == len(counts) else None
        found.append(TillDay(day=day, category=category, rates=rates, count=count))
    return found


def errors_file(
    caller: Caller, rehearsal: Rehearsal, texts: Sequence[str], context: Context
) -> str:
    """A link to the rows with faults, each with its text, to be corrected and imported again."""
    caller.require(Permission.EXPORT)
    wrong = [one.values for one in rehearsal.lines if one.outcome is Outcome.ERROR]
    bad = list(zip(wrong, texts, strict=True))
    return lists.errors_file(SHEET, lists.of_dossier(caller.dossier), bad, context)


def import_file(caller: Caller, name: str, context: Context) -> Rehearsal:
    """Keep the totals that the rehearsal showed; what was prepared of their periods is made
    anew, what was declared is looked at again."""
    done = rehearse(caller, name, context)
    if done.days:
        context.ereporting.save_till(caller.dossier, done.days)
        told = {"days": str(len(done.days))}
        context.journal.add((entry_by(caller, "ereporting.till", told, context),))
        _look(caller, context)
    return done


def _look(caller: Caller, context: Context) -> None:
    """Drafts made anew and declared periods looked at: the pipeline's, one command."""
    for one in succession.latest(context.ereporting.filings(caller.dossier)).values():
        running = not rules.over(one.series, periods.today(context))
        if one.state in DRAFTS and running and not one.received:
            periods.ask(one.series, caller.dossier, context, by=caller.user)
    periods.look_again(caller, context)
