"""Where a file of several pages may hold several invoices: a proposal, never a decision.

Each page is looked at alone: its title, its invoice's number, its page count (« 2/3 »), what it
carries over. A page opens a new invoice only when it has the look of a first page *and* says that
it is another invoice than the pages before, whose totals are there. What speaks against it always
wins: the same number, « page 2/3 », « report ». So an ordinary invoice of many pages, its general
terms, its details, a contract, are left whole; a cut that is missed costs a click, a wrong one
would cost an invoice. A sheet put between invoices by a person (a code of ours or PATCHT) is a cut
by itself. A Factur-X or XML never comes here: it is one invoice.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from facteur.domain.candidate import Candidate, Origin
from facteur.domain.companies import OwnIdentity
from facteur.domain.documents import ProposedPart
from facteur.domain.extraction import extract, header, kinds
from facteur.domain.extraction.page import Reader
from facteur.domain.pages import Page, PageSet
from facteur.domain.splitting import Sheet

_FEWEST_FOR_SURE = 0.8
_MOST_WEIGHED = 8  # pages of one invoice that are weighed together

_COUNTED = re.compile(
    r"\b(?:page|pages|p\.|pg\.?|seite|blatt|pagina|folio|feuillet|f\.)\s*(?:n ?°)?\s*:?\s*"
    r"(\d{1,3})\s*(?:/|sur|of|de|von|van|di|\|)\s*(\d{1,3})\b"
)
_BARE = re.compile(r"^\s*-?\s*(\d{1,2})\s*/\s*(\d{1,2})\s*-?\s*$")
_LONE = re.compile(r"^\W*(?:page|seite|pagina|folio)\s*(?:n ?°)?\s*:?\s*(\d{1,3})\W*$")
_CARRIED_IN = re.compile(
    r"^\W*(?:report\b(?!ing)|suite (?:de )?(?:la )?(?:facture|page)|ubertrag"
    r"|carried forward|brought forward)"
)
_CARRIED_OUT = re.compile(
    r"\ba reporter\b|suite (?:page suivante|au verso|en page|page \d)|total a reporter"
    r"|to be continued|continued on|fortsetzung|carried forward|zwischensumme|\.\.\. ?/ ?\.\.\."
)
_ALIKE = str.maketrans("OQILSBZ", "0011582")


def propose(
    pages: PageSet,
    sheets: Sequence[Sheet] = (),
    *,
    origin: Origin,
    own: OwnIdentity | None = None,
    own_side: str = "buyer",
) -> tuple[ProposedPart, ...]:
    """The invoices that the file seems to hold, () when it is one (or none, or unknown).

    ``sheets`` are the images of ``suspects``. Parts follow each other; pages of ``apart`` at
    their edges are in none.
    """
    if len(pages.pages) < 2:
        return ()
    seen = {one.number: one for one in sheets}
    asks = _Asks(origin=origin, own=own, own_side=own_side)
    groups: list[_Group] = []
    why = ""
    for page in pages.pages:
        sheet = seen.get(page.number)
        if sheet is not None and sheet.separates:
            why = "separator"
            continue
        if sheet is not None and sheet.blank:
            why = why or "blank"
            continue
        leaf = _Leaf(page=page, asks=asks)
        if not groups or why == "separator":
            groups.append(_Group(asks, [leaf], why if groups else ""))
        else:
            reason = _begins(groups[-1], leaf, after_blank=why == "blank")
            if reason:
                groups.append(_Group(asks, [leaf], reason))
            else:
                groups[-1].add(leaf)
        why = ""
    groups = _merged(groups)
    invoices = sum(one.is_invoice for one in groups)
    separated = any(one.why == "separator" for one in groups)
    if len(groups) < 2 or (invoices < 2 and not separated):
        return ()
    return tuple(one.part() for one in groups)


@dataclass(frozen=True, kw_only=True)
class _Asks:
    """What every extraction here is told."""

    origin: Origin
    own: OwnIdentity | None
    own_side: str

    def read(self, pages: Sequence[Page]) -> Candidate:
        """The candidate that these pages hold, read as a file of their own."""
        numbered = tuple(replace(one, number=at) for at, one in enumerate(pages, start=1))
        held = PageSet(pages=numbered, origin="text", total=len(numbered))
        return extract(held, own=self.own, own_side=self.own_side, origin=self.origin)


@dataclass(frozen=True, kw_only=True)
class _Leaf:
    """One page, looked at alone."""

    page: Page
    asks: _Asks

    @cached_property
    def reader(self) -> Reader:
        one = replace(self.page, number=1)
        return Reader.of(PageSet(pages=(one,), origin="text", total=1), self.asks.origin)

    @cached_property
    def titled(self) -> bool:
        """True when its title says that it is an invoice."""
        kind = kinds.read(self.reader)
        return kind.name in kinds.INVOICES and kind.confidence >= 0.9

    @cached_property
    def number(self) -> str:
        """The invoice's number as it is compared, "" when the page surely names none."""
        reading = header.read(self.reader).get("number")
        sure = reading is not None and reading.confidence >= _FEWEST_FOR_SURE
        return _key(str(reading.value)) if sure and reading is not None else ""

    @cached_property
    def alone(self) -> Candidate:
        """The page read as if it were the whole file."""
        return self.asks.read((self.page,))

    @cached_property
    def count(self) -> tuple[int, int] | None:
        """(2, 3) for « page 2/3 »; (2, 0) for « page 2 »."""
        height = self.page.height
        for row in self.reader.text.rows:
            found = _COUNTED.search(row.plain)
            margin = row.y0 < 0.14 * height or row.y1 > 0.88 * height
            if found is None and margin:
                found = next((hit for cell in row.cells if (hit := _BARE.match(cell.plain))), None)
            if found is not None and 1 <= int(found[1]) <= int(found[2]):
                return int(found[1]), int(found[2])
            if margin:
                lone = next((hit for cell in row.cells if (hit := _LONE.match(cell.plain))), None)
                if lone is not None and int(lone[1]):
                    return int(lone[1]), 0
        return None

    @cached_property
    def carried_in(self) -> bool:
        """True when it opens with what the page before left."""
        rows = self.reader.text.rows
        return any(_CARRIED_IN.search(cell.plain) for row in rows for cell in row.cells)

    @cached_property
    def carried_out(self) -> bool:
        """True when it says that it goes on."""
        return any(_CARRIED_OUT.search(row.plain) for row in self.reader.text.rows[-12:])


