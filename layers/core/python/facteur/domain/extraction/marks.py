"""Identifiers printed on a page: SIREN, SIRET, TVA, IBAN, BIC; whose they are comes later.

A mark is kept even when its key is wrong (the page may carry a typing mistake, and the user must
see it), but ``valid`` weighs in the confidence. Sources: code-lists.md §10 (schemes), ISO 13616
(IBAN lengths), python-stdnum through ``domain.identifiers``.
"""
# ruff: noqa: E501

import re
from collections.abc import Iterator
from dataclasses import dataclass

from facteur.domain import identifiers
from facteur.domain.extraction.lines import Row, Spot, Text

#: Length of an IBAN by country, of those met on invoices in France (ISO 13616 registry).
IBAN_LENGTHS = {
    "FR": 27, "DE": 22, "BE": 16, "LU": 20, "NL": 18, "ES": 24, "IT": 27, "PT": 25, "GB": 22,
    "IE": 22, "CH": 21, "AT": 20, "MC": 27, "DK": 18, "SE": 24, "NO": 15, "FI": 18, "PL": 28,
    "CZ": 24, "SK": 24, "HU": 28, "RO": 24, "BG": 22, "GR": 27, "HR": 21, "SI": 19, "EE": 20,
    "LV": 21, "LT": 20, "MT": 31, "CY": 28, "LI": 21, "SM": 27, "AD": 24, "MA": 28, "TN": 24,
}  # fmt: skip
_VAT_FORMS = {
    "AT": "u\\d{8}", "BE": "[01]?\\d{9}", "BG": "\\d{9,10}", "CY": "\\d{8}[a-z]",
    "CZ": "\\d{8,10}", "DE": "\\d{9}", "DK": "\\d{8}", "EE": "\\d{9}", "EL": "\\d{9}",
    "ES": "[a-z\\d]\\d{7}[a-z\\d]", "FI": "\\d{8}", "FR": "[a-hj-np-z\\d]{2}\\d{9}",
    "GB": "\\d{9}(?:\\d{3})?", "HR": "\\d{11}", "HU": "\\d{8}", "IE": "\\d[a-z\\d]\\d{5}[a-z]{1,2}",
    "IT": "\\d{11}", "LT": "\\d{9}(?:\\d{3})?", "LU": "\\d{8}", "LV": "\\d{11}", "MT": "\\d{8}",
    "NL": "\\d{9}b\\d{2}", "PL": "\\d{10}", "PT": "\\d{9}", "RO": "\\d{6,10}", "SE": "\\d{12}",
    "SI": "\\d{8}", "SK": "\\d{10}", "XI": "\\d{9}",
}  # fmt: skip
_VAT_HEAD = re.compile(
    r"(?<![a-z\d])(" + "|".join(one.lower() for one in _VAT_FORMS) + r")(?=[ .\-]{0,2}[a-z\d])"
)
_VAT_WORD = re.compile(
    r"\b(?:tva|t\.v\.a|vat|ust|u\.st|mwst|btw|intra|iva|tax\s*id|umsatzsteuer)", re.ASCII
)
_SIRET = re.compile(r"(?<![\d])\d{3}[ .]?\d{3}[ .]?\d{3}[ .\-/]{0,3}\d{2}[ .]?\d{3}(?!\d)")
_SIREN = re.compile(r"(?<![\d])\d{3}[ .]?\d{3}[ .]?\d{3}(?!\d)(?! ?\d{2} ?\d{3})")
_SIREN_WORD = re.compile(
    r"siren|siret|\brcs\b|r\.c\.s|\brc\b|registre du commerce|\brm\b|repertoire des metiers|\brna\b"
)
_IBAN = re.compile(r"(?<![a-z\d])([a-z]{2}[ ]?[\do]{2}(?:[ ]?[a-z\d]{1,4}){3,9})(?![a-z\d])")
_IBAN_WORD = re.compile(r"\biban\b|i\.b\.a\.n")
_BIC = re.compile(
    r"(?:\bbic\b|swift|b\.i\.c)[^a-z\d]{0,4}(?:code|swift|/)*[^a-z\d]{0,4}([a-z]{6}[a-z\d]{2}(?:[a-z\d]{3})?)(?![a-z\d])"
)
_BIC_SIGNS = ("bic", "b.i.c", "swift")  # one of which both expressions need
_BIC_WORD = re.compile(r"\bbic\b|\bswift\b")
_BIC_FORM = re.compile(r"(?<![a-z\d])[a-z]{6}[a-z\d]{2}(?:[a-z\d]{3})?(?![a-z\d])")
_LOOKS = str.maketrans({"o": "0", "l": "1", "i": "1", "s": "5", "b": "8"})


