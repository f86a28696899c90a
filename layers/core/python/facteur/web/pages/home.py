"""The dashboard, and the pages of the menu that are not open yet, which say so honestly."""

from facteur.domain.people import FirstSteps
from facteur.services.ereporting import reminders
from facteur.services.finding import queries
from facteur.services.people import dossiers
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
        first=_first_steps(visit, view),
        reports=reminders.reminder(visit.caller, visit.context),
        emails=MORE_MAILS if more else "",
        more_mails=offered,
    )


def _first_steps(visit: Visit, view: queries.Dashboard) -> FirstSteps | None:
    """The checklist of a dossier that is not under way yet; None once an invoice is archived."""
    if view.counts["archived"]:
        return None
    some = bool(view.counts["all"])
    found = dossiers.first_steps(visit.caller, visit.context, documents=some)
    return None if found.done and not (found.setup_left and visit.can("manage")) else found


@page("/applications")
def applications(visit: Visit) -> Answer:
    """Applications complémentaires: what is coming, what works."""
    return visit.page(
        "coming.html",
        menu_name="apps",
        heading=_("Applications complémentaires"),
        image="apps",
        coming=_(
            "Elle proposera les connecteurs aux sites de vos fournisseurs, aux logiciels de "
            "facturation et de paiement."
        ),
        today=(
            ("/parametres/connexions", _("Les plateformes agréées se connectent dans Connexions")),
            ("/aide/api", _("Vos logiciels peuvent déposer des factures par l’API")),
            ("/aide/adresses-e-mail", _("Toute application qui envoie un e-mail peut y déposer")),
        ),
    )
