"""Whatever goes wrong, a document stays visible, replayable, alone with its trouble (NO-02)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from facteur.domain.commands import (
    AcceptDocument,
    CheckInvoice,
    CorrectDocument,
    ReplayDocument,
    Sweep,
)
from facteur.domain.documents import Channel, Direction, Document, State, Verdict
from facteur.domain.dossiers import mailbox_addresses
from facteur.domain.errors import NotFoundError, UnavailableError, UnreadableError
from facteur.domain.events import Happened
from facteur.ports import Changes, Context
from facteur.services.archive import sealing
from facteur.services.finding import listing, queries
from facteur.services.intake import arrivals, uploads
from facteur.services.intake import mails as arriving_mails
from facteur.services.run import run, run_scheduled
from facteur.services.sweeping import LOOK_BACK
from facteur.web.i18n import fault_text

from tests.services.world import FakePdf, World, xml


class Instead:
    """A port whose named methods are replaced."""

    def __init__(self, port: object, **methods: object) -> None:
        self._port, self._methods = port, methods

    def __getattr__(self, name: str) -> object:
        return self._methods.get(name) or getattr(self._port, name)


def raising(error: Exception) -> object:
    def fails(*_arguments: object, **_named: object) -> None:
        raise error

    return fails


def broken_rules(world: World) -> Context:
    """A rulebook with a bug."""
    return replace(world.context, rulebook=Instead(None, check=raising(KeyError("bug"))))


def accepted(world: World) -> Document:
    """A document that a person accepted; its sealing waits in the queue."""
    (document,) = world.receive(("f.xml", xml("F1")))
    command = AcceptDocument(
        dossier=document.dossier, document=document.id, version=document.version, by="u1"
    )
    run(command, world.context)
    return world.document(document.id)


def test_a_bug_quarantines_the_document_at_once_and_still_wakes_somebody(world: World) -> None:
    """Raised for the alarms, quarantined for the user; the next delivery has nothing to do."""
    run(world.mail(("f.xml", xml("F1"))), world.context)
    run_scheduled(world.queue.sent.pop(), world.context)
    (check,) = (one for one in world.queue.sent if isinstance(one.command, CheckInvoice))
    with pytest.raises(KeyError):
        run_scheduled(check, broken_rules(world))

    (document,) = world.documents()
    assert State.QUARANTINED is document.state
    assert document.failure is not None
    assert "work.failed" == document.failure.code
    run_scheduled(check, broken_rules(world))

    world.queue.sent.clear()
    run(ReplayDocument(dossier=document.dossier, document=document.id, by="u1"), world.context)
    world.deliver()
    assert State.TO_ACCEPT is world.document(document.id).state


def test_the_last_delivery_of_a_document_that_kills_its_function_quarantines_it(
    world: World,
) -> None:
    """Nothing is raised by what is killed: the queue's count tells, and nothing is run again."""
    run(world.mail(("f.xml", xml("F1"))), world.context)
    (sent,) = world.queue.sent
    world.with_(pdf=Instead(None, facturx=raising(SystemExit())))
    run_scheduled(sent, world.context, last=True)

    (document,) = world.documents()
    assert State.QUARANTINED is document.state
    assert document.failure is not None
    assert "work.interrupted" == document.failure.code


def test_the_last_delivery_does_not_touch_a_document_that_went_on(world: World) -> None:
    """Read already, killed after its commit: it waits for the rules, not for reading."""
    run(world.mail(("f.xml", xml("F1"))), world.context)
    sent = world.queue.sent.pop()
    run(sent.command, world.context)
    run_scheduled(sent, world.context, last=True)

    assert State.READ is world.documents()[0].state


def test_a_service_that_stays_away_ends_in_quarantine_with_the_last_delivery(
    world: World,
) -> None:
    """Tried again first; a person sees the document in the end."""
    run(world.mail(("f.xml", xml("F1"))), world.context)
    (sent,) = world.queue.sent
    away = Instead(world.context.blobs, get=raising(UnavailableError("unavailable")))
    with pytest.raises(UnavailableError):
        run_scheduled(sent, replace(world.context, blobs=away))
    assert State.RECEIVED is world.documents()[0].state
    run_scheduled(sent, replace(world.context, blobs=away), last=True)

    assert State.QUARANTINED is world.documents()[0].state


def test_sealing_is_tried_again_every_hour(world: World) -> None:
    """An accepted document is never quarantined: it is archived when the trouble is over."""
    document = accepted(world)
    (seal,) = world.queue.sent
    run_scheduled(world.queue.sent.pop(), world.context, last=True)
    assert State.ACCEPTED is world.document(document.id).state

    world.clock.pass_(minutes=61)
    run(Sweep(at=world.clock.now()), world.context)
    assert seal.id != world.queue.sent[0].id
    world.deliver()

    assert State.ARCHIVED is world.document(document.id).state


