"""Tokens of a platform: had once, renewed in time, rotated safely whoever asks at once."""

import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from facteur.adapters.connectors.registry import PlatformRegistry
from facteur.adapters.system import SystemClock, SystemIds
from facteur.domain.connections import Connection, Credentials, Grant
from facteur.domain.errors import (
    ForbiddenError,
    NotFoundError,
    RefusedByPlatformError,
    StaleVersionError,
    UnavailableError,
)
from facteur.ports import Platform

from tests.sandbox_pa import BUYER, LONG_AGO, SELLER, House, running

BACK = "http://127.0.0.1:9/retour"


class Kept:
    """The connection's row: where a rotated refresh token is kept."""

    def __init__(self, first: str) -> None:
        self.tokens = [first]

    def keep(self, token: str) -> None:
        """Keep the new one."""
        self.tokens.append(token)


def asked_for_tokens(house: House) -> int:
    """How many times the token endpoint was called."""
    return sum(one.url.endswith("/oauth2/token") for one in house.calls)


def consented(house: House, siren: str = SELLER) -> tuple[Connection, Credentials]:
    """A user lets an application in for a company, on the platform's own page."""
    application = house.sandbox.application("Facteur")
    connection = house.connection(
        siren, client_id=application.id, grant=Grant.CODE, client_secret="sealed-text"
    )
    credentials = Credentials(client_secret=application.secret)
    address = house.registry.consent_url(connection, state="s-1", back=BACK)
    shown = httpx.get(address)
    assert siren in shown.text
    answer = httpx.post(address, data={"siren": siren, "answer": "yes"})
    sent = parse_qs(urlsplit(answer.headers["location"]).query)
    assert sent["state"] == ["s-1"]
    token = house.registry.exchange(connection, credentials, code=sent["code"][0], back=BACK)
    return connection, replace(credentials, refresh_token=token)


def opened(
    house: House,
    connection: Connection,
    credentials: Credentials,
    kept: Kept,
    registry: PlatformRegistry | None = None,
) -> Platform:
    """The platform by the consent."""
    return (registry or house.registry).open(
        connection, credentials, house.calls.append, kept.keep
    )


def test_a_token_is_asked_for_once_for_many_openings() -> None:
    """Each command opens the platform anew; a thousand flows do not ask for a thousand tokens."""
    with running() as house:
        for _command in range(20):
            house.open().check()
        assert asked_for_tokens(house) == 1


