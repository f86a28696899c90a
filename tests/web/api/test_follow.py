"""The rest of the native API: changes, parties, an invoice's fields, its statuses."""

from dataclasses import replace
from decimal import Decimal

import pytest
from facteur.domain.parties import Party, Side
from facteur.local.demo import invoices
from facteur.services.programs import keys as key_service
from facteur.services.programs.keys import first_key

from tests.services.world import DAY, World, xml
from tests.web.api.test_api import _call
from tests.web.browser import Browser

API = "/api/v1"


def program_of(world: World, *rights: str) -> Browser:
    """A program with a key of its own."""
    browser = Browser(world)
    browser.jar = {}
    made = key_service.make(world.caller, "ERP", rights or ("read", "upload"), world.context)
    browser.key = made.secret  # type: ignore[attr-defined]
    return browser


def test_the_feed_tells_all_that_happened_once_and_in_order(world: World) -> None:
    """From the beginning, then from the cursor on; nothing of the last moment."""
    program = program_of(world)
    (document,) = world.receive(("f.xml", xml("A-1")))
    reply, fresh = _call(program, "GET", f"{API}/changes")
    assert (reply.status, fresh["changes"]) == (200, [])
    world.clock.pass_(seconds=11)
    _reply, feed = _call(program, "GET", f"{API}/changes")
    history = world.context.store.history(document.ref)
    assert [one["event"] for one in feed["changes"]] == [one.event.name for one in history]
    assert {one["document"] for one in feed["changes"]} == {document.id}
    assert feed["more"] is False
    cursor = feed["cursor"].replace("#", "%23")
    assert _call(program, "GET", f"{API}/changes?cursor={cursor}")[1]["changes"] == []
    world.receive(("g.xml", xml("A-2")), key="mail/2", message_id="m2@x.example")
    world.clock.pass_(seconds=11)
    _reply, after = _call(program, "GET", f"{API}/changes?cursor={cursor}")
    assert document.id not in {one["document"] for one in after["changes"]}
    assert after["changes"][0]["event"] == "DocumentReceived"


def test_a_cursor_is_ours_and_a_dossier_sees_its_own_changes(world: World) -> None:
    """400 for anything else; another dossier's feed is empty."""
    world.receive(("f.xml", xml("A-1")))
    world.clock.pass_(seconds=11)
    program = program_of(world)
    for cursor in ("x", "D%23other", "2026"):
        assert _call(program, "GET", f"{API}/changes?cursor={cursor}")[0].status == 400
    other = first_key("d-other", "Autre", world.context)
    _reply, feed = _call(program, "GET", f"{API}/changes", authorization=f"Bearer {other}")
    assert feed["changes"] == []


def test_parties_are_listed_without_their_bank_accounts(world: World) -> None:
    """By side and by SIREN; one card; 404 for an unknown one."""
    card = Party(
        dossier=world.dossier, id="p1", side=Side.SUPPLIER, number="FOUR-001", name="Papeterie",
        siren="123456782", notes="secret",
    )  # fmt: skip
    world.context.parties.save((card,), ())
    program = program_of(world)
    (found,) = _call(program, "GET", f"{API}/parties?siren=123456782")[1]["parties"]
    assert (found["number"], found["name"]) == ("FOUR-001", "Papeterie")
    assert not {"accounts", "iban", "notes"} & set(found)
    assert _call(program, "GET", f"{API}/parties?side=customer")[1]["parties"] == []
    assert _call(program, "GET", f"{API}/parties?side=x")[0].status == 400
    assert _call(program, "GET", f"{API}/parties/p1")[1]["id"] == "p1"
    assert _call(program, "GET", f"{API}/parties/p2")[0].status == 404


def test_an_invoices_fields_come_with_their_origin(world: World) -> None:
    """Amounts as text, dates ISO, each with where it was read."""
    (document,) = world.receive(("f.xml", xml("A-1")))
    body = _call(program_of(world), "GET", f"{API}/documents/{document.id}/invoice")[1]
    assert body["fields"]["number"]["value"] == "A-1"
    assert body["fields"]["number"]["origin"] == "xml"
    assert Decimal(body["fields"]["total_incl_vat"]["value"]) > 0
    assert body["lines"][0]["net"]
    assert body["vat_breakdown"]


def test_a_status_is_set_by_who_may_and_only_when_it_may_be(world: World) -> None:
    """403 without the right, 422 for what is not offered or lacks its reason, 201 for the rest."""
    (document,) = world.receive(("f.xml", xml("A-1")))
    path = f"{API}/documents/{document.id}/statuses"
    assert _call(program_of(world), "POST", path, {"code": "204"})[0].status == 403
    program = program_of(world, "read", "upload", "decide")
    listed = _call(program, "GET", path)[1]
    assert listed["statuses"] == []
    assert "204" in {one["code"] for one in listed["allowed"]}
    for refused in ({"code": "212", "amount": "10"}, {"code": "207"}, {}, {"code": 4},
                    {"code": "211", "amount": "dix"}, {"code": "211", "on": "hier"},
                    {"code": "211", "amount": "1_000"}, {"code": "211", "amount": "１２"},
                    {"code": "211", "amount": "1e2"}, {"code": "211", "amount": "NaN"},
                    {"code": "211", "on": "2026-W01-1"}, {"code": "211", "on": "20260105"},
                    {"code": "211", "on": "２026-01-05"}):  # fmt: skip
        assert _call(program, "POST", path, refused)[0].status == 422, refused
    (fault,) = _call(program, "POST", path, {"reason": "TX_TVA_ERR"})[1]["faults"]
    assert ("code", "« code » est obligatoire.") == (fault["path"], fault["detail"])
    reply, body = _call(program, "POST", path, {"code": "204"})
    assert (reply.status, body["status"]) == (201, "204")
    assert body["statuses"][0]["by"] == "ERP"
    disputed = {"code": "207", "reason": "TX_TVA_ERR", "comment": "Le taux est de 10 %."}
    reply, body = _call(program, "POST", path, disputed)
    assert reply.status == 201
    assert body["statuses"][-1]["reasons"][0]["code"] == "TX_TVA_ERR"


