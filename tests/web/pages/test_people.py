"""Accounts, invitations, members, firms: the whole way of each, and what is refused on it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.request import urlopen

import pytest
from facteur.domain.commands import CountWaiting, SendInvitation
from facteur.domain.dossiers import Permission, Role
from facteur.domain.errors import ForbiddenError, StaleVersionError
from facteur.domain.people import FirmMember, FirmRole, InvitationState, Waiting, of_dossier
from facteur.formats import spreadsheet
from facteur.formats.spreadsheet import Column
from facteur.ports import PeopleChanges, Person
from facteur.services.access import signing_in
from facteur.services.access.limits import MAILS_PER_PERSON, MAILS_PER_PLACE, throttle_mails
from facteur.services.people import clients_table, dossiers, firms
from facteur.services.people import members as people
from facteur.web.visit import SESSION_COOKIE
from stdnum import luhn

from tests.services.world import World
from tests.web.browser import CODE, Browser, FakeIdentity, Letters

PHRASE = "une phrase assez longue"
SIGN_UP = {
    "kind": "company",
    "siren": "300010006",
    "company": "Atelier Vermont",
    "name": "Yann Le Goff",
    "email": "yann@vermont.example",
    "action": "inscrire",
}


class Asked:
    """Stands before a port and remembers what it is asked."""

    def __init__(self, behind: object) -> None:
        self._behind = behind
        self.names: list[str] = []

    def __getattr__(self, name: str) -> object:
        self.names.append(name)
        return getattr(self._behind, name)


@pytest.fixture
def letters(world: World) -> Letters:
    """What was mailed."""
    made = Letters()
    world.with_(mailer=made)
    return made


def _signed_up(world: World, letters: Letters, **changes: str) -> Browser:
    """Somebody who signed up and chose a password."""
    browser = Browser(world)
    browser.get("/inscription")
    assert browser.post("/inscription", {**SIGN_UP, **changes}).status == 200
    world.deliver()
    link = letters.link()
    assert browser.get(link).status == 200
    token = link.split("jeton=")[1]
    reply = browser.post("/inscription/confirmer", {"jeton": token, "password": PHRASE})
    assert reply.status == 303, reply.text
    return browser


# ── Sign-up ─────────────────────────────────────────────────────────────────────────────────────


def test_a_company_signs_up_by_its_siren(world: World, letters: Letters) -> None:
    """The register completes, the mail confirms, the password opens the dossier's set-up."""
    browser = Browser(world)
    browser.get("/inscription")
    looked = browser.post("/inscription", {"siren": "300 010 006", "action": "chercher"})
    assert looked.one("//input[@name='company']").get("value") == "Atelier Vermont"
    assert "Brest" in looked.text

    browser = _signed_up(world, letters)
    assert browser.get("/bienvenue").location == "/bienvenue/identite"
    assert "Atelier Vermont" in browser.get("/").text
    assert "SIREN300010006@" in browser.get("/").text


def test_without_the_register_the_name_is_typed(world: World) -> None:
    """A register that is away, or none at all, stops nobody."""
    browser = Browser(world)
    browser.get("/inscription")
    away = browser.post("/inscription", {"siren": "300099991", "action": "chercher"})
    assert away.status == 200
    assert "saisissez le nom vous-même" in away.text
    world.with_(companies=None)
    none = Browser(world).post("/inscription", {"siren": "300099991", "action": "chercher"})
    assert none.status == 403  # no token yet: a stranger's post is refused first


def test_a_sign_up_says_everything_that_is_wrong_at_once(world: World) -> None:
    """Each fault stands beside its field; nothing is mailed."""
    browser = Browser(world)
    browser.get("/inscription")
    reply = browser.post("/inscription", {"kind": "roi", "siren": "123", "action": "inscrire"})
    assert reply.status == 422
    for name in ("siren", "company", "name", "email"):
        assert reply.one(f"//input[@name='{name}']").get("aria-invalid") == "true"
    assert not world.queue.sent


def test_a_taken_siren_makes_no_second_dossier(world: World, letters: Letters) -> None:
    """The link holds, the account is not made, and the page says whom to ask."""
    browser = Browser(world)
    browser.get("/inscription")
    browser.post("/inscription", {**SIGN_UP, "siren": "300000007"})
    world.deliver()
    token = letters.link().split("jeton=")[1]
    browser.get(letters.link())
    reply = browser.post("/inscription/confirmer", {"jeton": token, "password": PHRASE})
    assert reply.status == 409
    assert "demandez une invitation" in reply.text
    assert world.context.identity.find("yann@vermont.example") is None


def test_closed_installations_take_nobody_by_themselves(world: World) -> None:
    """By invitation only: the page says so and the form is refused."""
    browser = Browser(world)
    open_site = browser.site
    browser.site = lambda: replace(open_site(), sign_up_open=False)  # type: ignore[method-assign]
    Browser.__post_init__(browser)
    assert "on entre par invitation" in browser.get("/inscription").text
    browser.jar["facteur_form"] = "x"
    assert browser.post("/inscription", SIGN_UP, csrf="x").status == 403


def test_nobody_learns_who_has_an_account(world: World, letters: Letters) -> None:
    """Sign-up and reset answer alike for known and unknown addresses, after the same work."""
    _signed_up(world, letters)
    pages: dict[str, set[str]] = {"/inscription": set(), "/mot-de-passe": set()}
    for email in ("yann@vermont.example", "inconnu@vermont.example"):
        for path, texts in pages.items():
            browser = Browser(world)
            browser.get(path)
            before = len(world.queue.sent)
            form = {**SIGN_UP, "siren": "300020005"} if path == "/inscription" else {}
            reply = browser.post(path, {**form, "email": email})
            assert reply.status == 200
            assert len(world.queue.sent) == before + 1
            text = reply.text.replace(email, "…")
            texts.add(re.sub(r"nonce-\S+", "", text))
    assert [len(one) for one in pages.values()] == [1, 1]

    letters.sent.clear()
    world.deliver()
    told = {(one.to, one.subject) for one in letters.sent}
    assert told == {
        ("yann@vermont.example", "Vous avez déjà un compte Facteur"),
        ("yann@vermont.example", "Choisissez un nouveau mot de passe"),
        ("inconnu@vermont.example", "Confirmez votre inscription à Facteur"),
    }


