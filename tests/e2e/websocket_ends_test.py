"""How a WebSocket through the gateway ends: with its session, its token, a drain, its backend or its client."""

import signal
import time

import pytest

from harness import wait_until
from harness.raw_client import ConnectionEnded
from harness.waiting import pause
from harness.websocket import BINARY, CLOSE, echoing, frame, opened, switching

BOUND = 6.0  # what is promised is a second; other tests share the machine


def logout(gateway, pair):
    gateway.auth().logout(pair)


def block(gateway, _):
    gateway.command("user", "block", "ada")


@pytest.mark.parametrize("end", [logout, block])
def test_it_ends_with_its_session(gateway, backend, end):
    backend.behaviour = echoing()
    pair = gateway.auth().register("ada")
    with opened(gateway, pair) as client:
        client.say(b"x")
        assert client.hear() == (BINARY, b"x")
        end(gateway, pair)
        acknowledged = time.monotonic()
        assert client.hear() == (CLOSE, (1008, "session ended"))
        assert time.monotonic() - acknowledged < BOUND
        client.say(b"\x03\xf0", CLOSE)
        assert client.is_closed_by_peer()
    exchange = backend.exchanges[-1]
    assert exchange.ended.wait(20)
    assert exchange.closed_with == (1008, "session ended")
    record = gateway.wait_for_access(lambda each: each["path"] == "/ws")[-1]
    assert (record["status"], record["reason"]) == (101, "cut off: session ended")


def test_nothing_of_an_ended_session_reaches_the_upstream(gateway, backend):
    """Nor does the rest of a frame that had begun."""
    backend.behaviour = echoing()
    pair = gateway.auth().register("ada")
    with opened(gateway, pair) as client:
        client.send(frame(b"x" * 1000, masked=True)[:500])
        wait_until(lambda: backend.exchanges and len(backend.exchanges[-1].received) > 500, "half of it")
        gateway.auth().logout(pair)
        assert client.hear() == (CLOSE, (1008, "session ended"))
        before = backend.exchanges[-1].received
        try:
            client.send(b"y" * 10000)
        except OSError:
            pass
        assert backend.exchanges[-1].ended.wait(20)
    assert backend.exchanges[-1].received == before


def test_the_close_stands_between_two_frames(start_gateway, backend):
    gateway = start_gateway(backend, deadlines={"linger": "10s"})
    goes_on = []

    def behave(exchange):
        switching(exchange)
        exchange.send(frame(b"a" * 100) + frame(b"b" * 100)[:50])
        wait_until(lambda: goes_on, "the logout")
        pause(3)  # the gateway has looked by then: it does so each second
        exchange.send(frame(b"b" * 100)[50:] + frame(b"c" * 100))
        exchange.hang()
    backend.behaviour = behave
    pair = gateway.auth().register("ada")
    with opened(gateway, pair) as client:
        assert client.hear() == (BINARY, b"a" * 100)
        gateway.auth().logout(pair)
        goes_on.append(True)
        assert client.hear() == (BINARY, b"b" * 100)
        assert client.hear() == (CLOSE, (1008, "session ended"))
        assert client.is_closed_by_peer()


def test_a_frame_that_never_ends_is_cut(gateway, backend):
    def behave(exchange):
        switching(exchange)
        exchange.send(frame(b"a" * 100)[:50])
        exchange.hang()
    backend.behaviour = behave
    pair = gateway.auth().register("ada")
    with opened(gateway, pair) as client:
        client.read_exactly(50)
        gateway.auth().logout(pair)
        acknowledged = time.monotonic()
        assert client.is_closed_by_peer()
        assert time.monotonic() - acknowledged < BOUND + 2  # deadlines.linger


@pytest.mark.parametrize("on_expiry", ["close", "keep"])
def test_the_expiry_of_the_token_counts_as_the_route_says(start_gateway, backend, on_expiry):
    backend.behaviour = echoing()
    gateway = start_gateway(tokens={"access_ttl": "5s"}, routes=[
        {"match": "/**", "to": backend.url, **({} if on_expiry == "close" else {"on_expiry": on_expiry})}])
    before = time.monotonic()
    pair = gateway.auth().register("ada")
    issued = time.monotonic()
    with opened(gateway, pair) as client:
        if on_expiry == "close":
            assert client.hear() == (CLOSE, (1008, "token expired"))
            ended = time.monotonic()
            assert ended - before > 3.9 and ended - issued < 5 + BOUND  # `exp` is a whole second
            return
        while time.monotonic() < issued + 6:
            client.say(b"x")
            assert client.hear() == (BINARY, b"x")
            pause(0.1)
        gateway.auth().logout(pair)
        assert client.hear() == (CLOSE, (1008, "session ended"))


def test_a_drain_says_goodbye(gateway, backend):
    backend.behaviour = echoing()
    pair = gateway.auth().register("ada")
    clients = [opened(gateway, pair) for _ in range(5)]
    began = time.monotonic()
    gateway.signal(signal.SIGTERM)
    for client in clients:
        assert client.hear() == (CLOSE, (1001, "going away"))
        client.say(b"\x03\xe9", CLOSE)
        assert client.is_closed_by_peer()
    assert gateway.process.wait() == 0
    assert time.monotonic() - began < 10
    for exchange in backend.exchanges:
        assert exchange.ended.wait(20) and exchange.closed_with == (1001, "going away")


def test_a_drain_does_not_wait_for_who_never_answers(gateway, backend):
    backend.behaviour = echoing()
    pair = gateway.auth().register("ada")
    with opened(gateway, pair) as client:
        gateway.signal(signal.SIGTERM)
        assert client.hear() == (CLOSE, (1001, "going away"))
        assert gateway.process.wait() == 0


def test_a_reload_leaves_it_alone(gateway, backend):
    backend.behaviour = echoing()
    pair = gateway.auth().register("ada")
    with opened(gateway, pair) as client:
        gateway.settings["routes"] = [{"match": "/other/**", "to": backend.url}]
        gateway.write_config()
        gateway.signal(signal.SIGHUP)
        wait_until(lambda: gateway.metric("gatehouse_config_generations_live") >= 2, "the new settings")
        client.say(b"still there")
        assert client.hear() == (BINARY, b"still there")


def test_it_ends_when_its_backend_dies(gateway, backend):
    def behave(exchange):
        switching(exchange)
        exchange.send(frame(b"a"))
    backend.behaviour = behave
    pair = gateway.auth().register("ada")
    with opened(gateway, pair) as client:
        assert client.hear() == (BINARY, b"a")
        with pytest.raises(ConnectionEnded):
            client.hear()


def test_a_client_that_is_gone_lets_the_upstream_go(gateway, backend):
    backend.behaviour = echoing()
    pair = gateway.auth().register("ada")
    client = opened(gateway, pair)
    client.reset()
    assert backend.exchanges[-1].ended.wait(20)
