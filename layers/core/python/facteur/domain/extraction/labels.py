"""The words that name a value on an invoice, in French, English, German and Dutch.

One table per family: header fields, totals, parties, columns of a table. A pattern is written
on plain text (lower case, no accents, see domain/plain.py); a space in it stands for any space or
none, because OCR loses them, and ``N°`` for every way to write "number". The weight says how
much the label alone proves (1: nothing else reads so). Where two labels cover the same words
the longest wins: "n° de facture associée" is not "n° de facture"; hence the labels nobody asks
for (``_other``), which are there to win.
"""
# ruff: noqa: E501

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from facteur.domain.extraction.lines import GAP, Row, Spot
from facteur.domain.extraction.spotting import BOUND, Spotter

_NUMBER = r"(?:n ?(?:°s?|os?\b)\.?|n\.|nr\b\.?|no\b\.?|num(?:ero|\.)?|number|nummer|#|ref(?:erence|\.)?|id\b)"
_LINKED = r"(?:associee?|liee?|d'origine|initiale?|rectifiee?|annulee?|corrigee?|de reference|concernee?|precedente?|originale?)"
_VAT = r"(?:t\.?v\.?a\b\.?|vat\b|mwst\b\.?|ust\b\.?|mehrwertsteuer|umsatzsteuer|btw\b|iva\b|gst\b|i\.?g\.?i\.?c\b)"
_HT = r"(?:\(? ?h\.? ?t\b\.? ?\)?|hors ?tax(?:es?|ation)|h\.?t\.?v\.?a\b)"
_TTC = r"(?:\(? ?t\.? ?t\.? ?c\b\.? ?\)?|toutes ?taxes ?comprises)"
_MONEY = r"(?: ?\(?(?:en )?(?:€|eur(?:os?)?|\$|usd|£|gbp|chf|xpf|cfp)\)?)?"

