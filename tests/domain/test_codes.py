"""French labels of the official codes."""

import pytest
from facteur.domain import codes
from facteur.domain.candidate import TYPE_CODES
from facteur.domain.invoice import CREDIT_NOTE_TYPES, SELF_BILLED_TYPES


def test_a_known_code_has_its_label_and_an_unknown_one_is_shown() -> None:
    """Never a crash, never an empty cell."""
    assert codes.label(codes.TYPES, "381") == "Avoir"
    assert codes.label(codes.UNITS, " HUR ") == "h"
    assert codes.label(codes.UNITS, "ZZZ9") == "ZZZ9"
    assert codes.label(codes.PAYMENT_MEANS, "") == ""


def test_every_type_we_reason_about_has_a_label() -> None:
    """Credit notes, self-billed invoices and those we write can all be named on a screen."""
    reasoned = CREDIT_NOTE_TYPES | SELF_BILLED_TYPES | set(TYPE_CODES.values())
    assert reasoned - set(codes.TYPES) == set()


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("VATEX-EU-AE", "Autoliquidation"),
        ("vatex-fr-franchise", "Franchise en base (art. 293 B du CGI)"),
        ("VATEX-FR-CGI261-4", "Exonéré (art. 261 4 du CGI)"),
        ("VATEX-EU-132-1A", "Activité d'intérêt général"),
        ("VATEX-XX-1", "VATEX-XX-1"),
    ],
)
def test_an_exemption_is_told_by_itself_or_its_family(code: str, label: str) -> None:
    """The list has hundreds of articles: the family is enough on a screen."""
    assert codes.exemption_label(code) == label


def test_reasons_for_refusing_are_official_but_one() -> None:
    """What a refusal between companies may carry, and « autre », which it may not."""
    official = {reason.code for reason in codes.REFUSALS if reason.official}
    assert len(official) == 13
    assert [reason.code for reason in codes.REFUSALS if not reason.official] == ["AUTRE"]
    assert codes.refusal_label("DOUBLON").startswith("Facture en doublon")
    assert codes.refusal_label("FACT_NON_CONFORME") == "FACT_NON_CONFORME"
