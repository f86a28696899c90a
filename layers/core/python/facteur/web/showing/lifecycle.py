"""The section « Statut de la facture »: what holds, what may be said, history and payments.

What a platform or the other party refused is explained in one French sentence, with the field, its
value, who can mend it and the link (NO-03): domain/rejections is the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from facteur.domain.candidate import FIELDS
from facteur.domain.decisions import lifecycle
from facteur.domain.decisions.sendings import given_back
from facteur.domain.documents import Direction, Document, StoredFile
from facteur.domain.events import Entry, Happened
from facteur.domain.lifecycle import allowed, codes, factoring, reasons
from facteur.domain.lifecycle.due import Due, amount_of, due_of, payments_said, sums_said
from facteur.domain.lifecycle.fold import Facts, entitled, is_own, standing
from facteur.domain.lifecycle.records import Side, StatusReason, StatusRecord, Transmission
from facteur.domain.paris import paris
from facteur.domain.rejections import Mender, of_record, rejection
from facteur.services.lifecycle import pieces, statuses
from facteur.web import i18n
from facteur.web.i18n import _
from facteur.web.showing import present, sendings
from facteur.web.showing.badges import ON_ITS_WAY, badge_now, code_badge
from facteur.web.showing.present import Badge
from facteur.web.showing.sendings import Refusal
from facteur.web.visit import Visit

#: Statuses that say why something stopped: their reasons are explained.
_EXPLAINED = frozenset({"206", "207", "208", "210", "213", "221", "501"})
_LACKS = "status.no_data"
#: What the seller may do about what the buyer said.
_MENDERS: Mapping[str, str] = {
    "206": "mender.contested",
    "207": "mender.contested",
    "208": "mender.awaited",
    "210": "mender.refused",
}
_SIDES: Mapping[Side, str] = {
    Side.SELLER: "le vendeur",
    Side.BUYER: "l’acheteur",
    Side.PLATFORM: "une plateforme",
    Side.THIRD: "un tiers",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a status of ours stands on its way: « transmis à 10:42 »."""

    text: str
    at: datetime
    clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One status of the history."""

    record: str
    badge: Badge
    at: datetime
    who: str
    reasons: tuple[str, ...]
    asked: tuple[str, ...]  # what is asked of the other party
    words: tuple[str, ...]
    pieces: tuple[tuple[str, StoredFile], ...]  # by role
    amount: Decimal | None
    currency: str
    rates: tuple[str, ...]
    announced: tuple[str, ...]  # a factor, an account: said, and believed by nobody here
    steps: tuple[Step, ...]
    waiting: bool
    refusal: Refusal | None  # why it did not leave
    again: str  # the code to say again, "" when it may not be said now
    void: bool  # it was not theirs to say: kept, of no effect


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """One payment, as one side said it: its day, its amount and its shares."""

    on: date
    who: str
    amount: Decimal  # positive when money came the usual way
    currency: str
    rates: tuple[str, ...]
    badge: Badge


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A status that may be said now; factoring ones are shown apart."""

    code: str
    label: str
    meaning: str
    badge: Badge
    factoring: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The section « Statut de la facture »."""

    now: Badge | None
    meaning: str
    closed: str  # "210" | "213" | "220", "" while it is open
    since: datetime | None
    choices: tuple[Choice, ...]
    lines: tuple[Line, ...]  # newest first
    payments: tuple[PaymentLine, ...]
    sums: tuple[tuple[Badge, Decimal], ...]  # what each side says in all; never to be added
    on_the_way: Decimal | None  # said to be paid, not yet to be collected
    due: Due
    pays: str  # the code that says a payment now, "" when none may be said
    why: tuple[Refusal, ...]
    why_title: str
    account_changed: bool
    currency: str


def choices_of(visit: Visit, document: Document) -> tuple[Choice, ...]:
    """What our side may say now, in the order of the table."""
    offers = statuses.standing(document, visit.context).offers
    return tuple(_choice(one) for one in offers)


def _choice(offer: allowed.Offer) -> Choice:
    return Choice(
        code=offer.code,
        label=_(offer.label),
        meaning=_(codes.meaning(offer.code)),
        badge=code_badge(offer.code),
        factoring=offer.code in factoring.CODES,
    )


def panel_of(visit: Visit, document: Document, history: Sequence[Entry]) -> Panel | None:
    """The section of the document page; None where nothing was said and nothing may be."""
    found = statuses.standing(document, visit.context)
    choices = tuple(_choice(one) for one in found.offers) if visit.can("decide") else ()
    if not document.statuses and not choices:
        return None
    facts, offered = found.facts, {one.code for one in choices}
    steps = _steps(history)
    why = _why(document, facts)
    return Panel(
        now=badge_now(document, facts) if facts.shown else None,
        meaning=_meaning(document, facts),
        closed=facts.closed,
        since=facts.since,
        choices=choices,
        lines=tuple(
            _line(one, document, steps.get(one.id, ()), offered)
            for one in sorted(document.statuses, key=_said_at, reverse=True)
        ),
        payments=tuple(_payment(one, document) for one in payments_said(document)),
        sums=_sums(document),
        on_the_way=_on_the_way(document),
        due=due_of(document),
        pays=next((code for code in _paying(document) if code in offered), ""),
        why=why,
        why_title=_("Pourquoi « {status} »").format(status=_(codes.label(facts.shown))),
        account_changed=document.direction is Direction.PURCHASE
        and (facts.account_changed or facts.factoring == "225"),
        currency=document.summary.currency or "EUR",
    )


def _meaning(document: Document, facts: Facts) -> str:
    """What the status means; that the number is kept where another address mends it (0248)."""
    if facts.shown == "213" and any(one.address for one in sendings.refusals_of(document)):
        return _(
            "Une plateforme l’a rejetée pour son adresse : corrigez l’adresse et renvoyez-la, "
            "sous le même numéro."
        )
    return _(codes.meaning(facts.shown))


def _sums(document: Document) -> tuple[tuple[Badge, Decimal], ...]:
    """What each side says in all, where both spoke."""
    if len({one.code for one in payments_said(document)}) < 2:
        return ()
    both = zip(("211", "212"), sums_said(document), strict=True)
    return tuple((code_badge(code), amount) for code, amount in both)


def _on_the_way(document: Document) -> Decimal | None:
    """What the payer sent and the payee does not say to have."""
    paid, collected = sums_said(document)
    return paid - collected if paid > max(collected, Decimal(0)) else None


def _said_at(record: StatusRecord) -> tuple[datetime, str]:
    """When it was set; messages know seconds only, within one the road goes by its codes."""
    return record.set_at, record.code


def _paying(document: Document) -> tuple[str, str]:
    """What says a payment from our side, the usual one first."""
    return ("212", "211") if document.direction is Direction.SALE else ("211", "212")


def _why(document: Document, facts: Facts) -> tuple[Refusal, ...]:
    """Why the other party or a platform stopped it; never twice what the sending panel says."""
    if facts.shown not in _EXPLAINED or given_back(document):
        return ()
    held = [
        one
        for one in standing(document.statuses)
        if one.code == facts.shown and one.set_at == facts.since and not is_own(one)
    ]
    return tuple(
        _answered(sendings.refusal(one, document, of_party=not _by_platform(record)), record)
        for record in held
        for one in of_record(record)
    )


def _by_platform(record: StatusRecord) -> bool:
    return record.side is Side.PLATFORM


def _answered(refusal: Refusal, record: StatusRecord) -> Refusal:
    """Who mends what the buyer contests: its seller, by what the status leaves open."""
    mender = _MENDERS.get(record.code, "")
    if _by_platform(record) or not mender:
        return refusal
    return replace(refusal, mender=i18n.sentence(mender))


def _steps(history: Sequence[Entry]) -> Mapping[str, tuple[Step, ...]]:
    """By record: when it was transmitted, confirmed or refused."""
    words = {
        Happened.STATUS_TRANSMITTED: _("transmis"),
        Happened.STATUS_CONFIRMED: _("confirmé par la PA"),
        Happened.STATUS_NOT_TRANSMITTED: _("non transmis"),
    }
    found: dict[str, tuple[Step, ...]] = {}
    for entry in history:
        text = words.get(entry.event.name)
        record = entry.event.values.get("record", "")
        if text is None or not record:
            continue
        at = entry.event.at
        step = Step(text=text, at=at, clock=f"{paris(at):%H:%M}")
        found[record] = (*found.get(record, ()), step)
    return found


def _line(
    record: StatusRecord, document: Document, steps: tuple[Step, ...], offered: set[str]
) -> Line:
    refused = record.transmission is Transmission.REFUSED
    kept = [one for one in record.reasons if one.code]
    return Line(
        record=record.id,
        badge=code_badge(record.code),
        at=record.set_at,
        who=_who(record),
        reasons=tuple(_reason(one) for one in kept),
        asked=tuple(_asked(one) for one in record.reasons if one.action not in ("", "NOA")),
        words=tuple(
            dict.fromkeys(
                text for text in (record.comment, *(o.comment for o in record.reasons)) if text
            )
        ),
        pieces=tuple(
            (role, document.files[role])
            for role in pieces.roles_of(document, lifecycle.role_of(record.id))
        ),
        amount=amount_of(record) or None,
        currency=next((one.currency for one in record.characteristics), "EUR"),
        rates=_rates(record),
        announced=_announced(record),
        steps=steps,
        waiting=record.transmission in ON_ITS_WAY,
        refusal=_not_left(record, document) if refused else None,
        again=record.code if refused and record.code in offered else "",
        void=not entitled(document, record)
        or (record.code == "212" and record.side is Side.BUYER),
    )


def _announced(record: StatusRecord) -> tuple[str, ...]:
    """« Factor : … », « IBAN annoncé : … »."""
    names = {
        factoring.IBAN: _("IBAN annoncé"),
        factoring.HOLDER: _("Titulaire annoncé"),
        factoring.BIC: _("BIC annoncé"),
    }
    held = [(names.get(one.id), one.value) for one in record.characteristics if one.type == "CBB"]
    found = [f"{name} : {value}" for name, value in held if name]
    if record.payee is not None:
        found.insert(0, f"{_('Factor')} : {record.payee.name} ({record.payee.siren})")
    return tuple(found)


def _not_left(record: StatusRecord, document: Document) -> Refusal:
    """Why a status of ours did not reach the other party, and who mends that.

    What a platform finds wrong with the file of a status is no fault of the invoice.
    """
    why = rejection(record.failure, record.failure_text)
    shown = sendings.refusal(why, document)
    if why.code == _LACKS:  # the words are the fields that the invoice lacks
        fields = [one for one in record.failure_text.split(", ") if one in FIELDS]
        anchor = f"f-{fields[0]}" if fields else ""
        named = i18n.enumeration(present.label(one) for one in fields)
        return replace(shown, words="", field=named, anchor=anchor)
    if why.advice.mender is Mender.SOFTWARE and not why.advice.field:
        shown = replace(shown, mender=i18n.sentence("mender.message"))
    return replace(shown, of_rules=record.failure.startswith("BR-FR-") and not record.flow)


def _who(record: StatusRecord) -> str:
    """Who said it: the person here, else the party that the message names."""
    return record.by_name or _(_SIDES[record.side])


def _reason(reason: StatusReason) -> str:
    """The label of a reason; an unknown one keeps the words it came with."""
    known = reasons.label(reason.code)
    said = reason.label if known == reason.code and reason.label else known
    return f"{_(said)} ({reason.rule})" if reason.rule else _(said)


def _asked(reason: StatusReason) -> str:
    return reason.action_label or _(codes.ACTIONS.get(reason.action, reason.action))


def _rates(record: StatusRecord, *, least: int = 2) -> tuple[str, ...]:
    """« 100,00 € à 20 % », where so many rates share a payment."""
    shares = [
        one for one in record.characteristics if one.amount is not None and one.rate is not None
    ]
    if len(shares) < least:
        return ()
    return tuple(
        _("{amount} à {rate}\u00a0%").format(
            amount=i18n.money(one.amount or Decimal(0), one.currency),
            rate=rate_text(one.rate or Decimal(0)),
        )
        for one in shares
    )


def rate_text(rate: Decimal) -> str:
    """A rate as the French write it: 20, 5,5."""
    return i18n.figure(rate, decimals=0)


def _payment(record: StatusRecord, document: Document) -> PaymentLine:
    amount = amount_of(record)
    back = allowed.situation(document).credit_note and record.code == "212"
    days = [one.on for one in record.characteristics if one.on is not None]
    waits = is_own(record) and record.transmission in ON_ITS_WAY
    return PaymentLine(
        on=days[0] if days else paris(record.set_at).date(),
        who=_who(record),
        amount=-amount if back else amount,
        currency=record.characteristics[0].currency,
        rates=_rates(record, least=1),
        badge=code_badge(record.code, waiting=waits),
    )
