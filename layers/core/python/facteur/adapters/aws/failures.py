"""botocore's and pynamodb's errors → ours (domain/errors.py), in one place.

What may pass by itself (throttling, a time-out, a server error, credentials being renewed) is
UnavailableError("unavailable"): the queue tries again, then the dead letters wake a human. What is
not there is NotFoundError("not_found"). Everything else, a denied access or a malformed request,
is a bug or a wrong installation: it is left as it is, outside our tree, for the dead letters and
the alarm.

Codes: DynamoDB, S3, SQS and Cognito API references, section "Common errors" of each.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto
from pynamodb.exceptions import PynamoDBException

from facteur.domain.errors import FacteurError, NotFoundError, UnavailableError

#: Everything that AWS's libraries raise.
THEIRS = (boto.ClientError, boto.BotoCoreError, PynamoDBException)

_ABSENT = frozenset({"404", "NoSuchKey", "NoSuchVersion", "NotFound"})

_PASSING = frozenset({
    "500", "502", "503", "504", "429",
    "InternalError", "InternalFailure", "InternalServerError", "InternalErrorException",
    "ServiceUnavailable", "SlowDown", "RequestTimeout", "RequestTimeoutException",
    "ThrottlingException", "ThrottlingError", "Throttling", "ThrottledException",
    "ProvisionedThroughputExceededException", "ProvisionedThroughputExceeded",
    "RequestLimitExceeded", "TooManyRequestsException", "LimitExceededException", "KmsThrottled",
    "TransactionConflict", "TransactionConflictException", "TransactionInProgressException",
    "OperationAborted", "ConditionalRequestConflict",
    "ExpiredToken", "ExpiredTokenException", "RequestExpired",
})  # fmt: skip

_BROKEN_LINE = (boto.ConnectionError, boto.HTTPClientError, boto.IncompleteReadError)


def code_of(error: BaseException) -> str:
    """The service's error code behind an error of botocore or pynamodb, "" when there is none."""
    response = getattr(_cause(error), "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def translated(error: BaseException, service: str, **values: object) -> FacteurError | None:
    """Our error for theirs, carrying ``values``; None when it is none that we translate."""
    code = code_of(error)
    if code in _ABSENT:
        return NotFoundError("not_found", service=service, **values)
    if passing(code) or isinstance(_cause(error), _BROKEN_LINE):
        reason = code or type(_cause(error)).__name__
        return UnavailableError("unavailable", service=service, reason=reason, **values)
    return None


def passing(code: str) -> bool:
    """True for an error code that trying again later may mend."""
    return code in _PASSING


@contextmanager
def failures(service: str, **values: object) -> Iterator[None]:
    """Run a block of calls to one service; what it raises is translated, with ``values`` added."""
    try:
        yield
    except THEIRS as error:
        ours = translated(error, service, **values)
        if ours is None:
            raise
        raise ours from error


def _cause(error: BaseException) -> BaseException:
    """botocore's error behind one of pynamodb's."""
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, BaseException) else error
