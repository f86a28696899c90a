"""Our own rules: what the official ones do not look at."""

from dataclasses import replace
from decimal import Decimal

import pytest
from facteur.domain.identifiers import is_vat
from facteur.domain.invoice import (
    Address,
    AllowanceCharge,
    CreditTransfer,
    Identifier,
    Invoice,
    Line,
    LineExtension,
    Note,
    Party,
    Payment,
    PrecedingInvoice,
)
from facteur.domain.rules import HINTS, check, reform_applies

from tests.xml_samples import full_invoice, small_invoice, sub_lines


def codes(invoice: Invoice) -> list[tuple[str, str]]:
    """What is found: code and field."""
    return [(fault.code, fault.path) for fault in check(invoice)]


def with_seller(**changes: object) -> Invoice:
    """The small invoice with another seller."""
    small = small_invoice()
    return replace(small, seller=replace(small.seller, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("invoice", [full_invoice(), small_invoice(), sub_lines()])
def test_a_good_invoice_has_nothing_to_hear(invoice: Invoice) -> None:
    """No finding on what is right: a rule that cries wolf is worse than none."""
    assert check(invoice) == ()


def test_nothing_of_ours_blocks() -> None:
    """Warn rather than block: an impossible key is shown to a person."""
    wrong = with_seller(legal_id=Identifier(value="123456789", scheme="0002"))
    assert check(wrong)
    assert not any(fault.blocking for fault in check(wrong))


@pytest.mark.parametrize(
    ("value", "scheme", "found"),
    [
        ("552100554", "0002", []),
        ("552 100 554", "0002", []),
        ("123456789", "0002", [("siren.invalid", "seller_siren")]),
        ("12345678", "0002", [("siren.invalid", "seller_siren")]),
        ("AAAAAAAAA", "0002", [("siren.invalid", "seller_siren")]),
        ("55210055400013", "0002", [("siren.is_siret", "seller_siren")]),
        ("55210055400013", "0009", []),
        ("55210055400014", "0009", [("siret.invalid", "seller_siret")]),
        ("whatever", "0088", []),
    ],
)
def test_the_key_of_a_company_is_checked(
    value: str, scheme: str, found: list[tuple[str, str]]
) -> None:
    """Luhn for SIREN and SIRET; identifiers of other schemes are not ours to judge."""
    assert codes(with_seller(legal_id=Identifier(value=value, scheme=scheme), vat="")) == found


@pytest.mark.parametrize(
    ("vat", "found"),
    [
        ("FR96552100554", []),
        ("FR 96 552 100 554", []),
        ("FR30552100554", ["vat.invalid"]),
        ("FR00552100554", ["vat.placeholder"]),
        ("FR44732829320", ["vat.other_company"]),
        ("DE136695976", []),
        ("DE123456789", ["vat.invalid"]),
        ("CHE-116.281.710", []),
        ("", []),
    ],
)
def test_a_vat_number_is_checked_by_its_country_s_key(vat: str, found: list[str]) -> None:
    """French and European keys; other countries' numbers are left alone."""
    assert [code for code, _path in codes(with_seller(vat=vat))] == found


def test_a_key_of_zero_may_be_right() -> None:
    """FR00 is only a placeholder where the key does not hold."""
    siren = next(n for n in range(100_000_000, 100_010_000) if is_vat(f"FR00{n}"))
    held = with_seller(vat=f"FR00{siren}", legal_id=Identifier(value=str(siren), scheme="0002"))
    assert [code for code, _path in codes(held)] == []


def test_accounts_are_checked_by_their_key() -> None:
    """An IBAN that looks like one must hold; a bank's own number is left alone."""
    small = small_invoice()

    def found(iban: str, bic: str = "") -> list[tuple[str, str]]:
        payment = Payment(means_code="30", transfers=(CreditTransfer(iban=iban, bic=bic),))
        return codes(replace(small, payment=payment))

    assert found("FR76 3000 6000 0112 3456 7890 189") == []
    assert found("FR7630006000011234567890188") == [("iban.invalid", "iban")]
    assert found("COMPTE 12") == []
    assert found("FR7630006000011234567890189", "AGRIFRPP") == []
    assert found("FR7630006000011234567890189", "BANQUE") == [("bic.invalid", "bic")]


@pytest.mark.parametrize("text", ["", "  ", "n/a", "N.A.", "NA", "-", "...", "none", "xxx", "?"])
@pytest.mark.parametrize("subject", ["PMT", "PMD", "AAB"])
def test_a_mandatory_mention_must_say_something(subject: str, text: str) -> None:
    """The official rule counts the mention, we read it."""
    notes = (Note(text=text, subject=subject),)
    assert codes(replace(small_invoice(), notes=notes)) == [("note.empty", "payment_terms")]


def test_no_discount_is_an_answer_and_no_penalty_is_not() -> None:
    """« Néant » says something about a discount, nothing about penalties fixed by law."""
    small = small_invoice()
    assert codes(replace(small, notes=(Note(text="Néant", subject="AAB"),))) == []
    assert codes(replace(small, notes=(Note(text="Néant", subject="PMD"),))) != []
    assert codes(replace(small, notes=(Note(text="n/a", subject="AAI"),))) == []


def test_mentions_are_french() -> None:
    """A foreign invoice need not carry them."""
    foreign = with_seller(address=Address(country="DE"), legal_id=None, vat="")
    assert codes(replace(foreign, notes=(Note(text="n/a", subject="PMT"),))) == []


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        ("urn:cen.eu:en16931:2017", []),
        ("urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", []),
        ("urn:factur-x.eu:1p0:basicwl", []),
        ("urn:ferd:CrossIndustryDocument:invoice:1p0:comfort", []),
        ("", []),
        ("urn:example:not-a-profile", ["profile.unknown"]),
        ("urn:factur-x.eu:1p0:minimum", ["profile.not_an_invoice"]),
    ],
)
def test_a_profile_must_be_one(profile: str, found: list[str]) -> None:
    """BT-24 is free text for the official rules of UBL; for us it must name something."""
    assert [code for code, _path in codes(replace(small_invoice(), profile=profile))] == found


