"""Archives: the columns, the sort, the download."""

from datetime import date, timedelta
from decimal import Decimal

from facteur.domain.documents import Document, Seal, State, Summary
from facteur.domain.dossiers import Role

from tests.web.browser import Browser, keep

COLUMNS = ["N° FACTURE", "NOM FOURNISSEUR", "TOTAL", "DATE DE FACTURE", "DATE D’ÉCHÉANCE",
           "STATUT COMPTABLE", "STATUT DE PAIEMENT"]  # fmt: skip


def _archived(
    browser: Browser, number: str, name: str, total: str, *, kind: str = "invoice"
) -> Document:
    now = browser.world.clock.now()
    browser.world.clock.pass_(seconds=1)
    until = now + timedelta(days=3653)
    return keep(
        browser.world,
        State.ARCHIVED,
        summary=Summary(
            kind=kind,
            number=number,
            seller_name=name,
            issue_date=date(2022, 4, 25),
            due_date=date(2022, 5, 25),
            total_incl_vat=Decimal(total),
        ),
        seal=Seal(at=now, until=until, mode="GOVERNANCE", chain="x", files=()),
    )


def test_the_archive_has_its_columns(manager: Browser) -> None:
    """A check box, then exactly the seven columns of the product we must equal (JF-60)."""
    _archived(manager, "122527", "ORFIS", "1312.80")
    reply = manager.get("/archives")
    heads = [one.text_content().strip() for one in reply.page.xpath("//main//thead//th")]

    assert ["Sélection", *COLUMNS] == heads
    row = [" ".join(one.text_content().split()) for one in reply.page.xpath("//tr[@data-row]/td")]
    number = "Changer le statut : Facture 122527122527"
    rest = ["ORFIS", "1 312,80 €", "25/04/2022", "25/05/2022", "À récupérer", "Non payé"]
    assert ["", number, *rest] == [
        one.replace("\u202f", " ").replace("\u00a0", " ") for one in row
    ]
    assert "Sélectionner Facture 122527" == reply.one("//input[@name='document']").get(
        "aria-label"
    )


def test_a_credit_note_says_that_it_is_one(manager: Browser) -> None:
    """Its total is written without a sign: the word beside its number tells it from an invoice."""
    _archived(manager, "AV-1", "ORFIS", "1312.80", kind="credit_note")
    _archived(manager, "F-1", "ORFIS", "1312.80")
    page = manager.get("/archives").page
    (said,) = page.xpath("//tr[@data-row]//span[@class='sub']")

    assert "Avoir" == said.text
    assert "AV-1" == said.getprevious().text


def test_a_column_sorts_both_ways(manager: Browser) -> None:
    """A click on a heading sorts, a second one turns it round; aria-sort says so."""
    for number, name, total in (("2", "B", "10"), ("1", "C", "200"), ("3", "A", "30")):
        _archived(manager, number, name, total)

    def numbers(path: str) -> list[str]:
        return [one.text.strip() for one in manager.get(path).page.xpath("//a[@class='row-link']")]

    assert numbers("/archives") == ["3", "1", "2"]
    assert numbers("/archives?tri=total") == ["2", "3", "1"]
    assert numbers("/archives?tri=nom&ordre=desc") == ["1", "2", "3"]
    assert numbers("/archives?tri=inconnu") == ["3", "1", "2"]
    head = manager.get("/archives?tri=total").one("//th[@aria-sort]")
    assert (head.get("aria-sort"), head.xpath("string(.)").strip()) == ("ascending", "TOTAL")


def test_a_day_is_read_as_people_write_it_and_shown_as_the_field_wants_it(
    manager: Browser,
) -> None:
    """25/04/2022 filters and stays in the form; what is no day filters nothing and leaves it."""
    _archived(manager, "1", "A", "10")
    for asked, shown, found in (("25/04/2022", "2022-04-25", 1), ("26/04/2022", "2022-04-26", 0)):
        reply = manager.get(f"/archives?du={asked}")
        assert shown == reply.one("//input[@id='du']").get("value")
        assert found == len(reply.page.xpath("//tr[@data-row]"))
    reply = manager.get("/archives?du=hier")
    assert "" == reply.one("//input[@id='du']").get("value")
    assert 1 == len(reply.page.xpath("//tr[@data-row]"))


