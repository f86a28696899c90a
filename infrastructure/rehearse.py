"""Rehearses the deployment on the embedded platform: `make rehearse`.

What is deployed is what the cloud gets: the same templates by CloudFormation, with the code of
deploy.py, the packages of package.py, and layers made by build_layers.py, for this interpreter
(the embedded platform runs functions under its own). Then, through the deployed functions:

1. invoices are mailed as SES would, one is uploaded as a program would;
2. they must come out of the queues as documents that wait for a person;
3. every link of the sign-in page is followed, under the stage's base path;
4. the user signs in, finds the invoices, downloads them, accepts one;
5. it is archived, every file of it under lock; the clock makes its round.

The emulator checks IAM: each function runs under the policy it will have, so that a permission
that is missing fails here.

Left out, because the emulator cannot play them: SES receipt rules, the alarms, and the statement
of the buckets' policies that refuses plain HTTP, which is all it speaks.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.config
from botocore.exceptions import ClientError
from cfnlint.decode import decode
from facteur import bootstrap
from facteur.config import Settings
from facteur.domain.documents import Direction, Document, State
from facteur.domain.dossiers import mailbox_addresses
from facteur.domain.invoice import Invoice
from facteur.formats.xml_invoice import write_cii
from facteur.local import seed
from facteur.local.demo import invoices
from facteur.local.emulator import Emulator, free_port
from facteur.local.provision import Wanted
from facteur.local.smtp import ReceivedMail, Reception
from facteur.ports import Context
from facteur.services.programs.keys import first_key

from infrastructure import build_layers, deploy, first_dossier, walk
from infrastructure.browser import Browser, WalkError
from infrastructure.package import APPS, Package, package
from infrastructure.stacks import StackError, Stacks

STAGE = "rehearsal"
ACCOUNT = "000000000000"  # the only one whose API answers unsigned calls
SECRET = "test"  # noqa: S105 - guards nothing: the emulator dies with the rehearsal
REGION = "eu-west-3"
DOMAIN = "factures.example.com"
EMAIL = "camille@example.com"
PATIENCE_SECONDS = 120.0
WAITING = frozenset({State.TO_ACCEPT, State.TO_CHECK})
_NOT_PLAYED = ("AWS::SES::",)

Say = Callable[[str], None]


class RehearsalError(AssertionError):
    """The invoices did not come through; the message says where they stand, and the logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A deployed stage on an emulator."""

    endpoint: str
    client: Callable[[str], Any]
    stacks: Stacks
    context: Context
    settings: Settings
    site_url: str
    password: str


def rehearse(say: Say) -> tuple[Document, ...]:
    """Deploy, then walk the main job; the documents at the end of it.

    RehearsalError, WalkError or StackError say what does not work.
    """
    with ExitStack() as cleaning:
        emulator = Emulator(free_port(), None)
        emulator.start()
        cleaning.callback(emulator.stop)
        cleaning.enter_context(access(emulator.endpoint))
        stage = deployed(emulator.endpoint, say)
        say("two invoices by mail, one by upload")
        browser = Browser(stage.endpoint, stage.site_url)
        samples = seed.samples(stage.context, now().date())
        mailed(stage, samples)
        original = uploaded(stage, browser)
        documents = settled(stage, 3, WAITING, say)
        say("the pages")
        followed = walk.follow_sign_in_page(browser)
        say(f"  {len(followed)} links of the sign-in page answer under {browser.base}/")
        home = walk.sign_in(browser, EMAIL, stage.password)
        walk.find(browser, home, [one.summary.number for one in documents])
        for one in documents:
            kept = walk.download(browser, one.id, "original")
            if one.sha256 != hashlib.sha256(kept).hexdigest():
                msg = f"the original of {one.id} was altered"
                raise RehearsalError(msg)
        say(f"  signed in, found {len(documents)} documents, downloaded their originals")
        say("acceptance, archive, clock")
        walk.accept(browser, original)
        archived = settled(stage, 1, {State.ARCHIVED}, say)
        locked(stage, archived[0], say)
        swept(stage, say)
        return documents


def deployed(endpoint: str, say: Say) -> Stage:
    """Deploy everything on an emulator, and make the first dossier."""
    client = clients(endpoint)
    stacks = Stacks(client, STAGE, patience=0.2)
    say("layers")
    layers = build_layers.build(build_layers.HERE)
    say("packages")
    packages = {app: package(app) for app in APPS}
    _keep_the_api(packages["web"])
    say("stacks")
    wanted = deploy.Wanted(stage=STAGE, inbound_domain=DOMAIN, ocr="none")
    site_url = deploy.deploy(
        stacks,
        wanted,
        layers,
        packages,
        platform=playable(deploy.HERE / "platform.yaml"),
        address=lambda: address(stacks, endpoint),
    )
    say(f"  {site_url}/")
    settings = first_dossier.settings_of(stacks)
    context = bootstrap.context(settings)
    password = first_dossier.create(
        context, invoices.DOSSIER, email=EMAIL, person="Camille Delorme", say=lambda _line: None
    )
    return Stage(
        endpoint=endpoint,
        client=client,
        stacks=stacks,
        context=context,
        settings=settings,
        site_url=site_url,
        password=password,
    )


def _keep_the_api(web: Package) -> None:
    """Leave out the page of unknown addresses, which names the address of the pages.

    It is known after the first deployment only; CloudFormation then changes the API in place, the
    emulator replaces it by another one, at another address.
    """
    body = web.template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    body.pop("x-amazon-apigateway-gateway-responses", None)


@contextmanager
def access(endpoint: str) -> Iterator[None]:
    """The environment that any AWS client of this process reads; what was there comes back."""
    before = dict(os.environ)  # noqa: TID251
    wanted = Wanted(endpoint=endpoint, account=ACCOUNT, secret=SECRET)
    os.environ.update(wanted.access())  # noqa: TID251
    try:
        yield
    finally:
        os.environ.clear()  # noqa: TID251
        os.environ.update(before)  # noqa: TID251


def clients(endpoint: str) -> Callable[[str], Any]:
    """A maker of boto3 clients for the emulator's account."""
    session = boto3.Session(
        aws_access_key_id=ACCOUNT, aws_secret_access_key=SECRET, region_name=REGION
    )
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            patient = botocore.config.Config(read_timeout=120, retries={"max_attempts": 1})
            made[service] = session.client(service, endpoint_url=endpoint, config=patient)
        return made[service]

    return client


