"""Official texts in French: the shapes in which schemas and schematrons say the same thing again.

Many rules have a sentence of their own (messages/rules.toml). The others come in families: what a
profile does not foresee, how often an element may stand, what a type takes, and, for each category
of VAT, the same ten rules. Their texts are English: here each family has its French sentence, with
the element and the value that the text names.

Sources: Factur-X 1.09 schematrons; libxml2's XML Schema messages; EN 16931 §6.4.3.
"""

import re
from collections.abc import Callable, Mapping

from facteur.domain.faults import Fault

_Say = Callable[[re.Match[str]], str]


def _times(number: str) -> str:
    return "une fois" if number == "1" else f"{number} fois"


def _characters(number: str) -> str:
    return f"{number} caractère" + ("" if number in {"0", "1"} else "s")


def _bare(element: str) -> str:
    """« ram:ID » of ``ram:ID[@schemeID="VA"]``: the condition says which, not what is wrong."""
    return element.partition("[")[0].strip()


def _shape(pattern: str, say: _Say) -> tuple[str, _Say]:
    """Compiled when a text is first asked about: most requests ask about none."""
    return r"(?:\[[^\]]*\][\s-]*)?" + pattern, say


_ELEMENT = r"Element (?:variant )?'(?P<e>[^'\[]+(?:\[.*\])?)'"
_WHERE = r"Element '(?P<e>[^']*)'(?:, attribute '(?P<a>[^']*)')?: "
_VALUE = r"(?:\[facet '[\w]+'\] )?The value '(?P<v>.*)' "


def _subject(found: re.Match[str]) -> str:
    element, attribute = found["e"], found.groupdict().get("a")
    return f"l’attribut « {attribute} » de « {element} »" if attribute else f"« {element} »"


def _expected(found: re.Match[str]) -> str:
    names = [one.strip() for one in (found["x"] or "").split(",") if one.strip()]
    shown = ", ".join(f"« {one} »" for one in names[:4])
    return shown + (", …" if len(names) > 4 else "")


_SCHEMATRON = (
    _shape(
        _ELEMENT + r" is marked as not used in the given context\.?",
        lambda m: f"L’élément « {_bare(m['e'])} » n’est pas prévu par ce profil à cet endroit",
    ),
    _shape(
        r"Attribute '?@(?P<a>[\w:]+)' marked as not used in the given context\.?",
        lambda m: f"L’attribut « {m['a']} » n’est pas prévu par ce profil à cet endroit",
    ),
    _shape(
        _ELEMENT + r" must occur exactly (?P<n>\d+) times?\.?",
        lambda m: f"L’élément « {_bare(m['e'])} » doit figurer exactement {_times(m['n'])}.",
    ),
    _shape(
        _ELEMENT + r" must occur at least (?P<n>\d+) times?\.?",
        lambda m: f"L’élément « {_bare(m['e'])} » doit figurer au moins {_times(m['n'])}.",
    ),
    _shape(
        _ELEMENT + r" may occur at maximum (?P<n>\d+) times?\.?",
        lambda m: f"L’élément « {_bare(m['e'])} » ne peut figurer que {_times(m['n'])} au plus.",
    ),
    _shape(
        r"Attribute '?@(?P<a>[\w:]+)'? is required in this context\.?",
        lambda m: f"L’attribut « {m['a']} » manque.",
    ),
    _shape(
        r"Value of '(?P<e>[^']+)' is not allowed\.?",
        lambda m: f"La valeur de « {_bare(m['e'])} » n’est pas dans la liste admise.",
    ),
    _shape(
        r"(?P<e>[\w: ]+) should not be present\.?",
        lambda m: f"« {m['e']} » ne devrait pas figurer à cet endroit.",
    ),
    _shape(
        r"A UBL (?:invoice|credit note) sh(?:ould|all) not include (?:the |an )?(?P<e>[\w /]+?)"
        r"(?: (?:or|unless) .*)?\.?",
        lambda m: f"L’élément « {m['e']} » ne devrait pas figurer dans une facture UBL.",
    ),
    _shape(
        r"(?P<e>[\w (),-]+?) sh(?:ould|all) (?:occur|exist) (?:at most|maximum)"
        r" (?P<n>once|twice).*",
        lambda m: (
            f"« {m['e']} » ne peut figurer que {_times('1' if m['n'] == 'once' else '2')} au plus."
        ),
    ),
    _shape(
        r"The allowed maximum number of decimals for .* \((?P<t>B[TG]-\d+)\) is 2\.?",
        lambda m: f"Un montant ({m['t']}) a plus de deux décimales.",
    ),
    # BR-AF-05 in CII refuses zero, in UBL it does not: the text tells them apart, the code cannot.
    _shape(
        r"In an Invoice line \(BG-25\) .* is \"IGIC\" the invoiced item VAT rate \(BT-152\)"
        r" shall be greater than 0 \(zero\)\.?",
        lambda _: f"{_CATEGORIES['AF']} : {_TAXED['05']}.",
    ),
)

