"""The identity providers of an installation, as its setting names them: a JSON list.

``[{"id": "entra", "name": "Cabinet Durand", "issuer": "https://…", "client_id": "…",
"client_secret": "…"}]``. ``id`` is in the return address that is declared at the provider, one for
each, so that what one of them answers is never taken for another's (RFC 9700 §4.4, mix-up).
"""

import re
from dataclasses import dataclass, field

from facteur.adapters.connectors.registered import listed

_ID = re.compile(r"[a-z][a-z0-9-]{0,31}")
_TEXTS = ("id", "name", "issuer", "client_id", "client_secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A provider that this installation is registered at."""

    id: str
    name: str  # on its button
    issuer: str  # as the provider writes it
    client_id: str
    client_secret: str = field(repr=False)


def registered(setting: str) -> tuple[Registered, ...]:
    """The providers of the setting, in its order; ValueError says which is wrong, no secret."""
    made = tuple(_one(one) for one in listed(setting))
    for names in ([one.id for one in made], [one.issuer for one in made]):
        if len(set(names)) != len(names):
            msg = "the same id or issuer twice"
            raise ValueError(msg)
    return made


def _one(given: object) -> Registered:
    values = given if isinstance(given, dict) else {}
    wrong = [
        one for one in _TEXTS if not isinstance(values.get(one), str) or not values[one].strip()
    ]
    if not wrong and not _ID.fullmatch(values["id"].strip()):
        wrong.append("id")
    if wrong:
        msg = f"{str(values.get('id', ''))[:32]}: {', '.join(wrong)}"
        raise ValueError(msg)
    return Registered(**{one: values[one].strip() for one in _TEXTS})
