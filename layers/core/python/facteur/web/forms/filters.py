"""The filters of a list of documents, as its address says them: period, name, amount, channel, order.

A list's address holds everything it shows: it can be kept, sent, and saved as a view. A value that
means nothing is said and left out; it never stops the page.
"""  # noqa: E501

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

from facteur.domain import typed
from facteur.domain.documents import Channel
from facteur.domain.paris import at_paris
from facteur.services.finding.listing import Asked
from facteur.web.i18n import _
from facteur.web.visit import Visit

#: Word of the address → what the service sorts by.
ORDERS: Mapping[str, str] = {
    "nom": "party",
    "numero": "number",
    "total": "total",
    "date": "issued",
    "echeance": "due",
}
#: The filters of an address, in the order of the form.
NAMES = ("du", "au", "tiers", "min", "max", "canal")
_LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address of a list asks, for the service and for the page."""

    asked: Asked
    kept: Mapping[str, str] = field(default_factory=dict)  # filters, as the address writes them
    order: Mapping[str, str] = field(default_factory=dict)  # tri and ordre
    wrong: tuple[str, ...] = ()  # sentences: what was left out

    @property
    def query(self) -> dict[str, str]:
        """Filters and order, to make the address of the same list."""
        return {**self.kept, **self.order}

    def turned(self, column: str) -> dict[str, str]:
        """The same list sorted by a column; the other way round when it is already."""
        down = self.order.get("tri") == column and "ordre" not in self.order
        return {**self.kept, "tri": column} | ({"ordre": "desc"} if down else {})


def filters_of(visit: Visit) -> Filters:
    """The filters of a list's address."""
    given = {name: visit.query(name).strip()[:_LONGEST] for name in NAMES}
    wrong: list[str] = []

    def day(name: str, after: int) -> datetime | None:
        if not given[name]:
            return None
        found = typed.day(given[name])
        if found is None or not 1900 < found.year < 3000:
            wrong.append(_("« {value} » n’est pas une date.").format(value=given[name]))
            given[name] = ""
            return None
        given[name] = found.isoformat()  # as a date field wants it
        return at_paris(datetime.combine(found, time()) + timedelta(days=after))

    def amount(name: str) -> Decimal | None:
        if not given[name]:
            return None
        found = typed.amount(given[name])
        if found is None:
            wrong.append(_("« {value} » n’est pas un montant.").format(value=given[name]))
            given[name] = ""
        return found

    channel = given["canal"] if given["canal"] in {one.value for one in Channel} else ""
    given["canal"] = channel
    order = visit.query("tri") if visit.query("tri") in ORDERS else ""
    descending = bool(order) and visit.query("ordre") == "desc"
    asked = Asked(
        since=day("du", 0),
        until=day("au", 1),  # the whole of the last day
        party=given["tiers"],
        least=amount("min"),
        most=amount("max"),
        channel=Channel(channel) if channel else None,
        order=ORDERS.get(order, ""),
        descending=descending,
    )
    return Filters(
        asked=asked,
        kept={name: text for name, text in given.items() if text},
        order=({"tri": order} if order else {}) | ({"ordre": "desc"} if descending else {}),
        wrong=tuple(wrong),
    )
