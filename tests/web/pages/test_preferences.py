"""Paramètres › Factures d'achat, and the approval circuit on the document page."""

from decimal import Decimal

from facteur.domain.documents import Approver, Duplicate, State
from facteur.domain.dossiers import Role
from facteur.services.deciding import preferences as service

from tests.web.browser import Browser, keep

PATH = "/parametres/achats"
APPROVERS = (Approver(id="u1", name="Anne"), Approver(id="u9", name="Basile"))


def test_the_three_modes_are_explained_and_the_choice_is_kept(manager: Browser) -> None:
    """The drop-down's words, the switches, and what was saved shown again (JF-37, JF-44)."""
    reply = manager.get(PATH)
    for words in ("Manuellement", "Excepté fournisseurs de confiance", "Automatiquement"):
        assert words in reply.text
    assert ["find_duplicates", "block_duplicates", "accept_senders"] == [
        one.get("name") for one in reply.page.xpath("//input[@role='switch']")
    ]

    saved = manager.post(PATH, {"mode": "automatic", "accept_senders": "1"})
    assert saved.location == f"{PATH}?fait=preferences"
    shown = manager.get(PATH).page
    assert shown.xpath("//input[@name='mode'][@checked]/@value") == ["automatic"]
    assert shown.xpath("//input[@role='switch'][@checked]/@name") == ["accept_senders"]


def test_a_wrong_address_is_shown_again_with_its_reason(manager: Browser) -> None:
    """422, the sentence beside the field, what was typed kept; a good one is listed."""
    wrong = manager.post(f"{PATH}/expediteurs", {"sender": "compta"})

    assert wrong.status == 422
    assert "« compta » n’est ni une adresse e-mail ni un domaine" in wrong.text
    assert wrong.one("//input[@id='sender']").get("aria-invalid") == "true"
    manager.post(f"{PATH}/expediteurs", {"sender": "@Vasseur.example"})
    assert "@vasseur.example" in manager.get(PATH).text
    manager.post(f"{PATH}/expediteurs/retirer", {"sender": "@vasseur.example"})
    assert "Aucune adresse approuvée" in manager.get(PATH).text


def test_a_circuit_is_added_and_removed(manager: Browser) -> None:
    """Members and outsiders, an amount, a supplier: shown in words; all faults at once."""
    form = [("name", "Travaux"), ("above", "5 000"), ("suppliers", "403 156 540"),
            ("approvers", "u1"), ("outsiders", "jean@maire.example")]  # fmt: skip
    assert manager.post(f"{PATH}/circuits", form).status == 303
    text = manager.get(PATH).text
    assert "à partir de 5 000,00 € TTC" in text.replace("\u202f", " ").replace("\u00a0", " ")
    assert "jean@maire.example" in text
    (held,) = manager.world.context.preferences.load(manager.world.dossier).circuits
    assert (Decimal(5000), ("403156540",)) == (held.above, held.suppliers)

    bad = [("name", "X"), ("above", "beaucoup"), ("suppliers", "12"), ("outsiders", "jean")]
    reply = manager.post(f"{PATH}/circuits", bad)
    assert reply.status == 422
    for words in ("beaucoup", "« 12 » n’est pas un SIREN", "« jean » n’est pas une adresse"):
        assert words in reply.text
    manager.post(f"{PATH}/circuits/{held.id}/retirer")
    assert "Aucun circuit" in manager.get(PATH).text


def test_adding_a_circuit_offers_to_stop_what_waits(manager: Browser) -> None:
    """The number that waits beside a ticked box; the message says what was done."""
    assert not manager.get(PATH).page.xpath("//input[@name='waiting'][@type='checkbox']")
    keep(manager.world, State.TO_ACCEPT)
    keep(manager.world, State.TO_CHECK)
    keep(manager.world, State.ARCHIVED)
    reply = manager.get(PATH)
    assert "Appliquer aux 2 factures en attente" in reply.text
    assert reply.one("//input[@name='waiting']").get("checked") is not None

    form = [("name", "Tout"), ("above", "1"), ("approvers", "u1")]
    wrong = manager.post(f"{PATH}/circuits", [*form[:1], ("above", "x")])
    assert wrong.one("//input[@name='waiting']").get("checked") is None  # as it was left
    assert "circuit_added" in manager.post(f"{PATH}/circuits", form).location
    told = manager.post(f"{PATH}/circuits", [*form, ("waiting", "1")])
    assert "circuit_added_applied" in told.location
    assert "pour celles en attente" in manager.get(told.location).text


