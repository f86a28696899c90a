"""Hostile PDFs: an answer within seconds, memory bounded, and the next document is served."""

import resource
import time

import pytest
from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.errors import UnreadableError

from tests import samples
from tests.adapters.pdf.conftest import corpus

SECONDS = 30.0  # for a read and a drawing on a busy machine; they take two when it is quiet
MEGABYTE = 1024 * 1024
CODES = {
    "unreadable.bomb",
    "unreadable.damaged",
    "unreadable.empty",
    "unreadable.encrypted",
    "unreadable.memory",
    "unreadable.not_pdf",
    "unreadable.timeout",
    "unreadable.too_many_pages",
}


def _answer(pdf: ChildPdf, data: bytes) -> str:
    """What reading and drawing gave: "read" or the code of the refusal."""
    started = time.monotonic()
    try:
        content = pdf.read(data)
        if content.info.pages:
            pdf.images(data, dpi=110, last=1)
        answer = "read"
    except UnreadableError as error:
        answer = error.code
    assert time.monotonic() - started < SECONDS
    return answer


def _still_serving(pdf: ChildPdf) -> bool:
    return pdf.read(samples.text_pdf()).pages.has_text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (samples.form_loop(), {"unreadable.memory", "unreadable.timeout"}),
        (samples.content_bomb(), {"unreadable.memory"}),
        (samples.attachment_bomb(), {"unreadable.bomb"}),
        (samples.text_pdf(size=(200_000, 200_000)), {"read"}),
        (samples.text_pdf((), pages=2000), {"unreadable.too_many_pages"}),
    ],
    ids=["form loop", "content bomb", "attachment bomb", "huge page", "2,000 pages"],
)
def test_a_hostile_file_is_answered(pdf, data, expected):
    """Our own small bombs: refused or read, never a crash, and the next document is read."""
    assert _answer(pdf, data) in expected
    assert _still_serving(pdf)


def test_every_hostile_file_of_the_corpus_is_answered(pdf):
    """Each gets a result or a clear refusal, and the children stay under their ceiling."""
    files = corpus("robustness")
    if not files:
        pytest.skip("the shared corpus is not here")
    before = _largest_child()  # of the tests that ran before in this process: OCR, a JVM
    answers = {path.stem: _answer(pdf, path.read_bytes()) for path in files}
    assert set(answers.values()) <= CODES | {"read"}, answers
    assert answers["form_loop"] in {"unreadable.memory", "unreadable.timeout"}
    assert answers["form_exp"] in {"unreadable.memory", "unreadable.timeout"}
    assert answers["enc_user"] == "unreadable.encrypted"
    assert answers["empty"] == "unreadable.empty"
    assert answers["bomb_attachment_1G"] == "unreadable.bomb"
    assert {answers[name] for name in ("enc_owner", "noxref", "xref_loop")} == {"read"}
    assert _still_serving(pdf)
    pdf.close()
    assert _largest_child() < max(before + 1, 900 * MEGABYTE)


def _largest_child() -> int:
    """The most memory that a child of this process, ended by now, has ever had."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
