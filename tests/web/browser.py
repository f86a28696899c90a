"""A browser without scripts, for the pages' tests: it keeps cookies, follows nothing by itself.

Requests go through Chalice's own local gateway to the real routes and services; only what reads
and checks documents is fake (tests/services/world.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import lxml.html
from chalice import Chalice
from chalice.config import Config
from chalice.local import LocalGateway
from facteur.domain.candidate import Candidate
from facteur.domain.documents import (
    Channel,
    Conversion,
    Direction,
    Document,
    Source,
    State,
    StoredFile,
    Summary,
    Verdict,
)
from facteur.domain.dossiers import Member, Role
from facteur.domain.events import Event, Happened, chained
from facteur.domain.serial import dumps
from facteur.ports import Changes, Person
from facteur.services import signing_in
from facteur.web import routes
from facteur.web.site import Site
from facteur.web.visit import SESSION_COOKIE

from tests.services.world import World

FORM = "application/x-www-form-urlencoded"
PASSWORD = "juste"


@dataclass
class FakeIdentity:
    """Knows one password."""

    subject: str = "u1"

    def sign_in(self, email: str, password: str) -> Person | None:
        known = password == PASSWORD
        return Person(subject=self.subject, email=email, name="Anne") if known else None

    def create(self, email: str, name: str, password: str) -> Person:
        raise AssertionError("no page creates a user")


@dataclass
class Reply:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: str
    cookies: tuple[str, ...] = ()

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    @property
    def page(self) -> Any:
        """The page, parsed."""
        return lxml.html.fromstring(self.body)

    @property
    def text(self) -> str:
        """What is read on the page, spaces folded."""
        return " ".join(self.page.text_content().split())

    def one(self, selector: str) -> Any:
        """The only element that this XPath finds."""
        (found,) = self.page.xpath(selector)
        return found


@dataclass
class Browser:
    """Somebody before the pages."""

    world: World
    base: str = ""
    secure: bool = False
    jar: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.with_(identity=FakeIdentity())
        app = Chalice(app_name="web")
        routes.register(app, self.site)
        self._gateway = LocalGateway(app, Config())

    def site(self) -> Site:
        scheme = "https" if self.secure else "http"
        return Site(
            context=self.world.context,
            site_url=f"{scheme}://facteur.test{self.base}",
            static_path="/static/0123456789ab",
            support_email="aide@facteur.test",
            support_phone="01 23 45 67 89",
        )

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        sent = {"accept": "*/*", **(headers or {})}
        if self.jar:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        answer = self._gateway.handle_request(method, path, sent, body)
        several = answer.get("multiValueHeaders") or {}
        cookies = tuple(several.get("Set-Cookie", ()))
        for one in cookies:
            for name, morsel in SimpleCookie(one).items():
                self.jar[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.jar[name]
        named = {name.lower(): str(value) for name, value in answer["headers"].items()}
        content = answer["body"]
        text = content if isinstance(content, str) else content.decode()
        return Reply(answer["statusCode"], named, text, cookies)

    def get(self, path: str, **headers: str) -> Reply:
        return self.request("GET", path, headers=_named(headers))

    def post(
        self,
        path: str,
        form: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        *,
        csrf: str | None = None,
        **headers: str,
    ) -> Reply:
        """Send a form with the session's own token, unless another is given."""
        pairs = list(form.items()) if isinstance(form, Mapping) else list(form)
        pairs.append(("csrf", self.csrf if csrf is None else csrf))
        sent = {"content-type": FORM, **_named(headers)}
        return self.request("POST", path, urlencode(pairs).encode(), sent)

    @property
    def csrf(self) -> str:
        """The token that this browser's forms carry."""
        session = signing_in.session(self.jar.get(SESSION_COOKIE, ""), self.world.context)
        return session.csrf if session else self.jar.get("facteur_form", "")

    def sign_in(self) -> "Browser":
        """Sign in without the form."""
        token, _session = signing_in.sign_in(
            "anne@delorme.example", PASSWORD, address="", context=self.world.context
        )
        self.jar[SESSION_COOKIE] = token
        return self

    def as_role(self, role: Role) -> "Browser":
        """Somebody else of the same dossier, with that role, signed in."""
        other = Browser(self.world)
        store = self.world.context.store
        member = Member(
            dossier=self.world.dossier,
            user="u2",
            email="b@delorme.example",
            name="Basile",
            role=role,
        )
        members = (member,)

        class WithRole:
            """The store, where this user has this role."""

            def __getattr__(self, name: str) -> Any:
                return getattr(store, name)

            def members_of(self, user: str) -> tuple[Member, ...]:
                return members if user == "u2" else store.members_of(user)

        self.world.with_(store=WithRole(), identity=FakeIdentity("u2"))
        other.world.with_(identity=FakeIdentity("u2"))
        return other.sign_in()


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def keep(
    world: World,
    state: State,
    *,
    candidate: Candidate | None = None,
    pages: int = 0,
    files: Mapping[str, bytes] | None = None,
    direction: Direction = Direction.PURCHASE,
    summary: Summary | None = None,
    **changes: Any,
) -> Document:
    """Put a document in the store, in any state, with its files."""
    context = world.context
    name = context.ids.new()
    held: dict[str, StoredFile] = {}

    def put(role: str, data: bytes, kind: str, filename: str) -> None:
        key = f"{world.dossier}/{name}/{role}"
        held[role] = context.blobs.put(key, data, kind, filename=filename)

    put("original", b"%PDF-1.7 " + name.encode(), "application/pdf", "facture.pdf")
    if candidate is not None:
        put("candidate", dumps(candidate), "application/json", "candidat.json")
    for number in range(1, pages + 1):
        put(f"page-{number}", f"{name}{number}".encode(), "image/webp", "")
    for role, data in (files or {}).items():
        put(role, data, "application/xml", f"{role}.xml")
    now = world.clock.now()
    source = Source(channel=Channel.MAIL, at=now, sender="compta@vasseur.example")
    converted = state in (State.TO_ACCEPT, State.ACCEPTED, State.ARCHIVED)
    conversion = Conversion(profile="EN 16931", road="repaired", pdfa=True, verdict=Verdict.VALID)
    fields: dict[str, Any] = {
        "dossier": world.dossier,
        "id": name,
        "direction": direction,
        "state": state,
        "received_at": now,
        "filename": "facture.pdf",
        "media_type": "application/pdf",
        "sha256": held["original"].sha256,
        "size": held["original"].size,
        "sources": (source,),
        "files": held,
        "pages": pages,
        "summary": summary or Summary(),
        "conversion": conversion if converted else None,
        **changes,
    }
    event = Event(
        name=Happened.DOCUMENT_RECEIVED,
        at=now,
        values={"channel": "mail", "filename": "facture.pdf"},
    )
    entries = chained((event,), length=0, last="")
    document = Document(**fields, events=1, chain=entries[0].hash)
    return context.store.commit(Changes(document=document, entries=entries))
