"""What are these bytes? Answered from the bytes themselves; a file's name is never believed.

The first few bytes tell most formats apart (their "magic numbers"); XML is told by the namespace
of its root element, zip files by what they hold. Only the standard library, and cheap: the doors
that only take files in ask too. Sources: the formats' own specifications (ISO 32000-1 §7.5.2 for
``%PDF-`` within the first 1,024 bytes, ISO/IEC 14496-12 ``ftyp`` brands, ECMA-376 part 2, ISO
26300 ``mimetype``), UN/CEFACT and OASIS namespaces (invoice-formats.md §2).
"""

import re
from enum import StrEnum

from facteur.formats.safe_xml import root_name


class Kind(StrEnum):
    """The kinds of files we tell apart."""

    PDF = "pdf"
    PHOTOS = "photos"  # a PDF of the phone page: one photograph a page, nothing else
    CII = "cii"  # UN/CEFACT Cross Industry Invoice: Factur-X, ZUGFeRD 2, XRechnung CII
    UBL_INVOICE = "ubl-invoice"
    UBL_CREDIT_NOTE = "ubl-credit-note"
    ZUGFERD1 = "zugferd1"
    CDAR = "cdar"  # a lifecycle message
    OTHER_XML = "xml"
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"
    TIFF = "tiff"
    OTHER_IMAGE = "image"  # WebP, GIF, BMP, AVIF
    ARCHIVE = "archive"  # zip, 7z, rar, gzip…
    OFFICE = "office"  # Word, Excel, OpenDocument, RTF
    EXECUTABLE = "executable"
    CALENDAR = "calendar"
    VCARD = "vcard"
    MAIL = "mail"  # RFC 822
    TEXT = "text"
    EMPTY = "empty"
    UNKNOWN = "unknown"

    @property
    def is_invoice_xml(self) -> bool:
        """True for the XML syntaxes that xml_invoice.parse reads."""
        return self in _INVOICE_XML

    @property
    def is_image(self) -> bool:
        """True for the images that can be read as a page."""
        return self in _PAGE_IMAGES

    @property
    def is_usable(self) -> bool:
        """True for the bytes that may be an invoice, or a message about one."""
        return self is Kind.PDF or self is Kind.CDAR or self.is_invoice_xml or self.is_image

    @property
    def media_type(self) -> str:
        """The media type to store the file under."""
        return _MEDIA_TYPES.get(self, "application/octet-stream")


_INVOICE_XML = frozenset({Kind.CII, Kind.UBL_INVOICE, Kind.UBL_CREDIT_NOTE, Kind.ZUGFERD1})
_PAGE_IMAGES = frozenset({Kind.PHOTOS, Kind.JPEG, Kind.PNG, Kind.HEIC, Kind.TIFF})

_MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.PHOTOS: "application/pdf",
    Kind.CII: "application/xml",
    Kind.UBL_INVOICE: "application/xml",
    Kind.UBL_CREDIT_NOTE: "application/xml",
    Kind.ZUGFERD1: "application/xml",
    Kind.CDAR: "application/xml",
    Kind.OTHER_XML: "application/xml",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.HEIC: "image/heic",
    Kind.TIFF: "image/tiff",
    Kind.CALENDAR: "text/calendar",
    Kind.VCARD: "text/vcard",
    Kind.MAIL: "message/rfc822",
    Kind.TEXT: "text/plain",
}

#: How the PDF of several photographs begins (static/phone-pdf.js): each is read as a photograph.
PHOTOS_MARK = b"%PDF-1.4\n%Facteur photos 1\n"

_UNCEFACT = "urn:un:unece:uncefact:data:standard:"
_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
_ACKNOWLEDGEMENT = "CrossDomainAcknowledgementAndResponse"

_ROOTS = {
    (f"{_UNCEFACT}CrossIndustryInvoice:100", "CrossIndustryInvoice"): Kind.CII,
    (f"{_OASIS}Invoice-2", "Invoice"): Kind.UBL_INVOICE,
    (f"{_OASIS}CreditNote-2", "CreditNote"): Kind.UBL_CREDIT_NOTE,
    ("urn:ferd:CrossIndustryDocument:invoice:1p0", "CrossIndustryDocument"): Kind.ZUGFERD1,
    (f"{_UNCEFACT}{_ACKNOWLEDGEMENT}:100", _ACKNOWLEDGEMENT): Kind.CDAR,
}

