"""An SMTP listener that plays Amazon SES receiving, on the laptop.

SES takes a mail, writes it whole to the intake bucket, then tells an SNS topic who sent it, to
whom, and what its checks found. So does this listener, with one promise more: it answers 250 only
when the object is stored, with the envelope in the object's user metadata. Should the machine die
before the notice is handled, the sweep finds the object and has all the notice would have said:

    sender          of the envelope, percent-encoded
    recipients      of the envelope, percent-encoded, separated by commas
    received-at     ISO 8601
    verdict-<check> of spam, virus, spf, dkim, dmarc, in SES's words

What differs from SES: unknown recipients are refused at RCPT (SES takes the whole domain), and no
sender is authenticated: every verdict is GRAY, "could not be evaluated", never a false PASS.

Sources: RFC 5321; https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
"""

import asyncio
import email
import email.policy
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from botocore.exceptions import BotoCoreError, ClientError

from facteur.domain.errors import FacteurError

log = logging.getLogger(__name__)

CHECKS = ("spam", "virus", "spf", "dkim", "dmarc")
NOT_EVALUATED: Mapping[str, str] = MappingProxyType(dict.fromkeys(CHECKS, "GRAY"))
METADATA_BYTES = 1500  # S3 takes 2 KB of user metadata in all
HEADERS_BYTES = 10_240  # SES cuts the headers of its notice there
#: The largest mail that SES takes. What is above our own limit comes in all the same, and intake
#: says so where the dossier reads it: the sender's server may never tell anybody.
#: https://docs.aws.amazon.com/ses/latest/dg/quotas.html
SES_BYTES = 40 * 1024 * 1024

_UNREADABLE = "553 5.1.7 Adresse illisible, ni ASCII ni UTF-8"
_NO_SUCH_BOX = "550 5.1.1 Adresse inconnue ici"
_TOO_MANY = "452 4.5.3 Trop de destinataires, envoyez le reste separement"
_LATER = "451 4.3.0 Service momentanement indisponible, reessayez"
_STORED = "250 2.0.0 Recu, conserve sous la reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """Where mails go, who is known here, and what gives time and identifiers."""

    bucket: str
    topic_arn: str
    s3: Any  # boto3 clients
    sns: Any
    knows: Callable[[str], bool]
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    verdicts: Mapping[str, str] = field(default_factory=lambda: NOT_EVALUATED)

    def store(self, mail: "ReceivedMail") -> None:
        """Write the object `mail/<id>`; when this returns, the mail is kept."""
        self.s3.put_object(
            Bucket=self.bucket,
            Key=mail.key,
            Body=mail.traced(),
            ContentType="message/rfc822",
            Metadata=mail.metadata(self.verdicts),
        )

    def tell(self, mail: "ReceivedMail") -> None:
        """Publish the notice that SES would publish."""
        notice = mail.notice(self.verdicts, bucket=self.bucket, topic_arn=self.topic_arn)
        self.sns.publish(
            TopicArn=self.topic_arn,
            Subject="Amazon SES Email Receipt Notification",
            Message=json.dumps(notice),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """One mail as it came: the envelope, which headers may not show, and the raw bytes."""

    id: str
    sender: str
    recipients: Sequence[str]
    client: str  # the name the sending machine gave, and its address
    received_at: datetime
    raw: bytes

    @property
    def key(self) -> str:
        """The object's key in the intake bucket."""
        return f"mail/{self.id}"

    def traced(self) -> bytes:
        """Return the mail with the trace lines every receiver adds (RFC 5321, 4.4)."""
        visible = f"\r\n for <{self.recipients[0]}>" if len(self.recipients) == 1 else ""
        lines = (
            f"Return-Path: <{self.sender}>\r\n"
            f"Received: from {self.client}\r\n by facteur.local with SMTP id {self.id}{visible};"
            f"\r\n {format_datetime(self.received_at)}\r\n"
        )
        return lines.encode() + self.raw

    def metadata(self, verdicts: Mapping[str, str]) -> dict[str, str]:
        """Return the envelope and the verdicts as S3 user metadata (ASCII)."""
        return {
            "sender": quote(self.sender, safe="@"),
            "recipients": _joined(self.recipients),
            "received-at": self.received_at.isoformat(),
            **{f"verdict-{name}": value for name, value in verdicts.items()},
        }

    def notice(
        self, verdicts: Mapping[str, str], *, bucket: str, topic_arn: str
    ) -> dict[str, Any]:
        """Return SES's notification for its S3 action, field for field."""
        end = re.search(rb"\r?\n\r?\n", self.raw)
        top = self.raw[: end.end()] if end else self.raw[:HEADERS_BYTES]
        parsed = email.message_from_bytes(top, policy=email.policy.compat32)
        at = self.received_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        headers, truncated = _headers(parsed)
        return {
            "notificationType": "Received",
            "mail": {
                "timestamp": at,
                "source": self.sender,
                "messageId": self.id,
                "destination": list(self.recipients),
                "headersTruncated": truncated,
                "headers": headers,
                "commonHeaders": _common(parsed, self.sender),
            },
            "receipt": {
                "timestamp": at,
                "processingTimeMillis": 1,
                "recipients": list(self.recipients),
                **{f"{name}Verdict": {"status": value} for name, value in verdicts.items()},
                "action": {
                    "type": "S3",
                    "topicArn": topic_arn,
                    "bucketName": bucket,
                    "objectKeyPrefix": "mail/",
                    "objectKey": self.key,
                },
            },
        }


