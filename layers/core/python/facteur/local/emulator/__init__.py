"""The embedded AWS, seen from its parent: start it, wait for it, stop it.

`Emulator` runs `python -m facteur.local.emulator` (see `__main__`) as a child process: ministack
behind our durable launcher (decision 5). It listens on 127.0.0.1 only and dies with its parent.
Importing this package does not import ministack.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

READY_WITHIN_SECONDS = 60.0
STOPPED_WITHIN_SECONDS = 30.0


class EmulatorError(RuntimeError):
    """The emulator did not start; the message says why, the log says more."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Emulator:
    """An emulator process on 127.0.0.1:`port`, keeping its data in `folder` (None: nowhere).

    `secret` is the secret key of every account's root; accounts are named by the access key.
    `twins`: it makes accounts like others when asked (see `twins`); for tests, nothing kept.
    """

    def __init__(
        self,
        port: int,
        folder: Path | None,
        *,
        fsync: bool = True,
        compact_after: int = 5000,
        secret: str = "test",  # noqa: S107 - of the tests; `make run` draws its own
        log: Path | None = None,
        twins: bool = False,
    ) -> None:
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._log = log
        self._settings = {
            "FACTEUR_EMULATOR_FSYNC": "1" if fsync else "0",
            "FACTEUR_EMULATOR_COMPACT": str(compact_after),
            "FACTEUR_EMULATOR_SECRET": secret,
            "FACTEUR_EMULATOR_TWINS": "1" if twins else "0",
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; raises EmulatorError when it is not running."""
        if self._process is None:
            raise EmulatorError("the emulator is not running")
        return self._process.pid

    def start(self) -> None:
        """Start the process and return when it answers; raises EmulatorError when it cannot."""
        self.spawn()
        self.wait()

    def spawn(self) -> None:
        """Start the process without waiting for it; `wait` must follow. EmulatorError: port taken.

        Call it from the main thread: on Linux a child is told of the death of the thread that
        made it, which must therefore live as long as the program.
        """
        folder = "-" if self._folder is None else str(self._folder)
        with self._listener() as listener, self._output() as output:
            command = [
                sys.executable,
                "-m",
                "facteur.local.emulator",
                str(self.port),
                folder,
                str(os.getpid()),
                str(listener.fileno()),
            ]
            self._process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._settings},  # noqa: TID251 - handed on, not read
                pass_fds=[listener.fileno()],
                start_new_session=True,  # Ctrl-C reaches the supervisor, which stops us in order
            )

    def stop(self) -> None:
        """Stop politely: state written, port free; kill only what does not stop in time."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOPPED_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """Stop as a power cut does (kill -9); for the tests of durability."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def alive(self) -> bool:
        """Tell whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def _listener(self) -> socket.socket:
        # Ours, handed to the child: a taken port is known at once, and whoever answers is ours.
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self.port))
            listener.listen(128)
        except OSError as error:
            listener.close()
            msg = f"port {self.port} is taken"
            raise EmulatorError(msg) from error
        return listener

    def _output(self) -> IO[bytes]:
        return open(os.devnull if self._log is None else self._log, "ab")

    def wait(self) -> None:
        """Return when it answers; raises EmulatorError when it stops or stays silent."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            if not self.alive():
                self._process = None
                msg = f"the emulator stopped while starting; see {self._log}"
                raise EmulatorError(msg)
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=5):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        self.stop()
        msg = f"the emulator did not answer within {READY_WITHIN_SECONDS:.0f} s"
        raise EmulatorError(msg)