def test_a_credit_note_says_what_it_corrects() -> None:
    """Number and date of the invoice, which the French rules of UBL forget to ask in one case."""
    credit = replace(small_invoice(), type_code="381")
    asked = [("credit_note.no_reference", "preceding_invoice")]
    assert codes(credit) == asked
    assert codes(replace(credit, preceding=(PrecedingInvoice(number="F-1"),))) == asked
    day = full_invoice().preceding[0]
    assert codes(replace(credit, preceding=(day,))) == []
    assert codes(replace(credit, type_code="262")) == []


def line(**changes: object) -> Invoice:
    """The small invoice with its line changed: 2 hours at 50.00, 100.00."""
    small = small_invoice()
    return replace(small, lines=(replace(small.lines[0], **changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, False),
        ({"net": Decimal("100.02")}, False),
        ({"net": Decimal("100.03")}, True),
        ({"net": Decimal("-100.00")}, True),
        ({"quantity": Decimal(200), "price_base": Decimal(100)}, False),
        ({"quantity": Decimal(20), "unit_price": Decimal("5.01")}, True),
        # 3.33 may be 3.3333… printed short: thirty of them may hide up to fifteen cents.
        ({"quantity": Decimal(30), "unit_price": Decimal("3.33")}, False),
        ({"quantity": Decimal(30), "unit_price": Decimal("3.3300")}, True),
        (
            {"allowances": (AllowanceCharge(amount=Decimal("10.00")),), "net": Decimal("90.00")},
            False,
        ),
        (
            {"charges": (AllowanceCharge(amount=Decimal("10.00")),), "net": Decimal("110.00")},
            False,
        ),
        ({"quantity": None}, False),
        ({"unit_price": None}, False),
        ({"net": None}, False),
        ({"price_base": Decimal(0)}, False),
        ({"net": Decimal(0), "extension": LineExtension(subtype="INFORMATION")}, False),
    ],
)
def test_quantity_times_price_is_the_amount(changes: dict[str, object], wrong: bool) -> None:
    """Within two cents, or what a rounded price may hide; what is unknown is not judged."""
    found = [("line.amount", "lines.0.net")] if wrong else []
    assert codes(line(**changes)) == found


def test_a_currency_without_cents_is_rounded_to_its_unit() -> None:
    """Forints are not divided: 23,439.76 is written 23,440."""
    held = line(quantity=Decimal(64), unit_price=Decimal("366.246"), net=Decimal(23440))
    assert codes(held) == [("line.amount", "lines.0.net")]
    assert codes(replace(held, currency="HUF")) == []


@pytest.mark.parametrize(
    ("seller", "buyer", "applies"),
    [
        ("FR", "FR", True),
        ("FR", "RE", True),
        ("FR", "DE", False),
        ("DE", "FR", False),
        ("", "FR", True),
        ("fr", "FR", True),
    ],
)
def test_the_reform_is_between_french_companies(seller: str, buyer: str, applies: bool) -> None:
    """Both established in France; a SIREN tells for a party without country."""
    siren = Identifier(value="552100554", scheme="0002")
    held = replace(
        small_invoice(),
        seller=Party(legal_id=siren, address=Address(country=seller)),
        buyer=Party(address=Address(country=buyer)),
    )
    assert reform_applies(held) is applies


def test_a_party_without_country_nor_siren_is_not_french() -> None:
    """Nothing is presumed."""
    assert not reform_applies(replace(small_invoice(), buyer=Party(name="?")))


def test_hints_are_keys_only() -> None:
    """What makes no verdict is named once, and is a key that does not hold."""
    assert HINTS == {"siren.invalid", "siret.invalid", "vat.invalid"}


def test_every_line_is_named_by_its_position() -> None:
    """Lines are counted from zero, as the candidate's; those that count for nothing are not."""
    small = small_invoice()
    note = replace(small.lines[0], extension=LineExtension(subtype="INFORMATION"))
    lines = (
        small.lines[0],
        note,
        Line(id="2", quantity=Decimal(1), unit_price=Decimal(9), net=Decimal(1)),
    )
    assert codes(replace(small, lines=lines)) == [("line.amount", "lines.1.net")]
