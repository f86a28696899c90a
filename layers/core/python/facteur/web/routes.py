"""Every route: importing the pages fills the list, ``register`` gives it to the app."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice import Response  # type: ignore[attr-defined, unused-ignore]

from facteur.domain.errors import FacteurError
from facteur.web import failures, signin, site
from facteur.web.answers import Answer
from facteur.web.api import afnor, calls
from facteur.web.api import archive as api_archive
from facteur.web.api import deciding as api_deciding
from facteur.web.api import directory as api_directory
from facteur.web.api import flows as api_flows
from facteur.web.api import follow as api_follow
from facteur.web.api import hooks as api_hooks
from facteur.web.api import mcp as api_mcp
from facteur.web.api import sendings as api_sendings
from facteur.web.api import statuses as api_statuses
from facteur.web.api import token as api_token
from facteur.web.api import v1 as api_v1
from facteur.web.pages import (
    account,
    api,
    approval,
    archive,
    bulk,
    compare,
    connections,
    deciding,
    declared,
    document,
    entering,
    ereporting,
    exports,
    fetching,
    firm,
    forwarding,
    home,
    hooks,
    intake,
    journal,
    kit,
    lists,
    mandate,
    members,
    notifications,
    outside,
    parties,
    party,
    party_lists,
    passkeys,
    phone,
    preferences,
    providers,
    search,
    sending,
    settings,
    setup,
    split,
    status,
    switching,
    till,
)
from facteur.web.pages import help as pages_help

#: The modules that hold views; importing them filled ``site.ROUTES``.
PAGES = (
    declared,
    phone,
    signin,
    entering,
    account,
    passkeys,
    providers,
    home,
    lists,
    bulk,
    search,
    document,
    deciding,
    compare,
    split,
    approval,
    archive,
    exports,
    ereporting,
    till,
    forwarding,
    parties,
    party,
    mandate,
    party_lists,
    preferences,
    intake,
    kit,
    fetching,
    hooks,
    settings,
    journal,
    connections,
    switching,
    sending,
    status,
    notifications,
    outside,
    members,
    setup,
    firm,
    pages_help,
    api,
    api_v1,
    api_deciding,
    api_archive,
    api_token,
    api_directory,
    api_follow,
    api_statuses,
    api_flows,
    api_hooks,
    api_sendings,
    api_mcp,
)


def register(app: Any, provide: Callable[[], site.Site]) -> None:
    """Give the Chalice app every route; ``provide`` (bootstrap.web) makes the site once."""
    # API Gateway gives bytes to who first accepts a binary type: browsers say these for a picture.
    # Submitted files must come as they were sent.
    more = ["image/avif", "image/webp", site.MULTIPART]
    app.api.binary_types = [*app.api.binary_types, *more]
    app.register_middleware(_in_our_words, "http")
    site.register(app, provide, site.ROUTES)


#: In whose words a route's programs hear what the router refuses; the others: problem JSON.
_WORDS: Mapping[site.Serve, Callable[[FacteurError, str], Answer]] = {
    afnor.serve: afnor.refused,
    api_token.serve: api_token.refused,
}


def _in_our_words(request: Any, answer: Callable[[Any], Any]) -> Any:
    """What Chalice itself refuses (405, 415) in its own shape, as the route says its errors."""
    response = answer(request)
    if response.status_code not in (405, 415) or not isinstance(response.body, dict):
        return response
    language = calls.language_of(request.headers.get("accept-language", ""))
    routes = [one for one in site.ROUTES if one.path == request.path]
    known = [one.method for one in routes]
    if response.status_code == 415:
        known = [
            kind for one in routes if one.method == request.method for kind in one.content_types
        ]
    error = FacteurError(f"router.{response.status_code}", known=", ".join(known))
    say = _WORDS.get(routes[0].serve, failures.problem) if routes else failures.problem
    refused = say(error, language)
    headers = {**response.headers, **refused.headers, "Content-Type": refused.media_type}
    return Response(body=refused.body, status_code=refused.status, headers=headers)
