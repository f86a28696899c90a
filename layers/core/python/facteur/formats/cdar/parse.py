"""CDAR XML → StatusMessage: bounded, tolerant of unknown codes, strict about what makes sense.

A message that does not say which object it speaks of, or with which status, cannot be used:
UnreadableError, and the caller quarantines it. Everything else that is missing stays empty. A
message about several objects (MDT-74 true: allowed between parties who agreed on it only) is not
read in part: it is refused whole.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from facteur.domain.documents import EmbeddedFile
from facteur.domain.errors import UnreadableError
from facteur.domain.invoice import Identifier
from facteur.domain.lifecycle import reasons
from facteur.domain.lifecycle.codes import phase_of
from facteur.domain.lifecycle.messages import Detail, MessageParty, StatusMessage
from facteur.domain.lifecycle.records import Characteristic, StatusReason
from facteur.domain.paris import at_paris
from facteur.formats.cdar.names import DAY, MOMENT, ROOT, tag
from facteur.formats.safe_xml import parse as parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = 32 * 1024 * 1024  # with its attachments; without, a message has some 10 kB
MOST_DETAILS = 200  # blocks of a status, and data of one block
MOST_TEXT = 500  # of what has no limit of its own
MOST_FILES = 20
_LONGEST_NUMBER = 24  # signs: more is no amount of money
#: xs:decimal. An exponent would write a million digits into the invoice's row with ten signs.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_ACKNOWLEDGED = "rsm:AcknowledgementDocument"


def parse(data: bytes) -> StatusMessage:
    """The message that these bytes hold.

    UnreadableError: the codes of safe_xml.parse; ``unreadable.cdar.other`` (another XML),
    ``unreadable.cdar.several`` (several objects), ``unreadable.cdar.incomplete`` (``field``: the
    MDT that is missing), ``unreadable.cdar.value`` (``field`` and ``value``: no date, no amount),
    ``unreadable.cdar.too_many``.
    """
    root = parse_xml(data, max_bytes=MAX_BYTES)
    if root.tag != tag(f"rsm:{ROOT}"):
        raise UnreadableError("unreadable.cdar.other", root=str(root.tag)[:200])
    node = _Node(root)
    context, document = (
        node.child("rsm:ExchangedDocumentContext"),
        node.child("rsm:ExchangedDocument"),
    )
    acknowledgement = _one(node, _ACKNOWLEDGED)
    reference = _one(acknowledgement, "ram:ReferenceReferencedDocument")
    set_at = acknowledgement.moment("ram:IssueDateTime", "MDT-78")
    created_at = document.moment("ram:IssueDateTime", "MDT-8") or set_at
    code = _needed(reference.text("ram:ProcessConditionCode"), "MDT-105")
    if created_at is None:
        raise UnreadableError("unreadable.cdar.incomplete", field="MDT-8")
    return StatusMessage(
        id=document.text("ram:ID"),
        name=document.text("ram:Name"),
        created_at=created_at,
        sender=_party(document.child("ram:SenderTradeParty")),
        author=_party(document.child("ram:IssuerTradeParty")),
        recipients=_parties(document, "ram:RecipientTradeParty"),
        phase=acknowledgement.text("ram:TypeCode") or phase_of(code).value,
        set_at=set_at,
        number=_needed(reference.text("ram:IssuerAssignedID"), "MDT-87"),
        code=code,
        type_code=reference.text("ram:TypeCode"),
        issue_date=reference.day("ram:FormattedIssueDateTime", "MDT-100"),
        received_at=reference.moment("ram:ReceiptDateTime", "MDT-95"),
        seller=_some_party(reference.child("ram:IssuerTradeParty")),
        others=_parties(reference, "ram:RecipientTradeParty"),
        details=_details(reference),
        profile=context.child("ram:GuidelineSpecifiedDocumentContextParameter").text("ram:ID"),
        process=context.child("ram:BusinessProcessSpecifiedDocumentContextParameter").text(
            "ram:ID"
        ),
        test=context.child("ram:TestIndicator").text("udt:Indicator") == "true",
        file_name=acknowledgement.text("ram:Name"),
        untdid=reference.text("ram:StatusCode"),
        label=reference.text("ram:ProcessCondition"),
        attachments=tuple(_attachments(reference)),
    )


def _needed(text: str, field: str) -> str:
    if not text:
        raise UnreadableError("unreadable.cdar.incomplete", field=field)
    return text


class _Node:
    """An element, or nothing: asking nothing for a child or a text gives nothing."""

    def __init__(self, element: "_Element | None") -> None:
        self.element = element

    def child(self, name: str) -> "_Node":
        return _Node(None if self.element is None else self.element.find(tag(name)))

    def children(self, name: str) -> "list[_Node]":
        found = [] if self.element is None else self.element.findall(tag(name))
        if len(found) > MOST_DETAILS:
            raise UnreadableError("unreadable.cdar.too_many", limit=MOST_DETAILS)
        return [_Node(one) for one in found]

    def text(self, name: str, most: int = MOST_TEXT) -> str:
        return self.child(name).own[:most]

    @property
    def own(self) -> str:
        return ("" if self.element is None else self.element.text or "").strip()

    def attribute(self, name: str) -> str:
        return ("" if self.element is None else self.element.get(name) or "")[:MOST_TEXT]

    def moment(self, name: str, field: str) -> datetime | None:
        """A date-time child (format 204, or 102 for a day), on a French clock; in UTC."""
        text = self.child(name).text("udt:DateTimeString")
        if not text:
            return None
        pattern = DAY if len(text) == 8 else MOMENT
        try:
            return at_paris(datetime.strptime(text, pattern))  # noqa: DTZ007 - a French clock
        except (ValueError, OverflowError) as error:
            raise _no_value(field, text) from error

    def day(self, name: str, field: str) -> date | None:
        """A day: format 102, or the first eight signs of a 204."""
        child = self.child(name)
        text = child.text("qdt:DateTimeString") or child.text("udt:DateTimeString")
        if not text:
            return None
        try:
            return datetime.strptime(text[:8], DAY).replace(tzinfo=UTC).date()
        except ValueError as error:
            raise _no_value(field, text) from error

    def number(self, name: str, field: str) -> Decimal | None:
        """An amount or a rate, None when it is not there."""
        text = self.text(name)
        if not text:
            return None
        if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
            raise _no_value(field, text)
        return Decimal(text)


def _no_value(field: str, text: str) -> UnreadableError:
    return UnreadableError("unreadable.cdar.value", field=field, value=text[:60])


def _one(parent: _Node, name: str) -> _Node:
    """The only child of this name: a message speaks of one object."""
    found = parent.children(name)
    if not found:
        raise UnreadableError("unreadable.cdar.incomplete", field=name.partition(":")[2])
    if len(found) > 1:
        raise UnreadableError("unreadable.cdar.several", number=len(found))
    return found[0]


def _parties(parent: _Node, name: str) -> tuple[MessageParty, ...]:
    return tuple(_party(one) for one in parent.children(name))


def _party(node: _Node) -> MessageParty:
    uri = node.child("ram:URIUniversalCommunication").child("ram:URIID")
    return MessageParty(
        role=node.text("ram:RoleCode"),
        identifiers=tuple(_identifier(one) for one in node.children("ram:GlobalID")),
        name=node.text("ram:Name"),
        address=_identifier(uri) if uri.own else None,
    )


def _some_party(node: _Node) -> MessageParty | None:
    return None if node.element is None else _party(node)


def _identifier(node: _Node) -> Identifier:
    return Identifier(value=node.own[:MOST_TEXT], scheme=node.attribute("schemeID"))


def _details(reference: _Node) -> tuple[Detail, ...]:
    return tuple(
        Detail(
            reason=_reason(block),
            characteristics=tuple(
                _characteristic(one)
                for one in block.children("ram:SpecifiedDocumentCharacteristic")
            ),
        )
        for block in reference.children("ram:SpecifiedDocumentStatus")
    )


def _reason(block: _Node) -> StatusReason:
    notes = block.children("ram:IncludedNote")
    contents = [text.own for note in notes for text in note.children("ram:Content") if text.own]
    rules = [note.text("ram:ContentCode") for note in notes]
    return StatusReason(
        code=block.text("ram:ReasonCode"),
        label=block.text("ram:Reason", reasons.MOST_LABEL),
        comment="\n".join(contents)[: reasons.MOST_COMMENT],
        rule=next((one for one in rules if one), ""),
        action=block.text("ram:RequestedActionCode"),
        action_label=block.text("ram:RequestedAction", reasons.MOST_LABEL),
    )


def _characteristic(node: _Node) -> Characteristic:
    changed = node.child("ram:ValueChangedIndicator").text("udt:IndicatorString").lower()
    amount = node.child("ram:ValueAmount")
    return Characteristic(
        type=node.text("ram:TypeCode"),
        id=node.text("ram:ID"),
        name=node.text("ram:Name"),
        location=node.text("ram:Location"),
        value=node.text("ram:Value"),
        changed={"true": True, "1": True, "false": False, "0": False}.get(changed),
        amount=node.number("ram:ValueAmount", "MDT-215"),
        currency=amount.attribute("currencyID") or "EUR",
        on=node.day("ram:ValueDateTime", "MDT-219"),
        rate=node.number("ram:ValuePercent", "MDT-224"),
    )


def _attachments(reference: _Node) -> Iterator[EmbeddedFile]:
    found = reference.children("ram:AttachmentBinaryObject")
    if len(found) > MOST_FILES:
        raise UnreadableError("unreadable.cdar.too_many", limit=MOST_FILES)
    for place, one in enumerate(found, start=1):
        try:
            data = base64.b64decode(one.own, validate=False)
        except (binascii.Error, ValueError) as error:
            raise _no_value("MDT-96", one.attribute("filename")) from error
        if data:
            yield EmbeddedFile(
                filename=one.attribute("filename") or f"piece-{place}",
                data=data,
                media_type=one.attribute("mimeCode"),
            )
