"""Every route: importing the pages fills the list, ``register`` gives it to the app."""

from collections.abc import Callable
from typing import Any

from facteur.web import (
    api_archive,
    api_directory,
    api_flows,
    api_follow,
    api_hooks,
    api_statuses,
    api_token,
    api_v1,
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
    pages_exports,
    pages_fetching,
    pages_firm,
    pages_forwarding,
    pages_help,
    pages_home,
    pages_import,
    pages_kit,
    pages_lists,
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
    signin,
    site,
)
from facteur.web.afnor import MULTIPART

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
    pages_forwarding,
    pages_parties,
    pages_party,
    pages_party_lists,
    pages_preferences,
    pages_import,
    pages_kit,
    pages_fetching,
    pages_settings,
    pages_connections,
    pages_sending,
    pages_notifications,
    pages_outside,
    pages_members,
    pages_setup,
    pages_firm,
    pages_help,
    pages_api,
    api_v1,
    api_archive,
    api_token,
    api_directory,
    api_follow,
    api_statuses,
    api_flows,
    api_hooks,
)


def register(app: Any, provide: Callable[[], site.Site]) -> None:
    """Give the Chalice app every route; ``provide`` (bootstrap.web) makes the site once."""
    # API Gateway gives bytes to who first accepts a binary type: browsers say these for a picture.
    # Submitted files must come as they were sent.
    more = ["image/avif", "image/webp", MULTIPART]
    app.api.binary_types = [*app.api.binary_types, *more]
    site.register(app, provide, site.ROUTES)
