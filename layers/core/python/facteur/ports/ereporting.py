"""What a dossier keeps of its e-reporting: settings, answers, till totals, filings."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from facteur.domain.ereporting.building import TillDay
from facteur.domain.ereporting.filings import Filing, Settings
from facteur.domain.ereporting.routes import Answers
from facteur.domain.journal import JournalEntry


class EReporting(Protocol):
    """Every call names the dossier."""

    def settings(self, dossier: str) -> Settings:
        """The dossier's settings; empty ones when it never chose."""
        ...

    def save_settings(self, settings: Settings, entries: Sequence[JournalEntry]) -> Settings:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        ...

    def all_settings(self) -> tuple[Settings, ...]:
        """The settings of every dossier that has a regime: for the clock."""
        ...

    def answers(self, dossier: str) -> Mapping[str, Answers]:
        """What the company said of its invoices, by document."""
        ...

    def save_answers(self, dossier: str, document: str, answers: Answers) -> None:
        """Keep what it says of one."""
        ...

    def till(self, dossier: str, since: date, until: date) -> tuple[TillDay, ...]:
        """The till totals between two days, both included, by day."""
        ...

    def save_till(self, dossier: str, days: Sequence[TillDay]) -> None:
        """Keep totals; each takes the place of what was kept of its day and category."""
        ...

    def forget_till(self, dossier: str, day: TillDay) -> None:
        """Take away the total of a day and category; nothing happens when there is none."""
        ...

    def filing(self, dossier: str, filing: str) -> Filing:
        """A filing, read consistently; NotFoundError."""
        ...

    def filings(self, dossier: str, *, series: str = "") -> tuple[Filing, ...]:
        """Those of the dossier, or of one series, in the order of their names."""
        ...

    def save(self, filing: Filing) -> Filing:
        """Create or change; StaleVersionError (``ereporting.stale``) when it moved."""
        ...