def playable(path: Path) -> str:
    """The platform's template for the emulator, which knows no SES and speaks plain HTTP."""
    template = json.loads(json.dumps(decode(str(path))[0]))
    template["Resources"] = {
        name: one
        for name, one in template["Resources"].items()
        if not one["Type"].startswith(_NOT_PLAYED)
    }
    for one in template["Resources"].values():
        if one["Type"] == "AWS::S3::BucketPolicy":
            document = one["Properties"]["PolicyDocument"]
            document["Statement"] = [
                statement
                for statement in document["Statement"]
                if statement["Sid"] != "EncryptedInTransitOnly"
            ]
    return json.dumps(template)


def address(stacks: Stacks, endpoint: str) -> str:
    """Where the emulator serves the deployed API, "" before it is deployed."""
    identifier = stacks.outputs("web").get("RestAPIId", "")
    emulator = urlsplit(endpoint).netloc
    return f"http://{identifier}.execute-api.{emulator}/api" if identifier else ""


def now() -> datetime:
    """The time: this is a program, not the product."""
    return datetime.now(UTC)  # noqa: TID251


def mailed(stage: Stage, samples: Sequence[tuple[Invoice, bytes]]) -> None:
    """Mail invoices as SES receives them: the raw mail in the bucket, its notice to the topic."""
    reception = Reception(
        bucket=stage.settings.intake_bucket,
        topic_arn=f"arn:aws:sns:{REGION}:{ACCOUNT}:facteur-{STAGE}-mails",
        s3=stage.client("s3"),
        sns=stage.client("sns"),
        knows=lambda _address: True,
        now=now,
        new_id=stage.context.ids.new,
    )
    to = mailbox_addresses(invoices.DOSSIER.siren, DOMAIN)[Direction.PURCHASE]
    for place, (invoice, data) in enumerate(samples, start=1):
        mail = ReceivedMail(
            id=f"rehearsal{place}",
            sender="facturation@fournisseur.example",
            recipients=(to,),
            client="mail.fournisseur.example ([192.0.2.1])",
            received_at=now(),
            raw=message(invoice.number, to, data),
        )
        reception.store(mail)
        reception.tell(mail)


