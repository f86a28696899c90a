"""Flows that we serve: what a dossier's billing software sent us, and what it may follow here.

To its software, a dossier of Facteur is a platform (XP Z12-013): invoices and statuses that it
submits are Out, purchases and statuses that concern it are In. The files are not here: they are
those of the document, or the bytes that were submitted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from facteur.domain.flows import AckStatus, Flow, FlowDirection, FlowType, ProcessingRule

MOST_RESULTS = 100  # of one search
MOST_LOOKED_AT = 5_000  # rows of one search: a rare criterion goes on behind the cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFlow:
    """A flow of a dossier, what it is about, and where its bytes are."""

    dossier: str
    flow: Flow  # its ``updated_at`` is given by the ledger: never twice the same, always later
    document: str = ""  # the document that it made, or concerns
    record: str = ""  # the status record that it tells, of that document
    report: str = ""  # the e-reporting file that it made (Filing.id)
    key: str = ""  # of its bytes in the archive bucket; "": the document's own files
    version_id: str = ""
    media_type: str = ""
    size: int = 0  # bytes, of what was submitted
    sha256: str = ""  # of the bytes themselves; the flow's own is what its client said
    client: str = ""  # the API key that submitted it
    client_name: str = ""
    decides: bool = False  # that key may set statuses
    version: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a search asks: all of them hold, and of each list one (Flow Service, SearchFlow)."""

    updated_after: datetime | None = None  # strictly
    updated_before: datetime | None = None  # strictly
    rules: frozenset[ProcessingRule] = frozenset()
    types: frozenset[FlowType] = frozenset()
    directions: frozenset[FlowDirection] = frozenset()
    tracking_id: str = ""
    ack: AckStatus | None = None

    @property
    def empty(self) -> bool:
        """True when nothing is asked: the standard wants one criterion at least."""
        return self == Criteria()

    def takes(self, flow: Flow) -> bool:
        """True for a flow that has all of what is asked."""
        return all(
            (
                self.updated_after is None or flow.updated_at > self.updated_after,
                self.updated_before is None or flow.updated_at < self.updated_before,
                not self.rules or flow.rule in self.rules,
                not self.types or flow.type in self.types,
                not self.directions or flow.direction in self.directions,
                not self.tracking_id or flow.tracking_id == self.tracking_id,
                self.ack is None or flow.acknowledgement.status is self.ack,
            )
        )


def taken(flows: Iterable[ServedFlow], criteria: Criteria) -> tuple[ServedFlow, ...]:
    """Those that a search takes, in the order given."""
    return tuple(one for one in flows if criteria.takes(one.flow))
