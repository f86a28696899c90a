"""Is what is marked sure right? Every field read, beside its truth and the confidence it got.

``synthetic`` reads our own invoices, clean or spoiled (perturbing.py); ``corpus`` reads documents
whose truth nobody here wrote, with the program that scores them. Both give observations: one per
field, document and manner. ``Share`` counts them; ``table`` prints what was counted.

    python -m benchmarks.calibration            # how often each confidence is right
    python -m benchmarks.calibration --write    # remake domain/extraction/trust.py's numbers
"""

import argparse
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any

from facteur.domain.candidate import Candidate, Origin
from facteur.domain.companies import same
from facteur.domain.extraction import extract, graded
from facteur.domain.extraction.trust import GROUP_OF, GROUPS
from facteur.domain.pages import PageSet

from benchmarks.perturbing import as_ocr, as_stranger
from benchmarks.synthetic import others
from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import Content, imagine
from benchmarks.synthetic.layouts import draw
from benchmarks.synthetic.situations import DEV, HELD

ROOT = Path(__file__).resolve().parents[1]

Truth = dict[str, object]
Situation = Callable[[random.Random], tuple[Canvas, Truth]]
#: What a layout may leave out: true only where it is printed.
_PRINTED = (
    "seller_address", "seller_postcode", "seller_city", "seller_siren", "seller_siret",
    "seller_vat", "buyer_address", "buyer_postcode", "buyer_city", "buyer_siren", "buyer_siret",
    "buyer_vat", "purchase_order", "preceding_invoice",
)  # fmt: skip
_ENOUGH = 60  # observations of a step
#: What is read inside another field: why there is no VAT (BT-118) stands in the breakdown's rows.
_HELD_IN = {"category": "vat_breakdown"}

#: How pages may be spoiled before they are read, and what they then pass for.
MANNERS: dict[str, tuple[Callable[[PageSet, int, Set[str]], PageSet], Origin]] = {
    "clean": (lambda pages, seed, kept: pages, Origin.TEXT),
    "stranger": (as_stranger, Origin.TEXT),
    "ocr": (lambda pages, seed, kept: as_ocr(pages, seed), Origin.OCR),
    "both": (lambda pages, seed, kept: as_ocr(as_stranger(pages, seed, kept), seed), Origin.OCR),
}


@dataclass(frozen=True)
class Observation:
    """A field of a document: what was said of it, and whether it is so.

    ``given``: a value was read; ``readable``: the truth stands on the page; ``right``: the value
    read is the truth. A value read where the truth has none is given and neither of the others.
    """

    document: str
    field: str
    given: bool
    readable: bool
    right: bool
    confidence: float = 0.0
    sure: bool = False
    value: str = ""


_TERMS = (
    "Règlement par virement à 30 jours", "Conditions de paiement : 30 jours nets",
    "Paiement à réception de facture", "Mode de règlement : virement",
)  # fmt: skip
_REASONS = ("TVA non applicable, art. 293 B du CGI", "Autoliquidation")


def truth_of(content: Content, canvas: Canvas) -> Truth:
    """The truth of an imagined invoice that was drawn; what it does not say is None."""
    truth = _imagined(content, canvas)
    page = _squeezed(" ".join(item.text for item in canvas.items))
    for name in _PRINTED:
        if truth[name] and _squeezed(str(truth[name])) not in page:
            truth[name] = None
    return truth


