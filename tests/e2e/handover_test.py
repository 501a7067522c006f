"""A new process takes the place of a running gateway, and no client notices."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

import pytest

from harness import wait_until
from harness.pages import snippet
from harness.ports import free_port
from harness.process import Process
from harness.unix_client import ask_unix
from harness.websocket import BINARY, CLOSE, WebSocketClient, echoing

NOBODY = 65534

ASK = b"POST /admin/v1/hand-over HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

# How many descriptors another user gets, and the answer.
STRANGER = """
import socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect(sys.argv[1])
line.sendall(%r)
text, sockets, _, _ = socket.recv_fds(line, 65536, 64)
print(len(sockets), text.split(b" ")[1].decode())
""" % ASK


@pytest.fixture
def place():
    """Where a socket may be: the folders of tests have longer names than the address of one."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gh-"))
    folder.chmod(0o755)
    yield folder / "admin.sock"
    shutil.rmtree(folder)


@pytest.fixture
def gateway(start_gateway, backend, place):
    return start_gateway(backend, admin_api={"socket": str(place)}, drain={"delay": "2s", "timeout": "20s"})


def successor(gateway, config="gatehouse.yaml"):
    """As docs/OPERATIONS.md says it."""
    words = snippet("docs/OPERATIONS.md", "--take-over").split()
    assert words[0] == "gatehouse" and words[-1] == "gatehouse.yaml"
    return Process([gateway.binary, *words[1:-1], config], "successor", cwd=gateway.folder)


def has_said(process, event):
    return any(f'"event":"{event}"' in line for line in process.lines())


def take_over(gateway):
    """Another process takes the place of the gateway's. Returns the old one, which may still have
    something to complete."""
    gateway.write_config()
    old, new = gateway.process, successor(gateway)
    new.wait_for_line(lambda line: '"event":"taken_over"' in line, "that it took over", 20)
    gateway.process = new
    old.wait_for_line(lambda line: '"event":"handed_over"' in line, "that it was taken over", 20)
    return old


def is_last(answer):
    return ("Connection", "close") in answer.fields


def refused_start(gateway, config):
    process = successor(gateway, config)
    assert process.wait(30) == 2, process.output()
    return process.output()


def beside(gateway, **changes):
    """Another configuration file: the gateway's with changes."""
    file = gateway.folder / "new.yaml"
    file.write_text(json.dumps({**gateway.settings, **changes}))
    return file


