"""The others, played by the test platform: a supplier who bills, a customer who answers.

So that one installation alone can go the whole way: an invoice comes in at a click (PE-35), and a
sale to a company of the fictitious directory is approved, disputed, refused or paid from the page.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from facteur.domain.identifiers import vat_of_siren
from facteur.domain.invoice import Identifier, Invoice, Party, PrecedingInvoice
from facteur.formats.xml_invoice import write_cii
from facteur.local.demo.invoices import printer, workshop
from facteur.local.demo.ubl import write_ubl
from facteur.local.sandbox_pa import directory, statuses
from facteur.local.sandbox_pa.platform import SECOND, Sandbox
from facteur.local.sandbox_pa.shapes import Wrong
from facteur.local.sandbox_pa.store import StoredFlow, StoredInvoice

SUPPLIER = "300010006"  # Atelier Vermont, of the fictitious directory

#: The examples that the fictitious supplier can send: kind → words of the choice (PE-35).
EXAMPLES: Mapping[str, str] = {
    "simple": "Facture simple, un taux (CII)",
    "rates": "Facture à plusieurs taux de TVA (CII)",
    "ubl": "Facture à plusieurs taux de TVA (UBL)",
    "credit_note": "Avoir sur la dernière facture (381)",
    "self_billed": "Autofacture : il facture en votre nom (389)",
    "wrong_totals": "Facture aux totaux faux",
    "illegible": "Fichier illisible",
}

#: What a fictitious customer can be made to say: code → (words of the button, reason MDT-113).
ANSWERS: Mapping[str, tuple[str, str]] = {
    "204": ("Prendre en charge", ""),
    "205": ("Approuver", ""),
    "207": ("Contester", "QTE_ERR"),
    "208": ("Suspendre", "JUSTIF_ABS"),
    "210": ("Refuser", "TRANSAC_INC"),
    "211": ("Payer", ""),
}


def bill(sandbox: Sandbox, siren: str, kind: str = "simple") -> StoredFlow:
    """Have the fictitious supplier send an example to a company that has an account; Wrong 400.

    ``kind``: one of EXAMPLES. The illegible one is no submission that a platform would pass on: it
    is put into the account as if another platform had let it through.
    """
    customer, supplier = sandbox.store.company(siren), directory.company(sandbox.store, SUPPLIER)
    if customer is None or supplier is None or siren == SUPPLIER or kind not in EXAMPLES:
        raise Wrong(400, "INVALID_VALUE", "siren or kind")
    today = datetime.fromtimestamp(sandbox.now() / SECOND, UTC).date()
    sort = "AV" if kind == "credit_note" else "FA"  # as French numbers are read: avoir, facture
    number = f"{sort}-{today:%y%m%d}-{sandbox.tick() % 1_000_000_000}"
    ours = _company(workshop(today).seller, SUPPLIER, supplier.name, supplier.siret)
    theirs = _company(workshop(today).buyer, siren, customer.name, "")
    invoice = _example(kind, number, today, ours, theirs, sandbox)
    if kind == "ubl":
        info = {"name": f"{number}.xml", "flowSyntax": "UBL", "flowProfile": "CIUS"}
        return sandbox.submit(SUPPLIER, info, "application/xml", write_ubl(invoice))
    data = write_cii(invoice, "EN 16931")
    if kind == "illegible":
        cut = data[: len(data) // 2]
        return sandbox.receive(siren, "SupplierInvoice", f"{number}.xml", "CII", cut)
    info = {"name": f"{number}.xml", "flowSyntax": "CII", "flowProfile": "CIUS"}
    return sandbox.submit(SUPPLIER, info, "application/xml", data)


def _example(
    kind: str, number: str, today: date, ours: Party, theirs: Party, sandbox: Sandbox
) -> Invoice:
    """The example of a kind, from the fictitious supplier to the company."""
    sample = printer(today) if kind in ("rates", "ubl") else workshop(today)
    payment = sample.payment and replace(sample.payment, remittance=number)
    sample = replace(sample, number=number, seller=ours, buyer=theirs, payment=payment)
    if kind == "self_billed":
        return replace(sample, type_code="389", seller=theirs, buyer=ours)
    if kind == "credit_note":
        mine = [
            one
            for one in sandbox.store.last_invoices()
            if (one.seller, one.buyer) == (SUPPLIER, theirs.siren) and one.type_code == "380"
        ]
        about = (
            PrecedingInvoice(
                number=mine[0].number, issue_date=date.fromisoformat(mine[0].issue_date)
            )
            if mine
            else PrecedingInvoice(number="FA-ANCIENNE-1", issue_date=sample.issue_date)
        )
        return replace(sample, type_code="381", preceding=(about,), due_date=None, payment=None)
    if kind == "wrong_totals":
        wrong = (sample.totals.due or Decimal(0)) + Decimal(100)
        return replace(sample, totals=replace(sample.totals, tax_inclusive=wrong, due=wrong))
    return sample


def _company(sample: Party, siren: str, name: str, siret: str) -> Party:
    """An example's party as another company; a customer has no contact."""
    return replace(
        sample,
        name=name,
        legal_id=Identifier(value=siren, scheme="0002"),
        identifiers=(Identifier(value=siret, scheme="0009"),) if siret else (),
        vat=vat_of_siren(siren),
        electronic_address=Identifier(value=siren, scheme="0225"),
        contact=sample.contact if siret else None,
    )


def answerable(sandbox: Sandbox) -> list[StoredInvoice]:
    """What was lately sent to companies without an account here: somebody answers for them."""
    here = {one.siren for one in sandbox.store.companies()}
    return [
        one
        for one in sandbox.store.last_invoices()
        if statuses.issuer(one) in here and statuses.receiver(one) not in here
    ]


def answer(sandbox: Sandbox, seller: str, number: str, code: str) -> StoredFlow:
    """Have a fictitious receiver say a status; Wrong 400 when there is none such, or not his."""
    found = [one for one in answerable(sandbox) if (one.seller, one.number) == (seller, number)]
    if not found or code not in ANSWERS:
        raise Wrong(400, "INVALID_VALUE", "number or code")
    held = found[0]
    if held.self_billed and code == "211":  # who bills to himself pays too
        raise Wrong(400, "INVALID_VALUE", "code")
    data = statuses.of_receiver(
        held,
        code,
        at=sandbox.tick(),
        name=f"{code}_{sandbox.new_id()}",
        reason=ANSWERS[code][1],
        comment="Réponse d’essai de la plateforme de test",
    )
    sandbox.store.change_invoice(replace(held, codes=(*held.codes, code)))
    name = f"{number}-{code}.xml".replace("/", "-")
    to = statuses.issuer(held)
    return sandbox.receive(to, statuses.flow_type(held, to) + "LC", name, "CDAR", data)
