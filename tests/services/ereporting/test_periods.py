"""E-reporting from the dossier's invoices to the State's answer, through a platform."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from facteur.adapters.saxon import SaxonRulebook
from facteur.domain.commands import ReviewReports, Sweep, SyncConnection
from facteur.domain.documents import Direction, Document, State, Summary, Verdict
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.ereporting.blocks import Category, DayRate, ReportType
from facteur.domain.ereporting.building import TillDay
from facteur.domain.ereporting.calendar import Regime
from facteur.domain.ereporting.filings import Filing, FilingState
from facteur.domain.ereporting.routes import Answers, Nature
from facteur.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.faults import Fault
from facteur.domain.flows import AckDetail, FlowSyntax, FlowType, FlowView
from facteur.domain.invoice import Address, Identifier, Party, Totals, VatBreakdown
from facteur.domain.lifecycle.messages import Detail, MessageParty, StatusMessage
from facteur.domain.lifecycle.records import Characteristic, Side, StatusReason, StatusRecord
from facteur.formats import cdar
from facteur.ports import Changes
from facteur.services.ereporting import material, periods
from facteur.services.run import run, run_scheduled
from lxml import etree

from tests.services.fake_platforms import FakePlatform, connected
from tests.services.world import World, xml

D = Decimal
SALES = "transactions-20261101-20261110-SE"
PAID = "payments-20261101-20261130-SE"
BOUGHT = "transactions-20261101-20261110-BY"
OWN = Party(
    name="Atelier", legal_id=Identifier(value="300000007", scheme="0002"),
    vat="FR66300000007", address=Address(country="FR"),
)  # fmt: skip
CONSUMER = Party(name="Mme Durand", address=Address(country="FR"))
GERMAN = Party(name="Muster GmbH", vat="DE123456789", address=Address(country="DE"))
TAXED = (VatBreakdown(base=D("100.00"), tax=D("20.00"), category="S", rate=D("20")),)
REVERSE = (
    VatBreakdown(
        base=D("100.00"), tax=D("0.00"), category="AE", rate=D("0"),
        exemption_text="Autoliquidation", exemption_code="VATEX-EU-AE",
    ),
)  # fmt: skip


@pytest.fixture
def pa(world: World) -> FakePlatform:
    """A connected platform, and a dossier under the monthly regime since November."""
    platform = connected(world)
    periods.save_sender(world.caller, "0003", "PA d’essai", world.context)
    periods.save_regime(world.caller, date(2026, 11, 1), Regime.MONTHLY, world.context)
    world.deliver()
    for one in world.context.ereporting.filings(world.dossier):
        assert one.state is FilingState.EMPTY
    return platform


def keep(
    world: World,
    number: str,
    *,
    day: int = 3,
    direction: Direction = Direction.SALE,
    state: State = State.ARCHIVED,
    **invoice: object,
) -> Document:
    """An invoice of the dossier, accepted, with its XML."""
    sale = direction is Direction.SALE
    fields = {
        "issue_date": date(2026, 11, day), "seller": OWN if sale else GERMAN,
        "buyer": CONSUMER if sale else OWN, "vat_breakdown": TAXED if sale else REVERSE,
        "totals": Totals(tax_exclusive=D("100.00"), tax=D("20.00") if sale else D("0.00"),
                         tax_inclusive=D("120.00"), due=D("120.00")),
        "process": "B1", "due_date": None, **invoice,
    }  # fmt: skip
    data = xml(number, **fields)
    file = world.context.blobs.put(f"{world.dossier}/{number}/x", data, "application/xml")
    issued = fields["issue_date"]
    assert issued is None or isinstance(issued, date)
    document = Document(
        dossier=world.dossier, id=number, direction=direction, state=state,
        received_at=world.clock.now() - timedelta(days=10), filename=f"{number}.xml",
        media_type="application/xml", sha256=file.sha256, size=file.size, sources=(),
        files={"original": file, "invoice_xml": file}, structured=True,
        summary=Summary(
            kind="invoice", number=number, seller_name="Atelier", buyer_name="Mme Durand",
            issue_date=issued, total_incl_vat=D("120.00"),
        ),
    )  # fmt: skip
    return world.context.store.commit(Changes(document=document))


def prepare(world: World, name: str = SALES) -> Filing:
    periods.prepare(world.caller, name, world.context)
    world.deliver()
    return last(world, name)


def last(world: World, name: str = SALES) -> Filing:
    return world.context.ereporting.filings(world.dossier, series=name)[-1]


def send(world: World, name: str = SALES) -> Filing:
    periods.send(world.caller, name, "", last(world, name).turn, world.context)
    world.deliver()
    return last(world, name)


def root(world: World, filing: Filing):
    assert filing.file is not None
    return etree.fromstring(world.context.blobs.get(filing.file))


def answer_of_the_state(world: World, pa: FakePlatform, number: str, code: str, why: str = ""):
    """A lifecycle message about a report, as a platform brings it."""
    details = (
        (Detail(reason=StatusReason(code=why, label="Période déjà déclarée")),) if why else ()
    )
    party = MessageParty(role="WK", name="PA")
    message = StatusMessage(
        id=f"m-{code}-{number}"[:50], created_at=world.clock.now(), sender=party, author=party,
        recipients=(MessageParty(role="SE", name="Atelier"),), phase="305",
        set_at=world.clock.now(), number=number, code=code, type_code="304", details=details,
        received_at=world.clock.now(),
        profile="urn.cpro.gouv.fr:1p0:CDV:einvoicingF10", name="x", label="x",
    )  # fmt: skip
    pa.bring(
        f"lc-{code}-{len(pa.flows)}", cdar.write(message),
        kind=FlowType.STATE_TRANSACTION_REPORT_LC, syntax=FlowSyntax.CDAR,
        at=world.clock.now(),
    )  # fmt: skip
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()


def test_a_period_goes_from_its_invoices_to_the_state(world: World, pa: FakePlatform) -> None:
    """Built, checked, sent once as FRR, acknowledged, then 300."""
    keep(world, "V1")
    keep(world, "V2", buyer=GERMAN, vat_breakdown=REVERSE,
         totals=Totals(tax_exclusive=D("100.00"), tax=D("0.00")))  # fmt: skip
    keep(world, "V3", state=State.TO_ACCEPT)
    keep(world, "V4", day=12)
    filing = prepare(world)
    assert (FilingState.READY, 2, 0) == (filing.state, filing.lines, filing.left_out)
    assert (D("200.00"), D("20.00")) == (filing.base, filing.tax)
    report = root(world, filing)
    assert ["V2"] == [one.text for one in report.iterfind("TransactionsReport/Invoice/ID")]
    assert "IN" == report.findtext("ReportDocument/TypeCode")

    sent = send(world)
    (flow,) = pa.sent
    assert (FilingState.SENT, flow.id) == (sent.state, sent.flow)
    assert FlowSyntax.FRR is flow.syntax
    assert filing.file is not None
    assert world.context.blobs.get(filing.file) == pa.files[flow.id, FlowView.ORIGINAL]
    with pytest.raises(InvalidError):
        periods.send(world.caller, SALES, "", sent.turn, world.context)

    pa.answer(flow.id)
    follow(world)
    assert FilingState.ACKNOWLEDGED is last(world).state
    answer_of_the_state(world, pa, sent.report, "300")
    assert FilingState.ACCEPTED is last(world).state


def follow(world: World, *, turns: int = 2, minutes: int = 30) -> None:
    """The clock passes, and what the agenda holds is run."""
    for _turn in range(turns):
        world.clock.pass_(minutes=minutes)
        for scheduled in world.context.store.due(world.clock.now()):
            world.context.store.done(scheduled.id)
            world.queue.send(scheduled)
        world.deliver()


def test_nothing_is_sent_of_an_empty_period(world: World, pa: FakePlatform) -> None:
    """No file, no way to send."""
    filing = prepare(world)
    assert (FilingState.EMPTY, None) == (filing.state, filing.file)
    with pytest.raises(InvalidError, match="not_ready"):
        periods.send(world.caller, SALES, "", filing.turn, world.context)


def test_what_only_the_company_knows_is_asked_and_then_told(
    world: World, pa: FakePlatform
) -> None:
    """A purchase without its rate is left out with its question; the answer makes a file."""
    keep(world, "A1", direction=Direction.PURCHASE, process="")
    filing = prepare(world, BOUGHT)
    assert (FilingState.EMPTY, 1) == (filing.state, filing.left_out)
    shown = periods.detail(world.caller, BOUGHT, world.context).preview
    assert shown is not None
    codes = {one.code for one in shown.left_out[0].faults}
    assert {"ereporting.nature_unknown", "ereporting.rate_unknown"} == codes
    said = Answers(nature=Nature.SERVICES, rate=D("20"))
    periods.answer(world.caller, BOUGHT, "A1", said, world.context)
    world.deliver()
    told = last(world, BOUGHT)
    assert (FilingState.READY, 0, D("20.00")) == (told.state, told.left_out, told.tax)


def test_payments_come_from_the_statuses_212(world: World, pa: FakePlatform) -> None:
    """A collection of the month, of an invoice of another month, by rate; a refused one is not."""

    def record(identifier: str, amount: str, day: int) -> StatusRecord:
        came = Characteristic(type="MEN", amount=D(amount), rate=D("20"), on=date(2026, 11, day))
        return StatusRecord(
            id=identifier, code="212", set_at=world.clock.now(), recorded_at=world.clock.now(),
            side=Side.SELLER, characteristics=(came,),
        )  # fmt: skip

    sold = keep(world, "V1", issue_date=date(2026, 5, 4), process="S1")
    paid = replace(sold, statuses=(record("own:1", "50.00", 5), record("own:2", "70.00", 6)))
    world.context.store.commit(Changes(document=paid))
    world.clock.pass_(days=20)
    filing = prepare(world, PAID)
    assert (FilingState.READY, 2, D("120.00")) == (filing.state, filing.lines, filing.base)
    amounts = [one.text for one in root(world, filing).iterfind(".//SubTotals/Amount")]
    assert ["50.00", "70.00"] == amounts


def test_a_period_that_runs_is_shown_and_not_sent(world: World, pa: FakePlatform) -> None:
    """G7.43: the file is made once the period is over."""
    keep(world, "V1", day=19)
    name = "transactions-20261111-20261120-SE"
    filing = prepare(world, name)
    assert (FilingState.OPEN, None, 1) == (filing.state, filing.file, filing.lines)
    world.clock.pass_(days=1)
    run(ReviewReports(dossier=world.dossier), world.context)
    world.deliver()
    assert FilingState.READY is last(world, name).state


def test_what_changed_since_is_corrected_whole(world: World, pa: FakePlatform) -> None:
    """An invoice that came late marks the period; the correction (RE) tells all of it."""
    keep(world, "V1", buyer=GERMAN)
    prepare(world)
    assert FilingState.SENT is send(world).state
    run(ReviewReports(dossier=world.dossier), world.context)
    assert not last(world).outdated
    keep(world, "V2", buyer=GERMAN)
    run(ReviewReports(dossier=world.dossier), world.context)
    assert last(world).outdated

    corrected = prepare(world)
    assert (ReportType.CORRECTION, 2) == (corrected.type, corrected.sequence)
    numbers = [one.text for one in root(world, corrected).iterfind(".//Invoice/ID")]
    assert ["V1", "V2"] == numbers
    assert FilingState.SENT is send(world).state
    assert 2 == len(pa.sent)
    assert len({one.tracking_id for one in pa.sent}) == 2


def test_an_invoice_that_is_told_elsewhere_corrects_nothing(
    world: World, pa: FakePlatform
) -> None:
    """A domestic sale to a company is an e-invoice: the report still says the same."""
    keep(world, "V1", buyer=GERMAN)
    prepare(world)
    send(world)
    keep(world, "V2", buyer=replace(OWN, name="Client"))
    run(ReviewReports(dossier=world.dossier), world.context)
    assert not last(world).outdated


def test_a_rejection_of_the_state_is_shown_and_a_new_file_is_a_first_one(
    world: World, pa: FakePlatform
) -> None:
    """301 with its reason; what was rejected was not declared: IN again, another identifier."""
    keep(world, "V1")
    prepare(world)
    sent = send(world)
    answer_of_the_state(world, pa, sent.tracking, "301", "REJ_PER")
    rejected = last(world)
    assert FilingState.REJECTED is rejected.state
    assert rejected.failure is not None
    assert "REJ_PER" == rejected.failure.values["reason"]
    again = prepare(world)
    assert (ReportType.INITIAL, 2) == (again.type, again.sequence)
    assert again.report != sent.report


def test_what_the_platform_refuses_says_why(world: World, pa: FakePlatform) -> None:
    """At once, or by its acknowledgement."""
    keep(world, "V1")
    prepare(world)
    pa.refuses = "FlowTypeError"
    assert FilingState.REJECTED is send(world).state
    pa.refuses = ""
    prepare(world)
    sent = send(world)
    pa.answer(sent.flow, AckDetail(level="Error", item="file", reason="InvalidSchema"))
    follow(world)
    refused = last(world)
    assert FilingState.REJECTED is refused.state
    assert refused.failure is not None
    assert "InvalidSchema" == refused.failure.values["reason"]


def test_a_lost_answer_and_a_platform_away_send_nothing_twice(
    world: World, pa: FakePlatform
) -> None:
    """The submission that got no answer is found by its tracking identifier."""
    keep(world, "V1")
    filing = prepare(world)
    pa.loses_answers = True
    periods.send(world.caller, SALES, "", filing.turn, world.context)
    run(world.queue.sent.pop(0).command, world.context)
    assert FilingState.SENDING is last(world).state
    with pytest.raises(ConflictError, match="under_way"):
        periods.prepare(world.caller, SALES, world.context)
    pa.loses_answers = False
    follow(world)
    assert FilingState.SENT is last(world).state
    assert 1 == len(pa.sent)


def test_a_platform_that_stays_away_leaves_the_file_to_be_sent_again(
    world: World, pa: FakePlatform
) -> None:
    """Tried for days, then said; « Envoyer » takes the same file and the same name."""
    keep(world, "V1")
    prepare(world)
    pa.away = True
    send(world)
    follow(world, turns=21, minutes=370)
    gone = last(world)
    assert FilingState.NOT_SENT is gone.state
    pa.away = False
    sent = send(world)
    assert (FilingState.SENT, gone.tracking) == (sent.state, sent.tracking)
    assert 1 == len(pa.sent)


def test_what_the_rules_refuse_never_leaves(world: World, pa: FakePlatform) -> None:
    """The findings are kept, and there is nothing to send; nor when the rules cannot run."""
    keep(world, "V1")
    world.rulebook.verdict = Verdict.INVALID
    world.rulebook.findings = (Fault(code="G1.16", message="Le montant…"),)
    filing = prepare(world)
    assert (FilingState.INVALID, "G1.16") == (filing.state, filing.findings[0].code)
    with pytest.raises(InvalidError, match="not_ready"):
        periods.send(world.caller, SALES, "", filing.turn, world.context)
    world.rulebook.verdict, world.rulebook.findings = Verdict.UNVERIFIED, ()
    assert "rules.unverified" == prepare(world).findings[0].code


def test_a_file_made_anew_since_it_was_seen_does_not_leave(world: World, pa: FakePlatform) -> None:
    """Who presses « Envoyer » sends what they looked at."""
    keep(world, "V1")
    seen = prepare(world)
    prepare(world)
    with pytest.raises(StaleVersionError):
        periods.send(world.caller, SALES, "", seen.turn, world.context)


def test_without_a_platform_the_file_is_there_to_be_fetched(
    world: World, pa: FakePlatform
) -> None:
    """Download only: sending says that no platform is connected."""
    held = world.context.connections.connection(world.dossier, "c1")
    world.context.connections.save(replace(held, platform="chorus_pro"))
    keep(world, "V1")
    filing = prepare(world)
    assert periods.file_link(world.caller, SALES, 1, world.context).startswith("http")
    with pytest.raises(InvalidError, match="no_platform"):
        periods.send(world.caller, SALES, "", filing.turn, world.context)


def test_till_totals_join_the_sales(world: World, pa: FakePlatform) -> None:
    """A day's total and an invoice of that day are one block."""
    keep(world, "V1")
    rate = DayRate(rate=D("20"), base=D("500.00"), tax_eur=D("100.00"))
    day = TillDay(day=date(2026, 11, 3), category=Category.GOODS, rates=(rate,), count=7)
    world.context.ereporting.save_till(world.dossier, (day,))
    filing = prepare(world)
    assert (1, D("600.00"), D("120.00")) == (filing.lines, filing.base, filing.tax)
    assert "8" == root(world, filing).findtext(".//TransactionsCount")


