"""The store: what is committed is there, whole or not at all, and races have one winner."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.counters import CountersRow
from facteur.adapters.aws.store import AwsStore
from facteur.adapters.aws.table import Table
from facteur.domain.commands import CollectOcr, ReadDocument, Scheduled
from facteur.domain.documents import (
    Channel,
    Direction,
    DocumentRef,
    Seal,
    Source,
    State,
    Summary,
)
from facteur.domain.dossiers import Dossier, Member, Role
from facteur.domain.errors import (
    DuplicateError,
    FacteurError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.events import Event, Happened, broken_at, chained
from facteur.domain.faults import Fault
from facteur.ports import Changes, Claim, MailRecord

from tests.adapters.conftest import NOW, a_document
from tests.emulator import Platform

ACME = Dossier(id="acme", name="Acme", siren="552100554")


def entries(*names: Happened, length: int = 0, last: str = ""):
    events = tuple(Event(name=name, at=NOW, values={"n": "é"}) for name in names)
    return chained(events, length=length, last=last)


def read_it(identifier: str = "c1", document: str = "doc1", **values: object) -> Scheduled:
    command = ReadDocument(dossier="acme", document=document)
    return Scheduled(**{"id": identifier, "command": command, "due": NOW, **values})


def total(amount: str, number: str = "F-1") -> Summary:
    return Summary(number=number, total_incl_vat=Decimal(amount), issue_date=date(2026, 11, 20))


# ── Documents ───────────────────────────────────────────────────────────────────────────────────


def test_what_was_committed_is_read_back(store: AwsStore) -> None:
    """Head, history, claims and follow-up commands of one commit are all there at once."""
    history = entries(Happened.DOCUMENT_RECEIVED, Happened.INVOICE_READ)
    document = a_document(summary=total("1312.80"), events=2, chain=history[-1].hash)

    stored = store.commit(
        Changes(
            document=document,
            entries=history,
            claims=(Claim(kind="SHA256", value="0" * 64, target="doc1"),),
            commands=(read_it(),),
        )
    )

    assert stored == replace(document, version=1)
    assert store.document(document.ref) == stored
    assert store.history(document.ref) == history
    assert broken_at(store.history(document.ref)) is None
    assert store.claimed("acme", "SHA256", "0" * 64) == "doc1"
    assert store.near("acme", "1312.80", "2026-11-20") == (("doc1", "F-1"),)
    assert store.due(NOW) == (read_it(),)


def test_the_version_grows_and_a_stale_one_loses(store: AwsStore) -> None:
    """Two people loaded version 1: the second to write is told, and nothing of it is stored."""
    first = store.commit(Changes(document=a_document()))
    winner = store.commit(Changes(document=replace(first, state=State.READ)))
    assert winner.version == 2

    late = Changes(
        document=replace(first, state=State.REFUSED),
        entries=entries(Happened.INVOICE_REFUSED),
        claims=(Claim(kind="NUMBER", value="x", target="doc1"),),
        commands=(read_it(),),
    )
    with pytest.raises(StaleVersionError) as caught:
        store.commit(late)

    assert caught.value.code == "document.stale"
    assert store.document(first.ref).state is State.READ
    assert store.history(first.ref) == ()
    assert store.claimed("acme", "NUMBER", "x") is None
    assert store.due(NOW) == ()


class Counted(Table):
    """A table that counts the rows it is asked for one by one."""

    asked = 0

    def get(self, *given):  # type: ignore[no-untyped-def]
        """As Table.get."""
        self.asked += 1
        return super().get(*given)


def test_a_head_is_read_once_for_what_is_loaded_and_then_committed(
    platform: Platform, clients: Clients
) -> None:
    """The store knows the version it gave out: the commit asks for nothing again."""
    table = Counted(clients, platform["FACTEUR_TABLE"])
    store = AwsStore(table)
    ref = AwsStore(Table(clients, table.name)).commit(Changes(document=a_document())).ref
    loaded = store.document(ref)
    for state in (State.READ, State.TO_ACCEPT):
        loaded = store.commit(Changes(document=replace(loaded, state=state)))
    assert table.asked == 1
    assert store.counts("acme", Direction.PURCHASE)[State.TO_ACCEPT] == 1
    assert store.counts("acme", Direction.PURCHASE)[State.RECEIVED] == 0


def test_what_another_process_wrote_since_is_not_overwritten(
    store: AwsStore, table: Table
) -> None:
    """What a store remembers of a head never stands for the head itself."""
    other = AwsStore(table)
    mine = store.commit(Changes(document=a_document(summary=total("10.00"))))
    theirs = other.commit(
        Changes(document=replace(other.document(mine.ref), summary=total("12.00")))
    )
    with pytest.raises(StaleVersionError):
        store.commit(Changes(document=replace(mine, summary=total("15.00"))))
    store.commit(Changes(document=replace(theirs, summary=total("15.00"))))
    held = {one: store.near("acme", one, "2026-11-20") for one in ("10", "12", "15")}
    assert held == {"10": (), "12": (), "15": (("doc1", "F-1"),)}


def test_a_new_document_must_be_new(store: AwsStore) -> None:
    """A second delivery of the same document changes nothing."""
    store.commit(Changes(document=a_document()))
    with pytest.raises(StaleVersionError):
        store.commit(Changes(document=a_document(filename="other.pdf")))
    assert store.document(DocumentRef("acme", "doc1")).filename == "facture.pdf"


def test_a_document_that_vanished_cannot_be_changed(store: AwsStore) -> None:
    """A version without its row is a stale one, not a new document."""
    with pytest.raises(StaleVersionError):
        store.commit(Changes(document=a_document(version=3)))


def test_an_entry_is_written_once(store: AwsStore) -> None:
    """History cannot be rewritten, even by somebody who has the right version."""
    first = store.commit(
        Changes(document=a_document(), entries=entries(Happened.DOCUMENT_RECEIVED))
    )
    with pytest.raises(StaleVersionError):
        store.commit(Changes(document=first, entries=entries(Happened.INVOICE_REFUSED)))
    (only,) = store.history(first.ref)
    assert only.event.name is Happened.DOCUMENT_RECEIVED


def test_one_of_many_racing_writers_wins(store: AwsStore) -> None:
    """Eight writers of one version: one wins, seven are stale or told to come back."""
    first = store.commit(Changes(document=a_document()))
    outcomes: list[object] = []

    def write(number: int) -> None:
        try:
            outcomes.append(store.commit(Changes(document=replace(first, pages=number))))
        except FacteurError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 9)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    winners = [one for one in outcomes if not isinstance(one, FacteurError)]
    assert len(winners) == 1
    assert store.document(first.ref) == winners[0]


def test_history_is_read_whole_and_in_order(store: AwsStore) -> None:
    """More entries than one page of DynamoDB (1 MB) come back, the tenth after the ninth."""
    long = {"comment": "é" * 20_000}
    last, length = "", 0
    document = a_document()
    for _ in range(3):
        events = tuple(
            Event(name=Happened.DOCUMENT_CORRECTED, at=NOW, values=long) for _ in range(10)
        )
        more = chained(events, length=length, last=last)
        document = store.commit(Changes(document=document, entries=more))
        last, length = more[-1].hash, length + 10
    history = store.history(document.ref)
    assert [one.sequence for one in history] == list(range(1, 31))
    assert broken_at(history) is None


def test_a_missing_document_is_not_found(store: AwsStore) -> None:
    """Unknown, of another dossier, or made up to name another row: the same answer."""
    store.commit(Changes(document=a_document()))
    for ref in (
        DocumentRef("acme", "nope"),
        DocumentRef("other", "doc1"),
        DocumentRef("acme", ""),
        DocumentRef("acme#DOC#doc1", "x"),
        DocumentRef("other", "x#HEAD"),
        DocumentRef("acme", "x" * 5000),
    ):
        with pytest.raises(NotFoundError):
            store.document(ref)


def test_a_head_stays_small_enough_for_a_row(store: AwsStore) -> None:
    """Thousands of faults and sources cannot make a document that no row can hold."""
    fault = Fault(code="BR-CO-10", path="lines", message="x" * 900)
    source = Source(channel=Channel.MAIL, at=NOW, subject="y" * 900)
    stored = store.commit(
        Changes(document=a_document(faults=(fault,) * 5000, sources=(source,) * 5000))
    )
    assert len(stored.faults) == 50
    assert len(stored.sources) == 100
    assert store.document(stored.ref) == stored


def test_what_no_row_can_hold_is_said(store: AwsStore) -> None:
    """A row over DynamoDB's limit is refused with its size before the call."""
    with pytest.raises(FacteurError, match=r"store\.too_large"):
        store.commit(Changes(document=a_document(filename="x" * 500_000)))


