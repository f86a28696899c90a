"""One plain invoice, each of its words said in every way we know: which ways are not understood.

``LABELS`` holds, for each value, the ways to name it; ``page`` types the invoice with one way for
each. ``python -m benchmarks.synthetic.situations.wording`` prints the ways that lose their value.
"""
# ruff: noqa: E501 - rows are read as rows

import random
from collections.abc import Iterator
from decimal import Decimal

from facteur.domain.candidate import Origin
from facteur.domain.companies import same
from facteur.domain.extraction import extract

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.family import de, en, fr
from benchmarks.synthetic.situations.paper import Case, Paper, address, case, count, iban

#: For each language: value → the ways to name it.
LABELS: dict[str, dict[str, tuple[str, ...]]] = {
    "fr": {
        "title": ("FACTURE", "Facture", "FACTURE DE VENTE", "Facture client", "FACTURE ORIGINALE", "Facture de prestation", "FACTURE ÉLECTRONIQUE", "Votre facture", "FACTURE PROVISOIRE N° 3", "Mémoire d'honoraires", "RELEVÉ D'HONORAIRES", "Facture acquittée", "Facture définitive", "FACTURE - DUPLICATA"),
        "number": ("N° :", "Numéro :", "Facture n° :", "N° de facture :", "Numéro de facture", "Réf. facture :", "Référence :", "N° facture", "Facture N°", "No facture :", "N° document :", "Numéro de pièce :", "N° pièce", "Facture numéro :", "Num. facture :", "Identifiant facture :", "N.Facture", "Facture Nº :", "Réf :", "Facture réf.", "Pièce n°", "Document n°"),
        "issue_date": ("Date :", "Date de facture :", "Date facture", "Date d'émission :", "Émise le", "Date de facturation :", "Date d'édition :", "Le :", "Établie le", "Date de la facture", "Date du document :", "Facture du", "En date du", "Date pièce", "Fait le", "Facturé le", "Éditée le", "Date d'établissement :", "Date de création :"),
        "due_date": ("Échéance :", "Date d'échéance :", "À payer avant le", "Payable le", "Règlement le", "Date limite de paiement :", "Date de règlement :", "À régler avant le", "Échéance le", "Date échéance", "Paiement dû le", "Payable avant le", "À régler pour le", "Exigible le", "À échéance du", "Paiement au plus tard le", "Date de paiement :", "Règlement à échéance :", "Payable au plus tard le", "Paiement attendu le", "Virement au", "À payer pour le", "Limite de paiement :", "Date limite de règlement :"),
        "buyer": ("Client :", "Facturé à", "Adressé à :", "Destinataire :", "Client", "Adresse de facturation", "À l'attention de", "Doit", "Facture à :", "Acheteur", "Vendu à", "Pour :", "Nom du client :", "Coordonnées client", "Client facturé", "FACTURÉ À :", "Débiteur", "Client / Adresse"),
        "excl": ("Total HT", "Total H.T.", "Montant HT", "Total hors taxes", "Sous-total HT", "Net HT", "Total net HT", "Montant total HT", "TOTAL HT EUR", "Total général HT", "Base HT", "Montant hors taxe", "Total (HT)", "HT", "Total brut HT", "Montant H.T. total", "Total Hors TVA", "Cumul HT", "Prix total HT", "Somme HT", "Total H.T. net"),
        "vat": ("TVA 20 %", "TVA (20%)", "Total TVA", "Montant TVA", "TVA", "T.V.A. 20,00 %", "TVA à 20 %", "Montant de la TVA", "TVA 20,00%", "Total T.V.A.", "Taxes", "TVA taux normal 20 %", "+ TVA 20 %", "Dont TVA", "Montant TVA 20%", "Total taxes", "TVA collectée 20 %", "TVA sur HT 20 %", "Total de la TVA", "TVA au taux de 20 %"),
        "incl": ("Total TTC", "Total T.T.C.", "Montant TTC", "Total toutes taxes comprises", "TOTAL", "Total général", "Montant total TTC", "TTC", "Net à payer TTC", "Total à payer", "Total TTC à payer", "TOTAL TTC EUR", "Total facture", "Total de la facture TTC", "Prix TTC", "Somme TTC", "Montant toutes taxes", "Net TTC", "Total à régler", "Total dû TTC", "Solde TTC"),
        "description": ("Désignation", "Description", "Libellé", "Prestation", "Article", "Produit", "Détail", "Intitulé", "Nature", "Objet", "Désignation des travaux", "Description des prestations", "Produits / Services", "Libellé article", "Nature de la prestation", "Désignation - Référence", "Intitulé de la prestation", "Service", "Élément", "Poste"),
        "quantity": ("Qté", "Quantité", "Qte", "Nb", "Nombre", "Quant.", "QTÉ", "Qté.", "Nbre", "Volume", "Nb unités", "Qté fact.", "Qté livrée", "Nombre d'unités"),
        "price": ("P.U. HT", "Prix unitaire HT", "PU", "Prix unit.", "Prix U. HT", "Prix", "Tarif", "P.U.", "PU HT (€)", "Prix unitaire", "Coût unitaire", "Tarif unitaire HT", "Px unit. HT", "Prix unit. HT", "Montant unitaire HT", "PUHT", "Prix HT"),
        "net": ("Total HT", "Montant HT", "Montant", "Total", "Total HT (€)", "Prix total HT", "Montant total", "Total ligne", "Net HT", "Montant H.T.", "MONTANT HT", "Prix total", "Total H.T.", "Mt HT", "Montant net HT", "Valeur HT", "Total net", "Sous-total"),
        "iban": ("IBAN :", "IBAN", "Iban :", "Code IBAN :", "N° IBAN :", "I.B.A.N.", "Notre IBAN :", "RIB / IBAN :", "Compte (IBAN)", "Virement sur le compte"),
    },
    "en": {
        "title": ("INVOICE", "Invoice", "TAX INVOICE", "Sales Invoice", "Commercial Invoice", "VAT Invoice", "Service invoice"),
        "number": ("Invoice No.", "Invoice #", "Invoice number:", "Invoice no:", "Inv. No.", "No.", "Document number", "Reference:", "Invoice ID", "Number:", "Invoice ref:", "Our invoice no."),
        "issue_date": ("Date:", "Invoice date", "Issue date", "Date of issue", "Issued on", "Dated", "Billing date", "Invoice/Tax date", "Date issued", "Tax point", "Date of invoice"),
        "due_date": ("Due date", "Payment due", "Due on", "Pay by", "Due by", "Date due", "Payable by", "Payment due by", "Please pay before", "Payment deadline", "Due"),
        "buyer": ("Bill to", "Billed to:", "Customer", "Sold to", "Invoice to", "Client:", "Bill to:", "To:", "Buyer", "Billing address", "Invoiced to", "Recipient"),
        "excl": ("Subtotal", "Sub-total", "Net total", "Total excl. VAT", "Total net", "Net amount", "Total before tax", "Total (excl. VAT)", "Amount excl. tax", "Total ex VAT", "Taxable amount", "Sub total", "Total excluding VAT", "Net"),
        "vat": ("VAT 20%", "VAT (20%)", "VAT", "Total VAT", "Tax", "VAT amount", "Sales tax", "VAT @ 20%", "20% VAT", "Tax (20%)", "Total tax", "Plus VAT 20%"),
        "incl": ("Total", "Total incl. VAT", "Grand total", "Amount due", "Invoice total", "Total due", "Total amount", "Total including VAT", "TOTAL EUR", "Balance due", "Total payable", "Gross total", "Total (incl. VAT)", "Total amount due"),
        "description": ("Description", "Item", "Details", "Product", "Service", "Particulars", "Item description", "Description of services", "Goods"),
        "quantity": ("Qty", "Quantity", "Units", "Hours", "QTY", "No.", "Qty.", "Count"),
        "price": ("Unit price", "Price", "Rate", "Unit cost", "Price per unit", "Unit price (EUR)", "Price each", "Cost"),
        "net": ("Amount", "Total", "Line total", "Net", "Amount (EUR)", "Net amount", "Total price", "Ext. price", "Subtotal"),
        "iban": ("IBAN:", "IBAN", "Account (IBAN)", "Bank account:"),
    },
    "de": {
        "title": ("Rechnung", "RECHNUNG", "Ausgangsrechnung", "Schlussrechnung", "Honorarrechnung", "Rechnung / Lieferschein"),
        "number": ("Rechnungsnummer:", "Rechnungs-Nr.:", "Rechnung Nr.", "Rechnungsnr.", "Beleg-Nr.", "Re.-Nr.", "Nummer:", "Rechnung-Nr.", "Nr.:"),
        "issue_date": ("Rechnungsdatum:", "Datum:", "Datum", "Belegdatum", "vom", "Ausstellungsdatum", "Rechnung vom"),
        "due_date": ("Fällig am", "Zahlbar bis", "Fälligkeit:", "Fälligkeitsdatum", "Zahlungsziel:", "Zahlung bis", "Bitte zahlen bis", "Zahlbar bis zum", "fällig bis"),
        "buyer": ("Kunde:", "Rechnungsempfänger", "Rechnung an", "An:", "Rechnungsadresse", "Auftraggeber:"),
        "excl": ("Nettobetrag", "Summe netto", "Netto", "Zwischensumme", "Gesamt netto", "Gesamtbetrag netto", "Summe", "Netto-Summe", "Warenwert netto", "Nettosumme"),
        "vat": ("MwSt. 19 %", "zzgl. 19% MwSt.", "USt. 19 %", "19 % Umsatzsteuer", "Mehrwertsteuer", "Umsatzsteuer 19 %", "MwSt (19%)", "+ 19% USt", "MwSt-Betrag"),
        "incl": ("Gesamtbetrag", "Bruttobetrag", "Rechnungsbetrag", "Gesamtsumme", "Summe brutto", "Zu zahlen", "Endbetrag", "Gesamt", "Gesamt brutto", "Zahlbetrag", "Gesamtbetrag brutto", "Endsumme", "Total"),
        "description": ("Bezeichnung", "Beschreibung", "Artikel", "Leistung", "Position", "Artikelbezeichnung", "Produkt", "Text"),
        "quantity": ("Menge", "Anzahl", "Stk.", "Stück", "Std."),
        "price": ("Einzelpreis", "E-Preis", "Preis", "Stückpreis", "Einzel", "Preis/Einheit", "EP", "Einzelpreis €"),
        "net": ("Gesamtpreis", "Gesamt", "Betrag", "Summe", "Gesamt €", "GP", "Gesamtbetrag", "Netto"),
        "iban": ("IBAN:", "IBAN", "Bankverbindung: IBAN"),
    },
}  # fmt: skip
_MONEY = {"fr": fr, "en": lambda value: en(value, "€"), "de": de}
_RATE = {"fr": "20", "en": "20", "de": "19"}


