"""How long a billing software waits for its answer: POST /flows under 20 parallel clients.

The platform is the real one, in its own process; each client keeps its connection and submits
invoices one after the other. A submission is answered once its bytes and its row are kept; what
follows is done beside, by the same two cores here. The same clients asking for nothing (the health
of the service) tell what the local web server costs by itself.
"""

import http.client
import json
import statistics
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.local.demo.invoices import DOSSIER
from facteur.services.programs import keys

from benchmarks import samples
from benchmarks.bench_throughput import Platform

CLIENTS, EACH = 20, 10
BOUNDARY = "b1b2b3b4"


class Client(threading.Thread):
    """One billing software: its answers' times, in milliseconds, and their statuses."""

    def __init__(self, port: int, token: str, bodies: list[bytes]) -> None:
        super().__init__()
        self.times: list[float] = []
        self.statuses: list[int] = []
        self._port, self._token, self._bodies = port, token, bodies

    def run(self) -> None:
        """Ask, one after the other; no body asks for the health of the service."""
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        for body in self._bodies:
            headers = {"Authorization": f"Bearer {self._token}"}
            began = time.perf_counter()
            if body:
                headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
                link.request("POST", "/afnor-flow/v1/flows", body, headers)
            else:
                link.request("GET", "/afnor-flow/v1/healthcheck", headers=headers)
            answer = link.getresponse()
            answer.read()
            self.times.append((time.perf_counter() - began) * 1000)
            self.statuses.append(answer.status)
        link.close()


def submission(number: int) -> bytes:
    """A sale of the dossier as a whole request body."""
    info = json.dumps({"name": f"v{number}.xml", "flowSyntax": "CII", "trackingId": f"t{number}"})
    edge = f"--{BOUNDARY}\r\n".encode()
    parts = [
        b'Content-Disposition: form-data; name="flowInfo"\r\n\r\n' + info.encode(),
        b'Content-Disposition: form-data; name="file"; filename="v.xml"\r\n\r\n'
        + samples.SHAPES["XML (CII)"][0](number),
    ]
    whole = b"".join(edge + part + b"\r\n" for part in parts)
    return whole + f"--{BOUNDARY}--\r\n".encode()


def token(port: int, name: str, secret: str) -> str:
    """A token, as a client asks for it."""
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    link.request(
        "POST",
        "/oauth2/token",
        urlencode(form),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    body = json.loads(link.getresponse().read())
    link.close()
    return str(body["access_token"])


def at_once(port: int, access: str, bodies: list[list[bytes]]) -> tuple[list[float], list[int]]:
    """Every client at the same time."""
    clients = [Client(port, access, one) for one in bodies]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    times = [each for one in clients for each in one.times]
    return times, [each for one in clients for each in one.statuses]


def main() -> None:
    """Measure and say."""
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(Path(folder) / "data")
        with platform as context:
            caller = Caller(
                user="u", name="b", dossier=DOSSIER.id, permissions=PERMISSIONS[Role.MANAGER]
            )
            made = keys.make(caller, "Banc", ("read", "upload"), context)
            port = platform.ports["web"]
            access = token(port, made.key.id, made.secret)
            at_once(port, access, [[submission(0)]])  # the first one loads what it needs
            idle, _ = at_once(port, access, [[b""] * EACH for _client in range(CLIENTS)])
            bodies = [
                [submission(1 + client * EACH + place) for place in range(EACH)]
                for client in range(CLIENTS)
            ]
            began = time.perf_counter()
            times, statuses = at_once(port, access, bodies)
            taken = len(times) / (time.perf_counter() - began)
    refused = sum(status != 202 for status in statuses)
    lines = [
        "## Submitting by the standard interface",
        "",
        (
            f"{CLIENTS} clients at once, {EACH} invoices each, by `POST /afnor-flow/v1/flows` of "
            "the local platform, which reads and checks what it took on the same cores "
            "meanwhile. Milliseconds until the answer."
        ),
        "",
        "| asked | middle | p95 | slowest | a second |",
        "|---|---|---|---|---|",
        f"| health of the service | {_row(idle)} | – |",
        f"| an invoice submitted | {_row(times)} | {taken:.1f} |",
        "",
        f"Answers other than 202: {refused} of {len(times)}.",
    ]
    print("\n".join(lines))


def _row(times: list[float]) -> str:
    """Middle, p95 and slowest of a list of milliseconds."""
    ordered = sorted(times)
    p95 = ordered[round(0.95 * (len(ordered) - 1))]
    return f"{statistics.median(ordered):.0f} | **{p95:.0f}** | {ordered[-1]:.0f}"


if __name__ == "__main__":
    main()
