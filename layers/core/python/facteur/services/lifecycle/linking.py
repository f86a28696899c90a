"""A credit note or corrective invoice finds the invoice that it names (BG-3) in its dossier.

By the uniqueness key of the reform: seller, number, year (of BT-26, else of its own date, else the
year before). The one it names may come later: it is looked for again, less and less often, for a
week.
"""

from datetime import timedelta

from facteur.domain import duplicates
from facteur.domain.commands import LinkInvoice, Scheduled
from facteur.domain.decisions import linking
from facteur.domain.documents import Document, DocumentRef, State
from facteur.domain.errors import NotFoundError
from facteur.domain.invoice import PrecedingInvoice
from facteur.formats import xml_invoice
from facteur.ports import Context
from facteur.services.lifecycle.statuses import kept
from facteur.services.staircase import Steps

#: When to look again for an invoice that is not here yet.
_AGAIN = (
    timedelta(minutes=10),
    timedelta(hours=2),
    timedelta(days=1),
    timedelta(days=7),
)
_MOST_NAMED = 20  # earlier invoices that one credit note may name


def link_invoice(command: LinkInvoice, context: Context) -> Steps:
    """Tie a document to the invoices that it names; ask again later for those that are missing."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if not linking.names_another(document) or "invoice_xml" not in document.files:
        return document, ()
    xml = context.blobs.get(document.files["invoice_xml"])
    missing = False
    for named in xml_invoice.parse(xml).invoice.preceding[:_MOST_NAMED]:
        older = _named(document, named, context)
        if older is None:
            missing = True
        else:
            document = _tied(document, older, context)
    if missing and command.attempt <= len(_AGAIN):
        _look_again(command, context)
    return document, ()


def _named(document: Document, named: PrecedingInvoice, context: Context) -> Document | None:
    """The document of an earlier invoice of the same seller, None while it is not here."""
    own = document.summary.issue_date
    dated = named.issue_date
    years = [dated.year] if dated else [own.year, own.year - 1] if own else []
    number, seller = duplicates.plain(named.number), document.summary.seller_key
    for year in years:
        key = f"{seller}|{number}|{year}"
        target = context.store.claimed(document.dossier, "NUMBER", key)
        if not (seller and number) or target in (None, document.id):
            continue
        try:
            found = context.store.document(DocumentRef(document.dossier, str(target)))
        except NotFoundError:
            continue
        if found.state is not State.DELETED:
            return found
    return None


def _tied(newer: Document, older: Document, context: Context) -> Document:
    """Both documents know of each other; the newer one as it stands now."""
    ties = linking.tie(newer, older)
    if ties is None:
        return newer
    at = context.clock.now()
    there, back = ties
    kept(linking.link(older, back, at=at), context)
    return kept(linking.link(newer, there, at=at), context)[0] or newer


def _look_again(command: LinkInvoice, context: Context) -> None:
    attempt = command.attempt + 1
    context.store.schedule(
        Scheduled(
            id=f"{command.document}-link-{attempt}",
            command=LinkInvoice(
                dossier=command.dossier, document=command.document, attempt=attempt
            ),
            due=context.clock.now() + _AGAIN[command.attempt - 1],
        )
    )
