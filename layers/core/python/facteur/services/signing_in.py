"""Sign-in, sessions, API keys. Credentials are the identity provider's; the rest is ours.

A session is a random token in a cookie; we store its hash only. Attempts are throttled by address
and by account, so that neither can be tried without end.
"""

import hashlib
import secrets
from datetime import timedelta

from facteur.domain.documents import Channel
from facteur.domain.dossiers import PERMISSIONS, Caller, Permission
from facteur.domain.errors import ForbiddenError, InvalidError
from facteur.domain.faults import Fault
from facteur.ports import ApiKey, Context, Session

SESSION_LIFE = timedelta(hours=12)
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_ADDRESS = 60
WINDOW_SECONDS = 900
API_KEY_PREFIX = "fct_"


def digest(secret: str) -> str:
    """SHA-256, hex: enough for secrets of 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_in(email: str, password: str, *, address: str, context: Context) -> tuple[str, Session]:
    """Check the credentials and open a session; the token goes in the cookie, nowhere else.

    InvalidError (``sign_in.wrong``); ForbiddenError (``sign_in.throttled``,
    ``sign_in.no_dossier``).
    """
    email = email.strip().lower()
    sessions = context.sessions
    name = f"account|{digest(email)}"
    account = sessions.hit(name, window_seconds=WINDOW_SECONDS)
    place = sessions.hit(f"address|{digest(address)}", window_seconds=WINDOW_SECONDS)
    if account > ATTEMPTS_PER_ACCOUNT or place > ATTEMPTS_PER_ADDRESS:
        raise ForbiddenError("sign_in.throttled")
    person = context.identity.sign_in(email, password)
    if person is None:
        raise InvalidError((Fault(code="sign_in.wrong", path="password"),), code="sign_in.wrong")
    sessions.forget(name, window_seconds=WINDOW_SECONDS)
    members = context.store.members_of(person.subject)
    if not members:
        raise ForbiddenError("sign_in.no_dossier")
    token = secrets.token_urlsafe(32)
    now = context.clock.now()
    session = Session(
        digest=digest(token),
        user=person.subject,
        email=person.email,
        name=person.name,
        dossier=members[0].dossier,
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        expires_at=now + SESSION_LIFE,
    )
    sessions.save(session)
    return token, session


def session(token: str, context: Context) -> Session | None:
    """The session of a cookie's token, None when there is none or it has expired."""
    if not token:
        return None
    found = context.sessions.load(digest(token))
    return found if found is not None and found.expires_at > context.clock.now() else None


def sign_out(token: str, context: Context) -> None:
    """End a session."""
    context.sessions.drop(digest(token))


def caller(session: Session, context: Context) -> Caller:
    """Who asks: the session's user, with the rights that the dossier gives now."""
    for member in context.store.members_of(session.user):
        if member.dossier == session.dossier:
            return Caller(
                user=session.user,
                name=session.name or session.email,
                dossier=session.dossier,
                permissions=PERMISSIONS[member.role],
            )
    raise ForbiddenError("sign_in.no_dossier")


def new_api_key(dossier: str, name: str, context: Context) -> str:
    """Create an API key of a dossier; the key is returned once, only its hash is kept."""
    key = API_KEY_PREFIX + secrets.token_urlsafe(32)
    context.store.save_api_key(
        ApiKey(
            dossier=dossier,
            id=context.ids.new(),
            name=name,
            digest=digest(key),
            created_at=context.clock.now(),
        )
    )
    return key


def caller_of_key(key: str, context: Context) -> Caller:
    """Who asks with an API key; ForbiddenError (``api_key.unknown``)."""
    found = context.store.api_key(digest(key)) if key.startswith(API_KEY_PREFIX) else None
    if found is None:
        raise ForbiddenError("api_key.unknown")
    return Caller(
        user=f"{Channel.API.value}:{found.id}",
        name=found.name,
        dossier=found.dossier,
        permissions=frozenset({Permission.READ, Permission.UPLOAD}),
    )
