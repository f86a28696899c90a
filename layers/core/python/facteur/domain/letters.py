"""What a mail says: its paragraphs and tables, and whether that is a receipt (PE-38).

A mail without a usable attachment becomes a document only when its text holds an amount in a
currency, a day, and a word that receipts use: newsletters have prices and dates too.
"""

import re
from dataclasses import dataclass
from datetime import datetime

_FIGURE = r"\d{1,3}(?:[ .,\u00a0\u202f]\d{3})*[.,]\d{2}|\d+[.,]\d{2}"
_SIGN = r"(?:€|EUR\b|euros?\b|\$|USD\b|£|GBP\b|CHF\b)"
_AMOUNT = re.compile(
    rf"(?:{_FIGURE})[ \u00a0\u202f]?{_SIGN}|{_SIGN}[ \u00a0\u202f]?(?:{_FIGURE})", re.IGNORECASE
)
_MONTHS = (
    r"janv(?:ier)?|f[ée]vr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|sept(?:embre)?"
    r"|oct(?:obre)?|nov(?:embre)?|d[ée]c(?:embre)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?"
    r"|may|june?|july?|aug(?:ust)?|sep(?:tember)?|october|november|december"
)
_DAY = re.compile(
    rf"\b(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{4}}-\d\d-\d\d"
    rf"|\d{{1,2}}(?:er|st|nd|rd|th)?\.? (?:{_MONTHS})\.?,? \d{{4}}"
    rf"|(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})\b",
    re.IGNORECASE,
)
_WORD = re.compile(
    r"\b(?:factur\w+|re[çc]us?|ticket|tva|t\.v\.a|montant|total|pay[ée]e?|paiement|course|commande"
    r"|abonnement|re?glement|réglement|règlement|invoice|receipt|vat|amount|paid|payment|order)\b",
    re.IGNORECASE,
)
MOST = 200_000  # characters looked at


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of text, maybe a heading."""

    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: rows of cells."""

    rows: tuple[tuple[str, ...], ...]


Block = Paragraph | Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to be printed: who wrote, when, about what, and what it says."""

    sender: str  # address
    sender_name: str = ""
    subject: str
    sent_at: datetime | None
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        """Everything that it says, a line for each paragraph and row."""
        return text_of(self.blocks)


def text_of(found: tuple[Block, ...]) -> str:
    """Everything that blocks say, a line for each paragraph and row."""
    lines: list[str] = []
    for block in found:
        if isinstance(block, Paragraph):
            lines.append(block.text)
        else:
            lines += ("  ".join(row) for row in block.rows)
    return "\n".join(lines)


def looks_like_a_receipt(text: str) -> bool:
    """True when the text holds an amount, a day and a receipt's word."""
    text = text[:MOST]
    return bool(_AMOUNT.search(text) and _DAY.search(text) and _WORD.search(text))
