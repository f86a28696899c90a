"""The types that a document may be given by its sender, in the words of the pages (JF-17)."""

from facteur.domain.documents import DeclaredKind, Direction
from facteur.web.i18n import _


def choices(direction: Direction) -> tuple[tuple[str, str], ...]:
    """What a form offers: value and label, in the words of the purchases or of the sales."""
    sale = direction is Direction.SALE
    return (
        (DeclaredKind.INVOICE.value, _("Facture de vente") if sale else _("Facture d’achat")),
        (DeclaredKind.CREDIT_NOTE.value, _("Avoir")),
        (DeclaredKind.OTHER.value, _("Autre")),
    )
