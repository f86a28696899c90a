"""REST API, version 1: the lifecycle of an invoice, read and moved on by a program.

The table of domain/lifecycle/allowed.py says what may be set: everything else is 422, with the
reason beside the field.
"""

from facteur.domain.commands import SetStatus
from facteur.domain.decisions import lifecycle
from facteur.domain.documents import Document, DocumentRef
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.lifecycle import allowed, codes, factoring, reasons
from facteur.domain.lifecycle.records import Payee, StatusReason, StatusRecord
from facteur.domain.money import bearable
from facteur.formats.json_body import amount_of, day_of
from facteur.services.finding import queries
from facteur.services.lifecycle import pieces, statuses
from facteur.services.run import run
from facteur.web.answers import Answer, json_answer
from facteur.web.api.calls import Call
from facteur.web.site import api

_PATH = "/api/v1/documents/{document}/statuses"
_MOST_TEXT = 2000
_FACTORING = ("payee_name", "payee_siren", "payee_iban", "payee_holder", "payee_bic")


@api(_PATH, permission=Permission.READ)
def status_list(call: Call, document: str) -> Answer:
    """What was said of an invoice, and what our side may say now."""
    return json_answer(_body(queries.document(call.caller, document, call.context).document, call))


@api(_PATH, "POST", permission=Permission.DECIDE)
def status_set(call: Call, document: str) -> Answer:
    """201: our side says something of an invoice; it leaves by its platform where it has one."""
    asked = _asked(call, document, call.body())
    run(asked, call.context)
    head = call.context.store.document(DocumentRef(call.caller.dossier, document))
    return json_answer(_body(head, call), 201)


def _asked(call: Call, document: str, body: dict[str, object]) -> SetStatus:
    """The command that a body asks for; InvalidError with every fault."""
    faults = []
    texts = {}
    for name in ("code", "reason", "comment", "amount", "on", *_FACTORING):
        value = body.get(name, "")
        if not isinstance(value, str) or len(value) > _MOST_TEXT:
            faults.append(Fault(code="api.text", path=name, values={"field": name}))
            value = ""
        texts[name] = value.strip()
    amount, on = amount_of(texts["amount"]), day_of(texts["on"])
    if texts["amount"] and amount is None:
        faults.append(Fault(code="api.amount", path="amount"))
    elif amount is not None and not bearable(amount):
        faults.append(allowed.TOO_LARGE)
    if texts["on"] and on is None:
        faults.append(Fault(code="api.day", path="on"))
    if not texts["code"]:
        faults.append(Fault(code="api.missing", path="code", values={"field": "code"}))
    beyond = body.get("beyond_due", False)
    if not isinstance(beyond, bool):
        faults.append(Fault(code="api.flag", path="beyond_due", values={"field": "beyond_due"}))
    if faults:
        raise InvalidError(tuple(faults))
    reason = (StatusReason(code=texts["reason"], comment=texts["comment"]),)
    return SetStatus(
        dossier=call.caller.dossier,
        document=document,
        code=texts["code"],
        by=call.caller.user,
        by_name=call.caller.name,
        reasons=reason if texts["reason"] else (),
        comment="" if texts["reason"] else texts["comment"],
        characteristics=factoring.account(*(texts[name] for name in _FACTORING[2:])),
        payee=_payee(texts),
        amount=amount,
        on=on,
        beyond_due=beyond is True,
    )


def _payee(texts: dict[str, str]) -> Payee | None:
    """The factor that a body names, None without any."""
    name, siren = texts["payee_name"][:100], texts["payee_siren"]
    return Payee(name=name, siren=siren) if name or siren else None


def _body(head: Document, call: Call) -> dict[str, object]:
    standing = statuses.standing(head, call.context)
    shown = standing.facts.shown
    return {
        "document": head.id,
        "status": shown,
        "label": codes.label(shown) if shown else "",
        "statuses": [_record(one, head) for one in head.statuses],
        "allowed": [
            {
                "code": one.code,
                "label": one.label,
                "reasons": list(one.reasons),
                "reason_required": one.reason_required,
                "comment_required": one.comment_required,
                "amounts": one.amounts.value,
                "attachments": one.pieces,
            }
            for one in standing.offers
        ],
    }


def _record(record: StatusRecord, head: Document) -> dict[str, object]:
    roles = pieces.roles_of(head, lifecycle.role_of(record.id))
    return {
        "id": record.id,
        "code": record.code,
        "label": codes.label(record.code),
        "set_at": record.set_at.isoformat(),
        "side": record.side.value,
        "by": record.by_name,
        "reasons": [
            {
                "code": one.code,
                "label": one.label or reasons.label(one.code),
                "comment": one.comment,
            }
            for one in record.reasons
        ],
        "comment": record.comment,
        "amounts": [
            {
                "type": one.type,
                "amount": str(one.amount),
                "currency": one.currency,
                "rate": None if one.rate is None else str(one.rate),
                "on": None if one.on is None else one.on.isoformat(),
            }
            for one in record.characteristics
            if one.amount is not None
        ],
        "payee": None
        if record.payee is None
        else {"name": record.payee.name, "siren": record.payee.siren},
        "attachments": [{"role": one, "filename": head.files[one].filename} for one in roles],
        "transmission": record.transmission.value,
        "failure": record.failure,
    }
