"""What is said of an invoice: by a person here, by a platform, and what makes it travel."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from facteur.domain.documents import StoredFile
from facteur.domain.lifecycle.records import Characteristic, Payee, StatusReason, StatusRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus:
    """Our side sets a status; refused when the table of lifecycle/allowed.py does not offer it.

    A payment is given as ``amount`` (VAT included, negative for a refund), shared among the rates
    of the invoice, or as ``characteristics``, one block per rate.
    """

    dossier: str
    document: str
    code: str
    by: str
    by_name: str = ""
    reasons: tuple[StatusReason, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    comment: str = ""
    amount: Decimal | None = None
    on: date | None = None  # the day of the payment
    beyond_due: bool = False  # it is known to be more than what was due
    files: tuple[StoredFile, ...] = ()  # attached to it (MDT-96), stored already
    payee: Payee | None = None  # of a factoring status
    id: str = ""  # of the request: asked twice, it is set once; "" makes a new one
    version: int = 0  # that the user saw; 0: whatever it is
    follows: bool = False  # from what was decided of the document: said only where it may be


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStatus:
    """Write the message of a status that was set here, and run the official rules on it."""

    dossier: str
    document: str
    record: str  # StatusRecord.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyStatus:
    """A status came in: keep it, once, in whatever order."""

    dossier: str
    document: str
    record: StatusRecord
    files: tuple[StoredFile, ...] = ()  # what was attached to it (MDT-96), stored already


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeStatuses:
    """Somebody opened an invoice of which something was said."""

    dossier: str
    document: str
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkInvoice:
    """A credit note or corrective invoice names another one (BG-3): tie the two together."""

    dossier: str
    document: str
    attempt: int = 1  # the other may come later
