"""What a visitor does after a deployment, step by step: `rehearse.py` calls these in order.

Each step raises WalkError when a page is not what it must be, and returns what the next one needs.
"""

import json
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from infrastructure.browser import Browser, Page, WalkError, fetched, sent_to_s3


def follow_sign_in_page(browser: Browser) -> Sequence[str]:
    """Open the site: it asks to sign in, and each of its links answers under the base path."""
    page = browser.open(f"{browser.base}/").must_be(200)
    followed = []
    for link in page.parts.links:
        answer = browser.open(link)
        if answer.status != 200:
            msg = f"{link} answers {answer.status}: {answer.text[:200]}"
            raise WalkError(msg)
        followed.append(link)
    if not any("/static/" in one and one.endswith(".css") for one in followed):
        msg = f"no style sheet among {followed}"
        raise WalkError(msg)
    return followed


def sign_in(browser: Browser, email: str, password: str) -> Page:
    """Sign in through the form; the page that follows."""
    asked = browser.open(f"{browser.base}/").parts
    form = {**asked.hidden, "email": email, "password": password}
    home = browser.open(asked.action, form).must_be(200)
    if 'type="password"' in home.text:
        msg = f"could not sign in: {home.text[:1000]}"
        raise WalkError(msg)
    return home


def find(browser: Browser, home: Page, numbers: Iterable[str]) -> None:
    """Follow the menu to the purchases: each invoice's number stands there."""
    purchases = [one for one in home.parts.links if one.endswith("/achats")]
    if not purchases:
        msg = f"no link to the purchases among {home.parts.links}"
        raise WalkError(msg)
    listed = browser.open(purchases[0]).must_be(200)
    missing = [one for one in numbers if one not in listed.text]
    if missing:
        msg = f"{missing} not on {listed.path}"
        raise WalkError(msg)


def download(browser: Browser, document: str, role: str) -> bytes:
    """Download a file of a document: the site leads to S3, by a presigned link."""
    path = f"{browser.base}/factures/{document}/fichiers/{role}"
    link = browser.once(path)
    if link.status not in (302, 303):
        msg = f"{path} answers {link.status}: {link.text[:500]}"
        raise WalkError(msg)
    place = link.headers["location"]
    answer = fetched(urlsplit(place).path, place, None, {})
    if answer.status != 200:
        msg = f"{place} answers {answer.status}: {answer.text[:500]}"
        raise WalkError(msg)
    return answer.content


def accept(browser: Browser, document: str) -> None:
    """Accept a document by its page's form."""
    page = browser.open(f"{browser.base}/factures/{document}").must_be(200)
    given = page.parts.hidden
    form = {"csrf": given["csrf"], "version": given["version"], "action": "accept"}
    browser.open(f"{browser.base}/factures/{document}", form).must_be(200)


def upload(browser: Browser, key: str, filename: str, data: bytes) -> str:
    """Send a file as a program does, with the dossier's key; the document that it becomes."""
    asked = {"filename": filename, "size": len(data)}
    answer = browser.call(f"{browser.base}/api/v1/documents", key, asked)
    answer.must_be(201, "application/json")
    form = json.loads(answer.text)
    stored = sent_to_s3(form["url"], form["fields"], filename, data)
    if stored.status not in (200, 201, 204):
        msg = f"S3 answers {stored.status}: {stored.text[:500]}"
        raise WalkError(msg)
    return str(form["document"])
