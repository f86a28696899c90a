"""Our Flow Service: a token, a submission, its acknowledgement, a walk, in the norm's words."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from facteur.domain.commands import ApplyStatus, ReceiveUpload
from facteur.domain.decisions.roads import MOST_ROADS
from facteur.domain.documents import Direction, Document, EmbeddedFile, State, Verdict
from facteur.domain.errors import UnavailableError
from facteur.domain.faults import Fault, FaultSource, Severity
from facteur.domain.lifecycle.messages import message_of
from facteur.domain.lifecycle.records import Characteristic, Side, StatusReason, StatusRecord
from facteur.formats import cdar
from facteur.formats.disposition import safe_name
from facteur.local.demo import invoices
from facteur.ports import Changes, Store
from facteur.services import run as running
from facteur.services.lifecycle import submitted
from facteur.services.programs import keys as key_service
from facteur.services.programs import submissions
from facteur.services.programs.keys import Made
from facteur.services.run import run

from tests.services.world import DAY, START, World, xml
from tests.web.browser import Browser, Reply

FLOWS = "/afnor-flow/v1/flows"
BOUNDARY = "x1x2x3"


@dataclass
class Program:
    """A billing software with the dossier's key."""

    browser: Browser
    made: Made
    token: str = ""

    @property
    def world(self) -> World:
        return self.browser.world

    def call(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[Reply, Mapping[str, Any]]:
        sent = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        reply = self.browser.request(method, path, body, sent)
        return reply, json.loads(reply.body or "{}")

    def submit(
        self, data: bytes, *, file_first: bool = False, language: str = "fr", **info: object
    ) -> tuple[Reply, Mapping[str, Any]]:
        said = {"name": "F1.xml", "flowSyntax": "CII", **info}
        parts = [
            b'Content-Disposition: form-data; name="flowInfo"\r\n'
            b"Content-Type: application/json\r\n\r\n" + json.dumps(said).encode(),
            b'Content-Disposition: form-data; name="file"; filename="F1.xml"\r\n'
            b"Content-Type: application/xml\r\n\r\n" + data,
        ]
        if file_first:
            parts.reverse()
        edge = f"--{BOUNDARY}".encode()
        body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return self.call("POST", FLOWS, body, content_type=kind, accept_language=language)

    def search(self, **where: object) -> list[Mapping[str, Any]]:
        asked = {"where": where or {"flowDirection": ["Out"]}}
        reply, found = self.call("POST", f"{FLOWS}/search", json.dumps(asked).encode())
        assert reply.status == 200, found
        return list(found["results"])

    def settle(self) -> None:
        """Let the queue run, and the clock reach what was put off."""
        for _turn in range(6):
            self.world.deliver()
            self.world.clock.pass_(seconds=30)


@pytest.fixture
def program(world: World) -> Program:
    """A program with a token."""
    made = key_service.make(world.caller, "Logiciel", ("read", "upload"), world.context)
    program = Program(Browser(world), made)
    reply, body = token(program, made.key.id, made.secret)
    assert reply.status == 200, body
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 1800
    program.token = body["access_token"]
    return program


def token(
    program: Program, name: str, secret: str, *, basic: bool = False, grant: str = ""
) -> tuple[Reply, Mapping[str, Any]]:
    """Ask for a token, by the form or by HTTP Basic."""
    form = f"grant_type={grant or 'client_credentials'}"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    if basic:
        held = base64.b64encode(f"{name}:{secret}".encode()).decode()
        headers["authorization"] = f"Basic {held}"
    else:
        form += f"&client_id={name}&client_secret={secret}"
    reply = program.browser.request("POST", "/oauth2/token", form.encode(), headers)
    return reply, json.loads(reply.body)


def sale(number: str = "V-2026-1") -> bytes:
    """An invoice that the dossier issues."""
    sample = invoices.workshop(DAY)
    return xml(number, seller=sample.buyer, buyer=sample.seller)


def test_a_client_authenticates_in_the_form_or_by_basic(program: Program) -> None:
    """RFC 6749 §2.3.1; a wrong secret, another client's, an unknown grant: the errors of §5.2."""
    made = program.made
    assert token(program, made.key.id, made.secret, basic=True)[0].status == 200
    wrong, said = token(program, made.key.id, made.secret + "x", basic=True)
    assert (wrong.status, said["error"]) == (401, "invalid_client")
    assert wrong.headers["www-authenticate"].startswith("Basic")
    assert token(program, "another", made.secret)[0].status == 401
    reply, said = token(program, made.key.id, made.secret, grant="password")
    assert (reply.status, said["error"]) == (400, "unsupported_grant_type")


def test_a_token_ends_by_itself_and_with_its_key(program: Program) -> None:
    """After half an hour; at once when the key is revoked."""
    assert program.call("GET", "/afnor-flow/v1/healthcheck")[0].status == 200
    program.world.clock.pass_(minutes=31)
    reply, error = program.call("GET", "/afnor-flow/v1/healthcheck")
    assert (reply.status, error["errorCode"]) == (401, "UNAUTHORIZED")
    _reply, body = token(program, program.made.key.id, program.made.secret)
    program.token = body["access_token"]
    key_service.revoke(program.world.caller, program.made.key.id, program.world.context)
    assert program.call("GET", "/afnor-flow/v1/healthcheck")[0].status == 401


def test_a_secret_is_not_tried_for_ever(program: Program) -> None:
    """429 after thirty wrong secrets of a client, with the time to wait."""
    for _turn in range(30):
        assert token(program, program.made.key.id, "fct_wrong")[0].status == 401
    reply, _said = token(program, program.made.key.id, "fct_wrong")
    assert reply.status == 429
    assert reply.headers["retry-after"] == "900"


def test_a_submitted_sale_is_pending_then_ok_and_a_document(program: Program) -> None:
    """202 at once; the controls answer; the file is kept byte for byte."""
    data = sale()
    digest = hashlib.sha256(data).hexdigest()
    reply, flow = program.submit(data, trackingId="t-1", sha256=digest, processingRule="B2B")
    assert reply.status == 202
    assert flow["trackingId"] == "t-1"
    (pending,) = program.search(trackingId="t-1")
    assert pending["acknowledgement"] == {"status": "Pending"}
    assert pending["flowType"] == "Undefined"

    program.settle()

    (done,) = program.search(trackingId="t-1")
    assert done["acknowledgement"]["status"] == "Ok", done
    assert (done["flowType"], done["flowDirection"]) == ("CustomerInvoice", "Out")
    assert done["updatedAt"] > done["submittedAt"]
    (document,) = program.world.documents(Direction.SALE)
    assert (document.id, document.summary.number) == (flow["flowId"], "V-2026-1")
    original = program.browser.request(
        "GET",
        f"{FLOWS}/{flow['flowId']}?docType=Original",
        headers={"authorization": f"Bearer {program.token}"},
    )
    assert original.body.encode() == data
    drawn = program.browser.request(
        "GET",
        f"{FLOWS}/{flow['flowId']}?docType=ReadableView",
        headers={"authorization": f"Bearer {program.token}"},
    )
    assert drawn.status == 200
    assert drawn.body.startswith("%PDF factur-x")


def test_the_parts_may_come_in_any_order(program: Program) -> None:
    """The file before what is said of it."""
    assert program.submit(sale(), file_first=True)[0].status == 202


@pytest.mark.parametrize(
    ("data", "info", "reason"),
    [
        (b"", {}, "EmptyFlow"),
        (b"<a/>", {}, "FlowTypeError"),
        (b"%PDF-1.7 x", {"flowSyntax": "CII"}, "FlowTypeError"),
        (sale(), {"flowSyntax": "UBL"}, "FlowTypeError"),
        (sale(), {"sha256": "0" * 64}, "ChecksumMismatch"),
    ],
)
def test_what_the_bytes_show_is_acknowledged_with_its_reason(
    program: Program, data: bytes, info: dict[str, str], reason: str
) -> None:
    """Taken with 202 all the same: the acknowledgement says Error and why; no document is made."""
    reply, flow = program.submit(data, **info)
    assert reply.status == 202
    program.settle()
    found = program.call("GET", f"{FLOWS}/{flow['flowId']}")[1]
    assert found["acknowledgement"]["status"] == "Error"
    assert found["acknowledgement"]["details"][0]["reasonCode"] == reason
    assert program.world.documents(Direction.SALE) == ()


@pytest.mark.parametrize("name", ["œuvre.xml", "100 €.xml", "été.xml", "発票.xml", "x\r\nX: y"])
def test_a_file_is_given_back_whatever_its_name(program: Program, name: str) -> None:
    """One line of ASCII, with the real name beside (RFC 8187): no server stumbles over it."""
    flow = program.submit(sale(), name=name)[1]["flowId"]
    for accept in ("application/octet-stream", "*/*"):
        headers = {"authorization": f"Bearer {program.token}", "accept": accept}
        reply = program.browser.request("GET", f"{FLOWS}/{flow}?docType=Original", headers=headers)
        assert reply.status == 200
        shown = reply.headers["content-disposition"]
        assert shown.isascii()
        assert shown.isprintable()
        assert f"filename*=UTF-8''{quote(safe_name(name), safe='')}" in shown


def test_the_same_invoice_again_exists_already(program: Program) -> None:
    """The first is Ok; the second is told so, and archived by nobody."""
    first = program.submit(sale())[1]["flowId"]
    program.settle()
    second = program.submit(sale())[1]["flowId"]
    program.settle()
    answers = [program.call("GET", f"{FLOWS}/{one}")[1] for one in (first, second)]
    assert [one["acknowledgement"]["status"] for one in answers] == ["Ok", "Error"]
    assert answers[1]["acknowledgement"]["details"][0]["reasonCode"] == "AlreadyExistingFlow"


def test_the_same_bytes_again_leave_nothing_to_decide(program: Program) -> None:
    """Six submissions, one after the other and at once: one sale to accept; the five that were
    answered AlreadyExistingFlow are kept, attached to it, and named on its page."""
    first = program.submit(sale())[1]["flowId"]
    program.settle()
    again = [program.submit(sale())[1]["flowId"]]
    program.settle()
    again += [program.submit(sale())[1]["flowId"] for _turn in range(4)]
    program.settle()
    world = program.world
    assert {"AlreadyExistingFlow"} == {
        program.call("GET", f"{FLOWS}/{one}")[1]["acknowledgement"]["details"][0]["reasonCode"]
        for one in again
    }
    assert [(State.JOINED, first)] * 5 == [
        (held.state, held.joined_to) for held in map(world.document, again)
    ]
    master = world.document(first)
    assert (State.TO_ACCEPT, ()) == (master.state, master.duplicates)
    assert set(again) == {one.document for one in master.sources[1:]}
    page = Browser(world).sign_in().get(f"/factures/{first}").text
    assert "son fichier" in page
    assert "et 2 autres arrivées" in page
    original = program.browser.request(
        "GET",
        f"{FLOWS}/{again[0]}?docType=Original",
        headers={"authorization": f"Bearer {program.token}"},
    )
    assert sale() == original.body.encode()


def test_a_program_in_a_loop_does_not_fill_the_row_of_its_invoice(program: Program) -> None:
    """Its invoice names twenty roads at most; the rest is attached all the same."""
    first = program.submit(sale())[1]["flowId"]
    program.settle()
    again = [program.submit(sale())[1]["flowId"] for _turn in range(MOST_ROADS + 3)]
    program.settle()
    assert MOST_ROADS == len(program.world.document(first).sources)
    assert {State.JOINED} == {program.world.document(one).state for one in again}


def test_what_left_or_was_never_read_may_be_submitted_again(program: Program) -> None:
    """After the trash and after quarantine it is a sale again, and the next one joins that."""
    world = program.world
    for gone in (State.QUARANTINED, State.TRASHED):
        first = program.submit(sale(gone.value))[1]["flowId"]
        program.settle()
        world.context.store.commit(Changes(document=replace(world.document(first), state=gone)))
        second = program.submit(sale(gone.value))[1]["flowId"]
        program.settle()
        assert State.TO_ACCEPT == world.document(second).state
    third = program.submit(sale(State.TRASHED.value))[1]["flowId"]
    program.settle()
    assert (State.JOINED, second) == (world.document(third).state, world.document(third).joined_to)


def test_the_same_bytes_on_the_other_side_are_a_matter_for_people(program: Program) -> None:
    """A sale that somebody mailed to the purchases must not swallow the right one."""
    (mailed,) = program.world.receive(("f.xml", sale()))
    flow = program.submit(sale())[1]["flowId"]
    program.settle()
    held = program.world.document(flow)
    assert (State.TO_ACCEPT, [mailed.id]) == (
        held.state,
        [one.document for one in held.duplicates],
    )


def test_an_invoice_that_only_resembles_another_does_not_exist_already(program: Program) -> None:
    """V-1 and V-11, of the same day and amount: people are asked, the software is told Ok."""
    program.submit(sale("V-1"))
    program.settle()
    second = program.submit(sale("V-11"))[1]["flowId"]
    program.settle()
    document = program.world.document(second)
    assert [one.reason for one in document.duplicates] == ["near"]
    found = program.call("GET", f"{FLOWS}/{second}")[1]
    assert found["acknowledgement"]["status"] == "Ok"


@pytest.mark.parametrize(
    ("info", "field"),
    [
        ({"flowSyntax": "EDIFACT"}, "flowSyntax"),
        ({"flowSyntax": None}, "flowSyntax"),
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"processingRule": "Undefined"}, "processingRule"),
        ({"flowProfile": "BASIC WL"}, "flowProfile"),
        ({"sha256": "ABC"}, "sha256"),
        ({"trackingId": "x" * 65}, "trackingId"),
        ({"trackingId": 3}, "trackingId"),
    ],
)
def test_what_is_said_of_a_file_must_be_of_the_norm(
    program: Program, info: dict[str, object], field: str
) -> None:
    """400, the field named; nothing is kept."""
    reply, error = program.submit(sale(), **info)
    assert reply.status == 400
    assert field in error["errorMessage"]
    assert program.search() == []


