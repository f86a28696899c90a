"""Signing in and out. Credentials belong to the identity provider; the session is ours.

A wrong address and a wrong password get the same sentence; attempts are throttled by the service.
After sign-in one comes back to the page asked for, if it is one of ours.
"""

import re

from facteur.domain.errors import ForbiddenError, InvalidError
from facteur.services import signing_in
from facteur.web import failures, i18n
from facteur.web.answers import Answer
from facteur.web.site import page
from facteur.web.visit import FORM_COOKIE, SESSION_COOKIE, Visit

#: A path of ours: one slash, then no other slash, backslash or control right behind it.
_OUR_PATH = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9/_.-]*)?")


def safe_path(asked: str) -> str:
    """The page to come back to: a plain path of this site, else the dashboard."""
    return asked if _OUR_PATH.fullmatch(asked) else "/"


@page("/connexion", permission=None)
def sign_in_page(visit: Visit) -> Answer:
    """The form; whoever is signed in already goes to the dashboard."""
    if visit.signed_in:
        return visit.go("/")
    back = safe_path(visit.query("retour", "/"))
    return visit.page("signin.html", email="", wrong="", back=back)


@page("/connexion", "POST", permission=None)
def sign_in(visit: Visit) -> Answer:
    """Check the credentials and open a session."""
    email, back = visit.field("email"), safe_path(visit.field("retour", "/"))
    password = next((value for name, value in visit.form() if name == "password"), "")
    try:
        token, session = signing_in.sign_in(
            email[:254], password[:256], address=visit.address, context=visit.context
        )
    except (InvalidError, ForbiddenError) as error:
        return visit.page(
            "signin.html",
            status=failures.status_of(error),
            email=email,
            wrong=i18n.error_text(error),
            back=back,
        )
    life = int((session.expires_at - session.created_at).total_seconds())
    return visit.go(
        back,
        cookies=(
            visit.cookie(SESSION_COOKIE, token, seconds=life),
            visit.cookie(FORM_COOKIE, "", seconds=0),
        ),
    )


@page("/deconnexion", "POST", permission=None)
def sign_out(visit: Visit) -> Answer:
    """End the session, here and in the browser."""
    signing_in.sign_out(visit.cookies.get(SESSION_COOKIE, ""), visit.context)
    gone = visit.cookie(SESSION_COOKIE, "", seconds=0)
    return visit.go("/connexion", cookies=(gone,), fait="signed_out")
