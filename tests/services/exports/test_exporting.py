"""Exports for accountants: asked, made by the pipeline, listed, marked; the link and its ZIP."""

import io
import urllib.request
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from facteur.domain.candidate import Candidate
from facteur.domain.commands import SetAccounting, WriteExport
from facteur.domain.documents import Accounting, Direction, Document, State, Summary
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.exports import Job, JobState
from facteur.domain.parties import Side
from facteur.domain.serial import dumps, loads
from facteur.ports import Changes, Context
from facteur.services.archive import archives
from facteur.services.exports import entries, jobs, kits
from facteur.services.parties import book
from facteur.services.run import run, run_scheduled

from tests.domain.test_exports import candidate
from tests.services.world import World
from tests.web.browser import keep

D = Decimal
NOVEMBER = {"since": date(2026, 11, 1), "until": date(2026, 11, 30)}


def _invoice(world: World, number: str, data: Candidate, day: int = 5, **more: str) -> Document:
    """An archived purchase with its data."""
    world.clock.pass_(seconds=1)
    return keep(
        world,
        State.ARCHIVED,
        candidate=data,
        summary=Summary(
            kind="invoice", number=number, seller_name=more.get("seller", "Vasseur"),
            issue_date=date(2026, 11, day), total_incl_vat=D(120),
        ),
    )  # fmt: skip


def _good(world: World, number: str, day: int = 5) -> Document:
    data = candidate(("20", "100.00", "20.00"), total="120.00", number=number)
    return _invoice(world, number, data, day)


def _export(world: World, **options: object) -> Job:
    """Ask, let the pipeline work, look."""
    asked = jobs.ask(
        world.caller,
        world.context,
        **{"form": "fec_plus", "direction": Direction.PURCHASE, **NOVEMBER, **options},  # type: ignore[arg-type]
    )
    assert asked.state is JobState.WAITING
    world.deliver()
    return jobs.job(world.caller, asked.id, world.context)


def _zip(world: World, job: Job, place: int = 1) -> zipfile.ZipFile:
    link = jobs.link(world.caller, job.id, place, world.context)
    with urllib.request.urlopen(link) as answer:
        return zipfile.ZipFile(io.BytesIO(answer.read()))


def test_an_export_holds_its_entries_and_their_attachments(world: World) -> None:
    """The period's invoices, oldest first, each with the page it names; then they are fetched."""
    second, first = _good(world, "F-2", 20), _good(world, "F-1", 3)
    out = _good(world, "F-3", 30)
    keep(world, State.TO_ACCEPT, summary=Summary(issue_date=date(2026, 11, 9)))
    job = _export(world, until=date(2026, 11, 20))
    assert (job.state, job.total, job.done, job.entries, job.left) == (JobState.DONE, 2, 2, 2, 0)
    archive = _zip(world, job)
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == [
        "300000007FEC20261120.txt", "LISEZMOI.txt", "pieces/AC00001.pdf", "pieces/AC00002.pdf",
    ]  # fmt: skip
    lines = archive.read("300000007FEC20261120.txt").decode("iso8859-15").split("\r\n")
    assert [one.split("\t")[8] for one in lines[1:-1]] == ["F-1"] * 3 + ["F-2"] * 3
    assert lines[1].endswith("\tpieces/AC00001.pdf")
    original = world.context.blobs.get(first.files["original"])
    assert archive.read("pieces/AC00001.pdf") == original
    for one, expected in ((first, "FETCHED"), (second, "FETCHED"), (out, "TO_FETCH")):
        assert world.document(one.id).accounting is Accounting[expected]
    told = world.context.store.history(first.ref)[-1].event
    assert (told.values["how"], told.by_name) == ("export", "Anne")


def test_only_what_is_to_fetch_unless_all_is_asked(world: World) -> None:
    """The second export of a month holds what came since; or everything again."""
    _good(world, "F-1")
    assert _export(world).entries == 1
    _good(world, "F-2")
    assert _export(world).entries == 1
    assert _export(world, only_to_fetch=False).entries == 2


def test_looking_without_marking_leaves_the_status(world: World) -> None:
    """An export for oneself does not say that the accountant has it."""
    held = _good(world, "F-1")
    job = _export(world, mark=False, attachments=False)
    assert world.document(held.id).accounting is Accounting.TO_FETCH
    assert not [one for one in _zip(world, job).namelist() if one.startswith("pieces/")]


def test_what_does_not_balance_is_left_out_listed_and_stays_to_fetch(world: World) -> None:
    """On the page with its reason, in the ZIP as a table; nothing else is held back."""
    _good(world, "F-1")
    wrong = _invoice(world, "=F-2", candidate(("20", "100.00", "20.00"), total="121.00"))
    job = _export(world)
    assert (job.entries, job.left, job.left_out[0].code) == (1, 1, "exports.unbalanced")
    assert job.left_out[0].values["gap"] == "1.00"
    table = _zip(world, job).read("factures-ecartees.csv").decode("utf-8-sig")
    assert table.splitlines()[1] == f"'=F-2;Vasseur;unbalanced;1.00;{wrong.id}"
    assert world.document(wrong.id).accounting is Accounting.TO_FETCH


