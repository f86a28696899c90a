"""The form that says a status: what it asks, what it is filled with, what was typed.

Amounts of a payment are typed positive, whichever way the money goes: « Remboursement » turns
them round, and what a credit note gives back is negative by itself. Where an invoice has several
VAT rates the total is shared among them in proportion, unless the user says otherwise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from facteur.domain import typed
from facteur.domain.commands import SetStatus
from facteur.domain.decisions.lifecycle import role_of
from facteur.domain.documents import Document, StoredFile
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.identifiers import compact
from facteur.domain.lifecycle import allowed, codes, factoring, payments, reasons
from facteur.domain.lifecycle.allowed import Amounts, Offer
from facteur.domain.lifecycle.due import (
    amount_of,
    due_of,
    ledger_of,
    payments_of,
    remaining,
    total,
)
from facteur.domain.lifecycle.fold import RateAmount, tidy
from facteur.domain.lifecycle.records import Characteristic, Payee, StatusReason, StatusRecord
from facteur.domain.money import ZERO
from facteur.domain.paris import paris
from facteur.services.lifecycle import pieces, statuses
from facteur.services.lifecycle.pieces import Given
from facteur.services.lifecycle.statuses import Standing
from facteur.web import i18n
from facteur.web.i18n import _
from facteur.web.showing.lifecycle import rate_text
from facteur.web.visit import Visit

_REQUEST = re.compile(r"[A-Za-z0-9-]{1,40}")
_LONGEST = 100  # characters of a name, an account
_FREE_ROWS = 3  # where the VAT rates of the invoice are not known
#: Statuses that may ask something of the other party (MDT-121).
_ASKING = frozenset({"206", "207", "208", "210"})
_APPROVED = "MAPTTC"  # MDT-207: the amount approved, VAT included


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason to choose, with when to use it (D38)."""

    code: str
    label: str
    use: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The amount of one VAT rate."""

    place: int
    rate: str  # "" where it is to be typed
    amount: str
    free: bool = False  # the rate is typed too


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Everything that the page of one status shows."""

    code: str
    label: str
    meaning: str
    reasons: tuple[Reason, ...]
    reason_required: bool
    comment_required: bool
    actions: tuple[tuple[str, str], ...]
    payment: bool
    amount_required: bool
    shared: bool  # several rates: a total and its shares
    approved: bool  # 206 may say how much is approved
    credit_note: bool
    rows: tuple[Row, ...]
    remains: Decimal | None
    currency: str
    pieces: int  # files that may be attached
    again: str  # the status that is said again, "" for a new one
    kept: tuple[tuple[str, StoredFile, bool], ...]  # its pieces: role, file, ticked
    factor: bool  # names a factor
    account: bool  # gives an account to pay
    seen: int  # payments that the user saw
    request: str  # makes sending it twice harmless
    values: Mapping[str, str] = field(default_factory=dict)


def form_of(
    visit: Visit,
    document: Document,
    offer: Offer,
    standing: Standing,
    *,
    like: StatusRecord | None = None,
) -> Form:
    """The form, filled with what was typed, else with ``like``, else with what remains due."""
    posted = visit.route.method == "POST"
    values = _typed(visit) if posted else _first_values(visit, document, offer, standing, like)
    pays = offer.code in payments.KINDS
    remains = due_of(document).remains
    return Form(
        code=offer.code,
        label=_(offer.label),
        meaning=_(codes.meaning(offer.code)),
        reasons=tuple(
            Reason(code=one, label=_(reasons.label(one)), use=_(reasons.use(offer.code, one)))
            for one in offer.reasons
        ),
        reason_required=offer.reason_required,
        comment_required=offer.comment_required,
        actions=tuple((one, _(words)) for one, words in codes.ACTIONS.items())
        if offer.code in _ASKING
        else (),
        payment=pays,
        amount_required=offer.amounts is Amounts.REQUIRED,
        shared=pays and len(standing.rates) > 1,
        approved=offer.code == "206",
        credit_note=allowed.situation(document).credit_note,
        rows=_rows(values, offer, standing),
        remains=remains,
        currency=document.summary.currency or "EUR",
        pieces=offer.pieces,
        again=like.id if like else "",
        kept=_kept(visit, document, like) if offer.pieces else (),
        factor=offer.code in factoring.NAMING,
        account=offer.code in factoring.ACCOUNT,
        seen=len(payments_of(document)),
        request=values.get("demande") or visit.context.ids.new(),
        values=values,
    )


def _typed(visit: Visit) -> dict[str, str]:
    return {name: value.strip() for name, value in visit.form() if name != "csrf"}


