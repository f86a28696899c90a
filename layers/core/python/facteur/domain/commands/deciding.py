"""What people decide about a document, and what follows of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from facteur.domain.circuits import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectDocument:
    """A user corrected fields of the candidate. Values are raw text by field name."""

    dossier: str
    document: str
    version: int  # the version the user saw
    values: Mapping[str, object]
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDocument:
    """A user accepts; sealing follows."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftCircuit:
    """A gérant takes a document out of its approval circuit."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewWaiting:
    """A circuit was added, changed or removed: a ReviewCircuit per waiting purchase concerned."""

    dossier: str
    change: Change
    walk: str  # what its commands' identifiers begin with
    by: str
    by_name: str = ""
    place: int = 0  # in circuits.WAITING
    cursor: str = ""  # of that state's list: where to go on
    began: datetime | None = None  # when the change was announced


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCircuit:
    """A waiting purchase is stopped, or let go, as the circuits say now."""

    dossier: str
    document: str
    change: Change
    by: str
    by_name: str = ""
    walk: str = ""  # that found it, and
    began: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskApproval:
    """A circuit stops a document: mail a link to those of its approvers who have no account."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTogether:
    """A circuit stopped what waited already: one mail to each of them, with a link per invoice."""

    dossier: str
    walk: str  # what its commands' identifiers begin with
    place: int = 0  # in circuits.WAITING
    cursor: str = ""  # of that state's list: where to go on


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseDocument:
    """A user refuses, with a reason."""

    dossier: str
    document: str
    version: int
    reason: str
    by: str
    comment: str = ""
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearDuplicates:
    """« Ce n'est pas un doublon »."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDoubles:
    """A document was refused or set aside: what seemed its double no longer is."""

    dossier: str
    document: str  # the one that left


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareKind:
    """A user says what a document is: facture, avoir, autre (JF-17); "" takes the word back."""

    dossier: str
    document: str
    version: int
    kind: str  # a DeclaredKind, or ""
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDocument:
    """A user says on which pages of a file new invoices start (PE-04); WriteParts follows."""

    dossier: str
    document: str
    version: int
    starts: tuple[int, ...]  # pages, from 2: the first invoice starts on page 1
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepWhole:
    """« C'est une seule facture »: the proposal to split the file is set aside."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFile:
    """A part was decided: seal the file that it was cut from once every part is."""

    dossier: str
    document: str  # the file's


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteParts:
    """Write the parts of a file where its user said, each a document of its own."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealDocument:
    """Write the archive: original, Factur-X, canonical JSON and evidence, under Object Lock."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepUnsent:
    """A user archives a sale without sending it from here."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDocument:
    """A sale goes to its buyer's dossier, when the buyer is on this platform too."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnFromDocument:
    """An accepted document tells who its supplier is, and what was corrected (services/parties/learning)."""  # noqa: E501

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeDocument:
    """A bank account was approved: the document that it held goes on."""

    dossier: str
    document: str
    iban: str
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDocument:
    """A user chose the accounting values of a document; its party's card stays as it is."""

    dossier: str
    document: str
    version: int
    values: Mapping[str, str]  # parties.Defaults, by name
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAccounting:
    """An archived document was fetched for accounting, or is to be fetched again."""

    dossier: str
    document: str
    status: str  # documents.Accounting
    how: str  # decisions.statuses: manual, export, api, undo
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPayment:
    """Somebody says what became of the payment of an archived document."""

    dossier: str
    document: str
    status: str  # documents.PaymentStatus
    how: str
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDocument:
    """Take a quarantined document through the road again."""

    dossier: str
    document: str
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashDocument:
    """A user puts a document that nobody accepted in the trash."""

    dossier: str
    document: str
    version: int
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreDocument:
    """A user takes a document out of the trash: back where it was."""

    dossier: str
    document: str
    by: str
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDocument:
    """Delete a document of the trash for good: a user confirmed, or its thirty days are over."""

    dossier: str
    document: str
    by: str
    by_name: str = ""
