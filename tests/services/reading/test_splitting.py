"""A file of several invoices becomes several documents, with the real store and PDF child."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace

import pikepdf
import pytest
from facteur.adapters.pdf.client import ChildPdf
from facteur.domain import splitting
from facteur.domain.commands import (
    AcceptDocument,
    KeepWhole,
    RefuseDocument,
    SealFile,
    SplitDocument,
    WriteParts,
)
from facteur.domain.documents import Direction, Document, State
from facteur.domain.errors import (
    IllegalTransitionError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
    UnavailableError,
)
from facteur.domain.events import Happened, broken_at
from facteur.domain.evidence import examine
from facteur.ports import Changes
from facteur.services.finding import queries
from facteur.services.run import run, run_scheduled
from facteur.web.showing import separator_sheet

from tests import samples
from tests.services.world import World


@pytest.fixture(scope="module")
def child() -> Iterator[ChildPdf]:
    """One warm PDF child for all the tests here."""
    client = ChildPdf()
    yield client
    client.close()


@pytest.fixture
def world(world: World, child: ChildPdf) -> World:
    """The services' world, where PDFs are really opened."""
    world.with_(pdf=child)
    return world


def lot(*numbers: str, pages: int = 1) -> bytes:
    """A file of several invoices: each number on so many pages."""
    return samples.lot(*((number, pages) for number in numbers))


def cut(world: World, document: Document, *starts: int) -> Document:
    """A user cuts; nothing is delivered yet."""
    command = SplitDocument(
        dossier=document.dossier,
        document=document.id,
        version=document.version,
        starts=starts,
        by="u1",
        by_name="Anne",
    )
    done = run(command, world.context)
    assert done is not None
    return done


def parts(world: World, whole: Document) -> list[Document]:
    return [world.document(one) for one in world.document(whole.id).parts]


def words(world: World, document: Document) -> list[str]:
    content = world.context.pdf.read(world.context.blobs.get(document.files["original"]))
    return [" ".join(word.text for word in page.words) for page in content.pages.pages]


def test_five_pages_cut_in_two_make_two_documents_with_their_pages(world: World) -> None:
    """PE-04, from the mail to two documents that were read, each with its own number."""
    data = samples.saved(_joined(lot("FA-2026-0101", pages=2), lot("FA-2026-0102", pages=3)))
    (whole,) = world.receive(("lot.pdf", data))
    assert (State.TO_CHECK, 5) == (whole.state, whole.sheets)
    asked = cut(world, whole, 3)
    assert State.SPLITTING is asked.state
    world.deliver()

    closed = world.document(whole.id)
    first, second = parts(world, whole)
    assert State.SPLIT is closed.state
    assert data == world.context.blobs.get(closed.files["original"])
    assert [2, 3] == [len(words(world, one)) for one in (first, second)]
    assert ["FA-2026-0101", "FA-2026-0102"] == [one.summary.number for one in (first, second)]
    for one, number in ((first, "0101"), (second, "0102")):
        assert one.state in (State.TO_CHECK, State.TO_ACCEPT)
        assert all(f"FA-2026-{number}" in text for text in words(world, one))
        assert (whole.sources, whole.received_at) == (one.sources, one.received_at)
        assert whole.direction is one.direction
        assert one.part_of is not None
        assert whole.id == one.part_of.document
    assert 3 == len(world.documents())


def _joined(*files: bytes) -> pikepdf.Pdf:
    pdf = pikepdf.Pdf.new()
    for data in files:
        with pikepdf.open(io.BytesIO(data)) as other:
            pdf.pages.extend(other.pages)
    return pdf


