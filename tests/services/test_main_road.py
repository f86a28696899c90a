"""From a mail to the sealed archive, with the real store and buckets."""

import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError
from facteur.domain.commands import (
    AcceptDocument,
    ClearDuplicates,
    CorrectDocument,
    CountWaiting,
    ReadDocument,
    ReceiveUpload,
    RefuseDocument,
    ReplayDocument,
    Scheduled,
    SealDocument,
    Sweep,
)
from facteur.domain.documents import Channel, Direction, Document, State, Verdict
from facteur.domain.dossiers import Caller
from facteur.domain.errors import (
    DuplicateError,
    ForbiddenError,
    IllegalTransitionError,
    InvalidError,
    NotFoundError,
    StaleVersionError,
)
from facteur.domain.events import Happened, broken_at
from facteur.domain.evidence import examine
from facteur.domain.faults import Fault
from facteur.domain.invoice import Address
from facteur.local.demo import invoices
from facteur.ports import Changes, UploadForm
from facteur.services.access import signing_in
from facteur.services.finding import queries
from facteur.services.intake import arrivals, mails, uploads
from facteur.services.run import run, run_scheduled
from facteur.services.sweeping import LOOK_BACK

from tests.services.world import DAY, World, xml

ANOTHER = Caller(user="u9", name="Eve", dossier="other", permissions=frozenset())


def accept(world: World, document: Document) -> Document:
    command = AcceptDocument(
        dossier=document.dossier,
        document=document.id,
        version=document.version,
        by="u1",
        by_name="Anne",
    )
    run(command, world.context)
    world.deliver()
    return world.document(document.id)


def test_a_mailed_xml_invoice_waits_for_acceptance_as_a_facturx(world: World) -> None:
    """Received, read, converted, checked: every step is in the history, the files are kept."""
    (document,) = world.receive(("f.xml", xml("F1")))

    assert State.TO_ACCEPT is document.state
    assert ("F1", "Atelier Vasseur") == (document.summary.number, document.summary.seller_name)
    assert {"original", "facturx", "invoice_xml", "candidate", "report"} <= set(document.files)
    assert xml("F1") == world.context.blobs.get(document.files["original"])
    assert [
        Happened.DOCUMENT_RECEIVED,
        Happened.INVOICE_READ,
        Happened.INVOICE_CONVERTED,
        Happened.INVOICE_CHECKED,
        Happened.INVOICE_REGISTERED,
    ] == [entry.event.name for entry in world.context.store.history(document.ref)]
    assert broken_at(world.context.store.history(document.ref)) is None


def test_the_same_mail_delivered_twice_or_polled_again_makes_one_document(world: World) -> None:
    """Same Message-ID and bytes, under the same key or another: one document (D53)."""
    world.receive(("f.xml", xml("F1")), key="mail/1")
    world.receive(("f.xml", xml("F1")), key="mail/1")
    documents = world.receive(("f.xml", xml("F1")), key="mail/2")

    assert 1 == len(documents)


def test_a_file_attached_twice_to_a_mail_is_one_document_told_once(world: World) -> None:
    """A copy in the forwarded mail and one beside it: the mail's record names one document."""
    (document,) = world.receive(("f.xml", xml("F1")), ("copie.xml", xml("F1")))
    (mail,) = world.context.store.mails(world.dossier)

    assert (document.id,) == mail.documents


def test_the_same_bytes_by_another_mail_are_a_marked_double_that_blocks(world: World) -> None:
    """JF-40, JF-41: marked, linked, and refused until somebody says it is none."""
    (first,) = world.receive(("f.xml", xml("F1")))
    world.clock.pass_(minutes=1)
    second, _first = world.receive(("f.xml", xml("F1")), key="mail/2", message_id="m2@x.example")

    assert [(first.id, "sha256")] == [(one.document, one.reason) for one in second.duplicates]
    with pytest.raises(DuplicateError):
        accept(world, second)
    cleared = run(
        ClearDuplicates(
            dossier=second.dossier, document=second.id, version=second.version, by="u1"
        ),
        world.context,
    )

    assert cleared is not None
    assert State.ARCHIVED is accept(world, cleared).state


def test_the_same_seller_number_and_year_are_a_double(world: World) -> None:
    """Other bytes, same invoice: marked by its number; another number is not."""
    (first,) = world.receive(("f.xml", xml("F1")))
    other = xml("F1", buyer_reference="autre exemplaire")
    world.clock.pass_(minutes=1)
    second, _first = world.receive(("g.xml", other), key="mail/2", message_id="m2@x.example")

    assert [(first.id, "number")] == [(one.document, one.reason) for one in second.duplicates]
    world.clock.pass_(minutes=1)
    third, *_ = world.receive(("h.xml", xml("F2")), key="mail/3", message_id="m3@x.example")
    assert () == third.duplicates


