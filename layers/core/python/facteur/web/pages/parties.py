"""« Clients & fournisseurs »: the list with its columns, and what is done to several at once.

The state of the list is in the address: tab, order, filters, place. JF-23 to JF-26, JF-63.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from facteur.domain.dossiers import Permission
from facteur.domain.errors import DuplicateError, InvalidError
from facteur.domain.faults import Fault
from facteur.domain.identifiers import compact, is_siren, vat_of_siren
from facteur.domain.parties import Party, Side, Standing
from facteur.services.parties import book
from facteur.services.people.dossiers import look_up
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.i18n import _
from facteur.web.site import page
from facteur.web.visit import Visit

SIDES = {"fournisseurs": Side.SUPPLIER, "clients": Side.CUSTOMER}
SLUGS = {side: slug for slug, side in SIDES.items()}
_MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnView:
    """A column: its word in the address, its head, what its filter holds."""

    slug: str
    head: str
    text: str
    order: str  # the query that sorts by it, or turns the order round


def side_of(visit: Visit) -> Side:
    """The tab of the address: suppliers unless it says customers."""
    return SIDES.get(visit.query("onglet"), Side.SUPPLIER)


def filters_of(visit: Visit) -> dict[str, str]:
    """What the filters of the address hold, by column."""
    return {name: visit.query(f"f_{name}").strip()[:100] for name in book.COLUMNS}


@page("/tiers")
def party_list(visit: Visit) -> Answer:
    """One tab of cards, sorted and filtered as the address says."""
    side, filters = side_of(visit), filters_of(visit)
    order = visit.query("tri") if visit.query("tri") in book.COLUMNS else "nom"
    descending = visit.query("ordre") == "desc"
    archived = visit.query("archives") == "1"
    found = book.listed(
        visit.caller,
        side,
        visit.context,
        order=order,
        descending=descending,
        filters=filters,
        cursor=visit.query("apres"),
        archived=archived,
    )
    kept = {f"f_{name}": text for name, text in filters.items() if text}
    kept |= {"onglet": SLUGS[side]} | ({"archives": "1"} if archived else {})
    heads = {
        "numero": _("N° FOURNISSEUR") if side is Side.SUPPLIER else _("N° CLIENT"),
        "nom": _("NOM DE L’ENTREPRISE"),
        "siren": "SIREN",
        "iban": "IBAN",
        "email": _("E-MAIL"),
        "facteur": _("SUR FACTEUR"),
    }
    columns = [
        ColumnView(
            slug=slug,
            head=head,
            text=filters[slug],
            order=urlencode(kept | {"tri": slug} | _turn(slug, order, descending=descending)),
        )
        for slug, head in heads.items()
    ]
    sort = {"tri": order, "ordre": "desc" if descending else ""}
    return visit.page(
        "parties.html",
        side=side,
        slug=SLUGS[side],
        list=found,
        columns=columns,
        sorted=order,
        descending=descending,
        archived=archived,
        filtered=any(filters.values()),
        after=visit.query("apres"),
        kept=kept,
        first=urlencode(kept | sort),
        following=urlencode(kept | sort | {"apres": found.cursor}),
        problem=_problem(visit),
    )


def _turn(slug: str, order: str, *, descending: bool) -> dict[str, str]:
    return {"ordre": "desc"} if slug == order and not descending else {}


def _problem(visit: Visit) -> str:
    """What a choice of several cards lacked: said in the list it came from."""
    known = ("party.none_chosen", "party.merge_choose")
    return i18n.sentence(visit.query("oubli")) if visit.query("oubli") in known else ""


@page("/tiers/selection", "POST", permission=Permission.DECIDE)
def chosen(visit: Visit) -> Answer:
    """What is done to the cards that were ticked: trusted, archived, merged."""
    side = SIDES.get(visit.field("onglet"), Side.SUPPLIER)
    ticked = tuple(dict.fromkeys(visit.fields("fiche")))[:_MOST_AT_ONCE]
    action = visit.field("action")
    tab = SLUGS[side]
    if action == "merge":
        if len(ticked) != 2:
            return visit.go("/tiers", onglet=tab, oubli="party.merge_choose")
        return visit.go(f"/tiers/{ticked[0]}/fusionner", avec=ticked[1])
    if not ticked:
        return visit.go("/tiers", onglet=tab, oubli="party.none_chosen")
    if action == "archive":
        for one in ticked:
            book.set_standing(visit.caller, one, archived=True, context=visit.context)
        return visit.go("/tiers", onglet=tab, fait="parties_archived")
    for one in ticked:
        held = book.mine(visit.caller, one, visit.context)
        given = {"trusted": "" if action == "distrust" else "1"}
        book.change(visit.caller, one, held.version, given, visit.context)
    return visit.go("/tiers", onglet=tab, fait="parties_trusted")


@page("/tiers/ajouter", permission=Permission.DECIDE)
def new_card(visit: Visit) -> Answer:
    """« + Ajouter »: an empty card, or what the register says of the SIREN in the address."""
    siren = compact(visit.query("siren"))
    if not siren:
        return _new(visit, {}, ())
    if not is_siren(siren):
        fault = Fault(code="party.siren", path="siren", values={"value": siren[:40]})
        return _new(visit, {"siren": siren[:40]}, (fault,))
    found = look_up(siren, visit.context)
    if found is None:
        return _new(visit, {"siren": siren}, (), note=i18n.sentence("party.not_found"))
    values = {
        "name": found.name,
        "siren": found.siren,
        "siret": found.siret,
        "vat": vat_of_siren(found.siren),
        "address": found.address,
        "postcode": found.postcode,
        "city": found.city,
        "country": "FR",
    }
    note = "party.found" if found.active else "party.ceased"
    return _new(visit, values, (), note=i18n.sentence(note))


def _new(
    visit: Visit, values: dict[str, str], faults: tuple[Fault, ...], *, note: str = ""
) -> Answer:
    sent = visit.field("onglet") if visit.route.method == "POST" else ""
    side = SIDES.get(sent, side_of(visit))
    return visit.page(
        "party_new.html",
        status=422 if faults else 200,
        side=side,
        slug=SLUGS[side],
        values=values,
        note=note,
        faults=by_path(faults),
        summary=[i18n.fault_text(one) for one in faults],
    )


def by_path(faults: tuple[Fault, ...]) -> dict[str, list[str]]:
    """The sentences of what is wrong, by field."""
    found: dict[str, list[str]] = {}
    for one in faults:
        found.setdefault(one.path, []).append(i18n.fault_text(one))
    return found


FIELDS = ("number", "name", "siren", "siret", "vat", "scheme", "identifier", "address", "postcode",
          "city", "country", "email", "notes")  # fmt: skip


@page("/tiers/ajouter", "POST", permission=Permission.DECIDE)
def add_card(visit: Visit) -> Answer:
    """Make the card, then show it; what is wrong comes back beside each field."""
    side = SIDES.get(visit.field("onglet"), Side.SUPPLIER)
    values = {name: visit.field(name) for name in FIELDS}
    iban = visit.field("iban")
    try:
        made = book.add(visit.caller, side, values, visit.context, iban=iban)
    except InvalidError as error:
        return _new(visit, {**values, "iban": iban}, error.faults)
    except DuplicateError as error:
        fault = Fault(code="party.taken", path=str(error.values.get("kind", "")))
        return _new(visit, {**values, "iban": iban}, (fault,))
    return visit.go(f"/tiers/{made.id}", fait="party_added")


def heading(party: Party) -> str:
    """The number and the name."""
    archived = _(" (archivée)") if party.standing is Standing.ARCHIVED else ""
    return f"{party.name}{archived}"
