"""A photograph of a sheet → the page itself: what a scanner would have given.

In this order: the sheet's four corners are found and the perspective taken out (corners.py), or
the page set level when it fills the picture (slant.py); then shadows are taken out (light.py). A
picture that needs none of that is left alone, to the byte: a scan, a drawing, a page that a
scanning app mended already. What was received is never altered (files["original"]); the mended
page is the one that is read, shown, and put in the Factur-X, so that the boxes of its words fit.
Runs in the PDF child process, with Pillow alone (decision 0140).
"""

import math

from PIL import Image

from facteur.adapters.mending.corners import Quad, corners
from facteur.adapters.mending.light import evened
from facteur.adapters.mending.slant import levelled, slant

LONGEST = 2900  # pixels of the longer side of a mended page: A4 at 250 dpi
A4 = 297 / 210
NEAR_A4 = 0.12  # a sheet whose proportions are that near is one: perspective hides the rest


def mended(image: Image.Image) -> Image.Image | None:
    """The page in a picture ("L" or "RGB", upright by its Exif); None when nothing was to mend."""
    if min(image.size) < 200:
        return None
    page, touched = image, False
    quad = corners(image)
    if quad is not None:
        page, touched = _flattened(image, quad), True
    else:
        degrees = slant(image)
        if degrees:
            page, touched = levelled(image, degrees), True
    lit = evened(page)
    if lit is not None:
        return lit
    return page if touched else None


def _flattened(image: Image.Image, quad: Quad) -> Image.Image:
    """What lies inside the corners, seen from straight above."""
    one, two, three, four = quad
    width = max(math.dist(one, two), math.dist(four, three))
    height = max(math.dist(one, four), math.dist(two, three))
    longer, shorter = max(width, height), min(width, height)
    if abs(longer / shorter / A4 - 1) <= NEAR_A4:
        shorter = longer / A4
    shrink = min(1.0, LONGEST / longer)
    longer, shorter = longer * shrink, shorter * shrink
    size = (round(shorter), round(longer)) if height >= width else (round(longer), round(shorter))
    return image.transform(
        size,
        Image.Transform.PERSPECTIVE,
        _perspective(size, quad),
        Image.Resampling.BICUBIC,
    )


def _perspective(size: tuple[int, int], quad: Quad) -> list[float]:
    """The eight numbers that take a corner of the page to a corner of the sheet (Heckbert 1989).

    (x, y) of the page comes from ((a·x + b·y + c) / (g·x + h·y + 1), (d·x + e·y + f) / (same)).
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    sx, sy = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    dx1, dx2, dy1, dy2 = x1 - x2, x3 - x2, y1 - y2, y3 - y2
    turned = dx1 * dy2 - dx2 * dy1
    g = (sx * dy2 - dx2 * sy) / turned
    h = (dx1 * sy - sx * dy1) / turned
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    width, height = size
    return [a / width, b / height, c, d / width, e / height, f, g / width, h / height]
