"""The servers that tests start: each command means what it says."""

import time

import pytest

from harness import wait_until
from harness.certificates import Authority
from harness.fault_proxy import FaultProxy
from harness.pgbouncer import Pgbouncer
from harness.postgres import USER, Postgres, Session, SqlError
from harness.redis import Redis, RedisError
from harness.server import children_of, state_of


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as server:
        server.sql("CREATE TABLE notes (text TEXT); GRANT ALL ON notes TO gatehouse")
        yield server


@pytest.fixture
def notes(postgres):
    """The texts in the table, which begins empty."""
    postgres.sql("TRUNCATE notes")
    return lambda: [row[0] for row in postgres.sql("SELECT text FROM notes ORDER BY 1")]


@pytest.fixture(scope="module")
def redis():
    with Redis() as server:
        yield server


def frozen(server):
    """Nobody of it runs."""
    return all(state_of(pid) == "T" for pid in [server.process.pid, *children_of(server.process.pid)])


# ---- PostgreSQL -------------------------------------------------------------------------------


def test_a_server_is_synced_and_asks_for_a_password(postgres):
    assert postgres.sql("SHOW fsync; SHOW synchronous_commit; SHOW server_version_num")[:2] == [["on"], ["on"]]
    assert int(postgres.sql("SHOW server_version_num")[0][0]) >= 150000
    with pytest.raises(SqlError, match="password authentication failed"):
        Session(postgres.port, USER, "wrong", "gatehouse").run("SELECT 1")
    assert postgres.sql("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user", USER) == [[USER, "f"]]


def test_it_does_not_run_as_root(postgres):
    status = (f"/proc/{pid}/status" for pid in [postgres.process.pid, *children_of(postgres.process.pid)])
    for path in status:
        with open(path) as file:
            assert "Uid:\t0\t" not in file.read()


def test_settings_may_be_chosen_and_changed_while_it_runs(postgres):
    with Postgres(fsync=False, max_connections=20) as server:
        assert server.sql("SHOW fsync; SHOW max_connections") == [["off"], ["20"]]
    postgres.set("default_transaction_read_only", "on")
    with pytest.raises(SqlError, match="read-only transaction"):
        wait_until(lambda: postgres.sql("INSERT INTO notes VALUES ('x')", USER) is None, "a refusal")
    postgres.set("default_transaction_read_only", "off")
    wait_until(lambda: postgres.sql("SHOW transaction_read_only") == [["off"]], "writing to be allowed")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_comes_back_on_the_same_port_with_what_was_committed(postgres, notes, end):
    process, port = postgres.process, postgres.port
    with postgres.session() as open_session:
        open_session.run("INSERT INTO notes VALUES ('committed')")
        open_session.run("BEGIN; INSERT INTO notes VALUES ('not committed')")
        getattr(postgres, end)()
        assert not postgres.running()
        with pytest.raises(SqlError):
            open_session.run("COMMIT")
    with pytest.raises(SqlError, match="[Cc]onnection refused"):
        postgres.sql("SELECT 1")
    postgres.start()
    assert (postgres.port, notes()) == (port, ["committed"])
    recovered = "was not properly shut down" in postgres.process.output()
    assert recovered == (end == "kill")
    assert postgres.process is not process


def test_a_frozen_server_holds_its_connections_and_answers_when_it_thaws(postgres, notes):
    with postgres.session() as session:
        session.run("SELECT 1")
        postgres.freeze()
        assert frozen(postgres)
        session.begin("INSERT INTO notes VALUES ('late')")
        assert session._lines.empty()
        postgres.thaw()
        session.finish()
    assert not frozen(postgres)
    assert notes() == ["late"]


def test_a_frozen_server_ends_with_its_test():
    with Postgres(fsync=False) as server:
        server.freeze()
    assert not server.running() and not server.folder.exists()


def test_a_lock_that_somebody_holds_makes_queries_wait(postgres):
    with postgres.session() as holder, postgres.session(USER) as waiting:
        holder.run("BEGIN; LOCK TABLE notes")
        with pytest.raises(SqlError, match="lock timeout"):
            waiting.run("SET lock_timeout = '100ms'; SELECT * FROM notes")
        holder.run("COMMIT")
        assert waiting.run("SELECT count(*) FROM notes") != []


def test_clients_can_be_sent_away(postgres):
    with postgres.session(USER) as client:
        client.run("SELECT 1")
        postgres.disconnect_clients()
        with pytest.raises(SqlError):
            client.run("SELECT 1")


