"""How much processor a piece of work takes, told as ratios: never a number of seconds.

Speed is measured by ``make bench``. A test may only ask that work grows no faster than its input,
or that a refusal costs less than reading something honest: that holds on any machine.
"""

import time
from collections.abc import Callable

_LEAST = 0.004  # seconds: below, the clock says nothing


def effort(work: Callable[[], object]) -> float:
    """Processor seconds of the quickest of three runs: one alone may meet others' load."""
    found = []
    for _ in range(3):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return max(min(found), _LEAST)
