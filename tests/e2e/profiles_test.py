"""The ready profiles of deploy/profiles, byte for byte, under clients written for the servers whose
contracts they keep: real libraries, the paths and members of the published tutorials."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import Gateway, NodeService

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLIENTS = pathlib.Path(__file__).parent / "clients" / "profiles"
SECRETS = {"ACCESS_TOKEN_SECRET": "a" * 16 + "access-secret-16",
           "REFRESH_TOKEN_SECRET": "b" * 16 + "refresh-secret16"}


class ProfiledGateway(Gateway):
    """A gateway whose configuration is the profile's own file; the rest comes from the environment,
    as the file says."""

    def __init__(self, folder, profile, upstream, environment):
        self.profile = ROOT / "deploy" / "profiles" / profile
        self.upstream = upstream
        super().__init__(folder, environment=environment)

    def write_config(self):
        shutil.copyfile(self.profile, self.config_file)
        self.environment = {
            "LISTEN": f"127.0.0.1:{self.port}", "ADMIN": f"127.0.0.1:{self.admin_port}",
            "UPSTREAM": self.upstream.url, **self.environment}


@pytest.fixture
def start_profile(tmp_path):
    """start_profile("name.yaml", "service.cjs", variables={...}) -> the running gateway in front of
    the running service."""
    started = []

    def start(profile, service, environment):
        started.append(NodeService(f"profiles/{service}", environment))
        gateway = ProfiledGateway(tmp_path / "gateway", profile, started[0], environment)
        started.append(gateway)
        return gateway

    yield start
    for running in reversed(started):
        running.stop()


def converse(client, gateway, environment):
    """Lets the client talk; what each of its steps came to, by name."""
    done = subprocess.run(["node", CLIENTS / client, gateway.url], capture_output=True, text=True,
                          timeout=60, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr + done.stdout
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert len({step["step"] for step in steps}) == len(steps), "two steps share a name"
    return {step["step"]: step for step in steps}


def statuses(steps, *names):
    return {name: steps[name]["status"] for name in names}


def test_express_with_redis(start_profile):
    environment = {**SECRETS, "ACCESS_TTL": "6s"}
    gateway = start_profile("express-redis.yaml", "express_redis.cjs", environment)
    steps = converse("express_redis.cjs", gateway, environment)

    pairs = ["register", "login", "refresh", "refresh when expired"]
    for name in pairs:
        assert steps[name]["status"] == 200, steps[name]
        assert set(steps[name]["body"]) == {"accessToken", "refreshToken"}, name
    assert statuses(steps, "register again", "register badly") == {
        "register again": 409, "register badly": 422}
    assert statuses(steps, "login unknown", "login wrong") == {"login unknown": 404, "login wrong": 401}
    assert steps["login unknown"]["body"] == {"error": {"status": 404, "message": "User not registered"}}
    assert "email" in steps["register badly"]["body"]["error"]["message"]

    verified = steps["verified"]["body"]
    assert verified["iss"] == "pickurpage.com"
    home = steps["home"]
    assert home["status"] == 200, home
    assert home["body"]["user"] == home["body"]["header"] == verified["aud"], "what the service reads as the user"
    for name in ["home without", "home with the wrong token", "home expired", "home after logout"]:
        assert steps[name]["status"] == 401, steps[name]
        assert set(steps[name]["body"]) == {"error"}
        assert set(steps[name]["body"]["error"]) == {"status", "message"}
    assert steps["home expired"]["body"]["error"]["message"] == "jwt expired"
    assert steps["home after"]["status"] == 200

    assert steps["refresh without"]["status"] == 400
    assert steps["refresh again"]["status"] == 401, "a token works once"
    assert statuses(steps, "logout without", "logout forged", "logout") == {
        "logout without": 400, "logout forged": 401, "logout": 204}
    assert steps["refresh after"]["status"] == 401
    assert steps["the first login is untouched"]["status"] == 200


def test_react_with_axios_and_a_cookie(start_profile):
    environment = {"ACCESS_TTL": "6s"}
    gateway = start_profile("react-axios-cookie.yaml", "employees.cjs", environment)
    steps = converse("react_axios_cookie.cjs", gateway, environment)

    assert statuses(steps, "register", "register again", "register badly") == {
        "register": 201, "register again": 409, "register badly": 400}
    assert set(steps["register badly"]["body"]) == {"message"}
    assert steps["register badly"]["body"]["message"].startswith("pwd: "), "the client's name for it"
    assert statuses(steps, "login wrong", "login without") == {"login wrong": 401, "login without": 400}
    login = steps["login"]
    assert login["status"] == 200 and set(login["body"]) == {"roles", "accessToken"}
    assert login["body"]["roles"] == [2001], "numbers, which the page compares with its own"
    assert steps["claims"]["body"]["UserInfo"] == {"username": "walt1", "roles": [2001]}
    assert steps["cookies"]["body"] == ["jwt", "gatehouse_device"]

    employees = steps["employees"]
    assert employees["status"] == 200, employees
    told = {"id": steps["claims"]["body"]["sub"], "cookie": None, "authorization": None}
    assert employees["body"] == told, "who it is, and neither token"
    assert statuses(steps, "employees without", "employees expired") == {
        "employees without": 401, "employees expired": 403}
    assert steps["employees expired"]["body"] == {"message": "jwt expired"}
    assert steps["employees again"]["status"] == 200
    assert steps["refreshed"]["status"] == 1 and steps["refreshed"]["body"] == [2001]
    assert steps["employees after a reload"]["status"] == 200
    assert steps["another page"]["status"] == 0, "its answer would not be shown to it"

    assert statuses(steps, "refresh before", "refresh after", "logout", "logout again") == {
        "refresh before": 401, "refresh after": 401, "logout": 204, "logout again": 204}
    assert steps["cookies after"]["body"] == ["gatehouse_device"]
    assert steps["employees after"]["status"] == 403, "the access token ended with its session"


def test_rtk_query_with_reauth(start_profile):
    environment = {"ACCESS_TTL": "6s"}
    gateway = start_profile("rtk-query.yaml", "employees.cjs", environment)
    steps = converse("rtk_query.cjs", gateway, environment)

    assert statuses(steps, "refresh before", "login unknown", "login without") == {
        "refresh before": 401, "login unknown": 401, "login without": 400}
    assert statuses(steps, "register", "register again", "login") == {
        "register": 200, "register again": 409, "login": 200}
    assert set(steps["login"]["body"]) == {"accessToken"}
    assert steps["claims"]["body"] == {"username": "Dave", "roles": ["Employee"]}
    assert steps["notes"]["status"] == 200 and steps["notes"]["body"]["id"]
    assert steps["refreshes before the expiry"]["status"] == 0
    assert steps["notes after the expiry"]["status"] == 200
    assert steps["refreshes after it"] == {"step": "refreshes after it", "status": 1, "body": True}

    assert steps["logout"] == {"step": "logout", "status": 200, "body": {"message": "Cookie cleared"}}
    assert steps["cookies after"]["body"] == ["gatehouse_device"]
    assert steps["notes without a token"]["status"] == 401
    assert steps["notes with a dead token"]["status"] == 401, "refused by the refresh, which finds no cookie"
    dead = steps["notes with a dead token and cookie"]
    assert dead["status"] == 403 and dead["body"] == {"message": "Your login has expired. "}
    assert steps["logout again"]["status"] == 200
    assert steps["cookies at last"]["body"] == ["gatehouse_device"], "a cookie that is no token goes too"


def test_no_other_page_can_use_the_cookie(start_profile):
    gateway = start_profile("react-axios-cookie.yaml", "employees.cjs", {})
    login = gateway.ask("POST", "/register", [("Content-Type", "application/json")],
                        b'{"user":"ann","pwd":"correct horse"}')
    cookie = login.get("Set-Cookie").split(";")[0]
    assert login.get("Set-Cookie").endswith("; HttpOnly; Secure; SameSite=None; Path=/; Max-Age=86400")
    foreign = [[("Origin", "http://evil.example")], [("Origin", "null")], [("Sec-Fetch-Site", "cross-site")]]
    for fields in foreign:
        for path in ["/refresh", "/logout"]:
            answer = gateway.ask("GET", path, [("Cookie", cookie), *fields])
            assert answer.status == 403 and answer.get("Set-Cookie") is None, (path, fields)
    own = [("Cookie", cookie), ("Origin", "http://localhost:3000")]
    assert gateway.ask("HEAD", "/refresh", own).status == 405, "a HEAD exchanges nothing"
    assert gateway.ask("GET", "/refresh", own).status == 200, "and nothing above had spent the token"


def test_mern_store(start_profile):
    environment = {"ACCESS_TTL": "6s"}
    gateway = start_profile("mern-store.yaml", "employees.cjs", environment)
    steps = converse("mern_store.cjs", gateway, environment)

    assert statuses(steps, "signup", "signup again", "signup badly", "login wrong") == {
        "signup": 201, "signup again": 400, "signup badly": 400, "login wrong": 400}
    for name in ["signup again", "signup badly", "login wrong", "profile before"]:
        assert set(steps[name]["body"]) == {"message"}, name
    person = steps["signup"]["body"]
    assert list(person) == ["_id", "name", "email", "role"]
    assert person == {"_id": person["_id"], "name": "John Doe", "email": "john@example.com", "role": "customer"}
    assert steps["login"] == {"step": "login", "status": 200, "body": person}
    assert steps["profile"] == {"step": "profile", "status": 200, "body": person}
    assert steps["cookies"]["body"] == ["accessToken", "csrf_token", "refreshToken"]

    for name in ["cart", "products"]:
        assert steps[name]["status"] == 200, steps[name]
        assert steps[name]["body"] == {"id": person["_id"], "cookie": None, "authorization": None}, name
    assert steps["together"]["body"] == [200, 200, 200], "none was lost"
    assert steps["together"]["status"] == 1, "refreshed once for all of them"

    assert steps["another page"]["status"] == 403
    assert statuses(steps, "profile before", "profile after", "refresh after") == {
        "profile before": 401, "profile after": 401, "refresh after": 401}
    assert steps["logout"]["body"] == steps["logout again"]["body"] == {"message": "Logged out successfully"}
    assert statuses(steps, "logout", "logout again") == {"logout": 200, "logout again": 200}
    assert steps["cookies after"]["body"] == []
