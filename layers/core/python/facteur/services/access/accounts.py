"""An account's life: sign-up, lost password, sessions. The second factor: authenticator.py.

Nobody learns here whether an address has an account: the page puts the question in the agenda and
answers the same words after the same work; the pipeline looks, and writes to the address itself.
A link works once. What it opens is asked for with POST, so that a mail filter which follows links
spends nothing.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from facteur.domain.commands import BeginReset, BeginSignUp, Command, Scheduled, TellAccess
from facteur.domain.credentials import Credentials, Happening
from facteur.domain.errors import ConflictError, InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.paris import paris
from facteur.domain.people import (
    Firm,
    FirmMember,
    FirmRole,
    checked_email,
    checked_name,
    checked_siren,
    raise_all,
)
from facteur.ports import (
    Company,
    Context,
    PeopleChanges,
    Person,
    Session,
)
from facteur.services.access import limits, tickets
from facteur.services.access.signing_in import (
    Opened,
    open_session,
    renewed,
    sign_out_everywhere,
)
from facteur.services.notifications import mails
from facteur.services.people import dossiers
from facteur.services.staircase import LEASE, NOTHING, Steps, send

log = logging.getLogger(__name__)

SIGN_UP_LIFE = timedelta(hours=24)
RESET_LIFE = timedelta(hours=1)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256


def later(command: Command, context: Context) -> None:
    """Put a command in the agenda and send it: done by another function, retried until it is."""
    now = context.clock.now()
    scheduled = Scheduled(id=context.ids.new(), command=command, due=now + LEASE)
    context.store.schedule(scheduled)
    send(replace(scheduled, due=now), context)


# ── Sign-up ─────────────────────────────────────────────────────────────────────────────────────


def ask_sign_up(
    *,
    email: str,
    name: str,
    kind: str,
    company: Company,
    address: str,
    context: Context,
) -> None:
    """« Inscrivez-vous »: a mail will say how to go on. InvalidError with every fault."""
    faults: list[Fault] = []
    mailbox, who = checked_email(email, faults), checked_name(name, faults)
    siren = checked_siren(company.siren, faults)
    title = checked_name(company.name, faults, "company")
    if kind not in ("company", "firm"):
        faults.append(Fault(code="sign_up.kind", path="kind"))
    raise_all(faults)
    limits.throttle("sign_up", mailbox, address, context)
    later(
        BeginSignUp(
            email=mailbox,
            name=who,
            kind=kind,
            siren=siren,
            company=title,
            siret=company.siret[:14],
            address=company.address[:200],
            postcode=company.postcode[:10],
            city=company.city[:100],
        ),
        context,
    )


def begin_sign_up(command: BeginSignUp, context: Context) -> Steps:
    """Write to the address: a link to confirm it, or that it has an account already."""
    if context.identity.find(command.email) is not None:
        page = mails.link(context, "/mot-de-passe")
        mails.send("compte_existant", command.email, context, name=command.name, page=page)
        return NOTHING
    values = {
        name: str(getattr(command, name))
        for name in ("email", "name", "kind", "siren", "company", "siret", "address",
                     "postcode", "city")
    }  # fmt: skip
    token = tickets.issue("sign_up", SIGN_UP_LIFE, values, context)
    page = mails.link(context, "/inscription/confirmer", jeton=token)
    mails.send("inscription", command.email, context, name=command.name, page=page,
               company=command.company, firm_account=command.kind == "firm")  # fmt: skip
    return NOTHING


def sign_up_of(token: str, context: Context) -> Mapping[str, str]:
    """What the link of a sign-up stands for; NotFoundError (``link.over``)."""
    return tickets.valid(token, "sign_up", context).values


def finish_sign_up(
    token: str, password: str, *, address: str, agent: str, context: Context
) -> Opened:
    """Choose the password: the account and its dossier or firm exist from now on.

    InvalidError (``password.weak``), NotFoundError (``link.over``), ConflictError
    (``account.exists``), DuplicateError (``mailbox.taken``: the SIREN has a dossier).
    """
    check_password(password)
    values = tickets.valid(token, "sign_up", context).values
    if values["kind"] == "company":
        dossiers.refuse_taken(values["siren"], context)
    ticket = tickets.taken(token, "sign_up", context)
    try:
        person = create_person(values["email"], values["name"], password, context)
        dossier = _first_home(person, values, context)
    except InvalidError:
        context.tickets.save(ticket)  # a password that the provider refuses: choose another
        raise
    return open_session(person, address=address, agent=agent, context=context, dossier=dossier)


def create_person(email: str, name: str, password: str, context: Context) -> Person:
    """A new account; ConflictError (``account.exists``) when there is one: it stays."""
    if context.identity.find(email) is not None:
        raise ConflictError("account.exists")
    return context.identity.create(email, name, password)


def _first_home(person: Person, values: Mapping[str, str], context: Context) -> str:
    """The dossier of a company, or the firm; the dossier's identifier, "" for a firm."""
    company = Company(
        siren=values["siren"],
        name=values["company"],
        siret=values["siret"],
        address=values["address"],
        postcode=values["postcode"],
        city=values["city"],
    )
    if values["kind"] == "company":
        return dossiers.create(company, person, context).id
    firm = Firm(
        id=context.ids.new(),
        name=company.name,
        siren=company.siren,
        address=company.address,
        postcode=company.postcode,
        city=company.city,
    )
    head = FirmMember(
        firm=firm.id,
        user=person.subject,
        email=person.email,
        name=person.name,
        role=FirmRole.HEAD,
    )
    context.people.commit(PeopleChanges(firm=firm, firm_members=(head,)))
    return ""


