"""Paramètres › Connexions, the sending panel and a platform's calls, through their pages."""

from dataclasses import replace

import pytest
from facteur.domain.connections import Connection, ConnectionState
from facteur.domain.documents import State
from facteur.domain.dossiers import Member, Role
from facteur.domain.flows import AckDetail, LineStatus
from facteur.ports import Changes
from facteur.services.run import run_scheduled

from tests.services.fake_platforms import Compliant, FakePlatform, FakePlatforms
from tests.services.platforms.test_connecting import call
from tests.services.world import xml
from tests.web.browser import Browser

PATH = "/parametres/connexions"
TYPED = {"client_id": "client-1", "client_secret": "s3cr3t"}


@pytest.fixture
def pa(manager: Browser) -> FakePlatform:
    platform = FakePlatform()
    manager.world.with_(platforms=FakePlatforms(platform), rulebook=Compliant())
    return platform


def live(manager: Browser) -> Connection:
    (found,) = manager.world.context.connections.all()
    return found


def connect(manager: Browser) -> str:
    reply = manager.post(f"{PATH}/super_pdp", {**TYPED, "dossier": manager.world.dossier})
    assert reply.status == 303, reply.text
    return f"{PATH}/super_pdp/{live(manager).id}"


def test_the_store_lists_what_can_be_connected(manager: Browser, pa: FakePlatform) -> None:
    """WE-19: each platform with what it can do; the menu of the settings leads there."""
    shown = manager.get(PATH).text
    for words in ("Super PDP", "Autre plateforme agréée", "annuaire", "Non connectée"):
        assert words in shown
    assert PATH in manager.get("/parametres").body


def test_a_dossier_is_ticked_tested_and_left(manager: Browser, pa: FakePlatform) -> None:
    """WE-04, WE-14 to WE-16: from the window to the health page, and out again."""
    here = connect(manager)
    text = manager.get(here).text
    for words in ("Connectée", "Journal des appels", "Dernière synchronisation", "Request-Id"):
        assert words in text
    assert "s3cr3t" not in text
    pa.away = True
    assert manager.post(f"{here}/tester").status == 303
    failing = manager.get(here).text
    assert "La plateforme ne répond pas" in failing
    pa.away = False
    assert manager.post(f"{here}/tester").location.endswith("connection_works")
    assert manager.post(f"{here}/options", {"block": "1"}).status == 303
    assert live(manager).block_unreachable
    (seen,) = manager.get(here).page.xpath("//form[contains(@action,'/options')]//@value")[1:2]
    assert manager.post(f"{here}/options", {"default": "1", "seen": seen}).status == 303
    assert manager.post(f"{here}/options", {"seen": seen}).status == 409  # another tab's, older
    assert live(manager).default
    manager.world.queue.sent.clear()
    assert manager.post(f"{here}/synchroniser").status == 303
    assert ["SyncConnection"] == [type(one.command).__name__ for one in manager.world.queue.sent]
    asked = manager.get(f"{PATH}/super_pdp?retirer=1").text
    assert "Déconnecter 1 dossier de Super PDP" in asked
    assert manager.post(f"{PATH}/super_pdp/tout-deconnecter").status == 303
    assert () == manager.world.context.connections.all()
    assert "Non connectée" in manager.get(here).text


def test_dossiers_that_cannot_be_connected_are_named(manager: Browser, pa: FakePlatform) -> None:
    """WE-05, WE-06: the alert names each with the way to mend it; the others connect."""
    world = manager.world
    own = world.context.store.dossier(world.dossier)
    bare = replace(own, id="sans", name="Boulangerie Martin", siren="552100554", siret="")
    (anne,) = world.context.store.members(world.dossier)
    member = Member(dossier="sans", user=anne.user, email="a@b.fr", name="A", role=Role.MANAGER)
    world.context.store.save_dossier(replace(bare, version=0), (member,), {})
    reply = manager.post(
        f"{PATH}/super_pdp", [*TYPED.items(), ("dossier", "sans"), ("dossier", world.dossier)]
    )
    assert reply.status == 422
    for words in ("Boulangerie Martin", "pas de SIRET", "1 autre est connecté"):
        assert words in reply.text
    assert "client-1" == live(manager).client_id