def test_a_payment_by_a_program_has_its_bounds(world: World) -> None:
    """Days of this century that came, amounts that somebody could owe, no more than is due."""
    (document,) = world.receive(("f.xml", xml("A-1")))
    path = f"{API}/documents/{document.id}/statuses"
    program = program_of(world, "read", "upload", "decide")
    for body, fault, field in (
        ({"on": "9999-12-31"}, "status.day_future", "on"),
        ({"on": "2026-11-21"}, "status.day_future", "on"),
        ({"on": "0001-01-01"}, "status.day_old", "on"),
        ({"amount": "1000000000000"}, "status.amount_large", "amount"),
        ({"amount": "-" + "9" * 20}, "status.amount_large", "amount"),
        ({"amount": "NaN"}, "api.amount", "amount"),
        ({"amount": "0"}, "status.amount_zero", "amount"),
        ({"amount": "9000000"}, "status.amount_beyond", "beyond_due"),
        ({"amount": "9000000", "beyond_due": "yes"}, "api.flag", "beyond_due"),
        ({"amount": "9000000", "beyond_due": False}, "status.amount_beyond", "beyond_due"),
    ):
        reply, said = _call(program, "POST", path, {"code": "211", "amount": "10", **body})
        assert (reply.status, [fault]) == (422, [one["code"] for one in said["faults"]]), body
        assert said["faults"][0]["path"] == field
    assert "« beyond_due »" in said["faults"][0]["detail"]
    paid = {"code": "211", "amount": "9000000", "on": "2026-11-20", "beyond_due": True}
    assert _call(program, "POST", path, paid)[0].status == 201


def test_what_was_paid_before_an_invoice_may_be_told_whole(world: World) -> None:
    """« Déjà payée » (S2): nothing is due (BT-115), its whole (BT-112) may be said, no more."""
    totals = invoices.workshop(DAY).totals
    totals = replace(totals, prepaid=totals.tax_inclusive, due=Decimal(0))
    (document,) = world.receive(("f.xml", xml("A-1", totals=totals, process="S2")))
    path = f"{API}/documents/{document.id}/statuses"
    program = program_of(world, "read", "upload", "decide")
    whole = {"code": "211", "amount": f"{totals.tax_inclusive}", "on": "2026-11-20"}
    assert 201 == _call(program, "POST", path, whole)[0].status
    reply, said = _call(program, "POST", path, {**whole, "amount": "0.01"})
    assert (422, "status.amount_beyond") == (reply.status, said["faults"][0]["code"])
    assert "0,01 €" in said["faults"][0]["detail"]


def test_a_status_of_ours_says_its_reason_in_words(world: World) -> None:
    """The label of a reason, whoever gave it; a comment without ink is none."""
    (document,) = world.receive(("f.xml", xml("A-1")))
    path = f"{API}/documents/{document.id}/statuses"
    program = program_of(world, "read", "upload", "decide")
    for empty in ("\u0001", "\u200b", " "):
        asked = {"code": "208", "reason": "JUSTIF_ABS", "comment": empty}
        reply, said = _call(program, "POST", path, asked)
        assert (reply.status, said["faults"][0]["code"]) == (422, "status.comment_missing")
    disputed = {"code": "207", "reason": "QTE_ERR", "comment": "Deux\u0001 manquent"}
    (reason,) = _call(program, "POST", path, disputed)[1]["statuses"][-1]["reasons"]
    assert reason == {
        "code": "QTE_ERR",
        "label": "Quantité facturée incorrecte",
        "comment": "Deux manquent",
    }


@pytest.mark.parametrize("path", ["invoice", "statuses"])
def test_another_dossiers_document_is_not_there(world: World, path: str) -> None:
    """404, whatever is asked about it."""
    (document,) = world.receive(("f.xml", xml("A-1")))
    key = first_key("d-other", "Autre", world.context)
    reply, _body = _call(
        program_of(world),
        "GET",
        f"{API}/documents/{document.id}/{path}",
        authorization=f"Bearer {key}",
    )
    assert reply.status == 404


def test_a_program_caught_in_a_loop_waits(world: World) -> None:
    """429 with Retry-After, by our own API as by the standard's."""
    program = program_of(world)
    (key,) = key_service.listed(world.caller, world.context)
    for _turn in range(600):
        world.context.sessions.hit(f"api|api:{key.id}", window_seconds=60)
    reply, body = _call(program, "GET", f"{API}/changes")
    assert (reply.status, body["code"]) == (429, "api.throttled")
    assert 0 < int(reply.headers["retry-after"]) <= 60
