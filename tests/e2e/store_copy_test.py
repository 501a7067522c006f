"""`gatehouse store copy`: a store moves, and nobody notices who was logged in. Or nothing moves at
all, and both stores are as they were."""

import json
import os
import random
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from harness import Gateway
from harness.gateway import BINARY
from harness.postgres import DATABASE, USER, Postgres
from harness.server import HOST
from harness.replicas import replicas
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def server():
    with Postgres() as running:
        yield running


@pytest.fixture
def empty(server):
    server.sql("DROP SCHEMA IF EXISTS gatehouse CASCADE")
    return server


def url_of(server):
    return f"postgres://{USER}@{HOST}:{server.port}/{DATABASE}"


class Mover:
    """Gives the command in a folder with a configuration of its own."""

    def __init__(self, folder, server):
        self.folder = folder
        (folder / "password").write_text(server.password)
        (folder / "move.yaml").write_text("postgres: {password_file: password}\n")

    def start(self, source, target, prefix=()):
        return subprocess.Popen([*prefix, str(BINARY), "store", "copy", "--config", "move.yaml", "--from", source, "--to", target],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)

    def copy(self, source, target, status=0):
        process = self.start(source, target)
        out, err = process.communicate(timeout=120)
        assert process.returncode == status, f"{process.returncode}\n{out}{err}"
        return out, err


@pytest.fixture
def mover(tmp_path, empty):
    return Mover(tmp_path, empty)


def store_of(gateway):
    return f"sqlite:{gateway.folder / 'gatehouse.db'}"


def start_on_postgres(folder, server, backend, keys_file, **settings):
    (folder / "password").write_text(server.password)
    return Gateway(folder / "moved", backend, **{
        "store": url_of(server), "postgres": {"password_file": str(folder / "password")},
        "tokens": {"keys_file": str(keys_file)}, **settings})


def told_of(out):
    """{table: (rows of the source, rows of the target)}, when the sums are the same."""
    sums = {}
    for side, table, rows, digest in re.findall(r"^(source|target)  (\w+) +(\d+)  ([0-9a-f]{16})$", out, re.MULTILINE):
        sums.setdefault(table, {})[side] = (int(rows), digest)
    assert all(of["source"] == of["target"] for of in sums.values()), out
    return {table: of["target"][0] for table, of in sums.items()}


def test_logged_in_users_stay_logged_in_and_nobody_else(tmp_path, empty, mover, start_gateway, backend):
    before = start_gateway(backend)
    auth = before.auth()
    spent = auth.register("ada")
    kept = auth.refresh(spent)
    ended = auth.login("ada")
    auth.logout(ended)
    blocked = auth.register("bob")
    before.command("user", "block", "bob")
    before.command("user", "set-roles", "ada", "admin")
    invite = before.command("user", "invite").stdout.strip()
    before.stop()

    out, err = mover.copy(store_of(before), url_of(empty))
    rows = told_of(out)
    assert (rows["users"], rows["names"], rows["sessions"], rows["superseded"], rows["invites"]) == (2, 2, 3, 1, 1)
    keys = before.folder / "gatehouse.db.keys.json"
    assert f"the signing keys are in {keys}" in err and "keys import" in err

    after = start_on_postgres(tmp_path, empty, backend, keys, registration="invite")
    try:
        auth = after.auth()
        assert after.ask("GET", "/items", kept.bearer).status == 200
        assert auth.me(kept)["roles"] == ["admin"]
        for pair in (ended, blocked):
            assert after.ask("GET", "/items", pair.bearer).error_code() == "token_revoked"
            assert auth.try_refresh(pair.refresh).error_code() == "refresh_token_revoked"
        fresh = auth.refresh(kept)
        assert fresh.user_id == spent.user_id
        assert after.ask("GET", "/items", fresh.bearer).status == 200
        assert auth.login("ada").user_id == spent.user_id
        assert auth.call("/login", {"username": "bob", "password": "correct horse battery"}).error_code() == "account_blocked"
        assert auth.register("eve", invite=invite).user_id not in (spent.user_id, blocked.user_id)
        # Reuse is theft there as it was here; last, for it ends the session.
        assert auth.try_refresh(spent.refresh).error_code() == "refresh_token_reused"
    finally:
        after.stop()


