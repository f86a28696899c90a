"""Photographs of several pages: read where the page shows them, not by a job on the original."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from facteur.domain.documents import StoredFile
from facteur.domain.pages import Page, PageSet
from facteur.formats.detect import PHOTOS_MARK
from facteur.ports import PdfContent, PdfInfo

from tests import samples
from tests.services.world import FakePdf, World

PAGES = 3


class ThreePages(FakePdf):
    """Every file has three pages without a word."""

    def read(self, data: bytes) -> PdfContent:
        pages = PageSet(pages=(), origin="text", total=PAGES)
        return PdfContent(info=PdfInfo(pages=PAGES), pages=pages)

    def images(
        self, data: bytes, *, dpi: int, first: int = 1, last: int = 0, form: str = "webp",
        turns: Sequence[int] = (),
    ) -> tuple[bytes, ...]:  # fmt: skip
        return (b"page %d of " % first + data,)


@dataclass
class FakeOcr:
    """An engine that has jobs, and remembers what it was asked."""

    name: str = "essai"
    started: list[str] = field(default_factory=list)
    read_: list[bytes] = field(default_factory=list)

    def read(self, image: bytes, *, page: int = 1) -> PageSet:
        self.read_.append(image)
        return PageSet(pages=(Page(number=page, words=()),), origin="ocr:essai", total=1)

    def start(self, file: StoredFile) -> str | None:
        self.started.append(file.filename)
        return "travail"

    def collect(self, job: str, file: StoredFile, *, patient: bool = True) -> PageSet | None:
        return None


def test_photographs_are_read_page_by_page_on_the_mended_page(world: World) -> None:
    """An asynchronous job would read the original: its words would stand beside the page shown."""
    ocr = FakeOcr()
    world.with_(pdf=ThreePages(), ocr=ocr)
    (document,) = world.receive(("photos.pdf", PHOTOS_MARK + b"1 0 obj"))

    assert ocr.started == []
    assert ocr.read_ == [b"page %d of %%PDF images" % number for number in (1, 2, 3)]
    assert document.sheets == PAGES


def test_a_scan_of_several_pages_still_goes_to_a_job(world: World) -> None:
    """A TIFF is shown as it came, so what reads the original reads what is shown."""
    ocr = FakeOcr()
    world.with_(pdf=ThreePages(), ocr=ocr)
    world.receive(("scan.tif", samples.tiff(3)))

    assert ocr.started == ["scan.tif"]
    assert ocr.read_ == []
