"""What a period's report is made of: the invoices kept here, what was collected, the till totals.

Heads of documents say which invoices matter and whether anything changed (``basis``), at the price
of a list; only what goes in a report is read from its XML (``built``). Accepted and archived
documents only: what waits for a decision is not sold or bought yet.

Runs where XML is read: the pipeline.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from facteur.domain.documents import Direction, Document, State
from facteur.domain.ereporting.blocks import PaidRate, Report, ReportType, Role
from facteur.domain.ereporting.building import (
    Built,
    Collection,
    Declarant,
    TillDay,
    Wanted,
    build,
)
from facteur.domain.ereporting.calendar import Matter
from facteur.domain.ereporting.filings import Filing, LeftOut, Preview, Series, Settings
from facteur.domain.ereporting.operations import Operation
from facteur.domain.ereporting.routes import Answers
from facteur.domain.errors import InvalidError, UnreadableError
from facteur.domain.faults import Fault
from facteur.domain.invoice import Invoice
from facteur.domain.lifecycle.fold import standing, tidy
from facteur.domain.lifecycle.records import Characteristic
from facteur.domain.money import ZERO
from facteur.domain.paris import paris
from facteur.domain.serial import pack
from facteur.ports import Context
from facteur.services.ereporting.refunds import collected_on
from facteur.services.finding.listing import Asked, by_date, other_side

MOST_DOCUMENTS = 5_000  # of one period
MOST_LOOKED_AT = 100_000  # heads of one side, read and let go
AHEAD = timedelta(days=62)  # an invoice may be dated that long after it came
OWED = timedelta(days=730)  # how old an invoice may be when it is paid, to be found
_BLOCK = 250
_KEPT = frozenset({State.ACCEPTED, State.ARCHIVED})
SIDES = {Role.SELLER: Direction.SALE, Role.BUYER: Direction.PURCHASE}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that reports of a stretch of time may be made of."""

    settings: Settings
    heads: Mapping[Direction, Sequence[Document]]
    answers: Mapping[str, Answers]
    till: Sequence[TillDay]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A report, what the page shows of it, and the hashes that tell whether it changes."""

    report: Report
    preview: Preview
    basis: str
    content: str


def gather(dossier: str, series: Sequence[Series], context: Context) -> Material:
    """What these series need, read once. InvalidError (``ereporting.too_many``)."""
    since = min(one.period.start for one in series)
    until = max(one.period.end for one in series)
    paid = any(one.period.matter is Matter.PAYMENTS for one in series)

    def matters(document: Document) -> bool:
        """In the stretch, or paid: what else is read is let go at once."""
        told = paid and any(one.code == "212" for one in document.statuses)
        return told or since <= _day_of(document) <= until

    heads = {
        side: _heads(dossier, side, since - (OWED if paid else timedelta()), matters, context)
        for side in {SIDES[one.role] for one in series}
    }
    return Material(
        settings=context.ereporting.settings(dossier),
        heads=heads,
        answers=context.ereporting.answers(dossier),
        till=context.ereporting.till(dossier, since, until),
    )


def _heads(
    dossier: str,
    side: Direction,
    since: date,
    matters: Callable[[Document], bool],
    context: Context,
) -> list[Document]:
    received = datetime.combine(since - AHEAD, time(), tzinfo=UTC)
    found: list[Document] = []
    looked, cursor = 0, ""
    while looked < MOST_LOOKED_AT:
        page = by_date(
            dossier,
            side,
            _KEPT,
            context.store,
            cursor=cursor,
            asked=Asked(since=received),
            limit=_BLOCK,
        )
        looked += len(page.documents)
        found += (one for one in page.documents if matters(one))
        cursor = page.cursor
        if not cursor:
            return found
    raise _too_many(MOST_LOOKED_AT)


def _too_many(limit: int) -> InvalidError:
    fault = Fault(code="ereporting.too_many", values={"limit": str(limit)})
    return InvalidError((fault,), code="ereporting.too_many")


# ── Of one series ───────────────────────────────────────────────────────────────────────────────


def concerned(series: Series, material: Material) -> list[Document]:
    """The documents of a series, oldest first: issued in its period, or paid in it."""
    heads = material.heads[SIDES[series.role]]
    if series.period.matter is Matter.PAYMENTS:
        found = [one for one in heads if _collected(one, series, material.answers)]
    else:
        found = [one for one in heads if series.period.holds(_day_of(one))]
    return sorted(found, key=lambda one: (_day_of(one), one.id))


def _day_of(document: Document) -> date:
    """The day of an invoice; one without a date is of the day it came, to be asked about."""
    return document.summary.issue_date or paris(document.received_at).date()


def _collected(
    document: Document, series: Series, answers: Mapping[str, Answers]
) -> dict[date, list[Characteristic]]:
    """The money of the period that statuses 212 tell, by day."""
    found: dict[date, list[Characteristic]] = {}
    for on, one in _money(document, answers):
        if series.period.holds(on):
            found.setdefault(on, []).append(one)
    return found


def _by_the_end(document: Document, series: Series, answers: Mapping[str, Answers]) -> Decimal:
    """All that was collected of an invoice by the end of the period, in euros, signed."""
    until = series.period.end
    parts = [one for on, one in _money(document, answers) if on <= until and one.currency == "EUR"]
    return sum((one.amount or ZERO for one in parts), ZERO)


def _money(
    document: Document, answers: Mapping[str, Answers]
) -> Iterator[tuple[date, Characteristic]]:
    """What statuses 212 tell of an invoice, each with its day.

    A refund is of its own day, or of the collection that the company says it takes back.
    """
    said = answers.get(document.id, Answers()).refunds
    elsewhere = {one.day: one.told_on for one in said}
    for record in standing(document.statuses):
        for one in record.characteristics if record.code == "212" else ():
            on = one.on or paris(record.set_at).date()
            if one.amount is not None and one.amount < 0:
                on = elsewhere.get(on, on)
            if one.type == "MEN" and one.amount is not None:
                yield on, one


def basis(series: Series, material: Material) -> str:
    """A hash of all that a series is made of: while it stays, the report would say the same."""
    told: list[object] = []
    for one in concerned(series, material):
        file = one.files.get("invoice_xml")
        answers = material.answers.get(one.id)
        told.append([one.id, file.sha256 if file else "", pack(answers) if answers else None])
        if series.period.matter is Matter.PAYMENTS:
            told.append([
                [day.isoformat(), [pack(part) for part in parts]]
                for day, parts in sorted(_collected(one, series, material.answers).items())
            ])  # fmt: skip
            told.append(str(_by_the_end(one, series, material.answers)))
    till = _till(series, material)
    return _hash([told, [pack(one) for one in till]])


def _till(series: Series, material: Material) -> list[TillDay]:
    if series.role is not Role.SELLER:
        return []
    return [one for one in material.till if series.period.holds(one.day)]


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def made(filing: Filing, material: Material, context: Context) -> Made:
    """The report of a filing as things stand.

    InvalidError: ``ereporting.too_many``, ``ereporting.no_siren``, ``ereporting.no_sender``.
    """
    series = filing.series
    documents = concerned(series, material)
    if len(documents) > MOST_DOCUMENTS:
        raise _too_many(MOST_DOCUMENTS)
    held = {one.id: one for one in documents}
    operations, left = _operations(documents, series, material, context)
    collections, foreign = _collections(operations, held, series, material.answers)
    built = build(
        Wanted(
            period=series.period,
            role=series.role,
            type=filing.type,
            sequence=filing.sequence,
            issued_at=context.clock.now(),
        ),
        _declarant(filing.dossier, material.settings, context),
        operations=operations,
        collections=collections,
        till=_till(series, material),
    )
    left |= foreign | built.left_out
    preview = Preview(
        report=built.report,
        left_out=tuple(
            _left_out(held[name], faults, material.answers.get(name, Answers()))
            for name, faults in left.items()
        ),
        answered=tuple(
            _left_out(one, (), material.answers[one.id])
            for one in documents
            if one.id in material.answers and one.id not in left
        ),
        numbers={name: held[name].summary.number for name in built.report.documents},
    )
    return Made(
        report=built.report,
        preview=preview,
        basis=basis(series, material),
        content=content(built),
    )


def content(built: Built) -> str:
    """A hash of what a report says, whatever it is called and whenever it was made."""
    bare = replace(
        built.report,
        id="",
        name="",
        issued_at=_EPOCH,
        type=ReportType.INITIAL,
        platform_id="",
        platform_name="",
    )
    return _hash(pack(bare))


def _declarant(dossier: str, settings: Settings, context: Context) -> Declarant:
    own = context.store.dossier(dossier)
    if not own.siren:
        raise InvalidError((Fault(code="ereporting.no_siren"),), code="ereporting.no_siren")
    if not settings.platform_id:
        raise InvalidError((Fault(code="ereporting.no_sender"),), code="ereporting.no_sender")
    return Declarant(
        siren=own.siren,
        company=own.name,
        platform_id=settings.platform_id,
        platform_name=settings.platform_name,
    )


def _operations(
    documents: Iterable[Document], series: Series, material: Material, context: Context
) -> tuple[list[Operation], dict[str, tuple[Fault, ...]]]:
    """The invoices as their XML says them; what has none, or cannot be read, with its fault."""
    found: list[Operation] = []
    left: dict[str, tuple[Fault, ...]] = {}
    for one in documents:
        try:
            invoice = _invoice(one, context)
        except UnreadableError:
            left[one.id] = (Fault(code="ereporting.unreadable"),)
            continue
        if invoice is None:
            if one.summary.total_incl_vat is not None:  # else it is no invoice at all
                left[one.id] = (Fault(code="ereporting.unreadable"),)
            continue
        answers = material.answers.get(one.id, Answers())
        paid = series.period.matter is Matter.PAYMENTS
        operation = Operation(
            document=one.id,
            direction=one.direction,
            invoice=invoice,
            answers=answers,
            collected=_by_the_end(one, series, material.answers) if paid else ZERO,
        )
        found.append(operation)
    return found, left


def _invoice(document: Document, context: Context) -> Invoice | None:
    from facteur.formats import xml_invoice  # noqa: PLC0415 - the pipeline's

    file = document.files.get("invoice_xml")
    return None if file is None else xml_invoice.parse(context.blobs.get(file)).invoice


def _collections(
    operations: Iterable[Operation],
    held: Mapping[str, Document],
    series: Series,
    said: Mapping[str, Answers],
) -> tuple[list[Collection], dict[str, tuple[Fault, ...]]]:
    """The money of the period; what was not told in euros is left out (G6.27)."""
    if series.period.matter is not Matter.PAYMENTS:
        return [], {}
    found: list[Collection] = []
    left: dict[str, tuple[Fault, ...]] = {}
    for one in operations:
        for day, parts in sorted(_collected(held[one.document], series, said).items()):
            if any(part.currency != "EUR" for part in parts):
                left[one.document] = (Fault(code="ereporting.payment_not_in_euros"),)
                continue
            rates = tuple(
                PaidRate(rate=tidy(part.rate or ZERO), amount=part.amount or ZERO)
                for part in parts
            )
            found.append(Collection(operation=one, day=day, rates=rates))
    return found, left


def _left_out(document: Document, faults: tuple[Fault, ...], answers: Answers) -> LeftOut:
    summary = document.summary
    return LeftOut(
        document=document.id,
        direction=document.direction,
        number=summary.number,
        party=other_side(document),
        day=summary.issue_date,
        amount=summary.total_incl_vat,
        currency=summary.currency,
        faults=faults,
        answers=answers,
        paid_on=collected_on(document),
    )
