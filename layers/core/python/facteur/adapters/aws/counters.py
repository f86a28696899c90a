"""How many documents each state of a list holds, kept by the documents' own transactions.

| kind     | pk                  | sk        |
|----------|---------------------|-----------|
| counters | D#d#COUNTS#IN (OUT) | shard 0–7 |

Reading them is one query of eight small rows, whatever the number of documents; counting the rows
of an index reads them all. A row that every document of a dossier changes would be fought over
when a hundred mails arrive at once: a document's identifier chooses one of eight.
A number changes in the transaction that moves the document, under the condition on its version,
so it can neither be lost nor counted twice (decision 0180).
"""

import zlib
from collections.abc import Iterator, Mapping

from facteur.adapters.aws.items import list_pk
from facteur.adapters.aws.table import Row, Table, WholeAttribute, Write
from facteur.domain.documents import Direction, Document, State

SHARDS = 8


class CountersRow(Row, discriminator="counters"):
    """A share of the numbers of a list; one attribute per state, named as the state."""

    received = WholeAttribute(null=True)
    read = WholeAttribute(null=True)
    to_check = WholeAttribute(null=True)
    to_accept = WholeAttribute(null=True)
    accepted = WholeAttribute(null=True)
    refused = WholeAttribute(null=True)
    archived = WholeAttribute(null=True)
    quarantined = WholeAttribute(null=True)
    splitting = WholeAttribute(null=True)
    split = WholeAttribute(null=True)
    trashed = WholeAttribute(null=True)
    joined = WholeAttribute(null=True)
    deleted = WholeAttribute(null=True)


def counters_pk(dossier: str, direction: Direction) -> str:
    """Partition of a list's numbers."""
    whole, _separator, road = list_pk(dossier, direction).rpartition("#")
    return f"{whole}#COUNTS#{road}"


def counter_writes(document: Document, before: Document | None) -> Iterator[Write]:
    """The actions that a document's move asks for; none when its state and its list stay."""
    if before is None:
        yield _moved(document, (document.state, 1))
    elif document.direction is not before.direction:  # it was filed on the wrong side
        yield _moved(document, (document.state, 1))
        yield _moved(before, (before.state, -1))
    elif document.state is not before.state:
        yield _moved(document, (document.state, 1), (before.state, -1))


def _moved(document: Document, *moves: tuple[State, int]) -> Write:
    shard = str(zlib.crc32(document.id.encode()) % SHARDS)
    attribute = CountersRow.get_attributes()
    added = (attribute[state.value].add(number) for state, number in moves)
    row = CountersRow(counters_pk(document.dossier, document.direction), shard)
    return Write(row, actions=(CountersRow.kind.set(CountersRow), *added))


def counted(table: Table, dossier: str, direction: Direction) -> Mapping[State, int]:
    """The numbers of a list by state; 0 for a state without any document."""
    rows = tuple(table.query(CountersRow, counters_pk(dossier, direction)))
    return {
        state: max(0, sum(row.attribute_values.get(state.value) or 0 for row in rows))
        for state in State
    }
