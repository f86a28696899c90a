"""Every code has its French sentence; figures, days and ages are written the French way."""

import ast
import re
import string
import tomllib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from facteur.domain.errors import InvalidError, NotFoundError, UnreadableError
from facteur.domain.events import Event, Happened
from facteur.domain.faults import Fault
from facteur.web import i18n
from facteur.web.showing import present
from hypothesis import given
from hypothesis import strategies as st

from tests.house.tree import PACKAGE, modules, parsed

CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
NOT_CODES = re.compile(r".*\.(json|eml|dat|xml|typ|yaml|log|localhost|com|png|pdf|py)$")


def _tables() -> dict[str, dict[str, str]]:
    return {
        path.name: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((PACKAGE / "web" / "messages").glob("*.toml"))
    }


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _codes() -> dict[str, str]:
    """Every literal code given to a fault or an error, and to what makes one, with its file."""
    found = {}
    for path in modules():
        if "local" in path.parts:
            continue
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call):
                continue
            name = _called(node)
            if not (name == "Fault" or name.endswith("Error") or "fault" in name.lower()):
                continue
            given_ = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
            for one in given_:
                text = one.value if isinstance(one, ast.Constant) else None
                if not isinstance(text, str) or NOT_CODES.fullmatch(text):
                    continue
                if CODE.fullmatch(text):
                    found[text] = path.name
    return found


def test_every_code_has_a_french_sentence() -> None:
    """A fault or an error added anywhere needs its sentence here first."""
    codes = _codes()
    missing = {code: file for code, file in codes.items() if not i18n.sentence(code)}

    assert len(codes) > 50
    assert {} == missing


def _names(given_: ast.expr | None, function: ast.AST | None) -> set[str] | None:
    """The names in the values given to a fault, where they can be read off; None elsewhere."""
    if given_ is None:
        return set()
    if isinstance(given_, ast.Dict):
        if None in given_.keys:  # {**others}
            return None
        return {key.value for key in given_.keys if isinstance(key, ast.Constant)}
    if isinstance(given_, ast.Name) and function is not None:
        held = [
            _names(node.value, None)
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and any(isinstance(one, ast.Name) and one.id == given_.id for one in node.targets)
        ]
        return None if not held or None in held else set().union(*filter(None, held))
    return None


def _given(node: ast.Call, functions: list[ast.FunctionDef]) -> tuple[object, set[str] | None]:
    """The literal code that a call makes a fault or an error of, and the values it gives."""
    named = {one.arg: one.value for one in node.keywords}
    if _called(node) == "Fault":
        around = [one for one in functions if one.lineno <= node.lineno <= (one.end_lineno or 0)]
        code = named.get("code")
        names = _names(named.get("values"), around[-1] if around else None)
    elif _called(node).endswith("Error"):
        code = node.args[0] if node.args else None
        names = None if None in named else {str(name) for name in named}
    else:
        return None, None
    return (code.value if isinstance(code, ast.Constant) else None), names


def test_a_sentence_is_given_every_value_it_names() -> None:
    """A value that is not given shows as « ? » on a screen: nobody meant that."""
    seen, asked = 0, []
    for path in modules():
        functions = [one for one in ast.walk(parsed(path)) if isinstance(one, ast.FunctionDef)]
        for node in ast.walk(parsed(path)):
            code, names = _given(node, functions) if isinstance(node, ast.Call) else (None, None)
            if not isinstance(code, str) or names is None:
                continue
            seen += 1
            text = i18n.messages().get(code, "")
            wanted = {name for _text, name, *_ in string.Formatter().parse(text) if name}
            if not wanted <= names:
                asked.append(f"{path.name}:{node.lineno} {code}: {sorted(wanted - names)}")
    assert seen > 500
    assert asked == []


def test_what_is_computed_says_how() -> None:
    """Each rule that gives a value of an invoice has its words: no code stands beside a field."""
    rules = {
        found
        for path in modules()
        if "extraction" in path.parts
        for found in re.findall(
            r"""["']((?:from|total|paid|type)\.[a-z_]+)["']""", path.read_text(encoding="utf-8")
        )
    }
    assert {"from.siren", "paid.on_the_spot", "total.sum", "type.default"} <= rules
    assert not {rule for rule in rules if not i18n.sentence(f"value.rule.{rule}")}


def test_reasons_of_mails_have_a_sentence() -> None:
    """What a mail part is set aside for is a code too, though no Fault is built there."""
    source = (PACKAGE / "formats" / "mail.py").read_text(encoding="utf-8")
    reasons = set(re.findall(r'"(mail\.[a-z_.]+)"', source))

    assert len(reasons) > 5
    assert [] == [one for one in reasons if not i18n.sentence(one, {"filename": "x"})]


def test_no_code_has_two_sentences() -> None:
    """One file answers for a code."""
    tables = _tables()

    assert set() == set(tables["fr.toml"]) & set(tables["rules.toml"])


def test_english_sentences_translate_known_codes() -> None:
    """No English sentence is left behind when a code goes."""
    french = i18n.messages("fr")

    assert [] == [code for code in i18n.messages("en") if code not in french]


def test_sentences_only_ask_for_simple_values() -> None:
    """{name}, nothing computed: a sentence cannot reach into an object."""
    for language in ("fr", "en"):
        for code, text in i18n.messages(language).items():
            for _literal, name, form, _conversion in string.Formatter().parse(text):
                assert name is None or name.isidentifier(), code
                assert not form, code


