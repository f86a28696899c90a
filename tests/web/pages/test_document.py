"""The document page: what it shows, what it sends, what it refuses."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from facteur.domain.candidate import (
    Candidate,
    LineRow,
    Origin,
    Provenance,
    Reading,
    VatRow,
)
from facteur.domain.documents import Direction, Document, Duplicate, State, Summary
from facteur.domain.dossiers import Role
from facteur.domain.faults import Fault, FaultSource, Severity
from facteur.domain.pages import Box
from facteur.domain.serial import loads

from tests.services.world import xml
from tests.web.browser import Browser, Reply, keep

HOSTILE = "<script>alert(1)</script>"


def _read(value: Any, *, origin: Origin = Origin.TEXT, confidence: float = 1.0) -> Reading:
    box = Box(0.1, 0.2, 0.3, 0.25)
    where = Provenance(origin=origin, page=1, box=box, text=str(value))
    return Reading(value=value, provenance=where, confidence=confidence)


def _candidate(**changes: Reading) -> Candidate:
    fields = {
        "type": _read("invoice"),
        "number": _read("F-12"),
        "issue_date": _read(date(2026, 4, 25)),
        "currency": _read("EUR", origin=Origin.RULE),
        "seller_name": _read("Imprimerie Vasseur"),
        "buyer_name": _read("Maison Delorme"),
        "total_excl_vat": _read(Decimal("1094.00")),
        "total_vat": _read(Decimal("218.80")),
        "total_incl_vat": _read(Decimal("1312.80")),
        "amount_due": _read(Decimal("1312.80")),
        "lines": _read(
            (
                LineRow(
                    description="Affiches",
                    quantity=Decimal(2),
                    unit="H87",
                    unit_price=Decimal("547"),
                    net=Decimal("1094.00"),
                    vat_rate=Decimal(20),
                ),
            )
        ),
        "vat_breakdown": _read(
            (VatRow(rate=Decimal(20), base=Decimal("1094.00"), tax=Decimal("218.80")),)
        ),
        **changes,
    }
    return Candidate(fields=fields)


def _to_check(browser: Browser, candidate: Candidate | None = None, **changes: Any) -> Document:
    return keep(
        browser.world,
        State.TO_CHECK,
        candidate=candidate or _candidate(),
        pages=1,
        summary=Summary(kind="invoice", number="F-12", seller_name="Imprimerie Vasseur"),
        **changes,
    )


def _form(reply: Reply) -> list[tuple[str, str]]:
    """What a browser would send of the main form, untouched."""
    found = []
    for one in reply.page.xpath("//form[@id='fields']//*[self::input or self::textarea]"):
        if one.get("type") not in ("checkbox", "submit") and one.get("name") != "csrf":
            found.append((one.get("name"), one.get("value") or one.text or ""))
    for one in reply.page.xpath("//form[@id='fields']//select"):
        chosen = one.xpath(".//option[@selected]/@value") or one.xpath(".//option/@value")
        found.append((one.get("name"), str(chosen[0])))
    return found


def _set(form: list[tuple[str, str]], **values: str) -> list[tuple[str, str]]:
    """The form with fields typed over (dots are written __)."""
    typed = {name.replace("__", "."): value for name, value in values.items()}
    return [(name, typed.get(name, value)) for name, value in form]


def _stored(browser: Browser, document: Document) -> Candidate:
    head = browser.world.document(document.id)
    return loads(Candidate, browser.world.context.blobs.get(head.files["candidate"]))


def test_the_page_stands_beside_its_fields(manager: Browser) -> None:
    """The image by a presigned link of an origin that the CSP names, a box per field over it."""
    held = _to_check(manager)
    reply = manager.get(f"/factures/{held.id}")
    image = reply.one("//figure/img")

    assert image.get("alt") == "Page 1 sur 1"
    origin = "/".join(image.get("src").split("/")[:3])
    assert origin in reply.headers["content-security-policy"].split("img-src")[1].split(";")[0]
    boxes = {one.get("data-field"): one for one in reply.page.xpath("//*[@class='box']")}
    assert boxes["number"].get("x") == "0.1000"
    assert boxes["number"].get("height") == "0.0500"
    for name in boxes:
        assert reply.page.xpath(f"//form[@id='fields']//*[@data-field='{name}']"), name


def test_fields_are_written_and_told_where_they_come_from(manager: Browser) -> None:
    """French figures and dates; the origin by icon and words, for eyes and for screen readers."""
    held = _to_check(manager)
    reply = manager.get(f"/factures/{held.id}")

    assert reply.one("//input[@id='f-total_incl_vat']").get("value") == "1\u202f312,80"
    assert reply.one("//input[@id='f-issue_date']").get("value") == "25/04/2026"
    assert reply.one("//input[@name='lines.0.net']").get("value") == "1\u202f094,00"
    assert "pièce" in reply.text
    number = reply.one("//input[@id='f-number']")
    told = reply.one(f"//*[@id='{number.get('aria-describedby').split()[0]}']")
    assert told.text_content().strip() == "Texte du PDF · page 1 · « F-12 »"
    assert "Calculée" in reply.one("//*[@id='o-currency']").text_content()


def test_no_path_nor_name_of_a_rule_is_told_to_users(manager: Browser) -> None:
    """Where a value stands in the XML, the name of a rule without sentence: neither in a tooltip
    nor in what only screen readers say."""
    path = "/rsm:CrossIndustryInvoice/ram:ApplicableHeaderTradeAgreement/ram:Name"
    xml_read = Provenance(origin=Origin.XML, path=path, text="Imprimerie Vasseur")
    rule = Provenance(origin=Origin.RULE, path="some.rule_of_ours")
    candidate = _candidate(
        seller_name=Reading(value="Imprimerie Vasseur", provenance=xml_read),
        currency=Reading(value="EUR", provenance=rule),
    )
    reply = manager.get(f"/factures/{_to_check(manager, candidate).id}")

    for raw in ("rsm:", "ram:", "some.rule_of_ours"):
        assert raw not in reply.text
    told = reply.one("//*[@id='o-seller_name']").text_content().strip()
    assert told == "XML de l’émetteur"
    assert reply.one("//*[@id='o-currency']").text_content().strip() == "Calculée"


def test_faults_stand_at_the_top_and_beside_their_field(manager: Browser) -> None:
    """Linked both ways: the list leads to the field, the field is described by its fault."""
    faults = (
        Fault(
            code="total.sum",
            path="total_incl_vat",
            values={"found": "1312.80", "expected": "1312.90", "delta": "0.10"},
        ),
        Fault(code="typed.amount", path="lines.0.net", values={"value": HOSTILE}),
    )
    held = _to_check(manager, faults=faults)
    reply = manager.get(f"/factures/{held.id}")
    field = reply.one("//input[@id='f-total_incl_vat']")

    assert field.get("aria-invalid") == "true"
    beside = reply.one("//*[@id='e-total_incl_vat']").text_content()
    assert "HT + TVA fait 1\u202f312,80" in beside
    assert "e-total_incl_vat" in field.get("aria-describedby")
    top = reply.one("//section[@id='anomalies']")
    assert "#f-total_incl_vat" in top.xpath(".//a/@href")
    assert "#f-lines-0-net" in top.xpath(".//a/@href")
    assert reply.one("//input[@id='f-lines-0-net']").get("aria-invalid") == "true"
    assert HOSTILE not in reply.body


def test_what_was_badly_read_is_marked_and_can_be_confirmed(manager: Browser) -> None:
    """« à vérifier » beside it; a tick makes the value the user's own, unchanged."""
    unsure = Fault(code="field.unsure", path="number", severity=Severity.WARNING)
    held = _to_check(manager, _candidate(number=_read("F-12", confidence=0.6)), faults=(unsure,))
    reply = manager.get(f"/factures/{held.id}")
    assert "à vérifier" in reply.one("//*[@id='u-number']").text_content()
    assert "u-number" in reply.one("//input[@id='f-number']").get("aria-describedby")
    back = manager.post(f"/factures/{held.id}", [*_form(reply), ("confirm", "number")])

    assert back.location.endswith("fait=saved")
    number = _stored(manager, held).fields["number"]
    assert ("F-12", Origin.USER, True) == (number.value, number.provenance.origin, number.sure)