def test_the_way_back_with_sealed_keys(tmp_path, empty, mover, backend):
    sealed = {"environment": {"SEALING_SECRET": secrets.token_hex(32)}, "tokens": {"issuer": "https://id.example"}}
    with replicas(tmp_path, empty, backend, ports=(None,), **sealed) as (before,):
        pair, ended = before.auth().register("ada"), before.auth().login("ada")
        before.auth().logout(ended)
    _, err = mover.copy(url_of(empty), f"sqlite:{tmp_path / 'back.db'}")
    assert "the same SEALING_SECRET" in err
    after = Gateway(tmp_path / "back", backend, store=f"sqlite:{tmp_path / 'back.db'}", **sealed)
    try:
        assert after.ask("GET", "/items", pair.bearer).status == 200
        assert after.ask("GET", "/items", ended.bearer).error_code() == "token_revoked"
        assert after.auth().refresh(pair).user_id == pair.user_id
    finally:
        after.stop()


def test_keys_of_a_file_are_sealed_into_the_new_store(tmp_path, empty, mover, start_gateway, backend):
    before = start_gateway(backend)
    pair = before.auth().register("ada")
    before.command("keys", "rotate")
    later = before.auth().login("ada")
    before.stop()
    mover.copy(store_of(before), url_of(empty))
    (tmp_path / "moved").mkdir()
    settings = {"store": url_of(empty), "postgres": {"password_file": str(tmp_path / "password")}}
    (tmp_path / "moved" / "new.yaml").write_text(json.dumps(settings))
    secret = {"SEALING_SECRET": secrets.token_hex(32)}
    done = subprocess.run([str(BINARY), "keys", "import", "--config", "new.yaml", "--as", "active",
                           str(before.folder / "gatehouse.db.keys.json")], capture_output=True, text=True, timeout=60,
                          cwd=tmp_path / "moved", env={**os.environ, **secret})
    assert done.returncode == 0, done.stderr
    after = Gateway(tmp_path / "moved", backend, environment=secret, **settings)
    try:
        for old in (pair, later):
            assert after.ask("GET", "/items", old.bearer).status == 200
            assert after.auth().refresh(old).user_id == pair.user_id
        assert list(after.folder.glob("*keys*")) == []
    finally:
        after.stop()


def test_nothing_is_copied_from_or_to_a_store_that_a_gateway_uses(tmp_path, empty, mover, start_gateway, backend):
    source = start_gateway(backend)
    pair = source.auth().register("ada")
    out, err = mover.copy(store_of(source), url_of(empty), status=1)
    assert out == "" and f"is used by process {source.pid}" in err
    pair = source.auth().refresh(pair)
    source.stop()

    target = start_on_postgres(tmp_path, empty, backend, source.folder / "gatehouse.db.keys.json")
    try:
        out, err = mover.copy(store_of(source), url_of(empty), status=1)
        assert out == "" and "is used by other Gatehouse processes" in err
        assert target.auth().register("eve").user_id != pair.user_id
    finally:
        target.stop()
    out, err = mover.copy(store_of(source), url_of(empty), status=1)
    assert "the target is not empty" in err and "users (1 there, 1 here)" in err
    assert empty.sql("SELECT count(*) FROM gatehouse.sessions") == [["1"]]
    # And what was refused lost nothing here either.
    source.start()
    assert source.auth().refresh(pair).user_id == pair.user_id


def test_a_gateway_that_was_killed_leaves_nothing_behind(tmp_path, empty, mover, start_gateway, backend):
    before = start_gateway(backend)
    pairs = [before.auth().register(f"user-{number}") for number in range(20)]
    pairs = [before.auth().refresh(pair) for pair in pairs]
    for pair in pairs[::2]:
        before.auth().logout(pair)
    before.kill()
    mover.copy(store_of(before), url_of(empty))
    after = start_on_postgres(tmp_path, empty, backend, before.folder / "gatehouse.db.keys.json")
    try:
        assert [after.ask("GET", "/items", pair.bearer).status for pair in pairs] == [401, 200] * 10
        assert [after.auth().try_refresh(pair.refresh).status for pair in pairs] == [403, 200] * 10
    finally:
        after.stop()


def make_many(mover, path, users, bytes_each):
    """A store with so many accounts and a session of each, made without a gateway."""
    (mover.folder / "make.yaml").write_text(f"store: sqlite:{path}\n")
    subprocess.run([str(BINARY), "store", "migrate", "--config", "make.yaml"], check=True, cwd=mover.folder, capture_output=True)
    with sqlite3.connect(path) as store:
        store.executemany("INSERT INTO users (id, username, folded_username, password_hash, roles, blocked, created) "
                          "VALUES (?1, ?1, ?1, 'hash', '', 0, 0)", ((f"u{number}",) for number in range(users)))
        store.executemany("INSERT INTO sessions (id, user_id, generation, issued_at, expires_at, login_at, used_ms, delivery, "
                          "address, user_agent) VALUES ('s' || ?1, ?1, 1, 0, 1, 0, 0, 0, '', ?2)",
                          ((f"u{number}", "a" * bytes_each) for number in range(users)))
    store.close()


