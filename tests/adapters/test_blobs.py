"""Blobs: written once, read by version, locked for good; forms and links that S3 enforces."""

import hashlib
import re
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
import pytest
from botocore.exceptions import ClientError
from facteur.adapters.aws.blobs import AwsBlobs
from facteur.adapters.aws.clients import Clients
from facteur.domain.documents import StoredFile
from facteur.domain.errors import (
    ConflictError,
    DuplicateError,
    NotFoundError,
    UnavailableError,
    UnreadableError,
)
from facteur.formats.disposition import content_disposition, safe_name, served_type
from facteur.ports import UploadForm

from tests.adapters.conftest import NOW, answering, away
from tests.emulator import Platform

PDF = b"%PDF-1.7 facture"


@pytest.fixture
def blobs(platform: Platform, clients: Clients) -> AwsBlobs:
    return AwsBlobs(
        clients,
        intake=platform["FACTEUR_INTAKE_BUCKET"],
        archive=platform["FACTEUR_ARCHIVE_BUCKET"],
    )


def fetch(link: str) -> tuple[bytes, Message]:
    with urllib.request.urlopen(link) as answer:
        return answer.read(), answer.headers


# ── What is kept ────────────────────────────────────────────────────────────────────────────────


def test_what_was_put_is_read_by_its_version(blobs: AwsBlobs) -> None:
    """The stored file knows its version, size and SHA-256, and gives the same bytes back."""
    stored = blobs.put("acme/doc1/original", PDF, "application/pdf", filename="facture.pdf")
    assert stored == StoredFile(
        key="acme/doc1/original",
        version_id=stored.version_id,
        sha256=hashlib.sha256(PDF).hexdigest(),
        size=len(PDF),
        media_type="application/pdf",
        filename="facture.pdf",
    )
    assert stored.version_id
    assert blobs.get(stored) == PDF


def test_an_empty_file_can_be_kept(blobs: AwsBlobs) -> None:
    """Zero bytes are bytes as received too."""
    assert blobs.get(blobs.put("k", b"", "application/pdf")) == b""


def test_putting_the_same_bytes_again_is_the_same_file(blobs: AwsBlobs) -> None:
    """A second delivery writes no second version."""
    first = blobs.put("k", PDF, "application/pdf", filename="a.pdf")
    assert blobs.put("k", PDF, "application/pdf", filename="a.pdf") == first


def test_other_bytes_under_a_taken_key_are_refused(blobs: AwsBlobs) -> None:
    """What is kept is not overwritten, not even by us."""
    first = blobs.put("k", PDF, "application/pdf")
    with pytest.raises(DuplicateError, match=r"blob\.taken"):
        blobs.put("k", PDF + b"!", "application/pdf")
    assert blobs.get(first) == PDF


def test_a_version_survives_a_delete_and_a_newer_version(
    blobs: AwsBlobs, platform: Platform
) -> None:
    """A plain DELETE or PUT on the key leaves the version of the evidence readable."""
    stored = blobs.put("k", PDF, "application/pdf")
    s3, bucket = platform.client("s3"), platform["FACTEUR_ARCHIVE_BUCKET"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"other")
    s3.delete_object(Bucket=bucket, Key="k")
    assert blobs.get(stored) == PDF
    assert fetch(blobs.link(stored, download=False))[0] == PDF


@pytest.mark.parametrize("change", [{"key": "other"}, {"version_id": str(uuid.UUID(int=7))}])
def test_a_missing_file_is_not_found(blobs: AwsBlobs, change: dict[str, str]) -> None:
    """Neither an unknown key nor an unknown version answers something else."""
    stored = blobs.put("k", PDF, "application/pdf")
    with pytest.raises(NotFoundError):
        blobs.get(replace(stored, **change))


def test_altered_bytes_are_refused(blobs: AwsBlobs) -> None:
    """Bytes that are not those of the hash are never given out as the document."""
    stored = blobs.put("k", PDF, "application/pdf")
    with pytest.raises(UnreadableError, match="altered"):
        blobs.get(replace(stored, sha256="0" * 64))