def test_only_what_was_changed_is_saved(manager: Browser) -> None:
    """The form sent back with one field typed over changes that field alone."""
    held = _to_check(manager)
    form = _form(manager.get(f"/factures/{held.id}"))
    back = manager.post(
        f"/factures/{held.id}", [*_set(form, due_date="25/05/2026"), ("action", "save")]
    )

    assert back.location.endswith("fait=saved")
    saved = _stored(manager, held)
    assert saved.day("due_date") == date(2026, 5, 25)
    users = [n for n, one in saved.fields.items() if one.provenance.origin is Origin.USER]
    assert users == ["due_date"]


def test_an_untouched_form_changes_nothing(manager: Browser) -> None:
    """« Enregistrer » without a change says so and keeps the version."""
    held = _to_check(manager)
    form = _form(manager.get(f"/factures/{held.id}"))
    back = manager.post(f"/factures/{held.id}", [*form, ("action", "save")])

    assert back.location.endswith("fait=unchanged")
    assert manager.world.document(held.id).version == held.version


def test_a_line_can_be_changed_and_added(manager: Browser) -> None:
    """The blank row adds one; what a row holds and the form does not show is kept."""
    held = _to_check(manager)
    form = _form(manager.get(f"/factures/{held.id}"))
    typed = _set(form, lines__0__description="Affiches A2", lines__1__description="Port",
                 lines__1__net="10,50", lines__1__vat_rate="20")  # fmt: skip
    manager.post(f"/factures/{held.id}", typed)
    lines = _stored(manager, held).lines
    assert [one.description for one in lines] == ["Affiches A2", "Port"]
    assert lines[0].unit == "H87"
    assert lines[1].net == Decimal("10.50")


