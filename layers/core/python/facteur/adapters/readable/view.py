"""An invoice as the texts of its readable page: every field that is filled, under a French label.

The template only places what stands here. BT numbers beside the fields are EN 16931's.
"""

from typing import TypedDict

from facteur.adapters.readable import lines as line_rows
from facteur.adapters.readable.parties import PartyView, parties_of
from facteur.adapters.readable.texts import (
    TAX_POINTS,
    Row,
    amount,
    day,
    filled,
    grouped_iban,
    identifier,
    period,
    rate,
)
from facteur.domain import codes
from facteur.domain.invoice import (
    AllowanceCharge,
    Attachment,
    Invoice,
    Payment,
    VatBreakdown,
)

MOST_LINES = 2000  # on paper: each takes a tenth of a megabyte while the page is laid out
FOOTER = (
    "Représentation lisible établie par Facteur à partir des données structurées de l'émetteur"
)


class View(TypedDict):
    """Everything the template shows, in its order."""

    kind: str
    number: str
    language: str
    facts: list[Row]
    parties: list[PartyView]
    references: list[Row]
    lines: list[line_rows.LineView]
    more: str
    unit_label: str
    adjustments: list[list[str]]
    vat: list[list[str]]
    totals: list[Row]
    due: Row
    payment: list[Row]
    notes: list[Row]
    attachments: list[Row]
    profile: list[Row]
    footer: str


def view_of(invoice: Invoice) -> View:
    """The page's texts. Pure; nothing is computed that the invoice does not say."""
    money = invoice.currency
    return View(
        kind=codes.label(codes.TYPES, invoice.type_code) or "Facture",  # BT-3
        number=invoice.number,
        language="fr",
        facts=filled(
            ("Date d'émission", day(invoice.issue_date)),  # BT-2
            ("Échéance", day(invoice.due_date)),  # BT-9
            ("Période", period(invoice.period)),  # BG-14
            ("Date d'exigibilité de la TVA", day(invoice.tax_point_date)),  # BT-7
            ("Exigibilité", codes.label(TAX_POINTS, invoice.tax_point_code)),  # BT-8
            ("Devise", invoice.currency),  # BT-5
            ("Devise de la TVA", invoice.tax_currency),  # BT-6
        ),
        parties=parties_of(invoice),
        references=_references(invoice),
        lines=[line_rows.view_of(line, money) for line in invoice.lines[:MOST_LINES]],
        more=_more(len(invoice.lines) - MOST_LINES),
        unit_label=money,
        adjustments=[
            *(_adjustment("Remise", one, money) for one in invoice.allowances),  # BG-20
            *(_adjustment("Majoration", one, money) for one in invoice.charges),  # BG-21
        ],
        vat=[_vat(row, money) for row in invoice.vat_breakdown],  # BG-23
        totals=_totals(invoice),
        due=("Net à payer", amount(invoice.totals.due, money)),  # BT-115
        payment=_payment(invoice),
        notes=[(codes.label(codes.NOTE_SUBJECTS, one.subject), one.text) for one in invoice.notes],
        attachments=[_attachment(one) for one in invoice.attachments],
        profile=filled(
            ("Type de document", invoice.type_code),  # BT-3
            ("Cadre de facturation", _process(invoice.process)),  # BT-23
            ("Profil des données", invoice.profile),  # BT-24
        ),
        footer=FOOTER,
    )


def _more(left: int) -> str:
    """What is said of the lines that are not on the page."""
    if left <= 0:
        return ""
    return f"{left} autres lignes ne figurent que dans les données structurées de la facture."


