"""`gatehouse init` as a newcomer meets it: what it writes passes `check` and starts, from options,
from a compose file and from answers at a terminal."""

import os
import pty
import re
import subprocess
import urllib.error
import urllib.request

import pytest

from harness import wait_until
from harness.gateway import BINARY
from harness.ports import free_port
from harness.process import Process
from harness.schema import verdicts


@pytest.fixture
def gatehouse(tmp_path):
    def run(*words, **more):
        return subprocess.run([str(BINARY), *words], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=30, cwd=tmp_path, **more)
    run.folder = tmp_path
    return run


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


def assert_good(gatehouse):
    done = gatehouse("check")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert verdicts([(gatehouse.folder / "gatehouse.yaml").read_text()]) == [""]


def test_what_it_writes_starts_and_protects(gatehouse):
    port = free_port()
    done = gatehouse("init", "--listen", f"127.0.0.1:{port}", "--upstream", "http://127.0.0.1:9")
    assert (done.returncode, done.stderr) == (0, "")
    assert_good(gatehouse)
    file = gatehouse.folder / "gatehouse.yaml"
    file.write_text(re.sub(r"^admin: .*$", "admin: 127.0.0.1:0", file.read_text(), flags=re.MULTILINE))
    running = Process([BINARY, "run"], "gatehouse", cwd=gatehouse.folder)
    try:
        wait_until(lambda: status_of(f"http://127.0.0.1:{port}/") == 401, "the gateway refuses strangers")
    finally:
        running.stop()
    assert (gatehouse.folder / "gatehouse.db").exists(), "beside the file, as it says"


def test_it_does_not_ask_where_nobody_sits(gatehouse):
    done = gatehouse("init")
    assert (done.returncode, done.stderr) == (0, "")
    assert "http://127.0.0.1:3000" in done.stdout
    assert_good(gatehouse)
    again = gatehouse("init")
    assert again.returncode == 2
    assert "is there already" in again.stderr and "--force" in again.stderr
    assert gatehouse("init", "--force", "--registration", "closed").returncode == 0
    assert "\nregistration: closed\n" in (gatehouse.folder / "gatehouse.yaml").read_text()


def test_a_person_is_asked_four_things(gatehouse):
    leader, follower = pty.openpty()
    asking = subprocess.Popen([BINARY, "init"], cwd=gatehouse.folder, stdin=follower, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    os.close(follower)
    os.write(leader, b"http://127.0.0.1:4000\n\n127.0.0.1:8081\nclosed\n")
    said, _ = asking.communicate(timeout=30)
    os.close(leader)
    assert asking.returncode == 0, said
    assert said.count("?") == 4, said
    text = (gatehouse.folder / "gatehouse.yaml").read_text()
    for line in ("    to: http://127.0.0.1:4000\n", "  - address: 127.0.0.1:8081\n", "registration: closed\n"):
        assert line in text
    assert_good(gatehouse)


COMPOSE = """\
x-defaults: &defaults
  restart: always
services:
  web:
    <<: *defaults
    image: registry.example/shop/web:1.4
    ports: ["${WEB_PORT:-80}:3000"]
    environment: {SESSION_SECRET: hunter2-hunter2}
  api:
    <<: *defaults
    build: ./api
    expose: ["4000"]
  db:
    image: postgres:15
    environment: {POSTGRES_PASSWORD: hunter2-hunter2}
    ports: ["5432:5432"]
  queue: {image: "rabbitmq:3-management", ports: ["15672:15672"]}
"""


def test_a_compose_file_becomes_routes_and_tells_no_secret(gatehouse):
    (gatehouse.folder / "compose.yaml").write_text(COMPOSE)
    done = gatehouse("init", "--from", "compose.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert_good(gatehouse)
    text = (gatehouse.folder / "gatehouse.yaml").read_text()
    assert "hunter2" not in text + done.stdout
    for request, to in (("GET /", "http://web:3000"), ("GET /api/orders", "http://api:4000")):
        explained = gatehouse("explain", request)
        assert to in explained.stdout, explained.stdout
    for service in ("db", "queue"):
        assert f"no route to {service}: its image keeps data" in done.stdout
    assert not re.search(r"^\s*to: .*(db|queue)", text, re.MULTILINE)


@pytest.mark.parametrize("text, expected", [
    ("services: [", "this is not YAML"),
    ("version: 3", "there are no services here"),
    ("services: {db: {image: postgres}}", "no service here looks as if it spoke HTTP"),
    ("a: &a [" + "x, " * 999 + "x]\nb: &b [" + "*a, " * 999 + "*a]\nc: [" + "*b, " * 9 + "*b]", "more than 1000000 values"),
    ("[" * 5000, "levels deep"),
    ("\x00", "compose.yaml:1:1"),
], ids=["not YAML", "no services", "no HTTP", "billion laughs", "deep", "not text"])
def test_a_bad_compose_file_is_named_and_nothing_is_written(gatehouse, text, expected):
    (gatehouse.folder / "compose.yaml").write_text(text)
    done = gatehouse("init", "--from", "compose.yaml")
    assert done.returncode == 2
    assert expected in done.stderr, done.stderr
    assert not (gatehouse.folder / "gatehouse.yaml").exists()


def test_its_file_is_whole_or_not_there(gatehouse):
    """A full disk: no half file, nothing temporary, and the old one as it was."""
    (gatehouse.folder / "gatehouse.yaml").write_text("mine\n")
    limited = ["bash", "-c", f"ulimit -f 1; trap '' XFSZ; exec {BINARY} init --force"]
    done = subprocess.run(limited, cwd=gatehouse.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
    assert done.returncode == 1, done.stderr
    assert "cannot be written" in done.stderr
    assert (gatehouse.folder / "gatehouse.yaml").read_text() == "mine\n"
    assert [file.name for file in gatehouse.folder.iterdir()] == ["gatehouse.yaml"]