def test_a_row_whose_cells_are_cleared_goes(manager: Browser) -> None:
    """No button is needed to remove a line: an empty one is none."""
    held = _to_check(manager)
    form = _form(manager.get(f"/factures/{held.id}"))
    cleared = [(name, "" if name.startswith("lines.") else value) for name, value in form]
    manager.post(f"/factures/{held.id}", cleared)

    assert "lines" not in _stored(manager, held).fields


def test_what_does_not_hold_is_shown_again_beside_its_fault(manager: Browser) -> None:
    """422: everything typed is still there, every fault at once, nothing saved."""
    held = _to_check(manager)
    form = _form(manager.get(f"/factures/{held.id}"))
    typed = _set(form, issue_date="31/02/2026", total_vat="beaucoup", number="F-13")
    sent = [*typed, ("confirm", "number"), ("action", "save")]
    reply = manager.post(f"/factures/{held.id}", sent)

    assert reply.status == 422
    assert reply.one("//input[@id='f-issue_date']").get("value") == "31/02/2026"
    assert reply.one("//input[@id='f-number']").get("value") == "F-13"
    errors = reply.one("//*[@id='errors']")
    assert ["#f-issue_date", "#f-total_vat"] == sorted(errors.xpath(".//a/@href"))
    assert "« beaucoup » n’est pas un nombre" in errors.text_content()
    assert _stored(manager, held).text("number") == "F-12"


def test_accepting_goes_on_to_the_next_document(manager: Browser) -> None:
    """The invoice is accepted and the next one to handle opens (PE-06)."""
    first = keep(manager.world, State.TO_ACCEPT, candidate=_candidate())
    other = keep(manager.world, State.TO_ACCEPT, candidate=_candidate())
    back = manager.post(
        f"/factures/{first.id}", {"version": str(first.version), "action": "accept"}
    )

    assert back.location == f"/factures/{other.id}?fait=accepted"
    assert manager.world.document(first.id).state is State.ACCEPTED
    last = manager.post(
        f"/factures/{other.id}", {"version": str(other.version), "action": "accept"}
    )
    assert last.location == "/achats?fait=accepted_last"