# ── Links that work once ────────────────────────────────────────────────────────────────────────


def test_a_link_works_once_and_not_for_long(world: World, letters: Letters) -> None:
    """Opening it spends nothing; used or too old, it is refused in French."""
    browser = _signed_up(world, letters)
    used = letters.link()
    token = used.split("jeton=")[1]
    again = Browser(world)
    again.jar = browser.jar.copy()
    reply = again.post("/inscription/confirmer", {"jeton": token, "password": PHRASE})
    assert reply.status == 404
    assert "déjà servi" in reply.text

    late = Browser(world)
    late.get("/inscription")
    late.post("/inscription", {**SIGN_UP, "email": "b@b.example", "siren": "300020005"})
    world.deliver()
    world.clock.pass_(hours=25)
    assert late.get(letters.link()).status == 404


def test_a_reset_ends_every_session(world: World, letters: Letters) -> None:
    """The new password opens, the old one and the open sessions do not."""
    browser = _signed_up(world, letters)
    other = Browser(world)
    other.get("/mot-de-passe")
    other.post("/mot-de-passe", {"email": "yann@vermont.example"})
    world.deliver()
    token = letters.link().split("jeton=")[1]
    other.get(letters.link())
    weak = other.post("/mot-de-passe/nouveau", {"jeton": token, "password": "court"})
    assert weak.status == 422
    done = other.post("/mot-de-passe/nouveau", {"jeton": token, "password": "tout autre chose"})
    assert done.location == "/connexion?fait=password_changed"
    assert browser.get("/").location.startswith("/connexion")
    form = {"email": "yann@vermont.example"}
    assert other.post("/connexion", {**form, "password": PHRASE}).status == 401
    assert other.post("/connexion", {**form, "password": "tout autre chose"}).status == 303


# ── Sessions ────────────────────────────────────────────────────────────────────────────────────


def test_a_session_ends_when_idle_and_at_last(manager: Browser) -> None:
    """Two hours without a request, twelve hours in all."""
    clock = manager.world.clock
    clock.pass_(hours=1, minutes=55)
    assert manager.get("/").status == 200
    clock.pass_(hours=1, minutes=55)
    assert manager.get("/").status == 200
    clock.pass_(hours=2, minutes=5)
    assert manager.get("/").status == 303

    manager.sign_in()
    for _ in range(7):
        clock.pass_(hours=1, minutes=40)
        manager.get("/")
    clock.pass_(minutes=30)
    assert manager.get("/").status == 303


def test_a_page_that_refreshes_itself_keeps_no_session_alive(manager: Browser) -> None:
    """An open tab is nobody at work: after two hours of polls alone, one signs in again."""
    clock = manager.world.clock
    for _ in range(8):
        clock.pass_(minutes=14)
        assert manager.get("/", hx_request="true").status == 200
    clock.pass_(minutes=14)
    assert manager.get("/", hx_request="true").status == 401


def test_one_signs_out_everywhere(world: World) -> None:
    """Every browser of the user is out; a single one can be ended from the list."""
    here, there, third = (Browser(world).sign_in() for _ in range(3))
    page = here.get("/compte")
    forms = page.page.xpath("//form[contains(@action, '/compte/sessions/')]/@action")
    assert len(forms) == 3  # two others, and everywhere
    assert here.post(str(forms[0])).status == 303
    assert sorted(one.get("/").status for one in (there, third)) == [200, 303]
    assert here.post("/compte/sessions/fermer").location == (
        "/connexion?fait=signed_out_everywhere"
    )
    assert [one.get("/").status for one in (here, there, third)] == [303, 303, 303]


def test_a_token_changes_with_the_rights(world: World, letters: Letters) -> None:
    """Password, authenticator and dossier: the cookie of before opens nothing any more."""
    browser = _signed_up(world, letters)
    steps = (
        ("/compte/mot-de-passe", {"old": PHRASE, "password": "une seconde phrase"}),
        ("/compte/authentification", {"old": "une seconde phrase"}),
    )
    before = browser.jar[SESSION_COOKIE]
    assert browser.post(*steps[0]).status == 303
    assert browser.jar[SESSION_COOKIE] != before
    assert signing_in.session(before, world.context) is None

    shown = browser.post(*steps[1])
    token = shown.one("//form[contains(@action,'confirmer')]//input[@name='jeton']").get("value")
    assert shown.one("//img[@class='qr']").get("src").startswith("data:image/svg+xml")
    bad = browser.post("/compte/authentification/confirmer", {"jeton": token, "code": "000000"})
    assert bad.status == 401
    before = browser.jar[SESSION_COOKIE]
    good = browser.post("/compte/authentification/confirmer", {"jeton": token, "code": CODE})
    assert len(good.page.xpath("//ol[@id='codes']/li")) == 10
    assert signing_in.session(before, world.context) is None


