"""Pages made worse on purpose: what OCR does to words, what a stranger's layout does to labels.

Clean pages teach nothing about doubt: nearly every value read from them is right. Confidences are
fitted on pages spoiled here, in two ways: ``as_ocr`` misreads, merges, splits, moves and loses
words as an engine does, with a confidence that is lower on what it spoiled but not always;
``as_stranger`` takes words and rows away, renames labels and adds rows that look like what is
sought (another total, another date, the payer's account). The truth does not change: no name of
it is renamed.

How much an engine spoils was measured on photographs whose text layer is known: one word in a
hundred misread, mostly at 0.90 to 0.97 of confidence where good words are at 0.98; words glued
together more often than misread.
"""
# ruff: noqa: S311 - chance that must be repeatable

import random
from collections.abc import Set
from dataclasses import replace

from facteur.domain.pages import Box, Page, PageSet, Word

from benchmarks.synthetic.canvas import width_of
from benchmarks.synthetic.content import iban

_LOOKALIKES = {
    "0": "O8", "1": "l7I", "2": "Z7", "3": "8", "4": "1", "5": "S6", "6": "8G", "7": "1",
    "8": "3B", "9": "g", "O": "0", "I": "l1", "l": "1I", "S": "5", "B": "8", "é": "e",
    "è": "e", "e": "c",
    "n": "u", "m": "rn", ",": ".", ".": ",", "T": "I", "t": "l", "€": "E", "à": "a", "c": "e",
}  # fmt: skip

_NONSENSE = ("Rubrique", "Valor", "Zone", "Poste", "Cumul", "Divers", "Item", "Repère", "Base")


def as_ocr(pages: PageSet, seed: int) -> PageSet:
    """The pages as an engine might have read them; the same seed, the same mistakes."""
    rng = random.Random(f"ocr {seed}")
    rate = rng.choice((0.0, 0.0005, 0.002, 0.006))
    return replace(pages, pages=tuple(_misread(page, rng, rate) for page in pages.pages))


def _misread(page: Page, rng: random.Random, rate: float) -> Page:
    words: list[Word] = []
    quality = rng.uniform(0.965, 0.99)
    for word in page.words:
        if rng.random() < rate / 2:
            continue
        text = "".join(_sign(sign, rng, rate) for sign in word.text)
        spoilt = text != word.text
        told = rng.gauss(0.92 if spoilt else quality, 0.04 if spoilt else 0.01)
        moved = _moved(word.box, rng)
        last = words[-1] if words else None
        if last is not None and _touch(last.box, moved) and rng.random() < 0.005 + rate * 4:
            words[-1] = Word(
                last.text + text, _around(last.box, moved), min(last.confidence, told)
            )
        elif len(text) > 5 and rng.random() < rate:
            at = rng.randint(2, len(text) - 2)
            middle = moved.left + (moved.right - moved.left) * at / len(text)
            words.append(Word(text[:at], replace(moved, right=middle - 0.001), _share(told)))
            words.append(Word(text[at:], replace(moved, left=middle + 0.001), _share(told)))
        else:
            words.append(Word(text, moved, _share(told)))
    return replace(page, words=tuple(words))


def _sign(sign: str, rng: random.Random, rate: float) -> str:
    if sign in _LOOKALIKES and rng.random() < rate:
        return rng.choice(_LOOKALIKES[sign])
    return sign


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _moved(box: Box, rng: random.Random) -> Box:
    down, right = rng.gauss(0, 0.0008), rng.gauss(0, 0.0008)
    return Box(box.left + right, box.top + down, box.right + right, box.bottom + down)


def _touch(left: Box, right: Box) -> bool:
    return abs(left.top - right.top) < 0.006 and 0 <= right.left - left.right < 0.012


def _around(left: Box, right: Box) -> Box:
    return Box(left.left, min(left.top, right.top), right.right, max(left.bottom, right.bottom))