def test_more_than_a_hundred_actions_are_refused(store: AwsStore) -> None:
    """A transaction has at most a hundred actions: more is a bug, said before the call."""
    claims = tuple(Claim(kind="X", value=str(number), target="doc1") for number in range(99))
    with pytest.raises(ValueError, match="101 actions"):
        store.commit(Changes(document=a_document(), claims=claims))


def test_an_amount_with_too_many_digits_is_stored_all_the_same(store: AwsStore) -> None:
    """A forged total of a thousand digits neither fails for ever nor is rounded."""
    huge = total("9" * 1000 + ".99")
    stored = store.commit(Changes(document=a_document(summary=huge)))
    assert store.document(stored.ref).summary == huge
    assert store.near("acme", str(huge.total_incl_vat), "2026-11-20") == (("doc1", "F-1"),)


def test_amounts_are_numbers_to_the_cent_in_the_table(store: AwsStore, platform: Platform) -> None:
    """The total stands in the row as a DynamoDB number, digit for digit, never a float."""
    store.commit(Changes(document=a_document(summary=total("0.1"))))
    item = platform.client("dynamodb").get_item(
        TableName=platform["FACTEUR_TABLE"],
        Key={"pk": {"S": "D#acme#DOC#doc1"}, "sk": {"S": "HEAD"}},
    )["Item"]
    assert item["total"] == {"N": "0.1"}
    assert item["kind"] == {"S": "document"}