def test_a_disturbed_write_is_tried_again_then_left_to_the_queue() -> None:
    """Two conditional writes at once (409): a few tries, then UnavailableError."""
    clients = answering("ConditionalRequestConflict")
    with pytest.raises(UnavailableError):
        AwsBlobs(clients, intake="i", archive="a").put("k", PDF, "application/pdf")


def test_a_bucket_that_is_away_is_unavailable() -> None:
    """A broken line is worth another try later."""
    with pytest.raises(UnavailableError):
        AwsBlobs(away(), intake="i", archive="a").intake("mail/1")


# ── Object Lock ─────────────────────────────────────────────────────────────────────────────────

UNTIL = datetime.now(UTC) + timedelta(days=10)  # noqa: TID251 - the emulator compares with its own


def retention(platform: Platform, stored: StoredFile) -> tuple[str, datetime]:
    held = platform.client("s3").get_object_retention(
        Bucket=platform["FACTEUR_ARCHIVE_BUCKET"], Key=stored.key, VersionId=stored.version_id
    )["Retention"]
    return held["Mode"], held["RetainUntilDate"]


def test_a_locked_version_cannot_be_deleted(blobs: AwsBlobs, platform: Platform) -> None:
    """The store itself refuses to delete it before its date."""
    stored = blobs.put("k", PDF, "application/pdf")
    blobs.lock(stored, until=UNTIL, mode="COMPLIANCE")
    with pytest.raises(ClientError, match="AccessDenied"):
        platform.client("s3").delete_object(
            Bucket=platform["FACTEUR_ARCHIVE_BUCKET"], Key="k", VersionId=stored.version_id
        )
    assert blobs.get(stored) == PDF


def test_a_lock_can_be_laid_again_and_is_never_shortened(
    blobs: AwsBlobs, platform: Platform
) -> None:
    """The same date again changes nothing, an earlier one neither; a later one prolongs."""
    stored = blobs.put("k", PDF, "application/pdf")
    blobs.lock(stored, until=UNTIL, mode="GOVERNANCE")
    held = retention(platform, stored)
    assert held[1] >= UNTIL

    blobs.lock(stored, until=UNTIL, mode="GOVERNANCE")
    blobs.lock(stored, until=UNTIL - timedelta(days=5), mode="GOVERNANCE")
    assert retention(platform, stored) == held

    blobs.lock(stored, until=UNTIL + timedelta(days=5), mode="GOVERNANCE")
    assert retention(platform, stored)[1] >= UNTIL + timedelta(days=5)


def test_a_lock_is_never_weakened(blobs: AwsBlobs, platform: Platform) -> None:
    """Compliance stays compliance; governance may become compliance, with the longer date."""
    stored = blobs.put("k", PDF, "application/pdf")
    blobs.lock(stored, until=UNTIL, mode="GOVERNANCE")
    blobs.lock(stored, until=UNTIL - timedelta(days=5), mode="COMPLIANCE")
    mode, until = retention(platform, stored)
    assert mode == "COMPLIANCE"
    assert until >= UNTIL
    blobs.lock(stored, until=UNTIL, mode="GOVERNANCE")
    assert retention(platform, stored) == (mode, until)


def test_what_is_kept_is_locked_from_its_first_moment(blobs: AwsBlobs, platform: Platform) -> None:
    """No other call lays the lock, and the same bytes again change neither version nor date."""
    kept = blobs.keep(
        "k", PDF, "application/pdf", filename="k.pdf", until=UNTIL, mode="COMPLIANCE"
    )
    mode, until = retention(platform, kept)
    assert (mode, until >= UNTIL, blobs.get(kept)) == ("COMPLIANCE", True, PDF)
    again = blobs.keep(
        "k", PDF, "application/pdf", filename="k.pdf", until=UNTIL, mode="COMPLIANCE"
    )
    assert again == kept
    assert retention(platform, kept) == (mode, until)


