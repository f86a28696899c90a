"""The lifecycle on the pages: badges, the menu of a row, the forms, payments, what was refused."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from facteur.domain.candidate import Candidate, Origin, Provenance, Reading, VatRow
from facteur.domain.documents import (
    Channel,
    Conversion,
    Direction,
    Document,
    PaymentStatus,
    Related,
    Relation,
    Sending,
    Source,
    State,
    Summary,
    Verdict,
)
from facteur.domain.dossiers import Role
from facteur.domain.lifecycle import codes
from facteur.domain.lifecycle.due import payment_status
from facteur.domain.lifecycle.records import (
    Characteristic,
    Side,
    StatusReason,
    StatusRecord,
    Transmission,
)
from facteur.domain.rejections import ADVICE
from facteur.ports import Changes
from facteur.web import i18n
from facteur.web.showing import badges

from tests.house.tree import PACKAGE
from tests.services.world import World
from tests.web.browser import Browser, Reply, keep

AT = datetime(2026, 11, 20, 8, 42, tzinfo=UTC)


def _candidate(*rates: tuple[str, str, str]) -> Candidate:
    """What was read of the VAT: rate, base and tax of each row."""
    rows = tuple(
        VatRow(category="S", rate=Decimal(rate), base=Decimal(base), tax=Decimal(tax))
        for rate, base, tax in rates
    )
    reading = Reading(value=rows, provenance=Provenance(origin=Origin.XML))
    return Candidate(fields={"vat_breakdown": reading})


ONE_RATE = _candidate(("20", "100", "20"))
TWO_RATES = _candidate(("20", "100", "20"), ("5.5", "200", "11"))


def invoice(
    world: World,
    *said: StatusRecord,
    direction: Direction = Direction.PURCHASE,
    candidate: Candidate | None = ONE_RATE,
    due: str = "120",
    **more: Any,
) -> Document:
    """An archived invoice of which this was said."""
    summary = Summary(
        kind="invoice",
        type_code=more.pop("type_code", "380"),
        number="F-7",
        seller_name="Vasseur",
        buyer_name="Brunet",
        amount_due=Decimal(due),
        total_incl_vat=Decimal(due),
    )
    state = more.pop("state", State.ARCHIVED)
    return keep(
        world,
        state,
        direction=direction,
        candidate=candidate,
        summary=summary,
        statuses=said,
        **more,
    )


def came(code: str, **more: Any) -> StatusRecord:
    side = Side.PLATFORM if code in codes.PLATFORM_ONLY else Side.BUYER
    fields: dict[str, Any] = {
        "id": f"flow:pa:{code}", "code": code, "set_at": AT, "recorded_at": AT, "side": side,
    }  # fmt: skip
    return StatusRecord(**{**fields, **more})


def form(world: World, reply: Reply, **typed: str) -> dict[str, str]:
    """What the form of a page sends, with what was typed."""
    sent = {
        one.get("name"): one.get("value") or ""
        for one in reply.page.xpath('//form[contains(@class,"status-form")]//input[@name]')
        if one.get("type") not in ("radio", "checkbox") and one.get("name") != "csrf"
    }
    return {**sent, **typed}


def say(browser: Browser, document: Document, code: str, **typed: str) -> Reply:
    """Open the form of a status, fill it, send it."""
    path = f"/factures/{document.id}/statut"
    opened = browser.get(f"{path}?code={code}")
    assert 200 == opened.status
    return browser.post(path, form(browser.world, opened, **typed))


def amounts(document: Document) -> list[list[tuple[str, str]]]:
    return [
        [(str(c.rate), str(c.amount)) for c in one.characteristics] for one in document.statuses
    ]


# ── Badges ──────────────────────────────────────────────────────────────────────────────────────


def test_every_tone_of_a_status_has_its_colours() -> None:
    """facteur.css knows each (its contrast is measured in test_templates)."""
    css = (PACKAGE / "web" / "static" / "facteur.css").read_text(encoding="utf-8")

    for tone in (*codes.Tone, "waiting"):
        assert f".tone-{tone} {{ --tone-bg" in css


def test_every_status_has_a_badge_with_text_icon_colour_and_tooltip() -> None:
    """WE-08, and the colours of the vocabulary; an unknown code is shown by its code."""
    for code, status in codes.STATUSES.items():
        badge = badges.code_badge(code)
        assert (status.label, status.tone.value) == (badge.label, badge.tone)
        assert status.meaning in badge.tip
        assert badge.icon != "help-circle"
    odd = badges.code_badge("299")
    assert ("299", "help-circle", "grey") == (odd.label, odd.icon, odd.tone)


@pytest.mark.parametrize(
    "path", ["/achats?onglet=toutes", "/archives?sens=achats", "/factures/{id}"]
)
def test_the_badge_stands_wherever_the_invoice_does(
    world: World, manager: Browser, path: str
) -> None:
    """Lists, archives and the invoice's own page: text, icon, tooltip."""
    held = invoice(world, came("207", reasons=(StatusReason(code="QTE_ERR"),)))

    reply = manager.get(path.format(id=held.id))
    badges = reply.page.xpath('//span[contains(@class,"tone-orange")]')

    assert badges
    assert "En litige" in badges[0].text_content()
    assert "conteste" in badges[0].get("title")
    assert badges[0].xpath(".//*[local-name()='use']")


