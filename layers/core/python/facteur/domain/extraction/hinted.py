"""After the reading: what was learnt about a supplier fills or replaces fields (hints.py).

A hint speaks only where the page bears it out: its label stands there, as many values beside it as
when it was learnt, of the same shape. It replaces what the reading gave where the reading was not
sure, or where a person once corrected such a mistake; else it keeps silent. Its values carry the
origin "hint" and its identifier; again.py says which are sure before a document confirmed them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise

from facteur.domain.candidate import (
    FIELDS,
    Candidate,
    Origin,
    Provenance,
    Reading,
    VatRow,
    type_of_value,
)
from facteur.domain.duplicates import plain as bare
from facteur.domain.extraction import again, links
from facteur.domain.extraction.lines import Row, Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.hints import Hint, Way, due_by
from facteur.domain.money import cents
from facteur.domain.pages import PageSet

CONFIRMED, LEARNT = 0.95, 0.8
ROWS_UNDER = 4
_NEAR = 0.03  # of the page: how far a PLACE may have moved
_MOST_MATCHES = 40
_MISREAD_PAGES = 2  # from the first: where a misread label is worth looking for
_PUNCTUATION = " :.,;°#*=|-–>/()"
_MARKED = ("siren", "siret", "vat")


@dataclass(frozen=True)
class Found:
    """A value on a row, and where."""

    value: type_of_value
    spot: Spot


def apply(
    pages: PageSet, candidate: Candidate, hints: Sequence[Hint], *, origin: Origin
) -> Candidate:
    """The candidate with what the hints of its supplier say; itself without hints or words."""
    if not hints or not pages.has_text:
        return candidate
    reader = Reader.of(pages, origin)
    fields = dict(candidate.fields)
    for hint in sorted(hints, key=lambda one: (_stage(one), not one.sure, -one.confirmed)):
        held = fields.get(hint.field)
        if held is not None and held.provenance.origin is Origin.HINT and held.confidence > 0:
            continue  # a surer hint spoke already
        if hint.way is Way.NOT:
            if held is not None and _stands_by(reader, hint, held):
                del fields[hint.field]
            continue
        reading = _said(reader, hint, fields)
        weighed = None if reading is None else _weighed(hint, held, reading)
        if weighed is not None:
            fields[hint.field] = weighed
    if candidate.kind == "other":
        enough = "number" in fields and ("total_incl_vat" in fields or "amount_due" in fields)
        if not enough:
            return candidate
        return Candidate(fields=_completed(fields), kind="invoice")
    return Candidate(fields=fields, kind=candidate.kind)


def used(candidate: Candidate) -> dict[str, Reading]:
    """The readings that hints gave, by the hint's identifier."""
    return {
        one.provenance.path: one
        for one in candidate.fields.values()
        if one.provenance.origin is Origin.HINT
    }


def _stage(hint: Hint) -> int:
    """What follows from other fields comes after them."""
    return {Way.NOT: 0, Way.TERM: 2, Way.SAME: 2, Way.RATE: 3}.get(hint.way, 1)


def _completed(fields: dict[str, Reading]) -> dict[str, Reading]:
    """A document that only hints could read is an invoice in euros unless they said otherwise."""
    rule = Provenance(origin=Origin.RULE, path="type.default")
    for name, value in (("type", "invoice"), ("currency", "EUR")):
        fields.setdefault(name, Reading(value=value, provenance=rule, confidence=0.6))
    return fields


def _counts(hint: Hint, held: Reading | None, said: Reading) -> bool:
    """True when what a hint says replaces what was read."""
    if held is None:
        return True
    if _same(held.value, said.value):
        return not held.sure and said.sure  # it confirms, and makes sure
    if hint.field.startswith("buyer_"):
        return False  # an invoice addressed to somebody else must be seen
    if not held.sure:
        return True
    if hint.way is Way.ALWAYS or hint.way is Way.WORDS:
        return bool(hint.instead) and bare(str(held.value)) == hint.instead
    return bool(hint.instead)


def _weighed(hint: Hint, held: Reading | None, said: Reading) -> Reading | None:
    """What a field becomes when a hint speaks, None for what it was.

    Of a sure reading and a sure hint that differ, the hint's value, for a person to check.
    """
    if _counts(hint, held, said):
        return said
    if held is None or _same(held.value, said.value) or hint.field not in again.FIELDS:
        return None
    return replace(said, confidence=LEARNT) if said.sure else None


def _same(one: type_of_value, other: type_of_value) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return bare(one) == bare(other)
    return one == other


