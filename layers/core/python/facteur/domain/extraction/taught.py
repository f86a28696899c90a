"""What a corrected document teaches about its supplier's pages: from fields to hints (hints.py).

Called once a person has accepted the document. Its pages are read again without any hint: what
the person changed, added, confirmed or removed is looked up there, with the label beside or above
it. Where the page does not print the value, it may follow from another field (a payment term, one
VAT rate, an amount equal to another), or be the supplier's own (name, SIREN). What is none of
these teaches nothing: no hint is better than a wrong one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from facteur.domain.candidate import FIELDS, Candidate, Origin, Reading, VatRow, type_of_value
from facteur.domain.duplicates import plain as bare
from facteur.domain.extraction import again, hinted, links
from facteur.domain.extraction.hinted import Found
from facteur.domain.extraction.lines import Row, Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.hints import NEVER, Hint, Way, term_of
from facteur.domain.pages import PageSet
from facteur.domain.plain import plain as flat

_LONGEST_LABEL = 6  # words
_MOST_HINTS = 2  # per field
_MOST_SPOTS = 8  # looked at from each end of the document
_MONTH_END = re.compile(r"fin (?:de|du) mois|\bfdm\b|end of (?:the )?month|monatsende")
_DAYS = re.compile(r"(?<!\d)(\d{1,2}) ?(?:j\b|jours|days|tage)")
_EQUALS = ("total_incl_vat", "amount_due", "total_excl_vat")
_ALWAYS = ("seller_", "buyer_", "currency")
_PHRASES = ("payment_terms", "exemption_reason")

New = Callable[[], str]


@dataclass(frozen=True)
class Lesson:
    """A field that a person touched: what it is, and what the reading had given."""

    field: str
    value: type_of_value | None  # None: removed
    read: Reading | None


def lessons(accepted: Candidate, read: Candidate) -> tuple[Lesson, ...]:
    """The fields where a person had a say: changed, added or confirmed, and those removed."""
    found = [
        Lesson(name, one.value, read.fields.get(name))
        for name, one in accepted.fields.items()
        if one.provenance.origin is Origin.USER and name not in NEVER
    ]
    found += [
        Lesson(name, None, one)
        for name, one in read.fields.items()
        if name not in accepted.fields and name not in NEVER
    ]
    return tuple(found)


def teach(
    pages: PageSet, accepted: Candidate, read: Candidate, *, origin: Origin, new: New
) -> tuple[Hint, ...]:
    """The hints that a corrected and accepted document teaches; ``new`` names each.

    ``read`` is what these pages give without any hint.
    """
    reader = Reader.of(pages, origin)
    found: list[Hint] = []
    for lesson in lessons(accepted, read):
        for hint in _hints(reader, lesson, accepted):
            found.append(replace(hint, id=new(), instead=_instead(lesson)))
    return tuple(found)


def _instead(lesson: Lesson) -> str:
    """What the reading wrongly gave, "" when it gave nothing, or this very value."""
    if lesson.read is None or lesson.value is None or lesson.read.value == lesson.value:
        return ""
    wrong = bare(str(lesson.read.value))
    return "" if wrong == bare(str(lesson.value)) else wrong


def _hints(reader: Reader, lesson: Lesson, accepted: Candidate) -> list[Hint]:
    name, value = lesson.field, lesson.value
    if value is None:
        return _removed(reader, lesson)
    if name == "type":
        return _title(reader, str(value))
    if name.startswith(_ALWAYS):
        return [Hint(id="", field=name, way=Way.ALWAYS, value=str(value))]
    if name == "vat_breakdown":
        return _rate(value, accepted)
    if name in _PHRASES:
        return _phrase(reader, name, str(value))
    spots = _few(list(_printed(reader, name, value)))
    hints = _by_label(reader, name, spots)
    return hints or _derived(reader, name, value, accepted) or _by_place(reader, name, spots)


def _few(spots: list[Found]) -> list[Found]:
    """The first and the last places: a value printed five hundred times is no better known."""
    return spots if len(spots) <= 2 * _MOST_SPOTS else spots[:_MOST_SPOTS] + spots[-_MOST_SPOTS:]


# ── Where the page prints it ────────────────────────────────────────────────────────────────────


def _printed(reader: Reader, name: str, value: type_of_value) -> Iterator[Found]:
    """The places that print a value."""
    kind = FIELDS[name]
    for row in reader.text.rows:
        if kind in ("date", "amount", "siren", "siret", "vat"):
            wanted = abs(value) if isinstance(value, Decimal) else value
            if name == "rounding":
                wanted = value
            yield from (one for one in hinted.values(reader, name, row, 0) if one.value == wanted)
        else:
            yield from _text(row, str(value))


def _text(row: Row, value: str) -> Iterator[Found]:
    """A text on a row, spaces aside: as a whole word, or as several."""
    wanted, _ = hinted.squeezed(flat(value))
    signs, places = hinted.squeezed(row.plain)
    start = signs.find(wanted) if wanted else -1
    while start >= 0:
        spot = Spot(row, places[start], places[start + len(wanted) - 1] + 1)
        left = row.plain[spot.start - 1] if spot.start else " "
        right = row.plain[spot.end] if spot.end < len(row.plain) else " "
        if not left.isalnum() and not right.isalnum():
            yield Found(value, spot)
        start = signs.find(wanted, start + 1)


# ── Labels ──────────────────────────────────────────────────────────────────────────────────────


def _by_label(reader: Reader, name: str, spots: list[Found]) -> list[Hint]:
    """The best hints by a label, each proved: it finds this very value on this very document."""
    scored: list[tuple[float, Hint]] = []
    for at, found in enumerate(spots):
        late = 0.02 * at if FIELDS[name] == "amount" else -0.02 * at  # totals come last
        for score, hint in (*_beside(reader, name, found), *_under(reader, name, found)):
            seat = _seat(reader, hint, found)
            if seat is not None:
                alone = 0.2 if seat.seats == 1 else 0.0
                scored.append((score + late + alone, seat))
    scored.sort(key=lambda one: -one[0])
    kept: list[Hint] = []
    for _score, hint in scored:
        if not any(one.same_as(hint) or one.way is hint.way for one in kept):
            kept.append(hint)
    return kept[:_MOST_HINTS]


def _seat(reader: Reader, hint: Hint, found: Found) -> Hint | None:
    """The hint with its place among those like it; None when it would not find the value."""
    places = list((hinted.beside if hint.way is Way.BESIDE else hinted.under)(reader, hint))
    if hint.way is Way.BESIDE:
        places = [row for row in places if len(row) == hint.of]
    for seat, row in enumerate(places):
        one = row[hint.nth] if hint.nth < len(row) else None
        if one is not None and one.spot.row is found.spot.row and _covers(one.spot, found.spot):
            where = again.place_of(reader, found.spot)
            return replace(hint, seat=seat, seats=len(places), at=where)
    return None


def _covers(one: Spot, other: Spot) -> bool:
    return one.start <= other.start < one.end


def _beside(reader: Reader, name: str, found: Found) -> Iterator[tuple[float, Hint]]:
    """A label at the left: in the value's own cell, else the nearest cell that has letters."""
    row, start = found.spot.row, found.spot.start
    cell = row.cell_at(start)
    inside = _label(row, cell.start, start)
    label, score = inside, 1.0
    if label is None:
        before = [one for one in row.cells if one.end <= cell.start]
        for one in reversed(before):
            label = _label(row, one.start, one.end)
            if label is not None:
                score = 1.0 if one.text.rstrip().endswith(":") else 0.75
                break
            if FIELDS[name] != "amount" or any(sign.isalpha() for sign in one.plain):
                return
    if label is None:
        return
    shape = _shape(found) if _shaped(name) else ""
    on_row = hinted.values(reader, name, row, label.end, shape)
    nth = next((at for at, one in enumerate(on_row) if _covers(one.spot, found.spot)), None)
    if nth is not None:
        yield score, Hint(
            id="", field=name, way=Way.BESIDE, label=label.plain, printed=label.text.strip(),
            nth=nth, of=len(on_row), shape=shape,
        )  # fmt: skip