def test_what_is_typed_wrong_stands_beside_its_field(manager: Browser, pa: FakePlatform) -> None:
    """Shown again with what was typed, but never a secret."""
    reply = manager.post(
        f"{PATH}/afnor",
        {"dossier": manager.world.dossier, "client_id": "me", "client_secret": "s3cr3t",
         "flow_url": "ftp://pa.example"},
    )  # fmt: skip
    assert reply.status == 422
    assert "ftp://pa.example" == reply.one("//input[@id='flow_url']").get("value")
    assert "true" == reply.one("//input[@id='token_url']").get("aria-invalid")
    assert "s3cr3t" not in reply.body


def test_consent_leaves_by_a_link_and_comes_back_once(manager: Browser, pa: FakePlatform) -> None:
    """PE-15: no form is sent to the platform; the way back works once."""
    page = manager.post(f"{PATH}/super_pdp/consentir", TYPED)
    towards = page.one("//a[contains(@href, 'pa.example')]").get("href")
    state = towards.partition("state=")[2].partition("&")[0]
    back = f"/connexions/retour?state={state}&code=good"
    assert manager.get(back).status == 303
    assert ConnectionState.CONNECTED is live(manager).state
    assert manager.get(back).status == 422


def test_the_only_dossier_is_ticked_already_and_none_is_no_success(
    manager: Browser, pa: FakePlatform
) -> None:
    """Who has one dossier need not tick it; who unticks it and types a client is told so."""
    window = manager.get(f"{PATH}/super_pdp")
    assert "checked" == window.one("//input[@name='dossier']").get("checked")
    reply = manager.post(f"{PATH}/super_pdp", TYPED)
    assert reply.status == 422
    assert "Cochez le dossier à connecter" in reply.text
    assert () == manager.world.context.connections.all()


def test_a_reader_sees_no_connection(manager: Browser, pa: FakePlatform) -> None:
    """Nor does he change any."""
    here = connect(manager)
    reader = manager.as_role(Role.READER)
    for path in (PATH, f"{PATH}/super_pdp", here):
        assert reader.get(path).status == 403
    assert reader.post(f"{here}/deconnecter").status == 403
    assert manager.world.context.connections.all()


def test_a_quarantined_flow_is_told_and_taken_again(manager: Browser, pa: FakePlatform) -> None:
    """NO-02: its reason on the page, « Rejouer » beside it."""
    here = connect(manager)
    pa.bring("f1", xml("F1"))
    pa.files.clear()
    manager.world.deliver()
    assert "n’en donne pas le fichier" in manager.get(here).text
    pa.bring("f1", xml("F1"), at=pa.flows["f1"].updated_at)
    assert manager.post(f"{here}/rejouer", {"flow": "f1"}).status == 303
    assert manager.post(f"{here}/rejouer", {"flow": "nope"}).status == 404
    manager.world.deliver()
    assert "Document créé" in manager.get(here).text


def test_a_platform_s_call_is_taken_when_it_is_signed(
    manager: Browser, stranger: Browser, pa: FakePlatform
) -> None:
    """PE-16: 200 and a round sooner; anything else 403 or 404, without a word."""
    manager.world.with_(site_url="https://facteur.example")
    connect(manager)
    manager.world.deliver()
    path = f"/pa/webhooks/{manager.world.dossier}/{live(manager).id}"
    said = call(manager.world)
    good = {
        "afnor-signature": said["signature"], "afnor-signature-timestamp": said["timestamp"],
    }  # fmt: skip
    posted = stranger.request(
        "POST", path, said["body"], {**good, "content-type": "application/json"}
    )
    assert (200, "") == (posted.status, posted.body)
    assert 1 == len(manager.world.queue.sent)
    wrong = {**good, "afnor-signature": "AAAA", "content-type": "application/json"}
    assert 403 == stranger.request("POST", path, said["body"], wrong).status
    assert 404 == stranger.request("POST", "/pa/webhooks/x/y", said["body"], wrong).status


