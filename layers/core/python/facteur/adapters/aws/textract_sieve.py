"""Textract's blocks, as far as they hold together: what textractor may be given.

Answers are not trusted. A block is kept when it has a name of its own, a box of some size on the
page, a figure for a confidence and, of its children, those that are there and of a kind that
Textract documents below it: relationships only lead downwards, so that no circle is left. The
number of blocks of each kind is bounded. ``fractions``, ``figure`` and ``listed`` do the same for
the answers that have no blocks.

Sources: https://docs.aws.amazon.com/textract/latest/dg/how-it-works-tables.html,
https://docs.aws.amazon.com/textract/latest/dg/how-it-works-kvp.html
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

ENGINE = "textract"
MAX_TEXT = 300
_MOST: Mapping[str, int] = {  # of one page
    "PAGE": 1, "WORD": 6_000, "TABLE": 12, "CELL": 1_200, "MERGED_CELL": 200,
    "KEY_VALUE_SET": 500,
}  # fmt: skip
_MOST_INDEX = 2_000  # of a row or a column
_MOST_CHILDREN = 2_000
#: Which blocks a block may hold, by relationship: only downwards, so that no circle is possible.
_HELD: Mapping[tuple[str, str], frozenset[str]] = {
    ("TABLE", "CHILD"): frozenset({"CELL"}),
    ("TABLE", "MERGED_CELL"): frozenset({"MERGED_CELL"}),
    ("CELL", "CHILD"): frozenset({"WORD"}),
    ("MERGED_CELL", "CHILD"): frozenset({"CELL"}),
    ("KEY", "CHILD"): frozenset({"WORD"}),
    ("KEY", "VALUE"): frozenset({"VALUE"}),
    ("VALUE", "CHILD"): frozenset({"WORD"}),
}
_INDEXES = ("RowIndex", "ColumnIndex", "RowSpan", "ColumnSpan")


class UnreadableAnswer(Exception):  # noqa: N818 - says what it is
    """An answer that has not the shape that Textract documents."""


def by_page(blocks: object) -> dict[int, list[dict[str, Any]]]:
    """The well-formed blocks of each page; one page's answer may leave its number out."""
    if not isinstance(blocks, list):
        raise UnreadableAnswer(type(blocks).__name__)
    pages: dict[int, list[dict[str, Any]]] = {}
    counts: dict[int, Counter[str]] = {}
    for block in blocks:
        if not isinstance(block, dict) or not _MOST.get(str(block.get("BlockType"))):
            continue
        number = block.get("Page", 1)
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            continue
        held = pages.setdefault(number, [])
        count = counts.setdefault(number, Counter())
        kind = block["BlockType"]
        if count[kind] < _MOST[kind] and (clean := _clean(block)) is not None:
            count[kind] += 1
            held.append(clean)
    return pages


def _clean(block: Mapping[str, Any]) -> dict[str, Any] | None:
    """A block with what textractor needs of it, None when something is missing or no figure."""
    kind, name = block["BlockType"], block.get("Id")
    box = fractions(block.get("Geometry"))
    sure = 100.0 if kind == "PAGE" else figure(block.get("Confidence"))
    if not isinstance(name, str) or not name or box is None or sure is None:
        return None
    clean: dict[str, Any] = {
        "BlockType": kind, "Id": name, "Confidence": sure, "Page": 1,
        "Geometry": {"BoundingBox": box, "Polygon": []},
        "Relationships": _relationships(block),
    }  # fmt: skip
    types = block.get("EntityTypes")
    clean["EntityTypes"] = [one for one in types if isinstance(one, str)] if isinstance(types, list) else []  # fmt: skip  # noqa: E501
    if kind == "WORD":
        text = block.get("Text")
        if not isinstance(text, str) or not text.strip():
            return None
        clean |= {"Text": text[:MAX_TEXT], "TextType": "PRINTED"}
    if kind in ("CELL", "MERGED_CELL"):
        for field in _INDEXES:
            value = block.get(field, 1)
            if type(value) is not int or not 1 <= value <= _MOST_INDEX:
                return None
            clean[field] = value
    if kind == "KEY_VALUE_SET" and clean["EntityTypes"] not in (["KEY"], ["VALUE"]):
        return None
    return clean


