"""Units of measure as people write them, and their code (UN/ECE recommendation 20, BT-130).

A quantity printed without any unit counts things: C62 ("one"), which is also what an unknown unit
becomes, its word kept on the page. French labels of the codes: codes.py.
"""

import re
import unicodedata

_WORDS = {
    "HUR": "h hr hrs heure heures hour hours std stunde stunden uur",
    "MIN": "min mn minute minutes",
    "DAY": "j jr jrs jour jours jour(s) day days tag tage tag(e) jours/homme jh",
    "WEE": "semaine semaines week weeks",
    "MON": "mois month months monat monate mois/an",
    "ANN": "an ans annee annees year years jahr",
    "GRM": "g gr gramme grammes gram",
    "KGM": "kg kgs kilo kilos kilogramme kilogrammes",
    "TNE": "t tonne tonnes to",
    "MMT": "mm",
    "CMT": "cm",
    "MTR": "m ml metre metres meter mlin",
    "KMT": "km kms kilometre kilometres",
    "MTK": "m2 m² metre(s)carre(s) sqm qm",
    "MTQ": "m3 m³ cbm",
    "LTR": "l lt litre litres liter liter(s) liters litre(s)",
    "MLT": "millilitre millilitres",
    "CLT": "cl",
    "HLT": "hl",
    "KWH": "kwh",
    "MWH": "mwh",
    "KWT": "kw",
    "LS": "forfait forfaits ft ff ens ensemble fft pauschal lot(forfait)",
    "SET": "jeu jeux set kit lot lots",
    "PR": "paire paires pair",
    "XBX": "boite boites box bte",
    "XCT": "carton cartons ctn crt",
    "XPX": "palette palettes pal",
    "XBG": "sac sacs bag",
    "XRO": "rouleau rouleaux rlx roll",
    "XBO": "bouteille bouteilles bout btl flasche",
    "H87": "p pc pce pces pcs piece pieces piece(s) stk stck st stuck stueck stuks",
    "P1": "%",
}
_CODES = {word: code for code, words in _WORDS.items() for word in words.split()}


def code_of(text: str) -> str:
    """The code of a unit as printed, C62 when there is none or none that is known.

    A code of the recommendation itself ("HUR", "C62") is kept.
    """
    bare = text.strip().rstrip(".")
    if re.fullmatch(r"[A-Z][A-Z0-9]{1,2}", bare) and bare in _WORDS | {"C62": "", "EA": ""}:
        return bare
    words = unicodedata.normalize("NFKD", bare.lower())
    word = "".join(sign for sign in words if not unicodedata.combining(sign))
    return _CODES.get(bare.lower().replace(" ", ""), _CODES.get(word.replace(" ", ""), "C62"))
