"""Reads the Cross Industry Invoice of UN/CEFACT into an Invoice, whatever its profile.

One reader for Factur-X and ZUGFeRD 2 (MINIMUM to EXTENDED), XRechnung and Peppol CII, EXTENDED-
CTC-FR (D22B) and plain D16B: profiles only say what must be there. ZUGFeRD 1.0 has the same shape
under older names, so it is the same reader with another vocabulary. What is not there stays empty;
unknown codes are kept as they are.

Sources: CEN/TS 16931-3-3 (binding to CII D16B), Factur-X 1.09 (BT-X terms of EXTENDED), ZUGFeRD
1.0 (2014); reference: invoice-formats.md §5.
"""

from datetime import date

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
from facteur.formats.xml_invoice.cii_lines import read_adjustments, read_lines
from facteur.formats.xml_invoice.cii_names import DAY, Vocabulary
from facteur.formats.xml_invoice.cii_parties import (
    read_delivery,
    read_optional_party,
    read_party,
    read_payment,
    read_period,
)
from facteur.formats.xml_invoice.node import Node, required


def read(root: Node, words: Vocabulary, files: Files) -> Invoice:
    """The invoice that a CII (or ZUGFeRD 1.0) document holds; faults go to the root's sheet."""
    context, document = root.at(words.context), root.at(words.document)
    trade = root.at(words.transaction)
    agreement, settlement = trade.at(words.agreement), trade.at(words.settlement)
    delivery = trade.at(words.delivery)
    currency = settlement.text("ram:InvoiceCurrencyCode", "currency")
    first_tax = settlement.at("ram:ApplicableTradeTax")
    terms = list(settlement.each("ram:SpecifiedTradePaymentTerms"))
    charges, allowances = read_adjustments(settlement, words)
    tender, invoiced_object, attachments = _references(agreement, words, files)
    return Invoice(
        number=document.text("ram:ID", "number"),
        issue_date=document.day(f"ram:IssueDateTime/{DAY}", "issue_date"),
        type_code=document.text("ram:TypeCode", "type"),
        currency=currency,
        tax_currency=settlement.text("ram:TaxCurrencyCode"),
        tax_point_date=first_tax.day("ram:TaxPointDate/udt:DateString"),
        tax_point_code=first_tax.text("ram:DueDateTypeCode"),
        due_date=next((day for one in terms if (day := _due(one))), None),
        payment_terms="\n".join(
            text for one in terms if (text := one.text("ram:Description", "payment_terms"))
        ),
        buyer_reference=agreement.text("ram:BuyerReference"),
        project=agreement.text("ram:SpecifiedProcuringProject/ram:ID"),
        contract=agreement.text(f"ram:ContractReferencedDocument/{words.reference}", "contract"),
        purchase_order=agreement.text(
            f"ram:BuyerOrderReferencedDocument/{words.reference}", "purchase_order"
        ),
        sales_order=agreement.text(f"ram:SellerOrderReferencedDocument/{words.reference}"),
        receiving_advice=delivery.text(f"ram:ReceivingAdviceReferencedDocument/{words.reference}"),
        despatch_advice=delivery.text(f"ram:DespatchAdviceReferencedDocument/{words.reference}"),
        tender=tender,
        invoiced_object=invoiced_object,
        accounting_reference=settlement.text(
            "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"
        ),
        notes=_notes(document),
        process=context.text("ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"),
        profile=context.text("ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
        preceding=_preceding(settlement, words),
        seller=read_party(agreement.at("ram:SellerTradeParty"), "seller"),
        buyer=read_party(agreement.at("ram:BuyerTradeParty"), "buyer"),
        payee=read_optional_party(settlement.at("ram:PayeeTradeParty")),
        tax_representative=read_optional_party(
            agreement.at("ram:SellerTaxRepresentativeTradeParty")
        ),
        delivery=read_delivery(delivery),
        period=read_period(settlement.at("ram:BillingSpecifiedPeriod"), named=True),
        payment=read_payment(settlement, terms),
        allowances=allowances,
        charges=charges,
        vat_breakdown=_vat_breakdown(settlement, words),
        totals=_totals(settlement.at(words.summation), currency),
        attachments=attachments,
        lines=read_lines(trade, words),
    )


def _notes(document: Node) -> tuple[Note, ...]:
    notes = []
    for one in document.each("ram:IncludedNote"):
        subject = one.text("ram:SubjectCode")
        text = one.text("ram:Content", NOTES.get(subject, ""))
        if text or subject:
            notes.append(Note(text=text, subject=subject))
    return tuple(notes)


def _due(terms: Node) -> date | None:
    return terms.day(f"ram:DueDateDateTime/{DAY}", "due_date")


def _preceding(settlement: Node, words: Vocabulary) -> tuple[PrecedingInvoice, ...]:
    return tuple(
        PrecedingInvoice(
            number=number,
            issue_date=one.day(words.reference_date, "preceding_date"),
        )
        for one in settlement.each("ram:InvoiceReferencedDocument")
        if (number := one.text(words.reference, "preceding_invoice"))
    )


def _references(
    agreement: Node, words: Vocabulary, files: Files
) -> tuple[str, Identifier | None, tuple[Attachment, ...]]:
    """AdditionalReferencedDocument is three things, told apart by UNTDID 1001: 50, 130, 916."""
    tender, invoiced_object, attachments = "", None, []
    for one in agreement.each("ram:AdditionalReferencedDocument"):
        reference, kind = one.text(words.reference), one.text("ram:TypeCode")
        if kind == "50":
            tender = tender or reference
        elif kind == "130":
            scheme = one.text("ram:ReferenceTypeCode")
            invoiced_object = invoiced_object or Identifier(value=reference, scheme=scheme)
        else:
            attachments.append(
                files.attachment(
                    reference=reference,
                    description=one.text("ram:Name"),
                    uri=one.text("ram:URIID"),
                    content=one.at("ram:AttachmentBinaryObject"),
                )
            )
    return tender, invoiced_object, tuple(attachments)


def _vat_breakdown(settlement: Node, words: Vocabulary) -> tuple[VatBreakdown, ...]:
    rows = []
    for one in settlement.each("ram:ApplicableTradeTax"):
        tax = required(one.at("ram:CalculatedAmount"), "vat_breakdown")
        base = required(one.at("ram:BasisAmount"), "vat_breakdown")
        if tax is None or base is None:
            continue
        one.note("vat_breakdown")
        rows.append(
            VatBreakdown(
                base=base,
                tax=tax,
                category=one.text("ram:CategoryCode"),
                rate=one.amount(words.rate),
                exemption_text=one.text("ram:ExemptionReason", "exemption_reason"),
                exemption_code=one.text("ram:ExemptionReasonCode"),
            )
        )
    return tuple(rows)


def _totals(node: Node, currency: str) -> Totals:
    """BT-110 and BT-111 are told apart by their currency; a bare amount is BT-110."""
    tax = accounting = None
    for one in node.each("ram:TaxTotalAmount"):
        if one.attribute("currencyID") in {"", currency} and tax is None:
            tax = one.amount(name="total_vat")
        elif accounting is None:
            accounting = one.amount()
    return Totals(
        lines=node.amount("ram:LineTotalAmount"),
        allowances=node.amount("ram:AllowanceTotalAmount"),
        charges=node.amount("ram:ChargeTotalAmount"),
        tax_exclusive=node.amount("ram:TaxBasisTotalAmount", "total_excl_vat"),
        tax=tax,
        tax_in_accounting_currency=accounting,
        tax_inclusive=node.amount("ram:GrandTotalAmount", "total_incl_vat"),
        prepaid=node.amount("ram:TotalPrepaidAmount", "prepaid"),
        rounding=node.amount("ram:RoundingAmount", "rounding"),
        due=node.amount("ram:DuePayableAmount", "amount_due"),
    )
