"""Why a document waits, in two or three words, for the lists: whoever has a hundred sees where.

The document's page says the whole of it; here only what tells one waiting document from another.
"""

from facteur.domain.acceptance import waited_for
from facteur.domain.documents import Document, State, Verdict
from facteur.domain.lifecycle.telling import unseen_of
from facteur.web.i18n import _

#: Faults with a name of their own, the gravest first.
_NAMED = (
    ("iban.changed", "IBAN à approuver"),
    ("buyer.other", "Autre destinataire"),
    ("seller.other", "Autre émetteur"),
    ("date.ahead", "Date à venir"),
    ("file.several", "Plusieurs factures ?"),
)


def said_lately(document: Document) -> tuple[str, ...]:
    """What was said of a document and nobody opened: « En litige : Quantité… », newest first."""
    told = unseen_of(document)
    return tuple(f"{_(one.what)} : {one.why}" if one.why else _(one.what) for one in told)


def why_waits(document: Document, reader: str) -> str:
    """What keeps a document « à accepter » or « à contrôler », "" when only a click is missing.

    ``reader`` is the user who looks: a circuit may wait for them.
    """
    if document.state not in (State.TO_ACCEPT, State.TO_CHECK):
        return ""
    codes = {one.code for one in document.faults}
    if document.state is State.TO_CHECK:
        named = next((words for code, words in _NAMED if code in codes), "")
        if named:
            return _(named)
        if document.conversion is not None and document.conversion.verdict is Verdict.INVALID:
            return _("Non conforme")
        if any(one.blocking for one in document.faults):
            return _("Données à compléter")
        return _("Lecture à vérifier") if "field.unsure" in codes else ""
    waited = waited_for(document)
    if any(one.id == reader for one in waited):
        return _("Votre accord est attendu")
    names = ", ".join(one.name or one.email for one in waited)
    return _("En attente de {name}").format(name=names) if names else ""
