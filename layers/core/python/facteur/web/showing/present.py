"""Domain → view values: the words, icons and colours of states, channels, verdicts, events.

A state is always shown by text, icon and colour together, never by colour alone (WCAG 1.4.1).
The words are those of the product's vocabulary; ``tone`` names a colour of facteur.css.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from facteur.domain import codes
from facteur.domain.candidate import FIELDS
from facteur.domain.decisions import told_by_refusing
from facteur.domain.decisions.sendings import given_back
from facteur.domain.documents import (
    Accounting,
    Channel,
    Conversion,
    Direction,
    Document,
    PaymentStatus,
    State,
    Verdict,
)
from facteur.domain.events import Event
from facteur.domain.french import figure
from facteur.domain.lifecycle import codes as statuses
from facteur.domain.lifecycle import reasons
from facteur.domain.lifecycle.due import payment_status
from facteur.ports import MailRecord
from facteur.web import i18n
from facteur.web.i18n import _


@dataclass(frozen=True, slots=True)
class Badge:
    """What a status looks like."""

    label: str
    icon: str
    tone: str
    tip: str = ""  # what it means, in a sentence


_STATES: Mapping[State, Badge] = {
    State.RECEIVED: Badge("Lecture en cours", "loader-2", "grey"),
    State.READ: Badge("Vérification en cours", "loader-2", "grey"),
    State.TO_CHECK: Badge("À contrôler", "alert-triangle", "amber"),
    State.TO_ACCEPT: Badge("À accepter", "clipboard-check", "blue"),
    State.ACCEPTED: Badge("Acceptée, archivage en cours", "lock-open", "green"),
    State.REFUSED: Badge("Refusée", "circle-x", "red"),
    State.ARCHIVED: Badge("Archivée", "archive", "green"),
    State.QUARANTINED: Badge("Quarantaine", "barrier-block", "purple"),
    State.SPLITTING: Badge("Découpage en cours", "loader-2", "grey"),
    State.SPLIT: Badge("Découpé", "scissors", "grey"),
    State.TRASHED: Badge("À la corbeille", "trash", "grey"),
    State.JOINED: Badge("Rattachée", "link", "grey"),
    State.DELETED: Badge("Supprimée", "trash", "grey"),
}
_CHANNELS: Mapping[Channel, Badge] = {
    Channel.MAIL: Badge("E-mail", "mail", "grey"),
    Channel.UPLOAD: Badge("Dépôt", "upload", "grey"),
    Channel.PHOTO: Badge("Photo", "camera", "grey"),
    Channel.API: Badge("API", "api", "grey"),
    Channel.PLATFORM: Badge("Plateforme", "building-store", "grey"),
    Channel.PA: Badge("Plateforme agréée", "building-bank", "grey"),
}
_ACCOUNTING: Mapping[Accounting, Badge] = {
    Accounting.TO_FETCH: Badge("À récupérer", "file-download", "blue"),
    Accounting.FETCHED: Badge("Récupérée", "circle-check", "green"),
}
_PAYMENTS: Mapping[PaymentStatus, Badge] = {
    PaymentStatus.UNPAID: Badge("Non payé", "circle-dashed", "grey"),
    PaymentStatus.PARTIAL: Badge("Partiellement payé", "progress", "amber"),
    PaymentStatus.PLANNED: Badge("Planifié", "calendar-event", "blue"),
    PaymentStatus.PAID: Badge("Payé", "circle-check", "green"),
}
_VERDICTS: Mapping[Verdict, Badge] = {
    Verdict.VALID: Badge("Conforme", "circle-check", "green"),
    Verdict.INVALID: Badge("Non conforme", "circle-x", "red"),
    Verdict.UNVERIFIED: Badge("Non vérifiée", "help-circle", "grey"),
    Verdict.NOT_CONCERNED: Badge("Non concernée", "info-circle", "grey"),
}

#: What a page is, in one word (candidate.kind and the type field).
KINDS: Mapping[str, str] = {
    "invoice": "Facture",
    "credit_note": "Avoir",
    "prepayment": "Facture d’acompte",
    "corrective": "Facture rectificative",
    "self_billed": "Autofacturation",
    "receipt": "Ticket ou reçu",
    "statement": "Relevé",
    "quote": "Devis",
    "order": "Bon de commande",
    "delivery_note": "Bon de livraison",
    "payslip": "Bulletin de paie",
    "contract": "Contrat",
    "reminder": "Relance",
    "letter": "Courrier",
    "proforma": "Facture pro forma",
    "other": "Document non reconnu",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a list: the service's name, the word of its address, its label."""

    key: str
    slug: str
    label: str
    icon: str


