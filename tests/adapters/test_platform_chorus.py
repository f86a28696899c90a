"""Chorus Pro through PISTE, on answers of the shapes that live clients get: no real account."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from facteur.adapters.connectors.registry import PlatformRegistry
from facteur.adapters.system import SystemClock, SystemIds
from facteur.domain.connections import Connection, Credentials, PlatformCall
from facteur.domain.errors import NotFoundError, RefusedByPlatformError
from facteur.domain.flows import AckStatus, FlowDirection, FlowSyntax, FlowType, FlowView
from facteur.formats import cdar
from facteur.ports import Platform

from tests.sandbox_pa import LONG_AGO, invoice, outgoing

_DEPOSIT = "CPP0011117000000000425903"
_INVOICE = {
    "identifiantFactureCPP": 987654,
    "numeroFacture": "F-1",
    "numeroFluxDepot": _DEPOSIT,
    "statut": "MISE_A_DISPOSITION",
    "dateFacture": "2026-11-20",
    "dateDepot": "2026-11-20",
    "dateHeureEtatCourant": "2026-11-21T10:00:00",
    "codeFournisseur": "55210055400013",
    "designationFournisseur": "Menuiserie Kervella",
    "codeDestinataire": "30005000200010",
    "designationDestinataire": "Ville de Valmorel-sur-Ource",
    "typeFacture": "FACTURE",
}


def _step(number: int, code: str, at: str, comment: str = "") -> dict[str, Any]:
    return {
        "histoStatutId": number,
        "histoStatutCode": code,
        "histoStatutDatePassage": at,
        "histoStatutCommentaire": comment,
    }


class Piste:
    """A server that answers like PISTE and Chorus Pro, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.report: dict[str, Any] = {"codeRetour": 0, "etatCourantDepotFlux": "IN_INTEGRE"}
        self.deposit: dict[str, Any] = {"codeRetour": 0, "numeroFluxDepot": _DEPOSIT}
        self.paged = False  # else all of them, whatever is asked
        self.invoices: list[dict[str, Any]] = [_INVOICE]
        self.steps = [
            _step(3, "SUSPENDUE", "2026-11-22 09:30", "Bon de livraison absent"),
            _step(2, "MISE_A_DISPOSITION", "2026-11-21T10:00:00"),
            _step(1, "DEPOSEE", "2026-11-20 08:00"),
        ]
        piste = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                given = body.decode() if "form" in headers["content-type"] else json.loads(body)
                piste.asked.append((self.path, headers, given))
                said = json.dumps(piste.answer(self.path, given)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, path: str, given: Any) -> dict[str, Any]:
        """What each service says."""
        if path == "/token":
            return {"access_token": "tok", "expires_in": 3600, "token_type": "Bearer"}
        if path.endswith("deposer/flux"):
            return self.deposit
        if path.endswith("consulterCRDetaille"):
            return self.report
        if path.endswith("rechercher/fournisseur"):
            number = given.get("numeroFacture")
            found = [one for one in self.invoices if number in (None, one["numeroFacture"])]
            if self.paged:
                asked = given["rechercheFactureParFournisseur"]
                most, page = asked["nbResultatsParPage"], asked["pageResultatDemandee"]
                found = found[most * (page - 1) : most * page]
            return {"codeRetour": 0, "listeFactures": found}
        return {
            "codeRetour": 0,
            "idFacture": given["idFacture"],
            "numeroFacture": "F-1",
            "historiquesDesStatuts": {"histoStatut": self.steps},
        }

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def piste() -> Iterator[Piste]:
    """The server."""
    made = Piste()
    yield made
    made.close()


def opened(piste: Piste, calls: list[PlatformCall] | None = None) -> Platform:
    """A connection to it."""
    registry = PlatformRegistry(SystemClock(), SystemIds(), nearby=True)
    connection = Connection(
        dossier="d",
        id="c",
        platform="chorus_pro",
        flow_url=f"{piste.url}/cpro",
        token_url=f"{piste.url}/token",
        client_id="app",
    )
    secrets = Credentials(client_secret="hush", api_key="TECH_1@cpro.fr:hush:2")
    log = calls if calls is not None else []
    return registry.open(connection, secrets, log.append, lambda _token: None)


def test_each_call_carries_both_proofs_and_the_journal_neither(piste: Piste) -> None:
    """PISTE's token, and the technical account in base64; a colon in its password is kept."""
    calls: list[PlatformCall] = []
    opened(piste, calls).check()
    (_path, headers, _form), (path, signed, _body) = piste.asked
    assert "scope=openid" in piste.asked[0][2]
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert path == "/cpro/factures/v1/rechercher/fournisseur"
    assert signed["authorization"] == "Bearer tok"
    assert base64.b64decode(signed["cpro-account"]) == b"TECH_1@cpro.fr:hush:2"
    assert "hush" not in repr(calls)


