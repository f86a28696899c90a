"""Sign-in and sessions. Credentials are the identity provider's; the rest is ours.

A session is a random token in a cookie; we store its hash only. It ends twelve hours after
sign-in, two hours after its last request, when its owner says so here or everywhere, and when his
password or his rights change. Wrong attempts are throttled by address and by account, so that
neither can be tried without end (limits.py); an unknown address takes the same road as a wrong
password.

Source: OWASP, Session Management and Authentication cheat sheets.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from facteur.domain.credentials import Credentials, typed_code
from facteur.domain.dossiers import PERMISSIONS, Caller
from facteur.domain.errors import InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.people import FirmCaller
from facteur.ports import Context, Person, SecondFactor, Session, Ticket
from facteur.services.access import limits, recovery

SESSION_LIFE = timedelta(hours=12)
IDLE_LIFE = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=5)  # how exactly the last request is known
SECOND_FACTOR_LIFE = timedelta(minutes=3)  # Cognito's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session was opened: the token goes in the cookie, nowhere else."""

    token: str
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeNeeded:
    """The password was right: ``token`` names the sign-in that waits for a code."""

    token: str


def digest(secret: str) -> str:
    """SHA-256, hex: enough for secrets of 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_in(
    email: str, password: str, *, address: str, context: Context, agent: str = ""
) -> Opened | CodeNeeded:
    """Check the credentials; a session, or the question for the authenticator's code.

    InvalidError (``sign_in.wrong``); ForbiddenError (``sign_in.throttled``).
    """
    email = email.strip().lower()
    made = limits.attempt("account", email, address, context)
    found = context.identity.sign_in(email, password)
    if found is None:
        raise InvalidError((Fault(code="sign_in.wrong", path="password"),), code="sign_in.wrong")
    if isinstance(found, SecondFactor):
        limits.half_right(made, context)
        token = secrets.token_urlsafe(32)
        context.tickets.save(
            Ticket(
                digest=digest(token),
                kind="second_factor",
                expires_at=context.clock.now() + SECOND_FACTOR_LIFE,
                values={"email": found.email, "state": found.state},
            )
        )
        return CodeNeeded(token=token)
    limits.right(made, context)
    return open_session(found, address=address, agent=agent, context=context)


def second_factor(
    token: str, code: str, *, address: str, context: Context, agent: str = ""
) -> Opened:
    """Check the authenticator's code, or a recovery code, of a sign-in that waits for it.

    InvalidError (``sign_in.wrong_code``, ``sign_in.too_late``); ForbiddenError
    (``sign_in.throttled``).
    """
    ticket = context.tickets.load(digest(token))
    if ticket is None or ticket.kind != "second_factor":
        raise InvalidError((), code="sign_in.too_late")
    email = ticket.values["email"]
    made = limits.attempt("code", email, address, context)
    asked = SecondFactor(email=email, state=ticket.values["state"])
    person = second_proof(asked, code, address=address, context=context)
    if context.tickets.take(digest(token)) is None:  # the same code sent twice at once
        raise InvalidError((), code="sign_in.too_late")
    limits.right(made, context)
    limits.forget("account", email, context)
    return open_session(person, address=address, agent=agent, context=context)


def second_proof(asked: SecondFactor, code: str, *, address: str, context: Context) -> Person:
    """Six digits of the authenticator, or a recovery code, which is used up; the person.

    The caller has throttled. InvalidError (``sign_in.wrong_code``,
    ``sign_in.wrong_recovery``, ``sign_in.too_late``).
    """
    wrong = "sign_in.wrong_code"
    if typed_code(code):
        wrong = "sign_in.wrong_recovery"
        person = context.identity.find(asked.email)
        if person is None or not person.enabled:
            raise InvalidError((), code="sign_in.too_late")  # closed since its password was given
        if not recovery.spend(person.subject, code, address=address, context=context):
            person = None
    else:
        person = context.identity.second_factor(asked, "".join(code.split()))
    if person is None:
        raise InvalidError((Fault(code=wrong, path="code"),), code=wrong)
    return person


def owner(held: Credentials, context: Context) -> Person | None:
    """Whose credentials these are, None when the provider has closed the account or lost it.

    Asked wherever the identity provider did not sign the person in itself.
    """
    person = context.identity.find(held.email)
    mine = person is not None and person.subject == held.user and person.enabled
    return person if mine else None


def open_session(
    person: Person, *, address: str, context: Context, agent: str = "", dossier: str = ""
) -> Opened:
    """A new session of a person who just proved who they are; ``dossier`` is opened if theirs."""
    now = context.clock.now()
    members = context.store.members_of(person.subject)
    home = dossier or (members[0].dossier if members else "")
    token = secrets.token_urlsafe(32)
    session = Session(
        digest=digest(token),
        user=person.subject,
        email=person.email,
        name=person.name,
        dossier=home,
        dossier_name=_name_of(home, context),
        firm=_firm_of(person.subject, context),
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        expires_at=now + SESSION_LIFE,
        seen_at=now,
        address=address[:60],
        agent=agent[:200],
    )
    context.sessions.save(session)
    return Opened(token=token, session=session)


def session(token: str, context: Context, *, active: bool = True) -> Session | None:
    """The session of a cookie's token, None when there is none or it has expired.

    ``active``: somebody asked; a page that refreshes itself does not keep a session alive.
    """
    if not token:
        return None
    found, now = context.sessions.load(digest(token)), context.clock.now()
    if found is None or found.expires_at <= now:
        return None
    seen = found.seen_at or found.created_at
    if now - seen > IDLE_LIFE:
        context.sessions.drop(found.digest)
        return None
    if active and now - seen >= SEEN_EVERY:
        found = replace(found, seen_at=now)
        context.sessions.touch(found)
    return found


def renewed(held: Session, context: Context, *, dossier: str = "") -> Opened:
    """The same sign-in under a new token (rights changed, another dossier); the old one ends."""
    token = secrets.token_urlsafe(32)
    home = dossier or held.dossier
    fresh = replace(
        held,
        digest=digest(token),
        csrf=secrets.token_urlsafe(32),
        dossier=home,
        dossier_name=_name_of(home, context),
        firm=_firm_of(held.user, context),
        seen_at=context.clock.now(),
    )
    context.sessions.save(fresh)
    context.sessions.drop(held.digest)
    return Opened(token=token, session=fresh)


def _name_of(dossier: str, context: Context) -> str:
    try:
        return context.store.dossier(dossier).name if dossier else ""
    except NotFoundError:
        return ""


def _firm_of(user: str, context: Context) -> str:
    return next((one.firm for one in context.people.firms_of(user)), "")


def sign_out(token: str, context: Context) -> None:
    """End a session."""
    context.sessions.drop(digest(token))


def sign_out_everywhere(user: str, context: Context, *, but: str = "") -> int:
    """End every session of a user, but the one with this digest; how many ended."""
    ended = [one for one in context.sessions.of_user(user) if one.digest != but]
    for one in ended:
        context.sessions.drop(one.digest)
    return len(ended)


def caller(session: Session, context: Context) -> Caller | None:
    """Who asks in the session's dossier, with the rights of now; None when it is not theirs."""
    return access(session, session.dossier, context)


def access(session: Session, dossier: str, context: Context) -> Caller | None:
    """What the session's user may do in a dossier: as a member, else through a firm's link."""
    if not dossier:
        return None
    member = context.people.member(dossier, session.user)
    who = session.name or session.email
    if member is not None:
        return Caller(
            user=session.user,
            name=who,
            email=session.email,
            dossier=dossier,
            permissions=member.permissions,
        )
    for firm in context.people.firms_of(session.user):
        link = context.people.link(dossier, firm.firm)
        inside = context.people.firm_member(firm.firm, session.user)  # the index may be late
        if link is not None and link.active and inside is not None:
            return Caller(
                user=session.user,
                name=f"{who} ({link.firm_name})",
                email=session.email,
                dossier=dossier,
                permissions=PERMISSIONS[link.role],
                firm=link.firm,
            )
    return None


def firm_caller(session: Session, context: Context) -> FirmCaller | None:
    """Who asks for their firm (the first, when there are several); None outside any firm."""
    for one in context.people.firms_of(session.user):
        member = context.people.firm_member(one.firm, session.user)
        if member is not None:
            return FirmCaller(
                user=session.user,
                name=session.name or session.email,
                email=session.email,
                firm=member.firm,
                role=member.role,
            )
    return None
