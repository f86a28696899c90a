"""The mail addresses of a dossier: its SIREN's own, and the names that it chose.

Every dossier has ``SIREN123456782@…`` for purchases and the same on ``out.`` for sales, for ever:
they are the dossier's own and nobody else may take them (JF-20, JF-50). It may choose another
name before the @ (JF-21); that name is shown from then on. A name that was chosen and given up
goes on working for ninety days, then it is free for anybody (decision 0186).

A name is a dot-atom of RFC 5321 (§4.1.2), narrowed to what every mail program writes alike.
The refused words are those of RFC 2142, those that certificate authorities write to, and those
that would pass for the platform itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from facteur.domain.documents import Direction
from facteur.domain.dossiers import mailbox_addresses, purchase_local_part
from facteur.domain.faults import Fault

KEPT = timedelta(days=90)  # how long a name that was given up goes on working
MOST_KEPT = 5  # names given up that still work, of one direction
SHORTEST, LONGEST = 3, 64  # RFC 5321 §4.5.3.1.1: 64 octets

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_SIREN = re.compile(r"siren[._-]?\d+")
_SEPARATORS = re.compile(r"[._-]")

#: Without separators: « no-reply » is « noreply ».
RESERVED = frozenset(
    [
        "abuse",
        "admin",
        "administrateur",
        "administrator",
        "api",
        "aide",
        "banque",
        "bounce",
        "bounces",
        "chorus",
        "choruspro",
        "compta",
        "comptabilite",
        "contact",
        "daemon",
        "dgfip",
        "direction",
        "dkim",
        "dmarc",
        "facteur",
        "facture",
        "factures",
        "fournisseur",
        "fournisseurs",
        "ftp",
        "help",
        "hostmaster",
        "imap",
        "impots",
        "info",
        "infos",
        "mail",
        "mailerdaemon",
        "marketing",
        "nepasrepondre",
        "news",
        "noc",
        "noreply",
        "out",
        "paiement",
        "paiements",
        "pop",
        "postmaster",
        "root",
        "sales",
        "security",
        "securite",
        "service",
        "smtp",
        "ssladmin",
        "ssladministrator",
        "sslwebmaster",
        "support",
        "sysadmin",
        "test",
        "trouble",
        "unsubscribe",
        "urssaf",
        "usenet",
        "utilisateur",
        "uucp",
        "vente",
        "ventes",
        "achat",
        "achats",
        "webmaster",
        "www",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """A name that was given up, and until when it goes on working."""

    local: str
    direction: Direction
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The names that a dossier chose; "" where it kept its SIREN's."""

    dossier: str
    purchase: str = ""
    sale: str = ""
    retired: tuple[Retired, ...] = ()
    version: int = 0

    def chosen(self, direction: Direction) -> str:
        """The name chosen for purchases or sales, "" for the SIREN's."""
        return self.purchase if direction is Direction.PURCHASE else self.sale


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What choosing a name changes: the book, the name to take, the one given up."""

    addresses: Addresses
    taken: str = ""  # a name that must be free, "" when it is ours already
    given_up: Retired | None = None


def address_of(local: str, direction: Direction, inbound_domain: str) -> str:
    """A name with the domain of its direction."""
    out = "out." if direction is Direction.SALE else ""
    return f"{local}@{out}{inbound_domain}"


#: What may stand before the purchase address with a « + »: folders of the dossier (WE-17).
FOLDERS: Mapping[str, Direction] = {"compta": Direction.PURCHASE, "ventes": Direction.SALE}


def folder_of(address: str) -> tuple[str, Direction] | None:
    """The purchase address and the direction behind ``compta+NAME@…`` or ``ventes+NAME@…``.

    None for any other address. The two are aliases of the dossier's own boxes, so that whoever
    comes from another software keeps the addresses he gave.
    """
    word, plus, rest = address.partition("+")
    direction = FOLDERS.get(word.lower())
    return (rest, direction) if plus and direction is not None and rest else None


def folders(siren: str, inbound_domain: str) -> Mapping[str, str]:
    """The two folder addresses of a dossier, by their word."""
    own = mailbox_addresses(siren, inbound_domain)[Direction.PURCHASE]
    return {word: f"{word}+{own}" for word in FOLDERS}


def shown(addresses: Addresses, siren: str, inbound_domain: str) -> Mapping[Direction, str]:
    """The address to give to suppliers, and the one for sales."""
    own = mailbox_addresses(siren, inbound_domain)
    return {
        direction: address_of(chosen, direction, inbound_domain) if chosen else own[direction]
        for direction in Direction
        for chosen in (addresses.chosen(direction),)
    }


def choose(
    held: Addresses, direction: Direction, typed: str, *, siren: str, now: datetime
) -> Change | tuple[Fault, ...]:
    """The book with another name, or the faults of what was typed; "" goes back to the SIREN.

    Faults, on path ``local``: ``address.form``, ``address.reserved``, ``address.siren``,
    ``address.many``.
    """
    local = typed.strip().lower()
    if local == purchase_local_part(siren).lower():
        local = ""
    before = held.chosen(direction)
    if local == before:
        return Change(addresses=held)
    faults = _faults(local) if local else ()
    kept = [one for one in held.retired if one.until > now]
    given_up = Retired(local=before, direction=direction, until=now + KEPT) if before else None
    back = any(one.local == local and one.direction is direction for one in kept)
    of_direction = [one for one in kept if one.direction is direction and one.local != local]
    if given_up is not None and len(of_direction) >= MOST_KEPT:
        faults = (*faults, _fault("address.many", most=str(MOST_KEPT), days=str(KEPT.days)))
    if faults:
        return faults
    retired = [one for one in held.retired if (one.local, one.direction) != (local, direction)]
    if given_up is not None:
        retired.append(given_up)
    changed = replace(held, retired=tuple(retired))
    if direction is Direction.PURCHASE:
        changed = replace(changed, purchase=local)
    else:
        changed = replace(changed, sale=local)
    return Change(addresses=changed, taken="" if back else local, given_up=given_up)


def freed(held: Addresses, local: str, direction: Direction, *, now: datetime) -> Addresses | None:
    """The book without a name whose time is over; None when it is still in use, or gone."""
    left = tuple(
        one
        for one in held.retired
        if (one.local, one.direction) != (local, direction) or one.until > now
    )
    return None if len(left) == len(held.retired) else replace(held, retired=left)


def _faults(local: str) -> tuple[Fault, ...]:
    if not (SHORTEST <= len(local) <= LONGEST and _NAME.fullmatch(local)):
        return (_fault("address.form", value=local[:70]),)
    if _SIREN.fullmatch(local):
        return (_fault("address.siren", value=local),)
    if _SEPARATORS.sub("", local) in RESERVED:
        return (_fault("address.reserved", value=local),)
    return ()


def _fault(code: str, **values: str) -> Fault:
    return Fault(code=code, path="local", values=values)
