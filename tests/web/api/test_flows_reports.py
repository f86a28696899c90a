"""A billing software submits e-reporting files (FRR): read, checked, shown, forwarded."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from facteur.adapters.saxon import SaxonRulebook
from facteur.domain.commands import ForwardReport, ReviewReports
from facteur.domain.documents import Verdict
from facteur.domain.ereporting.blocks import ReportType
from facteur.domain.ereporting.calendar import Regime
from facteur.domain.ereporting.filings import Filing, FilingState
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault, FaultSource
from facteur.formats.flux10 import write
from facteur.services.ereporting import elsewhere as telling
from facteur.services.ereporting import periods
from facteur.services.run import run

from tests.formats import test_flux10 as files
from tests.services.ereporting.test_periods import answer_of_the_state, keep
from tests.services.fake_platforms import FakePlatform, connected
from tests.services.world import World
from tests.shared import need
from tests.web.api.test_flows import FLOWS, Program, program
from tests.web.browser import Browser

__all__ = ["program"]
PATH = "/ventes/e-reporting"


@pytest.fixture
def pa(world: World) -> FakePlatform:
    """A connected platform; the dossier reports every month since September."""
    platform = connected(world)
    periods.save_sender(world.caller, "0003", "PA d’essai", world.context)
    periods.save_regime(world.caller, date(2026, 9, 1), Regime.QUARTERLY, world.context)
    world.deliver()
    return platform


def report(number: str = "R-1", *, paid: bool = False, **changes: object) -> bytes:
    """A file of September 2026 for the dossier's SIREN, of a software."""
    made = files._payments() if paid else files._sales()
    year = timedelta(days=365)
    period = replace(made.period, start=made.period.start - year, end=made.period.end - year)
    fields: dict[str, Any] = {
        "id": number, "siren": "300000007", "company": "Maison Delorme", "period": period,
        "issued_at": made.issued_at - year,
        "invoices": tuple(
            replace(one, issue_date=one.issue_date - year) for one in made.invoices
        ),
        "days": tuple(replace(one, day=one.day - year) for one in made.days),
        "invoice_payments": tuple(
            replace(one, issue_date=one.issue_date - year, day=one.day - year)
            for one in made.invoice_payments
        ),
        "day_payments": tuple(replace(one, day=one.day - year) for one in made.day_payments),
        **changes,
    }  # fmt: skip
    return write(replace(made, **fields))


def submit(program: Program, data: bytes) -> Mapping[str, Any]:
    """Submit, let the controls run; the flow as the program sees it."""
    reply, flow = program.submit(data, name="report.xml", flowSyntax="FRR")
    assert reply.status == 202, flow
    program.settle()
    _reply, found = program.call("GET", f"{FLOWS}/{flow['flowId']}")
    return found


def received(world: World) -> tuple[Filing, ...]:
    held = world.context.ereporting.filings(world.dossier)
    return tuple(one for one in held if one.received)


def reasons(flow: Mapping[str, Any]) -> set[str]:
    return {one["reasonCode"] for one in flow["acknowledgement"]["details"]}


def test_a_submitted_report_is_read_checked_kept_and_shown(
    program: Program, pa: FakePlatform, manager: Browser
) -> None:
    """By the real rules: acknowledged Ok with its flow type, in its period, under its software."""
    world = program.world
    world.with_(rulebook=SaxonRulebook())
    flow = submit(program, report())
    assert ("Ok", "MultiFlowReport") == (flow["acknowledgement"]["status"], flow["flowType"])
    (filing,) = received(world)
    assert (FilingState.READY, "R-1", "Logiciel") == (
        filing.state, filing.report, filing.received,
    )  # fmt: skip
    assert date(2026, 10, 10) == filing.series.period.due
    page = manager.get(f"{PATH}/{filing.series.id}").text
    for words in ("À envoyer", "fichier déposé par Logiciel (API)", "F9", "DE123456789", "10.3"):
        assert words in page
    assert "déposé par Logiciel" in manager.get(PATH).text
    told = world.context.journal.entries(world.dossier, limit=20)
    assert "ereporting.received" in {one.what for one in told}
    assert [] == pa.sent


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"invoices": ()}, "AggregatedCustomerTransactionReport"),
        ({"days": ()}, "UnitaryCustomerTransactionReport"),
        ({"paid": True, "day_payments": ()}, "UnitaryCustomerPaymentReport"),
        ({"paid": True, "invoice_payments": ()}, "AggregatedCustomerPaymentReport"),
    ],
)
def test_the_flow_type_says_which_block_it_is(
    program: Program, pa: FakePlatform, changes: dict[str, Any], kind: str
) -> None:
    """XP Z12-013: one type a block, MultiFlowReport for several."""
    assert kind == submit(program, report(**changes))["flowType"]


