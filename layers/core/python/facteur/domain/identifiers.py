"""Identifiers of companies and accounts: SIREN, SIRET, TVA, IBAN, BIC (checked by python-stdnum).

Same verbs everywhere: ``compact`` strips what people add while typing, ``is_…`` answers, never
raises. SIREN and SIRET carry a Luhn key (INSEE; La Poste's SIRETs are the known exception, which
stdnum handles); a French VAT number carries the SIREN and a key (code-lists.md §10).
"""

import re

from stdnum import bic as _bic
from stdnum import iban as _iban
from stdnum.eu import vat as _vat
from stdnum.fr import siren as _siren
from stdnum.fr import siret as _siret
from stdnum.fr import tva as _tva

_NOISE = re.compile(r"[\s.\-\u00a0\u202f]+")


def compact(text: str) -> str:
    """The identifier without spaces, dots and dashes, in capitals."""
    return _NOISE.sub("", text).upper()


def is_siren(text: str) -> bool:
    """True for nine digits with a valid Luhn key."""
    return bool(_siren.is_valid(compact(text)))


def is_siret(text: str) -> bool:
    """True for fourteen digits with a valid key (La Poste included)."""
    return bool(_siret.is_valid(compact(text)))


def is_vat(text: str) -> bool:
    """True for a VAT number whose country's own check passes."""
    number = compact(text)
    return bool(_tva.is_valid(number[2:]) if number.startswith("FR") else _vat.is_valid(number))


def is_iban(text: str) -> bool:
    """True for an IBAN with the right length and key (ISO 13616)."""
    return bool(_iban.is_valid(compact(text)))


def is_bic(text: str) -> bool:
    """True for a BIC of 8 or 11 characters (ISO 9362)."""
    return bool(_bic.is_valid(compact(text)))


def siren_of_siret(siret: str) -> str:
    """The company's SIREN: the first nine digits of its establishment's SIRET."""
    return compact(siret)[:9]


def siren_of_vat(vat: str) -> str | None:
    """The SIREN inside a French VAT number, None for another country's."""
    number = compact(vat)
    return number[4:] if number.startswith("FR") and is_vat(number) else None


def vat_of_siren(siren: str) -> str:
    """The French VAT number that a SIREN gives: key = (12 + 3 × SIREN mod 97) mod 97."""
    number = compact(siren)
    return f"FR{(12 + 3 * (int(number) % 97)) % 97:02d}{number}"
