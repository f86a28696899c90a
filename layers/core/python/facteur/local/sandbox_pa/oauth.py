"""Who is let in: tokens for clients (RFC 6749 §4.4), users who consent, rotating refresh tokens.

A client of a company gets its tokens with its secret. An application asks the user's consent on a
page here, for one of the companies. A refresh token works once: a second use is ``invalid_grant``,
as at platforms that rotate (RFC 9700 §4.14.2).
"""

import base64
import hashlib
import html
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from facteur.local.sandbox_pa.calling import is_local
from facteur.local.sandbox_pa.pages import page
from facteur.local.sandbox_pa.platform import SECOND, Sandbox
from facteur.local.sandbox_pa.shapes import Call, Reply, as_json
from facteur.local.sandbox_pa.store import Client, Token

_ACCESS_SECONDS = 1800
_REFRESH_SECONDS = 365 * 86400
_CODE_SECONDS = 300


def company_of(sandbox: Sandbox, call: Call) -> str | None:
    """The SIREN that a call's token stands for, None when it is worth nothing."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    found = sandbox.store.token(value.strip(), "access")
    return found.siren if found and found.expires > sandbox.now() else None


def token(sandbox: Sandbox, call: Call) -> Reply:
    """The token endpoint."""
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    client = _client(sandbox, call, form)
    if client is None:
        return _refused("invalid_client", 401)
    grant = form.get("grant_type")
    if grant == "client_credentials":
        if not client.siren:
            return _refused("unauthorized_client")
        return _granted(sandbox, client, client.siren)
    if grant == "authorization_code":
        return _by_code(sandbox, client, form)
    if grant == "refresh_token":
        return _by_refresh(sandbox, client, form)
    return _refused("unsupported_grant_type")


def authorize(sandbox: Sandbox, call: Call) -> Reply:
    """The consent page: which company, yes or no."""
    asked = dict(call.query)
    client = sandbox.store.client(asked.get("client_id", ""))
    back = asked.get("redirect_uri", "")
    if client is None or not is_local(back) or asked.get("response_type") != "code":
        return page("Demande inconnue", "<p>Cette demande d’accès n’est pas valable.</p>", 400)
    companies = [one for one in sandbox.store.companies() if client.siren in ("", one.siren)]
    if call.method == "GET":
        return _consent(client, [(one.siren, one.name) for one in companies], asked)
    form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
    siren = form.get("siren", "")
    state = asked.get("state", "")
    if form.get("answer") != "yes" or siren not in {one.siren for one in companies}:
        return _back(back, {"error": "access_denied", "state": state})
    code = _new(
        sandbox,
        "code",
        client,
        siren,
        _CODE_SECONDS,
        {"redirect_uri": back, "challenge": asked.get("code_challenge", "")},
    )
    return _back(back, {"code": code, "state": state})


def _by_code(sandbox: Sandbox, client: Client, form: Mapping[str, str]) -> Reply:
    code = sandbox.store.token(form.get("code", ""), "code")
    if code is None or code.client != client.id or code.expires < sandbox.now():
        return _refused("invalid_grant")
    if code.extra["redirect_uri"] != form.get("redirect_uri") or not _proved(code, form):
        return _refused("invalid_grant")
    if not sandbox.store.use_token(code.value):
        return _refused("invalid_grant")
    return _granted(sandbox, client, code.siren, refresh=True)


def _by_refresh(sandbox: Sandbox, client: Client, form: Mapping[str, str]) -> Reply:
    held = sandbox.store.token(form.get("refresh_token", ""), "refresh")
    if held is None or held.client != client.id or held.expires < sandbox.now():
        return _refused("invalid_grant")
    if not sandbox.store.use_token(held.value):
        return _refused("invalid_grant")
    return _granted(sandbox, client, held.siren, refresh=True)


def _proved(code: Token, form: Mapping[str, str]) -> bool:
    """PKCE (RFC 7636 §4.6), where the consent was asked for with a challenge."""
    if not code.extra["challenge"]:
        return True
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return secrets.compare_digest(made, code.extra["challenge"])


def _client(sandbox: Sandbox, call: Call, form: Mapping[str, str]) -> Client | None:
    """The client, by Basic or by the form (RFC 6749 §2.3.1)."""
    name, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, pair = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(pair).decode().partition(":")
        except ValueError:
            return None
        name, secret = unquote(name), unquote(secret)
    found = sandbox.store.client(name)
    if found is None or not secrets.compare_digest(found.secret.encode(), secret.encode()):
        return None
    return found


def _granted(sandbox: Sandbox, client: Client, siren: str, *, refresh: bool = False) -> Reply:
    seconds = sandbox.faults.value("token_seconds") or _ACCESS_SECONDS
    body: dict[str, object] = {
        "access_token": _new(sandbox, "access", client, siren, seconds),
        "token_type": "Bearer",
        "expires_in": seconds,
    }
    if refresh:
        body["refresh_token"] = _new(sandbox, "refresh", client, siren, _REFRESH_SECONDS)
    return as_json(body, cache_control="no-store")


def _new(
    sandbox: Sandbox,
    kind: str,
    client: Client,
    siren: str,
    seconds: int,
    extra: Mapping[str, str] | None = None,
) -> str:
    value = secrets.token_urlsafe(32)
    sandbox.store.save_token(
        Token(
            value=value,
            kind=kind,
            client=client.id,
            siren=siren,
            expires=sandbox.now() + seconds * SECOND,
            extra=extra or {},
        )
    )
    return value


def _refused(error: str, status: int = 400) -> Reply:
    return as_json({"error": error}, status, cache_control="no-store")


def _back(url: str, values: Mapping[str, str]) -> Reply:
    sign = "&" if urlsplit(url).query else "?"
    return Reply(status=302, headers={"Location": f"{url}{sign}{urlencode(values)}"})


def _consent(client: Client, companies: list[tuple[str, str]], asked: Mapping[str, str]) -> Reply:
    choices = "".join(
        f'<label><input type="radio" name="siren" value="{siren}"'
        f"{' checked' if place == 0 else ''}> {html.escape(name)} ({siren})</label>"
        for place, (siren, name) in enumerate(companies)
    )
    action = html.escape("/oauth2/authorize?" + urlencode(asked))
    name = html.escape(client.name or client.id)
    return page(
        "Autoriser l’accès",
        f"<p><strong>{name}</strong> demande à recevoir et à déposer des factures, et à "
        "transmettre leurs statuts, au nom de l’entreprise choisie.</p>"
        f'<form method="post" action="{action}"><fieldset><legend>Entreprise</legend>{choices}'
        '</fieldset><p><button name="answer" value="yes">Autoriser</button> '
        '<button name="answer" value="no" class="second">Refuser</button></p></form>',
    )
