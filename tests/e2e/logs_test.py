"""The gateway's log as operators set it up: formats, fields, what it hides, where it goes."""

import base64
import json
import os
import re
import signal
import subprocess
import threading

import pytest

from harness import wait_until
from harness.gateway import BINARY

COMBINED = re.compile(r'^(\S+) - (\S+) \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] '
                      r'"((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$')
ALL_FIELDS = ["client", "method", "host", "path", "query", "protocol", "status", "bytes_in", "bytes_out",
              "milliseconds", "user_id", "request_id", "upstream", "refusal", "reason", "referer", "user_agent",
              "trace_id"]


def lines_of(file):
    return file.read_text("utf-8", "replace").splitlines() if file.exists() else []


def wait_for_lines(file, matches, count=1):
    def found():
        lines = [line for line in lines_of(file) if matches in line]
        return lines if len(lines) >= count else None
    return wait_until(found, f"{count} lines with {matches} in {file}", 30)


def test_the_combined_format_is_that_of_other_servers(start_gateway, backend, tmp_path):
    log = tmp_path / "access.log"
    gateway = start_gateway(backend, log={"format": "combined", "file": str(log)})
    pair = gateway.auth().register("ada")
    gateway.ask("GET", "/things/7?page=2&access_token=to-look-for",
                [*pair.bearer.items(), ("Referer", "https://app.example/?code=to-look-for"),
                 ("User-Agent", 'curl/8 "quoted" \\')])
    line = wait_for_lines(log, "/things/7")[0]
    match = COMBINED.match(line)
    assert match, line
    assert match[2] == pair.user_id
    assert match[3] == "GET /things/7?page=2&access_token=*** HTTP/1.1"
    assert match[6] == "https://app.example/?code=***"
    assert match[7] == r'curl/8 \"quoted\" \\'
    gateway.stop()
    assert all(COMBINED.match(each) for each in lines_of(log)), "nothing else is in an access log"
    assert '"event":"started"' in gateway.process.output()


def test_fields_are_chosen_and_redacted(start_gateway, backend):
    gateway = start_gateway(backend, log={"fields": ["path", "client", "user_id", "query", "user_agent"],
                                          "redact": {"client": "mask", "user_id": "hash"}})
    pair = gateway.auth().register("ada")
    for _ in range(2):
        gateway.ask("GET", "/things?token=to-look-for&a=1", [*pair.bearer.items(), ("User-Agent", "me")])
    records = gateway.wait_for_access(lambda record: record["path"] == "/things", count=2)
    assert {tuple(record) for record in records} == {("time", "log", "client", "path", "user_id", "query", "user_agent")}
    assert records[0]["client"] == "127.0.0.0"
    assert records[0]["query"] == "token=***&a=1"
    assert re.fullmatch("[0-9a-f]{16}", records[0]["user_id"])
    assert records[0]["user_id"] == records[1]["user_id"]
    gateway.stop()
    assert pair.user_id not in gateway.process.output(), "security events are redacted, too"


