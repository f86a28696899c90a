"""Does a candidate hold? What is missing, what does not add up, what nobody is sure of.

The issuer's totals are never recomputed: they are compared, to the cent (EN 16931-1 §6.5, rules
BR-CO-10 to BR-CO-17). A gap that rounding explains is a warning with its amount, and becomes a
visible rounding in the invoice (building.py); a larger one waits for a person. What an issuer
sent as XML is checked by the official rules, not here.

Codes of identifiers are those of rules.py; the French sentences stand in web/messages.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from facteur.domain import identifiers
from facteur.domain.candidate import Candidate, Origin, VatRow
from facteur.domain.companies import OwnIdentity, akin
from facteur.domain.faults import Fault, Severity
from facteur.domain.invoice import EARLIEST
from facteur.domain.money import CENT, cents

#: Without these no invoice can be made (CGI annexe II art. 242 nonies A; EN 16931 BR-02 to BR-15).
REQUIRED = (
    "type",
    "number",
    "issue_date",
    "seller_name",
    "buyer_name",
    "currency",
    "total_excl_vat",
    "total_vat",
    "total_incl_vat",
    "amount_due",
)
_LONG_TERM_DAYS = 400
#: An invoice may be dated ahead of the day it comes: the first of the next month, at the most.
_AHEAD_DAYS = 31
_FAR_AHEAD_DAYS = 366


def check(candidate: Candidate, *, received: date) -> tuple[Fault, ...]:
    """All that does not check in a candidate read from a page; of an issuer's XML, its date alone.

    Blocking: a required field missing, totals that do not add up, impossible periods, a zero rate
    without a reason, a date of issue far beyond the day it was ``received``. Warnings: what
    rounding explains, odd identifiers, unsure readings.
    """
    if any(one.provenance.origin is Origin.XML for one in candidate.fields.values()):
        return tuple(_ahead(candidate, received))
    return (
        *needed(candidate),
        *_dates(candidate),
        *_ahead(candidate, received),
        *_identifiers(candidate),
        *_lines(candidate),
        *_breakdown(candidate),
        *_totals(candidate),
        *_unsure(candidate),
    )


def recipient(
    candidate: Candidate, own: OwnIdentity | None, *, side: str = "buyer"
) -> tuple[Fault, ...]:
    """``buyer.other`` when the buyer on the page is provably not the dossier (decision 26).

    With ``side`` "seller" it is the seller of a sales invoice that is compared: ``seller.other``.
    A person who confirmed the name or corrected it settles the question.
    """
    if own is None:
        return ()
    if any(_by_user(candidate, f"{side}_{name}") for name in ("name", "siren", "siret", "vat")):
        return ()
    told = _same_company(candidate, own, side)
    name = candidate.text(f"{side}_name")
    if told is None and own.name and name:
        reading = candidate.fields[f"{side}_name"]
        told = reading.confidence < 0.7 or akin(own.name, name)
    if told is None or told:
        return ()
    number = candidate.text(f"{side}_siren") or candidate.text(f"{side}_vat")
    path = f"{side}_name" if name else f"{side}_siren"
    return (Fault(code=f"{side}.other", path=path, values={"name": name, "number": number}),)


def rounding_allowed(rows: int) -> Decimal:
    """The gap that rounding alone can make between ``rows`` amounts and their printed sum."""
    return CENT * max(2, min((rows + 1) // 2 + 1, 10))


def _by_user(candidate: Candidate, name: str) -> bool:
    reading = candidate.fields.get(name)
    return reading is not None and reading.provenance.origin is Origin.USER


def _same_company(candidate: Candidate, own: OwnIdentity, side: str) -> bool | None:
    """What the identifiers say: the same company, another one, or nothing."""
    siren = candidate.text(f"{side}_siren") or candidate.text(f"{side}_siret")[:9]
    vat = candidate.text(f"{side}_vat")
    answers: list[bool] = []
    if own.siren and identifiers.is_siren(siren):
        answers.append(siren == own.siren)
    if vat and identifiers.is_vat(vat):
        within = identifiers.siren_of_vat(vat)
        if own.vat:
            answers.append(vat == own.vat)
        elif own.siren and within is not None:
            answers.append(within == own.siren)
    return None if not answers else any(answers)


def _fault(code: str, path: str, *, blocks: bool = True, **values: str) -> Fault:
    severity = Severity.BLOCKING if blocks else Severity.WARNING
    return Fault(code=code, path=path, severity=severity, values=values)


def needed(candidate: Candidate) -> tuple[Fault, ...]:
    """What the law or the standard wants of the invoice, and the page lacks: a fault for each.

    Nothing of it is ever invented (decision 25): a person adds it, or the issuer does.
    """
    names = [name for name in REQUIRED if candidate.get(name) in (None, "")]
    for side in ("seller", "buyer"):
        if not candidate.text(f"{side}_country"):
            names.append(f"{side}_country")  # BR-09, BR-11
    if not any(candidate.text(f"seller_{one}") for one in ("siren", "siret", "vat")):
        names.append("seller_siren")  # BR-CO-26
    if not candidate.vat_rows:
        names.append("vat_breakdown")  # BR-CO-18
    due = candidate.amount("amount_due")
    owed = due is not None and due > 0
    if owed and candidate.get("due_date") is None and not candidate.text("payment_terms"):
        names.append("due_date")  # BR-CO-25, credit notes too: or the terms, which the fault says
    names += _needed_by_vat(candidate)
    credit = candidate.get("type") == "credit_note"
    code = {"due_date": "field.missing_refund" if credit else "field.missing_term"}
    faults = [_fault(code.get(name, "field.missing"), name) for name in dict.fromkeys(names)]
    categories = {row.category for row in candidate.vat_rows}
    if "O" in categories and len(categories) > 1:
        faults.append(_fault("vat.out_of_scope_mixed", "vat_breakdown"))  # BR-O-11
    return tuple(faults)


def _needed_by_vat(candidate: Candidate) -> list[str]:
    """What a category of VAT wants: both VAT numbers in the Union, the seller's for an export."""
    categories = {row.category for row in candidate.vat_rows if row.rate == 0}
    names: list[str] = []
    if categories & {"K", "G"} and not candidate.text("seller_vat"):
        names.append("seller_vat")  # BR-IC-02, BR-G-02
    if "K" in categories and not candidate.text("buyer_vat"):
        names.append("buyer_vat")  # BR-IC-02
    if "AE" in categories and not any(candidate.text(f"buyer_{one}") for one in ("vat", "siren")):
        names.append("buyer_vat")  # BR-AE-02
    dates = ("delivery_date", "period_start", "period_end")
    if "K" in categories and not any(candidate.get(name) for name in dates):
        names.append("delivery_date")  # BR-IC-11
    return names


