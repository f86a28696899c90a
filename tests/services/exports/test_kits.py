"""The exit kit: taken in elsewhere with identical hashes; a changed byte is named (NO-16)."""

import hashlib
import io
import json
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from facteur.domain.commands import AcceptDocument
from facteur.domain.decisions import Actor
from facteur.domain.documents import Direction, Document, DocumentRef, State, Summary
from facteur.domain.dossiers import PERMISSIONS, Caller, Dossier, Role
from facteur.domain.errors import ForbiddenError, InvalidError, NotFoundError
from facteur.domain.events import broken_at
from facteur.domain.evidence import Examination
from facteur.domain.exports import JobState
from facteur.domain.kits import (
    Held,
    examine_kit,
    read_history,
    read_manifest,
    write_history,
    write_manifest,
)
from facteur.domain.parties import Side
from facteur.local import cli
from facteur.local.archives import examine_path
from facteur.services.archive import archives
from facteur.services.deciding import preferences
from facteur.services.exports import jobs, kits
from facteur.services.exports.importing import Imported, import_part
from facteur.services.parties import book
from facteur.services.run import run

from tests.services.world import World, xml
from tests.web.browser import keep

Files = dict[str, bytes]
ELSEWHERE = "elsewhere"


@pytest.fixture
def lived(world: World) -> World:
    """A dossier with a sealed and paid invoice, one that waits, one refused, cards, choices."""
    for number, key in (("F-77", "mail/1"), ("F-78", "mail/2")):
        world.receive(("facture.xml", xml(number)), key=key, message_id=f"{key}@x.example")
    sealed = next(one for one in world.documents() if one.summary.number == "F-77")
    run(
        AcceptDocument(
            dossier=sealed.dossier, document=sealed.id, version=sealed.version, by="u1"
        ),
        world.context,
    )
    world.deliver()
    archives.change(world.caller, [sealed.id], "paid", world.context)
    keep(world, State.REFUSED, summary=Summary(number="R-1", issue_date=date(2026, 1, 2)))
    book.add(world.caller, Side.SUPPLIER, {"name": "Zèbre", "siren": "552100554"}, world.context)
    preferences.add_sender(world.caller, "compta@vasseur.example", world.context)
    other = Dossier(id=ELSEWHERE, name="Ailleurs", siren="300010006")
    world.context.store.save_dossier(other, (), {})
    return world


def _kit(world: World) -> list[Files]:
    """Ask for the kit; the files of each of its parts."""
    job = jobs.ask_kit(world.caller, world.context)
    world.deliver()
    done = jobs.job(world.caller, job.id, world.context)
    assert done.state is JobState.DONE, done.failure
    found = []
    for place, file in enumerate(done.files, start=1):
        link = jobs.link(world.caller, job.id, place, world.context)
        with urllib.request.urlopen(link) as answer:
            data = answer.read()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found.append({name: archive.read(name) for name in archive.namelist()})
    return found


def _import(world: World, files: Files, dossier: str = ELSEWHERE) -> Imported:
    return import_part(list(files), files.__getitem__, dossier, Actor(id="u1"), world.context)


def _hashes(document: Document) -> Mapping[str, str]:
    return {role: one.sha256 for role, one in document.files.items()}


