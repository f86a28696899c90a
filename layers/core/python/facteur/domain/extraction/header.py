"""The fields that stand beside a label: number, dates, references, period.

Every value on the page is first given to the label it belongs to best (links.py); a field then
takes its best value. So "date d'échéance" keeps the date of issue from taking its date, and a
label of something else ("date de livraison") keeps its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from facteur.domain.candidate import Reading
from facteur.domain.extraction import links, terms
from facteur.domain.extraction.dates import Dated
from facteur.domain.extraction.labels import Label
from facteur.domain.extraction.lines import Row, Spot
from facteur.domain.extraction.page import Reader

_DATES = (
    "issue_date",
    "due_date",
    "preceding_date",
    "period_start",
    "period_end",
    "period",
    "delivery_date",
    "_other",
)
_FIELDS = tuple(role for role in _DATES if role not in ("period", "_other"))
_NUMBERED = {"number": "issue_date", "preceding_invoice": "preceding_date"}
_TOKENS = ("number", "purchase_order", "contract", "preceding_invoice")
_MENDED = 0.8  # what a date is worth at most, between whose digits OCR lost a stroke
_JOINED = re.compile(
    r"^[^\w]*(?:du|le|vom|von|dated|of|from|issued (?:at|on)|en date du|/|-|date|datum)?[\s:.,-]*$"
)
_GRIDDED = 1.5  # what a bare title is worth over its own column
_TITLE = (0.5, 0.6)  # the weights of a bare title in labels.py, which says less than "n°"
_BARE = 0.45  # the weight of a bare "N°" in labels.py
_LEAD = re.compile(r"[\s:.#°*=\-]*")
_TOKEN = re.compile(r"[a-z\d](?:[\w/.\-+]*[\w])?(?:/\d+)*", re.IGNORECASE)
#: "471102vom 05.03.2018": OCR ties the word before a date to the number.
_TIED = re.compile(r"(?<=\d)(?:vom|du|le|dated|date|datum)$", re.IGNORECASE)
_ZERO = re.compile(r"(?<=\d)[Oo]+(?=\d|$)|(?<![^\W\d_])[Oo]+(?=\d{2})|(?<=[A-Z]{2})O(?=0\d)")
_ONE = re.compile(r"(?<=\d)[lI|](?=\d)")
_CAPITAL_I = re.compile(r"(?<=[A-Z])l(?=[A-Z\d-]|$)")
#: "108 367 910 62 du…": the next groups of a number typed with spaces, up to the cell's end.
_GROUPS = re.compile(r"(?: \d{1,4}){1,4}(?=$|   | (?:du|le|en date|-) )")
_PREFIX = re.compile(r"(?:[a-z]{1,4})[ ]?(?=\d)")


@dataclass(frozen=True)
class Claim:
    """A value that a label claims, and how strongly."""

    role: str
    score: float
    label: Label


def read(reader: Reader) -> dict[str, Reading]:
    """The header fields that could be read."""
    fields = _dates(reader)
    for role in _TOKENS:
        reading = _token(reader, role, fields)
        if reading is not None:
            fields[role] = reading
    said = terms.read(reader)
    if said is not None:
        fields["payment_terms"] = said
    return fields


def _dates(reader: Reader) -> dict[str, Reading]:
    claimed: dict[str, list[tuple[float, Dated]]] = {}
    free: list[Dated] = []
    for dated in reader.dates:
        claim = _claim(reader, dated)
        if claim is None:
            if not dated.compact:
                free.append(dated)
        else:
            claimed.setdefault(claim.role, []).append((claim.score, dated))
    fields: dict[str, Reading] = {}
    for role in _FIELDS:
        best = _best_date(claimed.get(role, []), latest=role == "due_date")
        if best is not None:
            fields[role] = _dated(reader, best[1], _sure(best[0]))
    if "period_start" not in fields:
        fields.update(_period(reader, claimed.get("period", [])))
    if "issue_date" not in fields:
        lone = _lone_date(reader, free, claimed)
        if lone is not None:
            fields["issue_date"] = lone
    return fields


def _sure(score: float) -> float:
    """The confidence of a score: measured on thousands of pages, labels err less than they say."""
    return 0.71 + 0.28 * score if score >= 0.5 else score


def _dated(reader: Reader, dated: Dated, sure: float) -> Reading:
    """A date as a field; one whose strokes OCR lost is for a person to see."""
    return reader.reading(dated.day, dated.spot, min(sure, _MENDED) if dated.mended else sure)


def _claim(reader: Reader, dated: Dated) -> Claim | None:
    """The label this date belongs to best."""
    best: Claim | None = None
    askew = reader.ocr and not _follows_a_label(reader, dated.spot)
    for label in _around(reader, dated.spot):
        score = links.right_of(label.spot, dated.spot, askew=askew)
        if score:
            same = reader.header_on.get(label.spot.row.number, [])
            others = [one.spot for one in same if one is not label and one.role in _DATES]
            if links.between(label.spot, dated.spot, others):
                continue
            role, weight = _role_beside(label, dated)
            score *= weight
        else:
            role, weight = label.role, 0.0 if label.role in _NUMBERED else label.weight
            score = links.under(reader.text, label.spot, dated.spot) * weight
        if dated.compact and weight < 0.7:
            continue
        score *= _MENDED if dated.mended else 1.0
        if score > 0 and (best is None or score > best.score):
            best = Claim(role, score, label)
    return best


def _follows_a_label(reader: Reader, spot: Spot) -> bool:
    """True for "Date   08/11/2026": on tight rows, the label of the next one is no rival."""
    row = spot.row
    labels = [one.spot for one in reader.header_on.get(row.number, []) if one.role in _DATES]
    return any(
        one.end <= spot.start and _JOINED.match(row.plain[one.end : spot.start]) for one in labels
    )


def _around(reader: Reader, spot: Spot) -> Iterator[Label]:
    """The labels that may claim a date: on its row, the seven above and the one below."""
    for place in range(spot.row.number - 7, spot.row.number + 2):
        for label in reader.header_on.get(place, []):
            if label.spot.page == spot.page and label.role in (*_DATES, *_NUMBERED):
                yield label


def _role_beside(label: Label, dated: Dated) -> tuple[str, float]:
    """A date after the invoice's number ("n° 562044387 du 02 juillet 2015") is its own date."""
    if label.role not in _NUMBERED:
        inside = label.spot.row.plain[label.spot.end : dated.spot.start]
        far = len(inside.strip(" :.-")) > 24
        return label.role, label.weight * (0.5 if far else 1.0)
    rest = label.spot.row.plain[label.spot.end : dated.spot.start]
    token = _TOKEN.search(rest)
    tail = rest[token.end() :] if token and any(s.isdigit() for s in token[0]) else rest
    return _NUMBERED[label.role], 0.93 if _JOINED.match(tail) else 0.0