HEADER: Mapping[str, tuple[tuple[float, str], ...]] = {
    "number": (
        (1.0, r"(?:(?:auto-?)?facture|avoir|note de credit|note d'honoraires|honoraires|credit note|debit note|tax invoice|sales invoice|invoice|bill|rechnungskorrektur|[a-z]*rechnungs?-?|gutschrifts?-?|factuur-?|faktura|fattura|factura) (?:/ ?(?:facture|avoir|invoice|credit note|rechnung) )?(?:\([^)]{0,32}\) )*N°"),
        (1.0, r"(?:(?:auto-?)?facture|avoir|note|quittance|releve d'honoraires|invoice|credit note|rechnung|gutschrift)[ ](?:(?!order|po |bestell|auftrag|kunden|gemass|fur |from|to |lieferschein|vertrag|customer|contract|delivery|quote|commande|contrat|devis|client|compte|bon|liee|associee|origin|initial|rectifiee|annulee|corrigee|precedent|concernee|livraison|marche|tva|siret|du )[a-z'-]{2,15}[ ]){0,5}(?:\([^)]{0,32}\) )*N°"),
        (1.0, r"N° (?:de |d'|du |la |l')*(?:facture|avoir|invoice|piece|document|note de credit|rechnung|recu|ticket|facturation)\b"),
        (0.85, r"(?:receipt|recu|ticket)(?: de (?:paiement|caisse|vente|reglement|carte bancaire))? N°"),
        (0.95, r"(?:inv|re|rg|fact|fac)\.?-? N°|(?:identifiant|id) (?:de (?:la )?)?facture|facture id\b"),
        (0.9, r"(?:beleg|rechnungs|gutschrift|dokument)s?-?(?:nummer|nr\b\.?|no\b\.?)"),
        (0.7, r"(?:document|piece|voucher|cash bill|doc) N°"),
        (0.55, r"(?:^|(?<=   ))(?:ma |votre )?(?:facture (?:d'avoir|d'acompte|de solde|de cloture|definitive|rectificative|de situation|de vente|de loyer|de frais|de prestations?|proforma)|(?:auto-?)?facture|avoir|(?:tax |sales |commercial |final )?invoice|credit note|[a-z]*rechnung|gutschrift|factuur|note de credit)(?: ?/ ?(?:facture|avoir|invoice|credit note|rechnung))?\b(?! ?(?:a|e)\b)"),
        (0.45, r"(?:^|(?<=   ))(?:n ?°|no\.|nr\b\.?|#|number|numero|nummer)"),
        (0.4, r"(?:^|(?<=   ))ref(?:erence|\.)?(?= ?:)"),
        (0.3, r"(?:booking|transaction|bestell|order|trans) (?:id|N°)"),
    ),
    "issue_date": (
        (1.0, r"dates? (?:de |d'|du |la |l')*(?:facture|facturation|emission|edition|etablissement|avoir|la piece|piece|document)\b(?: ?/ ?date (?:de |d')(?:la )?livraison)?"),
        (1.0, r"date facture|(?:invoice|issue|bill|billing|document|tax|receipt|credit note) date|date of (?:issue|invoice)|date issued|issued (?:on|at|date)|date (?:de |d')creation(?: de la facture)?(?= ?:)|tax point(?: date)?"),
        (1.0, r"(?:rechnungs|beleg|ausstellungs|gutschrifts|factuur|erstellungs)-?(?:datum|date)"),
        (0.95, r"(?:emise?|editee?|etablie?|facturee?|fait) (?:a [a-z' -]{2,30} ?,? )?le\b"),
        (0.75, r"(?:^|(?<=   ))(?:date|fecha|data)"),
        (0.7, r"datum|date(?= ?:)"),
        (0.55, r"date"),
        (0.8, r"(?:^|(?<=   ))[a-z' -]{3,30} ?, ?le\b(?= ?\d)"),
        (0.55, r"(?:^|(?<=   ))[a-z' -]{3,30} ?, le\b|\ble(?= \d\d? ?[a-z/.])"),
    ),
    "due_date": (
        (1.0, r"(?:date )?limite (?:de |du )?(?:paiement|reglement)|(?:(?:dates? )?[dl]')?echeance(?: de paiement| le| au| du| fixee au)?|(?:jours?|mois|reception),? soit (?:le|au|avant le|jusqu'au)|paiement (?:attendu|du|prevu) (?:le|pour le|au)|virement (?:au|le|avant le|attendu le)"),
        (1.0, r"(?:payment )?due (?:date|on|by)|date due|vencimiento|scadenza|payment due|payment deadline|(?:^|(?<=   ))due(?: on)?(?= ?:? ?\d)|pay(?:able)? (?:by|before|until)|please (?:pay|remit) (?:by|until|before)"),
        (0.95, r"(?:a payer|a regler|payable|reglement|paiement|exigible) (?:avant|au plus tard|jusqu'au|pour|d'ici|le|au|du)+(?: le)?\b"),
        (0.95, r"fallig(?:keit)?(?:sdatum)?(?: (?:am|bis|zum))?|(?:zahlbar|zahlung) (?:bis|zum|am)(?: zum)?|zahlungsziel|(?:uberweisen|zahlen)(?: sie)? (?:den betrag )?(?:bis|spatestens)(?: zum)?|netto bis|te betalen (?:voor|tot)|vervaldatum|vervaldag"),
        (0.9, r"(?:date de |prelevement |prelevee? )(?:prelevement|prevu le|le|a partir du|au)|(?:montant |somme )?a prelever (?:le|a partir du|vers le)|debitee? le|date de reglement|date de paiement"),
    ),
    "purchase_order": (
        (1.0, r"N° (?:de |du |d'|votre |bon de )*(?:commande|bdc|b\.c\.)|(?:votre |bon de |ref )*commande (?:client )?N°|(?:votre|bon de) commande"),
        (1.0, r"(?:purchase order|p\.?o\.?(?!\w)|your order|customer order) (?:N°)?"),
        (0.9, r"(?:ihre )?bestell(?:ung|nummer|-?nr\b\.?)|order N°|(?:uw )?order(?:nummer|nr)"),
        (0.6, r"(?:votre|vos|your|ihre?|uw) (?:ref(?:erence)?s?|zeichen|referentie)\b\.?|ref(?:erence)?\.? client|customer ref(?:erence)?"),
    ),
    "contract": ((1.0, r"N° (?:de |du )*(?:contrat|marche)\b|(?:contrat|marche) N°|contract N°|vertrags?-?(?:nummer|nr\b\.?)|ref(?:erence)? (?:du )?contrat"),),
    "preceding_invoice": (
        (1.0, rf"(?:N° (?:de |d'|la )*)?facture {_LINKED}(?: N°)?|factures? N° {_LINKED}"),
        (1.0, r"(?:sur|pour|de) (?:la |notre |votre )?facture N° ?(?!.{0,20}net a payer)|(?:avoir |credit |rectifie |corrige |annule (?:et remplace )?|relati(?:f|ve) (?:a|aux) |concernant |reference )(?:sur |pour |de )?(?:la |notre |votre )?facture (?:N°)?"),
        (1.0, r"(?:original|related|corrected|preceding|applies to) invoice (?:N°)?|(?:zu|zur|bezug ?:?|korrektur (?:zu|der|von)|stornierte) (?:der )?rechnung (?:N°)?|urspr(?:u|ue)ngliche rechnung"),
    ),
    "preceding_date": ((1.0, rf"dates? (?:de |d'|la )*facture {_LINKED}"),),
    "period": (
        (1.0, r"(?:periodes?|abrechnungszeitraum|leistungszeitraum|billing period|service period)(?: de (?:facturation|consommation|prestation|reference))?(?: du)?"),
        (0.8, r"(?:pour la|facturation) periode du|(?:abonnement|prestations?|consommations?) du"),
    ),
    "period_start": ((1.0, r"dates? (?:de |du )*debut(?: de)?(?: (?:prestation|periode|facturation))?|debut de (?:la )?(?:periode|prestation)|period start"),),
    "period_end": ((1.0, r"dates? (?:de |du )*fin(?: de)?(?: (?:prestation|periode|facturation))?|fin de (?:la )?(?:periode|prestation)|period end"),),
    "payment_terms": ((1.0, r"(?:conditions?|modalites?|termes?) (?:de |du )?(?:paiement|reglement)s?|payment terms|zahlungsbedingungen?|zahlungskonditionen|betalings?(?:condities|termijn)"),),
    "delivery_date": (
        (1.0, r"dates? (?:de |du |d'|la |l')*(?:livraison|expedition)|livre(?:e|s)? le|delivery date|date of (?:delivery|supply|service)|ship(?:ment|ping)? date|(?:liefer(?:- und leistungs)?|leistungs|lever)-?datum"),
    ),
    "_other": (
        (1.0, r"dates? (?:de |du |d'|la |l')*(?:commande|devis|naissance|valeur|impression|l'operation|operation|prestation|execution|service|depart|retour|vente|effet|visite|creation)"),
        (1.0, r"(?:prochaine?|derniere?|future) (?:facture|facturation|releve|visite|controle|revision)(?: (?:prevue? )?(?:le|vers le|du))?|dates? (?:de |du |d'|la |l')*(?:mise en (?:service|route|circulation)|fin de (?:contrat|garantie|validite|droits)|signature|souscription|activation|echange)|(?:contrat |devis )?signe(?:e|s)? le|garantie? (?:jusqu'au|jusqu'a|du)|valable (?:jusqu'au|du)|(?:next|last) (?:invoice|bill)(?: (?:date|on))?|nachste (?:rechnung|ablesung)"),
        (1.0, r"(?:bestell|order|auftrags)-?datum|(?:order|print|check[- ]?in|check[- ]?out|service|start|end) date|date of birth"),
        (1.0, r"N° (?:de |du |d'|votre )*(?:client|compte|adherent|abonne|dossier|affaire|chantier|devis|bon de livraison|livraison|bl|bon de vente|bon de reception|serie|ligne|tva|siret|siren|rcs|telephone|tel|page|lot|police|identification|agrement|colis|suivi|point|pdl|cheque|autorisation|rpps|adeli|orias|finess|urssaf|rna|nda|ape|naf|ident|eori|recep\w*|parc|immat\w*|contrat de sous-traitance|declaration|activite|organisme|situation)\b"),
        (1.0, r"(?:client|compte|code client|compte client|id ?\.? ?client|devis|livraison|affaire|dossier|bon de livraison|bl|bon de reception) N°|(?:code|compte|id\.?|identifiant|reference) client"),
        (1.0, r"(?:customer|account|client|quote|quotation|delivery note|packing slip|tracking|reg(?:istration)?|company|vat|tax|member|table|cashier|terminal|bank|approval|gst|serial|phone|mobile|fax) N°|(?:kunden|lieferschein|angebots|auftrags|steuer|klant|kassen|konto|artikel|handelsregister|globale|mandats|projekt)-?(?:nummer|nr\b\.?|no\b\.?)|ust-?id"),
        (0.8, r"(?:globale )?nummer(?= ?:)|weitere referenz|lieferschein"),
    ),
}  # fmt: skip

