"""The client of any AFNOR platform, against the test platform well and badly behaved."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from facteur.adapters.connectors.http import Answer, Request
from facteur.adapters.connectors.platforms import afnor_json, chorus_pro_reading
from facteur.adapters.connectors.platforms.afnor import AfnorPlatform
from facteur.adapters.connectors.platforms.walking import Window, walk_of
from facteur.domain.errors import (
    ForbiddenError,
    NotFoundError,
    RefusedByPlatformError,
    UnavailableError,
)
from facteur.domain.flows import (
    AckStatus,
    Flow,
    FlowDirection,
    FlowProfile,
    FlowSyntax,
    FlowType,
    FlowView,
    LineStatus,
    ProcessingRule,
)
from facteur.local.sandbox_pa.calling import signature
from facteur.ports import Platform

from tests.sandbox_pa import BUYER, LONG_AGO, SELLER, House, invoice, outgoing, running


def walked(platform: Platform, after: datetime = LONG_AGO, **more: bool) -> list[Flow]:
    """Every flow of a walk, as often as it came."""
    found, cursor = list[Flow](), ""
    while True:
        page = platform.search(updated_after=after, cursor=cursor, **more)
        found += page.flows
        cursor = page.cursor
        if not cursor:
            return found


def given(house: House, count: int, siren: str = BUYER) -> set[str]:
    """Give an account flows; their identifiers."""
    return {
        house.sandbox.receive(siren, "SupplierInvoice", f"f{n}.xml", "CII", b"<a/>").id
        for n in range(count)
    }


# ── Sending ─────────────────────────────────────────────────────────────────────────────────────


def test_a_submission_is_taken_then_acknowledged() -> None:
    """The flow as accepted, Pending; later Ok. What was sent is what is there, byte for byte."""
    with running() as house:
        platform = house.open()
        sent = outgoing(invoice())
        taken = platform.submit(sent)
        assert (taken.acknowledgement.status, taken.tracking_id) == (AckStatus.PENDING, "t-1")
        assert taken.direction is FlowDirection.OUT
        house.sandbox.settle()
        done = platform.flow(taken.id)
        assert (done.acknowledgement.status, done.type) == (
            AckStatus.OK,
            FlowType.CUSTOMER_INVOICE,
        )
        assert done.updated_at > done.submitted_at == taken.submitted_at
        held = platform.file(taken.id, FlowView.ORIGINAL)
        assert held is not None
        assert (held.data, held.filename) == (sent.data, "t-1.xml")


def test_a_submission_that_was_taken_without_an_answer_is_found() -> None:
    """Time-out after accept: no second sending by us, and the tracking id tells (D08)."""
    with running() as house:
        platform = house.open()
        house.sandbox.faults.set("drop_after_accept", 1)
        with pytest.raises(UnavailableError) as failure:
            platform.submit(outgoing(invoice(), "lost"))
        assert failure.value.code == "platform.unreachable"
        (found,) = platform.find("lost")
        assert found.name == "lost.xml"
        assert platform.find("never sent") == ()
        assert sum(one.url.endswith("/v1/flows") for one in house.calls) == 1


@pytest.mark.parametrize("fault", ["error_500", "error_503", "down"])
def test_a_platform_that_fails_may_be_tried_later(fault: str) -> None:
    """Nothing is called refused that was not; nothing is sent twice."""
    with running() as house:
        platform = house.open()
        platform.check()
        house.sandbox.faults.set(fault, 1)
        with pytest.raises(UnavailableError):
            platform.submit(outgoing(invoice()))
        house.sandbox.faults.set(fault, 0)
        assert platform.find("t-1") == ()


def test_a_throttled_submission_goes_through() -> None:
    """429 says it was not taken: sent again after the second that it asked for."""
    with running() as house:
        platform = house.open()
        platform.check()
        house.sandbox.faults.set("throttle", 1)
        platform.submit(outgoing(invoice()))
        assert len(platform.find("t-1")) == 1
        assert house.pauses == [1.5]


def test_an_expired_token_does_not_lose_a_submission() -> None:
    """A 401 was not taken either: with a new token it is sent, once."""
    with running() as house:
        platform = house.open()
        platform.check()
        house.sandbox.store.forget_access()
        platform.submit(outgoing(invoice()))
        assert len(platform.find("t-1")) == 1


def test_values_without_a_word_in_the_standard_are_left_out() -> None:
    """A profile that is not a value is 400 at platforms: « Undefined » is never sent."""
    sent = outgoing(invoice())
    assert set(afnor_json.info_json(sent)) == {"name", "flowSyntax", "trackingId", "sha256"}
    with running() as house:
        platform = house.open()
        full = platform.submit(
            outgoing(invoice(), name="é à.xml", rule=ProcessingRule.B2B, profile=FlowProfile.CIUS)
        )
        house.sandbox.settle()
        held = platform.flow(full.id)
        assert (held.name, held.rule, held.profile) == (
            "é à.xml",
            ProcessingRule.B2B,
            FlowProfile.CIUS,
        )


def test_a_refusal_for_good_carries_the_platform_s_reason() -> None:
    """A wrong company in a shared account is « denied »; what is malformed is « refused »."""
    with running() as house:
        with pytest.raises(ForbiddenError) as denied:
            house.open(SELLER, organization=BUYER).find("t")
        assert denied.value.code == "platform.denied"
        with pytest.raises(RefusedByPlatformError) as refused:
            house.open().submit(outgoing(invoice(), "x" * 3, sha256="no"))
        assert refused.value.values["reason"] == "INVALID_VALUE"


# ── Walking ─────────────────────────────────────────────────────────────────────────────────────


def test_a_walk_by_cursor_gives_each_flow_once_in_order() -> None:
    """250 flows are three pages of the standard's cursor."""
    with running() as house:
        wanted = given(house, 250)
        found = walked(house.open(BUYER))
        assert [one.id for one in found] == sorted(wanted, key=[one.id for one in found].index)
        assert len(found) == 250
        assert {one.id for one in found} == wanted
        assert sum(one.url.endswith("/search") for one in house.calls) == 3


