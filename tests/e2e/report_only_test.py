"""Routes that only report: whatever would have been refused is counted, logged and forwarded, and is nobody's identity."""

import pytest

from harness import wait_until
from harness.issuer import Issuer, SigningKey
from harness.websocket import BINARY, CLOSE, TEXT, WebSocketClient, echoing
from client_certificates_test import Front
from session_cookie_test import ORIGIN, Browser
from store_outage_test import write_transaction


class Watched:
    """Asks for paths of their own, so that each has one line in the log, and says what would have been refused."""

    def __init__(self, gateway, backend, ask=None):
        self.gateway, self.backend, self.number = gateway, backend, 0
        self.ask = ask or (lambda path, fields: gateway.ask("GET", path, fields))

    def path(self, below):
        self.number += 1
        return f"{below}/{self.number}"

    def counted(self, code):
        return self.gateway.metric("gatehouse_reported_refusals_total", code=code)

    def record(self, path, **status):
        return self.gateway.wait_for_access(lambda record: record["path"] == path, **status)[-1]

    def passes(self, below, fields=(), would_refuse=None, user=None):
        """Whoever asks gets through, as `user` or as nobody, and what would have been said is told."""
        path, before = self.path(below), self.counted(would_refuse) if would_refuse else 0
        forged = [("X-User-Id", "root"), ("x_user_id", "root"), ("X-Session-Id", "root"), ("X-User-Roles", "root")]
        answer = self.ask(path, [*(fields.items() if isinstance(fields, dict) else fields), *forged])
        assert answer.status == 200, (path, would_refuse, answer.body)
        seen = self.backend.last
        assert seen.target == path and seen.all("X-User-Id") == ([user] if user else []), (path, seen.fields)
        assert b"root" not in seen.raw_head and "authorization" not in seen.names()
        if not user:
            assert not {"x-session-id", "x-user-roles", "x-identity"} & set(seen.names())
        record = self.record(path)
        assert record.get("would_refuse") == would_refuse and "refusal" not in record, record
        assert record.get("user_id") == user, record
        if would_refuse:
            wait_until(lambda: self.counted(would_refuse) == before + 1, f"{would_refuse} to be counted once")
        return answer


@pytest.fixture
def reporting(start_gateway, backend):
    def start(*routes, **settings):
        named = [{"to": backend.url, "report_only": True} | route for route in routes]
        settings.setdefault("identity", {"session_header": True, "roles_header": True, "signed": {"header": "X-Identity"}})
        gateway = start_gateway(routes=[*named, {"match": "/**", "to": backend.url}], **settings)
        return gateway, Watched(gateway, backend)
    return start


def test_tokens_of_every_bad_kind_bring_nobody(reporting):
    gateway, watched = reporting({"match": "/seen/**"}, tokens={"access_ttl": "8s"})
    pair, other = gateway.auth().register("ada"), gateway.auth().login("ada")
    watched.passes("/seen", pair.bearer, user=pair.user_id)
    watched.passes("/seen", would_refuse="token_missing")
    head, body, signature = pair.access.split(".")
    for forged in (f"{head}.{body}.{signature[::-1]}", f"{head}.{body}.", f"{body}.{body}.{signature}", "x", pair.refresh):
        watched.passes("/seen", {"Authorization": f"Bearer {forged}"}, would_refuse="token_invalid")
    watched.passes("/seen", [*pair.bearer.items()] * 2, would_refuse="token_invalid")
    gateway.auth().logout(other)
    watched.passes("/seen", other.bearer, would_refuse="token_revoked")
    wait_until(lambda: gateway.ask("GET", "/other", pair.bearer).status == 401, "the token to expire")
    watched.passes("/seen", pair.bearer, would_refuse="token_expired")
    assert gateway.ask("GET", "/other", pair.bearer).status == 401, "other routes refuse"


