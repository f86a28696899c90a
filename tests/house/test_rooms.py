"""Rooms: services and pages are found by what the product does (decision 0320)."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, parsed, shown

ROOMS = sorted(
    one.parent for floor in ("services", "web") for one in (PACKAGE / floor).glob("*/__init__.py")
)
#: One module a screen: whoever looks for one knows its name.
LARGE_ON_PURPOSE = {"pages"}


def _modules(room: Path) -> set[str]:
    """What a room holds."""
    return {one.stem for one in room.glob("*.py")} - {"__init__"}


@pytest.mark.parametrize("room", ROOMS, ids=shown)
def test_the_door_of_a_room_is_words(room: Path) -> None:
    """Its __init__ imports nothing: a function loads the module it names, not its neighbours."""
    door = parsed(room / "__init__.py")
    assert len(door.body) == 1, "a docstring, nothing else"
    words = ast.get_docstring(door) or ""
    first = re.search(r"Open ``([a-z_0-9]+)`` first", words)
    assert first, "which module does a newcomer open first?"
    named = set(re.findall(r"``([a-z_0-9]+)``", words))
    above = {one.stem for one in room.parent.glob("*.py")}
    assert named <= _modules(room) | above, named - _modules(room)


@pytest.mark.parametrize("room", ROOMS, ids=shown)
def test_a_room_is_neither_a_hall_nor_a_cupboard(room: Path) -> None:
    """Three to fifteen modules: fewer need no room, more are several subjects."""
    size = len(_modules(room))
    assert size >= 3
    assert size <= 15 or room.name in LARGE_ON_PURPOSE


@pytest.mark.parametrize(("floor", "most"), [("services", 8), ("web", 10)])
def test_the_top_of_a_floor_is_short(floor: str, most: int) -> None:
    """What every room leans on, nothing else: a new module has its room."""
    assert len(_modules(PACKAGE / floor)) <= most
