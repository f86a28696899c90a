"""« Paramètres › Journal »: who changed what in the dossier's settings, and when."""

import ast
import re

from facteur.domain.dossiers import Role
from facteur.domain.events import SYSTEM
from facteur.domain.journal import JournalEntry
from facteur.services.deciding import preferences
from facteur.web import i18n
from facteur.web.showing import reports

from tests.house.tree import PACKAGE
from tests.web.browser import Browser

PATH, ROWS = "/parametres/journal", "//div[@class='card']//tbody/tr"


def test_what_was_changed_is_read_with_who_and_when(manager: Browser) -> None:
    """The newest first, in words, with what it was before; from the settings' page."""
    assert "Rien n’a encore été changé" in manager.get(PATH).text
    world = manager.world
    preferences.add_sender(world.caller, "Facture@Orange.fr", world.context)
    world.clock.pass_(minutes=1)
    preferences.choose(
        world.caller, mode="automatic", find_duplicates=True, block_duplicates=False,
        accept_senders=False, context=world.context,
    )  # fmt: skip
    page = manager.get(PATH)
    rows = [" ".join(one.text_content().split()) for one in page.page.xpath(ROWS)]
    assert "Approuver la réception : Manuellement → Automatiquement" in rows[0]
    assert "Bloquer l’archivage des doublons : oui → non" in rows[0]
    assert "Adresse approuvée ajoutée : facture@orange.fr" in rows[1]
    assert "Anne" in rows[1]
    assert "20/11/2026" in rows[1]
    assert PATH in manager.get("/parametres").body


def test_hostile_values_stay_text_and_a_long_journal_is_cut(manager: Browser) -> None:
    """What was typed in a name is no markup; fifty lines, more when asked, and it is said."""
    world = manager.world

    def entry(number: int) -> JournalEntry:
        return JournalEntry(
            dossier=world.dossier, id=f"n{number:04d}", at=world.clock.now(), what="sender.added",
            by=SYSTEM, values={"sender": f"<script>{number}</script>"},
        )  # fmt: skip

    world.context.journal.add([entry(one) for one in range(60)])
    page = manager.get(PATH)
    assert "<script>5" not in page.body
    assert "le système" in page.text
    assert 50 == len(page.page.xpath(ROWS))
    more = manager.get(page.one("//a[.='Voir plus']/@href"))
    assert 60 == len(more.page.xpath(ROWS))


def test_the_journal_is_a_gerants(manager: Browser) -> None:
    """It names people and addresses; another dossier's is never shown."""
    assert manager.as_role(Role.STAFF).get(PATH).status == 403
    other = JournalEntry(
        dossier="another", id="n1", at=manager.world.clock.now(), what="sender.added", by="u",
        values={"sender": "secret@x.fr"},
    )  # fmt: skip
    manager.world.context.journal.add([other])
    assert "secret@x.fr" not in manager.get(PATH).text


def test_an_entry_brought_by_a_kit_without_its_day_is_still_read(manager: Browser) -> None:
    """What another platform wrote may lack a value, or hold no day: the page stands."""
    world = manager.world
    world.context.journal.add(
        [
            JournalEntry(
                dossier=world.dossier, id=f"n{place}", at=world.clock.now(),
                what="ereporting.elsewhere", by="u", values=values,
            )
            for place, values in enumerate(({}, {"day": "hier"}, {"day": "2026-11-20"}))
        ]
    )  # fmt: skip
    page = manager.get(PATH)
    assert (200, 3) == (page.status, len(page.page.xpath(ROWS)))
    assert "« déclarée ailleurs » le 20/11/2026" in page.text


def test_every_code_of_the_journal_has_its_sentence() -> None:
    """Whatever a service writes in the journal is read in words on this page."""
    writers = {"entry", "entry_by", "entry_of", "_entry", "_save", "save", "tell", "_kept"}
    code = re.compile(r"[a-z_]+\.[a-z_]+")
    found: dict[str, str] = {}
    for path in (PACKAGE / "services").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name not in writers:
                continue
            for one in call.args:
                value = getattr(one, "value", None)
                if isinstance(value, str) and code.fullmatch(value):
                    found[value] = path.name
    assert len(found) > 40
    assert {} == {one: at for one, at in found.items() if not i18n.sentence(f"journal.{one}")}


def test_a_report_of_another_name_is_told_by_that_name() -> None:
    """What is no name of a series is given back as it is, never an error of the page."""
    assert "Encaissements du 01/10/2026 au 31/10/2026" == reports.named(
        "payments-20261001-20261031-SE-02"
    )
    for odd in ("", "payments", "payments-2026-x-SE", "payments-20261001-20261031-ZZ", "a-b-c-d"):
        assert odd == reports.named(odd)
