"""The command line as people and scripts meet it: what it says, where, and with which exit code."""

import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import urllib.error
import urllib.request

import pytest

from harness import wait_until
from harness.gateway import BINARY
from harness.ports import free_port
from harness.process import Process


@pytest.fixture
def gatehouse(tmp_path):
    """A function that runs a command in a folder of its own; its finished process."""
    def run(*words, stdin="", environment=None):
        return subprocess.run([str(BINARY), *words], capture_output=True, text=True, input=stdin,
                              timeout=30, cwd=tmp_path, env={**os.environ, **(environment or {})})
    run.folder = tmp_path
    return run


@pytest.fixture
def start(tmp_path):
    """A function that starts a command which goes on; it is stopped after the test."""
    started = []

    def run(*words, **popen):
        started.append(Process([BINARY, *words], "gatehouse", cwd=tmp_path, **popen))
        return started[-1]

    yield run
    for process in started:
        process.stop()


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


def test_check_shows_all_mistakes_and_ends_with_2(gatehouse):
    (gatehouse.folder / "gatehouse.yaml").write_text("workers: 010\nroutes:\n  - {match: /a, too: http://a}\n")
    done = gatehouse("check")
    assert done.returncode == 2
    places = re.findall(r"^gatehouse\.yaml:(\d+:\d+): (\S+):", done.stderr, re.MULTILINE)
    assert places == [("1:10", "workers"), ("3:5", "routes[0].to"), ("3:17", "routes[0].too")], done.stderr
    assert gatehouse("run").returncode == 2


def test_check_of_a_good_file_warns_and_ends_with_0(gatehouse):
    (gatehouse.folder / "good.yaml").write_text("routes: [{match: /**, to: 'http://127.0.0.1:1'}]\n")
    done = gatehouse("check", "--config", "good.yaml")
    assert done.returncode == 0
    assert "good, 1 route\n" in done.stdout
    assert "warning: tokens.issuer" in done.stderr
    assert "anyone may register" in done.stderr
    refused = gatehouse("check", "--connect", "--config", "good.yaml")
    assert (refused.returncode, "FAILED" in refused.stdout) == (1, True)


def test_an_env_file_fills_in_and_the_environment_wins(gatehouse):
    (gatehouse.folder / "gatehouse.yaml").write_text("workers: ${WORKERS}\n")
    (gatehouse.folder / ".env").write_text("WORKERS=2\n")
    assert gatehouse("check").returncode == 2
    assert gatehouse("check", "--env-file", ".env").returncode == 0
    assert gatehouse("check", "--env-file", ".env", environment={"WORKERS": "two"}).returncode == 2
    assert gatehouse("check", "--env-file", "none").returncode == 2


@pytest.mark.parametrize("words", [(), ("serve",), ("user",), ("user", "block"), ("run", "--nonsense"),
                                   ("user", "add", "ada", "--password", "secret")])
