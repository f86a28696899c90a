"""Tests of Textract as a witness: what it found, asked after the words, never in their way."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from facteur.adapters.aws import textract_expenses, textract_finds, textract_witness
from facteur.adapters.aws.ocr_textract import TextractOcr
from facteur.adapters.aws.textract_sieve import UnreadableAnswer
from facteur.bootstrap import later
from facteur.config import WITNESSES, Settings
from facteur.domain.documents import StoredFile
from facteur.domain.languages import english
from facteur.domain.pages import Page, PageSet
from facteur.domain.serial import dumps, loads
from facteur.ports import Limits

from tests import samples

RECORDED = Path(__file__).resolve().parents[1] / "golden" / "textract"
FILE = StoredFile(
    key="acme/doc1/original", version_id="v7", sha256="0" * 64, size=10,
    media_type="application/pdf", filename="scan.pdf",
)  # fmt: skip
ENGLISH = (
    "Please pay the amount due to our bank by the due date. Thank you for your order. "
    "Invoice Quantity Unit price Subtotal"
)

TOTAL = {"Text": "TOTAL", "Confidence": 98.0}


def recorded(name: str) -> dict[str, Any]:
    """A recorded response."""
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))


def in_english(response: dict[str, Any]) -> dict[str, Any]:
    """The same response whose words are English."""
    words = [block for block in response["Blocks"] if block["BlockType"] == "WORD"]
    for block, text in zip(words, ENGLISH.split() * 2, strict=False):
        block["Text"] = text
    return response


class FakeTextract:
    """Answers each operation with what it was given for it, in order, and remembers."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {
            name: list(one) if isinstance(one, list) else [one] for name, one in answers.items()
        }
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> dict[str, Any]:
            self.asked.append((operation, arguments))
            held = self.answers[operation]
            answer = held.pop(0) if len(held) > 1 else held[0]
            if isinstance(answer, Exception):
                raise answer
            return copy.deepcopy(answer)

        return call

    @property
    def operations(self) -> list[str]:
        """What was asked, in order."""
        return [name for name, _ in self.asked]


def error(code: str) -> ClientError:
    """AWS's refusal."""
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "AnalyzeDocument")


def page_of(witness: str, **answers: Any) -> tuple[Page, FakeTextract]:
    """The page read at once with a witness."""
    fake = FakeTextract(**{"detect_document_text": recorded("detect_one_page"), **answers})
    ocr = TextractOcr(fake, "archive", witness=witness)
    (page,) = ocr.read(samples.photo(dpi=40)).pages
    return page, fake


# ── What it found ───────────────────────────────────────────────────────────────────────────────


def test_tables_and_pairs_come_with_their_words_and_boxes() -> None:
    """A table's cells by row and column, heads told; each label with its value."""
    finds = textract_finds.of_analysis(recorded("analyze_one_page")["Blocks"])[1]
    (grid,) = finds.grids
    rows = [[cell.said.text for cell in grid.cells if cell.row == row] for row in (1, 2, 3)]

    assert rows == [
        ["Désignation", "Quantité", "Prix unitaire HT", "Total HT"],
        ["Porte en chêne massif", "2", "450,00 €", "900,00 €"],
        ["Pose et finition", "3", "64,00 €", "192,00 €"],
    ]
    assert [cell.head for cell in grid.cells] == [True] * 4 + [False] * 8
    assert ("Total TTC", "1 310,40 €") in [(one.key.text, one.value.text) for one in finds.pairs]
    total = next(one for one in finds.pairs if one.key.text == "Total HT")
    assert total.key.box.right < total.value.box.left
    assert total.value.confidence == pytest.approx(0.935)


def test_an_expense_s_fields_and_lines_have_our_roles() -> None:
    """Types become our words; those that say nothing of ours are left out."""
    documents = recorded("expense_one_page")["ExpenseDocuments"]
    finds = textract_expenses.of_expense(documents)[1]

    assert [(one.role, one.value.text) for one in finds.expenses] == [
        ("number", "FA-2026-0042"), ("issue_date", "14/11/2026"), ("due_date", "14/12/2026"),
        ("seller_name", "Menuiserie Kervella SARL"), ("excl", "1 092,00 €"),
        ("vat", "218,40 €"), ("incl", "1 310,40 €"),
    ]  # fmt: skip
    assert finds.expenses[0].label == "Facture n°"
    assert finds.expenses[0].value.confidence == pytest.approx(0.96)
    assert [[one.role for one in line] for line in finds.lines] == [
        ["description", "quantity", "unit_price", "net"]
    ] * 2


