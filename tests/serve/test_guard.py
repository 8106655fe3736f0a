"""Who may ask what, from where, and what every answer says to a browser."""

from __future__ import annotations

import time

import pytest

from blurprint.serve.guard import PAGE_POLICY
from blurprint.serve.token import COOKIE, SESSION_S, is_session, new_session
from served import acting_service, client_of, sent

TOKEN = "correct horse battery"
UNKNOWN = "x" * 32
ADDRESSES = [
    ("GET", "/", 200),
    ("GET", "/static/nothing.js", 404),
    ("GET", "/v1/healthz", 200),
    ("GET", "/v1/limits", 200),
    ("GET", "/metrics", 200),
    ("GET", "/openapi.json", 200),
    ("GET", "/nowhere", 404),
    ("GET", "/docs", 404),
    ("GET", f"/v1/results/{UNKNOWN}", 404),
    ("GET", f"/v1/results/{UNKNOWN}/map.png", 404),
    ("GET", "/v1/results/..%2f..%2findex.sqlite", 404),
    ("GET", "/v1/results/%00", 404),
    ("DELETE", f"/v1/results/{UNKNOWN}", 404),
    ("GET", "/v1/analyze", 405),
    ("PUT", "/v1/analyze", 405),
    ("OPTIONS", "/v1/analyze", 405),
    ("POST", "/v1/analyze", 415),
    ("HEAD", "/", 200),
    ("HEAD", "/v1/limits", 200),
    ("HEAD", "/nowhere", 404),
    ("HEAD", f"/v1/results/{UNKNOWN}", 404),
    ("HEAD", "/v1/analyze", 405),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with client_of(acting_service(tmp_path_factory.mktemp("open"), wait_s=20)) as one:
        yield one


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    service = acting_service(tmp_path_factory.mktemp("locked"), token=TOKEN, wait_s=20)
    with client_of(service) as one:
        yield one


@pytest.fixture
def stranger(locked):
    locked.cookies.clear()
    return locked


def test_what_can_be_read_answers_head_without_content(client):
    link = client.post("/v1/analyze", files=sent("a")).json()["results"][0]["links"]["self"]
    for address in ("/", "/static/main.js", "/v1/limits", link, f"{link}/report.json"):
        read, head = client.get(address), client.head(address)
        assert (head.status_code, head.content) == (200, b""), address
        assert head.headers == read.headers
    assert client.head(f"{link}/map.png").status_code == client.get(f"{link}/map.png").status_code
    assert client.get(link).status_code == 200
    client.delete(link)
    assert client.head(link).status_code == 404
    assert 'method="HEAD",route="/v1/limits",status="200"' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        (f"/v1/results/{UNKNOWN}", "DELETE, GET, HEAD"),
        ("/v1/analyze", "POST"),
        ("/v1/limits", "GET, HEAD"),
        ("/", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(client, address, allowed):
    answer = client.put(address)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize(("method", "address", "status"), ADDRESSES)
def test_every_answer_has_its_headers(client, method, address, status):
    answer = client.request(method, address)
    assert answer.status_code == status
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=(self)" in headers["permissions-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers
    if status >= 400 and method != "HEAD":
        assert set(answer.json()) == {"error"}
        assert set(answer.json()["error"]) == {"code", "message"}


def test_the_page_may_load_its_own_files_only(client):
    policy = client.get("/").headers["content-security-policy"]
    assert policy == PAGE_POLICY
    assert "script-src 'self'" in policy


def test_the_files_of_the_page_are_served_by_name_only(client, monkeypatch):
    files = {"index.html": b"page", "icon.svg": b"<svg/>", "page.js": b"let a;"}
    monkeypatch.setattr("blurprint.serve.pages._assets", lambda: files)
    for address, content, kind in (
        ("/", b"page", "text/html"),
        ("/static/page.js", b"let a;", "text/javascript"),
        ("/favicon.ico", b"<svg/>", "image/svg+xml"),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-security-policy"] == PAGE_POLICY
    for address in ("/static/index.html", "/static/..%2fapi.py", "/static/", "/static/a/page.js"):
        assert client.get(address).status_code == 404
    monkeypatch.setattr("blurprint.serve.pages._assets", dict)
    assert "/v1/analyze" in client.get("/").text
    assert client.get("/favicon.ico").status_code == 404


def test_a_bug_is_answered_without_its_words(client, monkeypatch, caplog):
    def bug(*_: object) -> None:
        raise RuntimeError("the secret of " + UNKNOWN)

    monkeypatch.setattr(client.app.state.service.store, "get", bug)
    answer = client.get(f"/v1/results/{UNKNOWN}")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost@evil.example", 421),
        ("", 421),
        ("[", 421),
    ],
)
def test_names_that_only_point_here_are_refused(client, host, status):
    answer = client.get("/v1/healthz", headers={"Host": host})
    assert answer.status_code == status


def test_hosts_can_be_named(tmp_path):
    service = acting_service(tmp_path, host="0.0.0.0", hosts="Blur.example, 10.0.0.1")
    client = client_of(service)
    for host, status in (("blur.example:8000", 200), ("10.0.0.1", 200), ("localhost", 421)):
        assert client.get("/v1/healthz", headers={"Host": host}).status_code == status
    service.store.close()


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Origin": "http://127.0.0.1"}, False),
        ({"Origin": "http://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://["}, True),
        ({"Origin": "http://127.0.0.1:81"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"}, True),
    ],
)
def test_pages_of_other_sites_change_nothing(client, headers, refused):
    for method, address in (("POST", "/v1/analyze"), ("DELETE", f"/v1/results/{UNKNOWN}")):
        answer = client.request(method, address, headers=headers)
        assert (answer.status_code == 403) == refused
        assert (answer.json()["error"]["code"] == "cross_site") == refused
    assert client.get("/v1/healthz", headers=headers).status_code == 200


def test_without_the_token_nothing_is_told(stranger):
    for method, address in (
        ("POST", "/v1/analyze"),
        ("GET", f"/v1/results/{UNKNOWN}"),
        ("GET", f"/v1/results/{UNKNOWN}/map.png"),
        ("DELETE", f"/v1/results/{UNKNOWN}"),
        ("GET", "/metrics"),
    ):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            answer = stranger.request(method, address, headers=headers)
            assert answer.status_code == 401, address
            assert answer.headers["www-authenticate"] == "Bearer"
    for address in ("/", "/v1/healthz", "/v1/readyz", "/openapi.json"):
        assert stranger.get(address).status_code in (200, 503)
    limits = stranger.get("/v1/limits").json()
    assert (limits["token_required"], limits["signed_in"]) == (True, False)
    uploads = stranger.app.state.service.store.uploads
    assert stranger.post("/v1/analyze", files=sent("a")).status_code == 401
    assert list(uploads.iterdir()) == []


def test_the_token_lets_in(stranger):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = stranger.post("/v1/analyze", files=sent("a"), headers=headers)
    assert answer.status_code == 200
    link = answer.json()["results"][0]["links"]["self"]
    assert stranger.get(link).status_code == 401
    assert stranger.get(link, headers=headers).status_code == 200
    assert stranger.get("/v1/limits", headers=headers).json()["signed_in"]


def test_a_page_signs_in_with_a_cookie(stranger):
    assert stranger.post("/v1/login", json={"token": "wrong"}).status_code == 401
    assert stranger.post("/v1/login", json=["x"]).status_code == 400
    assert stranger.post("/v1/login", content=b"[" * 9000).status_code == 400
    assert stranger.post("/v1/login", content=b"x" * 20_000).status_code == 413
    evil = {"Origin": "http://evil.example"}
    assert stranger.post("/v1/login", json={"token": TOKEN}, headers=evil).status_code == 403
    answer = stranger.post("/v1/login", json={"token": TOKEN})
    assert answer.status_code == 204
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "samesite=strict" in said.lower()
    assert TOKEN not in said
    assert stranger.get("/v1/limits").json()["signed_in"]
    assert stranger.post("/v1/analyze", files=sent("a")).status_code == 200
    stranger.post("/v1/logout")
    assert not stranger.get("/v1/limits").json()["signed_in"]


def test_a_cookie_cannot_be_made_or_prolonged():
    now = time.time()
    value = new_session(TOKEN, now)
    assert is_session(value, TOKEN, now + SESSION_S - 1)
    assert not is_session(value, TOKEN, now + SESSION_S + 1)
    ends, nonce, mark = value.split(".")
    assert not is_session(f"{int(ends) + 9999}.{nonce}.{mark}", TOKEN, now)
    assert not is_session(value, "another token, as long", now)
    for odd in ("", ".", "..", "x.y.z", f"{ends}.{nonce}.", "\udce9.\udce9.\udce9"):
        assert not is_session(odd, TOKEN, now)
    assert COOKIE.isidentifier()
