"""The notifications page and the links of mails, through the pages."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from facteur.domain.attention import Block, Feedback, Frequency, fed_back
from facteur.domain.commands import AskApproval
from facteur.domain.documents import Approver, Document, State, Summary
from facteur.domain.dossiers import Caller, Role
from facteur.domain.faults import Fault
from facteur.ports import Company, Person
from facteur.services.access.limits import ATTEMPTS_PER_ADDRESS
from facteur.services.notifications.mailing import unsubscribe_link
from facteur.services.people import dossiers
from facteur.services.run import run

from tests.services.world import World
from tests.web.browser import FORM, Browser, Letters, keep

PAGE = "/parametres/notifications"
OUTSIDE = "chef@voisin.example"


@pytest.fixture
def letters(world: World) -> Letters:
    """What was mailed."""
    made = Letters()
    world.with_(mailer=made)
    return made


def form(**changes: str) -> Mapping[str, str]:
    return {
        "waiting_frequency": "never",
        "waiting_address": "a@b.fr",
        "errors_frequency": "daily",
        "errors_address": "a@b.fr",
        **changes,
    }


def held(world: World) -> tuple[Block, Block]:
    settings = world.context.notifications.settings(world.dossier, "u1")
    assert settings is not None
    return settings.waiting, settings.errors


# ── The page ────────────────────────────────────────────────────────────────────────────────────


def test_the_page_shows_two_blocks_with_the_account_s_address(manager: Browser) -> None:
    """JF-70, JF-71: both titles, five frequencies each, the e-mail filled in, « Enregistrer »."""
    page = manager.get(PAGE)
    assert "NOTIFICATIONS PAR DÉFAUT" in page.text
    assert "NOTIFICATIONS D’ERREURS" in page.text
    for topic in ("waiting", "errors"):
        options = page.page.xpath(f"//select[@name='{topic}_frequency']/option")
        labels = ["Jamais", "Immédiate", "Horaire", "Quotidienne", "Hebdomadaire"]
        assert [one.text for one in options] == labels
        assert page.one(f"//input[@name='{topic}_address']").get("value") == "a@b.fr"
    assert PAGE in manager.get("/parametres").body


def test_both_blocks_are_saved_apart_and_the_journal_tells(
    world: World, manager: Browser, letters: Letters
) -> None:
    """Par défaut « Jamais », erreurs « Quotidien »; no mail for one's own address."""
    reply = manager.post(PAGE, form())
    assert reply.location == f"{PAGE}?fait=notifications"
    assert held(world) == (Block(frequency=Frequency.NEVER), Block(frequency=Frequency.DAILY))
    (entry,) = world.context.journal.entries(world.dossier)
    assert (entry.what, entry.by) == ("notifications.chosen", "u1")
    world.deliver()
    assert letters.sent == []


@pytest.mark.parametrize("role", [Role.READER, Role.ACCOUNTANT, Role.STAFF])
def test_everybody_chooses_for_themselves(world: World, manager: Browser, role: Role) -> None:
    """Whatever the role; and nothing is saved for anybody else."""
    other = manager.as_role(role)
    assert other.post(PAGE, form(waiting_frequency="hourly")).status == 303
    assert world.context.notifications.settings(world.dossier, "u1") is None
    mine = world.context.notifications.settings(world.dossier, "u2")
    assert mine is not None
    assert mine.waiting.frequency is Frequency.HOURLY


