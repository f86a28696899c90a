"""The IMAP adapter against a small server over real TLS, honest and hostile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from facteur.adapters.imap import ImapServers, _Server
from facteur.domain.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.mailboxes import Mailbox
from facteur.ports import Limits

from tests.adapters.imap_server import ImapServer, imap_server

RAW = b"From: Orange <facture@orange.fr>\nSubject: =?utf-8?q?Votre_facture_n=C2=B01?=\n\nBonjour"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ImapServer]:
    with imap_server(tmp_path) as running:
        running.mails = {3: RAW, 5: RAW.replace(b"1?=", b"2?="), 9: b"\xff\xfe broken"}
        yield running


def servers(server: ImapServer, *, limits: Limits | None = None) -> ImapServers:
    return ImapServers(limits or Limits(), port=server.port, private=True, tls=server.client_tls)


def box(server: ImapServer, **changes: str) -> Mailbox:
    values = {"host": "localhost", "user": server.user, "folder": server.folder, **changes}
    return Mailbox(dossier="d", id="b", secret="", **values)


@pytest.mark.parametrize("plain", [True, False])
def test_new_mails_are_seen_and_read_without_a_trace(server: ImapServer, plain: bool) -> None:
    """EXAMINE and PEEK only; « n:* » of a folder without news answers its last mail: not new."""
    server.plain = plain
    if not plain:
        server.password = 'pass "word" \\'
        server.user = 'a "b" \\'
    expected = server.password
    if not plain:  # what LOGIN says on the wire
        server.user, server.password = 'a \\"b\\" \\\\', 'pass \\"word\\" \\\\'
    user = 'a "b" \\' if not plain else server.user
    with servers(server).open(box(server, user=user), expected) as folder:
        assert (7, 10) == (folder.validity, folder.next_uid)
        assert (3, 5, 9) == folder.after(0, most=50)
        assert (3, 5) == folder.after(0, most=2)
        assert () == folder.after(9, most=50)
        first, _second, broken = folder.envelopes((3, 5, 9))
        assert ("facture@orange.fr", "Votre facture n°1") == (first.sender, first.subject)
        assert len(RAW) == first.size
        assert (9, "") == (broken.uid, broken.sender)
        assert RAW == folder.mail(3)
        assert folder.mail(4) is None
    assert any("EXAMINE" in one for one in server.said)
    assert not any(word in " ".join(server.said) for word in ("STORE", "SELECT", "EXPUNGE"))


def test_a_wrong_password_and_an_unknown_folder_are_told_apart(server: ImapServer) -> None:
    """The page says which field to look at."""
    with (
        pytest.raises(ForbiddenError, match=r"imap\.login"),
        servers(server).open(box(server), "wrong"),
    ):
        pass
    with (
        pytest.raises(NotFoundError, match=r"imap\.folder"),
        servers(server).open(box(server, folder="Reçus"), server.password),
    ):
        pass
    assert any('"Re&AOc-us"' in one for one in server.said)


def test_a_line_feed_never_ends_a_command(server: ImapServer) -> None:
    """What was typed cannot speak to the server."""
    evil = 'INBOX"\r\nx DELETE "INBOX'
    with (
        pytest.raises((UnavailableError, NotFoundError)),
        servers(server).open(box(server, folder=evil), server.password),
    ):
        pass
    assert not any(one.startswith("x DELETE") for one in server.said)


@pytest.mark.parametrize(
    "hostile", ["banner", "literal", "endless", "garbage", "silent", "number"]
)
def test_a_hostile_server_is_given_up(server: ImapServer, hostile: str) -> None:
    """No TLS speech, four gigabytes announced, answers without end, noise, silence, a number
    that no one counts to: an error, within bounds of time and memory."""
    server.hostile = hostile

    def whole_round() -> None:
        with servers(server).open(box(server), server.password) as folder:
            folder.after(0, most=50)
            folder.envelopes((3,))
            folder.mail(3)

    with pytest.raises(UnavailableError):
        whole_round()


def test_a_mail_above_the_bound_is_not_read(server: ImapServer) -> None:
    """Its size is announced before its bytes: a lying RFC822.SIZE changes nothing."""
    server.mails[11] = RAW + b"x" * 3_000_000
    small = servers(server, limits=Limits(mail_bytes=1_000_000))
    with (
        pytest.raises(UnavailableError),
        small.open(box(server), server.password) as folder,
    ):
        folder.mail(11)


def test_a_round_has_a_deadline(server: ImapServer) -> None:
    """Each read looks at the clock: slow drops do not hold a function for ever."""
    ticks = iter([0.0] + [1000.0] * 100)
    late = ImapServers(
        Limits(), port=server.port, private=True, tls=server.client_tls, now=lambda: next(ticks)
    )
    with pytest.raises(UnavailableError), late.open(box(server), server.password):
        pass


@pytest.mark.parametrize("literal", [True, False])
def test_a_server_that_gives_a_byte_now_and_then_is_given_up(literal: bool) -> None:
    """In the middle of a literal or of a line: each wait is shorter than what is left."""
    time, waits = [0.0], list[float]()

    class Wire:
        """One byte after ten seconds, for ever."""

        def peek(self, _size: int) -> bytes:
            time[0] += 10
            return b"x"

        def read1(self, _size: int) -> bytes:
            time[0] += 10 if literal else 0
            return b"x"

        def settimeout(self, seconds: float) -> None:
            waits.append(seconds)

        def shutdown(self, _how: int) -> None: ...

        def close(self) -> None: ...

    server = object.__new__(_Server)
    server._now, server._deadline, server.left = lambda: time[0], 115.0, 1000
    server.file = server.sock = Wire()  # type: ignore[assignment]

    with pytest.raises(_Server.abort):
        server.read(500) if literal else server.readline()
    assert 120.0 == time[0]
    assert 5.0 == min(waits)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "169.254.169.254", "10.0.0.1"])
def test_a_server_of_a_private_network_is_refused(server: ImapServer, host: str) -> None:
    """A mailbox is no way into the network that we run in."""
    public = ImapServers(Limits(), port=server.port, tls=server.client_tls)
    with (
        pytest.raises(InvalidError, match=r"imap\.private"),
        public.open(box(server, host=host), server.password),
    ):
        pass
    assert [] == server.said


def test_a_certificate_of_nobody_is_refused(server: ImapServer) -> None:
    """The password is sent to the server that it is for, or not at all."""
    careful = ImapServers(Limits(), port=server.port, private=True)
    with pytest.raises(UnavailableError), careful.open(box(server), server.password):
        pass
    assert [] == server.said


def test_an_access_token_opens_the_folder(server: ImapServer) -> None:
    """AUTHENTICATE XOAUTH2; no password is sent."""
    server.tokens = {"t-1"}
    with servers(server).open(box(server, provider="google"), "t-1") as folder:
        assert (3, 5, 9) == folder.after(0, most=50)
    assert ["XOAUTH2"] == [one.split()[2] for one in server.said if " AUTHENTICATE " in one]


def test_a_refused_token_ends_with_an_empty_line(server: ImapServer) -> None:
    """The challenge that carries the reason wants one; the server's own trouble is no refusal."""
    server.tokens = {"t-1"}
    refused = box(server, provider="google")
    with pytest.raises(ForbiddenError, match=r"imap\.token"), servers(server).open(refused, "old"):
        pass
    assert "challenge answered b'\\r\\n'" in server.said
    server.refusal = b" NO [UNAVAILABLE] later"
    with (
        pytest.raises(UnavailableError, match=r"imap\.broken"),
        servers(server).open(refused, "old"),
    ):
        pass
    server.tokens = set()
    with (
        pytest.raises(UnavailableError, match=r"imap\.no_token"),
        servers(server).open(refused, "t-1"),
    ):
        pass
