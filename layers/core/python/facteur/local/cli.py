"""The command ``facteur``: the main job without any platform, and taking an exit kit in.

    facteur read FILE [--json]         what the document says, each value with where it came from
    facteur validate FILE [--json]     XSD, official rules, ours; container of a Factur-X
    facteur convert FILE -o OUT.pdf    a Factur-X (PDF/A-3) of a PDF, an image or an XML invoice
    facteur verify PATH                checks an exported archive (folder or ZIP), hash by hash
    facteur import KIT.zip --dossier D takes a part of an exit kit into a dossier of a platform

Exit codes: 0 all well; 1 read, but something is wrong (the answer says what); 2 wrong usage;
3 the file cannot be read; 4 the official rules could not run, so nothing is called valid; 141
nobody read the answer to its end.
"""

import argparse
import dataclasses
import json
import os
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from facteur import bootstrap, config
from facteur.domain.decisions import Actor
from facteur.domain.documents import Verdict
from facteur.domain.errors import FacteurError, InvalidError, UnreadableError
from facteur.domain.faults import Fault, blocking
from facteur.domain.public import public_json
from facteur.local import cli_help
from facteur.local.archives import examine_path, sentence
from facteur.ports import Limits
from facteur.services.exports import importing
from facteur.services.reading import converting, validating
from facteur.services.reading.alone import read_alone
from facteur.services.reading.registering import concerned, fault_json
from facteur.web.i18n import error_text, fault_text

OK, FAULTY, USAGE, UNREADABLE, UNVERIFIED, UNHEARD = 0, 1, 2, 3, 4, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return _told(run(options))
    except UnreadableError as error:
        return _failed(options, error, UNREADABLE)
    except FacteurError as error:
        return _failed(options, error, FAULTY)
    except FileNotFoundError as error:
        print(f"facteur : {error.filename} : fichier introuvable", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # who reads our answer has read enough: facteur read … | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNHEARD
    except OSError as error:
        print(f"facteur : {error.filename} : {_refusal(error)}", file=sys.stderr)
        return USAGE


def _told(code: int) -> int:
    """The exit code, once all that was printed has left; BrokenPipeError when nobody reads it."""
    sys.stdout.flush()
    return code


def _refusal(error: OSError) -> str:
    known = {IsADirectoryError: "c’est un dossier", PermissionError: "accès refusé"}
    return known.get(type(error), f"lecture ou écriture impossible ({error.strerror})")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="facteur",
        description="Read, validate, convert and verify invoices: no platform, no account.",
        epilog=f"{cli_help.EXAMPLES}\n{cli_help.CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    read = _command(
        commands, "read", _read, "read an invoice: PDF, Factur-X, XML or image", cli_help.READ
    )
    read.add_argument("file", type=Path, metavar="FILE", help="the invoice")
    _json_option(read)
    validate = _command(
        commands, "validate", _validate, "check an invoice against the rules", cli_help.VALIDATE
    )
    validate.add_argument("file", type=Path, metavar="FILE", help="the invoice")
    _json_option(validate)
    convert = _command(
        commands, "convert", _convert, "make a Factur-X of an invoice", cli_help.CONVERT
    )
    convert.add_argument("file", type=Path, metavar="FILE", help="the invoice, left as it is")
    convert.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT.pdf",
        help="the Factur-X to write; another file than the invoice",
    )
    _json_option(convert)
    for one in (read, convert):
        one.add_argument(
            "--whole", action="store_true", help="the file is one invoice, said by you"
        )
    verify = _command(
        commands, "verify", _verify, "check an exported archive, offline", cli_help.VERIFY
    )
    verify.add_argument("path", type=Path, metavar="PATH", help="a folder or a ZIP")
    _json_option(verify)
    taken = _command(
        commands,
        "import",
        _import,
        "take a part of an exit kit into a dossier of a platform",
        cli_help.IMPORT,
    )
    taken.add_argument("path", type=Path, metavar="KIT.zip", help="a part of a kit")
    taken.add_argument("--dossier", required=True, metavar="ID", help="the dossier to fill")
    _json_option(taken)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
    more: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.\n\n{more}",
        epilog=cli_help.CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def _failed(options: argparse.Namespace, error: FacteurError, code: int) -> int:
    values = {name: str(value) for name, value in error.values.items() if name != "faults"}
    text = error_text(error)
    if getattr(options, "json", False):
        _print_json({"error": {"code": error.code, "message": text, "values": values}})
    print(f"facteur : {text}", file=sys.stderr)
    return code


