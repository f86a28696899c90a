"""What a witness's word is worth: beside our own reading, cross-checked in the same way.

The page is always read without it first. Then (decision 0276):

- what we read and the witness says too stays as it is: its weight was never counted, so it makes
  nothing sure;
- what we read and the witness contradicts is kept and shown as to check;
- totals that we could not prove are read again with its amounts as evidence, and taken when they
  are printed and add up; lines that we could not add up are taken from its tables when those do;
- a field that we have not, or only guessed, takes its value when that is of the right kind (a
  date, a key that holds, a reference) and contradicts nothing.

Whatever comes from the witness stays under the bar of what is sure, and says where it comes from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from facteur.domain import companies
from facteur.domain.candidate import Candidate, LineRow, Origin, Reading, VatRow, type_of_value
from facteur.domain.extraction import columns, evidence, rows, trust
from facteur.domain.extraction.items import Table
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.rows import Lines
from facteur.domain.extraction.testimony import Claim, Testimony
from facteur.domain.plain import plain

#: The most that a value is worth that a witness gave, moved or contradicts: never sure.
TO_CHECK = trust.WEAK - 0.01
GIVEN = 0.6  # the grade of a field that the witness alone gives
_FILLS = 0.7  # what a claim must be worth to give a field
_CONTRADICTS = 0.8  # and to throw doubt on what we read
_GUESS = 0.6  # under this grade a field of ours is a guess, that a claim may replace

_TOTAL_OF = {
    "excl": "total_excl_vat", "vat": "total_vat", "incl": "total_incl_vat", "due": "amount_due",
    "prepaid": "prepaid",
}  # fmt: skip
_TOTALS = ("total_excl_vat", "total_vat", "total_incl_vat")
_MOVED = (*_TOTALS, "amount_due", "prepaid", "vat_breakdown", "lines", "adjustments")
_HEADER = (
    "number", "issue_date", "due_date", "delivery_date", "purchase_order", "contract",
    "seller_name", "buyer_name", "seller_vat", "buyer_vat", "iban", "bic",
)  # fmt: skip
_ALIKE = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1"})


def doubtful(fields: Mapping[str, Reading]) -> bool:
    """True when the totals are not proved, so that the witness's amounts are worth weighing."""
    return any(name not in fields or fields[name].confidence < trust.WEAK for name in _TOTALS)


def weighed(
    reader: Reader, read: Candidate, again: Candidate | None, said: Testimony
) -> Candidate:
    """Our candidate, graded, with what the witness changes in it.

    ``again`` is the same page read with the witness's amounts among the evidence.
    """
    fields = dict(read.fields)
    if again is not None and _adds_up(again.fields) and again.kind == read.kind:
        fields.update(_moved(fields, again.fields, said))
    fields.update(_contradicted(fields, said))
    fields.update(_lines(reader, fields, said))
    for role in _HEADER:
        reading = _header(reader, fields, role, said)
        if reading is not None:
            fields[role] = reading
    return replace(read, fields=fields)


# ── Totals ──────────────────────────────────────────────────────────────────────────────────────


def _adds_up(fields: Mapping[str, Reading]) -> bool:
    """True when the three totals are printed and one is the sum of the others."""
    if any(name not in fields for name in _TOTALS):
        return False
    if any(fields[name].provenance.origin is Origin.RULE for name in _TOTALS):
        return False
    excl, vat, incl = (_amount(fields, name) for name in _TOTALS)
    return excl is not None and vat is not None and incl is not None and excl + vat == incl


def _moved(
    ours: Mapping[str, Reading], theirs: Mapping[str, Reading], said: Testimony
) -> dict[str, Reading]:
    """The totals as the witness's amounts make them, and what follows from them; to check.

    Nothing when they are those that we had.
    """
    if all(name in ours and ours[name].value == theirs[name].value for name in _TOTALS):
        return {}
    rule = next((one.rule for one in said.claims if one.number is not None), said.engine)
    found: dict[str, Reading] = {}
    for name in _MOVED:
        mine, reading = ours.get(name), theirs.get(name)
        if mine is not None and (reading is None or mine.value == reading.value):
            found[name] = _lowered(mine)
        elif reading is not None:
            found[name] = _lowered(_named(reading, rule))
    return found


def _contradicted(fields: Mapping[str, Reading], said: Testimony) -> dict[str, Reading]:
    """The totals as to check, when the witness gives another amount for one of them.

    A part is no contradiction: the base of one rate, the amount of one line.
    """
    parts = _parts(fields)
    found: dict[str, Reading] = {}
    for role, name in _TOTAL_OF.items():
        value = _amount(fields, name)
        claims = [one for one in said.of(role) if one.score >= _CONTRADICTS]
        others = [one.value for one in claims if one.value not in parts]
        if value is None or not others or any(one.value == abs(value) for one in claims):
            continue
        found[name] = _doubted(fields[name], said)
        for other in (*_TOTALS, "amount_due"):
            if other in fields and other not in found:
                found[other] = _lowered(fields[other])
    return found


