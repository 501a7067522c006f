"""What else backends learn of a user: claims as headers, and a signed identity they can check."""

import json
import subprocess

import pytest

from corpus.identity import folded
from harness import wait_until
from harness.services import TESTS

CLAIMS = {"email": "$email", "org": {"roles": "$roles", "plan": "pro"}, "hostile": "a\r\nX-User-Id: root",
          "long": "x" * 100, "name": "Zoë"}
HEADERS = [{"name": "X-User-Email", "claim": "email"}, {"name": "X-Org", "claim": "org.roles", "join": ","},
           {"name": "X-Hostile", "claim": "hostile"}, {"name": "X-Long", "claim": "long", "max": "99B"},
           {"name": "X-Name", "claim": "name"}, {"name": "X-Plan", "claim": "org.plan"}]


OWNED = {folded(header["name"]) for header in HEADERS} | {"x-identity", "x-user-id"}


def told(request):
    return {name: value for name, value in request.fields if folded(name) in OWNED}


@pytest.fixture
def house(start_gateway, backend):
    gateway = start_gateway(backend, identity={"headers": HEADERS, "signed": {}}, trusted_proxies=["127.0.0.0/8"],
                            auth={"contract": {"claims": CLAIMS}})
    auth = gateway.auth()
    auth.register("ada", email="ada@example.com")
    gateway.command("user", "set-roles", "ada", "admin", "staff")
    return gateway, auth.login("ada")


def test_claims_travel_whole_or_not_at_all(house, backend):  # R22
    gateway, pair = house
    for _ in range(3):
        gateway.ask("GET", "/private", pair.bearer)
        fields = told(backend.last)
        fields.pop("X-Identity")
        assert fields == {"X-User-Email": "ada@example.com", "X-Org": "admin,staff", "X-Plan": "pro",
                          "X-User-Id": pair.user_id}
        assert backend.last.names()[-1] == "x-user-id"


def test_nobody_else_writes_them(house, backend):  # R20, R21
    gateway, pair = house
    for name in OWNED:
        for spelling in (name, name.replace("-", "_"), name.upper().replace("-", ".")):
            for path, bearer in (("/public/a", {}), ("/optional/a", {}), ("/private", pair.bearer)):
                fields = [(spelling, "forged"), ("Connection", name), *bearer.items()]
                assert gateway.ask("GET", path, fields).status == 200
                assert b"forged" not in backend.last.raw_head, (spelling, path)
                assert bool(told(backend.last)) == bool(bearer), (spelling, path)
            trailer = f"3\r\nabc\r\n0\r\n{spelling}: forged\r\n\r\n".encode()
            gateway.ask("POST", "/private", [*pair.bearer.items(), ("Transfer-Encoding", "chunked")], trailer)
            assert b"forged" not in backend.exchanges[-1].received, spelling


def test_new_roles_are_told_at_once(house, backend):
    gateway, pair = house

    def orgs():
        gateway.ask("GET", "/private", pair.bearer)
        return backend.last.all("X-Org")

    assert orgs() == ["admin,staff"]
    gateway.command("user", "set-roles", "ada", "reader")
    wait_until(lambda: all(orgs() == ["reader"] for _ in range(8)), "the new roles")


def test_verify_and_explain_tell_the_same(house, backend):
    gateway, pair = house
    gateway.ask("GET", "/private", pair.bearer)
    expected = told(backend.last)
    fields = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/private"), *pair.bearer.items()]
    answer = gateway.ask("GET", "/auth/verify", fields)
    assert {name for name in answer.fields if folded(name[0]) in OWNED - {"x-identity"}} == \
        {pair for pair in expected.items() if folded(pair[0]) != "x-identity"}
    assert len(answer.all("X-Identity")) == 1
    shown = gateway.command("explain", "GET /private", "--token", pair.access).stdout
    for name in ("X-User-Email", "X-Org", "X-Plan", "X-User-Id"):
        assert f"  {name}: {expected[name]}\n" in shown
    assert "X-Identity: " in shown and "X-Hostile" not in shown


def checked(gateway, audience, token):
    """What a real verifier makes of it."""
    script = TESTS / "e2e" / "clients" / "verify_identity.cjs"
    done = subprocess.run(["node", str(script), f"{gateway.url}/.well-known/jwks.json", audience, token],
                          capture_output=True, text=True, timeout=30, cwd=TESTS)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_backend_can_check_who_wrote_the_identity(house, backend):
    gateway, pair = house
    gateway.ask("GET", "/private", pair.bearer)
    token = backend.last.all("X-Identity")[0]
    said = checked(gateway, backend.url, token)
    assert (said["sub"], said["roles"], said["aud"]) == (pair.user_id, ["admin", "staff"], backend.url)
    assert said["exp"] - said["iat"] == 60
    assert "error" in checked(gateway, "http://another", token)
    assert "error" in checked(gateway, backend.url, token[:-6] + "AAAAAA")
    assert checked(gateway, pair.user_id, pair.access) == {"error": "this is a at+jwt"}


def test_a_signed_identity_opens_nothing_here(house, backend):
    gateway, pair = house
    gateway.ask("GET", "/private", pair.bearer)
    token = backend.last.all("X-Identity")[0]
    count = len(backend.requests)
    for path in ("/private", "/auth/me", "/auth/verify"):
        assert gateway.ask("GET", path, {"Authorization": f"Bearer {token}"}).error_code() == "token_invalid"
    assert gateway.auth().try_refresh(token).status == 403
    assert len(backend.requests) == count


def test_only_a_trusted_peer_is_given_a_proof(start_gateway, backend):
    """A client could show it to a backend by itself."""
    gateway = start_gateway(backend, identity={"signed": {"audience": "inside"}})
    pair = gateway.auth().register("ada")
    answer = gateway.ask("GET", "/auth/verify", pair.bearer)
    assert (answer.status, answer.all("X-Identity")) == (200, [])
    trusting = start_gateway(backend, identity={"signed": {"audience": "inside"}}, trusted_proxies=["127.0.0.0/8"])
    pair = trusting.auth().register("ada")
    token = trusting.ask("GET", "/auth/verify", pair.bearer)["X-Identity"]
    assert checked(trusting, "inside", token)["sub"] == pair.user_id
