"""Every transmission of an invoice, as its page proves it: when, how, hash, flow, answer (IP-22).

The invoice itself in and out, each status in and out, and what left by mail or SFTP. Times and
identifiers are those of the history, whose chain is sealed with the invoice; the hash is that of
the very bytes that travelled. What is not known (a message that came before its file was kept)
is shown as such, never worked out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from facteur.domain.connections import Connection
from facteur.domain.decisions.lifecycle import role_of
from facteur.domain.documents import Channel, Document
from facteur.domain.events import Entry, Happened
from facteur.domain.lifecycle import codes
from facteur.domain.lifecycle.records import StatusRecord, Transmission
from facteur.services.platforms import connected
from facteur.web import i18n
from facteur.web.i18n import _
from facteur.web.showing import present
from facteur.web.showing.present import Badge

if TYPE_CHECKING:
    from facteur.web.visit import Visit

_ANSWERS: Mapping[Transmission, Badge] = {
    Transmission.WAITING: Badge("En attente d’envoi", "loader-2", "grey"),
    Transmission.SENT: Badge("Pas encore acquittée", "loader-2", "blue"),
    Transmission.CONFIRMED: Badge("Acquittée", "circle-check", "green"),
    Transmission.REFUSED: Badge("Refusée", "circle-x", "red"),
    Transmission.NONE: Badge("Reçue", "inbox", "grey"),
}
_LEFT = Badge("Remise", "circle-check", "green")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmitted:
    """One transmission."""

    at: datetime
    out: bool
    what: str  # « Facture », « 205 Approuvée »
    way: str  # the platform, or the road
    flow: str = ""  # its identifier at the platform
    sha256: str = ""
    answer: Badge
    answered_at: datetime | None = None
    why: str = ""  # of a refusal


def transmissions(
    visit: "Visit", document: Document, history: Sequence[Entry]
) -> tuple[Transmitted, ...]:
    """What travelled of a document, newest first; () when nothing did but its deposit."""
    held = visit.context.connections.connections(document.dossier)
    names = {one.id: connected.name_of(one, visit.context) for one in held}
    found = [
        *_received(document, names),
        *_sent(document, history, names),
        *_said(visit, document, history, held, names),
        *_forwarded(document, history),
    ]
    if all(not one.out and not one.flow for one in found):
        return ()
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def _received(document: Document, names: Mapping[str, str]) -> Iterator[Transmitted]:
    """The roads that the invoice came by; a second one has its file in another document."""
    for one in document.sources:
        road = present.channel_of(one.channel).label
        yield Transmitted(
            at=one.at,
            out=False,
            what=_("Facture"),
            way=names.get(one.connection, one.sender or road)
            if one.channel is Channel.PA
            else road,
            flow=one.flow,
            sha256=document.sha256 if not one.document else "",
            answer=_ANSWERS[Transmission.NONE],
        )


def _sent(
    document: Document, history: Sequence[Entry], names: Mapping[str, str]
) -> Iterator[Transmitted]:
    for one in document.sendings:
        left = _when(history, Happened.INVOICE_TRANSMITTED, tracking=one.tracking_id)
        answered = _when(history, Happened.INVOICE_ACKNOWLEDGED, tracking=one.tracking_id)
        refused = _when(history, Happened.INVOICE_NOT_SENT, tracking=one.tracking_id)
        yield Transmitted(
            at=left or one.at,
            out=True,
            what=_("Facture"),
            way=names.get(one.connection, _("Plateforme déconnectée")),
            flow=one.flow,
            sha256=one.sha256,
            answer=_ANSWERS[one.transmission],
            answered_at=refused or answered,
            why=_why(one.failure),
        )


def _said(
    visit: "Visit",
    document: Document,
    history: Sequence[Entry],
    held: Sequence[Connection],
    names: Mapping[str, str],
) -> Iterator[Transmitted]:
    """Statuses that travelled: those set here and those that came in, with their messages."""
    hashes = _messages(visit, document, held)
    for one in document.statuses:
        ours = one.transmission is not Transmission.NONE
        if not (ours or one.flow):
            continue
        message = document.files.get(role_of(one.id))
        left = _when(history, Happened.STATUS_TRANSMITTED, record=one.id)
        answered = _when(history, Happened.STATUS_CONFIRMED, record=one.id)
        refused = _when(history, Happened.STATUS_NOT_TRANSMITTED, record=one.id)
        yield Transmitted(
            at=(left or one.set_at) if ours else one.recorded_at,
            out=ours,
            what=f"{one.code} {_(codes.label(one.code))}",
            way=names.get(one.connection, ""),
            flow=one.flow,
            sha256=message.sha256 if message else hashes.get(one.flow, ""),
            answer=_ANSWERS[one.transmission],
            answered_at=refused or answered,
            why=_why(one.failure),
        )


def _messages(visit: "Visit", document: Document, held: Sequence[Connection]) -> Mapping[str, str]:
    """The hash of each status message that came in, by its flow."""
    found: dict[str, str] = {}
    for connection in held:
        flows = _flows(document.statuses, connection.id)
        if flows:
            taken = visit.context.connections.taken(document.dossier, connection.ledger, flows)
            found |= {name: one.file.sha256 for name, one in taken.items() if one.file}
    return found


def _flows(statuses: Sequence[StatusRecord], connection: str) -> list[str]:
    came = (one for one in statuses if one.transmission is Transmission.NONE)
    return [one.flow for one in came if one.flow and one.connection == connection]


def _forwarded(document: Document, history: Sequence[Entry]) -> Iterator[Transmitted]:
    """What left by itself for an address or a server: told once it was handed over."""
    for one in history:
        if one.event.name is Happened.DOCUMENT_FORWARDED:
            roles = [name.strip() for name in one.event.values.get("files", "").split(",")]
            file = next((document.files[name] for name in roles if name in document.files), None)
            yield Transmitted(
                at=one.event.at,
                out=True,
                what=_("Copie transmise"),
                way=one.event.values.get("address", ""),
                sha256=file.sha256 if file else "",
                answer=_LEFT,
            )


def _when(history: Sequence[Entry], name: Happened, **values: str) -> datetime | None:
    """When it last happened to this very transmission."""
    times = [
        one.event.at
        for one in history
        if one.event.name is name
        and all(one.event.values.get(key) == value for key, value in values.items())
    ]
    return max(times, default=None)


def _why(code: str) -> str:
    """The reason of a refusal as a sentence, else its code."""
    if not code:
        return ""
    return i18n.sentence(f"rejection.{code}") or i18n.sentence(code, {}) or code
