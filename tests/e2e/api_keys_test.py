"""API keys in the life of a machine: made by an operator, used at any replica, revoked, and what of
all that survives crashes and outages."""

import json
import re
import time

import pytest

from harness import wait_until
from harness.postgres import Postgres
from harness.replicas import FEED_BOUND, replicas

FORM = re.compile(r"gh_[A-Za-z0-9_-]{22}_[A-Za-z0-9_-]{43}_[A-Za-z0-9_-]{6}")


def create(gateway, user, *more):
    """A new key: its text, which is shown once."""
    text = gateway.command("apikey", "create", "--user", user, *more).stdout.strip()
    assert FORM.fullmatch(text)
    return text


def key_id(text):
    return text[3:25]


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


def told(gateway, text, target="/items"):
    answer = gateway.ask("GET", target, bearer(text))
    return answer.status if answer.status == 200 else answer.error_code()


def eventually(gateway, text, expected, within=FEED_BOUND, target="/items"):
    wait_until(lambda: told(gateway, text, target) == expected, f"{expected}", within)


def rows(gateway, *more):
    """What `apikey list` says, by id."""
    lines = gateway.command("apikey", "list", *more).stdout.splitlines()[1:]
    return {line.split()[0]: line for line in lines}


# ---- one gateway ------------------------------------------------------------------------------


def test_a_new_key_is_its_user_within_a_second_and_a_revoked_one_nobody(gateway, backend):
    user = gateway.auth().register("robot").user_id
    key = create(gateway, "robot", "--name", "ci", "--scope", "orders.read")
    eventually(gateway, key, 200)
    assert backend.last.all("X-User-Id") == [user]
    assert backend.last.all("Authorization") == []
    gateway.command("apikey", "revoke", key_id(key))
    eventually(gateway, key, "token_revoked")


def test_what_is_no_key_is_refused(gateway):
    gateway.auth().register("robot")
    key = create(gateway, "robot")
    eventually(gateway, key, 200)
    other = create(gateway, "robot")
    swapped = key[:25] + other[25:]
    for guess in (key[:-1], key + "A", key[:40] + ("A" if key[40] != "A" else "B") + key[41:], swapped,
                  "gh_", key[3:], "gh_" + "A" * 22 + "_" + "A" * 43 + "_" + "A" * 6):
        assert told(gateway, guess) == "token_invalid", guess
    answer = gateway.ask("GET", "/items", [("Authorization", f"Bearer {key}"), ("Authorization", f"Bearer {key}")])
    assert answer.error_code() == "token_invalid"
    assert gateway.ask("GET", f"/items?access_token={key}").error_code() == "token_missing"


def test_a_key_has_the_roles_of_its_user_of_this_moment(start_gateway, backend):
    gateway = start_gateway(backend, routes=[{"match": "/items", "auth": {"roles": ["admin"]}, "to": backend.url}])
    gateway.auth().register("robot")
    key = create(gateway, "robot")
    eventually(gateway, key, "forbidden")
    gateway.command("user", "set-roles", "robot", "admin")
    eventually(gateway, key, 200)
    gateway.command("user", "set-roles", "robot", "reader")
    eventually(gateway, key, "forbidden")


def test_a_key_expires(gateway):
    gateway.auth().register("robot")
    key = create(gateway, "robot", "--expires", "6s")  # there is time to see it work
    eventually(gateway, key, 200)
    eventually(gateway, key, "token_expired", within=20)
    assert "expired" in rows(gateway)[key_id(key)]


@pytest.mark.parametrize("call", [
    ("POST", "/auth/logout"), ("DELETE", "/auth/logout"), ("POST", "/auth/logout-all"),
    ("POST", "/auth/logout-others"), ("GET", "/auth/sessions"), ("DELETE", "/auth/sessions/" + "A" * 22),
    ("POST", "/auth/password/change"),
])
def test_a_key_changes_no_account_and_no_session(gateway, call):
    method, path = call
    pair = gateway.auth().register("robot")
    key = create(gateway, "robot")
    eventually(gateway, key, 200)
    body = json.dumps({"currentPassword": "correct horse battery", "newPassword": "another good one"}).encode()
    fields = [*bearer(key).items(), ("Content-Type", "application/json")]
    answer = gateway.ask(method, path, fields, body if "password" in path else None)
    assert (answer.status, answer.error_code()) == (403, "forbidden")
    assert gateway.ask("GET", "/items", pair.bearer).status == 200
    assert gateway.auth().login("robot").user_id == pair.user_id


