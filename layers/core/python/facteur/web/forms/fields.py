"""The document page's form as values: blocks of fields, each with its text, origin and faults.

Built from the candidate: what was read, by whom (XML, text layer, OCR, computed, typed), where on
the page, and how sure we are. What a user just typed and that does not hold is shown again as
typed, beside its faults.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from facteur.domain import codes
from facteur.domain.candidate import FIELDS, TYPE_CODES, Candidate
from facteur.domain.documents import Direction
from facteur.domain.faults import Fault
from facteur.domain.totals import REQUIRED
from facteur.web.forms.typed import GROSS
from facteur.web.i18n import _
from facteur.web.showing import present, readings
from facteur.web.showing.present import Badge
from facteur.web.showing.readings import COLUMNS, UNSEEN, WITH_TAX

#: Faults that a person settles by saying that the value is right.
CONFIRMABLE = frozenset({"field.unsure", "buyer.other", "seller.other", "date.ahead"})

_LONG = frozenset({
    "payment_terms", "exemption_reason", "note_recovery", "note_penalties", "note_discount",
})  # fmt: skip
_NUMERIC = frozenset({"amount", "discount", "quantity", "rate"})
_WIDTHS: Mapping[str, str] = {
    "seller_name": "full",
    "buyer_name": "full",
    "seller_address": "full",
    "buyer_address": "full",
    "payment_terms": "full",
    "exemption_reason": "full",
    "note_recovery": "full",
    "note_penalties": "full",
    "note_discount": "full",
    "iban": "full",
    "seller_postcode": "third",
    "buyer_postcode": "third",
    "seller_country": "third",
    "buyer_country": "third",
    "seller_city": "third",
    "buyer_city": "third",
    "total_excl_vat": "third",
    "total_vat": "third",
    "total_incl_vat": "third",
    "prepaid": "third",
    "rounding": "third",
    "amount_due": "third",
}

_FLAGS = (("", "Remise"), ("1", "Frais"))
_TAXED = (("", "hors taxes (HT)"), ("1", "taxes comprises (TTC)"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field (or one cell of a row) as the page shows it."""

    name: str
    label: str
    kind: str
    text: str
    origin: Badge | None = None
    origin_text: str = ""
    sure: bool = True
    faults: tuple[Fault, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    confirm: bool = False
    required: bool = False
    column: str = ""
    hint: str = ""
    labels: tuple[str, ...] = ()  # without tax, then with: the page changes it with the choice

    @property
    def told(self) -> tuple[Fault, ...]:
        """The faults that need a sentence beside the field: a doubt has its mark already."""
        return tuple(one for one in self.faults if one.code != "field.unsure")

    @property
    def id(self) -> str:
        """The identifier of its control: no dot, so that CSS and anchors are simple."""
        return self.name.replace(".", "-")

    @property
    def blocked(self) -> bool:
        """True when one of its faults blocks."""
        return any(one.blocking for one in self.faults)

    @property
    def numeric(self) -> bool:
        """True for figures: right-aligned."""
        return self.kind in _NUMERIC

    @property
    def keyboard(self) -> str:
        """The keyboard that a phone shows: that of figures has no %, which a discount may want."""
        return "decimal" if self.numeric and self.kind != "discount" else ""

    @property
    def long(self) -> bool:
        """True for texts of several lines."""
        return self.name in _LONG

    @property
    def width(self) -> str:
        """How much of the block's width it takes: full, half or third."""
        return _WIDTHS.get(self.name, "half")


@dataclass(frozen=True, slots=True)
class RowView:
    """One repeated row; ``new`` is the blank one at the end.

    ``unseen``: name and text of what it holds and no cell shows.
    """

    cells: tuple[FieldView, ...]
    new: bool = False
    unseen: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """Repeated rows: lines, adjustments or the VAT breakdown."""

    name: str
    row_label: str
    empty: str
    rows: tuple[RowView, ...]
    origin: Badge | None = None
    origin_text: str = ""
    sure: bool = True
    faults: tuple[Fault, ...] = ()
    confirm: bool = False
    choice: FieldView | None = None  # HT or TTC, said once for all the lines

    @property
    def told(self) -> tuple[Fault, ...]:
        """The faults that need a sentence: a doubt has its mark already."""
        return tuple(one for one in self.faults if one.code != "field.unsure")

    @property
    def id(self) -> str:
        """The identifier that links go to."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of the form."""

    name: str
    title: str
    icon: str
    fields: tuple[FieldView, ...] = ()
    table: TableView | None = None
    folded: bool = False
    opened: bool = False
    digest: str = ""
    ours: bool = False  # offers « C'est notre entreprise »: our side, and something lacks there


_PLAN: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("seller", "Fournisseur", "building-store", ("seller_name", "seller_siren", "seller_siret",
     "seller_vat", "seller_address", "seller_postcode", "seller_city", "seller_country")),
    ("information", "Informations", "info-circle", ("type", "number", "issue_date", "due_date",
     "currency", "purchase_order")),
    ("buyer", "Destinataire", "user", ("buyer_name", "buyer_siren", "buyer_siret", "buyer_vat",
     "buyer_address", "buyer_postcode", "buyer_city", "buyer_country")),
    ("lines", "Lignes", "list-details", ("lines", "adjustments")),
    ("vat", "TVA", "percentage", ("vat_breakdown", "exemption_reason")),
    ("totals", "Totaux", "coin-euro", ("total_excl_vat", "total_vat", "total_incl_vat",
     "prepaid", "rounding", "amount_due")),
    ("payment", "Paiement", "credit-card", ("iban", "bic", "payment_terms")),
    ("more", "Autres informations", "dots", ("contract", "preceding_invoice", "preceding_date",
     "period_start", "period_end", "delivery_date", "note_recovery", "note_penalties",
     "note_discount")),
)  # fmt: skip
_FOLDED = frozenset({"buyer", "more"})


