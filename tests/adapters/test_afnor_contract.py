"""What our client says and what the test platform answers, held against the published interface.

Each exchange is made once per run and compared twice: with our own restatement, everywhere, and
with the official OpenAPI files (XP Z12-013 1.3.0) where the shared folder holds them.
"""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest
from facteur.adapters.connectors.http import Answer, Request
from facteur.domain.errors import FacteurError
from facteur.domain.flows import FlowView
from facteur.local.sandbox_pa.calling import signature

from tests.adapters.afnor_shapes import DIRECTORY, FLOW, check, operations
from tests.sandbox_pa import BUYER, LONG_AGO, SELLER, House, invoice, outgoing, running

Seen = list[tuple[Request, Answer]]
_FLOWS, _DIRECTORY = "/afnor-flow", "/afnor-directory"


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    """Every exchange of a day with a platform, good and bad."""
    with running() as house:
        _a_day(house)
        yield list(house.http.seen)


def _a_day(house: House) -> None:
    platform, other = house.open(), house.open(BUYER)
    platform.check()
    taken = platform.submit(outgoing(invoice()))
    platform.submit(outgoing(invoice(), "again"))
    platform.submit(outgoing(invoice(), "wrong", sha256="0" * 64))
    house.sandbox.settle()
    platform.find("t-1")
    platform.flow(taken.id)
    for index in range(120):
        house.sandbox.receive(BUYER, "SupplierInvoice", f"{index}.xml", "CII", b"<a/>")
    page = other.search(updated_after=LONG_AGO, received_only=True)
    other.search(updated_after=LONG_AGO, cursor=page.cursor, received_only=True)
    for view in FlowView:
        other.file(page.flows[0].id, view)
    webhook, _key = platform.subscribe("http://127.0.0.1:9/pa")
    platform.unsubscribe(webhook)
    for siren in ("300010006", "300050002", "999999999"):
        platform.legal_unit(siren)
        platform.lines(siren)
    for address in ("300050002_30005000200010_VOIRIE", "300010006", "nowhere"):
        platform.line(address)
    for fault in ("error_500", "error_503", "throttle"):
        house.sandbox.faults.set(fault, 3)
        with pytest.raises(FacteurError):
            platform.flow(taken.id)
        house.sandbox.faults.set(fault, 0)
    with pytest.raises(FacteurError):
        house.open(SELLER, organization=BUYER).flow(taken.id)
    house.sandbox.store.forget_access()
    platform.flow(taken.id)


def _of(seen: Seen, base: str) -> Iterator[tuple[str, Request, Answer]]:
    """(path within the service, request, answer) of one service."""
    for request, answer in seen:
        path = urlsplit(request.url).path
        if path.startswith(base):
            yield path.removeprefix(base), request, answer


def _operation(file: str, method: str, path: str) -> dict[str, Any]:
    """The operation of the official file that a call is, the most literal path first."""
    paths = operations(file)
    for template in sorted(paths, key=lambda one: one.count("{")):
        pattern = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{[^}]+\})", template)
        )
        if re.fullmatch(pattern, path) and method.lower() in paths[template]:
            found: dict[str, Any] = paths[template][method.lower()]
            return found
    return pytest.fail(f"{method} {path} is no operation of {file}")


def _flow_info(request: Request) -> Any:
    """The flowInfo part of a submission."""
    body = request.body or b""
    return json.loads(body.split(b"\r\n\r\n", 1)[1].split(b"\r\n--", 1)[0])


def _sent(path: str, request: Request) -> tuple[str, Any] | None:
    """(name of the schema, body) of what the client sent."""
    if request.method != "POST":
        return None
    if path == "/v1/flows":
        return "FlowInfo", _flow_info(request)
    names = {"/v1/flows/search": "SearchFlowParams", "/v1/webhooks": "WebhookParams"}
    return names[path], json.loads(request.body or b"")


def _told(path: str, request: Request, answer: Answer) -> tuple[str, Any] | None:
    """(name of the schema, body) of what the platform answered."""
    if answer.status >= 400:
        return "Error", answer.json()
    if answer.headers.get("content-type") != "application/json":
        return None
    if path == "/v1/flows":
        return "FullFlowInfo", answer.json()
    names = {"/v1/flows/search": "SearchFlowContent", "/v1/webhooks": "WebhookIdParam"}
    return names.get(path, "Flow"), answer.json()


