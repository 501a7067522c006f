"""Endpoints that die, hang, fail and come back, and clients who notice nothing of it."""

import collections
import json
import signal
import socket
import struct
import threading

from harness import FileService, RawBackend, wait_until

GET_STORM = 8  # clients at once


class Endpoint:
    """An upstream's endpoint that says its name, and can be sick or die."""

    def __init__(self, name):
        self.name = name
        self.sick, self.dead = threading.Event(), threading.Event()
        self.seen = collections.Counter()  # by target
        self.backend = RawBackend(self._serve)
        self.url = self.backend.url
        self.address = f"127.0.0.1:{self.backend.port}"

    def _serve(self, exchange):
        while True:
            request = exchange.read_request()
            if self.dead.is_set():
                exchange.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            self.seen[request.target] += 1
            if request.target == "/healthz":
                exchange.respond(status="503 Sick" if self.sick.is_set() else "200 OK")
            elif self.sick.is_set():
                exchange.respond(b"sick", "500 Internal Server Error")
            else:
                exchange.respond(self.name.encode())


def upstream_of(endpoints, **more):
    return {"upstreams": {"several": {"endpoints": [each.url for each in endpoints], **more}},
            "routes": [{"match": "/**", "auth": "none", "to": "several"}]}


def used(gateway, address):
    return gateway.metric("gatehouse_endpoint_used", upstream="several", endpoint=address)


def events(gateway, name):
    lines = [json.loads(line) for line in gateway.process.lines() if f'"event":"{name}"' in line]
    return [line for line in lines if line["event"] == name]


def answers(gateway, count, target="/a"):
    return collections.Counter(gateway.ask("GET", target).body for _ in range(count))


# Who is well is not taken for one who hangs by a machine that stops for a moment.
HEALTH = {"path": "/healthz", "interval": "1s", "timeout": "1s", "unhealthy_after": 5, "healthy_after": 1}


def test_checks_take_an_endpoint_out_and_bring_it_back(start_gateway):
    one, two = Endpoint("one"), Endpoint("two")
    gateway = start_gateway(**upstream_of([one, two], health=HEALTH))
    assert answers(gateway, 20).keys() == {b"one", b"two"}
    one.sick.set()
    wait_until(lambda: used(gateway, one.address) == 0, "the sick endpoint to be out")
    assert answers(gateway, 20) == {b"two": 20}
    line = wait_until(lambda: events(gateway, "endpoint_unhealthy"), "the line")[0]
    assert (line["upstream"], line["endpoint"], line["reason"]) == ("several", one.address, "answered 503")
    one.sick.clear()
    wait_until(lambda: used(gateway, one.address) == 1, "it to be back")
    assert answers(gateway, 40)[b"one"] > 0
    wait_until(lambda: events(gateway, "endpoint_healthy"), "the line")
    for each in (one, two):
        each.backend.stop()


def test_all_are_used_when_none_is_fit_and_a_reload_keeps_verdicts(start_gateway):
    one, two = Endpoint("one"), Endpoint("two")
    gateway = start_gateway(**upstream_of([one, two], health=HEALTH))
    one.sick.set()
    wait_until(lambda: used(gateway, one.address) == 0, "one to be out")
    gateway.settings["upstreams"]["several"]["ejection"] = {"after": 7}
    gateway.write_config()
    wait_until(lambda: gateway.metric("gatehouse_config_generation") == 2, "the reload")
    assert used(gateway, one.address) == 0
    two.sick.set()
    wait_until(lambda: used(gateway, one.address) == 1, "both to be used")
    wait_until(lambda: events(gateway, "upstream_unfit"), "the line")
    assert answers(gateway, 20) == {b"sick": 20}
    for each in (one, two):
        each.backend.stop()


def test_an_endpoint_that_hangs_is_left_alone_until_it_moves_again(start_gateway, tmp_path):  # R62
    (tmp_path / "a").write_text("a file")
    hanging, well = FileService(tmp_path), FileService(tmp_path)
    health = {**HEALTH, "path": "/a"}
    gateway = start_gateway(**upstream_of([hanging, well], health=health))
    address = f"127.0.0.1:{hanging.port}"
    hanging.process.signal(signal.SIGSTOP)
    wait_until(lambda: used(gateway, address) == 0, "the hanging endpoint to be out")
    for _ in range(20):
        assert gateway.ask("GET", "/a").body == b"a file"
    hanging.process.signal(signal.SIGCONT)
    wait_until(lambda: used(gateway, address) == 1, "it to be back")
    assert gateway.ask("GET", "/a").status == 200
    hanging.stop()
    well.stop()


