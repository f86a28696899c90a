"""The demonstration's e-reporting: sales that no e-invoice carries, and what became of them.

At the first start the dossier gets a VAT regime, sales to consumers and to a German company,
collections and till totals: last month is due at the end of this one. Once its user connects the
test platform, two earlier months leave by it, of their own: one is taken by the State, the other
rejected, to be mended. Everything has a name of its own: done twice, it is done once.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from facteur.domain.commands import AcceptDocument, SetStatus, SyncConnection
from facteur.domain.connections import Connection, ConnectionState
from facteur.domain.documents import Channel, Direction, DocumentRef, Source, State
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.ereporting.blocks import Category, DayRate
from facteur.domain.ereporting.building import TillDay
from facteur.domain.ereporting.calendar import Regime
from facteur.domain.ereporting.filings import MOVING, Filing, FilingState
from facteur.domain.errors import ConflictError, NotFoundError
from facteur.domain.invoice import (
    Address,
    Delivery,
    Identifier,
    Invoice,
    Line,
    Party,
    Totals,
    VatBreakdown,
)
from facteur.domain.money import cents
from facteur.local.demo import invoices
from facteur.local.demo.invoices import DOSSIER
from facteur.local.sandbox_pa import beside
from facteur.local.sandbox_pa.store import Store
from facteur.ports import Context
from facteur.services.ereporting import periods
from facteur.services.intake import arrivals
from facteur.services.run import run
from facteur.services.staircase import see_to

log = logging.getLogger(__name__)

PLATFORM = ("0001", "Plateforme de test")
SANDBOX = "sandbox"
PATIENCE = 120.0  # seconds for one thing to come about
LOOKS = 5.0  # seconds between two looks at whether the platform is connected

_GERMAN = Party(
    name="Bücher & Mehr GmbH",
    legal_id=Identifier(value="HRB 12345"),
    vat="DE136695976",
    address=Address(line1="Karlstraße 4", postcode="79104", city="Freiburg", country="DE"),
)
Out = Callable[[str], None]
_Found = TypeVar("_Found")


def month(today: date, before: int) -> date:
    """The first day of the month that many months before."""
    place = today.year * 12 + today.month - 1 - before
    return date(place // 12, place % 12 + 1, 1)


def series(today: date, before: int) -> str:
    """The name of the sales of that month, under the « réel simplifié »."""
    start = month(today, before)
    end = month(today, before - 1) - timedelta(days=1)
    return f"transactions-{start:%Y%m%d}-{end:%Y%m%d}-SE"


def sales(today: date) -> tuple[Invoice, ...]:
    """Seven sales of the last three months: goods and services, consumers and a German shop."""
    asked = (
        (1, 4, "Carnet relié à la main", "B1", "48.00", _consumer("Hélène Aubry")),
        (1, 9, "Papeterie de mariage", "B1", "320.00", _consumer("Julien Masson")),
        (1, 12, "Atelier de reliure, une journée", "S1", "150.00", _consumer("Inès Lambert")),
        (1, 18, "Albums, lot de 40", "B1", "1180.00", _GERMAN),
        (2, 6, "Coffret de correspondance", "B1", "95.00", _consumer("Paul Rivière")),
        (2, 15, "Albums, lot de 25", "B1", "740.00", _GERMAN),
        (3, 11, "Faire-part, 120 exemplaires", "B1", "264.00", _consumer("Claire Morel")),
    )
    return tuple(
        _sale(place, month(today, before) + timedelta(days=day - 1), what, process, price, buyer)
        for place, (before, day, what, process, price, buyer) in enumerate(asked, start=1)
    )


def _consumer(name: str) -> Party:
    return Party(name=name, address=Address(postcode="21000", city="Dijon", country="FR"))


def _sale(place: int, day: date, what: str, process: str, price: str, buyer: Party) -> Invoice:
    sample = invoices.workshop(day)
    net, abroad = Decimal(price), buyer is _GERMAN
    rate = Decimal(0) if abroad else Decimal(20)
    tax = cents(net * rate / 100)
    category = "K" if abroad else "S"
    row = VatBreakdown(base=net, tax=tax, category=category, rate=rate)
    if abroad:
        row = replace(
            row, exemption_text="Livraison intracommunautaire", exemption_code="VATEX-EU-IC"
        )
    line = Line(
        id="1", name=what, quantity=Decimal(1), unit="H87", unit_price=net, net=net,
        vat_category=category, vat_rate=rate,
    )  # fmt: skip
    return replace(
        sample,
        number=f"V-{day.year}-{place:03d}",
        issue_date=day,
        due_date=day + timedelta(days=30),
        process=process,
        seller=replace(invoices.buyer(DOSSIER), contact=sample.seller.contact),
        buyer=buyer,
        lines=(line,),
        vat_breakdown=(row,),
        delivery=Delivery(date=day, address=buyer.address) if abroad else None,  # BR-IC-11, -12
        totals=Totals(
            lines=net, tax_exclusive=net, tax=tax, tax_inclusive=net + tax, due=net + tax
        ),
    )


def prepared(context: Context) -> None:
    """The sales, accepted and paid, the till, the regime; what is there already stays."""
    caller, today = _user(context), periods.today(context)
    for place, sale in enumerate(sales(today), start=1):
        _archived(f"demo-vente-{place}", sale, caller, context)
    if not context.ereporting.settings(DOSSIER.id).regimes:
        _paid("demo-vente-3", month(today, 1) + timedelta(days=13), caller, context)
        context.ereporting.save_till(DOSSIER.id, _till(today))
        periods.save_sender(caller, *PLATFORM, context)
        periods.save_regime(caller, month(today, 1), Regime.SIMPLIFIED, context)


def _user(context: Context) -> Caller:
    member = context.people.members(DOSSIER.id)[0]
    return Caller(
        user=member.user,
        name=member.name,
        dossier=DOSSIER.id,
        permissions=PERMISSIONS[Role.MANAGER],
    )


def _archived(name: str, sale: Invoice, caller: Caller, context: Context) -> None:
    """A sale as a billing software would drop it; accepted by the user once it can be."""
    from facteur.formats.xml_invoice import write_cii  # noqa: PLC0415 - as seed.py

    try:
        document = context.store.document(DocumentRef(DOSSIER.id, name))
    except NotFoundError:
        source = Source(
            channel=Channel.UPLOAD, at=context.clock.now(), sender=caller.name, authenticated=True
        )
        document = arrivals.new_document(
            context,
            identifier=name,
            dossier=DOSSIER.id,
            direction=Direction.SALE,
            source=source,
            filename=f"{sale.number}.xml",
            media_type="application/xml",
            data=write_cii(sale, "EN 16931"),
        )
        see_to(arrivals.register(document, source, context), context, run)
    waiting = {State.TO_ACCEPT, State.TO_CHECK, State.QUARANTINED}
    kept = {State.ACCEPTED, State.ARCHIVED}
    found = _until(
        lambda: context.store.document(document.ref), lambda one: one.state in waiting | kept
    )
    if found.state in {State.TO_ACCEPT, State.TO_CHECK}:
        accept = AcceptDocument(
            dossier=DOSSIER.id, document=name, version=found.version, by=caller.user,
            by_name=caller.name,
        )  # fmt: skip
        run(accept, context)


def _paid(name: str, day: date, caller: Caller, context: Context) -> None:
    total = context.store.document(DocumentRef(DOSSIER.id, name)).summary.total_incl_vat
    told = SetStatus(
        dossier=DOSSIER.id, document=name, code="212", by=caller.user, by_name=caller.name,
        amount=total, on=day, id=f"{name}-paid",
    )  # fmt: skip
    run(told, context)


def _till(today: date) -> list[TillDay]:
    """Two days of the shop's till."""
    first = month(today, 1)
    return [
        TillDay(
            day=first + timedelta(days=day - 1),
            category=Category.GOODS,
            rates=(DayRate(rate=Decimal(20), base=Decimal(base), tax_eur=Decimal(tax)),),
            count=count,
        )
        for day, base, tax, count in ((5, "412.50", "82.50", 17), (19, "655.00", "131.00", 26))
    ]


