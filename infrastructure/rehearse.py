"""Rehearses the deployment on the embedded platform: `make rehearse`.

What is deployed is what the cloud gets: the same templates by CloudFormation, with the code of
deploy.py, the packages of package.py, and layers made by build_layers.py, for this interpreter
(the embedded platform runs functions under its own). Then, through the deployed functions:

1. an invoice is mailed as SES would: the raw mail in the bucket, its notice to the topic;
2. it must come out of the queues as a document that waits for a person;
3. every link of the sign-in page is followed, under the stage's base path;
4. the user signs in and finds the invoice.

Left out, because the emulator cannot play them: SES receipt rules, the alarms, and the statement
of the buckets' policies that refuses plain HTTP, which is all it speaks.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.config
from cfnlint.decode import decode
from facteur import bootstrap
from facteur.config import Settings
from facteur.domain.documents import Direction, Document, State
from facteur.domain.dossiers import mailbox_addresses
from facteur.local import seed
from facteur.local.demo import invoices
from facteur.local.emulator import Emulator, free_port
from facteur.local.provision import Wanted
from facteur.local.smtp import ReceivedMail, Reception
from facteur.ports import Context

from infrastructure import build_layers, deploy, first_dossier
from infrastructure.browser import Browser, WalkError
from infrastructure.package import APPS, package
from infrastructure.stacks import StackError, Stacks

STAGE = "rehearsal"
ACCOUNT = "000000000000"  # the only one whose API answers unsigned calls
SECRET = "test"  # noqa: S105 - guards nothing: the emulator dies with the rehearsal
REGION = "eu-west-3"
DOMAIN = "factures.example.com"
EMAIL = "camille@example.com"
PATIENCE_SECONDS = 90.0
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
    """Deploy, mail, follow, sign in; the documents that came out. RehearsalError or StackError."""
    with ExitStack() as cleaning:
        emulator = Emulator(free_port(), None)
        emulator.start()
        cleaning.callback(emulator.stop)
        cleaning.enter_context(access(emulator.endpoint))
        stage = deployed(emulator.endpoint, say)
        documents = mailed(stage, say)
        say("the pages")
        browser = Browser(stage.endpoint, stage.site_url)
        follow_sign_in_page(browser, say)
        find_after_sign_in(browser, stage, documents)
        say(f"  signed in as {EMAIL}, found {len(documents)} documents")
    return documents


def deployed(endpoint: str, say: Say) -> Stage:
    """Deploy everything on an emulator, and make the first dossier."""
    client = clients(endpoint)
    stacks = Stacks(client, STAGE, patience=0.2)
    say("layers")
    layers = build_layers.build(build_layers.HERE)
    say("packages")
    packages = {app: package(app, build_layers.BUILD / "rehearsal") for app in APPS}
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


def mailed(stage: Stage, say: Say) -> tuple[Document, ...]:
    """Mail the two sample invoices; the documents once they wait for a person."""
    say("two invoices by mail")
    now = datetime.now(UTC)  # noqa: TID251 - a program, not the product
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:facteur-{STAGE}-mails"
    reception = Reception(
        bucket=stage.settings.intake_bucket,
        topic_arn=topic,
        s3=stage.client("s3"),
        sns=stage.client("sns"),
        knows=lambda _address: True,
        now=lambda: now,
        new_id=stage.context.ids.new,
    )
    to = mailbox_addresses(invoices.DOSSIER.siren, DOMAIN)[Direction.PURCHASE]
    samples = seed.samples(stage.context, now.date())
    for place, (invoice, data) in enumerate(samples, start=1):
        raw = message(invoice.number, to, data)
        mail = ReceivedMail(
            id=f"rehearsal{place}",
            sender="facturation@fournisseur.example",
            recipients=(to,),
            client="mail.fournisseur.example ([192.0.2.1])",
            received_at=now,
            raw=raw,
        )
        reception.store(mail)
        reception.tell(mail)
    return settled(stage, len(samples), say)


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


def settled(stage: Stage, count: int, say: Say) -> tuple[Document, ...]:
    """Wait until that many documents wait for a person; RehearsalError with the logs."""
    store, dossier = stage.context.store, invoices.DOSSIER.id
    deadline = time.monotonic() + PATIENCE_SECONDS
    began = time.monotonic()
    seen: tuple[Document, ...] = ()
    while time.monotonic() < deadline:
        seen = store.documents(dossier, Direction.PURCHASE).documents
        done = [one for one in seen if one.state in (State.TO_ACCEPT, State.TO_CHECK)]
        if len(done) == count:
            for one in done:
                say(f"  {one.summary.number}: {one.state.value}, {time.monotonic() - began:.1f} s")
            return tuple(done)
        if any(one.state is State.QUARANTINED for one in seen):
            break
        time.sleep(0.5)
    states = [(one.filename, one.state.value, one.failure) for one in seen]
    msg = f"the invoices did not come through: {states}\n{last_words(stage)}"
    raise RehearsalError(msg)


def last_words(stage: Stage) -> str:
    """The last lines that the deployed functions logged, for who must find out why."""
    logs = stage.client("logs")
    said = []
    for group in logs.describe_log_groups()["logGroups"]:
        events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        said += [f"{group['logGroupName']}: {one['message'].rstrip()}" for one in events[-15:]]
    return "\n".join(said)


def follow_sign_in_page(browser: Browser, say: Say) -> Sequence[str]:
    """Open the site: it asks to sign in, and each of its links answers under the base path."""
    page = browser.open(f"{browser.base}/").must_be(200)
    followed = []
    for link in page.parts.links:
        answer = browser.open(link)
        if answer.status != 200:
            msg = f"{link} answers {answer.status}: {answer.text[:200]}"
            raise WalkError(msg)
        followed.append(link)
    if not any("/static/" in one and one.endswith(".css") for one in followed):
        msg = f"no style sheet among {followed}"
        raise WalkError(msg)
    say(f"  {len(followed)} links of {page.path} answer under {browser.base}/")
    return followed


def find_after_sign_in(browser: Browser, stage: Stage, documents: Sequence[Document]) -> None:
    """Sign in through the form, then find each invoice's number on the purchases' page."""
    asked = browser.open(f"{browser.base}/").parts
    form = {**asked.hidden, "email": EMAIL, "password": stage.password}
    home = browser.open(asked.action, form).must_be(200)
    if 'type="password"' in home.text:
        msg = f"could not sign in: {home.text[:1000]}"
        raise WalkError(msg)
    purchases = [one for one in home.parts.links if "achats" in one]
    if not purchases:
        msg = f"no link to the purchases among {home.parts.links}"
        raise WalkError(msg)
    listed = browser.open(purchases[0]).must_be(200)
    missing = [one.summary.number for one in documents if one.summary.number not in listed.text]
    if missing:
        msg = f"{missing} not on {listed.path}"
        raise WalkError(msg)


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
