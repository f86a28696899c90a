"""Invoices to measure with: as many different ones as asked, in the three shapes that matter."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from functools import cache

from facteur.adapters.pdf.client import ChildPdf
from facteur.adapters.system import SystemClock
from facteur.domain.invoice import Invoice
from facteur.formats.xml_invoice import write_cii
from facteur.local.demo import invoices

TODAY = date(2026, 11, 20)


def invoice(number: int) -> Invoice:
    """A printer's invoice with its own number and total: four lines, two rates.

    Hundreds of one total on one day would be looked at as doubles of each other.
    """
    made = invoices.printer(TODAY, cards=500 + number)
    return replace(made, number=f"B-{TODAY.year}-{number:05d}")


def cii(number: int) -> bytes:
    """It as an XML alone."""
    return write_cii(invoice(number), "EN 16931")


def page(number: int) -> bytes:
    """It as a PDF with a text layer and nothing inside."""
    return invoices.page(invoice(number), accent="#1d4f6b")


@cache
def facturx(number: int) -> bytes:
    """It as a Factur-X, written once: a child of its own is started for it."""
    pdf = ChildPdf()
    try:
        made = pdf.facturx(
            page(number),
            cii(number),
            "EN 16931",
            words=None,
            title=f"Facture {number}",
            created=SystemClock().now(),
        )
    finally:
        pdf.close()
    return made.data


#: Name of a shape → how to make one, its media type, its suffix.
SHAPES: Mapping[str, tuple[Callable[[int], bytes], str, str]] = {
    "XML (CII)": (cii, "application/xml", "xml"),
    "Factur-X": (facturx, "application/pdf", "pdf"),
    "PDF with text": (page, "application/pdf", "pdf"),
}


def mail(data: bytes, kind: str, suffix: str, number: int, to: str) -> bytes:
    """A supplier's mail with one attachment."""
    message = EmailMessage()
    message["From"] = "facturation@fournisseur.example"
    message["To"] = to
    message["Subject"] = f"Facture {number}"
    message["Message-ID"] = f"<b-{number}-{suffix}@fournisseur.example>"
    message.set_content("Veuillez trouver notre facture.\n")
    main, _, sub = kind.partition("/")
    message.add_attachment(data, maintype=main, subtype=sub, filename=f"facture-{number}.{suffix}")
    return bytes(message)
