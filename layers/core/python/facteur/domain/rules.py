"""What the official rules do not look at: keys of identifiers, empty mentions, prices of lines.

The schematrons check that a SIREN has nine digits, not that it can exist; that a late-payment
mention is there, not that it says anything; that lines add up, not that quantity times price is
the amount of the line. Nothing here repeats an official rule, and nothing here blocks: an odd VAT
key is shown to a person, not refused by a program (warn rather than block).

Sources: INSEE (Luhn key of SIREN and SIRET), CGI annexe II art. 242 nonies A, C. com. L441-9 and
L441-10; reference: code-lists.md §10, invoice-formats.md §2, §6 and §7, legal.md §2.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from facteur.domain.faults import Fault, Severity
from facteur.domain.identifiers import compact, is_bic, is_iban, is_siren, is_siret, is_vat
from facteur.domain.invoice import Identifier, Invoice, Line, Party
from facteur.domain.money import ZERO

#: Where the French reform applies: mainland and the departments overseas, each with its code.
FRENCH_COUNTRIES = frozenset({"FR", "GF", "GP", "MQ", "RE", "YT"})
#: Countries whose VAT numbers follow the Union's scheme (EL is Greece, XI Northern Ireland).
_EU_PREFIXES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"}
)
#: Findings worth showing that make no verdict: a key that does not hold proves nothing more than
#: a typing error or a fictive company, and no norm makes it a reason to refuse or to wait.
HINTS = frozenset({"siren.invalid", "siret.invalid", "vat.invalid"})

_SIREN, _SIRET = "0002", "0009"
_REFERRING_CREDITS = frozenset({"381", "261", "396", "502", "503"})
_MANDATORY_NOTES = ("PMT", "PMD", "AAB")
_SAYS_NOTHING = re.compile(
    r"\W*|n\W?a\W?|n\W?c\W?|none|null|nil|non renseigne|x+|\?+|tbd|todo|test", re.IGNORECASE
)
#: For an early-payment discount, "none" is an answer; for penalties it is not.
_NO_ANSWER = re.compile(r"neant|néant|sans objet|aucune?", re.IGNORECASE)
_KNOWN_PROFILE = re.compile(r"urn:(cen\.eu:en16931:2017|factur-x\.eu:|zugferd\.de:|ferd:)")
_MINIMUM = "urn:factur-x.eu:1p0:minimum"
_LINE_TOLERANCE = Decimal("0.02")  # as Peppol's R120
_WHOLE_TOLERANCE = Decimal("0.50")  # currencies that are not divided in practice
_WHOLE_CURRENCIES = frozenset({"HUF", "ISK", "JPY", "KRW"})


def reform_applies(invoice: Invoice) -> bool:
    """True when both parties are in France: then the invoice is the reform's (CGI art. 289 bis).

    A party without a country is French when it gives a SIREN or a SIRET.
    """
    return _is_french(invoice.seller) and _is_french(invoice.buyer)


def check(invoice: Invoice) -> tuple[Fault, ...]:
    """All that our own rules find in an invoice; each fault is a warning."""
    return (
        *_parties(invoice),
        *_payment(invoice),
        *_notes(invoice),
        *_profile(invoice),
        *_references(invoice),
        *_lines(invoice),
    )


def _fault(code: str, path: str, **values: str) -> Fault:
    return Fault(code=code, path=path, severity=Severity.WARNING, values=values)


def _is_french(party: Party) -> bool:
    country = party.address.country.upper()
    return country in FRENCH_COUNTRIES if country else party.siren != ""


def _parties(invoice: Invoice) -> Iterator[Fault]:
    for side, party in (("seller", invoice.seller), ("buyer", invoice.buyer)):
        held = (party.legal_id, *party.identifiers)
        for one in held:
            if one is not None:
                yield from _company(side, one)
        yield from _vat(side, party)


def _company(side: str, one: Identifier) -> Iterator[Fault]:
    value = compact(one.value)
    if one.scheme == _SIREN and is_siret(value):
        yield _fault("siren.is_siret", f"{side}_siren", value=one.value)
    elif one.scheme == _SIREN and not is_siren(value):
        yield _fault("siren.invalid", f"{side}_siren", value=one.value)
    elif one.scheme == _SIRET and not is_siret(value):
        yield _fault("siret.invalid", f"{side}_siret", value=one.value)


def _vat(side: str, party: Party) -> Iterator[Fault]:
    """The key of the number; and a French number holds its company's SIREN."""
    number = compact(party.vat)
    if number[:2] not in _EU_PREFIXES:
        return
    if not is_vat(number):
        # Programs write FR00 when nobody told them the key.
        code = "vat.placeholder" if number.startswith("FR00") else "vat.invalid"
        yield _fault(code, f"{side}_vat", value=party.vat)
    siren = compact(party.siren)[:9]
    if number.startswith("FR") and len(number) == 13 and siren and number[4:] != siren:
        yield _fault("vat.other_company", f"{side}_vat", value=party.vat, siren=siren)


