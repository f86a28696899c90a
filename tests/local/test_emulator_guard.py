"""A page of another site, open in the same browser, must not reach the invoices."""

import pytest
import requests
from facteur.local.emulator.guard import allowed

SITE = "http://127.0.0.1:8642"
SIGNED = "AWS4-HMAC-SHA256 Credential=000000000000/20261120/eu-west-3/sqs/aws4_request"


def request(method="POST", path="/", query="", **headers):
    """A request as the guard sees it; underscores of the names stand for dashes."""
    given = {"host": "127.0.0.1:8645", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(k.encode(), v.encode()) for k, v in given.items()],
    }


@pytest.mark.parametrize(
    "wanted",
    [
        request(authorization=SIGNED),
        request("GET", "/bucket/key", "X-Amz-Signature=abc"),
        request("GET", "/bucket/key", "X-Amz-Signature=abc", sec_fetch_site="cross-site"),
        request("POST", "/bucket", content_type="multipart/form-data; boundary=x", origin=SITE),
        request("OPTIONS", "/bucket", origin=SITE),
        request("GET", "/_ministack/health"),
        request("GET", "/restapis/a/api/_user_request_/", origin=SITE, sec_fetch_site="none"),
        request("GET", "/", host="a.execute-api.localhost:8645"),
    ],
)
def test_what_the_product_needs_passes(wanted):
    """Signed calls, presigned links and forms, preflights, deployed APIs."""
    assert allowed(wanted)


@pytest.mark.parametrize(
    "unwanted",
    [
        request(),
        request("GET", "/bucket"),
        request(authorization=SIGNED, origin="http://elsewhere.example"),
        request(authorization=SIGNED, sec_fetch_site="cross-site"),
        request(authorization=SIGNED, host="rebound.example:8645"),
        request("GET", "/bucket/key", "X-Amz-Signature=abc", host="rebound.example"),
        request(authorization=SIGNED, host="evil127.0.0.1"),
        request("GET", "/bucket/_user_request_/key"),
        request("POST", "/_ministack/reset"),
        request("POST", "/_ministack/config", authorization=SIGNED),
        request("GET", "/_ministack/ses/messages", origin="http://elsewhere.example"),
        request("POST", "/", content_type="text/plain", origin="http://elsewhere.example"),
    ],
)
def test_everything_else_is_refused(unwanted):
    """Unsigned calls, calls from pages, foreign names, the emulator's own management."""
    assert not allowed(unwanted)


def test_the_running_emulator_is_guarded(emulator):
    """The guard stands in front of the served application."""
    reset = requests.post(f"{emulator.endpoint}/_ministack/reset", timeout=5)
    assert reset.status_code == 403
    page = requests.post(
        emulator.endpoint,
        headers={
            "Origin": "http://elsewhere.example",
            "X-Amz-Target": "DynamoDB_20120810.ListTables",
            "Authorization": SIGNED,
        },
        data="{}",
        timeout=5,
    )
    assert page.status_code == 403


def test_a_form_signed_with_another_secret_is_refused(platform):
    """The signature of a presigned form is checked, not only its policy."""
    import boto3
    from botocore.config import Config

    stranger = boto3.client(
        "s3",
        endpoint_url=platform.aws.endpoint,
        region_name="eu-west-3",
        aws_access_key_id=platform.aws.account,
        aws_secret_access_key="guessed",
        config=Config(signature_version="s3v4"),
    )
    form = stranger.generate_presigned_post(platform["FACTEUR_INTAKE_BUCKET"], "uploads/d/1")
    answer = requests.post(form["url"], data=form["fields"], files={"file": b"x"}, timeout=5)
    assert answer.status_code == 403
