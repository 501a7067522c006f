"""docs/SECOND-FACTOR.md: what it shows, done."""

import json
import subprocess

from harness.pages import snippet
from harness.shapes import assert_as_shown

PASSWORD = "correct horse"


def code_of(secret, later=""):
    told = subprocess.run(["oathtool", "--totp", "--base32", f"--now=now{later}", secret], capture_output=True, text=True, check=True)
    return told.stdout.strip()


def test_a_second_factor_as_shown(gateway, shell_of):
    pair = gateway.auth().register("ada", PASSWORD)
    place = shell_of(gateway, environment={"access": pair.access})
    [begun] = place.type(snippet("docs/SECOND-FACTOR.md", '/auth/totp/register -H'))
    secret = json.loads(begun.output)["secret"]
    place.replaced["123456"] = code_of(secret)
    [confirmed] = place.type(snippet("docs/SECOND-FACTOR.md", "/auth/totp/register/verify"))
    codes = json.loads(confirmed.output)["recoveryCodes"]

    asked = gateway.auth().call("/login", {"username": "ada", "password": PASSWORD})
    assert_as_shown(json.loads(snippet("docs/SECOND-FACTOR.md", '"loginToken": "eyJ..."')), asked.json())
    place.replaced.update({"eyJ...": asked.json()["error"]["loginToken"], "123456": codes[0]})
    [login] = place.type(snippet("docs/SECOND-FACTOR.md", "/auth/login/second-factor"))
    assert json.loads(login.output)["user"]["id"] == pair.user_id

    place.replaced["123456"] = codes[1]
    [better] = place.type(snippet("docs/SECOND-FACTOR.md", "/auth/step-up"))
    assert set(json.loads(better.output)) == {"accessToken", "tokenType", "expiresIn"}
    place.type(snippet("docs/SECOND-FACTOR.md", "user remove-second-factor"))
    assert gateway.auth().login("ada", PASSWORD).access


def test_the_challenge_for_what_was_not_shown(start_gateway, backend):
    gateway = start_gateway(routes=[{"match": "/vault/**", "auth": {"require": ["totp"]}, "to": backend.url}])
    answer = gateway.ask("GET", "/vault/x", gateway.auth().register("ada").bearer)
    assert f"WWW-Authenticate: {answer['WWW-Authenticate']}" == snippet("docs/SECOND-FACTOR.md", "acr_values").strip()
