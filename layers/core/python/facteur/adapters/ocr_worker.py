"""The child process that reads images with RapidOCR: `python -m facteur.adapters.ocr_worker N`.

The engine and its models take most of a gigabyte while they read, so they live in a child that
leaves when there has been nothing to read for a while. Its models come in its package: nothing is
fetched. The text-line classifier stays off (it costs accuracy); a page that lies on its side is
found by its score instead, tried in the other directions on a small copy, and read again.
Sources: RapidOCR 3.10 (config.yaml), PP-OCRv6; measured settings: docs/decisions.
"""

import functools
import io
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from rapidocr import RapidOCR

from facteur.adapters.child_loop import Handler, serve
from facteur.adapters.frames import Message
from facteur.adapters.ocr_lines import Line, Piece, is_upright, words_of
from facteur.adapters.pdf.words import Placed, in_reading_order
from facteur.domain.errors import UnreadableError

LONGEST = 1800  # pixels of the longer side: 150 dpi for A4, as accurate as 200 and half the memory
TRIAL = 1000  # of the small copy on which directions are tried
GOOD = 0.80  # mean score below which a page may be lying on its side
IDLE_SECONDS = 60

REFUSALS: dict[type[Exception], str] = {
    OSError: "unreadable.damaged",
    SyntaxError: "unreadable.damaged",
    Image.DecompressionBombError: "unreadable.bomb",
}


def read(words: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
    """Words, boxes as page fractions and scores of one page image, upright."""
    image = _opened(blobs[0], words["pixels"])
    turn, lines = _best(image)
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


def _best(image: Image.Image) -> tuple[int, list[Line]]:
    """The quarter turns that make the page upright, and its lines read that way.

    Lines that climb tell a page on its side, a low score one on its head; a small copy tells
    which way to turn, so that a page is read in full twice at most.
    """
    lines = _lines(image)
    if not lines or (_across(lines) and _worth(lines) >= GOOD):
        return 0, lines
    small = image.copy()
    small.thumbnail((TRIAL, TRIAL))
    turns = (2,) if _across(lines) else (1, 3)
    worth = {turn: _value(_lines(_turned(small, turn))) for turn in turns}
    turn = max(turns, key=lambda one: worth[one])
    again = _lines(_turned(image, turn))
    return (turn, again) if _value(again) > _value(lines) else (0, lines)


def _lines(image: Image.Image) -> list[Line]:
    """What the engine finds on an image, in that image's pixels."""
    found = _engine()(np.asarray(image)[:, :, ::-1])
    if found.txts is None or found.boxes is None:
        return []
    pieces = found.word_results or ((),) * len(found.txts)
    return [
        Line(text, float(score), quad.tolist(), [Piece(*one) for one in row if one[2] is not None])
        for text, score, quad, row in zip(
            found.txts, found.scores, found.boxes, pieces, strict=True
        )
        if text.strip()
    ]


def _worth(lines: list[Line]) -> float:
    """The mean score, each line counted by its letters; 0 for an empty page."""
    letters = sum(len(line.text) for line in lines)
    return sum(line.score * len(line.text) for line in lines) / letters if letters else 0.0


def _across(lines: list[Line]) -> bool:
    """True when most lines run across the page."""
    return sum(map(is_upright, lines)) >= len(lines) / 2


def _value(lines: list[Line]) -> float:
    """How well a direction reads: letters that are sure, on lines that run across."""
    return sum(max(0.0, line.score - 0.5) * len(line.text) for line in lines if is_upright(line))


def _turned(image: Image.Image, turn: int) -> Image.Image:
    """The image turned clockwise by quarter turns."""
    turns = {
        1: Image.Transpose.ROTATE_270,  # Pillow counts the other way
        2: Image.Transpose.ROTATE_180,
        3: Image.Transpose.ROTATE_90,
    }
    return image.transpose(turns[turn]) if turn else image


def _opened(data: bytes, most_pixels: int) -> Image.Image:
    """The image in RGB, upright by its Exif, no larger than the engine wants."""
    if not data:
        raise UnreadableError("unreadable.empty")
    Image.MAX_IMAGE_PIXELS = None  # the bound is the next line
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
        if image.width * image.height > most_pixels:
            raise UnreadableError("unreadable.bomb", pixels=image.width * image.height)
        upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return upright


@functools.cache
def _engine() -> RapidOCR:
    """The engine, made on first use: about a second."""
    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.return_word_box": True,
            "Global.log_level": "critical",
            "Global.max_side_len": LONGEST,
            "Rec.rec_batch_num": 1,
            # More threads wait for each other by spinning, which starves the rest of the house.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


HANDLERS: dict[str, Handler] = {"read": read}

if __name__ == "__main__":
    serve(HANDLERS, refusals=REFUSALS, idle_seconds=IDLE_SECONDS)
