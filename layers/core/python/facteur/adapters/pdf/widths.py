"""Make a TrueType font's own advance widths agree with the PDF's (ISO 19005-3 §6.2.11.5).

Qt, hence wkhtmltopdf and the invoicing tools that print with it, rounds the widths it writes into
the PDF: 276 where the font program says 277.83. Readers place glyphs by the PDF's widths, so
writing those into the program's metrics (table hmtx) changes nothing on the page, and the file can
be PDF/A without becoming an image. Only fonts whose glyphs are addressed directly, and only small
differences: a large one means that something else is wrong.
Sources: OpenType 1.9 (head, hhea, hmtx, table directory); ISO 32000-1 §9.7.4.3 (/W, /DW).
"""

import struct
from typing import NamedTuple

import pikepdf

MOST = 0.05  # of the advance: what rounding can explain
_DIRECTORY = struct.Struct(">4sIII")


class _Table(NamedTuple):
    """Where a table stands in the program, and where its directory entry does."""

    entry: int
    offset: int
    length: int


def agree(font: pikepdf.Dictionary) -> bool:
    """Change the font program where its advances differ a little from /W; True when it did."""
    descriptor = font.get("/FontDescriptor")
    if not isinstance(descriptor, pikepdf.Dictionary):
        return False
    program = descriptor.get("/FontFile2")
    if not isinstance(program, pikepdf.Stream) or font.get("/CIDToGIDMap") != "/Identity":
        return False
    data = bytearray(program.read_bytes())
    try:
        changed = _rewrite(data, _declared(font))
    except (struct.error, IndexError, KeyError):
        return False  # an odd program: validation will say so
    if changed:
        program.write(bytes(data))
    return changed


def _declared(font: pikepdf.Dictionary) -> dict[int, float]:
    """Widths of /W by glyph, in thousandths of the font size."""
    found: dict[int, float] = {}
    items = list(font.get("/W", pikepdf.Array()))
    at = 0
    while at < len(items):
        first = int(items[at])
        if isinstance(items[at + 1], pikepdf.Array):
            found |= {first + i: float(width) for i, width in enumerate(items[at + 1])}
            at += 2
        else:
            last = min(int(items[at + 1]), first + 0xFFFF)
            found |= dict.fromkeys(range(first, last + 1), float(items[at + 2]))
            at += 3
    return found


def _rewrite(data: bytearray, declared: dict[int, float]) -> bool:
    """Write the declared advances into hmtx; False when nothing needed it, or it must not be."""
    tables = _tables(data)
    (units,) = struct.unpack_from(">H", data, tables[b"head"].offset + 18)
    (count,) = struct.unpack_from(">H", data, tables[b"hhea"].offset + 34)
    metrics = tables[b"hmtx"]
    count = min(count, metrics.length // 4)
    held = struct.unpack_from(f">{2 * count}H", data, metrics.offset)  # advance, bearing, advance…
    new: dict[int, int] = {}
    for glyph, width in declared.items():
        if glyph >= count:
            continue  # shares the last advance, or does not exist
        advance = held[2 * glyph]
        wanted = round(width * units / 1000)
        if abs(wanted - advance) * 1000 <= units:
            continue  # within one thousandth: agreement enough
        if abs(wanted - advance) > MOST * max(advance, 1) or not 0 <= wanted <= 0xFFFF:
            return False
        new[glyph] = wanted
    for glyph, advance in new.items():
        struct.pack_into(">H", data, metrics.offset + 4 * glyph, advance)
    if new:
        _sum_again(data, metrics)
    return bool(new)


def _tables(data: bytearray) -> dict[bytes, _Table]:
    (count,) = struct.unpack_from(">H", data, 4)
    found = {}
    for index in range(count):
        entry = 12 + index * _DIRECTORY.size
        tag, _, offset, length = _DIRECTORY.unpack_from(data, entry)
        found[tag] = _Table(entry, offset, length)
    return found


def _sum_again(data: bytearray, table: _Table) -> None:
    """The table's checksum in the directory (the sum of its 32-bit words)."""
    body = bytes(data[table.offset : table.offset + table.length])
    body += b"\0" * (-len(body) % 4)
    total = sum(struct.unpack(f">{len(body) // 4}I", body)) & 0xFFFFFFFF
    struct.pack_into(">I", data, table.entry + 4, total)
