"""A warm child process that works on hostile bytes, one request at a time, within limits.

The libraries that read documents have no bounds of their own: 684 bytes can make PDFium ask for
14 GB, and then abort its process. So they run in a child with a ceiling on its memory (RLIMIT_AS,
setrlimit(2)) and on its processor time, and the parent stops waiting after a wall-clock limit. A
child that died or ran out of time is replaced; so is one that has grown or served for long. What
all children of a process hold together is bounded too (room.py). The
child gets no environment, hence no credentials; it ends when its parent's end of the pipe closes.
"""

import contextlib
import os
import queue
import selectors
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence

from facteur.adapters.frames import BrokenMessageError, Message, pack, unpack
from facteur.adapters.room import HOUSE, Room
from facteur.domain.errors import FacteurError, UnavailableError, UnreadableError

CHUNK = 1 << 20
REQUESTS_PER_CHILD = 500
GROWN_BYTES = 250 * 1024 * 1024  # a child that holds this after a request is replaced

_OUT_OF_MEMORY = {signal.SIGABRT, signal.SIGTRAP, signal.SIGILL, signal.SIGKILL}


class _TimeUpError(Exception):
    """The child did not answer in time."""


class Child:
    """One child process running ``module``; not thread-safe (Children is)."""

    def __init__(self, module: str, *, memory_bytes: int, grown_bytes: int = GROWN_BYTES) -> None:
        self._module = module
        self._memory = memory_bytes
        self._grown = grown_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._held = 0

    def ask(
        self,
        operation: str,
        words: Mapping[str, object],
        blobs: Sequence[bytes],
        *,
        seconds: float,
        patience: float,
        memory: int = 0,
    ) -> Message:
        """The child's answer; the errors of domain/errors.py that it names.

        ``seconds`` bounds its processor time, ``patience`` how long we wait for it, ``memory``
        its address space for this request, where it is not what it was made with.
        UnreadableError ``unreadable.timeout``, ``.memory`` or ``.damaged`` when the child had to
        be stopped or died. A child that had gone away while idle, or ran out of memory after
        serving others, is replaced and asked again, once.
        """
        bounds = {"op": operation, "seconds": seconds, "memory": memory or self._memory}
        request = Message({**words, **bounds}, tuple(blobs))
        for attempt in (1, 2):
            process = self._running()
            fresh = self._served == 0
            self._served += 1
            try:
                answer = _exchange(process, request, patience)
            except _TimeUpError:
                self.stop()
                raise UnreadableError("unreadable.timeout", seconds=patience) from None
            except (BrokenMessageError, OSError) as error:
                code = self._ended(process)
                if code == 0 and not fresh and attempt == 1:
                    continue  # it had left for idleness just before we asked
                dead = _death(code, error)
                if _out_of_memory(dead) and not fresh and attempt == 1:
                    continue  # as below
                raise dead from None
            try:
                return self._judged(answer)
            except UnreadableError as error:
                if not _out_of_memory(error) or fresh or attempt == 2:
                    raise
                self.stop()  # what earlier requests left there may be what was missing
        raise AssertionError("unreachable")

    def start(self) -> None:
        """Start the process now, so that the first request does not wait for it."""
        self._running()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process, self._served = self._process, None, 0
        if process is not None:
            process.kill()
            process.wait()
            _close(process)

    def resident(self) -> int:
        """The bytes it said to hold when it answered last; 0 when it is not there."""
        return self._held if self._process is not None else 0

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.stop()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            close_fds=True,
            start_new_session=True,  # Ctrl-C in a terminal is the parent's business
            env={
                "PYTHONPATH": os.pathsep.join(os.path.abspath(one) for one in sys.path if one),
                "LD_LIBRARY_PATH": os.path.join(sys.base_prefix, "lib"),
                "LANG": "C.UTF-8",
                "MALLOC_ARENA_MAX": "2",
                "OMP_NUM_THREADS": "1",
            },
        )
        for descriptor in _pipes(self._process):
            os.set_blocking(descriptor, False)
        return self._process

    def _ended(self, process: subprocess.Popen[bytes]) -> int:
        """The exit code of a child that stopped talking (killed, should it linger)."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        code = process.poll()
        self.stop()
        return -signal.SIGSEGV if code is None else code

    def _judged(self, answer: Message) -> Message:
        """The answer, or the error it carries; replaces a child that is worn."""
        worn = answer.words.get("worn") is True or self._served >= REQUESTS_PER_CHILD
        self._held = int(answer.words.get("resident", 0))
        if worn or self._held > self._grown:
            self.stop()
        if answer.words.get("ok") is True:
            return answer
        code = str(answer.words.get("code"))
        values = answer.words.get("values")
        kind = UnreadableError if code.startswith("unreadable.") else UnavailableError
        raise kind(code, **(values if isinstance(values, dict) else {}))


class Children:
    """A few children behind one door: each request takes a free one, or waits for it.

    ``memory_bytes`` is the ceiling on a child's address space; ``need_bytes`` what it can hold of
    it at most, where that is known to be less; ``room`` what it shares with others.
    """

    def __init__(
        self,
        module: str,
        *,
        count: int,
        memory_bytes: int,
        need_bytes: int = 0,
        grown_bytes: int = GROWN_BYTES,
        room: Room = HOUSE,
    ) -> None:
        self._need = need_bytes or memory_bytes
        self._room = room
        self._free: queue.LifoQueue[Child] = queue.LifoQueue()
        self._all = [
            Child(module, memory_bytes=memory_bytes, grown_bytes=grown_bytes) for _ in range(count)
        ]
        for child in reversed(self._all):
            self._free.put(child)
        weakref.finalize(self, _stop, tuple(self._all))  # forgotten, or the program ends

    def ask(
        self,
        operation: str,
        words: Mapping[str, object],
        *blobs: bytes,
        seconds: float,
        patience: float | None = None,
        memory: int = 0,
    ) -> Message:
        """As Child.ask, from any thread; ``patience`` is the same as ``seconds`` unless given."""
        need = memory or self._need
        with (
            self._taken() as child,
            self._room.held(child, need, resident=child.resident, stop=child.stop),
        ):
            return child.ask(
                operation,
                words,
                blobs,
                seconds=seconds,
                patience=patience or seconds,
                memory=memory,
            )

    def warm(self) -> None:
        """Start one child now."""
        with self._taken() as child:
            child.start()

    @property
    def free(self) -> int:
        """How many children nobody is asking anything."""
        return self._free.qsize()

    def close(self) -> None:
        """End every child; the next request starts a new one."""
        _stop(self._all)

    @contextlib.contextmanager
    def _taken(self) -> Iterator[Child]:
        child = self._free.get()
        whole = False
        try:
            yield child
            whole = True
        except FacteurError:
            whole = True
            raise
        finally:
            if not whole:  # an interrupted exchange leaves half a message in the pipe
                child.stop()
            self._free.put(child)


def _stop(children: Iterable[Child]) -> None:
    for child in children:
        child.stop()


def _out_of_memory(error: UnreadableError) -> bool:
    return error.code == "unreadable.memory"


def _death(code: int, error: Exception) -> UnreadableError:
    """The refusal that fits the way a child died while working on a document."""
    if code == -signal.SIGXCPU:
        return UnreadableError("unreadable.timeout")
    if code < 0 and signal.Signals(-code) in _OUT_OF_MEMORY:
        return UnreadableError("unreadable.memory")
    return UnreadableError("unreadable.damaged", reason=f"exit {code}: {error}")


def _exchange(process: subprocess.Popen[bytes], request: Message, seconds: float) -> Message:
    """Write the request, read the answer, both before the time is up."""
    deadline = time.monotonic() + seconds
    into, out = _pipes(process)
    for part in pack(request):
        view = memoryview(part)
        while view:
            done = _written(into, view)
            if not done:
                _wait(into, selectors.EVENT_WRITE, deadline)
            view = view[done:]

    def read(size: int) -> bytes:
        taken = bytearray()
        while len(taken) < size:
            try:
                part = os.read(out, min(CHUNK, size - len(taken)))
            except BlockingIOError:  # nothing there yet
                _wait(out, selectors.EVENT_READ, deadline)
                continue
            if not part:
                raise BrokenMessageError("the child closed its pipe")
            taken += part
        return bytes(taken)

    return unpack(read)


def _written(descriptor: int, view: memoryview) -> int:
    """How much a pipe took: 0 when it has no room."""
    try:
        return os.write(descriptor, view[:CHUNK])
    except BlockingIOError:
        return 0


def _wait(descriptor: int, event: int, deadline: float) -> None:
    """Until the pipe is ready; _TimeUpError at the deadline."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, event)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise _TimeUpError


def _pipes(process: subprocess.Popen[bytes]) -> list[int]:
    """The descriptors of the child's input and output."""
    return [pipe.fileno() for pipe in (process.stdin, process.stdout) if pipe is not None]


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
