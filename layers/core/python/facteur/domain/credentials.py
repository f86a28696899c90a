"""What a person proves themself with beside the password: recovery codes and passkeys.

The password and the authenticator's secret are the identity provider's (decisions 0010, 0161).
Recovery codes stand for the authenticator's six digits when the telephone is lost; a passkey
stands for password and digits together, since it only signs once its owner proved themself to it
(fingerprint, face, PIN). Both are ours, in one value per person, with the last things that
happened to them: only that person reads it.

A recovery code is eighty random bits, so its SHA-256 is enough to keep: there is nothing to guess
offline. Letters and digits that look alike are read as one (Crockford's base 32).

An identity at a provider (OpenID Connect) opens the account once its owner linked it here.

Sources: NIST SP 800-63B, §3.1.2 (look-up secrets); W3C, Web Authentication Level 3, §6.1.1
(signature counter); https://www.crockford.com/base32.html
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from facteur.domain.errors import ForbiddenError, InvalidError, NotFoundError
from facteur.domain.faults import Fault

CODES = 10  # drawn at once
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH, _GROUP = 16, 4  # characters of a code (5 bits each), as they are shown
_LOOKS_LIKE = str.maketrans("ilo", "110")
MOST_PASSKEYS = 10
COME_BACK = "/connexion/fournisseur/{provider}/retour"  # where a provider sends the browser back
MOST_EVENTS = 20  # the last ones


class Happening(StrEnum):
    """What a person's own list of security events says."""

    TOTP_ADDED = "totp_added"
    TOTP_REMOVED = "totp_removed"
    CODES_MADE = "codes_made"
    CODE_USED = "code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"  # refused: its counter went back
    PROVIDER_ADDED = "provider_added"
    PROVIDER_REMOVED = "provider_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent:
    """Something that happened to a person's credentials."""

    name: Happening
    at: datetime
    address: str = ""  # network address
    detail: str = ""  # a passkey's name, a provider's


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey that may sign in: no secret, a public key."""

    credential: str  # the authenticator's own name for it, base64url
    public_key: str  # attested credential data (WebAuthn §6.5.1), base64url
    name: str
    created_at: datetime
    counter: int = 0  # 0 for ever on authenticators that do not count
    used_at: datetime | None = None

    @property
    def id(self) -> str:
        """What names it in a page: nothing can be done with it but remove it."""
        return hashlib.sha256(self.credential.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideIdentity:
    """Whom an identity provider knows the person as."""

    key: str  # of issuer and subject, hashed: nobody else's account may have it
    name: str  # the provider's, as the button says it
    created_at: datetime
    used_at: datetime | None = None

    @property
    def id(self) -> str:
        """What names it in a page."""
        return self.key[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A person's recovery codes, passkeys, identities elsewhere; what happened, newest first."""

    user: str
    version: int = 0  # 0: nothing is kept yet
    email: str = ""  # whom the identity provider knows by it
    codes: tuple[str, ...] = ()  # hashes of those not used yet
    passkeys: tuple[Passkey, ...] = ()
    identities: tuple[OutsideIdentity, ...] = ()
    events: tuple[SecurityEvent, ...] = ()


def noted(
    held: Credentials, name: Happening, *, at: datetime, address: str = "", detail: str = ""
) -> Credentials:
    """The same with an event, the oldest forgotten when there are too many."""
    event = SecurityEvent(name=name, at=at, address=address[:60], detail=detail)
    return replace(held, events=(event, *held.events)[:MOST_EVENTS])


# ── Recovery codes ──────────────────────────────────────────────────────────────────────────────


def code_from(drawn: Sequence[int]) -> str:
    """A code as it is shown, ``xxxx-xxxx-xxxx-xxxx``, from random bytes (sixteen at least)."""
    letters = "".join(ALPHABET[one & 31] for one in drawn[:_LENGTH])
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def typed_code(text: str) -> str:
    """A recovery code as it is hashed, from what was typed; "" for what cannot be one.

    Spaces, dashes and capitals do not count; ``o`` is read as 0, ``i`` and ``l`` as 1.
    """
    plain = "".join(one for one in text.lower() if one.isalnum()).translate(_LOOKS_LIKE)
    return plain if len(plain) == _LENGTH and set(plain) <= set(ALPHABET) else ""


def code_digest(user: str, code: str) -> str:
    """What is kept of a code: its hash, of no use on another account."""
    return hashlib.sha256(f"{user}|{typed_code(code)}".encode()).hexdigest()


def with_codes(
    held: Credentials, codes: Sequence[str], *, at: datetime, address: str
) -> Credentials:
    """New codes; those of before are worth nothing any more."""
    digests = tuple(code_digest(held.user, one) for one in codes)
    return noted(replace(held, codes=digests), Happening.CODES_MADE, at=at, address=address)


