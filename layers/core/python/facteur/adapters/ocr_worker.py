"""The child process that reads images with RapidOCR: `python -m facteur.adapters.ocr_worker`.

The engine and its models take half a gigabyte, so they live in a child that leaves when there has
been nothing to read for a while. Its models come in its package: nothing is fetched. The road of a
page: opened (photographs are mended before, images.py), text found and read (ocr_engine.py), words
placed as page fractions.
Sources: RapidOCR 3.10 (config.yaml), PP-OCRv6; measured settings: docs/decisions.
"""

import io
from typing import Any

from PIL import Image, ImageOps
from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

from facteur.adapters import ocr_engine
from facteur.adapters.child_loop import Handler, serve
from facteur.adapters.frames import Message
from facteur.adapters.ocr_lines import words_of
from facteur.adapters.pdf.words import Placed, in_reading_order
from facteur.domain.errors import UnreadableError

LONGEST = 1800  # pixels of the longer side: 150 dpi for A4, as accurate as 200 and half the memory
IDLE_SECONDS = 60

REFUSALS: dict[type[Exception], str] = {
    OSError: "unreadable.damaged",
    SyntaxError: "unreadable.damaged",
    Image.DecompressionBombError: "unreadable.bomb",
    ONNXRuntimeError: "unreadable.memory",  # its word for an allocation that the ceiling refused
}


def read(words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """Words, boxes as page fractions and scores of one page image, upright."""
    image = opened(blobs[0], words["pixels"])
    turn, lines = ocr_engine.read(image)
    width, height = image.size if turn % 2 == 0 else image.size[::-1]
    scores: dict[Placed, float] = {}
    for seen in words_of(lines):
        box = (seen.left / width, seen.top / height, seen.right / width, seen.bottom / height)
        scores[Placed(seen.text, *(min(1.0, max(0.0, edge)) for edge in box))] = seen.score
    ordered = in_reading_order(list(scores))
    return Message(
        {
            "width": width,
            "height": height,
            "turn": turn,
            "words": [[*word[:5], scores[word]] for word in ordered],
        }
    )


def opened(data: bytes, most_pixels: int) -> Image.Image:
    """The image in RGB, upright by its Exif, no larger than the engine wants.

    UnreadableError ``unreadable.empty``, ``.bomb``; Pillow's errors when the file is damaged.
    """
    if not data:
        raise UnreadableError("unreadable.empty")
    Image.MAX_IMAGE_PIXELS = None  # the bound is the next line
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
        if image.width * image.height > most_pixels:
            raise UnreadableError("unreadable.bomb", pixels=image.width * image.height)
        image.draft("RGB", (2 * LONGEST, 2 * LONGEST))  # a JPEG decodes smaller, never below this
        small = image if image.mode in ("L", "RGB") else image.convert("RGB")
        small.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)  # before any copy is made
        return ImageOps.exif_transpose(small).convert("RGB")


HANDLERS: dict[str, Handler] = {"read": read}

if __name__ == "__main__":
    serve(HANDLERS, refusals=REFUSALS, idle_seconds=IDLE_SECONDS)