def test_what_was_said_here_is_outlined_until_a_platform_confirms(world: World) -> None:
    """« Approuvée, en attente de la PA », then « Approuvée »; a refusal is told."""
    own = came("205", id="own:1", transmission=Transmission.WAITING)
    waiting = badges.status_badge(invoice(world, own))
    confirmed = replace(own, transmission=Transmission.CONFIRMED)
    settled = badges.status_badge(invoice(world, confirmed))
    refused = invoice(world, replace(own, transmission=Transmission.REFUSED))

    assert waiting is not None
    assert settled is not None
    assert ("Approuvée, en attente de la PA", "waiting") == (waiting.label, waiting.tone)
    assert ("Approuvée", "green") == (settled.label, settled.tone)
    trouble = badges.status_trouble(refused)
    assert trouble is not None
    assert (None, "Statut non transmis") == (badges.status_badge(refused), trouble.label)


# ── The menu ────────────────────────────────────────────────────────────────────────────────────


def test_a_row_offers_the_statuses_that_apply_and_no_other(world: World, manager: Browser) -> None:
    """The « … » of a row leads to what the table of the lifecycle gives (WE-09, WE-11)."""
    held = invoice(world, came("205"))
    (button,) = manager.get("/archives?sens=achats").page.xpath("//a[@data-status-menu]")

    alone, menu = (
        manager.get(button.get("href")),
        manager.get(button.get("href"), hx_request="true"),
    )
    offered = [one.get("href") for one in menu.page.xpath('//*[@role="menuitem"]')]

    assert f"/factures/{held.id}/statut?retour=archives" == button.get("href")
    assert "Changer le statut de la facture" in alone.text
    assert [
        f"/factures/{held.id}/statut?code={code}&retour=archives" for code in ("207", "208", "211")
    ] == offered[:-1]
    assert all(word in alone.text for word in ("En litige", "Suspendue", "Paiement transmis"))
    assert "Refusée" not in alone.text


def test_a_closed_invoice_offers_nothing(world: World, manager: Browser) -> None:
    """After 213 nobody may say anything, and a form sent all the same is refused in French."""
    held = invoice(world, came("213", reasons=(StatusReason(code="DOUBLON"),)))
    path = f"/factures/{held.id}/statut"

    assert not manager.get("/archives?sens=achats").page.xpath("//a[@data-status-menu]")
    assert "Aucun statut ne peut être indiqué" in manager.get(path).text
    assert 422 == manager.get(f"{path}?code=205").status
    refused = manager.post(path, {"code": "205"})
    assert 422 == refused.status
    assert "Approuvée" in refused.one('//*[@role="alert"]').text_content()


