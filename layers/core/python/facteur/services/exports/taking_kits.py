"""Taking an exit kit in by the page: a part is uploaded, examined by the pipeline, then taken.

The examination writes nothing: it checks every hash, evidence and history (examining_kits) and
says what taking the part would do. Only a part that was examined whole is taken, TAKEN_AT_ONCE
documents a run: each run starts where the last one stopped, because what is there is left alone.
Both stand among the dossier's exports, as jobs of their own kinds.

A ZIP that somebody sends may be hostile: its members are counted and their sizes added before one
is read, each at most MOST_FILE; nothing is ever written under the names that it holds.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from facteur.domain.commands import ImportKit, Scheduled
from facteur.domain.decisions import Actor
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    NotFoundError,
    UnavailableError,
    UnreadableError,
)
from facteur.domain.exports import MOST_LISTED, Job, JobState, Kind
from facteur.domain.faults import Fault
from facteur.ports import Context, UploadForm
from facteur.services.exports import examining_kits, importing
from facteur.services.exports import jobs as exporting
from facteur.services.sent_files import Back, Place
from facteur.services.staircase import LEASE, Steps, send

MOST_BYTES = 600 * 1024 * 1024  # of one part: ours stop at 400 MB and one document
MOST_FILE = 200 * 1024 * 1024
MOST_UNPACKED = 2 * 1024 * 1024 * 1024
MOST_FILES = 20_000
TAKEN_AT_ONCE = 60  # documents of one run

_KINDS = (Kind.KIT_CHECK, Kind.KIT_TAKEN)


def _sent(dossier: str) -> Place:
    """Where the parts that a dossier's page was sent wait."""
    return Place(owner=dossier, folder="kits", media_type="application/zip", most_bytes=MOST_BYTES)


# ── What a gérant does ──────────────────────────────────────────────────────────────────────────


def import_form(caller: Caller, context: Context, *, back: Back) -> UploadForm:
    """The presigned form for a part; ``back``: the page that has it examined by name."""
    caller.require(Permission.MANAGE)
    return _sent(caller.dossier).form(context, back=back)


def jobs(caller: Caller, context: Context) -> tuple[Job, ...]:
    """The last parts that were examined or taken, newest first."""
    caller.require(Permission.MANAGE)
    return tuple(one for one in context.exports.jobs(caller.dossier) if one.kind in _KINDS)


def examine(caller: Caller, name: str, context: Context) -> Job:
    """Have an uploaded part examined; the same one again answers the job that there is."""
    caller.require(Permission.MANAGE)
    _sent(caller.dossier).key(name)  # a name that is none of ours is not found
    for one in jobs(caller, context):
        if one.kind is Kind.KIT_CHECK and one.cursor == name and one.state is not JobState.FAILED:
            return one
    return _asked(caller, Kind.KIT_CHECK, name, context)


def take(caller: Caller, job: str, context: Context) -> Job:
    """Take in a part that was examined. NotFoundError; ConflictError (``kit.unexamined``)."""
    caller.require(Permission.MANAGE)
    held = exporting.job(caller, job, context)
    if held.kind is not Kind.KIT_CHECK:
        raise NotFoundError("not_found", export=job)
    if held.state is not JobState.DONE:
        raise ConflictError("kit.unexamined")
    for one in jobs(caller, context):
        if one.kind is Kind.KIT_TAKEN and one.cursor == held.cursor and not one.failure:
            return one
    return _asked(caller, Kind.KIT_TAKEN, held.cursor, context, told=dict(held.told))


def _asked(
    caller: Caller, kind: Kind, name: str, context: Context, *, told: dict[str, str] | None = None
) -> Job:
    job = Job(
        dossier=caller.dossier,
        id=context.ids.new(),
        kind=kind,
        at=context.clock.now(),
        by=caller.user,
        by_name=caller.name,
        mark=False,
        cursor=name,
        told=told or {},
    )
    context.exports.save(job)
    _next(job, 1, context)
    return job


def _next(job: Job, step: int, context: Context) -> None:
    now = context.clock.now()
    command = ImportKit(dossier=job.dossier, export=job.id, step=step)
    scheduled = Scheduled(id=f"kit-{job.id}-{step}", command=command, due=now + LEASE)
    context.store.schedule(scheduled)
    send(replace(scheduled, due=now), context)


