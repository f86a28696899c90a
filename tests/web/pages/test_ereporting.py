"""Factures de vente › E-reporting, its settings and its till totals, through their pages."""

from dataclasses import replace
from datetime import date

import pytest
from facteur.adapters.aws.clients import Clients
from facteur.domain.commands import CountWaiting
from facteur.domain.documents import Direction, State
from facteur.domain.dossiers import Role
from facteur.domain.ereporting.blocks import Category
from facteur.domain.ereporting.filings import FilingState
from facteur.domain.faults import Fault
from facteur.domain.people import Firm, FirmMember, FirmRole, Link, LinkState
from facteur.formats import spreadsheet
from facteur.ports import Changes, PeopleChanges
from facteur.services.ereporting import till
from facteur.services.ereporting.periods import moved
from facteur.services.people import firms

from tests.services.ereporting.test_keeping import came
from tests.services.ereporting.test_periods import BOUGHT, PAID, SALES, keep, last
from tests.services.fake_platforms import FakePlatform, FakePlatforms
from tests.web.browser import Browser

PATH = "/ventes/e-reporting"


@pytest.fixture
def pa(manager: Browser) -> FakePlatform:
    """A platform to connect to; nothing is connected yet."""
    platform = FakePlatform()
    manager.world.with_(platforms=FakePlatforms(platform))
    return platform


def settle(manager: Browser) -> None:
    sender = {"platform_id": "0003", "platform_name": "PA d’essai"}
    assert manager.post(f"{PATH}/reglages/plateforme", sender).status == 303
    regime = {"since": "2026-11", "regime": "monthly"}
    assert manager.post(f"{PATH}/reglages/regime", regime).status == 303
    manager.world.deliver()


def connect(manager: Browser) -> None:
    typed = {"client_id": "c", "client_secret": "s", "dossier": manager.world.dossier}
    assert manager.post("/parametres/connexions/super_pdp", typed).status == 303


def test_the_settings_come_first(manager: Browser, pa: FakePlatform) -> None:
    """Without them the page says what is needed; with them it shows what is due when."""
    assert "régime de TVA et du matricule" in manager.get(PATH).text
    settle(manager)
    shown = manager.get(PATH).text
    for words in ("au plus tard le 20/11/2026", "aujourd’hui", "Ventes du 01/11/2026",
                  "Achats à l’étranger", "Encaissements", "se téléchargent"):  # fmt: skip
        assert words in shown
    assert PATH in manager.get("/ventes").body
    text = manager.get(f"{PATH}/reglages").text
    assert "Réel normal mensuel" in text
    gone = manager.post(f"{PATH}/reglages/regime", {"since": "2026-11", "retirer": "1"})
    assert gone.status == 303
    assert "au plus tard" not in manager.get(PATH).text


def test_settings_that_do_not_hold_are_shown_again(manager: Browser, pa: FakePlatform) -> None:
    """Each fault beside its field, with what was typed."""
    wrong = manager.post(
        f"{PATH}/reglages/plateforme", {"platform_id": "12", "platform_name": "X"}
    )
    assert wrong.status == 422
    assert "4 chiffres" in wrong.text
    assert "12" == wrong.one("//input[@name='platform_id']").get("value")
    for form in ({"since": "2026-11"}, {"since": "x", "regime": "monthly"}, {"regime": "monthly"}):
        assert manager.post(f"{PATH}/reglages/regime", form).status == 422


