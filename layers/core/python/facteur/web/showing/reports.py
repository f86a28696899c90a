"""E-reporting in words: what a period is called, how a file stands, what a question asks."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from facteur.domain.ereporting.blocks import Category, Role
from facteur.domain.ereporting.calendar import Matter, Period, Regime, regime_on
from facteur.domain.ereporting.filings import (
    DECLARED,
    Filing,
    FilingState,
    LeftOut,
    Series,
    Settings,
    over,
)
from facteur.domain.ereporting.routes import Nature
from facteur.domain.events import Happened
from facteur.services.ereporting.periods import Row
from facteur.services.ereporting.waiting import Waiting
from facteur.web import i18n
from facteur.web.i18n import _
from facteur.web.showing import present
from facteur.web.showing.present import Badge

STATES = {
    FilingState.PREPARING: Badge("En préparation", "loader-2", "amber"),
    FilingState.CHECKING: Badge("Vérification en cours", "loader-2", "amber"),
    FilingState.OPEN: Badge("Période en cours", "calendar-event", "grey"),
    FilingState.EMPTY: Badge("Rien à déclarer", "circle-dashed", "grey"),
    FilingState.FAILED: Badge("Impossible à préparer", "alert-triangle", "red"),
    FilingState.INVALID: Badge("Refusée par les règles", "alert-circle", "red"),
    FilingState.READY: Badge("À envoyer", "file-export", "blue"),
    FilingState.SENDING: Badge("Envoi en cours", "loader-2", "amber"),
    FilingState.NOT_SENT: Badge("Non partie", "alert-triangle", "red"),
    FilingState.SENT: Badge("Envoyée", "progress", "blue"),
    FilingState.ACKNOWLEDGED: Badge("Prise par la plateforme", "circle-check", "green"),
    FilingState.ACCEPTED: Badge("Déposée à l’administration", "circle-check", "green"),
    FilingState.REJECTED: Badge("Rejetée", "circle-x", "red"),
    FilingState.ELSEWHERE: Badge("Déclarée ailleurs", "circle-check", "grey"),
}
REGIMES = {
    Regime.MONTHLY: "Réel normal mensuel",
    Regime.QUARTERLY: "Réel normal trimestriel",
    Regime.SIMPLIFIED: "Réel simplifié",
    Regime.EXEMPT: "Franchise en base",
}
CATEGORIES = {
    Category.GOODS: "Biens (TLB1)",
    Category.SERVICES: "Services (TPS1)",
    Category.UNTAXED: "Non soumis en France (TNT1)",
    Category.MARGIN: "Régime de la marge (TMA1)",
}
NATURES = {
    Nature.GOODS: "Des biens",
    Nature.SERVICES: "Des services",
    Nature.MIXED: "Les deux",
}
#: French rates that a buyer may owe (CGI 278 to 281 nonies; 294, 296 for the departments).
RATES = tuple(Decimal(one) for one in ("20", "10", "8.5", "5.5", "2.1", "1.75", "1.05"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the calendar, as it is shown."""

    row: Row
    title: str
    badge: Badge
    late: bool


def title(series: Series) -> str:
    """« Ventes », « Achats », « Encaissements »."""
    if series.period.matter is Matter.PAYMENTS:
        return _("Encaissements")
    return _("Ventes") if series.role is Role.SELLER else _("Achats à l’étranger")


def span(series: Series) -> str:
    """« du 01/11/2026 au 10/11/2026 »."""
    period = series.period
    return _("du {start} au {end}").format(start=i18n.day(period.start), end=i18n.day(period.end))


def named(name: str) -> str:
    """« Ventes du 01/10/2026 au 31/10/2026 », of a series' or a filing's name as the journal
    keeps it (``transactions-20261001-20261031-SE``); a name of another form is given back."""
    parts = name.split("-")
    try:
        matter, start, end = Matter(parts[0]), *(date.fromisoformat(one) for one in parts[1:3])
        period = Period(matter=matter, start=start, end=end, due=end)
        series = Series(period=period, role=Role(parts[3]))
    except (ValueError, IndexError):
        return name
    return f"{title(series)} {span(series)}"


def badge(series: Series, filing: Filing | None, today: date) -> Badge:
    """How a period stands."""
    if filing is None:
        if over(series, today):
            return Badge(_("À préparer"), "circle-dashed", "grey")
        if today < series.period.start:
            return Badge(_("À venir"), "calendar-event", "grey")
        return Badge(_("Période en cours"), "calendar-event", "grey")
    if filing.outdated:
        return Badge(_("À rectifier"), "alert-triangle", "amber")
    if filing.state is FilingState.EMPTY and filing.left_out:
        return Badge(_("Réponses attendues"), "help-circle", "amber")
    held = STATES[filing.state]
    return Badge(_(held.label), held.icon, held.tone)


