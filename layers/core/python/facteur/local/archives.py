"""An exported archive on disk: a folder or a ZIP of it, checked without any platform.

Each document is a folder holding ``evidence.json`` and the files it names, one per role
(``original.pdf``, ``facturx.pdf``…). The name of a file is its role; the suffix is free.
Two files of one role, a file that the evidence does not name, a folder of invoice files without
evidence, files beside those folders are told: what is shown to a reader must be what was checked.
A part of an exit kit (domain/kits.py) is known by its kit.json, and checked whole.
Bounded: a ZIP that inflates beyond MOST_BYTES a member is refused, said.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from facteur.domain.containers import ReadBack
from facteur.domain.documents import ROLES
from facteur.domain.evidence import Examination, examine
from facteur.domain.kits import MANIFEST, examine_kit
from facteur.web.i18n import fault_text

MOST_BYTES = 200 * 1024 * 1024
_MOST_NAMED = 10
#: What a desktop leaves in the folders it shows.
_OF_THE_DESK = re.compile(r"(?:^|/)(?:\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX/.*|\._.*)$")


def examine_path(path: Path, *, read_back: ReadBack | None = None) -> tuple[Examination, ...]:
    """The examination of every document of an archive, in the order of their folders.

    ``read_back`` reads the files embedded in a PDF: each Factur-X is opened with it.
    """
    if path.is_dir():
        names = {
            one.relative_to(path).as_posix(): one
            for one in sorted(path.rglob("*"))
            if one.is_file()
        }
        return _examine(list(names), lambda name: names[name].read_bytes(), read_back)
    try:
        with zipfile.ZipFile(path) as archive:
            held = [one for one in archive.infolist() if not one.is_dir()]
            too_large = [one.filename for one in held if one.file_size > MOST_BYTES]
            if too_large:
                return (_problem(path.name, f"fichier trop gros : {too_large[0]}"),)
            return _examine([one.filename for one in held], archive.read, read_back)
    except zipfile.BadZipFile:
        return (_problem(path.name, "ni dossier, ni ZIP"),)


def _problem(document: str, text: str) -> Examination:
    return Examination(document=document, checked=0, problem=text)


def _examine(
    names: Sequence[str], read: Callable[[str], bytes], read_back: ReadBack | None
) -> tuple[Examination, ...]:
    if MANIFEST in names:
        try:
            return examine_kit(names, read, read_back=read_back)
        except (OSError, EOFError, zipfile.BadZipFile, RuntimeError, zlib.error) as error:
            return (_problem(MANIFEST, f"illisible : {error}"),)
    folders: dict[str, dict[str, list[str]]] = {}
    for name in names:
        one = PurePosixPath(name)
        folders.setdefault(str(one.parent), {}).setdefault(one.stem, []).append(name)
    found = [
        _examine_folder(folder, held, read, read_back)
        for folder, held in sorted(folders.items())
        if not held.keys().isdisjoint(ROLES)
    ]
    loose = [
        name
        for held in folders.values()
        if held.keys().isdisjoint(ROLES)
        for names in held.values()
        for name in names
        if not _OF_THE_DESK.search(name)
    ]
    if found and loose:
        named = ", ".join(sorted(loose)[:_MOST_NAMED]) + " …" * (len(loose) > _MOST_NAMED)
        found.append(_problem("hors des preuves", f"rien n’atteste ces fichiers : {named}"))
    return tuple(found)


def _examine_folder(
    folder: str,
    held: Mapping[str, Sequence[str]],
    read: Callable[[str], bytes],
    read_back: ReadBack | None,
) -> Examination:
    if "evidence" not in held:
        return _problem(folder, "preuve absente : pas de fichier evidence.json")
    twice = [name for names in held.values() if len(names) > 1 for name in names]
    if twice:
        return _problem(folder, f"deux fichiers pour un rôle : {', '.join(sorted(twice))}")
    try:
        files = {role: read(name) for role, (name,) in held.items() if role != "evidence"}
        found = examine(read(held["evidence"][0]), files, read_back=read_back)
    except (OSError, EOFError, zipfile.BadZipFile, RuntimeError, zlib.error) as error:
        return _problem(folder, f"illisible : {error}")
    if found.problem:  # the evidence says not even which document it is of
        return _problem(folder, f"preuve illisible, ou d’un autre format ({found.problem})")
    return found


def sentence(one: Examination) -> str:
    """What was found of one document, in French, for the terminal."""
    document = one.document
    if one.intact:
        files = f"{one.checked} fichier{'s' * (one.checked > 1)} vérifié{'s' * (one.checked > 1)}"
        proof = "    empreinte de la preuve, à comparer à l'historique : "  # none before the seal
        told = f"\n{proof}{one.fingerprint}" if one.fingerprint else ""
        return f"✓ {document} : intact, {files}{told}"
    parts = []
    if one.problem:
        parts.append(one.problem)
    if one.altered:
        parts.append(f"modifié : {', '.join(one.altered)}")
    if one.missing:
        parts.append(f"absent : {', '.join(one.missing)}")
    if one.added:
        parts.append(f"ajouté : {', '.join(one.added)}")
    if one.container is not None:
        parts.append(fault_text(one.container))
    if one.history_broken_at is not None:
        parts.append(f"historique rompu à l'entrée {one.history_broken_at}")
    return f"✗ {document} : " + " ; ".join(parts)
