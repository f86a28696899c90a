"""The decisions about a document: what each state allows, and what it says happened."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from facteur.domain import decisions
from facteur.domain.decisions import Actor, ReadResult
from facteur.domain.documents import (
    Channel,
    Conversion,
    Direction,
    Document,
    Duplicate,
    Source,
    State,
    StoredFile,
    Summary,
    Verdict,
)
from facteur.domain.errors import DuplicateError, IllegalTransitionError, InvalidError
from facteur.domain.events import Happened
from facteur.domain.faults import Fault, Severity

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANNE = Actor(id="u1", name="Anne")
FILE = StoredFile(key="k", version_id="v", sha256="0" * 64, size=1, media_type="application/pdf")
CONVERTED = Conversion(profile="EN 16931", road="repaired", pdfa=True)
VALID = replace(CONVERTED, verdict=Verdict.VALID, reform=Verdict.INVALID)


def document(state: State = State.RECEIVED, **changes: object) -> Document:
    source = Source(channel=Channel.MAIL, at=NOW, sender="a@b.fr")
    base = Document(
        dossier="d",
        id="x",
        direction=Direction.PURCHASE,
        state=state,
        received_at=NOW,
        filename="f.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        size=1,
        sources=(source,),
        files={"original": FILE},
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def result(conversion: Conversion | None, *faults: Fault, recognised: bool = True) -> ReadResult:
    return ReadResult(
        summary=Summary(number="F1"),
        faults=faults,
        files={"candidate": FILE},
        pages=1,
        structured=False,
        origin="text",
        conversion=conversion,
        recognised=recognised,
    )


def unsure(path: str) -> Fault:
    return Fault(code="field.unsure", path=path, severity=Severity.WARNING)


def names(decision: decisions.Decision) -> list[Happened]:
    return [event.name for event in decision.events]


def test_a_document_that_converts_waits_for_the_rules() -> None:
    """Read and converted: state READ, and the rules are asked for by InvoiceConverted."""
    decision = decisions.read(document(), result(CONVERTED), (), at=NOW)

    assert State.READ is decision.document.state
    assert [Happened.INVOICE_READ, Happened.INVOICE_CONVERTED] == names(decision)


def test_a_document_that_does_not_convert_is_to_check_with_its_faults() -> None:
    """Without a Factur-X nothing may be called ready."""
    fault = Fault(code="total.lines_sum", path="total_excl_vat")

    decision = decisions.read(document(), result(None, fault), (), at=NOW)

    assert State.TO_CHECK is decision.document.state
    assert (fault,) == decision.document.faults
    assert Happened.CONTROL_NEEDED in names(decision)
    assert "total.lines_sum" == decision.events[-1].values["faults"]


def test_what_is_no_invoice_says_so_in_its_history() -> None:
    """A contract or a payslip never becomes an invented invoice."""
    decision = decisions.read(document(), result(None, recognised=False), (), at=NOW)

    assert Happened.DOCUMENT_NOT_RECOGNISED == names(decision)[0]


@pytest.mark.parametrize(
    ("conversion", "faults", "expected"),
    [
        (VALID, (), State.TO_ACCEPT),
        (replace(VALID, verdict=Verdict.INVALID), (), State.TO_CHECK),
        (replace(VALID, verdict=Verdict.UNVERIFIED), (), State.TO_CHECK),
        (VALID, (Fault(code="iban.key"),), State.TO_CHECK),
        (VALID, (Fault(code="x", severity=Severity.WARNING),), State.TO_ACCEPT),
        (VALID, (unsure("number"),), State.TO_CHECK),
        (VALID, (unsure("buyer_city"),), State.TO_ACCEPT),
    ],
)
def test_only_a_valid_sure_and_faultless_invoice_is_ready_to_accept(
    conversion: Conversion, faults: tuple[Fault, ...], expected: State
) -> None:
    """The table of what needs a look: an unverified invoice is never ready."""
    decision = decisions.checked(
        document(State.READ, conversion=CONVERTED),
        conversion=conversion,
        findings=faults,
        report=FILE,
        duplicates=(),
        at=NOW,
    )

    assert expected is decision.document.state


def test_a_double_stops_acceptance_until_somebody_clears_it() -> None:
    """JF-41: accepting a possible double is refused, then allowed."""
    doubled = document(
        State.TO_ACCEPT, conversion=VALID, duplicates=(Duplicate(document="y", reason="number"),)
    )

    with pytest.raises(DuplicateError):
        decisions.accept(doubled, ANNE, at=NOW)
    cleared = decisions.clear_duplicates(doubled, ANNE, at=NOW).document

    assert State.ACCEPTED is decisions.accept(cleared, ANNE, at=NOW).document.state


def test_accepting_from_to_check_names_the_faults_that_were_there() -> None:
    """The law lets a buyer keep an imperfect invoice; the history says what was seen."""
    faulty = document(State.TO_CHECK, conversion=VALID, faults=(Fault(code="buyer.other"),))

    decision = decisions.accept(faulty, ANNE, at=NOW)

    assert {"noticed": "buyer.other"} == dict(decision.events[0].values)
    assert ("u1", "Anne") == (decision.events[0].by, decision.events[0].by_name)


def test_a_document_without_an_invoice_of_its_own_cannot_be_accepted() -> None:
    """What could not be converted must be completed first, and the faults say what."""
    fault = Fault(code="field.missing", path="number")

    with pytest.raises(InvalidError) as raised:
        decisions.accept(document(State.TO_CHECK, faults=(fault,)), ANNE, at=NOW)

    assert (fault,) == raised.value.faults


def test_an_invalid_invoice_of_our_own_making_cannot_be_accepted() -> None:
    """Our conversion of a page must be valid; an issuer's own XML may be kept as it is."""
    wrong = replace(VALID, verdict=Verdict.INVALID)

    assert not decisions.acceptable(document(State.TO_CHECK, conversion=wrong))
    assert decisions.acceptable(document(State.TO_CHECK, conversion=wrong, structured=True))


