"""The Exports port on DynamoDB.

| kind     | pk          | sk               | listing             |
|----------|-------------|------------------|---------------------|
| export   | D#d         | EXPORT#id        | D#d#EXPORTS / at#id |
| accounts | D#d         | ACCOUNTS         |                     |
"""

from collections.abc import Sequence
from dataclasses import replace

from facteur.adapters.aws.items import dossier_pk, text_of
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import LISTING, Row, Table, Write, always, instant, part
from facteur.domain.errors import NotFoundError, StaleVersionError
from facteur.domain.exports import Accounts, Job
from facteur.domain.journal import JournalEntry
from facteur.domain.serial import loads

ACCOUNTS = "ACCOUNTS"


class ExportRow(Row, discriminator="export"):
    """An export."""

    @classmethod
    def of(cls, job: Job) -> "ExportRow":
        """The row of an export."""
        return cls(
            dossier_pk(job.dossier),
            f"EXPORT#{part(job.id)}",
            listing_pk=f"{dossier_pk(job.dossier)}#EXPORTS",
            listing_sk=f"{instant(job.at)}#{part(job.id)}",
            body=text_of(job),
        )

    def value(self) -> Job:
        """The export of this row."""
        return loads(Job, self.body)


class AccountsRow(Row, discriminator="accounts"):
    """A dossier's accounts."""

    @classmethod
    def of(cls, accounts: Accounts) -> "AccountsRow":
        """The row, with the version it will have."""
        return cls(
            dossier_pk(accounts.dossier),
            ACCOUNTS,
            version=accounts.version + 1,
            body=text_of(accounts),
        )

    def value(self) -> Accounts:
        """The accounts of this row."""
        return replace(loads(Accounts, self.body), version=self.version)


class AwsExports:
    """Implements facteur.ports.Exports."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def save(self, job: Job) -> None:
        """Write an export's row, whatever was there."""
        self._table.put(ExportRow.of(job))

    def job(self, dossier: str, job: str) -> Job:
        """An export; NotFoundError."""
        row = self._table.get(ExportRow, dossier_pk(dossier), f"EXPORT#{part(job)}")
        if row is None:
            raise NotFoundError("not_found", export=job)
        return row.value()

    def jobs(self, dossier: str, *, limit: int = 20) -> tuple[Job, ...]:
        """The last exports of a dossier, newest first."""
        rows = self._table.query(
            ExportRow,
            f"{dossier_pk(dossier)}#EXPORTS",
            index=LISTING,
            limit=limit,
            newest_first=True,
        )
        return tuple(row.value() for row in rows)

    def accounts(self, dossier: str) -> Accounts:
        """The dossier's accounts; those of the PCG when it never chose."""
        row = self._table.get(AccountsRow, dossier_pk(dossier), ACCOUNTS)
        return Accounts(dossier=dossier) if row is None else row.value()

    def save_accounts(self, accounts: Accounts, entries: Sequence[JournalEntry]) -> Accounts:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        before = accounts.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("preferences.stale", dossier=accounts.dossier))
        write = Write(AccountsRow.of(accounts), condition=condition, refused=stale)
        self._table.write([write, *journal_writes(entries)])
        return replace(accounts, version=before + 1)