class Load:
    """Clients that ask for as long as the block runs: on connections that are kept until they are
    told otherwise, on new ones, and with writes to the store. Any error is a lost request."""

    def __init__(self, gateway):
        self._gateway = gateway
        self._over = threading.Event()
        self.answers = 0
        self.closed_after_answer = 0
        self.failures = []
        self.registered = []

    def __enter__(self):
        jobs = [self._keep] * 6 + [self._renew] * 4 + [self._register] * 2
        self._threads = [threading.Thread(target=self._run, args=(job, number), daemon=True)
                         for number, job in enumerate(jobs)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(30)
        if kind is None:
            assert self.failures == []

    def _run(self, job, number):
        while not self._over.is_set():
            try:
                job(number)
            except Exception as problem:
                self.failures.append(f"{job.__name__}: {problem!r}")

    def _get(self, client):
        answer = client.exchange("GET", "/public/x")
        assert answer.status == 200, answer
        self.answers += 1
        return is_last(answer)

    def _keep(self, _):
        with self._gateway.connect() as client:
            while not self._over.is_set():
                if self._get(client):
                    self.closed_after_answer += 1
                    return

    def _renew(self, _):
        with self._gateway.connect() as client:
            self._get(client)

    def _register(self, number):
        name = f"user-{number}-{len(self.registered)}"
        body = json.dumps({"username": name, "password": "correct horse battery"}).encode()
        answer = self._gateway.ask("POST", "/auth/register", [("Content-Type", "application/json")], body)
        assert answer.status == 201, answer
        self.registered.append(name)


def test_ten_hand_overs_lose_no_request(gateway):
    with Load(gateway) as load:
        for number in range(10):
            before = load.answers
            gateway.settings["workers"] = (2, 4, 1, 3)[number % 4]
            old = take_over(gateway)
            assert old.wait(30) == 0, old.output()
            wait_until(lambda: load.answers > before + 50, "requests behind the hand-over", 20)
    assert load.closed_after_answer > 0
    listed = gateway.command("user", "list").stdout
    assert len(load.registered) > 10
    assert [name for name in load.registered if name not in listed] == []


def test_what_runs_is_completed_by_the_old_process(gateway, backend):
    may_go_on = threading.Event()

    def streaming(exchange):
        request = exchange.read_request()
        if request.target == "/public/events":
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
            assert may_go_on.wait(30)
            exchange.send(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")
        else:
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 100_000)
            assert may_go_on.wait(30)
            exchange.send(b"x" * 100_000)

    backend.behaviour = streaming
    with gateway.connect() as events, gateway.connect() as download, gateway.connect() as idle:
        events.request("GET", "/public/events")
        download.request("GET", "/public/file")
        backend.wait_for_requests(2, 20)
        assert idle.exchange("GET", "/auth/jwks").status in (200, 404)
        old = take_over(gateway)
        assert old.running()
        # Who was silent was told nothing, and finds its connection as it left it.
        last = idle.exchange("GET", "/auth/jwks")
        assert is_last(last) and idle.is_closed_by_peer()
        assert not is_last(gateway.ask("GET", "/auth/jwks"))
        may_go_on.set()
        assert b"data: 1\n\ndata: 2\n\n" == events.read_response().body
        assert len(download.read_response().body) == 200_000
    assert old.wait(30) == 0


def test_websockets_are_told_to_come_again_and_find_the_new_process(gateway, backend):
    backend.behaviour = echoing()
    pair = gateway.auth().register("ada")
    clients = [WebSocketClient(gateway.port) for _ in range(20)]
    for client in clients:
        client.open("/ws", pair.bearer)
    old = take_over(gateway)
    for client in clients:
        assert client.hear() == (CLOSE, (1001, "going away"))
        with WebSocketClient(gateway.port) as again:
            again.open("/ws", pair.bearer)
            again.say(b"here again")
            assert again.hear() == (BINARY, b"here again")
        client.say(b"\x03\xe9", CLOSE)
        assert client.is_closed_by_peer()
    assert old.wait(30) == 0


def test_a_signal_ends_the_old_process_without_those_that_say_nothing(gateway):
    with gateway.connect() as idle:
        assert idle.exchange("GET", "/public/x").status == 200
        old = take_over(gateway)
        assert old.running()
        old.signal(signal.SIGTERM)
        assert old.wait(10) == 0 and idle.is_closed_by_peer()
    assert gateway.ask("GET", "/public/x").status == 200


def test_a_start_that_fails_leaves_the_old_one_serving(gateway, place):
    pair = gateway.auth().register("ada")
    taken = socket.create_server(("127.0.0.1", 0))
    listen = [*gateway.settings["listen"], {"address": f"127.0.0.1:{taken.getsockname()[1]}"}]
    bad = {
        "a mistake": ({"drain": {"delay": "15 parsecs"}}, "parsecs"),
        "a store that is none": ({"store": "sqlite:gatehouse.yaml"}, "is not a database"),
        "a port of another process": ({"listen": listen}, "in use by another process"),
        "no socket": ({"admin_api": {}}, "write admin_api"),
        "a store in memory": ({"store": "memory"}, "store in memory"),
    }
    for name, (changes, says) in bad.items():
        assert says in refused_start(gateway, beside(gateway, **changes)), name
        assert gateway.process.running() and not has_said(gateway.process, "handed_over"), name
        assert gateway.ask("GET", "/items", pair.bearer).status == 200, name
        assert ask_unix(place, "GET", "/readyz")[0] == 200, name
    taken.close()
    # Of the port: it had the sockets by then.
    gateway.process.wait_for_line(lambda line: '"event":"hand_over_failed"' in line, "that nothing came of it")
    assert take_over(gateway).wait(30) == 0
    assert gateway.ask("GET", "/items", pair.bearer).status == 200


def ask_for_sockets(place):
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(place))
    line.sendall(ASK)
    sockets, text = [], b""
    while True:
        data, passed, _, _ = socket.recv_fds(line, 65536, 253)
        sockets += passed
        text += data
        if not data:
            line.close()
            return text.split(b"102 Processing\r\n\r\n")[-1], sockets


def test_one_that_dies_with_the_sockets_changes_nothing(gateway, place):
    answer, sockets = ask_for_sockets(place)
    assert answer.startswith(b"HTTP/1.1 200 ")
    told = json.loads(answer.split(b"\r\n\r\n")[1])
    assert told == {"pid": gateway.pid, "sockets": len(sockets) - 1}
    workers = gateway.settings["workers"]
    assert len(sockets) == 1 + workers + 2  # the line, the clients', the admin's two
    second, none = ask_for_sockets(place)
    assert second.startswith(b"HTTP/1.1 503 ") and b"about to take over" in second
    assert none == []
    for each in sockets:
        os.close(each)
    gateway.process.wait_for_line(lambda line: '"event":"hand_over_failed"' in line, "that nothing came of it")
    for _ in range(50):
        assert gateway.ask("GET", "/public/x").status == 200
    assert take_over(gateway).wait(30) == 0


