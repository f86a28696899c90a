"""Chorus Pro through PISTE, for sales to public customers: another interface than the standard's.

An invoice is deposited as a file; Chorus Pro then tells what it made of the deposit (« compte
rendu ») and, for each invoice, the history of its statuses, which the public customer sets. Here
a deposit is a flow that goes out, and each line of a history a flow that comes in, whose file is
the lifecycle message (CDAR) that another platform would have sent: the rest of the house sees one
kind of platform. Chorus Pro takes no status of ours, and gives no webhook.

Sources: the API's descriptions on PISTE and what free clients that are live there send and get
(reference: connectors.md §4c). Tested on answers of those shapes: **no real account was tried.**
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from facteur.adapters.connectors.http import Answer, Request, broken
from facteur.adapters.connectors.platforms.account import Account
from facteur.adapters.connectors.platforms.chorus_pro_reading import (
    Step,
    deposit,
    listed,
    message_of,
    status_flow,
    text,
    time_of,
)
from facteur.domain.errors import NotFoundError, RefusedByPlatformError
from facteur.domain.flows import (
    AckStatus,
    DirectoryLine,
    Flow,
    FlowFile,
    FlowPage,
    FlowSyntax,
    FlowView,
    LegalUnit,
    OutgoingFlow,
)
from facteur.domain.paris import paris

_SYNTAXES = {
    FlowSyntax.FACTURX: ("IN_DP_E2_CII_FACTURX", ".pdf"),
    FlowSyntax.CII: ("IN_DP_E1_CII_16B", ".xml"),
    FlowSyntax.UBL: ("IN_DP_E1_UBL_INVOICE", ".xml"),
}
_PAGE, _PAGES, _HISTORY = 20, 5, 50
_REFUSED = AckStatus.ERROR
_SECONDS = 120.0


class ChorusPro:
    """Implements facteur.ports.Platform for public customers."""

    settles = timedelta(hours=2)  # a deposit is asked for once its invoice is integrated

    def __init__(self, account: Account, url: str, _directory: str = "") -> None:
        self._account, self._url = account, url

    def check(self) -> None:
        """A token, and the right to see the invoices of the account."""
        self._invoices(page=1, most=1)

    def submit(self, flow: OutgoingFlow) -> Flow:
        """Deposit an invoice; its name carries the tracking id, by which ``find`` knows it.

        Unless a deposit of this very file is there already: asked by the invoice's number, which
        needs no order of the answer. A deposit that Chorus Pro has not integrated yet cannot be
        asked for: who tries again waits for that (``settles``).
        """
        if flow.syntax not in _SYNTAXES:
            raise RefusedByPlatformError(
                "platform.refused", reason="FlowTypeError", message=flow.syntax.value
            )
        if flow.number and (there := self._deposited(flow)) is not None:
            return there
        syntax, suffix = _SYNTAXES[flow.syntax]
        body, answer = self._post(
            "factures/v1/deposer/flux",
            {
                "fichierFlux": base64.b64encode(flow.data).decode(),
                "nomFichier": _file_name(flow.tracking_id) + suffix,
                "syntaxeFlux": syntax,
                "avecSignature": False,
            },
            again=False,
        )
        number = text(body.get("numeroFluxDepot"))
        if not number:
            raise broken(answer, "no numeroFluxDepot")
        at = time_of(body.get("dateDepot")) or _server_time(answer)
        return deposit(number, at, sent=flow)

    def find(self, tracking_id: str) -> tuple[Flow, ...]:
        """Among the last deposits whose invoices were integrated, those of this tracking id.

        The order that is asked for is not always given: some pages are read, and ordered here.
        """
        rows: list[Mapping[str, Any]] = []
        for page in range(1, _PAGES + 1):
            more = self._invoices(page=page, by="DateDepot", most=_PAGE)
            rows += more
            if len(more) < _PAGE:
                break
        rows.sort(key=_deposited_at, reverse=True)
        return self._named(rows, tracking_id)

    def _deposited(self, flow: OutgoingFlow) -> Flow | None:
        """The deposit of this very file, found by the number of its invoice; refused ones left."""
        rows = self._invoices(page=1, most=_PAGE, number=flow.number)
        same = [one for one in rows if one.get("numeroFacture") == flow.number]
        found = self._named(same, flow.tracking_id)
        return next((one for one in found if one.acknowledgement.status is not _REFUSED), None)

    def _named(self, rows: Sequence[Mapping[str, Any]], tracking_id: str) -> tuple[Flow, ...]:
        """The deposits of these invoices whose file has the name of a tracking id."""
        numbers = dict.fromkeys(text(one.get("numeroFluxDepot")) for one in rows)
        asked = [one for one in numbers if one][:_PAGE]
        name = _file_name(tracking_id)
        found = map(self._report, asked)
        return tuple(one for one in found if one.name.rpartition(".")[0] == name)

    def search(
        self, *, updated_after: datetime, cursor: str = "", received_only: bool = False
    ) -> FlowPage:
        """The statuses that came to our invoices after a time; deposits are asked for one by one.

        ``received_only`` changes nothing: nothing else comes in.
        """
        page = int(cursor) if cursor.isdecimal() else 1
        found = self._invoices(page=page, changed_after=updated_after, most=_PAGE)
        steps = [
            step
            for one in found
            if isinstance(number := one.get("identifiantFactureCPP"), int)
            for step in self._history(number)[1]
            if step.at > updated_after
        ]
        flows = [status_flow(step) for step in sorted(steps, key=lambda one: (one.at, one.id))]
        return FlowPage(flows=tuple(flows), cursor=str(page + 1) if len(found) == _PAGE else "")

    def flow(self, flow_id: str) -> Flow:
        """A deposit as Chorus Pro reports it, or one status."""
        if not flow_id.startswith("statut-"):
            return self._report(flow_id)
        return status_flow(self._step(flow_id)[1])

    def file(self, flow_id: str, view: FlowView) -> FlowFile | None:
        """A status as the message that a platform would have sent; nothing of a deposit."""
        if view is not FlowView.ORIGINAL or not flow_id.startswith("statut-"):
            return None
        from facteur.formats import cdar  # noqa: PLC0415 - only here is lxml needed

        number, step = self._step(flow_id)
        invoice = self._invoice(number)
        return FlowFile(
            data=cdar.write(message_of(invoice, step)),
            media_type="application/xml",
            filename=f"{flow_id}.xml",
        )

    def legal_unit(self, siren: str) -> LegalUnit | None:
        """Nothing: the directory of the reform is asked of another platform."""
        return None

    def lines(self, siren: str) -> tuple[DirectoryLine, ...]:
        """None: see ``legal_unit``."""
        return ()

    def line(self, address: str) -> DirectoryLine | None:
        """None: see ``legal_unit``."""
        return None

    def subscribe(self, callback_url: str) -> tuple[str, str]:
        """Chorus Pro calls nobody: RefusedByPlatformError."""
        raise RefusedByPlatformError("platform.refused", reason="no_webhook", message=callback_url)

    def unsubscribe(self, webhook: str) -> None:
        """Nothing to stop."""

    def _report(self, number: str) -> Flow:
        """A deposit, from its detailed report; pending while there is none."""
        try:
            body, answer = self._post(
                "transverses/v1/consulterCRDetaille", {"numeroFluxDepot": number}
            )
        except RefusedByPlatformError:
            return deposit(number, None)
        at = time_of(body.get("dateHeureEtatCourantFlux")) or time_of(body.get("dateDepotFlux"))
        return deposit(number, at or _server_time(answer), report=body)

    def _invoices(
        self,
        *,
        page: int,
        most: int,
        by: str = "",
        changed_after: datetime | None = None,
        number: str = "",
    ) -> list[Mapping[str, Any]]:
        paging: dict[str, Any] = {"nbResultatsParPage": most, "pageResultatDemandee": page}
        if by:
            paging |= {"triColonne": by, "triSens": "Descendant"}
        asked: dict[str, Any] = {"rechercheFactureParFournisseur": paging}
        if changed_after:
            asked["periodeDateHeureEtatCourantDu"] = paris(changed_after).isoformat(
                timespec="seconds"
            )
        if number:
            asked["numeroFacture"] = number
        body, _answer = self._post("factures/v1/rechercher/fournisseur", asked)
        return listed(body.get("listeFactures"))

    def _history(self, invoice: int) -> tuple[str, list[Step]]:
        """(number of the invoice, its statuses)."""
        body, _answer = self._post(
            "factures/v1/consulter/historique",
            {"idFacture": invoice, "nbResultatsMaximum": _HISTORY},
        )
        told = body.get("historiquesDesStatuts")
        rows = listed(told.get("histoStatut") if isinstance(told, Mapping) else None)
        steps = [
            Step(
                invoice=invoice,
                id=row.get("histoStatutId")
                if isinstance(row.get("histoStatutId"), int)
                else at_row,
                code=text(row.get("histoStatutCode")),
                at=at,
                comment=text(row.get("histoStatutCommentaire")),
            )
            for at_row, row in enumerate(reversed(rows))
            if (at := time_of(row.get("histoStatutDatePassage")))
        ]
        return text(body.get("numeroFacture")), steps

    def _step(self, flow_id: str) -> tuple[str, Step]:
        parts = flow_id.split("-")
        if len(parts) == 3 and parts[1].isdecimal():
            number, steps = self._history(int(parts[1]))
            for step in steps:
                if step.flow == flow_id:
                    return number, step
        raise NotFoundError("platform.not_found")

    def _invoice(self, number: str) -> Mapping[str, Any]:
        found = self._invoices(page=1, most=_PAGE, number=number)
        for one in found:
            if one.get("numeroFacture") == number:
                return one
        raise NotFoundError("platform.not_found")

    def _post(
        self, path: str, body: Mapping[str, Any], *, again: bool = True
    ) -> tuple[Mapping[str, Any], Answer]:
        """Ask a service; RefusedByPlatformError when its ``codeRetour`` is not 0."""
        answer = self._account.ask(
            Request(
                method="POST",
                url=f"{self._url}/{path}",
                headers={"Content-Type": "application/json;charset=utf-8"},
                body=json.dumps(body).encode(),
                again=again,
                seconds=_SECONDS,
            )
        )
        said = answer.json()
        if not isinstance(said, dict):
            raise broken(answer, "not an object")
        if said.get("codeRetour") not in (0, None, "0"):
            reason = f"cpro_{said['codeRetour']}"[:100]
            raise RefusedByPlatformError(
                "platform.refused", reason=reason, message=text(said.get("libelle"))
            )
        return said, answer


def _file_name(tracking_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", tracking_id)[:45]


def _deposited_at(row: Mapping[str, Any]) -> datetime:
    """When an invoice was deposited; what does not say so comes last."""
    return time_of(row.get("dateDepot")) or datetime.fromtimestamp(0, UTC)


def _server_time(answer: Answer) -> datetime | None:
    """The time by the server's clock."""
    try:
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return None
