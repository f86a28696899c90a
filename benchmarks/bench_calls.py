"""AWS calls per invoice, counted, and what 1,000 invoices cost.

The road is the cloud's: each function with its own ports and its own follow-ups, messages taken
from the real queues. Every botocore call is counted where it leaves; writes to DynamoDB are
weighed from what is written and from what stood there before, transactions and indexes included:
a row that changes its place in an index is written there twice. Prices are AWS's list, below.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html (write capacity),
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import botocore.client
from facteur.adapters.aws import triggers
from facteur.domain.commands import AcceptDocument, ReceiveMail
from facteur.domain.decisions import acceptable
from facteur.domain.documents import Direction, Document
from facteur.domain.dossiers import mailbox_addresses
from facteur.ports import Context
from facteur.services.run import run, run_scheduled

from benchmarks import samples
from benchmarks.house import DOMAIN, DOSSIER, House, house, say

#: US East (N. Virginia), dollars; Europe costs up to a fifth more. As published in the month
#: beside; AWS changes them: https://aws.amazon.com/pricing/
PRICES: Mapping[str, tuple[float, str, str]] = {
    "dynamodb write": (0.625e-6, "2024-11", "request unit, on demand"),
    "dynamodb read": (0.125e-6, "2024-11", "request unit, on demand"),
    "s3 put": (5e-6, "2025-07", "PUT, COPY, POST or LIST"),
    "s3 get": (0.4e-6, "2025-07", "GET and others"),
    "sqs": (0.4e-6, "2025-07", "request"),
    "sns": (0.5e-6, "2025-07", "publication"),
    "lambda request": (0.2e-6, "2025-07", "request"),
    "lambda time": (13.3334e-6, "2025-07", "GB-second on arm64"),
    "ses": (190e-6, "2025-07", "mail received, with one chunk of 256 kB"),
    "api gateway": (3.5e-6, "2025-07", "REST request"),
    "logs": (0.5, "2025-07", "GB ingested"),
    "textract": (1.5e-3, "2025-07", "page, DetectDocumentText: scans only"),
}
MEMORY_GB = {"inbound": 1, "pipeline": 3008 / 1024, "rulebook": 1769 / 1024, "web": 1}
PAGES_PER_DECISION = 6  # list, document, page images' counters, decision
LOG_BYTES = 1500  # per invocation
PUTS = ("Put", "Post", "Copy", "List", "Create")


@dataclass
class Tally:
    """What one step of the road asked of AWS."""

    function: str
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    invocations: int = 0
    seconds: float = 0.0
    written: float = 0.0  # DynamoDB write request units
    read: float = 0.0


#: Rows as they were written last, by table and key.
Rows = dict[tuple[str, str, str], Mapping[str, Any]]


def units(request: Mapping[str, Any], operation: str, rows: Rows) -> tuple[float, float]:
    """(write, read) request units of a DynamoDB call, from what is sent and what stood there.

    A write costs one unit per kilobyte of the larger of the two rows, twice that in a transaction,
    and as many in each index that the row enters, leaves or stays in; twice where its key there
    changes. A read costs one per four kilobytes; rows here are small: one each.
    """
    if operation == "TransactWriteItems":
        asked = [(*next(iter(one.items())), 2) for one in request["TransactItems"]]
        return sum(_write(what, one["TableName"], one, by, rows) for what, one, by in asked), 0
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        what = operation.removesuffix("Item")
        return _write(what, request["TableName"], request, 1, rows), 0
    if operation == "BatchWriteItem":
        return sum(
            _write(what.removesuffix("Request"), table, body, 1, rows)
            for table, many in request["RequestItems"].items()
            for one in many
            for what, body in one.items()
        ), 0
    if operation == "BatchGetItem":
        return 0, sum(
            len(one["Keys"]) * _read_unit(one) for one in request["RequestItems"].values()
        )
    if operation == "Query":
        return 0, 1
    return 0, _read_unit(request)


def _read_unit(request: Mapping[str, Any]) -> float:
    return 1 if request.get("ConsistentRead") else 0.5


def _write(what: str, table: str, request: Mapping[str, Any], factor: int, rows: Rows) -> float:
    """The units of one "Put", "Update" or "Delete"; the row as it stands then is remembered."""
    named = request.get("Item") or request["Key"]
    key = (table, named["pk"]["S"], named["sk"]["S"])
    before = rows.get(key, {})
    after = {"Put": named, "Update": {**before, **named}, "Delete": {}}[what]
    rows[key] = after
    kilobytes = max(1, math.ceil(max(_size(before), _size(after)) / 1024))
    in_index = 0
    for index in ("listing", "todo", "agenda"):
        places = {_place(row, index) for row in (before, after)} - {None}
        in_index += len(places)
    return kilobytes * (factor + in_index)


def _place(row: Mapping[str, Any], index: str) -> tuple[str, str] | None:
    """Where a row stands in an index, None when it is not there."""
    names = (f"{index}_pk", f"{index}_sk")
    return (row[names[0]]["S"], row[names[1]]["S"]) if all(one in row for one in names) else None


def _size(row: Mapping[str, Any]) -> int:
    """The bytes of a row as DynamoDB counts them: names and values (numbers a little less)."""
    return sum(
        len(name) + len(str(next(iter(value.values()))).encode()) for name, value in row.items()
    )


class Counting:
    """Counts into the current tally; nothing between steps."""

    def __init__(self) -> None:
        self.tally: Tally | None = None
        self.rows: Rows = {}
        ask = botocore.client.BaseClient._make_api_call

        def counted(client: Any, operation: str, given: Any) -> Any:
            if self.tally is not None:
                service = client.meta.service_model.service_name
                self.tally.calls[service, operation] += 1
                if service == "dynamodb":
                    write, read = units(given, operation, self.rows)
                    self.tally.written += write
                    self.tally.read += read
            return ask(client, operation, given)

        botocore.client.BaseClient._make_api_call = counted

    def step(self, tally: Tally, work: Any) -> Any:
        """Run one invocation, counted."""
        self.tally = tally
        began = time.perf_counter()
        try:
            return work()
        finally:
            tally.seconds += time.perf_counter() - began
            tally.invocations += 1
            self.tally = None


def drained(place: House, url: str, context: Context, counting: Counting, tally: Tally) -> None:
    """Run what waits in a queue, as the function that reads it; Lambda's own requests counted."""
    sqs = place.clients("sqs")
    while messages := sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"):
        for one in messages:
            event = {"Records": [{"body": one["Body"], "eventSource": "aws:sqs"}]}
            for scheduled in triggers.command(event):
                counting.step(tally, lambda due=scheduled: run_scheduled(due, context))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
            tally.calls["sqs", "ReceiveMessage (by Lambda)"] += 1
            tally.calls["sqs", "DeleteMessage (by Lambda)"] += 1


