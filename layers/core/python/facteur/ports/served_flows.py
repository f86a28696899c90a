"""The flows that we serve to a dossier's billing software."""

from dataclasses import dataclass
from typing import Protocol

from facteur.domain.served_flows import Criteria, ServedFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPage:
    """Flows in the order of their change, and the cursor of what comes after ("": the end)."""

    flows: tuple[ServedFlow, ...]
    cursor: str = ""


class FlowLedger(Protocol):
    """Flows by dossier. Each change gives ``updated_at`` a time later than all others there.

    Walking ``updated_after`` therefore misses nothing, even for who asks without a cursor.
    """

    def save(self, served: ServedFlow) -> ServedFlow:
        """Create (version 0) or change a flow; the flow with its new time.

        DuplicateError when it exists already, StaleVersionError when it moved; UnavailableError
        when too many write to this dossier at once.
        """
        ...

    def flow(self, dossier: str, flow_id: str) -> ServedFlow:
        """A flow, read consistently; NotFoundError, also for one of another dossier."""
        ...

    def search(
        self, dossier: str, criteria: Criteria, *, limit: int, cursor: str = ""
    ) -> ServedPage:
        """Flows that the criteria take, oldest change first, behind a cursor of this dossier.

        A page may hold fewer than ``limit``, even none, and still have a cursor.
        """
        ...