def test_it_leaves_by_itself_where_the_dossier_chose_so(
    program: Program, pa: FakePlatform
) -> None:
    """The very bytes, once, to the connected platform; else a person sends it."""
    world = program.world
    periods.save_ways(world.caller, 3, forward=True, context=world.context)
    data = report()
    submit(program, data)
    (flow,) = pa.sent
    assert data == pa.files[flow.id, next(view for name, view in pa.files if name == flow.id)]
    (filing,) = received(world)
    assert (FilingState.SENT, "Logiciel") == (filing.state, filing.sent_by)
    assert filing.seal is not None


def test_what_the_state_says_of_it_is_a_flow_that_its_software_follows(
    program: Program, pa: FakePlatform
) -> None:
    """300 as it came, once, under the type of the norm."""
    world = program.world
    periods.save_ways(world.caller, 3, forward=True, context=world.context)
    submit(program, report())
    for _twice in range(2):
        answer_of_the_state(world, pa, "R-1", "300")
    assert FilingState.ACCEPTED is received(world)[0].state
    (told,) = program.search(flowDirection=["In"], flowType=["StateTransactionReportLC"])
    reply = program.browser.request(
        "GET", f"{FLOWS}/{told['flowId']}?docType=Original", b"",
        {"authorization": f"Bearer {program.token}"},
    )  # fmt: skip
    assert reply.status in (200, 303, 307), reply.body


def test_without_a_platform_it_waits_for_one(program: Program, world: World) -> None:
    """Nothing is lost: it stands « À envoyer », though the dossier reports nothing itself."""
    periods.save_ways(world.caller, 3, forward=True, context=world.context)
    assert "Ok" == submit(program, report())["acknowledgement"]["status"]
    (filing,) = received(world)
    assert FilingState.READY is filing.state
    calendar = periods.overview(world.caller, world.context)
    assert [filing.series.id] == [one.series.id for one in calendar.rows]


def test_what_the_rules_refuse_is_refused_in_the_words_of_the_norm(
    program: Program, pa: FakePlatform
) -> None:
    """InvalidSchema with the rule; the file is shown with it and never leaves; ours stands."""
    world = program.world
    periods.save_ways(world.caller, 3, forward=True, context=world.context)
    world.rulebook.verdict = Verdict.INVALID
    world.rulebook.findings = (
        Fault(code="G1.16", message="Le montant…", source=FaultSource.OFFICIAL),
    )
    flow = submit(program, report())
    assert ("Error", {"InvalidSchema"}) == (flow["acknowledgement"]["status"], reasons(flow))
    (filing,) = received(world)
    assert (FilingState.INVALID, "G1.16") == (filing.state, filing.findings[0].code)
    assert [] == pa.sent
    world.rulebook.verdict, world.rulebook.findings = Verdict.VALID, ()
    run(ReviewReports(dossier=world.dossier), world.context)
    world.deliver()
    stands = shown(world, filing.series.id).filing
    assert stands is not None
    assert (filing.sequence - 1, "") == (stands.sequence, stands.received)


def test_a_refused_file_that_stands_alone_is_shown_then_ours_is_made(
    program: Program, world: World
) -> None:
    """Nothing else is known of its period yet; the night's look prepares what the dossier has."""
    world.rulebook.verdict = Verdict.INVALID
    submit(program, report())
    (filing,) = received(world)
    assert filing == shown(world, filing.series.id).filing
    periods.save_regime(world.caller, date(2026, 9, 1), Regime.QUARTERLY, world.context)
    periods.save_sender(world.caller, "0003", "PA d’essai", world.context)
    world.deliver()
    stands = shown(world, filing.series.id).filing
    assert stands is not None
    assert (filing.sequence + 1, "") == (stands.sequence, stands.received)


# ── Beside what stands ──────────────────────────────────────────────────────────────────────────


def shown(world: World, series: str) -> periods.Detail:
    """A period as its page shows it."""
    return periods.detail(world.caller, series, world.context)


def forwards(world: World) -> None:
    """What a software submits leaves by itself."""
    periods.save_ways(world.caller, 3, forward=True, context=world.context)


def refuse(world: World) -> None:
    """The official rules refuse what comes from now on."""
    world.rulebook.verdict = Verdict.INVALID
    world.rulebook.findings = (
        Fault(code="G1.104", message="Identifiant", source=FaultSource.OFFICIAL),
    )


