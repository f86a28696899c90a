"""Lifecycle messages: written as the official rules want them, read whatever they hold."""

import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from facteur.adapters.saxon import SaxonRulebook
from facteur.domain.documents import EmbeddedFile, Verdict
from facteur.domain.errors import InvalidError, UnreadableError
from facteur.domain.invoice import Identifier, Invoice, Party, Totals
from facteur.domain.lifecycle import codes, reasons
from facteur.domain.lifecycle.allowed import CARRYING
from facteur.domain.lifecycle.codes import Phase
from facteur.domain.lifecycle.factoring import account
from facteur.domain.lifecycle.messages import (
    MOST_ID,
    Detail,
    MessageParty,
    StatusMessage,
    message_of,
    record_of,
)
from facteur.domain.lifecycle.records import (
    Characteristic,
    Payee,
    Side,
    StatusReason,
    StatusRecord,
    Transmission,
)
from facteur.formats import cdar
from hypothesis import given
from hypothesis import strategies as st

from tests.shared import found, need

GOLDEN = Path(__file__).parents[1] / "golden" / "cdar"
RULES = SaxonRulebook()
EXAMPLES = found("conformance/cdar/examples/*/*.xml")
#: What older examples break since V1.4: the public platform's name, and the numbered blocks.
SINCE_1_4 = {"BR-FR-CDV-02_MDT-3", "BR-FR-CDV-CL-01_MDT-2", "BR-FR-CDV-16_MDT-124-2"}

SET_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def party(name: str, siren: str, address: str = "") -> Party:
    return Party(
        name=name,
        legal_id=Identifier(value=siren, scheme="0002"),
        electronic_address=Identifier(value=address, scheme="0225") if address else None,
    )


INVOICE = Invoice(
    number="F202600042",
    issue_date=date(2026, 11, 18),
    type_code="380",
    currency="EUR",
    seller=party("VENDEUR & FILS", "100000009", "100000009_STATUTS"),
    buyer=party("ACHETEUR", "200000008", "200000008"),
    totals=Totals(),
)


def said(code: str, side: Side = Side.BUYER, **more: object) -> StatusRecord:
    values = {"id": f"own:{code}", "code": code, "side": side, "set_at": SET_AT}
    return StatusRecord(recorded_at=SET_AT, **{**values, **more})  # type: ignore[arg-type]


def written(
    record: StatusRecord, invoice: Invoice = INVOICE, attachments: tuple[EmbeddedFile, ...] = ()
) -> bytes:
    return cdar.write(
        message_of(
            record,
            invoice,
            received_at=datetime(2026, 11, 18, 16, 10, tzinfo=UTC),
            created_at=datetime(2026, 11, 20, 9, 31, tzinfo=UTC),
            attachments=attachments,
        )
    )


def why(code: str, **more: str) -> tuple[StatusReason, ...]:
    return (StatusReason(code=code, **more),)


def money(kind: str, amount: str, rate: str | None = "20") -> Characteristic:
    return Characteristic(
        type=kind,
        amount=Decimal(amount),
        rate=None if rate is None else Decimal(rate),
        on=date(2026, 11, 19),
        changed=False,
    )


WRONG_RATE = tuple(
    Characteristic(
        type=kind,
        id="BT-152",
        name="Taux TVA",
        location="/rsm:CrossIndustryInvoice/…/ram:RateApplicablePercent",
        rate=Decimal(rate),
        changed=True,
    )
    for kind, rate in (("DIV", "10"), ("DVA", "20"))
)

FACTOR = Payee(name="AFFACTIS", siren="552100554")
ACCOUNT = account("FR76 3000 6000 0112 3456 7890 189", "AFFACTIS", "AGRIFRPP")

