"""What runs beside its caller: in threads, and on demand."""

import threading

import pytest
from facteur.adapters.beside import in_a_thread
from facteur.domain.errors import UnreadableError
from facteur.ports import OnDemand


def test_a_call_runs_while_its_caller_goes_on() -> None:
    """The call waits for something that its caller does after starting it."""
    went_on = threading.Event()
    later = in_a_thread(lambda: went_on.wait(timeout=30))
    went_on.set()
    assert later.result() is True


def test_what_a_call_raises_comes_with_its_answer() -> None:
    """Starting raises nothing; whoever wants the answer gets the error, threads or not."""

    def refuse() -> bytes:
        raise UnreadableError("unreadable.damaged")

    for beside in (in_a_thread, OnDemand):
        later = beside(refuse)
        with pytest.raises(UnreadableError, match="damaged"):
            later.result()


def test_each_call_has_its_own_answer() -> None:
    """Twenty at once, none mistaken for another."""
    begun = [in_a_thread(lambda n=n: n * n) for n in range(20)]
    assert [one.result() for one in begun] == [n * n for n in range(20)]


def test_on_demand_a_call_is_made_once() -> None:
    """Asked twice, the answer is the one of the first time."""
    made: list[int] = []
    later = OnDemand(lambda: made.append(1))
    assert made == []
    later.result()
    later.result()
    assert made == [1]
