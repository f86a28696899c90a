"""« Courriels envoyés » is the laptop's own page, and nobody else's."""

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
