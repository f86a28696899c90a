"""A quarantined document is taken through its road again, with what a person typed before."""

from facteur.adapters.pdf.client import ChildPdf
from facteur.domain.candidate import Candidate, Origin
from facteur.domain.commands import CorrectDocument, ReplayDocument
from facteur.domain.decisions import quarantine
from facteur.domain.documents import State
from facteur.domain.faults import Fault
from facteur.domain.serial import loads
from facteur.services.run import run
from facteur.services.staircase import commit

from tests import samples
from tests.services.world import World


def test_replaying_keeps_what_a_person_typed(world: World) -> None:
    """The rest is read afresh: corrections are nobody's to lose."""
    child = ChildPdf()
    try:
        world.with_(pdf=child)
        (held,) = world.receive(("facture.pdf", samples.text_pdf(samples.INVOICE)))
        run(
            CorrectDocument(
                dossier=held.dossier,
                document=held.id,
                version=held.version,
                values={"number": "CORRIGE-1"},
                by="u1",
            ),
            world.context,
        )
        read = world.document(held.id)
        assert State.READ is read.state
        stopped = quarantine(read, Fault(code="work.interrupted"), at=world.clock.now())
        commit(stopped, world.context)
        world.queue.sent.clear()
        run(ReplayDocument(dossier=held.dossier, document=held.id, by="u1"), world.context)
        world.deliver()
    finally:
        child.close()
    again = world.document(held.id)
    candidate = loads(Candidate, world.context.blobs.get(again.files["candidate"]))

    assert "CORRIGE-1" == again.summary.number
    assert Origin.USER is candidate.fields["number"].provenance.origin
    assert Origin.TEXT is candidate.fields["total_incl_vat"].provenance.origin
