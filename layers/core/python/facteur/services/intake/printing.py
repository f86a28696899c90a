"""A mail without attachment whose body is a receipt becomes one document (PE-38).

The pipeline prints the body (formats/html_text reads it, typst draws it; no browser, no network,
no image is fetched) and keeps the whole mail beside it, to be sealed with it. The page and the
document say that they were made from the body.
"""

import hashlib
import logging
from contextlib import suppress
from dataclasses import replace

from facteur.domain.commands import PrintMail
from facteur.domain.documents import DocumentRef
from facteur.domain.errors import NotFoundError, UnreadableError
from facteur.domain.faults import Fault, Severity
from facteur.formats import mail as mail_format
from facteur.ports import Context
from facteur.services.intake import arrivals, mails
from facteur.services.staircase import Steps

log = logging.getLogger(__name__)

MESSAGE = "attachment-0"  # the mail itself, among the document's files
_MOST_NAME = 80


def print_mail(command: PrintMail, context: Context) -> Steps:
    """Print a mail's body and register it; once, however often the mail or the command comes.

    A body that cannot be printed within bounds makes no document; the mail's record says why.
    """
    raw, _metadata = context.blobs.intake(command.mail.key)
    parsed = mail_format.parse(raw)
    ref = DocumentRef(command.dossier, mails.body_id(command, parsed, raw))
    with suppress(NotFoundError):
        held = context.store.document(ref)
        mails.record_body(command, parsed, raw, (held.id,), _told(mails.FROM_BODY), context)
        return held, ()
    try:
        page = context.pdf.printed(parsed.letter)
    except UnreadableError as error:
        log.warning("%s was not printed: %s", command.mail.key, error)
        mails.record_body(command, parsed, raw, (), _told("mail.body_unprintable"), context)
        return None, ()
    source = mails.mail_source(command.mail, parsed)
    document = arrivals.new_document(
        context,
        identifier=ref.document,
        dossier=command.dossier,
        direction=command.direction,
        source=source,
        filename=f"{_name(parsed)}.pdf",
        media_type="application/pdf",
        data=page,
    )
    digest = hashlib.sha256(raw).hexdigest()
    message = context.blobs.put(
        f"{ref.dossier}/{ref.document}/{digest[:32]}/message",
        raw,
        "message/rfc822",
        filename="message.eml",
    )
    document = replace(document, from_body=True, files={**document.files, MESSAGE: message})
    follow = arrivals.register(document, source, context)
    mails.record_body(command, parsed, raw, (document.id,), _told(mails.FROM_BODY), context)
    return document, follow


def give_up(command: PrintMail, context: Context) -> None:
    """Say in the mail's record that its body was tried as often as the queue tries."""
    raw, _metadata = context.blobs.intake(command.mail.key)
    parsed = mail_format.parse(raw)
    mails.record_body(command, parsed, raw, (), _told("mail.body_interrupted"), context)


def _name(parsed: mail_format.Mail) -> str:
    """A file name from the subject: without what file systems refuse."""
    kept = "".join(" " if one in '\\/:*?"<>|' else one for one in parsed.subject)
    return " ".join(kept.split())[:_MOST_NAME].strip(". ") or "message"


def _told(code: str) -> Fault:
    return Fault(code=code, severity=Severity.WARNING)