def _squeezed(text: str) -> str:
    """Letters and digits alone: a SIREN is read inside a VAT number too."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _imagined(content: Content, canvas: Canvas) -> Truth:
    """All that an invoice's content knows, printed or not."""
    seller, buyer = content.seller, content.buyer
    printed = [item.text for item in canvas.items]
    terms = [one for one in _TERMS if one in printed]
    reasons = [one for one in printed if one.startswith(_REASONS)]
    return {
        "payment_terms": [*terms, *(one.split(" : ")[-1] for one in terms)],
        "exemption_reason": reasons,
        "seller_address": seller.street,
        "buyer_address": buyer.street,
        "type": content.kind,
        "number": content.number,
        "issue_date": content.issued,
        "due_date": content.due if content.extra.get("due") else None,
        "currency": "EUR",
        "seller_name": [seller.full, f"{seller.name} EI"],
        "seller_siren": seller.siren,
        "seller_siret": seller.siret,
        "seller_vat": seller.vat or None,
        "buyer_name": [buyer.full],
        "buyer_siren": buyer.siren or None,
        "buyer_siret": buyer.siret or None,
        "buyer_vat": buyer.vat or None,
        "buyer_postcode": buyer.postcode,
        "buyer_city": buyer.city,
        "seller_postcode": seller.postcode,
        "seller_city": seller.city,
        "purchase_order": content.order or None,
        "preceding_invoice": content.preceding or None,
        "total_excl_vat": content.excl,
        "total_vat": content.vat,
        "total_incl_vat": content.incl,
        "amount_due": content.due_amount,
        "prepaid": content.prepaid or None,
        "iban": seller.iban if content.extra.get("iban") else None,
        "vat_breakdown": [
            {"rate": rate, "base": base, "tax": content.taxes[rate]}
            for rate, base in content.bases.items()
        ],
        "lines": [{"quantity": row.quantity, "total": row.net} for row in content.rows],
    }


def synthetic(
    seeds: Iterable[int],
    manner: str,
    read: Callable[..., Candidate] = extract,
    situations: Sequence[Situation] = HELD,
) -> Iterator[Observation]:
    """Observations of our own invoices, three for each seed, read in a manner (MANNERS).

    ``situations`` are those that nobody looks at while mending, unless told otherwise.
    """
    spoil, origin = MANNERS[manner]
    for seed in seeds:
        for document, canvas, truth in _documents(seed, situations):
            pages = spoil(canvas.pages(), seed, _names(truth))
            yield from observe(f"{document}-{seed}", read(pages, origin=origin), truth)


def _documents(seed: int, situations: Sequence[Situation]) -> Iterator[tuple[str, Canvas, Truth]]:
    """A French invoice, one of another family, one of a situation."""
    content = imagine(seed)
    if content.kind == "credit_note" and seed % 2:
        content.extra["negative"] = "yes"
    canvas = draw(content, seed)
    yield "french", canvas, truth_of(content, canvas)
    family = others.FAMILIES[seed % len(others.FAMILIES)]
    yield (family.__name__, *family(seed))
    situation = situations[seed % len(situations)]
    canvas, truth = situation(random.Random(seed))  # noqa: S311
    # There, what is None is not judged.
    yield situation.__name__, canvas, {k: v for k, v in truth.items() if v is not None}


def _names(truth: Truth) -> set[str]:
    """The words of both names."""
    held = (truth.get("seller_name"), truth.get("buyer_name"))
    return set(
        " ".join(map(str, held)).replace("'", " ").replace("[", " ").replace("]", " ").split()
    )


def observe(document: str, found: Candidate, truth: Truth) -> Iterator[Observation]:
    """Each field that the truth speaks of: given or not, right or not."""
    for name, true in truth.items():
        reading = found.fields.get(_HELD_IN.get(name, name))
        readable = true is not None and true not in ([], "")
        if reading is None:
            yield Observation(document, name, given=False, readable=readable, right=False)
            continue
        yield Observation(
            document,
            name,
            given=True,
            readable=readable,
            right=readable and is_right(name, true, found),
            confidence=reading.confidence,
            sure=reading.sure,
            value=str(reading.value)[:60],
        )


