"""Another program keeps the store locked: auth calls say so within a second, verified traffic does
not notice, and when the lock is gone everything works again as if nothing had been asked."""

import contextlib
import fcntl
import sqlite3
import time


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
    assert time.monotonic() - began < 1.0, "no answer within a second"


def outage(gateway, hold):
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
    # Refused means not done: the tokens are as good as before and the name is still free.
    assert auth.refresh(pair).user_id == pair.user_id
    auth.logout(other)
    assert gateway.ask("GET", "/items", other.bearer).error_code() == "token_revoked"
    auth.register("bob")


def test_a_locked_database_refuses_writes_and_nothing_else(gateway):
    outage(gateway, write_transaction)


def test_a_held_lock_file_refuses_writes_and_nothing_else(gateway):
    outage(gateway, lock_file)
