"""The files inside a PDF, each read with a bound on what it inflates to.

A one-megabyte stream may inflate to a gigabyte, and pikepdf reads it whole; so the usual filters
are undone here, stopping at the bound. Files hang in three places, and real invoices use each:
the name tree /EmbeddedFiles, the catalog's /AF array, and attachment notes on pages.
Sources: ISO 32000-1 §7.4 (filters), §7.11 (file specifications), ISO 19005-3 §6.8 (/AF);
Factur-X 1.0 §6 (the names an embedded invoice may have).
"""

import base64
import binascii
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from facteur.domain.errors import UnreadableError

MAX_INVOICE = 20 * 1024 * 1024  # of invoice XML: the largest real ones stay far below
MAX_FILES = 64 * 1024 * 1024  # of all the other attachments together
MAX_COUNT = 200
STANDARD_NAMES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml", "ZUGFeRD-invoice.xml")

_ROOTS = (b"CrossIndustryInvoice", b"CrossIndustryDocument", b":Invoice-2", b":CreditNote-2")


class TooLargeError(Exception):
    """A stream inflates beyond its bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file in a PDF and how it is attached; ``data`` is None when it was too large to read."""

    key: tuple[int, int]  # the stream's object number: what makes it the same file
    name: str
    data: bytes | None
    media_type: str
    relationship: str  # AFRelationship without the slash, "" when there is none
    listed: bool  # in the name tree
    associated: bool  # in the catalog's /AF

    @property
    def is_invoice(self) -> bool:
        """True for an invoice in XML, by its name or by its root element."""
        if self.data is None:
            return False
        if self.name.lower() in {name.lower() for name in STANDARD_NAMES}:
            return True
        head = self.data[:4096].replace(b"\0", b"")
        return b"<" in head and any(root in head for root in _ROOTS)


def files_of(pdf: pikepdf.Pdf) -> list[Found]:
    """Every embedded file, once; UnreadableError ``unreadable.bomb`` for a hostile invoice XML."""
    named = list(named_specifications(pdf))
    related = list(specifications(pdf.Root.get("/AF")))
    listed = {stream.objgen for _, spec in named if (stream := stream_of(spec)) is not None}
    associated = {stream.objgen for spec in related if (stream := stream_of(spec)) is not None}
    seen: set[tuple[int, int]] = set()
    found: list[Found] = []
    room = MAX_FILES
    for name, spec in [*named, *(("", one) for one in [*related, *_noted(pdf)])]:
        stream = stream_of(spec)
        if stream is None or stream.objgen in seen or len(found) >= MAX_COUNT:
            continue
        seen.add(stream.objgen)
        shown = name_of(spec) or name or "sans-nom"
        data = _data(stream, shown, room)
        room -= len(data or b"")
        found.append(
            Found(
                key=stream.objgen,
                name=shown,
                data=data,
                media_type=str(stream.get("/Subtype", "")).lstrip("/"),
                relationship=str(spec.get("/AFRelationship", "")).lstrip("/"),
                listed=stream.objgen in listed,
                associated=stream.objgen in associated,
            )
        )
    return found


def choose_invoice(files: list[Found]) -> Found | None:
    """The invoice XML among the files: a standard name first, then any invoice."""
    invoices = [one for one in files if one.is_invoice]
    ranks = {name: rank for rank, name in enumerate(STANDARD_NAMES)}
    return min(invoices, key=lambda one: ranks.get(one.name, len(ranks)), default=None)


def decoded(stream: pikepdf.Stream, limit: int) -> bytes:
    """The bytes of a stream with its filters undone; TooLargeError beyond ``limit``."""
    filters = _filters(stream)
    if any("/Predictor" in one for one in _parameters(stream)) or not set(filters) <= set(_UNDO):
        data = bytes(stream.read_bytes())  # rare: the child's memory ceiling is the bound here
    else:
        data = bytes(stream.read_raw_bytes())
        for name in filters:
            data = _UNDO[name](data, limit)
    if len(data) > limit:
        raise TooLargeError
    return data


