"""The mail providers whose mailboxes open by consent: Gmail and Outlook known, others as written.

The setting ``mail_providers`` is a JSON list, one object per provider that the installer
registered Facteur at: ``{"name": "google", "client_id": "…", "client_secret": "…"}``. Whatever
else it gives (``label``, ``host``, ``authorize_url``, ``token_url``, ``scope``, ``parameters``)
takes the place of what is known; a provider that is not known gives all of it. ``tenant`` narrows
Microsoft's addresses to one organisation.

Sources: https://developers.google.com/identity/protocols/oauth2/web-server (``access_type``,
``prompt``) · https://developers.google.com/workspace/gmail/imap/xoauth2-protocol ·
learn.microsoft.com, « Microsoft identity platform and OAuth 2.0 authorization code flow » and
« Authenticate an IMAP, POP or SMTP connection using OAuth ».
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from facteur.adapters.connectors.registered import listed

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_TENANT = re.compile(r"[A-Za-z0-9.-]{1,100}")
_GOOGLE = "https://accounts.google.com/o/oauth2/v2/auth"
_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"

#: What is known of a provider, by the name that the setting says.
KNOWN: Mapping[str, Mapping[str, Any]] = {
    "google": {
        "label": "Gmail, Google Workspace",
        "host": "imap.gmail.com",
        "authorize_url": _GOOGLE,
        "token_url": "https://oauth2.googleapis.com/token",
        "scope": "https://mail.google.com/",
        # Without both, no refresh token comes with a second consent.
        "parameters": {"access_type": "offline", "prompt": "consent"},
    },
    "microsoft": {
        "label": "Outlook, Microsoft 365",
        "host": "outlook.office365.com",
        "authorize_url": f"{_MICROSOFT}/authorize",
        "token_url": f"{_MICROSOFT}/token",
        "scope": "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        "parameters": {"prompt": "select_account"},
        "tenant": "common",
    },
}
_TEXTS = ("label", "host", "authorize_url", "token_url", "scope", "client_id", "client_secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A provider that this installation is registered at."""

    name: str
    label: str
    host: str
    authorize_url: str
    token_url: str
    scope: str
    client_id: str
    client_secret: str = field(repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)  # of the consent's address


def registered(setting: str, *, plain: bool = False) -> tuple[Registered, ...]:
    """The providers of the setting, in its order; ValueError says which is wrong, without secrets.

    ``plain``: addresses of this very machine may do without TLS, for a laptop.
    """
    made = tuple(_one(one, plain=plain) for one in listed(setting))
    names = [one.name for one in made]
    if len(set(names)) != len(names):
        msg = "the same name twice"
        raise ValueError(msg)
    return made


def _one(given: object, *, plain: bool) -> Registered:
    name = given.get("name") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(name, str) or not _NAME.fullmatch(name):
        msg = "a provider without a name of lower-case letters"
        raise ValueError(msg)
    values = {**KNOWN.get(name, {}), **given}
    missing = [
        one for one in _TEXTS if not isinstance(values.get(one), str) or not values[one].strip()
    ]
    tenant, parameters = values.get("tenant", "common"), values.get("parameters", {})
    if not isinstance(tenant, str) or not _TENANT.fullmatch(tenant):
        missing.append("tenant")
    if not isinstance(parameters, dict) or not _texts(parameters):
        missing.append("parameters")
    if missing:
        msg = f"{name}: {', '.join(missing)}"
        raise ValueError(msg)
    texts = {one: values[one].strip() for one in _TEXTS}
    for one in ("authorize_url", "token_url"):
        texts[one] = texts[one].replace("{tenant}", tenant)
        if not _safe(texts[one], plain=plain):
            msg = f"{name}: {one}"
            raise ValueError(msg)
    return Registered(name=name, parameters=parameters, **texts)


def _texts(parameters: Mapping[object, object]) -> bool:
    return all(isinstance(one, str) for pair in parameters.items() for one in pair)


def _safe(address: str, *, plain: bool) -> bool:
    found = urlsplit(address)
    near = plain and found.scheme == "http" and found.hostname in ("127.0.0.1", "localhost")
    return bool(found.hostname) and (found.scheme == "https" or near)
