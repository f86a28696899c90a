"""The dashboard, and the pages of the menu that are not open yet, which say so honestly."""

from facteur.services import queries
from facteur.web.answers import Answer
from facteur.web.i18n import _
from facteur.web.site import page
from facteur.web.visit import Visit

#: The mails of the dashboard, and those of « Voir les 100 derniers » (``?emails=100``).
FEW_MAILS, MORE_MAILS = 10, 100


@page("/")
def dashboard(visit: Visit) -> Answer:
    """Counters that are links, the last mails and what became of them; live every 15 s."""
    more = visit.query("emails") == str(MORE_MAILS)
    shown = MORE_MAILS if more else FEW_MAILS
    view = queries.dashboard(visit.caller, visit.context, mails=shown)
    offered = MORE_MAILS if not more and len(view.mails) == FEW_MAILS else 0
    return visit.page(
        "home.html",
        part="_home.html",
        view=view,
        emails=MORE_MAILS if more else "",
        more_mails=offered,
    )


@page("/tiers")
def parties(visit: Visit) -> Answer:
    """Clients & fournisseurs: what is coming, what works."""
    return visit.page(
        "coming.html",
        menu_name="parties",
        heading=_("Clients & fournisseurs"),
        image="users",
        coming=_(
            "Elle réunira vos clients et vos fournisseurs : fiches, fournisseurs de confiance, "
            "coordonnées bancaires surveillées."
        ),
        today=(
            (
                "/achats",
                _("Le nom, le SIREN et l’IBAN du fournisseur sont lus sur la facture"),
            ),
            ("/aide/doublons", _("Les doublons d’un même fournisseur sont reconnus")),
        ),
    )


@page("/applications")
def applications(visit: Visit) -> Answer:
    """Applications complémentaires: what is coming, what works."""
    return visit.page(
        "coming.html",
        menu_name="apps",
        heading=_("Applications complémentaires"),
        image="apps",
        coming=_(
            "Elle proposera les connecteurs aux sites de vos fournisseurs, aux plateformes "
            "agréées, aux logiciels de facturation et de paiement."
        ),
        today=(
            ("/aide/api", _("Vos logiciels peuvent déposer des factures par l’API")),
            ("/aide/adresses-e-mail", _("Toute application qui envoie un e-mail peut y déposer")),
        ),
    )
