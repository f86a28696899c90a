"""Corrections become hints, hints read the next page: many kinds, two origins, and no harm."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count

import pytest
from facteur.domain import hints
from facteur.domain.candidate import Candidate, Origin, Provenance, Reading, VatRow
from facteur.domain.extraction import extract, fingerprint, hinted, taught
from facteur.domain.hints import Hint, Way
from hypothesis import given
from hypothesis import strategies as st

from tests.domain import grid

FIRST = """
    !FACTURE                                        Menuiserie Le Goff
    Nos repères : LG-26/118                         4 rue du Port
    Facture n° 1                                    29000 Quimper
    Quimper, le 12/11/2026                          SIRET 552 100 554 00013

    Commande           Notre affaire           A payer pour le
    BC 4471            AFF-0071                31/12/2026

    Désignation                     Qté     PU HT        Montant HT
    Porte de garage                 1       900,00       900,00
    Pose                            2       50,00        100,00

                                    Base               1 000,00
                                    Taxe                 200,00
                                    A régler           1 200,00
    Règlement à 45 jours fin de mois
"""
SWAPS = {
    "LG-26/118": "LG-26/131", "12/11/2026": "03/12/2026", "31/12/2026": "31/01/2027",
    "AFF-0071": "AFF-0102", "BC 4471": "BC 4502", "900,00": "1 900,00", "1 000,00": "2 000,00",
    "  200,00": "  400,00", "1 200,00": "2 400,00",
}  # fmt: skip
OTHER_LAYOUT = """
    !FACTURE                                        Menuiserie Le Goff
    Facture n° F-77 du 05/12/2026                   SIRET 552 100 554 00013
    Echéance : 10/01/2027
    Fournitures                                     100,00
    Total HT                                        100,00
    TVA 20 %                                         20,00
    Total TTC                                       120,00
"""


UNTITLED = """
    Société Le Goff menuiserie              Quimper 12/11/2026

                                                        778899

    Porte                                   100,00
    Valeur                                  100,00
    Taxe                                     20,00
    Somme                                   120,00
"""


def second() -> str:
    """The next invoice of the same layout."""
    text = FIRST
    for before, after in SWAPS.items():
        text = text.replace(before, after)
    return text


def corrected(read: Candidate, values: Mapping[str, object]) -> Candidate:
    """What a person makes of a reading: None removes a field."""
    for name, value in values.items():
        if value is None:
            read = read.without(name)
        else:
            mine = Reading(value=value, provenance=Provenance(origin=Origin.USER, by="u"))  # type: ignore[arg-type]
            read = read.with_(name, mine)
    return read


def learn(text: str, values: Mapping[str, object], *, ocr: bool = False) -> tuple[Hint, ...]:
    """The hints that correcting a page teaches."""
    names = count()
    read = grid.read(text, ocr=ocr)
    return taught.teach(
        grid.pages(text),
        corrected(read, values),
        read,
        origin=Origin.OCR if ocr else Origin.TEXT,
        new=lambda: f"h{next(names)}",
    )


def reread(text: str, held: tuple[Hint, ...], *, ocr: bool = False) -> Candidate:
    """A page read with hints."""
    origin = Origin.OCR if ocr else Origin.TEXT
    return hinted.apply(grid.pages(text), grid.read(text, ocr=ocr), held, origin=origin)


TAUGHT = [
    ("number", "LG-26/118", "LG-26/131", {Way.BESIDE}),
    ("issue_date", date(2026, 11, 12), date(2026, 12, 3), {Way.BESIDE}),
    ("due_date", date(2026, 12, 31), date(2027, 1, 31), {Way.UNDER}),
    ("contract", "AFF-0071", "AFF-0102", {Way.UNDER}),
    ("purchase_order", "BC 4471", "BC 4502", {Way.UNDER}),
    ("total_excl_vat", Decimal("1000.00"), Decimal("2000.00"), {Way.BESIDE}),
    ("total_vat", Decimal("200.00"), Decimal("400.00"), {Way.BESIDE}),
    ("total_incl_vat", Decimal("1200.00"), Decimal("2400.00"), {Way.BESIDE}),
    ("seller_name", "Le Goff SARL", "Le Goff SARL", {Way.ALWAYS}),
    ("seller_vat", "FR29552100554", "FR29552100554", {Way.ALWAYS}),
    ("currency", "CHF", "CHF", {Way.ALWAYS}),
    ("payment_terms", "Règlement à 45 jours fin de mois", "Règlement à 45 jours fin de mois",
     {Way.WORDS}),
    ("type", "prepayment", "prepayment", {Way.WORDS}),
]  # fmt: skip


@pytest.mark.parametrize("ocr", [False, True], ids=["text", "ocr"])
@pytest.mark.parametrize(("field", "value", "then", "ways"), TAUGHT, ids=[t[0] for t in TAUGHT])
def test_what_is_corrected_once_is_read_on_the_next_page(
    field: str, value: object, then: object, ways: set[Way], ocr: bool
) -> None:
    """The hint is of the expected kind and gives the next page's own value."""
    held = learn(FIRST, {field: value}, ocr=ocr)
    read = reread(second(), held, ocr=ocr)

    assert ways <= {one.way for one in held}
    assert {field} == {one.field for one in held}
    assert then == read.get(field)