def _references(invoice: Invoice) -> list[Row]:
    thing = invoice.invoiced_object
    return filled(
        ("Référence de l'acheteur", invoice.buyer_reference),  # BT-10
        ("Projet", invoice.project),  # BT-11
        ("Contrat", invoice.contract),  # BT-12
        ("Commande", invoice.purchase_order),  # BT-13
        ("Commande du vendeur", invoice.sales_order),  # BT-14
        ("Avis de réception", invoice.receiving_advice),  # BT-15
        ("Avis d'expédition", invoice.despatch_advice),  # BT-16
        ("Appel d'offres ou lot", invoice.tender),  # BT-17
        ("Objet facturé" + (f" ({thing.scheme})" if thing and thing.scheme else ""),
         identifier(thing)),  # BT-18
        ("Référence comptable", invoice.accounting_reference),  # BT-19
        *(
            ("Facture antérieure",
             one.number + (f" du {day(one.issue_date)}" if one.issue_date else ""))
            for one in invoice.preceding  # BG-3
        ),
    )  # fmt: skip


def _adjustment(kind: str, one: AllowanceCharge, money: str) -> list[str]:
    """Label, base, percentage, VAT, amount (deductions shown negative)."""
    reason = line_rows.reason_text(one)
    return [
        f"{kind} · {reason}" if reason else kind,
        amount(one.base, money),
        rate(one.percent),
        line_rows.vat_text(one.vat_category, one.vat_rate),
        amount(-one.amount if kind == "Remise" else one.amount, money),
    ]


def _vat(row: VatBreakdown, money: str) -> list[str]:
    """Category, rate, base, tax, why there is none."""
    why = [row.exemption_text]
    if row.exemption_code:
        label = codes.exemption_label(row.exemption_code)
        why.append(f"{label} ({row.exemption_code})" if label != row.exemption_code else label)
    return [
        codes.label(codes.VAT_CATEGORIES, row.category),
        rate(row.rate),
        amount(row.base, money),
        amount(row.tax, money),
        " · ".join(dict.fromkeys(one for one in why if one)),
    ]


def _totals(invoice: Invoice) -> list[Row]:
    totals, money = invoice.totals, invoice.currency
    less = -totals.allowances if totals.allowances is not None else None
    paid = -totals.prepaid if totals.prepaid is not None else None
    other = invoice.tax_currency or money
    return filled(
        ("Total des lignes HT", amount(totals.lines, money)),  # BT-106
        ("Remises", amount(less, money)),  # BT-107
        ("Majorations", amount(totals.charges, money)),  # BT-108
        ("Total HT", amount(totals.tax_exclusive, money)),  # BT-109
        ("TVA", amount(totals.tax, money)),  # BT-110
        (f"TVA en {other}", amount(totals.tax_in_accounting_currency, other)),  # BT-111
        ("Total TTC", amount(totals.tax_inclusive, money)),  # BT-112
        ("Déjà payé", amount(paid, money)),  # BT-113
        ("Arrondi", amount(totals.rounding, money)),  # BT-114
    )


def _payment(invoice: Invoice) -> list[Row]:
    terms = ("Conditions de paiement", invoice.payment_terms)  # BT-20
    payment = invoice.payment or Payment()
    means = codes.label(codes.PAYMENT_MEANS, payment.means_code)
    accounts: list[Row] = []
    for one in payment.transfers:  # BG-17
        accounts += [
            ("IBAN", grouped_iban(one.iban)),
            ("BIC", one.bic),
            ("Titulaire du compte", one.account_name),
        ]
    return filled(
        ("Moyen de paiement", means),  # BT-81
        ("Précision", payment.means_text),  # BT-82
        *accounts,
        ("Référence à rappeler", payment.remittance),  # BT-83
        ("Carte", payment.card_number),  # BT-87
        ("Titulaire de la carte", payment.card_holder),  # BT-88
        ("Mandat de prélèvement", payment.mandate),  # BT-89
        ("Identifiant du créancier", payment.creditor_id),  # BT-90
        ("Compte débité", grouped_iban(payment.debited_iban)),  # BT-91
        terms,
    )


def _attachment(one: Attachment) -> Row:
    parts = [one.description, one.filename, one.uri, one.media_type]
    return one.reference or "Pièce jointe", " · ".join(part for part in parts if part)


def _process(code: str) -> str:
    """BT-23: the French framework with its label, another's code as it is."""
    label = codes.label(codes.PROCESSES, code)
    return f"{code} · {label}" if label != code else code
