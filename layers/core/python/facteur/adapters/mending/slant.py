"""A sheet that lies a little askew, set level by the lines of its own print.

Rows of print are darkest together when they are level: the angle is the one under which the
brightness of the rows differs most from one row to the next (Postl 1986). Small angles only: a
page on its side is for the reader of words to turn. Pillow only (decision 0140).
"""

from collections.abc import Callable
from itertools import pairwise

from PIL import Image, ImageFilter

SMALL = 700  # pixels of the longer side of the copy that is turned
WIDEST = 8.0  # degrees looked for, each way
COARSE, FINE = 1.0, 0.2
LEAST = 0.4  # degrees: less than that nobody sees, nor does the reader of words
CLEARER = 1.2  # how much sharper the rows must be than as they lie


def slant(image: Image.Image) -> float:
    """Degrees by which to turn the picture counter-clockwise; 0.0 when it lies straight."""
    scale = min(1.0, SMALL / max(image.size))
    size = (max(16, round(image.width * scale)), max(16, round(image.height * scale)))
    small = image.convert("L").resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    edges = small.filter(ImageFilter.GaussianBlur(0.8))
    inner = edges.crop((size[0] // 20, size[1] // 20, size[0] * 19 // 20, size[1] * 19 // 20))
    steps = int(WIDEST / COARSE)
    straight = _sharpness(inner, 0.0)
    coarse = max((step * COARSE for step in range(-steps, steps + 1)), key=_by(inner))
    finer = int(COARSE / FINE)
    around = (coarse + step * FINE for step in range(-finer, finer + 1))
    best = max(around, key=_by(inner))
    if abs(best) < LEAST or abs(best) >= WIDEST:
        return 0.0
    return best if _sharpness(inner, best) >= CLEARER * straight else 0.0


def levelled(image: Image.Image, degrees: float) -> Image.Image:
    """The picture turned, the corners that appear made of paper."""
    paper: int | tuple[int, ...] = 255 if image.mode == "L" else (255, 255, 255)
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=False, fillcolor=paper)


def _by(image: Image.Image) -> Callable[[float], float]:
    return lambda degrees: _sharpness(image, degrees)


def _sharpness(image: Image.Image, degrees: float) -> float:
    """How much the rows of the picture differ from one to the next, once turned."""
    turned = image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=255) if degrees else image
    across, down = turned.width // 6, turned.height // 12
    kept = turned.crop((across, down, turned.width - across, turned.height - down))
    rows = kept.resize((1, kept.height), Image.Resampling.BOX).tobytes()
    return float(sum((one - two) ** 2 for one, two in pairwise(rows)))
