"""Dataclass ⇄ JSON for everything that is stored or queued, and the canonical JSON of an invoice.

One reader and one writer for the whole domain, driven by the annotations of the dataclasses: an
amount is text (``"12.30"``, never a JSON number), a day or a time is ISO 8601, an enumeration is
its value, a tuple a list. Where an annotation allows several kinds (a command, the value of a
candidate's field) the kind is written beside the value, so that what comes back is what went in.

``dumps`` wraps a value in an envelope that says its class and the format's version::

    {"format": 1, "kind": "PageSet", "data": {…}}

What is unknown is ignored on the way back and what is missing takes its default: rows written by
an older or a newer release can be read, as long as fields are only added. A change that breaks
this gets a new format number and a reader for the old one.

``canonical`` is the form that is archived and hashed: RFC 8785's idea (sorted keys, no spaces,
UTF-8), with amounts as plain decimal text and empty fields left out, so that a field added to the
model later changes no hash.
"""

import dataclasses
import json
import math
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from facteur.domain.invoice import Invoice
from facteur.domain.pages import Box, Word

FORMAT = 1

T = TypeVar("T")
Pack = Callable[[Any], Any]


class SerialError(ValueError):
    """Stored or queued data that this release cannot read: a bug, or something tampered with."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Codec:
    """How one annotation is written and read."""

    pack: Pack
    unpack: Pack


def pack(value: object, kind: Any = None) -> Any:
    """The JSON form of a value (dict, list, str, int, float, bool or None).

    ``kind`` is the annotation to follow, the value's own class when left out. SerialError for
    what has no JSON form (NaN, a naive time, a class the domain does not know).
    """
    return _codec(type(value) if kind is None else kind).pack(value)


def unpack(kind: type[T], data: object) -> T:
    """The value that ``pack`` wrote; ``kind`` is its class. SerialError when it does not fit."""
    value: T = _codec(kind).unpack(data)
    return value


def dumps(value: object) -> bytes:
    """A value as UTF-8 JSON in an envelope with its class and the format's version."""
    body = {"format": FORMAT, "kind": type(value).__name__, "data": pack(value)}
    return _json(body).encode()


def loads(kind: type[T], text: bytes | str) -> T:
    """The value in an envelope; SerialError when it is no such value or of a later format."""
    try:
        body = json.loads(text)
    except ValueError as error:
        msg = f"no JSON: {error}"
        raise SerialError(msg) from None
    name = kind.__name__
    if not isinstance(body, dict) or body.get("kind") != name or "data" not in body:
        msg = f"no {name} in an envelope"
        raise SerialError(msg)
    if not isinstance(body.get("format"), int) or body["format"] > FORMAT:
        msg = f"{name} of format {body.get('format')!r:.20}, this release reads up to {FORMAT}"
        raise SerialError(msg)
    return unpack(kind, body["data"])


