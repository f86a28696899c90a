"""The test platform behaves like a platform: it checks, routes, says statuses, and misbehaves."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from facteur.adapters.saxon import SaxonRulebook
from facteur.adapters.system import SystemClock, SystemIds
from facteur.domain.documents import Verdict
from facteur.domain.errors import UnavailableError
from facteur.domain.flows import AckStatus, Flow, FlowDirection, FlowSyntax, FlowType, FlowView
from facteur.domain.invoice import Identifier, Invoice
from facteur.domain.lifecycle.messages import StatusMessage, message_of
from facteur.domain.lifecycle.records import (
    Characteristic,
    Side,
    StatusReason,
    StatusRecord,
)
from facteur.formats import cdar
from facteur.formats.xml_invoice import parse as parse_invoice
from facteur.formats.xml_invoice import write_cii
from facteur.local.sandbox_pa import __main__ as command
from facteur.local.sandbox_pa.actors import ANSWERS
from facteur.local.sandbox_pa.controls import EICAR
from facteur.local.sandbox_pa.faults import FAULTS
from facteur.local.sandbox_pa.platform import Sandbox
from facteur.ports import Platform

from tests.sandbox_pa import (
    BUYER,
    LONG_AGO,
    SELLER,
    House,
    invoice,
    no_pdf,
    outgoing,
    running,
)

RULES = SaxonRulebook()
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def flows(platform: Platform, *kinds: FlowType) -> list[Flow]:
    """What an account has, of some types."""
    found = platform.search(updated_after=LONG_AGO).flows
    return [one for one in found if not kinds or one.type in kinds]


def messages(platform: Platform) -> list[StatusMessage]:
    """The lifecycle messages that came to an account, as they came."""
    received = [
        one
        for one in flows(platform)
        if one.direction is FlowDirection.IN and one.syntax is FlowSyntax.CDAR
    ]
    held = [platform.file(one.id, FlowView.ORIGINAL) for one in received]
    return [cdar.parse(one.data) for one in held if one is not None]


def submitted(
    house: House, document: Invoice | bytes, tracking: str = "t-1", **more: object
) -> Flow:
    """A submission of the seller, as it stands once it was looked at."""
    platform = house.open()
    taken = platform.submit(outgoing(document, tracking, **more))  # type: ignore[arg-type]
    house.sandbox.settle()
    return platform.flow(taken.id)


def said(
    house: House, code: str, by: str = BUYER, *, of: Invoice | None = None, **more: object
) -> Flow:
    """A status that a party sets, as it stands once it was looked at."""
    record = StatusRecord(
        id=f"own:{code}-{by}-{len(house.http.seen)}",
        code=code,
        set_at=NOW,
        recorded_at=NOW,
        side=Side.BUYER if by == BUYER else Side.SELLER,
        **more,  # type: ignore[arg-type]
    )
    message = message_of(record, of or invoice(), received_at=NOW, created_at=NOW)
    platform = house.open(by)
    sent = outgoing(cdar.write(message), record.id, FlowSyntax.CDAR)
    taken = platform.submit(sent)
    house.sandbox.settle()
    return platform.flow(taken.id)


def reasons(flow: Flow) -> list[str]:
    """The reason codes of its acknowledgement."""
    return [one.reason for one in flow.acknowledgement.details]


# ── Invoices ────────────────────────────────────────────────────────────────────────────────────


def test_an_invoice_reaches_the_company_of_its_address() -> None:
    """200 to 203 for the issuer, the file and 202, 203 for the receiver, nothing for others."""
    with running() as house:
        house.sandbox.register("404833048", "Tierce")
        done = submitted(house, invoice())
        assert (done.acknowledgement.status, done.type) == (
            AckStatus.OK,
            FlowType.CUSTOMER_INVOICE,
        )
        assert [one.code for one in messages(house.open())] == ["200", "201", "202", "203"]
        other = house.open(BUYER)
        (received,) = flows(other, FlowType.SUPPLIER_INVOICE)
        held = other.file(received.id, FlowView.ORIGINAL)
        assert held is not None
        assert held.data == write_cii(invoice(), "EN 16931")
        assert [one.code for one in messages(other)] == ["202", "203"]
        assert house.sandbox.store.flows("404833048") == ()


def test_what_it_says_passes_the_official_rules() -> None:
    """Its messages are those of a real platform: XSD and BR-FR-CDV accept every one."""
    with running() as house:
        submitted(house, invoice())
        submitted(house, invoice("F-2", to="999999999"), "t-2")
        submitted(house, invoice("F-3", to="300020005"), "t-3")
        house.sandbox.faults.set("routing_error", 1)
        submitted(house, invoice("F-4"), "t-4")
        submitted(house, b"<a/>", "t-5")
        platform, codes = house.open(), set[str]()
        for one in flows(platform, FlowType.CUSTOMER_INVOICE_LC):
            held = platform.file(one.id, FlowView.ORIGINAL)
            assert held is not None
            report = RULES.check_status(held.data)
            assert report.verdict is Verdict.VALID, (one.name, report.findings)
            codes.add(cdar.parse(held.data).code)
        assert codes == {"200", "201", "202", "203", "213", "221", "501"}


@pytest.mark.parametrize(
    ("to", "address", "reason"),
    [
        ("999999999", None, "DEST_INC"),
        ("300010006", "300010006_NOBODY", "ADR_ERR"),
        (BUYER, "", "ADR_ERR"),
    ],
    ids=["company unknown", "address unknown", "no address"],
)
def test_an_address_that_leads_nowhere_is_rejected(
    to: str, address: str | None, reason: str
) -> None:
    """Acknowledged, for the file is good, then 213 with the reason; the buyer hears nothing."""
    with running() as house:
        done = submitted(house, invoice(to=to, address=address))
        assert done.acknowledgement.status is AckStatus.OK
        (message,) = messages(house.open())
        assert message.code == "213"
        assert [one.reason.code for one in message.details] == [reason]
        assert flows(house.open(BUYER)) == []


def test_a_rejected_number_may_come_again() -> None:
    """213 at emission: it was never issued; corrected, it goes out under its number (D07)."""
    with running() as house:
        submitted(house, invoice(address="732829320_NOBODY"))
        again = submitted(house, invoice(), "t-2")
        assert again.acknowledgement.status is AckStatus.OK
        assert len(flows(house.open(BUYER), FlowType.SUPPLIER_INVOICE)) == 1


@pytest.mark.parametrize("to", ["300020005", "300030004"], ids=["disabled", "upcoming"])
def test_a_company_without_a_platform_gets_nothing_and_that_is_said(to: str) -> None:
    """200 with NON_TRANSMISE: the seller gives the invoice by other means."""
    with running() as house:
        submitted(house, invoice(to=to))
        (message,) = messages(house.open())
        assert (message.code, message.details[0].reason.code) == ("200", "NON_TRANSMISE")


def test_a_public_customer_is_left_to_chorus_pro() -> None:
    """Deposited and sent on; the rest is not the platform's to say."""
    with running() as house:
        submitted(house, invoice(to="300050002", address="300050002_30005000200010"))
        assert [one.code for one in messages(house.open())] == ["200", "201"]


