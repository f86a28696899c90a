"""Filings of e-reporting: which periods there are, and which file comes next."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from facteur.domain.documents import StoredFile
from facteur.domain.ereporting.blocks import ReportType, Role
from facteur.domain.ereporting.calendar import Matter, Regime, RegimeChange
from facteur.domain.ereporting.filings import (
    DECLARED,
    DRAFTS,
    MOST_ANSWERS,
    MOST_HISTORY,
    MOVING,
    Filing,
    FilingState,
    Preview,
    Settings,
    days_left,
    faults_of_settings,
    over,
    series_between,
    series_named,
    with_answer,
    with_regime,
)
from facteur.domain.ereporting.succession import again, latest
from facteur.domain.events import Event, Happened
from facteur.domain.serial import dumps, loads

from tests.domain import test_ereporting as cases

NOW = datetime(2027, 10, 1, tzinfo=UTC)
MONTHLY = (RegimeChange(since=date(2027, 9, 1), regime=Regime.MONTHLY),)
NAME = "transactions-20270901-20270910-SE"


def filing(state: FilingState = FilingState.READY, sequence: int = 1) -> Filing:
    """A filing of the first ten days of September."""
    series = series_named(MONTHLY, NAME)
    assert series is not None
    return Filing(
        dossier="d", series=series, type=ReportType.INITIAL, sequence=sequence, state=state, at=NOW
    )


def next_of(*held: Filing) -> Filing:
    series = filing().series
    return again("d", held, series, at=NOW, by="u", by_name="U")


def test_a_month_has_three_sales_three_purchases_one_collection() -> None:
    """By due date; only a seller tells payments."""
    found = series_between(MONTHLY, date(2027, 9, 1), date(2027, 9, 30))
    assert 7 == len(found)
    assert sorted(one.period.due for one in found) == [one.period.due for one in found]
    paid = [one for one in found if one.period.matter is Matter.PAYMENTS]
    assert [Role.SELLER] == [one.role for one in paid]
    assert found[0].id == NAME


@pytest.mark.parametrize(
    "name",
    ["", "x", "a-b-c-d", "transactions-20270902-20270910-SE", "transactions-20270901-20270910-XX",
     "transactions-2027x901-20270910-SE", "é-20270901-20270910-SE", NAME + "-01"],
)  # fmt: skip
def test_a_name_that_the_calendar_does_not_have_is_nothing(name: str) -> None:
    """Whatever stands in an address."""
    assert series_named(MONTHLY, name) is None


def test_a_draft_is_prepared_again_under_its_own_number() -> None:
    """Each time with a new turn, and nothing of what was said of it before."""
    first = next_of()
    assert (1, 1, ReportType.INITIAL, "d") == (
        first.sequence, first.turn, first.type, first.dossier,
    )  # fmt: skip
    for state in DRAFTS:
        made = next_of(replace(filing(state), report="x", version=4))
        assert (1, 2, FilingState.PREPARING, 4) == (
            made.sequence, made.turn, made.state, made.version,
        )  # fmt: skip


def test_what_follows_a_declaration_corrects_it() -> None:
    """RE once one was declared; what was rejected was not declared: IN again."""
    for state in DECLARED:
        assert (ReportType.CORRECTION, 2) == (
            next_of(filing(state)).type, next_of(filing(state)).sequence,
        )  # fmt: skip
    rejected = filing(FilingState.REJECTED)
    assert (ReportType.INITIAL, 2) == (next_of(rejected).type, next_of(rejected).sequence)
    both = (filing(FilingState.SENT), filing(FilingState.REJECTED, 2))
    assert (ReportType.CORRECTION, 3) == (next_of(*both).type, next_of(*both).sequence)


def test_the_states_are_told_apart() -> None:
    """No state is a draft and declared."""
    assert not DRAFTS & DECLARED
    assert MOVING - DRAFTS == {FilingState.SENDING}


def test_the_last_of_a_series_counts() -> None:
    """Whatever their order."""
    held = [filing(sequence=3), filing(sequence=1), filing(sequence=2)]
    assert {NAME: held[0]} == latest(held)
    assert f"{NAME}-03" == held[0].id


def test_days_and_ends() -> None:
    """A period is over the day after its last day; days are counted to its due date."""
    series = filing().series
    assert not over(series, date(2027, 9, 10))
    assert over(series, date(2027, 9, 11))
    assert (9, 0, -1) == tuple(
        days_left(series.period, date(2027, 9, one)) for one in (11, 20, 21)
    )


def test_settings_hold_one_regime_a_date() -> None:
    """Set, replaced, taken away, by date."""
    held = with_regime(Settings(dossier="d"), date(2027, 9, 1), MONTHLY[0])
    early = RegimeChange(since=date(2026, 9, 1), regime=Regime.EXEMPT)
    both = with_regime(held, early.since, early)
    assert (early, MONTHLY[0]) == both.regimes
    assert held == with_regime(both, early.since, None)
    assert ["ereporting.matricule", "ereporting.platform_name"] == [
        one.code for one in faults_of_settings("12", "")
    ]
    assert () == faults_of_settings("0012", "PA")


def test_a_preview_and_a_filing_come_back_as_they_went() -> None:
    """What is stored is read again."""
    report = cases.build(cases.wanted(), cases.WHO, operations=[cases.sold("a")]).report
    preview = Preview(report=report, numbers={"a": "F1"})
    assert preview == loads(Preview, dumps(preview))
    assert filing() == loads(Filing, dumps(filing()))


def test_many_answers_leave_the_newest_and_their_count() -> None:
    """A row of the table does not grow with what a platform repeats; none is counted twice."""
    held = filing(FilingState.SENT)
    for number in range(MOST_HISTORY + 30):
        file = StoredFile(key=f"k{number}", version_id="", sha256=f"{number:064x}", size=1,
                          media_type="application/xml")  # fmt: skip
        event = Event(name=Happened.REPORT_ANSWERED, at=NOW, values={"what": "300"})
        held = with_answer(held, file, event)
        assert number >= MOST_HISTORY or held.answers[-1] == file
        assert held.answers[-1] != file or held == with_answer(held, file, event)
    assert (MOST_ANSWERS, MOST_HISTORY) == (len(held.answers), len(held.history))
    assert MOST_HISTORY + 30 == len(held.answers) + held.unkept
    assert len(dumps(held)) < 200_000  # of the 400 KB of a row
    assert held == loads(Filing, dumps(held))
