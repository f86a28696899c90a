"""ports.Pdf by a warm child process: the parent never opens a PDF itself.

Two children at most, so that a hostile file holds up nobody else; the second starts only when two
threads ask at once, which Lambda never does. Each may use ``memory_bytes`` of address space, and
shares the house's room with OCR (adapters/room.py).
"""

import json
from array import array
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import TypedDict

from facteur.adapters.child import Children
from facteur.adapters.frames import Message
from facteur.adapters.pdf.levels import LEVELS
from facteur.adapters.readable import letter as letters
from facteur.adapters.readable.view import view_of
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault, Severity
from facteur.domain.invoice import Invoice
from facteur.domain.letters import Letter
from facteur.domain.pages import Box, Page, PageSet, Word
from facteur.domain.splitting import Sheet
from facteur.ports import Container, EmbeddedFile, FacturxFile, Limits, PdfContent, PdfInfo

WORKER = "facteur.adapters.pdf.worker"
MEMORY = 420 * 1024 * 1024  # 70 MB of scans convert in 250
LARGE_MEMORY = 570 * 1024 * 1024  # to mend photographs, to lay two thousand lines on paper
READING_SECONDS = 15.0
WRITING_SECONDS = 45.0  # of processor time; a busy machine may take twice as long


class _Bounds(TypedDict):
    """How long a request may compute, and how long we wait for it."""

    seconds: float
    patience: float


class ChildPdf:
    """Reads, renders and writes PDFs in child processes; safe to use from several threads."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        children: int = 2,
        memory_bytes: int = MEMORY,
        reading_seconds: float = READING_SECONDS,
        writing_seconds: float = WRITING_SECONDS,
    ) -> None:
        self._limits = limits or Limits()
        self._children = Children(WORKER, count=children, memory_bytes=memory_bytes)
        self._reading = reading_seconds
        self._writing_bounds: _Bounds = {
            "seconds": writing_seconds,
            "patience": 2 * writing_seconds,
        }

    def warm(self) -> None:
        """Start a child before the first document comes."""
        self._children.warm()

    def close(self) -> None:
        """End the children."""
        self._children.close()

    def read(self, data: bytes) -> PdfContent:
        """Info, words of the text layer, embedded XML and files: one visit (ports.Pdf.read)."""
        answer = self._children.ask(
            "read", {"pages": self._limits.pages}, data, seconds=self._reading
        )
        return _content(answer)

    def container(self, data: bytes) -> Container:
        """How an invoice hangs in its PDF (ports.Pdf.container)."""
        words = self._children.ask("container", {}, data, seconds=self._reading).words
        faults = tuple(
            Fault(code=one["code"], severity=Severity(one["severity"]), values=one["values"])
            for one in words["faults"]
        )
        return Container(faults=faults, pdfa=words["pdfa"])

    def images(
        self,
        data: bytes,
        *,
        dpi: int,
        first: int = 1,
        last: int = 0,
        form: str = "webp",
        turns: Sequence[int] = (),
    ) -> tuple[bytes, ...]:
        """Pages as images (ports.Pdf.images), ``form`` "webp", "jpeg" or "png"."""
        words = {
            "pages": self._limits.pages,
            "dpi": dpi,
            "first": first,
            "last": last,
            "form": form,
            "turns": list(turns),
        }
        answer = self._children.ask("images", words, data, **self._writing_bounds)
        return answer.blobs

    def facturx(
        self,
        data: bytes,
        xml: bytes,
        level: str,
        *,
        words: PageSet | None,
        title: str,
        created: datetime,
    ) -> FacturxFile:
        """The page as PDF/A-3b with the XML inside (ports.Pdf.facturx); level is one of LEVELS."""
        if level not in LEVELS:
            msg = f"not a conformance level of Factur-X: {level!r}"
            raise ValueError(msg)
        scanned = words is not None and words.origin.startswith("ocr:")
        # A text layer is not sent back: the child has it, and seldom needs it.
        pages = words.pages if words is not None and scanned else ()
        texts, edges = packed(
            (word.text, word.box.turned(-page.turn)) for page in pages for word in page.words
        )
        asked = {
            "level": level,
            "title": title,
            "created": created.isoformat(),
            "scanned": scanned,
            "counts": [len(page.words) for page in pages],
            "pages": self._limits.pages,
        }
        answer = self._children.ask(
            "facturx", asked, data, xml, texts, edges, **self._writing_bounds
        )
        findings = tuple(answer.words["findings"])
        return FacturxFile(
            data=answer.blobs[0],
            road=answer.words["road"],
            pdfa=not findings,
            findings=findings,
        )

    def readable(self, invoice: Invoice) -> bytes:
        """A PDF/A-3b page drawn from the invoice's data, and saying so (ports.Pdf.readable)."""
        data = json.dumps(view_of(invoice), ensure_ascii=False).encode(errors="replace")
        day = datetime.combine(invoice.issue_date or date(2000, 1, 1), time(), UTC)
        words = {"timestamp": max(0, int(day.timestamp()))}
        answer = self._children.ask(
            "readable", words, data, memory=LARGE_MEMORY, **self._writing_bounds
        )
        return answer.blobs[0]

    def printed(self, letter: Letter) -> bytes:
        """The body of a mail as a PDF (ports.Pdf.printed)."""
        data = json.dumps(letters.view_of(letter), ensure_ascii=False).encode(errors="replace")
        words = {"timestamp": letters.timestamp_of(letter.sent_at), "template": "mail"}
        answer = self._children.ask(
            "readable", words, data, memory=LARGE_MEMORY, **self._writing_bounds
        )
        return answer.blobs[0]

    def pages(self, data: bytes, ranges: Sequence[tuple[int, int]]) -> tuple[bytes, ...]:
        """A PDF for each range of pages (ports.Pdf.pages)."""
        words = {"pages": self._limits.pages, "ranges": [list(one) for one in ranges]}
        return self._children.ask("pages", words, data, **self._writing_bounds).blobs

    def sheets(self, data: bytes, numbers: Sequence[int]) -> tuple[Sheet, ...]:
        """What the images of these pages say (ports.Pdf.sheets)."""
        words = {"pages": self._limits.pages, "numbers": list(numbers)}
        answer = self._children.ask("sheets", words, data, **self._writing_bounds)
        return tuple(
            Sheet(number=one["number"], blank=one["blank"], codes=tuple(one["codes"]))
            for one in answer.words["sheets"]
        )

    def read_back(self, data: bytes) -> tuple[EmbeddedFile, ...]:
        """The embedded files as pypdf reads them (ports.Pdf.read_back)."""
        answer = self._children.ask("read_back", {}, data, **self._writing_bounds)
        return tuple(
            EmbeddedFile(filename=name, data=held, relationship=relationship)
            for (name, relationship), held in zip(answer.words["files"], answer.blobs, strict=True)
        )

    def from_images(self, images: Sequence[bytes]) -> bytes:
        """A PDF holding the images, one page each, upright (ports.Pdf.from_images)."""
        if not images:
            raise UnreadableError("unreadable.empty")
        words = {"pages": self._limits.pages, "pixels": self._limits.image_pixels}
        answer = self._children.ask(
            "from_images", words, *images, memory=LARGE_MEMORY, **self._writing_bounds
        )
        return answer.blobs[0]