def test_a_number_is_taken_once() -> None:
    """The same file twice, or another invoice of that number: AlreadyExistingFlow, no status."""
    with running() as house:
        submitted(house, invoice())
        for tracking, document in (("t-2", invoice()), ("t-3", replace(invoice(), due_date=None))):
            again = submitted(house, document, tracking)
            assert reasons(again) == ["AlreadyExistingFlow"]
        assert len(messages(house.open())) == 4
        assert len(flows(house.open(BUYER), FlowType.SUPPLIER_INVOICE)) == 1


def test_an_account_sends_what_its_company_issues() -> None:
    """Somebody else's invoice is refused; what the buyer bills to himself he may send."""
    with running() as house:
        stranger = house.open(BUYER).submit(outgoing(invoice()))
        house.sandbox.settle()
        assert reasons(house.open(BUYER).flow(stranger.id)) == ["OtherTechnicalError"]
        own = house.open(BUYER).submit(outgoing(replace(invoice(), type_code="389"), "t-2"))
        house.sandbox.settle()
        assert house.open(BUYER).flow(own.id).type is FlowType.SUPPLIER_INVOICE
        (received,) = flows(house.open(), FlowType.CUSTOMER_INVOICE)
        assert received.direction is FlowDirection.IN


@pytest.mark.parametrize(
    ("data", "syntax", "reason", "unreadable"),
    [
        (b"", FlowSyntax.CII, "EmptyFlow", "IRR_VIDE_F"),
        (b"<a/>", FlowSyntax.CII, "FlowTypeError", "IRR_TYPE_F"),
        (b"%PDF-1.7", FlowSyntax.UBL, "FlowTypeError", "IRR_TYPE_F"),
        (EICAR, FlowSyntax.CII, "VirusFound", "IRR_ANTIVIRUS"),
        (
            write_cii(invoice(), "EN 16931")[:-30],
            FlowSyntax.CII,
            "InvalidSchema",
            "IRR_SYNTAX",
        ),
    ],
    ids=["empty", "no invoice", "other syntax", "virus", "cut"],
)
def test_a_file_that_is_no_invoice_is_not_taken(
    data: bytes, syntax: FlowSyntax, reason: str, unreadable: str
) -> None:
    """The acknowledgement says why, and a 501 that there is no invoice."""
    with running() as house:
        done = submitted(house, data, syntax=syntax)
        assert reasons(done) == [reason]
        (message,) = messages(house.open())
        assert (message.code, message.details[0].reason.code) == ("501", unreadable)