def test_a_merged_cell_is_one_cell() -> None:
    """Its parts become one, at its own place, with all their words."""
    response = recorded("analyze_one_page")
    merged = {
        "BlockType": "MERGED_CELL", "Id": "merged", "Confidence": 91.0, "Page": 1,
        "RowIndex": 2, "ColumnIndex": 1, "RowSpan": 2, "ColumnSpan": 1,
        "Geometry": of_kind(response["Blocks"], "TABLE")[0]["Geometry"],
        "Relationships": [{"Type": "CHILD", "Ids": ["cell-2-1-1", "cell-3-1-1"]}],
    }  # fmt: skip
    table = next(one for one in response["Blocks"] if one["BlockType"] == "TABLE")
    table["Relationships"].append({"Type": "MERGED_CELL", "Ids": ["merged"]})
    (grid,) = textract_finds.of_analysis([*response["Blocks"], merged])[1].grids
    cell = next(one for one in grid.cells if one.rows == 2)

    assert len(grid.cells) == 11
    assert cell.said.text == "Porte en chêne massif Pose et finition"


def test_what_was_found_is_stored_with_the_words() -> None:
    """A document replayed, split or learnt from hears the same witness."""
    page, _ = page_of("forms", analyze_document=recorded("analyze_one_page"))
    words = PageSet(pages=(page,), origin="ocr:textract", total=1)

    assert page.finds is not None
    assert loads(PageSet, dumps(words)) == words


# ── Asked after the words ───────────────────────────────────────────────────────────────────────


def test_nobody_is_asked_by_default() -> None:
    """One call, no witness: what it costs today."""
    page, fake = page_of("none")

    assert fake.operations == ["detect_document_text"]
    assert page.finds is None


@pytest.mark.parametrize(
    ("witness", "features"),
    [("tables", ["TABLES"]), ("forms", ["TABLES", "FORMS"]), ("all", ["TABLES", "FORMS"])],
)
def test_what_is_paid_for_is_asked_for(witness: str, features: list[str]) -> None:
    """The words first, then the features of the setting; no expense on a French page."""
    page, fake = page_of(witness, analyze_document=recorded("analyze_one_page"))

    assert fake.operations == ["detect_document_text", "analyze_document"]
    assert fake.asked[1][1]["FeatureTypes"] == features
    assert page.finds is not None
    assert page.finds.silent == ""


def test_the_settings_are_those_that_the_adapter_knows() -> None:
    """config.py refuses what is not one of them."""
    assert WITNESSES == textract_witness.WITNESSES


def test_the_setting_reaches_the_engine() -> None:
    """What an installation sets is what its function asks."""
    names = (
        "table", "ephemeral_table", "intake_bucket", "archive_bucket", "commands_queue_url",
        "checks_queue_url", "inbound_domain", "site_url", "user_pool_id", "user_pool_client_id",
    )  # fmt: skip
    fake = FakeTextract(
        detect_document_text=recorded("detect_one_page"),
        analyze_document=recorded("analyze_one_page"),
    )
    settings = Settings(**dict.fromkeys(names, "x"), ocr="textract", textract_witness="tables")
    ocr = later.ocr(settings, lambda service: fake, Limits())
    assert ocr is not None
    ocr.read(samples.photo(dpi=40))
    assert fake.asked[1][1]["FeatureTypes"] == ["TABLES"]


def test_words_are_the_same_with_a_witness_or_without() -> None:
    """It adds to them and changes none."""
    alone, _ = page_of("none")
    heard, _ = page_of("forms", analyze_document=recorded("analyze_one_page"))

    assert heard.words == alone.words
    assert (heard.turn, heard.width, heard.height) == (alone.turn, alone.width, alone.height)


