"""The dashboard, the two lists and what is uploaded from them."""

import json
from datetime import date, timedelta
from decimal import Decimal

from facteur.domain.documents import Direction, Duplicate, State, Summary
from facteur.domain.faults import Fault, Severity
from facteur.ports import MailRecord

from tests.web.browser import Browser, keep

MENU = ["Tableau de bord", "Factures d’achat", "Factures de vente", "Clients & fournisseurs",
        "Applications complémentaires", "Archives", "Paramètres"]  # fmt: skip
HOSTILE = "<script>alert(1)</script>"


def _summary(**changes: object) -> Summary:
    values: dict[str, object] = {
        "kind": "invoice",
        "number": "F-12",
        "seller_name": "Imprimerie Vasseur",
        "issue_date": date(2026, 4, 25),
        "due_date": date(2026, 5, 25),
        "total_incl_vat": Decimal("1312.80"),
        **changes,
    }
    return Summary(**values)  # type: ignore[arg-type]


def test_the_menu_has_its_seven_entries_and_says_where_one_is(manager: Browser) -> None:
    """Exactly these words in this order on every page; aria-current on one of them (JF-02)."""
    pages = {"/": 0, "/achats": 1, "/ventes": 2, "/tiers": 3, "/applications": 4, "/archives": 5,
             "/parametres": 6}  # fmt: skip
    for path, place in pages.items():
        links = manager.get(path).page.xpath("//nav[@aria-label='Menu principal']//a")
        assert [one.text_content().strip() for one in links] == MENU
        assert [at for at, one in enumerate(links) if one.get("aria-current")] == [place]


def test_the_counters_are_links_that_count(manager: Browser) -> None:
    """Each counter of the dashboard leads to what it counts."""
    keep(manager.world, State.TO_ACCEPT)
    keep(manager.world, State.TO_ACCEPT)
    keep(manager.world, State.QUARANTINED, failure=Fault(code="unreadable.empty"))
    reply = manager.get("/")

    counter = reply.one("//a[@id='compteur-to_accept']")
    assert counter.xpath("string(.//*[@class='counter-number'])") == "2"
    assert counter.get("href") == "/achats?onglet=a-accepter"
    assert reply.one("//a[@id='compteur-archived']").get("href") == "/archives"
    assert reply.one("//*[@id='live']").get("hx-trigger") == "every 15s"


def test_an_empty_dossier_shows_the_first_steps(manager: Browser) -> None:
    """Three gestures and the address to give, instead of four zeros alone."""
    text = manager.get("/").text

    assert "Recevez votre première facture" in text
    assert "SIREN300000007@factures.example.com" in text


def test_mails_tell_what_was_set_aside_and_why(manager: Browser) -> None:
    """The sender's dossier can read why a part made no document; nothing of it is markup."""
    world = manager.world
    aside = Fault(
        code="mail.part.archive", severity=Severity.WARNING, values={"filename": HOSTILE}
    )
    world.context.store.save_mail(
        MailRecord(
            dossier=world.dossier,
            id="m1",
            key="mail/m1",
            at=world.clock.now() - timedelta(minutes=5),
            sender='"<b>x</b>"@x.example',
            subject=HOSTILE,
            message_id="m1",
            direction=Direction.PURCHASE,
            documents=("abc",),
            set_aside=(aside,),
        )
    )
    reply = manager.get("/")

    assert "les archives (ZIP, 7z, RAR…) ne sont pas ouvertes" in reply.text
    assert "il y a 5\u00a0min" in reply.body
    assert HOSTILE not in reply.body
    assert reply.one("//a[contains(@class, 'pill')]").get("href") == "/factures/abc"


def test_older_mails_can_be_seen(manager: Browser) -> None:
    """Ten mails, then a link to a hundred: what was set aside never slips out of sight."""
    world = manager.world
    for number in range(12):
        world.context.store.save_mail(
            MailRecord(
                dossier=world.dossier,
                id=f"m{number}",
                key=f"mail/m{number}",
                at=world.clock.now() - timedelta(minutes=number),
                sender="a@x.example",
                subject=f"Objet {number:02}",
                message_id=f"m{number}",
                direction=Direction.PURCHASE,
            )
        )
    first = manager.get("/")
    more = first.one("//a[contains(@href, 'emails=')]")
    second = manager.get(str(more.get("href")).split("#")[0])

    assert "Objet 09" in first.text
    assert "Objet 10" not in first.text
    assert "Objet 11" in second.text
    assert not second.page.xpath("//section//a[contains(@href, 'emails=')]")
    assert "emails=100" in str(second.one("//div[@id='live']").get("hx-get"))


