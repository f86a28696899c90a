"""The Rulebook: the official XSD and schematrons, run in this process.

First the XSD (lxml), because the stylesheets raise instead of reporting on a file that does not
follow it; then the profile's schematron and the French BR-FR Flux 2, by SaxonC-HE. One processor
for the whole process, made once under a lock: several made at the same time kill the process.
Stylesheets are compiled once, when first needed (0.1 to 0.5 s), then an invoice takes 10 to 50 ms.

The verdict is that of XSD and profile; BR-FR is the ``reform`` verdict and never blocks here
(decision 25). What cannot run makes the answer UNVERIFIED, with a fault that says what was
missing: never valid. A CII that its declared profile is too small for, and that a wider profile
accepts, is checked by the wider one and warned about.

Sources: FNFE explanatory note V1.4 §1 (order of the checks); reference: invoice-formats.md §1,
decisions.md 15, measurements.md §4.
"""

import hashlib
import logging
import threading
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facteur.adapters.saxon import books, svrl
from facteur.adapters.saxon.books import Book
from facteur.domain.documents import Verdict
from facteur.domain.errors import UnreadableError
from facteur.domain.faults import Fault, FaultSource, Severity
from facteur.formats.detect import Kind, detect
from facteur.formats.safe_xml import parse as parse_xml
from facteur.ports import RuleReport

if TYPE_CHECKING:
    from lxml.etree import _Element

_LOG = logging.getLogger(__name__)
_MOST_FAULTS = 200
_CII_BT24 = "{*}ExchangedDocumentContext/{*}GuidelineSpecifiedDocumentContextParameter/{*}ID"
_UBL_BT24 = "{*}CustomizationID"


class RulesUnavailable(Exception):  # noqa: N818 - told apart by its reason, never seen outside
    """The rules cannot run: no Saxon, no file, or the stylesheet stopped."""


class SaxonRulebook:
    """The official rules, from the folders of their files (default: those of the packages)."""

    def __init__(self, rules: Path | None = None, *, statuses: Path | None = None) -> None:
        self._given, self._statuses = rules, statuses

    def check(self, xml: bytes) -> RuleReport:
        """Check one CII, UBL or ZUGFeRD 1.0 document, whatever its BT-24. Never raises."""
        try:
            root = parse_xml(xml)
        except UnreadableError as error:
            values = {name: str(value) for name, value in error.values.items()}
            return _refused(Fault(code=error.code, values=values))
        kind = detect(xml)
        bt24 = (root.findtext(_CII_BT24) or root.findtext(_UBL_BT24) or "").strip()
        book = books.choose(kind, bt24)
        if book is None:
            return _refused(
                Fault(code="unreadable.xml.not_an_invoice", values={"root": str(root.tag)})
            )
        folder = self._given or _package_folder()
        if folder is None:
            return _unverified(book, "rulebook.no_files", books.PACKAGE)
        try:
            with _LOCK:
                return _check(root, kind, book, folder)
        except RulesUnavailable as error:
            return _unverified(book, *error.args)

    def check_status(self, xml: bytes) -> RuleReport:
        """Check one lifecycle message: XSD, then BR-FR-CDV. Never raises."""
        return self._message(xml, books.STATUS_BOOK)

    def check_report(self, xml: bytes) -> RuleReport:
        """Check one e-reporting file: XSD v3.2, then the State's own rules. Never raises."""
        return self._message(xml, books.REPORT_BOOK)

    def _message(self, xml: bytes, book: Book) -> RuleReport:
        try:
            root = parse_xml(xml)
        except UnreadableError as error:
            values = {name: str(value) for name, value in error.values.items()}
            return _refused(Fault(code=error.code, values=values))
        folder = self._statuses or books.status_folder()
        if folder is None:
            return _unverified(book, "rulebook.no_files", books.STATUS_PACKAGE)
        try:
            with _LOCK:
                return _check_message(root, book, folder)
        except RulesUnavailable as error:
            return _unverified(book, *error.args)


