"""Words in rows: what is indexed is found, replaced and taken out, dossier by dossier."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import botocore.client
import pytest
from facteur.adapters.aws import search
from facteur.adapters.aws.search import AwsViews, AwsWords
from facteur.adapters.aws.store import AwsStore
from facteur.adapters.aws.table import Row, Table
from facteur.domain.documents import DocumentRef, State
from facteur.domain.errors import InvalidError
from facteur.domain.search import question, words_of
from facteur.ports import Changes, View

from tests.adapters.conftest import NOW, a_document


@pytest.fixture
def words(table: Table) -> AwsWords:
    """The search under test."""
    return AwsWords(table)


def put(
    store: AwsStore, words: AwsWords, name: str, text: str, *, dossier: str = "acme", age: int = 0
) -> None:
    at = NOW - timedelta(minutes=age)
    document = a_document(name, dossier, received_at=at, state=State.TO_ACCEPT)
    store.commit(Changes(document=document))
    words.index(DocumentRef(dossier, name), at, text, words_of(text))


def ids(words: AwsWords, text: str, dossier: str = "acme", **how: Any) -> list[str]:
    page = words.find(dossier, question(text), limit=20, **how)
    return [one.document.id for one in page.found]


@contextmanager
def calls_counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the calls made to AWS meanwhile."""
    made: list[str] = []
    ask = botocore.client.BaseClient._make_api_call

    def counted(client: Any, operation: str, given: Any) -> Any:
        made.append(operation)
        return ask(client, operation, given)

    with monkeypatch.context() as patch:
        patch.setattr(botocore.client.BaseClient, "_make_api_call", counted)
        yield made


def test_all_the_words_asked_for_newest_first(store: AwsStore, words: AwsWords) -> None:
    """Several words are all there; the last may be a beginning; the newest answers come first."""
    put(store, words, "old", "Bioburo facture 2907", age=10)
    put(store, words, "new", "Bioburo avoir 2908", age=1)
    put(store, words, "other", "Vasseur facture 2907", age=5)

    assert ids(words, "bioburo") == ["new", "old"]
    assert ids(words, "bioburo 2907") == ["old"]
    assert ids(words, "bioburo 290") == ["new", "old"]
    assert ids(words, "facture 2907 ") == ["other", "old"]
    assert ids(words, "bioburo vasseur") == []
    assert ids(words, "") == []


def test_another_dossier_is_never_looked_at(store: AwsStore, words: AwsWords) -> None:
    """The same words in another dossier answer there only, whatever the cursor."""
    put(store, words, "mine", "Bioburo")
    put(store, words, "theirs", "Bioburo secret", dossier="autre")

    assert ids(words, "bioburo") == ["mine"]
    assert ids(words, "secret") == []
    assert ids(words, "bioburo", "autre") == ["theirs"]


def test_words_are_replaced_and_taken_out(store: AwsStore, words: AwsWords, table: Table) -> None:
    """After a correction the old word finds nothing; without words no row is left."""
    put(store, words, "doc", "Bioburo 2907")
    ref = DocumentRef("acme", "doc")
    words.index(ref, NOW, "Vasseur 2907", words_of("Vasseur 2907"))
    words.index(ref, NOW, "Vasseur 2907", words_of("Vasseur 2907"))

    assert ids(words, "bioburo") == []
    assert ids(words, "vasseur 2907") == ["doc"]

    words.index(ref, NOW, "", ())
    assert ids(words, "2907") == []
    for word in ("bioburo", "vasseur", "2907"):
        assert not list(table.query(Row, search.word_pk("acme", word)))


def test_what_is_in_the_trash_does_not_answer(store: AwsStore, words: AwsWords) -> None:
    """Even while its words are still there."""
    put(store, words, "doc", "Bioburo")
    head = store.document(DocumentRef("acme", "doc"))
    trashed = a_document("doc", received_at=NOW, state=State.TRASHED, version=head.version)
    store.commit(Changes(document=trashed))

    assert ids(words, "bioburo") == []


