"""Taking an exit kit in, part by part, from whichever platform made it (NO-16).

All of a part is checked first (domain/kits.py). Then each document that the dossier does not have
is written: the same bytes, the same history entry for entry, Object Lock laid again until the same
day, and an entry that tells of the import. A document that is there already is left alone, so that
a part taken in twice changes nothing; one that a crash left halfway is completed.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from facteur.domain import commands as c
from facteur.domain.acceptance import Preferences
from facteur.domain.commands import Command, Scheduled
from facteur.domain.decisions import Actor
from facteur.domain.decisions.base import told
from facteur.domain.documents import Document, Seal, State, StoredFile
from facteur.domain.duplicates import number_key
from facteur.domain.errors import DuplicateError, InvalidError, StaleVersionError
from facteur.domain.events import Entry, Happened, chained
from facteur.domain.exports import Accounts
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry, bounded
from facteur.domain.kits import MANDATES, Manifest, read_history
from facteur.domain.parties import Party, Side, place_of
from facteur.domain.serial import loads
from facteur.ports import Changes, Claim, Context, MailRecord
from facteur.services.ereporting import kits
from facteur.services.exports.examining_kits import (
    examined,
    held_as,
    held_whole,
    place_of_file,
    rows_of,
)
from facteur.services.exports.kits import MOST_ROWS
from facteur.services.staircase import LEASE, send

_ENTRIES = 60  # of a history, in one transaction (DynamoDB takes 100 actions)
_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a part brought."""

    documents: int = 0
    already: int = 0
    parties: int = 0
    parties_refused: tuple[str, ...] = ()  # numbers of cards whose number or SIREN is taken
    left: int = 0  # documents that the bound of this call left for another one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A part that was examined, and who takes it into which dossier."""

    names: Sequence[str]
    read: Callable[[str], bytes]
    manifest: Manifest
    dossier: str
    by: Actor


#: What goes on with a document that was on its way when the kit was made.
_GOES_ON: Mapping[State, Callable[[str, str], Command]] = {
    State.RECEIVED: lambda dossier, one: c.ReadDocument(dossier=dossier, document=one),
    State.READ: lambda dossier, one: c.ConvertDocument(dossier=dossier, document=one),
    State.SPLITTING: lambda dossier, one: c.WriteParts(dossier=dossier, document=one),
    State.ACCEPTED: lambda dossier, one: c.SealDocument(dossier=dossier, document=one),
}


def import_part(
    names: Sequence[str],
    read: Callable[[str], bytes],
    dossier: str,
    by: Actor,
    context: Context,
    *,
    most: int = 0,
) -> Imported:
    """Take a part of a kit into a dossier; NotFoundError when there is no such dossier.

    ``most``: how many documents this call writes at most, 0 for all: called again, it goes on.
    InvalidError (``examined``), before anything is written.
    """
    context.store.dossier(dossier)
    manifest = examined(names, read, context)
    part = _Part(names=names, read=read, manifest=manifest, dossier=dossier, by=by)
    cards = 0
    refused: list[str] = []
    if manifest.part == 1:
        cards, refused = _import_dossier(part, context)
        kits.take(names, read, dossier, context)
    brought = already = left = 0
    for identifier in manifest.documents:
        if most and brought >= most and held_whole(identifier, read, dossier, context) is None:
            left += 1
        elif _import_document(identifier, part, context):
            brought += 1
        else:
            already += 1
    return Imported(
        documents=brought,
        already=already,
        parties=cards,
        parties_refused=tuple(refused),
        left=left,
    )


def _import_dossier(part: _Part, context: Context) -> tuple[int, list[str]]:
    """Preferences and accounts where the dossier never chose, cards, journal, mails."""
    dossier, read, manifest = part.dossier, part.read, part.manifest
    preferences = loads(Preferences, read("dossier/preferences.json"))
    entry = JournalEntry(
        dossier=dossier,
        id=f"kit-{manifest.dossier}-{manifest.made_at}",
        at=context.clock.now(),
        what="kit.imported",
        by=part.by.id,
        by_name=part.by.name,
        values=bounded({"name": manifest.name, "siren": manifest.siren, "at": manifest.made_at}),
    )
    if context.preferences.load(dossier).version == 0:
        context.preferences.save(replace(preferences, dossier=dossier, version=0), (entry,))
    else:
        context.journal.add((entry,))
    accounts = loads(Accounts, read("dossier/accounts.json"))
    if accounts.version and context.exports.accounts(dossier).version == 0:
        context.exports.save_accounts(replace(accounts, dossier=dossier, version=0), ())
    _import_past(read, dossier, context)
    cards: list[Party] = rows_of(Party, read("dossier/parties.json"))
    count = 0
    refused: list[str] = []
    for card in cards:
        held = _with_mandate(replace(card, dossier=dossier, version=0), part, context)
        try:
            context.parties.save((held,), ())
            count += 1
        except StaleVersionError:
            continue  # brought by an earlier import
        except DuplicateError:
            refused.append(f"{card.number} {card.name}")
    for side in Side:
        _pass_numbers(cards, side, dossier, context)
    return count, refused


def _with_mandate(card: Party, part: _Part, context: Context) -> Party:
    """The card with its mandate's file kept here; a mandate without its file is none."""
    name = f"{MANDATES}/{card.id}"
    if card.mandate is None or name not in part.names:
        return replace(card, mandate=None)
    data, told = part.read(name), card.mandate.file
    if hashlib.sha256(data).hexdigest() != told.sha256:
        return replace(card, mandate=None)
    key = f"{card.dossier}/mandates/{card.id}/{told.sha256[:32]}"
    file = context.blobs.put(key, data, told.media_type, filename=told.filename)
    return replace(card, mandate=replace(card.mandate, file=file))


