"""Reading invoices from XML: values, places, faults; official examples and our golden files."""

import base64
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.domain import totals
from facteur.domain.candidate import FIELDS, Origin
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Severity
from facteur.domain.invoice import AllowanceCharge, Identifier, Note
from facteur.formats.safe_xml import parse as parse_xml
from facteur.formats.xml_invoice import parse, to_candidate, write_cii
from facteur.formats.xml_invoice.attachments import MAX_FILES
from facteur.formats.xml_invoice.candidate import type_word
from facteur.formats.xml_invoice.ubl import split_notes

from tests.effort import effort
from tests.shared import REPO, found, need
from tests.xml_samples import FILES, full_invoice, sub_lines

GOLDEN = REPO / "tests" / "golden"
EXAMPLES = "conformance/invoice/examples/*/*.xml"


def golden(name: str) -> bytes:
    """A golden file."""
    return (GOLDEN / name).read_bytes()


def changed(name: str, *changes: tuple[str, str]) -> bytes:
    """A golden file with pieces of text replaced; each must be there."""
    text = golden(name).decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def test_ubl_and_cii_give_the_same_invoice() -> None:
    """One invoice written in both syntaxes is read as one value, term by term."""
    ubl, cii = parse(golden("full.ubl.xml")), parse(golden("full-en16931.cii.xml"))
    assert ubl.invoice == cii.invoice == full_invoice()
    assert (ubl.syntax, cii.syntax) == ("ubl", "cii")
    assert ubl.attachments == cii.attachments == FILES
    assert ubl.faults == cii.faults == ()


def test_a_credit_note_of_ubl_keeps_its_peculiarities() -> None:
    """Due date in the payment means, project under type 50, creditor as a SEPA identifier."""
    parsed = parse(golden("credit-note.ubl.xml"))
    invoice = parsed.invoice
    assert invoice.is_credit_note
    assert invoice.due_date == date(2026, 12, 1)
    assert invoice.project == "CHANTIER-12"
    assert invoice.payment is not None
    assert invoice.payment.creditor_id == "FR12ZZZ123456"
    assert invoice.seller.identifiers == ()
    assert invoice.seller.name == "Atelier Verdier SPRL"
    assert invoice.lines[0].quantity == Decimal(1)
    assert parsed.profile.endswith("billing:3.0")


def test_zugferd_1_is_read_by_its_own_names() -> None:
    """The ancestor's names give the same fields; a service charge is a charge."""
    parsed = parse(golden("zugferd1.xml"))
    invoice = parsed.invoice
    assert parsed.syntax == "zugferd1"
    assert (invoice.number, invoice.issue_date) == ("R-77", date(2016, 3, 1))
    assert invoice.purchase_order == "BC-5"
    assert invoice.totals.tax_inclusive == Decimal("130.90")
    assert invoice.vat_breakdown[0].rate == Decimal("19.00")
    assert invoice.charges == (
        AllowanceCharge(
            amount=Decimal("10.00"),
            vat_category="S",
            vat_rate=Decimal("19.00"),
            reason="Versand",
        ),
    )
    assert invoice.lines[0].unit_price == Decimal("10.0000")
    assert (
        parsed.paths["number"] == "/rsm:CrossIndustryDocument/rsm:HeaderExchangedDocument/ram:ID"
    )


@pytest.mark.parametrize("path", found(EXAMPLES), ids=lambda path: Path(path).stem[:40])
def test_every_official_example_is_read_without_a_fault(path: Path) -> None:
    """Number, date, type, parties, totals and lines of each, and nothing misunderstood."""
    parsed = parse(path.read_bytes())
    invoice = parsed.invoice
    assert parsed.faults == ()
    assert invoice.number.startswith("F20")
    assert invoice.issue_date is not None
    assert invoice.seller.siren == "100000009"
    assert None not in (invoice.totals.tax_exclusive, invoice.totals.tax, invoice.totals.due)
    details = [line.net for line in invoice.lines if line.is_detail]
    assert sum(net for net in details if net is not None) == invoice.totals.lines


