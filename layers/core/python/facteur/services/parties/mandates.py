"""A supplier's written mandate to be invoiced in his name: sent, declared, taken back (IP-12).

The browser sends the file to the bucket by a presigned form and comes back; then a person says
when it was signed and that it is express, written and prior. The file is kept with the dossier's
originals; the card's history says who declared what. Until a mandate is signed here, that is all
that is asked before anything leaves in a supplier's name.

Source: CGI 289 I-2; reference: legal.md §6.
"""

from dataclasses import replace
from datetime import date

from facteur.domain.dossiers import Caller
from facteur.domain.errors import InvalidError, NotFoundError
from facteur.domain.faults import Fault
from facteur.domain.paris import paris
from facteur.domain.parties import Party, Side
from facteur.domain.self_billing import Mandate
from facteur.ports import Context, UploadForm
from facteur.services.parties import book
from facteur.services.sent_files import Back, Place

MOST_BYTES = 10 * 1024 * 1024
#: How the files that may be one begin. A page looks at no more: it has no library that reads XML.
_STARTS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
)


def _supplier(caller: Caller, party: str, context: Context) -> Party:
    held = book.mine(caller, party, context)
    if held.side is not Side.SUPPLIER:
        raise NotFoundError("not_found", party=party[:50])
    return held


def _sent(dossier: str) -> Place:
    """Where the mandates of a dossier wait; a plain form says no type: bytes are looked at."""
    return Place(
        owner=dossier,
        folder="mandates",
        media_type="application/octet-stream",
        most_bytes=MOST_BYTES,
    )


def upload_form(caller: Caller, party: str, context: Context, *, back: Back) -> UploadForm:
    """The presigned form for a mandate; ``back``: the page that declares it by name."""
    _supplier(caller, party, context)
    return _sent(caller.dossier).form(context, back=back)


def declare(
    caller: Caller,
    party: str,
    name: str,
    context: Context,
    *,
    signed_on: date | None,
    sure: bool,
) -> Party:
    """Keep the mandate of a supplier. InvalidError with all that is missing; NotFoundError."""
    held = _supplier(caller, party, context)
    data = _sent(caller.dossier).data(name, context)
    kind = next((one for one in _STARTS if data.startswith(one[0])), None)
    faults = []
    if kind is None:
        faults.append(Fault(code="mandate.file", path="file"))
    if signed_on is None or signed_on > paris(context.clock.now()).date():
        faults.append(Fault(code="mandate.signed_on", path="signed_on"))
    if not sure:
        faults.append(Fault(code="mandate.sure", path="sure"))
    if faults or kind is None or signed_on is None:
        raise InvalidError(tuple(faults))
    file = context.blobs.put(
        f"{caller.dossier}/mandates/{held.id}/{name}",
        data,
        kind[1],
        filename=f"mandat-{held.number}.{kind[2]}",
    )
    made = Mandate(signed_on=signed_on, file=file, at=context.clock.now(), by=caller.name)
    return book.save(
        caller,
        replace(held, mandate=made),
        "party.mandate_declared",
        context,
        signed_on=f"{signed_on:%d/%m/%Y}",
        sha256=file.sha256,
    )


def withdraw(caller: Caller, party: str, context: Context) -> Party:
    """The mandate is over: nothing leaves any more in this supplier's name. The file stays."""
    held = _supplier(caller, party, context)
    if held.mandate is None:
        return held
    over = replace(held, mandate=None)
    signed_on = f"{held.mandate.signed_on:%d/%m/%Y}"
    return book.save(caller, over, "party.mandate_withdrawn", context, signed_on=signed_on)


def link(caller: Caller, party: str, context: Context) -> str:
    """A presigned link to the mandate of a supplier; NotFoundError without one."""
    held = book.card(caller, party, context).party
    if held.mandate is None:
        raise NotFoundError("not_found")
    return context.blobs.link(held.mandate.file, download=True)
