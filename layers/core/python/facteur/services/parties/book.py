"""« Clients & fournisseurs »: what a person sees and does on cards (JF-23 to JF-26, JF-38, JF-39).

Every function starts from the caller: another dossier's card is NotFoundError. What changes a card
asks for the permission to decide, is checked whole, and is written with its line in the journal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from facteur.domain import bank_accounts, identifiers, parties
from facteur.domain.dossiers import Caller, Permission, normalise_address
from facteur.domain.duplicates import plain
from facteur.domain.errors import (
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.journal import JournalEntry
from facteur.domain.parties import Contact, Party, Side, Standing
from facteur.ports import Context, PartyDocument
from facteur.services.parties.cards import entry_of, next_number, people_needed, rival
from facteur.services.people.hosting import hosted_dossier

PAGE = 50
MOST_SORTED = 1000  # cards that a sort by another column, or a filter, looks at

#: The columns of JF-24, by the word of the address: what they sort and filter on.
COLUMNS: Mapping[str, Callable[[Party], str]] = {
    "numero": lambda one: parties.sort_key(one.number),
    "nom": lambda one: plain(one.name),
    "siren": lambda one: one.legal_id,
    "iban": lambda one: next(iter(one.known_ibans), ""),
    "email": lambda one: one.email,
    "facteur": lambda one: "0" if one.hosted else "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyList:
    """A page of a list: flat by name and number; else of the first 1,000 cards."""

    parties: tuple[Party, ...]
    cursor: str
    looked_at: int = 0  # cards that a filter or a sort looked at; 0 without
    all_looked: bool = True  # False: there are more than it looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything of a card's page."""

    party: Party
    documents: tuple[PartyDocument, ...]
    changes: tuple[JournalEntry, ...]
    merged_into: Party | None
    needed: int  # people who approve a changed account


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────


def listed(
    caller: Caller,
    side: Side,
    context: Context,
    *,
    order: str = "nom",
    descending: bool = False,
    filters: Mapping[str, str] | None = None,
    cursor: str = "",
    archived: bool = False,
) -> PartyList:
    """One page of a side's cards. ``filters`` by column, all of them at once.

    In the order of names or numbers without filter, any page costs one query. A filter or another
    order looks at the first 1,000 cards by name, and at those that the filters name (_window):
    a whole SIREN or number, the beginning of a name. InvalidError (``cursor.invalid``).
    """
    caller.require(Permission.READ)
    asked = {name: one for name, one in (filters or {}).items() if one and name in COLUMNS}
    store = context.parties
    if not asked and order == "numero" and not archived:
        page = store.by_number(
            caller.dossier, side, limit=PAGE, cursor=cursor, descending=descending
        )
        return PartyList(parties=page.parties, cursor=page.cursor)
    if not asked and order in ("nom", ""):
        page = store.by_name(
            caller.dossier, side, limit=PAGE, cursor=cursor, descending=descending,
            archived=archived,
        )  # fmt: skip
        return PartyList(parties=page.parties, cursor=page.cursor)
    held, complete = _window(caller, side, asked, context, archived=archived)
    found = [one for one in held if all(_holds(one, *pair) for pair in asked.items())]
    found.sort(key=lambda one: (COLUMNS.get(order, COLUMNS["nom"])(one), plain(one.name)),
               reverse=descending)  # fmt: skip
    start = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 6 else 0
    shown = tuple(found[start : start + PAGE])
    more = start + PAGE < len(found)
    return PartyList(
        parties=shown,
        cursor=str(start + PAGE) if more else "",
        looked_at=len(held),
        all_looked=complete,
    )


def _window(
    caller: Caller, side: Side, asked: Mapping[str, str], context: Context, *, archived: bool
) -> tuple[Sequence[Party], bool]:
    """The cards that a filter or a sort looks at, and whether they are all there are.

    Where there are too many, those that a whole number or SIREN names, and those whose names
    begin with what is typed, come first.
    """
    store = context.parties
    whole = store.by_name(caller.dossier, side, limit=MOST_SORTED, archived=archived)
    if not whole.cursor:
        return whole.parties, True
    found = {one.id: one for one in _named(caller, side, asked, context)}
    if plain(asked.get("nom", "")):
        begun = store.by_name(
            caller.dossier, side, prefix=asked["nom"], limit=MOST_SORTED, archived=archived
        )
        found |= {one.id: one for one in begun.parties}
    return tuple((found | {one.id: one for one in whole.parties}).values()), False


