"""A sale reaches its buyer's dossier on the same platform, once."""

from dataclasses import replace

import pytest
from facteur.domain.candidate import Candidate, Origin, Provenance, Reading
from facteur.domain.commands import AcceptDocument, TransferDocument
from facteur.domain.documents import Channel, Direction, Document, DocumentRef, State
from facteur.domain.dossiers import Dossier, mailbox_addresses
from facteur.domain.errors import NotFoundError
from facteur.domain.events import Happened, broken_at
from facteur.domain.identifiers import vat_of_siren
from facteur.domain.invoice import Identifier
from facteur.domain.transfers import addressee
from facteur.local.demo import invoices
from facteur.ports import Company
from facteur.services.people import dossiers
from facteur.services.run import run

from tests.services.world import DAY, World, xml

SELLER = "500000005"  # Atelier Vasseur, the seller of the sample invoice
BUYER = "300000007"  # Maison Delorme, the buyer: the world's own dossier


@pytest.fixture
def seller(world: World) -> str:
    """The dossier of the sample's seller, on the same platform as its buyer's."""
    made = dossiers.create(Company(siren=SELLER, name="Atelier Vasseur"), None, world.context)
    return dossiers.vouch(made.siren, world.context).id


def sales(world: World, dossier: str) -> tuple[Document, ...]:
    return world.context.store.documents(dossier, Direction.SALE).documents


def send(world: World, dossier: str, data: bytes, *, name: str = "f.xml", key: str = "1") -> None:
    """Mail a sale to the seller's ``out.`` address and accept it."""
    to = mailbox_addresses(SELLER, world.context.inbound_domain)[Direction.SALE]
    run(world.mail((name, data), to=to, key=f"mail/s{key}", message_id=f"s{key}"), world.context)
    world.deliver()
    for document in sales(world, dossier):
        if document.state is State.TO_ACCEPT:
            run(
                AcceptDocument(
                    dossier=dossier, document=document.id, version=document.version, by="u7"
                ),
                world.context,
            )
    world.deliver()


def told(world: World, document: Document) -> list[Happened]:
    history = world.context.store.history(document.ref)
    assert broken_at(history) is None
    return [one.event.name for one in history]


def test_an_accepted_sale_is_in_its_buyers_purchases_as_the_same_file(
    world: World, seller: str
) -> None:
    """Same bytes, name and number; the channel and the sender are told, and both histories."""
    send(world, seller, xml("F1"))

    (sale,) = sales(world, seller)
    (purchase,) = world.documents()
    assert (State.ARCHIVED, State.TO_ACCEPT) == (sale.state, purchase.state)
    assert xml("F1") == world.context.blobs.get(purchase.files["original"])
    assert (sale.sha256, sale.filename, "F1") == (
        purchase.sha256, purchase.filename, purchase.summary.number,
    )  # fmt: skip
    (source,) = purchase.sources
    assert (Channel.PLATFORM, "Atelier Vasseur (SIREN 500000005)", True) == (
        source.channel, source.sender, source.authenticated,
    )  # fmt: skip
    assert [Happened.INVOICE_TRANSFERRED, Happened.DOCUMENT_ARCHIVED] == told(world, sale)[-2:]
    assert Happened.DOCUMENT_RECEIVED is told(world, purchase)[0]
    entry = world.context.store.history(sale.ref)[-2]
    wanted = {"siren": BUYER, "buyer": "Maison Delorme", "seal": "1"}
    assert wanted == dict(entry.event.values)


def test_a_sale_is_handed_over_once_however_often_it_is_asked(world: World, seller: str) -> None:
    """The command again, and again after its claim was lost between the two: one document."""
    send(world, seller, xml("F1"))
    (sale,) = sales(world, seller)
    again = TransferDocument(dossier=seller, document=sale.id)

    run(again, world.context)
    run(again, world.context)
    world.deliver()

    assert 1 == len(world.documents())
    assert 1 == told(world, sale).count(Happened.INVOICE_TRANSFERRED)


def test_a_crash_before_the_sellers_history_is_mended_by_the_next_try(
    world: World, seller: str
) -> None:
    """The buyer has it already: the next try only tells it."""

    class CrashError(Exception):
        """The process dies."""

    class Dying:
        """A store whose first claimed transfer kills the process."""

        def __init__(self, inner: object) -> None:
            self.inner, self.alive = inner, True

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        def commit(self, changes: object) -> object:
            if self.alive and any(one.kind == "TRANSFER" for one in changes.claims):  # type: ignore[attr-defined]
                self.alive = False
                raise CrashError
            return self.inner.commit(changes)  # type: ignore[attr-defined]

    world.with_(store=Dying(world.context.store))
    with pytest.raises(CrashError):
        send(world, seller, xml("F1"))
    (sale,) = sales(world, seller)
    assert Happened.INVOICE_TRANSFERRED not in told(world, sale)

    run(TransferDocument(dossier=seller, document=sale.id), world.context)
    world.deliver()

    assert 1 == len(world.documents())
    assert 1 == told(world, sale).count(Happened.INVOICE_TRANSFERRED)


def test_a_sale_in_anothers_name_is_not_handed_over(world: World, seller: str) -> None:
    """The seller named by the data must be the dossier: nobody invoices in another's name."""
    party = invoices.workshop(DAY).seller
    other = replace(
        party,
        legal_id=Identifier(value="300010006", scheme="0002"),
        identifiers=(),
        vat=vat_of_siren("300010006"),
    )
    send(world, seller, xml("F1", seller=other))

    (held,) = sales(world, seller)
    assert State.TO_CHECK is held.state  # « seller.other » stops it before
    assert () == world.documents()