@pytest.mark.parametrize("log_format", ["json", "combined", "dev"])
def test_no_credential_is_in_any_log_wherever_a_client_puts_it(start_gateway, backend, log_format):
    gateway = start_gateway(backend, log={"format": log_format, "level": "debug", "fields": ALL_FIELDS})
    auth = gateway.auth()
    password = "a password to look for"
    pair = auth.register("ada", password)
    key = gateway.command("apikey", "create", "--user", "ada", "--name", "ci").stdout
    key = re.search(r"gh_[\w-]{73}", key)[0]
    encoded = base64.b64encode(f"ada:{password}".encode()).decode()
    quoted = password.replace(" ", "%20")
    credentials = [pair.access, pair.refresh, key]
    for value in credentials:
        for target in (f"/public/{value}", f"/public/a?{value}", f"/public/a?x={value}", f"/public/a?next=%2Fb%3Ft%3D{value}",
                       f"/{value}", f"/public/x{value}/y", f"/auth/{value}", f"/public/a;sid={value}"):
            gateway.ask("GET", target)
        for name in ("Cookie", "User-Agent", "Referer", "X-Request-Id", "Authorization", "X-Api-Key", "Proxy-Authorization",
                     "Traceparent", "Origin", "Forwarded", "X-Forwarded-For"):
            gateway.ask("GET", "/things", [(name, value)])
        gateway.ask("GET", "/things", [("Authorization", f"Bearer {value}x")])
        gateway.ask("GET", "/things", [("Cookie", f"access_token={value}; refresh_token={value}")])
        gateway.ask(value[:60], "/things")
        gateway.ask("POST", "/auth/login", {"Content-Type": "application/json"},
                    json.dumps({"username": value, "password": value}).encode())
        auth.call("/refresh-token", {"refreshToken": value + "x"})
        auth.call("/revoke", {"token": value})
    for target in (f"/public/a?password={quoted}", f"/public/a?user[password]={quoted}",
                   f"/public/a?next=%2Flogin%3Fpassword%3D{quoted.replace('%', '%25')}"):
        gateway.ask("GET", target, [("Referer", f"https://ada:{quoted}@app.example/?pwd={quoted}")])
    gateway.ask("GET", "/things", [("Authorization", f"Basic {encoded}"), ("User-Agent", f"x Basic {encoded}")])
    auth.call("/login", {"username": password, "password": password})
    gateway.ask("GET", "/public/last-one")
    gateway.process.wait_for_line(lambda line: "/public/last-one" in line, "the last request", 30)
    gateway.stop()
    output = gateway.process.output()
    secrets = [pair.access.rpartition(".")[2], pair.refresh.rpartition(".")[2], key[26:], encoded, password, quoted]
    for secret in secrets:
        assert secret not in output, [line for line in output.splitlines() if secret in line][:3]


def test_successes_are_sampled_and_failures_kept(start_gateway, backend):
    gateway = start_gateway(backend, log={"sample": 0.25, "slow": "1h"})
    with gateway.connect() as client:
        for _ in range(400):
            assert client.exchange("GET", "/public/a").status == 200
        for _ in range(20):
            client.exchange("GET", "/private")
        client.exchange("GET", "/private/last")  # by the same worker: others write when they write
    gateway.wait_for_access(lambda record: record["path"] == "/private/last")
    records = gateway.access_log()
    kept = [record for record in records if record["path"] == "/public/a"]
    assert 40 < len(kept) < 160
    assert {record["sample"] for record in kept} == {0.25}
    refused = [record for record in records if record["path"] == "/private"]
    assert len(refused) == 20 and all("sample" not in record for record in refused)


def test_both_gateways_of_a_request_keep_the_same_ones(start_gateway, backend, tmp_path):
    behind = start_gateway(backend, log={"sample": 0.5, "slow": "1h", "fields": ["path", "trace_id"]})
    front = start_gateway(behind, log={"sample": 0.5, "slow": "1h", "fields": ["path", "trace_id"]})
    with front.connect() as client:
        for number in range(60):
            trace = f"00-{number + 1:032x}-00000000000000aa-01"
            assert client.exchange("GET", "/public/a", {"traceparent": trace}).status == 200
    front.stop()
    behind.stop()
    kept = [{record["trace_id"] for record in gateway.access_log() if record["path"] == "/public/a"}
            for gateway in (front, behind)]
    assert kept[0] == kept[1] and 5 < len(kept[0]) < 55