TOTALS: Mapping[str, tuple[tuple[float, str], ...]] = {
    "excl": (
        (1.0, rf"(?:total|montant|net)(?: general| total| net| global)*{_MONEY} {_HT}{_MONEY}(?: total| global| general)?|total htva"),
        (1.0, r"(?:total|amount|subtotal|net total|sub-total) (?:value )?(?:amount )?(?:excl(?:uding|usive)?\.?|before|ex|w/o|without)\.? (?:of )?(?:vat|tax(?:es)?|gst)"),
        (1.0, r"(?:total )?net (?:total|amount)|(?:montant )?net total|total net|taxable amount|base imponible|imponibile"),
        (1.0, r"rechnungssumme ohne ust\b\.?|(?:summe|gesamt|betrag|gesamtbetrag|total|zwischensumme) ?(?:\(?netto\)?|ohne (?:mwst|ust)\b\.?)|netto(?:betrag|summe|wert|gesamtbetrag|-?gesamt|rechnungsbetrag)|netto"),
        (1.0, r"(?:totaal |bedrag |subtotaal )?excl(?:usief)?\.? btw|totaal netto"),
        (0.9, rf"total (?:des |du |de la )?(?:honoraires|travaux|location|main d'oeuvre|loyers?|abonnements?) {_HT}"),
        (0.5, r"(?:^|(?<=   ))net(?=   )"),
        (0.75, rf"(?:sous|ss)[- .]?total{_MONEY}(?: {_HT})?|sub[- ]?total{_MONEY}|zwischensumme|subtotaal"),
        (0.7, rf"base (?:imposable|{_HT})|prix {_HT}|{_HT}"),
    ),
    "gross_lines": (
        (1.0, rf"total brut(?: {_HT})?|(?:total|montant) (?:des )?(?:lignes|articles|marchandises|produits|prestations|fournitures)(?: {_HT})?|(?:total|montant) {_HT} (?:brut|avant remise)|positionssumme|montant brut(?: {_HT})?|brut {_HT}|warenwert|(?:goods|items?|merchandise) total"),
    ),
    "vat": (
        (1.0, rf"(?:total|montant|montants|somme)(?: de| des| la| total| global)* (?:{_VAT}|taxes?\b)(?: ?\([^)]*\))?|(?:{_VAT}|tax) (?:total|amount|gesamt|betrag|bedrag)|steuerbetrag|(?:total|sales|summe) (?:{_VAT}|tax(?:es)?)|total tax(?:es)?|summe (?:der )?(?:mwst|ust|steuern)|ust-betrag|mwst-betrag"),
        (0.8, rf"(?:dont |plus |zzgl\.? |zuzuglich |incl(?:us(?:ive|ief)?)?\.? |add )?{_VAT} ?(?:a |au taux de |@ ?)?\(?(?:\d\d?(?:[.,]\d{{1,2}})? ?%)?\)?|(?:\d\d?(?:[.,]\d{{1,2}})? ?% ){_VAT}"),
        (0.7, r"(?:^|(?<=   ))(?:sales )?tax(?:es)?\b(?: ?\(?\d\d?(?:[.,]\d{1,2})? ?%\)?)?"),
    ),
    "incl": (
        (1.0, rf"(?:total|montant|net|prix)(?: general| total| net| global| de la facture)*{_MONEY} {_TTC}{_MONEY}(?: a (?:payer|regler|verser))?(?: total| global| general)?"),
        (1.0, r"(?:total|amount|grand total)(?: \S{1,3})? ?\(?(?:incl(?:uding|usive)?|inc|with)\b\.? (?:of )?(?:vat|tax(?:es)?|gst)|bruttosumme|brutto(?:betrag|gesamtbetrag|rechnungsbetrag)|gesamtbetrag brutto|(?:rechnungs|end|gesamt)(?:betrag|summe)|totaal incl(?:usief|\.)? btw"),
        (0.9, r"grand total|(?:invoice|order|nett?) total|total amount|total general|total (?:de (?:la |votre )?|du )?(?:facture|ticket|avoir)|montant total|total invoice|total (?:rounded|sales)|total sales|rounded total|total payable"),
        (0.6, rf"total{_MONEY}|montant brut total|totaal|summe|gesamt|totale|{_TTC}|montant(?: (?:de (?:la |votre )?|du )?(?:facture|ticket))?"),
    ),
    "due": (
        (1.0, rf"net a (?:payer|regler|verser|deduire|crediter|rembourser|votre credit){_MONEY}(?: {_TTC})?"),
        (1.0, r"(?:montant|somme|total|reste|solde|restant|net)(?: total| net| restant)*(?: du)? ?(?:a|à) (?:payer|regler|verser|recevoir|rembourser|crediter|votre charge)(?: par (?:le client|vos soins))?|acompte (?:a payer|a regler|a verser|du)|reste (?:du|a charge)|solde du\b|montant du\b|total du\b|a payer|(?:montant|solde) (?:du prelevement|preleve)|solde (?:en votre faveur|client)"),
        (1.0, r"(?:total )?amount (?:due|payable|owing|owed)|total due|balance due|due payable|(?:now )?payable amount|outstanding balance|balance (?:payable|outstanding)|please pay|you owe"),
        (1.0, r"zahlbetrag|(?:noch )?zu zahlen(?:der betrag)?|offener betrag|restbetrag|falliger betrag|te betalen|te voldoen|openstaand(?: bedrag)?|nog te betalen"),
        (0.5, r"solde|balance"),
    ),
    "prepaid": (
        (1.0, r"(?:montant |total |moins |deduction |dont )?(?:de |d'|l')?acomptes?(?: (?:deja )?(?:verses?|factures?|recus?|regles?|payes?|deduits?|percus?))?(?: (?:N°)? ?[\w-]{0,14})?(?: du [\d/]+)?"),
        (1.0, r"(?:montant |total |somme )?deja (?:paye|regle|verse|percu|encaisse|facture)e?s?|(?:montant|total|sommes?) (?:paye|regle|verse|percu|recu)e?s?|reglements? (?:recus?|effectues?)|avances? (?:versee?s?|recues?)|paiements? (?:recus?|effectues?)"),
        (1.0, r"erhaltene anzahlung(?:en)?|(?:abzgl\.? |abzuglich )?anzahlung(?:en)?|bereits (?:gezahlt|bezahlt)|pre-?paid(?: amount)?|amount paid|paid(?: to date)?|payments? (?:received|made)|(?:less )?deposit(?: paid)?|down ?payment|reeds betaald|aanbetaling"),
    ),
    "rounding": ((1.0, r"arrondis?|rounding(?: adj(?:ustment)?)?|rundung(?:sdifferenz)?|afronding"),),
    "discount": (
        (1.0, r"(?:montant |total |dont )?(?:des? )?(?:remise|rabais|ristourne|escompte|reduction|discount|rabatt|nachlass|sondernachlass|korting|abschlag|geste commercial|promo(?:tion)?|bon de reduction|code promo)s?(?: (?:globale?|commerciale?|exceptionnelle?|pied|de pied|fidelite|accordee?|sur (?:total|facture)))*(?: ?\(?-? ?\d\d?(?:[.,]\d{1,2})? ?%\)?)?"),
        (1.0, r"gesamtbetrag der abschlage"),
    ),
    "charge": (
        (1.0, r"(?:participation )?(?:aux )?frais (?:de |d'|du )?(?:port|livraison|transport|expedition|envoi|emballage|gestion|dossier|deplacement|facturation|service)s?(?: et (?:d')?(?:emballage|livraison|port))?|(?:forfait |participation )(?:port|livraison|transport|deplacement)|port et emballage|shipping(?: (?:and|&) handling)?|shipping (?:cost|fee|charge)s?|postage|freight|delivery (?:fee|charge)s?|handling|service charge|versand(?:kosten)?|fracht(?:kosten)?|verzendkosten|zuschlag(?: \w+)?|eco[- ]?(?:participation|contribution|taxe)|charge"),
        (0.9, r"(?:^|(?<=   ))(?:port|livraison|transport)(?:(?: \(?ht\)?)|(?= ?:)|(?=   ))"),
        (1.0, r"gesamtbetrag der zuschlage"),
    ),
    "_other": (
        (1.0, r"carte bancaire|carte bleue|cb (?:emv|visa|sans contact)|(?:paiement|regle(?:ment)?|paye) (?:par |en )?(?:cb|carte|especes|cheque)|especes|sans contact|capital(?: social)?(?: de)?|penalite|indemnite|escompte pour paiement|tendered|cash received|rendu|monnaie|change\b|cash\b|economies?|you saved|points|savings|montant (?:de l')?indemnite|total (?:qty|quantity|items?|articles|heures|jours|poids|colis|quantite|weight|saved)|(?:gst|tax|vat) summary|total \d+ item|credit (?:limit|available)|encours|solde (?:anterieur|precedent)|report|ancien solde|previous balance|base tva|base (?:de )?calcul"),
    ),
}  # fmt: skip

