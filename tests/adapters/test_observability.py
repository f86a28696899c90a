"""Observability: JSON lines that one search finds, metrics beside them, nothing on a laptop."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from facteur.observability import Observability


@pytest.fixture(autouse=True)
def _logger_as_it_was() -> Iterator[None]:
    """Give the logger of the house back as it was."""
    ours = logging.getLogger("facteur")
    before = ours.handlers, ours.level, ours.propagate
    yield
    ours.handlers, ours.level, ours.propagate = before


def lines(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def test_lines_carry_the_command_that_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever floor logs, the line says which command it was about, and only while it runs."""
    seen = Observability("pipeline", cloud=True)
    log = logging.getLogger("facteur.services.reading")
    with seen.running("doc-000001-ReadDocument", "ReadDocument"):
        log.info("read %s", "doc1", extra={"dossier": "acme"})
    log.warning("after")

    inside, _metrics, after = lines(capsys.readouterr().out)
    assert inside["message"] == "read doc1"
    assert inside["correlation_id"] == "doc-000001-ReadDocument"
    assert inside["service"] == "pipeline"
    assert inside["name"] == "facteur.services.reading"
    assert inside["dossier"] == "acme"
    assert "correlation_id" not in after


def fail() -> None:
    raise ValueError("x")


@pytest.mark.parametrize(("work", "failed"), [(lambda: None, 0.0), (fail, 1.0)])
def test_each_run_is_counted(
    capsys: pytest.CaptureFixture[str], work: Callable[[], None], failed: float
) -> None:
    """One line of CloudWatch's embedded format per command: its time, and whether it failed."""
    seen = Observability("pipeline", cloud=True)
    with suppress(ValueError), seen.running("c1", "ReadDocument"):
        work()
    (metrics,) = lines(capsys.readouterr().out)
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Facteur"
    assert metrics["command"] == "ReadDocument"
    assert metrics["service"] == "pipeline"
    assert metrics["Failed"] == [failed]
    assert metrics["Duration"][0] >= 0


def test_what_is_raised_passes() -> None:
    """A failure is counted, never swallowed: the queue must see it."""
    with pytest.raises(ValueError, match="x"):  # noqa: SIM117
        with Observability("pipeline", cloud=True).running("c1", "ReadDocument"):
            fail()


def test_an_exception_is_logged_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    """A bug in the dead letters has its stack in one JSON line."""
    Observability("web", cloud=True)
    try:
        fail()
    except ValueError:
        logging.getLogger("facteur.web").exception("failed")
    (line,) = lines(capsys.readouterr().out)
    assert line["exception_name"] == "ValueError"


def test_a_laptop_keeps_its_own_logging(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Outside Lambda nothing is printed, changed or loaded."""
    before = list(logging.getLogger("facteur").handlers)
    seen = Observability("pipeline", cloud=False, trace=True)
    with seen.running("c1", "ReadDocument"), caplog.at_level(logging.INFO):
        logging.getLogger("facteur.services").info("plain")
    assert capsys.readouterr().out == ""
    assert "plain" in caplog.text
    assert logging.getLogger("facteur").handlers == before