def test_a_body_that_is_no_whole_submission_is_refused(program: Program) -> None:
    """No boundary, a part missing, cut in the middle, no JSON: 400 each time."""
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    half = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"\r\n\r\nab'.encode()
    whole = half + f"\r\n--{BOUNDARY}--\r\n".encode()
    for body, content_type in ((half, kind), (whole, kind), (whole, "multipart/form-data")):
        reply, error = program.call("POST", FLOWS, body, content_type=content_type)
        assert reply.status == 400, error
        assert error["errorCode"] in {"BAD_REQUEST", "MISSING_REQUIRED_FIELD"}


def test_a_file_too_large_is_told_where_to_go(program: Program) -> None:
    """413 with the address of the presigned form, in the language that is asked for."""
    for language, words in (("fr", "trop lourd"), ("en", "too large")):
        reply, error = program.submit(b"x" * 4_400_001, language=language)
        assert (reply.status, error["errorCode"]) == (413, "FILE_SIZE_EXCEEDED")
        assert "/afnor-flow/v1/flows/upload-form" in error["errorMessage"]
        assert words in error["errorMessage"]


def test_a_walk_by_cursor_meets_each_flow_once(program: Program) -> None:
    """Two a page; then by ``updatedAfter`` alone, as clients of version 1.2.0 walk."""
    sent = [program.submit(sale(f"V{place}"))[1]["flowId"] for place in range(5)]
    met: list[str] = []
    asked: dict[str, Any] = {"limit": 2, "where": {"flowDirection": ["Out"]}}
    while True:
        _reply, page = program.call("POST", f"{FLOWS}/search", json.dumps(asked).encode())
        met += [one["flowId"] for one in page["results"]]
        if "nextCursor" not in page:
            break
        asked["cursor"] = page["nextCursor"]
    assert met == sent
    walked: list[str] = []
    after = "2020-01-01T00:00:00Z"
    while page := program.search(updatedAfter=after)[:2]:
        walked += [one["flowId"] for one in page]
        after = page[-1]["updatedAt"]
    assert walked == sent


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"where": {}},
        {"where": {"flowType": ["Bill"]}},
        {"where": {"updatedAfter": "hier"}},
        {"where": {"updatedAfter": "2026-11-20T10:00:00"}},
        {"where": {"updatedAfter": "0001-01-01T00:00:00+14:00"}},
        {"where": {"updatedBefore": "9999-12-31T23:59:59-14:00"}},
        {"where": {"ackStatus": "Ok"}, "limit": 101},
        {"where": {"ackStatus": "Ok"}, "cursor": "abc"},
        {"where": {"ackStatus": "Ok"}, "cursor": base64.b64encode(b"D#other").decode()},
    ],
)
def test_a_search_must_be_of_the_norm(program: Program, asked: dict[str, object]) -> None:
    """At least one criterion, known values, times with their zone, our own cursors."""
    reply, error = program.call("POST", f"{FLOWS}/search", json.dumps(asked).encode())
    assert reply.status == 400
    if asked == {"where": {}}:
        assert error["errorCode"] == "MISSING_REQUIRED_FIELD"
        assert "demande au moins un critère : updatedAfter, " in error["errorMessage"]