def test_bad_usage_ends_with_2_and_says_why(gatehouse, words):
    done = gatehouse(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


@pytest.mark.parametrize("words, said", [
    (("chek",), ('"chek" is not a command', 'did you mean "check"?')),
    (("user", "blok", "ada"), ('"blok" is not a command', 'did you mean "block"?')),
    (("run", "--upsteam", "http://a"), ('"--upsteam" is not an option', 'did you mean "--upstream"?')),
    (("check", "--confg=x.yaml"), ('"--confg" is not an option', 'did you mean "--config"?')),
    (("apikey", "revoke", "-LBwaHwnUrT49QD9qLAQVA"), ("not an option", "write -- -LBwaHwnUrT49QD9qLAQVA")),
    (("version", "please"), ('"please" is one word too many',)),
    (("user",), ("a command is missing", "set-password")),
    ((), ("a command is missing", "explain")),
])
def test_a_misspelt_word_is_named_with_the_nearest_one(gatehouse, words, said):
    done = gatehouse(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert [part for part in said if part not in done.stderr] == []


def test_the_value_of_an_unknown_option_is_not_repeated(gatehouse):
    for words in (["--password", "hunter2"], ["--password=hunter2"]):
        assert "hunter2" not in gatehouse("user", "add", "ada", *words).stderr


def test_the_version_is_told_in_both_usual_ways(gatehouse):
    asked, option = gatehouse("version"), gatehouse("--version")
    assert (asked.returncode, option.returncode, option.stderr) == (0, 0, "")
    assert option.stdout == asked.stdout and asked.stdout.startswith("gatehouse ")


@pytest.mark.parametrize("target", [">/dev/full", ">&-"])
@pytest.mark.parametrize("words", ["version", "--help", "user invite"])
def test_output_that_is_lost_is_a_failure(gatehouse, words, target):
    done = subprocess.run(["sh", "-c", f'"$0" {words} {target}', str(BINARY)], capture_output=True,
                          text=True, timeout=30, cwd=gatehouse.folder)
    assert done.returncode == 1
    assert "standard output" in done.stderr


@pytest.mark.xdist_group("admin port")  # without a file it is the usual one: one at a time
def test_run_without_a_file_protects_one_upstream(gatehouse, start, backend):
    port = free_port()
    start("run", "--upstream", backend.url, "--listen", f"127.0.0.1:{port}")
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: status_of(url + "/x") == 401, "the gateway to refuse a stranger")
    assert (gatehouse.folder / "gatehouse.db").exists()
    # The commands find the same store in this folder, without a file too.
    added = gatehouse("user", "add", "ada", "--password-stdin", stdin="correct horse battery\n")
    assert added.returncode == 0, added.stderr
    login = urllib.request.Request(url + "/auth/login", b'{"username":"ada","password":"correct horse battery"}',
                                   {"Content-Type": "application/json"})
    with urllib.request.urlopen(login, timeout=10) as answer:
        assert json.load(answer)["user"]["id"] == added.stdout.strip()


def test_a_port_in_use_ends_with_2(gatehouse, start):
    port = free_port()
    start("demo", "--listen", f"127.0.0.1:{port}")
    wait_until(lambda: status_of(f"http://127.0.0.1:{port}/") == 401, "the first one")
    second = gatehouse("demo", "--listen", f"127.0.0.1:{port}")
    assert second.returncode == 2
    assert str(port) in second.stderr


def test_demo_works_and_leaves_nothing_behind(start):
    port = free_port()
    demo = start("demo", "--listen", f"127.0.0.1:{port}")
    folder = pathlib.Path(re.search(r"store +(\S+)", demo.wait_for_line(
        lambda line: re.match(r" +store ", line), "where its store is"))[1])
    wait_until(lambda: status_of(f"http://127.0.0.1:{port}/public/x") == 200, "the echo service")
    assert status_of(f"http://127.0.0.1:{port}/x") == 401
    assert folder.stat().st_mode & 0o777 == 0o700
    demo.signal(signal.SIGINT)
    assert demo.wait() == 0
    assert not folder.exists()


def test_a_closed_terminal_ends_a_demo(start):
    demo = start("demo", "--listen", f"127.0.0.1:{free_port()}")
    folder = pathlib.Path(re.search(r"store +(\S+)", demo.wait_for_line(
        lambda line: re.match(r" +store ", line), "where its store is"))[1])
    demo.signal(signal.SIGHUP)
    assert demo.wait() == 0
    assert not folder.exists()


def test_health_asks_the_admin_address(start_gateway, backend):
    gateway = start_gateway(backend)
    assert gateway.command("health").returncode == 0
    assert gateway.command("health", "--ready").returncode == 0
    gateway.stop()
    assert gateway.command("health", check=False).returncode == 1


def test_explain_judges_a_token_as_the_gateway_does(gateway):
    pair = gateway.auth().register("ada")
    fields = gateway.command("explain", "GET /a/../items?x=1", "--token", pair.access).stdout
    assert "decision: forwarded" in fields
    assert f"X-User-Id: {pair.user_id}" in fields
    assert pair.access not in fields
    gateway.command("user", "block", "ada")
    assert "401 token_revoked" in gateway.command("explain", "GET /items", "--token", pair.access).stdout


def test_explain_finds_the_token_where_the_gateway_does(start_gateway, backend):
    gateway = start_gateway(backend, routes=[{"match": "/**", "to": backend.url, "session_cookie": True}])
    pair = gateway.auth().register("ada")
    handshake = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    for shown in ([f"authorization: bearer {pair.access}"], [f"Cookie: a=b; access_token={pair.access}"],
                  [*handshake, f"Sec-WebSocket-Protocol: bearer, {pair.access}"]):
        words = [word for field in shown for word in ("--header", field)]
        assert f"X-User-Id: {pair.user_id}" in gateway.command("explain", "GET /items", *words).stdout, shown
    both = gateway.command("explain", "GET /items", "--token", pair.access, "--header", f"Authorization: Bearer {pair.access}")
    assert "401 token_invalid" in both.stdout, "two of them are none"


def test_a_mistyped_path_becomes_no_empty_store(gatehouse):
    for words in (("user", "list"), ("user", "block", "ada"), ("user", "delete", "ada"), ("session", "list", "ada"),
                  ("apikey", "list"), ("audit",)):
        done = gatehouse(*words)
        assert done.returncode == 1, words
        assert "gatehouse.db: there is no such file" in done.stderr and "hint" in done.stderr, done.stderr
    assert not list(gatehouse.folder.iterdir())
    assert gatehouse("user", "invite").returncode == 0, "the documented first step"
    assert gatehouse("user", "list").returncode == 0


def test_a_password_is_typed_twice_and_never_shown(gatehouse):
    """With a terminal of its own, as a person has one."""
    def add(name, *lines):
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(gatehouse.folder)
            os.execv(BINARY, [str(BINARY), "user", "add", name])
        shown, left = b"", list(lines)
        while True:
            try:
                block = os.read(terminal, 1024)
            except OSError:  # how Linux says that the other side of a terminal has closed
                break
            if not block:
                break
            shown += block
            if left and shown.endswith(b": "):
                os.write(terminal, left.pop(0) + b"\n")
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown

    status, shown = add("ada", b"correct horse battery", b"correct horse battery")
    assert (status, b"correct" in shown) == (0, False), shown
    status, shown = add("bob", b"correct horse battery", b"correct horse batterie")
    assert (status, b"differ" in shown) == (2, True), shown
    assert "bob" not in gatehouse("user", "list").stdout
