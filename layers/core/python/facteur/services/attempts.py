"""Doing several independent things of which one may fail: the others are done all the same."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


def each(things: Iterable[T], work: Callable[[T], object], what: str) -> None:
    """Do ``work`` on every thing, each failure logged as ``what``; raises the first in the end."""
    failures: list[Exception] = []
    for one in things:
        try:
            work(one)
        except Exception as error:
            log.exception("%s failed", what)
            failures.append(error)
    if failures:
        raise failures[0]
