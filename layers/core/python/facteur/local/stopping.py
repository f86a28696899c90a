"""What a stop leaves in the logs: nothing that looks like a fault and is none."""

import asyncio
from typing import Any


def quiet_stop(loop: asyncio.AbstractEventLoop) -> None:
    """Do not report the connections that a stop cancels.

    Python 3.11 asks a cancelled connection for its exception and reports a trace for each one
    (https://github.com/python/cpython/pull/113690); whatever else is reported stays so.
    """

    def report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), asyncio.CancelledError):
            loop.default_exception_handler(context)

    loop.set_exception_handler(report)
