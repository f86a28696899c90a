"""« Clients & fournisseurs »: the list, the card, the doubles, the lists, through the pages."""

import io
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from facteur.domain import identifiers
from facteur.domain.dossiers import Caller, Permission, Role
from facteur.domain.hints import Hint, Way
from facteur.domain.parties import Party, Side, Standing
from facteur.formats import spreadsheet
from facteur.services.parties import book as parties
from openpyxl import load_workbook

from tests.services.world import World
from tests.web.browser import Browser, Reply

IBAN, OTHER = "FR7630006000011234567890189", "FR1420041010050500013M02606"
TABLE = "//table[contains(@class, 'parties')]"
HOSTILE = "=HYPERLINK(1)<script>alert(1)</script>"


def card(world: World, name: str = "Le Goff", **values: str) -> Party:
    """A card made by hand."""
    iban = values.pop("iban", "")
    side = Side(values.pop("side", "supplier"))
    return parties.add(world.caller, side, {"name": name, **values}, world.context, iban=iban)


def held(world: World, party: Party) -> Party:
    return world.context.parties.party(world.dossier, party.id)


def names(reply: Reply) -> list[str]:
    return [
        one.text_content() for one in reply.page.xpath("//tr[@data-row]//a[@class='row-link']")
    ]


def test_the_table_has_its_seven_columns_each_sorting_and_filtering(manager: Browser) -> None:
    """The columns of JF-24, a link and a filter on each, the order said to screen readers."""
    card(manager.world, siren="403156540", iban=IBAN, email="compta@legoff.example")
    reply = manager.get("/tiers?onglet=fournisseurs&tri=siren")
    heads = [one.text_content().strip() for one in reply.page.xpath(TABLE + "/thead/tr[1]/th")]

    assert ["Sélection", "N° FOURNISSEUR", "NOM DE L’ENTREPRISE", "SIREN", "IBAN", "E-MAIL",
            "SUR FACTEUR"] == heads  # fmt: skip
    assert 6 == len(reply.page.xpath(TABLE + "/thead/tr[1]/th/a"))
    assert 6 == len(reply.page.xpath(TABLE + "/thead/tr[2]//*[starts-with(@name, 'f_')]"))
    assert "ascending" == reply.one("//th[contains(., 'SIREN')]").get("aria-sort")
    assert "SIREN-403156540" in reply.text
    assert "FOUR-001" in reply.text


def test_the_state_of_the_list_is_in_its_address(manager: Browser) -> None:
    """Sorted both ways, filtered by each column; the links keep the filters."""
    world = manager.world
    card(world, "Atelier Vasseur", siren="500000005", email="a@vasseur.example")
    card(world, "Le Goff", siren="403156540", iban=IBAN)
    card(world, "Zinc et fils")

    assert ["Atelier Vasseur", "Le Goff", "Zinc et fils"] == names(manager.get("/tiers"))
    assert ["Zinc et fils", "Le Goff", "Atelier Vasseur"] == names(
        manager.get("/tiers?tri=numero&ordre=desc")
    )
    for query, expected in (
        ("f_nom=goff", "Le Goff"),
        ("f_siren=SIREN-5000", "Atelier Vasseur"),
        ("f_iban=FR76+3000", "Le Goff"),
        ("f_email=vasseur", "Atelier Vasseur"),
        ("f_numero=four-003", "Zinc et fils"),
    ):
        assert [expected] == names(manager.get(f"/tiers?{query}")), query
    assert [] == names(manager.get("/tiers?f_facteur=oui"))
    link = (
        manager.get("/tiers?f_nom=goff&tri=email").one("//th[contains(., 'IBAN')]/a").get("href")
    )
    assert ["goff"] == parse_qs(urlsplit(link).query)["f_nom"]


def test_a_supplier_of_the_platform_is_marked_in_words_too(manager: Browser) -> None:
    """Its SIREN has a dossier here: an icon with its text (JF-23)."""
    card(manager.world, "Maison Delorme", siren="300000007")

    assert manager.get("/tiers").page.xpath("//svg[@aria-label='Est sur Facteur']")
    assert ["Maison Delorme"] == names(manager.get("/tiers?f_facteur=oui"))