def test_a_factur_x_that_holds_other_data_is_never_sealed(world: World) -> None:
    """What was accepted is not in the file: stopped with a reason that can be read, replayable."""
    document = accepted(world)
    world.with_(pdf=FakePdf(embeds=b"<Invoice>other</Invoice>"))
    world.deliver()

    stopped = world.document(document.id)
    assert State.QUARANTINED is stopped.state
    assert stopped.seal is None
    assert stopped.failure is not None
    assert "sealing.xml_differs" == stopped.failure.code
    assert "archivage est arrêté" in fault_text(stopped.failure)
    assert (
        "sealing.xml_differs" == world.context.store.history(document.ref)[-1].event.values["code"]
    )

    world.with_(pdf=FakePdf())
    command = ReplayDocument(dossier=document.dossier, document=document.id, by="u1")
    run(command, world.context)
    world.deliver()
    assert State.TO_ACCEPT is world.document(document.id).state


def test_sealing_waits_for_a_second_reader_that_has_no_time(world: World) -> None:
    """A busy machine says nothing about a file: it is read back again, and then sealed."""
    document = accepted(world)
    (seal,) = world.queue.sent
    world.with_(pdf=FakePdf(broken="unreadable.timeout"))
    with pytest.raises(UnreadableError):
        run_scheduled(seal, world.context)
    assert State.ACCEPTED is world.document(document.id).state
    world.with_(pdf=FakePdf())
    world.deliver()

    assert State.ARCHIVED is world.document(document.id).state


def test_sealing_goes_on_after_a_change_of_settings(world: World) -> None:
    """Killed between its evidence and its commit, then configured anew: it seals all the same."""
    document = accepted(world)
    (seal,) = world.queue.sent
    dies = Instead(world.context.store, commit=raising(UnavailableError("unavailable")))
    with pytest.raises(UnavailableError):
        sealing.seal_document(seal.command, replace(world.context, store=dies))  # type: ignore[arg-type]
    world.with_(retention_days=world.context.retention_days + 1000)
    world.deliver()

    assert State.ARCHIVED is world.document(document.id).state


def test_sealing_after_a_short_retention_has_passed_locks_from_then(world: World) -> None:
    """A test stage of one day, in trouble for two: S3 takes no date of the past."""
    world.clock.time = datetime.now(UTC)  # noqa: TID251 - the emulator's own clock
    world.with_(retention_days=1)
    document = accepted(world)
    world.clock.pass_(days=2)
    world.deliver()

    archived = world.document(document.id)
    assert archived.seal is not None
    assert archived.seal.until > world.clock.now()


def test_a_decision_is_taken_even_when_the_queue_is_away(world: World) -> None:
    """What was committed is not told as failed; the sweep sends what follows."""
    (document,) = world.receive(("f.xml", xml("F1")))
    command = AcceptDocument(
        dossier=document.dossier, document=document.id, version=document.version, by="u1"
    )
    away = Instead(world.queue, send=raising(UnavailableError("unavailable")))
    run(command, replace(world.context, queue=away))
    assert State.ACCEPTED is world.document(document.id).state

    world.clock.pass_(minutes=6)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    assert State.ARCHIVED is world.document(document.id).state


def test_an_agenda_that_cannot_be_emptied_sends_once_more_and_nothing_runs_twice(
    world: World,
) -> None:
    """A command that stays in the agenda after it ran is harmless: it checks the present."""
    stuck = Instead(world.context.store, done=raising(UnavailableError("unavailable")))
    run(world.mail(("f.xml", xml("F1"))), replace(world.context, store=stuck))
    run_scheduled(world.queue.sent.pop(), replace(world.context, store=stuck))
    (read,) = world.documents()
    assert State.READ is read.state

    world.queue.sent.clear()
    world.clock.pass_(minutes=6)
    run(Sweep(at=world.clock.now()), world.context)
    world.deliver()
    assert State.TO_ACCEPT is world.document(read.id).state
    happened = [one.event.name for one in world.context.store.history(read.ref)]
    assert 1 == happened.count(Happened.INVOICE_READ) == happened.count(Happened.INVOICE_CHECKED)


def stored_at(world: World, key: str) -> Sweep:
    """A round, one day after an object was stored."""
    head = world.platform.client("s3").head_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"], Key=key
    )
    at: datetime = head["LastModified"] + LOOK_BACK / 2
    return Sweep(at=at.replace(minute=2))  # the round of the hour that looks far back


def test_the_other_rounds_look_back_an_hour(world: World) -> None:
    """Every object looked at costs a read: eleven rounds in twelve look at the last ones only."""
    world.mail(("f.xml", xml("F1")))
    far = stored_at(world, "mail/1")
    run(replace(far, at=far.at.replace(minute=30)), world.context)

    assert [] == world.queue.sent