def test_roles_and_scopes_that_lack_are_told_of_whom_they_lack(reporting):
    gateway, watched = reporting({"match": "/roles/**", "auth": {"roles": ["admin"]}},
                                 {"match": "/scopes/**", "auth": {"scopes": ["orders.write"]}},
                                 {"match": "/fresh/**", "max_auth_age": "1s"},
                                 tokens={"role_scopes": {"clerk": ["orders.read"], "admin": ["orders.write"]}})
    gateway.auth().register("ada")
    gateway.command("user", "set-roles", "ada", "clerk")
    pair = gateway.auth().login("ada")
    watched.passes("/roles", pair.bearer, would_refuse="forbidden", user=pair.user_id)
    assert watched.backend.last.all("X-User-Roles") == ["clerk"]
    watched.passes("/scopes", pair.bearer, would_refuse="forbidden", user=pair.user_id)
    gateway.command("user", "set-roles", "ada", "admin")
    wait_until(lambda: gateway.ask("GET", "/roles/x", pair.bearer) and watched.backend.last.all("X-User-Roles") == ["admin"],
               "the role to be known")
    watched.passes("/roles", pair.bearer, user=pair.user_id)
    pair = gateway.auth().login("ada")
    watched.passes("/scopes", pair.bearer, user=pair.user_id)
    wait_until(lambda: gateway.ask("GET", "/fresh/x", pair.bearer) and gateway.metric(
        "gatehouse_reported_refusals_total", code="insufficient_user_authentication"), "the login to be old")
    watched.passes("/fresh", pair.bearer, would_refuse="insufficient_user_authentication", user=pair.user_id)
    watched.passes("/fresh", would_refuse="token_missing")


def test_certificates_that_lack_are_told(tmp_path, start_gateway, backend):
    at = Front(tmp_path, start_gateway, backend, trusted_proxies=["127.0.0.1/32"], routes=[
        {"match": "/alone/**", "auth": {"certificate": {"dns": ["alice.test"]}, "token": "optional"}, "report_only": True},
        {"match": "/besides/**", "auth": {"certificate": {"dns": ["alice.test"]}}, "report_only": True,
         "request_headers": {"set": {"X-Who": "{certificate.subject}"}}}])
    alice, bob = at.people.issue("alice", "DNS:alice.test"), at.people.issue("bob", "DNS:bob.test")
    at.gateway.port = at.plain_port
    pair = at.gateway.auth().register("ada")
    told = [("X-Cert-Subject", "CN=root"), ("x_cert_dns", "root.test")]

    def by(own):
        def ask(path, fields):
            more = [("X-Who", "CN=root")] if path.startswith("/besides") else []
            with at.connect(own) as client:
                return client.exchange("GET", path, [*told, *more, *fields])
        return Watched(at.gateway, backend, ask)
    shows_alice, shows_bob, shows_none = by(alice), by(bob), by(None)
    shows_alice.passes("/alone/alice")
    assert backend.last.all("X-Cert-Subject") == ["CN=alice"]
    shows_bob.passes("/alone/bob", would_refuse="forbidden")
    assert backend.last.all("X-Cert-Subject") == ["CN=bob"], "it was verified, and is only not that one"
    shows_none.passes("/alone/none", would_refuse="forbidden")
    assert not {"x-cert-subject", "x-who"} & set(backend.last.names())
    shows_none.passes("/besides/none", pair.bearer, would_refuse="forbidden", user=pair.user_id)
    assert "x-who" not in backend.last.names()
    shows_bob.passes("/besides/bob", would_refuse="token_missing")
    assert backend.last.all("X-Who") == ["CN=bob"]
    shows_alice.passes("/besides/alice", pair.bearer, user=pair.user_id)
    # Another connection's certificate is not the client's: the verdict is yes, for it would only be reported.
    asked = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/alone/asked"), *told]
    with at.connect(alice) as proxy:
        answer = proxy.exchange("GET", "/auth/verify", asked)
    assert answer.status == 200 and not [name for name, _ in answer.fields if "cert" in name.lower()]
    record = at.gateway.wait_for_access(lambda record: record["path"] == "/auth/verify")[-1]
    assert record["would_refuse"] == "forbidden"


