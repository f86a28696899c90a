"""The test platform's command: `python -m facteur.local.sandbox_pa --data DIR`.

--company SIREN:NAME   open an account; its client id and secret are printed (may be repeated)
--application NAME     a client for a program that users let in by the consent page
--only-register        do that and end: a platform that runs on the same folder knows them
--no-rules             do not run the official rules on what is submitted
"""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from facteur import bootstrap
from facteur.adapters.system import SystemClock, SystemIds
from facteur.domain.identifiers import is_siren
from facteur.local.sandbox_pa.platform import Sandbox
from facteur.local.sandbox_pa.server import Server

PORT = 8647


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal; 0 when it ended well, 2 for a wrong argument."""
    options = _parser().parse_args(arguments)
    sandbox = Sandbox(
        options.data,
        SystemClock(),
        SystemIds(),
        pdf=lambda: bootstrap.readers().pdf,
        rulebook=None if options.no_rules else bootstrap.rulebook(),
    )
    for given in options.company:
        siren, _, name = given.partition(":")
        if not is_siren(siren) or not name:
            print(f"{given} : attendu SIREN:NOM, avec un SIREN valable", file=sys.stderr)
            return 2
        client = sandbox.register(siren, name)
        print(f"{siren} {name}\n  client_id {client.id}\n  client_secret {client.secret}")
    for name in options.application:
        client = sandbox.application(name)
        print(f"{name}\n  client_id {client.id}\n  client_secret {client.secret}")
    if options.only_register:
        return 0
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        server = Server(sandbox, options.port)
    except OSError:
        print(
            f"Le port {options.port} est déjà pris : --port en choisit un autre.", file=sys.stderr
        )
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server.start()
    print(f"Plateforme de test : {server.url}", flush=True)
    stop.wait()
    server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m facteur.local.sandbox_pa",
        description="An approved platform for tests, on this machine.",
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of its data")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--company", action="append", default=[], metavar="SIREN:NAME")
    parser.add_argument("--application", action="append", default=[], metavar="NAME")
    parser.add_argument("--only-register", action="store_true")
    parser.add_argument("--no-rules", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
