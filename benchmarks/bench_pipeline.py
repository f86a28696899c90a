"""The whole pipeline against the library calls it cannot avoid, one invoice at a time.

The pipeline is everything between a mail in the bucket and a document that waits for a person, in
one process, the child that opens PDFs warm, the rules compiled. Time inside AWS calls is measured
apart. Each ratio is told twice, of the time that passes and of the time that processors compute:
others' work on the same machine stretches the first, and hardly the second. Page images are drawn
beside that road (decision 0100): they are measured after it, and counted in the processor time of
an invoice. The bare calls are the same libraries on the same files, without us:

    PDF read    PDFium: every character of the page with its box; pikepdf: the embedded XML
    XSD         lxml, the profile's schema
    rules       saxonche, the profile's schematron and BR-FR
    PDF write   pikepdf: PDF/A-3b prepared, XML attached, saved, validated; typst first for an XML.
                A Factur-X is not written: what it claims is validated

The bare write must give what it is asked for, or it would be measured for less than the work: its
file has to pass its own validation, and the page of a typst PDF passes only once the /CIDSet of
its fonts is gone, which the validator refuses to look behind (decision 0274).
"""

import contextlib
import io
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import pikepdf
import pikepdf.pdfa
import pypdfium2
from facteur.adapters.beside import in_a_thread
from facteur.adapters.child import Children
from facteur.adapters.pdf.render import FORMS
from facteur.adapters.readable.draw import draw
from facteur.adapters.readable.view import view_of
from facteur.adapters.saxon import books
from facteur.domain.commands import DrawPages, ReceiveMail, Scheduled
from facteur.domain.documents import Direction
from facteur.domain.dossiers import mailbox_addresses
from facteur.formats.detect import Kind
from facteur.services.run import run
from lxml import etree
from PIL import Image
from saxonche import PySaxonProcessor

from benchmarks import samples
from benchmarks.house import DOMAIN, DOSSIER, EVERYTHING, House, house, say

T = TypeVar("T")

TIMES = 20
DPI = 150


class Cost(NamedTuple):
    """Milliseconds: that passed, and that processors computed."""

    passed: float
    computed: float


def timed(call: Callable[[], object], clock: Callable[[], float] = time.process_time) -> Cost:
    """What a call costs; ``clock`` tells the seconds computed so far, here by this process."""
    computed, began = clock(), time.perf_counter()  # the clock itself is not what is measured
    call()
    passed = time.perf_counter() - began
    return Cost(passed * 1000, (clock() - computed) * 1000)


def middle(costs: Sequence[Cost]) -> Cost:
    """The medians."""
    return Cost(*(statistics.median(one) for one in zip(*costs, strict=True)))


class Bare:
    """The libraries alone, warm."""

    def __init__(self) -> None:
        folder = books.rules_folder()
        assert folder is not None
        book = books.choose(Kind.CII, "urn:cen.eu:en16931:2017")
        assert book is not None
        self._schema = etree.XMLSchema(etree.parse(str(folder / book.schema)))
        self._processor = PySaxonProcessor(license=False)
        compiler = self._processor.new_xslt30_processor()
        self._sheets = [
            compiler.compile_stylesheet(stylesheet_file=str(folder / name))
            for name in (book.stylesheet, book.reform)
        ]

    def read(self, data: bytes) -> None:
        """Every character with its box; the embedded files."""
        document = pypdfium2.PdfDocument(data)
        for page in document:
            text = page.get_textpage()
            text.get_text_range()
            for index in range(text.count_chars()):
                text.get_charbox(index)
        document.close()
        with pikepdf.open(io.BytesIO(data)) as pdf:
            for spec in pdf.attachments.values():
                spec.get_file().read_bytes()

    def xsd(self, xml: bytes) -> None:
        """Parse and validate."""
        self._schema.validate(etree.fromstring(xml))

    def rules(self, xml: bytes) -> None:
        """The profile's schematron, then BR-FR."""
        node = self._processor.parse_xml(xml_text=xml.decode())
        for sheet in self._sheets:
            sheet.transform_to_string(xdm_node=node)

    def write(self, page: bytes, xml: bytes) -> None:
        """The page as PDF/A-3b with the XML attached, validated."""
        with pikepdf.open(io.BytesIO(page)) as pdf:
            pdf.attachments["factur-x.xml"] = pikepdf.AttachedFileSpec(
                pdf, xml, mime_type="text/xml"
            )
            for one in pdf.objects:
                if isinstance(one, pikepdf.Dictionary) and "/CIDSet" in one:
                    del one["/CIDSet"]
            pikepdf.pdfa.prepare(pdf, "3b")
            out = io.BytesIO()
            pdf.save(out, **pikepdf.pdfa.resolve_save_kwargs("3b", deterministic_id=True))
            report = pikepdf.pdfa.validate_written(io.BytesIO(out.getvalue()), "3b")
            assert not report.findings, report.findings

    def prove(self, data: bytes) -> None:
        """That a Factur-X is the PDF/A that it claims to be."""
        pikepdf.pdfa.validate_written(io.BytesIO(data), "3b")

    def draw(self, view: str) -> None:
        """A readable page from the texts that it shows, by typst."""
        draw(view, timestamp=0)

    def image(self, data: bytes) -> None:
        """The page as the image that screens show: not counted as unavoidable, shown apart."""
        document = pypdfium2.PdfDocument(data)
        for page in document:
            picture: Image.Image = page.render(scale=DPI / 72).to_pil()
            name, options = FORMS["jpeg"]
            picture.save(io.BytesIO(), name, **options)
        document.close()