def _parts(fields: Mapping[str, Reading]) -> set[type_of_value]:
    """The amounts of the lines and of the rows of the VAT table, where there are several."""
    found: set[type_of_value] = set()
    for name in ("lines", "vat_breakdown"):
        held = fields[name].value if name in fields else ()
        held = held if isinstance(held, tuple) and len(held) > 1 else ()
        for row in held:
            amounts: Iterable[Decimal | None] = ()
            if isinstance(row, LineRow):
                amounts = (row.net, row.unit_price)
            elif isinstance(row, VatRow):
                both = (row.base, row.tax)
                whole = sum((one for one in both if one is not None), Decimal(0))
                amounts = (*both, whole)
            found |= {abs(one) for one in amounts if one is not None}
    return found


# ── Lines ───────────────────────────────────────────────────────────────────────────────────────


def _lines(reader: Reader, fields: Mapping[str, Reading], said: Testimony) -> dict[str, Reading]:
    """The lines of the witness's tables, where they add up and ours do not; to check.

    Where both add up and are not the same lines, ours are to check.
    """
    excl, incl = (_amount(fields, name) for name in ("total_excl_vat", "total_incl_vat"))
    if not said.tables or (excl is None and incl is None):
        return {}
    found = evidence.evidence(reader, columns.heads(reader))
    sides = [None if one is None else abs(one) for one in (excl, incl)]
    best, rule = Lines(), ""
    for name in dict.fromkeys(one for one, _ in said.tables):
        tables: Sequence[Table] = [table for one, table in said.tables if one == name]
        lines = rows.choose(reader, tables, sides[0], sides[1], found)
        if lines.agrees and len(lines.items) > len(best.items):
            best, rule = lines, name
    if not best.agrees:
        return {}
    ours = fields.get("lines")
    if ours is not None and ours.confidence >= trust.WEAK:
        own = sorted(abs(one.net) for one in _rows(ours) if one.net is not None)
        theirs = sorted(abs(item.amount) for item in best.items)
        return {} if own == theirs else {"lines": _doubted(ours, said)}
    if ours is not None and _sums_up(_rows(ours), (excl, incl)):
        return {}  # they are doubted for another reason, which the witness does not mend
    given = rows.read(reader, best)
    return {name: _lowered(_named(one, rule)) for name, one in given.items()}


def _rows(reading: Reading) -> list[LineRow]:
    value = reading.value
    return [one for one in value if isinstance(one, LineRow)] if isinstance(value, tuple) else []


def _sums_up(held: Sequence[LineRow], totals: Iterable[Decimal | None]) -> bool:
    whole = abs(sum((one.net for one in held if one.net is not None), Decimal(0)))
    return any(one is not None and abs(one) == whole for one in totals)


# ── The other fields ────────────────────────────────────────────────────────────────────────────


def _header(
    reader: Reader, fields: Mapping[str, Reading], role: str, said: Testimony
) -> Reading | None:
    """The field as the witness leaves it: given, replaced, doubted; None when it is as it was."""
    claims = said.of(role)
    ours = fields.get(role)
    if not claims or (ours is not None and any(_same(role, ours.value, one) for one in claims)):
        return None
    best = claims[0]
    if ours is not None and ours.confidence >= _GUESS:
        doubts = best.score >= _CONTRADICTS and ours.confidence > TO_CHECK
        return _doubted(ours, said) if doubts else None
    rivals = {str(one.value) for one in claims if one.score >= _FILLS}
    if best.score < _FILLS or len(rivals) > 1 or not _fits(fields, role, best):
        return None
    given = reader.reading(best.value, best.spot, min(GIVEN, best.score))
    return _named(given, best.rule)


def _same(role: str, ours: type_of_value, claim: Claim) -> bool:
    """True when both say the same; lookalikes of OCR are the same sign, legal forms no part."""
    if role.endswith("_name"):
        return companies.akin(str(ours), str(claim.value))
    if isinstance(ours, date) or isinstance(claim.value, date):
        return ours == claim.value
    return _bare(str(ours)) == _bare(str(claim.value))


def _bare(text: str) -> str:
    return "".join(sign for sign in plain(text) if sign.isalnum()).translate(_ALIKE)


def _fits(fields: Mapping[str, Reading], role: str, claim: Claim) -> bool:
    """True when a claim contradicts no other field: a term before the issue, a number twice."""
    if role in ("issue_date", "due_date"):
        other = fields.get("due_date" if role == "issue_date" else "issue_date")
        held = None if other is None else other.value
        if isinstance(held, date) and isinstance(claim.value, date):
            issued, due = (claim.value, held) if role == "issue_date" else (held, claim.value)
            return issued <= due
    taken = {
        _bare(str(one.value)) for name, one in fields.items() if name != role and name in _HEADER
    }
    return isinstance(claim.value, date) or _bare(str(claim.value)) not in taken


# ── What a reading says of itself ───────────────────────────────────────────────────────────────


def _lowered(reading: Reading) -> Reading:
    return replace(reading, confidence=min(reading.confidence, TO_CHECK))


def _named(reading: Reading, rule: str) -> Reading:
    """A value with the name of the witness that gave it; a computed one keeps its own rule."""
    if reading.provenance.origin is Origin.RULE:
        return reading
    return replace(reading, provenance=replace(reading.provenance, path=rule))


def _doubted(reading: Reading, said: Testimony) -> Reading:
    """A value of ours that the witness contradicts: kept, to check, and it says so."""
    return _lowered(_named(reading, f"{said.engine}:differs"))


def _amount(fields: Mapping[str, Reading], name: str) -> Decimal | None:
    value = fields[name].value if name in fields else None
    return value if isinstance(value, Decimal) else None
