"""What stops the work. Everything else that can be wrong with a document is a fault (faults.py).

FacteurError                     code, values; never a French sentence
├── NotFoundError                → 404
├── ForbiddenError               → 403
├── InvalidError(faults)         → 422, faults beside the fields
├── ConflictError                → 409
│   ├── IllegalTransitionError   the document is not in a state that allows this
│   ├── StaleVersionError        somebody else was faster: the page says so, a queue retries
│   └── DuplicateError           same content, or same seller, year and number
├── RefusedByPlatformError       final: an approved platform said no, with its reason code
├── UnreadableError              encrypted, damaged, too large, unknown: quarantine, replayable
└── UnavailableError             a service is away or throttles: raise, the queue retries

The French sentence of each code stands in web/messages/fr.toml, like that of each fault.
"""

from collections.abc import Sequence

from facteur.domain.faults import Fault


class FacteurError(Exception):
    """The root: a code (``unreadable.encrypted``) and the values its sentence needs."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        """Code and values, for logs: values must never carry secrets."""
        shown = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code} ({shown})" if shown else self.code


class NotFoundError(FacteurError):
    """Nothing there, or nothing the caller may see: the two must not be told apart."""


class ForbiddenError(FacteurError):
    """The caller is known and may see this, but may not do it."""


class InvalidError(FacteurError):
    """What was entered does not hold: all the faults at once."""

    def __init__(self, faults: Sequence[Fault], code: str = "invalid") -> None:
        super().__init__(code, faults=tuple(faults))
        self.faults = tuple(faults)


def unknown_place() -> InvalidError:
    """What a cursor of ours is answered that no list of ours gave (``cursor.invalid``)."""
    return InvalidError((Fault(code="cursor.invalid", path="cursor"),), "cursor.invalid")


class ConflictError(FacteurError):
    """The present state does not allow this; with the faults that stand in the way, if any."""

    def __init__(self, code: str, faults: Sequence[Fault] = (), **values: object) -> None:
        super().__init__(code, **values)
        self.faults = tuple(faults)


class IllegalTransitionError(ConflictError):
    """The document is not in a state that allows this step."""


class StaleVersionError(ConflictError):
    """Somebody else changed it first."""


class DuplicateError(ConflictError):
    """It exists already."""


class RefusedByPlatformError(FacteurError):
    """An approved platform said no for good; values: its ``reason`` code, its ``message``."""


class UnreadableError(FacteurError):
    """The bytes cannot be read within our limits: quarantined with this reason, replayable."""


class UnavailableError(FacteurError):
    """A service we need is away: trying again later may work."""
