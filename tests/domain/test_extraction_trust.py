"""Confidence comes from what bears a value out; totals, type and account are never a guess."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from facteur.domain.candidate import SURE, Candidate, Origin, Provenance, Reading
from facteur.domain.extraction import extract, graded, trust
from facteur.domain.extraction.rows import Lines
from facteur.domain.extraction.sums import Sums
from facteur.domain.extraction.trust_steps import STEPS
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.domain.grid import pages

PAGE = """
ATELIER MERLIN SARL                                        FACTURE N° F-2031
12 rue des Lilas                                           Date : 03/04/2026
75011 PARIS
SIRET 732 829 320 00074                                    Client
                                                           Librairie Dupuis
                                                           8 quai Perrache
                                                           69003 LYON

Désignation                      Qté         P.U. HT        Montant HT
Conseil                            2          100,00            200,00
Formation                          1           50,00             50,00

                                             Total HT            250,00
                                             TVA 20 %             50,00
                                             Total TTC           300,00
"""
TOTALS = ("total_excl_vat", "total_vat", "total_incl_vat")


def read(text: str) -> Candidate:
    return extract(pages(text), origin=Origin.TEXT)


def test_totals_that_are_printed_named_and_add_up_are_sure() -> None:
    """The whole proof: three labels, an addition, lines that lead to it."""
    found = read(PAGE)

    assert (Decimal("250.00"), Decimal("300.00")) == (
        found.amount("total_excl_vat"),
        found.amount("total_incl_vat"),
    )
    assert all(found.fields[name].sure for name in (*TOTALS, "amount_due", "type"))


def test_totals_that_nothing_adds_up_to_are_not_sure() -> None:
    """One digit of the tax misprinted: no total is believed, whatever its label."""
    found = read(PAGE.replace("TVA 20 %             50,00", "TVA 20 %             57,00"))

    assert not any(found.fields[name].sure for name in TOTALS if name in found.fields)
    assert not found.fields["amount_due"].sure if "amount_due" in found.fields else True


_CENTS = st.integers(100, 900_000)


def _printed(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}".rjust(18)


@settings(max_examples=40, deadline=None)
@given(net=_CENTS, rate=st.sampled_from([5.5, 10, 20]), place=st.integers(0, 2), off=_CENTS)
def test_whatever_is_misprinted_no_total_is_sure(
    net: int, rate: float, place: int, off: int
) -> None:
    """Three labelled totals, one of them wrong by any amount: nobody is told not to look."""
    tax = round(net * rate / 100)
    amounts = [net, tax, net + tax]
    amounts[place] += off
    assume(abs(amounts[0] + amounts[1] - amounts[2]) > 2)
    rows = zip(("Total HT", f"TVA {rate} %", "Total TTC"), amounts, strict=True)
    text = PAGE.split("Désignation", maxsplit=1)[0] + "\n".join(
        f"{label:>40}{_printed(amount)}" for label, amount in rows
    )

    found = read(text)

    assert not any(found.fields[name].sure for name in TOTALS if name in found.fields), text


@settings(max_examples=25, deadline=None)
@given(net=_CENTS, rate=st.sampled_from([5.5, 10, 20]))
def test_totals_that_add_up_are_sure_whatever_they_are(net: int, rate: float) -> None:
    """The same page without a misprint."""
    tax = round(net * rate / 100)
    rows = zip(("Total HT", f"TVA {rate} %", "Total TTC"), (net, tax, net + tax), strict=True)
    found = read(
        PAGE.split("Désignation", maxsplit=1)[0]
        + "\n".join(f"{label:>40}{_printed(amount)}" for label, amount in rows)
    )

    assert found.amount("total_incl_vat") == Decimal(net + tax) / 100
    assert all(found.fields[name].sure for name in TOTALS)


def test_an_amount_due_that_contradicts_the_total_takes_its_proof_away() -> None:
    """Without lines that agree, another amount to pay makes the total doubtful."""
    bare = "\n".join(
        line for line in PAGE.splitlines() if not line.startswith(("Conseil", "Formation"))
    )
    assert read(bare).fields["total_incl_vat"].sure

    found = read(
        bare + "                                             Net à payer         412,00\n"
    )

    assert not found.fields["total_incl_vat"].sure
    assert not found.fields["amount_due"].sure


def test_a_row_under_the_heads_of_a_table_is_no_proof_by_itself() -> None:
    """Any row of a table adds up: without a word on its own row it is not the total."""
    found = read(
        """
