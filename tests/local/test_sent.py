"""« Courriels envoyés » is the laptop's own page, and nobody else's."""

from pathlib import Path

import pytest
from chalice import Chalice
from facteur.local import sent
from facteur.local.gateway import Gateway

from tests.local.test_gateway import ask

MAILS = [
    {"Subject": "Un <i>", "To": ["a@a.example"], "BodyText": "un", "Timestamp": 1795000000},
    {"Subject": "Deux", "To": ["b@b.example"], "BodyText": "deux", "Timestamp": 1795000060},
]


def _gateway() -> Gateway:
    return Gateway(Chalice(app_name="x"), pages={sent.PATH: lambda: sent.page(lambda: MAILS)})


def test_the_newest_mail_comes_first_without_markup() -> None:
    """What a mail says is text; its subject is no markup."""
    status, headers, body = ask(_gateway(), "GET", sent.PATH)
    text = body.decode()
    assert status == 200
    assert (b"cache-control", b"no-store") in headers
    assert text.index("Deux") < text.index("Un &lt;i&gt;")


def test_a_foreign_name_of_this_machine_does_not_show_it() -> None:
    """A page of another site that points its own name here (DNS rebinding) gets nothing."""
    plain = Gateway(Chalice(app_name="x"))
    foreign = Gateway(
        Chalice(app_name="x"), pages={sent.PATH: lambda: (_ for _ in ()).throw(AssertionError())}
    )
    scope_headers = ((b"host", b"evil.example:8642"),)
    assert ask(plain, "GET", sent.PATH)[0] in (403, 404)
    status, _headers, body = ask(foreign, "GET", sent.PATH, headers=scope_headers)
    assert status in (403, 404)
    assert b"Courriels" not in body


def test_without_mails_the_page_says_so() -> None:
    """Nothing sent is no error."""
    _status, _headers, body = sent.page(list)
    assert "Aucun courriel" in body.decode()


def test_what_was_sent_is_kept_from_one_start_to_the_next(tmp_path: Path) -> None:
    """The emulator forgets at each stop; the file has them, once each, readable by its owner."""
    file = tmp_path / "sent.json"
    assert [one["Subject"] for one in sent.Kept(file, lambda: MAILS).read()] == ["Un <i>", "Deux"]
    later = {"Subject": "Trois", "To": ["c@c.example"], "BodyText": "3", "Timestamp": 1795000120}

    kept = sent.Kept(file, lambda: [later])
    for _twice in range(2):
        assert [one["Subject"] for one in kept.read()] == ["Un <i>", "Deux", "Trois"]
    assert file.stat().st_mode & 0o077 == 0
    body = sent.page(sent.Kept(file, list).read)[2].decode()
    assert body.index("Trois") < body.index("Un &lt;i&gt;")


def test_the_file_of_what_was_sent_stays_small(tmp_path: Path) -> None:
    """The last hundred, each cut at some length."""
    many = [
        {"MessageId": str(n), "Subject": str(n), "BodyText": "x" * 50_000, "Timestamp": n}
        for n in range(sent.MOST + 7)
    ]
    kept = sent.Kept(tmp_path / "sent.json", lambda: many).read()
    assert [one["Subject"] for one in kept] == [str(n) for n in range(7, sent.MOST + 7)]
    assert {len(one["BodyText"]) for one in kept} == {sent.MOST_TEXT}


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"messages": 3}'])
def test_a_damaged_file_and_an_emulator_away_stop_nothing(tmp_path: Path, damage: str) -> None:
    """What can be read is shown; the next mail writes the file anew."""
    file = tmp_path / "sent.json"
    file.write_text(damage)

    def away() -> list[dict[str, object]]:
        raise OSError("refused")

    assert sent.Kept(file, away).read() == []
    assert len(sent.Kept(file, lambda: MAILS).read()) == 2
