"""Names of companies: what looks like one, what certainly is not, and when two are the same."""
# ruff: noqa: E501

import re
from collections.abc import Collection
from itertools import pairwise

from facteur.domain.companies import LEGAL, SIGNS, key
from facteur.domain.extraction import addresses, labels
from facteur.domain.extraction.lines import Spot
from facteur.domain.plain import plain

#: What names nobody: said anywhere in a line, as words of their own, as its beginning or the whole.
#: Apart, for the engine skips to the first letters of the one and to the edges of the others.
_NOT = (
    re.compile(
        r"@|www|http:|https:|telephone|mobile|phone|e-?mail|r\.c\.s|capital|ust-?id|steuernummer|seite|echeance|"
        r"reference|commande|contact|a l'attention|numero|conditions|paiement|reglement|logo|"
        r"penalit|escompte|montant|invoice date|invoice number|due date|client n|code client|"
        r"original|duplicata|copie|copy|welcome|bienvenue|merci|thank|guest name|swift|gst|kvk|registre|"
        r"autoliquid|tva non|293 b|carte bancaire|virement|especes|devise|currency|wahrung|nummer|number|"
        r"adresse|address|anschrift|cashier|ticket|caisse"
    ),
    re.compile(
        r"\b(?:(?:tel|fax|siret|siren|rcs|tva|ape|naf|iban|bic|gln|vat|date|page|attn?|total|nr|id)\b|details?$|"
        r"(?:regle|paye|acquitte)e? (?:par|le|en)|no\b\.? ?:)"
    ),
    re.compile(
        r"^(?:n ?°|\W*$|summary|rooms?$|charges?$|check (?:in|out)|payment|balance|"
        r"(?:frau|herrn?|firma|an|monsieur|madame|mm?e?\.?|mr\.?|mrs\.?|societe|sarl|sas)$)"
    ),
)
_CODE = re.compile(r"[<>{}\\=]|#[^#]*#")  # of a program: no company's
_NUMBERED = re.compile(r"no\b\.? ?\d|\d{4,6} [a-z]")  # "No.2, Jalan…", "75011 Paris"
_TITLE = re.compile(
    r"^(?:\W*)(?:(?:ma |votre )?(?:facture|avoir|note de credit|recu|ticket|devis|bon de (?:commande|livraison)|"
    r"proforma|tax invoice|simplified tax invoice|cash (?:sales?|bill|receipt)|sales receipt|receipt|invoice|"
    r"credit note|statement|[a-z]*rechnung|gutschrift|lieferschein|angebot|factuur|creditnota|payment receipt|"
    r"facture d'acompte|facture proforma|note d'honoraires|quittance|relev[ée]))\b"
)
#: OCR ties a legal form to the name before it.
_GLUED = re.compile(r"(?<=[a-zà-ÿ])(?=(?:SARL|SASU?|SA|EURL|SCI|SNC|GmbH)$)")
_GLUED_NAME = 10  # letters: a shorter name is one word
_TRADES = frozenset({
    "agence", "artisan", "atelier", "auto", "automobile", "boucherie", "boulangerie",
    "boutique", "brasserie", "bureau", "cafe", "carrosserie", "center", "centre", "charpente",
    "city", "club", "coiffure", "company", "comptoir", "conseil", "couverture", "cuisine",
    "discount", "distribution", "drive", "electricite", "enterprise", "entreprise",
    "epicerie", "equipement", "express", "ferme", "fleurs", "food", "france", "garage",
    "garden", "groupe", "hardware", "hotel", "house", "immobilier", "imprimerie", "industrie",
    "jardin", "librairie", "location", "logistique", "maconnerie", "maison", "marche",
    "market", "materiaux", "mart", "menuiserie", "meubles", "motors", "optique", "papeterie",
    "paris", "parking", "patisserie", "peinture", "pharmacie", "pizzeria", "plomberie",
    "presse", "primeurs", "pressing", "restaurant", "restoran", "sales", "salon", "service",
    "services", "shop", "solutions", "sport", "stationery", "station", "store", "stores",
    "studio", "supermarche", "supply", "supplies", "tabac", "taxi", "textile", "toiture",
    "traiteur", "transport", "transports", "travaux", "vacances",
})  # fmt: skip
_TITLE_END = re.compile(r"\s+(?:facture|invoice|avoir|rechnung|factuur|receipt|credit note)\s*$")
_SOLD_BY = re.compile(
    r"(?:vendu|emis|facture|edite|propose) par (?:la societe )?|sold by |issued by "
)
_REGISTERED = re.compile(r"\s*\([\w :.-]*\d{3,}[\w -]*\)$")  # a registration number
_PERSON = re.compile(
    r"^(?:m\.|mr\.?|mrs\.?|ms\.?|mme|mlle|monsieur|madame|herrn?|frau|dr\.?|me|maitre)\s"
)
_PARTED = re.compile(r"\s+[-–—·●•|]\s+|\s*[●•|]\s*|,\s|\s+au capital\b")
_SERVICE = re.compile(
    r"^(?:service|direction|departement|department|pole|division|agence d[eu]|etablissement de|succursale)\b|\b(?:dep|dept|department|comptabilite|accounts payable|accounting)\b\.?$|service (?:comptab|achat|client|abonne)"
)