def _named(
    caller: Caller, side: Side, asked: Mapping[str, str], context: Context
) -> Sequence[Party]:
    """The cards whose whole number or SIREN was typed."""
    siren = plain(asked.get("siren", "")).removeprefix("SIREN")
    keys = [f"{side.value}|siren|{siren}"] if identifiers.is_siren(siren) else []
    if plain(asked.get("numero", "")):
        keys.append(f"{side.value}|number|{plain(asked['numero'])}")
    names = {context.parties.find(caller.dossier, (key,)) for key in keys} - {""}
    return [context.parties.party(caller.dossier, one) for one in sorted(names)]


def _holds(party: Party, column: str, wanted: str) -> bool:
    """True when a card's column holds what was typed: parts of words, spaces aside."""
    if column == "facteur":
        return party.hosted == (wanted == "oui")
    values = {
        "numero": (party.number,),
        "nom": (party.name, *party.aliases),
        "siren": (party.legal_id, party.siren, party.siret, party.vat, party.identifier),
        "iban": tuple(one.iban for one in party.accounts),
        "email": (party.email, *(one.email for one in party.contacts)),
    }[column]
    text = plain(wanted)
    return bool(text) and any(text in plain(one) for one in values)


def card(caller: Caller, party: str, context: Context) -> Card:
    """A card with its invoices and its changes; NotFoundError for another dossier's.

    Those of the cards that were merged into it come with it.
    """
    caller.require(Permission.READ)
    held = context.parties.party(caller.dossier, party)
    documents = list(context.parties.documents(caller.dossier, held.id, limit=PAGE))
    for one in held.merged_from[-10:]:
        documents += context.parties.documents(caller.dossier, one, limit=PAGE)
    documents.sort(key=lambda one: one.received_at, reverse=True)
    into = None
    if held.merged_into:
        into = context.parties.party(caller.dossier, held.merged_into)
    hosted = bool(hosted_dossier(held.siren, context))
    return Card(
        party=replace(held, hosted=hosted),
        documents=tuple(documents[:PAGE]),
        changes=context.parties.changes(caller.dossier, held.id, limit=PAGE),
        merged_into=into,
        needed=people_needed(caller.dossier, context),
    )


# ── Writing a card ──────────────────────────────────────────────────────────────────────────────

_TEXTS = ("name", "address", "postcode", "city", "scheme", "identifier", "notes")
_NUMBERS = ("siren", "siret", "vat")


def typed(party: Party, values: Mapping[str, str]) -> Party:
    """The card with what was typed, tidied; an absent name leaves its field as it is.

    ``account``, ``tax``, ``terms``, ``category`` are the defaults, ``trusted`` is "1" or "".
    """
    changes: dict[str, object] = {
        name: " ".join(values[name].split()) if name != "notes" else values[name].strip()
        for name in _TEXTS
        if name in values
    }
    changes |= {n: identifiers.compact(values[n]) for n in _NUMBERS if n in values}
    if "number" in values:
        changes["number"] = " ".join(values["number"].split()).upper()
    if "country" in values:
        changes["country"] = values["country"].strip().upper() or "FR"
    if "email" in values:
        changes["email"] = normalise_address(values["email"])
    if "trusted" in values:
        changes["trusted"] = values["trusted"] in ("1", "on", "oui")
    given = {
        kept: " ".join(values[name].split())[:80]
        for name, kept in parties.DEFAULTS.items()
        if name in values
    }
    if given:
        changes["defaults"] = replace(party.defaults, **given)
    return parties.identified(replace(party, **changes))  # type: ignore[arg-type]


def add(
    caller: Caller,
    side: Side,
    values: Mapping[str, str],
    context: Context,
    *,
    iban: str = "",
    contacts: Sequence[Contact] = (),
) -> Party:
    """Make a card (JF-63); InvalidError with all the faults, DuplicateError ``party.taken``.

    Without a number it gets the next one. The account given is vouched for by who types it.
    """
    caller.require(Permission.DECIDE)
    blank = Party(
        dossier=caller.dossier,
        id=context.ids.new(),
        side=side,
        number="?",
        name="",
        created_at=context.clock.now(),
        contacts=tuple(contacts),
    )
    made = typed(blank, {name: one for name, one in values.items() if name != "number" or one})
    faults = (*parties.checked(made), *bank_accounts.faults_of(iban))
    if faults:
        raise InvalidError(faults)
    if made.number == "?":
        made = replace(made, number=next_number(caller.dossier, side, context))
    if iban:
        made = typed_account(caller, made, iban, context)
    hosted = bool(hosted_dossier(made.siren, context))
    made = replace(made, hosted=hosted)
    entry = entry_of(made, "party.created", caller.user, caller.name, context,
                     number=made.number, name=made.name)  # fmt: skip
    return context.parties.save((made,), (entry,))[0]


