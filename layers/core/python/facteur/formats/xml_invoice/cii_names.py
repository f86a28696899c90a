"""The names of CII: its namespaces, and the words that its ancestor ZUGFeRD 1.0 used instead.

Sources: UN/CEFACT CII D16B and D22B (same namespaces), ZUGFeRD 1.0 (2014).
"""

from collections.abc import Mapping
from dataclasses import dataclass

_STANDARD = "urn:un:unece:uncefact:data:standard:"
DAY = "udt:DateTimeString"

CII_PREFIXES: Mapping[str, str] = {
    "rsm": f"{_STANDARD}CrossIndustryInvoice:100",
    "ram": f"{_STANDARD}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_STANDARD}UnqualifiedDataType:100",
    "qdt": f"{_STANDARD}QualifiedDataType:100",
}
ZUGFERD1_PREFIXES: Mapping[str, str] = {
    "rsm": "urn:ferd:CrossIndustryDocument:invoice:1p0",
    "ram": f"{_STANDARD}ReusableAggregateBusinessInformationEntity:12",
    "udt": f"{_STANDARD}UnqualifiedDataType:15",
    "qdt": f"{_STANDARD}QualifiedDataType:12",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The names that differ between CII and its ancestor ZUGFeRD 1.0."""

    context: str = "rsm:ExchangedDocumentContext"
    document: str = "rsm:ExchangedDocument"
    transaction: str = "rsm:SupplyChainTradeTransaction"
    agreement: str = "ram:ApplicableHeaderTradeAgreement"
    delivery: str = "ram:ApplicableHeaderTradeDelivery"
    settlement: str = "ram:ApplicableHeaderTradeSettlement"
    summation: str = "ram:SpecifiedTradeSettlementHeaderMonetarySummation"
    line_agreement: str = "ram:SpecifiedLineTradeAgreement"
    line_delivery: str = "ram:SpecifiedLineTradeDelivery"
    line_settlement: str = "ram:SpecifiedLineTradeSettlement"
    line_summation: str = "ram:SpecifiedTradeSettlementLineMonetarySummation"
    rate: str = "ram:RateApplicablePercent"
    reference: str = "ram:IssuerAssignedID"
    reference_date: str = "ram:FormattedIssueDateTime/qdt:DateTimeString"


CII = Vocabulary()
ZUGFERD1 = Vocabulary(
    context="rsm:SpecifiedExchangedDocumentContext",
    document="rsm:HeaderExchangedDocument",
    transaction="rsm:SpecifiedSupplyChainTradeTransaction",
    agreement="ram:ApplicableSupplyChainTradeAgreement",
    delivery="ram:ApplicableSupplyChainTradeDelivery",
    settlement="ram:ApplicableSupplyChainTradeSettlement",
    summation="ram:SpecifiedTradeSettlementMonetarySummation",
    line_agreement="ram:SpecifiedSupplyChainTradeAgreement",
    line_delivery="ram:SpecifiedSupplyChainTradeDelivery",
    line_settlement="ram:SpecifiedSupplyChainTradeSettlement",
    line_summation="ram:SpecifiedTradeSettlementMonetarySummation",
    rate="ram:ApplicablePercent",
    reference="ram:ID",
    reference_date="ram:IssueDateTime",
)
