"""From what arrives to an invoice that waits: receive, read, convert, check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from facteur.domain.documents import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMail:
    """A raw mail lies in the intake bucket. ``recipients`` are the envelope's."""

    key: str
    recipients: tuple[str, ...]
    received_at: datetime
    sender: str = ""  # envelope
    verdicts: Mapping[str, str] = field(default_factory=dict)  # spf, dkim, dmarc, spam, virus
    dossier: str = ""  # of a fetched mailbox: it decides, not the recipients
    direction: Direction | None = None  # what its rule said
    by_headers: bool = False  # the envelope was lost: ``recipients`` are what the headers name


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintMail:
    """A mail without attachment seems to be a receipt: its body becomes a document."""

    mail: ReceiveMail
    dossier: str
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveUpload:
    """A file was uploaded by a presigned form; its object metadata say by whom and for which."""

    key: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """Read the original: structured data, else text layer, else OCR; then convert."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPages:
    """Draw the images of a document's pages, beside its road: nothing waits for them."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexWords:
    """Write the words of a document where the search looks; out of there in the trash."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectOcr:
    """Ask whether an asynchronous OCR job has ended."""

    dossier: str
    document: str
    job: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertDocument:
    """Turn the candidate into an EN 16931 invoice and a Factur-X."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInvoice:
    """Run the official rules, then register: duplicates, à contrôler or à accepter."""

    dossier: str
    document: str
