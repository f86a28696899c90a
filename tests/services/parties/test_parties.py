"""Ten thousand cards stay usable; cards, accounts and merges hold what they promise."""

from dataclasses import replace
from datetime import timedelta

import pytest
from facteur.adapters.aws.party_items import PartyRow
from facteur.adapters.aws.table import Table, Write
from facteur.domain import bank_accounts, merging, parties
from facteur.domain.candidate import Candidate, Origin, Provenance, Reading
from facteur.domain.dossiers import PERMISSIONS, Role
from facteur.domain.errors import (
    ConflictError,
    DuplicateError,
    ForbiddenError,
    IllegalTransitionError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.parties import (
    Account,
    AccountState,
    Contact,
    Defaults,
    Party,
    Side,
    Standing,
)
from facteur.services.parties import book as cards
from facteur.services.parties import lists
from facteur.services.parties import merging as party_merging

from tests.services.world import START, World

IBAN, OTHER = "FR7630006000011234567890189", "FR1420041010050500013M02606"


def party(**values: object) -> Party:
    """A card."""
    held: dict[str, object] = {"dossier": "demo", "id": "p1", "side": Side.SUPPLIER,
                               "number": "FOUR-001", "name": "Le Goff", **values}  # fmt: skip
    return Party(**held)  # type: ignore[arg-type]


def test_numbers_follow_each_other_and_sort_as_numbers() -> None:
    """Three digits, more when needed; FOUR-2 before FOUR-10."""
    assert ("FOUR-008", "CLI-1234") == (
        parties.number_of(Side.SUPPLIER, 8), parties.number_of(Side.CUSTOMER, 1234)
    )  # fmt: skip
    assert parties.sort_key("FOUR-2") < parties.sort_key("FOUR-10")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": ""}, "party.name_missing"),
        ({"number": ""}, "party.number_missing"),
        ({"siren": "123456789"}, "party.siren"),
        ({"siret": "55210055400012"}, "party.siret"),
        ({"siren": "403156540", "siret": "55210055400013"}, "party.siret_other"),
        ({"siren": "403156540", "vat": "FR78500000005"}, "party.vat_other"),
        ({"vat": "BE0000"}, "party.vat"),
        ({"country": "France"}, "typed.country"),
        ({"email": "a@b"}, "email.invalid"),
        ({"email": "a@b.fr\nBcc: x@y.fr"}, "email.invalid"),
        ({"contacts": (Contact(email="x"),)}, "email.invalid"),
        ({"name": "x" * 201}, "party.too_long"),
        ({"notes": "x" * 4_001}, "party.too_long"),
        ({"contacts": (Contact(name="a"),) * 31}, "party.contacts_many"),
    ],
)
def test_what_is_wrong_with_a_card_is_said(values: dict[str, object], code: str) -> None:
    """Each fault by its code; a good card has none."""
    assert code in [one.code for one in parties.checked(party(**values))]
    assert () == parties.checked(party(siren="403156540", email="a@b.fr"))


def test_a_foreign_supplier_shows_its_own_scheme() -> None:
    """SIREN-…, else the other scheme, else the VAT number (JF-26)."""
    assert "SIREN-403156540" == party(siren="403156540").legal_id
    assert "0208-0123456789" == party(scheme="0208", identifier="0123456789").legal_id
    assert "TVA-BE0428759497" == party(vat="BE0428759497").legal_id
    assert "" == party().legal_id


def _candidate(**fields: str) -> Candidate:
    proof = Provenance(origin=Origin.TEXT)
    return Candidate(fields={n: Reading(value=v, provenance=proof) for n, v in fields.items()})


def test_only_numbers_that_check_name_a_company() -> None:
    """A misread SIREN, SIRET or VAT number is left out; a good one gives the others."""
    read = _candidate(seller_name="X", seller_siret="55210055400013", seller_vat="FR00552100554")
    found = parties.described(read, Side.SUPPLIER)
    assert ("552100554", "55210055400013", "") == (found["siren"], found["siret"], found["vat"])
    read = _candidate(seller_siren="123456789", seller_vat="FR78500000005")
    assert "500000005" == parties.described(read, Side.SUPPLIER)["siren"]