def undecided(series: Series, found: Waiting) -> str:
    """« 2 factures de la période attendent une décision »."""
    count = found.counts.get(series.id, 0)
    if series.period.matter is Matter.PAYMENTS:
        one = _("{n} facture encaissée attend une décision")
        many = _("{n} factures encaissées attendent une décision")
    else:
        one = _("{n} facture de la période attend une décision")
        many = _("{n} factures de la période attendent une décision")
    words = (many if count > 1 else one).format(n=count)
    return words if found.exact else _("Au moins {words}").format(words=words)


def list_of(series: Series) -> str:
    """Where the invoices that a period is made of are listed."""
    return (present.SALES if series.role is Role.SELLER else present.PURCHASES).path


def late_badge() -> Badge:
    """« En retard »."""
    return Badge(_("En retard"), "alert-triangle", "red")


def line(row: Row, today: date) -> Line:
    """A line of the calendar."""
    return Line(
        row=row,
        title=title(row.series),
        badge=badge(row.series, row.filing, today),
        late=row.left < 0 and not settled(row.filing),
    )


def settled(filing: Filing | None) -> bool:
    """True when nothing is left to do: declared, here or elsewhere, or nothing to declare."""
    if filing is None:
        return False
    nothing = filing.state is FilingState.EMPTY and not filing.left_out
    return nothing or filing.state in DECLARED or filing.state is FilingState.ELSEWHERE


def left_words(days: int) -> str:
    """« dans 3 jours », « aujourd’hui », « il y a 2 jours »."""
    if days == 0:
        return _("aujourd’hui")
    if days == 1:
        return _("demain")
    if days > 0:
        return _("dans {n} jours").format(n=days)
    words = _("il y a {n} jours") if days < -1 else _("il y a {n} jour")
    return words.format(n=-days)


#: Rules of the State's controls, as their messages name them.
_RULE = re.compile(r"\bG[1-8]\.\d{2}\b")


def advice(filing: Filing) -> tuple[str, ...]:
    """What to change in a file that was rejected, for each reason and rule that we know; what
    always helps where we know none; () for any other file.

    Reasons of 301 and 501: annexe 7 (V1.9) G7.18; rules: specifications of the DGFiP v3.2.
    """
    if filing.state is not FilingState.REJECTED or filing.failure is None:
        return ()
    values = filing.failure.values
    named = [one.strip() for one in values.get("reason", "").split(",")]
    named += _RULE.findall(values.get("message", ""))
    keys = ["IRR" if one.startswith("IRR_") else one for one in named if one]
    found = [i18n.sentence(f"ereporting.advice.{one}") for one in dict.fromkeys(keys)]
    return tuple(filter(None, found)) or (i18n.sentence("ereporting.advice.other"),)


_PLATFORM = ("Ok", "Error")


def answer_words(filing: Filing, place: int) -> str:
    """« accusé de la plateforme », « message de l’administration (300) »."""
    said = [
        one.event.values.get("what", "")
        for one in filing.history
        if one.event.name is Happened.REPORT_ANSWERED
    ]
    first = len(said) - len(filing.answers)  # the oldest of many are told and not kept
    what = said[first + place] if 0 <= first + place < len(said) else ""
    if what in _PLATFORM:
        return _("accusé de la plateforme")
    return _("message de l’administration ({code})").format(code=what)


def exempt(settings: Settings, series: Series) -> bool:
    """True for a period under the franchise: no VAT is due of what comes in."""
    return regime_on(settings.regimes, series.period.start) is Regime.EXEMPT


def rate(value: Decimal) -> str:
    """« 20 % », « 5,5 % »."""
    return f"{i18n.figure(value, decimals=0)}{i18n.NBSP}%"


def asks(one: LeftOut) -> frozenset[str]:
    """Which answers an invoice waits for, or was given, by the names of the form's fields."""
    names = {"nature", "rate", "imported", "tax_eur", "collected"}
    wanted = {fault.path for fault in one.faults} & names
    given = {name for name in names if getattr(one.answers, name) is not None and not one.faults}
    if not collected_of(one):  # said, and taken back
        given.discard("collected")
    return frozenset(wanted | given)


def collected_of(one: LeftOut) -> Decimal | None:
    """The sum that is asked about (far beyond the invoice), or that was said to be right."""
    asked = [fault.values.get("amount", "") for fault in one.faults if fault.path == "collected"]
    return Decimal(asked[0]) if asked and asked[0] else one.answers.collected


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund that another period must tell, and the collections that it may take back."""

    day: date
    choices: tuple[date, ...]
    told_on: date | None = None  # what the company said of it


def refunds_of(one: LeftOut) -> tuple[Refund, ...]:
    """The refunds of an invoice that wait for an answer, then those that were given one."""
    asked = [
        date.fromisoformat(fault.values["day"])
        for fault in one.faults
        if fault.path == "refund" and "day" in fault.values
    ]
    said = {held.day: held.told_on for held in one.answers.refunds}
    return tuple(
        Refund(
            day=day,
            choices=tuple(paid for paid in one.paid_on if paid < day),
            told_on=said.get(day),
        )
        for day in dict.fromkeys((*asked, *sorted(said)))
    )
