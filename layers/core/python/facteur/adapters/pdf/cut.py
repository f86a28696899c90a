"""Pages of a PDF as PDFs of their own: a file that held several invoices, cut where its user said.

A part holds its pages with what they use, and nothing of the others: no attachment, no outline, no
metadata of the whole (what they say would be untrue of a part), and no font or picture that only
other pages show. Form fields stay with their pages, and layers stay as visible as they were.
Sources: ISO 32000-1 §7.7.3 (page tree), §8.11 (optional content), §12.7 (interactive forms);
qpdf copies the inherited attributes of a page and no other page that it refers to.
"""

import io
from collections.abc import Iterable, Iterator, Sequence

import pikepdf
from pikepdf import Name

from facteur.domain.errors import UnreadableError

MAX_BYTES = 200 * 1024 * 1024  # of all parts together: they stand in memory, and cross a pipe


def parts(
    source: pikepdf.Pdf, ranges: Iterable[Sequence[int]], *, most_pages: int
) -> Iterator[bytes]:
    """A PDF for each (first, last) range, from 1, both included; last 0: to the end.

    UnreadableError ``unreadable.too_many_pages``, ``.too_large``, ``.damaged`` (a page that is
    not there: a damaged file may have fewer pages than it says).
    """
    total = len(source.pages)
    if total > most_pages:
        raise UnreadableError("unreadable.too_many_pages", pages=total, most=most_pages)
    size = 0
    for first, last in ranges:
        end = last or total
        if not 1 <= first <= end <= total:
            raise UnreadableError("unreadable.damaged", reason=f"pages {first}-{end} of {total}")
        part = _part(source, range(first - 1, end))
        size += len(part)
        if size > MAX_BYTES:
            raise UnreadableError("unreadable.too_large", limit=MAX_BYTES // (1024 * 1024))
        yield part


def _part(source: pikepdf.Pdf, indices: range) -> bytes:
    with pikepdf.new() as made:
        if Name.AcroForm in source.Root:
            made.add_pages_from(source, indices)
        else:
            made.pages.extend(source.pages[indices.start : indices.stop])
        _keep_layers(source, made)
        made.remove_unreferenced_resources()
        out = io.BytesIO()
        made.save(out, deterministic_id=True)
        return out.getvalue()


def _keep_layers(source: pikepdf.Pdf, made: pikepdf.Pdf) -> None:
    """Which layers show: without it a reader shows them all, a hidden « COPIE » too."""
    layers = source.Root.get(Name.OCProperties)
    if isinstance(layers, pikepdf.Dictionary):
        if not layers.is_indirect:
            layers = source.make_indirect(layers)
        made.Root.OCProperties = made.copy_foreign(layers)
