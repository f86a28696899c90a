"""What an engine finds by itself is heard: it proposes, doubts, fills, and makes nothing sure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from facteur.domain.candidate import Candidate, Origin
from facteur.domain.extraction import extract
from facteur.domain.pages import Box, Cell, Expense, Finds, Grid, PageSet, Pair, Said

from tests.domain import grid

PLAIN = """
    !FACTURE                                       Menuiserie Le Goff
    Facture n° F-2026-118                          4 rue du Port
    Date : 12/11/2026                              29000 Quimper
                                                   SIRET 552 100 554 00013
    Désignation              Qté       PU HT       Montant HT
    Porte de garage          2         50,00       100,00
    Total HT                                       100,00
    TVA 20 %                                        20,00
    Total TTC                                      120,00
    IBAN FR76 3000 6000 0112 3456 7890 189
"""
#: Labels that we do not know: only arithmetic could tell, and three sums are possible.
UNNAMED = """
    !FACTURE                                       Menuiserie Le Goff
    Facture n° F-2026-118                          4 rue du Port
    Date : 12/11/2026                              29000 Quimper
                                                   SIRET 552 100 554 00013
    Ouvrages livrés                                100,00
    Part de l'État                                  20,00
    Ensemble                                       120,00
"""
#: A table whose heads say nothing to us.
HEADLESS = """
    !FACTURE                                       Menuiserie Le Goff
    Facture n° F-2026-118                          4 rue du Port
    Date : 12/11/2026                              29000 Quimper
                                                   SIRET 552 100 554 00013
    Chose                    Combien   Somme       Gain
    Porte de garage          lot       60,00       11,00
    Pose                     lot       40,00        3,00
    Total HT                           100,00
    TVA 20 %                            20,00
    Total TTC                          120,00
"""
BASE = """
    !FACTURE                                       Menuiserie Le Goff
    {number}                                       4 rue du Port
    {day}                                          29000 Quimper
                                                   SIRET 552 100 554 00013
    Porte de garage                                100,00
    Total HT                                       100,00
    TVA 20 %                                        20,00
    Total TTC                                      120,00
"""


def said(pages: PageSet, text: str, confidence: float = 0.95, nth: int = 0) -> Said:
    """These words of the first page, as an engine says them; its nth place."""
    words, wanted = pages.pages[0].words, text.split()
    places = [
        words[at : at + len(wanted)]
        for at in range(len(words))
        if [word.text for word in words[at : at + len(wanted)]] == wanted
    ]
    box = places[nth][0].box
    for word in places[nth][1:]:
        box = box.joined(word.box)
    return Said(text, box, confidence)


def pair(pages: PageSet, key: str, value: str, confidence: float = 0.95, nth: int = 0) -> Pair:
    """A label, which need not be one of the page's, with a value that is."""
    held = said(pages, value, confidence, nth)
    return Pair(key=Said(key, held.box, confidence), value=held)


def table(pages: PageSet, heads: Sequence[str], *rows: Sequence[str]) -> Grid:
    """A table: heads that need not be on the page, and cells of its words, row by row."""
    cells = [
        Cell(row=1, column=at, head=True, said=Said(text, Box(0, 0, 0.01, 0.01), 0.9))
        for at, text in enumerate(heads, start=1)
    ]
    for number, row in enumerate(rows, start=2):
        first = said(pages, row[0]).box
        for at, text in enumerate(row, start=1):
            if not text:
                continue
            nth = next(
                place for place in range(9)
                if abs(said(pages, text, nth=place).box.middle - first.middle) < 0.004
            )  # fmt: skip
            cells.append(Cell(row=number, column=at, said=said(pages, text, nth=nth)))
    return Grid(cells=tuple(cells))


def heard(pages: PageSet, *, ocr: bool = True, **finds: object) -> Candidate:
    """What is extracted when the engine found this on the first page."""
    found = Finds(engine="textract", **finds)  # type: ignore[arg-type]
    first = replace(pages.pages[0], finds=found)
    with_ = replace(pages, pages=(first, *pages.pages[1:]))
    return extract(with_, origin=Origin.OCR if ocr else Origin.TEXT)


def alone(pages: PageSet) -> Candidate:
    """What is extracted without a witness."""
    return extract(pages, origin=Origin.OCR)


# ── Agreement, silence ──────────────────────────────────────────────────────────────────────────


def test_a_witness_that_agrees_changes_nothing() -> None:
    """Not a value, not a confidence, not a place: its weight was never counted."""
    pages = grid.pages(PLAIN)
    pairs = (
        pair(pages, "Facture n°", "F-2026-118"), pair(pages, "Date :", "12/11/2026"),
        pair(pages, "Total HT", "100,00", nth=1), pair(pages, "TVA 20 %", "20,00"),
        pair(pages, "Total TTC", "120,00"),
        pair(pages, "IBAN", "FR76 3000 6000 0112 3456 7890 189"),
    )  # fmt: skip
    lines = table(
        pages, ("Désignation", "Qté", "PU HT", "Montant HT"),
        ("Porte de garage", "2", "50,00", "100,00"),
    )  # fmt: skip

    assert heard(pages, pairs=pairs, grids=(lines,)) == alone(pages)