class _AwayOnce:
    """The store, whose first commit finds it away."""

    def __init__(self, store: Store) -> None:
        self._store, self._away = store, True

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def commit(self, changes: Changes) -> Document:
        if self._away:
            self._away = False
            raise UnavailableError("unavailable", service="dynamodb")
        return self._store.commit(changes)


def test_what_was_taken_with_202_survives_a_store_that_is_away(program: Program) -> None:
    """A try that stops between the flow and its document is taken up again: nothing is lost."""
    world = program.world
    program.submit(sale())
    (take,) = world.queue.sent
    world.with_(store=_AwayOnce(world.context.store))
    with pytest.raises(UnavailableError):
        world.deliver()
    world.queue.sent.append(take)  # as the queue does
    program.settle()
    assert [one.summary.number for one in world.documents(Direction.SALE)] == ["V-2026-1"]
    assert program.search()[0]["acknowledgement"]["status"] == "Ok"


def test_another_dossiers_flow_is_not_there(program: Program) -> None:
    """404 by its identifier, in every view; not in a search either."""
    flow = program.submit(sale())[1]["flowId"]
    world = program.world
    theirs = replace(world.caller, dossier="d-other")
    made = key_service.make(theirs, "Autre", ("read",), world.context)
    program.token = token(program, made.key.id, made.secret)[1]["access_token"]
    for view in ("Metadata", "Original", "Converted", "ReadableView"):
        reply, error = program.call("GET", f"{FLOWS}/{flow}?docType={view}")
        assert reply.status == 404, view
        assert "page" not in error["errorMessage"]
    assert program.search() == []


