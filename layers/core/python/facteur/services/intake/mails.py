"""A mail becomes one document per usable attachment, or one of its body when that is a receipt."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace

from facteur.domain.commands import PrintMail, ReceiveMail, Scheduled
from facteur.domain.documents import Channel, Direction, DocumentRef, Source
from facteur.domain.dossiers import normalise_address
from facteur.domain.errors import DuplicateError, NotFoundError
from facteur.domain.faults import Fault, Severity
from facteur.domain.letters import looks_like_a_receipt
from facteur.domain.naming import derived
from facteur.formats import mail as mail_format
from facteur.ports import Context, MailRecord
from facteur.services.intake.arrivals import (
    UNROUTED,
    arrived,
    know,
    new_document,
    register,
)
from facteur.services.people.hosting import mailbox_of
from facteur.services.staircase import LEASE, Steps

FROM_BODY = "mail.from_body"


def receive_mail(command: ReceiveMail, context: Context) -> Steps:
    """A mail becomes one document per usable attachment, in each dossier it was sent to."""
    raw, _metadata = context.blobs.intake(command.key)
    parsed = mail_format.parse(raw)
    refused = _refusal(command, raw, context)
    boxes = _boxes(command, context)
    follow: list[Scheduled] = []
    for dossier, direction in sorted(boxes):
        made: list[str] = []
        if not refused:
            for part in parsed.parts:
                source = mail_source(command, parsed)
                identifier = derived(dossier, direction.value, mail_name(parsed, raw), part.sha256)
                if identifier in made:
                    continue  # the same file attached twice
                if arrived(DocumentRef(dossier, identifier), context) is not None:
                    made.append(identifier)
                    continue
                document = new_document(
                    context,
                    identifier=identifier,
                    dossier=dossier,
                    direction=direction,
                    source=source,
                    filename=part.filename,
                    media_type=part.media_type,
                    data=part.data,
                )
                made.append(document.id)
                follow += register(document, source, context)
        aside = (*_by_headers(command), *_aside(parsed))
        if not (made or refused):
            body = _body(command, parsed, raw, dossier, direction, context)
            made, aside, follow = [*body.made], (*aside, *body.told), [*follow, *body.follow]
        _record(command, parsed, dossier, direction, tuple(made), refused or aside, raw, context)
    if not boxes:
        unknown = Fault(code="mail.unknown_address", values={"to": ", ".join(command.recipients)})
        told = (unknown, *_by_headers(command))
        _record(command, parsed, UNROUTED, Direction.PURCHASE, (), told, raw, context)
    know(command.key, "done", context)
    return None, tuple(follow)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """What becomes of a mail's body: the document that it made, or the command that will."""

    made: tuple[str, ...] = ()
    told: tuple[Fault, ...] = ()
    follow: tuple[Scheduled, ...] = ()


def _body(
    command: ReceiveMail,
    parsed: mail_format.Mail,
    raw: bytes,
    dossier: str,
    direction: Direction,
    context: Context,
) -> _Body:
    """A body that is a receipt, where the dossier wants it, is printed by the pipeline.

    Drawing needs what this function does not have: the command waits in the agenda until it is
    sent. Nothing is asked for a mail that has attachments.
    """
    if not looks_like_a_receipt(parsed.letter.text):
        return _Body()
    if not context.preferences.load(dossier).print_bodies:
        return _Body()
    made = PrintMail(mail=command, dossier=dossier, direction=direction)
    with suppress(NotFoundError):
        held = context.store.document(DocumentRef(dossier, body_id(made, parsed, raw)))
        return _Body(made=(held.id,), told=(Fault(code=FROM_BODY, severity=Severity.WARNING),))
    now = context.clock.now()
    scheduled = Scheduled(
        id=f"print-{dossier}-{direction.value}-{command.key}", command=made, due=now
    )
    with suppress(DuplicateError):  # asked for by another delivery, and not done yet
        context.store.schedule(replace(scheduled, due=now + LEASE))
    waits = Fault(code="mail.body_waits", severity=Severity.WARNING)
    return _Body(told=(waits,), follow=(scheduled,))


def body_id(command: PrintMail, parsed: mail_format.Mail, raw: bytes) -> str:
    """The identifier of the document that a mail's body makes in a dossier: always the same."""
    return derived(command.dossier, command.direction.value, mail_name(parsed, raw), "body")


def record_body(
    command: PrintMail,
    parsed: mail_format.Mail,
    raw: bytes,
    documents: tuple[str, ...],
    told: Fault,
    context: Context,
) -> None:
    """Say in the mail's record what became of its body."""
    mail, dossier, direction = command.mail, command.dossier, command.direction
    aside = (*_by_headers(mail), *_aside(parsed), told)
    _record(mail, parsed, dossier, direction, documents, aside, raw, context)