# ── Claims ──────────────────────────────────────────────────────────────────────────────────────


def test_a_taken_claim_refuses_the_whole_commit(store: AwsStore) -> None:
    """The second document with the same hash is told whose it is, and nothing is stored."""
    claim = Claim(kind="SHA256", value="ab", target="doc1")
    store.commit(Changes(document=a_document(), claims=(claim,)))

    with pytest.raises(DuplicateError) as caught:
        store.commit(Changes(document=a_document("doc2"), claims=(replace(claim, target="doc2"),)))

    assert caught.value.code == "claim.taken"
    assert caught.value.values == {"kind": "SHA256", "value": "ab", "target": "doc1"}
    with pytest.raises(NotFoundError):
        store.document(DocumentRef("acme", "doc2"))


def test_a_claim_that_is_mine_already_is_no_conflict(store: AwsStore) -> None:
    """A document may claim again what it holds: a replay does."""
    claim = Claim(kind="NUMBER", value="s|F1|2026", target="doc1")
    first = store.commit(Changes(document=a_document(), claims=(claim, claim)))
    assert store.commit(Changes(document=first, claims=(claim,))).version == 2


def test_a_claim_that_is_not_exclusive_changes_hands(store: AwsStore) -> None:
    """The number of a refused invoice goes to its replacement."""
    claim = Claim(kind="NUMBER", value="n", target="doc1")
    store.commit(Changes(document=a_document(), claims=(claim,)))
    mine = Claim(kind="NUMBER", value="n", target="doc2", exclusive=False)
    store.commit(Changes(document=a_document("doc2"), claims=(mine,)))
    assert store.claimed("acme", "NUMBER", "n") == "doc2"


def test_claims_of_two_dossiers_do_not_meet(store: AwsStore) -> None:
    """The same file in two dossiers is two documents."""
    claim = Claim(kind="SHA256", value="ab", target="doc1")
    store.commit(Changes(document=a_document(), claims=(claim,)))
    store.commit(Changes(document=a_document(dossier="other"), claims=(claim,)))
    assert store.claimed("third", "SHA256", "ab") is None


@pytest.mark.parametrize("value", ["", "é#x", "m" * 5000, "<a@b>", "\udce9"])
def test_any_text_can_be_claimed(store: AwsStore, value: str) -> None:
    """A hostile Message-ID, endless or broken, is a value like another."""
    store.mark("acme", "MESSAGE", value, "doc1")
    assert store.claimed("acme", "MESSAGE", value) == "doc1"
    assert store.claimed("acme", "MESSAGE", value + "x") is None