def _import_past(read: Callable[[str], bytes], dossier: str, context: Context) -> None:
    """The journal and the mails. What stands here stays as it was written, whatever a kit says."""
    told = {(one.at, one.id) for one in context.journal.entries(dossier, limit=MOST_ROWS)}
    rows = [
        replace(one, dossier=dossier)
        for one in rows_of(JournalEntry, read("dossier/journal.json"))
        if (one.at, one.id) not in told
    ]
    for start in range(0, len(rows), _ROWS):
        context.journal.add(rows[start : start + _ROWS])
    known = {one.id for one in context.store.mails(dossier, limit=MOST_ROWS)}
    for mail in rows_of(MailRecord, read("dossier/mails.json")):
        if mail.id not in known:
            context.store.save_mail(replace(mail, dossier=dossier))


def _pass_numbers(cards: Sequence[Party], side: Side, dossier: str, context: Context) -> None:
    """Numbers that imported cards bear are not given again."""
    last = max((place_of(side, one.number) for one in cards if one.side is side), default=0)
    if last:
        context.parties.pass_numbers(dossier, side, last)


def _import_document(identifier: str, part: _Part, context: Context) -> bool:
    """Write one document; False when the dossier has it already. InvalidError (``kit.taken``)
    when another document has its name."""
    head = loads(Document, part.read(f"heads/{identifier}.json"))
    entries = read_history(part.read(f"histories/{identifier}.json"))
    held = held_as(head, part.dossier, context)
    if held is not None and held.events >= len(entries):
        return False
    files = _import_files(head, part, context)
    moved = replace(
        head,
        dossier=part.dossier,
        files=files,
        seal=_sealed_again(head, files, context),
        pages=0,
        ocr_job="",
        version=held.version if held else 0,
        events=held.events if held else 0,
    )
    _write(moved, entries, part, context)
    return True


def _import_files(head: Document, part: _Part, context: Context) -> dict[str, StoredFile]:
    """The same bytes under new keys, named by what they hold."""
    found = {}
    for role, file in head.files.items():
        if role.startswith("page-"):
            continue
        data = part.read(place_of_file(head.id, role, file, part.names))
        if hashlib.sha256(data).hexdigest() != file.sha256:
            fault = Fault(code="kit.altered", values={"document": head.id, "files": role})
            raise InvalidError((fault,), code="kit.altered")
        key = f"{part.dossier}/{head.id}/kit/{file.sha256[:32]}/{role}"
        found[role] = context.blobs.put(key, data, file.media_type, filename=file.filename)
    return found


def _sealed_again(
    head: Document, files: Mapping[str, StoredFile], context: Context
) -> Seal | None:
    """The seal with the versions of here, locked until the same day in this platform's mode."""
    if head.seal is None:
        return None
    before = {(one.key, one.version_id) for one in head.seal.files}
    kept = tuple(
        files[role]
        for role, one in head.files.items()
        if role in files and (one.key, one.version_id) in before
    )
    if head.seal.until > context.clock.now():  # S3 refuses a lock that is over already
        for one in kept:
            context.blobs.lock(one, until=head.seal.until, mode=context.lock_mode)
    return replace(head.seal, files=kept, mode=context.lock_mode)


def _write(head: Document, entries: Sequence[Entry], part: _Part, context: Context) -> None:
    """The head with its history, some entries at a time, then the one that tells of the import."""
    key = number_key(head.summary)
    named = [("SHA256", head.sha256)]
    if key and head.state is not State.REFUSED:
        named.append(("NUMBER", key))
    claims = [  # what another document claimed before stays its own
        Claim(kind=kind, value=value, target=head.id, exclusive=False)
        for kind, value in named
        if context.store.claimed(head.dossier, kind, value) is None
    ]
    while head.events < len(entries):
        some = tuple(entries[head.events : head.events + _ENTRIES])
        head = replace(head, events=head.events + len(some), chain=some[-1].hash)
        changes = Changes(document=head, entries=some, claims=tuple(claims))
        head = context.store.commit(changes)
    event = told(
        Happened.DOCUMENT_IMPORTED,
        context.clock.now(),
        part.by,
        origin=part.manifest.dossier,
        siren=part.manifest.siren,
        made_at=part.manifest.made_at,
    )
    last = chained((event,), length=head.events, last=head.chain)
    commands = _commands(head, context)
    context.store.commit(
        Changes(
            document=replace(head, events=head.events + 1, chain=last[0].hash),
            entries=last,
            commands=commands,
        )
    )
    for one in commands:
        send(replace(one, due=context.clock.now()), context)


def _commands(head: Document, context: Context) -> tuple[Scheduled, ...]:
    """Its pages are drawn again, its words are found; what was on its way goes on."""
    due = context.clock.now() + LEASE
    asked: list[Command] = [c.DrawPages(dossier=head.dossier, document=head.id)]
    if head.state in _GOES_ON:
        asked = [_GOES_ON[head.state](head.dossier, head.id)]
    asked.append(c.IndexWords(dossier=head.dossier, document=head.id))
    return tuple(
        Scheduled(id=f"{head.dossier}-{head.id}-kit-{type(one).__name__}", command=one, due=due)
        for one in asked
    )
