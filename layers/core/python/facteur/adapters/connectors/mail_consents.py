"""The MailConsents port: authorization code with PKCE, refresh tokens (RFC 6749, 7636, 9700).

A refresh token may be used up by an answer that never came, so it is never asked with twice; whose
turn it is to use it is the services' matter (services/intake). Providers are data
(mail_providers.py); what they refuse is told apart: the owner's consent is gone, the installation
is unknown there, or the provider is away.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from facteur.adapters.connectors.http import Http
from facteur.adapters.connectors.mail_providers import Registered
from facteur.adapters.connectors.platforms.tokens import Endpoint, asked, consent_url, granted
from facteur.domain.connections import PlatformCall
from facteur.domain.errors import FacteurError, ForbiddenError, NotFoundError, UnavailableError
from facteur.domain.mailboxes import CONSENT_LOST
from facteur.ports import MailGrant, MailProvider

#: What means that the owner must consent again (RFC 6749 §5.2, OpenID Connect Core §3.1.2.6).
_LOST = frozenset(
    {
        "invalid_grant",
        "access_denied",
        "interaction_required",
        "consent_required",
        "login_required",
    }
)
_LONGEST = 8_000  # characters of a token


class HttpMailConsents:
    """Implements facteur.ports.MailConsents."""

    def __init__(self, http: Http, known: Sequence[Registered]) -> None:
        self._http = http
        self._known = {one.name: one for one in known}

    def providers(self) -> tuple[MailProvider, ...]:
        """Those of the setting, in its order."""
        held = self._known.values()
        return tuple(MailProvider(name=one.name, label=one.label, host=one.host) for one in held)

    def consent_url(
        self, provider: str, *, user: str, state: str, verifier: str, back: str
    ) -> str:
        """Where the owner consents, his address filled in; NotFoundError."""
        held = self._provider(provider)
        address = consent_url(
            held.authorize_url,
            held.client_id,
            state=state,
            back=back,
            verifier=verifier,
            scope=held.scope,
        )
        return f"{address}&{urlencode({**held.parameters, 'login_hint': user})}"

    def exchange(self, provider: str, *, code: str, verifier: str, back: str) -> MailGrant:
        """What a consent's code gives; errors as ``renew``."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        return self._granted(provider, form, "")

    def renew(self, provider: str, refresh: str) -> MailGrant:
        """A new access token; see ports.MailConsents."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        return self._granted(provider, form, refresh)

    def _granted(self, provider: str, form: dict[str, str], before: str) -> MailGrant:
        held = self._provider(provider)
        endpoint = Endpoint(
            url=held.token_url, client_id=held.client_id, client_secret=held.client_secret
        )
        try:
            body = granted(asked(self._http, endpoint, form, _nobody, again=False))
        except ForbiddenError as error:
            reason = str(error.values.get("reason", ""))
            if reason in _LOST:
                raise ForbiddenError(CONSENT_LOST, provider=held.label) from error
            raise UnavailableError(
                "fetch_box.client", provider=held.label, reason=reason
            ) from error
        except FacteurError as error:
            raise UnavailableError("fetch_box.provider_away", provider=held.label) from error
        access, refresh = body["access_token"], body.get("refresh_token") or before
        if not (_is_token(access) and _is_token(refresh)):
            raise UnavailableError("fetch_box.provider_away", provider=held.label)
        return MailGrant(access=access, refresh=refresh)

    def _provider(self, name: str) -> Registered:
        """NotFoundError for one that the installation does not have (any more)."""
        if name not in self._known:
            raise NotFoundError("fetch_box.no_provider")
        return self._known[name]


def _is_token(value: object) -> bool:
    """One printable word: it travels in a line of IMAP."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST
        and value.isascii()
        and (value.isprintable() and " " not in value)
    )


def _nobody(_call: PlatformCall) -> None:
    """Calls to a mail provider have no journal of their own: the mailbox's health tells."""