def test_answers_are_paged_without_loss(
    store: AwsStore, words: AwsWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer comes once, also when a page of a term is cut in the middle."""
    monkeypatch.setattr(search, "SPAN", 4)
    monkeypatch.setattr(search, "ROUNDS", 2)
    monkeypatch.setattr(search, "_FIRST", 2)
    for number in range(11):
        rare = " rare" if number % 5 == 0 else ""
        put(store, words, f"d{number:02}", f"facture commune{rare}", age=number)

    for text, every in (
        ("facture", [f"d{one:02}" for one in range(11)]),
        ("facture commune", [f"d{one:02}" for one in range(11)]),
        ("facture rare", ["d00", "d05", "d10"]),
        ("facture commune rar", ["d00", "d05", "d10"]),
    ):
        seen: list[str] = []
        cursor = ""
        for _page in range(20):
            page = words.find("acme", question(text), limit=3, cursor=cursor)
            seen += [one.document.id for one in page.found]
            if not (cursor := page.cursor):
                break
        assert seen == every, text


def test_a_beginning_stands_for_its_words_newest_first(
    store: AwsStore, words: AwsWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several words with many documents each, the newest come first and none is lost."""
    monkeypatch.setattr(search, "SPAN", 3)
    for number in range(12):
        word = ("facture", "factures", "facturation")[number % 3]
        put(store, words, f"d{number:02}", f"{word} fact", age=number)
    put(store, words, "none", "fac", age=1)

    seen: list[str] = []
    cursor = ""
    for _page in range(20):
        page = words.find("acme", question("factu"), limit=5, cursor=cursor)
        seen += [one.document.id for one in page.found]
        if not (cursor := page.cursor):
            break
    assert seen == [f"d{number:02}" for number in range(12)]
    assert not page.narrow


def test_a_beginning_of_too_many_words_is_said(
    store: AwsStore, words: AwsWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some words were left out: the page says so, unless another term made it needless."""
    monkeypatch.setattr(search, "SPAN", 3)
    monkeypatch.setattr(search, "MOST_BEGUN", 2)
    for number in range(5):
        put(store, words, f"d{number}", f"facture{number} bioburo", age=number)
    assert words.find("acme", question("fact"), limit=20).narrow
    page = words.find("acme", question("bioburo fact"), limit=20)
    assert not page.narrow
    assert len(page.found) == 5


def test_a_search_asks_as_much_of_ten_documents_as_of_forty(
    store: AwsStore, words: AwsWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of calls does not grow with the documents."""
    asked = []
    for many in (10, 40):
        for number in range(many - 10, many):
            put(store, words, f"d{number:02}", "facture commune", age=number)
        with calls_counted(monkeypatch) as made:
            assert words.find("acme", question("facture commune "), limit=5).found
        asked.append(made)
    assert asked[0] == asked[1] == ["Query", "Query", "BatchGetItem", "BatchGetItem"]


@pytest.mark.parametrize("cursor", ["x", "////", "é", "MjAyNg", "a" * 3000])
def test_a_made_up_cursor_is_refused(words: AwsWords, cursor: str) -> None:
    """A cursor is a place in time and a document, or nothing."""
    with pytest.raises(InvalidError):
        words.find("acme", question("bioburo"), limit=5, cursor=cursor)


def test_views_belong_to_one_person_in_one_dossier(table: Table) -> None:
    """Saved, seen by nobody else, forgotten."""
    views = AwsViews(table)
    view = View(id="v1", name="Gros montants", path="/achats", query="min=1000")
    views.save("acme", "u1", view)

    assert views.of("acme", "u1") == (view,)
    assert views.of("acme", "u2") == views.of("autre", "u1") == ()
    views.forget("acme", "u2", "v1")
    assert views.of("acme", "u1") == (view,)
    views.forget("acme", "u1", "v1")
    assert views.of("acme", "u1") == ()
