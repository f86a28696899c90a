"""Postal addresses: the line with a postcode and a town is what betrays one.

Forms known: ``75018 PARIS`` (with CEDEX, F-, FR, DE or a country after), ``1025 RX Amsterdam``,
``B-1000 Bruxelles``, ``Scranton PA 18503``, ``London SW1B 3BN``. The country is given only when
the page says it (its name, or its code beside the town); see parties.py for what follows from
identifiers.
"""
# ruff: noqa: E501

import re
from dataclasses import dataclass

from facteur.domain.extraction.lines import Spot

#: Countries as addresses print them (plain text), and their ISO 3166 code.
COUNTRIES = {
    "france": "FR", "frankreich": "FR", "frankrijk": "FR", "francia": "FR", "belgien": "BE",
    "niederlande": "NL", "italien": "IT", "spanien": "ES", "duitsland": "DE", "deutschland": "DE", "germany": "DE", "allemagne": "DE", "belgique": "BE",
    "belgium": "BE", "belgie": "BE", "luxembourg": "LU", "nederland": "NL", "pays-bas": "NL",
    "netherlands": "NL", "the netherlands": "NL", "suisse": "CH", "switzerland": "CH",
    "schweiz": "CH", "espagne": "ES", "spain": "ES", "espana": "ES", "italie": "IT", "italy": "IT",
    "italia": "IT", "portugal": "PT", "royaume-uni": "GB", "united kingdom": "GB", "uk": "GB",
    "great britain": "GB", "england": "GB", "irlande": "IE", "ireland": "IE", "autriche": "AT",
    "austria": "AT", "osterreich": "AT", "pologne": "PL", "poland": "PL", "polska": "PL",
    "united states": "US", "etats-unis": "US", "usa": "US", "canada": "CA", "monaco": "MC",
    "danemark": "DK", "denmark": "DK", "suede": "SE", "sweden": "SE", "maroc": "MA",
    "tunisie": "TN", "chine": "CN", "china": "CN", "hong kong": "HK", "inde": "IN", "india": "IN",
    "malaysia": "MY", "singapore": "SG", "singapour": "SG", "japon": "JP", "japan": "JP",
    "guadeloupe": "GP", "martinique": "MQ", "guyane": "GF", "la reunion": "RE", "reunion": "RE",
    "mayotte": "YT", "nouvelle-caledonie": "NC", "polynesie francaise": "PF",
}  # fmt: skip
_CODES = "|".join(sorted({code.lower() for code in COUNTRIES.values()}))
_TOWN = r"[a-z][a-z'./ -]{1,40}?(?: ?cedex(?: ?\d{1,2})?| ?\(?\d{2}\)?)?"
_LINE = (
    re.compile(
        rf"(?:^|(?<=[\s,;·|-]))(?:(?P<code>{_CODES}|f|d)[ -]{{1,2}})?(?P<post>\d{{5}})[ ,]{{0,3}}(?P<town>{_TOWN})(?P<tail>\W*$|\s*,\s*(?:{_CODES})\b|\s+-\s|\s*[,;·|(]|   )"
    ),
    re.compile(rf"(?:^|(?<=[\s,;·|-]))(?:(?P<code>nl)[ -])?(?P<post>\d{{4}} ?[a-z]{{2}})\s{{1,3}}(?P<town>{_TOWN})(?P<tail>\W*$|\s*[,;·|]|   )"),
    re.compile(
        rf"(?:^|(?<=[\s,;·|-]))(?P<code>b|be|l|lu|ch|a|at|dk|li)[ -]{{1,2}}(?P<post>\d{{4}})[ ,]{{1,3}}(?P<town>{_TOWN})(?P<tail>\W*$|\s*[,;·|]|   )"
    ),
    re.compile(r"^(?P<town>[a-z][a-z .'-]{1,30}?),? (?P<post>[a-z]{2} \d{5}(?:-\d{4})?)(?P<tail>\W*$)"),
    re.compile(r"(?:^|[\s,])(?P<town>[a-z][a-z .'-]{1,30}?)?,? ?(?P<post>[a-z]{1,2}\d[a-z\d]? \d[a-z]{2})(?P<tail>\W*$|\s*,)"),
    re.compile(rf"^(?P<code>gb|uk|ie) (?P<post>[a-z\d]{{2,4}} [a-z\d]{{3,4}}) (?P<town>{_TOWN})(?P<tail>\W*$)"),
    re.compile(rf"^(?P<post>\d{{4,6}}) *,? (?P<town>{_TOWN})(?P<tail>\W*$)"),
)  # fmt: skip
#: What some part of every form has, but for the one of _ABROAD.
_POSTCODE = re.compile(r"\d{4}|\d[a-z\d]? \d[a-z]{2}")
_OUTWARD = re.compile(r"\d[a-z\d]? \d[a-z]{2}")  # of "SW1B 3BN": its form is slow to say no
_ABROAD = ("gb ", "uk ", "ie ")  # the one form whose postcode may be letters alone
_SHORT = {"f": "FR", "d": "DE", "b": "BE", "l": "LU", "a": "AT"}
_STREET = re.compile(
    r"\b(?:rue|avenue|av\.?|bd|bld|boulevard|chemin|impasse|place|pl\.|allees?|route|rte|quai|cours|square|"
    r"lieu-?dit|zone|z\.?a\.?c?\.?|z\.?i\.?|parc d|residence|res\.|batiment|bat\.?|immeuble|villa|passage|sentier|"
    r"voie|hameau|faubourg|fbg|montee|esplanade|promenade|cite|domaine|centre commercial|bp|cs|b\.p\.|"
    r"street|st|road|rd|lane|drive|dr|court|way|suite|floor|building|jalan|jln|lot|square|weg|platz|allee|"
    r"gasse|hof|laan|straat|plein|kade|via|calle|postfach|p\.?o\.? box)\b\.?|\w+(?:strasse|stra(?:s|ß)e|str\.|weg|platz|allee|gasse|straat|laan|plein)\b"
)  # fmt: skip


