"""A gateway whose accounts and sessions are in a PostgreSQL: reached directly or through a pgbouncer,
over TLS, not there yet, gone for a while, replaced by another one."""

import socket
import time

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD
from harness.certificates import Authority
from harness.fault_proxy import FIN, RESET, FaultProxy
from harness.pgbouncer import Pgbouncer
from harness.postgres import Postgres, Standby
from harness.replicas import FEED_BOUND
from harness.traffic import VerifiedTraffic

RECOVERY = 10.0
SLOWEST = 4.0  # a second is promised; other tests share the machine
FIRST_WORD = 15.0  # two seconds, and what a busy machine needs to start a program


@pytest.fixture
def server():
    with Postgres() as running:
        yield running


@pytest.fixture
def settings(tmp_path, server):
    """A function: the sections for a gateway on `server`, with the password in a file."""
    password_file = tmp_path / "password"
    password_file.write_text(server.password + "\n")

    def settings_for(store=None, **postgres):
        return {"store": store or server.store(), "postgres": {"password_file": str(password_file), **postgres},
                "tokens": {"keys_file": str(tmp_path / "keys.json")}}
    return settings_for


@pytest.fixture(params=["directly", "through pgbouncer", "through pgbouncer, with a feed_url"])
def way(request, server, settings):
    """The sections for a gateway that finds `server` in one of these ways."""
    if request.param == "directly":
        yield settings()
        return
    with Pgbouncer(server) as bouncer:
        feed = {"feed_url": server.store()} if request.param.endswith("feed_url") else {}
        yield settings(server.store(port=bouncer.port), transaction_pooling=True, **feed)


def refused_to_start(start_gateway, *words, **sections):
    gateway = start_gateway(wait=False, **sections)
    assert gateway.process.wait() == 2
    for word in words:
        assert word in gateway.process.output()
    return gateway


def told(gateway, pair):
    answer = gateway.ask("GET", "/items", pair.bearer)
    return answer.status if answer.status == 200 else answer.error_code()


# ---- while all is well --------------------------------------------------------------------------


def test_accounts_and_sessions_live_in_it(start_gateway, backend, server, way):
    here, there = start_gateway(backend, **way), start_gateway(backend, **way)
    ada = here.auth().register("ada")
    assert told(there, ada) == 200 and backend.last.all("X-User-Id") == [ada.user_id]
    assert there.auth().call("/register", {"username": "Ada", "password": PASSWORD}).error_code() == "name_taken"
    again = there.auth().login("ada")
    assert again.user_id == ada.user_id
    newer = here.auth().refresh(again)
    assert there.auth().try_refresh(again.refresh).error_code() == "refresh_token_reused"
    assert len(there.auth().call("/sessions", method="GET", fields=newer.bearer).json()) == 2
    there.auth().logout(newer)
    assert told(there, newer) == "token_revoked"
    wait_until(lambda: told(here, newer) == "token_revoked", "the logout to be heard", FEED_BOUND)
    assert here.auth().try_refresh(newer.refresh).error_code() == "refresh_token_revoked"
    here.command("user", "block", "ada")
    for gateway in (here, there):
        wait_until(lambda: told(gateway, ada) == "token_revoked", "the block to be heard", FEED_BOUND)
    assert there.auth().call("/login", {"username": "ada", "password": PASSWORD}).error_code() == "account_blocked"
    assert server.sql("SELECT count(*) FROM gatehouse.users") == [["1"]]
    assert here.store_log() == there.store_log() == []


# ---- when it is not there -----------------------------------------------------------------------


def test_a_gateway_waits_for_its_server_and_says_so(start_gateway, backend, server, way):
    server.stop()
    gateway = start_gateway(backend, wait=False, **way)
    wait_until(gateway.store_log, "the gateway to say that it waits", timeout=FIRST_WORD)
    wait_until(lambda: len(gateway.store_log()) >= 2, "the gateway to say that it still waits")
    began = time.monotonic()
    lines = gateway.store_log()
    assert {line["event"] for line in lines} == {"waiting"}
    assert all(line["reason"] for line in lines)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", gateway.port), timeout=5)
    assert gateway.process.running()
    server.start()
    gateway.wait_until_ready()
    assert time.monotonic() - began < RECOVERY + 10  # the server's own start is not ours
    assert len(gateway.store_log()) < 20
    pair = gateway.auth().register("ada")
    assert told(gateway, pair) == 200


