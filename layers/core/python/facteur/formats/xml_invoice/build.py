"""Small bricks to write XML: an element that holds nothing does not exist.

``leaf`` and ``group`` give None instead of an empty element, and ``group`` skips the None among
its children, so a writer reads like the schema, in the schema's order, without one ``if``.
Characters that XML cannot carry (U+0000 and its kin, which text layers of PDFs do contain) are
dropped. Source: XML 1.0 §2.2.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from facteur.domain.invoice import Identifier
from facteur.formats.xml_invoice.cii_names import DAY

if TYPE_CHECKING:
    from lxml.etree import _Element

    Child = _Element | Iterable[_Element | None] | None

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Builder:
    """Makes elements under a set of prefixes."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        from lxml import etree  # noqa: PLC0415 - only the functions that write documents carry lxml

        self._etree = etree
        self._prefixes = dict(prefixes)

    def leaf(self, tag: str, value: object, **attributes: str) -> "_Element | None":
        """``<tag>value</tag>``, None when the value is None or "".

        Decimals are written plainly (no exponent), dates as CCYYMMDD, attributes only when set.
        """
        if value is None or value == "":
            return None
        element = self._element(tag, attributes)
        element.text = _text(value)
        return element

    def group(self, tag: str, *children: "Child") -> "_Element | None":
        """``<tag>`` around its children, None when there is none."""
        held = list(_flat(children))
        if not held:
            return None
        element = self._element(tag, {})
        element.extend(held)
        return element

    def must(
        self, tag: str, *children: "_Element | Iterable[_Element | None] | None"
    ) -> "_Element":
        """``<tag>`` even when it holds nothing: the schema wants it."""
        element = self._element(tag, {})
        element.extend(list(_flat(children)))
        return element

    def day(self, tag: str, value: date | None, leaf: str = DAY) -> "_Element | None":
        """``<tag>`` around a date in format 102, None without one."""
        return self.group(tag, self.leaf(leaf, value, format="102"))

    def identifier(self, tag: str, value: Identifier | None) -> "_Element | None":
        """An identifier with its scheme, None without one."""
        return None if value is None else self.leaf(tag, value.value, schemeID=value.scheme)

    def serialise(self, root: "_Element") -> bytes:
        """The document in UTF-8, indented, with its XML declaration and all our prefixes."""
        self._etree.cleanup_namespaces(root, keep_ns_prefixes=list(self._prefixes))
        return serialise(root)

    def _element(self, tag: str, attributes: Mapping[str, str]) -> "_Element":
        prefix, _, name = tag.partition(":")
        kept = {key: _text(value) for key, value in attributes.items() if value}
        return self._etree.Element(
            f"{{{self._prefixes[prefix]}}}{name}", kept, nsmap=self._prefixes
        )


def serialise(root: "_Element") -> bytes:
    """A document in UTF-8, indented where it is not yet, with its XML declaration."""
    from lxml import etree  # noqa: PLC0415 - only the functions that write documents carry lxml

    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _flat(children: "Iterable[Child]") -> "Iterable[_Element]":
    for child in children:
        if child is None:
            continue
        if hasattr(child, "tag"):
            yield child  # type: ignore[misc]
        else:
            yield from (one for one in child if one is not None)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    return _FORBIDDEN.sub("", str(value))