def test_a_key_refreshes_nothing(gateway):
    gateway.auth().register("robot")
    key = create(gateway, "robot")
    eventually(gateway, key, 200)
    assert gateway.auth().try_refresh(key).error_code() == "refresh_token_invalid"
    assert gateway.ask("GET", "/auth/me", bearer(key)).json()["username"] == "robot"
    assert gateway.ask("GET", "/auth/verify", bearer(key)).status == 200


def test_a_blocked_users_keys_are_gone_for_good_and_a_deleted_users_too(gateway):
    for name in ("robot", "other"):
        gateway.auth().register(name)
    key, other = create(gateway, "robot"), create(gateway, "other")
    eventually(gateway, other, 200)
    gateway.command("user", "block", "robot")
    eventually(gateway, key, "token_revoked")
    refused = gateway.command("apikey", "create", "--user", "robot", check=False)
    assert refused.returncode == 1 and "blocked" in refused.stderr
    gateway.command("user", "unblock", "robot")
    again = create(gateway, "robot")
    eventually(gateway, again, 200)
    assert told(gateway, key) == "token_revoked"
    gateway.command("user", "delete", "other")
    eventually(gateway, other, "token_revoked")
    assert key_id(other) not in rows(gateway)


def test_keys_survive_a_restart_and_a_list_says_when_they_were_used(gateway):
    gateway.auth().register("robot")
    used, idle, gone = (create(gateway, "robot", "--name", name) for name in ("used", "idle", "gone"))
    gateway.command("apikey", "revoke", gone)  # the key itself is as good as its id
    for key in (used, idle):
        eventually(gateway, key, 200)
    gateway.stop()
    gateway.start()
    assert [told(gateway, key) for key in (used, idle, gone)] == [200, 200, "token_revoked"]
    listed = rows(gateway, "--user", "robot")
    never = re.compile(r" never\s+never\s+")
    assert not never.search(listed[key_id(used)])
    assert never.search(listed[key_id(gone)])
    assert " revoked " in listed[key_id(gone)] and " active " in listed[key_id(used)]
    assert used not in str(listed) and used[26:69] not in str(listed)


def test_neither_the_store_nor_the_logs_hold_a_key(gateway, tmp_path):
    gateway.auth().register("robot")
    key = create(gateway, "robot")
    eventually(gateway, key, 200)
    told(gateway, key[:-1])
    gateway.command("apikey", "revoke", key)
    eventually(gateway, key, "token_revoked")
    gateway.stop()
    secret = key[26:69].encode()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes(), path


def test_the_audit_names_who_got_a_key_and_which_and_never_the_key(gateway):
    gateway.auth().register("robot")
    key = create(gateway, "robot", "--scope", "orders.read", "--scope", "orders.write")
    gateway.command("apikey", "revoke", key_id(key))
    lines = gateway.command("audit", "--json", "--user", "robot").stdout.splitlines()
    events = {record["event"]: record for record in map(json.loads, lines)}
    assert events["apikey_create"]["detail"] == f"{key_id(key)} orders.read,orders.write"
    assert events["apikey_revoke"]["detail"] == key_id(key)
    assert key[26:] not in str(lines)


def test_mistakes_are_told(gateway):
    gateway.auth().register("robot")
    for words, code, sentence in (
            (("create", "--user", "nobody"), 1, "not known"),
            (("create",), 2, "--user"),
            (("create", "--user", "robot", "--expires", "soon"), 2, "90d"),
            (("create", "--user", "robot", "--expires", "0s"), 2, "expires"),
            (("create", "--user", "robot", "--scope", "a b"), 2, "scopes"),
            (("create", "--user", "robot", "--name", "x" * 65), 2, "name"),
            (("revoke", "A" * 22), 1, "not known"),
            (("list", "--user", "nobody"), 1, "not known")):
        ended = gateway.command("apikey", *words, check=False)
        assert ended.returncode == code and sentence in ended.stderr, (words, ended.stderr)
    assert rows(gateway) == {}


