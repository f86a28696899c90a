"""Textract as a witness: asked, after the words, what it found by itself (decision 0276).

``hear`` asks about one page image at once, ``collect`` about a stored file by jobs, started with
tokens of their own and asked for at each visit until they end. AnalyzeDocument gives tables and
forms; AnalyzeExpense, documented for English alone, is asked on pages whose words are English.

Nothing here raises: whatever goes wrong (access denied, throttling, a job that fails or lasts, an
answer that makes no sense) is ``Finds.silent`` on every page, and the log's.
Sources: https://docs.aws.amazon.com/textract/latest/APIReference/API_AnalyzeDocument.html,
API_AnalyzeExpense, API_StartDocumentAnalysis, API_StartExpenseAnalysis (same place);
https://aws.amazon.com/textract/pricing/
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from facteur.adapters.aws import textract_expenses, textract_finds
from facteur.adapters.aws.failures import THEIRS, code_of
from facteur.adapters.aws.textract_sieve import ENGINE, UnreadableAnswer, listed
from facteur.domain import languages
from facteur.domain.errors import FacteurError
from facteur.domain.pages import Finds, PageSet

log = logging.getLogger(__name__)

#: What AnalyzeDocument is asked for, by the word of the setting; "all" adds expenses.
_FEATURES: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "tables": ("TABLES",),
    "forms": ("TABLES", "FORMS"),
    "all": ("TABLES", "FORMS"),
}
WITNESSES = tuple(_FEATURES)
MAX_PAGES = 20  # of a file: every page is paid for, and a longer file is hardly an invoice
_MAX_ANSWERS = 200  # of one job

Call = Callable[..., dict[str, Any]]
Part = Callable[[], Mapping[int, Finds] | None]


class Silence(Exception):  # noqa: N818 - says what it is
    """The witness says nothing, and why."""


class Witness:
    """Asks Textract for its own finds, as the setting wants."""

    def __init__(self, call: Call, asked: str) -> None:
        """``call`` makes one request, by its operation's name; ``asked`` is one of WITNESSES."""
        self._call = call
        self._features = list(_FEATURES[asked])
        self._expenses = asked == "all"

    def hear(self, words: PageSet, image: bytes) -> PageSet:
        """The page of an image with what Textract found on it; the words as they are."""
        if not self._asks(words):
            return words
        document = {"Bytes": image}
        number = words.pages[0].number

        def analysis() -> Mapping[int, Finds]:
            features = self._features
            seen = self._request("analyze_document", Document=document, FeatureTypes=features)
            found = textract_finds.of_analysis(seen.get("Blocks", []))
            return {number: found[1]} if 1 in found else {}

        def expense() -> Mapping[int, Finds]:
            seen = self._request("analyze_expense", Document=document)
            found = textract_expenses.of_expense(seen.get("ExpenseDocuments", []))
            return {number: found[1]} if 1 in found else {}

        return _told(words, [analysis, expense] if self._english(words) else [analysis])[0]

    def collect(
        self, words: PageSet, asked: Callable[[str], dict[str, object]], *, patient: bool
    ) -> PageSet | None:
        """The pages of a file with what Textract found; None while its jobs run, when patient.

        ``asked`` gives the arguments that name the file, and a token of their own, to a job.
        """
        if not self._asks(words):
            return words

        def analysis() -> Mapping[int, Finds] | None:
            place, features = asked("\nanalysis"), self._features
            blocks = self._job("document_analysis", "Blocks", place, FeatureTypes=features)
            return None if blocks is None else textract_finds.of_analysis(blocks)

        def expense() -> Mapping[int, Finds] | None:
            documents = self._job("expense_analysis", "ExpenseDocuments", asked("\nexpense"))
            return None if documents is None else textract_expenses.of_expense(documents)

        told, busy = _told(words, [analysis, expense] if self._english(words) else [analysis])
        return None if busy and patient else told

    def _asks(self, words: PageSet) -> bool:
        """Whether asking is worth its price: a page with words, of a file that is not long."""
        if not self._features or not words.has_text:
            return False
        return max(words.total, words.pages[-1].number) <= MAX_PAGES

    def _english(self, words: PageSet) -> bool:
        return self._expenses and languages.english(
            word.text for page in words.pages for word in page.words
        )

    def _request(self, operation: str, **arguments: object) -> dict[str, Any]:
        """One request; Silence with the reason when it fails, whatever the failure."""
        try:
            return self._call(operation, **arguments)
        except FacteurError as error:
            raise Silence(str(error.values.get("reason", error.code))) from error
        except THEIRS as error:
            raise Silence(code_of(error) or type(error).__name__) from error

    def _job(
        self, name: str, held: str, place: dict[str, object], **arguments: object
    ) -> list[Any] | None:
        """What a job found, None while it runs. Starting it again gives the same job."""
        job = str(self._request(f"start_{name}", **place, **arguments).get("JobId", ""))
        found: list[Any] = []
        token = ""
        for _ in range(_MAX_ANSWERS):
            more = {"NextToken": token} if token else {}
            answer = self._request(f"get_{name}", JobId=job, **more)
            status = answer.get("JobStatus")
            if status == "IN_PROGRESS":
                return None
            if status not in ("SUCCEEDED", "PARTIAL_SUCCESS"):
                raise Silence(str(answer.get("StatusMessage") or status))
            found += listed(answer, held)
            token = str(answer.get("NextToken") or "")
            if not token:
                break
        return found


def _told(words: PageSet, parts: Sequence[Part]) -> tuple[PageSet, bool]:
    """The pages with what each part of the witness says of them, and whether one is still busy.

    A part that fails, or is not ready, is silent; the others are heard.
    """
    said: dict[int, Finds | None] = {page.number: None for page in words.pages}
    busy = False
    for part in parts:
        try:
            found = part()
        except (Silence, UnreadableAnswer) as error:
            reason = str(error)[:100] or "?"
            log.warning("Textract as a witness is silent: %s", reason)
            found = {number: Finds(engine=ENGINE, silent=reason) for number in said}
        if found is None:
            busy = True
            found = {number: Finds(engine=ENGINE, silent="IN_PROGRESS") for number in said}
        said = {
            number: textract_finds.together(known, found.get(number))
            for number, known in said.items()
        }
    pages = tuple(
        replace(page, finds=textract_finds.upright(finds, page.turn))
        if (finds := said[page.number]) is not None
        else page
        for page in words.pages
    )
    return replace(words, pages=pages), busy
