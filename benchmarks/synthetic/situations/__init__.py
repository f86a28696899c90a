"""Situations met in trades and countries, each unlike the others: half of them held out.

``DEV`` are looked at when the reading is mended; ``HELD`` only scored. A situation takes a
source of chance and gives a page and its truth; ``measure`` scores them.
"""

from benchmarks.synthetic.situations import (
    abroad,
    building,
    harder,
    layouts,
    more,
    services,
    tills,
)

EVERY = (*building.ALL, *services.ALL, *abroad.ALL, *layouts.ALL, *tills.ALL)
DEV = EVERY[::2]
HELD = EVERY[1::2]
MORE = more.ALL  # written after the reading was mended on both
LAST = harder.ALL  # written when nothing was left to mend on the rest
