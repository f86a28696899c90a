"""Failures: the errors of AWS's libraries become ours, and nothing else does."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ReadTimeoutError,
)
from facteur.adapters.aws.failures import code_of, failures
from facteur.domain.errors import ConflictError, NotFoundError, UnavailableError
from pynamodb.exceptions import GetError


def answer(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "…"}}, "GetThing")


@pytest.mark.parametrize(
    "error",
    [
        answer("SlowDown"),
        answer("ThrottlingException"),
        answer("503"),
        answer("ExpiredTokenException"),
        GetError("no", answer("ProvisionedThroughputExceededException")),
        GetError("no", ReadTimeoutError(endpoint_url="http://x")),
        ConnectTimeoutError(endpoint_url="http://x"),
    ],
    ids=str,
)
def test_what_may_pass_is_unavailable(error: Exception) -> None:
    """Throttling, server errors and broken lines are worth another try: the queue makes it."""
    with pytest.raises(UnavailableError) as caught, failures("dynamodb", table="t"):
        raise error
    assert caught.value.values["service"] == "dynamodb"
    assert caught.value.values["table"] == "t"
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion", "404"])
def test_what_is_not_there_is_not_found(code: str) -> None:
    """A missing object is NotFoundError, whatever S3 calls it."""
    with pytest.raises(NotFoundError), failures("s3"):
        raise answer(code)


@pytest.mark.parametrize(
    "error",
    [answer("AccessDenied"), answer("ValidationException"), NoCredentialsError(), KeyError("x")],
    ids=str,
)
def test_a_bug_stays_a_bug(error: Exception) -> None:
    """A denied access or a wrong request is left as it is: polite messages would hide it."""
    with pytest.raises(type(error)) as caught, failures("s3"):
        raise error
    assert caught.value is error


def test_our_own_errors_pass_untouched() -> None:
    """An error of ours raised inside the block keeps its kind and its values."""
    with pytest.raises(ConflictError, match="taken"), failures("s3"):
        raise ConflictError("taken")


def test_the_code_behind_an_error_can_be_read() -> None:
    """The service's code is found behind botocore's and pynamodb's wrappings, "" elsewhere."""
    assert code_of(GetError("no", answer("SlowDown"))) == "SlowDown"
    assert code_of(answer("SlowDown")) == "SlowDown"
    assert code_of(ValueError("x")) == ""
