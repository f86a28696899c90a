"""What Chorus Pro says, read into our words: deposits, histories, statuses, times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from facteur.domain.flows import (
    AckDetail,
    Acknowledgement,
    AckStatus,
    Flow,
    FlowDirection,
    FlowSyntax,
    FlowType,
    OutgoingFlow,
    ProcessingRule,
)
from facteur.domain.identifiers import siren_of_siret
from facteur.domain.invoice import Identifier
from facteur.domain.lifecycle import codes
from facteur.domain.lifecycle.messages import Detail, MessageParty, StatusMessage
from facteur.domain.lifecycle.records import StatusReason
from facteur.domain.paris import at_paris, paris

_DONE, _REFUSED = ("IN_INTEGRE", "IN_INTEGRE_PARTIEL"), "IN_REJETE"
_MATRICULE = Identifier(value="9999", scheme="0238")  # Chorus Pro's (DGFiP annexe 7, G1.112)

#: What Chorus Pro's statuses mean in the reform's: (MDT-105, reason MDT-113). Our reading; what
#: is not here keeps its own code, which every screen shows as it is.
STATUSES: Mapping[str, tuple[str, str]] = {
    "DEPOSEE": ("200", ""),
    "EN_COURS_ACHEMINEMENT": ("201", ""),
    "MISE_A_DISPOSITION": ("203", ""),
    "PRISE_EN_COMPTE_DESTINATAIRE": ("204", ""),
    "SERVICE_FAIT": ("205", ""),
    "MISE_A_DISPOSITION_COMPTABLE": ("205", ""),
    "MANDATEE": ("205", ""),
    "COMPTABILISEE": ("205", ""),
    "A_RECYCLER": ("208", "CODE_ROUTAGE_ERR"),
    "SUSPENDUE": ("208", "JUSTIF_ABS"),
    "COMPLETEE": ("209", ""),
    "REJETEE": ("210", "AUTRE"),
    "MISE_EN_PAIEMENT": ("211", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of an invoice's history."""

    invoice: int  # identifiantFactureCPP
    id: int
    code: str
    at: datetime
    comment: str = ""

    @property
    def flow(self) -> str:
        """The identifier of the flow that it is here."""
        return f"statut-{self.invoice}-{self.id}"


def deposit(
    number: str,
    at: datetime | None,
    *,
    sent: OutgoingFlow | None = None,
    report: Mapping[str, Any] | None = None,
) -> Flow:
    """A deposit as a flow; ``at`` None: Chorus Pro has not reported yet."""
    at = at or datetime.fromtimestamp(0, UTC)
    report = report or {}
    name = text(report.get("nomFichier"))
    return Flow(
        id=number,
        name=name or (sent.name if sent else ""),
        syntax=sent.syntax if sent else None,
        type=FlowType.CUSTOMER_INVOICE,
        direction=FlowDirection.OUT,
        submitted_at=at,
        updated_at=at,
        rule=ProcessingRule.B2G,
        tracking_id=sent.tracking_id if sent else name.rpartition(".")[0],
        sha256=sent.sha256 if sent else "",
        acknowledgement=_acknowledged(report),
    )


def _acknowledged(report: Mapping[str, Any]) -> Acknowledgement:
    state = text(report.get("etatCourantDepotFlux"))
    details = [
        AckDetail(
            level="Error",
            item=text(one.get("natureErreur")) or "flux",
            reason=text(one.get("codeErreur")) or "OtherTechnicalError",
            message=text(one.get("libelleErreur")),
        )
        for one in listed(report.get("listeErreurTechnique"))
    ] + [
        AckDetail(
            level="Error",
            item=text(one.get("numeroDP")),
            reason="OtherTechnicalError",
            message=text(one.get("libelleErreurDP")),
        )
        for one in listed(report.get("listeErreurDP"))
    ]
    if state == _REFUSED or (state == _DONE[1] and details):  # one file holds one invoice
        return Acknowledgement(status=AckStatus.ERROR, details=tuple(details))
    if state in _DONE:
        return Acknowledgement(status=AckStatus.OK, details=tuple(details))
    return Acknowledgement()


def status_flow(step: Step) -> Flow:
    """A status as a flow that came in."""
    return Flow(
        id=step.flow,
        name=f"{step.flow}.xml",
        syntax=FlowSyntax.CDAR,
        type=FlowType.CUSTOMER_INVOICE_LC,
        direction=FlowDirection.IN,
        submitted_at=step.at,
        updated_at=step.at,
        rule=ProcessingRule.B2G,
        acknowledgement=Acknowledgement(status=AckStatus.OK),
    )


def message_of(invoice: Mapping[str, Any], step: Step) -> StatusMessage:
    """The lifecycle message that says what a line of Chorus Pro's history says."""
    code, reason = STATUSES.get(step.code, (step.code, ""))
    ours, theirs = text(invoice.get("codeFournisseur")), text(invoice.get("codeDestinataire"))
    seller = (Identifier(value=siren_of_siret(ours), scheme="0002"),)
    buyer = (Identifier(value=siren_of_siret(theirs), scheme="0002"),)
    phase = codes.phase_of(code).value
    author = (
        MessageParty(role="WK", name="Chorus Pro")
        if phase == codes.Phase.TRANSMISSION
        else MessageParty(
            role="BY", identifiers=buyer, name=text(invoice.get("designationDestinataire"))
        )
    )
    known = codes.STATUSES.get(code)
    label = known.label if known else step.code
    said = StatusReason(code=reason, comment=step.comment) if reason or step.comment else None
    return StatusMessage(
        id=f"cpro_{step.invoice}_{step.id}"[:50],
        created_at=step.at,
        sender=MessageParty(role="WK", identifiers=(_MATRICULE,), name="Chorus Pro"),
        author=author,
        recipients=(
            MessageParty(
                role="SE",
                identifiers=seller,
                name=text(invoice.get("designationFournisseur")),
                address=Identifier(value=siren_of_siret(ours), scheme="0225"),
            ),
        ),
        phase=phase,
        set_at=step.at,
        number=text(invoice.get("numeroFacture")),
        code=code,
        type_code="381" if text(invoice.get("typeFacture")).upper() == "AVOIR" else "380",
        issue_date=_day(invoice.get("dateFacture")),
        received_at=time_of(invoice.get("dateDepot")),
        seller=MessageParty(identifiers=seller),
        details=(Detail(reason=said),) if said else (),
        name=f"{text(invoice.get('numeroFacture'))} {label}"[:150],
        untdid=known.untdid if known else "",
        label=label,
    )


def time_of(value: Any) -> datetime | None:
    """A time of Chorus Pro: ISO 8601 with or without zone (Paris then), or milliseconds."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        found = datetime.fromisoformat(str(value).strip())
        return at_paris(found) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):  # a year that no clock has
        return None


def _day(value: Any) -> date | None:
    found = time_of(value)
    return paris(found).date() if found else None


def listed(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list, none of anything else."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A text or number on one line, "" of anything else."""
    return " ".join(str(value).split())[:500] if isinstance(value, str | int) else ""
