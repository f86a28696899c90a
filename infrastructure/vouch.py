"""Vouches for a dossier's SIREN: the operator checked that the company really made the dossier.

    python -m infrastructure.vouch --stage prod 300000007
    python -m infrastructure.vouch --local .facteur 300000007

Sales pass from dossier to dossier only between vouched ones (decision 0192). Run it with
credentials of the account; ``--local`` names the data folder of a local platform that runs.
"""

import argparse
import os
import sys
from pathlib import Path

import boto3
from facteur import bootstrap, config
from facteur.adapters.aws.clients import Clients
from facteur.domain.errors import NotFoundError
from facteur.local.provision import Wanted, provision
from facteur.local.supervisor import ACCOUNT, Options
from facteur.services.people import dossiers
from stdnum.fr import siren as siren_number

from infrastructure.first_dossier import settings_of
from infrastructure.stacks import Stacks


def local_settings(data: Path, *, port: int, inbound_domain: str) -> config.Settings:
    """The settings of the local platform of this folder, which runs; FileNotFoundError."""
    wanted = Wanted(
        endpoint=f"http://127.0.0.1:{port}",
        account=ACCOUNT,
        secret=(data / "secret").read_text("utf-8").strip(),
        inbound_domain=inbound_domain,
        ocr="none",
    )
    os.environ.update(wanted.access())  # noqa: TID251 - what boto3 reads, as a function's
    return config.load(provision(wanted, Clients(endpoint_url=wanted.endpoint)))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Vouch that a SIREN is its dossier's.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--stage", help="an installation in this AWS account")
    where.add_argument("--local", type=Path, help="the data folder of a running local platform")
    parser.add_argument("--emulator-port", type=int, default=Options(data=Path()).emulator_port)
    parser.add_argument("--inbound-domain", default=Options(data=Path()).inbound_domain)
    parser.add_argument("siren")
    given = parser.parse_args()
    if not siren_number.is_valid(given.siren):
        sys.exit(f"{given.siren} is not a SIREN: nine digits whose last one checks the others")
    try:
        settings = (
            local_settings(
                given.local, port=given.emulator_port, inbound_domain=given.inbound_domain
            )
            if given.local
            else settings_of(Stacks(boto3.client, given.stage))
        )
        dossier = dossiers.vouch(siren_number.compact(given.siren), bootstrap.context(settings))
    except (config.SettingsError, FileNotFoundError) as error:
        sys.exit(f"nothing is deployed there: {error}")
    except NotFoundError:
        sys.exit(f"no dossier has the SIREN {given.siren}")
    print(f"{dossier.name} (SIREN {dossier.siren}): vouched")


if __name__ == "__main__":
    main()
