"""The local gateway serves a Chalice app with API Gateway's manners and limits."""

import asyncio
import json
import threading
from pathlib import Path

import pytest
from chalice import Blueprint, Chalice, Response
from facteur.local.gateway import Gateway
from facteur.web.failures import unknown_address, unknown_route

pages = Blueprint("pages")


@pages.route("/who", methods=["GET"])
def who():
    """Say who asked, after everybody has arrived."""
    name = pages.current_request.query_params["name"]
    pages.current_app_barrier.wait(5)
    return {"asked": name, "seen": pages.current_request.query_params["name"]}


def sample():
    """An app with the kinds of routes we have."""
    app = Chalice(app_name="sample")
    app.api.binary_types.append("application/pdf")

    @app.route("/hello/{name}", methods=["GET"])
    def hello(name):
        query = app.current_request.query_params or {}
        return {"name": name, "q": query.get("q")}

    @app.route("/form", methods=["POST"], content_types=["application/x-www-form-urlencoded"])
    def form():
        cookies = {"Set-Cookie": ["a=1", "b=2"], "Location": "/x"}
        return Response("", status_code=303, headers=cookies)

    @app.route("/cookies", methods=["GET"])
    def cookies():
        return app.current_request.headers["cookie"]

    @app.route("/pdf", methods=["GET"])
    def pdf():
        return Response(bytes(range(256)), headers={"Content-Type": "application/pdf"})

    @app.route("/bug", methods=["GET"])
    def bug():
        raise KeyError("secret")

    @app.route("/big", methods=["GET"])
    def big():
        return Response("x" * 6_400_000, headers={"Content-Type": "text/plain"})

    return app


def ask(gateway, method, path, *, body=b"", headers=(), query=""):
    """Make one request without a socket; status, headers, body."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1"), *headers],
    }
    chunks = [body[n : n + 65536] for n in range(0, len(body), 65536)] or [b""]
    messages = [{"type": "http.request", "body": c, "more_body": True} for c in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(gateway(scope, receive, send))
    return sent[0]["status"], sent[0]["headers"], sent[1]["body"]


def test_a_route_is_served_with_its_parameters():
    """Path and query reach the view, the query decoded."""
    status, headers, body = ask(Gateway(sample()), "GET", "/hello/anne", query="q=%C3%A9t%C3%A9")
    assert status == 200
    assert json.loads(body) == {"name": "anne", "q": "été"}
    assert (b"content-length", str(len(body)).encode()) in headers


def test_head_is_answered_without_a_body(tmp_path):
    """Static files and the laptop's own pages too: GET's status, no body, no length that lies."""
    (tmp_path / "site.css").write_text("p{}")
    own = {"/own": lambda: (200, {"content-type": "text/plain"}, b"own")}
    gateway = Gateway(sample(), static=("/static/1", tmp_path), pages=own)
    for path in ("/static/1/site.css", "/own"):
        status, headers, body = ask(gateway, "HEAD", path)
        assert (status, body) == (200, b""), path
        assert b"content-length" not in dict(headers)
    assert ask(gateway, "HEAD", "/hello/anne")[2] == b""


def test_several_cookies_are_set_and_read():
    """Repeated headers survive in both directions."""
    status, headers, _ = ask(
        Gateway(sample()),
        "POST",
        "/form",
        headers=[(b"content-type", b"application/x-www-form-urlencoded")],
    )
    assert status == 303
    assert [v for k, v in headers if k == b"set-cookie"] == [b"a=1", b"b=2"]
    _, _, body = ask(
        Gateway(sample()), "GET", "/cookies", headers=[(b"cookie", b"a=1"), (b"cookie", b"b=2")]
    )
    assert body == b"a=1; b=2"


def test_bytes_come_out_as_they_are():
    """Binary answers are decoded from the base64 that Lambda carries."""
    _, headers, body = ask(
        Gateway(sample()), "GET", "/pdf", headers=[(b"accept", b"application/pdf")]
    )
    assert body == bytes(range(256))
    assert (b"content-type", b"application/pdf") in headers


def test_a_bug_never_shows_its_insides():
    """Whatever the function dies of, the caller reads a sentence."""
    status, _, body = ask(Gateway(sample()), "GET", "/bug")
    assert status == 500
    assert b"secret" not in body


def test_a_request_over_ten_megabytes_is_refused():
    """Files go to S3 by presigned forms; the gateway would not carry them in the cloud."""
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    big = b"x" * (10 * 1024 * 1024 + 1)
    assert ask(Gateway(sample()), "POST", "/form", body=big, headers=headers)[0] == 413
    assert ask(Gateway(sample()), "POST", "/form", body=big[:-1], headers=headers)[0] == 303


def test_an_answer_over_six_megabytes_fails_as_in_the_cloud():
    """What works here must not fail there."""
    assert ask(Gateway(sample()), "GET", "/big")[0] == 502


def test_two_requests_at_a_time_do_not_swap_their_users():
    """Chalice keeps one current request per app; here each thread has its own."""
    app = Chalice(app_name="busy")
    app.register_blueprint(pages)
    pages.current_app_barrier = threading.Barrier(2)
    gateway = Gateway(app)
    answers = {}

    def request(name):
        answers[name] = ask(gateway, "GET", "/who", query=f"name={name}")[2]

    threads = [threading.Thread(target=request, args=(name,)) for name in ("anne", "paul")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers["anne"] == b'{"asked":"anne","seen":"anne"}'
    assert answers["paul"] == b'{"asked":"paul","seen":"paul"}'


@pytest.fixture
def static(tmp_path: Path):
    """A gateway with a folder of static files beside a secret."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "static"
    (folder / "abc123").mkdir(parents=True)
    (folder / "abc123" / "site.css").write_text("body{}")
    return Gateway(sample(), static=("/static", folder))