@dataclass(frozen=True)
class Mark:
    """An identifier on the page: kind ("siren", "siret", "vat", "iban", "bic"), as compared."""

    kind: str
    value: str
    spot: Spot
    valid: bool
    labelled: bool = True


def marks(text: Text, *, ocr: bool = False) -> list[Mark]:
    """Every identifier of the document, in reading order."""
    found: list[Mark] = []
    for row in text.rows:
        found.extend(_of_row(text, row, ocr=ocr))
    return found


def _of_row(text: Text, row: Row, *, ocr: bool) -> Iterator[Mark]:
    if not row.digits and not _BIC_WORD.search(row.plain):
        return
    source = row.plain
    for maker in (_ibans, _vats, _sirets, _sirens):
        for mark in list(maker(text, row, source, ocr)):
            yield mark
            start, end = mark.spot.start, mark.spot.end
            source = source[:start] + "\x00" * (end - start) + source[end:]
    yield from _bics(text, row)


def _ibans(text: Text, row: Row, source: str, ocr: bool) -> Iterator[Mark]:  # noqa: FBT001
    found = list(_IBAN.finditer(source))
    labels = [match.end() for match in _IBAN_WORD.finditer(source)] if found else []
    for match in found:
        raw = match[1].replace(" ", "").upper()
        expected = IBAN_LENGTHS.get(raw[:2])
        labelled = any(0 <= match.start() - end <= 30 for end in labels)
        if expected is None and not labelled:
            continue
        value, end = _iban_length(match, raw, expected)
        value = _iban_repaired(value) if ocr else value
        if expected and len(value) < expected:
            rest = _continued(text, Spot(row, match.start(), match.end()), expected - len(value))
            labelled = labelled or _word_above(text, Spot(row, *match.span()), _IBAN_WORD)
            value += rest if labelled else ""
        valid = identifiers.is_iban(value)
        if valid or (labelled and len(value) >= 15):  # the page's own mistake is shown, in doubt
            yield Mark("iban", value, Spot(row, match.start(), end), valid, labelled)


def _iban_length(match: re.Match[str], raw: str, expected: int | None) -> tuple[str, int]:
    """The IBAN cut to its country's length, and where it ends."""
    if expected is None or len(raw) <= expected:
        return raw, match.end()
    count = 0
    for place, sign in enumerate(match[1]):
        count += sign != " "
        if count == expected:
            return raw[:expected], match.start() + place + 1
    return raw, match.end()


def _iban_repaired(value: str) -> str:
    if identifiers.is_iban(value):
        return value
    digits = value[:2] + value[2:].lower().translate(_LOOKS).upper()
    return (
        digits
        if identifiers.is_iban(digits)
        else value[:2] + value[2:4].replace("O", "0") + value[4:]
    )


def _continued(text: Text, spot: Spot, missing: int) -> str:
    """The rest of an identifier broken over two lines: the cell just below, same left edge."""
    for row in text.below(spot.row, 2):
        for cell in row.cells:
            rest = cell.plain.replace(" ", "").upper()
            if abs(cell.x0 - spot.x0) < 2 * row.height and len(rest) == missing and rest.isalnum():
                return rest
    return ""


def _word_above(text: Text, spot: Spot, word: re.Pattern[str]) -> bool:
    """True when the label stands over the value, as a column's head."""
    first = max(spot.row.number - 3, 0)
    for row in text.rows[first : spot.row.number]:
        if row.page == spot.page:
            for match in word.finditer(row.plain):
                if Spot(row, *match.span()).overlap(spot) > 0:
                    return True
    return False


