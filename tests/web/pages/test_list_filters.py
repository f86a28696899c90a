"""Lists at size: what an address filters and sorts, and what the page says it looked at."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from facteur.domain.documents import Channel, Source, State, Summary
from facteur.services.finding import listing

from tests.services.world import START
from tests.web.browser import Browser, keep


def _three(manager: Browser) -> None:
    """Three invoices: Vasseur 1 312,80 by mail, Bioburo 29,07 dropped yesterday, Arnaud 500."""
    for name, total, days, channel in (
        ("Imprimerie Vasseur", "1312.80", 0, Channel.MAIL),
        ("Bioburo", "29.07", 1, Channel.UPLOAD),
        ("Arnaud & fils", "500.00", 40, Channel.MAIL),
    ):
        at = START - timedelta(days=days)
        keep(
            manager.world,
            State.TO_ACCEPT,
            received_at=at,
            sources=(Source(channel=channel, at=at),),
            summary=Summary(
                kind="invoice",
                number=f"F-{days}",
                seller_name=name,
                issue_date=date(2026, 4, 25) - timedelta(days=days),
                total_incl_vat=Decimal(total),
            ),
        )


def _names(manager: Browser, query: str) -> list[str]:
    reply = manager.get(f"/achats?onglet=a-accepter&{query}")
    assert reply.status == 200
    links = reply.page.xpath("//tr[@data-row]//a[@class='row-link']")
    return [one.text_content() for one in links]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Imprimerie Vasseur", "Bioburo", "Arnaud & fils"]),
        ("du=2026-11-20", ["Imprimerie Vasseur"]),
        ("au=19/11/2026", ["Bioburo", "Arnaud & fils"]),
        ("du=2026-11-19&au=2026-11-19", ["Bioburo"]),
        ("tiers=BIOBÜRO", ["Bioburo"]),
        ("min=500", ["Imprimerie Vasseur", "Arnaud & fils"]),
        ("min=100&max=1%20000,00", ["Arnaud & fils"]),
        ("canal=upload", ["Bioburo"]),
        ("canal=mail&du=2026-11-01", ["Imprimerie Vasseur"]),
        ("tri=nom", ["Arnaud & fils", "Bioburo", "Imprimerie Vasseur"]),
        ("tri=total&ordre=desc", ["Imprimerie Vasseur", "Arnaud & fils", "Bioburo"]),
        ("tri=inconnu&canal=pigeon", ["Imprimerie Vasseur", "Bioburo", "Arnaud & fils"]),
    ],
)
def test_the_address_filters_and_sorts(manager: Browser, query: str, found: list[str]) -> None:
    """Period (whole days of Paris), name, amounts, channel, order; unknown words are nothing."""
    _three(manager)
    assert _names(manager, query) == found


def test_what_is_no_date_is_said_and_left_out(manager: Browser) -> None:
    """A value that means nothing never stops the page, nor is it markup."""
    _three(manager)
    reply = manager.get("/achats?onglet=a-accepter&du=<b>demain&max=beaucoup")

    assert "« <b>demain » n’est pas une date." in reply.text
    assert "« beaucoup » n’est pas un montant." in reply.text
    assert len(reply.page.xpath("//tr[@data-row]")) == 3


def test_tabs_keep_the_filters(manager: Browser) -> None:
    """Going to another tab, or refreshing the list, looks for the same things there."""
    _three(manager)
    reply = manager.get("/achats?onglet=a-accepter&tiers=bio&tri=total")

    assert "tiers=bio" in str(reply.one("//a[@id='onglet-toutes']").get("href"))
    assert "tri=total" in str(reply.one("//div[@id='list']").get("hx-get"))


def test_a_filtered_list_goes_on_behind_its_window(
    manager: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A match beyond the window is reached by the next page; a sorted list says what it misses."""
    monkeypatch.setattr(listing, "WINDOW", 2)
    _three(manager)
    first = manager.get("/achats?onglet=a-accepter&tiers=arnaud")
    assert "Rien ne correspond à ces filtres sur cette page" in first.text
    second = manager.get(str(first.one("//a[@id='plus-anciennes']").get("href")))
    assert len(second.page.xpath("//tr[@data-row]")) == 1

    found = manager.get("/achats?onglet=a-accepter&tri=nom")
    assert "Le tri porte sur les 2 documents les plus récents de la période." in found.text


def test_a_made_up_place_in_a_sorted_list_is_refused(manager: Browser) -> None:
    """The place of a sorted page is a small number, nothing else."""
    for place in ("-1", "9999", "1e3", "٣", "9" * 5000, "0" * 5000):
        assert manager.get(f"/achats?tri=nom&apres={place}").status == 400
