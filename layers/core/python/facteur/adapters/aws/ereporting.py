"""The EReporting port on DynamoDB.

| kind              | pk  | sk                | listing          |
|-------------------|-----|-------------------|------------------|
| ereporting        | D#d | EREPORTING        | EREPORTING / d   |
| reported_answers  | D#d | REPORTED#document |                  |
| till_day          | D#d | TILL#day#category |                  |
| filing            | D#d | FILING#series#nn  |                  |

Only settings with a regime are in the listing that the clock reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from facteur.adapters.aws.items import dossier_pk, text_of
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import LISTING, Row, Table, Write, always, part
from facteur.domain.ereporting.building import TillDay
from facteur.domain.ereporting.filings import Filing, Settings
from facteur.domain.ereporting.routes import Answers
from facteur.domain.errors import NotFoundError, StaleVersionError
from facteur.domain.journal import JournalEntry
from facteur.domain.serial import loads

SETTINGS = "EREPORTING"


class EReportingRow(Row, discriminator="ereporting"):
    """A dossier's settings."""

    @classmethod
    def of(cls, settings: Settings) -> "EReportingRow":
        """The row, with the version it will have."""
        listed = SETTINGS if settings.regimes else None
        return cls(
            dossier_pk(settings.dossier),
            SETTINGS,
            version=settings.version + 1,
            listing_pk=listed,
            listing_sk=settings.dossier if listed else None,
            body=text_of(settings),
        )

    def value(self) -> Settings:
        """The settings of this row."""
        return replace(loads(Settings, self.body), version=self.version)


class AnswersRow(Row, discriminator="reported_answers"):
    """What the company said of an invoice."""


class TillRow(Row, discriminator="till_day"):
    """A till's total."""

    @classmethod
    def of(cls, dossier: str, day: TillDay) -> "TillRow":
        """The row of a total."""
        return cls(dossier_pk(dossier), _till_sk(day), body=text_of(day))


class FilingRow(Row, discriminator="filing"):
    """One file of a series."""

    @classmethod
    def of(cls, filing: Filing) -> "FilingRow":
        """The row, with the version it will have."""
        return cls(
            dossier_pk(filing.dossier),
            _filing_sk(filing.series.id, f"{filing.sequence:02d}"),
            version=filing.version + 1,
            body=text_of(filing),
        )

    def value(self) -> Filing:
        """The filing of this row."""
        return replace(loads(Filing, self.body), version=self.version)


def _filing_sk(series: str, number: str) -> str:
    return f"FILING#{part(series)}#{part(number)}"


def _till_sk(day: TillDay) -> str:
    return f"TILL#{day.day.isoformat()}#{day.category.value}"


class AwsEReporting:
    """Implements facteur.ports.EReporting."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def settings(self, dossier: str) -> Settings:
        """The dossier's settings; empty ones when it never chose."""
        row = self._table.get(EReportingRow, dossier_pk(dossier), SETTINGS)
        return Settings(dossier=dossier) if row is None else row.value()

    def save_settings(self, settings: Settings, entries: Sequence[JournalEntry]) -> Settings:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        before = settings.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("preferences.stale", dossier=settings.dossier))
        write = Write(EReportingRow.of(settings), condition=condition, refused=stale)
        self._table.write([write, *journal_writes(entries)])
        return replace(settings, version=before + 1)

    def all_settings(self) -> tuple[Settings, ...]:
        """The settings of every dossier that has a regime."""
        rows = self._table.query(EReportingRow, SETTINGS, index=LISTING)
        return tuple(row.value() for row in rows)

    def answers(self, dossier: str) -> Mapping[str, Answers]:
        """What the company said of its invoices, by document."""
        rows = self._table.query(AnswersRow, dossier_pk(dossier), Row.sk.startswith("REPORTED#"))
        return {row.sk.removeprefix("REPORTED#"): loads(Answers, row.body) for row in rows}

    def save_answers(self, dossier: str, document: str, answers: Answers) -> None:
        """Keep what it says of one."""
        name = f"REPORTED#{part(document)}"
        self._table.put(AnswersRow(dossier_pk(dossier), name, body=text_of(answers)))

    def till(self, dossier: str, since: date, until: date) -> tuple[TillDay, ...]:
        """The till totals between two days, both included, by day."""
        # "~" sorts after every category.
        between = Row.sk.between(f"TILL#{since.isoformat()}", f"TILL#{until.isoformat()}#~")
        rows = self._table.query(TillRow, dossier_pk(dossier), between)
        return tuple(loads(TillDay, row.body) for row in rows)

    def save_till(self, dossier: str, days: Sequence[TillDay]) -> None:
        """Keep totals; each takes the place of what was kept of its day and category."""
        self._table.write_many([TillRow.of(dossier, one) for one in days], ())

    def forget_till(self, dossier: str, day: TillDay) -> None:
        """Take away the total of a day and category."""
        self._table.delete(dossier_pk(dossier), _till_sk(day))

    def filing(self, dossier: str, filing: str) -> Filing:
        """A filing, read consistently; NotFoundError."""
        series, _dash, number = filing.rpartition("-")
        row = self._table.get(FilingRow, dossier_pk(dossier), _filing_sk(series, number))
        if row is None:
            raise NotFoundError("not_found", filing=filing[:80])
        return row.value()

    def filings(self, dossier: str, *, series: str = "") -> tuple[Filing, ...]:
        """Those of the dossier, or of one series, in the order of their names."""
        prefix = f"FILING#{part(series)}#" if series else "FILING#"
        rows = self._table.query(FilingRow, dossier_pk(dossier), Row.sk.startswith(prefix))
        return tuple(row.value() for row in rows)

    def save(self, filing: Filing) -> Filing:
        """Create or change; StaleVersionError (``ereporting.stale``) when it moved."""
        before = filing.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("ereporting.stale", filing=filing.id))
        self._table.write([Write(FilingRow.of(filing), condition=condition, refused=stale)])
        return replace(filing, version=before + 1)