def _content(answer: Message) -> PdfContent:
    """What the child read, as the port's values."""
    words, blobs = answer.words, answer.blobs
    files = tuple(
        EmbeddedFile(filename=name, data=data, media_type=media, relationship=relationship)
        for (name, media, relationship), data in zip(words["files"], blobs[2:], strict=True)
    )
    chosen = words["invoice"]
    return PdfContent(
        info=PdfInfo(
            pages=words["total"],
            encrypted=words["encrypted"],
            attachments=tuple(words["names"]),
        ),
        pages=PageSet(
            pages=_pages(words["pages"], *blobs[:2]), origin="text", total=words["total"]
        ),
        invoice_xml=files[chosen] if chosen >= 0 else None,
        files=tuple(one for index, one in enumerate(files) if index != chosen),
    )


def packed(words: Iterable[tuple[str, Box]]) -> tuple[bytes, bytes]:
    """Texts one a line, and boxes as 32-bit numbers: how words travel between the processes."""
    texts, edges = [], array("f")
    for text, box in words:
        texts.append("".join(text.split()))
        edges.extend((box.left, box.top, box.right, box.bottom))
    return "\n".join(texts).encode(errors="replace"), edges.tobytes()


def _pages(
    sizes: list[tuple[float, float, int, int]], texts: bytes, edges: bytes
) -> tuple[Page, ...]:
    """Pages from their sizes, the words' texts one a line, and the boxes as 32-bit numbers."""
    numbers = iter(array("f", edges))
    boxes = map(Box, numbers, numbers, numbers, numbers)
    words = map(Word, texts.decode().split("\n") if texts else (), boxes)
    return tuple(
        Page(
            number=number,
            words=tuple(islice(words, count)),
            width=width,
            height=height,
            turn=turn,
        )
        for number, (width, height, count, turn) in enumerate(sizes, start=1)
    )