def test_an_accepted_invoice_completes_and_never_overwrites() -> None:
    """Only empty fields; another name becomes an alias; another SIREN adds nothing."""
    held = party(siren="403156540", email="a@b.fr", city="Brest")
    found = {"name": "LE GOFF SARL", "siren": "403156540", "vat": "FR83403156540",
             "address": "1 rue X", "city": "Quimper", "postcode": "29000"}  # fmt: skip
    after = parties.completed(held, found)
    assert ("Le Goff", "FR83403156540", "Brest", "") == (
        after.name, after.vat, after.city, after.address
    )  # fmt: skip
    assert ("LEGOFFSARL",) == after.aliases
    assert held == parties.completed(held, {**found, "siren": "500000005"})


# ── Bank accounts ───────────────────────────────────────────────────────────────────────────────


def test_an_account_goes_its_way_and_no_other() -> None:
    """The first is known; the next waits, is approved by two, or refused for good."""
    one = bank_accounts.with_account(party(), IBAN, by="u1", by_name="A", at=START)
    assert (IBAN,) == one.known_ibans
    assert one == bank_accounts.with_account(one, IBAN, by="u2", by_name="B", at=START)
    two = bank_accounts.with_account(one, OTHER, by="u1", by_name="A", at=START)
    assert (IBAN,) == two.known_ibans
    half = bank_accounts.approved(two, OTHER, by="u1", by_name="A", needed=2, at=START)
    assert (IBAN,) == half.known_ibans
    with pytest.raises(ForbiddenError):
        bank_accounts.approved(half, OTHER, by="u1", by_name="A", needed=2, at=START)
    whole = bank_accounts.approved(half, OTHER, by="u2", by_name="B", needed=2, at=START)
    assert (IBAN, OTHER) == whole.known_ibans
    with pytest.raises(IllegalTransitionError):
        bank_accounts.refused(whole, OTHER, by="u1", by_name="A", at=START)
    no = bank_accounts.refused(two, OTHER, by="u1", by_name="A", at=START)
    assert no == bank_accounts.asked(no, IBAN, document="d", at=START)
    with pytest.raises(IllegalTransitionError):
        bank_accounts.approved(no, OTHER, by="u2", by_name="B", needed=1, at=START)
    assert "refused" == bank_accounts.account_fault(no, OTHER, needed=1).values["state"]  # type: ignore[union-attr]


def test_a_first_account_changes_nothing_and_an_unknown_one_does() -> None:
    """No fault without a known account, none for a known one, a blocking one else."""
    assert bank_accounts.account_fault(party(), IBAN, needed=1) is None
    held = party(accounts=(Account(iban=IBAN, state=AccountState.KNOWN, seen_at=START),))
    assert bank_accounts.account_fault(held, "FR76 3000 6000 0112 3456 7890 189", needed=1) is None
    fault = bank_accounts.account_fault(held, OTHER, needed=2)
    assert fault is not None
    assert fault.blocking


def test_many_unknown_accounts_push_out_none_that_people_decided() -> None:
    """Sixty hostile invoices, each with its account: the known one still is the only one."""
    held = bank_accounts.with_account(party(), IBAN, by="u1", by_name="A", at=START)
    held = bank_accounts.asked(held, OTHER, document="d", at=START)
    held = bank_accounts.refused(held, OTHER, by="u1", by_name="A", at=START)
    for number in range(60):
        held = bank_accounts.asked(held, f"FR76{number:023d}", document=f"d{number}", at=START)
    assert (IBAN,) == held.known_ibans
    assert len(held.accounts) == parties.MOST_ACCOUNTS
    fault = bank_accounts.account_fault(held, OTHER, needed=1)
    assert fault is not None
    assert fault.values["state"] == "refused"


def test_what_nobody_vouched_for_may_not_change_either() -> None:
    """Let through by the system, the first account goes on, another waits, a refused one too."""
    held = bank_accounts.asked(party(), IBAN, document="d1", at=START)
    assert bank_accounts.account_fault(held, IBAN, needed=1) is None
    assert bank_accounts.account_fault(held, OTHER, needed=1) is not None
    held = bank_accounts.asked(held, OTHER, document="d2", at=START)
    assert bank_accounts.account_fault(held, OTHER, needed=1) is not None
    alone = bank_accounts.asked(party(), IBAN, document="d1", at=START)
    alone = bank_accounts.refused(alone, IBAN, by="u1", by_name="A", at=START)
    fault = bank_accounts.account_fault(alone, IBAN, needed=1)
    assert fault is not None
    assert fault.values["state"] == "refused"
    assert bank_accounts.account_fault(alone, OTHER, needed=1) is None