def test_another_address_is_written_to_once_it_agreed(
    world: World, manager: Browser, letters: Letters
) -> None:
    """A link by mail; GET shows, POST confirms, once; until then the former address goes on."""
    reply = manager.post(PAGE, form(errors_address="Compta@X.fr"))
    assert reply.location.endswith("fait=notifications_confirm")
    assert held(world)[1] == Block(frequency=Frequency.DAILY, pending="compta@x.fr")
    world.deliver()
    (mail,) = letters.sent
    assert mail.to == "compta@x.fr"
    stranger = Browser(world)
    link = letters.link()
    token = link.split("jeton=")[1]
    for _twice in range(2):
        assert "compta@x.fr" in stranger.get(link).text
    assert held(world)[1].address == ""
    assert stranger.post("/notifications/confirmer", {"jeton": token}, csrf="faux").status == 403
    assert "Adresse confirmée" in stranger.post("/notifications/confirmer", {"jeton": token}).text
    assert held(world)[1] == Block(frequency=Frequency.DAILY, address="compta@x.fr")
    assert stranger.post("/notifications/confirmer", {"jeton": token}).status == 404
    assert stranger.get(link).status == 404


def test_a_link_for_an_address_that_was_given_up_confirms_nothing(
    world: World, manager: Browser, letters: Letters
) -> None:
    """Whoever typed another address meanwhile decides."""
    manager.post(PAGE, form(errors_address="compta@x.fr"))
    world.deliver()
    token = letters.link().split("jeton=")[1]
    manager.post(PAGE, form())
    stranger = Browser(world)
    stranger.get("/connexion")
    assert stranger.post("/notifications/confirmer", {"jeton": token}).status == 404
    assert held(world)[1].address == ""


def test_a_link_of_confirmation_ends(world: World, manager: Browser, letters: Letters) -> None:
    """After three days; « Renvoyer » mails another."""
    manager.post(PAGE, form(errors_address="compta@x.fr"))
    world.deliver()
    link = letters.link()
    world.clock.pass_(days=3, seconds=1)
    assert Browser(world).get(link).status == 404
    manager.sign_in()
    assert manager.post(f"{PAGE}/renvoyer").status == 303
    world.deliver()
    assert len(letters.sent) == 2
    assert Browser(world).get(letters.link()).status == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"waiting_frequency": "hourly\r\nBcc: x@y.fr"}, "waiting_frequency"),
        ({"errors_frequency": ""}, "errors_frequency"),
        ({"errors_address": "pas une adresse"}, "errors_address"),
        ({"errors_address": "a@b.fr\r\nBcc: x@y.fr"}, "errors_address"),
        ({"waiting_address": "x" * 300 + "@y.fr"}, "waiting_address"),
        ({"waiting_address": '"><script>alert(1)</script>@y.fr'}, "waiting_address"),
    ],
)
def test_what_is_no_choice_is_said_beside_its_field(
    world: World, manager: Browser, changes: Mapping[str, str], field: str
) -> None:
    """Nothing is saved, nothing typed becomes an element or a header."""
    reply = manager.post(PAGE, form(**changes))
    assert reply.status == 422
    assert reply.one(f"//*[@id='{field}-fault']").text_content()
    assert "<script>alert" not in reply.body
    assert world.context.notifications.settings(world.dossier, "u1") is None


def test_addresses_are_not_tried_without_end(world: World, manager: Browser) -> None:
    """Nobody makes us write to a list of strangers."""
    statuses = [
        manager.post(PAGE, form(errors_address=f"n{number}@x.fr")).status for number in range(12)
    ]
    assert statuses[:10] == [303] * 10
    assert statuses[-1] == 429


# ── What came back ──────────────────────────────────────────────────────────────────────────────


def block(world: World, address: str, what: Feedback = Feedback.HARD) -> None:
    notifications = world.context.notifications
    mailing = notifications.mailing(address)
    notifications.save_mailing(fed_back(mailing, what, "n1", at=world.clock.now()))


