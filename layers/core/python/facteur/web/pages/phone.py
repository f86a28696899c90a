"""« Photographier »: the phone's own page, installable, working without a network (JF-15 to 17).

The page (templates/phone.html) holds nothing of anybody, neither a name nor a token, because the
phone keeps a copy of it to open offline. Who is signed in is asked by ``/photo/session`` when
there is something to send. Shots stay on the phone until the storage has them
(static/phone-queue.js); each has a name given there, so that sending again makes no double.
Sources: W3C Web App Manifest (share_target: WICG Web Share Target), Service Workers, CSP Level 3.
"""

import json

from facteur.domain.declaring import kind_of
from facteur.domain.documents import Channel, Direction
from facteur.domain.dossiers import Permission
from facteur.domain.errors import FacteurError, InvalidError
from facteur.domain.faults import Fault
from facteur.services.intake import uploads
from facteur.web import failures
from facteur.web.answers import Answer, json_answer, policy, signed_form
from facteur.web.forms.numbers import whole
from facteur.web.i18n import _
from facteur.web.site import Site, page
from facteur.web.visit import Visit

PAGE, SESSION, SEND, SHARE, WORKER, MANIFEST = (
    "/photo",
    "/photo/session",
    "/photo/envoi",
    "/photo/partage",
    "/sw.js",
    "/manifest.webmanifest",
)
#: What the page needs to open offline.
FILES = (
    "tabler.min.css",
    "facteur.css",
    "phone.css",
    "icons.svg",
    "logo.svg",
    "phone.js",
    "phone-queue.js",
    "phone-pdf.js",
    "phone-detector.js",
    "phone-worker.js",
)
#: What the sender chooses from (JF-17): direction and kind, and the words.
_KINDS = (
    ("purchase:invoice", _("Facture d’achat")),
    ("purchase:credit_note", _("Avoir")),
    ("sale:invoice", _("Facture de vente")),
    ("purchase:other", _("Autre document")),
)
_CAMERA = "camera=(self), microphone=(), geolocation=(), interest-cohort=()"
_MOST_NAME = 64


@page(PAGE, permission=Permission.UPLOAD)
def phone(visit: Visit) -> Answer:
    """The camera, the pages taken, their type, what waits to be sent."""
    origins = visit.context.blobs.origins()
    return visit.page(
        "phone.html",
        headers={
            "Content-Security-Policy": policy(visit.nonce, origins, camera=True),
            "Permissions-Policy": _CAMERA,
        },
        config=config(visit.site),
        kinds=_KINDS,
    )


def config(site: Site) -> dict[str, object]:
    """Where things are, for the page's scripts and for its service worker."""
    return {
        "page": site.link(PAGE),
        "session": site.link(SESSION),
        "send": site.link(SEND),
        "share": site.link(SHARE),
        "worker": site.link(WORKER),
        "signin": site.link("/connexion", retour=PAGE),
        "documents": site.link("/factures/"),
        "detector": site.static("phone-detector.js"),
        "files": [site.static(name) for name in FILES],
    }


@page(SESSION, permission=Permission.UPLOAD)
def phone_session(visit: Visit) -> Answer:
    """Who sends, in which dossier: the token of the forms, and what a file may weigh."""
    dossier = visit.context.store.dossier(visit.caller.dossier)
    return json_answer(
        {
            "csrf": visit.csrf,
            "dossier": dossier.id,
            "company": dossier.name,
            "max": visit.context.limits.upload_bytes,
        }
    )


@page(SEND, "POST", permission=Permission.UPLOAD)
def phone_form(visit: Visit) -> Answer:
    """A presigned form for one document; the same ``once`` always makes the same document."""
    size, once = visit.field("size"), visit.field("once")
    try:
        if not once or len(once) > _MOST_NAME:
            raise InvalidError((Fault(code="photo.once", path="once"),))
        sale = visit.field("direction") == Direction.SALE.value
        form = uploads.upload_form(
            visit.caller,
            filename=visit.field("filename") or "photo.jpg",
            media_type=visit.field("media_type"),
            size=whole(size, digits=15, otherwise=0),
            direction=Direction.SALE if sale else Direction.PURCHASE,
            channel=Channel.PHOTO,
            context=visit.context,
            declared=kind_of(visit.field("declared_kind")),
            once=once,
        )
    except FacteurError as error:
        return failures.problem(error, "fr")
    return signed_form(form)


@page(WORKER, permission=None)
def service_worker(visit: Visit) -> Answer:
    """The service worker: where things are, then the scripts that do the work.

    Served beside the page, not among the static files: a worker governs only what lies under its
    own address, and its address must not change from one build to the next.
    """
    origins = " ".join(("'self'", *visit.context.blobs.origins()))
    scripts = ", ".join(
        json.dumps(visit.site.static(name)) for name in ("phone-queue.js", "phone-worker.js")
    )
    body = f"self.facteurConfig = {json.dumps(config(visit.site))};\nimportScripts({scripts});\n"
    return Answer(
        body=body,
        media_type="text/javascript; charset=utf-8",
        headers={
            "Content-Security-Policy": f"default-src 'none'; script-src 'self'; "
            f"connect-src {origins}",
            "Cache-Control": "no-cache",
        },
    )


@page(MANIFEST, permission=None)
def manifest(visit: Visit) -> Answer:
    """What makes the pages an application that a phone installs, and a target of « Partager »."""
    site = visit.site
    body = {
        "id": site.link(PAGE),
        "name": "Facteur",
        "short_name": "Facteur",
        "description": "Photographier, recevoir et archiver ses factures.",
        "lang": "fr",
        "start_url": site.link(PAGE),
        "scope": site.link("/"),
        "display": "standalone",
        "background_color": "#f4f6f8",
        "theme_color": "#0b5c7d",
        "icons": [
            {"src": site.static("logo.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": site.static("icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": site.static("icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {
                "src": site.static("icon-maskable-512.png"),
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
        ],
        "shortcuts": [
            {"name": "Photographier", "url": site.link(PAGE)},
            {"name": "Factures d’achat", "url": site.link("/achats")},
        ],
        "share_target": {
            "action": site.link(SHARE),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "files", "accept": ["image/*", "application/pdf"]}]},
        },
    }
    return Answer(
        body=json.dumps(body, ensure_ascii=False),
        media_type="application/manifest+json; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )
