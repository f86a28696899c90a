"""Our REST API for those who fetch: the archived documents, and their files.

``GET /api/v1/archives`` lists what is archived, filtered by period and statuses, so that a program
can ask for what is « À récupérer » ; ``GET …/files/{role}`` answers a presigned link. Asking for
the original or the Factur-X of an archived document is fetching it: it becomes « Récupérée », with
the name of the key (JF-61). Documented in openapi.yaml and in the help (aide/api.html).
"""

from collections.abc import Mapping

from facteur.domain.commands import SetAccounting
from facteur.domain.decisions.statuses import API
from facteur.domain.documents import Accounting, DocumentRef, PaymentStatus, State
from facteur.domain.dossiers import Permission
from facteur.domain.errors import InvalidError
from facteur.domain.lifecycle.due import payment_status
from facteur.services.archive import archives
from facteur.services.finding import queries
from facteur.web.answers import Answer, json_answer
from facteur.web.api.calls import Call, not_known
from facteur.web.api.v1 import plain
from facteur.web.pages.archive import wanted_of
from facteur.web.site import api

SECONDS = 300  # that a link is good for
_SIDES: Mapping[str, str] = {"purchase": "achats", "sale": "ventes"}
_FETCHED_BY = frozenset({"original", "facturx"})


_ASKED = ("direction", "since", "until", "accounting", "payment", "page")
_DAY = ("2026-11-20",)


@api("/api/v1/archives", permission=Permission.READ, query=_ASKED)
def list_archives(call: Call) -> Answer:
    """A page of archived documents; ``direction``, ``since``, ``until``, ``accounting``,
    ``payment`` and ``page``."""
    asked = {
        "sens": _SIDES.get(call.query("direction", "purchase"), ""),
        "du": call.query("since"),
        "au": call.query("until"),
        "comptable": call.query("accounting"),
        "paiement": call.query("payment"),
    }
    wanted = wanted_of(asked)
    number = call.query("page", "1")
    fetched, paid = asked["comptable"], asked["paiement"]
    counted = number.isascii() and number.isdigit() and len(number) < 4
    faults = [
        not_known(path, value, known)
        for path, value, known, good in (
            ("direction", call.query("direction", "purchase"), _SIDES, bool(asked["sens"])),
            ("since", asked["du"], _DAY, not asked["du"] or wanted.since is not None),
            ("until", asked["au"], _DAY, not asked["au"] or wanted.until is not None),
            ("accounting", fetched, Accounting, fetched in ("", *Accounting)),
            ("payment", paid, PaymentStatus, paid in ("", *PaymentStatus)),
            ("page", number, ("1…999",), counted),
        )
        if not good
    ]
    if faults:
        raise InvalidError(tuple(faults), code="api.query")
    found = archives.archived(
        call.caller, wanted, call.context, order="date", descending=True, number=int(number)
    )
    return json_answer(
        {
            "documents": [
                {
                    **plain(one, call),
                    "accounting": one.accounting.value,
                    "fetched_at": one.fetched_at.isoformat() if one.fetched_at else None,
                    "fetched_by": one.fetched_by,
                    "payment": payment_status(one).value,
                    "files": sorted(role for role in one.files if not role.startswith("page-")),
                }
                for one in found.documents
            ],
            "pages": found.pages,
            "complete": found.whole,
        }
    )


@api("/api/v1/documents/{document}/files/{role}", permission=Permission.READ)
def fetch_file(call: Call, document: str, role: str) -> Answer:
    """A presigned link to a file, good for five minutes; fetching tells the accounting status."""
    url = queries.file_link(call.caller, document, role, call.context, download=True)
    head = call.context.store.document(DocumentRef(call.caller.dossier, document))
    given = call.request.method == "GET"  # HEAD gives no link: nothing was fetched
    if given and role in _FETCHED_BY and head.state is State.ARCHIVED:
        command = SetAccounting(
            dossier=head.dossier,
            document=head.id,
            status=Accounting.FETCHED.value,
            how=API,
            by=call.caller.user,
            by_name=call.caller.name,
        )
        archives.change_accounting(command, call.context)
    file = head.files[role]
    return json_answer(
        {
            "url": url,
            "filename": file.filename,
            "media_type": file.media_type,
            "size": file.size,
            "sha256": file.sha256,
            "expires_in": SECONDS,
        }
    )
