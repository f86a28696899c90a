"""Photographs and scans: upright, mended, bounded, ready for a PDF page.

JPEG, PNG, HEIC, TIFF (every frame) and WebP. A camera notes how it was held instead of turning
the picture (Exif orientation): it is turned here once. Sizes are checked on the header, before
anything is decoded; a JPEG that is larger than needed is decoded smaller, which its format allows.
Runs in the PDF child process: image files can be bombs too.
Sources: Exif 2.32 §4.6.4 (Orientation), ISO 32000-1 §8.9 (images), TIFF 6.0.
"""

import io
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pikepdf
from PIL import Image, ImageOps, ImageSequence

from facteur.adapters.mending import mended
from facteur.adapters.photos import jpegs_of
from facteur.domain.errors import UnreadableError
from facteur.formats.detect import PHOTOS_MARK

KEPT_PIXELS = 20_000_000  # of one frame: an A4 page at 380 dpi
MENDED_PIXELS = 10_000_000  # of a photograph that is mended: A4 at 320 dpi
A4_LONG = 841.89  # points
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF", "MPO")


class Frame(NamedTuple):
    """One picture ready for a PDF page: encoded bytes and how they are encoded."""

    data: bytes
    filter: str  # "/DCTDecode" or "/FlateDecode"
    width: int
    height: int
    space: str  # "/DeviceRGB" or "/DeviceGray"
    bits: int
    dpi: float


def frames(data: bytes, *, most_pixels: int, most_frames: int) -> Iterator[Frame]:
    """The frames of one image file, or of several photographs in one, upright and mended.

    UnreadableError ``unreadable.bomb`` for more pixels than allowed, ``.too_many_pages``,
    ``.empty``; Pillow's errors when the file is damaged.
    """
    if not data:
        raise UnreadableError("unreadable.empty")
    if data.startswith(PHOTOS_MARK):
        for one in jpegs_of(data, most=most_frames):
            yield from frames(one, most_pixels=most_pixels, most_frames=1)
        return
    _know_heic(data)
    Image.MAX_IMAGE_PIXELS = None  # the bound is ours, just below
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        if count > most_frames:
            raise UnreadableError("unreadable.too_many_pages", pages=count, most=most_frames)
        if count == 1:
            yield _frame(image, data, most_pixels, photo=image.format != "TIFF")
        else:
            for one in ImageSequence.Iterator(image):
                yield _frame(one, b"", most_pixels)


def pdf_of(pictures: Iterable[Frame]) -> bytes:
    """A PDF with one picture a page, each page of the picture's own proportions."""
    pdf = pikepdf.new()
    for frame in pictures:
        longest = max(frame.width, frame.height)
        scale = 72 / (frame.dpi or max(150.0, longest / A4_LONG * 72))
        add_page(pdf, frame, (frame.width * scale, frame.height * scale))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def add_page(
    pdf: pikepdf.Pdf,
    frame: Frame,
    size: tuple[float, float],
    *,
    text: bytes = b"",
    font: pikepdf.Object | None = None,
) -> None:
    """Add a page that a picture fills, ``size`` in points; ``text`` is written over it in /F."""
    picture = pikepdf.Stream(
        pdf,
        frame.data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=frame.width,
        Height=frame.height,
        ColorSpace=pikepdf.Name(frame.space),
        BitsPerComponent=frame.bits,
        Filter=pikepdf.Name(frame.filter),
    )
    resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
    if font is not None:
        resources.Font = pikepdf.Dictionary(F=font)
    draw = b"q %.3f 0 0 %.3f 0 0 cm /Im Do Q\n" % size
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, round(size[0], 3), round(size[1], 3)],
        Resources=resources,
        Contents=pdf.make_stream(draw + text),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def encoded_frame(image: Image.Image, *, dpi: float = 0.0, quality: int = 88) -> Frame:
    """The image as a frame: two colours stay lossless, the rest becomes JPEG."""
    if image.mode == "1":
        data = zlib.compress(image.tobytes(), 6)
        return Frame(data, "/FlateDecode", image.width, image.height, "/DeviceGray", 1, dpi)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    space = "/DeviceGray" if image.mode == "L" else "/DeviceRGB"
    return Frame(out.getvalue(), "/DCTDecode", image.width, image.height, space, 8, dpi)


def _frame(image: Image.Image, data: bytes, most_pixels: int, *, photo: bool = False) -> Frame:
    """One frame of an opened file; a photograph is mended, else a good JPEG keeps its bytes."""
    dpi = _dpi(image)
    pixels = image.width * image.height
    if image.format in ("JPEG", "MPO") and pixels > KEPT_PIXELS:
        shrink = (KEPT_PIXELS / pixels) ** 0.5
        image.draft("RGB", (int(image.width * shrink), int(image.height * shrink)))
    if image.width * image.height > most_pixels:
        raise UnreadableError("unreadable.bomb", pixels=image.width * image.height)
    _shrink(image, KEPT_PIXELS)  # first of all: every step below copies
    if photo and (page := _mended(image)) is not None:
        return encoded_frame(page)
    upright = image.getexif().get(0x0112, 1) in (0, 1)
    if image.format == "JPEG" and upright and pixels <= KEPT_PIXELS and image.mode in "LRGB":
        image.load()  # a truncated file must be refused now, not by whoever opens the PDF
        space = "/DeviceGray" if image.mode == "L" else "/DeviceRGB"
        return Frame(data, "/DCTDecode", image.width, image.height, space, 8, dpi)
    turned = ImageOps.exif_transpose(image)
    plain = _plain(turned if turned is not None else image)
    return encoded_frame(plain, dpi=dpi if pixels <= KEPT_PIXELS else 0.0)


def _mended(image: Image.Image) -> Image.Image | None:
    """The sheet in a photograph, None when there is nothing to mend (mending/__init__.py)."""
    page = _plain(ImageOps.exif_transpose(image))  # a copy
    _shrink(page, MENDED_PIXELS)
    return mended(page) if page.mode in ("L", "RGB") else None


def _shrink(image: Image.Image, most_pixels: int) -> None:
    """Make an image smaller in place, where it is larger than that."""
    pixels = image.width * image.height
    if pixels > most_pixels:
        shrink = (most_pixels / pixels) ** 0.5
        image.thumbnail((int(image.width * shrink), int(image.height * shrink)))


def _plain(image: Image.Image) -> Image.Image:
    """Two colours, grey or RGB; transparency becomes white paper."""
    if image.mode in ("1", "L", "RGB"):
        return image
    if image.mode in ("I", "I;16", "F"):
        return image.convert("L")
    if image.has_transparency_data:
        paper = Image.new("RGB", image.size, "white")
        layer = image.convert("RGBA")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    return image.convert("RGB")


def _dpi(image: Image.Image) -> float:
    """The resolution a scanner noted, 0 when there is none worth believing."""
    noted = image.info.get("dpi")
    try:
        dpi = float(noted[0]) if noted else 0.0
    except (TypeError, ValueError, ZeroDivisionError, IndexError):
        return 0.0
    width = image.width / dpi * 72 if dpi else 0.0
    return dpi if 96 < dpi <= 1200 and 150 < width < 2000 else 0.0


def _know_heic(data: bytes) -> None:
    """Teach Pillow HEIC, only when such a file comes: the codec takes a while to load."""
    if data[4:8] == b"ftyp":
        import pi_heif  # noqa: PLC0415

        pi_heif.register_heif_opener()
