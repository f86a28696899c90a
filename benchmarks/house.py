"""A house to measure: an embedded AWS that keeps nothing, the real adapters, and a meter.

The meter listens to botocore's own events, so every call is counted, whoever makes it: store,
files, queues, the at-most-once guard. A call's time runs from the moment its parameters are ready
to the moment its answer is parsed; threads are kept apart.
"""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import botocore.session
from facteur import bootstrap, config
from facteur.adapters.aws.clients import Clients
from facteur.domain import commands
from facteur.domain.dossiers import Dossier, Member, Role, mailbox_addresses
from facteur.local.demo import invoices
from facteur.local.emulator import Emulator, free_port
from facteur.local.provision import REGION, Wanted, provision
from facteur.ports import Context

ACCOUNT = "000000000000"
DOSSIER: Dossier = invoices.DOSSIER

#: Every command but the clock's: what the laptop's single process runs itself.
EVERYTHING = frozenset(
    {
        commands.ReadDocument,
        commands.CollectOcr,
        commands.ConvertDocument,
        commands.CheckInvoice,
        commands.SealDocument,
    }
)


@dataclass
class Meter:
    """What AWS was asked: calls by (service, operation), and the seconds spent there."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: float = 0.0
    _began: threading.local = field(default_factory=threading.local)

    def listen(self, session: botocore.session.Session) -> None:
        """Count every call of the session's clients, those made later included."""
        events = session.get_component("event_emitter")
        events.register_first("before-call", self._before)
        events.register_last("after-call", self._after)
        events.register_last("after-call-error", self._after)

    def _before(self, model: Any, **_: Any) -> None:
        self.calls[model.service_model.service_name, model.name] += 1
        self._began.at = time.perf_counter()

    def _after(self, **_: Any) -> None:
        self.seconds += time.perf_counter() - self._began.at

    def reset(self) -> None:
        """Forget what was counted."""
        self.calls.clear()
        self.seconds = 0.0


@dataclass(frozen=True)
class House:
    """An installation to measure."""

    context: Context
    settings: config.Settings
    environment: dict[str, str]
    clients: Clients
    meter: Meter


@contextlib.contextmanager
def house(*, here: frozenset[type] = EVERYTHING, ocr: str = "none") -> Iterator[House]:
    """Start an emulator, provision it, build the context, make the demonstration's dossier."""
    emulator = Emulator(free_port(), None)
    emulator.start()
    try:
        wanted = Wanted(
            endpoint=emulator.endpoint,
            account=ACCOUNT,
            inbound_domain="factures.example.com",
            ocr=ocr,
        )
        session = botocore.session.Session()
        session.set_credentials(ACCOUNT, "test")
        session.set_config_variable("region", REGION)
        meter = Meter()
        meter.listen(session)
        clients = Clients(endpoint_url=emulator.endpoint, session=session)
        environment = provision(wanted, clients)
        settings = config.load(environment)
        context = replace(bootstrap.context(settings, clients=clients), here=here)
        boxes = {
            address.lower(): direction
            for direction, address in mailbox_addresses(
                DOSSIER.siren, settings.inbound_domain
            ).items()
        }
        member = Member(
            dossier=DOSSIER.id, user="u", email="u@example.com", name="U", role=Role.MANAGER
        )
        context.store.save_dossier(DOSSIER, (member,), boxes)
        yield House(context, settings, environment, clients, meter)
    finally:
        emulator.stop()
