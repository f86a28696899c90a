"""REST API, version 1: what a program follows: changes, parties, an invoice's own data."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal

from facteur.domain.candidate import Candidate, LineRow, VatRow
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.events import Happened
from facteur.domain.parties import Party, Side
from facteur.services.finding import changes, queries
from facteur.services.parties import book
from facteur.web.answers import Answer, json_answer
from facteur.web.api.calls import Call, not_known
from facteur.web.site import api

_GONE = frozenset({Happened.DOCUMENT_DELETED, Happened.FILES_ERASED})


@api("/api/v1/changes", permission=Permission.READ, query=("cursor",))
def change_feed(call: Call) -> Answer:
    """What happened since a cursor, deletions included, oldest first."""
    found = changes.feed(call.caller, call.query("cursor"), call.context)
    return json_answer(
        {
            "changes": [
                {
                    "document": one.document,
                    "event": one.name.value,
                    "at": one.at.isoformat(),
                    "deleted": one.name in _GONE,
                }
                for one in found.changes
            ],
            "cursor": found.cursor,
            "more": found.more,
        }
    )


@api("/api/v1/parties", permission=Permission.READ, query=("side", "siren", "cursor"))
def party_list(call: Call) -> Answer:
    """A page of the dossier's suppliers or customers, by name."""
    asked = call.query("side", Side.SUPPLIER.value)
    if asked not in {one.value for one in Side}:
        raise InvalidError((not_known("side", asked, Side),), code="api.query")
    found = book.listed(
        call.caller,
        Side(asked),
        call.context,
        filters={"siren": call.query("siren")},
        cursor=call.query("cursor"),
    )
    return json_answer(
        {"parties": [party_json(one) for one in found.parties], "cursor": found.cursor}
    )


@api("/api/v1/parties/{party}", permission=Permission.READ)
def party_card(call: Call, party: str) -> Answer:
    """One supplier or customer, with its last documents."""
    card = book.card(call.caller, party, call.context)
    documents = [one.document for one in card.documents]
    return json_answer({**party_json(card.party), "documents": documents})


@api("/api/v1/documents/{document}/invoice", permission=Permission.READ)
def invoice_data(call: Call, document: str) -> Answer:
    """The fields of an invoice, each with where it comes from and how sure it is."""
    view = queries.document(call.caller, document, call.context)
    candidate = view.candidate or Candidate()
    return json_answer(
        {
            "document": view.document.id,
            "kind": candidate.kind,
            "fields": {
                name: {
                    "value": _plain(one.value),
                    "confidence": one.confidence,
                    "origin": one.provenance.origin.value,
                }
                for name, one in candidate.fields.items()
                if not isinstance(one.value, tuple)
            },
            "vat_breakdown": [_row(one) for one in candidate.vat_rows],
            "lines": [_row(one) for one in candidate.lines],
        }
    )


def _row(row: VatRow | LineRow) -> dict[str, object]:
    """A row as read, without what the page does not say."""
    held = asdict(row)
    return {name: _plain(one) for name, one in held.items() if one not in ("", None, False)}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def party_json(party: Party) -> dict[str, object]:
    """A card as JSON: no bank account, no note (these are the people's)."""
    return {
        "id": party.id,
        "side": party.side.value,
        "number": party.number,
        "name": party.name,
        "siren": party.siren,
        "siret": party.siret,
        "vat": party.vat,
        "address": party.address,
        "postcode": party.postcode,
        "city": party.city,
        "country": party.country,
        "email": party.email,
        "electronic_address": party.electronic_address,
        "trusted": party.trusted,
        "invoices": party.invoices,
    }
