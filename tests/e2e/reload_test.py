"""Settings change while the gateway runs, and nobody who is being served notices anything else."""

import contextlib
import itertools
import json
import os
import shutil
import signal
import threading

import pytest

from harness import RawBackend, RawClient, wait_until
from harness.ports import free_port
from harness.postgres import Postgres
from harness.raw_client import ConnectionEnded
from harness.replicas import replicas
from harness.waiting import pause

PATIENCE = 30.0
RELOADS = 1000
DOWNLOAD = 4 * 1024 * 1024
MiB = 1024 * 1024
SLOW = {"response_gap": "1h", "write_stall": "1h"}  # the download stands still for long


def replaced(gateway, text):
    """The file, as editors and tools write it: whole, by rename."""
    new = gateway.folder / "new.yaml"
    new.write_text(text)
    os.replace(new, gateway.config_file)


def changed(gateway, **settings):
    gateway.settings.update(settings)
    replaced(gateway, json.dumps(gateway.settings))


def generation(gateway):
    return gateway.metric("gatehouse_config_generation")


def reloads(gateway, result="ok"):
    return gateway.metric("gatehouse_config_reloads_total", result=result)


def wait_for_generation(gateway, number):
    wait_until(lambda: generation(gateway) == number, f"generation {number}", PATIENCE)


def wait_for_result(gateway, result, count):
    wait_until(lambda: reloads(gateway, result) >= count, f"{count} {result} reloads", PATIENCE)


def told(gateway, event, count=1):
    """The log's lines of this event, once there are so many: they are written by a thread of their own."""
    def lines():
        found = [json.loads(line) for line in gateway.process.lines() if '"log":"config"' in line]
        return [line for line in found if line["event"] == event]
    wait_until(lambda: len(lines()) >= count, f"{count} lines of {event}", PATIENCE)
    return lines()


def status(gateway, target):
    return gateway.ask("GET", target).status


def routes_to(backend, first="/public/**"):
    return [{"match": first, "auth": "none", "to": backend.url}, {"match": "/**", "to": backend.url}]


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


