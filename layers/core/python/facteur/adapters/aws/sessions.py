"""The Sessions port on the ephemeral table: rows that end by themselves.

DynamoDB's TTL deletes within days, not at the second: what has expired is not given out, whether
or not its row is still there.
"""

from facteur.adapters.aws import items
from facteur.adapters.aws.items import HitRow, SessionRow
from facteur.adapters.aws.table import Table
from facteur.ports import Clock, Session


class AwsSessions:
    """Sessions and counted attempts. Implements facteur.ports.Sessions."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table, self._clock = table, clock

    def save(self, session: Session) -> None:
        """Store a session."""
        self._table.put(SessionRow.of(session))

    def load(self, digest: str) -> Session | None:
        """The session with this digest, None when unknown or expired."""
        row = self._table.get(SessionRow, items.session_pk(digest), items.SESSION)
        session = None if row is None else row.value()
        if session is None or session.expires_at <= self._clock.now():
            return None
        return session

    def drop(self, digest: str) -> None:
        """Sign out; nothing happens when there is no such session."""
        self._table.delete(items.session_pk(digest), items.SESSION)

    def hit(self, name: str, *, window_seconds: int) -> int:
        """Count an attempt under a name in the current window; the count after it.

        Windows are fixed (an attempt at 9:14 counts until 9:15 with windows of 15 minutes): one
        write per attempt, whatever their number.
        """
        window = int(self._clock.now().timestamp()) // window_seconds
        row = self._table.update(
            HitRow,
            items.hit_pk(name, window * window_seconds),
            items.HIT,
            [
                HitRow.attempts.add(1),
                HitRow.expires_at.set((window + 2) * window_seconds),
                HitRow.kind.set(HitRow),
            ],
        )
        return row.attempts

    def forget(self, name: str, *, window_seconds: int) -> None:
        """Take back the attempts of the current window: the last one was the right one."""
        window = int(self._clock.now().timestamp()) // window_seconds
        self._table.delete(items.hit_pk(name, window * window_seconds), items.HIT)
