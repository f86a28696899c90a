"""A browser without scripts, for the pages' tests: it keeps cookies, follows nothing by itself.

Requests go through Chalice's own local gateway to the real routes and services; only what reads
and checks documents is fake (tests/services/world.py).
"""

import functools
import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
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
from facteur.ports import Changes, Mail, PeopleChanges, Person, SecondFactor, TotpSetup
from facteur.services.access import signing_in
from facteur.web import routes
from facteur.web.site import Site
from facteur.web.visit import FORM_COOKIE, SESSION_COOKIE

from tests.services.world import World

FORM = "application/x-www-form-urlencoded"
PASSWORD = "juste"
CODE = "123456"


@dataclass
class FakeIdentity:
    """Knows one password, and whoever it was told to know by address."""

    subject: str = "u1"
    known: dict[str, Person] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def sign_in(self, email: str, password: str) -> Person | SecondFactor | None:
        person = self.known.get(email)
        if person is None:
            known = password == PASSWORD
            return Person(subject=self.subject, email=email, name="Anne") if known else None
        if self.passwords.get(email) != password:
            return None
        return SecondFactor(email=email, state="s") if person.second_factor else person

    def second_factor(self, asked: SecondFactor, code: str) -> Person | None:
        return self.known[asked.email] if code == CODE else None

    def find(self, email: str) -> Person | None:
        return self.known.get(email)

    def create(self, email: str, name: str, password: str) -> Person:
        made = Person(subject=f"u-{len(self.known) + 10}", email=email, name=name)
        self.known[email], self.passwords[email] = made, password
        return made

    def set_password(self, email: str, password: str) -> None:
        self.passwords[email] = password

    def start_totp(self, email: str, password: str) -> TotpSetup | None:
        right = self.passwords.get(email) == password
        return TotpSetup(secret="JBSWY3DPEHPK3PXP", state="jeton") if right else None

    def confirm_totp(self, email: str, setup: TotpSetup, code: str) -> bool:
        if code != CODE:
            return False
        self.known[email] = replace(self.known[email], second_factor=True)
        return True

    def remove_totp(self, email: str) -> None:
        self.known[email] = replace(self.known[email], second_factor=False)


@dataclass
class Letters:
    """The mails that were sent, in order."""

    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.sent.append(mail)

    def link(self) -> str:
        """The path of the last mail's link, without the site's origin."""
        found = re.search(r"https?://[^/\s]+(/\S*jeton=\S+)", self.sent[-1].text)
        assert found is not None, self.sent[-1].text
        return found[1]


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
        held = self.world.context.identity
        if not (isinstance(held, FakeIdentity) and held.known):  # whoever signed up stays known
            self.world.with_(identity=FakeIdentity())

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
        visiting = _visitor.set(self)
        try:
            answer = _gateway().handle_request(method, path, sent, body)
        finally:
            _visitor.reset(visiting)
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
        named = self.site().cookie
        session = signing_in.session(self.jar.get(named(SESSION_COOKIE), ""), self.world.context)
        return session.csrf if session else self.jar.get(named(FORM_COOKIE), "")

    def sign_in(self) -> "Browser":
        """Sign in without the form."""
        opened = signing_in.sign_in(
            "anne@delorme.example", PASSWORD, address="", context=self.world.context
        )
        assert isinstance(opened, signing_in.Opened)
        self.jar[self.site().cookie(SESSION_COOKIE)] = opened.token
        return self

    def as_role(self, role: Role) -> "Browser":
        """Somebody else of the same dossier, with that role, signed in."""
        member = Member(
            dossier=self.world.dossier,
            user="u2",
            email="b@delorme.example",
            name="Basile",
            role=role,
        )
        self.world.context.people.commit(PeopleChanges(members=(member,)))
        other = Browser(self.world)
        other.world.with_(identity=FakeIdentity("u2"))
        return other.sign_in()


#: Who asks: the gateway's pages are those of this browser's world.
_visitor: ContextVar[Browser] = ContextVar("visitor")


@functools.cache
def _gateway() -> LocalGateway:
    """The routes, registered once for all browsers: they take as long as a page does."""
    app = Chalice(app_name="web")
    routes.register(app, lambda: _visitor.get().site())
    return LocalGateway(app, Config())


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