@pytest.mark.parametrize(
    ("what", "words"), [(Feedback.HARD, "revenu"), (Feedback.COMPLAINT, "indésirable")]
)
def test_an_address_that_takes_no_mail_is_shown_and_reactivated(
    world: World, manager: Browser, what: Feedback, words: str
) -> None:
    """Its owner sees why, and takes it back; nobody reactivates another's address."""
    block(world, "a@b.fr", what)
    assert words in manager.get(PAGE).text
    assert manager.post(f"{PAGE}/reactiver", {"address": "x@y.fr"}).status == 404
    assert world.context.notifications.mailing("a@b.fr").blocked
    assert manager.post(f"{PAGE}/reactiver", {"address": "a@b.fr"}).status == 303
    assert not world.context.notifications.mailing("a@b.fr").blocked
    assert "Réactiver" not in manager.get(PAGE).text


THIRD = "tiers@ailleurs.example"


def _of_a_third(world: World, manager: Browser, letters: Letters) -> None:
    """Errors go to somebody else, who confirmed it."""
    manager.post(PAGE, form(errors_address=THIRD))
    world.deliver()
    _confirmed(world, letters)
    assert THIRD == held(world)[1].address


def _confirmed(world: World, letters: Letters) -> int:
    browser, link = Browser(world), letters.link()
    browser.get(link)
    return browser.post("/notifications/confirmer", {"jeton": link.split("jeton=")[1]}).status


def test_who_unsubscribed_is_asked_before_anything_arrives_again(
    world: World, manager: Browser, letters: Letters
) -> None:
    """« Demander son accord » mails a link and changes nothing else; its owner alone takes up."""
    _of_a_third(world, manager, letters)
    unsubscribe = unsubscribe_link(THIRD, [world.dossier], world.context)
    Browser(world).post(unsubscribe.removeprefix(world.context.site_url), csrf="")
    assert "Demander son accord" in manager.get(PAGE).text
    letters.sent.clear()
    reply = manager.post(f"{PAGE}/reactiver", {"address": THIRD})
    assert reply.location == f"{PAGE}?fait=notifications_asked"
    assert not world.context.notifications.mailing(THIRD).takes_digests
    assert ("", THIRD) == (held(world)[1].address, held(world)[1].pending)
    assert "d’ici là, ces messages vont à a@b.fr" in manager.get(PAGE).text
    world.deliver()
    assert [THIRD] == [one.to for one in letters.sent]
    assert _confirmed(world, letters) == 200
    assert world.context.notifications.mailing(THIRD).takes_digests
    assert (THIRD, "") == (held(world)[1].address, held(world)[1].pending)
    told = [one.what for one in world.context.journal.entries(world.dossier)]
    assert "notifications.asked_again" in told
    assert "notifications.reactivated" not in told


def test_somebody_else_s_complaint_is_never_lifted(
    world: World, manager: Browser, letters: Letters
) -> None:
    """No button; a forged click is refused, also once a mail came back as well."""
    _of_a_third(world, manager, letters)
    block(world, THIRD, Feedback.COMPLAINT)
    page = manager.get(PAGE)
    assert "Qui la lit peut seul revenir dessus" in page.text
    assert not page.page.xpath("//form[contains(@action,'reactiver')]")
    for _also in range(2):
        reply = manager.post(f"{PAGE}/reactiver", {"address": THIRD})
        assert reply.status == 409
        shown = reply.one("//select[@id='errors_frequency']/option[@selected]")
        assert shown.text == "Quotidienne"  # the page's own form stays as it is
        assert "complaint" == world.context.notifications.mailing(THIRD).blocked
        mailing = world.context.notifications.mailing(THIRD)
        came_back = fed_back(mailing, Feedback.HARD, "n2", at=world.clock.now())
        world.context.notifications.save_mailing(came_back)


def test_somebody_else_s_address_that_came_back_is_written_one_link(
    world: World, manager: Browser, letters: Letters
) -> None:
    """The box exists again, says Alice: it is asked; what it unsubscribed from stays so."""
    _of_a_third(world, manager, letters)
    mailing = world.context.notifications.mailing(THIRD)
    gone = replace(mailing, unsubscribed_at=world.clock.now())
    world.context.notifications.save_mailing(gone)
    block(world, THIRD)
    letters.sent.clear()
    assert manager.post(f"{PAGE}/reactiver", {"address": THIRD}).status == 303
    assert not world.context.notifications.mailing(THIRD).takes_digests
    world.deliver()
    assert [THIRD] == [one.to for one in letters.sent]


