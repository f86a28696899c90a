"""Webhooks out: signed, tried again, given up in sight; and what a program may follow here."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from facteur.adapters.connectors.http import Http
from facteur.adapters.connectors.receivers import HttpReceivers
from facteur.adapters.system import SystemClock, SystemIds
from facteur.domain.commands import ApplyStatus
from facteur.domain.errors import InvalidError, NotFoundError, UnavailableError
from facteur.domain.flows import (
    AckDetail,
    Acknowledgement,
    AckStatus,
    Flow,
    FlowDirection,
    FlowType,
)
from facteur.domain.hooks import WAITS, DeliveryState
from facteur.domain.lifecycle.records import Side, StatusRecord
from facteur.services import run as running
from facteur.services.programs import hooking
from facteur.services.programs import keys as key_service
from facteur.services.programs.acknowledgements import unworded
from facteur.services.staircase import LEASE

from tests.services.world import START, World, xml
from tests.web.api.test_flows import FLOWS, Program, sale, token
from tests.web.browser import Browser

HOOKS = "/afnor-flow/v1/webhooks"


@dataclass
class Receiver:
    """Another program: what it was called with, and what it answers."""

    answers: list[int] = field(default_factory=list)
    calls: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def call(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.calls.append((url, body, headers))
        status = self.answers.pop(0) if self.answers else 200
        if not status:
            raise UnavailableError("platform.unreachable")
        return status


@pytest.fixture
def receiver(world: World) -> Receiver:
    """The receiver of this world."""
    found = Receiver()
    world.with_(receivers=found)
    return found


@pytest.fixture
def program(world: World, receiver: Receiver) -> Program:
    """A program with a token."""
    made = key_service.make(world.caller, "Logiciel", ("read", "upload"), world.context)
    program = Program(Browser(world), made)
    program.token = token(program, made.key.id, made.secret)[1]["access_token"]
    return program


def subscribe(program: Program, **more: object) -> dict[str, str]:
    """A subscription, as the norm answers it."""
    body = {"callbackUrl": "https://logiciel.example/rappel", **more}
    reply, made = program.call("POST", HOOKS, json.dumps(body).encode())
    assert reply.status == 201, made
    return dict(made)


def test_a_change_is_called_out_signed_by_the_key_shown_once(
    program: Program, receiver: Receiver
) -> None:
    """The flow as it stands, and a signature that its receiver can make again."""
    made = subscribe(program)
    flow = program.submit(sale())[1]["flowId"]
    program.settle()
    bodies = [json.loads(body) for _url, body, _headers in receiver.calls]
    assert {one["flowId"] for one in bodies} == {flow}
    assert [one["acknowledgement"]["status"] for one in bodies][-1] == "Ok"
    url, body, headers = receiver.calls[-1]
    assert url == "https://logiciel.example/rappel"
    stamp = headers["Afnor-Signature-Timestamp"]
    print_ = hashlib.sha256(body + b"@" + stamp.encode()).digest()
    key = base64.b64decode(made["signingKey"])
    expected = hmac.new(key, print_, hashlib.sha256).digest()
    assert base64.b64decode(headers["Afnor-Signature"]) == expected
    listed = program.call("GET", HOOKS)[1]
    assert listed["count"] == 1
    assert "signingKey" not in listed["webhooks"][0]


def test_a_call_out_loses_nothing_of_what_our_controls_found(
    program: Program, receiver: Receiver
) -> None:
    """The norm's reason as elsewhere; the message by its code, with the field that it names."""
    subscribe(program)
    bad = b"<Report><ReportDocument/><TransactionsReport/></Report>"
    flow = program.submit(bad, flowSyntax="FRR")[1]["flowId"]
    program.settle()
    (called,) = json.loads(receiver.calls[-1][1])["acknowledgement"]["details"]
    (asked,) = program.call("GET", f"{FLOWS}/{flow}")[1]["acknowledgement"]["details"]
    said = "unreadable.report.missing (field: ReportDocument/Sender)"
    assert said == called.pop("reasonMessage")
    assert "manque ou est vide" in asked.pop("reasonMessage")
    assert called == asked


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            AckDetail(level="Error", item="", reason="", message="Le fichier est vide."),
            "Le fichier est vide.",
        ),
        (AckDetail(level="Error", item="", reason="", message="flow.x"), "flow.x"),
        (
            AckDetail(
                level="Error",
                item="",
                reason="",
                message="flow.x",
                values={"a": "1", "b": "2", "c": ""},
            ),
            "flow.x (a: 1; b: 2)",
        ),
        (
            AckDetail(
                level="Error",
                item="",
                reason="",
                message="Sum.",
                code="BR-CO-10",
                values={"location": "/a"},
            ),
            "BR-CO-10: Sum. (location: /a)",
        ),
    ],
)
def test_a_message_is_called_out_with_its_code_and_its_values(one: AckDetail, said: str) -> None:
    """A sentence stays; a code keeps its values; an official text comes after its rule."""
    flow = Flow(
        id="1", name="f", syntax=None, type=FlowType.UNDEFINED, direction=FlowDirection.OUT,
        submitted_at=START, updated_at=START,
        acknowledgement=Acknowledgement(status=AckStatus.ERROR, details=(one,)),
    )  # fmt: skip
    assert said == unworded(flow).acknowledgement.details[0].message


