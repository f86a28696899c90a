"""E-reporting: the calendar, where each invoice is told, and the blocks of a period."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from facteur.domain.documents import Direction
from facteur.domain.ereporting.blocks import Category, DayRate, PaidRate, ReportType, Role
from facteur.domain.ereporting.building import (
    Built,
    Collection,
    Declarant,
    TillDay,
    Wanted,
    build,
)
from facteur.domain.ereporting.calendar import (
    Matter,
    Period,
    Regime,
    RegimeChange,
    period_of,
    periods,
)
from facteur.domain.ereporting.operations import Operation, named
from facteur.domain.ereporting.routes import (
    Answers,
    Nature,
    Route,
    category_of,
    due_on_collection,
    excess,
    questions,
    route_of,
)
from facteur.domain.invoice import Address, Identifier, Invoice, Party, Totals, VatBreakdown

D = Decimal
FRENCH = Party(
    name="Ateliers Brun",
    legal_id=Identifier(value="100000009", scheme="0002"),
    vat="FR88100000009",
    address=Address(country="FR"),
)
GERMAN = Party(name="Muster GmbH", vat="DE123456789", address=Address(country="DE"))
SWISS = Party(name="Uhren AG Zürich", tax_registration="CHE123", address=Address(country="CH"))
CONSUMER = Party(name="Mme Durand", address=Address(country="FR"))
WHO = Declarant(
    siren="100000009", company="Ateliers Brun", platform_id="0003", platform_name="PA d'essai"
)
NOW = datetime(2027, 10, 12, 8, tzinfo=UTC)
TAXED = (VatBreakdown(base=D("100.00"), tax=D("20.00"), category="S", rate=D("20")),)
INTRA = (
    VatBreakdown(
        base=D("1000.00"),
        tax=D("0.00"),
        category="K",
        rate=D("0"),
        exemption_text="Livraison intracommunautaire",
        exemption_code="VATEX-EU-IC",
    ),
)


def invoice(**values: object) -> Invoice:
    """A sale of the third of September 2027, of 100 € and 20 € of VAT."""
    start = Invoice(
        number="F1",
        issue_date=date(2027, 9, 3),
        type_code="380",
        currency="EUR",
        seller=FRENCH,
        buyer=CONSUMER,
        totals=Totals(tax_exclusive=D("100.00"), tax=D("20.00"), tax_inclusive=D("120.00")),
        vat_breakdown=TAXED,
        process="B1",
    )
    return replace(start, **values)  # type: ignore[arg-type]


def sold(name: str, **values: object) -> Operation:
    """A sale, as a document."""
    return Operation(document=name, direction=Direction.SALE, invoice=invoice(**values))


def wanted(matter: Matter = Matter.TRANSACTIONS, role: Role = Role.SELLER) -> Wanted:
    """September 2027, whole."""
    period = Period(
        matter=matter, start=date(2027, 9, 1), end=date(2027, 9, 30), due=date(2027, 10, 10)
    )
    return Wanted(period=period, role=role, type=ReportType.INITIAL, sequence=1, issued_at=NOW)


TRA = "transactions"
SINCE_2027 = date(2027, 1, 1)


def of(regime: Regime) -> list[RegimeChange]:
    """A company that was always under one regime."""
    return [RegimeChange(since=SINCE_2027, regime=regime)]


@pytest.mark.parametrize(
    ("regime", "matter", "day", "start", "end", "due"),
    [
        (Regime.MONTHLY, "transactions", "2028-02-05", "2028-02-01", "2028-02-10", "2028-02-20"),
        (Regime.MONTHLY, "transactions", "2028-02-11", "2028-02-11", "2028-02-20", "2028-02-29"),
        (Regime.MONTHLY, "transactions", "2028-02-29", "2028-02-21", "2028-02-29", "2028-03-10"),
        (Regime.MONTHLY, "transactions", "2027-12-31", "2027-12-21", "2027-12-31", "2028-01-10"),
        (Regime.MONTHLY, "payments", "2027-09-15", "2027-09-01", "2027-09-30", "2027-10-10"),
        (Regime.QUARTERLY, "transactions", "2027-09-15", "2027-09-01", "2027-09-30", "2027-10-10"),
        (Regime.QUARTERLY, "payments", "2027-12-15", "2027-12-01", "2027-12-31", "2028-01-10"),
        (
            Regime.SIMPLIFIED,
            "transactions",
            "2028-01-09",
            "2028-01-01",
            "2028-01-31",
            "2028-02-29",
        ),
        (Regime.SIMPLIFIED, "payments", "2027-11-09", "2027-11-01", "2027-11-30", "2027-12-31"),
        (Regime.EXEMPT, "transactions", "2027-10-09", "2027-09-01", "2027-10-31", "2027-11-30"),
        (Regime.EXEMPT, "payments", "2027-12-31", "2027-11-01", "2027-12-31", "2028-01-31"),
    ],
)
def test_each_regime_has_its_periods_and_last_days(
    regime: Regime, matter: str, day: str, start: str, end: str, due: str
) -> None:
    """Table 13 of §3.7.7, February and the turn of the year included."""
    period = period_of(of(regime), Matter(matter), date.fromisoformat(day))
    assert period is not None
    assert [one.isoformat() for one in (period.start, period.end, period.due)] == [start, end, due]


def test_the_state_must_have_it_at_eight_the_day_after_on_a_french_clock() -> None:
    """08:00 in October is 06:00 UTC, in January 07:00."""
    october = period_of(of(Regime.MONTHLY), Matter.PAYMENTS, date(2027, 9, 2))
    december = period_of(of(Regime.MONTHLY), Matter.PAYMENTS, date(2027, 12, 2))
    assert october
    assert december
    assert october.state_due == datetime(2027, 10, 11, 6, tzinfo=UTC)
    assert december.state_due == datetime(2028, 1, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize("regime", list(Regime))
@pytest.mark.parametrize("matter", list(Matter))
def test_periods_follow_each_other_without_hole_nor_overlap(
    regime: Regime, matter: Matter
) -> None:
    """Every day of two years is in one period, and no period is of a single day (G6.25)."""
    found = periods(of(regime), matter, since=date(2027, 1, 1), until=date(2028, 12, 31))
    assert found[0].start == date(2027, 1, 1)
    assert found[-1].end == date(2028, 12, 31)
    for one, after in pairwise(found):
        assert (after.start - one.end).days == 1
        assert one.end > one.start
        assert one.due > one.end or one.due.day in {20, 28, 29, 30, 31}


def test_a_change_of_regime_cuts_the_two_months() -> None:
    """From two months to decades on the first of October: September is a period of its own."""
    changes = [*of(Regime.EXEMPT), RegimeChange(since=date(2027, 10, 1), regime=Regime.MONTHLY)]
    found = periods(
        changes, Matter.TRANSACTIONS, since=date(2027, 8, 15), until=date(2027, 10, 12)
    )
    assert [(one.start.isoformat(), one.end.isoformat()) for one in found] == [
        ("2027-07-01", "2027-08-31"),
        ("2027-09-01", "2027-09-30"),
        ("2027-10-01", "2027-10-10"),
        ("2027-10-11", "2027-10-20"),
    ]


def test_without_a_regime_there_is_no_period() -> None:
    """Nothing is due of a time before the first regime."""
    assert period_of(of(Regime.MONTHLY), Matter.PAYMENTS, date(2026, 12, 31)) is None


@pytest.mark.parametrize(
    ("buyer", "rows", "route"),
    [
        (FRENCH, TAXED, Route.E_INVOICE),
        (CONSUMER, TAXED, Route.DAY),
        (replace(CONSUMER, address=Address()), TAXED, Route.DAY),
        (GERMAN, INTRA, Route.INVOICE),
        (SWISS, INTRA, Route.INVOICE),
        (Party(name="Herr Maier", address=Address(country="DE")), TAXED, Route.DAY),
        (
            CONSUMER,
            (replace(INTRA[0], category="E", exemption_code="VATEX-FR-CGI261-4"),),
            Route.NONE,
        ),
        (CONSUMER, (replace(INTRA[0], category="O"),), Route.NONE),
    ],
)
def test_a_sale_is_told_where_its_buyer_says(
    buyer: Party, rows: tuple[VatBreakdown, ...], route: Route
) -> None:
    """Domestic, consumer, foreign company, foreign consumer, exempt, out of scope (§2.3.3)."""
    sale = invoice(buyer=buyer, vat_breakdown=rows)
    assert route_of(sale, Direction.SALE, Answers()) is route


@pytest.mark.parametrize(
    ("seller", "rows", "answers", "route"),
    [
        (FRENCH, TAXED, Answers(), Route.NONE),
        (GERMAN, INTRA, Answers(), Route.INVOICE),
        (SWISS, INTRA, Answers(imported=True), Route.NONE),
        (SWISS, INTRA, Answers(imported=False), Route.INVOICE),
        (GERMAN, TAXED, Answers(), Route.NONE),
        (replace(GERMAN, vat="FR88100000009"), TAXED, Answers(), Route.INVOICE),
    ],
)
def test_a_purchase_is_told_when_its_vat_is_ours_to_pay(
    seller: Party, rows: tuple[VatBreakdown, ...], answers: Answers, route: Route
) -> None:
    """Imports go through customs, and a hotel abroad charges its own country's VAT."""
    bought = invoice(seller=seller, buyer=FRENCH, vat_breakdown=rows)
    assert route_of(bought, Direction.PURCHASE, answers) is route