def _data(stream: pikepdf.Stream, name: str, room: int) -> bytes | None:
    """A file's bytes; None for one that is too large or damaged and is no invoice."""
    invoice = name.lower() in {one.lower() for one in STANDARD_NAMES}
    try:
        return decoded(stream, MAX_INVOICE if invoice else room)
    except TooLargeError:
        if invoice:
            raise UnreadableError("unreadable.bomb", name=name) from None
        return None
    except (pikepdf.PdfError, zlib.error, binascii.Error, ValueError):
        return None


def _inflated(data: bytes, limit: int) -> bytes:
    """Flate, keeping what came before damage, as PDF readers do."""
    inflate = zlib.decompressobj()
    try:
        out = inflate.decompress(data, limit + 1)
    except zlib.error:
        out = zlib.decompressobj(-15).decompress(data[2:], limit + 1)
    if len(out) > limit:
        raise TooLargeError
    return out


def _from_hex(data: bytes, _limit: int) -> bytes:
    digits = b"".join(data.split(b">")[0].split())
    return binascii.unhexlify(digits + b"0" * (len(digits) % 2))


def _from_85(data: bytes, _limit: int) -> bytes:
    return base64.a85decode(data.strip().removeprefix(b"<~").removesuffix(b"~>"))


_UNDO = {
    "/FlateDecode": _inflated,
    "/Fl": _inflated,
    "/ASCIIHexDecode": _from_hex,
    "/AHx": _from_hex,
    "/ASCII85Decode": _from_85,
    "/A85": _from_85,
}


def _filters(stream: pikepdf.Stream) -> list[str]:
    filters = stream.get("/Filter")
    if filters is None:
        return []
    return [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]


def _parameters(stream: pikepdf.Stream) -> Iterator[pikepdf.Dictionary]:
    held = stream.get("/DecodeParms")
    for one in held if isinstance(held, pikepdf.Array) else [held]:
        if isinstance(one, pikepdf.Dictionary):
            yield one


def named_specifications(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Dictionary]]:
    """(name, specification) of the name tree /EmbeddedFiles, whatever its depth, loops cut."""
    names = pdf.Root.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, pikepdf.Dictionary) else None
    waiting, met = [tree], 0
    while waiting and met < 10 * MAX_COUNT:  # a loop in the tree ends here
        node, met = waiting.pop(0), met + 1
        if not isinstance(node, pikepdf.Dictionary):
            continue
        pairs = node.get("/Names")
        if isinstance(pairs, pikepdf.Array):
            for index in range(0, min(len(pairs) - 1, 2 * MAX_COUNT), 2):
                if isinstance(pairs[index + 1], pikepdf.Dictionary):
                    yield str(pairs[index]), pairs[index + 1]
        kids = node.get("/Kids")
        if isinstance(kids, pikepdf.Array):
            waiting += list(kids)[:MAX_COUNT]


def specifications(array: object) -> Iterator[pikepdf.Dictionary]:
    """The dictionaries of an array, such as /AF or /Annots; none when it is no array."""
    for one in list(array)[:MAX_COUNT] if isinstance(array, pikepdf.Array) else []:
        if isinstance(one, pikepdf.Dictionary):
            yield one


def _noted(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Specifications of attachment notes, and of pages' own /AF."""
    for page in pdf.pages:
        yield from specifications(page.obj.get("/AF"))
        for note in specifications(page.obj.get("/Annots")):
            if note.get("/Subtype") == "/FileAttachment":
                held = note.get("/FS")
                if isinstance(held, pikepdf.Dictionary):
                    yield held


def stream_of(spec: pikepdf.Dictionary) -> pikepdf.Stream | None:
    """The embedded file's stream of a specification, None when there is none."""
    held = spec.get("/EF")
    if not isinstance(held, pikepdf.Dictionary):
        return None
    for key in ("/UF", "/F"):
        stream = held.get(key)
        if isinstance(stream, pikepdf.Stream):
            return stream
    return None


def name_of(spec: pikepdf.Dictionary) -> str:
    """The file's name, without the folders a hostile or careless writer puts before it."""
    for key in ("/UF", "/F"):
        held = spec.get(key)
        if isinstance(held, pikepdf.String):
            text = str(held).replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "").strip()
            if text:
                return text
    return ""
