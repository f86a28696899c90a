"""What makes the emulator keep its promises: nothing it acknowledged is lost by `kill -9`.

Stock ministack 1.5.33 writes its state only when stopped politely, and forgets Object Lock
retentions at every restart. Three ways of keeping, by what a loss would cost:

- *journaled* before the answer: DynamoDB writes (the requests, played again at start), SQS queues
  and messages (as facts: added, received, removed), Object Lock retentions and legal holds. Their
  whole state is written when the journal has grown, as a new generation (see `journal`).
- *written whole* before the answer: Cognito, because a changed password is a promise too.
- *written whole* a fifth of a second after a change: everything else (bucket settings, topics,
  rules, keys), which provisioning puts back at every start anyway.

S3 bodies are written with their metadata before the answer (see `objects`).
A message that somebody had received when the machine died is visible again at start: its receiver
died too, and waiting for the visibility timeout would only delay the recovery.
"""
# ruff: noqa: PLC0415 - ministack reads the environment when imported: never at our import
# ruff: noqa: SLF001 - a pinned release is corrected from the outside; tests watch the names

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from facteur.local.emulator.journal import Journal, write_whole
from facteur.local.emulator.objects import keep_objects
from facteur.local.emulator.queues import DurableQueues

log = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

JOURNALED = ("dynamodb", "sqs")
SETTLE_SECONDS = 0.2
SMALL_JOURNAL = 200  # replayed in a tenth of a second: not worth writing the whole state at stop
_READS = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "TransactGet")
_COGNITO_READS = ("Get", "List", "Describe", "AdminGet", "AdminList", "AdminUserGlobal")


