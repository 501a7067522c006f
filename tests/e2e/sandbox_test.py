"""What the process gives up after its start: forbidden system calls are refused in every thread, writing
elsewhere is, no core shows a secret; and all that a gateway does still works."""

import errno
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import tempfile

import pytest

from harness import RawClient, wait_until
from harness.auth_client import PASSWORD
from harness.gateway import BINARY, Gateway
from harness.injected_call import InjectedCalls
from harness.ports import free_port
from harness.postgres import Postgres
from harness.process import Process
from harness.redis import Redis
from harness.replicas import replicas

PATIENCE = 30.0
REQUIRED = {"sandbox": "required"}
# Linux, x86-64
GETPID, SOCKET, EXECVE, PTRACE, UNSHARE, CLONE3 = 39, 41, 59, 101, 272, 435
REFUSING_FILTERS = ["strace", "-D", "-f", "-q", "-o", "/dev/null", "-e", "trace=seccomp", "-e", "inject=seccomp:error=EPERM"]


def threads_of(gateway):
    """The status of each thread, by field."""
    statuses = []
    for task in pathlib.Path(f"/proc/{gateway.pid}/task").iterdir():
        try:
            text = (task / "status").read_text()
        except FileNotFoundError:
            continue  # it ended meanwhile
        statuses.append(dict(re.findall(r"^(\w+):\t(.*)$", text, re.MULTILINE)))
    return statuses


def told(gateway, event):
    def line():
        found = [json.loads(each) for each in gateway.process.lines() if f'"event":"{event}"' in each]
        return found[0] if found else None
    return wait_until(line, f"a line of {event}", PATIENCE)


def lead_a_life(gateway, name):
    """Everything that people do, once."""
    auth = gateway.auth()
    auth.register(name)
    pair = auth.login(name)
    assert gateway.ask("GET", "/things", pair.bearer).status == 200
    auth.logout(auth.refresh(pair))


def logs_in(gateway, name):
    return gateway.auth().call("/login", {"username": name, "password": PASSWORD}).status == 200


@pytest.fixture
def workers():
    return 2


# ---- what is refused ---------------------------------------------------------------------------


def test_every_thread_is_in_the_sandbox(start_gateway, backend):
    gateway = start_gateway(backend, **REQUIRED)
    lead_a_life(gateway, "ada")
    threads = threads_of(gateway)
    assert len(threads) > 10
    assert {(each["Name"], each["Seccomp"], each["NoNewPrivs"]) for each in threads} == {("gatehouse", "2", "1")}
    words = told(gateway, "started")["sandbox"]
    assert re.fullmatch(r"seccomp,landlock:\d+", words)
    assert re.search(rf"^sandbox: +{words}$", gateway.command("status").stdout, re.MULTILINE)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="registers have other names")
@pytest.mark.parametrize("sandbox", ["off", "required"])
def test_a_forbidden_call_is_refused_in_the_running_process(start_gateway, backend, sandbox):
    gateway = start_gateway(backend, sandbox=sandbox)
    with InjectedCalls(gateway.pid) as held:
        assert held.call(GETPID) == gateway.pid, "the calls are really made"
        assert held.call(SOCKET, socket.AF_INET, socket.SOCK_STREAM) > 2
        answers = {name: held.call(number, *arguments) for name, number, arguments in [
            ("execve", EXECVE, []), ("unshare", UNSHARE, []), ("packets", SOCKET, [socket.AF_PACKET, socket.SOCK_RAW]),
            ("ptrace", PTRACE, [-1]), ("clone3", CLONE3, [])]}
    refused = {"execve": -errno.EPERM, "unshare": -errno.EPERM, "packets": -errno.EPERM, "ptrace": -errno.EPERM,
               "clone3": -errno.ENOSYS}
    if sandbox == "required":
        assert answers == refused
    else:
        assert [name for name in refused if answers[name] == refused[name]] in ([], ["packets"]), answers
    assert gateway.ask("GET", "/public/still-here").status == 200


@pytest.mark.parametrize("ending", [signal.SIGSEGV, signal.SIGABRT], ids=["SIGSEGV", "SIGABRT"])
@pytest.mark.parametrize("sandbox", ["off", "required"])
def test_a_crash_leaves_no_core(tmp_path, ending, sandbox):
    if "/" in (pattern := pathlib.Path("/proc/sys/kernel/core_pattern").read_text()) or "|" in pattern:
        pytest.skip("cores of this machine go elsewhere")
    gateway = Gateway(tmp_path / "gateway", command_prefix=["sh", "-c", 'ulimit -c unlimited && exec "$@"', "sh"],
                      sandbox=sandbox)
    gateway.signal(ending)
    assert gateway.process.wait() == -ending
    assert bool(list(gateway.folder.glob("core*"))) == (sandbox == "off")


# ---- what works --------------------------------------------------------------------------------


