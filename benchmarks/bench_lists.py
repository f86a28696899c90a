"""The purchases and a search, in dossiers of 100, 10,000 and 100,000 documents.

Rows are written straight into the embedded platform's table, older and older, so that the newest
documents, which pages show, are the same at each size. Pages go through the real routes. The three
dossiers are asked in turn, so that what the machine does meanwhile weighs on each alike. What the
page waits for AWS is told apart: that is the emulator's time, on a machine that others use.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from chalice import Chalice
from chalice.config import Config
from chalice.local import LocalGateway
from facteur.adapters.aws.counters import SHARDS, CountersRow, counters_pk
from facteur.adapters.aws.items import DocumentRow
from facteur.adapters.aws.search import WORDS, WordRow, WordsRow, word_pk
from facteur.adapters.aws.table import Row, Table, instant
from facteur.domain.documents import Channel, Direction, Document, Source, State, Summary
from facteur.domain.dossiers import Dossier, Member, Role
from facteur.domain.search import words_of
from facteur.domain.serial import dumps
from facteur.ports import Context, Person
from facteur.services.access import signing_in
from facteur.web import routes
from facteur.web.site import Site
from facteur.web.visit import SESSION_COOKIE

from benchmarks.house import DOSSIER, House, house, say

SIZES = (100, 10_000, 100_000)
RUNS = 15
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
READ = 600  # newest documents whose text a search may read: older ones have their words alone
AT_ONCE = 2500  # rows handed over at once
SUPPLIERS = ("Vasseur", "Bioburo", "Arnaud", "Quais")

#: What is asked, and how the page names it.
PAGES = (
    ("/achats", "Factures d’achat, réception"),
    ("/achats?onglet=toutes", "… all"),
    ("/achats?onglet=archivees", "… archived"),
    ("/achats?onglet=toutes&apres={deep}", "… all, a page far behind"),
    ("/recherche?q=FA-000042", "search: a number"),
    ("/recherche?q=vasseur%20facture%20", "search: two words, in a quarter and in all"),
    ("/recherche?q=factur", "search: a beginning that all have"),
    ("/achats?onglet=toutes&tri=total", "… sorted by total (a window of 1,000)"),
)


class _Anybody:
    """Credentials are not what is measured."""

    def sign_in(self, email: str, _password: str) -> Person:
        return Person(subject=email.partition("@")[0], email=email, name="U")


def dossier(size: int) -> Dossier:
    """The dossier of a size."""
    return replace(DOSSIER, id=f"taille-{size}")


def document(place: str, number: int) -> Document:
    """An invoice; the newest forty are open, the others archived."""
    at = NOW - timedelta(minutes=number)
    state = State.ARCHIVED
    if number < 40:
        state = State.TO_ACCEPT if number % 2 else State.TO_CHECK
    return Document(
        dossier=place,
        id=f"{number:026d}",
        direction=Direction.PURCHASE,
        state=state,
        received_at=at,
        filename=f"facture-{number}.pdf",
        media_type="application/pdf",
        sha256=f"{number:064d}",
        size=120_000,
        sources=(Source(channel=Channel.MAIL, at=at, sender="compta@fournisseur.example"),),
        summary=Summary(
            kind="invoice",
            number=f"FA-{number:06d}",
            seller_name=SUPPLIERS[number % len(SUPPLIERS)],
            issue_date=date(2026, 11, 20) - timedelta(days=number // 100),
            total_incl_vat=Decimal(number % 977) + Decimal("0.42"),
        ),
        version=1,
    )


def rows(place: str, size: int) -> Iterator[Row]:
    """The rows of a dossier's documents."""
    for number in range(size):
        one = document(place, number)
        head = DocumentRow.of(one)
        yield head
        key = f"{instant(one.received_at)}#{one.id}"
        text = f"facture {one.summary.number} {one.summary.seller_name}"
        words = words_of(text)
        for word in words:
            if word != one.summary.number[3:]:  # found by the whole number
                yield WordRow(word_pk(place, word), f"{word}#{key}")
        if number < READ:
            body = {"text": text * 40, "words": words, "place": key}
            yield WordsRow(head.pk, WORDS, body=_body(body))


def _body(values: dict[str, object]) -> str:
    from facteur.adapters.aws.search import _Body

    return dumps(_Body(**values)).decode()  # type: ignore[arg-type]