def test_the_authenticator_is_asked_and_its_tries_are_counted(
    world: World, letters: Letters
) -> None:
    """The password alone opens nothing; the code's form expires and cannot be tried for ever."""
    browser = _signed_up(world, letters)
    shown = browser.post("/compte/authentification", {"old": PHRASE})
    token = shown.one("//form[contains(@action,'confirmer')]//input[@name='jeton']").get("value")
    browser.post("/compte/authentification/confirmer", {"jeton": token, "code": CODE})
    browser.post("/deconnexion")
    browser.get("/connexion")
    form = {"email": "yann@vermont.example", "password": PHRASE}
    asked = browser.post("/connexion", form)
    assert asked.status == 200
    assert SESSION_COOKIE not in browser.jar
    waiting = asked.one("//form[.//input[@id='code']]//input[@name='jeton']").get("value")
    for _ in range(10):
        assert browser.post("/connexion/code", {"jeton": waiting, "code": "1"}).status == 401
    assert browser.post("/connexion/code", {"jeton": waiting, "code": CODE}).status == 429
    world.clock.pass_(minutes=16)
    late = browser.post("/connexion/code", {"jeton": waiting, "code": CODE})
    assert late.status == 401
    assert "recommencez la connexion" in late.text
    asked = browser.post("/connexion", form)
    waiting = asked.one("//form[.//input[@id='code']]//input[@name='jeton']").get("value")
    assert browser.post("/connexion/code", {"jeton": waiting, "code": CODE}).status == 303
    assert browser.post("/connexion/code", {"jeton": waiting, "code": CODE}).status in (401, 403)
    assert browser.get("/compte").status == 200


# ── Members ─────────────────────────────────────────────────────────────────────────────────────


def _invited(world: World, letters: Letters, manager: Browser, **changes: str) -> str:
    form = {"name": "Basile", "email": "basile@delorme.example", "role": "staff", **changes}
    reply = manager.post("/parametres/membres/inviter", form)
    assert reply.location == "/parametres/membres?fait=invited", reply.text
    world.deliver()
    return letters.link()


def test_an_invitation_names_its_place_and_its_steps(
    world: World, letters: Letters, manager: Browser
) -> None:
    """Greeting, dossier, button, three next steps (JF-06, JF-07); then the person is in."""
    link = _invited(world, letters, manager)
    mail = letters.sent[-1]
    for words in ("Bonjour Basile", "Maison Delorme", "Choisir mon mot de passe", "7 jours",
                  "Lisez le Guide de démarrage", "Importez vos premières factures"):  # fmt: skip
        assert words in mail.text
        assert words in mail.html.replace("Lisez le Guide", "Lisez le Guide")
    newcomer = Browser(world)
    assert "Bonjour Basile" in newcomer.get(link).text
    token = link.split("jeton=")[1]
    reply = newcomer.post("/invitation", {"jeton": token, "password": PHRASE})
    assert reply.location == "/bienvenue"
    assert "Basile" in manager.get("/parametres/membres").text
    assert newcomer.get("/parametres/membres").status == 403
    replay = Browser(world)
    replay.get("/connexion")
    assert replay.get(link).status == 404
    assert replay.post("/invitation", {"jeton": token, "password": PHRASE}).status == 404


def test_invitations_of_a_dossier_and_of_a_person_are_counted(
    world: World, letters: Letters, manager: Browser
) -> None:
    """Our mails are no tool to write to strangers: 429, nothing written; in an hour again."""
    form = {"name": "Basile", "email": "basile@delorme.example", "role": "staff"}
    owner = of_dossier(world.dossier)
    for number in range(MAILS_PER_PLACE):  # cancelling an invitation takes nothing back
        throttle_mails(f"somebody {number}", owner, world.context)
    refused = manager.post("/parametres/membres/inviter", form)

    assert 429 == refused.status
    assert "Trop d’envois en une heure" in refused.text
    assert () == world.context.people.invitations(owner)
    for number in range(MAILS_PER_PERSON):
        throttle_mails("the same", f"place {number}", world.context)
    with pytest.raises(ForbiddenError):
        throttle_mails("the same", "another place", world.context)
    world.clock.pass_(hours=1)
    _invited(world, letters, manager)


def test_an_invitation_sent_again_or_cancelled_kills_its_former_link(
    world: World, letters: Letters, manager: Browser
) -> None:
    """One link at a time, none once it is taken back."""
    first = _invited(world, letters, manager)
    form = manager.get("/parametres/membres").page
    again = str(form.xpath("//form[contains(@action,'/renvoyer')]/@action")[0])
    assert manager.post(again).status == 303
    world.deliver()
    second = letters.link()
    assert first != second
    reader = Browser(world)
    assert reader.get(first).status == 404
    assert reader.get(second).status == 200
    assert manager.post(again.replace("renvoyer", "annuler")).status == 303
    assert reader.get(second).status == 404
    assert manager.post(again).status == 404


def test_an_invitation_taken_back_while_it_is_mailed_stays_so(
    world: World, letters: Letters, manager: Browser
) -> None:
    """Sending writes only what nobody changed since: the retry sees that there is nothing."""
    form = {"name": "Basile", "email": "basile@delorme.example", "role": "staff"}
    manager.post("/parametres/membres/inviter", form)
    owner = of_dossier(world.dossier)
    (waiting,) = world.context.people.invitations(owner)
    port = world.context.people

    class Slow:
        """The gérant takes it back between reading and writing."""

        def invitation(self, owner: str, identifier: str) -> object:
            found = port.invitation(owner, identifier)
            assert found is not None
            people.cancel_invitation(found, world.context)
            return found

        def commit(self, changes: PeopleChanges) -> None:
            port.commit(changes)

    slow = replace(world.context, people=Slow())  # type: ignore[arg-type]
    command = SendInvitation(owner=owner, invitation=waiting.id)
    with pytest.raises(StaleVersionError):
        people.send_invitation(command, slow)
    people.send_invitation(command, world.context)
    world.deliver()
    assert letters.sent == []
    after = port.invitation(owner, waiting.id)
    assert after is not None
    assert after.state is InvitationState.CANCELLED


def test_an_invitation_is_accepted_by_its_own_address_alone(
    world: World, letters: Letters, manager: Browser
) -> None:
    """Somebody with an account signs in with that address; another signed-in user may not."""
    owner = _signed_up(world, letters)
    manager = Browser(world).sign_in()
    link = _invited(world, letters, manager, email="yann@vermont.example", name="Yann")
    token = link.split("jeton=")[1]
    assert manager.post("/invitation", {"jeton": token, "action": "accepter"}).status == 403
    assert "a déjà un compte" in Browser(world).get(link).text
    assert owner.post("/invitation", {"jeton": token, "action": "accepter"}).status == 303
    assert "Maison Delorme" in owner.get("/dossiers").text
    assert "Atelier Vermont" in owner.get("/dossiers").text


