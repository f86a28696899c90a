"""The People port on DynamoDB: members, firms, links, invitations, changed in one transaction.

| kind        | pk       | sk         | listing                  |
|-------------|----------|------------|--------------------------|
| member      | D#d      | MEMBER#u   | USER#u / d               |
| firm        | F#f      | FIRM       |                          |
| firm_member | F#f      | MEMBER#u   | USER#u#FIRMS / f         |
| link        | D#d      | FIRM#f     | F#f#DOSSIERS / d         |
| invitation  | D#d, F#f | INVITE#i   |                          |

Who may enter is read from the table itself, consistently: whoever was removed is out at the next
request. Lists by user and by firm come from the index, which may be a moment late on AWS.
"""

from collections.abc import Iterator
from dataclasses import replace

from facteur.adapters.aws.items import (
    DossierRow,
    MailboxRow,
    MemberRow,
    dossier_pk,
    text_of,
    user_pk,
)
from facteur.adapters.aws.preferences import journal_writes
from facteur.adapters.aws.table import LISTING, Row, Table, Write, always, part
from facteur.domain.dossiers import Dossier, Member
from facteur.domain.errors import DuplicateError, NotFoundError, StaleVersionError
from facteur.domain.people import Firm, FirmMember, Invitation, Link
from facteur.domain.serial import loads
from facteur.ports import PeopleChanges

FIRM = "FIRM"


def firm_pk(firm: str) -> str:
    """Partition of a firm's own rows."""
    return f"F#{part(firm)}"


class FirmRow(Row, discriminator="firm"):
    """An accounting firm."""

    @classmethod
    def of(cls, firm: Firm) -> "FirmRow":
        """The row of a firm, with the version it will have."""
        return cls(firm_pk(firm.id), FIRM, version=firm.version + 1, body=text_of(firm))

    def value(self) -> Firm:
        """The firm of this row."""
        return replace(loads(Firm, self.body), version=self.version)


class FirmMemberRow(Row, discriminator="firm_member"):
    """A user's membership of a firm."""

    @classmethod
    def of(cls, member: FirmMember) -> "FirmMemberRow":
        """The row of a membership."""
        return cls(
            firm_pk(member.firm),
            f"MEMBER#{part(member.user)}",
            listing_pk=f"{user_pk(member.user)}#FIRMS",
            listing_sk=member.firm,
            body=text_of(member),
        )

    def value(self) -> FirmMember:
        """The membership of this row."""
        return loads(FirmMember, self.body)


class LinkRow(Row, discriminator="link"):
    """A firm and a dossier, with what waits in it."""

    @classmethod
    def of(cls, link: Link) -> "LinkRow":
        """The row of a link, with the version it will have."""
        return cls(
            dossier_pk(link.dossier),
            f"FIRM#{part(link.firm)}",
            version=link.version + 1,
            listing_pk=f"{firm_pk(link.firm)}#DOSSIERS",
            listing_sk=link.dossier,
            body=text_of(link),
        )

    def value(self) -> Link:
        """The link of this row."""
        return replace(loads(Link, self.body), version=self.version)


class InvitationRow(Row, discriminator="invitation"):
    """An invitation of a dossier or of a firm."""

    @classmethod
    def of(cls, invitation: Invitation) -> "InvitationRow":
        """The row of an invitation, with the version it will have."""
        return cls(
            _owner_pk(invitation.owner),
            f"INVITE#{part(invitation.id)}",
            version=invitation.version + 1,
            body=text_of(invitation),
        )

    def value(self) -> Invitation:
        """The invitation of this row."""
        return replace(loads(Invitation, self.body), version=self.version)


def _owner_pk(owner: str) -> str:
    kind, _colon, identifier = owner.partition(":")
    return dossier_pk(identifier) if kind == "dossier" else firm_pk(identifier)