def _first_values(
    visit: Visit,
    document: Document,
    offer: Offer,
    standing: Standing,
    like: StatusRecord | None,
) -> dict[str, str]:
    values = {"on": _today(visit).isoformat()}
    if like is not None:
        first = like.reasons[0] if like.reasons else StatusReason(code="")
        values |= {"reason": first.code, "action": first.action}
        values["comment"] = like.comment or first.comment
    if offer.code not in payments.KINDS:
        return values
    if like is not None and amount_of(like):
        turned = amount_of(like) < 0
        values["remboursement"] = "1" if turned is not _turned(offer.code, document) else ""
        shares = _shares_of(like)
    else:
        due = due_of(document).due
        shares = remaining(due, standing.rates, ledger_of(document)) if due is not None else ()
    if not shares and not standing.rates:
        rest = due_of(document).remains
        return values | {"total": _shown(rest) if rest is not None and rest > 0 else ""}
    return values | _filled(standing.rates, shares)


def _shares_of(record: StatusRecord) -> tuple[RateAmount, ...]:
    kind = payments.KINDS[record.code]
    return tuple(
        RateAmount(tidy(one.rate), abs(one.amount))
        for one in record.characteristics
        if one.type == kind and one.rate is not None and one.amount is not None
    )


def _filled(rates: tuple[RateAmount, ...], shares: tuple[RateAmount, ...]) -> dict[str, str]:
    """The total and the amount of each rate, as the form shows them."""
    held = {one.rate: one.amount for one in shares}
    whole = total(shares)
    filled = {"total": _shown(whole) if whole else ""}
    for place, one in enumerate(rates):
        filled[f"amount-{place}"] = _shown(held[one.rate]) if one.rate in held else ""
    return filled


def _shown(amount: Decimal) -> str:
    return i18n.figure(amount).replace(i18n.THIN, " ")


def _rows(values: Mapping[str, str], offer: Offer, standing: Standing) -> tuple[Row, ...]:
    if offer.code not in payments.KINDS or len(standing.rates) == 1:
        return ()
    if standing.rates:
        return tuple(
            Row(
                place=place,
                rate=rate_text(one.rate or Decimal(0)),
                amount=values.get(f"amount-{place}", ""),
            )
            for place, one in enumerate(standing.rates)
        )
    if offer.amounts is not Amounts.REQUIRED:  # a 211 may say its total alone
        return ()
    return tuple(
        Row(
            place=place,
            rate=values.get(f"rate-{place}", ""),
            amount=values.get(f"amount-{place}", ""),
            free=True,
        )
        for place in range(_FREE_ROWS)
    )


def shared_anew(form: Form, standing: Standing) -> Mapping[str, str]:
    """« Répartir »: the total that was typed, shared among the rates; else nothing changes."""
    whole = typed.amount(form.values.get("total", ""))
    if whole is None:
        return form.values
    return {**form.values, **_filled(standing.rates, payments.split(whole, standing.rates))}


# ── What was typed ──────────────────────────────────────────────────────────────────────────────


def asked(
    visit: Visit,
    document: Document,
    offer: Offer,
    standing: Standing,
    *,
    like: StatusRecord | None = None,
) -> SetStatus:
    """The command that the form asks for, its files kept; InvalidError with all the faults."""
    values, faults = _typed(visit), list[Fault]()
    data: tuple[Characteristic, ...] = ()
    if offer.code in payments.KINDS:
        data = _payment(visit, document, offer, standing, faults)
    elif offer.code == "206" and values.get("approved"):
        data = _approved(values["approved"], document, faults)
    elif offer.code in factoring.ACCOUNT:
        data = factoring.account(
            *(values.get(name, "")[:_LONGEST] for name in ("payee_iban", "holder", "payee_bic"))
        )
    if faults:
        raise InvalidError(tuple(faults), code="status.incomplete")
    comment, reason = values.get("comment", ""), values.get("reason", "")
    action = values.get("action", "") if offer.code in _ASKING else ""
    said = (StatusReason(code=reason, comment=comment, action=action),)
    request = values.get("demande", "")
    command = SetStatus(
        dossier=visit.caller.dossier,
        document=document.id,
        code=offer.code,
        by=visit.caller.user,
        by_name=visit.caller.name,
        reasons=said if reason else (),
        comment="" if reason else comment,
        characteristics=data,
        payee=_payee(values) if offer.code in factoring.NAMING else None,
        id=f"{document.id}-{request}" if _REQUEST.fullmatch(request) else "",
        beyond_due=bool(values.get("beyond_due")),
    )
    given = [Given(filename=one.filename, data=one.data) for one in visit.files()]
    again = [file for _role, file, ticked in _kept(visit, document, like) if ticked]
    if given or again:
        pieces.check(offer.code, given, again)
        statuses.foreseen(command, visit.context)  # what is refused leaves no file behind
    files = pieces.keep(document, offer.code, given, visit.context, again=again)
    return replace(command, files=files)


