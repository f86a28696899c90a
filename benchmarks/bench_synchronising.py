"""1,000 flows brought in from the test platform: flows per second, calls per flow, memory.

The test platform is a process of its own, reached over HTTP; its flows are invoices (CII) that
came for the dossier. The walk asks what changed and queues one command per flow; then each command
is run as the pipeline function runs it. What follows an invoice (reading, checks) is the road's
own section, and is left in the queue.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from facteur.adapters.aws import triggers
from facteur.adapters.connectors import http
from facteur.adapters.system import SystemClock, SystemIds
from facteur.bootstrap import later
from facteur.domain.commands import SyncConnection, TakeFlow
from facteur.domain.connections import Connection, Tally
from facteur.local.emulator import free_port
from facteur.local.sandbox_pa.platform import Sandbox
from facteur.local.sandbox_pa.store import Client
from facteur.ports import Context
from facteur.services.platforms.opening import seal
from facteur.services.run import run, run_scheduled

from benchmarks import samples
from benchmarks.house import DOSSIER, House, house, say

FLOWS = 1000
EVERY = 100


class Asked:
    """HTTP calls to the platform, by what they ask; the seconds they took."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.seconds = 0.0
        once = http.Http._once

        def counted(client: Any, request: http.Request, name: str, until: float) -> http.Answer:
            began = time.perf_counter()
            try:
                return once(client, request, name, until)
            finally:
                self.seconds += time.perf_counter() - began
                self.calls[_what(request.url)] += 1

        http.Http._once = counted


def _what(url: str) -> str:
    if url.endswith("/token"):
        return "token"
    if url.endswith("/search"):
        return "search"
    return "view that is not there" if "ReadableView" in url else "file"


def filled(folder: Path) -> Client:
    """A test platform that holds the invoices for the dossier; its client."""
    sandbox = Sandbox(folder, SystemClock(), SystemIds(), pdf=later.pdf)
    client = sandbox.register(DOSSIER.siren, DOSSIER.name, DOSSIER.siret)
    for number in range(FLOWS):
        name = f"B-{number:05d}.xml"
        sandbox.receive(DOSSIER.siren, "SupplierInvoice", name, "CII", samples.cii(number))
    sandbox.store.close()
    return client


def resident() -> float:
    """This process's memory, MiB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 2**20


def connected(context: Context, client: Client) -> Connection:
    """The dossier, connected to the platform."""
    return context.connections.save(
        Connection(
            dossier=DOSSIER.id,
            id="bench",
            platform="sandbox",
            client_id=client.id,
            client_secret=seal(client.secret, DOSSIER.id, context),
            since=context.clock.now(),
        )
    )


def taken(place: House, context: Context) -> tuple[int, list[float]]:
    """Run the commands that take a flow, drop the others; (how many, memory on the way)."""
    sqs, url, count = place.clients("sqs"), place.settings.commands_queue_url, 0
    memory = list[float]()
    while count < FLOWS:
        asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
        messages = sqs.receive_message(**asked).get("Messages", ())
        for one in messages:
            event = {"Records": [{"body": one["Body"], "eventSource": "aws:sqs"}]}
            for scheduled in triggers.command(event):
                if isinstance(scheduled.command, TakeFlow):
                    run_scheduled(scheduled, context)
                    count += 1
                    if count % EVERY == 0:
                        memory.append(resident())
                        say(f"{count} flows, {memory[-1]:.0f} MiB")
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return count, memory


def main() -> None:
    """Measure, and print the section."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        client = filled(folder)
        say("the platform holds its flows")
        command = [sys.executable, "-m", "facteur.local.sandbox_pa", "--data", name]
        server = subprocess.Popen(
            [*command, "--port", str(port), "--no-rules"], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            assert server.stdout.readline()
            measured(client, f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()


def measured(client: Client, url: str) -> None:
    """One dossier, its first walk and what it brings."""
    with house(sandbox_pa=url) as place:
        context = place.context("pipeline", here=frozenset())
        held = connected(context, client)
        asked = Asked()
        place.meter.reset()
        began = time.perf_counter()
        run(SyncConnection(dossier=DOSSIER.id, connection=held.id), context)
        walk, walk_calls = time.perf_counter() - began, asked.calls.copy()
        walk_aws = _aws(place)
        place.meter.reset()
        asked.seconds = 0.0
        began = time.perf_counter()
        count, memory = taken(place, context)
        took = time.perf_counter() - began
        done = context.connections.connection(DOSSIER.id, held.id)
        kinds = (Tally.CREATED, Tally.IGNORED, Tally.QUARANTINED)
        made = ", ".join(str(done.tallies.get(one, 0)) for one in kinds)
        flows = sum((asked.calls - walk_calls).values())
        waiting = place.meter.seconds
        pages, tokens = walk_calls["search"], walk_calls["token"]
        first, last = f"{memory[0]:.0f} MiB", f"{memory[-1]:.0f} MiB"
        print(
            f"""## Synchronising

{count} invoices (CII) from the test platform, a process of its own, into one dossier, one after
the other; what follows an invoice is left in the queue.

| | |
|---|---|
| the walk | {walk:.1f} s: {pages} pages, {tokens} token |
| taking them | {took:.1f} s: {count / took:.1f} flows per second |
| … of which waiting for AWS (the emulator) | {waiting:.1f} s |
| … of which waiting for the platform | {asked.seconds:.1f} s |
| calls to the platform per flow | {flows / count:.2f} |
| calls to AWS per flow | {(walk_aws + _aws(place)) / count:.1f} |
| memory after {EVERY} flows, and after {count} | {first}, {last} |
| documents made, known already, quarantined | {made} |

Calls by what they ask: {", ".join(f"{name} {n}" for name, n in sorted(asked.calls.items()))}."""
        )


def _aws(place: House) -> int:
    return sum(place.meter.calls.values())


if __name__ == "__main__":
    main()
