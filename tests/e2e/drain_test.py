"""SIGTERM: nobody who was being served loses anything."""

import signal
import threading

import pytest

from harness import raw_backend as behaviours
from harness import wait_until

RUNNING = 200


def refuses(gateway):
    """Whether the listener is closed: the drain itself has begun."""
    try:
        gateway.connect().close()
        return False
    except ConnectionRefusedError:
        return True


def test_all_running_requests_complete(start_gateway, backend):
    may_answer = threading.Event()

    def waiting(exchange):
        while True:
            exchange.read_request()
            assert may_answer.wait(30)
            exchange.respond(b"done")

    backend.behaviour = waiting
    gateway = start_gateway(backend, drain={"delay": "0s", "timeout": "20s"})
    clients = [gateway.connect() for _ in range(RUNNING)]
    for number, client in enumerate(clients):
        client.request("GET", f"/public/{number}")
    backend.wait_for_requests(RUNNING, 20)

    gateway.signal(signal.SIGTERM)
    wait_until(lambda: refuses(gateway), "new connections to be refused")
    may_answer.set()
    responses = [client.read_response() for client in clients]
    assert [(response.status, response.body) for response in responses] == [(200, b"done")] * RUNNING
    assert {response["Connection"].lower() for response in responses} == {"close"}
    assert all(client.is_closed_by_peer() for client in clients)
    assert gateway.process.wait() == 0
    for client in clients:
        client.close()


def test_idle_connections_do_not_hold_the_drain_up(start_gateway, backend):
    gateway = start_gateway(backend, drain={"delay": "0s", "timeout": "20s"})
    with gateway.connect() as idle, gateway.connect() as silent:
        assert idle.exchange("GET", "/public/a").status == 200
        gateway.signal(signal.SIGTERM)
        assert gateway.process.wait(10) == 0
        assert idle.is_closed_by_peer() and silent.is_closed_by_peer()


# What a client has begun to send and nobody has read yet: closing politely would wait for it.
@pytest.mark.parametrize("begun", [
    b"GET /public/a HTTP/1.1\r\nHo", b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"])
@pytest.mark.parametrize("again", [False, True], ids=["the end of its time", "a second signal"])
def test_who_has_not_finished_asking_holds_nobody_up_beyond(start_gateway, backend, begun, again):
    gateway = start_gateway(backend, drain={"delay": "0s", "timeout": "60s" if again else "1s"},
                            deadlines={"linger": "2m", "head": "2m", "body_gap": "2m"})
    with gateway.connect() as client, gateway.connect() as other:
        client.send(begun)
        assert other.exchange("GET", "/public/a").status == 200
        gateway.signal(signal.SIGTERM)
        wait_until(lambda: refuses(gateway), "new connections to be refused")
        if again:
            gateway.signal(signal.SIGTERM)
        assert gateway.process.wait(30) == (0 if again else 1)


def test_who_still_waits_for_a_turn_when_the_time_is_over_is_told_so(start_gateway, backend):
    quota = {"endpoints": [backend.url], "budget": {"requests": 1, "per": "20s", "wait": "30s"}}
    gateway = start_gateway(backend, drain={"delay": "0s", "timeout": "1s"}, upstreams={"quota": quota},
                            routes=[{"match": "/**", "auth": "none", "to": "quota"}])
    assert gateway.ask("GET", "/a").status == 200
    with gateway.connect() as client:
        client.request("GET", "/a")
        gateway.wait_for_metric(1, "gatehouse_upstream_budget_waits_total")
        gateway.signal(signal.SIGTERM)
        refused = client.read_response()
    assert (refused.status, refused.error_code(), refused["Retry-After"]) == (503, "draining", "1")
    assert gateway.process.wait(30) == 1


def test_a_second_signal_stops_at_once(start_gateway, backend):
    backend.behaviour = behaviours.hanging()
    gateway = start_gateway(backend, drain={"delay": "0s", "timeout": "60s"})
    with gateway.connect() as client:
        client.request("GET", "/public/a")
        backend.wait_for_requests(1)
        gateway.signal(signal.SIGTERM)
        wait_until(lambda: gateway.admin("/readyz")[0] != 200, "the drain to begin")
        gateway.signal(signal.SIGTERM)
        gateway.process.wait(30)