def test_a_file_that_was_altered_on_its_way_is_not_taken() -> None:
    """The hash that its sender gave is checked."""
    with running() as house:
        assert reasons(submitted(house, invoice(), sha256="0" * 64)) == ["ChecksumMismatch"]


def test_the_official_rules_reject_what_breaks_them() -> None:
    """With the rules on, a wrong total is 213 REJ_SEMAN with the rule's own identifier."""
    sandbox = Sandbox(None, SystemClock(), SystemIds(), pdf=no_pdf, rulebook=RULES)
    sandbox.register(SELLER, "Kervella")
    sandbox.register(BUYER, "Dunes")
    wrong = invoice("F-9")
    wrong = replace(wrong, totals=replace(wrong.totals, tax_inclusive=Decimal("999.00")))
    for name, document in (("good", invoice("F-8")), ("wrong", wrong)):
        info = {"name": f"{name}.xml", "flowSyntax": "CII"}
        sandbox.submit(SELLER, info, "application/xml", write_cii(document, "EN 16931"))
    sandbox.settle()
    found = [one for one in sandbox.store.flows(SELLER) if one.direction == "Out"]
    assert {one.name: one.status for one in found} == {"good.xml": "Ok", "wrong.xml": "Error"}
    held = [
        cdar.parse(file[2])
        for one in sandbox.store.flows(SELLER)
        if one.name.startswith("F-9") and (file := sandbox.store.file(one.id, "Original"))
    ]
    assert [one.code for one in held] == ["213"]
    assert "BR-CO-15" in held[0].details[0].reason.comment
    sandbox.store.close()


# ── Statuses of the parties ─────────────────────────────────────────────────────────────────────


def test_a_status_of_one_party_reaches_the_other() -> None:
    """A dispute, then a payment: byte for byte, in the other's flows, and nobody's echo."""
    with running() as house:
        submitted(house, invoice())
        disputed = said(
            house, "207", reasons=(StatusReason(code="QTE_ERR", comment="2 et non 3"),)
        )
        assert disputed.acknowledgement.status is AckStatus.OK
        paid = Characteristic(type="MEN", amount=Decimal("120.00"), rate=Decimal("20.00"))
        said(house, "212", SELLER, characteristics=(paid,))
        assert [one.code for one in messages(house.open())][4:] == ["207"]
        assert [one.code for one in messages(house.open(BUYER))][2:] == ["212"]
        sent = house.open(BUYER).file(disputed.id, FlowView.ORIGINAL)
        came = next(one for one in reversed(flows(house.open())) if one.name == disputed.name)
        held = house.open().file(came.id, FlowView.ORIGINAL)
        assert held is not None
        assert sent is not None
        assert held.data == sent.data


@pytest.mark.parametrize(
    ("code", "by", "more", "reason"),
    [
        ("203", BUYER, {}, "InvoiceLCInvalidStatus"),
        ("999", BUYER, {}, "InvoiceLCInvalidStatus"),
        ("205", SELLER, {}, "InvoiceLCAccessDenied"),
        ("212", BUYER, {}, "InvoiceLCAccessDenied"),
        ("207", BUYER, {}, "InvoiceLCRuleError"),
        ("212", SELLER, {}, "InvoiceLCAmountError"),
    ],
)
def test_a_status_that_may_not_be_set_is_refused(
    code: str, by: str, more: dict[str, object], reason: str
) -> None:
    """Each refusal has the standard's own reason code, and the other party hears nothing."""
    with running() as house:
        submitted(house, invoice())
        before = len(house.sandbox.store.flows(SELLER)) + len(house.sandbox.store.flows(BUYER))
        assert reasons(said(house, code, by, **more)) == [reason]
        after = len(house.sandbox.store.flows(SELLER)) + len(house.sandbox.store.flows(BUYER))
        assert after == before + 1


