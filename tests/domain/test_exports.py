"""An invoice as an accounting entry: balanced to the cent, or left out with its reason."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from facteur.domain.candidate import Candidate, Origin, Provenance, Reading, VatRow
from facteur.domain.documents import (
    Channel,
    Direction,
    Document,
    Source,
    State,
    Summary,
)
from facteur.domain.exports import (
    Accounts,
    Booking,
    PartyRef,
    Posting,
    booked,
    faults_of_accounts,
    own_account,
)
from facteur.domain.faults import Fault
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ACCOUNTS = Accounts(dossier="d")
D = Decimal


def document(direction: Direction = Direction.PURCHASE, **changes: object) -> Document:
    """An archived invoice, before its data."""
    source = Source(channel=Channel.MAIL, at=NOW)
    whole = Document(
        dossier="d", id="doc1", direction=direction, state=State.ARCHIVED, received_at=NOW,
        filename="f.pdf", media_type="application/pdf", sha256="0", size=1, sources=(source,),
        summary=Summary(kind="invoice", number="F-12", seller_name="Vasseur",
                        buyer_name="Delorme", seller_key="552100554"),
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


def candidate(*rows: tuple[str, str, str], total: str, **more: object) -> Candidate:
    """The data of an invoice: rate, base and tax of each VAT row, and the total."""
    values: dict[str, object] = {
        "type": "invoice",
        "number": "F-12",
        "issue_date": date(2026, 11, 5),
        "due_date": date(2026, 12, 5),
        "currency": "EUR",
        "total_incl_vat": D(total),
        "vat_breakdown": tuple(
            VatRow(rate=D(rate), base=D(base), tax=D(tax)) for rate, base, tax in rows
        ),
        **more,
    }
    place = Provenance(origin=Origin.XML)
    return Candidate(
        fields={
            name: Reading(value=value, provenance=place)  # type: ignore[arg-type]
            for name, value in values.items()
            if value is not None
        }
    )


TWO_RATES = candidate(("20", "100.00", "20.00"), ("5.5", "200.00", "11.00"), total="331.00")


def _lines(found: Booking | Fault) -> list[tuple[str, str, str]]:
    assert isinstance(found, Booking), found
    return [(one.account, f"{one.debit:f}", f"{one.credit:f}") for one in found.postings]


def test_a_purchase_debits_its_charges_by_rate_and_credits_its_supplier() -> None:
    """One line per rate for the charge, one for its VAT, one for the whole."""
    found = booked(document(), TWO_RATES, ACCOUNTS, PartyRef(number="FOUR-001", name="Vasseur"))
    assert _lines(found) == [
        ("401000", "0", "331.00"),
        ("606000", "100.00", "0"), ("606000", "200.00", "0"),
        ("445660", "20.00", "0"), ("445660", "11.00", "0"),
    ]  # fmt: skip
    assert isinstance(found, Booking)
    assert (found.journal, found.piece, found.due) == ("AC", "F-12", date(2026, 12, 5))
    assert (found.postings[0].auxiliary, found.label) == ("FOUR-001", "Facture F-12 Vasseur")
    assert [one.rate for one in found.postings] == [None, D(20), D("5.5"), D(20), D("5.5")]


def test_a_sale_is_the_other_way_round_on_its_own_accounts() -> None:
    """The customer is debited; sales and VAT due are credited."""
    found = booked(document(Direction.SALE), TWO_RATES, ACCOUNTS, PartyRef())
    assert _lines(found)[:2] == [("411000", "331.00", "0"), ("706000", "0", "100.00")]
    assert _lines(found)[-1] == ("445710", "0", "11.00")
    assert isinstance(found, Booking)
    assert found.journal == "VE"


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_credit_note_is_reversed_however_its_amounts_are_printed(sign: str) -> None:
    """Positive as the standard says, or negative as some print it: one entry."""
    data = candidate(
        ("20", f"{sign}100.00", f"{sign}20.00"), total=f"{sign}120.00", type="credit_note"
    )
    found = booked(document(), data, ACCOUNTS, PartyRef())
    assert _lines(found) == [
        ("401000", "120.00", "0"), ("606000", "0", "100.00"), ("445660", "0", "20.00"),
    ]  # fmt: skip
    assert isinstance(found, Booking)
    assert found.label.startswith("Avoir F-12")


def _gap(booking: Booking) -> Decimal:
    """Debits less credits: zero, or there is a mistake of ours."""
    return sum((one.debit - one.credit for one in booking.postings), D(0))


def test_a_negative_row_stands_on_the_other_side() -> None:
    """A returned deposit among the goods: no posting is ever negative."""
    data = candidate(("20", "100.00", "20.00"), ("0", "-10.00", "0.00"), total="110.00")
    found = booked(document(), data, ACCOUNTS, PartyRef())
    assert _lines(found)[2] == ("606000", "0", "10.00")
    assert isinstance(found, Booking)
    assert len(found.postings) == 4  # the VAT of nothing is no line
    assert _gap(found) == 0


def test_the_account_chosen_for_the_document_wins() -> None:
    """What its party's card gave it; what is no account number is not used."""
    for chosen, expected in (("606 400", "606400"), ("fournitures", "606000"), ("", "606000")):
        held = document(coding={"account": chosen})
        assert _lines(booked(held, TWO_RATES, ACCOUNTS, PartyRef()))[1][0] == expected


