"""The Hooks port on DynamoDB.

| kind          | table     | pk              | sk              |
|---------------|-----------|-----------------|-----------------|
| hook          | durable   | D#d             | HOOK#created#id |
| hook delivery | ephemeral | D#d#DELIVERIES  | id              |

A delivery's identifier begins with its time, so that the last ones come first; TTL ends them.
"""

from datetime import timedelta

from facteur.adapters.aws.items import dossier_pk, text_of
from facteur.adapters.aws.table import Row, Table, WholeAttribute, instant, part
from facteur.domain.hooks import Hook, HookDelivery
from facteur.domain.serial import loads
from facteur.ports import Hooks

KEPT = timedelta(days=30)


class HookRow(Row, discriminator="hook"):
    """A subscription."""

    @classmethod
    def of(cls, hook: Hook) -> "HookRow":
        """The row of a subscription."""
        place = f"HOOK#{instant(hook.created_at)}#{part(hook.id)}"
        return cls(dossier_pk(hook.dossier), place, body=text_of(hook))

    def value(self) -> Hook:
        """The subscription of this row."""
        return loads(Hook, self.body)


class HookDeliveryRow(Row, discriminator="hook_delivery"):
    """A call."""

    expires_at = WholeAttribute()

    @classmethod
    def of(cls, delivery: HookDelivery) -> "HookDeliveryRow":
        """The row of a call."""
        return cls(
            deliveries_pk(delivery.dossier),
            part(delivery.id),
            expires_at=int((delivery.at + KEPT).timestamp()),
            body=text_of(delivery),
        )

    def value(self) -> HookDelivery:
        """The call of this row."""
        return loads(HookDelivery, self.body)


def deliveries_pk(dossier: str) -> str:
    """Partition of a dossier's calls."""
    return f"{dossier_pk(dossier)}#DELIVERIES"


class AwsHooks(Hooks):
    """Implements facteur.ports.Hooks."""

    def __init__(self, table: Table, ephemeral: Table) -> None:
        self._table, self._ephemeral = table, ephemeral

    def of_dossier(self, dossier: str) -> tuple[Hook, ...]:
        """The subscriptions of a dossier, oldest first."""
        rows = self._table.query(HookRow, dossier_pk(dossier), Row.sk.startswith("HOOK#"))
        return tuple(row.value() for row in rows)

    def hook(self, dossier: str, identifier: str) -> Hook | None:
        """A subscription, None when there is none of this name in this dossier."""
        held = self.of_dossier(dossier)
        return next((one for one in held if one.id == identifier), None)

    def save(self, hook: Hook) -> None:
        """Keep a new subscription."""
        self._table.put(HookRow.of(hook))

    def remove(self, hook: Hook) -> None:
        """Forget a subscription; its calls stay listed."""
        row = HookRow.of(hook)
        self._table.delete(row.pk, row.sk)

    def delivery(self, dossier: str, identifier: str) -> HookDelivery | None:
        """A call, None when there is none of this name in this dossier."""
        row = self._ephemeral.get(HookDeliveryRow, deliveries_pk(dossier), part(identifier))
        return None if row is None else row.value()

    def keep(self, delivery: HookDelivery) -> None:
        """Keep a call as it stands, 30 days."""
        self._ephemeral.put(HookDeliveryRow.of(delivery))

    def deliveries(self, dossier: str, *, limit: int = 100) -> tuple[HookDelivery, ...]:
        """The last calls, newest first."""
        rows = self._ephemeral.query(
            HookDeliveryRow, deliveries_pk(dossier), limit=limit, newest_first=True
        )
        return tuple(row.value() for row in rows)
