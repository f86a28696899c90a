"""A house to measure: an embedded AWS that keeps nothing, the real adapters, and a meter on AWS.

The meter stands where every botocore client calls from, so each call is counted, whoever makes it:
store, files, queues, the at-most-once guard. A call's time is what the caller waits for.
"""

import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import botocore.client
import botocore.response
from facteur import bootstrap, config
from facteur.adapters.aws.clients import Clients
from facteur.domain import commands
from facteur.domain.dossiers import Dossier, Member, Role, mailbox_addresses
from facteur.local.demo import invoices
from facteur.local.emulator import Emulator, free_port
from facteur.local.provision import Wanted, provision
from facteur.ports import Context

ACCOUNT = "000000000000"
DOMAIN = "factures.example.com"
DOSSIER: Dossier = invoices.DOSSIER

#: Every follow-up, run in one process: the way of an invoice without any queue.
EVERYTHING = frozenset(
    {
        commands.ReadDocument,
        commands.ConvertDocument,
        commands.CheckInvoice,
        commands.SealDocument,
    }
)


def say(text: str) -> None:
    """What is going on, beside the section."""
    print(f"   {text}", file=sys.stderr, flush=True)


@dataclass
class Meter:
    """What AWS was asked: calls by (service, operation), the seconds spent there, and how many of
    them this process computed (the client's side). What S3 gives is waited for as it is read."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: float = 0.0
    processor: float = 0.0

    def listen(self) -> None:
        """Count every call of every client of this process from now on."""
        ask = botocore.client.BaseClient._make_api_call

        take = botocore.response.StreamingBody.read

        def counted(client: Any, operation: str, given: Any) -> Any:
            self.calls[client.meta.service_model.service_name, operation] += 1
            with self._timed():
                return ask(client, operation, given)

        def taken(body: Any, amt: int | None = None) -> bytes:
            with self._timed():
                return take(body, amt)

        botocore.client.BaseClient._make_api_call = counted
        botocore.response.StreamingBody.read = taken

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        began, computed = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began
            self.processor += time.process_time() - computed

    def reset(self) -> None:
        """Forget what was counted."""
        self.calls.clear()
        self.seconds = self.processor = 0.0


@dataclass(frozen=True)
class House:
    """An installation to measure."""

    settings: config.Settings
    environment: dict[str, str]
    clients: Clients
    meter: Meter

    def context(self, function: str = "", here: frozenset[type] | None = None) -> Context:
        """The ports of a function, with the follow-ups it runs itself."""
        made = bootstrap.context(self.settings, function)
        return made if here is None else replace(made, here=here)


@contextlib.contextmanager
def house(*, ocr: str = "none", sandbox_pa: str = "") -> Iterator[House]:
    """Start an emulator, provision it, make the demonstration's dossier.

    ``sandbox_pa``: where a test platform is, "" for none.
    """
    emulator = Emulator(free_port(), None)
    emulator.start()
    try:
        wanted = Wanted(
            endpoint=emulator.endpoint, account=ACCOUNT, inbound_domain=DOMAIN, ocr=ocr
        )
        os.environ.update(wanted.access())
        clients = Clients()
        environment = {**provision(wanted, clients), "FACTEUR_SANDBOX_PA": sandbox_pa}
        os.environ.update(environment)
        meter = Meter()
        meter.listen()
        made = House(config.load(environment), environment, clients, meter)
        save_dossier(made.context())
        yield made
    finally:
        emulator.stop()


def save_dossier(context: Context) -> None:
    """The demonstration's dossier, with one member and its mailboxes."""
    addresses = mailbox_addresses(DOSSIER.siren, context.inbound_domain)
    member = Member(
        dossier=DOSSIER.id, user="u", email="u@example.com", name="U", role=Role.MANAGER
    )
    boxes = {address.lower(): direction for direction, address in addresses.items()}
    context.store.save_dossier(DOSSIER, (member,), boxes)
