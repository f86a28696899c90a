"""The official code lists we meet, with French labels for the screens.

An unknown code is never an error here: it is shown as it is. The lists are the parts of the
official ones that French invoices use, not copies of them: the official rules hold those.

Sources: UNTDID 1001, 4451, 4461, 5305; UN/ECE recommendations 20 and 21; CEF VATEX; ISO 6523 ICD;
DGFiP annexe 7 V1.9 (French labels, reasons for refusing); reference: code-lists.md,
invoice-formats.md §3 and §4.
"""

from collections.abc import Mapping
from dataclasses import dataclass

#: BT-3, UNTDID 1001: the types of the reform, and those that foreign invoices carry.
TYPES: Mapping[str, str] = {
    "380": "Facture",
    "389": "Facture auto-facturée",
    "393": "Facture affacturée",
    "501": "Facture auto-facturée affacturée",
    "386": "Facture d'acompte",
    "500": "Facture d'acompte auto-facturée",
    "384": "Facture rectificative",
    "471": "Facture rectificative auto-facturée",
    "472": "Facture rectificative affacturée",
    "473": "Facture rectificative auto-facturée affacturée",
    "381": "Avoir",
    "261": "Avoir auto-facturé",
    "262": "Avoir pour remise globale",
    "396": "Avoir affacturé",
    "502": "Avoir auto-facturé affacturé",
    "503": "Avoir sur facture d'acompte",
    "80": "Note de débit (biens ou services)",
    "81": "Note de crédit (biens ou services)",
    "82": "Facture de services mesurés",
    "83": "Note de crédit (ajustement financier)",
    "84": "Note de débit (ajustement financier)",
    "130": "Feuille de données de facturation",
    "202": "Demande de paiement direct",
    "203": "Demande de paiement provisoire",
    "204": "Demande de paiement",
    "211": "Demande de paiement d'acompte",
    "218": "Demande de paiement finale",
    "295": "Facture de révision de prix",
    "296": "Note de crédit de révision de prix",
    "308": "Avoir de commissionnaire",
    "325": "Facture proforma",
    "326": "Facture partielle",
    "331": "Facture commerciale avec colisage",
    "383": "Note de débit",
    "385": "Facture récapitulative",
    "387": "Facture de location",
    "388": "Facture fiscale",
    "390": "Facture de commissionnaire",
    "394": "Facture de crédit-bail",
    "395": "Facture en consignation",
    "420": "Note de crédit (lecture optique)",
    "456": "Note de débit (assurance)",
    "457": "Annulation de note de débit",
    "458": "Annulation d'avoir",
    "527": "Note de débit auto-facturée",
    "532": "Avoir de transitaire",
    "553": "Facture de transitaire",
    "575": "Facture d'assureur",
    "623": "Facture de fret",
    "633": "Facture de frais portuaires",
    "751": "Données comptables (hors facture)",
    "780": "Facture de transport",
    "935": "Facture en douane",
}

#: BT-23, the French invoicing frameworks.
PROCESSES: Mapping[str, str] = {
    "B1": "Biens, facture à payer",
    "S1": "Services, facture à payer",
    "M1": "Biens et services, facture à payer",
    "B2": "Biens, facture déjà payée",
    "S2": "Services, facture déjà payée",
    "M2": "Biens et services, facture déjà payée",
    "S3": "Demande de paiement direct d'un sous-traitant",
    "B4": "Biens, facture définitive après acompte",
    "S4": "Services, facture définitive après acompte",
    "M4": "Biens et services, facture définitive après acompte",
    "S5": "Services, facture d'un sous-traitant",
    "S6": "Services, facture d'un cotraitant",
    "B7": "Biens, TVA déjà déclarée",
    "S7": "Services, TVA déjà déclarée",
    "B8": "Biens, facture multi-vendeurs",
    "S8": "Services, facture multi-vendeurs",
    "M8": "Biens et services, facture multi-vendeurs",
    "B9": "Biens, facture bidirectionnelle",
    "S9": "Services, facture bidirectionnelle",
    "M9": "Biens et services, facture bidirectionnelle",
}

