"""Our Flow Service to a dossier's billing software: submit, search, read.

A submission is answered at once (Pending): its bytes are kept, its row is written, and a command
does the rest (submissions.py). A file that API Gateway cannot carry comes by a presigned form.

Source: XP Z12-013 1.3.0 §2 (Flow Service).
"""

from facteur.domain.documents import DocumentRef, StoredFile
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.flows import FlowView
from facteur.domain.served_flows import ServedFlow
from facteur.formats.afnor_served import FlowInfo, Search
from facteur.ports import Context, ServedPage, UploadForm
from facteur.services.programs import submissions
from facteur.services.staircase import send

#: What goes through API Gateway and Lambda: 6 MB of base64, and what stands around the file.
MOST_BYTES = 4_400_000


def submit(caller: Caller, info: FlowInfo, data: bytes, context: Context) -> ServedFlow:
    """Keep a submitted file and have it controlled; its flow, Pending.

    ForbiddenError without the right; InvalidError (``flow.size``) above MOST_BYTES.
    """
    caller.require(Permission.UPLOAD)
    if len(data) > MOST_BYTES:
        raise too_large()
    served, take = submissions.kept(caller, info, data, context.ids.new(), context)
    send(take, context)
    return served


def too_large() -> InvalidError:
    """What is said of a file that must come by the presigned form."""
    values = {"limit": str(MOST_BYTES // 1_000_000)}
    return InvalidError((Fault(code="flow.too_large", path="file", values=values),), "flow.size")


def upload_form(caller: Caller, info: FlowInfo, context: Context) -> UploadForm:
    """A presigned form for a submission; its key ends with the identifier of the flow to come."""
    caller.require(Permission.UPLOAD)
    identifier = context.ids.new()
    return context.blobs.upload_form(
        f"uploads/{caller.dossier}/{identifier}",
        media_types=(submissions.media_type_of(info),),
        max_bytes=context.limits.upload_bytes,
        metadata=submissions.metadata_of(caller, info),
        now=context.clock.now(),
    )


def search(caller: Caller, asked: Search, context: Context) -> ServedPage:
    """A page of the caller's dossier's flows."""
    caller.require(Permission.READ)
    return context.flows.search(
        caller.dossier, asked.criteria, limit=asked.limit, cursor=asked.cursor
    )


def flow(caller: Caller, flow_id: str, context: Context) -> ServedFlow:
    """A flow of the caller's dossier; NotFoundError."""
    caller.require(Permission.READ)
    return context.flows.flow(caller.dossier, flow_id)


def view_of(caller: Caller, flow_id: str, view: FlowView, context: Context) -> StoredFile:
    """The file of a view; NotFoundError (``flow.no_view``) when the flow does not have it."""
    held = flow(caller, flow_id, context)
    if view is FlowView.ORIGINAL and held.key:
        return submissions.submitted(held)
    return _of_document(held, view, context)


#: Which file of a document a view is, the first that is there.
_VIEWS = {
    FlowView.ORIGINAL: ("original",),
    FlowView.CONVERTED: ("facturx",),
    FlowView.READABLE: ("readable", "facturx"),
}


def _of_document(held: ServedFlow, view: FlowView, context: Context) -> StoredFile:
    if held.document and not held.record:
        document = context.store.document(DocumentRef(held.dossier, held.document))
        for role in _VIEWS.get(view, ()):
            if role in document.files:
                return document.files[role]
    raise NotFoundError("flow.no_view", view=view.value)