def test_the_clock_prepares_what_has_ended_once_a_day(world: World, pa: FakePlatform) -> None:
    """The first night after the period; a second round asks nothing more."""
    keep(world, "V1")
    world.clock.pass_(hours=18)
    at = world.clock.now().replace(minute=1)
    run(Sweep(at=at), world.context)
    asked = [one for one in world.queue.sent if isinstance(one.command, ReviewReports)]
    assert 1 == len(asked)
    world.deliver()
    assert FilingState.READY is last(world).state
    turn = last(world).turn
    run(Sweep(at=at + timedelta(hours=1)), world.context)
    world.deliver()
    assert turn == last(world).turn


def test_who_may_do_what(world: World, pa: FakePlatform) -> None:
    """A reader looks, an accountant sends, a gérant settles; another dossier has none of it."""
    keep(world, "V1")

    def role(one: Role) -> Caller:
        return replace(world.caller, permissions=PERMISSIONS[one])

    assert periods.overview(role(Role.READER), world.context).rows
    with pytest.raises(ForbiddenError):
        periods.prepare(role(Role.READER), SALES, world.context)
    assert periods.prepare(role(Role.ACCOUNTANT), SALES, world.context)
    with pytest.raises(ForbiddenError):
        periods.save_sender(role(Role.ACCOUNTANT), "0001", "x", world.context)
    other = replace(world.caller, dossier="ailleurs")
    with pytest.raises(NotFoundError):
        periods.detail(other, SALES, world.context)
    with pytest.raises(NotFoundError):
        periods.answer(world.caller, SALES, "jamais", Answers(), world.context)
    for name in ("", "x", "transactions-20261102-20261110-SE", "a#b-c-d-e", "x" * 5000):
        with pytest.raises(NotFoundError):
            periods.detail(world.caller, name, world.context)


