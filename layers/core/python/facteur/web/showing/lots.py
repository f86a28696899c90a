"""The parts of a file that holds several invoices, as the pages show them: images and words."""

from dataclasses import dataclass

from facteur.domain.documents import Direction, Document, ProposedPart
from facteur.domain.splitting import pages_of, proposed_starts, ranges, written
from facteur.services.finding.queries import DocumentView
from facteur.web import i18n
from facteur.web.showing import present

_SHOWN = 4  # thumbnails of one part


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """A part as it would be: its number among the parts, its pages, their images, what it says."""

    number: int
    pages: str
    count: int
    images: tuple[str, ...]
    more: int = 0  # pages without a thumbnail here
    title: str = ""
    party: str = ""
    total: str = ""
    why: str = ""


def parts(view: DocumentView, starts: tuple[int, ...]) -> tuple[PartView, ...]:
    """What each part would hold if new invoices started at ``starts``.

    A part that is exactly one of those proposed says what was read there.
    """
    document = view.document
    known = {(one.first, one.last): one for one in document.proposal}
    return tuple(
        _part(view, number, first, last, known.get((first, last)))
        for number, (first, last) in enumerate(ranges(document, starts), start=1)
    )


def proposed(view: DocumentView) -> tuple[PartView, ...]:
    """The parts that are proposed, () when none are."""
    starts = proposed_starts(view.document)
    return parts(view, starts) if starts else ()


def left_out(document: Document, starts: tuple[int, ...]) -> str:
    """The separator sheets and blank pages that no part would hold: « 3 et 6 », or ""."""
    held = {page for first, last in ranges(document, starts) for page in range(first, last + 1)}
    gone = [str(page) for page in range(1, pages_of(document) + 1) if page not in held]
    return i18n.enumeration(gone) if gone else ""


def _part(
    view: DocumentView, number: int, first: int, last: int, read: ProposedPart | None
) -> PartView:
    links = view.page_links[first - 1 : last][:_SHOWN]
    count = last - first + 1
    made = PartView(
        number=number,
        pages=present.pages_text(written(first, last)),
        count=count,
        images=links,
        more=count - len(links) if links else 0,
    )
    if read is None:
        return made
    purchase = view.document.direction is Direction.PURCHASE
    return PartView(
        number=number,
        pages=made.pages,
        count=count,
        images=links,
        more=made.more,
        title=f"{present.kind(read.kind)} {read.number}".strip() if read.number else "",
        party=read.seller if purchase else read.buyer,
        total=i18n.money(read.total, read.currency) if read.total is not None else "",
        why=i18n.sentence(f"value.why.{read.why}") if read.why else "",
    )