#: BT-118, UNTDID 5305.
VAT_CATEGORIES: Mapping[str, str] = {
    "S": "Taux normal ou réduit",
    "Z": "Taux zéro",
    "E": "Exonéré",
    "AE": "Autoliquidation",
    "K": "Livraison intracommunautaire",
    "G": "Exportation",
    "O": "Hors champ de la TVA",
    "L": "Impôt des îles Canaries",
    "M": "Impôt de Ceuta et Melilla",
}

#: BT-121, why there is no VAT.
EXEMPTIONS: Mapping[str, str] = {
    "VATEX-EU-AE": "Autoliquidation",
    "VATEX-EU-IC": "Livraison intracommunautaire",
    "VATEX-EU-G": "Exportation hors de l'Union",
    "VATEX-EU-O": "Hors champ de la TVA",
    "VATEX-EU-D": "Biens d'occasion : moyens de transport (marge)",
    "VATEX-EU-F": "Biens d'occasion (marge)",
    "VATEX-EU-I": "Œuvres d'art (marge)",
    "VATEX-EU-J": "Objets de collection et d'antiquité (marge)",
    "VATEX-EU-79-C": "Débours",
    "VATEX-EU-132": "Activité d'intérêt général",
    "VATEX-EU-135-1": "Assurance, finance, location",
    "VATEX-EU-143": "Importation exonérée",
    "VATEX-EU-148": "Navires et aéronefs",
    "VATEX-EU-151": "Diplomates et organisations internationales",
    "VATEX-EU-153": "Intermédiaires",
    "VATEX-EU-309": "Agences de voyages, hors de l'Union",
    "VATEX-FR-FRANCHISE": "Franchise en base (art. 293 B du CGI)",
    "VATEX-FR-CGI293B": "Franchise en base (art. 293 B du CGI)",
    "VATEX-FR-CNWVAT": "Avoir net de taxe",
    "VATEX-FR-AE": "Autoliquidation (art. 283-2 du CGI)",
    "VATEX-FR-CGI275": "Achats en franchise pour l'exportation (art. 275 du CGI)",
    "VATEX-FR-CGI277A": "Régimes suspensifs (art. 277 A du CGI)",
    "VATEX-FR-CGI295": "Exonérations outre-mer (art. 295 du CGI)",
    "VATEX-FR-298SEXDECIESA": "Produits agricoles (art. 298 sexdecies A du CGI)",
}

#: BT-81, UNTDID 4461.
PAYMENT_MEANS: Mapping[str, str] = {
    "1": "Non défini",
    "10": "Espèces",
    "20": "Chèque",
    "21": "Chèque de banque",
    "23": "Chèque de banque",
    "24": "Lettre de change",
    "25": "Chèque certifié",
    "30": "Virement",
    "31": "Virement débiteur",
    "42": "Versement sur un compte bancaire",
    "44": "Lettre de change acceptée",
    "48": "Carte bancaire",
    "49": "Prélèvement",
    "54": "Carte de crédit",
    "55": "Carte de débit",
    "57": "Moyen convenu",
    "58": "Virement SEPA",
    "59": "Prélèvement SEPA",
    "60": "Billet à ordre",
    "68": "Service de paiement en ligne",
    "70": "Lettre de change tirée",
    "97": "Compensation entre partenaires",
    "ZZZ": "Convenu entre les parties",
}

#: BT-130, recommendation 20 and 21, as short as a column.
UNITS: Mapping[str, str] = {
    "C62": "unité",
    "H87": "pièce",
    "EA": "unité",
    "NAR": "article",
    "PR": "paire",
    "SET": "jeu",
    "DZN": "douzaine",
    "LS": "forfait",
    "1I": "forfait",
    "P1": "%",
    "E48": "prestation",
    "SEC": "s",
    "MIN": "min",
    "HUR": "h",
    "DAY": "j",
    "E49": "j ouvré",
    "WEE": "semaine",
    "MON": "mois",
    "ANN": "an",
    "GRM": "g",
    "KGM": "kg",
    "TNE": "t",
    "MMT": "mm",
    "CMT": "cm",
    "MTR": "m",
    "KMT": "km",
    "SMI": "mi",
    "MTK": "m²",
    "MTQ": "m³",
    "MLT": "ml",
    "LTR": "l",
    "KWH": "kWh",
    "MWH": "MWh",
    "KWT": "kW",
    "XPK": "colis",
    "XBX": "boîte",
    "XCT": "carton",
    "XPX": "palette",
    "XBG": "sac",
    "XRO": "rouleau",
    "XZZ": "autre",
    "ZZ": "autre",
}