#: One message of every status that a party may set here.
EVERY = {
    "204": said("204"),
    "205": said("205"),
    "206": said(
        "206", reasons=why("LIVR_INCOMP"),
        characteristics=(money("MAPTTC", "90.00", None), money("MNATTC", "30.00", None)),
    ),
    "207": said(
        "207", reasons=why("TX_TVA_ERR", action="CNF", action_label="Créer un avoir total"),
        characteristics=WRONG_RATE,
    ),
    "208": said("208", reasons=why("JUSTIF_ABS"), comment="Il manque le bon de livraison."),
    "209": said("209", Side.SELLER, comment="Bon de livraison envoyé par courriel."),
    "210": said("210", reasons=why("DEST_ERR"), comment="Nous n’avons rien commandé."),
    "211": said("211", characteristics=(money("MPA", "120.00"),)),
    "212": said(
        "212", Side.SELLER,
        characteristics=(money("MEN", "96.00"), money("MEN", "24.00", "5.5")),
    ),
    "212-refund": said("212", Side.SELLER, characteristics=(money("MEN", "-20.00"),)),
    "220": said("220", Side.SELLER),
    "225-own": said("225", Side.SELLER, payee=FACTOR, characteristics=ACCOUNT,
        comment="Créance cédée : le paiement libératoire se fait entre les mains du factor."),
    "226-own": said("226", Side.SELLER, payee=FACTOR, hidden=True),
    "227-own": said("227", Side.SELLER, characteristics=ACCOUNT),
    "228-own": said("228", Side.SELLER),
    "228-hidden": said("228", Side.SELLER, payee=FACTOR, hidden=True),
}  # fmt: skip


def platform(code: str, **more: object) -> StatusMessage:
    """A message that a platform writes: read here, and written by the test platform."""
    values: dict[str, object] = {
        "id": f"F202600042_{code}",
        "created_at": SET_AT,
        "sender": MessageParty(role="WK"),
        "author": MessageParty(role="WK"),
        "recipients": (
            MessageParty(
                role="SE",
                identifiers=(Identifier(value="100000009", scheme="0002"),),
                address=Identifier(value="100000009_STATUTS", scheme="0225"),
            ),
        ),
        "phase": Phase.TRANSMISSION.value,
        "set_at": SET_AT,
        "number": "F202600042",
        "code": code,
        "type_code": "380",
        "issue_date": date(2026, 11, 18),
        "seller": MessageParty(identifiers=(Identifier(value="100000009", scheme="0002"),)),
        "untdid": codes.STATUSES[code].untdid,
        "label": codes.label(code),
    }
    return StatusMessage(**{**values, **more})  # type: ignore[arg-type]


PLATFORMS = {
    "200": platform("200"),
    "201": platform("201"),
    "202": platform("202"),
    "203": platform("203"),
    "213": platform("213", details=(Detail(reason=why("REJ_SEMAN", rule="BR-CO-10")[0]),)),
    "221": platform("221", details=(Detail(reason=why("ROUTAGE_ERR")[0]),)),
    "501": platform("501", details=(Detail(reason=why("IRR_SYNTAX")[0]),)),
    **{
        code: platform(
            code,
            phase=Phase.PROCESSING.value,
            author=MessageParty(
                role="SE",
                identifiers=(Identifier(value="100000009", scheme="0002"),),
                name="VENDEUR",
            ),
        )
        for code in ("214", "224", "225", "226", "227", "228")
    },
}


#: A proof beside what may carry one (MDT-96).
PROOF = (
    EmbeddedFile(filename="Bon de livraison.pdf", data=b"%PDF-1.4", media_type="application/pdf"),
    EmbeddedFile(filename="palette.png", data=b"\x89PNG\r\n\x1a\n", media_type="image/png"),
)


def all_messages() -> dict[str, bytes]:
    ours = {name: written(record) for name, record in EVERY.items()}
    ours |= {f"{code}-proof": written(EVERY[code], attachments=PROOF) for code in sorted(CARRYING)}
    return ours | {name: cdar.write(message) for name, message in PLATFORMS.items()}


MESSAGES = all_messages()


def test_every_status_that_we_know_has_its_golden_message() -> None:
    """Nothing in the vocabulary is left unwritten."""
    assert set(codes.STATUSES) == {name[:3] for name in MESSAGES}


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_is_written_as_its_golden_file(name: str) -> None:
    """Byte for byte; ``GOLDEN=write`` writes the files anew, to be read before committing."""
    file = GOLDEN / f"{name}.xml"
    if os.environ.get("GOLDEN") == "write":  # noqa: TID251
        file.write_bytes(MESSAGES[name])

    assert file.read_bytes() == MESSAGES[name]


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_everything_written_passes_the_schema_and_the_french_rules(name: str) -> None:
    """CDAR D22B and BR-FR-CDV: nothing else may leave."""
    report = RULES.check_status(MESSAGES[name])

    assert (Verdict.VALID, ()) == (report.verdict, report.findings)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_what_was_written_is_read_back_as_it_was(name: str) -> None:
    """Writing what was read gives the same bytes."""
    assert MESSAGES[name] == cdar.write(cdar.parse(MESSAGES[name]))