COLUMNS: Mapping[str, tuple[tuple[float, str], ...]] = {
    "description": ((1.0, r"designations?|descriptions?|libelles?|articles?|produits?|products?|produkte?|items?|item name|bezeichnung|beschreibung|leistung(?:en)?|omschrijving|artikel|prestations?|details?(?: des? prestations?)?|nature (?:des? )?(?:prestations?|travaux)?|intitules?|services?|particulars|objet|travaux|libelle (?:de l')?article|artikelbezeichnung|text|denominations?|nom & designation|particulars|details|position|concepto|descripcion|descrizione"),),
    "quantity": ((1.0, r"q(?:uanti)?tes?\b\.?|qty\b\.?|quantity|qt\b\.?|quant\b\.?|menge|anzahl|aantal|nbre?\b\.?|nombre|nb (?:d'|de )?(?:heures|jours|unites)|heures|jours|hours|hrs|days|units?(?= sold)|stuck(?:zahl)?|nuits|cantidad|quantita"),),
    "unit": ((1.0, r"unites?|unite|u\b\.?|ut\b\.?|um\b|einheit|eenheid|uom|me\b"), (0.6, r"units?"),),
    "unit_price": (
        (1.0, rf"(?:prix|p\.? ?|tarif|cout|montant|px)\.? ?(?:unitaires?|unit\b\.?|u\b\.?|uht|un\b\.?)(?: ?(?:net|brut|remise))?(?: {_HT}|{_MONEY})*(?: {_TTC})?(?:/\w+)?|p\.?u\.?(?: {_HT}| {_TTC}|{_MONEY})*|puht"),
        (1.0, r"unit (?:price|cost)s?(?: (?:excl?|net|ex)\.?(?: (?:of )?(?:vat|tax))?)?|price (?:per unit|each|/ unit)|einzel(?:preis)?|e-?preis|nettopreis|stuckpreis|preis (?:pro|je) (?:stuck|einheit)|prijs per stuk|stukprijs|eenheidsprijs|u/?price|taux horaire|tjm|prix au (?:kg|litre|m2)"),
        (0.7, rf"prix(?: {_HT}| net)?|tarif|price|rate|preis|prijs|precio|prezzo"),
    ),
    "net": (
        (1.0, rf"(?:total|montant|prix total|prix|valeur)(?: ligne| net| total)*{_MONEY} {_HT}{_MONEY}|mt ht|total ligne|line (?:total|amount)(?: excl\.?(?: vat)?)?|(?:net|ext(?:ended)?) (?:amount|price|value)|nettobetrag|gesamtpreis|gesamt(?:preis)? netto|netto(?:wert|summe)|line net|amount excl\.? vat"),
        (0.8, rf"total{_MONEY}|montants?{_MONEY}|prix total|amount{_MONEY}|betrag|gesamt|summe|bedrag|totaal|somme|valeur|total price|gesamtbetrag|preis gesamt|totaalprijs|importe|importo|debit|\(eur\)|\(€\)"),
    ),
    "gross": ((1.0, rf"(?:total|montant|prix|prix total)(?: ligne| net)*{_MONEY} {_TTC}{_MONEY}|{_TTC}|(?:amount|price|total|line total) incl(?:uding|\.)? (?:vat|tax|gst)|bruttobetrag|gesamt brutto|brutto|(?:prijs|bedrag|totaal) incl(?:usief|\.)? btw"),),
    "rate": (
        (1.0, rf"(?:taux|%|code)(?: de)?(?: la)? {_VAT}|{_VAT} ?(?:%|\(%\)|en %|rate|-?satz|tarief|taux)|steuersatz(?: \[%\])?|steuer|taux|tax(?:es)? ?(?:rate|%)|(?:ust|mwst)[-. ]+satz"),
        (0.8, rf"{_VAT}|tax(?:es)?\b|tx\b"),
    ),
    "tax": ((1.0, rf"(?:montants?|total|mt)(?: de| la| total)* (?:{_VAT}|taxes?)|(?:{_VAT}|tax) (?:amount|betrag|bedrag|total)|steuerbetrag|(?:ust|mwst)[-. ]*betrag"), (0.4, r"montant|tax"),),
    "base": ((1.0, rf"base(?: (?:{_HT}|{_VAT}|imposable|taxable|de calcul))*|(?:net|taxable) (?:amo?unt|value|base)|basis(?:betrag)?|bemessungsgrundlage|netto(?:preis|betrag|wert)?|assiette|montants? {_HT}|total {_HT}|warenwert|grondslag|goods value|maatstaf"),),
    "discount": ((1.0, r"(?:taux |montant |% )?(?:de )?(?:remise|rem\b\.?|rabais|reduction|rist\b\.?)s?(?: ?\(?%\)?| \(-\))?|disc(?:ount|\.)?(?: ?%)?|rabatt(?: ?%)?|korting|% rem\b\.?|charge \(\+\)"),),
    "code": ((1.0, r"(?:code|ref|reference|sku|n°|art\.?)(?:s)?(?: ?\.? ?(?:article|produit|art|item))?\b\.?|art(?:ikel)?\.?-?(?:nr|nummer|no)\b\.?(?:-\w+)?|item (?:code|no|number|#)|no\.|codes? articles?|gtin|ean"),),
    "position": ((1.0, r"#|pos(?:ition|\.)?|ligne|n°|lfd\.? ?nr\.?|line(?: no)?"),),
    "date": ((1.0, r"date(?: d(?:e |')\w+)?|datum|shipment date"),),
}  # fmt: skip