def _under(reader: Reader, name: str, found: Found) -> Iterator[tuple[float, Hint]]:
    """A label above: a cell of words on one of the rows over it."""
    spot = found.spot
    above = [row for row in reader.text.rows[: spot.row.number] if row.page == spot.page]
    for row in reversed(above[-hinted.ROWS_UNDER :]):
        for cell in row.cells:
            if links.under(reader.text, cell, spot, most=6.0) <= 0:
                continue
            label = _label(row, cell.start, cell.end)
            if label is None:
                return
            shape = _shape(found) if _shaped(name) else ""
            near = 0.85 if abs(cell.x0 - spot.x0) < spot.row.height else 0.7
            yield near, Hint(
                id="", field=name, way=Way.UNDER, label=label.plain,
                printed=label.text.strip(), shape=shape,
            )  # fmt: skip
            return


def _label(row: Row, start: int, end: int) -> Spot | None:
    """The last words without a digit between two offsets, None when there are no such letters."""
    text = row.plain[start:end]
    stripped = text.rstrip(" :.;,#°*=|-–>/(")
    words = list(re.finditer(r"\S+", stripped))[-_LONGEST_LABEL:]
    while words and any(any(s.isdigit() for s in word[0]) for word in words):
        words.pop(0)
    if not words:
        return None
    label = Spot(row, start + words[0].start(), start + len(stripped))
    return label if sum(sign.isalpha() for sign in label.plain) >= 2 else None


def _shaped(name: str) -> bool:
    """References have a shape; free text takes its whole cell."""
    return FIELDS[name] == "text"


