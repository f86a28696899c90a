"""Paramètres › Connexions › Changer de plateforme: planned for a day, given up, kept (PE-32).

The page says each step, what we do by ourselves, and what only a platform can do: the directory's
lines are published by the new platform at its customer's request, never by us (decision 0293).
"""

from collections.abc import Mapping
from typing import Any

from facteur.domain import typed
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.flows import DirectoryLine, LineStatus
from facteur.domain.reach import usable
from facteur.domain.switching import KEEPS, USUAL_KEEP, PlatformSwitch, Switched
from facteur.services.platforms import switching
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.forms.numbers import whole
from facteur.web.forms.trying import form_page
from facteur.web.i18n import _
from facteur.web.pages.connections import PATH as CONNECTIONS
from facteur.web.showing.present import Badge
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/parametres/changer-de-plateforme"
_MANAGE = Permission.MANAGE
_STATES: Mapping[Switched, Badge] = {
    Switched.PLANNED: Badge("Prévu", "calendar-event", "blue"),
    Switched.DONE: Badge("Fait, l’ancienne est encore interrogée", "circle-check", "green"),
    Switched.ENDED: Badge("Terminé", "circle-check", "grey"),
    Switched.CANCELLED: Badge("Annulé", "circle-x", "grey"),
    Switched.IMPOSSIBLE: Badge("Pas fait", "alert-circle", "red"),
}
_LINES: Mapping[LineStatus, Badge] = {
    LineStatus.ENABLED: Badge("Active", "circle-check", "green"),
    LineStatus.DISABLED: Badge("Inactive", "alert-triangle", "amber"),
    LineStatus.UPCOMING: Badge("À venir", "calendar-event", "blue"),
}
_UNSAID = Badge("État non communiqué", "help-circle", "grey")


@page(PATH, permission=_MANAGE)
def switch_page(visit: Visit) -> Answer:
    """The steps, the form or the change that is planned, and those of the past."""
    return _page(visit)


@page(PATH, "POST", permission=_MANAGE)
def plan_switch(visit: Visit) -> Answer:
    """Plan a change for a day."""
    try:
        switching.plan(
            visit.caller,
            visit.field("new"),
            typed.day(visit.field("on")),
            whole(visit.field("keep"), digits=4, otherwise=0),
            visit.fields("lines"),
            visit.context,
        )
    except InvalidError as error:
        return _page(visit, error)
    return visit.go(PATH, fait="switch_planned")


@page(PATH + "/annuler", "POST", permission=_MANAGE)
def cancel_switch(visit: Visit) -> Answer:
    """Give up a change before its day."""
    switching.cancel(visit.caller, visit.field("switch"), visit.context)
    return visit.go(PATH, fait="switch_cancelled")


def _page(visit: Visit, error: InvalidError | None = None) -> Answer:
    shown = switching.shown(visit.caller, visit.context)
    asked = switching.lines(visit.caller, visit.context)
    sender = shown.sender.id if shown.sender else ""
    typed = visit.route.method == "POST"
    values: dict[str, Any] = {
        "shown": shown,
        "store": CONNECTIONS,
        "here": PATH,
        "sender": shown.names.get(sender, ""),
        "others": [(one, shown.names[one.id]) for one in shown.live if one.id != sender],
        "asked": asked,
        "rows": [(one, line_badge(one)) for one in asked.lines],
        "planned": shown.planned,
        "wanted": letters(shown.planned, shown.siren) if shown.planned else None,
        "past": [(one, _STATES[one.state]) for one in shown.past],
        "keeps": KEEPS,
        "typed": {
            "new": visit.field("new") if typed else "",
            "on": visit.field("on")[:10] if typed else "",
            "keep": visit.field("keep") if typed else str(USUAL_KEEP),
            "lines": visit.fields("lines")
            if typed
            else [one.address for one in asked.lines if usable(one)],
        },
    }
    return form_page(visit, "switch.html", error, **values)


def line_badge(line: DirectoryLine) -> Badge:
    """What the directory says of a line, in words."""
    return _LINES.get(line.status, _UNSAID)


def letters(switch: PlatformSwitch, siren: str) -> tuple[str, str]:
    """What to write to the new platform and to the old one, ready to be copied."""
    day = i18n.day(switch.on)
    lines = ", ".join(switch.lines) or siren
    new = _(
        "Bonjour,\n\nNous vous choisissons comme plateforme agréée à partir du {day} (SIREN "
        "{siren}). Merci d’inscrire à l’annuaire, à notre nom et à partir de cette date, les "
        "adresses suivantes : {lines}.\n\nDites-nous quel accord formel signer et confirmez-nous "
        "la date d’effet.\n"
    )
    old = _(
        "Bonjour,\n\nNous changeons de plateforme agréée le {day} (SIREN {siren}) : notre "
        "nouvelle plateforme reprend les adresses suivantes de l’annuaire : {lines}.\n\nMerci de "
        "continuer à recevoir et à nous transmettre jusqu’à cette date les factures, et jusqu’au "
        "{until} au moins les statuts des factures que vous avez transportées.\n"
    )
    values = {
        "day": day,
        "siren": siren,
        "lines": lines,
        "until": i18n.day(switch.last_day),
    }
    return new.format(**values), old.format(**values)