def test_all_that_only_the_company_knows_is_asked_at_once() -> None:
    """Goods or services, through customs or not, at which French rate."""
    bought = invoice(seller=SWISS, buyer=FRENCH, vat_breakdown=INTRA, process="")
    asked = questions(bought, Direction.PURCHASE, Answers())
    assert {one.path for one in asked} == {"nature", "rate"}
    goods = questions(bought, Direction.PURCHASE, Answers(nature=Nature.GOODS))
    assert {one.path for one in goods} == {"imported", "rate"}
    known = Answers(nature=Nature.SERVICES, rate=D("20"))
    assert questions(bought, Direction.PURCHASE, known) == ()


@pytest.mark.parametrize(
    ("values", "collected"),
    [
        ({"process": "S1"}, True),
        ({"process": "S1", "tax_point_code": "5"}, False),
        ({"process": "B1"}, False),
        ({"process": "B1", "type_code": "386"}, True),
        ({"process": "S1", "vat_breakdown": INTRA}, False),
    ],
)
def test_vat_is_due_on_collection_for_services_and_prepayments(
    values: dict[str, object], collected: bool
) -> None:
    """G7.45: not with the option sur les débits, never where the buyer owes the VAT."""
    assert due_on_collection(invoice(**values), Answers()) is collected


