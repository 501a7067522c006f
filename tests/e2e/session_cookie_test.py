"""Pages without token code: both tokens in cookies, renewed by the gateway on the way of a request."""

import base64
import contextlib
import json
import time

import pytest

from harness import wait_until
from store_outage_test import write_transaction

ORIGIN = "http://test"


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


class Browser:
    """Keeps cookies as a page's browser would, and never looks into them."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.cookies = {}

    def take(self, response):
        for value in response.all("Set-Cookie"):
            pair, *attributes = value.split("; ")
            name, _, content = pair.partition("=")
            assert "Path=/" in attributes and "Secure" in attributes, value
            assert ("HttpOnly" in attributes) == (name != "csrf_token"), value
            if "Max-Age=0" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = content
        return response

    def fields(self, *more, without=()):
        kept = [f"{name}={value}" for name, value in self.cookies.items() if name not in without]
        return [("Host", "test"), ("Cookie", "; ".join(kept)), *more]

    def ask(self, method, target, *more, body=None, without=()):
        return self.take(self.gateway.ask(method, target, self.fields(*more, without=without), body))

    def sign_up(self, name):
        response = self.gateway.auth().call(
            "/register", {"username": name, "password": "correct horse battery", "delivery": "cookie"})
        assert response.status == 201
        self.take(response)
        assert set(self.cookies) == {"access_token", "refresh_token", "csrf_token"}
        self.user_id = response.json()["user"]["id"]
        return self

    def wait_for_expiry(self):
        exp = claims_of(self.cookies["access_token"])["exp"]
        wait_until(lambda: time.time() > exp + 0.05, "the access token to expire")


@pytest.fixture
def pages(start_gateway, backend):
    """A gateway whose pages keep their session in cookies, with an access life of four seconds."""
    return start_gateway(
        tokens={"access_ttl": "4s"},
        routes=[{"match": "/admin/**", "auth": {"roles": ["admin"]}, "to": backend.url, "session_cookie": True},
                {"match": "/guests/**", "auth": "optional", "to": backend.url, "session_cookie": True},
                {"match": "/api/**", "to": backend.url},
                {"match": "/**", "to": backend.url, "session_cookie": True}])


def test_a_page_stays_signed_in_without_a_line_of_code(pages, backend):
    ann = Browser(pages).sign_up("ann")
    first = dict(ann.cookies)
    page = ann.ask("GET", "/page")
    assert page.status == 200 and page.all("Set-Cookie") == []
    ann.wait_for_expiry()
    page = ann.ask("GET", "/page?x=1")
    assert (page.status, page["Cache-Control"]) == (200, "no-store")
    assert backend.last.all("X-User-Id") == [ann.user_id]
    assert backend.last.all("Cookie") == [], "none of ours"
    assert backend.last.target == "/page?x=1"
    assert ann.cookies["csrf_token"] == first["csrf_token"], "one for the whole session"
    before, after = claims_of(first["refresh_token"]), claims_of(ann.cookies["refresh_token"])
    assert (after["sid"], after["gen"]) == (before["sid"], before["gen"] + 1)
    assert ann.ask("GET", "/page").all("Set-Cookie") == [], "until it expires again"
    assert ann.ask("GET", "/page", without=["access_token"]).status == 200, "a browser has dropped it"
    assert ann.ask("GET", "/guests/x", without=["access_token"]).status == 200
    assert backend.last.all("X-User-Id") == [ann.user_id]
    assert ann.ask("GET", "/api/x").status == 401, "that route says nothing of cookies"
    refused = ann.ask("GET", "/admin/x", without=["access_token"])
    assert refused.status == 403 and len(refused.all("Set-Cookie")) == 3, "renewed, and not allowed"
    assert ann.ask("GET", "/auth/me", ("Origin", ORIGIN)).status == 200, "calls of the API take it too"


def test_parallel_requests_are_renewed_once(pages, backend):
    ann = Browser(pages).sign_up("ann")
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(pages.connect()) for _ in range(24)]
        for round_ in range(3):
            ann.wait_for_expiry()
            generation = claims_of(ann.cookies["refresh_token"])["gen"]
            fields = ann.fields()
            for client in clients:
                client.request("GET", f"/page/{round_}", fields)
            answers = [client.read_response("GET") for client in clients]
            assert [answer.status for answer in answers] == [200] * len(clients)
            for answer in answers:
                ann.take(answer)
                assert claims_of(ann.cookies["refresh_token"])["gen"] == generation + 1
            late = pages.ask("GET", "/late", fields)
            assert late.status == 200, "a straggler is no thief"
            assert claims_of(ann.take(late) and ann.cookies["refresh_token"])["gen"] == generation + 1
    assert ann.ask("GET", "/page").status == 200


def test_an_ended_session_is_over_for_its_page(pages, backend):
    ann = Browser(pages).sign_up("ann")
    kept = dict(ann.cookies)
    assert ann.ask("POST", "/auth/logout", ("Origin", ORIGIN), body=b"").status == 204
    assert ann.cookies == {}
    for without in ([], ["access_token"]):
        ann.cookies = dict(kept)
        answer = ann.ask("GET", "/page", without=without)
        assert (answer.status, answer.error_code()) == (401, "token_revoked")
        assert ann.cookies == {}
        assert ann.ask("GET", "/guests/x").status == 200, "and goes on as a guest"
    assert backend.last.all("X-User-Id") == []


def test_the_store_is_asked_for_expired_tokens_alone(pages, backend):
    ann = Browser(pages).sign_up("ann")
    with write_transaction(pages):
        assert ann.ask("GET", "/page").status == 200
        ann.wait_for_expiry()
        began = time.monotonic()
        answer = ann.ask("GET", "/page")
        assert (answer.status, answer.error_code()) == (503, "store_unavailable"), answer.body
        assert int(answer["Retry-After"]) >= 1 and answer.all("Set-Cookie") == []
        assert time.monotonic() - began < 5  # a second is promised; other tests share the machine
    wait_until(lambda: ann.ask("GET", "/page").status == 200, "the store to answer again")


def test_pages_of_others_change_nothing(pages, backend):
    ann = Browser(pages).sign_up("ann")
    forged = [[("Origin", "http://evil.example")], [("Origin", "null")], [("Sec-Fetch-Site", "cross-site")],
              [("Sec-Fetch-Site", "same-site")], [], [("X-CSRF-Token", "x" * 43)],
              [("Origin", "http://evil.example"), ("X-CSRF-Token", ann.cookies["csrf_token"])]]
    own = [[("Origin", ORIGIN)], [("Sec-Fetch-Site", "same-origin")],
           [("X-CSRF-Token", ann.cookies["csrf_token"])]]
    cookies = dict(ann.cookies)
    for without in ([], ["access_token"]):
        ann.cookies = dict(cookies)
        seen = len(backend.requests)
        for fields in forged:
            answer = ann.ask("POST", "/transfer", *fields, body=b"all", without=without)
            assert (answer.status, answer.error_code()) == (403, "origin_forbidden"), fields
            assert answer.all("Set-Cookie") == [], "and nothing was spent"
        assert len(backend.requests) == seen
        for fields in own:
            assert ann.ask("POST", "/transfer", *fields, body=b"all", without=without).status == 200, fields
        assert ann.ask("GET", "/page", ("Sec-Fetch-Site", "cross-site"), without=without).status == 200, "a link"


def test_a_bearer_decides(pages, backend):
    ann = Browser(pages).sign_up("ann")
    bob = pages.auth().register("bob")
    assert ann.ask("GET", "/page", *bob.bearer.items()).status == 200
    assert backend.last.all("X-User-Id") == [bob.user_id]
    assert ann.ask("POST", "/page", *bob.bearer.items(), ("Origin", "http://evil.example"), body=b"").status == 200
    ann.wait_for_expiry()
    answer = ann.ask("GET", "/page", ("Authorization", "Bearer x"))
    assert answer.status == 401 and answer.all("Set-Cookie") == []


def test_bodies_wait_for_the_decision(pages, backend):
    ann = Browser(pages).sign_up("ann")
    body = b"x" * 300_000
    answer = ann.ask("POST", "/upload", ("Origin", ORIGIN), body=body, without=["access_token"])
    assert answer.status == 200 and backend.last.body == body
    with pages.connect() as client:
        client.request("POST", "/upload", ann.fields(("Origin", ORIGIN), ("Content-Length", "5"),
                                                     ("Expect", "100-continue"), without=["access_token"]))
        client.send(b"hello")
        answer = client.read_response("POST")
        while answer.status == 100:
            answer = client.read_response("POST")
        assert answer.status == 200 and len(answer.all("Set-Cookie")) == 3
    assert backend.last.body == b"hello"