@dataclass
class Row:
    """What one shape of invoice costs, in milliseconds."""

    shape: str
    whole: list[Cost] = field(default_factory=list)
    aws: list[Cost] = field(default_factory=list)
    bare: dict[str, list[Cost]] = field(default_factory=dict)
    inside: dict[str, list[float]] = field(default_factory=dict)  # what our PDF child was asked
    waits: float = 0.0  # of the invoice under way, for what was asked beside
    beside: list[float] = field(default_factory=list)  # page images, drawn after
    processor: list[float] = field(default_factory=list)  # road and drawing, both processes

    def note(self, name: str, cost: Cost) -> None:
        """Add a measure of a bare call."""
        self.bare.setdefault(name, []).append(cost)

    def clear(self) -> None:
        """Forget what was measured so far."""
        for one in (self.whole, self.aws, self.bare, self.inside, self.beside, self.processor):
            one.clear()

    def line(self) -> str:
        """The row of the table."""
        alone = {name: middle(costs) for name, costs in self.bare.items()}
        whole, aws = middle(self.whole), middle(self.aws)
        bare = [sum(alone[name][of] for name in NAMES if name in alone) for of in (0, 1)]
        ratio = [self.ratio(of) for of in (0, 1)]
        shown = [f"{alone[name].passed:.1f}" if name in alone else "–" for name in NAMES]
        ours = [whole[of] - aws[of] for of in (0, 1)]
        cells = [self.shape, f"{whole.passed:.0f}", f"{aws.passed:.0f}", f"{ours[0]:.0f}", *shown]
        cells += [f"{bare[0]:.0f}", f"**{ratio[0]:.2f}**"]
        cells += [f"{ours[1]:.0f}", f"{bare[1]:.0f}", f"**{ratio[1]:.2f}**"]
        return " | ".join(["", *cells, ""]).strip()

    def ratio(self, of: int) -> float:
        """The middle of each invoice's own ratio, of the time passed (0) or computed (1)."""
        alone = [costs for name, costs in self.bare.items() if name in NAMES]
        return statistics.median(
            (whole[of] - aws[of]) / sum(one[of] for one in bare)
            for whole, aws, *bare in zip(self.whole, self.aws, *alone, strict=True)
        )

    def parts(self) -> str:
        """The row of the second table: where ours goes."""
        ours = middle(self.whole).passed - middle(self.aws).passed
        asked = {name: statistics.median(values) for name, values in self.inside.items()}
        rules = middle(self.bare["rules"]).passed + middle(self.bare["XSD"]).passed
        cells = [f"{asked[name]:.0f}" if name in asked else "–" for name in ASKED]
        rest = ours - asked.get("read", 0) - asked[WAITED] - rules
        beside, image = statistics.median(self.beside), middle(self.bare["image"]).passed
        cells += [f"{asked[WAITED]:.0f}", f"{rules:.0f}", f"{rest:.0f}"]
        cells += [f"{beside:.0f}", f"{image:.0f}"]
        return f"| {self.shape} | {' | '.join(cells)} | {statistics.mean(self.processor):.0f} |"


ASKED = ("read", "container", "readable", "facturx")
WAITED = "waited"  # for what was asked beside
NAMES = ("PDF read", "XSD", "rules", "PDF write")


