"""README.md: the five minutes, minute by minute."""

import os
import urllib.error
import urllib.request

import pytest

from harness.auth_client import PASSWORD
from harness.pages import ROOT, snippet
from harness.ports import free_port
from harness.shell import lines_of
from harness.waiting import wait_until


def answers(url):
    try:
        urllib.request.urlopen(url, timeout=5).close()
        return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture
def place(tmp_path, shell):
    """A shell in an empty folder, with ports of the test's own in the place of 3000 and 8080."""
    service, port = free_port(), free_port()
    opened = shell(tmp_path, replaced={"http.server 3000": f"http.server {service}", "127.0.0.1:3000": f"127.0.0.1:{service}",
                                       "localhost:8080": f"127.0.0.1:{port}", "0.0.0.0:8080": f"127.0.0.1:{port}"})
    opened.service, opened.port = f"http://127.0.0.1:{service}", port
    return opened


def test_the_two_commands_are_there():
    """deploy_test.py runs the first with --check; the second is how this test was started."""
    for line, _ in lines_of(snippet("README.md", "deploy/run")):
        assert os.access(ROOT / line, os.X_OK), line


@pytest.mark.xdist_group("admin port")  # without a file it is the usual one: one at a time
def test_five_minutes(place, shell):
    service, gateway = [line for line, _ in lines_of(snippet("README.md", "http.server 3000"))]
    shell.start(place, service.removesuffix(" &"))
    wait_until(lambda: answers(place.service), "the service")
    shell.start(place, f"{gateway} --listen 127.0.0.1:{place.port}")
    wait_until(lambda: answers(f"http://127.0.0.1:{place.port}/"), "the gateway")

    steps = place.type(snippet("README.md", "> pair.json"))
    answered, refreshed, logged_out = (step for step in steps if "Bearer" in step.line or "refresh-token" in step.line
                                       if "401" not in step.said)
    assert "HTTP/1.1 200 " in answered.output
    assert '"refreshToken":"' in refreshed.output
    assert "HTTP/1.1 204 " in logged_out.output


def test_a_file_of_ones_own(place, shell):
    (place.folder / "gatehouse.yaml").write_text(place.here(snippet("README.md", "# yaml-language-server")) + "admin: off\n")
    check, explain, run, block, audit = [line for line, _ in lines_of(snippet("README.md", "gatehouse audit"))]
    place.type(check)
    assert "token_missing" in place.type(explain)[0].output, "/public/../admin is not public"
    shell.start(place, run)
    wait_until(lambda: answers(f"http://127.0.0.1:{place.port}/"), "the gateway")
    place.type(f"printf %s '{PASSWORD}' | gatehouse user add ada --password-stdin")
    place.type(block)
    assert "user_block" in place.type(audit)[0].output