def _check_message(root: "_Element", book: Book, folder: Path) -> RuleReport:
    found = tuple(_schema_errors(root, folder / book.schema))
    ran: tuple[str, ...] = (book.schema,)
    verdict = Verdict.INVALID
    if not found:
        verdict, found = _judged(book, folder, _Source(_text(root)))
        ran = (book.schema, book.stylesheet)
    return RuleReport(
        verdict=verdict,
        reform=Verdict.NOT_CONCERNED,
        findings=found[:_MOST_FAULTS],
        versions=_versions(book, folder, ran=ran, package=books.STATUS_PACKAGE),
        profile=book.profile,
    )


def _check(root: "_Element", kind: Kind, book: Book, folder: Path) -> RuleReport:
    errors, book = _schema(root, kind, book, folder)
    if any(fault.blocking for fault in errors):
        versions = _versions(book, folder, ran=(book.schema,))
        return RuleReport(
            verdict=Verdict.INVALID,
            reform=Verdict.UNVERIFIED,
            findings=tuple(errors),
            versions=versions,
            profile=book.profile,
        )
    source = _Source(_text(root))
    found = list(errors)
    verdict, profile = _judged(book, folder, source)
    reform, french = _reform(book, folder, source)
    found += [*profile, *french]
    ran = tuple(name for name in (book.schema, book.stylesheet, book.reform) if name)
    return RuleReport(
        verdict=verdict,
        reform=reform,
        findings=tuple(found[:_MOST_FAULTS]),
        versions=_versions(book, folder, ran=ran),
        profile=book.profile,
    )


def _judged(book: Book, folder: Path, source: "_Source") -> tuple[Verdict, tuple[Fault, ...]]:
    """What the profile's schematron answers; UNVERIFIED when it cannot."""
    if not book.stylesheet:
        return Verdict.UNVERIFIED, (_missing("rulebook.no_rules", book.profile),)
    try:
        report = _transform(folder / book.stylesheet, source)
    except RulesUnavailable as error:
        return Verdict.UNVERIFIED, (_missing(*error.args),)
    found = svrl.faults(report, reform=False, declared=book.declared, plain=_plain(source.text))
    wrong = any(fault.blocking for fault in found)
    return Verdict.INVALID if wrong else Verdict.VALID, found


def _reform(book: Book, folder: Path, source: "_Source") -> tuple[Verdict, tuple[Fault, ...]]:
    """What BR-FR answers. It stops on some numbers that the schema lets pass: UNVERIFIED then."""
    if not book.reform:
        return Verdict.UNVERIFIED, ()
    try:
        report = _transform(folder / book.reform, source)
    except RulesUnavailable as error:
        return Verdict.UNVERIFIED, (_missing(*error.args),)
    found = svrl.faults(report, reform=True, plain=_plain(source.text))
    fatal = any(fault.values.get("flag") == "fatal" for fault in found)
    return Verdict.INVALID if fatal else Verdict.VALID, found


def _plain(text: str) -> bool:
    """True when every line counts: no group, no information (EXTENDED)."""
    return not any(f">{subtype}<" in text for subtype in ("GROUP", "INFORMATION"))


def _schema(root: "_Element", kind: Kind, book: Book, folder: Path) -> tuple[list[Fault], Book]:
    """The XSD's faults, and the book to go on with: a wider one when only that one accepts."""
    errors = list(_schema_errors(root, folder / book.schema))
    if not errors or kind is not Kind.CII:
        return errors, book
    for level in books.wider(book.level):
        other = books.of_level(level, declared=False)
        if not any(True for _ in _schema_errors(root, folder / other.schema)):
            values = {"declared": book.profile, "needed": level, "detail": errors[0].message}
            warning = Fault(code="profile.too_small", severity=Severity.WARNING, values=values)
            return [warning], other
    return errors, book


