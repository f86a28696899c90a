"""What was paid on the spot: a till's ticket, an invoice settled by card. Nothing is left to pay.

A page proves it by amounts ("CB 35,00", "Espèces 40,00 / Rendu 5,00", "Payé 35,00": what was given
less what was handed back is what was due), or says it in words ("Facture acquittée", "Réglée par
carte le 12/03"). What was due is then what was paid (BT-113), and 0.00 is due (BT-115): so BR-CO-25
asks neither for a due date nor for terms, and nobody pays twice. On a credit note the same words
are those of a refund already made ("remboursé sur votre carte"); one that is still to be given back
has a positive BT-115 like an invoice, and the page says how: « à valoir sur votre prochaine
facture » are its terms (BT-20). A means of payment that is only
proposed ("Règlement : carte bancaire"), a payment to come ("sera prélevé") prove nothing.
Sources: EN 16931-1 §6.4 and BR-CO-16, BR-CO-25; CGI ann. II art. 242 nonies A (acquittement).
"""
# ruff: noqa: E501

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from facteur.domain.candidate import Origin, Provenance, Reading
from facteur.domain.extraction.amounts import Number
from facteur.domain.extraction.lines import Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.money import cents

_CARD = r"c\.? ?b\b\.?|carte(?: (?:bancaire|bleue|de (?:credit|paiement|debit)|visa|emv)|(?= *$|   | ?:))|visa\b|master ?card|maestro\b|amex\b|american express|sans contact|(?:credit |debit )?card\b|ec[- ]karte|girocard|kartenzahlung|kreditkarte|bancontact|pin\b|ideal\b|paypal|apple pay|google pay"
_CASH = r"especes?\b|liquide\b|cash\b|bargeld|bar\b|gegeben|contant\b|cheques?(?= *$|   | ?:| N°)|(?:tickets?|titres?)[- ]?rest\w*"
_LEAD = r"\W*(?:(?:paiement|reglement|paye|regle|encaisse|encaissement|paid|payment|zahlung|recu|debit)e?s?(?: (?:recue?s?|par|en|by|in|mit|per|via))* ?:? ?)?"
#: "CB   35,00": what was given.
_GIVEN = re.compile(rf"{_LEAD}(?:{_CARD}|{_CASH})")
#: "Rendu   5,00": what was handed back.
_BACK = re.compile(
    r"\W*(?:rendu|monnaie|a (?:vous )?rendre|retour especes|change\b|ruckgeld|zuruck\b|wisselgeld)"
)
#: "Payé   35,00"; a deposit says so by another word.
_PAID = re.compile(
    r"\W*(?:(?:montant|total|somme|deja) )?(?:paye|regle|encaisse|acquitte|percu)e?s?\b(?! d'avance)"
    r"|\W*(?:amount|total) paid\b|\W*paid\b|\W*(?:bereits )?bezahlt\b|\W*(?:reeds )?betaald\b"
)
_SAID = re.compile(
    r"\bacquittee?s?\b(?! (?:sur|par le preneur|d'apres))"
    r"|\b(?:paye|regle)e?s? (?:ce jour|comptant|integralement|entierement|en (?:totalite|ligne|especes)|a la commande|le \d|(?:par|en) (?:cb|c\.b|carte|especes|cheque|paypal))"
    r"|\bpaid (?:in full|on \w|by (?:card|cash|credit|debit|visa|mastercard|paypal)|with|via)"
    r"|bereits bezahlt|dankend erhalten|betrag (?:dankend )?erhalten|bezahlt (?:mit|per|am|via)"
    r"|betaald (?:met|via|per|op)|(?:is|reeds) (?:betaald|voldaan)"
)
_REFUNDED = re.compile(
    r"\brembourse(?:e|s|es)? (?:le \d|ce jour|par (?:cb|carte|virement|cheque)|sur (?:votre|la) carte|en especes)"
    r"|\b(?:refunded (?:on|to|by|via)|erstattet am|terugbetaald (?:op|via))"
)
#: The card's number with its digits hidden, as a terminal prints it.
_MASKED = re.compile(r"(?:[*x#•]{4}[ -]?){2,3}\d{4}|[*•]{3,} ?\d{3,4}\b")
#: Words before a sentence that take it back: to come, conditional, denied.
_NOT_YET = re.compile(
    r"\b(?:sera|seront|serait|doit|doivent|devra|etre|peut|peuvent|pourra|non|pas|si|lorsque|quand|apres|une fois|sous reserve|tva|taxe"
    r"|to be|not|must|will|if|when|unless|until|nicht|wird|werden|wenn|niet|wordt|worden)\b[^.;]{0,45}$"
)
#: How a credit note will be given back.
_GIVEN_BACK = re.compile(
    r"\b(?:a|sera|est|etre|montant|somme|avoir)\b[^.;]{0,30}(?:deduire|deduite?|valoir|imputer|imputee?|reporter|compenser|utiliser)\b[^.;]{0,25}(?:factures?|reglements?|paiements?|commandes?|achats?|echeances?|compte)\b"
    r"|\b(?:deductible|utilisable|valable)\b[^.;]{0,25}(?:factures?|reglements?|paiements?|commandes?|achats?)\b"
    r"|\b(?:rembourse|remboursement|rembourserons|credite)e?s?\b[^.;]{0,40}(?:virement|cheque|carte|jours|compte|mode de paiement)"
    r"|\b(?:will be|to be) (?:refunded|deducted|credited|offset)\b|\brefund(?:ed)? (?:by|to|within)|against (?:your )?(?:next|future|any) (?:invoice|order|payment)"
    r"|(?:gutgeschrieben|erstattet|verrechnet|uberwiesen)\b|verrekend|terugbetaald|terugbetaling"
)
_TOLD, _CONTRADICTED, _TERMS = 0.93, 0.84, 0.9


