"""Why there is no VAT, when the page says so: category (UNTDID 5305) and VATEX code.

Only words found on the page count: a zero rate without a reason stays without one, and check()
says so. The sentence itself is kept as the exemption reason (BT-120). Sources: CGI 293 B, 262,
262 ter, 259-1, 283; code-lists.md §2 and §3.
"""
# ruff: noqa: E501

import re
from dataclasses import dataclass

from facteur.domain.extraction.lines import Spot
from facteur.domain.extraction.page import Reader
from facteur.domain.plain import plain

_REASONS = (
    (
        "E",
        "VATEX-FR-FRANCHISE",
        r"293 ?-? ?b\b|tva non applicable|franchise (?:en base )?(?:de|en) (?:tva|base)",
    ),
    (
        "AE",
        "VATEX-EU-AE",
        r"auto-? ?liquid|reverse[ -]charge|steuerschuldnerschaft des leistungsempfangers|btw verlegd|283[- ]?(?:1|2)|tva due par (?:le|l') ?(?:preneur|client|acquereur)|redevable de la tva.{0,20}preneur|inversione contabile",
    ),
    (
        "K",
        "VATEX-EU-IC",
        r"(?:livraison|exoneration)s? intra-?communautaires?|262 ?ter|intra-?community (?:supply|delivery)|innergemeinschaftliche|intracommunautaire exoner|vatex-eu-ic",
    ),
    (
        "G",
        "VATEX-EU-G",
        r"262[- ,]?(?:i\b|1\b)|(?:livraison a l'|exoneration .{0,20})export|exportation hors|vente a l'export|steuerfreie ausfuhr|export (?:outside|hors) |vatex-eu-g\b",
    ),
    ("E", "VATEX-EU-79-C", r"\bdebours\b"),
    (
        "O",
        "VATEX-EU-O",
        r"hors (?:du )?(?:champ|scope)(?: d'application)?(?: de la)?(?: tva)?|non soumis a (?:la )?tva|outside (?:the )?scope|vatex-eu-o\b|nicht steuerbar|259[- ]?1",
    ),
    (
        "E",
        "",
        r"exonere(?:e|s)? de (?:la )?(?:tva|t\.v\.a)|exoneration (?:de )?tva|261[ -]|regime de la marge|297 ?a|vat exempt|exempt from vat|steuerfrei|umsatzsteuerbefreit|umsatzsteuerfrei|kleinunternehmer|prestation exoneree|non assujetti",
    ),
)
_COMPILED = tuple((category, code, re.compile(pattern)) for category, code, pattern in _REASONS)
_ANY = re.compile("|".join(pattern for *_, pattern in _REASONS))
_CODE = re.compile(r"vatex-(?:eu|fr)-[a-z0-9]+(?:-[a-z0-9]+)*", re.IGNORECASE)


@dataclass(frozen=True)
class Reason:
    """Why no tax is charged: its category, its code where one is sure, its words."""

    category: str
    code: str
    text: str
    spot: Spot | None = None


def of_text(text: str) -> Reason | None:
    """The reason that a piece of text gives, None when it gives none."""
    words = plain(text)
    explicit = _CODE.search(words)
    for category, code, pattern in _COMPILED:
        if pattern.search(words):
            return Reason(category, explicit[0].upper() if explicit else code, _sentence(text))
    if explicit:
        return Reason(_category(explicit[0].upper()), explicit[0].upper(), _sentence(text))
    return None


def of_page(reader: Reader) -> Reason | None:
    """The reason that the document gives, its sentence with its place."""
    rows = [row for row in reader.text.rows if _ANY.search(row.plain)]
    for category, code, pattern in _COMPILED if rows else ():
        for row in rows:
            match = pattern.search(row.plain)
            if match:
                cell = row.cell_at(match.start())
                return Reason(category, code, _sentence(cell.text), cell)
    return None


def _category(code: str) -> str:
    return {
        "VATEX-EU-AE": "AE",
        "VATEX-FR-AE": "AE",
        "VATEX-EU-IC": "K",
        "VATEX-EU-G": "G",
        "VATEX-EU-O": "O",
    }.get(code, "E")


def _sentence(text: str) -> str:
    words = _CODE.sub("", re.sub(r"\s+", " ", text)).strip(" -–:*·()")
    return words[:200]
