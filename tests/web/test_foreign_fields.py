"""Another dossier's identifiers in the fields of forms: nothing happens, nothing is told.

Those of the addresses are covered by test_security.py, from the route table; here what travels in
a form or a query, and would be believed by a careless view.
"""

from dataclasses import dataclass, replace

import pytest
from facteur.domain.documents import Accounting, Direction, Document, State, Summary
from facteur.domain.dossiers import Dossier as Company
from facteur.domain.dossiers import Member, Role, mailbox_addresses
from facteur.domain.parties import Party, Side
from facteur.services.deciding import preferences
from facteur.services.parties import book

from tests.services.world import World
from tests.web.browser import Browser, keep

SECRET = "Verger Secret"


@dataclass
class There:
    """A neighbour: its documents and its supplier's card."""

    world: World
    waiting: Document
    archived: Document
    card: Party

    def state(self) -> tuple[object, ...]:
        """Everything that must not move."""
        heads = tuple(self.world.document(one.id) for one in (self.waiting, self.archived))
        return (*heads, self.world.context.parties.party(self.world.dossier, self.card.id))


@pytest.fixture
def there(world: World) -> There:
    """Another company on the same platform, with a gérant of its own."""
    company = Company(id="verger", name=SECRET, siren="300010006")
    boss = Member(dossier="verger", user="boss", email="b@b.fr", name="B", role=Role.MANAGER)
    addresses = mailbox_addresses(company.siren, world.context.inbound_domain)
    boxes = {one.lower(): direction for direction, one in addresses.items()}
    world.context.store.save_dossier(company, (boss,), boxes)
    caller = replace(world.caller, user="boss", name="B", dossier="verger")
    held = replace(world, caller=caller)
    summary = Summary(seller_name=SECRET, number="S-1")
    card = book.add(caller, Side.SUPPLIER, {"name": SECRET}, world.context)
    return There(
        world=held,
        waiting=keep(held, State.TO_ACCEPT, summary=summary, direction=Direction.PURCHASE),
        archived=keep(held, State.ARCHIVED, summary=summary, accounting=Accounting.TO_FETCH),
        card=card,
    )


@pytest.mark.parametrize("action", ["accept", "refuse", "trash", "restore", "delete"])
def test_actions_on_a_selection_do_not_reach_a_neighbour(
    manager: Browser, there: There, action: str
) -> None:
    """Each document answers as one that never was; « Annuler » neither."""
    before = there.state()
    ticked = [("document", f"{one.id}:{one.version}") for one in (there.waiting, there.archived)]
    reply = manager.post(
        "/lot",
        [("action", action), ("reason", "AUTRE"), ("confirmation", "SUPPRIMER"), *ticked],
    )
    undone = manager.post("/lot/annuler", {"lot": f"{there.waiting.id},{there.archived.id}"})

    assert before == there.state()
    for one in (reply, undone):
        assert one.status in (200, 422)
        assert SECRET not in one.text


@pytest.mark.parametrize(
    ("path", "field", "more"),
    [
        ("/archives/telecharger", "document", {}),
        ("/archives/statut", "document", {"statut": "fetched"}),
        ("/tiers/selection", "fiche", {"action": "trust"}),
        ("/tiers/selection", "fiche", {"action": "archive"}),
    ],
)
def test_a_selection_of_a_neighbour_s_is_not_found(
    manager: Browser, there: There, path: str, field: str, more: dict[str, str]
) -> None:
    """The archives' forms and the cards': 404, and nothing of it is said."""
    before = there.state()
    named = there.card.id if field == "fiche" else there.archived.id
    reply = manager.post(path, {field: named, **more})

    assert 404 == reply.status
    assert SECRET not in reply.text
    assert before == there.state()


def test_a_neighbour_s_card_cannot_be_merged(manager: Browser, there: There) -> None:
    """Neither asked for in the address nor sent by the form."""
    before = there.state()
    mine = book.add(manager.world.caller, Side.SUPPLIER, {"name": "Mien"}, manager.world.context)
    asked = manager.get(f"/tiers/{mine.id}/fusionner?avec={there.card.id}")
    sent = manager.post(f"/tiers/{mine.id}/fusionner", {"avec": there.card.id})

    assert (404, 404) == (asked.status, sent.status)
    assert SECRET not in asked.text + sent.text
    assert before == there.state()


def test_a_neighbour_is_no_approver(manager: Browser, there: There) -> None:
    """A circuit takes this dossier's deciders only: a forged identifier is nobody."""
    reply = manager.post(
        "/parametres/achats/circuits", {"name": "Vol", "above": "1", "approvers": "boss"}
    )

    assert 422 == reply.status
    assert () == preferences.preferences(manager.world.caller, manager.world.context).circuits
    assert there.card.name not in reply.text