@pytest.mark.parametrize("state", [State.ARCHIVED, State.ACCEPTED, State.REFUSED, State.READ])
def test_a_decided_document_cannot_be_refused(state: State) -> None:
    """There is no way back from an archive."""
    with pytest.raises(IllegalTransitionError):
        decisions.refuse(document(state), "AUTRE", "", ANNE, at=NOW)


def test_a_refusal_needs_a_reason_of_the_list_and_keeps_the_files() -> None:
    """JF-33: refused documents leave the flow, their bytes stay; whoever asks, by any door."""
    waiting = document(State.TO_ACCEPT, conversion=VALID)

    for none in ("", "dest_err", "PARCE QUE", "<script>"):
        with pytest.raises(InvalidError) as wrong:
            decisions.refuse(waiting, none, "non", ANNE, at=NOW)
        assert ["refusal.reason_missing"] == [one.code for one in wrong.value.faults]
    refused = decisions.refuse(waiting, "DEST_ERR", "pas pour nous", ANNE, at=NOW).document

    assert State.REFUSED is refused.state
    assert waiting.files == refused.files


def test_a_quarantined_document_can_be_replayed() -> None:
    """Quarantine is not an end: replaying starts the road again, the reason is gone."""
    failure = decisions.fault_of("unreadable.damaged", reason="xref")
    held = decisions.quarantine(document(), failure, at=NOW).document

    replayed = decisions.replay(held, ANNE, at=NOW)

    assert State.QUARANTINED is held.state
    assert State.RECEIVED is replayed.document.state
    assert replayed.document.failure is None


def test_the_issuers_own_data_cannot_be_corrected() -> None:
    """A structured invoice says what its issuer wrote: nobody edits it here."""
    with pytest.raises(IllegalTransitionError):
        decisions.correct(
            document(State.TO_CHECK, structured=True), FILE, ("number",), ANNE, at=NOW
        )


def test_not_a_double_is_said_of_the_doubles_known_then() -> None:
    """A new one, found after a correction, blocks again and is told."""
    seen = Duplicate(document="y", reason="number")
    cleared = document(State.READ, duplicates=(seen,), duplicates_cleared=True, conversion=VALID)

    def checked(*found: Duplicate) -> Document:
        return decisions.checked(
            cleared, conversion=VALID, findings=(), report=FILE, duplicates=found, at=NOW
        ).document

    assert not checked(seen).duplicate_blocks
    assert checked(seen, Duplicate(document="z", reason="near")).duplicate_blocks


@pytest.mark.parametrize("step", ["correct", "replay"])
def test_a_conversion_of_former_data_is_not_shown_as_the_present_one(step: str) -> None:
    """Its Factur-X, XML and report leave the head; original, words and candidate stay."""
    roles = ("original", "words", "candidate", "facturx", "invoice_xml", "report")
    files = dict.fromkeys(roles, FILE)
    if step == "correct":
        held = document(State.TO_CHECK, files=files, conversion=VALID)
        after = decisions.correct(held, FILE, ("number",), ANNE, at=NOW).document
    else:
        held = document(State.QUARANTINED, files=files, conversion=VALID)
        after = decisions.replay(held, ANNE, at=NOW).document

    assert {"original", "words", "candidate"} == set(after.files)
    assert after.conversion is None
