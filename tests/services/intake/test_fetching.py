"""Connected mailboxes: rules, once, health, « Rejouer », against a small IMAP server."""

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from facteur.adapters.imap import ImapServers
from facteur.domain.commands import FetchMailbox, Sweep
from facteur.domain.documents import Channel, Direction
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.errors import ForbiddenError, InvalidError, NotFoundError
from facteur.domain.mailboxes import Mailbox, Outcome
from facteur.ports import Limits
from facteur.services.intake import fetching
from facteur.services.intake.mailbox_access import PURPOSE
from facteur.services.run import run

from tests.adapters.imap_server import ImapServer, imap_server
from tests.services.world import World, xml


def mail(number: str, sender: str = "facture@orange.fr", subject: str = "Votre facture") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    message["Message-ID"] = f"<{number}@orange.fr>"
    message.set_content("Bonjour")
    message.add_attachment(
        xml(number), maintype="application", subtype="xml", filename=f"{number}.xml"
    )
    return message.as_bytes()


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[ImapServer]:
    with imap_server(tmp_path) as running:
        world.with_(
            mail_servers=ImapServers(
                Limits(), port=running.port, private=True, tls=running.client_tls
            )
        )
        running.mails = {1: mail("OLD")}
        yield running


def typed(server: ImapServer, **changes: str) -> dict[str, str]:
    values = {"host": "localhost.localdomain", "user": server.user, "password": server.password}
    return {**values, "folder": "INBOX", **changes}


@pytest.fixture
def box(world: World, server: ImapServer) -> Mailbox:
    """A connected mailbox whose rule takes what Orange writes."""
    held = Mailbox(
        dossier=world.dossier, id="b1", host="localhost", user=server.user, validity=7, seen=1,
        secret=world.context.secrets.seal(
            server.password, dossier=world.dossier, purpose=PURPOSE
        ),
    )  # fmt: skip
    world.context.mailboxes.save(held)
    return fetching.add_rule(
        world.caller, "b1", where="from", text="Facture@Orange.fr", direction="purchase",
        context=world.context,
    )  # fmt: skip


def fetch(world: World) -> None:
    run(FetchMailbox(dossier=world.dossier, mailbox="b1"), world.context)
    world.deliver()


def listed(world: World) -> list[tuple[int, Outcome, str]]:
    _box, mails = fetching.processed(world.caller, "b1", world.context)
    return [(one.uid, one.outcome, one.reason) for one in mails]


def held(world: World) -> Mailbox:
    return world.context.mailboxes.mailbox(world.dossier, "b1")


def test_a_mail_that_a_rule_takes_is_received_once(
    world: World, server: ImapServer, box: Mailbox
) -> None:
    """What was there before is left alone, what no rule takes is listed; again changes nothing."""
    server.mails |= {2: mail("F2"), 4: mail("F4", sender="pub@orange.fr")}
    fetch(world)
    fetch(world)

    (document,) = world.documents()
    assert "F2" == document.summary.number
    assert (Channel.MAIL, "facture@orange.fr", False) == (
        document.sources[0].channel,
        document.sources[0].sender,
        document.sources[0].authenticated,
    )
    assert [(4, Outcome.IGNORED, ""), (2, Outcome.TAKEN, "facture@orange.fr")] == listed(world)
    assert (4, None, 0) == (held(world).seen, held(world).failure, held(world).failures)
    assert held(world).worked_at is not None


def test_a_rule_may_say_sales_by_the_subject(
    world: World, server: ImapServer, box: Mailbox
) -> None:
    """The first rule that takes a mail decides its direction."""
    fetching.add_rule(
        world.caller, "b1", where="subject", text="VENTE", direction="sale", context=world.context
    )
    server.mails[2] = mail("V1", sender="caisse@acme.example", subject="Ticket de vente n°1")
    fetch(world)

    assert () == world.documents()
    (sale,) = world.documents(Direction.SALE)
    assert "V1" == sale.summary.number


def test_retraiter_takes_a_mail_that_was_ignored(
    world: World, server: ImapServer, box: Mailbox
) -> None:
    """A person says purchases; again makes no second document; a mail that left is told."""
    server.mails |= {2: mail("F2", sender="autre@x.fr"), 3: mail("F3", sender="autre@x.fr")}
    fetch(world)
    for _time in (1, 2):
        fetching.take_again(world.caller, "b1", "7-2", "purchase", world.context)
        world.deliver()
    assert ["F2"] == [one.summary.number for one in world.documents()]
    assert (2, Outcome.TAKEN, "") in listed(world)

    del server.mails[3]
    fetching.take_again(world.caller, "b1", "7-3", "purchase", world.context)
    world.deliver()
    assert (3, Outcome.FAILED, "imap.gone") in listed(world)
    with pytest.raises(NotFoundError):
        fetching.take_again(world.caller, "b1", "7-99", "purchase", world.context)


