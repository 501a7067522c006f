"""Under a service manager: it holds the sockets and starts us with them, and hears how we do."""

import signal
import socket

import pytest

from harness import Gateway
from harness.ports import free_port
from harness.raw_client import RawClient
from harness.service_manager import ServiceManager
from harness.traffic import SteadyTraffic

RESTARTS = 4


@pytest.fixture
def manager():
    manager = ServiceManager()
    yield manager
    manager.close()


@pytest.fixture
def start_service(start_gateway, manager):
    """A function that starts a gateway under `manager`, on the ports it holds: one for clients, one for admin."""
    def start(upstream, wait=True, environment=None, **settings):
        port, admin = manager.listen(), manager.listen()
        gateway = start_gateway(upstream, wait=False, **manager.start_terms(**(environment or {})),
                                listen=[{"address": f"127.0.0.1:{port}"}], admin=f"127.0.0.1:{admin}", **settings)
        gateway.port, gateway.admin_port = port, admin
        gateway.admin_url = f"http://127.0.0.1:{admin}"
        if wait:
            manager.wait_for(READY="1")
        return gateway
    return start


# ---- sockets ----------------------------------------------------------------------------------

def test_it_serves_on_the_sockets_it_is_given(manager, start_service, backend):
    gateway = start_service(backend)
    assert gateway.ask("GET", "/public/a").status == 200
    assert gateway.admin("/readyz")[0] == 200


def test_who_waited_in_the_queue_before_the_start_is_answered(manager, start_gateway, backend):
    port, admin = manager.listen(), manager.listen()
    early = [RawClient(port) for _ in range(20)]
    for client in early:
        client.request("GET", "/public/early")
    start_gateway(backend, wait=False, **manager.start_terms(), listen=[{"address": f"127.0.0.1:{port}"}],
                  admin=f"127.0.0.1:{admin}")
    assert [client.read_response().status for client in early] == [200] * 20
    for client in early:
        client.close()


@pytest.mark.parametrize("held", ["one socket that workers share", "as many as before"])
def test_a_restart_on_the_same_sockets_loses_no_request(manager, start_service, backend, held):
    gateway = start_service(backend, workers=3, drain={"delay": "300ms", "timeout": "20s"})
    with SteadyTraffic(gateway.port, "/public/steady") as traffic:
        for restart in range(RESTARTS):
            traffic.wait_for_answers(100)
            if held == "as many as before":
                gateway.settings["workers"] = 1 + restart
            gateway.stop()
            gateway.start(wait=False)
            manager.wait_for(READY="1")
        traffic.wait_for_answers(100)
    assert manager.has_heard("STOPPING") == RESTARTS


def test_a_reload_lets_go_of_a_socket_and_opens_others(manager, start_service, backend):
    gateway = start_service(backend, workers=2)
    given, other = gateway.port, free_port()
    gateway.settings["listen"] = [{"address": f"127.0.0.1:{other}"}]
    gateway.write_config()
    gateway.signal(signal.SIGHUP)
    told = manager.wait_for(READY="1")
    assert f"127.0.0.1:{other}" in told["STATUS"]
    with RawClient(other) as client, RawClient(given) as waiting:
        assert client.exchange("GET", "/public/a").status == 200
        # Nobody accepts there, but it is not refused: the manager still has it.
        waiting.request("GET", "/public/b")
        with pytest.raises((TimeoutError, socket.timeout)):
            waiting.socket.settimeout(0.2)
            waiting.read_response()


@pytest.mark.parametrize("environment, complaint", [
    ({"LISTEN_FDS": "two"}, 'LISTEN_FDS is "two", which is not a number'),
    ({"LISTEN_FDNAMES": "a:b:c"}, "LISTEN_FDNAMES names 3 descriptors and LISTEN_FDS counts 2"),
    ({"LISTEN_FDS": "3"}, "descriptor 5, which was given to listen on, is no socket"),
    ({"WATCHDOG_USEC": "soon"}, 'WATCHDOG_USEC is "soon"'),
])
def test_a_manager_that_talks_nonsense_is_told_so(manager, tmp_path, backend, environment, complaint):
    manager.listen(), manager.listen()
    gateway = Gateway(tmp_path, backend, wait=False, **manager.start_terms(**environment))
    assert gateway.process.wait(20) == 2
    assert complaint in gateway.process.output()


