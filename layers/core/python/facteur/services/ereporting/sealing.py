"""What was sent and what was answered is kept under Object Lock, as archive/sealing.py does.

A report's archive is that of a document: its file (``original``), each answer of the platform and
of the State (``answer-1``…), and an evidence that names them with their SHA-256 and the history
since the file left, chained. It is written again, under another name, each time an answer comes;
``facteur verify`` checks it offline, and the exit kit carries it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from facteur.domain.commands import SealReport
from facteur.domain.documents import Seal, StoredFile
from facteur.domain.ereporting.filings import Filing, happened, with_answer
from facteur.domain.events import Event, Happened
from facteur.domain.evidence import canonical_json, retention_until, write_report
from facteur.domain.flows import Acknowledgement
from facteur.ports import Context
from facteur.services.archive.sealing import distinct
from facteur.services.attempts import each
from facteur.services.ereporting.periods import moved, queue
from facteur.services.staircase import Steps


def sent(filing: Filing, flow: str, context: Context) -> Filing:
    """The filing whose history begins: its file left."""
    if filing.file is None or filing.history:
        return filing
    values = {
        "sha256": filing.file.sha256,
        "report": filing.report,
        "tracking": filing.tracking,
        "flow": flow,
        "connection": filing.connection,
        "by": filing.sent_by,
    }
    event = Event(name=Happened.REPORT_SENT, at=context.clock.now(), values=values)
    return replace(filing, history=happened(filing, event))


def answered(filing: Filing, what: str, file: StoredFile, context: Context) -> Filing:
    """The filing with an answer: kept once, however often it comes, and the newest of many."""
    if any(one.sha256 == file.sha256 for one in filing.answers):
        return filing
    begun = sent(filing, filing.flow, context)
    values = {"what": what, "sha256": file.sha256}
    event = Event(name=Happened.REPORT_ANSWERED, at=context.clock.now(), values=values)
    return with_answer(begun, file, event)


def kept_answer(filing: Filing, data: bytes, media_type: str, context: Context) -> StoredFile:
    """The bytes of an answer in the archive bucket, under a name that they give."""
    digest = hashlib.sha256(data).hexdigest()
    suffix = "xml" if media_type == "application/xml" else "json"
    key = f"{_folder(filing)}/{digest[:32]}/answer.{suffix}"
    name = f"{filing.id}-reponse.{suffix}"
    return context.blobs.put(key, data, media_type, filename=name)


def acknowledged(said: Acknowledgement, flow: str) -> bytes:
    """An acknowledgement as a file, so that it is kept as it was understood."""
    details = [
        {"level": one.level, "item": one.item, "reason": one.reason, "message": one.message}
        for one in said.details
    ]
    return canonical_json(
        {
            "format": "facteur-acknowledgement/1",
            "flow": flow,
            "status": said.status.value,
            "details": details,
        }
    )


def refused(reason: str, values: Mapping[str, object]) -> bytes:
    """A refusal at the door of the platform, as a file."""
    told = {name: str(value)[:2000] for name, value in values.items()}
    return canonical_json(
        {"format": "facteur-acknowledgement/1", "status": "Error", "reason": reason, **told}
    )


def _folder(filing: Filing) -> str:
    return f"{filing.dossier}/ereporting/{filing.id}/sealed"


def ask(filing: Filing, context: Context) -> None:
    """Queue the sealing of what a filing holds by now."""
    if not filing.history:
        return
    step = len(filing.history)
    command = SealReport(dossier=filing.dossier, filing=filing.id, step=step)
    queue(filing, f"seal-{step}", command, context)


def seal_report(command: SealReport, context: Context) -> Steps:
    """Seal a filing as it stands; does nothing when that is sealed already."""
    filing = context.ereporting.filing(command.dossier, command.filing)
    if filing.file is None or not filing.history:
        return None, ()
    chain = filing.history[-1].hash
    if filing.seal is not None and filing.seal.chain == chain:
        return None, ()
    now, mode = context.clock.now(), context.lock_mode
    until = retention_until(filing.history[0].event.at, context.retention_days)
    if until <= now:  # as archive/sealing.py: S3 refuses the past
        until = retention_until(now, context.retention_days)
    kept = roles_of(filing)
    proof = write_report(
        filing.dossier,
        filing.id,
        kept,
        filing.history,
        received_at=filing.at,
        until=until,
        mode=mode,
    )
    digest = hashlib.sha256(proof).hexdigest()
    evidence = context.blobs.put(
        f"{_folder(filing)}/{digest[:32]}/evidence.json",
        proof,
        "application/json",
        filename=f"{filing.id}-evidence.json",
    )
    files = tuple(distinct((*kept.values(), evidence)))
    for one in files:
        context.blobs.lock(one, until=until, mode=mode)
    seal = Seal(at=now, until=until, mode=mode, chain=chain, files=files)
    moved(
        filing.dossier,
        filing.id,
        context,
        # An answer that came meanwhile has a sealing of its own.
        lambda one: replace(one, seal=seal) if one.history == filing.history else None,
    )
    return None, ()


def roles_of(filing: Filing) -> dict[str, StoredFile]:
    """What is sealed of a filing, by role; without its evidence."""
    if filing.file is None:
        return {}
    answers = {f"answer-{place}": one for place, one in enumerate(filing.answers, start=1)}
    return {"original": filing.file, **answers}


def relay(filings: tuple[Filing, ...], context: Context, *, since: timedelta) -> None:
    """Lay again the locks of what was sealed lately (archive/sealing.py says why)."""
    limit = context.clock.now() - since
    seals = [one.seal for one in filings if one.seal is not None and one.seal.at >= limit]
    each(
        ((seal, file) for seal in seals for file in seal.files),
        lambda one: context.blobs.lock(one[1], until=one[0].until, mode=one[0].mode),
        "laying a lock again",
    )