def test_data_that_cannot_be_read_leave_one_invoice_out(world: World) -> None:
    """A damaged file stops one invoice, not the month."""
    _good(world, "F-1")
    keep(world, State.ARCHIVED,
         summary=Summary(kind="invoice", number="F-9", issue_date=date(2026, 11, 6)))  # fmt: skip
    job = _export(world)
    assert (job.entries, [one.code for one in job.left_out]) == (1, ["exports.unreadable"])


@pytest.mark.parametrize("form", ["fec", "quadra", "ebp", "ciel", "csv"])
def test_every_format_makes_its_zip(world: World, form: str) -> None:
    """The same invoices, whatever the software."""
    _good(world, "F-1")
    job = _export(world, form=form)
    assert job.state is JobState.DONE
    assert len(_zip(world, job).namelist()) == 3


def test_making_it_twice_makes_it_once(world: World) -> None:
    """A command that comes again after the end does nothing."""
    _good(world, "F-1")
    job = _export(world)
    again = WriteExport(dossier=world.dossier, export=job.id)
    run(again, world.context)
    assert jobs.job(world.caller, job.id, world.context) == job


def test_too_many_invoices_ask_for_a_shorter_period(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The export fails with its reason, on the page; the queue is not tried again."""
    monkeypatch.setattr(entries, "MOST_ASKED", 1)
    _good(world, "F-1")
    _good(world, "F-2")
    job = _export(world)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert (job.failure.code, job.failure.values["limit"]) == ("exports.too_many", "1")
    with pytest.raises(NotFoundError):
        jobs.link(world.caller, job.id, 1, world.context)


def test_a_large_period_makes_several_files_that_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five invoices, two a file: each once, numbered on, all marked; what was left out too."""
    monkeypatch.setattr(entries, "MOST_INVOICES", 2)
    held = [_good(world, f"F-{day}", day) for day in (9, 3, 7, 1)]
    _invoice(world, "F-5", candidate(("20", "100.00", "20.00"), total="121.00"), 5)
    job = _export(world)
    assert (job.state, job.total, job.done) == (JobState.DONE, 5, 5)
    assert (job.entries, job.left, len(job.files)) == (4, 1, 3)
    assert [one.name.rsplit("-", 1)[1] for one in job.files] == ["1.zip", "2.zip", "3.zip"]
    pieces, numbers, names = [], [], []
    for place in (1, 2, 3):
        archive = _zip(world, job, place)
        lines = archive.read("300000007FEC20261130.txt").decode("iso8859-15").split("\r\n")[1:-1]
        pieces += [one.split("\t")[8] for one in lines[::3]]
        numbers += [one.split("\t")[2] for one in lines[::3]]
        names += [one for one in archive.namelist() if one.startswith("pieces/")]
    assert pieces == ["F-1", "F-3", "F-7", "F-9"]
    assert numbers == ["1", "2", "3", "4"]
    assert names == [f"pieces/AC0000{one}.pdf" for one in numbers]
    assert all(world.document(one.id).accounting is Accounting.FETCHED for one in held)


def test_lines_are_numbered_on_from_one_file_to_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EBP numbers its lines, Coala and Sage 100 their entries: none comes twice in an export."""
    monkeypatch.setattr(entries, "MOST_INVOICES", 1)
    for number, at in (("F-1", 1), ("F-2", 2), ("F-3", 3)):
        _good(world, number, at)
    fields = {"ebp": ("ECRITURES.txt", ",", 0), "coala": ("COALA.txt", ";", 7),
              "sage100": ("SAGE100.txt", "\t", 3)}  # fmt: skip
    for form, (name, mark, place) in fields.items():
        job = _export(world, form=form, only_to_fetch=False)
        parts = [_zip(world, job, at).read(name).decode("cp1252") for at in (1, 2, 3)]
        rows = [one.split(mark) for part in parts for one in part.split("\r\n")[:-1]]
        numbers = [int(one[place]) for one in rows]
        wanted = [1, 2, 3, 4, 5, 6, 7, 8, 9] if form == "ebp" else [1, 1, 1, 2, 2, 2, 3, 3, 3]
        assert wanted == numbers, form


def test_two_parties_of_one_account_are_told_apart_across_files(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A format without auxiliary column: the second one is left out, whatever file it falls in."""
    monkeypatch.setattr(entries, "MOST_INVOICES", 1)
    for day, number in ((1, "A-LONG-NUMBER-77777"), (2, "B-LONG-NUMBER-77777")):
        card = book.add(
            world.caller, Side.SUPPLIER, {"name": number[:1] * 5, "number": number}, world.context
        )
        document = _good(world, f"F-{day}", day)
        head = replace(world.document(document.id), party=card.id)
        world.context.store.commit(Changes(document=head))
    job = _export(world, form="quadra")
    assert (job.entries, [one.code for one in job.left_out]) == (1, ["exports.same_account"])


def test_an_export_interrupted_while_it_marks_loses_no_invoice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the first mark: made again, the file still holds every invoice."""
    held = [_good(world, f"F-{day}", day) for day in (1, 2, 3)]
    change, marked = archives.change_accounting, []

    def dying(command: SetAccounting, context: Context) -> object:
        if marked:
            raise UnavailableError("killed")
        marked.append(command)
        return change(command, context)

    monkeypatch.setattr(archives, "change_accounting", dying)
    asked = jobs.ask(
        world.caller, world.context, form="fec_plus", direction=Direction.PURCHASE, **NOVEMBER
    )  # type: ignore[arg-type]
    with pytest.raises(UnavailableError):
        world.deliver()
    monkeypatch.setattr(archives, "change_accounting", change)
    run(WriteExport(dossier=world.dossier, export=asked.id), world.context)
    job = jobs.job(world.caller, asked.id, world.context)
    assert (job.state, job.entries) == (JobState.DONE, 3)
    assert all(world.document(one.id).accounting is Accounting.FETCHED for one in held)


def test_what_is_asked_wrongly_says_everything_at_once(world: World) -> None:
    """Unknown format, period the wrong way round."""
    with pytest.raises(InvalidError) as told:
        jobs.ask(
            world.caller, world.context, form="sap", direction=Direction.SALE,
            since=date(2026, 12, 1), until=date(2026, 11, 1),
        )  # fmt: skip
    assert [one.code for one in told.value.faults] == ["exports.form", "exports.period"]


def test_an_export_belongs_to_its_dossier_and_to_who_may(world: World) -> None:
    """Another dossier's is not found; a reader may not even ask."""
    job = _export(world)
    other = Caller(user="u9", name="", dossier="autre", permissions=PERMISSIONS[Role.MANAGER])
    with pytest.raises(NotFoundError):
        jobs.job(other, job.id, world.context)
    reader = Caller(
        user="u2", name="", dossier=world.dossier, permissions=PERMISSIONS[Role.READER]
    )
    with pytest.raises(ForbiddenError):
        jobs.jobs(reader, world.context)


def test_the_accounts_of_the_dossier_are_used_and_their_change_is_told(world: World) -> None:
    """Settable, checked, in the journal with before and after."""
    typed = {"supplier": "4081", "expense": "607100", "deductible": "445661", "customer": "4111",
             "sales": "707", "collected": "44571", "purchases_journal": "ha",
             "sales_journal": "VT"}  # fmt: skip
    jobs.save_accounts(world.caller, typed, world.context)
    _good(world, "F-1")
    text = _zip(world, _export(world, form="csv")).read("ecritures.csv").decode("utf-8-sig")
    assert [one.split(";")[:3:2] for one in text.splitlines()[1:]] == [
        ["HA", "4081"], ["HA", "607100"], ["HA", "445661"],
    ]  # fmt: skip
    (entry,) = [
        one
        for one in world.context.journal.entries(world.dossier)
        if one.what == "accounts.changed"
    ]
    assert entry.values["supplier"] == "401000 → 4081"
    with pytest.raises(InvalidError) as told:
        jobs.save_accounts(world.caller, {**typed, "sales": "=7"}, world.context)
    assert [one.path for one in told.value.faults] == ["sales"]


def test_a_job_survives_the_table(world: World) -> None:
    """What was asked and what it gave come back as they went."""
    _invoice(world, "F-2", candidate(("20", "100.00", "20.00"), total="121.00"))
    job = _export(world)
    assert loads(Job, dumps(job)) == job
    assert jobs.jobs(world.caller, world.context) == (job,)


def test_an_export_that_kills_its_function_ends_and_says_so(world: World) -> None:
    """Nothing is raised by what is killed: the last delivery tells, nobody waits for ever."""
    asked = jobs.ask(
        world.caller, world.context, form="csv", direction=Direction.PURCHASE, **NOVEMBER
    )
    (sent,) = world.queue.sent
    run_scheduled(sent, world.context, last=True)
    job = jobs.job(world.caller, asked.id, world.context)
    assert job.failure is not None
    assert (job.state, job.failure.code) == (JobState.FAILED, "exports.interrupted")


def test_a_kit_goes_on_though_it_was_killed_between_two_parts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first part is written, the second was not asked for: the next delivery asks."""
    monkeypatch.setattr(kits, "MOST_DOCUMENTS", 1)
    _good(world, "F-1", 3)
    _good(world, "F-2", 4)
    asked = jobs.ask_kit(world.caller, world.context)
    sent = world.queue.sent.pop()
    run(sent.command, world.context)
    world.queue.sent.clear()  # killed before the second part was sent
    run(sent.command, world.context)
    world.deliver()
    job = jobs.job(world.caller, asked.id, world.context)
    assert (job.state, len(job.files)) == (JobState.DONE, 2)
