"""A StatusMessage as CDAR XML: elements in the order of the schema, nothing empty.

Each line names its MDT. What the schema allows and the French profile forbids is not written.
"""

import base64
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from facteur.domain.documents import EmbeddedFile
from facteur.domain.invoice import Identifier
from facteur.domain.lifecycle import reasons
from facteur.domain.lifecycle.messages import Detail, MessageParty, StatusMessage
from facteur.domain.lifecycle.records import Characteristic, StatusReason
from facteur.domain.paris import paris
from facteur.domain.plain import carried, words
from facteur.formats.cdar.names import DAY, MOMENT, NAMESPACES, ROOT, tag

if TYPE_CHECKING:
    from lxml.etree import _Element


def write(message: StatusMessage) -> bytes:
    """The message as UTF-8 XML, the same bytes for the same message.

    Characters that XML cannot carry are left out.
    """
    from lxml import etree  # noqa: PLC0415 - only the functions that write carry lxml

    root = etree.Element(tag(f"rsm:{ROOT}"), nsmap=NAMESPACES)
    _context(_Into(root), message)
    _document(_Into(root), message)
    _acknowledgement(_Into(root), message)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


class _Into:
    """Adds children to an element; what has no value is not written."""

    def __init__(self, element: "_Element") -> None:
        self.element = element

    def add(self, name: str, text: str = "", **attributes: str) -> None:
        """A child with a text; none for a text of which nothing is left."""
        kept = _clean(text)
        if kept.strip():
            self.child(name, **attributes).element.text = kept

    def child(self, name: str, **attributes: str) -> "_Into":
        """A child to be filled."""
        from lxml import etree  # noqa: PLC0415 - see write

        kept = {key: _clean(value) for key, value in attributes.items() if value}
        return _Into(etree.SubElement(self.element, tag(name), kept))

    def moment(self, name: str, at: datetime | None) -> None:
        """A time of format 204, on a French clock."""
        if at is not None:
            text = f"{paris(at):{MOMENT}}"
            self.child(name).add("udt:DateTimeString", text, format="204")


def _clean(text: str) -> str:
    return "".join(one for one in text if carried(one))


def _context(root: _Into, message: StatusMessage) -> None:
    context = root.child("rsm:ExchangedDocumentContext")
    if message.test:
        context.child("ram:TestIndicator").add("udt:Indicator", "true")  # MDT-1
    if message.process:
        place = "ram:BusinessProcessSpecifiedDocumentContextParameter"
        context.child(place).add("ram:ID", message.process)  # MDT-2
    place = "ram:GuidelineSpecifiedDocumentContextParameter"
    context.child(place).add("ram:ID", message.profile)  # MDT-3


def _document(root: _Into, message: StatusMessage) -> None:
    document = root.child("rsm:ExchangedDocument")
    document.add("ram:ID", message.id)  # MDT-4
    document.add("ram:Name", message.name[:150])  # MDT-5
    document.moment("ram:IssueDateTime", message.created_at)  # MDT-8
    _party(document, "ram:SenderTradeParty", message.sender)  # MDG-9
    _party(document, "ram:IssuerTradeParty", message.author)  # MDG-16
    for one in message.recipients:
        _party(document, "ram:RecipientTradeParty", one)  # MDG-23


def _party(parent: _Into, name: str, party: MessageParty) -> None:
    element = parent.child(name)
    for one in party.identifiers:
        _identifier(element, "ram:GlobalID", one)
    element.add("ram:Name", party.name)
    element.add("ram:RoleCode", party.role)
    if party.address is not None and party.address.value:
        _identifier(element.child("ram:URIUniversalCommunication"), "ram:URIID", party.address)


def _identifier(parent: _Into, name: str, one: Identifier) -> None:
    parent.add(name, one.value, schemeID=one.scheme)


