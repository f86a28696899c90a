"""A circuit that is added or removed while invoices wait, with the real store and the queue."""

import re
from decimal import Decimal

import pytest
from facteur.domain.acceptance import Circuit
from facteur.domain.circuits import Change
from facteur.domain.commands import AcceptDocument, LiftCircuit, ReviewCircuit
from facteur.domain.documents import Approver, Document, State
from facteur.domain.errors import NotFoundError
from facteur.domain.events import Happened
from facteur.services.deciding import approving, circuits, preferences
from facteur.services.run import run

from tests.services.world import World, xml
from tests.web.browser import Letters

ANNE = Approver(id="u1", name="Anne", email="a@b.fr")
OUTSIDE = Approver(id="mail:maire@ville.example", email="maire@ville.example")


def add(
    world: World,
    name: str,
    *approvers: Approver,
    above: int = 1,
    waiting: bool = True,
    circuit: str = "",
) -> Circuit:
    saved = preferences.keep_circuit(
        world.caller,
        name=name,
        approvers=approvers or (ANNE,),
        suppliers=(),
        above=Decimal(above),
        category="",
        context=world.context,
        waiting=waiting,
        circuit=circuit,
    )
    world.deliver()
    return saved.circuits[-1]


def only(world: World) -> Document:
    (document,) = world.documents()
    return document


def test_a_new_circuit_stops_what_waits_already_when_asked_to(world: World) -> None:
    """One invoice waits; without the tick it stays free, with it it waits for the approvers."""
    world.receive(("f.xml", xml("F1")))
    assert circuits.waiting(world.caller, world.context) == 1
    add(world, "Sans", waiting=False)
    assert not only(world).circuit
    add(world, "Trop haut", above=1_000_000)
    assert not only(world).circuit

    preferences.remove_circuit(
        world.caller, preferences.preferences(world.caller, world.context).circuits[0].id,
        world.context,
    )  # fmt: skip
    add(world, "Travaux", ANNE, OUTSIDE)
    held = only(world)
    assert (State.TO_ACCEPT, "Travaux", (ANNE, OUTSIDE)) == (
        held.state, held.circuit, held.approvers,
    )  # fmt: skip
    told = world.context.store.history(held.ref)[-1].event
    assert (Happened.APPROVAL_ASKED, "Anne", "circuit_added", OUTSIDE.email) == (
        told.name, told.by_name, told.values["because"], told.values["outside"],
    )  # fmt: skip


def test_the_walk_and_the_reviews_ask_nothing_twice(world: World) -> None:
    """The same command once more, as after a crash: no event, no version more."""
    world.receive(("f.xml", xml("F1")))
    circuit = add(world, "Travaux")
    before = only(world)
    change = Change(circuit=circuit.id, name=circuit.name, approvers=circuit.approvers)
    run(ReviewCircuit(dossier=world.dossier, document=before.id, change=change, by="u1"),
        world.context)  # fmt: skip
    run(circuits.announced(world.caller, change, 90, world.context).command, world.context)
    world.deliver()

    assert before == only(world)


def test_removing_a_circuit_frees_what_nobody_else_stops(world: World) -> None:
    """The first gone, the second takes over; the second gone, it is accepted like any other."""
    first = add(world, "Premier")
    second = add(world, "Second", Approver(id="u2", name="Basile"))
    world.receive(("f.xml", xml("F1")))
    assert only(world).circuit == "Premier"

    preferences.remove_circuit(world.caller, first.id, world.context)
    world.deliver()
    assert only(world).circuit == "Second"
    preferences.remove_circuit(world.caller, second.id, world.context)
    world.deliver()

    freed = only(world)
    assert (State.TO_ACCEPT, "", (), ()) == (
        freed.state, freed.circuit, freed.approvers, freed.approvals,
    )  # fmt: skip
    told = [
        (one.event.name, one.event.values["circuit"], one.event.by_name)
        for one in world.context.store.history(freed.ref)
        if one.event.values.get("because")
    ]
    assert told == [
        (Happened.CIRCUIT_LIFTED, "Premier", "Anne"),
        (Happened.APPROVAL_ASKED, "Second", "Anne"),
        (Happened.CIRCUIT_LIFTED, "Second", "Anne"),
    ]


