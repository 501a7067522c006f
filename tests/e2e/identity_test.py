"""No client makes a backend believe in an identity: spelled, doubled, nominated, trailed, smuggled."""

import pytest

from corpus.identity import OWNED, SPELLINGS, folded

ROUTES = ["/public/a", "/optional/a", "/private"]


def identities(request):
    """The fields a backend could take for an identity, however it folds names."""
    return [(name, value) for name, value in request.fields if folded(name) in OWNED]


@pytest.fixture
def renamed(start_gateway, backend):
    """A gateway whose identity header has another name; the usual ones stay owned."""
    return start_gateway(backend, identity={"header": "X-Remote-User"})


@pytest.mark.parametrize("path", ROUTES)
def test_no_spelling_reaches_a_backend(renamed, backend, path):
    pair = renamed.auth().register("ada") if path == "/private" else None
    expected = [("X-Remote-User", pair.user_id)] if pair else []
    for spelling in SPELLINGS:
        fields = [(spelling, "root"), ("Accept", "*/*"), (spelling.upper(), "root2")]
        response = renamed.ask("GET", path, fields + (list(pair.bearer.items()) if pair else []))
        assert response.status == 200, spelling
        assert identities(backend.last) == expected, spelling
        assert b"root" not in backend.last.raw_head, spelling


def test_names_that_only_look_alike_pass(gateway, backend):
    gateway.ask("GET", "/public/a", {"X-User-Identity": "1", "X-UserId": "2", "My-X-User-Id": "3"})
    assert backend.last.all("X-User-Identity") == ["1"]
    assert backend.last.all("X-UserId") == ["2"]
    assert backend.last.all("My-X-User-Id") == ["3"]


def test_the_verified_identity_comes_once_and_last(start_gateway, backend):  # R21
    gateway = start_gateway(backend, identity={"session_header": True, "roles_header": True})
    pair = gateway.auth().register("ada")
    gateway.ask("GET", "/private", [*pair.bearer.items(), ("X-User-Id", "root")])
    names = backend.last.names()
    assert names[-1] == "x-user-id"
    assert set(names[-3:]) == {"x-session-id", "x-user-roles", "x-user-id"}
    assert backend.last.all("X-User-Id") == [pair.user_id]
    assert len(backend.last.all("X-Session-Id")) == 1


@pytest.mark.parametrize("authorization, on_optional", [
    (None, 200), ("Basic YWRhOnB3", 200), ("Bearer", 200), ("Bearer not.a.token", 401), ("Bearer a b", 401),
])
def test_without_a_good_token_there_is_no_identity(gateway, backend, authorization, on_optional):  # R21
    fields = [("Authorization", authorization)] if authorization else []
    assert gateway.ask("GET", "/public/a", fields).status == 200
    assert identities(backend.last) == []
    assert gateway.ask("GET", "/optional/a", fields).status == on_optional
    assert gateway.ask("GET", "/private", fields).status == 401
    assert all(identities(request) == [] for request in backend.requests)


def test_a_token_on_a_public_route_is_not_an_identity(gateway, backend):
    pair = gateway.auth().register("ada")
    assert gateway.ask("GET", "/public/a", pair.bearer).status == 200
    assert identities(backend.last) == []
    assert gateway.ask("GET", "/optional/a", pair.bearer).status == 200
    assert identities(backend.last) == [("X-User-Id", pair.user_id)]


@pytest.mark.parametrize("place", [
    lambda token: ("/private", [("Cookie", f"access_token={token}")]),
    lambda token: (f"/private?access_token={token}", []),
    lambda token: ("/private", [("X-Authorization", f"Bearer {token}")]),
    lambda token: ("/private", [("Proxy-Authorization", f"Bearer {token}")]),
], ids=["cookie", "query", "another name", "proxy credentials"])
def test_tokens_count_in_the_authorization_field_only(gateway, place):  # R37
    target, fields = place(gateway.auth().register("ada").access)
    response = gateway.ask("GET", target, fields)
    assert (response.status, response.error_code()) == (401, "token_missing")
    assert response["WWW-Authenticate"] == "Bearer"


def test_two_authorization_fields_are_refused(gateway, backend):  # R37
    pair = gateway.auth().register("ada")
    for other in (f"Bearer {pair.access}", "Basic YWRhOnB3", ""):
        for fields in ([("Authorization", other)] + list(pair.bearer.items()),
                       list(pair.bearer.items()) + [("authorization", other)]):
            response = gateway.ask("GET", "/private", fields)
            assert (response.status, response.error_code()) == (401, "token_invalid")
            assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert backend.requests == []


def test_nomination_removes_nothing_that_matters(gateway, backend):  # R9, CVE-2022-31813
    pair = gateway.auth().register("ada")
    named = ("x-user-id, x-forwarded-for, x-forwarded-proto, x-forwarded-host, x-request-id, traceparent, "
             "host, content-length, transfer-encoding, content-type, cookie")
    fields = [("Connection", "keep-alive"), ("Connection", named), *pair.bearer.items(),
              ("Content-Type", "text/plain"), ("Cookie", "a=1"), ("X-Own", "1"), ("Connection", "x-own")]
    assert gateway.ask("POST", "/private", fields, b"body").status == 200
    request = backend.last
    assert request.all("X-User-Id") == [pair.user_id]
    assert request.all("X-Forwarded-For") == ["127.0.0.1"]
    for name in ("X-Forwarded-Proto", "X-Forwarded-Host", "X-Request-Id", "traceparent", "Host"):
        assert len(request.all(name)) == 1, name
    assert request.all("Content-Length") == ["4"] and request.body == b"body"
    assert request.all("Content-Type") == ["text/plain"] and request.all("Cookie") == ["a=1"]
    assert request.all("X-Own") == []


