"""Queries that read what they answer, and not the whole partition.

ministack 1.5.33 sorts a partition and tries the key condition on each of its rows for every Query:
a list of ten thousand documents takes most of a second, where DynamoDB goes to the key and reads a
page. Here each partition that is asked for is kept in order of its sort key, and a Query with a
limit is shown the rows that it may answer, and no other; the emulator then does the rest itself
(conditions, cursors, projections). What is not understood is left to it entirely.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.html
"""

# ruff: noqa: SLF001 - a pinned release is corrected from the outside; tests watch the names

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

SMALL = 100  # rows that cost nothing to sort
_LAST = "\U0010ffff"
_NAME, _VALUE = r"#?\w+", r":\w+"
_CONDITIONS = (
    ("begins", re.compile(rf"begins_with\s*\(\s*({_NAME})\s*,\s*({_VALUE})\s*\)")),
    ("between", re.compile(rf"({_NAME})\s+BETWEEN\s+({_VALUE})\s+AND\s+({_VALUE})")),
    ("compare", re.compile(rf"({_NAME})\s*(<=|>=|<|>|=)\s*({_VALUE})")),
)

#: A row's place in a partition: its sort key there, then its own keys.
Place = tuple[str, str, str]


@dataclass
class _Order:
    """The partitions of a table that were asked for, each in order, by (index, partition)."""

    table: Any
    partitions: dict[tuple[str, str], list[Place]] = field(default_factory=dict)


