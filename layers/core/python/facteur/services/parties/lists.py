"""Lists of suppliers and customers as spreadsheets: template, export, import (JF-64 to JF-66).

The same columns everywhere. An import is rehearsed first: each row says what it would do, nothing
is written. Rows with faults come back in a file of their own, same columns and « Erreur », to be
corrected and imported again; a row that says what its card says already changes nothing. An IBAN
that differs from the known one is not taken: it waits for approval on the card.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from facteur.domain import bank_accounts, identifiers, parties
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.duplicates import plain
from facteur.domain.errors import DuplicateError
from facteur.domain.faults import Fault
from facteur.domain.parties import Contact, Party, Side
from facteur.formats import spreadsheet
from facteur.formats.spreadsheet import Column
from facteur.ports import Context, UploadForm
from facteur.services import lists
from facteur.services.lists import Outcome, Sheet
from facteur.services.parties import book as cards
from facteur.services.parties.cards import entry_of, next_number
from facteur.services.sent_files import Back

MOST_IMPORTED = 500  # rows of one file: what one page can write in its time
MOST_EXPORTED = 10_000

_OUI = ("oui", "non")

#: Our name of each column, and how it is written; the first is named after the side.
_COLUMNS: Mapping[str, Column] = {
    "number": Column(head="N°", note="Vide : le prochain numéro est attribué."),
    "name": Column(head="NOM DE L’ENTREPRISE", width=34, note="Obligatoire."),
    "siren": Column(head="SIREN", note="9 chiffres, ou SIREN-123456789."),
    "iban": Column(head="IBAN", width=34),
    "email": Column(head="E-MAIL", width=30),
    "hosted": Column(
        head="SUR FACTEUR", choices=_OUI, note="Rempli par Facteur, ignoré à l’import."
    ),
    "siret": Column(head="SIRET"),
    "vat": Column(head="N° TVA"),
    "scheme": Column(head="AUTRE IDENTIFIANT : SCHÉMA", note="Pour l’étranger, par exemple 0208."),
    "identifier": Column(head="AUTRE IDENTIFIANT"),
    "address": Column(head="ADRESSE", width=34),
    "postcode": Column(head="CODE POSTAL"),
    "city": Column(head="VILLE", width=24),
    "country": Column(head="PAYS", width=8, note="Deux lettres : FR, BE, DE…"),
    "contact": Column(head="CONTACT", width=24),
    "contact_email": Column(head="E-MAIL DU CONTACT", width=30),
    "contact_language": Column(head="LANGUE DU CONTACT", choices=("fr", "en", "de", "nl", "es")),
    "trusted": Column(head="FOURNISSEUR DE CONFIANCE", choices=_OUI),
    "account": Column(head="COMPTE"),
    "tax": Column(head="TVA"),
    "terms": Column(head="CONDITIONS DE PAIEMENT", width=24),
    "category": Column(head="CATÉGORIE"),
}
_EXAMPLE = {
    "number": "EXEMPLE", "name": "Menuiserie Le Goff", "siren": "552100554",
    "iban": "FR76 3000 6000 0112 3456 7890 189", "email": "compta@legoff.example",
    "vat": "FR29552100554", "address": "4 rue du Port", "postcode": "29000", "city": "Quimper",
    "country": "FR", "contact": "Yann Le Goff", "contact_email": "yann@legoff.example",
    "contact_language": "fr", "trusted": "non", "account": "606400", "tax": "20 %",
    "terms": "30 jours fin de mois", "category": "Fournitures",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of an import: its place in the file, what it does, what is wrong with it."""

    place: int  # from 2: the heads are row 1
    outcome: Outcome
    values: Mapping[str, str]
    party: Party | None = None  # as it would be
    faults: tuple[Fault, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)  # « avant → après » by field


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What an import would do."""

    lines: tuple[Line, ...]

    def count(self, outcome: str) -> int:
        """How many rows have this outcome."""
        return sum(one.outcome == outcome for one in self.lines)


def sheet(side: Side) -> Sheet:
    """A side's lists as a spreadsheet."""
    supplier = side is Side.SUPPLIER
    number = replace(_COLUMNS["number"], head="N° FOURNISSEUR" if supplier else "N° CLIENT")
    heads = ("N° FOURNISSEUR", "N° CLIENT", "NUMÉRO")
    return Sheet(
        title="Fournisseurs" if supplier else "Clients",
        columns={**_COLUMNS, "number": number},
        example=_EXAMPLE,
        mark="number",
        required="name",
        most=MOST_IMPORTED,
        heads={**dict.fromkeys(heads, "number"), "NOM": "name"},
    )