# ── What the pipeline does ──────────────────────────────────────────────────────────────────────


def import_kit(command: ImportKit, context: Context) -> Steps:
    """Examine a part, or take some of its documents. What cannot be mended is told, once."""
    held = context.exports.job(command.dossier, command.export)
    if held.over or held.kind not in _KINDS:
        return None, ()
    again = False
    try:
        with _opened(held, context) as (names, read):
            if held.kind is Kind.KIT_CHECK:
                made = _examined(held, names, read, context)
            else:
                made, again = _taken(held, names, read, context)
    except UnavailableError:
        raise
    except FacteurError as error:
        faults = tuple(getattr(error, "faults", ())) or (Fault(code=error.code),)
        told = replace(held, left_out=faults[:MOST_LISTED], left=len(faults))
        _end(told, context, failure=faults[0])
        return None, ()
    except Exception:
        _end(held, context, failure=Fault(code="work.failed"))
        raise
    if again:
        context.exports.save(made)
        _next(made, command.step + 1, context)
    else:
        _end(made, context)
    return None, ()


def give_up(command: ImportKit, context: Context) -> None:
    """Tell on the page that a part was tried as often as the queue tries."""
    held = context.exports.job(command.dossier, command.export)
    if not held.over:
        _end(held, context, failure=Fault(code="exports.interrupted"))


def _end(job: Job, context: Context, *, failure: Fault | None = None) -> None:
    state = JobState.FAILED if failure else JobState.DONE
    ended = replace(job, state=state, failure=failure, ended_at=context.clock.now())
    context.exports.save(ended)


@contextmanager
def _opened(job: Job, context: Context) -> Iterator[tuple[Sequence[str], Callable[[str], bytes]]]:
    """The names in a part and how to read one. UnreadableError (``unreadable.kit``, ``.bomb``)."""
    data = _sent(job.dossier).data(job.cursor, context)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [one for one in archive.infolist() if not one.is_dir()]
            names = [one.filename for one in files]
            if (
                len(files) > MOST_FILES
                or sum(one.file_size for one in files) > MOST_UNPACKED
                or any(one.file_size > MOST_FILE for one in files)
            ):
                raise UnreadableError("unreadable.bomb")
            if len(set(names)) < len(names):
                raise UnreadableError("unreadable.kit", reason="a name twice")
            yield names, archive.read
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise UnreadableError("unreadable.kit", reason=type(error).__name__) from error


def _examined(
    job: Job, names: Sequence[str], read: Callable[[str], bytes], context: Context
) -> Job:
    """The job with what taking the part would do."""
    manifest = examining_kits.examined(names, read, context)
    found = examining_kits.rehearsed(manifest, read, job.dossier, context)
    own = context.store.dossier(job.dossier).siren
    told = {
        "name": manifest.name,
        "siren": manifest.siren,
        "made_at": manifest.made_at,
        "part": str(manifest.part),
        "last": "1" if manifest.last else "",
        "other": "" if manifest.siren == own else "1",
        "files": str(len(manifest.files)),
        "new": str(found.new),
        "already": str(found.already),
        "sealed": str(found.sealed),
        "parties": str(found.parties),
    }
    return replace(job, told=told, total=len(manifest.documents), done=len(manifest.documents))


def _taken(
    job: Job, names: Sequence[str], read: Callable[[str], bytes], context: Context
) -> tuple[Job, bool]:
    """The job after one run, and whether there is more."""
    brought = importing.import_part(
        names,
        read,
        job.dossier,
        Actor(id=job.by, name=job.by_name),
        context,
        most=TAKEN_AT_ONCE,
    )
    total = brought.documents + brought.already + brought.left
    new = int(job.told.get("brought", "0")) + brought.documents
    told = {
        **job.told,
        "brought": str(new),
        "cards": str(int(job.told.get("cards", "0")) + brought.parties),
        "refused": ", ".join(brought.parties_refused)[:1000],
    }
    made = replace(job, state=JobState.RUNNING, total=total, done=total - brought.left, told=told)
    return made, brought.left > 0
