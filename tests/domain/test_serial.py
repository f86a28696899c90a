"""Serial: what is stored or queued comes back exactly as it went, and the rest is refused."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest
from facteur.domain import commands, serial
from facteur.domain.candidate import Candidate, LineRow, Origin, Provenance, Reading, VatRow
from facteur.domain.commands import AcceptDocument, CorrectDocument, ReadDocument, Scheduled
from facteur.domain.documents import Direction, Document, Source, State
from facteur.domain.events import Entry
from facteur.domain.faults import Fault
from facteur.domain.invoice import Invoice, Line, Party, Totals
from facteur.domain.keys import ApiKey
from facteur.domain.pages import Box, Page, PageSet, Word
from facteur.ports import MailRecord, RuleReport, Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 20, 9, 34, 0, 123456, tzinfo=UTC)

_zones = st.sampled_from([UTC, timezone(timedelta(hours=2))])
_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    date: st.dates(),
    datetime: st.builds(lambda at, zone: at.replace(tzinfo=zone, fold=0), st.datetimes(), _zones),
    object: st.recursive(
        st.none() | st.booleans() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
        ),
        max_leaves=4,
    ),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911
    """Every value that an annotation of the domain allows."""
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return values_of(arguments[0])
    if kind is NoneType:
        return st.none()
    if origin in (Union, UnionType):
        return st.one_of([values_of(one) for one in arguments])
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(values_of(one) for one in arguments))
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(_SIMPLE[str], values_of(arguments[1]), max_size=2)
    if is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        given_fields = {one.name: values_of(hints[one.name]) for one in fields(kind)}
        return st.builds(kind, **given_fields)
    return st.sampled_from(list(kind))


@pytest.mark.parametrize(
    "kind",
    [
        Document, Entry, Candidate, Invoice, PageSet, Fault, Scheduled, MailRecord, ApiKey,
        Session, RuleReport, Source,
    ],
)  # fmt: skip
def test_what_is_stored_comes_back_exactly(kind: type) -> None:
    """Any value of any stored class survives dumps and loads, its types included."""

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(values_of(kind))
    def survives(value: Any) -> None:
        again = serial.loads(kind, serial.dumps(value))
        assert again == value
        assert repr(again) == repr(value)

    survives()


@pytest.mark.parametrize("kind", get_args(commands.Command))
def test_every_command_can_be_queued(kind: type) -> None:
    """A command of each class comes back from a message, inside the Scheduled that carries it."""

    @settings(max_examples=5, deadline=None, database=None)
    @given(values_of(kind))
    def survives(command: Any) -> None:
        scheduled = Scheduled(id="c1", command=command, due=NOW)
        assert serial.loads(Scheduled, serial.dumps(scheduled)) == scheduled

    survives()


def test_amounts_are_text_and_days_iso_in_the_json() -> None:
    """No amount is ever a JSON number, so no reader can make a float of it."""
    candidate = Candidate(
        fields={
            "total_incl_vat": reading(Decimal("1200.10")),
            "issue_date": reading(date(2026, 11, 20)),
            "number": reading("F-1"),
            "vat_breakdown": reading(
                (VatRow(rate=Decimal(20), base=Decimal("1000.10"), tax=None),)
            ),
        }
    )

    written = {name: one["value"] for name, one in serial.pack(candidate)["fields"].items()}

    assert written["total_incl_vat"] == {"kind": "Decimal", "data": "1200.10"}
    assert written["issue_date"] == {"kind": "date", "data": "2026-11-20"}
    assert written["number"] == "F-1"
    assert written["vat_breakdown"]["kind"] == "VatRow[]"
    assert written["vat_breakdown"]["data"][0]["base"] == "1000.10"


def reading(value: Any) -> Reading:
    return Reading(value=value, provenance=Provenance(origin=Origin.XML))


def test_rows_keep_their_class() -> None:
    """Lines come back as lines, not as VAT rows."""
    candidate = Candidate(fields={"lines": reading((LineRow(description="Vis", net=Decimal(3)),))})
    again = serial.loads(Candidate, serial.dumps(candidate))
    assert again.lines == candidate.lines
    assert again.vat_rows == ()


def test_a_field_of_a_later_release_is_ignored() -> None:
    """A row written by a newer release can be read: what is unknown is left out."""
    body = json.loads(serial.dumps(document()))
    body["data"]["sustainability"] = {"co2": 3}
    assert serial.loads(Document, json.dumps(body)) == document()


def test_a_field_missing_in_an_old_row_takes_its_default() -> None:
    """A row written by an older release can be read: what it did not know defaults."""
    body = json.loads(serial.dumps(replace(document(), ocr_job="")))
    del body["data"]["ocr_job"]
    assert serial.loads(Document, json.dumps(body)) == document()


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"{}",
        b'{"format":1,"kind":"Document"}',
        b'{"format":1,"kind":"Invoice","data":{}}',
        b'{"format":2,"kind":"Document","data":{}}',
        b'{"format":"1","kind":"Document","data":{}}',
        b'{"format":1,"kind":"Document","data":[]}',
        b'{"format":1,"kind":"Document","data":{"dossier":"d"}}',
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_by_name(text: bytes) -> None:
    """Anything but a document in an envelope of a known format is a SerialError, never a guess."""
    with pytest.raises(serial.SerialError):
        serial.loads(Document, text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", "melted"), ("state", []), ("size", "12"), ("size", True), ("pages", 1.5),
        ("received_at", "yesterday"), ("received_at", 3), ("sources", {}), ("files", []),
        ("structured", "yes"), ("filename", None), ("seal", []),
        ("summary", {"total_incl_vat": 12.5}), ("summary", {"total_incl_vat": "NaN"}),
        ("summary", {"total_incl_vat": "douze"}), ("summary", {"issue_date": "20/11/2026"}),
    ],
)  # fmt: skip
def test_a_wrong_kind_of_value_is_refused(field: str, value: object) -> None:
    """A tampered row is refused; nothing is converted silently (an amount is no JSON number)."""
    body = json.loads(serial.dumps(document()))
    body["data"][field] = value
    with pytest.raises(serial.SerialError):
        serial.loads(Document, json.dumps(body))


def test_an_unknown_command_is_refused() -> None:
    """A message whose command this release does not know goes to the dead letters, by name."""
    scheduled = Scheduled(id="c", command=ReadDocument(dossier="d", document="i"), due=NOW)
    text = serial.dumps(scheduled).replace(b"ReadDocument", b"EraseDossier")
    with pytest.raises(serial.SerialError, match="EraseDossier"):
        serial.loads(Scheduled, text)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), 12.5, "12.50"])
def test_what_is_no_amount_is_not_written(value: Any) -> None:
    """NaN, infinity, a float or a text in the place of an amount is refused on the way in."""
    with pytest.raises(serial.SerialError):
        serial.pack(Totals(due=value))


def test_a_time_without_zone_is_not_written() -> None:
    """A naive time would mean something else on another machine."""
    naive = AcceptDocument(dossier="d", document="i", version=1, by="u")
    with pytest.raises(serial.SerialError):
        serial.pack(Scheduled(id="c", command=naive, due=NOW.replace(tzinfo=None)))


def test_half_a_surrogate_pair_from_a_broken_mail_can_be_stored() -> None:
    """Text that UTF-8 cannot carry is stored with a question mark instead of failing for ever."""
    broken = replace(document(), filename="factur\udce9.pdf")
    assert serial.loads(Document, serial.dumps(broken)).filename == "factur?.pdf"


def test_rows_typed_by_a_user_stay_rows() -> None:
    """The raw values of a correction, texts and rows of texts, come back as they were typed."""
    command = CorrectDocument(
        dossier="d",
        document="i",
        version=3,
        by="u",
        values={"number": " F 1 ", "lines": [{"net": "3,00"}, {"net": ""}]},
    )
    scheduled = Scheduled(id="c", command=command, due=NOW)
    assert serial.loads(Scheduled, serial.dumps(scheduled)) == scheduled


def test_words_are_written_short() -> None:
    """A word costs six values, not nested objects: a long scan stays a file of a few megabytes."""
    word = Word("Facture", Box(0.1, 0.2, 0.3, 0.25), 0.98)
    pages = PageSet(pages=(Page(number=1, words=(word,)),), origin="ocr:rapidocr", total=1)
    assert serial.pack(pages)["pages"][0]["words"] == [["Facture", 0.1, 0.2, 0.3, 0.25, 0.98]]
    assert serial.loads(PageSet, serial.dumps(pages)) == pages


@pytest.mark.parametrize("word", [["a"], ["a", 0, 0, 0, 0, 0, 0], None, "abcdef", 7])
def test_a_damaged_word_is_refused(word: object) -> None:
    """A word that is not six values is a SerialError, not an IndexError far away."""
    body = {
        "format": 1,
        "kind": "PageSet",
        "data": {"origin": "text", "pages": [{"number": 1, "words": [word]}]},
    }
    with pytest.raises(serial.SerialError):
        serial.loads(PageSet, json.dumps(body))


# ── The canonical form ──────────────────────────────────────────────────────────────────────────


def invoice() -> Invoice:
    return Invoice(
        number="F-2026-1",
        issue_date=date(2026, 11, 20),
        type_code="380",
        currency="EUR",
        seller=Party(name="Quincaillerie Été"),
        buyer=Party(name="Atelier Nord"),
        totals=Totals(tax_inclusive=Decimal("1.2E+2"), due=Decimal("120.00")),
        lines=(Line(id="1", net=Decimal("100.0")),),
    )


def test_the_canonical_form_is_the_same_bytes_for_ever() -> None:
    """Sorted keys, no spaces, UTF-8, plain amounts as the issuer wrote them, no empty field."""
    expected = (
        '{"buyer":{"name":"Atelier Nord"},"currency":"EUR","issue_date":"2026-11-20",'
        '"lines":[{"id":"1","net":"100.0"}],"number":"F-2026-1",'
        '"seller":{"name":"Quincaillerie Été"},'
        '"totals":{"due":"120.00","tax_inclusive":"120"},"type_code":"380"}'
    )
    assert serial.canonical(invoice()) == expected.encode()


def test_the_canonical_form_tells_amounts_apart() -> None:
    """A zero is not an absent amount, and one cent changes the bytes."""
    base = serial.canonical(invoice())
    for due in (Decimal("0.00"), Decimal("120.01"), None):
        other = replace(invoice(), totals=replace(invoice().totals, due=due))
        assert serial.canonical(other) != base
    zero = replace(invoice(), totals=Totals(due=Decimal("0.00")))
    assert b'"due":"0.00"' in serial.canonical(zero)


def document() -> Document:
    return Document(
        dossier="d",
        id="i",
        direction=Direction.PURCHASE,
        state=State.RECEIVED,
        received_at=NOW,
        filename="facture.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        size=12,
        sources=(),
    )
