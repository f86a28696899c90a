"""People, mails and company registers: what their adapters promise, on the embedded platform."""

import email
import email.policy
import json
import urllib.error
import urllib.request
from dataclasses import replace
from typing import Any

import httpx
import pytest
from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.mailer import SesMailer
from facteur.adapters.aws.people import AwsPeople
from facteur.adapters.aws.sessions import AwsTickets
from facteur.adapters.aws.table import Table
from facteur.adapters.connectors.companies.recherche_entreprises import RechercheEntreprises
from facteur.adapters.connectors.companies.sandbox import AWAY, COMPANIES, SandboxCompanies
from facteur.domain.documents import Direction
from facteur.domain.dossiers import Dossier, Member, Permission, Role
from facteur.domain.errors import (
    DuplicateError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
    UnavailableError,
)
from facteur.domain.identifiers import is_siren
from facteur.domain.people import Firm, FirmMember, FirmRole, Link, LinkState
from facteur.local import sent
from facteur.ports import Mail, PeopleChanges, Ticket

from tests.adapters.conftest import NOW
from tests.emulator import Platform

DOSSIER = Dossier(id="d1", name="Acme", siren="300010006")
MANAGER = Member(dossier="d1", user="u1", email="a@a.example", name="Anne", role=Role.MANAGER)
FIRM = Firm(id="f1", name="Cabinet", siren="300030004")
LINK = Link(firm="f1", firm_name="Cabinet", dossier="d1", dossier_name="Acme", siren="300010006",
            state=LinkState.ACTIVE, role=Role.READER, since=NOW)  # fmt: skip
MAIL = Mail(to="a@a.example", subject="Été", text="Bonjour\n", html="<p>Bonjour</p>")


@pytest.fixture
def people(table: Table) -> AwsPeople:
    """The adapter."""
    return AwsPeople(table)


def test_a_dossier_is_made_once_with_its_members_and_mailboxes(people: AwsPeople) -> None:
    """All or nothing: a mailbox that another dossier has stops everything."""
    boxes = {"siren300010006@x.example": Direction.PURCHASE}
    people.commit(PeopleChanges(dossier=DOSSIER, members=(MANAGER,), mailboxes=boxes))
    assert people.member("d1", "u1") == MANAGER
    assert people.members("d1") == (MANAGER,)
    with pytest.raises(DuplicateError, match=r"dossier\.exists"):
        people.commit(PeopleChanges(dossier=DOSSIER))
    second = replace(DOSSIER, id="d2")
    with pytest.raises(DuplicateError, match=r"mailbox\.taken"):
        people.commit(
            PeopleChanges(
                dossier=second, members=(replace(MANAGER, dossier="d2"),), mailboxes=boxes
            )
        )
    assert people.members("d2") == ()


def test_two_people_cannot_change_the_members_at_once(people: AwsPeople) -> None:
    """Who read the dossier before somebody else wrote it is told so."""
    people.commit(PeopleChanges(dossier=DOSSIER, members=(MANAGER,)))
    read = replace(DOSSIER, version=1)
    people.commit(PeopleChanges(dossier=read, gone=(replace(MANAGER, user="u9"),)))
    with pytest.raises(StaleVersionError):
        people.commit(PeopleChanges(dossier=read, gone=(MANAGER,)))
    assert people.member("d1", "u1") == MANAGER


def test_a_link_is_read_from_both_sides(people: AwsPeople) -> None:
    """By the dossier, by the firm, by the pair; gone, it is gone from all three."""
    head = FirmMember(firm="f1", user="u2", email="c@c.example", name="C", role=FirmRole.HEAD)
    people.commit(PeopleChanges(firm=FIRM, firm_members=(head,), links=(LINK,)))
    there = replace(LINK, version=1)
    assert people.link("d1", "f1") == there
    assert people.links_of_dossier("d1") == (there,)
    assert people.links_of_firm("f1") == (there,)
    assert people.firms_of("u2") == (head,)
    assert people.firm("f1") == replace(FIRM, version=1)
    with pytest.raises(StaleVersionError):
        people.commit(PeopleChanges(links=(LINK,)))
    people.commit(PeopleChanges(unlinked=(there,), firm_gone=(head,)))
    assert people.link("d1", "f1") is None
    assert people.links_of_firm("f1") == ()
    assert people.firm_member("f1", "u2") is None
    with pytest.raises(NotFoundError):
        people.firm("f2")


def test_rights_over_payments_come_on_top_of_the_role_and_nothing_else_does() -> None:
    """A stored member cannot be made a manager by a list of extras."""
    staff = replace(
        MANAGER, role=Role.STAFF, payments=(Permission.PREPARE_PAYMENTS, Permission.MANAGE)
    )
    assert Permission.PREPARE_PAYMENTS in staff.permissions
    assert Permission.EXECUTE_PAYMENTS not in staff.permissions
    assert Permission.MANAGE not in staff.permissions


def test_a_ticket_is_taken_once(platform: Platform, clients: Clients) -> None:
    """The first gets it, the second does not, and a late one never."""

    class Clock:
        """Stands still."""

        time = NOW

        def now(self) -> Any:
            return self.time

    tickets = AwsTickets(Table(clients, platform["FACTEUR_EPHEMERAL_TABLE"]), Clock())
    ticket = Ticket(
        digest="abc", kind="reset", expires_at=NOW.replace(hour=10), values={"email": "a"}
    )
    tickets.save(ticket)
    assert tickets.load("abc") == ticket
    assert tickets.take("abc") == ticket
    assert tickets.take("abc") is None
    tickets.save(replace(ticket, expires_at=NOW))
    assert tickets.load("abc") is None
    assert tickets.take("abc") is None