def test_a_role_changes_at_once_and_signs_its_member_out(manager: Browser) -> None:
    """From reader to staff; the payments are handed apart; the journal tells."""
    reader = manager.as_role(Role.READER)
    assert reader.get("/").status == 200
    form = [("role", "accountant"), ("payments", "prepare_payments"), ("payments", "manage")]
    assert manager.post("/parametres/membres/u2/role", form).status == 303
    assert reader.get("/").location.startswith("/connexion")
    member = manager.world.context.people.member(manager.world.dossier, "u2")
    assert member is not None
    assert {one.value for one in member.permissions} >= {"read", "upload", "prepare_payments"}
    assert Permission.MANAGE not in member.permissions
    entries = manager.world.context.journal.entries(manager.world.dossier)
    assert "member.role" in [one.what for one in entries]
    assert manager.post("/parametres/membres/u2/role", {"role": "roi"}).status == 422


def test_who_is_removed_while_opening_the_guide_stays_out(
    world: World, letters: Letters, manager: Browser
) -> None:
    """The tick of the guide is written under the dossier's version, like every change."""
    link = _invited(world, letters, manager)
    newcomer = Browser(world)
    newcomer.get(link)
    newcomer.post("/invitation", {"jeton": link.split("jeton=")[1], "password": PHRASE})
    members = world.context.people.members(world.dossier)
    held = next(one for one in members if one.email == "basile@delorme.example")
    caller = replace(world.caller, user=held.user)

    class Slow:
        """Somebody is removed once he was looked up."""

        def __getattr__(self, name: str) -> object:
            return getattr(world.context.people, name)

        def member(self, dossier: str, user: str) -> object:
            found = world.context.people.member(dossier, user)
            people.remove(world.caller, user, world.context)
            return found

    dossiers.guide_read(caller, replace(world.context, people=Slow()))  # type: ignore[arg-type]
    assert world.context.people.member(world.dossier, held.user) is None


def test_the_last_manager_stays(manager: Browser) -> None:
    """Neither removed nor lowered, also not by himself, until there is another."""
    for path, form in (("role", {"role": "staff"}), ("retirer", {})):
        reply = manager.post(f"/parametres/membres/u1/{path}", form)
        assert reply.status == 409
        assert "garde toujours un gérant" in reply.text
    second = manager.as_role(Role.MANAGER)
    assert second.post("/parametres/membres/u1/retirer").status == 303
    assert manager.get("/").status == 303
    assert second.post("/parametres/membres/u2/retirer").status == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "a@b.example\r\nBcc: tous@b.example"),
        ("email", "a@b.example, c@d.example"),
        ("email", '"a b"@b.example'),
        ("email", "a" * 300 + "@b.example"),
        ("name", "x" * 500),
        ("name", ""),
    ],
)
def test_a_hostile_invitation_mails_nothing(
    manager: Browser, letters: Letters, field: str, value: str
) -> None:
    """No second recipient, no added header, no endless name."""
    form = {"name": "Basile", "email": "b@b.example", "role": "staff", field: value}
    assert manager.post("/parametres/membres/inviter", form).status == 422
    manager.world.deliver()
    assert letters.sent == []


def test_a_name_with_line_breaks_stays_on_one_line(
    world: World, letters: Letters, manager: Browser
) -> None:
    """What reaches a subject or a greeting has no control character, and no live markup."""
    _invited(world, letters, manager, name="Basile\r\nBcc: x@y.example <b>gras</b>")
    mail = letters.sent[-1]
    assert "\n" not in mail.subject
    assert "Bonjour Basile Bcc: x@y.example" in mail.text
    assert "<b>gras" not in mail.html


# ── First steps ─────────────────────────────────────────────────────────────────────────────────


def test_the_first_steps_are_ticked_from_what_is(manager: Browser) -> None:
    """Password had, guide opened, first invoice in: nothing is ticked before (JF-07)."""
    done = "//ol[@class='first-steps']/li[@class='done']"
    assert len(manager.get("/").page.xpath(done)) == 1
    assert manager.get("/guide").location == "/aide/premiers-pas"
    assert len(manager.get("/").page.xpath(done)) == 2
    manager.world.receive(("a.pdf", b"%PDF-1.7 facture"))
    assert len(manager.get("/").page.xpath(done)) == 3


def test_the_set_up_is_skipped_and_resumed(manager: Browser) -> None:
    """Each step leads to the next; what is skipped is not asked again; what is wrong stays."""
    assert manager.get("/bienvenue").location == "/bienvenue/identite"
    typed = {"company": "Delorme", "siret": "30001000600018", "vat": "FR00300000007"}
    wrong = manager.post("/bienvenue/identite", typed)
    assert wrong.status == 422
    assert "pas celui d’un établissement de ce SIREN" in wrong.text
    assert "Ce numéro de TVA n’existe pas" in wrong.text
    form = {"company": "Maison Delorme & Fils", "siret": "30000000700017", "city": "Dijon"}
    assert manager.post("/bienvenue/identite", form).location == "/bienvenue/adresses"
    passed = manager.post("/bienvenue/adresses", {"action": "passer"})
    assert passed.location == "/bienvenue/acceptation"
    assert manager.get("/bienvenue").location == "/bienvenue/acceptation"
    done = manager.post("/bienvenue/acceptation", {"mode": "trusted"})
    assert done.location == "/?fait=setup_done"
    assert manager.get("/bienvenue").location == "/"
    chosen = manager.world.context.preferences.load(manager.world.dossier)
    assert chosen.acceptance.value == "trusted"
    assert "Delorme &amp; Fils" in manager.get("/").body
    assert manager.get("/bienvenue/rien").status == 404


