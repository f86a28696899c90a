"""A supplier's card made by what people accept, and what corrections teach, on the real store."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from facteur.adapters.aws.items import MemberRow
from facteur.domain import bank_accounts
from facteur.domain.candidate import Candidate, Origin
from facteur.domain.commands import (
    AcceptDocument,
    CodeDocument,
    CorrectDocument,
    LearnFromDocument,
)
from facteur.domain.documents import Direction, Document, State
from facteur.domain.dossiers import PERMISSIONS, Caller, Member, Role, mailbox_addresses
from facteur.domain.errors import ForbiddenError, InvalidError
from facteur.domain.events import Happened
from facteur.domain.pages import PageSet
from facteur.domain.parties import AccountState, Defaults, Party, Side
from facteur.domain.serial import loads
from facteur.local.demo import invoices
from facteur.ports import PdfContent, PdfInfo
from facteur.services.deciding import preferences
from facteur.services.parties import bank_accounts as party_accounts
from facteur.services.parties import book
from facteur.services.run import run

from tests.domain import grid
from tests.services.world import DAY, FakePdf, World, xml

PAGE = """
    !FACTURE                                        Menuiserie Le Goff
    Référence pièce : {number}                      4 rue du Port
    Client C1042                                    29000 Quimper
    Le {day}                                   SIRET 552 100 554 00013

    Maison Delorme
    8 rue des Tanneurs
    21000 Dijon

    Désignation                     Qté     PU HT        Montant HT
    Porte de garage                 1       {price}       {price}

                                    Total hors taxes         {price}
                                    TVA 20 %                 {vat}
                                    A régler                 {due}
    Règlement à 45 jours fin de mois
    IBAN {iban}
