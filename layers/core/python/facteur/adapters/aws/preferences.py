"""The PreferencesStore and Journal ports on DynamoDB.

| kind        | pk            | sk            |
|-------------|---------------|---------------|
| preferences | D#d           | PREFERENCES   |
| journal     | D#d#JOURNAL   | at#id         |
"""

from collections.abc import Sequence
from dataclasses import replace

from facteur.adapters.aws.items import dossier_pk, text_of
from facteur.adapters.aws.table import Row, Table, Write, always, foreign, instant
from facteur.domain.acceptance import Preferences
from facteur.domain.errors import StaleVersionError
from facteur.domain.journal import JournalEntry
from facteur.domain.serial import loads

PREFERENCES = "PREFERENCES"


class PreferencesRow(Row, discriminator="preferences"):
    """A dossier's preferences."""

    @classmethod
    def of(cls, preferences: Preferences) -> "PreferencesRow":
        """The row, with the version it will have."""
        return cls(
            dossier_pk(preferences.dossier),
            PREFERENCES,
            version=preferences.version + 1,
            body=text_of(preferences),
        )

    def value(self) -> Preferences:
        """The preferences of this row."""
        return replace(loads(Preferences, self.body), version=self.version)


class JournalRow(Row, discriminator="journal"):
    """An entry of a dossier's journal, written once."""

    @classmethod
    def of(cls, entry: JournalEntry) -> "JournalRow":
        """The row of an entry."""
        place = f"{instant(entry.at)}#{foreign(entry.id)}"
        return cls(journal_pk(entry.dossier), place, body=text_of(entry))

    def value(self) -> JournalEntry:
        """The entry of this row."""
        return loads(JournalEntry, self.body)


def journal_pk(dossier: str) -> str:
    """Partition of a dossier's journal."""
    return f"{dossier_pk(dossier)}#JOURNAL"


def journal_writes(entries: Sequence[JournalEntry]) -> list[Write]:
    """The actions that append entries, for whoever changes something in the same transaction."""
    return [Write(JournalRow.of(one)) for one in entries]


class AwsPreferences:
    """Implements facteur.ports.PreferencesStore."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, dossier: str) -> Preferences:
        """A dossier's preferences; those of a new dossier when it never chose."""
        row = self._table.get(PreferencesRow, dossier_pk(dossier), PREFERENCES)
        return Preferences(dossier=dossier) if row is None else row.value()

    def save(self, preferences: Preferences, entries: Sequence[JournalEntry]) -> Preferences:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        row, before = PreferencesRow.of(preferences), preferences.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("preferences.stale", dossier=preferences.dossier))
        self._table.write(
            [Write(row, condition=condition, refused=stale), *journal_writes(entries)]
        )
        return replace(preferences, version=before + 1)


class AwsJournal:
    """Implements facteur.ports.Journal."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, entries: Sequence[JournalEntry]) -> None:
        """Append (idempotent by identifier and time)."""
        if entries:
            self._table.write(journal_writes(entries))

    def entries(self, dossier: str, *, limit: int = 100) -> tuple[JournalEntry, ...]:
        """The last entries of a dossier, newest first."""
        rows = self._table.query(JournalRow, journal_pk(dossier), limit=limit, newest_first=True)
        return tuple(row.value() for row in rows)
