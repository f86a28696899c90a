"""The CredentialBook port on DynamoDB: one row per person, written under its version.

| kind        | pk     | sk          |
|-------------|--------|-------------|
| credentials | USER#u | CREDENTIALS |
"""

from dataclasses import replace

from facteur.adapters.aws.items import text_of, user_pk
from facteur.adapters.aws.table import Row, Table, Write, always
from facteur.domain.credentials import Credentials
from facteur.domain.errors import StaleVersionError
from facteur.domain.serial import loads

CREDENTIALS = "CREDENTIALS"


class CredentialsRow(Row, discriminator="credentials"):
    """A person's recovery codes and passkeys."""

    @classmethod
    def of(cls, held: Credentials) -> "CredentialsRow":
        """The row, with the version it will have."""
        return cls(user_pk(held.user), CREDENTIALS, version=held.version + 1, body=text_of(held))

    def value(self) -> Credentials:
        """The credentials of this row."""
        return replace(loads(Credentials, self.body), version=self.version)


class AwsCredentialBook:
    """Implements facteur.ports.CredentialBook."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, user: str) -> Credentials:
        """A person's, read consistently; empty when nothing is kept."""
        row = self._table.get(CredentialsRow, user_pk(user), CREDENTIALS)
        return Credentials(user=user) if row is None else row.value()

    def save(self, held: Credentials) -> Credentials:
        """Write them; StaleVersionError (``account.stale``): of two at once, one is refused."""
        before = held.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("account.stale"))
        self._table.write([Write(CredentialsRow.of(held), condition=condition, refused=stale)])
        return replace(held, version=before + 1)