def test_a_walk_goes_on_where_it_was_with_an_expired_token() -> None:
    """A token that ends between two pages loses nothing and doubles nothing."""
    with running() as house:
        wanted = given(house, 150)
        platform = house.open(BUYER)
        first = platform.search(updated_after=LONG_AGO)
        house.sandbox.store.forget_access()
        second = platform.search(updated_after=LONG_AGO, cursor=first.cursor)
        assert {one.id for one in (*first.flows, *second.flows)} == wanted
        assert second.cursor == ""


def test_a_walk_through_a_platform_of_1_2_0_loses_nothing() -> None:
    """No cursor, no order, whole seconds that many share: windows of time are cut to fit."""
    with running() as house:
        house.sandbox.faults.set("version_12", 1)
        wanted = set[str]()
        start = house.sandbox.tick()
        for second in range(12):  # each second holds 30
            house.sandbox._last = start + second * 1_000_000
            wanted |= given(house, 30)
        found = walked(house.open(BUYER))
        assert {one.id for one in found} == wanted


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101])
def test_a_page_that_is_just_full_ends_the_walk(count: int) -> None:
    """The last page may be full: it is not taken for an endless one."""
    with running() as house:
        wanted = given(house, count)
        assert {one.id for one in walked(house.open(BUYER))} == wanted


def test_a_walk_with_faults_on_the_way_gives_everything() -> None:
    """Out of order, and said twice within a page: the same flows."""
    with running() as house:
        wanted = given(house, 60)
        house.sandbox.faults.set("out_of_order", 1)
        house.sandbox.faults.set("duplicates", 1)
        found = walked(house.open(BUYER))
        assert {one.id for one in found} == wanted


def test_a_walk_takes_up_what_changed_since() -> None:
    """An acknowledgement moves a flow of ours forward; ``received_only`` leaves it out."""
    with running() as house:
        platform = house.open()
        taken = platform.submit(outgoing(invoice()))
        (seen,) = walked(platform)
        house.sandbox.settle()
        later = walked(platform, after=seen.updated_at)
        assert taken.id in {one.id for one in later}
        received = walked(platform, received_only=True)
        assert {one.direction for one in received} == {FlowDirection.IN}


def test_a_platform_down_for_a_day_is_walked_from_where_it_was() -> None:
    """Nothing is kept here of a failed round: the same question finds the whole day."""
    with running() as house:
        platform = house.open(BUYER)
        (first,) = [given(house, 1)]
        house.sandbox.faults.set("down", 1)
        for _try in range(3):
            with pytest.raises(UnavailableError):
                platform.search(updated_after=LONG_AGO)
        wanted = first | given(house, 120)
        house.sandbox.faults.set("down", 0)
        assert {one.id for one in walked(platform)} == wanted


def _flow_at(at: datetime) -> Flow:
    return Flow(
        id=at.isoformat(),
        name="f",
        syntax=FlowSyntax.CII,
        type=FlowType.UNDEFINED,
        direction=FlowDirection.IN,
        submitted_at=at,
        updated_at=at,
    )


