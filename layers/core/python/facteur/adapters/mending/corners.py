"""Where a sheet of paper lies in a picture: its four corners, found on a small grey copy.

A sheet is brighter than the table under it, so each of its sides is a straight line across which
the picture brightens towards the inside. Every small step of brightness votes for the lines that
may pass there (Hough 1962, Duda and Hart 1972), in four ballots: top, right, bottom and left
sides, told apart by the direction in which it brightens. The best lines of each ballot are then
tried together, and the quadrilateral whose four sides are best seen wins. Text and tables make
lines too, but not four that enclose most of a picture.

Pillow and plain Python only: the function that reads documents has no room for numpy (decision
0140). static/phone-detector.js does the same for the camera; change them together.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from PIL import Image, ImageFilter

SMALL = 240  # pixels of the longer side of the copy that is looked at
STEP = 14  # of brightness across two pixels, below which nothing votes
FULL = 48  # above which a step votes no more
ANGLES = 180  # directions of a ballot: one degree each
BEST = 6  # lines kept of each ballot
AROUND = 4  # degrees between a step's direction and the lines it votes for
LEAST_AREA = 0.16  # of the picture
LEAST_SIDE = 0.42  # of one side, seen
LEAST_SEEN = 0.62  # of the four, on average
SQUARE = 32  # degrees by which a corner may differ from a right angle
PLACES = 40  # looked at along a side
ENDS = 0.6  # of them, where the paper must end
DARKER = 10  # than the paper's edge, at least: what lies around the sheet
BEYOND = 0.03  # of the picture, by which a corner may lie outside
FAINT = 4  # the least step that an edge is fitted on
NEAR = 5  # pixels on each side of a line where its edge is looked for
#: Brightness as an eye feels it: a shadow lies over paper and table alike, and divides both.
_FELT = [round(min(255.0, max(0.0, 90 * math.log(max(light, 1) / 16)))) for light in range(256)]

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]  # top left, top right, bottom right, bottom left


class Line(NamedTuple):
    """x·cos + y·sin = distance, in pixels of the small copy; the normal points inside."""

    cos: float
    sin: float
    distance: float


class Slopes(NamedTuple):
    """Brightness at each pixel, row by row, and how it changes in both directions."""

    width: int
    height: int
    light: bytes
    across: list[int]
    down: list[int]


def corners(image: Image.Image) -> Quad | None:
    """The corners of the sheet in pixels of ``image``; None when no sheet is surely seen.

    None too for a picture that is the sheet and nothing else: a scan has no table around it.
    """
    scale = SMALL / max(image.size)
    size = (max(16, round(image.width * scale)), max(16, round(image.height * scale)))
    small = image.convert("L").resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    smooth = small.filter(ImageFilter.GaussianBlur(1.2))
    slopes = _slopes(smooth.point(_FELT))
    sides = _ballots(slopes)
    best, quad = 0.0, None
    for one in _quads(sides, slopes):
        worth = _worth(one, slopes, best)
        if worth > best:
            best, quad = worth, one
    if quad is None:
        return None
    quad = _fitted(quad, _slopes(smooth))
    across, down = image.width / size[0], image.height / size[1]
    # Brightness was taken at the middle of a pixel of the copy.
    points = [((x + 0.5) * across, (y + 0.5) * down) for x, y in quad]
    return points[0], points[1], points[2], points[3]


def _slopes(grey: Image.Image) -> Slopes:
    """Differences of brightness between the neighbours of each pixel; 0 on the border."""
    width, height = grey.size
    light = grey.tobytes()
    across, down = [0] * (width * height), [0] * (width * height)
    for y in range(1, height - 1):
        row = y * width
        for at in range(row + 1, row + width - 1):
            across[at] = light[at + 1] - light[at - 1]
            down[at] = light[at + width] - light[at - width]
    return Slopes(width, height, light, across, down)


def _ballots(slopes: Slopes) -> tuple[list[Line], ...]:
    """The best lines for the top, right, bottom and left sides."""
    width, height = slopes.width, slopes.height
    reach = int(math.hypot(width, height)) + 2
    turns = [math.radians(angle * 360 / (2 * ANGLES)) for angle in range(2 * ANGLES)]
    cosines, sines = [math.cos(turn) for turn in turns], [math.sin(turn) for turn in turns]
    votes: list[dict[int, int]] = [{} for _ in range(2 * ANGLES)]
    for at, (gx, gy) in enumerate(zip(slopes.across, slopes.down, strict=True)):
        strength = max(abs(gx), abs(gy))
        if strength < STEP:
            continue
        y, x = divmod(at, width)
        towards = round(math.degrees(math.atan2(gy, gx)))
        weight = min(strength, FULL)
        for angle in range(towards - AROUND, towards + AROUND + 1, 2):
            ballot = votes[angle % 360]
            place = round(x * cosines[angle % 360] + y * sines[angle % 360]) + reach
            ballot[place] = ballot.get(place, 0) + weight
    # The side's normal points inside: down from the top, left from the right, and so on.
    return tuple(
        [
            Line(cosines[angle], sines[angle], place - reach)
            for angle, place in _peaks(votes, middle)
        ]
        for middle in (90, 180, 270, 0)
    )


def _peaks(votes: Sequence[dict[int, int]], middle: int) -> list[tuple[int, int]]:
    """The lines with most votes whose normal is within 45 degrees of ``middle``, well apart."""
    held = sorted(
        (
            (count, angle % 360, place)
            for angle in range(middle - 44, middle + 45)
            for place, count in votes[angle % 360].items()
        ),
        reverse=True,
    )
    kept: list[tuple[int, int]] = []
    for _count, angle, place in held:
        if all(
            abs((angle - other + 180) % 360 - 180) > 5 or abs(place - away) > 5
            for other, away in kept
        ):
            kept.append((angle, place))
            if len(kept) == BEST:
                break
    return kept


def _quads(sides: Sequence[list[Line]], slopes: Slopes) -> Iterator[Quad]:
    """The quadrilaterals that lines make: convex, large, nearly square at the corners."""
    tops, rights, bottoms, lefts = sides
    for top in tops:
        for left in lefts:
            one = _crossing(top, left, slopes)
            if one is None:
                continue
            for right in rights:
                two = _crossing(top, right, slopes)
                if two is None or two[0] <= one[0]:
                    continue
                for bottom in bottoms:
                    three = _crossing(right, bottom, slopes)
                    four = _crossing(bottom, left, slopes)
                    if three is None or four is None:
                        continue
                    quad = (one, two, three, four)
                    if _area(quad) >= LEAST_AREA * slopes.width * slopes.height and _square(quad):
                        yield quad


def _crossing(one: Line, other: Line, slopes: Slopes) -> Point | None:
    """Where two lines cross; None outside the picture or when they hardly do."""
    turned = one.cos * other.sin - one.sin * other.cos
    if abs(turned) < 0.3:
        return None
    x = (one.distance * other.sin - other.distance * one.sin) / turned
    y = (other.distance * one.cos - one.distance * other.cos) / turned
    wide, high = slopes.width, slopes.height
    inside = (
        -BEYOND * wide <= x <= (1 + BEYOND) * wide and -BEYOND * high <= y <= (1 + BEYOND) * high
    )
    return (x, y) if inside else None


def _area(quad: Quad) -> float:
    """The area, positive when the corners turn clockwise on the screen."""
    pairs = pairwise((*quad, quad[0]))
    return sum(one[0] * two[1] - two[0] * one[1] for one, two in pairs) / 2


def _square(quad: Quad) -> bool:
    """True when every corner is near a right angle: a sheet seen from above, not from afar."""
    for at in range(4):
        before, here, after = quad[at - 1], quad[at], quad[(at + 1) % 4]
        ax, ay = before[0] - here[0], before[1] - here[1]
        bx, by = after[0] - here[0], after[1] - here[1]
        sides = math.hypot(ax, ay) * math.hypot(bx, by)
        if not sides or abs(ax * bx + ay * by) / sides > math.sin(math.radians(SQUARE)):
            return False
    return True


def _worth(quad: Quad, slopes: Slopes, best: float) -> float:
    """How well the sides are seen, and how large the sheet is; 0 when one side is not."""
    size = math.sqrt(_area(quad) / (slopes.width * slopes.height))
    if size <= best:  # sides perfectly seen would not make it better
        return 0.0
    seen = []
    for one, two in pairwise((*quad, quad[0])):
        share = _seen(one, two, slopes)
        if share < LEAST_SIDE:
            return 0.0
        seen.append(share)
    mean = sum(seen) / 4
    if mean < LEAST_SEEN or size * mean <= best:
        return 0.0
    ends = [_ends(one, two, slopes) for one, two in pairwise((*quad, quad[0]))]
    return size * mean if False not in ends and ends.count(True) >= 3 else 0.0


def _ends(one: Point, two: Point, slopes: Slopes) -> bool | None:
    """True when the paper ends at a side: darker beyond it, and still so further away.

    None when the picture ends first: what a scanner leaves around a page is no table.

    A row of print or the border of a table is darker too, but there is paper again beyond it,
    and between its words. Compared place by place, since light changes along a side.
    """
    inside = _brightness(one, two, NEAR, slopes)
    ends: bool | None = None
    for out in range(4, 9):
        pairs = zip(inside, _brightness(one, two, -out, slopes), strict=True)
        known = [(paper, table) for paper, table in pairs if paper >= 0 and table >= 0]
        darker = sum(table <= paper - DARKER for paper, table in known)
        if len(known) >= PLACES // 3:
            if darker < ENDS * len(known):
                return False
            ends = True
    return ends


def _brightness(one: Point, two: Point, inwards: float, slopes: Slopes) -> list[int]:
    """The brightness at places along a line beside a side; -1 where the picture ends."""
    dx, dy = two[0] - one[0], two[1] - one[1]
    length = math.hypot(dx, dy)
    held = []
    for step in range(2, PLACES - 1):
        x = round(one[0] + dx * step / PLACES - dy / length * inwards)
        y = round(one[1] + dy * step / PLACES + dx / length * inwards)
        inside = 0 <= x < slopes.width and 0 <= y < slopes.height
        held.append(slopes.light[y * slopes.width + x] if inside else -1)
    return held


def _seen(one: Point, two: Point, slopes: Slopes) -> float:
    """The share of a side across which the picture brightens towards the inside."""
    width, height = slopes.width, slopes.height
    dx, dy = two[0] - one[0], two[1] - one[1]
    length = math.hypot(dx, dy)
    inx, iny = -dy / length, dx / length  # clockwise corners: the inside is on the right
    count = max(8, int(length / 3))
    held = tried = 0
    for step in range(1, count):
        x, y = one[0] + dx * step / count, one[1] + dy * step / count
        if not (1 <= x < width - 1 and 1 <= y < height - 1):
            continue
        tried += 1
        for out in (0, -1, 1):
            column, row = round(x + inx * out), round(y + iny * out)
            if not (0 <= column < width and 0 <= row < height):
                continue
            at = row * width + column
            if slopes.across[at] * inx + slopes.down[at] * iny >= STEP * 0.7:
                held += 1
                break
    return held / tried if tried >= count / 2 else 0.0


def _fitted(quad: Quad, slopes: Slopes) -> Quad:
    """The quadrilateral with each side laid on the edge it follows, to a fraction of a pixel."""
    lines = [_edge(one, two, slopes) for one, two in pairwise((*quad, quad[0]))]
    points: list[Point] = []
    for at, corner in enumerate(quad):
        before, after = lines[at - 1], lines[at]
        found = _crossing(before, after, slopes) if before and after else None
        near = found is not None and math.dist(found, corner) <= 3 * NEAR
        points.append(found if found is not None and near else corner)
    return points[0], points[1], points[2], points[3]


def _edge(one: Point, two: Point, slopes: Slopes) -> Line | None:
    """The line through the sharpest steps along a side, those that stray left out."""
    dx, dy = two[0] - one[0], two[1] - one[1]
    length = math.hypot(dx, dy)
    ux, uy = dx / length, dy / length
    count = max(8, int(length / 2))
    held: list[tuple[float, float]] = []  # along the side, and how far inside
    for step in range(1, count):
        along = length * step / count
        x, y = one[0] + ux * along, one[1] + uy * along
        steps = [_step(x - uy * out, y + ux * out, -uy, ux, slopes) for out in range(-NEAR, NEAR)]
        top = max(range(len(steps)), key=steps.__getitem__)
        if steps[top] < FAINT:
            continue
        weight = sum(steps[max(0, top - 1) : top + 2])
        places = enumerate(steps[max(0, top - 1) : top + 2], start=max(0, top - 1))
        held.append((along, sum(place * strong for place, strong in places) / weight - NEAR))
    for strayed in (3.0, 1.2, 0.8):
        if len(held) < 6:
            return None
        start, slope = _least_squares(held)
        held = [(at, out) for at, out in held if abs(start + slope * at - out) <= strayed]
    if len(held) < 6:
        return None
    start, slope = _least_squares(held)
    ends = []
    for along in (0.0, length):
        out = start + slope * along
        ends.append((one[0] + ux * along - uy * out, one[1] + uy * along + ux * out))
    (ax, ay), (bx, by) = ends
    reach = math.hypot(bx - ax, by - ay)
    cos, sin = -(by - ay) / reach, (bx - ax) / reach
    return Line(cos, sin, ax * cos + ay * sin)


def _step(x: float, y: float, inx: float, iny: float, slopes: Slopes) -> float:
    """How much the picture brightens towards the inside at a point; 0 outside the picture."""
    column, row = round(x), round(y)
    if not (0 <= column < slopes.width and 0 <= row < slopes.height):
        return 0.0
    at = row * slopes.width + column
    return max(0.0, slopes.across[at] * inx + slopes.down[at] * iny)


def _least_squares(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where the straight line nearest to points starts, and its slope."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _y in points) / count, sum(y for _x, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _y in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
    return mean_y - slope * mean_x, slope
