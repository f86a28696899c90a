"""The demonstration's e-reporting: sales in their months, told where they should be."""

from datetime import date, timedelta

import pytest
from facteur.adapters.saxon import SaxonRulebook
from facteur.domain.documents import Direction, Verdict
from facteur.domain.ereporting.calendar import Matter, Regime, RegimeChange
from facteur.domain.ereporting.filings import series_named
from facteur.domain.ereporting.routes import Answers, Route, questions, route_of
from facteur.formats.xml_invoice import write_cii
from facteur.local.demo import ereporting as demo

DAYS = [date(2026, 11, 20), date(2027, 1, 1), date(2027, 3, 31), date(2028, 2, 29)]


@pytest.mark.parametrize("today", DAYS)
def test_every_sale_is_told_without_a_question(today: date) -> None:
    """By day for consumers, by invoice for the German shop; numbers once, days past."""
    sales = demo.sales(today)
    assert len({one.number for one in sales}) == len(sales)
    routes = {route_of(one, Direction.SALE, Answers()) for one in sales}
    assert {Route.DAY, Route.INVOICE} == routes
    for one in sales:
        assert () == questions(one, Direction.SALE, Answers())
        assert one.issue_date is not None
        assert demo.month(today, 3) <= one.issue_date < today.replace(day=1)


@pytest.mark.parametrize("today", DAYS)
def test_last_month_is_never_late(today: date) -> None:
    """Under the « réel simplifié » it is due at the end of this month."""
    regimes = [RegimeChange(since=demo.month(today, 3), regime=Regime.SIMPLIFIED)]
    for before in (1, 2, 3):
        found = series_named(regimes, demo.series(today, before))
        assert found is not None
        assert Matter.TRANSACTIONS is found.period.matter
        assert found.period.due == demo.month(today, before - 2) - timedelta(days=1)
    last = series_named(regimes, demo.series(today, 1))
    assert last is not None
    assert last.period.due >= today


def test_the_official_rules_take_every_sale() -> None:
    """Abroad too: a delivery within the Union says when and where (BR-IC-11, BR-IC-12)."""
    for one in demo.sales(DAYS[0]):
        report = SaxonRulebook().check(write_cii(one, "EN 16931"))
        assert (Verdict.VALID, []) == (
            report.verdict,
            [fault.code for fault in report.findings if fault.blocking],
        )
