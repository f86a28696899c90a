"""The door of the pages: a recorded request of API Gateway in, a page out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from facteur.local import doors
from facteur.local.invoke import LambdaContext, invoke

from tests.emulator import Platform

EVENTS = Path(__file__).parents[2] / "events"


@pytest.fixture(scope="module")
def house() -> Mapping[str, doors.Door]:
    """The doors as they are packaged."""
    return doors.load()


def asked() -> Any:
    """What API Gateway sends when somebody opens the sign-in page."""
    return json.loads((EVENTS / "page_asked.json").read_text())


def knock(house: Mapping[str, doors.Door], event: Any) -> Any:
    """Call the door as Lambda does."""
    context = LambdaContext("facteur-test-web", "r1", timeout=30, memory=1024)
    return invoke(house["web"].handler("app.app"), event, context)


def header(answer: Any, name: str) -> str:
    """One header of an answer, wherever Chalice put it."""
    held = {**answer["headers"], **{k: v[0] for k, v in answer["multiValueHeaders"].items()}}
    return {key.lower(): value for key, value in held.items()}[name]


def test_a_request_becomes_a_page(house: Mapping[str, doors.Door], platform: Platform) -> None:
    """The sign-in page, in French, with its policy for scripts, and its form."""
    answer = knock(house, asked())

    assert answer["statusCode"] == 200
    assert header(answer, "content-type").startswith("text/html")
    assert "default-src" in header(answer, "content-security-policy")
    assert '<html lang="fr"' in answer["body"]
    assert 'type="password"' in answer["body"]
