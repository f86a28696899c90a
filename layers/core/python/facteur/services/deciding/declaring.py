"""A user says what a document is: facture, avoir, autre (JF-17)."""

from facteur.domain.commands import DeclareKind
from facteur.domain.decisions import Actor
from facteur.domain.declaring import declare, kind_of
from facteur.domain.documents import DocumentRef
from facteur.domain.errors import StaleVersionError
from facteur.ports import Context
from facteur.services.staircase import Steps, commit


def declare_kind(command: DeclareKind, context: Context) -> Steps:
    """Keep the user's word; StaleVersionError when the document changed since it was shown."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.version != command.version:
        raise StaleVersionError("document.stale")
    actor = Actor(id=command.by, name=command.by_name)
    decision = declare(document, kind_of(command.kind), actor, at=context.clock.now())
    return commit(decision, context)
