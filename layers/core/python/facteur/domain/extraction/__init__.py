"""From words with boxes to a candidate invoice: what is read, where, and how sure.

No template per supplier and no learning: labels near values, identifiers that carry a key,
amounts that add up, and the dossier's own identity, all considered together. Words may come from
a text layer, the embedded OCR or Textract: the same logic reads them.

The map: which module runs when, and what it hands on (→). ``_read``, below, is the same list.

1. What stands on the page, with no idea of its use → ``page.Reader``, made once, asked by all.
   ``slopes`` and ``clustering`` set words level and in lines; ``lines`` makes them rows and cells,
   whose parts are spots. On these ``amounts``, ``dates`` and ``marks`` (identifiers) find values,
   ``labels`` the words that name them, through ``spotting`` (many expressions in one pass);
   ``stacks`` finds cells on top of each other, ``names`` knows a company's name. ``once`` keeps
   what was worked out. ``links`` says how well a value belongs to a label, to whoever asks.
2. ``kinds`` → the kind of document. What is no invoice ends here, without a field.
3. Totals: ``columns`` → the heads of tables; ``evidence`` → which total each amount could be;
   ``taxes`` → rows that prove themselves (base × rate = tax); ``sums`` → the combination that adds
   up; ``dues`` → what remains to be paid.
4. Lines: ``bodies`` bounds a table, ``settling`` tries quantity × price, ``items`` → tables;
   ``rows`` → the lines that agree with the totals, ``headless`` those without a head.
5. VAT: ``exemptions`` → why there is none; ``breakdown`` → its rows, read or implied.
6. Words: ``header`` → number, dates, references; ``terms`` → when and how it is paid;
   ``mentions`` → sentences on late payment.
7. Parties: ``blocks`` → paragraphs and headings; ``weighing`` → which block sells and which buys;
   ``party``, with ``addresses`` → name and address; ``owners`` → whose identifier is which;
   ``parties`` → seller and buyer.
8. ``trust`` → a grade for each field, then ``paid`` → what was settled on the spot: the Candidate.
9. Where an engine found something by itself, ``testimony`` brings it back to the page's words and
   ``witness`` weighs it, reading once more if that helps.
10. ``trust`` turns grades into confidences, as counted in ``trust_steps``.

Afterwards, by the services: ``fingerprint`` recognises a supplier, ``hinted`` applies what was
learnt on his pages (``again`` says when one correction is enough), ``taught`` learns it.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from facteur.domain.candidate import (
    AdjustmentRow,
    Candidate,
    LineRow,
    Origin,
    Provenance,
    Reading,
    VatRow,
    type_of_value,
)
from facteur.domain.companies import OwnIdentity
from facteur.domain.extraction import (
    amounts,
    breakdown,
    columns,
    dues,
    evidence,
    exemptions,
    header,
    headless,
    items,
    kinds,
    mentions,
    paid,
    parties,
    rows,
    sums,
    taxes,
    testimony,
    trust,
    weighing,
    witness,
)
from facteur.domain.extraction.kinds import Kind
from facteur.domain.extraction.marks import Mark
from facteur.domain.extraction.page import Reader
from facteur.domain.extraction.rows import Lines
from facteur.domain.extraction.sums import Sums
from facteur.domain.pages import PageSet

__all__ = ["extract"]


def extract(
    pages: PageSet, *, own: OwnIdentity | None = None, origin: Origin, own_side: str = "buyer"
) -> Candidate:
    """The candidate invoice that these pages hold.

    ``own`` is the dossier, which is the buyer of what it receives and the seller of what it
    sends (``own_side``). A document that is no invoice has its ``kind`` and no field. Confidences
    are shares of right values, as counted (trust.py).
    """
    found = graded(pages, own=own, origin=origin, own_side=own_side)
    return replace(found, fields=trust.calibrated(found.fields, ocr=origin is Origin.OCR))


def graded(
    pages: PageSet, *, own: OwnIdentity | None = None, origin: Origin, own_side: str = "buyer"
) -> Candidate:
    """The candidate with the grades of its evidence as confidences: what calibration counts.

    What an engine found by itself (``Page.finds``) is heard once all is read without it.
    """
    reader = Reader.of(pages, origin)
    found = _read(reader, own, own_side)
    said = testimony.heard(reader, pages) if found.fields else None
    if said is None:
        return found
    again = None
    if said.evidence and witness.doubtful(found.fields):
        again = _read(reader, own, own_side, said.evidence)
    heard = witness.weighed(reader, found, again, said)
    return replace(heard, fields=_unsigned(dict(heard.fields)))


def _read(
    reader: Reader,
    own: OwnIdentity | None,
    own_side: str,
    said: Sequence[evidence.Evidence] = (),
) -> Candidate:
    """The candidate of what was recognised, graded; ``said`` is more evidence for its totals."""
    if not reader.text.rows:
        return Candidate(kind="other")
    kind = kinds.read(reader)
    if kind.name and kind.name not in kinds.INVOICES and kind.confidence >= 0.7:
        return Candidate(kind=kind.name)
    heads = columns.heads(reader)
    found = evidence.evidence(reader, heads)
    found = sorted([*found, *said], key=lambda one: -one.score) if said else found
    tax_rows = taxes.found(reader)
    total = sums.choose(reader, found, tax_rows)
    tables = items.tables(reader, heads, total.rows, total.values)
    if not total.adds_up and tables:
        total = sums.choose(reader, found, tax_rows, rows.sums_of(tables, found))
    reason = exemptions.of_page(reader)
    fields = sums.read(reader, total, found, untaxed=reason is not None)
    parts = [_amount(fields, name) or Decimal(0) for name in ("total_excl_vat", "total_vat")]
    fields.update(dues.read(reader, found, fields.get("total_incl_vat"), parts))
    if not _is_invoice(reader, kind, total, fields):
        return Candidate(kind="other")
    lines = _lines(reader, heads, tables, found, total, fields)
    fields.update(rows.read(reader, lines))
    fields.update(_vat(reader, total, tax_rows, lines, fields, reason))
    fields = rows.rated(fields)
    fields.update(header.read(reader))
    fields.update(mentions.read(reader))
    till = kind.name == "receipt" or kinds.of_a_till(reader)
    sold = {one.anchor.spot.row.number for one in lines.items if lines.agrees}
    taken = weighing.Taken(items.rows_of(tables), sold)
    fields.update(parties.read(reader, own, own_side, taken, alone=till))
    fields.update(_money(reader))
    fields["type"] = _type(reader, kind, total)
    terms = paid.given_back(reader) if fields["type"].value == "credit_note" else None
    if terms is not None:
        fields.setdefault("payment_terms", terms)
    fields = trust.graded(reader, fields, trust.Facts(total, found, lines))
    receipt = fields["type"].value == "receipt"
    fields |= paid.read(reader, fields, receipt=receipt)
    return Candidate(fields=_unsigned(fields), kind="receipt" if receipt else "invoice")


def _lines(
    reader: Reader,
    heads: Sequence[columns.Head],
    tables: Sequence[items.Table],
    found: Sequence[evidence.Evidence],
    total: Sums,
    fields: dict[str, Reading],
) -> Lines:
    """The lines that add up: of the tables, of the tables past their subtotals, without a head.

    Those of the tables when nothing does.
    """
    excl, incl = _amount(fields, "total_excl_vat"), _amount(fields, "total_incl_vat")
    lines = rows.choose(reader, tables, excl, incl, found)
    if lines.agrees:
        return lines
    further = items.tables(reader, heads, total.rows, total.values, through=True)
    wider = rows.choose(reader, further, excl, incl, found)
    if wider.agrees:
        return wider
    typed = headless.found(reader, total.places, excl, incl)
    return typed if typed.items else lines


def _is_invoice(reader: Reader, kind: Kind, total: Sums, fields: dict[str, Reading]) -> bool:
    """True for a titled invoice with some amount, or a page that has all an invoice needs."""
    if (
        "total_incl_vat" not in fields
        and "amount_due" not in fields
        and "total_excl_vat" not in fields
    ):
        return kind.name in kinds.INVOICES and kind.confidence >= 0.9
    if kind.name in kinds.INVOICES and kind.confidence >= 0.5:
        return True
    identified = any(mark.kind in ("siret", "siren", "vat") for mark in reader.marks)
    return total.adds_up and (identified or bool(reader.dates))


def _amount(fields: dict[str, Reading], name: str) -> Decimal | None:
    value = fields[name].value if name in fields else None
    return value if isinstance(value, Decimal) else None


def _vat(
    reader: Reader,
    total: Sums,
    tax_rows: list[taxes.TaxRow],
    lines: Lines,
    fields: dict[str, Reading],
    reason: exemptions.Reason | None,
) -> dict[str, Reading]:
    excl, vat = _amount(fields, "total_excl_vat"), _amount(fields, "total_vat")
    totals = breakdown.Totals(excl, vat) if excl is not None and vat is not None else None
    value = fields["lines"].value if "lines" in fields and not lines.adjustments else ()
    held = (
        tuple(row for row in value if isinstance(row, LineRow)) if isinstance(value, tuple) else ()
    )
    read: dict[str, Reading] = {}
    reading = breakdown.read(reader, total, tax_rows, held, totals, reason)
    if reading is not None:
        read["vat_breakdown"] = reading
    if reason is not None and reason.spot is not None and (vat is None or vat == 0):
        read["exemption_reason"] = reader.reading(reason.text, reason.spot, 0.9)
    return read


def _money(reader: Reader) -> dict[str, Reading]:
    """Currency, and the account to pay to: never the buyer's own."""
    fields: dict[str, Reading] = {}
    code, sure, spot = amounts.currency(reader.text, reader.numbers)
    if code and spot is not None:
        fields["currency"] = reader.reading(code, spot, sure)
    elif any(mark.kind in ("siret", "siren") or _french(mark) for mark in reader.marks):
        rule = Provenance(origin=Origin.RULE, path="from.siren")
        fields["currency"] = Reading(value="EUR", provenance=rule, confidence=0.9)
    for kind in ("iban", "bic"):
        marks = [
            one
            for one in reader.marks
            if one.kind == kind and not _debited(one.spot.row.plain[: one.spot.start])
        ]
        if marks:
            best = max(marks, key=lambda one: (one.valid, one.labelled))
            others = {one.value for one in marks if one.valid}
            sure = (0.97 if best.valid else 0.6) - (0.25 if len(others) > 1 else 0.0)
            fields[kind] = reader.reading(best.value, best.spot, sure)
    return fields


