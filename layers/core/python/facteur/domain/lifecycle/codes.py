"""The vocabulary of the lifecycle: statuses, who sets them, and what the screens say of them.

A code that is in none of these tables is kept and shown by its code: a receiver must tolerate
what it does not know (BR-FR-CDV-CL-06 is a warning). English translations call « Rejetée » (213)
and « Refusée » (210) the same, and « Reçue » (202) and « Encaissée » (212) too: only codes count.

Sources: DGFiP specifications v3.2 §3.6.4 table 8; XP Z12-014 annex A V1.3 §2; schematron BR-FR-CDV
V1.4.0.03 (lists CL-04 to CL-11); reference: lifecycle.md §1, §2, ux.md §5.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from facteur.domain.lifecycle.records import Side


class Phase(StrEnum):
    """MDT-77: who may write the message."""

    TRANSMISSION = "305"  # a platform
    PROCESSING = "23"  # a party


class Tone(StrEnum):
    """The colour family of a badge, never the only sign."""

    GREY = "grey"
    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    ORANGE = "orange"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status of an invoice (MDT-105)."""

    code: str
    label: str  # MDT-106
    phase: Phase
    by: tuple[Side, ...]  # who sets it on an ordinary invoice
    tone: Tone
    meaning: str  # one sentence for the screens
    untdid: str = ""  # MDT-88, UNTDID 1373; "" where no official example has one
    to_ppf: bool = False  # one of the four that the public platform takes


_SEEN, _SOLD, _PLATFORM = (Side.BUYER,), (Side.SELLER,), (Side.PLATFORM,)
_EITHER, _FACTOR = (Side.BUYER, Side.SELLER), (Side.SELLER, Side.THIRD)
_T, _P = Phase.TRANSMISSION, Phase.PROCESSING


def _status(
    code: str,
    label: str,
    phase: Phase,
    by: tuple[Side, ...],
    tone: Tone,
    untdid: str,
    meaning: str,
) -> Status:
    ppf = code in {"200", "210", "212", "213"}
    return Status(
        code=code,
        label=label,
        phase=phase,
        by=by,
        tone=tone,
        untdid=untdid,
        meaning=meaning,
        to_ppf=ppf,
    )


_ALL = (
    _status(
        "200", "Déposée", _T, _PLATFORM, Tone.GREY, "10",
        "La plateforme du vendeur a contrôlé la facture et l’a prise.",
    ),
    _status(
        "201", "Émise par la plateforme", _T, _PLATFORM, Tone.GREY, "51",
        "La plateforme du vendeur l’a transmise à celle de l’acheteur.",
    ),
    _status(
        "202", "Reçue par la plateforme", _T, _PLATFORM, Tone.GREY, "43",
        "La plateforme de l’acheteur l’a reçue et contrôlée.",
    ),
    _status(
        "203", "Mise à disposition", _T, _PLATFORM, Tone.GREY, "48",
        "L’acheteur peut la lire sur sa plateforme.",
    ),
    _status(
        "204", "Prise en charge", _P, _SEEN, Tone.BLUE, "45",
        "L’acheteur s’en occupe ; il n’a encore rien décidé.",
    ),
    _status(
        "205", "Approuvée", _P, _SEEN, Tone.GREEN, "1",
        "L’acheteur est d’accord pour payer la facture entière.",
    ),
    _status(
        "206", "Approuvée partiellement", _P, _SEEN, Tone.AMBER, "49",
        "L’acheteur n’est d’accord que pour une partie et dit pourquoi.",
    ),
    _status(
        "207", "En litige", _P, _SEEN, Tone.ORANGE, "46",
        "L’acheteur conteste ; un avoir ou une facture rectificative peut régler le désaccord.",
    ),
    _status(
        "208", "Suspendue", _P, _SEEN, Tone.AMBER, "39",
        "L’acheteur attend du vendeur une pièce ou une précision.",
    ),
    _status(
        "209", "Complétée", _P, _SOLD, Tone.GREEN, "37",
        "Le vendeur a fourni ce que l’acheteur attendait.",
    ),
    _status(
        "210", "Refusée", _P, _SEEN, Tone.RED, "50",
        "L’acheteur refuse définitivement ; le vendeur annule la facture chez lui.",
    ),
    _status(
        "211", "Paiement transmis", _P, _SEEN, Tone.BLUE, "47",
        "L’acheteur a payé, en tout ou en partie.",
    ),
    _status(
        "212", "Encaissée", _P, _SOLD, Tone.GREEN, "47",
        "Le vendeur a reçu un paiement, en tout ou en partie.",
    ),
    _status(
        "213", "Rejetée", _T, _PLATFORM, Tone.RED, "8",
        "Une plateforme a rejeté la facture : son numéro est perdu, il faut en établir une autre.",
    ),
    _status(
        "214", "Visée", _P, (Side.THIRD,), Tone.BLUE, "",
        "Un mandataire ou un maître d’œuvre l’a vérifiée avant l’acheteur.",
    ),
    _status(
        "220", "Annulée", _P, _EITHER, Tone.GREY, "",
        "Une facture rectificative ou un avoir la remplace : plus rien n’est à en attendre.",
    ),
    _status(
        "221", "Erreur de routage", _T, _PLATFORM, Tone.ORANGE, "8",
        "La plateforme qui l’a reçue ne sert pas cette adresse : celle de l’émetteur recommence.",
    ),
    _status(
        "224", "Demande de paiement direct", _P, _SOLD, Tone.BLUE, "",
        "Un sous-traitant demande à être payé par le maître d’ouvrage.",
    ),
    _status(
        "225", "Affacturée", _P, _FACTOR, Tone.BLUE, "5",
        "La créance est cédée : le paiement va au factor.",
    ),
    _status(
        "226", "Affacturée confidentiel", _P, _FACTOR, Tone.BLUE, "5",
        "La créance est cédée sans que l’acheteur le sache.",
    ),
    _status(
        "227", "Changement de compte à payer", _P, _FACTOR, Tone.AMBER, "5",
        "Le paiement va à un autre compte : à vérifier auprès du vendeur avant de payer.",
    ),
    _status(
        "228", "Non affacturée", _P, _FACTOR, Tone.GREY, "5",
        "La créance n’est plus cédée.",
    ),
    _status(
        "501", "Irrecevable", _T, _PLATFORM, Tone.RED, "",
        "Le fichier n’a pas pu être lu : la facture n’existe pas, le même numéro peut resservir.",
    ),
)  # fmt: skip

