"""Recovery codes work once, whatever way they are typed; a passkey that was copied shows."""

from datetime import UTC, datetime

import pytest
from facteur.domain import credentials as rules
from facteur.domain.credentials import (
    CODES,
    MOST_EVENTS,
    MOST_PASSKEYS,
    Credentials,
    Happening,
    Passkey,
    code_digest,
    code_from,
    copied,
    relying_party,
    typed_code,
)
from facteur.domain.errors import ForbiddenError, InvalidError, NotFoundError
from facteur.domain.serial import dumps, loads
from hypothesis import given
from hypothesis import strategies as st

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CODE = "0123-4567-89ab-cdef"


def _passkey(name: str = "Téléphone", **values: object) -> Passkey:
    given_ = {"credential": name, "public_key": "k", "name": name, "created_at": AT, **values}
    return Passkey(**given_)  # type: ignore[arg-type]


@given(st.binary(min_size=16, max_size=16))
def test_a_code_is_read_again_as_it_was_drawn(drawn: bytes) -> None:
    """Four groups of four, no letter like a figure; capitals and spaces do not count."""
    code = code_from(drawn)
    assert [len(one) for one in code.split("-")] == [4, 4, 4, 4]
    assert not set(code) & set("ilou")
    plain = code.replace("-", "")
    assert typed_code(code) == plain
    assert typed_code(f" {code.upper().replace('-', ' ')} ") == plain


@pytest.mark.parametrize(
    "typed", ["", "123456", "0123-4567-89ab-cde", "0123-4567-89ab-cdefg", "0123-4567-89ab-cdeu",
              "é" * 16, "x" * 5000, "٠" * 16]
)  # fmt: skip
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    """Six digits go to the authenticator; a letter of no code, or an endless text, to nobody."""
    assert typed_code(typed) == ""
    held = rules.with_codes(Credentials(user="u1"), [CODE], at=AT, address="")
    assert rules.without_code(held, typed, at=AT, address="") is None


def test_letters_that_look_like_figures_are_read_as_them() -> None:
    """O is 0, I and L are 1."""
    assert typed_code("Oi23-4567-89ab-cdeL") == "0123456789abcde1"


def test_a_code_works_once_and_for_its_user_alone() -> None:
    """Used, it is gone; on another account the same characters are worth nothing."""
    held = rules.with_codes(Credentials(user="u1"), [CODE, "x" * 16], at=AT, address="")
    rest = rules.without_code(held, CODE, at=AT, address="192.0.2.1")
    assert rest is not None
    assert rest.codes == (code_digest("u1", "x" * 16),)
    assert [one.name for one in rest.events] == [Happening.CODE_USED, Happening.CODES_MADE]
    assert rest.events[0].address == "192.0.2.1"
    assert rules.without_code(rest, CODE, at=AT, address="") is None
    assert code_digest("u1", CODE) != code_digest("u2", CODE)
    assert CODE.replace("-", "") not in dumps(held).decode()
    assert CODES == 10


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [(0, 0, False), (0, 1, False), (4, 5, False), (5, 5, True), (5, 4, True), (5, 0, True)],
)
def test_a_counter_that_does_not_go_on_is_a_copy(before: int, now: int, expected: bool) -> None:
    """Zero for ever is an authenticator that does not count (Web Authentication, §6.1.1)."""
    passkey = _passkey(counter=before)
    assert copied(passkey, now) is expected
    held = Credentials(user="u1", passkeys=(passkey,))
    if expected:
        with pytest.raises(ForbiddenError):
            rules.used(held, passkey, counter=now, at=AT)
    else:
        (after,) = rules.used(held, passkey, counter=now, at=AT).passkeys
        assert (after.counter, after.used_at) == (now, AT)


def test_passkeys_are_named_counted_and_taken_away_by_their_public_name() -> None:
    """Ten at most, none twice, none of somebody else."""
    held = Credentials(user="u1")
    for number in range(MOST_PASSKEYS):
        held = rules.with_passkey(held, _passkey(f"clé {number}"), address="")
    with pytest.raises(InvalidError, match=r"passkey\.too_many"):
        rules.with_passkey(held, _passkey("encore"), address="")
    first = held.passkeys[0]
    held = rules.without_passkey(held, first.id, at=AT, address="")
    assert len(held.passkeys) == MOST_PASSKEYS - 1
    assert (held.events[0].name, held.events[0].detail) == (Happening.PASSKEY_REMOVED, "clé 0")
    with pytest.raises(InvalidError, match=r"passkey\.known"):
        rules.with_passkey(held, _passkey("clé 1"), address="")
    with pytest.raises(NotFoundError):
        rules.without_passkey(held, first.id, at=AT, address="")
    with pytest.raises(NotFoundError):
        rules.without_passkey(held, "clé 1", at=AT, address="")
    assert loads(Credentials, dumps(held)) == held


def test_events_are_the_last_ones() -> None:
    """The list does not grow for ever."""
    held = Credentials(user="u1")
    for number in range(MOST_EVENTS + 5):
        held = rules.noted(held, Happening.CODE_USED, at=AT, detail=str(number))
    assert len(held.events) == MOST_EVENTS
    assert held.events[0].detail == str(MOST_EVENTS + 4)


@pytest.mark.parametrize(
    ("site", "name", "origin"),
    [
        ("https://app.exemple.fr/api", "app.exemple.fr", "https://app.exemple.fr"),
        ("https://x1.execute-api.eu-west-3.amazonaws.com/api",
         "x1.execute-api.eu-west-3.amazonaws.com",
         "https://x1.execute-api.eu-west-3.amazonaws.com"),
        ("http://127.0.0.1:8642", "localhost", "http://localhost:8642"),
        ("http://[::1]:8642", "localhost", "http://localhost:8642"),
        ("http://localhost:8642", "localhost", "http://localhost:8642"),
    ],
)  # fmt: skip
def test_passkeys_belong_to_the_host_of_the_site(site: str, name: str, origin: str) -> None:
    """The base path does not count; an address of numbers becomes localhost."""
    found = relying_party(site)
    assert (found.id, found.origin) == (name, origin)