def test_a_server_that_numbers_anew_makes_nothing_twice(
    world: World, server: ImapServer, box: Mailbox
) -> None:
    """UIDVALIDITY changed: the last mails are looked at again, the known ones make nothing."""
    server.mails[2] = mail("F2")
    fetch(world)
    server.validity, server.mails = 8, {1: mail("F2"), 2: mail("F5")}
    fetch(world)

    assert ["F2", "F5"] == sorted(one.summary.number for one in world.documents())
    assert (8, 2) == (held(world).validity, held(world).seen)


def test_what_goes_wrong_is_the_mailboxs_health(
    world: World, server: ImapServer, box: Mailbox
) -> None:
    """The reason is kept, the next tries are rarer, the first that works clears it."""
    server.password = "changed"
    fetch(world)
    failing = held(world)
    assert ("imap.login", 1) == (failing.failure.code if failing.failure else "", failing.failures)
    assert not failing.due(world.clock.now())

    server.password, server.hostile = "pâsse word", "garbage"
    fetch(world)
    assert 2 == held(world).failures
    server.hostile = ""
    fetch(world)
    assert (None, 0) == (held(world).failure, held(world).failures)


def test_a_mail_too_large_is_listed_and_stops_no_other(
    world: World, server: ImapServer, box: Mailbox
) -> None:
    """It is not even fetched."""
    server.mails |= {2: mail("F2") + b"x" * 200_000, 3: mail("F3")}
    world.with_(limits=replace(world.context.limits, mail_bytes=100_000))
    fetch(world)

    assert ["F3"] == [one.summary.number for one in world.documents()]
    assert (2, Outcome.TOO_LARGE, "mail.too_large") in listed(world)
    assert not any("FETCH 2 (UID BODY" in one for one in server.said)


def test_the_clock_fetches_what_is_due(world: World, server: ImapServer, box: Mailbox) -> None:
    """Each quarter of an hour, once for each round."""
    server.mails[2] = mail("F2")
    for _round in (1, 2):
        run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    assert ["F2"] == [one.summary.number for one in world.documents()]

    server.said.clear()
    world.clock.pass_(minutes=10)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    assert [] == server.said
    world.clock.pass_(minutes=5)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    assert server.said


def test_a_mailbox_is_connected_once_it_opens(world: World, server: ImapServer) -> None:
    """A refusal is shown on its field and nothing is kept; the password is never in the table."""
    with pytest.raises(InvalidError) as refused:
        fetching.connect(
            world.caller, **typed(server, host="pas un serveur", user=" "), context=world.context
        )
    assert {"host", "user"} == {fault.path for fault in refused.value.faults}

    world.with_(mail_servers=_Known(world.context.mail_servers))
    with pytest.raises(InvalidError) as refused:
        fetching.connect(world.caller, **typed(server, password="no"), context=world.context)
    assert [("imap.login", "password")] == [(f.code, f.path) for f in refused.value.faults]
    assert () == fetching.listed(world.caller, world.context)

    made = fetching.connect(world.caller, **typed(server), context=world.context)
    assert (7, 1) == (made.validity, made.seen)
    items = world.platform.client("dynamodb").scan(TableName=world.platform["FACTEUR_TABLE"])
    assert server.password not in str(items)
    fetching.disconnect(world.caller, made.id, world.context)
    assert () == fetching.listed(world.caller, world.context)


class _Known:
    """A resolver: every name is the test server's."""

    def __init__(self, inner) -> None:  # type: ignore[no-untyped-def]
        self.inner = inner

    def open(self, mailbox: Mailbox, password: str):  # type: ignore[no-untyped-def]
        return self.inner.open(replace(mailbox, host="localhost"), password)


def test_another_dossiers_mailbox_does_not_exist(
    world: World, server: ImapServer, box: Mailbox
) -> None:
    """Neither seen nor fetched; only a gérant looks at mailboxes at all."""
    other = Caller(user="u9", name="", dossier="other", permissions=PERMISSIONS[Role.MANAGER])
    staff = Caller(user="u2", name="", dossier=world.dossier, permissions=PERMISSIONS[Role.STAFF])
    assert () == fetching.listed(other, world.context)
    for caller, error in ((other, NotFoundError), (staff, ForbiddenError)):
        with pytest.raises(error):
            fetching.processed(caller, "b1", world.context)
        with pytest.raises(error):
            fetching.fetch_now(caller, "b1", world.context)
        with pytest.raises(error):
            fetching.disconnect(caller, "b1", world.context)


@pytest.mark.parametrize(
    ("where", "text"), [("from", "orange"), ("from", " "), ("body", "a@b.fr"), ("subject", "")]
)
def test_a_rule_that_says_nothing_is_refused(
    world: World, server: ImapServer, box: Mailbox, where: str, text: str
) -> None:
    """An address or a domain; words of the subject; a direction."""
    with pytest.raises(InvalidError):
        fetching.add_rule(
            world.caller, "b1", where=where, text=text, direction="sale", context=world.context
        )
    said = {"where": "from", "text": "facture@orange.fr", "direction": "purchase"}
    changed = fetching.remove_rule(world.caller, "b1", **said, context=world.context)
    assert () == changed.rules
    assert changed == fetching.remove_rule(world.caller, "b1", **said, context=world.context)
