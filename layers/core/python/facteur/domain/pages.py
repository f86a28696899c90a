"""Words with boxes: what a text layer, the embedded OCR and Textract all give, the same shape.

Coordinates are fractions of the page, origin top left (as Textract's), so that a box can be laid
over an image of any size. ``confidence`` is 1.0 for a text layer, the engine's own for OCR.

An engine that understands pages may also say what it found on one (``Finds``): tables, labels with
their values, the fields of an expense. That is a witness's word, never a fact: the extraction
hears it beside its own reading (domain/extraction/witness.py). Text layers and the embedded OCR
have none.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, as fractions of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """The height, a fraction of the page's."""
        return self.bottom - self.top

    def joined(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def turned(self, quarters: int) -> "Box":
        """The same rectangle on the page turned clockwise by quarter turns."""
        match quarters % 4:
            case 1:
                return Box(1 - self.bottom, self.left, 1 - self.top, self.right)
            case 2:
                return Box(1 - self.right, 1 - self.bottom, 1 - self.left, 1 - self.top)
            case 3:
                return Box(self.top, 1 - self.right, self.bottom, 1 - self.left)
            case _:
                return self


@dataclass(frozen=True, slots=True)
class Word:
    """One word (no space inside) and where it stands."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """Words that an engine put together, where they stand, how sure it is of them."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table: its place from 1, how many rows and columns it covers."""

    row: int
    column: int
    rows: int = 1
    columns: int = 1
    head: bool = False
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table that an engine saw: its cells by row, then column; their boxes are its borders."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A label and its value, as an engine linked them."""

    key: Said
    value: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """A value to which an engine gave a meaning, and the label that it read beside it.

    ``role`` is one of our words: a candidate's field ("number", "due_date", "seller_name"), a
    total ("excl", "vat", "incl", "due", "prepaid"), or a column ("description", "quantity"…).
    """

    role: str
    value: Said
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finds:
    """What an engine found by itself on one page, bounded by its adapter."""

    engine: str  # "textract"
    grids: tuple[Grid, ...] = ()
    pairs: tuple[Pair, ...] = ()
    expenses: tuple[Expense, ...] = ()
    lines: tuple[tuple[Expense, ...], ...] = ()  # of an expense: the values of each line
    silent: str = ""  # why it could not be asked, or understood: "AccessDeniedException"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its words in reading order, its size in points (1/72 inch).

    Words and size are those of the page upright. ``turn`` tells by how many quarter turns
    clockwise the page as it is stored was turned for that (a sheet scanned sideways): to lay a
    box over the stored page, turn it back, ``box.turned(-page.turn)``.
    """

    number: int  # from 1
    words: tuple[Word, ...]
    width: float = 595.0
    height: float = 842.0
    turn: int = 0
    finds: Finds | None = None  # of an engine that was asked for them


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSet:
    """The pages that were read, by what, and how many were left unread."""

    pages: tuple[Page, ...]
    origin: str  # "text", "ocr:rapidocr", "ocr:textract"
    total: int = 0  # pages in the file; more than len(pages) when a limit was reached

    @property
    def has_text(self) -> bool:
        """True when there is enough text to read an invoice from: a dozen words."""
        return sum(len(page.words) for page in self.pages) >= 12

    @property
    def silent(self) -> str:
        """Why a witness that was asked said nothing of some page, "" when none failed."""
        return next((page.finds.silent for page in self.pages if page.finds and page.finds.silent), "")  # fmt: skip  # noqa: E501
