"""The Words and Views ports on DynamoDB: no search engine, rows.

| kind  | pk                      | sk              |
|-------|-------------------------|-----------------|
| word  | D#d#WORD#<3 characters> | word#received#i |
| words | D#d#DOC#i               | WORDS           |
| view  | D#d#VIEWS#u             | id              |

A word's rows stand in the order of reception, so that the newest documents come first; all words
with the same three first characters share a partition, so that a beginning is one query too.

A search asks each term for its newest ``SPAN`` documents. A term that has fewer is rare: its
documents are all there is to look at. When none is rare, the one that reaches furthest back is
followed. Those documents' own rows (``WORDS``) then tell whether they have the other terms. When
that does not fill the page, it goes on further back, ``ROUNDS`` times at most; the next page does
the rest. A beginning stands for the words that begin so, found one after the other. Hence a number
of calls that is bounded, and the same at a hundred documents and at a hundred thousand
(decision 0182).
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pynamodb.expressions.condition import Condition

from facteur.adapters.aws.items import HEAD, OUT_OF_LISTS, DocumentRow, document_pk, dossier_pk
from facteur.adapters.aws.table import Row, Table, instant, part
from facteur.domain.documents import DocumentRef
from facteur.domain.errors import unknown_place
from facteur.domain.search import MOST_TEXT, Question, matches
from facteur.domain.serial import dumps, loads
from facteur.ports.search import Found, FoundPage, View

WORDS = "WORDS"
SPAN, ROUNDS = 100, 5  # documents of a term looked at at once, and how often for a page
MOST_BEGUN = 6  # words that one beginning stands for
_FIRST = 40  # documents whose words are read first: often enough for a page
_SHARED = 3  # characters that the words of a partition share
_PLACE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z#[^#]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """What a document's own row says."""

    text: str
    words: tuple[str, ...]
    place: str  # received#document: the end of each of its words' keys


class WordRow(Row, discriminator="word"):
    """A word of a document."""


class WordsRow(Row, discriminator="words"):
    """All the words of a document, and its text."""

    def value(self) -> _Body:
        """The words of this row."""
        return loads(_Body, self.body)


class ViewRow(Row, discriminator="view"):
    """A list that a person named."""

    def value(self) -> View:
        """The view of this row."""
        return loads(View, self.body)


def word_pk(dossier: str, word: str) -> str:
    """Partition of the words that begin like this one."""
    return f"{dossier_pk(dossier)}#WORD#{word[:_SHARED]}"


@dataclass(frozen=True, slots=True)
class _Term:
    """The newest documents of a term: their places, and whether there are more."""

    places: tuple[str, ...]
    all: bool