def test_explain_knows_a_key(gateway):
    gateway.auth().register("robot")
    key = create(gateway, "robot")
    assert "a good API key of user" in gateway.command("explain", "GET /items", "--token", key).stdout
    gateway.command("apikey", "revoke", key)
    assert "token_revoked" in gateway.command("explain", "GET /items", "--token", key).stdout


def test_a_route_may_want_people_and_no_machines(start_gateway, backend):
    gateway = start_gateway(backend, routes=[
        {"match": "/items", "to": backend.url},
        {"match": "/people", "to": backend.url, "api_keys": False},
        {"match": "/maybe", "to": backend.url, "auth": "optional", "api_keys": False}])
    pair = gateway.auth().register("robot")
    key = create(gateway, "robot")
    eventually(gateway, key, 200)
    for target in ("/people", "/maybe"):
        assert told(gateway, key, target) == "forbidden"
        assert gateway.ask("GET", target, pair.bearer).status == 200
    assert "forbidden" in gateway.command("explain", "GET /people", "--token", key).stdout


# ---- crashes ----------------------------------------------------------------------------------


def test_no_acknowledged_key_and_no_acknowledged_end_is_lost_to_a_kill(gateway):
    gateway.auth().register("robot")
    keys = [create(gateway, "robot") for _ in range(4)]
    for key in keys[::2]:
        eventually(gateway, key, 200)
        gateway.command("apikey", "revoke", key_id(key))
    gateway.kill()
    gateway.start()
    assert [told(gateway, key) for key in keys] == ["token_revoked", 200, "token_revoked", 200]


# ---- many gateways ----------------------------------------------------------------------------


def test_every_replica_knows_keys_and_none_needs_the_store(tmp_path, backend):
    with Postgres() as server, replicas(tmp_path, server, backend) as gateways:
        a, b, c = gateways
        a.auth().register("robot")
        key, fresh = create(a, "robot"), create(a, "robot")
        for gateway in gateways:
            eventually(gateway, key, 200)
        took = []
        for _ in range(10):
            victim = create(a, "robot")
            for gateway in gateways:
                eventually(gateway, victim, 200)
            a.command("apikey", "revoke", key_id(victim))
            began = time.monotonic()
            for gateway in gateways:
                eventually(gateway, victim, "token_revoked")
            took.append(time.monotonic() - began)
        print(f"a revoked key reached three replicas after at most {max(took) * 1000:.0f} ms")

        server.stop()
        for gateway in gateways:
            assert told(gateway, fresh) == 200  # also one that was never seen before
            assert told(gateway, key) == 200
            other = "y" if key[30] == "x" else "x"
            assert told(gateway, key[:30] + other + key[31:]) == "token_invalid"
        server.start()
        wait_until(lambda: a.command("apikey", "revoke", key_id(key), check=False).returncode == 0,
                   "the store to be back", 20)
        for gateway in gateways:
            eventually(gateway, key, "token_revoked", within=10)
        assert told(b, fresh) == 200
        c.kill()
        c.start()
        assert [told(c, key), told(c, fresh)] == ["token_revoked", 200]


def test_a_confirmed_revocation_is_known_everywhere_when_the_command_is_back(tmp_path, backend):
    with Postgres() as server, replicas(tmp_path, server, backend, logout="confirmed") as gateways:
        gateways[0].auth().register("robot")
        for number in range(5):
            keys = [create(gateways[0], "robot") for _ in range(2)]
            for key in keys:
                for gateway in gateways:
                    eventually(gateway, key, 200)
            gateways[number % 3].command("apikey", "revoke", keys[0])
            assert [told(gateway, keys[0]) for gateway in gateways] == ["token_revoked"] * 3
            form = [("Content-Type", "application/x-www-form-urlencoded")]
            answer = gateways[number % 3].ask("POST", "/auth/revoke", form, f"token={keys[1]}".encode())
            assert answer.status == 200
            assert [told(gateway, keys[1]) for gateway in gateways] == ["token_revoked"] * 3
