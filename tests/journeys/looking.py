"""What every page owes its reader, looked at in the browser: access, and the width of a phone."""

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import ROOT

_AXE = ROOT / "assets" / "node_modules" / "axe-core" / "axe.min.js"
_OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

_OUT = """() => [...document.querySelectorAll('.card:not(.scroll) > table')]
  .filter((one) => one.offsetParent)
  .map((one) => [one, one.parentElement].map((box) => box.getBoundingClientRect().right))
  .map(([table, card]) => table - card).filter((over) => over > 1)"""

needs_axe = pytest.mark.skipif(
    not _AXE.exists(), reason="axe-core is not there: `make setup` brings it"
)


def looks(page: Page, where: str = "") -> None:
    """axe finds no serious fault; nothing scrolls sideways, no table leaves its card (a pixel is a
    browser's rounding)."""
    assert page.evaluate(_OVER) <= 1, where
    out = page.evaluate(_OUT)
    assert out == [], f"{where}: {out}"
    if not _AXE.exists():
        return
    page.evaluate(_AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        (one["id"], [node["html"][:200] for node in one["nodes"]][:3])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert [] == serious, where