SURE_AGAIN = ("number", "issue_date", "due_date", "contract", "purchase_order", "seller_name")


@pytest.mark.parametrize(("field", "value", "then", "ways"), TAUGHT, ids=[t[0] for t in TAUGHT])
def test_one_correction_makes_sure_what_is_found_again_and_never_money(
    field: str, value: object, then: object, ways: set[Way]
) -> None:
    """References, dates and the identified seller's name are sure; amounts and type never are."""
    read = reread(second(), learn(FIRST, {field: value}))
    given = read.fields[field]

    assert then == given.value
    if field in SURE_AGAIN:
        assert given.sure
    else:
        assert given.provenance.origin is not Origin.HINT or not given.sure


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("Nos repères : ", "Nos repères" + 12 * " " + ": "), "beside"),
        (lambda text: "    Le Goff\n" * 9 + text.lstrip("\n"), "lower"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_has_moved_is_to_be_checked(change: Callable[[str], str], why: str) -> None:
    """The same label elsewhere on the page gives the value, and a person looks."""
    given = reread(change(second()), learn(FIRST, {"number": "LG-26/118"})).fields["number"]

    assert "LG-26/131" == given.value, why
    assert not given.sure


def test_what_ocr_doubts_is_to_be_checked() -> None:
    """The label is found again; the words of the value were hardly legible."""
    held = learn(FIRST, {"number": "LG-26/118"}, ocr=True)
    for certainty, sure in ((0.98, True), (0.9, False)):
        pages = grid.pages(second(), confidence=certainty)
        read = extract(pages, origin=Origin.OCR)
        given = hinted.apply(pages, read, held, origin=Origin.OCR).fields["number"]
        assert ("LG-26/131", sure) == (given.value, given.sure)


def test_a_hint_that_was_wrong_once_is_sure_of_nothing() -> None:
    """Contradicted by a person, it says its value as a guess until it is confirmed."""
    held = learn(FIRST, {"number": "LG-26/118"})
    missed = hints.proved(held, {one.id: False for one in held})

    assert not reread(second(), missed).fields["number"].sure


def test_a_sure_reading_and_a_sure_hint_that_differ_are_shown_to_a_person() -> None:
    """The number was right and unsure; on the next page another label reads surely."""
    held = learn(FIRST, {"number": "LG-26/118"})
    text = second().replace("Facture n° 1 ", "Facture n° F2026-0031 ")
    assert grid.read(text).fields["number"].sure
    held = tuple(replace(one, instead="") for one in held)
    given = reread(text, held).fields["number"]

    assert ("LG-26/131", False) == (given.value, given.sure)


def test_everything_corrected_at_once_is_read_together() -> None:
    """All of these corrections on one page, then the next page without a touch."""
    held = learn(FIRST, {field: value for field, value, _then, _ways in TAUGHT})
    read = reread(second(), held)

    assert {name: read.get(name) for name, *_ in TAUGHT} == {
        name: then for name, _value, then, _ways in TAUGHT
    }


def test_a_date_that_the_page_lacks_follows_its_term() -> None:
    """45 jours fin de mois is said on the page: learnt as such, not as thirty days."""
    text = FIRST.replace("31/12/2026", "à réception")
    (hint,) = learn(text, {"due_date": date(2026, 12, 31)})

    assert (Way.TERM, 45, True) == (hint.way, hint.days, hint.month_end)
    later = text.replace("12/11/2026", "20/01/2027")
    assert date(2027, 3, 31) == reread(later, (hint,)).day("due_date")


def test_one_rate_is_learnt_and_proved_by_the_totals() -> None:
    """The VAT table of a supplier with one rate; totals that contradict it keep it silent."""
    row = VatRow(rate=Decimal(20), base=Decimal("1000.00"), tax=Decimal("200.00"))
    values = {"vat_breakdown": (row,), "total_excl_vat": row.base, "total_vat": row.tax}
    held = tuple(one for one in learn(FIRST, values) if one.field == "vat_breakdown")
    assert [Way.RATE] == [one.way for one in held]
    read = corrected(
        Candidate(), {"total_excl_vat": Decimal("50.00"), "total_vat": Decimal("10.00")}
    )
    pages = grid.pages(OTHER_LAYOUT)
    said = hinted.apply(pages, read, held, origin=Origin.TEXT)
    assert (
        VatRow(rate=Decimal(20), base=Decimal("50.00"), tax=Decimal("10.00")),
    ) == said.vat_rows
    other = corrected(read, {"total_vat": Decimal("2.75")})
    assert () == hinted.apply(pages, other, held, origin=Origin.TEXT).vat_rows


def test_a_value_removed_by_a_person_is_not_read_again() -> None:
    """« Commande n° » held the customer's number: it is left out on the next page too."""
    text = FIRST.replace("Facture n° 1 ", "Votre commande : C1042 ")
    assert "C1042" == grid.read(text).text("purchase_order")
    held = learn(text, {"purchase_order": None})

    assert [Way.NOT] == [one.way for one in held]
    later = text.replace("C1042", "C2099")
    assert "C2099" == grid.read(later).text("purchase_order")
    assert "" == reread(later, held).text("purchase_order")


def test_a_place_without_label_is_found_from_words_nearby() -> None:
    """A number alone in a corner: learnt by its distance to words, followed when both move."""
    (hint,) = learn(UNTITLED, {"number": "778899"})
    assert Way.PLACE is hint.way
    later = "    Le 3 décembre\n\n" + UNTITLED.lstrip("\n").replace("778899", "778954")

    found = hinted.placed(grid.reader(later), hint)
    assert found is not None
    assert "778954" == found.value


def test_a_page_that_nobody_took_for_an_invoice_is_one_the_next_time() -> None:
    """Without title it was « non reconnu »; completed by a person, the next one is an invoice."""
    assert "other" == grid.read(UNTITLED).kind
    values = {
        "number": "778899",
        "issue_date": date(2026, 11, 12),
        "total_excl_vat": Decimal("100.00"),
        "total_vat": Decimal("20.00"),
        "total_incl_vat": Decimal("120.00"),
    }
    held = learn(UNTITLED, values)
    later = UNTITLED.replace("778899", "778954").replace("12/11/2026", "03/12/2026")
    read = reread(later.replace("120,00", "240,00"), held)

    assert "invoice" == read.kind
    assert ("778954", date(2026, 12, 3)) == (read.text("number"), read.day("issue_date"))
    assert Decimal("240.00") == read.amount("total_incl_vat")
    letter = "    Bonjour, merci de votre confiance et à très bientôt chez nous"
    assert "other" == reread(letter, held).kind


def test_a_hint_says_nothing_on_another_layout() -> None:
    """None of its labels is there: the reading is what it was without it."""
    held = tuple(
        one
        for one in learn(FIRST, {field: value for field, value, _t, _w in TAUGHT})
        if one.way in (Way.BESIDE, Way.UNDER, Way.PLACE)
    )
    assert grid.read(OTHER_LAYOUT) == reread(OTHER_LAYOUT, held)


def test_what_an_account_is_nobody_learns() -> None:
    """Not from a correction, not from a removal."""
    text = FIRST + "    IBAN FR76 3000 6000 0112 3456 7890 189\n"
    assert () == learn(text, {"iban": "FR1420041010050500013M02606", "bic": "AGRIFRPP"})
    assert () == learn(text, {"iban": None})
    forced = Hint(id="x", field="iban", way=Way.ALWAYS, value="FR1420041010050500013M02606")
    assert () == hints.merged((), (forced,))


def test_a_buyer_that_the_page_names_is_never_hidden() -> None:
    """A hint may name the buyer where the page does not; never over another name."""
    hint = Hint(id="b", field="buyer_name", way=Way.ALWAYS, value="Maison Delorme", confirmed=3,
                instead="MARTIN")  # fmt: skip
    text = OTHER_LAYOUT + "    Facturé à : Martin\n"
    named = corrected(grid.read(text), {})
    pages = grid.pages(text)
    kept = named.with_(
        "buyer_name",
        Reading(value="Martin", provenance=Provenance(origin=Origin.TEXT), confidence=0.5),
    )
    assert "Martin" == hinted.apply(pages, kept, (hint,), origin=Origin.TEXT).text("buyer_name")
    lone = named.without("buyer_name")
    said = hinted.apply(pages, lone, (hint,), origin=Origin.TEXT)
    assert "Maison Delorme" == said.text("buyer_name")


def test_a_sure_reading_is_only_overruled_where_it_was_once_wrong() -> None:
    """Learnt from a blank, a hint yields to a sure reading; learnt from a mistake, it wins."""
    blank = Hint(id="a", field="number", way=Way.BESIDE, label="nos reperes",
                 shape=r"[a-z]{1,4}-\d{1,5}/\d{1,6}")  # fmt: skip
    wrong = Hint(id="a", field="number", way=Way.BESIDE, label="nos reperes",
                 shape=r"[a-z]{1,4}-\d{1,5}/\d{1,6}", instead="1")  # fmt: skip
    sure = grid.read(FIRST).with_(
        "number", Reading(value="F-1", provenance=Provenance(origin=Origin.TEXT), confidence=0.97)
    )
    pages = grid.pages(FIRST)

    assert "F-1" == hinted.apply(pages, sure, (blank,), origin=Origin.TEXT).text("number")
    assert "LG-26/118" == hinted.apply(pages, sure, (wrong,), origin=Origin.TEXT).text("number")


def test_ocr_may_misread_a_letter_of_a_label() -> None:
    """« Référence pièce » seen as « Réfêrence piéoe » is found; « Référence client » is not."""
    hint = Hint(id="r", field="number", way=Way.BESIDE, label="reference piece",
                shape=r"[a-z]{1,3}\d{2,6}")  # fmt: skip
    good = "    Refêrenoe pièce : AB1234        x\n" + FIRST
    bad = "    Référence client : AB1234        x\n" + FIRST
    reader = grid.reader(good, ocr=True)

    found = hinted.seated(reader, hint)
    assert found is not None
    assert "AB1234" == found.value
    assert hinted.seated(grid.reader(bad, ocr=True), hint) is None
    assert hinted.seated(grid.reader(good), hint) is None  # a text layer misreads nothing


def test_a_page_without_any_word_is_left_alone() -> None:
    """A blank scan: nothing to find, nothing invented."""
    held = (Hint(id="a", field="seller_name", way=Way.ALWAYS, value="Le Goff"),)
    blank = Candidate(kind="other")

    assert blank == hinted.apply(grid.pages(""), blank, held, origin=Origin.OCR)


# ── Terms ───────────────────────────────────────────────────────────────────────────────────────


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(0, 120))
def test_a_term_leads_back_to_its_date(issued: date, days: int) -> None:
    """Whatever the term that is learnt, applied to its own invoice it gives its own date."""
    due = date.fromordinal(issued.toordinal() + days)
    for month_end in (False, True):
        term = hints.term_of(issued, due, month_end=month_end)
        assert term is not None
        length, ends, then = term
        hint = Hint(id="t", field="due_date", way=Way.TERM, days=length, month_end=ends, then=then)
        assert due == hints.due_by(hint, issued)


