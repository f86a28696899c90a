"""A dossier's preferences at work on mails that arrive, with the real store."""

from dataclasses import replace
from decimal import Decimal

import pytest
from facteur.domain.acceptance import Mode
from facteur.domain.commands import AcceptDocument, ReceiveMail
from facteur.domain.documents import Approver, Document, State
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.errors import ForbiddenError, InvalidError, StaleVersionError
from facteur.local.demo import invoices
from facteur.services.deciding import preferences
from facteur.services.intake.mails import receive_mail
from facteur.services.run import run

from tests.services.world import DAY, World, xml


def choose(world: World, mode: Mode = Mode.MANUAL, **options: bool) -> None:
    held = {"find_duplicates": True, "block_duplicates": True, "accept_senders": False, **options}
    preferences.choose(world.caller, mode=mode.value, context=world.context, **held)


def known(world: World) -> None:
    """A person accepted the supplier's first invoice, and so vouches for its account."""
    (first,) = world.receive(("first.xml", xml("F0")), key="mail/0", message_id="m0@x")
    run(
        AcceptDocument(dossier=first.dossier, document=first.id, version=first.version, by="u1"),
        world.context,
    )
    world.deliver()


def named(world: World, *numbers: str) -> list[Document]:
    return [one for one in world.documents() if one.summary.number in numbers]


def test_a_new_dossier_accepts_by_hand_and_blocks_doubles(world: World) -> None:
    """The defaults, before anybody chose anything."""
    held = preferences.preferences(world.caller, world.context)

    assert (Mode.MANUAL, True, True, False) == (
        held.acceptance,
        held.find_duplicates,
        held.block_duplicates,
        held.accept_senders,
    )


def test_in_automatic_mode_a_mailed_invoice_goes_to_the_archive_by_itself(world: World) -> None:
    """Received, checked, accepted by the system, sealed (JF-36); its double waits."""
    known(world)
    choose(world, Mode.AUTOMATIC)
    world.receive(("f.xml", xml("F1")))
    (document,) = named(world, "F1")
    assert State.ARCHIVED is document.state
    world.receive(("g.xml", xml("F1") + b"\n"), key="mail/2", message_id="m2@x")
    (double,) = (one for one in named(world, "F1") if one.id != document.id)
    assert State.TO_ACCEPT is double.state


def test_in_automatic_mode_the_first_account_of_a_supplier_waits_for_a_person(
    world: World,
) -> None:
    """Nobody knows the account yet; without an account there is nothing to vouch for."""
    choose(world, Mode.AUTOMATIC)
    world.receive(("f.xml", xml("F1")))
    payment = invoices.workshop(DAY).payment
    assert payment is not None
    world.receive(
        ("g.xml", xml("F2", payment=replace(payment, transfers=(), means_code="10"))),
        key="mail/2",
        message_id="m2@x",
    )

    states = {one.summary.number: one.state for one in world.documents()}
    assert {"F1": State.TO_ACCEPT, "F2": State.ARCHIVED} == states


def test_trust_is_not_given_to_a_name_alone(world: World) -> None:
    """An invoice that bears a trusted supplier's name, and neither its number nor its account."""
    known(world)
    card = world.context.store.document(named(world, "F0")[0].ref).party
    held = world.context.parties.party(world.dossier, card)
    world.context.parties.save((replace(held, trusted=True),), ())
    choose(world, Mode.TRUSTED)
    sample = invoices.workshop(DAY)
    seller = replace(sample.seller, legal_id=None, identifiers=(), vat="", tax_registration="4")
    payment = replace(sample.payment, transfers=(), means_code="10")
    bare = xml("F1", payment=payment, seller=seller)
    world.receive(("f.xml", bare))
    world.receive(("g.xml", xml("F2", payment=payment)), key="mail/2", message_id="m2@x")

    (forged,), (own,) = named(world, "F1"), named(world, "F2")
    assert card == forged.party == own.party
    assert State.TO_ACCEPT is forged.state
    assert State.ARCHIVED is own.state


def test_the_option_to_find_doubles_is_obeyed(world: World) -> None:
    """JF-40 off: no mark; the second invoice is accepted like the first."""
    known(world)
    choose(world, Mode.AUTOMATIC, find_duplicates=False)
    world.receive(("f.xml", xml("F1")))
    world.receive(("g.xml", xml("F1") + b"\n"), key="mail/2", message_id="m2@x")

    both = named(world, "F1")
    assert [((), State.ARCHIVED)] * 2 == [(one.duplicates, one.state) for one in both]


@pytest.mark.parametrize(
    ("verdicts", "signer", "state"),
    [
        ({"spf": "PASS"}, "", State.ARCHIVED),
        ({"dkim": "PASS"}, "fournisseur.example", State.ARCHIVED),
        ({"dkim": "PASS"}, "pirate.example", State.TO_ACCEPT),
        ({"dkim": "PASS", "dmarc": "FAIL"}, "fournisseur.example", State.TO_ACCEPT),
        ({"dkim": "FAIL", "spf": "FAIL"}, "fournisseur.example", State.TO_ACCEPT),
        ({"dmarc": "PASS"}, "", State.ARCHIVED),
        ({}, "", State.TO_ACCEPT),
    ],
)
def test_only_a_proved_sender_is_approved(
    world: World, verdicts: dict[str, str], signer: str, state: State
) -> None:
    """JF-42: what passed must be the domain that From shows; a forger signs with his own."""
    known(world)
    choose(world, accept_senders=True)
    preferences.add_sender(world.caller, "@Fournisseur.example", world.context)
    command = world.mail(("f.xml", xml("F1")), verdicts=verdicts)
    if signer:
        client, bucket = world.platform.client("s3"), world.platform["FACTEUR_INTAKE_BUCKET"]
        raw = client.get_object(Bucket=bucket, Key=command.key)["Body"].read()
        signed = f"DKIM-Signature: v=1; a=rsa-sha256; d={signer}; s=x; b=AAAA\r\n".encode()
        client.put_object(Bucket=bucket, Key=command.key, Body=signed + raw)
    run(command, world.context)
    world.deliver()

    assert [state] == [one.state for one in named(world, "F1")]


