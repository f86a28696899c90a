"""A raw mail is split into what may be an invoice and what is set aside, with its reason."""

import base64
from email.message import EmailMessage
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from facteur.formats.mail import addressed_to, parse, picture_size, received_for

from tests.effort import effort

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF"
CII = (
    b'<?xml version="1.0"?><rsm:CrossIndustryInvoice '
    b'xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"/>'
)


def png(width: int, height: int, size: int = 40_000) -> bytes:
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    return head + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\0" * size


def mail(*parts: tuple[str, str, bytes], subject: str = "Facture") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Compta <compta@fournisseur.example>"
    message["To"] = "SIREN732829320@factures.example"
    message["Subject"] = subject
    message["Message-ID"] = "<abc@fournisseur.example>"
    message.set_content("Bonjour")
    for filename, media_type, data in parts:
        main, sub = media_type.split("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=filename)
    return message


def test_a_pdf_and_an_xml_attachment_may_be_invoices() -> None:
    """Both are handed on with their names and types; the sender is read from the header."""
    parsed = parse(mail(("f.pdf", "application/pdf", PDF), ("f.xml", "text/xml", CII)).as_bytes())

    assert [("f.pdf", "application/pdf"), ("f.xml", "application/xml")] == [
        (one.filename, one.media_type) for one in parsed.parts
    ]
    assert ("compta@fournisseur.example", "abc@fournisseur.example") == (
        parsed.sender,
        parsed.message_id,
    )


@pytest.mark.parametrize(
    ("filename", "media_type", "data", "reason"),
    [
        ("doc.zip", "application/zip", b"PK\x03\x04" + b"\0" * 40, "mail.part.archive"),
        ("setup.exe", "application/octet-stream", b"MZ" + b"\0" * 200, "mail.part.executable"),
        ("rdv.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "mail.part.calendar"),
        ("smime.p7s", "application/pkcs7-signature", b"\x30\x80", "mail.part.signature"),
        ("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22", "mail.part.tnef"),
        ("rapport.xml", "text/xml", b"<?xml version='1'?><a/>", "mail.part.xml_not_invoice"),
        ("logo.png", "image/png", png(200, 60), "mail.part.logo"),
        ("note.txt", "text/plain", b"bonjour a tous", "mail.part.type"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_invoice_is_set_aside_with_its_reason(
    filename: str, media_type: str, data: bytes, reason: str
) -> None:
    """JF-19: ignored parts are listed with why."""
    parsed = parse(mail((filename, media_type, data)).as_bytes())

    assert () == parsed.parts
    assert [(filename, reason)] == [(one.filename, one.reason) for one in parsed.set_aside]


def test_a_damaged_or_empty_pdf_is_handed_on() -> None:
    """Reading will refuse it, visibly, in quarantine: the mail does not decide."""
    parsed = parse(
        mail(
            ("a.pdf", "application/pdf", b"junk junk"), ("b.pdf", "application/pdf", b"")
        ).as_bytes()
    )

    assert ["a.pdf", "b.pdf"] == [one.filename for one in parsed.parts]


def test_a_forwarded_mail_is_opened() -> None:
    """D52: the attachment of the mail inside counts."""
    outer = mail(subject="TR: Facture")
    outer.add_attachment(mail(("f.pdf", "application/pdf", PDF)))

    assert ["f.pdf"] == [one.filename for one in parse(outer.as_bytes()).parts]


def test_mails_nested_without_end_are_stopped_and_said() -> None:
    """A mail in a mail in a mail… is bounded."""
    inner = mail(("f.pdf", "application/pdf", PDF))
    for _depth in range(12):
        outer = mail()
        outer.add_attachment(inner)
        inner = outer
    parsed = parse(inner.as_bytes())

    assert () == parsed.parts
    assert "mail.nested_too_deep" in [one.reason for one in parsed.set_aside]


def test_a_photo_is_kept_and_the_picture_of_a_signature_is_not() -> None:
    """Shown inside the text and small: a logo; a page-sized picture: an invoice."""
    message = MIMEMultipart("related")
    message["From"] = "a@b.fr"
    message.attach(MIMEText('<p>Bonjour <img src="cid:logo1"></p>', "html"))
    logo = MIMEImage(png(640, 480), "png")
    logo.add_header("Content-ID", "<logo1>")
    message.attach(logo)
    photo = MIMEImage(png(1600, 2200, 400_000), "png")
    photo.add_header("Content-Disposition", "inline", filename="photo.png")
    message.attach(photo)
    parsed = parse(message.as_bytes())

    assert ["photo.png"] == [one.filename for one in parsed.parts]
    assert ["mail.part.logo"] == [one.reason for one in parsed.set_aside]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00garbage",
        b"From: =?utf-8?b?////?=\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n@@@@",
        b"Subject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n--a--",
        b"Content-Disposition: attachment; filename*=utf-8''%FF%FE\r\n\r\nx",
    ],
)
def test_a_malformed_mail_is_read_as_far_as_it_can_be(raw: bytes) -> None:
    """Never an exception, whatever arrives."""
    parse(raw)


def test_names_and_subjects_lose_folders_and_control_characters() -> None:
    """Nothing of a header can forge a path, a line of a log or of a page."""
    raw = (
        b"Subject: =?utf-8?q?Facture=0D=0ABcc=3A_x=40y.fr?=\r\n"
        b'Content-Type: application/pdf; name="..\\\\..\\\\etc/f.pdf"\r\n'
        b"Content-Disposition: attachment\r\n\r\n" + PDF
    )
    parsed = parse(raw)

    assert "\n" not in parsed.subject
    assert ["f.pdf"] == [one.filename for one in parsed.parts]


def test_too_many_parts_are_cut_and_said() -> None:
    """At most two hundred."""
    parsed = parse(mail(*[(f"{n}.pdf", "application/pdf", PDF) for n in range(210)]).as_bytes())

    assert len(parsed.parts) < 200
    assert "mail.too_many_parts" == parsed.set_aside[-1].reason


def test_the_lost_envelope_is_found_in_received_headers() -> None:
    """SES writes « for address » there: the only trace when a notification is lost."""
    raw = b"Received: from x by y for SIREN1@f.example; Fri\r\nSubject: a\r\n\r\nb"

    assert ("SIREN1@f.example",) == received_for(raw)


def test_to_and_cc_name_those_whom_the_sender_writes_to() -> None:
    """Each once, without names; what is no address is left out, and nothing is too long."""
    raw = (
        b"To: Achats <siren1@f.example>, siren2@f.example,\r\n (rien)\r\n"
        b"Cc: SIREN1@f.example, siren1@f.example\r\nX-To: siren3@f.example\r\n\r\n"
        b"To: siren4@f.example"
    )
    assert ("siren1@f.example", "siren2@f.example", "SIREN1@f.example") == addressed_to(raw)
    assert () == addressed_to(b"Subject: a\r\n\r\nb")
    assert len(addressed_to(b"To: " + b"a@b.example, " * 50_000)) <= 2, "the last one is cut"


def test_picture_sizes_come_from_the_header() -> None:
    """PNG and JPEG headers, without decoding a pixel."""
    jpeg = base64.b64decode("/9j/4AAQSkZJRgABAQAAAQABAAD/wAARCAAQACADASIAAhEBAxEB/9k=")

    assert (640, 480) == picture_size(png(640, 480))
    assert (32, 16) == picture_size(jpeg)
    assert picture_size(b"GIF89a") is None


INNER = mail(("dedans.pdf", "application/pdf", PDF)).as_bytes()


@pytest.mark.parametrize(
    "media_type", ["message/rfc822", "application/octet-stream", "application/eml"]
)
def test_a_mail_attached_as_a_file_or_in_base64_is_opened(media_type: str) -> None:
    """Base64 is forbidden for message/rfc822 and frequent; others attach a plain .eml."""
    raw = (
        b"From: a@b.fr\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
        b'Content-Type: %s; name="TR Facture.eml"\r\n'
        % media_type.encode()
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(INNER)
        + b"\r\n--x--\r\n"
    )

    assert ["dedans.pdf"] == [one.filename for one in parse(raw).parts]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b'name="fact\xc3\xa9.pdf"', "facté.pdf"),
        (b'name="fact\xe9.pdf"', "facté.pdf"),
        (b'name="=?iso-8859-1?Q?fact=E9.pdf?="', "facté.pdf"),
        (b"name*=utf-8''fact%C3%A9%20n%C2%B01.pdf", "facté n°1.pdf"),
        (b"name*0*=iso-8859-1''fact%E9; name*1=.pdf", "facté.pdf"),
        (b'name="..\\\\..\\\\f.pdf"', "f.pdf"),
        (b'name="=?utf-8?b?!!!?="', "document.pdf"),
    ],
)
def test_a_name_is_read_however_it_is_written(header: bytes, expected: str) -> None:
    """RFC 2231, RFC 2047 where it has no place, raw UTF-8 and raw Windows-1252."""
    (part,) = parse(
        b"From: a@b.fr\r\nContent-Type: application/pdf; " + header + b"\r\n\r\n" + PDF
    ).parts

    assert expected == part.filename


