"""One person does not get round the approval of a bank account by moving cards about (PE-03)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from facteur.domain import bank_accounts, merging, parties
from facteur.domain.documents import Document, State
from facteur.domain.dossiers import PERMISSIONS, Role
from facteur.domain.errors import ForbiddenError, InvalidError
from facteur.domain.invoice import CreditTransfer
from facteur.domain.parties import Account, AccountState, Party, Side
from facteur.domain.people import Firm, FirmMember, FirmRole, Link, LinkState
from facteur.local.demo import invoices
from facteur.ports import PeopleChanges
from facteur.services.parties import bank_accounts as accounts
from facteur.services.parties import book
from facteur.services.parties import merging as party_merging
from facteur.services.parties.cards import people_needed

from tests.services.parties.test_learning import (
    OTHER,
    accept,
    add_member,
    candidate,
    card,
    joiner,
    mailed,
    page,
    pdf,
)
from tests.services.world import DAY, START, World, xml

__all__ = ["joiner"]

REEL, FAUX = "FR7630006000011234567890189", OTHER.replace(" ", "")
THIRD = "DE89370400440532013000"
SIREN, NAME = "552100554", "Menuiserie Le Goff"


def states(party: Party) -> dict[str, AccountState]:
    """What is said of each account."""
    return {one.iban: one.state for one in party.accounts}


def known(world: World) -> Party:
    """The joiner's card, as his first accepted invoice makes it, where two people decide."""
    add_member(world, "u2", Role.MANAGER)
    return card(world, accept(world, mailed(world, "MG-118")))


def add(world: World, iban: str = "", **values: str) -> Party:
    """A card typed by one person."""
    return book.add(world.caller, Side.SUPPLIER, values, world.context, iban=iban)


def change(world: World, party: Party, **values: str) -> Party:
    """The card, changed by one person."""
    held = world.context.parties.party(world.dossier, party.id)
    return book.change(world.caller, held.id, held.version, values, world.context)


def frozen(world: World, document: Document) -> bool:
    """True when it is held for its account, and nobody can accept it."""
    held = "iban.changed" in [one.code for one in document.faults]
    if held:
        assert State.TO_CHECK is document.state
        with pytest.raises(InvalidError):
            accept(world, document)
    return held


def unnamed(world: World, number: str, **of_page: object) -> Document:
    """An invoice of the joiner without any number of his company."""
    text = page(number, **of_page).replace("SIRET 552 100 554 00013", "")
    before = {one.id for one in world.documents()}
    world.receive((f"{number}.pdf", pdf(text)), key=f"mail/{number}", message_id=number)
    (document,) = (one for one in world.documents() if one.id not in before)
    return document


# ── Mergers ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("order", [1, -1])
def test_a_merger_makes_no_account_known_whichever_card_stays(joiner: World, order: int) -> None:
    """Another IBAN on a second card, merged either way: it waits, and its invoice is frozen."""
    real = known(joiner)
    false = add(joiner, FAUX, name="Reel SAS bis")
    assert {FAUX: AccountState.KNOWN} == states(false)

    kept, gone = (false, real)[::order]
    whole = party_merging.merge(joiner.caller, kept.id, gone.id, joiner.context)

    assert {AccountState.PENDING} == {*states(whole).values()}
    assert frozen(joiner, mailed(joiner, "MG-119", iban=FAUX, day="20/11/2026"))
    assert frozen(joiner, mailed(joiner, "MG-120", day="21/11/2026"))


def test_after_a_merger_two_people_make_an_account_known_again(joiner: World) -> None:
    """The true one goes on working, the false one stays frozen."""
    real = known(joiner)
    false = add(joiner, FAUX, name="Reel SAS bis")
    whole = party_merging.merge(joiner.caller, false.id, real.id, joiner.context)
    other = replace(joiner.caller, user="u2", name="Benoît")

    accounts.approve_account(joiner.caller, whole.id, REEL, joiner.context)
    with pytest.raises(ForbiddenError):
        accounts.approve_account(joiner.caller, whole.id, REEL, joiner.context)
    whole = accounts.approve_account(other, whole.id, REEL, joiner.context)

    assert (REEL,) == whole.known_ibans
    assert not frozen(joiner, mailed(joiner, "MG-119", day="20/11/2026"))
    assert frozen(joiner, mailed(joiner, "MG-120", iban=FAUX, day="21/11/2026"))


