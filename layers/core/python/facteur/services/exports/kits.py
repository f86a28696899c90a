"""The exit kit: writing everything of a dossier, part after part.

A part holds MOST_DOCUMENTS documents or MOST_BYTES, whichever comes first: each is made by one run
of the pipeline and goes to the bucket as it is made. What was received while the kit is being made
may be in it or not. Credentials, sessions and keys are never in it; members are, for reading.
What a part holds and how it is checked: domain/kits.py; taking it in elsewhere: importing.py.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO, cast

from facteur.domain.documents import Direction, Document
from facteur.domain.exports import Job, Produced
from facteur.domain.kits import (
    MANDATES,
    MANIFEST,
    REPORTS,
    Held,
    Manifest,
    write_history,
    write_manifest,
)
from facteur.domain.parties import Party, Side
from facteur.domain.serial import dumps, pack
from facteur.ports import Context
from facteur.services.ereporting import kits
from facteur.services.finding.queries import suffix_of

MOST_DOCUMENTS = 400
MOST_BYTES = 400 * 1024 * 1024
MOST_ROWS = 100_000  # of the journal, of the mails
_BLOCK = 100
_ROADS = (Direction.PURCHASE, Direction.SALE)
_TOLD_EVERY = 20
_ZIP = "application/zip"


class _Part:
    """A ZIP being written, and what its manifest will say."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.files: dict[str, Held] = {}
        self.size = 0

    def put(self, name: str, data: bytes) -> None:
        """One file."""
        self._archive.writestr(name, data)
        self.files[name] = Held(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        self.size += len(data)


def write_part(job: Job, context: Context) -> tuple[Job, bool]:
    """Write the next part; the job with its file, and whether there is more."""
    dossier = context.store.dossier(job.dossier)
    number = len(job.files) + 1
    key = f"exports/{job.dossier}/{job.id}/{number}.zip"
    written: list[str] = []
    more = ""
    with (
        context.blobs.passing(key, _ZIP) as target,
        zipfile.ZipFile(cast("IO[bytes]", target), "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        part = _Part(archive)
        if number == 1:
            _put_dossier(part, job.dossier, context)
        for document, place in _documents(job, context):
            if len(written) >= MOST_DOCUMENTS or part.size >= MOST_BYTES:
                break
            _put_document(part, document, context)
            written.append(document.id)
            more = place
            if len(written) % _TOLD_EVERY == 0:
                context.exports.save(replace(job, done=job.done + len(written)))
        else:
            more = ""
        manifest = Manifest(
            dossier=job.dossier,
            name=dossier.name,
            siren=dossier.siren,
            made_at=context.clock.now().isoformat(),
            part=number,
            last=not more,
            documents=tuple(written),
            files=part.files,
            reports=tuple(
                dict.fromkeys(
                    one.split("/")[1] for one in part.files if one.startswith(f"{REPORTS}/")
                )
            ),
        )
        archive.writestr(MANIFEST, write_manifest(manifest))
    name = f"facteur-{dossier.siren}-{job.at:%Y%m%d}-{number}.zip"
    file = Produced(key=key, name=name, size=target.size, sha256=target.sha256)
    done = job.done + len(written)
    return replace(job, files=(*job.files, file), done=done, cursor=more), bool(more)


def _documents(job: Job, context: Context) -> Iterator[tuple[Document, str]]:
    """The documents that are left, each with the place behind it."""
    road, _mark, cursor = job.cursor.partition("|")
    first = _ROADS.index(Direction(road)) if road else 0
    for direction in _ROADS[first:]:
        after = cursor if direction.value == road else ""
        while True:
            page = context.store.documents(job.dossier, direction, limit=_BLOCK, cursor=after)
            for one in page.documents:
                yield one, f"{direction.value}|{context.store.cursor(one)}"
            after = page.cursor
            if not after:
                break


def _put_dossier(part: _Part, dossier: str, context: Context) -> None:
    """What belongs to no document."""
    part.put("dossier/dossier.json", dumps(context.store.dossier(dossier)))
    part.put("dossier/preferences.json", dumps(context.preferences.load(dossier)))
    part.put("dossier/accounts.json", dumps(context.exports.accounts(dossier)))
    part.put("dossier/members.json", _rows(context.people.members(dossier)))
    cards = tuple(_parties(dossier, context))
    part.put("dossier/parties.json", _rows(cards))
    for card in cards:
        if card.mandate is not None:
            part.put(f"{MANDATES}/{card.id}", context.blobs.get(card.mandate.file))
    part.put("dossier/journal.json", _rows(context.journal.entries(dossier, limit=MOST_ROWS)))
    part.put("dossier/mails.json", _rows(context.store.mails(dossier, limit=MOST_ROWS)))
    for name, data in kits.files(dossier, context):
        part.put(name, data)


def _rows(values: Sequence[object]) -> bytes:
    rows = [pack(one) for one in values]
    return json.dumps(rows, ensure_ascii=False, indent=1).encode(errors="replace")


def _parties(dossier: str, context: Context) -> Iterator[Party]:
    """Every card, with its hints."""
    for side in Side:
        for archived in (False, True):
            cursor = ""
            while True:
                page = context.parties.by_name(
                    dossier, side, limit=_BLOCK, cursor=cursor, archived=archived
                )
                for one in page.parties:
                    yield context.parties.party(dossier, one.id)
                cursor = page.cursor
                if not cursor:
                    break


def _put_document(part: _Part, document: Document, context: Context) -> None:
    sealed = {(one.key, one.version_id) for one in document.seal.files} if document.seal else set()
    for role, file in document.files.items():
        if role.startswith("page-"):  # drawn again from the original
            continue
        folder = "documents" if (file.key, file.version_id) in sealed else "others"
        data = context.blobs.get(file)
        part.put(f"{folder}/{document.id}/{role}{suffix_of(file)}", data)
    part.put(f"heads/{document.id}.json", dumps(document))
    part.put(f"histories/{document.id}.json", write_history(context.store.history(document.ref)))
