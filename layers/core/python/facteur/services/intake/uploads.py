"""Uploads: the presigned form, and the file that came by it."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

from facteur.domain.commands import ReceiveUpload
from facteur.domain.documents import (
    Channel,
    DeclaredKind,
    Direction,
    DocumentRef,
    Source,
)
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.naming import derived, file_name
from facteur.formats.detect import detect
from facteur.ports import Context, UploadForm
from facteur.services.intake.arrivals import arrived, new_document, register
from facteur.services.staircase import Steps

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


def receive_upload(command: ReceiveUpload, context: Context) -> Steps:
    """An uploaded file becomes a document; its key and metadata were fixed by our signed form."""
    _folder, dossier, identifier = command.key.split("/", 2)
    known = arrived(DocumentRef(dossier, identifier), context)
    if known is not None:
        return known, ()  # a second delivery, or the form was used again: the first file stays
    context.store.dossier(dossier)
    data, metadata = context.blobs.intake(command.key)
    if "flow" in metadata:  # a submission too large for API Gateway
        from facteur.services.programs import submissions  # noqa: PLC0415 - it makes documents as we do

        return submissions.receive_large(command, data, metadata, context)
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
        media_type=_media_type(data, metadata),
        data=data,
    )
    return document, register(document, source, context)


def _media_type(data: bytes, metadata: Mapping[str, str]) -> str:
    """What the bytes are, as for mails; what their sender said where they tell nothing."""
    kind = detect(data)
    if kind.is_usable:
        return kind.media_type
    return metadata.get("media-type", "application/octet-stream")


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
    caller.require(Permission.UPLOAD)
    filename = file_name(filename) or "document"
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
            "filename": _quoted(filename, 1000),
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
    return derived(caller.dossier, caller.user, once)


def _quoted(text: str, most: int) -> str:
    """Text as S3 metadata hold it (ASCII, 2 kB in all), its end kept: there stands the suffix."""
    while len(quoted := quote(text, errors="replace")) > most:
        text = text[(len(quoted) - most + 8) // 9 :]
    return quoted