def _case(language: str, seed: int) -> Case:
    rng = random.Random(f"{language} {seed}")  # noqa: S311 - chance that must be repeatable
    it = case(rng).add(
        ("Alpha one", "Beta two", "Gamma three"), rng.randint(2, 3), 10, 400, _RATE[language]
    )
    if it.issued.day < 13:
        it.issued = it.issued.replace(day=it.issued.day + 13)
    return it


def page(it: Case, language: str, said: dict[str, str]) -> Canvas:
    """The invoice with these words."""
    money = _MONEY[language]
    day = "%d.%m.%Y" if language == "de" else "%d/%m/%Y"
    paper = Paper()
    paper.block(40, *address(it.seller), f"SIRET {it.seller.siret}", f"TVA {it.seller.vat}")
    paper.block(330, said["buyer"], *address(it.buyer), y=100)
    paper.y = 170
    paper.title(said["title"])
    paper.row(f"40|{said['number']} {it.number}")
    paper.row(f"40|{said['issue_date']} {it.issued:{day}}")
    paper.row(f"40|{said['due_date']} {it.due:{day}}")
    paper.skip()
    heads = (said["description"], said["quantity"], said["price"], said["net"])
    paper.grid(
        "40 >350 >440 >555",
        heads,
        *(
            (
                line.text,
                count(line.quantity) if language != "en" else f"{line.quantity}",
                money(line.price),
                money(line.net),
            )
            for line in it.lines
        ),
    )
    paper.skip()
    for name, value in (("excl", it.excl), ("vat", it.vat), ("incl", it.incl)):
        paper.row(f"400|{said[name]}", f">555|{money(value)}")
    paper.skip()
    paper.row(f"40|{said['iban']} {iban(it.seller.iban)}")
    return paper.canvas


