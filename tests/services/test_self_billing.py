"""Self-billing both ways: filed on its side, allowed by a mandate, sent to the seller (IP-12)."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from facteur.domain.commands import SendInvoice, SetStatus, SyncConnection
from facteur.domain.documents import Direction, Document, State, Summary
from facteur.domain.dossiers import Dossier
from facteur.domain.errors import ForbiddenError, InvalidError, NotFoundError
from facteur.domain.exports import Accounts, journal_of
from facteur.domain.flows import FlowType, FlowView
from facteur.domain.identifiers import vat_of_siren
from facteur.domain.invoice import Identifier, Party
from facteur.domain.lifecycle.fold import facts_of
from facteur.domain.lifecycle.records import Transmission
from facteur.domain.parties import Party as Card
from facteur.domain.parties import Side
from facteur.domain.self_billing import Mandate, issued_here, mandate_gap, side_for
from facteur.formats import cdar
from facteur.formats.xml_invoice import parse
from facteur.local.demo.invoices import workshop
from facteur.ports import Changes
from facteur.services.parties import book, mandates
from facteur.services.run import run

from tests.services.exports.test_kits import _import as take_in
from tests.services.exports.test_kits import _kit as kit_of
from tests.services.fake_platforms import Compliant, FakePlatform, connected
from tests.services.world import DAY, World, xml

OWN, OTHER = "300000007", "300010006"
SIGNED = DAY - timedelta(days=30)


@pytest.fixture
def pa(world: World) -> FakePlatform:
    return connected(world, rulebook=Compliant())


def company(sample: Party, siren: str, name: str) -> Party:
    return replace(
        sample,
        name=name,
        legal_id=Identifier(value=siren, scheme="0002"),
        identifiers=(),
        vat=vat_of_siren(siren),
        electronic_address=Identifier(value=f"{siren}_AUTOFACTURATION", scheme="0225"),
        contact=None,
    )


def self_billed(seller: str, buyer: str, number: str = "AF-1", kind: str = "389") -> bytes:
    sample = workshop(DAY)
    return xml(
        number,
        type_code=kind,
        seller=company(sample.seller, seller, "Société " + seller),
        buyer=company(sample.buyer, buyer, "Société " + buyer),
    )


def issued(world: World, **more: str) -> Document:
    """A self-billed invoice of ours, mailed to the box of the sales, archived."""
    box = f"SIREN{OWN}@out.{world.context.inbound_domain}"
    world.receive(("af.xml", self_billed(OTHER, OWN, **more)), to=box)
    (made,) = world.documents()
    return world.context.store.commit(Changes(document=replace(made, state=State.ARCHIVED)))


def with_card(world: World, document: Document, mandate: Mandate | None) -> Document:
    card = Card(
        dossier=world.dossier, id="p1", side=Side.SUPPLIER, number="FOUR-001",
        name="Atelier", siren=OTHER, mandate=mandate,
    )  # fmt: skip
    world.context.parties.save((card,), ())
    return world.context.store.commit(Changes(document=replace(document, party="p1")))


def mandate(world: World, signed_on: date = SIGNED) -> Mandate:
    file = world.context.blobs.put(
        f"{world.dossier}/mandates/p1/{signed_on}", b"%PDF-1.7 signed", "application/pdf"
    )
    return Mandate(signed_on=signed_on, file=file, at=world.clock.now(), by="Anne")


def send(world: World, document: Document, **more: str) -> Document:
    run(
        SendInvoice(dossier=world.dossier, document=document.id, by="u1", by_name="Anne", **more),
        world.context,
    )
    world.deliver()
    return world.document(document.id)


def test_what_we_bill_in_a_suppliers_name_is_a_purchase_that_we_issue(
    world: World, pa: FakePlatform
) -> None:
    """Mailed with the sales, by a 389 and a 261: filed with the purchases, counted there alone."""
    made = issued(world)
    assert Direction.PURCHASE is made.direction
    assert issued_here(made)
    assert f"{OTHER}_AUTOFACTURATION" == made.buyer_address
    assert [] == list(world.documents(Direction.SALE))
    store = world.context.store
    assert 0 == sum(store.counts(world.dossier, Direction.SALE).values())
    assert 1 == sum(store.counts(world.dossier, Direction.PURCHASE).values())
    told = [one.event for one in store.history(made.ref) if one.event.name.value == "SideSettled"]
    assert [{"side": "purchase"}] == [dict(one.values) for one in told]
    assert not [one.code for one in made.faults if one.code.endswith(".other")]


def test_what_a_customer_bills_in_our_name_is_a_sale_that_we_do_not_send(
    world: World, pa: FakePlatform
) -> None:
    """PE-33: mailed with the purchases; filed with the sales; sending it is refused with why."""
    world.receive(("af.xml", self_billed(OWN, OTHER)))
    (made,) = world.documents(Direction.SALE)
    assert [] == list(world.documents())
    assert not issued_here(made)
    kept = world.context.store.commit(Changes(document=replace(made, state=State.ARCHIVED)))
    with pytest.raises(InvalidError, match=r"sending\.not_ours"):
        send(world, kept)
    assert [] == pa.sent


@pytest.mark.parametrize(
    ("seller", "buyer"), [(OTHER, "552100554"), (OWN, OWN)], ids=["neither", "both"]
)
def test_an_invoice_that_does_not_tell_our_side_stays_where_it_came(
    world: World, seller: str, buyer: str
) -> None:
    """Between others, or with ourselves: nothing is guessed."""
    box = f"SIREN{OWN}@out.{world.context.inbound_domain}"
    world.receive(("af.xml", self_billed(seller, buyer)), to=box)
    assert 1 == len(world.documents(Direction.SALE))
    assert side_for(seller, buyer, OWN) is None


def test_nothing_leaves_in_a_suppliers_name_without_a_mandate(
    world: World, pa: FakePlatform
) -> None:
    """No card, no mandate, one signed after the invoice: each is told, nothing is sent."""
    made = issued(world)
    with pytest.raises(InvalidError, match=r"sending\.no_mandate"):
        send(world, made)
    made = with_card(world, made, None)
    with pytest.raises(InvalidError, match=r"sending\.no_mandate"):
        send(world, made)
    card = world.context.parties.party(world.dossier, "p1")
    late = replace(card, mandate=mandate(world, DAY + timedelta(days=1)))
    world.context.parties.save((late,), ())
    with pytest.raises(InvalidError, match=r"sending\.mandate_later"):
        send(world, made)
    assert [] == pa.sent
    assert "sending.mandate_later" == mandate_gap(mandate(world), None)


def test_it_leaves_by_our_platform_and_statuses_come_back_to_both(
    world: World, pa: FakePlatform
) -> None:
    """Sent as a SupplierInvoice; the seller's approval counts; our payment goes to the seller."""
    made = send(world, with_card(world, issued(world), mandate(world)))
    assert [FlowType.SUPPLIER_INVOICE] == [one.type for one in pa.sent]
    pa.answer(pa.sent[0].id)
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()
    assert Transmission.CONFIRMED is world.document(made.id).sendings[0].transmission

    run(
        SetStatus(
            dossier=world.dossier, document=made.id, code="211", by="u1", by_name="Anne",
            amount=made.summary.amount_due, on=DAY,
        ),
        world.context,
    )  # fmt: skip
    world.deliver()
    _invoice, status = pa.sent
    assert FlowType.SUPPLIER_INVOICE_LC is status.type
    said = cdar.parse(pa.files[status.id, FlowView.ORIGINAL])
    assert ("BY", OTHER, f"{OTHER}_AUTOFACTURATION") == (
        said.author.role,
        said.recipients[0].siren,
        said.recipients[0].address.value if said.recipients[0].address else "",
    )
    assert OTHER == (said.seller.siren if said.seller else "")

    approved = replace(
        said,
        code="205", untdid="1", details=(), id="seller-205", label="Approuvée",
        author=replace(said.recipients[0], role="SE", name="Société"),
        recipients=(replace(said.author, address=said.recipients[0].address),),
    )  # fmt: skip
    pa.bring(
        "st-205",
        cdar.write(approved),
        kind=FlowType.SUPPLIER_INVOICE_LC,
        at=world.clock.now() + timedelta(hours=1),
    )
    run(SyncConnection(dossier=world.dossier, connection="c1"), world.context)
    world.deliver()
    assert "205" == facts_of(world.document(made.id)).approval
    with pytest.raises(InvalidError):  # approving is the seller's to say
        run(
            SetStatus(dossier=world.dossier, document=made.id, code="205", by="u1"),
            world.context,
        )


