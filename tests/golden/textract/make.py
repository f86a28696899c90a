"""Writes the recorded responses beside it: `python -m tests.golden.textract.make`.

They have Textract's own shape (PAGE, LINE and WORD blocks, tables with their cells, keys with
their values, expenses, percentages, polygons, page numbers, tokens), filled with the words of a
French invoice of ours, because no invoice of anybody is committed. Source of the shape:
API_DetectDocumentText, API_GetDocumentTextDetection, API_AnalyzeDocument, API_AnalyzeExpense,
Block, ExpenseDocument.
"""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.pages import Box, Page, Word

from tests import samples

HERE = Path(__file__).parent
METADATA = {"HTTPStatusCode": 200, "RetryAttempts": 0}


def blocks_of(page: Page, *, turn: int = 0) -> list[dict[str, Any]]:
    """The blocks of one page, as Textract gives them; ``turn``: the sheet lay on its side."""
    lines = list(_lines(page.words))
    blocks: list[dict[str, Any]] = [
        {
            "BlockType": "PAGE",
            "Geometry": _geometry(Box(0.0, 0.0, 1.0, 1.0), 0),
            "Id": f"page-{page.number}",
            "Relationships": [
                {"Type": "CHILD", "Ids": [f"line-{page.number}-{i}" for i in range(len(lines))]}
            ],
            "Page": page.number,
        }
    ]
    words: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        names = [f"word-{page.number}-{number}-{i}" for i in range(len(line))]
        box = line[0].box
        for word in line:
            box = box.joined(word.box)
        text = " ".join(word.text for word in line)
        blocks.append(
            {
                "BlockType": "LINE", "Confidence": 99.4, "Text": text,
                "Geometry": _geometry(box, turn), "Id": f"line-{page.number}-{number}",
                "Relationships": [{"Type": "CHILD", "Ids": names}], "Page": page.number,
            }
        )  # fmt: skip
        words += [
            {
                "BlockType": "WORD", "Confidence": 90.0 + len(word.text) % 10, "Text": word.text,
                "TextType": "PRINTED", "Geometry": _geometry(word.box, turn), "Id": name,
                "Page": page.number,
            }
            for name, word in zip(names, line, strict=True)
        ]  # fmt: skip
    return blocks + words


def _lines(words: tuple[Word, ...]) -> Iterator[list[Word]]:
    line: list[Word] = []
    for word in words:
        if line and abs(word.box.middle - line[-1].box.middle) > 0.005:
            yield line
            line = []
        line.append(word)
    if line:
        yield line


#: The table of samples.INVOICE: the left edge of each column, the top and bottom of each row.
_COLUMNS, _ROWS = (0.07, 0.48, 0.62, 0.82, 0.97), (0.275, 0.297, 0.32, 0.342)
#: Its labels and their values, as words that follow each other.
PAIRS = (
    ("Facture n°", "FA-2026-0042"), ("Date :", "14/11/2026"), ("Échéance :", "14/12/2026"),
    ("Total HT", "1 092,00 €"), ("TVA 20 %", "218,40 €"), ("Total TTC", "1 310,40 €"),
)  # fmt: skip
#: The same as AnalyzeExpense types them: type, label, value.
EXPENSES = (
    ("INVOICE_RECEIPT_ID", "Facture n°", "FA-2026-0042"),
    ("INVOICE_RECEIPT_DATE", "Date :", "14/11/2026"),
    ("DUE_DATE", "Échéance :", "14/12/2026"),
    ("VENDOR_NAME", "", "Menuiserie Kervella SARL"),
    ("SUBTOTAL", "Total HT", "1 092,00 €"), ("TAX", "TVA 20 %", "218,40 €"),
    ("TOTAL", "Total TTC", "1 310,40 €"), ("OTHER", "", "Brest"),
)  # fmt: skip
ITEMS = (
    ("Porte en chêne massif", "2", "450,00 €", "900,00 €"),
    ("Pose et finition", "3", "64,00 €", "192,00 €"),
)


def analysis_of(page: Page, *, turn: int = 0) -> list[dict[str, Any]]:
    """The blocks of AnalyzeDocument for one page: those of its words, a table, its pairs."""
    blocks = blocks_of(page, turn=turn)
    name_of = _names(page, blocks)
    made: list[dict[str, Any]] = []

    def add(kind: str, name: str, box: Box, children: list[str], **more: Any) -> None:
        held = [{"Type": "CHILD", "Ids": children}] if children else []
        made.append(
            {
                "BlockType": kind, "Id": f"{name}-{page.number}", "Confidence": 93.5,
                "Geometry": _geometry(box, turn), "Page": page.number,
                "Relationships": held + more.pop("relationships", []), **more,
            }
        )  # fmt: skip

    cells = []
    for row, (top, bottom) in enumerate(itertools.pairwise(_ROWS), start=1):
        for column, (left, right) in enumerate(itertools.pairwise(_COLUMNS), start=1):
            inside = [
                name_of[word] for word in page.words
                if top <= word.box.middle < bottom
                and left <= (word.box.left + word.box.right) / 2 < right
            ]  # fmt: skip
            cells.append(f"cell-{row}-{column}")
            add("CELL", cells[-1], Box(left, top, right, bottom), inside,
                RowIndex=row, ColumnIndex=column, RowSpan=1, ColumnSpan=1,
                EntityTypes=["COLUMN_HEADER"] if row == 1 else [])  # fmt: skip
    table = Box(_COLUMNS[0], _ROWS[0], _COLUMNS[-1], _ROWS[-1])
    names = [f"{one}-{page.number}" for one in cells]
    add("TABLE", "table", table, names, EntityTypes=["STRUCTURED_TABLE"])
    top_ = [f"table-{page.number}"]
    for number, (key, value) in enumerate(PAIRS):
        labelled, valued = found(page, key, value)
        add("KEY_VALUE_SET", f"value-{number}", _box(valued), [name_of[one] for one in valued],
            EntityTypes=["VALUE"])  # fmt: skip
        add("KEY_VALUE_SET", f"key-{number}", _box(labelled), [name_of[one] for one in labelled],
            EntityTypes=["KEY"],
            relationships=[{"Type": "VALUE", "Ids": [f"value-{number}-{page.number}"]}]
        )  # fmt: skip
        top_ += [f"key-{number}-{page.number}", f"value-{number}-{page.number}"]
    blocks[0]["Relationships"][0]["Ids"] += top_
    return blocks + made


