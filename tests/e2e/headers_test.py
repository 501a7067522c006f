"""Headers, paths, redirects and routes that only report, with a backend that writes down what it gets."""

import pytest

from harness import wait_until
from harness.raw_backend import answering

CLAIMS = {"org": {"plan": "pro"}, "hostile": "a\r\nX-User-Id: root", "name": "Zoë", "list": "$roles"}


def house(start_gateway, *routes, **settings):
    gateway = start_gateway(routes=list(routes), auth={"contract": {"claims": CLAIMS}},
                            trusted_proxies=["127.0.0.0/8"], **settings)
    gateway.auth().register("ada")
    return gateway, gateway.auth().login("ada")


def test_a_backend_gets_what_the_route_says(start_gateway, backend):
    gateway, pair = house(start_gateway, {
        "match": "/a/**", "to": backend.url, "auth": "optional", "name": "a",
        "request_headers": {
            "set": {"X-Plan": "{claim:org.plan}", "X-Who": "{user.id} of {route}", "X-Hostile": "{claim:hostile}",
                    "X-Name": "{claim:name}", "X-List": "{claim:list}", "X-Uri": "{path}?{query}",
                    "X-From": "{client.address}", "X-Trace": "{request.id}"},
            "add": {"Via": "1.1 {host}"},
            "remove": ["Cookie", "Accept-Language"]}})
    spoofed = [("X_Plan", "gold"), ("x-who", "root"), ("X.Hostile", "x"), ("Cookie", "a=b"),
               ("Accept_Language", "de"), ("Via", "1.0 proxy"), ("X-User-Id", "root"), ("Host", "api.test:81")]
    gateway.ask("GET", "/a/./%62%20?q=1", [*spoofed, *pair.bearer.items()])
    got = backend.last
    assert got.target == "/a/b%20?q=1"
    assert got.all("X-Plan") == ["pro"] and got.all("X-Who") == [f"{pair.user_id} of a"]
    assert got.all("X-Uri") == ["/a/b%20?q=1"] and got.all("X-From") == ["127.0.0.1"]
    assert got.all("Via") == ["1.0 proxy", "1.1 api.test"]
    assert got.all("X-Trace") == got.all("X-Request-Id")
    assert got.all("X-User-Id") == [pair.user_id] and got.names()[-1] == "x-user-id"
    assert not {"x_plan", "x.hostile", "x-hostile", "x-name", "x-list", "cookie", "accept_language"} & set(got.names())
    assert b"root" not in got.raw_head

    gateway.ask("GET", "/a/b", spoofed)  # nobody known: what would tell of somebody is not there at all
    names = set(backend.last.names())
    assert not {"x-plan", "x_plan", "x-who"} & names and "x-uri" in names


def test_trailers_of_those_names_end_here(start_gateway, backend):
    gateway, pair = house(start_gateway, {"match": "/**", "to": backend.url, "auth": "none",
                                          "request_headers": {"set": {"X-Tenant": "a"}}})
    with gateway.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x_tenant\r\n\r\n"
                    b"3\r\nabc\r\n0\r\nx_tenant: root\r\nX-Sum: 1\r\n\r\n")
        assert client.read_response().status == 200
    assert backend.last.all("X-Tenant") == ["a"]


def test_answers_are_changed_as_the_route_says(start_gateway, backend):
    backend.behaviour = answering(b"page", fields=[("Server", "old"), ("X-Frame-Options", "SAMEORIGIN"),
                                                   ("Cache-Control", "private")])
    gateway, pair = house(start_gateway, {
        "match": "/**", "to": backend.url, "auth": "required", "security_headers": "api",
        "response_headers": {"set": {"X-Request-Id": "{request.id}", "Cache-Control": "no-cache"},
                             "add": {"Link": "</style.css>; rel=preload"}, "remove": ["Server"]}})
    answer = gateway.ask("GET", "/", pair.bearer)
    assert answer.status == 200 and answer.body == b"page"
    assert answer.all("X-Request-Id") == backend.last.all("X-Request-Id")
    assert answer.all("Cache-Control") == ["no-cache"] and answer.all("Server") == []
    assert answer.all("X-Frame-Options") == ["SAMEORIGIN"] and answer.all("X-Content-Type-Options") == ["nosniff"]
    refused = gateway.ask("GET", "/")
    assert refused.status == 401 and refused.all("Link") == [] and refused.all("X-Frame-Options") == []


def test_the_preset_is_on_refusals_alike(start_gateway, backend):  # R25
    gateway, _ = house(start_gateway, {"match": "/a", "to": backend.url, "security_headers": "off"},
                       security_headers="web")

    def told(path):
        return [field for field in gateway.ask("GET", path).fields if field[0].lower() not in ("date", "x-request-id")]

    assert ("X-Content-Type-Options", "nosniff") in told("/a")
    assert [name for name, _ in told("/a")] == [name for name, _ in told("/nowhere")]


