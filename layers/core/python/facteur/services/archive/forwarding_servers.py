"""Forwarding by SFTP: the servers of a dossier, their test, and the writing of files to them.

A server is tested by the pipeline before anything leaves for it: the test signs in, writes and
removes a file, and pins the host key, whose fingerprint the page shows. Another key later is
refused, by tests and deliveries alike, until a gérant says that the change is right. The password
or the private key is sealed for the dossier as soon as it is typed; no page shows it again.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

from facteur.domain.commands import TryServer
from facteur.domain.documents import Document
from facteur.domain.dossiers import Caller
from facteur.domain.errors import (
    ConflictError,
    FacteurError,
    InvalidError,
    StaleVersionError,
    UnavailableError,
)
from facteur.domain.faults import Fault
from facteur.domain.forwarding import Delivery, Forwarding, Rule, chosen, files_of
from facteur.domain.serial import dumps, loads
from facteur.domain.servers import MOST_BYTES, Credentials, Server, faults_of, file_name
from facteur.ports import Context
from facteur.services.access import limits
from facteur.services.access.accounts import later
from facteur.services.finding.queries import suffix_of
from facteur.services.staircase import NOTHING, Steps

log = logging.getLogger(__name__)

PURPOSE = "sftp"
_TRIES = 3  # to write what a test found, against whoever changes the rules meanwhile


def rule_of(caller: Caller, identifier: str, typed: Mapping[str, str], context: Context) -> Rule:
    """A rule towards a server, as typed: direction, what, host, port, user, folder, password, key.

    It waits for its first test. InvalidError with all that is wrong.
    """
    port = typed.get("port", "").strip() or "22"
    given = Credentials(
        password=typed.get("password", ""), key=typed.get("key", "").replace("\r\n", "\n").strip()
    )
    bare = Server(
        host=typed.get("host", "").strip().lower(),
        user=typed.get("user", "").strip(),
        secret="",
        folder=typed.get("folder", "").strip(),
        by_key=bool(given.key),
    )
    faults = faults_of(bare, port, given)
    made = chosen(identifier, typed.get("direction", ""), typed.get("what", ""))
    if not isinstance(made, Rule):
        faults = (*faults, made)
    if faults or not isinstance(made, Rule):
        raise InvalidError(faults)
    secret = context.secrets.seal(dumps(given).decode(), dossier=caller.dossier, purpose=PURPOSE)
    server = replace(bare, port=int(port), secret=secret)
    return replace(made, server=server, address=server.address, pending=True)


def ask_test(
    caller: Caller, held: Forwarding, rule: Rule, context: Context, *, new_key: bool
) -> Forwarding:
    """Have the server of a rule tested; ``new_key``: forget the pinned key, the next one is right.

    What to save: the test is queued. ConflictError for a rule without server; ForbiddenError
    (``sftp.throttled``).
    """
    if rule.server is None:
        raise ConflictError("forward.gone")
    limits.throttle_servers(caller, context, "sftp.throttled")
    server = replace(rule.server, asked_at=context.clock.now())
    asked = replace(rule, server=server)
    if new_key:
        asked = replace(rule, server=replace(server, host_key=""), pending=True)
    return _with(held, asked)


def queue_test(dossier: str, rule: str, context: Context) -> None:
    """Queue the test that was saved."""
    later(TryServer(dossier=dossier, rule=rule), context)


def _with(held: Forwarding, rule: Rule) -> Forwarding:
    return replace(held, rules=tuple(rule if one.id == rule.id else one for one in held.rules))


def try_server(command: TryServer, context: Context) -> Steps:
    """Test the server of a rule; what it found stands on the page. A removed rule asks nothing."""
    rule = _rule(context.forwardings.load(command.dossier), command.rule)
    if rule is None or rule.server is None:
        return NOTHING
    server, name = rule.server, f"facteur-essai-{context.ids.new()[-8:]}.txt"
    host_key, failure = server.host_key, None
    try:
        given = credentials(server, command.dossier, context)
        host_key = context.sftp.probe(server, given, name=name)
    except FacteurError as error:
        log.warning("the server of %s failed its test: %s", rule.id, error)
        failure = _fault_of(error)
    _told(command, server, host_key, failure, context)
    return NOTHING


def _told(
    command: TryServer, tried: Server, host_key: str, failure: Fault | None, context: Context
) -> None:
    """Write what the test found, on the rules as they stand by now."""
    for _try in range(_TRIES):
        held = context.forwardings.load(command.dossier)
        rule = _rule(held, command.rule)
        if rule is None or rule.server is None or rule.server.host_key != tried.host_key:
            return  # removed, or its key forgotten meanwhile: another test is on its way
        server = replace(
            rule.server,
            host_key=host_key,
            asked_at=None,
            tried_at=context.clock.now(),
            failure=failure,
        )
        after = replace(rule, server=server, pending=rule.pending and failure is not None)
        try:
            context.forwardings.save(_with(held, after), ())
        except StaleVersionError:
            continue
        return
    raise UnavailableError("sftp.unreachable", host=tried.host)


def _rule(held: Forwarding, identifier: str) -> Rule | None:
    return next((one for one in held.rules if one.id == identifier), None)


def _fault_of(error: FacteurError) -> Fault:
    return Fault(code=error.code, values={name: str(one) for name, one in error.values.items()
                                          if name != "faults"})  # fmt: skip


def credentials(server: Server, dossier: str, context: Context) -> Credentials:
    """What opens a server. ForbiddenError (``secret.unreadable``); UnavailableError."""
    sealed = context.secrets.open(server.secret, dossier=dossier, purpose=PURPOSE)
    return loads(Credentials, sealed.encode())


def send(
    delivery: Delivery, server: Server, document: Document, context: Context
) -> tuple[str, ...]:
    """Write the files of a delivery to its server; the roles that left.

    Named by date, party, number and document, so that no invoice takes the place of another, and
    a second try takes the place of the first. InvalidError (``forward.large_server``), and what
    ports.SftpServers raises.
    """
    files = files_of(document, delivery.what)
    if sum(one.size for one in files.values()) > MOST_BYTES:
        values = {"limit": str(MOST_BYTES // 1024 // 1024)}
        raise InvalidError((Fault(code="forward.large_server", values=values),))
    day = document.summary.issue_date
    parts = (f"{day:%Y%m%d}" if day else "", delivery.party, delivery.title, document.id[:10])
    written = [
        (
            file_name((*parts, "" if role == "original" else "facturx"), suffix_of(file)),
            context.blobs.get(file),
        )
        for role, file in files.items()
    ]
    context.sftp.send(server, credentials(server, delivery.dossier, context), written)
    return tuple(files)
