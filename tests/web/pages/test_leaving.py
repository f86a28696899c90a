"""Who leaves a dossier leaves nothing open behind: told before, ended, shown after."""

from dataclasses import replace

import pytest
from facteur.domain.commands import Deliver, ForwardDocument
from facteur.domain.documents import Approver, Direction, State
from facteur.domain.dossiers import Role
from facteur.domain.errors import ForbiddenError
from facteur.domain.forwarding import DeliveryState, delivery_id
from facteur.domain.hooks import Hook
from facteur.ports import Mail
from facteur.services.programs import keys
from facteur.services.run import run

from tests.services.world import START, World
from tests.web.browser import Browser, Letters, keep
from tests.web.pages.test_people import firm, letters
from tests.web.pages.test_preferences import PATH as CIRCUITS

__all__ = ["firm", "letters"]

MEMBERS, FORWARDING = "/parametres/membres", "/parametres/transmission"


def linked(world: World, firm: Browser, role: Role = Role.MANAGER) -> tuple[Browser, str]:
    """A gérant, the firm let in by him, and what unlinks it."""
    manager = Browser(world).sign_in()
    firm.post("/cabinet/dossiers/demander", {"asked_siren": "300000007"})
    page = manager.get(MEMBERS).page
    accept = str(page.xpath("//form[contains(@action,'/accepter')]/@action")[0])
    assert manager.post(accept, {"role": role.value}).status == 303
    assert firm.post(f"/dossiers/{world.dossier}/ouvrir").status == 303
    return manager, accept.replace("accepter", "delier")


def made(browser: Browser, name: str = "Robot") -> str:
    """The secret of a key that somebody makes on the page."""
    page = browser.get("/parametres/cles")
    choices = [str(one) for one in page.page.xpath("//input[@name='rights']/@value")]
    reply = browser.post("/parametres/cles", {"name": name, "rights": choices[-1]})
    return str(reply.one("//input[@id='cle']").get("value"))


def forwarded(browser: Browser, address: str) -> None:
    """A transmission that somebody adds."""
    form = {"direction": "purchase", "address": address, "what": "facturx"}
    assert browser.post(FORWARDING, form).status == 303


def mailed(world: World, letters: Letters, number: str) -> list[str]:
    """To whom an invoice that is archived now was mailed."""
    before = len(letters.sent)
    document = keep(world, State.ARCHIVED, id=number)
    run(ForwardDocument(dossier=world.dossier, document=document.id), world.context)
    world.deliver()
    sent: list[Mail] = letters.sent[before:]
    return [one.to for one in sent]


def test_a_firm_that_is_unlinked_keeps_neither_its_keys_nor_its_copies(
    world: World, letters: Letters, firm: Browser
) -> None:
    """Its key is refused at once, with its subscriptions; nothing is mailed to it any more.

    The page says so before, by name; what the gérant made goes on.
    """
    manager, unlink = linked(world, firm)
    theirs, ours = made(firm, "Robot du cabinet"), made(manager, "Notre logiciel")
    forwarded(firm, "paule@auclair.example")
    caller = keys.caller_of(theirs, world.context)
    world.context.hooks.save(
        Hook(dossier=world.dossier, id="h1", url="https://x.example", created_at=START,
             client=caller.user)
    )  # fmt: skip
    assert ["paule@auclair.example"] == mailed(world, letters, "d1")
    told = manager.get(MEMBERS).text.replace("\u00a0", " ")
    assert (
        "Si vous déliez ce cabinet, la clé API « Robot du cabinet » est révoquée ; plus rien ne"
        " part automatiquement vers paule@auclair.example." in told
    )
    assert "Notre logiciel" not in told  # the last gérant stays, and his key with him

    assert "firm_unlinked" in manager.post(unlink).location

    with pytest.raises(ForbiddenError):
        keys.caller_of(theirs, world.context)
    assert keys.caller_of(ours, world.context)
    assert () == world.context.hooks.of_dossier(world.dossier)
    assert [] == mailed(world, letters, "d2")
    page = manager.get(FORWARDING).text
    assert "Arrêtée" in page
    assert "Cabinet Auclair n’a plus accès au dossier" in page
    journal = {one.what for one in world.context.journal.entries(world.dossier)}
    assert {"key.ended", "forward.stopped"} <= journal
    said = manager.get("/parametres/journal").text
    assert "révoquée" in said
    assert "avec le départ de Cabinet Auclair" in said


def test_a_request_that_is_declined_ends_no_access(world: World, firm: Browser) -> None:
    """Of a firm that asked, or was asked, and was never let in: nothing is said to be revoked."""
    manager = Browser(world).sign_in()
    asks = (
        lambda: firm.post("/cabinet/dossiers/demander", {"asked_siren": "300000007"}),
        lambda: manager.post(f"{MEMBERS}/cabinet", {"firm_email": "nobody@cabinet.example"}),
    )
    for ask in asks:
        assert ask().status == 303
        unlink = manager.get(MEMBERS).one("//form[contains(@action,'/delier')]").get("action")
        reply = manager.post(str(unlink))
        assert "firm_declined" in reply.location
        told = manager.get(reply.location).text
        assert "Ce cabinet n’avait pas accès au dossier." in told
        assert "révoquées" not in told
        assert () == tuple(world.context.people.links_of_dossier(world.dossier))


def test_a_firm_that_leaves_by_itself_leaves_nothing_open_either(
    world: World, letters: Letters, firm: Browser
) -> None:
    """From its portfolio: the same."""
    linked(world, firm)
    secret = made(firm)
    forwarded(firm, "paule@auclair.example")
    leave = firm.get("/cabinet").page.xpath("//form[contains(@action,'/delier')]/@action")
    assert firm.post(str(leave[0])).status == 303
    with pytest.raises(ForbiddenError):
        keys.caller_of(secret, world.context)
    assert [] == mailed(world, letters, "d1")