@pytest.mark.parametrize("file", ["", FLOW], ids=["own shapes", "official file"])
def test_every_exchange_of_flows_has_the_published_shape(seen: Seen, file: str) -> None:
    """Requests, answers and errors of the Flow Service, each one."""
    compared = set()
    for path, request, answer in _of(seen, _FLOWS):
        for one in (_sent(path, request), _told(path, request, answer)):
            if one is not None:
                check(one[1], one[0], file=file)
                compared.add(one[0])
    assert compared == {
        "FlowInfo",
        "SearchFlowParams",
        "WebhookParams",
        "FullFlowInfo",
        "SearchFlowContent",
        "WebhookIdParam",
        "Flow",
        "Error",
    }


def test_every_call_is_an_operation_with_its_answers_and_parameters(seen: Seen) -> None:
    """Paths, methods, statuses and query parameters are those that the official files name."""
    count = 0
    for base, file in ((_FLOWS, FLOW), (_DIRECTORY, DIRECTORY)):
        for path, request, answer in _of(seen, base):
            operation = _operation(file, request.method, path)
            assert str(answer.status) in operation["responses"], (path, answer.status)
            named = {
                one.get("name") or one["$ref"].rsplit("/", 1)[1]
                for one in operation.get("parameters", ())
            }
            query = dict(parse_qsl(urlsplit(request.url).query))
            assert set(query) <= named, path
            count += 1
    assert count > 20


_DIRECTORY_SCHEMAS = {
    "siren": ("searchSiren", "sirenSearchPost200Response", "legalUnitPayloadHistory"),
    "directory-line": (
        "searchDirectoryLine",
        "directoryLineSearchPost200Response",
        "directoryLinePayloadLegalUnitFacilityRoutingCode",
    ),
}


def test_every_exchange_with_the_directory_has_the_published_shape(seen: Seen) -> None:
    """Searches, single answers and errors of the Directory Service."""
    compared = set()
    for path, request, answer in _of(seen, _DIRECTORY):
        asked, listed, single = _DIRECTORY_SCHEMAS[path.split("/")[2]]
        if request.method == "POST":
            check(json.loads(request.body or b""), asked, file=DIRECTORY)
        if answer.status >= 400:
            check(answer.json(), "Error", file=DIRECTORY)
            continue
        name = listed if request.method == "POST" else single
        check(answer.json(), name, file=DIRECTORY)
        compared.add(name)
    assert len(compared) == 4


def test_each_call_names_itself_by_a_uuid(seen: Seen) -> None:
    """Request-Id is the standard's thread through both sides' logs (PE-13)."""
    with running() as house:
        house.open().check()
        for call in house.calls:
            assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", call.request_id)
    assert all("Request-Id" not in urlsplit(one.url).query for one, _answer in seen)


def test_a_wrong_shape_is_seen() -> None:
    """The comparison is no decoration: what the standard forbids fails."""
    for file in ("", FLOW):
        with pytest.raises(jsonschema.ValidationError):
            check({"flowId": "x", "submittedAt": "2026-01-01T00:00:00Z"}, "Flow", file=file)
        with pytest.raises(jsonschema.ValidationError):
            check({"name": "x", "flowSyntax": "PDF"}, "FlowInfo", file=file)


def test_a_webhook_is_called_signed_until_it_is_heard() -> None:
    """The body is a Flow; the signature is over the very bytes; a first failure is tried again."""
    heard: list[tuple[dict[str, str], bytes]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append(({key.lower(): one for key, one in self.headers.items()}, body))
            self.send_response(500 if len(heard) == 1 else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listener = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True).start()
    try:
        with running() as house:
            url = f"http://127.0.0.1:{listener.server_address[1]}/pa/webhooks/c-1"
            _webhook, key = house.open(BUYER).subscribe(url)
            house.sandbox.receive(BUYER, "SupplierInvoice", "a.xml", "CII", b"<a/>")
            house.sandbox.settle()
    finally:
        listener.shutdown()
        listener.server_close()
    assert len(heard) == 2
    headers, body = heard[1]
    check(json.loads(body), "Flow")
    at = int(headers["afnor-signature-timestamp"])
    fingerprint = hashlib.sha256(body + b"@" + str(at).encode()).digest()
    assert len(base64.b64decode(headers["afnor-signature"])) == len(fingerprint)
    assert headers["afnor-signature"] == signature(base64.b64decode(key), body, at)
