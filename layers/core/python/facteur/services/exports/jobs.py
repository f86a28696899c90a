"""Exports for accountants, small or large, on one road: asked by a page, made by the pipeline.

``ask`` writes what is wanted and queues ``WriteExport``; the pipeline makes it (entries.py for
accounting, kits.py for everything of a dossier) and the page shows how far it is, then the link.
An export that cannot be made says why, once. Making one twice gives the same, and marks nothing
more.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date

from facteur.domain.commands import Scheduled, WriteExport
from facteur.domain.documents import Direction
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import (
    DuplicateError,
    FacteurError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from facteur.domain.exports import (
    SETTABLE,
    Accounts,
    Job,
    JobState,
    Kind,
    faults_of_accounts,
)
from facteur.domain.faults import Fault
from facteur.domain.journal import JournalEntry
from facteur.formats.exports import FORMATS
from facteur.ports import Context
from facteur.services.exports import entries, kits
from facteur.services.journalling import entry_by
from facteur.services.staircase import LEASE, Steps, send

ZIP = "application/zip"


# ── Asking ──────────────────────────────────────────────────────────────────────────────────────


def ask(
    caller: Caller,
    context: Context,
    *,
    form: str,
    direction: Direction,
    since: date | None,
    until: date | None,
    only_to_fetch: bool = True,
    attachments: bool = True,
    mark: bool = True,
) -> Job:
    """Ask for an accounting export of a period of invoice dates, both days included.

    InvalidError (``exports.form``, ``exports.period``).
    """
    caller.require(Permission.EXPORT)
    faults = []
    if form not in FORMATS:
        faults.append(Fault(code="exports.form", path="format"))
    if since is None or until is None or since > until:
        faults.append(Fault(code="exports.period", path="du"))
    if faults:
        raise InvalidError(tuple(faults))
    return _queued(
        Job(
            dossier=caller.dossier,
            id=context.ids.new(),
            kind=Kind.ACCOUNTING,
            at=context.clock.now(),
            by=caller.user,
            by_name=caller.name,
            form=form,
            direction=direction,
            since=since,
            until=until,
            only_to_fetch=only_to_fetch,
            attachments=attachments,
            mark=mark,
        ),
        context,
    )


def ask_kit(caller: Caller, context: Context) -> Job:
    """Ask for everything of the dossier (exit kit, NO-16): a gérant's, told in the journal."""
    caller.require(Permission.MANAGE)
    job = Job(
        dossier=caller.dossier,
        id=context.ids.new(),
        kind=Kind.KIT,
        at=context.clock.now(),
        by=caller.user,
        by_name=caller.name,
        mark=False,
    )
    context.journal.add((_entry(caller, "kit.asked", {}, context),))
    return _queued(job, context)


def _queued(job: Job, context: Context) -> Job:
    context.exports.save(job)
    _next(job, 1, context)
    return job


def _next(job: Job, part: int, context: Context) -> None:
    """Queue the making of a part; in the agenda first, so that nothing is lost."""
    now = context.clock.now()
    command = WriteExport(dossier=job.dossier, export=job.id, part=part)
    scheduled = Scheduled(id=f"export-{job.id}-{part}", command=command, due=now + LEASE)
    context.store.schedule(scheduled)
    send(replace(scheduled, due=now), context)


def _entry(
    caller: Caller, what: str, values: Mapping[str, object], context: Context
) -> JournalEntry:
    return entry_by(caller, what, values, context)


# ── Looking ─────────────────────────────────────────────────────────────────────────────────────


def jobs(caller: Caller, context: Context) -> tuple[Job, ...]:
    """The last exports of the dossier, newest first; kits for those who may manage it only."""
    caller.require(Permission.EXPORT)
    found = context.exports.jobs(caller.dossier)
    return tuple(one for one in found if _shown(one, caller))


def job(caller: Caller, identifier: str, context: Context) -> Job:
    """An export; NotFoundError for another dossier's, and for a kit without the permission."""
    caller.require(Permission.EXPORT)
    found = context.exports.job(caller.dossier, identifier)
    if not _shown(found, caller):
        raise NotFoundError("not_found", export=identifier)
    return found


def _shown(one: Job, caller: Caller) -> bool:
    return one.kind is Kind.ACCOUNTING or caller.may(Permission.MANAGE)


def link(caller: Caller, identifier: str, place: int, context: Context) -> str:
    """A presigned link to a file of an export; NotFoundError before it is there."""
    files = job(caller, identifier, context).files
    if not 1 <= place <= len(files):
        raise NotFoundError("not_found", export=identifier)
    file = files[place - 1]
    return context.blobs.passing_link(file.key, ZIP, file.name)


def accounts(caller: Caller, context: Context) -> Accounts:
    """The accounts and journals of the dossier."""
    caller.require(Permission.EXPORT)
    return context.exports.accounts(caller.dossier)


def save_accounts(caller: Caller, typed: Mapping[str, str], context: Context) -> Accounts:
    """Set them; InvalidError with all their faults. The journal keeps what changed."""
    caller.require(Permission.EXPORT)
    held = context.exports.accounts(caller.dossier)
    values = {name: typed.get(name, getattr(held, name)).strip().upper() for name in SETTABLE}
    chosen = replace(held, **values)
    faults = faults_of_accounts(chosen)
    if faults:
        raise InvalidError(faults)
    changed = {
        name: f"{getattr(held, name)} → {value}"
        for name, value in values.items()
        if getattr(held, name) != value
    }
    if not changed:
        return held
    entry = _entry(caller, "accounts.changed", changed, context)
    return context.exports.save_accounts(chosen, (entry,))


# ── Making ──────────────────────────────────────────────────────────────────────────────────────


def write_export(command: WriteExport, context: Context) -> Steps:
    """Make an export, or a part of a kit. What cannot be mended is told on the page, once."""
    held = context.exports.job(command.dossier, command.export)
    if not held.over and 0 < command.part == len(held.files):
        with suppress(DuplicateError):  # written, then interrupted before the next was asked for
            _next(held, command.part + 1, context)
        return None, ()
    if held.over or command.part != len(held.files) + 1:
        return None, ()
    started = replace(held, state=JobState.RUNNING)
    try:
        if held.kind is Kind.KIT:
            made, again = kits.write_part(started, context)
        else:
            made, again = entries.write_accounting(started, context)
    except UnavailableError:
        raise
    except FacteurError as error:
        told = getattr(error, "faults", ()) or (Fault(code=error.code),)
        context.exports.save(_ended(started, context, failure=told[0]))
        return None, ()
    except Exception:
        context.exports.save(_ended(started, context, failure=Fault(code="work.failed")))
        raise
    context.exports.save(made if again else _ended(made, context))
    if again:
        _next(made, len(made.files) + 1, context)
    return None, ()


def give_up(command: WriteExport, context: Context) -> None:
    """Tell on the page that an export was tried as often as the queue tries, and ends there."""
    held = context.exports.job(command.dossier, command.export)
    if not held.over:
        context.exports.save(_ended(held, context, failure=Fault(code="exports.interrupted")))


def _ended(job: Job, context: Context, *, failure: Fault | None = None) -> Job:
    state = JobState.FAILED if failure else JobState.DONE
    return replace(job, state=state, failure=failure, ended_at=context.clock.now())
