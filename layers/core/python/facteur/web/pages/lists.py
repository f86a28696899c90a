"""Factures d'achat and Factures de vente: tabs, filters, and what is uploaded there.

Files never pass through us: the browser sends them straight to the bucket with a presigned form
(size and type enforced there). With JavaScript one form is asked for per file and progress shows;
without it, a page holds a plain form and S3 sends the browser back to the list.
"""

from facteur.domain.declaring import kind_of
from facteur.domain.documents import Channel
from facteur.domain.dossiers import Permission
from facteur.domain.errors import FacteurError, NotFoundError
from facteur.ports import UploadForm
from facteur.services.deciding import trashing
from facteur.services.finding import queries, searching
from facteur.services.intake import addresses, uploads
from facteur.web import failures
from facteur.web.answers import Answer, signed_form
from facteur.web.forms.filters import filters_of
from facteur.web.forms.numbers import whole
from facteur.web.i18n import _
from facteur.web.showing import present
from facteur.web.site import page
from facteur.web.visit import Visit

#: What the plain form offers: (value, label, media type, file names accepted).
_TYPES = (
    ("pdf", "PDF ou Factur-X", "application/pdf", ".pdf"),
    ("xml", "XML (CII ou UBL)", "application/xml", ".xml"),
    ("jpg", "Photo JPEG", "image/jpeg", ".jpg,.jpeg"),
    ("png", "Image PNG", "image/png", ".png"),
    ("heic", "Photo HEIC", "image/heic", ".heic,.heif"),
    ("tif", "Image TIFF", "image/tiff", ".tif,.tiff"),
)


@page("/achats")
def purchases(visit: Visit) -> Answer:
    """The purchases, by tab."""
    return _list(visit, present.PURCHASES)


@page("/ventes")
def sales(visit: Visit) -> Answer:
    """The sales received by mail, upload or API, by tab."""
    return _list(visit, present.SALES)


def _list(visit: Visit, folder: present.Folder) -> Answer:
    slug = visit.query("onglet", "reception")
    tab = next((one for one in present.TABS if one.slug == slug), None)
    if tab is None:
        raise NotFoundError("page.unknown", page=slug)
    after, filters = visit.query("apres"), filters_of(visit)
    found = queries.documents(
        visit.caller, folder.direction, tab.key, after, visit.context, filters.asked
    )
    return visit.page(
        "documents.html",
        part="_documents.html",
        storage=True,
        folder=folder,
        tabs=_tabs(found, slug),
        slug=slug,
        after=after,
        list=found,
        offered=trashing.offered(found.documents) if visit.can("decide") else frozenset(),
        filters=filters,
        views=searching.views(visit.caller, folder.path, visit.context),
        reasons=present.refusals(),
        undo=visit.query("lot") if visit.query("fait") == "bulk_trash" else "",
        kept={"onglet": slug, **filters.query},
        channels=[(one.value, present.channel_of(one).label) for one in Channel],
        max_bytes=visit.context.limits.upload_bytes,
        address=_address(visit, folder),
    )


#: Tabs that are shown while they hold something.
_WHEN_SOME = frozenset({queries.UNSEEN, "to_send"})


def _tabs(found: queries.DocumentList, slug: str) -> list[present.Tab]:
    """The tabs; those of received statuses and of what is to be sent only while there is some."""
    return [
        one
        for one in present.TABS
        if one.key not in _WHEN_SOME or one.slug == slug or found.counts[one.key]
    ]


def _address(visit: Visit, folder: present.Folder) -> str:
    dossier = visit.context.store.dossier(visit.caller.dossier)
    return addresses.shown(dossier, visit.context)[folder.direction]


@page("/achats/deposer", permission=Permission.UPLOAD)
def purchase_upload(visit: Visit) -> Answer:
    """The plain upload form of the purchases."""
    return _plain_form(visit, present.PURCHASES)


@page("/ventes/deposer", permission=Permission.UPLOAD)
def sale_upload(visit: Visit) -> Answer:
    """The plain upload form of the sales."""
    return _plain_form(visit, present.SALES)


def _plain_form(visit: Visit, folder: present.Folder) -> Answer:
    chosen = next((one for one in _TYPES if one[0] == visit.query("type")), None)
    form: UploadForm | None = None
    if chosen is not None:
        form = uploads.upload_form(
            visit.caller,
            filename=_("facture") + f".{chosen[0]}",
            media_type=chosen[2],
            size=visit.context.limits.upload_bytes,
            direction=folder.direction,
            channel=Channel.UPLOAD,
            context=visit.context,
            redirect=visit.site.url(folder.path, fait="uploaded"),
            declared=kind_of(visit.query("declared_kind")),
        )
    return visit.page(
        "upload.html",
        storage=True,
        folder=folder,
        form=form,
        types=[(value, _(label)) for value, label, _media, _names in _TYPES],
        type_label=_(chosen[1]) if chosen else "",
        accept=chosen[3] if chosen else "",
    )


@page("/achats/deposer", "POST", permission=Permission.UPLOAD)
def purchase_form(visit: Visit) -> Answer:
    """A presigned form for one file of the purchases, for upload.js."""
    return _presigned(visit, present.PURCHASES)


@page("/ventes/deposer", "POST", permission=Permission.UPLOAD)
def sale_form(visit: Visit) -> Answer:
    """A presigned form for one file of the sales, for upload.js."""
    return _presigned(visit, present.SALES)


def _presigned(visit: Visit, folder: present.Folder) -> Answer:
    size = visit.field("size")
    try:
        form = uploads.upload_form(
            visit.caller,
            filename=visit.field("filename") or "document",
            media_type=visit.field("media_type"),
            size=whole(size, digits=15, otherwise=0),
            direction=folder.direction,
            channel=Channel.UPLOAD,
            context=visit.context,
            declared=kind_of(visit.field("declared_kind")),
        )
    except FacteurError as error:
        return failures.problem(error, "fr")
    return signed_form(form)