# ── Firms ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def firm(world: World, letters: Letters) -> Browser:
    """A firm's head, signed in."""
    return _signed_up(
        world, letters, kind="firm", siren="300030004", company="Cabinet Auclair",
        email="paule@auclair.example", name="Paule Auclair",
    )  # fmt: skip


def test_a_firm_sees_what_waits_in_a_linked_dossier_and_nothing_after(
    world: World, letters: Letters, firm: Browser
) -> None:
    """Asked by the firm, accepted by the gérant with a role, counted, ended: then 404."""
    manager = Browser(world).sign_in()
    world.receive(("a.pdf", b"%PDF-1.7 facture"))
    same = {
        firm.post("/cabinet/dossiers/demander", {"asked_siren": siren}).location
        for siren in ("300000007", "300020005")
    }
    assert len(same) == 1  # whether the dossier is here or not
    assert "Maison Delorme" not in firm.get("/cabinet").text
    page = manager.get("/parametres/membres").page
    accept = str(page.xpath("//form[contains(@action,'/accepter')]/@action")[0])
    assert manager.post(accept, {"role": "reader"}).status == 303

    firm.get("/cabinet")
    world.deliver()
    rows = "//table[contains(@class,'portfolio')]/tbody/tr"
    row = " ".join(firm.get("/cabinet").one(rows).text_content().split())
    assert "Maison Delorme" in row
    assert "1 en quarantaine" in row or "1 à contrôler" in row
    assert "rien en attente" in row  # of sales
    (leads, *_more) = firm.get("/cabinet").page.xpath(f"{rows}/td[1]//form/@action")
    there = firm.post(str(leads))
    assert there.location in ("/achats?onglet=quarantaine", "/achats?onglet=a-controler")
    assert firm.get(there.location).page.xpath("//tr[@data-row]")
    assert firm.post(f"/dossiers/{world.dossier}/ouvrir").status == 303
    assert firm.get("/achats").status == 200
    assert firm.get("/parametres/membres").status == 403

    assert manager.post(accept.replace("accepter", "delier")).status == 303
    assert firm.get("/achats").location == "/dossiers"
    assert firm.post(f"/dossiers/{world.dossier}/ouvrir").status == 404
    assert "Maison Delorme" not in firm.get("/cabinet").text


def test_whom_a_firm_invited_does_not_come_in_after_it_left(
    world: World, letters: Letters, firm: Browser
) -> None:
    """Its open invitations end with its link, and nobody else's do."""
    manager = Browser(world).sign_in()
    firm.post("/cabinet/dossiers/demander", {"asked_siren": "300000007"})
    page = manager.get("/parametres/membres").page
    accept = str(page.xpath("//form[contains(@action,'/accepter')]/@action")[0])
    assert manager.post(accept, {"role": Role.MANAGER.value}).status == 303
    assert firm.post(f"/dossiers/{world.dossier}/ouvrir").status == 303
    mine = _invited(world, letters, manager)
    accomplice = _invited(world, letters, firm, email="complice@auclair.example", name="Eve")
    assert Browser(world).get(accomplice).status == 200

    assert manager.post(accept.replace("accepter", "delier")).status == 303
    assert Browser(world).get(accomplice).status == 404
    assert Browser(world).get(mine).status == 200


def test_a_dossier_asks_its_firm(world: World, letters: Letters, firm: Browser) -> None:
    """By the address of somebody there; the firm accepts; unknown addresses answer alike."""
    manager = Browser(world).sign_in()
    same = {
        manager.post("/parametres/membres/cabinet", {"firm_email": email}).location
        for email in ("paule@auclair.example", "personne@auclair.example")
    }
    assert len(same) == 1
    shown = manager.get("/parametres/membres")
    rows = {
        " ".join(one.text_content().split()).replace(email, "…")
        for one in shown.page.xpath(
            "//ul[@class='files people']/li[.//form[contains(@action,'delier')]]"
        )
        for email in ("paule@auclair.example", "personne@auclair.example")
        if email in one.text_content()
    }
    assert len(rows) == 1  # the same words, whether somebody is there or not
    assert "Cabinet Auclair" not in shown.text
    links = world.context.people.links_of_dossier(world.dossier)
    assert 2 == len(links)
    # An identifier says when it was given: a firm's long ago, nobody's just now.
    assert not [one.firm for one in links if one.firm in shown.body]
    assert [404, 404] == [
        manager.post(f"/parametres/membres/cabinet/{one.firm}/{step}", {"role": "reader"}).status
        for one in links if one.asked_as == "paule@auclair.example"
        for step in ("delier", "accepter")
    ]  # fmt: skip
    told = world.context.journal.entries(world.dossier)
    assert {one.values["firm"] for one in told if one.what == "firm.asked"} == {
        "paule@auclair.example", "personne@auclair.example",
    }  # fmt: skip
    manager.post("/parametres/membres/cabinet", {"firm_email": "personne@auclair.example"})
    assert len(world.context.people.links_of_dossier(world.dossier)) == 2  # asked once

    page = firm.get("/cabinet")
    assert "Maison Delorme" in page.text
    assert firm.post(f"/dossiers/{world.dossier}/ouvrir").status == 404  # not accepted yet
    accept = str(page.page.xpath("//form[contains(@action,'/accepter')]/@action")[0])
    assert firm.post(accept).status == 303
    assert firm.post(accept).status == 409
    assert firm.post(f"/dossiers/{world.dossier}/ouvrir").status == 303
    assert "Cabinet Auclair" in manager.get("/parametres/membres").text  # it answered
    nobody = [
        one for one in world.context.people.links_of_dossier(world.dossier) if not one.active
    ]
    assert len(nobody) == 1
    assert manager.post(f"/parametres/membres/cabinet/{nobody[0].place}/delier").status == 303
    assert "personne@auclair.example" not in manager.get("/parametres/membres").text