def test_who_may_not_decide_sees_and_does_not_say(world: World, manager: Browser) -> None:
    """A reader sees badge and history, without any control."""
    held = invoice(world, came("204"))
    reader = manager.as_role(Role.READER)
    shown = reader.get(f"/factures/{held.id}")

    assert "Prise en charge" in shown.text
    assert not shown.page.xpath('//a[contains(@href,"/statut?")]')
    assert 403 == reader.get(f"/factures/{held.id}/statut").status


# ── Saying a status ─────────────────────────────────────────────────────────────────────────────


def test_a_reason_is_chosen_among_those_of_the_status_each_with_when_to_use_it(
    world: World, manager: Browser
) -> None:
    """D38; without a reason or a comment where they are due, each field says what lacks."""
    held = invoice(world, came("203"), state=State.TO_ACCEPT)
    opened = manager.get(f"/factures/{held.id}/statut?code=210")
    wrong = say(manager, held, "210")

    assert 13 == len(opened.page.xpath('//input[@type="radio"]'))
    assert "Vous ne connaissez pas ce vendeur." in opened.text
    assert "préférez « En litige »" in opened.text
    assert 422 == wrong.status
    assert "Choisissez un motif" in wrong.text
    assert "Ajoutez un commentaire" in wrong.text
    assert () == world.document(held.id).statuses[1:]


def test_a_status_is_said_once_however_often_its_form_is_sent(
    world: World, manager: Browser
) -> None:
    """Reason, comment and what is asked are recorded; the same form sent again changes nothing."""
    held = invoice(world, came("203"))
    path = f"/factures/{held.id}/statut"
    sent = form(
        world, manager.get(f"{path}?code=207&retour=toutes"),
        reason="QTE_ERR", comment="2 et non 3", action="CNP",
    )  # fmt: skip
    first, again = manager.post(path, sent), manager.post(path, sent)
    page = manager.get(f"/factures/{held.id}")

    (_came, said) = world.document(held.id).statuses
    (reason,) = said.reasons
    assert ("207", "QTE_ERR", "2 et non 3", "CNP") == (
        said.code, reason.code, reason.comment, reason.action,
    )  # fmt: skip
    assert "/achats?onglet=toutes&fait=status_set" == first.location
    assert again.status in (303, 422)  # a dispute is not offered twice
    assert all(
        words in page.text
        for words in (
            "En litige",
            "· dit par Anne",
            "Quantité facturée",
            "« 2 et non 3 »",
            "avoir partiel",
        )
    )


def test_what_is_said_here_of_a_part_may_give_its_amount(world: World, manager: Browser) -> None:
    """206 with the amount approved; what is no amount is said beside the field."""
    held = invoice(world, came("203"))
    wrong = say(manager, held, "206", reason="QTE_ERR", approved="beaucoup")
    say(manager, held, "206", reason="QTE_ERR", approved="80,50")

    assert "« beaucoup » n’est pas un montant" in wrong.text
    assert [("None", "80.50")] == amounts(world.document(held.id))[1]


# ── Payments ────────────────────────────────────────────────────────────────────────────────────


def test_a_payment_is_prefilled_with_what_remains_shared_among_the_rates(
    world: World, manager: Browser
) -> None:
    """331 € due at two rates: 120 and 211 proposed, said as they are (PE-10)."""
    sale = invoice(world, direction=Direction.SALE, candidate=TWO_RATES, due="331")
    opened = manager.get(f"/factures/{sale.id}/statut?code=212")
    sent = form(world, opened)

    assert ("331,00", "120,00", "211,00", "2026-11-20") == (
        sent["total"], sent["amount-0"], sent["amount-1"], sent["on"],
    )  # fmt: skip
    manager.post(f"/factures/{sale.id}/statut", sent)
    paid = world.document(sale.id)
    assert [[("20", "120.00"), ("5.5", "211.00")]] == amounts(paid)
    assert PaymentStatus.PAID is payment_status(paid)


