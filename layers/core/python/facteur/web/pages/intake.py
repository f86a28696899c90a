"""Paramètres: how invoices reach the dossier. Mail addresses for purchases and sales, API keys.

- « Factures d'achat › Import des factures d'achat » (JF-20, JF-21);
- « Préférences d'application › Factures de vente › Créer ou télécharger des factures de vente »
  (JF-50 to JF-52);
- « Clés API »: shown once, when they are made.
"""

from typing import Any

from facteur.domain.addresses import KEPT
from facteur.domain.documents import Direction
from facteur.domain.dossiers import Permission
from facteur.domain.errors import ConflictError, FacteurError, InvalidError
from facteur.domain.keys import MOST_NAME, OVERLAP
from facteur.services.deciding import preferences
from facteur.services.intake import addresses
from facteur.services.programs import keys
from facteur.services.programs.keys import Made
from facteur.web.answers import Answer
from facteur.web.forms.trying import again, form_page
from facteur.web.i18n import _
from facteur.web.site import page
from facteur.web.visit import Visit

PURCHASES = "/parametres/achats/import"
SALES = "/parametres/ventes"
KEYS = "/parametres/cles"
_MANAGE = Permission.MANAGE

#: What a key may do, in words; the first is offered.
RIGHTS = (
    ("read,upload", "Déposer et consulter"),
    ("read,upload,decide", "Déposer, consulter et décider : accepter, refuser, poser des statuts"),
    ("upload", "Déposer seulement"),
    ("read", "Consulter seulement"),
)


@page(PURCHASES)
def purchase_import(visit: Visit) -> Answer:
    """The purchases' address, and the other roads in."""
    return _addresses(visit, Direction.PURCHASE)


@page(f"{PURCHASES}/e-mail", "POST", permission=_MANAGE)
def choose_purchase_address(visit: Visit) -> Answer:
    """Choose what stands before the @ of the purchases' address."""
    return _choose(visit, Direction.PURCHASE, PURCHASES)


@page(f"{PURCHASES}/corps", "POST", permission=_MANAGE)
def choose_bodies(visit: Visit) -> Answer:
    """Whether mails without attachment whose body is a receipt make documents."""
    on = visit.field("print_bodies") == "1"
    preferences.print_bodies(visit.caller, on=on, context=visit.context)
    return visit.go(PURCHASES, fait="preferences")


@page(SALES)
def sales_settings(visit: Visit) -> Answer:
    """The sales' address, and the programs that send sales."""
    return _addresses(visit, Direction.SALE)


@page(f"{SALES}/e-mail", "POST", permission=_MANAGE)
def choose_sale_address(visit: Visit) -> Answer:
    """Choose what stands before the @ of the sales' address."""
    return _choose(visit, Direction.SALE, SALES)


def _choose(visit: Visit, direction: Direction, back: str) -> Answer:
    typed = "" if visit.field("action") == "siren" else visit.field("local")
    try:
        addresses.choose(visit.caller, direction, typed, visit.context)
    except (InvalidError, ConflictError) as error:
        return _addresses(visit, direction, error)
    return visit.go(back, fait="address_chosen")


def _addresses(visit: Visit, direction: Direction, error: FacteurError | None = None) -> Answer:
    boxes = addresses.mailboxes(visit.caller, visit.context)
    sale = direction is Direction.SALE
    values: dict[str, Any] = {
        "sale": sale,
        "action": (SALES if sale else PURCHASES) + "/e-mail",
        "shown": boxes.shown[direction],
        "own": boxes.own[direction],
        "chosen": boxes.chosen[direction],
        "domain": boxes.own[direction].partition("@")[2],
        "retired": [one for one in boxes.retired if one[1].direction is direction],
        "days": KEPT.days,
        "editable": visit.can("manage"),
        "bodies": preferences.preferences(visit.caller, visit.context).print_bodies,
        "endpoint": visit.site.url("/api/v1/documents"),
        "token_url": visit.site.url("/oauth2/token"),
    }
    if error is not None:
        return again(visit, "import.html", error, typed=visit.field("local")[:80], **values)
    return visit.page("import.html", errors={}, wrong="", typed=boxes.chosen[direction], **values)


# ── API keys ────────────────────────────────────────────────────────────────────────────────────


@page(KEYS, permission=_MANAGE)
def api_keys(visit: Visit) -> Answer:
    """The keys of the dossier."""
    return _keys(visit)


@page(KEYS, "POST", permission=_MANAGE)
def make_key(visit: Visit) -> Answer:
    """Make a key and show it, once."""
    rights = [one for one in visit.field("rights").split(",") if one]
    try:
        made = keys.make(visit.caller, visit.field("name"), rights, visit.context)
    except InvalidError as error:
        return _keys(visit, error=error)
    return _keys(visit, made=made)


@page(KEYS + "/{key}/renouveler", "POST", permission=_MANAGE)
def rotate_key(visit: Visit, key: str) -> Answer:
    """Another key in its place, shown once; the old one works for a day more."""
    try:
        made = keys.rotate(visit.caller, key, visit.context)
    except ConflictError as error:
        return _keys(visit, error=error)
    return _keys(visit, made=made)


@page(KEYS + "/{key}/revoquer", "POST", permission=_MANAGE)
def revoke_key(visit: Visit, key: str) -> Answer:
    """End a key at once."""
    keys.revoke(visit.caller, key, visit.context)
    return visit.go(KEYS, fait="key_revoked")


def _keys(visit: Visit, *, made: Made | None = None, error: FacteurError | None = None) -> Answer:
    words = {tuple(sorted(value.split(","))): _(text) for value, text in RIGHTS}
    values: dict[str, Any] = {
        "held": [
            (one, words.get(tuple(sorted(right.value for right in one.rights)), ""))
            for one in keys.listed(visit.caller, visit.context)
        ],
        "now": visit.context.clock.now(),
        "made": made,
        "choices": [(value, _(text)) for value, text in RIGHTS],
        "endpoint": visit.site.url("/api/v1/documents"),
        "token_url": visit.site.url("/oauth2/token"),
        "most_name": MOST_NAME,
        "hours": int(OVERLAP.total_seconds() // 3600),
        "typed": visit.field("name")[:80] if error is not None else "",
    }
    return form_page(visit, "import_keys.html", error, **values)
