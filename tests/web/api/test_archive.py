"""The API for those who fetch: what is to fetch, its files, and the status that follows."""

import urllib.request
from datetime import date

import pytest
from facteur.domain.documents import Accounting, Document, State, Summary
from facteur.services.programs.keys import first_key

from tests.services.world import World
from tests.web.api.test_api import _call
from tests.web.browser import Browser, keep


@pytest.fixture
def program(world: World) -> Browser:
    """A program with the dossier's key."""
    browser = Browser(world)
    browser.jar = {}
    browser.key = first_key(world.dossier, "Cabinet", world.context)  # type: ignore[attr-defined]
    return browser


def _archived(world: World, number: str, day: int = 5) -> Document:
    world.clock.pass_(seconds=1)
    return keep(
        world, State.ARCHIVED, summary=Summary(number=number, issue_date=date(2026, 11, day))
    )


def test_a_program_fetches_what_is_to_fetch_and_it_is_told(program: Browser) -> None:
    """The list, the link with its bytes, then « Récupérée » by the key's name; the list is empty."""  # noqa: E501
    held = _archived(program.world, "F-1")
    reply, body = _call(program, "GET", "/api/v1/archives?accounting=to_fetch")
    assert reply.status == 200
    assert [(one["id"], one["accounting"], one["payment"]) for one in body["documents"]] == [
        (held.id, "to_fetch", "unpaid")
    ]
    path = f"/api/v1/documents/{held.id}/files/original"
    named = {"authorization": f"Bearer {program.key}"}  # type: ignore[attr-defined]
    assert 200 == program.request("HEAD", path, headers=named).status
    assert Accounting.TO_FETCH is program.world.document(held.id).accounting  # no link was given
    reply, file = _call(program, "GET", path)
    assert reply.status == 200
    with urllib.request.urlopen(file["url"]) as answer:
        assert answer.read() == program.world.context.blobs.get(held.files["original"])
    after = program.world.document(held.id)
    assert (after.accounting, after.fetched_by) == (Accounting.FETCHED, "Cabinet")
    last = program.world.context.store.history(held.ref)[-1].event
    assert last.values["how"] == "api"
    _reply, body = _call(program, "GET", "/api/v1/archives?accounting=to_fetch")
    assert body["documents"] == []
    assert body["complete"] is True


def test_a_file_that_is_looked_at_before_is_not_fetched(program: Browser) -> None:
    """What waits for a decision has no accounting status."""
    held = keep(program.world, State.TO_ACCEPT)
    reply, _file = _call(program, "GET", f"/api/v1/documents/{held.id}/files/original")
    assert reply.status == 200
    assert program.world.document(held.id).accounting is Accounting.TO_FETCH


def test_a_period_and_pages(program: Browser) -> None:
    """Newest invoices first, both days included."""
    for number, day in (("1", 1), ("2", 10), ("3", 20)):
        _archived(program.world, number, day)
    _reply, body = _call(program, "GET", "/api/v1/archives?since=2026-11-01&until=2026-11-10")
    assert [one["number"] for one in body["documents"]] == ["2", "1"]
    assert body["pages"] == 1


def test_wrong_questions_are_told_all_at_once(program: Browser) -> None:
    """400 with each of them; another dossier's document, or no file of it: 404."""
    held = _archived(program.world, "F-1")
    path = "/api/v1/archives?direction=x&since=hier&accounting=y&payment=z&page=-1"
    reply, body = _call(program, "GET", path)
    assert reply.status == 400
    assert "Attendu : to_fetch, fetched" in body["detail"]
    assert [one["path"] for one in body["faults"]] == [
        "direction", "since", "accounting", "payment", "page",
    ]  # fmt: skip
    assert _call(program, "GET", "/api/v1/archives?page=%C2%B2")[0].status == 400  # « ² »
    for wrong in (
        f"/api/v1/documents/{held.id}/files/secret",
        "/api/v1/documents/x/files/original",
    ):
        reply, _body = _call(program, "GET", wrong)
        assert reply.status == 404
