"""A raw mail (RFC 5322, MIME) → who sent it, and its parts: what may be an invoice, what is not.

Forwarded mails are opened. Logos, signatures, calendars, archives and programs are set aside with
a reason that the dossier reads (D52); nothing is lost, the raw mail stays. What calls itself a
PDF, an XML or an image is handed on even when damaged: reading will say so, in quarantine.

Bounded: at most MAX_PARTS parts and MAX_DEPTH nested mails; the rest is set aside, said. Headers
are cut at MAX_HEADER characters before anything reads them: the standard library's parser takes a
minute for half a megabyte of encoded words, and recurses on brackets.
"""

import hashlib
import logging
import re
import struct
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError, MissingHeaderBodySeparatorDefect
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr
from html import unescape

from facteur.domain.letters import Letter
from facteur.domain.naming import file_name
from facteur.formats import mail_bodies as bodies
from facteur.formats.detect import Kind, detect
from facteur.formats.mail_policies import MAX_HEADER, MODERN, PLAIN

log = logging.getLogger(__name__)

MAX_PARTS = 200
MAX_DEPTH = 8

_USABLE = {
    ".pdf": "application/pdf",
    ".xml": "application/xml",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".heic": "image/heic",
    ".heif": "image/heic",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
_ASIDE = {
    Kind.OTHER_XML: "mail.part.xml_not_invoice",
    Kind.ARCHIVE: "mail.part.archive",
    Kind.OFFICE: "mail.part.office",
    Kind.EXECUTABLE: "mail.part.executable",
    Kind.CALENDAR: "mail.part.calendar",
    Kind.VCARD: "mail.part.contact",
}
_SIGNATURES = (".p7s", ".p7m", ".asc", ".sig")
_CID = re.compile(r"""["'(]cid:([^"')\s>]+)""", re.IGNORECASE)
_SMALL_SIDE = 320  # pixels: a scanned or photographed page is larger
_PAGE_SIDE = 800  # pixels: no logo is as large
_SMALL_BYTES = 15_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPart:
    """An attachment that may be an invoice."""

    filename: str
    media_type: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A part that makes no document, and why (a fault code)."""

    filename: str
    reason: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A parsed mail. ``message_id`` is "" when the mail has none.

    ``signers``: the domains that claim to have signed it (DKIM ``d=``, RFC 6376), unchecked.
    """

    sender: str
    sender_name: str
    subject: str
    message_id: str
    parts: tuple[MailPart, ...]
    set_aside: tuple[SetAside, ...]
    signers: tuple[str, ...] = ()
    one_author: bool = True  # From names one address, once: only then can it be proved
    sent_at: datetime | None = None  # what its Date says, None when it says nothing readable
    html: str = ""  # the bodies, forwarded ones included
    text: str = ""

    @property
    def letter(self) -> Letter:
        """What it says: its HTML, else its plain text."""
        return Letter(
            sender=self.sender,
            sender_name=self.sender_name,
            subject=self.subject,
            sent_at=self.sent_at,
            blocks=bodies.blocks_of(self.html, self.text),
        )


def parse(raw: bytes) -> Mail:
    """The mail in these bytes; never raises on a malformed one: what can be read is read."""
    for way in (MODERN, PLAIN):
        try:
            return _parse(raw, way)
        except Exception as error:  # the standard parser raises many things on hostile structures
            log.warning("a mail could not be parsed: %s", type(error).__name__)
    whole = SetAside(
        filename="message.eml",
        reason="mail.part.unreadable",
        media_type="message/rfc822",
        size=len(raw),
    )
    return Mail(sender="", sender_name="", subject="", message_id="", parts=(), set_aside=(whole,))


def _parse(raw: bytes, way: "policy.Policy") -> Mail:
    message = message_from_bytes(raw, policy=way)
    seen = _Seen(way)
    _walk(message, seen, depth=0)
    name, address = parseaddr(_header(message, "From"))
    return Mail(
        sender=address.lower(),
        sender_name=name,
        subject=_header(message, "Subject"),
        message_id=_header(message, "Message-ID").strip("<> "),
        parts=tuple(seen.parts),
        set_aside=tuple(seen.aside),
        signers=_signers(message),
        one_author=_one_author(message),
        sent_at=bodies.sent_at(_header(message, "Date")),
        html=bodies.joined(seen.html),
        text=bodies.joined(seen.plain),
    )


#: Tags are case-sensitive, and one given twice makes the signature void (RFC 6376, §3.2).
_SIGNER = re.compile(r"(?:^|;)\s*d\s*=\s*([A-Za-z0-9.-]{1,253})\s*(?=;|$)")
_MOST_SIGNATURES = 20


def _signers(message: Message) -> tuple[str, ...]:
    """The ``d=`` of each DKIM signature, in lower case; "" for one that is not understood.

    A signature that we overlook may be the one that holds: too many of them, and headers that the
    parser could not read to their end, count as one that is not understood.
    """
    signed = message.get_all("DKIM-Signature", [])
    found = (_SIGNER.findall("".join(str(one).split())) for one in signed[:_MOST_SIGNATURES])
    domains = tuple(one[0].lower() if len(one) == 1 else "" for one in found)
    whole = len(signed) <= _MOST_SIGNATURES and not any(
        isinstance(one, MissingHeaderBodySeparatorDefect) for one in message.defects
    )
    return domains if whole else (*domains, "")


def _one_author(message: Message) -> bool:
    """True when From names one address, once: with two, who was proved is not who is shown."""
    named = [str(value) for name, value in message.raw_items() if name.lower() == "from"]
    return not named or (len(named) == 1 and len(getaddresses(named)) == 1)


class _Seen:
    """What the walk gathers."""

    def __init__(self, way: "policy.Policy") -> None:
        self.way = way
        self.count = 0
        self.parts: list[MailPart] = []
        self.aside: list[SetAside] = []
        self.cids: set[str] = set()
        self.html: list[str] = []
        self.plain: list[str] = []


def _header(message: Message, name: str) -> str:
    """A header as one clean line: no control character ever reaches a page or a log."""
    try:
        value = str(message.get(name, ""))
    except Exception:  # the standard parser raises many things on hostile headers
        value = ""
    value = _unworded(value)
    return " ".join("".join(one if one.isprintable() else " " for one in value).split())[:500]


def _unworded(text: str) -> str:
    """Text without the encoded words (RFC 2047) that the policy left in it."""
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError, MessageError):  # broken base64, a charset nobody knows
        return text


