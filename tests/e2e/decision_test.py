"""One decision: the proxy, `gatehouse explain` and /auth/verify say the same about every row, but for paths that had to be
resolved: the proxy forwards what was judged, and whoever asks /auth/verify what came."""

import re

import pytest

# method, target, token, and what the proxy answers: a status, and the code of a refusal.
ROWS = [
    ("GET", "/private", None, 401, "token_missing"),
    ("GET", "/private", "good", 200, None),
    ("GET", "/private", "bad", 401, "token_invalid"),
    ("GET", "/private", "ended", 401, "token_revoked"),
    ("OPTIONS", "/private", None, 401, "token_missing"),
    ("GET", "/optional", None, 200, None),
    ("GET", "/optional", "good", 200, None),
    ("GET", "/optional", "bad", 401, "token_invalid"),
    ("GET", "/public/a", None, 200, None),
    ("GET", "/public/a", "bad", 200, None),
    ("GET", "/public/a?x=..%2f//../", None, 200, None),
    ("GET", "/public//b/../a", None, 200, None),
    ("GET", "/public/../private", "good", 200, None),
    ("GET", "/public/../private", None, 401, "token_missing"),
    ("GET", "/public/..%2fprivate", "good", 400, "bad_request"),
    ("GET", "/public/..;/private", "good", 400, "bad_request"),
    ("GET", "/public/a;v=1", "good", 400, "bad_request"),
    ("GET", "/..", None, 400, "bad_request"),
    ("GET", "/admin", "good", 403, "forbidden"),
    ("GET", "/admin", None, 401, "token_missing"),
    ("POST", "/get", "good", 405, "method_not_allowed"),
    ("POST", "/get", None, 401, "token_missing"),
    ("GET", "/get", None, 200, None),
    ("GET", "/nowhere", "good", 404, "not_found"),
    ("GET", "/nowhere", None, 401, "token_missing"),
    ("GET", "/Auth/login", "good", 404, "not_found"),
]


@pytest.fixture
def judge(start_gateway, backend):
    """A gateway, and the tokens that the rows name."""
    gateway = start_gateway(trusted_proxies=["127.0.0.0/8"], routes=[
        {"match": "/public/**", "auth": "none", "to": backend.url},
        {"match": "/optional", "auth": "optional", "to": backend.url},
        {"match": "/private", "to": backend.url},
        {"match": "/admin", "auth": {"roles": ["admin"]}, "to": backend.url},
        {"match": "/get", "methods": ["GET"], "auth": "none", "to": backend.url}])
    auth = gateway.auth()
    good, ended = auth.register("ada"), auth.register("bob")
    auth.logout(ended)
    tokens = {"good": good.access, "ended": ended.access, "bad": good.access[:-8] + "AAAAAAAA"}
    return gateway, tokens


def bearer(token):
    return [("Authorization", f"Bearer {token}")] if token else []


def proxied(gateway, method, target, token):
    answer = gateway.ask(method, target, bearer(token), b"" if method == "POST" else None)
    return answer.status, None if answer.status == 200 else answer.error_code()


def explained(gateway, method, target, token):
    words = ["explain", f"{method} {target}", *(["--token", token] if token else [])]
    told = gateway.command(*words).stdout
    refused = re.search(r"^decision: +refused with (\d+) (\w+)", told, re.M)
    assert refused or re.search(r"^decision: +forwarded", told, re.M), told
    return (int(refused[1]), refused[2]) if refused else (200, None)


def verified(gateway, method, target, token, fields):
    """/auth/verify as nginx or Traefik would ask it."""
    return gateway.ask("GET", "/auth/verify", [*fields(method, target), *bearer(token)])


def forward_auth(method, target):
    return [("X-Forwarded-Method", method), ("X-Forwarded-Uri", target), ("X-Forwarded-Host", "gateway.test")]


def auth_request(method, target):
    return [("X-Original-Method", method), ("X-Original-URL", f"http://gateway.test{target}")]


def test_three_doors_one_decision(judge):
    gateway, tokens = judge
    for method, target, kind, status, code in ROWS:
        row, token = f"{method} {target} {kind}", tokens.get(kind)
        assert proxied(gateway, method, target, token) == (status, code), row
        assert explained(gateway, method, target, token) == (status, code), row
        for fields in (forward_auth, auth_request):
            answer = verified(gateway, method, target, token, fields)
            # nginx knows 401 and 403 only: whatever else the proxy refuses is a 403 there.
            admitted = status == 200 and "/../" not in target.partition("?")[0]
            assert answer.status == (200 if admitted else 401 if status == 401 else 403), row
            if status == 401:
                assert answer.error_code() == code, row
            seen = target.startswith("/public") or target == "/get" or kind != "good" or status != 200
            assert len(answer.all("X-User-Id")) == (0 if seen else 1), row


def test_only_a_trusted_peer_names_another_request(start_gateway, backend):
    gateway = start_gateway(backend)
    for fields in (forward_auth, auth_request):
        assert verified(gateway, "GET", "/public/a", None, fields).status == 401
    pair = gateway.auth().register("ada")
    answer = verified(gateway, "GET", "/public/a", pair.access, forward_auth)
    assert (answer.status, answer["X-User-Id"]) == (200, pair.user_id)
