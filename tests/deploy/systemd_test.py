"""The units: as systemd itself judges them, and as they run under it."""

import json
import re
import subprocess
import time

import pytest

from containers import ROOT
from containers.machine import Machine, machine_image
from containers.package import needs_of
from harness.pages import snippet
from harness.raw_client import RawClient
from harness.traffic import SteadyTraffic
from harness.waiting import wait_until

on_a_machine = pytest.mark.xdist_group("machine")  # one of the workers has it

UNITS = ROOT / "deploy" / "systemd"
BINARY = ROOT / "build" / "release" / "gatehouse"

# 10 is a service that may do everything, 0 one that can do nothing. Most of what is left is that it
# talks to the network.
WORST_EXPOSURE = 2.0


@pytest.fixture
def units(tmp_path):
    """In a folder, for the binary that was built."""
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(unit.read_text().replace("/usr/bin/gatehouse", str(BINARY)))
    return [str(tmp_path / unit.name) for unit in UNITS.iterdir()]


def judged(*words):
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)


def test_systemd_finds_nothing_wrong_with_the_unit(units):
    done = judged("verify", "--man=no", *units)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


def test_the_service_is_not_exposed(units):
    service = next(unit for unit in units if unit.endswith(".service"))
    done = judged("security", "--offline=true", "--no-pager", service)
    exposure = re.search(r"Overall exposure level for gatehouse.service: ([\d.]+)", done.stdout)
    assert exposure and float(exposure[1]) <= WORST_EXPOSURE, done.stdout + done.stderr


# ---- under a systemd that runs ----------------------------------------------------------------

SERVICE, SOCKET = "gatehouse.service", "gatehouse.socket"
CONFIG = "/etc/gatehouse/gatehouse.yaml"
PORT, ADMIN_PORT = 8080, 9901
ROUTES = [{"match": "/public/**", "auth": "none", "to": "http://127.0.0.1:3000"}]
SETTINGS = {"listen": [{"address": f"0.0.0.0:{PORT}"}], "admin": f"0.0.0.0:{ADMIN_PORT}", "routes": ROUTES,
            "store": "sqlite:/var/lib/gatehouse/gatehouse.db", "reload": {"watch": False}, "drain": {"delay": "300ms", "timeout": "10s"}}


@pytest.fixture(scope="module")
def machine(engine, cable, package):
    """A machine with our package, as it is after its installation."""
    started = []

    def start(image, *command, options=()):
        started.append(engine.start(image, *command, options=options))
        return started[-1]

    try:
        machine = Machine(start, engine, machine_image(engine, needs_of(package)))
        machine.install(package)
        yield machine
    finally:
        for container in started:
            container.remove()


class Service:
    """The service on that machine, with a configuration of the test's."""

    def __init__(self, machine):
        self.machine = machine

    def configure(self, **settings):
        self.machine.write(CONFIG, json.dumps({**SETTINGS, **settings}, indent=2))

    def connect(self, port=PORT):
        return RawClient(port, self.machine.address)

    def ask(self, target="/public/", port=PORT):
        with self.connect(port) as client:
            return client.exchange("GET", target).status

    def told(self):
        """The line it tells operators."""
        return self.machine.property(SERVICE, "StatusText")

    @property
    def pid(self):
        return int(self.machine.property(SERVICE, "MainPID"))

    def restarts(self):
        return int(self.machine.property(SERVICE, "NRestarts"))


@pytest.fixture
def service(machine):
    """It runs, by the unit as it is installed. Afterwards nothing is left of what the test changed."""
    service = Service(machine)
    service.configure()
    machine.systemctl("restart", SERVICE)
    yield service
    machine.systemctl("disable", "--now", SOCKET)
    machine.systemctl("stop", SERVICE)
    machine.systemctl("reset-failed")
    for unit in (SERVICE, SOCKET):
        machine.drop_in(unit, "Unit")


@on_a_machine
def test_the_package_has_started_it(machine):
    assert machine.is_active(SERVICE) == "active"
    assert machine.systemctl("is-enabled", SERVICE).stdout.strip() == "enabled"
    assert machine.is_active(SOCKET) == "inactive"


