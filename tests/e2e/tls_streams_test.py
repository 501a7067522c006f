"""What lasts, over TLS: WebSockets and server-sent events, and their ends."""

import re
import time

import pytest

from harness import wait_until
from harness.certificates import Authority
from harness.ports import free_port
from harness.tls_client import TlsClient, trusting
from harness.websocket_story import Story

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SOON = 6.0  # what is promised is a second; other tests share the machine


@pytest.fixture
def secure(start_gateway, tmp_path):
    """A function that starts a gateway with a port for TLS, and one without for the test itself."""
    def start(upstream, **settings):
        authority = Authority(tmp_path)
        certificate, key = authority.issue("server")
        secure_port, plain_port = free_port(), free_port()
        gateway = start_gateway(upstream, **settings, listen=[
            {"address": f"127.0.0.1:{plain_port}"},
            {"address": f"127.0.0.1:{secure_port}", "tls": {"certificate": str(certificate), "key": str(key)}}])
        gateway.port, gateway.secure_port, gateway.authority = plain_port, secure_port, authority
        return gateway
    return start


def story_over_tls(story, gateway, token):
    return Story(story, f"https://localhost:{gateway.secure_port}", token, gateway.authority)


def test_wss_is_used_as_it_is(secure, chat):
    gateway = secure(chat.url)
    pair = gateway.auth().register("ada")
    story = story_over_tls("header", gateway, pair.access)
    assert story.next() == {"small": True, "large": True, "repetitive": True, "pong": "are you there",
                            "extensions": "permessage-deflate", "end": {"code": 4001, "reason": "enough"}}
    story.end()
    story = story_over_tls("refused", gateway, "")
    assert story.next() == "Unexpected server response: 401"
    story.end()


def test_wss_is_told_why_it_ends(secure, chat):
    gateway = secure(chat.url)
    pair = gateway.auth().register("ada")
    story = story_over_tls("stay", gateway, pair.access)
    assert story.next() == {"echo": True}
    gateway.auth().logout(pair)
    assert story.next() == {"code": 1008, "reason": "session ended"}
    story.end()
    wait_until(lambda: gateway.metric("gatehouse_websockets_open") == 0, "it is over")


def test_each_event_arrives_at_once_and_a_logout_cuts_the_stream(secure, backend):
    said = []

    def publish(exchange):
        exchange.read_request()
        exchange.send(EVENTS)
        sent = 0
        exchange.socket.settimeout(0.01)
        while not exchange.backend.stopping.is_set():
            for event in said[sent:]:
                exchange.send(b"%x\r\n%s\r\n" % (len(event), event))
                sent += 1
            try:
                if exchange.socket.recv(1) == b"":
                    return
            except TimeoutError:
                continue

    backend.behaviour = publish
    gateway = secure(backend)
    pair = gateway.auth().register("ada")
    with TlsClient(gateway.secure_port, trusting(gateway.authority.certificate)) as client:
        client.request("GET", "/events", [("Accept", "text/event-stream"), *dict(pair.bearer).items()])
        assert client.read_head().status == 200  # which did not wait for an event
        for number in range(3):
            began = time.monotonic()
            said.append(b"data: %d\n\n" % number)
            client.read_until(b"data: %d\n\n\r\n" % number)
            assert time.monotonic() - began < SOON
        gateway.auth().logout(pair)
        began = time.monotonic()
        try:  # cut off, so that EventSource asks again: by an end without the end of the message, or less
            rest = client.read_to_end()
        except OSError:
            rest = b""
        assert not rest.endswith(b"0\r\n\r\n")
        assert time.monotonic() - began < SOON
    assert backend.exchanges[-1].ended.wait(SOON)


def test_nothing_is_said_behind_a_hint_whose_record_has_to_wait(secure, backend):
    """A client that reads nothing until its upstream was given up. What is left of the hint then is
    a TLS record that has begun; whatever else is written would lose as many bytes to it."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50

    def hint(exchange):
        while True:
            exchange.read_request()
            exchange.send(hints)
            exchange.respond()

    backend.behaviour = hint
    gateway = secure(backend, deadlines={"response_head": "500ms"})
    context = trusting(gateway.authority.certificate)
    with TlsClient(gateway.secure_port, context, receive_buffer=2048) as client:
        client.send(b"GET /public/ HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1500)
        wait_until(lambda: backend.exchanges and backend.exchanges[-1].ended.is_set(), "it is given up")
        received = b""
        try:
            while some := client.socket.recv(65536):
                received += some
        except OSError:
            pass  # cut off
    # A refusal where no hint had begun would be whole.
    *heads, _ = re.sub(rb'\{"error":.*?\}\}', b"", received).split(b"\r\n\r\n")
    assert [head for head in heads if not head.startswith(b"HTTP/1.1 ")] == []
