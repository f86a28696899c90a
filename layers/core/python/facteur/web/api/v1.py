"""Our REST API, version 1: a program asks for a presigned form and sends the file with it.

``POST /api/v1/documents`` answers the form (url and fields, to be posted as multipart/form-data
with the file last) and the identifier that the document will have; ``GET`` reads documents of the
key's dossier, and nothing else's. Documented for humans in the help (aide/api.html).
"""

from facteur.domain.declaring import kind_of
from facteur.domain.documents import Channel, Direction, Document, State
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.services.finding import queries
from facteur.services.intake import uploads
from facteur.web import i18n
from facteur.web.answers import Answer, json_answer
from facteur.web.api.calls import Call, not_known
from facteur.web.showing import present
from facteur.web.site import api


@api("/api/v1/documents", "POST", permission=Permission.UPLOAD)
def create(call: Call) -> Answer:
    """201 with the presigned form of one file."""
    body = call.body()
    faults = _faults(body)
    if faults:
        raise InvalidError(faults)
    form = uploads.upload_form(
        call.caller,
        filename=str(body["filename"]),
        media_type=str(body.get("media_type") or ""),
        size=int(str(body["size"])),
        direction=Direction(str(body.get("direction") or Direction.PURCHASE.value)),
        channel=Channel.API,
        declared=kind_of(str(body.get("declared_kind") or "")),
        context=call.context,
    )
    identifier = form.key.rsplit("/", 1)[-1]
    return json_answer(
        {
            "document": identifier,
            "status_url": call.site.url(f"/api/v1/documents/{identifier}"),
            "url": form.url,
            "fields": dict(form.fields),
            "expires_at": form.expires_at.isoformat(),
            "max_bytes": form.max_bytes,
        },
        201,
    )


def _faults(body: dict[str, object]) -> tuple[Fault, ...]:
    """What is wrong with the request, all of it."""
    found = []
    filename, size = body.get("filename"), body.get("size")
    if not isinstance(filename, str) or not filename.strip():
        found.append(Fault(code="api.filename", path="filename"))
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        found.append(Fault(code="api.size", path="size"))
    media_type = body.get("media_type", "")
    if not isinstance(media_type, str):
        found.append(Fault(code="api.media_type", path="media_type"))
    if body.get("direction", Direction.PURCHASE.value) not in [one.value for one in Direction]:
        found.append(Fault(code="api.direction", path="direction"))
    if not isinstance(body.get("declared_kind", ""), str | None):
        found.append(Fault(code="api.declared_kind", path="declared_kind"))
    return tuple(found)


@api("/api/v1/documents", permission=Permission.READ, query=("tab", "direction", "cursor"))
def index(call: Call) -> Answer:
    """A page of the dossier's documents, newest first; ``tab``, ``direction`` and ``cursor``."""
    asked, tab = call.query("direction", Direction.PURCHASE.value), call.query("tab", "all")
    faults = [
        not_known(name, value, known)
        for name, value, known in (
            ("direction", asked, [one.value for one in Direction]),
            ("tab", tab, list(queries.TABS)),
        )
        if value not in known
    ]
    if faults:
        raise InvalidError(tuple(faults), code="api.query")
    found = queries.documents(
        call.caller,
        Direction(asked),
        tab,
        call.query("cursor"),
        call.context,
    )
    return json_answer(
        {
            "documents": [plain(one, call) for one in found.documents],
            "cursor": found.cursor,
            "counts": dict(found.counts),
        }
    )


@api("/api/v1/documents/{document}", permission=Permission.READ)
def show(call: Call, document: str) -> Answer:
    """One document of the key's dossier, with what is wrong with it."""
    view = queries.document(call.caller, document, call.context)
    found = [
        {
            "code": one.code,
            "path": one.path,
            "severity": one.severity.value,
            "source": one.source.value,
            "detail": i18n.fault_text(one, call.language),
        }
        for one in view.findings
    ]
    head = view.document
    failure = head.failure
    return json_answer(
        {
            **plain(head, call),
            "findings": found,
            "failure": None
            if failure is None
            else {"code": failure.code, "detail": i18n.fault_text(failure, call.language)},
            "duplicates": [one.document for one in head.duplicates],
            "parts": list(head.parts),
            "part_of": head.part_of.document if head.part_of else None,
            "files": sorted(role for role in head.files if not role.startswith("page-")),
        }
    )


def plain(head: Document, call: Call) -> dict[str, object]:
    """A document's head as JSON: dates ISO, amounts as text, codes as they are."""
    summary = head.summary
    made = head.conversion
    return {
        "id": head.id,
        "direction": head.direction.value,
        "state": head.state.value,
        "state_label": present.state(head).label if call.language == "fr" else head.state.value,
        "received_at": head.received_at.isoformat(),
        "channel": head.sources[0].channel.value,
        "filename": head.filename,
        "media_type": head.media_type,
        "size": head.size,
        "sha256": head.sha256,
        "declared_kind": head.declared_kind.value if head.declared_kind else None,
        "kind": summary.kind,
        "number": summary.number,
        "seller_name": summary.seller_name,
        "seller_siren": summary.seller_siren,
        "buyer_name": summary.buyer_name,
        "issue_date": summary.issue_date.isoformat() if summary.issue_date else None,
        "due_date": summary.due_date.isoformat() if summary.due_date else None,
        "currency": summary.currency,
        "total_excl_vat": _text(summary.total_excl_vat),
        "total_incl_vat": _text(summary.total_incl_vat),
        "amount_due": _text(summary.amount_due),
        "profile": made.profile if made else None,
        "verdict": made.verdict.value if made else None,
        "reform": made.reform.value if made else None,
        "archived": head.state is State.ARCHIVED,
        "version": head.version,
        "url": call.site.url(f"/factures/{head.id}"),
    }


def _text(amount: object) -> str | None:
    return None if amount is None else str(amount)
