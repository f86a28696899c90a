"""Who signs in: the identity provider, sessions, attempts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser: stored by the hash of its cookie's token."""

    digest: str
    user: str
    email: str
    name: str
    dossier: str
    csrf: str
    created_at: datetime
    expires_at: datetime


class Sessions(Protocol):
    """Short-lived rows: sessions, sign-in throttling."""

    def save(self, session: Session) -> None:
        """Store a session."""
        ...

    def load(self, digest: str) -> Session | None:
        """The session, None when unknown or expired."""
        ...

    def drop(self, digest: str) -> None:
        """Sign out."""
        ...

    def hit(self, name: str, *, window_seconds: int) -> int:
        """Count an attempt under a name in the current window; the count after it."""
        ...

    def forget(self, name: str, *, window_seconds: int) -> None:
        """Take back the attempts counted under a name in the current window."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who signed in, as the identity provider knows them."""

    subject: str
    email: str
    name: str


class Identity(Protocol):
    """Credentials belong to the identity provider (Cognito); roles and sessions are ours."""

    def sign_in(self, email: str, password: str) -> Person | None:
        """The person, None when address and password do not go together; UnavailableError."""
        ...

    def create(self, email: str, name: str, password: str) -> Person:
        """Create a confirmed user (first start, invitations); answers the existing one."""
        ...