def test_a_period_is_prepared_answered_and_sent(manager: Browser, pa: FakePlatform) -> None:
    """The questions are answered on the page, the file is downloaded, then sent."""
    world = manager.world
    settle(manager)
    keep(world, "V1")
    keep(world, "A1", direction=Direction.PURCHASE, process="")
    for name in (SALES, BOUGHT):
        assert manager.post(f"{PATH}/{name}/preparer").status == 303
    assert 'hx-trigger="every 3s"' in manager.get(f"{PATH}/{SALES}").body
    world.deliver()

    sales = manager.get(f"{PATH}/{SALES}")
    assert 'hx-trigger="every 3s"' not in sales.body
    for words in ("À envoyer", "10.3", "Biens (TLB1)", "V1", "remettez-le vous-même"):
        assert words in sales.text
    assert "/factures/V1" in sales.body
    assert manager.get(f"{PATH}/{SALES}/fichier/1").status == 303
    assert manager.get(f"{PATH}/{SALES}/fichier/2").status == 404

    bought = manager.get(f"{PATH}/{BOUGHT}")
    assert "biens ou sur des services" in bought.text
    assert "1 facture en attente de réponse" in manager.get(PATH).text
    empty = manager.post(f"{PATH}/{BOUGHT}/repondre", {"document": "A1"})
    assert (empty.status, "Répondez" in empty.text) == (422, True)
    odd = manager.post(f"{PATH}/{BOUGHT}/repondre", {"document": "A1", "rate": "33"})
    assert odd.status == 422
    words = manager.post(f"{PATH}/{BOUGHT}/repondre", {"document": "A1", "tax_eur": "douze"})
    assert (words.status, "pas un montant" in words.text) == (422, True)
    said = {"document": "A1", "nature": "services", "rate": "20"}
    assert manager.post(f"{PATH}/{BOUGHT}/repondre", said).status == 303
    world.deliver()
    told = manager.get(f"{PATH}/{BOUGHT}").text
    for words in ("10.1", "AE 20", "Vos réponses sur cette période (1)"):
        assert words in told

    connect(manager)
    turn = manager.get(f"{PATH}/{SALES}").one("//input[@name='turn']").get("value")
    assert manager.post(f"{PATH}/{SALES}/envoyer", {"turn": turn}).status == 303
    world.deliver()
    assert FilingState.SENT is last(world).state
    text = manager.get(f"{PATH}/{SALES}").text
    for words in ("Envoyée", "Rectifier", "Première déclaration"):
        assert words in text
    again = manager.post(f"{PATH}/{SALES}/envoyer", {"turn": turn})
    assert (again.status, "n’est pas prêt" in again.text) == (422, True)
    assert manager.post(f"{PATH}/{SALES}/preparer").status == 303
    world.deliver()
    corrected = manager.get(f"{PATH}/{SALES}").text
    for words in ("Rectification (RE)", "Autres fichiers"):
        assert words in corrected


def test_a_button_of_a_page_that_is_over_shows_the_period_as_it_stands(
    manager: Browser, pa: FakePlatform
) -> None:
    """« Envoyer » of a file that was made anew, « Préparer » while it leaves, « Retirer » twice:
    409 with the reason, on the period's own page and with its buttons of now."""
    settle(manager)
    connect(manager)
    keep(manager.world, "V1")
    here = f"{PATH}/{SALES}"
    assert manager.post(f"{here}/preparer").status == 303
    manager.world.deliver()
    turn = manager.get(here).one("//input[@name='turn']").get("value")
    assert manager.post(f"{here}/preparer").status == 303
    manager.world.deliver()
    stale = manager.post(f"{here}/envoyer", {"turn": turn})
    assert (409, True) == (stale.status, "vient d’être préparé à nouveau" in stale.text)
    fresh = stale.one("//input[@name='turn']").get("value")
    assert turn != fresh
    assert manager.post(f"{here}/envoyer", {"turn": fresh}).status == 303
    for action, typed in (("preparer", {}), ("ailleurs", {"retirer": "oui"})):
        refused = manager.post(f"{here}/{action}", typed)
        assert 409 == refused.status
        assert refused.one("//*[@role='alert']").text_content().strip()
        assert "Ventes" in refused.one("//h1").text_content()