def test_the_sales_of_a_day_make_one_block_by_category() -> None:
    """Two sales of goods and one of services on a day: two blocks, amounts added by rate."""
    built = _built(
        sold("a"),
        sold("b", number="F2", vat_breakdown=(replace(TAXED[0], rate=D("5.5"), tax=D("5.50")),)),
        sold("c", number="F3", process="S1"),
    )
    goods, services = built.report.days
    assert (goods.category, goods.count, goods.documents) == (Category.GOODS, 2, ("a", "b"))
    assert (goods.base, goods.tax_eur) == (D("200.00"), D("25.50"))
    assert [rate.rate for rate in goods.rates] == [D("5.5"), D("20")]
    assert (services.category, services.count) == (Category.SERVICES, 1)


def test_a_credit_note_takes_away_from_its_day() -> None:
    """A day of returns may be negative (annex A, case 42)."""
    built = _built(sold("a", type_code="381"))
    assert built.report.days[0].base == D("-100.00")
    assert built.report.days[0].tax_eur == D("-20.00")


def test_the_till_is_added_to_the_invoices_of_its_day() -> None:
    """The Z of the till; a count that one side does not know is not given."""
    z = TillDay(
        day=date(2027, 9, 3),
        category=Category.GOODS,
        rates=(DayRate(rate=D("20"), base=D("500.00"), tax_eur=D("100.00")),),
        count=12,
    )
    built = build(wanted(), WHO, operations=[sold("a")], till=[z])
    assert built.report.days[0].base == D("600.00")
    assert built.report.days[0].count == 13
    unknown = build(wanted(), WHO, operations=[sold("a")], till=[replace(z, count=None)])
    assert unknown.report.days[0].count is None