def test_what_was_written_without_a_lock_is_locked_when_it_is_kept(
    blobs: AwsBlobs, platform: Platform
) -> None:
    """A run that crashed before its lock is mended by the next; other bytes are refused."""
    stored = blobs.put("k", PDF, "application/pdf")
    kept = blobs.keep("k", PDF, "application/pdf", until=UNTIL, mode="GOVERNANCE")
    assert kept.version_id == stored.version_id
    assert retention(platform, stored)[0] == "GOVERNANCE"
    with pytest.raises(DuplicateError):
        blobs.keep("k", b"other", "application/pdf", until=UNTIL, mode="GOVERNANCE")


def test_locking_what_is_not_there_is_not_found(blobs: AwsBlobs) -> None:
    """A seal on nothing is never silently laid."""
    stored = blobs.put("k", PDF, "application/pdf")
    with pytest.raises(NotFoundError):
        blobs.lock(replace(stored, key="other"), until=UNTIL, mode="GOVERNANCE")


# ── What passes ─────────────────────────────────────────────────────────────────────────────────


def test_a_received_object_with_its_metadata(blobs: AwsBlobs, platform: Platform) -> None:
    """Bytes and user metadata as they were stored; NotFoundError otherwise."""
    platform.client("s3").put_object(
        Bucket=platform["FACTEUR_INTAKE_BUCKET"],
        Key="mail/1",
        Body=b"From: a",
        Metadata={"recipients": "a@b"},
    )
    assert blobs.intake("mail/1") == (b"From: a", {"recipients": "a@b"})
    with pytest.raises(NotFoundError):
        blobs.intake("mail/2")


def test_objects_stored_since_a_time(blobs: AwsBlobs, platform: Platform) -> None:
    """The sweep sees the keys of one prefix, not those stored before."""
    for key in ("mail/1", "mail/2", "uploads/a/1"):
        platform.client("s3").put_object(
            Bucket=platform["FACTEUR_INTAKE_BUCKET"], Key=key, Body=b"x"
        )
    now = datetime.now(UTC)  # noqa: TID251 - the emulator's own time
    found = dict(blobs.intake_keys("mail/", since=now - timedelta(minutes=5)))
    assert set(found) == {"mail/1", "mail/2"}
    assert all(abs(at - now) < timedelta(minutes=1) for at in found.values())
    assert list(blobs.intake_keys("mail/", since=now + timedelta(minutes=5))) == []


def test_more_objects_than_a_page_are_listed(blobs: AwsBlobs, platform: Platform) -> None:
    """A listing of S3 ends after a thousand keys; ours does not."""
    s3, bucket = platform.client("s3"), platform["FACTEUR_INTAKE_BUCKET"]
    for number in range(1005):
        s3.put_object(Bucket=bucket, Key=f"mail/{number}", Body=b"")
    since = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251
    assert len(list(blobs.intake_keys("mail/", since=since))) == 1005


def test_an_export_is_downloaded_under_its_name(blobs: AwsBlobs) -> None:
    """A passing object comes with a link that saves it as a named file."""
    link = blobs.put_passing("exports/1.zip", b"PK", "application/zip", "archives é.zip")
    data, headers = fetch(link)
    assert data == b"PK"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert "archives%20%C3%A9.zip" in headers["Content-Disposition"]


# ── The presigned form ──────────────────────────────────────────────────────────────────────────


def a_form(blobs: AwsBlobs, **changes: object) -> UploadForm:
    wanted: dict[str, object] = {
        "media_types": ("application/pdf",),
        "max_bytes": 100,
        "metadata": {"filename": "factur%C3%A9.pdf", "by": "u1"},
        "now": NOW,
    }
    return blobs.upload_form("uploads/acme/1", **{**wanted, **changes})  # type: ignore[arg-type]


