"""The CredentialBook port on DynamoDB: one row per person, written under its version.

| kind        | pk               | sk          |
|-------------|------------------|-------------|
| credentials | USER#u           | CREDENTIALS |
| identity    | REF#IDENTITY#key | REF         |
"""

from dataclasses import replace

from pynamodb.attributes import UnicodeAttribute

from facteur.adapters.aws.items import REF, text_of, user_pk
from facteur.adapters.aws.table import Row, Table, Write, always, part
from facteur.domain.credentials import Credentials
from facteur.domain.errors import DuplicateError, StaleVersionError
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


class IdentityRow(Row, discriminator="identity"):
    """Whose an identity at a provider is."""

    target = UnicodeAttribute()

    @classmethod
    def of(cls, key: str, user: str) -> "IdentityRow":
        """The row of an identity."""
        return cls(_identity_pk(key), REF, target=user)


def _identity_pk(key: str) -> str:
    return f"REF#IDENTITY#{part(key)}"


class AwsCredentialBook:
    """Implements facteur.ports.CredentialBook."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, user: str) -> Credentials:
        """A person's, read consistently; empty when nothing is kept."""
        row = self._table.get(CredentialsRow, user_pk(user), CREDENTIALS)
        return Credentials(user=user) if row is None else row.value()

    def save(self, held: Credentials, *, claim: str = "", free: str = "") -> Credentials:
        """Write them all or nothing; StaleVersionError, DuplicateError (``provider.taken``)."""
        before = held.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("account.stale"))
        writes = [Write(CredentialsRow.of(held), condition=condition, refused=stale)]
        if claim:
            mine = Row.pk.does_not_exist() | (IdentityRow.target == held.user)
            taken = always(DuplicateError("provider.taken"))
            row = IdentityRow.of(claim, held.user)
            writes.append(Write(row, condition=mine, refused=taken))
        if free:
            writes.append(Write(IdentityRow.of(free, held.user), delete=True))
        self._table.write(writes)
        return replace(held, version=before + 1)

    def user_of(self, identity: str) -> str:
        """Whose identity this key is, read consistently; "" when nobody's."""
        row = self._table.get(IdentityRow, _identity_pk(identity), REF)
        return "" if row is None else row.target
