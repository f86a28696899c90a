"""One client per AWS service and per process, all with the same time-outs and retries.

botocore, not boto3: nothing here needs boto3's resources, and each import counts in a cold start.
A client is made when it is first asked for; creating one is not thread-safe, using it is.

On AWS a bucket stands in the host, of its own region: the global host that presigned links get by
default answers with a redirect, which a Content-Security-Policy stops. Away from AWS (the embedded
platform: ``endpoint_url`` here, or AWS_ENDPOINT_URL, which botocore reads) a bucket stands in the
path, because nobody resolves ``bucket.127.0.0.1``.

Whoever wants to count calls or measure them registers on ``session``'s event emitter.
"""

import threading
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config

_COMMON = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=16,
    tcp_keepalive=True,
)
_OWN = {
    # Validation in the client costs more than a call's own work; the service validates anyway.
    "dynamodb": Config(parameter_validation=False, read_timeout=5),
    # Links are signed with version 4 everywhere: objects under a KMS key answer nothing else.
    "s3": Config(signature_version="s3v4", read_timeout=60, s3={"addressing_style": "virtual"}),
    "textract": Config(read_timeout=60),
}


class Clients:
    """The AWS clients of a process, made on first use."""

    def __init__(
        self, *, endpoint_url: str = "", session: botocore.session.Session | None = None
    ) -> None:
        """Credentials and region come from ``session``, by default from the function's role."""
        self._endpoint = endpoint_url or None
        self._session = session
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()

    @property
    def session(self) -> botocore.session.Session:
        """The botocore session that the clients come from."""
        if self._session is None:
            self._session = botocore.session.Session()
        return self._session

    def __call__(self, service: str) -> Any:
        """The client of a service ("s3", "sqs", "dynamodb", "cognito-idp"…)."""
        if service not in self._made:
            with self._lock:
                if service not in self._made:
                    self._made[service] = self._make(service)
        return self._made[service]

    def _make(self, service: str) -> Any:
        config = _COMMON.merge(_OWN[service]) if service in _OWN else _COMMON
        made = self.session.create_client(service, endpoint_url=self._endpoint, config=config)
        if service == "s3" and not _of_aws(made.meta.endpoint_url):
            config = config.merge(Config(s3={"addressing_style": "path"}))
            made = self.session.create_client(service, endpoint_url=self._endpoint, config=config)
        if service == "cognito-idp" and not _of_aws(made.meta.endpoint_url):
            # Some calls carry a user's token and no signature: the emulator tells accounts apart
            # by the signature alone.
            made.meta.events.register("choose-signer.cognito-identity-provider", _signed)  # type: ignore[arg-type]
        return made


def _signed(**_of_the_call: Any) -> str:
    return "v4"


def _of_aws(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
