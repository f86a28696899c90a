"""What reading costs: seconds a page and memory, with and without OCR.

Invoices of our own making (benchmarks/synthetic), and the shared corpus where there is one. The
text layer's pages are read by a warm PDF child; a scan is the same page as an image, lying in each
of the four directions, read by the embedded engine, which has one thread. Processor time is what
counts: others may be using the machine. Memory is the largest sum of what this process and its
children hold, looked at from outside while they work.
"""

import contextlib
import os
import resource
import statistics
import threading
from collections.abc import Iterator
from pathlib import Path

from facteur.adapters.ocr_embedded import EmbeddedOcr
from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.errors import UnreadableError
from facteur.local.demo import invoices

from benchmarks.house import say
from benchmarks.samples import TODAY

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("FACTEUR_SHARED", ROOT.parent / "shared"))
PAGES = 3  # scans read, each in four directions: they take seconds
DPI = 150  # of the images that are read


class Watch:
    """The largest sum of resident memory of this process and its children."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()

    @staticmethod
    def _held() -> int:
        total = int(Path("/proc/self/statm").read_text().split()[1])
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):
                for child in (task / "children").read_text().split():
                    total += int(Path(f"/proc/{child}/statm").read_text().split()[1])
        return total * resource.getpagesize()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, self._held())

    @contextlib.contextmanager
    def looking(self) -> Iterator[None]:
        """Look until the end of the block."""
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()


def ticks() -> float:
    """The seconds of processor time that this process and its living children have used."""
    total = sum(os.times()[:2])
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            fields = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def documents() -> list[bytes]:
    """PDFs with text: our own, then those of the shared corpus that can be read."""
    made = [invoices.page(invoices.printer(TODAY), accent="#224466")]
    corpus = sorted((SHARED / "corpus" / "docs").glob("*.pdf"))
    return made + [path.read_bytes() for path in corpus]


def read_texts(pdf: ChildPdf, held: list[bytes]) -> list[float]:
    """Seconds a page of each document."""
    pdf.read(held[0])
    costs = []
    for data in held:
        with contextlib.suppress(UnreadableError):
            before = ticks()
            pages = pdf.read(data).info.pages
            costs.append((ticks() - before) / pages)
    return costs


def main() -> None:
    """Print the section."""
    pdf, ocr, held = ChildPdf(), EmbeddedOcr(), documents()
    with_ocr, without = Watch(), Watch()
    turned: dict[int, list[float]] = {turn: [] for turn in range(4)}
    try:
        with without.looking():
            texts = read_texts(pdf, held)
        say(f"text: {statistics.median(texts):.3f} s a page")
        with with_ocr.looking():
            for data in held[:PAGES]:
                for turn, costs in turned.items():
                    (image,) = pdf.images(
                        data, dpi=DPI, first=1, last=1, form="jpeg", turns=[turn]
                    )
                    ocr.read(image) if not any(turned.values()) else None  # the engine's start
                    before = ticks()
                    ocr.read(image)
                    costs.append(ticks() - before)
                    say(f"turn {turn}: {costs[-1]:.1f} s")
    finally:
        pdf.close()
        ocr.close()
    print("## What reading costs\n")
    print(
        f"{len(texts)} documents with a text layer, {PAGES} of them as images of {DPI} dpi in "
        "four directions: our own making, and the shared corpus where it is. Processor time "
        "of all processes, stretched by the load of others too; largest sum of resident memory.\n"
    )
    print("| | median, s a page | worst | goal |")
    print("|---|---|---|---|")
    print(f"| text layer | **{statistics.median(texts):.3f}** | {max(texts):.3f} | 0.15 |")
    for turn, costs in turned.items():
        print(f"| OCR, {turn * 90}° | **{statistics.median(costs):.1f}** | {max(costs):.1f} | 4 |")
    print("\n| memory | MB | goal |")
    print("|---|---|---|")
    print(f"| text layers | **{without.most / 1e6:.0f}** | 300 |")
    print(f"| with OCR | **{with_ocr.most / 1e6:.0f}** | 1200 |")


if __name__ == "__main__":
    main()
