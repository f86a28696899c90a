"""Another dossier's identifiers do not exist: every route, every role, from the route table.

A route that is added tomorrow is covered by itself: its parameters are filled with what belongs to
another dossier (or to another firm, another user), and whoever may use the route gets 404, as for
an identifier that never was; whoever may not gets 403, before any identifier is looked at.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from facteur.domain.documents import State
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.people import (
    Firm,
    FirmCaller,
    FirmMember,
    FirmRole,
    Invitation,
    Link,
    LinkState,
)
from facteur.ports import Company, PeopleChanges, Person
from facteur.services.access import signing_in
from facteur.services.access.signing_in import digest
from facteur.services.people import dossiers
from facteur.web.routes import PAGES
from facteur.web.site import ROUTES, Route, Scope
from facteur.web.visit import SESSION_COOKIE, serve_page

from tests.services.world import World
from tests.web.browser import Browser, FakeIdentity, Letters, keep

assert PAGES  # importing it filled ROUTES

#: Parameters that name nothing of a dossier: a page's or a step's own word.
WORDS = {"role": "original", "step": "identite", "slug": "roles", "folder": "x", "name": "y",
         "page": "1", "kind": "original", "tab": "all"}  # fmt: skip
NAMED = [one for one in ROUTES if set(re.findall(r"{(\w+)}", one.path)) - set(WORDS)]
IN_DOSSIER = [one for one in NAMED if one.scope is Scope.DOSSIER and one.serve is serve_page]
IN_FIRM = [one for one in NAMED if one.scope is Scope.FIRM]
OF_PERSON = [one for one in NAMED if one.scope is Scope.PERSON]


def _shown(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.fixture
def elsewhere(world: World) -> Mapping[str, str]:
    """Another company with everything that can be named: identifiers by parameter."""
    world.with_(mailer=Letters())
    boss = Person(subject="boss", email="boss@vermont.example", name="Boss")
    dossier = dossiers.create(Company(siren="300010006", name="Atelier"), boss, world.context)
    there = replace(world, caller=Caller(user="boss", name="", dossier=dossier.id))
    document = keep(there, State.TO_ACCEPT, pages=1)
    now = world.clock.now()
    firm = Firm(id="cabinet-b", name="Cabinet B", siren="300040003")
    head = FirmMember(
        firm=firm.id, user="head-b", email="b@b.example", name="B", role=FirmRole.HEAD
    )
    link = Link(
        firm=firm.id,
        firm_name=firm.name,
        dossier=dossier.id,
        dossier_name=dossier.name,
        siren=dossier.siren,
        state=LinkState.ASKED_BY_FIRM,
        role=Role.READER,
        since=now,
    )
    invitations = [
        Invitation(
            id=f"inv-{owner}", email="x@x.example", name="X", role=role, created_at=now,
            by="boss", by_name="Boss", **{owner: identifier},
        )
        for owner, identifier, role in (
            ("dossier", dossier.id, "reader"), ("firm", firm.id, "staff"),
        )
    ]  # fmt: skip
    world.context.people.commit(
        PeopleChanges(firm=firm, firm_members=(head,), links=(link,), invitations=invitations)
    )
    opened = signing_in.open_session(boss, address="", context=world.context)
    return {
        "document": document.id,
        "other": document.id,
        "dossier": dossier.id,
        "member": "boss",
        "firm": firm.id,
        "invitation": "inv-dossier",
        "session": opened.session.id,
    }


def _path(route: Route, held: Mapping[str, str]) -> str:
    """The route's path, filled; a parameter nobody told of gets the other's document."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return WORDS.get(name) or held.get(name) or held["document"]

    return re.sub(r"{(\w+)}", value, route.path)


def _status(browser: Browser, route: Route, path: str) -> int:
    if route.method == "GET":
        return browser.get(path).status
    form = {"version": "1", "role": "reader", "action": "accept", "reason": "x"}
    return browser.post(path, form).status


def test_the_table_names_things_to_protect() -> None:
    """The tests below look at something."""
    assert len(IN_DOSSIER) > 15
    assert len(IN_FIRM) >= 4
    assert len(OF_PERSON) >= 2


@pytest.mark.parametrize("role", list(Role))
def test_another_dossier_s_identifiers_do_not_exist(
    world: World, manager: Browser, elsewhere: Mapping[str, str], role: Role
) -> None:
    """404 for whoever may use the route, 403 for whoever may not: never anything else."""
    browser = manager if role is Role.MANAGER else manager.as_role(role)
    for route in IN_DOSSIER:
        assert route.permission is not None
        expected = 404 if route.permission in PERMISSIONS[role] else 403
        found = _status(browser, route, _path(route, elsewhere))
        if found == 422:  # the form is looked at first: then for everybody's identifiers alike
            found = _status(browser, route, _path(route, dict.fromkeys(elsewhere, "jamais")))
            expected = 422
        assert found == expected, f"{role.value}: {_shown(route)}"
    untouched = world.context.people.member(elsewhere["dossier"], "boss")
    assert untouched is not None
    assert untouched.role is Role.MANAGER
    there = replace(world, caller=Caller(user="", name="", dossier=elsewhere["dossier"]))
    assert there.document(elsewhere["document"]).state is State.TO_ACCEPT