def _walk(message: Message, seen: _Seen, *, depth: int) -> None:
    for part in _leaves(message):
        seen.count += 1
        if seen.count > MAX_PARTS:
            seen.aside.append(
                SetAside(filename="", reason="mail.too_many_parts", media_type="", size=0)
            )
            return
        if part.get_content_type() == "message/rfc822" or _filename(part).lower().endswith(".eml"):
            _open_forwarded(part, seen, depth=depth)
        else:
            _sort(part, seen)


def _leaves(message: Message) -> list[Message]:
    """The parts that carry bytes, forwarded mails kept whole, hrefs of inline images noted."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        return [message]
    found: list[Message] = []
    for child in message.get_payload():
        if isinstance(child, Message):
            found += _leaves(child)
    return found


def _open_forwarded(part: Message, seen: _Seen, *, depth: int) -> None:
    forwarded = _forwarded(part, seen) if depth < MAX_DEPTH else None
    if forwarded is not None:
        _walk(forwarded, seen, depth=depth + 1)
        return
    seen.aside.append(
        SetAside(
            filename=_filename(part),
            reason="mail.nested_too_deep" if depth >= MAX_DEPTH else "mail.part.unreadable",
            media_type="message/rfc822",
            size=0,
        )
    )


def _forwarded(part: Message, seen: _Seen) -> Message | None:
    """The mail that a part holds: as a mail, as one in base64 (forbidden, frequent), or a file."""
    inner = part.get_payload()
    if not isinstance(inner, list):
        return message_from_bytes(_bytes(part), policy=seen.way)
    first = inner[0] if inner else None
    if not isinstance(first, Message):
        return None
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding not in ("base64", "quoted-printable"):
        return first
    first["Content-Transfer-Encoding"] = encoding  # what the parser read as its text
    return message_from_bytes(_bytes(first), policy=seen.way)


def _filename(part: Message) -> str:
    """The name of an attachment without folders and control characters."""
    try:
        name = part.get_filename() or ""
    except Exception:  # the same: hostile RFC 2231 parameters
        name = ""
    return file_name(unescape(_unworded(name)))


def _bytes(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # broken base64, unknown encodings
        payload = None
    if isinstance(payload, bytes):
        return payload
    raw = part.get_payload()
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _sort(part: Message, seen: _Seen) -> None:
    declared = part.get_content_type()
    name = _filename(part)
    if declared in ("text/plain", "text/html") and not name:
        body = bodies.decoded(_header(part, "Content-Type"), _bytes(part))
        (seen.html if declared == "text/html" else seen.plain).append(body)
        if declared == "text/html":
            seen.cids.update(found.lower() for found in _CID.findall(body))
        return
    data = _bytes(part)
    suffix = f".{name.rsplit('.', 1)[-1].lower()}" if "." in name else ""
    kind = detect(data)
    reason = _reason(part, name, suffix, kind, data, seen)
    media_type = kind.media_type if kind.is_usable else _USABLE.get(suffix, declared)
    if reason:
        seen.aside.append(
            SetAside(filename=name or declared, reason=reason, media_type=declared, size=len(data))
        )
    else:
        seen.parts.append(
            MailPart(filename=name or _default_name(media_type), media_type=media_type, data=data)
        )


def _reason(part: Message, name: str, suffix: str, kind: Kind, data: bytes, seen: _Seen) -> str:
    """Why a part makes no document, "" when it may be an invoice."""
    declared = part.get_content_type()
    if (
        suffix in _SIGNATURES
        or declared.startswith("application/pkcs7")
        or "signature" in declared
    ):
        return "mail.part.signature"
    if declared == "application/ms-tnef" or name.lower() == "winmail.dat":
        return "mail.part.tnef"
    if kind in _ASIDE:
        return _ASIDE[kind]
    if kind.is_usable:
        return "mail.part.logo" if _is_logo(part, kind, data, seen) else ""
    if kind is Kind.OTHER_IMAGE:
        return "mail.part.image_format"
    if suffix in _USABLE or declared in ("application/pdf", "application/xml", "text/xml"):
        return ""  # damaged or empty: a document all the same, quarantined with its reason
    return "mail.part.type"


def _is_logo(part: Message, kind: Kind, data: bytes, seen: _Seen) -> bool:
    """True for the pictures of a signature: shown inside the text, or too small for a page."""
    if kind not in (Kind.JPEG, Kind.PNG):
        return False
    content_id = str(part.get("Content-ID", "")).strip("<> ").lower()
    shown_inside = bool(content_id) and content_id in seen.cids
    size = picture_size(data)
    if size is None:
        small = len(data) < _SMALL_BYTES
    else:  # a page in black and white takes few bytes: its sides tell
        small = min(size) < _SMALL_SIDE or (len(data) < _SMALL_BYTES and min(size) < _PAGE_SIDE)
    return small or (shown_inside and len(data) < 10 * _SMALL_BYTES)


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels from a PNG's or JPEG's header, None when it has none."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    at = 2
    while data[:2] == b"\xff\xd8" and at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + max(length, 2)
    return None


def _default_name(media_type: str) -> str:
    """A name for an attachment that came without one."""
    suffix = next((end for end, kind in _USABLE.items() if kind == media_type), "")
    return f"document{suffix}"


_FOR = re.compile(r"\bfor\s+<?([^\s<>;]+@[^\s<>;]+)>?", re.IGNORECASE)


def received_for(raw: bytes) -> tuple[str, ...]:
    """The envelope recipients that our own ``Received`` header names, the only trace SES leaves.

    That is the first one: those below came with the mail, and say where it was before, or lie.
    """
    message = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:64_000])
    first = str(message.get("Received", ""))[:MAX_HEADER]
    return tuple(dict.fromkeys(_FOR.findall(first)))


def addressed_to(raw: bytes) -> tuple[str, ...]:
    """The addresses of the mail's own To and Cc: whom the sender says he writes to."""
    message = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:64_000])
    lines = [*message.get_all("To", ()), *message.get_all("Cc", ())]
    found = getaddresses([str(one)[:MAX_HEADER] for one in lines])
    return tuple(dict.fromkeys(address for _name, address in found if "@" in address))
