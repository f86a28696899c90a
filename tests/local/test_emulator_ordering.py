"""The emulator's queries, once they read only what they may answer, answer the same."""

import random
from typing import Any

import pytest

from tests.emulator import Platform

WORDS = ("a", "ab", "abc", "b", "é", "zz", "a#1", "a$")


@pytest.fixture
def filled(platform: Platform) -> tuple[Any, str, dict[tuple[str, str], str]]:
    """A partition of 140 rows in the table and in an index; some written twice, some deleted."""
    client, table = platform.client("dynamodb"), platform["FACTEUR_TABLE"]
    chance = random.Random(7)  # noqa: S311 - the same rows each time
    rows: dict[tuple[str, str], str] = {}
    for number in range(160):
        word = f"{chance.choice(WORDS)}{chance.randrange(90):02d}"
        key, place = ("P", f"{word}#{number:03d}"), f"{chance.randrange(40):02d}"
        for moved in (place, f"{int(place) + number % 3:02d}"):  # the second one moves it
            if moved != rows.get(key):
                client.put_item(TableName=table, Item=_row(*key, moved))
            rows[key] = moved
        if number == 120:  # asked once before the rest is written: what was kept in order moves
            _all(client, table, "pk = :p", {":p": {"S": "P"}}, limit=7)
            _all(client, table, "listing_pk = :p", {":p": {"S": "L"}}, limit=7, index="listing")
        if number % 8 == 7:
            client.delete_item(TableName=table, Key={"pk": {"S": "P"}, "sk": {"S": key[1]}})
            del rows[key]
    return client, table, rows


def _row(pk: str, sk: str, place: str) -> dict[str, Any]:
    texts = {"pk": pk, "sk": sk, "listing_pk": "L", "listing_sk": place}
    return {name: {"S": text} for name, text in texts.items()}


def _within(key: str) -> bool:
    return "a3" <= key <= "b5"


def _all(
    client: Any,
    table: str,
    condition: str,
    values: dict[str, Any],
    *,
    limit: int,
    forward: bool = True,
    index: str = "",
) -> list[str]:
    """The sort keys of every page of a query, in order."""
    found: list[str] = []
    more: dict[str, Any] = {"IndexName": index} if index else {}
    while True:
        answer = client.query(
            TableName=table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            Limit=limit,
            ScanIndexForward=forward,
            **more,
        )
        assert len(answer["Items"]) <= limit
        found += [one["sk"]["S"] for one in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return found
        more["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def test_pages_are_whole_and_in_order(
    filled: tuple[Any, str, dict[tuple[str, str], str]],
) -> None:
    """Every condition, of table and index, both ways, page after page: what a plain sort gives."""
    for limit in (40, 500):
        for forward in (True, False):
            _partition(filled, limit, forward=forward)
    for forward in (True, False):
        _index(filled, forward=forward)


def _partition(
    filled: tuple[Any, str, dict[tuple[str, str], str]], limit: int, *, forward: bool
) -> None:
    client, table, rows = filled
    keys = sorted((sk for _pk, sk in rows), reverse=not forward)
    asked = (
        ("pk = :p", {}, lambda _one: True),
        ("pk = :p AND begins_with(sk, :v)", {":v": "ab"}, lambda one: one.startswith("ab")),
        ("pk = :p AND sk BETWEEN :v AND :w", {":v": "a3", ":w": "b5"}, _within),
        ("pk = :p AND sk >= :v", {":v": "b"}, lambda one: one >= "b"),
        ("pk = :p AND sk < :v", {":v": "abc"}, lambda one: one < "abc"),
        ("pk = :p AND sk = :v", {":v": keys[70]}, lambda one: one == keys[70]),
        ("pk = :p AND begins_with(sk, :v)", {":v": "nothing"}, lambda _one: False),
    )
    for condition, values, wanted in asked:
        given = {":p": {"S": "P"}, **{name: {"S": one} for name, one in values.items()}}
        found = _all(client, table, condition, given, limit=limit, forward=forward)
        assert found == [one for one in keys if wanted(one)], condition


def _index(filled: tuple[Any, str, dict[tuple[str, str], str]], *, forward: bool) -> None:
    """Rows with the same sort key too: none is told twice, none is lost."""
    client, table, rows = filled
    order = sorted(((at, pk, sk) for (pk, sk), at in rows.items()), reverse=not forward)
    values = {":p": {"S": "L"}}
    found = _all(
        client, table, "listing_pk = :p", values, limit=25, forward=forward, index="listing"
    )
    assert found == [sk for _at, _pk, sk in order]
    values = {":p": {"S": "L"}, ":v": {"S": "10"}, ":w": {"S": "20"}}
    condition = "listing_pk = :p AND listing_sk BETWEEN :v AND :w"
    found = _all(client, table, condition, values, limit=25, forward=forward, index="listing")
    assert found == [sk for at, _pk, sk in order if "10" <= at <= "20"]


def test_what_is_no_query_is_still_refused(
    filled: tuple[Any, str, dict[tuple[str, str], str]],
) -> None:
    """A wrong request is answered by the emulator itself, as before."""
    client, table, _rows = filled
    with pytest.raises(client.exceptions.ClientError, match="ValidationException"):
        client.query(
            TableName=table,
            KeyConditionExpression="pk = :p AND colour = :v",
            ExpressionAttributeValues={":p": {"S": "P"}, ":v": {"S": "x"}},
            Limit=5,
        )
