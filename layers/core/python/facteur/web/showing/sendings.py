"""A sale's sending as its page shows it: may it leave, is its buyer reachable, what became of it.

Every refusal is one sentence with the field, its value, who can mend it and the gesture (NO-03).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from facteur.domain.candidate import FIELDS
from facteur.domain.connections import Connection, default_of
from facteur.domain.decisions.sendings import GIVEN_BACK, given_back, why_not
from facteur.domain.documents import Direction, Document, Sending
from facteur.domain.lifecycle.records import Transmission
from facteur.domain.reach import Reach, Reachable
from facteur.domain.rejections import ADDRESS, Mender, Rejection, Remedy, of_sending, of_statuses
from facteur.domain.self_billing import is_self_billed, issued_here
from facteur.services.platforms import reaching, switching
from facteur.web import i18n
from facteur.web.i18n import _
from facteur.web.showing import present
from facteur.web.showing.present import Badge

if TYPE_CHECKING:
    from facteur.web.visit import Visit

_STATES = {
    Transmission.WAITING: Badge("Envoi en cours", "loader-2", "grey"),
    Transmission.SENT: Badge("Transmise, en contrôle à la plateforme", "loader-2", "blue"),
    Transmission.CONFIRMED: Badge("Prise par la plateforme", "circle-check", "green"),
    Transmission.REFUSED: Badge("Non transmise", "circle-x", "red"),
    Transmission.NONE: Badge("Non transmise", "circle-dashed", "grey"),
}
_REJECTED = Badge("Rejetée (213)", "circle-x", "red")
_REACHES = {
    Reachable.ROUTABLE: Badge("Joignable", "circle-check", "green"),
    Reachable.INACTIVE: Badge("Inactive", "alert-triangle", "amber"),
    Reachable.ABSENT: Badge("Absente de l’annuaire", "circle-x", "red"),
    Reachable.UNKNOWN: Badge("Indéterminée", "help-circle", "grey"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to send."""

    at: datetime
    state: Badge
    platform: str
    flow: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason why it came back, in words."""

    sentence: str
    code: str
    field: str  # its label, "" when the reason names none
    anchor: str  # of its input on the page, "" when there is none
    value: str
    rule: str
    words: str  # of who refused
    mender: str
    address: bool  # « Corriger l'adresse et renvoyer » mends it
    again: bool  # « Renvoyer » does
    connect: bool
    of_party: bool = False  # the other party speaks, not a platform
    of_rules: bool = False  # the official rules do: it never left


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The sending panel of a sale."""

    platform: Connection | None
    label: str
    address: str
    reach: Reach | None
    reach_badge: Badge | None
    why_not: str  # a sentence, "" when it may leave
    again: bool
    attempts: tuple[Attempt, ...]
    refusals: tuple[Refusal, ...]
    waiting: bool
    self_billed: bool = False  # sent to the seller, in whose name it is written
    party: str = ""  # the card to declare a mandate on, "" where there is none or it is there


def panel_of(visit: "Visit", document: Document) -> Panel | None:
    """What the page of what we issue shows; None for the rest, and before any platform."""
    if not issued_here(document):
        return None
    switching.settle(document.dossier, visit.context)  # the platform that sends by now
    held = visit.context.connections.connections(document.dossier)
    if not held and not document.sendings:
        return None
    labels = {one.name: one.label for one in visit.context.platforms.kinds()}
    by_id = {one.id: labels.get(one.platform, one.platform) for one in held}
    live = default_of(held)
    card = reaching.card_of(document, visit.context)
    address = reaching.target(document, card)
    known = reaching.known(document, address, visit.context)
    gap = reaching.mandate_gap_of(document, visit.context)
    code = why_not(document) or gap
    last = document.sendings[-1] if document.sendings else None
    return Panel(
        platform=live,
        label=by_id.get(live.id, "") if live else "",
        address=address,
        reach=known,
        reach_badge=_REACHES[known.state] if known else None,
        why_not=i18n.sentence(code) if code and code != "sending.under_way" else "",
        again=given_back(document),
        attempts=tuple(_attempt(one, by_id, document) for one in reversed(document.sendings)),
        refusals=refusals_of(document),
        waiting=last is not None
        and last.transmission in (Transmission.WAITING, Transmission.SENT),
        self_billed=is_self_billed(document),
        party=document.party if gap else "",
    )


def _attempt(one: Sending, labels: dict[str, str], document: Document) -> Attempt:
    # Only what came back is sent again: an attempt before the last was refused, or rejected (213).
    rejected = one is not document.sendings[-1] or given_back(document)
    taken = one.transmission is not Transmission.REFUSED
    return Attempt(
        at=one.at,
        state=_REJECTED if rejected and taken else _STATES[one.transmission],
        platform=labels.get(one.connection, ""),
        flow=one.flow,
        sha256=one.sha256,
    )


def refusals_of(document: Document) -> tuple[Refusal, ...]:
    """Why the last sending came back: refused by the platform, or rejected since (213)."""
    if not given_back(document):
        return ()
    last = document.sendings[-1]
    found = of_sending(last) or of_statuses(document, GIVEN_BACK)
    return tuple(refusal(one, document) for one in found)


def refusal(one: Rejection, document: Document, *, of_party: bool = False) -> Refusal:
    """A reason in words; ``of_party``: the words are the other party's."""
    said = i18n.sentence(f"rejection.{one.code}") if one.known else ""
    field = one.advice.field
    purchase = document.direction is Direction.PURCHASE and not issued_here(document)
    value = one.value or (document.buyer_address if field == ADDRESS and not purchase else "")
    named = _("Adresse de facturation électronique du client (BT-49)")
    if document.direction is Direction.PURCHASE:  # what we say or send is written to its seller
        named = _("Adresse électronique du vendeur (BT-34)")
    sellers = purchase and (field == ADDRESS or one.advice.mender is Mender.SOFTWARE)
    return Refusal(
        sentence=said or i18n.sentence(one.code, {}) or i18n.sentence("rejection.other"),
        code=one.code,
        field=named if field == ADDRESS else present.label(field) if field else "",
        anchor=f"f-{field}" if field in FIELDS else "",
        value=value,
        rule=one.rule,
        words=one.words,
        mender=i18n.sentence(f"mender.{'seller' if sellers else one.advice.mender.value}"),
        address=one.advice.remedy is Remedy.ADDRESS,
        again=one.advice.remedy is Remedy.AGAIN,
        connect=one.advice.remedy is Remedy.CONNECT,
        of_party=of_party,
    )


def reach_badge(reach: Reach | None) -> Badge | None:
    """How reachable an address is, in words."""
    return None if reach is None else _REACHES[reach.state]
