"""Tests of Textract's adapter on recorded responses in Textract's own shape."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from facteur.adapters.aws.ocr_textract import TextractOcr
from facteur.domain.documents import StoredFile
from facteur.domain.errors import UnavailableError, UnreadableError

from tests import samples

RECORDED = Path(__file__).resolve().parents[1] / "golden" / "textract"
FILE = StoredFile(
    key="acme/doc1/original", version_id="v7", sha256="0" * 64, size=10,
    media_type="application/pdf", filename="scan.pdf",
)  # fmt: skip


def recorded(name: str) -> dict[str, Any]:
    """A recorded response."""
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))


class FakeTextract:
    """Answers what it was given, in order, and remembers what it was asked."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> dict[str, Any]:
            self.asked.append((operation, arguments))
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return copy.deepcopy(answer)

        return call


def _ocr(*answers: dict[str, Any] | Exception) -> tuple[TextractOcr, FakeTextract]:
    fake = FakeTextract(*answers)
    return TextractOcr(fake, "archive"), fake


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "DetectDocumentText")


EXPECTED = [word for line in samples.INVOICE for word in line.text.split()]


def test_one_page_is_read_at_once():
    """Every word with its box and its confidence, in reading order, under the page's number."""
    ocr, fake = _ocr(recorded("detect_one_page"))
    image = samples.photo(dpi=40)
    result = ocr.read(image, page=4)
    assert fake.asked == [("detect_document_text", {"Document": {"Bytes": image}})]
    assert (result.origin, result.total) == ("ocr:textract", 1)
    (page,) = result.pages
    assert (page.number, page.turn) == (4, 0)
    assert sorted(word.text for word in page.words) == sorted(EXPECTED)
    assert [word.text for word in page.words[:4]] == ["Menuiserie", "Kervella", "SARL", "FACTURE"]
    assert page.words[0].confidence == pytest.approx(0.90, abs=0.001)
    assert page.words[0].box.left == pytest.approx(0.084, abs=0.001)
    assert page.height > page.width > 300  # the image's own proportions


def test_a_sheet_on_its_side_comes_upright():
    """Textract reads turned text but leaves the boxes as scanned: the outlines tell the turn."""
    upright = _ocr(recorded("detect_one_page"))[0].read(samples.photo(dpi=40)).pages[0]
    page = _ocr(recorded("detect_sideways"))[0].read(samples.photo(dpi=40)).pages[0]
    assert page.turn == 3
    assert [word.text for word in page.words] == [word.text for word in upright.words]
    for one, other in zip(page.words, upright.words, strict=True):
        assert one.box.left == pytest.approx(other.box.left, abs=1e-4)
        assert one.box.top == pytest.approx(other.box.top, abs=1e-4)


def test_a_page_without_blocks_is_an_empty_page():
    """textractor refuses a response without a PAGE block; an empty page is no error."""
    empty = {**recorded("detect_one_page"), "Blocks": []}
    page = _ocr(empty)[0].read(samples.photo(dpi=40)).pages[0]
    assert page.words == ()
    bare = recorded("detect_one_page")
    bare["Blocks"] = bare["Blocks"][:1]
    del bare["Blocks"][0]["Relationships"]
    assert _ocr(bare)[0].read(samples.photo(dpi=40)).pages[0].words == ()


def test_a_job_is_started_once_per_version():
    """The version that is locked is the one read; the same file has the same token."""
    ocr, fake = _ocr({"JobId": "job-1"}, {"JobId": "job-1"}, {"JobId": "job-2"})
    assert ocr.start(FILE) == "job-1"
    assert ocr.start(FILE) == "job-1"
    other = StoredFile(
        key=FILE.key, version_id="v8", sha256="1" * 64, size=10, media_type="image/tiff"
    )
    assert ocr.start(other) == "job-2"
    operations = {operation for operation, _ in fake.asked}
    arguments = [one for _, one in fake.asked]
    assert operations == {"start_document_text_detection"}
    assert arguments[0]["DocumentLocation"] == {
        "S3Object": {"Bucket": "archive", "Name": "acme/doc1/original", "Version": "v7"}
    }
    tokens = [one["ClientRequestToken"] for one in arguments]
    assert tokens[0] == tokens[1] != tokens[2]
    assert all(len(token) <= 64 for token in tokens)


def test_other_files_have_no_job():
    """What Textract's jobs do not take is read page by page."""
    ocr, fake = _ocr()
    heic = StoredFile(key="k", version_id="v", sha256="0", size=1, media_type="image/heic")
    assert ocr.start(heic) is None
    assert fake.asked == []