def test_what_is_attached_is_read_back_byte_for_byte() -> None:
    """MDT-96: name, kind and bytes, whatever the status that carries it."""
    for code in CARRYING:
        assert PROOF == cdar.parse(MESSAGES[f"{code}-proof"]).attachments


def test_what_is_confidential_is_addressed_to_the_factor_alone() -> None:
    """Neither the buyer's name nor his address is among its recipients; 225 tells both."""
    for name in ("226-own", "228-hidden"):
        (only,) = cdar.parse(MESSAGES[name]).recipients
        assert ("DL", "552100554", "552100554") == (
            only.role, only.siren, only.address.value if only.address else "",
        )  # fmt: skip
    assert ["BY", "DL"] == [one.role for one in cdar.parse(MESSAGES["225-own"]).recipients]
    with pytest.raises(InvalidError):
        written(said("226", Side.SELLER, hidden=True))


# ── Official examples ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: f"{one.parent.name[-5:]}-{one.stem}")
def test_official_examples_are_read_and_written_again_as_valid_messages(path: Path) -> None:
    """What they say is kept; ours passes the rules that the originals of V1.3 break."""
    data = path.read_bytes()
    message = cdar.parse(data)
    again = cdar.write(message)

    assert re.search(r"CDV-(\d{3})", path.name)[1] == message.code  # type: ignore[index]
    assert message.number and message.issue_date and message.seller  # noqa: PT018
    assert message == cdar.parse(again)
    report = RULES.check_status(again)
    broken = {one.code for one in report.findings if one.blocking}
    assert broken <= SINCE_1_4 - {"BR-FR-CDV-16_MDT-124-2"}
    if "POUR_PPF" not in path.name:
        assert Verdict.VALID is report.verdict


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: f"{one.parent.name[-5:]}-{one.stem}")
def test_no_element_of_an_example_is_lost(path: Path) -> None:
    """Every text of the original is in what we write, but for words whose blanks we trim."""
    texts = re.findall(r">([^<>]+)<", re.sub(r"<!--.*?-->", "", path.read_text("utf-8-sig")))
    again = cdar.write(cdar.parse(path.read_bytes())).decode()
    lost = [one.strip() for one in texts if one.strip() and one.strip() not in again]

    assert [] == [one for one in lost if "cpro.gouv.fr" not in one]


def test_the_rules_that_ship_answer_as_the_official_edition(tmp_path: Path) -> None:
    """The stylesheet of the package is an older copy than V1.4.0.03: same rules broken."""
    edition = need("conformance/cdar")
    (tmp_path / "cdar-xsd").symlink_to(edition / "xsd")
    (tmp_path / "cdar-schematron").mkdir()
    stylesheet = tmp_path / "cdar-schematron" / "BR-FR-CDV-Schematron-CDAR.xslt"
    stylesheet.symlink_to(edition / "xslt" / "BR-FR-CDV-CDAR_V1.4.0.03.xslt")
    official = SaxonRulebook(statuses=tmp_path)
    broken = [MESSAGES["205"].replace(b">205<", b">207<"), MESSAGES["212"].replace(b"MEN", b"MPA")]

    for data in (*(one.read_bytes() for one in EXAMPLES), *MESSAGES.values(), *broken):
        ours, theirs = RULES.check_status(data), official.check_status(data)
        assert [one.code for one in ours.findings] == [one.code for one in theirs.findings]
        assert ours.verdict is theirs.verdict


