"""The image of deploy/container: really built from this tree, and run as a careful platform runs it."""

import http.client
import json
import os
import pathlib
import re
import statistics
import subprocess
import time

import pytest

from containers.gatehouse import GatehouseContainer
from harness import RawBackend, wait_until
from harness.ports import free_port

# What a platform may take away. `--read-only-tmpfs=false`: podman would lend folders that others do not.
STRICT = ["--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges",
          "--user", "65532", "--memory", "256m"]

# From the start of the process until it answers that it is ready, and what the image may weigh beside the C library: 30 is
# the goal, and 31.2 what it came to with the encoder of Brotli and the rooms that came with it.
READY_WITHIN_MS, HEAVIEST_MB = 50, 31.5


@pytest.fixture(scope="module")
def files(engine, gatehouse_image):
    """The files of the image; nothing of it runs."""
    with engine.mounted(gatehouse_image) as root:
        yield root


@pytest.fixture
def backend():
    running = RawBackend()
    yield running
    running.stop()


def every_file(root):
    return [path for path in root.rglob("*") if not path.is_symlink()]


def names_in(root):
    return {str(path.relative_to(root)) for path in root.rglob("*")}


# ---- what is in it ----


def test_there_is_no_shell_and_no_program_but_ours(files):
    programs = {str(path.relative_to(files)) for path in every_file(files)
                if path.is_file() and os.access(path, os.X_OK) and ".so" not in path.name}
    assert programs == {"usr/bin/gatehouse"}
    assert not {name for name in names_in(files) if re.search(r"(^|/)(sh|bash|dash|busybox|apt|dpkg|perl|python\d*)$", name)
                and not name.startswith(("usr/share/doc", "var/lib/dpkg"))}


def test_no_file_lends_rights_and_none_can_be_changed(files):
    changeable = [str(path.relative_to(files)) for path in every_file(files)
                  if path.stat().st_mode & 0o6022 and path != files / "tmp"]
    assert changeable == []
    owned = [str(path.relative_to(files)) for path in every_file(files) if path.stat().st_uid != 0]
    assert owned == ["var/lib/gatehouse"]


def test_each_library_comes_with_its_licence_and_its_entry_for_scanners(files):
    entries = {path.name for path in (files / "var/lib/dpkg/status.d").iterdir()}
    assert {"libssl3", "libc6", "libstdc++6", "libpq5", "ca-certificates"} <= entries
    for entry in entries:
        assert f"Package: {entry}\n" in (files / "var/lib/dpkg/status.d" / entry).read_text()
        assert (files / f"usr/share/doc/{entry}/copyright.gz").is_symlink() or \
            (files / f"usr/share/doc/{entry}/copyright.gz").stat().st_size > 100


def test_certificate_authorities_are_known(files):
    assert (files / "etc/ssl/certs/ca-certificates.crt").read_text().count("BEGIN CERTIFICATE") > 100


def test_the_image_says_what_it_is(engine, gatehouse_image):
    image = json.loads(engine.podman("image", "inspect", gatehouse_image).stdout)[0]
    facts = image["Config"]
    assert facts["User"] == "65532:65532"
    assert facts["Volumes"] == {"/var/lib/gatehouse": {}}
    assert facts["Labels"]["org.opencontainers.image.title"] == "Gatehouse"
    assert image["Healthcheck"]["Test"] == ["CMD", "/usr/bin/gatehouse", "health"]
    version = engine.run(gatehouse_image, "version", options=["--network", "none"]).stdout.split()[1]
    assert facts["Labels"]["org.opencontainers.image.version"] == version


def test_it_is_small(files, record_property):
    c_library = re.compile(r"(^|/)(ld-linux[^/]*|lib(c|m|resolv))\.so")
    sizes = {str(path.relative_to(files)): path.stat().st_size for path in every_file(files) if path.is_file()}
    beside = sum(size for name, size in sizes.items() if not c_library.search(name)) / 1e6
    record_property("figure", f"image: {sum(sizes.values()) / 1e6:.1f} MB, {beside:.1f} MB beside the C library "
                              f"(at most {HEAVIEST_MB})")
    assert beside <= HEAVIEST_MB


# ---- how it runs ----