@pytest.mark.parametrize(
    ("syntax", "code", "suffix"),
    [
        (FlowSyntax.FACTURX, "IN_DP_E2_CII_FACTURX", ".pdf"),
        (FlowSyntax.CII, "IN_DP_E1_CII_16B", ".xml"),
        (FlowSyntax.UBL, "IN_DP_E1_UBL_INVOICE", ".xml"),
    ],
)
def test_an_invoice_is_deposited_with_its_syntax(
    piste: Piste, syntax: FlowSyntax, code: str, suffix: str
) -> None:
    """The file itself, named by the tracking id so that it can be found again."""
    sent = outgoing(invoice(), "t/1 é", syntax)
    taken = opened(piste).submit(sent)
    body = piste.asked[-1][2]
    assert base64.b64decode(body["fichierFlux"]) == sent.data
    assert (body["syntaxeFlux"], body["nomFichier"]) == (code, f"t-1--{suffix}")
    assert body["avecSignature"] is False
    assert (taken.id, taken.acknowledgement.status) == (_DEPOSIT, AckStatus.PENDING)
    assert taken.tracking_id == "t/1 é"


def test_what_was_deposited_already_is_not_deposited_again(piste: Piste) -> None:
    """Asked by the invoice's number before each deposit; its own file alone is that deposit."""
    piste.report |= {"nomFichier": "t-1.pdf", "dateHeureEtatCourantFlux": "2026-11-20T08:00:00"}
    sent = replace(outgoing(invoice(), "t-1", FlowSyntax.FACTURX), number="F-1")
    again = opened(piste).submit(sent)
    assert _DEPOSIT == again.id
    asked = [path.rpartition("/v1/")[2] for path, _headers, _body in piste.asked]
    assert "deposer/flux" not in asked
    assert "F-1" == piste.asked[1][2]["numeroFacture"]
    other = replace(sent, tracking_id="t-2")  # a second invoice of that number, another file
    assert AckStatus.PENDING is opened(piste).submit(other).acknowledgement.status
    piste.report |= {"etatCourantDepotFlux": "IN_REJETE"}  # given back: it may leave again
    opened(piste).submit(sent)
    deposits = [one for one in piste.asked if one[0].endswith("deposer/flux")]
    assert 2 == len(deposits)


def test_a_deposit_is_found_whatever_the_order_of_the_answer(piste: Piste) -> None:
    """The last deposits are looked at, also where the answer begins with the oldest."""
    old = [
        {
            **_INVOICE,
            "numeroFluxDepot": f"CPP{number}",
            "numeroFacture": f"A-{number}",
            "dateDepot": f"2025-01-{number % 28 + 1:02}",
        }
        for number in range(40)
    ]
    piste.invoices = [*old, {**_INVOICE, "dateDepot": "2026-11-20"}]
    piste.paged = True
    piste.report |= {"nomFichier": "t-1.pdf", "dateHeureEtatCourantFlux": "2026-11-20T08:00:00"}
    found = opened(piste).find("t-1")
    reported = [
        body["numeroFluxDepot"] for path, _h, body in piste.asked if path.endswith("CRDetaille")
    ]
    assert (_DEPOSIT, 20) == (reported[0], len(reported))
    assert _DEPOSIT in {one.id for one in found}


def test_a_status_of_ours_is_not_for_chorus_pro(piste: Piste) -> None:
    """It takes none: said at once, nothing is sent."""
    with pytest.raises(RefusedByPlatformError):
        opened(piste).submit(outgoing(b"<a/>", syntax=FlowSyntax.CDAR))
    assert piste.asked == []


def test_a_refused_deposit_says_why(piste: Piste) -> None:
    """A return code that is not 0 is a refusal, with Chorus Pro's own words."""
    piste.deposit = {"codeRetour": 20001, "libelle": "Le fichier est trop volumineux"}
    with pytest.raises(RefusedByPlatformError) as failure:
        opened(piste).submit(outgoing(invoice()))
    assert failure.value.values["reason"] == "cpro_20001"
    assert failure.value.values["message"] == "Le fichier est trop volumineux"


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        ({"codeRetour": 0, "etatCourantDepotFlux": "IN_INTEGRE"}, AckStatus.OK, []),
        ({"codeRetour": 1, "libelle": "Flux inconnu"}, AckStatus.PENDING, []),
        (
            {"etatCourantDepotFlux": "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP"},
            AckStatus.PENDING,
            [],
        ),
        (
            {
                "etatCourantDepotFlux": "IN_REJETE",
                "listeErreurTechnique": [{"codeErreur": "X1", "libelleErreur": "illisible"}],
                "listeErreurDP": [{"numeroDP": "F-1", "libelleErreurDP": "doublon"}],
            },
            AckStatus.ERROR,
            ["illisible", "doublon"],
        ),
        (
            {
                "etatCourantDepotFlux": "IN_INTEGRE_PARTIEL",
                "listeErreurDP": [{"numeroDP": "F-1", "libelleErreurDP": "service inconnu"}],
            },
            AckStatus.ERROR,
            ["service inconnu"],
        ),
        ({"etatCourantDepotFlux": "IN_NEVER_SEEN"}, AckStatus.PENDING, []),
    ],
)
def test_a_report_becomes_an_acknowledgement(
    piste: Piste, report: dict[str, Any], status: AckStatus, words: list[str]
) -> None:
    """Integrated, refused with its reasons, or not said yet; an unknown state is not success."""
    piste.report = report
    found = opened(piste).flow(_DEPOSIT)
    assert found.acknowledgement.status is status
    assert [one.message for one in found.acknowledgement.details] == words
    assert found.direction is FlowDirection.OUT