def test_the_two_syntaxes_of_an_official_example_agree() -> None:
    """The candidates of one official invoice in UBL and in CII are the same, field by field."""
    folder = need("conformance/invoice/examples/annexe-b-v1.3")
    for name in ("UC1_F202500003_00-INV_20250701", "UC5b_F202500011_00-CN_20250703"):
        held = [
            to_candidate(parse((folder / f"{name}_{syntax}_EN16931.xml").read_bytes())).fields
            for syntax in ("UBL", "CII")
        ]
        ubl, cii = ({key: one.value for key, one in fields.items()} for fields in held)
        assert ubl == cii


def test_a_candidate_holds_every_field_with_its_place() -> None:
    """What the page shows of an XML invoice: sure values, each with a path that leads to it."""
    parsed = parse(golden("full-en16931.cii.xml"))
    candidate = to_candidate(parsed)
    assert set(FIELDS) - set(candidate.fields) == set()
    root = parse_xml(golden("full-en16931.cii.xml"))
    prefixes = {key: value for key, value in root.nsmap.items() if key}
    for name, reading in candidate.fields.items():
        assert reading.sure, name
        assert reading.provenance.origin is Origin.XML
        assert root.xpath(reading.provenance.path, namespaces=prefixes), name
    assert candidate.amount("total_excl_vat") == Decimal("1211.00")
    assert candidate.text("exemption_reason").startswith("Formation")
    assert [row.unit_price for row in candidate.lines] == [450, Decimal("0.1"), 50]
    assert [row.discount for row in candidate.lines] == [Decimal("9.00"), None, None]
    assert totals.check(candidate, received=date.max) == ()


def test_identifiers_of_a_candidate_are_compact_and_their_print_is_kept() -> None:
    """Spaces people add are dropped from the value, and stay in what was printed."""
    spaced = changed("full-en16931.cii.xml", (">FR96552100554<", ">FR 96 552 100 554<"))
    reading = to_candidate(parse(spaced)).fields["seller_vat"]
    assert reading.value == "FR96552100554"
    assert reading.provenance.text == "FR 96 552 100 554"


def test_a_siret_in_the_place_of_the_siren_gives_both() -> None:
    """A common mistake of French files: fourteen digits under the scheme of the SIREN."""
    wrong = changed(
        "full-en16931.cii.xml",
        (
            '<ram:ID schemeID="0002">552100554</ram:ID>',
            '<ram:ID schemeID="0002">55210055400013</ram:ID>',
        ),
    )
    candidate = to_candidate(parse(wrong))
    assert candidate.text("seller_siren") == "552100554"
    assert candidate.text("seller_siret") == "55210055400013"


def test_a_siren_is_found_inside_a_siret_alone() -> None:
    """Without a SIREN of its own the SIRET tells it, and the provenance says where."""
    alone = changed("full-en16931.cii.xml", ('<ram:ID schemeID="0002">552100554</ram:ID>', ""))
    reading = to_candidate(parse(alone)).fields["seller_siren"]
    assert reading.value == "552100554"
    assert reading.provenance.path.endswith("ram:GlobalID[1]")


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("380", "invoice"),
        ("381", "credit_note"),
        ("261", "credit_note"),
        ("386", "prepayment"),
        ("384", "corrective"),
        ("389", "self_billed"),
        ("875", "invoice"),
        ("???", "invoice"),
    ],
)
def test_every_type_code_is_accepted(code: str, word: str) -> None:
    """Known or not, the code is kept as it is and stands for the nearest word."""
    parsed = parse(
        changed("full-en16931.cii.xml", ("<ram:TypeCode>380<", f"<ram:TypeCode>{code}<"))
    )
    assert parsed.invoice.type_code == code
    assert type_word(parsed.invoice) == word


