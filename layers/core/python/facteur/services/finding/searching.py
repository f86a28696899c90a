"""Search over everything in a dossier, and the views that its people save.

The words of a document are written once it is read, beside its road: nothing waits for them. They
are written again when somebody corrects it, and taken out when it goes to the trash.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from facteur.domain.candidate import Candidate
from facteur.domain.commands import IndexWords
from facteur.domain.documents import Document, DocumentRef, State
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.pages import PageSet
from facteur.domain.search import Piece, Question, extract, question, text_of, words_of
from facteur.domain.serial import loads
from facteur.ports import Context, View
from facteur.services.staircase import Steps

PAGE = 20
MOST_VIEWS = 20
LONGEST_NAME = 60
_PATHS = ("/achats", "/ventes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A document that answers a search, and the extract that shows it."""

    document: Document
    extract: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A page of answers, newest first."""

    asked: Question
    answers: tuple[Answer, ...]
    cursor: str = ""
    narrow: bool = False  # too many words begin so: some were left out


def index_words(command: IndexWords, context: Context) -> Steps:
    """Write the words of a document as it stands now; none for one that is in the trash."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    text = ""
    words: tuple[str, ...] = ()
    if document.state not in (State.TRASHED, State.DELETED, State.JOINED):
        text = text_of(document, _candidate(document, context), _page_words(document, context))
        words = words_of(text)
    context.words.index(document.ref, document.received_at, text, words)
    return document, ()


def _candidate(document: Document, context: Context) -> Candidate | None:
    held = document.files.get("candidate")
    return None if held is None else loads(Candidate, context.blobs.get(held))


def _page_words(document: Document, context: Context) -> Sequence[str]:
    held = document.files.get("words")
    if held is None:
        return ()
    pages = loads(PageSet, context.blobs.get(held)).pages
    return [word.text for page in pages for word in page.words]


def search(caller: Caller, text: str, cursor: str, context: Context) -> Answers:
    """The documents of the dossier that have every word asked for, newest first.

    InvalidError (``cursor.invalid``).
    """
    caller.require(Permission.READ)
    asked = question(text)
    page = context.words.find(caller.dossier, asked, limit=PAGE, cursor=cursor)
    return Answers(
        asked=asked,
        answers=tuple(
            Answer(document=one.document, extract=extract(one.text, asked.terms))
            for one in page.found
        ),
        cursor=page.cursor,
        narrow=page.narrow,
    )


# ── Saved views ─────────────────────────────────────────────────────────────────────────────────


def views(caller: Caller, path: str, context: Context) -> tuple[View, ...]:
    """The caller's own views of a list."""
    caller.require(Permission.READ)
    return tuple(one for one in context.views.of(caller.dossier, caller.user) if one.path == path)


def save_view(
    caller: Caller, name: str, path: str, query: Mapping[str, str], context: Context
) -> View:
    """Name a list as it is filtered now; a name that was given already is given anew.

    InvalidError with every fault (``view.name_missing``, ``view.too_many``, ``view.path``).
    """
    caller.require(Permission.READ)
    given = " ".join(name.split())[:LONGEST_NAME]
    held = context.views.of(caller.dossier, caller.user)
    same = next((one for one in held if (one.path, one.name) == (path, given)), None)
    faults = []
    if not given:
        faults.append(Fault(code="view.name_missing", path="name"))
    if path not in _PATHS:
        faults.append(Fault(code="view.path", path="path"))
    if same is None and len(held) >= MOST_VIEWS:
        faults.append(Fault(code="view.too_many", path="name", values={"limit": str(MOST_VIEWS)}))
    if faults:
        raise InvalidError(tuple(faults))
    view = View(
        id=same.id if same else context.ids.new(), name=given, path=path, query=urlencode(query)
    )
    context.views.save(caller.dossier, caller.user, view)
    return view


def forget_view(caller: Caller, view: str, context: Context) -> None:
    """Forget one of the caller's own views; NotFoundError for what is none of them."""
    caller.require(Permission.READ)
    if view not in {one.id for one in context.views.of(caller.dossier, caller.user)}:
        raise NotFoundError("not_found")
    context.views.forget(caller.dossier, caller.user, view)
