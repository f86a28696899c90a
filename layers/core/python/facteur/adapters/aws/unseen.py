"""Invoices of which something was said and nobody opened: a row each, written with the document.

| kind   | pk                  | sk | agenda               |
|--------|---------------------|----|----------------------|
| unseen | D#d#UNSEEN#IN (OUT) | i  | STATUSES / since#d#i |

The tab « Statuts reçus à voir » reads its partition, whatever the documents' states; the clock's
round reads the new end of STATUSES, in the agenda index: one call, whatever the number of
dossiers. A row leaves when somebody opens the invoice (domain/lifecycle/telling.py).
"""

from collections.abc import Iterator, Mapping, Sequence

from pynamodb.attributes import UnicodeAttribute

from facteur.adapters.aws.items import HEAD, OUT_OF_LISTS, DocumentRow, document_pk, list_pk
from facteur.adapters.aws.table import Row, Table, Write, instant, part
from facteur.domain.documents import Direction, Document
from facteur.ports import Changes

STATUSES = "STATUSES"


def unseen_pk(dossier: str, direction: Direction) -> str:
    """Partition of the documents of a list of which something waits to be seen."""
    whole, _separator, road = list_pk(dossier, direction).rpartition("#")
    return f"{whole}#UNSEEN#{road}"


def unseen_in(document: Document) -> tuple[str, ...]:
    """What the row of a document stands for; () for one that is out of the lists."""
    return () if document.state in OUT_OF_LISTS else document.unseen


class UnseenRow(Row, discriminator="unseen"):
    """A document of which something was said, until somebody opens it."""

    since = UnicodeAttribute()  # the last time that something was

    @classmethod
    def of(cls, document: Document, since: str = "") -> "UnseenRow":
        """The row of a document; ``since`` may be left out to delete it."""
        return cls(
            unseen_pk(document.dossier, document.direction),
            part(document.id),
            since=since,
            agenda_pk=STATUSES if since else None,
            agenda_sk=f"{since}#{document.dossier}#{document.id}" if since else None,
        )


def unseen_writes(
    document: Document, before: tuple[str, ...], changes: Changes
) -> Iterator[Write]:
    """The row while something waits to be seen; dated anew when more is said."""
    now = unseen_in(document)
    if before and not now:
        yield Write(UnseenRow.of(document), delete=True)
    elif set(now) - set(before):
        since = max((one.event.at for one in changes.entries), default=document.received_at)
        yield Write(UnseenRow.of(document, instant(since)))


def listed(table: Table, dossier: str, direction: Direction) -> tuple[str, ...]:
    """The documents of a list of which something waits to be seen, the last said first."""
    rows = list(table.query(UnseenRow, unseen_pk(dossier, direction)))
    rows.sort(key=lambda row: (row.since, row.sk), reverse=True)
    return tuple(row.sk for row in rows)


def heads(table: Table, dossier: str, names: Sequence[str]) -> Mapping[str, Document]:
    """Those of these documents that there are, by identifier: a call for a hundred."""
    keys = [(document_pk(dossier, one), HEAD) for one in dict.fromkeys(names)]
    found = (row.value() for row in table.get_many(DocumentRow, keys))
    return {one.id: one for one in found}
