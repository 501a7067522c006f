"""docs/ADMIN.md and CACHING.md: the admin API as it is called there, by hand and by commands."""

import json
import tempfile

import yaml

from harness import Gateway, wait_until
from harness.pages import snippet
from harness.unix_client import ask_unix


def test_calls_by_hand(gateway, shell_of):
    gateway.auth().register("ada")
    _, status, blocked = shell_of(gateway).type(snippet("docs/ADMIN.md", "token=$(cat"))
    assert json.loads(status.output)["ready"] is True
    assert json.loads(blocked.output)["blocked"] is True


def test_calls_by_commands(gateway, shell_of):
    pair = gateway.auth().register("ada")
    place = shell_of(gateway, environment={"access": pair.access})
    status, settings, explained, reloaded, *_ = place.type(snippet("docs/ADMIN.md", "gatehouse explain 'GET /orders/7'"))
    assert "ready:" in status.output and "admin:" in settings.output
    assert pair.user_id in explained.output and "generation:" in reloaded.output
    assert gateway.process.wait(30) == 0


def test_calls_over_the_socket(backend, shell_of):
    with tempfile.TemporaryDirectory(prefix="gh-") as folder:  # the address of a socket is short
        gateway = Gateway(folder, backend, wait=False, **yaml.safe_load(snippet("docs/ADMIN.md", "socket: gatehouse.sock}")))
        try:
            socket = gateway.folder / "gatehouse.sock"
            wait_until(lambda: socket.exists() and ask_unix(socket, "GET", "/readyz")[0] == 200, "it to be ready", 20)
            by_hand, by_command = shell_of(gateway).type(snippet("docs/ADMIN.md", "curl --unix-socket"))
            assert json.loads(by_hand.output)["ready"] is True and "ready:" in by_command.output
        finally:
            gateway.stop()


def test_the_last_line_of_a_job(start_gateway, backend, shell_of):
    shared = {"GATEHOUSE_ADMIN_TOKEN": "0123456789abcdef" * 2}
    gateway = start_gateway(backend, environment=shared)
    shell_of(gateway, environment=shared).type(snippet("docs/ADMIN.md", "/quit"))
    assert gateway.process.wait(30) == 0


def test_purges_by_command(start_gateway, backend, shell_of):
    route = {"name": "catalog", "match": "/catalog/**", "to": backend.url, "auth": "none", "cache": {}}
    place = shell_of(start_gateway(backend, routes=[route]))
    purged = place.type(snippet("docs/CACHING.md", "gatehouse cache purge"))
    assert [each.output.split() for each in purged] == [["purged:", "0"]] * 4
