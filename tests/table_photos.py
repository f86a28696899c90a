"""Sheets photographed on a table, made by code: askew, in perspective, in the shade of a hand.

The corners of the sheet are known, so that what finds them can be compared with the truth.
"""

import io
import math
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Point = tuple[float, float]


class Photo(NamedTuple):
    """A picture, and where the sheet's corners are in it: clockwise from the top left."""

    image: Image.Image
    corners: tuple[Point, ...]


def photographed(
    sheet: Image.Image,
    *,
    degrees: float = 4.0,
    tilt: float = 0.08,
    table: tuple[int, int, int] = (96, 70, 48),
    shade: float = 1.0,
    moved: Point = (0.0, 0.0),
    room: float = 1.3,
) -> Photo:
    """The sheet on a table: turned, its top further away (``tilt``), in a shadow (``shade`` < 1).

    ``moved`` shifts it by shares of the picture; ``room`` is how much larger the picture is.
    """
    width, height = sheet.size
    size = (round(width * room), round(height * room))
    turn = math.radians(degrees)
    corners = []
    for across, down in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        x, y = across * width * (1 + 2 * tilt * down), down * height
        corners.append((
            size[0] * (0.5 + moved[0]) + x * math.cos(turn) - y * math.sin(turn),
            size[1] * (0.5 + moved[1]) + x * math.sin(turn) + y * math.cos(turn),
        ))  # fmt: skip
    numbers = _perspective(sheet.size, corners)
    bend = Image.Transform.PERSPECTIVE
    laid = sheet.convert("RGB").transform(size, bend, numbers, Image.Resampling.BICUBIC)
    mask = Image.new("L", sheet.size, 255).transform(size, bend, numbers)
    image = Image.new("RGB", size, table)
    image.paste(laid, (0, 0), mask)
    if shade < 1:
        image = ImageChops.multiply(image, _shadow(size, shade))
    return Photo(image.filter(ImageFilter.GaussianBlur(0.8)), tuple(corners))


def jpeg(image: Image.Image, *, quality: int = 85, orientation: int = 1) -> bytes:
    """The picture as a camera stores it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def _shadow(size: tuple[int, int], shade: float) -> Image.Image:
    """A soft shadow over the lower right of the picture."""
    light = Image.new("L", size, 255)
    width, height = size
    shape = [(width * 0.45, height * 0.2), (width, height * 0.35), (width, height), (0, height)]
    ImageDraw.Draw(light).polygon(shape, fill=round(255 * shade))
    return Image.merge("RGB", [light.filter(ImageFilter.GaussianBlur(width / 25))] * 3)


def _perspective(size: tuple[int, int], corners: list[Point]) -> list[float]:
    """Pillow's eight numbers: from the picture back to the sheet (Gaussian elimination)."""
    flat = [(0.0, 0.0), (size[0], 0.0), (float(size[0]), float(size[1])), (0.0, float(size[1]))]
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(corners, flat, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for at in range(8):
        best = max(range(at, 8), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for other in range(8):
            if other != at:
                factor = rows[other][at]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[at], strict=True)]
    return [row[8] for row in rows]