def _relationships(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = block.get("Relationships")
    found: list[dict[str, Any]] = []
    for one in given if isinstance(given, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("Ids"), list):
            continue
        if one.get("Type") in ("CHILD", "VALUE", "MERGED_CELL"):
            ids = [name for name in one["Ids"][:_MOST_CHILDREN] if isinstance(name, str)]
            found.append({"Type": one["Type"], "Ids": ids})
    return found


def sieved(held: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One page's blocks that hold together: each name once, children that are there and may be."""
    names = Counter(block["Id"] for block in held)
    kept = {block["Id"]: block for block in held if names[block["Id"]] == 1}
    kind_of = {name: _kind(block) for name, block in kept.items()}
    taken: set[tuple[str, str]] = set()  # a word stands in one cell, in one value
    for name, block in kept.items():
        for one in block["Relationships"]:
            allowed = _HELD.get((kind_of[name], one["Type"]), frozenset())
            free = [
                child
                for child in dict.fromkeys(one["Ids"])
                if kind_of.get(child) in allowed and (kind_of[name], child) not in taken
            ]
            taken |= {(kind_of[name], child) for child in free}
            one["Ids"] = free
        block["Relationships"] = [one for one in block["Relationships"] if one["Ids"]]
    lone = {  # a label without a value is of no use, and textractor asks for one
        name for name, kind in kind_of.items()
        if kind == "KEY" and not children(kept[name], "VALUE")
    }  # fmt: skip
    blocks = [
        block for name, block in kept.items() if name not in lone and kind_of[name] != "PAGE"
    ]
    return [_page_over(blocks), *blocks]


def _page_over(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A PAGE block over them: textractor wants one, whose children are what it looks at."""
    whole = {"Left": 0.0, "Top": 0.0, "Width": 1.0, "Height": 1.0}
    top = [block["Id"] for block in blocks if block["BlockType"] in ("TABLE", "KEY_VALUE_SET")]
    return {
        "BlockType": "PAGE", "Id": "facteur-page", "Page": 1, "Confidence": 100.0,
        "Geometry": {"BoundingBox": whole, "Polygon": []}, "EntityTypes": [],
        "Relationships": [{"Type": "CHILD", "Ids": top}],
    }  # fmt: skip


def _kind(block: Mapping[str, Any]) -> str:
    kind = str(block["BlockType"])
    return str(block["EntityTypes"][0]) if kind == "KEY_VALUE_SET" else kind


def children(block: Mapping[str, Any], relationship: str) -> list[str]:
    """The names of a sieved block's children."""
    return [
        name
        for one in block["Relationships"]
        if one["Type"] == relationship
        for name in one["Ids"]
    ]


def fractions(geometry: object) -> dict[str, float] | None:
    """A box that has some size on the page, None for anything else."""
    box = geometry.get("BoundingBox") if isinstance(geometry, dict) else None
    if not isinstance(box, dict):
        return None
    found = {name: figure(box.get(name)) for name in ("Left", "Top", "Width", "Height")}
    sides = {name: value for name, value in found.items() if value is not None}
    if len(sides) < 4 or sides["Width"] <= 0 or sides["Height"] <= 0:
        return None
    left, top = max(0.0, sides["Left"]), max(0.0, sides["Top"])
    right = min(1.0, sides["Left"] + sides["Width"])
    bottom = min(1.0, sides["Top"] + sides["Height"])
    if left >= right or top >= bottom:
        return None
    return {"Left": left, "Top": top, "Width": right - left, "Height": bottom - top}


def figure(value: object) -> float | None:
    """A number of JSON, None for a text, a truth, nothing or no finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def listed(held: object, name: str) -> list[Any]:
    """The list under a name of an object of JSON, empty for anything else."""
    value = held.get(name) if isinstance(held, dict) else None
    return value if isinstance(value, list) else []
