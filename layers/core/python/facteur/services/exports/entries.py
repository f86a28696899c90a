"""Making an accounting export: the invoices of a period, their entries, a ZIP for MOST_INVOICES.

The entries are decided by domain/exports.py and written by formats/exports. The ZIP goes to the
bucket as it is made, never whole in memory. An invoice that has no balanced entry is left out and
listed, with its reason, on the page and in the ZIP. What was exported becomes « Récupérée » only
once the ZIP exists; a run that was interrupted finds those that it had marked already.

A large period makes several ZIP files, each by a run of its own: invoices are taken by date, then
by name, from where the last part stopped, and entries are numbered on.
"""

import json
import logging
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import IO, cast

from facteur.domain.candidate import Candidate
from facteur.domain.commands import SetAccounting
from facteur.domain.decisions.statuses import EXPORT
from facteur.domain.documents import Accounting, Direction, Document
from facteur.domain.errors import InvalidError, NotFoundError, UnreadableError
from facteur.domain.exports import (
    MOST_LISTED,
    Accounts,
    Booking,
    Company,
    Job,
    PartyRef,
    Produced,
    attachment_of,
    booked,
    own_account,
)
from facteur.domain.faults import Fault
from facteur.domain.paris import paris
from facteur.domain.serial import SerialError, loads
from facteur.formats.exports import FORMATS, Format
from facteur.formats.exports.text import Written
from facteur.formats.spreadsheet import to_csv
from facteur.ports import Context
from facteur.services.archive import archives
from facteur.services.archive.archives import Wanted
from facteur.services.finding.queries import suffix_of

log = logging.getLogger(__name__)

MOST_INVOICES = 1000  # of one file: one run of the pipeline makes it
MOST_ASKED = 20_000  # invoices of one export
_TOLD_EVERY = 25  # invoices between two looks at how far it is
_ZIP = "application/zip"