def test_a_storm_in_which_one_of_three_endpoints_dies_and_nobody_notices(start_gateway):  # R14
    endpoints = [Endpoint(name) for name in ("one", "two", "three")]
    gateway = start_gateway(**upstream_of(
        endpoints, retry={"attempts": 2, "budget": 1, "least": 1000, "backoff": "5ms"}, ejection={"after": 3}))
    statuses, lock, half = collections.Counter(), threading.Lock(), threading.Barrier(GET_STORM + 1)

    def storm(client):
        for i in range(100):
            if i == 50:
                half.wait(60)
            answer = gateway.ask("GET", f"/get/{client}/{i}")
            posted = gateway.ask("POST", f"/post/{client}/{i}", body=b"pay") if i % 5 == 0 else None
            with lock:
                statuses[answer.status] += 1
                statuses["posted"] += posted is not None and posted.status == 200
    clients = [threading.Thread(target=storm, args=(number,)) for number in range(GET_STORM)]
    for client in clients:
        client.start()
    half.wait(60)
    endpoints[0].dead.set()
    for client in clients:
        client.join(120)
    assert statuses[200] == GET_STORM * 100, statuses
    seen = sum((each.seen for each in endpoints), collections.Counter())
    posts = [count for target, count in seen.items() if target.startswith("/post/")]
    assert set(posts) == {1}, "a POST came twice"
    assert statuses["posted"] == len(posts)
    wait_until(lambda: gateway.metric("gatehouse_upstream_retries_total", upstream="several") > 0, "the retries to count")
    wait_until(lambda: events(gateway, "endpoint_ejected"), "the line")
    assert used(gateway, endpoints[0].address) == 0
    told = gateway.wait_for_access(lambda record: "sent again after reset" in record.get("reason", ""))
    assert told
    for each in endpoints:
        each.backend.stop()


def test_an_endpoint_that_answers_500_is_ejected_where_told_and_judged_anew(start_gateway):
    one, two = Endpoint("one"), Endpoint("two")
    gateway = start_gateway(**upstream_of([one, two], ejection={"after": 3, "base": "8s", "on_5xx": True}))
    one.sick.set()
    wait_until(lambda: gateway.ask("GET", "/a") and used(gateway, one.address) == 0, "the ejection")
    assert answers(gateway, 5) == {b"two": 5}
    one.sick.clear()
    wait_until(lambda: gateway.ask("GET", "/a").body == b"one", "its time to be over")
    gateway.wait_for_metric(1, "gatehouse_endpoint_ejections_total", upstream="several", endpoint=one.address)
    wait_until(lambda: events(gateway, "endpoint_back"), "the line")
    for each in (one, two):
        each.backend.stop()


def test_a_circuit_refuses_at_once(start_gateway):
    release = threading.Event()

    def slow(exchange):
        while True:
            exchange.read_request()
            release.wait(30)
            exchange.respond(b"slow")
    backend = RawBackend(slow)
    gateway = start_gateway(**upstream_of([backend], circuit={"requests": 2}))
    with gateway.connect() as one, gateway.connect() as other:
        one.request("GET", "/a")
        other.request("GET", "/a")
        backend.wait_for_requests(2)
        refused = gateway.ask("GET", "/a")
        assert (refused.status, refused.error_code(), refused["Retry-After"]) == (503, "overloaded", "1")
        release.set()
        assert one.read_response().body == other.read_response().body == b"slow"
    gateway.wait_for_metric(1, "gatehouse_upstream_circuit_refusals_total", upstream="several")
    backend.stop()


def test_check_asks_the_health_path(start_gateway):
    endpoint = Endpoint("one")
    gateway = start_gateway(**upstream_of([endpoint], health=HEALTH))
    assert f"ok      health of several at {endpoint.address}\n" in gateway.command("check", "--connect").stdout
    endpoint.sick.set()
    checked = gateway.command("check", "--connect", check=False)
    assert checked.returncode == 1
    assert f"FAILED  health of several at {endpoint.address}: answered 503\n" in checked.stdout
    endpoint.backend.stop()


def test_endpoints_beyond_a_limit_are_counted_together(start_gateway):
    endpoints = [Endpoint(str(number)) for number in range(3)]
    gateway = start_gateway(**upstream_of(endpoints), metrics={"endpoints": 1})
    answers(gateway, 9)
    text = gateway.admin("/metrics")[1]
    assert text.count("gatehouse_endpoint_connections_open{") == 2
    def counted():
        return [gateway.metric("gatehouse_endpoint_requests_total", upstream=name, status="2xx")
                for name in ("other", "several")]
    wait_until(lambda: sum(counted()) == 9, "all to be counted")
    assert min(counted()) > 0
    assert text.count("gatehouse_endpoint_used{") == 1
    for each in endpoints:
        each.backend.stop()
