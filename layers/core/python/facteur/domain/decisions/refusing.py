"""Refusing what a platform brought is status 210 as well: one act, by the rules of both.

« Refuser » on the page, by a list or by an outside approver's link, and « Refusée » on the panel
ask the same: an official reason, and nothing once it was approved or paid (decision 0286).
"""

from facteur.domain.decisions.base import by_platform
from facteur.domain.documents import Document, State
from facteur.domain.errors import InvalidError
from facteur.domain.faults import Fault
from facteur.domain.lifecycle import allowed, reasons

MOST_COMMENT = 1000  # characters of what is said beside the reason


def told_by_refusing(document: Document) -> bool:
    """True when refusing a document says 210: a platform brought it, and it is open."""
    now = allowed.situation(document)
    over = now.facts.closed or now.facts.unusable or now.issuer
    waits = document.state in (State.TO_CHECK, State.TO_ACCEPT)
    return bool(by_platform(document)) and waits and now.speakable and not over


def may_say_so(document: Document, reason: str) -> None:
    """InvalidError (``refusal.too_late``, ``refusal.official``) where 210 could not be said."""
    if not told_by_refusing(document):
        return
    if not any(one.code == "210" for one in allowed.offers(allowed.situation(document))):
        raise InvalidError((Fault(code="refusal.too_late"),), code="refusal.too_late")
    if reason not in reasons.allowed("210"):
        raise InvalidError((Fault(code="refusal.official", path="reason"),))
