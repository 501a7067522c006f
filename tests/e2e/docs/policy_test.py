"""docs/POLICY.md and docs/PROFILES.md: who passes, as it is shown there."""

import shutil

from harness import wait_until
from harness.pages import ROOT, snippet
from harness.ports import free_port
from harness.shell import lines_of


def test_what_is_lacking_is_explained(gateway, shell_of):
    (gateway.folder / "gatehouse.yaml").write_text(snippet("docs/POLICY.md", "role_scopes"))
    pair = gateway.auth().register("ada")
    [told] = shell_of(gateway, environment={"TOKEN": pair.access}).type(snippet("docs/POLICY.md", "gatehouse explain"))
    assert "403 forbidden" in told.output and "orders.read" in told.output


def test_the_challenge_for_a_login_that_is_too_old(start_gateway, backend):
    gateway = start_gateway(routes=[{"match": "/**", "to": backend.url, "max_auth_age": "1s"}])
    pair = gateway.auth().register("ada")
    late = wait_until(lambda: (answer := gateway.ask("GET", "/", pair.bearer)).status == 401 and answer, "the login to be too old")
    shown = snippet("docs/POLICY.md", "insufficient_user_authentication").strip()
    assert f"WWW-Authenticate: {late['WWW-Authenticate']}".replace('"1"', '"300"') == shown


def test_a_profile_is_run_as_shown(tmp_path, shell, backend):
    shutil.copytree(ROOT / "deploy" / "profiles", tmp_path / "deploy" / "profiles")
    port = free_port()
    [(line, _)] = lines_of(snippet("docs/PROFILES.md", "express-redis.yaml"))
    place = shell(tmp_path, replaced={"UPSTREAM=http://127.0.0.1:3500 gatehouse": f"env UPSTREAM={backend.url} gatehouse"})
    assert "env UPSTREAM" in place.here(line), "the variable is set for this one command"
    running = shell.start(place, line, LISTEN=f"127.0.0.1:{port}", ADMIN=f"127.0.0.1:{free_port()}",
                          ACCESS_TOKEN_SECRET="a" * 32, REFRESH_TOKEN_SECRET="b" * 32)
    running.wait_for_line(lambda line: '"event":"started"' in line, "that it runs")
