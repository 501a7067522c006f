"""The account pages in a real browser, and what serves them."""

import gzip
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import Gateway
from harness.pages import snippet

STORIES = pathlib.Path(__file__).parent / "clients" / "portal"
ROOT = pathlib.Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
PICTURES = ROOT / "build" / "logs" / "portal"

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")


def tell(story, gateway, *more):
    """Has Chromium live through a story; the steps it came to. Pictures are left in build/logs/portal."""
    base = gateway.url.replace("127.0.0.1", "localhost")  # where browsers trust http
    done = subprocess.run(["node", STORIES / f"{story}.mjs", CHROMIUM, base, PICTURES / story, *map(str, more)],
                          capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    return {step["step"]: step["value"] for step in map(json.loads, done.stdout.splitlines())}


@pytest.fixture
def portal(start_gateway, backend):
    def start(**settings):
        settings.setdefault("portal", {"name": "Orders"})
        return start_gateway(backend, **settings)
    return start


def test_without_portal_there_is_none(gateway):
    for page in ("/auth/portal", "/auth/portal/sign-in", "/auth/portal/assets/main.js"):
        assert gateway.ask("GET", page).error_code() == "not_found", page


def test_pages_come_packed_and_only_once(portal):
    gateway = portal()
    plain = gateway.ask("GET", "/auth/portal/assets/main.js")
    assert plain.status == 200 and b"import" in plain.body
    packed = gateway.ask("GET", "/auth/portal/assets/main.js", [("Accept-Encoding", "gzip, br")])
    assert gzip.decompress(packed.body) == plain.body
    assert packed["ETag"] != plain["ETag"]
    with gateway.connect() as client:
        again = client.exchange("GET", "/auth/portal/assets/main.js", [("If-None-Match", plain["ETag"])])
        assert (again.status, again.body, again.all("Content-Length")) == (304, b"", [])
        head = client.exchange("HEAD", "/auth/portal/sign-in")
        assert head.status == 200 and int(head["Content-Length"]) > 0


@needs_chromium
def test_an_account_by_password(portal):
    assert len(tell("password", portal())) == 5


class LocalGateway(Gateway):
    """At localhost, with passkeys for its own origin."""

    def write_config(self):
        origin = f"http://localhost:{self.port}"
        self.settings["portal"] = {"name": "Orders"}
        self.settings["passkeys"] = {"rp_id": "localhost", "rp_name": "Orders", "origins": [origin],
                                     **self.settings.get("passkeys", {})}
        super().write_config()


@pytest.fixture
def local(tmp_path, backend, workers):
    started = []

    def start(**settings):
        started.append(LocalGateway(tmp_path / "local", backend, workers=workers, **settings))
        return started[-1]
    yield start
    for gateway in started:
        gateway.stop()


@needs_chromium
def test_passkeys(local):
    assert len(tell("passkeys", local())) == 4


@needs_chromium
def test_a_second_factor(portal):
    assert len(tell("second-factor", portal())) == 4


@needs_chromium
def test_a_passkey_that_is_one_factor_wants_a_code(local):
    steps = tell("passkey-and-code", local(passkeys={"user_verification": "discouraged"}))
    assert steps["with a code"] == ["pop", "otp", "mfa"]
    assert steps["by a device that looks"] == ["pop", "mfa"]


@needs_chromium
def test_no_second_factor_is_offered_where_none_can_be_set_up(portal):
    gateway = portal(second_factor={"totp": "off"})
    assert json.loads(gateway.ask("GET", "/auth/portal/features.json").body)["secondFactor"] is False
    assert len(tell("keyboard", gateway)) == 3


@needs_chromium
def test_passkeys_are_made_soon_after_a_login(local):
    assert len(tell("old_login", local(passkeys={"max_auth_age": "1s"}))) == 1


def test_passkeys_are_for_their_own_origins(local):
    features = json.loads(local().ask("GET", "/auth/portal/features.json").body)
    assert len(features["passkeys"]) == 1 and features["passkeys"][0].startswith("http://localhost:")


@needs_chromium
def test_places_to_return_to(portal):
    table = ROOT / "tests" / "gateway" / "portal" / "return_to.json"
    steps = tell("return_to", portal(), table)
    assert steps["judged"] > 50 and steps["signed in"] == 12


@needs_chromium
def test_pages_behind_the_gateway_send_people_to_sign_in(portal, backend):
    gateway = portal(routes=[
        {"match": "/vault", "to": backend.url, "session_cookie": True, "login": "redirect", "max_auth_age": "2s"},
        {"match": "/**", "to": backend.url, "session_cookie": True, "login": "redirect"}])
    tell("behind", gateway)
    users = {request.all("X-User-Id")[0] for request in backend.requests if request.target.startswith(("/orders", "/vault"))}
    assert len(users) == 1, "all by one account"


@needs_chromium
def test_a_keyboard_is_enough(portal):
    assert len(tell("keyboard", portal())) == 3


@needs_chromium
def test_pages_in_other_languages_and_without_a_use(portal):
    assert len(tell("pages", portal())) == 4


@needs_chromium
def test_a_place_has_colours_of_its_own(portal, tmp_path):
    css = tmp_path / "own.css"
    css.write_text(snippet("docs/PORTAL.md", "--accent-strong: #084d3f"))
    gateway = portal(portal={"name": "Orders", "css": str(css)})
    assert tell("colours", gateway)["buttons"] == {"light": "rgb(11, 107, 87)", "dark": "rgb(111, 205, 183)"}


def test_explain_shows_where_browsers_are_sent(portal, backend):
    gateway = portal(routes=[{"match": "/**", "to": backend.url, "session_cookie": True, "login": "redirect"}])
    told = gateway.command("explain", "GET /orders?x=1").stdout
    assert "browsers: sent to /auth/portal/sign-in?return_to=/orders%3Fx%3D1\n" in told
    live = gateway.command("explain", "--live", "GET /orders?x=1").stdout
    assert "/auth/portal/sign-in?return_to=/orders%3Fx%3D1" in live


def test_a_reload_brings_pages_and_takes_them_away(portal):
    gateway = portal(portal=False)
    assert gateway.ask("GET", "/auth/portal/sign-in").status == 404
    for there in (True, False):
        gateway.settings["portal"] = there
        gateway.write_config()
        gateway.command("reload")
        assert (gateway.ask("GET", "/auth/portal/sign-in").status == 200) == there
