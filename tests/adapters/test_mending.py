"""A photograph of a sheet is set straight; what is no photograph is left alone."""

import functools
import io
import json
import math
import shutil
import subprocess
from typing import Any

import pytest
from facteur.adapters import images
from facteur.adapters.mending import mended
from facteur.adapters.mending.corners import SMALL, corners
from facteur.adapters.mending.light import evened
from facteur.adapters.mending.slant import slant
from facteur.adapters.photos import jpegs_of
from facteur.domain.errors import UnreadableError
from facteur.formats.detect import PHOTOS_MARK, Kind, detect
from PIL import Image, ImageDraw, ImageStat

from tests import samples
from tests.house.tree import PACKAGE
from tests.table_photos import Photo, jpeg, photographed

STATIC = PACKAGE / "web" / "static"
SHEET = samples.drawn_image(dpi=110)

#: Ways to photograph a sheet: angle, tilt, table, shade.
SCENES: dict[str, dict[str, Any]] = {
    "straight": {"degrees": 0, "tilt": 0},
    "askew": {"degrees": 8, "tilt": 0.05},
    "from below": {"degrees": -3, "tilt": 0.14},
    "in the shade": {"degrees": 5, "shade": 0.4},
    "pale table": {"degrees": -6, "table": (176, 168, 160)},
    "black table": {"degrees": 3, "table": (18, 18, 20), "shade": 0.6},
}


@functools.cache
def _scene(name: str) -> Photo:
    """The sheet so photographed: a tenth of a second each, so not before a test asks."""
    return photographed(SHEET, **SCENES[name])


def _apart(found: object, photo: Photo) -> float:
    """The largest distance between corners found and true, as a share of the picture."""
    assert isinstance(found, tuple)
    pairs = zip(found, photo.corners, strict=True)
    return max(math.dist(one, two) for one, two in pairs) / max(photo.image.size)


@pytest.mark.parametrize("scene", SCENES)
def test_the_four_corners_of_a_sheet_are_found(scene: str) -> None:
    """To one hundredth of the picture, whatever the angle, the table and the shadow."""
    photo = _scene(scene)

    assert _apart(corners(photo.image), photo) < 0.01


def test_what_is_no_sheet_on_a_table_has_no_corners() -> None:
    """A scan, a scan with a dark rim, an empty table, plain noise: nothing is cut out of them."""
    rim = SHEET.copy()
    ImageDraw.Draw(rim).rectangle((0, 0, *rim.size), outline=(40, 40, 40), width=6)
    noise = Image.effect_noise((600, 800), 90).convert("RGB")

    for image in (SHEET, rim, Image.new("RGB", (600, 800), (90, 70, 50)), noise):
        assert corners(image) is None


def test_a_table_printed_on_the_page_is_not_the_sheet() -> None:
    """A frame with a dark ground around a white panel, in the middle of white paper."""
    page = Image.new("RGB", (800, 1100), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((90, 200, 710, 900), fill=(150, 150, 150))
    draw.rectangle((120, 230, 680, 870), fill="white")
    found = corners(photographed(page, degrees=2).image)

    assert found is not None
    assert math.dist(found[0], found[1]) > 700


def test_a_photograph_becomes_the_page_itself() -> None:
    """Proportions of A4, paper white everywhere, print dark, and no table left in the corners."""
    page = mended(_scene("in the shade").image)

    assert page is not None
    assert page.height / page.width == pytest.approx(297 / 210, abs=0.01)
    for box in (
        (20, 20, 60, 60),
        (page.width - 60, page.height - 60, page.width - 20, page.height - 20),
    ):
        assert min(ImageStat.Stat(page.crop(box)).mean) > 230
    assert page.convert("L").getextrema()[0] < 90


def test_a_page_that_is_fine_is_left_alone() -> None:
    """None, so that its own bytes are kept; also for pictures too small to be a page."""
    assert mended(SHEET) is None
    assert mended(Image.new("RGB", (150, 150), "white")) is None
    assert evened(SHEET) is None
    assert slant(SHEET) == 0.0


@pytest.mark.parametrize("degrees", [-5.0, 2.2, 6.0])
def test_a_page_that_fills_the_picture_is_set_level(degrees: float) -> None:
    """By its own rows of print, to half a degree."""
    askew = SHEET.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))

    assert slant(askew) == pytest.approx(-degrees, abs=0.5)


