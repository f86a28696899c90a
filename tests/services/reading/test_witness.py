"""An engine's own finds on the road of a scan: waited for a little, never stopping the reading."""

from dataclasses import dataclass, field, replace

import pytest
from facteur.domain.documents import Document, State, StoredFile
from facteur.domain.events import Happened
from facteur.domain.pages import Finds, PageSet

from tests import samples
from tests.domain import grid
from tests.services.reading.test_photos import ThreePages
from tests.services.world import World

INVOICE = """
    !FACTURE                                       Menuiserie Le Goff
    Facture n° F-2026-118                          4 rue du Port
    Date : 12/11/2026                              29000 Quimper
                                                   SIRET 552 100 554 00013
    Porte de garage                                100,00
    Total HT                                       100,00
    TVA 20 %                                        20,00
    Total TTC                                      120,00
"""


@dataclass
class JobOcr:
    """An engine whose job gives these words; busy with its own finds while one is patient."""

    words: PageSet
    busy: bool = False
    name: str = "textract"
    asked: list[tuple[str, str, bool]] = field(default_factory=list)

    def read(self, image: bytes, *, page: int = 1) -> PageSet:
        return self.words

    def start(self, file: StoredFile) -> str | None:
        return "travail"

    def collect(self, job: str, file: StoredFile, *, patient: bool = True) -> PageSet | None:
        self.asked.append((job, file.filename, patient))
        return None if self.busy and patient else self.words


def words(silent: str = "") -> PageSet:
    """The words of a scan, and why the witness said nothing of them."""
    made = grid.pages(INVOICE)
    finds = Finds(engine="textract", silent=silent)
    pages = tuple(replace(page, finds=finds) for page in made.pages)
    return replace(made, pages=pages, origin="ocr:textract")


def received(world: World, ocr: JobOcr) -> Document:
    """A scan of three pages received, and all that follows done, however long it waits."""
    world.with_(pdf=ThreePages(), ocr=ocr)
    (document,) = world.receive(("scan.tif", samples.tiff(3)))
    return world.document(document.id)


@pytest.mark.parametrize(
    ("silent", "told"),
    [("AccessDeniedException", [{"reason": "AccessDeniedException"}]), ("", [])],
    ids=["denied", "heard"],
)
def test_a_witness_that_failed_is_in_the_history(
    world: World, silent: str, told: list[dict[str, str]]
) -> None:
    """The document is read all the same; its history says what was missing, and why."""
    document = received(world, JobOcr(words(silent)))
    history = world.context.store.history(document.ref)

    assert document.state is State.TO_CHECK
    assert document.summary.number == "F-2026-118"
    assert [
        dict(one.event.values) for one in history if one.event.name == Happened.WITNESS_SILENT
    ] == told


def test_a_busy_witness_is_waited_for_five_minutes(world: World) -> None:
    """Asked again every half minute; then the words are read without it."""
    ocr = JobOcr(words("IN_PROGRESS"), busy=True)
    document = received(world, ocr)

    assert ocr.asked == [("travail", "scan.tif", True)] * 9 + [("travail", "scan.tif", False)]
    assert document.state is State.TO_CHECK
    assert document.summary.number == "F-2026-118"
