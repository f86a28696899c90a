"""Documents that are no invoice: quotes, orders, statements, payslips, contracts, prose."""
# ruff: noqa: E501, S311 - long tables of words; chance that must be repeatable

import random
from decimal import Decimal

from facteur.domain.money import cents

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import company
from benchmarks.synthetic.family import fr, some_day


def not_an_invoice(seed: int) -> tuple[Canvas, str]:
    """A document that is no invoice, and the kind it is (candidate.kind)."""
    rng = random.Random(seed)
    used: set[str] = set()
    one, other, day = company(rng, used), company(rng, used), some_day(rng)
    kind, title, body = rng.choice(_DOCUMENTS)
    canvas = Canvas()
    canvas.block(
        40, 50, [one.full, one.street, f"{one.postcode} {one.city}", f"SIRET {one.siret}"]
    )
    canvas.block(340, 95, [other.full, other.street, f"{other.postcode} {other.city}"])
    canvas.text(
        40,
        170,
        rng.choice((title, title.upper(), f"{title} n° {rng.randint(100, 9999)}")),
        14,
        bold=True,
    )
    canvas.text(40, 190, f"Date : {day:%d/%m/%Y}")
    y = 230
    amount = cents(Decimal(rng.randint(1000, 400000)) / 100)
    for line in body:
        canvas.text(
            40,
            y,
            line.format(
                amount=fr(amount),
                vat=fr(cents(amount / 5)),
                total=fr(amount + cents(amount / 5)),
                day=f"{day:%d/%m/%Y}",
                number=rng.randint(1000, 9999),
            ),
        )
        y += 15
    return canvas, kind


_DOCUMENTS = (
    ("quote", "Devis", ("Désignation   Qté   P.U. HT   Total HT", "Fourniture et pose   1   {amount}   {amount}", "Total HT   {amount}", "TVA 20 %   {vat}", "Total TTC   {total}", "Devis valable 30 jours. Bon pour accord :")),
    ("order", "Bon de commande", ("Article   Quantité   Prix unitaire   Montant", "Papier A4   10   {amount}   {amount}", "Total HT   {amount}", "Livraison souhaitée le {day}")),
    ("delivery_note", "Bon de livraison", ("Commande n° {number} du {day}", "Article   Quantité commandée   Quantité livrée", "Ramette papier   10   10", "Reçu en bon état le :")),
    ("statement", "Relevé de compte", ("Ancien solde au {day}   {amount}", "{day}   PRLV FOURNISSEUR   {vat}", "{day}   VIR FACTURE {number}   {total}", "Nouveau solde   {total}")),
    ("statement", "Relevé de factures", ("Facture n° {number} du {day}   {amount}", "Facture n° {number} du {day}   {vat}", "Total dû   {total}")),
    ("payslip", "Bulletin de paie", ("Période du 01/03/2024 au 31/03/2024", "Salaire de base   151,67   {amount}", "Cotisations sociales   {vat}", "Net à payer   {total}")),
    ("contract", "Contrat de prestation de services", ("Entre les soussignés, il a été convenu ce qui suit.", "Article 1 - Objet", "Le prestataire s'engage à fournir les services décrits en annexe.", "Article 2 - Prix : {amount} HT par mois", "Article 3 - Durée : douze mois")),
    ("reminder", "Relance", ("Sauf erreur de notre part, la facture n° {number} du {day} reste impayée.", "Montant dû : {total}", "Nous vous remercions de régler cette somme sous huit jours.")),
    ("proforma", "Facture proforma", ("Désignation   Qté   P.U. HT   Total HT", "Machine   1   {amount}   {amount}", "Total HT   {amount}", "TVA 20 %   {vat}", "Total TTC   {total}")),
    ("other", "Lorem ipsum dolor sit amet", ("Consectetur adipiscing elit, sed do eiusmod tempor incididunt.", "Ut enim ad minim veniam, quis nostrud exercitation ullamco.", "Duis aute irure dolor in reprehenderit in voluptate velit.")),
    ("letter", "Attestation d'assurance", ("Nous soussignés attestons que la société est assurée en responsabilité civile", "pour un montant de {amount} par sinistre, du {day} au 31 décembre.")),
)  # fmt: skip