def _account(iban: str, state: AccountState = AccountState.KNOWN) -> Account:
    return Account(iban=iban, state=state, seen_at=START, decided_at=START)


def _cards(
    kept: Sequence[Account], gone: Sequence[Account]
) -> tuple[dict[str, AccountState], Party, Party]:
    one = Party(dossier="d", id="p1", side=Side.SUPPLIER, number="FOUR-001", name="A",
                accounts=tuple(kept))  # fmt: skip
    whole, left = merging.merged(
        one, replace(one, id="p2", number="FOUR-002", accounts=tuple(gone)), at=START
    )
    return states(whole), whole, left


def test_what_both_cards_knew_and_what_only_one_had_stay_known() -> None:
    """Nothing waits where there is nothing to get round; what was refused stays so."""
    assert {REEL: AccountState.KNOWN} == _cards([_account(REEL)], [_account(REEL)])[0]
    assert {REEL: AccountState.KNOWN} == _cards([], [_account(REEL)])[0]
    seen = _account(REEL, AccountState.PENDING)
    assert {REEL: AccountState.KNOWN} == _cards([seen], [_account(REEL)])[0]
    refused = _account(REEL, AccountState.REFUSED)
    assert {REEL: AccountState.REFUSED} == _cards([_account(REEL)], [refused])[0]


def test_a_contested_account_is_vouched_for_by_no_acceptance_and_back_when_undone() -> None:
    """Nor does the first that waits pass; an undone merger gives each card its own."""
    _states, whole, left = _cards([_account(REEL)], [_account(FAUX)])
    for iban in (REEL, FAUX, "FR7610107001011234567890129"):
        assert bank_accounts.account_fault(whole, iban, needed=2)
    after = bank_accounts.vouched(whole, FAUX, document="d1", by="u", by_name="U", at=START)
    assert () == after.known_ibans
    typed = bank_accounts.with_account(
        whole, "FR7610107001011234567890129", by="u", by_name="U", at=START
    )
    assert () == typed.known_ibans
    alone, back = merging.separated(whole, left, at=START)
    assert ((REEL,), (FAUX,)) == (alone.known_ibans, back.known_ibans)


def test_refusing_both_accounts_of_a_merger_lets_one_person_choose_none(joiner: World) -> None:
    """Merged, both refused, a third typed, or shown by an invoice: it waits, frozen, for two."""
    real = known(joiner)
    false = add(joiner, FAUX, name="Reel SAS bis")
    whole = party_merging.merge(joiner.caller, real.id, false.id, joiner.context)
    for iban in (REEL, FAUX):
        accounts.refuse_account(joiner.caller, whole.id, iban, joiner.context)

    whole = accounts.add_account(joiner.caller, whole.id, THIRD, joiner.context)

    assert AccountState.PENDING is states(whole)[THIRD]
    held = mailed(joiner, "MG-119", iban=THIRD, day="20/11/2026")
    assert frozen(joiner, held)
    for user in ("u1", "u2"):
        who = replace(joiner.caller, user=user)
        whole = accounts.approve_account(who, real.id, THIRD, joiner.context)
    assert (THIRD,) == whole.known_ibans
    assert not frozen(joiner, joiner.document(held.id))


def test_what_was_refused_still_holds_after_the_merger_is_undone(joiner: World) -> None:
    """The real account refused while it waited, then the cards apart: a third one waits too."""
    real = known(joiner)
    false = add(joiner, FAUX, name="Reel SAS bis")
    party_merging.merge(joiner.caller, real.id, false.id, joiner.context)
    joiner.clock.pass_(hours=1)
    accounts.refuse_account(joiner.caller, real.id, REEL, joiner.context)
    party_merging.separate(joiner.caller, false.id, joiner.context)
    alone = accounts.add_account(joiner.caller, real.id, THIRD, joiner.context)
    assert {REEL: AccountState.REFUSED, THIRD: AccountState.PENDING} == states(alone)


