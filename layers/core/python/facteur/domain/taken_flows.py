"""What became of each flow that a platform brought: one row per flow, so that none is lost.

A flow is known by its platform and its flow id, within a dossier: whatever connection brings it
again, it is taken once. One that could not be taken is kept with its reason and can be taken again
(NO-02); a status about an invoice that is not here yet waits for it (``waits_for``).
"""

from dataclasses import dataclass
from datetime import datetime

from facteur.domain.connections import Tally
from facteur.domain.documents import StoredFile
from facteur.domain.faults import Fault
from facteur.domain.flows import FlowType


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFlow:
    """A flow, and what became of it."""

    dossier: str
    connection: str
    platform: str  # Connection.ledger
    id: str  # the platform's flowId
    name: str  # of the file
    type: FlowType
    at: datetime  # when we took it
    submitted_at: datetime  # the platform's clock
    updated_at: datetime  # idem: of the state that was taken
    outcome: Tally
    ours: bool = False  # we sent it: the platform told what it thinks of it
    document: str = ""  # that it made, joined, or spoke of
    failure: Fault | None = None  # why it is in quarantine
    waits_for: str = ""  # duplicates.number_key of the invoice that a status speaks of
    file: StoredFile | None = None  # the message, where it is no document of its own