def _said(reader: Reader, hint: Hint, fields: dict[str, Reading]) -> Reading | None:
    """What a hint says of this document, None when it says nothing."""
    match hint.way:
        case Way.BESIDE | Way.UNDER:
            found = seated(reader, hint)
        case Way.PLACE:
            found = placed(reader, hint)
        case Way.WORDS:
            spot = next(iter(occurrences(reader, hint.label)), None)
            found = None if spot is None else Found(hint.value, spot)
        case _:
            return _worked_out(hint, fields)
    if found is None:
        return None
    reading = _reading(hint, found.value, found.spot)
    if not hint.sure and again.found(reader, hint, found.spot):
        return replace(reading, confidence=again.SURE)
    return reading


def _reading(hint: Hint, value: type_of_value, spot: Spot | None) -> Reading:
    page, box, text = 0, None, ""
    if spot is not None:
        page, box, text = spot.page, spot.box, spot.text.strip()
    proof = Provenance(origin=Origin.HINT, path=hint.id, page=page, box=box, text=text)
    return Reading(value=value, provenance=proof, confidence=CONFIRMED if hint.sure else LEARNT)


def _worked_out(hint: Hint, fields: dict[str, Reading]) -> Reading | None:
    """What follows from the supplier or from other fields, wherever the page prints it."""
    if hint.way is Way.ALWAYS:
        said = _reading(hint, hint.value, None)
        own = again.identified(hint, fields)
        return replace(said, confidence=max(said.confidence, again.SURE)) if own else said
    if hint.way is Way.TERM:
        issued = fields.get("issue_date")
        day = None if issued is None else issued.value
        if day is None or isinstance(day, str | Decimal | tuple):
            return None
        return _reading(hint, due_by(hint, day), None)
    if hint.way is Way.SAME:
        other = fields.get(hint.value)
        return None if other is None else _reading(hint, other.value, None)
    if hint.way is Way.RATE:
        return _one_rate(hint, fields)
    return None


def _one_rate(hint: Hint, fields: dict[str, Reading]) -> Reading | None:
    """The VAT table of a supplier with one rate, when the totals bear it out to two cents."""
    base, tax = (_amount(fields, name) for name in ("total_excl_vat", "total_vat"))
    try:
        rate = Decimal(hint.value)
    except InvalidOperation:
        return None
    if base is None or tax is None or abs(cents(base * rate / 100) - tax) > Decimal("0.02"):
        return None
    return _reading(hint, (VatRow(rate=rate, base=base, tax=tax),), None)


def _amount(fields: dict[str, Reading], name: str) -> Decimal | None:
    value = fields[name].value if name in fields else None
    return value if isinstance(value, Decimal) else None


def _stands_by(reader: Reader, hint: Hint, held: Reading) -> bool:
    """True when a value that was read stands by the label that a NOT hint names."""
    printed = bare(held.provenance.text or str(held.value))
    for label in occurrences(reader, hint.label):
        near = [Spot(label.row, label.end, len(label.row.text))]
        near += [cell for row in reader.text.below(label.row, 2) for cell in row.cells
                 if links.under(reader.text, label, cell) > 0]  # fmt: skip
        if any(printed and printed in bare(one.text) for one in near):
            return True
    return False


# ── Labels and what stands by them (extraction/taught.py uses the same) ─────────────────────────


@lru_cache(maxsize=4096)
def squeezed(text: str) -> tuple[str, tuple[int, ...]]:
    """Letters and digits of a plain text, and where each stands in it."""
    kept = [(sign, at) for at, sign in enumerate(text) if sign.isalnum()]
    return "".join(sign for sign, _ in kept), tuple(at for _, at in kept)


def occurrences(reader: Reader, label: str) -> list[Spot]:
    """Where a label is printed, spaces and punctuation aside; OCR may have misread a letter."""
    wanted, _ = squeezed(label)
    if len(wanted) < 2:
        return []
    found: list[Spot] = []
    last = reader.text.rows[-1].page if reader.text.rows else 0
    for row in reader.text.rows:
        signs, places = squeezed(row.plain)
        edge = row.page <= _MISREAD_PAGES or row.page == last
        for start in _starts(signs, wanted, askew=reader.ocr and edge):
            spot = Spot(row, places[start], places[start + len(wanted) - 1] + 1)
            if _whole(row, spot):
                found.append(spot)
        if len(found) >= _MOST_MATCHES:
            break
    return found