def test_two_files_of_one_invoice_mailed_together_say_the_same_of_each_other(
    world: World,
) -> None:
    """CII and UBL of one mail: whichever was registered first, the same number is told of both."""
    other = xml("F1", buyer_reference="autre exemplaire")
    held = world.receive(("f.xml", xml("F1")), ("g.xml", other))
    said = {one.reason for document in held for one in document.duplicates}

    assert said <= {"number", "same_number"}
    assert any(one.duplicate_blocks for one in held)


@pytest.mark.parametrize("gone", ["first", "second"])
def test_refusing_one_of_two_doubles_frees_the_other(world: World, gone: str) -> None:
    """A person resolved it, on either page: the other is acceptable, and its history says why."""
    world.receive(("f.xml", xml("F1")))
    world.clock.pass_(minutes=1)
    other = xml("F1", buyer_reference="autre exemplaire")
    second, first = world.receive(("g.xml", other), key="mail/2", message_id="m2@x.example")
    assert second.duplicate_blocks
    refuse(world, first if gone == "first" else second)
    world.deliver()
    left = next(one for one in world.documents() if one.state is State.TO_ACCEPT)

    assert () == left.duplicates
    if gone == "first":
        told = world.context.store.history(left.ref)[-1].event
        assert (Happened.DOUBLE_GONE, first.id) == (told.name, told.values["document"])
    assert State.ARCHIVED is accept(world, left).state


@pytest.mark.parametrize("gone", [0, 1, 2])
@pytest.mark.parametrize("same_bytes", [True, False])
def test_of_three_doubles_two_are_left_and_only_one_passes(
    world: World, gone: int, *, same_bytes: bool
) -> None:
    """Whichever was refused, the two that are left are not both acceptable."""
    for number in range(3):
        data = xml("F1") if same_bytes else xml("F1", buyer_reference=f"exemplaire {number}")
        world.receive(("f.xml", data), key=f"mail/{number}", message_id=f"m{number}@x.example")
        world.clock.pass_(minutes=1)
    received = world.documents()
    refuse(world, received[gone])
    world.deliver()
    left = [one for one in world.documents() if one.state is State.TO_ACCEPT]

    assert 2 == len(left)
    assert any(one.duplicate_blocks for one in left)
    refuse(world, next(one for one in left if one.duplicate_blocks))
    world.deliver()
    (last,) = [one for one in world.documents() if one.state is State.TO_ACCEPT]
    assert not last.duplicate_blocks


def test_a_refused_invoice_is_nobodys_double(world: World) -> None:
    """The supplier's corrected copy bears the same number: it must not be blocked."""
    (first,) = world.receive(("f.xml", xml("F1")))
    refuse(world, first)
    world.clock.pass_(minutes=1)
    second, _first = world.receive(
        ("g.xml", xml("F1", buyer_reference="corrigée")), key="mail/2", message_id="m2@x.example"
    )

    assert () == second.duplicates


def refuse(world: World, document: Document) -> None:
    command = RefuseDocument(
        dossier=document.dossier,
        document=document.id,
        version=document.version,
        reason="DEST_ERR",
        comment="pas pour nous",
        by="u1",
    )
    run(command, world.context)


def test_a_refused_invoice_leaves_the_flow_and_keeps_its_bytes(world: World) -> None:
    """JF-33."""
    (document,) = world.receive(("f.xml", xml("F1")))
    refuse(world, document)

    refused = world.document(document.id)
    assert (State.REFUSED, "DEST_ERR") == (refused.state, refused.refusal)
    assert xml("F1") == world.context.blobs.get(refused.files["original"])


def test_accepting_seals_everything_under_a_lock(world: World) -> None:
    """JF-58: the versions are locked; deleting one is refused, a plain DELETE hides nothing."""
    (document,) = world.receive(("f.xml", xml("F1")))

    archived = accept(world, document)

    assert State.ARCHIVED is archived.state
    assert archived.seal is not None
    assert 2036 == archived.seal.until.year
    s3, bucket = world.platform.client("s3"), world.platform["FACTEUR_ARCHIVE_BUCKET"]
    for role in ("original", "facturx", "invoice_xml", "canonical", "evidence"):
        file = archived.files[role]
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=bucket, Key=file.key, VersionId=file.version_id)
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.put_object_retention(
                Bucket=bucket,
                Key=file.key,
                VersionId=file.version_id,
                Retention={"Mode": archived.seal.mode, "RetainUntilDate": world.clock.now()},
            )
        kept = world.context.blobs.get(file)
        s3.delete_object(Bucket=bucket, Key=file.key)
        assert kept == world.context.blobs.get(file)