def test_a_part_is_shared_anew_and_a_refund_is_negative(world: World, manager: Browser) -> None:
    """The total alone is changed: its shares follow; 120 paid in 50 and 70, then 20 given back."""
    sale = invoice(world, direction=Direction.SALE)
    for typed in ({"total": "50"}, {"total": "70,00"}, {"total": "20", "remboursement": "1"}):
        assert 303 == say(manager, sale, "212", **typed).status
    page = manager.get(f"/factures/{sale.id}")
    archives = manager.get("/archives?sens=ventes&paiement=partial")

    assert [[("20", "50.00")], [("20", "70.00")], [("20", "-20.00")]] == amounts(
        world.document(sale.id)
    )
    assert ["Reste dû Partiellement payé", "20,00_€"] == [
        " ".join(one.text_content().replace("\u00a0", "_").split())
        for one in page.page.xpath('//table[contains(@class,"payments")]/tfoot/tr/*')
    ]
    assert "F-7" in archives.text
    both = invoice(world, direction=Direction.SALE, candidate=TWO_RATES, due="331")
    say(manager, both, "212", total="100")
    assert [[("20", "36.25"), ("5.5", "63.75")]] == amounts(world.document(both.id))


@pytest.mark.parametrize("direction", list(Direction))
def test_the_buyer_and_the_seller_read_the_same_list_of_payments(
    world: World, manager: Browser, direction: Direction
) -> None:
    """Who said each, its share of each rate, both totals; the same money is not counted twice."""

    def said(code: str, kind: str, side: Side, who: str) -> StatusRecord:
        shares = (("20", "36.25"), ("5.5", "63.75"))
        data = tuple(
            Characteristic(type=kind, amount=Decimal(amount), rate=Decimal(rate))
            for rate, amount in shares
        )
        return came(code, side=side, by_name=who, characteristics=data)

    both = (said("211", "MPA", Side.BUYER, "Brunet"), said("212", "MEN", Side.SELLER, "Vasseur"))
    one = invoice(world, *both, direction=direction, candidate=TWO_RATES, due="331")
    page = manager.get(f"/factures/{one.id}").page
    rows = [
        " ".join(row.text_content().replace("\u00a0", "_").split())
        for row in page.xpath('//table[contains(@class,"payments")]//tr[td]')
    ]
    assert [
        "20/11/2026Brunet Paiement transmis100,00_€36,25_€ à 20_%63,75_€ à 5,5_%",
        "20/11/2026Vasseur Encaissée100,00_€36,25_€ à 20_%63,75_€ à 5,5_%",
        "Total « Paiement transmis »100,00_€",
        "Total « Encaissée »100,00_€",
        "Reste dû Partiellement payé231,00_€",
    ] == rows


def test_shares_that_do_not_add_up_are_told_and_shared_on_demand(
    world: World, manager: Browser
) -> None:
    """« Répartir » fills the rates and records nothing; a sum that differs is refused."""
    sale = invoice(world, direction=Direction.SALE, candidate=TWO_RATES, due="331")
    path = f"/factures/{sale.id}/statut"
    opened = manager.get(f"{path}?code=212")
    wrong = manager.post(path, form(world, opened, total="100", **{"amount-0": "10"}))
    shared = manager.post(path, form(world, opened, total="100", faire="share"))

    assert 422 == wrong.status
    assert "répartissez de nouveau" in wrong.text
    assert ("36,25", "63,75") == (
        form(world, shared)["amount-0"], form(world, shared)["amount-1"],
    )  # fmt: skip
    assert () == world.document(sale.id).statuses


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"total": ""}, "Indiquez le montant encaissé"),
        ({"total": "0"}, "Un montant ne peut pas être nul"),
        ({"total": "1e9"}, "« 1e9 » n’est pas un montant"),
        ({"total": "10,001"}, "deux décimales"),
        ({"total": "50", "on": "2026-11-21"}, "ne s’inscrit pas avant sa date"),
        ({"total": "50", "on": "0001-01-01"}, "le 01/01/2000 au plus tôt"),
        ({"total": "999999999999999"}, "Ce montant est trop grand"),
        ({"total": "50", "on": "hier"}, "« hier » n’est pas une date"),
        ({"total": "50", "remboursement": "1"}, "dépasse ce qui a été payé"),
        ({"total": "50", "vus": "3"}, "Un autre paiement vient d’être inscrit"),
    ],
)
def test_a_payment_that_does_not_hold_is_told_beside_its_field(
    world: World, manager: Browser, typed: dict[str, str], told: str
) -> None:
    """What was typed stays in the form; nothing is recorded."""
    sale = invoice(world, direction=Direction.SALE)
    wrong = say(manager, sale, "212", **typed)

    assert 422 == wrong.status
    assert told in wrong.text
    assert typed["total"] == form(world, wrong)["total"]
    assert () == world.document(sale.id).statuses


