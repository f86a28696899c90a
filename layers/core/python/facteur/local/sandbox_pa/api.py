"""The Flow Service of the test platform (XP Z12-013 1.3.0; 1.2.0 when it is told to)."""

import base64
import json
import random
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from facteur.adapters.connectors.http import uuid_of
from facteur.adapters.connectors.platforms.afnor_json import time_of
from facteur.domain.flows import AckStatus, FlowDirection, FlowProfile, FlowSyntax, FlowType
from facteur.domain.flows import ProcessingRule as Rule
from facteur.local.sandbox_pa.calling import is_local
from facteur.local.sandbox_pa.controls import MOST_BYTES
from facteur.local.sandbox_pa.platform import SECOND, Sandbox
from facteur.local.sandbox_pa.shapes import (
    Call,
    Reply,
    Wrong,
    as_json,
    flow_json,
    full_info_json,
    time_text,
)
from facteur.local.sandbox_pa.store import StoredFlow

_USUAL, _MOST = 25, 100
_VIEWS = ("Original", "Converted", "ReadableView")
_TYPES = ("application/pdf", "application/xml", "text/xml", "application/octet-stream")
_CRITERIA = frozenset(
    {
        "updatedAfter",
        "updatedBefore",
        "processingRule",
        "flowType",
        "flowDirection",
        "trackingId",
        "ackStatus",
    }
)


def answer(sandbox: Sandbox, siren: str, call: Call, path: str) -> Reply:
    """Answer a call of the Flow Service; ``path`` is what follows ``/v1``."""
    parts = path.strip("/").split("/")
    if path == "/healthcheck" and call.method == "GET":
        return Reply()
    if path == "/flows" and call.method == "POST":
        return _submit(sandbox, siren, call)
    if path == "/flows/search" and call.method == "POST":
        return _search(sandbox, siren, call)
    if len(parts) == 2 and parts[0] == "flows" and call.method == "GET":
        return _flow(sandbox, siren, unquote(parts[1]), call.query.get("docType", "Metadata"))
    if path == "/webhooks" and call.method in ("GET", "POST"):
        return _webhooks(sandbox, siren, call)
    if len(parts) == 2 and parts[0] == "webhooks" and call.method == "DELETE":
        if not sandbox.store.delete_webhook(unquote(parts[1]), siren):
            raise Wrong(404, "MISSING_RESOURCE")
        return Reply(status=204)
    raise Wrong(404, "MISSING_RESOURCE")


def _submit(sandbox: Sandbox, siren: str, call: Call) -> Reply:
    parts = _parts(call)
    if "flowInfo" not in parts or "file" not in parts:
        raise Wrong(400, "MISSING_REQUIRED_FIELD", "flowInfo and file")
    media, data = parts["file"]
    if len(data) > MOST_BYTES:
        raise Wrong(413, "FILE_SIZE_EXCEEDED", "Provided file is too big")
    if media not in _TYPES:
        raise Wrong(400, "INVALID_CONTENT_TYPE", media)
    flow = sandbox.submit(siren, _info(parts["flowInfo"][1]), media, data)
    if sandbox.faults.happens("drop_after_accept"):
        return Reply(drop=True)
    return as_json(full_info_json(flow), 202)


def _info(data: bytes) -> dict[str, str]:
    """The FlowInfo of a submission; Wrong 400 for what is missing or no value of the standard."""
    try:
        body = json.loads(data)
    except ValueError as error:
        raise Wrong(400, "INVALID_JSON", "flowInfo") from error
    if not isinstance(body, dict) or not all(body.get(one) for one in ("name", "flowSyntax")):
        raise Wrong(400, "MISSING_REQUIRED_FIELD", "name and flowSyntax")
    info = {name: value for name, value in body.items() if isinstance(value, str) and value}
    known: Mapping[str, frozenset[str]] = {
        "flowSyntax": frozenset(FlowSyntax),
        "flowProfile": frozenset(FlowProfile),
        "processingRule": frozenset(Rule),
    }
    for name, values in known.items():
        if name in info and info[name] not in values:
            raise Wrong(400, "INVALID_VALUE", name)
    if len(info["name"]) > 255 or len(info.get("trackingId", "")) > 64:
        raise Wrong(400, "INVALID_VALUE", "name or trackingId")
    sha256 = info.get("sha256", "0" * 64)
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise Wrong(400, "INVALID_VALUE", "sha256")
    return info


def _parts(call: Call) -> Mapping[str, tuple[str, bytes]]:
    """The parts of a multipart body, by name: (content type, bytes), in whatever order."""
    kind = call.headers.get("content-type", "")
    boundary = kind.partition("boundary=")[2].partition(";")[0].strip('" ')
    if not kind.startswith("multipart/form-data") or not boundary:
        raise Wrong(400, "INVALID_CONTENT_TYPE", "multipart/form-data")
    found = {}
    for section in (b"\r\n" + call.body).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, _, data = section.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        named = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        name = named.get("content-disposition", "").partition('name="')[2].partition('"')[0]
        found[name] = (named.get("content-type", "").partition(";")[0], data)
    return found