def test_settings_are_checked(world: World) -> None:
    """Four digits, a name, a first of a month."""
    for bad in ("", "12", "abcd", "12345", "١٢٣٤"):
        with pytest.raises(InvalidError):
            periods.save_sender(world.caller, bad, "PA", world.context)
    for day in (None, date(2026, 11, 2), date(1999, 1, 1)):
        with pytest.raises(InvalidError):
            periods.save_regime(world.caller, day, Regime.MONTHLY, world.context)


def test_the_official_rules_take_what_is_made_here(world: World, pa: FakePlatform) -> None:
    """The real schema and schematron: both blocks pass; a refund that nothing covers is asked."""
    world.with_(rulebook=SaxonRulebook())
    keep(world, "V1")
    keep(world, "V2", buyer=GERMAN, vat_breakdown=REVERSE,
         totals=Totals(tax_exclusive=D("100.00"), tax=D("0.00")))  # fmt: skip
    filing = prepare(world)
    assert (FilingState.READY, ()) == (filing.state, filing.findings)

    keep(world, "A1", direction=Direction.PURCHASE, process="S1", currency="USD")
    periods.answer(world.caller, BOUGHT, "A1", Answers(rate=D("20")), world.context)
    world.deliver()
    shown = periods.detail(world.caller, BOUGHT, world.context).preview
    assert shown is not None
    assert ["ereporting.tax_due_in_euros"] == [one.code for one in shown.left_out[0].faults]
    periods.answer(world.caller, BOUGHT, "A1", Answers(tax_eur=D("17.20")), world.context)
    world.deliver()
    bought = last(world, BOUGHT)
    assert (FilingState.READY, (), D("17.20")) == (bought.state, bought.findings, bought.tax)
    sold = keep(world, "V5", process="S1")
    back = Characteristic(type="MEN", amount=D("-20.00"), rate=D("20"), on=date(2026, 11, 9))
    record = StatusRecord(
        id="own:1", code="212", set_at=world.clock.now(), recorded_at=world.clock.now(),
        side=Side.SELLER, characteristics=(back,),
    )  # fmt: skip
    world.context.store.commit(Changes(document=replace(sold, statuses=(record,))))
    world.clock.pass_(days=20)
    refund = prepare(world, PAID)
    assert (FilingState.EMPTY, 1) == (refund.state, refund.left_out)
    asked = periods.detail(world.caller, PAID, world.context).preview
    assert asked is not None
    assert ["ereporting.refund_beyond"] == [one.code for one in asked.left_out[0].faults]