def test_a_full_box_is_counted_and_still_written_to(world: World, manager: Browser) -> None:
    """Soft bounces block nothing; the page tells how many."""
    block(world, "a@b.fr", Feedback.SOFT)
    assert "1 message n’a pas pu être remis à a@b.fr" in manager.get(PAGE).text
    assert world.context.notifications.mailing("a@b.fr").takes_digests


def test_an_invitation_to_an_address_that_takes_no_mail_is_refused_with_its_reason(
    world: World, manager: Browser, letters: Letters
) -> None:
    """PE-24: whoever invites is told; nothing is sent, nobody is invited."""
    block(world, "zoe@x.fr")
    typed = {"email": "zoe@x.fr", "name": "Zoé", "role": "reader"}
    reply = manager.post("/parametres/membres/inviter", typed)
    assert reply.status == 422
    assert "sont revenus" in reply.text
    world.deliver()
    assert letters.sent == []
    block(world, "compta@x.fr")
    reply = manager.post(PAGE, form(errors_address="compta@x.fr"))
    assert "sont revenus" in reply.one("//*[@id='errors_address-fault']").text_content()


# ── Unsubscribing ───────────────────────────────────────────────────────────────────────────────


def test_unsubscribing_takes_one_click_and_no_session(world: World) -> None:
    """GET shows a button and changes nothing; POST acts; a stranger's token does nothing."""
    address = unsubscribe_link("a@b.fr", [world.dossier], world.context)
    path = address.removeprefix(world.context.site_url)
    browser = Browser(world)
    page = browser.get(path)
    assert page.one("//form").get("action") == path
    assert world.context.notifications.mailing("a@b.fr").takes_digests
    assert "ne reçoit plus" in browser.post(path, csrf="").text
    assert not world.context.notifications.mailing("a@b.fr").takes_digests
    assert browser.post("/desabonnement/inconnu", csrf="").status == 404
    assert browser.get("/desabonnement/inconnu").status == 404


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x"])
def test_a_mail_program_unsubscribes_without_a_page(world: World, kind: str) -> None:
    """RFC 8058: one POST, either encoding, no cookie, from another site."""
    address = unsubscribe_link("a@b.fr", [], world.context)
    path = address.removeprefix(world.context.site_url)
    body = b"List-Unsubscribe=One-Click"
    headers = {"content-type": kind, "sec-fetch-site": "cross-site"}
    assert Browser(world).request("POST", path, body, headers).status == 200
    assert world.context.notifications.mailing("a@b.fr").unsubscribed_at is not None


# ── Where digests lead ──────────────────────────────────────────────────────────────────────────


def test_a_link_of_a_digest_opens_the_right_dossier(world: World, manager: Browser) -> None:
    """At once when it is open; else after a click; another's dossier does not exist."""
    here = world.dossier
    assert manager.get(f"/vers/{here}/a-accepter").location == "/achats?onglet=a-accepter"
    assert manager.get(f"/vers/{here}/n1").location == "/factures/n1"
    anne = Person(subject="u1", email="a@b.fr", name="Anne")
    other = dossiers.create(Company(siren="300010006", name="Atelier"), anne, world.context)
    page = manager.get(f"/vers/{other.id}/quarantaine")
    assert "Atelier" in page.text
    assert "Maison Delorme" in manager.get("/").text
    reply = manager.post(f"/vers/{other.id}/quarantaine")
    assert reply.location == "/achats?onglet=quarantaine"
    assert "Atelier" in manager.get("/").text
    boss = Person(subject="boss", email="b@c.fr", name="B")
    third = dossiers.create(Company(siren="552100554", name="Secret"), boss, world.context)
    assert manager.get(f"/vers/{third.id}/a-accepter").status == 404
    assert manager.post(f"/vers/{third.id}/a-accepter").status == 404
    away = manager.get(f"/vers/{other.id}/%2F%2Fevil.example")
    assert away.location.startswith("/factures/")


