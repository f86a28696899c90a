"""Files of several pages, made here: lots of invoices, and what must never be taken for a lot.

``lot`` puts documents one after the other. The manners of ``LONG`` are one invoice each, of many
pages, in the ways that look most like several: headers repeated with or without the number,
details after the totals, general terms, carried sums, a copy.
"""
# ruff: noqa: S311 - chance that must be repeatable

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from facteur.domain.pages import Page, PageSet

from benchmarks.synthetic import others
from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import Content, imagine
from benchmarks.synthetic.family import fr
from benchmarks.synthetic.layouts import draw

TERMS = (
    "CONDITIONS GÉNÉRALES DE VENTE",
    "Article 1 - Objet. Les présentes conditions régissent les ventes.",
    "Article 2 - Toute facture est payable à trente jours, date de facture.",
    "Article 3 - En cas de retard, pénalités au taux de 12 % l'an et indemnité de 40,00 €.",
    "Article 4 - Les litiges relèvent du tribunal de commerce de Rennes.",
)


def lot(*documents: PageSet) -> PageSet:
    """The documents one after the other, as one file."""
    pages = [page for one in documents for page in one.pages]
    numbered = tuple(replace(page, number=at) for at, page in enumerate(pages, start=1))
    return PageSet(pages=numbered, origin="text", total=len(numbered))


def firsts(*documents: PageSet) -> list[int]:
    """The pages on which each of the documents starts."""
    found, at = [], 1
    for one in documents:
        found.append(at)
        at += len(one.pages)
    return found


