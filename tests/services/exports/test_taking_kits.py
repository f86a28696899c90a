"""A kit taken in by the page: uploaded, examined without a trace, then taken in steps."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from facteur.domain.commands import ImportKit, Scheduled
from facteur.domain.documents import Direction, DocumentRef
from facteur.domain.dossiers import PERMISSIONS, Caller, Role
from facteur.domain.errors import ConflictError, ForbiddenError, NotFoundError
from facteur.domain.exports import Job, JobState, Kind
from facteur.domain.kits import read_manifest, write_manifest
from facteur.services.exports import taking_kits
from facteur.services.run import run_scheduled

from tests.services.exports.test_kits import ELSEWHERE, Files, _hashes, _kit, lived
from tests.services.world import World

__all__ = ("lived",)


def _there(world: World, role: Role = Role.MANAGER) -> Caller:
    return Caller(user="u1", name="Anne", dossier=ELSEWHERE, permissions=PERMISSIONS[role])


def _sent(world: World, data: bytes) -> str:
    """The name of a file sent by the page's form."""
    form = taking_kits.import_form(_there(world), world.context, back="https://x/?f={}".format)
    world.platform.client("s3").put_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"], Key=form.key, Body=data
    )
    name = form.key.rsplit("/", 1)[-1]
    assert form.fields["success_action_redirect"] == f"https://x/?f={name}"
    return name


