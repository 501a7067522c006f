"""The two commands a newcomer types."""

import os
import pathlib
import signal
import socket
import subprocess

from harness.ports import free_port
from harness.process import Process

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_deploy_check_walks_through_every_step(tmp_path):
    done = subprocess.run([ROOT / "deploy" / "run", "--check"], capture_output=True, text=True, timeout=600,
                          env={**os.environ, "PORT": str(free_port())})
    assert done.returncode == 0, done.stdout + done.stderr
    steps = [line for line in done.stdout.splitlines() if line.startswith("ok ")]
    described = [line for line in (ROOT / "deploy" / "demo-steps").read_text().splitlines()
                 if line.startswith("# ") and line[2:5].isdigit()]
    assert [step.split(maxsplit=2)[2] for step in steps] == [line[6:] for line in described]


def test_deploy_run_says_what_to_try_and_ends_on_interrupt():
    port = free_port()
    running = Process([ROOT / "deploy" / "run"], "deploy/run", env={**os.environ, "PORT": str(port)},
                      start_new_session=True)
    try:
        running.wait_for_line(lambda line: line.startswith("Ctrl-C here"), "how to stop it", timeout=600)
        assert f"curl -sS -w '\\n%{{http_code}}\\n' http://127.0.0.1:{port}/hello" in running.output()
        assert running.output().count("/auth/register") == 1, "one guide, not two"
    finally:
        os.killpg(running.pid, signal.SIGINT)
    assert running.wait(30) == 0


def test_deploy_run_says_so_when_the_port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for words in ([], ["--check"]):
            done = subprocess.run([ROOT / "deploy" / "run", *words], capture_output=True, text=True, timeout=600,
                                  env={**os.environ, "PORT": str(port)})
            assert done.returncode == 1
            assert f"port {port} is in use" in done.stderr
            assert "curl" not in done.stdout + done.stderr
