"""« Changer de plateforme » by its page: steps, form, faults, letters, giving it up (PE-32)."""

import pytest
from facteur.domain.connections import Connection
from facteur.domain.flows import LineStatus

from tests.services.fake_platforms import FakePlatform, FakePlatforms
from tests.web.browser import Browser

PATH = "/parametres/changer-de-plateforme"
GIVEN = {"new": "2-new", "on": "2026-12-01", "keep": "365", "lines": "300000007"}


@pytest.fixture
def pa(manager: Browser) -> FakePlatform:
    platform = FakePlatform()
    manager.world.with_(platforms=FakePlatforms(platform))
    add(manager, "1-old", "super_pdp")
    return platform


def add(manager: Browser, name: str, kind: str, **more: str) -> None:
    held = Connection(dossier=manager.world.dossier, id=name, platform=kind, client_id="i", **more)
    manager.world.context.connections.save(held)


def test_the_page_leads_to_the_second_platform_first(manager: Browser, pa: FakePlatform) -> None:
    """One connection alone: what to do, and no form to plan with; the store leads here."""
    shown = manager.get(PATH)
    assert "Aujourd’hui, ce dossier envoie par Super PDP." in shown.text
    assert "Aucune autre plateforme n’est encore connectée" in shown.text
    assert not shown.page.xpath("//input[@name='on']")
    assert PATH in manager.get("/parametres/connexions").body


def test_a_change_is_planned_told_and_given_up(manager: Browser, pa: FakePlatform) -> None:
    """The day, who sends when, the addresses as the directory shows them, the letters to copy."""
    add(manager, "2-new", "afnor", flow_url="https://pa2.example/flow")
    pa.line("300000007")
    pa.line("300000007_ACHATS", LineStatus.UPCOMING)
    form = manager.get(PATH)
    ticked = [one.get("value") for one in form.page.xpath("//input[@name='lines'][@checked]")]
    assert ["300000007"] == ticked
    assert manager.post(PATH, GIVEN).location.endswith("fait=switch_planned")
    shown = manager.get(PATH)
    for words in ("Changement prévu le 01/12/2026", "Autre plateforme agréée (pa2.example)",
                  "avant le 01/12/2026", "à partir du 01/12/2026"):  # fmt: skip
        assert words in shown.text
    assert "Changement prévu le 01/12/2026" in manager.get("/parametres/connexions").text
    letter = shown.one("//textarea[@id='to-new']").text or ""
    assert "à partir du 01/12/2026 (SIREN 300000007)" in letter
    switch = shown.one("//input[@name='switch']").get("value")
    assert manager.post(f"{PATH}/annuler", {"switch": switch}).status == 303
    after = manager.get(PATH).text
    assert "Annulé" in after
    assert "Prévoir le changement" in after


def test_what_is_wrong_stands_beside_its_field(manager: Browser, pa: FakePlatform) -> None:
    """No day, a day gone by, a platform that lets nobody in: nothing is planned."""
    add(manager, "2-new", "afnor")
    reply = manager.post(PATH, {**GIVEN, "on": "2026-11-20"})
    assert 422 == reply.status
    assert "true" == reply.one("//input[@name='on']").get("aria-invalid")
    assert "Choisissez le premier jour" in manager.post(PATH, {**GIVEN, "on": "demain"}).text
    pa.locked = True
    refused = manager.post(PATH, GIVEN)
    assert "dentifiant" in refused.one("//p[@id='e-new']").text
    assert () == manager.world.context.connections.switches(manager.world.dossier)


def test_the_old_one_stays_when_another_address_is_connected_beside_it(
    manager: Browser, pa: FakePlatform
) -> None:
    """Two platforms of the same entry of the catalogue, so that one can give way to the other."""
    typed = {
        "client_id": "c",
        "client_secret": "s",
        "token_url": "https://pa.example/token",
        "directory_url": "https://pa.example/dir",
        "dossier": manager.world.dossier,
    }
    store = "/parametres/connexions/afnor"
    manager.post(store, {**typed, "flow_url": "https://one.example"})
    shown = manager.get(f"{store}?ajouter=1")
    assert "rien n’est déconnecté" in shown.text
    manager.post(store, {**typed, "flow_url": "https://two.example", "beside": "1"})
    live = {one.flow_url for one in manager.world.context.connections.all()}
    assert {"", "https://one.example", "https://two.example"} == live
    manager.post(f"{store}/tout-deconnecter")
    assert {""} == {one.flow_url for one in manager.world.context.connections.all()}


def test_another_dossier_s_change_is_not_given_up(manager: Browser, pa: FakePlatform) -> None:
    """An identifier from elsewhere is 404."""
    assert 404 == manager.post(f"{PATH}/annuler", {"switch": "of-somebody-else"}).status