def test_the_halves_of_a_window_cover_it() -> None:
    """Whatever times were seen, every moment is in one half or the other."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [start + timedelta(seconds=n) for n in (5, 5, 5, 9, 30)]
    window = Window(after=start, before=start + timedelta(seconds=40))
    halves = window.cut([_flow_at(one) for one in times])
    assert halves is not None
    earlier, later = halves
    assert earlier.after == window.after
    assert later.before == window.before
    assert earlier.before is not None
    assert earlier.before > later.after


def test_one_moment_cannot_be_cut() -> None:
    """More flows at one instant than a page holds: what came is taken, the walk does not hang."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    window = Window(after=at - timedelta(milliseconds=1), before=at + timedelta(milliseconds=1))
    assert window.cut([_flow_at(at)] * 100) is None


@pytest.mark.parametrize(
    "cursor", ["", "x", "[]", "{}", '{"after": 1}', '{"after":"a","windows":[1]}']
)
def test_a_cursor_that_makes_no_sense_begins_again(cursor: str) -> None:
    """A walk repeated costs calls; a walk that cannot go on costs flows."""
    assert walk_of(cursor, LONG_AGO).windows == (Window(after=LONG_AGO),)


# ── Files ───────────────────────────────────────────────────────────────────────────────────────


def test_a_view_that_does_not_exist_is_none() -> None:
    """ReadableView and Converted are optional; the original is what counts."""
    with running() as house:
        (flow,) = given(house, 1)
        platform = house.open(BUYER)
        assert platform.file(flow, FlowView.READABLE) is None
        assert platform.file(flow, FlowView.CONVERTED) is None
        assert platform.file("nothing", FlowView.ORIGINAL) is None
        with pytest.raises(NotFoundError):
            platform.flow("nothing")


def test_another_account_s_flow_is_not_there() -> None:
    """Accounts see their own."""
    with running() as house:
        (flow,) = given(house, 1, BUYER)
        assert house.open(SELLER).file(flow, FlowView.ORIGINAL) is None


# ── Tolerance ───────────────────────────────────────────────────────────────────────────────────


def test_unknown_words_stop_nothing() -> None:
    """A platform ahead of us or behind: what is unknown is Undefined, Pending, or kept as text."""
    found = afnor_json.flow_of(
        {
            "flowId": "f-1",
            "submittedAt": "2026-01-02T03:04:05+02:00",
            "flowSyntax": "EDIFACT",
            "flowType": "TelepathicInvoice",
            "flowDirection": "Sideways",
            "acknowledgement": {
                "status": "Thinking",
                "details": [{"level": "Error", "reasonCode": "OurOwn", "item": 3}, "odd"],
            },
        }
    )
    assert found is not None
    assert (found.syntax, found.type) == (None, FlowType.UNDEFINED)
    assert found.direction is FlowDirection.OUT
    assert found.acknowledgement.status is AckStatus.PENDING
    assert [one.reason for one in found.acknowledgement.details] == ["OurOwn"]
    assert found.updated_at == found.submitted_at == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"flowId": ""}, {"flowId": 7}, {"flowId": "f", "updatedAt": "x"}]
)
def test_what_is_no_flow_is_none(body: object) -> None:
    """Without an identifier nothing can be asked of it; without a time it has no place."""
    assert afnor_json.flow_of(body) is None


def test_a_flow_without_a_time_takes_that_of_the_question() -> None:
    """It is not lost, and does not move the walk forward."""
    found = afnor_json.flow_of({"flowId": "f", "updatedAt": "yesterday"}, otherwise=LONG_AGO)
    assert found is not None
    assert found.updated_at == LONG_AGO


def test_a_line_without_status_is_unknown_not_enabled() -> None:
    """Some platforms leave it out: the screens must not make it green."""
    found = afnor_json.line_of({"addressingIdentifier": "123456789_A", "platformType": "WK"})
    assert found is not None
    assert (found.status, found.siren) == (LineStatus.UNKNOWN, "123456789")


# ── Directory ───────────────────────────────────────────────────────────────────────────────────


def test_the_very_address_is_looked_up() -> None:
    """BT-49 itself, not the SIREN (D31): there, disabled, to come, or nowhere."""
    with running() as house:
        platform = house.open()
        found = {
            one: platform.line(one)
            for one in ("300010006_ACHATS", "300020005", "300030004", "300010006_NOBODY")
        }
        assert {one: line.status if line else None for one, line in found.items()} == {
            "300010006_ACHATS": LineStatus.ENABLED,
            "300020005": LineStatus.DISABLED,
            "300030004": LineStatus.UPCOMING,
            "300010006_NOBODY": None,
        }


