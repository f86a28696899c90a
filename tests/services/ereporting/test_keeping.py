"""What an e-reporting period becomes: sealed, in the kit, declared elsewhere, told of in time."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.domain.attention import Block, Frequency, Settings
from facteur.domain.commands import ReviewReports
from facteur.domain.decisions import Actor
from facteur.domain.documents import State
from facteur.domain.dossiers import PERMISSIONS, Dossier, Member, Role
from facteur.domain.ereporting.blocks import Category, DayRate, ReportType
from facteur.domain.ereporting.building import TillDay
from facteur.domain.ereporting.filings import Filing, FilingState, Stage, stage_of
from facteur.domain.ereporting.routes import Answers, RefundTold
from facteur.domain.errors import ConflictError, ForbiddenError, InvalidError
from facteur.domain.evidence import examine
from facteur.domain.invoice import Totals
from facteur.domain.kits import read_manifest, write_manifest
from facteur.domain.lifecycle.records import Characteristic, Side, StatusRecord
from facteur.domain.people import FirmMember, FirmRole, Link, LinkState
from facteur.formats import cdar
from facteur.local import cli
from facteur.local.archives import examine_path
from facteur.ports import Changes, PeopleChanges
from facteur.services.ereporting import elsewhere, kits, periods, refunds, reminders, sending
from facteur.services.exports.importing import import_part
from facteur.services.run import run

from tests.services.ereporting.test_periods import (
    PAID,
    SALES,
    answer_of_the_state,
    follow,
    keep,
    last,
    pa,
    prepare,
    root,
    send,
)
from tests.services.exports.test_kits import ELSEWHERE, Files, _kit, _zipped
from tests.services.fake_platforms import FakePlatform
from tests.services.world import World, round_
from tests.web.browser import Letters

__all__ = ["pa"]
D = Decimal


# ── Sealed ──────────────────────────────────────────────────────────────────────────────────────


def declared(world: World, pa: FakePlatform) -> Filing:
    """A period that the platform took, and the State after it."""
    keep(world, "V1", state=State.ACCEPTED)
    prepare(world)
    sent = send(world)
    pa.answer(sent.flow)
    follow(world)
    answer_of_the_state(world, pa, sent.report, "300")
    return last(world)


def retention(world: World, key: str, version: str) -> Mapping[str, object]:
    held: Mapping[str, object] = world.platform.client("s3").get_object_retention(
        Bucket=world.platform["FACTEUR_ARCHIVE_BUCKET"], Key=key, VersionId=version
    )["Retention"]
    return held


def test_a_file_that_left_and_its_answers_are_sealed_with_their_evidence(
    world: World, pa: FakePlatform
) -> None:
    """File, acknowledgement, State's message and evidence are locked until the same day."""
    filing = declared(world, pa)
    assert FilingState.ACCEPTED is filing.state
    assert filing.seal is not None
    assert 2 == len(filing.answers)
    assert ["ReportSent", "ReportAnswered", "ReportAnswered"] == [
        one.event.name.value for one in filing.history
    ]
    assert 4 == len(filing.seal.files)
    for one in filing.seal.files:
        held = retention(world, one.key, one.version_id)
        assert (held["Mode"], held["RetainUntilDate"]) == (filing.seal.mode, filing.seal.until)
    sealed = kits._sealed(filing)
    data = {role: world.context.blobs.get(one) for role, one in sealed.items()}
    proof = data.pop("evidence")
    found = examine(proof, data)
    assert (found.intact, found.document, found.checked) == (True, filing.id, 3)
    assert b"300" in data["answer-2"]
    assert "Ok" == json.loads(data["answer-1"])["status"]
    altered = {**data, "answer-2": data["answer-2"].replace(b"300", b"301")}
    assert ("answer-2",) == examine(proof, altered).altered


def test_an_answer_that_comes_twice_is_kept_once(world: World, pa: FakePlatform) -> None:
    """Platforms repeat themselves; what is sealed stays sealed."""
    filing = declared(world, pa)
    data = world.context.blobs.get(filing.answers[-1])
    assert sending.state_answered(cdar.parse(data), data, world.dossier, world.context)
    world.deliver()
    again = last(world)
    assert (again.answers, again.history, again.seal) == (
        filing.answers, filing.history, filing.seal,
    )  # fmt: skip


