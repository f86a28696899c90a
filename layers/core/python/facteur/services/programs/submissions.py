"""Submissions of a dossier's billing software: kept, controlled, acknowledged.

The acknowledgement says what our controls found: bytes as announced, a file of the syntax
announced, never seen before, readable, and valid by the official rules. An invoice becomes a
document like any other; a status (CDAR) is set on the invoice that it names, as the table of
lifecycle/allowed.py lets our side. What a person decides later comes as statuses, not here.

Source: XP Z12-013 1.3.0 §2.3 (reason codes); reference: afnor-api.md §5.
"""

import base64
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

from facteur.domain.commands import (
    FollowSubmission,
    ReceiveUpload,
    Scheduled,
    TakeSubmission,
)
from facteur.domain.documents import (
    Channel,
    Direction,
    DocumentRef,
    Source,
    State,
    StoredFile,
)
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.ereporting.filings import MOVING, FilingState
from facteur.domain.errors import (
    DuplicateError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
    UnreadableError,
)
from facteur.domain.faults import Fault
from facteur.domain.flows import (
    AckDetail,
    Acknowledgement,
    AckStatus,
    Flow,
    FlowDirection,
    FlowProfile,
    FlowSyntax,
    FlowType,
    ProcessingRule,
    RuleSource,
)
from facteur.domain.keys import MOST_NAME
from facteur.domain.served_flows import ServedFlow
from facteur.formats import afnor_served, xml_invoice
from facteur.formats.afnor_served import FlowInfo
from facteur.formats.detect import Kind, detect
from facteur.ports import Context
from facteur.services.intake import arrivals
from facteur.services.intake.arrivals import arrived
from facteur.services.lifecycle import submitted as submitted_statuses
from facteur.services.programs import publishing
from facteur.services.programs.acknowledgements import an_error, detail, unreadable, verdict
from facteur.services.staircase import Steps, lease

log = logging.getLogger(__name__)

#: S3's user metadata, names and values: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
_META, _MOST_METADATA = "x-amz-meta-", 2048
_OBJECT = "%7B"  # « { »: forms of before 2026-11-21 say it all in percents
_SOON = timedelta(seconds=2)
_MOST_LOOKS = 12  # at a document: 2 s, 4 s, 8 s… an hour in all
_LATEST = timedelta(minutes=15)

_DECLARED_ALREADY = "Un fichier d’e-reporting de ce nom (TT-1) est déjà dans le dossier."
_OTHER_BYTES = "L’empreinte annoncée n’est pas celle du fichier reçu."
_UNSAID = Fault(code="flow.form_unreadable", path="flowInfo")
_OTHER_SYNTAX = "Le fichier n’est pas de la syntaxe annoncée"

_SYNTAXES = {
    FlowSyntax.CII: frozenset({Kind.CII, Kind.ZUGFERD1}),
    FlowSyntax.UBL: frozenset({Kind.UBL_INVOICE, Kind.UBL_CREDIT_NOTE}),
    FlowSyntax.FACTURX: frozenset({Kind.PDF}),
    FlowSyntax.CDAR: frozenset({Kind.CDAR}),
    FlowSyntax.FRR: frozenset({Kind.OTHER_XML}),
}
_INVOICES = frozenset({FlowSyntax.CII, FlowSyntax.UBL, FlowSyntax.FACTURX})
_UNDER_WAY = frozenset({State.RECEIVED, State.READ})


def media_type_of(info: FlowInfo) -> str:
    """What a submitted file is stored as, from the syntax that is announced."""
    return "application/pdf" if info.syntax is FlowSyntax.FACTURX else "application/xml"


