"""The only place where ports meet adapters, and what the doors call.

``context`` builds the ports of one function from its settings, once per process. What is heavy
(the PDF child, the official rules, OCR: 100 to 500 ms of imports) stands behind a ``Lazy``
(later.py) that makes it when it is first asked for something; a page never pays for saxonche.
Importing this module reads neither the environment nor the network, and loads no AWS library.

A door holds a ``Function``, which hands every command to services/run.py, one after the other,
with its identifier in the logs.
"""
# ruff: noqa: PLC0415 - each import stands where its price is paid

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from facteur import config, observability
from facteur.adapters.beside import in_a_thread
from facteur.adapters.system import SystemClock, SystemIds
from facteur.bootstrap import later
from facteur.bootstrap.later import Lazy as Lazy
from facteur.bootstrap.later import rulebook as rulebook
from facteur.config import Settings
from facteur.domain.commands import (
    ApplyStatus,
    Command,
    ConvertDocument,
    DrawPages,
    IndexWords,
    LearnFromDocument,
    ReadDocument,
    ReceiveMail,
    ReceiveUpload,
    Scheduled,
    SealDocument,
    SealFile,
    WriteParts,
)
from facteur.ports import Clock, Context, Limits, Readers

if TYPE_CHECKING:
    from facteur.adapters.aws.clients import Clients
    from facteur.web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What sets a function apart: its time-out, and the commands it runs itself, unqueued.

    Follow-ups run in the same invocation until one needs another function or a delay
    (decision 24): CheckInvoice needs the rules, CollectOcr comes later.
    """

    seconds: int  # as in functions/<name>/.chalice/config.json
    here: frozenset[type] = frozenset()


ROLES: Mapping[str, Role] = {
    "web": Role(seconds=29),
    "inbound": Role(seconds=60),
    "pipeline": Role(
        seconds=300,
        here=frozenset(
            {
                ApplyStatus,
                ReadDocument,
                ConvertDocument,
                DrawPages,
                IndexWords,
                WriteParts,
                SealDocument,
                SealFile,
                LearnFromDocument,
            }
        ),
    ),
    "rulebook": Role(seconds=60),
    "schedule": Role(seconds=120),
    "": Role(seconds=300),  # no door: the local platform itself, tools, tests
}

_building = threading.RLock()


def context(settings: Settings, function: str = "") -> Context:
    """The ports of a function ("web", "inbound", "pipeline", "rulebook", "schedule"), made once.

    KeyError for a function that does not exist.
    """
    with _building:
        return _context(settings, function)


@lru_cache(maxsize=16)
def _context(settings: Settings, function: str) -> Context:
    from facteur.adapters.aws.addresses import AwsAddressBook
    from facteur.adapters.aws.blobs import AwsBlobs
    from facteur.adapters.aws.changelog import AwsChangelog
    from facteur.adapters.aws.connections import AwsConnections
    from facteur.adapters.aws.credentials import AwsCredentialBook
    from facteur.adapters.aws.ereporting import AwsEReporting
    from facteur.adapters.aws.exports import AwsExports
    from facteur.adapters.aws.flow_ledger import AwsFlowLedger
    from facteur.adapters.aws.forwarding import AwsForwardings
    from facteur.adapters.aws.hooks import AwsHooks
    from facteur.adapters.aws.identity import CognitoIdentity
    from facteur.adapters.aws.keys import AwsApiKeys
    from facteur.adapters.aws.mailboxes import AwsMailboxBook
    from facteur.adapters.aws.mailer import SesMailer
    from facteur.adapters.aws.notifications import AwsNotifications
    from facteur.adapters.aws.once import AwsOnce
    from facteur.adapters.aws.parties import AwsParties
    from facteur.adapters.aws.people import AwsPeople
    from facteur.adapters.aws.preferences import AwsJournal, AwsPreferences
    from facteur.adapters.aws.queue import AwsQueue
    from facteur.adapters.aws.search import AwsViews, AwsWords
    from facteur.adapters.aws.secrets import KmsSecrets
    from facteur.adapters.aws.sessions import AwsSessions, AwsTickets
    from facteur.adapters.aws.store import AwsStore
    from facteur.adapters.aws.table import Table
    from facteur.adapters.webauthn import WebAuthn

    role, clients, limits = ROLES[function], _clients(settings), _limits(settings)
    table = Table(clients, settings.table)
    return Context(
        store=AwsStore(table),
        blobs=AwsBlobs(clients, intake=settings.intake_bucket, archive=settings.archive_bucket),
        queue=AwsQueue(
            clients,
            commands_url=settings.commands_queue_url,
            checks_url=settings.checks_queue_url,
        ),
        once=AwsOnce(clients, settings.ephemeral_table, lease_seconds=role.seconds),
        pdf=later.pdf(limits),
        ocr=later.ocr(settings, clients, limits),
        rulebook=later.rulebook(),
        identity=CognitoIdentity(
            clients, pool_id=settings.user_pool_id, client_id=settings.user_pool_client_id
        ),
        credentials=AwsCredentialBook(table),
        passkeys=WebAuthn(settings.site_url),
        sessions=AwsSessions(Table(clients, settings.ephemeral_table), clock()),
        tickets=AwsTickets(Table(clients, settings.ephemeral_table), clock()),
        people=AwsPeople(table),
        mailer=SesMailer(
            clients,
            clock(),
            sender=settings.mail_sender or f"ne-pas-repondre@{settings.inbound_domain}",
            reply_to=settings.support_email,
            configuration_set=f"facteur-{settings.stage}",
        ),
        companies=later.companies(settings),
        preferences=AwsPreferences(table),
        journal=AwsJournal(table),
        notifications=AwsNotifications(table),
        parties=AwsParties(table),
        words=AwsWords(table),
        views=AwsViews(table),
        exports=AwsExports(table),
        ereporting=AwsEReporting(table),
        forwardings=AwsForwardings(table),
        sftp=later.sftp(),
        addresses=AwsAddressBook(table),
        keys=AwsApiKeys(table),
        secrets=KmsSecrets(clients, f"alias/facteur-{settings.stage}"),
        mailboxes=AwsMailboxBook(table),
        flows=AwsFlowLedger(table, clock()),
        changelog=AwsChangelog(table),
        hooks=AwsHooks(table, Table(clients, settings.ephemeral_table)),
        receivers=later.receivers(),
        mail_servers=later.mail_servers(limits),
        mail_consents=later.mail_consents(settings),
        connections=AwsConnections(table, Table(clients, settings.ephemeral_table)),
        platforms=later.platforms(settings.sandbox_pa),
        clock=clock(),
        ids=SystemIds(),
        inbound_domain=settings.inbound_domain,
        site_url=settings.site_url,
        lock_mode=settings.lock_mode,
        retention_days=settings.retention_days,
        sign_up_open=settings.sign_up == "open",
        providers=later.providers(settings),
        support=" · ".join(
            filter(None, (settings.support_email, settings.support_phone, settings.support_cost))
        ),
        limits=limits,
        here=role.here,
        beside=in_a_thread,
    )


class Function:
    """What a door calls: the commands of one event, run in this process.

    Made when the door is imported; the settings are read, and the ports built, at an event.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def run(self, *commands: Command) -> None:
        """Run what a trigger brought; what must be tried again is raised."""
        from facteur.services.run import run

        context, seen = self._start()
        for command in commands:
            with seen.running(_origin(command), type(command).__name__):
                run(command, context)

    def run_scheduled(self, *commands: Scheduled, last: bool = False) -> None:
        """Run commands of the queue, each at most once; what must be tried again is raised.

        ``last``: they will not be delivered again, so their documents are given up, visibly.
        """
        from facteur.services.run import run_scheduled

        context, seen = self._start()
        for scheduled in commands:
            with seen.running(scheduled.id, type(scheduled.command).__name__):
                run_scheduled(scheduled, context, last=last)

    def _start(self) -> tuple[Context, observability.Observability]:
        settings = config.load()
        return context(settings, self._name), _seen(self._name, settings.trace)


