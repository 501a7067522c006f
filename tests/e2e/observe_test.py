"""What operators see: one log line for each request, probes and metrics. Never a secret."""

import json

import pytest

from harness import wait_until

PASSWORD = "correct horse battery"


def test_one_record_for_each_request_with_its_facts(gateway, backend):
    pair = gateway.auth().register("ada")
    response = gateway.ask("POST", "/things/7?q=secret", pair.bearer, b"12345")
    record = gateway.wait_for_access(lambda record: record["path"].startswith("/things"))[0]
    assert (record["method"], record["status"]) == ("POST", response.status)
    assert record["user_id"] == pair.user_id
    assert record["request_id"] == backend.last.all("X-Request-Id")[0]
    assert record["milliseconds"] >= 0
    assert record["upstream"].endswith(f":{backend.port}")
    assert "secret" not in json.dumps(record)
    assert len([r for r in gateway.access_log() if r["path"].startswith("/things")]) == 1


def test_refusals_are_recorded_too_and_name_the_request(gateway):
    response = gateway.ask("GET", "/private")
    request_id = response.json()["error"]["requestId"]
    record = gateway.wait_for_access(lambda record: record["request_id"] == request_id)[0]
    assert (record["status"], record["path"]) == (401, "/private")


def test_no_secret_is_ever_printed(start_gateway, backend):
    gateway = start_gateway(backend)
    auth = gateway.auth()
    pair = auth.register("ada", "a password to look for")
    auth.login("ada", "a password to look for")
    auth.call("/login", {"username": "ada", "password": "a wrong password to look for"})
    auth.call("/login", {"username": "ada", "password": "a password to look for", "delivery": "cookie"})
    gateway.ask("GET", "/a", [*pair.bearer.items(), ("Cookie", "session=cookie-to-look-for")])
    gateway.ask("GET", f"/a?access_token={pair.access}", pair.bearer)
    fresh = auth.refresh(pair)
    auth.try_refresh(pair.refresh)
    auth.logout(fresh)
    gateway.ask("GET", "/last", fresh.bearer)
    gateway.wait_for_access(lambda record: record["path"] == "/last")
    output = gateway.process.output()
    signatures = [token.rpartition(".")[2] for token in (pair.access, pair.refresh, fresh.access, fresh.refresh)]
    for secret in [*signatures, "password to look for", "cookie-to-look-for"]:
        assert secret not in output, secret


@pytest.mark.parametrize("target", ["/public/%0d%0a%1b[31mred", "/public/\"quoted\"", "/public/\x7f", "/public/<b>"])
def test_hostile_bytes_do_not_reach_the_log_raw(gateway, target):
    gateway.ask("GET", target, {"User-Agent": "evil\tagent \x1b[2J".replace("\x1b", "\\x1b")})
    wait_until(lambda: any(line.startswith("{") for line in gateway.process.lines()), "a log line")
    for line in gateway.process.lines():
        assert all(character >= " " for character in line), repr(line)
        if line.startswith("{"):
            json.loads(line)


def test_log_format_for_people(start_gateway, backend):
    gateway = start_gateway(backend, log={"format": "dev"})
    gateway.ask("GET", "/public/look-for-me")
    line = gateway.process.wait_for_line(lambda line: "/public/look-for-me" in line, "the request")
    assert not line.startswith("{")
    assert "GET" in line and "200" in line


def test_the_access_log_can_be_off(start_gateway, backend):
    gateway = start_gateway(backend, log={"access": False})
    gateway.ask("GET", "/public/look-for-me")
    gateway.stop()
    assert "look-for-me" not in gateway.process.output()


def test_probes(gateway):
    assert gateway.admin("/healthz")[0] == 200
    assert gateway.admin("/readyz")[0] == 200
    assert gateway.admin("/nothing")[0] == 404


def test_metrics_are_well_formed_and_count(gateway):
    for _ in range(3):
        gateway.ask("GET", "/public/a")
    gateway.ask("GET", "/private")
    status, text = gateway.admin("/metrics")
    assert status == 200
    samples, types = 0, set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            types.add(line.split()[2])
        elif line and not line.startswith("#"):
            name, value = line.replace("{", " ").split()[0], line.split()[-1]
            float(value)
            base = name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count")
            assert name in types or base in types, f"{name} has no TYPE"
            samples += 1
    assert samples > 3


def test_the_admin_address_is_not_on_the_public_port(gateway):
    for path in ("/metrics", "/healthz", "/readyz"):
        assert gateway.ask("GET", path).status == 401