def test_every_event_has_a_sentence() -> None:
    """The history never shows a bare English name."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    for name in Happened:
        values = {"until": "2036-12-31", "fields": "number, due_date", "faults": "a, b"}
        shown = present.event(Event(name=name, at=now, values=values))
        assert shown != name.value


def test_events_are_told_in_words() -> None:
    """Codes of values become words, days become days, fields their labels."""
    now = datetime(2026, 11, 20, tzinfo=UTC)

    def told(name: Happened, **values: str) -> str:
        return present.event(Event(name=name, at=now, values=values))

    assert told(Happened.DOCUMENT_ARCHIVED, until="2036-12-31", evidence="0a1b") == (
        "Scellée dans les archives jusqu’au 31/12/2036. Empreinte de la preuve : 0a1b"
    )
    assert told(Happened.DOCUMENT_CORRECTED, fields="seller_vat, due_date") == (
        "Corrigé : N° de TVA (émetteur) et Échéance"
    )
    assert "Erreur de destinataire" in told(Happened.INVOICE_REFUSED, reason="DEST_ERR")
    assert "protégé" in told(Happened.DOCUMENT_QUARANTINED, code="unreadable.encrypted")
    assert told(Happened.INVOICE_READ, origin="ocr:rapidocr", number="1") == (
        "Document lu : reconnaissance de texte"
    )


def test_a_fault_falls_back_on_the_official_text_then_on_its_code() -> None:
    """An unknown rule is shown, never hidden, never a crash."""
    assert i18n.fault_text(Fault(code="BR-ZZ-1", message="Official")) == "Official"
    assert "« chose.rare »" in i18n.fault_text(Fault(code="chose.rare"))
    named = i18n.fault_text(Fault(code="BR-FR-05_BT-22_PMT", message="Official"))
    assert named != "Official"


def test_values_are_shown_the_french_way_and_stay_values() -> None:
    """Amounts and days are rewritten; braces in a value are not a format; a missing one is « ? »."""  # noqa: E501
    due = Fault(code="total.due", values={"found": "1312.8", "expected": "-2", "delta": "0.1"})
    assert "1\u202f312,80" in i18n.fault_text(due)
    assert "-2,00" in i18n.fault_text(due)
    odd = Fault(code="upload.type", values={"filename": "{x.__class__}"})
    assert "{x.__class__}" in i18n.fault_text(odd)
    assert "« ? »" in i18n.fault_text(Fault(code="upload.type"))
    early = Fault(code="date.due_before_issue", values={"value": "2026-04-25"})
    assert "25/04/2026" in i18n.fault_text(early)


def test_an_error_without_a_sentence_uses_its_familys() -> None:
    """A new kind of unreadable file still gets a French reason."""
    assert "ne peut pas être lu" in i18n.error_text(UnreadableError("unreadable.martien"))
    assert i18n.error_text(NotFoundError("rien.du.tout"))


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1312.8", "1\u202f312,80\u00a0€"), ("0", "0,00\u00a0€"), ("-226.80", "-226,80\u00a0€"),
     ("1234567.891", "1\u202f234\u202f567,891\u00a0€"), ("1E+3", "1\u202f000,00\u00a0€")],
)  # fmt: skip
def test_amounts(amount: str, shown: str) -> None:
    """Thin no-break spaces between thousands, a comma, at least two decimals."""
    assert shown == i18n.money(Decimal(amount))


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12
    )
)
def test_a_figure_loses_nothing(amount: Decimal) -> None:
    """What is shown reads back as the same number."""
    text = i18n.figure(amount).replace("\u202f", "").replace(",", ".")

    assert amount == Decimal(text)


@pytest.mark.parametrize(
    ("utc", "shown"),
    [
        (datetime(2026, 11, 20, 9, 42, tzinfo=UTC), "20/11/2026 à 10:42"),
        (datetime(2026, 7, 14, 22, 30, tzinfo=UTC), "15/07/2026 à 00:30"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29/03/2026 à 01:59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29/03/2026 à 03:00"),
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), "25/10/2026 à 02:59"),
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "25/10/2026 à 02:00"),
    ],
)
def test_moments_are_told_on_a_french_clock(utc: datetime, shown: str) -> None:
    """Winter and summer time, to the minute of both changes."""
    assert shown == i18n.clock_time(utc)


def test_ages_and_sizes() -> None:
    """From « à l'instant » to the date; octets, Ko, Mo."""
    now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    ages = [i18n.age(now - timedelta(seconds=s), now) for s in (5, 300, 7200, 90000, 259200)]
    assert ages == ["à l’instant", "il y a 5\u00a0min", "il y a 2\u00a0h", "hier",
                    "il y a 3\u00a0jours"]  # fmt: skip
    assert i18n.age(now - timedelta(days=30), now) == "21/10/2026"
    sizes = [i18n.size(one) for one in (0, 2048, 52_428_800, 2_621_440)]
    assert sizes == ["0\u00a0octets", "2\u00a0Ko", "50\u00a0Mo", "2,5\u00a0Mo"]
    assert i18n.day(date(2026, 4, 5)) == "05/04/2026"


def test_an_error_named_after_its_fault_has_the_fault_s_values() -> None:
    """« 5000 lignes au plus », never « ? lignes au plus »."""
    fault = Fault(code="list.too_many", values={"most": "5000", "rows": "5001"})
    told = i18n.error_text(InvalidError((fault,), code="list.too_many"))
    assert told == i18n.fault_text(fault)
    assert "?" not in told