class AwsPeople:
    """Implements facteur.ports.People."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def member(self, dossier: str, user: str) -> Member | None:
        """A user's membership of a dossier, read consistently."""
        row = self._table.get(MemberRow, dossier_pk(dossier), f"MEMBER#{part(user)}")
        return None if row is None else row.value()

    def members(self, dossier: str) -> tuple[Member, ...]:
        """Everybody of a dossier, by name."""
        rows = self._table.query(
            MemberRow, dossier_pk(dossier), MemberRow.sk.startswith("MEMBER#")
        )
        found = (row.value() for row in rows)
        return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.email)))

    def firm(self, firm: str) -> Firm:
        """A firm; NotFoundError."""
        row = self._table.get(FirmRow, firm_pk(firm), FIRM)
        if row is None:
            raise NotFoundError("not_found", firm=firm)
        return row.value()

    def firm_member(self, firm: str, user: str) -> FirmMember | None:
        """A user's membership of a firm, read consistently."""
        row = self._table.get(FirmMemberRow, firm_pk(firm), f"MEMBER#{part(user)}")
        return None if row is None else row.value()

    def firm_members(self, firm: str) -> tuple[FirmMember, ...]:
        """Everybody of a firm, by name."""
        rows = self._table.query(
            FirmMemberRow, firm_pk(firm), FirmMemberRow.sk.startswith("MEMBER#")
        )
        found = (row.value() for row in rows)
        return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.email)))

    def firms_of(self, user: str) -> tuple[FirmMember, ...]:
        """The firms of a user."""
        rows = self._table.query(FirmMemberRow, f"{user_pk(user)}#FIRMS", index=LISTING)
        return tuple(row.value() for row in rows)

    def link(self, dossier: str, firm: str) -> Link | None:
        """The link between a dossier and a firm, read consistently."""
        row = self._table.get(LinkRow, dossier_pk(dossier), f"FIRM#{part(firm)}")
        return None if row is None else row.value()

    def links_of_dossier(self, dossier: str) -> tuple[Link, ...]:
        """The firms linked to a dossier, asked for or active."""
        rows = self._table.query(LinkRow, dossier_pk(dossier), LinkRow.sk.startswith("FIRM#"))
        return tuple(row.value() for row in rows)

    def links_of_firm(self, firm: str) -> tuple[Link, ...]:
        """The dossiers linked to a firm, with what waits in each."""
        rows = self._table.query(LinkRow, f"{firm_pk(firm)}#DOSSIERS", index=LISTING)
        return tuple(row.value() for row in rows)

    def invitation(self, owner: str, identifier: str) -> Invitation | None:
        """An invitation of a dossier or firm."""
        row = self._table.get(InvitationRow, _owner_pk(owner), f"INVITE#{part(identifier)}")
        return None if row is None else row.value()

    def invitations(self, owner: str) -> tuple[Invitation, ...]:
        """The invitations of a dossier or firm, oldest first."""
        rows = self._table.query(
            InvitationRow, _owner_pk(owner), InvitationRow.sk.startswith("INVITE#")
        )
        return tuple(sorted((row.value() for row in rows), key=lambda one: one.created_at))

    def commit(self, changes: PeopleChanges) -> None:
        """Write it all or nothing; StaleVersionError, DuplicateError."""
        self._table.write([*_writes(changes), *journal_writes(changes.entries)])


def _writes(changes: PeopleChanges) -> Iterator[Write]:
    if changes.dossier is not None:
        yield _dossier_write(changes.dossier)
        for address, direction in changes.mailboxes.items():
            yield Write(
                MailboxRow.of(address, changes.dossier.id, direction),
                condition=Row.pk.does_not_exist() | (MailboxRow.target == changes.dossier.id),
                refused=always(DuplicateError("mailbox.taken", address=address)),
            )
    if changes.firm is not None:
        yield _versioned(FirmRow.of(changes.firm), changes.firm.version)
    yield from (Write(MemberRow.of(one)) for one in changes.members)
    yield from (Write(MemberRow.of(one), delete=True) for one in changes.gone)
    yield from (Write(FirmMemberRow.of(one)) for one in changes.firm_members)
    yield from (Write(FirmMemberRow.of(one), delete=True) for one in changes.firm_gone)
    for invitation in changes.invitations:
        yield _versioned(InvitationRow.of(invitation), invitation.version)
    for link in changes.links:
        yield _versioned(LinkRow.of(link), link.version)
    yield from (Write(LinkRow.of(one), delete=True) for one in changes.unlinked)


def _dossier_write(dossier: Dossier) -> Write:
    if dossier.version:
        return _versioned(DossierRow.of(dossier), dossier.version)
    exists = always(DuplicateError("dossier.exists", dossier=dossier.id))
    return Write(DossierRow.of(dossier), condition=Row.pk.does_not_exist(), refused=exists)


def _versioned(row: Row, before: int) -> Write:
    """A row that is new, or that nobody changed since it was read."""
    condition = Row.version == before if before else Row.pk.does_not_exist()
    return Write(row, condition=condition, refused=always(StaleVersionError("people.stale")))
