"""Exports on the pages: asked, followed, downloaded; accounts; the exit kit's place."""

from datetime import UTC, datetime

from facteur.domain.documents import State, Summary
from facteur.domain.dossiers import Role
from facteur.services.exports import jobs

from tests.domain.test_exports import candidate
from tests.services.world import START
from tests.web.browser import Browser, keep

FORM = {"sens": "achats", "format": "fec_plus", "du": "2026-11-01", "au": "2026-11-30",
        "a_recuperer": "1", "pieces": "1", "marquer": "1"}  # fmt: skip


def _invoice(browser: Browser, total: str = "120.00") -> str:
    data = candidate(("20", "100.00", "20.00"), total=total)
    summary = Summary(
        kind="invoice", number="F-12", seller_name="Vasseur", issue_date=START.date()
    )
    return keep(browser.world, State.ARCHIVED, candidate=data, summary=summary).id


def test_an_export_is_asked_followed_and_downloaded(manager: Browser) -> None:
    """The form, « En attente » with a list that looks again, then the link to the bucket."""
    _invoice(manager)
    page = manager.get("/archives/exports")
    assert page.one("//input[@id='du']").get("value") == "2026-10-01"  # last month
    asked = manager.post("/archives/exports", FORM)
    assert asked.status == 303
    waiting = manager.get(asked.location)
    assert "En attente" in waiting.text
    assert waiting.one("//div[@id='jobs']").get("hx-trigger") == "every 3s"

    manager.world.deliver()
    done = manager.get("/archives/exports")
    assert "Prêt" in done.text
    assert "1 écriture" in done.text
    assert done.one("//div[@id='jobs']").get("hx-trigger") is None
    link = done.one("//a[contains(@href, '/fichier/1')]").get("href")
    reply = manager.get(link)
    assert reply.status == 303
    assert "Signature" in reply.location
    assert manager.get(link.replace("/1", "/2")).status == 404
    fragment = manager.get("/archives/exports", HX_Request="true")
    assert fragment.status == 286  # htmx stops asking
    assert "<html" not in fragment.body


def test_another_period_is_one_click_away(manager: Browser) -> None:
    """A new dossier's invoices are of this month, and the form shows the last one."""
    page = manager.get("/archives/exports")
    links = {one.text_content(): one.get("href") for one in page.page.xpath("//form//p/a")}
    assert page.one("//a[@aria-current='true']").text_content() == "Mois dernier"
    now = manager.get(links["Mois en cours"])
    assert now.one("//input[@id='du']").get("value") == START.date().replace(day=1).isoformat()
    assert now.one("//input[@id='au']").get("value") == START.date().isoformat()
    year = manager.get(links["Année en cours"])
    assert year.one("//input[@id='du']").get("value") == f"{START.year}-01-01"


def test_the_month_begins_at_midnight_in_france(manager: Browser) -> None:
    """At 00:30 of 1 January in France it is still December in UTC: last month is December."""
    manager.world.clock.time = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    manager.sign_in()
    page = manager.get("/archives/exports")
    assert "2026-12-01" == page.one("//input[@id='du']").get("value")
    links = {one.text_content(): one.get("href") for one in page.page.xpath("//form//p/a")}
    now = manager.get(links["Mois en cours"])
    assert "2027-01-01" == now.one("//input[@id='au']").get("value")


def test_what_was_left_out_is_said_with_its_reason(manager: Browser) -> None:
    """A link to the invoice, and the difference to the cent."""
    identifier = _invoice(manager, total="121.00")
    manager.post("/archives/exports", FORM)
    manager.world.deliver()
    page = manager.get("/archives/exports")
    assert "0 écriture, 1 facture écartée" in page.text
    gone = page.one(f"//a[@href='/factures/{identifier}']").text
    assert gone == "F-12 (Vasseur) : le détail de la TVA et le total TTC diffèrent de 1.00 €."


def test_a_wrong_period_is_said_beside_it_and_keeps_what_was_typed(manager: Browser) -> None:
    """422, the sentence, the values; nothing is queued."""
    reply = manager.post("/archives/exports", {**FORM, "du": "2026-12-01", "format": "sap"})
    assert reply.status == 422
    assert "le premier avant le second" in reply.text
    assert "Choisissez un format" in reply.text
    assert reply.one("//input[@id='du']").get("value") == "2026-12-01"
    assert manager.world.queue.sent == []


def test_accounts_are_set_by_who_exports(manager: Browser) -> None:
    """Saved in capitals; what is no account is said and typed again."""
    page = manager.get("/parametres/comptabilite")
    names = [one.get("name") for one in page.page.xpath("//main//input[@class='form-control']")]
    values = dict.fromkeys(names, "606")
    good = {**values, "purchases_journal": "ha", "sales_journal": "VT"}
    assert manager.post("/parametres/comptabilite", good).status == 303
    held = jobs.accounts(manager.world.caller, manager.world.context)
    assert (held.expense, held.purchases_journal) == ("606", "HA")
    wrong = manager.post("/parametres/comptabilite", {**good, "sales": "=x"})
    assert wrong.status == 422
    assert wrong.one("//input[@id='sales']").get("value") == "=x"
    assert wrong.one("//input[@id='sales']").get("aria-invalid") == "true"


def test_the_kit_is_the_gerant_s(manager: Browser) -> None:
    """He asks and follows; an accountant sees neither the page nor the kit."""
    assert manager.post("/parametres/kit-de-sortie").status == 303
    manager.world.deliver()
    page = manager.get("/parametres/kit-de-sortie")
    assert "Prêt" in page.text
    assert page.page.xpath("//a[contains(@href, '/fichier/1')]")
    accountant = manager.as_role(Role.ACCOUNTANT)
    assert accountant.get("/parametres/kit-de-sortie").status == 403
    assert "Kit de sortie" not in accountant.get("/archives/exports").text
    assert "Kit de sortie" not in accountant.get("/parametres").text
    link = page.one("//a[contains(@href, '/fichier/1')]").get("href")
    assert accountant.get(link).status == 404


def test_who_may_not_export_is_not_invited_to(manager: Browser) -> None:
    """Lecture seule: no button, and the page says no."""
    reader = manager.as_role(Role.READER)
    assert "Exports comptables" not in reader.get("/archives").text
    assert reader.get("/archives/exports").status == 403