def web() -> "Site":
    """The site that the pages are served from, its settings read from the environment."""
    return _site(config.load())


@lru_cache(maxsize=16)
def _site(settings: Settings) -> "Site":
    from facteur.web.site import Site

    _seen("web", settings.trace)
    return Site(
        context=context(settings, "web"),
        site_url=settings.site_url,
        static_path=settings.static_path,
        static_folder=_static_folder(),
        support_email=settings.support_email,
        support_phone=settings.support_phone,
        support_cost=settings.support_cost,
        sign_up_open=settings.sign_up == "open",
        sent_mails=settings.sent_mails,
    )


def _static_folder() -> str:
    """Where the static files' layer was unpacked; "" where a server has them (the laptop)."""
    layer = find_spec("facteur_static")
    places = layer.submodule_search_locations if layer else None
    return next(iter(places)) if places else ""


@lru_cache(maxsize=16)
def _seen(function: str, trace: int) -> observability.Observability:
    return observability.Observability(function, cloud=config.in_lambda(), trace=bool(trace))


def readers(limits: Limits | None = None) -> Readers:
    """What reading and converting need, without any platform: for the command line.

    OCR is the embedded engine where it is installed, None elsewhere.
    """
    limits = limits or Limits()
    embedded = find_spec("rapidocr") is not None
    ocr = later.embedded_ocr(limits) if embedded else None
    return Readers(pdf=later.pdf(limits), ocr=ocr, limits=limits, beside=in_a_thread)


def clock() -> Clock:
    """The time of this machine."""
    return SystemClock()


def _origin(command: Command) -> str:
    """What the logs call a command that has no identifier: the object that it is about."""
    key = command.key if isinstance(command, ReceiveMail | ReceiveUpload) else ""
    return key or type(command).__name__


@lru_cache(maxsize=16)
def _clients(_settings: Settings) -> "Clients":
    """One set of AWS clients for all functions of a process; another with other settings."""
    from facteur.adapters.aws.clients import Clients

    return Clients()


def _limits(settings: Settings) -> Limits:
    return Limits(
        mail_bytes=settings.mail_bytes,
        upload_bytes=settings.upload_bytes,
        ocr_pages=settings.ocr_pages,
    )