def test_marking_twice_is_harmless(store: AwsStore) -> None:
    """A mark on its own can be laid again by a second delivery."""
    store.mark("-", "INTAKE", "mail/1", "done")
    store.mark("-", "INTAKE", "mail/1", "done")
    assert store.claimed("-", "INTAKE", "mail/1") == "done"


# ── Near rows ───────────────────────────────────────────────────────────────────────────────────


def test_the_near_row_follows_a_corrected_total(store: AwsStore) -> None:
    """A document is found under its present total and date, no longer under the old ones."""
    first = store.commit(Changes(document=a_document(summary=total("10.00"))))
    second = store.commit(Changes(document=replace(first, summary=total("12.00", "F-2"))))
    assert store.near("acme", "10.00", "2026-11-20") == ()
    assert store.near("acme", "12", "2026-11-20") == (("doc1", "F-2"),)

    store.commit(Changes(document=replace(second, summary=Summary())))
    assert store.near("acme", "12.00", "2026-11-20") == ()


def test_a_renumbered_document_stays_near_under_its_new_number(store: AwsStore) -> None:
    """The near row carries the number that the document has now."""
    first = store.commit(Changes(document=a_document(summary=total("10.00", "F-1"))))
    store.commit(Changes(document=replace(first, summary=total("10.00", "F-9"))))
    assert store.near("acme", "10.00", "2026-11-20") == (("doc1", "F-9"),)


@pytest.mark.parametrize(
    ("amount", "day"), [("douze", "2026-11-20"), ("NaN", "2026-11-20"), ("", "2026-11-20")]
)
def test_no_amount_is_near_to_nothing(store: AwsStore, amount: str, day: str) -> None:
    """Text that is no amount finds nothing, and fails nothing."""
    assert store.near("acme", amount, day) == ()


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def five(store: AwsStore) -> AwsStore:
    """Five purchases, the last two to accept; one sale; one purchase of another dossier."""
    for number in range(5):
        store.commit(
            Changes(
                document=a_document(
                    f"p{number}",
                    received_at=NOW + timedelta(minutes=number),
                    state=State.TO_ACCEPT if number > 2 else State.TO_CHECK,
                )
            )
        )
    store.commit(Changes(document=a_document("s0", direction=Direction.SALE)))
    store.commit(Changes(document=a_document("x0", dossier="other")))
    return store


def ids(documents: object) -> list[str]:
    return [one.id for one in documents]  # type: ignore[attr-defined]


def test_lists_are_newest_first_and_paged(five: AwsStore) -> None:
    """Every document comes once, newest first, in pages that end with an empty cursor."""
    seen, cursor, pages = [], "", 0
    while True:
        page = five.documents("acme", Direction.PURCHASE, limit=2, cursor=cursor)
        seen += ids(page.documents)
        pages += 1
        if not (cursor := page.cursor):
            break
    assert seen == ["p4", "p3", "p2", "p1", "p0"]
    assert pages == 3


def test_a_full_last_page_has_no_cursor(five: AwsStore) -> None:
    """No page is ever empty: the cursor tells that something follows."""
    page = five.documents("acme", Direction.PURCHASE, limit=5)
    assert len(page.documents) == 5
    assert page.cursor == ""


def test_a_list_of_one_state(five: AwsStore) -> None:
    """A state's list holds its documents only, and moving one moves it at once."""
    page = five.documents("acme", Direction.PURCHASE, state=State.TO_ACCEPT)
    assert ids(page.documents) == ["p4", "p3"]
    assert five.counts("acme", Direction.PURCHASE)[State.TO_ACCEPT] == 2

    five.commit(Changes(document=replace(page.documents[0], state=State.ACCEPTED)))

    assert ids(five.documents("acme", Direction.PURCHASE, state=State.TO_ACCEPT).documents) == [
        "p3"
    ]
    assert five.counts("acme", Direction.PURCHASE)[State.TO_ACCEPT] == 1
    assert five.counts("acme", Direction.PURCHASE)[State.ACCEPTED] == 1


