"""Tokens of a platform: had once, kept in this process until shortly before they end.

Each command opens the platform anew (ports.Platforms.open); without this book a thousand flows
would ask for a thousand tokens, and a refresh token that rotates would be used by several at a
time. So the tokens of a connection are kept by process, under a lock: whoever comes first asks,
the others find it. Between processes the connection itself decides: a rotated refresh token is
given to ``keep`` before anything is done with the new access token, and what ``keep`` raises
(StaleVersionError: another process was faster) stops the work, which the queue takes up again.

Sources: RFC 6749 §2.3.1, §4.1, §4.4, §6; RFC 7636 (PKCE); RFC 9700 §4.14 (rotation).
"""

import base64
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from facteur.adapters.connectors.http import Answer, Http, Request, broken, refuse, told
from facteur.domain.connections import Connection, Credentials, Grant
from facteur.domain.errors import ForbiddenError, RefusedByPlatformError
from facteur.ports import CallLog, KeepToken, Turn, alone

MARGIN_SECONDS = 60.0  # a token is renewed that long before it ends
_USUAL_SECONDS = 300.0  # of a token whose life is not said
_MOST_SEATS = 500
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(slots=True)
class _Seat:
    """What is known of one connection's tokens in this process."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    access: str = field(default="", repr=False)
    until: float = 0.0  # by the monotonic clock
    refresh: str = field(default="", repr=False)
    seen: set[str] = field(default_factory=set, repr=False)  # refresh tokens that were used up


class TokenBook:
    """The seats of this process; a connection that was made again has a new one."""

    def __init__(self) -> None:
        self._seats: OrderedDict[tuple[str, ...], _Seat] = OrderedDict()
        self._lock = threading.Lock()

    def seat(self, connection: Connection, credentials: Credentials) -> _Seat:
        """The seat of a connection with these credentials."""
        secret = hashlib.sha256(credentials.client_secret.encode()).hexdigest()
        key = (
            connection.dossier,
            connection.id,
            connection.platform,
            connection.token_url,
            connection.client_id,
            connection.grant,
            str(connection.since),
            secret,
        )
        with self._lock:
            seat = self._seats.pop(key, None) or _Seat()
            self._seats[key] = seat
            while len(self._seats) > _MOST_SEATS:
                self._seats.popitem(last=False)
        return seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where and as whom tokens are asked for."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""


class Tokens:
    """The tokens of one connection, as one opened platform sees them."""

    def __init__(
        self,
        http: Http,
        endpoint: Endpoint,
        seat: _Seat,
        *,
        grant: Grant,
        refresh: str,
        log: CallLog,
        keep: KeepToken,
        turn: Turn = alone,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http, self._endpoint, self._seat = http, endpoint, seat
        self._grant, self._given, self._log, self._keep = grant, refresh, log, keep
        self._turn, self._now = turn, now

    def bearer(self, *, instead_of: str = "") -> str:
        """An access token; another than ``instead_of``, which the platform did not take.

        ForbiddenError ``platform.login``: the platform gives none (``reason`` ``invalid_grant``:
        the user must consent again, or another process has used the refresh token meanwhile).
        UnavailableError ``platform.token_moved``: another process is renewing.
        """
        with self._seat.lock:
            seat = self._seat
            if seat.access and seat.access != instead_of and self._now() < seat.until:
                return seat.access
            seat.access = ""
            # Two who use one refresh token lose it both (RFC 9700 §4.14): one at a time.
            with self._turn() if self._grant is Grant.CODE else alone() as standing:
                self._given = standing or self._given
                self._renew()
            return seat.access

    def _renew(self) -> None:
        seat, form = self._seat, {"grant_type": "client_credentials"}
        if self._grant is Grant.CODE:
            if self._given and self._given not in seat.seen:
                seat.refresh = self._given
            if not seat.refresh:
                raise ForbiddenError("platform.login", reason="no_refresh_token")
            form = {"grant_type": "refresh_token", "refresh_token": seat.refresh}
        asked_at = self._now()
        # A refresh token may be used up by an answer that never came: never asked twice.
        answer = asked(
            self._http, self._endpoint, form, self._log, again=self._grant is Grant.CLIENT
        )
        body = granted(answer)
        fresh = body.get("refresh_token")
        if self._grant is Grant.CODE and isinstance(fresh, str) and fresh != seat.refresh:
            seat.seen.add(seat.refresh)
            seat.refresh = fresh
            seat.seen.add(fresh)
            self._keep(fresh)
        seat.access = str(body["access_token"])
        seat.until = asked_at + _life(body) - MARGIN_SECONDS


def exchange(http: Http, endpoint: Endpoint, *, code: str, back: str, verifier: str) -> str:
    """The refresh token for a consent's code; RefusedByPlatformError (``platform.refused``)."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
    if verifier:
        form["code_verifier"] = verifier
    try:
        body = granted(asked(http, endpoint, form, lambda _call: None, again=False))
    except ForbiddenError as error:
        raise RefusedByPlatformError(
            "platform.refused", reason=str(error.values.get("reason", "")), message=""
        ) from error
    fresh = body.get("refresh_token")
    if not isinstance(fresh, str) or not fresh:
        raise RefusedByPlatformError("platform.refused", reason="no_refresh_token", message="")
    return fresh