PARTIES: Mapping[str, tuple[tuple[float, str], ...]] = {
    "seller": ((1.0, r"de"), (1.0, r"emetteurs?|vendeurs?|fournisseurs?|prestataires?|expediteurs?|verkaufer|seller|vendor|supplier|from|issued by|bill from|rechnungssteller|vendu par|sold by|lieferant|leistungserbringer|verkoper|emis par|facture emise par|bailleur|entreprise(?: de travail temporaire)?|titulaire du marche|prestataire de services?|societe emettrice|leverancier"),),
    "buyer": (
        (1.0, r"a|pour|an"),
        (1.0, r"(?:adresse |coordonnees )?(?:de |du |d'|votre )?(?:client|acheteur|destinataire|facturation|preneur|donneur d'ordre|debiteur)s?(?: (?:facture|de la facture|final))?(?: ?/ ?leistungsempfanger)?|facture[er]? a|factures? (?:a|pour|adressee a)|facturation a|cliente|a l'attention de l(?:a|e) societe|nom de l'abonne|titulaire(?: du contrat)?|bill(?:ed)? to(?: address)?|billing address|invoice(?:d)? to|invoice address|sold to|customer|client|buyer|recipient|auftraggeber|attention|guest name|kaufer(?:/leistungsempfanger)?|kunde|rechnungsempfanger|rechnungsadresse|leistungsempfanger|rechnung an|factuuradres|klant|afnemer|maitre d'ouvrage|maitre de l'ouvrage|entreprise utilisatrice|proprietaire(?: du vehicule)?|locataire|souscripteur|adherent|acquereur|patient|vendu a|facture pour|donneur d'ordres|nom et adresse du client|nom (?:du )?client|votre entreprise|adresse client|pour le compte de|a l'attention de|doit|adressee? a|credit(?:ed)? to|livre et facture a|facture et livre a"),
    ),
    "delivery": ((1.0, r"(?:adresse |lieu |site )?(?:de |d'|du )?(?:livraison|installation|intervention|chantier|expedition|consommation|l'installation|prestation)(?: ?: ?adresse, references)?|livre a|point de livraison|ship(?:ped)? to|deliver(?:ed|y)? (?:to|address)|shipping address|lieferadresse|lieferanschrift|abweichender warenempfanger|warenempfanger|afleveradres|bezorgadres"),),
    "payee": ((1.0, r"beneficiaires?|payee|abweichender zahlungsempfanger|zahlungsempfanger|factor|subroge|organisme d'affacturage|payable to|kontoinhaber|titulaire du compte|account holder|account name"),),
    "tax_representative": ((1.0, r"representant fiscal|tax representative|fiskalvertreter|steuervertreter"),),
    "buyer_ids": ((1.0, r"(?:vos|votre|ihre) (?:identifiants?|(?:n ?° (?:de )?)?(?:siret|siren|tva)|ust-id)"),),
    "references": ((1.0, r"(?:nos|vos|votre) references?|nos identifiants|references? sur la facture|contact commercial|votre contact|interlocuteur|suivi par|bemerkungen|notes?|remarques?|observations?|commentaires?|salesperson|your reference|moyen de paiement|coordonnees bancaires|mode de (?:paiement|reglement)|bank details"),),
}  # fmt: skip


