"""Several at once, the trash and saved views, through the pages."""

import pytest
from facteur.domain.documents import Direction, State
from facteur.domain.dossiers import Role
from facteur.domain.faults import Fault

from tests.web.browser import Browser, keep


def _names(manager: Browser, path: str) -> list[str]:
    return [
        str(one.get("href")).rsplit("/", 1)[1]
        for one in manager.get(path).page.xpath("//a[@class='row-link']")
    ]


def test_trash_then_undo(manager: Browser) -> None:
    """Ticked, put in the trash, undone by the notice: everything is where it was."""
    one, two = (keep(manager.world, State.TO_ACCEPT) for _number in range(2))
    page = manager.get("/achats?onglet=a-accepter")
    ticked = page.page.xpath("//input[@name='document']/@value")
    assert sorted(ticked) == sorted(f"{each.id}:{each.version}" for each in (one, two))

    reply = manager.post(
        "/lot",
        [("action", "trash"), ("liste", "/achats"), ("onglet", "a-accepter"),
         *(("document", str(value)) for value in ticked)],
    )  # fmt: skip
    assert reply.status == 303
    after = manager.get(reply.headers["location"])
    assert "2 documents mis à la corbeille." in after.text
    assert sorted(_names(manager, "/achats?onglet=corbeille")) == sorted((one.id, two.id))

    lot = after.one("//form[contains(@class, 'undo')]//input[@name='lot']").get("value")
    manager.post("/lot/annuler", {"lot": str(lot), "liste": "/achats"})
    assert sorted(_names(manager, "/achats?onglet=a-accepter")) == sorted((one.id, two.id))


def test_what_was_not_done_is_told(manager: Browser) -> None:
    """A version that moved, and what can no longer be accepted: one sentence each."""
    one, two = (keep(manager.world, State.TO_ACCEPT) for _number in range(2))
    reply = manager.post(
        "/lot",
        [
            ("action", "accept"),
            ("document", f"{one.id}:{one.version}"),
            ("document", f"{two.id}:99"),
            ("document", "autre#D#x:1"),
            ("document", "<b>:-1"),
        ],
    )
    assert reply.status == 200
    assert "3 documents sont restés comme ils étaient" in reply.text
    assert "Ce document a changé depuis que vous l’avez ouvert" in reply.text
    assert manager.world.document(one.id).state is State.ACCEPTED
    assert manager.world.document(two.id).state is State.TO_ACCEPT


def test_deleting_asks_for_a_word(manager: Browser) -> None:
    """Without it nothing is deleted, one by one or together; with it, for good."""
    held = [keep(manager.world, State.TO_CHECK) for _number in range(2)]
    for one in held:
        reply = manager.post(f"/factures/{one.id}/corbeille", {"version": str(one.version)})
        assert reply.status == 303
    page = manager.get(f"/factures/{held[0].id}")
    assert "à la corbeille depuis le" in page.text
    assert not page.page.xpath("//*[@id='accept' or @id='refuser']")
    for word in ("", "oui"):
        refused = manager.post(f"/factures/{held[0].id}/supprimer", {"confirmation": word})
        assert refused.status == 422
        assert refused.text.count("« SUPPRIMER »") == 1  # the word, once, and no « ? »
        assert "« ? »" not in refused.text
    lot = [("action", "delete"), ("document", f"{held[1].id}:2")]
    assert manager.post("/lot", lot).status == 422
    assert manager.world.document(held[1].id).state is State.TRASHED

    manager.post(f"/factures/{held[0].id}/supprimer", {"confirmation": "supprimer"})
    manager.post("/lot", [*lot, ("confirmation", "SUPPRIMER")])
    for one in held:
        assert manager.world.document(one.id).state is State.DELETED
        assert manager.get(f"/factures/{one.id}").status == 200


def test_nothing_ticked_is_said(manager: Browser) -> None:
    """An empty selection is a sentence, not an error page of ours."""
    reply = manager.post("/lot", {"action": "trash"})
    assert reply.status == 422
    assert "Cochez au moins un document." in reply.text


