"""A dossier: one company (or one principal) with its mailboxes, members and settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from facteur.domain.documents import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One company: everything Facteur keeps belongs to exactly one dossier."""

    id: str
    name: str
    siren: str
    siret: str = ""
    vat: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    sequence: int = 0
    version: int = 0


class Role(StrEnum):
    """What a member may do (PERMISSIONS)."""

    MANAGER = "manager"  # gérant
    STAFF = "staff"  # collaborateur
    ACCOUNTANT = "accountant"  # comptable
    READER = "reader"  # lecture seule


class Permission(StrEnum):
    """What a page or a command asks for."""

    READ = "read"
    UPLOAD = "upload"
    DECIDE = "decide"  # correct, accept, refuse, replay
    MANAGE = "manage"


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.MANAGER: frozenset(Permission),
    Role.STAFF: frozenset({Permission.READ, Permission.UPLOAD, Permission.DECIDE}),
    Role.ACCOUNTANT: frozenset({Permission.READ, Permission.UPLOAD}),
    Role.READER: frozenset({Permission.READ}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user in a dossier."""

    dossier: str
    user: str  # the identity provider's subject
    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, in which dossier, with what rights: every query and command starts from one."""

    user: str
    name: str
    dossier: str
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    def may(self, permission: Permission) -> bool:
        """True when this caller may do that in this dossier."""
        return permission in self.permissions


def purchase_local_part(siren: str) -> str:
    """The default mailbox of a dossier: ``SIREN`` and the nine digits (JF-20)."""
    return f"SIREN{siren}"


def mailbox_addresses(siren: str, inbound_domain: str) -> Mapping[Direction, str]:
    """The two mail addresses of a dossier: purchases, and sales on the ``out.`` subdomain."""
    local = purchase_local_part(siren)
    return {
        Direction.PURCHASE: f"{local}@{inbound_domain}",
        Direction.SALE: f"{local}@out.{inbound_domain}",
    }


def normalise_address(address: str) -> str:
    """A mail address as we compare it: lower case, no surrounding brackets or spaces."""
    return address.strip().strip("<>").lower()