def test_a_list_of_one_state_is_paged_too(five: AwsStore) -> None:
    """The cursor of a state's list continues that list."""
    first = five.documents("acme", Direction.PURCHASE, state=State.TO_CHECK, limit=2)
    rest = five.documents(
        "acme", Direction.PURCHASE, state=State.TO_CHECK, limit=2, cursor=first.cursor
    )
    assert ids(first.documents) + ids(rest.documents) == ["p2", "p1", "p0"]
    assert rest.cursor == ""


def test_the_numbers_of_a_list_are_kept_by_its_documents(five: AwsStore) -> None:
    """Every move is counted where it leaves and where it arrives, once, and a lost race is not."""
    before = five.counts("acme", Direction.PURCHASE)
    assert {state: n for state, n in before.items() if n} == {
        State.TO_CHECK: 3,
        State.TO_ACCEPT: 2,
    }
    page = five.documents("acme", Direction.PURCHASE, state=State.TO_CHECK)
    first = page.documents[0]

    five.commit(Changes(document=replace(first, state=State.REFUSED)))
    with pytest.raises(StaleVersionError):
        five.commit(Changes(document=replace(first, state=State.TO_ACCEPT)))
    five.commit(Changes(document=replace(page.documents[1], filename="autre.pdf")))

    after = five.counts("acme", Direction.PURCHASE)
    assert {state: n for state, n in after.items() if n} == {
        State.TO_CHECK: 2,
        State.TO_ACCEPT: 2,
        State.REFUSED: 1,
    }


def test_every_state_is_counted() -> None:
    """No state can be added without its number."""
    assert {state.value for state in State} <= set(CountersRow.get_attributes())


def test_what_is_in_the_trash_is_in_no_list_but_its_own(five: AwsStore) -> None:
    """A document in the trash leaves the list of all, and is listed and paged there."""
    for one in five.documents("acme", Direction.PURCHASE, state=State.TO_CHECK).documents:
        five.commit(Changes(document=replace(one, state=State.TRASHED)))

    assert ids(five.documents("acme", Direction.PURCHASE).documents) == ["p4", "p3"]
    trash = five.documents("acme", Direction.PURCHASE, state=State.TRASHED, limit=2)
    rest = five.documents(
        "acme", Direction.PURCHASE, state=State.TRASHED, limit=2, cursor=trash.cursor
    )
    assert ids(trash.documents) + ids(rest.documents) == ["p2", "p1", "p0"]


def test_a_period_bounds_a_list(five: AwsStore) -> None:
    """From its first instant on, before its last; a cursor from elsewhere is refused."""
    whole = five.documents("acme", Direction.PURCHASE)
    middle = whole.documents[1:3]
    since, until = middle[-1].received_at, whole.documents[0].received_at

    page = five.documents("acme", Direction.PURCHASE, since=since, until=until)
    assert ids(page.documents) == ids(middle)
    one = five.documents("acme", Direction.PURCHASE, since=since, until=until, limit=1)
    two = five.documents(
        "acme", Direction.PURCHASE, since=since, until=until, limit=1, cursor=one.cursor
    )
    assert ids(one.documents) + ids(two.documents) == ids(middle)
    with pytest.raises(InvalidError):
        five.documents(
            "acme", Direction.PURCHASE, since=since, cursor=five.cursor(whole.documents[-1])
        )


def test_a_cursor_of_another_dossier_shows_nothing_of_it(five: AwsStore) -> None:
    """A cursor holds a place in time, no partition: used elsewhere it lists only what is there."""
    five.commit(Changes(document=a_document("x1", dossier="other")))
    stolen = five.documents("acme", Direction.PURCHASE, limit=1).cursor
    page = five.documents("other", Direction.PURCHASE, limit=10, cursor=stolen)
    assert all(one.dossier == "other" for one in page.documents)
    assert set(ids(page.documents)) <= {"x0", "x1"}


@pytest.mark.parametrize(
    "cursor", ["x", "é", "!!!!", "AAAA", "MjAyNi0xMS0yMA", "a" * 5000, "../../", "=", "\udce9"]
)
def test_a_made_up_cursor_is_refused(five: AwsStore, cursor: str) -> None:
    """What is no cursor of ours is a fault of the caller, not an error of ours."""
    with pytest.raises(InvalidError):
        five.documents("acme", Direction.PURCHASE, cursor=cursor)