class Ordering:
    """Keeps partitions in order, and shows queries the part that they may answer."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb
        self._orders: dict[int, _Order] = {}

    def install(self) -> None:
        """Put the hooks in place; call once, before it serves."""
        dynamodb = self._dynamodb
        query, index_item = dynamodb._query, dynamodb._index_item

        def ordered(data: dict[str, Any]) -> Any:
            with self._narrowed(data):
                return query(data)

        def noticed(table: Any, base_pk: str, base_sk: str, item: Any, add: bool) -> None:  # noqa: FBT001
            index_item(table, base_pk, base_sk, item, add)
            self._moved(table, base_pk, base_sk, item, add=add)

        dynamodb._query, dynamodb._index_item = ordered, noticed

    # -- Order --------------------------------------------------------------------------------

    def _moved(self, table: Any, pk: str, sk: str, item: Any, *, add: bool) -> None:
        """Keep the partitions that hold this row in order."""
        order = self._orders.get(id(table))
        if order is None:
            return
        for index, partition in list(order.partitions):
            place = self._place(table, index, partition, pk, sk, item)
            if place is None:
                continue
            places = order.partitions[index, partition]
            at = bisect_left(places, place)
            there = at < len(places) and places[at] == place
            if add and not there:
                places.insert(at, place)
            elif there and not add:
                del places[at]

    def _place(
        self, table: Any, index: str, partition: str, pk: str, sk: str, item: Any
    ) -> Place | None:
        """The place of a row in a partition, None when it is not in it."""
        if not index:
            return (sk, pk, sk) if pk == partition else None
        hash_name, range_name = self._keys(table, index)
        if item.get(hash_name, {}).get("S") != partition or range_name not in item:
            return None
        return (item[range_name]["S"], pk, sk)

    def _keys(self, table: Any, index: str) -> tuple[str, str]:
        for name, hashes, ranges in self._dynamodb._index_key_schemas(table):
            if name == index:
                return hashes[0], ranges[0]
        return "", ""

    def _ordered(self, table: Any, index: str, partition: str, rows: Any) -> list[Place]:
        """The partition in order; made when it is asked for first."""
        order = self._orders.get(id(table))
        if order is None or order.table is not table:
            order = self._orders[id(table)] = _Order(table)
        places = order.partitions.get((index, partition))
        if places is None or len(places) != len(rows):
            places = order.partitions[index, partition] = sorted(
                self._places(table, index, partition, rows)
            )
        return places

    def _places(self, table: Any, index: str, partition: str, rows: Any) -> Iterator[Place]:
        if not index:
            yield from ((sk, partition, sk) for sk in rows)
            return
        _hash, range_name = self._keys(table, index)
        for pk, sk in rows:
            yield (table["items"][pk][sk][range_name]["S"], pk, sk)

    # -- Queries ------------------------------------------------------------------------------

    @contextmanager
    def _narrowed(self, data: dict[str, Any]) -> Iterator[None]:
        """While a Query runs, its partition holds what it may answer; then everything again."""
        found = self._asked(data)
        if found is None:
            yield
            return
        holder, partition, rows, shown = found
        holder[partition] = shown
        try:
            yield
        finally:
            holder[partition] = rows

    def _asked(self, data: dict[str, Any]) -> tuple[Any, str, Any, Any] | None:
        """Where the partition is, its name, its rows and those to show; None to leave it alone."""
        try:
            return self._read(data)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError):
            return None  # the emulator says itself what is wrong with the request

    def _read(self, data: dict[str, Any]) -> tuple[Any, str, Any, Any] | None:
        dynamodb, index = self._dynamodb, data.get("IndexName") or ""
        table = dynamodb._tables.get(dynamodb._normalize_table_name(data["TableName"]))
        if table is None or "Limit" not in data or data.get("FilterExpression"):
            return None
        if index:
            hash_name, range_name = self._keys(table, index)
            holder = dynamodb._index_members(table)[index]
        else:
            hash_name, range_name, holder = table["pk_name"], table["sk_name"], table["items"]
        conditions = _conditions(data)
        (sign, values) = conditions.pop(hash_name)
        partition = values[0]
        rows = holder.get(partition)
        if sign != "=" or rows is None or len(rows) <= SMALL or set(conditions) - {range_name}:
            return None
        places = self._ordered(table, index, partition, rows)
        first, last = _span(places, conditions.get(range_name))
        forward = data.get("ScanIndexForward", True)
        if start := data.get("ExclusiveStartKey"):
            key = (
                start[range_name]["S"],
                start[table["pk_name"]]["S"],
                start[table["sk_name"]]["S"],
            )
            if forward:
                first = max(first, bisect_left(places, key))
            else:
                last = min(last, bisect_right(places, key))
        most = int(data["Limit"]) + 2  # the row started from, and one that tells of more
        some = places[first:last][:most] if forward else places[max(first, last - most) : last]
        if index:
            return holder, partition, rows, dict.fromkeys((pk, sk) for _at, pk, sk in some)
        return holder, partition, rows, {sk: rows[sk] for _at, _pk, sk in some}


def _conditions(data: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """The key condition: (sign, values) by attribute. KeyError for what is no text."""
    text = data["KeyConditionExpression"]
    names, values = data.get("ExpressionAttributeNames", {}), data["ExpressionAttributeValues"]
    found: dict[str, tuple[str, list[str]]] = {}
    for kind, pattern in _CONDITIONS:
        for match in pattern.finditer(text):
            groups = list(match.groups())
            name = groups.pop(0)
            sign = groups.pop(0) if kind == "compare" else kind
            found[names.get(name, name)] = (sign, [values[one]["S"] for one in groups])
        text = pattern.sub(" ", text)
    if re.sub(r"[()\s]|AND", "", text):
        msg = "not a key condition of ours"
        raise ValueError(msg)
    return found


def _span(places: list[Place], condition: tuple[str, list[str]] | None) -> tuple[int, int]:
    """The part of a partition that a condition on its sort key may answer."""
    if condition is None:
        return 0, len(places)
    sign, values = condition
    low: Place = (values[0], "", "")
    high: Place = (values[-1], _LAST, _LAST)
    match sign:
        case "begins":
            return bisect_left(places, low), bisect_right(places, (values[0] + _LAST, "", ""))
        case "<" | "<=":
            return 0, bisect_right(places, high)
        case ">" | ">=":
            return bisect_left(places, low), len(places)
        case _:
            return bisect_left(places, low), bisect_right(places, high)
