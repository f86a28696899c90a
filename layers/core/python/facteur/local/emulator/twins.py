"""Accounts made like another one, at once: for tests, which want a whole platform each.

Creating the resources of platform.yaml takes some sixty calls, each signed, sent, parsed and
answered: more work than most tests do on them. An emulator started with `twins` also answers

    POST /_facteur/twins    {"of": account, "names": {old: new, …}, "forget": [account, …]}

It photographs the account `of` when it is first asked for, and gives what the photograph shows to
another account: `names` says what each name in it becomes, the account's number among them, old
and new of the same length. Accounts to `forget` go, so that a long session stays quick: the
emulator walks the resources of everybody to find those of one.

`make run` never asks for it, and without `twins` the path does not exist.
"""
# ruff: noqa: PLC0415 - ministack reads the environment when imported: never at our import
# ruff: noqa: SLF001 - a pinned release is reached into from the outside; tests watch the names

import json
import pickle
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/_facteur/twins"


class Twins:
    """Photographs accounts of the emulator and makes others like them."""

    def __init__(self) -> None:
        self._photographs: dict[str, bytes] = {}

    def answering(self, application: Application) -> Application:
        """Return the application, which also answers requests for twins (ASGI)."""

        async def twins(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] != PATH:
                await application(scope, receive, send)
                return
            asked = json.loads(await _body(receive))
            self.forget(asked["forget"])
            self.make(asked["of"], asked["names"])
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        return twins

    def make(self, account: str, names: Mapping[str, str]) -> None:
        """Give what an account holds to the account that `names` makes of its number.

        ValueError when a name changes its length: the photograph is searched as bytes.
        """
        if account not in self._photographs:
            self._photographs[account] = pickle.dumps(list(_held(account)))
        photograph = self._photographs[account]
        for old, new in names.items():
            if len(old.encode()) != len(new.encode()):
                msg = f"{old!r} and {new!r} differ in length"
                raise ValueError(msg)
            photograph = photograph.replace(old.encode(), new.encode())
        # Our own bytes, never anybody's else: nothing foreign is ever loaded.
        for module, name, key, value in pickle.loads(photograph):  # noqa: S301
            getattr(sys.modules[module], name)._data[key] = value

    def forget(self, accounts: list[str]) -> None:
        """Remove whatever these accounts hold."""
        gone = set(accounts)
        if not gone:
            return
        for _module, _name, store in _stores():
            for key in [one for one in store._data if one[0] in gone]:
                del store._data[key]


def _held(account: str) -> Iterator[tuple[str, str, Any, Any]]:
    """What an account holds: (module, name of the store in it, key, value)."""
    for module, name, store in _stores():
        for key, value in store._data.items():
            if key[0] == account:
                yield module, name, key, value


def _stores() -> Iterator[tuple[str, str, Any]]:
    """The stores of the services that were imported: (module, name, store), each once."""
    from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

    kinds, seen = (AccountScopedDict, AccountRegionScopedDict), set()
    for module in [name for name in sys.modules if name.startswith("ministack.services.")]:
        for name, one in list(vars(sys.modules[module]).items()):
            if isinstance(one, kinds) and id(one) not in seen:
                seen.add(id(one))
                yield module, name, one


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        event = await receive()
        body += bytes(event.get("body", b""))
        if not event.get("more_body"):
            return body
