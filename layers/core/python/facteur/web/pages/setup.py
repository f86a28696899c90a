"""« Paramétrer votre dossier » (JF-08): identity, addresses, acceptance; each skipped or resumed.

The same form of the identity serves later from Paramètres. What a step says is what the dossier
holds; nothing is asked twice.
"""

from typing import Any

from facteur.domain.acceptance import Mode
from facteur.domain.dossiers import Permission
from facteur.domain.errors import FacteurError, InvalidError, NotFoundError, StaleVersionError
from facteur.domain.people import SETUP
from facteur.domain.seen import mark
from facteur.services.deciding import preferences
from facteur.services.intake import addresses
from facteur.services.people import dossiers
from facteur.web.answers import Answer
from facteur.web.forms.trying import form_page
from facteur.web.pages.preferences import MODES
from facteur.web.site import page
from facteur.web.visit import Visit

_FIELDS = ("company", "siret", "vat", "address", "postcode", "city")
#: Step → its word in the address.
STEPS = {"identity": "identite", "addresses": "adresses", "acceptance": "acceptation"}


@page("/bienvenue")
def welcome(visit: Visit) -> Answer:
    """To the first step that is left; to the dashboard when none is, or for who may not."""
    dossier = dossiers.current(visit.caller, visit.context)
    left = [one for one in SETUP if one not in dossier.setup]
    if not left or not visit.can("manage"):
        return visit.go("/")
    return visit.go(f"/bienvenue/{STEPS[left[0]]}")


@page("/bienvenue/{step}", permission=Permission.MANAGE)
def step_page(visit: Visit, step: str) -> Answer:
    """One step."""
    return _step(visit, _named(step))


def _named(word: str) -> str:
    for step, known in STEPS.items():
        if known == word:
            return step
    raise NotFoundError("page.unknown", page=word)


def _step(visit: Visit, step: str, error: FacteurError | None = None) -> Answer:
    dossier = dossiers.current(visit.caller, visit.context)
    shown = {one: getattr(dossier, "name" if one == "company" else one) for one in _FIELDS}
    if error is not None:
        shown = {one: visit.field(one)[:254] for one in _FIELDS}
    held = preferences.preferences(visit.caller, visit.context)
    marks = {
        "identity": mark(dossier, dossiers.IDENTITY),
        "acceptance": mark(held, preferences.OPTIONS),
    }
    values: dict[str, Any] = {
        "step": step,
        "seen": marks.get(step, ""),
        "steps": STEPS,
        "dossier": dossier,
        "typed": shown,
        "addresses": addresses.shown(dossier, visit.context),
        "modes": MODES,
        "mode": held.acceptance,
        "later": visit.query("depuis") == "parametres",
    }
    return form_page(visit, "setup.html", error, **values)


@page("/bienvenue/{step}", "POST", permission=Permission.MANAGE)
def save_step(visit: Visit, step: str) -> Answer:
    """Save a step, or skip it; then the next one."""
    name = _named(step)
    try:
        if visit.field("action") != "passer":
            _save(visit, name)
        dossiers.seen_step(visit.caller, name, visit.context)
    except (InvalidError, StaleVersionError) as error:
        return _step(visit, name, error)
    if visit.field("depuis") == "parametres":
        return visit.go("/parametres", fait="setup_saved")
    following = SETUP[SETUP.index(name) + 1 :]
    if following:
        return visit.go(f"/bienvenue/{STEPS[following[0]]}")
    return visit.go("/", fait="setup_done")


def _save(visit: Visit, step: str) -> None:
    if step == "identity":
        typed = {one: visit.field(one)[:254] for one in _FIELDS}
        dossiers.save_identity(visit.caller, typed, visit.context, seen=visit.field("seen"))
    if step == "acceptance":
        held = preferences.preferences(visit.caller, visit.context)
        preferences.choose(
            visit.caller,
            mode=visit.field("mode", Mode.MANUAL.value),
            find_duplicates=held.find_duplicates,
            block_duplicates=held.block_duplicates,
            accept_senders=held.accept_senders,
            context=visit.context,
            seen=visit.field("seen"),
        )