def test_who_must_show_a_certificate_shows_it_here_too(tmp_path, start_gateway, backend):
    at = Front(tmp_path, start_gateway, backend, mode="required", routes=[
        {"match": "/alone/**", "auth": {"certificate": {"dns": ["alice.test"]}, "token": "optional"}, "report_only": True}])
    with pytest.raises((OSError, EOFError)):
        with at.connect() as client:
            client.exchange("GET", "/alone/x")
    assert backend.requests == []


def test_an_issuer_that_is_down_brings_nobody(reporting):
    with Issuer() as issuer:
        issuer.behave = "hang"
        gateway, watched = reporting({"match": "/theirs/**", "issuers": ["idp"], "auth": {"roles": ["admin"]}},
                                     {"match": "/both/**", "issuers": ["own", "idp"]}, issuers={"idp": issuer.settings()})
        pair = gateway.auth().register("ada")
        watched.passes("/theirs", issuer.bearer(), would_refuse="store_unavailable")
        watched.passes("/both", issuer.bearer(), would_refuse="store_unavailable")
        watched.passes("/both", pair.bearer, user=pair.user_id)
        watched.passes("/theirs", pair.bearer, would_refuse="token_invalid")
        issuer.behave = "well"
        wait_until(lambda: gateway.metric("gatehouse_issuer_keys", issuer="idp") > 0, "the keys of the issuer")
        watched.passes("/both", issuer.bearer(), user="idp:anna")
        watched.passes("/theirs", issuer.bearer(), would_refuse="forbidden", user="idp:anna")
        watched.passes("/both", issuer.bearer(key=SigningKey("stranger")), would_refuse="token_invalid")


# ---- sessions in cookies -------------------------------------------------------------------------


@pytest.fixture
def pages(reporting):
    gateway, watched = reporting({"match": "/page/**", "session_cookie": True, "rate": [{"by": "address", "requests": 6, "per": "1h"}]},
                                 {"match": "/guests/**", "session_cookie": True, "auth": "optional"},
                                 {"match": "/other/**", "session_cookie": True})
    browser = Browser(gateway)
    watched.ask = lambda path, fields: browser.ask("GET", path, *fields, without=watched.without)
    watched.without = ["access_token"]
    return gateway, watched, browser


def test_a_session_that_cannot_be_renewed_passes_as_nobody(pages):
    gateway, watched, ann = pages
    ann.sign_up("ann")
    watched.passes("/other", user=ann.user_id)  # renewed on the way
    kept = dict(ann.cookies)
    assert ann.ask("POST", "/auth/logout", ("Origin", ORIGIN), body=b"").status == 204
    for below in ("/other", "/guests"):
        ann.cookies = dict(kept)
        watched.passes(below, would_refuse="token_revoked")
        assert watched.backend.last.all("Cookie") == [], "none of ours"
    ann.cookies = kept | {"refresh_token": kept["refresh_token"][:-2]}
    answer = watched.passes("/other", would_refuse="token_invalid")
    assert answer.all("X-User-Id") == []


def test_a_store_that_is_down_is_told_as_that(pages):
    gateway, watched, ann = pages
    ann.sign_up("ann")
    with write_transaction(gateway):
        watched.passes("/other", would_refuse="store_unavailable")
        assert set(ann.cookies) == {"access_token", "refresh_token", "csrf_token"}, "nobody was signed out"
    wait_until(lambda: gateway.ask("GET", "/other/again", ann.fields(without=["access_token"])).status == 200
               and watched.backend.last.all("X-User-Id") == [ann.user_id], "the store to answer again")


def test_pages_of_others_renew_nothing(pages):
    gateway, watched, ann = pages
    ann.sign_up("ann")
    kept = dict(ann.cookies)
    for fields in ([("Origin", "http://evil.example")], [("Sec-Fetch-Site", "cross-site")], []):
        for without in (["access_token"], []):
            watched.without = without
            watched.ask = lambda path, forged, fields=fields, without=without: ann.ask(
                "POST", path, *fields, *forged, body=b"all", without=without)
            answer = watched.passes("/other", would_refuse="origin_forbidden")
            assert answer.all("Set-Cookie") == [] and ann.cookies == kept, fields