def _best_date(claims: list[tuple[float, Dated]], *, latest: bool) -> tuple[float, Dated] | None:
    if not claims:
        return None
    agreed: dict[date, int] = {}
    for _, dated in claims:
        agreed[dated.day] = agreed.get(dated.day, 0) + 1
    ranked = sorted(
        ((score + 0.04 * (agreed[dated.day] - 1), dated) for score, dated in claims),
        key=lambda one: (-one[0], -one[1].day.toordinal() if latest else one[1].spot.row.number),
    )
    score, dated = ranked[0]
    rival = next((other for other, one in ranked if one.day != dated.day), 0.0)
    return min(score, 0.99) - (0.15 if rival > 0.6 * score else 0.0), dated


def _period(reader: Reader, claims: list[tuple[float, Dated]]) -> dict[str, Reading]:
    """Two dates of one row after "période": its first and last day."""
    by_row: dict[int, list[tuple[float, Dated]]] = {}
    for claim in claims:
        by_row.setdefault(claim[1].spot.row.number, []).append(claim)
    for found in by_row.values():
        if len(found) >= 2 and found[0][1].day <= found[1][1].day:
            (score, start), (_, end) = found[0], found[1]
            return {
                "period_start": _dated(reader, start, score),
                "period_end": _dated(reader, end, score),
            }
    return {}


