"""What is read from pages, and whether what is marked sure is right: the corpus, then our own.

Without ../shared/corpus (or FACTEUR_SHARED) only the invoices of our own making are read.
"""

import statistics

from benchmarks import corpus
from benchmarks.calibration import MANNERS, synthetic, table
from benchmarks.house import say

_SEEDS = 150  # none of those that the confidences were counted on


def main() -> None:
    """Print the section."""
    score = corpus.scorer()
    print("## Reading pages\n")
    print(
        "`n`: readable fields, `exact`: right to the character. `sure`: values that nobody is "
        "asked to check, `of it right`: the share of them that is right, `of n sure`: the share "
        "of readable fields that needs no look. `told`: right values that the page gives and the "
        "truth file leaves out; `stray`: values given where the page has none.\n"
    )
    if score is None:
        say("no shared corpus here")
    else:
        print(
            "Invoices whose truth was taken from elsewhere, their embedded XML removed, except in "
            "`raw`, the structured path. `scan` is every page as an image at 200 dpi, `photo` the "
            "same in perspective, badly lit, blurred and recompressed.\n"
        )
        for mode in corpus.MODES:
            run = corpus.run(score, mode)
            say(f"{mode}: done")
            print(
                f"### {mode}\n\n```\n{table(run.observations)}\n```\n\n"
                f"{statistics.median(run.seconds):.3f} s a page (median; at most "
                f"{max(run.seconds):.3f}), {run.peak / 1024:.0f} MiB at most with the processes "
                "that read PDF and images.\n"
            )
    for manner in MANNERS:
        seen = list(synthetic(range(_SEEDS), manner))
        say(f"own invoices, {manner}: done")
        print(f"### own invoices, {manner}\n\n```\n{table(seen)}\n```\n")


if __name__ == "__main__":
    main()
