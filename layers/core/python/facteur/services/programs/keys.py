"""API keys: made, shown once, rotated, revoked; and who asks with one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from facteur.domain import keys
from facteur.domain.documents import Channel
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import ForbiddenError, InvalidError, NotFoundError
from facteur.domain.journal import JournalEntry
from facteur.domain.keys import ApiKey
from facteur.ports import Context
from facteur.services.access.signing_in import digest
from facteur.services.journalling import entry_by
from facteur.services.programs import hooking

PREFIX = "fct_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new key: ``secret`` is shown once and kept nowhere."""

    key: ApiKey
    secret: str


def caller_of(secret: str, context: Context) -> Caller:
    """Who asks with an API key; ForbiddenError (``api_key.unknown``) also for one that is over."""
    return _caller(key_of(secret, context), context)


def caller_by_digest(held: str, context: Context) -> Caller:
    """Who asks with what a key gave him; ForbiddenError when that key is over."""
    return _caller(_working(held, context), context)


def key_of(secret: str, context: Context) -> ApiKey:
    """The key of this secret; ForbiddenError (``api_key.unknown``) also for one that is over."""
    if not secret.startswith(PREFIX):
        raise ForbiddenError("api_key.unknown")
    return _working(digest(secret), context)


def _working(held: str, context: Context) -> ApiKey:
    found = context.keys.find(held)
    if found is None or not found.works(context.clock.now()):
        raise ForbiddenError("api_key.unknown")
    return found


def _caller(found: ApiKey, context: Context) -> Caller:
    now = context.clock.now()
    if keys.use_to_note(found, now=now):
        context.keys.used(found, now)
    return Caller(
        user=_user(found),
        name=found.name,
        dossier=found.dossier,
        permissions=frozenset(found.rights),
    )


def _user(key: ApiKey) -> str:
    """Who a program is, where people and programs are told apart."""
    return f"{Channel.API.value}:{key.id}"


def first_key(dossier: str, name: str, context: Context) -> str:
    """Make the first key of a dossier, without anybody asking; the key, shown once."""
    made = _new(dossier, name, keys.USUAL, None, context)
    context.keys.save((made.key,), ())
    return made.secret


def listed(caller: Caller, context: Context) -> tuple[ApiKey, ...]:
    """Every key that the caller's dossier had, newest first."""
    caller.require(Permission.MANAGE)
    return context.keys.of_dossier(caller.dossier)


def make(caller: Caller, name: str, rights: Sequence[str], context: Context) -> Made:
    """Make a key; InvalidError with all the faults."""
    caller.require(Permission.MANAGE)
    title = " ".join(name.split())[: keys.MOST_NAME]
    held = context.keys.of_dossier(caller.dossier)
    faults = keys.faults_of(title, rights, held, context.clock.now())
    if faults:
        raise InvalidError(faults)
    allowed = tuple(one for one in keys.RIGHTS if one.value in rights)
    made = _new(caller.dossier, title, allowed, caller, context)
    context.keys.save((made.key,), (_entry(caller, "key.made", made.key, context),))
    return made


def rotate(caller: Caller, identifier: str, context: Context) -> Made:
    """Another key in place of one, which works for a day more.

    NotFoundError for a key of another dossier; IllegalTransitionError (``key.over``).
    """
    old = _mine(caller, identifier, context)
    ending = keys.rotated(old, now=context.clock.now())
    made = _new(caller.dossier, old.name, old.rights, caller, context)
    entry = _entry(caller, "key.rotated", old, context)
    context.keys.save((made.key, ending), (entry,))
    hooking.hand_over(old.dossier, _user(old), _user(made.key), context)
    return made


def revoke(caller: Caller, identifier: str, context: Context) -> None:
    """End a key at once; NotFoundError for a key of another dossier."""
    held = _mine(caller, identifier, context)
    end(held, _entry(caller, "key.revoked", held, context), context)


def end(held: ApiKey, entry: JournalEntry, context: Context) -> None:
    """End a key at once, whoever may, with what the journal says; its subscriptions go with it."""
    gone = keys.revoked(held, now=context.clock.now())
    if gone != held:
        context.keys.save((gone,), (entry,))
        hooking.end_with(held.dossier, _user(held), context)


def _mine(caller: Caller, identifier: str, context: Context) -> ApiKey:
    caller.require(Permission.MANAGE)
    for one in context.keys.of_dossier(caller.dossier):
        if one.id == identifier:
            return one
    raise NotFoundError("not_found")


def _new(
    dossier: str, name: str, rights: tuple[Permission, ...], by: Caller | None, context: Context
) -> Made:
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        dossier=dossier,
        id=context.ids.new(),
        name=name,
        digest=digest(secret),
        created_at=context.clock.now(),
        rights=rights,
        end=secret[-4:],
        created_by=by.name if by else "",
        maker=by.user if by else "",
        firm=by.firm if by else "",
    )
    return Made(key=key, secret=secret)


def _entry(caller: Caller, what: str, key: ApiKey, context: Context) -> JournalEntry:
    return entry_by(caller, what, {"name": key.name, "end": key.end}, context)
