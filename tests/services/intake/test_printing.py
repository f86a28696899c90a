"""A mail without attachment whose body is a receipt: one document, the mail kept beside it."""

from email.message import EmailMessage

import pytest
from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.commands import ReceiveMail
from facteur.domain.documents import Document, State
from facteur.domain.dossiers import mailbox_addresses
from facteur.ports import Limits, MailRecord
from facteur.services.deciding import preferences
from facteur.services.finding import queries
from facteur.services.intake.printing import MESSAGE
from facteur.services.run import run, run_scheduled

from tests.services.world import World, xml

RIDE = """<html><body><h1>Merci pour votre course</h1><p>20 novembre 2026</p>
<table><tr><td>Prix HT</td><td>18,40 €</td></tr><tr><td>TVA 10 %</td><td>1,84 €</td></tr>
<tr><td>Total TTC</td><td>20,24 €</td></tr></table><p>VTC Exemple SAS, SIREN 500 000 005</p>
<img src="https://traceur.example/x.gif"></body></html>"""
OFFER = "<p>Soldes dès le 20/11/2026 : pulls à 12,50 € !</p>"


def mail(world: World, html: str, *, key: str = "mail/1", xml_file: bytes = b"", text: str = "",
         message_id: str = "r1@vtc.example") -> ReceiveMail:  # fmt: skip
    message = EmailMessage()
    message["From"] = "VTC Exemple <recu@vtc.example>"
    message["Subject"] = 'Votre reçu : 20/11 "course"'
    message["Message-ID"] = f"<{message_id}>"
    message["Date"] = "Fri, 20 Nov 2026 10:00:00 +0100"
    message.set_content(text or "Affichez ce message en HTML.")
    if html:
        message.add_alternative(html, subtype="html")
    if xml_file:
        message.add_attachment(xml_file, maintype="application", subtype="xml", filename="f.xml")
    world.platform.client("s3").put_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"], Key=key, Body=message.as_bytes()
    )
    (address, *_rest) = mailbox_addresses("300000007", world.context.inbound_domain).values()
    return ReceiveMail(key=key, recipients=(address,), received_at=world.clock.now())


def received(world: World, command: ReceiveMail) -> tuple[Document, ...]:
    run(command, world.context)
    world.deliver()
    return world.documents()


def record(world: World) -> MailRecord:
    (one,) = queries.mails(world.caller, world.context)
    return one


def reasons(world: World) -> list[str]:
    return [fault.code for fault in record(world).set_aside]


def test_the_body_becomes_a_page_and_the_mail_is_kept_with_it(world: World) -> None:
    """One document, said to be made from the body; the .eml is a file of it, byte for byte."""
    command = mail(world, RIDE)
    (document,) = received(world, command)

    assert document.from_body
    assert ("Votre reçu 20 11 course.pdf", "application/pdf") == (
        document.filename, document.media_type,
    )  # fmt: skip
    raw, _metadata = world.context.blobs.intake(command.key)
    assert raw == world.context.blobs.get(document.files[MESSAGE])
    page = world.context.blobs.get(document.files["original"]).decode()
    assert "Total TTC  20,24 €" in page
    assert "traceur" not in page
    assert ((document.id,), ["mail.from_body"]) == (record(world).documents, reasons(world))


def test_a_real_page_is_read_like_any_other(world: World) -> None:
    """Printed by typst, read by PDFium: the totals of the receipt are found."""
    world.with_(pdf=ChildPdf(Limits()))
    (document,) = received(world, mail(world, RIDE))

    assert State.QUARANTINED is not document.state
    assert "20.24" == str(document.summary.total_incl_vat)
    assert "VTC Exemple" in document.summary.seller_name


def test_the_same_mail_again_makes_no_second_document(world: World) -> None:
    """Delivered twice, polled under another key, or with its command run again: one."""
    first = mail(world, RIDE)
    received(world, first)
    received(world, first)
    assert 1 == len(received(world, mail(world, RIDE, key="mail/2")))
    records = queries.mails(world.caller, world.context)
    assert {("mail.from_body",)} == {
        tuple(fault.code for fault in one.set_aside) for one in records
    }


def test_a_plain_text_receipt_is_one_too(world: World) -> None:
    """No HTML at all."""
    text = "Reçu du 20/11/2026\nParking Exemple\nTotal TTC : 4,50 EUR\n"
    (document,) = received(world, mail(world, "", text=text))
    assert document.from_body


def test_an_offer_a_letter_and_a_mail_with_an_invoice_print_nothing(world: World) -> None:
    """An amount, a day and a receipt's word are asked for; an attachment decides by itself."""
    assert () == received(world, mail(world, OFFER))
    assert ["mail.no_attachment"] == reasons(world)

    (document,) = received(
        world, mail(world, RIDE, xml_file=xml("F1"), key="mail/2", message_id="m2")
    )
    assert not document.from_body
    assert "F1" == document.summary.number


def test_the_dossier_may_not_want_it(world: World) -> None:
    """The option is off: the mail is listed without a document; the journal tells who chose."""
    preferences.print_bodies(world.caller, on=False, context=world.context)

    assert () == received(world, mail(world, RIDE))
    assert ["mail.no_attachment"] == reasons(world)
    (entry,) = world.context.journal.entries(world.dossier)
    assert ("preferences.bodies", "non") == (entry.what, entry.values["print_bodies"])


@pytest.mark.parametrize("broken", ["unreadable.memory", "unreadable.timeout"])
def test_a_body_that_cannot_be_printed_stops_nothing(world: World, broken: str) -> None:
    """The record says why; the queue goes on."""
    world.pdf.broken = broken

    assert () == received(world, mail(world, RIDE))
    assert ["mail.body_unprintable"] == reasons(world)
    assert () == record(world).documents


def test_a_printing_that_never_ends_is_told(world: World) -> None:
    """The queue's last delivery: the mail no longer says that its body waits."""
    run(mail(world, RIDE), world.context)
    assert ["mail.body_waits"] == reasons(world)
    (waiting,) = world.queue.sent
    run_scheduled(waiting, world.context, last=True)
    assert ["mail.body_interrupted"] == reasons(world)
    assert () == world.documents()
