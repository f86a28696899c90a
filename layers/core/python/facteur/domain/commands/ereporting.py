"""An e-reporting file: made, checked, sent, followed; and looked at again every night."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """Make the file of a period out of what the dossier sold, bought and collected."""

    dossier: str
    filing: str  # Filing.id
    turn: int  # of its preparation


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """Have the file checked by the schema and the State's rules."""

    dossier: str
    filing: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransmitReport:
    """Submit a checked file to the dossier's platform, once."""

    dossier: str
    filing: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowReport:
    """Ask what the platform's controls said of it, until they did."""

    dossier: str
    filing: str
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SealReport:
    """Put what was sent, and what was answered, under Object Lock."""

    dossier: str
    filing: str
    step: int  # length of the history that is sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardReport:
    """Hand a report that a billing software submitted over to the connected platform."""

    dossier: str
    filing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReports:
    """Prepare what is due and see whether what was sent is still true."""

    dossier: str
