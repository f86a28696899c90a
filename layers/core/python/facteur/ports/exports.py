"""Exports asked for and made, and the accounts that entries are written on."""

from collections.abc import Sequence
from typing import Protocol

from facteur.domain.exports import Accounts, Job
from facteur.domain.journal import JournalEntry


class Exports(Protocol):
    """What accountants take away; every call names the dossier."""

    def save(self, job: Job) -> None:
        """Write an export's row, whatever was there: one command at a time works on it."""
        ...

    def job(self, dossier: str, job: str) -> Job:
        """An export; NotFoundError."""
        ...

    def jobs(self, dossier: str, *, limit: int = 20) -> tuple[Job, ...]:
        """The last exports of a dossier, newest first."""
        ...

    def accounts(self, dossier: str) -> Accounts:
        """The dossier's accounts; those of the PCG when it never chose."""
        ...

    def save_accounts(self, accounts: Accounts, entries: Sequence[JournalEntry]) -> Accounts:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        ...