def test_what_waits_for_a_decision_is_said_before_the_file_leaves(
    manager: Browser, pa: FakePlatform
) -> None:
    """On the calendar and on the period's page, with the way to the list; gone once decided."""
    world = manager.world
    settle(manager)
    keep(world, "V1")
    held = [keep(world, name, state=State.TO_ACCEPT) for name in ("V2", "V3")]
    manager.post(f"{PATH}/{SALES}/preparer")
    world.deliver()
    words = "2 factures de la période attendent une décision"
    assert words in manager.get(PATH).text
    shown = manager.get(f"{PATH}/{SALES}")
    assert "À envoyer" in shown.text
    assert f"{words} : celles qui se déclarent ici" in shown.text
    assert shown.page.xpath("//div[@id='report']//a[@href='/ventes'][.='Les voir']")
    world.context.store.commit(Changes(document=replace(held[0], state=State.ARCHIVED)))
    words = "1 facture de la période attend une décision"
    assert words in manager.get(PATH).text
    assert f"{words} : si elle se déclare ici" in manager.get(f"{PATH}/{SALES}").text
    world.context.store.commit(Changes(document=replace(held[1], state=State.REFUSED)))
    for path in (PATH, f"{PATH}/{SALES}"):
        assert "une décision" not in manager.get(path).text


def test_a_reader_looks_and_moves_nothing(manager: Browser, pa: FakePlatform) -> None:
    """No button that would be refused."""
    settle(manager)
    keep(manager.world, "V1")
    manager.post(f"{PATH}/{SALES}/preparer")
    manager.world.deliver()
    reader = manager.as_role(Role.READER)
    shown = reader.get(f"{PATH}/{SALES}")
    assert "V1" in shown.text
    assert not shown.page.xpath("//main//form")
    assert reader.get(f"{PATH}/reglages").status == 403
    assert reader.post(f"{PATH}/{SALES}/preparer").status == 403


def upload(manager: Browser, data: bytes) -> str:
    """What the browser does with the presigned form: the address that it comes back to."""
    shown = manager.get(f"{PATH}/caisse/importer")
    key = shown.one("//input[@name='key']").get("value")
    bucket = manager.world.platform["FACTEUR_INTAKE_BUCKET"]
    Clients()("s3").put_object(Bucket=bucket, Key=key, Body=data)
    return key.rsplit("/", 1)[-1]


def test_till_totals_are_tried_then_imported(manager: Browser, pa: FakePlatform) -> None:
    """Wrong rows say why and hold their total back; right ones are kept, and shown."""
    settle(manager)
    rows = (
        "DATE;CATÉGORIE;TAUX;TOTAL HT;TVA;NOMBRE D’OPÉRATIONS",
        "03/11/2026;TLB1;20;500,00;100,00;7",
        "03/11/2026;TLB1;5,5;100,00;5,50;",
        "04/11/2026;TPS1;20;100,00;20,00;1",
        "04/11/2026;TPS1;10;100,00;99,00;1",
        "31/02/2026;TLB1;20;1;0,20;1",
        "05/11/2026;XXX;77;abc;1;-1",
        "05/12/2026;TLB1;20;1;0,20;1",
        "03/11/2026;TLB1;20;1,00;0,20;7",
    )
    name = upload(manager, "\n".join((rows[0], *rows[1:-1])).encode())
    tried = manager.get(f"{PATH}/caisse/importer?fichier={name}")
    for words in ("Rien n’est encore écrit", "garder : 1", "corriger : 5", "leur total attend",
                  "pas celle du taux", "date est à venir", "Catégorie inconnue",
                  "lignes à corriger"):  # fmt: skip
        assert words in tried.text
    assert "Aucun total" in manager.get(f"{PATH}/caisse").text
    done = manager.post(f"{PATH}/caisse/importer", {"fichier": name})
    assert "Import terminé" in done.text
    shown = manager.get(f"{PATH}/caisse").text
    assert "500,00" in shown
    assert "5,5" in shown
    manager.world.deliver()
    assert FilingState.READY is last(manager.world).state
    same = manager.get(f"{PATH}/caisse/importer?fichier={name}").text
    assert "garder : 0" in same

    doubled = upload(manager, "\n".join((rows[0], rows[1], rows[-1])).encode())
    assert "déjà à la ligne 2" in manager.get(f"{PATH}/caisse/importer?fichier={doubled}").text
    other = upload(manager, b"a;b\n1;2")
    assert manager.get(f"{PATH}/caisse/importer?fichier={other}").status == 422
    gone = {"day": "2026-11-03", "category": "TLB1"}
    assert manager.post(f"{PATH}/caisse/retirer", gone).status == 303
    assert "Aucun total" in manager.get(f"{PATH}/caisse").text
    assert manager.post(f"{PATH}/caisse/retirer", {"day": "x"}).status == 404
    assert manager.get(f"{PATH}/caisse/modele").status == 303


