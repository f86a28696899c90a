"""Signing in and out. Credentials belong to the identity provider; the session is ours.

A wrong address and a wrong password get the same sentence; attempts are throttled by the service.
Whoever has an authenticator is asked for its code on a second form. After sign-in one comes back
to the page asked for, if it is one of ours.
"""

import re

from facteur.domain.credentials import relying_party
from facteur.domain.errors import FacteurError, ForbiddenError, InvalidError
from facteur.services.access import signing_in
from facteur.web import failures, i18n
from facteur.web.answers import Answer
from facteur.web.site import page
from facteur.web.visit import SESSION_COOKIE, Visit

#: A path of ours: one slash, then no other slash, backslash or control right behind it.
_OUR_PATH = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9/_.-]*)?")


def safe_path(asked: str) -> str:
    """The page to come back to: a plain path of this site, else the dashboard."""
    return asked if _OUR_PATH.fullmatch(asked) else "/"


def secret(visit: Visit, name: str) -> str:
    """A password as it was typed: not trimmed, cut where no provider reads further."""
    return next((value for given, value in visit.form() if given == name), "")[:256]


@page("/connexion", permission=None)
def sign_in_page(visit: Visit) -> Answer:
    """The form; whoever is signed in already goes to the dashboard."""
    if visit.signed_in:
        return visit.go("/")
    back = safe_path(visit.query("retour", "/"))
    return sign_in_form(visit, back)


def sign_in_form(
    visit: Visit, back: str, *, email: str = "", error: FacteurError | None = None
) -> Answer:
    """The sign-in page, with what went wrong if something did."""
    return visit.page(
        "signin.html",
        status=200 if error is None else failures.status_of(error),
        email=email,
        wrong="" if error is None else i18n.error_text(error),
        back=back,
        party=relying_party(visit.site.site_url),
        providers=visit.context.providers,
    )


@page("/connexion", "POST", permission=None)
def sign_in(visit: Visit) -> Answer:
    """Check the credentials; open a session, or ask for the authenticator's code."""
    email, back = visit.field("email"), safe_path(visit.field("retour", "/"))
    try:
        found = signing_in.sign_in(
            email[:254],
            secret(visit, "password"),
            address=visit.address,
            agent=visit.agent,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        return sign_in_form(visit, back, email=email, error=error)
    if isinstance(found, signing_in.CodeNeeded):
        return visit.page(
            "signin_code.html", token=found.token, wrong="", back=back, recovery=False
        )
    return entered(visit, found, back)


@page("/connexion/code", "POST", permission=None)
def sign_in_code(visit: Visit) -> Answer:
    """The second form: six digits of the authenticator, or a recovery code."""
    token, back = visit.field("jeton")[:100], safe_path(visit.field("retour", "/"))
    try:
        opened = signing_in.second_factor(
            token,
            visit.field("code")[:40],
            address=visit.address,
            agent=visit.agent,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        if error.code == "sign_in.too_late":
            return sign_in_form(visit, back, error=error)
        return visit.page(
            "signin_code.html",
            status=failures.status_of(error),
            token=token,
            wrong=i18n.error_text(error),
            back=back,
            recovery=error.code == "sign_in.wrong_recovery",
        )
    return entered(visit, opened, back)


def entered(visit: Visit, opened: signing_in.Opened, back: str) -> Answer:
    """To the page asked for; without a dossier, to the firm's portfolio or the choice of one."""
    if back == "/" and not opened.session.dossier:
        firm = signing_in.firm_caller(opened.session, visit.context)
        back = "/cabinet" if firm else "/dossiers"
    return visit.go(back, cookies=visit.opened(opened))


@page("/deconnexion", "POST", permission=None)
def sign_out(visit: Visit) -> Answer:
    """End the session, here and in the browser."""
    name = visit.site.cookie(SESSION_COOKIE)
    signing_in.sign_out(visit.cookies.get(name, ""), visit.context)
    gone = visit.cookie(SESSION_COOKIE, "", seconds=0)
    return visit.go("/connexion", cookies=(gone,), fait="signed_out")
