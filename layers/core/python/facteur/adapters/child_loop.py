"""The child's side of child.py: lower the ceilings, then answer requests until the pipe closes.

Runs with nothing but the bytes it is given. A refusal, ours or a library's, becomes an answer;
anything else is a bug and ends the child with its traceback: the parent refuses that document and
starts a fresh child.
"""

import contextlib
import ctypes
import gc
import logging
import os
import re
import resource
import select
import sys
from collections.abc import Callable, Mapping
from typing import Any

from facteur.adapters.frames import Message, pack, unpack
from facteur.domain.errors import FacteurError

Handler = Callable[[dict[str, Any], tuple[bytes, ...]], Message]

_ADDRESS = re.compile(r"stream <[^>]*>:? ?| at 0x[0-9a-f]+")

QUIET_SECONDS = 0.2
MOST_BYTES = 1200 * 1024 * 1024  # of address space, for any request; no child can raise it
GIVEN_BACK_FROM = 80 * 1024 * 1024  # a child that holds this after a request tidies up first
_COLLECTED_AFTER = 10_000  # objects: a page has thousands of characters, and no loops to collect
IDLE_SECONDS = 300  # a house at rest keeps no child


def serve(
    handlers: Mapping[str, Handler],
    *,
    refusals: Mapping[type[Exception], str] | None = None,
    pause: Callable[[], None] | None = None,
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Answer requests on standard input and output; returns when they end.

    ``refusals`` maps the exceptions by which libraries refuse a file to the code of
    UnreadableError each stands for; the first that fits counts. ``pause`` is called once, in the
    first quiet moment after an answer: the time to load what later requests will need.
    """
    logging.disable(logging.CRITICAL)  # the libraries comment on every odd font
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what a hostile file left is not kept
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    gc.set_threshold(_COLLECTED_AFTER, 10, 10)
    into, out = os.dup(0), os.dup(1)
    with open(os.devnull, "r+b") as nothing:  # whatever prints must not speak to the parent
        os.dup2(nothing.fileno(), 0)
        os.dup2(2, 1)
    while _asked(into, idle_seconds):
        request = unpack(lambda size: _read(into, size))
        limit_memory(int(request.words["memory"]))
        _limit_processor(float(request.words["seconds"]))
        for part in pack(_answer(handlers, refusals or {}, request)):
            _write(out, part)
        if pause is not None and not _asked(into, QUIET_SECONDS):
            pause()
            pause = None


def limit_memory(size: int) -> None:
    """Bound this process's address space, until the next request brings its own bound."""
    resource.setrlimit(resource.RLIMIT_AS, (min(size, MOST_BYTES), MOST_BYTES))


def give_back_memory() -> None:
    """Hand back to the machine what the C library keeps for later; nothing where it cannot."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _limit_processor(seconds: float) -> None:
    """Die of SIGXCPU should this request take longer, even with a parent that went away."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _answer(
    handlers: Mapping[str, Handler], refusals: Mapping[type[Exception], str], request: Message
) -> Message:
    worn = False
    try:
        done = handlers[request.words["op"]](request.words, request.blobs)
        words, blobs = {"ok": True, **done.words}, done.blobs
    except FacteurError as error:
        words, blobs = _refusal(error.code, error.values), ()
    except MemoryError:
        worn, words, blobs = True, _refusal("unreadable.memory", {}), ()
    except tuple(refusals) as error:
        code = next(code for kind, code in refusals.items() if isinstance(error, kind))
        reason = _ADDRESS.sub("", f"{type(error).__name__}: {error}")[:300]
        words, blobs = _refusal(code, {"reason": reason}), ()
    resident = _resident()
    if resident > GIVEN_BACK_FROM:
        give_back_memory()
        resident = _resident()
    return Message({**words, "worn": worn, "resident": resident}, blobs)


def _refusal(code: str, values: Mapping[str, object]) -> dict[str, Any]:
    return {"ok": False, "code": code, "values": {key: str(one) for key, one in values.items()}}


def _resident() -> int:
    """The memory this process holds now, in bytes; 0 where the system does not tell."""
    with contextlib.suppress(OSError), open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
    return 0


def _asked(into: int, seconds: float) -> bool:
    """True when a request came in that time, or the parent left."""
    return bool(select.select([into], [], [], seconds)[0])


def _read(into: int, size: int) -> bytes:
    taken = bytearray()
    while len(taken) < size:
        part = os.read(into, min(1 << 20, size - len(taken)))
        if not part:
            sys.exit(0)
        taken += part
    return bytes(taken)


def _write(out: int, part: bytes) -> None:
    view = memoryview(part)
    while view:
        view = view[os.write(out, view) :]
