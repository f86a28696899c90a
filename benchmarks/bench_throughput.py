"""Invoices per second that the local platform sustains, from SMTP until a person may decide.

The platform is the real one, in its own process (`python -m facteur.local run`): emulator, doors,
queues, SMTP. Mails are sent by two clients as fast as they are taken; the clock stops when the
last invoice waits for a person. What limits it is the processor, so each invoice's share of it is
told by process: that hardly depends on what else the machine is doing.
"""

import os
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facteur import bootstrap, config
from facteur.adapters.aws.clients import Clients
from facteur.domain.documents import Direction, State
from facteur.domain.dossiers import mailbox_addresses
from facteur.local.demo.invoices import DOSSIER
from facteur.local.emulator import free_port
from facteur.local.provision import Wanted, provision
from facteur.ports import Context

from benchmarks import samples
from benchmarks.house import DOMAIN, save_dossier, say

COUNT = 40
CLIENTS = 2


class Platform:
    """A local platform of its own, without the demonstration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("web", "smtp", "emulator")}

    def __enter__(self) -> Context:
        ports = [
            word for name, port in self.ports.items() for word in (f"--{name}-port", str(port))
        ]
        command = [sys.executable, "-m", "facteur.local", "run", "--no-seed"]
        command += ["--data", str(self.folder), "--inbound-domain", DOMAIN, "--ocr", "none"]
        self.process = subprocess.Popen([*command, *ports], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline(), "the platform did not start"
        return self._context()

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def _context(self) -> Context:
        """The same installation, seen from here."""
        wanted = Wanted(
            endpoint=f"http://127.0.0.1:{self.ports['emulator']}",
            account="000000000000",
            secret=(self.folder / "secret").read_text("utf-8"),
            inbound_domain=DOMAIN,
            site_url=f"http://127.0.0.1:{self.ports['web']}",
            ocr="none",
        )
        os.environ.update(wanted.access())
        environment = provision(wanted, Clients())
        os.environ.update(environment)
        context = bootstrap.context(config.load(environment))
        save_dossier(context)
        return context


def sent(mails: list[bytes], port: int, to: str) -> None:
    """Send all of them, on one connection."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
        for one in mails:
            server.sendmail("facturation@fournisseur.example", [to], one)


@dataclass(frozen=True)
class Run:
    """Invoices per second, and the milliseconds of processor time of each, by process."""

    taken: float
    through: float
    processor: Counter[str]

    def cells(self) -> str:
        """The cells of its row."""
        spent = [f"{self.processor[name]:.0f}" for name in PROCESSES]
        return " | ".join([f"{self.taken:.1f}", f"**{self.through:.1f}**", *spent])


#: Name of a process → what its command line holds.
PROCESSES = {
    "platform": b"facteur.local\0run",
    "emulated AWS": b"facteur.local.emulator",
    "PDF children": b"facteur.adapters.pdf.worker",
}


def spent(pid: int) -> Counter[str]:
    """Milliseconds of processor time that the processes below (and with) this one took."""
    found: Counter[str] = Counter()
    for one in _family(pid):
        command = Path(f"/proc/{one}/cmdline").read_bytes()
        name = next((name for name, part in PROCESSES.items() if part in command), "")
        times = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        found[name] += round((int(times[11]) + int(times[12])) * 1000 / os.sysconf("SC_CLK_TCK"))
    return found


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def run(platform: Platform, context: Context, shape: str, first: int) -> Run:
    """Send the mails and wait until a person may decide of each."""
    make, kind, suffix = samples.SHAPES[shape]
    to = mailbox_addresses(DOSSIER.siren, DOMAIN)[Direction.PURCHASE]
    numbers = range(first, first + COUNT)
    mails = [samples.mail(make(one), kind, suffix, one, to) for one in numbers]
    before, used = _waiting(context), spent(platform.process.pid)
    began = time.perf_counter()
    parts = [mails[place::CLIENTS] for place in range(CLIENTS)]
    threads = [
        threading.Thread(target=sent, args=(part, platform.ports["smtp"], to)) for part in parts
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    taken = time.perf_counter() - began
    while _waiting(context) < before + COUNT:
        assert time.perf_counter() - began < 300, "the invoices did not come through"
        time.sleep(0.1)
    whole = time.perf_counter() - began
    say(f"{shape}: taken in {taken:.1f} s, through in {whole:.1f} s")
    share = {name: one / COUNT for name, one in (spent(platform.process.pid) - used).items()}
    return Run(COUNT / taken, COUNT / whole, Counter(share))


def _waiting(context: Context) -> int:
    """How many invoices wait for a person, à accepter or à contrôler."""
    held = context.store.counts(DOSSIER.id, Direction.PURCHASE)
    return held[State.TO_ACCEPT] + held[State.TO_CHECK]


def main() -> None:
    """Print the section."""
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(Path(folder) / "data")
        with platform as context:
            run(platform, context, "PDF with text", 90_000)  # warm: children, rules
            rows = [
                (shape, run(platform, context, shape, 10_000 * (place + 1)))
                for place, shape in enumerate(samples.SHAPES)
            ]
    print("## Throughput of the local platform\n")
    print(
        f"{COUNT} different invoices of four lines by SMTP, {CLIENTS} clients, one process, from "
        "the first mail to the last that waits for a person: read, converted, checked. "
        "SMTP answers 250 once the mail is flushed to disk. The last columns are milliseconds of "
        "processor time per invoice: two free cores take at most 2,000 of them per second.\n"
    )
    print(f"| shape | taken by SMTP, per second | all the way, per second "
          f"| {' | '.join(PROCESSES)} |")  # fmt: skip
    print(f"|---|---|---|{'---|' * len(PROCESSES)}")
    for shape, made in rows:
        print(f"| {shape} | {made.cells()} |")


if __name__ == "__main__":
    main()
