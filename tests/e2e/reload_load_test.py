"""Reloads and restarts while many ask: nobody's request is lost, and nothing leaks."""

import contextlib
import itertools
import os
import signal
import threading

import pytest

from harness import RawBackend, wait_until
from harness.postgres import Postgres
from harness.raw_client import ConnectionEnded
from harness.reloads import PATIENCE, changed, reloads, routes_to, wait_for_generation
from harness.replicas import replicas
from harness.traffic import Load
from harness.waiting import pause

RELOADS = 1000
DOWNLOAD = 4 * 1024 * 1024
MiB = 1024 * 1024
SLOW = {"response_gap": "1h", "write_stall": "1h"}  # the download stands still for long


def serving(body, over=None):
    """A backend whose /events go on until `over`, and whose /download waits for it in the middle."""
    def behave(exchange):
        while True:
            target = exchange.read_request().target
            if "/events" in target:
                exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
                while not over.is_set():
                    exchange.send(b"9\r\ndata: x\n\n\r\n")
                    pause(0.01)
                exchange.send(b"0\r\n\r\n")
            elif "/download" in target:
                half = DOWNLOAD // 2
                exchange.send(f"HTTP/1.1 200 OK\r\nContent-Length: {DOWNLOAD}\r\n\r\n".encode() + b"d" * half)
                assert over.wait(300)
                exchange.send(b"d" * (DOWNLOAD - half))
            else:
                exchange.respond(body)
    return behave


# ---- under load --------------------------------------------------------------------------------


def held(gateway):
    """What could leak: descriptors, threads, memory."""
    return (len(os.listdir(f"/proc/{gateway.pid}/fd")), len(os.listdir(f"/proc/{gateway.pid}/task")),
            gateway.resident_bytes())


def test_a_thousand_reloads_under_load_lose_nothing_and_leak_nothing(start_gateway, request):
    over = threading.Event()
    one, two = RawBackend(serving(b"one", over)), RawBackend(serving(b"two", over))
    try:
        gateway = start_gateway(one, reload={"watch": False}, log={"access": False}, deadlines=SLOW)
        ada = gateway.auth().register("ada")
        with contextlib.ExitStack() as stack:
            events, download = stack.enter_context(gateway.connect()), stack.enter_context(gateway.connect())
            events.request("GET", "/events", ada.bearer)
            assert events.read_head().status == 200
            download.request("GET", "/download", ada.bearer)
            assert download.read_head().status == 200

            def reload(count):
                for _ in range(count):
                    last = reload.done = reload.done + 1
                    changed(gateway, routes=routes_to(two if last % 2 else one),
                            deadlines={**SLOW, "keep_alive": f"{60 + last % 7}s"})
                    gateway.signal(signal.SIGHUP)
                    wait_for_generation(gateway, last + 1)
            reload.done = 0

            with Load(gateway.connect, ["/public/a", "/items"], ada.bearer, {b"one", b"two"}, clients=6) as load:
                reload(RELOADS // 10)
                files, threads, memory = held(gateway)
                before = sum(load.answers)
                reload(RELOADS - RELOADS // 10)
                assert sum(load.answers) - before > RELOADS
                files_now, threads_now, memory_now = held(gateway)
            assert files_now <= files + 16  # connections to and fro come and go
            assert threads_now == threads
            assert memory_now - memory < 48 * MiB
            # That with which the stream began, that of the download, the newest.
            wait_until(lambda: 2 <= gateway.metric("gatehouse_config_generations_live") <= 3, "old ones to go", PATIENCE)
            assert reloads(gateway) == RELOADS and reloads(gateway, "failed") == 0

            assert events.read_until(b"data: x\n\n\r\n")
            over.set()
            assert download.read_exactly(DOWNLOAD) == b"d" * DOWNLOAD
            events.read_until(b"0\r\n\r\n")
            assert events.exchange("GET", "/items", ada.bearer).status == 200
            wait_until(lambda: gateway.metric("gatehouse_config_generations_live") == 1, "the oldest to go", PATIENCE)
            request.node.user_properties.append(("figure", f"{RELOADS} reloads, {sum(load.answers)} answers, "
                                                 f"{(memory_now - memory) / MiB:.1f} MiB more"))
    finally:
        over.set()
        one.stop()
        two.stop()


# ---- a rolling restart -------------------------------------------------------------------------


class Balancer:
    """Connects to the next of those gateways whose probe was good the last time."""

    def __init__(self, gateways):
        self._gateways = gateways
        self._ready = dict.fromkeys(gateways, True)
        self._turn = itertools.count()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._probe, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join(PATIENCE)

    def _probe(self):
        while not self._over.is_set():
            for gateway in self._gateways:
                self._ready[gateway] = gateway.admin("/readyz")[0] == 200
            pause(0.02)

    def sees(self, gateway):
        return self._ready[gateway]

    def connect(self):
        able = [gateway for gateway in self._gateways if self._ready[gateway]]
        return able[next(self._turn) % len(able)].connect()


def test_a_rolling_restart_under_load_loses_no_request(tmp_path, backend):
    """Two gateways on one PostgreSQL, and clients that go where one is ready and retry nothing."""
    # A store that is slow because other tests share the machine is not what this is about.
    patient = {"drain": {"delay": "8s", "timeout": "60s"}, "deadlines": {"store": "30s"}}
    with Postgres() as server, replicas(tmp_path, server, backend, ports=(None, None), **patient) as gateways:
        ada = gateways[0].auth().register("ada")
        bodies = {b"hello from the backend"}
        with Balancer(gateways) as balancer, \
                Load(balancer.connect, ["/items", "/public/a"], ada.bearer, bodies, clients=8) as load:
            for _ in range(2):
                for gateway in gateways:
                    gateway.signal(signal.SIGTERM)
                    assert gateway.process.wait(120) == 0
                    gateway.start()
                    wait_until(lambda: balancer.sees(gateway), "the probe to see it", 120)
            count = sum(load.answers)
            wait_until(lambda: sum(load.answers) > count + 100 or load.failures, "the load to go on", 120)


def test_connections_that_came_before_the_door_closed_are_served(start_gateway, backend):
    """Whoever is connected when the drain begins is answered, told to go, and missed by nobody."""
    gateway = start_gateway(backend, drain={"delay": "1h"})
    clients = [gateway.connect() for _ in range(50)]
    gateway.signal(signal.SIGTERM)
    wait_until(lambda: gateway.admin("/readyz")[0] == 503, "the drain to begin")
    for client in clients:
        answer = client.exchange("GET", "/public/a")
        assert (answer.status, answer["Connection"].lower()) == (200, "close")
        with pytest.raises(ConnectionEnded):
            client.read_head()
        client.close()
    gateway.signal(signal.SIGTERM)  # the second one does not wait
    assert gateway.process.wait() == 0
