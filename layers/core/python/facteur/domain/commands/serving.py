"""What follows a flow that a dossier's billing software submitted, or may follow here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSubmission:
    """Control a submitted flow, and make of it what it is: an invoice, a status, a report."""

    dossier: str
    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowSubmission:
    """See what became of the document of a submitted invoice, until its controls have answered."""

    dossier: str
    flow: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverHook:
    """Call a subscriber about a change of a flow."""

    dossier: str
    delivery: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDocument:
    """Let a dossier's billing software follow a purchase that was registered (a flow In)."""

    dossier: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishStatus:
    """Let a dossier's billing software follow a status of an invoice (a flow In)."""

    dossier: str
    document: str
    record: str  # StatusRecord.id
