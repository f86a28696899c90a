"""Accounting entries as the files that accounting software reads: one module per format.

``FORMATS`` is the table; a format is a function from the entries to the bytes of one file. All of
them take the same balanced entries (domain/exports.py); none decides anything about accounting.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from facteur.domain.exports import Booking, Company
from facteur.formats.exports import ciel, coala, csv_table, ebp, fec, quadra, sage100
from facteur.formats.exports.text import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format: its name on the page, what to know about it, the file's name, the writer.

    ``width``: of an account where the format has no auxiliary column, 0 where it has one.
    """

    label: str
    hint: str
    filename: Callable[[Company], str]
    write: Callable[[Sequence[Booking], Company], Written]
    width: int = 0


#: By the word that the address and the row say.
FORMATS: Mapping[str, Format] = {
    "fec_plus": Format(
        label="FEC+",
        hint="Fichier des écritures comptables, plus une colonne qui nomme la pièce jointe.",
        filename=fec.filename,
        write=fec.write_plus,
    ),
    "fec": Format(
        label="FEC",
        hint="Les 18 colonnes de l’article A47 A-1 du LPF, séparées par des tabulations.",
        filename=fec.filename,
        write=fec.write,
    ),
    "quadra": Format(
        label="Quadratus (QuadraCompta, Cegid Quadra)",
        hint="Import ASCII, comptes sur 8 caractères.",
        filename=lambda _company: "QUADRA.txt",
        write=quadra.write,
        width=quadra.ACCOUNT,
    ),
    "ebp": Format(
        label="EBP",
        hint="Import texte, champs séparés par des virgules.",
        filename=lambda _company: "ECRITURES.txt",
        write=ebp.write,
        width=ebp.ACCOUNT,
    ),
    "ciel": Format(
        label="Ciel, Sage 50 (XIMPORT)",
        hint="Import XIMPORT.TXT, largeurs fixes.",
        filename=lambda _company: "XIMPORT.TXT",
        write=ciel.write,
        width=ciel.ACCOUNT,
    ),
    "sage100": Format(
        label="Sage 100",
        hint="Import texte, colonnes séparées par des tabulations, compte tiers à part.",
        filename=lambda _company: "SAGE100.txt",
        write=sage100.write,
    ),
    "coala": Format(
        label="Coala (Sage Coala)",
        hint="Import texte, champs séparés par des points-virgules.",
        filename=lambda _company: "COALA.txt",
        write=coala.write,
        width=coala.ACCOUNT,
    ),
    "csv": Format(
        label="CSV (tableur)",
        hint="Un tableau qu’ouvrent les tableurs français.",
        filename=lambda _company: "ecritures.csv",
        write=csv_table.write,
    ),
}
