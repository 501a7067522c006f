"""More to do than the gateway can: what goes to upstreams is refused first, logins and probes are not."""

import contextlib
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import wait_until
from harness.raw_backend import answering, hanging


def waiting_requests(gateway, backend, count, open_ones, target="/public/a"):
    """So many requests whose upstream does not answer, on connections of their own."""
    backend.behaviour = hanging()
    before = len(backend.requests)
    for _ in range(count):
        client = open_ones.enter_context(gateway.connect())
        client.request("GET", target)
    backend.wait_for_requests(before + count)


def test_when_too_much_is_under_way_logins_and_probes_are_answered(start_gateway, backend):
    gateway = start_gateway(backend, limits={"in_flight": 6})
    ada = gateway.auth().register("ada")
    assert gateway.metric("gatehouse_shedding") == 0
    with contextlib.ExitStack() as open_ones:
        waiting_requests(gateway, backend, 6, open_ones)
        refused = gateway.ask("GET", "/a", ada.bearer)
        assert (refused.status, refused.error_code()) == (503, "overloaded")
        assert int(refused.get("Retry-After")) >= 1
        assert gateway.auth().login("ada").user_id == ada.user_id
        assert gateway.auth().refresh(ada).user_id == ada.user_id
        assert gateway.ask("GET", "/.well-known/jwks.json").status == 200
        assert (gateway.admin("/healthz")[0], gateway.admin("/readyz")[0]) == (200, 200)
        gateway.wait_for_metric(1, "gatehouse_requests_shed_total")
        gateway.wait_for_metric(1, "gatehouse_shedding")
        wait_until(lambda: "\"shedding\"" in gateway.process.output(), "the line that it began")
    backend.behaviour = answering()
    wait_until(lambda: gateway.metric("gatehouse_shedding") == 0, "the end of it")
    wait_until(lambda: "shedding_over" in gateway.process.output(), "the line that it is over")
    assert gateway.process.output().count("\"event\":\"shedding\"") == 1


def test_a_route_has_places_of_its_own(start_gateway, backend):
    url = backend.url
    gateway = start_gateway(backend, routes=[{"match": "/slow", "auth": "none", "to": url, "in_flight": 2},
                                             {"match": "/**", "auth": "none", "to": url}])
    with contextlib.ExitStack() as open_ones:
        waiting_requests(gateway, backend, 2, open_ones, "/slow")
        assert gateway.ask("GET", "/slow").error_code() == "overloaded"
        waiting_requests(gateway, backend, 3, open_ones, "/other")
        assert gateway.metric("gatehouse_shedding") == 0, "one route is not the gateway"
    backend.behaviour = answering()

    def served():
        return gateway.ask("GET", "/slow").status == 200
    wait_until(served, "those who left to make room")


def test_a_flood_is_refused_while_users_sign_in(start_gateway, backend):
    """A real one: four times as many clients as places, without a pause, for as long as the logins take."""
    gateway = start_gateway(backend, limits={"in_flight": 4}, deadlines={"store": "30s"})  # the machine is busy
    auth = gateway.auth()
    auth.register("ada")
    seen, over = set(), []

    def flood(_):
        with gateway.connect() as client:
            while not over:
                seen.add(client.exchange("GET", "/public/a").status)

    with ThreadPoolExecutor(16) as crowd:
        clients = [crowd.submit(flood, number) for number in range(16)]
        try:
            for _ in range(8):
                assert auth.login("ada").access
                assert gateway.admin("/healthz")[0] == 200
        finally:
            over.append(True)
        for client in clients:
            client.result()
    assert 200 in seen and seen <= {200, 503}


@contextlib.contextmanager
def hardly_any_time_for(process):
    """Stopped for 400 ms, running for 20, again and again: a machine that others have for themselves."""
    over = threading.Event()

    def stutter():
        while not over.is_set():
            process.signal(signal.SIGSTOP)
            over.wait(0.4)
            process.signal(signal.SIGCONT)
            over.wait(0.02)

    machine = threading.Thread(target=stutter)
    machine.start()
    try:
        yield
    finally:
        over.set()
        machine.join()


def test_a_worker_that_has_no_time_refuses_what_is_for_upstreams(start_gateway, backend):
    gateway = start_gateway(backend, limits={"loop_lag": "100ms"})
    gateway.auth().register("ada")

    def answer():
        return gateway.ask("GET", "/public/a")
    assert answer().status == 200
    with hardly_any_time_for(gateway.process):
        wait_until(lambda: answer().status == 503, "the first that is refused")
        refused = answer()
        assert refused.error_code() == "overloaded" and int(refused.get("Retry-After")) >= 1
        assert gateway.auth().login("ada").access
        assert gateway.admin("/healthz")[0] == 200
    wait_until(lambda: answer().status == 200, "the end of it")


@pytest.mark.parametrize("proxies, served", [([], 3), (["127.0.0.0/8"], 6)], ids=["a client", "a trusted proxy"])
def test_one_address_has_so_many_connections(start_gateway, backend, proxies, served):
    gateway = start_gateway(backend, limits={"connections_per_address": 3}, trusted_proxies=proxies)
    with contextlib.ExitStack() as open_ones:
        statuses = []
        for _ in range(6):
            client = open_ones.enter_context(gateway.connect())
            with contextlib.suppress(OSError, AssertionError):
                statuses.append(client.exchange("GET", "/public/a").status)
        assert statuses.count(200) == served
        assert set(statuses) <= {200, 503}
        other = open_ones.enter_context(gateway.connect(source="127.0.0.2"))
        assert other.exchange("GET", "/public/a").status == 200, "somebody else's connection"
        gateway.wait_for_metric(6 - served, "gatehouse_connections_refused_by_address_total")

    def again():
        with contextlib.suppress(OSError, AssertionError):
            return gateway.ask("GET", "/public/a").status == 200
    wait_until(again, "those who left to make room")
