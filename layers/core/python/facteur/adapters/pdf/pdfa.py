"""A supplier's PDF as PDF/A-3b, its page unchanged to the eye.

What no reader needs is dropped, pikepdf repairs what it can, and what was written is validated:
only a file with no finding is called PDF/A. The one exception is the XMP extension schema of
Factur-X, which that validator does not know and the specification demands (veraPDF confirms such
files in the tests). What cannot be repaired is drawn as an image (raster.py).
Sources: ISO 19005-3:2012; docs/decisions (the road to PDF/A).
"""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import pikepdf
import pikepdf.pdfa

from facteur.adapters.pdf import embed, widths
from facteur.adapters.pdf.embedded import decoded

FLAVOUR = "3b"
MAX_FINDINGS = 12
MAX_CONTENT = 75_000_000  # of one content stream, inflated

_XMP_RULE = "ISO_19005_3:6.6.2.3.1-1"
_LEVEL_RULE = "ISO_19005_3:6.6.4-3"
_FONT_RULE = "ISO_19005_3:6.2.11.4.1-1"  # "not embedded"; the validator calls it unsupported
_XMP_OURS = ("pdfaExtension", "pdfaSchema", "pdfaProperty", "fx")
_FROM_CATALOG = ("/OpenAction", "/PageMode", "/AA", "/Metadata", "/Perms", "/PieceInfo")
_FROM_PAGE = ("/AA", "/Trans", "/Dur", "/PieceInfo", "/Metadata")
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


class Written(NamedTuple):
    """A file that was written, and what its validation found (nothing: it is PDF/A-3b)."""

    data: bytes
    findings: tuple[str, ...]


class Judgement(NamedTuple):
    """What can be said of a received file that claims PDF/A-3."""

    proved: bool  # nothing at all was found
    broken: bool  # something was found that PDF/A forbids


def dropped(pdf: pikepdf.Pdf) -> None:
    """Remove what never matters to the page: actions, transitions, stale copies of metadata."""
    for key in _FROM_CATALOG:
        _drop(pdf.Root, key)
    _drop(pdf.trailer, "/DocChecksum")
    for page in pdf.pages:
        for key in _FROM_PAGE:
            _drop(page.obj, key)
        _without_empty_patterns(page.obj.get("/Resources"), _contents(page.obj))
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream):
            if thing.get("/Subtype") == "/Form":
                _drop(thing, "/PieceInfo")
                _without_empty_patterns(thing.get("/Resources"), [thing])
        elif isinstance(thing, pikepdf.Dictionary):
            _clean_font(thing)


def finished(
    pdf: pikepdf.Pdf, xml: bytes, level: str, *, title: str, created: datetime
) -> Written:
    """Repair, attach the invoice, write, and validate what was written."""
    pikepdf.pdfa.prepare(pdf, FLAVOUR)
    embed.attach(pdf, xml, level, title=title, created=created)
    out = io.BytesIO()
    options = pikepdf.pdfa.resolve_save_kwargs(FLAVOUR, deterministic_id=True)
    pdf.save(out, **options)
    return Written(out.getvalue(), findings_of(out.getvalue()))


def findings_of(data: bytes) -> tuple[str, ...]:
    """Why these bytes are not PDF/A-3b, Factur-X's extension schema apart; empty: they are."""
    report = pikepdf.pdfa.validate_written(io.BytesIO(data), FLAVOUR)
    held = [
        f"{one.rule} {one.where}: {one.message}"[:300]
        for one in report.findings
        if not _is_extension_schema(one)
    ]
    return tuple(held[:MAX_FINDINGS])


def judged(data: bytes) -> Judgement:
    """Judge a received file; what the validator does not know proves nothing either way.

    Any extension schema, a level above B and opening on the attachments are left aside: the
    validator refuses them, PDF/A-3 does not.
    """
    report = pikepdf.pdfa.validate_written(io.BytesIO(data), FLAVOUR)
    held = [
        one
        for one in report.findings
        if one.rule not in (_XMP_RULE, _LEVEL_RULE) and "/PageMode" not in one.where
    ]
    return Judgement(
        not held, any(one.kind == "violation" or one.rule == _FONT_RULE for one in held)
    )


def _is_extension_schema(finding: pikepdf.pdfa.Finding) -> bool:
    """True for a finding that only says: here is the extension schema of Factur-X."""
    if finding.rule != _XMP_RULE:
        return False
    return any(
        f"namespace {prefix}=" in finding.message or f"property {prefix}:" in finding.message
        for prefix in _XMP_OURS
    )


def _clean_font(thing: pikepdf.Dictionary) -> None:
    """A font without what PDF/A-3 has no use for; its widths told alike in both places."""
    kind = thing.get("/Type")
    if kind == "/FontDescriptor":
        _drop(thing, "/CIDSet")
        for key in _FONT_FILES:
            program = thing.get(key)
            if isinstance(program, pikepdf.Stream):
                _drop(program, "/Metadata")
    elif kind == "/Font" and thing.get("/Subtype") == "/CIDFontType2":
        widths.agree(thing)


def _without_empty_patterns(resources: object, contents: Iterable[pikepdf.Stream]) -> None:
    """Qt writes an empty /Pattern on every page, and a colour space for it that nothing uses."""
    if not isinstance(resources, pikepdf.Dictionary):
        return
    patterns, spaces = resources.get("/Pattern"), resources.get("/ColorSpace")
    if not isinstance(patterns, pikepdf.Dictionary) or list(patterns.keys()):
        return
    del resources["/Pattern"]
    if isinstance(spaces, pikepdf.Dictionary):
        drawn = b"\n".join(decoded(stream, MAX_CONTENT) for stream in contents)
        for name in list(spaces.keys()):
            space = spaces[name]
            is_pattern = isinstance(space, pikepdf.Array) and space[0] == "/Pattern"
            if is_pattern and name.encode() not in drawn:
                del spaces[name]


def _contents(page: pikepdf.Object) -> list[pikepdf.Stream]:
    held = page.get("/Contents")
    streams = list(held) if isinstance(held, pikepdf.Array) else [held]
    return [one for one in streams if isinstance(one, pikepdf.Stream)]


def _drop(holder: pikepdf.Object, key: str) -> None:
    if key in holder:
        del holder[key]