def test_the_exported_archive_is_intact_until_a_byte_changes(world: World) -> None:
    """The ZIP of the archives page is what ``facteur verify`` checks."""
    (document,) = world.receive(("f.xml", xml("F1")))
    archived = accept(world, document)
    link = queries.archive_zip(world.caller, [archived.id], world.context)
    with urlopen(link) as answer, zipfile.ZipFile(BytesIO(answer.read())) as archive:
        files = {
            name.split("/")[1].split(".")[0]: archive.read(name) for name in archive.namelist()
        }
    evidence = files.pop("evidence")

    assert examine(evidence, files).intact
    assert not examine(evidence, {**files, "original": files["original"] + b" "}).intact
    named = json.loads(evidence)
    assert archived.files["original"].version_id == named["files"]["original"]["version_id"]
    assert "InvoiceAccepted" == named["history"][-1]["name"]


def test_sealing_twice_changes_nothing(world: World) -> None:
    """A second delivery of the command writes no second evidence."""
    (document,) = world.receive(("f.xml", xml("F1")))
    archived = accept(world, document)

    run(SealDocument(dossier=archived.dossier, document=archived.id), world.context)

    assert archived == world.document(archived.id)


def test_an_invoice_that_no_rule_could_check_is_never_ready(world: World) -> None:
    """No saxonche, no rule file: « non vérifiée », never valid."""
    world.rulebook.verdict = Verdict.UNVERIFIED

    (document,) = world.receive(("f.xml", xml("F1")))

    assert State.TO_CHECK is document.state
    assert document.conversion is not None
    assert Verdict.UNVERIFIED is document.conversion.verdict


def test_a_broken_official_rule_is_to_check_with_the_rule(world: World) -> None:
    """The rule's identifier reaches the page."""
    world.rulebook.verdict = Verdict.INVALID
    world.rulebook.findings = (Fault(code="BR-CO-10"),)

    (document,) = world.receive(("f.xml", xml("F1")))

    assert State.TO_CHECK is document.state
    assert "BR-CO-10" in [fault.code for fault in document.faults]


def test_a_foreign_suppliers_invoice_is_not_the_reforms(world: World) -> None:
    """« Non concernée », without the reform's findings; a French one keeps them."""
    world.rulebook.findings = (Fault(code="BR-FR-12", values={"rulebook": "br-fr"}),)
    seller = replace(
        invoices.workshop(DAY).seller,
        legal_id=None,
        identifiers=(),
        vat="DE136695976",
        address=Address(city="Berlin", country="DE"),
    )
    (french,) = world.receive(("f.xml", xml("F1")))
    world.clock.pass_(minutes=1)
    foreign, _french = world.receive(
        ("g.xml", xml("F2", seller=seller)), key="mail/2", message_id="m2@x.example"
    )

    assert french.conversion is not None
    assert foreign.conversion is not None
    assert Verdict.INVALID is french.conversion.reform
    assert Verdict.NOT_CONCERNED is foreign.conversion.reform
    assert "BR-FR-12" in [one.code for one in french.faults]
    assert "BR-FR-12" not in [one.code for one in foreign.faults]


def test_a_file_that_cannot_be_read_is_quarantined_alone_and_replayed(world: World) -> None:
    """NO-02: its reason is kept, its bytes too, the others go on; mended, it goes through."""
    world.pdf.broken = "unreadable.timeout"
    documents = world.receive(("a.xml", xml("F1")), ("b.xml", b"<Invoice"), ("c.zip.pdf", b""))

    assert {State.QUARANTINED} == {one.state for one in documents}
    assert {"unreadable.timeout"} <= {one.failure.code for one in documents if one.failure}
    world.pdf.broken = ""
    (held,) = [one for one in documents if one.filename == "a.xml"]
    run(ReplayDocument(dossier=held.dossier, document=held.id, by="u1"), world.context)
    world.deliver()

    assert State.TO_ACCEPT is world.document(held.id).state
    assert xml("F1") == world.context.blobs.get(held.files["original"])


def test_a_decision_on_an_older_version_is_refused(world: World) -> None:
    """Somebody else was faster: nothing is overwritten."""
    (document,) = world.receive(("f.xml", xml("F1")))

    with pytest.raises(StaleVersionError):
        accept(world, replace(document, version=document.version - 1))


