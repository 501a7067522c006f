"""Accounts in SQL and sessions in Redis: two gateways are one to their clients, and to an operator's commands."""

import re
import subprocess
import time

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD
from harness.gateway import BINARY, Gateway
from harness.oracle import SETTINGS
from harness.ports import free_port
from harness.postgres import Postgres
from harness.redis import Redis
from harness.replicas import FEED_BOUND, RECOVERY, SLOWEST, SLOWEST_HASHING, replicas, surviving


@pytest.fixture(scope="module")
def redis():
    with Redis() as running:
        yield running


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def gateways(request, tmp_path, redis, backend):
    """Two of them on one store."""
    redis.call("FLUSHALL")
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        server.sql("DROP SCHEMA IF EXISTS gatehouse CASCADE")
        with replicas(tmp_path, server, backend, (None, None), **redis.as_sessions(tmp_path)) as running:
            yield running
        return
    settings = {"store": f"sqlite:{tmp_path}/gatehouse.db", "tokens": {"keys_file": f"{tmp_path}/keys.json"},
                **SETTINGS, **redis.as_sessions(tmp_path)}
    running = [Gateway(tmp_path / name, backend, **settings) for name in ("a", "b")]
    yield running
    for gateway in running:
        gateway.stop()


def told(gateway, pair):
    """What a gateway says to an access token: 200, or the code of a refusal."""
    answer = gateway.ask("GET", "/items", pair.bearer)
    return answer.status if answer.status == 200 else answer.error_code()


def everywhere(gateways, pair, expected):
    for number, gateway in enumerate(gateways):
        wait_until(lambda: told(gateway, pair) == expected, f"{expected} at gateway {number + 1}", FEED_BOUND)


def test_explain_knows_what_ended(gateways):
    here, there = gateways
    ada, phone = here.auth().register("ada"), there.auth().login("ada")
    there.auth().logout(ada)
    explained = here.command("explain", "GET /items", "--token", ada.access, check=False).stdout
    assert "decision: refused with 401 token_revoked" in explained, explained
    assert "decision: forwarded" in here.command("explain", "GET /items", "--token", phone.access).stdout


def test_an_account_has_its_new_name_and_its_end_at_both(gateways):
    here, there = gateways
    ada, phone = here.auth().register("ada"), there.auth().login("ada")
    renamed = there.auth().call("/me", {"username": "grace", "currentPassword": PASSWORD}, phone.bearer, method="PATCH")
    assert (renamed.status, renamed.json()["username"]) == (200, "grace")
    assert here.auth().login("grace").user_id == ada.user_id
    gone = here.auth().call("/me", {"currentPassword": PASSWORD}, ada.bearer, method="DELETE")
    assert gone.status == 204
    assert told(here, ada) == told(here, phone) == "token_revoked", "at once where it was done"
    for pair in (ada, phone):
        everywhere(gateways, pair, "token_revoked")
        for gateway in gateways:
            assert gateway.auth().try_refresh(pair.refresh).error_code() == "refresh_token_revoked"
    assert there.auth().register("grace").user_id != ada.user_id


def is_over(gateways, pair):
    """Neither of its tokens opens anything anywhere."""
    everywhere(gateways, pair, "token_revoked")
    for gateway in gateways:
        assert gateway.auth().try_refresh(pair.refresh).error_code() == "refresh_token_revoked"


def session_keys(redis):
    return redis.call("KEYS", "gatehouse:session:*")


def test_what_one_began_the_other_goes_on_with(gateways, redis):
    a, b = (gateway.auth() for gateway in gateways)
    registered, other = a.register("ada"), b.login("ada")
    assert len(session_keys(redis)) == 2
    refreshed = a.refresh(other)
    assert b.try_refresh(other.refresh).error_code() == "refresh_token_reused"
    assert len(b.call("/sessions", method="GET", fields=registered.bearer).json()) == 2
    everywhere(gateways, refreshed, 200)

    b.logout(refreshed)
    assert told(gateways[1], refreshed) == "token_revoked"  # at once where it was asked for
    is_over(gateways, refreshed)
    everywhere(gateways, registered, 200)
    assert a.refresh(registered).user_id == registered.user_id


