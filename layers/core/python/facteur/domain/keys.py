"""API keys: what programs sign with. One dossier, a name, what it may do, until when.

Of a key only its SHA-256 is kept, with its last four characters so that people recognise it: it is
shown once, when it is made (JF-52). Rotating makes another key with the same name and rights; the
old one goes on working for a day, so that no program stops while it is given the new one.
Revoking ends a key at once. What is over stays listed, for whoever asks later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from facteur.domain.dossiers import Permission
from facteur.domain.errors import IllegalTransitionError
from facteur.domain.faults import Fault

OVERLAP = timedelta(hours=24)  # how long a rotated key goes on working
USE_NOTED_EVERY = timedelta(hours=1)
MOST_KEYS = 20  # of a dossier, working
MOST_NAME = 60

#: What a key may be given: never to manage. To decide is to set statuses, and is asked for.
RIGHTS = (Permission.READ, Permission.UPLOAD, Permission.DECIDE)
USUAL = (Permission.READ, Permission.UPLOAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key as stored: never the key, only its hash."""

    dossier: str
    id: str
    name: str
    digest: str  # SHA-256 of the key, hex
    created_at: datetime
    last_used_at: datetime | None = None  # to the hour
    rights: tuple[Permission, ...] = USUAL
    end: str = ""  # its last four characters
    created_by: str = ""  # a person's name
    maker: str = ""  # that person
    firm: str = ""  # the firm he came through, "" for a member: the key ends with either
    ends_at: datetime | None = None  # it was rotated: from then on it is refused
    revoked_at: datetime | None = None
    version: int = field(default=0, compare=False)  # of the row: 0 = not stored yet

    def works(self, now: datetime) -> bool:
        """True while the key opens anything."""
        return self.revoked_at is None and (self.ends_at is None or now < self.ends_at)


def faults_of(
    name: str, rights: Sequence[str], held: Sequence[ApiKey], now: datetime
) -> tuple[Fault, ...]:
    """What is wrong with a key to be made: ``key.name``, ``key.rights``, ``key.many``."""
    faults = []
    if not name:
        faults.append(Fault(code="key.name", path="name"))
    if not rights or not {*rights} <= {one.value for one in RIGHTS}:
        faults.append(Fault(code="key.rights", path="rights"))
    if sum(one.works(now) for one in held) >= MOST_KEYS:
        faults.append(Fault(code="key.many", path="name", values={"most": str(MOST_KEYS)}))
    return tuple(faults)


def rotated(key: ApiKey, *, now: datetime) -> ApiKey:
    """The old key, which ends in a day; IllegalTransitionError for one that is over or ending."""
    if not key.works(now) or key.ends_at is not None:
        raise IllegalTransitionError("key.over", step="rotate")
    return replace(key, ends_at=now + OVERLAP)


def revoked(key: ApiKey, *, now: datetime) -> ApiKey:
    """The key, refused from now on; revoking what is over changes nothing."""
    return replace(key, revoked_at=now) if key.works(now) else key


def use_to_note(key: ApiKey, *, now: datetime) -> bool:
    """True when the last use that is known is an hour old: not every call is worth a write."""
    return key.last_used_at is None or now - key.last_used_at >= USE_NOTED_EVERY