def test_histories_tell_who_cut_and_what_became_of_it(world: World) -> None:
    """The whole names its parts, a part names its whole; both chains hold."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    cut(world, whole, 2)
    world.deliver()

    history = world.context.store.history(whole.ref)
    asked, done = (entry.event for entry in history[-2:])
    assert (Happened.SPLIT_ASKED, "u1", "Anne") == (asked.name, asked.by, asked.by_name)
    assert Happened.DOCUMENT_SPLIT is done.name
    made = parts(world, whole)
    assert ", ".join(one.id for one in made) == done.values["documents"]
    assert broken_at(history) is None
    for one, pages in zip(made, ("1", "2"), strict=True):
        entries = world.context.store.history(one.ref)
        first = entries[0].event
        assert (Happened.PART_RECEIVED, whole.id) == (first.name, first.values["parent"])
        assert pages == first.values["pages"]
        assert broken_at(entries) is None


def test_a_part_is_no_double_of_the_whole_nor_of_its_sisters(world: World) -> None:
    """The whole was read as one of its invoices and holds its number: the part takes it over."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    keep = KeepWhole(dossier=whole.dossier, document=whole.id, version=whole.version, by="u1")
    run(keep, world.context)
    world.deliver()
    whole = world.document(whole.id)
    assert whole.summary.number in ("FA-2026-0101", "FA-2026-0102"), "read as one of them"
    cut(world, whole, 2)
    world.deliver()
    first, second = parts(world, whole)

    assert ((), ()) == (first.duplicates, second.duplicates)
    world.clock.pass_(minutes=1)
    again, *_ = world.receive(
        ("seule.pdf", lot("FA-2026-0101")), key="mail/2", message_id="m2@x.example"
    )
    assert [(first.id, "number")] == [(one.document, one.reason) for one in again.duplicates]


def test_the_same_file_sent_again_is_no_double_of_the_split_one(world: World) -> None:
    """Its parts are the doubles: cut again, they have the bytes of those that we have."""
    data = lot("FA-2026-0101", "FA-2026-0102")
    (whole,) = world.receive(("lot.pdf", data))
    cut(world, whole, 2)
    world.deliver()
    first, second = parts(world, whole)
    world.clock.pass_(minutes=1)
    again, *_ = world.receive(("lot.pdf", data), key="mail/2", message_id="m2@x.example")

    assert whole.id not in {one.document for one in again.duplicates}
    cut(world, again, 2)
    world.deliver()
    twins = parts(world, again)
    assert [[first.id], [second.id]] == [
        [one.document for one in twin.duplicates if one.reason == "sha256"] for twin in twins
    ]


def test_parts_read_before_the_whole_is_closed_are_no_doubles_either(world: World) -> None:
    """A crash between the parts and the whole: their reading does not wait for it."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    cut(world, whole, 2)
    writing = world.queue.sent.pop()
    store, committed = world.context.store, []

    class Dies:
        """The store, which goes away once both parts are registered."""

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        def commit(self, changes: object) -> Document:
            if len(committed) == 2:
                raise UnavailableError("store.away")
            committed.append(changes)
            return store.commit(changes)  # type: ignore[arg-type]

    alive = world.context
    world.with_(store=Dies())
    with pytest.raises(UnavailableError):
        run_scheduled(writing, world.context)
    world.context = alive
    assert State.SPLITTING is world.document(whole.id).state
    world.clock.pass_(minutes=10)
    for due in world.context.store.due(world.clock.now()):
        world.queue.send(due)
    world.deliver()
    made = [one for one in world.documents() if one.part_of]
    assert {State.RECEIVED}.isdisjoint(one.state for one in made), "they were read meanwhile"
    assert [(), ()] == [one.duplicates for one in made]

    run_scheduled(writing, world.context)
    world.deliver()

    assert State.SPLIT is world.document(whole.id).state
    assert {one.id for one in made} == set(world.document(whole.id).parts)
    assert 3 == len(world.documents())


def test_writing_twice_makes_the_same_documents(world: World) -> None:
    """The queue delivers at least once: the second run finds nothing left to do."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    cut(world, whole, 2)
    command = WriteParts(dossier=whole.dossier, document=whole.id)
    run(command, world.context)
    run(command, world.context)
    world.deliver()

    assert 3 == len(world.documents())
    assert [1, 1] == [len(words(world, one)) for one in parts(world, whole)]


