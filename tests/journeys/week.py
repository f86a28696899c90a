"""What a company receives in a week, made here: ten files, none alike, and what each truly says.

The pages are those of ``benchmarks.synthetic``, addressed to the demonstration's company: PDFs
with their text, what a scanner gives, what a phone gives, a file of two invoices, a payslip. The
blacksmith's page is ours: his number stands under words that no reader knows.
"""
# ruff: noqa: S311 - chance that must be repeatable

import io
import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import font_source_sans_pro
import pikepdf
import pypdfium2
import typst
from facteur.domain.identifiers import vat_of_siren
from facteur.local.demo.invoices import DOSSIER
from PIL import Image

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import Company, Content, imagine, luhn
from benchmarks.synthetic.layouts import draw
from benchmarks.synthetic.situations import abroad, papers, services, tills
from benchmarks.synthetic.situations.paper import case
from tests import samples, table_photos

#: The truths that are compared, by the name of the field on the page.
COMPARED = ("number", "issue_date", "total_excl_vat", "total_vat", "total_incl_vat", "seller_vat")
FONTS = ("SourceSansPro-Regular.ttf", "SourceSansPro-Bold.ttf")

IBAN, OTHER_IBAN = "FR76 3000 6000 0112 3456 7890 189", "FR14 2004 1010 0505 0001 3M02 606"
BLACKSMITH = "Ferronnerie Talvas"
_SIREN = luhn(random.Random(29), 9)


@dataclass(frozen=True)
class Item:
    """A file to drop: what its page must be said to be, and what it says."""

    name: str
    data: bytes
    kind: str = "Facture"
    truth: Mapping[str, object] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        return "application/pdf" if self.name.endswith(".pdf") else "image/jpeg"


def week() -> tuple[Item, ...]:
    """The ten files."""
    receipt, shop = _situation(tills.supermarket, 3)
    credit, returned = _situation(tills.credit_trailing, 3)
    german, pumps = _situation(abroad.german, 5)
    irish, software = _situation(services.saas, 8)
    slip = papers.payslip(random.Random(2))[0]
    return (
        Item("imprimeur.pdf", pdf(_ours(60)), truth=_truth(_content(60))),
        Item("ferronnier.pdf", blacksmith("FT-26/118"), truth={"total_incl_vat": "1310.40"}),
        Item("ticket.jpg", _till(receipt), "Ticket ou reçu", shop),
        Item("avoir.pdf", pdf(credit), "Avoir", returned),
        Item("allemand.pdf", pdf(german), truth=pumps),
        Item("logiciel.pdf", pdf(irish), truth=software),
        Item("numerise.pdf", _scanned(pdf(_ours(21))), truth=_truth(_content(21))),
        Item("photo.jpg", _photographed(pdf(_ours(82))), truth=_truth(_content(82))),
        Item("deux-factures.pdf", _together(pdf(_ours(116)), pdf(_ours(100))), ""),
        Item("paie.pdf", pdf(slip), "Bulletin de paie"),
    )


def lot_numbers() -> tuple[str, str]:
    """The numbers of the two invoices of ``deux-factures.pdf``."""
    return _content(116).number, _content(100).number


def blacksmith(number: str, *, day: str = "14/11/2026", iban: str = IBAN) -> bytes:
    """A page of the blacksmith's: « Nos repères », then his number."""
    siret = luhn(random.Random(31), 14, _SIREN)
    changes = {
        "Menuiserie Kervella": BLACKSMITH,
        "552 100 554 00013": siret,
        "FR29552100554": vat_of_siren(_SIREN),
        "Facture n° FA-2026-0042": f"Nos repères {number}",
        "14/11/2026": day,
        "Société Exemple SAS": DOSSIER.name,
        "3 place de la République": DOSSIER.address,
        "35000 Rennes": f"{DOSSIER.postcode} {DOSSIER.city}",
        IBAN: iban,
    }
    return samples.text_pdf(samples.invoice(changes))


def pdf(canvas: Canvas) -> bytes:
    """The pages as a PDF with its text."""
    folder = Path(font_source_sans_pro.__file__).parent / "files"
    with tempfile.TemporaryDirectory() as held:
        for name in FONTS:
            (Path(held) / name).symlink_to(folder / name)
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[held]
        )
        made: bytes = typst.compile(canvas.typst().encode(), font_paths=fonts)
    return made


def _content(seed: int) -> Content:
    """The invoice of a seed, sent to the demonstration's company."""
    content = imagine(seed)
    content.buyer = Company(
        DOSSIER.name, DOSSIER.address, DOSSIER.postcode, DOSSIER.city,
        siren=DOSSIER.siren, siret=DOSSIER.siret, vat=DOSSIER.vat,
    )  # fmt: skip
    return content


def another(seed: int) -> bytes:
    """One more invoice to the demonstration's company, with its text."""
    return pdf(_ours(seed))


def _ours(seed: int) -> Canvas:
    return draw(_content(seed), seed)


def _truth(content: Content) -> Mapping[str, object]:
    return {
        "number": content.number,
        "issue_date": content.issued,
        "total_excl_vat": content.excl,
        "total_vat": content.vat,
        "total_incl_vat": content.incl,
    }


def _situation(
    situation: Callable[[random.Random], tuple[Canvas, dict[str, object]]], seed: int
) -> tuple[Canvas, Mapping[str, object]]:
    """A situation's page and truth, its buyer's name and address replaced by ours."""
    canvas, truth = situation(random.Random(seed))
    buyer = case(random.Random(seed)).buyer
    changes = {
        buyer.full: DOSSIER.name,
        buyer.street: DOSSIER.address,
        f"{buyer.postcode} {buyer.city}": f"{DOSSIER.postcode} {DOSSIER.city}",
        f"FR VAT {buyer.vat}": f"FR VAT {DOSSIER.vat}",
    }
    canvas.items = [replace(one, text=changes.get(one.text, one.text)) for one in canvas.items]
    return canvas, {name: truth[name] for name in COMPARED if truth.get(name) is not None}


def _picture(data: bytes, dpi: int) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    picture = document[0].render(scale=dpi / 72, rev_byteorder=True).to_pil().convert("RGB")
    document.close()
    return picture


def _till(canvas: Canvas) -> bytes:
    """A strip of paper, photographed."""
    return table_photos.jpeg(_picture(pdf(canvas), 200).crop((0, 0, 640, 1100)))


def _scanned(data: bytes) -> bytes:
    """A scanner's PDF: a grey picture and no text."""
    out = io.BytesIO()
    _picture(data, 200).convert("L").save(out, "PDF", resolution=200)
    return out.getvalue()


def _photographed(data: bytes) -> bytes:
    """The sheet on a table, a little askew, half in the shade."""
    return table_photos.jpeg(table_photos.photographed(_picture(data, 170), shade=0.75).image)


def _together(*files: bytes) -> bytes:
    """The pages of several PDFs in one."""
    whole = pikepdf.Pdf.new()
    for data in files:
        with pikepdf.open(io.BytesIO(data)) as one:
            whole.pages.extend(one.pages)
    return samples.saved(whole)