def expense_of(page: Page) -> dict[str, Any]:
    """One of AnalyzeExpense's documents for one page."""

    def detection(text: str, words: tuple[Word, ...]) -> dict[str, Any]:
        return {"Text": text, "Geometry": _geometry(_box(words), 0), "Confidence": 96.0}

    def field(kind: str, label: str, value: str) -> dict[str, Any]:
        labelled, valued = found(page, label, value)
        made = {
            "Type": {"Text": kind, "Confidence": 98.0},
            "ValueDetection": detection(value, valued), "PageNumber": page.number,
        }  # fmt: skip
        return made | ({"LabelDetection": detection(label, labelled)} if labelled else {})

    kinds = ("ITEM", "QUANTITY", "UNIT_PRICE", "PRICE")
    items = []
    for item in ITEMS:
        row = found(page, "", " ".join(item))[1]
        fields, at = [], 0
        for kind, text in zip(kinds, item, strict=True):
            words = row[at : at + len(text.split())]
            at += len(words)
            fields.append(
                {
                    "Type": {"Text": kind, "Confidence": 97.0},
                    "ValueDetection": detection(text, words), "PageNumber": page.number,
                }
            )  # fmt: skip
        whole = {"Text": "EXPENSE_ROW", "Confidence": 97.0}
        line = {"Type": whole, "ValueDetection": detection(" ".join(item), row), "PageNumber": 1}
        items.append({"LineItemExpenseFields": [*fields, line]})
    return {
        "ExpenseIndex": 1,
        "SummaryFields": [field(*one) for one in EXPENSES],
        "LineItemGroups": [{"LineItemGroupIndex": 1, "LineItems": items}],
        "Blocks": blocks_of(page),
    }


def found(page: Page, label: str, value: str) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words of a label and of the value that follows it on the page."""
    wanted = (*label.split(), *value.split())
    texts = [word.text for word in page.words]
    at = next(i for i in range(len(texts)) if tuple(texts[i : i + len(wanted)]) == wanted)
    words = page.words[at : at + len(wanted)]
    return words[: len(label.split())], words[len(label.split()) :]


def _names(page: Page, blocks: list[dict[str, Any]]) -> dict[Word, str]:
    """The id of each word's block."""
    words = [block for block in blocks if block["BlockType"] == "WORD"]
    return {word: block["Id"] for word, block in zip(page.words, words, strict=True)}


def _box(words: tuple[Word, ...]) -> Box:
    box = words[0].box
    for word in words[1:]:
        box = box.joined(word.box)
    return box


def _geometry(box: Box, turn: int) -> dict[str, Any]:
    """A box with its outline, which starts at the top left corner of the text."""
    box = box.turned(turn)
    corners = [
        (box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom),
    ]  # fmt: skip
    outline = corners[turn:] + corners[:turn]
    return {
        "BoundingBox": {
            "Width": round(box.right - box.left, 6), "Height": round(box.bottom - box.top, 6),
            "Left": round(box.left, 6), "Top": round(box.top, 6),
        },
        "Polygon": [{"X": round(x, 6), "Y": round(y, 6)} for x, y in outline],
    }  # fmt: skip


def main() -> None:
    """Write the responses."""
    pdf = ChildPdf()
    one, two = pdf.read(samples.text_pdf(pages=2)).pages.pages
    pdf.close()
    common = {"DetectDocumentTextModelVersion": "1.0", "ResponseMetadata": METADATA}
    detected = {"DocumentMetadata": {"Pages": 1}, "Blocks": blocks_of(one), **common}
    _save("detect_one_page", detected)
    _save("detect_sideways", {**detected, "Blocks": blocks_of(one, turn=1)})
    analysed = {"DocumentMetadata": {"Pages": 1}, "AnalyzeDocumentModelVersion": "1.0",
                "ResponseMetadata": METADATA}  # fmt: skip
    _save("analyze_one_page", {**analysed, "Blocks": analysis_of(one)})
    _save("analyze_sideways", {**analysed, "Blocks": analysis_of(one, turn=1)})
    _save("analysis_job", {**analysed, "DocumentMetadata": {"Pages": 2}, "JobStatus": "SUCCEEDED",
                           "Blocks": analysis_of(one) + analysis_of(two)})  # fmt: skip
    expense = {"DocumentMetadata": {"Pages": 1}, "ResponseMetadata": METADATA}
    _save("expense_one_page", {**expense, "ExpenseDocuments": [expense_of(one)]})
    done = {"DocumentMetadata": {"Pages": 2}, "JobStatus": "SUCCEEDED", **common}
    blocks = blocks_of(one) + blocks_of(two)
    cut = len(blocks) // 3  # Textract cuts anywhere, also between a line and its words
    _save("job_first", {**done, "NextToken": "token-2", "Blocks": blocks[:cut]})
    _save("job_second", {**done, "Blocks": blocks[cut:]})


def _save(name: str, response: dict[str, Any]) -> None:
    text = json.dumps(response, ensure_ascii=False, separators=(",", ":"))
    (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
