"""Votre compte: password, second factor, sessions; the dossiers one may open; the first guide."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import segno

from facteur.domain.errors import ConflictError, FacteurError, ForbiddenError, InvalidError
from facteur.ports import Person, TotpSetup
from facteur.services.access import accounts, authenticator, signing_in
from facteur.services.people import dossiers
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.forms.trying import form_page
from facteur.web.showing.browsers import browser_name
from facteur.web.signin import secret
from facteur.web.site import Scope, page
from facteur.web.visit import SESSION_COOKIE, Visit

_PERSON = Scope.PERSON


@page("/compte", scope=_PERSON)
def account(visit: Visit) -> Answer:
    """Who one is here, how one signs in, where one is signed in."""
    return account_page(visit)


def account_page(
    visit: Visit, error: FacteurError | None = None, form: str = "", typed_name: str = ""
) -> Answer:
    """The account's page; ``form`` names the one that did not hold."""
    held = visit.person
    person = visit.context.identity.find(held.email)
    values: dict[str, Any] = {
        "person": person or Person(subject=held.user, email=held.email, name=held.name),
        "sessions": visit.context.sessions.of_user(held.user),
        "held": held,
        "browser": browser_name,
        "form": form,
        "typed_name": typed_name,
        "providers": visit.context.providers,
        "credentials": visit.context.credentials.load(held.user),
    }
    return form_page(visit, "account.html", error, **values)


