"""Official texts are told in French by their shape, with the element and the value they name."""

import pytest
from facteur.domain.faults import Fault, FaultSource
from facteur.web import i18n
from facteur.web.showing import official


def told(code: str, text: str, language: str = "fr") -> str:
    """The sentence of an official fault."""
    return i18n.fault_text(Fault(code=code, message=text, source=FaultSource.OFFICIAL), language)


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (
            "FX-NOT-USED",
            "Element 'ram:Description' is marked as not used in the given context.",
            (
                "L’élément « ram:Description » n’est pas prévu par ce profil à cet endroit : il sera"  # noqa: E501
                " ignoré."
            ),
        ),
        (
            "FX-NOT-USED",
            "Attribute @schemeID' marked as not used in the given context.",
            "L’attribut « schemeID » n’est pas prévu par ce profil à cet endroit : il sera ignoré.",  # noqa: E501
        ),
        (
            "FX-SCH-A-000132",
            "Element 'ram:ID' must occur exactly 1 times.",
            "L’élément « ram:ID » doit figurer exactement une fois.",
        ),
        (
            "FX-SCH-A-000007",
            "Element variant 'ram:ID[@schemeID=\"FC\"]' may occur at maximum 2 times.",
            "L’élément « ram:ID » ne peut figurer que 2 fois au plus.",
        ),
        (
            "FX-SCH-A-000033",
            "Attribute '@schemeID' is required in this context.",
            "L’attribut « schemeID » manque.",
        ),
        (
            "FX-SCH-A-000020",
            "Value of 'ram:ID' is not allowed.",
            "La valeur de « ram:ID » n’est pas dans la liste admise.",
        ),
        (
            "BR-DEC-16",
            (
                "[BR-DEC-16]-The allowed maximum number of decimals for the Paid amount"
                " (BT-113) is 2."
            ),
            "Un montant (BT-113) a plus de deux décimales.",
        ),
        (
            "CII-DT-021",
            "[CII-DT-021] - Name should not be present",
            "« Name » ne devrait pas figurer à cet endroit.",
        ),
        (
            "UBL-CR-002",
            ("[UBL-CR-002]-A UBL invoice should not include the UBLVersionID or it should be 2.1"),
            "L’élément « UBLVersionID » ne devrait pas figurer dans une facture UBL.",
        ),
        (
            "UBL-SR-42",
            (
                "[UBL-SR-42]-Party tax scheme shall occur maximum twice in accounting supplier"
                " party"
            ),
            "« Party tax scheme » ne peut figurer que 2 fois au plus.",
        ),
        (
            "BR-AE-03",
            "[BR-AE-03]-An Invoice that contains a Document level allowance (BG-20)…",
            (
                "Autoliquidation : une remise de cette catégorie demande le numéro de TVA ou fiscal du"  # noqa: E501
                " vendeur, et le numéro de TVA ou l’identifiant légal (SIREN) de l’acheteur."
            ),
        ),
        (
            "BR-IC-04",
            "[BR-IC-04]-An Invoice that contains a Document level charge (BG-21)…",
            (
                "Livraison intracommunautaire : des frais de cette catégorie demandent le numéro de TVA"  # noqa: E501
                " du vendeur ou de son représentant fiscal, et le numéro de TVA de l’acheteur."
            ),
        ),
        (
            "BR-G-03",
            "[BR-G-03]-An Invoice that contains a Document level allowance (BG-20)…",
            (
                "Exportation : une remise de cette catégorie demande le numéro de TVA du vendeur ou de"  # noqa: E501
                " son représentant fiscal."
            ),
        ),
        (
            "BR-E-03",
            "[BR-E-03]-An Invoice that contains a Document level allowance (BG-20)…",
            (
                "Exonération de TVA : une remise de cette catégorie demande le numéro de TVA ou fiscal"  # noqa: E501
                " du vendeur."
            ),
        ),
        (
            "BR-AG-06",
            "[BR-AG-06]-In a Document level allowance (BG-20)… shall be 0 (zero) or greater…",
            (
                "IPSI (Ceuta et Melilla) : le taux de TVA d’une remise de cette catégorie doit"
                " être positif ou nul."
            ),
        ),
        (
            "BR-AF-05",
            (
                "[BR-AF-05]-In an Invoice line (BG-25) where the Invoiced item VAT category code (BT-151)"  # noqa: E501
                ' is "IGIC" the invoiced item VAT rate (BT-152) shall be 0 (zero) or greater than zero.'  # noqa: E501
            ),
            (
                "IGIC (Canaries) : le taux de TVA d’une ligne de cette catégorie doit être positif ou"  # noqa: E501
                " nul."
            ),
        ),
        (
            "BR-AF-05",
            (
                "[BR-AF-05]-In an Invoice line (BG-25) where the Invoiced item VAT category code (BT-151)"  # noqa: E501
                ' is "IGIC" the invoiced item VAT rate (BT-152) shall be greater than 0 (zero).'
            ),
            "IGIC (Canaries) : le taux de TVA d’une ligne de cette catégorie doit être positif.",
        ),
        (
            "BR-O-06",
            "[BR-O-06]-A Document level allowance (BG-20) where…",
            "Hors champ de la TVA : cette catégorie ne doit pas avoir de taux de TVA.",
        ),
        (
            "BR-Z-10",
            "[BR-Z-10]-A VAT Breakdown (BG-23)…",
            "TVA à taux zéro : un motif d’exonération ne doit pas être donné.",
        ),
        (
            "BR-G-09",
            "[BR-G-09]-The VAT category tax amount (BT-117)…",
            "Exportation : la TVA doit être nulle.",
        ),
    ],
)
def test_a_rule_of_a_family_is_told_in_french(code: str, text: str, expected: str) -> None:
    """One sentence that names the element, the term or the category."""
    assert expected == told(code, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Element 'Q': This element is not expected. Expected is one of ( B, C, D ).",
            "L’élément « Q » n’est pas attendu à cet endroit ; attendu : « B », « C », « D ».",
        ),
        (
            "Element 'Q': This element is not expected.",
            "L’élément « Q » n’est pas attendu à cet endroit.",
        ),
        (
            "Element 'R': Missing child element(s). Expected is ( A ).",
            "Il manque un élément dans « R » : « A ».",
        ),
        (
            "Element 'A': 'x' is not a valid value of the atomic type 'xs:decimal'.",
            "La valeur « x » ne convient pas à « A » (type xs:decimal).",
        ),
        (
            "Element 'R', attribute 'k': 'z' is not a valid value of the atomic type 'xs:date'.",
            "La valeur « z » ne convient pas à l’attribut « k » de « R » (type xs:date).",
        ),
        (
            "Element 'B': [facet 'enumeration'] The value 'z' is not an element of the set .",
            "La valeur « z » n’est pas dans la liste admise pour « B ».",
        ),
        (
            "Element 'C': [facet 'pattern'] The value 'ABCDE' is not accepted by the pattern '[a-z]*'.",  # noqa: E501
            "La valeur « ABCDE » n’a pas la forme voulue pour « C ».",
        ),
        (
            (
                "Element 'C': [facet 'maxLength'] The value has a length of '5'; this exceeds the allowed"  # noqa: E501
                " maximum length of '3'."
            ),
            "La valeur de « C » a 5 caractères : 3 au plus.",
        ),
        (
            (
                "Element 'C': [facet 'minLength'] The value has a length of '0'; this underruns the allowed"  # noqa: E501
                " minimum length of '1'."
            ),
            "La valeur de « C » est trop courte : 1 caractère au moins.",
        ),
        (
            (
                "Element 'C': [facet 'minLength'] The value has a length of '1'; this underruns the allowed"  # noqa: E501
                " minimum length of '2'."
            ),
            "La valeur de « C » est trop courte : 2 caractères au moins.",
        ),
        (
            (
                "Element 'D': [facet 'fractionDigits'] The value '1.2345' has more fractional digits than"  # noqa: E501
                " are allowed ('2')."
            ),
            "La valeur « 1.2345 » a trop de décimales pour « D » : 2 au plus.",
        ),
        (
            (
                "Element 'D': [facet 'totalDigits'] The value '1.2345' has more digits than are allowed"  # noqa: E501
                " ('4')."
            ),
            "La valeur « 1.2345 » a trop de chiffres pour « D » : 4 au plus.",
        ),
        (
            "Element 'R': The attribute 'k' is required but missing.",
            "L’attribut « k » de « R » manque.",
        ),
        (
            "Element 'R', attribute 'm': The attribute 'm' is not allowed.",
            "L’attribut « m » n’est pas admis dans « R ».",
        ),
        (
            "Element 'A': Element content is not allowed, because the type definition is simple.",
            "L’élément « A » contient ce qu’il ne doit pas contenir.",
        ),
        (
            (
                "Element 'R': Character content other than whitespace is not allowed because the content"  # noqa: E501
                " type is 'element-only'."
            ),
            "L’élément « R » contient ce qu’il ne doit pas contenir.",
        ),
        (
            "Element 'Z': No matching global declaration available for the validation root.",
            "La racine du fichier, « Z », n’est pas celle attendue.",
        ),
    ],
)
def test_a_fault_of_a_schema_is_told_in_french(text: str, expected: str) -> None:
    """The messages of libxml2, as it writes them."""
    assert expected == told("XSD", text)