def test_what_belongs_to_another_user_does_not_exist(
    manager: Browser, elsewhere: Mapping[str, str]
) -> None:
    """Another's session is not ended, another's dossier is not opened."""
    for route in OF_PERSON:
        assert _status(manager, route, _path(route, elsewhere)) == 404, _shown(route)
    assert manager.world.context.sessions.of_user("boss")


@pytest.mark.parametrize("role", list(FirmRole))
def test_another_firm_s_identifiers_do_not_exist(
    world: World, manager: Browser, elsewhere: Mapping[str, str], role: FirmRole
) -> None:
    """A firm sees the dossiers linked to it, and no other's; outside a firm there is no firm."""
    held = {**elsewhere, "member": "head-b", "invitation": "inv-firm"}
    for route in IN_FIRM:
        assert _status(manager, route, _path(route, held)) == 404, _shown(route)
    firm = Firm(id="cabinet-a", name="Cabinet A", siren="300030004")
    mine = FirmMember(firm=firm.id, user="u1", email="a@a.example", name="Anne", role=role)
    world.context.people.commit(PeopleChanges(firm=firm, firm_members=(mine,)))
    browser = Browser(world).sign_in()
    for route in IN_FIRM:
        expected = {404} if role is FirmRole.HEAD else {403, 404}
        assert _status(browser, route, _path(route, held)) in expected, _shown(route)
    assert world.context.people.link(elsewhere["dossier"], "cabinet-b") is not None
    assert world.context.people.firm_member("cabinet-b", "head-b") is not None


def test_a_link_that_was_not_accepted_opens_nothing(
    world: World, elsewhere: Mapping[str, str]
) -> None:
    """Asking is not entering."""
    person = Person(subject="head-b", email="b@b.example", name="B")
    opened = signing_in.open_session(person, address="", context=world.context)
    assert signing_in.access(opened.session, elsewhere["dossier"], world.context) is None
    who = signing_in.firm_caller(opened.session, world.context)
    assert isinstance(who, FirmCaller)


@pytest.mark.parametrize(
    "token",
    ["", "x", "' OR 1=1", "a#b", "é" * 50, "x" * 5000, "SESSION#x", "\x00"],
)
def test_a_forged_session_is_no_session(world: World, token: str) -> None:
    """Whatever stands in the cookie: the sign-in page, never an error."""
    browser = Browser(world)
    browser.jar[SESSION_COOKIE] = token.replace("\x00", "")
    assert browser.get("/").location.split("?")[0] == "/connexion"
    assert browser.get("/connexion").status == 200


def test_the_hash_of_a_session_opens_nothing(world: World, manager: Browser) -> None:
    """Who reads the table still has no cookie."""
    stolen = digest(manager.jar[SESSION_COOKIE])
    thief = Browser(world)
    thief.jar[SESSION_COOKIE] = stolen
    assert thief.get("/").status == 303


def test_a_cookie_from_before_the_sign_in_is_worth_nothing_after(world: World) -> None:
    """The token is drawn at sign-in, whatever the browser sent (session fixation)."""
    browser = Browser(world)
    browser.jar[SESSION_COOKIE] = "choisi-par-un-autre"
    browser.get("/connexion")
    browser.post("/connexion", {"email": "anne@x.fr", "password": "juste"})
    assert browser.jar[SESSION_COOKIE] != "choisi-par-un-autre"
    assert browser.get("/").status == 200


def test_a_member_who_left_is_out_at_the_next_request(world: World, manager: Browser) -> None:
    """Rights are read at each request, not kept in the session."""
    staff = manager.as_role(Role.STAFF)
    assert staff.get("/achats").status == 200
    member = world.context.people.member(world.dossier, "u2")
    assert member is not None
    world.context.people.commit(PeopleChanges(gone=(member,)))
    assert staff.get("/achats").location == "/dossiers"
    assert staff.get("/achats", hx_request="true").headers["hx-redirect"] == "/dossiers"


def test_every_public_form_has_its_token(world: World) -> None:
    """Nobody signs up, resets or accepts from another site's page."""
    world.with_(identity=FakeIdentity())
    for route in ROUTES:
        if route.scope is not Scope.ANYBODY or route.method != "POST":
            continue
        browser = Browser(world)
        browser.get("/connexion")
        for token in ("", "faux"):
            path = _path(route, {"document": "x"})
            assert browser.post(path, {"a": "b"}, csrf=token).status == 403, _shown(route)
