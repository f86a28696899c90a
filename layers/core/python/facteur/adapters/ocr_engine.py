"""RapidOCR, step by step: text found once, the way the sheet lies told by a few lines, read once.

Finding text works whatever way a page lies; reading does not. So the lines that are found say
whether they run across the page or climb it, and a handful of them, read in the two directions
that are left, say which end is up. The outlines are turned with the page: nothing is found twice,
and a page on its side or on its head costs a handful of lines more than an upright one. The
engine's own classifier of text lines stays off (it costs accuracy). Figures: docs/decisions/0110.
Sources: RapidOCR 3.10 (main.py, ch_ppocr_det, ch_ppocr_rec, config.yaml), PP-OCRv6.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_rec.typings import TextRecOutput, WordInfo

from facteur.adapters.ocr_lines import Line, Piece

#: Text is found on so many pixels at most: A4 at 120 dpi finds as many lines as at 150 and costs
#: a third less. This, not the picture, decides how much memory is taken.
FOUND_PIXELS = 1018 * 1440
LEAST_SIDE = 736  # a narrow receipt is enlarged to this, as the engine's authors chose
STRIP = 8  # times as long as wide, beyond which a picture is laid on white paper
SAMPLE = 6  # lines that tell which end is up
TELLING = (5.0, 15.0)  # width to height of a line worth asking: a few words, cheap to read
SURE = 0.90  # mean score of a sample that needs no second opinion; upside down it is far below
LEAST_SCORE = 0.5  # lines below this are noise, as the engine's authors chose

Outlines = NDArray[np.float32]  # (lines, 4 corners from the top left clockwise, x and y)
Pixels = NDArray[np.uint8]
Found = tuple[str, float, WordInfo]  # a line as read: text, mean score, where its words begin


def read(image: Image.Image) -> tuple[int, list[Line]]:
    """The clockwise quarter turns that make an RGB page upright, and its lines read that way."""
    outlines = _outlines(image)
    if not len(outlines):
        return 0, []
    asked = _telling(outlines)
    turn, other = (0, 2) if _across(outlines) else (3, 1)
    upright = turned(image, turn)
    known = _read(upright, turned_outlines(outlines[asked], image.size, turn))
    if _worth(known) < SURE:
        over = turned(image, other)
        against = _read(over, turned_outlines(outlines[asked], image.size, other))
        if _worth(against) > _worth(known):
            turn, upright, known = other, over, against
    outlines = turned_outlines(outlines, image.size, turn)
    left = np.setdiff1d(np.arange(len(outlines)), asked)
    found = dict(zip(asked.tolist(), known, strict=True))
    found |= zip(left.tolist(), _read(upright, outlines[left]), strict=True)
    return turn, [
        _line(found[at], outline)
        for at, outline in enumerate(outlines)
        if found[at][0].strip() and found[at][1] >= LEAST_SCORE
    ]


def turned(image: Image.Image, turn: int) -> Image.Image:
    """The image turned clockwise by quarter turns."""
    turns = {
        1: Image.Transpose.ROTATE_270,  # Pillow counts the other way
        2: Image.Transpose.ROTATE_180,
        3: Image.Transpose.ROTATE_90,
    }
    return image.transpose(turns[turn]) if turn else image


def turned_outlines(outlines: Outlines, size: tuple[int, int], turn: int) -> Outlines:
    """Where outlines lie once the image of that size is turned; they still begin top left."""
    width, height = size
    x, y = outlines[..., 0], outlines[..., 1]
    moved = {0: (x, y), 1: (height - y, x), 2: (width - x, height - y), 3: (y, width - x)}[turn]
    return np.roll(np.stack(moved, axis=-1), turn, axis=1)


def _outlines(image: Image.Image) -> Outlines:
    """The outlines of the lines of text on an image, whatever way they run."""
    image = _laid(image)
    width, height = image.size
    scale = min(max(1.0, LEAST_SIDE / min(image.size)), math.sqrt(FOUND_PIXELS / width / height))
    small = image.resize((math.ceil(width * scale), math.ceil(height * scale)))
    boxes = _engine()(_pixels(small), use_det=True, use_rec=False).boxes
    if boxes is None:
        return np.empty((0, 4, 2), np.float32)
    sizes = np.array([width / small.width, height / small.height], np.float32)
    outlines: Outlines = np.asarray(boxes, np.float32) * sizes
    return outlines


def _laid(image: Image.Image) -> Image.Image:
    """A narrow strip at the top left of white paper, every other image as it is.

    The engine enlarges the short side to LEAST_SIDE and the long one with it: 3000 × 10 pixels
    would become 220,000 × 736.
    """
    least = math.ceil(max(image.size) / STRIP)
    if min(image.size) >= least:
        return image
    paper = Image.new("RGB", (max(image.width, least), max(image.height, least)), "white")
    paper.paste(image)
    return paper


def _read(image: Image.Image, outlines: Outlines) -> list[Found]:
    """What each outline of an image says, in their order."""
    if not len(outlines):
        return []
    engine = _engine()
    said = engine.recognize_txt(engine.crop_text_regions(_pixels(image), outlines))
    return list(zip(said.txts, map(float, said.scores), said.word_results, strict=True))


def _line(found: Found, outline: Outlines) -> Line:
    """A line with its words outlined, where the engine can tell."""
    text, score, words = found
    width, height = (max(1, int(one)) for one in _lengths(outline))
    tall = height >= 1.5 * width  # such a line was read turned: the engine crops it so
    crop = np.empty((width, height) if tall else (height, width))
    told = TextRecOutput(txts=(text,), scores=[score], word_results=(words,))
    placed = _engine().cal_rec_boxes([crop], outline[np.newaxis], told).word_results
    pieces = [Piece(*one) for row in placed for one in row if one[2] is not None]
    return Line(text, score, outline.tolist(), pieces)


def _across(outlines: Outlines) -> bool:
    """True when the text runs across the page rather than up or down it, long lines first."""
    widths, heights = _lengths(outlines)
    return bool(np.sum(widths - heights) >= 0)


def _telling(outlines: Outlines) -> NDArray[np.intp]:
    """The places of a few lines that will tell which end is up: neither short nor endless."""
    widths, heights = _lengths(outlines)
    long, thick = np.maximum(widths, heights), np.maximum(1.0, np.minimum(widths, heights))
    least, most = TELLING
    away = np.maximum(np.maximum(least - long / thick, long / thick - most), 0)
    return np.sort(np.argsort(away, kind="stable")[:SAMPLE])


def _lengths(outlines: Outlines) -> tuple[Outlines, Outlines]:
    """The width and height of outlines, along their first two sides."""
    sides = outlines[..., 1:3, :] - outlines[..., 0:2, :]
    lengths = np.linalg.norm(sides, axis=-1)
    return lengths[..., 0], lengths[..., 1]


def _worth(found: Sequence[Found]) -> float:
    """The mean score, each line counted by its letters; 0 for nothing."""
    letters = sum(len(text) for text, _, _ in found)
    return sum(score * len(text) for text, score, _ in found) / letters if letters else 0.0


def _pixels(image: Image.Image) -> Pixels:
    """The pixels as the engine wants them: blue, green, red."""
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


@functools.cache
def _engine() -> RapidOCR:
    """The engine, made on first use: about a second."""
    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.return_word_box": True,
            "Global.log_level": "critical",
            # The size on which text is found is chosen in _outlines, not by the engine.
            "Global.max_side_len": FOUND_PIXELS,
            "Global.min_side_len": 1,
            "Det.limit_side_len": 1,
            "Rec.rec_batch_num": 1,
            # A short line is not padded to 320 pixels: a quarter less time, and no letter lost.
            "Rec.rec_img_shape": [3, 48, 96],
            # More threads wait for each other by spinning, which starves the rest of the house.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
