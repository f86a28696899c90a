"""Assistance: the articles, their search, the contact, the static files."""

import re
from pathlib import Path

import pytest
from facteur.domain.errors import NotFoundError
from facteur.web import help as articles

from tests.web.browser import Browser

ASKED = ("doublons", "adresses-e-mail", "formats-acceptes", "factur-x", "archivage",
         "a-controler", "quarantaine", "raccourcis")  # fmt: skip


def test_every_article_opens_for_anybody(stranger: Browser) -> None:
    """Help needs no sign-in: one may need it to sign in. Each has a title and a summary."""
    held = articles.articles()
    assert set(ASKED) <= {one.slug for one in held}
    for one in held:
        assert one.summary, one.slug
        reply = stranger.get(f"/aide/{one.slug}")
        assert reply.status == 200
        assert one.title in reply.text
        for link in reply.page.xpath("//article//a/@href"):
            assert stranger.get(link).status in (200, 303), (one.slug, link)


@pytest.mark.parametrize("query", ["doublon", "DOUBLONS", "même facture doublon"])
def test_a_word_finds_its_article_first(query: str) -> None:
    """Capitals, accents and plurals do not matter (JF-03)."""
    assert articles.search(query)[0].slug == "doublons"


def test_a_search_answers_on_the_page_and_in_the_panel(stranger: Browser) -> None:
    """Without scripts a page, with htmx the part; a word that nobody wrote finds nothing."""
    whole = stranger.get("/aide?q=quarantaine")
    part = stranger.get("/aide?q=quarantaine", hx_request="true")

    assert "Quarantaine : ce qui n’a pas pu être lu" in whole.text
    assert "<html" not in part.body
    assert "0 article pour « zyxw »" in stranger.get("/aide?q=zyxw").text
    assert "<script>x" not in stranger.get("/aide?q=%3Cscript%3Ex").body


def test_every_article_has_one_theme_and_is_linked_from_its_feature() -> None:
    """The list is read by theme; who uses a feature finds its article without searching."""
    themed = [slug for _title, slugs in articles.THEMES for slug in slugs]
    known = {one.slug for one in articles.articles()}
    assert sorted(themed) == sorted(known)  # each once, none that does not exist
    pages = "".join(
        path.read_text(encoding="utf-8")
        for path in articles.FOLDER.parent.glob("*.html")
        if path.name not in ("_help.html", "help.html")
    )
    linked = {"premiers-pas"} if "/guide" in pages else set()  # « Guide de démarrage » leads there
    linked |= {one for one in known if re.search(rf"/aide/{one}['\"#]", pages)}
    assert sorted(known - linked) == []


def test_the_list_is_grouped_by_theme_and_a_search_is_not(stranger: Browser) -> None:
    """Titles of themes with their articles; a search gives the best answers first, flat."""
    page = stranger.get("/aide").page
    titles = [one.text_content() for one in page.xpath("//section/h2[@class='theme']")]
    assert titles == [title for title, _slugs in articles.THEMES]
    decide = page.xpath("//section[h2='Contrôler et décider']//ul[@class='articles']//a/@href")
    assert "/aide/doublons" in decide
    found = stranger.get("/aide?q=doublon").page
    assert not found.xpath("//h2[@class='theme']")
    assert found.xpath("//ul[@class='articles']//a/@href")[0] == "/aide/doublons"


def test_the_assistance_button_is_on_every_page(stranger: Browser, manager: Browser) -> None:
    """A link that works without scripts, and the panel it becomes with them."""
    for reply in (stranger.get("/connexion"), manager.get("/"), manager.get("/achats")):
        button = reply.one("//a[@id='assistance-button']")
        assert button.text_content().strip() == "Assistance"
        assert button.get("href") == "/aide"
        assert reply.page.xpath("//*[@id='assistance-body']/@data-src") == ["/aide"]


def test_the_operators_contact_is_shown(stranger: Browser) -> None:
    """The e-mail and the phone of the settings (JF-04)."""
    reply = stranger.get("/aide")

    assert reply.page.xpath("//a[@href='mailto:aide@facteur.test']")
    assert "01 23 45 67 89" in reply.text


def test_an_unknown_article_does_not_exist() -> None:
    """Nor does anything outside the folder, nor a part that is no article."""
    for slug in ("inconnu", "../layout", "_accessibilite", ""):
        with pytest.raises(NotFoundError):
            articles.article(slug)


def test_the_accessibility_statement_is_public(stranger: Browser) -> None:
    """Its state, what is missing, whom to write to."""
    reply = stranger.get("/accessibilite")

    assert "partiellement conformes" in reply.text
    assert "Défenseur des droits" in reply.text


def test_static_files_are_cached_for_a_year(stranger: Browser, tmp_path: Path) -> None:
    """Under their content hash, with the right type; nothing else of the disk is served."""
    (tmp_path / "0123456789ab").mkdir()
    (tmp_path / "0123456789ab" / "facteur.css").write_text("body{}")
    (tmp_path / "secret.txt").write_text("secret")
    site = stranger.site()
    stranger.site = lambda: type(site)(  # type: ignore[method-assign]
        context=site.context,
        site_url=site.site_url,
        static_path=site.static_path,
        static_folder=str(tmp_path),
    )
    stranger.__post_init__()
    reply = stranger.get("/static/0123456789ab/facteur.css")

    assert (200, "body{}") == (reply.status, reply.body)
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["content-type"] == "text/css; charset=utf-8"
    for path in ("/static/0123456789ab/absent.css", "/static/%2e%2e/secret.txt",
                 "/static/0123456789ab/..%2fsecret.txt", "/static/./secret.txt",
                 "/static/../secret.txt"):  # fmt: skip
        refused = stranger.get(path)
        assert (404, False) == (refused.status, "secret" in refused.body), path


def test_the_top_bar_of_a_phone_opens_the_assistance(manager: Browser) -> None:
    """Scripts find it by what it opens; without them it leads to the help."""
    button = manager.get("/").one("//header[@class='topbar']//a[@data-panel='assistance']")
    assert ("assistance-top", "/aide") == (button.get("id"), button.get("href"))
    assert ["Assistance"] == button.xpath("./svg/@aria-label")