def _zipped(files: Files, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_a_kit_taken_in_elsewhere_has_the_same_hashes(lived: World, tmp_path: Path) -> None:
    """Files, evidence, history entry for entry, statuses, locks until the same day, cards."""
    (files,) = _kit(lived)
    assert all(one.intact for one in examine_path(_zipped(files, tmp_path / "kit.zip")))
    brought = _import(lived, files)
    assert (brought.documents, brought.already, brought.parties_refused) == (3, 0, ())
    assert brought.parties >= 1
    store = lived.context.store
    for before in lived.documents():
        after = store.document(DocumentRef(ELSEWHERE, before.id))
        assert _hashes(after) == _hashes(before)
        assert (after.state, after.summary, after.payment) == (
            before.state, before.summary, before.payment,
        )  # fmt: skip
        here, there = store.history(before.ref), store.history(after.ref)
        assert there[: len(here)] == here
        assert [one.event.name.value for one in there[len(here) :]] == ["DocumentImported"]
        assert broken_at(there) is None
        for role, file in after.files.items():
            assert file.key.startswith(f"{ELSEWHERE}/"), role
            assert lived.context.blobs.get(file) == lived.context.blobs.get(before.files[role])
        if before.seal is not None:
            assert after.seal is not None
            assert after.seal.until == before.seal.until
            assert {one.sha256 for one in after.seal.files} == {
                one.sha256 for one in before.seal.files
            }
            _locked(lived, after)
    assert lived.context.preferences.load(ELSEWHERE).senders == ("compta@vasseur.example",)
    names = [one.name for one in lived.context.parties.by_name(ELSEWHERE, Side.SUPPLIER).parties]
    assert "Zèbre" in names


def _locked(world: World, document: Document) -> None:
    """Every sealed version is under Object Lock until the seal's end."""
    s3 = world.platform.client("s3")
    assert document.seal is not None
    for one in document.seal.files:
        held = s3.get_object_retention(
            Bucket=world.platform["FACTEUR_ARCHIVE_BUCKET"],
            Key=one.key,
            VersionId=one.version_id,
        )["Retention"]
        assert held["RetainUntilDate"] >= document.seal.until.replace(microsecond=0)


def test_what_was_taken_in_makes_the_same_kit_again(lived: World) -> None:
    """Export, import, export: the sealed files, heads' hashes and histories go on unchanged."""
    (first,) = _kit(lived)
    _import(lived, first)
    there = replace(lived, caller=replace(lived.caller, dossier=ELSEWHERE))
    (second,) = _kit(there)
    sealed = [name for name in first if name.startswith("documents/")]
    assert sealed
    assert {name: second[name] for name in sealed} == {name: first[name] for name in sealed}
    assert all(one.intact for one in kits_examined(second))


def kits_examined(files: Files) -> tuple[Examination, ...]:
    """The examinations of a part held in memory."""
    return examine_kit(list(files), files.__getitem__)


def test_a_kit_taken_in_twice_changes_nothing(lived: World) -> None:
    """Everything is there already: no document, no card, no second entry."""
    (files,) = _kit(lived)
    _import(lived, files)
    events = {one.id: one.events for one in lived.documents()}
    again = _import(lived, files)
    assert (again.documents, again.already) == (0, 3)
    for identifier, count in events.items():
        after = lived.context.store.document(DocumentRef(ELSEWHERE, identifier))
        assert after.events == count + 1


def test_large_dossiers_make_several_parts(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part stands alone, is checked alone, and all of them together are everything."""
    monkeypatch.setattr(kits, "MOST_DOCUMENTS", 2)
    parts = _kit(lived)
    told = [json.loads(one["kit.json"]) for one in parts]
    assert [(one["part"], one["last"], len(one["documents"])) for one in told] == [
        (1, False, 2), (2, True, 1),
    ]  # fmt: skip
    brought = [_import(lived, one) for one in reversed(parts)]
    assert sum(one.documents for one in brought) == 3


def _byte(data: bytes) -> bytes:
    """One byte changed, in the middle."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_verify_names_the_file_whose_byte_changed(
    lived: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever it is: `facteur verify` says which, and the import refuses the whole part."""
    (whole,) = _kit(lived)
    for part in ("documents/", "others/", "heads/", "histories/", "dossier/"):
        name = next(one for one in whole if one.startswith(part))
        files = {**whole, name: _byte(whole[name])}
        assert cli.main(["verify", str(_zipped(files, tmp_path / "kit.zip"))]) == cli.FAULTY
        assert name in capsys.readouterr().out
        with pytest.raises(InvalidError) as told:
            _import(lived, files)
        assert told.value.code == "kit.altered"
    assert lived.context.store.documents(ELSEWHERE, Direction.PURCHASE).documents == ()


def _lost(files: Files, name: str) -> None:
    del files[name]


def _added(files: Files, name: str) -> None:
    files[f"{name}.exe"] = b"MZ"


def _manifest(files: Files, name: str) -> None:
    body = json.loads(files["kit.json"])
    body["files"][name]["sha256"] = "0" * 64
    files["kit.json"] = json.dumps(body).encode()


def test_what_is_lost_added_or_renamed_is_told(lived: World) -> None:
    """The manifest is closed by its own digest, and names everything."""
    (whole,) = _kit(lived)
    for harm in (_lost, _added, _manifest):
        files = dict(whole)
        harm(files, next(one for one in files if one.startswith("documents/")))
        with pytest.raises(InvalidError):
            _import(lived, files)


def test_a_history_shortened_with_its_manifest_is_still_found(lived: World) -> None:
    """Whoever rewrites kit.json too does not get past the evidence and the chain."""
    (files,) = _kit(lived)
    sealed = next(one for one in lived.documents() if one.state is State.ARCHIVED)
    name = f"histories/{sealed.id}.json"
    entries = read_history(files[name])
    accepted = [one.event.name.value for one in entries].index("InvoiceAccepted")
    files[name] = write_history(entries[:accepted])
    manifest = read_manifest(files["kit.json"])
    held = Held(sha256=hashlib.sha256(files[name]).hexdigest(), size=len(files[name]))
    files["kit.json"] = write_manifest(replace(manifest, files={**manifest.files, name: held}))
    wrong = [one for one in kits_examined(files) if not one.intact]
    assert [one.document for one in wrong] == [sealed.id]
    assert wrong[0].history_broken_at == accepted


def _sealed_by_a_word(files: Files, identifier: str) -> Files:
    """The head still says « archivée », what proved it stands among the other files."""
    return {
        name.replace(f"documents/{identifier}/", f"others/{identifier}/"): data
        for name, data in files.items()
    }


def _named_otherwise(files: Files, identifier: str) -> Files:
    """The head is that of another document."""
    name = f"heads/{identifier}.json"
    head = json.loads(files[name])
    head["data"]["id"] = "mails"
    return {**files, name: json.dumps(head).encode()}


@pytest.mark.parametrize("forge", [_sealed_by_a_word, _named_otherwise])
def test_nobody_enters_an_archive_by_a_word(
    lived: World, forge: Callable[[Files, str], Files]
) -> None:
    """A whole kit, rewritten with its manifest: what says that it is sealed shows its evidence."""
    (files,) = _kit(lived)
    manifest = read_manifest(files.pop("kit.json"))
    sealed = next(one.split("/")[1] for one in files if one.startswith("documents/"))
    forged = forge(files, sealed)
    held = {
        name: Held(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        for name, data in forged.items()
    }
    forged["kit.json"] = write_manifest(replace(manifest, files=held))
    with pytest.raises(InvalidError) as told:
        _import(lived, forged)
    assert told.value.code == "kit.altered"
    assert lived.context.store.documents(ELSEWHERE, Direction.PURCHASE).documents == ()


def test_a_forged_kit_rewrites_no_line_of_the_journal_and_no_mail(lived: World) -> None:
    """One's own kit, changed and signed anew: what was written here stays as it was."""
    (files,) = _kit(lived)
    journal = lived.context.journal.entries(lived.dossier)
    mails = lived.context.store.mails(lived.dossier)
    assert journal
    assert mails
    manifest = read_manifest(files.pop("kit.json"))
    for name, said in (("journal", "by_name"), ("mails", "sender")):
        rows = json.loads(files[f"dossier/{name}.json"])
        forged = [{**one, said: "somebody else"} for one in rows]
        files[f"dossier/{name}.json"] = json.dumps(forged).encode()
    held = {
        name: Held(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        for name, data in files.items()
    }
    files["kit.json"] = write_manifest(replace(manifest, files=held))
    _import(lived, files, lived.dossier)
    now = lived.context.journal.entries(lived.dossier)
    assert [one for one in now if one.what != "kit.imported"] == list(journal)
    assert lived.context.store.mails(lived.dossier) == mails


def test_a_kit_is_a_gerant_s_and_is_told_in_the_journal(lived: World) -> None:
    """Everything of a dossier leaves by one person's word, and it is written down."""
    for role in (Role.STAFF, Role.ACCOUNTANT, Role.READER):
        caller = Caller(user="u2", name="", dossier=lived.dossier, permissions=PERMISSIONS[role])
        with pytest.raises(ForbiddenError):
            jobs.ask_kit(caller, lived.context)
    job = jobs.ask_kit(lived.caller, lived.context)
    (last,) = lived.context.journal.entries(lived.dossier, limit=1)
    assert last.what == "kit.asked"
    accountant = Caller(
        user="u2", name="", dossier=lived.dossier, permissions=PERMISSIONS[Role.ACCOUNTANT]
    )
    with pytest.raises(NotFoundError):
        jobs.job(accountant, job.id, lived.context)
    assert jobs.jobs(accountant, lived.context) == ()


def test_no_credential_is_in_a_kit(lived: World) -> None:
    """Members by name and role; no session, key, token or hash of one."""
    (files,) = _kit(lived)
    members = json.loads(files["dossier/members.json"])
    assert {frozenset(one) for one in members} == {
        frozenset({"dossier", "user", "email", "name", "role", "payments", "guide_read"})
    }
    text = b"".join(data for name, data in files.items() if name.startswith("dossier/")).lower()
    for word in (b"password", b"secret", b"token", b'"digest"', b"csrf"):
        assert word not in text, word


def test_an_unknown_dossier_takes_nothing_in(lived: World) -> None:
    """The target must exist: its people and addresses are not a kit's business."""
    (files,) = _kit(lived)
    with pytest.raises(NotFoundError):
        _import(lived, files, "nulle-part")


def test_the_command_takes_a_kit_in(
    lived: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`facteur import` on the platform that the environment names; altered, it says what."""
    for name, value in lived.platform.environment.items():
        monkeypatch.setenv(name, value)
    (files,) = _kit(lived)
    kit = str(_zipped(files, tmp_path / "kit.zip"))
    assert cli.main(["import", kit, "--dossier", "nulle-part"]) == cli.FAULTY
    assert cli.main(["import", kit, "--dossier", ELSEWHERE]) == cli.OK
    assert "3 document(s) repris, 0 déjà là" in capsys.readouterr().out
    name = next(one for one in files if one.startswith("heads/"))
    harmed = _zipped({**files, name: _byte(files[name])}, tmp_path / "harmed.zip")
    assert cli.main(["import", str(harmed), "--dossier", ELSEWHERE]) == cli.FAULTY
    assert name in capsys.readouterr().err
    (tmp_path / "texte.zip").write_text("x")
    assert (
        cli.main(["import", str(tmp_path / "texte.zip"), "--dossier", ELSEWHERE]) == cli.UNREADABLE
    )
