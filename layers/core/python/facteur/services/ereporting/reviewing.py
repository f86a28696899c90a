"""The clock asks for the night's look at e-reporting: once a day for each dossier that reports.

Nothing here reads a file, so that the clock's function may import it; the look itself is
building.py's, in the pipeline.
"""

from datetime import datetime

from facteur.domain.commands import ReviewReports, Scheduled
from facteur.ports import Context
from facteur.services.staircase import queued

NIGHT = 2  # hour (UTC) of the look
ROUND = 5  # minutes between two rounds of the clock


def review_due(at: datetime, context: Context) -> None:
    """Ask for the look from that hour on; asking again the same day asks nothing more.

    One round an hour asks, so that a platform that slept at night looks when it wakes.
    """
    if at.hour < NIGHT or at.minute >= ROUND:
        return
    for one in context.ereporting.all_settings():
        name = f"ereporting-review-{one.dossier}-{at:%Y%m%d}"
        command = ReviewReports(dossier=one.dossier)
        queued(Scheduled(id=name, command=command, due=context.clock.now()), context)
