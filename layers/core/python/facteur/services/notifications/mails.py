"""Mails of ours: three templates in a folder (subject, text, HTML), rendered with the same values.

What is rendered goes to one person, and nothing in it was typed by a stranger without being
escaped in the HTML; line breaks never reach a header (the subject is put on one line, and the
mailer refuses others). A link starts with the installation's own address.
"""

import logging
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from facteur.domain.french import day, money
from facteur.ports import Context, Mail, MailFile

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(money=money, day=day)
    return made


def link(context: Context, path: str, **query: str) -> str:
    """The whole address of a page of this installation."""
    given = f"?{urlencode(query)}" if query else ""
    return f"{context.site_url}{quote(path)}{given}"


def send(
    which: str,
    to: str,
    context: Context,
    /,
    files: tuple[MailFile, ...] = (),
    **values: object,
) -> bool:
    """Render the mail ``templates/mails/<which>`` and send it; errors are the mailer's.

    False, and nothing is sent, to an address whose mails come back for good or whose owner
    complained: whoever may be told is told before (mailing.py). ``unsubscribe`` among the
    values also becomes the mail's header. ``alert``: not one to ignore.
    """
    if context.notifications.mailing(to).blocked:
        log.warning("the mail %s is not sent: its address takes none", which)
        return False
    shown = {"support": context.support, "firm": "", "unsubscribe": "", "alert": False, **values}

    def rendered(part: str) -> str:
        return _environment().get_template(f"mails/{which}/{part}").render(shown)

    context.mailer.send(
        Mail(
            to=to,
            subject=" ".join(rendered("subject.txt").split()),
            text=rendered("text.txt").strip() + "\n",
            html=rendered("html.html"),
            sender_name=_shown_as(str(values.get("firm", ""))),
            unsubscribe=str(shown["unsubscribe"]),
            files=files,
        )
    )
    return True


def _shown_as(name: str) -> str:
    """Who a mail seems to come from: names are typed by whoever signs up, so none stands alone."""
    return f"{name} (via Facteur)" if name else "Facteur"