def head_of(side: Side, name: str) -> str:
    """How the list calls a field of a card; contacts are one column."""
    return sheet(side).columns["contact" if name == "contacts" else name].head


# ── Out ─────────────────────────────────────────────────────────────────────────────────────────


def template(caller: Caller, side: Side, context: Context) -> str:
    """A link to the import's model (lists.template)."""
    caller.require(Permission.READ)
    return lists.template(sheet(side), lists.of_dossier(caller.dossier), context)


def export(
    caller: Caller,
    side: Side,
    context: Context,
    *,
    form: str = "xlsx",
    filters: Mapping[str, str] | None = None,
) -> str:
    """A link to the cards of a side that a list's filters show, as .xlsx or .csv (JF-66)."""
    caller.require(Permission.READ)
    rows: list[tuple[str, ...]] = []
    cursor = ""
    while len(rows) < MOST_EXPORTED:
        page = cards.listed(caller, side, context, filters=filters, cursor=cursor)
        rows += (_row(one) for one in page.parties)
        cursor = page.cursor
        if not cursor:
            break
    made = sheet(side)
    columns = tuple(made.columns.values())
    if form == "csv":
        data = spreadsheet.to_csv([one.head for one in columns], rows)
    else:
        data = spreadsheet.to_xlsx(made.title, columns, rows, spare=200)
    form = "csv" if form == "csv" else "xlsx"
    return lists.passed(lists.of_dossier(caller.dossier), data, form, made.file_name, context)


def _row(party: Party) -> tuple[str, ...]:
    values = _values_of(party)
    return tuple(values[name] for name in _COLUMNS)


def _values_of(party: Party) -> dict[str, str]:
    contact = party.contacts[0] if party.contacts else Contact(language="")
    return {
        "number": party.number,
        "name": party.name,
        "siren": f"SIREN-{party.siren}" if party.siren else "",
        "iban": next(iter(party.known_ibans), ""),
        "email": party.email,
        "hosted": "oui" if party.hosted else "non",
        "siret": party.siret,
        "vat": party.vat,
        "scheme": party.scheme,
        "identifier": party.identifier,
        "address": party.address,
        "postcode": party.postcode,
        "city": party.city,
        "country": party.country,
        "contact": contact.name,
        "contact_email": contact.email,
        "contact_language": contact.language,
        "trusted": "oui" if party.trusted else "non",
        "account": party.defaults.account,
        "tax": party.defaults.vat,
        "terms": party.defaults.terms,
        "category": party.defaults.category,
    }


# ── In ──────────────────────────────────────────────────────────────────────────────────────────


def import_form(caller: Caller, context: Context, *, back: Back) -> UploadForm:
    """The presigned form for a list to import; ``back``: the page that rehearses it by name."""
    caller.require(Permission.DECIDE)
    return lists.import_form(lists.of_dossier(caller.dossier), context, back=back)


def rehearse(caller: Caller, side: Side, name: str, context: Context) -> Rehearsal:
    """What importing an uploaded list would do; nothing is written. Raises as lists.rows."""
    caller.require(Permission.DECIDE)
    seen: dict[str, int] = {}
    found = lists.rows(sheet(side), lists.of_dossier(caller.dossier), name, context)
    lines = [_line(caller, side, place, values, seen, context) for place, values in found]
    return Rehearsal(lines=tuple(lines))


def _line(
    caller: Caller,
    side: Side,
    place: int,
    values: Mapping[str, str],
    seen: dict[str, int],
    context: Context,
) -> Line:
    """What one row does. ``seen``: what the rows above name, so that no two make one card."""
    held = _existing(caller, side, values, context)
    base = held or Party(
        dossier=caller.dossier, id="new", side=side, number=values.get("number") or "?", name=""
    )
    given = {name: one for name, one in values.items() if name != "number" or one}
    if held is not None:
        given = {name: one for name, one in given.items() if one}  # an empty cell erases nothing
    after = cards.typed(base, {**given, "siren": _bare(given.get("siren", base.siren))})
    after = replace(after, contacts=_contacts(base, values))
    iban = identifiers.compact(values.get("iban", ""))
    faults = [*parties.checked(after), *bank_accounts.faults_of(iban), *_words(values)]
    for key in parties.keys_of(after):
        by_name = "|name|" in key
        if key.endswith("|") or (by_name and (after.siren or after.vat or held is not None)):
            continue
        if seen.setdefault(key, place) != place:
            faults.append(Fault(code="list.twice", values={"row": str(seen[key])}))
        other = context.parties.find(caller.dossier, (key,))
        if other and other != base.id:
            faults.append(Fault(code="party.taken", path=key.split("|")[1]))
    if faults:
        return Line(place=place, outcome=Outcome.ERROR, values=values, faults=tuple(faults))
    if held is None:
        return Line(place=place, outcome=Outcome.CREATED, values=values, party=after)
    changed = parties.differences(held, after)
    if iban and held.account(iban) is None:
        changed["iban"] = f"+ {iban}"
    outcome = Outcome.CHANGED if changed else Outcome.UNCHANGED
    return Line(place=place, outcome=outcome, values=values, party=after, changed=changed)