def test_an_invoice_without_vat_table_is_booked_by_its_totals() -> None:
    """Totals that agree are enough; nothing is made up when they are not there."""
    data = candidate(total="120.00", total_excl_vat=D(100), total_vat=D(20), vat_breakdown=None)
    assert _lines(booked(document(), data, ACCOUNTS, PartyRef()))[1] == ("606000", "100", "0")
    exempt = candidate(total="80.00", vat_breakdown=None)
    assert _lines(booked(document(), exempt, ACCOUNTS, PartyRef())) == [
        ("401000", "0", "80.00"), ("606000", "80.00", "0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (candidate(("20", "100.00", "20.00"), total="120.01"), "exports.unbalanced"),
        (candidate(("20", "100.004", "20.00"), total="120.004"), "exports.unbalanced"),
        (candidate(("20", "1", "0.2"), total="1.2", currency="USD"), "exports.currency"),
        (candidate(("20", "1", "0.2"), total="1.2", issue_date=None), "exports.undated"),
        (candidate(("20", "1", "0.2"), total="1.2", number=None), "exports.undated"),
        (candidate(total="1.2", total_vat=D("0.2"), vat_breakdown=None), "exports.no_amounts"),
        (candidate(("20", "1", "0.2"), total="1", total_incl_vat=None), "exports.no_amounts"),
    ],
)  # fmt: skip
def test_what_has_no_balanced_entry_is_left_out_with_its_reason(
    data: Candidate, code: str
) -> None:
    """Nothing is rounded to balance, converted or dated by us; the invoice is named."""
    found = booked(document(), data, ACCOUNTS, PartyRef())
    assert isinstance(found, Fault)
    assert (found.code, found.values["number"], found.values["party"]) == (code, "F-12", "Vasseur")


def test_the_difference_is_said_to_the_cent() -> None:
    """Who reads the list knows what to look for."""
    found = booked(
        document(), candidate(("20", "100.00", "20.00"), total="119.50"), ACCOUNTS, PartyRef()
    )
    assert isinstance(found, Fault)
    assert found.values["gap"] == "-0.50"


def test_what_is_no_invoice_has_no_entry() -> None:
    """A statement or a quote that was archived is not a debt."""
    held = document(summary=Summary(kind="statement", number="R1"))
    found = booked(held, TWO_RATES, ACCOUNTS, PartyRef())
    assert isinstance(found, Fault)
    assert found.code == "exports.kind"


cents = st.integers(min_value=-10_000_000, max_value=10_000_000).map(lambda n: D(n) / 100)


@given(
    st.lists(st.tuples(cents, cents), min_size=1, max_size=6),
    st.sampled_from(["invoice", "credit_note"]),
    st.sampled_from(list(Direction)),
)
def test_every_entry_balances(
    rows: list[tuple[Decimal, Decimal]], kind: str, direction: Direction
) -> None:
    """Whatever the amounts, their signs and the side: debits equal credits, none is negative."""
    total = sum((base + tax for base, tax in rows), D(0))
    data = candidate(
        *(("20", f"{base:f}", f"{tax:f}") for base, tax in rows), total=f"{total:f}", type=kind
    )
    found = booked(document(direction), data, ACCOUNTS, PartyRef())
    assert isinstance(found, Booking)
    assert _gap(found) == 0
    assert all(one.debit >= 0 and one.credit >= 0 for one in found.postings)
    assert all((one.debit > 0) is not (one.credit > 0) for one in found.postings)


@pytest.mark.parametrize(
    ("auxiliary", "width", "account"),
    [("FOUR-012", 8, "40100012"), ("FOUR-1234", 11, "40100001234"), ("DUPONT SARL", 8, "401TSARL"),
     ("", 8, "401000"), ("É-7", 8, "40100007")],
)  # fmt: skip
def test_a_party_has_its_own_account_where_a_format_has_no_auxiliary(
    auxiliary: str, width: int, account: str
) -> None:
    """The root of the collective account and the number of the card."""
    posting = Posting(account="401000", account_label="", auxiliary=auxiliary)
    assert own_account(posting, width) == account


def test_accounts_that_are_none_are_told_all_at_once() -> None:
    """3 to 11 characters, a digit first; journals of 2 or 3."""
    wrong = replace(ACCOUNTS, supplier="=401", sales="70", purchases_journal="ACHATS")
    assert [(one.code, one.path) for one in faults_of_accounts(wrong)] == [
        ("exports.account", "supplier"), ("exports.account", "sales"),
        ("exports.journal", "purchases_journal"),
    ]  # fmt: skip
    assert faults_of_accounts(ACCOUNTS) == ()