class Load:
    """Clients that ask again and again, each on one connection, and retry nothing: every answer must
    be a 200 with one of the bodies that are right. Whoever is told `Connection: close` comes back on
    a new one, where `connect` says."""

    def __init__(self, connect, targets, fields, bodies, clients):
        self._connect, self._targets, self._fields, self._bodies = connect, targets, fields, bodies
        self._over = threading.Event()
        self.answers = [0] * clients
        self.failures = []
        self._threads = [threading.Thread(target=self._run, args=[number], daemon=True) for number in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        wait_until(lambda: all(self.answers) or self.failures, "the load to begin", PATIENCE)
        return self

    def __exit__(self, kind, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        if kind is None:
            assert self.failures == []

    def _run(self, number):
        try:
            while not self._over.is_set():
                with self._connect() as client:
                    self._ask_until_told_to_go(number, client)
        except Exception as problem:
            self.failures.append(f"after {self.answers[number]} answers: {problem!r}")

    def _ask_until_told_to_go(self, number, client):
        while not self._over.is_set():
            answer = client.exchange("GET", self._targets[self.answers[number] % len(self._targets)], self._fields)
            if answer.status != 200 or not answer.complete or answer.body not in self._bodies:
                self.failures.append(f"{answer.status} {answer.body[:100]!r}")
            self.answers[number] += 1
            if answer.get("Connection") == "close":
                return


# ---- what brings a reload ----------------------------------------------------------------------


def test_a_hangup_reloads(start_gateway, backend):
    gateway = start_gateway(backend, reload={"watch": False})
    assert status(gateway, "/open/a") == 401
    changed(gateway, routes=routes_to(backend, "/open/**"))
    gateway.signal(signal.SIGHUP)
    wait_for_generation(gateway, 2)
    assert status(gateway, "/open/a") == 200
    assert status(gateway, "/public/a") == 401
    line = told(gateway, "reloaded")[-1]
    assert (line["why"], line["generation"]) == ("SIGHUP", 2)
    assert any(key.startswith("routes") for key in line["changed"])


def test_counts_go_on_across_a_hangup(start_gateway, backend):
    """Counters that fell would be a restart to Prometheus. What a reload drops is dropped."""
    gateway = start_gateway(backend, reload={"watch": False})

    def of_route(route):
        return gateway.metric("gatehouse_requests_total", route=route, status="2xx")

    def of_upstream(what):
        return gateway.metric(f"gatehouse_upstream_{what}_total", upstream=backend.url)

    def counted(path, number):
        assert status(gateway, path) == 200
        wait_until(lambda: of_upstream("requests") == number, "the request to be counted")
    counted("/public/a", 1)
    counted("/public/a", 2)
    opened = of_upstream("connections_opened")
    more = [{"match": "/open/**", "auth": "none", "to": backend.url}]
    for number, routes in ((2, more + routes_to(backend)), (3, more)):
        changed(gateway, routes=routes)
        gateway.signal(signal.SIGHUP)
        wait_for_generation(gateway, number)
        wait_until(lambda: of_route("/public/**") == (2 if number == 2 else 0), "what was counted before")
        counted("/open/a", number + 1)
        wait_until(lambda: of_route("/open/**") == number - 1, "what is counted now")
    assert of_upstream("connections_opened") >= opened


def test_without_watching_only_a_hangup_reloads(start_gateway, backend):
    gateway = start_gateway(backend, reload={"watch": False, "poll": "100ms"})
    changed(gateway, registration="closed")
    gateway.signal(signal.SIGHUP)
    wait_for_generation(gateway, 2)
    changed(gateway, registration="open", reload={"watch": True, "poll": "100ms"})
    gateway.signal(signal.SIGHUP)
    wait_for_generation(gateway, 3)
    assert [line["why"] for line in told(gateway, "reloaded", 2)] == ["SIGHUP", "SIGHUP"]
    changed(gateway, registration="closed")
    wait_for_generation(gateway, 4)
    assert told(gateway, "reloaded", 3)[-1]["why"] == "file"


def replace_by_rename(gateway, text):
    replaced(gateway, text)


def edit_in_place(gateway, text):
    gateway.config_file.write_text(text)


def write_in_pieces(gateway, text):
    with gateway.config_file.open("w") as file:
        for begin in range(0, len(text), 40):
            file.write(text[begin:begin + 40])
            file.flush()


def delete_and_write_again(gateway, text):
    gateway.config_file.unlink()
    gateway.config_file.write_text(text)


@pytest.mark.parametrize("change", [replace_by_rename, edit_in_place, write_in_pieces, delete_and_write_again])
def test_a_changed_file_is_taken_by_itself(start_gateway, backend, change):
    gateway = start_gateway(backend)
    for number, first in enumerate(("/one/**", "/two/**"), start=2):
        gateway.settings["routes"] = routes_to(backend, first)
        change(gateway, json.dumps(gateway.settings))
        wait_for_generation(gateway, number)
        assert status(gateway, first.replace("**", "a")) == 200


def test_a_swapped_config_map_is_taken_by_itself(start_gateway, backend):
    """Mounted as kubelet does it: gatehouse.yaml -> ..data/gatehouse.yaml, ..data -> a folder."""
    gateway = start_gateway(backend)
    folder = gateway.folder

    def mount(version, **settings):
        gateway.settings.update(settings)
        (folder / version).mkdir()
        (folder / version / "gatehouse.yaml").write_text(json.dumps(gateway.settings))
        os.symlink(version, folder / "..data_tmp")
        os.replace(folder / "..data_tmp", folder / "..data")

    mount("..1")
    os.symlink("..data/gatehouse.yaml", folder / "linked.yaml")
    os.replace(folder / "linked.yaml", gateway.config_file)
    wait_for_result(gateway, "ok", 1)  # the same content at another place
    for number in (2, 3, 4):
        mount(f"..{number}", routes=routes_to(backend, f"/map-{number}/**"))
        shutil.rmtree(folder / f"..{number - 1}")
        wait_for_generation(gateway, number)
        assert status(gateway, f"/map-{number}/a") == 200
    assert reloads(gateway, "failed") == 0


def test_a_changed_file_that_the_settings_draw_in_is_taken(tmp_path, start_gateway, backend):
    issuer = tmp_path / "issuer"
    issuer.write_text("https://one.example\n")
    gateway = start_gateway(backend, tokens={"issuer": f"${{file:{issuer}}}"})
    issuer.write_text("https://two.example\n")
    wait_for_generation(gateway, 2)
    assert told(gateway, "reloaded")[-1]["changed"] == ["tokens.issuer"]


# ---- what goes wrong ---------------------------------------------------------------------------


def test_a_bad_file_changes_nothing_and_is_told_of(start_gateway, backend):
    gateway = start_gateway(backend)
    good = gateway.config_file.read_text()
    replaced(gateway, 'listen: nowhere\nroutes:\n  - {match: /**, to: nothing, timeout: 3 parsecs}\n')
    wait_for_result(gateway, "failed", 1)
    assert status(gateway, "/public/a") == 200
    code, said = gateway.admin("/readyz")
    assert code == 200 and "configuration on disk is bad" in said
    assert gateway.metric("gatehouse_config_last_reload_successful") == 0
    assert generation(gateway) == 1
    lines = told(gateway, "reload_failed", 3)
    assert {line["key"] for line in lines} >= {"listen", "routes[0].timeout"}
    assert all(line["place"].startswith(str(gateway.config_file) + ":") for line in lines)

    replaced(gateway, good)
    wait_until(lambda: gateway.metric("gatehouse_config_last_reload_successful") == 1, "a good file", PATIENCE)
    assert gateway.admin("/readyz") == (200, "ready\n")
    assert generation(gateway) == 1  # nothing is different from what runs


def test_a_file_that_goes_is_told_of_and_one_that_comes_back_is_taken(start_gateway, backend):
    gateway = start_gateway(backend)
    gateway.config_file.unlink()
    wait_for_result(gateway, "failed", 1)
    assert status(gateway, "/public/a") == 200
    changed(gateway, routes=routes_to(backend, "/back/**"))
    wait_for_generation(gateway, 2)
    assert status(gateway, "/back/a") == 200


def test_what_needs_a_restart_is_named_and_the_rest_taken(start_gateway, backend):
    gateway = start_gateway(backend)
    changed(gateway, admin=f"127.0.0.1:{free_port()}", store="sqlite:other.db", workers=3,
            tokens={"access_ttl": "5m"}, routes=routes_to(backend, "/rest/**"))
    wait_for_generation(gateway, 2)
    assert status(gateway, "/rest/a") == 200
    assert told(gateway, "reloaded")[-1]["needs_restart"] == ["admin", "workers", "store", "tokens.access_ttl"]
    assert gateway.admin("/readyz") == (200, "ready\n")
    assert gateway.auth().register("ada").expires_in == 3600
    assert not (gateway.folder / "other.db").exists()


# ---- what takes effect -------------------------------------------------------------------------


def test_the_auth_service_follows(start_gateway, backend):
    gateway = start_gateway(backend)
    ada = gateway.auth().register("ada")
    changed(gateway, registration="closed", sessions={"max_per_user": 1, "when_full": "refuse"},
            auth={"contract": {"errors": "message"}})
    wait_for_generation(gateway, 2)
    refused = gateway.auth().call("/register", {"username": "bob", "password": "correct horse battery"})
    assert refused.status == 403 and set(refused.json()) == {"message"}
    assert gateway.auth().call("/login", {"username": "ada", "password": "correct horse battery"}).status in (401, 403)
    assert gateway.ask("GET", "/items", ada.bearer).status == 200


def test_an_idle_connection_takes_the_new_settings_at_its_next_request(start_gateway, backend):
    gateway = start_gateway(backend, trusted_proxies=["127.0.0.1"])
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    with gateway.connect() as client:
        assert client.exchange("GET", "/public/a", forwarded).status == 200
        assert backend.last.all("X-Forwarded-For") == ["203.0.113.9, 127.0.0.1"]
        changed(gateway, trusted_proxies=[], routes=routes_to(backend, "/public/b"))
        wait_for_generation(gateway, 2)
        assert client.exchange("GET", "/public/b", forwarded).status == 200
        assert backend.last.all("X-Forwarded-For") == ["127.0.0.1"]
        assert client.exchange("GET", "/public/a").status == 401


def test_listeners_come_and_go(start_gateway, backend):
    gateway = start_gateway(backend)
    first, second = gateway.settings["listen"][0], {"address": f"127.0.0.1:{free_port()}"}
    port = int(second["address"].split(":")[1])
    changed(gateway, listen=[first, second])
    wait_for_generation(gateway, 2)
    client = RawClient(port)
    assert client.exchange("GET", "/public/a").status == 200

    changed(gateway, listen=[first])
    wait_for_generation(gateway, 3)
    with pytest.raises(ConnectionRefusedError):
        RawClient(port)
    assert client.exchange("GET", "/public/a").status == 200  # it was connected before
    client.close()
    assert status(gateway, "/public/a") == 200


def test_another_host_for_the_same_port_loses_no_request(start_gateway, backend):
    gateway = start_gateway(backend, reload={"watch": False})
    with Load(gateway.connect, ["/public/a"], {}, {b"hello from the backend"}, clients=4):
        for number, host in enumerate(("0.0.0.0", "127.0.0.1", "0.0.0.0"), start=2):
            changed(gateway, listen=[{"address": f"{host}:{gateway.port}"}])
            gateway.signal(signal.SIGHUP)
            wait_for_generation(gateway, number)
            assert status(gateway, "/public/a") == 200
    assert reloads(gateway, "failed") == 0


def test_a_port_in_use_refuses_the_whole_reload(start_gateway, backend):
    gateway = start_gateway(backend)
    taken = RawBackend()
    try:
        changed(gateway, listen=[*gateway.settings["listen"], {"address": f"127.0.0.1:{taken.port}"}],
                routes=routes_to(backend, "/new/**"))
        wait_for_result(gateway, "failed", 1)
        line = told(gateway, "reload_failed")[-1]
        assert line["key"] == "listen[1].address" and "in use" in line["message"]
        assert status(gateway, "/new/a") == 401
        assert generation(gateway) == 1
    finally:
        taken.stop()


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