def test_a_payment_whose_rates_are_not_known_asks_for_them(world: World, manager: Browser) -> None:
    """A sale that was never read gives rates and amounts; a purchase may give a total alone."""
    sale = invoice(world, direction=Direction.SALE, candidate=None)
    bad = say(manager, sale, "212", **{"rate-0": "vingt", "amount-0": "60"})
    say(
        manager,
        sale,
        "212",
        **{"rate-0": "20", "amount-0": "60", "rate-1": "5,5", "amount-1": "60"},
    )
    purchase = invoice(world, candidate=None)
    say(manager, purchase, "211", total="120")

    assert "« vingt » n’est pas un taux" in bad.text
    assert [[("20", "60"), ("5.5", "60")]] == amounts(world.document(sale.id))
    assert [[("None", "120")]] == amounts(world.document(purchase.id))
    assert PaymentStatus.PAID is payment_status(world.document(purchase.id))


def test_more_than_what_is_due_is_asked_for_once_more(world: World, manager: Browser) -> None:
    """A zero too many: a box says it is meant; without it nothing is recorded, with it all is."""
    sale = invoice(world, direction=Direction.SALE)
    path = f"/factures/{sale.id}/statut"
    assert not manager.get(f"{path}?code=212").page.xpath('//input[@name="beyond_due"]')
    asked = say(manager, sale, "212", total="1200")

    assert 422 == asked.status
    assert "La facture serait payée de 1 080,00 € de trop." in asked.text.replace("\u202f", " ")
    (box,) = asked.page.xpath('//input[@name="beyond_due"]')
    assert "checked" not in box.attrib
    assert () == world.document(sale.id).statuses
    assert 303 == manager.post(path, form(world, asked, beyond_due="1")).status
    assert [[("20", "1200.00")]] == amounts(world.document(sale.id))
    again = manager.get(f"{path}?code=212").text.replace("\u202f", " ")
    assert "Trop payé : 1 080,00 €" in again


@pytest.mark.parametrize("candidate", [ONE_RATE, TWO_RATES, None])
def test_a_payment_of_nothing_is_no_payment(
    world: World, manager: Browser, candidate: Candidate | None
) -> None:
    """Its amount is optional on a purchase: left out it is not said, but 0 is a mistake."""
    for typed in ({"total": "0"}, {"total": "0,00", "amount-0": "0", "amount-1": "0"}):
        purchase = invoice(world, candidate=candidate)
        wrong = say(manager, purchase, "211", **typed)
        assert (422, True) == (wrong.status, "Un montant ne peut pas être nul" in wrong.text)
        assert () == world.document(purchase.id).statuses
    purchase = invoice(world, candidate=candidate)
    silent = dict.fromkeys(("total", "amount-0", "amount-1"), "")
    assert 303 == say(manager, purchase, "211", **silent).status


def test_a_comment_that_cannot_be_read_is_asked_for(world: World, manager: Browser) -> None:
    """A zero-width space is none: 208 must say what is waited for."""
    held = invoice(world, came("203"))
    wrong = say(manager, held, "208", reason="JUSTIF_ABS", comment="\u200b")

    assert (422, True) == (wrong.status, "Ajoutez un commentaire" in wrong.text)
    assert 1 == len(world.document(held.id).statuses)


def test_a_credit_note_gives_back_and_its_amounts_are_negative(
    world: World, manager: Browser
) -> None:
    """120 typed on an « avoir » is said as -120 (212); it is then settled."""
    note = invoice(world, direction=Direction.SALE, type_code="381")
    opened = manager.get(f"/factures/{note.id}/statut?code=212")
    say(manager, note, "212", total="120")

    assert "Montant rendu" in opened.text
    assert [[("20", "-120.00")]] == amounts(world.document(note.id))
    assert PaymentStatus.PAID is payment_status(world.document(note.id))