def test_what_the_platform_refuses_at_its_door_is_kept_too(world: World, pa: FakePlatform) -> None:
    """The file was shown to it: both are sealed, and the next one is another filing."""
    keep(world, "V1")
    prepare(world)
    pa.refuses = "FlowTypeError"
    refused = send(world)
    assert (FilingState.REJECTED, 1) == (refused.state, len(refused.answers))
    assert refused.seal is not None
    assert b"Error" in world.context.blobs.get(refused.answers[0])


def test_locks_are_laid_again_the_next_night(world: World, pa: FakePlatform) -> None:
    """The night's look asks for them; nothing is shortened nor doubled."""
    filing = declared(world, pa)
    run(ReviewReports(dossier=world.dossier), world.context)
    world.deliver()
    assert last(world).seal == filing.seal


# ── In the kit ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def other(world: World) -> World:
    dossier = Dossier(id=ELSEWHERE, name="Ailleurs", siren="300010006")
    world.context.store.save_dossier(dossier, (), {})
    return world


def taken(world: World, files: Files) -> None:
    import_part(list(files), files.__getitem__, ELSEWHERE, Actor(id="u1"), world.context)


def test_the_kit_carries_what_was_declared_and_gives_it_back(
    other: World, pa: FakePlatform, tmp_path: Path
) -> None:
    """Checked offline, taken in: same bytes, same history, locks until the same day, settings."""
    filing = declared(other, pa)
    rate = DayRate(rate=D("20"), base=D("50.00"), tax_eur=D("10.00"))
    z = TillDay(day=date(2026, 11, 4), category=Category.GOODS, rates=(rate,))
    other.context.ereporting.save_till(other.dossier, (z,))
    elsewhere.tell(
        other.caller, "transactions-20261101-20261110-BY", date(2026, 11, 12), "X", other.context
    )
    (files,) = _kit(other)
    assert (filing.id,) == read_manifest(files["kit.json"]).reports
    found = examine_path(_zipped(files, tmp_path / "kit.zip"))
    assert [filing.id] == [one.document for one in found if one.document == filing.id]
    assert all(one.intact for one in found)
    assert cli.OK == cli.main(["verify", str(tmp_path / "kit.zip")])

    taken(other, files)
    reporting = other.context.ereporting
    held = {one.id: one for one in reporting.filings(ELSEWHERE)}
    after = held[filing.id]
    assert (after.state, after.history, after.report) == (
        filing.state, filing.history, filing.report,
    )  # fmt: skip
    assert after.seal is not None
    assert filing.seal is not None
    assert {one.sha256 for one in after.seal.files} == {one.sha256 for one in filing.seal.files}
    for one in after.seal.files:
        assert one.key.startswith(f"{ELSEWHERE}/")
        assert filing.seal.until == retention(other, one.key, one.version_id)["RetainUntilDate"]
    assert FilingState.ELSEWHERE in {one.state for one in held.values()}
    assert (z,) == reporting.till(ELSEWHERE, date(2026, 11, 1), date(2026, 11, 30))
    assert "0003" == reporting.settings(ELSEWHERE).platform_id
    taken(other, files)
    assert len(held) == len(reporting.filings(ELSEWHERE))


def test_a_changed_byte_of_a_report_is_named(
    other: World, pa: FakePlatform, tmp_path: Path
) -> None:
    """In its file or its answer, whoever rewrites kit.json too; nothing of it is taken in."""
    filing = declared(other, pa)
    (files,) = _kit(other)
    for name in [one for one in files if one.startswith("reports/") and "evidence" not in one]:
        changed = {**files, name: files[name] + b" "}
        manifest = read_manifest(files["kit.json"])
        new = {
            **manifest.files,
            name: replace(
                manifest.files[name],
                size=len(changed[name]),
                sha256=hashlib.sha256(changed[name]).hexdigest(),
            ),
        }
        changed["kit.json"] = write_manifest(replace(manifest, files=new))
        found = examine_path(_zipped(changed, tmp_path / "kit.zip"))
        assert [filing.id] == [one.document for one in found if not one.intact]
        assert cli.FAULTY == cli.main(["verify", str(tmp_path / "kit.zip")])
        with pytest.raises(InvalidError, match="altered"):
            taken(other, changed)
    assert () == other.context.ereporting.filings(ELSEWHERE)