_XSD = (
    _shape(
        _WHERE + r"This element is not expected\.(?: Expected is (?:one of )?\( (?P<x>.*) \)\.)?",
        lambda m: (
            f"L’élément « {m['e']} » n’est pas attendu à cet endroit"
            + (f" ; attendu : {_expected(m)}." if m["x"] else ".")
        ),
    ),
    _shape(
        _WHERE + r"Missing child element\(s\)\.(?: Expected is (?:one of )?\( (?P<x>.*) \)\.)?",
        lambda m: (
            f"Il manque un élément dans « {m['e']} »" + (f" : {_expected(m)}." if m["x"] else ".")
        ),
    ),
    _shape(
        _WHERE + r"'(?P<v>.*)' is not a valid value of the (?:local )?\w+ type '(?P<t>[^']*)'\.",
        lambda m: f"La valeur « {m['v']} » ne convient pas à {_subject(m)} (type {m['t']}).",
    ),
    _shape(
        _WHERE + r"'(?P<v>.*)' is not a valid value of the local \w+ type\.",
        lambda m: f"La valeur « {m['v']} » ne convient pas à {_subject(m)}.",
    ),
    _shape(
        _WHERE + _VALUE + r"is not an element of the set.*",
        lambda m: f"La valeur « {m['v']} » n’est pas dans la liste admise pour {_subject(m)}.",
    ),
    _shape(
        _WHERE + _VALUE + r"is not accepted by the pattern.*",
        lambda m: f"La valeur « {m['v']} » n’a pas la forme voulue pour {_subject(m)}.",
    ),
    _shape(
        _WHERE + r"(?:\[facet '\w+'\] )?The value has a length of '(?P<n>\d+)'; this exceeds the"
        r" allowed maximum length of '(?P<m>\d+)'\.",
        lambda m: f"La valeur de {_subject(m)} a {_characters(m['n'])} : {m['m']} au plus.",
    ),
    _shape(
        _WHERE + r"(?:\[facet '\w+'\] )?The value has a length of '(?P<n>\d+)'; this underruns the"
        r" allowed minimum length of '(?P<m>\d+)'\.",
        lambda m: f"La valeur de {_subject(m)} est trop courte : {_characters(m['m'])} au moins.",
    ),
    _shape(
        _WHERE + _VALUE + r"has more fractional digits than are allowed \('(?P<n>\d+)'\)\.",
        lambda m: (
            f"La valeur « {m['v']} » a trop de décimales pour {_subject(m)} : {m['n']} au plus."
        ),
    ),
    _shape(
        _WHERE + _VALUE + r"has more digits than are allowed \('(?P<n>\d+)'\)\.",
        lambda m: (
            f"La valeur « {m['v']} » a trop de chiffres pour {_subject(m)} : {m['n']} au plus."
        ),
    ),
    _shape(
        _WHERE + r"The attribute '(?P<x>[^']*)' is required but missing\.",
        lambda m: f"L’attribut « {m['x']} » de « {m['e']} » manque.",
    ),
    _shape(
        _WHERE + r"The attribute '(?P<x>[^']*)' is not allowed\.",
        lambda m: f"L’attribut « {m['x']} » n’est pas admis dans « {m['e']} ».",
    ),
    _shape(
        _WHERE
        + r"(?:Element content|Character content other than whitespace|Character content) is"
        r" not allowed.*",
        lambda m: f"L’élément « {m['e']} » contient ce qu’il ne doit pas contenir.",
    ),
    _shape(
        _WHERE + r"No matching global declaration available for the validation root\.",
        lambda m: f"La racine du fichier, « {m['e']} », n’est pas celle attendue.",
    ),
)

_CATEGORIES: Mapping[str, str] = {
    "S": "TVA à taux normal ou réduit",
    "Z": "TVA à taux zéro",
    "E": "Exonération de TVA",
    "AE": "Autoliquidation",
    "IC": "Livraison intracommunautaire",
    "G": "Exportation",
    "O": "Hors champ de la TVA",
    "AF": "IGIC (Canaries)",
    "AG": "IPSI (Ceuta et Melilla)",
}
_CATEGORY_RULE = re.compile(r"BR-(?:FREXT-|FXEXT-)?(S|Z|E|AE|IC|G|O|AF|AG)-([0-9]{2})(?:ini|rev)?")
#: A bare number is a rule of the profile's own (BR-FREXT-04 is not BR-04), but for four of UBL.
_EXTENDED_RULE = re.compile(
    r"BR-(?:FREXT|FXEXT)-(?:BR-|(?=CO-|2[2346]))((?:CO-)?[0-9]{2})(?:/.*)?"
)
#: What asks for a number of the seller, by the number of the rule.
_ASKING: Mapping[str, str] = {
    "02": "une ligne de cette catégorie demande",
    "03": "une remise de cette catégorie demande",
    "04": "des frais de cette catégorie demandent",
}