@dataclass
class _Group:
    """Pages that belong to one invoice, so far."""

    asks: _Asks
    leaves: list[_Leaf]
    why: str = ""
    _read: dict[int, Candidate] = field(default_factory=dict)

    def add(self, leaf: _Leaf) -> None:
        self.leaves.append(leaf)

    @property
    def candidate(self) -> Candidate:
        """What its pages hold together; of many pages, the first and the last ones."""
        length = len(self.leaves)
        if length not in self._read:
            held = self.leaves
            if length > _MOST_WEIGHED:
                held = [*held[:2], *held[2 - _MOST_WEIGHED :]]
            if length == 1:
                self._read[length] = held[0].alone
            else:
                self._read[length] = self.asks.read([one.page for one in held])
        return self._read[length]

    @property
    def numbers(self) -> set[str]:
        return {one.number for one in self.leaves if one.number}

    @property
    def is_invoice(self) -> bool:
        """True for an invoice with its amount to pay."""
        return self.candidate.kind in ("invoice", "receipt") and self.closed

    @property
    def closed(self) -> bool:
        """True when its totals are there."""
        read = self.candidate
        return any(read.amount(one) is not None for one in ("total_incl_vat", "amount_due"))

    @property
    def counted_out(self) -> bool:
        """True when its last page is « 3/3 »."""
        count = self.leaves[-1].count
        return count is not None and count[0] == count[1]

    def part(self) -> ProposedPart:
        read = self.candidate
        amount = read.amount("total_incl_vat")
        return ProposedPart(
            first=self.leaves[0].page.number,
            last=self.leaves[-1].page.number,
            why=self.why,
            kind=read.text("type") or read.kind,
            number=read.text("number"),
            seller=read.text("seller_name"),
            buyer=read.text("buyer_name"),
            total=read.amount("amount_due") if amount is None else amount,
            currency=read.text("currency"),
        )