def test_the_issuers_data_cannot_be_corrected(world: World) -> None:
    """A structured invoice is read-only."""
    (document,) = world.receive(("f.xml", xml("F1")))
    command = CorrectDocument(
        dossier=document.dossier,
        document=document.id,
        version=document.version,
        values={"number": "X"},
        by="u1",
    )

    with pytest.raises(IllegalTransitionError):
        run(command, world.context)


def test_a_mail_for_another_dossier_or_nobody_stays_out(world: World) -> None:
    """Unknown addresses are recorded, never answered, and make nothing."""
    assert () == world.receive(("f.xml", xml("F1")), to="SIREN999999999@factures.example.com")
    (record,) = world.context.store.mails(arrivals.UNROUTED)

    assert "mail.unknown_address" == record.set_aside[0].code


def test_a_mail_to_the_out_address_makes_a_sale(world: World) -> None:
    """The mailbox decides, whatever its letter case."""
    world.receive(("f.xml", xml("F1")), to="siren300000007@OUT.factures.example.com")

    assert () == world.documents()
    assert 1 == len(world.documents(Direction.SALE))


def test_a_mail_without_an_invoice_is_kept_with_its_reasons(world: World) -> None:
    """Shown in the dossier, its raw bytes kept."""
    world.receive(("note.xml", b"<?xml version='1.0'?><note/>"))
    (record,) = queries.mails(world.caller, world.context)

    assert () == record.documents
    assert ["mail.part.xml_not_invoice"] == [one.code for one in record.set_aside]
    assert record.key.endswith(".eml")


def test_a_virus_makes_no_document(world: World) -> None:
    """The provider's verdict is obeyed, and said."""
    command = world.mail(("f.xml", xml("F1")), verdicts={"virus": "FAIL"})
    run(command, world.context)

    assert () == world.documents()
    (record,) = queries.mails(world.caller, world.context)
    assert "mail.virus" == record.set_aside[0].code


def _sent(world: World, filename: str, media_type: str, data: bytes) -> UploadForm:
    """The form that is asked for a file, and the file in the bucket by it."""
    form = uploads.upload_form(
        world.caller,
        filename=filename,
        media_type=media_type,
        size=len(data),
        direction=Direction.PURCHASE,
        channel=Channel.UPLOAD,
        context=world.context,
    )
    world.platform.client("s3").put_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"],
        Key=form.key,
        Body=data,
        Metadata={
            name.removeprefix("x-amz-meta-"): value
            for name, value in form.fields.items()
            if name.startswith("x-amz-meta-")
        },
    )
    return form


def test_an_uploaded_file_becomes_a_document_named_by_its_form(world: World) -> None:
    """The identifier of the form is the document's; the file goes straight to the bucket."""
    form = _sent(world, "facture été.xml", "text/xml", xml("F1"))
    for _delivery in range(2):
        run(ReceiveUpload(key=form.key, received_at=world.clock.now()), world.context)
        world.deliver()
    (document,) = world.documents()

    assert form.key.endswith(document.id)
    assert ("facture été.xml", "Anne") == (document.filename, document.sources[0].sender)
    assert State.TO_ACCEPT is document.state


def test_an_uploaded_file_is_of_the_type_that_its_bytes_have(world: World) -> None:
    """An XML named photo.heic is served as XML; what tells nothing keeps what its sender said."""
    for name, data in (("photo.heic", xml("F1")), ("page.pdf", b"bonjour")):
        form = _sent(world, name, "image/heic" if name == "photo.heic" else "", data)
        run(ReceiveUpload(key=form.key, received_at=world.clock.now()), world.context)
    kinds = {one.filename: one.files["original"].media_type for one in world.documents()}

    assert {"photo.heic": "application/xml", "page.pdf": "application/pdf"} == kinds


def test_a_file_too_large_or_of_another_kind_is_refused_before_it_is_sent(world: World) -> None:
    """All the faults at once."""
    with pytest.raises(InvalidError) as raised:
        uploads.upload_form(
            world.caller,
            filename="film.mp4",
            media_type="video/mp4",
            size=10**9,
            direction=Direction.PURCHASE,
            channel=Channel.UPLOAD,
            context=world.context,
        )

    assert ["upload.type", "upload.too_large"] == [fault.code for fault in raised.value.faults]


def test_nothing_of_a_dossier_is_seen_from_another(world: World) -> None:
    """Every query is scoped: another caller finds nothing, one without rights is refused."""
    (document,) = world.receive(("f.xml", xml("F1")))
    elsewhere = replace(world.caller, dossier="other")

    with pytest.raises(NotFoundError):
        queries.document(elsewhere, document.id, world.context)
    with pytest.raises(NotFoundError):
        queries.file_link(elsewhere, document.id, "original", world.context, download=True)
    with pytest.raises(NotFoundError):
        queries.archive_zip(elsewhere, [document.id], world.context)
    assert (
        () == queries.documents(elsewhere, Direction.PURCHASE, "all", "", world.context).documents
    )
    with pytest.raises(ForbiddenError):
        queries.document(ANOTHER, document.id, world.context)


