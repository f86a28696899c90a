"""The test platform beside the local one: started with it, with accounts for its companies."""

import logging
from collections.abc import Callable
from pathlib import Path

from facteur import bootstrap
from facteur.adapters.system import SystemClock, SystemIds
from facteur.local.demo.invoices import DOSSIER
from facteur.local.sandbox_pa.platform import Sandbox
from facteur.local.sandbox_pa.server import Server
from facteur.local.sandbox_pa.store import Store

log = logging.getLogger(__name__)

FOLDER = "sandbox_pa"
APPLICATION = "Facteur"  # what users let in on the consent page


def start(data: Path, port: int) -> Server:
    """Start it, its data beside the platform's; on a free port when this one is taken.

    No address of it is kept anywhere (the registry has it from the settings), so it may move.
    """
    clock, ids = SystemClock(), SystemIds()
    sandbox = Sandbox(
        data / FOLDER,
        clock,
        ids,
        pdf=lambda: bootstrap.readers().pdf,
        rulebook=bootstrap.rulebook(),
    )
    sandbox.register(DOSSIER.siren, DOSSIER.name, DOSSIER.siret)
    sandbox.application(APPLICATION)
    try:
        server = Server(sandbox, port)
    except OSError:
        log.warning("port %d is taken: the test platform takes another", port)
        server = Server(sandbox)
    server.start()
    return server


def tell(data: Path, url: str, out: Callable[[str], None]) -> None:
    """Say where it is, and how the demonstration's dossier connects to it."""
    out(f"  Plateforme de test {url}/")
    path = data / FOLDER / "sandbox.db"
    if path.exists():  # else it is another program's: its page tells the rest
        store = Store(path)
        for one in store.clients(DOSSIER.siren):
            out(f"    identifiant      {one.id}")
            out(f"    secret           {one.secret}")
        store.close()
    out("")
