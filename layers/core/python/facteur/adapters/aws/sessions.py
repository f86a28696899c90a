"""The Sessions and Tickets ports on the ephemeral table: rows that end by themselves.

| kind    | pk             | sk       |
|---------|----------------|----------|
| session | SESSION#digest | SESSION  |
| session | SESSIONS#user  | digest   |
| ticket  | TICKET#digest  | TICKET   |
| hit     | HIT#window#n   | HIT      |

A session stands twice: where its cookie finds it, and in its user's list, so that « se déconnecter
partout » finds them all. DynamoDB's TTL deletes within days, not at the second: what has expired
is not given out, whether or not its row is still there.
"""

import logging

from facteur.adapters.aws import items
from facteur.adapters.aws.items import HitRow, SessionRow, TicketRow
from facteur.adapters.aws.table import Row, Table, Write, always
from facteur.domain.errors import NotFoundError
from facteur.ports import Clock, Session, Ticket

log = logging.getLogger(__name__)


class AwsSessions:
    """Sessions and counted attempts. Implements facteur.ports.Sessions."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table, self._clock = table, clock

    def save(self, session: Session) -> None:
        """Store a session."""
        self._table.write([Write(SessionRow.of(session)), Write(SessionRow.in_list(session))])

    def load(self, digest: str) -> Session | None:
        """The session with this digest, None when unknown or expired."""
        row = self._table.get(SessionRow, items.session_pk(digest), items.SESSION)
        return None if row is None else self._living(row)

    def touch(self, session: Session) -> None:
        """Write a session again unless it was dropped meanwhile."""
        there = Row.pk.exists()
        gone = always(NotFoundError("session.gone"))
        try:
            self._table.write(
                [
                    Write(SessionRow.of(session), condition=there, refused=gone),
                    Write(SessionRow.in_list(session)),
                ]
            )
        except NotFoundError:
            log.info("a session ended while it was used")

    def drop(self, digest: str) -> None:
        """Sign out; nothing happens when there is no such session."""
        row = self._table.get(SessionRow, items.session_pk(digest), items.SESSION)
        self._table.delete(items.session_pk(digest), items.SESSION)
        if row is not None:
            self._table.delete(items.sessions_pk(row.value().user), digest)

    def of_user(self, user: str) -> tuple[Session, ...]:
        """The open sessions of a user, newest first."""
        rows = self._table.query(SessionRow, items.sessions_pk(user))
        found = [one for one in map(self._living, rows) if one is not None]
        return tuple(sorted(found, key=lambda one: one.created_at, reverse=True))

    def _living(self, row: SessionRow) -> Session | None:
        session = row.value()
        return session if session.expires_at > self._clock.now() else None

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


class AwsTickets:
    """One-time links and half-done sign-ins. Implements facteur.ports.Tickets."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table, self._clock = table, clock

    def save(self, ticket: Ticket) -> None:
        """Store a ticket."""
        self._table.put(TicketRow.of(ticket))

    def load(self, digest: str) -> Ticket | None:
        """The ticket, None when unknown, taken or expired. It stays."""
        row = self._table.get(TicketRow, items.ticket_pk(digest), items.TICKET)
        ticket = None if row is None else row.value()
        return ticket if ticket is not None and ticket.expires_at > self._clock.now() else None

    def take(self, digest: str) -> Ticket | None:
        """The ticket, for the only time: of two calls at once, one gets it."""
        ticket = self.load(digest)
        if ticket is None:
            return None
        taken = always(NotFoundError("ticket.taken"))
        gone = Write(TicketRow.of(ticket), condition=Row.pk.exists(), refused=taken, delete=True)
        try:
            self._table.write([gone])
        except NotFoundError:
            return None
        return ticket