def test_a_late_ok_takes_nothing_back(world: World, pa: FakePlatform) -> None:
    """The State's answer came first; the platform's « Ok » after it says nothing new."""
    keep(world, "V1")
    prepare(world)
    sent = send(world)
    answer_of_the_state(world, pa, sent.flow, "501", "REJ_SEMAN")
    assert FilingState.REJECTED is last(world).state
    pa.answer(sent.flow)
    follow(world)
    assert FilingState.REJECTED is last(world).state
    answer_of_the_state(world, pa, "un-autre", "300")
    answer_of_the_state(world, pa, sent.report, "305")
    assert FilingState.REJECTED is last(world).state


def test_an_answer_that_cannot_be_read_is_set_aside(world: World, pa: FakePlatform) -> None:
    """Its reason is kept with the flow; no other flow is stopped."""
    pa.bring("bad", b"<a/>", kind=FlowType.STATE_PAYMENT_REPORT_LC, at=world.clock.now())
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()
    (taken,) = world.context.connections.flows(world.dossier, "c1", quarantined=True)
    assert taken.failure is not None
    assert "unreadable.cdar.other" == taken.failure.code


def test_what_cannot_be_read_or_is_not_in_euros_is_left_out(
    world: World, pa: FakePlatform
) -> None:
    """By name, with its reason; the rest of the period is told."""
    held = keep(world, "V1", process="S1")
    bad = world.context.blobs.put(f"{world.dossier}/bad", b"<Invoice", "application/xml")
    broken = replace(held, id="V2", version=0, files={**held.files, "invoice_xml": bad})
    bare = replace(broken, id="V3", files={"original": bad})
    other = replace(bare, id="V4", summary=Summary(kind="other"))
    for one in (broken, bare, other):
        world.context.store.commit(Changes(document=one))
    filing = prepare(world)
    shown = periods.detail(world.caller, SALES, world.context).preview
    assert shown is not None
    assert {"V2", "V3"} == {one.document for one in shown.left_out}
    assert (FilingState.READY, 1) == (filing.state, filing.lines)

    came = Characteristic(type="MEN", amount=D("50.00"), rate=D("20"), currency="USD")
    record = StatusRecord(
        id="own:9", code="212", set_at=world.clock.now(), recorded_at=world.clock.now(),
        side=Side.SELLER, characteristics=(came,),
    )  # fmt: skip
    present = world.document("V1")
    world.context.store.commit(Changes(document=replace(present, statuses=(record,))))
    paid = prepare(world, PAID)
    assert (FilingState.EMPTY, 1) == (paid.state, paid.left_out)