def as_stranger(pages: PageSet, seed: int, kept: Set[str] = frozenset()) -> PageSet:
    """The pages with words renamed or gone and rows that mislead; the same seed, the same pages.

    ``kept`` are words that keep their name: those of the truth.
    """
    rng = random.Random(f"stranger {seed}")
    made: list[Page] = []
    for page in pages.pages:
        one = _renamed(page, rng, kept) if rng.random() < 0.4 else page
        one = _without_a_row(one, rng) if rng.random() < 0.3 else one
        for _ in range(rng.randint(1, 3) if rng.random() < 0.6 else 0):
            one = _misled(one, rng)
        made.append(one)
    return replace(pages, pages=tuple(made))


def misled(pages: PageSet, rng: random.Random) -> PageSet:
    """The pages with one more row on the first, that looks like something else than what it is."""
    first, *others = pages.pages
    return replace(pages, pages=(_misled(first, rng), *others))


def _renamed(page: Page, rng: random.Random, kept: Set[str]) -> Page:
    words = list(page.words)
    letters = [
        at
        for at, word in enumerate(words)
        if word.text.strip(".:").isalpha() and word.text not in kept
    ]
    for at in rng.sample(letters, min(len(letters), rng.randint(1, 4))):
        words[at] = replace(words[at], text=rng.choice(_NONSENSE))
    return replace(page, words=tuple(words))


def _without_a_row(page: Page, rng: random.Random) -> Page:
    if not page.words:
        return page
    gone = rng.choice(page.words).box
    kept = (word for word in page.words if abs(word.box.top - gone.top) > 0.004)
    return replace(page, words=tuple(kept))


def _misled(page: Page, rng: random.Random) -> Page:
    """One more row, where there is room, that looks like something else than what it is."""
    rows = sorted({round(word.box.top, 4) for word in page.words})
    gaps = [
        (above + 0.016, below)
        for above, below in zip((0.02, *rows), (*rows, 0.97), strict=True)
        if below - above > 0.034
    ]
    if not gaps:
        return page
    top = gaps[rng.randrange(len(gaps))][0]
    label, value = _decoy(rng)
    left, right = rng.choice(((0.07, 0.93), (0.07, 0.45), (0.5, 0.93)))
    words = [*page.words]
    at = left
    for piece in label.split():
        wide = width_of(piece, 9) / page.width
        words.append(Word(piece, Box(at, top, at + wide, top + 0.0107)))
        at += wide + 0.005
    at = max(at + 0.01, right - width_of(value, 9) / page.width)
    for piece in value.split():
        wide = width_of(piece, 9) / page.width
        words.append(Word(piece, Box(at, top, at + wide, top + 0.0107)))
        at += wide + 0.005
    return replace(page, words=tuple(sorted(words, key=lambda one: (one.box.top, one.box.left))))


def _decoy(rng: random.Random) -> tuple[str, str]:
    amount = f"{rng.randint(1, 2500)},{rng.randint(0, 99):02d} €"
    day = f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}/{rng.randint(2018, 2026)}"
    account = iban(rng)
    spaced = " ".join(account[at : at + 4] for at in range(0, 27, 4))
    return rng.choice(
        (
            ("Solde précédent", amount), ("Encours autorisé", amount), ("Vous économisez", amount),
            ("Total des achats de l'année", amount), ("Dont éco-participation", amount),
            ("Total colis", amount), ("Reste dû sur factures antérieures", amount),
            ("Montant de la caution", amount), ("Total HT soumis à remise", amount),
            ("TVA déductible estimée", amount), ("Prochain prélèvement", amount),
            ("Prochaine facture le", day), ("Date de commande", day),
            ("Date de mise en service", day),
            ("Contrat signé le", day), ("Garantie jusqu'au", day), ("Votre compte débité", spaced),
            ("IBAN du client", spaced), ("Référence client", f"C{rng.randint(1000, 99999)}"),
            ("N° de série", f"SN{rng.randint(10000, 999999)}"),
            ("Bon de livraison n°", f"BL{rng.randint(1000, 99999)}"),
            ("Dossier", f"{rng.randint(2018, 2026)}-{rng.randint(100, 999)}"),
        )
    )  # fmt: skip
