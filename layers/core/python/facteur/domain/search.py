"""Words of a document, words of a question, and the extract that shows where they meet.

A word is lower case, without accents, two characters at least; what has several words in it
(« F-2026/0041 », « 403 156 540 », « 1 312,80 ») is a word as a whole too, so that it is found
however it is typed. An amount is written one way only, ``1312.8``, whatever its page wrote.
A few words that say nothing (« de », « la ») are left out on both sides.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from facteur.domain.candidate import Candidate
from facteur.domain.documents import Document

MOST_WORDS = 400  # of a document: each is a row
MOST_TERMS = 6  # of a question
MOST_TEXT = 4000  # characters kept to make extracts from
LONGEST = 40
SHORTEST, SHORTEST_BEGINNING = 2, 3

#: What stands on every page and tells nothing.
_EMPTY = """
au aux ce ces cet cette de des du elle en est et il la le les leur ne nos notre nous ou par
pas pour qui que sa se ses son sur un une vos votre vous the of and to
"""
EMPTY = frozenset(_EMPTY.split())

_SPACES = " \u00a0\u202f"
#: Digits in groups (an amount, a SIREN, an IBAN's middle), or a number with its decimals.
_NUMBER = re.compile(
    rf"(?<![\w.,])\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,]\d{{1,4}})?(?![\w])"
    rf"|(?<![\w.,])\d{{1,3}}(?:\.\d{{3}})+,\d{{1,4}}(?![\w])"
    rf"|(?<![\w.,])\d+[.,]\d{{1,4}}(?![\w.,])"
)
#: A reference: letters and digits joined by signs, without space.
_REFERENCE = re.compile(r"(?<![^\W_])[^\W_]+(?:[-/._][^\W_]+)+(?![^\W_])")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look for: every term must be there; the last one may be a beginning."""

    terms: tuple[str, ...]
    beginning: bool = False  # the last term is the beginning of a word, or a whole one
    left_out: int = 0  # terms beyond MOST_TERMS

    @property
    def exact(self) -> tuple[str, ...]:
        """The terms that must be whole words."""
        return self.terms[:-1] if self.beginning else self.terms


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an extract; ``found`` pieces are what was looked for."""

    text: str
    found: bool = False


def fold(text: str) -> str:
    """Lower case, without accents, one character for each: places in it are places in the text."""
    return "".join(_folded(one) for one in text)


def _folded(char: str) -> str:
    if char < "\x80":
        return char.lower()
    parts = unicodedata.normalize("NFKD", char)
    plain = "".join(one for one in parts if not unicodedata.combining(one)).lower()
    return plain if len(plain) == 1 else char


def _spelt(text: str) -> str:
    """The text without ligatures (a PDF's « ﬁ », « œ »), which nobody types."""
    whole = unicodedata.normalize("NFKC", text)
    return whole.replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae").replace("Æ", "Ae")


def words_in(text: str) -> Iterator[str]:
    """The words of a text in order, again and again as they come."""
    flat = fold(text)
    for match in _NUMBER.finditer(flat):
        yield _number(match[0])
    for match in _REFERENCE.finditer(flat):
        yield _joined(match[0])
    yield from (match[0] for match in _WORD.finditer(flat))


def _number(written: str) -> str:
    """A number as one word, from any way of writing it."""
    bare = re.sub(rf"[{_SPACES}]", "", written)
    decimal = max(bare.rfind(","), bare.rfind("."))
    if decimal < 0:
        return bare
    whole, part = re.sub(r"[.,]", "", bare[:decimal]), bare[decimal + 1 :].rstrip("0")
    return f"{whole}.{part}" if part else whole


def _joined(reference: str) -> str:
    return re.sub(r"[-/._]", "", reference)


def _kept(words: Iterable[str], most: int) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in words:
        cut = word[:LONGEST]
        if len(cut) >= SHORTEST and cut not in EMPTY:
            found.setdefault(cut)
            if len(found) == most:
                break
    return tuple(found)


def question(text: str) -> Question:
    """What a person typed, as terms. A number typed in groups is one term, not its pieces."""
    flat = fold(_spelt(text[:400]))
    places: list[tuple[int, str]] = []

    def take(match: re.Match[str], word: str) -> str:
        places.append((match.start(), word))
        return " " * len(match[0])

    flat = _NUMBER.sub(lambda one: take(one, _number(one[0])), flat)
    flat = _REFERENCE.sub(lambda one: take(one, _joined(one[0])), flat)
    _WORD.sub(lambda one: take(one, one[0]), flat)
    terms = _kept((word for _place, word in sorted(places)), 10 * MOST_TERMS)
    kept = terms[:MOST_TERMS]
    ended = bool(text) and not text[-1].isalnum()  # a space says that the word is whole
    beginning = bool(kept) and not ended and len(kept[-1]) >= SHORTEST_BEGINNING
    return Question(terms=kept, beginning=beginning, left_out=len(terms) - len(kept))


def text_of(document: Document, candidate: Candidate | None, page_words: Iterable[str]) -> str:
    """What a document says, its fields first: what lists show, what was read, then the page."""
    parts = [document.summary.number, document.summary.seller_name, document.summary.buyer_name]
    if candidate is not None:
        read = (one for name, one in candidate.fields.items() if name != "type")  # a word of ours
        parts += (_said(one.value) for one in read)
    parts.append(document.filename)
    for source in document.sources[:3]:
        parts += (source.sender, source.subject)
    head = " · ".join(dict.fromkeys(one for one in parts if one))
    return _spelt(f"{head}\n{' '.join(page_words)}")


def _said(value: object) -> str:
    """A field's value as a page writes it."""
    match value:
        case Decimal():
            return format(value, "f").replace(".", ",") if value.is_finite() else ""
        case date():
            return value.strftime("%d/%m/%Y")
        case str():
            return value
        case tuple():
            return " ".join(_said(getattr(row, "description", "") or "") for row in value)
        case _:
            return ""


def words_of(text: str) -> tuple[str, ...]:
    """The distinct words of a document's text, its first four hundred."""
    return _kept(words_in(text), MOST_WORDS)


def matches(words: frozenset[str], asked: Question) -> bool:
    """True when a document with these words answers the question."""
    if not all(term in words for term in asked.exact):
        return False
    if not asked.beginning:
        return True
    return any(word.startswith(asked.terms[-1]) for word in words)


def extract(text: str, terms: Sequence[str], *, around: int = 70) -> tuple[Piece, ...]:
    """The part of a text where a term stands first, cut into pieces; none when none is there."""
    flat = fold(text)
    spans = sorted(span for term in terms for span in _spans(flat, term))
    if not spans:
        return ()
    start = max(0, spans[0][0] - around)
    end = min(len(text), spans[0][1] + 2 * around)
    pieces = [Piece("… ")] if start else []
    at = start
    for begin, stop in spans:
        if begin < at or stop > end:
            continue
        pieces += (Piece(text[at:begin]), Piece(text[begin:stop], found=True))
        at = stop
    pieces.append(Piece(text[at:end] + (" …" if end < len(text) else "")))
    return tuple(one for one in pieces if one.text)


def _spans(flat: str, term: str) -> Iterator[tuple[int, int]]:
    """Where a term stands: as a word's beginning, or as a number or reference in pieces."""
    for match in _NUMBER.finditer(flat):
        if _number(match[0]).startswith(term):
            yield match.span()
    for match in _REFERENCE.finditer(flat):
        if _joined(match[0]).startswith(term):
            yield match.span()
    for match in re.finditer(rf"(?<![^\W_]){re.escape(term)}", flat):
        yield match.span()
