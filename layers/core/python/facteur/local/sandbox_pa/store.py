"""What the test platform keeps, in one SQLite file: other processes may open it too.

Times are whole microseconds since 1970. Secrets are kept as they are: they protect nothing but
test data, and its page shows them to whoever has to connect.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS company (siren TEXT PRIMARY KEY, name TEXT, siret TEXT);
CREATE TABLE IF NOT EXISTS client (id TEXT PRIMARY KEY, secret TEXT, siren TEXT, name TEXT);
CREATE TABLE IF NOT EXISTS token (
    value TEXT PRIMARY KEY, kind TEXT, client TEXT, siren TEXT, expires INTEGER, used INTEGER,
    extra TEXT);
CREATE TABLE IF NOT EXISTS flow (
    id TEXT PRIMARY KEY, siren TEXT, direction TEXT, tracking TEXT, updated INTEGER, body TEXT);
CREATE INDEX IF NOT EXISTS flow_changed ON flow (siren, updated, id);
CREATE INDEX IF NOT EXISTS flow_tracked ON flow (siren, tracking);
CREATE TABLE IF NOT EXISTS file (
    flow TEXT, view TEXT, media TEXT, name TEXT, data BLOB, PRIMARY KEY (flow, view));
CREATE TABLE IF NOT EXISTS invoice (
    seller TEXT, number TEXT, year INTEGER, body TEXT, PRIMARY KEY (seller, number, year));
CREATE TABLE IF NOT EXISTS webhook (id TEXT PRIMARY KEY, siren TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS job (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due INTEGER, kind TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS fault (name TEXT PRIMARY KEY, value INTEGER);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company that has an account here."""

    siren: str
    name: str
    siret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program that may ask for tokens; ``siren`` "" is an application that users let in."""

    id: str
    secret: str = field(repr=False)
    siren: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token, a refresh token or a consent's code."""

    value: str = field(repr=False)
    kind: str  # "access" | "refresh" | "code"
    client: str
    siren: str
    expires: int
    used: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFlow:
    """A flow of one account, as its owner sees it."""

    id: str
    siren: str
    direction: str
    name: str
    syntax: str
    submitted: int
    updated: int
    type: str = "Undefined"
    rule: str = "Undefined"
    rule_source: str = "Computed"
    profile: str = "Undefined"
    tracking: str = ""
    sha256: str = ""
    claimed: str = ""  # the sha256 that its sender gave
    status: str = "Pending"
    details: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInvoice:
    """An invoice that passed the controls: what routing its statuses needs."""

    seller: str
    number: str
    year: int
    buyer: str
    type_code: str
    issue_date: str  # ISO
    seller_name: str
    buyer_name: str
    seller_address: str  # BT-34
    buyer_address: str  # BT-49
    self_billed: bool
    received: int
    codes: tuple[str, ...] = ()  # statuses said so far


