"""What is attached to a status: the form that brings it, what is refused, where it is read."""

from typing import Any

import pytest
from facteur.domain.decisions.lifecycle import role_of
from facteur.domain.dossiers import Role
from facteur.domain.lifecycle.records import Side, StatusReason, StatusRecord, Transmission

from tests.services.world import World
from tests.web.browser import Browser, Reply
from tests.web.pages.test_statuses import AT, came, form, invoice

PDF = b"%PDF-1.4 bon de livraison"
EDGE = "facteurfacteurfacteur"


def send(
    browser: Browser, path: str, fields: dict[str, str], *files: tuple[str, bytes], csrf: str = ""
) -> Reply:
    """Send a form as a browser does when it brings files; empty file fields go too."""
    lines = [
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {**fields, "csrf": csrf or browser.csrf}.items()
    ]
    for place in range(1, 4):
        name, data = files[place - 1] if place <= len(files) else ("", b"")
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="piece-{place}"; '
        head += f'filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        lines += [head.encode(), data, b"\r\n"]
    body = b"".join(lines) + f"--{EDGE}--\r\n".encode()
    sent = {"content-type": f"multipart/form-data; boundary={EDGE}"}
    return browser.request("POST", path, body, sent)


def filled(world: World, reply: Reply, **typed: str) -> dict[str, str]:
    """What the form sends beside its files."""
    held = form(world, reply, **typed)
    return {name: value for name, value in held.items() if not name.startswith("piece-")}


def test_a_proof_is_sent_with_the_form_and_read_on_the_page(
    world: World, manager: Browser
) -> None:
    """Without scripts: one form, one act; the history gives the file to download."""
    one = invoice(world)
    path = f"/factures/{one.id}/statut"
    opened = manager.get(f"{path}?code=207")
    (shown,) = opened.page.xpath('//form[contains(@class,"status-form")]')
    assert "multipart/form-data" == shown.get("enctype")
    assert 3 == len(shown.xpath('.//input[@type="file"]'))
    values = filled(world, opened, reason="QTE_ERR", comment="Deux cartons manquent")
    assert 303 == send(manager, path, values, ("bon été.pdf", PDF)).status

    held = world.document(one.id)
    (record,) = held.statuses
    assert ("207", "Deux cartons manquent") == (record.code, record.reasons[0].comment)
    (role,) = [name for name in held.files if "-piece-" in name]
    assert PDF == world.context.blobs.get(held.files[role])
    page = manager.get(f"/factures/{one.id}").page
    (link,) = page.xpath('//ul[@class="status-files"]//a')
    assert "bon été.pdf" == link.text_content().strip()
    assert f"/factures/{one.id}/fichiers/{role}?telecharger=1" in link.get("href")
    assert 303 == manager.get(f"/factures/{one.id}/fichiers/{role}?telecharger=1").status


def test_what_is_refused_is_told_beside_the_field_and_nothing_is_said(
    world: World, manager: Browser
) -> None:
    """What was typed stays; the files are to be chosen again, and the page says so."""
    one = invoice(world)
    path = f"/factures/{one.id}/statut"
    values = filled(world, manager.get(f"{path}?code=207"), reason="QTE_ERR", comment="Deux")
    bad = send(manager, path, values, ("bon.pdf", b"MZ" + b"x" * 90))
    assert 422 == bad.status
    assert "« bon.pdf » n’est ni un PDF, ni une image JPEG ou PNG." in bad.text
    assert "Choisissez-les de nouveau" in bad.text
    assert "Deux" == bad.page.xpath('string(//textarea[@name="comment"])')
    assert () == world.document(one.id).statuses


def test_an_empty_file_is_told_and_not_left_out(world: World, manager: Browser) -> None:
    """Whoever attached it believes that it goes: said beside the field, nothing is sent."""
    one = invoice(world)
    path = f"/factures/{one.id}/statut"
    values = filled(world, manager.get(f"{path}?code=207"), reason="QTE_ERR", comment="Deux")
    bad = send(manager, path, values, ("bon.pdf", b""))
    assert (422, True) == (bad.status, "« bon.pdf » est vide." in bad.text)
    assert () == world.document(one.id).statuses


