"""The single table: its keys, the attributes every row has, and the calls we make on it.

Rows are pynamodb models (items.py). Calls go through pynamodb's ``Connection`` instead of the
models' own methods, for three reasons: a model is bound to one table name and one set of
credentials for the life of the process, while ours come with the settings; its client is made from
a session of its own, while ours has the time-outs and the counters of clients.py; and a
transaction must tell *which* of its conditions failed.

Three sparse indexes, named for their purpose: ``listing`` (lists), ``todo`` (lists by state) and
``agenda`` (what is due, by time). A row is in an index when it has the two attributes of its key.

Limits: 400 kB a row, 100 actions a transaction, 100 rows a batch read, 25 a batch write, 2048
bytes a partition key and 1024 a sort key
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html).
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from pynamodb.attributes import Attribute, DiscriminatorAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.failures import failures, passing
from facteur.domain.errors import FacteurError, NotFoundError, UnavailableError

LISTING, TODO, AGENDA = "listing", "todo", "agenda"
MOST_ACTIONS = 100
_MOST_READ, _MOST_WRITTEN = 100, 25  # rows of one BatchGetItem, of one BatchWriteItem
_LONGEST_VALUE = 512  # bytes of a key that may come from outside
_WAITS = (0.05, 0.15, 0.4)  # seconds before each new try of a transaction


# ── Keys ────────────────────────────────────────────────────────────────────────────────────────


def part(name: str) -> str:
    """A dossier's, document's or user's identifier inside a key; NotFoundError when it is none.

    ``#`` separates the parts, so an identifier holding one would name somebody else's row.
    """
    if not name or "#" in name or len(name) > 200:
        raise NotFoundError("not_found", name=name[:50])
    return name


def foreign(text: str) -> str:
    """Text from outside (a Message-ID, a number) at the end of a key, hashed when it is long."""
    raw = text.encode(errors="replace")
    if len(raw) <= _LONGEST_VALUE:
        return raw.decode()
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def instant(at: datetime) -> str:
    """A time that sorts as text: UTC, always with its microseconds. ValueError without zone."""
    if at.tzinfo is None:
        msg = "a time needs its zone"
        raise ValueError(msg)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ── Attributes ──────────────────────────────────────────────────────────────────────────────────


class DecimalAttribute(Attribute[Decimal]):
    """An amount as a DynamoDB number: pynamodb's own NumberAttribute goes through float."""

    attr_type = "N"

    def serialize(self, value: Decimal) -> str:
        """The amount as plain text, to the digit. DynamoDB refuses more than 38 digits."""
        return format(value, "f")

    def deserialize(self, value: str) -> Decimal:
        """The amount that was stored."""
        return Decimal(value)


class WholeAttribute(Attribute[int]):
    """A whole number: a version, a count, a time in seconds."""

    attr_type = "N"

    def serialize(self, value: int) -> str:
        """The number as text."""
        return str(value)

    def deserialize(self, value: str) -> int:
        """The number that was stored."""
        return int(value)


class Row(Model):
    """What every row has: its key, its kind (the subclass), its version, and its indexes if any.

    ``body`` is the whole value as JSON (domain/serial.py); other attributes exist only for
    conditions, indexes, and whoever reads the table itself.
    """

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    version = WholeAttribute(default=1)
    listing_pk = UnicodeAttribute(null=True)
    listing_sk = UnicodeAttribute(null=True)
    todo_pk = UnicodeAttribute(null=True)
    todo_sk = UnicodeAttribute(null=True)
    agenda_pk = UnicodeAttribute(null=True)
    agenda_sk = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)


R = TypeVar("R", bound=Row)


# ── Calls ───────────────────────────────────────────────────────────────────────────────────────


#: The error that a refused condition means, given the row that stands there instead (None when
#: DynamoDB did not show it).
Refusal = Callable[[Row | None], FacteurError]


def always(error: FacteurError) -> Refusal:
    """The refusal that does not look at what stands there."""
    return lambda _there: error


@dataclass(frozen=True, slots=True)
class Write:
    """One action of a transaction, its condition, and the error that a refusal means.

    With ``actions`` attributes of the row are changed in place (made when absent).
    """

    row: Row
    condition: Condition | None = None
    refused: Refusal | None = None
    delete: bool = False
    actions: tuple[Action, ...] = ()

    @property
    def place(self) -> int:
        """Where pynamodb puts this sort of action in a transaction."""
        return 0 if self.delete else 2 if self.actions else 1


