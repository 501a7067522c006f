"""The audit: one record for each security event, with who, where and in which request; durable
before a call is acknowledged, and quiet about what nobody should read there."""

import collections
import json
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD
from harness.oracle import Connection
from harness.postgres import DATABASE, USER, Postgres
from harness.raw_client import ConnectionEnded
from harness.replicas import replicas
from harness.server import HOST

CLIENTS = 16
ROUNDS = 5


def audit(gateway, *words):
    """What `gatehouse audit` lists, oldest first."""
    told = gateway.command("audit", "--json", "--limit", "1000000", *words).stdout
    return [json.loads(line) for line in told.splitlines()]


def events(records):
    return [(record["event"], record["outcome"]) for record in records]


def wait_for_records(gateway, count, *words):
    """Refusals are written together, within a second."""
    return wait_until(lambda: (found := audit(gateway, *words)) and len(found) >= count and found, f"{count} records")


def live_through(gateways):
    """A little of everything, each call at another gateway. What has to be on record."""
    turn = iter(random.choice(gateways).auth() for _ in range(100))
    ada = next(turn).register("ada")
    phone, tablet = next(turn).login("ada"), next(turn).login("ada")
    assert next(turn).call("/login", {"username": "ada", "password": "hunter2 hunter2"}).status == 401
    assert next(turn).call("/login", {"username": "my password is hunter2", "password": PASSWORD}).status == 401
    assert next(turn).call(f"/sessions/{tablet.session_id}", method="DELETE", fields=ada.bearer).status == 204
    next(turn).logout(phone)
    next(turn).logout(phone)  # it had ended: nothing happens
    changed = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    assert next(turn).call("/password/change", changed, fields=ada.bearer).status == 204
    assert next(turn).call("/logout-all", fields=ada.bearer).status == 204
    operator = random.choice(gateways)
    operator.command("user", "set-roles", "ada", "admin", "editor")
    operator.command("user", "block", "ada")
    operator.command("user", "unblock", "ada")
    operator.command("user", "invite")
    operator.command("keys", "rotate")
    who, client = ada.user_id, "127.0.0.1"
    return [
        ("user_register", "ok", who, ada.session_id, client),
        ("login", "ok", who, phone.session_id, client),
        ("login", "ok", who, tablet.session_id, client),
        ("login", "invalid_credentials", who, None, client),
        ("login", "invalid_credentials", None, None, client),
        ("session_revoke", "ok", who, tablet.session_id, client),
        ("logout", "ok", who, phone.session_id, client),
        ("password_change", "ok", who, ada.session_id, client),
        ("logout_all", "ok", who, ada.session_id, client),
        ("user_roles", "ok", who, None, None),
        ("user_block", "ok", who, None, None),
        ("user_unblock", "ok", who, None, None),
        ("invite_create", "ok", None, None, None),
        ("key_rotate", "ok", None, None, None),
    ]


def assert_on_record(gateways, expected):
    records = wait_for_records(gateways[0], len(expected))
    found = [tuple(record.get(name) for name in ("event", "outcome", "user_id", "session_id", "client"))
             for record in records]
    assert collections.Counter(found) == collections.Counter(expected)
    assert records == sorted(records, key=lambda record: record["time"]), "the newest last"
    # Each is of one request, which the access log knows too.
    asked = collections.Counter(record["request_id"] for record in records if "client" in record)
    assert set(asked.values()) == {1}
    logins = {record["request_id"] for record in records if record["event"] == "login"}

    def logged():
        paths = {access["request_id"]: access["path"] for gateway in gateways for access in gateway.access_log()}
        return logins <= paths.keys() and paths
    paths = wait_until(logged, "their lines in the access logs")
    assert {paths[login] for login in logins} == {"/auth/login"}
    assert next(record["detail"] for record in records if record["event"] == "user_roles") == "admin,editor"
    assert "hunter2" not in json.dumps(records)


def test_each_event_is_on_record_once_with_who_and_where(gateway):
    assert_on_record([gateway], live_through([gateway]))
    for file in gateway.folder.glob("gatehouse.db*"):
        assert b"hunter2" not in file.read_bytes(), "nobody's name, and some people's password"
    commands = 5  # they have no log
    recorded = collections.Counter(events(audit(gateway)[:-commands]))
    wait_until(lambda: collections.Counter(events(gateway._log("security"))) == recorded, "the same in the log")


def test_replicas_of_one_postgres_keep_one_audit(tmp_path, backend):
    with Postgres() as server, replicas(tmp_path, server, backend, ports=(None, None)) as gateways:
        expected = live_through(gateways)
        assert_on_record(gateways, expected)
        assert audit(gateways[0]) == audit(gateways[1])


def test_it_can_be_off_in_either_place(start_gateway, backend):
    quiet = start_gateway(backend, audit={"store": False})
    quiet.auth().register("ada")
    quiet.wait_for_access(lambda record: record["path"] == "/auth/register")
    wait_until(lambda: [line["event"] for line in quiet._log("security")] == ["user_register"], "its line")
    assert audit(quiet) == []
    silent = start_gateway(backend, audit={"log": False})
    silent.auth().register("ada")
    silent.wait_for_access(lambda record: record["path"] == "/auth/register")
    assert silent._log("security") == []
    assert events(audit(silent)) == [("user_register", "ok")]


