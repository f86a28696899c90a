"""A file that holds several invoices becomes several documents, where its user cut it (PE-04).

A page only records the demand; the pipeline, which has the child process that opens PDFs, writes
the parts. Each part is kept and registered under an identifier that derives from the file's and
its pages before the file itself is closed: killed at any moment, the command runs again and makes
the same documents. The file received is closed, never altered: its bytes stay.
"""

from facteur.domain import decisions, splitting
from facteur.domain.commands import KeepWhole, Scheduled, SplitDocument, WriteParts
from facteur.domain.decisions import Actor
from facteur.domain.documents import Document, DocumentRef, PartOf, State
from facteur.domain.errors import StaleVersionError
from facteur.formats.detect import detect
from facteur.ports import Context
from facteur.services.intake.arrivals import register
from facteur.services.staircase import Steps, commit, send


def split_document(command: SplitDocument, context: Context) -> Steps:
    """Record where a user cuts a file; writing the parts follows.

    InvalidError with all the faults of the pages; StaleVersionError, IllegalTransitionError.
    """
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.version != command.version:
        raise StaleVersionError("document.stale")
    actor = Actor(id=command.by, name=command.by_name)
    decision = decisions.ask_split(document, command.starts, actor, at=context.clock.now())
    return commit(decision, context)


def keep_whole(command: KeepWhole, context: Context) -> Steps:
    """« C'est une seule facture »: the file goes on as one; converting follows.

    StaleVersionError; IllegalTransitionError when nothing was proposed.
    """
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.version != command.version:
        raise StaleVersionError("document.stale")
    actor = Actor(id=command.by, name=command.by_name)
    return commit(decisions.keep_whole(document, actor, at=context.clock.now()), context)


def write_parts(command: WriteParts, context: Context) -> Steps:
    """Write the parts, register each, then close the file; nothing left to do once it is split.

    UnreadableError when the pages cannot be written: the file is quarantined, nothing was made.
    """
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.SPLITTING:
        return document, ()
    data = context.blobs.get(document.files["original"])
    pdf = context.pdf.from_images((data,)) if detect(data).is_image else data
    ranges = splitting.ranges(document)
    asked = ranges
    if ranges[-1][1] == splitting.pages_of(document):
        asked = (*ranges[:-1], (ranges[-1][0], 0))  # to the end, whoever counts pages
    made: list[str] = []
    follow: list[Scheduled] = []
    for (first, last), part in zip(ranges, context.pdf.pages(pdf, asked), strict=True):
        cut = PartOf(document=document.id, first=first, last=last, sha256=document.sha256)
        child = _kept(document, cut, part, context)
        follow += register(child, child.sources[0], context)
        made.append(child.id)
    closed, _none = commit(decisions.split(document, tuple(made), at=context.clock.now()), context)
    for one in follow:  # a queue reads them side by side; here they would wait for one another
        send(one, context)
    return closed, ()


def _kept(document: Document, part: PartOf, data: bytes, context: Context) -> Document:
    """The head of a part, its bytes stored; it came when and by whom the file came."""
    identifier = splitting.part_id(document, part.first, part.last)
    name = splitting.part_name(document, part.first, part.last)
    original = context.blobs.put(
        f"{document.dossier}/{identifier}/original", data, "application/pdf", filename=name
    )
    return Document(
        dossier=document.dossier,
        id=identifier,
        direction=document.direction,
        state=State.RECEIVED,
        received_at=document.received_at,
        filename=name,
        media_type="application/pdf",
        sha256=original.sha256,
        size=original.size,
        sources=document.sources,
        files={"original": original},
        part_of=part,
    )