def test_logout_all_and_a_new_password_end_what_they_should(gateways):
    a, b = (gateway.auth() for gateway in gateways)
    kept, other, stranger = a.register("ada"), b.login("ada"), b.register("bob")
    change = {"currentPassword": PASSWORD, "newPassword": "a quite different one"}
    assert a.call("/password/change", change, kept.bearer).status == 204
    is_over(gateways, other)
    everywhere(gateways, kept, 200)
    kept = b.refresh(kept)
    assert b.call("/login", {"username": "ada", "password": PASSWORD}).status == 401

    again = a.login("ada", "a quite different one")
    assert b.call("/logout-all", fields=kept.bearer).status == 204
    for pair in (kept, again):
        is_over(gateways, pair)
    everywhere(gateways, stranger, 200)
    b.refresh(stranger)


def test_an_operator_reaches_sessions_in_redis(gateways):
    a, b = gateways
    pair, stranger = a.auth().register("ada"), b.auth().register("bob")
    assert re.search(r"^sessions +2 live, in redis://127\.0\.0\.1:\d+/0$", a.command("store", "status").stdout, re.MULTILINE)
    a.command("user", "block", "ada")
    is_over(gateways, pair)
    assert b.auth().call("/login", {"username": "ada", "password": PASSWORD}).error_code() == "account_blocked"
    a.command("user", "unblock", "ada")
    assert b.auth().try_refresh(pair.refresh).error_code() == "refresh_token_revoked"  # nothing comes back

    pair = b.auth().login("ada")
    a.command("user", "set-password", "ada", "--password-stdin", stdin="a quite different one\n")
    is_over(gateways, pair)
    pair = b.auth().login("ada", "a quite different one")
    assert re.search(r"^ended +2 sessions$", b.command("store", "fence").stdout, re.MULTILINE)
    for ended in (pair, stranger):
        is_over(gateways, ended)
    assert re.search(r"^sessions +0 live", a.command("store", "status").stdout, re.MULTILINE)


def test_an_empty_redis_signs_everybody_out_and_revives_nobody(gateways, redis):
    a, b = gateways
    ended, live = a.auth().register("ada"), b.auth().login("ada")
    a.auth().logout(ended)
    redis.call("FLUSHALL")
    for gateway in gateways:
        for pair in (ended, live):
            assert gateway.auth().try_refresh(pair.refresh).error_code() == "refresh_token_revoked"
    assert told(b, live) == 200  # an access token needs no look-up
    b.stop()
    b.start()  # knows of `ended` by the store alone
    everywhere(gateways, ended, "token_revoked")
    again = b.auth().login("ada")
    assert a.auth().refresh(again).user_id == ended.user_id