def test_a_purchase_tells_the_vat_that_its_buyer_owes() -> None:
    """Base as on the invoice, VAT at the French rate, category AE (annex A, case 43)."""
    bought = Operation(
        document="p",
        direction=Direction.PURCHASE,
        invoice=invoice(
            seller=GERMAN,
            buyer=FRENCH,
            vat_breakdown=(replace(INTRA[0], category="AE"),),
            process="S1",
        ),
        answers=Answers(rate=D("20")),
    )
    built = build(wanted(role=Role.BUYER), WHO, operations=[bought, sold("a")])
    (told,) = built.report.invoices
    assert (told.base, told.tax_eur, told.rates[0].category) == (D("1000.00"), D("200.00"), "AE")
    assert (told.seller.scheme, told.buyer.scheme) == ("0223", "0002")
    assert built.report.days == ()


def test_what_must_be_asked_is_left_out_with_its_questions() -> None:
    """Nothing is guessed: the document is named with what is missing."""
    built = _built(sold("a", process=""), sold("b", number="F2"))
    assert {fault.code for fault in built.left_out["a"]} == {"ereporting.nature_unknown"}
    assert built.report.documents == ("b",)


def test_a_period_takes_its_own_days_and_role_only() -> None:
    """A sale of October and a purchase stay out of September's sales."""
    built = _built(sold("a", issue_date=date(2027, 10, 1)))
    assert built.report.empty


def test_money_is_told_the_day_it_came_by_invoice_or_by_day() -> None:
    """10.4 for a consumer's services, less what went back; goods are not told."""
    service = sold("a", process="S1")
    goods = sold("b", number="F2")
    built = build(
        wanted(Matter.PAYMENTS),
        WHO,
        collections=[
            _came(service, 5, "50.00"),
            _came(service, 9, "-20.00"),
            _came(goods, 5, "120.00"),
        ],
    )
    assert [(one.day.day, one.rates[0].amount) for one in built.report.day_payments] == [
        (5, D("30.00")),
    ]
    assert built.report.documents == ("a",)


def test_vat_of_another_currency_is_told_in_euros() -> None:
    """BT-111 spreads over the rows; without it the invoice is left out with that reason."""
    pounds = Totals(
        tax_exclusive=D("100.00"),
        tax=D("20.00"),
        tax_in_accounting_currency=D("24.00"),
        tax_inclusive=D("120.00"),
    )
    built = _built(sold("a", currency="GBP", tax_currency="EUR", totals=pounds))
    assert built.report.days[0].tax_eur == D("24.00")
    missing = _built(sold("a", currency="GBP"))
    assert missing.left_out["a"][0].code == "ereporting.tax_not_in_euros"


def _built(*operations: Operation) -> Built:
    return build(wanted(), WHO, operations=operations)


def _came(operation: Operation, day: int, amount: str) -> Collection:
    rates = (PaidRate(rate=D("20"), amount=D(amount)),)
    return Collection(operation=operation, day=date(2027, 9, day), rates=rates)


def test_a_purchase_in_another_currency_is_told_with_its_vat_in_euros() -> None:
    """TT-52 is in euros: the company gives it, nothing is converted here."""
    bought = invoice(seller=SWISS, buyer=FRENCH, vat_breakdown=INTRA, currency="CHF", process="S1")
    known = Answers(rate=D("20"))
    asked = questions(bought, Direction.PURCHASE, known)
    assert ["ereporting.tax_due_in_euros"] == [one.code for one in asked]
    answered = replace(known, tax_eur=D("212.00"))
    one = Operation(document="p", direction=Direction.PURCHASE, invoice=bought, answers=answered)
    (told,) = build(wanted(role=Role.BUYER), WHO, operations=[one]).report.invoices
    assert (D("212.00"), D("200.00")) == (told.tax_eur, told.rates[0].tax)


