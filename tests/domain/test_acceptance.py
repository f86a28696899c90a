"""Who accepts what arrives: modes, approved senders, approval circuits."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from facteur.domain import acceptance
from facteur.domain.acceptance import Circuit, Mode, Preferences
from facteur.domain.decisions import Actor, Decision
from facteur.domain.documents import (
    Approver,
    Channel,
    Conversion,
    Direction,
    Document,
    Duplicate,
    Source,
    State,
    Summary,
    Verdict,
)
from facteur.domain.errors import DuplicateError, ForbiddenError, InvalidError
from facteur.domain.events import SYSTEM, Happened
from facteur.domain.faults import Fault

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MANUAL = Preferences(dossier="d")
ANNE, BASILE = Approver(id="u1", name="Anne"), Approver(id="u2", name="Basile")
SOURCE = Source(channel=Channel.MAIL, at=NOW, sender="Compta@Vasseur.example", authenticated=True)
TWIN = Duplicate(document="y", reason="number")


def checked(state: State = State.TO_ACCEPT, **changes: object) -> Decision:
    document = Document(
        dossier="d",
        id="x",
        direction=Direction.PURCHASE,
        state=state,
        received_at=NOW,
        filename="f.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        size=1,
        sources=(SOURCE,),
        summary=Summary(number="F1", seller_siren="403156540", total_incl_vat=Decimal(6000)),
        conversion=Conversion(
            profile="EN 16931", road="repaired", pdfa=True, verdict=Verdict.VALID
        ),
    )
    return Decision(document=replace(document, **changes), events=())  # type: ignore[arg-type]


def after(
    preferences: Preferences, decision: Decision | None = None, *, trusted: bool = False
) -> Decision:
    return acceptance.registered(decision or checked(), preferences, trusted=trusted, at=NOW)


def circuit(**changes: object) -> Circuit:
    held = Circuit(id="c", name="Gros", approvers=(ANNE, BASILE), above=Decimal(5000))
    return replace(held, **changes)  # type: ignore[arg-type]


def test_by_default_a_person_accepts_each_document() -> None:
    """A new dossier is manual: nothing leaves « à accepter » by itself (JF-33, JF-34)."""
    assert State.TO_ACCEPT is after(MANUAL, trusted=True).document.state


def test_a_trusted_supplier_goes_through_only_in_its_mode() -> None:
    """« Excepté fournisseurs de confiance » (JF-35): the system accepts, and says why."""
    mode = replace(MANUAL, acceptance=Mode.TRUSTED)
    decision = after(mode, trusted=True)

    assert State.ACCEPTED is decision.document.state
    assert (SYSTEM, "trusted_supplier") == (
        decision.events[-1].by,
        decision.events[-1].values["because"],
    )
    assert State.TO_ACCEPT is after(mode, trusted=False).document.state


def test_the_automatic_mode_still_stops_what_is_wrong() -> None:
    """JF-36: accepted at once; a double, or something to check, waits."""
    mode = replace(MANUAL, acceptance=Mode.AUTOMATIC)

    assert State.ACCEPTED is after(mode).document.state
    assert State.TO_ACCEPT is after(mode, checked(duplicates=(TWIN,))).document.state
    assert State.TO_CHECK is after(mode, checked(State.TO_CHECK)).document.state
    sale = checked(direction=Direction.SALE)
    assert State.TO_ACCEPT is after(mode, sale).document.state


def test_an_account_that_nobody_vouched_for_waits_for_a_person_in_every_mode() -> None:
    """Automatic, trusted: who accepts the first invoice of a supplier vouches for its account."""
    for mode in (Mode.AUTOMATIC, Mode.TRUSTED):
        preferences = replace(MANUAL, acceptance=mode)
        decision = acceptance.registered(
            checked(), preferences, trusted=True, new_account=True, at=NOW
        )
        assert State.TO_ACCEPT is decision.document.state


@pytest.mark.parametrize(
    ("entry", "authenticated", "channel", "accepted"),
    [
        ("compta@vasseur.example", True, Channel.MAIL, True),
        ("@vasseur.example", True, Channel.MAIL, True),
        ("@example", True, Channel.MAIL, False),
        ("autre@vasseur.example", True, Channel.MAIL, False),
        ("@vasseur.example", False, Channel.MAIL, False),
        ("@vasseur.example", True, Channel.UPLOAD, False),
    ],
)
def test_an_approved_sender_counts_only_when_it_is_proved(
    entry: str, authenticated: bool, channel: Channel, accepted: bool
) -> None:
    """JF-42: in the list and authenticated, by mail; a forged From waits."""
    chosen = replace(MANUAL, accept_senders=True, senders=(entry,))
    source = replace(SOURCE, authenticated=authenticated, channel=channel)
    state = after(chosen, checked(sources=(source,))).document.state

    assert accepted == (state is State.ACCEPTED)
    off = replace(chosen, accept_senders=False)
    assert State.TO_ACCEPT is after(off, checked(sources=(source,))).document.state


@pytest.mark.parametrize("text", ["", "a", "@", "a@b", "@a b.fr", "a@b.fr\nBcc: c@d.fr", "@-a.fr"])
def test_what_is_neither_an_address_nor_a_domain_is_refused(text: str) -> None:
    """JF-43: a fault, never a list entry that matches something unexpected."""
    assert isinstance(acceptance.sender_of(text), Fault)


def test_an_address_is_kept_in_lower_case() -> None:
    """However it was typed."""
    assert acceptance.sender_of(" <Compta@Vasseur.FR> ") == "compta@vasseur.fr"
    assert acceptance.sender_of("@Vasseur.FR") == "@vasseur.fr"


def test_a_circuit_stops_an_invoice_whatever_the_mode() -> None:
    """PE-01: the first circuit whose conditions all hold, even in automatic mode."""
    mode = replace(MANUAL, acceptance=Mode.AUTOMATIC, circuits=(circuit(),))
    decision = after(mode)

    assert (State.TO_ACCEPT, "Gros") == (decision.document.state, decision.document.circuit)
    assert Happened.APPROVAL_ASKED is decision.events[-1].name
    small = checked(summary=Summary(total_incl_vat=Decimal("4999.99")))
    assert State.ACCEPTED is after(mode, small).document.state


@pytest.mark.parametrize(
    ("changes", "category", "stopped"),
    [
        ({"suppliers": ("403156540",)}, "", True),
        ({"suppliers": ("300000007",)}, "", False),
        ({"category": "BTP"}, "btp", True),
        ({"category": "BTP"}, "Énergie", False),
        ({"above": Decimal("6000.01")}, "", False),
        ({"above": Decimal(6000)}, "", True),
    ],
)
def test_every_condition_of_a_circuit_counts(
    changes: dict[str, object], category: str, stopped: bool
) -> None:
    """Supplier, category, amount reached: all that are set must hold."""
    held = replace(MANUAL, circuits=(circuit(**changes),))
    decision = acceptance.registered(checked(), held, trusted=False, category=category, at=NOW)

    assert stopped == bool(decision.document.circuit)


def test_an_invoice_is_accepted_when_its_last_approver_agrees() -> None:
    """Two approvals, then accepted; each is an event of its own."""
    waiting = after(replace(MANUAL, circuits=(circuit(),))).document
    first = acceptance.accept(waiting, Actor(id="u1", name="Anne"), at=NOW, preferences=MANUAL)

    assert State.TO_ACCEPT is first.document.state
    assert [BASILE] == [*acceptance.waited_for(first.document)]
    last = acceptance.accept(first.document, Actor(id="u2"), at=NOW, preferences=MANUAL)
    assert State.ACCEPTED is last.document.state
    assert [Happened.INVOICE_APPROVED, Happened.INVOICE_ACCEPTED] == [e.name for e in last.events]


@pytest.mark.parametrize("who", ["u3", "u1"])
def test_nobody_approves_for_another_or_twice(who: str) -> None:
    """Somebody else, a gérant included, and one who approved already: refused, with the names."""
    waiting = after(replace(MANUAL, circuits=(circuit(),))).document
    once = acceptance.accept(waiting, Actor(id="u1"), at=NOW, preferences=MANUAL).document

    with pytest.raises(ForbiddenError) as raised:
        acceptance.accept(once, Actor(id=who), at=NOW, preferences=MANUAL)
    assert raised.value.values["names"] == "Basile"


def test_what_cannot_be_accepted_cannot_be_approved_either() -> None:
    """An approver is told of the double or of what is missing, before he agrees to it."""
    held = replace(MANUAL, circuits=(circuit(),))
    double = after(held, checked(duplicates=(TWIN,))).document
    with pytest.raises(DuplicateError):
        acceptance.accept(double, Actor(id="u1"), at=NOW, preferences=held)
    missing = after(held, checked(State.TO_CHECK, conversion=None)).document
    with pytest.raises(InvalidError):
        acceptance.accept(missing, Actor(id="u1"), at=NOW, preferences=held)


def test_a_double_is_only_a_warning_where_the_dossier_says_so() -> None:
    """JF-41: « Bloquer l'archivage des doublons » off: a person may accept it."""
    double = checked(duplicates=(TWIN,)).document
    with pytest.raises(DuplicateError):
        acceptance.accept(double, Actor(id="u1"), at=NOW, preferences=MANUAL)
    allowed = replace(MANUAL, block_duplicates=False)
    accepted = acceptance.accept(double, Actor(id="u1"), at=NOW, preferences=allowed)
    assert State.ACCEPTED is accepted.document.state