@pytest.mark.parametrize(
    ("verdict", "headers"),
    [
        # D= is a tag that verifiers ignore; the one that counts comes after.
        ("dkim", "DKIM-Signature: v=1; D=fournisseur.example; d=pirate.example; b=AAAA\r\n"),
        ("dkim", "DKIM-Signature: v=1; d=fournisseur.example; d=pirate.example; b=AAAA\r\n"),
        (
            "dkim",
            "DKIM-Signature: v=1; d=fournisseur.example; b=AAAA\r\n" * 20
            + "DKIM-Signature: v=1; d=pirate.example; b=AAAA\r\n",
        ),
        ("dmarc", "From: Eve <eve@fournisseur.example>\r\n"),  # before the other From
    ],
)
def test_a_forger_s_headers_prove_nothing(world: World, verdict: str, headers: str) -> None:
    """What the verifier looked at must be what we look at; where it may differ, nobody is."""
    known(world)
    choose(world, accept_senders=True)
    preferences.add_sender(world.caller, "@fournisseur.example", world.context)
    command = world.mail(("f.xml", xml("F1")), verdicts={verdict: "PASS"})
    client, bucket = world.platform.client("s3"), world.platform["FACTEUR_INTAKE_BUCKET"]
    raw = client.get_object(Bucket=bucket, Key=command.key)["Body"].read()
    client.put_object(Bucket=bucket, Key=command.key, Body=headers.encode() + raw)
    run(command, world.context)
    world.deliver()

    assert [State.TO_ACCEPT] == [one.state for one in named(world, "F1")]


def test_an_spf_pass_of_another_domain_proves_nothing(world: World) -> None:
    """The envelope of a forger passes SPF for his own domain, not for the one in From."""
    known(world)
    choose(world, accept_senders=True)
    preferences.add_sender(world.caller, "@fournisseur.example", world.context)
    command = world.mail(("f.xml", xml("F1")), verdicts={"spf": "PASS"})
    forged = ReceiveMail(
        key=command.key,
        recipients=command.recipients,
        received_at=command.received_at,
        sender="eve@pirate.example",
        verdicts=command.verdicts,
    )
    run(forged, world.context)
    world.deliver()

    assert [State.TO_ACCEPT] == [one.state for one in named(world, "F1")]


def test_an_invoice_waits_for_its_circuit(world: World) -> None:
    """PE-01, on a mailed invoice: named on the document, no mode lets it through."""
    choose(world, Mode.AUTOMATIC)
    preferences.keep_circuit(
        world.caller,
        name="Tout",
        approvers=(Approver(id="u1", name="Anne", email="a@b.fr"),),
        suppliers=(),
        above=Decimal(1),
        category="",
        context=world.context,
    )
    (document,) = world.receive(("f.xml", xml("F1")))

    assert (State.TO_ACCEPT, "Tout") == (document.state, document.circuit)


def test_only_a_gerant_chooses_and_every_change_is_in_the_journal(world: World) -> None:
    """Others are refused; the journal tells who changed what, from what to what."""
    staff = Caller(user="u2", name="B", dossier=world.dossier, permissions=PERMISSIONS[Role.STAFF])
    with pytest.raises(ForbiddenError):
        preferences.add_sender(staff, "a@b.fr", world.context)
    choose(world, Mode.TRUSTED)
    preferences.add_sender(world.caller, "a@b.fr", world.context)
    preferences.remove_sender(world.caller, "a@b.fr", world.context)

    told = [(one.what, one.by_name) for one in world.context.journal.entries(world.dossier)]
    assert sorted(told) == [
        ("preferences.chosen", "Anne"),
        ("sender.added", "Anne"),
        ("sender.removed", "Anne"),
    ]
    (chosen,) = [
        one
        for one in world.context.journal.entries(world.dossier)
        if one.what == "preferences.chosen"
    ]
    assert chosen.values == {"acceptance": "manual → trusted"}


def test_two_gerants_at_once_do_not_overwrite_each_other(world: World) -> None:
    """The second to save is told, and nothing of his is written."""
    held = preferences.preferences(world.caller, world.context)
    choose(world, Mode.AUTOMATIC)
    with pytest.raises(StaleVersionError):
        world.context.preferences.save(held, ())


def test_an_unknown_mode_is_refused(world: World) -> None:
    """Whatever a forged form sends."""
    with pytest.raises(InvalidError):
        preferences.choose(
            world.caller,
            mode="nobody",
            find_duplicates=True,
            block_duplicates=True,
            accept_senders=False,
            context=world.context,
        )


def test_the_mail_service_itself_never_accepts(world: World) -> None:
    """Receiving a mail only makes documents: accepting follows the rules' answer."""
    choose(world, Mode.AUTOMATIC)
    _document, follow = receive_mail(world.mail(("f.xml", xml("F1"))), world.context)

    assert [type(one.command).__name__ for one in follow] == ["ReadDocument"]