def test_pages_of_the_list_follow_each_other(manager: Browser) -> None:
    """Fifty cards a page; « Suite » holds the others, once each, in both orders."""
    world = manager.world
    table = world.context.parties
    for at in range(60):
        party = Party(dossier=world.dossier, id=f"p{at:03d}", side=Side.SUPPLIER,
                      number=f"FOUR-{at + 1:03d}", name=f"Société {at:03d}")  # fmt: skip
        table.save((party,), ())
    for query in ("tri=nom", "tri=numero&ordre=desc", "tri=email"):
        first = manager.get(f"/tiers?{query}")
        second = manager.get(first.one("//a[@id='suite']").get("href"))
        assert (50, 10) == (len(names(first)), len(names(second))), query
        assert 60 == len({*names(first), *names(second)}), query


def test_a_card_is_made_by_hand_and_checked(manager: Browser) -> None:
    """A wrong SIREN comes back beside its field with what was typed; a right one is kept."""
    wrong = manager.post("/tiers/ajouter", {"name": HOSTILE, "siren": "123456789", "iban": "FR76"})

    assert 422 == wrong.status
    assert "n’est pas un SIREN" in wrong.text
    assert HOSTILE == wrong.one("//input[@name='name']").get("value")
    assert "true" == wrong.one("//input[@id='p-siren']").get("aria-invalid")
    right = manager.post("/tiers/ajouter", {"name": "Le Goff", "siren": "403 156 540"})
    assert 303 == right.status
    assert "SIREN-403156540" in manager.get(urlsplit(right.location).path).text


def test_a_number_and_a_siren_belong_to_one_card(manager: Browser) -> None:
    """The second card with them is refused; the other side has its own numbers."""
    card(manager.world, number="ACHAT-7", siren="403156540")
    for values in ({"number": "achat-7"}, {"siren": "403156540"}):
        reply = manager.post("/tiers/ajouter", {"name": "Autre", **values})
        assert 422 == reply.status
        assert "Une autre fiche porte déjà" in reply.text
    form = {"name": "Autre", "number": "ACHAT-7", "onglet": "clients"}
    assert 303 == manager.post("/tiers/ajouter", form).status


def test_a_number_taken_by_hand_is_jumped_over(manager: Browser) -> None:
    """FOUR-002 was typed: the next ones are FOUR-001, then FOUR-003."""
    card(manager.world, "Un", number="FOUR-002")
    assert ["FOUR-001", "FOUR-003"] == [card(manager.world, one).number for one in ("A", "B")]


def test_the_approval_box_and_the_defaults_are_saved_apart(manager: Browser) -> None:
    """Ticked, then unticked; the identity is untouched; the history tells who (JF-38, JF-39)."""
    party = card(manager.world, siren="403156540")
    form = {"version": "1", "part": "defaults", "trusted": "1", "account": "606400"}
    assert 303 == manager.post(f"/tiers/{party.id}", form).status

    after = held(manager.world, party)
    assert (True, "606400", "403156540") == (after.trusted, after.defaults.account, after.siren)
    assert "De confiance" in manager.get("/tiers").text
    manager.post(f"/tiers/{party.id}", {"version": "2", "part": "defaults"})
    assert not held(manager.world, party).trusted
    assert "Fournisseur de confiance : non → oui" in manager.get(f"/tiers/{party.id}").text


def test_somebody_elses_change_is_not_lost(manager: Browser) -> None:
    """A form of an older version is refused with 409."""
    party = card(manager.world)
    manager.post(f"/tiers/{party.id}", {"version": "1", "name": "Le Goff frères"})

    assert 409 == manager.post(f"/tiers/{party.id}", {"version": "1", "name": "X"}).status
    assert "Le Goff frères" == held(manager.world, party).name


def test_contacts_are_kept_and_blank_ones_dropped(manager: Browser) -> None:
    """Two typed, one blank; a wrong address is said."""
    party = card(manager.world)
    pairs = [("version", "1"), ("name", "Le Goff")]
    for name, email, language in (
        ("Yann", "y@legoff.bzh", "fr"),
        ("", "", "fr"),
        ("Ann", "", "en"),
    ):
        pairs += [("contact_name", name), ("contact_email", email), ("contact_language", language)]
    assert 303 == manager.post(f"/tiers/{party.id}", pairs).status
    kept = held(manager.world, party).contacts
    assert [("Yann", "fr"), ("Ann", "en")] == [(one.name, one.language) for one in kept]
    pairs = [
        ("version", "2"),
        ("contact_name", "Z"),
        ("contact_email", "z@"),
        ("contact_language", "fr"),
    ]
    assert 422 == manager.post(f"/tiers/{party.id}", pairs).status


