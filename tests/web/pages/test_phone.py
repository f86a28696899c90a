"""The photo page, what it asks of the server, and the type that a sender gives a document."""

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from chalice import Chalice
from chalice.config import Config
from chalice.local import LocalGateway
from facteur.domain.commands import ReceiveUpload
from facteur.domain.documents import Channel, DeclaredKind, Direction, Document, State, Summary
from facteur.domain.dossiers import Role
from facteur.services.run import run
from facteur.web import routes
from facteur.web.pages import phone

from tests.house.tree import PACKAGE
from tests.web.browser import Browser, keep

STATIC = PACKAGE / "web" / "static"
SENT = {
    "once": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "filename": "photo-2026-11-20.jpg",
    "media_type": "image/jpeg",
    "size": "120000",
    "declared_kind": "credit_note",
    "direction": "purchase",
}


def _form(browser: Browser, **changes: str) -> dict[str, object]:
    reply = browser.post("/photo/envoi", {**SENT, **changes})
    assert reply.status == 201, reply.body
    found: dict[str, object] = json.loads(reply.body)
    return found


def _arrives(browser: Browser, form: dict[str, object], data: bytes = b"\xff\xd8\xff") -> Document:
    """The file reaches the storage with the metadata of the form, and is received."""
    world = browser.world
    fields = form["fields"]
    assert isinstance(fields, dict)
    key = str(fields["key"])
    world.platform.client("s3").put_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"],
        Key=key,
        Body=data,
        Metadata={
            name.removeprefix("x-amz-meta-"): value
            for name, value in fields.items()
            if name.startswith("x-amz-meta-")
        },
    )
    run(ReceiveUpload(key=key, received_at=world.clock.now()), world.context)
    return world.document(str(form["document"]))


def test_the_page_that_a_phone_keeps_holds_nothing_of_anybody(manager: Browser) -> None:
    """No token, no name, no dossier: it is stored on the phone, and opened without a network."""
    reply = manager.get("/photo")
    private = (manager.csrf, "Anne", manager.world.caller.dossier, "X-Amz-Signature")

    assert reply.status == 200
    assert [one for one in private if one and one in reply.body] == []


def test_only_the_photo_page_may_use_the_camera(manager: Browser) -> None:
    """It alone is allowed the camera, its worker, its manifest; its policy stays strict."""
    photo, list_ = manager.get("/photo"), manager.get("/achats")
    policy = photo.headers["content-security-policy"]

    assert photo.headers["permissions-policy"].startswith("camera=(self),")
    assert list_.headers["permissions-policy"].startswith("camera=(),")
    assert "unsafe" not in policy
    assert all(one in policy for one in ("worker-src 'self'", "manifest-src 'self'", " blob:"))
    assert "worker-src" not in list_.headers["content-security-policy"]
    assert "blob:" not in list_.headers["content-security-policy"]


def test_whoever_may_not_upload_has_no_camera(manager: Browser) -> None:
    """Neither the page, nor the session it asks for, nor the « + » of the list."""
    reader = manager.as_role(Role.READER)
    assert [reader.get(path).status for path in ("/photo", "/photo/session")] == [403, 403]
    assert reader.post("/photo/envoi", SENT).status == 403
    assert "/photo" not in reader.get("/achats").body


def test_everything_the_page_needs_offline_exists(manager: Browser) -> None:
    """Each file that the worker keeps is one that is served; the page uses no other."""
    built = {"tabler.min.css", "icons.svg"}  # assets/build.py
    missing = [one for one in phone.FILES if one not in built and not (STATIC / one).is_file()]
    page = manager.get("/photo").body
    used = set(re.findall(r"/static/[0-9a-f]+/([a-z.-]+\.(?:js|css))", page))

    assert missing == []
    assert used <= set(phone.FILES)


@pytest.mark.parametrize("base", ["", "/api"])
def test_the_worker_and_the_manifest_follow_the_base_path(manager: Browser, base: str) -> None:
    """Under a stage or at the root: scope, addresses and icons all start with it."""
    there = Browser(manager.world, base=base)
    worker = there.get("/sw.js")
    held = json.loads(there.get("/manifest.webmanifest").body)
    config = json.loads(worker.body.split(" = ", 1)[1].split(";\n")[0])

    assert worker.headers["content-type"].startswith("text/javascript")
    assert config["page"] == f"{base}/photo"
    assert all(one.startswith(f"{base}/static/") for one in config["files"])
    assert (held["start_url"], held["scope"]) == (f"{base}/photo", f"{base}/")
    assert held["share_target"]["action"] == f"{base}/photo/partage"
    assert {one["sizes"] for one in held["icons"]} >= {"192x192", "512x512"}


def test_the_worker_may_run_our_scripts_and_reach_the_storage_only(stranger: Browser) -> None:
    """Its own policy: it is given no more than it needs; and it is open to all, as scripts are."""
    policy = stranger.get("/sw.js").headers["content-security-policy"]
    origins = stranger.world.context.blobs.origins()

    assert policy == (
        f"default-src 'none'; script-src 'self'; connect-src 'self' {' '.join(origins)}"
    )


