"""The Jinja2 environment of the pages: autoescaping, strict, with our filters.

A page template extends ``layout.html``; its parts (``_….html``) are included by it and rendered
alone when htmx asks for a fragment. An undefined name is an error, found by the tests.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from facteur.domain import declaring
from facteur.domain.candidate import TYPE_CODES
from facteur.web import i18n
from facteur.web.showing import badges, declared, present, stops
from facteur.web.showing.icons import ICONS

HERE = Path(__file__).parent


@cache
def environment() -> Environment:
    """The environment, made once per process and only when a page is first asked for."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    made.install_gettext_translations(i18n.TRANSLATIONS)  # type: ignore[attr-defined]
    made.filters.update(
        money=i18n.money,
        figure=i18n.figure,
        day=i18n.day,
        moment=i18n.clock_time,
        size=i18n.size,
        fault=i18n.fault_text,
        sentence=i18n.sentence,
    )
    made.globals.update(
        state=present.state,
        channel=present.channel,
        accounting=present.accounting,
        payment=present.payment,
        event=present.event,
        kind=present.kind,
        invoice_kinds=frozenset(TYPE_CODES),
        verdict=present.verdict,
        reform=present.reform,
        title=present.title,
        declared_choices=declared.choices,
        declared_difference=declaring.difference,
        label=present.label,
        party_of=present.other_party,
        beside_state=badges.beside_state,
        status_trouble=badges.status_trouble,
        may_speak=badges.may_speak,
        pages_text=present.pages_text,
        why_waits=stops.why_waits,
        said_lately=stops.said_lately,
    )
    return made


def icon(sprite: str, name: str, label: str = "") -> Markup:
    """An icon of the sprite; decorative without a label, an image with a name with one."""
    if name not in ICONS:
        raise KeyError(name)
    named = (
        Markup('role="img" aria-label="{}"').format(label)
        if label
        else Markup('aria-hidden="true"')
    )
    return Markup('<svg class="icon" {} focusable="false"><use href="{}#{}"/></svg>').format(
        named, sprite, name
    )