def _zip(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def _examined(world: World, data: bytes) -> Job:
    job = taking_kits.examine(_there(world), _sent(world, data), world.context)
    world.deliver()
    return world.context.exports.job(ELSEWHERE, job.id)


def _documents(world: World) -> int:
    return len(world.context.store.documents(ELSEWHERE, Direction.PURCHASE).documents)


def test_an_examination_says_what_it_would_do_and_writes_nothing(lived: World) -> None:
    """Counts, whose kit it is; not a document, not a card, not a line of the journal."""
    (files,) = _kit(lived)
    job = _examined(lived, _zip(files))
    assert (job.state, job.failure) == (JobState.DONE, None)
    told = {
        name: job.told[name] for name in ("new", "already", "sealed", "siren", "other", "last")
    }
    assert told == {
        "new": "3", "already": "0", "sealed": "1", "siren": "300000007", "other": "1", "last": "1",
    }  # fmt: skip
    assert _documents(lived) == 0
    assert lived.context.journal.entries(ELSEWHERE) == ()


def test_what_was_examined_is_taken_in_steps_once(
    lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One document a run: all arrive with their hashes; again changes nothing."""
    monkeypatch.setattr(taking_kits, "TAKEN_AT_ONCE", 1)
    (files,) = _kit(lived)
    checked = _examined(lived, _zip(files))
    job = taking_kits.take(_there(lived), checked.id, lived.context)
    lived.deliver()
    done = lived.context.exports.job(ELSEWHERE, job.id)
    assert (done.state, done.total, done.done) == (JobState.DONE, 3, 3)
    assert done.told["brought"] == "3"
    for before in lived.documents():
        after = lived.context.store.document(DocumentRef(ELSEWHERE, before.id))
        assert _hashes(after) == _hashes(before)
    refs = [DocumentRef(ELSEWHERE, one.id) for one in lived.documents()]
    heads = [lived.context.store.document(one) for one in refs]
    assert taking_kits.take(_there(lived), checked.id, lived.context).id == job.id
    again = _examined(lived, _zip(files))
    assert (again.told["new"], again.told["already"]) == ("0", "3")
    taking_kits.take(_there(lived), again.id, lived.context)
    lived.deliver()
    assert heads == [lived.context.store.document(one) for one in refs]


def _changed(files: Files, name: str, **values: object) -> Files:
    """A kit whose head was rewritten, with its manifest: its maker's word is all there is."""
    body = json.loads(files[name])
    body["data"] |= values
    data = json.dumps(body).encode()
    manifest = read_manifest(files["kit.json"])
    held = dict(manifest.files)
    held[name] = replace(held[name], sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    return {**files, name: data, "kit.json": write_manifest(replace(manifest, files=held))}


def test_what_does_not_hold_is_named_and_never_taken(lived: World) -> None:
    """A changed byte, no kit at all, a file twice, a lock for a thousand years, broken data."""
    (files,) = _kit(lived)
    original = next(one for one in files if "/original" in one)
    sealed = next(one for one in lived.documents() if one.seal is not None)
    assert sealed.seal is not None
    head = f"heads/{sealed.id}.json"
    far = (sealed.seal.until + timedelta(days=365_000)).isoformat().replace("+00:00", "Z")
    seal = {**json.loads(files[head])["data"]["seal"], "until": far}
    twice = io.BytesIO(_zip(files))
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("kit.json", files["kit.json"])
    odd = (
        (_zip({**files, original: b"other"}), "kit.altered"),
        (_zip({"x.txt": b"x"}), "kit.unreadable"),
        (b"no zip", "unreadable.kit"),
        (_zip(files)[:-200], "unreadable.kit"),
        (twice.getvalue(), "unreadable.kit"),
        (_zip(_changed(files, head, seal=seal)), "kit.retention"),
        (_zip(_changed(files, "dossier/accounts.json", purchases_journal=[])), "kit.unreadable"),
    )  # fmt: skip
    for data, code in odd:
        job = _examined(lived, data)
        assert job.failure is not None
        assert (job.state, job.failure.code) == (JobState.FAILED, code)
        with pytest.raises(ConflictError):
            taking_kits.take(_there(lived), job.id, lived.context)
    assert _documents(lived) == 0


def test_a_bomb_is_stopped_before_it_is_read(
    lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many files, too large, too much in all: by what the ZIP declares."""
    for name, most in (("MOST_FILES", 1), ("MOST_FILE", 10), ("MOST_UNPACKED", 15)):
        with monkeypatch.context() as patch:
            patch.setattr(taking_kits, name, most)
            job = _examined(lived, _zip({"a": b"0" * 11, "b": b"0" * 11}))
        assert job.failure is not None
        assert job.failure.code == "unreadable.bomb"


def test_only_a_gerant_takes_kits_and_only_his_own(lived: World) -> None:
    """Another dossier's file, job, or a name that is none: not found."""
    (files,) = _kit(lived)
    job = _examined(lived, _zip(files))
    staff = _there(lived, Role.STAFF)
    for act in (
        lambda: taking_kits.import_form(staff, lived.context, back=str),
        lambda: taking_kits.jobs(staff, lived.context),
        lambda: taking_kits.examine(staff, job.cursor, lived.context),
        lambda: taking_kits.take(staff, job.id, lived.context),
    ):
        with pytest.raises(ForbiddenError):
            act()
    with pytest.raises(NotFoundError):
        taking_kits.take(lived.caller, job.id, lived.context)
    with pytest.raises(NotFoundError):
        taking_kits.examine(_there(lived), "../x", lived.context)
    own = next(one for one in lived.context.exports.jobs(lived.dossier) if one.kind is Kind.KIT)
    with pytest.raises(NotFoundError):
        taking_kits.take(lived.caller, own.id, lived.context)


def test_an_examination_that_kills_its_function_is_told(lived: World) -> None:
    """The queue's last delivery says so on the page."""
    job = taking_kits.examine(_there(lived), _sent(lived, b"x"), lived.context)
    command = ImportKit(dossier=ELSEWHERE, export=job.id)
    scheduled = Scheduled(id="last", command=command, due=lived.clock.now())
    run_scheduled(scheduled, lived.context, last=True)
    told = lived.context.exports.job(ELSEWHERE, job.id)
    assert told.failure is not None
    assert (told.state, told.failure.code) == (JobState.FAILED, "exports.interrupted")
