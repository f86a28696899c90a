"""Connecting a Gmail or Outlook mailbox by its owner's consent, and reconnecting it (PE-17).

The way there and back is a ticket of twenty minutes that works once, for the user, the dossier and
the browser session that left; PKCE's verifier stays in it. Nothing is stored before the mailbox
has opened. Sources: RFC 6749 §4.1, RFC 7636, RFC 9700.
"""

import secrets
from dataclasses import replace
from datetime import timedelta

from facteur.domain import mailboxes
from facteur.domain.dossiers import Caller, Permission
from facteur.domain.errors import FacteurError, ForbiddenError, InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.mailboxes import Mailbox
from facteur.ports import Context, MailProvider, Ticket
from facteur.services.access import tickets
from facteur.services.access.signing_in import digest
from facteur.services.intake import fetching
from facteur.services.intake.mailbox_access import seal

_KIND = "mailbox_consent"
WAY_LIFE = timedelta(minutes=20)


def begin(
    caller: Caller,
    provider: str,
    *,
    user: str,
    folder: str,
    binding: str,
    back: str,
    context: Context,
) -> tuple[MailProvider, str]:
    """The provider, and the address where the owner of a mailbox consents.

    ``binding``: the token of the session's forms. InvalidError with the faults of what was typed;
    NotFoundError for a provider that the installation does not have.
    """
    caller.require(Permission.MANAGE)
    known = provider_of(provider, context)
    made = Mailbox(
        dossier=caller.dossier,
        id="",
        host=known.host,
        user=user.strip(),
        secret="",
        folder=folder.strip() or "INBOX",
        provider=known.name,
    )
    faults = (*mailboxes.faults_of(made, ""), *fetching.full(caller, context))
    if faults:
        raise InvalidError(faults)
    return known, _way(caller, made, binding, back, context)


def begin_again(
    caller: Caller, mailbox: str, *, binding: str, back: str, context: Context
) -> tuple[MailProvider, str]:
    """The same for a mailbox that is to be reconnected; NotFoundError."""
    held = fetching.mine(caller, mailbox, context)
    known = provider_of(held.provider, context)
    return known, _way(caller, held, binding, back, context)


def provider_of(name: str, context: Context) -> MailProvider:
    """A provider of the installation; NotFoundError."""
    for one in context.mail_consents.providers():
        if one.name == name:
            return one
    raise NotFoundError("fetch_box.no_provider")


def _way(caller: Caller, made: Mailbox, binding: str, back: str, context: Context) -> str:
    verifier = secrets.token_urlsafe(48)
    values = {
        "person": caller.user,
        "dossier": caller.dossier,
        "binding": digest(binding),
        "verifier": verifier,
        "mailbox": made.id,
        "provider": made.provider,
        "user": made.user,
        "folder": made.folder,
    }
    state = tickets.issue(_KIND, WAY_LIFE, values, context)
    return context.mail_consents.consent_url(
        made.provider, user=made.user, state=state, verifier=verifier, back=back
    )


def finish(
    caller: Caller, *, state: str, code: str, binding: str, back: str, context: Context
) -> Mailbox:
    """The owner comes back from the provider: the mailbox, opened, connected or reconnected.

    InvalidError (``fetch_box.consent``) when the way back was used, is too old, is another's, or
    the provider said no; else with the reason that the mailbox did not open for.
    """
    caller.require(Permission.MANAGE)
    way = _taken(caller, state, binding, context).values
    if not code:
        raise _refused()
    known = provider_of(way["provider"], context)
    try:
        given = context.mail_consents.exchange(
            known.name, code=code, verifier=way["verifier"], back=back
        )
    except ForbiddenError as error:
        raise _refused() from error
    before = fetching.mine(caller, way["mailbox"], context) if way["mailbox"] else None
    if before is None and (full := fetching.full(caller, context)):
        raise InvalidError(full)
    made = before or Mailbox(
        dossier=caller.dossier,
        id=context.ids.new(),
        host=known.host,
        user=way["user"],
        secret="",
        folder=way["folder"],
        provider=known.name,
    )
    try:
        with context.mail_servers.open(made, given.access) as opened:
            made = fetching.started(made, opened)
    except FacteurError as error:
        fault = replace(fetching.fault_of(error), path="")  # no form is there to mend it in
        raise InvalidError((fault,), code=error.code) from error
    made = replace(
        made,
        secret=seal(given.refresh, made.dossier, context),
        renewing_until=None,
        failures=0,
        failure=None,
    )
    what = "fetch_box.reconnected" if before else "fetch_box.connected"
    stored = context.mailboxes.save(
        made, entries=(fetching.entry_of(caller, what, made, context),)
    )
    if before:
        fetching.fetch_now(caller, stored.id, context)  # what arrived meanwhile
    return stored


def _taken(caller: Caller, state: str, binding: str, context: Context) -> Ticket:
    """The way that was left by, taken whatever comes back; InvalidError."""
    ticket = context.tickets.take(digest(state)) if state else None
    if ticket is None or ticket.kind != _KIND:
        raise _refused()
    way = ticket.values
    ours = (way["person"], way["dossier"]) == (caller.user, caller.dossier)
    if not ours or way["binding"] != digest(binding):
        raise _refused()
    return ticket


def _refused() -> InvalidError:
    return InvalidError((Fault(code="fetch_box.consent"),), code="fetch_box.consent")
