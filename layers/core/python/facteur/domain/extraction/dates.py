"""Dates on a page: ``31/01/2026`` · ``02.07.15`` · ``2 juillet 2015`` · ``3. März 2018`` ·
``August 3, 2014`` · ``2026-01-31`` · ``20260131``.

Day before month unless the page itself shows the American order (a number above 12 in second
place) and never the other. Eight digits alone are a date only for who expects one (``compact``);
so are those between which OCR lost or spoiled a stroke (``mended``): ``22/102019``, ``14/02:2022``.
"""
# ruff: noqa: E501

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from facteur.domain.extraction.lines import Row, Spot, Text

_NAMES = {
    1: "janvier janv january januar jan gennaio enero januari janner",
    2: "fevrier fevr february februar feb febrero februari fev",
    3: "mars march marz maerz mar maart mrz mrt",
    4: "avril april avr apr abril",
    5: "mai may mei mayo",
    6: "juin june juni jun junio",
    7: "juillet july juli jul juil julio",
    8: "aout august aug augustus agosto",
    9: "septembre september sept sep septiembre",
    10: "octobre october oktober oct okt octubre",
    11: "novembre november nov noviembre",
    12: "decembre december dezember dec dez diciembre",
}
MONTHS = {name: month for month, names in _NAMES.items() for name in names.split()}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?P<y>(?:19|20)\d\d|\d\d)"
_FORMS = (
    re.compile(r"(?<![\d.,/])(?P<y>(?:19|20)\d\d)\s?([-/.])\s?(?P<m>\d\d?)\s?\2\s?(?P<d>\d\d?)(?![\d])"),
    re.compile(rf"(?<![\d.,/])(?P<d>\d\d?)\s?([-/.])\s?(?P<m>\d\d?)\s?\2\s?{_YEAR}(?:(?!\d)|(?=\d{{1,2}}:\d\d))(?![./]\d)"),
    re.compile(
        rf"(?<![\d.,])(?P<d>\d\d?)\s*(?:er|ter|st|nd|rd|th|\.)?\s*(?:of )?[-./]?\s*(?P<n>{_MONTH})(?![a-z])\.?\s*,?\s*[-./]?\s*{_YEAR}(?!\d)"
    ),
    re.compile(rf"\b(?P<n>{_MONTH})\.?\s*(?P<d>\d\d?)\s*(?:st|nd|rd|th)?\s*,?\s*(?P<y>(?:19|20)\d\d)(?!\d)"),
)  # fmt: skip
_SPACED = re.compile(r"(?<![\d.,/])(?P<d>[0-3]\d) (?P<m>[01]\d) (?P<y>20\d\d)(?!\d)")
_COMPACT = re.compile(r"(?<!\w)(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\w)")
#: A marginal scan loses strokes between digits more than digits; day, month and year stay whole.
_LOST = re.compile(
    r"(?<![\d.,/])(?P<d>[0-3]\d)[/.:-]?(?P<m>[01]\d)[/.:-]?(?P<y>20\d\d)(?!\d)(?![./]\d)"
)
#: What every form has some of: a year, three numbers, the first letters of a month.
_SOME = re.compile(
    r"20\d\d|19\d\d|\d\s?[-/.]\s?\d\d?\s?[-/.]\s?\d|"
    + "|".join(sorted({name[:3] for name in MONTHS}))
)
_AMERICAN = re.compile(r"(?<![\d./])(\d\d?)/(\d\d?)/(?:20)?\d\d(?!\d)")
_LETTERS = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1"})


@dataclass(frozen=True)
class Dated:
    """A date and where it is printed; ``compact`` when only a label makes it one.

    ``mended``: OCR lost a stroke between its digits.
    """

    spot: Spot
    day: date
    compact: bool = False
    mended: bool = False


def american(text: Text) -> bool:
    """True when the page can only be read month first: 02/17/26 and no 17/02/26."""
    month_first = day_first = False
    for row in text.rows:
        for left, right in _AMERICAN.findall(row.plain):
            month_first |= int(left) <= 12 < int(right) <= 31
            day_first |= int(right) <= 12 < int(left) <= 31
    return month_first and not day_first


def dates(row: Row, *, month_first: bool = False, ocr: bool = False) -> list[Dated]:
    """Every date of a row, from left to right."""
    source = row.plain
    if ocr:
        source = re.sub(
            r"[\dol|i]{1,4}(?:[./-][\dol|i]{1,4}){2}", lambda m: m[0].translate(_LETTERS), source
        )
    found: list[Dated] = []
    if not _SOME.search(source):
        return found
    for match in _matches(source, mended=ocr and not month_first):
        day = _date(match, month_first=month_first)
        if day is None or any(
            match.start() < one.spot.end and one.spot.start < match.end() for one in found
        ):
            continue
        spot = Spot(row, match.start(), match.end())
        compact = match.re in (_COMPACT, _SPACED, _LOST)
        found.append(Dated(spot, day, compact=compact, mended=match.re is _LOST))
    return sorted(found, key=lambda one: one.spot.start)


def _matches(source: str, *, mended: bool) -> Iterator[re.Match[str]]:
    for form in (*_FORMS, _SPACED, _COMPACT, *((_LOST,) if mended else ())):
        yield from form.finditer(source)


def _date(match: re.Match[str], *, month_first: bool) -> date | None:
    parts = match.groupdict()
    year = int(parts["y"])
    year += 0 if year > 99 else 2000
    number = int(parts["d"])
    month = MONTHS[parts["n"]] if parts.get("n") else int(parts["m"])
    slashed = match.re is _FORMS[1]
    if slashed and (month_first or month > 12) and "/" in match[0] and number <= 12:
        number, month = month, number
    try:
        return date(year, month, number) if 1990 <= year <= 2099 else None
    except ValueError:
        return None
