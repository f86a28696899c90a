"""``POST /pa/webhooks/{dossier}/{connection}``: a platform says that something changed (PE-16).

The call is authenticated by its signature alone (services/platforms/webhooks.py); nothing it
says is believed. Answered at once: the work is the pipeline's.
Source: AFNOR XP Z12-013 1.3.0, webhooks.
"""

from typing import Any

from facteur.domain.errors import FacteurError, ForbiddenError, NotFoundError
from facteur.services.platforms import webhooks
from facteur.web.answers import Answer
from facteur.web.api.calls import API_HEADERS, guarded
from facteur.web.site import JSON, ROUTES, Route, Scope, Site, with_headers

PATH = "/pa/webhooks/{dossier}/{connection}"


def platform_calls(site: Site, request: Any, dossier: str, connection: str) -> Answer:
    """Take a platform's call: 200 and nothing else."""
    body = request.raw_body or b""
    webhooks.received(
        dossier,
        connection,
        body=body if isinstance(body, bytes) else body.encode(),
        signature=request.headers.get("afnor-signature", ""),
        timestamp=request.headers.get("afnor-signature-timestamp", ""),
        context=site.context,
    )
    return Answer(status=200)


def serve(route: Route, site: Site, request: Any, arguments: dict[str, str]) -> Answer:
    """Answer a platform: no cookie is read; why a call is refused is nobody's business."""
    answer = guarded(
        f"{route.method} {route.path}",
        lambda: platform_calls(site, request, **arguments),
        _refused,
    )
    return with_headers(answer, API_HEADERS)


def _refused(error: FacteurError) -> Answer:
    if isinstance(error, NotFoundError):
        return Answer(status=404)
    return Answer(status=403 if isinstance(error, ForbiddenError) else 503)


ROUTES.append(
    Route(
        path=PATH,
        method="POST",
        view=platform_calls,
        serve=serve,
        permission=None,
        content_types=(JSON,),
        scope=Scope.PROGRAM,
    )
)
