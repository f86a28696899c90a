"""The lifecycle messages of the test platform: what it says, and what it lets parties say.

Sources: reference lifecycle.md §1 to §4 (who sets what, reasons), §5 (roles, addresses).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from facteur.domain.invoice import Identifier
from facteur.domain.lifecycle import codes
from facteur.domain.lifecycle.codes import Profile
from facteur.domain.lifecycle.messages import Detail, MessageParty, StatusMessage
from facteur.domain.lifecycle.records import Side, StatusReason
from facteur.formats import cdar
from facteur.local.sandbox_pa.store import StoredFlow, StoredInvoice

#: Statuses that say nothing without a reason (BR-FR-CDV-14 and following).
_REASONED = frozenset({"206", "207", "208", "210"})
_PAYMENTS = frozenset({"211", "212"})
NAME = "Plateforme de test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a status is not passed on: the acknowledgement's reason code and words."""

    reason: str
    message: str


def issuer(invoice: StoredInvoice) -> str:
    """The SIREN of who submitted it."""
    return invoice.buyer if invoice.self_billed else invoice.seller


def receiver(invoice: StoredInvoice) -> str:
    """The SIREN of who it was sent to."""
    return invoice.seller if invoice.self_billed else invoice.buyer


def receiving_address(invoice: StoredInvoice) -> str:
    """Where it was sent: BT-49, or BT-34 of a self-billed one."""
    return invoice.seller_address if invoice.self_billed else invoice.buyer_address


def flow_type(invoice: StoredInvoice, siren: str) -> str:
    """How the flows about it are called at a party: its sale or its purchase."""
    return "CustomerInvoice" if siren == invoice.seller else "SupplierInvoice"


def of_platform(
    invoice: StoredInvoice,
    code: str,
    *,
    to: str,
    at: int,
    name: str,
    reason: str = "",
    comment: str = "",
) -> bytes:
    """A status that the platform sets (200 to 203, 213, 221), told to one of the parties."""
    platform = MessageParty(role="WK", name=NAME)
    return _of_invoice(
        invoice, code, author=platform, to=to, at=at, name=name, reason=reason, comment=comment
    )


def of_receiver(
    invoice: StoredInvoice, code: str, *, at: int, name: str, reason: str = "", comment: str = ""
) -> bytes:
    """A status that a fictitious receiver sets, told to the issuer."""
    author = replace(_party(invoice, receiver(invoice)), address=None)
    return _of_invoice(
        invoice,
        code,
        author=author,
        to=issuer(invoice),
        at=at,
        name=name,
        reason=reason,
        comment=comment,
    )


def _of_invoice(
    invoice: StoredInvoice,
    code: str,
    *,
    author: MessageParty,
    to: str,
    at: int,
    name: str,
    reason: str,
    comment: str,
) -> bytes:
    known = codes.STATUSES[code]
    moment = _moment(at)
    said = StatusReason(code=reason, comment=comment[:2000]) if reason else None
    message = StatusMessage(
        id=name[:50],
        created_at=moment,
        sender=MessageParty(role="WK", name=NAME),
        author=author,
        recipients=(_party(invoice, to),),
        phase=known.phase.value,
        set_at=moment,
        number=invoice.number,
        code=code,
        type_code=invoice.type_code,
        issue_date=date.fromisoformat(invoice.issue_date),
        received_at=_moment(invoice.received),
        seller=MessageParty(identifiers=_siren(invoice.seller)),
        details=(Detail(reason=said),) if said else (),
        name=f"{invoice.number} {known.label}"[:150],
        test=True,
        untdid=known.untdid,
        label=known.label,
    )
    return cdar.write(message)


def unreadable(flow: StoredFlow, reason: str, *, company: str, at: int, name: str) -> bytes:
    """501: the file could not be read, so that there is no invoice (no MDT-100).

    MDT-87 names the flow, MDT-76 its file. BR-FR-CDV knows a 501 of one file in the profile of
    invoices only, where MDT-91 is a type of invoice.
    """
    moment = _moment(at)
    party = MessageParty(
        role="SE",
        identifiers=_siren(flow.siren),
        name=company,
        address=Identifier(value=flow.siren, scheme="0225"),
    )
    message = StatusMessage(
        id=name[:50],
        created_at=moment,
        sender=MessageParty(role="WK", name=NAME),
        author=MessageParty(role="WK", name=NAME),
        recipients=(party,),
        phase="305",
        set_at=moment,
        number=flow.id,
        code="501",
        type_code="380",
        received_at=_moment(flow.submitted),
        details=(Detail(reason=StatusReason(code=reason)),),
        name=f"{flow.name} irrecevable"[:150],
        test=True,
        file_name=flow.name,
        label="Irrecevable",
    )
    return cdar.write(message)