def test_sealed_documents_are_found_by_the_time_of_their_seal(store: AwsStore) -> None:
    """The sweep finds what was sealed lately, of every dossier, however long ago received."""
    seal = Seal(at=NOW, until=NOW + timedelta(days=3653), mode="GOVERNANCE", chain="c", files=())
    old = a_document("old", received_at=NOW - timedelta(days=400))
    for document, at in (
        (old, NOW),
        (a_document("mine"), NOW - timedelta(hours=1)),
        (a_document("his", dossier="other"), NOW),
    ):
        store.commit(Changes(document=replace(document, seal=replace(seal, at=at))))
    store.commit(Changes(document=a_document("open")))

    assert set(ids(store.sealed_since(NOW))) == {"old", "his"}
    assert ids(store.sealed_since(NOW - timedelta(hours=2)))[0] == "mine"


# ── The agenda ──────────────────────────────────────────────────────────────────────────────────


def test_the_agenda_gives_what_is_due_oldest_first(store: AwsStore) -> None:
    """Due now and before, in order, not a moment of the future; what was sent is gone."""
    for identifier, minutes in (("c3", 0), ("c2", -5), ("c4", 1), ("c1", -60)):
        store.schedule(read_it(identifier, due=NOW + timedelta(minutes=minutes)))
    assert [one.id for one in store.due(NOW)] == ["c1", "c2", "c3"]
    assert [one.id for one in store.due(NOW, limit=1)] == ["c1"]

    store.done("c1")
    store.done("c1")
    assert [one.id for one in store.due(NOW)] == ["c2", "c3"]
    store.done("c2", "c3", "c9")
    assert store.due(NOW) == ()


def test_the_same_command_can_be_committed_again(store: AwsStore) -> None:
    """A command with the same identifier is one command, whenever it is due."""
    store.schedule(read_it())
    later = read_it(due=NOW + timedelta(minutes=5))
    store.schedule(later)
    store.commit(Changes(document=a_document(), commands=(later, later)))
    assert store.due(NOW + timedelta(hours=1)) == (later,)


def test_one_identifier_cannot_name_two_commands(store: AwsStore) -> None:
    """Another command under a taken identifier is refused, and the commit with it."""
    store.schedule(read_it())
    other = CollectOcr(dossier="acme", document="doc1", job="j")
    with pytest.raises(DuplicateError, match=r"command\.taken"):
        store.commit(Changes(document=a_document(), commands=(read_it(command=other),)))
    with pytest.raises(NotFoundError):
        store.document(DocumentRef("acme", "doc1"))