def clean(text: str) -> str:
    """A name without what surrounds it: labels' colons, bullets, a document title after it."""
    text = " ".join(text.split()).strip(" :·●•|-–—,;*_\t")
    words = plain(text)
    if match := _SOLD_BY.match(words):
        text = text[match.end() :].strip()
        words = plain(text)
    if match := _TITLE_END.search(words):
        text = text[: match.start()].strip()
    text = _GLUED.sub(" ", text)
    return _REGISTERED.sub("", text) if text.endswith(")") else text


def looks(text: str) -> float:
    """How much a line looks like the name of a company or a person, 0 to 1."""
    name = clean(text)
    words = plain(name)
    if _TITLE.match(plain(text)) or not _may_name(words):
        return 0.0
    score = 0.6
    if LEGAL.search(words):
        score += 0.35
    elif addresses.starts_a_street(words):
        return 0.1
    for sign, cost in (
        (_PERSON.match(words), 0.1),
        (_SERVICE.search(words), 0.25),
        (name[:1].islower(), 0.15),
        (len(words.split()) > 7 or words.endswith("."), 0.25),
        (any(map(str.isdigit, words)), 0.1),
    ):
        score -= cost if sign else 0.0
    return max(score, 0.05)


def _may_name(words: str) -> bool:
    """False for what certainly names nobody: a number, a country, a label, a document's title."""
    if len(words) > 70 or _NUMBERED.match(words) or _CODE.search(words):
        return False
    letters = sum(map(str.isalpha, words))
    if letters < 2 or sum(map(str.isdigit, words)) > letters or LEGAL.fullmatch(words):
        return False
    if any(one.search(words) for one in _NOT) or _TITLE.match(words):
        return False
    squeezed = words.replace(" ", "")  # "Descr ipt ion": OCR splits a head too
    return not (
        addresses.country(words) or labels.names_a_value(words) or labels.names_a_value(squeezed)
    )


def spaced(text: str, page: Collection[str]) -> str:
    """A name that OCR ran together, its words apart: "SANYUSTATIONERYSHOP" on a page of "Sanyu".

    ``page`` are the page's other words, plain. Nothing changes unless words of the page and of
    trade, four letters or more, make up the whole name.
    """
    name = plain(text)
    if len(name) < _GLUED_NAME or not name.isalpha() or len(name) != len(text):
        return text
    cuts: dict[int, tuple[int, ...]] = {0: ()}  # from an offset reached, where words end
    for start in range(len(name)):
        if start not in cuts:
            continue
        for end in range(start + 4, len(name) + 1):
            word = name[start:end]
            if word != name and (word in page or word in _TRADES):
                cuts.setdefault(end, (*cuts[start], end))
    ends = cuts.get(len(name), ())
    words = [text[start:end] for start, end in pairwise((0, *ends))]
    known = any(plain(word) in page for word in words)
    return " ".join(words) if known else text


def domain_of(text: str) -> list[str]:
    """The names inside the mail and web addresses of a text: "aubonmoulin" of aubonmoulin.fr."""
    found = re.findall(
        r"(?:@|\bww?w\.|https?://(?:www\.)?)([a-z0-9-]+(?:\.[a-z0-9-]+)*?)"
        r"(?:\.(?:com?|org|net|gov|asso))?\.[a-z]{2,6}\b(?!\.[a-z])",
        text,
    )
    common = {
        "gmail",
        "orange",
        "wanadoo",
        "free",
        "hotmail",
        "outlook",
        "yahoo",
        "laposte",
        "sfr",
        "icloud",
        "example",
        "gmx",
    }
    names = [SIGNS.sub("", part.split(".")[-1]) for part in found]
    return [name for name in names if len(name) >= 4 and name not in common]


def is_form(text: str) -> bool:
    """True for a line that is only a legal form: the end of the name above."""
    words = plain(clean(text))
    return bool(words) and LEGAL.fullmatch(words) is not None


def echoed(name: str, domains: list[str]) -> bool:
    """True when a web or mail address of the page resembles the name."""
    one = key(name)
    return len(one) >= 3 and any(
        min(len(one), len(domain)) >= 0.55 * max(len(one), len(domain))
        and (one in domain or domain in one)
        for domain in domains
    )


def first_of(spot: Spot) -> str:
    """The first piece of a line that strings several ("Name SARL - 12 rue… - 75001 Paris")."""
    return clean(_PARTED.split(spot.text.strip(), maxsplit=1)[0])
