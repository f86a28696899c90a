"""French words and figures: the sentence of every fault, amounts, dates, sizes, ages.

Sentences stand in ``messages/fr.toml`` and its neighbours (ours) and ``rules.toml`` (official
rules); an unknown code falls back to the official text that came with it, never to a crash. Screen
strings are French in the source and pass through gettext: another language is a catalogue.
Amounts follow the usage of the Imprimerie nationale: ``1 312,80 €`` with U+202F between
thousands and a no-break space before the sign.
"""

import gettext as _gettext
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from facteur.domain.errors import FacteurError
from facteur.domain.faults import Fault
from facteur.domain.french import NBSP as NBSP  # noqa: PLC0414 — pages find it here
from facteur.domain.french import THIN as THIN  # noqa: PLC0414 — pages find it here
from facteur.domain.french import day as day  # noqa: PLC0414 — pages find it here
from facteur.domain.french import figure as figure  # noqa: PLC0414 — pages find it here
from facteur.domain.french import money as money  # noqa: PLC0414 — pages find it here
from facteur.domain.paris import paris as paris  # noqa: PLC0414 — pages find it here
from facteur.web.showing import official

MESSAGES = Path(__file__).parent / "messages"

TRANSLATIONS = _gettext.NullTranslations()
_ = TRANSLATIONS.gettext

#: The values of faults that are amounts.
_AMOUNTS = frozenset({"amount", "base", "delta", "expected", "found", "net", "rate", "total"})
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class _Known(dict[str, str]):
    """The values of a sentence; one that is missing shows as « ? », never as an error."""

    def __missing__(self, key: str) -> str:
        return "?"


@cache
def messages(language: str = "fr") -> Mapping[str, str]:
    """The sentences of a language by code; the rules' own file completes the French ones."""
    french = (
        "rules.toml",
        "routes.toml",
        "parties.toml",
        "ereporting.toml",
        "flows.toml",
        "lifecycle.toml",
        "platforms.toml",
        "fr.toml",
    )
    names = french if language == "fr" else (f"{language}.toml",)
    found: dict[str, str] = {}
    for name in names:
        path = MESSAGES / name
        if path.is_file():
            found.update(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
    return found


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """``{"a": {"b": "…"}}`` → ``{"a.b": "…"}``: codes may be written quoted or as tables."""
    found: dict[str, str] = {}
    for key, value in table.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, Mapping):
            found.update(_flat(value, name))
        else:
            found[name] = str(value)
    return found


def sentence(code: str, values: Mapping[str, object] | None = None, language: str = "fr") -> str:
    """The sentence of a code with its values; "" when the code has none in that language."""
    held = messages(language)
    known = held.get(code) or held.get(code.partition("_")[0], "")  # BR-FR-03_BT-2: BR-FR-03
    shown = _Known({name: str(value) for name, value in (values or {}).items()})
    return known.format_map(shown)


def fault_text(fault: Fault, language: str = "fr", *, program: bool = False) -> str:
    """What is wrong, in one sentence: ours, else the official text, else the code itself.

    A rule of the French reform is looked up whole (BR-FR-05_BT-22_PMT), then by its name. An
    official text that has no sentence of ours is put in French by its shape (showing/official.py).
    ``program``: who reads has no page before him, and hears ``program.<code>`` where that differs.
    """
    values = _shown(fault, language)
    return (
        (sentence(f"program.{fault.code}", values, language) if program else "")
        or sentence(fault.code, values, language)
        or sentence(fault.code.partition("_")[0], values, language)
        or sentence(official.base_rule(fault.code), values, language)
        or (official.in_french(fault) if language == "fr" and fault.message else "")
        or fault.message
        or (fault_text(fault, program=program) if language != "fr" else "")
        or _("Anomalie « {code} ».").format(code=fault.code)
    )


def fault_texts(faults: Iterable[Fault], language: str = "fr", *, program: bool = False) -> str:
    """All that is wrong, on one line, nothing said twice; "" for nothing."""
    return " ".join(dict.fromkeys(fault_text(one, language, program=program) for one in faults))


def _shown(fault: Fault, language: str) -> Mapping[str, object]:
    return _in_french(fault) if language == "fr" else fault.values


def _in_french(fault: Fault) -> Mapping[str, str]:
    """The values of a fault as the French write them: amounts, days, known words."""
    shown = {}
    for name, value in fault.values.items():
        if name in _AMOUNTS and _NUMBER.fullmatch(value):
            shown[name] = figure(Decimal(value), decimals=0 if name == "rate" else 2)
        elif _ISO_DAY.fullmatch(value):
            shown[name] = "/".join(reversed(value.split("-")))
        else:
            shown[name] = sentence(f"value.{fault.code}.{value}") or value
    return shown


def error_text(error: FacteurError, language: str = "fr", *, program: bool = False) -> str:
    """The sentence of an error; the root of its family when its own code has none.

    One that is named after a fault it holds is told with the values of that fault.
    """
    named = next((one for one in getattr(error, "faults", ()) if one.code == error.code), None)
    values = error.values if named is None else _shown(named, language)
    family = error.code.split(".", maxsplit=1)[0]
    return (
        (sentence(f"program.{error.code}", values, language) if program else "")
        or sentence(error.code, values, language)
        or sentence(f"{family}.other", values, language)
        or sentence("error.other", values, language)
        or _("Cette action n’a pas abouti.")
    )


def told(error: FacteurError, language: str = "fr", *, program: bool = False) -> str:
    """What an error says: its faults where it has some, else its own sentence."""
    return fault_texts(getattr(error, "faults", ()), language, program=program) or error_text(
        error, language, program=program
    )


def clock_time(moment: datetime | None) -> str:
    """``25/04/2022 à 10:42``, on a French clock."""
    if moment is None:
        return ""
    local = paris(moment)
    return f"{day(local.date())} à {local.hour:02d}:{local.minute:02d}"


def age(moment: datetime, now: datetime) -> str:
    """How long ago: « il y a 5 min », « hier », else the date."""
    seconds = int((now - moment).total_seconds())
    days = (paris(now).date() - paris(moment).date()).days
    if seconds < 60:
        return _("à l’instant")
    if seconds < 3600:
        return _("il y a {n}\u00a0min").format(n=seconds // 60)
    if days == 0:
        return _("il y a {n}\u00a0h").format(n=seconds // 3600)
    if days == 1:
        return _("hier")
    if days < 7:
        return _("il y a {n}\u00a0jours").format(n=days)
    return day(paris(moment).date())


def size(number: int) -> str:
    """A file size: ``640 octets``, ``18 Ko``, ``2,4 Mo``."""
    if number < 1024:
        return f"{number}{NBSP}octets"
    if number < 1024 * 1024:
        return f"{number // 1024}{NBSP}Ko"
    whole, tenth = divmod(number * 10 // (1024 * 1024), 10)
    return f"{whole},{tenth}{NBSP}Mo" if tenth else f"{whole}{NBSP}Mo"


def enumeration(words: Iterable[str]) -> str:
    """« a, b et c »."""
    held = list(words)
    if len(held) < 2:
        return "".join(held)
    return _("{first} et {last}").format(first=", ".join(held[:-1]), last=held[-1])
