"""A gateway and its PostgreSQL start at the same time."""

from harness.fault_proxy import FaultProxy
from harness.postgres import Postgres
from harness.replicas import replicas


def test_a_server_that_comes_up_while_a_gateway_starts(tmp_path):
    """The first connection fails, and whoever asks then whether a server is there hears yes."""
    with Postgres() as server, FaultProxy(server.port) as proxy, \
            replicas(tmp_path, server, ports=[proxy.port]) as (gateway,):
        gateway.stop()
        trap = proxy.cut_at(b"user\0gatehouse\0")
        gateway.start()
        trap.wait()
        gateway.auth().register("ada")
