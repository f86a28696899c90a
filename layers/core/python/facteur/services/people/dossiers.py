"""Dossiers: create, complete, open; the first steps of a new one; who this company is."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from facteur.domain.dossiers import Caller, Dossier, Member, Permission, Role, mailbox_addresses
from facteur.domain.errors import (
    DuplicateError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
    UnavailableError,
)
from facteur.domain.events import SYSTEM
from facteur.domain.faults import Fault
from facteur.domain.identifiers import compact, is_siret, is_vat, siren_of_siret, vat_of_siren
from facteur.domain.journal import JournalEntry
from facteur.domain.people import (
    SETUP,
    FirstSteps,
    Link,
    checked_name,
    checked_siren,
    raise_all,
)
from facteur.domain.seen import refuse_moved
from facteur.ports import Company, Context, PeopleChanges, Person, Session
from facteur.services import journalling
from facteur.services.access import limits, signing_in
from facteur.services.people.hosting import hosted_dossier, mark_cards

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A dossier that a user may open."""

    dossier: str
    name: str
    siren: str
    role: Role
    firm: str = ""  # the firm through which, "" for a member


# ── The register ────────────────────────────────────────────────────────────────────────────────


def look_up(siren: str, context: Context) -> Company | None:
    """The company with this SIREN; None when the register does not say (or does not answer)."""
    if context.companies is None:
        return None
    try:
        return context.companies.find(siren)
    except UnavailableError as error:
        log.warning("the register of companies did not answer: %s", error)
        return None


# ── Creating ────────────────────────────────────────────────────────────────────────────────────


def refuse_taken(siren: str, context: Context) -> None:
    """DuplicateError (``dossier.siren_taken``) when this SIREN's mailbox has a dossier."""
    if hosted_dossier(siren, context):
        raise DuplicateError("dossier.siren_taken", siren=siren)


def create(
    company: Company, person: Person | None, context: Context, *, link: Link | None = None
) -> Dossier:
    """A dossier with its two mailboxes; ``person`` is its gérant, ``link`` that of its firm.

    DuplicateError (``dossier.siren_taken``).
    """
    dossier = Dossier(
        id=context.ids.new(),
        name=company.name,
        siren=company.siren,
        siret=company.siret,
        vat=vat_of_siren(company.siren),
        address=company.address,
        postcode=company.postcode,
        city=company.city,
        vouched=not context.sign_up_open,
    )
    addresses = mailbox_addresses(dossier.siren, context.inbound_domain)
    members: tuple[Member, ...] = ()
    if person is not None:
        members = (
            Member(
                dossier=dossier.id,
                user=person.subject,
                email=person.email,
                name=person.name,
                role=Role.MANAGER,
            ),
        )
    links = () if link is None else (replace(link, dossier=dossier.id, dossier_name=dossier.name),)
    changes = PeopleChanges(
        dossier=dossier,
        members=members,
        links=links,
        mailboxes={one.lower(): direction for direction, one in addresses.items()},
        entries=(
            journalling.entry(
                "dossier.created",
                {"name": dossier.name, "siren": dossier.siren},
                context,
                dossier=dossier.id,
                by=person.subject if person else "",
                by_name=person.name if person else (link.firm_name if link else ""),
            ),
        ),
    )
    try:
        context.people.commit(changes)
    except DuplicateError as error:
        raise DuplicateError("dossier.siren_taken", siren=dossier.siren) from error
    mark_cards(dossier.siren, context)
    return context.store.dossier(dossier.id)


def vouch(siren: str, context: Context) -> Dossier:
    """The operator vouches that a SIREN is its dossier's: sales pass to and from it from now on.

    For the operator's own commands, never for a page. NotFoundError when no dossier has it.
    """
    found = hosted_dossier(siren, context)
    if not found:
        raise NotFoundError("not_found", siren=siren)
    dossier = context.store.dossier(found)
    if dossier.vouched:
        return dossier
    entry = journalling.entry(
        "dossier.vouched",
        {"siren": dossier.siren},
        context,
        dossier=dossier.id,
        by=SYSTEM,
        by_name="",
    )
    vouched = replace(dossier, vouched=True)
    context.people.commit(PeopleChanges(dossier=vouched, entries=(entry,)))
    return context.store.dossier(dossier.id)


def create_own(held: Session, siren: str, name: str, context: Context) -> Dossier:
    """A further dossier of a signed-in user, who becomes its gérant. InvalidError.

    ForbiddenError (``dossier.throttled``) above so many a day.
    """
    faults: list[Fault] = []
    number = checked_siren(siren, faults)
    found = look_up(number, context) if not faults else None
    title = checked_name(name or (found.name if found else ""), faults, "company")
    raise_all(faults)
    company = replace(found, name=title) if found else Company(siren=number, name=title)
    person = Person(subject=held.user, email=held.email, name=held.name)
    limits.throttle_dossiers(held.user, context)
    try:
        return create(company, person, context)
    except DuplicateError:
        limits.dossier_not_made(held.user, context)
        raise


# ── Choosing ────────────────────────────────────────────────────────────────────────────────────


def choices(held: Session, context: Context) -> tuple[Choice, ...]:
    """The dossiers that a user may open, by name: a call for a hundred of his, one per firm."""
    found: dict[str, Choice] = {}
    for firm in context.people.firms_of(held.user):
        for link in context.people.links_of_firm(firm.firm):
            if link.active:
                found[link.dossier] = Choice(
                    dossier=link.dossier,
                    name=link.dossier_name,
                    siren=link.siren,
                    role=link.role,
                    firm=link.firm_name,
                )
    members = context.store.members_of(held.user)
    own = context.store.dossiers_of([one.dossier for one in members])
    for member in members:
        dossier = own.get(member.dossier)
        if dossier is None:
            continue
        found[dossier.id] = Choice(
            dossier=dossier.id, name=dossier.name, siren=dossier.siren, role=member.role
        )
    return tuple(sorted(found.values(), key=lambda one: (one.name.casefold(), one.dossier)))


