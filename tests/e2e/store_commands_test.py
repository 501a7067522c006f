"""`gatehouse store`: what an operator asks of a store, brings up to date, and does after a restore."""

import re
import shutil
import sqlite3
import subprocess
import threading

import pytest

from harness import wait_until
from harness.gateway import BINARY
from harness.pgbouncer import Pgbouncer
from harness.postgres import DATABASE, USER, Postgres
from harness.replicas import replicas
from harness.server import HOST


class Store:
    """A store that no gateway uses yet."""

    def __init__(self, folder, spec, sections=""):
        self._folder = folder
        (folder / "gatehouse.yaml").write_text(f"store: {spec}\n{sections}")

    def command(self, *words, check=True):
        done = subprocess.run([str(BINARY), "store", *words], capture_output=True, text=True, timeout=60, cwd=self._folder)
        assert not check or (done.returncode, done.stderr) == (0, ""), f"{words}: {done.returncode} {done.stdout}{done.stderr}"
        return done

    def status(self):
        """What `store status` tells, line by line; several leases are one list."""
        told = {}
        for line in self.command("status").stdout.splitlines():
            name, value = line.split(maxsplit=1)
            told.setdefault(name, []).append(value)
        return told


@pytest.fixture(scope="module")
def server():
    with Postgres(fsync=False) as running:
        yield running


def postgres_store(folder, server, port=None):
    server.sql("DROP SCHEMA IF EXISTS gatehouse CASCADE")
    (folder / "password").write_text(server.password)
    return Store(folder, f"postgres://{USER}@{HOST}:{port or server.port}/{DATABASE}",
                 "postgres: {password_file: password, accept_data_loss: true}\ntokens: {keys_file: keys.json}\n")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request, tmp_path):
    if request.param == "sqlite":
        return Store(tmp_path, "sqlite:gatehouse.db")
    return postgres_store(tmp_path, request.getfixturevalue("server"))


def test_status_changes_nothing_and_migrate_makes_the_tables_once(store):
    assert store.status()["version"] == ["none yet; this program makes 9"]
    assert store.status()["version"] == ["none yet; this program makes 9"]
    assert re.fullmatch(r"version +9, before 0\nusable +for programs that know version 1 or later\n",
                        store.command("migrate").stdout)
    assert re.fullmatch(r"version +9, as before\n", store.command("migrate").stdout)
    told = store.status()
    assert told["version"] == ["9, for programs that know 1 or later; this one knows 9"]
    assert (told["users"], told["sessions"], told["changes"], told["leases"]) == (["0"], ["0 live"], ["0"], ["none"])


def test_status_shows_what_a_gateway_does(start_gateway, backend):
    gateway = start_gateway(backend)
    auth = gateway.auth()
    pair = auth.register("ada")
    auth.logout(auth.login("ada"))
    # The first round of the upkeep begins with the gateway.
    wait_until(lambda: "housekeeping" in gateway.command("store", "status").stdout, "the lease")
    told = gateway.command("store", "status").stdout
    assert re.search(r"^kind +SQLite$", told, re.MULTILINE)
    assert re.search(r"^users +1$", told, re.MULTILINE)
    assert re.search(r"^sessions +1 live$", told, re.MULTILINE)
    assert re.search(r"^changes +1, at 20\d\d-\d\d-\d\dT", told, re.MULTILINE)
    assert re.search(rf"^lease +housekeeping, \S+:{gateway.process.pid}:\S+, until 20", told, re.MULTILINE), told
    assert pair.refresh not in told
    assert gateway.auth().me(pair)["username"] == "ada"


def test_a_gateway_that_stops_gives_its_lease_up(start_gateway, backend):
    gateway = start_gateway(backend)
    wait_until(lambda: "housekeeping" in gateway.command("store", "status").stdout, "the lease")
    gateway.stop()
    assert re.search(r"^leases +none$", gateway.command("store", "status").stdout, re.MULTILINE)


