"""The only XML parser of the house: what strangers send is XML, so it is read with suspicion.

Two passes. Expat walks the bytes first and stops at the first thing that no invoice needs: a
document type (so no entity, internal or external, is ever declared, let alone expanded), a tree
too deep, too many elements and attributes. Only then lxml builds the tree, with entities, DTD and
network off, comments and processing instructions dropped. Size is bounded before anything starts.
lxml alone would not do: its own limits either refuse a 10 MB attachment or let everything pass.

Sources: XML 1.0 §2.8 and §4; OWASP "XML External Entity Prevention"; CEN/TS 16931-3 forbids none
of this, and no official example carries a document type.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from facteur.domain.errors import UnreadableError

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100  # the deepest official example has 11 levels
MAX_NODES = 500_000  # elements and attributes: an invoice of 5,000 lines has some 300,000

_ENCODING_ERRORS = frozenset(
    {
        expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING],
        expat.errors.codes[expat.errors.XML_ERROR_INCORRECT_ENCODING],
    }
)


def parse(data: bytes, *, max_bytes: int = MAX_BYTES) -> "_Element":
    """The root element of an XML document, read within our limits.

    UnreadableError: ``unreadable.empty``, ``unreadable.xml`` (not well-formed; ``line``),
    ``unreadable.xml.encoding``, ``unreadable.xml.doctype``, ``unreadable.xml.too_large``,
    ``unreadable.xml.too_deep``, ``unreadable.xml.too_many_nodes``.
    """
    if len(data) > max_bytes:
        raise UnreadableError("unreadable.xml.too_large", size=len(data), limit=max_bytes)
    if not data.strip():
        raise UnreadableError("unreadable.empty")
    _inspect(data)
    from lxml import etree  # noqa: PLC0415 - only the functions that read documents carry lxml

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=True,  # safe here: size, depth and nodes are bounded, entities cannot exist
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("unreadable.xml", line=getattr(error, "lineno", 0)) from error
    if root.getroottree().docinfo.internalDTD is not None:  # the two parsers would disagree
        raise UnreadableError("unreadable.xml.doctype")
    return root


def root_name(data: bytes) -> tuple[str, str] | None:
    """(namespace, local name) of the root element, None when there is none within reach.

    Reads no further than the first element and never fails: detection must answer for any bytes.
    """
    found: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        found.append(name)
        raise _Enough

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    with suppress(_Enough, expat.ExpatError, ValueError, LookupError):
        parser.Parse(data[:1_000_000], False)  # noqa: FBT003 - positional-only in expat
    if not found:
        return None
    namespace, _, local = found[0].rpartition(" ")
    return namespace, local


class _Enough(Exception):  # noqa: N818 - a way out of a callback, not an error
    """Stops expat."""


def _inspect(data: bytes) -> None:
    """Walk the document without keeping anything; raise at the first thing we do not take."""
    depth = nodes = 0

    def start(_name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, nodes
        depth += 1
        nodes += 1 + len(attributes)
        if depth > MAX_DEPTH:
            raise UnreadableError("unreadable.xml.too_deep", limit=MAX_DEPTH)
        if nodes > MAX_NODES:
            raise UnreadableError("unreadable.xml.too_many_nodes", limit=MAX_NODES)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: Any) -> None:
        raise UnreadableError("unreadable.xml.doctype")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)  # noqa: FBT003 - positional-only in expat
    except expat.ExpatError as error:
        wrong = "unreadable.xml.encoding" if error.code in _ENCODING_ERRORS else "unreadable.xml"
        raise UnreadableError(wrong, line=error.lineno) from error
    except (ValueError, LookupError) as error:  # an encoding that Python cannot map
        raise UnreadableError("unreadable.xml.encoding") from error