@page("/compte/mot-de-passe", "POST", scope=_PERSON)
def change_password(visit: Visit) -> Answer:
    """Another password; the other sessions end."""
    try:
        opened = accounts.change_password(
            visit.person,
            secret(visit, "old"),
            secret(visit, "password"),
            address=visit.address,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        return account_page(visit, error, "password")
    return visit.go("/compte", cookies=visit.opened(opened), fait="password_changed")


@page("/compte/sessions/{session}/fermer", "POST", scope=_PERSON)
def end_session(visit: Visit, session: str) -> Answer:
    """End one of one's own sessions."""
    accounts.end_session(visit.person, session, visit.context)
    return visit.go("/compte", fait="session_ended")


@page("/compte/sessions/fermer", "POST", scope=_PERSON)
def end_sessions(visit: Visit) -> Answer:
    """« Se déconnecter partout », here included."""
    signing_in.sign_out_everywhere(visit.person.user, visit.context)
    gone = visit.cookie(SESSION_COOKIE, "", seconds=0)
    return visit.go("/connexion", cookies=(gone,), fait="signed_out_everywhere")


# ── The authenticator ───────────────────────────────────────────────────────────────────────────


@page("/compte/authentification", "POST", scope=_PERSON)
def start_totp(visit: Visit) -> Answer:
    """Show the secret to an authenticator, once, as a QR code and as text."""
    try:
        setup, token = authenticator.start_totp(
            visit.person, secret(visit, "old"), address=visit.address, context=visit.context
        )
    except (InvalidError, ForbiddenError) as error:
        return account_page(visit, error, "totp")
    return _totp(visit, setup, token)


def _totp(visit: Visit, setup: TotpSetup, token: str, error: FacteurError | None = None) -> Answer:
    address = f"otpauth://totp/Facteur:{visit.person.email}?secret={setup.secret}&issuer=Facteur"
    values: dict[str, Any] = {
        "token": token,
        "secret": " ".join(setup.secret[at : at + 4] for at in range(0, len(setup.secret), 4)),
        "image": segno.make(address, error="m").svg_data_uri(scale=5, border=2),
    }
    return form_page(visit, "totp.html", error, **values)


@page("/compte/authentification/confirmer", "POST", scope=_PERSON)
def confirm_totp(visit: Visit) -> Answer:
    """The authenticator's first code."""
    token = visit.field("jeton")[:100]
    setup = authenticator.totp_of(visit.person, token, visit.context)
    try:
        opened, codes = authenticator.confirm_totp(
            visit.person,
            token,
            visit.field("code")[:20],
            address=visit.address,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        return _totp(visit, setup, token, error)
    visit.session = opened.session  # the forms of the page that follows carry its token
    return _codes(visit, codes, cookies=visit.opened(opened))


def _codes(visit: Visit, codes: Sequence[str], cookies: tuple[str, ...] = ()) -> Answer:
    """The recovery codes, the only time; the file is in its own link, nothing is kept."""
    whose = {"email": visit.person.email, "site": visit.site.url("/")}
    text = i18n.sentence("recovery.file", whose)
    lines = (text, "", *codes, "")
    shown = visit.page(
        "recovery_codes.html",
        codes=codes,
        added=bool(cookies),
        file="data:text/plain;charset=utf-8," + quote("\r\n".join(lines)),
        filename="facteur-codes-de-secours.txt",
    )
    return replace(shown, cookies=(*shown.cookies, *cookies))


@page("/compte/codes", "POST", scope=_PERSON)
def draw_codes(visit: Visit) -> Answer:
    """Ten new recovery codes: password and code proved."""
    try:
        codes = authenticator.draw_codes(
            visit.person,
            secret(visit, "old"),
            visit.field("code")[:40],
            address=visit.address,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        return account_page(visit, error, "codes")
    return _codes(visit, codes)


@page("/compte/authentification/retirer", "POST", scope=_PERSON)
def remove_totp(visit: Visit) -> Answer:
    """Take it away: password and code proved."""
    try:
        opened = authenticator.remove_totp(
            visit.person,
            secret(visit, "old"),
            visit.field("code")[:40],
            address=visit.address,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        return account_page(visit, error, "totp")
    return visit.go("/compte", cookies=visit.opened(opened), fait="totp_removed")


# ── Dossiers ────────────────────────────────────────────────────────────────────────────────────


@page("/dossiers", scope=_PERSON)
def choose_dossier(visit: Visit) -> Answer:
    """The dossiers that one may open, and no other."""
    return _dossiers(visit)


def _dossiers(
    visit: Visit, error: FacteurError | None = None, typed: dict[str, str] | None = None
) -> Answer:
    found = dossiers.choices(visit.person, visit.context)
    query = visit.query("q")[:100].casefold()
    shown = [one for one in found if query in one.name.casefold() or query in one.siren]
    values: dict[str, Any] = {
        "choices": shown,
        "total": len(found),
        "query": visit.query("q")[:100],
        "typed": typed or {},
        "current": visit.person.dossier if visit.in_dossier else "",
    }
    return form_page(visit, "dossiers.html", error, **values)


@page("/dossiers/{dossier}/ouvrir", "POST", scope=_PERSON)
def open_dossier(visit: Visit, dossier: str) -> Answer:
    """Go to another dossier; the session goes on under a new token."""
    opened = dossiers.enter(visit.person, dossier, visit.context)
    return visit.go("/", cookies=visit.opened(opened))


@page("/dossiers", "POST", scope=_PERSON)
def create_dossier(visit: Visit) -> Answer:
    """A further dossier, whose gérant one is."""
    if not visit.site.sign_up_open:
        raise ForbiddenError("sign_up.closed")
    typed = {one: visit.field(one)[:254] for one in ("siren", "company")}
    try:
        dossier = dossiers.create_own(
            visit.person, typed["siren"], typed["company"], visit.context
        )
    except (InvalidError, ConflictError, ForbiddenError) as error:
        return _dossiers(visit, error, typed)
    opened = signing_in.renewed(visit.person, visit.context, dossier=dossier.id)
    return visit.go("/bienvenue", cookies=visit.opened(opened))


@page("/guide")
def guide(visit: Visit) -> Answer:
    """« Guide de démarrage »: the second of the first steps is ticked by opening it."""
    dossiers.guide_read(visit.caller, visit.context)
    return visit.go("/aide/premiers-pas")
