"""« Besoin d'aide ? »: each settings page leads to its article, no link leads nowhere (JF-32)."""

import re

import pytest
from facteur.web import help as articles
from facteur.web.site import ROUTES

from tests.house.tree import PACKAGE
from tests.web.browser import Browser

_LINKS = re.compile(r"""link\(\s*['"]/aide/([a-z0-9-]+)['"]""")
SETTINGS = sorted(
    one.path
    for one in ROUTES
    if one.method == "GET" and one.path.startswith("/parametres") and "{" not in one.path
)


def test_every_link_to_the_help_leads_to_an_article() -> None:
    """The link checker: an article that is renamed takes its links along."""
    known = {one.slug for one in articles.articles()}
    wrong = {
        (path.name, slug)
        for path in (PACKAGE / "web" / "templates").rglob("*.html")
        for slug in _LINKS.findall(path.read_text("utf-8"))
        if slug not in known
    }
    assert set() == wrong


@pytest.mark.parametrize("path", SETTINGS)
def test_every_settings_page_leads_to_its_article(manager: Browser, path: str) -> None:
    """In the page itself, beside the feature; the Assistance button is another way."""
    reply = manager.get(path)
    if reply.status == 303:
        reply = manager.get(reply.location)
    assert reply.status == 200
    assert reply.page.xpath("//main//a[contains(@href, '/aide/')]"), path