# ── The store ───────────────────────────────────────────────────────────────────────────────────


def test_two_writers_of_one_card_do_not_lose_each_other(world: World) -> None:
    """The second, of an older version, is told; so are two cards of one SIREN."""
    made = cards.add(
        world.caller, Side.SUPPLIER, {"name": "A", "siren": "403156540"}, world.context
    )
    store = world.context.parties
    store.save((replace(made, email="a@b.fr"),), ())
    with pytest.raises(StaleVersionError):
        store.save((replace(made, email="c@d.fr"),), ())
    with pytest.raises(DuplicateError):
        cards.add(world.caller, Side.SUPPLIER, {"name": "B", "siren": "403156540"}, world.context)
    with pytest.raises(InvalidError):
        cards.listed(world.caller, Side.SUPPLIER, world.context, cursor="§")


def test_a_name_shared_by_two_companies_names_the_first(world: World) -> None:
    """The second may exist; renamed, the first lets the name go."""
    one = cards.add(world.caller, Side.SUPPLIER, {"name": "Martin"}, world.context)
    cards.add(world.caller, Side.SUPPLIER, {"name": "MARTIN", "siren": "403156540"}, world.context)
    key = ("supplier|name|MARTIN",)
    assert one.id == world.context.parties.find(world.dossier, key)


def test_a_mark_that_two_cards_bear_names_neither(world: World) -> None:
    """Saved on one it names it; on a second too, nobody."""
    store = world.context.parties
    store.save((party(id="a", marks=("web:x.fr", "web:a.fr")),), ())
    assert {"web:x.fr": "a", "web:a.fr": "a"} == store.marked("demo", ("web:x.fr", "web:a.fr"))
    store.save((party(id="b", number="FOUR-002", name="B", marks=("web:x.fr",)),), ())
    assert {"web:a.fr": "a"} == store.marked("demo", ("web:x.fr", "web:a.fr"))


def test_merged_cards_keep_their_rules() -> None:
    """One side, two cards, one company."""
    one, two = party(), party(id="p2", siren="403156540")
    whole, gone = merging.merged(one, two, at=START)
    assert ("403156540", ("p2",), "p1") == (whole.siren, whole.merged_from, gone.merged_into)
    for other in (one, replace(two, side=Side.CUSTOMER), gone):
        with pytest.raises(ConflictError):
            merging.merged(one, other, at=START)


def test_a_merger_undone_gives_each_card_what_was_its_own() -> None:
    """Fields, contacts, accounts, aliases, counts: as before the merger, to the last detail."""
    account = Account(iban=IBAN, state=AccountState.KNOWN, seen_at=START, decided_at=START)
    kept = party(email="a@x.example", contacts=(Contact(name="A"),), invoices=3, marks=("m1",),
                 accounts=(replace(account, iban=OTHER),), aliases=("VIEUX",))  # fmt: skip
    gone = party(id="p2", number="FOUR-002", name="Le Goff SARL", siren="403156540", trusted=True,
                 email="b@x.example", city="Quimper", contacts=(Contact(name="B"),), invoices=2,
                 accounts=(account,), marks=("m1", "m2"))  # fmt: skip
    whole, left = merging.merged(kept, gone, at=START)
    assert (whole.siren, whole.invoices, len(whole.accounts)) == ("403156540", 5, 2)
    alone, back = merging.separated(whole, left, at=START + merging.UNDO_TIME)
    assert (alone, back) == (kept, gone)


def test_what_people_did_since_the_merger_is_not_taken_back() -> None:
    """A field written, an account approved, an invoice more: they stay where they were done."""
    account = Account(iban=IBAN, state=AccountState.KNOWN, seen_at=START, decided_at=START)
    later = START + timedelta(days=1)
    gone = party(id="p2", number="FOUR-002", city="Quimper", postcode="29000", accounts=(account,))
    whole, left = merging.merged(party(), gone, at=START)
    approved = replace(account, decided_at=later)
    changed = replace(whole, city="Brest", accounts=(approved,), invoices=whole.invoices + 1)
    alone, back = merging.separated(changed, left, at=later)
    assert (alone.city, alone.postcode, alone.accounts, alone.invoices) == (
        "Brest", "", (approved,), 1,
    )  # fmt: skip
    assert back == gone


