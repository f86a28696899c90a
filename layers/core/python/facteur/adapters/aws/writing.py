"""What a commit writes for a document: its head, entries, references and follow-up commands.

Each action carries the condition that keeps it true, and the error that its refusal means.
"""

from collections.abc import Iterator, Sequence

from facteur.adapters.aws import items
from facteur.adapters.aws.items import ClaimRow, CommandRow, DocumentRow, EventRow
from facteur.adapters.aws.table import Refusal, Row, Write, always
from facteur.domain.commands import Scheduled
from facteur.domain.documents import Document
from facteur.domain.errors import DuplicateError, FacteurError, StaleVersionError
from facteur.domain.events import Entry
from facteur.ports import Claim


def stale(document: Document) -> StaleVersionError:
    """Somebody else moved the document meanwhile."""
    return StaleVersionError("document.stale", document=document.id)


def head_write(row: DocumentRow, before: Document) -> Write:
    """The head, provided that nobody moved it since it was loaded."""
    new = before.version == 0
    return Write(
        row,
        condition=Row.pk.does_not_exist() if new else Row.version == before.version,
        refused=always(stale(before)),
    )


def entry_write(document: Document, entry: Entry) -> Write:
    """An entry of the history, written once."""
    return Write(
        EventRow.of(document.dossier, document.id, entry),
        condition=Row.pk.does_not_exist(),
        refused=always(stale(document)),
    )


def claim_writes(document: Document, claims: Sequence[Claim]) -> Iterator[Write]:
    """One action per reference (DynamoDB refuses two on one row); the stricter claim counts."""
    kept: dict[str, Claim] = {}
    for claim in sorted(claims, key=lambda one: one.exclusive):
        kept[items.claim_pk(document.dossier, claim.kind, claim.value)] = claim
    for claim in kept.values():
        row = ClaimRow.of(document.dossier, claim.kind, claim.value, claim.target)
        if claim.exclusive:
            mine = Row.pk.does_not_exist() | (ClaimRow.target == claim.target)
            yield Write(row, condition=mine, refused=_taken(claim))
        else:
            yield Write(row)


def _taken(claim: Claim) -> Refusal:
    def refused(there: Row | None) -> FacteurError:
        target = there.target if isinstance(there, ClaimRow) else ""
        return DuplicateError("claim.taken", kind=claim.kind, value=claim.value, target=target)

    return refused


def command_writes(commands: Sequence[Scheduled]) -> Iterator[Write]:
    """The same command under the same identifier is welcome, whenever it is due."""
    for scheduled in {one.id: one for one in commands}.values():
        row = CommandRow.of(scheduled)
        same = Row.pk.does_not_exist() | (CommandRow.command == row.command)
        taken = always(DuplicateError("command.taken", id=scheduled.id))
        yield Write(row, condition=same, refused=taken)
