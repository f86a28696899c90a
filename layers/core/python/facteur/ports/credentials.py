"""Recovery codes and passkeys: where they are kept, and who checks what a passkey signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from facteur.domain.credentials import Credentials


class CredentialBook(Protocol):
    """What a person proves themself with beside what the identity provider holds."""

    def load(self, user: str) -> Credentials:
        """A person's, read consistently; empty when nothing is kept."""
        ...

    def save(self, held: Credentials, *, claim: str = "", free: str = "") -> Credentials:
        """Write them, with the version they have now; StaleVersionError (``account.stale``).

        ``claim``: the key of an identity that becomes this person's; DuplicateError
        (``provider.taken``) when it is somebody else's. ``free``: one that is given back.
        """
        ...

    def user_of(self, identity: str) -> str:
        """Whose identity this key is, "" when nobody's."""
        ...


class Provider(Protocol):
    """An identity provider that an installation trusts with its people's sign-in."""

    @property
    def id(self) -> str:
        """What names it in the addresses of our pages."""
        ...

    @property
    def name(self) -> str:
        """What its button says."""
        ...

    @property
    def issuer(self) -> str:
        """Its own name for itself."""
        ...

    def address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in; UnavailableError."""
        ...

    def subject(self, *, code: str, nonce: str, verifier: str) -> str:
        """Who came back with this code; InvalidError (``provider.refused``), UnavailableError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """What a browser is asked, and the challenge that its answer must hold."""

    options: Mapping[str, object]  # as ``navigator.credentials`` wants it, bytes in base64url
    challenge: str  # base64url


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """What an authenticator made: see ``domain.credentials.Passkey``."""

    credential: str
    public_key: str
    counter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Whom an answer says it is of: nothing is proved yet."""

    user: str
    credential: str


class Passkeys(Protocol):
    """Web Authentication's ceremonies, for the site whose address was given at first."""

    def creation(
        self, *, user: str, email: str, name: str, known: Sequence[str], challenge: bytes
    ) -> Ceremony:
        """Ask an authenticator for a new passkey; ``known`` credentials are not made twice."""
        ...

    def created(self, answer: str, challenge: str) -> NewPasskey:
        """Check what the browser answered (JSON); InvalidError (``passkey.refused``)."""
        ...

    def question(self, challenge: bytes) -> Ceremony:
        """Ask for a signature by any passkey of this site."""
        ...

    def claimed(self, answer: str) -> Claimed:
        """Whom the answer names, to look its key up; InvalidError (``passkey.refused``)."""
        ...

    def signed(self, answer: str, challenge: str, public_key: str) -> int:
        """Check the signature; the authenticator's counter. InvalidError (``passkey.refused``)."""
        ...
