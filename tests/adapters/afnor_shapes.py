"""The shapes of the AFNOR interface, ours to test with: from the official files where they are.

``official`` gives a schema of the published OpenAPI files (XP Z12-013 1.3.0), and skips the test
where the shared folder is not there. ``OWN`` restates in few words what the tests cannot do
without, so that they prove something everywhere.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema

from tests.shared import need

FLOW, DIRECTORY = "flow-service-1.3.0.json", "directory-service-1.3.0.json"

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
_TIME: Mapping[str, Any] = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
}
_ID: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 64}
_ACK: Mapping[str, Any] = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"enum": ["Pending", "Ok", "Error"]},
        "details": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["level", "item", "reasonCode", "reasonMessage"],
                "properties": {"level": {"enum": ["Error", "Warning"]}},
            },
        },
    },
}
_FLOW_FIELDS: Mapping[str, Any] = {
    "flowId": _ID,
    "trackingId": _ID,
    "submittedAt": _TIME,
    "updatedAt": _TIME,
    "name": {"type": "string", "maxLength": 255},
    "flowSyntax": {"enum": ["CII", "UBL", "Factur-X", "CDAR", "FRR"]},
    "flowDirection": {"enum": ["In", "Out"]},
    "flowType": _TEXT,
    "processingRule": _TEXT,
    "processingRuleSource": {"enum": ["Input", "Computed"]},
    "flowProfile": {"enum": ["Basic", "CIUS", "Extended-CTC-FR", "Undefined"]},
    "acknowledgement": _ACK,
    "sha256": {"type": "string", "pattern": "^[a-f0-9]{64}$"},
}
_FLOW: Mapping[str, Any] = {
    "type": "object",
    "required": sorted({*_FLOW_FIELDS} - {"trackingId", "sha256"}),
    "properties": _FLOW_FIELDS,
    "additionalProperties": False,
}

#: Name → schema, in JSON Schema.
OWN: Mapping[str, Mapping[str, Any]] = {
    "Flow": _FLOW,
    "FlowInfo": {
        "type": "object",
        "required": ["name", "flowSyntax"],
        "properties": _FLOW_FIELDS,
    },
    "FullFlowInfo": {
        "type": "object",
        "required": ["flowId", "submittedAt", "name", "flowSyntax"],
        "properties": _FLOW_FIELDS,
    },
    "SearchFlowParams": {
        "type": "object",
        "required": ["where"],
        "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            "cursor": _TEXT,
            "where": {"type": "object", "minProperties": 1},
        },
        "additionalProperties": False,
    },
    "SearchFlowContent": {
        "type": "object",
        "required": ["limit", "filters", "results"],
        "properties": {
            "limit": {"type": "integer", "maximum": 100},
            "nextCursor": _TEXT,
            "filters": {"type": "object"},
            "results": {"type": "array", "items": _FLOW},
        },
        "additionalProperties": False,
    },
    "WebhookParams": {
        "type": "object",
        "required": ["callbackUrl"],
        "properties": {"callbackUrl": _TEXT},
    },
    "WebhookIdParam": {
        "type": "object",
        "required": ["webhookId", "signingKey", "createdAt"],
        "properties": {"createdAt": _TIME, "signingKey": _TEXT},
    },
    "Error": {
        "type": "object",
        "required": ["errorCode"],
        "properties": {"errorCode": _TEXT, "errorMessage": {"type": "string"}},
    },
}


@lru_cache(maxsize=2)
def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(need(f"conformance/afnor-api/{name}").read_text("utf-8"))
    schemas = document["components"]["schemas"]
    # An open list written as « one of » an enumeration and any text: a code of the enumeration is
    # both, so nothing would ever fit. « Any of » is what is meant.
    code = schemas.get("ReasonCode")
    if code:
        code["anyOf"] = code.pop("oneOf")
    return document


def official(name: str, file: str = FLOW) -> dict[str, Any]:
    """A schema of an official file, with what it refers to; skips where the file is not there."""
    return {"$ref": f"#/components/schemas/{name}", "components": _document(file)["components"]}


def operations(file: str) -> dict[str, Any]:
    """The paths of an official file."""
    paths: dict[str, Any] = _document(file)["paths"]
    return paths


def check(body: object, name: str, *, file: str = "") -> None:
    """Compare with our own shape, or with the official one of ``file``."""
    schema = official(name, file) if file else dict(OWN[name])
    jsonschema.Draft202012Validator(schema).validate(body)
