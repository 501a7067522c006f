"""Server-sent events and long polling, as the defaults have them."""

import time

import pytest

from harness import wait_until
from harness.waiting import pause

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
BYTES = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
SOON = 5.0  # seconds, on a machine that does other things as well; what is held back never comes


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class Publisher:
    """A backend that sends an event when the test says so."""

    def __init__(self, backend, head=EVENTS):
        self.events, self._backend, self._head = [], backend, head
        backend.behaviour = self._behave

    def _behave(self, exchange):
        exchange.read_request()
        exchange.send(self._head)
        sent = 0
        while not exchange.backend.stopping.is_set():
            for event in self.events[sent:]:
                exchange.send(chunk(event))
                sent += 1
            exchange.socket.settimeout(0.01)
            try:
                if exchange.socket.recv(1) == b"":
                    return
            except TimeoutError:
                continue

    def say(self, event):
        self.events.append(event)


def subscribed(gateway, fields=(), target="/public/events"):
    client = gateway.connect()
    client.request("GET", target, [("Accept", "text/event-stream"), *dict(fields).items()])
    head = client.read_head()
    assert (head.status, head["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    return client


def test_each_event_arrives_at_once(gateway, backend):
    publisher = Publisher(backend)
    with subscribed(gateway) as client:  # its head did not wait for an event
        for event in (b": hello\n\n", b"data: 1\n\n", b"data: " + b"x" * 10_000 + b"\n\n", b"data: 2\n\n"):
            began = time.monotonic()
            publisher.say(event)
            assert client.read_exactly(len(chunk(event))) == chunk(event)
            assert time.monotonic() - began < SOON


def test_a_silent_stream_of_events_is_left_alone(start_gateway, backend):
    gateway = start_gateway(backend, deadlines={"response_gap": "300ms"})
    publisher = Publisher(backend)
    with subscribed(gateway) as client:
        pause(1.5)
        publisher.say(b"data: late\n\n")
        assert client.read_until(b"late\n\n")


@pytest.mark.parametrize("told", [{"deadlines": {"response_gap": "3s", "event_stream_gap": "3s"}},
                                  {"deadlines": {"response_gap": "3s"}, "head": BYTES}],
                         ids=["events", "anything else"])
def test_but_not_for_ever(start_gateway, backend, told):
    gateway = start_gateway(backend, deadlines=told["deadlines"])
    publisher = Publisher(backend, told.get("head", EVENTS))
    publisher.say(b"data: 1\n\n")
    with gateway.connect() as client:
        client.request("GET", "/public/events")
        assert client.read_head().status == 200
        client.read_until(b"1\n\n")
        assert client.read_to_end().strip() == b""


def test_a_client_that_leaves_ends_the_stream_upstream(gateway, backend):
    publisher = Publisher(backend)
    with subscribed(gateway) as client:
        publisher.say(b"data: 1\n\n")
        client.read_until(b"1\n\n")
    assert backend.exchanges[-1].ended.wait(20), "nobody listens any more"


def test_a_logout_ends_the_stream(gateway, backend):
    publisher = Publisher(backend)
    pair = gateway.auth().register("ada")
    with subscribed(gateway, pair.bearer, "/events") as client:
        publisher.say(b"data: 1\n\n")
        client.read_until(b"1\n\n")
        gateway.auth().logout(pair)
        began = time.monotonic()
        assert not client.read_to_end().endswith(b"0\r\n\r\n"), "cut off, so that EventSource asks again"
        assert time.monotonic() - began < 2 + SOON
    assert backend.exchanges[-1].ended.wait(20)


def polling(exchange, seconds=1.0):
    exchange.read_request()
    pause(seconds)
    exchange.respond(b"news")


def test_a_long_poll_waits_as_long_as_its_route_says(start_gateway, backend):
    gateway = start_gateway(deadlines={"response_head": "300ms", "response_gap": "300ms"}, routes=[
        {"match": "/poll", "auth": "none", "to": backend.url, "timeout": "20s"},
        {"match": "/**", "auth": "none", "to": backend.url}])
    backend.behaviour = polling
    assert gateway.ask("GET", "/poll").body == b"news"
    assert gateway.ask("GET", "/other").status == 504

    def early_head(exchange):
        exchange.read_request()
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        pause(1)
        exchange.send("news")
    backend.behaviour = early_head
    assert gateway.ask("GET", "/poll").body == b"news", "a head in advance changes nothing"


def test_a_client_that_leaves_ends_its_poll(gateway, backend):
    def behave(exchange):
        exchange.read_request()
        exchange.hang()
    backend.behaviour = behave
    with gateway.connect() as client:
        client.request("GET", "/public/poll")
        backend.wait_for_requests(1)
    wait_until(lambda: backend.exchanges[-1].ended.is_set(), "the upstream to be let go")