def test_a_spreadsheet_of_the_model_is_imported(manager: Browser, pa: FakePlatform) -> None:
    """As a spreadsheet writes it: dates and numbers of its own, the example row left out."""
    settle(manager)
    cells = (
        tuple(till.SHEET.example.values()),
        ("2026-11-03", "services", "10", "-100.00", "-10.00", ""),
    )
    data = spreadsheet.to_xlsx("Caisse", tuple(till.SHEET.columns.values()), cells)
    name = upload(manager, data)
    assert "garder : 1" in manager.get(f"{PATH}/caisse/importer?fichier={name}").text
    manager.post(f"{PATH}/caisse/importer", {"fichier": name})
    (kept,) = till.kept(manager.world.caller, manager.world.context)
    assert (Category.SERVICES, None, "-10.00") == (
        kept.category, kept.count, str(kept.rates[0].tax_eur),
    )  # fmt: skip


def test_a_period_declared_elsewhere_is_marked_and_taken_back(
    manager: Browser, pa: FakePlatform
) -> None:
    """A wrong day is shown again; who, when and the note are on the page; the mention goes."""
    settle(manager)
    keep(manager.world, "V1")
    assert manager.post(f"{PATH}/{SALES}/preparer").status == 303
    manager.world.deliver()
    assert "E-reporting : à transmettre avant le 20/11/2026" in manager.get("/").text
    wrong = manager.post(f"{PATH}/{SALES}/ailleurs", {"day": "2026-11-02", "note": "x"})
    assert (wrong.status, "Indiquez le jour" in wrong.text) == (422, True)
    said = {"day": "2026-11-15", "note": "<b>Caisse</b> n° 12"}
    assert manager.post(f"{PATH}/{SALES}/ailleurs", said).status == 303
    page = manager.get(f"{PATH}/{SALES}")
    for words in ("Déclarée ailleurs", "15/11/2026", "Annuler cette mention"):
        assert words in page.text
    assert "À remettre au plus tard" not in page.text  # nothing is due any more
    assert "<b>Caisse</b>" not in page.body
    journal = manager.get("/parametres/journal")
    assert "Ventes du 01/11/2026 au 10/11/2026 : période marquée" in journal.text
    assert "« déclarée ailleurs » le 15/11/2026" in journal.text
    assert "<b>Caisse</b> n° 12" in journal.text  # the note, as text
    assert "<b>Caisse</b>" not in journal.body
    assert "E-reporting :" not in manager.get("/").text
    assert manager.post(f"{PATH}/{SALES}/ailleurs", {"retirer": "1"}).status == 303
    manager.world.deliver()
    assert FilingState.READY is last(manager.world).state
    assert "À remettre au plus tard" in manager.get(f"{PATH}/{SALES}").text
    assert manager.post(f"{PATH}/{SALES}/ailleurs", {"retirer": "1"}).status == 409


