"""A page whose image is still being drawn says so, and shows it as soon as it is there."""

from facteur.domain.commands import DrawPages
from facteur.services.run import run, run_scheduled

from tests.services.world import xml
from tests.web.browser import Browser


def test_a_page_opened_before_its_image_asks_again_until_it_is_there(manager: Browser) -> None:
    """htmx asks for the same place a second later; without it a link does; then both stop."""
    world = manager.world
    run(world.mail(("f.xml", xml("F1"))), world.context)
    run_scheduled(world.queue.sent.pop(), world.context)
    (document,) = world.documents()

    page = manager.get(f"/factures/{document.id}")
    assert "La page s’affiche dans un instant." in page.text
    assert 'hx-trigger="load delay:1s"' in page.body
    window = manager.get(f"/factures/{document.id}/page")
    assert f'/factures/{document.id}/page" hx-trigger' in window.body

    (draw,) = (one for one in world.queue.sent if isinstance(one.command, DrawPages))
    run_scheduled(draw, world.context)
    page = manager.get(f"/factures/{document.id}")
    assert 'alt="Page 1 sur 1"' in page.body
    assert "dans un instant" not in page.text
