"""What the dossier knows of itself vouches for what was read of it.

A page addressed to the company says its name and address, which the dossier has too: when both
say the same, the reading needs nobody's eyes. Two witnesses that agree, nothing is filled in or
replaced; what differs by a letter stays « à vérifier ».
"""

from dataclasses import replace

from facteur.domain.candidate import CERTAIN, Candidate
from facteur.domain.companies import SIGNS, same
from facteur.domain.dossiers import Dossier
from facteur.domain.plain import plain

_WHERE = ("address", "postcode", "city", "country")


def vouched(candidate: Candidate, own: Dossier, side: str) -> Candidate:
    """The candidate, sure of the fields of ``side`` that say what the dossier says of itself.

    The name must be the dossier's before its address counts: a neighbour has our street too.
    """
    name = candidate.text(f"{side}_name")
    if not own.name or not name or not same(name, own.name):
        return candidate
    agreed = [f"{side}_name"]
    for one in _WHERE:
        read, known = candidate.text(f"{side}_{one}"), str(getattr(own, one))
        if read and known and _bare(read) == _bare(known):
            agreed.append(f"{side}_{one}")
    sure = {
        one: replace(candidate.fields[one], confidence=CERTAIN)
        for one in agreed
        if not candidate.fields[one].sure
    }
    return replace(candidate, fields={**candidate.fields, **sure}) if sure else candidate


def _bare(text: str) -> str:
    return SIGNS.sub(" ", plain(text)).strip()
