"""Everything read off the pages once, for every room of the extraction to look at.

``Reader`` is made once per document: rows, dates, identifiers, numbers and labels, each with its
spot. It holds no decision.
"""

from dataclasses import dataclass
from functools import cached_property

from facteur.domain.candidate import Origin, Reading, type_of_value
from facteur.domain.extraction import amounts, dates, labels, lines, marks, names
from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.dates import Dated
from facteur.domain.extraction.labels import Label
from facteur.domain.extraction.lines import Row, Spot, Text
from facteur.domain.extraction.marks import Mark
from facteur.domain.pages import PageSet


@dataclass(frozen=True)
class Reader:
    """A document's rows and everything recognised on them."""

    text: Text

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

    @cached_property
    def decimal(self) -> str:
        """The decimal sign of the document."""
        return amounts.habit(self.text)

    @cached_property
    def marks(self) -> list[Mark]:
        """Every identifier."""
        return marks.marks(self.text, ocr=self.ocr)

    @cached_property
    def dates_by_row(self) -> dict[int, list[Dated]]:
        """Every date, by row number."""
        month_first = dates.american(self.text)
        return {
            row.number: found
            for row in self.text.rows
            if (found := dates.dates(row, month_first=month_first, ocr=self.ocr))
        }

    @cached_property
    def dates(self) -> list[Dated]:
        """Every date, in reading order."""
        return [one for found in self.dates_by_row.values() for one in found]

    @cached_property
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

    @cached_property
    def numbers(self) -> list[Number]:
        """Every number, in reading order."""
        return [one for found in self.numbers_by_row.values() for one in found]

    @cached_property
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

    @cached_property
    def column_labels(self) -> dict[int, list[Label]]:
        """Words that head a column, by row number."""
        return _by_row(self.labels["columns"])

    @property
    def party_labels(self) -> list[Label]:
        """Words that name a party."""
        return self.labels["parties"]

    @cached_property
    def header_on(self) -> dict[int, list[Label]]:
        """Labels of header fields, by row number."""
        return _by_row(self.header_labels)

    @cached_property
    def totals_on(self) -> dict[int, list[Label]]:
        """Labels of totals, by row number."""
        return _by_row(self.total_labels)

    @cached_property
    def parties_on(self) -> dict[int, list[Label]]:
        """Words that name a party, by row number."""
        return _by_row(self.party_labels)

    @cached_property
    def marks_on(self) -> dict[int, list[Mark]]:
        """Identifiers, by row number."""
        found: dict[int, list[Mark]] = {}
        for mark in self.marks:
            found.setdefault(mark.spot.row.number, []).append(mark)
        return found

    @cached_property
    def webs(self) -> list[str]:
        """The names inside the web and mail addresses of the document."""
        return names.domain_of(self.text.plain)

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