def some(seed: int) -> PageSet:
    """An invoice of our own making, of any family."""
    if seed % 4 == 3:
        return others.FAMILIES[seed // 4 % len(others.FAMILIES)](seed)[0].pages()
    return draw(imagine(seed), seed).pages()


def of_one_seller(seed: int, number: int) -> list[PageSet]:
    """A month's invoices of one seller to one customer, numbered one after the other."""
    base = imagine(seed)
    made = []
    for place in range(number):
        content = imagine(seed * 31 + place + 1000)
        content.seller, content.buyer = base.seller, base.buyer
        digits = len(base.number) - len(base.number.rstrip("0123456789"))
        stem, last = base.number[:-digits], base.number[-digits:]
        content.number = f"{stem}{str(int(last) + place).zfill(digits)}"[: len(base.number)]
        made.append(draw(content, seed).pages())
    return made


def blank() -> PageSet:
    """A page with nothing on it."""
    return PageSet(pages=(Page(number=1, words=()),), origin="text", total=1)


def _head(canvas: Canvas, content: Content, *, number: bool, title: str = "FACTURE") -> None:
    seller, buyer = content.seller, content.buyer
    canvas.block(
        40,
        50,
        [seller.full, seller.street, f"{seller.postcode} {seller.city}", f"SIRET {seller.siret}"],
    )
    canvas.text(380, 50, title, 18, bold=True)
    if number:
        canvas.text(380, 72, f"Facture n° {content.number}")
    canvas.text(380, 86, f"Date : {content.issued:%d/%m/%Y}")
    canvas.text(380, 100, f"N° client : C{seller.siren[:5]}")
    canvas.block(330, 130, [buyer.full, buyer.street, f"{buyer.postcode} {buyer.city}"])
    canvas.y = 220


def _rows(canvas: Canvas, rng: random.Random, number: int) -> Decimal:
    for x, text in ((40, "Désignation"), (300, "Qté"), (380, "P.U. HT"), (520, "Total HT")):
        canvas.text(x, canvas.y, text)
    canvas.y += 18
    total = Decimal(0)
    for _ in range(number):
        quantity, price = rng.randint(1, 9), Decimal(rng.randint(500, 30000)) / 100
        total += quantity * price
        cells = ((40, f"Article {rng.randint(100, 999)}"), (300, str(quantity)), (380, fr(price)))
        for x, text in (*cells, (520, fr(quantity * price))):
            canvas.text(x, canvas.y, text)
        canvas.y += 14
    return total


def _totals(canvas: Canvas, excl: Decimal) -> None:
    vat = (excl / 5).quantize(Decimal("0.01"))
    for label, value in (("Total HT", excl), ("TVA 20 %", vat), ("Total TTC", excl + vat)):
        canvas.y += 14
        canvas.text(400, canvas.y, label)
        canvas.text(520, canvas.y, fr(value))
    canvas.y += 14
    canvas.text(400, canvas.y, "Net à payer")
    canvas.text(520, canvas.y, fr(excl + vat))


def repeated(seed: int, *, number: bool = True, counted: bool = False) -> PageSet:
    """A header on each page, the totals on the last one."""
    rng, content, canvas = random.Random(seed), imagine(seed), Canvas()
    pages, excl = rng.randint(2, 6), Decimal(0)
    for page in range(1, pages + 1):
        if page > 1:
            canvas.next_page()
        _head(canvas, content, number=number)
        excl += _rows(canvas, rng, 20)
        if counted:
            canvas.text(280, 825, f"Page {page}/{pages}")
    _totals(canvas, excl)
    return canvas.pages()


def unnumbered(seed: int) -> PageSet:
    """The header is repeated without the number."""
    return repeated(seed, number=False, counted=seed % 2 == 0)


def carried(seed: int) -> PageSet:
    """Sums carried from page to page, each looking like a total."""
    rng, content, canvas = random.Random(seed), imagine(seed), Canvas()
    excl = Decimal(0)
    for page in range(1, 4):
        if page > 1:
            canvas.next_page()
        _head(canvas, content, number=seed % 2 == 0 or page == 1)
        if page > 1:
            canvas.text(400, canvas.y, "Report")
            canvas.text(520, canvas.y, fr(excl))
            canvas.y += 16
        excl += _rows(canvas, rng, 15)
        if page < 3:
            canvas.text(400, canvas.y + 14, "Total HT à reporter")
            canvas.text(520, canvas.y + 14, fr(excl))
    _totals(canvas, excl)
    return canvas.pages()


def detailed(seed: int) -> PageSet:
    """Totals first, then a page of details per line, each with its own sums (telecoms)."""
    rng, content, canvas = random.Random(seed), imagine(seed), Canvas()
    _head(canvas, content, number=True)
    sums = [Decimal(rng.randint(1000, 9000)) / 100 for _ in range(rng.randint(2, 5))]
    for place, one in enumerate(sums, start=1):
        canvas.text(40, canvas.y, f"Ligne 06 12 34 56 {place:02d}")
        canvas.text(520, canvas.y, fr(one))
        canvas.y += 14
    _totals(canvas, sum(sums, Decimal(0)))
    for place, one in enumerate(sums, start=1):
        canvas.next_page()
        canvas.text(40, 50, content.seller.full, 12)
        title = ("Détail de votre facture", "FACTURE DÉTAILLÉE", "Votre facture en détail")
        canvas.text(40, 80, title[seed % 3], 14, bold=True)
        canvas.text(40, 100, f"Facture n° {content.number} du {content.issued:%d/%m/%Y}")
        if seed % 2:
            canvas.items.pop()  # nor is the number repeated
        canvas.text(40, 130, f"Ligne n° 06 12 34 56 {place:02d}")
        canvas.y = 160
        _totals(canvas, one)
    return canvas.pages()


def with_terms(seed: int) -> PageSet:
    """An invoice, then its general terms, which speak of invoices and amounts."""
    canvas = Canvas()
    canvas.block(40, 50, list(TERMS) * 8, size=8)
    return lot(some(seed), canvas.pages())


def in_copies(seed: int) -> PageSet:
    """The same invoice twice: the original and its copy."""
    return lot(some(seed), some(seed))


def annexed(seed: int) -> PageSet:
    """An invoice, then the delivery notes that it names."""
    content, canvas = imagine(seed), Canvas()
    for place in range(3):
        if place:
            canvas.next_page()
        _head(canvas, content, number=False, title="BON DE LIVRAISON")
        canvas.text(380, 72, f"BL n° {4000 + seed + place}")
        canvas.text(40, canvas.y, f"Facture n° {content.number}")
        canvas.y += 20
        _rows(canvas, random.Random(seed + place), 8)
    return lot(draw(content, seed).pages(), canvas.pages())


LONG: tuple[Callable[[int], PageSet], ...] = (
    repeated,
    unnumbered,
    carried,
    detailed,
    with_terms,
    in_copies,
    annexed,
)


def contract(seed: int) -> PageSet:
    """Forty pages that speak of invoices, numbers and totals on each of them."""
    rng, canvas = random.Random(seed), Canvas()
    for page in range(40):
        if page:
            canvas.next_page()
        canvas.text(40, 40, "CONTRAT DE PRESTATION N° CT-2024-118", 12)
        if seed % 2:
            canvas.text(280, 825, f"{page + 1} / 40")
        canvas.y = 80
        for _ in range(40):
            canvas.text(
                40,
                canvas.y,
                rng.choice(
                    (
                        "Article 4 - Facturation",
                        f"Facture n° F-2024-{rng.randint(1, 999):03d} du 12/03/2024 : 1 200,00 €",
                        "Le prestataire livre sous trente jours.",
                        "Total HT 1 200,00 €   TVA 20 % 240,00 €   Total TTC 1 440,00 €",
                        f"Montant : {rng.randint(100, 900)},00 € HT par mois",
                        "FACTURE",
                        "Date : 12/03/2024",
                    )
                ),
            )
            canvas.y += 16
    return canvas.pages()
