"""How often something may be tried: what is right never locks out, what is wrong always does."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from facteur.domain.errors import DuplicateError, ForbiddenError, InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.ports import Person, Session
from facteur.services.access import accounts, limits, signing_in, tickets
from facteur.services.deciding import approving
from facteur.services.intake import fetching
from facteur.services.people import dossiers
from stdnum import luhn

from tests.services.deciding.test_circuits import OUTSIDE, _links, _minutes_later, add
from tests.services.world import World, xml
from tests.web.browser import CODE, PASSWORD, FakeIdentity, Letters

OFFICE = "192.0.2.7"
WRONG = "faux"


@pytest.fixture
def identity(world: World) -> FakeIdentity:
    """Knows Anne, whose password is right, and Yann, who is also asked a code."""
    made = FakeIdentity()
    for name, second in (("anne", False), ("yann", True)):
        email = f"{name}@acme.example"
        made.known[email] = Person(subject=name, email=email, name=name, second_factor=second)
        made.passwords[email] = PASSWORD
    world.with_(identity=made)
    return made


def _sign_in(world: World, who: str, password: str = PASSWORD) -> None:
    email, context = f"{who}@acme.example", world.context
    opened = signing_in.sign_in(email, password, address=OFFICE, context=context)
    if isinstance(opened, signing_in.CodeNeeded):
        signing_in.second_factor(opened.token, CODE, address=OFFICE, context=context)


def _refused(world: World, who: str, password: str = WRONG) -> str:
    with pytest.raises((InvalidError, ForbiddenError)) as told:
        _sign_in(world, who, password)
    return told.value.code


def test_an_office_that_signs_in_rightly_is_never_locked_out(
    world: World, identity: FakeIdentity
) -> None:
    """A hundred right sign-ins from one address, half of them with a code, and no limit."""
    for _number in range(limits.ATTEMPTS_PER_ADDRESS - 9):
        _sign_in(world, "anne")
        _sign_in(world, "yann")
    assert "sign_in.wrong" == _refused(world, "anne")
    accounts.ask_reset("anne@acme.example", address=OFFICE, context=world.context)


def test_wrong_passwords_are_limited_by_address_whatever_is_right_between_them(
    world: World, identity: FakeIdentity
) -> None:
    """Somebody with an account of his own does not wash his address clean with it."""
    for number in range(limits.ATTEMPTS_PER_ADDRESS):
        assert "sign_in.wrong" == _refused(world, f"inconnu{number}")
        if number < limits.ATTEMPTS_PER_ADDRESS - 1:
            _sign_in(world, "anne")
    assert "sign_in.throttled" == _refused(world, "anne", PASSWORD)
    accounts.ask_reset("anne@acme.example", address=OFFICE, context=world.context)  # the cure
    other = signing_in.sign_in(
        "anne@acme.example", PASSWORD, address="192.0.2.8", context=world.context
    )
    assert isinstance(other, signing_in.Opened)


def test_a_reset_password_opens_a_locked_account(world: World, identity: FakeIdentity) -> None:
    """Eleven wrong ones, « Mot de passe oublié », a new one: it signs in."""
    for _number in range(limits.ATTEMPTS_PER_ACCOUNT + 1):
        _refused(world, "anne")
    assert "sign_in.throttled" == _refused(world, "anne", PASSWORD)
    values = {"email": "anne@acme.example"}
    token = tickets.issue("reset", accounts.RESET_LIFE, values, world.context)
    fresh = "une phrase assez longue"
    accounts.finish_reset(token, fresh, world.context)
    _sign_in(world, "anne", fresh)


def test_an_approver_opens_and_answers_a_whole_pile(world: World) -> None:
    """From an address that tried made-up links to the end; each true one has its own limit."""
    letters = Letters()
    world.with_(mailer=letters)
    add(world, "Travaux", OUTSIDE)
    for number in range(3):
        world.receive((f"F{number}.xml", xml(f"F{number}")), key=f"mail/F{number}",
                      message_id=f"F{number}@x.example")  # fmt: skip
    _minutes_later(world)
    tokens = _links(world, letters)
    assert tokens

    codes = []
    for number in range(limits.ATTEMPTS_PER_ADDRESS + 1):
        with pytest.raises((NotFoundError, ForbiddenError)) as told:
            approving.asked(f"faux{number}", world.context, address=OFFICE)
        codes.append(told.value.code)
    assert ["link.over"] * limits.ATTEMPTS_PER_ADDRESS + ["link.throttled"] == codes
    for token in tokens:
        for _opening in range(approving.MOST_OPENINGS):
            approving.asked(token, world.context, address=OFFICE)
        with pytest.raises(ForbiddenError) as told:
            approving.asked(token, world.context, address=OFFICE)
        assert "link.throttled" == told.value.code


class NoServer:
    """Refuses every password, and counts them."""

    def __init__(self) -> None:
        self.tried = 0

    def open(self, *_given: object) -> None:
        self.tried += 1
        raise InvalidError((Fault(code="imap.login"),), code="imap.login")


@pytest.mark.parametrize("dossier", ["same", "another"])
def test_we_are_nobody_s_tool_to_try_mailbox_passwords(world: World, dossier: str) -> None:
    """Twenty tries an hour for a dossier, sixty for a person whatever dossiers he has."""
    server = NoServer()
    world.with_(mail_servers=server)

    def tried(number: int) -> str:
        caller = world.caller
        if dossier == "another":
            caller = replace(caller, dossier=f"d{number}")
        with pytest.raises((InvalidError, ForbiddenError)) as told:
            fetching.connect(
                caller, host="imap.acme.example", user="compta", password=str(number),
                folder="", context=world.context,
            )  # fmt: skip
        return told.value.code

    most = {"same": limits.TRIES_PER_DOSSIER, "another": limits.TRIES_PER_PERSON}[dossier]
    codes = {tried(number) for number in range(most)}
    assert "fetch_box.throttled" not in codes
    assert "fetch_box.throttled" == tried(most)
    assert most == server.tried
    world.clock.pass_(hours=1)
    assert "fetch_box.throttled" != tried(most + 1)


@pytest.fixture
def siren() -> Callable[[int], str]:
    """SIRENs, each by its number."""
    return lambda number: (stem := f"8{number:07}") + luhn.calc_check_digit(stem)


def test_an_account_creates_so_many_dossiers_a_day(
    world: World, session: Session, siren: Callable[[int], str]
) -> None:
    """Ten, not counting those that were refused; tomorrow again; nothing is taken above."""
    for number in range(limits.DOSSIERS_PER_DAY):
        if number:
            with pytest.raises(DuplicateError):
                dossiers.create_own(session, siren(0), "Acme", world.context)
        dossiers.create_own(session, siren(number), "Acme", world.context)
    with pytest.raises(ForbiddenError) as told:
        dossiers.create_own(session, siren(99), "Acme", world.context)
    assert "dossier.throttled" == told.value.code
    dossiers.refuse_taken(siren(99), world.context)  # free for its owner
    other = replace(session, user="u7")
    assert dossiers.create_own(other, siren(98), "Autre", world.context)
    world.clock.pass_(days=1)
    assert dossiers.create_own(session, siren(99), "Acme", world.context)
