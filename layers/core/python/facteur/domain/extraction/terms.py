"""The payment terms: what stands beside their label, else the sentence that says them."""
# ruff: noqa: E501

import re
from collections.abc import Iterable
from itertools import pairwise

from facteur.domain.candidate import Reading
from facteur.domain.extraction import links
from facteur.domain.extraction.lines import Spot
from facteur.domain.extraction.page import Reader

_LEAD = re.compile(r"[\s:.#°*=\-]*")
_TERMS = re.compile(
    r"\b\d{1,3} ?(?:j\b|jours?|days?|tage)|comptant|a reception|immediat|fin de mois|due on receipt|sofort"
)

_SENTENCE = re.compile(
    r"(?:paiement|reglement|payable|a regler|zahlbar|zahlung|payment|betaling)\b.{0,40}"
    r"(?:\d{1,3} ?(?:j\b|jours?|days?|tage)|reception|comptant|immediat|sofort|virement|cheque|carte)"
    r"|(?:paye|regle|acquitte)e? (?:par|le|comptant)|(?:sera|seront) preleve|prelevement automatique"
    r"|eingezogen|kundenkonto gutgeschrieben|paid by|betaald"
)
_SENTENCE_END = re.compile(r"(?<=[a-z\d]{3})\. +(?=[a-z])")
_PENALTY = re.compile(r"retard|penalit|indemnit|escompte|mahn|late")


def read(reader: Reader) -> Reading | None:
    """The payment terms: the text beside or under their label, else the sentence that says them."""
    for label in reader.header_labels:
        if label.role != "payment_terms":
            continue
        row = label.spot.row
        lead = _LEAD.match(row.plain, label.spot.end)
        start = lead.end() if lead else label.spot.end
        cell = row.cell_at(start)
        spot = Spot(row, start, cell.end)
        if len(spot.text.strip()) >= 3:
            sure = 0.92 if _TERMS.search(spot.plain) else 0.75
            return reader.reading(spot.text.strip(), spot, sure)
        for below in reader.text.below(row, 2):
            for cell in below.cells:
                if links.under(reader.text, label.spot, cell) > 0.5 and _TERMS.search(cell.plain):
                    return reader.reading(cell.text.strip(), cell, 0.85)
    for row in reader.text.rows:
        for cell in row.cells:
            said = _SENTENCE.search(cell.plain)
            if said and not _PENALTY.search(cell.plain):
                spot = _of_payment(reader, cell, said.start())
                sure = 0.92 if _TERMS.search(spot.plain) else 0.82
                return reader.reading(spot.text.strip(" -*·"), spot, sure)
    return None


def _of_payment(reader: Reader, cell: Spot, at: int) -> Spot:
    """The cell's sentences around an offset of it, up to one that says who somebody is.

    "Payé par carte. Boutique SARL SIREN 512 345 679": the second one is the seller's.
    """
    cuts = [0, *(one.end() for one in _SENTENCE_END.finditer(cell.plain)), len(cell.plain)]
    marks = [one.spot.start - cell.start for one in reader.marks_on.get(cell.row.number, [])]
    sentences = list(pairwise(cuts))
    mine = next(place for place, (start, end) in enumerate(sentences) if start <= at < end)
    first, last = mine, mine
    while first > 0 and not _held(marks, sentences[first - 1]):
        first -= 1
    while last + 1 < len(sentences) and not _held(marks, sentences[last + 1]):
        last += 1
    return Spot(cell.row, cell.start + sentences[first][0], cell.start + sentences[last][1])


def _held(marks: Iterable[int], sentence: tuple[int, int]) -> bool:
    """True when a sentence holds an identifier."""
    return any(sentence[0] <= one < sentence[1] for one in marks)
