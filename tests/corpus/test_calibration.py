"""What is marked sure is right: on the corpus where it is present, on our own invoices always.

The corpus and the situations held out had no part in counting the confidences (trust_steps.py).
"""

import pytest

from benchmarks import calibration, corpus
from benchmarks.calibration import Observation, Share

#: Of the values marked sure, right; of the readable fields, sure; given where there is none.
RIGHT, SURE, STRAY = 0.99, 0.85, 0.02

#: Our own pages, clean and spoiled: right of sure, sure of readable.
OWN = {
    "clean": (0.995, 0.85),
    "stranger": (0.985, 0.75),
    "ocr": (0.985, 0.65),
    "both": (0.98, 0.60),
}
NEVER_GUESSED = ("total_excl_vat", "total_vat", "total_incl_vat", "amount_due", "type", "iban")


def _wrong(seen: list[Observation]) -> str:
    """The values marked sure that are not right, one a line."""
    return "\n".join(str(one) for one in seen if one.sure and not one.right)


@pytest.fixture(scope="module")
def read_corpus() -> list[Observation]:
    """The corpus read once, text mode."""
    score = corpus.scorer()
    if score is None:
        pytest.skip(f"no corpus at {corpus.SHARED}")
    return list(corpus.run(score, "text").observations)


def test_what_is_sure_on_the_corpus_is_right(read_corpus: list[Observation]) -> None:
    """Text mode: right, mostly sure, and nothing given that the page does not say."""
    seen = read_corpus
    found = Share.of(seen)

    assert found.readable > 300
    assert found.precision >= RIGHT, _wrong(seen)
    assert found.coverage >= SURE
    strays = [one for one in seen if one.given and not one.readable and not one.right]
    assert found.strays <= STRAY, "\n".join(map(str, strays))


def test_totals_type_and_account_are_never_wrong_and_sure_on_the_corpus(
    read_corpus: list[Observation],
) -> None:
    """The fields that are paid on: not one."""
    assert not _wrong([one for one in read_corpus if one.field in NEVER_GUESSED])


@pytest.mark.parametrize("manner", sorted(OWN))
def test_what_is_sure_on_our_own_invoices_is_right(manner: str) -> None:
    """Layouts and situations by the dozen, read clean or spoiled."""
    seen = list(calibration.synthetic(range(40), manner))
    found = Share.of(seen)
    right, sure = OWN[manner]

    assert found.precision >= right, _wrong(seen)
    assert found.coverage >= sure


def test_the_counts_never_fall_and_few_observations_never_make_a_certainty() -> None:
    """The steps that the script writes, on numbers made up for it."""
    seen = [(0.5, False)] * 30 + [(0.7, True)] * 90 + [(0.9, False)] * 10 + [(0.99, True)] * 5

    steps = calibration.steps(seen)

    assert [share for _, share in steps] == sorted(share for _, share in steps)
    assert steps[0] == (0.5, 0.0)
    assert steps[-1][1] < 0.95


def test_spoiling_is_repeatable_and_spoils() -> None:
    """The same seed gives the same page; another page than the clean one."""
    content = calibration.imagine(7)
    pages = calibration.draw(content, 7).pages()

    for spoil in (calibration.as_ocr, calibration.as_stranger):
        assert spoil(pages, 5) == spoil(pages, 5)
        assert any(spoil(pages, seed) != pages for seed in range(5))