def _lone_date(
    reader: Reader, free: list[Dated], claimed: dict[str, list[tuple[float, Dated]]]
) -> Reading | None:
    """Without any label: the date that stands alone at the top, or the only one there is."""
    if free:
        first = free[0]
        days = {dated.day for dated in free}
        alone = first.spot.row.cell_at(first.spot.start).text.strip() == first.spot.text.strip()
        confidence = 0.5 + (0.25 if len(days) == 1 else 0.0) + (0.1 if alone else 0.0)
        return reader.reading(first.day, first.spot, confidence)
    spare = [
        *claimed.get("_other", []),
        *claimed.get("period", []),
        *claimed.get("delivery_date", []),
    ]
    if spare and not claimed.get("due_date"):
        _, dated = min(spare, key=lambda one: one[1].spot.row.number)
        return reader.reading(dated.day, dated.spot, 0.3)
    return None


def _token(reader: Reader, role: str, fields: dict[str, Reading]) -> Reading | None:
    """The best reference that a label of this role claims."""
    found: dict[str, list[tuple[float, Spot]]] = {}
    for label in reader.header_labels:
        if label.role == role:
            for score, spot in _tokens(reader, label):
                found.setdefault(re.sub(r"\s", "", spot.plain), []).append((score, spot))
    if role == "number" and not found and (bare := _bare_number(reader)) is not None:
        found = {spot.plain: [(score, spot)] for score, spot in _tokens(reader, bare)}
    taken = fields["number"].provenance.text if role != "number" and "number" in fields else ""
    ranked = sorted(
        (
            (max(score for score, _ in spots) + 0.03 * (len(spots) - 1), spots[0][1])
            for value, spots in found.items()
            if value != taken.lower().replace(" ", "")
        ),
        key=lambda one: -one[0],
    )
    if not ranked:
        return None
    score, spot = ranked[0]
    rival = ranked[1][0] if len(ranked) > 1 else 0.0
    sure = _sure(min(score, 0.99)) - (0.2 if rival > 0.92 * score else 0.0)
    text = re.sub(r"\s+", " ", spot.text.strip())
    return reader.reading(_repaired(text) if reader.ocr else text, spot, sure)


def _bare_number(reader: Reader) -> Label | None:
    """ "Nummer: 4711", which names anything, names the invoice where nothing names it better."""
    top = reader.text.sheets[0]
    bare = [
        one
        for one in reader.header_labels
        if one.role == "_other" and one.spot.plain.strip() == "nummer"
    ]
    if len(bare) != 1 or bare[0].spot.page != top.number or bare[0].spot.y0 > 0.5 * top.height:
        return None
    return replace(bare[0], role="number", weight=_BARE)


def _repaired(text: str) -> str:
    """A reference without the letters that OCR sees in it: "2O24" is 2024, "SlT" is SIT."""
    text = _TIED.sub("", text)
    text = _ZERO.sub(lambda found: "0" * len(found[0]), text)
    text = _ONE.sub("1", text)
    return _CAPITAL_I.sub("I", text)