def test_after_a_refusal_nothing_more_is_said() -> None:
    """210 closes the invoice."""
    with running() as house:
        submitted(house, invoice())
        why = (StatusReason(code="TRANSAC_INC", comment="Commande inconnue"),)
        assert reasons(said(house, "210", reasons=why)) == []
        assert reasons(said(house, "205")) == ["InvoiceLCStatusError"]


@pytest.mark.parametrize(
    "of",
    [
        invoice("F-UNKNOWN"),
        replace(
            invoice(),
            seller=replace(
                invoice().seller,
                electronic_address=Identifier(value=f"{SELLER}_OTHER", scheme="0225"),
            ),
        ),
    ],
    ids=["number", "address"],
)
def test_a_status_of_an_invoice_that_nobody_sent_is_refused(of: Invoice) -> None:
    """Another number, or another address than the invoice's own (D05): no matching invoice."""
    with running() as house:
        submitted(house, invoice())
        refused = said(house, "204", of=of)
        assert reasons(refused) == ["InvoiceLCAccessDenied"]


def test_a_broken_message_is_refused() -> None:
    """XML that is no lifecycle message, or half of one."""
    with running() as house:
        submitted(house, invoice())
        for tracking, data in (("t-8", b"<a/>"), ("t-9", b"")):
            done = submitted(house, data, tracking, syntax=FlowSyntax.CDAR)
            assert done.acknowledgement.status is AckStatus.ERROR


def test_a_report_of_flux_10_is_deposited() -> None:
    """E-reporting: acknowledged, then 300 (« Déposée »), or 301 when it is told to."""
    with running() as house:
        done = submitted(house, b"<Report/>", syntax=FlowSyntax.FRR)
        assert done.acknowledgement.status is AckStatus.OK
        assert [one.code for one in messages(house.open())] == ["300"]
        house.sandbox.faults.set("report_rejected", 1)
        submitted(house, b"<Report/>", "t-2", syntax=FlowSyntax.FRR)
        rejected = messages(house.open())[1]
        assert (rejected.code, rejected.number) == ("301", "t-2")
        assert rejected.details[0].reason.code == "REJ_PER"


# ── The others, played ──────────────────────────────────────────────────────────────────────────


def test_an_example_invoice_comes_at_a_click() -> None:
    """A fictitious supplier bills: it passes the rules, and the company may answer it."""
    with running() as house:
        house.sandbox._handling._rulebook = RULES
        for _click in range(2):
            answer = httpx.post(f"{house.server.url}/sandbox/bills", data={"siren": BUYER})
            assert answer.status_code == 303
            house.sandbox.settle()
        platform = house.open(BUYER)
        received = flows(platform, FlowType.SUPPLIER_INVOICE)
        assert len({one.name for one in received}) == 2
        held = platform.file(received[0].id, FlowView.ORIGINAL)
        assert held is not None
        report = RULES.check(held.data)
        assert (report.verdict, report.reform) == (Verdict.VALID, Verdict.VALID)
        said_of = parse_invoice(held.data).invoice
        assert said(house, "205", of=said_of).acknowledgement.status is AckStatus.OK
        wrong = httpx.post(f"{house.server.url}/sandbox/bills", data={"siren": "999999999"})
        assert wrong.status_code == 400


@pytest.mark.parametrize("kind", ["simple", "rates", "ubl", "credit_note", "self_billed"])
def test_every_example_passes_the_official_rules(kind: str) -> None:
    """PE-35: each sort of invoice reaches the company as what it is, and is not doubtful."""
    with running() as house:
        for _click in range(2):
            form = {"siren": BUYER, "kind": kind}
            answer = httpx.post(f"{house.server.url}/sandbox/bills", data=form)
            assert answer.status_code == 303
            house.sandbox.settle()
        platform = house.open(BUYER)
        type_ = FlowType.CUSTOMER_INVOICE if kind == "self_billed" else FlowType.SUPPLIER_INVOICE
        received = flows(platform, type_)
        assert len({one.name for one in received}) == 2
        held = platform.file(received[-1].id, FlowView.ORIGINAL)
        assert held is not None
        report = RULES.check(held.data)
        assert (report.verdict, report.reform) == (Verdict.VALID, Verdict.VALID), report.findings
        made = parse_invoice(held.data).invoice
        expected = {"credit_note": "381", "self_billed": "389"}.get(kind, "380")
        assert made.type_code == expected
        assert len(made.vat_breakdown) == (2 if kind in ("rates", "ubl") else 1)
        assert bool(made.preceding) is (kind == "credit_note")


