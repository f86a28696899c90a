"""How often something may be tried: what is counted, where, and for how long.

Whoever proves who they are is counted before the proof is looked at, so that a thousand tries at
once are no way round; what was right is taken back, so that an office whose people all sign in
correctly is never locked out. Names are hashed: anybody may type anything in their place.

Source: OWASP, Authentication cheat sheet, « Login Throttling ».
"""

from dataclasses import dataclass

from facteur.domain.dossiers import Caller
from facteur.domain.errors import ForbiddenError
from facteur.domain.naming import derived
from facteur.ports import Context

WINDOW_SECONDS = 900
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_ADDRESS = 60
HOUR_SECONDS = 3600
MAILS_PER_PERSON = 250  # an hour: a firm pastes two hundred lines, each with its gérant
MAILS_PER_PLACE = 60  # an hour, of one dossier or firm
TRIES_PER_DOSSIER = 20  # an hour, on other people's servers
TRIES_PER_PERSON = 60  # the same, in whatever dossiers
DAY_SECONDS = 86400
DOSSIERS_PER_DAY = 10  # of one account


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A proof that was counted before it was looked at: the counters of its name and place."""

    name: str
    place: str


def attempt(kind: str, name: str, address: str, context: Context) -> Attempt:
    """Count a proof by name and by network address, as long as nobody says ``right``.

    ForbiddenError (``sign_in.throttled``) above either limit.
    """
    made = Attempt(name=_counter(kind, name), place=_counter("address", address))
    tries = context.sessions.hit(made.name, window_seconds=WINDOW_SECONDS)
    throttle_place("address", address, context)
    if tries > ATTEMPTS_PER_ACCOUNT:
        raise ForbiddenError("sign_in.throttled")
    return made


def right(made: Attempt, context: Context) -> None:
    """The proof was right: nothing counts against the name, nor this against the place."""
    context.sessions.forget(made.name, window_seconds=WINDOW_SECONDS)
    half_right(made, context)


def half_right(made: Attempt, context: Context) -> None:
    """The first of two proofs was right: it counts against the name until the second is."""
    context.sessions.take_back(made.place, window_seconds=WINDOW_SECONDS)


def forget(kind: str, name: str, context: Context) -> None:
    """Nothing counts any more against a name: its owner proved by another way who they are."""
    context.sessions.forget(_counter(kind, name), window_seconds=WINDOW_SECONDS)


def throttle(kind: str, name: str, address: str, context: Context) -> None:
    """Count what is asked for and is neither right nor wrong, by name and by who asks.

    ``address``: a network address, or the user. ForbiddenError (``asked.throttled``).
    """
    asked = context.sessions.hit(_counter(kind, name), window_seconds=WINDOW_SECONDS)
    throttle_place("asked", address, context, code="asked.throttled")
    if asked > ATTEMPTS_PER_ACCOUNT:
        raise ForbiddenError("asked.throttled")


def throttle_place(
    kind: str, address: str, context: Context, *, code: str = "sign_in.throttled"
) -> None:
    """Count by network address alone; ForbiddenError with ``code``."""
    counter = _counter(kind, address)
    if context.sessions.hit(counter, window_seconds=WINDOW_SECONDS) > ATTEMPTS_PER_ADDRESS:
        raise ForbiddenError(code)


def place_right(kind: str, address: str, context: Context) -> None:
    """What ``throttle_place`` counted ended well: it counts no more."""
    context.sessions.take_back(_counter(kind, address), window_seconds=WINDOW_SECONDS)


def throttle_mails(user: str, place: str, context: Context) -> None:
    """Count a mail to somebody else's address that a user of a dossier or firm asks for.

    ForbiddenError (``mails.throttled``) above either limit: our mails must not be anybody's tool
    to write to strangers. ``place`` "" counts the person alone.
    """
    asked = context.sessions.hit(_counter("mails|user", user), window_seconds=HOUR_SECONDS)
    there = 0
    if place:
        there = context.sessions.hit(f"mails|place|{place}", window_seconds=HOUR_SECONDS)
    if asked > MAILS_PER_PERSON or there > MAILS_PER_PLACE:
        raise ForbiddenError("mails.throttled")


def throttle_servers(caller: Caller, context: Context, code: str) -> None:
    """Count a password that a dossier has tried on somebody else's server, right or wrong.

    ForbiddenError with ``code`` above the limit, of the dossier or of the person, who may have
    many: we are nobody's tool to try passwords with.
    """
    here = context.sessions.hit(_counter("server", caller.dossier), window_seconds=HOUR_SECONDS)
    user = context.sessions.hit(_counter("server|user", caller.user), window_seconds=HOUR_SECONDS)
    if here > TRIES_PER_DOSSIER or user > TRIES_PER_PERSON:
        raise ForbiddenError(code)


def throttle_dossiers(user: str, context: Context) -> None:
    """Count a dossier that an account creates; ForbiddenError (``dossier.throttled``).

    A SIREN is its first taker's: nobody takes those of others by the dozen.
    """
    made = context.sessions.hit(_counter("dossiers", user), window_seconds=DAY_SECONDS)
    if made > DOSSIERS_PER_DAY:
        raise ForbiddenError("dossier.throttled")


def dossier_not_made(user: str, context: Context) -> None:
    """What ``throttle_dossiers`` counted was not created: it counts no more."""
    context.sessions.take_back(_counter("dossiers", user), window_seconds=DAY_SECONDS)


def _counter(kind: str, name: str) -> str:
    return f"{kind}|{derived(name)}"
