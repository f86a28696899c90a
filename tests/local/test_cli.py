"""The command ``facteur``: what it answers, and its exit codes."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from facteur.domain.public import PLAIN
from facteur.local import cli
from facteur.local.archives import examine_path
from facteur.local.demo import invoices

from tests import samples
from tests.domain.test_evidence import FILES, sealed
from tests.services.world import xml

DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The printer's sample page: a PDF with a text layer only."""
    path = tmp_path_factory.mktemp("cli") / "facture.pdf"
    path.write_bytes(invoices.page(invoices.printer(DAY), accent="#224466"))
    return path


def answer(
    capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, dict[str, object]]:
    code = cli.main([str(one) for one in (*arguments, "--json")])
    return code, json.loads(capsys.readouterr().out)


def test_reading_a_page_gives_each_value_with_its_place(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The keys that score.py documents, and beside each its provenance and confidence."""
    code, body = answer(capsys, "read", page)

    assert code == cli.OK
    assert (body["number"], body["total_incl_vat"]) == ("FA-2026-0417", "1020.30")
    assert (body["seller_siren"], body["buyer_name"]) == ("400000006", "Maison Delorme")
    fields = body["fields"]
    assert isinstance(fields, dict)
    assert fields["number"]["provenance"]["origin"] == "text"
    assert fields["number"]["provenance"]["page"] == 1


def test_reading_an_xml_invoice_gives_its_paths(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Structured data are exact and say where in the XML they stand."""
    path = tmp_path / "f.xml"
    path.write_bytes(xml("F1"))
    code, body = answer(capsys, "read", path)
    fields = body["fields"]

    assert code == cli.OK
    assert body["number"] == "F1"
    assert isinstance(fields, dict)
    assert fields["number"]["provenance"]["origin"] == "xml"
    assert fields["number"]["provenance"]["path"]


def test_converting_a_page_writes_a_valid_facturx_that_reads_back(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """PDF in, Factur-X out: valid, PDF/A-3, the totals to the cent."""
    target = tmp_path / "out.pdf"
    code, body = answer(capsys, "convert", page, "-o", target)
    _code, again = answer(capsys, "read", target)

    assert code == cli.OK
    assert (body["verdict"], body["pdfa"], body["profile"]) == ("valid", True, "EN 16931")
    assert (again["number"], again["total_incl_vat"]) == ("FA-2026-0417", "1020.30")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of two invoices, a page each."""
    path = tmp_path_factory.mktemp("lot") / "deux.pdf"
    path.write_bytes(samples.lot(("FA-2026-0101", 1), ("FA-2026-0102", 1)))
    return path


def test_of_a_file_of_two_invoices_no_value_is_sure(
    two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fault that the pages show, exit code 1: the totals of one are not those of the file."""
    code, body = answer(capsys, "read", two)
    faults, fields = body["faults"], body["fields"]

    assert code == cli.FAULTY
    assert isinstance(faults, list)
    assert [one["code"] for one in faults] == ["file.several"]
    assert faults[0]["values"] == {"n": "2"}
    assert isinstance(fields, dict)
    assert fields["total_incl_vat"]["confidence"] <= 0.5
    assert not [name for name, one in fields.items() if one["sure"]]


def test_a_file_of_two_invoices_becomes_no_facturx(
    two: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written, and the answer says that the file is to be cut."""
    target = tmp_path / "out.pdf"
    code, body = answer(capsys, "convert", two, "-o", target)
    cli.main(["convert", str(two), "-o", str(target)])
    said = capsys.readouterr().out

    assert (code, body["written"]) == (cli.FAULTY, False)
    assert not target.exists()
    assert "découper" in said
    assert "file.several" in said


def test_a_person_may_say_that_such_a_file_is_one_invoice(
    two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--whole, as « c'est une seule facture » on the page: nothing is asked again."""
    _code, body = answer(capsys, "read", two, "--whole")
    faults = body["faults"]

    assert isinstance(faults, list)
    assert "file.several" not in [one["code"] for one in faults]


def test_validating_tells_the_verdict_and_the_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sound invoice is accepted; one whose total is wrong names the official rule."""
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(xml("F1"))
    bad.write_bytes(xml("F1").replace(b">1627.20<", b">1627.21<"))
    code, body = answer(capsys, "validate", good)
    wrong_code, wrong = answer(capsys, "validate", bad)

    assert (code, body["verdict"]) == (cli.OK, "accept")
    assert (wrong_code, wrong["verdict"]) == (cli.FAULTY, "reject")
    rules = wrong["rules"]
    assert isinstance(rules, list)
    assert "BR-CO-15" in rules


def test_without_the_rules_engine_nothing_is_called_valid(tmp_path: Path) -> None:
    """Exit code 4, « non vérifiée », and why: once, though two rule books were asked."""
    path = tmp_path / "f.xml"
    path.write_bytes(xml("F1"))
    program = (
        "import sys; sys.modules['saxonche'] = None\n"
        "from facteur.local import cli; sys.exit(cli.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "validate", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == cli.UNVERIFIED, ran.stderr
    assert "non vérifiée" in ran.stdout
    assert ran.stdout.count("Le moteur des règles officielles est absent") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "vide"), (b"bonjour", ""), (b"%PDF-1.7 cass\xc3\xa9", "")],
)
@pytest.mark.parametrize("command", ["read", "convert"])
def test_a_file_that_cannot_be_read_says_why_in_french(
    command: str, content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3 and one sentence, never a stack trace."""
    path = tmp_path / "x.pdf"
    path.write_bytes(content)
    more = ["-o", str(tmp_path / "o.pdf")] if command == "convert" else []
    code = cli.main([command, str(path), *more])
    error = capsys.readouterr().err

    assert code == cli.UNREADABLE
    assert error.startswith("facteur : ")
    assert said in error
    assert "Traceback" not in error
    assert not (tmp_path / "o.pdf").exists()


def test_a_document_of_too_many_pages_is_told_the_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """How many it has, and how many are taken."""
    path = tmp_path / "long.pdf"
    path.write_bytes(samples.text_pdf((), pages=501))

    assert cli.main(["read", str(path)]) == cli.UNREADABLE
    assert "Ce document a 501 pages : 500 au plus sont acceptées." in capsys.readouterr().err


def test_a_file_that_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2."""
    assert cli.main(["read", "nulle-part.pdf"]) == cli.USAGE
    assert "introuvable" in capsys.readouterr().err


def archive(folder: Path) -> Path:
    held = folder / "doc1"
    held.mkdir(parents=True)
    (held / "evidence.json").write_bytes(sealed())
    (held / "original.pdf").write_bytes(FILES["original"])
    (held / "canonical.json").write_bytes(FILES["canonical"])
    return folder


@pytest.mark.parametrize("zipped", [False, True])
def test_verify_checks_a_folder_or_a_zip_and_names_what_was_altered(
    zipped: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Intact: 0. One byte changed: 1, and its name."""
    folder = archive(tmp_path / "archive")

    def path() -> Path:
        if not zipped:
            return folder
        return Path(shutil.make_archive(str(tmp_path / "archive"), "zip", folder))

    assert cli.main(["verify", str(path())]) == cli.OK
    assert "intact" in capsys.readouterr().out
    (folder / "doc1" / "original.pdf").write_bytes(b"%PDF-1.7 falsifie")
    assert cli.main(["verify", str(path())]) == cli.FAULTY
    assert "modifié : original" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (lambda held: (held / "evidence.json").unlink(), "preuve absente"),
        (
            lambda held: (held / "evidence.json").write_bytes(b'{"format":'),
            "doc1 : preuve illisible",
        ),
        (lambda held: (held / "original.xml").write_bytes(b"<x/>"), "deux fichiers pour un rôle"),
        (lambda held: (held / "attachment-1.pdf").write_bytes(b"%PDF"), "ajouté : attachment-1"),
    ],
)
def test_verify_sees_what_was_taken_away_or_added(  # type: ignore[no-untyped-def]
    tamper, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without evidence is not skipped, and no file hides behind another."""
    folder = archive(tmp_path / "archive")
    tamper(folder / "doc1")

    assert cli.main(["verify", str(folder)]) == cli.FAULTY
    assert told in capsys.readouterr().out


def test_verify_names_the_files_that_no_evidence_attests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An invoice laid beside the sealed ones is not « intact »; a desktop's own files are."""
    folder = archive(tmp_path / "archive")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._doc1").write_bytes(b"x")
    assert cli.main(["verify", str(folder)]) == cli.OK
    (folder / "autres").mkdir()
    (folder / "autres" / "facture-3.pdf").write_bytes(b"%PDF-1.7")
    (folder / "lisez-moi.txt").write_bytes(b"tout va bien")
    capsys.readouterr()

    assert cli.main(["verify", str(folder)]) == cli.FAULTY
    said = capsys.readouterr().out
    assert "rien n’atteste ces fichiers : autres/facture-3.pdf, lisez-moi.txt" in said
    assert "intacts : 1 sur 2" in said


def test_verify_opens_the_factur_x_with_a_second_library(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hashes that agree are not enough: the XML inside must be the one kept beside it."""
    made = tmp_path / "facturx.pdf"
    assert cli.main(["convert", str(page), "-o", str(made)]) == cli.OK
    with pikepdf.open(made) as pdf:
        inside = pdf.attachments["factur-x.xml"].get_file().read_bytes()
    for name, kept, code in (("a", inside, cli.OK), ("b", inside + b" ", cli.FAULTY)):
        files = {**FILES, "facturx": made.read_bytes(), "invoice_xml": kept}
        held = tmp_path / name / "doc1"
        held.mkdir(parents=True)
        (held / "evidence.json").write_bytes(sealed(files))
        for role, data in files.items():
            (held / f"{role}.bin").write_bytes(data)
        capsys.readouterr()

        assert cli.main(["verify", str(held.parent)]) == code
        said = capsys.readouterr().out
        assert ("relues par un second logiciel" in said) == (code == cli.FAULTY)


def test_a_zip_with_one_name_twice_or_damaged_is_told(tmp_path: Path) -> None:
    """Readers differ on which of two entries they show; a broken stream is no crash."""
    folder = archive(tmp_path / "archive")
    path = Path(shutil.make_archive(str(tmp_path / "archive"), "zip", folder))
    whole = path.read_bytes()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as target:
        target.writestr("doc1/original.pdf", b"%PDF autre")
    assert "deux fichiers" in examine_path(path)[0].problem

    at = whole.index(b"original.pdf") + 20
    path.write_bytes(whole[:at] + bytes(20) + whole[at + 20 :])
    assert not any(one.intact for one in examine_path(path))


def test_verify_of_what_is_no_archive_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder is not « intact »."""
    assert cli.main(["verify", str(tmp_path)]) == cli.UNREADABLE
    (tmp_path / "x.zip").write_bytes(b"not a zip")
    assert cli.main(["verify", str(tmp_path / "x.zip")]) == cli.UNREADABLE
    capsys.readouterr()


def test_a_zip_that_inflates_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members beyond the bound are never read."""
    monkeypatch.setattr("facteur.local.archives.MOST_BYTES", 1000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("a/evidence.json", b" " * 100_000)

    assert "trop gros" in examine_path(path)[0].problem


def test_a_file_larger_than_a_door_takes_is_refused_before_it_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One byte more than an upload may have: exit code 3, and no gigabyte in memory."""
    path = tmp_path / "x.pdf"
    with path.open("wb") as file:
        file.truncate(50 * 2**20 + 1)  # a hole: it takes no room
    for command in (["read"], ["validate"], ["convert", "-o", str(tmp_path / "o.pdf")]):
        assert cli.main([*command, str(path)]) == cli.UNREADABLE
        assert "limites de taille" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["facture.pdf", "link.pdf"])
def test_the_original_is_never_overwritten(
    name: str, page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """-o that names the invoice itself, by its name or by a link, is wrong usage."""
    held = tmp_path / "facture.pdf"
    shutil.copy(page, held)
    (tmp_path / "link.pdf").symlink_to(held)

    assert cli.main(["convert", str(held), "-o", str(tmp_path / name)]) == cli.USAGE
    assert "jamais remplacé" in capsys.readouterr().err
    assert held.read_bytes() == page.read_bytes()


def test_what_the_system_refuses_is_one_sentence(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder, a path through a file, a place that is not there: exit code 2, no stack trace."""
    assert cli.main(["read", str(tmp_path)]) == cli.USAGE
    assert "c’est un dossier" in capsys.readouterr().err
    assert cli.main(["read", str(page / "x")]) == cli.USAGE
    assert "impossible" in capsys.readouterr().err
    assert cli.main(["convert", str(page), "-o", str(tmp_path / "no" / "o.pdf")]) == cli.USAGE
    assert "introuvable" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["a short answer", "a long one"])
def test_who_stops_reading_our_answer_sees_no_error(more: list[str], page: Path) -> None:
    """`facteur read … | head` ends quietly, and never says that all is well."""
    command = [sys.executable, "-m", "facteur.local.cli", "read", str(page), *more]
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as closed:
        ran = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, check=False)

    assert (ran.returncode, ran.stderr) == (cli.UNHEARD, b"")


def test_help_names_every_key_of_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """A program can be written from `facteur read --help` alone."""
    with pytest.raises(SystemExit):
        cli.main(["read", "--help"])
    words = set(re.findall(r"\w+", capsys.readouterr().out))

    assert {*PLAIN, "type", "vat_breakdown", "lines", "fields", "provenance"} <= words


@pytest.mark.parametrize("command", ["", "read", "validate", "convert", "verify", "import"])
def test_help_tells_the_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help needs no manual beside it."""
    with pytest.raises(SystemExit) as stopped:
        cli.main([*([command] if command else []), "--help"])

    assert stopped.value.code == 0
    assert "exit codes:" in capsys.readouterr().out