def test_expenses_are_asked_of_english_pages_only() -> None:
    """AWS documents them for English alone; both finds are then on the page."""
    page, fake = page_of(
        "all",
        detect_document_text=in_english(recorded("detect_one_page")),
        analyze_document=recorded("analyze_one_page"),
        analyze_expense=recorded("expense_one_page"),
    )
    assert fake.operations == ["detect_document_text", "analyze_document", "analyze_expense"]
    assert page.finds is not None
    assert page.finds.grids
    assert page.finds.expenses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Please pay the amount due to our bank. Thank you for your order.", True),
        ("Merci de payer le montant dû avant l'échéance à notre banque", False),
        ("Bitte zahlen Sie den Betrag bis zum Datum auf unser Konto und danke", False),
        ("Invoice Facture Total Date", False),
        ("Facture / Invoice le total de la facture payment due amount the of to", False),
        ("", False),
    ],
)
def test_english_is_told_by_its_small_words(text: str, expected: bool) -> None:
    """Six of them, three times those of the neighbours: a bilingual page is not English."""
    assert english(text.split()) is expected


def test_what_a_sideways_sheet_holds_stands_upright() -> None:
    """The boxes of the finds are turned with those of the words."""
    page, _ = page_of(
        "forms",
        detect_document_text=recorded("detect_sideways"),
        analyze_document=recorded("analyze_sideways"),
    )
    upright, _ = page_of("forms", analyze_document=recorded("analyze_one_page"))
    assert page.finds is not None
    assert upright.finds is not None
    turned, straight = (
        sorted(finds.pairs, key=lambda one: one.value.text)
        for finds in (page.finds, upright.finds)
    )
    for one, other in zip(turned, straight, strict=True):
        assert one.value.text == other.value.text
        assert one.value.box.left == pytest.approx(other.value.box.left, abs=1e-4)
        assert one.value.box.top == pytest.approx(other.value.box.top, abs=1e-4)


def test_a_page_of_few_words_is_not_paid_for_twice() -> None:
    """A blank sheet, a photograph of something else: nothing to analyse."""
    bare = recorded("detect_one_page")
    bare["Blocks"] = bare["Blocks"][:1]
    del bare["Blocks"][0]["Relationships"]
    page, fake = page_of("forms", detect_document_text=bare)

    assert fake.operations == ["detect_document_text"]
    assert page.finds is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error("AccessDeniedException"), "AccessDeniedException"),
        (error("ThrottlingException"), "ThrottlingException"),
        (
            error("ProvisionedThroughputExceededException"),
            "ProvisionedThroughputExceededException",
        ),
        (error("BadDocumentException"), "BadDocumentException"),
        (error("SomethingNew"), "SomethingNew"),
        (EndpointConnectionError(endpoint_url="https://textract"), "EndpointConnectionError"),
        ({"Blocks": "none"}, "str"),
    ],
    ids=lambda one: str(one)[:60],
)
def test_a_witness_that_fails_stops_nothing(answer: Any, reason: str) -> None:
    """The words are there, and the page says why the witness is not."""
    page, _ = page_of("forms", analyze_document=answer)

    assert len(page.words) > 20
    assert page.finds is not None
    assert page.finds.silent == reason
    assert (page.finds.grids, page.finds.pairs) == ((), ())


def test_an_expense_that_is_refused_leaves_the_tables() -> None:
    """Each call fails alone."""
    page, _ = page_of(
        "all",
        detect_document_text=in_english(recorded("detect_one_page")),
        analyze_document=recorded("analyze_one_page"),
        analyze_expense=error("AccessDeniedException"),
    )
    assert page.finds is not None
    assert page.finds.grids
    assert page.finds.silent == "AccessDeniedException"


# ── Jobs ────────────────────────────────────────────────────────────────────────────────────────


def job_of(witness: str = "forms", **answers: Any) -> tuple[TextractOcr, FakeTextract]:
    """Textract with a job whose words are there."""
    done = [recorded("job_first"), recorded("job_second")]
    fake = FakeTextract(
        **{"get_document_text_detection": done * 3, "start_document_analysis": {"JobId": "a-1"},
           **answers}
    )  # fmt: skip
    return TextractOcr(fake, "archive", witness=witness), fake


def test_a_job_s_finds_are_collected_once_its_words_are_there() -> None:
    """Its own job on the same version of the file, a token of its own; each page has its finds."""
    ocr, fake = job_of(get_document_analysis=recorded("analysis_job"))
    words = ocr.collect("job-1", FILE)

    assert words is not None
    assert [bool(page.finds and page.finds.grids) for page in words.pages] == [True, True]
    (started,) = [held for name, held in fake.asked if name == "start_document_analysis"]
    assert started["DocumentLocation"]["S3Object"]["Version"] == "v7"
    assert started["FeatureTypes"] == ["TABLES", "FORMS"]
    plain, fresh = job_of("none")[0], FakeTextract(start_document_text_detection={"JobId": "j"})
    TextractOcr(fresh, "archive").start(FILE)
    assert plain.collect("job-1", FILE) is not None
    assert fresh.asked[0][1]["ClientRequestToken"] != started["ClientRequestToken"]


