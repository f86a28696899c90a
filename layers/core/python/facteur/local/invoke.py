"""Calls a handler in this process the way Lambda does.

The event travels as JSON, so nothing that only lives in memory passes; payloads over six megabytes
are refused both ways. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import json
import time
from collections.abc import Callable
from typing import Any

PAYLOAD_BYTES = 6 * 1024 * 1024
REGION = "eu-west-3"


class PayloadTooLargeError(RuntimeError):
    """An event or an answer that Lambda would refuse."""


class LambdaContext:
    """What Lambda tells a handler about its invocation."""

    def __init__(self, function: str, request_id: str, *, timeout: float, memory: int) -> None:
        self.function_name = function
        self.function_version = "$LATEST"
        self.invoked_function_arn = f"arn:aws:lambda:{REGION}:000000000000:function:{function}"
        self.memory_limit_in_mb = memory
        self.aws_request_id = request_id
        self.log_group_name = f"/aws/lambda/{function}"
        self.log_stream_name = "local"
        self.identity = None
        self.client_context = None
        self._deadline = time.monotonic() + timeout

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the function's time-out."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def invoke(handler: Callable[[Any, Any], Any], event: Any, context: LambdaContext) -> Any:
    """Call a handler with an event; its answer as JSON would carry it.

    PayloadTooLargeError on either side; TypeError when something is not JSON; whatever the
    handler raises passes.
    """
    answer = handler(json.loads(_packed(event, "event")), context)
    return json.loads(_packed(answer, "answer"))


def _packed(payload: Any, what: str) -> str:
    text = json.dumps(payload)
    if len(text.encode()) > PAYLOAD_BYTES:
        message = f"{what} of {len(text)} bytes: Lambda takes {PAYLOAD_BYTES}"
        raise PayloadTooLargeError(message)
    return text
