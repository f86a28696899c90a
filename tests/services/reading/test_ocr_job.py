"""A scan of several pages in the cloud: a Textract job, collected through the agenda."""

from dataclasses import replace

from facteur.adapters.aws.ocr_textract import TextractOcr
from facteur.domain.commands import CollectOcr
from facteur.domain.documents import State
from facteur.services import run as commands

from tests import samples
from tests.adapters.test_ocr_textract import FakeTextract, recorded
from tests.services.reading.test_photos import ThreePages
from tests.services.world import World

WAIT = 30.0  # seconds between two questions


def test_a_job_is_started_asked_after_and_collected(world: World) -> None:
    """Recorded answers, in Textract's own shape: running twice, then the words in two parts."""
    running = {"JobStatus": "IN_PROGRESS", "ResponseMetadata": {}}
    textract = FakeTextract(
        {"JobId": "job-1"}, running, running, recorded("job_first"), recorded("job_second")
    )
    world.with_(pdf=ThreePages(), ocr=TextractOcr(textract, "archive"))
    now = world.context.clock.now()
    commands.run(world.mail(("scan.tif", samples.tiff(2))), world.context)
    waits = []
    while world.queue.sent:
        scheduled = world.queue.sent.pop(0)
        if isinstance(scheduled.command, CollectOcr):
            waits.append((scheduled.due - now).total_seconds())
        commands.run_scheduled(scheduled, world.context)
    (document,) = world.documents()

    assert [operation for operation, _ in textract.asked] == [
        "start_document_text_detection",
        *["get_document_text_detection"] * 4,
    ]
    assert textract.asked[0][1]["DocumentLocation"]["S3Object"] == {
        "Bucket": "archive",
        "Name": document.files["original"].key,
        "Version": document.files["original"].version_id,
    }
    assert document.state is State.TO_CHECK
    assert document.summary.number == "FA-2026-0042"
    assert waits == [WAIT] * 3


def test_a_scan_of_more_pages_than_ocr_may_read_is_no_job(world: World) -> None:
    """A job reads, and bills, the whole file: beyond the limit pages are read one by one, then
    what was left is said."""
    textract = FakeTextract(*[recorded("detect_one_page")] * 2)
    world.with_(
        pdf=ThreePages(),
        ocr=TextractOcr(textract, "archive"),
        limits=replace(world.context.limits, ocr_pages=2),
    )
    (document,) = world.receive(("scan.tif", samples.tiff(3)))

    assert [operation for operation, _ in textract.asked] == ["detect_document_text"] * 2
    (left,) = [one for one in document.faults if one.code == "pages.left_unread"]
    assert dict(left.values) == {"read": "2", "total": "3"}
