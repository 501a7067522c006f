"""RFC 7009 and RFC 7662 as services use them, among them one written with a library from npm."""

import base64
import json
import subprocess
import time
from pathlib import Path

import pytest

from harness import wait_until

CLIENT = Path(__file__).parent / "clients" / "introspecting.mjs"
FORM = ("Content-Type", "application/x-www-form-urlencoded")


def bearer(text):
    return ("Authorization", f"Bearer {text}")


def create(gateway, user, *scopes):
    words = [word for scope in scopes for word in ("--scope", scope)]
    key = gateway.command("apikey", "create", "--user", user, *words).stdout.strip()
    wait_until(lambda: gateway.ask("GET", "/auth/me", [bearer(key)]).status == 200, "the new key")
    return key


def introspect(gateway, token, *fields):
    return gateway.ask("POST", "/auth/introspect", [FORM, *fields], f"token={token}".encode())


def revoke(gateway, token):
    answer = gateway.ask("POST", "/auth/revoke", [FORM], f"token={token}&token_type_hint=whatever".encode())
    return answer.status, answer.body


@pytest.fixture
def service(gateway):
    """A gateway, a pair of ada, and the key of a service that may ask."""
    gateway.auth().register("service")
    return gateway, gateway.auth().register("ada"), create(gateway, "service", "introspect")


def through_library(gateway, way, client_id, secret, *calls):
    done = subprocess.run(["node", CLIENT, f"http://127.0.0.1:{gateway.port}", way, client_id, secret],
                          input="".join(json.dumps(call) + "\n" for call in calls), timeout=30,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("way", ["basic", "post"])
def test_a_library_introspects_and_revokes(service, way):
    gateway, pair, asking = service
    key = create(gateway, "ada", "orders.read", "orders.write")
    before = int(time.time())
    told = through_library(gateway, way, asking[3:25], asking,
                           ["introspect", pair.access], ["introspect", pair.refresh], ["introspect", key],
                           ["introspect", "nonsense"], ["revoke", key], ["introspect", key],
                           ["revoke", pair.refresh], ["introspect", pair.access], ["introspect", pair.refresh],
                           ["revoke", "nonsense"])
    access, refresh, api_key, nonsense = told[:4]
    assert access["active"] and access["sub"] == pair.user_id and access["token_type"] == "Bearer"
    assert abs(access["iat"] - before) < 60 and access["exp"] == access["iat"] + 3600
    assert refresh["active"] and refresh["token_type"] == "refresh_token" and refresh["sid"] == access["sid"]
    assert api_key["active"] and api_key["scope"] == "orders.read orders.write" and api_key["client_id"] == key[3:25]
    assert nonsense == {"active": False}
    assert told[4:] == ["revoked", {"active": False}, "revoked", {"active": False}, {"active": False}, "revoked"]


def test_a_library_with_a_wrong_secret_gets_nowhere(service):
    gateway, pair, asking = service
    other = create(gateway, "ada", "introspect")
    for way, client_id, secret in (("basic", asking[3:25], "wrong"), ("post", asking[3:25], "wrong"),
                                   ("basic", asking[3:25], other), ("none", asking[3:25], "")):
        told = through_library(gateway, way, client_id, secret, ["introspect", pair.access])
        assert "error" in told[0], (way, told)
    # A client without a secret may revoke what it has.
    assert through_library(gateway, "none", "spa", "", ["revoke", pair.refresh]) == ["revoked"]
    assert gateway.ask("GET", "/items", pair.bearer).error_code() == "token_revoked"


def test_nobody_scans_tokens_without_a_credential(service):
    gateway, pair, asking = service
    assert introspect(gateway, pair.access).status == 401
    assert introspect(gateway, pair.access, bearer(pair.access)).error_code() == "forbidden"
    assert introspect(gateway, pair.access, bearer(asking)).json()["active"] is True
    bad = "Basic " + base64.b64encode(b"id:secret").decode()
    answer = introspect(gateway, pair.access, ("Authorization", bad))
    assert answer.status == 401
    assert any(value.startswith("Basic") for value in answer.all("WWW-Authenticate"))
    gateway.command("apikey", "revoke", asking[3:25])
    wait_until(lambda: introspect(gateway, pair.access, bearer(asking)).status == 401, "the end of the key")


def test_a_leaked_key_is_worthless_once_somebody_posted_it(gateway):
    gateway.auth().register("robot")
    key = create(gateway, "robot", "orders.read")
    assert revoke(gateway, key) == (200, b"")
    assert gateway.ask("GET", "/items", [bearer(key)]).error_code() == "token_revoked"
    assert revoke(gateway, key) == (200, b"")
    assert " revoked " in gateway.command("apikey", "list").stdout
    records = [json.loads(line) for line in gateway.command("audit", "--json", "--event", "apikey_revoke").stdout.splitlines()]
    assert [record["detail"] for record in records] == [key[3:25]]
    assert records[0]["client"]


def test_no_end_that_was_acknowledged_is_lost_to_a_kill(service):
    gateway, pair, asking = service
    key = create(gateway, "ada")
    assert revoke(gateway, key) == (200, b"") and revoke(gateway, pair.refresh) == (200, b"")
    gateway.kill()
    gateway.start()
    for token in (key, pair.access, pair.refresh):
        assert introspect(gateway, token, bearer(asking)).body == b'{"active":false}'
