"""The type of a document as its sender says it, changed on the document's page (JF-17)."""

from facteur.domain.commands import DeclareKind
from facteur.domain.dossiers import Permission
from facteur.services.run import run
from facteur.web.answers import Answer
from facteur.web.site import page
from facteur.web.visit import Visit


@page("/factures/{document}/type", "POST", permission=Permission.UPLOAD)
def declare(visit: Visit, document: str) -> Answer:
    """Keep the word, and show the document again."""
    command = DeclareKind(
        dossier=visit.caller.dossier,
        document=document,
        version=visit.version,
        kind=visit.field("declared_kind"),
        by=visit.caller.user,
        by_name=visit.caller.name,
    )
    run(command, visit.context)
    return visit.go(f"/factures/{document}", fait="declared")
