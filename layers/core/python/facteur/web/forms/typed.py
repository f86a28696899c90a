"""Text of a form → what a command needs: only the fields that a person changed or confirmed.

A field left as it was shown keeps its provenance; nothing is parsed here (domain/typed.py does,
and gives every fault at once). Rows are the inputs ``lines.0.description``…; a row left blank is
dropped, so clearing its cells removes it.
"""

import re
from collections.abc import Mapping, Sequence

from facteur.domain.candidate import FIELDS, Candidate
from facteur.domain.documents import Direction
from facteur.domain.dossiers import Dossier
from facteur.web.showing.readings import COLUMNS, row_texts, value_text

_CELL = re.compile(r"([a-z_]+)\.(\d{1,5})\.([a-z_]+)")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
MOST_ROWS = 5_000

#: « Je les ai toutes vérifiées »: confirms every value that the reading was not sure of.
EVERYTHING = "*"


def changes(candidate: Candidate, sent: Sequence[tuple[str, str]]) -> dict[str, object]:
    """The values that were changed or confirmed, raw, by field: text, or rows of texts."""
    texts = {name: value for name, value in sent if name in FIELDS}
    confirmed = {value for name, value in sent if name == "confirm"}
    if EVERYTHING in confirmed:
        confirmed |= {name for name, one in candidate.fields.items() if not one.sure}
    found: dict[str, object] = {}
    for name, text in texts.items():
        if name in COLUMNS:
            continue
        if _same(text, value_text(candidate, name)) and name not in confirmed:
            continue
        found[name] = text.strip()
    for name, rows in sent_rows(sent).items():
        shown = [row for row in row_texts(candidate, name) if any(row.values())]
        if _same_rows(rows, shown, name) and name not in confirmed:
            continue
        found[name] = _completed(rows, shown)
    return found


def own_identity(own: Dossier, direction: Direction) -> dict[str, object]:
    """« C'est notre entreprise »: the dossier's name, numbers and address, on its side.

    Tickets and many pages leave the buyer out, which the standard wants (BG-7): a person says
    that it is this dossier, nothing is assumed.
    """
    side = "buyer" if direction is Direction.PURCHASE else "seller"
    named = ("name", "siren", "siret", "vat", "address", "postcode", "city", "country")
    return {f"{side}_{name}": getattr(own, name) for name in named}


def sent_rows(sent: Sequence[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    """The rows that the form holds, by table, without the blank ones."""
    held: dict[str, dict[int, dict[str, str]]] = {}
    for name, value in sent:
        cell = _CELL.fullmatch(name)
        if cell is None or cell[1] not in COLUMNS or int(cell[2]) >= MOST_ROWS:
            continue
        if cell[3] in {column for column, _label, _kind in COLUMNS[cell[1]]}:
            held.setdefault(cell[1], {}).setdefault(int(cell[2]), {})[cell[3]] = value.strip()
    return {
        table: [rows[at] for at in sorted(rows) if _filled(rows[at])]
        for table, rows in held.items()
    }


def typed_now(sent: Sequence[tuple[str, str]]) -> Mapping[str, object]:
    """What was typed, to be shown again when it does not hold."""
    texts: dict[str, object] = {name: value for name, value in sent if name in FIELDS}
    return {**texts, **sent_rows(sent)}


def _filled(row: Mapping[str, str]) -> bool:
    """True when a row says anything; a choice alone says nothing."""
    return any(value for column, value in row.items() if column != "charge")


def _completed(rows: list[dict[str, str]], shown: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with the attributes that the form does not show, kept from the same place."""
    if len(rows) != len(shown):
        return rows
    return [{**before, **after} for before, after in zip(shown, rows, strict=True)]


def _same_rows(rows: list[dict[str, str]], shown: list[dict[str, str]], table: str) -> bool:
    columns = [column for column, _label, _kind in COLUMNS[table]]
    return len(rows) == len(shown) and all(
        _same(after.get(column, ""), before.get(column, ""))
        for after, before in zip(rows, shown, strict=True)
        for column in columns
    )


def _same(typed: str, shown: str) -> bool:
    """True when two texts differ by spaces only."""
    return _SPACES.sub(" ", typed).strip() == _SPACES.sub(" ", shown).strip()
