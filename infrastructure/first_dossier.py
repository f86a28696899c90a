"""Makes the first dossier and its user in a fresh installation.

    python -m infrastructure.first_dossier --stage dev --siren 300000007 --name "Maison Delorme" \\
        --email camille@example.com --person "Camille Delorme"

Run it with credentials of the account, once: from then on people are invited from the pages.
The password is drawn here and printed once; running it again with the same address keeps the
existing user and changes nothing of an existing dossier.
"""

import argparse
import secrets
import sys
from collections.abc import Callable

import boto3
from facteur import bootstrap, config
from facteur.domain.dossiers import Dossier, Member, Role, mailbox_addresses
from facteur.domain.errors import DuplicateError
from facteur.ports import Context
from stdnum.fr import siren as siren_number

from infrastructure.stacks import Stacks


def settings_of(stacks: Stacks) -> config.Settings:
    """The settings of a deployed stage, from what its stacks say; SettingsError names a gap."""
    platform = stacks.outputs("platform")
    site = stacks.outputs("web").get("EndpointURL", platform.get("SiteOrigin", "")).rstrip("/")
    names = {
        "TABLE": "Table",
        "EPHEMERAL_TABLE": "EphemeralTable",
        "INTAKE_BUCKET": "IntakeBucket",
        "ARCHIVE_BUCKET": "ArchiveBucket",
        "COMMANDS_QUEUE_URL": "CommandsQueueUrl",
        "CHECKS_QUEUE_URL": "ChecksQueueUrl",
        "INBOUND_DOMAIN": "InboundDomain",
        "USER_POOL_ID": "UserPoolId",
        "USER_POOL_CLIENT_ID": "UserPoolClientId",
        "LOCK_MODE": "LockMode",
        "RETENTION_DAYS": "RetentionDays",
    }
    given = {
        config.PREFIX + variable: platform[output]
        for variable, output in names.items()
        if output in platform
    }
    return config.load(
        {**given, f"{config.PREFIX}STAGE": stacks.stage, f"{config.PREFIX}SITE_URL": site}
    )


def create(
    context: Context, dossier: Dossier, *, email: str, person: str, say: Callable[[str], None]
) -> str:
    """Create the user and the dossier with its two mailboxes; return the password drawn for it.

    A user or a dossier that exists is kept as it is.
    """
    password = secrets.token_urlsafe(12) + "-Aa1"
    who = context.identity.create(email, person, password)
    member = Member(
        dossier=dossier.id, user=who.subject, email=email, name=person, role=Role.MANAGER
    )
    addresses = mailbox_addresses(dossier.siren, context.inbound_domain)
    boxes = {address.lower(): direction for direction, address in addresses.items()}
    try:
        context.store.save_dossier(dossier, (member,), boxes)
    except DuplicateError:
        say(f"the dossier {dossier.id} exists already: kept as it is")
    for direction, address in addresses.items():
        say(f"{direction.value:9} {address}")
    return password


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Make the first dossier and its user.")
    for name in ("stage", "siren", "name", "email", "person"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    if not siren_number.is_valid(given.siren):
        sys.exit(f"{given.siren} is not a SIREN: nine digits whose last one checks the others")
    stacks = Stacks(boto3.client, given.stage)
    try:
        settings = settings_of(stacks)
    except config.SettingsError as error:
        sys.exit(f"stage {given.stage} is not deployed here: {error}")
    dossier = Dossier(id=given.siren, name=given.name, siren=given.siren, vouched=True)
    password = create(
        bootstrap.context(settings), dossier, email=given.email, person=given.person, say=print
    )
    print(f"site      {settings.site_url}/\nsign-in   {given.email}\npassword  {password}")


if __name__ == "__main__":
    main()
