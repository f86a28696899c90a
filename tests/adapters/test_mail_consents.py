"""Mail providers: what the installer writes, what is asked of them, what their answers mean."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from facteur.adapters.connectors.http import Http
from facteur.adapters.connectors.mail_consents import HttpMailConsents
from facteur.adapters.connectors.mail_providers import registered
from facteur.adapters.system import SystemClock, SystemIds
from facteur.domain.errors import FacteurError, ForbiddenError, NotFoundError, UnavailableError

from tests.mail_oauth import MailOAuth, mail_oauth

BACK = "http://facteur.test/boites/retour"
VERIFIER = "v" * 43
_G = '{"name":"google","client_id":"a","client_secret":"b"}'


@pytest.fixture(scope="module")
def running() -> Iterator[MailOAuth]:
    with mail_oauth() as made:
        yield made


@pytest.fixture
def there(running: MailOAuth) -> MailOAuth:
    """The provider as it was at first."""
    running.error, running.rotates, running.basic_only = None, True, False
    running.asked.clear()
    return running


@pytest.fixture
def consents(there: MailOAuth) -> HttpMailConsents:
    http = Http(SystemClock(), SystemIds(), nearby=True, pause=lambda _seconds: None)
    return HttpMailConsents(http, registered(there.setting, plain=True))


def _consented(consents: HttpMailConsents, there: MailOAuth) -> str:
    address = consents.consent_url(
        "durand", user="a&b@x.fr", state="s", verifier=VERIFIER, back=BACK
    )
    assert ["a&b@x.fr"] == parse_qs(urlsplit(address).query)["login_hint"]
    return there.browse(address)["code"]


def test_gmail_and_outlook_need_a_client_and_nothing_else() -> None:
    """Their addresses, scopes and servers are known; a tenant narrows Microsoft's."""
    given = [
        {"name": "google", "client_id": "g", "client_secret": "x"},
        {"name": "microsoft", "client_id": "m", "client_secret": "y", "tenant": "acme.fr"},
    ]
    google, microsoft = registered(json.dumps(given))
    assert ("imap.gmail.com", "https://mail.google.com/") == (google.host, google.scope)
    assert {"access_type": "offline", "prompt": "consent"} == google.parameters
    assert ("outlook.office365.com", "acme.fr") == (
        microsoft.host,
        urlsplit(microsoft.token_url).path.split("/")[1],
    )
    assert "https://outlook.office.com/IMAP.AccessAsUser.All offline_access" == microsoft.scope
    assert () == registered("  ")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("{", "Expecting"),
        ('{"name": "google"}', "a list"),
        ('[{"name": "google", "client_secret": "s3cret"}]', "google: client_id"),
        ('[{"name": "G!"}]', "a provider without"),
        ('["google"]', "a provider without"),
        ('[{"name":"ovh","client_id":"a","client_secret":"b"}]', "ovh: label, host"),
        ('[{"name":"google","client_id":"a","client_secret":"b","token_url":"http://x.fr/t"}]',
         "google: token_url"),
        ('[{"name":"microsoft","client_id":"a","client_secret":"b","tenant":"a/../b"}]', "tenant"),
        (f"[{_G},{_G}]", "twice"),
    ],
)  # fmt: skip
def test_what_is_badly_written_is_said_without_secrets(setting: str, said: str) -> None:
    """The installation refuses to start, and says why."""
    with pytest.raises(ValueError, match=said) as refused:
        registered(setting)
    assert "s3cret" not in str(refused.value)


def test_a_consent_gives_tokens_that_are_renewed(
    consents: HttpMailConsents, there: MailOAuth
) -> None:
    """With PKCE; the refresh token that was replaced is not given again, one that stays is."""
    code = _consented(consents, there)
    given = consents.exchange("durand", code=code, verifier=VERIFIER, back=BACK)
    after = consents.renew("durand", given.refresh)
    assert given.refresh != after.refresh == there.refresh
    there.rotates = False
    assert after.refresh == consents.renew("durand", after.refresh).refresh
    assert "access-" not in repr(after)


def test_a_code_serves_once_with_its_verifier(
    consents: HttpMailConsents, there: MailOAuth
) -> None:
    """A code that was stolen without its verifier, or used, is a consent that was not given."""
    code = _consented(consents, there)
    for verifier in ("w" * 43, VERIFIER):
        with pytest.raises(ForbiddenError) as refused:
            consents.exchange("durand", code=code, verifier=verifier, back=BACK)
        assert refused.value.code == "fetch_box.lost"


@pytest.mark.parametrize(
    ("status", "error", "kind", "code"),
    [
        (400, "invalid_grant", ForbiddenError, "fetch_box.lost"),
        (400, "interaction_required", ForbiddenError, "fetch_box.lost"),
        (401, "invalid_client", UnavailableError, "fetch_box.client"),
        (400, "unauthorized_client", UnavailableError, "fetch_box.client"),
        (500, "server_error", UnavailableError, "fetch_box.provider_away"),
        (429, "slow_down", UnavailableError, "fetch_box.provider_away"),
        (404, "", UnavailableError, "fetch_box.provider_away"),
    ],
)
def test_what_a_provider_refuses_is_told_apart(
    consents: HttpMailConsents,
    there: MailOAuth,
    status: int,
    error: str,
    kind: type[FacteurError],
    code: str,
) -> None:
    """Only a consent that is gone asks its owner for another."""
    there.error = (status, error)
    with pytest.raises(kind) as refused:
        consents.renew("durand", "refresh")
    assert refused.value.code == code


def test_a_token_that_would_break_a_line_is_no_token(
    consents: HttpMailConsents, there: MailOAuth
) -> None:
    """A provider's answer reaches no line of IMAP unread."""
    for bad in ("a\r\nb", "a b", "é", "", 7, "x" * 9000):
        there.answer = lambda _form, _auth, bad=bad: (  # type: ignore[method-assign]
            200, {"access_token": bad, "refresh_token": "r"}
        )  # fmt: skip
        with pytest.raises(UnavailableError):
            consents.renew("durand", "refresh")
    del there.answer  # type: ignore[method-assign]


def test_a_provider_we_do_not_have_is_told(consents: HttpMailConsents) -> None:
    """The installer took it away: mailboxes of it say so."""
    with pytest.raises(NotFoundError):
        consents.renew("google", "refresh")
    assert ["durand"] == [one.name for one in consents.providers()]