@pytest.mark.parametrize(
    ("head", "unit", "tail"),
    [
        (b"Subject: ", b"=?utf-8?q?a?= ", b"\r\n\r\nx"),
        (b"From: ", b"a@b.c, ", b"\r\n\r\nx"),
        (b"From: ", b"(", b"\r\n\r\nx"),
        (b"Content-Type: text/plain; ", b"(", b"\r\n\r\nx"),
        (b"Content-Type: application/pdf; ", b"a=1; ", b"\r\n\r\n%PDF-1.4"),
    ],
)
def test_a_hostile_header_costs_no_more_when_it_is_longer(
    head: bytes, unit: bytes, tail: bytes
) -> None:
    """Half a megabyte of encoded words took over a minute, and brackets the whole recursion."""
    short, long = (head + unit * count + tail for count in (25_000, 200_000))

    assert effort(lambda: parse(long)) < 4 * effort(lambda: parse(short))


def test_a_header_that_is_no_header_raises_nothing() -> None:
    """Broken identifiers, charsets and encoded words, all at once."""
    parse(b"Message-ID: <[\r\nFrom: =?utf\xff-8?b?=\r\nSubject: =?utf-8?b?!?=\r\n\r\nx")


def test_a_part_with_a_hostile_header_takes_no_other_with_it() -> None:
    """The old parser, which looks into no header, reads what the new one dies of."""
    raw = (
        b"From: a@b.fr\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain; " + b"(" * 3_000 + b"\r\n\r\nbonjour\r\n"
        b'--x\r\nContent-Type: application/pdf; name="f.pdf"\r\n\r\n' + PDF + b"\r\n--x--\r\n"
    )

    assert ["f.pdf"] == [one.filename for one in parse(raw).parts]


def test_what_cannot_be_parsed_at_all_is_said() -> None:
    """Two thousand mails in one another: kept whole, with its reason, never raised."""
    parsed = parse(b"Content-Type: message/rfc822\r\n\r\n" * 3_000)

    assert [("message.eml", "mail.part.unreadable")] == [
        (one.filename, one.reason) for one in parsed.set_aside
    ]


def test_a_page_of_few_bytes_is_no_logo() -> None:
    """A page scanned in black and white compresses well."""
    parsed = parse(mail(("scan.png", "image/png", png(1240, 1754, size=9_000))).as_bytes())

    assert ["scan.png"] == [one.filename for one in parsed.parts]


def test_only_our_own_trace_names_the_recipient() -> None:
    """The lines below came with the mail: where it was before, or a lie."""
    raw = (
        b"Received: from x by inbound-smtp.example for <siren1@f.example>; now\r\n"
        b"Received: from y by z for <siren2@f.example>; before\r\n\r\n"
    )

    assert ("siren1@f.example",) == received_for(raw)