def _unsure(candidate: Candidate) -> Iterator[Fault]:
    for name, reading in candidate.fields.items():
        if not reading.sure:
            yield _fault(
                "field.unsure", name, blocks=False, confidence=f"{reading.confidence:.0%}"
            )


def _dates(candidate: Candidate) -> Iterator[Fault]:
    issued, due = candidate.day("issue_date"), candidate.day("due_date")
    start, end = candidate.day("period_start"), candidate.day("period_end")
    if issued is not None and issued < EARLIEST:
        yield _fault("date.implausible", "issue_date", value=issued.isoformat())
    if issued is not None and due is not None:
        early = candidate.get("type") not in ("prepayment", "credit_note")
        if due < issued and early:
            yield _fault("date.due_before_issue", "due_date", blocks=False, value=due.isoformat())
        elif (due - issued).days > _LONG_TERM_DAYS:
            yield _fault("date.implausible", "due_date", blocks=False, value=due.isoformat())
    if start is not None and end is not None and end < start:
        yield _fault("date.period_reversed", "period_end", value=end.isoformat())


def _ahead(candidate: Candidate, received: date) -> Iterator[Fault]:
    """A date of issue that is still to come (CGI art. 289: an invoice is made when it is issued).

    A person may say that the page does bear a date of the months to come; none of a later year.
    """
    issued = candidate.day("issue_date")
    if issued is None:
        return
    days = (issued - received).days
    if days > _FAR_AHEAD_DAYS:
        yield _fault("date.implausible", "issue_date", value=issued.isoformat())
    elif days > _AHEAD_DAYS and not _by_user(candidate, "issue_date"):
        day = received.isoformat()
        yield _fault("date.ahead", "issue_date", value=issued.isoformat(), received=day)


def _identifiers(candidate: Candidate) -> Iterator[Fault]:
    for side in ("seller", "buyer"):
        yield from _company(candidate, side)
    for name, valid in (("iban", identifiers.is_iban), ("bic", identifiers.is_bic)):
        value = candidate.text(name)
        if value and not valid(value):
            yield _fault(f"{name}.invalid", name, blocks=False, value=value)


def _company(candidate: Candidate, side: str) -> Iterator[Fault]:
    siren, siret = candidate.text(f"{side}_siren"), candidate.text(f"{side}_siret")
    vat = candidate.text(f"{side}_vat")
    if siren and not identifiers.is_siren(siren):
        yield _fault("siren.invalid", f"{side}_siren", blocks=False, value=siren)
    if siret and not identifiers.is_siret(siret):
        yield _fault("siret.invalid", f"{side}_siret", blocks=False, value=siret)
    if siret and siren and siret[:9] != siren:
        yield _fault(
            "siret.other_company", f"{side}_siret", blocks=False, value=siret, siren=siren
        )
    if vat and not identifiers.is_vat(vat):
        yield _fault("vat.invalid", f"{side}_vat", blocks=False, value=vat)
    french = vat.startswith("FR") and len(vat) == 13
    company = siren or siret[:9]
    if french and company and vat[4:] != company:
        yield _fault("vat.other_company", f"{side}_vat", blocks=False, value=vat, siren=company)