def test_a_key_that_only_reads_submits_nothing(program: Program) -> None:
    """403 in the norm's words."""
    world = program.world
    made = key_service.make(world.caller, "Lecture", ("read",), world.context)
    program.token = token(program, made.key.id, made.secret)[1]["access_token"]
    reply, error = program.submit(sale())
    assert (reply.status, error["errorCode"]) == (403, "FORBIDDEN")
    assert "Cette clé API n’a pas ce droit" in error["errorMessage"]


def test_a_client_caught_in_a_loop_waits(program: Program) -> None:
    """429 with Retry-After once a minute's requests are used up."""
    for _turn in range(600):
        program.world.context.sessions.hit(f"api|api:{program.made.key.id}", window_seconds=60)
    reply, error = program.call("GET", "/afnor-flow/v1/healthcheck")
    assert (reply.status, error["errorCode"]) == (429, "TOO_MANY_REQUESTS")
    assert 0 < int(reply.headers["retry-after"]) <= 60


def test_a_request_id_comes_back(program: Program) -> None:
    """The client's own, or one of ours when it gave none or a strange one."""
    reply, _body = program.call("GET", "/afnor-flow/v1/healthcheck", request_id="abc-1")
    assert reply.headers["request-id"] == "abc-1"
    reply, _body = program.call("GET", "/afnor-flow/v1/healthcheck", request_id="a b\x01")
    assert reply.headers["request-id"] != "a b\x01"


