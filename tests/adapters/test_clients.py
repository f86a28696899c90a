"""Clients: one per service, patient but not for ever, on the right host."""

import threading
from typing import Any

import botocore.session
import pytest
from facteur.adapters.aws.clients import Clients


@pytest.fixture
def session() -> botocore.session.Session:
    made = botocore.session.Session()
    made.set_credentials("AKIDEXAMPLE", "secret")
    made.set_config_variable("region", "eu-west-3")
    made.set_config_variable("ignore_configured_endpoint_urls", True)
    return made


def test_a_client_is_made_once_even_by_several_threads(session: botocore.session.Session) -> None:
    """Making a client is slow and not thread-safe: one is made, all share it."""
    clients = Clients(session=session)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(clients("sqs"))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 8
    assert len({id(one) for one in found}) == 1


@pytest.mark.parametrize("service", ["s3", "sqs", "dynamodb", "cognito-idp", "textract"])
def test_no_call_waits_for_ever(session: botocore.session.Session, service: str) -> None:
    """Every client has time-outs shorter than a function's, and tries a few times."""
    config = Clients(session=session)(service).meta.config
    assert config.connect_timeout <= 5
    assert config.read_timeout <= 60
    assert 2 <= config.retries["total_max_attempts"] <= 5


def test_buckets_stand_in_the_path_away_from_aws(session: botocore.session.Session) -> None:
    """On the laptop nobody resolves bucket.localhost; links are signed for the host itself."""
    s3 = Clients(endpoint_url="http://localhost:8645", session=session)("s3")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "b-1", "Key": "k"})
    assert link.startswith("http://localhost:8645/b-1/k?")


def test_links_are_signed_with_version_four(session: botocore.session.Session) -> None:
    """Older signatures open nothing that is encrypted with a key of ours."""
    s3 = Clients(session=session)("s3")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "b-1", "Key": "k"})
    assert link.startswith("https://b-1.s3.eu-west-3.amazonaws.com/k?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link


def test_calls_can_be_counted(session: botocore.session.Session) -> None:
    """Whoever measures registers on the session and hears every call of every client."""
    heard: list[str] = []

    def hear(event_name: str, **_: object) -> None:
        heard.append(event_name)

    clients = Clients(session=session)
    clients.session.register("provide-client-params.*.*", hear)
    clients("s3").generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    assert heard == ["provide-client-params.s3.GetObject"]
