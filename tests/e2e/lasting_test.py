"""Answers that last end with their session, and on `on_expiry: close` with their token: cut off, so
that nobody takes them for whole, and within about a second."""

import time

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD
from harness.postgres import Postgres
from harness.replicas import replicas
from harness.waiting import pause

BOUND = 6.0  # what is promised is a second; other tests share the machine

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
DOWNLOAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


def streaming(head, piece=b"data: tick\n\n", every=0.02):
    """Answers and never comes to an end by itself."""
    chunked = b"chunked" in head
    framed = b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece

    def behave(exchange):
        exchange.read_request()
        exchange.send(head)
        while not exchange.backend.stopping.is_set():
            exchange.send(framed)
            pause(every)
    return behave


def begin(gateway, pair, target="/private", **more):
    """A client that has got the head and the beginning of an answer."""
    client = gateway.connect(**more.pop("connection", {}))
    client.request("GET", target, pair.bearer, **more)
    head = client.read_head()
    assert head.status == 200
    client.read_exactly(5)
    return client, head


def end_of(client):
    """When the answer is over, and the bytes that had still come."""
    rest = client.read_to_end()
    return time.monotonic(), rest


def assert_cut(rest):
    """No end of the message was sent: the last chunk of a chunked one is missing."""
    assert not rest.endswith(b"0\r\n\r\n")


def logout(gateway, pair):
    gateway.auth().logout(pair)


def block(gateway, _):
    gateway.command("user", "block", "ada")


@pytest.mark.parametrize("head", [EVENTS, DOWNLOAD, UNTIL_CLOSE], ids=["chunked", "length", "until close"])
@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
@pytest.mark.parametrize("end", [logout, block])
def test_what_lasts_ends_with_its_session(gateway, backend, head, version, end):
    backend.behaviour = streaming(head)
    pair = gateway.auth().register("ada")
    client, _ = begin(gateway, pair, version=version)
    with client:
        end(gateway, pair)
        acknowledged = time.monotonic()
        ended, rest = end_of(client)
    assert ended - acknowledged < BOUND
    assert_cut(rest)
    wait_until(lambda: backend.exchanges[-1].ended.is_set(), "the upstream to be let go")
    record = gateway.wait_for_access(lambda each: each["path"] == "/private")[-1]
    assert record["reason"] == "cut off: session ended"


def test_the_end_is_no_clean_one_for_a_client_that_reads_to_the_close(gateway, backend):
    """HTTP/1.0 and `until close` have no other end than the connection's."""
    backend.behaviour = streaming(UNTIL_CLOSE)
    pair = gateway.auth().register("ada")
    client, _ = begin(gateway, pair, version="HTTP/1.0")
    with client:
        gateway.auth().logout(pair)
        with pytest.raises(ConnectionResetError):
            while client.socket.recv(1 << 16):
                pass


@pytest.mark.parametrize("on_expiry", ["close", "keep"])
def test_the_expiry_of_the_token_counts_as_the_route_says(start_gateway, backend, on_expiry):
    backend.behaviour = streaming(EVENTS)
    gateway = start_gateway(tokens={"access_ttl": "5s"}, routes=[
        {"match": "/**", "to": backend.url, **({} if on_expiry == "close" else {"on_expiry": on_expiry})}])
    before = time.monotonic()
    pair = gateway.auth().register("ada")
    issued = time.monotonic()
    client, _ = begin(gateway, pair)
    with client:
        if on_expiry == "close":
            ended, rest = end_of(client)
            assert ended - before > 3.9 and ended - issued < 5 + BOUND  # `exp` is a whole second
            assert_cut(rest)
            record = gateway.wait_for_access(lambda each: each["path"] == "/private")[-1]
            assert record["reason"] == "cut off: token expired"
        else:
            while time.monotonic() < issued + 6:
                client.read_exactly(64)
            assert gateway.ask("GET", "/private", pair.bearer).error_code() == "token_expired"
            client.read_exactly(64)
            gateway.auth().logout(pair)
            acknowledged = time.monotonic()
            ended, rest = end_of(client)
            assert ended - acknowledged < BOUND, "a session's end counts on every route"
            assert_cut(rest)


def test_a_client_that_takes_nothing_is_cut_off_as_well(gateway, backend):
    backend.behaviour = streaming(DOWNLOAD, b"x" * 65536, every=0)
    pair = gateway.auth().register("ada")
    client, _ = begin(gateway, pair, connection={"receive_buffer": 4096})
    with client:
        wait_until(lambda: len(backend.exchanges) == 1, "the upstream")
        gateway.auth().logout(pair)
        acknowledged = time.monotonic()
        wait_until(lambda: backend.exchanges[-1].ended.is_set(), "the upstream to be let go", BOUND)
        assert time.monotonic() - acknowledged < BOUND
        assert len(client.read_to_end()) < 1000000000


def test_a_long_poll_of_an_ended_session_gets_no_answer(gateway, backend):
    def behave(exchange):
        exchange.read_request()
        exchange.hang()
    backend.behaviour = behave
    pair = gateway.auth().register("ada")
    with gateway.connect() as client:
        client.request("GET", "/private", pair.bearer)
        backend.wait_for_requests(1)
        gateway.auth().logout(pair)
        acknowledged = time.monotonic()
        answer = client.read_response()
        assert (answer.status, answer.error_code()) == (401, "token_revoked")
        assert time.monotonic() - acknowledged < BOUND


def test_other_answers_go_on(gateway, backend):
    """Those of another session of the same user, and those that looked at no token."""
    backend.behaviour = streaming(EVENTS)
    auth = gateway.auth()
    mine, other = auth.register("ada"), auth.login("ada")
    gone, _ = begin(gateway, mine)
    kept, _ = begin(gateway, other)
    public, _ = begin(gateway, mine, "/public/a")
    with gone, kept, public:
        auth.logout(mine)
        end_of(gone)
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            kept.read_exactly(64)
            public.read_exactly(64)


def test_a_new_password_at_another_gateway_ends_what_lasts_here(tmp_path, backend):
    backend.behaviour = streaming(EVENTS)
    with Postgres() as server, replicas(tmp_path, server, backend) as (here, there, _):
        pair = here.auth().register("ada")
        client, _ = begin(here, pair)
        elsewhere = there.auth().login("ada")
        with client:
            members = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
            changed = there.auth().call("/password/change", members, elsewhere.bearer)
            assert changed.status == 204
            acknowledged = time.monotonic()
            ended, rest = end_of(client)
        assert ended - acknowledged < BOUND
        assert_cut(rest)
