"""Can an invoice reach its buyer? What the directory says of the very address that is written.

The question is about BT-49, not about the SIREN (PE-08, D31): a company may have an active line at
one address and none at the one on the invoice. Green needs a proof: a line that the directory
shows, enabled or without a status and held by an approved platform (WK). « Unknown » is not
« absent »: a directory that does not answer proves nothing (D30).

Source: AFNOR XP Z12-013 1.3.0, Directory Service; DGFiP specifications v3.2 §3.5.4.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from facteur.domain.flows import DirectoryLine, LineStatus

KEPT = timedelta(hours=24)  # the directory moves once a day
SCHEME = "0225"  # the French directory's, in BT-49-1

_SIREN = re.compile(r"[0-9]{9}")
#: Addresses of the directory: a SIREN, then what it chose (BR-FR-21 to 26), 125 in all.
_ADDRESS = re.compile(r"[0-9]{9}(?:_[A-Za-z0-9_.-]{1,115})?")


class Reachable(StrEnum):
    """What is known of an address."""

    ROUTABLE = "routable"
    INACTIVE = "inactive"  # it is there, and no platform takes what is sent to it
    ABSENT = "absent"  # the directory does not have it
    UNKNOWN = "unknown"  # nobody could say


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The answer for one address: what, who said so, when."""

    address: str  # without its scheme
    state: Reachable
    source: str = ""  # label of the platform whose directory answered
    at: datetime | None = None
    status: str = ""  # the directory's own word
    why: str = ""  # code of the failure, when unknown
    public: bool = False  # held by the public platform: DFH
    commitment_required: bool = False  # BT-13
    service_required: bool = False  # a service code
    either_required: bool = False  # BT-13 or a service code, one of the two

    def fresh(self, now: datetime) -> bool:
        """True while the answer may be shown again without asking."""
        return self.at is not None and now - self.at < KEPT


def address_of(typed: str) -> str:
    """An address of the directory as BT-49 carries it, "" for what is none.

    ``0225:`` before it and spaces around it are left out; capitals count.
    """
    text = typed.strip().removeprefix(f"{SCHEME}:")
    return text if _ADDRESS.fullmatch(text) else ""


def siren_of(address: str) -> str:
    """The company of an address."""
    found = _SIREN.match(address)
    return found[0] if found else ""


def usable(line: DirectoryLine) -> bool:
    """True when what is sent to this line arrives somewhere: see the module."""
    if line.status is LineStatus.ENABLED:
        return True
    return line.status is LineStatus.UNKNOWN and line.platform in ("WK", "DFH")


def reach_of(address: str, line: DirectoryLine | None, *, source: str, at: datetime) -> Reach:
    """What a directory's answer says of an address; ``line`` None when it is not there."""
    if line is None:
        return Reach(address=address, state=Reachable.ABSENT, source=source, at=at)
    if line.address and line.address != address:  # an answer about something else is no answer
        return Reach(
            address=address,
            state=Reachable.UNKNOWN,
            source=source,
            at=at,
            why="reach.other_address",
        )
    if usable(line):
        state = Reachable.ROUTABLE
    elif line.status is LineStatus.UNKNOWN:
        state = Reachable.UNKNOWN
    else:
        state = Reachable.INACTIVE
    return Reach(
        address=address,
        state=state,
        source=source,
        at=at,
        status=line.status.value,
        public=line.platform == "DFH",
        commitment_required=line.commitment_required,
        service_required=line.service_required,
        either_required=line.either_required,
    )


def proposed(
    lines: Sequence[DirectoryLine], *, siren: str, chosen: str = "", written: str = ""
) -> str:
    """The address to write: the one chosen before, the one on the invoice, the SIREN's, the only
    one; "" when somebody must choose (PE-09): a suffix is never guessed.
    """
    held = {one.address for one in lines if usable(one)}
    for one in (chosen, written, siren):
        if one and one in held:
            return one
    return next(iter(held)) if len(held) == 1 else ""