def test_while_it_is_gone_tokens_are_good_and_calls_are_refused_in_time(start_gateway, backend, server, way):
    gateway = start_gateway(backend, **way)
    auth = gateway.auth()
    pair = auth.register("ada")
    with VerifiedTraffic([gateway], pair):
        server.stop()
        for _ in range(3):
            for path, members in (("/login", {"username": "ada", "password": PASSWORD}), ("/register", {"username": "bob", "password": PASSWORD}),
                                  ("/refresh-token", {"refreshToken": pair.refresh}), ("/logout", {"refreshToken": pair.refresh})):
                began = time.monotonic()
                answer = auth.call(path, members)
                assert (answer.status, answer.error_code()) == (503, "store_unavailable"), path
                assert int(answer["Retry-After"]) >= 1
                assert time.monotonic() - began < SLOWEST, path
        wait_until(lambda: "degraded" in gateway.admin("/readyz")[1], "readiness to tell")
        assert gateway.admin("/readyz")[0] == 200
        assert {line["event"] for line in wait_until(gateway.store_log, "a line that says so")} == {"failed"}
        server.start()
        wait_until(lambda: auth.call("/login", {"username": "ada", "password": PASSWORD}).status == 200, "logins to work", RECOVERY)
        wait_until(lambda: "degraded" not in gateway.admin("/readyz")[1], "readiness to be good", RECOVERY)
    newer = auth.refresh(pair)  # nothing was done while nothing could be done
    auth.logout(newer)
    assert told(gateway, newer) == "token_revoked"


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit"])
def test_a_server_that_forgets_is_refused_unless_that_is_accepted(start_gateway, backend, settings, server, setting):
    server.sql(f"ALTER SYSTEM SET {setting} = off")
    if setting == "fsync":  # the harness names it on the command line, which would win
        server._settings.pop("fsync")
    server.restart()
    refused_to_start(start_gateway, f"{setting} = off", "postgres.accept_data_loss", **settings())
    gateway = start_gateway(backend, **settings(accept_data_loss=True))
    assert told(gateway, gateway.auth().register("ada")) == 200


# ---- who it is ----------------------------------------------------------------------------------


def test_only_the_server_that_its_authority_vouches_for_is_spoken_to(start_gateway, backend, tmp_path):
    with Postgres(tls=True) as server:
        password_file = tmp_path / "password"
        password_file.write_text(server.password)
        trusted, stranger = server.authority.certificate, Authority(tmp_path, "stranger").certificate

        def sections(host="127.0.0.1", certificate=trusted, password=password_file):
            store = server.store(host=host, sslmode="verify-full", sslrootcert=certificate, hostaddr="127.0.0.1")
            return {"store": store, "postgres": {"password_file": str(password)}, "tokens": {"keys_file": str(tmp_path / "keys.json")}}

        gateway = start_gateway(backend, **sections())
        assert told(gateway, gateway.auth().register("ada")) == 200
        assert server.sql("SELECT count(*) > 0 FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE ssl AND "
                          "application_name = 'gatehouse'") == [["t"]]
        assert "ok" in gateway.command("check", "--connect").stdout
        wrong = tmp_path / "wrong"
        wrong.write_text("wrong")
        for refused, words in ((sections(certificate=stranger), ["certificate verify failed"]),
                               (sections(certificate=tmp_path / "nowhere.crt"), ["nowhere.crt", "does not exist"]),
                               (sections(host="db.example.com"), ["db.example.com", "does not match host name"]),
                               (sections(password=wrong), ["password authentication failed"])):
            failed = refused_to_start(start_gateway, *words, **refused)
            assert server.password not in failed.process.output()
            looked = failed.command("check", "--connect", check=False)
            assert looked.returncode == 1 and words[-1] in looked.stdout


def test_a_server_without_tls_is_refused_where_tls_is_asked_for(start_gateway, settings, server, tmp_path):
    certificate = Authority(tmp_path).certificate
    store = server.store(sslmode="verify-full", sslrootcert=certificate)
    refused_to_start(start_gateway, "does not support SSL", **settings(store))