def test_a_hint_is_read_in_french_and_forgotten(manager: Browser) -> None:
    """Its sentence, its trust, and the button that removes it."""
    world = manager.world
    party = card(world)
    hint = Hint(
        id="h1", field="number", way=Way.BESIDE, label="nos reperes", printed="Nos repères"
    )

    world.context.parties.save((replace(held(world, party), hints=(hint,)),), ())
    text = manager.get(f"/tiers/{party.id}").text

    assert "à droite de « Nos repères »" in text
    assert "à confirmer par une prochaine facture" in text
    assert 303 == manager.post(f"/tiers/{party.id}/indice", {"indice": "h1"}).status
    assert () == held(world, party).hints
    assert 404 == manager.post(f"/tiers/{party.id}/indice", {"indice": "h1"}).status


def test_an_account_added_to_a_card_that_has_one_waits(manager: Browser) -> None:
    """Typed, it waits; approved by its only decider, it is known; another is refused."""
    party = card(manager.world, iban=IBAN)
    assert (
        422 == manager.post(f"/tiers/{party.id}/iban", {"iban": "FR76 1", "action": "add"}).status
    )
    manager.post(f"/tiers/{party.id}/iban", {"iban": OTHER, "action": "add"})
    assert "Nouvel IBAN" in manager.get("/tiers").text
    assert (IBAN,) == held(manager.world, party).known_ibans
    manager.post(f"/tiers/{party.id}/iban", {"iban": OTHER, "action": "approve"})

    assert (IBAN, OTHER) == held(manager.world, party).known_ibans
    again = manager.post(f"/tiers/{party.id}/iban", {"iban": OTHER, "action": "refuse"})
    assert 409 == again.status


def test_two_cards_become_one_after_a_look(manager: Browser) -> None:
    """Ticked, compared, merged: one number stays, the other card points to it."""
    world = manager.world
    one = card(world, "Le Goff", siren="403156540")
    two = card(world, "Le Goff SARL", email="c@legoff.bzh", iban=IBAN)
    form = [("onglet", "fournisseurs"), ("action", "merge"), ("fiche", one.id), ("fiche", two.id)]
    preview = manager.get(manager.post("/tiers/selection", form).location)
    assert "c@legoff.bzh" in preview.text

    assert 303 == manager.post(f"/tiers/{one.id}/fusionner", {"avec": two.id}).status

    whole = held(world, one)
    assert ("c@legoff.bzh", (IBAN,)) == (whole.email, whole.known_ibans)
    assert Standing.MERGED is held(world, two).standing
    assert ["Le Goff"] == names(manager.get("/tiers"))
    assert "fusionnée dans" in manager.get(f"/tiers/{two.id}").text
    key = ("supplier|name|LEGOFFSARL",)
    assert one.id == world.context.parties.find(world.dossier, key)
    assert 404 == manager.post(f"/tiers/{two.id}", {"version": "2", "name": "X"}).status


def test_two_companies_are_not_merged(manager: Browser) -> None:
    """Different SIRENs: refused with a sentence; a card with itself too."""
    one = card(manager.world, "A", siren="403156540")
    two = card(manager.world, "B", siren="500000005")

    assert 409 == manager.get(f"/tiers/{one.id}/fusionner?avec={two.id}").status
    assert 409 == manager.post(f"/tiers/{one.id}/fusionner", {"avec": one.id}).status


def test_merging_is_no_way_around_the_approval_of_an_account(manager: Browser) -> None:
    """Whichever card stays, both accounts wait; the pages say so before and after."""
    one, two = card(manager.world, "A", iban=IBAN), card(manager.world, "B", iban=OTHER)
    preview = manager.get(f"/tiers/{one.id}/fusionner?avec={two.id}").text
    assert "connu d’une seule des deux fiches attend un accord" in preview
    manager.post(f"/tiers/{one.id}/fusionner", {"avec": two.id})

    assert () == held(manager.world, one).known_ibans
    shown = manager.get(f"/tiers/{one.id}").text
    assert 2 == shown.count("celui-ci attend un accord")


def test_cards_are_archived_and_taken_back(manager: Browser) -> None:
    """Out of the list, in the archived one, and back."""
    party = card(manager.world)
    form = [("onglet", "fournisseurs"), ("action", "archive"), ("fiche", party.id)]
    assert 303 == manager.post("/tiers/selection", form).status
    assert [] == names(manager.get("/tiers"))
    assert ["Le Goff"] == names(manager.get("/tiers?archives=1"))
    manager.post(f"/tiers/{party.id}/etat", {"action": "restore"})
    assert ["Le Goff"] == names(manager.get("/tiers"))