FAMILIES = ("header", "totals", "columns", "parties")
_NAMING = ("header", "totals", "columns")  # whose labels name a value
_Hit = tuple[int, float, int, str, int]  # length and weight, negative; expression, role, start


@dataclass(frozen=True)
class Label:
    """A label found on a row."""

    role: str
    spot: Spot
    weight: float


def find(rows: Iterable[Row], family: str) -> list[Label]:
    """The labels of one family on these rows, in reading order; the longest wins its words.

    Families: "header", "totals", "columns", "parties".
    """
    return find_all(rows, (family,))[family]


def find_all(rows: Iterable[Row], families: tuple[str, ...] = FAMILIES) -> dict[str, list[Label]]:
    """The labels of several families, as find() gives those of each: the rows are gone through
    once.
    """
    found: dict[str, list[Label]] = {family: [] for family in families}
    for row in rows:
        hits = _hits(row, families)
        for family, held in hits.items():
            found[family] += _kept(row, held)
    return found


def heading(row: Row) -> Label | None:
    """What a column's head says, its stacked words given as one row: its longest label."""
    found = find([row], "columns")
    return max(found, key=lambda one: (one.spot.end - one.spot.start) * one.weight, default=None)


def _hits(row: Row, families: tuple[str, ...]) -> dict[str, list[_Hit]]:
    """What the expressions of some families match on a row."""
    entries, spotter = _spotter(families)
    hits: dict[str, list[_Hit]] = {}
    for place, match in spotter.find(row.plain):
        text = match[0].rstrip()
        words = text.lstrip().split(GAP)[0].rstrip()  # optional spaces may add up to a gap
        if words:
            family, role, weight = entries[place]
            start = match.start() + len(text) - len(text.lstrip())
            hit = (-len(words), -weight, place, role, start)
            hits.setdefault(family, []).append(hit)
    return hits


