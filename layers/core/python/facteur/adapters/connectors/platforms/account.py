"""One account at one platform: each call carries its token, renewed once when it is refused."""

from collections.abc import Mapping
from dataclasses import replace

from facteur.adapters.connectors.http import Answer, Http, Request, expect
from facteur.adapters.connectors.platforms.tokens import Tokens
from facteur.ports import CallLog


class Account:
    """Who calls: the token, and the headers that this platform wants with each call."""

    def __init__(
        self, http: Http, tokens: Tokens, log: CallLog, headers: Mapping[str, str] | None = None
    ) -> None:
        self._http, self._tokens, self._log = http, tokens, log
        self._headers = dict(headers or {})

    def ask(self, request: Request) -> Answer:
        """The answer of a call that succeeded; the errors of ports.Platform for the others.

        A call that was refused for its token was not taken, whatever it was: it is made again.
        """
        token = self._tokens.bearer()
        answer = self._http.ask(self._signed(request, token), self._log)
        if answer.status == 401:
            token = self._tokens.bearer(instead_of=token)
            answer = self._http.ask(self._signed(request, token), self._log)
        return expect(answer)

    def _signed(self, request: Request, token: str) -> Request:
        signed = {**request.headers, **self._headers, "Authorization": f"Bearer {token}"}
        return replace(request, headers=signed)
