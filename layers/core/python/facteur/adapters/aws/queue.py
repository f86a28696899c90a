"""The Queue port on SQS: two queues, because the official rules run in a function of their own.

A message is a Scheduled as JSON (domain/serial.py). Standard queues: a message may come twice or
out of order, which ``Once`` and the documents' own states make harmless.
"""

from collections.abc import Mapping
from typing import Any

from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.failures import failures
from facteur.domain.commands import CheckInvoice, CheckReport, CheckStatus, Scheduled
from facteur.domain.serial import dumps

MOST_DELAY = 900  # seconds, SQS's own limit

_ELSEWHERE: Mapping[type, str] = dict.fromkeys((CheckInvoice, CheckStatus, CheckReport), "checks")


class AwsQueue:
    """Sends commands to the function that runs them. Implements facteur.ports.Queue."""

    def __init__(self, clients: Clients, *, commands_url: str, checks_url: str) -> None:
        self._clients = clients
        self._urls = {"commands": commands_url, "checks": checks_url}

    def send(self, scheduled: Scheduled, *, delay_seconds: int = 0) -> None:
        """Send a command; it comes out after the delay (0 to 900 s; ValueError beyond)."""
        if not 0 <= delay_seconds <= MOST_DELAY:
            msg = f"a delay of {delay_seconds} s: what is due later waits in the agenda"
            raise ValueError(msg)
        name = _ELSEWHERE.get(type(scheduled.command), "commands")
        sqs: Any = self._clients("sqs")
        with failures("sqs", queue=name):
            sqs.send_message(
                QueueUrl=self._urls[name],
                MessageBody=dumps(scheduled).decode(),
                DelaySeconds=delay_seconds,
            )
