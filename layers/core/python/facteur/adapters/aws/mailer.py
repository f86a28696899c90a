"""The Mailer port on SES: one recipient, text and HTML, from an address of the installation.

SES verified the domain that receives our mails, so it may send from it too. Headers are built by
the standard library, which refuses line breaks in them: nothing that a user typed adds a header.
On the laptop the emulator's SES keeps what was sent; « Courriels envoyés » shows it (local/).

Source: https://docs.aws.amazon.com/ses/latest/APIReference/API_SendRawEmail.html
"""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from botocore.exceptions import ClientError

from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.failures import code_of, failures
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.ports import Clock, Mail


class SesMailer:
    """Implements facteur.ports.Mailer. ``sender`` is the address of every From."""

    def __init__(
        self,
        clients: Clients,
        clock: Clock,
        *,
        sender: str,
        reply_to: str = "",
        configuration_set: str = "",  # what tells us of bounces (infrastructure/platform.yaml)
    ) -> None:
        self._clients, self._clock = clients, clock
        self._sender, self._reply_to = sender, reply_to
        self._named = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    def send(self, mail: Mail) -> None:
        """Send; InvalidError (``email.invalid``) for an address that is none."""
        message = self._message(mail)
        ses: Any = self._clients("ses")
        with failures("ses"):
            try:
                ses.send_raw_email(
                    Source=self._sender,
                    Destinations=[mail.to],
                    RawMessage={"Data": message.as_bytes()},
                    **self._named,
                )
            except ClientError as error:
                if code_of(error) == "InvalidParameterValue":
                    raise _refused() from error
                raise

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        local, _at, domain = self._sender.rpartition("@")
        try:
            message["From"] = Address(_one_line(mail.sender_name), local, domain)
            message["To"] = Address(addr_spec=mail.to)
            message["Subject"] = _one_line(mail.subject)
            if self._reply_to:
                message["Reply-To"] = Address(addr_spec=self._reply_to)
        except (ValueError, IndexError, TypeError) as error:
            raise _refused() from error
        if mail.unsubscribe:  # RFC 8058: the reader's own program offers the button
            message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = make_msgid(domain=domain)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers by machine
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        for one in mail.files:
            kind, _slash, form = one.media_type.partition("/")
            message.add_attachment(
                one.data,
                maintype=kind if form else "application",
                subtype=form or "octet-stream",
                filename=_one_line(one.name),
            )
        return message


def _one_line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:200]


def _refused() -> InvalidError:
    return InvalidError((Fault(code="email.invalid", path="email"),), code="email.invalid")