# ── An outside approver ─────────────────────────────────────────────────────────────────────────


def stopped(world: World, **changes: object) -> Document:
    """An invoice that waits for somebody without an account."""
    outside = Approver(id=f"mail:{OUTSIDE}", email=OUTSIDE)
    summary = Summary(kind="invoice", number="F-9", seller_name="Vasseur <b>", total_incl_vat=None)
    fields = {"circuit": "Direction", "approvers": (outside,), "summary": summary, "pages": 2}
    return keep(world, State.TO_ACCEPT, **{**fields, **changes})  # type: ignore[arg-type]


def asked(world: World, letters: Letters, document: Document) -> str:
    """The path that the approver was mailed."""
    run(AskApproval(dossier=world.dossier, document=document.id), world.context)
    assert letters.sent[-1].to == OUTSIDE
    found = re.search(r"(/approbation/\S+)", letters.sent[-1].text)
    assert found is not None
    return found[1]


def test_an_outside_approver_sees_the_invoice_and_agrees(world: World, letters: Letters) -> None:
    """PE-01: without account; the last approval accepts; the history says who; once."""
    document = stopped(world)
    path = asked(world, letters, document)
    browser = Browser(world)
    page = browser.get(path)
    assert "Vasseur <b>" in page.text
    assert "F-9" in page.text
    assert len(page.page.xpath("//figure//img")) == 2
    version = page.page.xpath("//input[@name='version']")[0].get("value")
    sent = {"version": version, "action": "approve"}
    assert browser.post(path, sent, csrf="faux").status == 403
    assert "votre accord est enregistré" in browser.post(path, sent).text
    assert world.document(document.id).state in (State.ACCEPTED, State.ARCHIVED)
    assert world.document(document.id).approvals[0].by == f"mail:{OUTSIDE}"
    history = world.context.store.history(document.ref)
    assert OUTSIDE in {one.event.by_name for one in history}
    for spent in (browser.get(path), browser.post(path, sent)):
        assert spent.status == 410
        assert "Facture F-9 : vous l’avez approuvée le 20/11/2026 à" in spent.text
        assert "Ce lien ne sert qu’une fois" in spent.text
        assert "Vasseur" not in spent.text
    world.clock.pass_(days=31)
    assert browser.get(path).status == 404


def test_an_outside_approver_refuses_with_a_reason(world: World, letters: Letters) -> None:
    """Without a reason nothing is decided, and the link stays good."""
    document = stopped(world)
    path = asked(world, letters, document)
    browser = Browser(world)
    browser.get(path)
    form_ = {"version": "1", "action": "refuse", "reason": "", "comment": "<i>non</i>"}
    reply = browser.post(path, form_)
    assert reply.status == 422
    assert reply.one("//*[@id='reason-fault']").text_content()
    assert "<i>non" not in reply.body
    done = browser.post(path, {**form_, "reason": "DOUBLON"})
    assert "votre refus est enregistré" in done.text
    kept = world.document(document.id)
    assert (kept.state, kept.refusal) == (State.REFUSED, "DOUBLON")
    assert "Facture F-9 : vous l’avez refusée le" in browser.get(path).text


def test_what_changed_since_the_page_was_shown_is_not_approved(
    world: World, letters: Letters
) -> None:
    """The page says so and the link stays good."""
    document = stopped(world)
    path = asked(world, letters, document)
    browser = Browser(world)
    browser.get(path)
    assert browser.post(path, {"version": "0", "action": "approve"}).status == 409
    assert browser.get(path).status == 200
    assert browser.post(path, {"version": "1", "action": "autre"}).status == 422
    assert world.document(document.id).state is State.TO_ACCEPT


