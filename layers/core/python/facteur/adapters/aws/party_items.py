"""The rows of suppliers and customers: where a card, its hints, changes and invoices stand.

| kind           | pk                      | sk           | listing                     | todo              |
|----------------|-------------------------|--------------|-----------------------------|-------------------|
| party          | D#d#PARTY#p             | PARTY        | D#d#PARTIES#SIDE / name#p   | …#NUMBER / number |
| its hints      | D#d#PARTY#p             | PARTY#HINTS  |                             |                   |
| its changes    | D#d#PARTY#p             | EVENT#at#id  |                             |                   |
| its invoices   | D#d#PARTY#p             | DOC#at#i     |                             |                   |
| numbers given  | D#d                     | PARTIES#SIDE |                             |                   |
| what names it  | REF#PARTY#d#side|siren|… | REF         |                             |                   |
| what marks it  | REF#PARTYMARK#d#mark    | REF          |                             |                   |
| what named it  | REF#PARTYBORE#d#side|…  | REF          |                             |                   |

Hints stand in a row of their own, so that lists stay light; card and hints are read in one query.
A merged card is in no list; archived ones have lists of their own.
"""  # noqa: E501

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pynamodb.attributes import UnicodeAttribute

from facteur.adapters.aws.items import dossier_pk, text_of
from facteur.adapters.aws.table import Row, WholeAttribute, Write, instant, part
from facteur.domain.documents import Document
from facteur.domain.duplicates import plain
from facteur.domain.hints import Hint
from facteur.domain.journal import JournalEntry
from facteur.domain.parties import Party, Product, Side, Standing, sort_key
from facteur.domain.serial import dumps, loads
from facteur.ports.parties import PartyDocument

PARTY, HINTS = "PARTY", "PARTY#HINTS"
LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class _Hints:
    hints: tuple[Hint, ...]
    products: Mapping[str, Product] = field(default_factory=dict)


def party_pk(dossier: str, party: str) -> str:
    """Partition of a card, its hints, its changes and its invoices."""
    return f"{dossier_pk(dossier)}#PARTY#{part(party)}"


def list_pk(dossier: str, side: Side, *, archived: bool = False) -> str:
    """Listing partition of a side's cards."""
    return f"{dossier_pk(dossier)}#PARTIES#{side.name}{'#ARCHIVED' if archived else ''}"


class PartyRow(Row, discriminator="party"):
    """A card, without its hints."""

    @classmethod
    def of(cls, party: Party) -> "PartyRow":
        """The row of a card, with the version it has."""
        listed = party.standing is not Standing.MERGED
        pk = list_pk(party.dossier, party.side, archived=party.standing is Standing.ARCHIVED)
        return cls(
            party_pk(party.dossier, party.id),
            PARTY,
            version=party.version,
            listing_pk=pk if listed else None,
            listing_sk=f"{plain(party.name)[:LONGEST_PLACE]}#{party.id}" if listed else None,
            todo_pk=f"{pk}#NUMBER" if listed else None,
            todo_sk=f"{sort_key(party.number)[:LONGEST_PLACE]}#{party.id}" if listed else None,
            body=text_of(replace(party, hints=(), products={})),
        )

    def value(self) -> Party:
        """The card of this row."""
        return replace(loads(Party, self.body), version=self.version)


class HintsRow(Row, discriminator="hints"):
    """What was learnt about a party's pages and products."""

    @classmethod
    def of(cls, party: Party) -> "HintsRow":
        """The row of a card's hints."""
        pk = party_pk(party.dossier, party.id)
        body = dumps(_Hints(party.hints, party.products)).decode()
        return cls(pk, HINTS, body=body)

    def on(self, party: Party) -> Party:
        """The card with what this row holds."""
        held = loads(_Hints, self.body)
        return replace(party, hints=held.hints, products=held.products)


class CountRow(Row, discriminator="party_numbers"):
    """How many numbers a side was given."""

    given = WholeAttribute()


class PartyEventRow(Row, discriminator="party_event"):
    """A change of a card; the dossier's journal has it too."""

    @classmethod
    def of(cls, party: Party, entry: JournalEntry) -> "PartyEventRow":
        """The row of a change."""
        place = f"EVENT#{instant(entry.at)}#{part(entry.id)}"
        return cls(party_pk(party.dossier, party.id), place, body=text_of(entry))

    def value(self) -> JournalEntry:
        """The change of this row."""
        return loads(JournalEntry, self.body)


class PartyDocumentRow(Row, discriminator="party_document"):
    """An invoice of a party, kept in step with the document's head by its own transaction."""

    party = UnicodeAttribute()

    @classmethod
    def of(cls, document: Document) -> "PartyDocumentRow":
        """The row of a document that has a party."""
        summary = document.summary
        kept = PartyDocument(
            document=document.id,
            number=summary.number,
            kind=summary.kind,
            day=summary.issue_date,
            total=summary.total_incl_vat,
            currency=summary.currency,
            received_at=document.received_at,
            state=document.state.value,
        )
        return cls(
            party_pk(document.dossier, document.party),
            f"DOC#{instant(document.received_at)}#{part(document.id)}",
            party=document.party,
            body=dumps(kept).decode(),
        )

    def value(self) -> PartyDocument:
        """The invoice of this row."""
        return loads(PartyDocument, self.body)


def document_writes(document: Document, *, before: str = "") -> list[Write]:
    """The actions that keep the list of a party's invoices in step with a document's head.

    ``before``: the party that the stored head names.
    """
    writes = []
    if before and before != document.party:
        gone = PartyDocumentRow.of(replace(document, party=before))
        writes.append(Write(gone, delete=True))
    if document.party:
        writes.append(Write(PartyDocumentRow.of(document)))
    return writes