"""
#: What a person says where the reading was not sure, so that nothing else holds the invoice.
CONFIRMED = {"issue_date": "12/11/2026"}
IBAN, OTHER = "FR76 3000 6000 0112 3456 7890 189", "FR14 2004 1010 0505 0001 3M02 606"


def page(
    number: str, day: str = "12/11/2026", price: int = 900, iban: str = IBAN, *, odd: bool = False
) -> str:
    """A joiner's page; an odd one calls its number « repères » and the form « facture n° 1 »."""
    amounts = {name: f"{value},00".replace(".", ",") for name, value in
               (("price", price), ("vat", price // 5), ("due", price + price // 5))}  # fmt: skip
    text = PAGE.replace("Client C1042", "Facture n° 1") if odd else PAGE
    text = text.replace("Référence pièce", "Nos repères") if odd else text
    return text.format(number=number, day=day, iban=iban, **amounts)


class Pages(FakePdf):
    """Reads each PDF as the page of its own text: the bytes after the first line."""

    def read(self, data: bytes) -> PdfContent:
        text = data.partition(b"\n")[2].decode()
        pages: PageSet = grid.pages(text)
        return PdfContent(info=PdfInfo(pages=1), pages=pages)


@pytest.fixture
def joiner(world: World) -> World:
    """A world whose PDFs are the joiner's pages."""
    world.with_(pdf=Pages())
    return world


def pdf(text: str) -> bytes:
    return b"%PDF-1.7\n" + text.encode()


def mailed(world: World, number: str, **page_of: object) -> Document:
    """The document that a mailed page makes."""
    known = {one.id for one in world.documents()}
    name = f"{number}.pdf"
    world.receive((name, pdf(page(number, **page_of))), key=f"mail/{number}", message_id=number)
    (document,) = (one for one in world.documents() if one.id not in known)
    return document


def candidate(world: World, document: Document) -> Candidate:
    return loads(Candidate, world.context.blobs.get(document.files["candidate"]))


def correct(world: World, document: Document, **values: object) -> Document:
    command = CorrectDocument(
        dossier=world.dossier, document=document.id, version=document.version, values=values,
        by="u1", by_name="Anne",
    )  # fmt: skip
    run(command, world.context)
    world.deliver()
    return world.document(document.id)


def accept(world: World, document: Document, by: str = "u1") -> Document:
    command = AcceptDocument(
        dossier=world.dossier, document=document.id, version=document.version, by=by, by_name="A"
    )
    run(command, world.context)
    world.deliver()
    return world.document(document.id)


def card(world: World, document: Document) -> Party:
    return world.context.parties.party(world.dossier, world.document(document.id).party)


def test_the_first_accepted_invoice_makes_the_supplier(joiner: World) -> None:
    """Nothing before; after it FOUR-001 with his SIREN, his account vouched for, his invoice."""
    document = mailed(joiner, "MG-118")
    assert "" == document.party
    assert () == joiner.context.parties.by_name(joiner.dossier, Side.SUPPLIER).parties

    accepted = accept(joiner, document)
    made = card(joiner, accepted)

    assert State.ARCHIVED is accepted.state
    assert ("FOUR-001", "552100554", 1) == (made.number, made.siren, made.invoices)
    assert (IBAN.replace(" ", ""),) == made.known_ibans
    (row,) = joiner.context.parties.documents(joiner.dossier, made.id)
    assert (document.id, "archived") == (row.document, row.state)


def test_a_corrected_supplier_is_read_right_the_second_time(joiner: World) -> None:
    """Number, date due and name were corrected once: the next page gives them, from hints."""
    first = mailed(joiner, "LG-26/118", odd=True)
    assert "1" == candidate(joiner, first).text("number")
    first = correct(
        joiner, first, number="LG-26/118", due_date="31/12/2026", seller_name="Le Goff SARL"
    )
    accept(joiner, first)

    second = mailed(joiner, "LG-26/131", day="03/12/2026", price=1900, odd=True)
    read = candidate(joiner, second)

    assert ("LG-26/131", "Le Goff SARL") == (read.text("number"), read.text("seller_name"))
    assert date(2027, 1, 31) == read.day("due_date")
    assert Decimal("2280.00") == read.amount("total_incl_vat")
    assert Origin.HINT is read.fields["number"].provenance.origin
    assert read.fields["number"].sure
    assert read.fields["number"].confidence < 1
    assert State.ARCHIVED is accept(joiner, second).state  # without a touch


def test_a_hint_is_sure_once_a_second_document_proved_it(joiner: World) -> None:
    """Corrected, then accepted as read: the third page's number needs no look any more."""
    accept(joiner, correct(joiner, mailed(joiner, "LG-118", odd=True), number="LG-118"))
    accept(joiner, mailed(joiner, "LG-131", day="03/12/2026", price=1900, odd=True))

    third = mailed(joiner, "LG-140", day="15/12/2026", price=500, odd=True)
    reading = candidate(joiner, third).fields["number"]

    assert ("LG-140", True) == (reading.value, reading.sure)
    assert [1] == [one.confirmed for one in card(joiner, third).hints]


def test_a_hint_that_was_wrong_twice_is_forgotten(joiner: World) -> None:
    """A person changes what it gave, twice: it is gone, and the journal says so."""
    accept(joiner, correct(joiner, mailed(joiner, "LG-118", odd=True), number="LG-118"))
    for number in ("LG-131", "LG-132"):
        document = mailed(joiner, number, odd=True)
        accept(joiner, correct(joiner, document, number=f"X{number}"))
    document = mailed(joiner, "LG-140", odd=True)

    assert () == card(joiner, document).hints
    assert "1" == candidate(joiner, document).text("number")
    told = joiner.context.parties.changes(joiner.dossier, document.party)
    assert "party.hints_forgotten" in [one.what for one in told]


def test_a_hint_keeps_silent_on_another_layout_of_the_supplier(joiner: World) -> None:
    """Its label is not there: what the page says is read as ever, and the hint is not blamed."""
    accept(joiner, correct(joiner, mailed(joiner, "LG-118", odd=True), number="LG-118"))
    document = mailed(joiner, "MG-2026-131", price=400)

    assert "MG-2026-131" == candidate(joiner, document).text("number")
    accept(joiner, document)
    assert [(0, 0)] == [(one.confirmed, one.missed) for one in card(joiner, document).hints]


def test_a_removed_hint_teaches_nothing_any_more(joiner: World) -> None:
    """Removed on the card: the next page is read as before the correction."""
    document = correct(joiner, mailed(joiner, "LG-118", odd=True), number="LG-118")
    held = card(joiner, accept(joiner, document))
    (hint,) = held.hints

    after = book.forget_hint(joiner.caller, held.id, hint.id, joiner.context)

    assert () == after.hints
    assert "1" == candidate(joiner, mailed(joiner, "LG-131", odd=True)).text("number")
    changes = joiner.context.parties.changes(joiner.dossier, held.id)
    assert "party.hint_removed" in [one.what for one in changes]


def test_a_document_teaches_once_however_often_it_is_told_to(joiner: World) -> None:
    """The command run again adds no invoice, no confirmation, no entry."""
    document = correct(joiner, mailed(joiner, "LG-118", odd=True), number="LG-118")
    first = accept(joiner, document)
    before = card(joiner, first)

    run(LearnFromDocument(dossier=joiner.dossier, document=first.id), joiner.context)

    assert before == card(joiner, first)


def test_what_nobody_accepted_teaches_nothing(joiner: World) -> None:
    """A corrected invoice that waits makes no card: anybody may send one."""
    correct(joiner, mailed(joiner, "LG-118", odd=True), number="LG-118")

    assert () == joiner.context.parties.by_name(joiner.dossier, Side.SUPPLIER).parties


def test_a_supplier_without_any_identity_is_known_by_the_marks_of_his_pages(
    joiner: World,
) -> None:
    """The page names nobody (a logo); once a person said who, its web address tells."""
    anonymous = (
        PAGE.replace("Menuiserie Le Goff", "                  ")
        .replace("SIRET 552 100 554 00013", "www.legoff-menuiserie.bzh")
        .replace("4 rue du Port", "             ")
        .replace("29000 Quimper", "             ")
        .replace("IBAN {iban}", "Bois massif de nos forêts depuis mille neuf cents")
    )

    def receive(number: str) -> Document:
        text = anonymous.format(number=number, day="12/11/2026", price="900,00", vat="180,00",
                                due="1080,00")  # fmt: skip
        joiner.receive((f"{number}.pdf", pdf(text)), key=f"mail/{number}", message_id=number)
        return joiner.documents()[0]

    first = receive("MG-118")
    who = {"seller_name": "Menuiserie Le Goff", "seller_siren": "552100554",
           "seller_vat": "FR29552100554", "seller_country": "FR", "seller_city": "Quimper",
           "seller_postcode": "29000", "currency": "EUR", "buyer_country": "FR"}  # fmt: skip
    accept(joiner, correct(joiner, first, **who))
    joiner.clock.pass_(minutes=1)

    read = candidate(joiner, receive("MG-131"))

    assert ("Menuiserie Le Goff", "552100554") == (
        read.text("seller_name"), read.text("seller_siren")
    )  # fmt: skip
    assert Origin.HINT is read.fields["seller_siren"].provenance.origin


# ── Bank accounts ───────────────────────────────────────────────────────────────────────────────


def add_member(world: World, user: str, role: Role) -> Caller:
    """Another person of the dossier."""
    member = Member(dossier=world.dossier, user=user, email=f"{user}@b.fr", name=user, role=role)
    table = world.context.parties._table  # type: ignore[attr-defined]
    table.put(MemberRow.of(member))
    return Caller(user=user, name=user, dossier=world.dossier, permissions=PERMISSIONS[role])


def test_a_changed_account_holds_the_invoice_until_a_person_approves(joiner: World) -> None:
    """Neither accepted nor « à accepter »; once approved it goes on, and the account is known."""
    accept(joiner, mailed(joiner, "MG-118"))
    held = mailed(joiner, "MG-119", iban=OTHER, day="20/11/2026")
    party = card(joiner, held)

    assert "iban.changed" in [one.code for one in held.faults]
    assert State.TO_CHECK is held.state
    with pytest.raises(InvalidError):
        accept(joiner, held)

    approved = parties_approve(joiner, joiner.caller, party)

    assert OTHER.replace(" ", "") in approved.known_ibans
    freed = joiner.document(held.id)
    assert "iban.changed" not in [one.code for one in freed.faults]
    assert State.ARCHIVED is accept(joiner, freed).state


def parties_approve(world: World, caller: Caller, party: Party) -> Party:
    return party_accounts.approve_account(caller, party.id, OTHER, world.context)


def test_an_account_that_is_approved_frees_what_shows_it_and_nothing_else(joiner: World) -> None:
    """Held for one account, corrected to another: approving the first lets nothing through."""
    first = accept(joiner, correct(joiner, mailed(joiner, "MG-118"), **CONFIRMED))
    held = card(joiner, first)
    document = mailed(joiner, "MG-119", iban=OTHER, day="20/11/2026")
    another = CONFIRMED | {"issue_date": "20/11/2026", "iban": "DE89 3704 0044 0532 0130 00"}
    document = correct(joiner, document, **another)
    assert bank_accounts.CHANGED in [one.code for one in document.faults]

    party_accounts.approve_account(joiner.caller, held.id, OTHER, joiner.context)
    joiner.deliver()
    document = joiner.document(document.id)
    assert bank_accounts.CHANGED in [one.code for one in document.faults]
    party_accounts.approve_account(
        joiner.caller, held.id, "DE89370400440532013000", joiner.context
    )
    document = joiner.document(document.id)
    assert bank_accounts.CHANGED not in [one.code for one in document.faults]


def test_where_two_people_may_two_must_approve(joiner: World) -> None:
    """The first approval changes nothing; the same person twice is refused; the second frees."""
    second = add_member(joiner, "u2", Role.STAFF)
    accept(joiner, mailed(joiner, "MG-118"))
    held = mailed(joiner, "MG-119", iban=OTHER, day="20/11/2026")
    party = card(joiner, held)
    (fault,) = (one for one in held.faults if one.code == "iban.changed")
    assert "2" == fault.values["people"]

    first = parties_approve(joiner, joiner.caller, party)

    account = first.account(OTHER)
    assert account is not None
    assert AccountState.PENDING is account.state
    with pytest.raises(ForbiddenError, match=r"iban\.second_person"):
        parties_approve(joiner, joiner.caller, party)
    assert OTHER.replace(" ", "") in parties_approve(joiner, second, party).known_ibans
    assert "iban.changed" not in [one.code for one in joiner.document(held.id).faults]


def test_a_reader_approves_no_account(joiner: World) -> None:
    """The right to decide is asked for, and an accountant is not counted among the two."""
    reader = add_member(joiner, "u3", Role.ACCOUNTANT)
    accept(joiner, mailed(joiner, "MG-118"))
    party = card(joiner, mailed(joiner, "MG-119", iban=OTHER))

    with pytest.raises(ForbiddenError):
        parties_approve(joiner, reader, party)
    assert OTHER.replace(" ", "") in parties_approve(joiner, joiner.caller, party).known_ibans


def test_no_correction_ever_teaches_an_account(joiner: World) -> None:
    """A person types the account of one invoice: the next page's own is read, and held."""
    accept(joiner, mailed(joiner, "MG-118"))
    second = correct(joiner, mailed(joiner, "MG-119", iban=OTHER), iban=IBAN)
    accept(joiner, second)

    third = mailed(joiner, "MG-120", iban=OTHER)

    assert not [one for one in card(joiner, third).hints if one.field in ("iban", "bic")]
    assert OTHER.replace(" ", "") == candidate(joiner, third).text("iban")
    assert "iban.changed" in [one.code for one in third.faults]


# ── Defaults and trust ──────────────────────────────────────────────────────────────────────────


def test_defaults_prefill_and_a_users_change_does_not_alter_the_card(joiner: World) -> None:
    """Account and category of the card on the next invoice; another choice stays there (JF-39)."""
    first = card(joiner, accept(joiner, mailed(joiner, "MG-118")))
    book.change(
        joiner.caller, first.id, first.version, {"account": "606400", "category": "Fournitures"},
        joiner.context,
    )  # fmt: skip
    document = mailed(joiner, "MG-119")
    assert {"account": "606400", "category": "Fournitures"} == dict(document.coding)

    command = CodeDocument(
        dossier=joiner.dossier, document=document.id, version=document.version,
        values={"account": "615000"}, by="u1",
    )  # fmt: skip
    run(command, joiner.context)

    assert "615000" == joiner.document(document.id).coding["account"]
    assert Defaults(account="606400", category="Fournitures") == card(joiner, document).defaults


def test_an_issuers_data_match_the_card_too(world: World) -> None:
    """An XML invoice of a known supplier is his; it makes the card when it is the first."""
    (document,) = world.receive(("f.xml", xml("F1")))
    made = card(world, accept(world, document))
    (second, _first) = world.receive(("g.xml", xml("F2")), key="mail/2", message_id="m2")

    assert ("Atelier Vasseur", "500000005") == (made.name, made.siren)
    assert made.id == second.party
    assert () == made.hints


def test_an_account_that_is_no_iban_is_an_account_all_the_same(world: World) -> None:
    """Issued data may name any account (BT-84): it waits where the supplier has a known one."""
    (document,) = world.receive(("f.xml", xml("F1")))
    made = card(world, accept(world, document))
    assert made.known_ibans
    payment = invoices.workshop(DAY).payment
    assert payment is not None
    (transfer, *_others) = payment.transfers
    elsewhere = replace(payment, transfers=(replace(transfer, iban="BARC-20-00-00-55779911"),))
    (second, _first) = world.receive(
        ("g.xml", xml("F2", payment=elsewhere)), key="mail/2", message_id="m2"
    )

    assert made.id == second.party
    assert [bank_accounts.CHANGED] == [one.code for one in second.faults if one.blocking]
    assert State.TO_CHECK is second.state


def test_a_known_account_does_not_hide_another_one_behind_it(world: World) -> None:
    """Two credit transfers, the known account first: held until the other one is approved too."""
    (document,) = world.receive(("f.xml", xml("F1")))
    made = card(world, accept(world, document))
    payment = invoices.workshop(DAY).payment
    assert payment is not None
    (known, *_others) = payment.transfers
    thieves = tuple(
        replace(known, iban=one) for one in (OTHER.replace(" ", ""), "DE89370400440532013000")
    )
    both = replace(payment, transfers=(known, *thieves))
    (second, _first) = world.receive(
        ("g.xml", xml("F2", payment=both)), key="mail/2", message_id="m2"
    )

    assert State.TO_CHECK is second.state
    assert [bank_accounts.CHANGED] * 2 == [one.code for one in second.faults if one.blocking]
    waiting = [one for one in card(world, second).accounts if one.state is AccountState.PENDING]
    assert [one.iban for one in thieves] == [one.iban for one in waiting]

    for left, one in ((1, thieves[0]), (0, thieves[1])):
        party_accounts.approve_account(world.caller, made.id, one.iban, world.context)
        world.deliver()
        second = world.document(second.id)
        assert left == [one.code for one in second.faults].count(bank_accounts.CHANGED)
    assert State.TO_ACCEPT is second.state


def test_a_sale_makes_a_customer(world: World) -> None:
    """CLI-001, from the buyer of what we issued."""
    address = mailbox_addresses("300000007", world.context.inbound_domain)[Direction.SALE]
    world.receive(("f.xml", xml("F1")), to=address)
    (document,) = world.documents(Direction.SALE)
    made = card(world, accept(world, document))

    assert ("CLI-001", Side.CUSTOMER, "Maison Delorme") == (made.number, made.side, made.name)


def test_a_product_coded_once_is_coded_on_the_next_invoice(joiner: World) -> None:
    """A line's account is kept with the product at acceptance, given again, and corrected."""
    first = mailed(joiner, "MG-118")
    command = CodeDocument(
        dossier=joiner.dossier, document=first.id, version=first.version,
        values={"line.0": "615500", "line.x": "no", "other": "no"}, by="u1",
    )  # fmt: skip
    run(command, joiner.context)
    held = card(joiner, accept(joiner, joiner.document(first.id)))
    (product,) = held.products.values()
    assert ("Porte de garage", "615500") == (product.name, product.account)

    assert {"line.0": "615500"} == dict(mailed(joiner, "MG-119").coding)

    (key,) = held.products
    book.set_products(joiner.caller, held.id, {key: " 606300 "}, joiner.context)
    assert {"line.0": "606300"} == dict(mailed(joiner, "MG-120").coding)
    book.set_products(joiner.caller, held.id, {key: ""}, joiner.context)
    assert {} == dict(mailed(joiner, "MG-121").coding)


def test_a_trusted_supplier_passes_alone_but_not_with_another_account(joiner: World) -> None:
    """The mode « excepté fournisseurs de confiance » reads the card; an unknown account holds."""
    first = accept(joiner, correct(joiner, mailed(joiner, "MG-118"), **CONFIRMED))
    held = card(joiner, first)
    book.change(joiner.caller, held.id, held.version, {"trusted": "1"}, joiner.context)
    preferences.choose(
        joiner.caller, mode="trusted", find_duplicates=True, block_duplicates=True,
        accept_senders=False, context=joiner.context,
    )  # fmt: skip
    document = mailed(joiner, "MG-119", iban=OTHER, day="20/11/2026")
    document = correct(joiner, document, **CONFIRMED | {"issue_date": "20/11/2026"})
    assert State.TO_CHECK is document.state

    parties_approve(joiner, joiner.caller, held)
    joiner.deliver()

    document = joiner.document(document.id)
    assert State.ARCHIVED is document.state
    (told,) = (one.event for one in joiner.context.store.history(document.ref)
               if one.event.name is Happened.INVOICE_ACCEPTED)  # fmt: skip
    assert ("système", "trusted_supplier") == (told.by, told.values["because"])


def test_a_document_given_to_another_supplier_leaves_the_first_ones_list(joiner: World) -> None:
    """Its seller corrected, it stands on the other card, and on no two."""
    first = card(joiner, accept(joiner, mailed(joiner, "MG-118")))
    other = book.add(
        joiner.caller, Side.SUPPLIER, {"name": "Zinc", "siren": "500000005"}, joiner.context
    )
    document = mailed(joiner, "MG-119")
    assert first.id == document.party

    moved = correct(joiner, document, seller_siren="500000005", seller_siret="",
                    seller_name="Zinc")  # fmt: skip

    assert other.id == moved.party
    listed = {
        one.id: [row.document for row in joiner.context.parties.documents(joiner.dossier, one.id)]
        for one in (first, other)
    }
    assert (False, [document.id]) == (document.id in listed[first.id], listed[other.id])


def test_a_real_company_under_a_known_name_is_not_the_known_one(joiner: World) -> None:
    """A SIREN that no card bears is somebody new, whatever his name."""
    book.add(
        joiner.caller, Side.SUPPLIER, {"name": "Menuiserie Le Goff", "siren": "500000005"},
        joiner.context,
    )  # fmt: skip

    assert "" == mailed(joiner, "MG-118").party


def test_a_misread_name_is_known_by_its_account_if_it_resembles(joiner: World) -> None:
    """Without SIREN: the account and a name alike are enough; a factor's account is not."""

    def receive(number: str, name: str) -> Document:
        text = page(number).replace("SIRET 552 100 554 00013", "")
        text = text.replace("Menuiserie Le Goff", name)
        known = {one.id for one in joiner.documents()}
        joiner.receive((f"{number}.pdf", pdf(text)), key=f"mail/{number}", message_id=number)
        (document,) = (one for one in joiner.documents() if one.id not in known)
        return document

    held = card(joiner, accept(joiner, mailed(joiner, "MG-118")))

    assert held.id == receive("MG-119", "Menuiserie Le Gotf").party
    assert "" == receive("MG-120", "Transports Duval").party