def test_one_that_has_the_sockets_has_the_file_of_a_gateway_that_ends_meanwhile(gateway, place):
    _, sockets = ask_for_sockets(place)
    gateway.signal(signal.SIGTERM)
    assert gateway.process.wait(30) == 0
    assert place.exists()
    with socket.socket(socket.AF_UNIX) as waiting, gateway.connect():
        waiting.connect(str(place))  # in the queues of what was passed
    for each in sockets:
        os.close(each)
    gateway.process = successor(gateway)  # of a file that leads nowhere any more
    gateway.wait_until_ready()


def test_another_user_gets_no_socket(gateway, place):
    place.chmod(0o666)  # by mistake
    asked = subprocess.run([sys.executable, "-c", STRANGER, str(place)], capture_output=True, text=True, timeout=30,
                           user=NOBODY, group=NOBODY, extra_groups=[], check=False)
    assert asked.stdout.split() == ["0", "403"], asked.stderr
    token = (gateway.folder / "gatehouse.db.admin-token").read_text().strip()
    with socket.create_connection(("127.0.0.1", gateway.admin_port)) as client:
        client.sendall(ASK.replace(b"Host: x", b"Host: localhost\r\nAuthorization: Bearer " + token.encode()))
        assert client.recv(1000).startswith(b"HTTP/1.1 501 ")
    assert gateway.process.running()


def test_it_starts_as_usual_where_nobody_answers(gateway, place):
    gateway.kill()
    for left in (True, False):
        assert place.exists() == left
        gateway.process = successor(gateway)
        gateway.wait_until_ready()
        assert gateway.ask("GET", "/public/x").status == 200
        assert not has_said(gateway.process, "taken_over")
        gateway.stop()


def test_the_file_of_the_socket_goes_with_the_last_one(gateway, place):
    inode = place.stat().st_ino
    for _ in range(2):
        assert take_over(gateway).wait(30) == 0
        assert place.stat().st_ino == inode
        assert ask_unix(place, "GET", "/admin/v1/status")[0] == 200
    gateway.stop()
    assert not place.exists()


def test_other_addresses_are_opened_and_given_up(gateway, start_gateway):
    first, second = free_port(), free_port()

    def listen_on(*ports):
        gateway.settings["listen"] = [{"address": f"127.0.0.1:{port}"} for port in (gateway.port, *ports)]

    def answers(port):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as client:
                client.sendall(b"GET /public/x HTTP/1.1\r\nHost: x\r\n\r\n")
                return client.recv(100).startswith(b"HTTP/1.1 200 ")
        except ConnectionRefusedError:
            return False

    listen_on(first)
    gateway.write_config()
    gateway.command("reload")
    assert answers(first)
    assert take_over(gateway).wait(30) == 0  # with what the reload had opened
    assert answers(first) and answers(gateway.port)
    listen_on(second)
    assert take_over(gateway).wait(30) == 0
    assert answers(second) and answers(gateway.port) and not answers(first)
    # Another host of the same port: it is the old one that has it.
    gateway.settings["listen"][0]["address"] = f"0.0.0.0:{gateway.port}"
    assert take_over(gateway).wait(30) == 0
    assert answers(gateway.port)


def test_more_sockets_than_one_message_takes_are_handed_over(gateway):
    gateway.settings["listen"].append({"address": f"127.0.0.1:{free_port()}"})
    gateway.settings["workers"] = 130  # 260 sockets, and 253 fit
    for _ in range(2):
        assert take_over(gateway).wait(30) == 0
    # Each has a queue of its own; one without anybody would keep its clients waiting.
    gateway.settings["workers"] = 1
    assert take_over(gateway).wait(30) == 0
    for _ in range(300):
        assert gateway.ask("GET", "/public/x").status == 200


def test_what_was_said_before_holds_behind_it(gateway):
    auth = gateway.auth()
    kept, ended = auth.register("ada"), auth.register("bob")
    assert auth.logout(ended).status in (200, 204)
    assert take_over(gateway).wait(30) == 0
    assert gateway.ask("GET", "/items", kept.bearer).status == 200
    assert gateway.ask("GET", "/items", ended.bearer).error_code() == "token_revoked"