# ── Passwords ───────────────────────────────────────────────────────────────────────────────────


def check_password(password: str) -> None:
    """InvalidError (``password.weak``): twelve characters at least, and not one repeated."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or len(set(password)) < 4:
        fault = Fault(code="password.weak", path="password")
        raise InvalidError((fault,), code="password.weak")


def ask_reset(email: str, *, address: str, context: Context) -> None:
    """« Mot de passe oublié »: the same answer and the same work whether the account exists."""
    faults: list[Fault] = []
    mailbox = checked_email(email, faults)
    raise_all(faults)
    limits.throttle("reset", mailbox, address, context)
    later(BeginReset(email=mailbox), context)


def begin_reset(command: BeginReset, context: Context) -> Steps:
    """Mail a link to whoever has this address, if somebody has."""
    person = context.identity.find(command.email)
    if person is None:
        log.info("a reset was asked for an address without account")
        return NOTHING
    token = tickets.issue("reset", RESET_LIFE, {"email": person.email}, context)
    page = mails.link(context, "/mot-de-passe/nouveau", jeton=token)
    mails.send("mot_de_passe", person.email, context, name=person.name, page=page)
    return NOTHING


def reset_of(token: str, context: Context) -> None:
    """NotFoundError (``link.over``) unless the link of a reset still works."""
    tickets.valid(token, "reset", context)


def finish_reset(token: str, password: str, context: Context) -> Credentials | None:
    """Choose another password; every session of the account ends, and wrong ones are forgotten.

    What else opens the account: whoever resets it because of a stranger must see his passkey.
    """
    check_password(password)
    ticket = tickets.taken(token, "reset", context)
    email = ticket.values["email"]
    try:
        context.identity.set_password(email, password)
    except InvalidError:
        context.tickets.save(ticket)
        raise
    limits.forget("account", email, context)  # its owner's mailbox proved who they are
    person = context.identity.find(email)
    if person is None:
        return None
    sign_out_everywhere(person.subject, context)
    return context.credentials.load(person.subject)


def change_password(
    held: Session, old: str, new: str, *, address: str, context: Context
) -> Opened:
    """Another password, the old one proved; the other sessions end, this one goes on renewed.

    InvalidError (``password.wrong``, ``password.weak``).
    """
    _prove(held, old, address, context)
    check_password(new)
    context.identity.set_password(held.email, new)
    sign_out_everywhere(held.user, context, but=held.digest)
    return renewed(held, context)


def _prove(held: Session, password: str, address: str, context: Context) -> None:
    made = limits.attempt("account", held.email, address, context)
    if context.identity.sign_in(held.email, password) is None:
        fault = Fault(code="password.wrong", path="old")
        raise InvalidError((fault,), code="password.wrong")
    limits.right(made, context)


# ── What else opens an account ──────────────────────────────────────────────────────────────────


def tell_access(held: Session, what: Happening, detail: str, context: Context) -> None:
    """Have its owner told, by mail, of what opens the account from now on (NIST SP 800-63B)."""
    told = TellAccess(
        email=held.email,
        name=held.name,
        what=what.value,
        detail=detail,
        at=context.clock.now(),
    )
    later(told, context)


def mail_access(command: TellAccess, context: Context) -> Steps:
    """Write to the owner: what was added, and what to do when it was somebody else."""
    mails.send(
        "acces_ajoute",
        command.email,
        context,
        name=command.name,
        passkey=command.what == Happening.PASSKEY_ADDED,
        detail=command.detail,
        at=paris(command.at),
        page=mails.link(context, "/compte"),
        alert=True,
    )
    return NOTHING


# ── Sessions ────────────────────────────────────────────────────────────────────────────────────


def end_session(held: Session, identifier: str, context: Context) -> None:
    """End one of the user's own sessions by its public name; NotFoundError."""
    for one in context.sessions.of_user(held.user):
        if one.id == identifier:
            context.sessions.drop(one.digest)
            return
    raise NotFoundError("not_found")