def test_who_may_not_decide_sees_no_boxes(manager: Browser) -> None:
    """A reader has the list without boxes, and the action refuses."""
    reader = manager.as_role(Role.READER)
    one = keep(reader.world, State.TO_ACCEPT)
    assert not reader.get("/achats?onglet=a-accepter").page.xpath("//input[@name='document']")
    lot = {"action": "trash", "document": f"{one.id}:{one.version}"}
    assert reader.post("/lot", lot).status == 403


def test_a_view_is_saved_shown_and_forgotten(manager: Browser) -> None:
    """Its chip leads to the same list; the same name is given anew; nothing of it is markup."""
    form = {"liste": "/achats", "onglet": "toutes", "min": "1000", "tri": "total"}
    for name in ("<b>Gros</b>", "<b>Gros</b>"):
        assert manager.post("/vues", {**form, "nom": name}).status == 303
    page = manager.get("/achats")
    (chip,) = page.page.xpath("//a[@class='view-chip']")
    assert chip.text == "<b>Gros</b>"
    assert chip.get("href") == "/achats?onglet=toutes&min=1000&tri=total"
    assert not manager.get("/ventes").page.xpath("//a[@class='view-chip']")
    assert manager.post("/vues", {**form, "nom": "  "}).status == 422

    action = page.one("//ul[@class='views']//form").get("action")
    manager.post(str(action), {"liste": "/achats"})
    assert not manager.get("/achats").page.xpath("//a[@class='view-chip']")


def test_the_quarantine_is_replayed_together(manager: Browser) -> None:
    """Its bar offers what can be done there: « Rejouer », not « Accepter »."""
    failure = Fault(code="work.failed")
    held = [keep(manager.world, State.QUARANTINED, failure=failure) for _number in range(2)]
    listed = manager.get("/achats?onglet=quarantaine")
    assert not listed.page.xpath("//*[@id='lot-accepter']")
    button = listed.one("//form[@id='lot']//button[@id='lot-rejouer']")
    asked = [("action", button.get("value")), ("liste", "/achats"), ("onglet", "quarantaine")]
    asked += [("document", f"{one.id}:{one.version}") for one in held]
    reply = manager.post("/lot", asked)

    assert "/achats?onglet=quarantaine&fait=bulk_replay" == reply.location
    assert "Documents rejoués" in manager.get(reply.location).text
    for one in held:
        assert State.QUARANTINED is not manager.world.document(one.id).state


def test_what_is_not_in_quarantine_is_not_replayed(manager: Browser) -> None:
    """Forged: told, and left as it was."""
    held = keep(manager.world, State.TO_ACCEPT)
    asked = [("action", "replay"), ("document", f"{held.id}:{held.version}")]
    reply = manager.post("/lot", asked)

    assert "1 document est resté comme il était" in reply.text
    assert State.TO_ACCEPT is manager.world.document(held.id).state


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (State.TO_CHECK, {"accept", "refuse", "trash"}),
        (State.TO_ACCEPT, {"accept", "refuse", "trash"}),
        (State.QUARANTINED, {"replay", "refuse", "trash"}),
        (State.TRASHED, {"restore", "delete"}),
        (State.ACCEPTED, set()),
        (State.REFUSED, set()),
        (State.ARCHIVED, set()),
    ],
)
def test_a_list_offers_only_what_can_be_done(
    manager: Browser, state: State, offered: set[str]
) -> None:
    """In its own tab and in that of all; what can be ticked is what something can be done to."""
    tabs = {
        State.TO_CHECK: "a-controler",
        State.TO_ACCEPT: "a-accepter",
        State.QUARANTINED: "quarantaine",
        State.TRASHED: "corbeille",
        State.ACCEPTED: "a-envoyer",
        State.REFUSED: "refusees",
        State.ARCHIVED: "archivees",
    }
    keep(manager.world, state, direction=Direction.SALE, trashed_from=State.TO_CHECK.value)
    for tab in {tabs[state], tabs[state] if state is State.TRASHED else "toutes"}:
        page = manager.get(f"/ventes?onglet={tab}").page
        assert page.xpath("//a[@class='row-link']")
        assert offered == set(page.xpath("//form[@id='lot']//button/@value"))
        assert bool(offered) == bool(page.xpath("//input[@name='document' and @form='lot']"))
