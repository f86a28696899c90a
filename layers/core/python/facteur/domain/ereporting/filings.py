"""What was made of a period's report: prepared, checked, sent, answered; and what the page shows.

A filing is one file of a series (a period, a role): the first, or a correction. Until it is sent
it is prepared anew as often as needed under the same identifier; once sent it never changes, and
what comes after is another filing of the series.

Sources: specifications of the DGFiP v3.2 §3.7.7 (IN, RE; 300, 301); G8.01 to G8.05.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from facteur.domain.documents import Direction, Seal, StoredFile
from facteur.domain.ereporting.blocks import Report, ReportType, Role
from facteur.domain.ereporting.calendar import Matter, Period, RegimeChange, periods
from facteur.domain.ereporting.routes import Answers
from facteur.domain.events import Entry, Event, chained
from facteur.domain.faults import Fault
from facteur.domain.money import ZERO

_MATRICULE = re.compile(r"\d{4}", re.ASCII)
MOST_NAME = 100
MOST_FINDINGS = 50  # kept of a check
MOST_ANSWERS = 50  # kept of a filing, the newest
MOST_HISTORY = 200  # steps of a filing that are told; what comes after is counted


class FilingState(StrEnum):
    """Where a filing stands."""

    PREPARING = "preparing"
    CHECKING = "checking"
    OPEN = "open"  # the period runs: a preview, nothing to send
    EMPTY = "empty"  # nothing to declare: nothing is sent
    FAILED = "failed"  # it could not be made: ``failure`` says why
    INVALID = "invalid"  # the official rules refuse it, or could not run
    READY = "ready"  # checked: to be sent
    SENDING = "sending"
    NOT_SENT = "not_sent"  # the platform could not be reached: the same file may leave again
    SENT = "sent"  # the platform has it
    ACKNOWLEDGED = "acknowledged"  # its controls passed
    ACCEPTED = "accepted"  # 300: the State has it
    REJECTED = "rejected"  # 301 or 501, or the platform's own refusal
    ELSEWHERE = "elsewhere"  # another tool declared the period: nothing is due here


#: Still ours to make again.
DRAFTS = frozenset({
    FilingState.PREPARING, FilingState.CHECKING, FilingState.OPEN, FilingState.EMPTY,
    FilingState.FAILED, FilingState.INVALID, FilingState.READY,
})  # fmt: skip
#: There is no file that may leave.
UNMADE = frozenset({FilingState.FAILED, FilingState.INVALID})
#: What counts as declared: a later file of the series is a correction.
DECLARED = frozenset({FilingState.SENT, FilingState.ACKNOWLEDGED, FilingState.ACCEPTED})
#: Something is under way: the page looks again by itself.
MOVING = frozenset({FilingState.PREPARING, FilingState.CHECKING, FilingState.SENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a dossier said of its e-reporting."""

    dossier: str
    regimes: tuple[RegimeChange, ...] = ()  # by date
    platform_id: str = ""  # matricule of the platform that sends, 4 digits (scheme 0238)
    platform_name: str = ""
    remind: int = 3  # days before a period is due that people are told
    forward: bool = False  # reports that a billing software submits leave by themselves
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A period under a role: what one file is about."""

    period: Period
    role: Role

    @property
    def id(self) -> str:
        """``transactions-20270901-20270910-SE``: the name in addresses; it sorts by matter."""
        return f"{self.period.id}-{self.role.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Who said that another tool declared a period, when, and in what words."""

    at: datetime
    by: str
    by_name: str
    day: date  # when it was declared
    note: str = ""  # with which tool, under which reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One file of a series, and what became of it."""

    dossier: str
    series: Series
    type: ReportType
    sequence: int  # of the files of this series, from 1
    state: FilingState
    at: datetime  # of its last preparation
    by: str = ""  # who asked for that; "" for the clock
    by_name: str = ""
    turn: int = 1  # how often it was prepared: commands of an older turn do nothing
    basis: str = ""  # hash of what it was made of (services/ereporting/material)
    content: str = ""  # hash of what it says
    report: str = ""  # TT-1: how the file calls itself
    file: StoredFile | None = None  # the XML
    preview: StoredFile | None = None  # the Preview, as JSON
    lines: int = 0  # blocks of the report
    base: Decimal = ZERO  # of what is in euros: without VAT; of payments: VAT included
    tax: Decimal = ZERO  # in euros
    left_out: int = 0  # invoices that wait for an answer
    failure: Fault | None = None
    findings: tuple[Fault, ...] = ()  # of the official rules
    connection: str = ""
    tracking: str = ""
    flow: str = ""
    sent_at: datetime | None = None
    sent_by: str = ""
    answered_at: datetime | None = None  # when the platform or the State last answered
    outdated: bool = False  # what it was made of says something else by now: to be corrected
    elsewhere: Elsewhere | None = None
    received: str = ""  # name of the software that submitted the file; "": made here
    submission: str = ""  # the flow of that submission
    reminded: str = ""  # what people were told of it: a value of Stage
    answers: tuple[StoredFile, ...] = ()  # of the platform and the State, in order, the newest
    unkept: int = 0  # answers that are not among them any more
    history: tuple[Entry, ...] = ()  # what happened to it since it left, chained
    seal: Seal | None = None  # the file, the answers and their evidence, under Object Lock
    version: int = field(default=0, compare=False)

    @property
    def id(self) -> str:
        """Its name in the dossier."""
        return f"{self.series.id}-{self.sequence:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An invoice of the period that could not be told (what must be asked), or with answers."""

    document: str
    direction: Direction
    number: str
    party: str
    day: date | None
    amount: Decimal | None  # VAT included
    currency: str
    faults: tuple[Fault, ...]
    answers: Answers = field(default_factory=Answers)
    paid_on: tuple[date, ...] = ()  # the days money came in: what a refund may take back


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the page shows of a filing: the report, what was left out, the invoices' numbers."""

    report: Report
    left_out: tuple[LeftOut, ...] = ()
    answered: tuple[LeftOut, ...] = ()  # of what is told, or needs no telling by its answer
    numbers: Mapping[str, str] = field(default_factory=dict)  # by document


