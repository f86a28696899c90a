"""A supplier's or customer's card: who it is, its defaults, its bank accounts, what was learnt."""

from collections.abc import Mapping
from dataclasses import dataclass

from facteur.domain.commands import CodeDocument
from facteur.domain.documents import State
from facteur.domain.dossiers import Permission
from facteur.domain.errors import DuplicateError, ForbiddenError, InvalidError
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry
from facteur.domain.parties import AccountState, Contact, Side, Standing
from facteur.services.parties import bank_accounts, book, merging
from facteur.services.run import run
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.i18n import _
from facteur.web.pages.parties import FIELDS, SLUGS, by_path, heading
from facteur.web.showing import hint_texts, present
from facteur.web.showing.present import Badge
from facteur.web.site import page
from facteur.web.visit import Visit

_ACCOUNTS: Mapping[AccountState, Badge] = {
    AccountState.KNOWN: Badge("Connu", "circle-check", "green"),
    AccountState.PENDING: Badge("En attente d’accord", "alert-triangle", "amber"),
    AccountState.REFUSED: Badge("Refusé", "circle-x", "red"),
}
_DEFAULTS = (
    ("account", "account", "Compte comptable"),
    ("tax", "vat", "TVA"),
    ("terms", "terms", "Conditions de paiement"),
    ("category", "category", "Catégorie"),
)
_LANGUAGES = (("fr", "français"), ("en", "anglais"), ("de", "allemand"), ("nl", "néerlandais"),
              ("es", "espagnol"), ("it", "italien"))  # fmt: skip
_SPARE_CONTACTS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """A bank account as the card shows it."""

    iban: str
    shown: str
    badge: Badge
    names: str
    documents: tuple[str, ...]
    waits: bool
    mine: bool  # this user has approved it already
    contested: bool  # another card of the company had another


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A line of the card's history."""

    words: str
    details: tuple[str, ...]
    entry: JournalEntry


@page("/tiers/{party}")
def card_page(visit: Visit, party: str) -> Answer:
    """Everything of a card."""
    return _card(visit, party)


