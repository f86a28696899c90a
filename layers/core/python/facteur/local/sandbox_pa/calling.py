"""Webhooks of the test platform: signed calls, tried again more and more rarely.

Source: XP Z12-013 1.3.0, WebhookCallback: Afnor-Signature is the HMAC-SHA-256 of a fingerprint,
which is the SHA-256 of the body, « @ » and the time.
"""

import base64
import hashlib
import hmac
import http.client
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from facteur.local.sandbox_pa.shapes import flow_json, to_bytes
from facteur.local.sandbox_pa.store import StoredFlow

log = logging.getLogger(__name__)

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_PAUSES = (1, 5, 30, 120, 600)  # seconds before each further try
_SECONDS = 5


def signature(key: bytes, body: bytes, timestamp: int) -> str:
    """The value of Afnor-Signature."""
    fingerprint = hashlib.sha256(body + b"@" + str(timestamp).encode()).digest()
    return base64.b64encode(hmac.digest(key, fingerprint, "sha256")).decode()


def is_local(url: str) -> bool:
    """True for an address of this machine: the test platform calls no other."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and parts.hostname in _LOCAL


class Calling:
    """Makes the calls. ``pauses``: seconds before each further try."""

    def __init__(self, pauses: Sequence[float] = _PAUSES) -> None:
        self._pauses = pauses

    def call(
        self,
        job: Mapping[str, Any],
        found: tuple[Mapping[str, Any], StoredFlow] | None,
        now: int,
    ) -> int | None:
        """Call once; when to try again (microseconds), None when there is no need, or no hope."""
        if found is None:
            return None
        webhook, flow = found
        body = to_bytes(flow_json(flow))
        seconds = now // 1_000_000
        headers = {
            "Content-Type": "application/json",
            "Afnor-Signature": signature(base64.b64decode(webhook["signingKey"]), body, seconds),
            "Afnor-Signature-Timestamp": str(seconds),
        }
        if _posted(webhook["callbackUrl"], body, headers):
            return None
        attempt = int(job["attempt"])
        if attempt > len(self._pauses):
            log.warning("webhook %s was given up", job["webhook"])
            return None
        return now + round(self._pauses[attempt - 1] * 1_000_000)


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> bool:
    parts = urlsplit(url)
    if not is_local(url) or parts.hostname is None:
        return False
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=_SECONDS)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, dict(headers))
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException) as error:
        log.info("webhook %s: %s", url, type(error).__name__)
        return False
    finally:
        connection.close()