def test_a_status_that_may_not_be_said_leaves_no_file_behind(
    world: World, manager: Browser
) -> None:
    """Its proof is right, its reason is missing: nothing is kept where nothing deletes."""
    one = invoice(world)
    path = f"/factures/{one.id}/statut"
    values = filled(world, manager.get(f"{path}?code=207"), comment="Deux")
    assert 422 == send(manager, path, values, ("bon.pdf", PDF)).status
    s3, bucket = world.platform.client("s3"), world.platform["FACTEUR_ARCHIVE_BUCKET"]
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{world.dossier}/{one.id}/")
    assert not [row for row in found.get("Contents", ()) if "/piece-" in row["Key"]]
    assert 303 == send(manager, path, {**values, "reason": "QTE_ERR"}, ("bon.pdf", PDF)).status
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{world.dossier}/{one.id}/")
    assert 1 == len([row for row in found["Contents"] if "/piece-" in row["Key"]])


def test_what_was_attached_to_a_refused_status_goes_again(world: World, manager: Browser) -> None:
    """« Corriger et renvoyer » offers its files, ticked: kept once, sent with the next; one that
    is unticked stays away, and one more may be added, three in all."""
    said = StatusRecord(
        id="own:r1", code="207", set_at=AT, recorded_at=AT, side=Side.BUYER,
        reasons=(StatusReason(code="QTE_ERR", comment="Deux"),),
        transmission=Transmission.REFUSED, failure="CDV-1",
    )  # fmt: skip
    role = role_of(said.id)
    files = {f"{role}-piece-1": PDF, f"{role}-piece-2": PDF + b" deux"}
    one = invoice(world, said, files=files)
    path = f"/factures/{one.id}/statut"
    opened = manager.get(f"{path}?code=207&reprendre={said.id}")
    boxes = opened.page.xpath('//input[@name="piece_kept"]')
    assert [True, True] == ["checked" in one.attrib for one in boxes]
    values = filled(world, opened, reason="QTE_ERR", piece_kept=f"{role}-piece-1")
    assert said.id == values["reprendre"]
    assert 303 == send(manager, path, values, ("photo.pdf", PDF + b" photo")).status
    held = world.document(one.id)
    new = role_of(held.statuses[-1].id)
    assert held.files[f"{role}-piece-1"].key == held.files[f"{new}-piece-1"].key
    assert PDF + b" photo" == world.context.blobs.get(held.files[f"{new}-piece-2"])
    assert f"{new}-piece-3" not in held.files


def test_a_form_with_files_wants_its_token_and_the_right_to_decide(
    world: World, manager: Browser
) -> None:
    """As any other form: forged elsewhere, or sent by a reader, it says nothing."""
    one = invoice(world)
    path = f"/factures/{one.id}/statut"
    values = filled(world, manager.get(f"{path}?code=207"), reason="QTE_ERR")
    assert 403 == send(manager, path, values, ("a.pdf", PDF), csrf="forged").status
    reader = manager.as_role(Role.READER)
    assert 403 == send(reader, path, values, ("a.pdf", PDF)).status
    assert () == world.document(one.id).statuses


@pytest.mark.parametrize("code", ["204", "205", "211"])
def test_statuses_that_prove_nothing_bring_no_file(
    world: World, manager: Browser, code: str
) -> None:
    """No field, and what is forced in is refused."""
    one = invoice(world)
    path = f"/factures/{one.id}/statut"
    opened = manager.get(f"{path}?code={code}")
    assert not opened.page.xpath('//form[contains(@class,"status-form")]//input[@type="file"]')
    values: dict[str, Any] = filled(world, opened)
    assert 422 == send(manager, path, values, ("a.pdf", PDF)).status
    assert () == world.document(one.id).statuses


def test_a_broken_body_is_a_bad_request_and_no_failure(world: World, manager: Browser) -> None:
    """Cut short, or no multipart at all under that name."""
    one = invoice(world)
    path = f"/factures/{one.id}/statut"
    sent = {"content-type": f"multipart/form-data; boundary={EDGE}"}
    for body in (b"", b"nothing", f"--{EDGE}\r\n".encode()):
        assert manager.request("POST", path, body, sent).status in (400, 403, 422)
    assert () == world.document(one.id).statuses


def test_what_the_other_party_attached_is_on_its_status(world: World, manager: Browser) -> None:
    """Beside its words, never among the invoice's own attachments."""
    said = came("208", reasons=(StatusReason(code="JUSTIF_ABS"),))
    files = {f"{role_of(said.id)}-piece-1": PDF}
    one = invoice(world, said, files=files)
    page = manager.get(f"/factures/{one.id}").page
    assert 1 == len(page.xpath('//ul[@class="status-files"]//a'))
