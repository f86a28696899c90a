"""Mailboxes opened by consent: connected, fetched, renewed by one at a time, reconnected."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from facteur.adapters.connectors.http import Http
from facteur.adapters.connectors.mail_consents import HttpMailConsents
from facteur.adapters.connectors.mail_providers import registered
from facteur.adapters.imap import ImapServers
from facteur.adapters.system import SystemIds
from facteur.domain.commands import FetchMailbox, Sweep
from facteur.domain.dossiers import PERMISSIONS, Role
from facteur.domain.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.mailboxes import Mailbox
from facteur.ports import Limits, MailGrant
from facteur.services.intake import fetching, mailbox_access, mailbox_consents
from facteur.services.run import run

from tests.adapters.imap_server import ImapServer, imap_server
from tests.mail_oauth import MailOAuth, mail_oauth
from tests.services.intake.test_fetching import mail
from tests.services.world import World

BACK = "http://facteur.test/boites/retour"
SESSION = "the token of the session's forms"


@pytest.fixture
def oauth() -> Iterator[MailOAuth]:
    with mail_oauth() as made:
        yield made


@pytest.fixture
def server(world: World, oauth: MailOAuth, tmp_path: Path) -> Iterator[ImapServer]:
    """A mail server that takes what the provider gives."""
    http = Http(world.clock, SystemIds(), nearby=True, pause=lambda _seconds: None)
    with imap_server(tmp_path) as running:
        running.tokens, running.mails = oauth.access, {1: mail("OLD")}
        world.with_(
            mail_servers=ImapServers(
                Limits(), port=running.port, private=True, tls=running.client_tls
            ),
            mail_consents=HttpMailConsents(http, registered(oauth.setting, plain=True)),
        )
        oauth.access.add("of somebody else")  # the server offers XOAUTH2
        yield running


def leave(world: World, server: ImapServer, **changes: str) -> str:
    typed = {"user": server.user, "folder": "", **changes}
    provider, towards = mailbox_consents.begin(
        world.caller, "durand", binding=SESSION, back=BACK, context=world.context, **typed
    )
    assert "Messagerie Durand" == provider.label
    return towards


def come_back(world: World, way: dict[str, str], **changes: object) -> Mailbox:
    given = {"caller": world.caller, "binding": SESSION, "code": way.get("code", ""), **changes}
    caller = given.pop("caller")
    return mailbox_consents.finish(
        caller, state=way["state"], back=BACK, context=world.context, **given
    )


@pytest.fixture
def box(world: World, server: ImapServer, oauth: MailOAuth) -> Mailbox:
    """Connected by consent, with a rule."""
    made = come_back(world, oauth.browse(leave(world, server)))
    return fetching.add_rule(
        world.caller, made.id, where="from", text="facture@orange.fr", direction="purchase",
        context=world.context,
    )  # fmt: skip


def held(world: World, box: Mailbox) -> Mailbox:
    return world.context.mailboxes.mailbox(world.dossier, box.id)


def fetch(world: World, box: Mailbox) -> None:
    run(FetchMailbox(dossier=world.dossier, mailbox=box.id), world.context)
    world.deliver()


def journal(world: World) -> list[str]:
    return [one.what for one in world.context.journal.entries(world.dossier)]


def test_a_mailbox_is_connected_by_its_owners_consent_then_fetched(
    world: World, server: ImapServer, oauth: MailOAuth, box: Mailbox
) -> None:
    """No password is known; the refresh token is sealed, the tokens of each round are new."""
    assert ("localhost", "durand", 1) == (box.host, box.provider, box.seen)
    assert "refresh" not in box.secret
    server.mails[2] = mail("F2")
    fetch(world, box)
    server.mails[3] = mail("F3")
    fetch(world, box)
    numbers = sorted(one.summary.number for one in world.documents())
    assert ["F2", "F3"] == numbers
    assert not any("LOGIN" in one or "PLAIN" in one for one in server.said)
    kept = world.context.secrets.open(
        held(world, box).secret, dossier=world.dossier, purpose=mailbox_access.PURPOSE
    )
    assert oauth.refresh == kept
    assert held(world, box).renewing_until is None
    assert "fetch_box.connected" in journal(world)


def test_a_way_serves_once_in_its_own_session(
    world: World, server: ImapServer, oauth: MailOAuth
) -> None:
    """Another session, another person, another dossier, twice, too late, refused: nothing."""
    other = replace(world.caller, user="somebody-else")
    elsewhere = replace(world.caller, dossier="another-dossier")
    strangers: list[dict[str, object]] = [
        {"binding": "another session"}, {"caller": other}, {"caller": elsewhere}, {"code": ""},
    ]  # fmt: skip
    for wrong in strangers:
        way = oauth.browse(leave(world, server))
        with pytest.raises(InvalidError, match=r"fetch_box\.consent"):
            come_back(world, way, **wrong)
        with pytest.raises(InvalidError):
            come_back(world, way)  # it was taken
    late = oauth.browse(leave(world, server))
    world.clock.pass_(minutes=21)
    with pytest.raises(InvalidError):
        come_back(world, late)
    with pytest.raises(InvalidError):
        come_back(world, {"state": ""})
    assert () == world.context.mailboxes.of_dossier(world.dossier)


def test_nothing_is_stored_before_the_mailbox_has_opened(
    world: World, server: ImapServer, oauth: MailOAuth
) -> None:
    """The consent of another account than the mailbox's; a folder that is not there."""
    for changes in ({"user": "autre@acme.example"}, {"folder": "Reçus"}):
        way = oauth.browse(leave(world, server, **changes))
        with pytest.raises(InvalidError) as refused:
            come_back(world, way)
        assert refused.value.code in ("imap.token", "imap.folder")
        assert [""] == [one.path for one in refused.value.faults]
    assert () == world.context.mailboxes.of_dossier(world.dossier)


