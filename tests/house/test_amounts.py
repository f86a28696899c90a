"""Amounts are Decimal: no float gets near one in the domain or the formats."""

import ast
import dataclasses
import re
import typing
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.domain import invoice

from tests.house.tree import PACKAGE, modules, parsed, shown

#: Where a float is a length on a page or a confidence, never an amount.
MAY_MEASURE = ("domain/pages.py", "domain/candidate.py", "domain/extraction/", "domain/hints.py",
               "domain/proposing.py", "domain/serial.py")  # fmt: skip


def _floats(path: Path) -> list[str]:
    """Every float literal and every `float` named in a file, but a bar for a confidence."""
    tree = parsed(path)
    bars = {
        id(side)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and "confidence" in ast.unparse(node)
        for side in (node.left, *node.comparators)
    }
    return [
        f"{shown(path)}:{node.lineno}"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        if id(node) not in bars
    ]


def _may_measure(path: Path) -> bool:
    """True for the files that handle boxes and confidences."""
    return path.relative_to(PACKAGE).as_posix().startswith(MAY_MEASURE)


@pytest.mark.parametrize("floor", ["domain", "formats"])
def test_no_float_where_amounts_are(floor: str) -> None:
    """Neither a literal nor an annotation nor a conversion makes a float of an amount."""
    found = [
        place
        for path in modules(PACKAGE / floor)
        if not _may_measure(path)
        for place in _floats(path)
    ]
    assert not found


@pytest.mark.parametrize("path", modules(PACKAGE / "domain"), ids=shown)
def test_no_value_is_ever_turned_into_a_float(path: Path) -> None:
    """Even where boxes are measured, nothing read from a page goes through `float(...)`."""
    calls = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "float"
        if not (node.args and isinstance(node.args[0], ast.Constant))  # float("inf")
    ]
    if path.name != "serial.py":  # boxes come back from JSON
        assert not calls


def test_every_amount_of_the_invoice_is_a_decimal() -> None:
    """No field of the invoice, however deep, is annotated with anything that loses cents."""
    for owner in _dataclasses():
        for name, hint in typing.get_type_hints(owner).items():
            used = {hint, *typing.get_args(hint)}
            assert float not in used, f"{owner.__name__}.{name}"
            if any(word in name for word in ("total", "amount", "price", "net")):
                kinds = {one for one in used if isinstance(one, type)}
                assert not kinds & {int}, f"{owner.__name__}.{name} should be {Decimal.__name__}"


def _dataclasses() -> list[type]:
    """The dataclasses of the invoice."""
    return [
        one
        for one in vars(invoice).values()
        if isinstance(one, type) and dataclasses.is_dataclass(one) and one is not invoice.BT
    ]


def test_every_business_term_stands_once() -> None:
    """A BT names one field, a field one BT: who looks for BT-115 finds one place."""
    terms = Counter(
        note.term
        for owner in _dataclasses()
        for hint in typing.get_type_hints(owner, include_extras=True).values()
        for note in getattr(hint, "__metadata__", ())
        if isinstance(note, invoice.BT)
    )
    assert terms, "no field carries its BT"
    assert [term for term, count in terms.items() if count > 1] == []
    assert [
        term for term in terms if not re.fullmatch(r"B[TG]-\d{1,3}(-\d)?|EXT-FR-FE-\d{1,3}", term)
    ] == []
