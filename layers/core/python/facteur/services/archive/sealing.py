"""Sealing: original, Factur-X, canonical JSON and evidence, each version under Object Lock.

Everything written here is a function of the accepted document and the settings (no clock, no new
identifier), under keys that the content names: sealing twice, after a crash or a second delivery,
writes the same bytes under the same keys and lays the same locks.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from facteur.domain.candidate import Candidate
from facteur.domain.commands import SealDocument, SealFile
from facteur.domain.containers import fault_in
from facteur.domain.decisions import archive, quarantine
from facteur.domain.decisions import seal_file as sealed_file
from facteur.domain.documents import Document, DocumentRef, Seal, State, StoredFile
from facteur.domain.events import Entry, Happened
from facteur.domain.evidence import canonical_json, retention_until, write
from facteur.domain.faults import Fault
from facteur.domain.serial import loads, pack
from facteur.ports import Context
from facteur.services.archive import awaiting
from facteur.services.attempts import each
from facteur.services.staircase import Steps, commit

#: Roles that are sealed when the document has them; attachments, and what was sent of it, too.
_SEALED = ("original", "facturx", "invoice_xml", "report", "candidate")


def seal_document(command: SealDocument, context: Context) -> Steps:
    """Seal an accepted document; does nothing when it is sealed already.

    A sale that has a channel to leave by is sealed once it left: until then it waits.
    """
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.ACCEPTED:
        return document, ()
    now = context.clock.now()
    wrong = _wrong_inside(document, context)
    if wrong is not None:
        return commit(quarantine(document, wrong, at=now), context)
    if awaiting.waits(document, context):
        return awaiting.hold(document, context)
    history = context.store.history(document.ref)
    accepted_at = _accepted_at(history)
    until = retention_until(accepted_at, context.retention_days)
    if until <= now:  # a short retention, of a test stage, and a long trouble: S3 refuses the past
        until = retention_until(now, context.retention_days)
    kept = {
        role: one
        for role, one in document.files.items()
        if role in _SEALED or role.startswith(("attachment-", "sent-"))
    }
    before = distinct(tuple(kept.values()))
    canonical = _keep(document, "canonical", _canonical(document, context), until, context)
    kept["canonical"] = canonical
    proof = write(document, kept, history, until=until, mode=context.lock_mode)
    evidence = _keep(document, "evidence", proof, until, context)
    for one in before:
        context.blobs.lock(one, until=until, mode=context.lock_mode)
    seal = Seal(
        at=now,
        until=until,
        mode=context.lock_mode,
        chain=history[-1].hash,
        files=tuple(distinct((*kept.values(), evidence))),
    )
    added = {"canonical": canonical, "evidence": evidence}
    forward = bool(context.forwardings.load(document.dossier).of(document.direction))
    unsent = awaiting.unsent(document, context)
    decision = archive(document, seal, added, at=now, forward=forward, unsent=unsent)
    return commit(decision, context)


def _wrong_inside(document: Document, context: Context) -> Fault | None:
    """Why the Factur-X must not be sealed, as a second library reads it; None: it may be."""
    if "facturx" not in document.files or "invoice_xml" not in document.files:
        return None
    return fault_in(
        context.blobs.get(document.files["facturx"]),
        document.files["invoice_xml"].sha256,
        road=document.conversion.road if document.conversion else "",
        read_back=context.pdf.read_back,
    )


def seal_file(command: SealFile, context: Context) -> Steps:
    """Seal a split file once each of its parts is decided and one at least is archived.

    Its original and evidence are kept as long as the part that is kept longest. Does nothing
    before that, nor twice.
    """
    document = context.store.document(DocumentRef(command.dossier, command.document))
    if document.state is not State.SPLIT or document.seal is not None:
        return document, ()
    parts = [context.store.document(DocumentRef(command.dossier, one)) for one in document.parts]
    ends = [one.seal.until for one in parts if one.seal is not None]
    if not ends or any(not _decided(one) for one in parts):
        return document, ()
    history, now, until = context.store.history(document.ref), context.clock.now(), max(ends)
    kept = {"original": document.files["original"]}
    proof = write(document, kept, history, until=until, mode=context.lock_mode)
    evidence = _keep(document, "evidence", proof, until, context)
    files = tuple(distinct((*kept.values(), evidence)))
    context.blobs.lock(kept["original"], until=until, mode=context.lock_mode)
    chain = history[-1].hash
    seal = Seal(at=now, until=until, mode=context.lock_mode, chain=chain, files=files)
    return commit(sealed_file(document, seal, {"evidence": evidence}, at=now), context)


def _decided(part: Document) -> bool:
    """True for a part that is archived, refused, deleted, or itself split and sealed."""
    return part.state in (State.ARCHIVED, State.REFUSED, State.DELETED) or (
        part.state is State.SPLIT and part.seal is not None
    )


def relay_locks(context: Context, *, since: timedelta) -> int:
    """Lay again the locks of what was sealed lately; how many documents were looked at.

    An emulator that was killed may have lost the last half second of locks; on AWS the call
    changes nothing. A lock is never shortened. Raises the first failure, after all were tried.
    """
    documents = context.store.sealed_since(context.clock.now() - since)
    seals = (one.seal for one in documents if one.seal is not None)
    each(
        ((seal, file) for seal in seals for file in seal.files),
        lambda one: context.blobs.lock(one[1], until=one[0].until, mode=one[0].mode),
        "laying a lock again",
    )
    return len(documents)


def distinct(files: Sequence[StoredFile]) -> list[StoredFile]:
    """Each stored version once: the original may be the Factur-X itself."""
    return list({(one.key, one.version_id): one for one in files}.values())


def _keep(
    document: Document, role: str, data: bytes, until: datetime, context: Context
) -> StoredFile:
    """Write, locked, under a key that the content names: a setting that changed since a first
    attempt (retention, mode) makes another file, never a conflict that nobody can solve."""
    digest = hashlib.sha256(data).hexdigest()
    key = f"{document.dossier}/{document.id}/sealed/{digest[:32]}/{role}"
    return context.blobs.keep(
        key,
        data,
        "application/json",
        filename=f"{role}.json",
        until=until,
        mode=context.lock_mode,
    )


def _accepted_at(history: Sequence[Entry]) -> datetime:
    return next(
        one.event.at for one in reversed(history) if one.event.name is Happened.INVOICE_ACCEPTED
    )


def _canonical(document: Document, context: Context) -> bytes:
    """The invoice as accepted: every field with its provenance, in canonical JSON."""
    fields: Mapping[str, object] = {}
    if "candidate" in document.files:
        candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
        fields = pack(candidate)
    return canonical_json(
        {
            "format": "facteur-invoice/1",
            "dossier": document.dossier,
            "document": document.id,
            "direction": document.direction.value,
            "invoice": fields,
        }
    )