def test_a_report_without_its_evidence_enters_no_archive(other: World, pa: FakePlatform) -> None:
    """Nor one whose history is not the one that was sealed."""
    declared(other, pa)
    (files,) = _kit(other)
    proof = next(one for one in files if one.endswith("evidence.json") and "reports/" in one)
    manifest = read_manifest(files["kit.json"])
    bare = {name: one for name, one in files.items() if name != proof}
    fewer = {name: one for name, one in manifest.files.items() if name != proof}
    bare["kit.json"] = write_manifest(replace(manifest, files=fewer))
    with pytest.raises(InvalidError, match="altered"):
        taken(other, bare)


# ── Declared elsewhere ──────────────────────────────────────────────────────────────────────────


def test_what_another_tool_declared_is_due_no_more(world: World, pa: FakePlatform) -> None:
    """Who, when and the note are kept and told; it is neither prepared nor sent; it goes back."""
    keep(world, "V1")
    prepare(world)
    assert reminders.reminder(world.caller, world.context) is not None
    said = elsewhere.tell(
        world.caller, SALES, date(2026, 11, 15), " Caisse Z, n° 12 ", world.context
    )
    assert said.elsewhere is not None
    assert ("Caisse Z, n° 12", world.caller.name) == (
        said.elsewhere.note, said.elsewhere.by_name,
    )  # fmt: skip
    assert (said.file, said.preview, said.lines) == (None, None, 0)  # what was sent is not ours
    assert reminders.reminder(world.caller, world.context) is None
    run(ReviewReports(dossier=world.dossier), world.context)
    world.deliver()
    assert FilingState.ELSEWHERE is last(world).state
    with pytest.raises(InvalidError, match="not_ready"):
        periods.send(world.caller, SALES, "", last(world).turn, world.context)
    told = world.context.journal.entries(world.dossier, limit=5)
    assert "ereporting.elsewhere" in {one.what for one in told}

    elsewhere.take_back(world.caller, SALES, world.context)
    world.deliver()
    back = last(world)
    assert (FilingState.READY, None, ReportType.INITIAL) == (
        back.state, back.elsewhere, back.type,
    )  # fmt: skip
    with pytest.raises(ConflictError, match="not_elsewhere"):
        elsewhere.take_back(world.caller, SALES, world.context)


def test_a_period_of_another_tool_is_corrected_from_here(world: World, pa: FakePlatform) -> None:
    """What follows is a correction (RE), which replaces what the other tool said."""
    keep(world, "V1")
    elsewhere.tell(world.caller, SALES, date(2026, 11, 15), "", world.context)
    corrected = prepare(world)
    assert (ReportType.CORRECTION, FilingState.READY) == (corrected.type, corrected.state)
    assert "RE" == root(world, corrected).findtext("ReportDocument/TypeCode")


@pytest.mark.parametrize("day", [None, date(2026, 11, 10), date(2026, 11, 21)])
def test_it_was_declared_between_the_end_of_the_period_and_today(
    world: World, pa: FakePlatform, day: date | None
) -> None:
    """No day, a day of the period, tomorrow."""
    with pytest.raises(InvalidError, match="elsewhere_day"):
        elsewhere.tell(world.caller, SALES, day, "", world.context)


def test_what_left_from_here_was_not_declared_elsewhere(world: World, pa: FakePlatform) -> None:
    """Nor may a reader say so."""
    keep(world, "V1")
    prepare(world)
    send(world)
    with pytest.raises(ConflictError, match="declared_here"):
        elsewhere.tell(world.caller, SALES, date(2026, 11, 15), "", world.context)
    reader = replace(world.caller, permissions=PERMISSIONS[Role.READER])
    with pytest.raises(ForbiddenError):
        elsewhere.tell(reader, SALES, date(2026, 11, 15), "", world.context)
    with pytest.raises(ForbiddenError):
        elsewhere.take_back(reader, SALES, world.context)