def is_right(name: str, true: object, found: Candidate) -> bool:
    """True when what was read of a field is its truth; a credit note's signs are not compared."""
    if name in ("lines", "vat_breakdown"):
        return _same_rows(name, true if isinstance(true, list | tuple) else (), found)
    if name == "category":
        return {row.category for row in found.vat_rows if not row.rate} == {true}
    value = found.get(name)
    if name == "type" and true in ("invoice", "credit_note"):
        return (value == "credit_note") == (true == "credit_note") and value not in (
            "prepayment",
            "corrective",
        )
    if isinstance(value, Decimal):
        return _size(value) == _size(true)
    if isinstance(value, date):
        return value.isoformat() == str(true)[:10]
    names = true if isinstance(true, list) else [true]
    if name.endswith("_name"):
        return any(same(str(value), str(one)) for one in names)
    return "".join(str(value).split()).upper() in {
        "".join(str(one).split()).upper() for one in names
    }


def _same_rows(name: str, true: Sequence[Any], found: Candidate) -> bool:
    """Rows of the truth are mappings, or (rate, base, tax), or the net amount of a line alone."""
    if name == "vat_breakdown":
        given = [(_size(one.rate or 0), _size(one.base), _size(one.tax)) for one in found.vat_rows]
        rows = [
            (one["rate"], one["base"], one["tax"]) if isinstance(one, Mapping) else one
            for one in true
        ]
        return sorted(given) == sorted(tuple(map(_size, row)) for row in rows)
    if true and not isinstance(true[0], Mapping):
        return [_size(row.net) for row in found.lines] == [_size(one) for one in true]
    lines = [(_size(row.quantity), _size(row.net)) for row in found.lines]
    return lines == [(_size(one.get("quantity")), _size(one["total"])) for one in true]


def _size(value: object) -> Decimal:
    if value is None:
        return Decimal(-1)
    return abs(Decimal(str(value))).normalize()


@dataclass(frozen=True)
class Share:
    """What observations add up to. ``told``: given and right though the truth leaves it out."""

    readable: int
    right: int
    wrong: int
    given: int
    told: int
    stray: int
    sure: int
    sure_right: int
    sure_readable: int

    @classmethod
    def of(cls, seen: Iterable[Observation]) -> "Share":
        """Count."""
        held = list(seen)
        on_page = [one for one in held if one.readable]
        beyond = [one for one in held if one.given and not one.readable]
        return cls(
            readable=len(on_page),
            right=sum(one.right for one in on_page),
            wrong=sum(one.given and not one.right for one in on_page),
            given=sum(one.given for one in held),
            told=sum(one.right for one in beyond),
            stray=sum(not one.right for one in beyond),
            sure=sum(one.sure for one in held),
            sure_right=sum(one.sure and one.right for one in held),
            sure_readable=sum(one.sure for one in on_page),
        )

    @property
    def precision(self) -> float:
        """Of the values marked sure, the share that is right."""
        return self.sure_right / self.sure if self.sure else 1.0

    @property
    def coverage(self) -> float:
        """Of the readable fields, the share that is marked sure."""
        return self.sure_readable / self.readable if self.readable else 1.0

    @property
    def strays(self) -> float:
        """Of the values given, the share given where the page has none."""
        return self.stray / self.given if self.given else 0.0


def table(seen: Sequence[Observation]) -> str:
    """The counts by field and together, as text columns."""
    head = f"{'field':17}{'n':>5}{'ok':>6}{'wrong':>6}{'missed':>7}{'exact':>8}"
    rows = [head + f"{'sure':>7}{'of it right':>13}{'of n sure':>11}{'told':>6}{'stray':>7}"]
    for name in (*dict.fromkeys(one.field for one in seen), "ALL"):
        one = Share.of(row for row in seen if name in ("ALL", row.field))
        missed = one.readable - one.right - one.wrong
        rows.append(
            f"{name:17}{one.readable:5}{one.right:6}{one.wrong:6}{missed:7}"
            f"{_rate(one.right, one.readable):>8}{one.sure:7}{_rate(one.sure_right, one.sure):>13}"
            f"{_rate(one.sure_readable, one.readable):>11}{one.told:6}{one.stray:7}"
        )
    return "\n".join(rows)


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _pooled(low: tuple[int, int, int], high: tuple[int, int, int]) -> tuple[int, int, int]:
    return low[0], low[1] + high[1], low[2] + high[2]