def test_no_line_is_lost_or_cut_when_the_file_is_rotated_under_load(start_gateway, backend, tmp_path):
    log = tmp_path / "gatehouse.log"
    gateway = start_gateway(backend, workers=2, log={"file": str(log)})
    done, sent = threading.Event(), [0, 0, 0]

    def ask(index):
        with gateway.connect() as client:
            while not done.is_set():
                assert client.exchange("GET", f"/public/{index}/{sent[index]}").status == 200
                sent[index] += 1

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    files = []
    for turn in range(8):
        before = sum(sent)
        wait_until(lambda: sum(sent) > before + 20, "requests between two rotations", 30)
        files.append(tmp_path / f"gatehouse.log.{turn}")
        log.rename(files[-1])
        gateway.signal(signal.SIGUSR1)
        wait_until(log.exists, "the new file", 30)
    done.set()
    for thread in threads:
        thread.join(30)
    assert gateway.metric("gatehouse_log_lines_dropped_total") == 0
    gateway.stop()
    paths = []
    for file in [*files, log]:
        text = file.read_text()
        assert text.endswith("\n") or not text
        paths += [record["path"] for record in map(json.loads, text.splitlines()) if record["log"] == "access" and record["path"].startswith("/public/")]
    expected = {f"/public/{index}/{number}" for index in range(3) for number in range(sent[index])}
    assert len(paths) == len(expected) and set(paths) == expected
    assert sum('"event":"log_reopened"' in line for file in [*files, log] for line in lines_of(file)) == 8


def test_sigusr1_without_a_file_is_harmless(gateway):
    gateway.signal(signal.SIGUSR1)
    assert gateway.ask("GET", "/public/a").status == 200
    gateway.signal(signal.SIGUSR1)
    assert gateway.ask("GET", "/public/b").status == 200


def test_a_full_disk_loses_lines_and_no_request(start_gateway, backend):
    gateway = start_gateway(backend, log={"file": "/dev/full"})
    for _ in range(50):
        assert gateway.ask("GET", "/public/a").status == 200
    wait_until(lambda: gateway.metric("gatehouse_log_lines_dropped_total") >= 50, "the drops to be counted", 30)
    line = gateway.process.wait_for_line(lambda line: "log_unwritable" in line, "what is wrong", 30)
    assert json.loads(line)["reason"] == "No space left on device"
    gateway.stop()


def test_a_reader_that_does_not_read_holds_up_no_request(start_gateway, backend, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    gateway = start_gateway(backend, log={"file": str(pipe), "fields": ["path", "user_agent"]})
    agent = {"User-Agent": "a" * 1000}
    with gateway.connect() as client:
        def dropped():
            for _ in range(50):
                assert client.exchange("GET", "/public/a", agent).status == 200
            return gateway.metric("gatehouse_log_lines_dropped_total") > 0
        wait_until(dropped, "the ring to be full", 60)
    # What it told meanwhile is there for whoever reads at last, and so is how much was lost.
    os.set_blocking(reader, True)
    text, told = b"", threading.Event()

    def read():
        nonlocal text
        while piece := os.read(reader, 65536):
            text += piece
            if b'"event":"log_lost"' in text:
                told.set()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    assert told.wait(30)
    gateway.stop()
    thread.join(30)
    os.close(reader)
    for line in text.decode().splitlines():
        json.loads(line)


def test_a_log_file_that_cannot_be_opened_keeps_it_from_starting(start_gateway, tmp_path):
    config = tmp_path / "gatehouse.yaml"
    config.write_text("listen: [{address: 127.0.0.1:0}]\nadmin: off\nstore: memory\nlog: {file: none/gatehouse.log}\n")
    done = subprocess.run([BINARY, "run", "--config", config], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "none/gatehouse.log: No such file or directory" in done.stderr


def test_its_own_lines_are_structured_and_have_levels(start_gateway, backend):
    gateway = start_gateway(backend)
    gateway.stop()
    own = gateway._log("gateway")
    assert [line["event"] for line in own if line["event"] != "keys"] == ["keys_made", "started", "draining", "stopped"]
    for line in own:
        assert list(line)[:5] == ["time", "log", "level", "event", "message"]
    gateway.settings["log"] = {"level": "error"}
    gateway.start()
    before = len(gateway._log("gateway"))
    gateway.stop()
    assert before == 0 and gateway._log("gateway") == []