# ── Told of ─────────────────────────────────────────────────────────────────────────────────────


def test_a_period_is_told_of_some_days_before_then_when_late(
    world: World, pa: FakePlatform
) -> None:
    """As many days as the dossier chose; nothing of an empty period, nor of one that left."""
    keep(world, "V1")
    filing = prepare(world)
    due = filing.series.period.due
    assert stage_of(filing, due - timedelta(days=4), 3) is None
    assert stage_of(filing, due - timedelta(days=3), 3) is Stage.SOON
    assert stage_of(filing, due, 3) is Stage.SOON
    assert stage_of(filing, due + timedelta(days=1), 3) is Stage.LATE
    assert stage_of(filing, filing.series.period.end, 30) is None
    for state in (FilingState.EMPTY, FilingState.SENT, FilingState.ELSEWHERE):
        assert stage_of(replace(filing, state=state), due, 3) is None
    sent = replace(filing, state=FilingState.SENT, outdated=True)
    assert stage_of(sent, due, 3) is Stage.AMEND
    asked = replace(filing, state=FilingState.EMPTY, left_out=1)
    assert stage_of(asked, due, 3) is Stage.SOON


def test_the_dashboard_says_it_to_who_may_send(world: World, pa: FakePlatform) -> None:
    """The first last day, how many, how many late; nobody else hears of it."""
    assert reminders.reminder(world.caller, world.context) is None
    keep(world, "V1")
    prepare(world)
    found = reminders.reminder(world.caller, world.context)
    assert found is not None
    assert (1, 0, date(2026, 11, 20), SALES) == (found.count, found.late, found.due, found.first)
    reader = replace(world.caller, permissions=PERMISSIONS[Role.READER])
    assert reminders.reminder(reader, world.context) is None
    world.clock.pass_(days=1)
    late = reminders.reminder(world.caller, world.context)
    assert late is not None
    assert 1 == late.late
    send(world)
    assert reminders.reminder(world.caller, world.context) is None


def hears(world: World, user: str, role: Role) -> None:
    """Somebody of the dossier who wants to hear of everything at once."""
    member = Member(dossier=world.dossier, user=user, email=f"{user}@x.fr", name=user, role=role)
    world.context.people.commit(PeopleChanges(members=(member,)))
    wants(world, user)


def wants(world: World, user: str, **more: str) -> None:
    chosen = Settings(
        dossier=world.dossier, user=user, email=f"{user}@x.fr", name=user,
        waiting=Block(frequency=Frequency.IMMEDIATE), errors=Block(frequency=Frequency.NEVER),
        **more,
    )  # fmt: skip
    world.context.notifications.save(chosen, ())


def look(world: World) -> None:
    """The night's look, then the rounds that mail what it found."""
    run(ReviewReports(dossier=world.dossier), world.context)
    world.deliver()
    for _turn in range(3):
        world.clock.pass_(minutes=5)
        round_(world)


def test_a_mail_says_it_once_then_that_it_is_late(
    world: World, pa: FakePlatform, letters: Letters
) -> None:
    """To an accountant who asked for it, not to a reader; the link leads to the page."""
    hears(world, "compta", Role.ACCOUNTANT)
    hears(world, "lecteur", Role.READER)
    keep(world, "V1")
    prepare(world)
    look(world)
    (told,) = [one for one in letters.sent if "e-reporting" in one.text]
    assert "compta@x.fr" == told.to
    assert "1 période d’e-reporting à transmettre avant le 20/11/2026" in told.text
    assert f"/vers/{world.dossier}/e-reporting" in told.text
    look(world)
    assert 1 == len([one for one in letters.sent if "e-reporting" in one.text])
    world.clock.pass_(days=2)
    look(world)
    assert "1 période d’e-reporting en retard (à remettre le 20/11/2026)" in letters.sent[-1].text
    told_to = {one.to for one in letters.sent if "e-reporting" in one.text}
    assert {"compta@x.fr", "a@b.fr"} == told_to  # the gérant's, of every morning