def test_a_sale_in_another_currency_wants_its_vat_in_euros() -> None:
    """BT-111, shared among the rates of its day."""
    rows = (TAXED[0], replace(TAXED[0], rate=D("10"), tax=D("10.00")))
    sums = Totals(tax_exclusive=D("200.00"), tax=D("30.00"))
    sale = invoice(buyer=CONSUMER, currency="USD", vat_breakdown=rows, totals=sums)
    asked = questions(sale, Direction.SALE, Answers())
    assert ["ereporting.tax_not_in_euros"] == [one.code for one in asked]
    known = replace(
        sale, tax_currency="EUR", totals=replace(sums, tax_in_accounting_currency=D("27.00"))
    )
    one = Operation(document="a", direction=Direction.SALE, invoice=known)
    (day,) = build(wanted(), WHO, operations=[one]).report.days
    assert (D("27.00"), "USD") == (day.tax_eur, day.currency)
    assert [D("9.00"), D("18.00")] == [rate.tax_eur for rate in day.rates]


def test_what_has_no_date_or_mixes_goods_and_services_is_asked() -> None:
    """Of a sale told by day: which day, and which of the two."""
    sale = invoice(buyer=CONSUMER, issue_date=None, process="M1")
    assert {"ereporting.no_date", "ereporting.mixed"} == {
        one.code for one in questions(sale, Direction.SALE, Answers())
    }


@pytest.mark.parametrize(
    ("rows", "process", "category"),
    [
        ((replace(INTRA[0], category="E", exemption_code="VATEX-EU-F"),), "B1", Category.MARGIN),
        ((replace(INTRA[0], category="E", exemption_code="VATEX-EU-79"),), "B1", Category.UNTAXED),
        (TAXED, "S1", Category.SERVICES),
        (TAXED, "B1", Category.GOODS),
    ],
)
def test_the_category_of_a_day(
    rows: tuple[VatBreakdown, ...], process: str, category: Category
) -> None:
    """TT-81, by the exemption and what is sold."""
    assert category is category_of(invoice(vat_breakdown=rows, process=process), Answers())


@pytest.mark.parametrize(
    ("party", "scheme", "identifier"),
    [
        (FRENCH, "0002", "100000009"),
        (replace(FRENCH, vat=""), "0002", "100000009"),
        (GERMAN, "0223", "DE123456789"),
        (SWISS, "0227", "CHUhren AG Zürich"),
        (
            Party(
                name="Nickel",
                legal_id=Identifier(value="1234567890", scheme="0228"),
                address=Address(country="NC"),
            ),
            "0228",
            "1234567890",
        ),
        (Party(name="Sans pays"), "", ""),
    ],
)
def test_a_party_is_named_by_its_number(party: Party, scheme: str, identifier: str) -> None:
    """G2.19: SIREN, VAT number, RIDET, else country and name; or by nothing."""
    found = named(party)
    assert (scheme, identifier) == ((found.scheme, found.id) if found else ("", ""))


def test_only_the_money_of_the_period_and_of_told_sales_is_told() -> None:
    """Another day, a domestic invoice, an unanswered one, a purchase's role."""
    silent = sold("s", process="")
    domestic = sold("d", number="F5", buyer=FRENCH, process="S1")
    late = _came(sold("l", process="S1"), 5, "10.00")
    came = [
        replace(late, day=date(2027, 12, 1)),
        _came(domestic, 5, "10.00"),
        _came(silent, 5, "10.00"),
    ]
    built = build(wanted(Matter.PAYMENTS), WHO, collections=came)
    assert built.report.empty
    assert {"s"} == set(built.left_out)
    assert build(wanted(Matter.PAYMENTS, role=Role.BUYER), WHO, collections=came).report.empty