@pytest.mark.parametrize(
    ("written", "understood", "faults"),
    [
        ("20261120", date(2026, 11, 20), []),
        ("202611201530", date(2026, 11, 20), []),
        ("2026-11-20", date(2026, 11, 20), ["xml.date_format"]),
        ("2026-11-20T00:00:00", date(2026, 11, 20), ["xml.date_format"]),
        ("20260231", None, ["xml.date"]),
        ("20261120XX", None, ["xml.date"]),
        ("20/11/2026", None, ["xml.date"]),
        ("00000000", None, ["xml.date"]),
        ("٢٠٢٦١١٢٠", None, ["xml.date"]),
    ],
)
def test_a_date_is_understood_or_a_fault(
    written: str, understood: date | None, faults: list[str]
) -> None:
    """Another way of writing is a warning; no day of the calendar, or extra letters, a fault."""
    parsed = parse(changed("full-en16931.cii.xml", (">20261120<", f">{written}<")))
    assert parsed.invoice.issue_date == understood
    assert [fault.code for fault in parsed.faults] == faults
    assert all(fault.path == "issue_date" for fault in parsed.faults)
    assert all(fault.blocking == (fault.code == "xml.date") for fault in parsed.faults)


@pytest.mark.parametrize(
    "written", ["1211,00", "1 211.00", "1E3", "NaN", "Infinity", "9" * 60, "--1", "0x10", "١٢"]
)
def test_what_is_not_a_decimal_is_a_fault_and_no_amount(written: str) -> None:
    """No guess, no exponent, no memory spent on a number of a million digits."""
    parsed = parse(changed("full-en16931.cii.xml", (">1211.00<", f">{written}<")))
    assert parsed.invoice.totals.tax_exclusive is None
    assert [(fault.code, fault.path) for fault in parsed.faults] == [
        ("xml.number", "total_excl_vat")
    ]
    assert "total_excl_vat" not in to_candidate(parsed).fields


@pytest.mark.parametrize("written", ["-0.20", "+0.20", ".5", "5.", " 7 "])
def test_decimals_of_the_schema_are_read(written: str) -> None:
    """Every spelling that XML Schema allows."""
    parsed = parse(changed("full-en16931.cii.xml", (">-0.20<", f">{written}<")))
    assert parsed.invoice.totals.rounding == Decimal(written.strip())


def test_a_vat_row_without_amount_is_a_fault_and_no_row() -> None:
    """Half a row would be an invention: the row is left out and said so."""
    wrong = changed(
        "full.ubl.xml", ('<cbc:TaxableAmount currencyID="EUR">200.00</cbc:TaxableAmount>', "")
    )
    parsed = parse(wrong)
    assert [row.base for row in parsed.invoice.vat_breakdown] == [Decimal("1011.00")]
    assert [(fault.code, fault.path) for fault in parsed.faults] == [
        ("xml.missing", "vat_breakdown")
    ]


def test_blanks_around_the_number_are_told() -> None:
    """The value is read without them; a pretty-printer's line breaks are nobody's fault."""
    for written in (" F-1", "F\u00a01", "F-1 "):
        parsed = parse(changed("full.ubl.xml", (">F-2026-0042<", f">{written}<")))
        assert [fault.code for fault in parsed.faults] == ["number.blanks"]
        assert parsed.faults[0].severity is Severity.WARNING
    pretty = parse(changed("full.ubl.xml", (">F-2026-0042<", ">\n    F-1\n  <")))
    assert (pretty.invoice.number, pretty.faults) == ("F-1", ())


def test_an_attachment_that_is_not_base64_is_set_aside() -> None:
    """The invoice is read all the same, and the reference stays."""
    parsed = parse(changed("full.ubl.xml", ("am91cjto", "am91cjt*")))
    assert parsed.attachments == ()
    assert parsed.invoice.attachments[0].reference == "REL-1"
    assert [fault.code for fault in parsed.faults] == ["xml.attachment"]


def test_attachments_are_counted_and_named_apart() -> None:
    """No more than fifty, no two under one name, no path in a name."""
    one = (
        "<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>X</ram:IssuerAssignedID>"
        "<ram:TypeCode>916</ram:TypeCode><ram:AttachmentBinaryObject mimeCode='application/pdf' "
        "filename='../../etc/plan.pdf'>"
        + base64.b64encode(b"x").decode()
        + "</ram:AttachmentBinaryObject>"
        "</ram:AdditionalReferencedDocument>"
    )
    place = "<ram:SpecifiedProcuringProject>"
    parsed = parse(changed("full-en16931.cii.xml", (place, one * 60 + place)))
    names = [file.filename for file in parsed.attachments]
    assert len(names) == len(set(names)) == MAX_FILES
    assert {"plan.pdf", "plan-2.pdf"} < set(names)
    assert {fault.code for fault in parsed.faults} == {"xml.attachments_many"}