def test_a_socket_that_no_setting_names_is_a_mistake(manager, tmp_path, backend):
    port = manager.listen()
    gateway = Gateway(tmp_path, backend, wait=False, **manager.start_terms())
    assert gateway.process.wait(20) == 2
    assert (f"a socket that listens on 127.0.0.1:{port} was given, and neither `listen` nor `admin` names that address"
            in gateway.process.output())


def test_sockets_that_were_meant_for_another_process_are_left_alone(manager, start_gateway, backend):
    manager.listen()
    gateway = start_gateway(backend, **manager.start_terms(LISTEN_PID="1"))
    assert gateway.ask("GET", "/public/a").status == 200


# ---- words ------------------------------------------------------------------------------------

def test_it_is_ready_when_it_serves_and_says_when_it_goes(manager, start_service, backend):
    gateway = start_service(backend)
    assert manager.heard[0]["READY"] == "1"
    assert manager.heard[0]["STATUS"] == f"serving on 127.0.0.1:{gateway.port}; configuration 1"
    assert gateway.admin("/readyz")[0] == 200
    gateway.signal(signal.SIGTERM)
    assert "draining" in manager.wait_for(STOPPING="1")["STATUS"]
    assert gateway.process.wait() == 0


def test_it_asks_for_time_while_it_waits_for_the_store(manager, tmp_path, backend):
    gateway = Gateway(tmp_path, backend, wait=False, store=f"postgres://127.0.0.1:{free_port()}/nowhere",
                      **manager.start_terms(LISTEN_PID="1", SEALING_SECRET="a secret that seals nothing " * 2))
    told = manager.wait_for(STATUS="waiting for the store; the log says why")
    assert int(told["EXTEND_TIMEOUT_USEC"]) > 10_000_000
    assert not manager.has_heard("READY")
    gateway.signal(signal.SIGTERM)
    assert gateway.process.wait(20) == 0  # 2 would be a mistake of the operator
    assert not manager.has_heard("READY")


@pytest.mark.parametrize("by", ["signal", "file"])
def test_a_reload_is_told_and_what_came_of_it(manager, start_service, backend, by):
    gateway = start_service(backend, reload={"watch": by == "file"})

    def reload():
        gateway.write_config()
        if by == "signal":
            gateway.signal(signal.SIGHUP)
        assert int(manager.wait_for(RELOADING="1")["MONOTONIC_USEC"]) > 0
        return manager.wait_for(READY="1")["STATUS"]

    gateway.settings["registration"] = "closed"
    assert reload() == f"serving on 127.0.0.1:{gateway.port}; configuration 2"
    gateway.settings["registration"] = "now and then"
    status = reload()
    assert status.startswith(f"serving on 127.0.0.1:{gateway.port}; configuration 2; the last reload failed: gatehouse.yaml:")
    assert "registration" in status
    gateway.settings["registration"] = "open"
    gateway.settings["workers"] += 1
    assert reload() == f"serving on 127.0.0.1:{gateway.port}; configuration 3; needs a restart for workers"


def test_a_reload_through_the_admin_api_is_told_too(manager, start_service, backend):
    gateway = start_service(backend, reload={"watch": False})
    gateway.settings["registration"] = "closed"
    gateway.write_config()
    gateway.command("reload")
    manager.wait_for(RELOADING="1")
    assert manager.wait_for(READY="1")["STATUS"].endswith("configuration 2")


def test_the_watchdog_hears_of_it(manager, start_service, backend):
    manager.watchdog = 0.3
    start_service(backend, workers=2)
    for _ in range(5):
        manager.wait_for(WATCHDOG="1")


def test_a_watchdog_of_another_process_is_left_alone(manager, start_service, backend):
    manager.watchdog = 0.003
    gateway = start_service(backend, environment={"WATCHDOG_PID": "1"})
    for _ in range(10):
        assert gateway.ask("GET", "/public/a").status == 200
    gateway.stop()
    manager.wait_for(STOPPING="1")
    assert not manager.has_heard("WATCHDOG")


def test_a_manager_that_cannot_be_told_is_no_reason_not_to_serve(start_gateway, backend):
    gateway = start_gateway(backend, environment={"NOTIFY_SOCKET": "somewhere"})
    assert gateway.ask("GET", "/public/a").status == 200
    gateway.process.wait_for_line(lambda line: 'NOTIFY_SOCKET is "somewhere"' in line, "what is wrong")