@pytest.mark.parametrize("asked", [False, True], ids=["kept by it", "asked already"])
def test_asking_a_colleague_s_address_tells_nothing_of_who_works_there(
    world: World, letters: Letters, firm: Browser, asked: bool
) -> None:
    """It keeps the dossier, or was asked: its people's addresses make the row of nobody's."""
    manager = Browser(world).sign_in()
    head = signing_in.session(firm.jar[SESSION_COOKIE], world.context)
    assert head is not None
    leo = FirmMember(
        firm=head.firm, user="leo", email="leo@auclair.example", name="Léo", role=FirmRole.STAFF
    )
    world.context.people.commit(PeopleChanges(firm_members=(leo,)))
    identity = world.context.identity
    assert isinstance(identity, FakeIdentity)
    identity.known[leo.email] = Person(subject="leo", email=leo.email, name="Léo")

    def rows() -> set[str]:
        for email in ("leo@auclair.example", "personne@auclair.example"):
            for _again in range(2):
                manager.post("/parametres/membres/cabinet", {"firm_email": email})
        people = manager.get("/parametres/membres").page.xpath("//ul[@class='files people']/li")
        said = [" ".join(one.text_content().split()) for one in people]
        mine = [one for one in said if "leo@" in one or "personne@" in one]
        assert 2 == len(mine)
        return {one.replace("leo@", "…@").replace("personne@", "…@") for one in mine}

    manager.post("/parametres/membres/cabinet", {"firm_email": "paule@auclair.example"})
    if not asked:
        page = firm.get("/cabinet").page
        firm.post(str(page.xpath("//form[contains(@action,'/accepter')]/@action")[0]))
    assert 1 == len(rows())
    world.clock.pass_(minutes=16)
    assert 1 == len(rows())  # asked once more: nothing new
    assert 3 == len(world.context.people.links_of_dossier(world.dossier))
    manager.post("/parametres/membres/cabinet", {"firm_email": "paule@auclair.example"})
    assert 3 == len(world.context.people.links_of_dossier(world.dossier))


def test_a_firm_that_signs_up_after_it_was_asked_is_asked_again(
    world: World, letters: Letters
) -> None:
    """Nobody was behind the address; once somebody is, asking again reaches them, on one row."""
    manager = Browser(world).sign_in()
    ask = ("/parametres/membres/cabinet", {"firm_email": "paule@auclair.example"})
    manager.post(*ask)
    firm = _signed_up(
        world, letters, kind="firm", siren="300030004", company="Cabinet Auclair",
        email="paule@auclair.example", name="Paule Auclair",
    )  # fmt: skip
    assert "Maison Delorme" not in firm.get("/cabinet").text
    manager.post(*ask)
    assert "Maison Delorme" in firm.get("/cabinet").text
    assert len(world.context.people.links_of_dossier(world.dossier)) == 1


def test_a_firm_does_not_learn_which_companies_are_here(world: World, firm: Browser) -> None:
    """« Demandes envoyées » shows each SIREN that was asked for, hosted or not, in order."""
    for siren in ("300000007", "100000009", "100000009"):
        firm.post("/cabinet/dossiers/demander", {"asked_siren": siren})
    asked = firm.get("/cabinet").page.xpath("//section[@aria-labelledby='p-asking']//li")
    words = [" ".join(one.text_content().split()) for one in asked]
    assert words == [
        f"SIREN {siren}en attente de la réponse du dossier" for siren in ("100000009", "300000007")
    ]


def test_a_firm_creates_dossiers_from_a_spreadsheet(
    world: World, letters: Letters, firm: Browser
) -> None:
    """Tried first, then created; a wrong row says why and stops no other; twice makes one."""
    rows = (
        "SIREN\tNom\tE-mail\tGérant\n"
        "300 010 006\tAtelier Vermont\tyann@vermont.example\tYann\n"
        "300020005\t\t\t\n"
        "123456789\tFaux\t\t\n"
        "300020005\tDeux fois\t\t\n"
        "300000007\tDéjà là\t\t\n"
    )
    path = "/cabinet/dossiers/importer"
    tried = firm.post(path, {"lignes": rows, "action": "essayer"})
    assert "2 lignes prêtes" in tried.text
    assert len(world.context.store.dossiers()) == 1
    made = firm.post(path, {"lignes": rows, "action": "creer"})
    assert "2 dossiers créés" in made.text
    assert "3 à corriger" in made.text
    assert {one.name for one in world.context.store.dossiers()} == {
        "Maison Delorme", "Atelier Vermont", "Transports Lacaze",
    }  # fmt: skip
    world.deliver()
    assert letters.sent[-1].to == "yann@vermont.example"
    assert "Cabinet Auclair" in letters.sent[-1].subject
    assert letters.sent[-1].sender_name == "Cabinet Auclair (via Facteur)"
    again = firm.post(path, {"lignes": rows, "action": "creer"})
    assert "2 déjà dans votre portefeuille" in again.text
    assert len(world.context.store.dossiers()) == 3
    huge = firm.post(path, {"lignes": "300020005\n" * 201, "action": "creer"})
    assert huge.status == 422