def test_the_bad_examples_are_bad() -> None:
    """Totals that do not add up break a rule; the illegible file cannot be read at all."""
    with running() as house:
        for kind in ("wrong_totals", "illegible"):
            form = {"siren": BUYER, "kind": kind}
            assert httpx.post(f"{house.server.url}/sandbox/bills", data=form).status_code == 303
        house.sandbox.settle()
        platform = house.open(BUYER)
        files = [
            platform.file(one.id, FlowView.ORIGINAL)
            for one in flows(platform, FlowType.SUPPLIER_INVOICE)
        ]
        assert {Verdict.INVALID} == {RULES.check(one.data).verdict for one in files if one}
        assert 2 == len(files)
        unknown = {"siren": BUYER, "kind": "anything"}
        assert httpx.post(f"{house.server.url}/sandbox/bills", data=unknown).status_code == 400
        assert "Facture aux totaux faux" in httpx.get(house.server.url).text


@pytest.mark.parametrize("code", sorted(ANSWERS))
def test_a_fictitious_customer_answers_from_the_page(code: str) -> None:
    """What he says passes the official rules and reaches the seller."""
    with running() as house:
        submitted(house, invoice("F-1 é", to="300010006"))
        url = f"{house.server.url}/sandbox/answers"
        form = {"seller": SELLER, "number": "F-1 é", "code": code}
        assert "F-1 é" in httpx.get(house.server.url + "/").text
        assert httpx.post(url, data=form).status_code == 303
        platform = house.open()
        last = flows(platform, FlowType.CUSTOMER_INVOICE_LC)[-1]
        held = platform.file(last.id, FlowView.ORIGINAL)
        assert held is not None
        assert RULES.check_status(held.data).verdict is Verdict.VALID
        assert cdar.parse(held.data).code == code
        for wrong in ({"code": "203"}, {"number": "F-2"}, {"seller": BUYER}):
            assert httpx.post(url, data={**form, **wrong}).status_code == 400


def test_a_fictitious_seller_answers_what_is_billed_in_his_name() -> None:
    """Self-billing: his approval comes back to the buyer who issued it; paying is not his."""
    with running() as house:
        base = invoice()
        seller = replace(
            base.seller,
            legal_id=Identifier(value="300010006", scheme="0002"),
            electronic_address=Identifier(value="300010006", scheme="0225"),
        )
        made = replace(base, type_code="389", seller=seller)
        taken = house.open(BUYER).submit(outgoing(made, "t-9"))
        house.sandbox.settle()
        assert house.open(BUYER).flow(taken.id).acknowledgement.status is AckStatus.OK
        url = f"{house.server.url}/sandbox/answers"
        form = {"seller": "300010006", "number": made.number, "code": "205"}
        assert httpx.post(url, data=form).status_code == 303
        platform = house.open(BUYER)
        last = flows(platform, FlowType.SUPPLIER_INVOICE_LC)[-1]
        held = platform.file(last.id, FlowView.ORIGINAL)
        assert held is not None
        assert RULES.check_status(held.data).verdict is Verdict.VALID
        message = cdar.parse(held.data)
        assert ("205", "SE", BUYER) == (
            message.code,
            message.author.role,
            message.recipients[0].siren,
        )
        assert httpx.post(url, data={**form, "code": "211"}).status_code == 400


# ── Misbehaving ─────────────────────────────────────────────────────────────────────────────────


def test_statuses_may_come_in_the_wrong_order_and_twice() -> None:
    """203 first, and each of them as two flows."""
    with running() as house:
        for name in ("out_of_order", "duplicates"):
            house.sandbox.faults.set(name, 1)
        submitted(house, invoice())
        for name in ("out_of_order", "duplicates"):
            house.sandbox.faults.set(name, 0)
        codes = [one.code for one in messages(house.open())]
        assert codes == ["203", "203", "202", "202", "201", "201", "200", "200"]


