"""The badge of a status, for lists and pages: text, icon and colour together (WCAG 1.4.1).

What it means is its tooltip. What our side said and no platform confirmed yet is outlined in
purple; what did not leave has a badge of its own.
"""

from collections.abc import Mapping

from facteur.domain.documents import Document
from facteur.domain.lifecycle import allowed, codes
from facteur.domain.lifecycle.fold import Facts, facts_of, is_own, standing
from facteur.domain.lifecycle.records import Transmission
from facteur.web.i18n import _
from facteur.web.showing import present
from facteur.web.showing.present import Badge

#: The icon of each status; its colour and words stand in domain/lifecycle/codes.
_ICONS: Mapping[str, str] = {
    "200": "upload",
    "201": "arrow-right",
    "202": "inbox",
    "203": "eye-check",
    "204": "user-check",
    "205": "check",
    "206": "progress",
    "207": "alert-triangle",
    "208": "circle-dashed",
    "209": "clipboard-check",
    "210": "circle-x",
    "211": "credit-card",
    "212": "coin-euro",
    "213": "barrier-block",
    "214": "id-badge-2",
    "220": "x",
    "221": "arrows-diff",
    "224": "users",
    "225": "building-bank",
    "226": "building-bank",
    "227": "alert-circle",
    "228": "building-bank",
    "501": "barrier-block",
}
_UNKNOWN_ICON = "help-circle"
#: Our side said it, and its platform has not answered.
ON_ITS_WAY = frozenset({Transmission.WAITING, Transmission.SENT})


def status_badge(document: Document) -> Badge | None:
    """The badge of what holds now; None while nothing was said."""
    if not document.statuses:
        return None
    facts = facts_of(document)
    return badge_now(document, facts) if facts.shown else None


def beside_state(document: Document) -> Badge | None:
    """``status_badge``, but nothing where the document's own badge says the same word."""
    now = status_badge(document)
    return None if now is None or now.label == present.state(document).label else now


def badge_now(document: Document, facts: Facts) -> Badge:
    """The badge of the status that is shown, of facts that show one."""
    held = [
        one
        for one in standing(document.statuses)
        if one.code == facts.shown and one.set_at == facts.since
    ]
    waits = any(is_own(one) and one.transmission in ON_ITS_WAY for one in held)
    return code_badge(facts.shown, waiting=waits)


def code_badge(code: str, *, waiting: bool = False) -> Badge:
    """What a status looks like; ``waiting``: our platform has not confirmed it yet."""
    label, tip = _(codes.label(code)), _(codes.meaning(code))
    image = _ICONS.get(code, _UNKNOWN_ICON)
    if not waiting:
        tip = tip or _("Statut inconnu de la norme, montré tel qu’il est venu.")
        return Badge(label, image, codes.tone(code).value, f"{code} · {tip}")
    more = _("La plateforme agréée ne l’a pas encore confirmé.")
    shown = _("{status}, en attente de la PA").format(status=label)
    return Badge(shown, image, "waiting", f"{code} · {tip} {more}")


def status_trouble(document: Document) -> Badge | None:
    """« Statut non transmis » while the last thing that we said did not leave."""
    own = [one for one in document.statuses if is_own(one)]
    if not own or own[-1].transmission is not Transmission.REFUSED:
        return None
    tip = _(
        "« {status} » n’est pas parvenu à l’autre partie : ouvrez la facture pour voir pourquoi."
    )
    label = _(codes.label(own[-1].code))
    return Badge(_("Statut non transmis"), "alert-circle", "red", tip.format(status=label))


def may_speak(document: Document) -> bool:
    """True when our side may say something now: lists then show the menu.

    The menu itself looks at the invoice that a credit note is about too.
    """
    return bool(allowed.offers(allowed.situation(document)))
