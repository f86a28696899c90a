"""The HTML of a mail → its text: paragraphs and tables, as a person reads them.

A small tolerant reader, not a browser: no style, no image, nothing is fetched, nothing runs. What
a mail hides (scripts, styles, comments, « display:none » preheaders) stays out. Mails are laid out
with tables inside tables: only the innermost ones are tables here, the others are page layout.

Bounded, and linear in the size of its input: at most ``MOST_TEXT`` characters of HTML are looked
at, ``MOST_DEPTH`` elements deep; elements that nobody closes end with their parent.
Sources: HTML Living Standard §13.1 (elements, void elements, character references).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from facteur.domain.letters import Block, Paragraph, Rows

MOST_TEXT = 1_000_000
MOST_DEPTH = 60
MOST_BLOCKS = 4000
MOST_CELLS = 12  # of a row

_TAG = re.compile(r"<[a-zA-Z/!?]")
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:]*)")
_HIDING = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|\shidden[\s=/>]", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u200b\u200c\u200d\ufeff\u034f\u00ad]+")
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
_UNSEEN = frozenset(
    [
        "head",
        "iframe",
        "math",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HEADINGS = frozenset(("h1", "h2", "h3"))
_CELLS = frozenset(("td", "th"))
_CLOSED_BY: dict[str, frozenset[str]] = {  # an opening that ends these, when they are still open
    "li": frozenset(("li",)),
    "p": frozenset(("p",)),
    "td": frozenset(("td", "th")),
    "th": frozenset(("td", "th")),
    "tr": frozenset(("td", "th", "tr")),
}


@dataclass(slots=True)
class _Element:
    name: str
    children: list["_Element | str"] = field(default_factory=list)
    hidden: bool = False


def blocks(html: str) -> tuple[Block, ...]:
    """What the HTML says, in order; never raises."""
    found: list[Block] = []
    _gather(_tree(html[:MOST_TEXT]), found)
    return tuple(_joined(found[:MOST_BLOCKS]))


def plain_blocks(text: str) -> tuple[Block, ...]:
    """The paragraphs of a mail without HTML: a line is a line."""
    lines = (clean(one) for one in text[:MOST_TEXT].splitlines())
    return tuple(Paragraph(one) for one in lines if one)[:MOST_BLOCKS]


def clean(text: str) -> str:
    """One line without control characters, nor the invisible ones that mails are padded with."""
    shown = "".join(one if one.isprintable() or one.isspace() else " " for one in text)
    return _SPACES.sub(" ", shown).strip()


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────


def _tree(html: str) -> _Element:
    root = _Element("html")
    open_ones = [root]
    for kind, value, tag in _tokens(html):
        if kind == "text":
            open_ones[-1].children.append(unescape(value))
        elif kind == "open":
            _open(open_ones, value, tag)
        else:
            _close(open_ones, value)
    return root


def _open(open_ones: list[_Element], name: str, tag: str) -> None:
    for _one in range(len(_CLOSED_BY.get(name, ()))):
        if open_ones[-1].name in _CLOSED_BY[name]:
            open_ones.pop()
    made = _Element(name, hidden=bool(_HIDING.search(tag[:2000])))
    open_ones[-1].children.append(made)
    if name not in _VOID and not tag.endswith("/") and len(open_ones) < MOST_DEPTH:
        open_ones.append(made)


def _close(open_ones: list[_Element], name: str) -> None:
    """Close the nearest element of that name, not beyond the cell that holds it."""
    for place in range(len(open_ones) - 1, 0, -1):
        if open_ones[place].name == name:
            del open_ones[place:]
            return
        if open_ones[place].name == "table":
            return


def _tokens(html: str) -> Iterator[tuple[str, str, str]]:
    """(kind, text or name, tag): "text", "open", "close". Every look forward moves on."""
    at, size = 0, len(html)
    while at < size:
        start = html.find("<", at)
        if start < 0:
            yield "text", html[at:], ""
            return
        if start > at:
            yield "text", html[at:start], ""
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            if end < 0:
                return
            at = end + 3
            continue
        if not _TAG.match(
            html, start
        ):  # « 3 < 5 »: said before any look forward, or many cost much
            yield "text", "<", ""
            at = start + 1
            continue
        end = html.find(">", start)
        if end < 0:
            yield "text", html[start:], ""
            return
        tag, at = html[start + 1 : end], end + 1
        token = _markup(tag)
        if token[0] == "unseen":
            at = _after(html, token[1], at)
        elif token[0]:
            yield token


def _markup(tag: str) -> tuple[str, str, str]:
    """What stands between angle brackets: a tag, or nothing to see ("")."""
    named = _NAME.match(tag)
    if named is None:
        return "", "", ""
    name = named[1].lower()
    if tag.startswith("/"):
        return "close", name, tag
    return ("unseen" if name in _UNSEEN else "open"), name, tag


def _after(html: str, name: str, at: int) -> int:
    """Behind the end of an element that nobody sees; the end of all when it has none."""
    found = re.compile(f"</{name}[^a-z]", re.IGNORECASE).search(html, at)
    if found is None:
        return len(html)
    end = html.find(">", found.start())
    return len(html) if end < 0 else end + 1


# ── Telling ─────────────────────────────────────────────────────────────────────────────────────


def _gather(element: _Element, found: list[Block]) -> None:
    """The blocks of an element, in order; runs of text between blocks are paragraphs."""
    run: list[str] = []

    def end(*, heading: bool = False) -> None:
        text = clean("".join(run))
        run.clear()
        if text:
            found.append(Paragraph(text, heading))

    for child in _flat(element):
        if isinstance(child, str):
            run.append(child)
        elif child.name in ("br", "hr"):
            end()
        elif child.name == "table" and (rows := _rows(child)):
            end()
            found.append(Rows(rows))
        else:
            end()
            before = len(found)
            _gather(child, found)
            if child.name in _HEADINGS and len(found) == before + 1:
                only = found[-1]
                if isinstance(only, Paragraph):
                    found[-1] = Paragraph(only.text, heading=True)
    end()


def _flat(element: _Element) -> Iterator["_Element | str"]:
    """The children that are seen, those of inline elements in their place."""
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.hidden:
            continue
        elif child.name in _BLOCKS or child.name in ("br", "hr"):
            yield child
        else:
            yield from _flat(child)


def _rows(table: _Element) -> tuple[tuple[str, ...], ...]:
    """The rows of a table that holds data; () when it is layout: tables inside, or one column."""
    if any(one.name == "table" for one in _inside(table)):
        return ()
    rows = []
    for one in _inside(table):
        if one.name == "tr" and not one.hidden:
            cells = [_cell(two) for two in one.children if isinstance(two, _Element)
                     and two.name in _CELLS and not two.hidden]  # fmt: skip
            kept = tuple(cell for cell in cells if cell)
            if kept:
                rows.append(kept[:MOST_CELLS])
    return tuple(rows) if any(len(row) > 1 for row in rows) else ()


def _inside(element: _Element) -> Iterator[_Element]:
    for child in element.children:
        if isinstance(child, _Element):
            yield child
            yield from _inside(child)


def _cell(cell: _Element) -> str:
    """A cell's text, its lines joined."""
    found: list[Block] = []
    _gather(cell, found)
    return " ".join(one.text for one in found if isinstance(one, Paragraph))


def _joined(found: list[Block]) -> Iterator[Block]:
    """Tables of as many columns that follow one another are one: each row was a table."""
    held: list[tuple[str, ...]] = []
    for block in found:
        if isinstance(block, Rows) and (not held or len(block.rows[0]) == len(held[-1])):
            held += block.rows
            continue
        if held:
            yield Rows(tuple(held))
            held = []
        if isinstance(block, Rows):
            held = list(block.rows)
        else:
            yield block
    if held:
        yield Rows(tuple(held))