def test_changes_are_checked_before_they_are_accepted(manager: Browser) -> None:
    """« Accepter » with a field typed over saves first: nobody accepts what was not checked."""
    held = keep(manager.world, State.TO_ACCEPT, candidate=_candidate())
    form = _form(manager.get(f"/factures/{held.id}"))
    back = manager.post(
        f"/factures/{held.id}", [*_set(form, due_date="25/05/2026"), ("action", "accept")]
    )

    assert back.location == f"/factures/{held.id}?fait=saved_first"
    assert manager.world.document(held.id).state is not State.ACCEPTED


def test_somebody_else_was_faster(manager: Browser) -> None:
    """The version that the page showed travels with the form: 409 and a sentence."""
    held = keep(manager.world, State.TO_ACCEPT, candidate=_candidate())
    reply = manager.post(
        f"/factures/{held.id}", {"version": str(held.version - 1), "action": "accept"}
    )

    assert reply.status == 409
    assert "Ce document a changé depuis que vous l’avez ouvert" in reply.text
    assert manager.post(f"/factures/{held.id}", {"action": "accept"}).status == 409


def test_an_incomplete_invoice_cannot_be_accepted(manager: Browser) -> None:
    """The button is off with its reason; a forged request is refused with the faults."""
    missing = Fault(code="field.missing", path="number")
    held = _to_check(manager, faults=(missing,))
    button = manager.get(f"/factures/{held.id}").one("//button[@id='accept']")
    assert button.get("disabled") is not None
    assert button.get("aria-describedby") == "why"
    reply = manager.post(
        f"/factures/{held.id}", {"version": str(held.version), "action": "accept"}
    )

    assert reply.status == 422
    assert "Cette facture est incomplète" in reply.text


def test_what_was_not_recognised_can_be_completed(manager: Browser) -> None:
    """A page of which nothing was read still has its form; what is typed in it is kept."""
    held = _to_check(manager, Candidate(fields={}, kind="other"))
    page = manager.get(f"/factures/{held.id}")
    assert "Aucune donnée" not in page.text
    form = [*_set(_form(page), number="F-77"), ("action", "save")]
    manager.post(f"/factures/{held.id}", form)

    assert _stored(manager, held).text("number") == "F-77"


def test_a_payslip_is_said_to_be_one(manager: Browser) -> None:
    """Its kind is in the title and in the reason; nothing asks to complete an invoice."""
    fault = Fault(code="document.not_recognised", values={"kind": "payslip"})
    held = _to_check(manager, Candidate(fields={}, kind="payslip"), faults=(fault,))
    page = manager.get(f"/factures/{held.id}")

    assert "semble être un bulletin de paie, non une facture" in page.text
    assert "Ranger comme « Bulletin de paie »" in page.text
    folded = page.one("//details[@id='saisir']")
    assert folded.get("open") is None
    assert folded.xpath(".//form[@id='fields']")


def test_a_payslip_is_put_away_in_one_click(manager: Browser) -> None:
    """It leaves the lists to handle, its file kept, with what it is as the reason."""
    fault = Fault(code="document.not_recognised", values={"kind": "payslip"})
    held = _to_check(manager, Candidate(fields={}, kind="payslip"), faults=(fault,))
    form = manager.get(f"/factures/{held.id}").one("//button[@id='ranger']/ancestor::form")
    values = [(one.get("name"), one.get("value")) for one in form.xpath(".//input")]
    manager.post(f"/factures/{held.id}/refus", values)
    after = manager.world.context.store.document(held.ref)

    assert after.state is State.REFUSED
    assert after.refusal_comment == "Bulletin de paie : ce n’est pas une facture"


def test_what_was_typed_in_an_unlikely_invoice_is_shown_again(manager: Browser) -> None:
    """Once something is typed, the form is open: nobody loses sight of their own words."""
    fault = Fault(code="document.not_recognised", values={"kind": "other"})
    typed = Reading(value="F-1", provenance=Provenance(origin=Origin.USER))
    held = _to_check(manager, Candidate(fields={"number": typed}, kind="other"), faults=(fault,))
    page = manager.get(f"/factures/{held.id}")

    assert page.one("//details[@id='saisir']").get("open") is not None
    assert "Ranger comme « Autre document »" in page.text


