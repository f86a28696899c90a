"""Clés d'accès: adding one, taking one away, signing in by one.

The browser's part is static/passkeys.js; without scripts the pages say so, and the password stays.
"""

import json

from facteur.domain.credentials import relying_party
from facteur.domain.errors import ForbiddenError, InvalidError
from facteur.services.access import passkeys
from facteur.web.answers import Answer, json_answer
from facteur.web.pages.account import account_page
from facteur.web.signin import entered, safe_path, secret, sign_in_form
from facteur.web.site import Scope, page
from facteur.web.visit import Visit

_PERSON = Scope.PERSON
_LONGEST = 20_000  # characters of what a browser answers


@page("/compte/cles", "POST", scope=_PERSON)
def begin_passkey(visit: Visit) -> Answer:
    """Password and code are right: the browser is asked to make a passkey."""
    name = visit.field("name")[:254]
    try:
        asked = passkeys.begin(
            visit.person,
            name=name,
            password=secret(visit, "old"),
            code=visit.field("code")[:40],
            binding=visit.csrf,
            address=visit.address,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        return account_page(visit, error, "passkey", name)
    return visit.page(
        "passkey_new.html",
        token=asked.token,
        options=json.dumps(asked.options),
        name=asked.name,
        party=relying_party(visit.site.site_url),
    )


@page("/compte/cles/confirmer", "POST", scope=_PERSON)
def finish_passkey(visit: Visit) -> Answer:
    """Keep what the authenticator made."""
    try:
        opened = passkeys.finish(
            visit.person,
            visit.field("jeton")[:100],
            visit.field("reponse")[: _LONGEST + 1],
            binding=visit.csrf,
            address=visit.address,
            context=visit.context,
        )
    except InvalidError as error:
        return account_page(visit, error, "passkey")
    return visit.go("/compte", cookies=visit.opened(opened), fait="passkey_added")


@page("/compte/cles/{passkey}/retirer", "POST", scope=_PERSON)
def remove_passkey(visit: Visit, passkey: str) -> Answer:
    """Take one of one's own passkeys away."""
    passkeys.remove(visit.person, passkey, address=visit.address, context=visit.context)
    return visit.go("/compte", fait="passkey_removed")


@page("/connexion/cle/question", "POST", permission=None)
def ask_passkey(visit: Visit) -> Answer:
    """A challenge, for the script of the sign-in page."""
    asked = passkeys.ask(binding=visit.csrf, address=visit.address, context=visit.context)
    return json_answer({"token": asked.token, "options": asked.options})


@page("/connexion/cle", "POST", permission=None)
def sign_in_passkey(visit: Visit) -> Answer:
    """The browser answered: the session of whom the passkey belongs to."""
    back = safe_path(visit.field("retour", "/"))
    try:
        opened = passkeys.sign_in(
            visit.field("jeton")[:100],
            visit.field("reponse")[: _LONGEST + 1],
            binding=visit.csrf,
            address=visit.address,
            agent=visit.agent,
            context=visit.context,
        )
    except (InvalidError, ForbiddenError) as error:
        return sign_in_form(visit, back, error=error)
    return entered(visit, opened, back)