@pytest.mark.parametrize(
    "finds",
    [{}, {"silent": "AccessDeniedException"}, {"pairs": ()}],
    ids=["nothing", "denied", "no pair"],
)
def test_a_silent_witness_changes_nothing(finds: dict[str, object]) -> None:
    """Asked or not, the reading is the same."""
    pages = grid.pages(PLAIN)

    assert heard(pages, **finds) == alone(pages)


def test_words_that_are_not_in_their_box_are_not_heard() -> None:
    """The page's own words are what counts: another text, or another place, says nothing."""
    pages = grid.pages(BASE.format(number=" " * 10, day=" " * 10))
    there = said(pages, "100,00")
    invented = Pair(
        key=Said("Facture n°", there.box), value=Said("F-9999", said(pages, "Quimper").box)
    )
    nowhere = Pair(key=Said("Facture n°", there.box), value=Said("F-9", Box(0.8, 0.8, 0.9, 0.9)))

    assert heard(pages, pairs=(invented, nowhere)) == alone(pages)


def test_no_invoice_is_made_of_what_is_none() -> None:
    """A delivery note with a total for a witness stays a delivery note."""
    pages = grid.pages("""
        !BON DE LIVRAISON
        N° BL-2026-8
        Porte de garage                                100,00
        Ensemble                                       120,00
    """)
    found = heard(pages, pairs=(pair(pages, "Total TTC", "120,00"),))

    assert found == alone(pages)
    assert found.kind != "invoice"


# ── Contradiction ───────────────────────────────────────────────────────────────────────────────


def test_a_total_that_is_contradicted_is_kept_and_to_check() -> None:
    """Another total than ours: ours stays, nobody takes it for sure, and it says why."""
    text = PLAIN + "\n    Reste sur devis                                999,00\n"
    pages = grid.pages(text)
    before = alone(pages)
    found = heard(pages, pairs=(pair(pages, "Total TTC", "999,00"),))

    assert before.fields["total_incl_vat"].sure
    assert found.amount("total_incl_vat") == before.amount("total_incl_vat") == Decimal("120.00")
    for name in ("total_excl_vat", "total_vat", "total_incl_vat", "amount_due"):
        assert not found.fields[name].sure, name
    assert found.fields["total_incl_vat"].provenance.path == "textract:differs"


def test_a_part_of_a_total_is_no_contradiction() -> None:
    """The base of one rate among two is not another HT."""
    pages = grid.pages("""
        !FACTURE                                       Menuiserie Le Goff
        Facture n° F-2026-118                          4 rue du Port
        Date : 12/11/2026                              29000 Quimper
                                                       SIRET 552 100 554 00013
        Taux TVA       Base HT       Montant TVA
        20 %           100,00        20,00
        10 %           50,00         5,00
        Total HT                                       150,00
        Total TVA                                       25,00
        Total TTC                                      175,00
    """)
    found = heard(pages, pairs=(pair(pages, "Total HT", "100,00"),))

    assert found == alone(pages)


@pytest.mark.parametrize(
    ("key", "value", "name", "mine"),
    [
        ("Facture n°", "C-77120", "number", "F-2026-118"),
        ("Date de facture :", "30/11/2026", "issue_date", date(2026, 11, 12)),
        ("IBAN", "DE89 3704 0044 0532 0130 00", "iban", "FR7630006000011234567890189"),
    ],
)
def test_a_field_that_is_contradicted_is_kept_and_to_check(
    key: str, value: str, name: str, mine: object
) -> None:
    """A number, a day, an account: never replaced behind anybody's back."""
    note = "    Notre compte client : C-77120   relevé du 30/11/2026\n"
    account = "    Compte du client : DE89 3704 0044 0532 0130 00\n" if name == "iban" else ""
    pages = grid.pages(PLAIN + note + account)
    before = alone(pages)
    found = heard(pages, pairs=(pair(pages, key, value),))

    assert before.get(name) == found.get(name) == mine
    assert not found.fields[name].sure
    assert found.fields[name].provenance.path == "textract:differs"


def test_a_weak_word_throws_no_doubt() -> None:
    """A label or an engine that is hardly sure does not contradict."""
    pages = grid.pages(PLAIN + "\n    Reste sur devis                          999,00\n")

    assert heard(pages, pairs=(pair(pages, "Total TTC", "999,00", 0.5),)) == alone(pages)


# ── Doubt ───────────────────────────────────────────────────────────────────────────────────────


