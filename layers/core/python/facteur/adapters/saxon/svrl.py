"""From what a schematron reports (SVRL) to faults: identifier, field, place, official text.

Identifiers are the ones people know. CEN's and the FNFE's files give them (``BR-CO-10``,
``BR-FR-03_BT-2``); Factur-X's give ``FX-SCH-A-000226`` and write ``[BR-CO-10]`` at the start of
the text; its checks of code lists have no name at all, but they are CEN's ``BR-CL-nn``, told by
the element they look at. An assert without a flag is fatal: so are all those of Factur-X. Its
remarks ("marked as not used") are warnings.

Sources: ISO/IEC 19757-3 annex D (SVRL), CEN EN16931-CII code list rules; reference: decisions.md
15, invoice-formats.md §9.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from facteur.domain.faults import Fault, FaultSource, Severity

if TYPE_CHECKING:
    from lxml.etree import _Element

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_STEP = re.compile(r"\*:(\w+)\[namespace-uri\(\)='([^']*)'\](?:\[(\d+)\])?")
_NAMED = re.compile(r"\s*\[([A-Z][A-Za-z0-9-]*-[A-Za-z0-9-]+)\]")
#: Flux 10 names its rules in the text alone: "[G1.16] Amount : …".
_STATE = re.compile(r"\[(G\d+\.\d+)\]")
_BLANKS = re.compile(r"\s+")
_TERM = re.compile(r"\bB[TG]-\d+")
_LINE = re.compile(r"(?:IncludedSupplyChainTradeLineItem|InvoiceLine|CreditNoteLine)\[(\d+)\]")
_PROFILE_PLACE = "GuidelineSpecifiedDocumentContextParameter"
_LONGEST_TEXT = 600
#: A warning against empty elements, and the one that the schema demands even when empty.
_NO_EMPTY_ELEMENT, _EMPTY_BY_SCHEMA = "PEPPOL-EN16931-R008", "ApplicableHeaderTradeDelivery"

_PREFIXES = {
    "CrossIndustryInvoice:100": "rsm",
    "ReusableAggregateBusinessInformationEntity:100": "ram",
    "UnqualifiedDataType:100": "udt",
    "QualifiedDataType:100": "qdt",
    "CommonAggregateComponents-2": "cac",
    "CommonBasicComponents-2": "cbc",
}

#: Business term → field of the candidate.
_FIELDS: Mapping[str, str] = {
    "BT-1": "number",
    "BT-2": "issue_date",
    "BT-3": "type",
    "BT-5": "currency",
    "BT-9": "due_date",
    "BT-12": "contract",
    "BT-13": "purchase_order",
    "BT-20": "payment_terms",
    "BG-3": "preceding_invoice",
    "BT-25": "preceding_invoice",
    "BT-26": "preceding_date",
    "BT-27": "seller_name",
    "BT-29": "seller_siret",
    "BT-30": "seller_siren",
    "BT-31": "seller_vat",
    "BT-35": "seller_address",
    "BG-5": "seller_address",
    "BT-37": "seller_city",
    "BT-38": "seller_postcode",
    "BT-40": "seller_country",
    "BT-44": "buyer_name",
    "BT-46": "buyer_siret",
    "BT-47": "buyer_siren",
    "BT-48": "buyer_vat",
    "BT-50": "buyer_address",
    "BG-8": "buyer_address",
    "BT-52": "buyer_city",
    "BT-53": "buyer_postcode",
    "BT-55": "buyer_country",
    "BT-73": "period_start",
    "BT-74": "period_end",
    "BT-84": "iban",
    "BT-86": "bic",
    "BT-92": "adjustments",
    "BT-95": "adjustments",
    "BT-96": "adjustments",
    "BT-99": "adjustments",
    "BT-102": "adjustments",
    "BT-103": "adjustments",
    "BG-20": "adjustments",
    "BG-21": "adjustments",
    "BT-109": "total_excl_vat",
    "BT-110": "total_vat",
    "BT-112": "total_incl_vat",
    "BT-113": "prepaid",
    "BT-114": "rounding",
    "BT-115": "amount_due",
    "BT-116": "vat_breakdown",
    "BT-117": "vat_breakdown",
    "BT-118": "vat_breakdown",
    "BT-119": "vat_breakdown",
    "BT-120": "exemption_reason",
    "BT-121": "vat_breakdown",
    "BG-23": "vat_breakdown",
    "BG-25": "lines",
    "BT-126": "lines",
    "BT-129": "lines",
    "BT-130": "lines",
    "BT-131": "lines",
    "BT-146": "lines",
    "BT-149": "lines",
    "BT-151": "lines",
    "BT-152": "lines",
    "BT-153": "lines",
}

#: Rules of CEN's EN16931-CII 1.3.16 whose flag is "warning"; Factur-X copied them without it.
_CEN_WARNINGS = frozenset(
    {"CII-SR-464", "CII-SR-465", "CII-SR-466", "CII-SR-474", "CII-SR-475", "CII-SR-476"}
)

#: Code lists of Factur-X: the end of the place (and of the text) → CEN's rule.
_CODE_LISTS = (
    (r"ExchangedDocument/ram:TypeCode$", "BR-CL-01"),
    (r"TaxTotalAmount$", "BR-CL-03"),
    (r"InvoiceCurrencyCode$", "BR-CL-04"),
    (r"TaxCurrencyCode$", "BR-CL-05"),
    (r"DueDateTypeCode$", "BR-CL-06"),
    (r"ReferenceTypeCode$", "BR-CL-07"),
    (r"SubjectCode$", "BR-CL-08"),
    (r"ShipToTradeParty/ram:GlobalID$", "BR-CL-26"),
    (r"TradeParty/ram:GlobalID$", "BR-CL-10"),
    (r"SpecifiedLegalOrganization/ram:ID$", "BR-CL-11"),
    (r"ClassCode$", "BR-CL-13"),
    (r"CountryID$", "BR-CL-14"),
    (r"OriginTradeCountry/ram:ID$", "BR-CL-15"),
    (r"SpecifiedTradeSettlementPaymentMeans/ram:TypeCode$", "BR-CL-16"),
    (r"SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode$", "BR-CL-18"),
    (r"CategoryCode$", "BR-CL-17"),
    (r"SpecifiedTradeProduct/ram:GlobalID$", "BR-CL-21"),
    (r"ExemptionReasonCode$", "BR-CL-22"),
    (r"Quantity$", "BR-CL-23"),
    (r"AttachmentBinaryObject$", "BR-CL-24"),
    (r"URIID$", "BR-CL-25"),
)


def faults(
    svrl: bytes, *, reform: bool, declared: bool = True, plain: bool = True
) -> tuple[Fault, ...]:
    """The faults of one SVRL report, in its order.

    ``reform``: the report is that of BR-FR, shown and not blocking (decision 25), so its faults
    are warnings whose ``flag`` keeps the official weight. ``declared`` is False when the profile
    was chosen for the document: that its BT-24 is not in the profile's list is then no news.
    ``plain`` is False for a document with sub-lines: a candidate has not all of its lines, so a
    line is not named by its position.
    """
    if b"failed-assert" not in svrl and b"successful-report" not in svrl:
        return ()  # most often: the whole report only says which rules were asked
    return tuple(_read(svrl, reform=reform, declared=declared, plain=plain))


def _read(svrl: bytes, *, reform: bool, declared: bool, plain: bool) -> Iterator[Fault]:
    for element in _parsed(svrl).iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
        text = _BLANKS.sub(" ", "".join(str(part) for part in element.itertext())).strip()
        identifier, raw = element.get("id") or "", element.get("location") or ""
        place = readable(raw)
        if not declared and _PROFILE_PLACE in place and identifier.startswith("FX-SCH"):
            continue
        code = _code(identifier, text, place)
        if code == _NO_EMPTY_ELEMENT and place.endswith(_EMPTY_BY_SCHEMA):
            continue
        remark = element.tag == f"{_SVRL}successful-report"
        mild = remark or element.get("flag") == "warning" or code in _CEN_WARNINGS
        flag = "warning" if mild else "fatal"
        values = {"location": place, "flag": flag}
        if reform:
            values["rulebook"] = "br-fr"
        if identifier and identifier != code:
            values["id"] = identifier
        yield Fault(
            code=code,
            path=_field(code, identifier, text, raw, plain=plain),
            severity=Severity.WARNING if reform or flag == "warning" else Severity.BLOCKING,
            source=FaultSource.OFFICIAL,
            values=values,
            message=text[:_LONGEST_TEXT],
        )


def _parsed(svrl: bytes) -> "_Element":
    """The report as a tree. Saxon wrote it: it needs no suspicion (safe_xml.py), which costs."""
    from lxml import etree  # noqa: PLC0415 - importing this module must cost nothing

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(svrl, parser)


def readable(location: str) -> str:
    """An SVRL location with the usual prefixes; the first of its kind needs no number."""

    def step(match: re.Match[str]) -> str:
        name, namespace, position = match.groups()
        prefix = _PREFIXES.get(namespace.rpartition(":")[2], "")
        prefix = prefix or _PREFIXES.get(":".join(namespace.rsplit(":", 2)[-2:]), "")
        number = f"[{position}]" if position and position != "1" else ""
        return f"{prefix}:{name}{number}" if prefix else f"{name}{number}"

    return _STEP.sub(step, location)


def _code(identifier: str, text: str, place: str) -> str:
    named = _NAMED.match(text)
    if identifier and not identifier.startswith("FX-SCH"):
        return identifier
    if named:
        return named.group(1)
    if state := _STATE.match(text):
        return state.group(1)
    if not identifier:
        return "FX-NOT-USED"
    if "is not allowed" in text and "@format" not in text:
        if "ReasonCode" in text and "Exemption" not in text:
            return "BR-CL-20" if "@listID" in text else "BR-CL-19"
        bare = re.sub(r"\[\d+\]", "", place)
        for end, code in _CODE_LISTS:
            if re.search(end, bare):
                return code
    return identifier


def _field(code: str, identifier: str, text: str, location: str, *, plain: bool) -> str:
    """The field of the candidate that a rule is about: by its identifier, its line, its text."""
    for term in _TERM.findall(f"{identifier} {code}".replace("_", " ")):
        if term in _FIELDS and _FIELDS[term] != "lines":
            return _FIELDS[term]
    line = _LINE.search(_STEP.sub(lambda match: f"{match[1]}[{match[3] or 1}]", location))
    if line:
        return f"lines.{int(line[1]) - 1}" if plain else "lines"
    return next((_FIELDS[term] for term in _TERM.findall(text) if term in _FIELDS), "")