def test_the_services_of_a_till_were_paid_as_they_were_sold() -> None:
    """10.4 of the day; its goods are not told."""
    rate = DayRate(rate=D("20"), base=D("100.00"), tax_eur=D("20.00"))
    days = [
        TillDay(day=date(2027, 9, 3), category=one, rates=(rate,))
        for one in (Category.GOODS, Category.SERVICES)
    ]
    (paid,) = build(wanted(Matter.PAYMENTS), WHO, till=days).report.day_payments
    assert [PaidRate(rate=D("20"), amount=D("120.00"))] == list(paid.rates)


@pytest.mark.parametrize(
    ("collected", "said", "asks"),
    [
        ("120.00", None, False),
        ("132.00", None, False),  # a tip, bank charges
        ("180.00", None, False),
        ("180.01", None, True),
        ("240.00", None, True),  # typed twice
        ("5000230.00", None, True),
        ("5000230.00", "5000230.00", False),
        ("5000230.01", "5000230.00", True),  # more came in since
        ("5000230.00", "0.00", True),  # said, and taken back
        ("-180.01", None, True),  # the money of a credit note flows the other way
        ("-180.00", None, False),
    ],
)
def test_money_far_beyond_its_invoice_is_asked_about(
    collected: str, said: str | None, asks: bool
) -> None:
    """From one and a half times 120 €, until the company says that sum came in."""
    answers = Answers(collected=D(said) if said else None)
    asked = excess(invoice(process="S1"), D(collected), answers)
    assert asks is (asked is not None)
    if asked is not None:
        assert ("collected", collected, "120.00") == (
            asked.path, asked.values["amount"], asked.values["total"],
        )  # fmt: skip


def test_without_a_total_the_rates_say_it_and_another_currency_is_not_compared() -> None:
    """BT-112 may be missing; money in dollars is left out for another reason (G6.27)."""
    bare = invoice(totals=Totals())
    assert excess(bare, D("180.00"), Answers()) is None
    assert excess(bare, D("181.00"), Answers()) is not None
    assert excess(invoice(currency="USD"), D("9000.00"), Answers()) is None


def test_what_is_asked_about_is_left_out_and_the_rest_is_told() -> None:
    """The invoice by name, whole; goods, which are never told, ask nothing."""
    odd = replace(sold("a", process="S1"), collected=D("5000000.00"))
    goods = replace(sold("b", number="F2"), collected=D("5000000.00"))
    built = build(
        wanted(Matter.PAYMENTS),
        WHO,
        collections=[
            _came(odd, 5, "4999950.00"),
            _came(odd, 6, "50.00"),
            _came(goods, 5, "5000000.00"),
            _came(sold("c", number="F3", process="S1"), 7, "120.00"),
        ],
    )
    assert ("c",) == built.report.documents
    assert ["a"] == list(built.left_out)
    assert ["ereporting.collected_beyond"] == [one.code for one in built.left_out["a"]]
    right = replace(odd, answers=Answers(collected=D("5000000.00")))
    told = build(wanted(Matter.PAYMENTS), WHO, collections=[_came(right, 5, "5000000.00")])
    assert (("a",), {}) == (told.report.documents, told.left_out)


def test_a_payment_of_a_foreign_company_is_told_by_invoice() -> None:
    """10.2: the invoice, its date, the day of the money, by rate."""
    came = _came(sold("b", number="F2", process="S1", buyer=GERMAN), 6, "120.00")
    (told,) = build(wanted(Matter.PAYMENTS), WHO, collections=[came]).report.invoice_payments
    assert ("b", "F2", date(2027, 9, 6)) == (told.document, told.number, told.day)
    assert came.rates == told.rates


def test_goods_from_outside_the_union_ask_for_the_customs() -> None:
    """Within the Union nothing is imported."""
    for seller, asked in ((SWISS, {"imported"}), (GERMAN, set())):
        bought = invoice(seller=seller, buyer=FRENCH, vat_breakdown=INTRA, process="B1")
        found = questions(bought, Direction.PURCHASE, Answers(rate=D("20")))
        assert asked == {one.path for one in found}