def test_nothing_is_asked_of_a_job_that_runs() -> None:
    """No word, no witness."""
    ocr, fake = job_of(get_document_text_detection={"JobStatus": "IN_PROGRESS"})

    assert ocr.collect("job-1", FILE) is None
    assert fake.operations == ["get_document_text_detection"]


def test_a_late_witness_is_waited_for_with_patience_only() -> None:
    """None while it runs; without patience the words, and why the rest is missing."""
    ocr, _ = job_of(get_document_analysis={"JobStatus": "IN_PROGRESS"})

    assert ocr.collect("job-1", FILE, patient=True) is None
    ocr, _ = job_of(get_document_analysis={"JobStatus": "IN_PROGRESS"})
    words = ocr.collect("job-1", FILE, patient=False)
    assert words is not None
    assert words.silent == "IN_PROGRESS"
    assert len(words.pages[0].words) > 20


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"start_document_analysis": error("LimitExceededException")}, "LimitExceededException"),
        ({"get_document_analysis": error("AccessDeniedException")}, "AccessDeniedException"),
        (
            {"get_document_analysis": {"JobStatus": "FAILED", "StatusMessage": "INTERNAL"}},
            "INTERNAL",
        ),
        ({"get_document_analysis": {}}, "None"),
    ],
    ids=["too many jobs", "denied", "failed", "no status"],
)
def test_a_job_that_fails_as_a_witness_stops_nothing(answers: dict[str, Any], reason: str) -> None:
    """The words are given at once, with the reason."""
    ocr, _ = job_of(**answers)
    words = ocr.collect("job-1", FILE)

    assert words is not None
    assert words.silent == reason


def test_a_long_file_is_not_analysed() -> None:
    """Every page is paid for; a contract of fifty pages is no invoice."""
    long = {**recorded("detect_one_page"), "JobStatus": "SUCCEEDED"}
    long["DocumentMetadata"] = {"Pages": textract_witness.MAX_PAGES + 1}
    ocr, fake = job_of(get_document_text_detection=long)

    assert ocr.collect("job-1", FILE) is not None
    assert fake.operations == ["get_document_text_detection"]


# ── Hostile answers ─────────────────────────────────────────────────────────────────────────────


def blocks() -> list[dict[str, Any]]:
    """The blocks of the recorded analysis."""
    held: list[dict[str, Any]] = recorded("analyze_one_page")["Blocks"]
    return held