def test_a_refused_file_leaves_a_declared_period_as_it_was(
    program: Program, pa: FakePlatform, manager: Browser
) -> None:
    """Deposited stays deposited; the refused file stands beside it, with its reason."""
    world = program.world
    forwards(world)
    submit(program, report())
    answer_of_the_state(world, pa, "R-1", "300")
    refuse(world)
    for kind in ReportType:
        flow = submit(program, report(f"a|{kind.value}", type=kind))
        assert "Error" == flow["acknowledgement"]["status"]
    series = received(world)[0].series.id
    held = shown(world, series)
    assert held.filing is not None
    assert ("R-1", FilingState.ACCEPTED) == (held.filing.report, held.filing.state)
    assert "Déposée à l’administration" in manager.get(PATH).text
    assert "Dernier dépôt de Logiciel refusé, sans effet" in manager.get(PATH).text
    page = manager.get(f"{PATH}/{series}").text
    for words in (
        "Déposée à l’administration",
        "Rectifier",
        "il n’a rien changé",
        "a|RE",
        "G1.104",
    ):
        assert words in page
    run(ReviewReports(dossier=world.dossier), world.context)
    world.deliver()
    assert held.filing.id == getattr(shown(world, series).filing, "id", "")
    assert 1 == len(pa.sent)


def test_a_refused_file_takes_no_sending_away(
    program: Program, pa: FakePlatform, manager: Browser
) -> None:
    """« À envoyer » stays with its button, and the file that passed is the one that leaves."""
    world = program.world
    assert "Ok" == submit(program, report())["acknowledgement"]["status"]
    refuse(world)
    submit(program, report("R-2"))
    series = received(world)[0].series.id
    page = manager.get(f"{PATH}/{series}")
    assert "À envoyer" in page.text
    turn = page.one("//input[@name='turn']").get("value")
    assert 303 == manager.post(f"{PATH}/{series}/envoyer", {"turn": turn}).status
    world.deliver()
    assert ["R-1"] == [one.report for one in received(world) if one.state is FilingState.SENT]


def test_a_file_that_is_being_checked_changes_nothing_yet(
    program: Program, pa: FakePlatform
) -> None:
    """A declared period is declared while a correction is looked at; then it waits to be sent."""
    world = program.world
    forwards(world)
    submit(program, report())
    periods.save_ways(world.caller, 3, forward=False, context=world.context)
    world.deliver()
    program.submit(report("R-2", type=ReportType.CORRECTION), name="report.xml", flowSyntax="FRR")
    run(world.queue.sent.pop(0).command, world.context)
    assert FilingState.CHECKING is received(world)[-1].state
    series = received(world)[0].series.id
    assert "R-1" == getattr(shown(world, series).filing, "report", "")
    program.settle()
    assert "R-2" == getattr(shown(world, series).filing, "report", "")


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_second_first_declaration_is_refused(
    program: Program, pa: FakePlatform, *, elsewhere: bool
) -> None:
    """Declared from here or with another tool: only a correction may follow, and it does."""
    world = program.world
    forwards(world)
    name = "transactions-20260901-20260930-SE"
    if elsewhere:
        telling.tell(world.caller, name, date(2026, 10, 5), "", world.context)
    else:
        submit(program, report())
    before = shown(world, name).filing
    sent = len(pa.sent)
    flow = submit(program, report("R-2"))
    (detail,) = flow["acknowledgement"]["details"]
    assert ("Error", "TT-4") == (flow["acknowledgement"]["status"], detail["item"])
    assert "du 01/09/2026 au 30/09/2026 est déjà déclarée" in detail["reasonMessage"]
    assert "rectification (TT-4 : RE)" in detail["reasonMessage"]
    assert (before, sent) == (shown(world, name).filing, len(pa.sent))
    corrected = submit(program, report("R-2", type=ReportType.CORRECTION))
    assert "Ok" == corrected["acknowledgement"]["status"]
    assert sent + 1 == len(pa.sent)


def test_two_first_declarations_at_once_leave_once(program: Program, pa: FakePlatform) -> None:
    """Both were there before the first left: the second is refused, never sent."""
    world = program.world
    forwards(world)
    for number in ("R-1", "R-2"):
        reply, _flow = program.submit(report(number), name="report.xml", flowSyntax="FRR")
        assert 202 == reply.status
    program.settle()
    assert 1 == len(pa.sent)
    first, second = received(world)
    assert ("R-1", FilingState.SENT) == (first.report, first.state)
    assert ("R-2", "ereporting.told_already") == (second.report, second.findings[0].code)
    assert first == shown(world, first.series.id).filing