def test_pages_that_cannot_be_written_leave_the_whole_in_quarantine(world: World) -> None:
    """No part was made, the bytes are there, and it may be replayed."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    cut(world, whole, 2)
    child, world.pdf.broken = world.context.pdf, "unreadable.memory"
    world.with_(pdf=world.pdf)
    world.deliver()
    stopped = world.document(whole.id)

    assert State.QUARANTINED is stopped.state
    assert stopped.failure is not None
    assert "unreadable.memory" == stopped.failure.code
    assert 1 == len(world.documents())
    world.with_(pdf=child)
    cut(world, stopped, 2)
    world.deliver()
    assert State.SPLIT is world.document(whole.id).state


def test_a_command_killed_each_time_gives_up_visibly(world: World) -> None:
    """The queue's last delivery runs nothing: quarantine, never a file that waits for ever."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    cut(world, whole, 2)
    run_scheduled(world.queue.sent.pop(), world.context, last=True)

    failure = world.document(whole.id).failure
    assert failure is not None
    assert "work.interrupted" == failure.code


def test_a_scanners_tiff_of_two_frames_is_split(world: World) -> None:
    """The parts are PDFs of the frames; here nothing reads them, so they wait in quarantine."""
    (made,) = world.receive(("lot.pdf", lot("FA-2026-0101")))
    original = world.context.blobs.put("d/x/original", samples.tiff(2), "image/tiff")
    whole = replace(
        made,
        id="x" * 26,
        version=0,
        events=0,
        chain="",
        filename="scan.tif",
        files={"original": original},
        pages=2,
        sheets=2,
    )
    world.context.store.commit(Changes(document=whole))
    whole = world.document(whole.id)
    cut(world, whole, 2)
    world.deliver()

    first, second = parts(world, whole)
    for one in (first, second):
        assert b"%PDF" == world.context.blobs.get(one.files["original"])[:4]
        assert State.QUARANTINED is one.state
    assert "scan, page 2.pdf" == second.filename


def test_a_wrong_demand_changes_nothing(world: World) -> None:
    """Pages that are not there, another version, another dossier: told, and nothing is queued."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    for starts in ((), (1,), (3,)):
        with pytest.raises(InvalidError):
            cut(world, whole, *starts)
    with pytest.raises(StaleVersionError):
        cut(world, replace(whole, version=whole.version - 1), 2)
    with pytest.raises(NotFoundError):
        cut(world, replace(whole, dossier="other"), 2)

    assert [] == world.queue.sent
    assert whole == world.document(whole.id)


def test_a_split_file_is_listed_among_all_and_nowhere_else(world: World) -> None:
    """It waits for nobody: only « Toutes » shows it, with its parts beside it."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    cut(world, whole, 2)
    world.deliver()
    tabs = {
        tab
        for tab in queries.TABS
        for one in queries.documents(
            world.caller, Direction.PURCHASE, tab, "", world.context
        ).documents
        if one.id == whole.id
    }

    assert {"all"} == tabs
    assert 3 == queries.counts(world.caller, Direction.PURCHASE, world.context)["all"]


def decide(world: World, document: Document, command: type) -> None:
    """A user accepts or refuses a part, and everything that follows runs."""
    more = {"reason": "DEST_ERR"} if command is RefuseDocument else {}
    held = world.document(document.id)
    run(
        command(dossier=held.dossier, document=held.id, version=held.version, by="u1", **more),
        world.context,
    )
    world.deliver()


def test_a_lot_waits_with_its_proposal_and_is_not_converted(world: World) -> None:
    """Three invoices one after the other: à contrôler, with what was read of each."""
    (whole,) = world.receive(
        ("lot.pdf", samples.saved(_joined(lot("FA-2026-0101", pages=2), lot("FA-2026-0102"))))
    )

    assert State.TO_CHECK is whole.state
    assert ["file.several"] == [one.code for one in whole.faults]
    assert [(1, 2, "FA-2026-0101"), (3, 3, "FA-2026-0102")] == [
        (one.first, one.last, one.number) for one in whole.proposal
    ]
    assert whole.conversion is None
    assert "" == whole.summary.number, "it bears the number of none of them"
    with pytest.raises(InvalidError):
        decide(world, whole, AcceptDocument)


