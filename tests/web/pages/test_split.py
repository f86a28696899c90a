"""Splitting a file from its page: what is offered, the confirmation, the demand, its result."""

from typing import Any

import pytest
from facteur.domain.commands import WriteParts
from facteur.domain.documents import Document, PartOf, State, Summary
from facteur.domain.dossiers import Role

from tests.web.browser import Browser, Reply, keep


def _lot(browser: Browser, state: State = State.TO_CHECK, **changes: Any) -> Document:
    held = {"pages": 5, "sheets": 5, "filename": "lot.pdf", **changes}
    return keep(browser.world, state, **held)


def _cuts(reply: Reply) -> list[str]:
    return [str(one) for one in reply.page.xpath("//input[@name='cut']/@value")]


@pytest.mark.parametrize("state", [State.TO_CHECK, State.TO_ACCEPT, State.QUARANTINED])
def test_a_file_of_several_pages_offers_a_cut_between_any_two(
    manager: Browser, state: State
) -> None:
    """Check boxes of a plain GET form, named by their page: no script is needed."""
    held = _lot(manager, state)
    reply = manager.get(f"/factures/{held.id}")

    assert ["2", "3", "4", "5"] == _cuts(reply)
    assert {"split"} == set(reply.page.xpath("//input[@name='cut']/@form"))
    form = reply.one("//form[@id='split']")
    assert ("get", f"/factures/{held.id}/decouper") == (form.get("method"), form.get("action"))
    label = reply.page.xpath("//label[input[@name='cut']]")[0]
    assert "Nouvelle facture ici (à la page 2)" in " ".join(label.text_content().split())


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        (State.TO_CHECK, {"pages": 1, "sheets": 1}),
        (State.TO_CHECK, {"structured": True}),
        (State.ARCHIVED, {}),
        (State.REFUSED, {"refusal": "DEST_ERR"}),
        (State.SPLITTING, {}),
    ],
)
def test_nothing_to_cut_offers_no_cut(
    manager: Browser, state: State, changes: dict[str, Any]
) -> None:
    """One page, an issuer's own data, or a document that is decided; the address says so too."""
    held = _lot(manager, state, **changes)

    assert [] == _cuts(manager.get(f"/factures/{held.id}"))
    reply = manager.get(f"/factures/{held.id}/decouper?cut=2")
    assert 409 == reply.status
    assert "ne se découpe pas" in reply.text
    assert 409 == manager.post(_path(held), _form(held, 2)).status
    assert state is manager.world.document(held.id).state


def test_the_second_window_and_a_reader_are_offered_none(manager: Browser) -> None:
    """Cutting belongs to the document's own page, and to those who decide."""
    held = _lot(manager)

    assert [] == _cuts(manager.get(f"/factures/{held.id}/page"))
    reader = manager.as_role(Role.READER)
    assert [] == _cuts(reader.get(f"/factures/{held.id}"))
    assert 403 == reader.get(f"{_path(held)}?cut=2").status
    assert 403 == reader.post(_path(held), _form(held, 2)).status


def _path(held: Document) -> str:
    return f"/factures/{held.id}/decouper"


def _form(held: Document, *cuts: object, version: int | None = None) -> list[tuple[str, str]]:
    seen = held.version if version is None else version
    return [("version", str(seen)), *(("cut", str(one)) for one in cuts)]


def test_the_confirmation_shows_each_part_and_changes_nothing(manager: Browser) -> None:
    """Two cuts make three invoices, with their pages and the image of their first one."""
    held = _lot(manager)
    reply = manager.get(f"{_path(held)}?cut=2&cut=4")

    shown = [" ".join(one.text_content().split()) for one in reply.page.xpath("//section//li")]
    assert ["Facture 1 page 1", "Facture 2 pages 2 à 3", "Facture 3 pages 4 à 5"] == shown
    assert 5 == len(reply.page.xpath("//section//li//img")), "every page is seen"
    assert "Découper en 3 factures" in reply.one("//button[@id='confirm-split']").text_content()
    hidden = reply.page.xpath("//form[@method='post']//input[@name='cut']/@value")
    assert ["2", "4"] == hidden
    checked = reply.page.xpath("//input[@type='checkbox'][@checked]/@value")
    assert ["2", "4"] == checked
    assert held == manager.world.document(held.id)
    assert [] == manager.world.queue.sent