def test_one_object_that_cannot_be_read_does_not_stop_the_round(world: World) -> None:
    """The others are found, what is due is sent, and the round fails in the end."""
    arriving_mails.receive_mail(world.mail(("f.xml", xml("F1")), key="mail/0"), world.context)
    world.clock.pass_(minutes=6)
    world.mail(("g.xml", xml("F2")), key="mail/1", message_id="m2@x.example")
    world.mail(("h.xml", xml("F3")), key="mail/2", message_id="m3@x.example")
    read = world.context.blobs.intake

    def reads(key: str) -> tuple[bytes, Mapping[str, str]]:
        if key == "mail/1":
            raise NotFoundError("not_found")
        return read(key)

    blobs = Instead(world.context.blobs, intake=reads)
    with pytest.raises(NotFoundError):
        run(stored_at(world, "mail/2"), replace(world.context, blobs=blobs))
    kinds = [type(one.command).__name__ for one in world.queue.sent]

    assert ["ReadDocument", "ReceiveMail"] == kinds
    world.deliver()
    assert {"F1", "F3"} == {one.summary.number for one in world.documents()}


def test_a_lost_mail_is_sent_for_once_whatever_becomes_of_it(world: World) -> None:
    """A mail that kills its reader ends in the dead letters, not in every round."""
    world.mail(("f.xml", xml("F1")))
    for _round in range(3):
        run(stored_at(world, "mail/1"), world.context)

    assert 1 == len(world.queue.sent)


def from_ses(world: World, headers: str, key: str = "mail/1") -> None:
    """A mail as SES stores it: without anything beside its bytes."""
    bucket = world.platform["FACTEUR_INTAKE_BUCKET"]
    world.mail(("f.xml", xml("F1")), key=key)
    raw = world.platform.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    world.platform.client("s3").put_object(Bucket=bucket, Key=key, Body=headers.encode() + raw)


def test_a_lost_mail_to_several_boxes_reaches_each_that_its_headers_name(world: World) -> None:
    """SES names no recipient when there are several; the record says where they come from."""
    boxes = mailbox_addresses("300000007", world.context.inbound_domain)
    from_ses(
        world,
        "Received: from x by inbound-smtp.example with SMTP id 1; now\r\n"
        f"To: Achats <{boxes[Direction.PURCHASE]}>, nobody@x.example\r\n"
        f"Cc: {boxes[Direction.SALE].upper()}\r\n",
    )
    run(stored_at(world, "mail/1"), world.context)
    world.deliver()

    for direction in Direction:
        (document,) = world.documents(direction)
        assert not document.sources[0].authenticated
    mails = world.context.store.mails(world.dossier)
    assert 2 == len(mails)
    assert {"mail.by_headers"} == {fault.code for one in mails for fault in one.set_aside}


def test_a_lost_mail_whose_one_recipient_the_server_named_goes_nowhere_else(world: World) -> None:
    """What our own server wrote is the envelope; To and Cc are what anybody writes."""
    boxes = mailbox_addresses("300000007", world.context.inbound_domain)
    from_ses(
        world,
        f"Received: from x by inbound-smtp.example for {boxes[Direction.SALE]}; now\r\n"
        f"To: {boxes[Direction.PURCHASE]}\r\n",
    )
    run(stored_at(world, "mail/1"), world.context)
    world.deliver()

    assert () == world.documents(Direction.PURCHASE)
    assert 1 == len(world.documents(Direction.SALE))
    assert () == world.context.store.mails(world.dossier)[0].set_aside


def test_a_lost_mail_in_blind_copy_is_kept_with_its_reason(world: World) -> None:
    """Nothing names a mailbox of ours: it lies with the mails that nobody takes."""
    from_ses(world, "To: somebody@x.example\r\n")
    run(stored_at(world, "mail/1"), world.context)
    world.deliver()

    (kept,) = world.context.store.mails(arrivals.UNROUTED)
    assert ["mail.unknown_address", "mail.by_headers"] == [one.code for one in kept.set_aside]
    assert () == world.documents()


def test_a_lost_upload_is_found_once_and_a_known_one_is_left(world: World) -> None:
    """The form's metadata name it; a document that exists is not sent for."""
    key = f"uploads/{world.dossier}/u0000000000000000000000001"
    world.platform.client("s3").put_object(
        Bucket=world.platform["FACTEUR_INTAKE_BUCKET"], Key=key, Body=xml("F1")
    )
    for _round in range(2):
        run(stored_at(world, key), world.context)
        world.deliver()
    (document,) = world.documents()

    assert key == document.sources[0].raw_key