def test_a_command_that_cannot_be_read_does_not_stop_the_others(
    store: AwsStore, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    """A row of a later release stays in the agenda and is said; the rest is given."""
    for identifier in ("c1", "c2"):
        store.schedule(read_it(identifier))
    platform.client("dynamodb").update_item(
        TableName=platform["FACTEUR_TABLE"],
        Key={"pk": {"S": "COMMAND#c1"}, "sk": {"S": "COMMAND"}},
        UpdateExpression="SET body = :later",
        ExpressionAttributeValues={":later": {"S": '{"format": 99}'}},
    )
    assert [one.id for one in store.due(NOW)] == ["c2"]
    assert "COMMAND#c1" in caplog.text


# ── Dossiers ────────────────────────────────────────────────────────────────────────────────────


def member(user: str, dossier: str = "acme") -> Member:
    return Member(dossier=dossier, user=user, email="a@b.fr", name="Anne", role=Role.MANAGER)


def boxes(name: str = "siren552100554") -> dict[str, Direction]:
    return {
        f"{name}@factures.example.com": Direction.PURCHASE,
        f"{name}@out.factures.example.com": Direction.SALE,
    }


def test_a_dossier_with_its_members_and_mailboxes(store: AwsStore) -> None:
    """A saved dossier is found by its identifier, its members and its addresses."""
    store.save_dossier(ACME, (member("u1"), member("u2")), boxes())

    assert store.dossier("acme") == replace(ACME, version=1)
    assert store.dossiers() == (replace(ACME, version=1),)
    assert store.members_of("u1") == (member("u1"),)
    assert store.members_of("u9") == ()
    address = "SIREN552100554@out.Factures.example.com"
    assert store.mailbox(f" <{address}> ") == ("acme", Direction.SALE)
    assert store.mailbox("siren000000000@factures.example.com") is None


def test_a_document_and_its_dossier_are_read_in_one_call(store: AwsStore) -> None:
    """Both as they stand, so that what follows may commit; what is missing is named."""
    store.save_dossier(ACME, (), {})
    made = store.commit(Changes(document=a_document()))
    assert store.document_and_dossier(made.ref) == (made, store.dossier("acme"))
    moved = store.commit(Changes(document=replace(made, filename="autre.pdf")))
    assert store.document_and_dossier(made.ref)[0] == moved

    with pytest.raises(NotFoundError) as missing:
        store.document_and_dossier(DocumentRef("acme", "nowhere"))
    assert missing.value.values == {"document": "nowhere"}
    elsewhere = store.commit(Changes(document=replace(a_document(), dossier="other")))
    with pytest.raises(NotFoundError) as lost:
        store.document_and_dossier(elsewhere.ref)
    assert lost.value.values == {"dossier": "other"}


def test_a_user_may_belong_to_several_dossiers(store: AwsStore) -> None:
    """An accountant sees every dossier that has them as a member."""
    store.save_dossier(ACME, (member("u1"),), {})
    store.save_dossier(replace(ACME, id="b"), (member("u1", "b"),), {})
    assert [one.dossier for one in store.members_of("u1")] == ["acme", "b"]


def test_a_dossier_is_created_once(store: AwsStore) -> None:
    """Seeding twice does not make two dossiers, nor change the first."""
    store.save_dossier(ACME, (), boxes())
    with pytest.raises(DuplicateError, match=r"dossier\.exists"):
        store.save_dossier(replace(ACME, name="Autre"), (), boxes())
    assert store.dossier("acme").name == "Acme"


def test_a_mailbox_belongs_to_one_dossier(store: AwsStore) -> None:
    """A dossier that asks for a taken address is not created at all."""
    store.save_dossier(ACME, (), boxes())
    with pytest.raises(DuplicateError, match=r"mailbox\.taken"):
        store.save_dossier(replace(ACME, id="b"), (member("u1", "b"),), boxes())
    with pytest.raises(NotFoundError):
        store.dossier("b")
    assert store.members_of("u1") == ()


# ── Mails and keys ──────────────────────────────────────────────────────────────────────────────


def mail(identifier: str, minutes: int = 0, **values: object) -> MailRecord:
    given: dict[str, object] = {
        "dossier": "acme",
        "id": identifier,
        "key": f"mail/{identifier}",
        "at": NOW + timedelta(minutes=minutes),
        "sender": "a@b.fr",
        "subject": "Facture",
        "message_id": "<x>",
        "direction": Direction.PURCHASE,
    }
    return MailRecord(**{**given, **values})  # type: ignore[arg-type]


def test_mails_are_listed_newest_first_once_each(store: AwsStore) -> None:
    """A mail delivered twice, even at another time, is one mail; other dossiers see none."""
    for one in (mail("m1"), mail("m2", 5), mail("m1", 1, documents=("doc1",))):
        store.save_mail(one)
    assert [one.id for one in store.mails("acme")] == ["m2", "m1"]
    assert store.mails("acme")[1].documents == ("doc1",)
    assert [one.id for one in store.mails("acme", limit=1)] == ["m2"]
    assert store.mails("other") == ()


def test_a_mail_with_thousands_of_parts_can_be_recorded(store: AwsStore) -> None:
    """A hostile mail's endless list of rejected parts does not stop its record."""
    aside = Fault(code="part.archive", values={"filename": "x" * 200})
    store.save_mail(mail("m1", set_aside=(aside,) * 5000))
    assert len(store.mails("acme")[0].set_aside) == 100


# ── What no dossier may do ──────────────────────────────────────────────────────────────────────


def test_an_identifier_cannot_reach_into_another_dossier(store: AwsStore, table: Table) -> None:
    """A # in an identifier, which would forge a key, is nothing that exists."""
    store.commit(Changes(document=a_document()))
    for call in (
        lambda: store.dossier("acme#DOC#doc1"),
        lambda: store.documents("acme#IN", Direction.PURCHASE),
        lambda: store.claimed("a#b", "X", "y"),
        lambda: store.mails("acme#x"),
        lambda: store.members_of("u#1"),
    ):
        with pytest.raises(NotFoundError):
            call()
    assert table.name.startswith("facteur-")
