"""A party: a supplier or a customer of one dossier, its card, and what may happen to it.

Numbers follow each other per dossier and side (FOUR-001, CLI-001), or are the user's own. A
supplier's card is made by the first invoice of his that a person accepts, by hand, or by import;
never by a mail alone. It holds who he is, the bank accounts that people know, what his invoices
are given by default, and the hints learnt from corrections (hints.py).

Bank accounts are the reason to be careful here: an account that nobody approved is never used, and
a change is the classic fraud ("faux RIB"). A new account of a supplier who has one waits until a
person approved it, and a second one where the dossier has two who may (PE-03).

Identification: SIREN, else VAT number, else IBAN with the name, else the plain name.
Sources: features.md JF-23 to JF-26, JF-38, JF-39, JF-63 to JF-66, PE-03.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from facteur.domain import identifiers
from facteur.domain.candidate import Candidate
from facteur.domain.documents import Direction
from facteur.domain.dossiers import normalise_address
from facteur.domain.duplicates import plain
from facteur.domain.faults import Fault
from facteur.domain.hints import Hint
from facteur.domain.self_billing import Mandate

MOST_CONTACTS, MOST_ACCOUNTS, MOST_SEEN, MOST_TEXT, MOST_NOTES = 30, 30, 20, 200, 4_000
MOST_HELD = 200  # documents that one account holds and that its approval frees


class Side(StrEnum):
    """Whom we buy from, whom we sell to."""

    SUPPLIER = "supplier"
    CUSTOMER = "customer"


PREFIXES: Mapping[Side, str] = {Side.SUPPLIER: "FOUR", Side.CUSTOMER: "CLI"}


def side_of(direction: Direction) -> Side:
    """The other side of a document: a supplier for purchases, a customer for sales."""
    return Side.SUPPLIER if direction is Direction.PURCHASE else Side.CUSTOMER


class Standing(StrEnum):
    """Where a card stands."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    MERGED = "merged"  # its invoices and knowledge are another card's


class AccountState(StrEnum):
    """What people said of a bank account."""

    KNOWN = "known"
    PENDING = "pending"  # seen on an invoice, nobody approved it (or only the first of two)
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A bank account (BT-84) of a party, and who vouched for it."""

    iban: str
    state: AccountState
    seen_at: datetime
    documents: tuple[str, ...] = ()  # that showed it while it was not known
    approvals: tuple[str, ...] = ()  # users, in order
    names: tuple[str, ...] = ()  # of those users
    decided_at: datetime | None = None
    contested: bool = False  # another is vouched for: no acceptance vouches for this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody at the party's."""

    name: str = ""
    email: str = ""
    language: str = "fr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a new invoice of this party is given, unless its user says otherwise (JF-39)."""

    account: str = ""  # of the general ledger: 606400
    vat: str = ""  # accounting code of the VAT, free text: "20 %", "Intracom"
    terms: str = ""  # payment terms
    category: str = ""


