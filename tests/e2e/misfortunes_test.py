"""Misfortunes of a running gateway: floods, full disks, lost files, restarts, dead endpoints."""

import contextlib
import resource
import socket
import time

import pytest

from harness import Gateway, RawBackend, RawClient, wait_until
from harness.ports import free_port


PASSWORD = "correct horse battery"


def flooding(exchange):
    """Interim answers for as long as anybody takes them, never a final one."""
    exchange.read_request_head()
    flood = b"HTTP/1.1 100 Continue\r\n\r\n" * 2000
    while not exchange.backend.stopping.is_set():
        exchange.send(flood)


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_a_flood_of_interim_answers_harms_only_its_own_request(start_gateway, backend, version):  # R62
    hostile = RawBackend(flooding)
    gateway = start_gateway(workers=1, routes=[
        {"match": "/flood", "auth": "none", "to": hostile.url},
        {"match": "/**", "auth": "none", "to": backend.url}])
    with gateway.connect() as flooded, gateway.connect() as other:
        flooded.request("GET", "/flood", version=version)
        hostile.wait_for_requests(1)
        for _ in range(20):
            assert other.exchange("GET", "/a").status == 200
        response = flooded.read_response()
    assert (response.status, response.error_code()) == (502, "upstream_protocol")
    hostile.stop()


def test_a_file_that_may_not_grow_refuses_writes_and_nothing_else(gateway, backend):
    auth = gateway.auth()
    pair = auth.register("ada")
    limit = resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    for number in range(3):
        began = time.monotonic()
        answer = auth.call("/register", {"username": f"u{number}", "password": PASSWORD})
        assert (answer.status, answer.error_code()) == (503, "store_unavailable"), answer.body
        assert time.monotonic() - began < 5  # a second is promised; other tests share the machine
        assert int(answer["Retry-After"]) >= 1
        assert gateway.ask("GET", "/items", pair.bearer).status == 200
    assert gateway.process.running()
    assert gateway.admin("/readyz")[0] == 200
    resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, limit)

    def works():
        return auth.call("/register", {"username": "bob", "password": PASSWORD}).status in (201, 409)
    wait_until(works, "the store to work again")
    assert auth.login("bob").user_id


def test_a_database_that_is_deleted_under_it(gateway, backend):
    auth = gateway.auth()
    pair = auth.register("ada")
    for name in ("gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm"):
        with contextlib.suppress(FileNotFoundError):
            (gateway.folder / name).unlink()
    answer = auth.call("/register", {"username": "eve", "password": PASSWORD})
    assert (answer.status, answer.error_code()) == (503, "store_unavailable")
    assert int(answer["Retry-After"]) >= 1
    assert gateway.ask("GET", "/items", pair.bearer).status == 200
    wait_until(lambda: gateway.admin("/readyz") == (200, "ready, degraded: the store is down\n"), "degraded")


def test_a_restart_keeps_keys_and_sessions(gateway, backend):  # R65
    auth = gateway.auth()
    pair, gone = auth.register("ada"), auth.login("ada")
    auth.logout(gone)
    keys = gateway.ask("GET", "/.well-known/jwks.json").json()
    gateway.stop()
    began = time.monotonic()
    gateway.start()
    # A second is the promise; other tests share the machine with this one.
    assert time.monotonic() - began < 10, "not ready in time"
    assert gateway.ask("GET", "/.well-known/jwks.json").json() == keys
    assert gateway.ask("GET", "/items", pair.bearer).status == 200
    assert gateway.ask("GET", "/items", gone.bearer).error_code() == "token_revoked"
    assert auth.refresh(pair).user_id == pair.user_id


def test_an_endpoint_that_refuses_costs_no_request(start_gateway, backend):
    gateway = start_gateway(
        upstreams={"some": {"endpoints": [f"http://127.0.0.1:{free_port()}", backend.url]}},
        routes=[{"match": "/**", "auth": "none", "to": "some"}])
    for _ in range(6):
        assert gateway.ask("GET", "/a").status == 200
    assert gateway.ask("POST", "/a", body=b"pay").status == 200
    assert [request.method for request in backend.requests].count("POST") == 1


def test_ipv6_on_both_sides(start_gateway):
    listener = socket.socket(socket.AF_INET6)
    listener.bind(("::1", 0))
    listener.listen()
    gateway = start_gateway(f"http://[::1]:{listener.getsockname()[1]}",
                            listen=[{"address": f"[::1]:{(port := free_port())}"}])
    with socket.create_connection(("::1", port), timeout=10) as client:
        client.sendall(b"GET /public/a HTTP/1.1\r\nHost: [::1]\r\n\r\n")
        upstream, _ = listener.accept()
        head = upstream.recv(65536)
        assert b"\r\nX-Forwarded-For: ::1\r\n" in head and b"\r\nHost: [::1]\r\n" in head
        upstream.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 204 ")
        upstream.close()
    listener.close()


def test_the_refused_connection_is_counted_and_told(start_gateway, backend):
    gateway = start_gateway(backend, limits={"connections": 4})
    with contextlib.ExitStack() as held:
        for _ in range(4):
            assert held.enter_context(gateway.connect()).exchange("GET", "/public/a").status == 200
        with gateway.connect() as extra:
            response = extra.read_response()
            assert (response.status, response.error_code()) == (503, "overloaded")
            assert extra.is_closed_by_peer()
        gateway.wait_for_metric(1, "gatehouse_connections_refused_total")


def test_operators_take_no_place_of_a_client(start_gateway, backend):
    gateway = start_gateway(backend, limits={"connections": 1})
    with contextlib.ExitStack() as held:
        for _ in range(3):
            operator = held.enter_context(RawClient(gateway.admin_port))
            assert operator.exchange("GET", "/healthz").status == 200
        with gateway.connect() as client:
            assert client.exchange("GET", "/public/a").status == 200


