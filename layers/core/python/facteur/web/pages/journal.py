"""Paramètres › Journal: what people changed in the dossier's settings, who and when.

The counterpart, for everything that is not a document, of the history on an invoice's page.
"""

from dataclasses import dataclass

from facteur.domain import typed
from facteur.domain.dossiers import Permission
from facteur.domain.events import SYSTEM
from facteur.domain.journal import JournalEntry
from facteur.services import journalling
from facteur.web import i18n
from facteur.web.answers import Answer
from facteur.web.i18n import _
from facteur.web.pages.preferences import MODES
from facteur.web.showing import reports
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/parametres/journal"
_SHOWN, _MOST = 50, 500  # entries, at first and after « Voir plus »

#: What changed among the preferences, in words; values say « avant → après ».
_NAMES = {
    "acceptance": "Approuver la réception",
    "find_duplicates": "Identifier les doublons",
    "block_duplicates": "Bloquer l’archivage des doublons",
    "accept_senders": "Accepter les adresses approuvées",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """A line of the journal, in French."""

    entry: JournalEntry
    words: str
    details: tuple[str, ...]
    by: str


@page(PATH, permission=Permission.MANAGE)
def journal(visit: Visit) -> Answer:
    """The last entries, newest first."""
    most = _MOST if visit.query("tout") == "1" else _SHOWN
    found = journalling.last(visit.caller, visit.context, most=most + 1)
    return visit.page(
        "journal.html",
        entries=[_view(one) for one in found[:most]],
        more=len(found) > most and most < _MOST,
        cut=len(found) > _MOST,
        path=PATH,
    )


def _view(entry: JournalEntry) -> EntryView:
    values = dict(entry.values)
    if "report" in values:
        values["report"] = reports.named(values["report"])
    if entry.what == "ereporting.elsewhere" and "day" in values:  # a kit may have left it out
        values["day"] = i18n.day(typed.day(values["day"]))
    words = i18n.sentence(f"journal.{entry.what}", values) or entry.what
    note = values.get("note", "") if entry.what == "ereporting.elsewhere" else ""
    details = ((note,) if note else ()) + tuple(
        f"{_(_NAMES[name])} : {_said(text)}" for name, text in entry.values.items()
        if entry.what == "preferences.chosen" and name in _NAMES
    )  # fmt: skip
    nobody = _("le système") if entry.by in ("", SYSTEM) else entry.by
    return EntryView(entry=entry, words=words, details=details, by=entry.by_name or nobody)


def _said(change: str) -> str:
    """« Manuellement → Automatiquement » for the codes that the journal keeps."""
    modes = {mode.value: _(label) for mode, label, _why in MODES}
    return " → ".join(modes.get(one, one) for one in change.split(" → "))