def test_many_made_up_accounts_push_out_none_that_is_contested() -> None:
    """Waiting or refused: after them, whoever accepts an invoice still vouches for none."""
    _states, whole, _left = _cards([_account(REEL)], [_account(FAUX)])
    whole = bank_accounts.refused(whole, FAUX, by="u", by_name="U", at=START)
    for number in range(2 * parties.MOST_ACCOUNTS):
        whole = bank_accounts.asked(whole, f"X{number}", document=f"d{number}", at=START)
        whole = bank_accounts.refused(whole, f"X{number}", by="u", by_name="U", at=START)
    whole = bank_accounts.asked(whole, "Y", document="y", at=START)

    assert parties.MOST_ACCOUNTS == len(whole.accounts)
    assert {REEL, FAUX, "Y"} <= {*states(whole)}
    after = bank_accounts.vouched(whole, "Y", document="y", by="u", by_name="U", at=START)
    assert () == after.known_ibans


def test_many_made_up_accounts_do_not_take_the_place_of_the_first_that_waits() -> None:
    """Of a supplier whom only the system let through, his own account stays the expected one."""
    alone = Party(dossier="d", id="p1", side=Side.SUPPLIER, number="FOUR-001", name="A")
    alone = bank_accounts.asked(alone, REEL, document="d1", at=START)
    for number in range(2 * parties.MOST_ACCOUNTS):
        alone = bank_accounts.asked(alone, f"X{number}", document=f"d{number}", at=START)
    assert bank_accounts.account_fault(alone, REEL, needed=1) is None
    assert bank_accounts.account_fault(alone, alone.accounts[1].iban, needed=1)


def test_more_accounts_than_a_card_holds_leave_it_held_all_the_same() -> None:
    """Two cards full of known and refused ones: merged, no new account is vouched for."""
    refused = [_account(f"R{n}", AccountState.REFUSED) for n in range(parties.MOST_ACCOUNTS)]
    _states, whole, _left = _cards([_account(REEL), *refused[1:]], [*refused])
    assert (REEL,) == whole.known_ibans
    many = [_account(f"K{number}") for number in range(parties.MOST_ACCOUNTS)]
    _states, whole, _left = _cards(many, [_account(FAUX)])
    assert parties.MOST_ACCOUNTS == len(whole.accounts)
    typed = bank_accounts.with_account(whole, THIRD, by="u", by_name="U", at=START)
    assert () == typed.known_ibans


def test_a_contested_account_stays_so_beside_the_same_one_that_waits() -> None:
    """Seen on an invoice of the card that stays, contested on the other: so on the whole."""
    contested = replace(_account(REEL, AccountState.PENDING), contested=True)
    seen = _account(REEL, AccountState.PENDING)
    for kept, gone in (([seen], [contested]), ([contested], [seen])):
        assert _cards(kept, gone)[1].contested


# ── Several accounts on one invoice ─────────────────────────────────────────────────────────────


def two_accounts(world: World) -> Document:
    """An invoice as XML on FAUX and on THIRD."""
    usual = invoices.workshop(DAY).payment
    assert usual
    pay = replace(usual, transfers=(CreditTransfer(iban=THIRD), CreditTransfer(iban=FAUX)))
    before = {one.id for one in world.documents()}
    data = xml("X-2", payment=pay)
    world.receive(("X-2.xml", data), key="mail/X-2", message_id="X-2")
    (document,) = (one for one in world.documents() if one.id not in before)
    assert (THIRD, FAUX) == candidate(world, document).ibans
    return document


