"""Any platform that speaks the AFNOR interface (XP Z12-013): flows, webhooks, directory.

Written for 1.3.0 and tolerant of 1.2.0; nothing on the wire says which one it is. What differs
from platform to platform stands in the registry as data (registry.py, quirks.py). Times are the
platform's: nothing here compares its clock with ours.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.message import Message
from typing import Any
from urllib.parse import quote, urlencode

from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

from facteur.adapters.connectors.http import MOST_JSON, Answer, Request, broken
from facteur.adapters.connectors.platforms import afnor_json
from facteur.adapters.connectors.platforms.account import Account
from facteur.adapters.connectors.platforms.walking import Walk, walk_of
from facteur.domain.errors import NotFoundError, RefusedByPlatformError
from facteur.domain.flows import (
    DirectoryLine,
    Flow,
    FlowDirection,
    FlowFile,
    FlowPage,
    FlowView,
    LegalUnit,
    OutgoingFlow,
)
from facteur.formats.afnor_served import time_json

PAGE = 100  # the most that a search gives
MOST_FILE = 100 * 1024 * 1024  # the most that a flow carries
_FILE_SECONDS = 180.0
_MOST_FOUND = 10  # pages of one tracking id, or of one company's addresses
_FILES = "application/octet-stream, application/pdf, application/xml, */*"


class AfnorPlatform:
    """Implements facteur.ports.Platform."""

    settles = timedelta()  # a flow is found by its tracking id as soon as it is taken

    def __init__(self, account: Account, flow_url: str, directory_url: str = "") -> None:
        """Both addresses without ``/v1``."""
        self._account, self._flows, self._directory = account, flow_url, directory_url

    def check(self) -> None:
        """A token, then the health; a platform without a health check is searched instead."""
        try:
            self._get("/v1/healthcheck")
        except NotFoundError:
            self._search({"trackingId": "facteur-check"}, limit=1)

    def submit(self, flow: OutgoingFlow) -> Flow:
        """Send once: only what was surely not taken (401, 429) is sent again."""
        body, kind = _multipart(flow)
        answer = self._account.ask(
            Request(
                method="POST",
                url=self._flows + "/v1/flows",
                headers={"Content-Type": kind},
                body=body,
                seconds=_FILE_SECONDS,
            )
        )
        taken = afnor_json.submitted_of(answer.json(), flow)
        if taken is None:
            raise broken(answer, "no flowId")
        return taken

    def find(self, tracking_id: str) -> tuple[Flow, ...]:
        """The flows sent with this tracking id, oldest first."""
        found: dict[str, Flow] = {}
        cursor = ""
        for _page in range(_MOST_FOUND):
            body, flows = self._search({"trackingId": tracking_id}, cursor=cursor)
            found.update({one.id: one for one in flows if one.tracking_id == tracking_id})
            cursor = _cursor(body)
            if not cursor:
                break
        return tuple(sorted(found.values(), key=lambda one: (one.submitted_at, one.id)))

    def search(
        self, *, updated_after: datetime, cursor: str = "", received_only: bool = False
    ) -> FlowPage:
        """Flows changed after a time, oldest first within a page; one may come twice."""
        walk = walk_of(cursor, updated_after)
        where: dict[str, Any] = {"flowDirection": [FlowDirection.IN]} if received_only else {}
        if walk.theirs:
            where["updatedAfter"] = time_json(walk.after)
            body, flows = self._search(where, cursor=walk.theirs, after=walk.after)
            return _page(flows, Walk(after=walk.after, theirs=_cursor(body)))
        return self._walked(walk, where)

    def flow(self, flow_id: str) -> Flow:
        """A flow as it stands; NotFoundError."""
        answer = self._get(f"/v1/flows/{_escaped(flow_id)}", docType=FlowView.METADATA)
        found = afnor_json.flow_of(answer.json())
        if found is None:
            raise broken(answer, "no flow")
        return found

    def file(self, flow_id: str, view: FlowView) -> FlowFile | None:
        """The bytes of a view; None when there is none, which each platform says in its way."""
        query = urlencode({"docType": view})
        request = Request(
            method="GET",
            url=f"{self._flows}/v1/flows/{_escaped(flow_id)}?{query}",
            headers={"Accept": _FILES},
            again=True,
            most=MOST_FILE,
            seconds=_FILE_SECONDS,
        )
        try:
            answer = self._account.ask(request)
        except NotFoundError:
            return None
        except RefusedByPlatformError:
            if view is FlowView.ORIGINAL:
                raise
            return None
        if not answer.body:
            return None
        kind = Message()
        kind["content-type"] = answer.headers.get("content-type", "application/octet-stream")
        kind["content-disposition"] = answer.headers.get("content-disposition", "")
        return FlowFile(
            data=answer.body, media_type=kind.get_content_type(), filename=kind.get_filename("")
        )

    def legal_unit(self, siren: str) -> LegalUnit | None:
        """A company; searched for where its own address is not known (seen at one platform)."""
        try:
            answer = self._look(f"/v1/siren/code-insee:{_escaped(siren)}")
            return afnor_json.legal_unit_of(answer.json())
        except NotFoundError:
            filters = {"siren": {"op": "strict", "value": siren}}
            listed, _more = self._listed("siren", filters, limit=1)
            found = [afnor_json.legal_unit_of(one) for one in listed]
        return next((one for one in found if one and one.siren == siren), None)

    def lines(self, siren: str) -> tuple[DirectoryLine, ...]:
        """The addresses of a company, by address."""
        found: dict[str, DirectoryLine] = {}
        start = 0
        for _page in range(_MOST_FOUND):
            listed, more = self._listed(
                "directory-line",
                {"siren": {"op": "strict", "value": siren}},
                limit=PAGE,
                ignore=start,
                include=["siren", "siret", "routingCode"],
                # 1.3.0 says « order », 1.2.0 « sortingOrder ».
                sorting=[
                    {
                        "field": "addressingIdentifier",
                        "order": "ascending",
                        "sortingOrder": "ascending",
                    }
                ],
            )
            known = len(found)
            lines = [line for one in listed if (line := afnor_json.line_of(one))]
            found.update({one.address: one for one in lines if one.siren == siren})
            start += len(listed)
            if not more or len(found) == known:
                break
        return tuple(found[address] for address in sorted(found))

    def line(self, address: str) -> DirectoryLine | None:
        """This very address."""
        include = urlencode({"include": "siren,siret,routingCode"}, safe=",")
        try:
            answer = self._look(f"/v1/directory-line/code:{_escaped(address)}?{include}")
        except NotFoundError:
            return None
        found = afnor_json.line_of(answer.json()) if answer.body else None
        return found if found and found.address == address else None

    def subscribe(self, callback_url: str) -> tuple[str, str]:
        """Ask for a call at each change, whatever its type and direction."""
        answer = self._post("/v1/webhooks", {"callbackUrl": callback_url}, again=False)
        body = answer.json()
        webhook = body.get("webhookId") if isinstance(body, dict) else None
        if not isinstance(webhook, str):
            raise broken(answer, "no webhookId")
        return webhook, str(body.get("signingKey") or "")

    def unsubscribe(self, webhook: str) -> None:
        """Stop being called."""
        try:
            self._account.ask(
                Request(
                    method="DELETE",
                    url=f"{self._flows}/v1/webhooks/{_escaped(webhook)}",
                    again=True,
                )
            )
        except NotFoundError:
            return

    def _walked(self, walk: Walk, where: dict[str, Any]) -> FlowPage:
        """The next page that is whole: a full one without a cursor is cut and asked for again."""
        windows = list(walk.windows)
        while windows:
            window = windows.pop(0)
            bounds = {"updatedAfter": time_json(window.after)}
            if window.before:
                bounds["updatedBefore"] = time_json(window.before)
            body, flows = self._search({**where, **bounds}, after=window.after)
            theirs = _cursor(body)
            if theirs and window.before is None and not windows:  # 1.3.0: its cursor leads on
                return _page(flows, Walk(after=window.after, theirs=theirs))
            halves = window.cut(flows) if theirs or _full(body) else None
            if halves is None:
                return _page(flows, Walk(after=walk.after, windows=tuple(windows)))
            windows[:0] = halves
        return FlowPage(flows=())

    def _search(
        self,
        where: Mapping[str, Any],
        *,
        cursor: str = "",
        limit: int = PAGE,
        after: datetime | None = None,
    ) -> tuple[Mapping[str, Any], list[Flow]]:
        asked: dict[str, Any] = {"limit": limit, "where": where}
        if cursor:
            asked["cursor"] = cursor
        answer = self._post("/v1/flows/search", asked, again=True)
        if answer.status == 204:
            return {}, []
        body = answer.json()
        listed = body.get("results") if isinstance(body, dict) else None
        if not isinstance(listed, list):
            raise broken(answer, "no results")
        flows = [afnor_json.flow_of(one, otherwise=after) for one in listed]
        return body, [one for one in flows if one]

    def _listed(
        self, what: str, filters: Mapping[str, Any], *, limit: int, ignore: int = 0, **more: Any
    ) -> tuple[list[Any], bool]:
        """(results of a directory search, whether there are others): none for 204 and 404.

        A platform may give fewer than asked: 206 (1.2.0) or its total tell of the others.
        """
        asked = {"filters": filters, "limit": limit, "ignore": ignore, **more}
        try:
            answer = self._account.ask(
                Request(
                    method="POST",
                    url=f"{self._directory}/v1/{what}/search",
                    headers={"Content-Type": "application/json"},
                    body=_json(asked),
                    again=True,
                )
            )
        except NotFoundError:
            return [], False
        if answer.status == 204 or not answer.body:
            return [], False
        body = answer.json()
        listed = body.get("results") if isinstance(body, dict) else None
        if not isinstance(listed, list):
            return [], False
        total = body.get("totalNumberOfResults")
        counted = isinstance(total, int) and total > ignore + len(listed)
        return listed, answer.status == 206 or counted or len(listed) >= limit

    def _look(self, path: str) -> Answer:
        url = self._directory + path
        return self._account.ask(Request(method="GET", url=url, again=True))

    def _get(self, path: str, **query: str) -> Answer:
        url = self._flows + path + ("?" + urlencode(query) if query else "")
        return self._account.ask(Request(method="GET", url=url, again=True, most=MOST_JSON))

    def _post(self, path: str, body: Any, *, again: bool) -> Answer:
        return self._account.ask(
            Request(
                method="POST",
                url=self._flows + path,
                headers={"Content-Type": "application/json"},
                body=_json(body),
                again=again,
            )
        )


def _page(flows: list[Flow], rest: Walk) -> FlowPage:
    ordered = sorted(flows, key=lambda one: (one.updated_at, one.id))
    return FlowPage(flows=tuple(ordered), cursor=rest.text())


def _cursor(body: Mapping[str, Any]) -> str:
    value = body.get("nextCursor")
    return value if isinstance(value, str) else ""


def _full(body: Mapping[str, Any]) -> bool:
    """True when a page holds as many flows as its limit, which may be lower than we asked."""
    limit = body.get("limit")
    most = limit if isinstance(limit, int) and 0 < limit < PAGE else PAGE
    if not isinstance(limit, int):
        most = 25  # the standard's own, where the answer does not say
    return len(body.get("results", ())) >= most


def _multipart(flow: OutgoingFlow) -> tuple[bytes, str]:
    """The body of a submission and its content type."""
    info = RequestField("flowInfo", _json(afnor_json.info_json(flow)))
    info.make_multipart(content_type="application/json")
    file = RequestField("file", flow.data, filename=flow.name)
    file.make_multipart(content_type=flow.media_type)
    return encode_multipart_formdata([info, file])


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _escaped(text: str) -> str:
    return quote(text, safe="")