def _acknowledgement(root: _Into, message: StatusMessage) -> None:
    acknowledgement = root.child("rsm:AcknowledgementDocument")
    indicator = acknowledgement.child("ram:MultipleReferencesIndicator")
    indicator.add("udt:Indicator", "false")  # MDT-74
    acknowledgement.add("ram:TypeCode", message.phase)  # MDT-77
    acknowledgement.add("ram:Name", message.file_name)  # MDT-76
    acknowledgement.moment("ram:IssueDateTime", message.set_at)  # MDT-78
    reference = acknowledgement.child("ram:ReferenceReferencedDocument")  # MDG-32
    reference.add("ram:IssuerAssignedID", message.number)  # MDT-87
    reference.add("ram:StatusCode", message.untdid)  # MDT-88
    reference.add("ram:TypeCode", message.type_code)  # MDT-91
    reference.moment("ram:ReceiptDateTime", message.received_at)  # MDT-95
    for file in message.attachments:
        _attachment(reference, file)  # MDT-96
    if message.issue_date is not None:  # MDT-100
        issued = reference.child("ram:FormattedIssueDateTime")
        issued.add("qdt:DateTimeString", f"{message.issue_date:{DAY}}", format="102")
    reference.add("ram:ProcessConditionCode", message.code)  # MDT-105
    reference.add("ram:ProcessCondition", message.label)  # MDT-106
    if message.seller is not None:
        _party(reference, "ram:IssuerTradeParty", message.seller)  # MDG-40
    for one in message.others:
        _party(reference, "ram:RecipientTradeParty", one)  # MDG-41
    for place, detail in enumerate(message.details, start=1):
        _detail(reference, place, detail)


def _attachment(parent: _Into, file: EmbeddedFile) -> None:
    text = base64.b64encode(file.data).decode()
    name = "ram:AttachmentBinaryObject"
    parent.add(name, text, mimeCode=file.media_type, filename=file.filename)


def _detail(parent: _Into, place: int, detail: Detail) -> None:
    """One block of the status (MDG-37)."""
    status, reason = parent.child("ram:SpecifiedDocumentStatus"), detail.reason
    status.add("ram:ReasonCode", reason.code)  # MDT-113
    status.add("ram:Reason", _label(reason))  # MDT-114
    status.add("ram:RequestedActionCode", reason.action)  # MDT-121
    status.add("ram:RequestedAction", reason.action_label[: reasons.MOST_LABEL])  # MDT-122
    status.add("ram:SequenceNumeric", str(place))  # MDT-124-2
    comment, rule = words(reason.comment), words(reason.rule)
    if comment or rule:
        note = status.child("ram:IncludedNote")  # MDG-39
        note.add("ram:ContentCode", rule)  # MDT-125
        note.add("ram:Content", comment[: reasons.MOST_COMMENT])  # MDT-126
    for one in detail.characteristics:
        _characteristic(status, one)


def _label(reason: StatusReason) -> str:
    said = reason.label or (reasons.label(reason.code) if reason.code else "")
    return said[: reasons.MOST_LABEL]


def _characteristic(parent: _Into, one: Characteristic) -> None:
    """A datum beside the status (MDG-43)."""
    element = parent.child("ram:SpecifiedDocumentCharacteristic")
    element.add("ram:ID", one.id)  # MDT-206
    element.add("ram:TypeCode", one.type)  # MDT-207
    if one.changed is not None:  # MDT-209: IndicatorString, not Indicator
        indicator = element.child("ram:ValueChangedIndicator")
        indicator.add("udt:IndicatorString", "true" if one.changed else "false")
    element.add("ram:Name", one.name)  # MDT-211
    element.add("ram:Location", one.location)  # MDT-213
    element.add("ram:Value", one.value)  # MDT-214
    if one.amount is not None:
        element.add("ram:ValueAmount", _number(one.amount), currencyID=one.currency)  # MDT-215
    if one.on is not None:
        day = element.child("ram:ValueDateTime")
        day.add("udt:DateTimeString", _day(one.on), format="102")  # MDT-219
    if one.rate is not None:
        element.add("ram:ValuePercent", _rate(one.rate))  # MDT-224


def _number(amount: Decimal) -> str:
    return format(amount, "f")


def _rate(rate: Decimal) -> str:
    """At least two decimals, as in the official examples: 20.00, 5.50, 8.5555."""
    plain = rate.normalize()
    exponent = plain.as_tuple().exponent
    short = isinstance(exponent, int) and exponent > -2
    return format(plain.quantize(Decimal("0.01")) if short else plain, "f")


def _day(one: date) -> str:
    return f"{one:{DAY}}"