def _starts(signs: str, wanted: str, *, askew: bool) -> Iterator[int]:
    start = signs.find(wanted)
    if start >= 0:
        while start >= 0:
            yield start
            start = signs.find(wanted, start + len(wanted))
        return
    allowed = len(wanted) // 7
    if not askew or not allowed:
        return
    for start in range(len(signs) - len(wanted) + 1):
        wrong = 0
        for at, sign in enumerate(wanted):
            wrong += signs[start + at] != sign
            if wrong > allowed:
                break
        else:
            yield start
            return


def _whole(row: Row, spot: Spot) -> bool:
    """True when the label is not a part of a longer word."""
    before = row.plain[spot.start - 1] if spot.start else " "
    after = row.plain[spot.end] if spot.end < len(row.plain) else " "
    return not (before.isalpha() or (after.isalpha() and row.plain[spot.end - 1].isalpha()))


def values(reader: Reader, field: str, row: Row, start: int, shape: str = "") -> list[Found]:
    """The values of a field's kind on a row from an offset on, from left to right."""
    kind = FIELDS[field]
    if kind == "date":
        dated = reader.dates_by_row.get(row.number, [])
        return [Found(one.day, one.spot) for one in dated if one.spot.start >= start]
    if kind == "amount":
        return [
            Found(abs(one.value) if field != "rounding" else one.value, one.spot)
            for one in reader.numbers_by_row.get(row.number, [])
            if one.spot.start >= start and not one.percent
        ]
    if kind in _MARKED:
        return [
            Found(one.value[:9] if kind == "siren" else one.value, one.spot)
            for one in reader.marks_on.get(row.number, [])
            if one.spot.start >= start and one.kind in (kind, "siret" if kind == "siren" else kind)
        ]
    return [found for spot in pieces(row, start) if (found := _text(spot, shape)) is not None]


def pieces(row: Row, start: int) -> Iterator[Spot]:
    """The cells of a row from an offset on, the first one cut there, without punctuation."""
    for cell in row.cells:
        if cell.end <= start:
            continue
        begin, end = max(cell.start, start), cell.end
        while begin < end and row.plain[begin] in _PUNCTUATION:
            begin += 1
        while end > begin and row.plain[end - 1] in " :;,|":
            end -= 1
        if begin < end:
            yield Spot(row, begin, end)


def _text(spot: Spot, shape: str) -> Found | None:
    if not shape:
        return Found(_tidy(spot.text), spot)
    match = re.match(shape, spot.plain)
    if match is None or not match[0].strip():
        return None
    kept = Spot(spot.row, spot.start, spot.start + match.end())
    return Found(_tidy(kept.text), kept)


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def beside(reader: Reader, hint: Hint) -> Iterator[list[Found]]:
    """The values at the right of each occurrence of the label, where there are some."""
    for label in occurrences(reader, hint.label):
        found = values(reader, hint.field, label.row, label.end, hint.shape)
        if found:
            yield found


def under(reader: Reader, hint: Hint) -> Iterator[list[Found]]:
    """The first value under each occurrence of the label, where there is one."""
    for label in occurrences(reader, hint.label):
        cell = label.row.cell_at(label.start)
        for row in reader.text.below(label.row, ROWS_UNDER):
            found = [
                one
                for one in values(reader, hint.field, row, 0, hint.shape)
                if links.under(reader.text, cell, one.spot, most=6.0) > 0
            ]
            if found:
                yield found[:1]
                break


def seated(reader: Reader, hint: Hint) -> Found | None:
    """The value by the label, where the document has as many such places as the one it taught.

    With more or fewer of them, only places that agree are believed.
    """
    rows = list((beside if hint.way is Way.BESIDE else under)(reader, hint))
    rows = [found for found in rows if hint.way is Way.UNDER or len(found) == hint.of]
    if not rows:
        return None
    if len(rows) == hint.seats:
        return rows[hint.seat][hint.nth]
    said = [found[hint.nth] for found in rows]
    agreed = all(_same(one.value, other.value) for one, other in pairwise(said))
    return said[0] if agreed else None


def placed(reader: Reader, hint: Hint) -> Found | None:
    """The value at the learnt distance from the words that stand near it on every page."""
    for anchor in occurrences(reader, hint.label):
        sheet = reader.text.sheet(anchor.page)
        left, top = anchor.x0 / sheet.width + hint.dx, anchor.y0 / sheet.height + hint.dy
        best: tuple[float, Found] | None = None
        for row in sheet.rows:
            if abs(row.y0 / sheet.height - top) > _NEAR:
                continue
            for one in values(reader, hint.field, row, 0, hint.shape):
                away = abs(one.spot.x0 / sheet.width - left) + abs(row.y0 / sheet.height - top)
                if away <= 2 * _NEAR and (best is None or away < best[0]):
                    best = away, one
        if best is not None:
            return best[1]
    return None