#: What a default value is called on forms, in lists, in the journal; the card has a « vat » too.
DEFAULTS = {"account": "account", "tax": "vat", "terms": "terms", "category": "category"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a supplier calls a product, and the account that people gave its lines."""

    name: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """What a merged card gave to the one that stays, so that undoing takes back that and no more.

    Kept on the card that went; ``standing`` and ``trusted`` are what it was before.
    """

    at: datetime
    standing: Standing
    trusted: bool
    fields: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()  # address, else name
    ibans: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()  # identifiers
    products: tuple[str, ...] = ()  # keys (domain.products)
    accounts: tuple[Account, ...] = ()  # of the card that stays, as they were where they changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A supplier's or a customer's card."""

    dossier: str
    id: str
    side: Side
    number: str
    name: str
    siren: str = ""
    siret: str = ""
    vat: str = ""
    scheme: str = ""  # of a foreign identifier: an ICD code of ISO 6523, or a country's own word
    identifier: str = ""  # in that scheme
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    email: str = ""
    electronic_address: str = ""  # BT-49 chosen among its lines of the directory (PE-09)
    mandate: Mandate | None = None  # of a supplier: we bill in his name (IP-12)
    contacts: tuple[Contact, ...] = ()
    accounts: tuple[Account, ...] = ()
    trusted: bool = False  # « Fournisseur de confiance »
    defaults: Defaults = Defaults()
    notes: str = ""
    aliases: tuple[str, ...] = ()  # plain names it was read under, or those of merged cards
    marks: tuple[str, ...] = ()  # what recognises its pages when they name nobody (marks_of)
    hosted: bool = False  # its SIREN has a dossier on this platform: « sur Facteur »
    standing: Standing = Standing.ACTIVE
    merged_into: str = ""
    merged_from: tuple[str, ...] = ()
    merger: Merger | None = None  # of a merged card: what undoing takes back
    invoices: int = 0  # accepted
    learnt: tuple[str, ...] = ()  # the last documents that taught something: each teaches once
    created_at: datetime | None = None
    hints: tuple[Hint, ...] = field(default=())
    products: Mapping[str, Product] = field(default_factory=dict)  # by key (domain.products)
    version: int = 0

    @property
    def known_ibans(self) -> tuple[str, ...]:
        """The accounts that people vouched for."""
        return tuple(one.iban for one in self.accounts if one.state is AccountState.KNOWN)

    @property
    def contested(self) -> bool:
        """True for a card that had an account beside one that was vouched for elsewhere.

        Also once it was refused: one person may, and must not choose the next one by it.
        """
        return any(one.contested and one.state is not AccountState.KNOWN for one in self.accounts)

    def account(self, iban: str) -> Account | None:
        """What is known of an account, None when it was never seen."""
        return next((one for one in self.accounts if one.iban == identifiers.compact(iban)), None)

    @property
    def legal_id(self) -> str:
        """Its identifier with the name of its scheme: ``SIREN-403156540`` (JF-26), "" for none."""
        if self.siren:
            return f"SIREN-{self.siren}"
        if self.identifier:
            return f"{self.scheme or 'ID'}-{self.identifier}"
        return f"TVA-{self.vat}" if self.vat else ""


# ── Numbers ─────────────────────────────────────────────────────────────────────────────────────


def number_of(side: Side, place: int) -> str:
    """The number of the n-th card of a side: ``FOUR-008``; more digits when they are needed."""
    return f"{PREFIXES[side]}-{place:03d}"


def place_of(side: Side, number: str) -> int:
    """The place of a number of ours, 0 for a user's own."""
    match = re.fullmatch(rf"{PREFIXES[side]}-(\d{{1,9}})", number)
    return int(match[1]) if match else 0


def sort_key(number: str) -> str:
    """The number as text that sorts: FOUR-2 before FOUR-10."""
    return re.sub(r"\d+", lambda found: found[0].zfill(9), number.upper())


# ── Who is it ───────────────────────────────────────────────────────────────────────────────────


def keys_of(party: Party) -> tuple[str, ...]:
    """What names this party in its dossier: the references that its card holds."""
    side = party.side.value
    found = [f"{side}|number|{plain(party.number)}"]
    if party.siren:
        found.append(f"{side}|siren|{party.siren}")
    if party.vat:
        found.append(f"{side}|vat|{plain(party.vat)}")
    names = (plain(party.name), *party.aliases)
    found += [f"{side}|name|{name}" for name in dict.fromkeys(names) if name]
    return tuple(found)


def searched(side: Side, *, siren: str, vat: str, name: str) -> tuple[str, ...]:
    """The references to ask for, the surest first, for whoever a document names.

    A name alone is only asked when the document gives no number: two companies may share a name,
    and a SIREN that no card has is somebody new.
    """
    prefix = side.value
    found = []
    if siren and identifiers.is_siren(siren):
        found.append(f"{prefix}|siren|{identifiers.compact(siren)}")
    if vat and identifiers.is_vat(vat):
        found.append(f"{prefix}|vat|{plain(vat)}")
    if not found and plain(name):
        found.append(f"{prefix}|name|{plain(name)}")
    return tuple(found)


def fits(party: Party, *, siren: str, name: str) -> bool:
    """False when a card found by its name has another SIREN than the document."""
    return not (siren and party.siren and siren != party.siren) or plain(name) in party.aliases


def proved(party: Party, candidate: Candidate) -> bool:
    """True when a document bears the card's own SIREN or VAT number, or an account it vouches for.

    A name proves nothing: anybody writes it on a page. A SIRET and a French VAT number hold the
    SIREN. Trust is only given to what is proved (domain/acceptance.py).
    """
    who = described(candidate, party.side)
    if party.siren and who["siren"] == party.siren:
        return True
    if party.vat and plain(who["vat"]) == plain(party.vat):
        return True
    return any(one in party.known_ibans for one in candidate.ibans)


def described(candidate: Candidate, side: Side) -> dict[str, str]:
    """Who a document says the other party is, by the names of a card's fields."""
    prefix = "seller" if side is Side.SUPPLIER else "buyer"
    names = ("name", "siren", "siret", "vat", "address", "postcode", "city", "country")
    found = {name: candidate.text(f"{prefix}_{name}")[:MOST_TEXT] for name in names}
    if not found["siren"]:
        found["siren"] = found["siret"][:9]
    if not identifiers.is_siren(found["siren"]):
        found["siren"] = ""
    if not identifiers.is_siret(found["siret"]) or found["siret"][:9] != found["siren"]:
        found["siret"] = ""
    if not identifiers.is_vat(found["vat"]):
        found["vat"] = ""
    inside = identifiers.siren_of_vat(found["vat"]) if found["vat"] else None
    if inside and not found["siren"]:
        found["siren"] = inside
    elif inside and inside != found["siren"]:
        found["vat"] = ""
    return found


def completed(party: Party, found: Mapping[str, str]) -> Party:
    """The card with what an accepted document adds: only what was empty, and another name.

    A document that bears another SIREN than the card adds nothing.
    """
    if party.siren and found.get("siren", "") not in ("", party.siren):
        return party
    names = [name for name in found if name not in ("name", "country")]
    filled = {name: found[name] for name in names if found[name] and not getattr(party, name)}
    if filled.get("address") is None or party.city:
        filled = {k: v for k, v in filled.items() if k not in ("address", "postcode", "city")}
    alias = plain(found.get("name", ""))
    aliases = party.aliases
    if alias and alias != plain(party.name) and alias not in aliases:
        aliases = (*aliases, alias)[-MOST_SEEN:]
    return replace(party, aliases=aliases, **filled)  # type: ignore[arg-type]


# ── What is typed ───────────────────────────────────────────────────────────────────────────────


def checked(party: Party) -> tuple[Fault, ...]:
    """All that is wrong with a card before it is saved."""
    return (*_missing(party), *_numbers(party), *_texts(party))


def _missing(party: Party) -> list[Fault]:
    pairs = (("name", party.name), ("number", party.number))
    return [Fault(code=f"party.{path}_missing", path=path) for path, value in pairs if not value]


def _numbers(party: Party) -> list[Fault]:
    """Keys that do not hold, and numbers of two companies on one card."""
    tests = (
        ("siren", party.siren, identifiers.is_siren),
        ("siret", party.siret, identifiers.is_siret),
        ("vat", party.vat, identifiers.is_vat),
    )
    found = [
        Fault(code=f"party.{path}", path=path, values={"value": value[:40]})
        for path, value, good in tests
        if value and not good(value)
    ]
    if party.siren and party.siret and identifiers.siren_of_siret(party.siret) != party.siren:
        found.append(Fault(code="party.siret_other", path="siret"))
    inside = identifiers.siren_of_vat(party.vat) if party.vat else None
    if party.siren and inside and inside != party.siren:
        found.append(Fault(code="party.vat_other", path="vat"))
    return found


def _texts(party: Party) -> list[Fault]:
    found: list[Fault] = []
    if party.country and not re.fullmatch(r"[A-Z]{2}", party.country):
        found.append(Fault(code="typed.country", path="country", values={"value": party.country}))
    for path, address in (("email", party.email), *_mails(party.contacts)):
        if address and not _is_mail(address):
            found.append(Fault(code="email.invalid", path=path))
    lengths = [(name, getattr(party, name), MOST_TEXT) for name in _BOUNDED]
    for path, text, most in (*lengths, ("notes", party.notes, MOST_NOTES)):
        if len(text) > most:
            found.append(Fault(code="party.too_long", path=path, values={"most": str(most)}))
    if len(party.contacts) > MOST_CONTACTS:
        values = {"most": str(MOST_CONTACTS)}
        found.append(Fault(code="party.contacts_many", path="contacts", values=values))
    return found


_BOUNDED = ("name", "number", "scheme", "identifier", "address", "postcode", "city", "email")


def _mails(contacts: Sequence[Contact]) -> list[tuple[str, str]]:
    return [(f"contacts.{at}.email", one.email) for at, one in enumerate(contacts)]


def _is_mail(address: str) -> bool:
    kept = normalise_address(address)
    return len(kept) <= 254 and bool(re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;.]+(?:\.[^@\s<>,;.]+)+", kept))  # fmt: skip  # noqa: E501


def identified(party: Party) -> Party:
    """The card with the SIREN that its SIRET or its French VAT number proves."""
    siren = party.siren
    if not siren and identifiers.is_siret(party.siret):
        siren = identifiers.siren_of_siret(party.siret)
    if not siren and party.vat:
        siren = identifiers.siren_of_vat(party.vat) or ""
    return replace(party, siren=siren)


def differences(before: Party, after: Party) -> dict[str, str]:
    """What changed between two states of a card, for the journal: « avant → après » by field."""
    names = ("number", "name", "siren", "siret", "vat", "scheme", "identifier", "address",
             "postcode", "city", "country", "email", "trusted", "notes")  # fmt: skip
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in names]
    pairs += [
        (name, getattr(before.defaults, kept), getattr(after.defaults, kept))
        for name, kept in DEFAULTS.items()
    ]
    changed = {name: f"{_shown(old)} → {_shown(new)}" for name, old, new in pairs if old != new}
    if before.contacts != after.contacts:
        changed["contacts"] = ", ".join(one.name or one.email for one in after.contacts) or "—"
    return changed


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value) or "—"
