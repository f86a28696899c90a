"""Words worn as OCR wears them: lost, split, glued, moved, and letters taken for others."""

import random
from dataclasses import replace

from facteur.domain.pages import Box, PageSet, Word

_CONFUSED = {
    "0": "O",
    "1": "l",
    "é": "e",
    "è": "e",
    "à": "a",
    "ç": "c",
    "É": "E",
    "°": "o",
    "I": "l",
}


def worn(pages: PageSet, rng: random.Random, *, much: float = 1.0) -> PageSet:
    """The same pages, their words worn; ``much`` 1 is a fair scan."""
    made = []
    for page in pages.pages:
        words: list[Word] = []
        for word in page.words:
            words.extend(_worn(word, rng, much))
        made.append(replace(page, words=tuple(_glued(words, rng, much))))
    return replace(pages, pages=tuple(made), origin="ocr:worn")


def _worn(word: Word, rng: random.Random, much: float) -> list[Word]:
    if rng.random() < 0.003 * much:
        return []
    box = word.box
    shift = 0.0006 * much
    box = Box(
        min(max(box.left + rng.uniform(-shift, shift), 0), 1),
        min(max(box.top + rng.uniform(-shift, shift), 0), 1),
        min(max(box.right + rng.uniform(-shift, shift), 0), 1),
        min(max(box.bottom + rng.uniform(-shift, shift), 0), 1),
    )
    text = "".join(
        _CONFUSED.get(sign, sign) if rng.random() < 0.01 * much else sign for sign in word.text
    )
    if len(text) > 5 and text.isalpha() and rng.random() < 0.01 * much:
        at = rng.randint(2, len(text) - 2)
        middle = box.left + (box.right - box.left) * at / len(text)
        return [
            Word(text[:at], replace(box, right=middle), 0.9),
            Word(text[at:], replace(box, left=middle), 0.9),
        ]
    return [Word(text, box, round(rng.uniform(0.86, 1.0), 3))]


def _glued(words: list[Word], rng: random.Random, much: float) -> list[Word]:
    """Neighbours of a row with a narrow gap, sometimes read as one word."""
    out: list[Word] = []
    for word in words:
        before = out[-1] if out else None
        near = (
            before is not None
            and abs(before.box.top - word.box.top) < 0.003
            and 0 <= word.box.left - before.box.right < 0.008
        )
        if before is not None and near and rng.random() < 0.05 * much:
            box = Box(
                before.box.left,
                min(before.box.top, word.box.top),
                word.box.right,
                max(before.box.bottom, word.box.bottom),
            )
            out[-1] = Word(before.text + word.text, box, min(before.confidence, word.confidence))
        else:
            out.append(word)
    return out
