"""Settings change while the gateway runs, and nobody who is being served notices anything else."""

import json
import os
import shutil
import signal

import pytest

from harness import RawBackend, RawClient, wait_until
from harness.ports import free_port
from harness.reloads import (PATIENCE, changed, generation, reloads, replaced, routes_to, status, told, wait_for_generation,
                             wait_for_result)
from harness.traffic import Load

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
    gateway.wait_for_metric(0, "gatehouse_config_last_reload_successful")
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
