"""What screens and the API read: every query starts from a Caller and stays in its dossier."""

import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from facteur.domain.candidate import Candidate
from facteur.domain.documents import (
    OPEN_STATES,
    Direction,
    Document,
    DocumentRef,
    State,
    StoredFile,
)
from facteur.domain.dossiers import Caller, Dossier, Permission
from facteur.domain.errors import InvalidError, NotFoundError, UnreadableError
from facteur.domain.events import Entry
from facteur.domain.faults import Fault
from facteur.domain.serial import loads
from facteur.ports import Context, MailRecord
from facteur.services.finding import listing
from facteur.services.intake import addresses, doubles
from facteur.services.reading import drawing

#: Tab → states, None for all.
TABS: Mapping[str, frozenset[State] | None] = {
    "inbox": OPEN_STATES,
    "to_check": frozenset({State.TO_CHECK}),
    "to_accept": frozenset({State.TO_ACCEPT}),
    "to_send": frozenset({State.ACCEPTED}),  # sales: they are sealed once they were sent
    "refused": frozenset({State.REFUSED}),
    "archived": frozenset({State.ARCHIVED}),
    "quarantine": frozenset({State.QUARANTINED}),
    "unseen": None,  # of which something was said and nobody opened, whatever their state
    "all": None,
    "trash": frozenset({State.TRASHED}),
}
UNSEEN = "unseen"
#: What the list of all does not hold.
_NOT_IN_ALL = frozenset({State.TRASHED, State.DELETED, State.JOINED})
MOST_IN_ZIP = 100
MOST_ZIP_BYTES = 200 * 1024 * 1024
MOST_TEXT = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """The first page."""

    dossier: Dossier
    counts: Mapping[str, int]
    to_send: int  # sales that were accepted and wait for their sending
    said: Mapping[Direction, int]  # documents of which something was said and nobody opened
    mails: tuple[MailRecord, ...]
    addresses: Mapping[Direction, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentList:
    """A tab of a list."""

    documents: tuple[Document, ...]
    cursor: str
    counts: Mapping[str, int]
    tab: str
    looked_at: int = 0  # documents that a filter or a sort looked at; 0 without
    all_looked: bool = True  # False: the period holds more


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """Everything of the document page."""

    document: Document
    candidate: Candidate | None
    findings: tuple[Fault, ...]
    history: tuple[Entry, ...]
    duplicates: tuple[Document, ...]
    page_links: tuple[str, ...]
    drawing: bool  # the images are not there yet, and soon will be
    next_id: str
    parts: tuple[Document, ...] = ()  # what it was split into
    whole: Document | None = None  # the file that it was cut from


def counts(caller: Caller, direction: Direction, context: Context) -> Mapping[str, int]:
    """How many documents each tab holds: two calls, whatever their number."""
    by_state = context.store.counts(caller.dossier, direction)
    listed = {state: number for state, number in by_state.items() if state not in _NOT_IN_ALL}
    found = {
        tab: sum(listed.values() if states is None else (by_state[one] for one in states))
        for tab, states in TABS.items()
    }
    return found | {UNSEEN: len(context.store.unseen(caller.dossier, direction))}


def dashboard(caller: Caller, context: Context, *, mails: int = 10) -> Dashboard:
    """Counters of the purchases, sales to send, the last mails, the addresses to write to."""
    caller.require(Permission.READ)
    dossier = context.store.dossier(caller.dossier)
    purchases = counts(caller, Direction.PURCHASE, context)
    sold = counts(caller, Direction.SALE, context)
    return Dashboard(
        dossier=dossier,
        counts=purchases,
        to_send=sold["to_send"],
        said={Direction.SALE: sold[UNSEEN], Direction.PURCHASE: purchases[UNSEEN]},
        mails=context.store.mails(caller.dossier, limit=mails),
        addresses=addresses.shown(dossier, context),
    )


def documents(
    caller: Caller,
    direction: Direction,
    tab: str,
    cursor: str,
    context: Context,
    asked: listing.Asked = listing.ANYTHING,
) -> DocumentList:
    """One page of a tab, newest first or as asked. An unknown tab is NotFoundError."""
    caller.require(Permission.READ)
    if tab not in TABS:
        raise NotFoundError("page.unknown", tab=tab)
    if tab == UNSEEN:
        page = listing.unseen(caller.dossier, direction, asked, cursor, context.store)
    else:
        page = listing.listed(caller.dossier, direction, TABS[tab], asked, cursor, context.store)
    return DocumentList(
        documents=page.documents,
        cursor=page.cursor,
        counts=counts(caller, direction, context),
        tab=tab,
        looked_at=page.looked_at,
        all_looked=page.all_looked,
    )


def _document(caller: Caller, identifier: str, context: Context) -> Document:
    caller.require(Permission.READ)
    return context.store.document(DocumentRef(caller.dossier, identifier))


def document(caller: Caller, identifier: str, context: Context) -> DocumentView:
    """The document page; NotFoundError for another dossier's."""
    head = _document(caller, identifier, context)
    candidate = None
    if "candidate" in head.files:
        candidate = loads(Candidate, context.blobs.get(head.files["candidate"]))
    history = context.store.history(head.ref)
    images = drawing.page_images(head, context)
    return DocumentView(
        document=head,
        candidate=candidate,
        findings=head.faults,
        history=history,
        duplicates=_existing(caller, tuple(one.document for one in head.duplicates), context),
        page_links=tuple(
            context.blobs.link(one, download=False, seconds=3600) for one in images or ()
        ),
        drawing=images is None and drawing.still_coming(history, context.clock.now()),
        next_id=next_to_handle(caller, head, context),
        parts=_existing(caller, head.parts, context),
        whole=next(iter(_existing(caller, _cut_from(head), context)), None),
    )


def later_doubles(caller: Caller, head: Document, context: Context) -> tuple[Document, ...]:
    """What came after a document that waits and was marked as its double, in their order."""
    caller.require(Permission.READ)
    return doubles.later(head, context)


def candidate_mark(head: Document) -> str:
    """What a form says of the reading that it was filled from, "" for a document without one."""
    held = head.files.get("candidate")
    if held is None:
        return ""
    tail = held.key.removeprefix(f"{head.dossier}/{head.id}/")
    return f"{tail}:{held.version_id}:{held.sha256}"


#: A reading of this document and of no other: no slash of its name leads elsewhere. The version is
#: opaque (S3, « Object Versioning »: at most 1,024 bytes, « + » and « / » among them).
_MARK = re.compile(r"((?:[\w-]{1,80}/)?candidate):([!-9;-~]{1,1024}):([0-9a-f]{64})", re.ASCII)


def candidate_seen(
    caller: Caller, identifier: str, mark: str, context: Context
) -> Candidate | None:
    """The reading that a form was filled from; None when it does not say, or says nonsense."""
    caller.require(Permission.READ)
    found = _MARK.fullmatch(mark)
    if found is None:
        return None
    tail, version, sha256 = found.groups()
    stored = StoredFile(
        key=f"{caller.dossier}/{identifier}/{tail}",
        version_id=version,
        sha256=sha256,
        size=0,
        media_type="application/json",
    )
    try:
        return loads(Candidate, context.blobs.get(stored))
    except (NotFoundError, UnreadableError):
        return None


def _cut_from(head: Document) -> tuple[str, ...]:
    return () if head.part_of is None else (head.part_of.document,)


def _existing(
    caller: Caller, identifiers: Sequence[str], context: Context
) -> tuple[Document, ...]:
    found = []
    for one in identifiers:
        try:
            found.append(context.store.document(DocumentRef(caller.dossier, one)))
        except NotFoundError:
            continue
    return tuple(found)


def next_to_handle(caller: Caller, head: Document, context: Context) -> str:
    """The next document that waits for a person, "" when nothing does."""
    for state in (State.TO_ACCEPT, State.TO_CHECK):
        page = context.store.documents(caller.dossier, head.direction, state=state, limit=2)
        for one in page.documents:
            if one.id != head.id:
                return one.id
    return ""


def _file(caller: Caller, identifier: str, role: str, context: Context) -> StoredFile:
    head = _document(caller, identifier, context)
    if role not in head.files:
        raise NotFoundError("file.unknown", role=role)
    return head.files[role]


def file_link(
    caller: Caller, identifier: str, role: str, context: Context, *, download: bool
) -> str:
    """A presigned link to a file of the document, good for five minutes."""
    return context.blobs.link(_file(caller, identifier, role, context), download=download)


def file_text(caller: Caller, identifier: str, role: str, context: Context) -> str:
    """A text file of the document (the XML tab), cut at two million characters."""
    data = context.blobs.get(_file(caller, identifier, role, context))
    return data[:MOST_TEXT].decode("utf-8", "replace")


def archive_zip(caller: Caller, identifiers: Sequence[str], context: Context) -> str:
    """A link to a ZIP of archived documents: a folder each, verifiable by ``facteur verify``.

    InvalidError (``zip.too_many``, ``zip.too_large``, ``zip.empty``).
    """
    caller.require(Permission.READ)
    if not identifiers:
        raise InvalidError((Fault(code="zip.empty"),), code="zip.empty")
    if len(identifiers) > MOST_IN_ZIP:
        values = {"limit": str(MOST_IN_ZIP)}
        raise InvalidError((Fault(code="zip.too_many", values=values),), code="zip.too_many")
    heads = [_document(caller, one, context) for one in dict.fromkeys(identifiers)]
    size = sum(one.size for head in heads for one in head.files.values())
    if size > MOST_ZIP_BYTES:
        raise InvalidError((Fault(code="zip.too_large"),), code="zip.too_large")
    name = f"archives-{context.clock.now():%Y%m%d-%H%M}.zip"
    key = f"exports/{caller.dossier}/{context.ids.new()}.zip"
    with tempfile.TemporaryFile() as target:  # memory holds one file at a time
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for head in heads:
                for role, file in kept_files(head).items():
                    archive.writestr(f"{head.id}/{role}{suffix_of(file)}", context.blobs.get(file))
        target.seek(0)
        return context.blobs.put_passing(key, target, "application/zip", name)


def kept_files(head: Document) -> Mapping[str, StoredFile]:
    """The files of a document that an export carries: those that its evidence names."""
    return {
        role: file
        for role, file in head.files.items()
        if not role.startswith("page-") and role != "words"
    }


_SUFFIXES = {
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/json": ".json",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/heic": ".heic",
    "image/tiff": ".tif",
}


def suffix_of(file: StoredFile) -> str:
    """The suffix of a file in an export."""
    return _SUFFIXES.get(file.media_type, ".bin")


def mails(caller: Caller, context: Context) -> tuple[MailRecord, ...]:
    """The last mails of the dossier, with what was set aside and why."""
    caller.require(Permission.READ)
    return context.store.mails(caller.dossier)
