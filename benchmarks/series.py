"""A supplier's invoices one after the other: is what one correction taught right on the next?

Each series is one supplier who writes to one customer: the same layout, the same strange words
instead of the usual labels, another number, day, goods each time, some rows more or less, and
rows that mislead. The first invoice is corrected as a person would (every reference and date that
was wrong, missing or not sure); the hints that this teaches read the others, none of which is
accepted: no hint is ever confirmed. What is counted are the fields that were corrected once.

    python -m benchmarks.series            # one table for text, one for OCR
"""
# ruff: noqa: S311 - chance that must be repeatable

import argparse
import random
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count

from facteur.domain.candidate import Candidate, Origin, Provenance, Reading
from facteur.domain.extraction import extract, hinted, taught
from facteur.domain.pages import PageSet

from benchmarks.calibration import Observation, Truth, is_right, table, truth_of
from benchmarks.perturbing import as_ocr, misled
from benchmarks.synthetic.content import Content, imagine
from benchmarks.synthetic.layouts import draw

LATER = 3  # invoices of a series after the one that is corrected
FIELDS = ("number", "issue_date", "due_date", "purchase_order", "preceding_invoice")
#: The words of usual labels, and what strange suppliers say instead.
_USUAL = re.compile(
    r"^(?:factures?|avoir|n°|numéro|pièce|date|échéance|d'échéance|d'émission|émise|facturation|"
    r"commande|paiement|régler|limite|référence|réf\.?|du|le|avant)\W*$",
    re.IGNORECASE,
)
_STRANGE = (
    "Rubrique", "Dossier", "Repère", "Suivi", "Notre", "Valeur", "Gestion", "Fiche", "Folio",
    "Cadre", "Livret", "Jalon", "Terme", "Visa", "Classe", "Indice",
)  # fmt: skip


@dataclass(frozen=True)
class _Document:
    """An invoice of a series: its pages, and what they truly say."""

    pages: PageSet
    truth: Truth


def series(seed: int, *, ocr: bool) -> tuple[_Document, ...]:
    """The invoices of one supplier, the one to be corrected first."""
    rng = random.Random(f"series {seed}")
    first = imagine(seed)
    words = {word: rng.choice(_STRANGE) for word in _labels(first, seed) if rng.random() < 0.6}
    made = []
    for place in range(LATER + 1):
        content = first if place == 0 else _next(first, seed, place)
        canvas = draw(content, seed)
        kept = set(f"{content.seller.full} {content.buyer.full} {content.number}".split())
        pages = _renamed(canvas.pages(), {k: v for k, v in words.items() if k not in kept})
        if rng.random() < 0.5:
            pages = misled(pages, rng)
        if ocr:
            pages = as_ocr(pages, 100 * seed + place)
        made.append(_Document(pages, truth_of(content, canvas)))
    return tuple(made)


def _labels(content: Content, seed: int) -> list[str]:
    pages = draw(content, seed).pages()
    found = {word.text for page in pages.pages for word in page.words if _USUAL.match(word.text)}
    return sorted(found)


def _renamed(pages: PageSet, words: dict[str, str]) -> PageSet:
    """The pages with the supplier's own words, everywhere the same."""
    made = tuple(
        replace(
            page,
            words=tuple(replace(one, text=words.get(one.text, one.text)) for one in page.words),
        )
        for page in pages.pages
    )
    return replace(pages, pages=made)


def _next(first: Content, seed: int, place: int) -> Content:
    """The supplier's invoice some weeks later: other goods, the next number."""
    rng = random.Random(f"next {seed} {place}")
    other = imagine(50_000 + 97 * seed + place)
    issued = first.issued + timedelta(days=31 * place + rng.randint(0, 9))
    rows = [replace(row, rate=first.rows[0].rate) for row in other.rows[:12]]
    return replace(
        first,
        number=_advanced(first.number, first.issued, issued, rng),
        issued=issued,
        due=issued + (first.due - first.issued),
        rows=rows,
        order=_advanced(first.order, first.issued, issued, rng) if first.order else "",
        preceding=_advanced(first.preceding, first.issued, issued, rng) if first.preceding else "",
        extra=dict(first.extra),
    )


def _advanced(text: str, then: date, now: date, rng: random.Random) -> str:
    """The next number of the same form: the year follows, the count goes on."""
    year = str(then.year)
    moved = text.replace(year, str(now.year), 1) if year in text else text
    counts = [one for one in re.finditer(r"\d+", moved) if one[0] != str(now.year)]
    if not counts:
        return moved
    last = counts[-1]
    grown = str(int(last[0]) + rng.randint(1, 300))
    return moved[: last.start()] + grown.zfill(len(last[0])) + moved[last.end() :]


def corrected(read: Candidate, truth: Truth) -> Candidate:
    """What a person makes of a reading: wrong, missing and doubtful values of FIELDS put right."""
    for name in FIELDS:
        true, held = truth.get(name), read.fields.get(name)
        if true in (None, ""):
            continue
        if held is not None and held.sure and is_right(name, true, read):
            continue
        mine = Reading(value=true, provenance=Provenance(origin=Origin.USER, by="u"))  # type: ignore[arg-type]
        read = read.with_(name, mine)
    return read


def observed(seeds: Iterable[int], *, ocr: bool) -> Iterator[Observation]:
    """The values of the later invoices that hints gave; ``readable``: the page prints it."""
    origin = Origin.OCR if ocr else Origin.TEXT
    for seed in seeds:
        first, *later = series(seed, ocr=ocr)
        read = extract(first.pages, origin=origin)
        names = count()
        held = taught.teach(
            first.pages,
            corrected(read, first.truth),
            read,
            origin=origin,
            new=lambda names=names: f"h{next(names)}",  # type: ignore[misc]
        )
        taught_fields = {one.field for one in held}
        for place, one in enumerate(later):
            plain = extract(one.pages, origin=origin)
            said = hinted.apply(one.pages, plain, held, origin=origin)
            for name in FIELDS:
                true, reading = one.truth.get(name), said.fields.get(name)
                if name not in taught_fields or true in (None, ""):
                    continue
                yield Observation(
                    f"series-{seed}-{place}",
                    name,
                    given=reading is not None,
                    readable=True,
                    right=reading is not None and is_right(name, true, said),
                    confidence=reading.confidence if reading is not None else 0.0,
                    sure=reading is not None and reading.sure,
                    value=""
                    if reading is None
                    else f"{reading.value} ({reading.provenance.origin})",
                )


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.series", description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--count", type=int, default=150, help="how many suppliers")
    parser.add_argument("--wrong", action="store_true", help="tell what is sure and wrong")
    asked = parser.parse_args()
    for ocr in (False, True):
        seen = list(observed(range(asked.first, asked.first + asked.count), ocr=ocr))
        print(f"{'ocr' if ocr else 'text'}\n{table(seen)}\n")
        if asked.wrong:
            print(*(one for one in seen if one.sure and not one.right), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