def test_nothing_is_mailed_when_there_is_nothing_to_send(
    world: World, pa: FakePlatform, letters: Letters
) -> None:
    """An empty period, and one that left before the mail did."""
    hears(world, "compta", Role.ACCOUNTANT)
    look(world)
    keep(world, "V1")
    prepare(world)
    run(ReviewReports(dossier=world.dossier), world.context)
    world.deliver()
    send(world)
    for _turn in range(3):
        world.clock.pass_(minutes=5)
        round_(world)
    assert [] == [one for one in letters.sent if "e-reporting" in one.text]


def test_people_of_a_firm_hear_of_it_by_their_link(
    world: World, pa: FakePlatform, letters: Letters
) -> None:
    """Its role says what they may do: an accountant's sends, a reader's does not."""
    link = Link(
        firm="f1", dossier=world.dossier, dossier_name="Delorme", siren="300000007",
        firm_name="Cabinet", role=Role.ACCOUNTANT, state=LinkState.ACTIVE,
        since=world.clock.now(),
    )  # fmt: skip
    person = FirmMember(firm="f1", user="cab", email="cab@x.fr", name="Cab", role=FirmRole.STAFF)
    world.context.people.commit(PeopleChanges(firm_members=(person,), links=(link,)))
    wants(world, "cab", firm="f1")
    held = world.context.notifications.settings(world.dossier, "cab")
    assert held is not None
    assert reminders.concerns(held, world.context)
    stored = world.context.people.link(world.dossier, "f1")
    assert stored is not None
    world.context.people.commit(PeopleChanges(links=(replace(stored, role=Role.READER),)))
    assert not reminders.concerns(held, world.context)


# ── Refunds ─────────────────────────────────────────────────────────────────────────────────────


def came(world: World, number: str, *money: tuple[str, date], issued: date) -> None:
    """A service that was sold to a consumer, and what came in and went back."""
    sold = keep(world, number, issue_date=issued, process="S1")
    records = tuple(
        StatusRecord(
            id=f"own:{place}", code="212", set_at=world.clock.now(),
            recorded_at=world.clock.now(), side=Side.SELLER,
            characteristics=(
                Characteristic(type="MEN", amount=D(amount), rate=D("20"), on=day),
            ),
        )
        for place, (amount, day) in enumerate(money)
    )  # fmt: skip
    world.context.store.commit(Changes(document=replace(sold, statuses=records)))


OCTOBER = "payments-20261001-20261031-SE"


def test_a_refund_of_an_earlier_collection_corrects_its_period(
    world: World, pa: FakePlatform
) -> None:
    """November cannot tell it; the company says which collection; October is told again (RE)."""
    periods.save_regime(world.caller, date(2026, 10, 1), periods.Regime.MONTHLY, world.context)
    world.deliver()
    came(
        world, "V1", ("120.00", date(2026, 10, 5)), ("-20.00", date(2026, 11, 9)),
        issued=date(2026, 10, 2),
    )  # fmt: skip
    assert FilingState.READY is prepare(world, OCTOBER).state
    send(world, OCTOBER)
    world.clock.pass_(days=20)
    asked = prepare(world, PAID)
    assert (FilingState.EMPTY, 1) == (asked.state, asked.left_out)
    day, told_on = date(2026, 11, 9), date(2026, 10, 5)
    for wrong in (date(2026, 10, 6), day):
        with pytest.raises(InvalidError, match="refund_day"):
            refunds.answer(
                world.caller, PAID, "V1", RefundTold(day=day, told_on=wrong), day, world.context
            )
    said = RefundTold(day=day, told_on=told_on)
    refunds.answer(world.caller, PAID, "V1", said, day, world.context)
    world.deliver()
    assert (FilingState.EMPTY, 0) == (last(world, PAID).state, last(world, PAID).left_out)
    assert last(world, OCTOBER).outdated
    corrected = prepare(world, OCTOBER)
    assert (ReportType.CORRECTION, D("100.00")) == (corrected.type, corrected.base)
    refunds.answer(world.caller, PAID, "V1", None, day, world.context)
    world.deliver()
    assert 1 == last(world, PAID).left_out