_MAGIC = (
    (PHOTOS_MARK, Kind.PHOTOS),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),  # BigTIFF
    (b"MM\x00+", Kind.TIFF),
    (b"GIF87a", Kind.OTHER_IMAGE),
    (b"GIF89a", Kind.OTHER_IMAGE),
    (b"7z\xbc\xaf\x27\x1c", Kind.ARCHIVE),
    (b"Rar!\x1a\x07", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),  # gzip
    (b"BZh", Kind.ARCHIVE),
    (b"\xfd7zXZ\x00", Kind.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Kind.ARCHIVE),  # zstd
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OFFICE),  # OLE2: .doc, .xls, .msg
    (b"{\\rtf", Kind.OFFICE),
    (b"\x7fELF", Kind.EXECUTABLE),
    (b"\xcf\xfa\xed\xfe", Kind.EXECUTABLE),  # Mach-O
    (b"\xca\xfe\xba\xbe", Kind.EXECUTABLE),
    (b"#!", Kind.EXECUTABLE),
)

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_HEADER = re.compile(rb"([!-9;-~]+):[ \t]?")
_MAIL_HEADERS = frozenset(
    b"from to cc subject date received message-id mime-version return-path delivered-to "
    b"content-type reply-to sender dkim-signature arc-seal".split()
)


def detect(data: bytes) -> Kind:
    """The kind of a file, from its bytes. Never fails; UNKNOWN when nothing fits."""
    if not data.strip(b"\x00 \t\r\n"):
        return Kind.EMPTY
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    return (
        _xml(data)
        or _container(data)  # before _pdf: an archive may show a member's first bytes
        or _pdf(data)
        or _program(data)
        or _written(data)
        or Kind.UNKNOWN
    )


def _pdf(data: bytes) -> Kind | None:
    return Kind.PDF if b"%PDF-" in data[:1024] else None


def _container(data: bytes) -> Kind | None:
    if data[:4] in {b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"}:
        return _zip(data)
    if data[4:8] == b"ftyp":
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, 64, 4))}
        if brands & _HEIC_BRANDS:
            return Kind.HEIC
        return Kind.OTHER_IMAGE if b"avif" in brands else None
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.OTHER_IMAGE
    if data[:2] == b"BM" and data[6:10] == b"\x00\x00\x00\x00":
        return Kind.OTHER_IMAGE
    return Kind.ARCHIVE if data[257:262] == b"ustar" else None


def _zip(data: bytes) -> Kind:
    """An office file is a zip with a known first member; the directory at the end names all."""
    edges = data[:4096] + data[-65536:]
    if b"[Content_Types].xml" in edges or b"application/vnd.oasis.opendocument" in data[:256]:
        return Kind.OFFICE
    return Kind.ARCHIVE


def _program(data: bytes) -> Kind | None:
    return Kind.EXECUTABLE if data.startswith(b"MZ") and b"\x00" in data[:512] else None


def _xml(data: bytes) -> Kind | None:
    """XML begins with ``<``, whatever its encoding, after a mark and blanks."""
    head = _decoded(data[:512]).lstrip("\ufeff \t\r\n")
    if not head.startswith("<"):
        return None
    root = root_name(data)
    if root is None:
        return Kind.OTHER_XML if head.startswith("<?xml") else None
    if root[1].lower() == "html":
        return None  # a page: told as text
    return _ROOTS.get(root, Kind.OTHER_XML)


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data[:4] == b"<\x00?\x00":
        return data.decode("utf-16-le", "replace")
    if data[:4] == b"\x00<\x00?":
        return data.decode("utf-16-be", "replace")
    return data.decode("latin-1")


def _written(data: bytes) -> Kind | None:
    """Mail, calendar, card or plain text: what a person could read."""
    head = _decoded(data[:4096])
    start = head.lstrip("\ufeff \t\r\n").upper()
    if start.startswith("BEGIN:VCALENDAR"):
        return Kind.CALENDAR
    if start.startswith("BEGIN:VCARD"):
        return Kind.VCARD
    if _has_mail_headers(data[:4096]):
        return Kind.MAIL
    odd = sum(1 for sign in head if sign < " " and sign not in "\t\r\n\f\x1b")
    marked = any(data.startswith(mark) for mark in _BOMS)
    return Kind.TEXT if marked or odd * 100 <= len(head) else None


def _has_mail_headers(head: bytes) -> bool:
    """Two known header fields before the first blank line, and nothing else before it."""
    known = 0
    for line in head.splitlines()[:40]:
        if not line.strip():
            break
        if line[:1] in b" \t" or line.startswith(b"From "):
            continue
        field = _HEADER.match(line)
        if field is None:
            return False
        known += field.group(1).lower() in _MAIL_HEADERS
    return known >= 2
