"""Webhooks out: subscriptions, their calls, and the way to their receivers."""

from collections.abc import Mapping
from typing import Protocol

from facteur.domain.hooks import Hook, HookDelivery


class Hooks(Protocol):
    """What is kept of subscriptions and of the calls made for them."""

    def of_dossier(self, dossier: str) -> tuple[Hook, ...]:
        """The subscriptions of a dossier, oldest first."""
        ...

    def hook(self, dossier: str, identifier: str) -> Hook | None:
        """A subscription, None when there is none of this name in this dossier."""
        ...

    def save(self, hook: Hook) -> None:
        """Keep a new subscription."""
        ...

    def remove(self, hook: Hook) -> None:
        """Forget a subscription; its calls stay listed."""
        ...

    def delivery(self, dossier: str, identifier: str) -> HookDelivery | None:
        """A call, None when there is none of this name in this dossier."""
        ...

    def keep(self, delivery: HookDelivery) -> None:
        """Keep a call as it stands, 30 days."""
        ...

    def deliveries(self, dossier: str, *, limit: int = 100) -> tuple[HookDelivery, ...]:
        """The last calls, newest first."""
        ...


class Receivers(Protocol):
    """Other people's programs that asked to be called."""

    def call(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST a JSON body once; the status that came back.

        UnavailableError when nothing came back in time; InvalidError (``platform.address``) for
        an address that we do not go to.
        """
        ...