def test_only_the_dossiers_own_sale_has_an_addressee() -> None:
    """Another seller, the seller himself, or nobody as the buyer: no SIREN to hand it to."""
    own = Dossier(id="d", name="Atelier Vasseur", siren=SELLER)

    def to(seller: str, **buyer: str) -> str:
        values = {"seller_siren": seller, **buyer}
        fields = {
            name: Reading(value=value, provenance=Provenance(origin=Origin.XML))
            for name, value in values.items()
        }
        return addressee(Candidate(fields=fields), own)

    assert BUYER == to(SELLER, buyer_siren=BUYER)
    assert BUYER == to(SELLER, buyer_vat=vat_of_siren(BUYER))
    assert BUYER == to(SELLER, buyer_siret="30000000700012")
    assert "" == to("300010006", buyer_siren=BUYER)
    assert "" == to("", buyer_siren=BUYER)
    assert "" == to(SELLER, buyer_siren=SELLER)
    assert "" == to(SELLER)
    assert "" == to(SELLER, buyer_siren="123456789")


def test_a_sale_to_somebody_who_is_not_here_stays_where_it_is(world: World, seller: str) -> None:
    """An unknown SIREN, or none at all: sealed, and that is all."""
    party = invoices.workshop(DAY).buyer
    stranger = replace(
        party, legal_id=Identifier(value="300010006", scheme="0002"), identifiers=(), vat=""
    )
    nobody = replace(party, legal_id=None, identifiers=(), vat="")
    send(world, seller, xml("F1", buyer=stranger), key="1")
    send(world, seller, xml("F2", buyer=nobody), key="2")

    done = [one for one in sales(world, seller) if one.state is State.ARCHIVED]
    assert done
    assert all(Happened.INVOICE_TRANSFERRED not in told(world, one) for one in done)
    assert () == world.documents()


def test_a_purchase_is_never_handed_over_nor_asks_for_it(world: World, seller: str) -> None:
    """No command follows a purchase, and one that is forged does nothing."""
    (purchase,) = world.receive(("f.xml", xml("F1")))
    run(
        AcceptDocument(
            dossier=world.dossier, document=purchase.id, version=purchase.version, by="u1"
        ),
        world.context,
    )
    while world.queue.sent:
        assert not isinstance(world.queue.sent[0].command, TransferDocument)
        one = world.queue.sent.pop(0)
        run(one.command, world.context)
    run(TransferDocument(dossier=world.dossier, document=purchase.id), world.context)

    assert () == sales(world, seller)
    assert () == world.context.store.documents(seller, Direction.PURCHASE).documents
    held = world.context.store.document(DocumentRef(world.dossier, purchase.id))
    assert State.ARCHIVED is held.state


def test_whoever_only_says_that_a_siren_is_theirs_sends_nothing(world: World) -> None:
    """A dossier made while anybody may sign up: its sale stays, and says once why."""
    company = Company(siren=SELLER, name="Atelier Vasseur")
    made = dossiers.create(company, None, world.context)
    assert not made.vouched
    send(world, made.id, xml("F1"))
    (sale,) = sales(world, made.id)
    run(TransferDocument(dossier=made.id, document=sale.id), world.context)

    assert () == world.documents()
    entries = [one.event for one in world.context.store.history(sale.ref)]
    kept = [one for one in entries if one.name is Happened.INVOICE_NOT_TRANSFERRED]
    assert ["own_siren"] == [one.values["why"] for one in kept]
    assert Happened.INVOICE_TRANSFERRED not in told(world, sale)

    dossiers.vouch(SELLER, world.context)
    run(TransferDocument(dossier=made.id, document=sale.id), world.context)
    assert 1 == len(world.documents())  # the refusal was no claim on the transfer
    assert dossiers.vouch(SELLER, world.context).vouched  # again: nothing changes


def test_whoever_only_says_that_a_siren_is_theirs_receives_nothing(
    world: World, seller: str
) -> None:
    """The buyer's SIREN was taken by somebody: the sealed sale does not go there."""
    victim = "400000006"
    taken = dossiers.create(Company(siren=victim, name="Quais"), None, world.context)
    buyer = replace(
        invoices.workshop(DAY).buyer,
        legal_id=Identifier(value=victim, scheme="0002"),
        identifiers=(),
        vat=vat_of_siren(victim),
    )
    send(world, seller, xml("F1", buyer=buyer))

    (sale,) = sales(world, seller)
    assert State.ARCHIVED is sale.state
    assert () == world.context.store.documents(taken.id, Direction.PURCHASE).documents
    event = world.context.store.history(sale.ref)[-1].event
    assert (Happened.INVOICE_NOT_TRANSFERRED, "buyer_siren") == (event.name, event.values["why"])


def test_where_nobody_signs_up_a_dossier_is_vouched_for_from_its_birth(world: World) -> None:
    """FACTEUR_SIGN_UP=closed: who makes dossiers was let in by the operator."""
    closed = replace(world.context, sign_up_open=False)
    assert dossiers.create(Company(siren=SELLER, name="Atelier"), None, closed).vouched
    with pytest.raises(NotFoundError):
        dossiers.vouch("300010006", world.context)