def test_a_throttled_login_is_on_record_and_names_the_user_only(start_gateway, backend):
    gateway = start_gateway(backend, throttle={"pair_free": 1, "pair_first_wait": "1m"})
    ada = gateway.auth().register("ada")
    for status in (401, 429, 429):
        assert gateway.auth().call("/login", {"username": "ada", "password": "wrong wrong"}).status == status
    records = wait_for_records(gateway, 3, "--event", "login")
    assert [record["outcome"] for record in records] == ["invalid_credentials", "too_many_attempts", "too_many_attempts"]
    assert {record["user_id"] for record in records} == {ada.user_id}


def test_a_flood_of_refusals_is_cut_and_said_and_takes_no_room_from_the_rest(start_gateway, backend):
    gateway = start_gateway(backend, audit={"refusals_per_minute": 10})
    gateway.auth().register("ada")

    def flood(_):
        with Connection(gateway) as auth:
            for _ in range(25):
                assert auth.call("/login", {"username": "nobody", "password": "wrong wrong"}).status == 401

    with ThreadPoolExecutor(8) as crowd:
        began = time.monotonic()
        list(crowd.map(flood, range(8)))
        took = time.monotonic() - began
        gateway.auth().login("ada")
    gap = wait_for_records(gateway, 1, "--event", "audit_gap")[0]
    assert gap["outcome"] == "dropped"
    gateway.stop()  # writes what it had not written yet
    refused = [record for record in audit(gateway, "--event", "login") if record["outcome"] != "ok"]
    assert 10 <= len(refused) <= 10 + took / 6 + 1
    dropped = sum(int(record["detail"].split()[0]) for record in audit(gateway, "--event", "audit_gap"))
    assert dropped == 200 - len(refused)
    assert events(audit(gateway, "--user", "ada")) == [("user_register", "ok"), ("login", "ok")]


def test_a_dropped_record_is_counted(start_gateway, backend):
    gateway = start_gateway(backend, audit={"refusals_per_minute": 1})
    assert gateway.metric("gatehouse_audit_dropped_total") == 0
    for _ in range(3):
        gateway.auth().call("/login", {"username": "nobody", "password": "wrong wrong"})
    gateway.wait_for_metric(2, "gatehouse_audit_dropped_total")


def test_a_deleted_user_leaves_an_id_and_no_address(gateway):
    ada, bob = gateway.auth().register("ada"), gateway.auth().register("bob")
    gateway.auth().call("/login", {"username": "ada", "password": "wrong wrong"})
    gateway.command("user", "delete", "ada")
    records = wait_for_records(gateway, 3, "--user", ada.user_id)
    assert events(records) == [("user_register", "ok"), ("login", "invalid_credentials"), ("user_delete", "ok")]
    assert all("client" not in record for record in records)
    assert audit(gateway, "--user", "bob")[0]["client"] == "127.0.0.1"
    assert gateway.command("audit", "--user", "ada", check=False).returncode == 1, "the name is gone"
    assert bob.user_id != ada.user_id


def test_a_fence_is_on_record(gateway):
    gateway.auth().register("ada")
    gateway.command("store", "fence")
    assert events(audit(gateway))[-1] == ("store_fence", "ok")
    assert audit(gateway)[-1]["detail"] == "1 sessions"


class Witness:
    """Registers and signs out, and remembers what was acknowledged."""

    def __init__(self):
        self._lock = threading.Lock()
        self.acknowledged = []

    def keep(self, event, pair):
        with self._lock:
            self.acknowledged.append((event, pair.user_id, pair.session_id))

    def work(self, gateway, name):
        try:
            with Connection(gateway) as auth:
                for number in range(10_000):
                    pair = auth.register(f"{name}-{number}")
                    self.keep("user_register", pair)
                    auth.logout(pair)
                    self.keep("logout", pair)
        except (ConnectionEnded, OSError):
            pass  # it was killed


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_what_was_acknowledged_is_on_record_after_kill_9(tmp_path, start_gateway, backend, store):
    with Postgres() as server:
        settings = {"deadlines": {"store": "30s"}}
        if store == "postgres":
            (tmp_path / "password").write_text(server.password)
            settings |= {"store": f"postgres://{USER}@{HOST}:{server.port}/{DATABASE}", "tokens": {"keys_file": "keys.json"},
                         "postgres": {"password_file": str(tmp_path / "password")}}
        gateway, witness = start_gateway(backend, **settings), Witness()
        for number in range(ROUNDS):
            enough = len(witness.acknowledged) + random.randint(1, 100)
            with ThreadPoolExecutor(CLIENTS) as crowd:
                for client in range(CLIENTS):
                    crowd.submit(witness.work, gateway, f"{number}-{client}")
                wait_until(lambda: len(witness.acknowledged) >= enough, "enough effects", timeout=60)
                gateway.signal(signal.SIGKILL)
                gateway.process.wait()
            gateway.start()
        kept = collections.Counter((record["event"], record["user_id"], record["session_id"]) for record in audit(gateway))
        assert set(kept.values()) == {1}
        assert set(witness.acknowledged) <= set(kept)