def _shape(found: Found) -> str:
    """An expression for values like this one: letters, digits and signs where it has them."""
    made = ""
    for run in re.finditer(r"[a-z]+|\d+|\s+|[^a-z\d\s]", found.spot.plain):
        text = run[0]
        if text.isdigit():
            made += rf"\d{{{max(len(text) - 2, 1)},{len(text) + 3}}}"
        elif text.isspace():
            made += r"\s{1,2}"
        elif text.isalpha() and text.isascii():
            made += rf"[a-z]{{{max(len(text) - 1, 1)},{len(text) + 2}}}"
        else:
            made += re.escape(text)
    return made + r"(?![a-z\d])"


# ── Without a label ─────────────────────────────────────────────────────────────────────────────


def _by_place(reader: Reader, name: str, spots: list[Found]) -> list[Hint]:
    """The distance from the nearest words without digits, when they stand once on the document."""
    for found in spots:
        spot = found.spot
        sheet = reader.text.sheet(spot.page)
        near: list[tuple[float, Spot]] = []
        for row in sheet.rows:
            if abs(row.y0 - spot.y0) > 0.2 * sheet.height:
                continue
            for cell in row.cells:
                if cell.row is spot.row and _covers(cell, spot):
                    continue
                label = _label(row, cell.start, cell.end)
                if label is not None and len(label.plain) >= 5:
                    away = abs(label.x0 - spot.x0) / 3 + abs(label.y0 - spot.y0)
                    near.append((away, label))
        for _away, label in sorted(near, key=lambda one: one[0])[:6]:
            hint = Hint(
                id="", field=name, way=Way.PLACE, label=label.plain, printed=label.text.strip(),
                dx=round((spot.x0 - label.x0) / sheet.width, 4),
                dy=round((spot.y0 - label.y0) / sheet.height, 4),
                shape=_shape(found) if _shaped(name) else "",
            )  # fmt: skip
            said = hinted.placed(reader, hint)
            alone = len(hinted.occurrences(reader, label.plain)) == 1
            if alone and said is not None and _covers(said.spot, spot):
                return [hint]
    return []


def _derived(reader: Reader, name: str, value: type_of_value, accepted: Candidate) -> list[Hint]:
    """A term after the invoice's date, or an amount that is always another one."""
    issued = accepted.day("issue_date")
    if name == "due_date" and isinstance(value, date) and issued is not None:
        month_end = _MONTH_END.search(reader.text.plain) is not None
        said = [int(one) for one in _DAYS.findall(reader.text.plain)]
        term = term_of(issued, value, month_end=month_end, said=said)
        if term is None:
            return []
        days, ends, then = term
        return [Hint(id="", field=name, way=Way.TERM, days=days, month_end=ends, then=then)]
    if isinstance(value, Decimal) and name in _EQUALS:
        for other in _EQUALS:
            if other != name and accepted.amount(other) == value:
                return [Hint(id="", field=name, way=Way.SAME, value=other)]
    return []


def _rate(value: type_of_value, accepted: Candidate) -> list[Hint]:
    """One VAT rate, when the whole invoice has only that one."""
    rows = accepted.vat_rows
    if not isinstance(value, tuple) or len(rows) != 1:
        return []
    row: VatRow = rows[0]
    same = row.base == accepted.amount("total_excl_vat") and row.tax == accepted.amount(
        "total_vat"
    )
    if row.rate is None or row.category or not same:
        return []
    return [Hint(id="", field="vat_breakdown", way=Way.RATE, value=str(row.rate))]


def _title(reader: Reader, kind: str) -> list[Hint]:
    """The largest words of the top of the first page say what the document is."""
    sheet = reader.text.sheets[0]
    top = [row for row in sheet.rows if row.y0 < 0.45 * sheet.height]
    cells = [
        label
        for row in top
        for cell in row.cells
        if row.height >= 1.25 * sheet.size
        and (label := _label(row, cell.start, cell.end)) is not None
        and len(label.plain) >= 4
    ]
    if not cells:
        return []
    title = max(cells, key=lambda one: one.row.height)
    printed = title.text.strip()
    return [
        Hint(id="", field="type", way=Way.WORDS, label=title.plain, printed=printed, value=kind)
    ]


def _phrase(reader: Reader, name: str, value: str) -> list[Hint]:
    """A sentence that the page prints as it is: found again, it says the same."""
    for row in reader.text.rows:
        for found in _text(row, value):
            label = found.spot
            return [
                Hint(id="", field=name, way=Way.WORDS, label=label.plain,
                     printed=label.text.strip()[:80], value=value)
            ]  # fmt: skip
    return []


def _removed(reader: Reader, lesson: Lesson) -> list[Hint]:
    """What stands by the label of a value that a person removed is not that field."""
    if lesson.read is None or lesson.read.provenance.page == 0:
        return []
    printed = lesson.read.provenance.text or str(lesson.read.value)
    for row in reader.text.rows:
        for found in _text(row, printed):
            ways = (*_beside(reader, lesson.field, found), *_under(reader, lesson.field, found))
            for _score, hint in ways:
                return [replace(hint, way=Way.NOT, shape="", nth=0, of=1)]
    return []
