"""A dossier: one company (or one principal) with its mailboxes, members and settings.

``PERMISSIONS`` is the one table of who may do what: routes and services ask for a permission,
never for a role. Paying is apart: a gérant may hand « préparer les paiements »
or « exécuter les paiements » to a member on top of his role.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from facteur.domain.documents import Direction
from facteur.domain.errors import ForbiddenError


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
    setup: tuple[str, ...] = ()  # the steps of « paramétrer votre dossier » that were seen (JF-08)
    vouched: bool = False  # the operator vouches that this SIREN is theirs (decision 0192)


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
    EXPORT = "export"  # fetch for accounting: exports, « Récupérée »
    PREPARE_PAYMENTS = "prepare_payments"
    EXECUTE_PAYMENTS = "execute_payments"
    MANAGE = "manage"  # members, firm, preferences, keys


#: What a gérant may hand to a member on top of the role.
PAYMENTS = (Permission.PREPARE_PAYMENTS, Permission.EXECUTE_PAYMENTS)


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.MANAGER: frozenset(Permission),
    Role.STAFF: frozenset(
        {Permission.READ, Permission.UPLOAD, Permission.DECIDE, Permission.EXPORT}
    ),
    Role.ACCOUNTANT: frozenset({Permission.READ, Permission.UPLOAD, Permission.EXPORT}),
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
    payments: tuple[Permission, ...] = ()  # of PAYMENTS, on top of the role
    guide_read: bool = False  # « Guide de démarrage » was opened (JF-07)

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this member may do."""
        return PERMISSIONS[self.role] | {one for one in self.payments if one in PAYMENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, in which dossier, with what rights: every query and command starts from one."""

    user: str
    name: str
    dossier: str
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    email: str = ""
    firm: str = ""  # the firm through whose link this person is here, "" for a member

    def may(self, permission: Permission) -> bool:
        """True when this caller may do that in this dossier."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """ForbiddenError unless this caller may do that in this dossier."""
        if not self.may(permission):
            raise ForbiddenError("forbidden")


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
