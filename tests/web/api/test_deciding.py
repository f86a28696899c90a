"""A program accepts and refuses as a person does on the page: the same rules, told as problems."""

import pytest
from facteur.domain.codes import REFUSALS
from facteur.domain.documents import Approver, Document, Duplicate, State
from facteur.domain.events import Happened
from facteur.domain.faults import Fault, Severity

from tests.services.world import World
from tests.web.api.test_api import OPENAPI, _call
from tests.web.api.test_follow import program_of
from tests.web.browser import Browser, keep


@pytest.fixture
def erp(world: World) -> Browser:
    return program_of(world, "read", "decide")


def at(document: Document, act: str) -> str:
    return f"/api/v1/documents/{document.id}/{act}"


def test_a_program_accepts_once_under_its_own_name(world: World, erp: Browser) -> None:
    """200 with the document; the history names the key; the second time is a conflict."""
    held = keep(world, State.TO_ACCEPT)
    reply, seen = _call(erp, "GET", f"/api/v1/documents/{held.id}")
    reply, body = _call(erp, "POST", at(held, "accept"), {"version": seen["version"]})
    assert (200, "accepted") == (reply.status, body["state"])
    assert set(body) >= set(OPENAPI["components"]["schemas"]["Document"]["required"])
    told = world.context.store.history(held.ref)[-1].event
    assert (Happened.INVOICE_ACCEPTED, "ERP") == (told.name, told.by_name)
    assert 409 == _call(erp, "POST", at(held, "accept"), {})[0].status


def test_what_stands_in_the_way_is_a_conflict_with_every_fault(world: World, erp: Browser) -> None:
    """A double, a frozen bank account, a circuit of other people: 409, and nothing moved."""
    twin = keep(world, State.ARCHIVED)
    frozen = Fault(
        code="iban.changed", severity=Severity.BLOCKING,
        values={"iban": "0185", "party": "Atelier", "people": "1"},
    )  # fmt: skip
    missing = Fault(code="document.incomplete", severity=Severity.BLOCKING)
    cases = {
        "document.duplicate": {"duplicates": (Duplicate(document=twin.id, reason="number"),)},
        "iban.changed": {"faults": (frozen, missing)},
        "approval.not_yours": {"circuit": "Achats", "approvers": (Approver(id="u9", name="Luc"),)},
    }
    for code, changes in cases.items():
        held = keep(world, State.TO_ACCEPT, **changes)
        reply, problem = _call(erp, "POST", at(held, "accept"), {})
        assert (409, code) == (reply.status, problem["faults"][0]["code"])
        assert problem["detail"].startswith(problem["faults"][0]["detail"])
        assert State.TO_ACCEPT is world.document(held.id).state
    assert "Luc" in problem["detail"]
    both = _call(
        erp, "POST", at(keep(world, State.TO_ACCEPT, **cases["iban.changed"]), "accept"), {}
    )
    assert ["iban.changed", "document.incomplete"] == [one["code"] for one in both[1]["faults"]]


def test_a_decision_is_taken_on_what_was_read(world: World, erp: Browser) -> None:
    """Another version is a conflict for both acts, what is no number is refused."""
    held = keep(world, State.TO_ACCEPT)
    for act in ("accept", "refuse"):
        body = {"reason": "DEST_ERR", "version": held.version + 1}
        reply, problem = _call(erp, "POST", at(held, act), body)
        assert (409, "document.stale") == (reply.status, problem["code"])
        for wrong in ("1", True, None, 1.5):
            assert 422 == _call(erp, "POST", at(held, act), {**body, "version": wrong})[0].status
    assert State.TO_ACCEPT is world.document(held.id).state


def test_a_program_refuses_with_a_reason(world: World, erp: Browser) -> None:
    """Every fault of the request at once; then 200, kept with its reason and comment."""
    held = keep(world, State.TO_ACCEPT)
    for reason in ("", "JAMAIS", 3, ["DEST_ERR"], None):
        reply, problem = _call(erp, "POST", at(held, "refuse"), {"reason": reason, "comment": 5})
        codes = [one["code"] for one in problem["faults"]]
        assert (422, ["refusal.reason_missing", "api.comment"]) == (reply.status, codes)
    sent = {"reason": "DEST_ERR", "comment": " pas pour nous "}
    reply, body = _call(erp, "POST", at(held, "refuse"), sent)
    assert (200, "refused") == (reply.status, body["state"])
    after = world.document(held.id)
    assert ("DEST_ERR", "pas pour nous") == (after.refusal, after.refusal_comment)
    assert 409 == _call(erp, "POST", at(held, "refuse"), sent)[0].status


def test_only_a_key_that_decides_does_and_only_in_its_dossier(world: World, erp: Browser) -> None:
    """403 for a key that reads; 404 for what is not there, and for another dossier's."""
    held = keep(world, State.TO_ACCEPT)
    reader = program_of(world, "read", "upload")
    for act in ("accept", "refuse"):
        body = {"reason": "DEST_ERR"}
        refused = _call(reader, "POST", at(held, act), body)[0]
        assert 403 == refused.status
        assert "Cette clé API n’a pas ce droit" in refused.body  # a key has no role
        assert 404 == _call(erp, "POST", f"/api/v1/documents/jamais/{act}", body)[0].status
    assert State.TO_ACCEPT is world.document(held.id).state


def test_the_description_lists_the_reasons_that_are_taken() -> None:
    """The enum of openapi.yaml is the table of reasons, no other."""
    schema = OPENAPI["paths"]["/api/v1/documents/{document}/refuse"]["post"]["requestBody"]
    asked = schema["content"]["application/json"]["schema"]["properties"]
    assert [one.code for one in REFUSALS] == asked["reason"]["enum"]
