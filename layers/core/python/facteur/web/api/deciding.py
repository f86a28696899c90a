"""REST API, version 1: a program accepts or refuses a document, as a person does on its page.

The very commands of the page, under the same rules: nothing passes over a possible double, a bank
account that nobody approved or an approval circuit. What a decision may not be taken on is 409,
with every fault; what is wrong with the request itself is 422.
"""

from facteur.domain.codes import is_refusal
from facteur.domain.commands import AcceptDocument, RefuseDocument
from facteur.domain.decisions.refusing import MOST_COMMENT
from facteur.domain.documents import Document, DocumentRef
from facteur.domain.dossiers import Permission
from facteur.domain.errors import ConflictError, DuplicateError, ForbiddenError, InvalidError
from facteur.domain.faults import Fault
from facteur.services.run import run
from facteur.web.answers import Answer
from facteur.web.api import v1
from facteur.web.api.calls import Call
from facteur.web.site import api


@api("/api/v1/documents/{document}/accept", "POST", permission=Permission.DECIDE)
def accept_by_program(call: Call, document: str) -> Answer:
    """200: the document, accepted; ``version`` is the one that was read, for who read it before.

    404 for another dossier's; 409 with every fault for what may not be accepted as it stands.
    """
    head, _body = _asked(call, document)
    try:
        run(
            AcceptDocument(
                dossier=call.caller.dossier,
                document=document,
                version=head.version,
                by=call.caller.user,
                by_name=call.caller.name,
            ),
            call.context,
        )
    except (DuplicateError, ForbiddenError, InvalidError) as error:
        raise _conflict(error) from error
    return v1.show(call, document)


@api("/api/v1/documents/{document}/refuse", "POST", permission=Permission.DECIDE)
def refuse_by_program(call: Call, document: str) -> Answer:
    """200: the document, refused with ``reason``, one of the official ones, and a ``comment``.

    404 for another dossier's; 409 once it was decided; 422 without a reason that holds.
    """
    head, body = _asked(call, document)
    reason, comment = body.get("reason", ""), body.get("comment", "")
    faults = []
    if not is_refusal(reason):
        faults.append(Fault(code="refusal.reason_missing", path="reason"))
    if not isinstance(comment, str) or len(comment) > MOST_COMMENT:
        faults.append(Fault(code="api.comment", path="comment"))
    if faults:
        raise InvalidError(tuple(faults))
    run(
        RefuseDocument(
            dossier=call.caller.dossier,
            document=document,
            version=head.version,
            reason=str(reason),
            comment=str(comment).strip(),
            by=call.caller.user,
            by_name=call.caller.name,
        ),
        call.context,
    )
    return v1.show(call, document)


def _asked(call: Call, document: str) -> tuple[Document, dict[str, object]]:
    """The document as it stands, and the body; a ``version`` that it no longer has is 409."""
    head = call.context.store.document(DocumentRef(call.caller.dossier, document))
    body = call.body()
    version = body.get("version", head.version)
    if isinstance(version, bool) or not isinstance(version, int):
        raise InvalidError((Fault(code="api.version", path="version"),))
    if version != head.version:
        raise ConflictError("document.stale", (Fault(code="document.stale", path="version"),))
    return head, body


def _conflict(error: DuplicateError | ForbiddenError | InvalidError) -> ConflictError:
    """Why it may not be accepted as it stands: the same sentence as on its page, each a fault."""
    faults: tuple[Fault, ...] = getattr(error, "faults", ())
    if not faults:
        values = {name: str(one) for name, one in error.values.items() if name != "faults"}
        faults = (Fault(code=error.code, values=values),)
    return ConflictError(error.code, faults)