def test_our_own_company_is_filled_in_one_gesture(manager: Browser) -> None:
    """« C'est notre entreprise » gives the buyer that the page leaves out: the dossier's own."""
    missing = Fault(code="field.missing", path="buyer_name")
    held = _to_check(manager, Candidate(fields={}, kind="receipt"), faults=(missing,))
    page = manager.get(f"/factures/{held.id}")
    assert "C’est notre entreprise" in page.text
    manager.post(f"/factures/{held.id}", [*_form(page), ("ours", "1"), ("action", "save")])
    own = manager.world.context.store.dossier(held.dossier)
    stored = _stored(manager, held)

    assert (own.name, own.siren) == (stored.text("buyer_name"), stored.text("buyer_siren"))


def test_what_is_missing_is_named_at_the_top(manager: Browser) -> None:
    """« À compléter » alone says nothing: the field is named, and its input is one click away."""
    missing = Fault(code="field.missing", path="seller_siren")
    held = _to_check(manager, Candidate(fields={}), faults=(missing,))
    page = manager.get(f"/factures/{held.id}")
    link = page.one("//*[@id='anomalies']//a")

    assert link.text == "SIREN (émetteur)"
    assert page.page.xpath(f"//*[@id='{str(link.get('href'))[1:]}']")


def test_a_closed_document_asks_for_nothing(manager: Browser) -> None:
    """Once refused, no field says « À compléter » any more."""
    missing = Fault(code="field.missing", path="seller_siren")
    kept = {"candidate": _candidate(), "faults": (missing,)}
    open_one = keep(manager.world, State.TO_CHECK, **kept)
    refused = keep(manager.world, State.REFUSED, refusal="DEST_ERR", **kept)

    assert "À compléter." in manager.get(f"/factures/{open_one.id}").text
    assert "À compléter." not in manager.get(f"/factures/{refused.id}").text


def test_an_acceptable_invoice_is_not_said_to_be_under_control(manager: Browser) -> None:
    """« À contrôler » is a state; what is only worth a look has another title."""
    doubt = _candidate(number=_read("F-12", confidence=0.5))
    unsure = (Fault(code="field.unsure", path="number", severity=Severity.WARNING),)
    held = keep(manager.world, State.TO_ACCEPT, candidate=doubt, pages=1, faults=unsure)
    page = manager.get(f"/factures/{held.id}")

    assert page.one("//h2[@id='anomalies-titre']").text == "À vérifier"


def test_refusing_asks_for_a_reason_of_the_list(manager: Browser) -> None:
    """No reason or an invented one: 422, the comment still there; a right one closes it."""
    held = _to_check(manager)
    path, version = f"/factures/{held.id}/refus", str(held.version)
    for reason in ("", "PARCEQUE"):
        form = {"version": version, "reason": reason, "comment": "pas la nôtre"}
        reply = manager.post(path, form)
        assert reply.status == 422
        assert "Choisissez un motif de refus." in reply.text
        assert "pas la nôtre" in reply.one("//textarea[@id='comment']").text
    manager.post(path, {"version": version, "reason": "DEST_ERR", "comment": HOSTILE})
    shown = manager.get(f"/factures/{held.id}")

    assert "Refusée : Erreur de destinataire" in shown.text
    assert HOSTILE not in shown.body
    assert not shown.page.xpath("//*[@class='actions-bar']")


