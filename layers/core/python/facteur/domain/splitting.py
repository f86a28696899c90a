"""Where a file that holds several invoices is cut: page numbers, and what the parts are called.

A user names the pages on which a new invoice starts; the first one starts on page 1. From that
alone follow the parts' page ranges, their identifiers and their file names, so that splitting
twice (a queue delivers at least once) makes the same documents. Pages count from 1.

Separator sheets and blank pages at the edge of a part are in no part: the file keeps them. Where
to cut may be proposed (proposing.py); a person decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from facteur.domain.documents import Document, State
from facteur.domain.faults import Fault
from facteur.domain.naming import derived
from facteur.domain.pages import PageSet

#: Where a user may still say that a file is several invoices.
SPLITTABLE = frozenset({State.TO_CHECK, State.TO_ACCEPT, State.QUARANTINED})

#: What becomes of one file at most: more is no batch of invoices, and must fit one invocation.
MOST_PARTS = 100

#: What the code on our separator sheet says.
OUR_SEPARATOR = "FACTEUR-SEPARATEUR"
#: What a separator sheet's code says: ours, and what scanning programs print.
_SEPARATORS = frozenset({"FACTEURSEPARATEUR", "PATCHT"})
_NO_WORDS = 3  # that OCR sees in dust
#: A page with fewer words may be a separator or blank: only its image tells.
FEW_WORDS = 40


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What one page's image says: nothing on it, or the text of the codes found."""

    number: int
    blank: bool = False
    codes: tuple[str, ...] = ()

    @property
    def separates(self) -> bool:
        """True for a separator sheet."""
        return any(re.sub(r"[\W_]", "", code).upper() in _SEPARATORS for code in self.codes)


def suspects(pages: PageSet) -> tuple[int, ...]:
    """The pages whose image must be looked at: they have few words. () for a single page."""
    if len(pages.pages) < 2:
        return ()
    return tuple(one.number for one in pages.pages if len(one.words) < FEW_WORDS)


def apart(sheets: Sequence[Sheet]) -> tuple[int, ...]:
    """The pages that part invoices and belong to none."""
    return tuple(one.number for one in sheets if one.blank or one.separates)


def weighed(sheets: Sequence[Sheet], pages: PageSet) -> tuple[Sheet, ...]:
    """The sheets, a page that holds words being no blank one whatever its image says."""
    held = {one.number: len(one.words) for one in pages.pages}
    return tuple(
        replace(one, blank=one.blank and held.get(one.number, 0) <= _NO_WORDS) for one in sheets
    )


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
    if not found and len(ranges(document, starts)) < 2:
        return (Fault(code="split.none", path="cut"),)  # one side holds separators alone
    return tuple(found[:10])


def proposed_starts(document: Document) -> tuple[int, ...]:
    """The pages where the proposal starts a new invoice, without the first one's."""
    return tuple(one.first for one in document.proposal[1:])


def ranges(document: Document, starts: tuple[int, ...] = ()) -> tuple[tuple[int, int], ...]:
    """First and last page of each part, both included; ``starts`` before they are decided.

    Pages of ``document.apart`` at the edge of a part are left out, and a part of nothing else.
    """
    firsts = (1, *sorted(set(starts or document.cuts)))
    ends = (*(one - 1 for one in firsts[1:]), pages_of(document))
    held = set(document.apart)
    found = []
    for first, last in zip(firsts, ends, strict=True):
        kept = [page for page in range(first, last + 1) if page not in held]
        if kept:
            found.append((kept[0], kept[-1]))
    return tuple(found)


def part_id(document: Document, first: int, last: int) -> str:
    """The identifier of a part: the same for the same pages of the same document."""
    return derived(document.dossier, document.id, f"pages {written(first, last)}")


def part_name(document: Document, first: int, last: int) -> str:
    """The file name of a part: « factures, pages 3-5.pdf »."""
    stem = document.filename.rsplit(".", 1)[0] or "facture"
    word = "page" if first == last else "pages"
    return f"{stem}, {word} {written(first, last)}.pdf"


def written(first: int, last: int) -> str:
    """A range of pages as text: "3-5", or "3" alone."""
    return str(first) if first == last else f"{first}-{last}"
