"""What waits for a decision is said of its period, before the file leaves without it."""

from dataclasses import replace
from datetime import date

import pytest
from facteur.domain.documents import Direction, State
from facteur.domain.errors import ForbiddenError
from facteur.ports import Changes
from facteur.services.ereporting import periods, waiting

from tests.services.ereporting.test_keeping import came
from tests.services.ereporting.test_periods import BOUGHT, PAID, SALES, keep, pa, prepare
from tests.services.fake_platforms import FakePlatform
from tests.services.world import World

__all__ = ["pa"]


def found(world: World, *names: str) -> dict[str, int]:
    """How many wait in these periods; in every one of the calendar without a name."""
    rows = periods.overview(world.caller, world.context).rows
    series = [one.series for one in rows if not names or one.series.id in names]
    return dict(waiting.waiting(world.caller, series, world.context).counts)


def test_what_waits_is_counted_in_its_own_period(world: World, pa: FakePlatform) -> None:
    """To check and to accept, by the day it was issued; what is decided or refused is not."""
    keep(world, "V1")
    keep(world, "V2", state=State.TO_ACCEPT)
    keep(world, "V3", state=State.TO_CHECK, day=10)
    keep(world, "V4", state=State.TO_ACCEPT, day=11)
    keep(world, "V5", state=State.REFUSED)
    keep(world, "A1", state=State.TO_ACCEPT, direction=Direction.PURCHASE)
    later = "transactions-20261111-20261120-SE"
    assert {SALES: 2, later: 1, BOUGHT: 1} == found(world)
    assert {SALES: 2} == found(world, SALES)
    assert 1 == prepare(world).lines  # V1 alone: the others are not in the file
    held = world.document("V2")
    world.context.store.commit(Changes(document=replace(held, state=State.ARCHIVED)))
    assert {SALES: 1} == found(world, SALES)


def test_what_is_surely_not_declared_here_is_not_counted(world: World, pa: FakePlatform) -> None:
    """An e-invoice to a French company, a purchase in France, what is no invoice."""
    sold = keep(world, "V1", state=State.TO_ACCEPT)
    letter = keep(world, "V2", state=State.TO_CHECK)
    bought = keep(world, "A1", state=State.TO_ACCEPT, direction=Direction.PURCHASE)
    for one in (
        replace(sold, buyer_address="300000015"),
        replace(letter, summary=replace(letter.summary, kind="payslip")),
        replace(bought, summary=replace(bought.summary, seller_siren="300000015")),
    ):
        world.context.store.commit(Changes(document=one))
    assert {} == found(world)


def test_what_was_paid_and_waits_is_said_of_the_period_of_the_money(
    world: World, pa: FakePlatform
) -> None:
    """Issued in May, paid in November, still to accept: November's payments leave without it."""
    came(world, "V1", ("120.00", date(2026, 11, 5)), issued=date(2026, 5, 4))
    held = world.document("V1")
    world.context.store.commit(Changes(document=replace(held, state=State.TO_ACCEPT)))
    assert {PAID: 1} == found(world)


def test_more_than_is_looked_at_is_said(
    world: World, pa: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page reads so many heads and no more; the count is then a least."""
    for number in range(3):
        keep(world, f"V{number}", state=State.TO_ACCEPT)
    monkeypatch.setattr(waiting, "MOST", 2)
    series = [periods.detail(world.caller, SALES, world.context).series]
    seen = waiting.waiting(world.caller, series, world.context)
    assert ({SALES: 2}, False) == (dict(seen.counts), seen.exact)
    assert waiting.Waiting() == waiting.waiting(world.caller, (), world.context)


def test_who_may_not_read_hears_nothing(world: World, pa: FakePlatform) -> None:
    """Nor does another dossier's reader count what is here."""
    keep(world, "V1", state=State.TO_ACCEPT)
    series = [periods.detail(world.caller, SALES, world.context).series]
    nobody = replace(world.caller, permissions=frozenset())
    with pytest.raises(ForbiddenError):
        waiting.waiting(nobody, series, world.context)
    other = replace(world.caller, dossier="ailleurs")
    assert {} == waiting.waiting(other, series, world.context).counts
