"""Tests of pages as images, and of PDFs made from images."""

import base64
import io

import pytest
from facteur.adapters.pdf import render
from facteur.domain.errors import UnreadableError
from PIL import Image

from tests import samples

HEIC = base64.b64decode(  # 96 × 64 white, a red square at the top left, made for this test
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFmAAEAAAAAAAAAMgAAACNpaW5mAAAA"
    "AAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwmlwcnAAAACkaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34"
    "+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmu"
    "bgQEDAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQAAAABRpc3BlAAAAAAAAAGAAAABAAAAAEHBpeGkAAAAAAwgICAAA"
    "ABZpcG1hAAAAAAAAAAEAAQOBAoMAAAA6bWRhdAAAAC4oAa9Y+Q6SX//znd//lR6Q+xFmJLfzo6gvqI2f9x0OVW/Y"
    "Nd8d81r/rYpq68Tw"
)


def _opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(("form", "name"), [("webp", "WEBP"), ("jpeg", "JPEG"), ("png", "PNG")])
def test_a_page_becomes_an_image(pdf, form, name):
    """The asked format, at the asked resolution."""
    (data,) = pdf.images(samples.text_pdf(), dpi=110, form=form)
    image = _opened(data)
    assert image.format == name
    assert abs(image.width - 595.28 / 72 * 110) < 2


def test_pages_are_chosen_by_number(pdf):
    """First and last are counted from one, both included; beyond the end is nothing."""
    data = samples.text_pdf(pages=3)
    assert len(pdf.images(data, dpi=20)) == 3
    assert len(pdf.images(data, dpi=20, first=2, last=3)) == 2
    assert len(pdf.images(data, dpi=20, first=3, last=9)) == 1
    assert pdf.images(data, dpi=20, first=4) == ()


def test_a_sheet_on_its_side_is_shown_upright(pdf):
    """Each page turned as asked, the others as they are."""
    data = samples.text_pdf(pages=3)
    sizes = [_opened(one).size for one in pdf.images(data, dpi=36, turns=(1, 2))]
    assert [width > height for width, height in sizes] == [True, False, False]
    red = pdf.from_images([_flag("PNG")])
    image = _opened(pdf.images(red, dpi=72, form="png", turns=(1,))[0]).convert("RGB")
    assert image.getpixel((image.width - 3, 2))[1] < 80  # the top left corner went right


def test_a_huge_page_is_drawn_smaller(pdf):
    """A page of 200,000 points does not ask for gigabytes of pixels."""
    (data,) = pdf.images(samples.text_pdf(size=(200_000, 200_000)), dpi=200)
    image = _opened(data)
    assert image.width * image.height <= 21_000_000


@pytest.mark.parametrize(("said", "told"), [(1, MemoryError), (5, ValueError)])
def test_an_encoder_without_room_lacks_memory(said, told):
    """libwebp's word for it is no damage of the page: a fresh child is asked again."""

    class Full:
        """An image whose encoder answers with a number."""

        def convert(self, _mode: str) -> "Full":
            return self

        def save(self, *_given: object, **_options: object) -> None:
            msg = f"encoding error {said}"
            raise ValueError(msg)

    with pytest.raises(told):
        render.encoded(Full(), "webp")


def test_a_form_is_drawn_with_its_values(pdf):
    """What was typed can be seen."""
    (data,) = pdf.images(samples.form_pdf(), dpi=72, form="png")
    assert _opened(data).convert("L").getextrema()[0] < 100


def _colours(pdf, data: bytes) -> list[tuple[int, int, int]]:
    """Inside the corners of the first page, clockwise from the top left.

    Setting a photograph level may leave a few pixels of margin.
    """
    (png,) = pdf.images(data, dpi=72, form="png", last=1)
    image = _opened(png).convert("RGB")
    w, h = image.width - 13, image.height - 13
    return [image.getpixel(at) for at in ((12, 12), (w, 12), (w, h), (12, h))]


def _flag(form: str, orientation: int = 1) -> bytes:
    """A picture with a red top left corner, as a camera held ``orientation`` would store it."""
    picture = Image.new("RGB", (400, 300), "white")
    picture.paste((255, 0, 0), (0, 0, 100, 100))
    stored = {
        1: picture,
        3: picture.transpose(Image.Transpose.ROTATE_180),
        6: picture.transpose(Image.Transpose.ROTATE_90),
        8: picture.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    stored.save(out, form, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_turned_upright(pdf, form, orientation):
    """However the camera was held, the page shows what was photographed."""
    corners = _colours(pdf, pdf.from_images([_flag(form, orientation)]))
    assert [r > 200 and g < 80 for r, g, _ in corners] == [True, False, False, False]


def test_a_phone_s_heic_becomes_a_page(pdf):
    """The format of iPhones, decoded by pi-heif."""
    corners = _colours(pdf, pdf.from_images([HEIC]))
    assert [r > 200 and g < 80 for r, g, _ in corners] == [True, False, False, False]
    with pytest.raises(UnreadableError):
        pdf.from_images([HEIC[:300]])


def test_each_frame_of_a_tiff_is_a_page(pdf):
    """A scanner's TIFF of three pages, two colours, becomes three pages of A4."""
    made = pdf.from_images([samples.tiff(3)])
    content = pdf.read(made)
    assert content.info.pages == 3
    assert abs(content.pages.pages[0].width - 595) < 3
    assert b"/BitsPerComponent 1" in made


def test_several_images_make_one_document(pdf):
    """Photographs of two pages, in order."""
    made = pdf.from_images([samples.photo(), _flag("PNG")])
    assert pdf.read(made).info.pages == 2


def test_a_sound_jpeg_keeps_its_bytes(pdf):
    """An upright photograph is not compressed a second time."""
    jpeg = samples.photo()
    assert jpeg in pdf.from_images([jpeg])


def test_transparency_becomes_white_paper(pdf):
    """A transparent PNG does not turn black."""
    out = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")
    assert all(min(corner) > 240 for corner in _colours(pdf, pdf.from_images([out.getvalue()])))


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "CMYK", "LA"])
def test_every_kind_of_pixel_is_taken(pdf, mode):
    """Palettes, greys, printers' inks: all become a page."""
    picture = Image.new("L", (200, 300), 255).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = Image.new("I;16", (200, 300), 65535)
    out = io.BytesIO()
    picture.save(out, "JPEG" if mode == "CMYK" else "TIFF" if mode == "I;16" else "PNG")
    assert pdf.read(pdf.from_images([out.getvalue()])).info.pages == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable.empty"),
        (b"not an image at all", "unreadable.damaged"),
        (samples.photo()[:5000], "unreadable.damaged"),
        (samples.odd_png((60_000, 60_000)), "unreadable.bomb"),
        (samples.odd_png((600, 600)), "unreadable.damaged"),
        (samples.tiff(2)[:200], "unreadable.damaged"),
    ],
    ids=["empty", "text", "truncated", "bomb", "broken PNG", "broken TIFF"],
)
def test_a_bad_image_is_refused(pdf, data, code):
    """Each with its reason; the child goes on."""
    with pytest.raises(UnreadableError) as caught:
        pdf.from_images([data])
    assert caught.value.code == code
    assert pdf.from_images([samples.photo()])


def test_nothing_makes_no_document(pdf):
    """No image, no PDF."""
    with pytest.raises(UnreadableError):
        pdf.from_images([])