def test_a_running_job_has_no_result_yet():
    """The agenda asks again later."""
    ocr, _ = _ocr({"JobStatus": "IN_PROGRESS", "ResponseMetadata": {}})
    assert ocr.collect("job-1", FILE) is None


@pytest.mark.parametrize("status", ["SUCCEEDED", "PARTIAL_SUCCESS"])
def test_a_finished_job_is_collected_answer_by_answer(status):
    """Blocks come in several answers, cut anywhere; the pages are put together again."""
    first, second = recorded("job_first"), recorded("job_second")
    first["JobStatus"] = second["JobStatus"] = status
    ocr, fake = _ocr(first, second)
    result = ocr.collect("job-1", FILE)
    assert [arguments for _, arguments in fake.asked] == [
        {"JobId": "job-1"},
        {"JobId": "job-1", "NextToken": "token-2"},
    ]
    assert result is not None
    assert [page.number for page in result.pages] == [1, 2]
    assert result.total == 2
    for page in result.pages:
        assert sorted(word.text for word in page.words) == sorted(EXPECTED)


def test_pages_that_were_left_unread_are_counted():
    """Textract's own count of pages stays the total."""
    answer = {**recorded("detect_one_page"), "JobStatus": "PARTIAL_SUCCESS"}
    answer["DocumentMetadata"] = {"Pages": 7}
    result = _ocr(answer)[0].collect("job-1", FILE)
    assert result is not None
    assert (len(result.pages), result.total) == (1, 7)


def test_a_failed_job_is_a_refusal():
    """Quarantine, with Textract's words for the log."""
    ocr, _ = _ocr({"JobStatus": "FAILED", "StatusMessage": "INVALID_IMAGE_TYPE"})
    with pytest.raises(UnreadableError) as caught:
        ocr.collect("job-1", FILE)
    assert caught.value.code == "unreadable.ocr_failed"
    assert caught.value.values == {"reason": "INVALID_IMAGE_TYPE"}


@pytest.mark.parametrize(
    "error",
    [
        _error("ThrottlingException"),
        _error("ProvisionedThroughputExceededException"),
        _error("LimitExceededException"),
        _error("InternalServerError"),
        EndpointConnectionError(endpoint_url="https://textract"),
    ],
    ids=lambda error: str(error)[:60],
)
def test_what_may_pass_is_tried_again(error):
    """Throttling and broken lines: the queue's business."""
    with pytest.raises(UnavailableError):
        _ocr(error)[0].read(samples.photo(dpi=40))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("BadDocumentException", "unreadable.damaged"),
        ("UnsupportedDocumentException", "unreadable.unknown_type"),
        ("DocumentTooLargeException", "unreadable.too_large"),
        ("InvalidJobIdException", "unreadable.ocr_failed"),
    ],
)
def test_what_will_not_pass_is_refused(code, expected):
    """The document's own fault, said so."""
    with pytest.raises(UnreadableError) as caught:
        _ocr(_error(code))[0].collect("job-1", FILE)
    assert caught.value.code == expected


def test_a_wrong_installation_is_not_dressed_up():
    """A denied access is for the dead letters and the alarm, not for the customer."""
    with pytest.raises(ClientError):
        _ocr(_error("AccessDeniedException"))[0].read(samples.photo(dpi=40))


@pytest.mark.parametrize(
    ("image", "code"),
    [(b"", "unreadable.empty"), (b"x" * (10 * 1024 * 1024 + 1), "unreadable.too_large")],
    ids=["empty", "too large"],
)
def test_what_textract_would_refuse_is_not_sent(image, code):
    """Its limits are known: no call is paid for nothing."""
    ocr, fake = _ocr()
    with pytest.raises(UnreadableError) as caught:
        ocr.read(image)
    assert caught.value.code == code
    assert fake.asked == []


def test_odd_words_do_no_harm():
    """Boxes beyond the page, empty texts, missing outlines: clipped, dropped, upright."""
    response = recorded("detect_one_page")
    words = [block for block in response["Blocks"] if block["BlockType"] == "WORD"]
    words[0]["Geometry"]["BoundingBox"].update(Left=-0.1, Width=0.2)
    words[1]["Text"] = ""
    words[2]["Geometry"]["Polygon"] = []
    words[3]["Geometry"]["BoundingBox"]["Width"] = 0.0
    page = _ocr(response)[0].read(b"not an image, sent as it is").pages[0]
    assert len(page.words) == len(words) - 2
    assert min(word.box.left for word in page.words) == 0.0
    assert (page.width, page.height) == (595.0, 842.0)
