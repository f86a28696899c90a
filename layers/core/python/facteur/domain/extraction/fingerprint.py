"""What recognises a supplier's pages when they name nobody: a logo is no text.

Bank account, web and mail addresses, telephone, and the rows without digits of the page's head and
foot. They are kept on a card only once a person said who the supplier is, and recognise a later
document when no SIREN, VAT number or known name does. A mark that two cards bear names neither
(ports.Parties); a telephone alone, which may be the buyer's, is not enough.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence

from facteur.domain.companies import OwnIdentity
from facteur.domain.duplicates import plain as bare
from facteur.domain.extraction.lines import Row
from facteur.domain.extraction.page import Reader

MOST_MARKS = 10
_MOST_PRINTS = 4
_EDGE = 0.14  # of the page: its head and its foot
_MAIL = re.compile(r"[a-z\d][\w.+-]*@([a-z\d-]+(?:\.[a-z\d-]+)+)")
_WEB = re.compile(r"(?:https?://|www\.)([a-z\d-]+(?:\.[a-z\d-]+)+)")
_PHONE = re.compile(r"(?<![\d])(?:\+33|0033|0)[ .]?[1-9](?:[ .-]?\d\d){4}(?!\d)")
_SHARED = frozenset({
    "gmail.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "hotmail.com",
    "hotmail.fr", "outlook.com", "outlook.fr", "yahoo.fr", "yahoo.com", "icloud.com", "bbox.fr",
    "live.fr", "neuf.fr", "aol.com", "gmx.fr", "gmx.de", "web.de", "t-online.de",
})  # fmt: skip


def marks(reader: Reader, own: OwnIdentity | None) -> tuple[str, ...]:
    """The marks of a document, the surest first; none that the dossier itself may have put there.

    Texts such as ``iban:FR76…``, ``web:vasseur.fr``, ``print:<hash>``.
    """
    found = [f"iban:{one.value}" for one in reader.marks if one.kind == "iban" and one.valid]
    for row in reader.text.rows:
        for match in _MAIL.finditer(row.plain):
            shared = match[1] in _SHARED
            found.append(f"mail:{match[0]}" if shared else f"web:{_domain(match[1])}")
        found += (f"web:{_domain(match[1])}" for match in _WEB.finditer(row.plain))
    found += _prints(reader, own)
    for row in reader.text.rows:
        for match in _PHONE.finditer(row.plain):
            found.append(f"phone:{re.sub(r'[^0-9]', '', match[0])[-9:]}")
    return tuple(dict.fromkeys(found))[:MOST_MARKS]


def named_by(held: Mapping[str, str]) -> str:
    """The card that marks agree on, "" when they do not, or when a telephone alone says it."""
    parties = set(held.values())
    if len(parties) != 1 or all(mark.startswith("phone:") for mark in held):
        return ""
    return next(iter(parties))


def only_account(held: Mapping[str, str]) -> bool:
    """True when nothing but a bank account (or a telephone) says so: the name must agree."""
    return all(mark.startswith(("iban:", "phone:")) for mark in held)


def _domain(host: str) -> str:
    return host.removeprefix("www.")


def _prints(reader: Reader, own: OwnIdentity | None) -> Sequence[str]:
    """The longest rows without digits at the head and foot of the first page, hashed."""
    ours = bare(own.name) if own is not None else ""
    sheet = reader.text.sheets[0]
    edge: list[Row] = []
    for row in sheet.rows:
        place = row.middle / sheet.height
        if place < _EDGE or place > 1 - _EDGE:
            edge.append(row)
    texts = {bare(row.text) for row in edge if not any(sign.isdigit() for sign in row.plain)}
    kept = [one for one in texts if len(one) >= 14 and not (ours and ours in one)]
    kept.sort(key=lambda one: (-len(one), one))
    return [
        f"print:{hashlib.sha256(one.encode()).hexdigest()[:24]}" for one in kept[:_MOST_PRINTS]
    ]
