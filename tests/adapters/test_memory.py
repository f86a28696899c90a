"""The memory of the whole house while it works on large and hostile files: 1.2 GB at most.

The parent and its children are watched from the outside, in /proc, every few milliseconds.
"""

import contextlib
import io
import re
import resource
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from facteur.adapters.ocr_embedded import NEED, EmbeddedOcr
from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.errors import UnreadableError
from PIL import Image

from tests import samples

MEGABYTE = 1 << 20
MOST = 1000 * MEGABYTE  # the children of one process; its own memory is the parent's affair
LEAST_SEEN = 150 * MEGABYTE  # a watch that saw less than this watched nothing

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")


class Watch:
    """The largest sum of the children's memory, looked at without a pause.

    A page that several share counts once (PSS, proc(5)). Children that were there before (what
    another test keeps warm) are none of ours, nor is a process that has not become a child yet:
    it is still a copy of this one.
    """

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._others = frozenset(self._children())

    @staticmethod
    def _children() -> list[str]:
        found: list[str] = []
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):
                found += (task / "children").read_text().split()
        return found

    def _held(self) -> int:
        ours: list[str] = []
        resident = 0
        for child in set(self._children()) - self._others:
            with contextlib.suppress(OSError):
                if b"facteur.adapters" in Path(f"/proc/{child}/cmdline").read_bytes():
                    pages = Path(f"/proc/{child}/statm").read_text().split()[1]
                    resident += int(pages) * resource.getpagesize()
                    ours.append(child)
        if resident <= self.most:  # shares are less than the whole: no new maximum to look for
            return 0
        total = 0
        for child in ours:
            with contextlib.suppress(OSError):
                said = Path(f"/proc/{child}/smaps_rollup").read_text()
                total += sum(int(one) for one in re.findall(r"^Pss:\s+(\d+) kB", said, re.M))
        return total * 1024

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


def _dense(width: int, height: int) -> bytes:
    """A picture full of what may be text: the most that finding and reading can be given."""
    page = samples.drawn_image(
        tuple(
            samples.Text(20, 820 - 40 * row, "Total TTC 1 310,40 EUR " * 2, 8) for row in range(20)
        ),
        dpi=150,
    )
    out = io.BytesIO()
    page.resize((width, height)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def _noise(width: int, height: int) -> bytes:
    """A photograph of nothing, that compresses badly and has no sheet to be found."""
    dots = np.random.default_rng(1).integers(0, 255, (height // 4, width // 4, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(dots).resize((width, height)).save(out, "JPEG", quality=90)
    return out.getvalue()


def _tried(work: Callable[[], object]) -> None:
    with contextlib.suppress(UnreadableError):
        work()


def test_large_and_hostile_files_at_once_stay_within_the_house() -> None:
    """Bombs, photographs of 12 million pixels and a dense page, in four threads."""
    pdf, ocr, watch = ChildPdf(reading_seconds=10), EmbeddedOcr(), Watch()
    hostile = [samples.content_bomb(), samples.attachment_bomb(), samples.form_loop()]
    scans = [_dense(1800, 1800)]
    photos = [_noise(3000, 4000), samples.odd_png((7000, 7000))]
    work = [
        *(lambda data=data: pdf.read(data) for data in hostile),
        *(lambda data=data: pdf.from_images([data]) for data in photos),
        *(lambda data=data: ocr.read(data) for data in scans),
    ]
    try:
        with watch.looking(), ThreadPoolExecutor(4) as threads:
            list(threads.map(_tried, work[::2] + work[1::2]))
            assert ocr.read(scans[0]).pages[0].words
            assert pdf.read(samples.text_pdf()).info.pages == 1
    finally:
        pdf.close()
        ocr.close()
    assert LEAST_SEEN < watch.most <= MOST


def test_the_engine_stays_below_what_it_counts_for() -> None:
    """NEED is what the room keeps for OCR: the largest pages take less."""
    ocr, watch = EmbeddedOcr(), Watch()
    try:
        with watch.looking():
            for size in ((1800, 1800), (200, 1800)):
                assert ocr.read(_dense(*size)).pages
    finally:
        ocr.close()
    assert LEAST_SEEN < watch.most <= NEED
