"""Paramètres: the dossier's identity, its addresses, the API, the limits in force."""

from facteur.domain.dossiers import Permission
from facteur.services.finding import queries
from facteur.services.intake import addresses
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.pages.help import retention
from facteur.web.site import page
from facteur.web.visit import Visit


@page("/parametres")
def settings(visit: Visit) -> Answer:
    """What is set today; what cannot be changed yet is said."""
    dossier = queries.dashboard(visit.caller, visit.context).dossier
    held = [i18n.sentence(f"permission.{one}").lower() for one in Permission if visit.can(one)]
    return visit.page(
        "settings.html",
        dossier=dossier,
        addresses=addresses.shown(dossier, visit.context),
        endpoint=visit.site.url("/api/v1/documents"),
        limits=visit.context.limits,
        retention=retention(visit.context.retention_days),
        email=visit.session.email if visit.session else "",
        rights=i18n.enumeration(held),
    )