def test_a_text_of_no_known_shape_stays_as_it_is() -> None:
    """French already, a rule that came since, a hostile one; and whoever reads English."""
    for text in ("Le SIRET doit contenir 14 chiffres.", "Something new.", "Element '" + "[" * 500):
        assert text == told("XX-1", text)
    english = "Element 'ram:ID' must occur exactly 1 times."
    assert english == told("FX-SCH-A-000132", english, "en")


def test_a_rule_of_the_extended_profile_is_told_as_the_one_it_stands_for() -> None:
    """The rules of EXTENDED-CTC-FR repeat those of EN 16931 with a tolerance."""
    for code, base in (
        ("BR-FREXT-CO-10", "BR-CO-10"),
        ("BR-FREXT-BR-22", "BR-22"),
        ("BR-FREXT-BR-38/BR-FREXT-CO-22", "BR-38"),
        ("BR-FREXT-22", "BR-22"),
        ("BR-FREXT-23", "BR-23"),
        ("BR-FREXT-24", "BR-24"),
        ("BR-FREXT-26", "BR-26"),
    ):
        assert i18n.sentence(base) == told(code, "Absolute Value of…")
    assert told("BR-FXEXT-S-08ini", "warning - Code : S").startswith("TVA à taux normal")


@pytest.mark.parametrize(
    "code",
    [
        *(f"BR-FREXT-{number}" for number in ("04", "05", "06", "08", "11", "12")),
        *(f"BR-FXEXT-{number}" for number in ("01", "02", "03", "04", "06", "08", "11", "12")),
        *("BR-FREXT-54-1", "BR-FREXT-54-2", "BR-FREXT-CL-10", "BR-FXEXT-CII-DT-097a"),
    ],
)
def test_a_rule_of_the_profiles_own_is_not_told_as_another_of_the_same_number(code: str) -> None:
    """BR-FREXT-04 is about the code of an item's attribute, BR-04 about the type of invoice."""
    assert not official.base_rule(code)
    assert i18n.sentence(f"BR-{code[9:11]}") != told(code, f"[{code}]-What the rule says.")


def test_a_rule_with_a_sentence_of_its_own_keeps_it() -> None:
    """The shape is for what has none."""
    assert "Le type de l’identifiant légal n’est pas dans la liste (0002 pour un SIREN)." == told(
        "BR-CL-11", "Value of 'ram:ID' is not allowed."
    )
