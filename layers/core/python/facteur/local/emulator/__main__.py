"""The emulator process: `python -m facteur.local.emulator PORT DATADIR [PARENT_PID [SOCKET]]`.

Serves AWS on 127.0.0.1 only, keeps its state in DATADIR, and dies with its parent: an emulator
without its supervisor would hold the port and the data for nothing. With `-` as DATADIR nothing
is kept (tests that need no persistence). SOCKET is the number of an inherited listening socket.

ministack reads its settings from the environment when imported, hence the imports inside.
"""
# ruff: noqa: PLC0415

import asyncio
import contextlib
import ctypes
import fcntl
import os
import signal
import sys
from pathlib import Path
from typing import Any

REGION = "eu-west-3"
_PR_SET_PDEATHSIG = 1  # prctl(2)


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM, SIGINT or the parent's death; 0 after a clean stop."""
    port, data = int(arguments[0]), arguments[1]
    parent = int(arguments[2]) if len(arguments) > 2 else os.getppid()
    address = f"fd://{arguments[3]}" if len(arguments) > 3 else f"127.0.0.1:{port}"
    _die_with(parent)
    folder = None if data == "-" else Path(data)
    with _exclusive(folder):
        _configure(port, folder)
        asyncio.run(_serve(_application(folder), address, parent))
    return 0


def _die_with(parent: int) -> None:
    """Ask Linux for SIGTERM when the parent dies; elsewhere `_watch` notices within a second."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


@contextlib.contextmanager
def _exclusive(folder: Path | None) -> Any:
    """Hold the data folder; wait while a dying predecessor still writes into it."""
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _configure(port: int, folder: Path | None) -> None:
    environment = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",  # in queue addresses, whatever name the caller used
        "MINISTACK_REGION": REGION,
        "AUTH": "true",  # presigned links and forms, CORS and policies are checked as on AWS
        "AWS_ACCESS_KEY_ID": "test",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "0" if folder is None else "1",
        "S3_PERSIST": "0" if folder is None else "1",
    }
    if folder is not None:
        environment["STATE_DIR"] = str(folder / "state")
        environment["S3_DATA_DIR"] = str(folder / "s3")
    os.environ.update(environment)  # noqa: TID251 - ministack knows no other way
    os.environ["AWS_SECRET_ACCESS_KEY"] = os.environ.get("FACTEUR_EMULATOR_SECRET", "test")  # noqa: TID251
    os.environ.pop("AWS_SESSION_TOKEN", None)  # noqa: TID251 - that of another AWS, if any
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # noqa: TID251


def _application(folder: Path | None) -> Any:
    import ministack.app as emulator
    from ministack.core.hypercorn_compat import install as install_reason_phrases
    from ministack.services import dynamodb

    from facteur.local.emulator.durability import Durability
    from facteur.local.emulator.fidelity import mend
    from facteur.local.emulator.guard import guarded
    from facteur.local.emulator.ordering import Ordering

    install_reason_phrases()
    mend(emulator)
    Ordering(dynamodb).install()
    if folder is None:
        if os.environ.get("FACTEUR_EMULATOR_TWINS") == "1":  # noqa: TID251
            from facteur.local.emulator.twins import Twins

            return guarded(Twins().answering(emulator.app))
        return guarded(emulator.app)
    fsync = os.environ.get("FACTEUR_EMULATOR_FSYNC", "1") == "1"  # noqa: TID251
    compact_after = int(os.environ.get("FACTEUR_EMULATOR_COMPACT", "5000"))  # noqa: TID251
    durable = Durability(emulator, folder, fsync=fsync, compact_after=compact_after)
    return guarded(durable.install())


async def _serve(application: Any, address: str, parent: int) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from facteur.local.stopping import quiet_stop

    config = Config()
    config.bind = [address]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2  # long polls of a queue would hold the stop for seconds
    config.loglevel = "WARNING"
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    quiet_stop(loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch = asyncio.create_task(_watch(parent, stop))
    await serve(application, config, shutdown_trigger=stop.wait)
    watch.cancel()


async def _watch(parent: int, stop: asyncio.Event) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(1)
    stop.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
