"""The words of the model that its users know, each on the page where they look for it."""

import pytest

from tests.web.browser import Browser

#: Row of the features → page → words that stand on it, as a person reads them.
WORDS = (
    ("JF-20", "/parametres/achats/import", ("SIREN300000007@",)),
    ("JF-21", "/parametres/achats/import", ("Import des factures d’achat", "e-mail")),
    ("JF-37", "/parametres/achats", ("Approuver la réception", "Préférences d’application",
                                     "Manuellement", "Excepté fournisseurs de confiance",
                                     "Automatiquement")),
    ("JF-40", "/parametres/achats", ("Identifier les doublons",)),
    ("JF-41", "/parametres/achats", ("Bloquer l’archivage des doublons",)),
    ("JF-42", "/parametres/achats", ("provenant d’adresses e-mail approuvées",)),
    ("JF-43", "/parametres/achats", ("Ajouter une adresse e-mail",)),
    ("JF-63", "/tiers", ("Fournisseurs", "Clients", "Ajouter")),
    ("JF-64", "/tiers", ("Importer",)),
    ("JF-65", "/tiers/importer?onglet=fournisseurs", ("Télécharger le modèle d’import",)),
    ("JF-66", "/tiers", ("Exporter",)),
    ("JF-70", "/parametres", ("Paramètres du compte utilisateur › Notifications",)),
    ("JF-71", "/parametres/notifications", ("Notifications par défaut",
                                            "Notifications d’erreurs", "Fréquence", "E-mail")),
    ("JF-72", "/parametres/notifications", ("Jamais", "Immédiate", "Horaire",
                                            "Quotidien", "Hebdomadaire")),
    ("NO-08", "/aide/corbeille", ("Réimporter",)),
)  # fmt: skip


@pytest.mark.parametrize(("row", "path", "words"), WORDS, ids=[one[0] for one in WORDS])
def test_a_page_says_the_words_of_its_model(
    manager: Browser, row: str, path: str, words: tuple[str, ...]
) -> None:
    """Whoever comes from there finds the same names, in capitals or not."""
    reply = manager.get(path)
    assert reply.status == 200
    said = " ".join(reply.page.xpath("//main")[0].text_content().split()).casefold()
    said += " " + " ".join(reply.page.xpath("//main//*/@value")).casefold()
    missing = [one for one in words if one.casefold() not in said]
    assert [] == missing, row