def test_a_company_has_its_addresses() -> None:
    """Several: the user chooses, none is guessed."""
    with running() as house:
        platform = house.open()
        assert [one.address for one in platform.lines("300010006")] == [
            "300010006",
            "300010006_ACHATS",
            "300010006_CHANTIERS",
        ]
        assert platform.lines("999999999") == ()


@pytest.mark.parametrize("status", [200, 206])
def test_addresses_that_do_not_fit_one_answer_are_asked_for(status: int) -> None:
    """A platform gives ten at a time: 206, or its total, says that there are others."""
    asked = list[int]()

    class Sparing:
        """An account at such a platform."""

        def ask(self, request: Request) -> Answer:
            start = json.loads(request.body or b"")["ignore"]
            asked.append(start)
            rows = [{"addressingIdentifier": f"123456789_{n:02d}"} for n in range(25)]
            page = rows[start : start + 10]
            total = {"totalNumberOfResults": 25 if status == 200 else -1}
            body = json.dumps({"results": page, **total}).encode()
            said = status if start < 20 else 200
            return Answer(status=said, headers={}, body=body, host="pa.example")

    platform = AfnorPlatform(Sparing(), "https://pa.example", "https://pa.example")  # type: ignore[arg-type]
    assert len(platform.lines("123456789")) == 25
    assert asked == [0, 10, 20]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=204, headers={}, body=b"", host="h"),
        Answer(status=200, headers={}, body=b'{"results":null}', host="h"),
        Answer(status=200, headers={}, body=b'{"results":[1,{},{"siren":"123456789"}]}', host="h"),
    ],
    ids=["nothing", "null", "no addresses"],
)
def test_an_empty_answer_of_the_directory_is_no_address(answer: Answer) -> None:
    """204 of 1.2.0, an empty list, and rows that name nothing."""

    class Empty:
        """An account that finds nothing."""

        def ask(self, _request: Request) -> Answer:
            return answer

    platform = AfnorPlatform(Empty(), "https://pa.example", "https://pa.example")  # type: ignore[arg-type]
    assert platform.lines("123456789") == ()


def test_a_public_customer_says_what_references_it_wants() -> None:
    """The commitment (BT-13) and the service code are known before sending."""
    with running() as house:
        platform = house.open()
        town = platform.legal_unit("300050002")
        assert town is not None
        assert town.public
        line = platform.line("300050002_30005000200010_VOIRIE")
        assert line is not None
        assert (line.platform, line.routing_code, line.routing_name) == (
            "DFH",
            "VOIRIE",
            "Service de la voirie",
        )
        assert line.commitment_required
        assert line.service_required


def test_a_closed_company_and_one_that_wants_no_prospecting_say_so() -> None:
    """Both are shown; neither is hidden."""
    with running() as house:
        platform = house.open()
        closed, shy = platform.legal_unit("300060001"), platform.legal_unit("300040003")
        assert closed is not None
        assert shy is not None
        assert (closed.active, shy.no_prospecting) == (False, True)
        assert platform.legal_unit("999999999") is None


# ── Webhooks ────────────────────────────────────────────────────────────────────────────────────


def test_a_subscription_gives_a_key_and_can_be_ended_twice() -> None:
    """The key is shown once; a webhook that is gone is no error."""
    with running() as house:
        platform = house.open()
        webhook, key = platform.subscribe("http://127.0.0.1:9/pa/webhooks/1")
        assert len(base64.b64decode(key)) == 32
        platform.unsubscribe(webhook)
        platform.unsubscribe(webhook)
        assert house.sandbox.store.webhooks(SELLER) == ()


def test_a_signature_is_the_standard_s() -> None:
    """HMAC-SHA-256 of SHA-256(body @ time): a value computed by hand with openssl."""
    assert signature(b"key", b'{"flowId":"1"}', 1700000000) == (
        "sNqf/mCClqCSZA3f76fh1BjFWIkoDt6jKIvUaRow2ig="
    )


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "hier", "2026-13-01"]
)
def test_a_time_that_is_none_in_utc_is_not_said(text: str) -> None:
    """A platform may write any year: it stops nothing."""
    assert afnor_json.time_of(text) is None
    assert chorus_pro_reading.time_of(text) is None
    assert chorus_pro_reading.time_of(10**17) is None