def _vats(text: Text, row: Row, source: str, ocr: bool) -> Iterator[Mark]:  # noqa: FBT001
    heads = list(_VAT_HEAD.finditer(source))
    words = [match.end() for match in _VAT_WORD.finditer(source)] if heads else []
    after = 0
    for head in heads:
        if head.start() < after:
            continue
        labelled = any(0 <= head.start() - end <= 40 for end in words)
        read = _vat_from(source, head, repair=ocr and labelled)
        if read is None:
            continue
        value, after = read
        spot = Spot(row, head.start(), after)
        valid = identifiers.is_vat(value)
        if valid or labelled or _word_above(text, spot, _VAT_WORD):
            yield Mark("vat", value, spot, valid, labelled)


def _vat_from(source: str, head: re.Match[str], *, repair: bool) -> tuple[str, int] | None:
    """The number that starts with this country, its digits perhaps spaced; where it ends."""
    country = head[1].upper()
    form = re.compile(_VAT_FORMS[country])
    tail = re.match(r"(?:[ .\-]{0,2}[a-z\d]){5,13}", source[head.end() :])
    if tail is None:
        return None
    for size in range(len(tail[0]), 4, -1):
        end = head.end() + size
        if source[end : end + 1].isalnum() or not source[end - 1].isalnum():
            continue
        rest = re.sub(r"[ .\-]", "", tail[0][:size])
        for guess in (rest, rest.translate(_LOOKS)) if repair else (rest,):
            if form.fullmatch(guess):
                return country + guess.upper(), end
    return None


def _sirets(_: Text, row: Row, source: str, ocr: bool) -> Iterator[Mark]:  # noqa: FBT001
    repaired = re.sub(r"[\doli]{6,}", lambda m: m[0].translate(_LOOKS), source) if ocr else source
    for match in _SIRET.finditer(repaired):
        value = identifiers.compact(match[0].replace("/", ""))
        valid = identifiers.is_siret(value)
        labelled = "siret" in source[max(0, match.start() - 30) : match.start()]
        if labelled or (valid and _bare(source, match)):
            yield Mark("siret", value, Spot(row, *match.span()), valid, labelled)


def _sirens(_: Text, row: Row, source: str, ocr: bool) -> Iterator[Mark]:  # noqa: FBT001
    for match in _SIREN.finditer(source):
        value = identifiers.compact(match[0])
        before = source[max(0, match.start() - 40) : match.start()]
        after = source[match.end() : match.end() + 12]
        labelled = (
            _SIREN_WORD.search(before) is not None
            or re.match(r"[ ,(]*(?:r\.?c\.?s|rm\b)", after) is not None
        )
        if labelled:
            yield Mark("siren", value, Spot(row, *match.span()), identifiers.is_siren(value))


def _bics(text: Text, row: Row) -> Iterator[Mark]:
    if not any(word in row.plain for word in _BIC_SIGNS):
        return
    for match in _BIC.finditer(row.plain):
        value = match[1].upper()
        if value.lower() not in _NOT_BIC:
            yield Mark("bic", value, Spot(row, *match.span(1)), identifiers.is_bic(value))
            return
    for word in _BIC_WORD.finditer(row.plain):
        head = Spot(row, *word.span())
        for below in text.below(row, 2):
            for match in _BIC_FORM.finditer(below.plain):
                spot = Spot(below, *match.span())
                value = spot.text.upper()
                if spot.text.isupper() and spot.overlap(head) > 0 and identifiers.is_bic(value):
                    yield Mark("bic", value, spot, valid=True)
                    return


def _bare(source: str, match: re.Match[str]) -> bool:
    """True when nothing around makes the digits part of something else (a telephone, a GTIN)."""
    before = source[max(0, match.start() - 24) : match.start()]
    return not re.search(r"gtin|ean|gln|tel|fax|mob|iban|compte|rib|[\w/]$|\+", before)


_NOT_BIC = {"banquefr", "domicili"}