def test_a_double_is_announced_compared_and_cleared(manager: Browser) -> None:
    """The banner, the link, the comparison with its differences; then it may be accepted."""
    twin = keep(
        manager.world,
        State.ARCHIVED,
        candidate=_candidate(total_incl_vat=_read(Decimal("99.00"))),
        pages=1,
    )
    double = (Duplicate(document=twin.id, reason="number"),)
    held = keep(manager.world, State.TO_ACCEPT, candidate=_candidate(), pages=1, duplicates=double)
    page = manager.get(f"/factures/{held.id}")
    assert "Cette facture semble être un doublon." in page.text
    assert page.one("//button[@id='accept']").get("disabled") is not None
    forged = {"version": str(held.version), "action": "accept"}
    assert manager.post(f"/factures/{held.id}", forged).status == 409
    compared = manager.get(f"/factures/{held.id}/comparer/{twin.id}")
    differing = compared.page.xpath("//tr[@class='differs']/th/text()")
    assert "Total TTC" in [one.strip() for one in differing]
    assert len(compared.page.xpath("//figure/img")) == 2
    manager.post(f"/factures/{held.id}/pas-un-doublon", {"version": str(held.version)})
    after = manager.get(f"/factures/{held.id}")

    assert "semble être un doublon" not in after.text
    assert after.one("//button[@id='accept']").get("disabled") is None


def test_the_issuers_own_data_are_read_only(manager: Browser) -> None:
    """A structured invoice shows its fields and lets none be typed; a forged change is ignored."""
    (held,) = manager.world.receive(("f.xml", xml("X-1")))
    assert held.structured
    reply = manager.get(f"/factures/{held.id}")
    inputs = reply.page.xpath("//form[@id='fields']//input[not(@type='hidden')]")

    assert inputs
    assert all(one.get("readonly") is not None for one in inputs)
    assert all(
        one.get("disabled") is not None for one in reply.page.xpath("//form[@id='fields']//select")
    )
    assert "XML de l’émetteur" in reply.text
    assert "Enregistrer" not in reply.text
    version = str(held.version)
    manager.post(f"/factures/{held.id}", {"version": version, "number": "FAUX", "action": "save"})
    assert _stored(manager, held).text("number") == "X-1"


def test_a_reader_sees_and_cannot_decide(manager: Browser) -> None:
    """No button that would be refused."""
    held = _to_check(manager)
    reader = manager.as_role(Role.READER)
    reply = reader.get(f"/factures/{held.id}")

    assert reply.status == 200
    assert not reply.page.xpath("//*[@class='actions-bar'] | //input[@name='confirm']")
    assert all(
        one.get("readonly") is not None
        for one in reply.page.xpath("//form[@id='fields']//input[not(@type='hidden')]")
    )


def test_official_findings_are_told_in_french_with_their_text(manager: Browser) -> None:
    """Our sentence first, the official text folded; a rule we do not know shows its own."""
    known = Fault(
        code="BR-CO-10",
        severity=Severity.WARNING,
        source=FaultSource.OFFICIAL,
        message="[BR-CO-10]-Sum of Invoice line net amount",
    )
    unknown = Fault(
        code="BR-ZZ-99",
        severity=Severity.WARNING,
        source=FaultSource.OFFICIAL,
        message=f"Strange rule {HOSTILE}",
    )
    held = keep(manager.world, State.TO_ACCEPT, candidate=_candidate(), faults=(known, unknown))
    reply = manager.get(f"/factures/{held.id}")
    block = reply.one("//section[@aria-labelledby='b-checks']").text_content()

    assert "2 constats des règles officielles" in block
    assert "Sum of Invoice line net amount" in block
    assert f"Strange rule {HOSTILE}" in block
    assert HOSTILE not in reply.body
    assert "Non vérifiée" in block


def test_the_xml_is_shown_as_text(manager: Browser) -> None:
    """Markup inside the issuer's XML stays text; htmx gets the viewer alone."""
    data = f"<a>{HOSTILE}</a>".encode()
    held = keep(
        manager.world, State.TO_ACCEPT, candidate=_candidate(), files={"invoice_xml": data}
    )
    path = f"/factures/{held.id}?vue=donnees"

    assert f"<a>{HOSTILE}</a>" in manager.get(path).one("//pre").text
    assert HOSTILE not in manager.get(path).body
    assert "<html" not in manager.get(path, hx_request="true").body


