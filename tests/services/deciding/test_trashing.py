"""The trash: nothing is lost until it is deleted, and nothing accepted ever gets there."""

from dataclasses import replace

import pytest
from facteur.domain.commands import (
    AcceptDocument,
    DeleteDocument,
    DrawPages,
    ReplayDocument,
    RestoreDocument,
    Sweep,
    TrashDocument,
)
from facteur.domain.decisions.trash import can_trash
from facteur.domain.documents import Direction, Document, State, Summary
from facteur.domain.errors import (
    ForbiddenError,
    IllegalTransitionError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.events import Happened, broken_at
from facteur.services.deciding.trashing import Chosen, bulk
from facteur.services.finding import queries
from facteur.services.run import run

from tests.services.world import World, xml


def _received(world: World, number: str = "F-1", **how: str) -> Document:
    world.receive((f"{number}.xml", xml(number)), **how)
    return next(one for one in world.documents() if one.summary.number == number)


def _trashed(world: World, document: Document) -> Document:
    command = TrashDocument(
        dossier=document.dossier, document=document.id, version=document.version, by="u1"
    )
    run(command, world.context)
    world.deliver()
    return world.document(document.id)


def _who(document: Document) -> dict[str, str]:
    return {"dossier": document.dossier, "document": document.id, "by": "u1"}


def _objects(world: World, document: Document) -> list[str]:
    listed = world.platform.client("s3").list_object_versions(
        Bucket=world.platform["FACTEUR_ARCHIVE_BUCKET"],
        Prefix=f"{document.dossier}/{document.id}/",
    )
    return [one["Key"] for one in listed.get("Versions", ())]


def test_what_is_restored_is_as_it_was(world: World) -> None:
    """Files, summary and state come back to the last detail; history tells both ways."""
    before = _received(world)
    trashed = _trashed(world, before)
    assert trashed.state is State.TRASHED
    assert trashed.files == before.files
    assert not world.documents()

    run(RestoreDocument(**_who(before)), world.context)
    after = world.document(before.id)

    assert replace(after, events=0, chain="", version=0) == replace(
        before, events=0, chain="", version=0
    )
    history = world.context.store.history(before.ref)
    assert broken_at(history) is None
    assert [one.event.name for one in history][-2:] == [
        Happened.DOCUMENT_TRASHED,
        Happened.DOCUMENT_RESTORED,
    ]


def test_tabs_count_the_trash_apart(world: World) -> None:
    """It leaves its tab and the list of all; only the trash counts it."""
    _trashed(world, _received(world))
    counts = queries.counts(world.caller, Direction.PURCHASE, world.context)
    assert (counts["all"], counts["inbox"], counts["trash"]) == (0, 0, 1)


def test_what_was_accepted_never_gets_there(world: World) -> None:
    """Not while it is being sealed, nor archived, nor by deleting it straight away."""
    one = _received(world)
    run(AcceptDocument(**_who(one), version=one.version), world.context)
    for _step in ("accepted", "archived"):
        head = world.document(one.id)
        with pytest.raises(IllegalTransitionError):
            run(TrashDocument(**_who(one), version=head.version), world.context)
        with pytest.raises(IllegalTransitionError):
            run(DeleteDocument(**_who(one)), world.context)
        run(Sweep(at=world.clock.now()), world.context)
        world.deliver()
    assert world.document(one.id).state is State.ARCHIVED
    assert _objects(world, one)


def test_what_was_deleted_leaves_its_name_and_hash(world: World) -> None:
    """Every version of every file is gone; what it said is gone; its history stays, provable."""
    one = _received(world)
    other = _received(world, "F-2", key="mail/2", message_id="m2@x.example")
    _trashed(world, one)
    run(DeleteDocument(**_who(one)), world.context)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    left = world.document(one.id)

    assert (left.state, left.files, left.summary) == (State.DELETED, {}, Summary())
    assert (left.filename, left.sha256) == (one.filename, one.sha256)
    assert not _objects(world, one)
    assert _objects(world, other)
    history = world.context.store.history(one.ref)
    assert broken_at(history) is None
    assert history[-1].event.name is Happened.FILES_ERASED
    with pytest.raises(IllegalTransitionError):
        run(RestoreDocument(**_who(one)), world.context)


def test_thirty_days_later_the_round_deletes(world: World) -> None:
    """Not a day before; what was restored meanwhile is left alone."""
    kept, gone = _received(world), _received(world, "F-2", key="mail/2", message_id="m2@x.example")
    _trashed(world, kept)
    _trashed(world, gone)
    run(RestoreDocument(**_who(kept)), world.context)

    world.clock.pass_(days=29)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    assert world.document(gone.id).state is State.TRASHED

    world.clock.pass_(days=1, minutes=1)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    assert world.document(gone.id).state is State.DELETED
    assert world.document(kept.id).state is kept.state


def test_what_arrived_meanwhile_is_its_double(world: World) -> None:
    """In the trash it is nobody's double; coming back, it is marked as the other's."""
    one = _received(world)
    _trashed(world, one)
    again = _received(world, key="mail/2", message_id="m2@x.example")
    assert again.id != one.id
    assert not again.duplicates

    run(RestoreDocument(**_who(one)), world.context)
    assert [each.document for each in world.document(one.id).duplicates] == [again.id]


def test_each_of_several_answers_for_itself(world: World) -> None:
    """A stale version, another dossier's name and a second time are told; the rest is done."""
    one = _received(world)
    two = _received(world, "F-2", key="mail/2", message_id="m2@x.example")
    chosen = [
        Chosen(document=one.id, version=one.version),
        Chosen(document=two.id, version=two.version - 1),
        Chosen(document="autre", version=1),
    ]
    result = bulk(world.caller, "trash", chosen, world.context)

    assert result.done == (one.id,)
    assert [type(each.error) for each in result.not_done] == [StaleVersionError, NotFoundError]
    undone = bulk(world.caller, "restore", chosen[:1], world.context)
    assert undone.done == (one.id,)
    assert world.document(one.id).state is one.state


def test_several_are_accepted_or_refused_each_by_its_version(world: World) -> None:
    """One click, as many decisions as documents, each in its own history."""
    one = _received(world)
    two = _received(world, "F-2", key="mail/2", message_id="m2@x.example")
    accepted = bulk(
        world.caller, "accept", [Chosen(document=one.id, version=one.version)], world.context
    )
    refused = bulk(
        world.caller,
        "refuse",
        [Chosen(document=one.id, version=1), Chosen(document=two.id, version=two.version)],
        world.context,
        reason="NON_CONFORME",
    )
    world.deliver()

    assert accepted.done == (one.id,)
    assert refused.done == (two.id,)
    assert world.document(one.id).state is State.ARCHIVED
    assert world.document(two.id).state is State.REFUSED


def test_what_makes_no_sense_is_refused_before_anything(world: World) -> None:
    """Nothing ticked, too many, an unknown action, no reason; and who may not decide."""
    one = Chosen(document="d", version=1)
    many = [Chosen(document=f"d{number}", version=1) for number in range(51)]
    for action, chosen in (("trash", []), ("trash", many), ("burn", [one]), ("refuse", [one])):
        with pytest.raises(InvalidError):
            bulk(world.caller, action, chosen, world.context)
    with pytest.raises(InvalidError):
        bulk(world.caller, "refuse", [one], world.context, reason="PARCE_QUE" * 1000)
    reader = replace(world.caller, permissions=frozenset())
    with pytest.raises(ForbiddenError):
        bulk(reader, "trash", [one], world.context)


def test_what_was_accepted_and_could_not_be_sealed_stays_out_of_the_trash(world: World) -> None:
    """Quarantined at sealing, even taken through the road again: it was accepted once."""
    one = _received(world)
    run(AcceptDocument(**_who(one), version=one.version), world.context)
    world.pdf.embeds = b"<other/>"
    world.deliver()
    held = world.document(one.id)
    assert (held.state, held.was_accepted) == (State.QUARANTINED, True)
    assert not can_trash(held)
    with pytest.raises(IllegalTransitionError) as told:
        run(TrashDocument(**_who(one), version=held.version), world.context)
    assert told.value.code == "document.accepted_once"
    run(ReplayDocument(**_who(one)), world.context)
    world.deliver()
    again = world.document(one.id)
    assert again.state is not State.QUARANTINED
    with pytest.raises(IllegalTransitionError):
        run(TrashDocument(**_who(one), version=again.version), world.context)


def test_a_double_is_known_though_the_first_one_was_deleted(world: World) -> None:
    """Three times the same bytes: without the first two, the fourth is the double of the third."""
    copies = []
    for number in range(3):
        world.receive(("a.pdf", b"%PDF no data"), key=f"mail/{number}", message_id=f"{number}@x")
        known = {two.id for two in copies}
        copies += [two for two in world.documents() if two.id not in known]
    for one in copies[:2]:
        head = world.document(one.id)
        run(TrashDocument(**_who(one), version=head.version), world.context)
        run(DeleteDocument(**_who(one)), world.context)
    world.receive(("a.pdf", b"%PDF no data"), key="mail/9", message_id="9@x")
    (last,) = [one for one in world.documents() if one.id not in {two.id for two in copies}]
    assert [one.document for one in last.duplicates] == [copies[2].id]


def test_a_late_delivery_brings_no_deleted_bytes_back(world: World) -> None:
    """The same mail again after its document was deleted: nothing is written, nothing is made."""
    one = _received(world)
    _trashed(world, one)
    run(DeleteDocument(**_who(one)), world.context)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    world.receive(("F-1.xml", xml("F-1")))
    assert world.document(one.id).state is State.DELETED
    assert _objects(world, one) == []


def test_no_image_is_drawn_of_what_was_erased(world: World) -> None:
    """A drawing that comes after the files are gone writes nothing, and breaks nothing."""
    one = _received(world)
    _trashed(world, one)
    run(DeleteDocument(**_who(one)), world.context)
    run(Sweep(at=world.clock.now()), world.context)
    run(DrawPages(dossier=one.dossier, document=one.id), world.context)
    assert _objects(world, one) == []
