"""Whose document is it: the card of its supplier or customer, while it is being read.

``recognised`` finds the card (two calls, most often), applies the hints learnt about this
supplier's pages, gives the document his default accounting values, and holds it when it asks to be
paid on an account that nobody approved (domain/bank_accounts.py). What a document teaches when it
is accepted is learning.py's.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from facteur.domain import bank_accounts, identifiers, parties, products
from facteur.domain.candidate import Candidate, Origin
from facteur.domain.companies import OwnIdentity, akin
from facteur.domain.documents import Direction, Document
from facteur.domain.duplicates import plain
from facteur.domain.errors import NotFoundError, StaleVersionError
from facteur.domain.events import SYSTEM
from facteur.domain.extraction import fingerprint, hinted
from facteur.domain.extraction.page import Reader
from facteur.domain.faults import Fault
from facteur.domain.pages import PageSet
from facteur.domain.parties import Defaults, Party, Side
from facteur.ports import Context
from facteur.services.parties.cards import entry_of, people_needed, rival_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A document with its party, its candidate after the hints, and what the card holds it for."""

    document: Document
    candidate: Candidate
    faults: tuple[Fault, ...] = ()


def recognised(
    document: Document,
    candidate: Candidate,
    words: PageSet | None,
    own: OwnIdentity,
    context: Context,
    *,
    learnt: bool = True,
) -> Recognised:
    """The document with the card of its supplier or customer, where there is one.

    ``words`` are the page's, None for an issuer's own data; ``learnt``: apply hints (a person's
    correction is never overruled by one).
    """
    side = parties.side_of(document.direction)
    party = card_of(document, candidate, words, own, context)
    if party is None:
        document = replace(document, party="")
        faults = held(document, candidate, None, context, issued=words is None)
        return Recognised(document=document, candidate=candidate, faults=faults)
    if learnt and words is not None and side is Side.SUPPLIER:
        candidate = hinted.apply(words, candidate, party.hints, origin=origin_of(words))
    coding = document.coding or {
        **_coding(party.defaults),
        **products.line_coding(party, candidate),
    }
    document = replace(document, party=party.id, coding=coding)
    return Recognised(
        document=document,
        candidate=candidate,
        faults=held(document, candidate, party, context, issued=words is None),
    )


def _coding(defaults: Defaults) -> Mapping[str, str]:
    return {name: value for name, value in asdict(defaults).items() if value}


def origin_of(words: PageSet) -> Origin:
    """Text layer or OCR."""
    return Origin.OCR if words.origin.startswith("ocr") else Origin.TEXT


def card_of(
    document: Document,
    candidate: Candidate,
    words: PageSet | None,
    own: OwnIdentity,
    context: Context,
) -> Party | None:
    """The card that a document names, or that the marks of its pages do."""
    side = parties.side_of(document.direction)
    who = parties.described(candidate, side)
    by_account = False
    keys = parties.searched(side, siren=who["siren"], vat=who["vat"], name=who["name"])
    named = context.parties.find(document.dossier, keys)
    if not named and who["name"] and not who["siren"]:
        # A VAT number that no card has yet, under a name that one has: the same company.
        name = parties.searched(side, siren="", vat="", name=who["name"])
        named = context.parties.find(document.dossier, name)
    if not named and words is not None and not who["siren"] and side is Side.SUPPLIER:
        marks = fingerprint.marks(Reader.of(words, origin_of(words)), own)
        held = context.parties.marked(document.dossier, marks)
        named, by_account = fingerprint.named_by(held), fingerprint.only_account(held)
    if not named:
        return None
    try:
        party = context.parties.party(document.dossier, named)
    except NotFoundError:
        log.warning("%s is named by a reference and does not exist", named)
        return None
    if by_account and not akin(who["name"], party.name):
        return None  # several suppliers may be paid on a factor's account
    if not parties.fits(party, siren=who["siren"], name=who["name"]):
        return None
    return party


def _rival(
    document: Document, candidate: Candidate, party: Party | None, context: Context
) -> Party | None:
    side = parties.side_of(document.direction)
    who = parties.described(candidate, side)
    if party is not None and plain(who["name"]) in ("", plain(party.name), *party.aliases):
        return None
    numbers = {"siren": who["siren"], "vat": who["vat"]}
    return rival_of(
        party, document.dossier, side, (plain(who["name"]),), **numbers, context=context
    )


def _holder(
    document: Document,
    candidate: Candidate,
    shown: Sequence[str],
    cards: Sequence[Party | None],
    context: Context,
) -> tuple[Party | None, tuple[str, ...]]:
    """The first card that holds a document for the accounts that it shows, and these accounts.

    ``cards``: the document's own, or None, then those that held it; a rival's comes last.
    """
    for card in cards:
        unknown = bank_accounts.unknown(card, shown) if card is not None else ()
        if unknown:
            return card, unknown
    other = _rival(document, candidate, cards[0], context) if shown else None
    return other, bank_accounts.unknown(other, shown) if other is not None else ()


def held(
    document: Document,
    candidate: Candidate,
    party: Party | None,
    context: Context,
    *,
    issued: bool,
    holders: Sequence[Party] = (),
) -> tuple[Fault, ...]:
    """The faults of the accounts that nobody approved; the card remembers who waits for them.

    A document that has no card, or comes under the name of another one, is held by the card that
    bears its name or bore its numbers (cards.rival_of), and by the ``holders``: those that held it
    before, whatever they are called by now.

    On a page, an IBAN that does not check was misread: nobody can be paid there. In data that are
    ``issued``, BT-84 may be an account that is no IBAN at all, where somebody can.
    """
    if document.direction is not Direction.PURCHASE:
        return ()
    shown = [one for one in candidate.ibans if issued or identifiers.is_iban(one)]
    party, unknown = _holder(document, candidate, shown, (party, *holders), context)
    if party is None or not unknown:
        return ()
    at = context.clock.now()
    for _attempt in range(3):
        waiting = party
        for iban in unknown:
            waiting = bank_accounts.asked(waiting, iban, document=document.id, at=at)
        if waiting == party:
            break
        entries = [
            entry_of(party, "party.account_seen", SYSTEM, "", context, iban=iban[-4:],
                     document=document.id)
            for iban in unknown if waiting.account(iban) != party.account(iban)
        ]  # fmt: skip
        try:
            context.parties.save((waiting,), tuple(entries))
            break
        except StaleVersionError:
            party = context.parties.party(document.dossier, party.id)
    needed = people_needed(document.dossier, context)
    return bank_accounts.account_faults(party, unknown, needed=needed)