def test_files_are_fetched_from_the_bucket(manager: Browser) -> None:
    """303 to a presigned link, to show or to save; a role that is not there is a 404."""
    held = _to_check(manager)
    shown = manager.get(f"/factures/{held.id}/fichiers/original")
    saved = manager.get(f"/factures/{held.id}/fichiers/original?telecharger=1")

    assert shown.location.startswith("http://127.0.0.1")
    assert "attachment" in saved.location
    assert manager.get(f"/factures/{held.id}/fichiers/mdp").status == 404


def test_a_page_that_waits_asks_again_until_it_moved(manager: Browser) -> None:
    """204 while nothing changed, then the whole page again; without scripts, a refresh."""
    held = keep(manager.world, State.RECEIVED)
    page = manager.get(f"/factures/{held.id}")
    poll = page.one("//*[@id='waiting']").get("hx-get")
    assert manager.get(poll, hx_request="true").status == 204
    assert page.page.xpath("//noscript/meta[@http-equiv='refresh']")
    later = manager.get(f"/factures/{held.id}/etat?version=0", hx_request="true")

    assert (200, "true") == (later.status, later.headers["hx-refresh"])


def test_what_is_being_checked_again_asks_for_nothing(manager: Browser) -> None:
    """What was missing before a correction is no longer said while the correction is checked."""
    missing = Fault(code="field.missing", path="due_date", severity=Severity.BLOCKING)
    asked = keep(manager.world, State.TO_CHECK, candidate=_candidate(), faults=(missing,))
    again = keep(manager.world, State.RECEIVED, candidate=_candidate(), faults=(missing,))

    assert "À compléter." in manager.get(f"/factures/{asked.id}").text
    assert "À compléter." not in manager.get(f"/factures/{again.id}").text


@pytest.mark.parametrize("state", list(State))
def test_the_page_opens_in_every_state(manager: Browser, state: State) -> None:
    """With or without anything read, in whatever state, the second window too."""
    failure = Fault(code="unreadable.damaged") if state is State.QUARANTINED else None
    bare = keep(manager.world, state, failure=failure)
    read = keep(manager.world, state, candidate=_candidate(), pages=2, failure=failure)
    for held in (bare, read):
        reply = manager.get(f"/factures/{held.id}")
        assert reply.status == 200
        assert "Document reçu par e-mail : facture.pdf" in reply.text
        assert manager.get(f"/factures/{held.id}/page").status == 200


def test_an_unknown_code_is_kept_and_shown(manager: Browser) -> None:
    """A type, a fault, a reason that nobody told us about is no crash."""
    candidate = _candidate(type=_read("hologramme"))
    held = keep(
        manager.world,
        State.REFUSED,
        candidate=candidate,
        faults=(Fault(code="chose.inconnue"),),
        refusal="ZZZ",
        summary=Summary(kind="hologramme", number="1"),
    )
    reply = manager.get(f"/factures/{held.id}")

    assert "hologramme 1" in reply.text
    assert "Refusée : ZZZ" in reply.text


def test_an_acceptance_by_mistake_says_what_is_left(manager: Browser) -> None:
    """A purchase: dispute and credit note, never « refuser »; a sale: its credit note. Not before
    it was accepted, nor to who may not decide."""
    summary = Summary(kind="invoice", number="F-1", type_code="380")
    bought = keep(manager.world, State.ARCHIVED, summary=summary)
    shown = manager.get(f"/factures/{bought.id}").one("//*[@id='acceptee-par-erreur']")
    text = " ".join(shown.text_content().split())
    assert "Elle ne se refuse plus" in text
    assert "demandez un avoir" in text
    (dispute,) = shown.xpath(".//a[contains(@href,'code=207')]")
    assert manager.get(dispute.get("href")).status == 200
    sold = keep(manager.world, State.ARCHIVED, summary=summary, direction=Direction.SALE)
    text = manager.get(f"/factures/{sold.id}").one("//*[@id='acceptee-par-erreur']").text_content()
    assert "un avoir ou une facture rectificative" in text
    waits = keep(manager.world, State.TO_ACCEPT, summary=summary)
    assert "acceptee-par-erreur" not in manager.get(f"/factures/{waits.id}").body
    reader = manager.as_role(Role.READER)
    assert "acceptee-par-erreur" not in reader.get(f"/factures/{bought.id}").body
