"""« Reprendre un kit » on its page: sent, examined, taken; what is refused says why."""

from facteur.domain.dossiers import Role
from facteur.domain.exports import JobState, Kind

from tests.services.exports.test_kits import _kit
from tests.services.exports.test_taking_kits import _zip
from tests.services.world import xml
from tests.web.browser import Browser

PATH = "/parametres/kit-de-sortie/reprendre"


def _sent(browser: Browser, data: bytes) -> str:
    """Send a file by the page's form; where the browser lands."""
    form = browser.get(PATH).one("//form[@enctype='multipart/form-data']")
    fields = {one.get("name"): one.get("value") for one in form.xpath(".//input[@value]")}
    browser.world.platform.client("s3").put_object(
        Bucket=browser.world.platform["FACTEUR_INTAKE_BUCKET"], Key=fields["key"], Body=data
    )
    return PATH + "?" + fields["success_action_redirect"].partition("?")[2]


def test_a_kit_goes_back_where_it_came_from_and_changes_nothing(manager: Browser) -> None:
    """Examined, then taken: everything was there already, and the page says so."""
    world = manager.world
    world.receive(("facture.xml", xml("F-1")))
    (files,) = _kit(world)
    landed = manager.get(_sent(manager, _zip(files)))
    assert "Fichier reçu" in landed.text
    name = landed.one("//input[@name='fichier']").get("value")
    assert manager.post(PATH, {"fichier": name}).status == 303
    assert manager.get(PATH).one("//div[@id='jobs']").get("hx-trigger") == "every 3s"
    world.deliver()
    page = manager.get(PATH)
    assert "À reprendre : 0 documents, dont 0 archivés sous verrou. Déjà là : 1." in page.text
    assert "autre entreprise" not in page.text
    take = page.one("//form[contains(@action, '/reprendre/')]").get("action")
    before = world.documents()
    assert manager.post(take).status == 303
    world.deliver()
    page = manager.get(PATH)
    assert "Documents repris : 0, sur 1." in page.text
    assert not page.page.xpath("//form[contains(@action, '/reprendre/')]")
    assert before == world.documents()
    assert "Fichier reçu" not in manager.get(f"{PATH}?fichier={name}").text


def test_what_is_no_kit_says_why(manager: Browser) -> None:
    """Refused, with the sentence; there is nothing to take."""
    landed = _sent(manager, b"not a zip")
    name = manager.get(landed).one("//input[@name='fichier']").get("value")
    manager.post(PATH, {"fichier": name})
    manager.world.deliver()
    page = manager.get(PATH)
    assert "pas un ZIP" in page.text
    assert not page.page.xpath("//form[contains(@action, '/reprendre/')]")
    (job,) = manager.world.context.exports.jobs(manager.world.dossier)
    assert (job.kind, job.state) == (Kind.KIT_CHECK, JobState.FAILED)
    assert "Refusée" not in manager.get("/archives/exports").text


def test_the_page_is_a_gerant_s(manager: Browser) -> None:
    """Others are told so, and a name of another place is not found."""
    assert manager.as_role(Role.STAFF).get(PATH).status == 403
    assert manager.post(PATH, {"fichier": "../../x"}).status == 404
    assert manager.post(f"{PATH}/inconnu").status == 404
