"""Platforms and programs: an independent client of our server; two installations at one PA."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pyfrctc
import pytest
from facteur.adapters.system import SystemClock
from facteur.domain.invoice import Identifier, Invoice
from facteur.formats.xml_invoice import write_cii
from facteur.local.demo import invoices
from playwright.sync_api import Page
from pyfrctc import pyfrctc as client

from tests.journeys.conftest import Installation

pytestmark = pytest.mark.journey

T = TypeVar("T")
PATIENCE = 90  # seconds: a busy machine


def wait_for(found: Callable[[], T], what: str) -> T:
    """The first thing found that is something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.5)
    msg = f"{what}: nothing after {PATIENCE} s"
    raise AssertionError(msg)


def addressed(invoice: Invoice, number: str) -> Invoice:
    """The sample with the dossier as its seller, as a billing software of the reform writes it."""
    seller = replace(
        invoice.buyer, electronic_address=Identifier(value="300000007", scheme="0225")
    )
    buyer = replace(
        invoice.seller, electronic_address=Identifier(value=invoice.seller.siren, scheme="0225")
    )
    return replace(invoice, number=number, seller=seller, buyer=buyer, process="B1")


@pytest.fixture
def session(page: Page, installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The independent client, with a key that the user made on the page."""
    page.goto(f"{installation.site}/parametres/cles")
    page.get_by_label("Nom (le logiciel qui l’utilisera)").fill("pyfrctc")
    page.get_by_label("Déposer, consulter et poser des statuts").check()
    page.get_by_role("button", name="Créer la clé").click()
    secret = page.get_by_label("Clé API", exact=True).input_value()
    told = page.get_by_text("l’identifiant est").inner_text()
    name = told.split("l’identifiant est ")[1].split(",")[0]
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # plain HTTP, on this machine only
    site = {
        "afnor_base_url": installation.site,
        "token_url": f"{installation.site}/oauth2/token",
        "authorize_url": "",
        "label": "Facteur",
    }
    monkeypatch.setitem(client.PLATFORMS, "facteur", site)
    kept: dict[str, Any] = {"access_token": "", "expires_at": 0}
    return pyfrctc.get_session(
        "facteur", "client_credentials", "demo", lambda _method: kept, kept.update, name, secret
    )


def test_an_independent_client_sends_an_invoice_and_reads_its_statuses(session: Any) -> None:
    """An invoice is acknowledged; « Encaissée » sent as a CDAR is set, and followed as a flow."""
    began = SystemClock().now() - timedelta(minutes=5)
    sold = addressed(invoices.workshop(SystemClock().now().date()), f"V-{int(time.time())}")
    data = write_cii(sold, "EN 16931")

    flow = pyfrctc.send_flow(session, data, "vente.xml", "CII", "B2B")["flowId"]
    done = wait_for(lambda: _acknowledged(session, flow), "the invoice's acknowledgement")
    assert done["acknowledgement"]["status"] == "Ok", done
    assert done["flowType"] == "CustomerInvoice"
    assert pyfrctc.get_flow(session, flow, doc_type="Original") == data
    assert pyfrctc.get_flow(session, flow, doc_type="ReadableView").startswith(b"%PDF")

    status = pyfrctc.send_flow(session, _cashed(sold), "212.xml", "CDAR", "B2B")["flowId"]
    told = wait_for(lambda: _acknowledged(session, status), "the status's acknowledgement")
    assert told["acknowledgement"]["status"] == "Ok", told

    def followed() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pyfrctc.search_flows_parsed(
            session, began, "In", ["CustomerInvoiceLC"]
        )
        return found

    (seen,) = wait_for(followed, "the status as a flow")
    message = pyfrctc.parse_cdar(pyfrctc.get_flow(session, seen["flowId"], doc_type="Original"))
    assert "212" in str(message)
    assert sold.number in str(message)


def _acknowledged(session: Any, flow: str) -> dict[str, Any] | None:
    found: dict[str, Any] = pyfrctc.get_flow_metadata_parsed(session, flow)
    return None if found["acknowledgement"]["status"] == "Pending" else found


def _cashed(sold: Invoice) -> bytes:
    """« Encaissée » for the whole invoice, written by the client itself but for the VAT rate.

    Its generator has no place for MDT-224, which the rules want beside each amount (CDV-14).
    """
    now = SystemClock().now()
    rate = next(row for row in sold.vat_breakdown if row.rate)
    said: bytes = pyfrctc.generate_cdar(
        {
            "MDT-2": "REGULATED",
            "MDT-3": "urn.cpro.gouv.fr:1p0:CDV:invoice",
            "MDT-4": f"{sold.number}_212",
            "MDT-8": now,
            "MDT-21": "WK",
            "MDT-38": {"0002": sold.seller.siren},
            "MDT-39": sold.seller.name,
            "MDT-40": "SE",
            "MDT-57": {"0002": sold.buyer.siren},
            "MDT-58": sold.buyer.name,
            "MDT-59": "BY",
            "MDT-73": sold.buyer.siren,
            "MDT-73-1": "0225",
            "MDT-74": False,
            "MDT-77": 23,
            "MDT-78": now,
            "MDT-87": sold.number,
            "MDT-88": "47",
            "MDT-91": "380",
            "MDT-100": sold.issue_date,
            "MDT-105": "212",
            "MDT-106": "Encaissée",
            "MDT-129": {"0002": sold.seller.siren},
            "MDG-37": [
                {
                    "MDG-43": [
                        {
                            "MDT-207": "MEN",
                            "MDT-215": {
                                "float": f"{rate.base + rate.tax:.2f}",
                                "currency": "EUR",
                            },
                            "MDT-219": sold.issue_date,
                        }
                    ]
                }
            ],
        }
    )
    end = b"</ram:SpecifiedDocumentCharacteristic>"
    return said.replace(end, f"<ram:ValuePercent>{rate.rate}</ram:ValuePercent>".encode() + end)