def steps(seen: Sequence[tuple[float, bool]]) -> tuple[tuple[float, float], ...]:
    """(least grade, share of right values) from graded values: never falling as grades rise.

    Pool adjacent violators on bins of two hundredths. A pool of few observations is worth no more
    than the one under it, and half a wrong value is added to each: few never make a certainty.
    """
    bins: dict[int, list[int]] = {}
    for grade, right in seen:
        held = bins.setdefault(int(round(grade * 1000) // 20), [0, 0])
        held[0] += 1
        held[1] += right
    pools: list[tuple[int, int, int]] = []
    for at, (count, good) in sorted(bins.items()):
        pools.append((at, count, good))
        while len(pools) > 1 and pools[-2][2] * pools[-1][1] >= pools[-1][2] * pools[-2][1]:
            pools[-2:] = [_pooled(pools[-2], pools[-1])]
    while len(pools) > 1 and pools[-1][1] < _ENOUGH:
        pools[-2:] = [_pooled(pools[-2], pools[-1])]
    shares = accumulate(
        (min(round(good / (count + 0.5), 3), 0.999) for _, count, good in pools), max
    )
    return tuple((at / 50, share) for (at, _, _), share in zip(pools, shares, strict=True))


STEPS_FILE = ROOT / "layers/core/python/facteur/domain/extraction/trust_steps.py"

_HEAD = '''"""How often values were right, by the grade of their evidence: counted, never typed.

Made by ``python -m benchmarks.calibration --write``: {count} values read from {documents} invoices
of our own making (seeds {first} to {last}), a half of them as drawn, the others with rows that
mislead, words renamed or gone; "ocr" ones misread as an engine does (benchmarks/perturbing.py).
Each step is (least grade, share of right values); trust.py says what the groups and grades are.
The corpus, the seeds under {first} and the situations held out check it (tests/corpus).
"""

STEPS: dict[str, dict[str, tuple[tuple[float, float], ...]]] = {{
'''


def written(first: int, count: int) -> str:
    """The module of counts, from ``count`` seeds."""
    held: dict[str, dict[str, list[tuple[float, bool]]]] = {"text": {}, "ocr": {}}
    total, documents = 0, set()
    for manner, (_, origin) in MANNERS.items():
        for one in synthetic(range(first, first + count), manner, graded, DEV):
            documents.add((manner, one.document))
            if one.given and one.field in GROUP_OF:
                total += 1
                group = held[origin.value].setdefault(GROUP_OF[one.field], [])
                group.append((one.confidence, one.right))
    head = _HEAD.format(count=total, documents=len(documents), first=first, last=first + count - 1)
    rows = []
    for origin_name, groups in held.items():
        rows.append(f'    "{origin_name}": {{')
        rows += [
            f'        "{group}": ({", ".join(map(str, steps(groups[group])))},),'
            for group in GROUPS
            if group in groups
        ]
        rows.append("    },")
    return head + "\n".join(rows) + "\n}\n"


def main() -> int:
    """Print how the confidences hold on fresh pages, or remake the counts that they come from."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--write", action="store_true", help="remake trust_steps.py")
    parser.add_argument("--first", type=int, default=None, help="first seed")
    parser.add_argument("--count", type=int, default=None, help="how many seeds")
    asked = parser.parse_args()
    if asked.write:
        made = written(asked.first or 1000, asked.count or 800)
        STEPS_FILE.write_text(made, encoding="utf-8")
        subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(STEPS_FILE)], check=True)
        return 0
    first, count = asked.first or 0, asked.count or 150
    for manner in MANNERS:
        print(f"{manner}\n{table(list(synthetic(range(first, first + count), manner)))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
