"""The ApiKeys port on DynamoDB.

| kind    | pk         | sk  | listing               |
|---------|------------|-----|-----------------------|
| api key | KEY#digest | KEY | D#d#KEYS / created#id |
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from facteur.adapters.aws.items import KEY, ApiKeyRow, key_pk, keys_pk
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import LISTING, Row, Table, Write, always
from facteur.domain.errors import DuplicateError, StaleVersionError
from facteur.domain.journal import JournalEntry
from facteur.domain.keys import ApiKey


class AwsApiKeys:
    """Implements facteur.ports.ApiKeys."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, digest: str) -> ApiKey | None:
        """The key with this digest, read consistently: what was revoked is refused at once."""
        row = self._table.get(ApiKeyRow, key_pk(digest), KEY)
        return None if row is None else row.value()

    def of_dossier(self, dossier: str) -> tuple[ApiKey, ...]:
        """Every key that a dossier had, newest first, as each stands now.

        The list comes from an index, which may be a moment late on AWS; each key is then read.
        """
        rows = self._table.query(ApiKeyRow, keys_pk(dossier), index=LISTING, newest_first=True)
        found = (self.find(row.value().digest) for row in rows)
        return tuple(one for one in found if one is not None)

    def save(self, keys: Sequence[ApiKey], entries: Sequence[JournalEntry]) -> None:
        """Write keys and what the journal says; DuplicateError, StaleVersionError."""
        self._table.write([*(_write(one) for one in keys), *journal_writes(entries)])

    def used(self, key: ApiKey, at: datetime) -> None:
        """Note a use; whoever changed the key meanwhile is right."""
        try:
            self._table.write([_write(replace(key, last_used_at=at))])
        except StaleVersionError:
            return


def _write(key: ApiKey) -> Write:
    if key.version:
        stale = always(StaleVersionError("key.stale", id=key.id))
        return Write(ApiKeyRow.of(key), condition=Row.version == key.version, refused=stale)
    exists = always(DuplicateError("api_key.exists", id=key.id))
    return Write(ApiKeyRow.of(key), condition=Row.pk.does_not_exist(), refused=exists)
