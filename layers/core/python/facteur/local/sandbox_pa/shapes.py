"""What the test platform says on the wire: calls, replies, flows and errors (XP Z12-013 1.3.0)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from facteur.local.sandbox_pa.store import StoredFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Mapping[str, Any]:
        """The body as an object; a Wrong 400 when it is none."""
        try:
            body = json.loads(self.body)
        except ValueError as error:
            raise Wrong(400, "INVALID_JSON") from error
        if not isinstance(body, dict):
            raise Wrong(400, "INVALID_JSON")
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer; ``drop``: none at all, the connection is cut."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False


class Wrong(Exception):  # noqa: N818 - an answer, not an error of ours
    """An answer of the standard's Error."""

    def __init__(self, status: int, code: str, message: str = "", **headers: str) -> None:
        super().__init__(status, code)
        self.status, self.code, self.message, self.headers = status, code, message, headers

    def reply(self) -> Reply:
        """As it is sent."""
        body = {"errorCode": self.code, "errorMessage": self.message or self.code}
        return as_json(body, self.status, **self.headers)


def as_json(body: object, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON; ``retry_after`` becomes Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status=status,
        body=to_bytes(body),
        headers={"Content-Type": "application/json", **named},
    )


def to_bytes(body: object) -> bytes:
    """JSON as bytes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def time_text(microseconds: int, *, whole: bool = False) -> str:
    """A time in RFC 3339; ``whole``: to the second, as some platforms of 1.2.0 say it."""
    at = datetime.fromtimestamp(microseconds // 1_000_000, UTC)
    text = f"{at:%Y-%m-%dT%H:%M:%S}"
    return f"{text}Z" if whole else f"{text}.{microseconds % 1_000_000:06d}Z"


def flow_json(flow: StoredFlow, *, whole: bool = False) -> dict[str, Any]:
    """The Flow resource."""
    body: dict[str, Any] = {
        "flowId": flow.id,
        "submittedAt": time_text(flow.submitted, whole=whole),
        "updatedAt": time_text(flow.updated, whole=whole),
        "name": flow.name,
        "flowSyntax": flow.syntax,
        "flowProfile": flow.profile,
        "flowType": flow.type,
        "flowDirection": flow.direction,
        "processingRule": flow.rule,
        "processingRuleSource": flow.rule_source,
        "acknowledgement": {"status": flow.status},
    }
    if flow.tracking:
        body["trackingId"] = flow.tracking
    if flow.details:
        body["acknowledgement"]["details"] = [dict(one) for one in flow.details]
    return body


def full_info_json(flow: StoredFlow) -> dict[str, Any]:
    """The answer to a submission (FullFlowInfo)."""
    body: dict[str, Any] = {
        "flowId": flow.id,
        "submittedAt": time_text(flow.submitted),
        "name": flow.name,
        "flowSyntax": flow.syntax,
    }
    if flow.profile != "Undefined":
        body["flowProfile"] = flow.profile
    if flow.rule != "Undefined":
        body["processingRule"] = flow.rule
    if flow.tracking:
        body["trackingId"] = flow.tracking
    if flow.sha256:
        body["sha256"] = flow.sha256
    return body