def test_a_failed_renewal_is_one_request(pages):
    gateway, watched, ann = pages
    ann.sign_up("ann")
    kept = dict(ann.cookies)
    assert ann.ask("POST", "/auth/logout", ("Origin", ORIGIN), body=b"").status == 204
    for _ in range(6):
        ann.cookies = dict(kept)
        watched.passes("/page", would_refuse="token_revoked")
    ann.cookies = dict(kept)
    assert ann.ask("GET", "/page/more", without=["access_token"]).status == 429, "rates refuse as ever"


# ---- WebSockets ----------------------------------------------------------------------------------


def opened(gateway, path, fields=()):
    client = WebSocketClient(gateway.port)
    client.open(path, fields)
    return client


def test_a_websocket_opens_for_everybody_and_tells(reporting, backend):
    backend.behaviour = echoing()
    gateway, watched = reporting({"match": "/ws/**", "auth": {"roles": ["admin"]}, "session_cookie": True,
                                  "host": "test"}, {"match": "/any/**", "auth": {"roles": ["admin"]}})
    pair, gone = gateway.auth().register("ada"), gateway.auth().login("ada")
    gateway.auth().logout(gone)
    cookie = [("Host", "test"), ("Cookie", f"access_token={pair.access}")]
    rows = [("nobody", "/any", [], "token_missing", None),
            ("without the role", "/any", pair.bearer.items(), "forbidden", pair.user_id),
            ("signed out", "/any", gone.bearer.items(), "token_revoked", None),
            ("forged", "/any", [("Authorization", f"Bearer {pair.access}x")], "token_invalid", None),
            ("forged among the protocols", "/any", [("Sec-WebSocket-Protocol", f"bearer, {pair.access}x, chat")],
             "token_invalid", None),
            ("a page of ours", "/ws", [*cookie, ("Origin", ORIGIN)], "forbidden", pair.user_id),
            ("a page of others", "/ws", [*cookie, ("Origin", "http://evil.example")], "origin_forbidden", None),
            ("no page at all", "/ws", cookie, "origin_forbidden", None)]
    for name, below, fields, code, user in rows:
        path, before = watched.path(below), watched.counted(code)
        with opened(gateway, path, [*fields, ("X-User-Id", "root"), ("X_User_Id", "root")]) as client:
            client.say(b"hello", TEXT)
            assert client.hear() == (TEXT, b"hello"), name
            client.say(b"", CLOSE)
            assert client.hear() == (CLOSE, b"")
        seen = backend.last
        assert seen.all("X-User-Id") == ([user] if user else []), name
        head = seen.raw_head
        assert b"root" not in head and pair.access.encode() not in head and gone.access.encode() not in head, name
        assert not {"cookie", "authorization", "x_user_id"} & set(seen.names()), name
        record = watched.record(path)
        assert (record["status"], record["would_refuse"], record.get("user_id")) == (101, code, user), name
        wait_until(lambda code=code, before=before: watched.counted(code) == before + 1, f"{name} to be counted")


def test_a_websocket_stays_when_its_session_ends(reporting, backend):
    backend.behaviour = echoing()
    gateway, watched = reporting({"match": "/any/**"})
    pair, other = gateway.auth().register("ada"), gateway.auth().login("ada")
    with opened(gateway, "/any/stays", pair.bearer) as stays, opened(gateway, "/other", other.bearer) as ends:
        gateway.auth().logout(pair)
        gateway.auth().logout(other)
        assert ends.hear() == (CLOSE, (1008, "session ended")), "as everywhere else"
        wait_until(lambda: gateway.ask("GET", "/seen", other.bearer).status == 401, "the token to be refused")
        stays.say(b"still here")
        assert stays.hear() == (BINARY, b"still here")
        stays.say(b"", CLOSE)
        assert stays.hear() == (CLOSE, b"")
    assert "cut off" not in watched.record("/any/stays").get("reason", "")
    with opened(gateway, "/any/again", pair.bearer) as client:
        assert backend.last.all("X-User-Id") == [], "who comes back is nobody"
        client.say(b"", CLOSE)
        assert client.hear() == (CLOSE, b"")
    assert watched.record("/any/again")["would_refuse"] == "token_revoked"
