"""Reads UBL 2.1 Invoice and CreditNote into an Invoice, whatever its customisation.

The two documents differ by a few names only. UBL has no place for some things that CII has, and
the bindings put them elsewhere: the subject of a note is a ``#CODE#`` before its text, the SEPA
creditor identifier is a party identification of scheme SEPA, the payment due date of a credit note
stands in its payment means. Codes of the VAT point date (BT-8) are UNTDID 2005 here and UNTDID
2475 in CII; the Invoice keeps those of CII, which is what we write.

Sources: CEN/TS 16931-3-2 (binding to UBL 2.1), XP Z12-012 for the French additions; reference:
invoice-formats.md §5, §6 and §10, code-lists.md §4.
"""

import re
from collections.abc import Mapping

from facteur.domain.candidate import NOTES
from facteur.domain.invoice import (
    Attachment,
    Identifier,
    Invoice,
    Note,
    PrecedingInvoice,
    Totals,
    VatBreakdown,
)
from facteur.formats.xml_invoice.attachments import Files
from facteur.formats.xml_invoice.node import Node, required
from facteur.formats.xml_invoice.ubl_lines import POINT_CODES, read_adjustments, read_lines
from facteur.formats.xml_invoice.ubl_parties import (
    read_delivery,
    read_optional_party,
    read_party,
    read_payment,
    read_period,
)

_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"

UBL_PREFIXES: Mapping[str, str] = {
    "cac": f"{_OASIS}CommonAggregateComponents-2",
    "cbc": f"{_OASIS}CommonBasicComponents-2",
}

_SUBJECT = re.compile(r"#([A-Z0-9]{3})#")


def read(root: Node, files: Files, *, credit_note: bool) -> Invoice:
    """The invoice that a UBL document holds; faults go to the root's sheet."""
    currency = root.text("cbc:DocumentCurrencyCode", "currency")
    tax_currency = root.text("cbc:TaxCurrencyCode")
    period = root.at("cac:InvoicePeriod")
    order = root.at("cac:OrderReference")
    means = list(root.each("cac:PaymentMeans"))
    due = root.day("cbc:DueDate", "due_date")
    if due is None:
        days = (one.day("cbc:PaymentDueDate", "due_date") for one in means)
        due = next((day for day in days if day), None)
    project, invoiced_object, attachments = _references(root, files)
    charges, allowances = read_adjustments(root)
    kind = "cbc:CreditNoteTypeCode" if credit_note else "cbc:InvoiceTypeCode"
    point = period.text("cbc:DescriptionCode")
    supplier = root.at("cac:AccountingSupplierParty/cac:Party")
    return Invoice(
        number=root.text("cbc:ID", "number"),
        issue_date=root.day("cbc:IssueDate", "issue_date"),
        type_code=root.text(kind, "type"),
        currency=currency,
        tax_currency=tax_currency,
        tax_point_date=root.day("cbc:TaxPointDate"),
        tax_point_code=POINT_CODES.get(point, point),
        due_date=due,
        payment_terms="\n".join(
            text
            for one in root.each("cac:PaymentTerms")
            if (text := one.text("cbc:Note", "payment_terms"))
        ),
        buyer_reference=root.text("cbc:BuyerReference"),
        project=root.text("cac:ProjectReference/cbc:ID") or project,
        contract=root.text("cac:ContractDocumentReference/cbc:ID", "contract"),
        purchase_order=order.text("cbc:ID", "purchase_order"),
        sales_order=order.text("cbc:SalesOrderID"),
        receiving_advice=root.text("cac:ReceiptDocumentReference/cbc:ID"),
        despatch_advice=root.text("cac:DespatchDocumentReference/cbc:ID"),
        tender=root.text("cac:OriginatorDocumentReference/cbc:ID"),
        invoiced_object=invoiced_object,
        accounting_reference=root.text("cbc:AccountingCost"),
        notes=_notes(root),
        process=root.text("cbc:ProfileID"),
        profile=root.text("cbc:CustomizationID"),
        preceding=_preceding(root),
        seller=read_party(supplier, "seller"),
        buyer=read_party(root.at("cac:AccountingCustomerParty/cac:Party"), "buyer"),
        payee=read_optional_party(root.at("cac:PayeeParty")),
        tax_representative=read_optional_party(root.at("cac:TaxRepresentativeParty")),
        delivery=read_delivery(root.at("cac:Delivery")),
        period=read_period(period, named=True),
        payment=read_payment(root, means, supplier),
        allowances=allowances,
        charges=charges,
        vat_breakdown=_vat_breakdown(root),
        totals=_totals(root, currency, tax_currency),
        attachments=attachments,
        lines=read_lines(root, credit_note=credit_note),
    )


