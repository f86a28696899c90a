"""ports.Ocr by Amazon Textract: words with boxes, one page at once, more pages by a job.

Words come from DetectDocumentText alone, the cheapest call: its languages include French, and the
field logic is ours (docs/decisions). Responses are parsed by textractor, which wants at least one
PAGE block: a response without any is an empty page, not an error.

Where the installation pays for it (``witness``), Textract is asked afterwards what it found by
itself: tables, forms, and on English pages expenses (textract_witness.py). Words are had by then;
a witness that is refused, throttled, late or unreadable is silent and stops nothing.

A job is started with a token made from the file's key and version, so that a command that runs
twice pays once; its result is collected through the agenda, page of blocks by page of blocks.
Sources: https://docs.aws.amazon.com/textract/latest/APIReference/API_DetectDocumentText.html,
https://docs.aws.amazon.com/textract/latest/APIReference/API_GetDocumentTextDetection.html,
https://docs.aws.amazon.com/textract/latest/dg/limits-document.html
"""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from facteur.adapters.aws.failures import code_of, failures
from facteur.adapters.aws.textract_witness import Witness
from facteur.adapters.pdf.words import Placed, in_reading_order, sideways, turned
from facteur.domain.documents import StoredFile
from facteur.domain.errors import UnreadableError
from facteur.domain.pages import Box, Page, PageSet, Word

MAX_BYTES = 10 * 1024 * 1024  # of a synchronous call
MAX_ANSWERS = 1000  # of GetDocumentTextDetection for one job: a million blocks
JOB_TYPES = ("application/pdf", "image/tiff")
A4 = (595.0, 842.0)  # points: Textract tells no size, and most pages are

_REFUSALS: Mapping[str, str] = {
    "BadDocumentException": "unreadable.damaged",
    "UnsupportedDocumentException": "unreadable.unknown_type",
    "DocumentTooLargeException": "unreadable.too_large",
    "InvalidS3ObjectException": "unreadable.ocr_failed",
    "InvalidJobIdException": "unreadable.ocr_failed",  # results are kept for seven days
}


class TextractOcr:
    """Reads page images and stored files with Textract. Implements facteur.ports.Ocr."""

    name = "textract"

    def __init__(self, client: Any, bucket: str, *, witness: str = "none") -> None:
        """``client`` is botocore's; ``bucket`` the archive, where stored files are.

        ``witness``: what else is asked, one of textract_witness.WITNESSES.
        """
        self._client = client
        self._bucket = bucket
        self._witness = Witness(self._call, witness)

    def read(self, image: bytes, *, page: int = 1) -> PageSet:
        """One page image (JPEG or PNG) → its words; UnavailableError when Textract throttles."""
        if not image:
            raise UnreadableError("unreadable.empty")
        if len(image) > MAX_BYTES:
            raise UnreadableError("unreadable.too_large", size=len(image), most=MAX_BYTES)
        response = self._call("detect_document_text", Document={"Bytes": image})
        words = self._pages(response["Blocks"], first=page, size=_size(image))
        return self._witness.hear(words, image)

    def start(self, file: StoredFile) -> str | None:
        """Start a job on a stored PDF or TIFF; None for other files, which are read at once."""
        if file.media_type not in JOB_TYPES:
            return None
        response = self._call("start_document_text_detection", **self._asked(file, ""))
        return str(response["JobId"])

    def _asked(self, file: StoredFile, what: str) -> dict[str, object]:
        """A job on a stored file: asked twice for the same, Textract gives the same job."""
        place = {"Bucket": self._bucket, "Name": file.key, "Version": file.version_id}
        token = hashlib.sha256(f"{file.key}\n{file.version_id}{what}".encode()).hexdigest()
        return {"DocumentLocation": {"S3Object": place}, "ClientRequestToken": token}

    def collect(self, job: str, file: StoredFile, *, patient: bool = True) -> PageSet | None:
        """The words of a job that ended, None while it runs; UnreadableError when it failed.

        Then what else Textract found, whose jobs are started once the words are had.
        """
        words = self._words_of(job)
        if words is None:
            return None
        return self._witness.collect(words, lambda what: self._asked(file, what), patient=patient)

    def _words_of(self, job: str) -> PageSet | None:
        blocks: list[dict[str, Any]] = []
        token = ""
        for _ in range(MAX_ANSWERS):
            more = {"NextToken": token} if token else {}
            response = self._call("get_document_text_detection", JobId=job, **more)
            status = response["JobStatus"]
            if status == "IN_PROGRESS":
                return None
            if status == "FAILED":
                reason = str(response.get("StatusMessage", ""))
                raise UnreadableError("unreadable.ocr_failed", reason=reason)
            blocks += response.get("Blocks", [])
            token = response.get("NextToken", "")
            if not token:
                break
        total = int(response.get("DocumentMetadata", {}).get("Pages", 0))
        return self._pages(blocks, total=total)

    def _call(self, operation: str, **arguments: object) -> dict[str, Any]:
        """One request; what Textract refuses for good is UnreadableError."""
        with failures("textract"):
            try:
                answer: dict[str, Any] = getattr(self._client, operation)(**arguments)
            except ClientError as error:
                refusal = _REFUSALS.get(code_of(error))
                if refusal is None:
                    raise
                raise UnreadableError(refusal, reason=code_of(error)) from error
        return answer

    def _pages(
        self,
        blocks: Sequence[Mapping[str, Any]],
        *,
        first: int = 1,
        total: int = 0,
        size: tuple[float, float] = A4,
    ) -> PageSet:
        """The pages of a response; ``first`` is the number of its first page."""
        pages = tuple(_pages_of(blocks, first=first, size=size))
        return PageSet(pages=pages, origin=f"ocr:{self.name}", total=max(total, len(pages)))