def metadata_of(caller: Caller, info: FlowInfo) -> Mapping[str, str]:
    """What a presigned form keeps beside the file: who submits, and what is said of it.

    S3 takes 2 KB in all, of ASCII: texts are in base64, which costs a third where percents triple
    them. InvalidError (``flow.metadata``) for the names that are still too long: 255 signs hold
    whatever their alphabet, unless everything else is as long as it may be too.
    """
    said = json.dumps(afnor_served.info_json(info), ensure_ascii=False, separators=(",", ":"))
    found = {
        "flow": _in_ascii(said),
        "client": caller.user,
        "client-name": _in_ascii(caller.name[:MOST_NAME]),
        "decides": "yes" if caller.may(Permission.DECIDE) else "",
    }
    if sum(len(_META + name + value) for name, value in found.items()) > _MOST_METADATA:
        raise InvalidError((Fault(code="flow.metadata", path="name"),), code="afnor.request")
    return found


def _in_ascii(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _from_ascii(text: str, *, percents: bool) -> str:
    """A text of the metadata as it was said; ValueError for what is none."""
    if percents:
        return unquote(text, errors="strict")
    return base64.b64decode(text.encode(), altchars=b"-_", validate=True).decode()


def receive_large(
    command: ReceiveUpload, data: bytes, metadata: Mapping[str, str], context: Context
) -> Steps:
    """A submission that came by a presigned form: from here on it is like any other.

    A form outlives a deployment: one signed with percents is read too. Of one that says nothing
    readable the file is kept, its flow acknowledged by an error: a client waits for that flow.
    """
    _folder, dossier, identifier = command.key.split("/", 2)
    percents = metadata["flow"].startswith(_OBJECT)
    name = ""
    info: FlowInfo | None = None
    try:
        info = afnor_served.info_of(_from_ascii(metadata["flow"], percents=percents).encode())
        name = _from_ascii(metadata.get("client-name", ""), percents=percents)
    except (ValueError, InvalidError):
        log.warning("flow %s of %s: its form says nothing readable", identifier, dossier)
    rights = {Permission.UPLOAD} | ({Permission.DECIDE} if metadata.get("decides") else set())
    caller = Caller(
        user=metadata.get("client", ""),
        name=name,
        dossier=dossier,
        permissions=frozenset(rights),
    )
    try:
        if info is None:
            _kept_unsaid(caller, data, identifier, context)
            return None, ()
        _served, take = kept(caller, info, data, identifier, context)
    except DuplicateError:
        return None, ()  # a second delivery
    return None, (take,)


def _kept_unsaid(caller: Caller, data: bytes, identifier: str, context: Context) -> None:
    """Keep a file of which nothing is known but its bytes, acknowledged by an error at once."""
    syntax = FlowSyntax.FACTURX if detect(data) is Kind.PDF else FlowSyntax.CII
    served = _served_of(
        caller, FlowInfo(name=identifier, syntax=syntax), data, identifier, context
    )
    _answer(served, AckStatus.ERROR, (detail(_UNSAID),), context)


def kept(
    caller: Caller, info: FlowInfo, data: bytes, identifier: str, context: Context
) -> tuple[ServedFlow, Scheduled]:
    """Keep a submitted file: its flow, Pending, and the command that controls it, to be sent."""
    served = _served_of(caller, info, data, identifier, context)
    take = Scheduled(
        id=f"{identifier}-take",
        command=TakeSubmission(dossier=caller.dossier, flow=identifier),
        due=served.flow.submitted_at,
    )
    # In the agenda first: a flow that was acknowledged by 202 is controlled, whatever happens.
    lease(take, context)
    return publishing.keep(served, context), take


def _served_of(
    caller: Caller, info: FlowInfo, data: bytes, identifier: str, context: Context
) -> ServedFlow:
    """The flow of a submitted file whose bytes are kept; the flow itself is not yet."""
    media_type = media_type_of(info)
    file = context.blobs.put(
        f"{caller.dossier}/{identifier}/original", data, media_type, filename=info.name
    )
    now = context.clock.now()
    flow = Flow(
        id=identifier,
        name=info.name,
        syntax=info.syntax,
        type=FlowType.UNDEFINED,
        direction=FlowDirection.OUT,
        submitted_at=now,
        updated_at=now,
        rule=info.rule or ProcessingRule.UNDEFINED,
        rule_source=RuleSource.INPUT if info.rule else RuleSource.COMPUTED,
        profile=info.profile or FlowProfile.UNDEFINED,
        tracking_id=info.tracking_id,
        sha256=info.sha256 or file.sha256,
    )
    return ServedFlow(
        dossier=caller.dossier,
        flow=flow,
        key=file.key,
        version_id=file.version_id,
        media_type=media_type,
        size=file.size,
        sha256=file.sha256,
        client=caller.user,
        client_name=caller.name,
        decides=caller.may(Permission.DECIDE),
    )


def submitted(held: ServedFlow) -> StoredFile:
    """The bytes that a client submitted."""
    return StoredFile(
        key=held.key,
        version_id=held.version_id,
        sha256=held.sha256,
        size=held.size,
        media_type=held.media_type,
        filename=held.flow.name,
    )


def take_submission(command: TakeSubmission, context: Context) -> Steps:
    """Control a submitted file and make of it what it is."""
    try:
        held = context.flows.flow(command.dossier, command.flow)
    except NotFoundError:
        return None, ()  # its client was never told that we have it, and sends it again
    if held.flow.acknowledgement.status is not AckStatus.PENDING:
        return None, ()
    data = context.blobs.get(submitted(held))
    wrong = _wrong(held, data)
    if wrong is not None:
        _answer(held, AckStatus.ERROR, (wrong,), context)
        return None, ()
    if held.flow.syntax in _INVOICES:
        return _invoice(held, data, context)
    if held.flow.syntax is FlowSyntax.CDAR:
        return _status(held, data, context)
    return _report(held, data, context)


def _wrong(held: ServedFlow, data: bytes) -> AckDetail | None:
    """What the bytes themselves show: nothing there, altered on the way, not what was said."""
    if not data.strip():
        return an_error("file", "EmptyFlow", "Le fichier est vide.")
    if hashlib.sha256(data).hexdigest() != held.flow.sha256:
        return an_error("sha256", "ChecksumMismatch", _OTHER_BYTES)
    kind = detect(data)
    syntax = held.flow.syntax
    if syntax is None or kind not in _SYNTAXES[syntax]:
        return an_error("flowSyntax", "FlowTypeError", f"{_OTHER_SYNTAX} ({kind.value}).")
    return None


def _invoice(held: ServedFlow, data: bytes, context: Context) -> Steps:
    """A submitted invoice: a document whose direction its parties tell."""
    direction = _direction(held, data, context)
    kind = (
        FlowType.CUSTOMER_INVOICE
        if direction is Direction.SALE
        else FlowType.SUPPLIER_INVOICE  # self-billed: its buyer issues it
    )
    if not held.document:  # else a try before this one stopped here: the document may be missing
        typed = replace(held.flow, type=kind)
        held = publishing.keep(replace(held, document=held.flow.id, flow=typed), context)
    here = arrived(DocumentRef(held.dossier, held.flow.id), context)
    follow = _look(held, 1, context)
    if here is not None:
        return here, (follow,)
    source = Source(
        channel=Channel.API,
        at=held.flow.submitted_at,
        sender=held.client_name,
        authenticated=True,
        flow=held.flow.id,
    )
    document = arrivals.new_document(
        context,
        identifier=held.flow.id,
        dossier=held.dossier,
        direction=direction,
        source=source,
        filename=held.flow.name,
        media_type=held.media_type,
        data=data,
    )
    return document, (*arrivals.register(document, source, context), follow)


def _direction(held: ServedFlow, data: bytes, context: Context) -> Direction:
    """A sale, unless the file itself says that the dossier is its buyer."""
    if held.flow.syntax is FlowSyntax.FACTURX:
        return Direction.SALE
    siren = context.store.dossier(held.dossier).siren
    try:
        parsed = xml_invoice.parse(data)
    except UnreadableError:
        return Direction.SALE
    invoice = parsed.invoice
    if invoice is not None and invoice.buyer.siren == siren != invoice.seller.siren:
        return Direction.PURCHASE
    return Direction.SALE


def _report(held: ServedFlow, data: bytes, context: Context) -> Steps:
    """A submitted e-reporting file: kept among the dossier's, then checked where the rules are."""
    from facteur.services.ereporting import receiving  # noqa: PLC0415 - reads XML

    try:
        filing, kind = receiving.receive(held, submitted(held), data, context)
    except UnreadableError as error:
        _answer(held, AckStatus.ERROR, (unreadable(error),), context)
        return None, ()
    except DuplicateError:
        again = an_error("TT-1", "AlreadyExistingFlow", _DECLARED_ALREADY)
        _answer(held, AckStatus.ERROR, (again,), context)
        return None, ()
    except InvalidError as error:
        _answer(held, AckStatus.ERROR, tuple(map(detail, error.faults)), context)
        return None, ()
    held = publishing.keep(
        replace(held, report=filing.id, flow=replace(held.flow, type=kind)), context
    )
    return None, (_look(held, 1, context),)


def _follow_report(held: ServedFlow, attempt: int, context: Context) -> Steps:
    """Acknowledge a submitted report once the official rules have looked at it."""
    filing = context.ereporting.filing(held.dossier, held.report)
    if filing.state in MOVING and filing.state is not FilingState.SENDING:
        if attempt < _MOST_LOOKS:
            return None, (_look(held, attempt + 1, context),)
        waited = Fault(code="flow.not_accepted", values={"state": filing.state.value})
        _answer(held, AckStatus.ERROR, (detail(waited),), context)
        return None, ()
    if filing.state in {FilingState.INVALID, FilingState.FAILED}:
        faults = (*filing.findings, *((filing.failure,) if filing.failure else ()))
        _answer(held, AckStatus.ERROR, tuple(map(detail, faults)), context)
        return None, ()
    _answer(held, AckStatus.OK, (), context)
    return None, ()


def _status(held: ServedFlow, data: bytes, context: Context) -> Steps:
    """A submitted status: set on the invoice that it names, as a person would from the screen."""
    held, steps, said = submitted_statuses.take(held, data, context)
    wrong = any(one.level == "Error" for one in said)
    _answer(held, AckStatus.ERROR if wrong else AckStatus.OK, said, context)
    return steps


def _look(held: ServedFlow, attempt: int, context: Context) -> Scheduled:
    """The command that looks at the document, later and later."""
    wait = min(_SOON * 2 ** (attempt - 1), _LATEST)
    look = Scheduled(
        id=f"{held.flow.id}-look-{attempt}",
        command=FollowSubmission(dossier=held.dossier, flow=held.flow.id, attempt=attempt),
        due=context.clock.now() + wait,
    )
    return lease(look, context)


def follow_submission(command: FollowSubmission, context: Context) -> Steps:
    """Acknowledge a submitted invoice once its controls have answered."""
    held = context.flows.flow(command.dossier, command.flow)
    if held.flow.acknowledgement.status is not AckStatus.PENDING:
        return None, ()
    if held.report:
        return _follow_report(held, command.attempt, context)
    document = context.store.document(DocumentRef(held.dossier, held.document))
    if document.state in _UNDER_WAY and command.attempt < _MOST_LOOKS:
        return document, (_look(held, command.attempt + 1, context),)
    status, details = verdict(document)
    try:
        _answer(held, status, details, context)
    except StaleVersionError:
        return document, (_look(held, command.attempt + 1, context),)
    return document, ()


def _answer(
    held: ServedFlow, status: AckStatus, details: tuple[AckDetail, ...], context: Context
) -> ServedFlow:
    log.info("flow %s acknowledged: %s", held.flow.id, status.value)
    answered = replace(held.flow, acknowledgement=Acknowledgement(status=status, details=details))
    return publishing.keep(replace(held, flow=answered), context)
