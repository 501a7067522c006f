"""One path for rule, route and backend: what was judged is what is forwarded."""

import pytest

from harness import FileService


@pytest.fixture
def mixed(start_gateway, backend):
    """Public above, protected below, and a place that takes path parameters."""
    return start_gateway(routes=[
        {"match": "/public/**", "auth": "none", "to": backend.url},
        {"match": "/public/private/**", "to": backend.url},
        {"match": "/params/**", "auth": "none", "allow_path_params": True, "to": backend.url},
        {"match": "/strip/**", "auth": "none", "strip_prefix": "/strip", "to": backend.url},
        {"match": "/users/%40me", "auth": "none", "to": backend.url},
        {"match": "/only-get", "methods": ["GET"], "auth": "none", "to": backend.url},
    ])


@pytest.mark.parametrize("sent, forwarded", [
    ("/public/a", "/public/a"),
    ("/public", "/public"),
    ("/public/", "/public/"),
    ("//public//a", "/public/a"),
    ("/public/./a/.", "/public/a/"),
    ("/x/../public/a", "/public/a"),
    ("/public/b/../a", "/public/a"),
    ("/%70ublic/%61", "/public/a"),
    ("/public/%7Ea/%2e/b", "/public/~a/b"),
    ("/public/a%20b/%E2%82%ac", "/public/a%20b/%E2%82%ac"),
    ("/public/%3b%3F%23", "/public/%3b%3F%23"),
    ("/public/100%25", "/public/100%25"),
    ("/public/a?b=%2e%2e/..//;c&d=%zz\"|", "/public/a?b=%2e%2e/..//;c&d=%zz\"|"),
    ("/public/a?", "/public/a?"),
    ("/params/a;v=1/b;c", "/params/a;v=1/b;c"),
    ("/strip/a/b", "/a/b"),
    ("/strip", "/"),
    ("/strip//a?x=/strip", "/a?x=/strip"),
    ("/users/@me", "/users/@me"),
    ("/users/%40me", "/users/%40me"),
])
def test_what_was_judged_is_forwarded(mixed, backend, sent, forwarded):  # R23, R8
    assert mixed.ask("GET", sent).status == 200
    assert backend.last.target == forwarded


@pytest.mark.parametrize("target", [
    "/..", "/../public/a", "/public/../../a", "/%2e%2e/a", "/public/..%2f..%2fprivate", "/public/a%2Fb",
    "/public/a%5cb", "/public/a\\..\\b", "/public/a%00", "/public/%", "/public/%4", "/public/%zz",
    "/public/%252e%252e/private", "/public/%2541", "/public/%25%32e", "/public/a#b", "/#/public/a",
    "/public/a;v=1", "/public/..;/private/a", "/params/..;/public/a", "/params/;x", "/public/\x80",
    "/public/caf\xc3\xa9", "/public/a\x7f", "/public/a\tb",
])
def test_what_two_readers_read_differently_is_refused(mixed, backend, target):  # R23
    response = mixed.ask("GET", target)
    assert (response.status, response.error_code()) == (400, "bad_request")
    assert backend.requests == []


@pytest.mark.parametrize("target", [
    "/public/private/a", "/public/./private/a", "/public//private/a", "/public/x/../private/a",
    "/public/%70rivate/a", "//public/private/a", "/public/private", "/public/%2e/private/",
])
def test_no_spelling_leads_around_the_protected_route(mixed, backend, target):  # R23, R25
    assert mixed.ask("GET", target).status == 401
    assert backend.requests == []


def test_methods_are_named_only_behind_a_token(mixed):
    assert mixed.ask("GET", "/only-get").status == 200
    assert mixed.ask("HEAD", "/only-get").status == 200
    assert mixed.ask("POST", "/only-get", body=b"").status == 401
    pair = mixed.auth().register("ada")
    response = mixed.ask("POST", "/only-get", pair.bearer, b"")
    assert (response.status, response.error_code()) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD"
    assert mixed.ask("GET", "/nowhere").status == 401
    assert mixed.ask("GET", "/nowhere", pair.bearer).status == 404


def test_hosts_choose_before_paths(start_gateway, backend):
    gateway = start_gateway(routes=[
        {"match": "/**", "to": backend.url},
        {"match": "/**", "host": "*.open.example", "auth": "none", "to": backend.url},
        {"match": "/a", "host": "closed.open.example", "to": backend.url}])
    for host, status in [("www.open.example", 200), ("WWW.OPEN.EXAMPLE:8080", 200), ("www.open.example.", 200),
                         ("open.example", 401), ("a.b.open.example", 401), ("closed.open.example", 401),
                         ("www.open.example.evil", 401)]:
        assert gateway.ask("GET", "/a", host=host).status == status, host


@pytest.mark.parametrize("target", [
    "/Auth/login", "/AUTH/LOGIN", "/aUth/register", "/%41uth/login", "/x/../Auth/login", "/auth;x=1/login",
])
def test_credentials_posted_to_look_alikes_reach_no_backend(start_gateway, backend, target):  # R26
    gateway = start_gateway(routes=[{"match": "/**", "auth": "none", "allow_path_params": True, "to": backend.url}])
    response = gateway.ask("POST", target, {"Content-Type": "application/json"},
                           b'{"username":"ada","password":"correct horse battery"}')
    assert response.status in (400, 401, 404)
    assert backend.requests == []
    for spelled in ("//auth/login", "/auth/./login", "/x/../auth/login", "/%61uth/login"):
        answer = gateway.ask("POST", spelled, {"Content-Type": "application/json"}, b"{}")
        assert answer.status in (400, 422), "these are the auth API itself"
    assert backend.requests == []


def test_http_server_serves_nothing_outside_its_public_folder(start_gateway, tmp_path, request):
    folder = tmp_path / "www"
    (folder / "public").mkdir(parents=True)
    (folder / "public" / "index.html").write_text("open")
    (folder / "secret.txt").write_text("closed")
    service = FileService(folder)
    request.addfinalizer(service.stop)
    gateway = start_gateway(service)
    assert gateway.ask("GET", "/public/index.html").body == b"open"
    assert gateway.ask("GET", "/public/").body == b"open"
    for target in ("/public/../secret.txt", "/public/%2e%2e/secret.txt", "/public/..%2fsecret.txt",
                   "/public/..;/secret.txt", "/public/%252e%252e/secret.txt", "/public/..\\secret.txt",
                   "//secret.txt", "/secret.txt", "/public//../secret.txt"):
        response = gateway.ask("GET", target)
        assert response.status in (400, 401), target
        assert b"closed" not in response.body
