"""A child that misbehaves on request, for test_child.py."""

import ctypes
import os
import signal
import sys
import threading
import time
from typing import Any

from facteur.adapters.child_loop import serve
from facteur.adapters.frames import Message
from facteur.domain.errors import UnreadableError

_kept: list[bytearray] = []


def _refuse(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    raise UnreadableError("unreadable.encrypted")


def _library(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    raise BufferError("a library's own word")


def _bug(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    raise AssertionError("a bug")


def _spin(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    while True:
        pass


def _swallow(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    _kept.append(bytearray(1 << 30))
    return Message({})


def _keep(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    _kept.append(bytearray(b"x") * (450 << 20))
    return Message({})


def _cling(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    _kept.append(bytearray(150 << 20))  # twice is more than the tests' ceiling
    return Message({"pid": os.getpid()})


def _depart(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    threading.Timer(0.1, lambda: os._exit(0)).start()
    return Message({})


def _babble(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"\xff" * 64)
        except OSError:
            continue
    return Message({})


def _segfault(_words: dict[str, Any], _blobs: tuple[bytes, ...]) -> Message:
    ctypes.string_at(0)
    return Message({})


if __name__ == "__main__":
    serve(
        {
            "who": lambda _words, _blobs: Message({"pid": os.getpid()}),
            "echo": lambda _words, blobs: Message({}, blobs),
            "environment": lambda _words, _blobs: Message({"names": list(os.environ)}),  # noqa: TID251
            "sleep": lambda _words, _blobs: (time.sleep(60), Message({}))[1],
            "spin": _spin,
            "swallow": _swallow,
            "keep": _keep,
            "cling": _cling,
            "abort": lambda _words, _blobs: os.kill(os.getpid(), signal.SIGABRT) or Message({}),
            "segfault": _segfault,
            "leave": lambda _words, _blobs: sys.exit(3),
            "bug": _bug,
            "refuse": _refuse,
            "library": _library,
            "depart": _depart,
            "babble": _babble,
        },
        refusals={BufferError: "unreadable.bomb"},
    )
