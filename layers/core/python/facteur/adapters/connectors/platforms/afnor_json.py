"""The JSON of the AFNOR interface read into domain/flows.py, whatever its version.

Tolerant on purpose: unknown values become ``Undefined`` or None, missing times fall back on each
other, a list item that cannot be named is left out, and nothing but an answer without any sense
stops the work. Source: XP Z12-013 1.3.0, flow-service and directory-service; 1.2.0 where it
differs.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from facteur.domain.flows import (
    AckDetail,
    Acknowledgement,
    AckStatus,
    DirectoryLine,
    Flow,
    FlowDirection,
    FlowProfile,
    FlowSyntax,
    FlowType,
    LegalUnit,
    LineStatus,
    OutgoingFlow,
    ProcessingRule,
    RuleSource,
)

_Kind = TypeVar("_Kind", bound=StrEnum)
_MOST_DETAILS = 100
_MOST_ID = 64


def flow_of(body: Any, *, otherwise: datetime | None = None) -> Flow | None:
    """A flow of the standard's JSON; None when it has no identifier or no time at all.

    ``otherwise``: the time of a flow whose own cannot be read.
    """
    if not isinstance(body, Mapping) or not (flow_id := _text(body, "flowId", _MOST_ID)):
        return None
    submitted, updated = time_of(body.get("submittedAt")), time_of(body.get("updatedAt"))
    submitted = submitted or updated or otherwise
    if submitted is None:
        return None
    return Flow(
        id=flow_id,
        name=_text(body, "name"),
        syntax=_known(FlowSyntax, body.get("flowSyntax")),
        type=_known(FlowType, body.get("flowType")) or FlowType.UNDEFINED,
        direction=_direction(body),
        submitted_at=submitted,
        updated_at=updated or submitted,
        rule=_known(ProcessingRule, body.get("processingRule")) or ProcessingRule.UNDEFINED,
        rule_source=_known(RuleSource, body.get("processingRuleSource")) or RuleSource.COMPUTED,
        profile=_known(FlowProfile, body.get("flowProfile")) or FlowProfile.UNDEFINED,
        tracking_id=_text(body, "trackingId", _MOST_ID),
        sha256=_text(body, "sha256", 64).lower(),
        acknowledgement=_acknowledgement(body.get("acknowledgement")),
    )


def submitted_of(body: Any, sent: OutgoingFlow) -> Flow | None:
    """The flow that a platform says it took: what it repeats, and what we sent."""
    said = flow_of(body)
    if said is None:
        return None
    return Flow(
        id=said.id,
        name=sent.name,
        syntax=sent.syntax,
        type=said.type if said.type is not FlowType.UNDEFINED else sent.type,
        direction=FlowDirection.OUT,
        submitted_at=said.submitted_at,
        updated_at=said.updated_at,
        rule=said.rule
        if said.rule is not ProcessingRule.UNDEFINED or not sent.rule
        else sent.rule,
        rule_source=RuleSource.INPUT if sent.rule else said.rule_source,
        profile=said.profile,
        tracking_id=said.tracking_id or sent.tracking_id,
        sha256=said.sha256 or sent.sha256,
        acknowledgement=said.acknowledgement,
    )


def info_json(flow: OutgoingFlow) -> dict[str, str]:
    """The ``flowInfo`` part of a submission: what has no value of the standard is left out."""
    body = {
        "name": flow.name[:255],
        "flowSyntax": flow.syntax.value,
        "trackingId": flow.tracking_id[:_MOST_ID],
        "sha256": flow.sha256,
    }
    if flow.rule and flow.rule is not ProcessingRule.UNDEFINED:
        body["processingRule"] = flow.rule.value
    if flow.profile and flow.profile is not FlowProfile.UNDEFINED:
        body["flowProfile"] = flow.profile.value
    return body


def legal_unit_of(body: Any) -> LegalUnit | None:
    """A company of the directory, None when the answer names none."""
    if not isinstance(body, Mapping) or not (siren := _text(body, "siren", 9)):
        return None
    instructions = body.get("instructions")
    return LegalUnit(
        siren=siren,
        name=_text(body, "businessName"),
        public=body.get("entityType") == "Public",
        active=body.get("administrativeStatus") != "C",
        no_prospecting=isinstance(instructions, Mapping)
        and instructions.get("isSalesProspectingForbidden") is True,
    )


def line_of(body: Any) -> DirectoryLine | None:
    """An address of the directory, None when the answer names none."""
    if not isinstance(body, Mapping) or not (address := _text(body, "addressingIdentifier", 125)):
        return None
    code = _part(body, "routingCode")
    facility, company = _part(body, "facility"), _part(body, "legalUnit")
    b2g = _part(facility, "b2gAdditionalData")
    return DirectoryLine(
        address=address,
        siren=_text(body, "siren", 9) or _text(company, "siren", 9) or address[:9],
        siret=_text(body, "siret", 14) or _text(facility, "siret", 14),
        routing_code=_text(body, "routingIdentifier") or _text(code, "routingIdentifier"),
        routing_name=_text(code, "routingCodeName"),
        suffix=_text(body, "addressingSuffix"),
        platform=_text(body, "platformType", 3),
        status=_known(LineStatus, body.get("directoryLineStatus")) or LineStatus.UNKNOWN,
        name=_text(facility, "name") or _text(company, "businessName"),
        commitment_required=b2g.get("managesLegalCommitmentCode") is True
        or code.get("managesLegalCommitment") is True
        or code.get("managesLegalCommitmentCode") is True,
        service_required=b2g.get("serviceCodeStatus") is True,
        either_required=b2g.get("managesLegalCommitmentOrServiceCode") is True,
    )


def time_of(value: Any) -> datetime | None:
    """An RFC 3339 time, in UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1 of another zone is no year in UTC
        return None


def _direction(body: Mapping[str, Any]) -> FlowDirection:
    """Out when it is not said: nothing is taken in that nobody called incoming."""
    return _known(FlowDirection, body.get("flowDirection")) or FlowDirection.OUT


def _acknowledgement(body: Any) -> Acknowledgement:
    if not isinstance(body, Mapping):
        return Acknowledgement()
    listed = body.get("details")
    details = [
        AckDetail(
            level="Warning" if one.get("level") == "Warning" else "Error",
            item=_text(one, "item"),
            reason=_text(one, "reasonCode", 100),
            message=_text(one, "reasonMessage", 2000),
        )
        for one in (listed if isinstance(listed, list) else [])[:_MOST_DETAILS]
        if isinstance(one, Mapping)
    ]
    return Acknowledgement(
        status=_known(AckStatus, body.get("status")) or AckStatus.PENDING, details=tuple(details)
    )


def _known(kind: type[_Kind], value: Any) -> _Kind | None:
    return next((one for one in kind if one.value == value and one.value), None)


def _text(body: Mapping[str, Any], name: str, most: int = 255) -> str:
    value = body.get(name)
    return " ".join(value.split())[:most] if isinstance(value, str) else ""


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}