#: Every status of an invoice that we know, by its code.
STATUSES: Mapping[str, Status] = {one.code: one for one in _ALL}

#: After one of these nothing more is to be said of the invoice.
CLOSING = frozenset({"210", "213", "220"})
#: The road from platform to platform, in order.
ROAD = ("200", "201", "202", "203")
#: What a platform alone may say: never offered to a user.
PLATFORM_ONLY = frozenset({*ROAD, "213", "221", "501"})

#: Statuses of other things than invoices (MDT-105 beside another profile).
OTHER_STATUSES: Mapping[str, str] = {
    "250": "Données réglementaires déposées",
    "251": "Données réglementaires rejetées",
    "300": "Transmission déposée",
    "301": "Transmission rejetée",
    "400": "Mise à jour de l’annuaire acceptée",
    "401": "Mise à jour de l’annuaire rejetée",
    "500": "Flux recevable",
    "501": "Irrecevable",
    "601": "Message de cycle de vie rejeté",
}


class Profile(StrEnum):
    """MDT-3 and MDT-97: what a message is about."""

    INVOICE = "urn.cpro.gouv.fr:1p0:CDV:invoice"  # between platforms and with ours
    INVOICE_PPF = "urn.cpro.gouv.fr:1p0:CDV:einvoicingF2"  # to the public platform
    REGULATORY = "urn.cpro.gouv.fr:1p0:CDV:einvoicingF1"
    EREPORTING = "urn.cpro.gouv.fr:1p0:CDV:ereportingF10"
    DIRECTORY = "urn.cpro.gouv.fr:1p0:CDV:annuaire"
    MESSAGE = "urn.cpro.gouv.fr:1p0:CDV:messageCDV"
    FLOW = "urn.cpro.gouv.fr:1p0:CDV:flux"

    @property
    def of_invoice(self) -> bool:
        """True when a message of this profile speaks of an invoice."""
        return self in {Profile.INVOICE, Profile.INVOICE_PPF}


#: MDT-121: what is asked of the other party.
ACTIONS: Mapping[str, str] = {
    "NOA": "Aucune action attendue",
    "PIN": "Fournir une information complémentaire",
    "NIN": "Établir une nouvelle facture",
    "CNF": "Établir un avoir total",
    "CNP": "Établir un avoir partiel",
    "CNA": "Établir un avoir d’un montant donné",
    "OTH": "Autre action",
}

#: MDT-207: what a datum beside a status is.
CHARACTERISTICS: Mapping[str, str] = {
    "MEN": "Montant encaissé TTC",
    "MPA": "Montant payé",
    "RAP": "Reste à payer",
    "ESC": "Escompte",
    "RAB": "Rabais",
    "REM": "Remise",
    "MAP": "Montant approuvé HT",
    "MAPTTC": "Montant approuvé TTC",
    "MNA": "Montant non approuvé HT",
    "MNATTC": "Montant non approuvé TTC",
    "CBB": "Coordonnées bancaires",
    "DIV": "Donnée invalide",
    "DVA": "Donnée attendue",
    "MAJ": "Donnée de remplacement",
}

#: The roles of the parties themselves (MDT-40); every other one speaks in somebody's name.
PARTIES = frozenset({"BY", "SE"})

#: Who speaks under a role (MDT-40, UNCL 3035): agents, payers and payees are their party.
_SIDES: Mapping[str, Side] = {
    "BY": Side.BUYER,
    "AB": Side.BUYER,
    "PR": Side.BUYER,
    "IV": Side.BUYER,
    "SE": Side.SELLER,
    "SR": Side.SELLER,
    "PE": Side.SELLER,
    "II": Side.SELLER,
    "WK": Side.PLATFORM,
    "DFH": Side.PLATFORM,
}


def label(code: str) -> str:
    """« Refusée »; the code itself when it is unknown."""
    known = STATUSES.get(code)
    return known.label if known else OTHER_STATUSES.get(code, code)


def tone(code: str) -> Tone:
    """The colour family of a status; grey when it is unknown."""
    known = STATUSES.get(code)
    return known.tone if known else Tone.GREY


def meaning(code: str) -> str:
    """What a status means, in a sentence; "" when it is unknown."""
    known = STATUSES.get(code)
    return known.meaning if known else ""


def phase_of(code: str) -> Phase:
    """Whose message carries it; what is unknown is a party's."""
    known = STATUSES.get(code)
    return known.phase if known else Phase.PROCESSING


def side_of(role: str) -> Side:
    """Who speaks under a role code (MDT-40); a role that we do not know is a third party's."""
    return _SIDES.get(role, Side.THIRD)
