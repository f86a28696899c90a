"""« Reprendre un kit » : a part of an exit kit is uploaded, examined, then taken in (NO-16).

The browser sends the ZIP to the bucket by a presigned form and comes back; the pipeline examines
it and says what taking it would do; a second button takes it. The page asks again by itself while
one of them runs.
"""

from facteur.domain.dossiers import Permission
from facteur.domain.exports import Job, JobState, Kind
from facteur.services.exports import taking_kits as service
from facteur.web.answers import Answer
from facteur.web.site import page
from facteur.web.visit import Visit

PATH = "/parametres/kit-de-sortie/reprendre"
_STOP = 286  # htmx: nothing more will come, stop asking


@page(PATH, permission=Permission.MANAGE)
def kits_in(visit: Visit) -> Answer:
    """The form, what was uploaded and waits for its examination, and the parts so far."""
    held = service.jobs(visit.caller, visit.context)
    waiting = any(not one.over for one in held)
    name = visit.query("fichier")[:64]
    known = {one.cursor for one in held}
    return visit.page(
        "kit_in.html",
        part="_kits_in.html",
        status=_STOP if visit.fragment and not waiting else 200,
        form=service.import_form(
            visit.caller, visit.context, back=lambda name: visit.site.url(PATH, fichier=name)
        ),
        name=name if name and name not in known else "",
        jobs=held,
        takeable={one.id for one in held if _takeable(one, held)},
        waiting=waiting,
        storage=True,
    )


def _takeable(job: Job, held: tuple[Job, ...]) -> bool:
    """True for an examined part that nobody took, or whose taking failed."""
    taken = any(
        one.kind is Kind.KIT_TAKEN and one.cursor == job.cursor and not one.failure for one in held
    )
    return job.kind is Kind.KIT_CHECK and job.state is JobState.DONE and not taken


@page(PATH, "POST", permission=Permission.MANAGE)
def examine_kit(visit: Visit) -> Answer:
    """Have an uploaded part examined: nothing is written."""
    service.examine(visit.caller, visit.field("fichier"), visit.context)
    return visit.go(PATH, fait="kit_examined")


@page(PATH + "/{job}", "POST", permission=Permission.MANAGE)
def take_kit(visit: Visit, job: str) -> Answer:
    """Take in a part that was examined."""
    service.take(visit.caller, job, visit.context)
    return visit.go(PATH, fait="kit_taken")
