"""How well situations are read, field by field: python -m benchmarks.synthetic.situations.measure.

``--misses`` tells what was read instead, for the half that may be looked at; ``--worn`` wears the
words first as OCR does.
"""
# ruff: noqa: E501, PLW2901, S311 - rows are read as rows

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from facteur.domain.candidate import Candidate, Origin
from facteur.domain.companies import same
from facteur.domain.extraction import extract

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.family import Truth
from benchmarks.synthetic.situations import DEV, HELD, LAST, MORE
from benchmarks.synthetic.situations.wear import worn

Situation = Callable[[random.Random], tuple[Canvas, Truth]]


def drawn(situation: Situation, seed: int) -> tuple[Canvas, Truth]:
    """The page of a seed."""
    return situation(random.Random(f"{situation.__name__} {seed}"))


def checks(found: Candidate, truth: Truth) -> Iterator[tuple[str, bool, object]]:
    """Each field that the page carries: its name, right or not, what was read."""
    for name, wanted in truth.items():
        if wanted is None:
            continue
        got: object = found.get(name)
        if name == "number" and isinstance(wanted, list):
            good = got in wanted
        elif name in ("seller_name", "buyer_name"):
            names = [wanted] if isinstance(wanted, str) else wanted
            good = any(same(str(got or ""), str(one)) for one in names)  # type: ignore[attr-defined]
        elif name == "vat_breakdown":
            got = sorted((row.rate, row.base, row.tax) for row in found.vat_rows if None not in (row.rate, row.base, row.tax))  # type: ignore[type-var]  # fmt: skip
            good = got == sorted(wanted)  # type: ignore[call-overload]
        elif name == "lines":
            got = [row.net for row in found.lines]
            good = got == wanted
        elif name == "category":
            got = {row.category for row in found.vat_rows if row.rate == 0}
            good = got == {wanted}
            name = "vat_category"
        elif name == "amount_due" and isinstance(wanted, Decimal):
            good = isinstance(got, Decimal) and abs(got) == abs(wanted)
        else:
            good = got == wanted
        yield name, good, got


def score(
    situations: Sequence[Situation], seeds: int, *, misses: bool, wear: bool
) -> dict[str, Counter[str]]:
    """Counts by field: n, ok, sure, sure and wrong, absent."""
    counts: dict[str, Counter[str]] = {}
    for situation in situations:
        for seed in range(seeds):
            canvas, truth = drawn(situation, seed)
            pages, origin = canvas.pages(), Origin.TEXT
            if wear:
                pages, origin = worn(pages, random.Random(seed)), Origin.OCR
            found = extract(pages, origin=origin)
            for name, good, got in checks(found, truth):
                count = counts.setdefault(name, Counter())
                reading = found.fields.get("vat_breakdown" if name == "vat_category" else name)
                count["n"] += 1
                count["ok"] += good
                count["absent"] += reading is None
                if reading is not None and reading.sure:
                    count["sure"] += 1
                    count["sure_wrong"] += not good
                if misses and not good:
                    sure = "SURE " if reading is not None and reading.sure else ""
                    wanted = truth["category" if name == "vat_category" else name]
                    print(
                        f"{situation.__name__}#{seed} {sure}{name}: {_short(wanted)} / {_short(got)}"
                    )
    return counts


def _short(value: object) -> str:
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_short(one) for one in value)[:160] + "]"
    return repr(value)[:120]


def table(counts: dict[str, Counter[str]]) -> str:
    """The counts as text, the sum last."""
    whole: Counter[str] = Counter()
    rows = [f"{'field':16}{'n':>6}{'ok':>6}{'rate':>8}{'absent':>8}{'sure':>8}{'sure wrong':>11}"]
    for count in counts.values():
        whole += count
    for name, count in (*counts.items(), ("ALL", whole)):
        rate = 100 * count["ok"] / max(count["n"], 1)
        sure = 100 * count["sure"] / max(count["n"], 1)
        rows.append(
            f"{name:16}{count['n']:6}{count['ok']:6}{rate:7.1f}%{count['absent']:8}{sure:7.1f}%"
            f"{count['sure_wrong']:11}"
        )
    return "\n".join(rows)


def main() -> None:
    """Score both halves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--worn", action="store_true")
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    for name, half in (("dev", DEV), ("held out", HELD), ("more", MORE), ("last", LAST)):
        if chosen.only:
            half = [one for one in half if one.__name__ in chosen.only.split(",")]
        print(f"== {name}")
        show = chosen.misses
        print(table(score(half, chosen.seeds, misses=show, wear=chosen.worn)))


if __name__ == "__main__":
    main()