@on_a_machine
def test_it_serves_as_soon_as_systemd_calls_it_started(service):
    for _ in range(3):
        service.machine.systemctl("restart", SERVICE)
        assert service.ask() == 200
        assert service.ask("/readyz", ADMIN_PORT) == 200
    assert service.told() == "serving on 0.0.0.0:8080; configuration 1"


@on_a_machine
def test_the_unit_lets_it_give_up_the_rest_by_itself(service):
    service.configure(sandbox="required")
    service.machine.systemctl("restart", SERVICE)
    assert service.ask() == 200


@on_a_machine
def test_a_reload_takes_what_has_changed(service):
    before = service.pid
    service.configure(routes=[*ROUTES, {"match": "/index.html", "auth": "none", "to": "http://127.0.0.1:3000"}])
    assert service.ask("/index.html") == 401, "there is no such route"
    service.machine.systemctl("reload", SERVICE)
    wait_until(lambda: service.told() == "serving on 0.0.0.0:8080; configuration 2", "the reload to be over")
    assert service.ask("/index.html") == 404, "it is asked of the backend, which has no such file"
    assert service.machine.is_active(SERVICE) == "active"
    assert service.pid == before


@on_a_machine
def test_a_reload_with_a_mistake_keeps_what_was_and_says_so(service):
    service.configure(registration="now and then")
    done = service.machine.systemctl("reload", SERVICE, check=False)
    assert done.returncode != 0
    wait_until(lambda: "configuration 1; the last reload failed: gatehouse.yaml:" in service.told(), "the failure to be told")
    assert "registration" in service.told()
    assert "registration" in service.machine.systemctl("status", SERVICE).stdout
    wait_until(lambda: '"now and then"' in service.machine.journal(SERVICE), "the line in the journal")
    assert service.machine.is_active(SERVICE) == "active"
    assert service.ask() == 200


@on_a_machine
def test_a_restart_behind_the_socket_unit_loses_no_request(service):
    machine = service.machine
    machine.run("sh", "-c", f'sudo() {{ "$@"; }}\n{snippet("docs/OPERATIONS.md", "enable --now gatehouse.socket")}')
    machine.systemctl("stop", SERVICE)
    assert service.ask() == 200, "who connects starts the service"
    with SteadyTraffic(PORT, "/public/", machine.address, clients=4) as traffic:
        pids = {service.pid}
        for _ in range(3):
            traffic.wait_for_answers(50)
            machine.systemctl("restart", SERVICE)
            pids.add(service.pid)
        traffic.wait_for_answers(50)
    assert len(pids) == 4


@on_a_machine
def test_the_socket_unit_and_the_configuration_have_to_agree(service):
    machine = service.machine
    machine.systemctl("stop", SERVICE)
    machine.systemctl("start", SOCKET)  # as it is installed: 127.0.0.1
    assert machine.systemctl("start", SERVICE, check=False).returncode != 0
    wait_until(lambda: "a socket that listens on 127.0.0.1:8080 was given, and neither `listen` nor `admin` names that address"
               in machine.journal(SERVICE), "the reason in the journal")


@on_a_machine
def test_who_waits_behind_a_bad_configuration_does_not_start_it_for_ever(service):
    machine = service.machine
    service.configure(registration="now and then")
    machine.drop_in(SOCKET, "Socket", "ListenStream=", f"ListenStream=0.0.0.0:{PORT}")
    machine.systemctl("stop", SERVICE)
    machine.systemctl("start", SOCKET)
    with service.connect() as waiting:
        waiting.request("GET", "/public/")
        wait_until(lambda: machine.is_active(SOCKET) == "failed", "systemd to have had enough", 30)
    service.configure()
    machine.systemctl("start", SOCKET, SERVICE)
    assert service.ask() == 200