def test_a_deposit_is_found_by_its_tracking_id(piste: Piste) -> None:
    """After a time-out: by the file name of the last deposits."""
    piste.report = {"codeRetour": 0, "etatCourantDepotFlux": "IN_INTEGRE", "nomFichier": "t-1.xml"}
    platform = opened(piste)
    assert [one.id for one in platform.find("t-1")] == [_DEPOSIT]
    assert platform.find("t-2") == ()


def test_the_history_of_an_invoice_comes_as_status_flows(piste: Piste) -> None:
    """One flow per line, in order, times of Paris read as such; nothing comes twice."""
    platform = opened(piste)
    page = platform.search(updated_after=LONG_AGO)
    assert [one.id for one in page.flows] == [f"statut-987654-{n}" for n in (1, 2, 3)]
    assert {one.type for one in page.flows} == {FlowType.CUSTOMER_INVOICE_LC}
    assert {one.direction for one in page.flows} == {FlowDirection.IN}
    assert page.flows[2].updated_at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    assert page.cursor == ""
    later = platform.search(updated_after=page.flows[1].updated_at)
    assert [one.id for one in later.flows] == ["statut-987654-3"]
    asked = piste.asked[1][2]["periodeDateHeureEtatCourantDu"]
    assert asked == "2020-01-01T01:00:00"  # what it is in Paris


def test_a_full_page_of_invoices_leads_to_the_next(piste: Piste) -> None:
    """The cursor is the page's number."""
    piste.invoices = [{**_INVOICE, "identifiantFactureCPP": n} for n in range(20)]
    piste.steps = piste.steps[:1]
    platform = opened(piste)
    page = platform.search(updated_after=LONG_AGO)
    assert (len(page.flows), page.cursor) == (20, "2")
    piste.invoices = []
    assert platform.search(updated_after=LONG_AGO, cursor="2").cursor == ""
    assert piste.asked[-1][2]["rechercheFactureParFournisseur"]["pageResultatDemandee"] == 2


@pytest.mark.parametrize(
    ("code", "status", "reason", "role"),
    [
        ("DEPOSEE", "200", "", "WK"),
        ("MISE_A_DISPOSITION", "203", "", "WK"),
        ("SUSPENDUE", "208", "JUSTIF_ABS", "BY"),
        ("A_RECYCLER", "208", "CODE_ROUTAGE_ERR", "BY"),
        ("REJETEE", "210", "AUTRE", "BY"),
        ("MANDATEE", "205", "", "BY"),
        ("MISE_EN_PAIEMENT", "211", "", "BY"),
        ("VALIDEE_1", "VALIDEE_1", "", "BY"),
    ],
)
def test_a_status_of_chorus_pro_reads_as_a_lifecycle_message(
    piste: Piste, code: str, status: str, reason: str, role: str
) -> None:
    """The message that another platform would have sent; an unknown status keeps its own code."""
    piste.steps = [_step(7, code, "2026-11-22 09:30", "Un mot")]
    held = opened(piste).file("statut-987654-7", FlowView.ORIGINAL)
    assert held is not None
    message = cdar.parse(held.data)
    assert (message.code, message.number, message.author.role) == (status, "F-1", role)
    assert message.seller is not None
    assert message.seller.siren == "552100554"
    assert str(message.issue_date) == "2026-11-20"
    assert [one.reason.code for one in message.details] == [reason]
    assert [one.reason.comment for one in message.details] == ["Un mot"]
    assert message.set_at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("flow", ["statut-987654-99", "statut-x-1", "statut-1"])
def test_a_status_that_is_not_there_is_not_found(piste: Piste, flow: str) -> None:
    """Identifiers come from outside: a wrong one is no crash."""
    platform = opened(piste)
    with pytest.raises(NotFoundError):
        platform.flow(flow)
    assert platform.file(_DEPOSIT, FlowView.ORIGINAL) is None
