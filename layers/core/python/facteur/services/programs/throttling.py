"""How many requests a program may make: a fixed window, counted in one call.

The limit protects the other dossiers of an installation: a billing software that polls every
second, or that is caught in a loop, gets 429 and the time to wait.
"""

from facteur.domain.dossiers import Caller
from facteur.ports import Context

WINDOW = 60  # seconds
MOST_REQUESTS = 600  # of one client in a window


def wait(caller: Caller, context: Context) -> int:
    """0, or the seconds to wait before the next request."""
    hits = context.sessions.hit(f"api|{caller.user}", window_seconds=WINDOW)
    if hits <= MOST_REQUESTS:
        return 0
    return WINDOW - int(context.clock.now().timestamp()) % WINDOW