def enter(held: Session, dossier: str, context: Context) -> signing_in.Opened:
    """Open another dossier: the session goes on under a new token. NotFoundError if not theirs."""
    if signing_in.access(held, dossier, context) is None:
        raise NotFoundError("not_found")
    return signing_in.renewed(held, context, dossier=dossier)


# ── Setting up ──────────────────────────────────────────────────────────────────────────────────


def current(caller: Caller, context: Context) -> Dossier:
    """The caller's dossier."""
    caller.require(Permission.READ)
    return context.store.dossier(caller.dossier)


#: What the form of the identity saves at once.
IDENTITY = ("name", "siret", "vat", "address", "postcode", "city")


def save_identity(
    caller: Caller, typed: Mapping[str, str], context: Context, *, seen: str = ""
) -> Dossier:
    """Name, SIRET, VAT number, address of the dossier; the SIREN stays. InvalidError.

    StaleVersionError, with each value that is stored, when they are not those that the form
    showed (``seen``).
    """
    dossier = _managed(caller, context)
    faults: list[Fault] = []
    name = checked_name(typed.get("company", ""), faults, "company")
    siret = compact(typed.get("siret", ""))
    if siret and not (is_siret(siret) and siren_of_siret(siret) == dossier.siren):
        faults.append(Fault(code="siret.not_of_siren", path="siret"))
    vat = compact(typed.get("vat", ""))
    if vat and not is_vat(vat):  # a member of a VAT group has the group's, of another SIREN
        faults.append(Fault(code="vat.impossible", path="vat"))
    changed = replace(
        dossier,
        name=name,
        siret=siret,
        vat=vat,
        address=_line(typed.get("address", ""), 200),
        postcode=_line(typed.get("postcode", ""), 10),
        city=_line(typed.get("city", ""), 100),
        setup=_with(dossier, "identity"),
    )
    # Before what is wrong: a page that only says that would be sent again as if it had shown
    # the values that moved.
    refuse_moved(seen, dossier, IDENTITY, _stored(dossier, changed))
    raise_all(faults)
    values = {
        one: f"{getattr(dossier, one)} → {getattr(changed, one)}"
        for one in IDENTITY
        if getattr(dossier, one) != getattr(changed, one)
    }
    links = [
        replace(one, dossier_name=changed.name)
        for one in context.people.links_of_dossier(dossier.id)
        if one.dossier_name != changed.name
    ]
    return _saved(changed, caller, "dossier.identity", values, context, links=links)


def _stored(dossier: Dossier, typed: Dossier) -> list[Fault]:
    """What stands beside each value that was typed and is not the stored one."""
    return [
        Fault(
            code="unsaved.value" if getattr(dossier, one) else "unsaved.nothing",
            path="company" if one == "name" else one,
            values={"now": getattr(dossier, one)},
        )
        for one in IDENTITY
        if getattr(dossier, one) != getattr(typed, one)
    ]


def seen_step(caller: Caller, step: str, context: Context) -> Dossier:
    """A step of the set-up was done or skipped; InvalidError for one that does not exist."""
    if step not in SETUP:
        raise InvalidError((), code="not_found")
    dossier = _managed(caller, context)
    if step in dossier.setup:
        return dossier
    return _saved(replace(dossier, setup=_with(dossier, step)), caller, "", {}, context)


def first_steps(caller: Caller, context: Context, *, documents: bool) -> FirstSteps:
    """The checklist of a new dossier for this person, from what is (JF-07)."""
    member = context.people.member(caller.dossier, caller.user)
    dossier = context.store.dossier(caller.dossier)
    return FirstSteps(
        guide=member is None or member.guide_read,
        first_invoice=documents,
        setup_left=tuple(one for one in SETUP if one not in dossier.setup),
    )


def guide_read(caller: Caller, context: Context) -> None:
    """Remember that a member opened « Guide de démarrage »; not worth an error, nor a right.

    Under the dossier's version, like every change of members: who is removed meanwhile stays out.
    """
    dossier = context.store.dossier(caller.dossier)
    member = context.people.member(caller.dossier, caller.user)
    if member is not None and not member.guide_read:
        read = replace(member, guide_read=True)
        with suppress(StaleVersionError):
            context.people.commit(PeopleChanges(dossier=dossier, members=(read,)))


def _managed(caller: Caller, context: Context) -> Dossier:
    caller.require(Permission.MANAGE)
    return context.store.dossier(caller.dossier)


def _with(dossier: Dossier, step: str) -> tuple[str, ...]:
    return tuple(one for one in SETUP if one == step or one in dossier.setup)


def _line(text: str, most: int) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def _saved(
    dossier: Dossier,
    caller: Caller,
    what: str,
    values: Mapping[str, str],
    context: Context,
    links: list[Link] | None = None,
) -> Dossier:
    entries: tuple[JournalEntry, ...] = ()
    if what and values:
        entries = (
            journalling.entry(
                what, values, context, dossier=dossier.id, by=caller.user, by_name=caller.name
            ),
        )
    context.people.commit(PeopleChanges(dossier=dossier, entries=entries, links=links or ()))
    return context.store.dossier(dossier.id)