_WAY = re.compile(
    r"(?:rue|avenue|av\.|bd|bld|boulevard|chemin|impasse|place|allees?|route|rte|quai|cours|square|"
    r"lieu-?dit|parc (?:d'|industriel|tertiaire|technologique)|immeuble|batiment|bat\.|residence|zone (?:art|ind|d)|z\.?[ai]\.?c?\.?|bp|cs|b\.p\.|via|calle|street|postfach)\b"
)


_NUMBERED = re.compile(r"\d{1,4}(?: ?(?:bis|ter|quater|[a-d]))?[ ,]+[a-z]")
_HOUSE = re.compile(r"\d{1,4}(?: ?(?:bis|ter|[a-d]))?,? [a-z]")
_NUMBER_LAST = re.compile(r"[a-z]{3,} \d{1,4} ?[a-z]?$")


@dataclass(frozen=True)
class Town:
    """The line of an address that ends it: postcode, town, and the country when it is there."""

    spot: Spot
    postcode: str
    city: str
    country: str = ""


def town(spot: Spot) -> Town | None:
    """The postcode and town of a piece of text, None when there is none."""
    text = spot.plain
    if not (_POSTCODE.search(text) or text.startswith(_ABROAD)):
        return None  # no postcode
    for place, form in enumerate(_LINE):
        if place == 4 and not _OUTWARD.search(text):
            continue
        match = form.search(text)
        if match is None or not (match["town"] or "").strip(" ,-."):
            continue
        if place in (3, 6) and len(text.strip()) > 60:
            continue
        if place == 1 and not spot.text[slice(*match.span("post"))].isupper():
            continue
        start, end = match.span("town")
        if start == match.end("post") and not spot.text[start : start + 1].isupper():
            continue  # OCR glues them: "69001Lyon", but "12345abc" is a code
        city = spot.text[start:end].strip(" ,-.;·|(")
        code = (match.groupdict().get("code") or "").lower()
        country = _SHORT.get(code, code.upper())
        return Town(
            spot, match["post"].upper(), city, country or _after(text[match.end("town") :])
        )
    return None


def _after(rest: str) -> str:
    """The country named after the town ("PARIS, FR", "69001 Lyon - France")."""
    words = rest.strip(" ,-.;·|()")
    for name, code in COUNTRIES.items():
        if words == name or words.startswith((name + " ", name + ",")):
            return code
    match = re.match(rf"({_CODES})(?:\W|$)", words)
    return match[1].upper() if match else ""


def country(text: str) -> str:
    """The code of a line that is only a country's name, "" otherwise."""
    words = [word.strip(" .,") for word in text.replace(",", "/").split("/")]
    found = {COUNTRIES.get(word, "") for word in words if word}
    return found.pop() if len(found) == 1 else ""


def starts_a_street(text: str) -> bool:
    """True for a line that begins as a street does: "12 bis, rue…", "Avenue…", "ZA du…"."""
    return bool(_NUMBERED.match(text) or _WAY.match(text) or _NUMBER_LAST.search(text))


def is_street(text: str) -> bool:
    """True for the text of a street line: a number or a kind of way in it."""
    return bool(_STREET.search(text) or _HOUSE.match(text) or _NUMBER_LAST.search(text))