def test_the_session_tells_whose_photographs_may_leave(manager: Browser) -> None:
    """The token, the dossier and its name, what a file may weigh; never kept by a cache."""
    reply = manager.get("/photo/session")
    found = json.loads(reply.body)

    assert found["csrf"] == manager.csrf
    assert found["dossier"] == manager.world.caller.dossier
    assert found["max"] == manager.world.context.limits.upload_bytes
    assert reply.headers["cache-control"] == "no-store"


def test_sending_twice_under_one_name_makes_one_document(manager: Browser) -> None:
    """The answer was lost, the phone asks again: same document, also once it is there."""
    first, second = _form(manager), _form(manager)
    document = _arrives(manager, first)
    again = _arrives(manager, second)

    assert first["document"] == second["document"] == document.id == again.id
    assert len(manager.world.documents()) == 1
    assert _form(manager, once="another")["document"] != document.id


def test_what_the_sender_said_is_kept_with_the_document(manager: Browser) -> None:
    """An avoir among the purchases; a facture de vente goes to the sales."""
    credit = _arrives(manager, _form(manager))
    sale = _arrives(
        manager, _form(manager, once="2", direction="sale", declared_kind="invoice"), b"\xff\xd8"
    )

    assert (credit.declared_kind, credit.direction) == (
        DeclaredKind.CREDIT_NOTE,
        Direction.PURCHASE,
    )
    assert credit.sources[0].channel is Channel.PHOTO
    assert (sale.declared_kind, sale.direction) == (DeclaredKind.INVOICE, Direction.SALE)


@pytest.mark.parametrize(
    "changes",
    [
        {"once": ""},
        {"once": "x" * 65},
        {"declared_kind": "n’importe"},
        {"size": "999999999999"},
        {"filename": "film.mp4", "media_type": "video/mp4"},
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(
    manager: Browser, changes: dict[str, str]
) -> None:
    """422 and French words: the phone shows them and stops trying."""
    reply = manager.post("/photo/envoi", {**SENT, **changes})

    assert reply.status == 422
    assert json.loads(reply.body)["detail"]


def test_the_type_is_changed_on_the_documents_page(manager: Browser) -> None:
    """Chosen from a list, kept with who said it; another tab's older page changes nothing."""
    held = keep(manager.world, State.TO_CHECK)
    page = manager.get(f"/factures/{held.id}")
    version = page.one("//form[contains(@action, '/type')]//input[@name='version']").get("value")
    chosen = {"version": version, "declared_kind": "other"}
    first = manager.post(f"/factures/{held.id}/type", chosen)
    late = manager.post(f"/factures/{held.id}/type", {**chosen, "declared_kind": "invoice"})

    assert (first.status, first.location) == (303, f"/factures/{held.id}?fait=declared")
    assert late.status == 409
    assert manager.world.document(held.id).declared_kind is DeclaredKind.OTHER
    assert "Type de document indiqué" in manager.get(f"/factures/{held.id}").text


def test_a_reading_that_differs_from_the_senders_word_is_said(manager: Browser) -> None:
    """A facture read where an avoir was announced: a warning beside the choice, nothing more."""
    differs, agrees = (
        keep(manager.world, State.TO_CHECK, declared_kind=said, summary=Summary(kind="invoice"))
        for said in (DeclaredKind.CREDIT_NOTE, DeclaredKind.INVOICE)
    )
    words = "La lecture n’y voit pas"

    assert words in manager.get(f"/factures/{differs.id}").text
    assert words not in manager.get(f"/factures/{agrees.id}").text


def test_the_lists_and_the_plain_form_offer_the_type(manager: Browser) -> None:
    """In the words of each list; the plain form signs it, and opens the camera of a phone."""
    assert "Facture de vente" in manager.get("/ventes").body
    page = manager.get("/achats/deposer?type=jpg&declared_kind=credit_note")

    assert page.one("//input[@type='file']").get("capture") == "environment"
    assert page.one("//input[@name='x-amz-meta-declared']").get("value") == "credit_note"
    assert manager.get("/achats/deposer?type=jpg&declared_kind=faux").status == 422


def test_an_icon_travels_as_bytes(stranger: Browser, tmp_path: Path) -> None:
    """Served in the cloud too: base64 for API Gateway, which decodes it for whoever asks."""
    icon = b"\x89PNG\r\n\x1a\n\x00\xff"
    (tmp_path / "0123456789ab").mkdir()
    (tmp_path / "0123456789ab" / "icon-192.png").write_bytes(icon)
    site = replace(stranger.site(), static_folder=str(tmp_path))
    app = Chalice(app_name="web")
    routes.register(app, lambda: site)
    answer = LocalGateway(app, Config()).handle_request(
        "GET", "/static/0123456789ab/icon-192.png", {"accept": "image/avif,image/webp,*/*"}, b""
    )

    assert answer["statusCode"] == 200
    assert answer["isBase64Encoded"]
    assert base64.b64decode(answer["body"]) == icon
    assert {"image/png", "image/avif", "image/webp"} <= set(app.api.binary_types)
