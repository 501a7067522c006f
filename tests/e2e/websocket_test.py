"""WebSockets through the gateway: who may open one, what passes, and how it ends."""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time
import urllib.request

import pytest

from harness import NodeService, wait_until
from harness.raw_backend import answering
from harness.raw_client import ConnectionEnded
from harness.waiting import pause
from harness.websocket import BINARY, CLOSE, PING, TEXT, WebSocketClient, echoing, frame, switching

BOUND = 6.0  # what is promised is a second; other tests share the machine


def connect(gateway, **options):
    return WebSocketClient(gateway.port, **options)


def opened(gateway, pair, target="/ws", **options):
    client = connect(gateway, **options)
    client.open(target, pair.bearer)
    return client


def open_now(gateway):
    return gateway.metric("gatehouse_websockets_open")


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
    wait_until(lambda: open_now(gateway) == 0, "the gauge to fall")
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


# ---- how it ends -------------------------------------------------------------------------------


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
    gateway = start_gateway(tokens={"access_ttl": "2s"}, routes=[
        {"match": "/**", "to": backend.url, **({} if on_expiry == "close" else {"on_expiry": on_expiry})}])
    pair = gateway.auth().register("ada")
    issued = time.monotonic()
    with opened(gateway, pair) as client:
        if on_expiry == "close":
            assert client.hear() == (CLOSE, (1008, "token expired"))
            assert 0.9 < time.monotonic() - issued < 2 + BOUND
            return
        while time.monotonic() < issued + 4:
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


# ---- as it is used -----------------------------------------------------------------------------

HERE = pathlib.Path(__file__).parent
CLIENT = HERE / "clients" / "websocket.cjs"
PAGE = HERE / "clients" / "websocket_page.mjs"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="module")
def chat():
    service = NodeService("websocket.cjs", {})
    yield service
    service.stop()


class Story:
    """One of the client's stories, while it is told."""

    def __init__(self, story, gateway, token):
        self._process = subprocess.Popen(["node", CLIENT, story, gateway.url, token], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def next(self):
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return json.loads(line)

    def go_on(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self):
        """Nothing more was told, and nothing went wrong."""
        out, problems = self._process.communicate(timeout=60)
        assert (self._process.returncode, out, problems) == (0, "", "")


def seen_by(chat, target="/seen"):
    with urllib.request.urlopen(chat.url + target, timeout=5) as answer:
        return json.loads(answer.read())


def test_ws_is_used_as_it_is(start_gateway, chat):
    gateway = start_gateway(chat.url)
    pair = gateway.auth().register("ada")
    story = Story("header", gateway, pair.access)
    told = story.next()
    story.end()
    assert told == {"small": True, "large": True, "repetitive": True, "pong": "are you there",
                    "extensions": "permessage-deflate", "end": {"code": 4001, "reason": "enough"}}
    wait_until(lambda: "code" in seen_by(chat)[-1], "the service to hear of the end")
    entry = seen_by(chat)[-1]
    assert (entry["code"], entry["reason"], entry["extensions"]) == (4001, "enough", "permessage-deflate")
    assert entry["headers"]["x-user-id"] == pair.user_id
    record = gateway.wait_for_access(lambda each: each["status"] == 101)[-1]
    assert 1 << 20 < record["bytes_in"] < 1.2 * (1 << 20), "a MiB of noise, and one that was compressed"

    story = Story("protocol", gateway, pair.access)
    assert story.next() == {"protocols": ["bearer", "chat"], "echo": [True, True]}
    story.end()
    assert [entry["headers"].get("sec-websocket-protocol") for entry in seen_by(chat)[-2:]] == [None, "chat"]
    story = Story("refused", gateway, "")
    assert story.next() == "Unexpected server response: 401"
    story.end()


def test_ws_is_told_why_it_ends(start_gateway, chat):
    gateway = start_gateway(chat.url)
    pair = gateway.auth().register("ada")
    story = Story("stay", gateway, pair.access)
    assert story.next() == {"echo": True}
    gateway.auth().logout(pair)
    assert story.next() == {"code": 1008, "reason": "session ended"}
    story.end()
    wait_until(lambda: "code" in seen_by(chat)[-1], "the service to hear of it")
    entry = seen_by(chat)[-1]
    assert (entry["code"], entry["reason"]) == (1008, "session ended")


def test_a_thousand_at_a_time(start_gateway, chat):
    gateway = start_gateway(chat.url)
    story = Story("many", gateway, gateway.auth().register("ada").access)
    assert story.next() == {"open": 1000}
    assert story.next() == {"right": 1000}
    gateway.wait_for_metric(1000, "gatehouse_websockets_open")
    story.go_on()
    assert story.next() == {"clean": 1000}
    story.end()
    wait_until(lambda: open_now(gateway) == 0, "all to be over")


def test_socket_io_is_used_as_it_is(start_gateway, chat):
    gateway = start_gateway(chat.url)
    pair = gateway.auth().register("ada")
    story = Story("socketio", gateway, pair.access)
    for transport in ("websocket", "websocket", "polling"):
        assert story.next() == {"transport": transport, "echo": 100000}
    story.end()
    wait_until(lambda: all("reason" in entry for entry in seen_by(chat)[-3:]), "the service to hear of the end")
    entries = seen_by(chat)[-3:]
    assert [entry["transport"] for entry in entries] == ["websocket", "websocket", "polling"]
    assert {entry["headers"]["x-user-id"] for entry in entries} == {pair.user_id}
    assert {entry["reason"] for entry in entries} == {"client namespace disconnect"}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_page_names_its_token_among_the_protocols(start_gateway, chat):
    gateway = start_gateway(chat.url)
    pair = gateway.auth().register("ada")
    browser = subprocess.Popen(["node", PAGE, CHROMIUM, gateway.url + "/public/page", pair.access],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    steps = []
    for line in browser.stdout:
        steps.append(json.loads(line))
        if steps[-1] == "stays":
            gateway.auth().logout(pair)
    assert browser.wait(30) == 0, browser.stderr.read()
    closed = {"code": 4000, "reason": "enough", "wasClean": True}
    never = {"echo": None, "code": 1006, "reason": "", "wasClean": False}
    assert steps == [{"echo": "hello", "protocol": "bearer", **closed}, {"echo": "hello", "protocol": "chat", **closed},
                     never, never, "stays",
                     {"echo": "hello", "protocol": "bearer", "code": 1008, "reason": "session ended", "wasClean": True}]