def test_hop_by_hop_fields_end_here(gateway, backend):  # R9, R10
    fields = [("Connection", "Upgrade, x-gone"), ("Upgrade", "websocket"), ("Keep-Alive", "timeout=5"),
              ("TE", "trailers"), ("Proxy-Authorization", "Basic eA=="), ("Proxy-Connection", "close"),
              ("Proxy", "http://evil"), ("X-Gone", "1"), ("X-Stays", "1")]
    assert gateway.ask("GET", "/public/a", fields).status == 200
    names = set(backend.last.names())
    assert names.isdisjoint({"upgrade", "keep-alive", "te", "proxy-authorization", "proxy-connection",
                             "proxy", "x-gone"})
    assert "x-stays" in names


def test_an_identity_in_a_trailer_is_no_identity(gateway, backend):  # R5
    pair = gateway.auth().register("ada")
    body = (b"3\r\nabc\r\n0\r\nX-User-Id: root\r\nx_user_id: root\r\nAuthorization: Bearer x\r\n"
            b"Host: evil\r\nX-Checksum: 7\r\n\r\n")
    fields = [*pair.bearer.items(), ("Transfer-Encoding", "chunked"), ("Trailer", "X-User-Id, X-Checksum")]
    assert gateway.ask("POST", "/private", fields, body).status == 200
    request = backend.last
    assert request.all("X-User-Id") == [pair.user_id]
    assert {folded(name) for name, _ in request.trailers} <= {"x-checksum"}
    assert b"root" not in backend.exchanges[-1].received


def test_credentials_stay_here_unless_the_route_wants_them(start_gateway, backend):
    gateway = start_gateway(routes=[
        {"match": "/kept/**", "to": backend.url, "forward_authorization": True},
        {"match": "/all/**", "to": backend.url, "forward_cookies": True},
        {"match": "/**", "to": backend.url}])
    pair = gateway.auth().register("ada")
    cookies = "a=1; refresh_token=secret; b=\"x y\""
    fields = [*pair.bearer.items(), ("Cookie", cookies)]
    gateway.ask("GET", "/private", fields)
    assert backend.last.all("Authorization") == []
    assert backend.last.all("Cookie") == ['a=1; b="x y"']
    gateway.ask("GET", "/kept/a", fields)
    assert backend.last.all("Authorization") == [f"Bearer {pair.access}"]
    assert backend.last.all("Cookie") == ['a=1; b="x y"'], "no service verifies refresh tokens"
    gateway.ask("GET", "/all/a", fields)
    assert backend.last.all("Authorization") == []
    assert backend.last.all("Cookie") == [cookies]


@pytest.mark.parametrize("name, value", [
    ("X-Original-URL", "/public/a"), ("X-Rewrite-URL", "/public/a"), ("X-Forwarded-Uri", "/public/a"),
    ("X-Original-Method", "OPTIONS"), ("X-HTTP-Method-Override", "OPTIONS"), ("X-Forwarded-Prefix", "/public"),
    ("X-Envoy-Original-Path", "/public/a"), ("User-Agent", "kube-probe/1.29"), ("X-Forwarded-For", "127.0.0.1"),
    ("Origin", "https://a.example"),
])
def test_no_field_opens_a_protected_route(gateway, backend, name, value):  # R24
    assert gateway.ask("GET", "/private", {name: value}).status == 401
    assert backend.requests == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "BREW"])
def test_no_method_is_exempt(gateway, backend, method):  # R25
    assert gateway.ask(method, "/private", body=b"" if method in ("POST", "PUT") else None).status == 401
    assert backend.requests == []


def test_forwarding_fields_are_ours_unless_the_peer_is_trusted(start_gateway, backend):  # R24
    sent = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil"),
            ("Forwarded", "for=203.0.113.9"), ("X-Request-Id", "mine"), ("X_Forwarded_For", "6.6.6.6")]
    start_gateway(backend).ask("GET", "/public/a", sent)
    stranger = backend.last
    assert stranger.all("X-Forwarded-For") == ["127.0.0.1"]
    assert stranger.all("X-Forwarded-Proto") == ["http"]
    assert stranger.all("X-Forwarded-Host") == ["gateway.test"]
    assert stranger.all("X-Request-Id") != ["mine"] and len(stranger.all("X-Request-Id")) == 1
    assert stranger.all("Forwarded") == []

    start_gateway(backend, trusted_proxies=["127.0.0.0/8"]).ask("GET", "/public/a", sent)
    proxy = backend.last
    assert proxy.all("X-Forwarded-For") == ["203.0.113.9, 127.0.0.1"]
    assert proxy.all("X-Forwarded-Proto") == ["https"]
    assert proxy.all("X-Forwarded-Host") == ["evil"]
    assert proxy.all("X-Request-Id") == ["mine"]
    assert proxy.all("Forwarded") == []  # it writes the other one
    assert "x_forwarded_for" not in proxy.names()


def test_express_sees_one_identity(start_gateway, express):
    gateway = start_gateway(express)
    pair = gateway.auth().register("ada")
    fields = [("X-User-Id", "root"), ("x_user_id", "root"), *pair.bearer.items(), ("X-USER-ID", "root")]
    seen = gateway.ask("GET", "/private/x?y=1", fields).json()
    assert seen["headers"]["x-user-id"] == pair.user_id
    assert "root" not in str(seen)
    assert "authorization" not in seen["headers"]
    assert seen["url"] == "/private/x?y=1"
    assert "x-user-id" not in gateway.ask("GET", "/public/x", {"X-User-Id": "root"}).json()["headers"]