def test_money_far_beyond_its_invoice_is_asked_about_before_it_is_declared(
    world: World, pa: FakePlatform
) -> None:
    """Five millions for 120 €: the period says nothing of them until the company does."""
    came(
        world, "V1", ("230.00", date(2026, 11, 4)), ("5000000.00", date(2026, 11, 5)),
        issued=date(2026, 11, 2),
    )  # fmt: skip
    came(world, "V2", ("120.00", date(2026, 11, 6)), issued=date(2026, 11, 2))
    world.clock.pass_(days=20)
    asked = prepare(world, PAID)
    assert (FilingState.READY, 1, D("120.00")) == (asked.state, asked.left_out, asked.base)
    shown = periods.detail(world.caller, PAID, world.context).preview
    assert shown is not None
    (fault,) = shown.left_out[0].faults
    assert ("ereporting.collected_beyond", "5000230.00", "120.00") == (
        fault.code, fault.values["amount"], fault.values["total"],
    )  # fmt: skip
    periods.answer(world.caller, PAID, "V1", Answers(collected=D("5000230.00")), world.context)
    world.deliver()
    assert (0, D("5000350.00")) == (last(world, PAID).left_out, last(world, PAID).base)
    periods.answer(world.caller, PAID, "V1", Answers(collected=D("0.00")), world.context)
    world.deliver()
    assert (1, D("120.00")) == (last(world, PAID).left_out, last(world, PAID).base)


def test_what_was_in_excess_and_given_back_asks_nothing(world: World, pa: FakePlatform) -> None:
    """The same day, or later as of that collection: the sum of the money is what counts."""
    periods.save_regime(world.caller, date(2026, 10, 1), periods.Regime.MONTHLY, world.context)
    world.deliver()
    came(
        world, "V1", ("120.00", date(2026, 10, 5)), ("5000000.00", date(2026, 10, 6)),
        ("-5000000.00", date(2026, 10, 6)), issued=date(2026, 10, 2),
    )  # fmt: skip
    assert (0, D("120.00")) == (prepare(world, OCTOBER).left_out, last(world, OCTOBER).base)
    came(
        world, "V2", ("120.00", date(2026, 10, 5)), ("5000000.00", date(2026, 10, 6)),
        ("-5000000.00", date(2026, 11, 9)), issued=date(2026, 10, 2),
    )  # fmt: skip
    assert (1, D("120.00")) == (prepare(world, OCTOBER).left_out, last(world, OCTOBER).base)
    day = date(2026, 11, 9)
    said = RefundTold(day=day, told_on=date(2026, 10, 6))
    refunds.answer(world.caller, OCTOBER, "V2", said, day, world.context)
    world.deliver()
    assert (0, D("240.00")) == (last(world, OCTOBER).left_out, last(world, OCTOBER).base)


def test_what_came_in_before_the_period_counts_with_it(world: World, pa: FakePlatform) -> None:
    """October alone is fine; November's second payment is beyond the invoice; nothing later is."""
    periods.save_regime(world.caller, date(2026, 10, 1), periods.Regime.MONTHLY, world.context)
    world.deliver()
    came(
        world, "V1", ("120.00", date(2026, 10, 5)), ("120.00", date(2026, 11, 5)),
        issued=date(2026, 10, 2),
    )  # fmt: skip
    assert (FilingState.READY, 0) == (prepare(world, OCTOBER).state, last(world, OCTOBER).left_out)
    world.clock.pass_(days=20)
    assert (FilingState.EMPTY, 1) == (prepare(world, PAID).state, last(world, PAID).left_out)


def test_a_correction_may_take_everything_back(world: World, pa: FakePlatform) -> None:
    """The only sale went to the trash after it was declared: an empty RE replaces the period."""
    sold = keep(world, "V1", totals=Totals(tax_exclusive=D("100.00"), tax=D("20.00")))
    prepare(world)
    send(world)
    held = world.context.store.document(sold.ref)
    world.context.store.commit(Changes(document=replace(held, state=State.TRASHED)))
    run(ReviewReports(dossier=world.dossier), world.context)
    assert last(world).outdated
    corrected = prepare(world)
    assert (FilingState.READY, 0) == (corrected.state, corrected.lines)
    report = root(world, corrected)
    assert "RE" == report.findtext("ReportDocument/TypeCode")
    assert [] == list(report.iterfind("TransactionsReport/Transactions"))
    assert FilingState.SENT is send(world).state