#: ISO 6523 schemes of identifiers, and the registrations of CII.
SCHEMES: Mapping[str, str] = {
    "0002": "SIREN",
    "0009": "SIRET",
    "0060": "DUNS",
    "0088": "GLN",
    "0199": "LEI",
    "0223": "TVA intracommunautaire",
    "0224": "Code routage",
    "0225": "Adresse de facturation électronique",
    "0226": "Particulier",
    "0227": "Entreprise hors de l'Union",
    "0228": "RIDET",
    "0229": "TAHITI",
    "0231": "SIREN de l'assujetti unique",
    "0238": "Matricule de plateforme",
    "9957": "TVA française",
    "EM": "Adresse mail",
    "VA": "TVA",
    "FC": "Identifiant fiscal",
}

#: BT-21, UNTDID 4451, with their French use.
NOTE_SUBJECTS: Mapping[str, str] = {
    "PMT": "Indemnité forfaitaire de recouvrement",
    "PMD": "Pénalités de retard",
    "AAB": "Escompte",
    "TXD": "Membre d'un assujetti unique",
    "BAR": "Traitement attendu",
    "BLU": "Éco-participation",
    "REG": "Forme juridique et capital",
    "ABL": "Immatriculation",
    "AAI": "Information générale",
    "SUR": "Remarque du fournisseur",
    "CUS": "Douane",
    "ACC": "Subrogation de l'affactureur",
    "DCL": "Émise pour le compte d'un autre",
    "AAR": "Conditions de livraison",
    "AAK": "Conditions de prix",
    "AAT": "Règlement",
    "ABN": "Comptabilité",
    "PAI": "Instruction de paiement",
    "ADU": "Note",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for refusing an invoice; ``official`` when a refusal (210) may carry it."""

    code: str
    label: str
    official: bool = True


#: Why a buyer refuses: the reasons that status 210 accepts between companies, then ours.
REFUSALS: tuple[Reason, ...] = (
    Reason("DEST_ERR", "Erreur de destinataire"),
    Reason("DOUBLON", "Facture en doublon (déjà émise ou reçue)"),
    Reason("DOUBLE_FACT", "Double facturation"),
    Reason("EMMET_INC", "Émetteur inconnu"),
    Reason("TRANSAC_INC", "Transaction inconnue"),
    Reason("MONTANTTOTAL_ERR", "Montant total erroné"),
    Reason("CALCUL_ERR", "Erreur de calcul de la facture"),
    Reason("TX_TVA_ERR", "Taux de TVA erroné"),
    Reason("NON_CONFORME", "Mention légale manquante"),
    Reason("CMD_ERR", "Numéro de commande incorrect ou manquant"),
    Reason("REF_CT_ABSENT", "Référence contractuelle manquante"),
    Reason("CONTRAT_TERM", "Contrat terminé"),
    Reason("ADR_ERR", "Adresse de facturation électronique erronée"),
    # Between companies a 210 has no « autre » (lifecycle.md): told to the supplier by other means.
    Reason("AUTRE", "Autre raison, à préciser", official=False),
)


def label(codes: Mapping[str, str], code: str) -> str:
    """The French label of a code in one of the lists above; the code itself when unknown."""
    return codes.get(code.strip(), code)


def exemption_label(code: str) -> str:
    """The label of a VATEX code; a precise article of the CGI falls back on its family."""
    known = EXEMPTIONS.get(code.upper())
    if known:
        return known
    article = code.upper().removeprefix("VATEX-FR-CGI")
    if article != code.upper():
        return f"Exonéré (art. {article.replace('-', ' ')} du CGI)"
    family = "-".join(code.upper().split("-")[:3])
    return EXEMPTIONS.get(family, code)


def is_refusal(code: object) -> bool:
    """True for one of the reasons for refusing."""
    return any(reason.code == code for reason in REFUSALS)


def refusal_label(code: str) -> str:
    """The label of a reason for refusing; the code itself when unknown."""
    return next((reason.label for reason in REFUSALS if reason.code == code), code)