def test_a_lock_that_cannot_be_laid_again_stops_no_other(world: World) -> None:
    """All are tried, and the failure is told."""
    accepted(world)
    world.deliver()
    tried: list[str] = []

    def lock(file: object, **_named: object) -> None:
        tried.append(str(file))
        raise NotFoundError("not_found")

    blobs = Instead(world.context.blobs, lock=lock)
    with pytest.raises(NotFoundError):
        sealing.relay_locks(replace(world.context, blobs=blobs), since=timedelta(days=1))

    assert len(tried) >= 6


def test_a_mail_without_attachment_says_so(world: World) -> None:
    """D52: kept, and shown with its reason."""
    world.receive()
    (record,) = queries.mails(world.caller, world.context)

    assert ["mail.no_attachment"] == [one.code for one in record.set_aside]
    assert record.key.endswith(".eml")


def test_a_mail_to_both_addresses_is_recorded_for_both(world: World) -> None:
    """One document in purchases, one in sales, marked as doubles; neither record is lost."""
    both = mailbox_addresses("300000007", world.context.inbound_domain)
    command = world.mail(("f.xml", xml("F1")))
    run(replace(command, recipients=tuple(both.values())), world.context)
    world.deliver()
    (bought,), (sold,) = world.documents(), world.documents(Direction.SALE)

    records = {one.direction: one.documents for one in queries.mails(world.caller, world.context)}
    assert {Direction.PURCHASE: (bought.id,), Direction.SALE: (sold.id,)} == records
    assert [bought.id] == [one.document for one in sold.duplicates]


def test_metadata_of_an_upload_stay_within_what_s3_takes(world: World) -> None:
    """2 kB in all, whatever the name; the suffix is kept."""
    form = uploads.upload_form(
        replace(world.caller, name="名" * 300),
        filename="請" * 900 + ".pdf",
        media_type="application/pdf",
        size=1,
        direction=Direction.PURCHASE,
        channel=Channel.UPLOAD,
        context=world.context,
    )
    metadata = {k: v for k, v in form.fields.items() if k.startswith("x-amz-meta-")}

    assert sum(len(k) - 11 + len(v) for k, v in metadata.items()) < 2048
    assert metadata["x-amz-meta-filename"].endswith(".pdf")


def test_the_history_vouches_for_the_evidence(world: World) -> None:
    """The archived event names the hash that ``facteur verify`` prints."""
    document = accepted(world)
    world.deliver()
    archived = world.document(document.id)
    (*_before, last) = world.context.store.history(document.ref)

    assert Happened.DOCUMENT_ARCHIVED is last.event.name
    assert archived.files["evidence"].sha256 == last.event.values["evidence"]


def test_a_double_of_a_number_that_was_corrected_is_none(world: World) -> None:
    """The first document claimed a number that it turned out not to bear."""
    (first,) = world.receive(("f.xml", xml("F1")))
    store = world.context.store
    other = replace(first.summary, number="AUTRE-9")
    store.commit(Changes(document=replace(store.document(first.ref), summary=other)))
    world.clock.pass_(minutes=1)
    second, _first = world.receive(
        ("g.xml", xml("F1", buyer_reference="b")), key="mail/2", message_id="m2@x.example"
    )

    assert () == second.duplicates


def test_the_inbox_is_the_open_documents_in_pages_newest_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever their states, each once; archived and refused ones are not even read."""
    monkeypatch.setattr(listing, "PAGE", 3)
    for number in range(6):
        world.clock.pass_(minutes=1)
        broken = number % 2
        data = b"<Invoice" if broken and number > 3 else xml(f"N{number}A{number * 7}")
        world.rulebook.verdict = Verdict.INVALID if broken else Verdict.VALID
        world.receive(("f.xml", data), key=f"mail/{number}", message_id=f"m{number}@x.example")
    open_states = ("to_check", "to_accept")
    expected = [one.id for one in world.documents() if one.state.value in open_states]
    assert len(expected) == 5

    found: list[str] = []
    cursor = ""
    for _page in range(2):
        page = queries.documents(world.caller, Direction.PURCHASE, "inbox", cursor, world.context)
        found += [one.id for one in page.documents]
        cursor = page.cursor

    assert (expected, "") == (found, cursor)


def test_an_invoice_that_could_not_be_checked_is_checked_again_on_demand(world: World) -> None:
    """Non vérifiée is no dead end: saving it, unchanged, asks the rules again."""
    (document,) = world.receive(("f.xml", xml("F1")))
    assert document.conversion is not None
    conversion = replace(document.conversion, verdict=Verdict.UNVERIFIED)
    held = world.context.store.commit(
        Changes(
            document=replace(
                document, structured=False, state=State.TO_CHECK, conversion=conversion
            )
        )
    )
    command = CorrectDocument(
        dossier=held.dossier, document=held.id, version=held.version, values={}, by="u1"
    )
    after = run(command, world.context)

    assert after is not None
    assert State.READ is after.state
    sent = [type(one.command).__name__ for one in world.queue.sent]
    assert ["ConvertDocument", "IndexWords"] == sent
