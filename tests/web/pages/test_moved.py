"""A document that moved under its form: nothing typed is lost, no decision is told twice."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from facteur.domain.candidate import LineRow
from facteur.domain.documents import Document, Duplicate, ProposedPart, State, StoredFile
from facteur.domain.dossiers import Role
from facteur.domain.faults import Fault
from facteur.ports import Blobs, Changes
from facteur.services.finding import queries

from tests.web.browser import Browser, Reply, keep
from tests.web.pages.test_document import _candidate as candidate
from tests.web.pages.test_document import _form as form_of
from tests.web.pages.test_document import _read as read
from tests.web.pages.test_document import _set as typed_over
from tests.web.pages.test_document import _stored as stored
from tests.web.pages.test_document import _to_check as to_check

CHANGED = "Ce document a changé depuis que vous l’avez ouvert."
Form = list[tuple[str, str]]


def _moved_on(browser: Browser, document: Document, state: State = State.TO_CHECK) -> None:
    """The pipeline has checked it again: it waits for people, under another version."""
    head = browser.world.document(document.id)
    changes = Changes(document=replace(head, state=state), entries=())
    browser.world.context.store.commit(changes)


def _save(browser: Browser, document: Document, form: Form, **values: str) -> Reply:
    sent = [*typed_over(form, **values), ("action", "save")]
    return browser.post(f"/factures/{document.id}", sent)


def test_what_was_typed_stands_beside_what_is_stored_now(manager: Browser) -> None:
    """Two tabs: the second one's fields are shown as typed, those it left as the first saved."""
    held = to_check(manager)
    form = form_of(manager.get(f"/factures/{held.id}"))
    _save(manager, held, form, number="F-20", due_date="01/06/2026")
    _moved_on(manager, held)
    reply = _save(manager, held, form, number="F-30", seller_name="Vasseur & Fils")

    assert 409 == reply.status
    told = reply.one("//*[@id='errors']")
    assert CHANGED in told.text_content()
    assert "Votre saisie est ci-dessous, pas encore enregistrée." in told.text_content()
    assert "F-30" == reply.one("//input[@id='f-number']").get("value")
    assert "Vasseur & Fils" == reply.one("//input[@id='f-seller_name']").get("value")
    assert "01/06/2026" == reply.one("//input[@id='f-due_date']").get("value")
    assert "Valeur enregistrée : « F-20 »." in reply.one("//*[@id='e-number']").text_content()
    assert ["#f-number", "#f-seller_name"] == sorted(
        one for one in told.xpath(".//a/@href") if one.startswith("#f-")
    )
    assert "F-20" == stored(manager, held).text("number")

    again = [*form_of(reply), ("action", "save")]
    assert manager.post(f"/factures/{held.id}", again).location.endswith("?fait=saved")
    assert "F-30" == stored(manager, held).text("number")
    assert "Vasseur & Fils" == stored(manager, held).text("seller_name")
    assert "2026-06-01" == str(stored(manager, held).get("due_date"))


def test_lines_typed_over_lines_that_moved_are_shown_beside_them(manager: Browser) -> None:
    """A table is one value: its rows as typed, those of now that differ in a sentence."""
    held = to_check(manager)
    form = form_of(manager.get(f"/factures/{held.id}"))
    more = {"lines__1__description": "Port", "lines__1__net": "10,00", "lines__1__vat_rate": "20"}
    _save(manager, held, form, lines__0__description="Affiches A2", **more)
    _moved_on(manager, held)
    reply = _save(manager, held, form, lines__0__description="Affiches A3", **more)

    assert "Affiches A3" == reply.one("//input[@name='lines.0.description']").get("value")
    assert "Port" == reply.one("//input[@name='lines.1.description']").get("value")
    told = " ".join(reply.one("//*[@id='errors']").text_content().split())
    assert "là où elle diffère : Affiches A2, 2, H87" in told
    assert "Port" not in told


def test_a_line_added_over_what_moved_is_kept(manager: Browser) -> None:
    """Every stored line is among those typed: what was added is said to be unsaved."""
    held = to_check(manager)
    form = form_of(manager.get(f"/factures/{held.id}"))
    _moved_on(manager, held)
    more = {"lines__1__description": "Port", "lines__1__net": "10,00", "lines__1__vat_rate": "20"}
    reply = _save(manager, held, form, **more)

    assert "Ce que vous avez ajouté n’est pas enregistré." in reply.text
    assert "Port" == reply.one("//input[@name='lines.1.description']").get("value")


@pytest.mark.parametrize("state", [State.READ, State.ACCEPTED, State.REFUSED, State.TRASHED])
def test_what_was_typed_over_what_is_closed_is_told(manager: Browser, state: State) -> None:
    """Nothing can be typed any more: the sentence repeats what had been, the page stays still."""
    held = to_check(manager)
    form = form_of(manager.get(f"/factures/{held.id}"))
    _moved_on(manager, held, state)
    reply = _save(manager, held, form, number="F-30")

    assert 409 == reply.status
    assert "Vous aviez saisi « F-30 » : ce n’est pas enregistré." in reply.text
    assert "Voici ce que vous aviez saisi, qui n’est pas enregistré." in reply.text
    assert not reply.page.xpath("//*[@id='waiting']/@hx-get")
    assert not reply.page.xpath("//meta[@http-equiv='refresh']")


