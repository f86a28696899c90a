"""The first of two doubles says, while it waits, that another came after it (PE-05)."""

from dataclasses import replace

import pytest
from facteur.domain.commands import AcceptDocument, ClearDuplicates, RefuseDocument
from facteur.domain.documents import Document
from facteur.services.intake.doubles import later
from facteur.services.run import run

from tests.services.world import World, xml
from tests.web.browser import Browser


def _received(world: World, *files: bytes) -> list[Document]:
    """One mail each, a minute apart; the oldest first."""
    for number, data in enumerate(files):
        world.receive(("f.xml", data), key=f"mail/{number}", message_id=f"m{number}@x.example")
        world.clock.pass_(minutes=1)
    return sorted(world.documents(), key=lambda one: one.received_at)


def _line(browser: Browser, document: Document) -> list[str]:
    """The documents that its line leads to."""
    page = browser.get(f"/factures/{document.id}").page
    return [str(one) for one in page.xpath("//*[@id='double-recu']//a/@href")]


@pytest.mark.parametrize("copy", [xml("F1"), xml("F1", buyer_reference="autre exemplaire")])
def test_the_first_leads_to_the_one_that_came_after(
    manager: Browser, world: World, copy: bytes
) -> None:
    """Same bytes, or same number, total and day: a line, nothing blocked, nothing written."""
    first, second = _received(world, xml("F1"), copy)
    reply = manager.get(f"/factures/{first.id}")

    assert "Un document reçu ensuite semble être son double :" in reply.text
    assert [f"/factures/{second.id}"] == _line(manager, first)
    assert [] == _line(manager, second)
    assert second.duplicate_blocks
    assert reply.one("//button[@id='accept']").get("disabled") is None
    assert first == world.document(first.id)


def test_of_three_copies_the_first_leads_to_both(manager: Browser, world: World) -> None:
    """In the order in which they came; the second leads to the third, as far as it is marked."""
    first, second, third = _received(world, xml("F1"), xml("F1"), xml("F1"))
    assert [f"/factures/{one.id}" for one in (second, third)] == _line(manager, first)
    assert "Des documents reçus ensuite semblent être ses doubles" in (
        manager.get(f"/factures/{first.id}").text
    )


def test_the_line_goes_once_somebody_decided(manager: Browser, world: World) -> None:
    """« Ce n'est pas un doublon », a refusal, or the first one's own acceptance."""
    first, second = _received(world, xml("F1"), xml("F1"))
    who = {"dossier": first.dossier, "by": "u1"}
    cleared = ClearDuplicates(document=second.id, version=second.version, **who)
    run(cleared, world.context)
    assert [] == _line(manager, first)

    other, copy = _received(world, xml("F2"), xml("F2"))[-2:]
    assert [f"/factures/{copy.id}"] == _line(manager, other)
    refusal = RefuseDocument(
        document=copy.id, version=copy.version, reason="DOUBLON", comment="", **who
    )
    run(refusal, world.context)
    assert [] == _line(manager, other)

    last, _copy = _received(world, xml("F3"), xml("F3"))[-2:]
    run(AcceptDocument(document=last.id, version=last.version, **who), world.context)
    assert [] == _line(manager, last)


def test_a_document_that_has_no_double_says_nothing(world: World) -> None:
    """Another number, or no date to look by: no line, no failure."""
    (only, _other) = _received(world, xml("F1"), xml("F2", buyer_reference="x"))
    assert () == later(only, world.context)
    assert () == later(
        replace(only, summary=replace(only.summary, issue_date=None)), world.context
    )
