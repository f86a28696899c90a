"""Signing in elsewhere: identity providers that the installation trusts (decisions 0212, 0284).

Somebody first links an identity to his own account, password and code proved; from then on it
opens that account. What the provider says of addresses is never asked: nobody enters an account
because a provider gives him its address.

The way there and back is a ticket of ten minutes, whose token is OpenID Connect's ``state``,
bound to the browser by the token of its forms and taken by whoever comes back first. It names the
provider that one left for; each comes back by an address of its own, so that the code of one is
never given to another.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from facteur.domain import credentials as rules
from facteur.domain.credentials import Happening, OutsideIdentity, identity_key
from facteur.domain.errors import InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.ports import Context, Provider, Session, Ticket
from facteur.services.access import limits, tickets
from facteur.services.access.accounts import tell_access
from facteur.services.access.authenticator import prove
from facteur.services.access.signing_in import (
    Opened,
    digest,
    open_session,
    owner,
    renewed,
)

WAY_LIFE = timedelta(minutes=10)
_LINK, _SIGN_IN = "provider_link", "provider_sign_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """Who came back: the session, the page to go to, and whether an identity was linked."""

    opened: Opened
    back: str
    linked: bool


def leave(provider: str, *, binding: str, back: str, address: str, context: Context) -> str:
    """Where to go to sign in by a provider, then come back to a page of ours.

    NotFoundError for one that the installation does not have; ForbiddenError (throttled);
    UnavailableError.
    """
    limits.throttle_place("provider", address, context)
    values = {"binding": digest(binding), "back": back}
    return _leave(_SIGN_IN, provider_of(provider, context), values, context)


def leave_to_link(
    held: Session,
    provider: str,
    *,
    password: str,
    code: str,
    binding: str,
    address: str,
    context: Context,
) -> str:
    """Where to go to link an identity to one's own account, password and code proved.

    InvalidError as ``prove``; NotFoundError for no such provider; UnavailableError.
    """
    known = provider_of(provider, context)
    prove(held, password, code, address=address, context=context)
    return _leave(_LINK, known, {"binding": digest(binding), "user": held.user}, context)


def _leave(kind: str, provider: Provider, values: dict[str, str], context: Context) -> str:
    way = {"nonce": secrets.token_urlsafe(32), "verifier": secrets.token_urlsafe(48)}
    whole = {**values, **way, "provider": provider.id}
    state = tickets.issue(kind, WAY_LIFE, whole, context)
    return provider.address(state=state, nonce=way["nonce"], verifier=way["verifier"])


def come_back(
    came_from: str,
    *,
    state: str,
    code: str,
    issuer: str,
    binding: str,
    held: Session | None,
    address: str,
    agent: str,
    context: Context,
) -> CameBack:
    """A provider sent the browser back: sign in, or link (``held``: who is signed in).

    ``came_from``: the provider of the address that it was sent to. InvalidError
    (``sign_in.too_late``, ``provider.refused``, ``provider.unknown``: nobody linked it),
    DuplicateError (``provider.taken``), UnavailableError.
    """
    provider = provider_of(came_from, context)
    ticket = _taken(state, binding, context)
    if ticket.values["provider"] != provider.id:
        raise InvalidError((), code="sign_in.too_late")
    if not code or (issuer and issuer != provider.issuer):  # RFC 9207
        raise _refused("provider.refused")
    way = ticket.values
    subject = provider.subject(code=code, nonce=way["nonce"], verifier=way["verifier"])
    key = identity_key(provider.issuer, subject)
    if ticket.kind == _LINK:
        if held is None or held.user != way["user"]:
            raise InvalidError((), code="sign_in.too_late")
        _link(held, key, provider, address, context)
        return CameBack(opened=renewed(held, context), back="/compte", linked=True)
    opened = _enter(key, address, agent, context)
    limits.place_right("provider", address, context)
    return CameBack(opened=opened, back=way["back"], linked=False)


def _link(held: Session, key: str, provider: Provider, address: str, context: Context) -> None:
    there = replace(context.credentials.load(held.user), email=held.email)
    identity = OutsideIdentity(key=key, name=provider.name, created_at=context.clock.now())
    linked = rules.with_identity(there, identity, address=address)
    context.credentials.save(linked, claim=key)
    tell_access(held, Happening.PROVIDER_ADDED, provider.name, context)


def _enter(key: str, address: str, agent: str, context: Context) -> Opened:
    user = context.credentials.user_of(key)
    there = context.credentials.load(user) if user else None
    person = None if there is None else owner(there, context)
    if there is None or person is None:
        raise _refused("provider.unknown")
    context.credentials.save(rules.entered_by(there, key, at=context.clock.now()))
    return open_session(person, address=address, agent=agent, context=context)


def unlink(held: Session, identifier: str, *, address: str, context: Context) -> None:
    """Take one's own identity away by its public name; NotFoundError."""
    there, now = context.credentials.load(held.user), context.clock.now()
    after, key = rules.without_identity(there, identifier, at=now, address=address)
    context.credentials.save(after, free=key)


def _taken(state: str, binding: str, context: Context) -> Ticket:
    """The way that was left for, taken whatever comes back; InvalidError."""
    ticket = context.tickets.take(digest(state)) if state else None
    ours = ticket is not None and ticket.kind in (_LINK, _SIGN_IN)
    if ticket is None or not ours or not binding or ticket.values["binding"] != digest(binding):
        raise InvalidError((), code="sign_in.too_late")
    return ticket


def provider_of(identifier: str, context: Context) -> Provider:
    """A provider of the installation; NotFoundError."""
    for one in context.providers:
        if one.id == identifier:
            return one
    raise NotFoundError("not_found")


def _refused(code: str) -> InvalidError:
    return InvalidError((Fault(code=code),), code=code)