def test_what_is_no_payment_term_teaches_none() -> None:
    """Before the invoice, or more than four months after it."""
    day = date(2026, 11, 20)
    assert hints.term_of(day, date(2026, 11, 19), month_end=False) is None
    assert hints.term_of(day, date(2027, 11, 19), month_end=False) is None


# ── The hints of a supplier ─────────────────────────────────────────────────────────────────────


def test_a_supplier_keeps_sixty_hints_and_no_double() -> None:
    """The oldest go; the same lesson twice is one."""
    many = [Hint(id=f"h{at}", field="number", way=Way.BESIDE, label=f"l{at}") for at in range(80)]
    kept = hints.merged((), many)

    assert hints.MOST_HINTS == len(kept)
    assert "l79" == kept[-1].label
    assert kept == hints.merged(kept, [Hint(id="x", field="number", way=Way.BESIDE, label="l79")])


def test_proofs_make_a_hint_sure_and_two_misses_forget_it() -> None:
    """Right: sure. Wrong once: unsure again. Wrong twice in a row: gone. Unused: as it was."""
    one = Hint(id="a", field="number", way=Way.BESIDE, label="l")
    assert not one.sure
    (right,) = hints.proved((one,), {"a": True})
    assert right.sure
    (missed,) = hints.proved((right,), {"a": False})
    assert not missed.sure
    assert (missed,) == hints.proved((missed,), {})
    assert () == hints.proved((missed,), {"a": False})
    assert hints.proved((missed,), {"a": True})[0].sure


