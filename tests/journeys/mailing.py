"""Many mails over SMTP, to the platform's own listener and to one whose senders are proved.

The local listener evaluates neither SPF nor DKIM and says so. SES does: the second listener here
is of the same class, beside the same platform, and its verdicts are PASS (decision 0221).
"""

import smtplib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
from facteur.local.emulator import free_port
from facteur.local.provision import REGION
from facteur.local.smtp import CHECKS, Reception, SmtpServer
from facteur.local.supervisor import ACCOUNT

from tests.journeys.conftest import Installation
from tests.journeys.hundred import BUYER_SIREN, Sent


@contextmanager
def proving(installation: Installation) -> Iterator[int]:
    """A listener whose senders pass SPF and DKIM, as SES says of proved ones; its port."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{installation.emulator}",
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key=(installation.data / "secret").read_text().strip(),
        )

    s3, sns = client("s3"), client("sns")
    buckets = [one["Name"] for one in s3.list_buckets()["Buckets"]]
    topics = [one["TopicArn"] for one in sns.list_topics()["Topics"]]
    numbers = iter(range(1, 1000))
    port = free_port()
    reception = Reception(
        bucket=next(one for one in buckets if "intake" in one),
        topic_arn=next(one for one in topics if one.endswith("mails")),
        s3=s3,
        sns=sns,
        knows=lambda _address: True,
        now=lambda: datetime.now(UTC),  # noqa: TID251 - the real one's clock
        new_id=lambda: f"proved{next(numbers):04d}",
        verdicts=dict.fromkeys(CHECKS, "PASS"),
    )
    server = SmtpServer(port, reception, max_bytes=40_000_000)
    server.start()
    try:
        yield port
    finally:
        server.stop()


def send_all(mails: Sequence[Sent], ports: Mapping[bool, int], first: int) -> int:
    """Mail them all over SMTP; how many the listener refused."""
    to = f"SIREN{BUYER_SIREN}@factures.localhost"
    refused = 0
    servers = {proved: smtplib.SMTP("127.0.0.1", port) for proved, port in ports.items()}
    for number, one in enumerate(mails, first):
        address = "personne@factures.localhost" if one.unknown else to
        try:
            servers[one.proved].send_message(one.message(number, address))
        except smtplib.SMTPRecipientsRefused:
            refused += 1
    for server in servers.values():
        server.quit()
    return refused
