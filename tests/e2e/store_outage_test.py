"""Another program keeps the store locked: auth calls say so within a second, verified traffic does
not notice, and when the lock is gone everything works again as if nothing had been asked."""

import contextlib
import fcntl
import sqlite3
import time

from harness import wait_until


@contextlib.contextmanager
def write_transaction(gateway):
    """As a backup tool or a person with a shell might leave one open."""
    database = sqlite3.connect(gateway.folder / "gatehouse.db", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
        database.close()


@contextlib.contextmanager
def lock_file(gateway):
    """As another Gatehouse process has it while it writes."""
    with open(gateway.folder / "gatehouse.db-lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def refused_in_time(answer, began):
    assert (answer.status, answer.error_code()) == (503, "store_unavailable"), answer.body
    assert int(answer["Retry-After"]) >= 1
    assert time.monotonic() - began < 4, "a second is promised; other tests share the machine"


def outage(gateway, hold, reason):
    auth = gateway.auth()
    pair, other = auth.register("ada"), auth.login("ada")
    with hold(gateway):
        for path, members in (("/refresh-token", {"refreshToken": pair.refresh}),
                              ("/logout", {"refreshToken": other.refresh}),
                              ("/login", {"username": "ada", "password": "correct horse battery"}),
                              ("/register", {"username": "bob", "password": "correct horse battery"})):
            began = time.monotonic()
            refused_in_time(auth.call(path, members), began)
        # Neither judged by the store nor by a logout that was never acknowledged.
        assert gateway.ask("GET", "/items", pair.bearer).status == 200
        assert gateway.ask("GET", "/items", other.bearer).status == 200
        assert auth.me(pair)["username"] == "ada"  # reading waits for nobody
    # Whoever runs it is told why, in few lines.
    said = wait_until(gateway.store_log, "a line that says so")
    assert len(said) <= 5 and {line["reason"] for line in said} == {reason}, said
    # Refused means not done: the tokens are as good as before and the name is still free.
    assert auth.refresh(pair).user_id == pair.user_id
    auth.logout(other)
    assert gateway.ask("GET", "/items", other.bearer).error_code() == "token_revoked"
    auth.register("bob")


def test_a_locked_database_refuses_writes_and_nothing_else(gateway):
    outage(gateway, write_transaction,
           "a write took too long: another program keeps the database locked")


def test_a_held_lock_file_refuses_writes_and_nothing_else(gateway):
    outage(gateway, lock_file, "a write took too long: another Gatehouse process is writing")


@contextlib.contextmanager
def unreadable(gateway):
    """Holds every lock under which SQLite's readers begin (WAL_READ_LOCK 0 to 4 of the -shm file)."""
    with open(gateway.folder / "gatehouse.db-shm", "r+b") as shared:
        def held():
            with contextlib.suppress(OSError):
                fcntl.lockf(shared, fcntl.LOCK_EX | fcntl.LOCK_NB, 5, 123)
                return True
        wait_until(held, "a moment in which nobody reads")
        yield


def test_a_feed_that_is_not_heard_closes_the_routes_that_say_so_and_no_other(start_gateway, backend):
    gateway = start_gateway(backend, feed={"stale_after": "300ms"}, routes=[
        {"match": "/strict/**", "to": backend.url, "on_stale": "deny"}, {"match": "/**", "to": backend.url}])
    pair = gateway.auth().register("ada")

    def strict():
        return gateway.ask("GET", "/strict/a", pair.bearer)

    wait_until(lambda: strict().status == 200, "the feed to be heard")
    with unreadable(gateway):
        wait_until(lambda: strict().status != 200, "the feed to be stale")
        refused = strict()
        assert (refused.status, refused.error_code()) == (503, "store_unavailable")
        assert int(refused["Retry-After"]) > 0
        assert gateway.ask("GET", "/items", pair.bearer).status == 200
        wait_until(lambda: "degraded" in gateway.admin("/readyz")[1], "readiness to tell")
        assert gateway.admin("/readyz")[0] == 200
        assert gateway.metric("gatehouse_change_feed_lag_seconds") > 0.3
    wait_until(lambda: strict().status == 200, "the feed to be heard again", timeout=30)
    wait_until(lambda: "degraded" not in gateway.admin("/readyz")[1], "readiness to be good again")


def test_another_file_in_the_place_of_the_store_is_told_until_the_store_is_back(start_gateway, backend):
    gateway = start_gateway(backend, feed={"stale_after": "300ms"}, routes=[
        {"match": "/strict/**", "to": backend.url, "on_stale": "deny"}, {"match": "/**", "to": backend.url}])
    auth = gateway.auth()
    pair = auth.register("ada")

    def strict():
        return gateway.ask("GET", "/strict/a", pair.bearer).status

    wait_until(lambda: strict() == 200, "the feed to be heard")
    store, aside = gateway.folder / "gatehouse.db", gateway.folder / "aside.db"
    with contextlib.closing(sqlite3.connect(store)) as source, \
            contextlib.closing(sqlite3.connect(gateway.folder / "copy.db")) as copy:
        source.backup(copy)
    store.rename(aside)
    (gateway.folder / "copy.db").rename(store)
    wait_until(lambda: strict() == 503, "the feed to be stale")
    wait_until(lambda: "degraded: the store is down" in gateway.admin("/readyz")[1], "readiness that says so")
    assert gateway.ask("GET", "/items", pair.bearer).status == 200
    aside.rename(store)
    wait_until(lambda: strict() == 200, "the feed to be heard again")
    wait_until(lambda: gateway.admin("/readyz")[1] == "ready\n", "readiness to be good again")
    assert auth.refresh(pair).user_id == pair.user_id
