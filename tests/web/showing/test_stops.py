"""The two or three words that tell why a document waits."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from facteur.domain.documents import (
    Approval,
    Approver,
    Conversion,
    Direction,
    Document,
    State,
    Verdict,
)
from facteur.domain.faults import Fault, Severity
from facteur.web.showing.stops import why_waits

AT = datetime(2026, 11, 20, tzinfo=UTC)
HEAD = Document(
    dossier="d", id="i", direction=Direction.PURCHASE, state=State.TO_CHECK, received_at=AT,
    filename="f.pdf", media_type="application/pdf", sha256="", size=1, sources=(), files={},
)  # fmt: skip
UNSURE = Fault(code="field.unsure", path="number", severity=Severity.WARNING)


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ((), ""),
        ((UNSURE,), "Lecture à vérifier"),
        ((UNSURE, Fault(code="typed.missing", path="number")), "Données à compléter"),
        ((UNSURE, Fault(code="buyer.other")), "Autre destinataire"),
        ((Fault(code="buyer.other"), Fault(code="iban.changed")), "IBAN à approuver"),
    ],
)
def test_the_gravest_reason_is_said(faults: tuple[Fault, ...], words: str) -> None:
    """A fraud first, then another company's invoice, then what lacks, then what is unsure."""
    assert words == why_waits(replace(HEAD, faults=faults), "a")


def test_an_invoice_that_breaks_the_rules_says_so() -> None:
    """The verdict of the official rules counts before the fields that were read unsurely."""
    invalid = Conversion(road="xml", profile="EN 16931", pdfa=True, verdict=Verdict.INVALID)
    head = replace(HEAD, faults=(UNSURE,), conversion=invalid)

    assert "Non conforme" == why_waits(head, "a")


def test_a_circuit_names_only_those_who_are_left() -> None:
    """Of two approvers, the one who has not approved yet; nobody once it is archived."""
    two = (Approver(id="a", email="a@x.example", name="Anne"), Approver(id="b", email="b@x.fr"))
    head = replace(
        HEAD,
        state=State.TO_ACCEPT,
        circuit="Gros",
        approvers=two,
        approvals=(Approval(by="a", name="Anne", at=AT),),
    )

    assert "En attente de b@x.fr" == why_waits(head, "a")
    assert "Votre accord est attendu" == why_waits(head, "b")
    assert why_waits(replace(head, state=State.ARCHIVED), "b") == ""
