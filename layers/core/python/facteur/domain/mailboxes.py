"""Mailboxes that a dossier has us fetch by IMAP (PE-17): which mails, and what became of them.

A rule looks at who wrote (« De ») or at the subject (« Objet ») and says whether the mail brings
purchases or sales; a mail that no rule takes is left alone, and listed with that reason. A mail is
known by the folder's UIDVALIDITY and its UID (RFC 3501 §2.3.1.1): it is processed once.

A mailbox opens with a password, or by its owner's consent at its provider (Gmail, Outlook…): then
the secret that is kept is the refresh token. A consent that was taken back is told, and nothing is
tried any more until a person reconnects the mailbox.

Nothing is ever deleted, moved or marked as read. Pure: services/intake/fetching.py
fetches and commits.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from facteur.domain.documents import Direction
from facteur.domain.faults import Fault

EVERY = timedelta(minutes=15)
MOST_BOXES, MOST_RULES, MOST_TEXT = 10, 50, 200
MOST_AT_ONCE = 50  # mails of one round
_SLOWEST = 6  # a mailbox that keeps failing is tried less and less: 15 min × 2^6 = 16 h

#: The provider gives no token any more, or its server does not take the one it gave.
CONSENT_LOST, TOKEN_REFUSED = "fetch_box.lost", "imap.token"

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class Where(StrEnum):
    """What a rule looks at."""

    SENDER = "from"  # De
    SUBJECT = "subject"  # Objet


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """« De contient facture@orange.fr → achats »."""

    where: Where
    text: str  # in lower case; « @domaine » takes a whole domain
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox to fetch. Its password or refresh token is sealed (ports.Secrets), never shown."""

    dossier: str
    id: str
    host: str
    user: str
    secret: str  # sealed for the dossier
    folder: str = "INBOX"
    provider: str = ""  # who gave us access to it (ports.MailConsents); "": a password
    rules: tuple[Rule, ...] = ()
    validity: int = 0  # UIDVALIDITY of the folder, 0 before the first round
    seen: int = 0  # the highest UID that was processed
    tried_at: datetime | None = None
    worked_at: datetime | None = None
    failures: int = 0  # in a row
    failure: Fault | None = None  # the last one, None when the last round worked
    renewing_until: datetime | None = None  # whose turn it is to use the refresh token ends then
    version: int = field(default=0, compare=False)

    def due(self, now: datetime) -> bool:
        """True when the clock should fetch it: less and less often while it fails.

        Never without its owner's consent: asking again gives nothing.
        """
        if self.failure is not None and self.failure.code == CONSENT_LOST:
            return False
        if self.tried_at is None:
            return True
        return now - self.tried_at >= EVERY * (1 << min(self.failures, _SLOWEST))

    @property
    def to_reconnect(self) -> bool:
        """« À reconnecter »: only its owner's consent opens it again."""
        lost = (CONSENT_LOST, TOKEN_REFUSED)
        return self.failure is not None and self.failure.code in lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is read of a mail before its rules are applied."""

    uid: int
    size: int  # bytes
    sender: str = ""  # address
    subject: str = ""


class Outcome(StrEnum):
    """What became of a mail of a fetched mailbox."""

    TAKEN = "taken"
    IGNORED = "ignored"  # no rule takes it
    TOO_LARGE = "too_large"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A mail of a fetched mailbox and what became of it: the processed-mail list."""

    dossier: str
    mailbox: str
    validity: int
    uid: int
    at: datetime
    sender: str
    subject: str
    outcome: Outcome
    direction: Direction | None = None
    reason: str = ""  # the text of the rule that took it, or a fault's code

    @property
    def id(self) -> str:
        """Its name in its mailbox."""
        return f"{self.validity}-{self.uid}"


def direction_of(mailbox: Mailbox, mail: Envelope) -> Rule | None:
    """The first rule that takes a mail, None when none does."""
    sender, subject = mail.sender.lower(), mail.subject.lower()
    for rule in mailbox.rules:
        if rule.where is Where.SUBJECT:
            if rule.text in subject:
                return rule
        elif rule.text.startswith("@"):
            if sender.endswith((rule.text, f".{rule.text[1:]}")):
                return rule
        elif sender == rule.text:
            return rule
    return None


def worked(mailbox: Mailbox, *, at: datetime) -> Mailbox:
    """A round went to its end."""
    return replace(mailbox, tried_at=at, worked_at=at, failures=0, failure=None)


def failed(mailbox: Mailbox, fault: Fault, *, at: datetime) -> Mailbox:
    """A round failed: shown, and tried later."""
    return replace(mailbox, tried_at=at, failures=mailbox.failures + 1, failure=fault)


def faults_of(mailbox: Mailbox, password: str) -> tuple[Fault, ...]:
    """What was typed wrong: ``fetch_box.host``, ``.user`` (``.address``), ``.password``…"""
    named = _plain(mailbox.user) and ("@" in mailbox.user or not mailbox.provider)
    host = len(mailbox.host) <= 253 and _HOST.fullmatch(mailbox.host)
    wrong = {
        "host": not (mailbox.provider or host),  # a provider's is the installation's own
        "user": not named,
        "password": not (mailbox.provider or mailbox.secret or _plain(password)),
        "folder": not _plain(mailbox.folder),
    }
    codes = {"user": "fetch_box.address"} if mailbox.provider else {}
    return tuple(
        Fault(code=codes.get(name, f"fetch_box.{name}"), path=name)
        for name, bad in wrong.items()
        if bad
    )


def rule_of(where: str, text: str, direction: str) -> Rule | Fault:
    """A typed rule, or the fault ``fetch_box.rule``."""
    kept = " ".join(text.split()).lower()[:MOST_TEXT]
    known = where in [one.value for one in Where] and direction in [one.value for one in Direction]
    if not known or not kept or (where == Where.SENDER.value and "@" not in kept):
        return Fault(code="fetch_box.rule", path="text", values={"text": text[:80]})
    return Rule(where=Where(where), text=kept, direction=Direction(direction))


def _plain(text: str) -> bool:
    """Something, in one line: an IMAP command ends with it."""
    return 0 < len(text) <= MOST_TEXT and text.isprintable() and text == text.strip()
