"""The SMTP listener keeps a mail before it says so, and says who it is for."""

import email.policy
import itertools
import json
import smtplib
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from botocore.exceptions import EndpointConnectionError
from facteur.domain.errors import UnavailableError
from facteur.local.emulator import free_port
from facteur.local.smtp import Reception, SmtpServer

BOX = "SIREN123456782@factures.example.com"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def reception(platform):
    """A reception into the test's own bucket and topic, which knows one box."""
    numbers = itertools.count(1)
    return Reception(
        bucket=platform["FACTEUR_INTAKE_BUCKET"],
        topic_arn=platform["FACTEUR_MAILS_TOPIC_ARN"],
        s3=platform.client("s3"),
        sns=platform.client("sns"),
        knows=lambda address: address.lower() == BOX.lower(),
        now=lambda: NOW,
        new_id=lambda: f"id{next(numbers)}",
    )


@contextmanager
def serving(reception, max_bytes=100_000):
    """A listener and an SMTP connection to it."""
    port = free_port()
    server = SmtpServer(port, reception, max_bytes=max_bytes)
    server.start()
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            yield client
    finally:
        server.stop()


def mail(to="Comptabilité <quelqu.un@example.org>", body="Bonjour, votre facture."):
    """A mail whose headers do not show the box it is sent to."""
    message = EmailMessage()
    message["From"] = "Électricité Martin <factures@martin.example>"
    message["To"] = to
    message["Subject"] = "Facture n° 12"
    message["Message-ID"] = "<12@martin.example>"
    message.set_content(body)
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="é.pdf")
    return message.as_bytes(policy=email.policy.SMTP)


def notices(platform):
    """The notices in the queue of received mails; they are there before the sender's answer."""
    answer = platform.client("sqs").receive_message(
        QueueUrl=platform["FACTEUR_MAILS_QUEUE_URL"], MaxNumberOfMessages=10
    )
    envelopes = [json.loads(one["Body"]) for one in answer.get("Messages", [])]
    return [json.loads(one["Message"]) for one in envelopes if one["Type"] == "Notification"]


def stored(platform):
    """Every object of the intake bucket, with its user metadata."""
    s3, bucket = platform.client("s3"), platform["FACTEUR_INTAKE_BUCKET"]
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    objects = {key: s3.get_object(Bucket=bucket, Key=key) for key in keys}
    return {key: (one["Body"].read(), one["Metadata"]) for key, one in objects.items()}


def test_a_mail_is_stored_whole_with_its_envelope_in_the_metadata(platform, reception):
    """The object alone is enough to handle the mail: bytes, sender, recipients, time, verdicts."""
    raw = mail()
    with serving(reception) as client:
        assert client.sendmail("robot@martin.example", [BOX], raw) == {}
    body, metadata = stored(platform)["mail/id1"]
    assert body.endswith(raw)
    assert body.startswith(b"Return-Path: <robot@martin.example>\r\nReceived: from ")
    assert f"for <{BOX}>;".encode() in body
    assert metadata == {
        "sender": "robot@martin.example",
        "recipients": BOX,
        "received-at": "2026-11-20T09:30:00+00:00",
        "verdict-spam": "GRAY",
        "verdict-virus": "GRAY",
        "verdict-spf": "GRAY",
        "verdict-dkim": "GRAY",
        "verdict-dmarc": "GRAY",
    }


def test_the_notice_has_the_shape_of_ses(platform, reception):
    """The inbound function reads the same message on the laptop as in the cloud."""
    with serving(reception) as client:
        client.sendmail("robot@martin.example", [BOX], mail())
    (notice,) = notices(platform)
    assert notice["notificationType"] == "Received"
    assert notice["mail"]["messageId"] == "id1"
    assert notice["mail"]["source"] == "robot@martin.example"
    assert notice["mail"]["timestamp"] == "2026-11-20T09:30:00.000Z"
    assert notice["mail"]["commonHeaders"]["messageId"] == "<12@martin.example>"
    receipt = notice["receipt"]
    assert receipt["recipients"] == [BOX]
    assert receipt["spfVerdict"] == {"status": "GRAY"}
    assert receipt["action"]["objectKey"] == "mail/id1"
    assert receipt["action"]["bucketName"] == platform["FACTEUR_INTAKE_BUCKET"]