def _asked(numbers: str) -> Mapping[str, str]:
    return {rule: f"{what} {numbers}" for rule, what in _ASKING.items()}


#: What the rule of each number says, for the categories that have no words of their own.
_EACH: Mapping[str, str] = {
    "01": "le récapitulatif de TVA doit avoir une ligne de cette catégorie",
    **_asked("le numéro de TVA ou fiscal du vendeur"),  # BT-31, BT-32 or BT-63
    "05": "le taux de TVA d’une ligne de cette catégorie doit être nul",
    "06": "le taux de TVA d’une remise de cette catégorie doit être nul",
    "07": "le taux de TVA de frais de cette catégorie doit être nul",
    "08": "la base HT n’est pas la somme des lignes, remises et frais de cette catégorie",
    "09": "la TVA doit être nulle",
    "10": "le motif d’exonération manque",
}
_TAXED: Mapping[str, str] = {
    "05": "le taux de TVA d’une ligne de cette catégorie doit être positif",
    "06": "le taux de TVA d’une remise de cette catégorie doit être positif",
    "07": "le taux de TVA de frais de cette catégorie doit être positif",
    "09": "la TVA n’est pas base × taux",
    "10": "un motif d’exonération ne doit pas être donné",
}
_TAXED_OR_ZERO: Mapping[str, str] = {
    **_TAXED,
    "05": "le taux de TVA d’une ligne de cette catégorie doit être positif ou nul",
    "06": "le taux de TVA d’une remise de cette catégorie doit être positif ou nul",
    "07": "le taux de TVA de frais de cette catégorie doit être positif ou nul",
}
#: BT-31 or BT-63: a fiscal number (BT-32) is not enough for what leaves the country.
_VAT_NUMBER = "le numéro de TVA du vendeur ou de son représentant fiscal"
_NO_NUMBER = "dans cette catégorie, aucun numéro de TVA ne doit être donné"
_NOT_MIXED = "cette catégorie ne peut pas être mêlée à d’autres"
_OWN: Mapping[str, Mapping[str, str]] = {
    "S": _TAXED,
    "AF": _TAXED_OR_ZERO,
    "AG": _TAXED_OR_ZERO,
    "Z": {"10": _TAXED["10"]},
    # BT-31, BT-32 or BT-63, and BT-48 or BT-47
    "AE": _asked(
        "le numéro de TVA ou fiscal du vendeur, et le numéro de TVA ou l’identifiant légal (SIREN)"
        " de l’acheteur"
    ),
    "IC": _asked(f"{_VAT_NUMBER}, et le numéro de TVA de l’acheteur"),  # and BT-48
    "G": _asked(_VAT_NUMBER),
    "O": {
        **dict.fromkeys(("02", "03", "04"), _NO_NUMBER),
        **dict.fromkeys(("05", "06", "07"), "cette catégorie ne doit pas avoir de taux de TVA"),
        **dict.fromkeys(("11", "12", "13", "14"), _NOT_MIXED),
    },
}


def _of_category(code: str) -> str:
    """The sentence of a rule that each category of VAT has, by its number; "" for another."""
    named = re.fullmatch(_CATEGORY_RULE, code)
    if named is None:
        return ""
    category, number = named.groups()
    said = _OWN.get(category, {}).get(number) or _EACH.get(number, "")
    return f"{_CATEGORIES[category]} : {said}." if said else ""


def base_rule(code: str) -> str:
    """The rule of EN 16931 that one of an extended profile stands for; "" for any other.

    ``BR-FREXT-CO-10`` is BR-CO-10 with a tolerance, ``BR-FREXT-BR-22`` BR-22 for lines that count,
    as are ``BR-FREXT-22``, 23, 24 and 26 in UBL. Other bare numbers are the profile's own rules.
    """
    named = re.fullmatch(_EXTENDED_RULE, code)
    return f"BR-{named[1]}" if named else ""


def in_french(fault: Fault) -> str:
    """The French sentence of an official text of a known shape; "" for any other."""
    text = fault.message.strip()
    for pattern, say in _XSD if fault.code == "XSD" else _SCHEMATRON:
        found = re.fullmatch(pattern, text, re.DOTALL)
        if found:
            said = say(found)
            if said.endswith("."):
                return said
            return said + (" : il sera ignoré." if fault.code == "FX-NOT-USED" else ".")
    return _of_category(fault.code)