@contextlib.contextmanager
def watched(row: Row) -> Iterator[None]:
    """Note how long the PDF child takes for each thing it is asked."""
    ask = Children.ask

    def timed_ask(children: Children, what: str, *given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return ask(children, what, *given, **named)
        finally:
            row.inside.setdefault(what, []).append((time.perf_counter() - began) * 1000)

    Children.ask = timed_ask
    try:
        yield
    finally:
        Children.ask = ask


class Waited(Generic[T]):
    """An answer from beside; notes how long its caller waits for it."""

    def __init__(self, call: Callable[[], T], row: Row) -> None:
        self._later = in_a_thread(call)
        self._row = row

    def result(self) -> T:
        """The answer; a second look waits for nothing."""
        began = time.perf_counter()
        try:
            return self._later.result()
        finally:
            self._row.waits += (time.perf_counter() - began) * 1000


class Queued:
    """A queue that keeps what was sent: what another function would run."""

    def __init__(self) -> None:
        self.sent: list[Scheduled] = []

    def send(self, scheduled: Scheduled, *, delay_seconds: int = 0) -> None:
        """Keep it."""
        self.sent.append(scheduled)


def whole(place: House, shape: str, number: int, row: Row) -> None:
    """One invoice through everything, then its page images."""
    make, kind, suffix = samples.SHAPES[shape]
    to = mailbox_addresses(DOSSIER.siren, DOMAIN)[Direction.PURCHASE]
    key = f"mail/b{number}{suffix}"
    mail = samples.mail(make(number), kind, suffix, number, to)
    later = Queued()
    context = replace(
        place.context(here=EVERYTHING), queue=later, beside=lambda call: Waited(call, row)
    )
    place.clients("s3").put_object(Bucket=place.settings.intake_bucket, Key=key, Body=mail)
    command = ReceiveMail(key=key, recipients=(to,), received_at=context.clock.now())
    before = processor()
    with watched(row):
        place.meter.reset()
        row.waits = 0.0
        row.whole.append(timed(lambda: run(command, context), lambda: processor() / 1000))
        row.aws.append(Cost(place.meter.seconds * 1000, place.meter.processor * 1000))
        row.inside.setdefault(WAITED, []).append(row.waits)
        (draw_it,) = (one for one in later.sent if isinstance(one.command, DrawPages))
        for other in later.sent:  # the words that a search finds: beside too, and not timed
            if other is not draw_it:
                run(other.command, context)
        place.meter.reset()
        row.beside.append(
            timed(lambda: run(draw_it.command, context)).passed - place.meter.seconds * 1000
        )
    row.processor.append(processor() - before)


def processor() -> float:
    """Milliseconds of processor time of this process and of its children that open PDFs."""
    used = time.process_time() * 1000
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            if b"facteur.adapters.pdf.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                for one in Path(f"/proc/{child}/task").iterdir():
                    used += int((one / "schedstat").read_text().split()[0]) / 1e6
    return used


def alone(bare: Bare, shape: str, number: int, row: Row) -> None:
    """The libraries on the same invoice."""
    xml, page = samples.cii(number), samples.page(number)
    facturx = samples.facturx(number) if shape == "Factur-X" else b""
    if shape != "XML (CII)":
        row.note("PDF read", timed(lambda: bare.read(facturx or page)))
    row.note("XSD", timed(lambda: bare.xsd(xml)))
    row.note("rules", timed(lambda: bare.rules(xml)))
    if facturx:
        row.note("PDF write", timed(lambda: bare.prove(facturx)))
    else:
        view = json.dumps(view_of(samples.invoice(number)), ensure_ascii=False)
        drawn = view if shape == "XML (CII)" else ""
        row.note("PDF write", timed(lambda: _drawn_and_written(bare, drawn, page, xml)))
    row.note("image", timed(lambda: bare.image(page)))


def _drawn_and_written(bare: Bare, view: str, page: bytes, xml: bytes) -> None:
    if view:
        bare.draw(view)
    bare.write(page, xml)


def main() -> None:
    """Print the section."""
    rows = [Row(shape) for shape in samples.SHAPES]
    bare = Bare()
    with house() as place:
        for place_of, row in enumerate(rows):
            for number in range(TIMES + 3):
                if number == 3:  # warm by now
                    row.clear()
                whole(place, row.shape, 1000 * (place_of + 1) + number, row)
                alone(bare, row.shape, 1000 * (place_of + 1) + number, row)
            say(row.line())
    print("## The whole pipeline, and the libraries alone\n")
    print(
        f"Median of {TIMES} different invoices of four lines on one page, in milliseconds, from a "
        "mail in the bucket to a document that waits for a person; in one process, the PDF child "
        "warm. *Ours* is the whole without the time inside AWS calls; the ratio is ours to the "
        "sum of the bare calls (goal: 1.5 or less), each invoice through both right after each "
        "other and the middle of their ratios taken, for the load changes by the minute. What "
        "the PDF child does while AWS answers takes no time of ours; its processor time counts "
        "all the same. A Factur-X is kept as it came: instead of writing it, what it claims is "
        "validated, by the same call that ends a PDF write; what is written bare must pass that "
        "call too, or less than a PDF/A would be measured. The "
        "last three columns are the same of processor time, of this process and of its PDF "
        "child: what others do on the machine hardly changes it.\n"
    )
    print("| shape | whole | in AWS | ours | PDF read | XSD | rules | PDF write | bare | ratio "
          "| ours, computed | bare, computed | ratio |")  # fmt: skip
    print("|---" * 13 + "|")
    for row in rows:
        print(row.line())
    print(
        "\nWhere ours goes: what the PDF child is asked (with the pipe to it), the rules as they "
        "cost alone, and the rest: mail, XML, fields, totals, JSON, hashes. A Factur-X that came "
        "is *judged* while its data and its page are read, and one of ours is *drawn* and "
        "*written* while the other files are kept (decision 0318): *waited* is how much of that "
        "was still waited for. *Images beside* are "
        "the page images that screens show: nothing waits for them, they are drawn while the "
        "rules run in another function (decision 0100), so they stand in no ratio; *image alone* "
        "is the same page by the bare libraries. *Processor* is all that an invoice costs, road "
        "and drawing, in our process and in its PDF child, with the client side of AWS calls.\n"
    )
    print("| shape | read | judged | drawn | written | waited | XSD, rules | rest "
          "| images beside | image alone | processor |")  # fmt: skip
    print("|---" * 11 + "|")
    for row in rows:
        print(row.parts())


if __name__ == "__main__":
    main()