def test_what_is_typed_is_checked_before_one_leaves(world: World, server: ImapServer) -> None:
    """An address, a folder in one line, a provider of the installation, a gérant."""
    with pytest.raises(InvalidError) as refused:
        leave(world, server, user="compta", folder="a\r\nb")
    assert ["user", "folder"] == [one.path for one in refused.value.faults]
    with pytest.raises(NotFoundError):
        mailbox_consents.begin(
            world.caller, "google", user="a@b.fr", folder="", binding="", back="",
            context=world.context,
        )  # fmt: skip
    staff = replace(world.caller, permissions=PERMISSIONS[Role.STAFF])
    world_of = replace(world, caller=staff)
    with pytest.raises(ForbiddenError):
        leave(world_of, server)
    with pytest.raises(ForbiddenError):
        come_back(world, {"state": "x"}, caller=staff)


def test_a_consent_taken_back_is_told_once_and_never_asked_again(
    world: World, server: ImapServer, oauth: MailOAuth, box: Mailbox
) -> None:
    """On the page, in the journal, for the digests; the clock leaves it alone."""
    oauth.revoke()
    since = world.clock.now()
    world.clock.pass_(seconds=1)
    fetch(world, box)
    fetch(world, box)
    lost = held(world, box)
    assert lost.failure is not None
    assert ("fetch_box.lost", True) == (lost.failure.code, lost.to_reconnect)
    assert 1 == journal(world).count("fetch_box.lost")
    alerts = world.context.notifications.alerts(since, world.clock.now())
    assert [(world.dossier, f"mailbox:{box.id}")] == list(alerts)

    world.clock.pass_(days=30)
    asked = len(oauth.asked)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    assert asked == len(oauth.asked)