def test_a_gerant_takes_an_invoice_out_of_its_circuit() -> None:
    """The history says who did, and whose agreement was not had."""
    waiting = after(replace(MANUAL, circuits=(circuit(),))).document
    lifted = acceptance.lift_circuit(waiting, Actor(id="u9", name="Zoé"), at=NOW)

    assert not acceptance.waited_for(lifted.document)
    assert (Happened.CIRCUIT_LIFTED, "Anne, Basile", "Zoé") == (
        lifted.events[0].name,
        lifted.events[0].values["left"],
        lifted.events[0].by_name,
    )
    with pytest.raises(InvalidError):
        acceptance.lift_circuit(lifted.document, Actor(id="u9"), at=NOW)


def test_a_circuit_does_not_begin_below_nothing() -> None:
    """An amount that no total can stay under is a slip."""
    below = circuit(above=Decimal("-5"))
    codes = [one.code for one in acceptance.faults_of(replace(MANUAL, circuits=(below,)))]
    assert codes == ["circuit.above_negative"]


def test_preferences_are_checked_whole() -> None:
    """A circuit without name, approver or condition: three faults at once."""
    empty = circuit(name="", approvers=(), above=None)
    codes = [one.code for one in acceptance.faults_of(replace(MANUAL, circuits=(empty,)))]

    assert codes == [
        "circuit.name_missing",
        "circuit.approvers_missing",
        "circuit.condition_missing",
    ]
