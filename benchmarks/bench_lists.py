"""The purchases and a search, at 100, 10,000 and 100,000 documents in one dossier.

Rows are written straight into the embedded platform's table, older and older, so that the newest
documents, which pages show, are the same at each size. Pages go through the real routes. What the
page waits for AWS is told apart: that is the emulator's time, on a machine that others use.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
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
from facteur.domain.search import words_of
from facteur.domain.serial import dumps
from facteur.ports import Context, Person
from facteur.services import signing_in
from facteur.web import routes
from facteur.web.site import Site
from facteur.web.visit import SESSION_COOKIE

from benchmarks.house import DOSSIER, House, house, say

SIZES = (100, 10_000, 100_000)
RUNS = 7
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
        return Person(subject="u", email=email, name="U")


def document(number: int) -> Document:
    """An invoice; the newest forty are open, the others archived."""
    at = NOW - timedelta(minutes=number)
    state = State.ARCHIVED
    if number < 40:
        state = State.TO_ACCEPT if number % 2 else State.TO_CHECK
    return Document(
        dossier=DOSSIER.id,
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


def rows(first: int, last: int) -> Iterator[Row]:
    """The rows of the documents from one to another."""
    for number in range(first, last):
        one = document(number)
        head = DocumentRow.of(one)
        yield head
        place = f"{instant(one.received_at)}#{one.id}"
        text = f"facture {one.summary.number} {one.summary.seller_name}"
        words = words_of(text)
        for word in words:
            if word != one.summary.number[3:]:  # found by the whole number
                yield WordRow(word_pk(DOSSIER.id, word), f"{word}#{place}")
        if number < READ:
            body = {"text": text * 40, "words": words, "place": place}
            yield WordsRow(head.pk, WORDS, body=_body(body))


def _body(values: dict[str, object]) -> str:
    from facteur.adapters.aws.search import _Body

    return dumps(_Body(**values)).decode()  # type: ignore[arg-type]


def fill(table: Table, first: int, last: int) -> None:
    """Bring the dossier to a size; the numbers on the tabs too."""
    waiting: list[Row] = []
    for row in rows(first, last):
        waiting.append(row)
        if len(waiting) == AT_ONCE:
            table.write_many(waiting, ())
            waiting = []
    table.write_many(waiting, ())
    pk = counters_pk(DOSSIER.id, Direction.PURCHASE)
    shares = [
        CountersRow(pk, str(shard), to_accept=20 // SHARDS, archived=(last - 40) // SHARDS)
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


class Reader:
    """A signed-in browser, on the web function's own routes."""

    def __init__(self, place: House) -> None:
        self.place = place
        self.context: Context = place.context("web")
        app = Chalice(app_name="web")
        site = Site(context=self.context, site_url="http://bench.test", static_path="/static/x")
        routes.register(app, lambda: site)
        self._gateway = LocalGateway(app, Config())
        known = _with_identity(self.context)
        opened = signing_in.sign_in("u@example.com", "x", address="", context=known)
        assert isinstance(opened, signing_in.Opened)
        self._cookie = f"{site.cookie(SESSION_COOKIE)}={opened.token}"

    def get(self, path: str) -> str:
        """A page's body; an assertion when it is no page."""
        answer = self._gateway.handle_request("GET", path, {"cookie": self._cookie}, b"")
        assert answer["statusCode"] == 200, (path, answer["statusCode"])
        return str(answer["body"])

    def measured(self, path: str) -> Asked:
        """The medians of a page's runs, after one that warms."""
        meter = self.place.meter
        self.get(path)
        took, worked, waited, calls = [], [], [], 0
        for _run in range(RUNS):
            meter.reset()
            began, ours = time.perf_counter(), time.process_time()
            self.get(path)
            took.append(time.perf_counter() - began)
            worked.append(time.process_time() - ours)
            waited.append(meter.seconds)
            calls = sum(meter.calls.values())
        whole, work, aws = (1000 * statistics.median(one) for one in (took, worked, waited))
        return Asked(whole=whole, ours=work, aws=aws, calls=calls)


def _with_identity(context: Context) -> Context:
    from dataclasses import replace

    return replace(context, identity=_Anybody())  # type: ignore[arg-type]


def _deep(context: Context, size: int) -> str:
    return context.store.cursor(document(size - 60))


def main() -> None:
    """Print the section."""
    found: dict[str, list[Asked]] = {name: [] for _path, name in PAGES}
    with house() as place:
        table = Table(place.clients, place.settings.table)
        reader, there = Reader(place), 0
        for size in SIZES:
            began = time.perf_counter()
            fill(table, there, size)
            there = size
            say(f"{size:,} documents ({time.perf_counter() - began:.0f} s)")
            for path, name in PAGES:
                asked = reader.measured(path.format(deep=_deep(reader.context, size)))
                found[name].append(asked)
                say(f"{name}: {asked.whole:.0f} ms, AWS {asked.aws:.0f}, {asked.calls} calls")
    _print(found)


def _print(found: dict[str, list[Asked]]) -> None:
    sizes = " | ".join(f"{size:,}" for size in SIZES)
    print("## Lists and search, by the number of documents\n")
    print(
        "One dossier; milliseconds of processor that the page takes in its own process (rows, "
        f"template), the median of {RUNS}. AWS calls are counted where they leave; the session, "
        "the person and the dossier are among them.\n"
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