def without_code(
    held: Credentials, typed: str, *, at: datetime, address: str
) -> Credentials | None:
    """The same once a code was used; None when this is none of them."""
    used = code_digest(held.user, typed)
    if not typed_code(typed) or used not in held.codes:
        return None
    rest = tuple(one for one in held.codes if one != used)
    return noted(replace(held, codes=rest), Happening.CODE_USED, at=at, address=address)


# ── Passkeys ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Whose passkeys are: a name that they are bound to, and the only origin that may ask."""

    id: str
    origin: str  # without final slash


def relying_party(site_url: str) -> RelyingParty:
    """The relying party of a site (§5.1.2): the host of its address.

    A laptop's 127.0.0.1 becomes ``localhost``, since an address of numbers can have no passkey.
    """
    site = urlsplit(site_url)
    host = site.hostname or ""
    name = "localhost" if host in ("127.0.0.1", "::1") else host
    port = f":{site.port}" if site.port else ""
    return RelyingParty(id=name, origin=f"{site.scheme}://{name}{port}")


def room_for_passkey(held: Credentials) -> None:
    """InvalidError (``passkey.too_many``) when a person has as many as one may have."""
    if len(held.passkeys) >= MOST_PASSKEYS:
        fault = Fault(code="passkey.too_many", values={"limit": str(MOST_PASSKEYS)})
        raise InvalidError((fault,), code="passkey.too_many")


def with_passkey(held: Credentials, passkey: Passkey, *, address: str) -> Credentials:
    """One passkey more; InvalidError (``passkey.too_many``, ``passkey.known``)."""
    room_for_passkey(held)
    if any(one.credential == passkey.credential for one in held.passkeys):
        raise InvalidError((Fault(code="passkey.known"),), code="passkey.known")
    added = replace(held, passkeys=(*held.passkeys, passkey))
    return noted(
        added, Happening.PASSKEY_ADDED, at=passkey.created_at, address=address, detail=passkey.name
    )


def passkey_of(held: Credentials, credential: str) -> Passkey | None:
    """The passkey with this credential identifier, None when there is none."""
    return next((one for one in held.passkeys if one.credential == credential), None)


def copied(passkey: Passkey, counter: int) -> bool:
    """True when a signature's counter did not go on: somebody else has a copy (§6.1.1)."""
    return (counter > 0 or passkey.counter > 0) and counter <= passkey.counter


def used(held: Credentials, passkey: Passkey, *, counter: int, at: datetime) -> Credentials:
    """The same once a passkey signed in; ForbiddenError (``passkey.copied``)."""
    if copied(passkey, counter):
        raise ForbiddenError("passkey.copied")
    fresh = replace(passkey, counter=counter, used_at=at)
    return replace(
        held,
        passkeys=tuple(
            fresh if one.credential == passkey.credential else one for one in held.passkeys
        ),
    )


def without_passkey(
    held: Credentials, identifier: str, *, at: datetime, address: str
) -> Credentials:
    """One passkey less, by its public name; NotFoundError."""
    gone = next((one for one in held.passkeys if one.id == identifier), None)
    if gone is None:
        raise NotFoundError("not_found")
    rest = tuple(one for one in held.passkeys if one.id != identifier)
    return noted(
        replace(held, passkeys=rest),
        Happening.PASSKEY_REMOVED,
        at=at,
        address=address,
        detail=gone.name,
    )


# ── Identity providers ──────────────────────────────────────────────────────────────────────────


def identity_key(issuer: str, subject: str) -> str:
    """What an identity is kept and found by: its provider's and its own names, hashed."""
    return hashlib.sha256(f"{issuer}|{subject}".encode()).hexdigest()


def with_identity(held: Credentials, identity: OutsideIdentity, *, address: str) -> Credentials:
    """Another way in; an identity that is there already is only known again."""
    others = tuple(one for one in held.identities if one.key != identity.key)
    return noted(
        replace(held, identities=(*others, identity)),
        Happening.PROVIDER_ADDED,
        at=identity.created_at,
        address=address,
        detail=identity.name,
    )


def entered_by(held: Credentials, key: str, *, at: datetime) -> Credentials:
    """The same once an identity signed in; NotFoundError for one that is not there."""
    if not any(one.key == key for one in held.identities):
        raise NotFoundError("not_found")
    return replace(
        held,
        identities=tuple(
            replace(one, used_at=at) if one.key == key else one for one in held.identities
        ),
    )


def without_identity(
    held: Credentials, identifier: str, *, at: datetime, address: str
) -> tuple[Credentials, str]:
    """One way in less, by its public name, and its key; NotFoundError."""
    gone = next((one for one in held.identities if one.id == identifier), None)
    if gone is None:
        raise NotFoundError("not_found")
    rest = tuple(one for one in held.identities if one.id != identifier)
    name, detail = Happening.PROVIDER_REMOVED, gone.name
    after = noted(replace(held, identities=rest), name, at=at, address=address, detail=detail)
    return after, gone.key
