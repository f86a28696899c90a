"""The table: keys that cannot be forged, amounts that stay exact, transactions that try again."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from facteur.adapters.aws import items
from facteur.adapters.aws.items import ClaimRow
from facteur.adapters.aws.table import (
    DecimalAttribute,
    Row,
    Table,
    Write,
    always,
    foreign,
    instant,
    part,
)
from facteur.domain.errors import ConflictError, DuplicateError, NotFoundError, UnavailableError
from pynamodb.exceptions import TransactWriteError

NOW = datetime(2026, 11, 20, 9, 34, tzinfo=UTC)


class FakeClient:
    """A DynamoDB client that gives prepared answers and remembers how often it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls = 0

    def __call__(self, _service: str) -> "FakeClient":
        return self

    def _make_api_call(self, _operation: str, _parameters: Any) -> Any:
        self.calls += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def cancelled(*codes: str, item: dict[str, Any] | None = None) -> ClientError:
    """The answer of a transaction that was cancelled, one reason for each action."""
    reasons = [{"Code": code, **({"Item": item} if item else {})} for code in codes]
    return ClientError(
        {
            "Error": {"Code": "TransactionCanceledException", "Message": "…"},
            "CancellationReasons": reasons,
        },
        "TransactWriteItems",
    )


def table(client: FakeClient, waits: list[float] | None = None) -> Table:
    slept = waits if waits is not None else []
    return Table(client, "t", sleep=slept.append)  # type: ignore[arg-type]


def writes() -> list[Write]:
    free = Row.pk.does_not_exist()
    return [
        Write(ClaimRow.of("d", "A", "1", "x"), free, always(ConflictError("first"))),
        Write(ClaimRow.of("d", "B", "2", "x"), free, always(DuplicateError("second"))),
        Write(ClaimRow.of("d", "C", "3", "x"), delete=True),
    ]


def test_a_conflict_with_another_transaction_is_tried_again() -> None:
    """Two transactions on one row at the same moment: the one that lost tries again, later."""
    client = FakeClient(
        cancelled("None", "TransactionConflict", "None"),
        cancelled("ThrottlingError", "None", "None"),
        {},
    )
    waits: list[float] = []
    table(client, waits).write(writes())
    assert client.calls == 3
    assert waits == sorted(waits)
    assert all(wait > 0 for wait in waits)


def test_a_conflict_that_lasts_is_unavailable() -> None:
    """After a few tries the queue takes over."""
    client = FakeClient(*(cancelled("TransactionConflict", "None", "None") for _ in range(9)))
    with pytest.raises(UnavailableError):
        table(client).write(writes())
    assert client.calls == 4


def test_a_refused_condition_is_final_and_the_first_one_speaks() -> None:
    """A lost race is not tried again; a conflict beside it does not hide it."""
    refused = "ConditionalCheckFailed"
    client = FakeClient(cancelled("TransactionConflict", refused, refused))
    with pytest.raises(ConflictError, match="first"):
        table(client).write(writes())
    assert client.calls == 1


def test_the_reasons_are_matched_to_the_actions() -> None:
    """The refusal of the second put is the second's, though the deletion is sent before both."""
    client = FakeClient(cancelled("None", "None", "ConditionalCheckFailed"))
    with pytest.raises(DuplicateError, match="second"):
        table(client).write(writes())


def test_a_refusal_sees_what_stands_there() -> None:
    """The row that was there instead reaches the refusal, as a row."""
    seen: list[Row | None] = []

    def refused(there: Row | None) -> ConflictError:
        seen.append(there)
        return ConflictError("taken")

    there = ClaimRow.of("d", "A", "1", "other").serialize()
    client = FakeClient(cancelled("ConditionalCheckFailed", item=there))
    with pytest.raises(ConflictError):
        table(client).write([Write(ClaimRow.of("d", "A", "1", "x"), None, refused)])
    (row,) = seen
    assert isinstance(row, ClaimRow)
    assert row.target == "other"


def test_a_bug_in_a_transaction_is_not_hidden() -> None:
    """A validation error among the reasons is left as it is, and not tried again."""
    client = FakeClient(cancelled("ValidationError", "TransactionConflict", "None"))
    with pytest.raises(TransactWriteError):
        table(client).write(writes())
    assert client.calls == 1


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException"}}, "TransactWriteItems"),
        ReadTimeoutError(endpoint_url="http://x"),
    ],
    ids=["throttled", "timed out"],
)
def test_a_service_that_is_away_is_unavailable(error: Exception) -> None:
    """botocore has tried again already: what still fails is left to the queue."""
    client = FakeClient(error)
    with pytest.raises(UnavailableError):
        table(client).write(writes())
    assert client.calls == 1


@pytest.mark.parametrize("name", ["", "a#b", "#", "x" * 201])
def test_what_is_no_identifier_names_nothing(name: str) -> None:
    """An identifier that could forge a key, or is endless, is not found."""
    with pytest.raises(NotFoundError):
        part(name)


def test_foreign_text_fits_in_a_key() -> None:
    """Short text is kept readable, long text becomes its hash, broken text still has bytes."""
    assert foreign("<a#b@c>") == "<a#b@c>"
    assert len(foreign("é" * 5000).encode()) < 100
    assert foreign("a" * 5000) != foreign("a" * 4999 + "b")
    assert foreign("\udce9").encode() == b"?"


def test_instants_sort_as_text() -> None:
    """The same moment in another zone is the same text; a microsecond later sorts after."""
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    assert instant(paris) == instant(NOW) == "2026-11-20T09:34:00.000000Z"
    assert (
        instant(NOW) < instant(NOW + timedelta(microseconds=1)) < instant(NOW.replace(year=2027))
    )
    with pytest.raises(ValueError, match="zone"):
        instant(NOW.replace(tzinfo=None))


@pytest.mark.parametrize("amount", ["0.1", "1312.80", "-0.01", "1E+3", "99999999999999999999.99"])
def test_an_amount_is_stored_digit_for_digit(amount: str) -> None:
    """No float on the way: 0.1 stays 0.1, and the cents of a huge total stay."""
    attribute = DecimalAttribute()
    assert attribute.deserialize(attribute.serialize(Decimal(amount))) == Decimal(amount)
    assert "E" not in attribute.serialize(Decimal(amount))


def test_one_total_written_in_two_ways_is_one_key() -> None:
    """120, 120.0 and 120.00 are near each other; 12 is not."""
    keys = {items.near_pk("d", one, "2026-11-20") for one in ("120", "120.0", "120.00")}
    assert len(keys) == 1
    assert items.near_pk("d", "12", "2026-11-20") not in keys