def test_a_ticked_box_is_kept_too(manager: Browser) -> None:
    """« C'est exact » over a document that moved: still ticked, and saved when sent again."""
    doubt = read("F-12", confidence=0.5)
    unsure = (Fault(code="field.unsure", path="number"),)
    held = to_check(manager, candidate(number=doubt), faults=unsure)
    form = form_of(manager.get(f"/factures/{held.id}"))
    _moved_on(manager, held)
    reply = manager.post(f"/factures/{held.id}", [*form, ("confirm", "number")])

    assert 409 == reply.status
    assert reply.page.xpath("//input[@name='confirm'][@value='number'][@checked]")


def test_the_same_form_sent_twice_saves_once(manager: Browser) -> None:
    """A double-click on « Enregistrer »: the second answer is the first one's."""
    held = to_check(manager)
    form = form_of(manager.get(f"/factures/{held.id}"))
    price = {"lines__0__unit_price": "547,5", "number": "F-20"}
    first = _save(manager, held, form, **price)
    second = _save(manager, held, form, **price)

    assert f"/factures/{held.id}?fait=saved" == first.location == second.location
    line = stored(manager, held).lines[0]
    assert isinstance(line, LineRow)
    assert Decimal("547.5") == line.unit_price


def test_accepting_twice_is_accepting_once(manager: Browser) -> None:
    """The same person, by a double-click: the next document opens, as the first time."""
    held = keep(manager.world, State.TO_ACCEPT, candidate=candidate())
    after = keep(manager.world, State.TO_ACCEPT, candidate=candidate())
    asked = {"version": str(held.version), "action": "accept"}
    first = manager.post(f"/factures/{held.id}", asked)
    second = manager.post(f"/factures/{held.id}", asked)

    assert f"/factures/{after.id}?fait=accepted" == first.location == second.location


def test_somebody_elses_acceptance_is_told(manager: Browser) -> None:
    """It is not this person's: the page says that it moved, and shows it accepted."""
    held = keep(manager.world, State.TO_ACCEPT, candidate=candidate())
    asked = {"version": str(held.version), "action": "accept"}
    manager.post(f"/factures/{held.id}", asked)
    reply = manager.as_role(Role.MANAGER).post(f"/factures/{held.id}", asked)

    assert 409 == reply.status
    assert CHANGED in reply.text
    assert "rien n’a été décidé" in reply.text


def test_accepting_what_moved_meanwhile_accepts_nothing(manager: Browser) -> None:
    """What it is now must be seen first: the page is shown, with its button."""
    held = keep(manager.world, State.TO_ACCEPT, candidate=candidate())
    _moved_on(manager, held, State.TO_ACCEPT)
    asked = {"version": str(held.version), "action": "accept"}
    reply = manager.post(f"/factures/{held.id}", asked)

    assert 409 == reply.status
    assert State.TO_ACCEPT is manager.world.document(held.id).state
    now = manager.world.document(held.id).version
    assert str(now) == reply.one("//form[@id='fields']//input[@name='version']").get("value")


def test_refusing_twice_is_refusing_once(manager: Browser) -> None:
    """The same reason and words: done. Others: told, and kept to be read again."""
    held = to_check(manager)
    asked = {"version": str(held.version), "reason": "DOUBLON", "comment": "Déjà reçue."}
    first = manager.post(f"/factures/{held.id}/refus", asked)
    second = manager.post(f"/factures/{held.id}/refus", asked)
    other = manager.post(f"/factures/{held.id}/refus", {**asked, "comment": "Pas à nous."})

    assert "/achats?fait=refused_last" == first.location == second.location
    assert 409 == other.status
    assert CHANGED in other.text


def test_a_refusal_s_words_are_kept_over_what_moved(manager: Browser) -> None:
    """The reason and the comment are still there, in an open form."""
    held = to_check(manager)
    _moved_on(manager, held)
    asked = {"version": str(held.version), "reason": "DOUBLON", "comment": "Déjà reçue."}
    reply = manager.post(f"/factures/{held.id}/refus", asked)

    assert 409 == reply.status
    assert "Déjà reçue." == reply.one("//textarea[@id='comment']").text
    assert "DOUBLON" == reply.one("//select[@id='reason']/option[@selected]").get("value")
    assert reply.page.xpath("//details[@id='refuser'][@open]")
    assert State.TO_CHECK is manager.world.document(held.id).state


def test_not_a_double_twice_is_once(manager: Browser) -> None:
    """And over a document that moved, the page is shown again."""
    other = keep(manager.world, State.TO_CHECK)
    double = Duplicate(document=other.id, reason="near")
    held = to_check(manager, duplicates=(double,))
    asked = {"version": str(held.version)}
    path = f"/factures/{held.id}/pas-un-doublon"
    assert manager.post(path, asked).location.endswith("?fait=cleared")
    assert manager.post(path, asked).location.endswith("?fait=cleared")
    assert 409 == manager.as_role(Role.MANAGER).post(path, asked).status