def test_a_sender_in_another_encoding_is_refused_at_once(platform, reception):
    """553 at MAIL, not 451 at DATA for ever; in UTF-8 it is an address like another."""
    with serving(reception) as client:
        client.ehlo()
        assert told(client, b"MAIL FROM:<caf\xe9@martin.example>") == 553
        client.sendmail("café@martin.example", [BOX], mail(), mail_options=["SMTPUTF8"])
    ((_body, metadata),) = stored(platform).values()
    assert metadata["sender"] == "caf%C3%A9@martin.example"


def test_a_recipient_in_another_encoding_is_nobody_here(platform, reception):
    """550, as for every address that is not known; the mail goes on to those that are."""
    with serving(reception) as client:
        client.ehlo()
        assert told(client, b"MAIL FROM:<robot@martin.example>") == 250
        assert told(client, b"RCPT TO:<caf\xe9@factures.example.com>") == 550
        assert told(client, f"RCPT TO:<{BOX}>".encode()) == 250
        assert client.data(mail())[0] == 250
    assert len(stored(platform)) == 1


def test_a_machine_whose_name_is_in_another_encoding_is_heard(platform, reception):
    """The name goes into a trace line only, made readable: it costs no mail."""
    with serving(reception) as client:
        assert told(client, b"EHLO caf\xe9.example") == 250
        assert told(client, b"MAIL FROM:<robot@martin.example>") == 250
        assert told(client, f"RCPT TO:<{BOX}>".encode()) == 250
        assert client.data(mail())[0] == 250
    ((body, _metadata),) = stored(platform).values()
    assert b"Received: from caf?.example" in body


def told(client, line):
    """The code that answers a line sent byte for byte."""
    client.send(line + b"\r\n")
    return client.getreply()[0]


def test_an_unknown_recipient_is_refused_and_nothing_is_stored(platform, reception):
    """550 at RCPT: the sender's own server tells the sender, we answer nobody."""
    with serving(reception) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
            client.sendmail("a@martin.example", ["SIREN000000000@factures.example.com"], mail())
        assert [code for code, _ in refusal.value.recipients.values()] == [550]
    assert stored(platform) == {}
    assert notices(platform) == []


def test_only_known_recipients_of_a_mail_are_in_its_envelope(platform, reception):
    """A mail to several boxes is taken for those that exist."""
    with serving(reception) as client:
        refused = client.sendmail("a@martin.example", ["x@example.com", BOX.lower()], mail())
    assert list(refused) == ["x@example.com"]
    assert stored(platform)["mail/id1"][1]["recipients"] == BOX.lower()


def test_a_mail_over_the_limit_is_refused_with_552(platform, reception):
    """Announced or not, a mail too large is refused and leaves nothing behind."""
    with serving(reception, max_bytes=2_000) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == "2000"
        code, _ = client.docmd("MAIL", "FROM:<a@martin.example> SIZE=5000")
        assert code == 552
        client.mail("a@martin.example")
        client.rcpt(BOX)
        assert client.data(mail(body="x" * 70 + "\n" + ("y" * 70 + "\n") * 50))[0] == 552
    assert stored(platform) == {}


def test_the_limit_itself_is_accepted(platform, reception):
    """A mail of exactly the limit passes."""
    raw = b"From: a@b.example\r\n\r\n" + b"z" * 900 + b"\r\n"
    with serving(reception, max_bytes=len(raw)) as client:
        assert client.sendmail("a@b.example", [BOX], raw) == {}
    assert len(stored(platform)) == 1


class _Broken:
    """A client of a service that is away."""

    def put_object(self, **_):
        """Fail as a lost connection does."""
        raise EndpointConnectionError(endpoint_url="http://nowhere")

    publish = put_object