def test_nothing_ticked_is_said(manager: Browser) -> None:
    """The list comes back with what is missing."""
    reply = manager.post("/tiers/selection", {"onglet": "fournisseurs", "action": "trust"})
    assert "Cochez au moins une fiche" in manager.get(reply.location).text


def test_another_dossiers_card_does_not_exist(manager: Browser) -> None:
    """404 on every address of it, for reading and writing."""
    world = manager.world
    other = Caller(user="u9", name="Eve", dossier="autre", permissions=frozenset(Permission))
    party = parties.add(other, Side.SUPPLIER, {"name": "Secret"}, world.context)
    mine = card(world)

    for path in (f"/tiers/{party.id}", f"/tiers/{party.id}/fusionner",
                 f"/tiers/{mine.id}/fusionner?avec={party.id}"):  # fmt: skip
        assert 404 == manager.get(path).status, path
    for path in ("", "/etat", "/indice", "/fusionner"):
        assert 404 == manager.post(f"/tiers/{party.id}{path}", {"version": "1"}).status, path
    form = {"action": "approve", "iban": IBAN}
    assert 404 == manager.post(f"/tiers/{party.id}/iban", form).status
    assert "Secret" == world.context.parties.party("autre", party.id).name


def test_a_reader_sees_and_changes_nothing(manager: Browser) -> None:
    """The card without buttons; every POST is refused."""
    party = card(manager.world, iban=IBAN)
    reader = manager.as_role(Role.READER)

    assert [] == reader.get(f"/tiers/{party.id}").page.xpath("//main//button")
    for path in ("", "/iban", "/etat", "/indice", "/fusionner"):
        assert 403 == reader.post(f"/tiers/{party.id}{path}", {"version": "1"}).status, path
    assert 403 == reader.post("/tiers/importer", {"fichier": "x"}).status


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────


def upload(browser: Browser, data: bytes) -> str:
    """Send a file by the page's own presigned form; where the browser lands."""
    page = browser.get("/tiers/importer?onglet=fournisseurs")
    form: Any = page.one("//form[@enctype='multipart/form-data']")
    hidden = form.xpath(".//input[@type='hidden']")
    fields = {one.get("name"): one.get("value") for one in hidden}
    client = browser.world.platform.client("s3")
    bucket = browser.world.platform["FACTEUR_INTAKE_BUCKET"]
    client.put_object(Bucket=bucket, Key=fields["key"], Body=data)
    back = urlsplit(fields["success_action_redirect"])
    return f"{back.path}?{back.query}"


def downloaded(link: str) -> tuple[tuple[str, ...], ...]:
    with urlopen(link) as answer:
        return spreadsheet.read(answer.read())


def list_of(*rows: dict[str, str]) -> bytes:
    heads = tuple(dict.fromkeys(name for row in rows for name in row))
    return spreadsheet.to_csv(heads, [[row.get(one, "") for one in heads] for row in rows])


def confirm(browser: Browser, path: str) -> Reply:
    name = parse_qs(urlsplit(path).query)["fichier"][0]
    return browser.post("/tiers/importer", {"onglet": "fournisseurs", "fichier": name})


@pytest.mark.enable_socket
def test_the_model_imported_as_it_is_creates_nothing(manager: Browser) -> None:
    """Its example row is an example; the sheet checks choices (JF-65)."""
    link = manager.get("/tiers/modele?onglet=fournisseurs").location
    with urlopen(link) as answer:
        data = answer.read()
    book = load_workbook(io.BytesIO(data))
    assert "N° FOURNISSEUR" == book.active["A1"].value
    assert book.active.data_validations.dataValidation

    path = upload(manager, data)
    assert "aucune ligne à importer" in manager.get(path).text
    confirm(manager, path)
    assert [] == names(manager.get("/tiers"))


@pytest.mark.enable_socket
def test_a_list_is_rehearsed_then_imported_and_again_changes_nothing(manager: Browser) -> None:
    """200 rows, three wrong: said per row, given back in a file, the others made, once."""
    good = [{"NOM": f"Société {at:03d}", "E-MAIL": f"c{at}@x.example"} for at in range(197)]
    wrong = [{"NOM": "", "SIREN": "403156540"}, {"NOM": "Faux", "SIREN": "123456789"},
             {"NOM": "Compte", "IBAN": "FR76"}]  # fmt: skip
    path = upload(manager, list_of(*good, *wrong))
    rehearsed = manager.get(path)

    assert "Fiches à créer : 197." in rehearsed.text
    assert "Lignes à corriger : 3." in rehearsed.text
    assert [] == names(manager.get("/tiers"))

    done = confirm(manager, path)
    assert "Fiches créées : 197." in done.text
    (link,) = done.page.xpath("//a[contains(., 'à corriger')]/@href")
    rows = downloaded(link)
    assert 4 == len(rows)
    assert "ERREUR" == rows[0][-1]
    assert "SIREN" in rows[2][-1]
    again = manager.get(path)
    assert "Fiches à créer : 0. À mettre à jour : 0. Inchangées : 197." in again.text