def consent_url(
    authorize_url: str, client_id: str, *, state: str, back: str, verifier: str, scope: str = ""
) -> str:
    """Where the user consents (RFC 6749 §4.1.1), with PKCE where there is a verifier."""
    asked_for = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": back,
        "state": state,
    }
    if scope:
        asked_for["scope"] = scope
    if verifier:
        digest = hashlib.sha256(verifier.encode()).digest()
        asked_for["code_challenge"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        asked_for["code_challenge_method"] = "S256"
    sign = "&" if "?" in authorize_url else "?"
    return authorize_url + sign + urlencode(asked_for)


def verifier_of(connection: Connection) -> str:
    """The PKCE verifier of a connection, "" where it has no sealed secret to make it of.

    Consent and exchange happen in different processes and nothing is stored between them; the
    sealed text of the client secret is in the table alone, so nobody outside can make this.
    """
    if not connection.client_secret:
        return ""
    made = f"facteur-pkce\0{connection.dossier}\0{connection.id}\0{connection.client_secret}"
    return base64.urlsafe_b64encode(hashlib.sha256(made.encode()).digest()).decode().rstrip("=")


def asked(
    http: Http, endpoint: Endpoint, form: dict[str, str], log: CallLog, *, again: bool
) -> Answer:
    """Ask a token endpoint, the client's secret in the form, by Basic where that is not taken."""
    whole = dict(form)
    if endpoint.scope:
        whole["scope"] = endpoint.scope
    told_in_form = {"client_id": endpoint.client_id, "client_secret": endpoint.client_secret}
    answer = _post(http, endpoint.url, {**whole, **told_in_form}, {}, log, again=again)
    if answer.status in (400, 401) and told(answer)[0] == "invalid_client":
        pair = f"{quote(endpoint.client_id, safe='')}:{quote(endpoint.client_secret, safe='')}"
        basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        answer = _post(http, endpoint.url, whole, basic, log, again=again)
    return answer


def granted(answer: Answer) -> dict[str, Any]:
    """The body of a token answer; ForbiddenError ``platform.login`` with the reason when refused.

    UnavailableError ``platform.broken`` when there is no token in it.
    """
    if 400 <= answer.status < 500 and answer.status not in (404, 408):
        reason, message = told(answer)
        raise ForbiddenError("platform.login", host=answer.host, reason=reason, message=message)
    if not 200 <= answer.status < 300:
        refuse(answer)
    body = answer.json()
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise broken(answer, "no access_token")
    return body


def _post(
    http: Http,
    url: str,
    form: dict[str, str],
    headers: dict[str, str],
    log: CallLog,
    *,
    again: bool,
) -> Answer:
    return http.ask(
        Request(
            method="POST",
            url=url,
            headers={**_FORM, **headers},
            body=urlencode(form).encode(),
            again=again,
        ),
        log,
    )


def _life(body: dict[str, Any]) -> float:
    try:
        return float(body.get("expires_in", _USUAL_SECONDS))
    except (TypeError, ValueError):
        return _USUAL_SECONDS