def uploaded(stage: Stage, browser: Browser) -> str:
    """Upload an XML invoice with an API key; the document it becomes."""
    key = first_key(invoices.DOSSIER.id, "répétition", stage.context)
    invoice = replace(invoices.workshop(now().date()), number="REPETITION-1")
    return walk.upload(browser, key, "facture.xml", write_cii(invoice, "EN 16931"))


def message(number: str, to: str, data: bytes) -> bytes:
    """A supplier's mail with its invoice."""
    mail = EmailMessage()
    mail["From"] = "facturation@fournisseur.example"
    mail["To"] = to
    mail["Subject"] = f"Facture {number}"
    mail["Message-ID"] = f"<{number}@fournisseur.example>"
    mail.set_content(f"Veuillez trouver notre facture {number}.\n")
    mail.add_attachment(data, maintype="application", subtype="pdf", filename=f"{number}.pdf")
    return bytes(mail)


def settled(stage: Stage, count: int, states: Set[State], say: Say) -> tuple[Document, ...]:
    """Wait until that many documents are in these states; RehearsalError with the logs."""
    store, dossier = stage.context.store, invoices.DOSSIER.id
    began = time.monotonic()
    seen: tuple[Document, ...] = ()
    while time.monotonic() - began < PATIENCE_SECONDS:
        seen = store.documents(dossier, Direction.PURCHASE).documents
        done = tuple(one for one in seen if one.state in states)
        if len(done) == count:
            for one in done:
                faults = ", ".join(fault.code for fault in one.faults)
                say(f"  {one.summary.number}: {one.state.value} {faults}".rstrip())
            say(f"  in {time.monotonic() - began:.1f} s")
            return done
        if any(one.state is State.QUARANTINED for one in seen):
            break
        time.sleep(0.5)
    stand = [(one.filename, one.state.value, one.failure) for one in seen]
    msg = f"not {count} documents in {sorted(states)}: {stand}\n{last_words(stage)}"
    raise RehearsalError(msg)


def locked(stage: Stage, document: Document, say: Say) -> None:
    """Every sealed version is under Object Lock, and cannot be deleted."""
    if document.seal is None:
        msg = f"{document.id} is archived without a seal"
        raise RehearsalError(msg)
    s3, bucket = stage.client("s3"), stage.settings.archive_bucket
    for file in document.seal.files:
        version = {"Bucket": bucket, "Key": file.key, "VersionId": file.version_id}
        until = s3.get_object_retention(**version)["Retention"]["RetainUntilDate"]
        if until < document.seal.until:
            msg = f"{file.key} is locked until {until} only"
            raise RehearsalError(msg)
        try:
            s3.delete_object(**version)
        except ClientError:
            continue
        msg = f"{file.key} could be deleted"
        raise RehearsalError(msg)
    say(f"  {len(document.seal.files)} files under {document.seal.mode} lock")


def swept(stage: Stage, say: Say) -> None:
    """The clock's function makes a round."""
    event = (build_layers.REPO / "events" / "clock.json").read_bytes()
    name = stage.stacks.outputs("schedule")["SweepName"]
    answer = stage.client("lambda").invoke(FunctionName=name, Payload=event)
    said = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        msg = f"the sweep failed: {said}"
        raise RehearsalError(msg)
    say("  the clock's round was made")


def last_words(stage: Stage) -> str:
    """The last lines that the deployed functions logged, for who must find out why."""
    logs = stage.client("logs")
    said = []
    for group in logs.describe_log_groups()["logGroups"]:
        events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        said += [f"{group['logGroupName']}: {one['message'].rstrip()}" for one in events[-15:]]
    return "\n".join(said)


def main() -> None:
    """The command: 0 when the deployment works."""
    argparse.ArgumentParser(description="Rehearse the deployment on this machine.").parse_args()
    began = time.monotonic()
    try:
        rehearse(lambda line: print(line, flush=True))
    except (RehearsalError, WalkError, StackError) as error:
        sys.exit(f"failed: {error}")
    print(f"rehearsed in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