# ── Marks ───────────────────────────────────────────────────────────────────────────────────────


def test_marks_are_what_a_page_without_a_name_shows() -> None:
    """Account, site, mail, telephone, a long line of its foot; never our own name."""
    text = """
        Bois massif de nos forêts depuis toujours
        www.legoff.bzh   contact@legoff.bzh   02 98 11 22 33   atelier.legoff@orange.fr
        IBAN FR76 3000 6000 0112 3456 7890 189
    """
    found = fingerprint.marks(grid.reader(text), None)

    assert {"web:legoff.bzh", "mail:atelier.legoff@orange.fr", "phone:298112233",
            "iban:FR7630006000011234567890189"} <= set(found)  # fmt: skip
    assert 1 == sum(one.startswith("print:") for one in found)
    assert not any("orange.fr" in one for one in found if one.startswith("web:"))


def test_a_telephone_alone_or_a_disagreement_names_nobody() -> None:
    """The telephone may be the buyer's; two cards for one page are a doubt."""
    assert "" == fingerprint.named_by({})
    assert "" == fingerprint.named_by({"phone:1": "a"})
    assert "" == fingerprint.named_by({"web:x": "a", "web:y": "b"})
    assert "a" == fingerprint.named_by({"web:x": "a", "phone:1": "a"})