def test_what_is_said_to_be_one_invoice_goes_on_as_one(world: World) -> None:
    """Converted and checked whole; replayed or not, nobody asks again."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    keep = KeepWhole(
        dossier=whole.dossier, document=whole.id, version=whole.version, by="u1", by_name="Anne"
    )
    with pytest.raises(StaleVersionError):
        run(replace(keep, version=whole.version - 1), world.context)
    run(keep, world.context)
    world.deliver()
    kept = world.document(whole.id)

    assert ((), True) == (kept.proposal, kept.kept_whole)
    assert "file.several" not in [one.code for one in kept.faults]
    assert kept.summary.number in ("FA-2026-0101", "FA-2026-0102")
    with pytest.raises(IllegalTransitionError):
        run(replace(keep, version=kept.version), world.context)


def test_a_part_is_asked_about_no_more(world: World) -> None:
    """Its user decided where to cut: two invoices that were left together stay together."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102", "FA-2026-0103")))
    assert 3 == len(whole.proposal)
    cut(world, whole, 2)
    world.deliver()

    assert [(), ()] == [one.proposal for one in parts(world, whole)]


def test_a_separator_sheet_and_a_blank_page_are_in_no_part(world: World) -> None:
    """The file keeps them; the parts hold the invoices alone."""
    sheet = separator_sheet.pdf().encode("ascii")
    blank = pikepdf.Pdf.new()
    blank.add_blank_page(page_size=(595, 842))
    data = samples.saved(
        _joined(lot("FA-2026-0101"), sheet, lot("FA-2026-0102"), samples.saved(blank))
    )
    (whole,) = world.receive(("lot.pdf", data))

    assert ((2, 4), ["", "separator"]) == (whole.apart, [one.why for one in whole.proposal])
    cut(world, whole, *splitting.proposed_starts(whole))
    world.deliver()
    made = parts(world, whole)
    assert [(1, 1), (3, 3)] == [(one.part_of.first, one.part_of.last) for one in made]  # type: ignore[union-attr]
    assert [1, 1] == [len(words(world, one)) for one in made]


def test_the_file_is_sealed_with_the_last_of_its_parts(world: World) -> None:
    """Not before; one refused part does not keep it from being sealed, and the proof holds."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102", "FA-2026-0103")))
    cut(world, whole, 2, 3)
    world.deliver()
    first, second, third = parts(world, whole)
    decide(world, first, AcceptDocument)
    assert State.ARCHIVED is world.document(first.id).state
    decide(world, second, RefuseDocument)
    assert world.document(whole.id).seal is None, "one part still waits"
    decide(world, third, AcceptDocument)
    closed = world.document(whole.id)

    assert State.SPLIT is closed.state
    assert closed.seal is not None
    last = world.document(third.id).seal
    assert last is not None
    assert (last.until, last.mode) == (closed.seal.until, closed.seal.mode)
    assert {"original", "evidence"} <= set(closed.files)
    s3 = world.platform.client("s3")
    for one in closed.seal.files:
        held = s3.get_object_retention(
            Bucket=world.platform["FACTEUR_ARCHIVE_BUCKET"], Key=one.key, VersionId=one.version_id
        )
        assert last.until == held["Retention"]["RetainUntilDate"]
    proof = world.context.blobs.get(closed.files["evidence"])
    examined = examine(proof, {"original": world.context.blobs.get(closed.files["original"])})
    assert examined.intact
    history = world.context.store.history(closed.ref)
    assert Happened.FILE_SEALED is history[-1].event.name
    assert examined.fingerprint == history[-1].event.values["evidence"]
    told = json.loads(world.context.blobs.get(world.document(first.id).files["evidence"]))
    assert whole.sha256 == told["history"][0]["values"]["parent_sha256"]
    run(SealFile(dossier=whole.dossier, document=whole.id), world.context)
    assert closed.version == world.document(whole.id).version, "sealed once"


def test_a_file_whose_parts_were_all_refused_is_not_sealed(world: World) -> None:
    """Nothing of it is kept for ten years."""
    (whole,) = world.receive(("lot.pdf", lot("FA-2026-0101", "FA-2026-0102")))
    cut(world, whole, 2)
    world.deliver()
    for one in parts(world, whole):
        decide(world, one, RefuseDocument)

    assert world.document(whole.id).seal is None
