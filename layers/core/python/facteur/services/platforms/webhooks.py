"""A platform calls: checked, then it is asked what changed. Nothing in the call is believed.

The call is signed with the key that the platform gave when we subscribed (AFNOR 1.3.0):

    fingerprint = SHA256(body + "@" + timestamp)
    Afnor-Signature = base64(HMAC-SHA256(key, fingerprint))

The standard does not say whether the fingerprint is its 32 bytes or their hexadecimal text: both
are taken. A call older than five minutes, or seen before, changes nothing. What is taken only
makes a round of synchronisation come sooner; polling goes on whatever happens here.
"""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import timedelta

from facteur.domain.connections import PURPOSE, ConnectionState
from facteur.domain.errors import ForbiddenError, NotFoundError
from facteur.ports import Context
from facteur.services.access.signing_in import digest
from facteur.services.platforms.polling import sync_soon

OLDEST = timedelta(minutes=5)
GATHERED = timedelta(seconds=5)  # calls that come together ask once
MOST_BODY = 256 * 1024
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def received(
    dossier: str,
    connection: str,
    *,
    body: bytes,
    signature: str,
    timestamp: str,
    context: Context,
) -> None:
    """A call of a platform. NotFoundError for no live connection; ForbiddenError
    (``webhook.signature``, ``webhook.old``) for a call that is not the platform's."""
    held = context.connections.connection(dossier, connection)
    if held.state is not ConnectionState.CONNECTED or not held.webhook_key:
        raise NotFoundError("not_found")
    if len(body) > MOST_BODY or not _TIMESTAMP.fullmatch(timestamp):
        raise ForbiddenError("webhook.signature")
    try:
        key = base64.b64decode(
            context.secrets.open(held.webhook_key, dossier=dossier, purpose=PURPOSE),
            validate=True,
        )
    except (binascii.Error, ValueError) as error:
        raise ForbiddenError("webhook.signature") from error
    if not signed(key, body, timestamp, signature):
        raise ForbiddenError("webhook.signature")
    now = context.clock.now()
    if abs(now.timestamp() - int(timestamp)) > OLDEST.total_seconds():
        raise ForbiddenError("webhook.old")
    seconds = int(2 * OLDEST.total_seconds())
    seen = context.sessions.hit(f"webhook|{digest(signature)}", window_seconds=seconds)
    if seen > 1:
        return
    window = int(GATHERED.total_seconds())
    # One of those that come together asks, after the last of them: several messages for one
    # round would run beside each other, and all but one would fail and be tried again.
    if context.sessions.hit(f"webhook-round|{held.id}", window_seconds=window) == 1:
        sync_soon(held, f"hook-{int(now.timestamp()) // window}", context, wait=GATHERED)


def signed(key: bytes, body: bytes, timestamp: str, signature: str) -> bool:
    """True when a signature is the key's, over the fingerprint's bytes or its text."""
    fingerprint = hashlib.sha256(body + b"@" + timestamp.encode())
    sent = signature.strip().encode()
    found = False
    for message in (fingerprint.digest(), fingerprint.hexdigest().encode()):
        made = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest())
        found |= hmac.compare_digest(made, sent)
    return found