@dataclass(slots=True)
class _Entries:
    """What was booked so far, and what was left out."""

    documents: list[Document]
    bookings: list[Booking]
    left_out: list[Fault]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a part starts: behind which invoice, and which accounts are whose by now."""

    after: tuple[str, str] = ("", "")  # day and name of the last one that was taken
    taken: Mapping[str, str] = field(default_factory=dict)  # own account → party's number


def write_accounting(job: Job, context: Context) -> tuple[Job, bool]:
    """Make the next part; the job with its file and what was left out, and whether there is more.

    InvalidError (``exports.too_many``) for a period of more than MOST_ASKED.
    """
    place = _place(job)
    left = [one for one in _documents(job, context) if _key(one) > place.after]
    documents, more = left[:MOST_INVOICES], len(left) > MOST_INVOICES
    number = len(job.files) + 1
    job = replace(job, total=job.done + len(left))
    context.exports.save(job)
    dossier = context.store.dossier(job.dossier)
    form, taken = FORMATS[job.form], dict(place.taken)
    entries = _booked(job, documents, form, taken, context)
    company = Company(
        name=dossier.name,
        siren=dossier.siren,
        until=job.until or paris(context.clock.now()).date(),
        first=job.entries + 1,
        first_line=job.lines + 1,
    )
    written = form.write(entries.bookings, company)
    part = f"-{number}" if more or number > 1 else ""
    name = f"{job.form}-{dossier.siren}-{job.since:%Y%m%d}-{job.until:%Y%m%d}{part}.zip"
    key = f"exports/{job.dossier}/{job.id}/{number}.zip"
    with (
        context.blobs.passing(key, _ZIP) as target,
        zipfile.ZipFile(cast("IO[bytes]", target), "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        archive.writestr(form.filename(company), written.data)
        archive.writestr("LISEZMOI.txt", _read_me(job, entries, written, form, part).encode())
        if entries.left_out:
            archive.writestr("factures-ecartees.csv", _left_out_table(entries.left_out))
        if job.attachments:
            _put_attachments(archive, entries, job, context)
    _mark(job, entries.documents, context)
    cursor = json.dumps({"after": _key(documents[-1]), "taken": taken}) if more else ""
    file = Produced(key=key, name=name, size=target.size, sha256=target.sha256)
    made = replace(
        job,
        done=job.done + len(documents),
        entries=job.entries + len(entries.bookings),
        lines=job.lines + sum(len(one.postings) for one in entries.bookings),
        left_out=(*job.left_out, *entries.left_out)[:MOST_LISTED],
        left=job.left + len(entries.left_out),
        files=(*job.files, file),
        cursor=cursor,
    )
    return made, more


def _place(job: Job) -> _Place:
    if not job.cursor:
        return _Place()
    held = json.loads(job.cursor)
    day, name = held["after"]
    return _Place(after=(day, name), taken=held["taken"])


def _key(document: Document) -> tuple[str, str]:
    """The order of an export: by invoice date, then by name."""
    return ((document.summary.issue_date or date.min).isoformat(), document.id)


def _documents(job: Job, context: Context) -> list[Document]:
    """The invoices of the period, oldest first; InvalidError (``exports.too_many``)."""
    wanted = Wanted(direction=job.direction, since=job.since, until=job.until)
    found, whole = archives.matching(job.dossier, wanted, context, most=MOST_ASKED)
    if not whole:
        fault = Fault(code="exports.too_many", values={"limit": str(MOST_ASKED)})
        raise InvalidError((fault,), code="exports.too_many")
    return sorted((one for one in found if _is_asked(one, job)), key=_key)


def _is_asked(document: Document, job: Job) -> bool:
    """False for what was fetched already, unless by this export, whose run was interrupted."""
    if not job.only_to_fetch or document.accounting is Accounting.TO_FETCH:
        return True
    at = document.fetched_at
    return at is not None and at >= job.at and document.fetched_by == (job.by_name or job.by)


def _booked(
    job: Job,
    documents: Sequence[Document],
    form: Format,
    taken: dict[str, str],
    context: Context,
) -> _Entries:
    held = context.exports.accounts(job.dossier)
    entries = _Entries([], [], [])
    parties: dict[str, PartyRef] = {}
    for at, document in enumerate(documents, start=1):
        found = _entry_of(document, held, parties, context)
        if isinstance(found, Booking):
            found = _own_account(found, document, form, taken)
        if isinstance(found, Fault):
            entries.left_out.append(found)
        else:
            file = attachment_of(document.files)
            number = job.entries + len(entries.bookings) + 1
            name = f"pieces/{found.journal}{number:05d}{suffix_of(file)}" if file else ""
            named = name if job.attachments else ""
            entries.bookings.append(replace(found, attachment=named))
            entries.documents.append(document)
        if at % _TOLD_EVERY == 0:
            half = at // 2 if job.attachments else at
            context.exports.save(replace(job, done=job.done + half))
    return entries


def _entry_of(
    document: Document, held: Accounts, parties: dict[str, PartyRef], context: Context
) -> Booking | Fault:
    unreadable = Fault(
        code="exports.unreadable",
        values={
            "document": document.id,
            "number": document.summary.number or document.filename,
            "party": document.summary.seller_name,
        },
    )
    if "candidate" not in document.files:
        return unreadable
    try:
        candidate = loads(Candidate, context.blobs.get(document.files["candidate"]))
    except (SerialError, UnreadableError, NotFoundError):
        log.exception("%s has no data to book", document.id)
        return unreadable
    return booked(document, candidate, held, _party(document, parties, context))


def _party(document: Document, known: dict[str, PartyRef], context: Context) -> PartyRef:
    """The card of the other side, asked for once an export."""
    if not document.party:
        return PartyRef()
    if document.party not in known:
        try:
            card = context.parties.party(document.dossier, document.party)
            known[document.party] = PartyRef(number=card.number, name=card.name)
        except NotFoundError:
            known[document.party] = PartyRef()
    return known[document.party]


def _own_account(
    booking: Booking, document: Document, form: Format, taken: dict[str, str]
) -> Booking | Fault:
    """The booking, unless a format without auxiliary column would mix two parties."""
    if not form.width:
        return booking
    third = booking.postings[0]
    account = own_account(third, form.width)
    if third.auxiliary and taken.setdefault(account, third.auxiliary) != third.auxiliary:
        values = {
            "document": document.id, "number": booking.piece, "party": booking.party,
            "account": account, "other": taken[account],
        }  # fmt: skip
        return Fault(code="exports.same_account", values=values)
    return booking


def _put_attachments(
    archive: zipfile.ZipFile, entries: _Entries, job: Job, context: Context
) -> None:
    """Each invoice's file, one in memory at a time."""
    pairs = zip(entries.documents, entries.bookings, strict=True)
    for at, (document, booking) in enumerate(pairs, start=1):
        file = attachment_of(document.files)
        if file is not None:
            archive.writestr(booking.attachment, context.blobs.get(file))
        if at % _TOLD_EVERY == 0:
            half = len(entries.documents) // 2
            context.exports.save(replace(job, done=job.done + half + at // 2))


def _left_out_table(left_out: Sequence[Fault]) -> bytes:
    """The list of what has no entry: what, whose, why (the code; the page says it in words)."""
    rows = (
        (
            one.values.get("number", ""),
            one.values.get("party", ""),
            one.code.removeprefix("exports."),
            one.values.get("gap", ""),
            one.values.get("document", ""),
        )
        for one in left_out
    )
    return to_csv(("Facture", "Tiers", "Motif", "Écart", "Document"), rows)


def _read_me(job: Job, entries: _Entries, written: Written, form: Format, part: str) -> str:
    """What the ZIP holds, in French: its reader may not know us."""
    side = "achats" if job.direction is Direction.PURCHASE else "ventes"
    lines = [
        f"Export comptable Facteur, format {form.label}",
        f"Factures d'{side}" if side == "achats" else "Factures de ventes",
        f"Du {job.since:%d/%m/%Y} au {job.until:%d/%m/%Y}"
        + (", à récupérer seulement" if job.only_to_fetch else ""),
        f"Écritures : {len(entries.bookings)}",
    ]
    if part:
        lines.append(f"Partie {part[1:]} ; les écritures se suivent d'une partie à l'autre")
    if entries.left_out:
        lines.append(f"Factures écartées : {len(entries.left_out)} (factures-ecartees.csv)")
    if written.replaced:
        lines.append(
            "Caractères que ce format ne peut pas écrire, remplacés par « ? » : "
            f"{written.replaced}"
        )
    if job.attachments:
        lines.append("Les pièces sont dans le dossier « pieces ».")
    return "\r\n".join(lines) + "\r\n"


def _mark(job: Job, documents: Sequence[Document], context: Context) -> None:
    """« Récupérée », by whoever asked for the export."""
    if not job.mark:
        return
    for one in documents:
        command = SetAccounting(
            dossier=one.dossier,
            document=one.id,
            status=Accounting.FETCHED.value,
            how=EXPORT,
            by=job.by,
            by_name=job.by_name,
        )
        archives.change_accounting(command, context)
