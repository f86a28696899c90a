"""Which collection a refund takes back, where its own period cannot tell it.

domain/ereporting/refunds.py says when that is asked.
"""

from dataclasses import replace
from datetime import date

from facteur.domain.documents import Document, DocumentRef
from facteur.domain.dossiers import Caller
from facteur.domain.ereporting import succession
from facteur.domain.ereporting.filings import DRAFTS
from facteur.domain.ereporting.routes import Answers, RefundTold
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.lifecycle.fold import standing
from facteur.domain.paris import paris
from facteur.ports import Context
from facteur.services.ereporting.periods import allowed, ask, look_again, series_of


def answer(
    caller: Caller, name: str, document: str, told: RefundTold | None, day: date, context: Context
) -> None:
    """Tell a refund of ``day`` as of an earlier collection; None: as of its own day again.

    Both periods are looked at again. InvalidError (``ereporting.refund_day``) for a day when
    nothing came in before it; NotFoundError as ``answer``.
    """
    allowed(caller)
    series, filings = series_of(caller, name, context)
    held = context.store.document(DocumentRef(caller.dossier, document))
    if told is not None and not (told.told_on < day and told.told_on in collected_on(held)):
        fault = Fault(code="ereporting.refund_day", path="refund")
        raise InvalidError((fault,), code="ereporting.refund_day")
    before = context.ereporting.answers(caller.dossier).get(document, Answers())
    kept = tuple(one for one in before.refunds if one.day != day)
    after = replace(before, refunds=(*kept, told) if told else kept)
    context.ereporting.save_answers(caller.dossier, document, after)
    last = succession.current(filings)
    if last is not None and last.state in DRAFTS:
        ask(series, caller.dossier, context, by=caller.user, by_name=caller.name)
    look_again(caller, context)


def collected_on(document: Document) -> tuple[date, ...]:
    """The days when money came in for a sale, oldest first, as statuses 212 tell them."""
    days = {
        one.on or paris(record.set_at).date()
        for record in standing(document.statuses)
        if record.code == "212"
        for one in record.characteristics
        if one.type == "MEN" and one.amount is not None and one.amount > 0
    }
    return tuple(sorted(days))