def of_report(
    flow: StoredFlow, code: str, *, company: str, at: int, name: str, reason: str = ""
) -> bytes:
    """What the public platform says of e-reporting (flux 10): 300 deposited, 301 rejected."""
    moment = _moment(at)
    message = StatusMessage(
        id=name[:50],
        created_at=moment,
        sender=MessageParty(role="WK", name=NAME),
        author=MessageParty(role="WK", name=NAME),
        recipients=(
            MessageParty(
                role="SE",
                identifiers=_siren(flow.siren),
                name=company,
                address=Identifier(value=flow.siren, scheme="0225"),
            ),
        ),
        phase="305",
        set_at=moment,
        number=flow.tracking or flow.id,
        code=code,
        type_code="304",
        received_at=_moment(flow.submitted),
        details=(Detail(reason=StatusReason(code=reason)),) if reason else (),
        profile=Profile.EREPORTING.value,
        name=f"{flow.name} {codes.OTHER_STATUSES[code]}"[:150],
        test=True,
        label=codes.OTHER_STATUSES[code],
    )
    return cdar.write(message)


def refusal(message: StatusMessage, invoice: StoredInvoice, by: str) -> Refused | None:
    """Why this account may not say this of this invoice now; None when it may."""
    known = codes.STATUSES.get(message.code)
    if known is None or known.code in codes.PLATFORM_ONLY:
        return Refused(
            reason="InvoiceLCInvalidStatus", message=f"{message.code} is not for a party to set"
        )
    side = Side.SELLER if by == invoice.seller else Side.BUYER
    if side not in _setters(invoice, known):
        return Refused(
            reason="InvoiceLCAccessDenied", message=f"{message.code} is not for this party"
        )
    if set(invoice.codes) & codes.CLOSING:
        return Refused(reason="InvoiceLCStatusError", message="The invoice is closed")
    other = invoice.buyer_address if side is Side.SELLER else invoice.seller_address
    written = {one.address.value for one in message.recipients if one.address is not None}
    expected = other or (invoice.buyer if side is Side.SELLER else invoice.seller)
    if expected not in written and not hidden(message.code, invoice):
        return Refused(
            reason="InvoiceLCAccessDenied", message="MDT-73: no invoice was sent by this address"
        )
    reasons = {one.reason.code for one in message.details if one.reason.code}
    if known.code in _REASONED and not reasons:
        return Refused(reason="InvoiceLCRuleError", message=f"{known.code} wants a reason")
    data = [row for one in message.details for row in one.characteristics]
    if known.code == "212" and not any(
        row.type == "MEN" and row.amount is not None and row.rate is not None for row in data
    ):
        return Refused(
            reason="InvoiceLCAmountError", message="212 wants MEN with a VAT rate (BR-FR-CDV-14)"
        )
    return None


def told_to(message: StatusMessage, invoice: StoredInvoice, by: str) -> str:
    """Whom a party's status goes to: the other one; "" when nobody may hear of it (226, 228)."""
    if hidden(message.code, invoice):
        return ""
    return invoice.buyer if by == invoice.seller else invoice.seller


def hidden(code: str, invoice: StoredInvoice) -> bool:
    """True for what the buyer must not hear of."""
    return code == "226" or (code == "228" and "226" in invoice.codes)


def _setters(invoice: StoredInvoice, known: codes.Status) -> tuple[Side, ...]:
    """Who sets it: reversed in self-billing, except payments; a credit note is paid back."""
    if known.code in _PAYMENTS and invoice.type_code in _CREDITS:
        return (Side.BUYER, Side.SELLER)
    if known.code == "211":
        return (Side.BUYER, Side.SELLER)  # the seller announces a refund
    if not invoice.self_billed or known.code in _PAYMENTS:
        return known.by
    swapped: Mapping[Side, Side] = {Side.BUYER: Side.SELLER, Side.SELLER: Side.BUYER}
    return tuple(swapped.get(one, one) for one in known.by)


_CREDITS = frozenset({"381", "261", "502", "503", "396", "262"})


def _party(invoice: StoredInvoice, siren: str) -> MessageParty:
    seller = siren == invoice.seller
    address = invoice.seller_address if seller else invoice.buyer_address
    return MessageParty(
        role="SE" if seller else "BY",
        identifiers=_siren(siren),
        name=invoice.seller_name if seller else invoice.buyer_name,
        address=Identifier(value=address or siren, scheme="0225"),
    )


def _siren(siren: str) -> tuple[Identifier, ...]:
    return (Identifier(value=siren, scheme="0002"),)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
