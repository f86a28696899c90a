"""The second factor: an authenticator's codes, and the recovery codes that replace them.

The secret of the authenticator is the identity provider's (decision 0161); while it is being
added, what we must remember between two forms is sealed (port Secrets). Recovery codes are ours
(decision 0210): they are drawn when the authenticator is added, and again when asked for.
"""

import json
from datetime import timedelta

from facteur.domain.errors import InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.ports import Context, SecondFactor, Session, TotpSetup
from facteur.services.access import limits, recovery, tickets
from facteur.services.access.signing_in import (
    Opened,
    renewed,
    second_proof,
    sign_out_everywhere,
)

TOTP_LIFE = timedelta(minutes=10)
_PURPOSE = "totp"


def prove(held: Session, password: str, code: str, *, address: str, context: Context) -> None:
    """Prove oneself again before credentials change: the password, and the code where one is
    asked at sign-in (six digits, or a recovery code, which is used up).

    InvalidError (``password.wrong``, ``sign_in.wrong_code``); ForbiddenError
    (``sign_in.throttled``).
    """
    made = limits.attempt("account", held.email, address, context)
    found = context.identity.sign_in(held.email, password)
    if found is None:
        raise _wrong_password()
    if isinstance(found, SecondFactor):
        limits.half_right(made, context)
        made = limits.attempt("code", held.email, address, context)
        second_proof(found, code, address=address, context=context)
    limits.right(made, context)
    limits.forget("account", held.email, context)


def start_totp(
    held: Session, password: str, *, address: str, context: Context
) -> tuple[TotpSetup, str]:
    """Begin to add an authenticator: what it must be told, and the token of the second form.

    InvalidError (``password.wrong``); ForbiddenError (``sign_in.throttled``).
    """
    made = limits.attempt("account", held.email, address, context)
    setup = context.identity.start_totp(held.email, password)
    if setup is None:
        raise _wrong_password()
    limits.right(made, context)
    both = json.dumps({"secret": setup.secret, "state": setup.state})
    sealed = context.secrets.seal(both, dossier=held.user, purpose=_PURPOSE)  # its owner's alone
    values = {"user": held.user, "sealed": sealed}
    return setup, tickets.issue("totp", TOTP_LIFE, values, context)


def totp_of(held: Session, token: str, context: Context) -> TotpSetup:
    """The set-up that a token stands for, for its own user; NotFoundError (``link.over``)."""
    ticket = tickets.valid(token, "totp", context)
    if ticket.values["user"] != held.user:
        raise NotFoundError("link.over")
    sealed = ticket.values["sealed"]
    both = json.loads(context.secrets.open(sealed, dossier=held.user, purpose=_PURPOSE))
    return TotpSetup(secret=both["secret"], state=both["state"])


def confirm_totp(
    held: Session, token: str, code: str, *, address: str, context: Context
) -> tuple[Opened, tuple[str, ...]]:
    """The authenticator shows the right code: it is asked at every sign-in from now on.

    The renewed session, and the recovery codes to show once. InvalidError
    (``sign_in.wrong_code``).
    """
    setup = totp_of(held, token, context)
    made = limits.attempt("code", held.email, address, context)
    if not context.identity.confirm_totp(held.email, setup, "".join(code.split())):
        fault = Fault(code="sign_in.wrong_code", path="code")
        raise InvalidError((fault,), code="sign_in.wrong_code")
    tickets.taken(token, "totp", context)
    limits.right(made, context)
    codes = recovery.draw(held.user, held.email, address=address, context=context, added=True)
    sign_out_everywhere(held.user, context, but=held.digest)
    return renewed(held, context), codes


def draw_codes(
    held: Session, password: str, code: str, *, address: str, context: Context
) -> tuple[str, ...]:
    """Ten new recovery codes, password and code proved; those of before end.

    InvalidError as ``prove``, or ``recovery.no_totp`` where no code is asked at sign-in.
    """
    prove(held, password, code, address=address, context=context)
    person = context.identity.find(held.email)
    if person is None or not person.second_factor:
        raise InvalidError((Fault(code="recovery.no_totp"),), code="recovery.no_totp")
    return recovery.draw(held.user, held.email, address=address, context=context)


def remove_totp(
    held: Session, password: str, code: str, *, address: str, context: Context
) -> Opened:
    """Take the authenticator and its recovery codes away, password and code proved."""
    prove(held, password, code, address=address, context=context)
    context.identity.remove_totp(held.email)
    recovery.forget(held.user, address=address, context=context)
    return renewed(held, context)


def _wrong_password() -> InvalidError:
    return InvalidError((Fault(code="password.wrong", path="old"),), code="password.wrong")
