"""One test for each deadline: a raw socket holds exactly that phase, all other deadlines are long."""

import contextlib
import os
import select
import signal
import socket
import sqlite3
import time

import pytest

from harness import raw_backend as behaviours
from harness import wait_until
from harness.ports import FullEndpoint
from harness.waiting import pause

SHORT, LONG = "400ms", "60s"
SHORT_SECONDS = 0.4
ALL = ("head", "body_gap", "keep_alive", "connect", "response_head", "response_gap", "write_stall", "linger",
       "upstream_idle")


def only(key):
    """Deadlines that are long but for one."""
    return {name: SHORT if name == key else LONG for name in ALL}


@contextlib.contextmanager
def takes_that_long(seconds=SHORT_SECONDS, at_most=12.0):
    """The block takes no less than the deadline and not much more: all others are a minute. What the deadline counts
    from belongs into the block: a test that stops behind it would find less left."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert seconds * 0.9 <= took <= at_most, f"took {took:.2f} s"


def test_head_counts_from_the_first_byte_and_dripping_does_not_stretch_it(start_gateway, backend):
    gateway = start_gateway(backend, deadlines=only("head"))
    with gateway.connect() as client:
        with takes_that_long():
            client.send(b"GET /public/a HTTP/1.1\r\nHost: x\r\n")
            with contextlib.suppress(OSError):
                for _ in range(100):
                    client.send(b"X-Slow: 1\r\n")
                    client.socket.settimeout(0.05)
                    with contextlib.suppress(TimeoutError):
                        if client.socket.recv(1, socket.MSG_PEEK):
                            break
            client.socket.settimeout(10)
            response = client.read_response()
        assert (response.status, response.error_code()) == (408, "request_timeout")
        assert client.is_closed_by_peer()


def test_body_gap_is_silence_inside_a_request_body(start_gateway, backend):
    gateway = start_gateway(backend, deadlines=only("body_gap"))
    with gateway.connect() as client:
        with takes_that_long():
            client.send(b"POST /public/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            response = client.read_response()
        assert (response.status, response.error_code()) == (408, "request_timeout")
        client.is_closed_by_peer()
    # The upload must not look complete to the backend either: its connection ends.
    for exchange in backend.exchanges:
        assert exchange.ended.wait(10)
        assert b"abc" not in exchange.received[-10:] or not exchange.received.endswith(b"0\r\n\r\n")
    assert all(request.body != b"abc" for request in backend.requests)


def test_body_gap_is_a_gap_and_not_a_total(start_gateway, backend):
    gateway = start_gateway(backend, deadlines={**only("body_gap"), "body_gap": "3s"})
    with gateway.connect() as client:
        client.send(b"POST /public/a HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n")
        for _ in range(35):  # more than three seconds in all, never silent for long
            pause(0.1)
            client.send(b"x")
        assert client.read_response().status == 200
    assert backend.last.body == b"x" * 35


def served(gateway):
    """A connection that was served once. A machine that stops before it asks for anything is closed the door on, and
    comes again."""
    def client():
        with contextlib.ExitStack() as attempt:
            client = attempt.enter_context(gateway.connect())
            with contextlib.suppress(OSError, AssertionError):
                if client.exchange("GET", "/public/a").status == 200:
                    attempt.pop_all()
                    return client
        return None
    return wait_until(client, "a connection that is served")


def test_keep_alive_closes_an_idle_connection_without_a_word(start_gateway, backend):
    gateway = start_gateway(backend, deadlines=only("keep_alive"))
    with takes_that_long(), served(gateway) as client:
        assert client.is_closed_by_peer()


def test_keep_alive_also_holds_for_a_connection_that_never_says_anything(start_gateway, backend):
    gateway = start_gateway(backend, deadlines=only("keep_alive"))
    with takes_that_long(), gateway.connect() as client:
        assert client.is_closed_by_peer()


def test_a_connection_that_was_silent_for_a_while_is_served_again(gateway):
    with gateway.connect(timeout=5) as client:
        for _ in range(2):
            assert client.exchange("GET", "/public/a").status == 200
            pause(1.5)  # longer than a connection is kept hot
        assert client.exchange("GET", "/public/a").status == 200
    assert gateway.ask("GET", "/public/a").status == 200


def test_keep_alive_is_as_long_in_a_crowd(start_gateway, backend, workers):
    """Only some of very many connections are kept hot; the others are served and kept all the same."""
    gateway = start_gateway(backend, deadlines={"keep_alive": "5s"})
    with contextlib.ExitStack() as crowd:
        clients = []
        for _ in range(200 * workers):
            clients.append(crowd.enter_context(gateway.connect()))
            assert clients[-1].exchange("GET", "/public/a").status == 200
        with takes_that_long(5.0):
            for client in clients[-20:]:
                assert client.exchange("GET", "/public/b").status == 200
            assert clients[-1].is_closed_by_peer()


def test_connect_to_an_endpoint_that_does_not_accept(start_gateway):
    endpoint = FullEndpoint()
    gateway = start_gateway(endpoint, deadlines=only("connect"))
    with takes_that_long():
        response = gateway.ask("GET", "/public/a")
    assert (response.status, response.error_code()) == (504, "upstream_timeout")
    endpoint.close()


@pytest.mark.parametrize("partial", [b"", b"HTTP/1.1 200 OK\r\nContent-"], ids=["silent", "half a head"])
def test_response_head_that_never_comes(start_gateway, backend, partial):
    backend.behaviour = behaviours.hanging(partial)
    gateway = start_gateway(backend, deadlines=only("response_head"))
    with takes_that_long():
        response = gateway.ask("GET", "/public/a")
    assert (response.status, response.error_code()) == (504, "upstream_timeout")
    assert backend.exchanges[0].ended.wait(10), "the request upstream was not given up"


def test_a_route_may_have_a_shorter_timeout(start_gateway, backend):
    backend.behaviour = behaviours.hanging()
    routes = [{"match": "/slow", "auth": "none", "to": backend.url, "timeout": SHORT}]
    gateway = start_gateway(backend, deadlines=only("none"), routes=routes)
    with takes_that_long():
        response = gateway.ask("GET", "/slow")
    assert (response.status, response.error_code()) == (504, "upstream_timeout")


@pytest.mark.parametrize("framing", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_response_gap_cuts_the_answer_so_that_it_is_seen(start_gateway, backend, framing):
    piece = b"3\r\nabc\r\n" if "chunked" in framing else b"abc"
    backend.behaviour = behaviours.hanging(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode() + piece)
    gateway = start_gateway(backend, deadlines=only("response_gap"))
    with gateway.connect() as client:
        with takes_that_long():
            response = client.exchange("GET", "/public/a")
        assert (response.status, response.complete, response.body[:3]) == (200, False, b"abc")
    assert backend.exchanges[0].ended.wait(10)


def endless(exchange):
    """Answers with far more than all buffers hold."""
    exchange.read_request()
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        exchange.send(b"x" * 65536)


def test_write_stall_cuts_a_client_that_takes_nothing(start_gateway, backend):
    backend.behaviour = endless
    gateway = start_gateway(backend, deadlines=only("write_stall"))
    with gateway.connect(receive_buffer=4096) as client, takes_that_long():
        client.request("GET", "/public/a")
        backend.wait_for_requests(1)
        assert backend.exchanges[0].ended.wait(20), "the backend may go on for ever"


def test_write_stall_gives_up_a_backend_that_takes_nothing(start_gateway):
    backend = behaviours.RawBackend(behaviours.reading_nothing(), receive_buffer=4096)
    gateway = start_gateway(backend, deadlines=only("write_stall"))
    with gateway.connect() as client:
        client.send(b"POST /public/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
        client.socket.settimeout(0.2)

        # As much as everybody's buffers take; then it stands still, until it is refused.
        def is_answered():
            with contextlib.suppress(OSError):
                client.socket.send(b"x" * 65536)
            return select.select([client.socket], [], [], 0)[0]
        wait_until(is_answered, "the refusal")
        client.socket.settimeout(15)
        response = client.read_response()
    assert (response.status, response.error_code()) == (504, "upstream_timeout")
    backend.stop()


def test_linger_drops_what_a_refused_client_still_sends_but_not_for_ever(start_gateway, backend):
    gateway = start_gateway(backend, deadlines=only("linger"))
    with gateway.connect() as client:
        began = time.monotonic()
        client.send(b"POST /private HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        assert client.read_response().status == 401

        def gone():
            try:
                client.socket.send(b"x")
                return False
            except (BrokenPipeError, ConnectionResetError):
                return True
        wait_until(gone, "the connection to be closed after lingering")
        assert time.monotonic() - began >= SHORT_SECONDS * 0.8
    assert backend.requests == []


def test_upstream_idle_closes_an_unused_connection(start_gateway, backend):
    gateway = start_gateway(backend, deadlines=only("upstream_idle"))
    with takes_that_long():
        assert gateway.ask("GET", "/public/a").status == 200
        assert backend.exchanges[0].ended.wait(10)


def test_store_deadline_answers_auth_calls_while_verified_traffic_flows(start_gateway, backend):
    gateway = start_gateway(backend, deadlines={"store": "3s"})
    auth = gateway.auth()
    pair = auth.register("ada")
    with contextlib.closing(sqlite3.connect(gateway.folder / "gatehouse.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")  # what a stuck writer does to everybody else
        # The deadline bounds the whole call; seven tenths of it are for the write itself. A second is the default.
        with takes_that_long(0.7 * 3):
            refused = auth.try_refresh(pair.refresh)
        assert (refused.status, refused.error_code()) == (503, "store_unavailable")
        assert int(refused["Retry-After"]) >= 1
        assert gateway.ask("GET", "/", pair.bearer).status == 200
        holder.execute("ROLLBACK")
    assert auth.refresh(pair).user_id == pair.user_id


def test_drain_timeout_cuts_what_still_runs(start_gateway, backend):
    backend.behaviour = behaviours.hanging()
    gateway = start_gateway(backend, drain={"delay": "0s", "timeout": "1s"})
    with gateway.connect() as client:
        client.request("GET", "/public/a")
        backend.wait_for_requests(1)
        with takes_that_long(1.0):
            gateway.signal(signal.SIGTERM)
            assert gateway.process.wait(20) == 1


def test_drain_delay_keeps_accepting_while_readiness_says_no(start_gateway, backend):
    gateway = start_gateway(backend, drain={"delay": "4s", "timeout": "5s"})
    gateway.signal(signal.SIGTERM)
    wait_until(lambda: gateway.admin("/readyz")[0] == 503, "readiness to say no")
    response = gateway.ask("GET", "/public/a")
    assert response.status == 200
    assert gateway.process.wait(20) == 0


def test_a_stopped_gateway_leaves_no_open_port(gateway):
    gateway.stop()
    with pytest.raises(ConnectionRefusedError):
        gateway.connect()
    assert not os.path.exists(f"/proc/{gateway.pid}")
