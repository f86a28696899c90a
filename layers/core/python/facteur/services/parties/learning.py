"""What an accepted document teaches about its supplier or customer, and what frees a held one.

Once a document is archived, ``learn_from_document`` makes the card if there was none, keeps what a
person vouched for, and turns corrections into hints. Nothing is learnt from a document that nobody
accepted (decision 0150), and never a bank account from one that no person saw.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, replace

from facteur.domain import acceptance, bank_accounts, hints, identifiers, parties, products
from facteur.domain.candidate import Candidate
from facteur.domain.commands import (
    CodeDocument,
    FreeDocument,
    LearnFromDocument,
)
from facteur.domain.companies import OwnIdentity
from facteur.domain.decisions import Actor, Decision
from facteur.domain.documents import OPEN_STATES, Document, DocumentRef, State
from facteur.domain.dossiers import Dossier
from facteur.domain.duplicates import plain
from facteur.domain.errors import (
    DuplicateError,
    IllegalTransitionError,
    StaleVersionError,
)
from facteur.domain.events import SYSTEM, Event, Happened
from facteur.domain.extraction import extract, fingerprint, hinted, taught
from facteur.domain.extraction.page import Reader
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry
from facteur.domain.pages import PageSet
from facteur.domain.parties import Defaults, Party, Side
from facteur.domain.serial import loads
from facteur.ports import Context
from facteur.services.parties.cards import entry_of, next_number, present, rival, standing_of
from facteur.services.parties.recognising import card_of, held, origin_of
from facteur.services.people.hosting import hosted_dossier
from facteur.services.staircase import Steps, commit

log = logging.getLogger(__name__)

_MOST_LEARNT = 50  # documents remembered as learnt from
_LINE = re.compile(r"line\.\d{1,4}")


# ── Accounting values of one document ───────────────────────────────────────────────────────────


def code_document(command: CodeDocument, context: Context) -> Steps:
    """Keep the accounting values that a user chose; the card keeps its own (JF-39)."""
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.version != command.version:
        raise StaleVersionError("document.stale")
    if document.state not in OPEN_STATES:
        raise IllegalTransitionError(
            "document.illegal_transition", step="code", state=document.state.value
        )
    known = asdict(Defaults())
    chosen = {
        name: one.strip()[:80]
        for name, one in command.values.items()
        if name in known or _LINE.fullmatch(name)
    }
    coding = {name: value for name, value in {**document.coding, **chosen}.items() if value}
    if coding == document.coding:
        return document, ()
    event = Event(
        name=Happened.DOCUMENT_CODED,
        at=context.clock.now(),
        by=command.by,
        by_name=command.by_name,
        values=coding,
    )
    return commit(Decision(document=replace(document, coding=coding), events=(event,)), context)


# ── Learning ────────────────────────────────────────────────────────────────────────────────────


def learn_from_document(command: LearnFromDocument, context: Context) -> Steps:
    """Make or complete the card of an accepted document's party, and learn its corrections.

    Each document teaches once, however often the command runs.
    """
    ref = DocumentRef(command.dossier, command.document)
    document, dossier = context.store.document_and_dossier(ref)
    kept = document.state is State.ARCHIVED or document.to_send_since is not None
    if not kept or "candidate" not in document.files:
        return document, ()
    candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
    own = OwnIdentity(siren=dossier.siren, vat=dossier.vat, name=dossier.name)
    words = _words(document, context)
    for _attempt in range(3):
        party = _card_to_teach(document, candidate, words, own, context)
        if party is None:
            return document, ()
        try:
            party = _taught(document, candidate, words, dossier, party, context)
            break
        except (StaleVersionError, DuplicateError) as error:
            log.info("%s teaches again: %s", document.id, error)
    else:
        raise StaleVersionError("party.stale", document=document.id)
    if document.party == party.id:
        return document, ()
    return commit(Decision(document=replace(document, party=party.id), events=()), context)


def _words(document: Document, context: Context) -> PageSet | None:
    if document.structured or "words" not in document.files:
        return None
    return loads(PageSet, context.blobs.get(document.files["words"]))


def _card_to_teach(
    document: Document,
    candidate: Candidate,
    words: PageSet | None,
    own: OwnIdentity,
    context: Context,
) -> Party | None:
    """The card of the accepted document, a new one when it has none; None when it names nobody."""
    side = parties.side_of(document.direction)
    who = parties.described(candidate, side)
    held = card_of(document, candidate, words, own, context)
    if held is not None or not who["name"]:
        return held
    country = who["country"] if len(who["country"]) == 2 else "FR"
    card = Party(
        dossier=document.dossier,
        id=context.ids.new(),
        side=side,
        number=next_number(document.dossier, side, context),
        name=who["name"],
        country=country,
        created_at=context.clock.now(),
    )
    return parties.completed(card, who)


def _taught(
    document: Document,
    candidate: Candidate,
    words: PageSet | None,
    dossier: Dossier,
    party: Party,
    context: Context,
) -> Party:
    """The card with what the document teaches, written; itself when it taught already."""
    if document.id in party.learnt:
        return party
    by, by_name = _who_accepted(document, context)
    entries: list[JournalEntry] = []
    if party.version == 0:
        entries.append(
            entry_of(party, "party.created", by, by_name, context, number=party.number,
                     name=party.name, document=document.id)
        )  # fmt: skip
    found = parties.described(candidate, party.side)
    after = products.with_products(parties.completed(party, found), candidate, document.coding)
    iban = candidate.text("iban")
    if party.side is Side.SUPPLIER and iban and identifiers.is_iban(iban):
        after = _account_seen(after, iban, document, by, by_name, context)
    if words is not None and party.side is Side.SUPPLIER and by != SYSTEM:
        after, more = _corrections(document, candidate, words, dossier, after, by_name, context)
        entries += (entry_of(party, what, by, by_name, context, **said) for what, said in more)
    hosted = bool(hosted_dossier(after.siren, context))
    accounts = (f"iban:{one}" for one in after.known_ibans)
    after = replace(
        after,
        hosted=hosted,
        marks=tuple(dict.fromkeys((*after.marks, *accounts)))[-parties.MOST_SEEN :],
        invoices=party.invoices + 1,
        learnt=(*party.learnt, document.id)[-_MOST_LEARNT:],
    )
    return context.parties.save((after,), tuple(entries))[0]


def _who_accepted(document: Document, context: Context) -> tuple[str, str]:
    """The person who accepted, or the system that a preference let through."""
    for entry in reversed(context.store.history(document.ref)):
        if entry.event.name is Happened.INVOICE_ACCEPTED:
            return entry.event.by, entry.event.by_name
    return SYSTEM, ""


def _account_seen(
    party: Party, iban: str, document: Document, by: str, by_name: str, context: Context
) -> Party:
    """A person who accepts vouches for a first account; the system vouches for none."""
    at = context.clock.now()
    if by == SYSTEM:
        return bank_accounts.asked(party, iban, document=document.id, at=at)
    if not party.known_ibans:
        seen = bank_accounts.vouched(
            party, iban, document=document.id, by=by, by_name=by_name, at=at
        )
        return bank_accounts.contested(seen, rival(seen, context))
    return bank_accounts.asked(party, iban, document=document.id, at=at)


def _corrections(
    document: Document,
    candidate: Candidate,
    words: PageSet,
    dossier: Dossier,
    party: Party,
    by_name: str,
    context: Context,
) -> tuple[Party, Sequence[tuple[str, dict[str, str]]]]:
    """The card with the hints that were proved, disproved and learnt; what the journal says."""
    own = OwnIdentity(siren=dossier.siren, vat=dossier.vat, name=dossier.name)
    origin = origin_of(words)
    read = extract(words, own=own, origin=origin, own_side="buyer")
    said = hinted.used(hinted.apply(words, read, party.hints, origin=origin))
    fields = {one.id: one.field for one in party.hints}
    results = {
        name: _agrees(candidate, fields[name], one.value)
        for name, one in said.items()
        if name in fields
    }
    kept = hints.proved(party.hints, results)
    gone = [one for one in party.hints if one.id not in {left.id for left in kept}]
    right = {fields[name] for name, good in results.items() if good}
    new = tuple(
        replace(one, learnt_at=context.clock.now(), learnt_from=document.id, by=by_name)
        for one in taught.teach(words, candidate, read, origin=origin, new=context.ids.new)
        if one.field not in right
    )
    whole = hints.merged(kept, new)
    marks = party.marks
    if any(one.field.startswith("seller_") for one in new):
        found = fingerprint.marks(Reader.of(words, origin), own)
        marks = tuple(dict.fromkeys((*marks, *found)))[-parties.MOST_SEEN :]
    told: list[tuple[str, dict[str, str]]] = []
    learnt = [one.field for one in whole if one.id in {other.id for other in new}]
    if learnt:
        fields_told = ", ".join(dict.fromkeys(learnt))
        told.append(("party.hints_learnt", {"fields": fields_told, "document": document.id}))
    if gone:
        told.append(("party.hints_forgotten", {"fields": ", ".join(one.field for one in gone)}))
    return replace(party, hints=whole, marks=marks), told


def _agrees(candidate: Candidate, field: str, said: object) -> bool:
    final = candidate.get(field)
    if isinstance(final, str) and isinstance(said, str):
        return plain(final) == plain(said)
    return final == said


def free_document(command: FreeDocument, context: Context) -> Steps:
    """Let a document go on that an account held, now that people approved it.

    It may show another account by now (a person corrected it), or several: those still hold it.
    """
    left: tuple[Fault, ...] = ()
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if "candidate" in document.files:
        candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
        if identifiers.compact(command.iban) not in candidate.ibans:
            return document, ()
        left = _still_held(document, candidate, context)
    at = context.clock.now()
    actor = Actor(id=command.by, name=command.by_name)
    decision = bank_accounts.freed(document, actor, iban=command.iban, at=at, left=left)
    if decision is None:
        return document, ()
    if decision.document.state is State.TO_ACCEPT and document.state is not State.TO_ACCEPT:
        trust = standing_of(document, context)
        preferences = context.preferences.load(command.dossier)
        decision = acceptance.registered(
            decision,
            preferences,
            trusted=trust.trusted,
            new_account=trust.new_account,
            category=trust.category,
            at=at,
        )
    return commit(decision, context)


def _still_held(document: Document, candidate: Candidate, context: Context) -> tuple[Fault, ...]:
    """The faults of the accounts of a held document that nobody approved yet.

    Judged as when it was read, with its card, and with those that its faults name: it may have
    none of its own, or be held by another one.
    """
    named = (
        one.values.get("card", "") for one in document.faults if one.code == bank_accounts.CHANGED
    )
    cards = [present(document.dossier, one, context) for one in dict.fromkeys(named)]
    return held(
        document,
        candidate,
        present(document.dossier, document.party, context),
        context,
        issued=document.structured or "words" not in document.files,
        holders=[one for one in cards if one is not None],
    )
