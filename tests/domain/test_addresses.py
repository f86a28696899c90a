"""The names that a dossier may choose for its mailboxes."""

from datetime import UTC, datetime, timedelta

import pytest
from facteur.domain.addresses import (
    KEPT,
    MOST_KEPT,
    Addresses,
    Change,
    choose,
    freed,
    shown,
)
from facteur.domain.documents import Direction
from facteur.domain.faults import Fault

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
NEW = Addresses(dossier="d")
SIREN = "123456782"


def chosen(held: Addresses, typed: str, *, now: datetime = NOW) -> Change:
    change = choose(held, Direction.PURCHASE, typed, siren=SIREN, now=now)
    assert isinstance(change, Change), change
    return change


def codes(typed: str, held: Addresses = NEW) -> list[str]:
    change = choose(held, Direction.PURCHASE, typed, siren=SIREN, now=NOW)
    assert not isinstance(change, Change)
    assert all(isinstance(one, Fault) and one.path == "local" for one in change)
    return [one.code for one in change]


def test_a_new_dossier_shows_its_sirens_addresses() -> None:
    """JF-20, JF-50: SIREN and the nine digits, on the domain and on ``out.``."""
    assert {
        Direction.PURCHASE: "SIREN123456782@x.example",
        Direction.SALE: "SIREN123456782@out.x.example",
    } == dict(shown(NEW, SIREN, "x.example"))


def test_a_chosen_name_is_shown_in_lower_case_and_must_be_free() -> None:
    """JF-21: what stands before the @; sales keep theirs."""
    change = chosen(NEW, " Achats-ACME ")

    assert ("achats-acme", None) == (change.taken, change.given_up)
    addresses = shown(change.addresses, SIREN, "x.example")
    assert "achats-acme@x.example" == addresses[Direction.PURCHASE]
    assert "SIREN123456782@out.x.example" == addresses[Direction.SALE]


def test_a_name_given_up_works_for_ninety_days_then_is_free() -> None:
    """Before the end nothing is freed; at the end it is."""
    change = chosen(chosen(NEW, "achats-acme").addresses, "acme")

    assert change.given_up is not None
    assert ("achats-acme", NOW + KEPT) == (change.given_up.local, change.given_up.until)
    early, end = NOW + KEPT - timedelta(seconds=1), NOW + KEPT
    assert freed(change.addresses, "achats-acme", Direction.PURCHASE, now=early) is None
    assert freed(change.addresses, "achats-acme", Direction.SALE, now=end) is None
    left = freed(change.addresses, "achats-acme", Direction.PURCHASE, now=end)
    assert left is not None
    assert () == left.retired


def test_a_name_is_taken_back_while_it_still_works() -> None:
    """It is ours: nothing to take, and the command that would free it finds nothing to do."""
    held = chosen(chosen(NEW, "achats-acme").addresses, "acme").addresses
    change = chosen(held, "achats-acme")

    assert "" == change.taken
    assert ["acme"] == [one.local for one in change.addresses.retired]
    end = NOW + KEPT
    assert freed(change.addresses, "achats-acme", Direction.PURCHASE, now=end) is None


@pytest.mark.parametrize("typed", ["", "SIREN123456782", "siren123456782 "])
def test_going_back_to_the_siren_takes_nothing(typed: str) -> None:
    """The SIREN's own address never stopped working."""
    change = chosen(chosen(NEW, "acme").addresses, typed)

    assert ("", "") == (change.taken, change.addresses.purchase)


def test_the_same_name_again_changes_nothing() -> None:
    """No line in the journal, no name given up."""
    held = chosen(NEW, "acme").addresses

    assert Change(addresses=held) == chosen(held, "ACME")


@pytest.mark.parametrize(
    "typed",
    [
        "ab", "a" * 65, "a b", "é.acme", ".acme", "acme.", "a..b", "acme@x", "a+b", '"acme"',
        "a\nb", "acme\x00", "<script>", "acme;drop", "a--b",
    ],
)  # fmt: skip
def test_what_no_mail_program_writes_alike_is_refused(typed: str) -> None:
    """RFC 5321's dot-atom, narrowed; a line feed never reaches a header."""
    assert ["address.form"] == codes(typed)


@pytest.mark.parametrize(
    "typed", ["postmaster", "Abuse", "no-reply", "out", "compta", "chorus_pro"]
)
def test_reserved_words_are_refused_however_they_are_cut(typed: str) -> None:
    """RFC 2142, certificate authorities, and what would pass for the platform."""
    assert ["address.reserved"] == codes(typed)


@pytest.mark.parametrize(
    "typed", ["siren300000007", "SIREN-300000007", "siren1", "siren_300000007"]
)
def test_another_companys_siren_is_refused(typed: str) -> None:
    """Its own address is nobody else's, whether or not it has a dossier yet."""
    assert ["address.siren"] == codes(typed)


def test_names_cannot_be_collected() -> None:
    """At most five names given up still work; the next change waits."""
    held = NEW
    for place in range(MOST_KEPT + 1):
        held = chosen(held, f"acme-{place}").addresses

    assert ["address.many"] == codes("acme-last", held)
    assert "acme-0" == chosen(held, "acme-0").addresses.purchase  # taken back, none more
    later = choose(held, Direction.PURCHASE, "acme-last", siren=SIREN, now=NOW + KEPT)
    assert isinstance(later, Change)
