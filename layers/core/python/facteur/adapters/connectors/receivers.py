"""The Receivers port: webhooks out, by the same bounded client as platforms are asked by."""

from collections.abc import Mapping

from facteur.adapters.connectors.http import Http, Request
from facteur.ports import Receivers

SECONDS = 10.0
_MOST_ANSWER = 64 * 1024


class HttpReceivers(Receivers):
    """Implements facteur.ports.Receivers."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def call(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST a JSON body once; the status that came back."""
        request = Request(
            method="POST",
            url=url,
            headers={"Content-Type": "application/json", **headers},
            body=body,
            most=_MOST_ANSWER,
            seconds=SECONDS,
        )
        return self._http.ask(request, lambda _call: None).status
