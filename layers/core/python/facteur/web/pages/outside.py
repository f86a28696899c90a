"""The page of an outside approver: the invoice as it came, its totals, agree or refuse (PE-01).

Reached by the link of a mail, without account; it shows one document and nothing else of the
dossier. Also the gérant's button that mails the link again.
"""

from typing import Any

from facteur.domain.decisions import acceptable
from facteur.domain.decisions.refusing import MOST_COMMENT
from facteur.domain.dossiers import Permission
from facteur.domain.errors import ConflictError, FacteurError, InvalidError, NotFoundError
from facteur.services.deciding import approving
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.forms.trying import form_page
from facteur.web.showing import present
from facteur.web.site import page
from facteur.web.visit import Visit


@page("/approbation/{token}", permission=None)
def asked(visit: Visit, token: str) -> Answer:
    """What is asked, of whom, by whom; why a link serves no more."""
    try:
        return _page(visit, token)
    except NotFoundError as error:
        return _over(visit, token, error)


def _over(visit: Visit, token: str, error: NotFoundError) -> Answer:
    """What became of a true link; a wrong one is told nothing."""
    over = approving.over(token[:100], visit.context)
    if over is None:
        raise error
    return visit.page("outside_over.html", status=410, over=over)


def _page(visit: Visit, token: str, error: FacteurError | None = None) -> Answer:
    view = approving.asked(token[:100], visit.context, address=visit.address)
    document = view.document
    blocks = visit.context.preferences.load(document.dossier).block_duplicates
    values: dict[str, Any] = {
        "view": view,
        "doc": document,
        "approvable": acceptable(document) and not (document.duplicate_blocks and blocks),
        "noticed": [i18n.fault_text(one) for one in document.faults if one.blocking],
        "token": token,
        "reasons": present.refusals(document),
        "chosen_reason": visit.field("reason")[:40] if error else "",
        "chosen_comment": visit.field("comment")[:MOST_COMMENT] if error else "",
    }
    return form_page(visit, "outside_approval.html", error, storage=True, **values)


@page("/approbation/{token}", "POST", permission=None)
def decide(visit: Visit, token: str) -> Answer:
    """Agree or refuse; the link is spent."""
    action = visit.field("action")
    try:
        document = approving.decide(
            token[:100],
            action,
            version=visit.version,
            reason=visit.field("reason")[:40],
            comment=visit.field("comment"),
            address=visit.address,
            context=visit.context,
        )
    except (InvalidError, ConflictError) as error:
        return _page(visit, token, error)
    except NotFoundError as error:
        return _over(visit, token, error)
    return visit.page(
        "outside_done.html", refused=action == "refuse", heading=present.title(document)
    )


@page("/factures/{document}/approbation", "POST", permission=Permission.MANAGE)
def ask_again(visit: Visit, document: str) -> Answer:
    """« Renvoyer le lien »."""
    approving.ask_again(visit.caller, document, visit.context)
    return visit.go(f"/factures/{document}", fait="approval_sent")