def test_once_a_payment_was_said_the_status_is_not_given_by_hand(
    world: World, manager: Browser
) -> None:
    """One source of truth (JF-62): the archives say so, and name the invoice."""
    sale = invoice(world, direction=Direction.SALE)
    say(manager, sale, "212", total="50")
    refused = manager.post("/archives/statut", {"document": sale.id, "statut": "paid"})

    assert 422 == refused.status
    assert "Facture F-7" in refused.text
    assert PaymentStatus.PARTIAL is payment_status(world.document(sale.id))


# ── Transmission and refusals ───────────────────────────────────────────────────────────────────


def by_platform(world: World, document: Document) -> Document:
    source = Source(channel=Channel.PA, at=AT, connection="c1", flow="f1")
    return world.context.store.commit(Changes(document=replace(document, sources=(source,))))


def test_the_history_tells_when_a_status_was_transmitted_and_confirmed(
    world: World, manager: Browser
) -> None:
    """« transmis 10:42 → confirmé par la PA 10:43 », on a French clock (WE-12)."""
    from facteur.domain.decisions import lifecycle as decide
    from facteur.services.staircase import commit

    held = by_platform(world, invoice(world, came("203")))
    say(manager, held, "204")
    said = world.document(held.id).statuses[-1]
    sent, _commands = commit(
        decide.transmitted(
            world.document(held.id), said.id, connection="c1", flow="f2",
            at=datetime(2026, 11, 20, 9, 42, tzinfo=UTC),
        ),
        world.context,
    )  # fmt: skip
    waiting = manager.get(f"/factures/{held.id}").text
    commit(
        decide.confirmed(sent, said.id, at=datetime(2026, 11, 20, 9, 43, tzinfo=UTC)),
        world.context,
    )
    after = manager.get(f"/factures/{held.id}").text

    assert "Prise en charge, en attente de la PA" in waiting
    assert "transmis 10:42 → confirmé par la PA 10:43" in after
    assert "en attente de la PA" not in after


def test_a_status_that_did_not_leave_says_why_who_mends_it_and_how(
    world: World, manager: Browser
) -> None:
    """D04: « MDT-73 est invalide » names the seller's address and the gesture, prefilled."""
    failed = came(
        "207",
        id="own:x",
        reasons=(StatusReason(code="QTE_ERR", comment="2 et non 3"),),
        transmission=Transmission.REFUSED,
        failure="400",
        failure_text="L'adresse électronique (MDT-73) est invalide",
    )
    held = invoice(world, failed)
    page = manager.get(f"/factures/{held.id}")
    link = page.one('//a[contains(@href,"reprendre")]').get("href")
    again = manager.get(link)

    for words in (
        "n’est pas valable (MDT-73)", "Adresse électronique du vendeur (BT-34)",
        "C’est au vendeur de corriger", "« L'adresse électronique (MDT-73) est invalide »",
        "Corriger et renvoyer",
    ):  # fmt: skip
        assert words in page.text, words
    assert "QTE_ERR" == again.one('//input[@type="radio" and @checked]').get("value")
    assert "2 et non 3" in again.text


@pytest.mark.parametrize(
    ("failure", "text", "told"),
    [
        ("VirusFound", "infected", ("Rien à corriger sur la facture", "Dit par la plateforme")),
        ("BR-FR-CDV-08", "MDT-73 absent", ("L’adresse électronique de l’autre partie manque",
         "Texte de la règle", "C’est au vendeur de corriger")),
        ("status.no_data", "seller_siren", ("SIREN (émetteur)", "ne dit pas tout")),
        ("contradicted", "Refusée", ("c’est elle qui fait foi", "Rien à corriger.")),
        ("HTTP-418", "théière", ("n’est pas dans la liste officielle", "théière")),
    ],
)  # fmt: skip
def test_what_stopped_a_status_is_told_with_who_mends_it(
    world: World, manager: Browser, failure: str, text: str, told: tuple[str, ...]
) -> None:
    """By the rules, by the platform, by the invoice, or by what is not known."""
    failed = came(
        "204", id="own:x", transmission=Transmission.REFUSED, failure=failure, failure_text=text
    )
    page = manager.get(f"/factures/{invoice(world, failed).id}")
    notice = page.one('//section[@id="statut"]//div[contains(@class,"tone-red")]').text_content()

    assert [] == [words for words in told if words not in notice]


