"""The local platform's command line: `python -m facteur.local run|reset` (`make run|reset`).

Settings come from arguments or from the environment (docs/operate.md): FACTEUR_DATA,
FACTEUR_WEB_PORT, FACTEUR_SMTP_PORT, FACTEUR_EMULATOR_PORT, FACTEUR_SANDBOX_PORT,
FACTEUR_SANDBOX_PA (a test platform that runs already), FACTEUR_INBOUND_DOMAIN, FACTEUR_OCR.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from facteur.local.supervisor import Options, StartError, reset, run


def options(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[str, Options]:
    """Return the command and its options; SystemExit with the usage when they make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m facteur.local", description="Facteur on this machine, without an account."
    )
    parser.add_argument("command", choices=["run", "reset"], help="start it, or empty its data")
    parser.add_argument(
        "--data",
        type=Path,
        default=environment.get("FACTEUR_DATA", ".facteur"),
        help="the folder that keeps everything (default: %(default)s)",
    )
    ports = {
        "web": "the pages and the API",
        "smtp": "the mails it receives",
        "emulator": "the embedded AWS",
        "sandbox": "the test platform (PA)",
    }
    for name, what in ports.items():
        usual = getattr(Options(data=Path()), f"{name}_port")
        default = environment.get(f"FACTEUR_{name.upper()}_PORT", usual)
        told = f"the port of {what} (default: %(default)s)"
        parser.add_argument(f"--{name}-port", type=int, default=default, metavar="PORT", help=told)
    parser.add_argument(
        "--inbound-domain",
        default=environment.get("FACTEUR_INBOUND_DOMAIN", "factures.localhost"),
        help="what follows the @ of the dossiers' addresses (default: %(default)s)",
    )
    parser.add_argument(
        "--ocr",
        default=environment.get("FACTEUR_OCR", "embedded"),
        help="what reads images (default: %(default)s)",
    )
    parser.add_argument(
        "--sandbox-url",
        default=environment.get("FACTEUR_SANDBOX_PA", ""),
        help="another installation's test platform, instead of one of its own",
    )
    parser.add_argument(
        "--no-seed", dest="seed", action="store_false", help="no demonstration: an empty platform"
    )
    given = vars(parser.parse_args(arguments))
    command = given.pop("command")
    return command, Options(**{**given, "data": given["data"].resolve()})


def main(arguments: Sequence[str]) -> int:
    """Run the command: 0 when done, 1 with a sentence when not, 130 when interrupted early."""
    command, wanted = options(arguments, os.environ)  # noqa: TID251 - the program's door
    try:
        if command == "run":
            return run(wanted, lambda line: print(line, flush=True))
        deleted = reset(wanted.data)
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Arrêté avant d'être prêt ; rien n'est perdu.", file=sys.stderr)
        return 130
    print(f"{wanted.data} : " + ("effacé." if deleted else "rien à effacer."))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
