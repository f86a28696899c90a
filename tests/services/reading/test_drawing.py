"""Page images are drawn beside the road: never waited for, never in the way."""

from dataclasses import replace

from facteur.domain.commands import CheckInvoice, DrawPages, IndexWords, Scheduled
from facteur.domain.documents import Document, State
from facteur.domain.errors import UnreadableError
from facteur.services.finding import queries
from facteur.services.reading import drawing
from facteur.services.run import run, run_scheduled

from tests.services.test_what_goes_wrong import Instead, raising
from tests.services.world import World, xml


def read_only(world: World) -> tuple[Document, dict[type, Scheduled]]:
    """A document that was just read; what waits in the queue, by kind."""
    run(world.mail(("f.xml", xml("F1"))), world.context)
    run_scheduled(world.queue.sent.pop(), world.context)
    waiting = {type(one.command): one for one in world.queue.sent}
    world.queue.sent.clear()
    (document,) = world.documents()
    return document, waiting


def view(world: World, document: Document) -> queries.DocumentView:
    return queries.document(world.caller, document.id, world.context)


def test_a_document_waits_for_a_person_before_its_pages_are_drawn(world: World) -> None:
    """Rules first: à accepter without image, which the page says is coming; then it is there."""
    document, waiting = read_only(world)
    run_scheduled(waiting[CheckInvoice], world.context)

    assert State.TO_ACCEPT is world.document(document.id).state
    before = view(world, document)
    assert ((), True) == (before.page_links, before.drawing)

    run_scheduled(waiting[DrawPages], world.context)
    after = view(world, document)
    assert (1, False) == (len(after.page_links), after.drawing)


def test_drawing_leaves_the_version_that_a_person_looks_at(world: World) -> None:
    """Somebody decides while pages are drawn: the drawing must not make the decision stale."""
    document, waiting = read_only(world)
    run_scheduled(waiting[DrawPages], world.context)
    assert document.version == world.document(document.id).version


def test_the_image_shows_the_page_that_was_received(world: World) -> None:
    """Data alone are shown as the page that was drawn from them; drawn twice, they still are."""
    document, waiting = read_only(world)
    run_scheduled(waiting[DrawPages], world.context)
    images = drawing.page_images(document, world.context)
    assert images is not None
    assert b"image of %PDF factur-x" in world.context.blobs.get(images[0])

    run(waiting[DrawPages].command, world.context)
    again = drawing.page_images(document, world.context)
    assert again is not None
    assert [one.sha256 for one in images] == [one.sha256 for one in again]


def test_a_page_that_cannot_be_drawn_stops_nothing(world: World) -> None:
    """No image, nothing to wait for, and the document goes its way."""
    broken = Instead(world.pdf, images=raising(UnreadableError("unreadable.memory")))
    world.with_(pdf=broken)
    (document,) = world.receive(("f.xml", xml("F1")))

    assert State.TO_ACCEPT is document.state
    shown = view(world, document)
    assert ((), False) == (shown.page_links, shown.drawing)


def test_a_drawing_that_kills_its_function_is_given_up(world: World) -> None:
    """The last delivery draws nothing more, and says that no image comes."""
    document, waiting = read_only(world)
    world.with_(pdf=Instead(world.pdf, images=raising(AssertionError("drawn again"))))
    run_scheduled(waiting[DrawPages], world.context, last=True)

    assert () == drawing.page_images(document, world.context)
    assert State.READ is world.document(document.id).state


def test_a_drawing_that_never_ran_is_not_promised_for_ever(world: World) -> None:
    """After a quarter of an hour the page stops to ask."""
    document, _waiting = read_only(world)
    assert view(world, document).drawing
    world.clock.pass_(minutes=16)
    assert not view(world, document).drawing


def test_the_rules_are_asked_before_the_pages_are_drawn(world: World) -> None:
    """In the function that reads: what another one runs is sent first, so that both work."""
    asked: list[type] = []

    def images(*_arguments: object, **_named: object) -> tuple[bytes, ...]:
        asked.extend(type(one.command) for one in world.queue.sent)
        return (b"image",)

    run(world.mail(("f.xml", xml("F1"))), world.context)
    reading = world.queue.sent.pop()
    pipeline = replace(
        world.context,
        here=frozenset({DrawPages, IndexWords}),
        pdf=Instead(world.pdf, images=images),
    )
    run_scheduled(reading, pipeline)
    assert [CheckInvoice] == asked