def test_a_notification_that_was_lost_is_found_by_the_sweep(world: World) -> None:
    """A stored mail without a document is received by the next round, once."""
    world.mail(("f.xml", xml("F1")))
    world.clock.time = world.clock.time.astimezone()
    stored_now = world.platform.client("s3").head_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"], Key="mail/1"
    )["LastModified"]
    for _round in range(2):
        run(Sweep(at=stored_now + LOOK_BACK / 2, starting=True), world.context)
        world.deliver()

    assert 1 == len(world.documents())


def test_what_follows_is_not_lost_when_the_process_dies_after_the_commit(world: World) -> None:
    """The command is in the agenda: the sweep sends it once its lease is over."""
    command = world.mail(("f.xml", xml("F1")))
    mails.receive_mail(command, world.context)  # committed; dies before anything is sent
    assert [] == world.queue.sent

    world.clock.pass_(minutes=6)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()

    assert State.TO_ACCEPT is world.documents()[0].state


def test_a_start_resumes_at_once_what_a_kill_interrupted(world: World) -> None:
    """Nobody runs what was leased to a process that is gone; what is for later stays for later."""
    mails.receive_mail(world.mail(("f.xml", xml("F1"))), world.context)  # committed, then killed
    later = world.clock.now() + timedelta(minutes=3)
    command = CountWaiting(firm="f")
    world.context.store.schedule(Scheduled(id="count", command=command, due=later))
    world.clock.pass_(seconds=2)
    run(Sweep(at=world.clock.now(), starting=True), world.context)

    assert [ReadDocument] == [type(one.command) for one in world.queue.sent]
    world.deliver()
    assert State.TO_ACCEPT is world.documents()[0].state


def test_the_loser_of_a_race_tries_again_and_quarantines_nothing(world: World) -> None:
    """A stale version is for the queue to retry: what the winner read stays read."""
    run(world.mail(("f.xml", xml("F1"))), world.context)
    (sent,) = world.queue.sent
    winner = world.context.store.commit

    def slower(changes: Changes) -> Document:
        winner(changes)
        return winner(changes)

    class Raced:
        def __getattr__(self, name: str) -> object:
            return slower if name == "commit" else getattr(world.context.store, name)

    with pytest.raises(StaleVersionError):
        run_scheduled(sent, replace(world.context, store=Raced()))

    assert State.READ is world.documents()[0].state


def test_a_command_runs_at_most_once(world: World) -> None:
    """A second delivery of the same command does nothing."""
    run(world.mail(("f.xml", xml("F1"))), world.context)
    (sent,) = world.queue.sent
    for _delivery in range(2):
        run_scheduled(sent, world.context)
    (document,) = world.documents()

    assert 3 == document.events


def test_a_wrong_password_and_too_many_tries_are_refused(world: World) -> None:
    """Sign-in is throttled by account; the session is found by its token only."""
    person = world.context.identity.create("a@b.fr", "Anne", "un-bon-Mot-2-passe")
    world.context.store.save_dossier(
        replace(world.context.store.dossier(world.dossier), id="d2", siren="200000008"),
        (replace(world.context.store.members_of("u1")[0], user=person.subject, dossier="d2"),),
        {},
    )
    opened = signing_in.sign_in(
        "A@b.fr", "un-bon-Mot-2-passe", address="1.2.3.4", context=world.context
    )
    assert isinstance(opened, signing_in.Opened)
    token = opened.token
    found = signing_in.session(token, world.context)
    assert found is not None
    caller = signing_in.caller(found, world.context)
    assert caller is not None
    assert "d2" == caller.dossier
    assert signing_in.session("x" + token, world.context) is None
    for _try in range(12):  # the right password is no attempt against the account
        signing_in.sign_in(
            "a@b.fr", "un-bon-Mot-2-passe", address="1.2.3.4", context=world.context
        )
    for _try in range(10):
        with pytest.raises(InvalidError):
            signing_in.sign_in("a@b.fr", "faux", address="1.2.3.4", context=world.context)
    with pytest.raises(ForbiddenError, match="throttled"):
        signing_in.sign_in(
            "a@b.fr", "un-bon-Mot-2-passe", address="1.2.3.4", context=world.context
        )
    signing_in.sign_out(token, world.context)
    assert signing_in.session(token, world.context) is None
