"""`logout: confirmed`: when the 204 is there, no replica takes the token any more, whatever has
happened to a replica or to what it hears; and who cannot know says 503 where a token is needed."""

import os
import random
import re
import signal
import time

import pytest

from harness import Gateway, wait_until
from harness.fault_proxy import FaultProxy
from harness.oracle import Oracle
from harness.postgres import Postgres
from harness.raw_client import RawClient
from harness.replicas import replicas
from harness.server import state_of

CONFIRMED = {"logout": "confirmed"}
LEASE = 1.0  # seconds
LONGEST = 2 * LEASE + 4  # a logout never waits longer; other tests share the machine with this one
AT_ONCE = 0.8 * LEASE
LOGOUTS = 100


@pytest.fixture
def server():
    with Postgres() as running:
        yield running


@pytest.fixture
def gateways(tmp_path, server, backend):
    with replicas(tmp_path, server, backend, **CONFIRMED) as running:
        yield running


def told(gateway, pair, target="/items"):
    answer = gateway.ask("GET", target, pair.bearer)
    return answer.status if answer.status == 200 else answer.error_code()


def time_of(call, *arguments):
    began = time.monotonic()
    call(*arguments)
    return time.monotonic() - began


def wait_for_one_at_once(call, *arguments):
    """Whoever waits for somebody waits each time; on a busy machine one alone may take as long."""
    wait_until(lambda: time_of(call, *arguments) < AT_ONCE, "a call that waits for nobody")


def log_out_somebody(gateway):
    """Of `ada`, at a gateway that may wait for others."""
    return time_of(gateway.auth().logout, gateway.auth().login("ada"))