def test_totals_that_nobody_named_come_from_a_witness_and_stay_to_check() -> None:
    """Printed, adding up, named by the engine only: given, never sure, and it says by whom."""
    pages = grid.pages(UNNAMED)
    before = alone(pages)
    pairs = (
        pair(pages, "Total HT", "100,00"), pair(pages, "TVA", "20,00"),
        pair(pages, "Total TTC", "120,00"),
    )  # fmt: skip
    found = heard(pages, pairs=pairs)
    names = ("total_excl_vat", "total_vat", "total_incl_vat")

    assert [before.amount(name) for name in names] == [None, None, None]
    assert [found.amount(name) for name in names] == [Decimal(100), Decimal(20), Decimal(120)]
    assert not any(found.fields[name].sure for name in names)
    assert found.fields["total_incl_vat"].provenance.path == "textract:forms"
    assert found.fields["total_incl_vat"].provenance.box is not None


def test_totals_that_do_not_add_up_are_not_taken() -> None:
    """The witness's arithmetic is checked like ours."""
    pages = grid.pages(UNNAMED.replace(" 20,00", " 21,00"))
    pairs = (
        pair(pages, "Total HT", "100,00"), pair(pages, "TVA", "21,00"),
        pair(pages, "Total TTC", "120,00"),
    )  # fmt: skip
    found = heard(pages, pairs=pairs)

    assert found.amount("total_vat") != Decimal("21.00")


def test_lines_that_we_cannot_read_come_from_its_table() -> None:
    """They add up to the HT that we proved; to check, under the name of the table."""
    pages = grid.pages(HEADLESS)
    before = alone(pages)
    lines = table(
        pages, ("Désignation", "Unité", "Montant HT", "Marge"),
        ("Porte de garage", "lot", "60,00", "11,00"), ("Pose", "lot", "40,00", "3,00"),
    )  # fmt: skip
    found = heard(pages, grids=(lines,))

    assert [one.net for one in before.lines] != [Decimal("60.00"), Decimal("40.00")]
    assert [(one.description, one.net) for one in found.lines] == [
        ("Porte de garage", Decimal("60.00")), ("Pose", Decimal("40.00")),
    ]  # fmt: skip
    assert not found.fields["lines"].sure
    assert found.fields["lines"].provenance.path == "textract:tables"


def test_a_table_that_does_not_add_up_is_not_heard() -> None:
    """Half of the lines is no table of lines."""
    pages = grid.pages(HEADLESS)
    lines = table(
        pages, ("Désignation", "Unité", "Montant HT", "Marge"),
        ("Porte de garage", "lot", "60,00", "11,00"),
    )  # fmt: skip

    assert heard(pages, grids=(lines,)) == alone(pages)


def test_lines_of_an_expense_are_heard_like_a_table() -> None:
    """Their values have roles of their own."""
    pages = grid.pages(HEADLESS)
    lines = tuple(
        tuple(
            Expense(role=role, value=said(pages, text))
            for role, text in zip(("description", "net"), row, strict=True)
        )
        for row in (("Porte de garage", "60,00"), ("Pose", "40,00"))
    )
    found = heard(pages, lines=lines)

    assert [one.net for one in found.lines] == [Decimal("60.00"), Decimal("40.00")]
    assert found.fields["lines"].provenance.path == "textract:expense"


# ── What is missing ─────────────────────────────────────────────────────────────────────────────


def test_a_field_that_we_have_not_is_given_to_check() -> None:
    """Its value is of the right kind and nothing contradicts it."""
    pages = grid.pages(BASE.format(number="Pièce   K-5512".ljust(20), day="le 12/11/2026"))
    pairs = (pair(pages, "N° de facture", "K-5512"),)
    before, found = alone(pages), heard(pages, pairs=pairs)

    assert before.text("number") != "K-5512"
    assert found.text("number") == "K-5512"
    assert not found.fields["number"].sure
    assert found.fields["number"].provenance.path == "textract:forms"
    assert found.fields["number"].provenance.page == 1


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("N° de facture", "12/11/2026", "number"),  # a date is no number
        ("N° de facture", "100,00", "number"),  # nor is an amount
        ("Échéance", "01/02/2020", "due_date"),  # before the issue
        ("IBAN", "FR76 1111 1111 1111 1111 1111 111", "iban"),  # its key fails
        ("Date de naissance", "01/02/2020", "issue_date"),  # names nothing of ours
    ],
)
def test_what_does_not_check_is_not_given(key: str, value: str, name: str) -> None:
    """Dates in order, keys that hold, references that look like one."""
    text = BASE.format(number=" " * 10, day="Date : 12/11/2026")
    text += "    Vu le 01/02/2020\n    FR76 1111 1111 1111 1111 1111 111\n"
    pages = grid.pages(text)

    before, found = alone(pages), heard(pages, pairs=(pair(pages, key, value),))
    assert found.fields.get(name) == before.fields.get(name)