@pytest.mark.enable_socket
def test_a_rehearsal_says_what_a_row_changes(manager: Browser) -> None:
    """« À mettre à jour » beside what it was and what it would be."""
    card(manager.world, "Zinc", email="z@x.example", postcode="01000")
    row = {"NOM": "Zinc", "E-MAIL": "new@x.example", "CODE POSTAL": "69001", "CONTACT": "Ève"}
    told = manager.get(upload(manager, list_of(row))).text
    assert "E-MAIL : z@x.example → new@x.example" in told
    assert "CODE POSTAL : 01000 → 69001" in told
    assert "CONTACT : Ève" in told


@pytest.mark.enable_socket
def test_what_is_exported_is_imported_without_a_change(manager: Browser) -> None:
    """Same columns; a hostile name comes back as it was, in both forms (JF-66)."""
    world = manager.world
    card(world, "=cmd|' /C calc'!A1", siren="403156540", iban=IBAN, country="FR")
    card(world, "Zinc", email="z@x.example", postcode="01000")
    for query in ("", "&format=csv"):
        link = manager.get(f"/tiers/exporter?onglet=fournisseurs{query}").location
        with urlopen(link) as answer:
            data = answer.read()
        assert b"\n=cmd" not in data
        assert "À mettre à jour : 0. Inchangées : 2." in manager.get(upload(manager, data)).text
    only = downloaded(manager.get("/tiers/exporter?onglet=fournisseurs&f_nom=zinc").location)
    assert ["Zinc"] == [row[1] for row in only[1:]]


@pytest.mark.enable_socket
def test_an_import_neither_steals_nor_doubles(manager: Browser) -> None:
    """Two rows of one SIREN, a number of another card, a new IBAN: said, or left to approve."""
    world = manager.world
    known = card(world, "Le Goff", siren="403156540", iban=IBAN)
    path = upload(
        manager,
        list_of(
            {"NOM": "Le Goff", "SIREN": "SIREN-403156540", "IBAN": OTHER, "E-MAIL": "n@x.example"},
            {"NOM": "Neuf", "SIREN": "500000005"},
            {"NOM": "Neuf encore", "SIREN": "500000005"},
        ),
    )
    assert (
        "créer : 1. À mettre à jour : 1. Inchangées : 0. Lignes à corriger : 1."
        in manager.get(path).text
    )
    confirm(manager, path)

    after = held(world, known)
    assert ("n@x.example", (IBAN,)) == (after.email, after.known_ibans)
    assert after.account(OTHER) is not None


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04 broken", "n’est pas un tableau"),
        (b"a;b\n1;2\n", "titres des colonnes"),
        (b"NOM\n" + b"x\n" * 600, "500 lignes au plus"),
    ],
)
def test_a_file_that_is_no_list_is_said(manager: Browser, data: bytes, said: str) -> None:
    """422 and a sentence, never a stack trace."""
    reply = manager.get(upload(manager, data))

    assert 422 == reply.status
    assert said in reply.text


def test_a_list_that_was_never_sent_is_no_page(manager: Browser) -> None:
    """A made-up name, and one that tries to leave the folder."""
    for name in ("inconnu", "../autre/x"):
        reply = manager.get(f"/tiers/importer?fichier={name}")
        assert reply.status in (404, 422)


def test_a_siren_fills_the_new_card_from_the_register(manager: Browser) -> None:
    """Name, address and VAT number come with it; a wrong or unknown one leaves typing (JF-63)."""
    known = manager.get("/tiers/ajouter?onglet=fournisseurs&siren=300+010+006")
    assert "300010006" == known.one("//input[@id='p-siren']").get("value")
    assert "Atelier Vermont" == known.one("//input[@id='p-name']").get("value")
    assert identifiers.is_vat(known.one("//input[@id='p-vat']").get("value"))
    assert "n’est pas un SIREN" in manager.get("/tiers/ajouter?siren=123456789").text
    manager.world.with_(companies=None)
    assert "remplissez la fiche" in manager.get("/tiers/ajouter?siren=300010006").text