def send(form: UploadForm, data: bytes, **changes: str | None) -> int:
    """Post a file as a browser does; the HTTP status."""
    fields: Mapping[str, str | None] = {**form.fields, **changes}
    boundary = "facteur"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
        if value is not None
    ]
    parts.append(
        f"--{boundary}\r\nContent-Disposition: form-data; "
        'name="file"; filename="x.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    )
    body = "".join(parts).encode() + data + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        form.url,
        data=body,
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        method="POST",
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """A redirection is an answer here."""


def test_a_file_sent_with_the_form_arrives_with_its_metadata(blobs: AwsBlobs) -> None:
    """The form alone is enough to send the file, under our key and with our metadata."""
    form = a_form(blobs)
    assert send(form, PDF) in {200, 201, 204}
    data, metadata = blobs.intake("uploads/acme/1")
    assert data == PDF
    assert metadata["filename"] == "factur%C3%A9.pdf"
    assert metadata["by"] == "u1"
    assert form.expires_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "change",
    [
        {"Content-Type": "text/html"},
        {"key": "uploads/other/1"},
        {"x-amz-meta-by": "somebody else"},
        {"x-amz-meta-filename": None},
        {"x-amz-meta-extra": "x"},
        {"policy": "e30="},
    ],
    ids=["type", "key", "changed metadata", "removed metadata", "added metadata", "no policy"],
)
def test_a_form_that_was_tampered_with_is_refused(
    blobs: AwsBlobs, change: dict[str, str | None]
) -> None:
    """Type, key and metadata are those that were signed."""
    assert send(a_form(blobs), PDF, **change) in {400, 403}
    with pytest.raises(NotFoundError):
        blobs.intake("uploads/acme/1")


def test_a_file_over_the_limit_is_refused_by_the_bucket(blobs: AwsBlobs) -> None:
    """A hundred bytes pass, a hundred and one do not; zero bytes pass and get a reason later."""
    assert send(a_form(blobs, max_bytes=100), b"x" * 101) == 400
    assert send(a_form(blobs, max_bytes=100), b"x" * 100) in {200, 201, 204}
    assert send(a_form(blobs, max_bytes=100), b"") in {200, 201, 204}


def test_several_types_share_their_beginning(blobs: AwsBlobs) -> None:
    """With several types the sender names its own, within what they have in common."""
    form = a_form(blobs, media_types=("image/png", "image/jpeg"))
    assert "Content-Type" not in form.fields
    assert send(form, PDF, **{"Content-Type": "text/html"}) == 403
    assert send(form, PDF, **{"Content-Type": "image/png"}) in {200, 201, 204}


def test_a_browser_without_scripts_lands_where_it_is_told(blobs: AwsBlobs) -> None:
    """The redirection is part of what is signed."""
    form = a_form(blobs, redirect="http://127.0.0.1/factures?recu=1")
    assert send(form, PDF, success_action_redirect="http://evil.example/") == 403
    assert send(form, PDF) in {302, 303, 307}


# ── Links ───────────────────────────────────────────────────────────────────────────────────────


def test_a_link_shows_or_saves_under_the_name(blobs: AwsBlobs) -> None:
    """The same file is shown by one link and saved under its name by the other."""
    stored = blobs.put("k", PDF, "application/pdf", filename="facturé.pdf")
    data, shown = fetch(blobs.link(stored, download=False))
    _, saved = fetch(blobs.link(stored, download=True))
    assert data == PDF
    assert shown["Content-Type"] == "application/pdf"
    assert shown["Content-Disposition"].startswith("inline;")
    assert saved["Content-Disposition"] == (
        "attachment; filename=\"facture.pdf\"; filename*=UTF-8''factur%C3%A9.pdf"
    )


def test_a_link_ends_and_cannot_be_changed(blobs: AwsBlobs) -> None:
    """A signed link is for one version, one name and a few minutes."""
    stored = blobs.put("k", PDF, "application/pdf", filename="a.pdf")
    link = blobs.link(stored, download=True, seconds=120)
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["120"]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        fetch(link.replace("attachment", "inline"))


def test_what_could_run_scripts_is_not_rendered(blobs: AwsBlobs) -> None:
    """XML is shown as text, HTML and SVG are saved, whatever type was stored with them."""
    xml = blobs.put("x", b"<a/>", "application/xml")
    assert fetch(blobs.link(xml, download=False))[1]["Content-Type"].startswith("text/plain")
    for media_type in ("text/html", "image/svg+xml", "application/xhtml+xml"):
        page = blobs.put(media_type, b"<script>", media_type, filename="a.html")
        headers = fetch(blobs.link(page, download=False))[1]
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Content-Disposition"].startswith("attachment;")


