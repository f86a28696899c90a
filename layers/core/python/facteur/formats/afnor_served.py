"""The JSON of the AFNOR interface as we serve it: what a client may ask, and what it is answered.

Strict where a platform is strict: an unknown value is a fault of the request, named by its path.
(Reading what other platforms answer is another matter: adapters/connectors/platforms.)

Source: XP Z12-013 1.3.0, annex A (Flow Service).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.flows import (
    AckStatus,
    Flow,
    FlowDirection,
    FlowProfile,
    FlowSyntax,
    FlowType,
    ProcessingRule,
)
from facteur.domain.hooks import Hook
from facteur.domain.served_flows import MOST_RESULTS, Criteria
from facteur.formats.json_body import object_of

_E = TypeVar("_E", bound=StrEnum)
_SHA256 = re.compile(r"[a-f0-9]{64}")
_PLACE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z#[\w.-]{1,64}", re.ASCII)
_MOST_NAME, _MOST_ID = 255, 64
DEFAULT_RESULTS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowInfo:
    """What a client says of the file that it submits."""

    name: str
    syntax: FlowSyntax
    profile: FlowProfile | None = None
    rule: ProcessingRule | None = None
    tracking_id: str = ""
    sha256: str = ""  # "" = not said


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a client searches, and how much of it at once."""

    criteria: Criteria
    limit: int
    cursor: str  # of our ledger, "" = from the beginning
    where: Mapping[str, Any]  # as it came, to be echoed


@dataclass(frozen=True, slots=True, kw_only=True)
class HookParams:
    """A subscription that a client asks for."""

    url: str
    types: tuple[FlowType, ...] = ()
    direction: FlowDirection | None = None
    ack: AckStatus | None = None


def info_of(raw: bytes) -> FlowInfo:
    """The ``flowInfo`` part of a submission; InvalidError with every fault."""
    body = object_of(raw)
    read = _Reader(body)
    info = FlowInfo(
        name=read.text("name", most=_MOST_NAME, wanted=True),
        syntax=read.one(FlowSyntax, "flowSyntax", wanted=True) or FlowSyntax.CII,
        profile=read.one(FlowProfile, "flowProfile", but=FlowProfile.UNDEFINED),
        rule=read.one(ProcessingRule, "processingRule", but=ProcessingRule.UNDEFINED),
        tracking_id=read.text("trackingId", most=_MOST_ID),
        sha256=read.text("sha256", most=_MOST_ID),
    )
    if info.sha256 and not _SHA256.fullmatch(info.sha256):
        read.wrong("sha256")
    read.end()
    return info


def info_json(info: FlowInfo) -> dict[str, str]:
    """The same as JSON: ``info_of`` reads it back."""
    said = {
        "name": info.name,
        "flowSyntax": info.syntax.value,
        "flowProfile": info.profile.value if info.profile else "",
        "processingRule": info.rule.value if info.rule else "",
        "trackingId": info.tracking_id,
        "sha256": info.sha256,
    }
    return {name: value for name, value in said.items() if value}


def search_of(raw: bytes) -> Search:
    """What a search asks; InvalidError with every fault."""
    body = object_of(raw)
    read = _Reader(body)
    limit = body.get("limit", DEFAULT_RESULTS)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_RESULTS:
        read.wrong("limit")
        limit = DEFAULT_RESULTS
    cursor = _cursor(read.text("cursor", most=500), read)
    where = body.get("where")
    if not isinstance(where, dict):
        read.wrong("where", missing="where" not in body)
        where = {}
    asked = _Reader(where, "where.", read.faults)
    criteria = Criteria(
        updated_after=asked.time("updatedAfter"),
        updated_before=asked.time("updatedBefore"),
        rules=asked.many(ProcessingRule, "processingRule"),
        types=asked.many(FlowType, "flowType"),
        directions=asked.many(FlowDirection, "flowDirection"),
        tracking_id=asked.text("trackingId", most=_MOST_ID),
        ack=asked.one(AckStatus, "ackStatus"),
    )
    if criteria.empty and not read.faults:
        values = {"known": ", ".join(asked.names)}
        read.faults.append(Fault(code="afnor.criterion", path="where", values=values))
    read.end()
    return Search(criteria=criteria, limit=limit, cursor=cursor, where=where)


def hook_of(raw: bytes) -> HookParams:
    """The subscription that is asked for; InvalidError with every fault."""
    read = _Reader(object_of(raw))
    params = HookParams(
        url=read.text("callbackUrl", most=2000, wanted=True),
        types=tuple(sorted(read.many(FlowType, "flowTypes"))),
        direction=read.one(FlowDirection, "flowDirection"),
        ack=read.one(AckStatus, "ackStatus"),
    )
    read.end()
    return params


def hook_json(hook: Hook) -> dict[str, Any]:
    """A Webhook resource, without its key."""
    body: dict[str, Any] = {
        "webhookId": hook.id,
        "callbackUrl": hook.url,
        "createdAt": time_json(hook.created_at),
        "flowTypes": [one.value for one in hook.types],
    }
    if hook.direction:
        body["flowDirection"] = hook.direction.value
    if hook.ack:
        body["ackStatus"] = hook.ack.value
    return body


