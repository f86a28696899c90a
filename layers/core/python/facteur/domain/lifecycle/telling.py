"""What is said of an invoice and waits to be seen: which statuses tell people, and what to do.

A status tells people when somebody else said it, when it still holds (a dispute that an approval
lifted no longer does) and when it asks for something or moves money. The road from platform to
platform (200 to 203), « Prise en charge » and « Approuvée » ask for nothing: they are on the
invoice, and nobody is written to about them. What a platform refused of ours is told too.

``Document.unseen`` names what waits: identifiers of records, ``sending:<tracking>`` for a sending
of the invoice itself. Opening the invoice ends it, whoever opens it; so does saying something of
it (decision 0285).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from facteur.domain.documents import Direction, Document
from facteur.domain.lifecycle import codes, reasons
from facteur.domain.lifecycle.codes import CLOSING, ROAD
from facteur.domain.lifecycle.fold import Facts, entitled, facts_of, is_own
from facteur.domain.lifecycle.records import Side, StatusRecord, Transmission

SENDING = "sending:"  # begins what is unseen of the sending of an invoice
LATE = f"{SENDING}late"  # a sale that waits to be sent, for too long

#: They ask for nothing of whoever hears them.
_QUIET = frozenset({*ROAD, "204", "205"})
#: Statuses that say that something went wrong, whoever says it: the block of errors.
_WRONG = frozenset({"213", "221", "501"})

_BANK = (
    "Ne changez aucun compte avant de l’avoir vérifié auprès du vendeur, par un moyen que vous "
    "connaissez déjà."
)
#: What to do about a status, whichever side hears it.
_ADVICE: Mapping[str, str] = {
    "206": "Voyez ce qui n’est pas approuvé : un avoir du reste, ou une réponse, y met fin.",
    "207": "Voyez ce qui est contesté : un avoir, une facture rectificative ou une réponse y met "
    "fin.",
    "208": "Envoyez ce qui manque, puis indiquez « Complétée » sur la facture.",
    "209": "Ce que vous attendiez est là : reprenez l’examen de la facture.",
    "210": "Elle est close : annulez-la dans votre comptabilité et, s’il y a lieu, établissez-en "
    "une autre sous un autre numéro.",
    "211": "Un paiement est annoncé : inscrivez-le quand il arrive sur votre compte.",
    "212": "Votre paiement est arrivé : rien à faire.",
    "213": "Elle n’a pas été transmise : voyez pourquoi, corrigez-la et renvoyez-la.",
    "214": "Le contrôle préalable est fait : rien à faire.",
    "220": "Elle n’est plus à payer : une autre la remplace.",
    "221": "Rien à renvoyer : votre plateforme la transmet à la bonne. Si rien ne vient, "
    "demandez-le-lui.",
    "224": "Un sous-traitant demande à être payé directement. " + _BANK,
    "225": "Le paiement est demandé au profit d’un factor. " + _BANK,
    "227": "Un autre compte à payer est annoncé. " + _BANK,
    "228": "Le paiement revient au vendeur. " + _BANK,
    "501": "Le fichier n’a pas été lu : corrigez-le, le même numéro peut resservir.",
}
#: Where the buyer hears it otherwise than the seller.
_ADVICE_TO_BUYER: Mapping[str, str] = {
    "211": "Le vendeur annonce un remboursement : vérifiez qu’il arrive sur votre compte.",
    "213": "Une plateforme l’a rejetée : ne la payez pas, son vendeur doit en établir une autre.",
}
_ADVICE_UNKNOWN = "Ce statut n’est pas de la norme que nous connaissons : voyez ce qu’il dit."
_NOT_SAID = "Ce que vous aviez indiqué n’est pas parvenu à l’autre partie : voyez pourquoi, puis "
_NOT_SAID += "« Corriger et renvoyer »."
_STILL_HERE = "La facture n’est pas archivée tant qu’elle n’est pas partie : envoyez-la, ou "
_STILL_HERE += "« Archiver sans envoyer »."
_NOT_SENT = "La facture n’est pas partie : voyez pourquoi et qui peut le corriger."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that waits to be seen of an invoice, in French."""

    code: str  # of the status, "" for a sending of the invoice
    what: str  # « En litige »
    why: str  # the reasons and the other party's words, "" when nothing was given
    advice: str  # what to do
    wrong: bool  # of the block of errors