def of_kind(held: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Those of one kind."""
    return [block for block in held if block["BlockType"] == kind]


def _circle(held: list[dict[str, Any]]) -> None:
    cell, table = of_kind(held, "CELL")[0], of_kind(held, "TABLE")[0]
    cell["Relationships"] = [{"Type": "CHILD", "Ids": [table["Id"], cell["Id"]]}]
    key, value = of_kind(held, "KEY_VALUE_SET")[:2]
    for one, other in ((key, value), (value, key)):
        one["Relationships"] = [
            {"Type": "VALUE", "Ids": [other["Id"], one["Id"]]},
            {"Type": "CHILD", "Ids": [other["Id"]]},
        ]


def _no_geometry(held: list[dict[str, Any]]) -> None:
    for block in held[::2]:
        block.pop("Geometry")


def _odd_geometry(held: list[dict[str, Any]]) -> None:
    for number, block in enumerate(held):
        box = block["Geometry"]["BoundingBox"]
        box["Left"] = ("0.1", None, float("nan"), -4.0, float("inf"), [], True)[number % 7]


def _texts_for_figures(held: list[dict[str, Any]]) -> None:
    for block in held:
        block["Confidence"] = "93.5"


def _lost_children(held: list[dict[str, Any]]) -> None:
    for block in held:
        block["Relationships"] = [{"Type": "CHILD", "Ids": ["nobody", None, 7]}, None, "x"]


def _odd_indexes(held: list[dict[str, Any]]) -> None:
    for number, cell in enumerate(of_kind(held, "CELL")):
        cell["RowIndex"] = (0, -1, 10**9, "1", None, True)[number % 6]


def _same_names(held: list[dict[str, Any]]) -> None:
    for block in held:
        block["Id"] = "same"


def _odd_blocks(held: list[dict[str, Any]]) -> None:
    held[:0] = [None, 7, "block", [], {}, {"BlockType": ["WORD"]}, {"BlockType": "LAYOUT_TEXT"}]  # type: ignore[list-item]


@pytest.mark.parametrize(
    "spoil",
    [
        _circle, _no_geometry, _odd_geometry, _texts_for_figures, _lost_children, _odd_indexes,
        _same_names, _odd_blocks,
    ],
)  # fmt: skip
def test_a_spoiled_answer_is_read_as_far_as_it_holds_together(spoil: Any) -> None:
    """Circles, missing boxes, texts for figures: dropped, never an exception, never for ever."""
    held = blocks()
    spoil(held)
    found = textract_finds.of_analysis(held)

    for finds in found.values():
        for grid in finds.grids:
            assert all(0 <= cell.said.box.left < cell.said.box.right <= 1 for cell in grid.cells)
        assert all(0 <= pair.value.confidence <= 1 for pair in finds.pairs)


def test_the_rest_of_a_spoiled_answer_is_kept() -> None:
    """One cell without a box costs that cell."""
    held = blocks()
    of_kind(held, "CELL")[5].pop("Geometry")
    (grid,) = textract_finds.of_analysis(held)[1].grids

    assert len(grid.cells) == 11


def test_an_answer_of_thousands_of_cells_is_bounded() -> None:
    """As many cells, tables and pairs as an invoice may have, each word in one of them only."""
    held = blocks()
    table, cell = of_kind(held, "TABLE")[0], of_kind(held, "CELL")[4]
    words = [block["Id"] for block in of_kind(held, "WORD")]
    names = [f"more-{number}" for number in range(9_000)]
    table["Relationships"][0]["Ids"] += names
    cells = [
        {**cell, "Id": name, "Relationships": [{"Type": "CHILD", "Ids": words}]} for name in names
    ]
    more = [{**table, "Id": f"table-more-{number}"} for number in range(50)]
    finds = textract_finds.of_analysis([*held, *cells, *more])[1]

    assert len(finds.grids) <= 12
    kept = [cell for grid in finds.grids for cell in grid.cells]
    assert len(kept) <= 1_200
    assert sum(len(cell.said.text.split()) for cell in kept) <= len(words)


@pytest.mark.parametrize("answer", [None, "blocks", {"Blocks": []}, 7])
def test_what_is_no_list_of_blocks_is_told(answer: object) -> None:
    """An answer of another shape is one that the witness did not give."""
    with pytest.raises(UnreadableAnswer):
        textract_finds.of_analysis(answer)
    with pytest.raises(UnreadableAnswer):
        textract_expenses.of_expense(answer)


@pytest.mark.parametrize(
    "field",
    [
        None, {}, {"Type": "TOTAL"}, {"Type": {"Text": ["TOTAL"]}},
        {"Type": {"Text": "TOTAL", "Confidence": "98"}, "ValueDetection": {"Text": "12,00"}},
        {"Type": TOTAL, "ValueDetection": {"Text": "12,00", "Confidence": 97.0}},
        {"Type": TOTAL, "ValueDetection": "12,00"},
    ],
    ids=str,
)  # fmt: skip
def test_a_broken_expense_field_is_left_out(field: object) -> None:
    """The others are heard."""
    document = recorded("expense_one_page")["ExpenseDocuments"][0]
    document["SummaryFields"].insert(0, field)
    document["LineItemGroups"] += [None, {"LineItems": [None, {"LineItemExpenseFields": [field]}]}]
    finds = textract_expenses.of_expense([None, document])[1]

    assert [one.role for one in finds.expenses][:2] == ["number", "issue_date"]
    assert len(finds.lines) == 2


def test_an_expense_of_a_thousand_fields_is_bounded() -> None:
    """Fields and lines of one page stop somewhere."""
    document = recorded("expense_one_page")["ExpenseDocuments"][0]
    document["SummaryFields"] *= 500
    document["LineItemGroups"][0]["LineItems"] *= 5_000
    finds = textract_expenses.of_expense([document])[1]

    assert len(finds.expenses) == textract_expenses.MAX_EXPENSES
    assert len(finds.lines) == textract_expenses.MAX_LINES