def test_when_storage_is_away_the_sender_is_asked_to_try_again(platform, reception):
    """No 250 without a stored object: 451 keeps the mail at the sender's."""
    with serving(replace(reception, s3=_Broken())) as client:
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            client.sendmail("a@martin.example", [BOX], mail())
        assert refusal.value.smtp_code == 451
    assert notices(platform) == []


def test_when_only_the_notice_fails_the_mail_is_accepted(platform, reception):
    """Stored is ours: asking again would make a second copy, the sweep will find the first."""
    with serving(replace(reception, sns=_Broken())) as client:
        client.sendmail("a@martin.example", [BOX], mail())
    assert list(stored(platform)) == ["mail/id1"]


def test_when_recipients_cannot_be_looked_up_the_sender_is_asked_to_try_again(reception):
    """A table that is away must not bounce the mail of a customer."""

    def away(_: str) -> bool:
        raise UnavailableError("store.away")

    with serving(replace(reception, knows=away)) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
            client.sendmail("a@martin.example", [BOX], mail())
        assert [code for code, _ in refusal.value.recipients.values()] == [451]


def test_our_own_mistake_is_temporary_for_the_sender(reception):
    """A bug answers 451, not a permanent refusal that would bounce invoices."""

    def bug(_: str) -> bool:
        raise RuntimeError("bug")

    with serving(replace(reception, knows=bug)) as client:
        client.ehlo()
        client.mail("a@martin.example")
        assert client.rcpt(BOX)[0] == 451


def test_more_recipients_than_the_metadata_can_hold_are_asked_for_again(platform, reception):
    """The envelope must fit into the object's metadata: the rest comes in a second mail."""
    with serving(replace(reception, knows=lambda _: True)) as client:
        boxes = [f"SIREN{n:09d}@factures.example.com" for n in range(60)]
        refused = client.sendmail("a@martin.example", boxes, mail())
    assert {code for code, _ in refused.values()} == {452}
    kept = stored(platform)["mail/id1"][1]["recipients"].split(",")
    assert len(kept) + len(refused) == 60
    assert len(kept) >= 20


def test_an_international_address_and_raw_bytes_in_headers_survive(platform, reception):
    """SMTPUTF8 senders and broken headers are stored untouched, and described if possible."""
    raw = b"From: \xe9lectricit\xe9 <a@b.example>\r\nSubject: \xff\xfe\r\n\r\ncorps\r\n"
    with serving(reception) as client:
        client.ehlo()
        client.mail("hélène@martin.example", options=["SMTPUTF8", "BODY=8BITMIME"])
        client.rcpt(BOX)
        assert client.data(raw)[0] == 250
    body, metadata = stored(platform)["mail/id1"]
    assert body.endswith(raw)
    assert metadata["sender"] == "h%C3%A9l%C3%A8ne@martin.example"
    (notice,) = notices(platform)
    assert notice["mail"]["source"] == "hélène@martin.example"


def test_enormous_headers_are_cut_in_the_notice_but_not_in_the_object(platform, reception):
    """SES cuts at 10 KB; a notice must fit into a queue message whatever comes."""
    raw = b"".join(b"X-Spam-%d: %s\r\n" % (n, b"s" * 900) for n in range(400)) + b"\r\ncorps\r\n"
    with serving(reception, max_bytes=1_000_000) as client:
        client.sendmail("a@martin.example", [BOX], raw)
    (notice,) = notices(platform)
    assert notice["mail"]["headersTruncated"]
    assert len(json.dumps(notice)) < 20_000
    assert stored(platform)["mail/id1"][0].endswith(raw)


def test_lines_longer_than_the_standard_allows_are_taken(platform, reception):
    """An invoice must not be refused because its sender forgot to fold a line."""
    raw = b"From: a@b.example\r\n\r\n" + b"z" * 50_000 + b"\r\n"
    with serving(reception) as client:
        client.sendmail("a@b.example", [BOX], raw)
    assert stored(platform)["mail/id1"][0].endswith(raw)
