"""Companies by their names: when two writings name the same one, and the dossier's own.

Apart from reading (domain/extraction), which most functions of the cloud never load.
"""
# ruff: noqa: E501

import re
from dataclasses import dataclass

from facteur.domain.plain import plain

#: Legal forms, as written after (or before) a name.
LEGAL = re.compile(
    r"\b(?:s\.?a\.?r\.?l\.?u?|e\.?u\.?r\.?l\.?|s\.?a\.?s\.?u?|s\.a\.|sa|snc|s\.?c\.?i|scp|selarl|selas|sc[eo]p|scm|"
    r"scea|gaec|earl|eirl|gie|association|ei\b|auto-?entrepreneur|micro-?entreprise|"
    r"gmbh(?: & co\.? ?(?:kg|ohg))?|ag|kg|ohg|ug|e\.k\.|gbr|mbh|ltd\.?|limited|llc|llp|inc\.?|plc|corp(?:oration)?\.?|"
    r"b\.?v\.?(?:ba)?|n\.?v\.?|srl|s\.r\.l|s\.?p\.?a|s\.?l\.?u?|oy|aps|a/s|sdn\.? ?bhd|bhd|pte|pvt|co\.|company|enterprise)(?![a-z])"
)  # fmt: skip
SIGNS = re.compile(r"[^a-z0-9]+")
_FORMS = re.compile(
    LEGAL.pattern
    + r"|\b(?:societe|ste|ets|etablissements|entreprise|groupe|cie|et|and|the|le|la|les)\b"
)


@dataclass(frozen=True)
class OwnIdentity:
    """The dossier: what tells its side of the invoice from the other."""

    siren: str = ""
    vat: str = ""
    name: str = ""


def key(text: str) -> str:
    """What two writings of a name have in common: letters and digits, no legal form."""
    words = plain(text)
    return SIGNS.sub("", _FORMS.sub(" ", words)) or SIGNS.sub("", words)


def same(left: str, right: str) -> bool:
    """True when two names are the same but for case, accents and legal form."""
    one, other = key(left), key(right)
    return bool(one) and one == other


def akin(left: str, right: str) -> bool:
    """True when the names cannot be said to differ: one holds the other, or most of its words."""
    one, other = key(left), key(right)
    if not one or not other:
        return True
    if one in other or other in one:
        return True
    first = set(re.findall(r"[a-z0-9]{3,}", _FORMS.sub(" ", plain(left))))
    second = set(re.findall(r"[a-z0-9]{3,}", _FORMS.sub(" ", plain(right))))
    return 2 * len(first & second) >= max(min(len(first), len(second)), 1)