def fill(table: Table, context: Context, size: int) -> None:
    """Make the dossier of a size, with its one member and the numbers on the tabs."""
    made = dossier(size)
    who = f"u{size}"
    member = Member(
        dossier=made.id, user=who, email=f"{who}@example.com", name="U", role=Role.MANAGER
    )
    context.store.save_dossier(made, (member,), {})
    waiting: list[Row] = []
    for row in rows(made.id, size):
        waiting.append(row)
        if len(waiting) == AT_ONCE:
            table.write_many(waiting, ())
            waiting = []
    table.write_many(waiting, ())
    pk = counters_pk(made.id, Direction.PURCHASE)
    shares = [
        CountersRow(pk, str(shard), to_accept=20 // SHARDS, archived=(size - 40) // SHARDS)
        for shard in range(SHARDS)
    ]
    table.write_many(shares, ())


@dataclass(frozen=True)
class Asked:
    """One page at one size: medians, in milliseconds."""

    whole: float
    ours: float  # processor time of the page's own process, AWS's answers read included
    aws: float  # waited for, from call to answer
    calls: int


@dataclass
class _Runs:
    """What each run of a page took, in seconds; the calls of the last."""

    whole: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    aws: list[float] = field(default_factory=list)
    calls: int = 0

    def asked(self) -> Asked:
        whole, ours, aws = (
            1000 * statistics.median(one) for one in (self.whole, self.ours, self.aws)
        )
        return Asked(whole=whole, ours=ours, aws=aws, calls=self.calls)


class Browser:
    """The web function's own routes, with a signed-in person for each dossier."""

    def __init__(self, place: House) -> None:
        self._meter = place.meter
        self.context: Context = place.context("web")
        app = Chalice(app_name="web")
        site = Site(context=self.context, site_url="http://bench.test", static_path="/static/x")
        routes.register(app, lambda: site)
        self._gateway = LocalGateway(app, Config())
        self._session = site.cookie(SESSION_COOKIE)
        self._cookies: dict[int, str] = {}

    def sign_in(self, size: int) -> None:
        """Open the dossier of a size."""
        known = _with_identity(self.context)
        opened = signing_in.sign_in(f"u{size}@example.com", "x", address="", context=known)
        assert isinstance(opened, signing_in.Opened)
        self._cookies[size] = f"{self._session}={opened.token}"

    def get(self, size: int, path: str) -> str:
        """A page's body; an assertion when it is no page."""
        path = path.format(deep=self.context.store.cursor(document(dossier(size).id, size - 60)))
        headers = {"cookie": self._cookies[size]}
        answer = self._gateway.handle_request("GET", path, headers, b"")
        assert answer["statusCode"] == 200, (path, answer["statusCode"])
        return str(answer["body"])

    def measured(self, path: str) -> list[Asked]:
        """The medians of a page in each dossier, asked in turn, after one round that warms."""
        runs = {size: _Runs() for size in SIZES}
        for turn in range(RUNS + 1):
            for size, kept in runs.items():
                self._meter.reset()
                began, ours = time.perf_counter(), time.process_time()
                self.get(size, path)
                if not turn:
                    continue
                kept.whole.append(time.perf_counter() - began)
                kept.ours.append(time.process_time() - ours)
                kept.aws.append(self._meter.seconds)
                kept.calls = sum(self._meter.calls.values())
        return [kept.asked() for kept in runs.values()]


def _with_identity(context: Context) -> Context:
    return replace(context, identity=_Anybody())  # type: ignore[arg-type]


def main() -> None:
    """Print the section."""
    found: dict[str, list[Asked]] = {}
    with house() as place:
        table, browser = Table(place.clients, place.settings.table), Browser(place)
        for size in SIZES:
            began = time.perf_counter()
            fill(table, browser.context, size)
            browser.sign_in(size)
            say(f"{size:,} documents ({time.perf_counter() - began:.0f} s)")
        for path, name in PAGES:
            found[name] = browser.measured(path)
            said = ", ".join(f"{one.whole:.0f} ms ({one.calls} calls)" for one in found[name])
            say(f"{name}: {said}")
    _print(found)


def _print(found: dict[str, list[Asked]]) -> None:
    sizes = " | ".join(f"{size:,}" for size in SIZES)
    print("## Lists and search, by the number of documents\n")
    print(
        "A dossier of each size, asked in turn; milliseconds of processor that the page takes in "
        f"its own process (rows, template), the median of {RUNS}. AWS calls are counted where "
        "they leave; the session, the person and the dossier are among them.\n"
    )
    print(f"| page | {sizes} | last / first | AWS calls |")
    print("|---" * (len(SIZES) + 3) + "|")
    for name, asked in found.items():
        times = " | ".join(f"{one.ours:.0f}" for one in asked)
        calls = sorted({one.calls for one in asked})
        ratio = asked[-1].ours / asked[0].ours
        said = str(calls[0]) if len(calls) == 1 else f"{calls[0]} to {calls[-1]}"
        print(f"| {name} | {times} | {ratio:.2f} | {said} |")
    print("\nWhole page on a laptop, in milliseconds, and of that the wait for the emulator:\n")
    print(f"| page | {sizes} |")
    print("|---" * (len(SIZES) + 1) + "|")
    for name, asked in found.items():
        cells = " | ".join(f"{one.whole:.0f} ({one.aws:.0f})" for one in asked)
        print(f"| {name} | {cells} |")
    print(
        "\nDynamoDB reads from the key on and charges by what is read, which is the same at each "
        "size: the rows of a page, and one more for each state. The emulator does so too "
        "(decision 0184), a partition being sorted once, when it is first asked for. A sorted "
        "list reads a window of a thousand documents, and no more. A word costs one write unit; "
        "an invoice of one page has some 150, at most 400: 0.09 to 0.25 dollars for a thousand "
        "invoices."
    )


if __name__ == "__main__":
    main()
