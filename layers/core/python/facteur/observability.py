"""What is seen from outside: JSON logs, metrics, traces, by Powertools and only in Lambda.

Every floor logs with the standard ``logging.getLogger(__name__)``; here the logger ``facteur``,
parent of them all, gets Powertools' JSON form, with the identifier of the command that runs as
``correlation_id``: one search in CloudWatch Logs shows the whole way of a mail. Elsewhere (laptop,
tests) logging is left as it is.

Metrics are CloudWatch's embedded format, printed with the logs (namespace Facteur): how long each
kind of command took, and how many failed. Traces are X-Ray's, off by default: their SDK adds
0.2 s to every cold start (measured), which a question about a slow call may be worth for a day.

Nothing here logs an event, a command's content, an address or a header: identifiers only.

Source: https://docs.aws.amazon.com/powertools/python/latest/
"""
# ruff: noqa: PLC0415 - Powertools is imported where it is used: in Lambda

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

NAMESPACE = "Facteur"


class Observability:
    """The logs, metrics and traces of a function; ``cloud`` is False everywhere but in Lambda."""

    def __init__(self, function: str, *, cloud: bool, trace: bool = False) -> None:
        self._function, self._cloud = function, cloud
        self._logs: Any = _json_logs(function) if cloud else None
        self._tracer: Any = _tracer(function) if cloud and trace else None

    @contextmanager
    def running(self, identifier: str, kind: str) -> Iterator[None]:
        """Everything logged inside carries the identifier; its time and its failure are counted.

        What is raised inside passes.
        """
        if not self._cloud:
            yield
            return
        self._logs.append_keys(correlation_id=identifier)
        started, failed = time.perf_counter(), 1
        with ExitStack() as stack:
            if self._tracer is not None:
                segment = stack.enter_context(self._tracer.provider.in_subsegment(f"## {kind}"))
                segment.put_annotation("Command", identifier)
            try:
                yield
                failed = 0
            finally:
                self._count(kind, time.perf_counter() - started, failed)
                self._logs.remove_keys(["correlation_id"])

    def _count(self, kind: str, seconds: float, failed: int) -> None:
        from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

        metrics = EphemeralMetrics(namespace=NAMESPACE, service=self._function)
        metrics.add_dimension(name="command", value=kind)
        metrics.add_metric(name="Duration", unit=MetricUnit.Seconds, value=seconds)
        metrics.add_metric(name="Failed", unit=MetricUnit.Count, value=failed)
        metrics.flush_metrics()


def _json_logs(function: str) -> Any:
    """Give the logger that all ours descend from Powertools' form; the formatter."""
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    formatter = LambdaPowertoolsFormatter(
        service=function, use_rfc3339=True, log_record_order=["level", "message"], name="%(name)s"
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    ours = logging.getLogger("facteur")
    ours.handlers = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False  # Lambda's own handler would print every line twice
    return formatter


def _tracer(function: str) -> Any:
    """The X-Ray tracer; it patches botocore, so that each AWS call is a segment."""
    from aws_lambda_powertools import Tracer

    return Tracer(service=function, patch_modules=("botocore",))