def test_only_what_was_asked_for_is_called_out(program: Program, receiver: Receiver) -> None:
    """By direction and by acknowledgement."""
    subscribe(program, flowDirection="In")
    subscribe(program, ackStatus="Error")
    program.submit(sale())
    program.settle()
    assert receiver.calls == []


def test_a_receiver_that_is_away_is_called_again_for_a_day_then_given_up(
    program: Program, receiver: Receiver
) -> None:
    """Eight tries, the last one told to people; asked to, it is called once more."""
    subscribe(program, ackStatus="Pending", flowDirection="Out")
    receiver.answers = [0, 500, 404, 0, 0, 0, 0, 0]
    program.submit(b"")
    world = program.world
    world.deliver()
    for wait in WAITS:
        world.clock.pass_(seconds=wait.total_seconds() + 1)
        _agenda(world)
    (dead,) = hooking.deliveries(world.caller, world.context)
    assert (dead.state, dead.tries) == (DeliveryState.DEAD, len(WAITS) + 1)
    assert len(receiver.calls) == len(WAITS) + 1
    hooking.send_again(world.caller, dead.id, world.context)
    world.deliver()
    (sent,) = hooking.deliveries(world.caller, world.context)
    assert (sent.state, sent.status) == (DeliveryState.SENT, 200)


def _agenda(world: World) -> None:
    """What the clock's round does with what is due."""
    for one in world.context.store.due(world.clock.now() + LEASE):
        world.queue.send(one)
        world.context.store.done(one.id)
    world.deliver()


def test_a_subscription_must_be_safe_and_few(program: Program) -> None:
    """https outside the laptop; ten at most; another dossier's is not there."""
    for url in ("ftp://x", "https://", "https://a b/", "https://u:secret@x.example/",
                "https://x.example/\n", "https://169.254.169.254/"):  # fmt: skip
        reply, error = program.call("POST", HOOKS, json.dumps({"callbackUrl": url}).encode())
        assert (422, True) == (reply.status, "adresse de rappel" in error["errorMessage"]), url
        assert "secret" not in reply.body
    assert program.call("GET", HOOKS)[1]["count"] == 0
    made = [subscribe(program) for _turn in range(10)]
    assert program.call("POST", HOOKS, b'{"callbackUrl": "https://x.example"}')[0].status == 422
    other = replace(program.world.caller, dossier="d-other")
    with pytest.raises(NotFoundError):
        hooking.unsubscribe(other, made[0]["webhookId"], program.world.context)
    assert program.call("DELETE", f"{HOOKS}/{made[0]['webhookId']}")[0].status == 204
    assert program.call("GET", f"{HOOKS}/{made[0]['webhookId']}")[0].status == 404
    assert program.call("GET", HOOKS)[1]["count"] == 9


def another(program: Program, *rights: str) -> Program:
    """Another program of the dossier, with these rights."""
    made = key_service.make(program.world.caller, "Autre", rights, program.world.context)
    found = Program(Browser(program.world), made)
    found.token = token(found, made.key.id, made.secret)[1]["access_token"]
    return found


def test_a_key_that_only_reads_subscribes_to_nothing(program: Program) -> None:
    """403 with the reason: to be called is asked for by who deposits or decides."""
    reader = another(program, "read")
    body = b'{"callbackUrl": "https://logiciel.example/rappel"}'
    reply, error = reader.call("POST", HOOKS, body)
    assert (403, "FORBIDDEN") == (reply.status, error["errorCode"])
    assert "ne permet que de consulter" in error["errorMessage"]
    assert 0 == reader.call("GET", HOOKS)[1]["count"]
    assert 201 == another(program, "read", "decide").call("POST", HOOKS, body)[0].status