def _kept(
    visit: Visit, document: Document, like: StatusRecord | None
) -> tuple[tuple[str, StoredFile, bool], ...]:
    """The pieces of the status that is said again: role, file, whether they go again."""
    if like is None:
        return ()
    roles = pieces.roles_of(document, role_of(like.id))
    ticked = visit.fields("piece_kept") if visit.route.method == "POST" else roles
    return tuple((one, document.files[one], one in ticked) for one in roles)


def _payee(values: Mapping[str, str]) -> Payee:
    """The factor as it was typed; what lacks is told by the decision."""
    siren = compact(values.get("payee_siren", "")[:_LONGEST])
    return Payee(name=values.get("payee_name", "")[:_LONGEST], siren=siren)


def _approved(text: str, document: Document, faults: list[Fault]) -> tuple[Characteristic, ...]:
    amount = typed.amount(text)
    if amount is None:
        faults.append(Fault(code="status.amount_typed", path="approved", values={"value": text}))
        return ()
    currency = document.summary.currency or "EUR"
    return (Characteristic(type=_APPROVED, amount=amount, currency=currency),)


def _payment(
    visit: Visit, document: Document, offer: Offer, standing: Standing, faults: list[Fault]
) -> tuple[Characteristic, ...]:
    """The blocks of a payment, signed."""
    values = _typed(visit)
    on = _day(values.get("on", ""), _today(visit), faults)
    if values.get("vus") != str(len(payments_of(document))):
        faults.append(Fault(code="status.paid_meanwhile", path="amount"))
    shares = _shares(values, document, offer, standing, faults)
    turned = _turned(offer.code, document) is not bool(values.get("remboursement"))
    signed = (RateAmount(one.rate, -one.amount if turned else one.amount) for one in shares)
    return payments.blocks(offer.code, signed, on=on, currency=document.summary.currency or "EUR")


def _turned(code: str, document: Document) -> bool:
    """True where the usual payment is negative: a 212 of a credit note gives back."""
    return code == "212" and allowed.situation(document).credit_note


def _today(visit: Visit) -> date:
    return paris(visit.context.clock.now()).date()


def _day(text: str, today: date, faults: list[Fault]) -> date | None:
    found = typed.day(text) if text else today
    if found is None:
        faults.append(Fault(code="status.day", path="on", values={"value": text[:40]}))
    return found


def _shares(
    values: Mapping[str, str],
    document: Document,
    offer: Offer,
    standing: Standing,
    faults: list[Fault],
) -> tuple[RateAmount, ...]:
    """The amounts by rate, as they were typed."""
    if not standing.rates and offer.amounts is Amounts.REQUIRED:
        return _free_rows(values, faults)
    whole = _amount(values.get("total", ""), faults)
    if not standing.rates:
        return () if whole is None else (RateAmount(None, whole),)
    if len(standing.rates) == 1:
        return () if whole is None else payments.shared(whole, standing.rates)
    by_rate = [
        _amount(values.get(f"amount-{place}", ""), faults) for place in range(len(standing.rates))
    ]
    given = tuple(
        RateAmount(one.rate, amount)
        for one, amount in zip(standing.rates, by_rate, strict=True)
        if amount
    )
    if not given and (whole is not None or any(one is not None for one in by_rate)):
        return payments.shared(whole or ZERO, standing.rates)
    if whole is None or total(given) == whole:
        return given
    if _untouched(given, document, standing):  # the total alone was changed
        return payments.shared(whole, standing.rates)
    sums = {"found": i18n.money(total(given)), "total": i18n.money(whole)}
    faults.append(Fault(code="status.amount_sum", path="amount", values=sums))
    return given


def _untouched(given: tuple[RateAmount, ...], document: Document, standing: Standing) -> bool:
    """True when the shares are those that the form was filled with."""
    due = due_of(document).due
    return due is not None and given == remaining(due, standing.rates, ledger_of(document))


def _free_rows(values: Mapping[str, str], faults: list[Fault]) -> tuple[RateAmount, ...]:
    """Rates and amounts, both typed, where the invoice does not say its rates."""
    found = []
    for place in range(_FREE_ROWS):
        text = values.get(f"rate-{place}", "")
        amount = _amount(values.get(f"amount-{place}", ""), faults)
        if amount is None:
            continue
        rate = typed.amount(text)
        if rate is None or not 0 <= rate <= 100:
            faults.append(Fault(code="status.rate_typed", path="amount", values={"value": text}))
            continue
        found.append(RateAmount(tidy(rate), amount))
    return tuple(found)


def _amount(text: str, faults: list[Fault]) -> Decimal | None:
    if not text:
        return None
    found = typed.amount(text)
    if found is None:
        values = {"value": text[:40]}
        faults.append(Fault(code="status.amount_typed", path="amount", values=values))
    return found
