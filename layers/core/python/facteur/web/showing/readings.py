"""Readings as text: how a value, its rows, its origin and its place on the page are shown.

The same text is what forms/typed.py compares with what comes back, to tell what a person changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from facteur.domain import typed
from facteur.domain.candidate import (
    FIELDS,
    AdjustmentRow,
    Candidate,
    LineRow,
    Origin,
    Provenance,
    Reading,
    VatRow,
)
from facteur.domain.faults import Fault
from facteur.web import i18n
from facteur.web.i18n import _
from facteur.web.showing.present import Badge

_ORIGINS: Mapping[Origin, Badge] = {
    Origin.XML: Badge("XML de l’émetteur", "file-code", "green"),
    Origin.TEXT: Badge("Texte du PDF", "text-size", "grey"),
    Origin.OCR: Badge("Reconnue sur l’image (OCR)", "scan", "grey"),
    Origin.RULE: Badge("Calculée", "calculator", "blue"),
    Origin.HINT: Badge("Apprise de vos corrections", "bulb", "blue"),
    Origin.USER: Badge("Saisie", "user-check", "blue"),
}

#: Columns of the repeated rows: (attribute, label, kind). A line's ``discount`` is its rate too.
COLUMNS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "lines": (
        ("description", "Désignation", "text"),
        ("quantity", "Qté", "quantity"),
        ("unit", "Unité", "unit"),
        ("unit_price", "PU HT", "amount"),
        ("discount", "Remise", "discount"),
        ("vat_rate", "TVA %", "rate"),
        ("net", "Total HT", "amount"),
    ),
    "adjustments": (
        ("charge", "Nature", "flag"),
        ("reason", "Motif", "text"),
        ("vat_rate", "TVA %", "rate"),
        ("amount", "Montant HT", "amount"),
    ),
    "vat_breakdown": (
        ("rate", "Taux %", "rate"),
        ("category", "Catégorie", "category"),
        ("base", "Base HT", "amount"),
        ("tax", "TVA", "amount"),
        ("exemption_text", "Motif d’exonération", "text"),
    ),
}
#: What a row holds and no column shows: it travels with its row, hidden (decision 0335).
UNSEEN: Mapping[str, tuple[str, ...]] = {
    "lines": ("item",),
    "adjustments": (),
    "vat_breakdown": ("exemption_code",),
}
#: What the amounts of these columns are called where the lines are printed with tax.
WITH_TAX: Mapping[str, str] = {
    "PU HT": "PU TTC",
    "Total HT": "Total TTC",
    "Montant HT": "Montant TTC",
}
_ROWS: Mapping[str, type] = {
    "lines": LineRow,
    "adjustments": AdjustmentRow,
    "vat_breakdown": VatRow,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxView:
    """A place on a page, as fractions of its size."""

    field: str
    page: int
    x: str
    y: str
    width: str
    height: str
    sure: bool


def boxes(candidate: Candidate) -> tuple[BoxView, ...]:
    """Where the values stand on the pages."""
    found = []
    for name, reading in candidate.fields.items():
        place = reading.provenance
        if place.box is None or not place.page:
            continue
        box = place.box
        found.append(
            BoxView(
                field=name,
                page=place.page,
                x=f"{box.left:.4f}",
                y=f"{box.top:.4f}",
                width=f"{max(box.right - box.left, 0):.4f}",
                height=f"{max(box.bottom - box.top, 0):.4f}",
                sure=reading.sure,
            )
        )
    return tuple(found)


def value_text(candidate: Candidate, name: str) -> str:
    """A simple field's value as the form shows it."""
    value = candidate.get(name)
    return "" if value is None else typed.present(FIELDS[name], value)


def row_texts(candidate: Candidate, name: str) -> list[dict[str, str]]:
    """The rows of a table as the form shows them: every attribute, a discount in one text."""
    value = candidate.get(name)
    if not isinstance(value, tuple):
        return []
    kinds = {attribute: kind for attribute, _label, kind in COLUMNS[name]}
    return [_row_texts(row, kinds) for row in value if isinstance(row, _ROWS[name])]


def _row_texts(row: LineRow | AdjustmentRow | VatRow, kinds: Mapping[str, str]) -> dict[str, str]:
    texts = {
        one.name: _cell_text(kinds.get(one.name, "text"), getattr(row, one.name))
        for one in fields(row)
    }
    percent = texts.pop("discount_percent", "")  # « 10 % » or « 5,00 », as domain/typed takes it
    return {**texts, "discount": f"{percent}{i18n.NBSP}%"} if percent else texts


def _cell_text(kind: str, value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, Decimal):
        return i18n.figure(value, decimals=2 if kind in ("amount", "discount") else 0)
    return "" if value is None else str(value)


def is_sure(reading: Reading | None, faults: Sequence[Fault]) -> bool:
    """False when somebody should look: a low confidence, or a fault that says so."""
    if any(one.code == "field.unsure" for one in faults):
        return False
    return reading is None or reading.sure


def origin(reading: Reading | None) -> Badge | None:
    """Who gave the value: a word, an icon, a colour; None when nothing was read."""
    if reading is None:
        return None
    badge = _ORIGINS[reading.provenance.origin]
    return Badge(_(badge.label), badge.icon, badge.tone)


def origin_text(reading: Reading | None) -> str:
    """The tooltip: where the value comes from, in words."""
    if reading is None:
        return ""
    held = reading.provenance
    words = [_(_ORIGINS[held.origin].label), *_whence(held)]
    if not reading.sure:
        words.append(_("confiance {percent} %").format(percent=int(reading.confidence * 100)))
    return " · ".join(words)


def _whence(held: Provenance) -> list[str]:
    if held.origin is Origin.RULE:
        return list(filter(None, [i18n.sentence(f"value.rule.{held.path}")]))
    words = [_("page {n}").format(n=held.page)] if held.page else []  # its XML path is no word
    if held.path and held.origin in (Origin.TEXT, Origin.OCR):  # a witness gave it, or doubts it
        words.append(i18n.sentence(f"value.rule.{held.path}"))
    if held.text and held.origin is not Origin.XML:  # there it is the raw value, shown beside
        words.append(f"« {held.text} »")
    return [one for one in words if one]