# ── Once the test platform is connected ─────────────────────────────────────────────────────────


def follow(context: Context, folder: Path, out: Out) -> bool:
    """Wait for the dossier to be connected to the test platform, then let two months leave.

    True once they did; False when there is no test platform of our own to tell what to answer.
    """
    path = folder / beside.FOLDER / "sandbox.db"
    if not path.exists():
        return False
    while (connection := _connected(context)) is None:
        time.sleep(LOOKS)
    caller, today = _user(context), periods.today(context)
    periods.save_regime(caller, month(today, 3), Regime.SIMPLIFIED, context)
    store = Store(path)
    try:
        store.set_fault("report_rejected", 1)
        _leaves(series(today, 3), FilingState.REJECTED, connection, caller, context)
        store.set_fault("report_rejected", 0)
        _leaves(series(today, 2), FilingState.ACCEPTED, connection, caller, context)
    finally:
        store.set_fault("report_rejected", 0)
        store.close()
    out("  E-reporting        un mois déposé, un mois rejeté à corriger, un mois à transmettre")
    return True


def _connected(context: Context) -> Connection | None:
    held = context.connections.connections(DOSSIER.id)
    live = (one for one in held if one.state is ConnectionState.CONNECTED)
    return next((one for one in live if one.platform == SANDBOX), None)


def _leaves(
    name: str, ends: FilingState, connection: Connection, caller: Caller, context: Context
) -> None:
    """One month's file is prepared, sent, and answered; one that has left is left alone."""
    held = _last(name, context)
    if held is not None and held.history:
        return
    periods.prepare(caller, name, context)
    ready = _until(lambda: _sure(name, context), lambda one: one.state not in MOVING)
    if ready.state is not FilingState.READY:
        log.warning("the demonstration's %s is %s", name, ready.state.value)
        return
    periods.send(caller, name, connection.id, ready.turn, context)

    def answered(one: Filing) -> bool:
        if one.state in {ends, FilingState.REJECTED, FilingState.NOT_SENT}:
            return True
        _fetch(connection, context)
        return False

    _until(lambda: _sure(name, context), answered)


def _fetch(connection: Connection, context: Context) -> None:
    try:
        run(SyncConnection(dossier=DOSSIER.id, connection=connection.id), context)
    except ConflictError as error:  # a round runs already
        log.info("the demonstration's round: %s", error)


def _last(name: str, context: Context) -> Filing | None:
    return next(iter(context.ereporting.filings(DOSSIER.id, series=name)[-1:]), None)


def _sure(name: str, context: Context) -> Filing:
    found = _last(name, context)
    if found is None:
        raise NotFoundError("not_found", report=name)
    return found


def _until(look: Callable[[], _Found], done: Callable[[_Found], bool]) -> _Found:
    """What is looked at once it is as wanted; TimeoutError."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if done(found := look()):
            return found
        time.sleep(0.5)
    msg = f"after {PATIENCE:.0f} s: {found}"
    raise TimeoutError(msg)