def test_it_serves_with_everything_taken_away(start, gatehouse_image, backend):
    gateway = GatehouseContainer(start, STRICT, backend)
    assert gateway.ask("GET", "/orders").status == 401
    pair = gateway.auth().register("ada")
    again = gateway.auth().login("ada")
    assert again.user_id == pair.user_id
    assert gateway.ask("GET", "/orders", list(again.bearer.items())).status == 200
    assert backend.requests[-1].all("X-User-Id") == [pair.user_id]
    status = pathlib.Path(f"/proc/{gateway.container.pid}/status").read_text()
    assert re.search(r"^Uid:\t65532\t65532\t65532\t65532$", status, re.MULTILINE)
    assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
    assert re.search(r"^CapBnd:\t0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)


def test_its_health_check_tells_health_and_sickness(engine, start, gatehouse_image, backend):
    gateway = GatehouseContainer(start, STRICT, backend)
    check = ["healthcheck", "run", gateway.container.id]
    assert engine.podman(*check).returncode == 0
    assert gateway.container.facts()["State"]["Health"]["Status"] == "healthy"
    gateway.container.signal("STOP")
    try:
        assert engine.podman(*check, check=False, timeout=60).returncode != 0
    finally:
        gateway.container.signal("CONT")


def test_it_drains_when_it_is_stopped(start, gatehouse_image, backend):
    gateway = GatehouseContainer(start, STRICT, backend, drain={"delay": "0s"})
    with gateway.connect() as client:
        assert client.exchange("GET", "/public").status == 401
        assert gateway.container.stop() == 0


def test_accounts_and_keys_outlive_the_container(engine, start, gatehouse_image, backend, volume):
    kept = [*STRICT, "--volume", f"{volume}:/var/lib/gatehouse"]
    first = GatehouseContainer(start, kept, backend, drain={"delay": "0s"})
    pair = first.auth().register("ada")
    assert first.container.stop() == 0
    first.container.remove()
    second = GatehouseContainer(start, kept, backend)
    assert second.ask("GET", "/orders", list(pair.bearer.items())).status == 200, "a token of the old container is good"
    assert second.auth().login("ada").user_id == pair.user_id


def test_without_a_configuration_one_variable_is_enough(engine, start, gatehouse_image, backend):
    """And without that it says what is missing. (The port is the image's own, so the network is too.)"""
    told = engine.run(gatehouse_image, options=["--network", "none", *STRICT], check=False)
    assert told.returncode == 2
    assert "GATEHOUSE_UPSTREAM" in told.stderr
    container = start(gatehouse_image, options=["--network", "none", *STRICT,
                                                "--env", "GATEHOUSE_UPSTREAM=http://127.0.0.1:3000"])
    wait_until(lambda: container.exec("/usr/bin/gatehouse", "health", "--ready", check=False).returncode == 0,
               "the gateway to be ready", 30)
    assert container.exec("/usr/bin/gatehouse", "user", "list", check=False).returncode == 0


# ---- how fast it starts ----


def test_it_is_ready_at_once(files, tmp_path, record_property):
    """In the image's own files, without what an engine adds to a start: from fork to the answer of /readyz."""
    first, later = [], []
    for run in range(5):
        store = tmp_path / f"store-{run}"
        store.mkdir()
        first.append(milliseconds_until_ready(files, store, tmp_path))
        later.append(milliseconds_until_ready(files, store, tmp_path))
    record_property("figure", f"process start to ready: {statistics.median(later):.0f} ms, with new keys and a new store "
                              f"{statistics.median(first):.0f} ms (goal {READY_WITHIN_MS})")
    assert min(later) <= READY_WITHIN_MS * 4, "four times the goal, since tests run beside each other"


def milliseconds_until_ready(files, store, tmp_path):
    admin, port = free_port(), free_port()
    config = tmp_path / "gatehouse.yaml"
    config.write_text(json.dumps({"listen": [{"address": f"127.0.0.1:{port}"}], "admin": f"127.0.0.1:{admin}",
                                  "store": f"sqlite:{store}/gatehouse.db", "drain": {"delay": "0s"},
                                  "routes": [{"match": "/**", "to": "http://127.0.0.1:1"}]}))
    loader = next(files.glob("lib64/ld-linux*")) if (files / "lib64").exists() else next(files.glob("lib/ld-linux*"))
    libraries = next(path for path in (files / "lib").iterdir() if path.is_dir())
    command = [loader, "--library-path", libraries, files / "usr/bin/gatehouse", "run", "--config", config]
    began = time.monotonic()
    with open(tmp_path / "output", "w") as output:
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=output)
    try:
        wait_until(lambda: answers_ready(admin), f"it to be ready: {(tmp_path / 'output').read_text()}", 30)
        return (time.monotonic() - began) * 1000
    finally:
        process.terminate()
        assert process.wait(30) == 0


def answers_ready(port):
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asking.request("GET", "/readyz")
        return asking.getresponse().status == 200
    except OSError:
        return False
    finally:
        asking.close()