def test_sub_lines_are_kept_and_only_details_count() -> None:
    """Groups and information stay in the invoice, the candidate shows what adds up."""
    parsed = parse(golden("sub-lines-extended.cii.xml"))
    assert parsed.invoice == sub_lines()
    assert [row.net for row in to_candidate(parsed).lines] == [Decimal("60.00"), Decimal("40.00")]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("Merci", (Note(text="Merci"),)),
        ("#PMT#Forfait", (Note(text="Forfait", subject="PMT"),)),
        (
            "#PMT#a#PMD#b##c",
            (Note(text="a", subject="PMT"), Note(text="b", subject="PMD"), Note(text="c")),
        ),
        ("#PMD#   ", (Note(text="", subject="PMD"),)),
        ("n° #1 de la liste", (Note(text="n° #1 de la liste"),)),
        ("  ", ()),
    ],
)
def test_notes_of_ubl_carry_their_subject_in_front(text: str, notes: tuple[Note, ...]) -> None:
    """One note, several joined, or a text that merely contains the sign."""
    assert split_notes(text) == notes


def test_amounts_of_vat_are_told_apart_by_currency() -> None:
    """BT-110 is in the invoice's currency, BT-111 in the accounting one, in whatever order."""
    tax = '<cbc:TaxAmount currencyID="EUR">202.20</cbc:TaxAmount>'
    other = '<cac:TaxTotal><cbc:TaxAmount currencyID="GBP">171.00</cbc:TaxAmount></cac:TaxTotal>'
    wanted = changed(
        "full.ubl.xml",
        ("<cac:TaxTotal>\n    " + tax, other + "<cac:TaxTotal>" + tax),
        (
            "<cbc:AccountingCost>",
            "<cbc:TaxCurrencyCode>GBP</cbc:TaxCurrencyCode><cbc:AccountingCost>",
        ),
    )
    totals = parse(wanted).invoice.totals
    assert (totals.tax, totals.tax_in_accounting_currency) == (
        Decimal("202.20"),
        Decimal("171.00"),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"<order/>",
        b'<Invoice xmlns="urn:example"/>',
        golden("full-en16931.cii.xml").replace(b"Invoice:100", b"Invoice:90"),
    ],
)
def test_other_xml_is_refused(data: bytes) -> None:
    """Only the three syntaxes are invoices; the reason names the root."""
    with pytest.raises(UnreadableError) as caught:
        parse(data)
    assert caught.value.code == "unreadable.xml.not_an_invoice"


@pytest.mark.parametrize("name", ["full-en16931.cii.xml", "full.ubl.xml", "zugferd1.xml"])
def test_an_empty_document_is_read_as_an_empty_invoice(name: str) -> None:
    """A root and nothing else: no crash, no value, and the rules will say what is missing."""
    root = parse_xml(golden(name))
    for child in list(root):
        root.remove(child)
    from lxml import etree

    parsed = parse(etree.tostring(root))
    assert (parsed.invoice.number, parsed.invoice.lines, parsed.faults) == ("", (), ())
    assert to_candidate(parsed).fields == {}


def test_schemes_come_with_identifiers() -> None:
    """An identifier without scheme stands first, as CII orders them."""
    assert parse(golden("full.ubl.xml")).invoice.seller.identifiers == (
        Identifier(value="CLIENT-4"),
        Identifier(value="55210055400013", scheme="0009"),
    )


def test_reading_costs_what_the_lines_are() -> None:
    """Eight times the lines take about eight times the effort, not sixty-four."""
    full = full_invoice()
    short, long = (
        write_cii(replace(full, lines=full.lines * times), "EN 16931") for times in (40, 320)
    )
    assert len(parse(long).invoice.lines) == 320 * len(full.lines)
    assert effort(lambda: parse(long)) < 20 * effort(lambda: parse(short))