def _card(
    visit: Visit,
    party: str,
    *,
    values: Mapping[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
) -> Answer:
    view = book.card(visit.caller, party, visit.context)
    held = view.party
    typed = values or {}
    return visit.page(
        "party.html",
        status=422 if faults else 200,
        view=view,
        separable=merging.separable(view, visit.context),
        party=held,
        heading=heading(held),
        slug=SLUGS[held.side],
        supplier=held.side is Side.SUPPLIER,
        editable=visit.can("decide") and held.standing is not Standing.MERGED,
        archived=held.standing is Standing.ARCHIVED,
        values={name: typed.get(name, str(getattr(held, name))) for name in FIELDS},
        contacts=(*held.contacts, *(Contact() for _ in range(_SPARE_CONTACTS))),
        languages=_LANGUAGES,
        defaults=[
            (name, _(label), typed.get(name, getattr(held.defaults, kept)))
            for name, kept, label in _DEFAULTS
        ],
        documents=[(one, present.state_of(State(one.state))) for one in view.documents],
        accounts=_accounts(visit, view),
        hints=[(one, hint_texts.hint_text(one), hint_texts.hint_state(one)) for one in held.hints],
        products=sorted(held.products.items(), key=lambda one: one[1].name.lower()),
        changes=[_change(one) for one in view.changes],
        faults=by_path(faults),
        summary=[i18n.fault_text(one) for one in faults],
    )


def _accounts(visit: Visit, view: book.Card) -> list[AccountView]:
    return [
        AccountView(
            iban=one.iban,
            shown=" ".join(one.iban[at : at + 4] for at in range(0, len(one.iban), 4)),
            badge=_ACCOUNTS[one.state],
            names=i18n.enumeration(name for name in one.names if name),
            documents=one.documents,
            waits=one.state is AccountState.PENDING,
            mine=visit.caller.user in one.approvals,
            contested=one.contested and one.state is AccountState.PENDING,
        )
        for one in view.party.accounts
    ]


_NAMES = {
    "number": "Numéro", "name": "Nom", "siren": "SIREN", "siret": "SIRET", "vat": "N° de TVA",
    "scheme": "Schéma", "identifier": "Identifiant", "address": "Adresse",
    "postcode": "Code postal", "city": "Ville", "country": "Pays", "email": "E-mail",
    "trusted": "Fournisseur de confiance", "notes": "Notes", "account": "Compte",
    "tax": "TVA", "terms": "Conditions de paiement", "category": "Catégorie",
    "contacts": "Contacts",
}  # fmt: skip


def _change(entry: JournalEntry) -> ChangeView:
    words = i18n.sentence(f"journal.{entry.what}", entry.values) or entry.what
    details = [
        f"{_(_NAMES[name])} : {text}"
        for name, text in entry.values.items()
        if entry.what == "party.changed" and name in _NAMES
    ]
    if entry.what.startswith("party.hint"):
        details.append(hint_texts.fields_text(entry.values.get("fields", "")))
    return ChangeView(words=words, details=tuple(one for one in details if one), entry=entry)


@page("/tiers/{party}", "POST", permission=Permission.DECIDE)
def save_card(visit: Visit, party: str) -> Answer:
    """Save the identity, the contacts and the notes, or the approval and the defaults."""
    form = {name for name, _value in visit.form()}
    values = {name: visit.field(name) for name in FIELDS if name in form}
    if visit.field("part") == "defaults":
        values |= {name: visit.field(name) for name, _kept, _label in _DEFAULTS}
        values["trusted"] = visit.field("trusted")
    contacts = _contacts(visit) if "contact_name" in form else None
    try:
        book.change(visit.caller, party, visit.version, values, visit.context, contacts=contacts)
    except InvalidError as error:
        return _card(visit, party, values=values, faults=error.faults)
    except DuplicateError as error:
        fault = Fault(code="party.taken", path=str(error.values.get("kind", "")))
        return _card(visit, party, values=values, faults=(fault,))
    return visit.go(f"/tiers/{party}", fait="party_saved")


def _contacts(visit: Visit) -> list[Contact]:
    """The contacts of the form; a line left blank is dropped."""
    names, mails = visit.fields("contact_name"), visit.fields("contact_email")
    languages = visit.fields("contact_language")
    found = []
    for name, email, language in zip(names, mails, languages, strict=False):
        if name.strip() or email.strip():
            found.append(
                Contact(
                    name=" ".join(name.split())[:200],
                    email=email.strip().lower()[:254],
                    language=language if language in dict(_LANGUAGES) else "fr",
                )
            )
    return found


@page("/tiers/{party}/etat", "POST", permission=Permission.DECIDE)
def set_standing(visit: Visit, party: str) -> Answer:
    """Archive the card, or put it back."""
    archived = visit.field("action") == "archive"
    book.set_standing(visit.caller, party, archived=archived, context=visit.context)
    return visit.go(f"/tiers/{party}", fait="party_archived" if archived else "party_restored")


@page("/tiers/{party}/indice", "POST", permission=Permission.DECIDE)
def forget(visit: Visit, party: str) -> Answer:
    """Remove a hint."""
    book.forget_hint(visit.caller, party, visit.field("indice"), visit.context)
    return visit.go(f"/tiers/{party}", fait="hint_removed")


@page("/tiers/{party}/produits", "POST", permission=Permission.DECIDE)
def products(visit: Visit, party: str) -> Answer:
    """Correct the accounts given to a supplier's products."""
    accounts = {name[2:]: value for name, value in visit.form() if name.startswith("p.")}
    book.set_products(visit.caller, party, accounts, visit.context)
    return visit.go(f"/tiers/{party}", fait="party_saved")


@page("/tiers/{party}/iban", "POST", permission=Permission.DECIDE)
def account(visit: Visit, party: str) -> Answer:
    """Add, approve or refuse a bank account."""
    iban, action = visit.field("iban"), visit.field("action")
    try:
        if action == "approve":
            after = bank_accounts.approve_account(visit.caller, party, iban, visit.context)
        elif action == "refuse":
            after = bank_accounts.refuse_account(visit.caller, party, iban, visit.context)
        else:
            after = bank_accounts.add_account(visit.caller, party, iban, visit.context)
    except InvalidError as error:
        return _card(visit, party, faults=error.faults)
    except ForbiddenError as error:
        if error.code != "iban.second_person":
            raise
        return _card(visit, party, faults=(Fault(code=error.code, path="iban"),))
    state = after.account(iban)
    known = state is not None and state.state is AccountState.KNOWN
    done = {
        "approve": "account_approved" if known else "account_first",
        "refuse": "account_refused",
    }.get(action, "account_added" if known else "account_pending")
    return visit.go(f"/tiers/{party}", fait=done)


@page("/tiers/{party}/fusionner", permission=Permission.DECIDE)
def merge_page(visit: Visit, party: str) -> Answer:
    """Choose the double, then see what the two cards would make."""
    view = book.card(visit.caller, party, visit.context)
    other = visit.query("avec")
    whole = gone = None
    if other:
        whole, gone = merging.merge_preview(visit.caller, party, other, visit.context)
    return visit.page(
        "party_merge.html",
        party=view.party,
        heading=heading(view.party),
        slug=SLUGS[view.party.side],
        whole=whole,
        gone=gone,
        rows=[
            (_(_NAMES[name]), str(getattr(view.party, name)), str(getattr(gone, name)),
             str(getattr(whole, name)))
            for name in FIELDS
            if gone is not None and (getattr(gone, name) or getattr(view.party, name))
        ],
        likely=()
        if other
        else merging.doubles_of(visit.caller, view.party, visit.context),
    )  # fmt: skip


@page("/tiers/{party}/fusionner", "POST", permission=Permission.DECIDE)
def merge(visit: Visit, party: str) -> Answer:
    """Merge the two cards."""
    made = merging.merge(visit.caller, party, visit.field("avec"), visit.context)
    return visit.go(f"/tiers/{made.id}", fait="party_merged")


@page("/tiers/{party}/separer", "POST", permission=Permission.DECIDE)
def separate(visit: Visit, party: str) -> Answer:
    """Undo a merger: the card is its own again."""
    merging.separate(visit.caller, party, visit.context)
    return visit.go(f"/tiers/{party}", fait="party_separated")


@page("/factures/{document}/comptabilite", "POST", permission=Permission.DECIDE)
def code_document(visit: Visit, document: str) -> Answer:
    """Keep the accounting values chosen for one document; the card keeps its own (JF-39)."""
    command = CodeDocument(
        dossier=visit.caller.dossier,
        document=document,
        version=visit.version,
        values={name: value for name, value in visit.form() if name not in ("csrf", "version")},
        by=visit.caller.user,
        by_name=visit.caller.name,
    )
    run(command, visit.context)
    return visit.go(f"/factures/{document}", fait="coded")
