"""What a view gives back, and the security headers that every answer carries.

The Content-Security-Policy is strict: no inline script or style, scripts by nonce, no frames, no
plug-ins; the origins of the presigned forms and page images are named only on the pages that use
them (decision 23). Sources: W3C CSP Level 3; OWASP Secure Headers Project.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from facteur.ports import UploadForm

PROBLEM = "application/problem+json; charset=utf-8"  # RFC 9457
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, body and headers of a response; ``cookies`` are whole Set-Cookie values."""

    body: str | bytes = ""
    status: int = 200
    media_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


def json_answer(
    value: object, status: int = 200, media_type: str = "application/json; charset=utf-8"
) -> Answer:
    """A JSON body."""
    return Answer(body=json.dumps(value, ensure_ascii=False), status=status, media_type=media_type)


def redirect(location: str, cookies: tuple[str, ...] = ()) -> Answer:
    """303: look there with GET. ``location`` comes from Site.link or from a presigned link."""
    return Answer(status=303, headers={"Location": location}, cookies=cookies)


def policy(nonce: str, origins: tuple[str, ...], *, camera: bool = False) -> str:
    """The Content-Security-Policy of a page; ``origins`` are those of our two buckets.

    ``camera``: the photo page, which shows what it took, searches it in a worker of ours, and can
    be installed.
    """
    held = " ".join(("'self'", *origins))
    more = ("worker-src 'self'", "manifest-src 'self'") if camera else ()
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            "style-src 'self'",
            f"img-src {held} data:" + (" blob:" if camera else ""),
            f"connect-src {held}",
            f"form-action {held}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            *more,
        )
    )


def security_headers(*, secure: bool, nonce: str, origins: tuple[str, ...]) -> dict[str, str]:
    """The headers of every answer that is not a static file."""
    headers = {
        "Content-Security-Policy": policy(nonce, origins),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
        "X-Robots-Tag": "noindex, nofollow",
        "Cache-Control": "no-store",
        "Vary": "Cookie, HX-Request",
    }
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def clean(value: str) -> str:
    """A header value on one line of ASCII, whatever it was made of: no response splitting, and
    nothing that a server cannot write (RFC 9110 §5.5)."""
    return "".join(one if one <= "~" else "?" for one in value if one >= " " and one != "\x7f")


def signed_form(form: UploadForm) -> Answer:
    """A presigned form for a script of ours: where to send the file, and the document to come."""
    body = {
        "url": form.url,
        "fields": dict(form.fields),
        "document": form.key.rsplit("/", 1)[-1],
    }
    return json_answer(body, 201)
