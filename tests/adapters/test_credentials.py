"""What a person proves themself with: one row, written by one at a time."""

from dataclasses import replace

import pytest
from facteur.adapters.aws.credentials import AwsCredentialBook
from facteur.adapters.aws.table import Table
from facteur.domain import credentials as rules
from facteur.domain.errors import NotFoundError, StaleVersionError

from tests.adapters.conftest import NOW


def test_of_two_writers_one_is_refused(table: Table) -> None:
    """A recovery code used twice at once works for one: the other did not see the row of now."""
    book = AwsCredentialBook(table)
    empty = book.load("u1")
    assert (empty.version, empty.codes, empty.passkeys) == (0, (), ())
    kept = book.save(rules.with_codes(empty, ["0" * 16], at=NOW, address=""))
    assert book.load("u1") == kept
    with pytest.raises(StaleVersionError, match=r"account\.stale"):
        book.save(empty)
    used = rules.without_code(kept, "0" * 16, at=NOW, address="")
    assert used is not None
    book.save(used)
    with pytest.raises(StaleVersionError, match=r"account\.stale"):
        book.save(replace(used, email="autre@x.fr"))
    assert book.load("u1").codes == ()
    assert book.load("u2").version == 0


@pytest.mark.parametrize("user", ["", "u#1", "x" * 300])
def test_what_is_nobody_s_name_has_nothing(table: Table, user: str) -> None:
    """A passkey's answer names its user: it must not name another row."""
    with pytest.raises(NotFoundError):
        AwsCredentialBook(table).load(user)