def test_a_tab_lists_what_is_in_that_state(manager: Browser) -> None:
    """Tabs with counts; the reception holds everything that is still open."""
    keep(manager.world, State.TO_CHECK, summary=_summary(number="C-1"))
    keep(manager.world, State.TO_ACCEPT, summary=_summary(number="A-1"))
    keep(manager.world, State.REFUSED, summary=_summary(number="R-1"), refusal="DOUBLON")
    reply = manager.get("/achats?onglet=a-controler")

    rows = reply.page.xpath("//tr[@data-row]")
    assert [one.xpath("string(.//td[3]/span)") for one in rows] == ["C-1"]
    counts = [one.text for one in reply.page.xpath("//span[@class='count']")]
    assert counts == ["2", "1", "1", "1", "0", "0", "3", "0"]
    current = reply.one("//nav[@class='tabs']//a[@aria-current]")
    assert "À contrôler" in current.text_content()


def test_amounts_and_days_are_written_the_french_way(manager: Browser) -> None:
    """1 312,80 € with its thin spaces, 25/04/2026; the state by text and icon."""
    keep(manager.world, State.TO_ACCEPT, summary=_summary())
    reply = manager.get("/achats")

    assert "1\u202f312,80\u00a0€" in reply.body
    assert "25/04/2026" in reply.text
    state = reply.one("//td[contains(@class, 'state')]/span")
    assert state.text_content().strip() == "À accepter"
    assert state.xpath(".//*[local-name()='use']")


def test_what_is_missing_says_so(manager: Browser) -> None:
    """A supplier that was not read is « À compléter », in grey, never a blank."""
    keep(manager.world, State.TO_CHECK, summary=Summary(kind="invoice"))
    shown = manager.get("/achats").page.xpath("//span[@class='todo']")

    assert [one.text for one in shown] == ["À compléter"] * 4


def test_hostile_names_stay_text(manager: Browser) -> None:
    """A supplier, a number, a file, a sender made of markup are shown, not run."""
    keep(
        manager.world,
        State.TO_CHECK,
        summary=_summary(seller_name=HOSTILE, number='"><img src=x onerror=alert(1)>'),
        filename=HOSTILE,
    )
    reply = manager.get("/achats")

    assert HOSTILE not in reply.body
    assert "<img src=x" not in reply.body
    assert HOSTILE in reply.text


def test_a_double_is_marked_in_the_list(manager: Browser) -> None:
    """The badge stays until somebody decides."""
    twin = keep(manager.world, State.TO_ACCEPT)
    keep(manager.world, State.TO_CHECK, duplicates=(Duplicate(document=twin.id, reason="number"),))

    assert "Doublon possible" in manager.get("/achats").text


def test_quarantine_gives_the_reason_and_the_way_out(manager: Browser) -> None:
    """The reason in French, and « Rejouer », which comes back to the list."""
    held = keep(
        manager.world, State.QUARANTINED, failure=Fault(code="unreadable.encrypted"), filename="x"
    )
    reply = manager.get("/achats?onglet=quarantaine")
    assert "Ce PDF est protégé par un mot de passe." in reply.text
    form = reply.one("//td[contains(@class, 'state')]//form")
    assert form.get("action") == f"/factures/{held.id}/rejouer"
    back = manager.post(form.get("action"), {"retour": "liste"})

    assert back.location == "/achats?onglet=quarantaine&fait=replayed"
    assert manager.world.document(held.id).state is State.RECEIVED


def test_sales_are_another_list(manager: Browser) -> None:
    """What came at the out. address is not among the purchases."""
    keep(
        manager.world,
        State.TO_ACCEPT,
        direction=Direction.SALE,
        summary=_summary(buyer_name="Client Martin"),
    )

    assert "Client Martin" in manager.get("/ventes").text
    assert "Client Martin" not in manager.get("/achats").text
    assert "SIREN300000007@out.factures.example.com" in manager.get("/ventes").text


