"""How an invoice looks: letterhead, parties, references, table, totals, footer, in many ways.

Each part has several shapes, drawn from the seed independently of the others, so that a few
dozen pieces make thousands of pages.
"""
# ruff: noqa: S311

import random

from benchmarks.synthetic import feet, heads, tables
from benchmarks.synthetic.canvas import Canvas
from benchmarks.synthetic.content import Content
from benchmarks.synthetic.style import Style


def draw(content: Content, seed: int) -> Canvas:
    """The pages of an invoice."""
    rng = random.Random(seed * 7919 + 1)
    style = Style(
        rng,
        rng.choice(("fr€", "fr€", "frn€", "fr", "frn", "dot€", "dot", "fre", "frdot€")),
        rng.choice(
            ("%d/%m/%Y", "%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "long", "%Y-%m-%d")
        ),
        rng.choice((8.0, 9.0, 9.5, 10.0)),
        rng.random() < 0.2,
    )
    canvas = Canvas()
    head = rng.choice(
        (heads.head_classic, heads.head_line, heads.head_labels, heads.head_logo, heads.head_right)
    )
    head(canvas, content, style)
    tables.table(canvas, content, style)
    feet.totals(canvas, content, style)
    feet.foot(canvas, content, style, logo_only=head is heads.head_logo)
    return canvas