def test_paths_are_rewritten_and_judged_again(start_gateway, backend):
    gateway, _ = house(
        start_gateway,
        {"match": "/v1/**", "to": backend.url, "auth": "none", "rewrite": "/api/{rest}"},
        {"match": "/u/*/posts/*", "to": backend.url, "auth": "none", "rewrite": "/posts/{2}/by/{1}"},
        {"match": "/dot/**", "to": backend.url, "auth": "none", "rewrite": "/x/.{rest}"})
    seen = {"/v1/a/b?x=/../y": "/api/a/b?x=/../y", "/v1": "/api/", "/v1/a%20b/": "/api/a%20b/",
            "/v1/x/../y//z": "/api/y/z", "/u/%40me/posts/7": "/posts/7/by/%40me", "/dot/a": "/x/.a"}
    for sent, expected in seen.items():
        assert gateway.ask("GET", sent).status == 200, sent
        assert backend.last.target == expected, sent
    before = len(backend.requests)
    for sent in ("/dot/", "/dot", "/v1/..%2fadmin", "/v1/%252e", "/v1/a%5cb", "/v1/%3f/%00"):
        assert gateway.ask("GET", sent).status == 400, sent
    assert len(backend.requests) == before


def test_redirects_lead_where_they_say_and_nowhere_else(start_gateway, backend):
    gateway, pair = house(
        start_gateway,
        {"match": "/old/**", "auth": "none", "redirect": {"to": "/new/{rest}?{query}"}},
        {"match": "/moved/**", "auth": "none", "redirect": {"to": "https://new.example/{rest}", "status": 301}},
        {"match": "/here/**", "host": "*.example.com", "auth": "none", "redirect": {"to": "https://{host}:8443{path}"}},
        {"match": "/mine", "redirect": {"to": "/home", "status": 303}, "security_headers": "web"},
        {"match": "/**", "to": backend.url})
    for target, expected in {"/old/a%20b?x=1": "/new/a%20b?x=1", "/old": "/new/", "/old//evil.example/x": "/new/evil.example/x",
                             "/moved//evil.example": "https://new.example/evil.example",
                             "/old/a?x=%0d%0aSet-Cookie": "/new/a?x=%0d%0aSet-Cookie"}.items():
        answer = gateway.ask("POST", target, body=b"a body")
        assert answer.status == (301 if target.startswith("/moved") else 308), target
        assert answer.all("Location") == [expected], target
        assert answer.all("Cache-Control") == []
    answer = gateway.ask("GET", "/here/a", [("Host", "API.example.com:80")])
    assert answer.all("Location")[0].lower() == "https://api.example.com:8443/here/a"
    assert gateway.ask("GET", "/here/a", [("Host", "evil.example")]).status == 401  # the route below

    refused = gateway.ask("GET", "/mine")
    assert refused.status == 401 and refused.all("Location") == []
    answer = gateway.ask("GET", "/mine", pair.bearer)
    assert answer.status == 303 and answer.all("Location") == ["/home"]
    assert answer.all("Cache-Control") == ["no-store"] and answer.all("X-Content-Type-Options") == ["nosniff"]
    told = gateway.command("explain", "GET /old/a?b").stdout
    assert "/new/a?b" in told and "308" in told
    record = gateway.wait_for_access(lambda record: record["path"] == "/mine" and record["status"] == 303)[0]
    assert record["user_id"] == pair.user_id and record["upstream"] == "local"
    assert backend.requests == []


@pytest.fixture
def reporting(start_gateway, backend):
    return house(start_gateway,
                 {"match": "/admin/**", "auth": {"roles": ["admin"]}, "to": backend.url, "report_only": True,
                  "api_keys": False},
                 {"match": "/**", "to": backend.url})


def test_a_route_that_only_reports_lets_pass_and_tells(reporting, backend):
    gateway, pair = reporting
    key = gateway.command("apikey", "create", "--user", "ada").stdout
    key = next(word for word in key.split() if word.startswith("gh_"))
    cases = [("nobody", {}, "token_missing", None),
             ("a forged token", {"Authorization": pair.bearer["Authorization"] + "x"}, "token_invalid", None),
             ("no such role", pair.bearer, "forbidden", pair.user_id)]

    def known():
        gateway.ask("GET", "/admin/key", [("Authorization", f"Bearer {key}")])
        return backend.last.all("X-User-Id") == [pair.user_id]
    wait_until(known, "the key to be known")
    told = gateway.wait_for_access(lambda record: record["path"] == "/admin/key" and record.get("user_id"))
    assert told[0]["would_refuse"] == "forbidden"
    for name, fields, code, user in cases:
        path = f"/admin/{code}"
        assert gateway.ask("GET", path, [*fields.items(), ("X-User-Id", "root")]).status == 200, name
        assert backend.last.all("X-User-Id") == ([user] if user else []), name
        record = gateway.wait_for_access(lambda record: record["path"] == path)[0]
        assert record["would_refuse"] == code and "refusal" not in record, name
        wait_until(lambda: gateway.metric("gatehouse_reported_refusals_total", code=code) >= 1, f"{name} to count")
        asked = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", path), *fields.items()]
        verdict = gateway.ask("GET", "/auth/verify", asked)
        assert verdict.status == 200, name
        assert verdict.all("X-User-Id") == ([user] if user else []), name
    assert "would have been refused with 401 token_missing" in gateway.command("explain", "GET /admin/a").stdout
    assert "lets EVERYBODY pass" in gateway.command("check").stderr
    assert gateway.ask("GET", "/private").status == 401


def test_who_was_signed_out_or_blocked_passes_as_nobody(reporting, backend):
    gateway, pair = reporting
    other = gateway.auth().login("ada")

    def told(bearer):
        assert gateway.ask("GET", "/admin/a", bearer).status == 200
        return backend.last.all("X-User-Id")

    assert told(other.bearer) == [pair.user_id]
    gateway.auth().logout(other)
    assert told(other.bearer) == []
    gateway.command("user", "block", "ada")
    wait_until(lambda: told(pair.bearer) == [], "the block to be heard of")