def series_between(
    changes: Sequence[RegimeChange], since: date, until: date
) -> tuple[Series, ...]:
    """Every series with a day between two days: by due date, then transactions before payments.

    Only a seller tells payments (10.2, 10.4).
    """
    found = [
        Series(period=period, role=role)
        for matter in Matter
        for period in periods(changes, matter, since=since, until=until)
        for role in (
            (Role.SELLER, Role.BUYER) if matter is Matter.TRANSACTIONS else (Role.SELLER,)
        )
    ]
    order = list(Matter)
    return tuple(
        sorted(
            found,
            key=lambda one: (one.period.due, one.period.start, order.index(one.period.matter)),
        )
    )


def series_named(changes: Sequence[RegimeChange], name: str) -> Series | None:
    """The series of this name in the calendar, None when the calendar has none."""
    parts = name.split("-")
    if len(parts) != 4 or not all(one.isascii() and one.isalnum() for one in parts):
        return None
    try:
        start = date.fromisoformat(parts[1])
    except ValueError:
        return None
    found = series_between(changes, start, start)
    return next((one for one in found if one.id == name), None)


def over(series: Series, today: date) -> bool:
    """True once the period has ended: only then may it be sent (G7.43)."""
    return series.period.end < today


def happened(filing: Filing, event: Event) -> tuple[Entry, ...]:
    """The history of a filing with one more event."""
    last = filing.history[-1].hash if filing.history else ""
    return (*filing.history, *chained((event,), length=len(filing.history), last=last))


def with_answer(filing: Filing, file: StoredFile, event: Event) -> Filing:
    """The filing with an answer and its event, once; the newest MOST_ANSWERS are kept.

    Past MOST_HISTORY steps an answer is counted and nothing else: a row is not to grow with what
    a platform repeats.
    """
    if any(one.sha256 == file.sha256 for one in filing.answers):
        return filing
    if len(filing.history) >= MOST_HISTORY:
        return replace(filing, unkept=filing.unkept + 1)
    held = (*filing.answers, file)
    gone = len(held[:-MOST_ANSWERS])
    return replace(
        filing,
        answers=held[gone:],
        unkept=filing.unkept + gone,
        history=happened(filing, event),
    )


# ── What is to be done ──────────────────────────────────────────────────────────────────────────


class Stage(StrEnum):
    """Why people are told of a period, the most pressing last."""

    AMEND = "amend"  # declared, and no longer true
    SOON = "soon"  # due in a few days
    LATE = "late"


#: Somebody must do something before it is declared.
_TO_DO = frozenset({
    FilingState.READY, FilingState.INVALID, FilingState.FAILED, FilingState.NOT_SENT,
    FilingState.REJECTED,
})  # fmt: skip


def to_do(filing: Filing | None) -> bool:
    """True for a period that waits for somebody: never for one with nothing to send."""
    if filing is None:
        return False
    asks = filing.state is FilingState.EMPTY and filing.left_out > 0
    return filing.state in _TO_DO or asks or filing.outdated


def stage_of(filing: Filing, today: date, remind: int) -> Stage | None:
    """What people are told of a period today, ``remind`` days before it is due; None: nothing."""
    if not to_do(filing) or not over(filing.series, today):
        return None
    if filing.outdated:
        return Stage.AMEND
    left = days_left(filing.series.period, today)
    if left < 0:
        return Stage.LATE
    return Stage.SOON if left <= remind else None


def with_regime(settings: Settings, since: date, regime: RegimeChange | None) -> Settings:
    """The settings with the regime of a date set, or taken away."""
    kept = [one for one in settings.regimes if one.since != since]
    kept += [regime] if regime else []
    return replace(settings, regimes=tuple(sorted(kept, key=lambda one: one.since)))


def faults_of_settings(platform_id: str, platform_name: str) -> tuple[Fault, ...]:
    """What is wrong with the sender: four digits, and a name (TT-5, TT-6)."""
    found = []
    if not _MATRICULE.fullmatch(platform_id):
        found.append(Fault(code="ereporting.matricule", path="platform_id"))
    if not platform_name or len(platform_name) > MOST_NAME:
        found.append(Fault(code="ereporting.platform_name", path="platform_name"))
    return tuple(found)


def days_left(period: Period, today: date) -> int:
    """Days until its last day; negative when that is behind."""
    return (period.due - today) // timedelta(days=1)