def test_a_store_that_cannot_be_read_is_a_sentence_without_a_secret(tmp_path, server):
    (tmp_path / "gatehouse.db").write_text("x" * 4096)
    for words in ("status", "migrate", "fence"):
        done = Store(tmp_path, "sqlite:gatehouse.db").command(words, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert "gatehouse.db: " in done.stderr
    for words in ("status", "migrate", "fence"):
        done = Store(tmp_path, "memory").command(words, check=False)
        assert (done.returncode, done.stdout) == (1, "")
    wrong = Store(tmp_path, f"postgres://{USER}@{HOST}:{server.port}/{DATABASE}",
                  "postgres: {password_file: password}\ntokens: {keys_file: keys.json}\n")
    (tmp_path / "password").write_text("hunter2")
    for words in ("status", "migrate", "fence"):
        done = wrong.command(words, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert "password authentication failed" in done.stderr
        assert "hunter2" not in done.stderr


def as_version_1(server):
    """The tables as version 1 left them: later versions only added some."""
    server.sql("DROP TABLE gatehouse.leases, gatehouse.kept_keys, gatehouse.replicas, gatehouse.throttle, "
               "gatehouse.audit, gatehouse.api_keys, gatehouse.passkeys, gatehouse.spent, "
               "gatehouse.second_factors, gatehouse.recovery_codes, "
               "gatehouse.mails, gatehouse.links; "
               "ALTER TABLE gatehouse.users DROP COLUMN verified_email, DROP COLUMN verified_at; "
               "ALTER TABLE gatehouse.sessions DROP COLUMN amr, DROP COLUMN unseen; "
               "UPDATE gatehouse.schema SET version = 1, usable_from = 1")


def test_status_leaves_an_older_version_as_it_is_and_names_a_newer_one(tmp_path, server):
    store = postgres_store(tmp_path, server)
    store.command("migrate")
    as_version_1(server)
    for _ in range(2):
        told = store.status()
        assert told["version"] == ["1, for programs that know 1 or later; this one knows 9"]
        assert (told["users"], told["leases"]) == (["0"], ["none"])
    store.command("migrate")
    server.sql("UPDATE gatehouse.schema SET version = 11, usable_from = 10")
    assert store.status()["version"] == ["11, for programs that know 10 or later; this one knows 9"]
    for words in ("migrate", "fence"):
        refused = store.command(words, check=False)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "newer Gatehouse" in refused.stderr


@pytest.mark.parametrize("behind", ["a server", "a pooler"])
def test_many_migrate_at_once_and_one_does_it(tmp_path, server, behind):
    bouncer = Pgbouncer(server) if behind == "a pooler" else None
    try:
        store = postgres_store(tmp_path, server, bouncer and bouncer.port)
        for begin in (lambda: None, lambda: as_version_1(server)):
            begin()
            done = []
            threads = [threading.Thread(target=lambda: done.append(store.command("migrate", check=False)))
                       for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 6
            assert server.sql("SELECT version, usable_from FROM gatehouse.schema") == [["9", "1"]]
            assert store.status()["users"] == ["0"]
    finally:
        if bouncer:
            bouncer.stop()


def test_no_spent_token_lives_again_after_a_restore_and_a_fence(start_gateway, backend):
    gateway = start_gateway(backend)
    auth = gateway.auth()
    spent, other = auth.register("ada"), auth.register("bob")
    with sqlite3.connect(gateway.folder / "gatehouse.db") as running:
        with sqlite3.connect(gateway.folder / "backup.db") as backup:
            running.backup(backup)
    kept = auth.refresh(spent)
    later = auth.login("ada")
    gateway.stop()
    for leftover in gateway.folder.glob("gatehouse.db-*"):
        leftover.unlink()
    shutil.copy(gateway.folder / "backup.db", gateway.folder / "gatehouse.db")

    assert re.fullmatch(r"ended +2 sessions\n", gateway.command("store", "fence").stdout)
    assert re.fullmatch(r"ended +0 sessions\n", gateway.command("store", "fence").stdout)
    gateway.start()
    for pair in (spent, kept, later, other):
        assert auth.try_refresh(pair.refresh).status == 403
    for pair in (spent, other):
        assert gateway.ask("GET", "/items", pair.bearer).error_code() == "token_revoked"
    assert auth.refresh(auth.login("ada")).user_id == spent.user_id


def test_of_many_gateways_on_one_store_one_tidies_it(tmp_path, backend):
    with Postgres() as own, replicas(tmp_path, own, backend) as running:
        def holders():
            return re.findall(r"^lease +housekeeping, \S+:(\d+):\S+, until", running[0].command("store", "status").stdout,
                              re.MULTILINE)
        wait_until(holders, "one of them to begin")
        assert [int(pid) for pid in holders()][0] in [gateway.process.pid for gateway in running]
        assert len(holders()) == 1


def test_a_fence_reaches_running_gateways(gateway):
    pair = gateway.auth().register("ada")
    gateway.command("store", "fence")
    wait_until(lambda: gateway.ask("GET", "/items", pair.bearer).status == 401, "the gateway to hear of it")
    assert gateway.auth().try_refresh(pair.refresh).error_code() == "refresh_token_revoked"