class AwsWords:
    """Implements facteur.ports.Words."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def index(self, ref: DocumentRef, at: datetime, text: str, words: Sequence[str]) -> None:
        """Replace the words of a document; none takes it out. Idempotent.

        Its own row is written last when words are added and is the list of what to take out: a
        run that stops halfway is mended by the next one.
        """
        pk, place = document_pk(ref.dossier, ref.document), f"{instant(at)}#{part(ref.document)}"
        row = self._table.get(WordsRow, pk, WORDS)
        before = row.value() if row is not None else _Body(text="", words=(), place=place)
        new, old = set(words), set(before.words)
        body = _Body(text=text[:MOST_TEXT], words=tuple(words), place=place)
        if new - old:  # what is about to be written must be known to who takes it out again
            both = _Body(text=body.text, words=tuple(sorted(new | old)), place=place)
            self._table.put(WordsRow(pk, WORDS, body=dumps(both).decode()))
        added = [WordRow(word_pk(ref.dossier, one), f"{one}#{place}") for one in sorted(new - old)]
        gone = [(word_pk(ref.dossier, one), f"{one}#{place}") for one in sorted(old - new)]
        self._table.write_many(added, gone)
        if not words:
            self._table.delete(pk, WORDS)
        elif old - new or (not new - old and before != body):
            self._table.put(WordsRow(pk, WORDS, body=dumps(body).decode()))

    def find(self, dossier: str, asked: Question, *, limit: int, cursor: str = "") -> FoundPage:
        """The documents that have all the terms, newest first. InvalidError (cursor.invalid)."""
        before = _place_of(cursor) if cursor else ""
        found: list[Found] = []
        narrow = False
        for _round in range(ROUNDS if asked.terms else 0):
            more, before, narrow = self._round(dossier, asked, limit - len(found), before)
            found += more
            if len(found) == limit or not before:
                break
        return FoundPage(found=tuple(found), cursor=_cursor(before), narrow=narrow)

    def _round(
        self, dossier: str, asked: Question, limit: int, before: str
    ) -> tuple[tuple[Found, ...], str, bool]:
        """The answers among the newest documents of the rarest term; where to go on from; whether
        words were left out because too many begin so."""
        terms = [self._newest(dossier, one, before) for one in asked.exact]
        narrow = False
        if asked.beginning:
            last, narrow = self._beginning(dossier, asked.terms[-1], before)
            if not narrow or not terms:
                terms.append(last)
            narrow = narrow and not asked.exact
        found, after = self._answers(dossier, asked, _rarest(terms), limit)
        return found, after, narrow

    def _newest(self, dossier: str, term: str, before: str) -> _Term:
        """The newest places of a whole word, older than a place."""
        key: Condition = WordRow.sk.startswith(f"{term}#")
        if before:
            key = WordRow.sk.between(f"{term}#", f"{term}#{before}")
        rows = self._table.query(
            WordRow, word_pk(dossier, term), key, limit=SPAN, newest_first=True
        )
        places = [row.sk.partition("#")[2] for row in rows]
        return _Term(tuple(one for one in places if one != before), all=len(places) < SPAN)

    def _beginning(self, dossier: str, term: str, before: str) -> tuple[_Term, bool]:
        """The newest places of the words that begin so, and whether some words were left out."""
        pk, key = word_pk(dossier, term), WordRow.sk.startswith(term)
        rows = list(self._table.query(WordRow, pk, key, limit=SPAN))
        if len(rows) < SPAN:
            places = {row.sk.partition("#")[2] for row in rows}
            return _union([_Term(tuple(places), all=True)], before), False
        words = self._words_from(pk, term)
        lists = [self._newest(dossier, one, before) for one in words[:MOST_BEGUN]]
        return _union(lists, before), len(words) > MOST_BEGUN

    def _words_from(self, pk: str, term: str) -> list[str]:
        """The words that begin so, one more than are looked at: from each word to the next."""
        words: list[str] = []
        start = term
        while len(words) <= MOST_BEGUN:
            key = WordRow.sk.between(start, f"{term}\uffff")
            row = next(iter(self._table.query(WordRow, pk, key, limit=1)), None)
            if row is None:
                break
            words.append(row.sk.partition("#")[0])
            start = f"{words[-1]}$"  # the sign after "#": behind this word, before any longer one
        return words

    def _answers(
        self, dossier: str, asked: Question, followed: _Term, limit: int
    ) -> tuple[tuple[Found, ...], str]:
        """The documents of a term that answer, and the place to go on from, "" at the end."""
        found: list[Found] = []
        start, size = 0, _FIRST
        while start < len(followed.places):
            places = followed.places[start : start + size]
            start, size = start + size, SPAN
            own = {row.pk: row.value() for row in self._own(dossier, places)}
            said = [one for place in places if (one := own.get(_pk(dossier, place))) is not None]
            answers = [one for one in said if matches(frozenset(one.words), asked)]
            for head, one in self._with_heads(dossier, answers, limit):
                found.append(Found(document=head.value(), text=one.text))
                if len(found) == limit:
                    last = one.place == followed.places[-1] and followed.all
                    return tuple(found), "" if last else one.place
        return tuple(found), "" if followed.all else followed.places[-1]

    def _own(self, dossier: str, places: Sequence[str]) -> list[WordsRow]:
        return self._table.get_many(WordsRow, [(_pk(dossier, one), WORDS) for one in places])

    def _with_heads(
        self, dossier: str, answers: Sequence[_Body], size: int
    ) -> Iterator[tuple[DocumentRow, _Body]]:
        """The answers with their heads, read as they are needed; without what is in the trash."""
        for start in range(0, len(answers), size):
            some = answers[start : start + size]
            keys = [(_pk(dossier, one.place), HEAD) for one in some]
            heads = {row.pk: row for row in self._table.get_many(DocumentRow, keys)}
            for one in some:
                head = heads.get(_pk(dossier, one.place))
                if head is not None and head.state not in _OUT:
                    yield head, one


_OUT = {one.value for one in OUT_OF_LISTS}


def _pk(dossier: str, place: str) -> str:
    return document_pk(dossier, place.partition("#")[2])


def _union(lists: Sequence[_Term], before: str) -> _Term:
    """Several words as one term, newest first, as far back as every one of them is known."""
    known = max((one.places[-1] for one in lists if not one.all), default="")
    every = {place for one in lists for place in one.places}
    places = sorted(
        (one for one in every if one >= known and (not before or one < before)), reverse=True
    )
    return _Term(tuple(places), all=not known)


def _rarest(terms: Sequence[_Term]) -> _Term:
    """The term to follow: the shortest of those that are all there; else what reaches furthest
    back, whose documents are the fewest."""
    whole = [one for one in terms if one.all]
    if whole:
        return min(whole, key=lambda one: len(one.places))
    return min(terms, key=lambda one: one.places[-1])


def _cursor(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=") if place else ""


def _place_of(cursor: str) -> str:
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        place = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        place = ""
    if not _PLACE.fullmatch(place):
        raise unknown_place()
    return place


class AwsViews:
    """Implements facteur.ports.Views."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, dossier: str, user: str) -> tuple[View, ...]:
        """A person's views, oldest first."""
        rows: Iterator[ViewRow] = self._table.query(ViewRow, _views_pk(dossier, user))
        return tuple(row.value() for row in rows)

    def save(self, dossier: str, user: str, view: View) -> None:
        """Keep a view (again: replaced)."""
        pk = _views_pk(dossier, user)
        self._table.put(ViewRow(pk, part(view.id), body=dumps(view).decode()))

    def forget(self, dossier: str, user: str, view: str) -> None:
        """Forget a view; nothing happens when there is none."""
        self._table.delete(_views_pk(dossier, user), part(view))


def _views_pk(dossier: str, user: str) -> str:
    return f"{dossier_pk(dossier)}#VIEWS#{part(user)}"