class Store:
    """The tables. Each method is one transaction; a lock makes threads take turns."""

    def __init__(self, path: Path | None) -> None:
        """``path`` None: in memory, for a test."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._base = sqlite3.connect(
            str(path) if path else ":memory:", check_same_thread=False, timeout=30
        )
        self._base.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        with self._lock:
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=NORMAL")
            self._base.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._base.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything inside happens or nothing does."""
        with self._lock, self._base:
            yield

    def _do(self, sql: str, *values: Any) -> None:
        with self._lock, self._base:
            self._base.execute(sql, values)

    def _rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._base.execute(sql, values).fetchall()

    # Accounts

    def save_company(self, company: Company) -> None:
        """Add a company, or change its name."""
        self._do(
            "INSERT INTO company VALUES (?,?,?) ON CONFLICT (siren) DO UPDATE SET name=?2",
            company.siren, company.name, company.siret,
        )  # fmt: skip

    def companies(self) -> tuple[Company, ...]:
        """All of them, by name."""
        return tuple(
            Company(**dict(row)) for row in self._rows("SELECT * FROM company ORDER BY 2")
        )

    def company(self, siren: str) -> Company | None:
        """One company."""
        rows = self._rows("SELECT * FROM company WHERE siren=?", siren)
        return Company(**dict(rows[0])) if rows else None

    def save_client(self, client: Client) -> None:
        """Add a client."""
        self._do(
            "INSERT INTO client VALUES (?,?,?,?)",
            client.id, client.secret, client.siren, client.name,
        )  # fmt: skip

    def clients(self, siren: str | None = None) -> tuple[Client, ...]:
        """All of them, or those of one company."""
        rows = (
            self._rows("SELECT * FROM client ORDER BY name, id")
            if siren is None
            else self._rows("SELECT * FROM client WHERE siren=? ORDER BY id", siren)
        )
        return tuple(Client(**dict(row)) for row in rows)

    def client(self, name: str) -> Client | None:
        """One client, by its id."""
        rows = self._rows("SELECT * FROM client WHERE id=?", name)
        return Client(**dict(rows[0])) if rows else None

    def save_token(self, token: Token) -> None:
        """Add a token, or change one."""
        self._do(
            "INSERT OR REPLACE INTO token VALUES (?,?,?,?,?,?,?)",
            token.value, token.kind, token.client, token.siren, token.expires,
            int(token.used), json.dumps(dict(token.extra)),
        )  # fmt: skip

    def token(self, value: str, kind: str) -> Token | None:
        """One token of a kind."""
        rows = self._rows("SELECT * FROM token WHERE value=? AND kind=?", value, kind)
        if not rows:
            return None
        row = dict(rows[0])
        return Token(**{**row, "used": bool(row["used"]), "extra": json.loads(row["extra"])})

    def use_token(self, value: str) -> bool:
        """Mark a token as used; False when it was already: only one of two at a time wins."""
        with self._lock, self._base:
            done = self._base.execute("UPDATE token SET used=1 WHERE value=? AND used=0", (value,))
            return done.rowcount == 1

    def forget_access(self) -> None:
        """Every access token is worth nothing any more."""
        self._do("DELETE FROM token WHERE kind='access'")

    # Flows

    def save_flow(self, flow: StoredFlow) -> None:
        """Add a flow or change it."""
        body = json.dumps({name: getattr(flow, name) for name in flow.__slots__})
        self._do(
            "INSERT OR REPLACE INTO flow VALUES (?,?,?,?,?,?)",
            flow.id, flow.siren, flow.direction, flow.tracking, flow.updated, body,
        )  # fmt: skip

    def flow(self, flow_id: str) -> StoredFlow | None:
        """One flow, whoever's."""
        rows = self._rows("SELECT body FROM flow WHERE id=?", flow_id)
        return _flow(rows[0]) if rows else None

    def flows(
        self, siren: str, *, after: int = -1, after_id: str = "", tracking: str | None = None
    ) -> tuple[StoredFlow, ...]:
        """Those of an account changed after a time (and an id, within that time), in order."""
        sql = "SELECT body FROM flow WHERE siren=?1 AND (updated>?2 OR (updated=?2 AND id>?3))"
        values: tuple[Any, ...] = (siren, after, after_id or "\uffff")
        if tracking is not None:
            sql += " AND tracking=?4"
            values += (tracking,)
        return tuple(_flow(row) for row in self._rows(sql + " ORDER BY updated, id", *values))

    def last_change(self) -> int:
        """The latest time of all flows."""
        return int(self._rows("SELECT coalesce(max(updated),0) AS last FROM flow")[0]["last"])

    def save_file(self, flow: str, view: str, media: str, name: str, data: bytes) -> None:
        """Keep one view of a flow."""
        self._do("INSERT OR REPLACE INTO file VALUES (?,?,?,?,?)", flow, view, media, name, data)

    def file(self, flow: str, view: str) -> tuple[str, str, bytes] | None:
        """(media type, name, bytes) of a view."""
        rows = self._rows("SELECT * FROM file WHERE flow=? AND view=?", flow, view)
        return (rows[0]["media"], rows[0]["name"], rows[0]["data"]) if rows else None

    # Invoices

    def add_invoice(self, invoice: StoredInvoice) -> bool:
        """Take an invoice's number; False when the seller had used it that year."""
        try:
            self._do(
                "INSERT INTO invoice VALUES (?,?,?,?)",
                invoice.seller, invoice.number, invoice.year, _invoice_json(invoice),
            )  # fmt: skip
        except sqlite3.IntegrityError:
            return False
        return True

    def change_invoice(self, invoice: StoredInvoice) -> None:
        """Keep what was said of an invoice."""
        self._do(
            "UPDATE invoice SET body=? WHERE seller=? AND number=? AND year=?",
            _invoice_json(invoice), invoice.seller, invoice.number, invoice.year,
        )  # fmt: skip

    def invoices(self, seller: str, number: str) -> tuple[StoredInvoice, ...]:
        """Those of a seller with this number, of whatever year."""
        rows = self._rows("SELECT body FROM invoice WHERE seller=? AND number=?", seller, number)
        return tuple(_invoice(row) for row in rows)

    def last_invoices(self, most: int = 20) -> tuple[StoredInvoice, ...]:
        """The last ones that passed the controls, newest first."""
        rows = self._rows("SELECT body FROM invoice ORDER BY rowid DESC LIMIT ?", most)
        return tuple(_invoice(row) for row in rows)

    # Webhooks, jobs, faults

    def save_webhook(self, webhook: str, siren: str, body: Mapping[str, Any]) -> None:
        """Add a webhook, or change it."""
        self._do("INSERT OR REPLACE INTO webhook VALUES (?,?,?)", webhook, siren, json.dumps(body))

    def webhooks(self, siren: str) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """(id, body) of an account's webhooks."""
        rows = self._rows("SELECT * FROM webhook WHERE siren=? ORDER BY id", siren)
        return tuple((row["id"], json.loads(row["body"])) for row in rows)

    def delete_webhook(self, webhook: str, siren: str) -> bool:
        """Forget a webhook; False when the account has none of this id."""
        with self._lock, self._base:
            done = self._base.execute(
                "DELETE FROM webhook WHERE id=? AND siren=?", (webhook, siren)
            )
            return done.rowcount == 1

    def add_job(self, kind: str, due: int, body: Mapping[str, Any]) -> None:
        """Something to do later."""
        self._do("INSERT INTO job (due, kind, body) VALUES (?,?,?)", due, kind, json.dumps(body))

    def take_job(self, now: int | None) -> tuple[str, Mapping[str, Any]] | None:
        """(kind, body) of the next job that is due, taken off; ``now`` None: whatever its time."""
        with self._lock, self._base:
            row = self._base.execute(
                "SELECT * FROM job WHERE ?1 IS NULL OR due<=?1 ORDER BY due, id LIMIT 1", (now,)
            ).fetchone()
            if row is None:
                return None
            self._base.execute("DELETE FROM job WHERE id=?", (row["id"],))
            return row["kind"], json.loads(row["body"])

    def faults(self) -> Mapping[str, int]:
        """What is set to go wrong."""
        return {row["name"]: row["value"] for row in self._rows("SELECT * FROM fault")}

    def set_fault(self, name: str, value: int) -> None:
        """Set something to go wrong; 0 ends it."""
        self._do("INSERT OR REPLACE INTO fault VALUES (?,?)", name, value)


def _flow(row: sqlite3.Row) -> StoredFlow:
    body = json.loads(row["body"])
    return StoredFlow(**{**body, "details": tuple(body["details"])})


def _invoice_json(invoice: StoredInvoice) -> str:
    return json.dumps({name: getattr(invoice, name) for name in invoice.__slots__})


def _invoice(row: sqlite3.Row) -> StoredInvoice:
    body = json.loads(row["body"])
    return StoredInvoice(**{**body, "codes": tuple(body["codes"])})