def test_a_key_of_before_its_maker_was_kept_is_known_by_the_name(
    world: World, firm: Browser
) -> None:
    """« Paule Auclair (Cabinet Auclair) »: ends with the firm; one that nobody signed does not."""
    manager, unlink = linked(world, firm)
    unsigned = keys.first_key(world.dossier, "Premier", world.context)
    secret = made(firm)
    key = keys.key_of(secret, world.context)
    world.context.keys.save((replace(key, maker="", firm=""),), ())
    manager.post(unlink)
    with pytest.raises(ForbiddenError):
        keys.caller_of(secret, world.context)
    assert keys.caller_of(unsigned, world.context)


def test_what_waits_to_be_mailed_does_not_leave_once_stopped(
    world: World, letters: Letters, firm: Browser
) -> None:
    """Queued before the firm left: it fails with its reason, and is not sent again."""
    manager, unlink = linked(world, firm)
    forwarded(firm, "paule@auclair.example")
    document = keep(world, State.ARCHIVED, id="d1")
    run(ForwardDocument(dossier=world.dossier, document=document.id), world.context)
    (rule,) = world.context.forwardings.load(world.dossier).rules
    manager.post(unlink)
    before = len(letters.sent)

    world.deliver()
    name = delivery_id(document.id, rule.id)
    run(Deliver(dossier=world.dossier, delivery=name), world.context)

    assert before == len(letters.sent)
    held = world.context.forwardings.delivery(world.dossier, name)
    assert DeliveryState.FAILED is held.state
    assert "arrêtée depuis le départ" in manager.get(FORWARDING).text
    assert 409 == manager.post(f"{FORWARDING}/envois/{name}/renvoyer").status


def test_a_stopped_transmission_is_resumed_by_a_gerant_once_its_address_agrees(
    world: World, letters: Letters, firm: Browser
) -> None:
    """« Reprendre »: nobody's address here any more, so a link first; then it leaves again."""
    manager, unlink = linked(world, firm)
    forwarded(firm, "paule@auclair.example")
    manager.post(unlink)
    resume = manager.get(FORWARDING).one("//form[contains(@action,'/reprendre')]").get("action")
    assert manager.as_role(Role.ACCOUNTANT).post(resume).status == 403
    assert "forward_confirm" in manager.post(resume).location
    world.deliver()
    assert [] == mailed(world, letters, "d1")
    Browser(world).get(letters.link())
    (rule,) = world.context.forwardings.load(world.dossier).rules
    assert not rule.stopped


def test_a_member_who_is_removed_leaves_nothing_open(manager: Browser, letters: Letters) -> None:
    """His key ends, what went to his address stops; those of others stay."""
    world = manager.world
    second = manager.as_role(Role.MANAGER)
    theirs, ours = made(second, "À lui"), made(manager, "À nous")
    member = world.context.people.member(world.dossier, "u2")
    assert member is not None
    for browser, address in ((manager, member.email), (second, "a@x.fr"), (manager, "b@x.fr")):
        forwarded(browser, address)
    told = manager.get(MEMBERS).text.replace("\u00a0", " ")
    assert "Si vous retirez cette personne, la clé API « À lui » est révoquée" in told
    assert "la clé API « À nous » est révoquée" in told

    assert "member_left" in manager.post(f"{MEMBERS}/u2/retirer").location

    with pytest.raises(ForbiddenError):
        keys.caller_of(theirs, world.context)
    assert keys.caller_of(ours, world.context)
    rules = world.context.forwardings.load(world.dossier).rules
    assert [True, True, False] == [bool(one.stopped) for one in rules]


def test_a_removed_approver_is_told_before_and_shown_on_circuit_and_invoice(
    manager: Browser,
) -> None:
    """By the circuits' names; afterwards the circuit and its invoices say whom they wait for."""
    world = manager.world
    manager.as_role(Role.STAFF)
    carl = world.context.people.member(world.dossier, "u2")
    assert carl is not None
    form = [("name", "Carl seul"), ("above", "1"), ("approvers", "u2")]
    assert manager.post(f"{CIRCUITS}/circuits", form).status == 303
    document = keep(
        world, State.TO_ACCEPT, circuit="Carl seul",
        approvers=(Approver(id="u2", name=carl.name, email=carl.email),),
        direction=Direction.PURCHASE,
    )  # fmt: skip
    assert "ne peut plus approuver" not in manager.get(CIRCUITS).text
    assert "ne peut plus approuver" not in manager.get(f"/factures/{document.id}").text
    told = manager.get(MEMBERS).text.replace("\u00a0", " ")
    assert "son accord reste attendu par le circuit « Carl seul »" in told

    left = manager.post(f"{MEMBERS}/u2/retirer").location

    assert "approver_left" in left
    assert "leurs factures l’attendent" in manager.get(left).text
    shown = manager.get(CIRCUITS).text
    assert f"{carl.name} (ne peut plus approuver)" in shown
    assert "ses factures restent en attente" in shown
    page = manager.get(f"/factures/{document.id}").text
    assert f"En attente de {carl.name}, qui ne peut plus approuver" in page


def test_an_approver_who_may_decide_no_more_is_shown_too(manager: Browser) -> None:
    """Another role has the same effect as leaving."""
    manager.as_role(Role.STAFF)
    manager.post(f"{CIRCUITS}/circuits", [("name", "A"), ("above", "1"), ("approvers", "u2")])
    assert manager.post(f"{MEMBERS}/u2/role", {"role": "reader"}).status == 303
    assert "(ne peut plus approuver)" in manager.get(CIRCUITS).text