def tells(document: Document, record: StatusRecord) -> bool:
    """True when somebody must see what a record says, as the document stands."""
    if is_own(record):
        return record.transmission is Transmission.REFUSED
    ours = Side.BUYER if document.direction is Direction.PURCHASE else Side.SELLER
    if record.code in _QUIET or record.side is ours or not entitled(document, record):
        return False
    return _holds(record, facts_of(document))


def _holds(record: StatusRecord, facts: Facts) -> bool:
    """False for what something else lifted, closed or took the place of."""
    if record.code in CLOSING:
        return facts.closed == record.code
    if record.code == "212":
        return record.side is not Side.BUYER
    test = _IN_FORCE.get(record.code)
    return test is None or test(facts)


#: What was said holds while this is true; the others always do.
_IN_FORCE: Mapping[str, Callable[[Facts], bool]] = {
    "206": lambda facts: facts.approval == "206" and not facts.closed,
    "207": lambda facts: facts.disputed and not facts.closed,
    "208": lambda facts: facts.suspended and not facts.closed,
    "209": lambda facts: not (facts.suspended or facts.closed),
    "221": lambda facts: facts.misrouted,
    "501": lambda facts: facts.unusable,
}


def with_unseen(document: Document, *added: str) -> Document:
    """The document with more to see, and without what no longer tells anybody anything."""
    held = {one.id: one for one in document.statuses}
    wanted = dict.fromkeys((*document.unseen, *added))
    kept = [
        name
        for name in wanted
        if (name.startswith(SENDING) and _given_up(document, name))
        or (name in held and tells(document, held[name]))
    ]
    return replace(document, unseen=tuple(kept))


def _given_up(document: Document, name: str) -> bool:
    """True while the last sending of the invoice is the one that came to nothing, or it waits."""
    if name == LATE:
        return document.to_send_since is not None
    last = document.sendings[-1] if document.sendings else None
    return (
        last is not None
        and last.tracking_id == name.removeprefix(SENDING)
        and last.transmission is Transmission.REFUSED
    )


def unseen_of(document: Document) -> tuple[Told, ...]:
    """What waits to be seen of a document, newest first."""
    held = {one.id: one for one in document.statuses}
    found = []
    for name in reversed(document.unseen):
        if name == LATE:
            what = "À envoyer depuis plus d’une semaine"
            found.append(Told(code="", what=what, why="", advice=_STILL_HERE, wrong=True))
        elif name.startswith(SENDING):
            found.append(Told(code="", what="Non envoyée", why="", advice=_NOT_SENT, wrong=True))
        elif name in held:
            found.append(_told(document, held[name]))
    return tuple(found)


def _told(document: Document, record: StatusRecord) -> Told:
    label = codes.label(record.code)
    if is_own(record):
        return Told(
            code=record.code,
            what=f"Statut non transmis : {label}",
            why="",
            advice=_NOT_SAID,
            wrong=True,
        )
    advice = _ADVICE.get(record.code, _ADVICE_UNKNOWN)
    if document.direction is Direction.PURCHASE:
        advice = _ADVICE_TO_BUYER.get(record.code, advice)
    return Told(
        code=record.code,
        what=label,
        why=_why(record),
        advice=advice,
        wrong=record.code in _WRONG,
    )


def _why(record: StatusRecord) -> str:
    """« Quantité facturée incorrecte : Aucune affiche livrée. », on one line, bounded."""
    named = [reasons.label(one.code) if one.code else one.label for one in record.reasons]
    words = [record.comment, *(one.comment for one in record.reasons)]
    first = ", ".join(dict.fromkeys(one for one in named if one))
    said = " ".join(" ".join(dict.fromkeys(one for one in words if one)).split())
    joined = f"{first} : « {said} »" if first and said else first or (said and f"« {said} »")
    return joined[:300]
