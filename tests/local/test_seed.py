"""What the terminal tells at the end of a start."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from facteur.domain.documents import Channel, Direction, Document, Source, State, Summary
from facteur.local.seed import to_accept

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SITE = "http://127.0.0.1:8642"
ONE = Document(
    dossier="demo",
    id="d",
    direction=Direction.PURCHASE,
    state=State.TO_ACCEPT,
    received_at=NOW,
    filename="f.pdf",
    media_type="application/pdf",
    sha256="0" * 64,
    size=1,
    sources=(Source(channel=Channel.MAIL, at=NOW),),
    summary=Summary(number="F1", seller_name="Vasseur", total_incl_vat=Decimal("12.5")),
)


def test_what_waits_is_named_with_its_page() -> None:
    """Seller, number, total, address; nothing for what is elsewhere on its road."""
    told = to_accept([ONE, replace(ONE, id="e", state=State.TO_CHECK)], SITE)

    assert [
        "  À accepter         Vasseur, F1, 12,50\u00a0€",
        f"{' ' * 21}{SITE}/factures/d",
    ] == told


def test_a_full_to_do_list_does_not_fill_the_terminal() -> None:
    """Five are named, the page has the others: the sign-in must stay in sight."""
    told = to_accept([replace(ONE, id=str(n)) for n in range(40)], SITE)

    assert 11 == len(told)
    assert f"{SITE}/achats?onglet=a-accepter" in told[-1]