# ── What the French rules refuse ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        (said("207"), "BR-FR-CDV-15"),
        (said("208", reasons=why("QTE_ERR")), "BR-FR-CDV-CL-09"),
        (said("210", reasons=why("AUTRE")), "BR-FR-CDV-CL-09"),
        (said("212", Side.SELLER), "BR-FR-CDV-14"),
        (said("212", Side.SELLER, characteristics=(money("MEN", "1", None),)), "BR-FR-CDV-14"),
        (said("212", Side.SELLER, characteristics=(money("MPA", "1"),)), "BR-FR-CDV-14"),
        (said("205", characteristics=(money("XXX", "1"),)), "BR-FR-CDV-CL-11"),
    ],
)
def test_a_message_that_breaks_a_rule_is_named_by_it(record: StatusRecord, rule: str) -> None:
    """The verdict is not valid and the rule's identifier says why."""
    report = RULES.check_status(written(record))

    assert Verdict.INVALID is report.verdict
    assert any(one.code.startswith(rule) for one in report.findings if one.blocking)


def test_without_its_rules_nothing_is_valid(tmp_path: Path) -> None:
    """A folder without the files: not verified, with what was missing."""
    report = SaxonRulebook(statuses=tmp_path).check_status(MESSAGES["205"])

    assert Verdict.UNVERIFIED is report.verdict
    assert ["rulebook.no_files"] == [one.code for one in report.findings]


def test_what_is_no_message_is_invalid() -> None:
    """Another XML, or none: an answer all the same."""
    for data in (b"", b"<a/>", b"%PDF-1.7", written(said("205"))[:200]):
        assert Verdict.INVALID is RULES.check_status(data).verdict


# ── Whom it goes to, and under which name ───────────────────────────────────────────────────────


def test_a_status_goes_to_the_address_by_which_the_invoice_travelled() -> None:
    """BT-34 towards the seller, BT-49 towards the buyer, the SIREN where the invoice has none."""
    to_seller = cdar.parse(MESSAGES["205"])
    to_buyer = cdar.parse(MESSAGES["212"])
    bare = replace(INVOICE, seller=party("VENDEUR", "100000009"))
    fallback = cdar.parse(written(said("205"), bare))

    assert ["100000009_STATUTS", "200000008", "100000009"] == [
        one.recipients[0].address.value  # type: ignore[union-attr]
        for one in (to_seller, to_buyer, fallback)
    ]
    assert ("BY", "200000008", "SE") == (
        to_seller.author.role,
        to_seller.author.siren,
        to_seller.recipients[0].role,
    )
    assert ("SE", "BY") == (to_buyer.author.role, to_buyer.recipients[0].role)


def test_a_status_follows_an_invoice_that_was_sent_to_another_address() -> None:
    """The buyer's other line of the directory; towards the seller it says nothing."""
    for code, side, address in (
        ("209", Side.SELLER, "200000008_COMPTA"),
        ("205", Side.BUYER, "100000009_STATUTS"),
    ):
        message = message_of(
            said(code, side), INVOICE,
            received_at=SET_AT, created_at=SET_AT, sent_to="200000008_COMPTA",
        )  # fmt: skip
        assert address == message.recipients[0].address.value  # type: ignore[union-attr]


def test_an_invoice_that_lacks_what_every_message_says_makes_none() -> None:
    """A foreign seller has no SIREN: all that is missing is named at once."""
    foreign = replace(INVOICE, seller=Party(name="ACME Ltd"), issue_date=None)
    with pytest.raises(InvalidError) as raised:
        written(said("205"), foreign)

    assert ["issue_date", "seller_siren"] == [one.path for one in raised.value.faults]


@given(st.text(min_size=1, max_size=60), st.text(max_size=200))
def test_names_of_messages_are_short_and_differ(number: str, name: str) -> None:
    """Fifty characters at most, two payments of one second two names, whatever the number."""
    invoice = replace(INVOICE, number=number)
    ids = set()
    for one in ("own:1", f"own:{name}2"):
        message = message_of(
            replace(said("205"), id=one), invoice, received_at=SET_AT, created_at=SET_AT
        )
        assert len(message.id) <= MOST_ID
        ids.add(message.id)
    assert 2 == len(ids)


@given(st.text(max_size=300), st.text(max_size=2200))
def test_any_words_give_a_well_formed_message(label: str, comment: str) -> None:
    """Control characters and half surrogates are left out; too long is cut where the norm says."""
    record = said("207", reasons=why("QTE_ERR", label=label), comment=comment)
    message = cdar.parse(written(record))

    assert len(message.details[0].reason.comment) <= reasons.MOST_COMMENT
    assert len(message.details[0].reason.label) <= reasons.MOST_LABEL


