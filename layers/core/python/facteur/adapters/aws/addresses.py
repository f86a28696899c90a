"""The AddressBook port on DynamoDB.

| kind      | pk                   | sk        |
|-----------|----------------------|-----------|
| addresses | D#d                  | ADDRESSES |
| mailbox   | REF#MAILBOX#address  | REF       |
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from facteur.adapters.aws.items import CommandRow, MailboxRow, dossier_pk, text_of
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import Row, Table, Write, always
from facteur.domain.addresses import Addresses
from facteur.domain.commands import Scheduled
from facteur.domain.documents import Direction
from facteur.domain.errors import DuplicateError, StaleVersionError
from facteur.domain.journal import JournalEntry
from facteur.domain.serial import loads

ADDRESSES = "ADDRESSES"


class AddressesRow(Row, discriminator="addresses"):
    """The names that a dossier chose."""

    @classmethod
    def of(cls, addresses: Addresses) -> "AddressesRow":
        """The row, with the version it will have."""
        return cls(
            dossier_pk(addresses.dossier),
            ADDRESSES,
            version=addresses.version + 1,
            body=text_of(addresses),
        )

    def value(self) -> Addresses:
        """The names of this row."""
        return replace(loads(Addresses, self.body), version=self.version)


class AwsAddressBook:
    """Implements facteur.ports.AddressBook."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, dossier: str) -> Addresses:
        """What a dossier chose, read consistently."""
        row = self._table.get(AddressesRow, dossier_pk(dossier), ADDRESSES)
        return Addresses(dossier=dossier) if row is None else row.value()

    def save(
        self,
        addresses: Addresses,
        *,
        take: Mapping[str, Direction],
        free: Sequence[str] = (),
        commands: Sequence[Scheduled] = (),
        entries: Sequence[JournalEntry] = (),
    ) -> Addresses:
        """Write it all or nothing; StaleVersionError, DuplicateError (``mailbox.taken``)."""
        row, before = AddressesRow.of(addresses), addresses.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("addresses.stale", dossier=addresses.dossier))
        writes = [Write(row, condition=condition, refused=stale)]
        for address, direction in take.items():
            writes.append(
                Write(
                    MailboxRow.of(address, addresses.dossier, direction),
                    condition=Row.pk.does_not_exist() | (MailboxRow.target == addresses.dossier),
                    refused=always(DuplicateError("mailbox.taken", address=address)),
                )
            )
        for address in free:
            writes.append(
                Write(
                    MailboxRow.of(address, addresses.dossier, Direction.PURCHASE),
                    condition=Row.pk.does_not_exist() | (MailboxRow.target == addresses.dossier),
                    refused=stale,
                    delete=True,
                )
            )
        writes += [Write(CommandRow.of(one)) for one in commands]
        self._table.write([*writes, *journal_writes(entries)])
        return replace(addresses, version=before + 1)
