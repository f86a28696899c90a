"""The other families of invoices, each a function of a seed giving a page and its truth."""

from collections.abc import Callable

from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.consumers import gross, receipt, subscription
from benchmarks.synthetic.family import Truth
from benchmarks.synthetic.strangers import not_an_invoice
from benchmarks.synthetic.suppliers import coded, fees, foreign

__all__ = ["FAMILIES", "not_an_invoice"]

FAMILIES: tuple[Callable[[int], tuple[Canvas, Truth]], ...] = (
    receipt,
    gross,
    subscription,
    fees,
    foreign,
    coded,
)
