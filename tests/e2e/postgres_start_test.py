"""A gateway and its PostgreSQL start at the same time, or the gateway while the server has a bad moment."""

import contextlib

from harness.fault_proxy import FaultProxy
from harness.postgres import USER, Postgres, SqlError, Standby
from harness.replicas import replicas
from harness.waiting import wait_until


def test_a_server_that_comes_up_while_a_gateway_starts(tmp_path):
    """The first connection fails, and whoever asks then whether a server is there hears yes."""
    with Postgres() as server, FaultProxy(server.port) as proxy, \
            replicas(tmp_path, server, ports=[proxy.port]) as (gateway,):
        gateway.stop()
        trap = proxy.cut_at(b"user\0gatehouse\0")
        gateway.start()
        trap.wait()
        gateway.auth().register("ada")


def start_and_wait_for(gateway, reason):
    """Starts it where it cannot serve yet; it says why, again and again, and does not end."""
    gateway.start(wait=False)

    def told():
        assert gateway.process.running(), gateway.process.output()
        return [line for line in gateway.store_log() if line["event"] == "waiting" and reason in line["reason"]]
    wait_until(lambda: len(told()) >= 3, f"the gateway to wait: {reason}")


def test_a_server_whose_connections_are_all_taken_while_a_gateway_starts(tmp_path):
    with Postgres(max_connections="12") as server, replicas(tmp_path, server, ports=[None]) as (gateway,):
        gateway.stop()
        with contextlib.ExitStack() as taken:
            with contextlib.suppress(SqlError):
                while True:
                    taken.enter_context(server.session(USER)).run("SELECT 1")
            start_and_wait_for(gateway, "connection slots")
        gateway.wait_until_ready()
        gateway.auth().register("ada")


def test_a_standby_that_is_promoted_while_a_gateway_waits(tmp_path):
    """The primary is gone, and nobody has taken its place yet."""
    with Postgres() as server, Standby(server) as standby, \
            replicas(tmp_path, server, ports=[None], store=server.store(standby)) as (gateway,):
        gateway.auth().register("ada")
        gateway.stop()
        server.stop()
        start_and_wait_for(gateway, "read-only")
        standby.promote()
        gateway.wait_until_ready()
        gateway.auth().login("ada")