def _print_json(body: object) -> None:
    print(json.dumps(body, ensure_ascii=False, indent=2, default=str))


def _bytes_of(path: Path, limits: Limits) -> bytes:
    """The file's bytes; UnreadableError, before they are read, for more than a door takes."""
    if path.is_file() and path.stat().st_size > limits.upload_bytes:
        raise UnreadableError("unreadable.too_large", limit=limits.upload_bytes // 2**20)
    return path.read_bytes()


def _read(options: argparse.Namespace) -> int:
    readers = bootstrap.readers()
    found = read_alone(_bytes_of(options.file, readers.limits), readers, whole=options.whole)
    candidate = found.candidate
    today = bootstrap.clock().now().date()
    checks = converting.faults_of(candidate, received=today)
    faults = found.several or (*found.material.faults, *checks)
    if options.json:
        _print_json(
            {
                **public_json(candidate),
                "kind": candidate.kind,
                "faults": [_public_fault(one) for one in faults],
            }
        )
    else:
        _print_candidate(public_json(candidate))
        _print_faults(faults)
    if candidate.kind not in converting.RECOGNISED and not found.several:
        return UNREADABLE
    return FAULTY if blocking(faults) else OK


def _print_candidate(body: dict[str, object]) -> None:
    fields = body.get("fields", {})
    for name, held in fields.items() if isinstance(fields, dict) else ():
        value = held["value"]
        if isinstance(value, list):
            print(f"{name} :")
            for row in value:
                print(
                    "   "
                    + " · ".join(f"{k} {v}" for k, v in row.items() if v not in ("", None, False))
                )
        else:
            origin = held["provenance"]["origin"]
            doubt = "" if held["sure"] else f", {float(held['confidence']):.0%}, à vérifier"
            print(f"{name:18} {value}   ({origin}{doubt})")


def _print_faults(faults: Sequence[Fault]) -> None:
    lines = dict.fromkeys(_fault_line(one) for one in faults)  # two rules may say the same
    print("\n".join(lines), end="\n" * bool(lines))


def _fault_line(fault: Fault) -> str:
    mark, place = "✗" if fault.blocking else "!", f"{fault.path} : " if fault.path else ""
    return f" {mark} {place}{fault_text(fault)} [{fault.code}]"


def _public_fault(fault: Fault) -> dict[str, object]:
    return {**fault_json(fault), "sentence": fault_text(fault)}


def _validate(options: argparse.Namespace) -> int:
    readers = bootstrap.readers()
    answer = validating.validate(
        _bytes_of(options.file, readers.limits),
        options.file.name,
        rulebook=bootstrap.rulebook(),
        pdf=readers.pdf,
    )
    if options.json:
        _print_json(
            {
                "verdict": answer.verdict,
                "rules": list(answer.rules),
                "findings": [_public_fault(one) for one in answer.findings],
                "versions": dict(answer.versions),
            }
        )
    else:
        words = {
            "accept": "conforme",
            "warn": "acceptable, avec des réserves",
            "reject": "à rejeter",
            "unverified": "non vérifiée",
        }
        print(f"{options.file.name} : {words[answer.verdict]}")
        _print_faults(answer.findings)
    return {"accept": OK, "warn": OK, "unverified": UNVERIFIED}.get(answer.verdict, FAULTY)


def _convert(options: argparse.Namespace) -> int:
    if options.output.exists() and options.output.samefile(options.file):
        print("facteur : l’original n’est jamais remplacé : donnez un autre nom", file=sys.stderr)
        return USAGE
    readers = bootstrap.readers()
    data = _bytes_of(options.file, readers.limits)
    found = read_alone(data, readers, whole=options.whole)
    if found.several:
        text = "pas de Factur-X : ce fichier est à découper d'abord, facture par facture"
        _tell(options, {"written": False}, found.several, text)
        return FAULTY
    candidate, material = found.candidate, found.material
    made, faults = converting.convert(
        data,
        candidate,
        material,
        title=options.file.name,
        created=bootstrap.clock().now(),
        readers=readers,
    )
    faults = (*material.faults, *faults)
    if made is None:
        _tell(options, {"written": False}, faults, "pas de Factur-X : à compléter d'abord")
        return UNREADABLE if candidate.kind not in converting.RECOGNISED else FAULTY
    report = concerned(bootstrap.rulebook().check(made.xml), made.conversion)
    options.output.write_bytes(data if made.facturx is None else made.facturx.data)
    body: dict[str, object] = {
        "written": True,
        "output": str(options.output),
        "profile": made.conversion.profile,
        "road": made.conversion.road,
        "pdfa": made.conversion.pdfa,
        "verdict": report.verdict.value,
        "reform": report.reform.value,
        "versions": dict(report.versions),
    }
    words = {
        Verdict.VALID: "valide",
        Verdict.INVALID: "non valide",
        Verdict.UNVERIFIED: "non vérifiée",
        Verdict.NOT_CONCERNED: "non concernée",
    }
    proved = "PDF/A-3b" if made.conversion.pdfa else "non conforme PDF/A"
    text = (
        f"{options.output} : Factur-X {made.conversion.profile}, {proved}, "
        f"règles : {words[report.verdict]}, réforme : {words[report.reform]}"
    )
    _tell(options, body, (*faults, *report.findings), text)
    return {Verdict.VALID: OK, Verdict.UNVERIFIED: UNVERIFIED}.get(report.verdict, FAULTY)


def _tell(
    options: argparse.Namespace, body: dict[str, object], faults: Sequence[Fault], text: str
) -> None:
    if options.json:
        _print_json({**body, "faults": [_public_fault(one) for one in faults]})
    else:
        print(text)
        _print_faults(faults)


def _verify(options: argparse.Namespace) -> int:
    if not options.path.exists():
        raise FileNotFoundError(2, "", str(options.path))
    found = examine_path(options.path, read_back=bootstrap.readers().pdf.read_back)
    if not options.path.is_dir() and not zipfile.is_zipfile(options.path):
        print("facteur : ni un dossier, ni un ZIP", file=sys.stderr)
        return UNREADABLE
    if options.json:
        _print_json(
            [
                {
                    "document": one.document,
                    "intact": one.intact,
                    "checked": one.checked,
                    "altered": list(one.altered),
                    "missing": list(one.missing),
                    "added": list(one.added),
                    "evidence_sha256": one.fingerprint,
                    "history_broken_at": one.history_broken_at,
                    "facturx": one.container.code if one.container else "",
                    "problem": one.problem,
                }
                for one in found
            ]
        )
    else:
        for one in found:
            print(sentence(one))
        whole = sum(one.intact for one in found)
        print(f"intacts : {whole} sur {len(found)}")
    if not found:
        print("facteur : aucune archive ici (pas de fichier evidence.json)", file=sys.stderr)
        return UNREADABLE
    return OK if all(one.intact for one in found) else FAULTY


def _import(options: argparse.Namespace) -> int:
    """The platform is the one that the environment names (FACTEUR_…), as for its functions."""
    if not zipfile.is_zipfile(options.path):
        if not options.path.exists():
            raise FileNotFoundError(2, "", str(options.path))
        print("facteur : ce n’est pas un ZIP", file=sys.stderr)
        return UNREADABLE
    context = bootstrap.context(config.load())
    with zipfile.ZipFile(options.path) as archive:
        names = [one.filename for one in archive.infolist() if not one.is_dir()]
        try:
            brought = importing.import_part(
                names, archive.read, options.dossier, Actor(id="facteur import"), context
            )
        except InvalidError as error:
            for fault in error.faults:
                print(f" ✗ {fault_text(fault)}", file=sys.stderr)
            return _failed(options, error, FAULTY)
    if options.json:
        _print_json(dataclasses.asdict(brought))
    else:
        print(
            f"{brought.documents} document(s) repris, {brought.already} déjà là, "
            f"{brought.parties} fiche(s)"
        )
        for one in brought.parties_refused:
            print(f" ! fiche non reprise, son numéro ou son SIREN est déjà pris : {one}")
    return OK


if __name__ == "__main__":
    raise SystemExit(main())