def test_a_static_file_is_served_for_a_year(static):
    """Its path holds its content's hash, so it never changes."""
    status, headers, body = ask(static, "GET", "/static/abc123/site.css")
    assert (status, body) == (200, b"body{}")
    assert (b"content-type", b"text/css; charset=utf-8") in headers
    assert (b"cache-control", b"public, max-age=31536000, immutable") in headers


@pytest.mark.parametrize(
    "path", ["/static/../secret.txt", "/static//etc/passwd", "/static/abc123"]
)
def test_nothing_outside_the_static_folder_is_served(static, path):
    """No path leads out of the folder."""
    assert ask(static, "GET", path)[0] == 404


def test_an_unknown_address_gets_a_french_page_and_a_program_its_json():
    """The page that the cloud's API Gateway is told to answer, with a link home."""
    accept = [(b"accept", b"text/html,application/xhtml+xml")]
    status, headers, body = ask(Gateway(sample()), "GET", "/nulle-part", headers=accept)
    assert status == 404
    assert (b"content-type", b"text/html; charset=utf-8") in headers
    assert "Nous n’avons rien trouvé ici" in body.decode()
    assert 'href="/"' in body.decode()

    key = [(b"authorization", b"Bearer fct_secret")]  # which API Gateway would repeat
    for heard in ([], key):
        status, _, body = ask(Gateway(sample()), "GET", "/nulle-part", headers=heard)
        assert status == 404
        assert json.loads(body)["code"] == "not_found"
        assert b"fct_secret" not in body


def test_the_cloud_answers_an_unknown_address_with_the_same_page():
    """One page: API Gateway's own response holds what failures.py writes."""
    template = Path(__file__).parents[2] / "infrastructure" / "merge" / "web.json"
    properties = json.loads(template.read_text("utf-8"))["Resources"]["RestAPI"]["Properties"]
    answers = properties["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]
    answer = answers["MISSING_AUTHENTICATION_TOKEN"]
    assert answer["statusCode"] == "404"
    assert answer["responseTemplates"]["text/html"] == {"Fn::Sub": unknown_address("${SiteUrl}/")}
    assert answer["responseTemplates"]["application/json"] == unknown_route()
    assert answers["INVALID_SIGNATURE"]["responseTemplates"]["application/json"] == unknown_route()
    said = json.loads(unknown_route())  # a problem, AFNOR's Error and an error of OAuth at once
    assert ("NOT_FOUND", "invalid_request") == (said["errorCode"], said["error"])
    assert said["detail"] == said["errorMessage"]
