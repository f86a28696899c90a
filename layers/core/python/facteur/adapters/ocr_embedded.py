"""ports.Ocr by RapidOCR on the machine itself: no account, no network, models in the package.

The engine runs in a child process of its own (ocr_worker.py), one page at a time: its memory is
given back when nothing has been read for a minute, and a hostile image ends the child only.
"""

from facteur.adapters.child import Children
from facteur.domain.documents import StoredFile
from facteur.domain.pages import Box, Page, PageSet, Word
from facteur.ports import Limits

WORKER = "facteur.adapters.ocr_worker"
ADDRESS_SPACE = 1150 * 1024 * 1024  # half of it is reserved and never resident
NEED = 580 * 1024 * 1024  # what the worst page was seen to take is below: tests/adapters
GROWN = 350 * 1024 * 1024
SECONDS = 60.0  # of processor time; a page takes two to four
PATIENCE = 180.0  # on a busy machine


class EmbeddedOcr:
    """Words with boxes of a page image, at once; safe to use from several threads."""

    name = "rapidocr"

    def __init__(self, limits: Limits | None = None, *, seconds: float = SECONDS) -> None:
        self._limits = limits or Limits()
        self._seconds = seconds
        self._children = Children(
            WORKER, count=1, memory_bytes=ADDRESS_SPACE, need_bytes=NEED, grown_bytes=GROWN
        )

    def close(self) -> None:
        """End the child."""
        self._children.close()

    def read(self, image: bytes, *, page: int = 1) -> PageSet:
        """One page image (JPEG, PNG, WebP) → its words (ports.Ocr.read)."""
        answer = self._children.ask(
            "read",
            {"pixels": self._limits.image_pixels},
            image,
            seconds=self._seconds,
            patience=PATIENCE,
        )
        said = answer.words
        words = tuple(
            Word(text, Box(left, top, right, bottom), min(1.0, max(0.0, score)))
            for text, left, top, right, bottom, score in said["words"]
        )
        size = (float(said["width"]), float(said["height"]))
        found = Page(number=page, words=words, width=size[0], height=size[1], turn=said["turn"])
        return PageSet(pages=(found,), origin=f"ocr:{self.name}", total=1)

    def start(self, file: StoredFile) -> str | None:
        """None: this engine answers at once."""
        return None

    def collect(self, job: str, file: StoredFile, *, patient: bool = True) -> PageSet | None:
        """None: there are no jobs."""
        return None