def test_threads_that_come_together_share_one_token() -> None:
    """Whoever comes second waits for the first and finds its token."""
    with running() as house:
        together = threading.Barrier(8)

        def work() -> None:
            together.wait()
            house.open().check()

        threads = [threading.Thread(target=work) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert asked_for_tokens(house) == 1
        assert len(house.calls) == 9


def test_two_companies_have_each_their_token() -> None:
    """One dossier's token never opens another's account."""
    with running() as house:
        for siren in (SELLER, BUYER):
            house.open(siren).check()
        assert asked_for_tokens(house) == 2


def test_a_token_that_ends_soon_is_not_used_any_more() -> None:
    """It is renewed a minute before its end, so that no call arrives too late with it."""
    with running() as house:
        house.sandbox.faults.set("token_seconds", 60)
        house.open().check()
        house.open().check()
        assert asked_for_tokens(house) == 2


def test_a_token_that_is_forgotten_in_the_middle_of_a_walk_is_renewed_once() -> None:
    """The walk goes on; the user sees nothing."""
    with running() as house:
        platform = house.open()
        platform.search(updated_after=LONG_AGO)
        house.sandbox.store.forget_access()
        platform.search(updated_after=LONG_AGO)
        assert [one.status for one in house.calls[2:]] == [401, 200, 200]


def test_a_platform_that_takes_no_token_is_not_asked_for_ever() -> None:
    """Two refusals: the connection says that it is not let in."""
    with running() as house:
        house.sandbox.faults.set("token_seconds", -10)
        with pytest.raises(ForbiddenError) as failure:
            house.open().find("t")
        assert failure.value.code == "platform.login"
        assert len(house.calls) == 4


def test_a_wrong_secret_says_so() -> None:
    """The reason is the platform's, for the person who typed it (D28)."""
    with running() as house:
        wrong = Credentials(client_secret="wrong")
        platform = house.registry.open(
            house.connection(SELLER), wrong, house.calls.append, lambda _token: None
        )
        with pytest.raises(ForbiddenError) as failure:
            platform.check()
        assert failure.value.values["reason"] == "invalid_client"
        assert "wrong" not in repr(house.calls)
        assert "wrong" not in repr(wrong)


def test_a_user_lets_an_application_in() -> None:
    """Consent, code, tokens, health: the way of « Se connecter » (PE-15)."""
    with running() as house:
        connection, credentials = consented(house)
        kept = Kept(credentials.refresh_token)
        opened(house, connection, credentials, kept).check()
        assert len(kept.tokens) == 2


def test_a_code_is_worth_nothing_without_what_only_we_know() -> None:
    """PKCE: whoever catches the code on its way cannot use it, nor can anybody use it twice."""
    with running() as house:
        application = house.sandbox.application("Facteur")
        ours = house.connection(SELLER, client_id=application.id, client_secret="sealed-1")
        theirs = replace(ours, client_secret="sealed-2")
        secret = Credentials(client_secret=application.secret)
        address = house.registry.consent_url(ours, state="s", back=BACK)
        answer = httpx.post(address, data={"siren": SELLER, "answer": "yes"})
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        with pytest.raises(RefusedByPlatformError):
            house.registry.exchange(theirs, secret, code=code, back=BACK)
        assert house.registry.exchange(ours, secret, code=code, back=BACK)
        with pytest.raises(RefusedByPlatformError) as failure:
            house.registry.exchange(ours, secret, code=code, back=BACK)
        assert failure.value.values["reason"] == "invalid_grant"


def test_a_user_may_say_no() -> None:
    """The application hears of it and gets no code."""
    with running() as house:
        application = house.sandbox.application("Facteur")
        connection = house.connection(SELLER, client_id=application.id)
        address = house.registry.consent_url(connection, state="s", back=BACK)
        answer = httpx.post(address, data={"siren": SELLER, "answer": "no"})
        assert "error=access_denied" in answer.headers["location"]
        assert "code=" not in answer.headers["location"]


def test_a_rotated_token_is_kept_before_the_new_one_is_used() -> None:
    """What cannot be kept is not used: no call goes out with tokens that nobody could renew."""
    with running() as house:
        connection, credentials = consented(house)

        def refuses(_token: str) -> None:
            raise StaleVersionError("stale")

        platform = house.registry.open(connection, credentials, house.calls.append, refuses)
        with pytest.raises(StaleVersionError):
            platform.check()
        assert [urlsplit(one.url).path for one in house.calls] == ["/oauth2/token"]


def test_a_refresh_token_is_used_once_however_many_ask() -> None:
    """Eight threads with one consent: one rotation, and everybody is served (PE-15)."""
    with running() as house:
        connection, credentials = consented(house)
        kept = Kept(credentials.refresh_token)
        together, failed = threading.Barrier(8), list[Exception]()

        def work() -> None:
            together.wait()
            try:
                opened(house, connection, credentials, kept).check()
            except ForbiddenError as error:
                failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert failed == []
        assert len(kept.tokens) == 2


def test_an_older_copy_of_the_connection_does_not_bring_an_old_token_back() -> None:
    """A command that read the connection before the rotation goes on with the new token."""
    with running() as house:
        connection, credentials = consented(house)
        kept = Kept(credentials.refresh_token)
        opened(house, connection, credentials, kept).find("t")
        house.sandbox.store.forget_access()
        opened(house, connection, credentials, kept).find("t")
        assert len(kept.tokens) == 3


def test_another_process_that_was_faster_is_found_in_the_connection() -> None:
    """A used token is refused as ``invalid_grant``; with the one that was kept it goes on."""
    with running() as house:
        connection, credentials = consented(house)
        kept = Kept(credentials.refresh_token)
        opened(house, connection, credentials, kept).check()
        clock, ids = SystemClock(), SystemIds()
        other = PlatformRegistry(clock, ids, nearby=True, sandbox_url=house.server.url)
        with pytest.raises(ForbiddenError) as failure:
            opened(house, connection, credentials, kept, other).check()
        assert failure.value.values["reason"] == "invalid_grant"
        fresh = replace(credentials, refresh_token=kept.tokens[-1])
        opened(house, connection, fresh, kept, other).check()
        # And back: the first process learns of the second's rotation the same way.
        house.sandbox.store.forget_access()
        fresh = replace(credentials, refresh_token=kept.tokens[-1])
        opened(house, connection, fresh, kept).check()


def test_a_renewal_waits_for_its_turn_and_takes_the_token_that_stands() -> None:
    """Nothing is asked while another renews; then the token of the row, not the one at hand."""

    def taken() -> AbstractContextManager[str]:
        raise UnavailableError("platform.token_moved")

    with running() as house:
        connection, credentials = consented(house)
        kept, old = Kept(credentials.refresh_token), replace(credentials, refresh_token="used")
        for turn in (taken, lambda: nullcontext(credentials.refresh_token)):
            platform = house.registry.open(connection, old, house.calls.append, kept.keep, turn)
            if turn is taken:
                with pytest.raises(UnavailableError):
                    platform.check()
                assert 0 == asked_for_tokens(house)
            else:
                platform.check()
        assert 2 == len(kept.tokens)


def test_without_a_refresh_token_nothing_is_asked() -> None:
    """A consent that never ended is no reason to call a platform."""
    with running() as house:
        connection, credentials = consented(house)
        platform = opened(house, connection, replace(credentials, refresh_token=""), Kept(""))
        with pytest.raises(ForbiddenError):
            platform.check()
        assert house.calls == []


def test_a_platform_nobody_knows_is_not_opened() -> None:
    """A connection of a product that is no longer installed says so."""
    with running() as house:
        for platform in ("nobody", ""):
            with pytest.raises(NotFoundError):
                house.open(SELLER, platform=platform)
        with pytest.raises(NotFoundError):
            house.registry.consent_url(
                house.connection(SELLER, platform="esalink"), state="s", back=BACK
            )


def test_the_test_platform_is_offered_only_where_it_runs() -> None:
    """No cloud installation shows it; every row has an address or asks for one."""
    registry = PlatformRegistry(SystemClock(), SystemIds())
    kinds = {one.name: one for one in registry.kinds()}
    assert "sandbox" not in kinds
    assert kinds.pop("afnor").flow_url == ""
    assert all(one.flow_url.startswith("https://") for one in kinds.values())
    assert all(one.token_url.startswith("https://") for one in kinds.values())
