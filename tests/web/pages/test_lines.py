"""The lines in the form of the document page: rows come and go, what each holds stays with it."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from facteur.domain.building import build
from facteur.domain.candidate import AdjustmentRow, Candidate, LineRow, VatRow
from facteur.domain.documents import Document, State
from facteur.domain.faults import Fault, Severity
from facteur.ports import Changes
from facteur.web.showing.readings import COLUMNS, UNSEEN
from facteur.web.visit import MOST_FIELDS

from tests.domain.candidates import candidate as whole
from tests.web.browser import Browser, keep
from tests.web.pages.test_document import _candidate as candidate
from tests.web.pages.test_document import _form as form_of
from tests.web.pages.test_document import _read as read
from tests.web.pages.test_document import _set as typed_over
from tests.web.pages.test_document import _stored as stored
from tests.web.pages.test_document import _to_check as to_check

D = Decimal
Form = list[tuple[str, str]]

DISCOUNTED = (
    LineRow(description="Papier", quantity=D(10), unit_price=D("20.00"), net=D("180.00"),
            vat_rate=D(20), discount_percent=D(10)),
    LineRow(description="Encre", quantity=D(4), unit_price=D("40.00"), net=D("120.00"),
            vat_rate=D(20), discount_percent=D(25)),
    LineRow(description="Pose", quantity=D(1), unit_price=D("30.00"), net=D("25.00"),
            vat_rate=D(20), discount=D("5.00")),
)  # fmt: skip
WITH_TAX = (
    LineRow(description="Lampe", net=D("96.00"), vat_rate=D(20), gross=True),
    LineRow(description="Rayée", net=D("4.24"), vat_rate=D(20), gross=True),
    LineRow(description="Ampoule", net=D("24.00"), vat_rate=D(20), gross=True, item="A-7"),
)


def _held(browser: Browser, lines: tuple[LineRow, ...], **more: Any) -> Document:
    return to_check(browser, candidate(lines=read(lines)), **more)


def _without(form: Form, place: int) -> Form:
    """The form once the line at that place was taken out: all its inputs emptied."""
    return [(name, "" if name.startswith(f"lines.{place}.") else value) for name, value in form]


def _save(browser: Browser, document: Document, form: Form, **values: str) -> tuple[LineRow, ...]:
    sent = [*typed_over(form, **values), ("action", "save")]
    reply = browser.post(f"/factures/{document.id}", sent)
    assert reply.location.endswith("?fait=saved"), reply.status
    return stored(browser, document).lines


def test_a_line_added_leaves_the_discounts_of_the_others(manager: Browser) -> None:
    """Three lines with a discount, and a fourth: the first three are what they were."""
    held = _held(manager, DISCOUNTED)
    form = form_of(manager.get(f"/factures/{held.id}"))
    lines = _save(manager, held, form, lines__3__description="Port", lines__3__net="7,50")

    assert (*DISCOUNTED, LineRow(description="Port", net=D("7.50"))) == lines


@pytest.mark.parametrize("place", range(len(DISCOUNTED)))
def test_a_line_taken_out_leaves_the_discounts_of_the_others(manager: Browser, place: int) -> None:
    """Whichever goes, alone or for another line: a discount never moves to its neighbour."""
    kept = tuple(one for at, one in enumerate(DISCOUNTED) if at != place)
    held = _held(manager, DISCOUNTED)
    form = _without(form_of(manager.get(f"/factures/{held.id}")), place)
    assert kept == _save(manager, held, form)

    held = _held(manager, DISCOUNTED)
    form = [(name, str(held.version) if name == "version" else value) for name, value in form]
    added = {"lines__3__description": "Port", "lines__3__net": "7,50"}
    port = LineRow(description="Port", net=D("7.50"))
    assert (*kept, port) == _save(manager, held, form, **added)


def test_lines_with_tax_stay_so_when_one_goes(manager: Browser) -> None:
    """« Retirer » on an invoice whose lines are printed TTC: the others are not HT all at once."""
    held = _held(manager, WITH_TAX)
    form = _without(form_of(manager.get(f"/factures/{held.id}")), 1)

    assert (WITH_TAX[0], WITH_TAX[2]) == _save(manager, held, form)


def test_a_line_added_beside_lines_with_tax_is_with_tax(manager: Browser) -> None:
    """The choice is one for all the lines: it holds for the new one too."""
    held = _held(manager, WITH_TAX)
    form = form_of(manager.get(f"/factures/{held.id}"))
    lines = _save(manager, held, form, lines__3__description="Pile", lines__3__net="2,40")

    assert [True] * 4 == [one.gross for one in lines]


def test_a_person_says_whether_the_lines_are_with_tax(manager: Browser) -> None:
    """Only the choice changed: every line follows it, both ways, and an untouched form saves
    nothing."""
    held = _held(manager, WITH_TAX)
    page = manager.get(f"/factures/{held.id}")
    choice = page.one("//select[@name='lines.gross']")
    assert "taxes comprises (TTC)" == choice.xpath("./option[@selected]")[0].text
    untouched = manager.post(f"/factures/{held.id}", [*form_of(page), ("action", "save")])
    assert untouched.location.endswith("?fait=unchanged")

    lines = _save(manager, held, form_of(page), lines__gross="")
    assert [False] * 3 == [one.gross for one in lines]
    assert "A-7" == lines[2].item
    held = _held(manager, DISCOUNTED)
    lines = _save(manager, held, form_of(manager.get(f"/factures/{held.id}")), lines__gross="1")
    assert [True] * 3 == [one.gross for one in lines]
    assert [D(10), D(25), None] == [one.discount_percent for one in lines]


def test_the_columns_are_called_as_the_lines_are(manager: Browser) -> None:
    """« PU TTC », « Total TTC » over amounts with tax, adjustments too; « HT » elsewhere."""
    rows = (AdjustmentRow(amount=D("4.24"), reason="Bon"),)
    both = candidate(lines=read(WITH_TAX), adjustments=read(rows))
    page = manager.get(f"/factures/{to_check(manager, both).id}")
    for name, told in (
        ("lines-0-unit_price", "PU TTC"),
        ("lines-3-net", "Total TTC"),
        ("adjustments-0-amount", "Montant TTC"),
        ("vat_breakdown-0-base", "Base HT"),
    ):
        assert told == page.one(f"//label[@for='f-{name}']").text

    page = manager.get(f"/factures/{_held(manager, DISCOUNTED).id}")
    assert "PU HT" == page.one("//label[@for='f-lines-0-unit_price']").text
    assert "Total HT" == page.one("//label[@for='f-lines-0-net']").text


def test_a_discount_is_seen_and_typed_in_one_box(manager: Browser) -> None:
    """A rate with its sign, an amount without; each becomes the other as it is typed."""
    held = _held(manager, DISCOUNTED)
    page = manager.get(f"/factures/{held.id}")
    texts = [page.one(f"//input[@name='lines.{at}.discount']").get("value") for at in range(4)]
    assert ["10\u00a0%", "25\u00a0%", "5,00", ""] == texts

    typed = {
        "lines__0__discount": "20,00 €",
        "lines__1__discount": "",
        "lines__2__discount": "12.5%",
    }
    lines = _save(manager, held, form_of(page), **typed)
    assert [None, None, D("12.5")] == [one.discount_percent for one in lines]
    assert [D("20.00"), None, None] == [one.discount for one in lines]


def test_a_discount_that_is_no_number_is_told_in_its_box(manager: Browser) -> None:
    """422: the fault stands beside it, the lines are shown as typed, the discounts with them."""
    held = _held(manager, DISCOUNTED)
    form = _without(form_of(manager.get(f"/factures/{held.id}")), 0)
    sent = [*typed_over(form, lines__1__discount="un tiers %"), ("action", "save")]
    reply = manager.post(f"/factures/{held.id}", sent)

    assert 422 == reply.status
    assert "true" == reply.one("//input[@name='lines.0.discount']").get("aria-invalid")
    assert "un tiers %" == reply.one("//input[@name='lines.0.discount']").get("value")
    again = typed_over(form_of(reply), lines__0__discount="25 %")
    assert DISCOUNTED[1:] == _save(manager, held, again)


def test_a_discount_is_asked_only_where_it_may_explain_an_amount(manager: Browser) -> None:
    """No box where no line has one and each is quantity × price; a line that is not opens it."""
    box = "//input[@name='lines.0.discount'][not(@type='hidden')]"
    plain = to_check(manager)
    page = manager.get(f"/factures/{plain.id}")
    assert not page.page.xpath(box)
    odd = Fault(
        code="line.amount", path="lines.0.net", severity=Severity.WARNING,
        values={"line": "1", "net": "1094.00", "expected": "1312.80"},
    )  # fmt: skip
    held = to_check(manager, faults=(odd,))
    page = manager.get(f"/factures/{held.id}")
    assert page.page.xpath(box)
    (line,) = _save(manager, held, form_of(page), lines__0__discount="218,80")
    assert D("218.80") == line.discount


def test_what_is_settled_shows_the_discounts_and_asks_nothing(manager: Browser) -> None:
    """Nothing can be typed any more: no choice of HT or TTC, the discounts as they were read."""
    plain = keep(manager.world, State.REFUSED, refusal="DEST_ERR", candidate=candidate())
    page = manager.get(f"/factures/{plain.id}")
    assert page.page.xpath("//input[@name='lines.0.net']")
    assert not page.page.xpath("//input[@name='lines.0.discount'] | //select[@name='lines.gross']")

    cut = keep(
        manager.world,
        State.REFUSED,
        refusal="DEST_ERR",
        candidate=candidate(lines=read(DISCOUNTED)),
    )
    assert manager.get(f"/factures/{cut.id}").page.xpath("//input[@name='lines.0.discount']")


def test_a_page_opened_before_rows_were_sent_whole_loses_nothing(manager: Browser) -> None:
    """A form without the new cells: each row keeps, by its place, what it did not send."""
    held = _held(manager, (replace(DISCOUNTED[0], item="P-1"), *DISCOUNTED[1:]))
    old = [
        (name, value)
        for name, value in form_of(manager.get(f"/factures/{held.id}"))
        if name != "lines.gross" and name.rpartition(".")[2] not in ("discount", "item")
    ]
    untouched = manager.post(f"/factures/{held.id}", [*old, ("action", "save")])
    assert untouched.location.endswith("?fait=unchanged")
    assert DISCOUNTED[1:] == _save(manager, held, _without(old, 0))


def test_the_price_sealed_is_the_price_printed(manager: Browser) -> None:
    """The invoice made after a line was added bears the printed prices and their discounts."""
    rows = (DISCOUNTED[0], LineRow(description="Port", net=D("20.00"), vat_rate=D(20)))
    held = to_check(
        manager,
        whole(
            lines=DISCOUNTED[:1],
            vat_breakdown=(VatRow(rate=D(20), base=D("200.00"), tax=D("40.00"), category="S"),),
            total_excl_vat=D("200.00"), total_vat=D("40.00"), total_incl_vat=D("240.00"),
            amount_due=D("240.00"),
        ),
    )  # fmt: skip
    form = form_of(manager.get(f"/factures/{held.id}"))
    typed = {"lines__1__description": "Port", "lines__1__net": "20,00", "lines__1__vat_rate": "20"}
    assert rows == _save(manager, held, form, **typed)

    invoice, _level, _faults = build(stored(manager, held))
    assert invoice is not None
    first, second = invoice.lines
    assert (D("20.00"), D("20.00")) == (first.unit_price, second.unit_price)
    (discount,) = first.allowances
    assert (D("20.00"), D(10)) == (discount.amount, discount.percent)


def test_a_row_of_vat_taken_out_goes_whole(manager: Browser) -> None:
    """Its category is a choice, which « Retirer » leaves: alone, it makes no row; the reason's
    code (BT-121) stays with its own row."""
    rows = (
        VatRow(rate=D(20), base=D("100.00"), tax=D("20.00"), category="S"),
        VatRow(rate=D(0), base=D("50.00"), tax=D(0), category="K", exemption_text="Intracom",
               exemption_code="VATEX-EU-IC"),
    )  # fmt: skip
    held = to_check(manager, candidate(vat_breakdown=read(rows)))
    form = [
        (name, "" if name.startswith("vat_breakdown.0.") and "category" not in name else value)
        for name, value in form_of(manager.get(f"/factures/{held.id}"))
    ]
    manager.post(f"/factures/{held.id}", [*form, ("action", "save")])

    assert rows[1:] == stored(manager, held).vat_rows


def test_nothing_that_a_row_holds_is_forgotten_by_the_form() -> None:
    """Each attribute is a column, or travels unseen, or is said otherwise: none can be lost."""
    otherwise = {"lines": {"gross", "discount_percent"}}
    for table, made in (
        ("lines", LineRow),
        ("adjustments", AdjustmentRow),
        ("vat_breakdown", VatRow),
    ):
        sent = {one[0] for one in COLUMNS[table]} | {*UNSEEN[table]} | otherwise.get(table, set())
        assert {one.name for one in fields(made)} == sent


def test_hidden_cells_alone_make_no_line(manager: Browser) -> None:
    """Hostile or odd: a reference nobody sees and a choice do not make a line of nothing."""
    held = to_check(
        manager, Candidate(fields={}), faults=(Fault(code="field.missing", path="type"),)
    )
    form = [*form_of(manager.get(f"/factures/{held.id}")), ("lines.7.item", "X")]
    reply = manager.post(
        f"/factures/{held.id}", [*typed_over(form, lines__gross="1"), ("action", "save")]
    )

    assert reply.location.endswith("?fait=unchanged")


def test_what_two_people_said_of_the_lines_is_told_apart(manager: Browser) -> None:
    """Only HT or TTC differs over a document that moved: the lines stored now say « TTC », those
    typed keep their choice and their discounts."""
    held = _held(manager, DISCOUNTED)
    form = form_of(manager.get(f"/factures/{held.id}"))
    _save(manager, held, form, lines__gross="1")
    head = manager.world.document(held.id)
    waits = Changes(document=replace(head, state=State.TO_CHECK), entries=())
    manager.world.context.store.commit(waits)
    reply = manager.post(
        f"/factures/{held.id}",
        [*typed_over(form, lines__0__description="Papier A4"), ("action", "save")],
    )
    assert 409 == reply.status
    assert "30,00, 5,00, 20, 25,00, TTC" in reply.text
    choice = reply.one("//select[@name='lines.gross']/option[@selected]")
    assert "hors taxes (HT)" == choice.text
    lines = _save(manager, held, form_of(reply))
    assert (replace(DISCOUNTED[0], description="Papier A4"), *DISCOUNTED[1:]) == lines


def test_the_longest_invoice_can_be_corrected(manager: Browser) -> None:
    """3 000 lines, each with all that its row sends: saved, whole."""
    line = LineRow(description="Vis", quantity=D(1), unit="C62", unit_price=D(2), net=D(2),
                   vat_rate=D(20), item="V-1")  # fmt: skip
    held = _held(manager, (line,) * 3_000)
    form = form_of(manager.get(f"/factures/{held.id}"))
    assert 3_000 * 8 < len(form) < MOST_FIELDS

    lines = _save(manager, held, form, lines__2999__description="Écrou")
    assert (*(line,) * 2_999, replace(line, description="Écrou")) == lines