def flow_json(flow: Flow) -> dict[str, Any]:
    """A Flow resource."""
    body = submitted_json(flow)
    body |= {
        "updatedAt": time_json(flow.updated_at),
        "flowType": flow.type.value,
        "flowDirection": flow.direction.value,
        "processingRule": flow.rule.value,
        "processingRuleSource": flow.rule_source.value,
        "flowProfile": flow.profile.value,
        "acknowledgement": _acknowledgement(flow),
    }
    return body


def submitted_json(flow: Flow) -> dict[str, Any]:
    """A FullFlowInfo resource: the answer to a submission."""
    body: dict[str, Any] = {
        "flowId": flow.id,
        "submittedAt": time_json(flow.submitted_at),
        "name": flow.name,
        "flowSyntax": flow.syntax.value if flow.syntax else FlowSyntax.CII.value,
    }
    if flow.tracking_id:
        body["trackingId"] = flow.tracking_id
    if flow.sha256:
        body["sha256"] = flow.sha256
    if flow.rule is not ProcessingRule.UNDEFINED:
        body["processingRule"] = flow.rule.value
    if flow.profile is not FlowProfile.UNDEFINED:
        body["flowProfile"] = flow.profile.value
    return body


def page_json(search: Search, flows: tuple[Flow, ...], cursor: str) -> dict[str, Any]:
    """A SearchFlowContent resource; ``cursor`` is our ledger's, "" at the end."""
    body: dict[str, Any] = {
        "limit": search.limit,
        "filters": dict(search.where),
        "results": [flow_json(one) for one in flows],
    }
    if cursor:
        body["nextCursor"] = base64.urlsafe_b64encode(cursor.encode()).decode()
    return body


def time_json(moment: datetime) -> str:
    """RFC 3339, in UTC, with its microseconds: a client compares it strictly."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _acknowledgement(flow: Flow) -> dict[str, Any]:
    ack = flow.acknowledgement
    body: dict[str, Any] = {"status": ack.status.value}
    if ack.details:
        body["details"] = [
            {
                "level": one.level,
                "item": one.item,
                "reasonCode": one.reason,
                "reasonMessage": one.message,
            }
            for one in ack.details
        ]
    return body


def _cursor(given: str, read: "_Reader") -> str:
    """Our ledger's cursor inside the one that a client gives back."""
    if not given:
        return ""
    try:
        place = base64.urlsafe_b64decode(given.encode()).decode()
    except (ValueError, binascii.Error):
        place = ""
    if not _PLACE.fullmatch(place):
        read.wrong("cursor")
        return ""
    return place


class _Reader:
    """Reads the fields of an object and gathers what is wrong with them."""

    def __init__(
        self, body: Mapping[str, Any], prefix: str = "", faults: list[Fault] | None = None
    ) -> None:
        self._body = body
        self._prefix = prefix
        self.faults: list[Fault] = [] if faults is None else faults
        self.names: list[str] = []  # of the fields that were looked for

    def _value(self, name: str) -> Any:
        self.names.append(name)
        return self._body.get(name)

    def wrong(self, name: str, *, missing: bool = False) -> None:
        """Note a field that is missing, or that holds what it cannot."""
        path = f"{self._prefix}{name}"
        code = "afnor.missing" if missing else "afnor.value"
        self.faults.append(Fault(code=code, path=path, values={"field": path}))

    def text(self, name: str, *, most: int, wanted: bool = False) -> str:
        """A text of that many characters at most."""
        value = self._value(name)
        if value is None or value == "":
            if wanted:
                self.wrong(name, missing=True)
            return ""
        if not isinstance(value, str) or len(value) > most:
            self.wrong(name)
            return ""
        return value

    def one(
        self, kind: type[_E], name: str, *, wanted: bool = False, but: _E | None = None
    ) -> _E | None:
        """One value of a list; ``but`` is one that only answers may hold."""
        value = self.text(name, most=100, wanted=wanted)
        found = next((one for one in kind if one.value == value), None)
        if value and (found is None or found is but):
            self.wrong(name)
            return None
        return found

    def many(self, kind: type[_E], name: str) -> frozenset[_E]:
        """Several values of a list."""
        value = self._value(name)
        if value is None:
            return frozenset()
        known = {one.value: one for one in kind}
        if not isinstance(value, list) or not all(
            isinstance(one, str) and one in known for one in value
        ):
            self.wrong(name)
            return frozenset()
        return frozenset(known[one] for one in value)

    def time(self, name: str) -> datetime | None:
        """A time with its zone."""
        value = self.text(name, most=50)
        if not value:
            return None
        try:
            found = datetime.fromisoformat(value)
            moment = found.astimezone(UTC) if found.tzinfo else None
        except (ValueError, OverflowError):  # the year 1 of another zone is no year in UTC
            moment = None
        if moment is None:
            self.wrong(name)
        return moment

    def end(self) -> None:
        """InvalidError with all that was wrong."""
        if self.faults:
            raise InvalidError(tuple(self.faults), code="afnor.request")