@dataclass(frozen=True)
class _Payment:
    """Where the page says that all was paid; ``proved`` by amounts, not by words alone."""

    spot: Spot
    proved: bool


def read(reader: Reader, fields: Mapping[str, Reading], *, receipt: bool) -> dict[str, Reading]:
    """The fields ``prepaid`` and ``amount_due`` of a page that says all was paid, none otherwise.

    ``fields`` are those already read and graded; ``receipt``: a till's, where the number of a card
    is enough, and where what is due is never sure when nothing says it was paid. Amounts are in
    the invoice's currency.
    """
    due = fields.get("amount_due")
    if due is None or not isinstance(due.value, Decimal) or due.value <= 0:
        return {}
    before = fields["prepaid"].value if "prepaid" in fields else None
    deposit = before if isinstance(before, Decimal) else Decimal(0)
    refund = "type" in fields and fields["type"].value == "credit_note"
    payment = _by_words(reader, receipt=receipt, refund=refund)
    if not refund and deposit != due.value:  # a half paid before is not the other half
        payment = _by_amounts(reader, due.value, _issued(fields)) or payment
    if payment is None:
        # A till is paid at once: where its ticket does not say how, a person says whether it was.
        doubt = replace(due, confidence=min(due.confidence, _CONTRADICTED))
        return {"amount_due": doubt} if receipt else {}
    total = fields.get("total_incl_vat")
    grade = max(due.confidence, total.confidence if total is not None else 0.0)
    if not payment.proved:
        named = due.provenance.path != "total.same" and not receipt
        grade = min(grade, _CONTRADICTED if named else _TOLD)
    rule = Provenance(origin=Origin.RULE, path="paid.on_the_spot")
    return {
        "prepaid": reader.reading(due.value + deposit, payment.spot, grade),
        "amount_due": Reading(value=cents(Decimal(0)), provenance=rule, confidence=grade),
    }


def _issued(fields: Mapping[str, Reading]) -> date | None:
    value = fields["issue_date"].value if "issue_date" in fields else None
    return value if isinstance(value, date) else None


def _by_amounts(reader: Reader, due: Decimal, issued: date | None) -> _Payment | None:
    """What was given, less what was handed back, is what was due."""
    given = list(_named(reader, _GIVEN, issued))
    for one in (*given, *_named(reader, _PAID, issued)):
        if abs(one.value) == due:
            return _Payment(one.spot, proved=True)
    back = sum((abs(one.value) for one in _named(reader, _BACK, issued)), Decimal(0))
    whole = sum((abs(one.value) for one in given), Decimal(0))
    rests = {whole, whole - back, *(abs(one.value) - back for one in given)}
    return _Payment(given[-1].spot, proved=True) if given and due in rests else None


def _named(reader: Reader, words: re.Pattern[str], issued: date | None) -> Iterator[Number]:
    """The amount after each cell that starts with such words; not one that falls due later."""
    for number, numbers in reader.numbers_by_row.items():
        row = reader.row(number)
        days = [one.day for one in reader.dates_by_row.get(number, [])]
        if issued is not None and any(day > issued for day in days):
            continue
        for cell in row.cells:
            match = words.match(row.plain, cell.start, cell.end)
            if match is None or match.end() == match.start():
                continue
            after = (one for one in numbers if one.money and one.spot.start >= match.end())
            amount = next(after, None)
            if amount is not None:
                yield amount
                break


def _by_words(reader: Reader, *, receipt: bool, refund: bool) -> _Payment | None:
    """The sentence that says so; the hidden number of a card is one on a receipt."""
    said = _REFUNDED if refund else _SAID
    above = ""
    for row in reader.text.rows:
        for match in said.finditer(row.plain):
            before = row.plain[row.cell_at(match.start()).start : match.start()]
            if not _NOT_YET.search(f"{above} {before}"[-60:] if len(before) < 20 else before):
                return _Payment(Spot(row, match.start(), match.end()), proved=False)
        above = "" if row.plain.rstrip().endswith((".", ":", ";")) else row.plain[-40:]
        masked = _MASKED.search(row.plain) if receipt and not refund else None
        if masked is not None:
            return _Payment(Spot(row, masked.start(), masked.end()), proved=False)
    return None


def given_back(reader: Reader) -> Reading | None:
    """How a credit note says it will be given back, which is its payment terms; None if silent."""
    for row in reader.text.rows:
        for cell in row.cells:
            words = _GIVEN_BACK.search(row.plain, cell.start, cell.end)
            if words is not None:
                return reader.reading(re.sub(r"\s+", " ", cell.text).strip(" -*·:"), cell, _TERMS)
    return None