def _payment(invoice: Invoice) -> Iterator[Fault]:
    for transfer in invoice.payment.transfers if invoice.payment else ():
        account = compact(transfer.iban)
        if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", account) and not is_iban(account):
            yield _fault("iban.invalid", "iban", value=transfer.iban)
        if transfer.bic and not is_bic(transfer.bic):
            yield _fault("bic.invalid", "bic", value=transfer.bic)


def _notes(invoice: Invoice) -> Iterator[Fault]:
    if not reform_applies(invoice):
        return
    for note in invoice.notes:
        if note.subject not in _MANDATORY_NOTES:
            continue
        text = note.text.strip()
        empty = _SAYS_NOTHING.fullmatch(text) is not None
        if empty or (note.subject != "AAB" and _NO_ANSWER.fullmatch(text)):
            yield _fault("note.empty", "payment_terms", subject=note.subject, value=text)


def _profile(invoice: Invoice) -> Iterator[Fault]:
    if invoice.profile and not _KNOWN_PROFILE.match(invoice.profile):
        yield _fault("profile.unknown", "", value=invoice.profile)
    if invoice.profile == _MINIMUM and reform_applies(invoice):
        yield _fault("profile.not_an_invoice", "", value=invoice.profile)


def _references(invoice: Invoice) -> Iterator[Fault]:
    """A credit note says what it corrects, with its date (the UBL file forgets one case)."""
    if invoice.type_code not in _REFERRING_CREDITS:
        return
    if not any(one.number and one.issue_date for one in invoice.preceding):
        yield _fault("credit_note.no_reference", "preceding_invoice")


def _lines(invoice: Invoice) -> Iterator[Fault]:
    whole = invoice.currency in _WHOLE_CURRENCIES
    least = _WHOLE_TOLERANCE if whole else _LINE_TOLERANCE
    details = (line for line in invoice.lines if line.is_detail)  # those that a candidate holds
    for place, line in enumerate(details):
        expected = _expected_net(line)
        if expected is None or line.net is None:
            continue
        if abs(expected - line.net) > max(least, _rounding(line)):
            yield _fault(
                "line.amount",
                f"lines.{place}.net",
                line=line.id,
                net=str(line.net),
                expected=f"{expected:.2f}",
            )


def _expected_net(line: Line) -> Decimal | None:
    """BT-131 as BT-129, BT-146, BT-149 and the line's allowances and charges give it."""
    if line.quantity is None or line.unit_price is None or line.price_base == 0:
        return None
    price = line.unit_price / (line.price_base or Decimal(1))
    less = sum((one.amount for one in line.allowances), ZERO)
    more = sum((one.amount for one in line.charges), ZERO)
    return line.quantity * price - less + more


def _rounding(line: Line) -> Decimal:
    """What a price rounded to its last decimal may hide: half of it, for each unit sold."""
    price, quantity = line.unit_price or ZERO, line.quantity or ZERO
    exponent = price.as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    half = Decimal(5).scaleb(-decimals - 1)
    return abs(quantity) * half / (line.price_base or Decimal(1))