def _lines(candidate: Candidate) -> Iterator[Fault]:
    """The lines and the adjustments add up to HT, or to TTC where they are printed so."""
    lines = candidate.lines
    if not lines:
        return
    for place, line in enumerate(lines):
        if line.net is None:
            yield _fault("field.missing", f"lines.{place}.net")
        elif line.quantity is not None and line.unit_price is not None:
            expected = line_amount(line.quantity, line.unit_price, line.discount_percent, line.discount)  # fmt: skip  # noqa: E501
            if abs(expected - abs(line.net)) > Decimal("0.05"):
                values = {"line": str(place + 1), "net": str(line.net), "expected": str(expected)}
                yield _fault("line.amount", f"lines.{place}.net", blocks=False, **values)
    gross = lines[0].gross
    wanted = candidate.amount("total_incl_vat" if gross else "total_excl_vat")
    if wanted is None or any(line.net is None for line in lines):
        return
    found = sum_of_lines(candidate)
    code = "total.lines_sum_incl" if gross else "total.lines_sum"
    yield from _gap(code, "lines", found, wanted, len(lines))


def line_amount(
    quantity: Decimal, price: Decimal, percent: Decimal | None, discount: Decimal | None
) -> Decimal:
    """Quantity × price less the line's discount, without sign, to the cent."""
    whole = abs(quantity * price)
    if percent is not None:
        whole *= 1 - percent / 100
    return cents(whole - (discount or 0))


def sum_of_lines(candidate: Candidate) -> Decimal:
    """The lines' amounts less the document's allowances, plus its charges."""
    found = sum((line.net or Decimal(0) for line in candidate.lines), Decimal(0))
    for one in candidate.adjustments:
        found += one.amount if one.charge else -one.amount
    return found


def _gap(code: str, path: str, found: Decimal, wanted: Decimal, rows: int) -> Iterator[Fault]:
    gap = wanted - found
    if gap == 0:
        return
    if abs(gap) <= rounding_allowed(rows):
        yield _fault("total.rounding", path, blocks=False, delta=str(gap))
    else:
        yield _fault(code, path, found=str(found), expected=str(wanted), delta=str(gap))


def _breakdown(candidate: Candidate) -> Iterator[Fault]:
    rows = candidate.vat_rows
    for place, row in enumerate(rows):
        yield from _vat_row(row, f"vat_breakdown.{place}", len(candidate.lines))
    if not rows or any(row.base is None or row.tax is None for row in rows):
        return
    bases = sum((row.base or Decimal(0) for row in rows), Decimal(0))
    taxes = sum((row.tax or Decimal(0) for row in rows), Decimal(0))
    for code, name, found in (
        ("total.bases_sum", "total_excl_vat", bases),
        ("total.taxes_sum", "total_vat", taxes),
    ):
        wanted = candidate.amount(name)
        if wanted is not None:
            yield from _gap(code, "vat_breakdown", found, wanted, len(rows))


def _vat_row(row: VatRow, path: str, lines: int) -> Iterator[Fault]:
    for name in ("rate", "base", "tax"):
        if getattr(row, name) is None:
            yield _fault("field.missing", f"{path}.{name}")
    if row.rate is None or row.base is None or row.tax is None:
        return
    if row.rate == 0:
        if not row.category or row.category == "S":
            yield _fault("vat.reason_missing", f"{path}.category", base=str(row.base))
        elif not (row.exemption_text or row.exemption_code):
            yield _fault("vat.reason_missing", f"{path}.exemption_text", base=str(row.base))
        return
    expected = cents(row.base * row.rate / 100)
    gap = abs(expected - row.tax)
    # Tax rounded on each line, then summed, drifts by half a cent a line.
    allowed = max(rounding_allowed(0), cents(Decimal("0.005") * lines) + CENT)
    if gap > allowed:
        yield _fault(
            "total.vat_row", f"{path}.tax", expected=str(expected), found=str(row.tax), rate=str(row.rate)  # noqa: E501
        )  # fmt: skip


def _totals(candidate: Candidate) -> Iterator[Fault]:
    excl, vat = candidate.amount("total_excl_vat"), candidate.amount("total_vat")
    incl, due = candidate.amount("total_incl_vat"), candidate.amount("amount_due")
    if excl is not None and vat is not None and incl is not None:
        yield from _gap("total.sum", "total_incl_vat", excl + vat, incl, len(candidate.vat_rows))
    if incl is not None and due is not None:
        prepaid = candidate.amount("prepaid") or Decimal(0)
        rounding = candidate.amount("rounding") or Decimal(0)
        yield from _gap("total.due", "amount_due", incl - prepaid + rounding, due, 0)