def status(document: Any, code: str, at: datetime = START, **more: Any) -> bytes:
    """The message by which a client says something of a sale."""
    record = StatusRecord(
        id="own:x", code=code, side=Side.SELLER, set_at=at, recorded_at=at, **more
    )
    sample = invoices.workshop(DAY)
    sold = replace(
        sample, number=document.summary.number, seller=sample.buyer, buyer=sample.seller
    )
    return cdar.write(message_of(record, sold, received_at=at, created_at=at))


def deciding(program: Program) -> None:
    """Give the program a key that may set statuses."""
    rights = ("read", "upload", "decide")
    made = key_service.make(program.world.caller, "Encaissements", rights, program.world.context)
    program.token = token(program, made.key.id, made.secret)[1]["access_token"]


def test_a_submitted_status_is_set_on_its_invoice(program: Program) -> None:
    """212 with its amount: on the document, by the key's name; the flow is Ok."""
    program.submit(sale())
    program.settle()
    (document,) = program.world.documents(Direction.SALE)
    deciding(program)
    paid = Characteristic(type="MEN", amount=Decimal("60.00"), rate=Decimal(20), on=DAY)
    flow = program.submit(
        status(document, "212", characteristics=(paid,)), flowSyntax="CDAR", name="212.xml"
    )[1]["flowId"]
    program.settle()

    told = program.call("GET", f"{FLOWS}/{flow}")[1]
    assert told["acknowledgement"] == {"status": "Ok"}, told
    assert told["flowType"] == "CustomerInvoiceLC"
    (record,) = program.world.document(document.id).statuses
    assert (record.code, record.by_name) == ("212", "Encaissements")
    assert [one.amount for one in record.characteristics] == [Decimal("60.00")]


def test_a_status_that_may_not_be_set_is_refused_with_its_reason(program: Program) -> None:
    """A key without the right; a buyer's status by the seller; an unknown invoice; no message."""
    program.submit(sale())
    program.settle()
    (document,) = program.world.documents(Direction.SALE)
    unknown = replace(document, summary=replace(document.summary, number="AUTRE"))
    cases = [
        (status(document, "205"), "InvoiceLCAccessDenied", False),
        (status(document, "205"), "InvoiceLCStatusError", True),
        (status(unknown, "212"), "InvoiceLCInvalidStatus", True),
        (
            status(document, "205").replace(b"AcknowledgementDocument>", b"Nothing>"),
            "InvalidSchema",
            True,
        ),
    ]
    for data, reason, decides in cases:
        if decides:
            deciding(program)
        reply, taken = program.submit(data, flowSyntax="CDAR")
        assert reply.status == 202, taken
        flow = taken["flowId"]
        program.settle()
        told = program.call("GET", f"{FLOWS}/{flow}")[1]["acknowledgement"]
        assert told["status"] == "Error", (reason, told)
        assert told["details"][0]["reasonCode"] == reason, told
    assert program.world.document(document.id).statuses == ()


def acknowledged(program: Program, data: bytes, **more: str) -> dict[str, Any]:
    """The acknowledgement of a submitted status, once it is controlled."""
    flow = program.submit(data, flowSyntax="CDAR", **more)[1]["flowId"]
    program.settle()
    told: dict[str, Any] = program.call("GET", f"{FLOWS}/{flow}")[1]["acknowledgement"]
    return told


