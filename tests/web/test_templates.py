"""Templates: they compile, every icon exists, no inline style, every form carries its token."""

import re
import runpy
from pathlib import Path

import pytest
from facteur.web import render
from facteur.web.pages import phone as pages_phone
from facteur.web.showing.icons import ICONS

from tests.house.tree import PACKAGE, REPO

#: The pages': mails have no stylesheet and no policy, theirs is inline.
TEMPLATES = sorted(
    one for one in (PACKAGE / "web" / "templates").rglob("*.html") if "mails" not in one.parts
)
STATIC = PACKAGE / "web" / "static"


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE / "web" / "templates").as_posix()


@pytest.mark.parametrize("template", TEMPLATES, ids=_name)
def test_a_template_compiles_with_our_filters(template: Path) -> None:
    """In the pages' own environment: a filter that does not exist is found here."""
    assert render.environment().get_template(_name(template))


def test_every_icon_is_in_the_sprite_and_none_is_idle() -> None:
    """What pages name is what the sprite is made of."""
    texts = "\n".join(one.read_text(encoding="utf-8") for one in TEMPLATES)
    code = "\n".join(
        one.read_text(encoding="utf-8")
        for one in (PACKAGE / "web").rglob("*.py")
        if one.name != "icons.py"
    )
    named = {one for one in ICONS if f'"{one}"' in texts or f'"{one}"' in code}
    direct = set(re.findall(r'icon\("([a-z0-9-]+)"', texts))

    assert direct <= ICONS
    assert ICONS == named


def test_nothing_is_styled_or_scripted_inline() -> None:
    """The CSP would refuse it."""
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:", text), template.name


def test_every_post_form_carries_the_token() -> None:
    """Each form of ours that posts has its csrf field; the bucket's own form must not.

    Unsubscribing needs none: its address is a secret of one person, and mail programs post it
    too (RFC 8058, Scope.LINK).
    """
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
            bucket = "multipart/form-data" in form and 'action="{{ link(' not in form
            ours = not bucket and template.name != "unsubscribe.html"
            assert ("csrf" in form) is ours, template.name


def test_links_are_built_by_the_helper() -> None:
    """No address is written out: it would break under a stage."""
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        assert not re.search(r'(href|action|src|hx-get|hx-post)="/', text), template.name


def test_served_files_and_what_pages_ask_for_agree() -> None:
    """Every static("…") of a template or a view is a file that assets/build.py serves."""
    build = runpy.run_path(str(REPO / "assets" / "build.py"))
    served = {
        *build["SERVED"],
        *(one.name for one in STATIC.iterdir()),
        *(name for name, _size, _room in build["ICON_SIZES"]),
        "icons.svg",
        "licences.txt",
    }
    texts = "\n".join(one.read_text(encoding="utf-8") for one in TEMPLATES)
    phone = set(pages_phone.FILES) | set(
        re.findall(r'static\("([^"]+)"\)', Path(pages_phone.__file__).read_text("utf-8"))
    )
    asked = set(re.findall(r"static\('([^']+)'\)", texts)) | (phone - {"icons.svg"})

    assert asked <= served
    assert served - {"icons.svg"} == asked


def test_the_colours_of_states_have_enough_contrast() -> None:
    """4.5:1 at least for each tone of facteur.css (WCAG 1.4.3)."""
    css = (STATIC / "facteur.css").read_text(encoding="utf-8")
    tones = re.findall(r"--tone-bg: (#\w{6}); --tone-fg: (#\w{6})", css)

    assert len(tones) == 8
    for ground, text in (
        *tones,
        ("#c2410c", "#ffffff"),
        ("#0b5c7d", "#ffffff"),
        ("#f4f6f8", "#4b5a67"),
    ):
        assert _contrast(ground, text) >= 4.5, (ground, text)


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
