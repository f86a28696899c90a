"""The Forwardings port on DynamoDB.

| kind       | pk    | sk          | listing                |
|------------|-------|-------------|------------------------|
| forwarding | D#d   | FORWARDING  |                        |
| delivery   | D#d   | DELIVERY#id | D#d#DELIVERIES / at#id |
"""

from collections.abc import Sequence
from dataclasses import replace

from facteur.adapters.aws.items import dossier_pk, text_of
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import LISTING, Row, Table, Write, always, instant, part
from facteur.domain.errors import DuplicateError, NotFoundError, StaleVersionError
from facteur.domain.forwarding import Delivery, Forwarding
from facteur.domain.journal import JournalEntry
from facteur.domain.serial import loads

FORWARDING = "FORWARDING"


class ForwardingRow(Row, discriminator="forwarding"):
    """A dossier's rules."""

    @classmethod
    def of(cls, forwarding: Forwarding) -> "ForwardingRow":
        """The row, with the version it will have."""
        return cls(
            dossier_pk(forwarding.dossier),
            FORWARDING,
            version=forwarding.version + 1,
            body=text_of(forwarding),
        )

    def value(self) -> Forwarding:
        """The rules of this row."""
        return replace(loads(Forwarding, self.body), version=self.version)


class DeliveryRow(Row, discriminator="delivery"):
    """What became of a document under a rule."""

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryRow":
        """The row of a delivery."""
        return cls(
            dossier_pk(delivery.dossier),
            f"DELIVERY#{part(delivery.id)}",
            listing_pk=f"{dossier_pk(delivery.dossier)}#DELIVERIES",
            listing_sk=f"{instant(delivery.at)}#{part(delivery.id)}",
            body=text_of(delivery),
        )

    def value(self) -> Delivery:
        """The delivery of this row."""
        return loads(Delivery, self.body)


class AwsForwardings:
    """Implements facteur.ports.Forwardings."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, dossier: str) -> Forwarding:
        """The rules of a dossier, none when it never made one."""
        row = self._table.get(ForwardingRow, dossier_pk(dossier), FORWARDING)
        return Forwarding(dossier=dossier) if row is None else row.value()

    def save(self, forwarding: Forwarding, entries: Sequence[JournalEntry]) -> Forwarding:
        """Write them with what the journal says of it; StaleVersionError when they moved."""
        before = forwarding.version
        condition = Row.version == before if before else Row.pk.does_not_exist()
        stale = always(StaleVersionError("preferences.stale", dossier=forwarding.dossier))
        write = Write(ForwardingRow.of(forwarding), condition=condition, refused=stale)
        self._table.write([write, *journal_writes(entries)])
        return replace(forwarding, version=before + 1)

    def begin(self, delivery: Delivery) -> bool:
        """Write a delivery that must not exist yet; False when it does."""
        there = always(DuplicateError("delivery.exists", delivery=delivery.id))
        new = Row.pk.does_not_exist()
        try:
            self._table.write([Write(DeliveryRow.of(delivery), condition=new, refused=there)])
        except DuplicateError:
            return False
        return True

    def update(self, delivery: Delivery) -> None:
        """Write what became of a delivery."""
        self._table.put(DeliveryRow.of(delivery))

    def delivery(self, dossier: str, delivery: str) -> Delivery:
        """A delivery; NotFoundError."""
        row = self._table.get(DeliveryRow, dossier_pk(dossier), f"DELIVERY#{part(delivery)}")
        if row is None:
            raise NotFoundError("not_found", delivery=delivery)
        return row.value()

    def deliveries(self, dossier: str, *, limit: int = 100) -> tuple[Delivery, ...]:
        """The last deliveries of a dossier, newest first."""
        rows = self._table.query(
            DeliveryRow,
            f"{dossier_pk(dossier)}#DELIVERIES",
            index=LISTING,
            limit=limit,
            newest_first=True,
        )
        return tuple(row.value() for row in rows)