@pytest.mark.parametrize("kind", ["nobody's", "another's", "renamed since", "merged since"])
def test_an_invoice_on_two_accounts_goes_on_once_both_are_approved(
    world: World, kind: str
) -> None:
    """Held by a card that is not its own: the one that bore its SIREN, or bears its name."""
    add_member(world, "u2", Role.MANAGER)
    world.receive(("X-1.xml", xml("X-1")), key="mail/X-1", message_id="X-1")
    made = card(world, accept(world, world.documents()[0]))
    if kind == "another's":
        change(world, made, siren="", siret="", vat="")
        add(world, name="Tout autre nom", siren=made.siren)
    else:
        change(world, made, siren="", siret="", vat="", name="Tout autre nom")
    document = two_accounts(world)
    assert (kind == "another's") == bool(document.party)
    assert {made.id} == {one.values["card"] for one in document.faults}
    holder = made
    if kind == "renamed since":
        change(world, made, name="Encore un autre")
    if kind == "merged since":
        holder = add(world, name="Qui reste")
        party_merging.merge(world.caller, holder.id, made.id, world.context)

    for iban, last in ((THIRD, False), (FAUX, True)):
        for user in ("u1", "u2"):
            who = replace(world.caller, user=user)
            accounts.approve_account(who, holder.id, iban, world.context)
        world.deliver()
        document = world.document(document.id)
        left = [one.values["iban"] for one in document.faults if one.code == "iban.changed"]
        assert ([] if last else [FAUX[-4:]]) == left
        assert last is not frozen(world, document)
    assert State.TO_ACCEPT is document.state


# ── Numbers and names ───────────────────────────────────────────────────────────────────────────


def test_a_siren_taken_from_a_card_gives_another_card_no_known_account(joiner: World) -> None:
    """Emptied on the real card, typed on a new one: its IBAN waits, its invoice is frozen."""
    real = known(joiner)
    change(joiner, real, siren="", siret="", vat="")

    false = add(joiner, FAUX, name="Reel SAS bis", siren=SIREN)

    assert {FAUX: AccountState.PENDING} == states(false)
    assert frozen(joiner, mailed(joiner, "MG-119", iban=FAUX, day="20/11/2026"))


@pytest.mark.parametrize("account_first", [True, False])
def test_a_siren_given_to_a_card_that_was_there_helps_no_more(
    joiner: World,
    account_first: bool,
) -> None:
    """The account typed before the SIREN, or after it: it waits all the same."""
    real = known(joiner)
    change(joiner, real, siren="", siret="", vat="")
    false = add(joiner, FAUX if account_first else "", name="Reel SAS bis")
    false = change(joiner, false, siren=SIREN)
    if not account_first:
        false = accounts.add_account(joiner.caller, false.id, FAUX, joiner.context)

    assert {FAUX: AccountState.PENDING} == states(false)
    assert frozen(joiner, mailed(joiner, "MG-119", iban=FAUX, day="20/11/2026"))


def test_without_any_card_of_the_siren_the_invoice_is_held_by_who_bore_it(joiner: World) -> None:
    """Emptied and renamed, the real card still holds what comes with another account.

    Its own account passes, and two people free what was held.
    """
    real = known(joiner)
    change(joiner, real, siren="", siret="", vat="", name="Autre chose")

    held = mailed(joiner, "MG-119", iban=FAUX, day="20/11/2026")
    assert frozen(joiner, held)
    assert not frozen(joiner, mailed(joiner, "MG-120", day="21/11/2026"))

    for user in ("u1", "u2"):
        who = replace(joiner.caller, user=user)
        accounts.approve_account(who, real.id, FAUX, joiner.context)
    assert State.TO_CHECK is not joiner.document(held.id).state or not frozen(
        joiner, joiner.document(held.id)
    )


def test_a_siren_is_remembered_also_while_all_accounts_of_its_card_wait(joiner: World) -> None:
    """Merged first, so that none is known, then emptied: the next bearer's IBAN waits."""
    real = known(joiner)
    false = add(joiner, FAUX, name="Reel SAS bis")
    whole = party_merging.merge(joiner.caller, false.id, real.id, joiner.context)
    change(joiner, whole, siren="", siret="", vat="")

    third = add(joiner, FAUX, name="Reel SAS ter", siren=SIREN)

    assert {FAUX: AccountState.PENDING} == states(third)
    assert frozen(joiner, mailed(joiner, "MG-119", iban=FAUX, day="20/11/2026"))


def test_a_card_of_the_same_name_gets_round_nothing(joiner: World) -> None:
    """By its name alone, added or given later; two SIRENs are two companies."""
    add_member(joiner, "u2", Role.MANAGER)
    add(joiner, REEL, name=NAME)
    assert {FAUX: AccountState.PENDING} == states(add(joiner, FAUX, name=NAME, siren=SIREN))
    third = add(joiner, FAUX, name="Tout autre nom")
    assert {FAUX: AccountState.KNOWN} == states(third)
    assert {FAUX: AccountState.PENDING} == states(change(joiner, third, name=NAME))


