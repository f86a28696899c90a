"""What is heavy or far away, made when it is first asked for something.

The PDF child, the official rules, OCR, mail servers, registers: 100 to 500 ms of imports that a
page never pays. Each function answers a ``Lazy`` that stands for its port; SettingsError for a
setting that names what does not exist.
"""
# ruff: noqa: PLC0415 - each import stands where its price is paid

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from facteur import config
from facteur.adapters.system import SystemClock, SystemIds
from facteur.config import Settings
from facteur.domain.credentials import COME_BACK
from facteur.ports import (
    Companies,
    Limits,
    MailConsents,
    MailServers,
    Ocr,
    Pdf,
    Platforms,
    Provider,
    Receivers,
    Rulebook,
    SftpServers,
)

if TYPE_CHECKING:
    from facteur.adapters.aws.clients import Clients


class Lazy:
    """Stands for something heavy until it is asked for an attribute; makes it once."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._made: object | None = None
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return getattr(self._made, name)


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    """The official rules, loaded when they are first asked."""

    def make() -> object:
        from facteur.adapters.saxon import SaxonRulebook

        return SaxonRulebook()

    return cast("Rulebook", Lazy(make))


def companies(settings: Settings) -> Companies | None:
    """The register that the settings name; SettingsError for one that does not exist."""
    if settings.companies == "none":
        return None
    if settings.companies not in ("sandbox", "recherche-entreprises"):
        raise config.SettingsError("settings.companies", value=settings.companies)

    def make() -> object:
        if settings.companies == "sandbox":
            from facteur.adapters.connectors.companies.sandbox import SandboxCompanies

            return SandboxCompanies()
        from facteur.adapters.connectors.companies.recherche_entreprises import (
            RechercheEntreprises,
        )

        return RechercheEntreprises()

    return cast("Companies", Lazy(make))


def providers(settings: Settings) -> tuple[Provider, ...]:
    """The identity providers that the settings name; SettingsError for what is badly written."""
    from facteur.adapters.connectors.oidc_providers import Registered, registered

    try:
        known = registered(settings.oidc_providers)
    except ValueError as error:
        raise config.SettingsError("settings.oidc_providers", reason=str(error)) from error

    def lazy(one: Registered) -> Provider:
        def make() -> object:
            from facteur.adapters.connectors.oidc import OpenIdProvider

            return OpenIdProvider(
                identifier=one.id,
                name=one.name,
                issuer=one.issuer,
                client_id=one.client_id,
                client_secret=one.client_secret,
                come_back=f"{settings.site_url}{COME_BACK.format(provider=one.id)}",
                clock=SystemClock(),
            )

        return cast("Provider", Lazy(make))

    return tuple(lazy(one) for one in known)


def mail_servers(limits: Limits) -> MailServers:
    """IMAP, loaded when a mailbox is fetched."""

    def make() -> object:
        from facteur.adapters.imap import ImapServers

        return ImapServers(limits)

    return cast("MailServers", Lazy(make))


def mail_consents(settings: Settings) -> MailConsents:
    """Mailboxes opened by consent; SettingsError for providers that are not well written."""
    from facteur.adapters.connectors.mail_providers import registered

    nearby = not config.in_lambda()
    try:
        known = registered(settings.mail_providers, plain=nearby)
    except ValueError as error:
        raise config.SettingsError("settings.mail_providers", reason=str(error)) from error

    def make() -> object:
        from facteur.adapters.connectors.http import Http
        from facteur.adapters.connectors.mail_consents import HttpMailConsents

        return HttpMailConsents(Http(SystemClock(), SystemIds(), nearby=nearby), known)

    return cast("MailConsents", Lazy(make))


def sftp() -> SftpServers:
    """SFTP, loaded when something is sent; on one's own machine, to private servers too."""

    def make() -> object:
        from facteur.adapters.sftp import ParamikoServers

        return ParamikoServers(private=not config.in_lambda())

    return cast("SftpServers", Lazy(make))


def receivers() -> Receivers:
    """Programs that asked to be called; on one's own machine, private ones too."""

    def make() -> object:
        from facteur.adapters.connectors.http import Http
        from facteur.adapters.connectors.receivers import HttpReceivers

        return HttpReceivers(Http(SystemClock(), SystemIds(), nearby=not config.in_lambda()))

    return cast("Receivers", Lazy(make))


@lru_cache(maxsize=4)
def platforms(sandbox_url: str = "") -> Platforms:
    """The approved platforms, loaded when one is asked; one registry keeps their tokens.

    ``sandbox_url``: where the test platform is, "" where there is none.
    """

    def make() -> object:
        from facteur.adapters.connectors.registry import PlatformRegistry

        return PlatformRegistry(
            SystemClock(), SystemIds(), nearby=not config.in_lambda(), sandbox_url=sandbox_url
        )

    return cast("Platforms", Lazy(make))


@lru_cache(maxsize=4)
def pdf(limits: Limits) -> Pdf:
    """The PDF libraries, in a child of their own."""

    def make() -> object:
        from facteur.adapters.pdf.client import ChildPdf

        return ChildPdf(limits)

    return cast("Pdf", Lazy(make))


def ocr(settings: Settings, clients: "Clients", limits: Limits) -> Ocr | None:
    """The engine that the settings name; SettingsError for one that does not exist."""
    if settings.ocr == "none":
        return None
    if settings.ocr == "embedded":
        return embedded_ocr(limits)
    if settings.ocr != "textract":
        raise config.SettingsError("settings.ocr", value=settings.ocr)

    def make() -> object:
        from facteur.adapters.aws.ocr_textract import TextractOcr

        return TextractOcr(
            clients("textract"), settings.archive_bucket, witness=settings.textract_witness
        )

    return cast("Ocr", Lazy(make))


@lru_cache(maxsize=4)
def embedded_ocr(limits: Limits) -> Ocr:
    """The laptop's own engine."""

    def make() -> object:
        from facteur.adapters.ocr_embedded import EmbeddedOcr

        return EmbeddedOcr(limits)

    return cast("Ocr", Lazy(make))
