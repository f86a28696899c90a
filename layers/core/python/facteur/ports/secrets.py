"""Secrets that we must be able to use again: passwords of other people's mailboxes, tokens."""

from typing import Protocol


class Secrets(Protocol):
    """Encrypts what is kept for a dossier; only the same dossier and purpose open it again."""

    def seal(self, secret: str, *, dossier: str, purpose: str) -> str:
        """The secret, encrypted, as text to keep; InvalidError above 4 kB; UnavailableError."""
        ...

    def open(self, sealed: str, *, dossier: str, purpose: str) -> str:
        """The secret again; ForbiddenError (``secret.unreadable``) when it is not of this dossier
        and purpose, or was altered; UnavailableError."""
        ...
