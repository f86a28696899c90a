"""How sure a field is: what bears it out, then how often such evidence was right.

Two steps, for every field and for nobody else's taste. ``graded`` looks at a field with its
neighbours: totals are believed when several things say the same (they are printed, labelled, add
up, the lines or the amount due lead to them), an identifier when another one contains it, a name
read by OCR when the page writes it twice. ``calibrated`` turns that grade into the share of values
that were right when they had it, counted on pages of our own making, spoiled on purpose
(benchmarks/perturbing.py); STEPS are those counts and nothing else writes them.

Totals, type and account are never sure by a grade alone: what is not proved stays under WEAK.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from facteur.domain.candidate import Reading
from facteur.domain.extraction import names, taxes
from facteur.domain.extraction.evidence import Evidence
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.rows import Lines
from facteur.domain.extraction.sums import CENT, Sums, options
from facteur.domain.extraction.trust_steps import STEPS
from facteur.domain.hints import end_of_month
from facteur.domain.plain import plain

PROVED = 0.99  # the grade of a total that several things bear out
WEAK = 0.85  # under this grade nothing is sure, whatever our own pages say
DOUBT = 0.89  # the most a weak grade is worth
_DOUBTED = 0.12  # what a proof makes up for, where OCR doubted its words
_ECHO = 0.03  # what a second place with the same value adds to a grade, or takes without one

#: The fields whose grades mean the same are counted together.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "type": ("type",),
    "reference": ("number", "purchase_order", "contract", "preceding_invoice"),
    "day": (
        "issue_date", "due_date", "preceding_date", "period_start", "period_end", "delivery_date",
    ),
    "name": ("seller_name", "buyer_name"),
    "place": (
        "seller_address", "seller_postcode", "seller_city", "seller_country",
        "buyer_address", "buyer_postcode", "buyer_city", "buyer_country",
    ),
    "company": (
        "seller_siren", "seller_siret", "seller_vat", "buyer_siren", "buyer_siret", "buyer_vat",
    ),
    "currency": ("currency",),
    "total": ("total_excl_vat", "total_vat", "total_incl_vat"),
    "due": ("amount_due", "prepaid", "rounding"),
    "breakdown": ("vat_breakdown",),
    "lines": ("lines", "adjustments"),
    "account": ("iban", "bic"),
    "words": (
        "payment_terms", "exemption_reason", "note_recovery", "note_penalties", "note_discount",
    ),
}  # fmt: skip
#: Words of a payment already made: what then remains due, when the page does not say, is a guess.
_PAID = re.compile(
    r"\b(?:payee?s?|paid|reglee?s?|acquittee?s?|betaald|bezahlt|ideal|carte bancaire|cb|cash|card|"
    r"especes)\b"
)
GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}

_TOTALS = GROUPS["total"]
_BRAND = 0.08  # what is taken from a name read by OCR under another's brand
_TOP = 6  # rows
#: Days between an invoice and its term that are common.
_TERMS = frozenset({7, 8, 10, 14, 15, 20, 21, 28, 30, 31, 45, 60, 90})


@dataclass(frozen=True)
class Facts:
    """What was found out about the amounts while reading."""

    total: Sums
    found: Sequence[Evidence]
    lines: Lines


def graded(reader: Reader, fields: Mapping[str, Reading], facts: Facts) -> dict[str, Reading]:
    """The fields with the grade that their neighbours leave them as their confidence (0 to 1)."""
    proof = proved(facts, fields)
    graded_: dict[str, Reading] = {}
    for name, reading in fields.items():
        grade = reading.confidence
        group = GROUP_OF.get(name, "")
        if group == "total":
            twice = name == "total_incl_vat" and _rounded(facts, fields)
            believed = min(PROVED, grade + _DOUBTED) if reader.ocr else PROVED
            grade = believed if proof and not twice else min(grade, WEAK - 0.01)
        elif group in ("breakdown", "lines") and not proof:
            grade = min(grade, WEAK - 0.01)
        elif name == "amount_due":
            guess = reading.provenance.path == "total.same" and _PAID.search(reader.text.plain)
            grade = _due_grade(grade, facts, fields, proof=proof and not guess)
        elif group == "company":
            grade = _company_grade(name, reading, fields)
        elif group == "name" and reader.ocr:
            grade += _ECHO if _written(reader, str(reading.value)) > 1 else -_ECHO
            grade -= (
                _BRAND if name == "seller_name" and _branded(reader, str(reading.value)) else 0
            )
        elif name == "number" and reader.ocr:
            grade += _ECHO if _written(reader, str(reading.value)) > 1 else 0.0
        elif name in ("issue_date", "due_date") and _backwards(fields):
            grade = min(grade, WEAK - 0.01)
        elif name == "issue_date" and reader.ocr and _borne_out(reader, reading, fields):
            grade += _ECHO if grade >= WEAK else 0.0
        sure = round(max(0.0, min(grade, 1.0)), 3)
        graded_[name] = (
            reading if sure == reading.confidence else replace(reading, confidence=sure)
        )
    return graded_


def calibrated(fields: Mapping[str, Reading], *, ocr: bool) -> dict[str, Reading]:
    """The fields with the share of right values that their grade had as their confidence."""
    return {
        name: replace(one, confidence=share(GROUP_OF.get(name, ""), one.confidence, ocr=ocr))
        for name, one in fields.items()
    }


def share(group: str, grade: float, *, ocr: bool) -> float:
    """How often a value of this group and grade was right; the grade itself where none counted."""
    steps = STEPS["ocr" if ocr else "text"].get(group)
    if not steps:
        return min(grade, DOUBT)
    right = next((right for least, right in reversed(steps) if grade >= least), 0.0)
    return right if grade >= WEAK else min(right, grade, DOUBT)


def proved(facts: Facts, fields: Mapping[str, Reading]) -> bool:
    """True when enough bears out the totals: labels alone never, nor a sum of computed amounts.

    Printed, named on their own row and adding up is proof (under the heads of columns alone, any
    row of a table adds up); with less, the lines or the amount due must lead to the same total; an
    amount due that contradicts it takes the proof away.
    """
    total, lines = facts.total, facts.lines
    chosen = [one for one in (total.excl, total.vat, total.incl) if one is not None]
    printed = [one for one in chosen if one.number is not None]
    labelled = sum(one.score >= 0.5 for one in printed)
    named = any(
        one.beside and one.score >= 0.4 and held.number is one.number
        for one in facts.found
        for held in printed
    )
    agrees = bool(lines.agrees)
    due = _due(facts, fields)
    if not labelled and not (len(printed) == 3 and agrees):
        return False
    if due == "differs" and not agrees:
        return False
    if not total.breakdown and _denied(facts, fields):
        return False
    if total.adds_up:
        return (len(printed) == 3 and named) or agrees or due == "agrees"
    if agrees:
        return len(printed) == 2 or lines.agrees == "excl"
    if len(printed) < 2 or bool(lines.items):
        return False
    return due == "agrees" or (_by_rate(fields) and not _rivals(facts))


def _due(facts: Facts, fields: Mapping[str, Reading]) -> str:
    """Whether the amounts that a label says are due lead to the total: "agrees", "differs", ""."""
    said = [one.value for one in options(facts.found, "due") if one.score >= 0.5]
    total = _amount(fields, "total_incl_vat")
    if not said or total is None:
        return ""
    paid = abs(_amount(fields, "prepaid") or Decimal(0)) - (_amount(fields, "rounding") or 0)
    return "agrees" if any(abs(one + paid - abs(total)) < CENT for one in said) else "differs"


def _denied(facts: Facts, fields: Mapping[str, Reading]) -> bool:
    """True when the page names a total, or parts of one, that is not the one computed for it.

    Of the tax this is asked even when it is printed somewhere: small amounts are, by chance.
    """
    total = facts.total
    for role, name, held in (
        ("excl", "total_excl_vat", total.excl),
        ("vat", "total_vat", None),
        ("incl", "total_incl_vat", total.incl),
    ):
        value = _amount(fields, name)
        if value is None or (held is not None and held.number is not None):
            continue
        said = {
            one.size
            for one in facts.found
            if one.role == role and one.beside and one.score >= 0.6 and one.size > 0
        }
        wholes = (*said, sum(said, Decimal(0)))
        if said and all(abs(one - abs(value)) > CENT for one in wholes):
            return True
    return False


def _by_rate(fields: Mapping[str, Reading]) -> bool:
    """True when a rate in force turns HT into the tax."""
    excl, vat = _amount(fields, "total_excl_vat"), _amount(fields, "total_vat")
    return excl is not None and vat is not None and taxes.rate_of(excl, vat) is not None


def _rivals(facts: Facts) -> bool:
    """True when a label gives another, larger amount for a total that was chosen."""
    for role in ("excl", "vat", "incl"):
        held = getattr(facts.total, role)
        if held is not None and any(
            one.role == role and one.number.money and one.score >= 0.65 and one.size > held.value
            for one in facts.found
        ):
            return True
    return False


def _rounded(facts: Facts, fields: Mapping[str, Reading]) -> bool:
    """True when a till rounds: it prints two totals, and a person must say which one is meant."""
    total = abs(_amount(fields, "total_incl_vat") or Decimal(0))
    return bool(_amount(fields, "rounding")) or any(
        one.role == "incl" and one.beside and one.score >= 0.6 and 0 < abs(one.size - total) < 1
        for one in facts.found
    )


def _due_grade(grade: float, facts: Facts, fields: Mapping[str, Reading], *, proof: bool) -> float:
    """What remains due is as sure as the total that it follows from."""
    if not proof or _due(facts, fields) == "differs":
        return min(grade, WEAK - 0.01)
    return max(grade, 0.95) if grade >= WEAK else grade


def _company_grade(name: str, reading: Reading, fields: Mapping[str, Reading]) -> float:
    """A SIREN, SIRET or VAT number with another of the same company is read right."""
    side, kind = name.split("_")
    digits = re.sub(r"\D", "", str(reading.value))
    own = digits[-9:] if kind == "vat" else digits[:9]
    others = [
        str(one.value)
        for other in ("siren", "siret", "vat")
        if other != kind
        and (one := fields.get(f"{side}_{other}")) is not None
        and not one.provenance.path.startswith("from.")
        and not reading.provenance.path.startswith("from.")
    ]
    if any(own in other for other in others):
        return reading.confidence + _ECHO
    return reading.confidence - (_ECHO if others else 0.0)


def _written(reader: Reader, value: str) -> int:
    """How many times the page writes a value."""
    return reader.text.plain.count(plain(value))


def _branded(reader: Reader, value: str) -> bool:
    """True when the page's web address names somebody else who stands at its top: a brand."""
    if not reader.webs or names.echoed(value, reader.webs):
        return False
    top = (cell.text for row in reader.text.rows[:_TOP] for cell in row.cells)
    return any(names.echoed(names.clean(text), reader.webs) for text in top)


def _borne_out(reader: Reader, reading: Reading, fields: Mapping[str, Reading]) -> bool:
    """True when something else on the page leads to the day: a misread digit would not."""
    issued = reading.value
    if not isinstance(issued, date):
        return False
    due = fields["due_date"].value if "due_date" in fields else None
    if isinstance(due, date) and due > issued and _usual(issued, due):
        return True
    number = re.sub(r"\D", "", str(fields["number"].value)) if "number" in fields else ""
    if f"{issued:%Y%m}" in number or f"{issued:%Y%m%d}" in number:
        return True
    return sum(one.day == issued for one in reader.dates) > 1


def _usual(issued: date, due: date) -> bool:
    """True for a term that invoices have: thirty days, the end of a month."""
    return (due - issued).days in _TERMS or due == end_of_month(due)


def _backwards(fields: Mapping[str, Reading]) -> bool:
    """True when the due date is before the issue date."""
    issued, due = (
        fields[one].value if one in fields else None for one in ("issue_date", "due_date")
    )
    return isinstance(issued, date) and isinstance(due, date) and due < issued


def _amount(fields: Mapping[str, Reading], name: str) -> Decimal | None:
    value = fields[name].value if name in fields else None
    return value if isinstance(value, Decimal) else None
