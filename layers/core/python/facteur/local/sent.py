"""« Courriels envoyés »: what Facteur would have mailed, on the laptop, where nothing leaves.

The emulator's SES keeps every mail that the functions send, until it stops; ``Kept`` writes the
last ones beside the platform's data, so that a link can still be followed after a Ctrl-C. This
page of the local gateway shows them, newest first. It is part of no package: in the cloud SES
delivers. Served on 127.0.0.1 only, like everything local, and to no page of another site (the
mails hold links that open accounts; their file is readable by its owner alone).
"""

import html
import json
import logging
import re
import threading
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from facteur.web import i18n

log = logging.getLogger(__name__)

PATH = "/courriels-envoyes"
MOST = 100
MOST_TEXT = 20_000  # characters kept of one mail
_FIELDS = ("MessageId", "Timestamp", "To", "Subject", "BodyText")
_LINK = re.compile(r"https?://[^\s<>\"]+")
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#16232e}"
    "article{border:1px solid #dbe2e8;border-radius:10px;padding:1rem 1.25rem;margin:1rem 0}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:.75rem 0 0}"
    "h2{font-size:1.1rem;margin:0}p{margin:.25rem 0}small{color:#4b5a67}"
)

Mails = Callable[[], list[Mapping[str, Any]]]


def mails_of(endpoint: str, account: str) -> Mails:
    """What the emulator's SES sent for an account, oldest first."""

    def read() -> list[Mapping[str, Any]]:
        address = f"{endpoint}/_ministack/ses/messages?account={account}"
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our emulator
            return _records(json.load(answer), account)

    return read


def _records(body: Any, account: str) -> list[Mapping[str, Any]]:
    found = body.get("messages", body) if isinstance(body, dict) else body
    if isinstance(found, dict):
        found = found.get(account, [])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


class Kept:
    """The last mails, those of former starts too: in a file, ``MOST`` of them."""

    def __init__(self, file: Path, mails: Mails) -> None:
        self._file, self._mails = file, mails
        self._lock = threading.Lock()

    def read(self) -> list[Mapping[str, Any]]:
        """What was sent, oldest first; kept by the way. The emulator away: what the file has."""
        with self._lock:
            before = self._held()
            try:
                now = self._mails()
            except (OSError, ValueError) as error:  # it is starting, or stopping
                log.info("the emulator does not tell what it sent: %s", error)
                return before
            known = {_name(one): one for one in before}
            known |= {_name(one): _short(one) for one in now}
            last = sorted(known.values(), key=lambda one: float(one.get("Timestamp", 0)))[-MOST:]
            if last != before:
                self._write(last)
            return last

    def _held(self) -> list[Mapping[str, Any]]:
        try:
            return _records(json.loads(self._file.read_text(encoding="utf-8")), "")
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:  # a page that shows mails is no reason to stop
            log.warning("%s cannot be read: %s", self._file, error)
            return []

    def _write(self, mails: list[Mapping[str, Any]]) -> None:
        fresh = self._file.with_suffix(".tmp")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({"messages": mails}, ensure_ascii=False), encoding="utf-8")
        fresh.replace(self._file)


def _name(mail: Mapping[str, Any]) -> str:
    """What tells one mail from another, also where the emulator gives it no identifier."""
    known = str(mail.get("MessageId", ""))
    return known or f"{mail.get('Timestamp')} {mail.get('To')} {mail.get('Subject')}"


def _short(mail: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = {name: mail[name] for name in _FIELDS if name in mail}
    return {**kept, "BodyText": str(kept.get("BodyText") or "")[:MOST_TEXT]}


def page(mails: Mails) -> tuple[int, dict[str, str], bytes]:
    """The page: status, headers, body."""
    found = list(reversed(mails()))[:MOST]
    nothing = (
        "<p>Aucun courriel pour l’instant. Un lien perdu se renvoie de la page qui l’a "
        "demandé.</p>"
    )
    articles = "".join(_article(one) for one in found) or nothing
    body = (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Courriels envoyés · Facteur</title><style>{_STYLE}</style></head><body>"
        '<p><a href="/">Revenir à Facteur</a></p>'
        "<h1>Courriels envoyés</h1><p>Sur cette machine, rien ne part : voici les derniers "
        f"messages que Facteur aurait envoyés ({MOST} au plus), les plus récents d’abord.</p>"
        f"<main>{articles}</main></body></html>"
    )
    return 200, dict(_HEADERS), body.encode()


def _article(mail: Mapping[str, Any]) -> str:
    at = datetime.fromtimestamp(float(mail.get("Timestamp", 0)), UTC)
    to = ", ".join(str(one) for one in mail.get("To", ()))
    text = html.escape(str(mail.get("BodyText", "")))
    linked = _LINK.sub(lambda one: f'<a href="{one[0]}">{one[0]}</a>', text)
    subject = html.escape(str(mail.get("Subject", "")))
    told = f"À {html.escape(to)} · {i18n.clock_time(at)}"
    return f"<article><h2>{subject}</h2><small>{told}</small><pre>{linked}</pre></article>"