def test_a_server_with_tls_speaks_nothing_else_and_its_certificate_is_its_own():
    with Postgres(fsync=False, tls=True) as server:
        assert server.sql("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [["t"]]
        with pytest.raises(SqlError, match="no encryption"):
            Session(server.port, USER, server.password, "gatehouse").run("SELECT 1")
        question = ["psql", "-XAtc", "SELECT 1"]
        assert server.run([*question, server.verified_url()]) == "1\n"
        other = Authority(server.folder, "other")
        for wrong in (server.url(sslmode="verify-full", sslrootcert=other.certificate),
                      server.verified_url().replace("127.0.0.1", "127.0.0.2")):
            with pytest.raises(AssertionError, match="certificate|refused"):
                server.run([*question, wrong])


def test_a_commit_whose_answer_is_lost_was_made(postgres, notes):
    with FaultProxy(postgres.port) as proxy:
        with Session(proxy.port, USER, postgres.password, "gatehouse") as session:
            session.run("BEGIN; INSERT INTO notes VALUES ('made')")
            trap = proxy.cut_answer_to(b"COMMIT")
            with pytest.raises(SqlError):
                session.run("COMMIT")
            trap.wait()
        with Session(proxy.port, USER, postgres.password, "gatehouse") as session:
            session.run("BEGIN; INSERT INTO notes VALUES ('not made')")
            proxy.cut_at(b"COMMIT")
            with pytest.raises(SqlError):
                session.run("COMMIT")
    assert notes() == ["made"]


# ---- pgbouncer --------------------------------------------------------------------------------


def test_pgbouncer_gives_each_transaction_any_connection(postgres, notes):
    with Pgbouncer(postgres, default_pool_size=1) as bouncer:
        assert bouncer.admin("SHOW CONFIG") and ["pool_mode", "transaction"] in [row[:2] for row in bouncer.admin("SHOW CONFIG")]
        with bouncer.session() as first, bouncer.session() as second:
            one_backend = {session.run("SELECT pg_backend_pid()")[0][0] for session in (first, second)}
            assert len(one_backend) == 1
            first.run("BEGIN; INSERT INTO notes VALUES ('through it')")
            second.begin("SELECT count(*) FROM notes")  # waits for the only connection
            first.run("COMMIT")
            assert second.finish() == [["1"]]


def test_pgbouncer_outlives_its_server_and_the_other_way_round(postgres, notes):
    with Pgbouncer(postgres) as bouncer:
        port = bouncer.port
        with bouncer.session() as session:
            session.run("INSERT INTO notes VALUES ('before')")
            postgres.kill()
            postgres.start()
        with bouncer.session() as session:
            assert session.run("SELECT text FROM notes") == [["before"]]
            bouncer.kill()
            with pytest.raises(SqlError):
                session.run("SELECT 1")
        bouncer.start()
        assert bouncer.port == port
        with bouncer.session() as session:
            assert session.run("SELECT text FROM notes") == [["before"]]


# ---- Redis ------------------------------------------------------------------------------------


def test_redis_asks_for_a_password_and_tells_errors(redis):
    assert redis.call("SET", "a", "1") == "OK"
    assert redis.call("GET", "a") == "1"
    assert redis.call("HSET", "h", "x", "1") == 1 and redis.call("HGETALL", "h") == {"x": "1"}
    with pytest.raises(RedisError, match="WRONGTYPE"):
        redis.call("INCR", "h")
    password, redis.password = redis.password, None
    try:
        with pytest.raises(RedisError, match="NOAUTH"):
            redis.call("GET", "a")
    finally:
        redis.password = password
    assert redis.call("CONFIG", "GET", "maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_redis_keeps_what_it_logged_and_nothing_else(redis, end):
    with Redis(append_only=False) as forgetful:
        for server in (redis, forgetful):
            server.call("SET", "kept", end)
            getattr(server, end)()
            server.start()
        assert (redis.call("GET", "kept"), forgetful.call("GET", "kept")) == (end, None)


def test_redis_freezes_and_can_lose_everything(redis):
    redis.call("SET", "a", "1")
    redis.freeze()
    assert frozen(redis)
    redis.thaw()
    assert redis.call("GET", "a") == "1"
    redis.lose_everything()
    assert redis.call("DBSIZE") == 0


def test_redis_with_tls_and_settings():
    with Redis(tls=True, password=False, maxmemory_policy="allkeys-lru") as server:
        assert server.url().startswith("rediss://127.0.0.1:")
        assert server.call("CONFIG", "GET", "maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}
        server.authority = Authority(server.folder, "other")
        with pytest.raises(AssertionError, match="certificate"):
            server.call("PING")


def test_starting_one_takes_a_moment_and_no_more():
    began = time.monotonic()
    with Postgres(), Redis():
        pass
    assert time.monotonic() - began < 20