@pytest.mark.parametrize(
    ("changes", "days", "code"),
    [
        ({}, 31, "party.separate_late"),
        ({"standing": Standing.ARCHIVED}, 1, "party.separate_impossible"),
        ({"id": "p9"}, 1, "party.separate_impossible"),
    ],
)
def test_a_merger_is_not_undone_for_ever(changes: dict[str, object], days: int, code: str) -> None:
    """Too late, the card archived since, another card; nor one of before it was remembered."""
    whole, left = merging.merged(party(), party(id="p2"), at=START)
    at = START + timedelta(days=days)
    with pytest.raises(ConflictError) as told:
        merging.separated(replace(whole, **changes), left, at=at)
    assert told.value.code == code
    with pytest.raises(ConflictError):
        merging.separated(whole, replace(left, merger=None), at=START)


def test_separated_cards_are_found_again_by_what_names_them(world: World) -> None:
    """The SIREN and the name lead to the card that has them again; the journal tells both ways."""
    one = cards.add(world.caller, Side.SUPPLIER, {"name": "Le Goff"}, world.context)
    two = cards.add(
        world.caller, Side.SUPPLIER, {"name": "Goff SARL", "siren": "403156540"}, world.context
    )
    key = ["supplier|siren|403156540"]
    party_merging.merge(world.caller, one.id, two.id, world.context)
    assert world.context.parties.find(world.dossier, key) == one.id
    view = cards.card(world.caller, two.id, world.context)
    assert party_merging.separable(view, world.context)
    back = party_merging.separate(world.caller, two.id, world.context)
    assert world.context.parties.find(world.dossier, key) == two.id
    assert (back.standing, back.siren) == (Standing.ACTIVE, "403156540")
    assert world.context.parties.party(world.dossier, one.id).siren == ""
    journal = {entry.what for entry in world.context.journal.entries(world.dossier)}
    assert {"party.merged", "party.separated"} <= journal
    with pytest.raises(ConflictError):
        party_merging.separate(world.caller, two.id, world.context)
    reader = replace(world.caller, permissions=PERMISSIONS[Role.READER])
    with pytest.raises(ForbiddenError):
        party_merging.separate(reader, two.id, world.context)
    with pytest.raises(NotFoundError):
        party_merging.separate(replace(world.caller, dossier="autre"), two.id, world.context)


class CountingTable:
    """The table, counting its calls."""

    def __init__(self, table: Table) -> None:
        self._table, self.calls = table, 0

    def __getattr__(self, name: str) -> object:
        self.calls += 1
        return getattr(self._table, name)


def test_pages_of_a_long_list_cost_one_query_each(world: World) -> None:
    """Of 1,200 cards, by name or number: one call, first page or later; filters are bounded."""
    store = world.context.parties
    table: Table = store._table  # type: ignore[attr-defined]
    rows = [
        PartyRow.of(
            party(id=f"p{at:04d}", number=f"FOUR-{at:03d}", name=f"Société {at:04d}", version=1)
        )
        for at in range(1_200)
    ]
    for at in range(0, len(rows), 100):
        table.write([Write(row) for row in rows[at : at + 100]])
    counting = CountingTable(table)
    store._table = counting  # type: ignore[attr-defined]
    for order in ("nom", "numero"):
        cursor, seen, pages = "", set(), 0
        while pages < 4:
            counting.calls = 0
            page = cards.listed(
                world.caller, Side.SUPPLIER, world.context, order=order, cursor=cursor
            )
            assert 1 == counting.calls
            seen |= {one.id for one in page.parties}
            cursor, pages = page.cursor, pages + 1
        assert 200 == len(seen)
    found = cards.listed(
        world.caller, Side.SUPPLIER, world.context, order="email", filters={"nom": "societe 11"}
    )
    assert (50, False) == (len(found.parties), found.all_looked)
    assert all(one.name.startswith("Société 11") for one in found.parties)


def test_a_number_and_a_rate_are_two_changes() -> None:
    """« vat » is the company's number, « tax » its usual rate: each under its column's name."""
    before = party(vat="DE123456788", defaults=Defaults(vat="20 %"))
    number = replace(before, vat="DE999999999")
    rate = replace(before, defaults=Defaults(vat="10 %"))
    both = replace(number, defaults=rate.defaults)

    assert {"vat": "DE123456788 → DE999999999"} == parties.differences(before, number)
    assert {"tax": "20 % → 10 %"} == parties.differences(before, rate)
    assert ["N° TVA", "TVA"] == [
        lists.head_of(Side.SUPPLIER, name) for name in parties.differences(before, both)
    ]