ATELIER MERLIN SARL                       FACTURE N° F-2031 du 03/04/2026
12 rue des Lilas 75011 PARIS              SIRET 732 829 320 00074

                       Montant HT      Montant TVA      Montant TTC
Abonnement                 100,00            20,00           120,00
"""
    )

    assert not any(found.fields[name].sure for name in TOTALS if name in found.fields)


def test_a_page_without_title_leaves_its_type_to_be_checked() -> None:
    """No word says what it is: "invoice" is then a guess."""
    found = read(PAGE.replace("FACTURE N° F-2031", "N° F-2031"))

    assert "type" not in found.fields or not found.fields["type"].sure


def test_an_account_whose_key_fails_is_never_sure() -> None:
    """One digit of an IBAN changed."""
    good = read(PAGE + "\nIBAN : FR76 3000 6000 0112 3456 7890 189\n").fields["iban"]
    bad = read(PAGE + "\nIBAN : FR76 3000 6000 0112 3456 7890 188\n").fields.get("iban")

    assert good.sure
    assert bad is None or not bad.sure


def test_two_accounts_on_a_page_leave_the_choice_to_a_person() -> None:
    """Both check: which one is to be paid is not for us to say."""
    found = read(
        PAGE + "\nIBAN : FR76 3000 6000 0112 3456 7890 189\n\nIBAN : DE89 3704 0044 0532 0130 00\n"
    )

    assert not found.fields["iban"].sure


def test_a_due_date_before_the_issue_date_makes_both_doubtful() -> None:
    """One of the two was misread."""
    found = read(PAGE.replace("PARIS\n", "PARIS       Échéance : 03/03/2026\n", 1))

    assert date(2026, 3, 3) == found.day("due_date")
    assert not found.fields["due_date"].sure
    assert not found.fields["issue_date"].sure


def test_a_misread_siret_does_not_pass_for_one() -> None:
    """The VAT number of the same company contradicts it."""
    name = "seller_siren"
    one = Reading(value="732829320", provenance=_on_page(), confidence=0.95)
    other = Reading(value="FR44732829320", provenance=_on_page(), confidence=0.95)
    strange = replace(other, value="FR83404833048")

    def grade(**fields: Reading) -> float:
        reader = graded_reader()
        facts = trust.Facts(Sums(None, None, None), (), Lines())
        return trust.graded(reader, fields, facts)[name].confidence

    assert grade(seller_siren=one, seller_vat=other) > 0.95
    assert grade(seller_siren=one, seller_vat=strange) < 0.95
    assert 0.95 == grade(seller_siren=one)


def graded_reader():  # type: ignore[no-untyped-def]
    from facteur.domain.extraction.page import Reader

    return Reader.of(pages(PAGE), Origin.TEXT)


def _on_page() -> Provenance:
    return Provenance(origin=Origin.TEXT, page=1)


@pytest.mark.parametrize("origin", ["text", "ocr"])
@pytest.mark.parametrize("group", list(trust.GROUPS))
def test_a_better_grade_is_never_worth_less(origin: str, group: str) -> None:
    """Every table of counts rises, and none says certain."""
    shares = [right for _least, right in STEPS[origin].get(group, ())]

    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


@given(
    grade=st.floats(0, 1),
    group=st.sampled_from([*trust.GROUPS, "unheard-of"]),
    ocr=st.booleans(),
)
def test_a_weak_grade_is_never_sure(grade: float, group: str, ocr: bool) -> None:
    """Whatever was counted on our own pages."""
    share = trust.share(group, grade, ocr=ocr)

    assert 0 <= share <= 1
    assert share < SURE or (grade >= trust.WEAK and group in trust.GROUPS)


def test_every_field_of_a_candidate_belongs_to_one_group() -> None:
    """A field without group would never be sure, and nobody would know why."""
    from facteur.domain.candidate import FIELDS

    held = [name for names in trust.GROUPS.values() for name in names]
    assert sorted(FIELDS) == sorted(held)


def test_reading_gives_shares_and_grades_stay_behind() -> None:
    """What extract answers is what was counted for the grades of the same page."""
    grades = graded(pages(PAGE), origin=Origin.TEXT).fields
    shares = read(PAGE).fields

    assert set(grades) == set(shares)
    for name, one in grades.items():
        expected = trust.share(trust.GROUP_OF[name], one.confidence, ocr=False)
        assert shares[name].confidence == expected
