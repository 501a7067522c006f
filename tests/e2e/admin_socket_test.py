"""The admin API on a unix socket: who is let in without a token, and what becomes of the file."""

import fcntl
import json
import os
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import pathlib

import pytest

from harness import wait_until
from harness.unix_client import UnixConnection, ask_unix

NOBODY = 65534

# Status and body of a call as another user makes it, or the name of the error.
STRANGER = """
import http.client, socket, sys
line = socket.socket(socket.AF_UNIX)
try:
    line.connect(sys.argv[1])
except PermissionError:
    sys.exit("PermissionError")
line.sendall(b"GET %s HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n%s\\r\\n"
             % (sys.argv[2].encode(), sys.argv[3].encode()))
answer = http.client.HTTPResponse(line)
answer.begin()
print(answer.status, answer.read().decode())
"""


@pytest.fixture
def place():
    """Where a socket may be: the folders of tests have longer names than the address of one."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gh-"))
    folder.chmod(0o755)
    yield folder / "admin.sock"
    shutil.rmtree(folder)


@pytest.fixture
def gateway(start_gateway, backend, place):
    return start_gateway(backend, admin_api={"socket": str(place)})


def as_nobody(place, target, fields=""):
    return subprocess.run([sys.executable, "-c", STRANGER, str(place), target, fields], capture_output=True, text=True,
                          user=NOBODY, group=NOBODY, extra_groups=[], timeout=30, check=False)


def audit(place, event):
    return ask_unix(place, "GET", f"/admin/v1/audit?event={event}")[1]["records"]


def test_its_owner_needs_no_token(gateway, place):
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    status, told = ask_unix(place, "GET", "/admin/v1/status")
    assert status == 200 and told["ready"] is True
    assert ask_unix(place, "GET", "/readyz") == (200, "ready\n")
    assert ask_unix(place, "GET", "/metrics")[0] == 200
    # What browsers mark is refused also there: somebody may have put a proxy before it.
    assert ask_unix(place, "GET", "/admin/v1/status", fields={"Origin": "http://a.test"})[0] == 403


def test_its_requests_are_told_of_with_the_user(gateway, place):
    gateway.auth().register("ada")
    assert ask_unix(place, "POST", "/admin/v1/users/ada/block")[0] == 200
    assert [each["address"] for each in audit(place, "user_block")] == [f"unix:uid={os.getuid()}"]
    gateway.wait_for_access(lambda each: each["client"] == f"unix:uid={os.getuid()}"
                            and each["path"] == "/admin/v1/users/ada/block", "the line of a unix peer")


def test_a_connection_is_kept_and_bodies_are_taken(gateway, place):
    connection = UnixConnection(place)
    for _ in range(3):
        connection.request("POST", "/admin/v1/explain", json.dumps({"target": "/items"}),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 200 and json.loads(answer.read())["route"]
    connection.close()
    assert ask_unix(place, "POST", "/admin/v1/explain", {"target": "x" * 100_000})[0] == 413


def test_another_user_gets_nothing(gateway, place):
    assert as_nobody(place, "/admin/v1/status").stderr.strip() == "PermissionError"
    place.chmod(0o666)  # by mistake
    token = (gateway.folder / "gatehouse.db.admin-token").read_text().strip()
    for fields in ("", f"Authorization: Bearer {token}\r\n"):
        refused = as_nobody(place, "/admin/v1/status", fields).stdout
        assert refused.startswith("403 ") and json.loads(refused[4:])["error"]["code"] == "forbidden"
    assert as_nobody(place, "/readyz").stdout.startswith("200 ")  # as on the admin address
    records = wait_until(lambda: audit(place, "admin_refused"), "the refusal in the audit", 10)
    assert {(each["outcome"], each["address"]) for each in records} == {("forbidden", f"unix:uid={NOBODY}")}


def test_curl_reaches_it(gateway, place):
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl")
    done = subprocess.run([curl, "-fsS", "--unix-socket", place, "http://gatehouse/admin/v1/status"],
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0 and json.loads(done.stdout)["ready"] is True, done.stderr


def test_commands_need_no_token_file(gateway):
    (gateway.folder / "gatehouse.db.admin-token").unlink()
    assert "ready:               yes" in gateway.command("status").stdout
    assert "alive" in gateway.command("health").stdout
    assert "ready" in gateway.command("health", "--ready").stdout
    assert "admin_api.socket" in gateway.command("config", "show", "--live").stdout
    assert "outcome" in gateway.command("explain", "GET /items", "--live").stdout
    assert "generation" in gateway.command("reload").stdout
    gateway.command("quit")
    assert gateway.process.wait(timeout=30) == 0


def test_commands_find_the_admin_address_where_the_socket_is_gone(gateway, place):
    place.unlink()
    assert "ready:               yes" in gateway.command("status").stdout
    (gateway.folder / "gatehouse.db.admin-token").unlink()
    both = gateway.command("status", check=False)
    assert both.returncode == 1 and str(place) in both.stderr and "makes it when it starts" in both.stderr


def test_a_gateway_may_have_the_socket_alone(start_gateway, backend, place):
    gateway = start_gateway(backend, wait=False, admin="off", admin_api={"socket": str(place)})
    wait_until(place.exists, "the socket", 20)
    wait_until(lambda: gateway.command("health", "--ready", check=False).returncode == 0, "readiness", 20)
    assert "ready:               yes" in gateway.command("status").stdout
    assert not list(gateway.folder.glob("*.admin-token"))
    gateway.stop()
    gone = gateway.command("status", check=False)
    assert gone.returncode == 1 and "is the gateway running" in gone.stderr


def test_the_file_goes_with_its_gateway_and_with_no_other(gateway, place):
    gateway.stop()
    assert not place.exists()
    gateway.start()
    place.unlink()
    other = socket.socket(socket.AF_UNIX)
    other.bind(str(place))
    gateway.stop()
    assert place.exists()
    other.close()


def test_a_file_left_by_a_dead_gateway_is_replaced_and_one_that_answers_is_not(gateway, place):
    gateway.kill()
    assert place.exists()
    gateway.start()
    assert ask_unix(place, "GET", "/readyz")[0] == 200
    second = subprocess.run([gateway.binary, "run", "--config", write_beside(gateway)], capture_output=True, text=True,
                            timeout=30, check=False)
    assert second.returncode == 2 and "in use by another process" in second.stderr
    assert ask_unix(place, "GET", "/readyz")[0] == 200


def write_beside(gateway):
    """The configuration of another gateway, which differs in all but the socket."""
    settings = {**gateway.settings, "listen": [{"address": "127.0.0.1:0"}], "admin": "off", "store": "sqlite:other.db"}
    file = gateway.folder / "other.yaml"
    file.write_text(json.dumps(settings))
    return file


@pytest.mark.parametrize("path, code, says", [
    ("x" * 108, 2, "at most 107"),
    ("gatehouse.yaml", 2, "is no socket"),
    ("nowhere/admin.sock", 0, "does not exist here"),
])
def test_check_looks_at_the_socket(start_gateway, backend, path, code, says):
    gateway = start_gateway(backend)
    gateway.settings["admin_api"] = {"socket": path}
    gateway.write_config()
    found = gateway.command("check", check=False)
    assert found.returncode == code and "admin_api.socket" in found.stderr and says in found.stderr


@pytest.mark.parametrize("content, mode, says", [
    ("a-token-0123456789abcdef0123456789\n", 0o644, "chmod 600"),
    ("", 0o600, "holds no admin token"),
    ("short\n", 0o600, "holds no admin token"),
])
def test_check_looks_at_the_token(gateway, content, mode, says):
    file = gateway.folder / "gatehouse.db.admin-token"
    file.write_text(content)
    file.chmod(mode)
    usual = gateway.command("check", check=False)
    assert usual.returncode == 0 and says in usual.stderr and "lets nobody in" in usual.stderr
    gateway.settings["admin_api"]["token_file"] = file.name
    gateway.write_config()
    named = gateway.command("check", check=False)
    assert named.returncode == 2 and "admin_api.token_file" in named.stderr and says in named.stderr


def line_to(place):
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(15)
    line.connect(str(place))
    return line


def waiting_on(line):
    """Bytes that have arrived and nobody has read."""
    return struct.unpack("i", fcntl.ioctl(line, termios.FIONREAD, b"\0" * 4))[0]


def test_a_body_is_invited_when_there_is_room_to_say_so(gateway, place):
    asked = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with line_to(place) as line:
        line.sendall(asked)
        one = len(line.recv(65536))
    with line_to(place) as line:  # which takes so many answers, until somebody reads
        line.sendall(asked * 2000)
        seen = [0]
        wait_until(lambda: seen.append(waiting_on(line)) or seen[-30:] == [seen[-1]] * 30, "no more fits")
        fits = seen[-1] // one
        assert 0 < fits < 2000
    with line_to(place) as line:
        line.sendall(asked * fits + b"POST /admin/v1/users HTTP/1.1\r\nHost: localhost\r\n"
                     b"Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        wait_until(lambda: waiting_on(line) >= fits * one, "as many are there as fit")
        answers = line.makefile("rb")
        assert len(answers.read(fits * one)) == fits * one
        assert answers.readline() == b"HTTP/1.1 100 Continue\r\n"