def test_a_period_that_cannot_be_made_says_why(world: World, pa: FakePlatform) -> None:
    """Too many invoices; and without a sender nothing is written."""
    keep(world, "V1")
    keep(world, "V2")
    held = material.MOST_DOCUMENTS
    try:
        material.MOST_DOCUMENTS = 1
        failed = prepare(world)
    finally:
        material.MOST_DOCUMENTS = held
    assert failed.failure is not None
    assert (FilingState.FAILED, "ereporting.too_many") == (failed.state, failed.failure.code)
    held = material.MOST_LOOKED_AT
    try:
        material.MOST_LOOKED_AT = 0
        world.clock.pass_(days=1)
        run(ReviewReports(dossier=world.dossier), world.context)
        world.deliver()
    finally:
        material.MOST_LOOKED_AT = held
    told = last(world, "transactions-20261111-20261120-SE").failure
    assert told is not None
    assert "ereporting.too_many" == told.code
    bare = replace(world.context.ereporting.settings(world.dossier), platform_id="")
    world.context.ereporting.save_settings(bare, ())
    assert "ereporting.no_sender" == getattr(prepare(world).failure, "code", "")


def test_what_the_queue_gives_up_is_said(world: World, pa: FakePlatform) -> None:
    """A file that kills its function does not stay « en préparation » for ever."""
    keep(world, "V1")
    asked = periods.prepare(world.caller, SALES, world.context)
    run_scheduled(world.queue.sent.pop(), world.context, last=True)
    failed = last(world)
    assert (FilingState.FAILED, asked.turn) == (failed.state, failed.turn)
    ready = prepare(world)
    periods.send(world.caller, SALES, "c1", ready.turn, world.context)
    run_scheduled(world.queue.sent.pop(), world.context, last=True)
    assert FilingState.NOT_SENT is last(world).state


def test_new_settings_make_the_drafts_anew(world: World, pa: FakePlatform) -> None:
    """A file never leaves with the matricule of another platform."""
    keep(world, "V1")
    prepare(world)
    periods.save_sender(world.caller, "0042", "Une autre", world.context)
    world.deliver()
    sender = root(world, last(world)).find("ReportDocument/Sender/Id")
    assert sender is not None
    assert "0042" == sender.text