def test_a_refusal_by_the_buyer_is_explained_on_the_sale(world: World, manager: Browser) -> None:
    """210: one sentence, the field with a link to it, who can mend it, the buyer's own words."""
    why = StatusReason(code="CMD_ERR", comment="Il manque notre bon de commande")
    sale = invoice(world, came("210", reasons=(why,), by_name="Brunet"), direction=Direction.SALE)
    page = manager.get(f"/factures/{sale.id}")

    assert "Pourquoi « Refusée »" in page.text
    assert "Le numéro de commande est absent ou faux." in page.text
    assert "Dit par l’autre partie" in page.text
    assert "«\u00a0Il manque notre bon de commande\u00a0»".replace("\u00a0", " ") in page.text
    assert "établissez-en une autre, sous un autre numéro" in page.text
    assert page.page.xpath('//section[@id="statut"]//a[@href="#f-purchase_order"]')


def test_an_error_of_routing_says_who_goes_on(world: World, manager: Browser) -> None:
    """221: the invoice stands and the sending platform tries the right one; nothing to retry."""
    sent = Sending(
        connection="c1", tracking_id="t", sha256="0" * 64, at=AT, flow="f1",
        transmission=Transmission.CONFIRMED,
    )  # fmt: skip
    why = (StatusReason(code="ROUTAGE_ERR"),)
    sale = invoice(world, came("221", reasons=why), direction=Direction.SALE, sendings=(sent,))
    page = manager.get(f"/factures/{sale.id}")

    assert "Rien à renvoyer : la facture tient, et votre plateforme la transmet" in page.text
    assert "réessayez" not in page.text
    assert "Renvoyer par la plateforme" not in page.text


def test_a_refused_purchase_says_so_once(world: World, manager: Browser) -> None:
    """Its state and its status are one word: one badge, on the page and in the list."""
    own = came("210", side=Side.BUYER, id="own:1", transmission=Transmission.CONFIRMED)
    held = invoice(world, own, state=State.REFUSED)
    listed = manager.get("/achats?onglet=refusees").page
    head = manager.get(f"/factures/{held.id}").one('//p[contains(@class,"doc-meta")]')
    (cell,) = listed.xpath('//td[@class="state"]')
    for shown in (head, cell):
        assert 1 == len(shown.xpath('.//span[contains(@class,"badge-state")]'))
    waiting = replace(own, transmission=Transmission.SENT)
    held = invoice(world, waiting, state=State.REFUSED)
    page = manager.get(f"/factures/{held.id}")
    assert (
        "Refusée, en attente de la PA"
        in page.one('//p[contains(@class,"doc-meta")]').text_content()
    )


def test_a_rejection_is_told_once_on_a_sale_that_was_sent(world: World, manager: Browser) -> None:
    """The sending panel explains a 213: the section of statuses does not say it again."""
    sent = Sending(
        connection="c1", tracking_id="t", sha256="0" * 64, at=AT, flow="f1",
        transmission=Transmission.CONFIRMED,
    )  # fmt: skip
    why = (StatusReason(code="REJ_ADR"),)
    sale = invoice(world, came("213", reasons=why), direction=Direction.SALE, sendings=(sent,))
    page = manager.get(f"/factures/{sale.id}")

    assert 1 == page.text.count("L’adresse de facturation électronique du client est refusée.")


def test_every_reason_that_a_refusal_may_give_has_a_french_sentence() -> None:
    """NO-03: none of the table falls back on « un motif qui n'est pas dans la liste »."""
    silent = [
        code for code in ADVICE if not (i18n.sentence(f"rejection.{code}") or i18n.sentence(code))
    ]
    from facteur.domain.lifecycle import reasons

    unadvised = {one for held in reasons.REASONS.values() for one in held} - set(ADVICE)

    assert ([], set()) == (silent, unadvised)