def test_tables_are_brought_up_to_date_without_redis(tmp_path):
    (tmp_path / "gatehouse.yaml").write_text(f"sessions: {{store: 'redis://127.0.0.1:{free_port()}'}}\n")
    def store(word):
        return subprocess.run([str(BINARY), "store", word], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert store("migrate").returncode == 0
    for word in ("status", "fence"):  # they are about sessions too
        done = store(word)
        assert done.returncode == 1 and done.stderr.startswith("sessions.store: redis://127.0.0.1:"), done


# ---- servers that will not do -------------------------------------------------------------------


@pytest.mark.parametrize("settings, says", [
    ({"append_only": False}, "appendonly is no"),
    ({"append_only": "everysec"}, "appendfsync is everysec"),
    ({"maxmemory_policy": "allkeys-lru"}, "maxmemory-policy is allkeys-lru"),
    ({"rename_command": 'CONFIG ""'}, "does not tell whether appendfsync is always"),
    ({"cluster_enabled": "yes"}, "runs as cluster"),
])
def test_a_server_that_will_not_do_starts_nothing_and_check_says_so(tmp_path, settings, says):
    if "cluster_enabled" in settings:  # its second port is the first and 10,000 unless said, and may be too high
        settings = {**settings, "cluster_port": free_port()}
    with Redis(**settings) as redis:
        config = {"store": "sqlite:gatehouse.db", **redis.as_sessions(tmp_path)}
        lines = [f"store: {config['store']}", f"sessions: {{store: '{config['sessions']['store']}'}}",
                 f"redis: {{password_file: '{config['redis']['password_file']}'}}",
                 "listen: [{address: '127.0.0.1:0'}]", "admin: 'off'"]
        (tmp_path / "gatehouse.yaml").write_text("\n".join(lines) + "\n")
        for words in (["check", "--connect"], ["run"], ["store", "fence"]):
            done = subprocess.run([str(BINARY), *words], cwd=tmp_path, capture_output=True, text=True, timeout=30)
            assert done.returncode != 0
            assert says in done.stdout + done.stderr, done
            assert redis.password not in done.stdout + done.stderr


# ---- a server that is gone ----------------------------------------------------------------------


def asked_in_time(gateway, path, members):
    began = time.monotonic()
    answer = gateway.auth().call(path, members)
    assert time.monotonic() - began < (SLOWEST_HASHING if path == "/register" else SLOWEST)
    return answer


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_without_redis_traffic_flows_and_no_account_changes(start_gateway, tmp_path, backend, trouble):
    with Redis() as redis:
        gateway = start_gateway(backend, **redis.as_sessions(tmp_path))
        pair = gateway.auth().register("ada")
        ada, bob = ({"username": name, "password": PASSWORD} for name in ("ada", "bob"))
        getattr(redis, trouble)()
        for path, members in [("/login", ada), ("/register", bob), ("/refresh-token", {"refreshToken": pair.refresh}),
                              ("/logout", {"refreshToken": pair.refresh}), ("/login", ada)]:
            answer = asked_in_time(gateway, path, members)
            assert (answer.status, answer.error_code()) == (503, "store_unavailable")
            assert int(answer["Retry-After"]) >= 1
            assert told(gateway, pair) == 200
        assert gateway.command("user", "block", "ada", check=False, timeout=60).returncode == 1
        if trouble == "freeze":
            redis.thaw()
        else:
            redis.start()
        wait_until(lambda: gateway.auth().call("/login", ada).status == 200, "logins", RECOVERY)  # so: not blocked
        gateway.auth().register("bob")  # the name is free
        if trouble == "kill":  # what a frozen server was asked it may still do when it wakes
            assert gateway.auth().refresh(pair).user_id == pair.user_id


def test_nothing_acknowledged_is_lost_or_comes_back_when_redis_is_killed(tmp_path, backend, postgres):
    """Under load, three times: accounts in one store, sessions in the other, and an oracle that remembers both."""
    postgres.sql("DROP SCHEMA IF EXISTS gatehouse CASCADE")
    with Redis() as redis, replicas(tmp_path, postgres, backend, (None, None), **redis.as_sessions(tmp_path)) as gateways:
        with surviving(gateways) as ordeal:
            for _ in range(3):
                redis.kill()
                ordeal.wait_for_refusals()
                redis.start()
                ordeal.wait_for_effects(50)


def test_nothing_acknowledged_is_lost_or_comes_back_when_the_accounts_are(tmp_path, backend):
    """The other store dies, with calls that have asked Redis already and not committed yet."""
    with Postgres() as postgres, Redis() as redis, \
            replicas(tmp_path, postgres, backend, (None, None), **redis.as_sessions(tmp_path)) as gateways:
        with surviving(gateways) as ordeal:
            for _ in range(3):
                postgres.kill()
                ordeal.wait_for_refusals()
                postgres.start()
                ordeal.wait_for_effects(50)


def test_over_tls_the_server_has_to_be_vouched_for(start_gateway, tmp_path, backend):
    with Redis(tls=True) as redis:
        sessions = redis.as_sessions(tmp_path)
        gateway = start_gateway(backend, **sessions)
        assert gateway.auth().refresh(gateway.auth().register("ada")).user_id
        assert len(session_keys(redis)) == 1
        assert gateway.command("check", "--connect").returncode == 0

        trusting_others = {name: value for name, value in sessions["redis"].items() if name != "ca_file"}
        stranger = Gateway(tmp_path / "stranger", backend, wait=False, sessions=sessions["sessions"], redis=trusting_others)
        assert stranger.process.wait() != 0
        assert "untrusted" in stranger.process.output()