def test_another_address_of_the_seller_is_written_where_he_is_reached(
    world: World, pa: FakePlatform
) -> None:
    """« Corriger et renvoyer »: BT-34 moves, the buyer and all the rest stay."""
    made = send(
        world, with_card(world, issued(world), mandate(world)), address=f"0225:{OTHER}_FACTURES"
    )
    data = pa.files[pa.sent[0].id, FlowView.ORIGINAL]
    before = parse(world.context.blobs.get(made.files["original"])).invoice
    after = parse(data).invoice
    assert f"{OTHER}_FACTURES" == after.seller.electronic_address.value
    assert replace(after, seller=before.seller) == before
    assert hashlib.sha256(data).hexdigest() == made.sendings[0].sha256


# ── The mandate ─────────────────────────────────────────────────────────────────────────────────


def uploaded(world: World, data: bytes = b"%PDF-1.7 signed") -> str:
    world.platform.client("s3").put_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"],
        Key=f"exports/{world.dossier}/mandates/name1",
        Body=data,
    )
    return "name1"


def card(world: World, side: Side = Side.SUPPLIER) -> str:
    return book.add(world.caller, side, {"name": "Atelier"}, world.context).id


def test_a_mandate_is_declared_kept_and_ended(world: World) -> None:
    """Its file is kept whole, its day and who declared it stand on the card and in its history."""
    held = card(world)
    made = mandates.declare(
        world.caller, held, uploaded(world), world.context, signed_on=SIGNED, sure=True
    )
    assert made.mandate is not None
    assert (SIGNED, b"%PDF-1.7 signed") == (
        made.mandate.signed_on,
        world.context.blobs.get(made.mandate.file),
    )
    assert "http" in mandates.link(world.caller, held, world.context)
    over = mandates.withdraw(world.caller, held, world.context)
    assert over.mandate is None
    told = [one.what for one in book.card(world.caller, held, world.context).changes]
    assert ["party.mandate_withdrawn", "party.mandate_declared"] == told[:2]
    assert mandates.withdraw(world.caller, held, world.context) == over