def typed_account(caller: Caller, party: Party, iban: str, context: Context) -> Party:
    """The card with an account that was typed on it: known when it is the first of its company.

    Where another card may be the same company and has accounts, this one waits for approval.
    """
    at = context.clock.now()
    after = bank_accounts.with_account(party, iban, by=caller.user, by_name=caller.name, at=at)
    if party.known_ibans or not after.known_ibans:
        return after
    return bank_accounts.contested(after, rival(after, context))


def renamed(before: Party, after: Party, context: Context) -> Party:
    """The card under another name or number: what it is paid on waits, if that was another's."""
    gained = {*parties.keys_of(after)} - {*parties.keys_of(before)}
    if not before.known_ibans or not any("|number|" not in one for one in gained):
        return after
    return bank_accounts.contested(after, rival(after, context))


def change(
    caller: Caller,
    party: str,
    version: int,
    values: Mapping[str, str],
    context: Context,
    *,
    contacts: Sequence[Contact] | None = None,
) -> Party:
    """Write what was changed on a card; InvalidError, DuplicateError, StaleVersionError."""
    held = mine(caller, party, context)
    if held.version != version:
        raise StaleVersionError("party.stale", party=held.id)
    after = typed(held, values)
    if contacts is not None:
        after = replace(after, contacts=tuple(contacts))
    faults = parties.checked(after)
    if faults:
        raise InvalidError(faults)
    changed = parties.differences(held, after)
    if not changed:
        return held
    if after.siren != held.siren:
        after = replace(after, hosted=bool(hosted_dossier(after.siren, context)))
    if after.name != held.name and plain(held.name) not in after.aliases:
        # What was printed under the old name still names this card.
        after = replace(after, aliases=(*after.aliases, plain(held.name))[-parties.MOST_SEEN :])
    after = renamed(held, after, context)
    return save(caller, after, "party.changed", context, **changed)


def mine(caller: Caller, party: str, context: Context) -> Party:
    """A card that the caller may change; NotFoundError, also for one that was merged away."""
    caller.require(Permission.DECIDE)
    held = context.parties.party(caller.dossier, party)
    if held.standing is Standing.MERGED:
        raise NotFoundError("not_found", party=party[:50])
    return held


def save(caller: Caller, party: Party, what: str, context: Context, **values: object) -> Party:
    """Write a changed card with what the journal says of it."""
    entry = entry_of(party, what, caller.user, caller.name, context, **values)
    return context.parties.save((party,), (entry,))[0]


def set_standing(caller: Caller, party: str, *, archived: bool, context: Context) -> Party:
    """Archive a card, or take it back: its invoices and history stay."""
    held = mine(caller, party, context)
    wanted = Standing.ARCHIVED if archived else Standing.ACTIVE
    if held.standing is wanted:
        return held
    what = "party.archived" if archived else "party.restored"
    return save(caller, replace(held, standing=wanted), what, context)


def forget_hint(caller: Caller, party: str, hint: str, context: Context) -> Party:
    """Remove a hint: the next document of this supplier is read without it."""
    held = mine(caller, party, context)
    kept = tuple(one for one in held.hints if one.id != hint)
    gone = [one.field for one in held.hints if one.id == hint]
    if not gone:
        raise NotFoundError("not_found", hint=hint[:50])
    after = replace(held, hints=kept)
    return save(caller, after, "party.hint_removed", context, fields=gone[0])


def set_products(
    caller: Caller, party: str, accounts: Mapping[str, str], context: Context
) -> Party:
    """Correct the accounts of a supplier's products, by key; an empty one forgets it (PE-37)."""
    held = mine(caller, party, context)
    kept = {
        key: replace(one, account=" ".join(accounts.get(key, one.account).split())[:80])
        for key, one in held.products.items()
    }
    kept = {key: one for key, one in kept.items() if one.account}
    if kept == held.products:
        return held
    return save(caller, replace(held, products=kept), "party.products_changed", context)
