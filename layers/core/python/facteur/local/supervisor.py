"""Starts the whole house in one process, keeps it running, and stops it in order.

Start: emulator (a child) and doors side by side, resources, queues and clock, SMTP, HTTP; then,
behind, the sweep that resumes what a sudden death interrupted, and the demonstration. Stop: no new
mail, no new request, running commands end, the emulator writes its state.

Everything kept is in one folder (`.facteur/`): `aws/` holds the emulator's data, `*.log` what the
functions and the emulator said. Deleting the folder (`reset`) is a fresh start.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import secrets
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from facteur import bootstrap, config
from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.once import AwsOnce
from facteur.domain.commands import Sweep
from facteur.local import doors, sent
from facteur.local.emulator import Emulator, EmulatorError
from facteur.local.gateway import Gateway
from facteur.local.provision import Wanted, provision
from facteur.local.pump import Pump
from facteur.local.sandbox_pa import beside
from facteur.local.seed import seed
from facteur.local.smtp import SES_BYTES, Reception, SmtpServer
from facteur.local.stopping import quiet_stop
from facteur.ports import Context
from facteur.services.intake import mails as arriving_mails
from facteur.services.run import run as run_command

log = logging.getLogger(__name__)

ACCOUNT = "000000000000"
ROOT = Path(__file__).resolve().parents[5]
STATIC = ROOT / "build" / "static"  # made by `make setup`; `current` names the present version
MARK = "CECI-EST-LE-DOSSIER-DE-DONNEES-DE-FACTEUR"
_KEEP_EVERY = 5  # seconds: the mails that were sent are written beside the data
WORKERS = {"facteur-commands": 2}  # two cores are enough for two documents at a time

Out = Callable[[str], None]


class StartError(RuntimeError):
    """The platform cannot start; the message tells the user what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where to keep data and where to listen, always on 127.0.0.1."""

    data: Path
    web_port: int = 8642
    smtp_port: int = 8625
    emulator_port: int = 8645
    sandbox_port: int = 8647
    sandbox_url: str = ""  # of a test platform that runs already: none is started here
    inbound_domain: str = "factures.localhost"
    ocr: str = "embedded"
    seed: bool = True

    @property
    def site_url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.web_port}"


def run(options: Options, out: Out) -> int:
    """Run the platform until Ctrl-C or SIGTERM; 0 after a clean stop, 1 when it had to stop.

    StartError when it cannot start. Call it from the main thread.
    """
    began = time.monotonic()
    with _only_one(options.data), contextlib.ExitStack() as stack:
        _log_into(options.data / "facteur.log")
        secret = _secret(options.data / "secret")
        emulator = Emulator(
            options.emulator_port,
            options.data / "aws",
            log=options.data / "emulator.log",
            secret=secret,
        )
        sandbox = None if options.sandbox_url else beside.start(options.data, options.sandbox_port)
        if sandbox:
            stack.callback(sandbox.stop)
            options = replace(options, sandbox_url=sandbox.url)
        listener = stack.enter_context(_listener(options.web_port, "FACTEUR_WEB_PORT"))
        _listener(options.smtp_port, "FACTEUR_SMTP_PORT").close()
        _listener(options.emulator_port, "FACTEUR_EMULATOR_PORT").close()
        emulator.spawn()
        stack.callback(emulator.stop)
        loaded = doors.load()
        try:
            emulator.wait()
        except EmulatorError as error:
            raise StartError(str(error)) from error
        house = _House(options, emulator, loaded, secret)
        stack.callback(house.stop)
        house.start()

        def ready() -> None:
            out(f"Prêt en {time.monotonic() - began:.1f} s : {options.site_url}")
            house.go_on(out)

        code = asyncio.run(house.serve(listener, ready))
        out("Arrêt : les traitements en cours se terminent…")
    out("Arrêté. Les données sont gardées ; « make run » reprend où l'on en était.")
    return code


def reset(data: Path) -> bool:
    """Delete the platform's data; False when there is none. StartError when it is running."""
    if not data.exists():
        return False
    if not (data / MARK).exists():
        message = f"{data} n'est pas un dossier de données de Facteur : rien n'est effacé."
        raise StartError(message)
    with _only_one(data, wait=1.0):
        for entry in data.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    data.rmdir()
    return True