def test_pages_without_an_image_can_be_chosen_too(manager: Browser) -> None:
    """Images stop at the first pages; the choice does not."""
    held = _lot(manager, pages=2, sheets=30)
    reply = manager.get(_path(held))

    assert [str(n) for n in range(2, 31)] == _cuts(reply)
    assert 2 == len(reply.page.xpath("//details//img"))
    assert "Facture 2 page 30" in manager.get(f"{_path(held)}?cut=30").text


@pytest.mark.parametrize("cut", ["1", "6", "0", "-2", "deux", "", "²", "9" * 40])
def test_a_page_that_is_not_there_is_told(manager: Browser, cut: str) -> None:
    """422 with the sentence, by GET and by POST; nothing is recorded."""
    held = _lot(manager)
    for reply in (
        manager.get(f"{_path(held)}?cut={'%C2%B2' if cut == '²' else cut}"),
        manager.post(_path(held), _form(held, 3, cut)),
    ):
        assert 422 == reply.status
        assert "choisissez de la page 2 à la page 5" in reply.text
        assert not reply.page.xpath("//button[@id='confirm-split']")
    assert held == manager.world.document(held.id)
    assert [] == manager.world.queue.sent


def test_no_cut_at_all_is_told(manager: Browser) -> None:
    """A confirmation without a page says what to do."""
    held = _lot(manager)
    reply = manager.post(_path(held), _form(held))

    assert 422 == reply.status
    assert "Cochez au moins une page" in reply.text


def test_confirming_records_the_demand_and_queues_the_work(manager: Browser) -> None:
    """The page opens no PDF: the pipeline does; meanwhile the document says what happens."""
    held = _lot(manager)
    reply = manager.post(_path(held), _form(held, 4, 2))

    assert (303, f"/factures/{held.id}?fait=split") == (reply.status, reply.location)
    head = manager.world.document(held.id)
    assert (State.SPLITTING, (2, 4)) == (head.state, head.cuts)
    (sent,) = manager.world.queue.sent
    assert WriteParts(dossier=held.dossier, document=held.id) == sent.command
    page = manager.get(reply.location)
    assert "Découpage en cours : cette page se met à jour toute seule." in page.text
    assert "Découpage demandé, nouvelle facture à chacune des pages : 2 et 4" in page.text
    assert not page.page.xpath("//*[@id='accept']")


def test_somebody_elses_change_or_no_version_is_a_conflict(manager: Browser) -> None:
    """Nobody cuts what they have not seen."""
    held = _lot(manager)

    assert 409 == manager.post(_path(held), _form(held, 2, version=held.version + 1)).status
    assert 409 == manager.post(_path(held), [("cut", "2")]).status
    assert 403 == manager.post(_path(held), _form(held, 2), csrf="faux").status
    assert held == manager.world.document(held.id)


def test_a_split_file_and_its_parts_name_each_other(manager: Browser) -> None:
    """Links both ways, with the state of each part; nothing is left to decide on the whole."""
    held = _lot(manager)
    manager.post(_path(held), _form(held, 3))
    manager.world.deliver()
    reply = manager.get(f"/factures/{held.id}")

    assert "Découpé en 2 documents" in reply.text
    assert "Découpé en 2 documents, pages : 1 à 2 et 3 à 5" in reply.text
    links = [str(one) for one in reply.page.xpath("//section[@id='parts']//a/@href")]
    assert 2 == len(links)
    assert not reply.page.xpath("//*[@id='accept'] | //*[@id='refuser'] | //form[@id='split']")
    part = manager.get(links[1])
    assert "Découpé dans lot.pdf, pages 3 à 5" in part.text
    assert "Découpé dans un fichier reçu par e-mail, pages : 3 à 5" in part.text
    assert part.page.xpath(f"//p[contains(@class,'part-of')]/a[@href='/factures/{held.id}']")
    assert "Découpé" in manager.get("/achats?onglet=toutes").text


def test_a_part_whose_whole_is_gone_still_opens(manager: Browser) -> None:
    """A link that leads nowhere is not shown."""
    alone = keep(
        manager.world,
        State.TO_CHECK,
        part_of=PartOf(document="nowhere", first=1, last=2),
        summary=Summary(number="F-1"),
    )
    reply = manager.get(f"/factures/{alone.id}")

    assert 200 == reply.status
    assert "Découpé dans" not in reply.text


def test_a_hostile_file_name_is_only_text(manager: Browser) -> None:
    """The name comes from a stranger's mail."""
    held = _lot(manager, filename="<script>alert(1)</script>.pdf")
    for path in (f"{_path(held)}?cut=2", _path(held)):
        reply = manager.get(path)
        assert "<script>alert" not in reply.body
