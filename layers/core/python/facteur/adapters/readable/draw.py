"""The page's texts into a PDF/A-3b, by typst, in the PDF child process.

Only the TrueType faces are offered to typst, because those can be checked for PDF/A in process
(docs/decisions). A character that no face has would stop the export, so such characters become a
question mark: the structured data stay the reference.
Sources: typst 0.15 (PDF export, pdf-standard a-3b); the font is Source Sans Pro, OFL.
"""

import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import typst

from facteur.adapters.readable import MARK
from facteur.adapters.readable.texts import breakable

TEMPLATES = {one: Path(__file__).with_name(f"{one}.typ") for one in ("page", "mail")}
FACES = ("SourceSansPro-Regular.ttf", "SourceSansPro-Bold.ttf")


def draw(data: str, *, timestamp: int, template: str = "page") -> bytes:
    """The PDF of a View in JSON; ``timestamp`` (seconds) becomes its date.

    ``template``: "page" for an invoice (view.py), which bears our mark, "mail" (letter.py).
    """
    view = _mapped(json.loads(data), breakable)
    with tempfile.TemporaryDirectory() as folder:
        for name in FACES:
            (Path(folder) / name).symlink_to(_fonts() / name)
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder]
        )
        try:
            return _compiled(fonts, view, timestamp, template)
        except typst.TypstError:
            return _compiled(fonts, _mapped(view, _drawable), timestamp, template)


def _compiled(fonts: typst.Fonts, view: object, timestamp: int, template: str) -> bytes:
    compiler = typst.Compiler(TEMPLATES[template].read_bytes(), font_paths=fonts)
    made = compiler.compile(
        format="pdf",
        sys_inputs={"data": json.dumps(view), "mark": MARK if template == "page" else template},
        pdf_standards=["a-3b"],
        timestamp=timestamp,
    )
    return made if isinstance(made, bytes) else b""


def _mapped(data: object, change: Callable[[str], str]) -> object:
    """The same data with every text changed."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, list):
        return [_mapped(one, change) for one in data]
    if isinstance(data, dict):
        return {key: _mapped(value, change) for key, value in data.items()}
    return data


def _drawable(text: str) -> str:
    """The text with a question mark for every character the main face lacks."""
    known = _characters()
    return "".join(one if ord(one) in known else "?" for one in text)


@functools.cache
def _characters() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    with TTFont(_fonts() / FACES[0], lazy=True) as font:
        return frozenset(font.getBestCmap()) | {ord("\n"), ord("\u200b")}


def _fonts() -> Path:
    """The folder of the faces, in their package."""
    import font_source_sans_pro  # noqa: PLC0415

    return Path(font_source_sans_pro.__file__).parent / "files"