def _lot(browser: Browser, **changes: object) -> Document:
    return keep(browser.world, State.TO_CHECK, candidate=candidate(), pages=4, sheets=4, **changes)


def test_splitting_twice_is_splitting_once(manager: Browser) -> None:
    """From a second tab, the same cuts: the document, as the first time; other cuts: told."""
    held = _lot(manager)
    path = f"/factures/{held.id}/decouper"
    asked = [("version", str(held.version)), ("cut", "3")]
    first = manager.post(path, asked)
    second = manager.post(path, asked)
    other = manager.post(path, [("version", str(held.version)), ("cut", "2")])

    assert f"/factures/{held.id}?fait=split" == first.location == second.location
    assert 409 == other.status
    assert (3,) == manager.world.document(held.id).cuts


def test_chosen_cuts_are_kept_over_what_moved(manager: Browser) -> None:
    """The page of the split again, its boxes ticked, and a button with the version of now."""
    held = _lot(manager)
    _moved_on(manager, held)
    path = f"/factures/{held.id}/decouper"
    reply = manager.post(path, [("version", str(held.version)), ("cut", "3")])

    assert 409 == reply.status
    assert "vos choix sont gardés" in reply.text
    assert reply.page.xpath("//input[@type='checkbox'][@name='cut'][@value='3'][@checked]")
    version = reply.one("//form[.//button[@id='confirm-split']]/input[@name='version']")
    again = manager.post(path, [("version", str(version.get("value"))), ("cut", "3")])
    assert again.location.endswith("?fait=split")


def test_one_invoice_after_all_twice_is_once(manager: Browser) -> None:
    """« C'est une seule facture » by a double-click."""
    parts = (ProposedPart(first=1, last=2), ProposedPart(first=3, last=4))
    held = _lot(manager, proposal=parts)
    path, asked = f"/factures/{held.id}/une-seule", {"version": str(held.version)}
    assert manager.post(path, asked).location.endswith("?fait=whole")
    assert manager.post(path, asked).location.endswith("?fait=whole")
    assert 409 == manager.as_role(Role.MANAGER).post(path, asked).status


@pytest.mark.parametrize(
    "mark",
    ["", "candidate", "../autre/candidate:v:" + "0" * 64, "candidate:v:" + "0" * 64, "é:\n"],
)
def test_a_form_that_says_nonsense_of_its_reading_is_still_answered(
    manager: Browser, mark: str
) -> None:
    """Forged or lost: what differs from the reading of now is what was typed."""
    held = to_check(manager)
    form = [one for one in form_of(manager.get(f"/factures/{held.id}")) if one[0] != "seen"]
    _moved_on(manager, held)
    reply = _save(manager, held, [*form, ("seen", mark)], number="F-30")

    assert 409 == reply.status
    assert "F-30" == reply.one("//input[@id='f-number']").get("value")


@dataclass
class OddVersions:
    """A storage whose versions are named with what S3 may use."""

    blobs: Blobs
    real: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.blobs, name)

    def put(self, key: str, data: bytes, kind: str, **more: Any) -> StoredFile:
        kept = self.blobs.put(key, data, kind, **more)
        odd = f"3/L4+kq{len(self.real)}=~" * 60
        self.real[odd] = kept.version_id
        return replace(kept, version_id=odd)

    def get(self, file: StoredFile) -> bytes:
        return self.blobs.get(replace(file, version_id=self.real[file.version_id]))


def test_a_version_is_whatever_the_storage_calls_it(manager: Browser) -> None:
    """« + » and « / » in it: the reading that the form was filled from is found all the same."""
    blobs = OddVersions(manager.world.context.blobs)
    manager.world.with_(blobs=blobs)
    held = to_check(manager)
    mark = dict(form_of(manager.get(f"/factures/{held.id}")))["seen"]
    assert "+" in mark
    assert "/" in mark.split(":")[1]

    context, caller = manager.world.context, manager.world.caller
    seen = queries.candidate_seen(caller, held.id, mark, context)
    assert seen == stored(manager, held)
    for other in ("v" * 1_025, "a b", "a\n", "a:b", "é", ""):
        forged = mark.replace(mark.split(":")[1], other)
        assert queries.candidate_seen(caller, held.id, forged, context) is None


def test_the_reading_of_another_document_is_never_taken(manager: Browser) -> None:
    """Its mark, sent with this document's form, leads nowhere: the reading of now is compared."""
    other = to_check(manager, candidate(number=read("AUTRE-1")))
    mark = dict(form_of(manager.get(f"/factures/{other.id}")))["seen"]
    held = to_check(manager)
    form = [one for one in form_of(manager.get(f"/factures/{held.id}")) if one[0] != "seen"]
    _moved_on(manager, held)
    reply = _save(manager, held, [*form, ("seen", mark)], due_date="01/06/2026")

    assert 409 == reply.status
    assert not reply.page.xpath("//*[@id='errors']//a[@href='#f-number']")
    assert "AUTRE-1" not in reply.text