def test_our_own_first_declaration_does_not_follow_another(
    program: Program, pa: FakePlatform
) -> None:
    """A draft made before the software's file left is refused, then made anew as a correction."""
    world = program.world
    keep(world, "V1", issue_date=date(2026, 9, 3))
    name = "transactions-20260901-20260930-SE"
    submit(program, report())
    (theirs,) = received(world)
    periods.prepare(world.caller, name, world.context)
    world.deliver()
    forwards(world)
    run(ForwardReport(dossier=world.dossier, filing=theirs.id), world.context)
    world.deliver()
    ours = shown(world, name).filing
    assert ours is not None
    assert ("", ReportType.INITIAL) == (ours.received, ours.type)
    with pytest.raises(InvalidError, match="told_already"):
        periods.send(world.caller, name, "", ours.turn, world.context)
    periods.prepare(world.caller, name, world.context)
    world.deliver()
    assert ReportType.CORRECTION is getattr(shown(world, name).filing, "type", None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<Report/>", "InvalidSchema"),
        (b"<Other><a/></Other>", "InvalidSchema"),
        (report(siren="100000009"), "OtherTechnicalError"),
        (b"%PDF-1.7 nothing", "FlowTypeError"),
    ],
)
def test_what_is_no_report_of_the_dossier_makes_nothing(
    program: Program, pa: FakePlatform, data: bytes, reason: str
) -> None:
    """Another file, another company: an acknowledgement with its reason, and no filing."""
    flow = submit(program, data)
    assert ("Error", {reason}) == (flow["acknowledgement"]["status"], reasons(flow))
    assert () == received(program.world)


def test_a_name_is_taken_once(program: Program, pa: FakePlatform) -> None:
    """TT-1 names one file: AlreadyExistingFlow; a correction has a name of its own."""
    world = program.world
    assert "Ok" == submit(program, report())["acknowledgement"]["status"]
    again = submit(program, report())
    assert {"AlreadyExistingFlow"} == reasons(again)
    corrected = submit(program, report("R-2", type=ReportType.CORRECTION))
    assert "Ok" == corrected["acknowledgement"]["status"]
    assert [2, 3] == [one.sequence for one in received(world)]  # the first was ours, empty


def test_the_night_leaves_a_received_report_alone(program: Program, pa: FakePlatform) -> None:
    """Its software knows what it is made of: nothing here makes it again."""
    world = program.world
    submit(program, report())
    before = received(world)
    run(ReviewReports(dossier=world.dossier), world.context)
    world.deliver()
    assert before[0].turn == received(world)[0].turn
    assert before[0].file == received(world)[0].file


def test_the_published_examples_are_taken_as_they_are(program: Program, pa: FakePlatform) -> None:
    """For another SIREN they are refused; with the dossier's they pass the real rules."""
    world = program.world
    world.with_(rulebook=SaxonRulebook())
    folder = need("conformance/flux10/examples-synthetic")
    for name in ("transactions-10.1-10.3.xml", "payments-10.2-10.4.xml"):
        data = (folder / name).read_bytes()
        own = data.replace(b'"0002">100000009', b'"0002">300000007').replace(
            b"FR88100000009", b"FR66300000007"
        )
        assert {"OtherTechnicalError"} == reasons(submit(program, data))
        flow = submit(program, own)
        assert "Ok" == flow["acknowledgement"]["status"], flow["acknowledgement"]


@pytest.mark.parametrize(
    ("before", "after", "item", "words"),
    [
        (b"<Id>R-1<", b"<Id><", "ReportDocument/Id", "ReportDocument/Id manque ou est vide"),
        (b"<TypeCode>IN", b"<TypeCode>XX", "ReportDocument/TypeCode", "TypeCode vaut « XX »"),
        (b"Report>", b"a>", "a", "sa racine est « a »"),
    ],
)
def test_a_report_that_cannot_be_read_says_which_field_and_value(
    program: Program, before: bytes, after: bytes, item: str, words: str
) -> None:
    """A French sentence with the place, never the bare place."""
    data = report()
    assert before in data
    (detail,) = submit(program, data.replace(before, after))["acknowledgement"]["details"]
    assert [item, "InvalidSchema"] == [detail["item"], detail["reasonCode"]]
    assert words in detail["reasonMessage"]
    assert detail["reasonMessage"].endswith(".")