def test_the_origins_are_those_of_forms_and_links(blobs: AwsBlobs) -> None:
    """The pages may name in their policy exactly the hosts that forms and links lead to."""
    stored = blobs.put("k", PDF, "application/pdf")
    origins = blobs.origins()
    for url in (a_form(blobs).url, blobs.link(stored, download=True)):
        assert any(url.startswith(f"{one}/") for one in origins)


def test_on_aws_each_bucket_has_its_regional_host() -> None:
    """On AWS the bucket stands in the host, of its own region (no redirect, which CSP forbids)."""
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret")
    session.set_config_variable("region", "eu-west-3")
    session.set_config_variable("ignore_configured_endpoint_urls", True)
    cloud = AwsBlobs(Clients(session=session), intake="in-1", archive="ar-1")
    assert set(cloud.origins()) == {
        "https://in-1.s3.eu-west-3.amazonaws.com",
        "https://ar-1.s3.eu-west-3.amazonaws.com",
    }


# ── Names ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("facture.pdf", "facture.pdf"),
        ("Facture n°12 — été.pdf", "Facture n°12 — été.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\factures\\a.pdf", "C__factures_a.pdf"),
        ('a"; filename="b.exe', "a__ filename=_b.exe"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("   ", "document"),
        ("...", "document"),
        ("", "document"),
        ("\udce9.pdf", "_.pdf"),
    ],
)
def test_a_hostile_name_becomes_a_harmless_one(name: str, expected: str) -> None:
    """No path, no quote, no control or direction character survives in a file name."""
    assert safe_name(name) == expected


def test_an_endless_name_keeps_its_suffix() -> None:
    """A name of a thousand characters is cut before its suffix."""
    assert safe_name("x" * 1000 + ".pdf").endswith("x.pdf")
    assert len(safe_name("x" * 1000 + ".pdf")) <= 151
    assert len(safe_name("x." + "y" * 1000)) == 150


@pytest.mark.parametrize("name", ["a\r\nX: y", 'a"b', "a;b", "é\n", "%0d%0aX: y", "\x00"])
def test_a_name_cannot_add_a_header(name: str) -> None:
    """The header stays one line of ASCII with two quoted or encoded names."""
    header = content_disposition(name, attachment=True)
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9 ._()-]+\"; filename\*=UTF-8''[A-Za-z0-9._~%-]+",
        header,
    )
    assert "\n" not in unquote(header)


def test_only_known_types_are_shown() -> None:
    """A type is compared without its parameters and its case; an unknown one is saved."""
    assert served_type("Application/PDF; charset=x") == "application/pdf"
    assert served_type("text/html") == ""
    assert served_type("") == ""


def test_what_is_erased_is_gone_unless_a_lock_holds_it(blobs: AwsBlobs) -> None:
    """Every version under a document's own prefix; a sealed one stays, and it is said."""
    gone = blobs.put("d1/doc1/original", PDF, "application/pdf")
    other = blobs.put("d1/doc10/original", PDF, "application/pdf")
    kept = blobs.put("d1/doc2/original", PDF, "application/pdf")
    blobs.lock(kept, until=NOW + timedelta(days=3650), mode="COMPLIANCE")

    assert blobs.erase("d1/doc1/") == 1
    assert blobs.erase("d1/doc1/") == 0
    with pytest.raises(NotFoundError):
        blobs.get(gone)
    assert blobs.get(other) == PDF
    with pytest.raises(ConflictError):
        blobs.erase("d1/doc2/")
    assert blobs.get(kept) == PDF


@pytest.mark.parametrize("prefix", ["", "/", "d1", "d1/", "d1/doc1", "doc1/"])
def test_only_one_document_is_erased_at_once(blobs: AwsBlobs, prefix: str) -> None:
    """A prefix that could name a dossier, or several documents, is a mistake of ours."""
    with pytest.raises(ValueError, match="not the place of one document"):
        blobs.erase(prefix)
