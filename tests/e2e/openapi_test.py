"""What is answered is what docs/openapi describes: statuses, fields, codes and bodies."""

import json

import pytest

from harness.auth_client import PASSWORD
from harness.openapi import OpenApi
from harness.raw_client import RawClient

JSON = ("Content-Type", "application/json")
ORIGIN = ("Origin", "http://gateway.test")
BODIES = [b"", b"{}", b"[]", b'{"code":', b'{"code":"1","code":"1"}', b'{"currentPassword":1}', b"[" * 40,
          json.dumps({name: "x" for name in ("username", "password", "code", "loginToken", "token", "newPassword",
                                             "currentPassword", "refreshToken", "name")}).encode(),
          b'{"a":"' + b"x" * 17000 + b'"}']


class Described:
    """Makes calls, and keeps what of their answers the document does not describe."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.document = OpenApi("auth.json", prefix="/auth")
        self.calls = list(self.document.calls())
        self.undescribed = set()

    def ask(self, method, path, fields=(), body=b"", operation=None):
        if operation is None:
            operation = next(each for verb, where, each in self.calls if (verb, where) == (method, path))
        answer = self.gateway.ask(method, path, list(fields), body)
        faults = self.document.faults(operation, answer, with_body=method != "HEAD")
        self.undescribed |= {f"{method} {path}: {fault}" for fault in faults}
        return answer

    def tell(self, method, path, members, fields=()):
        return self.ask(method, path, [JSON, *fields], json.dumps(members).encode())


class Browser:
    """Who is signed in by cookies alone."""

    def __init__(self, described, name):
        self.described, self.name = described, name
        self._keep(described.tell("POST", "/auth/register", self._credentials()))

    def _credentials(self):
        return {"username": self.name, "password": PASSWORD, "delivery": "cookie"}

    def _keep(self, answer):
        assert answer.status in (200, 201), answer.body
        kept = [value.partition(";")[0] for value in answer.all("Set-Cookie")]
        self.cookies = ("Cookie", "; ".join(kept))

    def sign_in(self):
        self._keep(self.described.tell("POST", "/auth/login", self._credentials()))
        return self.cookies


@pytest.fixture
def described(start_gateway, backend):
    return Described(start_gateway(routes=[{"match": "/**", "to": backend.url, "session_cookie": True}],
                                   passkeys={"rp_id": "localhost", "origins": ["http://localhost:1"]}))


def test_refusals_of_bad_credentials_and_bodies_are_described(described):
    pair = described.gateway.auth().register("ada")
    bearers = [None, "Bearer x", f"Bearer {pair.refresh}", f"Bearer {pair.access}"]
    for method, path, operation in described.calls:
        for bearer in bearers:
            credential = [("Authorization", bearer)] if bearer else []
            for body in BODIES:
                described.ask(method, path, [JSON, *credential], body, operation)
            described.ask(method, path, [("Content-Type", "text/plain"), *credential], b"{}", operation)
            if path.startswith("/auth/logout"):
                pair = described.gateway.auth().login("ada")
                bearers[-1] = f"Bearer {pair.access}"
    assert described.undescribed == set()


def test_refusals_of_foreign_pages_are_described(described):
    cookies = Browser(described, "ada").cookies
    for method, path, operation in described.calls:
        for foreign in ("Origin", "http://elsewhere.test"), ("Sec-Fetch-Site", "cross-site"):
            answer = described.ask(method, path, [JSON, cookies, foreign], b"{}", operation)
            takes = operation["security"]  # clients come with a credential of their own, never with a cookie
            if {"bearer": []} in takes and {"client": []} not in takes:
                assert (method, path, answer.status) == (method, path, 403)
    assert described.undescribed == set()


def test_answers_that_clear_cookies_are_described(described):
    browser = Browser(described, "ada")

    def clears(method, path, members=None):
        answer = described.tell(method, path, members or {}, [browser.cookies, ORIGIN])
        return answer.status, bool(answer.all("Set-Cookie"))

    for method, path in ("POST", "/auth/logout"), ("DELETE", "/auth/logout"), ("POST", "/auth/logout-all"):
        assert clears(method, path) == (204, True)
        assert clears("POST", "/auth/refresh-token") == (403, True)
        browser.sign_in()
    sessions = described.ask("GET", "/auth/sessions", [browser.cookies], None).json()
    current = next(each["id"] for each in sessions if each["current"])
    operation = next(each for method, path, each in described.calls if (method, path) == ("DELETE", "/auth/sessions/nobody"))
    ended = described.ask("DELETE", f"/auth/sessions/{current}", [browser.cookies, ORIGIN], None, operation)
    assert (ended.status, bool(ended.all("Set-Cookie"))) == (204, True)
    browser.sign_in()
    assert clears("DELETE", "/auth/me", {"currentPassword": PASSWORD}) == (204, True)
    assert described.undescribed == set()


def test_answers_of_the_admin_api_are_described(gateway):
    gateway.auth().register("ada")
    token = (gateway.folder / "gatehouse.db.admin-token").read_text().strip()
    bearer = ("Authorization", f"Bearer {token}")
    document, undescribed = OpenApi("admin.json"), set()
    for method, path, operation in document.calls():
        if method == "POST" and path.rpartition("/")[2] in ("quit", "hand-over"):
            continue
        asked = [([JSON, bearer], body, "") for body in BODIES]
        asked += [([bearer, ("Content-Type", "text/plain")], b"{}", ""), ([bearer, ("Origin", "http://elsewhere.test")], b"", "")]
        asked += [([bearer], b"", "?" + query) for query in ("limit=0", "limit=1&limit=1", "after=nobody", "before=x", "since=x")]
        for fields, body, query in asked:
            with RawClient(gateway.admin_port) as client:
                answer = client.exchange(method, path + query, fields, body, host="localhost")
            undescribed |= {f"{method} {path}{query}: {fault}" for fault in document.faults(operation, answer)}
    assert undescribed == set()