def _search(sandbox: Sandbox, siren: str, call: Call) -> Reply:
    body = call.json()
    where = body.get("where")
    if not isinstance(where, dict) or not _CRITERIA & set(where):
        raise Wrong(400, "MISSING_REQUIRED_FIELD", "where")
    limit = body.get("limit", _USUAL)
    if not isinstance(limit, int) or limit < 1:
        raise Wrong(400, "INVALID_VALUE", "limit")
    limit, old = min(limit, _MOST), bool(sandbox.faults.value("version_12"))
    after, after_id = _time(where.get("updatedAfter")), ""
    if body.get("cursor") and not old:
        after, after_id = _from_cursor(body["cursor"])
    _check(where)
    before = _time(where["updatedBefore"]) if "updatedBefore" in where else None
    found = [
        one
        for one in sandbox.store.flows(
            siren, after=after, after_id=after_id, tracking=where.get("trackingId")
        )
        if (before is None or one.updated < before) and _fits(one, where)
    ]
    if old:  # whole seconds, so that several share one; in no order
        whole = [one for one in found if one.updated // SECOND * SECOND > after]
        random.shuffle(whole)
        listed = [flow_json(one, whole=True) for one in whole[:limit]]
        return as_json({"limit": limit, "filters": where, "results": listed})
    page = found[:limit]
    listed = [flow_json(one) for one in page]
    if sandbox.faults.value("duplicates"):
        listed += listed[: limit - len(listed)]
    if sandbox.faults.value("out_of_order"):
        random.shuffle(listed)
    answered: dict[str, Any] = {"limit": limit, "filters": where, "results": listed}
    if len(found) > limit:
        answered["nextCursor"] = _cursor(page[-1])
    return as_json(answered)


_LISTED: Mapping[str, tuple[str, frozenset[str]]] = {
    "flowDirection": ("direction", frozenset(FlowDirection)),
    "flowType": ("type", frozenset(FlowType)),
    "processingRule": ("rule", frozenset(Rule)),
    "ackStatus": ("status", frozenset(AckStatus)),
}


def _wanted(where: Mapping[str, Any], name: str) -> set[str]:
    value = where[name]
    return {str(one) for one in (value if isinstance(value, list) else [value])}


def _check(where: Mapping[str, Any]) -> None:
    """Wrong 400 for what is no value of the standard."""
    for name, (_field, values) in _LISTED.items():
        if name in where and not _wanted(where, name) <= values:
            raise Wrong(400, "INVALID_VALUE", name)


def _fits(flow: StoredFlow, where: Mapping[str, Any]) -> bool:
    return all(
        getattr(flow, field) in _wanted(where, name)
        for name, (field, _values) in _LISTED.items()
        if name in where
    )


def _cursor(flow: StoredFlow) -> str:
    return base64.urlsafe_b64encode(json.dumps([flow.updated, flow.id]).encode()).decode()


def _from_cursor(cursor: object) -> tuple[int, str]:
    try:
        updated, flow = json.loads(base64.urlsafe_b64decode(str(cursor)))
        return int(updated), str(flow)
    except ValueError as error:
        raise Wrong(400, "INVALID_CURSOR") from error


def _time(value: object) -> int:
    if value is None:
        return -1
    found = time_of(value)
    if found is None:
        raise Wrong(400, "INVALID_VALUE", "date-time")
    return round(found.timestamp() * SECOND)


def _flow(sandbox: Sandbox, siren: str, flow_id: str, view: str) -> Reply:
    flow = sandbox.store.flow(flow_id)
    if flow is None or flow.siren != siren:
        raise Wrong(404, "MISSING_RESOURCE", "Requested resource is Not Found")
    if view == "Metadata":
        return as_json(flow_json(flow, whole=bool(sandbox.faults.value("version_12"))))
    if view not in _VIEWS:
        raise Wrong(400, "INVALID_VALUE", "docType")
    held = sandbox.store.file(flow_id, view)
    if held is None:
        raise Wrong(404, "MISSING_RESOURCE", f"No {view}")
    _media, name, data = held
    if sandbox.faults.happens("corrupt"):
        data = data[: len(data) // 2]
    return Reply(
        body=data,
        headers={
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment;filename*=UTF-8''{quote(name)}",
        },
    )


def _webhooks(sandbox: Sandbox, siren: str, call: Call) -> Reply:
    if call.method == "GET":
        listed = [
            {"webhookId": name, **{key: one[key] for key in one if key != "signingKey"}}
            for name, one in sandbox.store.webhooks(siren)
        ]
        # « webhookIds » is required by the published schema, which describes « webhooks ».
        names = [one["webhookId"] for one in listed]
        return as_json({"count": len(listed), "webhooks": listed, "webhookIds": names})
    body = call.json()
    url = body.get("callbackUrl")
    if not isinstance(url, str) or not is_local(url):
        raise Wrong(400, "INVALID_VALUE", "callbackUrl: an address of this machine")
    name = uuid_of(sandbox.new_id())
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    at = time_text(sandbox.now())
    held = {
        name: body[name] for name in ("flowTypes", "flowDirection", "ackStatus") if name in body
    }
    sandbox.store.save_webhook(
        name, siren, {"callbackUrl": url, "signingKey": key, "createdAt": at, **held}
    )
    return as_json({"webhookId": name, "signingKey": key, "createdAt": at}, 201)