@pytest.mark.parametrize("target, status", [(8192, 200), (8193, 414)])
def test_the_edge_of_a_target(gateway, target, status):
    assert gateway.ask("GET", "/public/" + "a" * (target - 8)).status == status


@pytest.mark.parametrize("fields, status", [(99, 200), (100, 431)])
def test_the_edge_of_the_fields(gateway, fields, status):
    assert gateway.ask("GET", "/public/a", [("X", "1")] * fields).status == status


@pytest.mark.parametrize("size, status", [(32768, 200), (32769, 431)])
def test_the_edge_of_a_head(gateway, size, status):
    head = b"GET /public/a HTTP/1.1\r\nHost: x\r\nX: "
    with gateway.connect() as client:
        client.send(head + b"a" * (size - len(head) - 4) + b"\r\n\r\n")
        assert client.read_response().status == status


@pytest.mark.parametrize("size, status", [(1024, 200), (1025, 413)])
@pytest.mark.parametrize("chunked", [False, True])
def test_the_edge_of_a_routes_body(start_gateway, backend, size, status, chunked):
    gateway = start_gateway(routes=[{"match": "/**", "auth": "none", "to": backend.url, "max_body": "1KiB"}])
    body = b"x" * size
    if chunked:
        body = f"{size - 1:x}\r\n".encode() + body[1:] + b"\r\n1\r\nx\r\n0\r\n\r\n"
    fields = {"Transfer-Encoding": "chunked"} if chunked else {}
    assert gateway.ask("POST", "/a", fields, body).status == status


def test_a_stripped_prefix_matches_as_its_route_does(start_gateway, backend):
    gateway = start_gateway(routes=[
        {"match": "/users/%40me/**", "auth": "none", "strip_prefix": "/users/@me", "to": backend.url}])
    for sent, forwarded in [("/users/@me/x", "/x"), ("/users/%40me/x%2Cy?q", "/x%2Cy?q"),
                            ("/users/%40me", "/"), ("/%75sers/@me/", "/"), ("/users/@me?", "/?")]:
        assert gateway.ask("GET", sent).status == 200, sent
        assert backend.last.target == forwarded, sent


@pytest.mark.parametrize("value, kept", [
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", True),
    ("00-00000000000000000000000000000000-b7ad6b7169203331-01", False),
    ("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", False), ("garbage", False)])
def test_traces_continue_or_begin(gateway, backend, value, kept):
    gateway.ask("GET", "/public/a", [("traceparent", value), ("tracestate", "a=1")])
    assert (backend.last.all("traceparent") == [value]) == kept
    assert len(backend.last.all("traceparent")) == 1
    assert backend.last.all("tracestate") == (["a=1"] if kept else [])
    gateway.ask("GET", "/public/a", [("traceparent", value), ("traceparent", value), ("tracestate", "a=1")])
    assert len(backend.last.all("traceparent")) == 1 and backend.last.all("traceparent") != [value]


def test_a_backend_that_closes_when_it_has_answered_gets_no_post_twice(start_gateway, backend):  # R14
    def one_each(exchange):
        exchange.read_request()
        exchange.respond(b"done")

    backend.behaviour = one_each
    gateway = start_gateway(backend, workers=1)
    with gateway.connect() as client:
        statuses = {client.exchange("POST", f"/public/{n}", body=b"pay").status for n in range(50)}
    assert statuses <= {200, 502}
    targets = [request.target for request in backend.requests]
    assert len(targets) == len(set(targets))


@pytest.mark.parametrize("host, origin, status", [
    ("app.example:80", "http://app.example", 204), ("app.example", "http://app.example:80", 204),
    ("app.example:8080", "http://app.example", 403), ("app.example", "http://app.example:443", 403),
])
def test_a_page_of_our_own_may_name_the_default_port_or_not(gateway, host, origin, status):
    cookie = f"refresh_token={gateway.auth().register('ada').refresh}"
    fields = {"Cookie": cookie, "Origin": origin}
    assert gateway.ask("POST", "/auth/logout", fields, b"", host=host).status == status


def test_keys_that_were_left_behind_are_told_and_their_tokens_refused(gateway):
    auth = gateway.auth()
    pair = auth.register("ada", PASSWORD)

    def events():
        return [line["event"] for line in gateway._log("gateway")]

    gateway.stop()
    gateway.start()
    wait_until(lambda: "started" in events(), "its first lines")
    assert "keys_made" not in events()
    assert auth.refresh(pair).user_id == pair.user_id
    gateway.stop()
    (gateway.folder / "gatehouse.db.keys.json").unlink()
    gateway.start()
    wait_until(lambda: "keys_made" in events(), "a line that says so")
    assert gateway.ask("GET", "/items", pair.bearer).error_code() == "token_invalid"
    assert auth.login("ada", PASSWORD).user_id == pair.user_id


@pytest.mark.parametrize("threads", [2, 12])
def test_a_start_without_enough_threads_ends_with_a_sentence(tmp_path, threads):
    """As with a TasksMax that is too low. Not 2, after which nobody would start it again."""
    gateway = Gateway(tmp_path / "few", wait=False, command_prefix=[
        "strace", "-f", "-q", "-o", "/dev/null", "-e", "trace=clone,clone3",
        "-e", f"inject=clone,clone3:error=EAGAIN:when={threads}+"])
    assert gateway.process.wait(30) == 1
    assert "gatehouse cannot go on: " in gateway.process.output()
    assert "TasksMax" in gateway.process.output()