def _kept(row: Row, hits: list[_Hit]) -> list[Label]:
    """The longest of those that cover the same words, then the weightiest, then the first."""
    kept: list[Label] = []
    for size, weight, _, role, start in sorted(hits):
        end = start - size
        if all(end <= one.spot.start or start >= one.spot.end for one in kept):
            kept.append(Label(role, Spot(row, start, end), -weight))
    kept.sort(key=lambda one: one.spot.start)
    return kept


@lru_cache(maxsize=2048)
def names_a_value(text: str) -> bool:
    """True when a whole text (plain) is a label or a column's head: it names nobody."""
    _, spotter = _spotter(_NAMING)
    return spotter.whole(text)


@lru_cache(maxsize=8)
def _patterns(family: str) -> tuple[tuple[str, float, re.Pattern[str]], ...]:
    table = {"header": HEADER, "totals": TOTALS, "columns": COLUMNS, "parties": PARTIES}[family]
    return tuple(
        (role, weight, compiled(pattern))
        for role, entries in table.items()
        for weight, pattern in entries
    )


@lru_cache(maxsize=8)
def _spotter(families: tuple[str, ...]) -> tuple[tuple[tuple[str, str, float], ...], Spotter]:
    """(family, role, weight) of each expression of some families, and the expressions."""
    every = [(family, *one) for family in families for one in _patterns(family)]
    entries = tuple((family, role, weight) for family, role, weight, _ in every)
    return entries, Spotter([pattern for *_, pattern in every])


def compiled(pattern: str) -> re.Pattern[str]:
    """A label pattern as an expression: bounded by non-letters, spaces optional."""
    spaced = pattern.replace("N°", _NUMBER)
    spaced = spaced.replace("(?<=   )", "\x00").replace("(?=   )", "\x01")
    spaced = re.sub(r"\[[^]]*\]", lambda found: found[0].replace(" ", "\x02"), spaced)
    spaced = spaced.replace(" ?", " ").replace(" ", " {0,2}")  # less than a GAP
    for sign, kept in (("\x00", "(?<=   )"), ("\x01", "(?=   )"), ("\x02", " ")):
        spaced = spaced.replace(sign, kept)
    # "N°FC-12": a sign that ends a label needs no space after it.
    return re.compile(rf"{BOUND}(?:{spaced})(?:(?<=[°#])|(?![a-z]))")