def _notes(root: Node) -> tuple[Note, ...]:
    notes = []
    for one in root.each("cbc:Note"):
        for note in split_notes(one.raw()):
            one.note(NOTES.get(note.subject, ""))
            notes.append(note)
    return tuple(notes)


def split_notes(text: str) -> tuple[Note, ...]:
    """``#PMT#text`` is a note with its subject; several may be joined: ``#C1#a#C2#b##c``."""
    text = text.strip()
    if not _SUBJECT.match(text):
        return (Note(text=text),) if text else ()
    parts = _SUBJECT.split(text)[1:]
    notes = []
    for subject, said in zip(parts[::2], parts[1::2], strict=True):
        first, *others = said.split("##")
        notes.append(Note(text=first.strip(), subject=subject))
        notes.extend(Note(text=other.strip()) for other in others if other.strip())
    return tuple(notes)


def _preceding(root: Node) -> tuple[PrecedingInvoice, ...]:
    return tuple(
        PrecedingInvoice(number=number, issue_date=one.day("cbc:IssueDate", "preceding_date"))
        for one in root.each("cac:BillingReference/cac:InvoiceDocumentReference")
        if (number := one.text("cbc:ID", "preceding_invoice"))
    )


def _references(root: Node, files: Files) -> tuple[str, Identifier | None, tuple[Attachment, ...]]:
    """Additional documents: type 130 is BT-18, 50 the project of a credit note, else BG-24."""
    project, invoiced_object, attachments = "", None, []
    for one in root.each("cac:AdditionalDocumentReference"):
        kind = one.text("cbc:DocumentTypeCode")
        if kind == "130":
            invoiced_object = invoiced_object or one.at("cbc:ID").identifier()
        elif kind == "50":
            project = project or one.text("cbc:ID")
        else:
            attachments.append(
                files.attachment(
                    reference=one.text("cbc:ID"),
                    description=one.text("cbc:DocumentDescription"),
                    uri=one.text("cac:Attachment/cac:ExternalReference/cbc:URI"),
                    content=one.at("cac:Attachment/cbc:EmbeddedDocumentBinaryObject"),
                )
            )
    return project, invoiced_object, tuple(attachments)


def _vat_breakdown(root: Node) -> tuple[VatBreakdown, ...]:
    rows = []
    for one in root.each("cac:TaxTotal/cac:TaxSubtotal"):
        base = required(one.at("cbc:TaxableAmount"), "vat_breakdown")
        tax = required(one.at("cbc:TaxAmount"), "vat_breakdown")
        if tax is None or base is None:
            continue
        one.note("vat_breakdown")
        category = one.at("cac:TaxCategory")
        rows.append(
            VatBreakdown(
                base=base,
                tax=tax,
                category=category.text("cbc:ID"),
                rate=category.amount("cbc:Percent"),
                exemption_text=category.text("cbc:TaxExemptionReason", "exemption_reason"),
                exemption_code=category.text("cbc:TaxExemptionReasonCode"),
            )
        )
    return tuple(rows)


def _totals(root: Node, currency: str, tax_currency: str) -> Totals:
    """BT-110 and BT-111 are two TaxTotal, told apart by their currency."""
    node = root.at("cac:LegalMonetaryTotal")
    tax = accounting = None
    for one in root.each("cac:TaxTotal/cbc:TaxAmount"):
        unit = one.attribute("currencyID")
        if unit in {"", currency} and tax is None:
            tax = one.amount(name="total_vat")
        elif unit == tax_currency and accounting is None:
            accounting = one.amount()
    return Totals(
        lines=node.amount("cbc:LineExtensionAmount"),
        allowances=node.amount("cbc:AllowanceTotalAmount"),
        charges=node.amount("cbc:ChargeTotalAmount"),
        tax_exclusive=node.amount("cbc:TaxExclusiveAmount", "total_excl_vat"),
        tax=tax,
        tax_in_accounting_currency=accounting,
        tax_inclusive=node.amount("cbc:TaxInclusiveAmount", "total_incl_vat"),
        prepaid=node.amount("cbc:PrepaidAmount", "prepaid"),
        rounding=node.amount("cbc:PayableRoundingAmount", "rounding"),
        due=node.amount("cbc:PayableAmount", "amount_due"),
    )
