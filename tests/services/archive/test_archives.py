"""What an archived invoice still lives through: its two statuses, told for ever and undone."""

from datetime import date, timedelta

import pytest
from facteur.domain.commands import AcceptDocument
from facteur.domain.decisions import Actor
from facteur.domain.decisions.statuses import set_accounting, set_payment
from facteur.domain.documents import Accounting, Direction, Document, PaymentStatus, State, Summary
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.errors import (
    ForbiddenError,
    IllegalTransitionError,
    InvalidError,
    NotFoundError,
)
from facteur.domain.events import broken_at
from facteur.domain.evidence import examine
from facteur.services.archive import archives
from facteur.services.archive.archives import Wanted
from facteur.services.run import run

from tests.services.world import START, World, xml
from tests.web.browser import keep

PURCHASES = Wanted(direction=Direction.PURCHASE)


def _as(world: World, role: Role, user: str = "u2") -> Caller:
    return Caller(user=user, name="Bea", dossier=world.dossier, permissions=PERMISSIONS[role])


def _kept(world: World, number: str = "1", day: date = date(2026, 11, 1)) -> Document:
    world.clock.pass_(seconds=1)
    return keep(world, State.ARCHIVED, summary=Summary(number=number, issue_date=day))


def test_a_fetched_document_says_when_and_by_whom(world: World) -> None:
    """« Récupérée » carries its date and its author; « À récupérer » takes both back (JF-61)."""
    held = _kept(world)
    archives.change(world.caller, [held.id], "fetched", world.context)
    found = world.document(held.id)
    assert (found.accounting, found.fetched_by) == (Accounting.FETCHED, "Anne")
    assert found.fetched_at == world.clock.now()

    archives.change(world.caller, [held.id], "to_fetch", world.context)
    again = world.document(held.id)
    assert (again.accounting, again.fetched_at, again.fetched_by) == (
        Accounting.TO_FETCH, None, "",
    )  # fmt: skip


def test_each_change_stands_in_the_chained_history(world: World) -> None:
    """Who, from what to what, how; a status given twice is told once."""
    held = _kept(world)
    for status in ("paid", "paid", "partial"):
        archives.change(world.caller, [held.id], status, world.context)
    history = world.context.store.history(held.ref)
    told = [(one.event.name.value, dict(one.event.values)) for one in history[1:]]
    assert told == [
        ("PaymentChanged", {"before": "unpaid", "after": "paid", "how": "manual"}),
        ("PaymentChanged", {"before": "paid", "after": "partial", "how": "manual"}),
    ]
    assert {one.event.by_name for one in history[1:]} == {"Anne"}
    assert broken_at(history) is None


def test_statuses_leave_the_sealed_files_and_the_evidence_alone(world: World) -> None:
    """After sealing, the evidence still proves its part, and the whole history still chains."""
    (document,) = world.receive(("facture.xml", xml("F-77")))
    run(
        AcceptDocument(
            dossier=document.dossier, document=document.id, version=document.version, by="u1"
        ),
        world.context,
    )
    world.deliver()
    sealed = world.document(document.id)
    assert sealed.state is State.ARCHIVED
    archives.change(world.caller, [sealed.id], "paid", world.context)
    archives.change(world.caller, [sealed.id], "fetched", world.context)

    after = world.document(sealed.id)
    assert (after.files, after.seal) == (sealed.files, sealed.seal)
    get = world.context.blobs.get
    kept = {
        role: get(file)
        for role, file in after.files.items()
        if file in (sealed.seal.files if sealed.seal else ()) and role != "evidence"
    }
    assert examine(get(after.files["evidence"]), kept).intact
    history = world.context.store.history(after.ref)
    assert broken_at(history) is None
    assert len(history) == after.events


def test_undo_puts_back_what_was_there(world: World) -> None:
    """Each document takes back its own status, once, and the history says so."""
    one, other = _kept(world, "1"), _kept(world, "2")
    archives.change(world.caller, [one.id], "paid", world.context)
    changed = archives.change(world.caller, [one.id, other.id], "planned", world.context)
    assert changed.count == 2

    assert archives.undo(world.caller, changed.undo, world.context) == 2
    assert world.document(one.id).payment is PaymentStatus.PAID
    assert world.document(other.id).payment is PaymentStatus.UNPAID
    assert world.context.store.history(one.ref)[-1].event.values["how"] == "undo"
    with pytest.raises(NotFoundError):
        archives.undo(world.caller, changed.undo, world.context)


def test_undo_leaves_what_somebody_changed_since(world: World) -> None:
    """A later decision is not thrown away by an earlier one's undo."""
    held = _kept(world)
    changed = archives.change(world.caller, [held.id], "planned", world.context)
    archives.change(world.caller, [held.id], "paid", world.context)
    assert archives.undo(world.caller, changed.undo, world.context) == 0
    assert world.document(held.id).payment is PaymentStatus.PAID