def others(server):
    """How many sessions the server has beside the one that asks."""
    return int(server.sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                          "AND pid <> pg_backend_pid()")[0][0])


def test_killed_at_any_moment_it_leaves_an_empty_store(empty, mover, tmp_path):
    users = 20_000
    make_many(mover, tmp_path / "many.db", users, 100)
    source, target = f"sqlite:{tmp_path / 'many.db'}", url_of(empty)
    began = time.monotonic()
    told_of(mover.copy(source, target)[0])
    whole = time.monotonic() - began
    killed = 0
    for _ in range(12):
        empty.sql("DROP SCHEMA gatehouse CASCADE")
        process = mover.start(source, target)
        try:
            process.communicate(timeout=random.uniform(0.05, whole))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
        wait_until(lambda: others(empty) == 0, "the server has ended what the killed one began")
        there = empty.sql("SELECT to_regclass('gatehouse.users') IS NOT NULL") == [["t"]]
        found = empty.sql("SELECT count(*) FROM gatehouse.users, gatehouse.schema") if there else [["0"]]
        assert found in ([["0"]], [[str(users)]])
        if not there:
            empty.sql("CREATE SCHEMA IF NOT EXISTS gatehouse")
    assert killed > 0
    out, _ = mover.copy(source, target)
    assert told_of(out)["sessions"] == users
    _, err = mover.copy(source, target)
    assert "nothing was written" in err


# Linux counts towards a process what the one that started it had in memory, so a small one starts it.
WITH_ITS_MEMORY = (sys.executable, "-c", "import resource, subprocess, sys\ncode = subprocess.call(sys.argv[1:])\n"
                   "print('memory', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.exit(code)")


def test_memory_does_not_grow_with_the_store(empty, mover, tmp_path):
    make_many(mover, tmp_path / "large.db", 40_000, 4_000)
    size = os.path.getsize(tmp_path / "large.db")
    for source, target in ((f"sqlite:{tmp_path / 'large.db'}", url_of(empty)),
                           (url_of(empty), f"sqlite:{tmp_path / 'again.db'}")):
        process = mover.start(source, target, WITH_ITS_MEMORY)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert told_of(out)["sessions"] == 40_000
        kibibytes = int(re.search(r"^memory (\d+)$", out, re.MULTILINE)[1])
        assert kibibytes * 1024 < size / 2, f"{kibibytes} KiB for a store of {size} bytes"


@pytest.mark.parametrize("source, target, said", [
    ("sqlite:a.db", "sqlite:a.db", "the same store"),
    ("memory", "sqlite:a.db", '--from: "memory" names no store'),
    ("sqlite:a.db", "redis://localhost/0", '--to: "redis://localhost/0" names no store'),
    ("sqlite:a.db", "sqlite:", '--to: "sqlite:" names no store'),
    ("sqlite:a.db", "postgres://me:hunter2@localhost/x", "--to: has a password in it"),
    ("postgres://me@localhost/x?password=hunter2", "sqlite:a.db", "--from: has a password in it"),
])
def test_a_mistake_on_the_command_line_is_told_and_touches_nothing(mover, source, target, said):
    out, err = mover.copy(source, target, status=2)
    assert out == "" and said in err and "hunter2" not in err
    assert list(mover.folder.glob("*.db*")) == []


def test_what_cannot_be_reached_is_a_sentence(mover, empty):
    (mover.folder / "text.db").write_text("x" * 5000)
    for source, target, said in (
            ("sqlite:gone.db", url_of(empty), "gone.db: does not exist"),
            ("sqlite:text.db", url_of(empty), "text.db: "),
            (url_of(empty), "sqlite:new.db", "is empty: no Gatehouse has used it yet"),
            (f"postgres://{USER}@{HOST}:1/x", "sqlite:new.db", "source: PostgreSQL"),
            ("sqlite:/nowhere/at.db", "sqlite:new.db", "its folder does not exist")):
        out, err = mover.copy(source, target, status=1)
        assert out == "" and said in err and err.startswith("source: ")
    assert not (mover.folder / "gone.db").exists() and not (mover.folder / "new.db").exists()