def followed(place: House, counting: Counting, shape: str, number: int) -> list[Tally]:
    """One invoice, from the mail to the archive; a tally per function."""
    make, kind, suffix = samples.SHAPES[shape]
    to = mailbox_addresses(DOSSIER.siren, DOMAIN)[Direction.PURCHASE]
    mail, key = samples.mail(make(number), kind, suffix, number, to), f"mail/c{number}"
    place.clients("s3").put_object(Bucket=place.settings.intake_bucket, Key=key, Body=mail)
    tallies = {name: Tally(name) for name in MEMORY_GB}
    context = {name: place.context(name) for name in MEMORY_GB}
    now = context["inbound"].clock.now()
    command = ReceiveMail(key=key, recipients=(to,), received_at=now)
    counting.step(tallies["inbound"], lambda: run(command, context["inbound"]))
    settings = place.settings
    for _round in range(3):
        for function, url in (
            ("pipeline", settings.commands_queue_url),
            ("rulebook", settings.checks_queue_url),
        ):
            drained(place, url, context[function], counting, tallies[function])
    document = _read(context["web"], number)
    if acceptable(document):
        accept = AcceptDocument(
            dossier=DOSSIER.id, document=document.id, version=document.version, by="u"
        )
        counting.step(tallies["web"], lambda: run(accept, context["web"]))
        drained(
            place, settings.commands_queue_url, context["pipeline"], counting, tallies["pipeline"]
        )
    say(f"{shape}: {_read(context['web'], number).state.value}")
    return list(tallies.values())