def _readable(address: str) -> bool:
    """False for bytes of another encoding than UTF-8 (RFC 6531), which no header of ours holds."""
    return _text(address) == address


def _joined(recipients: Sequence[str]) -> str:
    return ",".join(quote(one, safe="@") for one in recipients)


def _text(value: object) -> str:
    """Return what came as text that JSON and UTF-8 can carry, whatever bytes it held."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _headers(parsed: Message) -> tuple[list[dict[str, str]], bool]:
    kept: list[dict[str, str]] = []
    room = HEADERS_BYTES
    for name, value in parsed.items():
        room -= len(name) + len(_text(value).encode())
        if room < 0:
            return kept, True
        kept.append({"name": name, "value": _text(value)})
    return kept, False


def _common(parsed: Message, sender: str) -> dict[str, Any]:
    common: dict[str, Any] = {"returnPath": sender}
    for name in ("From", "To", "Cc"):
        if parsed[name] is not None:
            common[name.lower()] = [_text(parsed[name])[:HEADERS_BYTES]]
    for name, key in (("Date", "date"), ("Message-ID", "messageId"), ("Subject", "subject")):
        if parsed[name] is not None:
            common[key] = _text(parsed[name])[:HEADERS_BYTES]
    return common


class _Handler:
    """What aiosmtpd asks at each step; storage runs in threads, so mails do not wait in line."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if not _readable(address):  # at once: at DATA it would be tried again for days
            return _UNREADABLE
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if not _readable(address):
            return _NO_SUCH_BOX
        if len(_joined([*envelope.rcpt_tos, address])) > METADATA_BYTES:
            return _TOO_MANY
        try:
            known = await asyncio.to_thread(self._reception.knows, address)
        except (FacteurError, BotoCoreError, ClientError):
            log.exception("cannot tell whether a recipient is known")
            return _LATER
        if not known:
            return _NO_SUCH_BOX
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mail = ReceivedMail(
            id=self._reception.new_id(),
            sender=envelope.mail_from or "",
            recipients=tuple(dict.fromkeys(envelope.rcpt_tos)),
            client=f"{_text(session.host_name or 'unknown')} ([{session.peer[0]}])",
            received_at=self._reception.now(),
            raw=envelope.content,
        )
        try:
            await asyncio.to_thread(self._reception.store, mail)
        except (BotoCoreError, ClientError):
            log.exception("a mail could not be stored")
            return _LATER
        try:
            await asyncio.to_thread(self._reception.tell, mail)
        except (BotoCoreError, ClientError):
            # It is kept, so it is ours: the sweep will find it without the notice.
            log.exception("the notice of mail %s could not be sent", mail.id)
        return f"{_STORED} {mail.id}"

    async def handle_exception(self, error: Exception) -> str:
        """Our own mistakes are temporary for the sender, who keeps the mail and tries again."""
        log.error("the SMTP listener failed", exc_info=error)
        return _LATER


class _Liberal(SMTP):  # type: ignore[misc]
    # RFC 5321 stops lines at 1000 bytes; senders of long lines exist and their invoices are due.
    line_length_limit = 1 << 20


class _Controller(Controller):  # type: ignore[misc]
    def factory(self) -> SMTP:
        return _Liberal(self.handler, **self.SMTP_kwargs)


class SmtpServer:
    """The listener on 127.0.0.1:`port`; `max_bytes` is the largest mail it takes (552)."""

    def __init__(self, port: int, reception: Reception, *, max_bytes: int) -> None:
        self._controller = _Controller(
            _Handler(reception),
            hostname="127.0.0.1",
            port=port,
            data_size_limit=max_bytes,
            enable_SMTPUTF8=True,
            ident="Facteur",
        )

    def start(self) -> None:
        """Listen, in a thread of its own; OSError when the port is taken."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening; mails being stored get their answer first or no answer at all."""
        self._controller.stop()
