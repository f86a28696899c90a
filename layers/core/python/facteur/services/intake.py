"""What arrives becomes documents: a mail, an upload. The bytes are kept before anything is read.

A document's identifier derives from what brought it (the mail's Message-ID and the attachment's
hash, or the upload's own identifier), so the same mail delivered or polled twice makes one
document, without any other memory (D53).
"""

import hashlib
from dataclasses import replace
from urllib.parse import quote, unquote

from facteur.domain.commands import ReceiveMail, ReceiveUpload, Scheduled
from facteur.domain.decisions import receive
from facteur.domain.documents import (
    Channel,
    DeclaredKind,
    Direction,
    Document,
    DocumentRef,
    Duplicate,
    Source,
    State,
)
from facteur.domain.dossiers import Caller, Permission, normalise_address
from facteur.domain.errors import (
    ConflictError,
    DuplicateError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from facteur.domain.faults import Fault, Severity
from facteur.formats import mail as mail_format
from facteur.ports import Claim, Context, MailRecord, UploadForm
from facteur.services.staircase import commit

UNROUTED = "-"  # dossier of the mails that no mailbox takes

#: What may be uploaded, and the media types a browser gives it.
UPLOAD_TYPES = (
    "application/pdf",
    "application/xml",
    "text/xml",
    "image/jpeg",
    "image/png",
    "image/heic",
    "image/heif",
    "image/tiff",
)
_BY_SUFFIX = {
    "pdf": "application/pdf",
    "xml": "application/xml",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "heic": "image/heic",
    "heif": "image/heif",
    "tif": "image/tiff",
    "tiff": "image/tiff",
}

Steps = tuple[Document | None, tuple[Scheduled, ...]]


def receive_mail(command: ReceiveMail, context: Context) -> Steps:
    """A mail becomes one document per usable attachment, in each dossier it was sent to."""
    raw, _metadata = context.blobs.intake(command.key)
    parsed = mail_format.parse(raw)
    refused = _refusal(command, raw, context)
    boxes = _boxes(command, context)
    follow: list[Scheduled] = []
    for dossier, direction in sorted(boxes):
        made: list[str] = []
        if not refused:
            for part in parsed.parts:
                source = _mail_source(command, parsed)
                seed = f"{dossier}|{direction.value}|{_mail_name(parsed, raw)}|{part.sha256}"
                document = new_document(
                    context,
                    identifier=hashlib.sha256(seed.encode()).hexdigest()[:26],
                    dossier=dossier,
                    direction=direction,
                    source=source,
                    filename=part.filename,
                    media_type=part.media_type,
                    data=part.data,
                )
                made.append(document.id)
                follow += register(document, source, context)
        aside = tuple(
            Fault(
                code=one.reason,
                severity=Severity.WARNING,
                values={"filename": one.filename, "size": str(one.size)},
            )
            for one in parsed.set_aside
        )
        _record(command, parsed, dossier, direction, tuple(made), refused or aside, raw, context)
    if not boxes:
        unknown = Fault(code="mail.unknown_address", values={"to": ", ".join(command.recipients)})
        _record(command, parsed, UNROUTED, Direction.PURCHASE, (), (unknown,), raw, context)
    know(command.key, "done", context)
    return None, tuple(follow)


def _refusal(command: ReceiveMail, raw: bytes, context: Context) -> tuple[Fault, ...]:
    """Why a whole mail makes no document, () when it may."""
    if command.verdicts.get("virus") == "FAIL":
        return (Fault(code="mail.virus"),)
    if len(raw) > context.limits.mail_bytes:
        limit = f"{context.limits.mail_bytes // (1024 * 1024)}"
        return (Fault(code="mail.too_large", values={"limit": limit}),)
    return ()


def _boxes(command: ReceiveMail, context: Context) -> set[tuple[str, Direction]]:
    """The dossiers and directions that the envelope names: the mailbox decides (decision 26)."""
    found = (context.store.mailbox(normalise_address(one)) for one in set(command.recipients))
    return {one for one in found if one is not None}


def _mail_source(command: ReceiveMail, parsed: mail_format.Mail) -> Source:
    return Source(
        channel=Channel.MAIL,
        at=command.received_at,
        sender=parsed.sender or command.sender,
        subject=parsed.subject,
        message_id=parsed.message_id,
        raw_key=command.key,
        authenticated=_authenticated(command, parsed),
    )


def _authenticated(command: ReceiveMail, parsed: mail_format.Mail) -> bool:
    """True when the address in From is proved: DMARC passed, or SPF or DKIM for its own domain.

    A forger's own domain passes both checks too: what passed must be the domain that From shows
    (alignment, RFC 7489 §3.1). SES says that a signature holds, not which one: all must be of
    that domain.
    """
    passed = {name for name, value in command.verdicts.items() if value == "PASS"}
    if command.verdicts.get("dmarc") == "FAIL":
        return False
    shown = (parsed.sender or command.sender).rpartition("@")[2].lower()
    envelope = normalise_address(command.sender).rpartition("@")[2]
    if "dmarc" in passed or ("spf" in passed and _aligned(envelope, shown)):
        return True
    signed = parsed.signers
    return "dkim" in passed and bool(signed) and all(_aligned(one, shown) for one in signed)


def _aligned(proved: str, shown: str) -> bool:
    """The same domain, or one above or below the other."""
    if not (proved and shown and "." in proved and "." in shown):
        return False
    return proved == shown or proved.endswith(f".{shown}") or shown.endswith(f".{proved}")


def _mail_name(parsed: mail_format.Mail, raw: bytes) -> str:
    """What names a mail across deliveries: its Message-ID, else its content."""
    return parsed.message_id or hashlib.sha256(raw).hexdigest()


def _record(
    command: ReceiveMail,
    parsed: mail_format.Mail,
    dossier: str,
    direction: Direction,
    documents: tuple[str, ...],
    set_aside: tuple[Fault, ...],
    raw: bytes,
    context: Context,
) -> None:
    """Keep what came and what was set aside; a mail not wholly used is kept whole, for good."""
    identifier = command.key.rsplit("/", 1)[-1]
    key = command.key
    if not (documents or set_aside):
        set_aside = (Fault(code="mail.no_attachment", severity=Severity.WARNING),)
    if set_aside:
        stored = context.blobs.put(
            f"{dossier}/mails/{identifier}.eml", raw, "message/rfc822", filename="message.eml"
        )
        key = stored.key
    context.store.save_mail(
        MailRecord(
            dossier=dossier,
            id=identifier if direction is Direction.PURCHASE else f"{identifier}-sale",
            key=key,
            at=command.received_at,
            sender=parsed.sender or command.sender,
            subject=parsed.subject,
            message_id=parsed.message_id,
            direction=direction,
            documents=documents,
            set_aside=set_aside,
        )
    )


def new_document(
    context: Context,
    *,
    identifier: str,
    dossier: str,
    direction: Direction,
    source: Source,
    filename: str,
    media_type: str,
    data: bytes,
    declared: DeclaredKind | None = None,
) -> Document:
    """The head of a new document; its original is written first, under the document's own key."""
    original = context.blobs.put(
        f"{dossier}/{identifier}/original", data, media_type, filename=filename
    )
    return Document(
        dossier=dossier,
        id=identifier,
        direction=direction,
        state=State.RECEIVED,
        received_at=source.at,
        filename=filename,
        media_type=media_type,
        sha256=original.sha256,
        size=original.size,
        sources=(source,),
        files={"original": original},
        declared_kind=declared,
    )


def register(document: Document, source: Source, context: Context) -> tuple[Scheduled, ...]:
    """Commit a new document; nothing follows when it is known already.

    The same bytes by another road make another document, marked as a possible double (JF-40).
    """
    held = context.store.claimed(document.dossier, "SHA256", document.sha256)
    if held == document.id:
        return ()
    first = document
    claims: tuple[Claim, ...] = (Claim(kind="SHA256", value=document.sha256, target=document.id),)
    if held is not None:
        first = _doubled(document, held)
        claims = ()
    try:
        decision = receive(first, source, at=context.clock.now())
        return commit(decision, context, claims=claims)[1]
    except DuplicateError:
        if not claims:
            raise
        return register(document, source, context)  # somebody claimed the hash meanwhile
    except ConflictError:
        return ()  # the document exists: this delivery was a second one


def _doubled(document: Document, other: str) -> Document:
    return replace(document, duplicates=(Duplicate(document=other, reason="sha256"),))


def receive_upload(command: ReceiveUpload, context: Context) -> Steps:
    """An uploaded file becomes a document; its key and metadata were fixed by our signed form."""
    _folder, dossier, identifier = command.key.split("/", 2)
    known = _known(DocumentRef(dossier, identifier), context)
    if known is not None:
        return known, ()  # a second delivery, or the form was used again: the first file stays
    context.store.dossier(dossier)
    data, metadata = context.blobs.intake(command.key)
    source = Source(
        channel=Channel(metadata.get("channel", Channel.UPLOAD.value)),
        at=command.received_at,
        sender=unquote(metadata.get("by", "")),
        raw_key=command.key,
        authenticated=True,
    )
    said = metadata.get("declared", "")
    document = new_document(
        context,
        identifier=identifier,
        dossier=dossier,
        declared=DeclaredKind(said) if said else None,
        direction=Direction(metadata.get("direction", Direction.PURCHASE.value)),
        source=source,
        filename=unquote(metadata.get("filename", "document")),
        media_type=metadata.get("media-type", "application/octet-stream"),
        data=data,
    )
    return document, register(document, source, context)


def _known(ref: DocumentRef, context: Context) -> Document | None:
    try:
        return context.store.document(ref)
    except NotFoundError:
        return None


def upload_form(
    caller: Caller,
    *,
    filename: str,
    media_type: str,
    size: int,
    direction: Direction,
    channel: Channel,
    context: Context,
    redirect: str = "",
    declared: DeclaredKind | None = None,
    once: str = "",
) -> UploadForm:
    """A presigned form for one file; its key ends with the identifier of the document to come.

    ``once``: the sender's own name for what it sends. Asked again with the same one, the form
    makes the same document, so that a phone may send again what it does not know to be sent.
    InvalidError with all the faults: ``upload.too_large``, ``upload.type``.
    """
    if not caller.may(Permission.UPLOAD):
        raise ForbiddenError("forbidden")
    suffix = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    kind = media_type if media_type in UPLOAD_TYPES else _BY_SUFFIX.get(suffix, "")
    limit = context.limits.upload_bytes
    faults = []
    if not kind:
        faults.append(Fault(code="upload.type", path="filename", values={"filename": filename}))
    if size > limit:
        values = {"filename": filename, "limit": str(limit // (1024 * 1024))}
        faults.append(Fault(code="upload.too_large", path="size", values=values))
    if faults:
        raise InvalidError(tuple(faults))
    identifier = _named(once, caller) if once else context.ids.new()
    return context.blobs.upload_form(
        f"uploads/{caller.dossier}/{identifier}",
        media_types=(kind,),
        max_bytes=limit,
        metadata={
            "filename": _quoted(filename.replace("\\", "/").rsplit("/", 1)[-1], 1000),
            "direction": direction.value,
            "channel": channel.value,
            "by": _quoted(caller.name or caller.user, 400),
            "media-type": kind,
            "declared": declared.value if declared else "",
        },
        now=context.clock.now(),
        redirect=redirect,
    )


def _named(once: str, caller: Caller) -> str:
    """The identifier that a sender's own name for a file always gives, in his dossier."""
    return hashlib.sha256(f"{caller.dossier}|{caller.user}|{once}".encode()).hexdigest()[:26]


def _quoted(text: str, most: int) -> str:
    """Text as S3 metadata hold it (ASCII, 2 kB in all), its end kept: there stands the suffix."""
    while len(quoted := quote(text, errors="replace")) > most:
        text = text[(len(quoted) - most + 8) // 9 :]
    return quoted


def knows(address: str, context: Context) -> bool:
    """True when a mail address is the mailbox of a dossier (asked at SMTP time, locally)."""
    try:
        return context.store.mailbox(normalise_address(address)) is not None
    except NotFoundError:
        return False


def is_known(key: str, context: Context) -> bool:
    """True when an object of the intake bucket was received, or sent for by the sweep."""
    return context.store.claimed(UNROUTED, "INTAKE", key) is not None


def know(key: str, how: str, context: Context) -> None:
    """Remember that an object of the intake bucket was received ("done") or sent for ("sent")."""
    context.store.mark(UNROUTED, "INTAKE", key, how)


def recipients_in_headers(raw: bytes) -> tuple[str, ...]:
    """The addresses of a mail whose envelope is lost: SES writes them in ``Received: … for``."""
    return mail_format.received_for(raw)