class Durability:
    """Wraps the imported emulator so that its state survives the process."""

    def __init__(self, emulator: Any, folder: Path, *, fsync: bool, compact_after: int) -> None:
        from ministack.core import persistence, responses
        from ministack.services import cognito, dynamodb, s3, sqs

        self._emulator, self._persistence, self._responses = emulator, persistence, responses
        self._cognito, self._dynamodb, self._s3 = cognito, dynamodb, s3
        self._state = folder / "state"
        self._state.mkdir(parents=True, exist_ok=True)
        self._fsync = fsync
        self._compact_after = compact_after
        self._journal = Journal(folder, fsync=fsync)
        self._queues = DurableQueues(sqs, responses, self._journal.append)
        self._settings_changed = False
        self._everything_changed = False
        self._written: dict[str, str] = {}
        self._replay_dynamodb: Callable[..., Awaitable[tuple[int, Any, Any]]]

    def install(self) -> Application:
        """Put every hook in place; return the application to serve instead of the emulator's."""
        keep_objects(self._s3, fsync=self._fsync)
        self._keep_locks()
        self._queues.install()
        self._keep_dynamodb()
        self._keep_cognito()
        self._emulator.load_state = self._load
        self._emulator.save_all = self._stop
        inner: Application = self._emulator.app

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await inner(scope, receive, self._replaying(send))
                return
            await inner(scope, receive, send)
            if scope["type"] == "http":
                self._notice(scope)

        return application

    # -- hooks ------------------------------------------------------------------------------

    def _keep_locks(self) -> None:
        journal, scoped = self._journal, self._responses.AccountScopedDict
        account_id = self._responses.get_account_id

        def journaled(kind: str) -> Any:
            class Locks(scoped):  # type: ignore[misc, valid-type]
                __slots__ = ()

                def __setitem__(self, key: tuple[str, str, str | None], value: Any) -> None:
                    super().__setitem__(key, value)
                    journal.append(
                        {"lock": kind, "account": account_id(), "key": key, "value": value}
                    )

            return Locks()

        s3 = self._s3
        s3._object_retention = journaled("retention")
        s3._object_legal_hold = journaled("legal_hold")
        s3._PERSISTED_BUCKET_DICTS["object_retention"] = s3._object_retention
        s3._PERSISTED_BUCKET_DICTS["object_legal_hold"] = s3._object_legal_hold

    def _keep_dynamodb(self) -> None:
        original = self._replay_dynamodb = self._dynamodb.handle_request

        async def handle_request(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> tuple[int, Any, Any]:
            answer: tuple[int, Any, Any] = await original(method, path, headers, body, query)
            target = headers.get("x-amz-target", "")
            if answer[0] == 200 and not target.rpartition(".")[2].startswith(_READS):
                self._journal.append({**self._caller(), "dynamodb": target, "body": body.decode()})
            return answer

        self._dynamodb.handle_request = handle_request

    def _keep_cognito(self) -> None:
        original = self._cognito.handle_request

        async def handle_request(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> Any:
            answer = await original(method, path, headers, body, query)
            action = headers.get("x-amz-target", "").rpartition(".")[2]
            if method == "POST" and not action.startswith(_COGNITO_READS):
                self._write("cognito", self._cognito.get_state())
            return answer

        self._cognito.handle_request = handle_request

    def _caller(self) -> dict[str, str]:
        return {
            "account": self._responses.get_account_id(),
            "region": self._responses.get_region(),
        }

    def _notice(self, scope: Scope) -> None:
        """Remember that settings may have changed, unless the call is journaled or on disk."""
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return
        headers = {k.decode("latin1").lower(): v.decode("latin1") for k, v in scope["headers"]}
        if headers.get("x-amz-target", "").startswith(("DynamoDB_", "AmazonSQS", "AWSCognito")):
            return
        service = self._emulator.detect_service(scope["method"], scope["path"], headers, {})
        on_an_object = scope["method"] == "POST" or "/" in scope["path"].strip("/")
        if service == "s3" and on_an_object:
            return
        self._settings_changed = True
        if service == "cloudformation":  # creates tables and queues behind our back
            self._everything_changed = True

    # -- start --------------------------------------------------------------------------------

    def _replaying(self, send: Send) -> Send:
        async def wrapped(message: dict[str, Any]) -> None:
            if message["type"] == "lifespan.startup.complete":
                await self._replay()
                self._ticker = asyncio.create_task(self._tick())
            await send(message)

        return wrapped

    async def _replay(self) -> None:
        for record in self._journal.read():
            if "dynamodb" in record:
                self._responses.set_request_account_id(record["account"])
                self._responses.set_request_region(record["region"])
                answer = await self._replay_dynamodb(
                    "POST",
                    "/",
                    {"x-amz-target": record["dynamodb"]},
                    record["body"].encode(),
                    {},
                )
                if answer[0] != 200:
                    log.error("a journaled %s was refused: %s", record["dynamodb"], answer[2])
            elif "lock" in record:
                self._responses.set_request_account_id(record["account"])
                name = (
                    "_object_retention" if record["lock"] == "retention" else "_object_legal_hold"
                )
                getattr(self._s3, name)[tuple(record["key"])] = record["value"]
            else:
                self._queues.replay(record)
        self._queues.wake_up()
        if self._journal.length:
            log.info("replayed %d journaled changes", self._journal.length)

    def _load(self, service: str) -> Any:
        path = self._path(service, self._journal.generation)
        if not path.exists():
            return None
        text = path.read_text(encoding="utf-8")
        return json.loads(text, object_hook=self._persistence._json_object_hook)

    # -- keep ---------------------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            if self._everything_changed or self._journal.length > self._compact_after:
                self._compact()
            elif self._settings_changed:
                self._write_settings()

    def _write_settings(self) -> None:
        self._settings_changed = False
        for service, state in self._emulator._build_persistence_save_dict().items():
            if service not in JOURNALED:
                self._write(service, state())

    def _compact(self) -> None:
        """Write everything as a new generation; nothing else runs meanwhile on this loop."""
        self._everything_changed = False
        self._queues.adopt()
        number = self._journal.begin_generation()
        self._write("dynamodb", self._dynamodb.get_state(), number)
        self._write("sqs", self._queues.state(), number)
        self._write_settings()
        self._journal.complete_generation(number)
        for service in JOURNALED:
            for old in self._state.glob(f"{service}.*.json"):
                if old != self._path(service, number):
                    old.unlink()

    def _stop(self, _states: dict[str, Any]) -> None:
        self._ticker.cancel()
        if self._everything_changed or self._journal.length > SMALL_JOURNAL:
            self._compact()
        else:
            self._write_settings()
        self._journal.close()

    def _path(self, service: str, generation: int) -> Path:
        name = f"{service}.{generation}.json" if service in JOURNALED else f"{service}.json"
        return self._state / name

    def _write(self, service: str, state: Any, generation: int = 0) -> None:
        if state is None:
            return
        text = json.dumps(state, default=self._persistence._json_default)
        if service in JOURNALED or self._written.get(service) != text:
            write_whole(self._path(service, generation), text, fsync=self._fsync)
        if service not in JOURNALED:
            self._written[service] = text