def test_times_are_those_of_a_french_clock() -> None:
    """09:30 UTC in November is 10:30 in France, and comes back as 09:30 UTC."""
    assert b">20261120103000<" in MESSAGES["205"]
    assert SET_AT == cdar.parse(MESSAGES["205"]).set_at


# ── What comes in ───────────────────────────────────────────────────────────────────────────────


def test_a_message_becomes_a_record() -> None:
    """Reasons, comment, amounts, author and road, as they are kept."""
    message = cdar.parse(MESSAGES["208"])
    record = record_of(message, record="flow:pa:1", recorded_at=SET_AT, connection="c1", flow="1")

    assert ("208", Side.BUYER, "ACHETEUR") == (record.code, record.side, record.by_name)
    assert ("JUSTIF_ABS", "Il manque le bon de livraison.") == (
        record.reasons[0].code,
        record.reasons[0].comment,
    )
    assert (SET_AT, Transmission.NONE, "c1", "1") == (
        record.set_at,
        record.transmission,
        record.connection,
        record.flow,
    )
    completed = record_of(cdar.parse(MESSAGES["209"]), record="x", recorded_at=SET_AT)
    assert ((), "Bon de livraison envoyé par courriel.") == (completed.reasons, completed.comment)
    paid = record_of(cdar.parse(MESSAGES["212"]), record="x", recorded_at=SET_AT)
    assert [Decimal("96.00"), Decimal("24.00")] == [one.amount for one in paid.characteristics]


def test_an_endless_message_is_kept_in_part() -> None:
    """A record lies in a row of limited size: twenty reasons, forty data, two thousand words."""
    message = cdar.parse(MESSAGES["207"])
    wordy = replace(message.details[0].reason, comment="x" * 1500)
    long = replace(message, details=(replace(message.details[0], reason=wordy),) * 150)
    record = record_of(cdar.parse(cdar.write(long)), record="x", recorded_at=SET_AT)

    assert (20, 40, 2000) == (
        len(record.reasons),
        len(record.characteristics),
        sum(len(one.comment) for one in record.reasons),
    )


@pytest.mark.parametrize("said", ["\u0001", " ", "\u200b", "\ud800"])
def test_words_that_cannot_be_read_are_no_note(said: str) -> None:
    """Nothing empty is written: neither the note nor its content."""
    record = replace(EVERY["208"], comment=said, reasons=why("JUSTIF_ABS", comment=said))
    data = written(record)

    assert b"IncludedNote" not in data
    assert b"<ram:Content" not in data


def test_unknown_codes_are_kept() -> None:
    """A status, a reason, a role and a profile that no list has."""
    data = MESSAGES["207"].replace(b">207<", b">799<").replace(b"TX_TVA_ERR", b"FACT_NON_CONFORME")
    message = cdar.parse(data.replace(b">BY<", b">QQ<").replace(b"CDV:invoice", b"CDV:neuf"))

    assert ("799", "FACT_NON_CONFORME") == (message.code, message.details[0].reason.code)
    assert ("QQ", False) == (message.author.role, message.of_invoice)
    assert Side.THIRD is record_of(message, record="x", recorded_at=SET_AT).side


def test_attachments_come_with_a_message() -> None:
    """The missing documents of a 209 (MDT-96)."""
    file = EmbeddedFile(filename="bl.pdf", data=b"%PDF-1.4 bon", media_type="application/pdf")
    data = cdar.write(replace(cdar.parse(MESSAGES["209"]), attachments=(file,)))

    assert (file,) == cdar.parse(data).attachments
    assert Verdict.VALID is RULES.check_status(data).verdict


def test_a_test_message_and_one_without_framework_are_read_as_such() -> None:
    """MDT-1 and MDT-2: the public platform leaves the second out."""
    message = replace(cdar.parse(MESSAGES["205"]), test=True, process="", seller=None)

    assert message == cdar.parse(cdar.write(message))
    assert Verdict.INVALID is RULES.check_status(cdar.write(message)).verdict