def _continues(group: _Group, leaf: _Leaf) -> bool:
    """True when something says that the page goes on with the invoice before it."""
    last = group.leaves[-1]
    counted = leaf.count is not None and leaf.count[0] > 1
    waits = last.count is not None and 0 < last.count[0] < last.count[1]  # « 1/2 »
    unfinished = not group.closed and group.candidate.kind in ("invoice", "receipt")
    return (
        counted
        or waits
        or leaf.carried_in
        or last.carried_out
        or (bool(leaf.number) and leaf.number in group.numbers)
        or unfinished
    )


def _begins(group: _Group, leaf: _Leaf, *, after_blank: bool) -> str:
    """Why this page opens a new invoice, "" when it does not."""
    if not leaf.titled or _continues(group, leaf):
        return ""
    if leaf.number and group.numbers and _opens(leaf):
        return "number"
    if leaf.count is not None and leaf.count[1] and group.counted_out and _opens(leaf):
        return "count"
    if _other_seller(group.candidate, leaf.alone):
        return "seller"
    if not _totals(leaf.alone) or _same_totals(group.candidate, leaf.alone):
        return ""
    if after_blank:
        return "blank"
    # When the page before bears that day too, where the invoice starts is not known.
    alone = len(group.leaves) == 1 or _other_day(group.leaves[-1].alone, leaf.alone)
    return "date" if alone and _other_day(group.candidate, leaf.alone) else ""


def _opens(leaf: _Leaf) -> bool:
    """True when the page has what a first page has: a date, and the invoice's own number."""
    read = leaf.alone
    return read.kind in ("invoice", "receipt") and read.day("issue_date") is not None


def _totals(read: Candidate) -> bool:
    """True when the page has totals of its own that add up."""
    excl, vat = read.amount("total_excl_vat"), read.amount("total_vat")
    incl = read.amount("total_incl_vat")
    if incl is None:
        return False
    return read.kind == "receipt" or (excl is not None and vat is not None and excl + vat == incl)


def _same_totals(one: Candidate, other: Candidate) -> bool:
    """True when the pages say the same sum: a summary and its details, or a copy."""
    return one.amount("total_incl_vat") in (None, other.amount("total_incl_vat"))


def _other_seller(one: Candidate, other: Candidate) -> bool:
    """True when both name a seller by an identifier, and not the same."""
    for name in ("seller_siren", "seller_vat"):
        left, right = one.text(name), other.text(name)
        if left and right:
            return left != right
    return False


def _other_day(one: Candidate, other: Candidate) -> bool:
    """True when both surely bear a date of issue, and not the same."""
    left, right = one.fields.get("issue_date"), other.fields.get("issue_date")
    if left is None or right is None or min(left.confidence, right.confidence) < _FEWEST_FOR_SURE:
        return False
    return left.value != right.value


def _merged(groups: list[_Group]) -> list[_Group]:
    """Without the cuts that do not hold once the pages are read together."""
    kept: list[_Group] = []
    for group in groups:
        wrong = group.why != "separator" and (
            not group.is_invoice or (kept and _twins(kept[-1].candidate, group.candidate))
        )
        if kept and wrong:
            kept[-1].leaves.extend(group.leaves)
        else:
            kept.append(group)
    return kept


def _twins(one: Candidate, other: Candidate) -> bool:
    """True when both bear the same number, or the same sum on the same day and no number."""
    left, right = _key(one.text("number")), _key(other.text("number"))
    if left and right:
        return left == right
    same_day = one.day("issue_date") == other.day("issue_date")
    return same_day and _same_totals(one, other)


def _key(number: str) -> str:
    """A number as it is compared: lookalikes of OCR are the same sign."""
    return re.sub(r"[\W_]", "", number).upper().translate(_ALIKE)
