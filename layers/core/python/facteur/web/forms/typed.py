"""Text of a form → what a command needs: only the fields that a person changed or confirmed.

A field left as it was shown keeps its provenance; nothing is parsed here (domain/typed.py does,
and gives every fault at once). Rows are the inputs ``lines.0.description``…; a row left blank is
dropped, so clearing its cells removes it. Each row is sent whole, with what no column shows, so
that nothing of it is lost or moves to another when rows are added or removed (decision 0335).
"""

import re
from collections.abc import Mapping, Sequence

from facteur.domain.candidate import FIELDS, Candidate
from facteur.domain.documents import Direction
from facteur.domain.dossiers import Dossier
from facteur.web.showing.readings import COLUMNS, UNSEEN, row_texts, value_text

_CELL = re.compile(r"([a-z_]+)\.(\d{1,5})\.([a-z_]+)")
_CHOICES = frozenset({"charge", "category", "gross"})  # one of them alone says nothing

#: « HT » or « TTC », said once for all the lines.
GROSS = "lines.gross"
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
    for name, held in _held(sent).items():
        shown = row_texts(candidate, name)
        rows = [_completed(row, shown, at) for at, row in held.items() if _filled(row, name)]
        before = [row for row in shown if _filled(row, name)]
        if name in confirmed or not _same_rows(rows, before):
            found[name] = rows
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
    return {
        table: [row for row in rows.values() if _filled(row, table)]
        for table, rows in _held(sent).items()
    }


def _held(sent: Sequence[tuple[str, str]]) -> dict[str, dict[int, dict[str, str]]]:
    """Every row of the form by table, then by place, in their order, blank ones too."""
    held: dict[str, dict[int, dict[str, str]]] = {}
    for name, value in sent:
        cell = _CELL.fullmatch(name)
        if cell is None or cell[1] not in COLUMNS or int(cell[2]) >= MOST_ROWS:
            continue
        if cell[3] in _seen(cell[1]) or cell[3] in UNSEEN[cell[1]]:
            held.setdefault(cell[1], {}).setdefault(int(cell[2]), {})[cell[3]] = value.strip()
    for gross in (value for name, value in sent if name == GROSS):
        for row in held.get("lines", {}).values():
            row["gross"] = gross
    return {table: dict(sorted(rows.items())) for table, rows in held.items()}


def typed_now(sent: Sequence[tuple[str, str]]) -> Mapping[str, object]:
    """What was typed, to be shown again when it does not hold."""
    texts: dict[str, object] = {name: value for name, value in sent if name in FIELDS}
    return {**texts, **sent_rows(sent)}


def _seen(table: str) -> set[str]:
    return {column for column, _label, _kind in COLUMNS[table]}


def _filled(row: Mapping[str, str], table: str) -> bool:
    """True when a row says anything; a choice alone, or what nobody sees, says nothing."""
    return any(row.get(column) for column in _seen(table) - _CHOICES)


def _completed(row: dict[str, str], shown: list[dict[str, str]], at: int) -> dict[str, str]:
    """The row with what it did not send: a page that was opened before it sent it all."""
    return {**shown[at], **row} if at < len(shown) else row


def _same_rows(rows: list[dict[str, str]], shown: list[dict[str, str]]) -> bool:
    return len(rows) == len(shown) and all(
        _same(after.get(column, ""), before.get(column, ""))
        for after, before in zip(rows, shown, strict=True)
        for column in {*after, *before}
    )


def _same(typed: str, shown: str) -> bool:
    """True when two texts differ by spaces only."""
    return _SPACES.sub(" ", typed).strip() == _SPACES.sub(" ", shown).strip()
