"""One word for one act, on every screen, in every sentence and every article.

The table is the vocabulary: the word, its one meaning, and what is not written instead of it.
A user who reads « Enregistrer » here and another verb there looks for a difference that is none.
"""

import re
from dataclasses import dataclass

import pytest

from tests.house.tree import REPO

WEB = REPO / "layers/core/python/facteur/web"


@dataclass(frozen=True)
class Word:
    """A word of the screens."""

    word: str
    means: str
    never: str = ""  # what says the same and is not used, as a regular expression


VOCABULARY = (
    Word("Enregistrer", "keep what a form holds", never=r"\b[Ss]auvegard"),
    Word(
        "Rejouer",
        "take something that stopped (a document, a flow, a mail) through its road again",
        never=r"(?<!/)\b[Rr]etrait(?:er|ez|e|é)\b",
    ),
    Word(
        "Relancer",
        "remind a person who owes a payment or an answer (relance, plan de relance)",
        never=r"\b[Rr]elanc(?:er|ez|e|ée?s?) (?:(?:sa|la|le|son|leur|une) |l’)"
        r"(?:lecture|vérification|traitement|contrôle|envoi|analyse|synchronisation)|"
        r"(?:[Ll]ecture|[Vv]érification|[Tt]raitement|[Ee]nvoi)[^.<\"]{0,25} relanc[ée]",
    ),
    Word("Renvoyer", "send again what was sent: a mail, a link, an invoice", never=r"[Rr]éexpédi"),
    Word("Rechercher", "find by words", never=r"[>\"« ]Chercher\b"),
    Word(
        "e-mail",
        "what a mailbox receives",
        never=r"\b[Cc]ourriel|(?:[lLd]’|\b(?:un|des|par|votre|vos|adresse) )[Ee]mails?\b",
    ),
    Word("Retirer", "take out of a list", never=r"\b(?:Enlever|Ôter)\b"),
    Word("Déposer", "hand files over", never=r"\b(?:[Uu]ploader|[Tt]éléverser)\b"),
    Word("Télécharger", "take files away", never=r"\b[Dd]ownload(?:er|ez)\b"),
    Word("Se connecter", "open a session", never=r"\b(?:Log ?in|Se logger|S’identifier)\b"),
    Word("Se déconnecter", "end it", never=r"\b(?:Log ?out|Fermer la session)\b"),
)

#: The laptop's own page has this name since the first start; no page of ours leaves the laptop.
_ALLOWED = re.compile(r"Courriels envoyés|courriels-envoyes")
_CODE = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)


def _texts() -> list[tuple[str, str]]:
    """What users read: templates, articles, mails, sentences, the words of scripts."""
    paths = [
        *sorted((WEB / "templates").rglob("*.html")),
        *sorted((WEB / "templates").rglob("*.txt")),
        *sorted((WEB / "messages").glob("*.toml")),
        *sorted((WEB / "static").glob("*.js")),
    ]
    found = []
    for path in paths:
        if path.name == "en.toml":
            continue
        text = _CODE.sub(" ", path.read_text(encoding="utf-8"))
        found.append((str(path.relative_to(WEB)), _ALLOWED.sub(" ", text)))
    return found


@pytest.mark.parametrize("word", VOCABULARY, ids=lambda one: one.word)
def test_one_act_has_one_word(word: Word) -> None:
    """Nothing that users read says the same by another word."""
    never = re.compile(word.never)
    strays = [
        f"{name}: « {text[max(0, one.start() - 30) : one.end() + 20]!r} » → {word.word}"
        for name, text in _texts()
        for one in never.finditer(text)
    ]
    assert strays == []


def test_the_words_of_the_table_are_those_of_the_screens() -> None:
    """A word that no page uses any more leaves the table; « Relancer » waits for reminders."""
    whole = "\n".join(text for _name, text in _texts())
    unused = [one.word for one in VOCABULARY if one.word not in whole]
    assert unused in ([], ["Relancer"])


def test_the_table_catches_what_it_forbids() -> None:
    """The patterns find the words they are for, and leave the reminder of a debtor alone."""
    found = {one.word: re.compile(one.never) for one in VOCABULARY}
    assert found["Enregistrer"].search("Sauvegarder")
    assert found["Rejouer"].search("Retraiter")
    assert found["Relancer"].search("relancer sa lecture")
    assert found["Relancer"].search("Lecture relancée")
    assert not found["Relancer"].search("Relancer le client")
    assert found["e-mail"].search("un courriel")
    assert found["e-mail"].search("par email,")
    assert not found["e-mail"].search("{{ held.name or held.email }}")