def test_two_companies_of_one_name_are_not_rivals(joiner: World) -> None:
    """Each with its SIREN: the second one's first account is known."""
    add(joiner, REEL, name=NAME, siren="500000005")
    assert {FAUX: AccountState.KNOWN} == states(add(joiner, FAUX, name=NAME, siren=SIREN))


def test_an_invoice_under_anothers_name_is_held_by_that_one(joiner: World) -> None:
    """A card of any name with the SIREN that the real one never had: still another account."""
    add_member(joiner, "u2", Role.MANAGER)
    add(joiner, REEL, name=NAME)
    add(joiner, FAUX, name="Tout autre nom", siren=SIREN)

    assert frozen(joiner, mailed(joiner, "MG-119", iban=FAUX))


def test_an_archived_card_still_holds(joiner: World) -> None:
    """Archiving the real card frees neither its SIREN nor another account."""
    real = known(joiner)
    book.set_standing(joiner.caller, real.id, archived=True, context=joiner.context)
    assert frozen(joiner, mailed(joiner, "MG-119", iban=FAUX, day="20/11/2026"))
    assert frozen(joiner, unnamed(joiner, "MG-120", iban=FAUX, day="21/11/2026"))


def test_a_number_put_right_disturbs_nothing_of_its_own_card(joiner: World) -> None:
    """Emptied and typed again on the same card: its account stays known."""
    real = known(joiner)
    change(joiner, real, siren="", siret="", vat="")
    again = change(joiner, real, siren=SIREN)
    assert (REEL,) == again.known_ibans
    assert not frozen(joiner, mailed(joiner, "MG-119", day="20/11/2026"))


# ── Who approves ────────────────────────────────────────────────────────────────────────────────


def firm_linked(world: World, role: Role, state: LinkState = LinkState.ACTIVE) -> None:
    """A firm of two people on the dossier."""
    link = Link(
        firm="f1", firm_name="Cabinet", dossier=world.dossier, dossier_name="D", siren=SIREN,
        state=state, role=role, since=START,
    )  # fmt: skip
    people = tuple(
        FirmMember(firm="f1", user=one, email=f"{one}@f.fr", name=one, role=FirmRole.STAFF)
        for one in ("c1", "c2")
    )
    firm = Firm(id="f1", name="Cabinet", siren="732829320")
    world.context.people.commit(PeopleChanges(firm=firm, firm_members=people, links=(link,)))


@pytest.mark.parametrize(
    ("role", "state", "needed"),
    [
        (Role.STAFF, LinkState.ACTIVE, 2),
        (Role.ACCOUNTANT, LinkState.ACTIVE, 1),
        (Role.READER, LinkState.ACTIVE, 1),
        (Role.STAFF, LinkState.ASKED_BY_FIRM, 1),
    ],
)
def test_the_people_of_a_linked_firm_count_where_its_link_decides(
    world: World, role: Role, state: LinkState, needed: int
) -> None:
    """One gérant and a firm: two approve, unless the firm only reads, or is not in."""
    firm_linked(world, role, state)
    assert needed == people_needed(world.dossier, world.context)


def test_one_person_of_the_firm_does_not_approve_alone(joiner: World) -> None:
    """The account waits for the gérant, or for a colleague."""
    accept(joiner, mailed(joiner, "MG-118"))
    firm_linked(joiner, Role.STAFF)
    held = mailed(joiner, "MG-119", iban=OTHER, day="20/11/2026")
    party = card(joiner, held)
    one = replace(joiner.caller, user="c1", permissions=PERMISSIONS[Role.STAFF], firm="f1")

    after = accounts.approve_account(one, party.id, OTHER, joiner.context)
    assert (REEL,) == after.known_ibans
    after = accounts.approve_account(joiner.caller, party.id, OTHER, joiner.context)
    assert {REEL, FAUX} == {*after.known_ibans}