def test_a_circuit_is_changed_in_its_place(manager: Browser) -> None:
    """« Modifier » fills the form with what it is; what is saved keeps its place and identity."""
    first = [("name", "Travaux"), ("above", "5 000"), ("approvers", "u1"),
             ("outsiders", "jean@maire.example"), ("suppliers", "403156540")]  # fmt: skip
    manager.post(f"{PATH}/circuits", first)
    manager.post(f"{PATH}/circuits", [("name", "Autre"), ("above", "1"), ("approvers", "u1")])
    (held, _other) = manager.world.context.preferences.load(manager.world.dossier).circuits
    page = manager.get(f"{PATH}?circuit={held.id}").page
    shown = {one.get("name"): one.get("value") for one in page.xpath("//details//input")}
    assert ("Travaux", "403156540", "jean@maire.example", held.id) == (
        shown["name"], shown["suppliers"], shown["outsiders"], shown["circuit"],
    )  # fmt: skip
    assert page.xpath("//details[@id='circuit']/@open")
    assert page.xpath("//input[@name='approvers'][@checked]/@value") == ["u1"]

    sent = [("circuit", held.id), ("name", "Gros travaux"), ("above", shown["above"]),
            ("approvers", "u1")]  # fmt: skip
    assert "circuit_changed" in manager.post(f"{PATH}/circuits", sent).location
    kept = manager.world.context.preferences.load(manager.world.dossier).circuits
    assert [(one.name, one.above) for one in kept] == [
        ("Gros travaux", Decimal(5000)), ("Autre", Decimal(1)),
    ]  # fmt: skip
    wrong = manager.post(f"{PATH}/circuits", [*sent[:1], ("name", "X")])
    assert (422, held.id) == (wrong.status, wrong.one("//input[@name='circuit']").get("value"))
    assert manager.post(f"{PATH}/circuits", [("circuit", "non"), *sent[1:]]).status == 404


def test_a_member_who_is_no_gerant_reads_but_changes_nothing(manager: Browser) -> None:
    """The form is disabled, and posting to it is refused."""
    staff = manager.as_role(Role.STAFF)

    assert "Seul un gérant" in staff.get(PATH).text
    assert staff.post(PATH, {"mode": "automatic"}).status == 403


def _stopped(manager: Browser, *approvers: Approver) -> str:
    document = keep(
        manager.world, State.TO_ACCEPT, circuit="Travaux", approvers=approvers or APPROVERS
    )
    return f"/factures/{document.id}"


def test_the_page_says_who_is_waited_for_and_takes_my_approval(manager: Browser) -> None:
    """Mine first: recorded, the invoice goes on waiting for the other; then I cannot accept."""
    path = _stopped(manager)
    reply = manager.get(path)
    assert "En attente de Anne" in reply.text
    assert "Approuver et suivant" in reply.text

    version = reply.page.xpath("//form[@id='fields']//input[@name='version']/@value")
    version = version or reply.page.xpath("//input[@name='version']/@value")
    answer = manager.post(path, {"version": version[0], "action": "accept"})
    assert "fait=approved_last" in answer.location
    again = manager.get(path)
    assert "Anne a approuvé" in again.text
    assert "Cette facture attend l’accord de Basile." in again.text
    assert again.one("//button[@id='accept']").get("disabled") is not None


def test_a_gerant_takes_it_out_of_its_circuit(manager: Browser) -> None:
    """Then it is accepted like any other."""
    path = _stopped(manager, APPROVERS[1])
    version = manager.get(path).page.xpath("//input[@name='version']/@value")[0]
    assert manager.post(f"{path}/circuit", {"version": version}).status == 303
    page = manager.get(path)
    assert "Sortie du circuit « Travaux »" in page.text
    assert page.one("//button[@id='accept']").get("disabled") is None


def test_a_double_may_be_accepted_where_the_dossier_allows_it(manager: Browser) -> None:
    """JF-41 off: « Accepter » is offered with the warning still there."""
    first = keep(manager.world, State.TO_ACCEPT)
    double = keep(
        manager.world,
        State.TO_ACCEPT,
        duplicates=(Duplicate(document=first.id, reason="number"),),
    )
    path = f"/factures/{double.id}"
    assert manager.get(path).one("//button[@id='accept']").get("disabled") is not None
    service.choose(
        manager.world.caller,
        mode="manual",
        find_duplicates=True,
        block_duplicates=False,
        accept_senders=False,
        context=manager.world.context,
    )
    page = manager.get(path)
    assert page.one("//button[@id='accept']").get("disabled") is None
    assert "semble être un doublon" in page.text


def test_each_option_is_a_switch_with_its_label(manager: Browser) -> None:
    """JF-44: a check box, so Space toggles it; its explanation; a sentence confirms the save."""
    names = ("find_duplicates", "block_duplicates", "accept_senders")
    page = manager.get("/parametres/achats")
    for name in names:
        (switch,) = page.page.xpath(f"//input[@id='{name}']")
        assert ("checkbox", "switch") == (switch.get("type"), switch.get("role"))
        (label,) = page.page.xpath(f"//label[@for='{name}']")
        assert label.text_content().strip()
        assert page.page.xpath(f"//*[@id='{switch.get('aria-describedby')}']")
    form = {"mode": "manual", "accept_senders": "1"}
    reply = manager.post("/parametres/achats", form)
    assert 303 == reply.status
    saved = manager.get(reply.location)
    said = saved.page.xpath("//div[@id='notices'][@role='status']")[0].text_content()
    assert said.strip()
    assert not manager.get("/parametres/achats").page.xpath("//div[@id='notices']//p")
    checked = saved.page.xpath("//input[@role='switch'][@checked]/@id")
    assert ["accept_senders"] == [one for one in checked if one in names]