def test_a_payment_that_is_submitted_again_is_not_paid_twice(program: Program) -> None:
    """A client that got no answer writes its message anew (MDT-8): the same is said once.

    Another payment of the same amount is another: it was set at another time (MDT-78).
    """
    program.submit(sale())
    program.settle()
    (document,) = program.world.documents(Direction.SALE)
    deciding(program)
    paid = Characteristic(type="MEN", amount=Decimal("10.00"), rate=Decimal(20), on=DAY)
    first = status(document, "212", characteristics=(paid,))
    assert acknowledged(program, first)["status"] == "Ok"
    again = first.replace(b"<ram:Name>", b"<ram:Name>Encore ", 1)
    assert first != again
    told = acknowledged(program, again)
    assert [told["status"], told["details"][0]["reasonCode"]] == ["Error", "AlreadyExistingFlow"]
    assert 1 == len(program.world.document(document.id).statuses)
    later = status(document, "212", characteristics=(paid,), at=START + timedelta(minutes=5))
    assert acknowledged(program, later)["status"] == "Ok"
    assert 2 == len(program.world.document(document.id).statuses)


def test_a_payment_that_is_submitted_has_its_bounds(program: Program) -> None:
    """No message can confirm what is above what is due: taken, and warned of. The rest is not."""
    program.submit(sale())
    program.settle()
    (document,) = program.world.documents(Direction.SALE)
    deciding(program)

    def told(minutes: int, amount: str, on: date = DAY) -> dict[str, Any]:
        paid = Characteristic(type="MEN", amount=Decimal(amount), rate=Decimal(20), on=on)
        at = START + timedelta(minutes=minutes)
        return acknowledged(program, status(document, "212", characteristics=(paid,), at=at))

    for minute, (amount, on) in enumerate(
        (("9" * 22, DAY), ("10.00", date(9999, 12, 31)), ("10.00", date(1999, 12, 31)))
    ):
        assert "Error" == told(minute, amount, on)["status"]
    assert () == program.world.document(document.id).statuses
    said = told(5, "5000000.00")
    (warning,) = said["details"]
    assert ("Ok", "Warning", "MDT-215") == (said["status"], warning["level"], warning["item"])
    assert "€ de trop : vérifiez-le." in warning["reasonMessage"]
    assert 1 == len(program.world.document(document.id).statuses)


def paid_already() -> bytes:
    """A sale of 1,627.20 € whose whole was paid before it was written (BT-23 S2)."""
    made = invoices.workshop(DAY)
    totals = replace(made.totals, prepaid=made.totals.tax_inclusive, due=Decimal("0.00"))
    return xml("V-PAID", seller=made.buyer, buyer=made.seller, totals=totals, process="S2")


def test_the_payment_of_an_invoice_already_paid_is_taken(program: Program) -> None:
    """Its whole was collected, and its VAT is declared from that status; more is warned of."""
    program.submit(paid_already())
    program.settle()
    (document,) = program.world.documents(Direction.SALE)
    assert (Decimal(0), Decimal("1627.20")) == (
        document.summary.amount_due,
        document.summary.total_incl_vat,
    )
    deciding(program)
    whole = Characteristic(type="MEN", amount=Decimal("1627.20"), rate=Decimal(20), on=DAY)
    first = status(document, "212", characteristics=(whole,))
    assert {"status": "Ok"} == acknowledged(program, first)
    more = replace(whole, amount=Decimal("0.01"))
    later = status(document, "212", characteristics=(more,), at=START + timedelta(minutes=5))
    (warning,) = acknowledged(program, later)["details"]
    assert "0,01 € de trop" in warning["reasonMessage"]


def test_a_status_that_is_tried_again_is_not_set_against_itself(program: Program) -> None:
    """The first try set it and could not say so: the second warns of nothing paid twice."""
    program.submit(sale())
    program.settle()
    (document,) = program.world.documents(Direction.SALE)
    deciding(program)
    amount = document.summary.total_incl_vat
    paid = Characteristic(type="MEN", amount=amount, rate=Decimal(20), on=DAY)
    data = status(document, "212", characteristics=(paid,))
    flow = program.submit(data, flowSyntax="CDAR")[1]["flowId"]
    context = program.world.context
    held = context.flows.flow(program.world.dossier, flow)
    submitted.take(held, data, context)  # its answer was lost
    assert 1 == len(program.world.document(document.id).statuses)
    program.settle()
    told = program.call("GET", f"{FLOWS}/{flow}")[1]["acknowledgement"]
    assert {"status": "Ok"} == told
    assert 1 == len(program.world.document(document.id).statuses)


def test_a_trial_message_says_nothing_of_a_real_invoice(program: Program) -> None:
    """MDT-1 true: refused with its reason, nothing is set."""
    program.submit(sale())
    program.settle()
    (document,) = program.world.documents(Direction.SALE)
    deciding(program)
    paid = Characteristic(type="MEN", amount=Decimal("10.00"), rate=Decimal(20), on=DAY)
    message = cdar.parse(status(document, "212", characteristics=(paid,)))
    told = acknowledged(program, cdar.write(replace(message, test=True)))
    assert ("Error", "MDT-1") == (told["status"], told["details"][0]["item"])
    assert () == program.world.document(document.id).statuses