def test_a_link_dies_when_the_document_moves_on_or_time_passes(
    world: World, letters: Letters, manager: Browser
) -> None:
    """Refused meanwhile, taken out of its circuit, or ten days later."""
    first, second, third = stopped(world), stopped(world), stopped(world)
    paths = [asked(world, letters, one) for one in (first, second, third)]
    refused = {"version": "1", "reason": "DOUBLON"}
    assert manager.post(f"/factures/{first.id}/refus", refused).status == 303
    assert manager.post(f"/factures/{second.id}/circuit", {"version": "1"}).status == 303
    browser = Browser(world)
    assert [browser.get(one).status for one in paths] == [410, 410, 200]
    assert "Votre accord n’est plus attendu" in browser.get(paths[0]).text
    world.clock.pass_(days=10, seconds=1)
    assert browser.get(paths[2]).status == 404


def test_a_link_mailed_again_makes_the_former_one_worthless(
    world: World, letters: Letters, manager: Browser
) -> None:
    """The gérant's button; nobody else's; not for what waits for no outside approver."""
    document = stopped(world)
    path = asked(world, letters, document)
    assert OUTSIDE in manager.get(f"/factures/{document.id}").text
    button = f"/factures/{document.id}/approbation"
    assert manager.post(button).location.endswith("fait=approval_sent")
    world.deliver()
    assert len(letters.sent) == 2
    former = Browser(world).get(path)
    assert former.status == 410
    assert "Un lien plus récent vous a été envoyé" in former.text
    block(world, OUTSIDE)
    assert manager.post(button).status == 422
    plain = stopped(world, approvers=(Approver(id="u1", name="Anne"),))
    assert manager.post(f"/factures/{plain.id}/approbation").status == 409
    assert manager.as_role(Role.STAFF).post(button).status == 403


def test_an_outside_approver_is_offered_what_he_may_do(world: World, letters: Letters) -> None:
    """What was noticed is told to who may approve all the same; who may not finds no button."""
    agree = "//button[@value='approve']"
    wrong = (Fault(code="buyer.other", path="buyer_name"),)
    kept = stopped(world, faults=wrong)
    page = Browser(world).get(asked(world, letters, kept))
    assert "semble être une autre entreprise" in page.text
    assert page.page.xpath(agree)
    frozen = stopped(world, faults=(Fault(code="iban.changed", path="iban"),))
    page = Browser(world).get(asked(world, letters, frozen))
    assert "ne peut pas être approuvée" in page.text
    assert not page.page.xpath(agree)
    assert page.page.xpath("//button[@value='refuse']")


def test_a_made_up_link_opens_nothing_and_is_throttled(world: World) -> None:
    """Guessing ends after a while, by network address; a true link of another kind is one."""
    browser = Browser(world)
    other = unsubscribe_link("a@b.fr", [], world.context).rpartition("/")[2]
    assert browser.get(f"/approbation/{other}").status == 404
    statuses = [
        browser.get(f"/approbation/inconnu{number}").status
        for number in range(ATTEMPTS_PER_ADDRESS)
    ]
    assert {404} == set(statuses[:-1])
    assert statuses[-1] == 429


def test_another_dossier_s_approvals_are_not_asked_again(
    world: World, letters: Letters, manager: Browser
) -> None:
    """404, and no mail."""
    boss = Person(subject="boss", email="b@c.fr", name="B")
    there = dossiers.create(Company(siren="300010006", name="Atelier"), boss, world.context)
    elsewhere = replace(world, caller=Caller(user="boss", name="", dossier=there.id))
    document = stopped(elsewhere)
    assert manager.post(f"/factures/{document.id}/approbation").status == 404
    world.clock.pass_(seconds=timedelta(minutes=1).total_seconds())
    world.deliver()
    assert letters.sent == []
