"""A real browser on a page of ours, and then on a page of another origin."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import RawBackend

CLIENT = pathlib.Path(__file__).parent / "clients" / "pages.cjs"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")


@pytest.fixture
def elsewhere():
    running = RawBackend()
    yield running
    running.stop()


def browse(gateway, other, folder):
    done = subprocess.run(["node", CLIENT, CHROMIUM, gateway.url, other, folder], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    return {step["step"]: step["value"] for step in steps}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("host, same_site", [("127.0.0.1", "strict"), ("localhost", "none")],
                         ids=["another port", "another site"])
def test_no_page_of_another_origin_changes_anything(start_gateway, backend, elsewhere, tmp_path, host, same_site):
    # Ports are no part of a site, so that SameSite=Strict keeps nothing back from another port; from
    # another site SameSite=None does not. What is left are the checks of the gateway.
    gateway = start_gateway(
        tokens={"access_ttl": "2s"},
        auth={"contract": {"cookie": {"same_site": same_site}}},
        routes=[{"match": "/guests/**", "auth": "optional", "to": backend.url, "session_cookie": True},
                {"match": "/**", "to": backend.url, "session_cookie": True}])
    steps = browse(gateway, elsewhere.url.replace("127.0.0.1", host), tmp_path / "browser")

    assert steps["sign up"]["status"] == 201
    assert steps["sign up"]["readable"] == ["csrf_token"], "scripts see no token"
    assert steps["work"] == [200, 200, 200]
    assert steps["wake up"] == [200] * 8, "all were renewed"
    user = steps["sign up"]["id"]
    for request in backend.requests:
        if request.target in ("/work", "/woken"):
            assert request.all("X-User-Id") == [user], request.target
        assert not {"refresh_token", "access_token", "csrf_token"} & {
            cookie.split("=")[0] for value in request.all("Cookie") for cookie in value.split("; ")}

    reached = [(request.method, request.target) for request in backend.requests if "/attack/" in request.target]
    assert reached == [("GET", "/attack/image")], "nothing that changes something"
    image = next(request for request in backend.requests if request.target == "/attack/image")
    assert image.all("X-User-Id") == [user], "the browser did send the cookies along"
    assert steps["attack"] == [], "and no answer was shown to that page"
    assert json.loads(steps["top"])["error"]["code"] == "origin_forbidden"
    gateway.wait_for_access(lambda record: record.get("refusal") == "origin_forbidden", "nine refused attacks", 9)
    assert steps["still"] == [200, 200, 200], "nobody was signed out"