def test_a_subscription_is_ended_by_its_own_program_or_by_who_manages(program: Program) -> None:
    """Another key of the dossier, whatever it may, is 403; a person is not."""
    mine, second = subscribe(program), subscribe(program)
    for rights in (("read",), ("read", "upload", "decide")):
        reply, error = another(program, *rights).call("DELETE", f"{HOOKS}/{mine['webhookId']}")
        assert (403, "FORBIDDEN") == (reply.status, error["errorCode"])
    assert 2 == program.call("GET", HOOKS)[1]["count"]
    assert 204 == program.call("DELETE", f"{HOOKS}/{mine['webhookId']}")[0].status
    hooking.unsubscribe(program.world.caller, second["webhookId"], program.world.context)
    assert 0 == program.call("GET", HOOKS)[1]["count"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/",
    ],
)
def test_in_the_cloud_nobody_has_us_call_our_own_network(url: str) -> None:
    """A callback address is typed by a stranger: never a private one, never plain HTTP."""
    receivers = HttpReceivers(Http(SystemClock(), SystemIds(), nearby=False))
    with pytest.raises(InvalidError):
        receivers.call(url, b"{}", {})


def test_a_program_follows_purchases_and_what_is_said_of_them(program: Program) -> None:
    """A mailed invoice is a flow In with its views; a status of it another, with its message."""
    world = program.world
    (document,) = world.receive(("f.xml", xml("A-1")))
    program.settle()
    (flow,) = program.search(flowDirection=["In"])
    assert (flow["flowId"], flow["flowType"]) == (document.id, "SupplierInvoice")
    headers = {"authorization": f"Bearer {program.token}"}
    original = program.browser.request(
        "GET", f"{FLOWS}/{document.id}?docType=Original", headers=headers
    )
    assert original.body.encode() == xml("A-1")
    record = StatusRecord(
        id="flow:x:1", code="209", set_at=START, recorded_at=START, side=Side.SELLER
    )
    running.run(
        ApplyStatus(dossier=world.dossier, document=document.id, record=record), world.context
    )
    program.settle()
    told = program.search(flowType=["SupplierInvoiceLC"])
    assert len(told) == 1
    message = program.browser.request(
        "GET", f"{FLOWS}/{told[0]['flowId']}?docType=Original", headers=headers
    )
    assert "<ram:ProcessConditionCode>209</ram:ProcessConditionCode>" in message.body


def test_without_a_program_nothing_is_published(world: World) -> None:
    """A dossier whose software never asked for a token has no flow."""
    world.receive(("f.xml", xml("A-1")))
    made = key_service.make(world.caller, "Logiciel", ("read",), world.context)
    program = Program(Browser(world), made)
    program.token = token(program, made.key.id, made.secret)[1]["access_token"]
    assert program.search(flowDirection=["In"]) == []


def test_the_page_shows_each_call_and_makes_it_again(program: Program, receiver: Receiver) -> None:
    """Who is called, what became of it; « Renvoyer » for what was given up; « Retirer »."""
    made = subscribe(program, ackStatus="Pending")
    receiver.answers = [0]
    program.submit(b"")
    world = program.world
    world.deliver()
    (waiting,) = hooking.deliveries(world.caller, world.context)
    world.context.hooks.keep(replace(waiting, state=DeliveryState.DEAD))
    person = Browser(world).sign_in()
    shown = person.get("/parametres/appels")
    assert "https://logiciel.example/rappel" in shown.text
    assert "Abandonné" in shown.text
    world.clock.pass_(seconds=30)
    sent = person.post(f"/parametres/appels/{waiting.id}/renvoyer")
    assert sent.status == 303
    world.deliver()
    assert "Reçu" in person.get("/parametres/appels").text
    ended = person.post(f"/parametres/appels/abonnements/{made['webhookId']}/retirer")
    assert ended.status == 303
    assert hooking.listed(world.caller, world.context) == ()


def test_a_subscription_lives_with_its_key(program: Program) -> None:
    """A rotated key hands it over; a revoked one ends it, so that nothing goes on leaking."""
    subscribe(program)
    world = program.world
    newer = key_service.rotate(world.caller, program.made.key.id, world.context)
    assert len(hooking.listed(world.caller, world.context)) == 1
    key_service.revoke(world.caller, program.made.key.id, world.context)
    assert len(hooking.listed(world.caller, world.context)) == 1
    key_service.revoke(world.caller, newer.key.id, world.context)
    assert hooking.listed(world.caller, world.context) == ()
