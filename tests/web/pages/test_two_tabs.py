"""Settings that two tabs have open: what the second saved is not saved over by the first."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from lxml.html import HtmlElement

from tests.web.browser import Browser, Reply

ACHATS = "/parametres/achats"
IDENTITY = "/bienvenue/identite"
EREPORTING = "/ventes/e-reporting/reglages"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A form: its page, where it goes, what the second tab changes, and the first, later."""

    page: str
    action: str
    second: Mapping[str, str]
    first: Mapping[str, str]


CASES = {
    "acceptance": Case(
        page=ACHATS, action=ACHATS, second={"mode": "trusted"}, first={"mode": "manual"}
    ),
    "set-up": Case(
        page="/bienvenue/acceptation",
        action="/bienvenue/acceptation",
        second={"mode": "trusted"},
        first={"mode": "manual"},
    ),
    "identity": Case(
        page=IDENTITY, action=IDENTITY, second={"city": "Brest"}, first={"city": "Lille"}
    ),
    "notifications": Case(
        page="/parametres/notifications",
        action="/parametres/notifications",
        second={"waiting_frequency": "hourly"},
        first={"errors_frequency": "weekly"},
    ),
    "the platform that sends": Case(
        page=EREPORTING,
        action=f"{EREPORTING}/plateforme",
        second={"platform_id": "0111", "platform_name": "Une"},
        first={"platform_id": "0222", "platform_name": "Deux"},
    ),
    "reminders": Case(
        page=EREPORTING,
        action=f"{EREPORTING}/rappels",
        second={"forward": "oui"},
        first={"remind": "7"},
    ),
    "a circuit": Case(
        page=ACHATS,
        action=f"{ACHATS}/circuits",
        second={"above": "900", "outsiders": "a@b.example"},
        first={"name": "Travaux", "outsiders": "c@d.example"},
    ),
}


def _form(reply: Reply, action: str) -> dict[str, str]:
    """What a browser would send of the form, as it was filled."""
    (found,) = reply.page.xpath(f"//form[@action='{action}'][.//button[@type='submit']]")[:1]
    return {name: value for one in found.xpath(".//*[@name]") for name, value in _sent(one)}


def _sent(field: HtmlElement) -> list[tuple[str, str]]:
    name = str(field.get("name"))
    if field.tag == "button":
        return []
    if field.tag == "select":
        chosen = field.xpath(".//option[@selected]") or field.xpath(".//option[1]")
        return [(name, str(chosen[0].get("value")))]
    if field.get("type") in ("checkbox", "radio") and field.get("checked") is None:
        return []
    return [(name, str(field.get("value", "")))]


@pytest.mark.parametrize("name", CASES)
def test_an_old_form_saves_nothing_over_a_newer_choice(manager: Browser, name: str) -> None:
    """409 and a sentence; what the other tab saved stays; from the page as it is now, it saves."""
    case, path = CASES[name], CASES[name].page
    if name == "a circuit":
        made = {"name": "Circuit", "above": "5", "outsiders": "x@y.example"}
        manager.post(case.action, made)
        (held,) = manager.world.context.preferences.load(manager.world.dossier).circuits
        path = f"{path}?circuit={held.id}"
    old = _form(manager.get(path), case.action)
    assert manager.post(case.action, {**old, **case.second}).status == 303
    now = _form(manager.get(path), case.action)
    assert now != old

    late = manager.post(case.action, {**old, **case.first})
    assert late.status == 409
    assert "Ces réglages ont changé depuis l’affichage de cette page" in late.text
    assert now == _form(manager.get(path), case.action)
    again = _form(late, case.action)
    assert now["seen"] == again["seen"]
    assert manager.post(case.action, {**again, **case.first}).status == 303


def test_what_was_typed_of_an_identity_is_shown_beside_what_is_stored(manager: Browser) -> None:
    """Nothing typed is lost: each value that differs names the stored one."""
    old = _form(manager.get(IDENTITY), IDENTITY)
    manager.post(IDENTITY, {**old, "city": "Brest"})
    late = manager.post(IDENTITY, {**old, "city": "Lille"})
    assert late.one("//input[@name='city']").get("value") == "Lille"
    assert "Valeur enregistrée : « Brest »" in late.one("//*[@id='city-fault']").text_content()
    assert "« »" not in late.text


WRONG = {
    "identity": ({"vat": "FR00"}, {"vat": ""}),
    "a circuit": ({"above": "beaucoup"}, {"above": "700"}),
    "notifications": ({"errors_address": "ici"}, {"errors_address": ""}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_in_an_old_form_makes_it_no_newer(manager: Browser, name: str) -> None:
    """Refused for what is wrong, then sent again from that page: the newer choice still stands."""
    case, path = CASES[name], CASES[name].page
    wrong, mended = WRONG[name]
    if name == "a circuit":
        made = {"name": "Circuit", "above": "5", "outsiders": "x@y.example"}
        manager.post(case.action, made)
        (held,) = manager.world.context.preferences.load(manager.world.dossier).circuits
        path = f"{path}?circuit={held.id}"
    old = _form(manager.get(path), case.action)
    assert manager.post(case.action, {**old, **case.second}).status == 303
    now = _form(manager.get(path), case.action)

    refused = manager.post(case.action, {**old, **wrong})
    if refused.status == 422:  # what moved is not told yet: it is on the next try
        refused = manager.post(case.action, {**_form(refused, case.action), **mended})
    assert refused.status == 409
    assert "Ces réglages ont changé depuis l’affichage de cette page" in refused.text
    assert now == _form(manager.get(path), case.action)


def test_a_circuit_with_a_mistake_is_mended_on_its_page(manager: Browser) -> None:
    """Where nothing moved, what is wrong is said, and the same page saves once it is right."""
    action = f"{ACHATS}/circuits"
    manager.post(action, {"name": "Circuit", "above": "5", "outsiders": "x@y.example"})
    (held,) = manager.world.context.preferences.load(manager.world.dossier).circuits
    old = _form(manager.get(f"{ACHATS}?circuit={held.id}"), action)
    refused = manager.post(action, {**old, "above": "beaucoup"})
    assert refused.status == 422
    assert manager.post(action, {**_form(refused, action), "above": "700"}).status == 303


def test_what_else_changes_on_the_page_makes_no_form_old(manager: Browser) -> None:
    """An approved sender, a circuit: the acceptance that another tab shows is still the one."""
    old = _form(manager.get(ACHATS), ACHATS)
    manager.post(f"{ACHATS}/expediteurs", {"sender": "@vasseur.example"})
    manager.post(f"{ACHATS}/circuits", {"name": "X", "above": "5", "outsiders": "x@y.example"})
    assert 1 == len(manager.world.context.preferences.load(manager.world.dossier).circuits)
    assert manager.post(ACHATS, {**old, "mode": "trusted"}).status == 303
