"""Tests of the embedded OCR: real reading of small pages drawn here, in every direction."""

import io
from collections.abc import Iterator

import pytest
from facteur.adapters.ocr_embedded import EmbeddedOcr
from facteur.domain.errors import UnreadableError
from facteur.domain.pages import Page
from facteur.ports import Limits
from PIL import Image

from tests import samples
from tests.samples import Text

LINES = (
    Text(60, 760, "Menuiserie Kervella SARL", 16),
    Text(60, 730, "Facture n° FA-2026-0042 du 14/11/2026", 13),
    Text(60, 705, "Désignation : porte en chêne massif", 13),
    Text(60, 680, "Total TTC", 13),
    Text(400, 680, "1 310,40 €", 13),
)


@pytest.fixture(scope="module")
def ocr() -> Iterator[EmbeddedOcr]:
    """One engine for these tests."""
    engine = EmbeddedOcr()
    yield engine
    engine.close()


def _page(turn: int = 0) -> bytes:
    """The upper part of a page, turned clockwise by quarter turns, as PNG."""
    image = samples.drawn_image(LINES, dpi=130)
    image = image.crop((0, 0, image.width, image.height // 4))
    out = io.BytesIO()
    image.rotate(-90 * turn, expand=True).save(out, "PNG")
    return out.getvalue()


def _text(page: Page) -> str:
    return " ".join(word.text for word in page.words)


def test_a_page_is_read_with_accents_signs_and_places(ocr):
    """Words in order, amounts and accents right, boxes where the words stand."""
    result = ocr.read(_page(), page=3)
    assert (result.origin, result.total) == ("ocr:rapidocr", 1)
    (page,) = result.pages
    assert (page.number, page.turn) == (3, 0)
    text = _text(page)
    assert "Menuiserie Kervella SARL" in text
    assert "FA-2026-0042 du 14/11/2026" in text
    assert "Désignation" in text
    assert "chêne massif" in text
    assert text.endswith("Total TTC 1 310,40 €")
    total = next(word for word in page.words if word.text == "310,40")
    assert 0.66 < total.box.left < 0.72
    assert all(0 <= word.box.left < word.box.right <= 1 for word in page.words)
    assert all(0.5 < word.confidence <= 1 for word in page.words)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_page_on_its_side_is_read_upright(ocr, turn):
    """However it was scanned: the words come upright, and the page tells how it was turned."""
    page = ocr.read(_page(turn)).pages[0]
    assert page.turn == -turn % 4
    assert "FA-2026-0042" in _text(page)
    assert page.width > page.height
    title = next(word for word in page.words if word.text == "Menuiserie")
    assert title.box.top < 0.5
    stored = title.box.turned(-page.turn)
    assert stored.turned(page.turn).left == pytest.approx(title.box.left)
    assert (stored.right - stored.left > stored.bottom - stored.top) == (turn == 2)


def test_an_empty_page_has_no_word(ocr):
    """White paper."""
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(out, "JPEG")
    assert ocr.read(out.getvalue()).pages[0].words == ()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable.empty"),
        (b"GIF89a", "unreadable.damaged"),
        (samples.photo()[:4000], "unreadable.damaged"),
        (samples.odd_png((60_000, 60_000)), "unreadable.bomb"),
    ],
    ids=["empty", "not an image", "truncated", "bomb"],
)
def test_a_bad_image_is_refused(ocr, data, code):
    """With its reason, and the engine goes on."""
    with pytest.raises(UnreadableError) as caught:
        ocr.read(data)
    assert caught.value.code == code


def test_the_largest_image_is_settable():
    """The house decides how many pixels it takes."""
    small = EmbeddedOcr(Limits(image_pixels=1000))
    try:
        with pytest.raises(UnreadableError) as caught:
            small.read(_page())
        assert caught.value.code == "unreadable.bomb"
    finally:
        small.close()


def test_this_engine_has_no_jobs(ocr):
    """It answers at once, so nothing is started and nothing is collected."""
    assert ocr.start(None) is None
    assert ocr.collect("job", None) is None


@pytest.mark.parametrize("turn", [0, 1])
def test_a_long_strip_is_read_within_the_memory_there_is(ocr, turn):
    """3000 × 55 pixels: one line of text, and no picture of 220,000 columns made of it."""
    image = samples.drawn_image(LINES[1:2], dpi=200)
    top = round((samples.A4[1] - 745) / 72 * 200)
    strip = Image.new("RGB", (3000, 55), "white")
    strip.paste(image.crop((0, top, image.width, top + 55)))
    out = io.BytesIO()
    strip.rotate(-90 * turn, expand=True).save(out, "PNG")
    (page,) = ocr.read(out.getvalue(), page=1).pages

    assert "FA-2026-0042 du 14/11/2026" in _text(page)
    assert page.turn == (-turn) % 4


def test_a_picture_too_narrow_for_any_letter_holds_no_word(ocr):
    """3000 × 10 pixels: nothing, said in a moment, never « demande trop de mémoire »."""
    out = io.BytesIO()
    Image.new("RGB", (3000, 10), "white").save(out, "PNG")
    (page,) = ocr.read(out.getvalue(), page=1).pages

    assert page.words == ()