def test_a_refund_asks_which_collection_it_takes_back(manager: Browser, pa: FakePlatform) -> None:
    """The page names it and offers the days when money came in before; the answer is kept."""
    world = manager.world
    settle(manager)
    came(
        world, "V1", ("120.00", date(2026, 10, 5)), ("-20.00", date(2026, 11, 9)),
        issued=date(2026, 10, 2),
    )  # fmt: skip
    assert manager.post(f"{PATH}/{PAID}/preparer").status == 303
    world.deliver()
    page = manager.get(f"{PATH}/{PAID}")
    for words in ("Remboursement de 20,00 € le 09/11/2026", "l’encaissement du 05/10/2026"):
        assert words in page.text
    odd = {"document": "V1", "day": "2026-11-09", "told_on": "2026-10-06"}
    assert manager.post(f"{PATH}/{PAID}/rembourser", odd).status == 422
    assert manager.post(f"{PATH}/{PAID}/rembourser", {**odd, "day": "hier"}).status == 404
    told = {**odd, "told_on": "2026-10-05"}
    assert manager.post(f"{PATH}/{PAID}/rembourser", told).status == 303
    world.deliver()
    assert "Remboursement de" not in manager.get(f"{PATH}/{PAID}").text


def test_money_far_beyond_its_invoice_is_asked_about_on_the_page(
    manager: Browser, pa: FakePlatform
) -> None:
    """The sum, the invoice's total, a choice; what was said is shown and may be taken back."""
    world = manager.world
    settle(manager)
    came(world, "V1", ("5000230.00", date(2026, 11, 5)), issued=date(2026, 11, 2))
    manager.post(f"{PATH}/{PAID}/preparer")
    world.deliver()
    page = manager.get(f"{PATH}/{PAID}")
    for words in (
        "5 000 230,00 € encaissés pour une facture de 120,00 €",
        "par un remboursement du même jour",
    ):
        assert words in page.text.replace("\u202f", " ").replace("\u00a0", " ")
    said = page.one("//select[@name='collected']/option[2]").get("value")
    assert "5000230.00" == said
    assert manager.post(f"{PATH}/{PAID}/repondre", {"document": "V1"}).status == 422
    for odd in ("beaucoup", "9" * 15):
        wrong = manager.post(f"{PATH}/{PAID}/repondre", {"document": "V1", "collected": odd})
        assert (wrong.status, "pas un montant" in wrong.text) == (422, True)
    right = {"document": "V1", "collected": said}
    assert manager.post(f"{PATH}/{PAID}/repondre", right).status == 303
    world.deliver()
    told = manager.get(f"{PATH}/{PAID}")
    assert "Vos réponses sur cette période (1)" in told.text
    assert "pour une facture de" not in told.text
    assert manager.post(f"{PATH}/{PAID}/repondre", {**right, "collected": "0"}).status == 303
    world.deliver()
    assert "pour une facture de" in manager.get(f"{PATH}/{PAID}").text


def test_reminders_and_forwarding_are_chosen(manager: Browser, pa: FakePlatform) -> None:
    """A number of days of the list; anything else is shown again."""
    settle(manager)
    where = f"{PATH}/reglages/rappels"
    assert manager.post(where, {"remind": "5", "forward": "oui"}).status == 303
    held = manager.world.context.ereporting.settings(manager.world.dossier)
    assert (held.remind, held.forward) == (5, True)
    for wrong in ("0", "4", "x", "-1"):
        assert manager.post(where, {"remind": wrong}).status == 422
    page = manager.get(f"{PATH}/reglages")
    assert "5" == page.one("//select[@name='remind']/option[@selected]").get("value")


def test_answers_are_downloaded_as_they_came(manager: Browser, pa: FakePlatform) -> None:
    """Each by its place; nothing beyond them."""
    world = manager.world
    settle(manager)
    connect(manager)
    keep(world, "V1")
    assert manager.post(f"{PATH}/{SALES}/preparer").status == 303
    world.deliver()
    pa.refuses = "FlowTypeError"
    turn = manager.get(f"{PATH}/{SALES}").one("//input[@name='turn']").get("value")
    assert manager.post(f"{PATH}/{SALES}/envoyer", {"turn": turn}).status == 303
    world.deliver()
    page = manager.get(f"{PATH}/{SALES}").text
    for words in ("Rejetée", "accusé de la plateforme", "scellé jusqu’au"):
        assert words in page
    assert manager.get(f"{PATH}/{SALES}/reponse/1/1").status == 303
    for beyond in ("1/2", "2/1", "1/0", "x/1"):
        assert manager.get(f"{PATH}/{SALES}/reponse/{beyond}").status == 404


