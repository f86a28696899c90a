"""Pages in the manner of the programs and trades one meets: tests/domain/manners/*.txt.

Each file is a page typed on a grid, then what must be read from it. The companies do not exist.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.domain.candidate import Candidate

from tests.domain.grid import read

PAGES = sorted((Path(__file__).parent / "manners").glob("*.txt"))


def _read(found: Candidate, name: str) -> object:
    if name == "lines":
        return [row.net for row in found.lines]
    if name == "vat":
        return [(row.rate, row.base, row.tax) for row in found.vat_rows]
    return found.get(name)


def _meant(name: str, text: str) -> object:
    if name == "lines":
        return [Decimal(one) for one in text.split()]
    if name == "vat":
        return [tuple(Decimal(one) for one in row.split("/")) for row in text.split()]
    if name.endswith("_date"):
        return date.fromisoformat(text)
    return Decimal(text) if name.startswith(("total_", "amount_")) else text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_of_each_manner_is_read_right(path):
    """Number, dates, names, totals, lines: what the page says and nothing else."""
    page, _, expected = path.read_text(encoding="utf-8").partition("\n=====\n")
    wanted = dict(line.split(": ", 1) for line in expected.strip().splitlines())
    found = read(page)
    got = {name: _read(found, name) for name in wanted}
    assert got == {name: _meant(name, text) for name, text in wanted.items()}