def lost(it: Case, canvas: Canvas) -> list[str]:
    """The values that were not read right; « Facture acquittée » says that it is paid."""
    found = extract(canvas.pages(), origin=Origin.TEXT)
    wanted: dict[str, object] = {
        "number": it.number, "issue_date": it.issued, "due_date": it.due, "total_excl_vat": it.excl,
        "total_vat": it.vat, "total_incl_vat": it.incl, "iban": it.seller.iban,
        "amount_due": Decimal(0) if any("acquitt" in one.text for one in canvas.items) else it.incl,
    }  # fmt: skip
    bad = [name for name, value in wanted.items() if found.get(name) != value]
    bad += [
        name
        for name, one in (("seller_name", it.seller), ("buyer_name", it.buyer))
        if not same(found.text(name), one.full)
    ]
    if [line.net for line in found.lines] != [line.net for line in it.lines]:
        bad.append("lines")
    if any(
        line.quantity != own.quantity for line, own in zip(found.lines, it.lines, strict=False)
    ):
        bad.append("quantity")
    return bad if found.kind == "invoice" else [f"kind {found.kind}"]


def missed() -> Iterator[tuple[str, str, str, list[str]]]:
    """Language, value, wording and what it loses, one wording changed at a time."""
    for language, labels in LABELS.items():
        usual = {name: ways[0] for name, ways in labels.items()}
        for name, ways in labels.items():
            for place, way in enumerate(ways):
                it = _case(language, place)
                bad = lost(it, page(it, language, {**usual, name: way}))
                if bad:
                    yield language, name, way, bad


def mixed(language: str, seed: int) -> tuple[Case, Canvas, dict[str, str]]:
    """An invoice with every wording drawn at once."""
    rng = random.Random(f"mixed {language} {seed}")  # noqa: S311 - chance that must be repeatable
    said = {name: rng.choice(ways) for name, ways in LABELS[language].items()}
    it = _case(language, seed)
    assert it.excl > Decimal(0)
    return it, page(it, language, said), said


if __name__ == "__main__":
    for told in missed():
        print(*told)