def test_the_selection_downloads_as_a_zip_from_the_bucket(manager: Browser) -> None:
    """The browser is sent to a presigned link: bytes never pass through us."""
    one = _archived(manager, "1", "A", "1")
    other = _archived(manager, "2", "B", "2")
    reply = manager.post("/archives/telecharger", [("document", one.id), ("document", other.id)])

    assert reply.status == 303
    assert reply.location.startswith("http://127.0.0.1")
    assert "Signature" in reply.location


def test_an_empty_selection_says_what_to_do(manager: Browser) -> None:
    """422 and a sentence, not an empty file."""
    reply = manager.post("/archives/telecharger")

    assert reply.status == 422
    assert "Cochez au moins une facture" in reply.text


def test_another_dossiers_document_is_not_zipped(manager: Browser) -> None:
    """One identifier that is not ours refuses the whole download."""
    held = _archived(manager, "1", "A", "1")

    reply = manager.post("/archives/telecharger", [("document", held.id), ("document", "autre")])
    assert reply.status == 404


def test_the_selection_takes_a_status_and_the_notice_undoes_it(manager: Browser) -> None:
    """A button changes the ticked rows only; « Annuler » puts them back (JF-60, JF-62)."""
    one, other = _archived(manager, "1", "A", "1"), _archived(manager, "2", "B", "2")
    form = [("document", one.id), ("statut", "paid"), ("sens", "achats"), ("tri", "numero")]
    reply = manager.post("/archives/statut", form)
    assert reply.status == 303
    shown = manager.get(reply.location)
    assert "1 statut changé." in shown.text
    rows = [" ".join(row.text_content().split()) for row in shown.page.xpath("//tr[@data-row]")]
    assert ["Non payé" in row for row in rows] == [False, True]
    token = shown.one("//input[@name='annuler']").get("value")
    back = manager.post("/archives/annuler", {"annuler": token, "sens": "achats"})
    assert "Changement annulé" in manager.get(back.location).text
    assert manager.world.document(one.id).payment.value == "unpaid"
    assert manager.world.document(other.id).payment.value == "unpaid"


def test_a_fetched_row_says_when_and_by_whom(manager: Browser) -> None:
    """Under the badge: the day and the name (JF-61)."""
    one = _archived(manager, "1", "A", "1")
    manager.post("/archives/statut", [("document", one.id), ("statut", "fetched")])
    text = manager.get("/archives").text
    assert "Récupérée le 20/11/2026 par Anne" in text


def test_filters_stay_in_the_address_and_say_what_was_found(manager: Browser) -> None:
    """A period and a status; a day that is none asks for nothing; nothing found offers all."""
    _archived(manager, "1", "A", "1")
    found = manager.get("/archives?du=2022-04-01&au=2022-04-30&paiement=unpaid")
    assert "1 document trouvé" in found.text
    assert found.one("//input[@id='du']").get("value") == "2022-04-01"
    assert "Aucune facture ne correspond" in manager.get("/archives?du=2023-01-01").text
    assert "1 document sur cette page" in manager.get("/archives?du=hier&comptable=x").text
    assert manager.get("/archives?tri=total&page=%C2%B2&changes=%C2%B2").status == 200  # « ² »


def test_a_reader_sees_no_button_that_would_refuse_him(manager: Browser) -> None:
    """Lecture seule: the list and the download, no status to change; a forged form is refused."""
    one = _archived(manager, "1", "A", "1")
    reader = manager.as_role(Role.READER)
    assert not reader.get("/archives").page.xpath("//select[@name='statut']")
    assert (
        reader.post("/archives/statut", [("document", one.id), ("statut", "paid")]).status == 403
    )


def test_an_empty_side_speaks_of_itself_only(manager: Browser) -> None:
    """The other side may be full: neither says that nothing is archived; each leads on."""
    for side, words in (("achats", "facture d’achat archivée"), ("ventes", "facture de vente")):
        shown = manager.get(f"/archives?sens={side}")
        assert f"Aucune {words}" in shown.text
        assert shown.one("//a[contains(@class, 'btn-primary')]").get("href").count(f"/{side}?")
