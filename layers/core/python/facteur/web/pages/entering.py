"""The doors for who has no session: sign up, a lost password, an invitation.

Every link of a mail shows a form; only the form's POST spends it, so that a mail filter which
opens links spends nothing. What is asked about an address is answered in the same words whether
the address has an account or not (services/access/accounts.py).
"""

from typing import Any

from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from facteur.domain.faults import Fault
from facteur.domain.identifiers import compact, is_siren
from facteur.ports import Company
from facteur.services.access import accounts
from facteur.services.people import dossiers, members
from facteur.web.answers import Answer
from facteur.web.forms.trying import again, form_page
from facteur.web.signin import secret
from facteur.web.site import page
from facteur.web.visit import Visit

_COMPANY = ("siren", "company", "siret", "address", "postcode", "city")


# ── « Inscrivez-vous » ──────────────────────────────────────────────────────────────────────────


@page("/inscription", permission=None)
def sign_up_page(visit: Visit) -> Answer:
    """Company or firm, by SIREN; closed on an installation that works by invitation."""
    kind = "firm" if visit.query("profil") == "cabinet" else "company"
    return visit.page(
        "sign_up.html", typed={"kind": kind}, errors={}, wrong="", looked=False, found=False
    )


@page("/inscription", "POST", permission=None)
def sign_up(visit: Visit) -> Answer:
    """Look the company up, or ask for the account: the mail says how to go on."""
    if not visit.site.sign_up_open:
        raise ForbiddenError("sign_up.closed")
    names = ("kind", "name", "email", *_COMPANY)
    typed = {one: visit.field(one)[:254] for one in names}
    if visit.field("action") == "chercher":
        return _looked_up(visit, typed)
    try:
        accounts.ask_sign_up(
            email=typed["email"],
            name=typed["name"],
            kind=typed["kind"],
            company=Company(
                siren=typed["siren"],
                name=typed["company"],
                siret=compact(typed["siret"]),
                address=typed["address"],
                postcode=typed["postcode"],
                city=typed["city"],
            ),
            address=visit.address,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        return again(visit, "sign_up.html", error, typed=typed, looked=True, found=False)
    return visit.page("mail_sent.html", email=typed["email"], what="sign_up")


def _looked_up(visit: Visit, typed: dict[str, str]) -> Answer:
    """The form with what the register says; without the register, everything is typed."""
    number = compact(typed["siren"])
    if not (number.isascii() and is_siren(number)):
        fault = Fault(code="siren.invalid", path="siren", values={"value": typed["siren"][:20]})
        error = InvalidError((fault,))
        return again(visit, "sign_up.html", error, typed=typed, looked=False, found=False)
    found = dossiers.look_up(number, visit.context)
    shown = {**typed, "siren": number}
    if found is not None:
        shown |= {
            "company": found.name,
            "siret": found.siret,
            "address": found.address,
            "postcode": found.postcode,
            "city": found.city,
        }
    return visit.page(
        "sign_up.html", typed=shown, errors={}, wrong="", looked=True, found=found is not None
    )


@page("/inscription/confirmer", permission=None)
def confirm_page(visit: Visit) -> Answer:
    """The link of the mail: choose a password."""
    token = visit.query("jeton")[:100]
    values = accounts.sign_up_of(token, visit.context)
    return visit.page(
        "choose_password.html",
        token=token,
        target="/inscription/confirmer",
        email=values["email"],
        place=values["company"],
        what=f"sign_up_{values['kind']}",
        errors={},
        wrong="",
    )


@page("/inscription/confirmer", "POST", permission=None)
def confirm(visit: Visit) -> Answer:
    """The account exists, and its dossier or firm; signed in, to the set-up."""
    token = visit.field("jeton")[:100]
    values = accounts.sign_up_of(token, visit.context)
    try:
        opened = accounts.finish_sign_up(
            token,
            secret(visit, "password"),
            address=visit.address,
            agent=visit.agent,
            context=visit.context,
        )
    except (InvalidError, ConflictError) as error:
        return again(
            visit,
            "choose_password.html",
            error,
            token=token,
            target="/inscription/confirmer",
            email=values["email"],
            place=values["company"],
            what=f"sign_up_{values['kind']}",
        )
    home = "/bienvenue" if opened.session.dossier else "/cabinet"
    return visit.go(home, cookies=visit.opened(opened))


# ── « Mot de passe oublié » ─────────────────────────────────────────────────────────────────────


@page("/mot-de-passe", permission=None)
def forgotten_page(visit: Visit) -> Answer:
    """Ask for a link."""
    return visit.page("forgotten.html", email="", errors={}, wrong="")


@page("/mot-de-passe", "POST", permission=None)
def forgotten(visit: Visit) -> Answer:
    """The same answer whether the address has an account or not."""
    email = visit.field("email")[:254]
    try:
        accounts.ask_reset(email, address=visit.address, context=visit.context)
    except (InvalidError, ForbiddenError) as error:
        return again(visit, "forgotten.html", error, email=email)
    return visit.page("mail_sent.html", email=email, what="reset")


@page("/mot-de-passe/nouveau", permission=None)
def new_password_page(visit: Visit) -> Answer:
    """The link of the mail: choose another password."""
    token = visit.query("jeton")[:100]
    accounts.reset_of(token, visit.context)
    return _new_password(visit, token)


@page("/mot-de-passe/nouveau", "POST", permission=None)
def new_password(visit: Visit) -> Answer:
    """The password is changed, every session ended: sign in with it.

    Where something else opens the account, a page lists it first.
    """
    token = visit.field("jeton")[:100]
    try:
        held = accounts.finish_reset(token, secret(visit, "password"), visit.context)
    except InvalidError as error:
        return _new_password(visit, token, error)
    if held is not None and (held.passkeys or held.identities):
        return visit.page("password_changed.html", credentials=held)
    return visit.go("/connexion", fait="password_changed")


def _new_password(visit: Visit, token: str, error: FacteurError | None = None) -> Answer:
    values: dict[str, Any] = {
        "token": token,
        "target": "/mot-de-passe/nouveau",
        "email": "",
        "place": "",
        "what": "reset",
    }
    return form_page(visit, "choose_password.html", error, **values)


# ── An invitation ───────────────────────────────────────────────────────────────────────────────


@page("/invitation", permission=None)
def invitation_page(visit: Visit) -> Answer:
    """The link of the mail: choose a password, or accept with the account one has."""
    return _invitation(visit, visit.query("jeton")[:100])


def _invitation(visit: Visit, token: str, error: FacteurError | None = None) -> Answer:
    try:
        invitation = members.invitation_of(token, visit.context)
    except NotFoundError:
        # Whoever clicks his link again after accepting is in already: not an error for him.
        if visit.signed_in and visit.in_dossier and error is None:
            return visit.go("/", fait="already_in")
        raise
    known = members.has_account(invitation, visit.context)
    mine = visit.signed_in and visit.person.email.lower() == invitation.email
    values: dict[str, Any] = {
        "token": token,
        "invitation": invitation,
        "known": known,
        "mine": mine,
    }
    return form_page(visit, "invitation.html", error, **values)


@page("/invitation", "POST", permission=None)
def accept_invitation(visit: Visit) -> Answer:
    """In: with a new account, or with the one of this address, signed in."""
    token = visit.field("jeton")[:100]
    try:
        if visit.field("action") == "accepter":
            opened = members.accept_as(visit.person, token, visit.context)
        else:
            opened = members.accept_new(
                token,
                secret(visit, "password"),
                address=visit.address,
                agent=visit.agent,
                context=visit.context,
            )
    except (InvalidError, ConflictError) as error:
        return _invitation(visit, token, error)
    home = "/bienvenue" if opened.session.dossier else "/cabinet"
    return visit.go(home, cookies=visit.opened(opened))