class Table:
    """The calls on one table. What AWS raises is translated (failures.py)."""

    def __init__(
        self, clients: Clients, name: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = name
        self._sleep = sleep
        self._connection = _Connection(clients)
        self._connection.add_meta_table(_schema(name))

    def get(self, kind: type[R], pk: str, sk: str) -> R | None:
        """One row, read consistently; None when there is none."""
        with failures("dynamodb"):
            answer = self._connection.get_item(self.name, pk, sk, consistent_read=True)
        item = answer.get("Item")
        return kind.from_raw_data(item) if item else None

    def query(
        self,
        kind: type[R],
        pk: str,
        condition: Condition | None = None,
        *,
        index: str = "",
        limit: int | None = None,
        newest_first: bool = False,
        after: dict[str, str] | None = None,
    ) -> Iterator[R]:
        """The rows of a partition (of an index) in order, page after page, ``limit`` at most.

        Consistent on the table itself; an index may be a moment late. ``after`` is the whole key
        of the row to start behind.
        """
        start = {name: {"S": text} for name, text in after.items()} if after else None
        left = limit
        while left is None or left > 0:
            answer = self._page(
                pk,
                condition,
                index_name=index or None,
                consistent_read=not index,
                limit=left,
                scan_index_forward=not newest_first,
                exclusive_start_key=start,
            )
            items = answer["Items"]
            yield from (kind.from_raw_data(item) for item in items)
            left = None if left is None else left - len(items)
            start = answer.get("LastEvaluatedKey")
            if start is None:
                return

    def get_many(
        self, kind: type[R], keys: Sequence[tuple[str, str]], *, consistent: bool = False
    ) -> list[R]:
        """Rows by their keys, a hundred a call, in no order; what is not there is left out.

        ``consistent`` where what is decided on them must be true, not a moment old.
        UnavailableError when DynamoDB goes on answering a part only.
        """
        found: list[R] = []
        for start in range(0, len(keys), _MOST_READ):
            left: list[Any] = [{"pk": pk, "sk": sk} for pk, sk in keys[start : start + _MOST_READ]]
            for wait in (*_WAITS, None):
                with failures("dynamodb"):
                    answer = self._connection.batch_get_item(
                        self.name, left, consistent_read=consistent
                    )
                rows = answer["Responses"].get(self.name, ())
                found += (kind.from_raw_data(item) for item in rows)
                unread = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", ())
                left = [{name: one["S"] for name, one in key.items()} for key in unread]
                if not left:
                    break
                self._again(wait)
        return found

    def write_many(self, puts: Sequence[Row], deletes: Sequence[tuple[str, str]]) -> None:
        """Put and delete rows, 25 a call, without any condition and one by one: idempotent work.

        UnavailableError when DynamoDB goes on taking a part only.
        """
        asked: list[tuple[str, dict[str, Any]]] = [
            ("DeleteRequest", {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}) for pk, sk in deletes
        ]
        asked += (("PutRequest", {"Item": row.serialize()}) for row in puts)
        for start in range(0, len(asked), _MOST_WRITTEN):
            left = [{name: body} for name, body in asked[start : start + _MOST_WRITTEN]]
            for wait in (*_WAITS, None):
                with failures("dynamodb"):
                    answer = self._connection.dispatch(
                        "BatchWriteItem", {"RequestItems": {self.name: left}}
                    )
                left = answer.get("UnprocessedItems", {}).get(self.name, [])
                if not left:
                    break
                self._again(wait)

    def _again(self, wait: float | None) -> None:
        if wait is None:
            raise UnavailableError("unavailable", service="dynamodb", reason="throttled")
        self._sleep(wait)

    def _page(self, pk: str, condition: Condition | None, **how: Any) -> dict[str, Any]:
        with failures("dynamodb"):
            answer: dict[str, Any] = self._connection.query(
                self.name, pk, range_key_condition=condition, **how
            )
        return answer

    def put(self, row: Row) -> None:
        """Write a row, whatever was there."""
        with failures("dynamodb"):
            self._connection.put_item(self.name, row.pk, row.sk, attributes=_attributes(row))

    def update(self, kind: type[R], pk: str, sk: str, actions: Sequence[Action]) -> R:
        """Change attributes of a row in place (made when absent); the row after that."""
        with failures("dynamodb"):
            answer = self._connection.update_item(
                self.name, pk, sk, actions=actions, return_values="ALL_NEW"
            )
        return kind.from_raw_data(answer["Attributes"])

    def delete(self, pk: str, sk: str) -> None:
        """Delete a row; nothing happens when there is none."""
        with failures("dynamodb"):
            self._connection.delete_item(self.name, pk, sk)

    def write(self, writes: Sequence[Write]) -> None:
        """All the actions or none, in one transaction.

        The error of the first refused condition; UnavailableError when others keep writing the
        same rows or DynamoDB throttles; ValueError for more than 100 actions.
        """
        if len(writes) > MOST_ACTIONS:
            msg = f"{len(writes)} actions in one transaction, DynamoDB takes {MOST_ACTIONS}"
            raise ValueError(msg)
        ordered = sorted(writes, key=lambda one: one.place)  # the order of the answer
        for wait in (*_WAITS, None):
            try:
                self._transact(ordered)
            except TransactWriteError as error:
                again = _decide(ordered, error)
                if wait is None:
                    raise again from error
            else:
                return
            self._sleep(wait)

    def _transact(self, writes: Sequence[Write]) -> None:
        sorts: tuple[list[dict[str, Any]], ...] = ([], [], [])
        for one in writes:
            sorts[one.place].append(self._parameters(one))
        deletes, puts, updates = sorts
        self._connection.transact_write_items(
            condition_check_items=(),
            delete_items=deletes,
            put_items=puts,
            update_items=updates,
        )

    def _parameters(self, one: Write) -> dict[str, Any]:
        parameters: dict[str, Any] = self._connection.get_operation_kwargs(
            self.name,
            one.row.pk,
            one.row.sk,
            key="Item" if one.place == 1 else "Key",
            attributes=_attributes(one.row) if one.place == 1 else None,
            actions=one.actions or None,
            condition=one.condition,
            return_values_on_condition_failure="ALL_OLD" if one.refused else None,
        )
        return parameters


class _Connection(Connection):
    """pynamodb's calls on our own client."""

    def __init__(self, clients: Clients) -> None:
        super().__init__()
        self._clients = clients

    @property
    def client(self) -> Any:
        """The process's DynamoDB client."""
        return self._clients("dynamodb")


def _schema(name: str) -> MetaTable:
    """What pynamodb would learn from DescribeTable, a call we spare each cold start.

    Both tables are described alike; the ephemeral one has no index, and none is asked of it.
    """
    keys = {"": ("pk", "sk")} | {
        one: (f"{one}_pk", f"{one}_sk") for one in (LISTING, TODO, AGENDA)
    }
    schemas = {
        one: [
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ]
        for one, (partition, sort) in keys.items()
    }
    return MetaTable(
        {
            "TableName": name,
            "KeySchema": schemas.pop(""),
            "AttributeDefinitions": [
                {"AttributeName": one, "AttributeType": "S"}
                for pair in keys.values()
                for one in pair
            ],
            "GlobalSecondaryIndexes": [
                {"IndexName": one, "KeySchema": schema} for one, schema in schemas.items()
            ],
        }
    )


def _attributes(row: Row) -> dict[str, dict[str, Any]]:
    """Everything but the key, in DynamoDB's own form."""
    whole = row.serialize()
    return {name: one for name, one in whole.items() if name not in {"pk", "sk"}}


def _decide(writes: Sequence[Write], error: TransactWriteError) -> FacteurError:
    """The error to raise now, raised; or the one to raise if trying again does not help."""
    reasons = error.cancellation_reasons
    for one, reason in zip(writes, reasons, strict=False):
        if reason is not None and reason.code == "ConditionalCheckFailed" and one.refused:
            there = Row.from_raw_data(reason.raw_item) if reason.raw_item else None
            raise one.refused(there) from error
    codes = {reason.code for reason in reasons if reason is not None}
    if not codes:
        with failures("dynamodb"):
            raise error
    if all(passing(code) for code in codes):
        return UnavailableError("unavailable", service="dynamodb", reason=", ".join(sorted(codes)))
    raise error