def test_a_file_may_come_damaged_once() -> None:
    """Half of it, then the whole one."""
    with running() as house:
        submitted(house, invoice())
        platform = house.open(BUYER)
        (received,) = flows(platform, FlowType.SUPPLIER_INVOICE)
        house.sandbox.faults.set("corrupt", 1)
        sizes = [
            len(held.data)
            for _try in range(2)
            if (held := platform.file(received.id, FlowView.ORIGINAL))
        ]
        assert sizes[0] == sizes[1] // 2


def test_faults_are_set_by_its_page_or_in_json() -> None:
    """A form for people, JSON for tests; what it does not know it says."""
    with running() as house:
        url = house.server.url + "/sandbox/faults"
        assert httpx.post(url, json={"throttle": 2}).json()["throttle"] == 2
        assert httpx.post(url, data={"slow": "0", "down": "1"}).status_code == 303
        with pytest.raises(UnavailableError):
            house.open().check()
        for wrong in ({"nothing": 1}, {"slow": "a lot"}):
            assert httpx.post(url, json=wrong).status_code == 400
        shown = httpx.get(house.server.url + "/").text
        assert all(f'name="{name}"' in shown for name in FAULTS)


# ── Its own doors ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {"Host": "evil.example"}, 403),
        ("POST", "/sandbox/expire", {"Origin": "https://evil.example"}, 403),
        ("POST", "/sandbox/companies", {}, 400),
        ("GET", "/afnor-flow/v1/flows/x", {}, 401),
        ("GET", "/afnor-flow/v1/flows/x", {"Authorization": "Bearer x"}, 401),
        ("GET", "/oauth2/authorize?client_id=x", {}, 400),
        ("GET", "/nothing", {}, 404),
        ("POST", "/oauth2/token", {"Authorization": "Basic ???"}, 401),
    ],
)
def test_a_stranger_gets_nothing(
    method: str, path: str, headers: dict[str, str], status: int
) -> None:
    """Another name for this machine, another site's form, no token: an error, no crash."""
    with running() as house:
        answer = httpx.request(method, house.server.url + path, headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"where":{}}', b'{"where":{"flowType":["No"]}}', b'{"where":{"a":1}}'],
)
def test_a_search_that_makes_no_sense_is_400(body: bytes) -> None:
    """At least one criterion, and values of the standard."""
    with running() as house:
        house.open().check()
        token = house.http.seen[0][1].json()["access_token"]
        answer = httpx.post(
            house.server.url + "/afnor-flow/v1/flows/search",
            content=body,
            headers={"Authorization": f"Bearer {token}"},
        )
        assert (answer.status_code, "errorCode" in answer.json()) == (400, True)


def test_what_it_holds_outlives_it(tmp_path: Path) -> None:
    """Accounts, flows and what is still to be done are on disk; time goes on."""

    def opened() -> Sandbox:
        return Sandbox(tmp_path, SystemClock(), SystemIds(), pdf=no_pdf)

    first = opened()
    client = first.register(SELLER, "Kervella")
    first.submit(
        SELLER,
        {"name": "a.xml", "flowSyntax": "CII"},
        "application/xml",
        write_cii(invoice(), "EN 16931"),
    )
    before = first.tick()
    first.store.close()
    second = opened()
    assert second.register(SELLER, "Kervella") == client
    assert second.settle() == 1
    assert second.store.flows(SELLER)[0].updated > 0
    assert second.tick() > before - 1
    second.store.close()


def test_the_command_opens_accounts_and_says_their_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another program may do it while the platform runs; a wrong SIREN opens none."""

    def ran(*more: str) -> Sequence[object]:
        code = command.main(["--data", str(tmp_path), "--only-register", *more])
        return code, capsys.readouterr().out

    code, told = ran("--company", f"{SELLER}:Menuiserie Kervella", "--application", "Facteur")
    assert code == 0
    assert str(told).count("client_secret") == 2
    assert ran("--company", f"{SELLER}:Menuiserie Kervella")[1] in str(told)
    assert ran("--company", "123:Nobody")[0] == 2


def test_it_stands_alone() -> None:
    """It starts without an account, an emulator or a setting."""
    asked = [sys.executable, "-m", "facteur.local.sandbox_pa", "--help"]
    assert "--company" in subprocess.run(asked, capture_output=True, text=True, check=True).stdout