def test_what_lacks_for_a_mandate_is_told_all_at_once(world: World) -> None:
    """No file, no day or a day to come, an unticked box; a customer has none; nobody reads on."""
    held = card(world)
    for data in (b"MZ\x90\x00 a program", b"<?xml version='1.0'?><a/>", b""):
        name = uploaded(world, data)
        with pytest.raises(InvalidError) as refused:
            mandates.declare(world.caller, held, name, world.context, signed_on=None, sure=False)
        assert ["mandate.file", "mandate.signed_on", "mandate.sure"] == [
            one.code for one in refused.value.faults
        ]
    good = uploaded(world)
    with pytest.raises(InvalidError):
        mandates.declare(
            world.caller, held, good, world.context,
            signed_on=world.clock.now().date() + timedelta(days=2), sure=True,
        )  # fmt: skip
    for wrong in ("../other", "never-sent"):
        with pytest.raises(NotFoundError):
            mandates.declare(world.caller, held, wrong, world.context, signed_on=SIGNED, sure=True)
    with pytest.raises(NotFoundError):
        mandates.upload_form(world.caller, card(world, Side.CUSTOMER), world.context, back=str)
    reader = replace(world.caller, permissions=frozenset())
    with pytest.raises(ForbiddenError):
        mandates.declare(reader, held, good, world.context, signed_on=SIGNED, sure=True)


# ── Elsewhere ───────────────────────────────────────────────────────────────────────────────────


def test_a_mandate_leaves_with_the_exit_kit(world: World) -> None:
    """Taken in elsewhere with its bytes; one whose file is missing or altered is none there."""
    held = card(world)
    mandates.declare(
        world.caller, held, uploaded(world), world.context, signed_on=SIGNED, sure=True
    )
    (files,) = kit_of(world)
    name = f"dossier/mandates/{held}"
    assert b"%PDF-1.7 signed" == files[name]
    for dossier, changed in (
        ("whole", files),
        ("lost", {one: data for one, data in files.items() if one != name}),
    ):
        other = Dossier(id=dossier, name="Ailleurs", siren="300010006")
        world.context.store.save_dossier(other, (), {})
        if dossier == "whole":
            take_in(world, changed, dossier)
            there = world.context.parties.party(dossier, held)
            assert there.mandate is not None
            assert (SIGNED, b"%PDF-1.7 signed") == (
                there.mandate.signed_on,
                world.context.blobs.get(there.mandate.file),
            )
            assert there.mandate.file.key.startswith("whole/")
        else:
            with pytest.raises(InvalidError):  # the manifest names it
                take_in(world, changed, dossier)


def test_received_self_billed_sales_have_a_journal_of_their_own() -> None:
    """PE-33: VA beside VE; the account of the dossier may be another."""
    document = Document(
        dossier="d", id="i", direction=Direction.SALE, state=State.ARCHIVED,
        received_at=datetime(2026, 11, 20, tzinfo=UTC), filename="f", media_type="x", sha256="0",
        size=1, sources=(), summary=Summary(type_code="389", kind="self_billed"),
    )  # fmt: skip
    accounts = Accounts(dossier="d")
    assert ("VA", "Ventes autofacturées") == journal_of(document, accounts)
    plain = replace(document, summary=replace(document.summary, type_code="380"))
    assert ("VE", "Ventes") == journal_of(plain, accounts)
    bought = replace(document, direction=Direction.PURCHASE)
    assert ("AC", "Achats") == journal_of(bought, accounts)
