"""The help: French articles (``templates/aide/*.html``), listed by theme and searched by words.

An article is a small template: its title is the ``<h2>``, its summary the first paragraph. A file
whose name starts with "_" is no article. The search ignores accents and capitals, and asks that
every word be found; a word of the title weighs more than one of the text.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path

from facteur.domain.errors import NotFoundError

FOLDER = Path(__file__).parent / "templates" / "aide"

_TITLE = re.compile(r"<h2[^>]*>(.*?)</h2>", re.DOTALL)
_SUMMARY = re.compile(r"<p[^>]*>(.*?)</p>", re.DOTALL)
_TAGS = re.compile(r"<[^>]+>|\{[{%#].*?[%#}]\}", re.DOTALL)
_WORDS = re.compile(r"[a-z0-9]+")

#: The themes of the list and their articles, in order; a test proves that each article has one.
THEMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Commencer", ("premiers-pas", "inscription", "raccourcis")),
    (
        "Recevoir les factures",
        (
            "adresses-e-mail",
            "formats-acceptes",
            "photo",
            "boites-relevees",
            "boites-gmail-outlook",
            "decouper",
        ),
    ),
    (
        "Contrôler et décider",
        (
            "a-controler",
            "doublons",
            "iban",
            "apprentissage",
            "approuver-la-reception",
            "approbateur-exterieur",
            "refuser",
            "quarantaine",
            "corbeille",
        ),
    ),
    (
        "Ventes, plateforme agréée et statuts",
        (
            "ventes",
            "plateforme-agreee",
            "changer-de-plateforme",
            "envoyer-par-la-plateforme",
            "statuts",
            "paiements",
            "e-reporting",
            "autofacturation",
        ),
    ),
    (
        "Retrouver, archiver, exporter",
        (
            "rechercher",
            "listes",
            "archivage",
            "factur-x",
            "exports-comptables",
            "transmission-automatique",
            "kit-de-sortie",
        ),
    ),
    ("Clients et fournisseurs", ("clients-fournisseurs", "importer-des-fiches")),
    ("Dossier, équipe et cabinet", ("membres", "roles", "cabinet", "notifications", "journal")),
    (
        "Votre compte",
        ("connexion", "cles-d-acces", "codes-de-secours", "fournisseur-d-identite"),
    ),
    ("Pour vos logiciels", ("api", "agents")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article of the help."""

    slug: str
    title: str
    summary: str
    text: str  # without tags, accents and capitals: what the search reads

    @property
    def template(self) -> str:
        """The template that holds it."""
        return f"aide/{self.slug}.html"


@cache
def articles() -> tuple[Article, ...]:
    """Every article, theme after theme; one without a theme comes last."""
    found = [
        _article(path) for path in sorted(FOLDER.glob("*.html")) if not path.stem.startswith("_")
    ]
    order = [slug for _title, slugs in THEMES for slug in slugs]
    place = {slug: at for at, slug in enumerate(order)}
    return tuple(
        sorted(found, key=lambda one: (place.get(one.slug, len(order)), plain(one.title)))
    )


def themes() -> tuple[tuple[str, tuple[Article, ...]], ...]:
    """The articles by theme, each theme with its title."""
    found = {one.slug: one for one in articles()}
    held = [
        (title, tuple(found[slug] for slug in slugs if slug in found)) for title, slugs in THEMES
    ]
    placed = {slug for _title, slugs in THEMES for slug in slugs}
    left = tuple(one for one in articles() if one.slug not in placed)
    return tuple((title, some) for title, some in (*held, ("Autres articles", left)) if some)


def article(slug: str) -> Article:
    """One article; NotFoundError."""
    for one in articles():
        if one.slug == slug:
            return one
    raise NotFoundError("page.unknown", page=slug)


def search(query: str) -> Sequence[Article]:
    """The articles that hold every word of the query, best first; all of them for no word."""
    words = [one.rstrip("s") or one for one in _WORDS.findall(plain(query))]
    if not words:
        return articles()
    scored = [(_score(one, words), one) for one in articles()]
    return [one for score, one in sorted(scored, key=lambda pair: -pair[0]) if score]


def plain(text: str) -> str:
    """Lower case, without accents."""
    flat = unicodedata.normalize("NFKD", text.lower())
    return "".join(one for one in flat if not unicodedata.combining(one))


def _score(one: Article, words: Sequence[str]) -> int:
    title = plain(one.title)
    if not all(word in one.text for word in words):
        return 0
    return sum(min(one.text.count(word), 5) + 10 * (word in title) for word in words)


def _article(path: Path) -> Article:
    source = path.read_text(encoding="utf-8")
    title, summary = _TITLE.search(source), _SUMMARY.search(source)
    return Article(
        slug=path.stem,
        title=_text(title.group(1)) if title else path.stem,
        summary=_text(summary.group(1)) if summary else "",
        text=plain(_text(source)),
    )


def _text(source: str) -> str:
    return " ".join(unescape(_TAGS.sub(" ", source)).split())