def test_a_long_list_goes_on_another_page(manager: Browser) -> None:
    """Fifty a page, then a link that holds the place; a made-up place is refused."""
    for number in range(52):
        manager.world.clock.pass_(seconds=1)
        keep(manager.world, State.TO_ACCEPT, summary=_summary(number=f"N-{number:02d}"))
    first = manager.get("/achats?onglet=a-accepter")
    second = manager.get(first.one("//a[@id='plus-anciennes']").get("href"))

    assert len(first.page.xpath("//tr[@data-row]")) == 50
    assert len(second.page.xpath("//tr[@data-row]")) == 2
    assert "N-00" in second.text
    assert manager.get("/achats?onglet=a-accepter&apres=inventé").status == 400


def test_a_form_is_signed_for_each_file(manager: Browser) -> None:
    """What upload.js asks: url, fields, and the identifier of the document to come."""
    reply = manager.post(
        "/achats/deposer",
        {"filename": "Été.pdf", "media_type": "application/pdf", "size": "1234"},
    )
    form = json.loads(reply.body)

    assert reply.status == 201
    assert form["fields"]["key"].endswith(form["document"])
    assert form["fields"]["Content-Type"] == "application/pdf"
    assert form["fields"]["x-amz-meta-direction"] == "purchase"
    assert form["fields"]["x-amz-meta-filename"] == "%C3%89t%C3%A9.pdf"


def test_a_file_of_another_type_or_too_large_is_refused_in_french(manager: Browser) -> None:
    """Problem JSON with every reason at once, before a byte is sent."""
    reply = manager.post(
        "/ventes/deposer", {"filename": "x.zip", "media_type": "", "size": str(10**12)}
    )
    problem = json.loads(reply.body)

    assert (422, "application/problem+json; charset=utf-8") == (
        reply.status,
        reply.headers["content-type"],
    )
    assert [one["code"] for one in problem["faults"]] == ["upload.type", "upload.too_large"]
    assert "n’est pas d’un type accepté" in problem["detail"]


def test_without_scripts_a_plain_form_posts_to_the_bucket(manager: Browser) -> None:
    """First the type, then a form whose last field is the file; S3 sends back to the list."""
    assert len(manager.get("/achats/deposer").page.xpath("//input[@type='radio']")) == 6
    reply = manager.get("/achats/deposer?type=xml")
    form = reply.one("//form[@enctype='multipart/form-data']")

    assert form.get("action").startswith("http://127.0.0.1")
    fields = {one.get("name"): one.get("value") for one in form.xpath(".//input")}
    assert fields["success_action_redirect"] == "http://facteur.test/achats?fait=uploaded"
    assert list(fields)[-1] == "file"
    assert form.get("action").split("/")[2] in reply.headers["content-security-policy"]
    assert "Fichier reçu" in manager.get("/achats?fait=uploaded").text


def test_an_invented_notice_is_not_shown(manager: Browser) -> None:
    """Notices are codes with a sentence of ours: no text of a link reaches the page."""
    reply = manager.get("/achats?fait=%3Cb%3Epiege")

    assert "piege" not in reply.body


def test_unbuilt_pages_say_what_works_today(manager: Browser) -> None:
    """Honest: what is coming, and links that work now."""
    for path in ("/applications",):
        reply = manager.get(path)
        assert "Cette page n’est pas encore ouverte" in reply.text
        for link in reply.page.xpath("//main//ul[@class='files']//a/@href"):
            assert manager.get(link).status == 200


def test_settings_show_identity_addresses_and_limits(manager: Browser) -> None:
    """Both addresses to copy, the API's address, the limits in force."""
    reply = manager.get("/parametres")

    assert reply.one("//input[@id='adresse-purchase']").get("value") == (
        "SIREN300000007@factures.example.com"
    )
    assert "POST http://facteur.test/api/v1/documents" in reply.text
    assert "50\u00a0Mo" in reply.body
    assert "10 ans" in reply.text
