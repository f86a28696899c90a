"""Everything read off the pages once, for every room of the extraction to look at.

``Reader`` is made once per document: rows, dates, identifiers, numbers and labels, each with its
spot. It holds no decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from facteur.domain.candidate import Origin, Reading, type_of_value
from facteur.domain.extraction import amounts, dates, labels, lines, marks, names, stacks
from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.dates import Dated
from facteur.domain.extraction.labels import Label
from facteur.domain.extraction.lines import Row, Sheet, Spot, Text
from facteur.domain.extraction.marks import Mark
from facteur.domain.extraction.once import once
from facteur.domain.pages import PageSet


@dataclass(frozen=True)
class Reader:
    """A document's rows and everything recognised on them."""

    text: Text
    _stacks: dict[Sheet, list[list[Spot]]] = field(default_factory=dict, init=False, compare=False)
    _looks: dict[str, float] = field(default_factory=dict, init=False, compare=False)

    @classmethod
    def of(cls, pages: PageSet, origin: Origin) -> "Reader":
        """Rebuild the rows of these pages."""
        return cls(lines.rebuild(pages, origin))

    @property
    def origin(self) -> Origin:
        """Text layer or OCR."""
        return self.text.origin

    @property
    def ocr(self) -> bool:
        """True when the words come from OCR: lookalikes are then repaired."""
        return self.text.origin is Origin.OCR

    @once
    def decimal(self) -> str:
        """The decimal sign of the document."""
        return amounts.habit(self.text)

    @once
    def marks(self) -> list[Mark]:
        """Every identifier."""
        return marks.marks(self.text, ocr=self.ocr)

    @once
    def dates_by_row(self) -> dict[int, list[Dated]]:
        """Every date, by row number."""
        month_first = dates.american(self.text)
        return {
            row.number: found
            for row in self.text.rows
            if (found := dates.dates(row, month_first=month_first, ocr=self.ocr))
        }

    @once
    def dates(self) -> list[Dated]:
        """Every date, in reading order."""
        return [one for found in self.dates_by_row.values() for one in found]

    @once
    def numbers_by_row(self) -> dict[int, list[Number]]:
        """Every number that is neither a date nor an identifier, by row number."""
        taken: dict[int, list[Spot]] = {}
        for spot in (*(one.spot for one in self.dates), *(one.spot for one in self.marks)):
            taken.setdefault(spot.row.number, []).append(spot)
        return {
            row.number: found
            for row in self.text.rows
            if (
                found := amounts.numbers(
                    row, decimal=self.decimal, ocr=self.ocr, taken=taken.get(row.number, ())
                )
            )
        }

    @once
    def numbers(self) -> list[Number]:
        """Every number, in reading order."""
        return [one for found in self.numbers_by_row.values() for one in found]

    @once
    def labels(self) -> dict[str, list[Label]]:
        """Labels by family."""
        return labels.find_all(self.text.rows)

    @property
    def header_labels(self) -> list[Label]:
        """Labels of header fields."""
        return self.labels["header"]

    @property
    def total_labels(self) -> list[Label]:
        """Labels of totals."""
        return self.labels["totals"]

    @once
    def column_labels(self) -> dict[int, list[Label]]:
        """Words that head a column, by row number."""
        return _by_row(self.labels["columns"])

    @property
    def party_labels(self) -> list[Label]:
        """Words that name a party."""
        return self.labels["parties"]

    @once
    def header_on(self) -> dict[int, list[Label]]:
        """Labels of header fields, by row number."""
        return _by_row(self.header_labels)

    @once
    def totals_on(self) -> dict[int, list[Label]]:
        """Labels of totals, by row number."""
        return _by_row(self.total_labels)

    @once
    def parties_on(self) -> dict[int, list[Label]]:
        """Words that name a party, by row number."""
        return _by_row(self.party_labels)

    @once
    def marks_on(self) -> dict[int, list[Mark]]:
        """Identifiers, by row number."""
        found: dict[int, list[Mark]] = {}
        for mark in self.marks:
            found.setdefault(mark.spot.row.number, []).append(mark)
        return found

    @once
    def webs(self) -> list[str]:
        """The names inside the web and mail addresses of the document."""
        return names.domain_of(self.text.plain)

    def stacks(self, sheet: Sheet) -> Sequence[Sequence[Spot]]:
        """The cells of a page that stand on top of each other."""
        if sheet not in self._stacks:
            self._stacks[sheet] = stacks.stacks(sheet)
        return self._stacks[sheet]

    def looks_a_name(self, text: str) -> float:
        """How much a text looks like a name, as names.looks says it."""
        if text not in self._looks:
            self._looks[text] = names.looks(text)
        return self._looks[text]

    def row(self, number: int) -> Row:
        """A row by its number."""
        return self.text.rows[number]

    def reading(self, value: type_of_value, spot: Spot, confidence: float) -> Reading:
        """A value read at a spot; what OCR was unsure of lowers the confidence."""
        sure = min(confidence, 1.0) * (0.6 + 0.4 * spot.certainty if self.ocr else 1.0)
        return Reading(value=value, provenance=spot.proof(self.origin), confidence=round(sure, 3))


def _by_row(found: list[Label]) -> dict[int, list[Label]]:
    by_row: dict[int, list[Label]] = {}
    for label in found:
        by_row.setdefault(label.spot.row.number, []).append(label)
    return by_row
