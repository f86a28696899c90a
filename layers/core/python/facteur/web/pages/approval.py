"""The approval circuit of a document, beside its fields: who agreed, who is waited for (PE-01)."""

from dataclasses import dataclass

from facteur.domain.acceptance import absent, waited_for
from facteur.domain.attention import outside_approvers
from facteur.domain.commands import LiftCircuit
from facteur.domain.documents import Approval, Document
from facteur.domain.dossiers import Permission
from facteur.services.run import run
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.i18n import _
from facteur.web.site import page
from facteur.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    """What the page shows of a circuit."""

    circuit: str
    given: tuple[Approval, ...]
    waited: tuple[str, ...]  # names, in order
    gone: tuple[str, ...]  # of those, who may approve no more
    mine: bool  # the reader's own agreement is waited for
    outside: tuple[str, ...] = ()  # addresses that were mailed a link, and did not answer yet


def approval_of(visit: Visit, head: Document) -> ApprovalView | None:
    """The circuit that stops a document, None when none does."""
    if not head.approvers:
        return None
    waited = waited_for(head)
    gone: frozenset[str] = frozenset()
    if any(not one.id.startswith("mail:") for one in waited):
        there = visit.context.store.members(head.dossier)
        gone = absent(waited, {one.user for one in there if Permission.DECIDE in one.permissions})
    return ApprovalView(
        circuit=head.circuit,
        given=head.approvals,
        waited=tuple(one.name or one.email for one in waited),
        gone=tuple(one.name or one.email for one in waited if one.id in gone),
        mine=any(one.id == visit.caller.user for one in waited),
        outside=outside_approvers(head),
    )


def blocked_because(view: ApprovalView | None) -> str:
    """Why this reader cannot accept, "" when he can."""
    if view is None or not view.waited or view.mine:
        return ""
    return _("Cette facture attend l’accord de {names}.").format(
        names=i18n.enumeration(view.waited)
    )


@page("/factures/{document}/circuit", "POST", permission=Permission.MANAGE)
def lift_circuit(visit: Visit, document: str) -> Answer:
    """A gérant takes the document out of its circuit."""
    command = LiftCircuit(
        dossier=visit.caller.dossier,
        document=document,
        version=visit.version,
        by=visit.caller.user,
        by_name=visit.caller.name,
    )
    run(command, visit.context)
    return visit.go(f"/factures/{document}", fait="circuit_lifted")
