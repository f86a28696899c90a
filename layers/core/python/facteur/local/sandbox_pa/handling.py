"""What becomes of a submission: acknowledged or refused, routed, told to whom it concerns."""

from dataclasses import replace
from typing import TYPE_CHECKING

from facteur.domain.errors import UnreadableError
from facteur.formats import cdar
from facteur.local.sandbox_pa import controls, directory, statuses
from facteur.local.sandbox_pa.controls import HasPdf, Problem
from facteur.local.sandbox_pa.store import StoredFlow, StoredInvoice
from facteur.ports import Rulebook, RuleReport

if TYPE_CHECKING:
    from facteur.local.sandbox_pa.platform import Sandbox

_ROAD = ("200", "201", "202", "203")


class Handling:
    """Controls, routing and statuses."""

    def __init__(self, sandbox: "Sandbox", pdf: HasPdf, rulebook: Rulebook | None) -> None:
        self._sandbox, self._store, self._faults = sandbox, sandbox.store, sandbox.faults
        self._pdf, self._rulebook = pdf, rulebook

    def control(self, flow_id: str) -> None:
        """Look at what was submitted, acknowledge it, and do what follows."""
        flow, held = self._store.flow(flow_id), self._store.file(flow_id, "Original")
        if flow is None or held is None:
            return
        media, _name, data = held
        problem = self._told_to_find() or controls.file_problem(flow, data)
        if problem is not None:
            self._refuse(flow, problem)
        elif flow.syntax in controls.INVOICES:
            self._invoice(flow, media, data)
        elif flow.syntax == "CDAR":
            self._status(flow, data)
        else:
            self._report(flow, data)

    def _report(self, flow: StoredFlow, data: bytes) -> None:
        """E-reporting: acknowledged, then what the public platform would say of it."""
        if self._rulebook and (broken := _broken(self._rulebook.check_report(data))):
            self._refuse(flow, Problem(reason="InvalidSchema", message=broken, item="rules"))
            return
        self._acknowledge(flow, "Ok", type="MultiFlowReport")
        rejected = self._faults.happens("report_rejected")
        code, reason = ("301", "REJ_PER") if rejected else ("300", "")
        said = statuses.of_report(
            flow,
            code,
            company=self._company(flow.siren),
            at=self._sandbox.now(),
            name=f"{code}_{flow.id}",
            reason=reason,
        )
        name = f"{flow.id}-{code}.xml"
        self._sandbox.receive(flow.siren, "StateTransactionReportLC", name, "CDAR", said)

    def give_up(self, flow_id: str) -> None:
        """Say that a flow could not be controlled."""
        flow = self._store.flow(flow_id)
        if flow is not None:
            self._refuse(flow, Problem(reason="OtherTechnicalError", message="internal error"))

    def _told_to_find(self) -> Problem | None:
        if self._faults.happens("virus"):
            return controls.infected()
        return controls.altered() if self._faults.happens("checksum") else None

    def _invoice(self, flow: StoredFlow, media: str, data: bytes) -> None:
        read = controls.invoice_in(flow, data, self._pdf)
        if isinstance(read, Problem):
            self._refuse(flow, read)
            return
        xml, invoice = read
        kind = "SupplierInvoice" if invoice.is_self_billed else "CustomerInvoice"
        flow = replace(flow, type=kind)
        problem = controls.party_problem(flow, invoice)
        held = controls.stored(invoice, flow.submitted)
        if problem is None and any(
            one.year == held.year for one in self._store.invoices(held.seller, held.number)
        ):
            problem = Problem(
                reason="AlreadyExistingFlow",
                message=f"{held.number} of {held.year} was submitted before",
                item="BT-1",
            )
        if problem is not None:
            self._refuse(flow, problem)
            return
        if broken := self._broken_rule(xml):
            self._acknowledge(
                flow, "Error", Problem(reason="OtherTechnicalError", message=broken, item="rules")
            )
            self._say(held, "213", statuses.issuer(held), reason="REJ_SEMAN", comment=broken)
            return
        self._acknowledge(flow, "Ok", type=kind)
        self._route(flow, held, media, data)

    def _broken_rule(self, xml: bytes) -> str:
        """The first official rule that an invoice breaks, "" when it breaks none."""
        return _broken(self._rulebook.check(xml)) if self._rulebook else ""

    def _route(self, flow: StoredFlow, held: StoredInvoice, media: str, data: bytes) -> None:
        """Send an invoice to the address written on it, and say how far it came."""
        address, to = statuses.receiving_address(held), statuses.receiver(held)
        found = directory.line(self._store, address) if address else None
        issuer = statuses.issuer(held)
        if found is None:
            known = directory.company(self._store, to) is not None
            reason, why = ("ADR_ERR", "BT-49") if known or not to else ("DEST_INC", "BT-47")
            self._say(held, "213", issuer, reason=reason, comment=f"{why} : {address or to}")
            return  # it was never issued: its number may be used again
        self._store.add_invoice(held)
        if found.status != "Enabled":
            self._say(held, "200", issuer, reason="NON_TRANSMISE")
            return
        said = list(_ROAD)
        if found.platform != "WK":
            said = ["200", "201"]  # Chorus Pro says the rest
        elif self._faults.happens("routing_error"):
            said = ["200", "201", "221"]
        here = self._store.company(to) is not None and "203" in said
        if here:
            kind = statuses.flow_type(held, to)
            self._sandbox.receive(
                to, kind, flow.name, flow.syntax, data, media=media, profile=flow.profile
            )
        if self._faults.value("out_of_order"):
            said.reverse()
        for code in said:
            reason = "ROUTAGE_ERR" if code == "221" else ""
            self._say(held, code, issuer, reason=reason)
            if here and code in ("202", "203"):
                self._say(held, code, to)
        self._keep(held, *said)

    def _status(self, flow: StoredFlow, data: bytes) -> None:
        """Pass a party's status on to the other one."""
        try:
            message = cdar.parse(data)
        except UnreadableError as error:
            self._refuse(flow, Problem(reason="InvalidSchema", message=str(error)))
            return
        seller = message.seller.siren if message.seller else ""
        found = [
            one
            for one in self._store.invoices(seller, message.number)
            if flow.siren in (one.seller, one.buyer)
            and (message.issue_date is None or message.issue_date.year == one.year)
        ]
        if not found:
            self._refuse(
                flow,
                Problem(
                    reason="InvoiceLCAccessDenied",
                    message="no matching invoice found",
                    item="MDT-87",
                ),
            )
            return
        held = found[0]
        flow = replace(flow, type=statuses.flow_type(held, flow.siren) + "LC")
        refused = statuses.refusal(message, held, flow.siren)
        if refused is not None:
            self._refuse(flow, Problem(reason=refused.reason, message=refused.message))
            return
        if self._rulebook and (broken := _broken(self._rulebook.check_status(data))):
            self._refuse(flow, Problem(reason="InvoiceLCRuleError", message=broken, item="rules"))
            return
        self._acknowledge(flow, "Ok", type=flow.type)
        self._keep(held, message.code)
        other = statuses.told_to(message, held, flow.siren)
        if other and self._store.company(other) is not None:
            kind = statuses.flow_type(held, other) + "LC"
            self._sandbox.receive(other, kind, flow.name, "CDAR", data)

    def _say(
        self, held: StoredInvoice, code: str, to: str, *, reason: str = "", comment: str = ""
    ) -> None:
        at = self._sandbox.tick()
        name = f"{code}_{self._sandbox.new_id()}"
        data = statuses.of_platform(
            held, code, to=to, at=at, name=name, reason=reason, comment=comment
        )
        kind = statuses.flow_type(held, to) + "LC"
        self._sandbox.receive(
            to, kind, f"{held.number}-{code}.xml".replace("/", "-"), "CDAR", data
        )

    def _keep(self, held: StoredInvoice, *said: str) -> None:
        self._store.change_invoice(replace(held, codes=(*held.codes, *said)))

    def _refuse(self, flow: StoredFlow, problem: Problem) -> None:
        self._acknowledge(flow, "Error", problem, type=flow.type)
        if problem.unreadable and flow.syntax in controls.INVOICES:
            data = statuses.unreadable(
                flow,
                problem.unreadable,
                company=self._company(flow.siren),
                at=self._sandbox.tick(),
                name=f"501_{flow.id}",
            )
            self._sandbox.receive(
                flow.siren, "CustomerInvoiceLC", f"{flow.id}-501.xml", "CDAR", data
            )

    def _acknowledge(
        self, flow: StoredFlow, status: str, problem: Problem | None = None, **changes: str
    ) -> None:
        details: tuple[dict[str, str], ...] = ()
        if problem is not None:
            details = (
                {
                    "level": "Error",
                    "item": problem.item,
                    "reasonCode": problem.reason,
                    "reasonMessage": problem.message[:1000],
                },
            )
        rule = "B2B" if flow.rule == "Undefined" else flow.rule
        done = replace(
            flow,
            updated=self._sandbox.tick(),
            status=status,
            details=details,
            rule=rule,
            type=changes.get("type", flow.type),
        )
        self._store.save_flow(done)
        self._sandbox.announce(done)

    def _company(self, siren: str) -> str:
        found = self._store.company(siren)
        return found.name if found else siren


def _broken(report: RuleReport) -> str:
    return next((f"{one.code} {one.message}" for one in report.findings if one.blocking), "")