def test_the_firms_portfolio_says_what_a_dossier_has_to_send(
    manager: Browser, pa: FakePlatform
) -> None:
    """Counted with the rest: amber before the last day, red after it; the entry leads there."""
    world = manager.world
    settle(manager)
    keep(world, "V1")
    assert manager.post(f"{PATH}/{SALES}/preparer").status == 303
    world.deliver()
    person = world.context.identity.create("cab@x.fr", "Paule", "une longue phrase de passe")
    made = Firm(id="f1", name="Cabinet", siren="900000001")
    head = FirmMember(
        firm="f1", user=person.subject, email="cab@x.fr", name="Paule", role=FirmRole.HEAD
    )
    link = Link(
        firm="f1", firm_name="Cabinet", dossier=world.dossier, dossier_name="Maison Delorme",
        siren="300000007", state=LinkState.ACTIVE, role=Role.ACCOUNTANT, since=world.clock.now(),
    )  # fmt: skip
    changes = PeopleChanges(firm=made, firm_members=(head,), links=(link,))
    world.context.people.commit(changes)
    for words, days in (("e-reporting avant le 20/11/2026", 0), ("e-reporting en retard", 1)):
        world.clock.pass_(days=days, minutes=2)
        firms.count_waiting(CountWaiting(firm="f1"), world.context)
        firm = Browser(world)
        firm.get("/connexion")
        typed = {"email": "cab@x.fr", "password": "une longue phrase de passe"}
        assert firm.post("/connexion", typed).status == 303
        page = firm.get("/cabinet")
        assert words in page.text
        (entry,) = page.page.xpath(f"//form[@action='/vers/{world.dossier}/e-reporting']")
        assert "Maison Delorme" in entry.text_content()
    assert PATH == firm.post(f"/vers/{world.dossier}/e-reporting").location


@pytest.mark.parametrize(
    ("reason", "message", "told"),
    [
        ("REJ_PER", "Période", ["Vérifiez le régime de TVA"]),
        ("REJ_COH, REJ_UNI", "", ["la base et la TVA par taux", "a déjà un fichier"]),
        ("REJ_SEMAN", "[G1.40] exemption without its code", ["Une donnée manque", "exonération"]),
        ("IRR_SYNTAX, IRR_TAILLE_F", "", ["n’a pas pu être lu"]),
        ("INCONNU", "G9.99 and AG1.40x", ["Lisez le message ci-dessus"]),
    ],
)
def test_a_rejected_file_says_what_to_change(
    manager: Browser, pa: FakePlatform, reason: str, message: str, told: list[str]
) -> None:
    """A sentence for each known reason and rule, once; for the others what always helps."""
    settle(manager)
    keep(manager.world, "V1")
    manager.post(f"{PATH}/{SALES}/preparer")
    manager.world.deliver()
    values = {"status": "301", "reason": reason, "message": message}
    fault = Fault(code="ereporting.rejected", values=values)
    moved(
        manager.world.dossier,
        last(manager.world).id,
        manager.world.context,
        lambda one: replace(one, state=FilingState.REJECTED, failure=fault),
    )
    shown = manager.get(f"{PATH}/{SALES}")
    notice = shown.one("//*[strong='Que changer ?']/parent::div")
    said = [" ".join(one.text_content().split()) for one in notice.xpath(".//li")]
    assert len(told) == len(said)
    assert all(words in sentence for words, sentence in zip(told, said, strict=True))