def test_a_grey_shadow_is_taken_out_and_print_stays() -> None:
    """Paper is as bright in the shadow as out of it."""
    dark = SHEET.point([round(one * 0.45) for one in range(256)] * 3)
    half = SHEET.copy()
    half.paste(dark.crop((0, 0, SHEET.width, SHEET.height // 2)), (0, 0))
    lit = evened(half)

    assert lit is not None
    top, bottom = (lit.convert("L").getpixel((10, y)) for y in (30, lit.height - 30))
    assert abs(top - bottom) < 20


def test_pictures_in_one_colour_are_mended_too() -> None:
    """Grey photographs and empty pictures raise nothing."""
    grey = mended(_scene("askew").image.convert("L"))

    assert grey is not None
    assert grey.mode == "L"
    for colour in ("black", "white"):
        assert mended(Image.new("RGB", (400, 500), colour)) is None


def test_a_photograph_is_mended_on_its_way_to_the_page() -> None:
    """A JPEG held sideways by the camera (Exif) ends upright and cut out; a scan keeps its bytes."""  # noqa: E501
    photo = _scene("askew").image
    (frame,) = images.frames(
        jpeg(photo.transpose(Image.Transpose.ROTATE_90), orientation=6),
        most_pixels=50_000_000,
        most_frames=1,
    )
    assert frame.height / frame.width == pytest.approx(297 / 210, abs=0.01)

    scan = samples.photo()
    (kept,) = images.frames(scan, most_pixels=50_000_000, most_frames=1)
    assert kept.data == scan


# ── Several photographs in one file ─────────────────────────────────────────────────────────────

node = pytest.mark.skipif(shutil.which("node") is None, reason="no Node to run the scripts with")

_PDF = """
global.self = globalThis;
require(process.argv[1]);
const parts = JSON.parse(require('fs').readFileSync(0));
self.facteurPdf.pdfOf(parts.map((one) => new Blob([Buffer.from(one, 'base64')])))
  .then((made) => made.arrayBuffer()).then((made) => process.stdout.write(Buffer.from(made)));
"""


def _pdf_of(*photos: bytes) -> bytes:
    """The PDF that the phone's own script makes."""
    import base64

    sent = json.dumps([base64.b64encode(one).decode() for one in photos])
    done = subprocess.run(
        ["node", "-e", _PDF, str(STATIC / "phone-pdf.js")],
        input=sent.encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout


@node
def test_the_phones_pdf_gives_back_each_photograph_byte_for_byte() -> None:
    """What the phone's script writes is what the server takes apart; grey and turned ones too."""
    photos = (
        jpeg(_scene("askew").image),
        jpeg(_scene("straight").image.convert("L")),
        jpeg(_scene("pale table").image, orientation=6),
    )
    made = _pdf_of(*photos)

    assert detect(made) is Kind.PHOTOS
    assert jpegs_of(made, most=10) == photos
    frames = list(images.frames(made, most_pixels=50_000_000, most_frames=10))
    assert [round(max(f.width, f.height) / min(f.width, f.height), 2) for f in frames] == [
        1.41
    ] * 3


@node
def test_too_many_photographs_are_refused() -> None:
    """The limit on pages holds for them too."""
    made = _pdf_of(*[jpeg(Image.new("RGB", (40, 60), "white"))] * 3)

    with pytest.raises(UnreadableError) as told:
        jpegs_of(made, most=2)
    assert told.value.code == "unreadable.too_many_pages"


def test_a_pdf_that_only_pretends_is_refused() -> None:
    """The mark before a page of text: it was not made by our page, and is not read as photographs."""  # noqa: E501
    forged = PHOTOS_MARK + samples.text_pdf(samples.INVOICE).split(b"\n", 1)[1]

    with pytest.raises(UnreadableError) as told:
        jpegs_of(forged, most=5)
    assert told.value.code == "unreadable.damaged"


# ── The camera's detector and ours agree ────────────────────────────────────────────────────────

_DETECTOR = """
const { corners } = require(process.argv[1]);
const asked = JSON.parse(require('fs').readFileSync(0));
const found = asked.map((one) => corners(Uint8Array.from(one.grey), one.width, one.height));
process.stdout.write(JSON.stringify(found));
"""


@node
def test_the_phone_sees_the_corners_that_the_server_sees() -> None:
    """The two programs are one method: the same corners, and none where there is none."""
    pictures = [*(one.image for one in map(_scene, SCENES)), SHEET]
    asked, expected = [], []
    for image in pictures:
        scale = SMALL / max(image.size)
        size = (round(image.width * scale), round(image.height * scale))
        grey = image.convert("L").resize(size, Image.Resampling.BOX)
        asked.append({"grey": list(grey.tobytes()), "width": size[0], "height": size[1]})
        ours = corners(image)
        expected.append(ours and [(x / image.width, y / image.height) for x, y in ours])
    done = subprocess.run(
        ["node", "-e", _DETECTOR, str(STATIC / "phone-detector.js")],
        input=json.dumps(asked).encode(),
        capture_output=True,
        check=True,
    )
    found = json.loads(io.BytesIO(done.stdout).read())

    assert found[-1] is None
    assert expected[-1] is None
    for one, two in zip(found[:-1], expected[:-1], strict=True):
        assert max(math.dist(a, b) for a, b in zip(one, two, strict=True)) < 0.01
