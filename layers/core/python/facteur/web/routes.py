"""Every route: importing the pages fills the list, ``register`` gives it to the app."""

from collections.abc import Callable
from typing import Any

from chalice import Response  # type: ignore[attr-defined, unused-ignore]

from facteur.web import (
    api_archive,
    api_deciding,
    api_directory,
    api_flows,
    api_follow,
    api_hooks,
    api_mcp,
    api_sendings,
    api_statuses,
    api_token,
    api_v1,
    calls,
    failures,
    pages_account,
    pages_api,
    pages_approval,
    pages_archive,
    pages_bulk,
    pages_compare,
    pages_connections,
    pages_declared,
    pages_document,
    pages_entering,
    pages_ereporting,
    pages_exports,
    pages_fetching,
    pages_firm,
    pages_forwarding,
    pages_help,
    pages_home,
    pages_hooks,
    pages_import,
    pages_journal,
    pages_kit,
    pages_lists,
    pages_mandate,
    pages_members,
    pages_notifications,
    pages_outside,
    pages_parties,
    pages_party,
    pages_party_lists,
    pages_passkeys,
    pages_phone,
    pages_preferences,
    pages_providers,
    pages_search,
    pages_sending,
    pages_settings,
    pages_setup,
    pages_split,
    pages_status,
    pages_switching,
    pages_till,
    signin,
    site,
)

#: The modules that hold views; importing them filled ``site.ROUTES``.
PAGES = (
    pages_declared,
    pages_phone,
    signin,
    pages_entering,
    pages_account,
    pages_passkeys,
    pages_providers,
    pages_home,
    pages_lists,
    pages_bulk,
    pages_search,
    pages_document,
    pages_compare,
    pages_split,
    pages_approval,
    pages_archive,
    pages_exports,
    pages_ereporting,
    pages_till,
    pages_forwarding,
    pages_parties,
    pages_party,
    pages_mandate,
    pages_party_lists,
    pages_preferences,
    pages_import,
    pages_kit,
    pages_fetching,
    pages_hooks,
    pages_settings,
    pages_journal,
    pages_connections,
    pages_switching,
    pages_sending,
    pages_status,
    pages_notifications,
    pages_outside,
    pages_members,
    pages_setup,
    pages_firm,
    pages_help,
    pages_api,
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


def _in_our_words(request: Any, answer: Callable[[Any], Any]) -> Any:
    """What Chalice itself refuses (405, 415), as problem JSON: it says it in its own shape."""
    response = answer(request)
    if response.status_code not in (405, 415) or not isinstance(response.body, dict):
        return response
    language = calls.language_of(request.headers.get("accept-language", ""))
    refused = failures.by_the_router(response.status_code, language)
    headers = {**response.headers, **refused.headers, "Content-Type": refused.media_type}
    return Response(body=refused.body, status_code=refused.status, headers=headers)