def _aside(parsed: mail_format.Mail) -> tuple[Fault, ...]:
    """The parts of a mail that make no document, each with its reason."""
    return tuple(
        Fault(
            code=one.reason,
            severity=Severity.WARNING,
            values={"filename": one.filename, "size": str(one.size)},
        )
        for one in parsed.set_aside
    )


def _by_headers(command: ReceiveMail) -> tuple[Fault, ...]:
    """Says that the envelope was lost: a mailbox in blind copy got nothing of this mail."""
    lost = Fault(code="mail.by_headers", severity=Severity.WARNING)
    return (lost,) if command.by_headers else ()


def _refusal(command: ReceiveMail, raw: bytes, context: Context) -> tuple[Fault, ...]:
    """Why a whole mail makes no document, () when it may."""
    if command.verdicts.get("virus") == "FAIL":
        return (Fault(code="mail.virus"),)
    if len(raw) > context.limits.mail_bytes:
        limit = f"{context.limits.mail_bytes // (1024 * 1024)}"
        return (Fault(code="mail.too_large", values={"limit": limit}),)
    return ()


def _boxes(command: ReceiveMail, context: Context) -> set[tuple[str, Direction]]:
    """The dossiers and directions that the envelope names: the mailbox decides (decision 26)."""
    if command.dossier and command.direction is not None:
        return {(command.dossier, command.direction)}
    found = (mailbox_of(one, context) for one in set(command.recipients))
    return {one for one in found if one is not None}


def mail_source(command: ReceiveMail, parsed: mail_format.Mail) -> Source:
    """The road of a mail's documents."""
    return Source(
        channel=Channel.MAIL,
        at=command.received_at,
        sender=parsed.sender or command.sender,
        subject=parsed.subject,
        message_id=parsed.message_id,
        raw_key=command.key,
        authenticated=_authenticated(command, parsed),
    )


def _authenticated(command: ReceiveMail, parsed: mail_format.Mail) -> bool:
    """True when the address in From is proved: DMARC passed, or SPF or DKIM for its own domain.

    A forger's own domain passes both checks too: what passed must be the domain that From shows
    (alignment, RFC 7489 §3.1). SES says that a signature holds, not which one: all must be of
    that domain.
    """
    passed = {name for name, value in command.verdicts.items() if value == "PASS"}
    if command.verdicts.get("dmarc") == "FAIL" or not parsed.one_author:
        return False
    shown = (parsed.sender or command.sender).rpartition("@")[2].lower()
    envelope = normalise_address(command.sender).rpartition("@")[2]
    if "dmarc" in passed or ("spf" in passed and _aligned(envelope, shown)):
        return True
    signed = parsed.signers
    return "dkim" in passed and bool(signed) and all(_aligned(one, shown) for one in signed)


def _aligned(proved: str, shown: str) -> bool:
    """The same domain, or one above or below the other."""
    if not (proved and shown and "." in proved and "." in shown):
        return False
    return proved == shown or proved.endswith(f".{shown}") or shown.endswith(f".{proved}")


def mail_name(parsed: mail_format.Mail, raw: bytes) -> str:
    """What names a mail across deliveries: its Message-ID, else its content."""
    return parsed.message_id or hashlib.sha256(raw).hexdigest()


def _record(
    command: ReceiveMail,
    parsed: mail_format.Mail,
    dossier: str,
    direction: Direction,
    documents: tuple[str, ...],
    set_aside: tuple[Fault, ...],
    raw: bytes,
    context: Context,
) -> None:
    """Keep what came and what was set aside; a mail not wholly used is kept whole, for good."""
    identifier = command.key.rsplit("/", 1)[-1]
    key = command.key
    if not (documents or set_aside):
        set_aside = (Fault(code="mail.no_attachment", severity=Severity.WARNING),)
    if set_aside:
        stored = context.blobs.put(
            f"{dossier}/mails/{identifier}.eml", raw, "message/rfc822", filename="message.eml"
        )
        key = stored.key
    context.store.save_mail(
        MailRecord(
            dossier=dossier,
            id=identifier if direction is Direction.PURCHASE else f"{identifier}-sale",
            key=key,
            at=command.received_at,
            sender=parsed.sender or command.sender,
            subject=parsed.subject,
            message_id=parsed.message_id,
            direction=direction,
            documents=documents,
            set_aside=set_aside,
        )
    )


def knows(address: str, context: Context) -> bool:
    """True when a mail address is the mailbox of a dossier (asked at SMTP time, locally)."""
    try:
        return mailbox_of(address, context) is not None
    except NotFoundError:
        return False


def recipients_in_headers(raw: bytes) -> tuple[tuple[str, ...], bool]:
    """The addresses of a mail whose envelope is lost, and whether only the sender names them.

    A server writes ``Received: … for`` for one recipient; for several it names none of them (RFC
    5321 §7.2), and To and Cc are all that is left: that they are mailboxes of ours decides.
    """
    found = mail_format.received_for(raw)
    return (found, False) if found else (mail_format.addressed_to(raw), True)
