"""Trying again what a platform could not take: minutes first, hours later, days in all.

A platform may be down for a day. The queue's own patience ends after five tries; what waits longer
stands in the agenda, where nothing is lost and anybody may see it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from facteur.domain.commands import (
    FollowReport,
    FollowSending,
    Scheduled,
    TakeFlow,
    TransmitInvoice,
    TransmitReport,
    TransmitStatus,
)
from facteur.ports import Context
from facteur.services.staircase import queued

Patient = (
    TakeFlow | TransmitInvoice | TransmitStatus | FollowSending | TransmitReport | FollowReport
)

#: Before the 2nd, 3rd… try; the last one stands for all that follow.
WAITS = tuple(timedelta(minutes=one) for one in (1, 3, 10, 30, 60, 120, 240, 360))
MOST_TRIES = 20  # some three days


def try_again(
    command: Patient,
    name: str,
    context: Context,
    *,
    most: int = MOST_TRIES,
    waits: Sequence[timedelta] = WAITS,
) -> bool:
    """Put the command in the agenda for its next try; False when it was tried often enough."""
    if command.attempt >= most:
        return False
    wait = waits[min(command.attempt, len(waits)) - 1]
    now = context.clock.now()
    # The time in its name: a flow taken anew next week must not meet the names of this week.
    scheduled = Scheduled(
        id=f"{name}-t{command.attempt + 1}-{now:%Y%m%dT%H%M%S}",
        command=replace(command, attempt=command.attempt + 1),
        due=now + wait,
    )
    queued(scheduled, context)  # what is due later than a queue can hold stays in the agenda
    return True