# ── Mails ───────────────────────────────────────────────────────────────────────────────────────


class _Clock:
    """Stands still."""

    def now(self) -> Any:
        return NOW


def test_a_mail_is_sent_and_shown_on_the_laptop(platform: Platform, clients: Clients) -> None:
    """SES gets both forms of it; the page of the local gateway shows it, its links, no markup."""
    mailer = SesMailer(clients, _Clock(), sender="bot@factures.example.com", reply_to="s@s.fr")
    mailer.send(MAIL)
    mailer.send(replace(MAIL, text="<b>x</b> http://127.0.0.1/invitation?jeton=a-b\n"))
    read = sent.mails_of(platform.aws.endpoint, platform.aws.account)
    assert [one["Subject"] for one in read()] == ["Été", "Été"]
    status, headers, body = sent.page(read)
    shown = body.decode()
    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert 'href="http://127.0.0.1/invitation?jeton=a-b"' in shown
    assert "<b>x</b>" not in shown


def test_a_header_is_one_line_and_a_recipient_is_one() -> None:
    """What was typed never becomes a header or a second recipient."""
    calls: list[dict[str, Any]] = []

    class Ses:
        def __call__(self, _service: str) -> "Ses":
            return self

        def send_raw_email(self, **given: Any) -> None:
            calls.append(given)

    mailer = SesMailer(Ses(), _Clock(), sender="bot@x.example")  # type: ignore[arg-type]
    hostile = "Facture\r\nBcc: tous@x.example"
    mailer.send(replace(MAIL, subject=hostile, sender_name="Cabinet\r\nX: y"))
    message = email.message_from_bytes(calls[0]["RawMessage"]["Data"], policy=email.policy.default)
    assert message["Bcc"] is None
    assert message["X"] is None
    assert message["Subject"] == "Facture Bcc: tous@x.example"
    assert calls[0]["Destinations"] == ["a@a.example"]
    for address in ("a@a.example\r\nBcc: b@b.example", "pas une adresse", "a@a.example, b@b.fr"):
        with pytest.raises(InvalidError):
            mailer.send(replace(MAIL, to=address))
    assert len(calls) == 1


# ── Registers ───────────────────────────────────────────────────────────────────────────────────

ANSWER = {
    "results": [
        {
            "siren": "300010006",
            "nom_complet": "ATELIER VERMONT (AV)",
            "nom_raison_sociale": "ATELIER VERMONT",
            "etat_administratif": "A",
            "siege": {
                "siret": "30001000600018",
                "adresse": "14 QUAI DES BRUMES 29200 BREST",
                "code_postal": "29200",
                "libelle_commune": "BREST",
            },
        }
    ]
}


def _register(answer: Any, status: int = 200) -> RechercheEntreprises:
    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "recherche-entreprises.api.gouv.fr"
        assert request.url.params["q"] == "300010006"
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return httpx.Response(status, content=content)

    return RechercheEntreprises(httpx.MockTransport(respond))


def test_the_register_gives_a_company_with_its_address() -> None:
    """The street apart from the postcode and the town."""
    found = _register(ANSWER).find("300010006")
    assert found is not None
    assert (found.name, found.siret) == ("ATELIER VERMONT", "30001000600018")
    assert (found.address, found.postcode, found.city) == (
        "14 QUAI DES BRUMES",
        "29200",
        "BREST",
    )
    assert found.active


def test_what_the_register_hides_is_empty() -> None:
    """« Diffusion partielle » is no name and no address."""
    hidden = {
        "siren": "300010006",
        "nom_complet": "[NON-DIFFUSIBLE]",
        "etat_administratif": "C",
        "siege": {"adresse": "[NON-DIFFUSIBLE]"},
    }
    found = _register({"results": [hidden]}).find("300010006")
    assert found is not None
    assert (found.name, found.address, found.active) == ("", "", False)


def test_another_company_is_no_answer() -> None:
    """The search may answer something near: only the SIREN asked for counts."""
    other = {"results": [{**ANSWER["results"][0], "siren": "300020005"}]}
    assert _register(other).find("300010006") is None
    assert _register({"results": []}).find("300010006") is None


@pytest.mark.parametrize(
    ("answer", "status"),
    [(ANSWER, 429), (ANSWER, 500), (b"<html>", 200), ([], 200), ({"results": None}, 200),
     ({"results": [3]}, 200)],
)  # fmt: skip
def test_a_register_that_answers_nonsense_is_away(answer: Any, status: int) -> None:
    """Throttling, an error, a page instead of JSON: the page asks to type."""
    with pytest.raises(UnavailableError):
        _register(answer, status).find("300010006")


def test_the_sandbox_knows_valid_sirens_and_can_be_away() -> None:
    """Its numbers pass the check, so that forms take them."""
    register = SandboxCompanies()
    for one in COMPANIES:
        assert is_siren(one.siren), one.name
        assert one.siret.startswith(one.siren)
        assert register.find(one.siren) == one
    assert register.find("732829320") is None
    assert is_siren(AWAY)
    with pytest.raises(UnavailableError):
        register.find(AWAY)


def test_the_pages_of_the_laptop_have_our_name_only(platform: Platform) -> None:
    """The emulator lists mails to programs, not to pages of other sites."""
    address = f"{platform.aws.endpoint}/_ministack/ses/messages"
    request = urllib.request.Request(address, headers={"Origin": "http://ailleurs.example"})
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=5)
