"""Signing in elsewhere: the way to an identity provider and back, linking and unlinking.

Both ways start from a link, not from a form's answer: browsers apply a form's policy
(``form-action``) to where its answer sends them, and a provider is no place of ours.
"""

from facteur.domain.credentials import COME_BACK
from facteur.domain.errors import (
    DuplicateError,
    FacteurError,
    ForbiddenError,
    InvalidError,
    UnavailableError,
)
from facteur.services.access import providers
from facteur.web.answers import Answer, redirect
from facteur.web.pages.account import account_page
from facteur.web.signin import entered, safe_path, secret, sign_in_form
from facteur.web.site import Scope, page
from facteur.web.visit import FORM_COOKIE, Visit

_PERSON = Scope.PERSON


@page("/connexion/fournisseur/{provider}", permission=None)
def leave_to_provider(visit: Visit, provider: str) -> Answer:
    """To a provider; a browser that did not see the sign-in page goes there first."""
    back = safe_path(visit.query("retour", "/"))
    providers.provider_of(provider, visit.context)
    if visit.signed_in:
        return visit.go("/")
    if not visit.cookies.get(visit.site.cookie(FORM_COOKIE), ""):
        return visit.go("/connexion", retour="" if back == "/" else back)
    try:
        address = providers.leave(
            provider,
            binding=visit.csrf,
            back=back,
            address=visit.address,
            context=visit.context,
        )
    except (ForbiddenError, UnavailableError) as error:
        return sign_in_form(visit, back, error=error)
    return redirect(address)


@page(COME_BACK, permission=None)
def come_back_from_provider(visit: Visit, provider: str) -> Answer:
    """From a provider: signed in, or linked; else the page one left from, with the reason."""
    try:
        came = providers.come_back(
            provider,
            state=visit.query("state")[:100],
            code=visit.query("code")[:4000],
            issuer=visit.query("iss")[:500],
            binding=visit.csrf,
            held=visit.session,
            address=visit.address,
            agent=visit.agent,
            context=visit.context,
        )
    except (InvalidError, DuplicateError, UnavailableError) as error:
        return _not_this_time(visit, error)
    if came.linked:
        return visit.go("/compte", cookies=visit.opened(came.opened), fait="provider_added")
    return entered(visit, came.opened, safe_path(came.back))


def _not_this_time(visit: Visit, error: FacteurError) -> Answer:
    if visit.signed_in:
        return account_page(visit, error, "provider")
    return sign_in_form(visit, "/", error=error)


@page("/compte/fournisseur", "POST", scope=_PERSON)
def leave_to_link(visit: Visit) -> Answer:
    """Password and code are right: a page with the link to the provider that was chosen."""
    chosen = providers.provider_of(visit.field("provider"), visit.context)
    try:
        address = providers.leave_to_link(
            visit.person,
            chosen.id,
            password=secret(visit, "old"),
            code=visit.field("code")[:40],
            binding=visit.csrf,
            address=visit.address,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError, UnavailableError) as error:
        return account_page(visit, error, "provider")
    return visit.page("provider_leave.html", address=address, name=chosen.name)


@page("/compte/fournisseur/{identity}/delier", "POST", scope=_PERSON)
def unlink_provider(visit: Visit, identity: str) -> Answer:
    """Take one of one's own identities away."""
    providers.unlink(visit.person, identity, address=visit.address, context=visit.context)
    return visit.go("/compte", fait="provider_removed")