def _tokens(reader: Reader, label: Label) -> Iterator[tuple[float, Spot]]:
    """The references beside or under a label, with their scores."""
    beside = _reference(reader, label.spot.row, label.spot.end)
    title = _TITLE[0] < label.weight < _TITLE[1]
    weight = _weight(reader, label)
    if beside is not None:
        spot, glued = beside
        others = [one.spot for one in reader.header_on.get(label.spot.row.number, [])]
        if not links.between(label.spot, spot, others) and (
            glued or not title or _whole_cell(spot)
        ):
            apart = 0.9 if title and not glued else 1.0
            yield weight * links.right_of(label.spot, spot) * _likely(spot) * apart, spot
            return
    for row in reader.text.below(label.spot.row, 3):
        for cell in row.cells:
            under = links.right_of(label.spot, cell, askew=reader.ocr)
            under = under or links.under(reader.text, label.spot, cell)
            if under <= 0:
                continue
            token = _reference(reader, row, cell.start)
            if token is not None and token[0].end <= cell.end:
                held = _GRIDDED if title and _in_grid(reader, label) else 0.7 if title else 1.0
                yield label.weight * under * _likely(token[0]) * held, token[0]
                return


def _in_grid(reader: Reader, label: Label) -> bool:
    """True for "FACTURE   DATE   CLIENT", a row of heads over their values."""
    row = label.spot.row
    dated = any(one.role in _DATES for one in reader.header_on.get(row.number, []))
    return dated and row.cell_at(label.spot.start).plain.strip() == label.spot.plain.strip()


def _whole_cell(spot: Spot) -> bool:
    """True when a reference of some length is all that its cell says: "FACTURE   T02006"."""
    cell = spot.row.cell_at(spot.start)
    digits = sum(sign.isdigit() for sign in spot.text)
    return digits >= 3 and len(spot.text) >= 5 and cell.text.strip() == spot.text.strip()


def _weight(reader: Reader, label: Label) -> float:
    """A bare title says more with a reference glued to it; a bare "N°" more under a title."""
    if label.role != "number" or label.weight > 0.55:
        return label.weight
    if label.weight > 0.5:
        return 0.72
    above = range(label.spot.row.number - 2, label.spot.row.number + 1)
    titled = any(
        one.role == "number" and one.weight > 0.5
        for place in above
        for one in reader.header_on.get(place, [])
    )
    if titled:
        return 0.75
    bare = [one for one in reader.header_labels if one.role == "number"]
    return 0.72 if len(bare) == 1 else label.weight


def _reference(reader: Reader, row: Row, start: int) -> tuple[Spot, bool] | None:
    """The first token with a digit from an offset, and whether it stands in the same cell."""
    lead = _LEAD.match(row.plain, start)
    at = lead.end() if lead else start
    gap = "   " in row.plain[start:at]
    if prefix := _PREFIX.match(row.plain, at):
        token = _TOKEN.match(row.plain, prefix.end())
    else:
        token = _TOKEN.match(row.plain, at)
    if token is None or not any(sign.isdigit() for sign in token[0]):
        return None
    end = token.end()
    if token[0].isdigit() and (more := _GROUPS.match(row.plain, end)):
        end = more.end()
    spot = Spot(row, at, end)
    if len(spot.text) > 35 or _is_something_else(reader, spot):
        return None
    return spot, not gap


def _is_something_else(reader: Reader, spot: Spot) -> bool:
    """True when the token is a date, an identifier, an amount or a rate."""
    row = spot.row
    dates = [one.spot for one in reader.dates_by_row.get(row.number, []) if not one.compact]
    marks = [one.spot for one in reader.marks_on.get(row.number, [])]
    amounts = [
        one.spot
        for one in reader.numbers_by_row.get(row.number, [])
        if one.percent or (one.money and one.spot.end >= spot.end and one.spot.start <= spot.start)
    ]
    return any(
        spot.start < other.end and other.start < spot.end for other in (*dates, *marks, *amounts)
    )


def _likely(spot: Spot) -> float:
    """How much a token looks like a reference."""
    text = spot.text.strip()
    digits = sum(sign.isdigit() for sign in text)
    if digits == len(text) and digits <= 2:
        return 0.6
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return 0.6
    return 1.0 if digits >= 3 or len(text) >= 4 else 0.85
