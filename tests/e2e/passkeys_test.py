"""Passkeys in a real browser with its virtual authenticators: the page of docs/PASSKEYS.md, and
@simplewebauthn/browser as it is published."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import FileService, Gateway, wait_until
from harness.fido2 import Fido2, with_other_client_data
from harness.pages import snippet

HERE = pathlib.Path(__file__).parent
LIBRARY = HERE.parent / "node_modules" / "@simplewebauthn" / "browser" / "dist" / "bundle" / "index.umd.min.js"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
PAGE = """<!doctype html><title>Sign in</title><script src="library.js"></script><script src="own.js"></script>
<input autocomplete="username webauthn">"""


class PasskeyGateway(Gateway):
    """At localhost, for browsers have passkeys on no plain page of another host."""

    def write_config(self):
        self.url = f"http://localhost:{self.port}"
        self.settings["passkeys"] = {"rp_id": "localhost", "rp_name": "Here", "origins": [self.url]}
        super().write_config()


@pytest.fixture
def pages(tmp_path):
    folder = tmp_path / "pages" / "page"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "library.js").write_bytes(LIBRARY.read_bytes())
    (folder / "own.js").write_text(snippet("docs/PASSKEYS.md", "async function makePasskey") + "\n" +
                                   snippet("docs/PASSKEYS.md", "async function signInWithPasskey"))
    service = FileService(folder.parent)
    yield service
    service.stop()


@pytest.fixture
def gateway(tmp_path, pages, workers):
    running = PasskeyGateway(tmp_path / "gateway", workers=workers,
                             routes=[{"match": "/page/**", "auth": "none", "to": pages.url}])
    yield running
    running.stop()


def browse(script, *words):
    done = subprocess.run(["node", HERE / "clients" / script, CHROMIUM, *words], capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    return {step["step"]: step["value"] for step in steps}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_makes_passkeys_and_signs_in_with_them(gateway, pages):
    steps = browse("passkeys.mjs", gateway.url, pages.url.replace("127.0.0.1", "localhost"))

    assert steps["make"]["status"] == 201
    shown = json.loads(snippet("docs/API.md", '"transports": ["internal"]'))[0]
    assert steps["make"]["body"].keys() == shown.keys()
    assert steps["make"]["body"]["name"] == "Phone" and steps["make"]["body"]["lastUsed"] is None
    for way in ("with a name", "without a name", "autofill"):
        assert steps[way] == {"status": 200, "user": "ada", "amr": ["pop", "mfa"]}, way
    assert [passkey["name"] for passkey in steps["list"]] == ["Phone"]
    assert steps["list"][0]["lastUsed"] is not None

    for kind in ("ES256", "EdDSA", "RS256", "packed"):
        assert steps[kind] == {"made": 201, "entered": 200, "user": kind, "amr": ["pop", "mfa"]}, kind
    assert steps["fido-u2f"] == {"made": 201, "entered": 200, "user": "fido-u2f", "amr": ["pop"]}

    assert steps["once"] == [200, 401], "a replay"
    assert sorted(steps["together"]) == [200] + [401] * 7
    assert steps["of somebody else"] == 404
    assert (steps["a copy that counted less"], steps["and the right one"]) == (401, 200)
    assert steps["of another origin"] == 401
    assert (steps["deleted"], steps["after that"]) == (204, 401)

    def all_told():
        told = gateway.command("audit", "--event", "login").stdout
        return all(f"passkey: {why}" in told for why in ("wrong_challenge", "cloned", "wrong_origin", "unknown"))
    wait_until(all_told, "the audit to say why each was refused")

    # libfido2 says the same of the same answers.
    fido2 = Fido2()
    for answer in steps["responses"]:
        kind, rp_id = answer["name"], answer["rpId"]
        algorithm = {"EdDSA": -8, "RS256": -257}.get(kind, -7)
        key = fido2.credential(answer["made"], rp_id, algorithm)
        assert key is not None, kind
        assert fido2.holds(answer["signed"], rp_id, algorithm, key), kind
        assert not fido2.holds(with_other_client_data(answer["signed"]), rp_id, algorithm, key), kind
        assert not fido2.holds(answer["signed"], "example.com", algorithm, key), kind
        if kind in ("packed", "fido-u2f"):
            assert fido2.credential(with_other_client_data(answer["made"]), rp_id, algorithm) is None, kind


class ExampleGateway(Gateway):
    """By the profile's own file; the rest comes from the environment, as it says."""

    def write_config(self):
        self.url = f"http://localhost:{self.port}"
        shutil.copyfile(HERE.parents[1] / "deploy" / "profiles" / "simplewebauthn.yaml", self.config_file)
        self.environment = {**self.environment, "LISTEN": f"127.0.0.1:{self.port}",
                            "ADMIN": f"127.0.0.1:{self.admin_port}", "ORIGIN": self.url}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_the_page_of_the_simplewebauthn_example_works_by_its_profile(tmp_path, pages):
    gateway = ExampleGateway(tmp_path / "gateway", environment={"UPSTREAM": pages.url})
    try:
        steps = browse("profiles/simplewebauthn.mjs", gateway.url)
    finally:
        gateway.stop()
    assert steps["without a session"] == 401
    assert steps["register"] == {"status": 200, "body": {"verified": True}}
    assert (steps["sign out"], steps["signed out"]) == (204, 401)
    assert steps["sign in"] == {"status": 200, "body": {"verified": True}}
    assert steps["me"] == "ada"
    assert steps["nothing readable"] == ["csrf_token"]