class _Maker:
    """Makes the views of one document's fields."""

    def __init__(
        self, candidate: Candidate, faults: Sequence[Fault], typed_now: Mapping[str, object]
    ) -> None:
        self.candidate = candidate
        self.faults = faults
        self.typed = typed_now
        lines = self.rows("lines")
        self.gross = any(row.get("gross") for row in lines)
        odd = any(one.code == "line.amount" for one in faults)  # a discount may explain it
        self.discounted = odd or any(row.get("discount") for row in lines)

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a table: as typed, else as read."""
        given = self.typed.get(name)
        return given if isinstance(given, list) else readings.row_texts(self.candidate, name)

    def at(self, path: str, *, below: bool = False) -> tuple[Fault, ...]:
        """The faults of a path; with ``below``, those of everything under it too."""
        return tuple(
            one
            for one in self.faults
            if one.path == path or (below and one.path.startswith(f"{path}."))
        )

    def field(self, name: str) -> FieldView:
        """A simple field."""
        kind = FIELDS[name]
        reading = self.candidate.fields.get(name)
        text = self.typed.get(name)
        faults = self.at(name)
        return FieldView(
            name=name,
            label=_(present.LABELS[name]),
            kind=kind,
            text=str(text) if text is not None else readings.value_text(self.candidate, name),
            origin=readings.origin(reading),
            origin_text=readings.origin_text(reading),
            sure=readings.is_sure(reading, faults),
            faults=faults,
            confirm=any(one.code in CONFIRMABLE for one in faults),
            required=name in REQUIRED,
            choices=_types() if kind == "type" else (),
        )

    def table(self, name: str, *, editable: bool) -> TableView:
        """Repeated rows, with a blank one at the end when they can be edited."""
        reading = self.candidate.fields.get(name)
        texts = self.rows(name)
        rows = [self.row(name, at, row) for at, row in enumerate(texts)]
        if editable:
            rows.append(replace(self.row(name, len(rows), {}), new=True))
        words = {
            "lines": (_("Ligne"), _("Aucune ligne n’a été lue.")),
            "adjustments": (_("Remise ou frais"), _("Ni remise ni frais sur le total.")),
            "vat_breakdown": (_("Taux"), _("Aucun détail de TVA n’a été lu.")),
        }[name]
        known = {cell.name for row in rows for cell in row.cells}
        faults = tuple(one for one in self.at(name, below=True) if one.path not in known)
        return TableView(
            name=name,
            row_label=words[0],
            empty=words[1],
            rows=tuple(rows),
            origin=readings.origin(reading),
            origin_text=readings.origin_text(reading),
            sure=readings.is_sure(reading, faults),
            faults=faults,
            confirm=any(one.code in CONFIRMABLE for one in faults),
            choice=self.taxed() if editable and name == "lines" else None,
        )

    def taxed(self) -> FieldView:
        """Whether the prices and amounts of the lines are without tax, or with it."""
        return FieldView(
            name=GROSS,
            label=_("Montants des lignes"),
            kind="flag",
            text="1" if self.gross else "",
            choices=tuple((value, _(words)) for value, words in _TAXED),
        )

    def row(self, name: str, at: int, row: Mapping[str, str]) -> RowView:
        """One row: its cells, and what travels with it unseen."""
        shown = [one for one in _shown(name, row) if self.discounted or one[0] != "discount"]
        hidden = {*UNSEEN[name], *(one[0] for one in COLUMNS[name])} - {one[0] for one in shown}
        return RowView(
            cells=tuple(self.cell(name, at, one, row) for one in shown),
            unseen=tuple((f"{name}.{at}.{one}", row.get(one, "")) for one in sorted(hidden)),
        )

    def cell(
        self, table: str, at: int, column: tuple[str, str, str], row: Mapping[str, str]
    ) -> FieldView:
        """One cell of a row."""
        attribute, label, kind = column
        name = f"{table}.{at}.{attribute}"
        taxed = table != "vat_breakdown" and label in WITH_TAX
        labels = (_(label), _(WITH_TAX[label])) if taxed else ()
        return FieldView(
            name=name,
            label=labels[1 if self.gross else 0] if labels else _(label),
            labels=labels,
            hint=_unit(row.get(attribute, "")) if kind == "unit" else "",
            kind=kind,
            text=row.get(attribute, ""),
            faults=self.at(name),
            choices=_choices(kind, row.get(attribute, "")),
            column=attribute,
        )


def blocks(
    candidate: Candidate,
    faults: Sequence[Fault],
    *,
    direction: Direction,
    editable: bool,
    typed_now: Mapping[str, object] | None = None,
) -> tuple[Block, ...]:
    """The blocks of the form, in the order of the page."""
    maker = _Maker(candidate, faults, typed_now or {})
    made: list[Block] = []
    own = "buyer" if direction is Direction.PURCHASE else "seller"
    for name, title, icon, names in _PLAN:
        simple = tuple(maker.field(one) for one in names if one not in COLUMNS)
        tables = [maker.table(one, editable=editable) for one in names if one in COLUMNS]
        if name == "vat" and not any(one.text for one in simple):
            simple = ()
        if direction is Direction.SALE and name in ("seller", "buyer"):
            title = {"seller": "Vendeur", "buyer": "Client"}[name]  # noqa: PLW2901
        folded = name in _FOLDED or (name == "seller" and direction is Direction.SALE)
        if direction is Direction.SALE and name == "buyer":
            folded = False
        known = [one for one in simple if one.text]
        made.append(
            Block(
                name=name,
                title=_(title),
                icon=icon,
                fields=simple,
                table=tables[0] if tables else None,
                folded=folded,
                opened=any(one.faults for one in simple) or (name == "more" and bool(known)),
                digest=known[0].text if known and name != "more" else "",
                ours=name == own and any(one.told for one in simple),
            )
        )
        made += [_extra(one) for one in tables[1:] if editable or one.rows]
    return tuple(made)


def _extra(table: TableView) -> Block:
    """A second table of a block gets a block of its own, folded while it is empty."""
    filled = any(not row.new for row in table.rows)
    return Block(
        name=table.name,
        title=_(present.LABELS[table.name]),
        icon="calculator",
        table=table,
        folded=True,
        opened=filled or bool(table.faults),
    )


def _types() -> tuple[tuple[str, str], ...]:
    return tuple((name, present.kind(name)) for name in TYPE_CODES)


def _unit(code: str) -> str:
    """What a unit's code means: « pièce » for H87; "" for what is no code."""
    known = codes.UNITS.get(code)
    return _(known) if known else ""


def _shown(table: str, row: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """The columns of a row: why a rate is exempt is asked only where something is exempt."""
    exempt = row.get("exemption_text") or row.get("category", "") not in ("", "S", "Z")
    return tuple(one for one in COLUMNS[table] if exempt or one[0] != "exemption_text")


def _choices(kind: str, text: str) -> tuple[tuple[str, str], ...]:
    """What a cell may hold; a code that we do not know is kept and shown."""
    if kind == "flag":
        return tuple((value, _(words)) for value, words in _FLAGS)
    if kind != "category":
        return ()
    known = {
        "": "",
        **{code: f"{code} · {_(words)}" for code, words in codes.VAT_CATEGORIES.items()},
    }
    return tuple({**known, text: known.get(text, text)}.items())
