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

from facteur.adapters.aws.items import text_of
from facteur.adapters.aws.table import Row, Table, WholeAttribute, Write, always, foreign, part
from facteur.domain.errors import NotFoundError
from facteur.domain.serial import loads
from facteur.ports import Clock, Session, Ticket

log = logging.getLogger(__name__)

SESSION, HIT, TICKET = "SESSION", "HIT", "TICKET"


def session_pk(digest: str) -> str:
    """Partition of a session."""
    return f"SESSION#{part(digest)}"


def sessions_pk(user: str) -> str:
    """Partition of a user's sessions."""
    return f"SESSIONS#{part(user)}"


class SessionRow(Row, discriminator="session"):
    """A signed-in browser."""

    expires_at = WholeAttribute()  # seconds since 1970, as DynamoDB's TTL wants

    @classmethod
    def of(cls, session: Session) -> "SessionRow":
        """The row of a session."""
        return cls(
            session_pk(session.digest),
            SESSION,
            expires_at=int(session.expires_at.timestamp()),
            body=text_of(session),
        )

    @classmethod
    def in_list(cls, session: Session) -> "SessionRow":
        """The same in its user's list."""
        return cls(
            sessions_pk(session.user),
            part(session.digest),
            expires_at=int(session.expires_at.timestamp()),
            body=text_of(session),
        )

    def value(self) -> Session:
        """The session of this row."""
        return loads(Session, self.body)


def ticket_pk(digest: str) -> str:
    """Partition of a ticket."""
    return f"TICKET#{part(digest)}"


class TicketRow(Row, discriminator="ticket"):
    """What a one-time link or a half-done sign-in stands for."""

    expires_at = WholeAttribute()

    @classmethod
    def of(cls, ticket: Ticket) -> "TicketRow":
        """The row of a ticket."""
        return cls(
            ticket_pk(ticket.digest),
            TICKET,
            expires_at=int(ticket.expires_at.timestamp()),
            body=text_of(ticket),
        )

    def value(self) -> Ticket:
        """The ticket of this row."""
        return loads(Ticket, self.body)


class HitRow(Row, discriminator="hit"):
    """How often something was tried in a window of time."""

    attempts = WholeAttribute()
    expires_at = WholeAttribute()


def hit_pk(name: str, window: int) -> str:
    """Partition of the attempts under a name in a window."""
    return f"HIT#{window}#{foreign(name)}"


class AwsSessions:
    """Sessions and counted attempts. Implements facteur.ports.Sessions."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table, self._clock = table, clock

    def save(self, session: Session) -> None:
        """Store a session."""
        self._table.write([Write(SessionRow.of(session)), Write(SessionRow.in_list(session))])

    def load(self, digest: str) -> Session | None:
        """The session with this digest, None when unknown or expired."""
        row = self._table.get(SessionRow, session_pk(digest), SESSION)
        return None if row is None else self._living(row)

    def touch(self, session: Session) -> None:
        """Write a session again unless it was dropped meanwhile."""
        there = Row.pk.exists()
        gone = always(NotFoundError("sign_in.needed"))
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
        row = self._table.get(SessionRow, session_pk(digest), SESSION)
        self._table.delete(session_pk(digest), SESSION)
        if row is not None:
            self._table.delete(sessions_pk(row.value().user), digest)

    def of_user(self, user: str) -> tuple[Session, ...]:
        """The open sessions of a user, newest first."""
        rows = self._table.query(SessionRow, sessions_pk(user))
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
        return self._add(1, name, window_seconds)

    def take_back(self, name: str, *, window_seconds: int) -> None:
        """One attempt less in the current window: it was a right one.

        Counted in the window before, it leaves this one with a try more than it should have.
        """
        self._add(-1, name, window_seconds)

    def _add(self, count: int, name: str, window_seconds: int) -> int:
        window = int(self._clock.now().timestamp()) // window_seconds
        row = self._table.update(
            HitRow,
            hit_pk(name, window * window_seconds),
            HIT,
            [
                HitRow.attempts.add(count),
                HitRow.expires_at.set((window + 2) * window_seconds),
                HitRow.kind.set(HitRow),
            ],
        )
        return row.attempts

    def forget(self, name: str, *, window_seconds: int) -> None:
        """Take back the attempts of the current window: the last one was the right one."""
        window = int(self._clock.now().timestamp()) // window_seconds
        self._table.delete(hit_pk(name, window * window_seconds), HIT)


class AwsTickets:
    """One-time links and half-done sign-ins. Implements facteur.ports.Tickets."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table, self._clock = table, clock

    def save(self, ticket: Ticket) -> None:
        """Store a ticket."""
        self._table.put(TicketRow.of(ticket))

    def load(self, digest: str) -> Ticket | None:
        """The ticket, None when unknown, taken or expired. It stays."""
        row = self._table.get(TicketRow, ticket_pk(digest), TICKET)
        ticket = None if row is None else row.value()
        return ticket if ticket is not None and ticket.expires_at > self._clock.now() else None

    def take(self, digest: str) -> Ticket | None:
        """The ticket, for the only time: of two calls at once, one gets it."""
        ticket = self.load(digest)
        if ticket is None:
            return None
        taken = always(NotFoundError("link.over"))
        gone = Write(TicketRow.of(ticket), condition=Row.pk.exists(), refused=taken, delete=True)
        try:
            self._table.write([gone])
        except NotFoundError:
            return None
        return ticket