def test_a_whole_life_with_sqlite(start_gateway, backend, tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    log = logs / "gateway.log"
    gateway = start_gateway(backend, **REQUIRED, log={"file": str(log)})
    lead_a_life(gateway, "ada")

    # a reload that opens a listener, and reads a file that was not there at the start
    more = free_port()
    gateway.settings["listen"] = [*gateway.settings["listen"], {"address": f"127.0.0.1:{more}"}]
    gateway.write_config()
    gateway.signal(signal.SIGHUP)
    wait_until(lambda: gateway.metric("gatehouse_config_generation") >= 2, "the reload", PATIENCE)
    with RawClient(more) as client:
        assert client.exchange("GET", "/public/x").status == 200

    # logs and keys
    log.rename(logs / "gateway.log.1")
    gateway.signal(signal.SIGUSR1)
    wait_until(lambda: log.exists() and "log_reopened" in log.read_text(), "the new log", PATIENCE)
    token = next(gateway.folder.glob("*.admin-token")).read_text().strip()
    keys = gateway.folder / "gatehouse.db.keys.json"
    assert (keys.stat().st_mode & 0o777, len(token) > 31) == (0o600, True)
    before = keys.read_bytes()
    gateway.command("keys", "rotate")
    wait_until(lambda: keys.read_bytes() != before, "new keys", PATIENCE)
    lead_a_life(gateway, "eve")
    gateway.stop()


def test_keys_are_rotated_by_the_process_itself(start_gateway, backend):
    tokens = {"rotate_every": "6s", "publish_ahead": "2s", "access_ttl": "10m", "refresh_ttl": "20m"}
    gateway = start_gateway(backend, **REQUIRED, tokens=tokens)
    keys = gateway.folder / "gatehouse.db.keys.json"
    before = keys.read_bytes()
    wait_until(lambda: keys.read_bytes() != before, "keys of its own making", PATIENCE)
    lead_a_life(gateway, "ada")


def test_an_ordinary_user_sees_its_own_figures(backend):
    """/proc/self belongs to root once nothing may be dumped."""
    if os.geteuid() != 0:
        pytest.skip("every test is that of an ordinary user here")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o777)
        binary = folder / "gatehouse"
        shutil.copy(BINARY, binary)
        (folder / "gateway").mkdir()
        (folder / "gateway").chmod(0o777)
        gateway = Gateway(folder / "gateway", backend, binary=binary, **REQUIRED,
                          command_prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
        lead_a_life(gateway, "ada")
        assert gateway.metric("process_open_fds") > 10
        assert gateway.metric("process_resident_memory_bytes") > 1_000_000
        gateway.stop()


def test_postgres_comes_back(tmp_path, backend):
    with Postgres() as server, replicas(tmp_path, server, backend, ports=[None], **REQUIRED) as (gateway,):
        lead_a_life(gateway, "ada")
        server.restart()
        wait_until(lambda: logs_in(gateway, "ada"), "the store to be back", PATIENCE)
        lead_a_life(gateway, "eve")


def test_redis_comes_back(start_gateway, backend, tmp_path):
    with Redis() as server:
        settings = server.as_sessions(tmp_path)
        settings["sessions"]["store"] = settings["sessions"]["store"].replace("127.0.0.1", "localhost")
        gateway = start_gateway(backend, **REQUIRED, **settings)
        lead_a_life(gateway, "ada")
        server.restart()
        wait_until(lambda: logs_in(gateway, "ada"), "sessions to be back", PATIENCE)
        lead_a_life(gateway, "eve")
        gateway.stop()


def test_a_demo_takes_its_folder_with_it(tmp_path):
    demo = Process([BINARY, "demo", "--no-guide", "--listen", "127.0.0.1:0"], "demo",
                   env={**os.environ, "TMPDIR": str(tmp_path)})
    demo.wait_for_line(lambda line: " store " in line, "its store")
    assert list(tmp_path.iterdir())
    assert demo.stop() == 0
    assert list(tmp_path.iterdir()) == []


# ---- where it cannot be ------------------------------------------------------------------------


def test_what_is_required_and_cannot_be_had_is_no_start(tmp_path):
    gateway = Gateway(tmp_path / "gateway", command_prefix=REFUSING_FILTERS, wait=False, **REQUIRED)
    assert gateway.process.wait() == 2
    assert re.search(r'sandbox: "required" cannot be had: system calls cannot be filtered.*\n +hint:',
                     gateway.process.output())


def test_what_cannot_be_had_is_said_once(start_gateway, backend):
    gateway = start_gateway(backend, command_prefix=REFUSING_FILTERS)
    assert "system calls cannot be filtered" in told(gateway, "sandbox_incomplete")["reason"]
    assert re.fullmatch(r"landlock:\d+", told(gateway, "started")["sandbox"])
    lead_a_life(gateway, "ada")