def test_what_is_wrong_with_a_status_names_its_field_and_its_value(program: Program) -> None:
    """A bad amount, a cut file, a status that is not offered: no « ? », no page to reload."""
    program.submit(sale())
    program.settle()
    (document,) = program.world.documents(Direction.SALE)
    deciding(program)
    paid = Characteristic(type="MEN", amount=Decimal("61.25"), rate=Decimal(20), on=DAY)
    message = status(document, "212", characteristics=(paid,))
    cases = (
        (message.replace(b">61.25<", b">61,25 EUR<"), "« 61,25 EUR » (MDT-215)"),
        (message[:-30], "mal formé (ligne "),
        (status(document, "205"), "n’est pas possible maintenant (statut actuel : "),
    )
    for data, words in cases:
        (detail,) = acknowledged(program, data)["details"]
        assert words in detail["reasonMessage"], detail
        assert "?" not in detail["reasonMessage"]
        assert "page" not in detail["reasonMessage"]


def test_what_a_program_attaches_is_kept_or_refused_with_the_norm_s_reason(
    program: Program,
) -> None:
    """A delivery note with « Complétée »; a program with a macro is told AttachmentTypeError."""
    program.submit(sale())
    program.settle()
    (document,) = program.world.documents(Direction.SALE)
    deciding(program)
    asked = StatusRecord(
        id="flow:pa:1", code="208", side=Side.BUYER, set_at=START, recorded_at=START,
        reasons=(StatusReason(code="JUSTIF_ABS"),),
    )  # fmt: skip
    run(
        ApplyStatus(dossier=document.dossier, document=document.id, record=asked),
        program.world.context,
    )
    completed = cdar.parse(status(document, "209", at=START + timedelta(minutes=5)))
    for data, expected in ((b"PK\x03\x04 macro", "AttachmentTypeError"), (b"%PDF-1.4", "")):
        file = EmbeddedFile(filename="bon.pdf", data=data, media_type="application/pdf")
        told = acknowledged(program, cdar.write(replace(completed, attachments=(file,))))
        reasons = [one["reasonCode"] for one in told.get("details", ())]
        assert [expected] * bool(expected) == reasons
    held = program.world.document(document.id)
    (kept,) = [one for role, one in held.files.items() if "-piece-" in role]
    assert "bon.pdf" == kept.filename


def test_a_large_file_comes_by_a_form_and_is_a_flow_like_any_other(program: Program) -> None:
    """The form's key names the flow; posted, the flow is controlled and the invoice is there."""
    info = {"name": "œuvre – été.xml", "flowSyntax": "CII", "trackingId": "big-1"}
    reply, form = program.call("POST", f"{FLOWS}/upload-form", json.dumps(info).encode())
    assert reply.status == 201
    world = program.world
    fields = form["fields"]
    meta = {
        name.removeprefix("x-amz-meta-"): value
        for name, value in fields.items()
        if name.startswith("x-amz-meta-")
    }
    world.platform.client("s3").put_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"],
        Key=fields["key"],
        Body=sale(),
        Metadata=meta,
    )
    command = ReceiveUpload(key=fields["key"], received_at=world.clock.now())
    for _delivery in range(2):
        running.run(command, world.context)
        program.settle()
    (flow,) = program.search(trackingId="big-1")
    assert [flow["flowId"], flow["name"]] == [form["flowId"], info["name"]]
    assert flow["acknowledgement"]["status"] == "Ok"
    assert len(world.documents(Direction.SALE)) == 1


def posted(program: Program, meta: dict[str, str], data: bytes) -> dict[str, Any]:
    """The flow of a file that came by a form which said this, delivered twice."""
    world = program.world
    key = f"uploads/{world.dossier}/01ABC"
    world.platform.client("s3").put_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"], Key=key, Body=data, Metadata=meta
    )
    for _delivery in range(2):
        running.run(ReceiveUpload(key=key, received_at=world.clock.now()), world.context)
        program.settle()
    reply, flow = program.call("GET", f"{FLOWS}/01ABC")
    assert 200 == reply.status, flow
    return flow


def test_a_form_of_before_a_deployment_keeps_its_file(program: Program) -> None:
    """It was signed with percents: « Logiciel » alone could be base64 as well."""
    said = json.dumps({"name": "été – 1.xml", "flowSyntax": "CII"}, ensure_ascii=False)
    meta = {"flow": quote(said), "client": program.made.key.id, "client-name": quote("Logiciel")}
    flow = posted(program, meta, sale())
    assert ("été – 1.xml", "Ok") == (flow["name"], flow["acknowledgement"]["status"])
    (document,) = program.world.documents(Direction.SALE)
    assert "Logiciel" == document.sources[0].sender