def _bare(siren: str) -> str:
    return siren.upper().removeprefix("SIREN").lstrip(" -:")


def _words(values: Mapping[str, str]) -> list[Fault]:
    """What a column of choices does not take."""
    said = values.get("trusted", "").lower()
    if said and said not in _OUI:
        return [Fault(code="list.yes_no", path="trusted", values={"value": said[:40]})]
    return []


def _contacts(base: Party, values: Mapping[str, str]) -> tuple[Contact, ...]:
    """The first contact as the row gives it; the others stay."""
    name, email = values.get("contact", ""), values.get("contact_email", "")
    if not (name or email):
        return base.contacts
    language = values.get("contact_language", "") or "fr"
    first = Contact(name=name[:200], email=email.lower(), language=language[:2].lower())
    return (first, *base.contacts[1:])


def _existing(
    caller: Caller, side: Side, values: Mapping[str, str], context: Context
) -> Party | None:
    """The card that a row is about: by its number, else by its identifiers, else by its name."""
    siren, vat = _bare(values.get("siren", "")), values.get("vat", "")
    number = plain(values.get("number", ""))
    keys = [f"{side.value}|number|{number}"] if number else []
    keys += parties.searched(side, siren=siren, vat=vat, name=values.get("name", ""))
    if number and not context.parties.find(caller.dossier, keys[:1]):
        keys = [one for one in keys[1:] if "|name|" not in one]  # a new number: a new card
    found = context.parties.find(caller.dossier, keys)
    return context.parties.party(caller.dossier, found) if found else None


def import_list(caller: Caller, side: Side, name: str, context: Context) -> Rehearsal:
    """Import an uploaded list: what its rehearsal says, row by row; rows with faults are left.

    Each row stands for itself: one that fails meanwhile says so and stops no other.
    """
    lines = []
    for line in rehearse(caller, side, name, context).lines:
        try:
            lines.append(_imported(caller, side, line, context))
        except DuplicateError as error:
            fault = Fault(code=error.code, values={"kind": str(error.values.get("kind", ""))})
            lines.append(replace(line, outcome=Outcome.ERROR, faults=(fault,)))
    return Rehearsal(lines=tuple(lines))


def _imported(caller: Caller, side: Side, line: Line, context: Context) -> Line:
    party = line.party
    if line.outcome not in (Outcome.CREATED, Outcome.CHANGED) or party is None:
        return line
    new = line.outcome is Outcome.CREATED
    if new:
        number = party.number
        if number == "?":
            number = next_number(caller.dossier, side, context)
        party = replace(party, id=context.ids.new(), number=number, created_at=context.clock.now())
    iban = identifiers.compact(line.values.get("iban", ""))
    if not new:
        party = cards.renamed(context.parties.party(caller.dossier, party.id), party, context)
    if iban:
        party = cards.typed_account(caller, party, iban, context)
    values = {"number": party.number, "name": party.name, "row": str(line.place)}
    if not new:
        values["fields"] = ", ".join(line.changed)
    what = "party.imported" if new else "party.import_changed"
    entry = entry_of(party, what, caller.user, caller.name, context, **values)
    context.parties.save((party,), (entry,))
    return replace(line, party=party)


def errors_file(caller: Caller, side: Side, result: Rehearsal, texts: Sequence[str], context: Context) -> str:  # fmt: skip  # noqa: E501
    """A link to the rows that were left, same columns and « Erreur »; ``texts`` one for each."""
    caller.require(Permission.DECIDE)
    bad = [one for one in result.lines if one.outcome is Outcome.ERROR]
    told = [(one.values, text) for one, text in zip(bad, texts, strict=True)]
    return lists.errors_file(sheet(side), lists.of_dossier(caller.dossier), told, context)