def _pages_of(
    blocks: Sequence[Mapping[str, Any]], *, first: int, size: tuple[float, float]
) -> Iterator[Page]:
    """Each PAGE block with its words, upright and in reading order."""
    count = sum(block.get("BlockType") == "PAGE" for block in blocks)
    if not count:
        yield Page(number=first, words=(), width=size[0], height=size[1])
        return
    from textractor.parsers import response_parser  # noqa: PLC0415 - half a second, rarely needed

    # It also asserts that the announced pages are all there, which a partial success breaks.
    response = {"Blocks": list(blocks), "DocumentMetadata": {"Pages": count}}
    document = response_parser.parse(response)
    for place, page in enumerate(document.pages):
        scores: dict[Placed, float] = {}
        for word in page.words:
            placed = _placed(word)
            if placed is not None:
                scores[placed] = float(word.confidence)
        yield _upright(scores, number=first + place, size=size)


def _upright(scores: Mapping[Placed, float], *, number: int, size: tuple[float, float]) -> Page:
    """The words of a page, turned upright where most of them lie on their side."""
    turn = -sideways(list(scores)) % 4
    ordered = in_reading_order([turned(word, turn) for word in scores])
    confidence = {turned(word, turn): score for word, score in scores.items()}
    width, height = size[::-1] if turn % 2 else size
    return Page(
        number=number,
        words=tuple(
            Word(word.text, Box(*word[1:5]), min(1.0, max(0.0, confidence[word])))
            for word in ordered
        ),
        width=width,
        height=height,
        turn=turn,
    )


def _placed(word: Any) -> Placed | None:
    """A word of textractor's: its box, and the way it runs by its outline's first side."""
    text = "".join(str(word.text).split())
    box = word.bbox
    left, top = max(0.0, box.x), max(0.0, box.y)
    right, bottom = min(1.0, box.x + box.width), min(1.0, box.y + box.height)
    if not text or left >= right or top >= bottom:
        return None
    return Placed(text, left, top, right, bottom, _direction(word))


def _direction(word: Any) -> int:
    """Quarter turns clockwise of a word: its polygon starts at the top left of the text."""
    outline = (word.raw_object or {}).get("Geometry", {}).get("Polygon", [])
    if len(outline) < 2:
        return 0
    across = outline[1]["X"] - outline[0]["X"]
    down = outline[1]["Y"] - outline[0]["Y"]
    if abs(across) >= abs(down):
        return 0 if across >= 0 else 2
    return 1 if down > 0 else 3


def _size(image: bytes) -> tuple[float, float]:
    """Width and height of an image, A4's when it does not say; nothing is decoded."""
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(image), formats=("JPEG", "PNG")) as opened:
            return float(opened.width), float(opened.height)
    except (OSError, SyntaxError, Image.DecompressionBombError):
        return A4
