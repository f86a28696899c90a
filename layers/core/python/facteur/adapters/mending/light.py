"""The light on a photographed sheet, made even: shadows and fall-off taken out, paper made white.

What the paper itself looks like is estimated on a small copy: the brightest of each
neighbourhood, smoothed, since print is darker and thinner than the paper around it. Each pixel is
then divided by the paper under it. A page that is evenly lit is left as it is, to the byte.
Pillow only (decision 0140).
"""

from PIL import Image, ImageChops, ImageFilter, ImageMath

SMALL = 96  # pixels of the longer side of the copy on which the paper is estimated
PRINT = 7  # pixels of that copy: wider than a line of print is thick
WHITE = 246  # what paper becomes
EVEN = 0.86  # darkest over brightest paper, above which light is even
BRIGHT = 190  # below which even paper is grey
DARKEST = 40  # no paper is darker: a photograph or a dark frame is not made white


def evened(image: Image.Image) -> Image.Image | None:
    """The sheet in even light, "L" or "RGB" as it came; None when the light is even already."""
    paper = _paper(image)
    grey = paper.convert("L")
    seen = grey.crop(_middle(grey.size))
    light = sorted(seen.tobytes())
    dark, bright = light[len(light) // 12], light[-len(light) // 12 - 1]
    if bright <= DARKEST or (dark >= EVEN * bright and bright >= BRIGHT):
        return None
    bands = [
        _divided(band, under.resize(image.size, Image.Resampling.BICUBIC))
        for band, under in zip(image.split(), paper.split(), strict=True)
    ]
    return Image.merge(image.mode, bands)


def _paper(image: Image.Image) -> Image.Image:
    """The colour of the paper everywhere, on a small copy."""
    scale = SMALL / max(image.size)
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    bands = []
    for band in image.resize(size, Image.Resampling.BOX, reducing_gap=2.0).split():
        brightest = band.filter(ImageFilter.MaxFilter(PRINT)).filter(ImageFilter.MinFilter(PRINT))
        smooth = brightest.filter(ImageFilter.GaussianBlur(PRINT / 2))
        bands.append(ImageChops.lighter(smooth, Image.new("L", size, DARKEST)))
    return Image.merge(image.mode, bands)


def _middle(size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The sheet without its rim, where the table may still show."""
    across, down = size[0] // 16, size[1] // 16
    return across, down, size[0] - across, size[1] - down


def _divided(band: Image.Image, paper: Image.Image) -> Image.Image:
    """Each pixel over the paper under it."""
    divided: Image.Image = ImageMath.lambda_eval(
        lambda held: held["convert"](held["min"](held["band"] * WHITE / held["paper"], 255), "L"),
        band=band,
        paper=paper,
    )
    return divided