@pytest.mark.enable_socket
def test_a_firm_imports_a_file_corrects_it_and_again_changes_nothing(
    world: World, firm: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example is left out; rows are tried, created some at a time, given back when wrong."""
    with urlopen(firm.get("/cabinet/dossiers/modele").location) as answer:
        (heads, example) = spreadsheet.read(answer.read())
    assert heads == ("SIREN", "NOM DE L’ENTREPRISE", "E-MAIL DU GÉRANT", "GÉRANT")
    rows = (
        example,
        ("300 010 006", "Atelier Vermont", "yann@vermont.example", "Yann"),
        ("300020005", "", "", ""),
        ("123456789", "Faux", "", ""),
        ("300000007", "Déjà là", "", ""),
    )
    path = _uploaded(firm, heads, rows)
    tried = firm.get(path)
    assert "2 lignes prêtes, rien n’est encore créé, 2 à corriger" in tried.text
    assert len(world.context.store.dossiers()) == 1
    with urlopen(tried.page.xpath("//a[contains(., 'à corriger')]/@href")[0]) as answer:
        bad = spreadsheet.read(answer.read())
    assert [one[0] for one in bad[1:]] == ["123456789", "300000007"]
    assert all(one[-1] for one in bad)

    monkeypatch.setattr(clients_table, "MOST_CREATED", 1)
    name = path.split("fichier=")[1]
    order = {"fichier": name, "action": "creer"}
    first = firm.post("/cabinet/dossiers/importer", order)
    assert "1 dossier créé" in first.text
    assert "Il en reste 1" in first.text
    firm.post("/cabinet/dossiers/importer", order)
    assert len(world.context.store.dossiers()) == 3
    assert "2 déjà dans votre portefeuille, 2 à corriger" in firm.get(path).text
    firm.post("/cabinet/dossiers/importer", order)
    assert len(world.context.store.dossiers()) == 3


@pytest.mark.enable_socket
@pytest.mark.parametrize("data", [b"PK\x03\x04 damaged", b"a;b\n1;2\n", b"\x00\x01"])
def test_what_is_no_list_of_clients_is_said(world: World, firm: Browser, data: bytes) -> None:
    """Damaged, another list, no text: 4xx with the reason, and nothing is made."""
    reply = firm.get(_sent(firm, data))
    assert 400 <= reply.status < 500
    assert reply.page.xpath("//*[@role='alert']")
    assert len(world.context.store.dossiers()) == 1


def test_another_firms_list_is_no_list(firm: Browser) -> None:
    """A name that was never uploaded here, or that is none, is not found."""
    for name in ("n0000000000000000000000001", "../x", "a" * 80):
        assert firm.get(f"/cabinet/dossiers/importer?fichier={name}").status == 404


def _uploaded(firm: Browser, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    columns = [Column(head=one) for one in heads]
    return _sent(firm, spreadsheet.to_xlsx("Dossiers", columns, rows))


def _sent(firm: Browser, data: bytes) -> str:
    """The page that shows an uploaded list."""
    form = firm.get("/cabinet/dossiers/nouveau").one("//form[@enctype]")
    fields = {one.get("name"): one.get("value") for one in form.xpath(".//input[@value]")}
    key = fields["key"]
    firm.world.platform.client("s3").put_object(
        Bucket=firm.world.platform["FACTEUR_INTAKE_BUCKET"], Key=key, Body=data
    )
    assert fields["success_action_redirect"].endswith(f"fichier={key.rsplit('/', 1)[-1]}")
    return f"/cabinet/dossiers/importer?fichier={key.rsplit('/', 1)[-1]}"


def test_a_firm_does_not_leave_a_dossier_without_manager(world: World, firm: Browser) -> None:
    """Nobody could open it any more."""
    firm.post("/cabinet/dossiers/nouveau", {"siren": "300010006"})
    page = firm.get("/cabinet").page
    leave = str(page.xpath("//form[contains(@action,'/delier')]/@action")[0])
    reply = firm.post(leave)
    assert reply.status == 409
    assert "n’a pas encore de gérant" in reply.text


def test_a_firm_s_staff_work_and_its_heads_decide(
    world: World, letters: Letters, firm: Browser
) -> None:
    """A colleague sees the dossiers, neither invites nor links; removed, sees nothing."""
    firm.post("/cabinet/dossiers/nouveau", {"siren": "300010006"})
    form = {"name": "Léo", "email": "leo@auclair.example", "role": FirmRole.STAFF.value}
    assert firm.post("/cabinet/equipe/inviter", form).status == 303
    world.deliver()
    link = letters.link()
    assert "rejoindre le cabinet" in letters.sent[-1].text
    staff = Browser(world)
    staff.get(link)
    reply = staff.post("/invitation", {"jeton": link.split("jeton=")[1], "password": PHRASE})
    assert reply.location == "/cabinet"
    assert "Atelier Vermont" in staff.get("/cabinet").text
    assert staff.post("/cabinet/equipe/inviter", form).status == 403
    assert staff.post("/cabinet/dossiers/demander", {"asked_siren": "300000007"}).status == 403
    head = signing_in.session(firm.jar[SESSION_COOKIE], world.context)
    assert head is not None
    assert firm.post(f"/cabinet/equipe/{head.user}/retirer").status == 409
    user = signing_in.session(staff.jar[SESSION_COOKIE], world.context)
    assert user is not None
    assert firm.post(f"/cabinet/equipe/{user.user}/retirer").status == 303
    assert staff.get("/cabinet").location.startswith("/connexion")


def test_a_firm_s_head_hands_over_and_mails_again(
    world: World, letters: Letters, firm: Browser
) -> None:
    """« renvoyez plutôt l’invitation », « nommez-en un autre d’abord »: both are there to do."""
    form = {"name": "Léo", "email": "leo@auclair.example", "role": FirmRole.STAFF.value}
    assert firm.post("/cabinet/equipe/inviter", form).status == 303
    world.deliver()
    first = letters.link()
    again = firm.get("/cabinet/equipe").page.xpath("//form[contains(@action,'/renvoyer')]/@action")
    assert firm.post(again[0]).status == 303
    world.deliver()
    link = letters.link()
    assert link != first
    assert Browser(world).get(first).status == 404
    staff = Browser(world)
    staff.get(link)
    staff.post("/invitation", {"jeton": link.split("jeton=")[1], "password": PHRASE})
    head = signing_in.session(firm.jar[SESSION_COOKIE], world.context)
    user = signing_in.session(staff.jar[SESSION_COOKIE], world.context)
    assert head is not None
    assert user is not None
    own = f"/cabinet/equipe/{head.user}/role"
    assert firm.post(own, {"role": "staff"}).status == 409  # nobody else could answer
    assert staff.post(own, {"role": "staff"}).status == 403
    assert firm.post(f"/cabinet/equipe/{user.user}/role", {"role": "king"}).status == 422
    assert firm.post(f"/cabinet/equipe/{user.user}/role", {"role": "head"}).status == 303
    assert staff.get("/cabinet").location.startswith("/connexion")  # new rights, new session
    assert firm.post(own, {"role": "staff"}).status == 303


def test_the_portfolio_asks_as_much_for_one_dossier_as_for_many(
    world: World, firm: Browser
) -> None:
    """Four calls for the page, whatever the number of dossiers; counting is done behind."""
    people, store = world.context.people, world.context.store
    session = signing_in.session(firm.jar[SESSION_COOKIE], world.context)
    assert session is not None
    who = signing_in.firm_caller(session, world.context)
    assert who is not None
    numbers = []
    for siren in ("300010006", "300020005"):
        firms.create_dossier(who, siren=siren, name="", email="", person="", context=world.context)
        firms.portfolio(who, world.context)  # a few are counted at first sight
        world.clock.pass_(hours=2)
        counted = (Asked(people), Asked(store))
        world.with_(people=counted[0], store=counted[1])
        firms.portfolio(who, world.context)
        numbers.append(sum(len(one.names) for one in counted))
        world.with_(people=people, store=store)
    assert numbers[0] == numbers[1] <= 4


@pytest.mark.parametrize("many", [False, True])
def test_a_small_firm_s_first_sight_is_counted(world: World, firm: Browser, many: bool) -> None:
    """Its numbers at once, and kept; above a few dossiers counting is done behind, and said."""
    session = signing_in.session(firm.jar[SESSION_COOKIE], world.context)
    assert session is not None
    who = signing_in.firm_caller(session, world.context)
    assert who is not None
    for number in range(firms.COUNTED_ON_SIGHT + many):
        start = f"3001{number:04d}"
        siren = start + luhn.calc_check_digit(start)
        firms.create_dossier(
            who, siren=siren, name=siren, email="", person="", context=world.context
        )
    assert many is ("comptage en cours" in firm.get("/cabinet").text)
    kept = world.context.people.links_of_firm(who.firm)
    assert [many] * len(kept) == [one.waiting is None for one in kept]


def test_a_dossier_of_the_portfolio_is_counted_in_six_calls(world: World, firm: Browser) -> None:
    """The numbers of each side in one question, whatever their number; one of the platforms."""
    session = signing_in.session(firm.jar[SESSION_COOKIE], world.context)
    assert session is not None
    who = signing_in.firm_caller(session, world.context)
    assert who is not None
    sirens = ("300010006", "300020005")
    for siren in sirens:
        firms.create_dossier(who, siren=siren, name="", email="", person="", context=world.context)
    people, store = Asked(world.context.people), Asked(world.context.store)
    connections = Asked(world.context.connections)
    world.with_(people=people, store=store, connections=connections)
    firms.count_waiting(CountWaiting(firm=who.firm), world.context)
    assert people.names.count("links_of_firm") == 1
    asked = len(people.names) - 1 + len(store.names) + len(connections.names)
    assert asked == 6 * len(sirens)


def test_every_entry_of_a_firm_s_menu_leads_somewhere_without_a_dossier_open(
    firm: Browser,
) -> None:
    """No entry of a dossier is shown; each one answers by itself; home is the portfolio."""
    assert firm.get("/").location == "/cabinet"
    page = firm.get("/cabinet").page
    entries = [str(one) for one in page.xpath("//header[@id='menu']//a/@href")]
    assert "/cabinet/equipe" in entries
    assert "/achats" not in entries
    for path in dict.fromkeys(one for one in entries if one.startswith("/") and one != "/"):
        assert firm.get(path).status == 200, path
    assert firm.get("/achats").location == "/dossiers"  # typed, or kept from another day


def test_a_portfolio_tells_purchases_from_sales_and_platforms_that_fail(
    world: World, firm: Browser
) -> None:
    """Each side's figures lead to its own list; a platform out of order leads to its page."""
    session = signing_in.session(firm.jar[SESSION_COOKIE], world.context)
    assert session is not None
    who = signing_in.firm_caller(session, world.context)
    assert who is not None
    made = firms.create_dossier(
        who, siren="300010006", name="", email="", person="", context=world.context
    )
    (link,) = world.context.people.links_of_firm(who.firm)
    waiting = Waiting(counted_at=world.context.clock.now(), to_accept=2, sales_to_check=1,
                      platforms=1, platforms_failing=1)  # fmt: skip
    world.context.people.commit(PeopleChanges(links=(replace(link, waiting=waiting),)))

    page = firm.get("/cabinet").page
    told = {
        str(one.get("action")): " ".join(one.text_content().split())
        for one in page.xpath("//table[contains(@class,'portfolio')]//td//form")
    }
    base = f"/vers/{made.id}"
    assert told[f"{base}/a-accepter"].startswith("2 à accepter")
    assert told[f"{base}/ventes-a-controler"].startswith("1 à contrôler")
    assert told[f"{base}/connexions"].startswith("à rétablir")
    assert firm.post(f"{base}/ventes-a-controler").location == "/ventes?onglet=a-controler"


def test_the_choice_of_dossiers_asks_as_much_for_one_as_for_many(manager: Browser) -> None:
    """The page to change dossier: the same number of questions for one dossier and for five."""
    world = manager.world
    session = signing_in.session(manager.jar[SESSION_COOKIE], world.context)
    assert session is not None
    people, store = world.context.people, world.context.store
    numbers = []
    for count, siren in enumerate(("", "300010006", "300020005", "300030004", "300040003"), 1):
        if siren:
            dossiers.create_own(session, siren, "", world.context)
        asked = (Asked(people), Asked(store))
        world.with_(people=asked[0], store=asked[1])
        assert len(dossiers.choices(session, world.context)) == count
        numbers.append(sum(len(one.names) for one in asked))
        world.with_(people=people, store=store)
    assert set(numbers) == {numbers[0]}
    assert numbers[0] <= 3
