"""An exported archive on disk: a folder or a ZIP of it, checked without any platform.

Each document is a folder holding ``evidence.json`` and the files it names, one per role
(``original.pdf``, ``facturx.pdf``…). The name of a file is its role; the suffix is free.
Bounded: a ZIP that inflates beyond MOST_BYTES a member is refused, said.
"""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from facteur.domain.evidence import Examination, examine

MOST_BYTES = 200 * 1024 * 1024


def examine_path(path: Path) -> tuple[Examination, ...]:
    """The examination of every document of an archive, in the order of their folders."""
    if path.is_dir():
        names = {
            one.relative_to(path).as_posix(): one
            for one in sorted(path.rglob("*"))
            if one.is_file()
        }
        return _examine(list(names), lambda name: names[name].read_bytes())
    if not zipfile.is_zipfile(path):
        return (Examination(document=path.name, checked=0, problem="ni dossier, ni ZIP"),)
    with zipfile.ZipFile(path) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist() if not one.is_dir()}
        too_large = [name for name, size in sizes.items() if size > MOST_BYTES]
        if too_large:
            problem = f"fichier trop gros : {too_large[0]}"
            return (Examination(document=path.name, checked=0, problem=problem),)
        return _examine(list(sizes), archive.read)


def _examine(names: list[str], read: Callable[[str], bytes]) -> tuple[Examination, ...]:
    folders: dict[str, dict[str, str]] = {}
    for name in names:
        one = PurePosixPath(name)
        folders.setdefault(str(one.parent), {})[one.stem] = name
    return tuple(
        _examine_folder(folder, held, read)
        for folder, held in sorted(folders.items())
        if "evidence" in held
    )


def _examine_folder(
    folder: str, held: Mapping[str, str], read: Callable[[str], bytes]
) -> Examination:
    try:
        files = {role: read(name) for role, name in held.items() if role != "evidence"}
        return examine(read(held["evidence"]), files)
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        return Examination(document=folder, checked=0, problem=f"illisible : {error}")