@pytest.mark.parametrize("path", ["/logout", "/logout-all", "/sessions/ID", "/password/change"])
def test_with_the_answer_every_replica_refuses(gateways, path):
    """The very first request after the answer, at each of the others, while people sign in and out."""
    auths = [gateway.auth() for gateway in gateways]
    auths[0].register("ada")
    oracle = Oracle(clients=4)
    with oracle.at_work(gateways):
        for _ in range(LOGOUTS // 4):
            ended, asking = auths[0].login("ada"), auths[1].login("ada")
            asked, *others = random.sample(gateways, len(gateways))
            assert end(asked, path, ended, asking).status == 204
            assert [told(other, ended) for other in others] == ["token_revoked"] * len(others)
    assert oracle.unanswered == []


def end(gateway, path, ended, asking):
    """Ends a session in one of the ways there are."""
    if path == "/sessions/ID":
        mine = gateway.auth().call("/sessions", method="GET", fields=ended.bearer).json()
        current = next(session["id"] for session in mine if session["current"])
        return gateway.auth().call(f"/sessions/{current}", method="DELETE", fields=asking.bearer)
    if path == "/password/change":
        same = {"currentPassword": "correct horse battery", "newPassword": "correct horse battery"}
        return gateway.auth().call(path, same, asking.bearer)
    return gateway.auth().call(path, fields=ended.bearer)


OPERATORS = {
    "block": lambda pair, name: ("user", "block", name),
    "set-password": lambda pair, name: ("user", "set-password", name, "--password-stdin"),
    "delete": lambda pair, name: ("user", "delete", name),
    "revoke": lambda pair, name: ("session", "revoke", pair.session_id),
    "revoke all": lambda pair, name: ("session", "revoke", "--user", name),
}


@pytest.mark.parametrize("doing", OPERATORS)
def test_when_a_command_is_done_every_replica_refuses(gateways, doing):
    for number in range(8):
        name = f"user-{number}"
        pair = gateways[number % 3].auth().register(name)
        gateways[0].command(*OPERATORS[doing](pair, name), stdin="correct horse battery\n")
        assert [told(gateway, pair) for gateway in gateways] == ["token_revoked"] * 3


def operate(gateway, method, path):
    """One call of the admin API, with the token that this replica has made for itself."""
    [file] = gateway.folder.glob("*.admin-token")
    with RawClient(gateway.admin_port) as client:
        return client.exchange(method, f"/admin/v1{path}", [("Authorization", f"Bearer {file.read_text().strip()}")], host="localhost")


ADMIN_CALLS = {
    "block": lambda pair, name: ("POST", f"/users/{name}/block"),
    "end all": lambda pair, name: ("DELETE", f"/users/{name}/sessions"),
    "end one": lambda pair, name: ("DELETE", f"/sessions/{pair.session_id}"),
}


@pytest.mark.parametrize("doing", ADMIN_CALLS)
def test_with_the_answer_of_an_admin_call_every_replica_refuses(gateways, doing):
    """The very first request after the answer, at each of them; the call goes to another one than the login."""
    for number in range(8):
        name = f"user-{number}"
        pair = gateways[number % 3].auth().register(name)
        assert [told(gateway, pair) for gateway in gateways] == [200] * 3
        assert operate(gateways[(number + 1) % 3], *ADMIN_CALLS[doing](pair, name)).status in (200, 204)
        assert [told(gateway, pair) for gateway in gateways] == ["token_revoked"] * 3


def test_with_the_answer_of_an_admin_call_every_replica_refuses_a_key(gateways):
    gateways[0].auth().register("robot")
    for number in range(8):
        made = gateways[0].command("apikey", "create", "--user", "robot", "--name", f"key-{number}").stdout
        key = re.search(r"gh_([\w-]{22})_[\w-]{50}", made)
        bearer = {"Authorization": f"Bearer {key[0]}"}
        for gateway in gateways:
            wait_until(lambda: gateway.ask("GET", "/items", bearer).status == 200, "the key to be known")
        assert operate(gateways[number % 3], "DELETE", f"/api-keys/{key[1]}").status == 204
        assert [gateway.ask("GET", "/items", bearer).error_code() for gateway in gateways] == ["token_revoked"] * 3


def test_an_admin_call_waits_for_a_frozen_replica_as_long_as_a_logout_does(gateways):
    a, b, c = gateways
    pair, standing = a.auth().register("ada"), a.auth().register("bob")
    wait_for_one_at_once(operate, a, "POST", "/users/ada/unblock")  # what ends nothing waits for nobody
    c.signal(signal.SIGSTOP)
    wait_until(lambda: state_of(c.pid) == "T", "the replica to stand still")
    try:
        took = time_of(operate, a, "POST", "/users/ada/block")
    finally:
        c.signal(signal.SIGCONT)
    assert LEASE < took < LONGEST
    assert told(b, pair) == "token_revoked"
    wait_until(lambda: told(c, standing) == 200, "the replica to serve again")
    assert told(c, pair) == "token_revoked"


def test_a_command_waits_for_a_frozen_replica_as_long_as_a_logout_does(gateways):
    a, b, c = gateways
    pair, standing = a.auth().register("ada"), a.auth().register("bob")
    quick = time_of(a.command, "user", "unblock", "ada")
    c.signal(signal.SIGSTOP)
    wait_until(lambda: state_of(c.pid) == "T", "the replica to stand still")
    try:
        took = time_of(a.command, "user", "block", "ada")
    finally:
        c.signal(signal.SIGCONT)
    assert LEASE < took < LONGEST + quick
    assert told(b, pair) == "token_revoked"
    wait_until(lambda: told(c, standing) == 200, "the replica to serve again")
    assert told(c, pair) == "token_revoked"


def warnings_of(gateway):
    return [record["reason"] for record in gateway.store_log() if record["event"] == "warning"]


def test_gateways_that_differ_in_their_terms_say_so_loudly(tmp_path, server, backend):
    with replicas(tmp_path, server, backend, (None,), **CONFIRMED) as (first,):
        wait_until(lambda: "logout confirmed" in first.command("store", "status").stdout, "it to say its terms")
        assert "WARNING" not in first.command("store", "status").stdout
        for number, other in enumerate(({"logout": "immediate"}, {"logout": "confirmed", "feed_lease": "2s"})):
            settings = {**first.settings, **other}
            for key in ("listen", "admin"):
                settings.pop(key)
            second = Gateway(tmp_path / f"other-{number}", backend, **settings)
            try:
                told_there = wait_until(lambda: warnings_of(second), "the second to notice")[0]
                assert "gateways on this store differ" in told_there and f":{first.pid}:" in told_there
                status = first.command("store", "status").stdout
                assert "WARNING   gateways on this store differ" in status
            finally:
                second.stop()
            assert "WARNING" not in first.command("store", "status").stdout
        assert warnings_of(first) == []


def test_logouts_wait_once_for_a_replica_that_was_killed(gateways):
    a, b, c = gateways
    a.auth().register("ada")
    pairs = [a.auth().login("ada") for _ in range(3)]
    c.signal(signal.SIGKILL)
    c.process.wait()
    assert time_of(a.auth().logout, pairs[0]) < LONGEST
    assert told(b, pairs[0]) == "token_revoked"
    b.auth().logout(pairs[1])
    wait_until(lambda: log_out_somebody(b) < AT_ONCE, "a logout that waits for nobody")  # nobody expects it back
    c.start()
    assert [told(c, pair) for pair in pairs] == ["token_revoked", "token_revoked", 200]
    a.auth().logout(pairs[2])
    assert told(c, pairs[2]) == "token_revoked"  # it is one of them again


def test_nobody_waits_for_a_replica_that_was_stopped(gateways):
    a, _, c = gateways
    a.auth().register("ada")

    def nobody_waits():
        c.stop()
        took = log_out_somebody(a)
        c.start()
        return took < AT_ONCE
    wait_until(nobody_waits, "a logout that waits for nobody")  # not even the first; a busy machine has more than one try


def test_a_replica_that_was_frozen_takes_no_token_that_ended_meanwhile(gateways):
    a, b, c = gateways
    a.auth().register("ada")
    ended, standing = a.auth().login("ada"), a.auth().login("ada")
    with c.connect() as first, c.connect() as second:
        assert first.exchange("GET", "/items", ended.bearer).status == 200
        assert second.exchange("GET", "/items", standing.bearer).status == 200
        c.signal(signal.SIGSTOP)
        wait_until(lambda: state_of(c.pid) == "T", "the replica to stand still")
        try:
            assert time_of(b.auth().logout, ended) < LONGEST
            first.request("GET", "/items", ended.bearer)  # it is waiting there when the replica wakes up
            second.request("GET", "/items", standing.bearer)
        finally:
            c.signal(signal.SIGCONT)
        assert first.read_response().error_code() in {"store_unavailable", "token_revoked"}
        assert second.read_response().status in {200, 503}
    wait_until(lambda: told(c, standing) == 200, "the replica to serve again")
    assert told(c, ended) == "token_revoked"


def test_a_replica_that_hears_nothing_says_so_where_a_token_is_needed(tmp_path, server, backend):
    with FaultProxy(server.port) as proxy, replicas(tmp_path, server, backend, [None, None, proxy.port], **CONFIRMED) as gateways:
        a, b, deaf = gateways
        a.auth().register("ada")
        ended, standing = a.auth().login("ada"), a.auth().login("ada")
        proxy.blackhole()
        took = time_of(a.auth().logout, ended)
        assert took < LONGEST
        for path in ("/items", "/optional/a", "/auth/me", "/auth/verify", "/nowhere"):
            for pair in (ended, standing):
                refused = deaf.ask("GET", path, pair.bearer)
                assert (refused.status, refused.error_code()) == (503, "store_unavailable") or \
                    (pair is ended and refused.status == 401), path
                assert refused.status == 401 or int(refused["Retry-After"]) >= 1
        assert deaf.ask("GET", "/public/a", standing.bearer).status == 200
        assert deaf.ask("GET", "/optional/a").status == 200
        assert deaf.ask("GET", "/items").error_code() == "token_missing"
        for other in (a, b):
            assert (told(other, ended), told(other, standing)) == ("token_revoked", 200)
        proxy.heal()
        wait_until(lambda: told(deaf, standing) == 200, "the replica to catch up")
        assert told(deaf, ended) == "token_revoked"


def test_without_the_store_nobody_can_know(gateways, server):
    pair = gateways[0].auth().register("ada")
    server.stop()
    for gateway in gateways:
        wait_until(lambda: told(gateway, pair) == "store_unavailable", "the lease to end", LONGEST)
        assert gateway.ask("GET", "/public/a").status == 200
    server.start()
    for gateway in gateways:
        wait_until(lambda: told(gateway, pair) == 200, "the lease to be back")


def test_a_gateway_alone_on_sqlite_confirms_at_once(start_gateway, backend):
    gateway = start_gateway(backend, **CONFIRMED)
    pair = gateway.auth().register("ada")
    gateway.auth().logout(pair)
    assert told(gateway, pair) == "token_revoked"
    wait_until(lambda: log_out_somebody(gateway) < AT_ONCE, "a logout that waits for nobody")


def test_killed_at_random_nobody_takes_a_token_after_the_answer(gateways):
    """A few kills under load; after each answer the survivors are asked at once."""
    gateways[0].auth().register("ada")
    for _ in range(5):
        victim, asked, other = random.sample(gateways, 3)
        pairs = [asked.auth().login("ada") for _ in range(10)]
        for number, pair in enumerate(pairs):
            if number == 5:
                os.kill(victim.pid, signal.SIGKILL)
            asked.auth().logout(pair)
            assert told(other, pair) == "token_revoked"
        victim.process.wait()
        victim.start()
        assert [told(victim, pair) for pair in pairs] == ["token_revoked"] * len(pairs)