# ---- one of several -----------------------------------------------------------------------------


def test_the_one_that_takes_writes_is_found_and_after_it_the_next(start_gateway, backend, server, settings):
    with Standby(server) as standby:
        gateway = start_gateway(backend, **settings(standby.store(server)))  # the standby is asked first
        pair = gateway.auth().register("ada")
        with VerifiedTraffic([gateway], pair):
            server.stop()  # having sent all it has
            answer = gateway.auth().call("/refresh-token", {"refreshToken": pair.refresh})
            assert (answer.status, answer.error_code()) == (503, "store_unavailable")
            standby.promote()
            newer = wait_until(lambda: gateway.auth().try_refresh(pair.refresh).status == 200, "a refresh at the next one", RECOVERY)
            wait_until(lambda: "degraded" not in gateway.admin("/readyz")[1], "the feed to be heard there", RECOVERY)
        assert newer
        gateway.command("user", "block", "ada")
        wait_until(lambda: told(gateway, pair) == "token_revoked", "news from there", FEED_BOUND)
        assert standby.sql("SELECT blocked FROM gatehouse.users") == [["t"]]


# ---- cut off around a commit ----------------------------------------------------------------------


@pytest.fixture
def proxy(server):
    with FaultProxy(server.port) as running:
        yield running


@pytest.fixture
def cut_off(start_gateway, backend, settings, server, proxy):
    """A gateway behind the proxy, and a function that makes a call whose COMMIT is cut."""
    # Refusals are recorded behind their answers: a COMMIT that is none of the call's.
    gateway = start_gateway(backend, audit={"store": False}, **settings(server.store(port=proxy.port)))

    def call(trap, path, members, row):
        """`row`: what this call alone writes of; the gateway may be tidying up meanwhile."""
        writing = b"BEGIN ISOLATION LEVEL READ COMMITTED\0"
        trap = trap(b"COMMIT\0", call.end, after=writing, past=row.encode().hex().encode())
        began = time.monotonic()
        answer = gateway.auth().call(path, members)
        trap.wait()
        assert (answer.status, answer.error_code()) == (503, "store_unavailable"), answer.body
        assert time.monotonic() - began < SLOWEST
    return gateway, call


@pytest.mark.parametrize("end", [RESET, FIN], ids=["reset", "closed"])
@pytest.mark.parametrize("done", [True, False], ids=["behind", "before"])
def test_a_call_cut_off_at_its_commit_was_done_or_not_and_nothing_between(cut_off, proxy, server, done, end):
    gateway, call = cut_off
    call.end = end
    trap = proxy.cut_answer_to if done else proxy.cut_at
    auth = gateway.auth()
    ada = {"username": "ada", "password": PASSWORD}

    call(trap, "/register", ada, "ada")
    assert auth.call("/register", ada).status == (409 if done else 201)
    assert server.sql("SELECT (SELECT count(*) FROM gatehouse.users), (SELECT count(*) FROM gatehouse.names), "
                      "(SELECT count(*) FROM gatehouse.sessions)") == [["1", "1", "1"]]

    [[user]] = server.sql("SELECT convert_from(id, 'UTF8') FROM gatehouse.users")
    call(trap, "/login", ada, user)
    assert server.sql("SELECT count(*) FROM gatehouse.sessions") == [["2" if done else "1"]]

    pair = auth.login("ada")
    call(trap, "/refresh-token", {"refreshToken": pair.refresh}, pair.session_id)
    again = auth.try_refresh(pair.refresh)
    assert (again.status, again.error_code() if done else None) == ((403, "refresh_token_reused") if done else (200, None))
    assert told(gateway, pair) == 200  # late is not stolen

    pair = auth.login("ada")
    call(trap, "/logout", {"refreshToken": pair.refresh}, pair.session_id)
    if done:
        wait_until(lambda: told(gateway, pair) == "token_revoked", "the feed to tell what nobody was told", FEED_BOUND)
        assert auth.try_refresh(pair.refresh).error_code() == "refresh_token_revoked"
    else:
        assert told(gateway, pair) == 200
        pair = auth.refresh(pair)
    auth.logout(pair)  # once more: 204 in any case
    assert told(gateway, pair) == "token_revoked"
