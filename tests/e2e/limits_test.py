"""Too many, too large, too long: each is refused, counted, and survived."""

import contextlib
import os
import resource
import time

import pytest

from harness import RawClient, wait_until
from harness.raw_client import ConnectionEnded


@pytest.mark.parametrize("request_bytes, status, code", [
    pytest.param(b"GET /public/" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long", id="target"),
    pytest.param(b"GET /public/a HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40000 + b"\r\n\r\n", 431, "headers_too_large",
                 id="head"),
    pytest.param(b"GET /public/a HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 101 + b"\r\n", 431, "headers_too_large",
                 id="fields"),
])
def test_heads_have_a_size(gateway, backend, request_bytes, status, code):  # R17
    with gateway.connect() as client:
        response = client.send(request_bytes).read_response()
        assert (response.status, response.error_code()) == (status, code)
    assert backend.requests == []


@pytest.mark.parametrize("framing", ["Content-Length: 2000\r\n\r\n" + "x" * 2000,
                                     "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + "x" * 2000 + "\r\n0\r\n\r\n"],
                         ids=["Content-Length", "chunked"])
def test_bodies_have_a_size_when_a_limit_is_set(start_gateway, backend, framing):  # R17
    gateway = start_gateway(backend, limits={"max_body": "1KiB"})
    with gateway.connect() as client:
        response = client.send(f"POST /public/a HTTP/1.1\r\nHost: x\r\n{framing}").read_response()
        assert (response.status, response.error_code()) == (413, "body_too_large")
    assert all(len(request.body) <= 1024 for request in backend.requests)


@pytest.mark.parametrize("auth, deepest", [({}, 16), ({"max_depth": 4}, 4), ({"max_depth": 100}, 100)])
def test_auth_bodies_are_nested_so_deep_and_no_deeper(start_gateway, backend, auth, deepest):  # R56
    gateway = start_gateway(backend, auth=auth)

    def login(depth):
        inner = "[" * (depth - 1) + "]" * (depth - 1)  # the body itself is one
        body = '{"username": "ada", "password": "no such person", "more": ' + inner + "}"
        return gateway.ask("POST", "/auth/login", [("Content-Type", "application/json")], body.encode()).error_code()

    assert [login(deepest), login(deepest + 1)] == ["invalid_credentials", "malformed_json"]


def test_auth_bodies_have_a_size(gateway):
    response = gateway.auth().call("/login", {"username": "a", "password": "x" * 20_000})
    assert (response.status, response.error_code()) == (413, "body_too_large")


def test_more_connections_than_allowed_are_refused_and_the_others_live_on(start_gateway, backend):
    gateway = start_gateway(backend, limits={"connections": 20})
    with contextlib.ExitStack() as open_ones:
        clients = [open_ones.enter_context(gateway.connect()) for _ in range(20)]
        assert {client.exchange("GET", "/public/a").status for client in clients} == {200}
        with gateway.connect() as extra:
            with contextlib.suppress(OSError):
                extra.request("GET", "/public/a")
            received = extra.read_to_end()
            assert received == b"" or received.startswith(b"HTTP/1.1 503 "), received[:100]
        assert {client.exchange("GET", "/public/a").status for client in clients} == {200}

    def served():
        with contextlib.suppress(OSError, AssertionError, Exception):
            return gateway.ask("GET", "/public/a").status == 200
    wait_until(served, "a place to become free")


def test_running_out_of_file_descriptors_is_survived(start_gateway, backend):
    gateway = start_gateway(backend)
    limit = gateway.process.open_files() + 12
    resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, (limit, limit))
    clients = []
    with contextlib.suppress(OSError):
        for _ in range(60):
            client = RawClient(gateway.port, timeout=2)
            clients.append(client)
            client.request("GET", "/public/a")
    cpu_before = cpu_seconds(gateway.pid)
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > 1.0, "a second of shortage")
    assert cpu_seconds(gateway.pid) - cpu_before < 0.5, "the gateway spins while it cannot accept"
    for client in clients:
        client.close()

    def served():
        with contextlib.suppress(Exception):
            with gateway.connect(timeout=2) as client:
                return client.exchange("GET", "/public/a").status == 200
    wait_until(served, "the gateway to recover")


def test_probes_and_metrics_are_answered_when_clients_hold_all_descriptors(start_gateway, backend):  # R64
    gateway = start_gateway(backend)
    descriptors = gateway.process.open_files() + 32
    gateway.stop()
    gateway.command_prefix = ["prlimit", f"--nofile={descriptors}:{descriptors}"]
    gateway.start()
    wait_until(lambda: [line["descriptors"] for line in gateway._log("gateway")
                        if line["event"] == "descriptors_few"] == [descriptors], "a line that says so")
    with contextlib.ExitStack() as held:
        statuses = set()
        for _ in range(descriptors):
            client = held.enter_context(gateway.connect(timeout=5))
            with contextlib.suppress(OSError, ConnectionEnded):  # who is turned away may hear no more than that
                statuses.add(client.exchange("GET", "/public/a").status)
        assert 200 in statuses and statuses <= {200, 503}
        for path in ("/healthz", "/readyz", "/metrics"):
            assert gateway.admin(path)[0] == 200, path
        assert gateway.metric("gatehouse_connections_refused_total") > 0

    def served():
        with contextlib.suppress(OSError, AssertionError):
            return gateway.ask("GET", "/public/a").status == 200
    wait_until(served, "descriptors to be there again")


def cpu_seconds(pid):
    """Processor time of all its threads so far."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat") as stat:
            total += int(stat.read().split()[0])
    return total / 1e9


def test_a_thousand_idle_connections_cost_little_memory(start_gateway, backend):
    gateway = start_gateway(backend)
    before = gateway.resident_bytes()
    with contextlib.ExitStack() as open_ones:
        for _ in range(1000):
            client = open_ones.enter_context(gateway.connect())
            assert client.exchange("GET", "/public/a").status == 200
        grown = gateway.resident_bytes() - before
    assert grown < 8 << 20, f"{grown / 1000:.0f} bytes for each idle connection"
