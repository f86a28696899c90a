"""Invoices of a period that wait for a decision: no file tells them before they are accepted.

Counted from the heads of documents each time a page is looked at, so that an acceptance shows at
once. A head does not say all that routes an invoice (domain/ereporting/routes.py): what it shows
to be an e-invoice, or a purchase in France, is left out; the rest is counted, and the page says so
of those « that are declared here ».
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from facteur.domain.candidate import TYPE_CODES
from facteur.domain.documents import Direction, Document, State
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.ereporting.calendar import Matter
from facteur.domain.ereporting.filings import Series, Settings
from facteur.ports import Context
from facteur.services.ereporting.material import AHEAD, OWED, SIDES, Material, concerned
from facteur.services.finding.listing import Asked, by_date

MOST = 250  # heads of one side that are looked at, the newest
_STATES = frozenset({State.TO_CHECK, State.TO_ACCEPT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many invoices of each series wait, by its name; none where it is not named."""

    counts: Mapping[str, int] = field(default_factory=dict)
    exact: bool = True  # False: more wait than were looked at


def waiting(caller: Caller, series: Sequence[Series], context: Context) -> Waiting:
    """What waits for a decision in these periods, of what may have to be declared."""
    caller.require(Permission.READ)
    heads: dict[Direction, list[Document]] = {}
    exact = True
    for side in {SIDES[one.role] for one in series}:
        paid = any(one.period.matter is Matter.PAYMENTS for one in series)
        since = min(one.period.start for one in series) - AHEAD - (OWED if paid else timedelta())
        page = by_date(
            caller.dossier,
            side,
            _STATES,
            context.store,
            asked=Asked(since=datetime.combine(since, time(), tzinfo=UTC)),
            limit=MOST,
        )
        heads[side] = [one for one in page.documents if _may_be_told(one)]
        exact = exact and not page.cursor
    held = Material(settings=Settings(dossier=caller.dossier), heads=heads, answers={}, till=())
    counts = {one.id: len(concerned(one, held)) for one in series}
    return Waiting(counts={name: count for name, count in counts.items() if count}, exact=exact)


def _may_be_told(document: Document) -> bool:
    """False for what is no invoice, an e-invoice, or bought from a French company."""
    summary = document.summary
    if summary.kind and summary.kind not in TYPE_CODES:
        return False
    if document.direction is Direction.SALE:
        return not document.buyer_address  # an address of the French directory
    return not summary.seller_siren