@on_a_machine
def test_a_process_that_hangs_is_noticed_and_comes_back(service):
    machine = service.machine
    machine.drop_in(SERVICE, "Service", "WatchdogSec=2s")
    machine.systemctl("restart", SERVICE)
    hung = service.pid
    wait_until(lambda: machine.property(SERVICE, "WatchdogTimestampMonotonic") != "0", "signs of life")
    machine.kill("STOP", hung)
    wait_until(lambda: service.restarts() == 1 and machine.is_active(SERVICE) == "active", "it to be restarted", 30)
    assert service.pid != hung
    assert service.ask() == 200
    wait_until(lambda: "Watchdog timeout" in machine.journal(SERVICE), "the reason in the journal")


@on_a_machine
def test_a_configuration_with_a_mistake_is_not_tried_again_and_again(service):
    service.configure(registration="now and then")
    assert service.machine.systemctl("restart", SERVICE, check=False).returncode != 0
    for name, value in {"ActiveState": "failed", "SubState": "failed", "ExecMainStatus": "2", "NRestarts": "0"}.items():
        assert service.machine.property(SERVICE, name) == value, name


@on_a_machine
def test_a_process_that_dies_is_restarted(service):
    died = service.pid
    service.machine.kill("KILL", died)
    wait_until(lambda: service.restarts() == 1 and service.machine.is_active(SERVICE) == "active", "it to be restarted", 30)
    assert service.pid != died
    assert service.ask() == 200


@on_a_machine
def test_a_start_may_wait_for_its_store(service):
    machine = service.machine
    machine.drop_in(SERVICE, "Service", "TimeoutStartSec=2s", "Environment=SEALING_SECRET=a-secret-of-this-test-and-of-nothing-else")
    service.configure(store="postgres://gatehouse@127.0.0.1:1/gatehouse")
    machine.systemctl("stop", SERVICE)
    machine.systemctl("start", "--no-block", SERVICE)
    wait_until(lambda: service.told().startswith("waiting for the store"), "it to wait")
    waiting, began = service.pid, time.monotonic()
    wait_until(lambda: time.monotonic() > began + 5, "more time than a start has")
    assert machine.property(SERVICE, "SubState") == "start"
    assert (service.pid, service.restarts()) == (waiting, 0)


def inside(service, *command):
    """As root, but among the files that the service sees."""
    return service.machine.run("nsenter", "--target", str(service.pid), "--mount", *command, check=False)


@on_a_machine
def test_the_sandbox_bites(service):
    for place in (CONFIG, "/usr/bin/new", "/srv/new", "/boot/new"):
        assert "Read-only file system" in inside(service, "touch", place).stderr, place
    assert inside(service, "touch", "/var/lib/gatehouse/new").returncode == 0
    assert inside(service, "ls", "/root/").returncode != 0 or inside(service, "ls", "/root/").stdout == ""
    assert inside(service, "ls", "/dev/kmsg").returncode != 0
    service.machine.run("touch", "/tmp/seen-by-all")
    assert inside(service, "ls", "/tmp").stdout == ""
    facts = dict(line.split(":", 1) for line in service.machine.run("cat", f"/proc/{service.pid}/status").stdout.splitlines())
    user = service.machine.run("id", "-u", "gatehouse").stdout.strip()
    assert facts["Uid"].split() == [user] * 4
    assert user != "0"
    assert facts["NoNewPrivs"].strip() == "1"
    assert facts["Seccomp"].strip() == "2"  # a filter
    assert int(facts["CapBnd"], 16) == int(facts["CapEff"], 16) == 1 << 10  # CAP_NET_BIND_SERVICE


@on_a_machine
def test_it_runs_as_a_user_that_systemd_makes_up(service):
    """As the unit says that is not Debian's."""
    machine = service.machine
    machine.drop_in(SERVICE, "Service", "DynamicUser=yes", "User=gatehouse-made-up", "StateDirectory=gatehouse-made-up",
                    "WorkingDirectory=/var/lib/gatehouse-made-up")
    service.configure(store="sqlite:/var/lib/gatehouse-made-up/gatehouse.db")
    machine.systemctl("restart", SERVICE)
    assert service.ask() == 200
    owner = int(machine.run("stat", "-c", "%u", f"/proc/{service.pid}").stdout)
    assert 61184 <= owner <= 65519
    assert "gatehouse.db" in machine.run("ls", "/var/lib/private/gatehouse-made-up").stdout