def test_a_circuit_that_is_changed_follows_what_it_holds(world: World) -> None:
    """Other approvers are asked anew; another name keeps the agreements; conditions that no more
    hold let it go, and wider ones stop it again."""
    anne, basile = ANNE, Approver(id="u2", name="Basile", email="b@b.fr")
    circuit = add(world, "Travaux", anne, basile)
    world.receive(("f.xml", xml("F1")))
    held = only(world)
    run(AcceptDocument(dossier=held.dossier, document=held.id, version=held.version, by="u1"),
        world.context)  # fmt: skip

    def change(name: str, *approvers: Approver, above: int = 1) -> Document:
        add(world, name, *approvers, above=above, circuit=circuit.id)
        return only(world)

    renamed = change("Gros travaux", anne, basile)
    assert ("Gros travaux", ["u1"]) == (renamed.circuit, [one.by for one in renamed.approvals])
    asked = change("Gros travaux", basile)
    assert ((basile,), ()) == (asked.approvers, asked.approvals)
    assert "" == change("Gros travaux", basile, above=1_000_000).circuit
    assert "Gros travaux" == change("Gros travaux", basile).circuit
    with pytest.raises(NotFoundError):
        add(world, "Rien", circuit="inconnu")


def test_what_was_taken_out_of_a_circuit_stays_out_when_another_changes(world: World) -> None:
    """A gérant's own decision about one invoice is not undone by a circuit placed after."""
    add(world, "Premier")
    world.receive(("f.xml", xml("F1")))
    held = only(world)
    run(LiftCircuit(dossier=held.dossier, document=held.id, version=held.version, by="u1"),
        world.context)  # fmt: skip
    other = add(world, "Second")
    preferences.remove_circuit(world.caller, other.id, world.context)
    world.deliver()

    assert not only(world).circuit


def test_a_walk_left_by_a_crash_before_the_save_does_nothing(world: World) -> None:
    """It stands in the agenda before the preferences are saved: its circuit was never added."""
    world.receive(("f.xml", xml("F1")))
    before = only(world)
    change = Change(circuit="never", name="Fantôme", approvers=(ANNE,))
    run(circuits.announced(world.caller, change, 90, world.context).command, world.context)
    world.deliver()

    assert before == only(world)


def test_the_walk_goes_on_page_after_page(world: World, monkeypatch: object) -> None:
    """More documents than a step takes: each is reviewed, the steps follow each other."""
    for number in range(3):
        world.receive(
            (f"f{number}.xml", xml(f"F{number}")), key=f"mail/{number}", message_id=f"m{number}@x"
        )
    monkeypatch.setattr(circuits, "_AT_ONCE", 2)  # type: ignore[attr-defined]
    add(world, "Travaux")

    assert ["Travaux"] * 3 == [one.circuit for one in world.documents()]


def _links(world: World, letters: Letters) -> list[str]:
    """The tokens of the last mail."""
    return re.findall(r"/approbation/(\S+)", letters.sent[-1].text)


def _minutes_later(world: World) -> None:
    world.clock.pass_(minutes=3)
    for scheduled in world.context.store.due(world.clock.now()):
        world.context.store.done(scheduled.id)
        world.queue.send(scheduled)
    world.deliver()


def test_who_has_no_account_is_asked_for_all_of_it_by_one_mail(world: World) -> None:
    """Three invoices wait, a circuit stops them: one mail, a line and a link each; what arrives
    later is asked for alone; changed approvers get one mail again and the former links end."""
    letters = Letters()
    world.with_(mailer=letters)
    for number in ("F1", "F2", "F3"):
        world.receive((f"{number}.xml", xml(number)), key=f"mail/{number}",
                      message_id=f"{number}@x.example")  # fmt: skip
    circuit = add(world, "Travaux", ANNE, OUTSIDE)
    assert [] == letters.sent
    _minutes_later(world)
    _minutes_later(world)
    (mail,) = letters.sent
    assert (OUTSIDE.email, True) == (mail.to, mail.subject.endswith("d'approuver 3 factures"))
    assert all(f"facture {one}" in mail.text for one in ("F1", "F2", "F3"))
    tokens = _links(world, letters)
    seen = {
        approving.asked(one, world.context, address="1").document.summary.number for one in tokens
    }
    assert {"F1", "F2", "F3"} == seen

    world.receive(("F4.xml", xml("F4")), key="mail/F4", message_id="F4@x.example")
    assert [1] == [len(_links(world, letters))]
    add(world, "Travaux", OUTSIDE, circuit=circuit.id)
    _minutes_later(world)
    assert (3, 4) == (len(letters.sent), len(set(_links(world, letters))))
    over = approving.over(tokens[0], world.context)
    assert over is not None
    assert "replaced" == over.why