def _read(context: Context, number: int) -> Document:
    found = context.store.documents(DOSSIER.id, Direction.PURCHASE).documents
    return next(one for one in found if one.summary.number.endswith(f"{number:05d}"))


def cost(tallies: list[Tally]) -> dict[str, float]:
    """Dollars per 1,000 invoices, by service."""
    found: Counter[str] = Counter()

    def add(service: str, price: str, count: float) -> None:
        found[service] += 1000 * count * PRICES[price][0]

    add("SES, SNS", "ses", 1)
    add("SES, SNS", "sns", 1)
    add("S3", "s3 put", 1)  # the mail, written by SES
    add("API Gateway", "api gateway", PAGES_PER_DECISION)
    for one in tallies:
        add("DynamoDB", "dynamodb write", one.written)
        add("DynamoDB", "dynamodb read", one.read)
        add("Lambda", "lambda request", one.invocations)
        add("Lambda", "lambda time", one.seconds * MEMORY_GB[one.function])
        add("Logs", "logs", one.invocations * LOG_BYTES / 1e9)
        for (service, operation), count in one.calls.items():
            if service == "s3":
                add("S3", "s3 put" if operation.startswith(PUTS) else "s3 get", count)
            elif service == "sqs":
                add("SQS", "sqs", count)
    return dict(found)


def main() -> None:
    """Print the section."""
    with house() as place:
        counting = Counting()
        followed(place, counting, "PDF with text", 90_000)  # warm
        roads = {
            shape: followed(place, counting, shape, 91_000 + order)
            for order, shape in enumerate(samples.SHAPES)
        }
    print("## AWS calls per invoice, and their price\n")
    print(
        "Counted on the cloud's road: inbound → queue → pipeline → queue → rulebook, then a "
        "person accepts (web) and pipeline seals. An invoice has four lines.\n"
    )
    services = ("dynamodb", "s3", "sqs")
    print("| shape | invocations | " + " | ".join(services) + " | write units | read units |")
    print("|---|---|---|---|---|---|---|")
    for shape, tallies in roads.items():
        calls = Counter()
        for one in tallies:
            for (service, _operation), count in one.calls.items():
                calls[service] += count
        written, read = sum(t.written for t in tallies), sum(t.read for t in tallies)
        counts = " | ".join(str(calls[name]) for name in services)
        print(
            f"| {shape} | {sum(t.invocations for t in tallies)} | {counts} "
            f"| {written:.0f} | {read:.0f} |"
        )
    _print_operations(roads["PDF with text"])
    _print_costs({shape: cost(tallies) for shape, tallies in roads.items()})


def _print_operations(tallies: list[Tally]) -> None:
    print("\nWho asks what, for a PDF with text:\n")
    print("| function | calls |\n|---|---|")
    for one in tallies:
        said = ", ".join(f"{op} {n}" for (_service, op), n in sorted(one.calls.items()))
        print(f"| {one.function} | {said or '–'} |")


def _print_costs(costs: Mapping[str, Mapping[str, float]]) -> None:
    services = sorted({name for one in costs.values() for name in one})
    print("\nDollars per 1,000 invoices, decided and archived:\n")
    print("| shape | " + " | ".join(services) + " | **all** |")
    print("|---" * (len(services) + 2) + "|")
    for shape, one in costs.items():
        cells = " | ".join(f"{one[name]:.3f}" for name in services)
        print(f"| {shape} | {cells} | **{sum(one.values()):.2f}** |")
    print(
        f"\nA scan adds {PRICES['textract'][0] * 1000:.2f} per 1,000 pages (Textract). "
        "Lambda's time is this machine's, at the memory each function is given; cold starts, "
        "storage, the sweep (8,640 rounds a month) and the pollers of empty queues are left out. "
        f"A decision is counted as {PAGES_PER_DECISION} requests of the pages.\n"
    )
    listed = ", ".join(f"{n} {p:g} ({unit}, {day})" for n, (p, day, unit) in PRICES.items())
    print(f"Prices in dollars, US East (N. Virginia), with the month they were noted: {listed}.")


if __name__ == "__main__":
    main()
