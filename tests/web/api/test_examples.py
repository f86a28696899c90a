"""openapi.yaml is true: each example runs, each answer has the described shape (IP-11)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from facteur.domain.documents import Direction, State
from facteur.domain.parties import Side
from facteur.ports import Changes
from facteur.services.parties import book
from jsonschema import Draft202012Validator

from tests.services.fake_platforms import Compliant, connected
from tests.services.world import World, xml
from tests.web.api.test_api import OPENAPI, _call
from tests.web.api.test_follow import program_of

#: Which of the world's documents an example is about, where it is not the sale.
_PURCHASES = frozenset({"contested", "paid"})
_WAITING = frozenset({"accepted", "refused"})


@pytest.fixture
def filled(world: World) -> dict[str, str]:
    """A dossier with a purchase that a platform may answer for, a sale that may leave, a card."""
    connected(world, rulebook=Compliant())
    world.receive(("p.xml", xml("P1")))
    world.receive(
        ("v.xml", xml("V1")), to=f"SIREN300000007@out.{world.context.inbound_domain}",
        key="mail/2", message_id="m2@x.example",
    )  # fmt: skip
    named = {}
    for direction in Direction:
        (made,) = world.documents(direction)
        world.context.store.commit(Changes(document=replace(made, state=State.ARCHIVED)))
        named[direction.value] = made.id
    card = book.add(world.caller, Side.SUPPLIER, {"name": "Atelier"}, world.context)
    world.receive(("w.xml", xml("P2")), key="mail/3", message_id="m3@x.example")
    (waiting,) = (one for one in world.documents() if one.state is State.TO_ACCEPT)
    return {**named, "waiting": waiting.id, "party": card.id, "role": "original"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, held in OPENAPI["paths"].items():
        for method, operation in held.items():
            yield method.upper(), path, operation


def examples() -> Iterator[tuple[str, str, str, object]]:
    for method, path, operation in operations():
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for name, example in body.get("examples", {}).items():
            yield method, path, name, example["value"]


def filled_in(path: str, ids: dict[str, str], document: str) -> str:
    return path.format(document=document, party=ids["party"], role=ids["role"])


def check(operation: dict[str, Any], status: int, answer: object) -> None:
    """The answer is one that the description has, of the shape that it gives."""
    described = operation["responses"].get(str(status))
    assert described is not None, (status, answer)
    content = described.get("content", {}).get("application/json")
    if content:
        schema = {**content["schema"], "components": OPENAPI["components"]}
        errors = [one.message for one in Draft202012Validator(schema).iter_errors(answer)]
        assert not errors, errors


def test_an_answer_of_another_shape_is_seen() -> None:
    """The check of this file does fail."""
    with pytest.raises(AssertionError):
        check(OPENAPI["paths"]["/api/v1/changes"]["get"], 200, {"changes": 3})
    with pytest.raises(AssertionError):
        check(OPENAPI["paths"]["/api/v1/changes"]["get"], 204, {})


def test_every_body_that_is_asked_for_has_an_example() -> None:
    """A route that takes JSON shows some."""
    asked = {(method, path) for method, path, one in operations() if "requestBody" in one}
    assert asked == {(method, path) for method, path, _name, _value in examples()}


@pytest.mark.parametrize(("method", "path", "name", "value"), list(examples()))
def test_every_example_runs(
    world: World, filled: dict[str, str], method: str, path: str, name: str, value: object
) -> None:
    """Sent as it stands, it succeeds, and its answer is as described."""
    program = program_of(world, "read", "upload", "decide")
    kind = "waiting" if name in _WAITING else "purchase" if name in _PURCHASES else "sale"
    document = filled[kind]
    reply, answer = _call(program, method, filled_in(path, filled, document), value)
    assert reply.status in (200, 201), answer
    assert "error" not in answer
    check(OPENAPI["paths"][path][method.lower()], reply.status, answer)


@pytest.mark.parametrize(
    "path",
    [path for method, path, one in operations() if method == "GET" and "200" in one["responses"]],
)
def test_every_reading_answers_as_described(
    world: World, filled: dict[str, str], path: str
) -> None:
    """With its defaults, of a purchase and of a sale."""
    world.clock.pass_(seconds=11)
    program = program_of(world, "read")
    for document in (filled["purchase"], filled["sale"]):
        reply, answer = _call(program, "GET", filled_in(path, filled, document))
        assert 200 == reply.status, answer
        check(OPENAPI["paths"][path]["get"], 200, answer)


def test_what_is_described_as_a_parameter_is_taken(world: World, filled: dict[str, str]) -> None:
    """Each query parameter with each of its choices, or its default: never an error of ours."""
    program = program_of(world, "read")
    for method, path, operation in operations():
        for parameter in operation.get("parameters", []):
            if method != "GET" or parameter["in"] != "query":
                continue
            schema = parameter["schema"]
            for value in schema.get("enum", [schema.get("default", "")]):
                where = filled_in(path, filled, filled["sale"])
                query = urlencode({parameter["name"]: value})
                reply, _answer = _call(program, "GET", f"{where}?{query}")
                assert 200 == reply.status, (path, parameter["name"], value)
