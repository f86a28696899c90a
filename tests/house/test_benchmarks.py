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


@pytest.mark.parametrize(
    ("operation", "request_", "expected"),
    [
        ("PutItem", {"Item": {"pk": {"S": "a"}}}, (1, 0)),
        ("PutItem", {"Item": {"pk": {"S": "a" * 1500}}}, (2, 0)),
        ("PutItem", {"Item": {"pk": {"S": "a"}, "todo_pk": {"S": "b"}}}, (2, 0)),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"Item": {"pk": {"S": "a"}, "listing_pk": {"S": "b"}}}},
                    {"Delete": {"Key": {"pk": {"S": "a"}}}},
                ]
            },
            (5, 0),
        ),
        ("GetItem", {"Key": {}, "ConsistentRead": True}, (0, 1)),
        ("GetItem", {"Key": {}}, (0, 0.5)),
        ("Query", {}, (0, 1)),
    ],
)
def test_request_units_are_weighed_as_dynamodb_does(
    operation: str, request_: dict[str, object], expected: tuple[float, float]
) -> None:
    """Kilobytes round up, transactions cost double, each index once more."""
    from benchmarks.bench_calls import units

    assert units(request_, operation) == expected