def test_undo_is_for_its_author_and_for_a_while(world: World) -> None:
    """Somebody else's token, or an old one, is no token."""
    held = _kept(world)
    changed = archives.change(world.caller, [held.id], "paid", world.context)
    with pytest.raises(NotFoundError):
        archives.undo(_as(world, Role.MANAGER), changed.undo, world.context)
    world.clock.pass_(minutes=16)
    with pytest.raises(NotFoundError):
        archives.undo(world.caller, changed.undo, world.context)
    assert world.document(held.id).payment is PaymentStatus.PAID


def test_an_accountant_fetches_and_says_nothing_of_payments(world: World) -> None:
    """The table of permissions decides, not the page; a reader changes nothing."""
    held = _kept(world)
    archives.change(_as(world, Role.ACCOUNTANT), [held.id], "fetched", world.context)
    assert world.document(held.id).fetched_by == "Bea"
    for role, status in (
        (Role.ACCOUNTANT, "paid"), (Role.READER, "paid"), (Role.READER, "to_fetch"),
    ):  # fmt: skip
        with pytest.raises(ForbiddenError):
            archives.change(_as(world, role), [held.id], status, world.context)


def test_one_wrong_document_changes_none(world: World) -> None:
    """Another dossier's, or one that is not archived: the whole selection is refused."""
    held = _kept(world)
    waiting = keep(world, State.TO_ACCEPT)
    for wrong in ("elsewhere", waiting.id):
        with pytest.raises(NotFoundError):
            archives.change(world.caller, [held.id, wrong], "paid", world.context)
    assert world.document(held.id).payment is PaymentStatus.UNPAID


@pytest.mark.parametrize(
    ("documents", "status", "code"),
    [([], "paid", "zip.empty"), (["x"], "brûlé", "archives.status"),
     ([str(n) for n in range(101)], "paid", "archives.too_many")],
)  # fmt: skip
def test_what_cannot_be_asked_says_why(
    world: World, documents: list[str], status: str, code: str
) -> None:
    """An empty selection, an unknown status, a selection that is too large."""
    with pytest.raises(InvalidError) as told:
        archives.change(world.caller, documents, status, world.context)
    assert told.value.code == code


def test_only_what_is_archived_has_these_statuses(world: World) -> None:
    """A document on its way is neither fetched nor paid."""
    waiting = keep(world, State.TO_ACCEPT)
    with pytest.raises(IllegalTransitionError):
        set_accounting(waiting, Accounting.FETCHED, Actor(), how="manual", at=START)
    with pytest.raises(IllegalTransitionError):
        set_payment(waiting, PaymentStatus.PAID, Actor(), how="manual", at=START)


def test_a_period_keeps_the_invoices_of_its_days(world: World) -> None:
    """Both days included; an invoice without a date belongs to no period."""
    for number, day in (("1", 1), ("2", 10), ("3", 20)):
        _kept(world, number, date(2026, 10, day))
    keep(world, State.ARCHIVED, summary=Summary(number="4"))
    wanted = Wanted(
        direction=Direction.PURCHASE, since=date(2026, 10, 1), until=date(2026, 10, 10)
    )
    found = archives.archived(world.caller, wanted, world.context)
    assert [one.summary.number for one in found.documents] == ["2", "1"]
    assert (found.kept, found.whole) == (2, True)


def test_a_sort_acts_on_all_that_was_found_not_on_a_page(world: World) -> None:
    """The first page of a sorted list holds the smallest of all."""
    for number in range(archives.PAGE + 5, 0, -1):
        _kept(world, f"{number:03d}", date(2026, 10, 1) + timedelta(days=number))
    first = archives.archived(world.caller, PURCHASES, world.context, order="numero")
    assert [one.summary.number for one in first.documents[:2]] == ["001", "002"]
    assert (len(first.documents), first.pages, first.kept) == (50, 2, 55)
    second = archives.archived(world.caller, PURCHASES, world.context, order="numero", number=2)
    assert [one.summary.number for one in second.documents] == [f"{n:03d}" for n in range(51, 56)]


def test_a_list_that_was_cut_says_so(world: World) -> None:
    """More than it may keep: the newest stay, and the answer tells that there are others."""
    for number in range(4):
        _kept(world, str(number))
    found, whole = archives.matching(world.dossier, PURCHASES, world.context, most=3)
    assert ([one.summary.number for one in found], whole) == (["3", "2", "1"], False)


def test_undo_asks_for_the_right_that_may_be_gone(world: World) -> None:
    """Whose role fell meanwhile undoes nothing, and the token is still there for who may."""
    one = _kept(world)
    changed = archives.change(world.caller, [one.id], "paid", world.context)
    reader = _as(world, Role.READER, world.caller.user)
    with pytest.raises(ForbiddenError):
        archives.undo(reader, changed.undo, world.context)
    assert archives.undo(world.caller, changed.undo, world.context) == 1