TABS: tuple[Tab, ...] = (
    Tab("inbox", "reception", "Boîte de réception", "inbox"),
    Tab("to_check", "a-controler", "À contrôler", "alert-triangle"),
    Tab("to_accept", "a-accepter", "À accepter", "clipboard-check"),
    Tab("to_send", "a-envoyer", "À envoyer", "arrow-right"),
    Tab("refused", "refusees", "Refusées", "circle-x"),
    Tab("archived", "archivees", "Archivées", "archive"),
    Tab("quarantine", "quarantaine", "Quarantaine", "barrier-block"),
    Tab("unseen", "statuts", "Statuts reçus à voir", "eye-check"),
    Tab("all", "toutes", "Toutes", "list"),
    Tab("trash", "corbeille", "Corbeille", "trash"),
)


@dataclass(frozen=True, slots=True)
class Folder:
    """The two lists of documents, purchases and sales, in words."""

    direction: Direction
    path: str
    title: str
    other: str  # who is on the other side
    menu: str
    icon: str


PURCHASES = Folder(
    Direction.PURCHASE, "/achats", "Factures d’achat", "Fournisseur", "purchases", "file-invoice"
)
SALES = Folder(Direction.SALE, "/ventes", "Factures de vente", "Client", "sales", "file-export")


def folder(direction: Direction) -> Folder:
    """The list that a document belongs to."""
    return PURCHASES if direction is Direction.PURCHASE else SALES


def state(document: Document) -> Badge:
    """Where the document stands; of a sale that waits to be sent, how far it got."""
    if document.state is State.ACCEPTED and document.to_send_since is not None:
        return _translated(_to_send(document))
    return state_of(document.state)


def _to_send(document: Document) -> Badge:
    if given_back(document):
        return Badge("Acceptée, envoi en échec", "alert-triangle", "red")
    if document.sendings:
        return Badge("Acceptée, envoi en cours", "loader-2", "blue")
    return Badge("Acceptée, à envoyer", "arrow-right", "blue")


def state_of(one: State) -> Badge:
    """What a state looks like."""
    return _translated(_STATES[one])


def channel(document: Document) -> Badge:
    """The road it came by; the first one when it came by several."""
    return channel_of(document.sources[0].channel)


def channel_of(one: Channel) -> Badge:
    """A road, in words."""
    return _translated(_CHANNELS[one])


def accounting(document: Document) -> Badge:
    """The accounting status (JF-61)."""
    return _translated(_ACCOUNTING[document.accounting])


def payment(document: Document) -> Badge:
    """The payment status (JF-62)."""
    return _translated(_PAYMENTS[payment_status(document)])


def accountings() -> tuple[tuple[str, Badge], ...]:
    """The accounting statuses to choose from: (value, badge)."""
    return tuple((one.value, _translated(badge)) for one, badge in _ACCOUNTING.items())


def payments() -> tuple[tuple[str, Badge], ...]:
    """The payment statuses to choose from: (value, badge)."""
    return tuple((one.value, _translated(badge)) for one, badge in _PAYMENTS.items())


def verdict(value: Verdict) -> Badge:
    """What the official rules answered."""
    return _translated(_VERDICTS[value])


def reform(value: Verdict) -> Badge:
    """What the rules of the reform answered: told, but it blocks nothing received (amber)."""
    badge = verdict(value)
    return Badge(badge.label, "alert-triangle", "amber") if value is Verdict.INVALID else badge


def _translated(badge: Badge) -> Badge:
    return Badge(_(badge.label), badge.icon, badge.tone)


def kind(name: str) -> str:
    """« Facture », « Avoir »…; an unknown kind is shown as it is."""
    return _(KINDS[name]) if name in KINDS else name


def title(document: Document) -> str:
    """What to call a document: « Facture F-12 », « Relevé · mars.pdf », else its file."""
    summary = document.summary
    if not summary.number:
        said = kind(summary.kind) if summary.kind not in ("", "invoice", "other") else ""
        return f"{said} · {document.filename}" if said else document.filename
    return f"{kind(summary.kind) or _('Document')} {summary.number}"


def other_party(document: Document) -> str:
    """The supplier of a purchase, the customer of a sale; "" while unknown."""
    summary = document.summary
    purchase = document.direction is Direction.PURCHASE
    return summary.seller_name if purchase else summary.buyer_name


#: What is only said when there is something to say.
_TOLD_MORE = ("because", "left", "contradicts", "amount", "reasons", "address", "unsent")


