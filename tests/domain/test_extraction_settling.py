"""Lines put to the test: quantity × price, less the discount, is the amount."""

from decimal import Decimal

from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.settling import Item, settle
from facteur.domain.money import cents
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.grid import reader

D = Decimal


def numbers(text: str) -> tuple[Reader, list[list[Number]]]:
    """A reader of rows of numbers, and the numbers of each row."""
    made = reader(text)
    return made, [made.numbers_by_row.get(row.number, []) for row in made.text.rows]


def items(text: str, *roles: str) -> tuple[Reader, list[Item]]:
    """One line for each row: its last number is the amount, the others have these roles."""
    made, rows = numbers(text)
    found = []
    for row in rows:
        *values, anchor = row
        found.append(Item(anchor, dict(zip(roles, values, strict=False))))
    return made, found


def pairs(found: list[Item]) -> list[tuple[Decimal | None, Decimal | None]]:
    return [(one.value("quantity"), one.value("unit_price")) for one in found]


def test_columns_that_prove_are_kept() -> None:
    """Two lines, both right: nothing moves."""
    made, found = items(
        "Vis à bois    3    10,00 €    30,00 €\nÉcrous    2    4,50 €    9,00 €",
        "quantity",
        "unit_price",
    )

    assert 2 == settle(made, found)
    assert [(D("3"), D("10.00")), (D("2"), D("4.50"))] == pairs(found)


def test_columns_whose_heads_were_exchanged_are_put_right() -> None:
    """The price column was taken for the quantities: a number without currency is a quantity."""
    made, found = items(
        "Vis à bois    3    10,00 €    30,00 €\nÉcrous    2    4,50 €    9,00 €",
        "unit_price",
        "quantity",
    )

    assert 2 == settle(made, found)
    assert [(D("3"), D("10.00")), (D("2"), D("4.50"))] == pairs(found)


def test_another_column_takes_the_place_of_one_that_never_proves() -> None:
    """Gross and net prices: the one that makes the amount is the price."""
    made, found = items(
        "Vis    3    12,00 €    10,00 €    30,00 €\nÉcrous    2    5,00 €    4,50 €    9,00 €",
        "quantity",
        "unit_price",
        "net_price",
    )

    assert 2 == settle(made, found)
    assert [(D("3"), D("10.00")), (D("2"), D("4.50"))] == pairs(found)


def test_a_discount_in_percent_or_in_money_proves_too() -> None:
    """3 × 10,00 less 10 % is 27,00; less 2,00 it is 28,00."""
    made, found = items(
        "Vis    3    10,00 €    10    27,00 €\nClous    3    10,00 €    2,00 €    28,00 €",
        "quantity",
        "unit_price",
        "discount",
    )

    assert 2 == settle(made, found)


def test_a_discount_of_nothing_proves_nothing() -> None:
    """A column of zeros leaves a wrong product wrong."""
    made, found = items("Vis    3    10,00 €    0,00 €    28,00 €", "quantity", "unit_price", "discount")  # fmt: skip  # noqa: E501

    assert 0 == settle(made, found)


def test_a_line_finds_its_own_pair_when_its_columns_were_lost() -> None:
    """No head at all: the only two numbers of the row that make its amount."""
    made, found = items("7    Vis à bois    3    10,00 €    30,00 €")

    assert 1 == settle(made, found)
    assert [(D("3"), D("10.00"))] == pairs(found)


def test_numbers_that_make_no_amount_are_given_no_role() -> None:
    """Nothing proves: nothing is invented."""
    made, found = items("Lot 12    17    31,00 €    40,00 €")

    assert 0 == settle(made, found)
    assert [(None, None)] == pairs(found)


def test_a_row_with_more_numbers_than_a_line_has_is_left_alone() -> None:
    """Pairs of a hundred numbers would cost seconds: a page made to stall is not searched."""
    made, found = items("   ".join(f"{place},00" for place in range(2, 60)))

    assert 0 == settle(made, found)


def test_a_free_line_proves_without_changing_the_columns() -> None:
    """An amount of zero is a product of zero, not a reason to exchange columns."""
    made, found = items(
        "Essai    1    0,00 €    0,00 €\nVis    3    10,00 €    30,00 €",
        "quantity",
        "unit_price",
    )

    assert 2 == settle(made, found)
    assert [(D("1"), D("0.00")), (D("3"), D("10.00"))] == pairs(found)


def test_a_credit_note_proves_with_its_signs() -> None:
    """Quantities or amounts may carry the minus."""
    made, found = items(
        "Vis    -3    10,00 €    -30,00 €\nClous    2    4,50 €    -9,00 €",
        "quantity",
        "unit_price",
    )

    assert 2 == settle(made, found)


def test_the_text_of_a_line_is_its_cells_in_order() -> None:
    """Cells gathered from several rows read as one description."""
    made, rows = numbers("Vis à bois    30,00 €")
    spot = made.text.rows[0].cells[0]

    assert "Vis à bois Vis à bois" == Item(rows[0][-1], cells=[spot, spot]).text


_QUANTITY = st.integers(1, 400)
_PRICE = st.decimals("0.05", "900.00", places=2)


def french(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")


@given(quantity=_QUANTITY, price=_PRICE)
def test_any_true_line_proves_and_keeps_its_values(quantity: int, price: Decimal) -> None:
    """Whatever the numbers, a line whose columns are right stays as it is."""
    amount = cents(quantity * price)
    made, found = items(
        f"Vis    {quantity}    {french(price)} €    {french(amount)} €", "quantity", "unit_price"
    )

    assert 1 == settle(made, found)
    assert [(D(quantity), price)] == pairs(found)


@given(quantity=_QUANTITY, price=_PRICE, error=st.decimals("0.02", "50.00", places=2))
def test_any_false_line_does_not_prove(quantity: int, price: Decimal, error: Decimal) -> None:
    """Two cents off and more: no proof, and the values stay as they were read."""
    amount = cents(quantity * price) + error
    made, found = items(
        f"Vis    {quantity}    {french(price)} €    {french(amount)} €", "quantity", "unit_price"
    )

    assert 0 == settle(made, found)
    assert [(D(quantity), price)] == pairs(found)
