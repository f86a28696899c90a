"""« Rechercher »: everything in the dossier by its words, and the views that a person saved."""

from facteur.services.finding import searching
from facteur.web.answers import Answer
from facteur.web.showing import present
from facteur.web.site import page
from facteur.web.visit import Visit

_LONGEST = 200


@page("/recherche")
def search(visit: Visit) -> Answer:
    """The documents that have every word asked for, purchases and sales together."""
    text = visit.query("q")[:_LONGEST]
    after = visit.query("apres")
    found = searching.search(visit.caller, text, after, visit.context)
    return visit.page(
        "search.html",
        searched=text,
        found=found,
        after=after,
        folder_of=present.folder,
    )
