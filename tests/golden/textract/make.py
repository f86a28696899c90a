"""Writes the recorded responses beside it: `python -m tests.golden.textract.make`.

They have Textract's own shape (PAGE, LINE and WORD blocks, percentages, polygons, page numbers,
tokens), filled with the words of a French invoice of ours, because no invoice of anybody is
committed. Source of the shape: API_DetectDocumentText, API_GetDocumentTextDetection, Block.
"""

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
    """Write the four responses."""
    pdf = ChildPdf()
    one, two = pdf.read(samples.text_pdf(pages=2)).pages.pages
    pdf.close()
    common = {"DetectDocumentTextModelVersion": "1.0", "ResponseMetadata": METADATA}
    detected = {"DocumentMetadata": {"Pages": 1}, "Blocks": blocks_of(one), **common}
    _save("detect_one_page", detected)
    _save("detect_sideways", {**detected, "Blocks": blocks_of(one, turn=1)})
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