def test_what_was_not_theirs_to_say_is_shown_as_of_no_effect(
    world: World, manager: Browser
) -> None:
    """A supplier who approves his own invoice: kept in sight, and nothing changes."""
    held = invoice(world, came("203"), came("205", side=Side.SELLER, by_name="Vasseur"))
    page = manager.get(f"/factures/{held.id}")

    assert 1 == page.text.count("Sans effet : ce n’est pas à cette partie de le dire.")
    assert page.page.xpath('//a[@id="statut-210" or @id="statut-205"]')


def test_an_announced_change_of_account_asks_to_be_checked(world: World, manager: Browser) -> None:
    """227 changes nothing by itself."""
    held = invoice(world, came("227", characteristics=(Characteristic(type="CBB", value="FR76"),)))

    assert "Vérifiez-le auprès du vendeur" in manager.get(f"/factures/{held.id}").text


def test_statuses_of_one_second_stand_in_the_order_of_the_road(manager: Browser) -> None:
    """Messages know seconds only: newest first, the last station of the road on top."""
    road = [came(code) for code in ("202", "200", "203", "201")]
    kept = invoice(manager.world, *road)
    shown = manager.get(f"/factures/{kept.id}").page.xpath(
        "//ol[contains(@class, 'status-history')]/li//span[contains(@class, 'badge-state')]/@title"
    )
    assert ["203", "202", "201", "200"] == [one.partition(" ")[0] for one in shown]


def test_an_invoice_and_what_replaces_it_lead_to_each_other(manager: Browser) -> None:
    """The corrective invoice is named with a link, above everything else."""
    tie = Related(document="other", relation=Relation.CORRECTED_BY, number="F-8")
    kept = invoice(manager.world, came("203"), related=(tie,))
    link = manager.get(f"/factures/{kept.id}").one("//div[@id='liees']//a")
    assert ("F-8", True) == (link.text, link.get("href").endswith("/factures/other"))
    told = " ".join(link.getparent().text_content().split())
    assert "Corrigée par la facture rectificative F-8" == told


# ── What came without a page ────────────────────────────────────────────────────────────────────


def test_a_page_that_we_drew_says_so_beside_the_original_and_its_attachments(
    world: World, manager: Browser
) -> None:
    """An XML received alone: « Vue générée par Facteur », the XML and BG-24 at hand."""
    drawn = Conversion(profile="EN 16931", road="readable", pdfa=True, verdict=Verdict.VALID)
    held = invoice(
        world,
        pages=1,
        conversion=drawn,
        files={"attachment-1": b"bon de livraison", "attachment-2": b"photo"},
    )
    page = manager.get(f"/factures/{held.id}")
    base = f"/factures/{held.id}/fichiers"
    links = [one.get("href") for one in page.page.xpath('//ul[@class="files"]//a')]

    assert "Vue générée par Facteur" in page.one('//p[@class="generated"]').text_content()
    for role in ("original", "attachment-1", "attachment-2"):
        assert f"{base}/{role}?telecharger=1" in links
        assert 303 == manager.get(f"{base}/{role}?telecharger=1").status
    as_received = invoice(world, pages=1)
    assert "Vue générée" not in manager.get(f"/factures/{as_received.id}").text


def test_a_cancelled_purchase_that_waits_says_what_accepting_it_means(manager: Browser) -> None:
    """It is kept, not paid; once decided, or while it is open, nothing of the kind is said."""
    words = "Elle n’est plus à payer"
    waiting = invoice(manager.world, came("203"), came("220"), state=State.TO_ACCEPT)
    assert words in manager.get(f"/factures/{waiting.id}").text
    kept = invoice(manager.world, came("203"), came("220"))
    open_ = invoice(manager.world, came("203"), state=State.TO_ACCEPT)
    for one in (kept, open_):
        assert words not in manager.get(f"/factures/{one.id}").text