class _House:
    """What runs beside the emulator, from `start` to `stop`."""

    def __init__(
        self, options: Options, emulator: Emulator, loaded: Mapping[str, doors.Door], secret: str
    ) -> None:
        self._options, self._emulator = options, emulator
        wanted = Wanted(
            endpoint=emulator.endpoint,
            account=ACCOUNT,
            secret=secret,
            inbound_domain=options.inbound_domain,
            site_url=options.site_url,
            ocr=options.ocr,
        )
        os.environ.update(wanted.access())  # noqa: TID251 - the functions' environment, as Lambda's
        client = Clients(endpoint_url=emulator.endpoint)
        environment = {
            **provision(wanted, client),
            **_static_setting(),
            "FACTEUR_SANDBOX_PA": options.sandbox_url,
            "FACTEUR_SENT_MAILS": sent.PATH,
        }
        os.environ.update(environment)  # noqa: TID251
        self.settings = config.load()
        self.context: Context = bootstrap.context(self.settings)
        # Nothing runs yet: what a kill left "in progress" may run again at once.
        AwsOnce(client, self.settings.ephemeral_table).forget_unfinished()
        self._pump = Pump(
            loaded,
            client,
            stage=self.settings.stage,
            new_id=self.context.ids.new,
            workers=WORKERS,
        )
        reception = Reception(
            bucket=self.settings.intake_bucket,
            topic_arn=environment["FACTEUR_MAILS_TOPIC_ARN"],
            s3=client("s3"),
            sns=client("sns"),
            knows=lambda address: arriving_mails.knows(address, self.context),
            now=self.context.clock.now,
            new_id=self.context.ids.new,
        )
        self._smtp = SmtpServer(options.smtp_port, reception, max_bytes=SES_BYTES)
        mails = sent.mails_of(emulator.endpoint, ACCOUNT)
        self._kept = sent.Kept(options.data / "sent.json", mails)
        self._gateway = Gateway(
            loaded["web"].app,
            static=("/static", STATIC),
            pages={sent.PATH: lambda: sent.page(self._kept.read)},
        )
        self._listening = False

    def start(self) -> None:
        """Deliver the queues and receive mails."""
        self._pump.start()
        self._smtp.start()
        self._listening = True

    def stop(self) -> None:
        """No new mail; the commands that run end."""
        if self._listening:
            self._smtp.stop()
        if not self._pump.stop():
            log.warning("some commands were still running: the next start runs them again")
        self._kept.read()  # the emulator forgets what it sent when it stops

    def go_on(self, out: Out) -> None:
        """Resume what was interrupted, then the demonstration, behind the served pages."""
        threading.Thread(target=self._behind, args=(out,), name="start", daemon=True).start()

    def _behind(self, out: Out) -> None:
        try:
            run_command(Sweep(at=self.context.clock.now(), starting=True), self.context)
        except Exception:  # whatever it is, the platform serves and the clock tries again
            log.exception("the first sweep failed; the clock will do it again")
        if not self._options.seed:
            return
        try:
            seed(
                self.context,
                self.settings,
                smtp=("127.0.0.1", self._options.smtp_port),
                folder=self._options.data,
                out=out,
            )
        except Exception:  # the platform serves without it; a trace would hide the address
            log.exception("the demonstration failed")
            out("La démonstration n'a pas pu être préparée (voir facteur.log).")

    async def serve(self, listener: socket.socket, ready: Callable[[], None]) -> int:
        """Serve the pages until a signal; 1 when the emulator stopped by itself."""
        from hypercorn.asyncio import serve  # noqa: PLC0415 - 0.2 s that only serving needs
        from hypercorn.config import Config  # noqa: PLC0415

        settings = Config()
        settings.bind = [f"fd://{listener.detach()}"]  # hypercorn closes it
        settings.loglevel = "WARNING"
        settings.graceful_timeout = 3
        stop = asyncio.Event()
        quiet_stop(asyncio.get_running_loop())
        self._stop_on_signals(stop)
        watch = asyncio.create_task(self._watch(stop))
        ready()  # connections wait in the listening socket until hypercorn takes them
        await serve(self._gateway, settings, shutdown_trigger=stop.wait)
        watch.cancel()
        return 0 if self._emulator.alive() else 1

    @staticmethod
    def _stop_on_signals(stop: asyncio.Event) -> None:
        def on_signal() -> None:
            if stop.is_set():
                os._exit(130)  # asked twice: at once; nothing acknowledged is lost
            stop.set()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, on_signal)

    async def _watch(self, stop: asyncio.Event) -> None:
        rounds = 0
        while self._emulator.alive():
            await asyncio.sleep(1)
            rounds += 1
            if rounds % _KEEP_EVERY == 0:
                await asyncio.to_thread(self._kept.read)
        log.error("the emulator stopped by itself; see emulator.log")
        stop.set()


def _secret(path: Path) -> str:
    """Return the emulator's secret key, drawn at the first start, readable by its owner only."""
    if not path.exists():
        fresh = path.with_suffix(".tmp")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(30), encoding="utf-8")
        fresh.replace(path)
    return path.read_text(encoding="utf-8")


def _static_setting() -> dict[str, str]:
    current = STATIC / "current"
    if not current.is_file():
        return {}
    return {"FACTEUR_STATIC_PATH": f"/static/{current.read_text().strip()}"}


def _log_into(path: Path) -> None:
    logging.basicConfig(
        filename=path,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s [%(threadName)s] %(name)s: %(message)s",
    )
    logging.captureWarnings(capture=True)
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd notes every step of a peer
    logging.getLogger("botocore").setLevel(logging.WARNING)


@contextlib.contextmanager
def _only_one(data: Path, wait: float = 2.0) -> Iterator[None]:
    """Hold the data folder; StartError when another platform keeps it."""
    data.mkdir(parents=True, exist_ok=True)
    (data / MARK).touch()
    with (data / "lock").open("w") as lock:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    message = (
                        f"Facteur fonctionne déjà avec le dossier {data} : arrêtez-le d'abord. "
                        "(Facteur is already running on this folder.)"
                    )
                    raise StartError(message) from error
                time.sleep(0.1)
        yield


def _listener(port: int, variable: str) -> socket.socket:
    """Return a socket that listens on the port; StartError when it stays taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    deadline = time.monotonic() + 2.0  # a predecessor may be letting go of it
    while not _bound(listener, port):
        if time.monotonic() > deadline:
            listener.close()
            message = (
                f"Le port {port} est déjà pris par un autre programme : choisissez-en un autre, "
                f"par exemple « {variable}={port + 100} make run ». "
                f"(Port {port} is already in use; set {variable}.)"
            )
            raise StartError(message)
        time.sleep(0.1)
    return listener


def _bound(listener: socket.socket, port: int) -> bool:
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        return False
    return True