def test_two_words_for_one_field_give_neither() -> None:
    """A witness that contradicts itself is not believed."""
    pages = grid.pages(BASE.format(number="Pièce   K-5512 K-5513", day="le 12/11/2026"))
    pairs = (pair(pages, "N° de facture", "K-5512"), pair(pages, "N° de facture", "K-5513"))

    assert heard(pages, pairs=pairs).text("number") == alone(pages).text("number")


# ── Hostile ─────────────────────────────────────────────────────────────────────────────────────


def test_finds_without_sense_change_nothing() -> None:
    """Tables of one endless cell, keys of a thousand letters, boxes that cover the page."""
    pages = grid.pages(PLAIN)
    whole = Box(0.0, 0.0, 1.0, 1.0)
    nonsense = Said("x" * 1000, whole, 1.0)
    grids = (
        Grid(cells=()),
        Grid(cells=(Cell(row=1, column=1, head=True, said=nonsense),)),
        Grid(
            cells=tuple(
                Cell(row=row, column=column, said=Said("Montant HT", whole))
                for row in (1, 1, 2000)
                for column in (1, 1, 7)
            )
        ),
    )
    found = heard(
        pages,
        grids=grids,
        pairs=(Pair(key=nonsense, value=nonsense),) * 50,
        expenses=(Expense(role="incl", value=nonsense), Expense(role="no role", value=nonsense)),
        lines=((), (Expense(role="net", value=nonsense),)),
    )
    assert found == alone(pages)


# ── Whatever it says ────────────────────────────────────────────────────────────────────────────

KEYS = (
    "Total HT", "Total TTC", "TVA", "Net à payer", "Acompte", "Facture n°", "Date de facture",
    "Échéance", "IBAN", "N° de commande", "Désignation", "Qté", "PU HT", "Montant HT", "",
)  # fmt: skip
ROLES = (
    "number", "issue_date", "due_date", "excl", "vat", "incl", "due", "prepaid", "seller_name",
    "buyer_name", "seller_vat", "iban", "net", "description", "quantity", "unit_price",
)  # fmt: skip


def babble(pages: PageSet, luck: Random) -> Finds:
    """A witness that says anything of the words of the page."""
    words = pages.pages[0].words

    def some() -> Said:
        at = luck.randrange(len(words))
        held = words[at : at + luck.randint(1, 4)]
        box = held[0].box
        for word in held[1:]:
            box = box.joined(word.box)
        return Said(" ".join(word.text for word in held), box, luck.choice((0.3, 0.9, 1.0)))

    def cell(row: int, column: int) -> Cell:
        head = Said(luck.choice(KEYS), Box(0, 0, 0.1, 0.1), 1.0)
        return Cell(row=row, column=column, head=row == 1, said=head if row == 1 else some())

    rows, columns = luck.randint(1, 5), luck.randint(1, 5)
    return Finds(
        engine="textract",
        pairs=tuple(
            Pair(key=Said(luck.choice(KEYS), Box(0, 0, 0.1, 0.1), 1.0), value=some())
            for _ in range(luck.randint(0, 12))
        ),
        expenses=tuple(
            Expense(role=luck.choice(ROLES), value=some()) for _ in range(luck.randint(0, 8))
        ),
        grids=(
            Grid(
                cells=tuple(
                    cell(row, column)
                    for row in range(1, rows + 1)
                    for column in range(1, columns + 1)
                )
            ),
        ),
        lines=tuple(
            tuple(Expense(role=luck.choice(ROLES), value=some()) for _ in range(3))
            for _ in range(luck.randint(0, 4))
        ),
    )


@pytest.mark.parametrize(
    "text", [PLAIN, UNNAMED, HEADLESS, BASE], ids=["plain", "unnamed", "headless", "base"]
)
def test_whatever_a_witness_says_nothing_becomes_sure(text: str) -> None:
    """What is sure with it was sure without it, with the same value at the same place."""
    pages = grid.pages(text.replace("{number}", "n° 12 du  K-5512").replace("{day}", "12/11/2026"))
    before = alone(pages)
    changed = 0
    for seed in range(60):
        finds = babble(pages, Random(seed))  # noqa: S311 - the same babble each time
        page = replace(pages.pages[0], finds=finds)
        after = extract(replace(pages, pages=(page,)), origin=Origin.OCR)
        changed += after != before
        assert after.kind == before.kind
        for name, one in after.fields.items():
            if one.sure:
                assert before.fields[name] == one, (seed, name)
            elif name not in before.fields or before.fields[name].value != one.value:
                assert one.provenance.path.startswith("textract:") or (
                    one.provenance.origin is Origin.RULE
                ), (seed, name)
        assert before.fields.keys() <= after.fields.keys()
    assert changed > 5  # it was heard, though