def event(one: Event) -> str:
    """What happened, in one sentence."""
    values = {name: _shown(name, value) for name, value in one.values.items()}
    if why := one.values.get("because"):
        because, _space, entry = why.partition(" ")
        values["because"] = i18n.sentence(f"value.because.{because}") + (entry and f" ({entry})")
    code = f"event.{one.name.value}"
    for more in _TOLD_MORE:
        if one.values.get(more) and (said := i18n.sentence(f"{code}.{more}", values)):
            return said
    return i18n.sentence(code, values) or one.name.value


#: Values of events that need no sentence: shown as they are, or by the words of statuses.
_SAID: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("profile", "number", "filename", "comment"), str),
    "status": lambda value: _(statuses.label(value)),
    "reasons": lambda value: i18n.enumeration(
        _(reasons.label(one.strip())) for one in value.split(",")
    ),
    "amount": lambda value: figure(Decimal(value)),
    "failure": lambda value: i18n.sentence(value, {}) or value,
}


def _shown(name: str, value: str) -> str:
    """A value of an event as the page says it: words for codes, a date for a day."""
    if name in _SAID:
        return _SAID[name](value)
    if name == "pages":
        return i18n.enumeration(pages_text(one.strip()) for one in value.split(","))
    if name == "until":
        return i18n.day(date.fromisoformat(value))
    if name == "fields":
        return i18n.enumeration(label(one.strip()) for one in value.split(","))
    if name == "faults":
        number = len([one for one in value.split(",") if one.strip()])
        return (_("{n} anomalies") if number > 1 else _("{n} anomalie")).format(n=number)
    known = i18n.sentence(f"value.{name}.{value}")
    if name == "reason":
        return known or _(codes.refusal_label(value))
    if name == "code":
        return i18n.sentence(value, {}) or value
    return known or i18n.sentence(f"value.{name}.{value.partition(':')[0]}") or value


def pages_text(pages: str) -> str:
    """A range of pages in words: "3-5" is « 3 à 5 »."""
    first, _dash, last = pages.partition("-")
    return _("{first} à {last}").format(first=first, last=last) if last else first


def refusals(document: Document | None = None) -> tuple[tuple[str, str], ...]:
    """The reasons for refusing to choose from, of this document: (code, label)."""
    told = document is not None and told_by_refusing(document)
    return tuple((one.code, _(one.label)) for one in codes.REFUSALS if one.official or not told)


def road(conversion: Conversion) -> str:
    """How the Factur-X was made."""
    return i18n.sentence(f"value.road.{conversion.road}") or conversion.road


def aside(mail: MailRecord) -> Sequence[str]:
    """What was set aside of a mail and why, one sentence each."""
    return [i18n.fault_text(one) for one in mail.set_aside]


#: The label of every field of the document page.
LABELS: Mapping[str, str] = {
    "type": "Type",
    "number": "N° de facture",
    "issue_date": "Émise le",
    "due_date": "Échéance",
    "currency": "Devise",
    "seller_name": "Nom",
    "seller_siren": "SIREN",
    "seller_siret": "SIRET",
    "seller_vat": "N° de TVA",
    "seller_address": "Adresse",
    "seller_postcode": "Code postal",
    "seller_city": "Ville",
    "seller_country": "Pays",
    "buyer_name": "Nom",
    "buyer_siren": "SIREN",
    "buyer_siret": "SIRET",
    "buyer_vat": "N° de TVA",
    "buyer_address": "Adresse",
    "buyer_postcode": "Code postal",
    "buyer_city": "Ville",
    "buyer_country": "Pays",
    "purchase_order": "N° de commande",
    "contract": "N° de contrat",
    "preceding_invoice": "Facture d’origine",
    "preceding_date": "Date de la facture d’origine",
    "period_start": "Période du",
    "period_end": "au",
    "delivery_date": "Livrée le",
    "lines": "Lignes",
    "adjustments": "Remises et frais",
    "vat_breakdown": "Détail de la TVA",
    "total_excl_vat": "Total HT",
    "total_vat": "Total TVA",
    "total_incl_vat": "Total TTC",
    "prepaid": "Déjà payé",
    "rounding": "Arrondi",
    "amount_due": "Net à payer",
    "iban": "IBAN",
    "bic": "BIC",
    "payment_terms": "Conditions de paiement",
    "exemption_reason": "Motif d’exonération",
    "note_recovery": "Indemnité de recouvrement",
    "note_penalties": "Pénalités de retard",
    "note_discount": "Escompte",
}


def label(name: str) -> str:
    """The label of a field, with its side where the word alone would not tell."""
    if name not in FIELDS:
        return name
    side = {"seller": _("émetteur"), "buyer": _("destinataire")}.get(name.partition("_")[0])
    return f"{_(LABELS[name])} ({side})" if side else _(LABELS[name])
