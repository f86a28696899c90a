"""Why a status is set (MDT-113): the codes that each status takes, and when to use which.

206, 207, 208, 210, 213 and 501 must carry a reason of their own list; 200 and 221 may carry one;
the others take any code of the whole list. Chorus Pro sends codes that no list has: they are kept
and shown. People mix the reasons up (D38), so each that a person may choose says when to use it.

Sources: schematron BR-FR-CDV V1.4.0.03, CL-09 and CDV-15; DGFiP annexe 7 V1.9 « Tableau des motifs
de refus »; reference: lifecycle.md §4, code-lists.md §8. The thirteen reasons of a refusal and
their labels stand in domain/codes.py: one list for a refusal here and for status 210.
"""

from collections.abc import Mapping

from facteur.domain.codes import REFUSALS

#: The reasons of status 210 between companies: no « autre ».
_REFUSAL = tuple(one.code for one in REFUSALS if one.official)
_LINES = ("PU_ERR", "REM_ERR", "QTE_ERR", "ART_ERR", "MODPAI_ERR", "QUALITE_ERR", "LIVR_INCOMP")
_REFERENCES = ("CMD_ERR", "SIRET_ERR", "CODE_ROUTAGE_ERR", "REF_CT_ABSENT", "REF_ERR")

#: The reasons that each status takes, in the order they are shown.
REASONS: Mapping[str, tuple[str, ...]] = {
    "200": ("NON_TRANSMISE",),
    "206": (*_LINES, *_REFERENCES, "AUTRE"),
    "207": (
        "MONTANTTOTAL_ERR", "CALCUL_ERR", "TX_TVA_ERR", *_LINES, "COORD_BANC_ERR", "DOUBLON",
        "DOUBLE_FACT", "TRANSAC_INC", "EMMET_INC", "DEST_ERR", "DEST_INC", "CONTRAT_TERM",
        "NON_CONFORME", "ADR_ERR", *_REFERENCES, "AUTRE",
    ),
    "208": ("JUSTIF_ABS", *_REFERENCES, "COORD_BANC_ERR"),
    "210": _REFUSAL,
    "213": (
        "REJ_SEMAN", "REJ_UNI", "REJ_COH", "REJ_ADR", "REJ_CONT_B2G", "REJ_REF_PJ", "REJ_ASS_PJ",
        "MONTANTTOTAL_ERR", "CALCUL_ERR", "DOUBLON", "DEST_INC", "ADR_ERR",
    ),
    "221": ("ROUTAGE_ERR",),
    "501": (
        "IRR_VIDE_F", "IRR_TYPE_F", "IRR_SYNTAX", "IRR_TAILLE_F", "IRR_NOM_F", "IRR_ANTIVIRUS",
        "IRR_TAILLE_PJ", "IRR_NOM_PJ", "IRR_VID_PJ", "IRR_EXT_DOC",
    ),
}  # fmt: skip

#: Statuses that must say why (BR-FR-CDV-15).
REQUIRED = frozenset({"206", "207", "208", "210", "213", "501"})
#: Statuses that must say it in words too (G7.25, and what the buyer waits for in a 208).
COMMENTED = frozenset({"208", "210"})

MOST_COMMENT = 2000  # characters of MDT-126
MOST_LABEL = 250  # characters of MDT-114

_LABELS: Mapping[str, str] = {
    **{one.code: one.label for one in REFUSALS if one.official},
    "NON_TRANSMISE": "Non transmise",
    "ROUTAGE_ERR": "Erreur de routage",
    "JUSTIF_ABS": "Justificatif absent ou insuffisant",
    "AUTRE": "Autre",
    "COORD_BANC_ERR": "Erreur de coordonnées bancaires",
    "DEST_INC": "Destinataire inconnu",
    "SIRET_ERR": "SIRET erroné ou absent",
    "CODE_ROUTAGE_ERR": "Code routage absent ou erroné",
    "REF_ERR": "Référence incorrecte",
    "PU_ERR": "Prix unitaires incorrects",
    "REM_ERR": "Remise erronée",
    "QTE_ERR": "Quantité facturée incorrecte",
    "ART_ERR": "Article facturé incorrect",
    "MODPAI_ERR": "Modalités de paiement incorrectes",
    "QUALITE_ERR": "Qualité d’article livré incorrecte",
    "LIVR_INCOMP": "Livraison incomplète ou non effectuée",
    "RETRAIT_MAN_SERV": "Retraitement manuel par les services",
    "ST_CT_NON_DECLAR": "Sous-traitant ou cotraitant non déclaré",
    "SUPPR_COMP_AVOIR": "Suppression pour compensation d’avoirs",
    "TRANSF_PMNT_REGIE": "Transfert pour paiement en régie",
    "CONTACT_ACHTR": "Contacter votre acheteur",
    "REJ_SEMAN": "Contrôle du format sémantique",
    "REJ_UNI": "Contrôle d’unicité",
    "REJ_COH": "Contrôle de cohérence des données",
    "REJ_ADR": "Rejet d’adresse",
    "REJ_CONT_B2G": "Rejet du contexte public",
    "REJ_REF_PJ": "Rejet de la référence d’une pièce jointe",
    "REJ_ASS_PJ": "Rejet de l’association d’une pièce jointe",
    "REJ_INC": "Incohérence",
    "REJ_INEX": "Objet inexistant",
    "REJ_RG": "Règle de gestion non respectée",
    "REJ_HAB": "Habilitation absente",
    "REJ_ENCAISSEMENT": "Montants encaissés par taux absents",
    "REJ_PER": "Période incorrecte",
    "REJ_VAL_INC": "Valeur incorrecte",
    "IRR_VIDE_F": "Fichier vide",
    "IRR_TYPE_F": "Type ou extension du fichier",
    "IRR_SYNTAX": "Syntaxe du fichier (XSD)",
    "IRR_TAILLE_F": "Taille du fichier",
    "IRR_NOM_F": "Nom du fichier",
    "IRR_ANTIVIRUS": "Contrôle antivirus",
    "IRR_TAILLE_PJ": "Taille des pièces jointes",
    "IRR_NOM_PJ": "Nom des pièces jointes",
    "IRR_VID_PJ": "Pièces jointes vides",
    "IRR_EXT_DOC": "Type ou extension des pièces jointes",
}

