"""The others, played by the test platform: a supplier who bills, a customer who answers.

So that one installation alone can go the whole way: an invoice comes in at a click (PE-35), and a
sale to a company of the fictitious directory is approved, disputed, refused or paid from the page.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from facteur.domain.identifiers import vat_of_siren
from facteur.domain.invoice import Identifier, Party
from facteur.formats.xml_invoice import write_cii
from facteur.local.demo.invoices import workshop
from facteur.local.sandbox_pa import directory, statuses
from facteur.local.sandbox_pa.platform import SECOND, Sandbox
from facteur.local.sandbox_pa.shapes import Wrong
from facteur.local.sandbox_pa.store import StoredFlow, StoredInvoice

SUPPLIER = "300010006"  # Atelier Vermont, of the fictitious directory

#: What a fictitious customer can be made to say: code → (words of the button, reason MDT-113).
ANSWERS: Mapping[str, tuple[str, str]] = {
    "204": ("Prendre en charge", ""),
    "205": ("Approuver", ""),
    "207": ("Contester", "QTE_ERR"),
    "208": ("Suspendre", "JUSTIF_ABS"),
    "210": ("Refuser", "TRANSAC_INC"),
    "211": ("Payer", ""),
}


def bill(sandbox: Sandbox, siren: str) -> StoredFlow:
    """Have the fictitious supplier send an invoice to a company that has an account; Wrong 400."""
    customer, supplier = sandbox.store.company(siren), directory.company(sandbox.store, SUPPLIER)
    if customer is None or supplier is None or siren == SUPPLIER:
        raise Wrong(400, "INVALID_VALUE", "siren")
    today = datetime.fromtimestamp(sandbox.now() / SECOND, UTC).date()
    sample = workshop(today)
    number = f"AV-{today:%y%m%d}-{sandbox.tick() % 1_000_000_000}"
    seller = replace(
        sample.seller,
        name=supplier.name,
        legal_id=Identifier(value=SUPPLIER, scheme="0002"),
        identifiers=(Identifier(value=supplier.siret, scheme="0009"),),
        vat=vat_of_siren(SUPPLIER),
        electronic_address=Identifier(value=SUPPLIER, scheme="0225"),
    )
    buyer = replace(
        sample.buyer,
        name=customer.name,
        legal_id=Identifier(value=siren, scheme="0002"),
        identifiers=(),
        vat=vat_of_siren(siren),
        electronic_address=Identifier(value=siren, scheme="0225"),
    )
    invoice = replace(sample, number=number, seller=seller, buyer=_without_contact(buyer))
    info = {"name": f"{number}.xml", "flowSyntax": "CII", "flowProfile": "CIUS"}
    return sandbox.submit(SUPPLIER, info, "application/xml", write_cii(invoice, "EN 16931"))


def answerable(sandbox: Sandbox) -> list[StoredInvoice]:
    """The last sales to customers who have no account here: somebody must answer for them."""
    here = {one.siren for one in sandbox.store.companies()}
    return [
        one
        for one in sandbox.store.last_invoices()
        if one.seller in here and one.buyer not in here and not one.self_billed
    ]


def answer(sandbox: Sandbox, seller: str, number: str, code: str) -> StoredFlow:
    """Have a fictitious customer say a status of a sale; Wrong 400 when there is none such."""
    found = [one for one in answerable(sandbox) if (one.seller, one.number) == (seller, number)]
    if not found or code not in ANSWERS:
        raise Wrong(400, "INVALID_VALUE", "number or code")
    held = found[0]
    data = statuses.of_buyer(
        held,
        code,
        at=sandbox.tick(),
        name=f"{code}_{sandbox.new_id()}",
        reason=ANSWERS[code][1],
        comment="Réponse d’essai de la plateforme de test",
    )
    sandbox.store.change_invoice(replace(held, codes=(*held.codes, code)))
    name = f"{number}-{code}.xml".replace("/", "-")
    return sandbox.receive(seller, "CustomerInvoiceLC", name, "CDAR", data)


def _without_contact(party: Party) -> Party:
    return replace(party, contact=None)
