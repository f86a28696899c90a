"""Automatic forwarding: what is archived goes to an address or a server, by type, once (PE-22).

A rule says which documents (purchases or sales), where to, and which files. A delivery is what
became of one document under one rule: its name is made of both, so that nothing is sent twice by
itself, however often the command comes; « Renvoyer » is a person's decision. A service that is
away is tried again, further and further apart; what cannot be sent says why and waits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from facteur.domain.documents import Direction, Document, StoredFile
from facteur.domain.dossiers import normalise_address
from facteur.domain.faults import Fault
from facteur.domain.servers import Server

MOST_RULES = 10
MOST_BYTES = 7 * 1024 * 1024  # of one mail's files: SES takes 10 MB, base 64 adds a third
#: Before each new try of a delivery; after the last one it has failed.
PATIENCE = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
_ADDRESS = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]+(?:\.[^@\s<>,;\".]+)+")


class What(StrEnum):
    """Which files of a document leave."""

    ORIGINAL = "original"
    FACTURX = "facturx"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where the documents of one type go."""

    id: str
    direction: Direction
    address: str
    what: What = What.FACTURX
    pending: bool = False  # its address was mailed a link, or its server was never reached
    server: Server | None = None  # by SFTP; None: by mail
    by: str = ""  # who added it
    firm: str = ""  # the firm he came through, "" for a member
    stopped: str = ""  # the name of whom it went with: nothing leaves until a gérant says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """The rules of a dossier."""

    dossier: str
    rules: tuple[Rule, ...] = ()
    version: int = 0

    def of(self, direction: Direction) -> tuple[Rule, ...]:
        """The rules for one type whose address agreed, and that are not stopped."""
        return tuple(
            one
            for one in self.rules
            if one.direction is direction and not (one.pending or one.stopped)
        )

    def resends(self, delivery: "Delivery") -> bool:
        """True when the rule of a delivery is still there: else nothing goes there any more."""
        rule = self.rule_of(delivery)
        return rule is not None and not (rule.pending or rule.stopped)

    def rule_of(self, delivery: "Delivery") -> Rule | None:
        """The rule that a delivery is under, None once it was removed."""
        names = {delivery_id(delivery.document, one.id): one for one in self.rules}
        return names.get(delivery.id)


class DeliveryState(StrEnum):
    """What became of a document under a rule."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One document under one rule."""

    dossier: str
    id: str
    document: str
    title: str  # number of the invoice, else its file name
    party: str
    address: str
    what: What
    at: datetime  # it was asked
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0  # since it was asked, or asked again
    round: int = 1  # 2 and more: « Renvoyer »
    sent_at: datetime | None = None
    next_at: datetime | None = None
    failure: Fault | None = None


def delivery_id(document: str, rule: str) -> str:
    """The name of a delivery: one per document and rule."""
    return f"{document}-{rule}"


def rule_of(identifier: str, direction: str, address: str, what: str) -> Rule | tuple[Fault, ...]:
    """A rule towards an address as typed, or all that is wrong with it."""
    faults = []
    kept = normalise_address(address)
    if len(kept) > 254 or not _ADDRESS.fullmatch(kept):
        faults.append(Fault(code="email.invalid", path="address"))
    made = chosen(identifier, direction, what)
    if isinstance(made, Fault):
        faults.append(made)
    if faults or isinstance(made, Fault):
        return tuple(faults)
    return replace(made, address=kept)


def chosen(identifier: str, direction: str, what: str) -> Rule | Fault:
    """A rule for these documents and files that goes nowhere yet; the fault of a wrong choice."""
    if direction not in list(Direction) or what not in list(What):
        return Fault(code="forward.choice", path="what")
    return Rule(id=identifier, direction=Direction(direction), address="", what=What(what))


def files_of(document: Document, what: What) -> Mapping[str, StoredFile]:
    """The files that leave, by role. Where a Factur-X is asked and there is none: the original."""
    held = document.files
    wanted = {What.ORIGINAL: ("original",), What.FACTURX: ("facturx",)}.get(
        what, ("original", "facturx")
    )
    found = {role: held[role] for role in wanted if role in held}
    if len({one.sha256 for one in found.values()}) < len(found):  # it came as a Factur-X
        found = {"facturx": held["facturx"]}
    return found or {"original": held["original"]}