def test_words_beside_a_reason_and_words_of_their_own_both_travel() -> None:
    """A reason's comment stays with it, the status's own is a block after it."""
    both = said("208", reasons=why("JUSTIF_ABS", comment="Lequel ?"), comment="Merci.")
    message = cdar.parse(written(both))
    record = record_of(message, record="x", recorded_at=SET_AT)

    assert ["Lequel ?", "Merci."] == [one.reason.comment for one in message.details]
    assert (("JUSTIF_ABS",), "Merci.") == (
        tuple(one.code for one in record.reasons),
        record.comment,
    )
    assert Verdict.VALID is RULES.check_status(written(both)).verdict


def attached(*files: str) -> bytes:
    """A 209 with these attachments, as they stand in the XML."""
    inside = "".join(
        f'<ram:AttachmentBinaryObject mimeCode="text/plain">{one}</ram:AttachmentBinaryObject>'
        for one in files
    )
    place = b"</ram:ReceiptDateTime>"
    return MESSAGES["209"].replace(place, place + inside.encode())


def test_attachments_that_are_none_are_refused_or_left_out() -> None:
    """No base64: refused, by its field. Empty: left out. Without a name: given one."""
    (one,) = cdar.parse(attached("", "Ym9u")).attachments
    assert ("piece-2", b"bon") == (one.filename, one.data)
    for data, code in (
        (attached("a"), "unreadable.cdar.value"),
        (attached(*["Ym9u"] * 21), "unreadable.cdar.too_many"),
    ):
        with pytest.raises(UnreadableError) as raised:
            cdar.parse(data)
        assert code == raised.value.code


def damaged(old: bytes, new: bytes, name: str = "212") -> bytes:
    assert old in MESSAGES[name]
    return MESSAGES[name].replace(old, new)


HOSTILE = {
    "unreadable.empty": b"  ",
    "unreadable.xml": MESSAGES["205"][:-40],
    "unreadable.xml.doctype": (
        b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    ),
    "unreadable.xml.too_deep": b"<a>" * 200 + b"</a>" * 200,
    "unreadable.xml.too_large": b" " * (33 * 1024 * 1024),
    "unreadable.cdar.other": b"<invoice/>",
    "unreadable.cdar.several": damaged(
        b"</ram:ReferenceReferencedDocument>",
        b"</ram:ReferenceReferencedDocument><ram:ReferenceReferencedDocument/>",
    ),
    "unreadable.cdar.incomplete": damaged(b"ram:ProcessConditionCode>", b"ram:Nothing>"),
    "unreadable.cdar.value": damaged(b">96.00<", b">quatre-vingt-seize<"),
    "unreadable.cdar.too_many": damaged(
        b"</ram:SpecifiedDocumentStatus>",
        b"</ram:SpecifiedDocumentStatus>" + b"<ram:SpecifiedDocumentStatus/>" * 500,
    ),
}


@pytest.mark.parametrize("code", sorted(HOSTILE))
def test_what_cannot_be_read_says_why(code: str) -> None:
    """Damaged, huge, deep, a bomb, another XML, several objects, no status, no amount."""
    with pytest.raises(UnreadableError) as raised:
        cdar.parse(HOSTILE[code])

    assert code == raised.value.code


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b">20261120103000<", b">20261399990000<", "MDT-78"),
        (b">20261120103100<", b">hier<", "MDT-8"),
        (b">20261118<", b">99999999<", "MDT-100"),
        (b">20261119<", b">0<", "MDT-219"),
        (b">5.50<", b">NaN<", "MDT-224"),
        (b">96.00<", b">1" + b"0" * 40 + b"<", "MDT-215"),
        (b">96.00<", b">1E+300000<", "MDT-215"),
        (b">5.50<", b">1_0<", "MDT-224"),
        (b">F202600042<", b"><", "MDT-87"),
        (b"ram:IssueDateTime>", b"ram:Whenever>", "MDT-8"),
        (b"rsm:AcknowledgementDocument>", b"rsm:Nothing>", "AcknowledgementDocument"),
    ],
)
def test_a_value_that_is_none_names_its_field(old: bytes, new: bytes, field: str) -> None:
    """The journal can then tell the platform which one."""
    with pytest.raises(UnreadableError) as raised:
        cdar.parse(damaged(old, new))

    assert field == raised.value.values["field"]


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_cleanly(data: bytes) -> None:
    """No other exception than UnreadableError ever comes out."""
    with pytest.raises(UnreadableError):
        cdar.parse(data)
