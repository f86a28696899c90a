"""Where a file that holds several invoices is cut: page numbers, and what the parts are called.

A user names the pages on which a new invoice starts; the first one starts on page 1. From that
alone follow the parts' page ranges, their identifiers and their file names, so that splitting
twice (a queue delivers at least once) makes the same documents. Pages count from 1.
"""

import hashlib

from facteur.domain.documents import Document, State
from facteur.domain.faults import Fault

#: Where a user may still say that a file is several invoices.
SPLITTABLE = frozenset({State.TO_CHECK, State.TO_ACCEPT, State.QUARANTINED})

#: What becomes of one file at most: more is no batch of invoices, and must fit one invocation.
MOST_PARTS = 100


def pages_of(document: Document) -> int:
    """How many pages the file has, as far as is known: 0 when it was never opened."""
    return document.sheets or document.pages


def can_split(document: Document) -> bool:
    """True for two pages or more of something else than an issuer's own data, not yet decided."""
    waiting = document.state in SPLITTABLE
    return waiting and not document.structured and pages_of(document) > 1


def faults_of_cuts(starts: tuple[int, ...], document: Document) -> tuple[Fault, ...]:
    """All that is wrong with these cuts: there is none, a page is not there, too many."""
    total = pages_of(document)
    if not starts:
        return (Fault(code="split.none", path="cut"),)
    found = [
        Fault(code="split.page", path="cut", values={"page": str(one), "total": str(total)})
        for one in sorted(set(starts))
        if not 2 <= one <= total
    ]
    if len(set(starts)) >= MOST_PARTS:
        found.insert(0, Fault(code="split.too_many", values={"limit": str(MOST_PARTS)}))
    return tuple(found[:10])


def ranges(document: Document, starts: tuple[int, ...] = ()) -> tuple[tuple[int, int], ...]:
    """First and last page of each part, both included; ``starts`` before they are decided."""
    firsts = (1, *sorted(set(starts or document.cuts)))
    ends = (*(one - 1 for one in firsts[1:]), pages_of(document))
    return tuple(zip(firsts, ends, strict=True))


def part_id(document: Document, first: int, last: int) -> str:
    """The identifier of a part: the same for the same pages of the same document."""
    seed = f"{document.dossier}|{document.id}|pages {written(first, last)}"
    return hashlib.sha256(seed.encode()).hexdigest()[:26]


def part_name(document: Document, first: int, last: int) -> str:
    """The file name of a part: « factures, pages 3-5.pdf »."""
    stem = document.filename.rsplit(".", 1)[0] or "facture"
    word = "page" if first == last else "pages"
    return f"{stem}, {word} {written(first, last)}.pdf"


def written(first: int, last: int) -> str:
    """A range of pages as text: "3-5", or "3" alone."""
    return str(first) if first == last else f"{first}-{last}"