def _french(mark: Mark) -> bool:
    """True for a French VAT number."""
    return mark.kind == "vat" and mark.value.startswith("FR")


def _debited(before: str) -> bool:
    """True when the words before an IBAN say that it is the payer's."""
    words = before[-60:]
    return any(
        word in words
        for word in (
            "client",
            "kaufer",
            "debit",
            "preleve",
            "kunde",
            "votre compte",
            "votre iban",
            "ihr konto",
        )
    )


def _type(reader: Reader, kind: Kind, total: Sums) -> Reading:
    """The type word: the title's, unless the sign of the total contradicts it."""
    name = kind.name if kind.name in kinds.INVOICES else "invoice"
    sure = kind.confidence if kind.name in kinds.INVOICES else 0.6
    incl = total.incl.number if total.incl else None
    if incl is not None and incl.value < 0 and name in ("invoice", "receipt", "corrective"):
        name, sure = "credit_note", 0.85
    elif name == "invoice" and kinds.mentions_credit(reader) and sure < 0.95:
        sure = min(sure, 0.8)
    elif name == "invoice" and incl is not None and total.adds_up and kind.alone:
        sure = max(sure, 0.92)  # a title says so, a positive total agrees, nothing else is said
    if kind.spot is not None:
        return reader.reading(name, kind.spot, sure)
    return Reading(
        value=name, provenance=Provenance(origin=Origin.RULE, path="type.default"), confidence=sure
    )


def _unsigned(fields: dict[str, Reading]) -> dict[str, Reading]:
    """A credit note says by its type that it gives back: its amounts are written positive."""
    if fields["type"].value != "credit_note":
        return fields
    lines = fields.get("lines")
    if lines is None or not isinstance(lines.value, tuple):
        return fields
    nets = [row.net for row in lines.value if isinstance(row, LineRow) and row.net is not None]
    if sum(nets, Decimal(0)) >= 0:
        return fields
    return {**fields, "lines": replace(lines, value=_turned(lines.value))}


def _turned(
    value: tuple[VatRow, ...] | tuple[LineRow, ...] | tuple[AdjustmentRow, ...],
) -> type_of_value:
    turned = []
    for row in value:
        if isinstance(row, LineRow):
            net = None if row.net is None else -row.net
            quantity = row.quantity
            if quantity is not None and quantity < 0:
                quantity = -quantity
            price = abs(row.unit_price) if row.unit_price is not None else None
            turned.append(replace(row, net=net, quantity=quantity, unit_price=price))
    return tuple(turned)
