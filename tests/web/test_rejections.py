"""Every refusal is a sentence, with who can mend it (NO-03)."""

from datetime import UTC, datetime

from facteur.domain.flows import REASON_CODES
from facteur.domain.lifecycle.reasons import REASONS
from facteur.domain.lifecycle.records import (
    Characteristic,
    Side,
    StatusReason,
    StatusRecord,
)
from facteur.domain.rejections import ADVICE, Mender, Remedy, of_record, rejection
from facteur.web import i18n

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_every_known_reason_has_its_sentence_and_its_mender() -> None:
    """A row of the table without words would be shown as a code."""
    said = {code for code in ADVICE if i18n.sentence(f"rejection.{code}") or i18n.sentence(code)}
    assert set(ADVICE) == said
    assert all(i18n.sentence(f"mender.{one.value}") for one in Mender)


def test_the_official_reasons_are_known() -> None:
    """Those of AFNOR's acknowledgements, of 213, 221 and 501."""
    for code in (*REASON_CODES, *REASONS["213"], *REASONS["221"], *REASONS["501"]):
        assert code in ADVICE, code


def test_a_broken_rule_about_the_address_is_an_address() -> None:
    """Whatever the code beside it: BR-FR-21 to 26 speak of addresses."""
    assert Remedy.ADDRESS is rejection("REJ_SEMAN", rule="BR-FR-23").advice.remedy
    assert Remedy.ISSUE is rejection("REJ_SEMAN", rule="BR-FR-05").advice.remedy


def test_what_nobody_knows_is_shown_with_its_words() -> None:
    """A platform's own code: kept, said to be none of the list."""
    unknown = rejection("XYZ", "what they say")
    assert (False, "what they say") == (unknown.known, unknown.words)


def test_the_reasons_of_a_status_are_told_with_the_value_found() -> None:
    """Rule, value and words of the message; its comment alone where it gives no reason."""
    record = StatusRecord(
        id="flow:x:1",
        code="213",
        set_at=NOW,
        recorded_at=NOW,
        side=Side.PLATFORM,
        reasons=(StatusReason(code="REJ_SEMAN", rule="BR-FR-23", comment="Adresse inconnue"),),
        characteristics=(Characteristic(type="DIV", id="BT-49", value="123"),),
    )
    (one,) = of_record(record)
    assert ("BR-FR-23", "123", "Adresse inconnue") == (one.rule, one.value, one.words)
