"""Where a walk through a platform's flows stands: a cursor, or windows of time.

Version 1.3.0 gives a cursor. 1.2.0 gives none: only ``updatedAfter`` and ``updatedBefore``, no
promised order, at most 100 flows, and several with the same time. So a page that came full proves
nothing about what it left out: it is put aside, its window of time is cut at the middle of the
times seen, and both halves are asked for, until a page comes that is not full. The halves overlap
at the cut (a flow may come twice, never not at all), whichever way the platform compares and
rounds. What is still to be walked travels in our own cursor, so that each page may be asked for by
another process.

Source: XP Z12-013 1.2.0 and 1.3.0, SearchFlowParams; docs/decisions/0238.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from facteur.adapters.connectors.platforms.afnor_json import time_of
from facteur.domain.flows import Flow
from facteur.formats.afnor_served import time_json

#: How far the earlier half goes past the cut: a platform may compare by whole seconds one way and
#: exactly the other. Where that does not narrow anything, flows come thicker: by the millisecond.
_PAST = (timedelta(seconds=1), timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time, open at its start; ``before`` None: up to now."""

    after: datetime
    before: datetime | None = None

    def cut(self, flows: Sequence[Flow]) -> tuple["Window", "Window"] | None:
        """Two windows that cover this one, the earlier first; None when it cannot be cut."""
        times = sorted(one.updated_at for one in flows)
        for past in _PAST:
            for middle in (times[len(times) // 2], times[0], times[-1]):
                if middle > self.after and (self.before is None or middle + past < self.before):
                    return (
                        Window(after=self.after, before=middle + past),
                        Window(after=middle, before=self.before),
                    )
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What is still to be asked for: the platform's cursor, or windows, the next one first."""

    after: datetime  # where the walk began
    theirs: str = ""
    windows: tuple[Window, ...] = ()

    def text(self) -> str:
        """As our cursor, "" when nothing is left."""
        if self.theirs:
            return json.dumps({"after": time_json(self.after), "cursor": self.theirs})
        if not self.windows:
            return ""
        left = [
            [time_json(one.after), time_json(one.before) if one.before else ""]
            for one in self.windows
        ]
        return json.dumps({"after": time_json(self.after), "windows": left})


def walk_of(cursor: str, updated_after: datetime) -> Walk:
    """The walk that a cursor of ours stands for; a new one for "" and for what is no cursor."""
    fresh = Walk(after=updated_after, windows=(Window(after=updated_after),))
    if not cursor:
        return fresh
    try:
        body = json.loads(cursor)
        after = time_of(body["after"]) or updated_after
        if "cursor" in body:
            return Walk(after=after, theirs=str(body["cursor"]))
        windows = tuple(
            Window(after=time_of(one) or after, before=time_of(two))
            for one, two in body["windows"]
        )
    except (ValueError, KeyError, TypeError):
        return fresh
    return Walk(after=after, windows=windows)