def canonical(invoice: Invoice) -> bytes:
    """The canonical JSON of an invoice: sorted keys, amounts as plain text, empty fields left out.

    The same invoice gives the same bytes in every release; its SHA-256 stands in the evidence.
    """
    bare = _bare(invoice)
    return json.dumps(bare, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _json(body: object) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _bare(value: object) -> Any:
    """Dataclasses to dicts without their empty fields, for ``canonical``."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((one.name, _bare(getattr(value, one.name))) for one in dataclasses.fields(value))
        return {name: item for name, item in pairs if item not in (None, "", [], {})}
    if isinstance(value, tuple):
        return [_bare(one) for one in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return value


_made: dict[Any, _Codec] = {}  # as many entries as the domain has annotations


def _codec(kind: Any) -> _Codec:
    """The codec of an annotation, made once."""
    if kind not in _made:
        _made[kind] = _make(kind)
    return _made[kind]


def _make(kind: Any) -> _Codec:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _codec(arguments[0])
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is tuple:
        return _tuple(arguments)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(arguments[1])
    return _codec_of_class(kind)


def _codec_of_class(kind: Any) -> _Codec:
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _Codec(lambda value: kind(value).value, _read(kind))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _dataclass(kind)
    msg = f"{kind!r} has no JSON form here"
    raise SerialError(msg)


def _read(make: Callable[[Any], Any]) -> Pack:
    """A reader whose refusals become SerialError."""

    def unpack_one(data: Any) -> Any:
        try:
            return make(data)
        except (ValueError, TypeError, InvalidOperation) as error:
            msg = f"{data!r:.80} is no {getattr(make, '__name__', make)}"
            raise SerialError(msg) from error

    return unpack_one


def _exactly(kind: type) -> _Codec:
    """A kind that JSON has: checked, never converted (True is no number, 1 no text)."""

    def check(value: Any) -> Any:
        if type(value) is not kind:
            msg = f"{value!r:.80} is no {kind.__name__}"
            raise SerialError(msg)
        return value

    return _Codec(check, check)


def _pack_text(value: Any) -> str:
    """Text that UTF-8 can carry: half a surrogate pair, from a broken mail, becomes ``?``."""
    if not isinstance(value, str):
        msg = f"{value!r:.80} is no text"
        raise SerialError(msg)
    text = str(value)
    return text if text.isascii() else text.encode(errors="replace").decode()


def _pack_amount(value: Any) -> str:
    if not isinstance(value, Decimal) or not value.is_finite():
        msg = f"{value!r} is no amount"
        raise SerialError(msg)
    return str(value)


def _unpack_amount(data: Any) -> Decimal:
    if not isinstance(data, str):
        msg = f"{data!r:.80} is no amount: amounts are text"
        raise SerialError(msg)
    amount: Decimal = _read(Decimal)(data)
    if not amount.is_finite():
        msg = f"{data} is no amount"
        raise SerialError(msg)
    return amount


def _pack_time(value: Any) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        msg = f"{value!r} is no time with its zone"
        raise SerialError(msg)
    return value.isoformat()


def _pack_day(value: Any) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        msg = f"{value!r} is no day"
        raise SerialError(msg)
    return value.isoformat()


def _pack_fraction(value: Any) -> float:
    """Coordinates and confidences are the only floats of the domain."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        msg = f"{value!r:.80} is no number"
        raise SerialError(msg)
    return value


def _plain(value: Any) -> Any:
    """Raw values typed by a user (``object``): texts, and rows of texts; tuples become lists."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        return _pack_text(value)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    msg = f"{type(value).__name__} is no raw value"
    raise SerialError(msg)


def _pack_word(word: Word) -> list[Any]:
    """Six values instead of nested objects: a long scan has a hundred thousand words."""
    box = word.box
    return [word.text, box.left, box.top, box.right, box.bottom, word.confidence]


def _unpack_word(data: Any) -> Word:
    text, left, top, right, bottom, confidence = _list(data)
    return Word(text, Box(left, top, right, bottom), confidence)


_SIMPLE: dict[Any, _Codec] = {
    str: _Codec(_pack_text, _exactly(str).unpack),
    int: _exactly(int),
    bool: _exactly(bool),
    float: _Codec(_pack_fraction, _pack_fraction),
    Decimal: _Codec(_pack_amount, _unpack_amount),
    datetime: _Codec(_pack_time, _read(datetime.fromisoformat)),
    date: _Codec(_pack_day, _read(date.fromisoformat)),
    object: _Codec(_plain, _plain),
    Word: _Codec(_pack_word, _read(_unpack_word)),
}


def _tuple(arguments: tuple[Any, ...]) -> _Codec:
    """``tuple[X, ...]`` is a list of any length, ``tuple[X, Y]`` a list of two."""
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _codec(arguments[0])
        return _Codec(
            lambda values: [item.pack(one) for one in values],
            lambda data: tuple(item.unpack(one) for one in _list(data)),
        )
    items = [_codec(one) for one in arguments]
    return _Codec(
        lambda values: [one.pack(value) for one, value in zip(items, values, strict=True)],
        _read(
            lambda data: tuple(
                one.unpack(value) for one, value in zip(items, _list(data), strict=True)
            )
        ),
    )


def _mapping(kind: Any) -> _Codec:
    item = _codec(kind)
    return _Codec(
        lambda values: {name: item.pack(one) for name, one in values.items()},
        lambda data: {name: item.unpack(one) for name, one in _dict(data).items()},
    )


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list):
        msg = f"{data!r:.80} is no list"
        raise SerialError(msg)
    return data


def _dict(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        msg = f"{data!r:.80} is no object"
        raise SerialError(msg)
    return data


def _union(arguments: tuple[Any, ...]) -> _Codec:
    """``X | None`` is X or null; other unions write the name of the kind beside the value."""
    kinds = [one for one in arguments if one is not types.NoneType]
    inner = _codec(kinds[0]) if len(kinds) == 1 else _tagged(kinds)
    if len(kinds) == len(arguments):
        return inner
    return _Codec(
        lambda value: None if value is None else inner.pack(value),
        lambda data: None if data is None else inner.unpack(data),
    )


def _tagged(kinds: list[Any]) -> _Codec:
    """``{"kind": "ReadDocument", "data": {…}}``; texts stay as they are."""
    names = {_name(one): one for one in kinds}

    def pack_one(value: Any) -> Any:
        if isinstance(value, str) and "str" in names:
            return _pack_text(value)
        name = _name_of(value, names)
        return {"kind": name, "data": _codec(names[name]).pack(value)}

    def unpack_one(data: Any) -> Any:
        if isinstance(data, str) and "str" in names:
            return data
        body = _dict(data)
        if body.get("kind") not in names or "data" not in body:
            msg = f"kind {body.get('kind')!r:.80} is not known"
            raise SerialError(msg)
        return _codec(names[body["kind"]]).unpack(body["data"])

    return _Codec(pack_one, unpack_one)


def _name(kind: Any) -> str:
    """The name of one kind of a union: the class, or "rows of" the class for a tuple."""
    if get_origin(kind) is tuple:
        return f"{get_args(kind)[0].__name__}[]"
    return str(kind.__name__)


def _name_of(value: Any, names: Mapping[str, Any]) -> str:
    """The kind of a value; an empty tuple is written as rows of the first kind there is."""
    if isinstance(value, tuple):
        rows = [name for name in names if name.endswith("[]")]
        name = f"{type(value[0]).__name__}[]" if value else rows[0] if rows else ""
    else:
        name = type(value).__name__
    if name not in names:
        msg = f"{value!r:.80} is none of {', '.join(names)}"
        raise SerialError(msg)
    return name


def _dataclass(kind: type) -> _Codec:
    """The fields by name; unknown ones are ignored on the way back, missing ones default."""
    hints = get_type_hints(kind, include_extras=True)
    names = [one.name for one in dataclasses.fields(kind) if one.init]
    held: tuple[tuple[str, Pack, Pack], ...] = ()  # made on first use: a class may hold itself

    def codecs() -> tuple[tuple[str, Pack, Pack], ...]:
        nonlocal held
        if not held:
            each = ((name, _codec(hints[name])) for name in names)
            held = tuple((name, one.pack, one.unpack) for name, one in each)
        return held

    def pack_one(value: Any) -> dict[str, Any]:
        if type(value) is not kind:
            msg = f"{value!r:.80} is no {kind.__name__}"
            raise SerialError(msg)
        return {name: pack(getattr(value, name)) for name, pack, _ in codecs()}

    def unpack_one(data: Any) -> Any:
        body = _dict(data)
        given = {name: unpack(body[name]) for name, _, unpack in codecs() if name in body}
        try:
            return kind(**given)
        except TypeError as error:
            msg = f"{kind.__name__}: {error}"
            raise SerialError(msg) from None

    return _Codec(pack_one, unpack_one)
