"""The benchmarks' own arithmetic: a figure nobody checked is worth nothing."""

import importlib

import pytest

from benchmarks import __main__ as bench


def test_a_section_that_is_not_run_again_is_kept() -> None:
    """The page is read back, one section replaced, the others untouched and in order."""
    page = bench.written({"calls": "## Calls\n", "pipeline": "## Pipeline\n"})
    assert page.index("## Pipeline") < page.index("## Calls")
    found = bench.sections(page)
    assert found == {"calls": "## Calls\n", "pipeline": "## Pipeline\n"}
    again = bench.written({**found, "calls": "## Calls, again\n"})
    assert bench.sections(again)["pipeline"] == "## Pipeline\n"
    assert "## Calls\n" not in again
    assert bench.written(bench.sections(again)) == again


def test_every_benchmark_has_its_place_on_the_page() -> None:
    """A new one is put in order on purpose."""
    assert set(bench.NAMES) == set(bench.ORDER)


@pytest.mark.parametrize("name", bench.NAMES)
def test_a_benchmark_can_be_run(name: str) -> None:
    """It imports without measuring anything, and says what it measures."""
    module = importlib.import_module(f"benchmarks.bench_{name}")
    assert callable(module.main)
    assert module.__doc__


_KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
_LISTED = {**_KEY, "listing_pk": {"S": "c"}, "listing_sk": {"S": "d"}}
_ELSEWHERE = {**_LISTED, "listing_sk": {"S": "e"}}


@pytest.mark.parametrize(
    ("operation", "request_", "stood", "expected"),
    [
        ("PutItem", {"Item": _KEY}, {}, (1, 0)),
        ("PutItem", {"Item": {**_KEY, "body": {"S": "a" * 1500}}}, {}, (2, 0)),
        ("PutItem", {"Item": _KEY}, {**_KEY, "body": {"S": "a" * 1500}}, (2, 0)),
        ("PutItem", {"Item": _LISTED}, {}, (2, 0)),
        ("PutItem", {"Item": _LISTED}, _LISTED, (2, 0)),
        ("PutItem", {"Item": _ELSEWHERE}, _LISTED, (3, 0)),
        ("DeleteItem", {"Key": _KEY}, _LISTED, (2, 0)),
        ("GetItem", {"Key": {}, "ConsistentRead": True}, {}, (0, 1)),
        ("GetItem", {"Key": {}}, {}, (0, 0.5)),
        ("Query", {}, {}, (0, 1)),
    ],
)
def test_request_units_are_weighed_as_dynamodb_does(
    operation: str,
    request_: dict[str, object],
    stood: dict[str, object],
    expected: tuple[float, float],
) -> None:
    """The larger row counts, rounded up, once more in each index; twice where its key changes."""
    from benchmarks.bench_calls import units

    rows = {("t", "a", "b"): stood} if stood else {}
    assert units({"TableName": "t", **request_}, operation, rows) == expected


def test_a_transaction_costs_double_and_sees_its_own_rows() -> None:
    """A row that is written, then taken out, leaves nothing to weigh the next time."""
    from benchmarks.bench_calls import units

    rows: dict[tuple[str, str, str], dict[str, object]] = {}
    asked = {
        "TransactItems": [
            {"Put": {"TableName": "t", "Item": _LISTED}},
            {"Delete": {"TableName": "t", "Key": _KEY}},
        ]
    }
    assert units(asked, "TransactWriteItems", rows) == (6, 0)
    assert not rows["t", "a", "b"]