def _schema_errors(root: "_Element", file: Path) -> Iterator[Fault]:
    schema = _schema_of(file)
    if schema.validate(root):
        return
    for error in list(schema.error_log)[:50]:
        yield Fault(
            code="XSD",
            source=FaultSource.OFFICIAL,
            values={"location": str(error.path or ""), "line": str(error.line)},
            message=_without_namespaces(str(error.message)),
        )


def _without_namespaces(message: str) -> str:
    parts = message.split("{")
    return (parts[0] + "".join(part.partition("}")[2] or part for part in parts[1:]))[:600]


@lru_cache(maxsize=32)
def _schema_of(file: Path) -> Any:
    from lxml import etree  # noqa: PLC0415 - importing this module must cost nothing

    if not file.is_file():
        raise RulesUnavailable("rulebook.no_files", file.name)
    try:
        return etree.XMLSchema(etree.parse(str(file)))  # ours, from the package: trusted
    except etree.LxmlError as error:
        raise RulesUnavailable("rulebook.stopped", file.name) from error


# ------------------------------------------------------------------ Saxon, once for the process

_LOCK = threading.RLock()


@lru_cache(maxsize=1)
def _saxon() -> tuple[Any, Any]:
    """(processor, XSLT processor), made once; always under the lock."""
    try:
        from saxonche import PySaxonProcessor  # noqa: PLC0415 - 110 MB, and only here
    except ImportError as error:
        raise RulesUnavailable("rulebook.no_saxon", "saxonche") from error
    processor = PySaxonProcessor(license=False)
    return processor, processor.new_xslt30_processor()


@lru_cache(maxsize=32)
def _stylesheet_of(file: Path) -> Any:
    if not file.is_file():
        raise RulesUnavailable("rulebook.no_files", file.name)
    return _saxon()[1].compile_stylesheet(stylesheet_file=str(file))


class _Source:
    """A document to judge, parsed once for all its stylesheets; always under the lock."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def node(self) -> Any:
        """It as Saxon reads it; PySaxonApiError."""
        return _saxon()[0].parse_xml(xml_text=self.text)


def _transform(file: Path, source: _Source) -> bytes:
    """The SVRL report of one stylesheet. RulesUnavailable when it stops instead of reporting."""
    _saxon()  # RulesUnavailable where there is none
    from saxonche import PySaxonApiError  # noqa: PLC0415 - 110 MB, and it is there

    try:
        report = _stylesheet_of(file).transform_to_string(xdm_node=source.node)
    except PySaxonApiError as error:
        _LOG.warning("stylesheet %s stopped: %s", file.name, error)
        raise RulesUnavailable("rulebook.stopped", file.name) from error
    if not report:
        raise RulesUnavailable("rulebook.stopped", file.name)
    return str(report).encode()


def _text(root: "_Element") -> str:
    from lxml import etree  # noqa: PLC0415 - importing this module must cost nothing

    text: str = etree.tostring(root, encoding="unicode")
    return text


# ------------------------------------------------------------------------------ what is answered


@lru_cache(maxsize=1)
def _package_folder() -> Path | None:
    return books.rules_folder()


def _versions(
    book: Book, folder: Path, *, ran: tuple[str, ...], package: str = books.PACKAGE
) -> dict[str, str]:
    """The package's version, and each file that ran with the start of its SHA-256."""
    versions = {"profile": book.profile, package: books.package_version(package)}
    for name in ran:
        versions[Path(name).name] = f"sha256:{_digest(folder / name)[:16]}"
    return versions


@lru_cache(maxsize=64)
def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _missing(code: str, what: str) -> Fault:
    return Fault(code=code, severity=Severity.WARNING, values={"what": what})


def _unverified(book: Book, code: str, what: str) -> RuleReport:
    return RuleReport(
        verdict=Verdict.UNVERIFIED,
        reform=Verdict.UNVERIFIED,
        findings=(_missing(code, what),),
        profile=book.profile,
    )


def _refused(fault: Fault) -> RuleReport:
    return RuleReport(verdict=Verdict.INVALID, reform=Verdict.UNVERIFIED, findings=(fault,))
