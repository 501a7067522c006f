"""One path for rule, route and backend: what was judged is what is forwarded."""

import pytest

from corpus import paths
from harness import FileService


@pytest.fixture
def mixed(start_gateway, backend):
    return start_gateway(routes=paths.routes_to(backend.url))


@pytest.mark.parametrize("sent, forwarded", paths.FORWARDED)
def test_what_was_judged_is_forwarded(mixed, backend, sent, forwarded):  # R23, R8
    assert mixed.ask("GET", sent).status == 200
    assert backend.last.target == forwarded


@pytest.mark.parametrize("target", paths.REFUSED)
def test_what_two_readers_read_differently_is_refused(mixed, backend, target):  # R23
    response = mixed.ask("GET", target)
    assert (response.status, response.error_code()) == (400, "bad_request")
    assert backend.requests == []


@pytest.mark.parametrize("target", paths.PROTECTED)
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