@pytest.mark.parametrize(
    "said",
    ["%7B", "%7B%FF%FE", "Logiciel", "????", "e30=", "bm90IGpzb24=", "eyJuYW1lIjogImEifQ=="],
)
def test_a_form_that_says_nothing_readable_makes_a_flow_that_says_so(
    program: Program, said: str
) -> None:
    """The client follows the flow that the form named: an error there, and its file kept."""
    flow = posted(program, {"flow": said, "client-name": "Logiciel"}, sale())
    (wrong,) = flow["acknowledgement"]["details"]
    assert ("Error", "flowInfo") == (flow["acknowledgement"]["status"], wrong["item"])
    assert "formulaire" in wrong["reasonMessage"]
    held = program.world.context.flows.flow(program.world.dossier, "01ABC")
    assert sale() == program.world.context.blobs.get(submissions.submitted(held))
    assert [] == list(program.world.documents(Direction.SALE))


@pytest.mark.parametrize("sign", ["x", "é", "発", "\U0001f9fe", '"'])
def test_a_form_s_metadata_fit_whatever_the_name(program: Program, sign: str) -> None:
    """S3 takes 2 KB of names and values; the longest name of the norm passes in any alphabet."""
    info = {"name": sign * 255, "flowSyntax": "Factur-X", "sha256": "a" * 64}
    reply, form = program.call("POST", f"{FLOWS}/upload-form", json.dumps(info).encode())
    assert 201 == reply.status, form
    kept = {key: one for key, one in form["fields"].items() if key.startswith("x-amz-meta-")}
    assert 2048 >= sum(len(f"{key}{one}".encode()) for key, one in kept.items())
    assert all(one.isascii() for one in kept.values())


def test_what_does_not_fit_in_a_form_is_refused_before_it_is_signed(program: Program) -> None:
    """400 that names the field: S3 would refuse the file itself, in its own words."""
    info = {"name": "\x01" * 255, "flowSyntax": "CII", "sha256": "a" * 64}
    reply, error = program.call("POST", f"{FLOWS}/upload-form", json.dumps(info).encode())
    assert 400 == reply.status
    assert "« name »" in error["errorMessage"]


def test_an_invoice_that_breaks_the_rules_is_an_error_with_the_rules_name(
    program: Program,
) -> None:
    """The acknowledgement names what failed; the document waits for a person."""

    program.world.rulebook.verdict = Verdict.INVALID
    program.world.rulebook.findings = (
        Fault(code="BR-CO-10", path="totals", source=FaultSource.OFFICIAL, message="Sum"),
    )
    flow = program.submit(sale())[1]["flowId"]
    program.settle()
    found = program.call("GET", f"{FLOWS}/{flow}")[1]
    assert found["acknowledgement"]["status"] == "Error"
    (detail,) = found["acknowledgement"]["details"]
    assert ("totals", "InvalidSchema") == (detail["item"], detail["reasonCode"])
    assert detail["reasonMessage"].startswith("La somme des lignes n’est pas")
    english = program.call("GET", f"{FLOWS}/{flow}", accept_language="en")[1]
    assert english["acknowledgement"]["details"][0]["reasonMessage"] == "Sum"
    (document,) = program.world.documents(Direction.SALE)
    assert document.state is State.TO_CHECK


def test_a_warning_of_the_official_files_is_told_in_french_with_its_element(
    program: Program,
) -> None:
    """Valid, and said so: what the profile ignores is named, with its place."""
    place = "/rsm:CrossIndustryInvoice/ram:Description"
    program.world.rulebook.findings = (
        Fault(
            code="FX-NOT-USED",
            severity=Severity.WARNING,
            source=FaultSource.OFFICIAL,
            values={"location": place, "flag": "warning"},
            message="Element 'ram:Description' is marked as not used in the given context.",
        ),
    )
    flow = program.submit(sale())[1]["flowId"]
    program.settle()
    told = program.call("GET", f"{FLOWS}/{flow}")[1]["acknowledgement"]
    assert "Ok" == told["status"]
    (detail,) = (one for one in told["details"] if one["item"] == place)
    assert "« ram:Description »" in detail["reasonMessage"]
    assert "il sera ignoré" in detail["reasonMessage"]


def test_what_our_own_controls_found_is_told_in_a_sentence(program: Program) -> None:
    """No code of ours reaches a client: the flow and the list say the same sentence."""
    other = (
        sale().replace(b"Maison Delorme", b"Une autre maison").replace(b"300000007", b"400000006")
    )
    flow = program.submit(other)[1]["flowId"]
    program.settle()
    found = program.call("GET", f"{FLOWS}/{flow}")[1]
    said = [one["reasonMessage"] for one in found["acknowledgement"]["details"]]
    assert any("semble être une autre entreprise" in one for one in said)
    (listed,) = program.search(flowType=["CustomerInvoice"])
    assert [one["reasonMessage"] for one in listed["acknowledgement"]["details"]] == said
