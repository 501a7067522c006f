"""WebSockets through the gateway: who may open one, and what passes."""

import random

import pytest

from harness import wait_until
from harness.raw_backend import answering
from harness.waiting import pause
from harness.websocket import BINARY, CLOSE, PING, TEXT, connect, echoing, frame, opened, switching

# ---- who may -----------------------------------------------------------------------------------


def test_a_handshake_is_a_request_like_any_other(gateway, backend):
    backend.behaviour = echoing()
    with connect(gateway) as client:
        refused = client.shake("/ws")
        assert refused.status == 401
        assert backend.requests == []
    pair = gateway.auth().register("ada")
    with opened(gateway, pair, "/ws?room=1") as client:
        client.say(b"hello", TEXT)
        assert client.hear() == (TEXT, b"hello")
        client.say(b"", PING)
        assert client.hear() == (PING, b"")  # this backend echoes everything
        gateway.wait_for_metric(1, "gatehouse_websockets_open")
        client.say(b"", CLOSE)
        assert client.hear() == (CLOSE, b"")
        assert client.is_closed_by_peer()
    seen = backend.last
    assert seen.all("X-User-Id") == [pair.user_id]
    assert "authorization" not in seen.names()
    record = gateway.wait_for_access(lambda each: each["status"] == 101)[-1]
    assert (record["path"], record["user_id"]) == ("/ws", pair.user_id)
    assert record["bytes_in"] > len(seen.raw_head) / 2 and record["bytes_out"] > 100
    gateway.wait_for_metric(0, "gatehouse_websockets_open")
    gateway.wait_for_metric(1, "gatehouse_requests_total", status="1xx")


def test_the_token_may_stand_among_the_protocols(gateway, backend):
    backend.behaviour = echoing()
    pair = gateway.auth().register("ada")
    with connect(gateway) as client:
        head = client.open("/ws", [("Sec-WebSocket-Protocol", f"bearer, {pair.access}, chat, more")])
        assert head["Sec-WebSocket-Protocol"] == "bearer"
        client.say(b"x")
        assert client.hear() == (BINARY, b"x")
    assert backend.last.all("Sec-WebSocket-Protocol") == ["chat, more"]
    assert backend.last.all("X-User-Id") == [pair.user_id]

    backend.behaviour = echoing({"Sec-WebSocket-Protocol": "more"})
    with connect(gateway) as client:
        head = client.open("/ws", [("Sec-WebSocket-Protocol", f"bearer, {pair.access}, chat, more")])
        assert head["Sec-WebSocket-Protocol"] == "more"

    backend.behaviour = answering()
    plain = [("Sec-WebSocket-Protocol", f"bearer, {pair.access}")]
    assert gateway.ask("GET", "/private", plain).error_code() == "token_missing"
    assert gateway.ask("GET", "/public/x", plain).status == 200
    gateway.stop()
    secret = pair.access.split(".")[2]
    assert secret not in gateway.process.output()
    for exchange in backend.exchanges:
        assert secret.encode() not in exchange.received


def test_pages_of_other_origins_open_none_with_a_cookie(start_gateway, backend):
    backend.behaviour = echoing()
    gateway = start_gateway(routes=[{"match": "/**", "to": backend.url, "session_cookie": True}])
    cookies = f"access_token={gateway.auth().register('ada').access}"

    def shake(*fields):
        with connect(gateway) as client:
            return client.shake("/ws", [("Host", f"127.0.0.1:{gateway.port}"), ("Cookie", cookies), *fields]).status
    assert shake(("Origin", gateway.url)) == 101
    assert shake(("Origin", "https://evil.example")) == 403
    assert shake(("Origin", "null")) == 403
    assert shake() == 403, "no browser: it can prove itself by X-CSRF-Token"
    assert {request.all("Origin")[0] for request in backend.requests} == {gateway.url}