#: When to use a reason, whatever the status.
_USES: Mapping[str, str] = {
    "PU_ERR": "Le prix d’une ligne n’est pas celui du devis ou du tarif convenu.",
    "REM_ERR": "La remise convenue manque, ou son taux ou sa base est faux.",
    "QTE_ERR": "La quantité facturée n’est pas celle qui a été livrée ou commandée.",
    "ART_ERR": "Un article facturé n’a pas été commandé, ou ce n’est pas le bon.",
    "MODPAI_ERR": "L’échéance, le mode de règlement ou l’acompte n’est pas celui convenu.",
    "QUALITE_ERR": "Ce qui a été livré est abîmé, défectueux ou non conforme à la commande.",
    "LIVR_INCOMP": "Une partie n’a pas été livrée, ou la prestation n’est pas terminée.",
    "CMD_ERR": "Il manque votre numéro de commande, ou ce n’est pas le bon.",
    "SIRET_ERR": "La facture vise un autre de vos établissements, ou aucun.",
    "CODE_ROUTAGE_ERR": "Il manque le code du service à qui elle est destinée, ou il est faux.",
    "REF_CT_ABSENT": "La référence du contrat ou du marché manque.",
    "REF_ERR": "Une référence est là, mais fausse : projet, livraison, dossier…",
    "AUTRE": "Aucun autre motif ne convient : dites lequel en commentaire.",
    "MONTANTTOTAL_ERR": "Le total n’est pas celui convenu, alors que les calculs sont justes.",
    "CALCUL_ERR": "Une addition, une remise ou une TVA est mal calculée.",
    "TX_TVA_ERR": "Un taux de TVA n’est pas celui qui s’applique.",
    "COORD_BANC_ERR": "L’IBAN est faux, ou n’est pas celui que vous connaissez de ce fournisseur.",
    "DOUBLON": "Vous avez déjà reçu cette facture, sous le même numéro.",
    "DOUBLE_FACT": "La même livraison a déjà été facturée sous un autre numéro.",
    "TRANSAC_INC": "Vous n’avez rien commandé ni reçu qui corresponde.",
    "EMMET_INC": "Vous ne connaissez pas ce vendeur.",
    "DEST_ERR": "La facture est pour une autre société.",
    "DEST_INC": "La personne ou le service à qui elle est adressée n’existe pas chez vous.",
    "CONTRAT_TERM": "Le contrat facturé était terminé ou résilié.",
    "NON_CONFORME": "Il manque une mention que la loi impose et que la plateforme ne vérifie pas.",
    "ADR_ERR": "L’adresse électronique de facturation n’est pas celle que vous avez donnée.",
    "JUSTIF_ABS": "Vous attendez une pièce : bon de livraison, relevé d’heures, attestation…",
}

#: Where one status gives a reason another weight.
_USES_IN: Mapping[tuple[str, str], str] = {
    ("210", "CMD_ERR"): (
        "Vous aviez donné votre numéro de commande avant la facturation ; il manque ou est faux."
    ),
    ("210", "REF_CT_ABSENT"): (
        "Vous aviez donné la référence du contrat avant la facturation ; elle manque."
    ),
    ("210", "MONTANTTOTAL_ERR"): (
        "La facture entière est à refaire ; pour une partie contestée, préférez « En litige »."
    ),
    ("210", "NON_CONFORME"): (
        "Il manque une mention que la loi impose : la facture ne vaut pas, il en faut une autre."
    ),
    ("208", "CMD_ERR"): "Vous attendez du vendeur qu’il vous donne le bon numéro de commande.",
    ("208", "COORD_BANC_ERR"): "Vous attendez un IBAN confirmé avant de payer.",
}


def allowed(code: str) -> tuple[str, ...]:
    """The reasons that a person may give for a status; () when it asks for none."""
    return REASONS.get(code, ())


def label(reason: str) -> str:
    """« Taux de TVA erroné »; the code itself when it is unknown."""
    return _LABELS.get(reason, reason)


def use(code: str, reason: str) -> str:
    """When to use a reason for a status, in a sentence; "" when nobody chooses it here."""
    return _USES_IN.get((code, reason)) or _USES.get(reason, "")
