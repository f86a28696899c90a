"""ports.Beside by a thread for each call: it computes nothing, it waits for a child process.

The threads are daemons, so that a program that is told to stop waits for none of them; there are
never more than their callers, who wait for each answer.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

from facteur.ports import Later

T = TypeVar("T")


def in_a_thread(call: Callable[[], T], /) -> Later[T]:
    """Start the call; its answer, or what it raised, comes by ``result``."""
    later: Future[T] = Future()

    def run() -> None:
        try:
            answer = call()
        except BaseException as error:
            later.set_exception(error)
        else:
            later.set_result(answer)

    Thread(target=run, name="beside", daemon=True).start()
    return later
