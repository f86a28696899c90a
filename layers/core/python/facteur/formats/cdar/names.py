"""The namespaces of a CDAR, and the two forms of its dates."""

_BASE = "urn:un:unece:uncefact:data:standard:"

NAMESPACES = {
    "rsm": f"{_BASE}CrossDomainAcknowledgementAndResponse:100",
    "ram": f"{_BASE}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_BASE}UnqualifiedDataType:100",
    "qdt": f"{_BASE}QualifiedDataType:100",
}
ROOT = "CrossDomainAcknowledgementAndResponse"

MOMENT = "%Y%m%d%H%M%S"  # format 204
DAY = "%Y%m%d"  # format 102


def tag(name: str) -> str:
    """``ram:ID`` as lxml names it."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
