"""An invoice of a day to come, from its arrival on."""

from datetime import date

import pytest
from facteur.domain.documents import State

from tests.services.world import World, xml


@pytest.mark.parametrize(
    ("issued", "code"),
    [(date(2027, 11, 5), "date.ahead"), (date(2062, 11, 5), "date.implausible")],
)
def test_an_invoice_of_a_year_to_come_waits_for_a_person(
    world: World, issued: date, code: str
) -> None:
    """Measured from the day it was received; sound in everything else, it would be one click."""
    late = xml("F2", issue_date=issued, due_date=issued)
    held = {
        one.summary.number: one for one in world.receive(("f.xml", xml("F1")), ("g.xml", late))
    }
    sound, ahead = held["F1"], held["F2"]

    assert sound.state is State.TO_ACCEPT
    assert ahead.state is State.TO_CHECK
    assert [one.code for one in ahead.faults if one.path == "issue_date"] == [code]