def test_a_mailbox_is_reconnected_with_its_rules_and_its_place(
    world: World, server: ImapServer, oauth: MailOAuth, box: Mailbox
) -> None:
    """What arrived meanwhile is taken; what is somebody else's is not reconnected."""
    oauth.revoke()
    fetch(world, box)
    oauth.access.add("of somebody else")
    server.mails[2] = mail("F2")
    _provider, towards = mailbox_consents.begin_again(
        world.caller, box.id, binding=SESSION, back=BACK, context=world.context
    )
    again = come_back(world, oauth.browse(towards))
    assert (box.id, box.rules, None, 0) == (
        again.id, again.rules, again.failure, again.failures,
    )  # fmt: skip
    world.deliver()
    assert ["F2"] == [one.summary.number for one in world.documents()]
    assert "fetch_box.reconnected" in journal(world)
    stranger = replace(world.caller, dossier="another-dossier")
    with pytest.raises(NotFoundError):
        mailbox_consents.begin_again(stranger, box.id, binding="", back="", context=world.context)


def test_a_provider_that_is_away_asks_for_no_reconnection(
    world: World, server: ImapServer, oauth: MailOAuth, box: Mailbox
) -> None:
    """It is tried again, less and less often; the token that was not used goes on counting."""
    oauth.error = (500, "server_error")
    fetch(world, box)
    away = held(world, box)
    assert (1, False, None) == (away.failures, away.to_reconnect, away.renewing_until)
    oauth.error = None
    fetch(world, box)
    assert held(world, box).failure is None


def test_two_who_fetch_at_once_use_a_refresh_token_once(
    world: World, server: ImapServer, oauth: MailOAuth, box: Mailbox
) -> None:
    """The provider ends them all when one is used twice: one fetches, the other comes again."""

    def round_() -> str:
        try:
            mailbox_access.secret_of(held(world, box), world.context)
        except StaleVersionError:
            return "later"
        return "had"

    with ThreadPoolExecutor(4) as pool:
        found = [one.result() for one in [pool.submit(round_) for _ in range(8)]]
    assert "had" in found
    assert oauth.refresh  # never used twice: the provider revoked nothing
    fetch(world, box)
    assert held(world, box).failure is None


def test_whose_turn_it_is_is_known_and_ends(
    world: World, server: ImapServer, box: Mailbox
) -> None:
    """A function that died with its turn holds the mailbox a minute and a half, not for ever."""
    world.context.mailboxes.save(
        replace(held(world, box), renewing_until=world.clock.now().replace(minute=1))
    )
    with pytest.raises(StaleVersionError):
        run(FetchMailbox(dossier=world.dossier, mailbox=box.id), world.context)
    assert held(world, box).failure is None
    world.clock.pass_(minutes=2)
    fetch(world, box)
    assert held(world, box).worked_at is not None


def test_a_rule_added_during_a_renewal_loses_no_token(
    world: World, server: ImapServer, oauth: MailOAuth, box: Mailbox
) -> None:
    """The token that counts is kept whoever changed the mailbox; a reconnection is not undone."""
    consents = world.context.mail_consents

    class Slow:
        """Somebody works on the mailbox while the provider answers."""

        def __init__(self, meanwhile: object) -> None:
            self.meanwhile = meanwhile

        def renew(self, provider: str, refresh: str) -> MailGrant:
            given = consents.renew(provider, refresh)
            self.meanwhile()  # type: ignore[operator]
            return given

    def rule() -> None:
        fetching.add_rule(
            world.caller, box.id, where="subject", text="x", direction="sale",
            context=world.context,
        )  # fmt: skip

    world.with_(mail_consents=Slow(rule))
    after, _access = mailbox_access.secret_of(held(world, box), world.context)
    kept = world.context.secrets.open(
        after.secret, dossier=world.dossier, purpose=mailbox_access.PURPOSE
    )
    assert (oauth.refresh, 2) == (kept, len(after.rules))

    def reconnected() -> None:
        world.context.mailboxes.save(replace(held(world, box), secret="another consent"))

    world.with_(mail_consents=Slow(reconnected))
    with pytest.raises(StaleVersionError):
        mailbox_access.secret_of(held(world, box), world.context)
    assert "another consent" == held(world, box).secret
