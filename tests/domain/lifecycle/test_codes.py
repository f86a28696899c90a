"""The vocabulary of the lifecycle holds together."""

import re

import pytest
from facteur.domain.lifecycle import codes, reasons
from facteur.domain.lifecycle.codes import Phase, Profile
from facteur.domain.lifecycle.records import Side

from tests.shared import need

_RULES = "conformance/cdar/xslt/BR-FR-CDV-CDAR_V1.4.0.03.xslt"


def listed(text: str, status: str) -> set[str]:
    """The reasons that the official rule of one status names."""
    tests = re.findall(r'<xsl:when test="([^"]*)"', text)
    own = [one for one in tests if f"ProcessConditionCode = '{status}' and" in one]
    plain = next(one for one in own if "9999' " not in one)
    return set(re.findall(r"\(\.\) = '([A-Z_0-9]+)'", plain)) - {status}


@pytest.mark.parametrize("status", sorted(reasons.REASONS))
def test_reasons_are_those_of_the_official_rule(status: str) -> None:
    """No reason is offered that the rule refuses, none is missing."""
    rules = need(_RULES).read_text(encoding="utf-8")

    assert listed(rules, status) == set(reasons.REASONS[status])


@pytest.mark.parametrize("status", ["206", "207", "208", "210"])
def test_every_reason_to_choose_says_when_to_use_it(status: str) -> None:
    """People mixed 206, 207, 208 and 210 up until somebody told them when to use which."""
    for one in reasons.allowed(status):
        assert reasons.label(one) != one
        assert reasons.use(status, one).endswith((".", "…"))


def test_a_refusal_between_companies_has_no_other_reason() -> None:
    """210 with AUTRE is rejected by the official rules."""
    assert "AUTRE" not in reasons.allowed("210")


def test_every_status_has_its_words_and_its_untdid_code_is_of_its_phase() -> None:
    """MDT-88 has one list for platforms and another for parties (CL-04)."""
    lists = {
        Phase.TRANSMISSION: {"", "10", "51", "43", "8", "48"},
        Phase.PROCESSING: {"", "45", "39", "37", "50", "49", "47", "46", "1", "5"},
    }
    for one in codes.STATUSES.values():
        assert one.label
        assert one.meaning.endswith(".")
        assert one.untdid in lists[one.phase]
        assert (one.phase is Phase.TRANSMISSION) == (one.by == (Side.PLATFORM,))
    assert {"200", "210", "212", "213"} == {
        one.code for one in codes.STATUSES.values() if one.to_ppf
    }


def test_an_unknown_code_is_shown_as_it_is() -> None:
    """A receiver tolerates what it does not know."""
    assert ("999", "", "grey") == (codes.label("999"), codes.meaning("999"), codes.tone("999"))
    assert Phase.PROCESSING is codes.phase_of("999")
    assert Side.THIRD is codes.side_of("ZZ")
    assert ("NOUVEAU", "") == (reasons.label("NOUVEAU"), reasons.use("207", "NOUVEAU"))


def test_only_two_profiles_speak_of_invoices() -> None:
    """A message about a flow or the directory is no status of an invoice."""
    assert [Profile.INVOICE, Profile.INVOICE_PPF] == [one for one in Profile if one.of_invoice]