# ---- what is no WebSocket ----------------------------------------------------------------------

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
NEARLY = {
    "with a body": "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n" + KEY + "\r\nabc",
    "two Upgrades": "Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n" + KEY + "\r\n",
    "a list": "Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n" + KEY + "\r\n",
    "h2c": "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "a bad key": "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: short\r\n\r\n",
    "no Connection": "Upgrade: websocket\r\n" + KEY + "\r\n",
}


@pytest.mark.parametrize("nearly", NEARLY.values(), ids=NEARLY.keys())
def test_what_is_nearly_a_handshake_stays_http(gateway, backend, nearly):
    pair = gateway.auth().register("ada")
    with gateway.connect() as client:
        client.send(f"GET /a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {pair.access}\r\n{nearly}"
                    "GET /private/smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.read_response().status == 200
        assert client.read_response().status == 401
    assert [request.target for request in backend.requests] == ["/a"]
    names = backend.last.names()
    assert not {"upgrade", "http2-settings"} & set(names)
    assert not [name for name in names if name.startswith("sec-websocket")]


def test_a_route_may_want_none(start_gateway, backend):
    gateway = start_gateway(routes=[{"match": "/**", "to": backend.url, "websocket": False}])
    pair = gateway.auth().register("ada")
    with connect(gateway) as client:
        assert client.shake("/ws", pair.bearer).status == 200
    assert "upgrade" not in backend.last.names()


# ---- what passes -------------------------------------------------------------------------------


def test_whatever_stands_in_frames_passes(gateway, backend):
    """Also what no endpoint would take: that is for the other end to say."""
    chance = random.Random(6455)
    received = []

    def behave(exchange):
        switching(exchange)
        while True:
            piece = exchange.socket.recv(1 << 16)
            if not piece:
                return
            received.append(piece)
            exchange.send(piece)
    backend.behaviour = behave
    pair = gateway.auth().register("ada")
    with opened(gateway, pair) as client:
        sent = b""
        for _ in range(200):
            size = chance.choice([0, 1, 5, 125, 126, 127, 1000, 65535, 65536, 70000])
            piece = frame(chance.randbytes(size), masked=chance.random() < 0.5, first=chance.randrange(256))
            if chance.random() < 0.1:
                piece = piece[:chance.randrange(len(piece) + 1)]
            sent += piece
            client.send(piece)
            assert client.read_exactly(len(piece)) == piece
        assert b"".join(received) == sent


def test_a_slow_reader_holds_its_sender_back(gateway, backend):
    backend.behaviour = echoing()
    sent = []

    def flood(exchange):
        switching(exchange)
        piece = frame(b"x" * 65536)
        exchange.socket.settimeout(0.5)
        try:
            while len(sent) < 4000:
                exchange.socket.sendall(piece)
                sent.append(len(piece))
        except TimeoutError:
            pass
        exchange.hang()
    backend.behaviour = flood
    pair = gateway.auth().register("ada")
    before = gateway.resident_bytes()
    clients = [opened(gateway, pair, receive_buffer=4096) for _ in range(10)]
    wait_until(lambda: sum(sent) > 0, "something to be sent")
    pause(1)
    assert gateway.resident_bytes() - before < 8 << 20, "a block each, and a few more"
    assert sum(sent) < 2000 * 65536
    for client in clients:
        client.close()


def test_silent_ones_cost_little(gateway, backend):
    backend.behaviour = echoing()
    pair = gateway.auth().register("ada")
    warm = [opened(gateway, pair) for _ in range(20)]
    before = gateway.resident_bytes()
    clients = [opened(gateway, pair) for _ in range(200)]
    for client in clients:
        client.say(b"x" * 30000)
    for client in clients:
        client.hear()
    def per_socket():
        return (gateway.resident_bytes() - before) / len(clients)
    wait_until(lambda: per_socket() < 20_000, "memory to be given back", 20)
    for client in warm + clients:
        client.close()