def test_the_journal_is_read_by_document_and_a_joined_one_says_of_which(
    manager: Browser, pa: FakePlatform
) -> None:
    """PE-13: the calls about one invoice; NO-01: the other road leads to the invoice."""
    here = connect(manager)
    manager.world.receive(("f.xml", xml("F1")))
    pa.bring("f1", xml("F1"))
    manager.world.deliver()
    manager.post(f"{here}/synchroniser")
    manager.world.deliver()
    (one,) = manager.world.documents()
    page = manager.get(f"{here}?facture={one.id}").text
    assert "Appels d’un seul document" in page
    assert "v1/file" in page
    assert "v1/search" not in page
    text = manager.get(f"/factures/{one.id}").text
    for words in ("E-mail", "Super PDP", "son fichier", "arrivée par une autre voie"):
        assert words in text, words
    joined = manager.get(f"/factures/{one.sources[1].document}").text
    assert "Ouvrir la facture" in joined
    assert "Rattachée" in joined


# ── A sale ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sale(manager: Browser, pa: FakePlatform) -> str:
    """The path of an archived, compliant sale of a connected dossier."""
    world = manager.world
    connect(manager)
    made = world.sell()
    world.context.store.commit(
        Changes(document=replace(made, state=State.ARCHIVED, buyer_address="123456782_PERDUE"))
    )
    return f"/factures/{made.id}"


def test_a_sale_is_sent_from_its_page(manager: Browser, pa: FakePlatform, sale: str) -> None:
    """The panel says by whom and where to, then what became of it (IP-22)."""
    assert "Envoyer par la plateforme" in manager.get(sale).text
    assert manager.post(f"{sale}/envoyer").status == 303
    assert "Envoi en cours" in manager.get(sale).text
    _first = [run_scheduled(one, manager.world.context) for one in manager.world.queue.sent[:1]]
    manager.world.queue.sent.clear()
    text = manager.get(sale).text
    assert "Transmise, en contrôle" in text
    assert pa.sent[0].id in text
    assert manager.post(f"{sale}/envoyer").status == 409


def test_a_refused_address_is_explained_and_mended_in_one_action(
    manager: Browser, pa: FakePlatform, sale: str
) -> None:
    """NO-03, NO-04: sentence, field, value, who; another address, the same number."""
    manager.post(f"{sale}/envoyer")
    manager.world.deliver()
    pa.answer(
        pa.sent[0].id, AckDetail(level="Error", item="BT-49", reason="ADR_ERR", message="Inconnue")
    )
    here = f"{PATH}/super_pdp/{live(manager).id}"
    manager.post(f"{here}/synchroniser")
    manager.world.deliver()
    text = manager.get(sale).text
    for words in ("absente ou fausse", "BT-49", "123456782_PERDUE", "Vous pouvez corriger ici",
                  "Corriger et renvoyer", "« BT-49 Inconnue »"):  # fmt: skip
        assert words in text, words

    pa.line("123456782_ACHATS", name="Service achats")
    pa.line("123456782_PERDUE", LineStatus.DISABLED)
    chooser = manager.get(f"{sale}/adresse")
    for words in ("Inactive", "Service achats", "sans plateforme", "d’après Super PDP"):
        assert words in chooser.text, words
    wrong = manager.post(f"{sale}/envoyer", {"address": "552100554_ACHATS"})
    assert wrong.status == 422
    assert 1 == len(pa.sent)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"commitment_required": True}, ["exige un numéro d’engagement (BT-13)."]),
        ({"either_required": True}, ["exige un numéro d’engagement (BT-13) ou un code service."]),
        (
            {"commitment_required": True, "service_required": True, "either_required": True},
            ["exige un numéro d’engagement (BT-13).", "exige un code service."],
        ),
        ({}, []),
    ],
)
def test_what_a_public_customer_demands_is_told_before_sending(
    manager: Browser, pa: FakePlatform, sale: str, asked: dict[str, bool], said: list[str]
) -> None:
    """The three flags of the directory, each in words, none said twice."""
    pa.line("123456782_PERDUE", **asked)
    hints = manager.get(f"{sale}/adresse").page.xpath("//p[@class='hint']")
    told = [one.text_content() for one in hints if "client public" in one.text_content()]
    assert [f"Ce client public {words}" for words in said] == told


def test_a_purchase_has_no_sending_panel(manager: Browser, pa: FakePlatform) -> None:
    """And a dossier that was never connected sees none on its sales either (D36)."""
    (bought,) = manager.world.receive(("f.xml", xml("F1")))
    assert "Envoyer par la plateforme" not in manager.get(f"/factures/{bought.id}").text
    assert manager.post(f"/factures/{bought.id}/envoyer").status == 404
    assert manager.get(f"/factures/{bought.id}/adresse").status == 404
