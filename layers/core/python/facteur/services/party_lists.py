"""Lists of suppliers and customers as spreadsheets: template, export, import (JF-64 to JF-66).

The same columns everywhere. An import is rehearsed first: each row says what it would do, nothing
is written. Rows with faults come back in a file of their own, same columns and « Erreur », to be
corrected and imported again; a row that says what its card says already changes nothing. An IBAN
that differs from the known one is not taken: it waits for approval on the card.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from facteur.domain import bank_accounts, identifiers, parties
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.duplicates import plain
from facteur.domain.errors import DuplicateError, ForbiddenError, InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.parties import Contact, Party, Side
from facteur.formats import spreadsheet
from facteur.formats.spreadsheet import Column
from facteur.ports import Context, UploadForm
from facteur.services import parties as cards
from facteur.services.cards import entry_of, next_number

MOST_IMPORTED = 500  # rows of one file: what one page can write in its time
MOST_EXPORTED = 10_000
EXAMPLE = "EXEMPLE"  # the number of the template's example row, which is never imported
ERROR = "ERREUR"

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
    "number": EXAMPLE, "name": "Menuiserie Le Goff", "siren": "552100554",
    "iban": "FR76 3000 6000 0112 3456 7890 189", "email": "compta@legoff.example",
    "vat": "FR29552100554", "address": "4 rue du Port", "postcode": "29000", "city": "Quimper",
    "country": "FR", "contact": "Yann Le Goff", "contact_email": "yann@legoff.example",
    "contact_language": "fr", "trusted": "non", "account": "606400", "tax": "20 %",
    "terms": "30 jours fin de mois", "category": "Fournitures",
}  # fmt: skip


class Outcome(StrEnum):
    """What a row of an import does."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of an import: its place in the file, what it does, what is wrong with it."""

    place: int  # from 2: the heads are row 1
    outcome: Outcome
    values: Mapping[str, str]
    party: Party | None = None  # as it would be
    faults: tuple[Fault, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What an import would do."""

    lines: tuple[Line, ...]

    def count(self, outcome: str) -> int:
        """How many rows have this outcome."""
        return sum(one.outcome == outcome for one in self.lines)


def columns(side: Side) -> tuple[Column, ...]:
    """The columns of a side's lists, in order."""
    first = "N° FOURNISSEUR" if side is Side.SUPPLIER else "N° CLIENT"
    held = [replace(_COLUMNS["number"], head=first)]
    held += [one for name, one in _COLUMNS.items() if name != "number"]
    return tuple(held)


# ── Out ─────────────────────────────────────────────────────────────────────────────────────────


def template(caller: Caller, side: Side, context: Context) -> str:
    """A link to the import's model: columns, checks, one example row that is never imported."""
    _may(caller, Permission.READ)
    row = tuple(_EXAMPLE.get(name, "") for name in _COLUMNS)
    data = spreadsheet.to_xlsx(_title(side), columns(side), [row], spare=MOST_IMPORTED)
    return _passed(caller, data, "xlsx", f"modele-{_title(side).lower()}", context)


def export(
    caller: Caller,
    side: Side,
    context: Context,
    *,
    form: str = "xlsx",
    filters: Mapping[str, str] | None = None,
) -> str:
    """A link to the cards of a side that a list's filters show, as .xlsx or .csv (JF-66)."""
    _may(caller, Permission.READ)
    rows: list[tuple[str, ...]] = []
    cursor = ""
    while len(rows) < MOST_EXPORTED:
        page = cards.listed(caller, side, context, filters=filters, cursor=cursor)
        rows += (_row(one) for one in page.parties)
        cursor = page.cursor
        if not cursor:
            break
    if form == "csv":
        data = spreadsheet.to_csv([one.head for one in columns(side)], rows)
    else:
        data = spreadsheet.to_xlsx(_title(side), columns(side), rows, spare=200)
    return _passed(caller, data, "csv" if form == "csv" else "xlsx", _title(side).lower(), context)


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


def _title(side: Side) -> str:
    return "Fournisseurs" if side is Side.SUPPLIER else "Clients"


def _passed(caller: Caller, data: bytes, form: str, name: str, context: Context) -> str:
    media = spreadsheet.CSV if form == "csv" else spreadsheet.XLSX
    key = f"exports/{caller.dossier}/{context.ids.new()}.{form}"
    return context.blobs.put_passing(key, data, media, f"{name}.{form}")


# ── In ──────────────────────────────────────────────────────────────────────────────────────────


def import_form(caller: Caller, context: Context, *, redirect: str) -> tuple[str, UploadForm]:
    """The presigned form for a list to import, and the name to ask its rehearsal by."""
    _may(caller, Permission.DECIDE)
    name = context.ids.new()
    form = context.blobs.upload_form(
        _key(caller, name),
        media_types=(spreadsheet.XLSX,),
        max_bytes=spreadsheet.MOST_BYTES,
        metadata={},
        now=context.clock.now(),
        redirect=redirect.replace("{name}", name),
    )
    return name, form


def _key(caller: Caller, name: str) -> str:
    if not name.isalnum() or len(name) > 64:
        raise NotFoundError("not_found", file=name[:50])
    return f"exports/{caller.dossier}/lists/{name}"


def rehearse(caller: Caller, side: Side, name: str, context: Context) -> Rehearsal:
    """What importing an uploaded list would do; nothing is written.

    UnreadableError for a file that is no list; InvalidError (``list.…``) when its heads are not
    those of the model or it has too many rows; NotFoundError when it was never uploaded.
    """
    _may(caller, Permission.DECIDE)
    data, _metadata = context.blobs.intake(_key(caller, name))
    rows = spreadsheet.read(data)
    names = _heads(rows)
    if len(rows) - 1 > MOST_IMPORTED:
        values = {"most": str(MOST_IMPORTED), "rows": str(len(rows) - 1)}
        raise InvalidError((Fault(code="list.too_many", values=values),), code="list.too_many")
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for place, row in enumerate(rows[1:], start=2):
        values = {head: text for head, text in zip(names, row, strict=False) if head}
        if not any(values.values()) or values.get("number", "").upper() == EXAMPLE:
            continue
        lines.append(_line(caller, side, place, values, seen, context))
    return Rehearsal(lines=tuple(lines))


def _heads(rows: Sequence[Sequence[str]]) -> list[str]:
    """Our name of each column of a file; "" for one that is not ours."""
    known = {plain(one.head): name for name, one in _COLUMNS.items()}
    known |= {plain(head): "number" for head in ("N° FOURNISSEUR", "N° CLIENT", "NUMÉRO")}
    known[plain("NOM")] = "name"
    names = [known.get(plain(head), "") for head in (rows[0] if rows else ())]
    if "name" not in names:
        raise InvalidError((Fault(code="list.heads"),), code="list.heads")
    return names


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
    changed = [*parties.differences(held, after)]
    if iban and held.account(iban) is None:
        changed.append("iban")
    outcome = Outcome.CHANGED if changed else Outcome.UNCHANGED
    return Line(place=place, outcome=outcome, values=values, party=after, changed=tuple(changed))


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
    if iban:
        at = context.clock.now()
        party = bank_accounts.with_account(party, iban, by=caller.user, by_name=caller.name, at=at)
    values = {"number": party.number, "name": party.name, "row": str(line.place)}
    if not new:
        values["fields"] = ", ".join(line.changed)
    what = "party.imported" if new else "party.import_changed"
    entry = entry_of(party, what, caller.user, caller.name, context, **values)
    context.parties.save((party,), (entry,))
    return replace(line, party=party)


def errors_file(caller: Caller, side: Side, result: Rehearsal, texts: Sequence[str], context: Context) -> str:  # fmt: skip  # noqa: E501
    """A link to the rows that were left, same columns and « Erreur »; ``texts`` one for each."""
    _may(caller, Permission.DECIDE)
    bad = [one for one in result.lines if one.outcome is Outcome.ERROR]
    heads = (*columns(side), Column(head=ERROR, width=60))
    rows = [
        (*(one.values.get(name, "") for name in _COLUMNS), text)
        for one, text in zip(bad, texts, strict=True)
    ]
    data = spreadsheet.to_xlsx(_title(side), heads, rows)
    return _passed(caller, data, "xlsx", f"{_title(side).lower()}-a-corriger", context)


def _may(caller: Caller, permission: Permission) -> None:
    if not caller.may(permission):
        raise ForbiddenError("forbidden")
