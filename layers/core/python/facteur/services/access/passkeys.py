"""Passkeys: adding one, signing in by one, taking one away (decision 0211).

A ceremony has two steps. The first draws a challenge and keeps it as a ticket, bound to the
browser that asked by the token of its forms; the second takes the ticket, right or wrong, so that
a challenge is answered once. Adding a passkey asks for all that a sign-in asks, since it opens the
account by itself from then on.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from facteur.domain import credentials as rules
from facteur.domain.credentials import Happening, Passkey
from facteur.domain.errors import ForbiddenError, InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.people import checked_name, raise_all
from facteur.ports import Context, Person, Session, Ticket
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

QUESTION_LIFE = timedelta(minutes=5)
_ADD, _SIGN_IN = "passkey", "passkey_sign_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the browser is asked, and the token that comes back with its answer."""

    token: str
    options: Mapping[str, object]
    name: str = ""


# ── Adding and taking away ──────────────────────────────────────────────────────────────────────


def begin(
    held: Session,
    *,
    name: str,
    password: str,
    code: str,
    binding: str,
    address: str,
    context: Context,
) -> Asked:
    """Begin to add a passkey, password and code proved; ``binding``: the forms' token.

    InvalidError (``name.missing``, ``passkey.too_many``, and those of ``prove``).
    """
    faults: list[Fault] = []
    label = checked_name(name, faults)
    raise_all(faults)
    there = context.credentials.load(held.user)
    rules.room_for_passkey(there)
    prove(held, password, code, address=address, context=context)
    asked = context.passkeys.creation(
        user=held.user,
        email=held.email,
        name=held.name or held.email,
        known=[one.credential for one in there.passkeys],
        challenge=secrets.token_bytes(32),
    )
    values = {
        "challenge": asked.challenge,
        "binding": digest(binding),
        "user": held.user,
        "name": label,
    }
    token = tickets.issue(_ADD, QUESTION_LIFE, values, context)
    return Asked(token=token, options=asked.options, name=label)


def finish(
    held: Session, token: str, answer: str, *, binding: str, address: str, context: Context
) -> Opened:
    """Keep the passkey that an authenticator made; the session goes on renewed.

    InvalidError (``passkey.refused``, ``passkey.known``, ``passkey.too_many``), NotFoundError
    (``link.over``).
    """
    ticket = _answered(token, _ADD, binding, context)
    if ticket.values["user"] != held.user:
        raise NotFoundError("link.over")
    made = context.passkeys.created(answer, ticket.values["challenge"])
    passkey = Passkey(
        credential=made.credential,
        public_key=made.public_key,
        name=ticket.values["name"],
        created_at=context.clock.now(),
        counter=made.counter,
    )
    there = replace(context.credentials.load(held.user), email=held.email)
    context.credentials.save(rules.with_passkey(there, passkey, address=address))
    tell_access(held, Happening.PASSKEY_ADDED, passkey.name, context)
    return renewed(held, context)


def remove(held: Session, identifier: str, *, address: str, context: Context) -> None:
    """Take one's own passkey away by its public name; NotFoundError."""
    there, now = context.credentials.load(held.user), context.clock.now()
    context.credentials.save(rules.without_passkey(there, identifier, at=now, address=address))


# ── Signing in ──────────────────────────────────────────────────────────────────────────────────


def ask(*, binding: str, address: str, context: Context) -> Asked:
    """A challenge for whoever wants to sign in by a passkey; ForbiddenError (throttled)."""
    limits.throttle_place("passkey", address, context)
    asked = context.passkeys.question(secrets.token_bytes(32))
    values = {"challenge": asked.challenge, "binding": digest(binding)}
    token = tickets.issue(_SIGN_IN, QUESTION_LIFE, values, context)
    return Asked(token=token, options=asked.options)


def sign_in(
    token: str, answer: str, *, binding: str, address: str, agent: str, context: Context
) -> Opened:
    """Open the session of whom the passkey belongs to: no password, no code.

    InvalidError (``passkey.refused``, ``sign_in.too_late``), ForbiddenError (``passkey.copied``,
    ``sign_in.throttled``).
    """
    try:
        ticket = _answered(token, _SIGN_IN, binding, context)
    except NotFoundError:
        raise InvalidError((), code="sign_in.too_late") from None
    claimed = context.passkeys.claimed(answer)
    # Not by the user, whom anybody may claim to be: that would lock this way in for its owner.
    made = limits.attempt("passkey", claimed.credential, address, context)
    person = _proved(claimed.user, claimed.credential, answer, ticket, address, context)
    limits.right(made, context)
    limits.place_right("passkey", address, context)
    return open_session(person, address=address, agent=agent, context=context)


def _proved(
    user: str, credential: str, answer: str, ticket: Ticket, address: str, context: Context
) -> Person:
    """The person whose passkey signed the challenge; InvalidError for anybody else."""
    try:
        there = context.credentials.load(user)
    except NotFoundError:  # what nobody's identifier looks like
        raise _refused() from None
    passkey = rules.passkey_of(there, credential)
    if passkey is None:
        raise _refused()
    count = context.passkeys.signed(answer, ticket.values["challenge"], passkey.public_key)
    now = context.clock.now()
    try:
        fresh = rules.used(there, passkey, counter=count, at=now)
    except ForbiddenError:
        name, detail = Happening.PASSKEY_COPIED, passkey.name
        context.credentials.save(rules.noted(there, name, at=now, address=address, detail=detail))
        raise
    person = owner(there, context)
    if person is None:
        raise _refused()
    context.credentials.save(fresh)
    return person


def _answered(token: str, kind: str, binding: str, context: Context) -> Ticket:
    """The ticket of a challenge, taken whatever the answer is worth; NotFoundError."""
    ticket = tickets.taken(token, kind, context)
    if not binding or ticket.values["binding"] != digest(binding):
        raise NotFoundError("link.over")
    return ticket


def _refused() -> InvalidError:
    return InvalidError((Fault(code="passkey.refused"),), code="passkey.refused")
