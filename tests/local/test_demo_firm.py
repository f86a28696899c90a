"""The demonstration's firm: there at once, and once."""

from datetime import date

from facteur import bootstrap, config
from facteur.domain.documents import Direction
from facteur.domain.identifiers import is_siren
from facteur.local.demo import firm
from facteur.local.seed import Demo, _load, _save

from tests.emulator import Platform

PASSWORD = "Un-mot-de-passe-1"


def test_making_it_twice_makes_it_once(platform: Platform) -> None:
    """Interrupted, then made again: one firm, its head, three clients with their mailboxes."""
    settings = config.load(platform.environment)
    context = bootstrap.context(settings)
    for _start in range(2):
        firm.create(PASSWORD, context, settings)
    (head,) = context.people.firm_members(firm.FIRM.id)
    assert context.people.firms_of(head.user) == (head,)
    links = context.people.links_of_firm(firm.FIRM.id)
    assert {one.dossier_name for one in links} == {one.name for one in firm.CLIENTS}
    assert all(one.active for one in links)
    for one in firm.CLIENTS:
        assert is_siren(one.siren)
        address = firm.purchases_of(one, settings).lower()
        assert context.store.mailbox(address) == (one.id, Direction.PURCHASE)
    person = context.identity.sign_in(firm.EMAIL, PASSWORD)
    assert person is not None
    assert person.subject == head.user  # type: ignore[union-attr]


def test_what_its_suppliers_send_is_one_invoice_right_and_one_wrong() -> None:
    """The first names its client, the second another company: two states of the portfolio."""
    (baker, right, page), (garage, wrong, other) = firm.sent(date(2026, 11, 20))
    assert right.buyer.name == baker.name
    assert wrong.buyer.name != garage.name
    assert page.startswith(b"%PDF") and other.startswith(b"%PDF")  # noqa: PT018


def test_a_folder_of_before_the_firm_gets_one(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """What an earlier release remembered is read: the firm is made then, the rest is not."""
    (tmp_path / "demo.json").write_text('{"password": "p", "api_key": "k", "sent": true}')
    assert _load(tmp_path) == Demo(password="p", api_key="k", sent=True)
    made = _save(tmp_path, Demo(password="p", api_key="k", sent=True, firm_password="f"))
    assert _load(tmp_path) == made
