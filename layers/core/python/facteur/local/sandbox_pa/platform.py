"""What the test platform does: accounts, submissions, and the jobs that follow them.

A submission is stored and answered at once; its controls run a moment later, as a job: the
acknowledgement, then the flows of the others. ``settle`` runs every job at once (tests); ``work``
runs them when they are due, in a thread of its own.
"""

import logging
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facteur.local.sandbox_pa.calling import Calling
from facteur.local.sandbox_pa.controls import HasPdf
from facteur.local.sandbox_pa.faults import Faults
from facteur.local.sandbox_pa.handling import Handling
from facteur.local.sandbox_pa.store import Client, Company, Store, StoredFlow
from facteur.ports import Clock, Ids, Rulebook

log = logging.getLogger(__name__)

SECOND = 1_000_000
ACK_AFTER = SECOND // 5  # a submission is Pending that long


class Sandbox:
    """The platform without its HTTP."""

    def __init__(
        self,
        folder: Path | None,
        clock: Clock,
        ids: Ids,
        *,
        pdf: HasPdf,
        rulebook: Rulebook | None = None,
        calling: Calling | None = None,
    ) -> None:
        """``folder`` None: all in memory. ``rulebook``: the official rules, None for none."""
        self.store = Store(folder / "sandbox.db" if folder else None)
        self.faults = Faults(self.store)
        self._clock, self._ids = clock, ids
        self._handling = Handling(self, pdf, rulebook)
        self._calling = calling or Calling()
        self._last = self.store.last_change()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False

    # Time and names

    def now(self) -> int:
        """Microseconds since 1970."""
        return int(self._clock.now().timestamp() * SECOND)

    def tick(self) -> int:
        """The time of a change: later than that of every change before, whoever's."""
        with self._lock:
            self._last = max(self.now(), self._last + 1)
            return self._last

    def new_id(self) -> str:
        """A new identifier."""
        return self._ids.new()

    # Accounts

    def register(self, siren: str, name: str, siret: str = "") -> Client:
        """An account for a company, and a client for it; the one that it has when it has one."""
        self.store.save_company(Company(siren=siren, name=name, siret=siret or f"{siren}00017"))
        held = self.store.clients(siren)
        return held[0] if held else self._client(siren, name)

    def application(self, name: str) -> Client:
        """A client for a program that users let in, each for the company that they choose."""
        held = [one for one in self.store.clients("") if one.name == name]
        return held[0] if held else self._client("", name)

    def _client(self, siren: str, name: str) -> Client:
        client = Client(
            id=f"client-{secrets.token_hex(8)}",
            secret=secrets.token_urlsafe(24),
            siren=siren,
            name=name,
        )
        self.store.save_client(client)
        return client

    # Submissions

    def submit(self, siren: str, info: Mapping[str, str], media: str, data: bytes) -> StoredFlow:
        """Store a file and plan its controls; the flow, Pending."""
        at = self.tick()
        flow = StoredFlow(
            id=self.new_id(),
            siren=siren,
            direction="Out",
            name=info["name"],
            syntax=info["flowSyntax"],
            submitted=at,
            updated=at,
            rule=info.get("processingRule", "Undefined"),
            rule_source="Input" if "processingRule" in info else "Computed",
            profile=info.get("flowProfile", "Undefined"),
            tracking=info.get("trackingId", ""),
            sha256=info.get("sha256", ""),
            claimed=info.get("sha256", ""),
        )
        self.store.save_file(flow.id, "Original", media, flow.name, data)
        self.store.save_flow(flow)
        wait = self.faults.value("ack_seconds") * SECOND or ACK_AFTER
        self.plan("control", at + wait, {"flow": flow.id})
        return flow

    def receive(
        self,
        siren: str,
        kind: str,
        name: str,
        syntax: str,
        data: bytes,
        *,
        media: str = "application/xml",
        rule: str = "B2B",
        profile: str = "Undefined",
    ) -> StoredFlow:
        """Give an account a flow that comes in; twice when it is told to double things."""
        for _time in range(2 if self.faults.value("duplicates") else 1):
            at = self.tick()
            flow = StoredFlow(
                id=self.new_id(),
                siren=siren,
                direction="In",
                name=name,
                syntax=syntax,
                submitted=at,
                updated=at,
                type=kind,
                rule=rule,
                profile=profile,
                status="Ok",
            )
            self.store.save_file(flow.id, "Original", media, name, data)
            if media == "application/pdf":
                self.store.save_file(flow.id, "ReadableView", media, name, data)
            self.store.save_flow(flow)
            self.announce(flow)
        return flow

    # Jobs

    def plan(self, kind: str, due: int, body: Mapping[str, Any]) -> None:
        """Have something done at a time."""
        self.store.add_job(kind, due, body)
        self._wake.set()

    def settle(self) -> int:
        """Do everything that is planned, now; how much it was."""
        done = 0
        while (job := self.store.take_job(None)) is not None:
            self._do(*job)
            done += 1
        return done

    def work(self) -> None:
        """Do what is planned when its time comes, until ``stop``."""
        while not self._stopping:
            job = self.store.take_job(self.now())
            if job is not None:
                self._do(*job)
                continue
            self._wake.clear()
            self._wake.wait(0.1)

    def stop(self) -> None:
        """End ``work``."""
        self._stopping = True
        self._wake.set()

    def _do(self, kind: str, body: Mapping[str, Any]) -> None:
        if kind == "call":
            again = self._calling.call(body, self._webhook(body), self.now())
            if again is not None:
                self.plan("call", again, {**body, "attempt": body["attempt"] + 1})
            return
        try:
            self._handling.control(body["flow"])
        except Exception:  # whatever it is, the flow must not stay pending for ever
            log.exception("flow %s could not be controlled", body["flow"])
            self._handling.give_up(body["flow"])

    # Webhooks

    def announce(self, flow: StoredFlow) -> None:
        """Have the webhooks called that asked for such a flow."""
        for webhook, body in self.store.webhooks(flow.siren):
            types = body.get("flowTypes") or [flow.type]
            wanted = (
                flow.type in types
                and body.get("flowDirection", flow.direction) == flow.direction
                and body.get("ackStatus", flow.status) == flow.status
            )
            if wanted:
                self.plan(
                    "call",
                    self.now(),
                    {"webhook": webhook, "siren": flow.siren, "flow": flow.id, "attempt": 1},
                )

    def _webhook(self, body: Mapping[str, Any]) -> tuple[Mapping[str, Any], StoredFlow] | None:
        """(webhook, flow) of a call, None when one of them is gone."""
        hooks = dict(self.store.webhooks(body["siren"]))
        flow = self.store.flow(body["flow"])
        hook = hooks.get(body["webhook"])
        return (hook, flow) if hook is not None and flow is not None else None
