"""Assistance: the help, the accessibility statement; and the static files in the cloud.

All public: one may need help to sign in. Without JavaScript the Assistance button opens these
pages; with it, the same part opens in a panel and the page keeps its state.
"""

import re
from pathlib import Path

from facteur.domain.errors import NotFoundError
from facteur.web import help as articles
from facteur.web.answers import Answer
from facteur.web.site import page
from facteur.web.visit import Visit

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@page("/aide", permission=None)
def help_home(visit: Visit) -> Answer:
    """The articles by theme, or those that answer a search."""
    query = visit.query("q")[:100].strip()
    return visit.page(
        "help.html",
        part="_help.html",
        query=query,
        articles=articles.search(query) if query else (),
        themes=() if query else articles.themes(),
        article=None,
    )


@page("/aide/{slug}", permission=None)
def help_article(visit: Visit, slug: str) -> Answer:
    """One article."""
    return visit.page(
        "help.html",
        part="_help.html",
        query="",
        articles=(),
        article=articles.article(slug),
        limits=visit.context.limits,
        inbound_domain=visit.context.inbound_domain,
        endpoint=visit.site.url("/api/v1/documents"),
        retention=retention(visit.context.retention_days),
    )


@page("/accessibilite", permission=None)
def accessibility(visit: Visit) -> Answer:
    """The accessibility statement (RGAA 4.1.2, declaration)."""
    return visit.page("accessibility.html")


def retention(days: int) -> str:
    """How long archives are kept, in words."""
    years = round(days / 365.25)
    return f"{years} ans" if days >= 365 else f"{days} jour{'s' if days > 1 else ''}"


@page("/static/{folder}/{name}", permission=None)
def static_file(visit: Visit, folder: str, name: str) -> Answer:
    """A static file by its content hash, cached for a year (a local server may serve it first)."""
    suffix = Path(name).suffix
    if not (_NAME.fullmatch(folder) and _NAME.fullmatch(name) and suffix in _TYPES):
        raise NotFoundError("page.unknown", page=name)
    path = Path(visit.site.static_folder) / folder / name
    if not visit.site.static_folder or not path.is_file():
        raise NotFoundError("page.unknown", page=name)
    return Answer(
        body=path.read_bytes() if suffix == ".png" else path.read_text(encoding="utf-8"),
        media_type=_TYPES[suffix],
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "Vary": "Accept-Encoding",
        },
    )
